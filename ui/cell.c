#include <config.h>

#include "ui/cell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define SCRATCH_MAX_BYTES 65536
#define PRINTF_MAX_BYTES 1024

void frame_init(struct frame *f)
{
    memset(f, 0, sizeof(*f));
    f->cursor_row = -1;
    f->cursor_column = -1;
    buf_init(&f->scratch, SCRATCH_MAX_BYTES);
}

void frame_release(struct frame *f)
{
    mem_free(f->cells);
    buf_release(&f->scratch);
    frame_init(f);
}

enum err_code frame_resize(struct frame *f, int rows, int columns, struct err *e)
{
    struct cell *cells;

    rows = rows < 1 ? 1 : rows > FRAME_ROWS_MAX ? FRAME_ROWS_MAX : rows;
    columns = columns < 1 ? 1 : columns > FRAME_COLUMNS_MAX ? FRAME_COLUMNS_MAX : columns;
    if (f->cells == NULL || rows != f->rows || columns != f->columns) {
        cells = mem_array((size_t)rows * (size_t)columns, sizeof(*cells));
        if (cells == NULL) {
            return err_nomem(e);
        }
        mem_free(f->cells);
        f->cells = cells;
        f->rows = rows;
        f->columns = columns;
    }
    frame_clear(f);
    return ERR_OK;
}

static const struct cell blank_cell = {" ", 1, ATTR_NORMAL, 0};

void frame_clear(struct frame *f)
{
    size_t columns = (size_t)f->columns;

    _Static_assert(sizeof(struct cell) == 16, "cells are compared as bytes");
    for (size_t i = 0; f->rows > 0 && i < columns; i++) {
        f->cells[i] = blank_cell;
    }
    for (size_t row = 1; row < (size_t)f->rows; row++) {
        memcpy(&f->cells[row * columns], f->cells, columns * sizeof(*f->cells));
    }
    f->cursor_row = -1;
    f->cursor_column = -1;
}

static struct cell *cell_at(struct frame *f, int row, int column)
{
    if (row < 0 || column < 0 || row >= f->rows || column >= f->columns) {
        return NULL;
    }
    return &f->cells[(size_t)row * (size_t)f->columns + (size_t)column];
}

const struct cell *frame_at(const struct frame *f, int row, int column)
{
    if (row < 0 || column < 0 || row >= f->rows || column >= f->columns) {
        return NULL;
    }
    return &f->cells[(size_t)row * (size_t)f->columns + (size_t)column];
}

/* Blank the other half of a wide character before one of its halves is overwritten. */
static void split_wide(struct frame *f, int row, int column)
{
    struct cell *c = cell_at(f, row, column);
    struct cell *other;

    if (c == NULL || c->width == 1) {
        return;
    }
    other = cell_at(f, row, c->width == 0 ? column - 1 : column + 1);
    if (other != NULL) {
        uint8_t attr = other->attr;
        *other = blank_cell;
        other->attr = attr;
    }
}

/* One character of ASCII: nearly all that is drawn. */
static void put_ascii(struct frame *f, int row, int column, unsigned attr, char text)
{
    struct cell *c = cell_at(f, row, column);

    if (c == NULL) {
        return;
    }
    if (c->width != 1) {
        split_wide(f, row, column);
    }
    *c = blank_cell;
    c->text[0] = text;
    c->attr = (uint8_t)attr;
}

/* One character of width 1 or 2. A wide one that would lose half of itself at the edge becomes
 * a blank. */
static void put(struct frame *f, int row, int column, unsigned attr, const char *text,
                size_t len_bytes, int width)
{
    struct cell *c = cell_at(f, row, column);
    struct cell *right = NULL;

    if (width == 2) {
        right = cell_at(f, row, column + 1);
        if (c == NULL || right == NULL) {
            text = " ";
            len_bytes = 1;
            width = 1;
            c = c == NULL ? right : c;
            column = right == NULL ? column : column + 1;
            right = NULL;
        }
    }
    if (c == NULL || len_bytes >= CELL_TEXT_SIZE) {
        return;
    }
    split_wide(f, row, column);
    *c = (struct cell){{0}, (uint8_t)width, (uint8_t)attr, 0};
    memcpy(c->text, text, len_bytes);
    if (right != NULL) {
        split_wide(f, row, column + 1);
        *right = (struct cell){{0}, 0, (uint8_t)attr, 0};
    }
}

