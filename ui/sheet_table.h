/* A table within a sheet: all of its rows, one after another. */
#ifndef AFORO_UI_SHEET_TABLE_H
#define AFORO_UI_SHEET_TABLE_H

#include "ui/sheet_view.h"

struct sheet_table {
    const struct ui_model *m;
    const struct sheet *s;
    struct frame *f;
    int row, column, columns; /* row: the next free one, moved on */
    size_t selected;
    struct sheet_places *places; /* or NULL */
};

/* Draw the table at an index with the rows that follow it. Returns the part after them. */
size_t sheet_table_draw(struct sheet_table *t, size_t index);

#endif
