/* Allocation faults inside SQLite, as tests/lib/fault.h makes them in our own code. */
#ifndef AFORO_TESTS_LIB_SQLITE_MEMORY_H
#define AFORO_TESTS_LIB_SQLITE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Before SQLite is used for the first time. */
void sqlite_memory_install(void);
/* From now on the nth allocation (from 1) fails, and with `persistent` all behind it. 0: they
 * are only counted. */
void sqlite_memory_arm(uint64_t nth, bool persistent);
/* Stop; true when one failed. */
bool sqlite_memory_disarm(void);
uint64_t sqlite_memory_count(void);

#endif
