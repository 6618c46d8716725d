/* What a cell means, and how each theme paints it. Colour is never the only sign: every state
 * also has a glyph and a word, so that the mono theme loses nothing. */
#ifndef AFORO_UI_THEME_H
#define AFORO_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum attr {
    ATTR_NORMAL,
    ATTR_STATUS,      /* the line at the top */
    ATTR_TITLE,       /* title in the status line, headings */
    ATTR_BOX,         /* lines of boxes */
    ATTR_HEADER,      /* column titles */
    ATTR_CURSOR,      /* the key cell of the selected row, the focused button */
    ATTR_LABEL,       /* names of fields */
    ATTR_DIM,         /* secondary text */
    ATTR_FIELD,       /* an input field */
    ATTR_FIELD_FOCUS, /* the input field that has the cursor */
    ATTR_FILTER,      /* the active filter */
    ATTR_OK,
    ATTR_NOTE,
    ATTR_WARN,
    ATTR_BAD,
    ATTR_CHART,
    ATTR_CHART_OVER, /* the part of a chart above its limit */
    ATTR_LIMIT,      /* limit line */
    ATTR_KEY,        /* key names in the bar */
    ATTR_KEY_LABEL,
    ATTR_COUNT
};

/* Or-ed to an attribute: the cell belongs to the selected row. */
#define ATTR_SELECTED 0x80u
#define ATTR_MASK 0x7fu

enum style_flag { STYLE_BOLD = 1, STYLE_UNDERLINE = 2, STYLE_REVERSE = 4 };

#define COLOUR_DEFAULT (-1)

/* Colours are indexes of the 256-colour palette, with a second choice among the basic 8. */
struct style {
    int16_t fg, bg;
    int16_t fg8, bg8;
    uint8_t flags;
};

struct theme {
    const char *name; /* "default", for the command line and the palette */
    bool colour;      /* false: only flags are used */
    struct style styles[ATTR_COUNT];
    struct style selected; /* laid over cells flagged ATTR_SELECTED: bg and flags */
};

extern const struct theme themes[];
extern const size_t theme_count;

/* Index of a theme, or -1. */
int theme_find(const char *name);
/* A theme asked for by name has to be one; NULL is fine. Errors: ERR_USAGE. */
enum err_code theme_check(const char *name, struct err *e) MUST_CHECK;
/* The theme of a name; NULL: "default", or "mono" where NO_COLOR is set and not empty. */
const struct theme *theme_choose(const char *name);

#endif