/* A combining mark joins the character before it, if there is room. */
static void put_mark(struct frame *f, int row, int column, const char *text, size_t len_bytes)
{
    struct cell *c = cell_at(f, row, column);
    size_t used;

    if (c == NULL || f->ascii) {
        return;
    }
    if (c->width == 0 && column > 0) {
        c = cell_at(f, row, column - 1);
    }
    used = c == NULL ? CELL_TEXT_SIZE : strlen(c->text);
    if (used + len_bytes < CELL_TEXT_SIZE) {
        memcpy(c->text + used, text, len_bytes);
    }
}

/* Draw clean text of known width; no clipping but the frame's. Returns the columns used. */
static int put_clean(struct frame *f, int row, int column, unsigned attr, const char *s,
                     size_t len_bytes)
{
    int start = column;
    size_t at = 0;

    while (at < len_bytes) {
        uint32_t cp = 0;
        size_t used;
        int width;

        if (s[at] >= ' ' && s[at] <= '~') {
            put_ascii(f, row, column++, attr, s[at++]);
            continue;
        }
        used = utf8_decode(s + at, len_bytes - at, &cp);
        if (used == 0) { /* cannot come out of text_sanitize */
            at++;
            continue;
        }
        width = cp_width(cp);
        if (width <= 0) {
            put_mark(f, row, column - 1, s + at, used);
        } else if (f->ascii && cp >= 0x80) {
            for (int i = 0; i < width; i++) {
                put_ascii(f, row, column + i, attr, ascii_of(cp));
            }
        } else if (cp == 0xa0 || cp == 0x202f) { /* a grouping space is a space on screen */
            put_ascii(f, row, column, attr, ' ');
        } else {
            put(f, row, column, attr, s + at, used, width);
        }
        column += width > 0 ? width : 0;
        at += used;
    }
    return column - start;
}

static bool is_plain(const char *s, size_t len_bytes)
{
    unsigned other = 0; /* no way out in the middle: the compiler takes many at once */

    for (size_t i = 0; i < len_bytes; i++) {
        other |= (unsigned char)((unsigned char)s[i] - ' ') > '~' - ' ';
    }
    return other == 0;
}

/* Clean form of s: s itself when it is plain ASCII, else the scratch buffer. *len_bytes is in
 * and out. */
static const char *clean(struct frame *f, const char *s, size_t *len_bytes)
{
    if (is_plain(s, *len_bytes)) {
        return s;
    }
    buf_clear(&f->scratch);
    if (*len_bytes > SCRATCH_MAX_BYTES / 16) { /* nobody reads more on one line */
        *len_bytes = SCRATCH_MAX_BYTES / 16;
    }
    text_sanitize(s, *len_bytes, &f->scratch);
    *len_bytes = f->scratch.failed ? 0 : f->scratch.len;
    return buf_str(&f->scratch);
}

void frame_fill(struct frame *f, struct rect r, unsigned attr)
{
    struct cell blank;
    int first = r.column > 0 ? r.column : 0;
    int end = r.column + r.columns < f->columns ? r.column + r.columns : f->columns;

    for (int row = r.row; row < r.row + r.rows; row++) {
        struct cell *cells = cell_at(f, row, 0);

        if (cells == NULL || first >= end) {
            continue;
        }
        split_wide(f, row, first); /* between the ends both halves go */
        split_wide(f, row, end - 1);
        cells[first] = blank_cell;
        cells[first].attr = (uint8_t)attr;
        blank = cells[first];
        for (int column = first + 1; column < end; column++) {
            cells[column] = blank;
        }
    }
}

