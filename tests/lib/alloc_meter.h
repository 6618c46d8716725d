/* How much memory a piece of code takes, whoever asks for it: ours, the system's library, zstd,
 * expat, OpenSSL, SQLite. The program that this file is linked into gets its memory through it
 * (under a sanitizer, through the sanitizer's hooks). One measure at a time. */
#ifndef AFORO_TESTS_LIB_ALLOC_METER_H
#define AFORO_TESTS_LIB_ALLOC_METER_H

#include <stdint.h>

struct alloc_measure {
    int64_t peak_bytes;   /* most that was held at once beyond what was held at the start */
    uint64_t total_bytes; /* asked for, all together */
    uint64_t count;       /* allocations */
};

/* From now on all threads' allocations count. */
void alloc_meter_start(void);
struct alloc_measure alloc_meter_stop(void);

#endif
