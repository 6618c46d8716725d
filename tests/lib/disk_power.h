/* What a disk holds when the power goes: kept by tests/lib/disk_fault.c. */
#ifndef AFORO_TESTS_LIB_DISK_POWER_H
#define AFORO_TESTS_LIB_DISK_POWER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Remember all files below the folder, two levels deep, as durable. */
void power_begin(const char *dir);
/* The file of that name (absolute); it is made when it is new. */
int power_file(const char *path);
void power_write(int file, off_t at, const void *data, size_t len);
void power_truncate(int file, off_t len);
void power_sync(int file);
/* A folder was synced: names made, changed and taken away in it are durable. */
void power_sync_names(void);
void power_rename(const char *from, const char *to);
void power_unlink(const char *path);
/* Write the files as they may stand after a power cut to another folder. */
void power_cut(const char *to, uint64_t seed);
size_t power_unsynced(const char *suffix);

#endif