/* Draw clean text, cut to a width. */
static int put_fitting(struct frame *f, int row, int column, int width, unsigned attr,
                       const char *s, size_t len_bytes)
{
    size_t used = 0;
    size_t fits = text_fit(s, len_bytes, (size_t)width, &used);
    int drawn;

    if (fits == len_bytes) {
        return put_clean(f, row, column, attr, s, len_bytes);
    }
    fits = text_fit(s, len_bytes, (size_t)width - 1, &used);
    drawn = put_clean(f, row, column, attr, s, fits);
    return drawn + frame_glyph(f, row, column + drawn, attr, GLYPH_ELLIPSIS);
}

int frame_textn(struct frame *f, int row, int column, int width, unsigned attr, const char *s,
                size_t len_bytes)
{
    if (s == NULL || width <= 0) {
        return 0;
    }
    s = clean(f, s, &len_bytes);
    return put_fitting(f, row, column, width, attr, s, len_bytes);
}

int frame_text(struct frame *f, int row, int column, int width, unsigned attr, const char *s)
{
    return s == NULL ? 0 : frame_textn(f, row, column, width, attr, s, strlen(s));
}

int frame_width(struct frame *f, const char *s)
{
    size_t len_bytes = s == NULL ? 0 : strlen(s);

    s = len_bytes == 0 ? "" : clean(f, s, &len_bytes);
    return (int)text_width(s, len_bytes);
}

void frame_field(struct frame *f, int row, int column, int width, enum align align,
                 unsigned attr, const char *s)
{
    size_t len_bytes = s == NULL ? 0 : strlen(s);
    bool inside = row >= 0 && row < f->rows && column >= 0 && column + width <= f->columns;
    bool plain = width > 0 && len_bytes <= (size_t)width && is_plain(s, len_bytes);
    int text;
    int lead = 0;

    s = plain || len_bytes == 0 ? s : clean(f, s, &len_bytes);
    text = (int)(plain ? len_bytes : text_width(s, len_bytes));
    text = text > width ? width : text;
    if (align == ALIGN_RIGHT) {
        lead = width - text;
    } else if (align == ALIGN_CENTRE) {
        lead = (width - text) / 2;
    }
    frame_fill(f, (struct rect){row, column, 1, width}, attr);
    if (plain && inside) { /* most cells of a table */
        struct cell *cells = cell_at(f, row, column + lead);

        for (int i = 0; i < text; i++) {
            cells[i].text[0] = s[i];
        }
    } else if (s != NULL && width > lead) {
        (void)put_fitting(f, row, column + lead, width - lead, attr, s, len_bytes);
    }
}

int frame_printf(struct frame *f, int row, int column, int width, unsigned attr,
                 const char *fmt, ...)
{
    char text[PRINTF_MAX_BYTES];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return frame_text(f, row, column, width, attr, text);
}

int frame_glyph(struct frame *f, int row, int column, unsigned attr, enum glyph g)
{
    const char *text = glyph_text(g, f->ascii);

    put(f, row, column, attr, text, strlen(text), 1);
    return 1;
}

void frame_hline(struct frame *f, int row, int column, int columns, unsigned attr, enum glyph g)
{
    for (int i = 0; i < columns; i++) {
        (void)frame_glyph(f, row, column + i, attr, g);
    }
}

void frame_box(struct frame *f, struct rect r, unsigned attr)
{
    int last_row = r.row + r.rows - 1;
    int last_column = r.column + r.columns - 1;

    if (r.rows < 2 || r.columns < 2) {
        return;
    }
    frame_hline(f, r.row, r.column, r.columns, attr, GLYPH_H);
    frame_hline(f, last_row, r.column, r.columns, attr, GLYPH_H);
    for (int row = r.row + 1; row < last_row; row++) {
        (void)frame_glyph(f, row, r.column, attr, GLYPH_V);
        (void)frame_glyph(f, row, last_column, attr, GLYPH_V);
    }
    (void)frame_glyph(f, r.row, r.column, attr, GLYPH_TOP_LEFT);
    (void)frame_glyph(f, r.row, last_column, attr, GLYPH_TOP_RIGHT);
    (void)frame_glyph(f, last_row, r.column, attr, GLYPH_BOTTOM_LEFT);
    (void)frame_glyph(f, last_row, last_column, attr, GLYPH_BOTTOM_RIGHT);
}

