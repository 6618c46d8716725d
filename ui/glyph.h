/* Signs drawn by the console: each has a Unicode and an ASCII form of the same width. */
#ifndef AFORO_UI_GLYPH_H
#define AFORO_UI_GLYPH_H

#include <stdbool.h>
#include <stdint.h>

enum glyph {
    GLYPH_NONE,
    GLYPH_POINTER, /* the selected row */
    GLYPH_MARK,    /* a row that is marked */
    GLYPH_DOT,     /* a good state */
    GLYPH_CIRCLE,  /* nothing yet */
    GLYPH_RISE,    /* above what is expected */
    GLYPH_FALL,    /* below what is expected */
    GLYPH_SQUARE,  /* out of service */
    GLYPH_DIAMOND, /* held for a decision */
    GLYPH_CHECK,
    GLYPH_CROSS,
    GLYPH_DASH,     /* no value */
    GLYPH_ELLIPSIS, /* text was cut */
    GLYPH_MIDDOT,
    GLYPH_SORT_UP,
    GLYPH_SORT_DOWN,
    GLYPH_BAR_LEFT, /* between the terms of a filter */
    GLYPH_SPLIT,    /* between a chart and its figures */
    GLYPH_H,        /* lines of boxes */
    GLYPH_V,
    GLYPH_TOP_LEFT,
    GLYPH_TOP_RIGHT,
    GLYPH_BOTTOM_LEFT,
    GLYPH_BOTTOM_RIGHT,
    GLYPH_TEE_LEFT,
    GLYPH_TEE_RIGHT,
    GLYPH_TEE_TOP,
    GLYPH_TEE_BOTTOM,
    GLYPH_LIMIT,   /* limit line of a chart */
    GLYPH_BLOCK_1, /* one eighth .. */
    GLYPH_BLOCK_2,
    GLYPH_BLOCK_3,
    GLYPH_BLOCK_4,
    GLYPH_BLOCK_5,
    GLYPH_BLOCK_6,
    GLYPH_BLOCK_7,
    GLYPH_BLOCK_8, /* .. full */
    GLYPH_COUNT
};

/* The sign as a NUL-terminated string; static. */
const char *glyph_text(enum glyph g, bool ascii);

/* What stands for a character on a terminal that shows ASCII alone: accents are dropped, the
 * rest is '?'. */
char ascii_of(uint32_t cp);
/* Does the environment ask for UTF-8: LC_ALL, LC_CTYPE or LANG, the first that is set? */
bool glyph_utf8_asked(void);

#endif
