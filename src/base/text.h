/* UTF-8 and text from outside: validity, display width, and visible tokens for what a terminal
 * would obey. */
#ifndef AFORO_BASE_TEXT_H
#define AFORO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "caltime.h"
#include "quantity.h"

/* '0' to '9', whatever the locale says. */
static inline bool ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool utf8_valid(const char *s, size_t len); /* no overlongs, surrogates, > U+10FFFF */
/* Decode one code point at s (len > 0); returns bytes used, or 0 with *cp undefined when
 * malformed. */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);
size_t utf8_encode(uint32_t cp, char out[4]);
/* The character of a byte of Windows-1252. It is ISO 8859-1, whose 32 control characters no
 * text has, with quotes, dashes and the euro in their place; so it reads both.
 * Source: Unicode's CP1252.TXT; WHATWG Encoding, "iso-8859-1" is a label of windows-1252. */
uint32_t latin1_decode(unsigned char byte);
int cp_width(uint32_t cp); /* columns: 0, 1 or 2; from the C library's wcwidth under C.UTF-8 */
size_t text_width(const char *s, size_t len); /* columns of a clean string */
/*
 * Append a copy that is safe to show: C0, C1, DEL, bidi controls, zero-width and invalid bytes
 * become visible tokens (e.g. "␛", "<U+202E>", "<FF>"), and more than 2 stacked combining marks
 * on a cell are dropped with a token.
 */
void text_sanitize(const char *s, size_t len, struct buf *out);
/* The same into out_size (> 0) bytes, cut at a whole character or token; always NUL-terminated.
 */
void text_sanitize_to(const char *s, size_t len, char *out, size_t out_size);
/* As many whole characters of s as fit in `columns`; returns bytes; *used gets the columns. */
size_t text_fit(const char *s, size_t len, size_t columns, size_t *used);
/* UTF-8 in, UTF-8 out; bytes that are none stay as they are.
 * Lower-case and strip Latin accents, for search ("José" finds "jose"). Appends to out. */
void text_fold(const char *s, size_t len, struct buf *out);

/*
 * FNV-1a of a NUL-terminated text, going on from `h` (TEXT_HASH to begin): for tables in memory
 * whose crowded places only cost time. No secret may depend on it.
 */
#define TEXT_HASH UINT64_C(14695981039346656037)
uint64_t text_hash(uint64_t h, const char *s);

/* Number and date forms of the offices we serve: a table of ours, not the C library's. */
struct numfmt {
    const char *locale;    /* "es_CR" */
    const char *decimal;   /* "," */
    const char *group;     /* "\u00a0" or "." */
    const char *date;      /* "%d/%m/%y" */
    const char *date_long; /* "%d/%m/%Y" */
    bool symbol_first;
};
const struct numfmt *
numfmt_find(const char *locale); /* es_CR es_MX es_CO es_AR es_ES en_US ; NULL if unknown */
/* Group and point a machine number ("-1404.50") for people; anything else is appended as it is.
 */
void numfmt_number(const struct numfmt *f, const char *machine, struct buf *out);
/* A day and a clock time as people of that place write them: "28/02/2017",
 * "28/02/2017 22:01"; seconds are for machines. */
void numfmt_date(const struct numfmt *f, struct date d, struct buf *out);
void numfmt_clock(const struct numfmt *f, struct civil c, struct buf *out);
/* The same of "2017-02-28", or with a time behind it ("2017-02-28T22:01:13"): what a table or
 * an entry holds. Anything else is appended as it is. */
void numfmt_day(const struct numfmt *f, const char *machine, struct buf *out);
/*
 * Read a number as people of that place type it: groups, if any, complete, no exponent. Where
 * numbers are grouped by spaces, a point is taken as the decimal sign (key pads have one)
 * unless exactly three digits follow it. Errors: ERR_PARSE, ERR_RANGE.
 */
enum err_code numfmt_parse(const struct numfmt *f, const char *s, size_t len,
                           struct decimal *out, struct err *e) MUST_CHECK;

#endif
