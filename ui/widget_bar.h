/* The bar of keys at the bottom, drawn from the same rows that dispatch them. */
#ifndef AFORO_UI_WIDGET_BAR_H
#define AFORO_UI_WIDGET_BAR_H

#include "ui/screen.h"

#define BAR_KEYS_MAX 48u

/* Draw the rows of the tables that the user may use, the lowest ranks left out until the rest
 * fits. */
void bar_render(struct frame *f, struct rect area, const struct ui_model *m,
                const struct key_table *tables, size_t table_count);

#endif
