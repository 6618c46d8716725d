/* The help page: what the screen is for, and its keys, any of which can be run from here. */
#ifndef AFORO_UI_WIDGET_HELP_H
#define AFORO_UI_WIDGET_HELP_H

#include "ui/widget_picker.h"

/* Kinds of items from here on are those of the palette, counted from it. */
#define HELP_PALETTE 100

/* Fill the picker with the rows that the user may use. An item's kind is the number of its
 * table, its index the row. */
void help_fill(struct picker *p, const struct ui_model *m, const struct key_table *tables,
               size_t table_count);
void help_render(const struct picker *p, struct frame *f, struct rect area,
                 const struct screen_ops *screen);

#endif
