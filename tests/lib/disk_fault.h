/* Faults of the disk under a whole office. The program that this file is linked into asks the
 * system through it: open, read, write, fsync, ftruncate, rename, unlink and statvfs of ours
 * and of SQLite alike. Only files below the watched folder count; what goes through stdio does
 * after disk_streams() alone. One watched folder a process. */
#ifndef AFORO_TESTS_LIB_DISK_FAULT_H
#define AFORO_TESTS_LIB_DISK_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_READ 1U
#define DISK_WRITE 2U
#define DISK_SYNC 4U
#define DISK_TRUNCATE 8U
#define DISK_OPEN 16U
#define DISK_NAME 32U /* rename, unlink */
#define DISK_CHANGES (DISK_WRITE | DISK_SYNC | DISK_TRUNCATE | DISK_NAME)
#define DISK_ALL (DISK_CHANGES | DISK_READ | DISK_OPEN)

enum disk_harm {
    DISK_ERROR, /* EIO */
    DISK_STOP,  /* the process is killed before the call */
    DISK_TEAR,  /* killed after half of the write, or after the call */
    DISK_CUT,   /* the power goes: see disk_power() */
};

struct disk_plan {
    unsigned calls;  /* which calls count */
    uint64_t nth;    /* the nth of them, from 1, is hit; 0: none, they are only counted */
    bool persistent; /* and all behind it */
    enum disk_harm harm;
};

/* From now on files opened below dir (absolute) are watched; NULL: none any more. */
void disk_watch(const char *dir);
/* Streams that are opened from now on count too (tests/lib/disk_stream.c has to be linked). */
void disk_streams(void);
/* Is this file, or open file, one whose stream counts? For disk_stream.c. */
bool disk_takes_stream(const char *path, int fd);
void disk_arm(const struct disk_plan *plan);
/* Stop; true when a call was hit. */
bool disk_disarm(void);
/* Calls of the plan's kinds since disk_arm. */
uint64_t disk_calls(void);
/* Watched files that are open. */
unsigned disk_open_files(void);
/* Bytes by which files below the folder may still grow, all together; then the disk is full.
 * -1: no end. */
void disk_quota(int64_t bytes);
/* The most by which the watched files had grown since disk_watch, in bytes. */
int64_t disk_grown_most(void);
/* What statvfs says of the watched folder: free blocks of 1000. -1: the truth. */
void disk_free_of_1000(int free_blocks);

/*
 * Power: from here on remember of each watched file what is durable, and each write that no
 * sync has followed. Call after disk_watch, with the files closed.
 */
void disk_power(void);
/* With DISK_CUT: where the files stand after the power is back, and which of the unsynced
 * writes are lost, torn or swapped. The process is killed then. */
void disk_power_to(const char *dir, uint64_t seed);
/* A disk that says that it wrote, and did not: what the test of power cuts must find out. */
void disk_lies(bool lies);
/* Unsynced writes to files whose name ends so. */
size_t disk_unsynced(const char *suffix);
/* Syncs of watched files since disk_watch. */
uint64_t disk_syncs(void);

#endif