void frame_divider(struct frame *f, struct rect box, int row, const char *title)
{
    int used;

    if (box.columns < 2) {
        return;
    }
    frame_hline(f, row, box.column + 1, box.columns - 2, ATTR_BOX, GLYPH_H);
    (void)frame_glyph(f, row, box.column, ATTR_BOX, GLYPH_TEE_LEFT);
    (void)frame_glyph(f, row, box.column + box.columns - 1, ATTR_BOX, GLYPH_TEE_RIGHT);
    if (title != NULL && title[0] != '\0' && box.columns > 8) {
        used = frame_text(f, row, box.column + 3, box.columns - 6, ATTR_HEADER, title);
        frame_fill(f, (struct rect){row, box.column + 2, 1, 1}, ATTR_BOX);
        frame_fill(f, (struct rect){row, box.column + 3 + used, 1, 1}, ATTR_BOX);
    }
}

/* Bytes of the next line of at most `width` columns: up to the last space that fits, else as
 * much as fits. */
static size_t line_break(const char *s, size_t len_bytes, int width)
{
    size_t used = 0;
    size_t fits = text_fit(s, len_bytes, (size_t)width, &used);

    if (fits == len_bytes || s[fits] == ' ') {
        return fits;
    }
    for (size_t i = fits; i > 0; i--) {
        if (s[i - 1] == ' ') {
            return i - 1;
        }
    }
    return fits;
}

int frame_wrap(struct frame *f, struct rect r, unsigned attr, const char *s)
{
    int lines = 0;

    if (s == NULL || r.columns <= 1) { /* a wide character needs two columns to make progress */
        return 0;
    }
    while (*s != '\0') {
        size_t paragraph = strcspn(s, "\n");
        size_t len_bytes = paragraph;
        const char *text = clean(f, s, &len_bytes);
        size_t at = 0;

        do {
            size_t take = line_break(text + at, len_bytes - at, r.columns);
            if (lines < r.rows) {
                (void)put_clean(f, r.row + lines, r.column, attr, text + at, take);
            }
            lines++;
            at += take;
            while (at < len_bytes && text[at] == ' ') {
                at++;
            }
        } while (at < len_bytes);
        s += paragraph;
        s += *s == '\n' ? 1 : 0;
    }
    return lines;
}

void frame_cursor(struct frame *f, int row, int column)
{
    if (cell_at(f, row, column) != NULL) {
        f->cursor_row = row;
        f->cursor_column = column;
    }
}

void frame_dump(const struct frame *f, struct buf *out)
{
    for (int row = 0; row < f->rows; row++) {
        const struct cell *cells = &f->cells[(size_t)row * (size_t)f->columns];
        int last = f->columns;

        while (last > 0 && strcmp(cells[last - 1].text, " ") == 0) {
            last--;
        }
        for (int column = 0; column < last; column++) {
            buf_adds(out, cells[column].text);
        }
        buf_addc(out, '\n');
    }
}

void frame_dump_attrs(const struct frame *f, struct buf *out)
{
    static const char letters[] = ".stbhcldefgonwxavmkj";

    _Static_assert(sizeof(letters) - 1 == ATTR_COUNT, "one letter an attribute");
    for (int row = 0; row < f->rows; row++) {
        for (int column = 0; column < f->columns; column++) {
            unsigned attr = f->cells[(size_t)row * (size_t)f->columns + (size_t)column].attr;
            char letter = letters[attr & ATTR_MASK];

            if ((attr & ATTR_SELECTED) != 0) {
                letter = letter == '.' ? ':' : (char)(letter - 'a' + 'A');
            }
            buf_addc(out, letter);
        }
        buf_addc(out, '\n');
    }
    buf_addf(out, "cursor %d %d\n", f->cursor_row, f->cursor_column);
}
