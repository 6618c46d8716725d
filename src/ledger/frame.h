/* Headings of framed records, of an export (export.h) and of a segment (segment.h): ASCII lines
 * with whole numbers in their one spelling. */
#ifndef AFORO_LEDGER_FRAME_H
#define AFORO_LEDGER_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/hash.h"

enum frame_line_state {
    FRAME_LINE,
    FRAME_ENDED,    /* the stream ended, or failed */
    FRAME_MALFORMED /* it holds a NUL or is too long */
};
/* One line without its end; it has at most size - 1 bytes and no NUL. */
enum frame_line_state frame_line(FILE *in, char *line, size_t size);
/* A whole number without leading zeros, up to `stop`, at most max. What stands behind `stop`
 * (the end itself when that is NUL); NULL when it is not that. */
const char *frame_number(const char *at, char stop, int64_t max, int64_t *out);

/* The last line of either, "end ENTRIES ITEMS ROOT": written; false when that failed. */
bool frame_end_write(FILE *out, int64_t entries, int64_t items, const struct hash *root);
/* The same read back, from behind "end "; false when it is not that. */
bool frame_end_read(const char *at, int64_t *entries, int64_t *items, struct hash *root);

#endif
