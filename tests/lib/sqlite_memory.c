#include <config.h>

#include "tests/lib/sqlite_memory.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3_mem_methods real;
static atomic_bool armed, failed;
static atomic_uint_fast64_t asked;
static uint64_t fails_at;
static bool fails_on;

static bool refuse(void)
{
    if (!atomic_load(&armed)) {
        return false;
    }
    uint64_t n = atomic_fetch_add(&asked, 1) + 1;
    if (fails_at == 0 || n < fails_at || (n > fails_at && !fails_on)) {
        return false;
    }
    atomic_store(&failed, true);
    return true;
}

static void *take(int size)
{
    return refuse() ? NULL : real.xMalloc(size);
}

static void *retake(void *p, int size)
{
    return refuse() ? NULL : real.xRealloc(p, size);
}

void sqlite_memory_install(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK) {
        abort();
    }
    sqlite3_mem_methods ours = real;
    ours.xMalloc = take;
    ours.xRealloc = retake;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) !=
            SQLITE_OK) { /* each one is asked for */
        (void)fprintf(stderr, "sqlite_memory: SQLite is at work already\n");
        abort();
    }
}

void sqlite_memory_arm(uint64_t nth, bool persistent)
{
    fails_at = nth;
    fails_on = persistent;
    atomic_store(&asked, 0);
    atomic_store(&failed, false);
    atomic_store(&armed, true);
}

bool sqlite_memory_disarm(void)
{
    atomic_store(&armed, false);
    return atomic_load(&failed);
}

uint64_t sqlite_memory_count(void)
{
    return atomic_load(&asked);
}
