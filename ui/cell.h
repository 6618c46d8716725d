/* A frame: the grid of cells that a screen draws into. Pure memory; ui/term.c shows it, tests
 * dump it. Text passes through text_sanitize() on its way in, so no control character, bidi
 * mark or invalid byte reaches a cell: hostile text stands there as visible tokens. */
#ifndef AFORO_UI_CELL_H
#define AFORO_UI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ui/glyph.h"
#include "ui/theme.h"

#define FRAME_ROWS_MAX 400
#define FRAME_COLUMNS_MAX 1000

/* One character and at most two combining marks, four bytes each, and the NUL. */
#define CELL_TEXT_SIZE 13

/* Two cells that look the same are the same bytes. */
struct cell {
    char text[CELL_TEXT_SIZE]; /* UTF-8, zeros behind it; empty in the right half of a wide
                                  character */
    uint8_t width;             /* columns: 1 or 2; 0 in the right half of a wide character */
    uint8_t attr;              /* enum attr, perhaps with ATTR_SELECTED */
    uint8_t zero;              /* fills it to 16 bytes, which are copied and compared at once */
};

struct frame {
    int rows, columns;
    struct cell *cells; /* rows * columns, owned */
    int cursor_row;     /* where the terminal's real cursor stands; -1: nowhere, hidden */
    int cursor_column;
    bool ascii;         /* glyphs and letters of ASCII alone */
    bool spoken;        /* it is heard: figures stand in the place of plots */
    struct buf scratch; /* for sanitizing; reused */
};

struct rect {
    int row, column, rows, columns;
};

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTRE };

/* An empty frame of 0 x 0. */
void frame_init(struct frame *f);
void frame_release(struct frame *f);
/* Set the size (clamped to the limits) and clear. On ERR_NOMEM the old size and contents stay.
 */
enum err_code frame_resize(struct frame *f, int rows, int columns, struct err *e) MUST_CHECK;
/* All blanks, ATTR_NORMAL, no cursor. */
void frame_clear(struct frame *f);

/* The cell at a place, or NULL outside the frame. */
const struct cell *frame_at(const struct frame *f, int row, int column);

/* Every primitive clips to the frame; rows and columns may lie outside it. */

/* Blank a rectangle. */
void frame_fill(struct frame *f, struct rect r, unsigned attr);
/*
 * Draw text in at most `width` columns; what does not fit is cut and ends in an ellipsis.
 *
 * s:      UTF-8 from anywhere, sanitized here; NULL is empty.
 * Returns the columns used.
 */
int frame_text(struct frame *f, int row, int column, int width, unsigned attr, const char *s);
/* The same for a piece of text of known length. */
int frame_textn(struct frame *f, int row, int column, int width, unsigned attr, const char *s,
                size_t len_bytes);
/* Text aligned and padded with blanks to exactly `width` columns. */
void frame_field(struct frame *f, int row, int column, int width, enum align align,
                 unsigned attr, const char *s);
/* printf to at most `width` columns; returns the columns used. */
int frame_printf(struct frame *f, int row, int column, int width, unsigned attr,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* One glyph; returns 1. */
int frame_glyph(struct frame *f, int row, int column, unsigned attr, enum glyph g);
/* A run of one glyph. */
void frame_hline(struct frame *f, int row, int column, int columns, unsigned attr,
                 enum glyph g);
/* Box lines around the inside of r (needs at least 2 x 2). */
void frame_box(struct frame *f, struct rect r, unsigned attr);
/* A line across a box of r's width that joins its sides, with a title in it; title may be "".
 */
void frame_divider(struct frame *f, struct rect box, int row, const char *title);
/*
 * Text broken at spaces into lines of `width` columns, at most `rows` lines.
 * Returns the number of lines used (counted even where rows is 0: pass 0 to measure).
 */
int frame_wrap(struct frame *f, struct rect r, unsigned attr, const char *s);
/* Columns that sanitized text takes. */
int frame_width(struct frame *f, const char *s);
/* Put the real cursor at a place (ignored outside the frame). */
void frame_cursor(struct frame *f, int row, int column);

/* The frame as lines of text, trailing blanks cut. */
void frame_dump(const struct frame *f, struct buf *out);
/* One letter a cell for its attribute ('.' for normal, capital for selected), then the cursor's
 * place. */
void frame_dump_attrs(const struct frame *f, struct buf *out);

#endif
