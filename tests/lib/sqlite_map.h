/* Which bytes of a SQLite database file say something, read from the file format itself
 * (sqlite.org/fileformat2.html), so that a flipped bit that nobody notices can be told from one
 * that somebody should have noticed. */
#ifndef AFORO_TESTS_LIB_SQLITE_MAP_H
#define AFORO_TESTS_LIB_SQLITE_MAP_H

#include <stddef.h>
#include <stdint.h>

enum map_class {
    MAP_UNUSED,    /* free pages, room between the rows, ends of overflow pages */
    MAP_COUNTER,   /* of the file's header: counters and version marks */
    MAP_SEPARATOR, /* row numbers on inner pages: any between its neighbours does */
    MAP_NULL, /* types of NULL in rows: nobody reads that of the row number's own column, and
                 the last ones may be left out */
    MAP_LIVE, /* all else */
    MAP_CLASSES
};
extern const char *const map_class_names[MAP_CLASSES];

/* One class a byte; owned by the caller (free). The file must be sound. */
uint8_t *sqlite_map(const uint8_t *db, size_t len);
/* The same of a WAL: frames of its own generation are live, what an earlier one left is not. */
uint8_t *sqlite_map_wal(const uint8_t *wal, size_t len);

#endif
