/* What a payment will settle, told before it is taken. */
#ifndef AFORO_UI_SETTLED_H
#define AFORO_UI_SETTLED_H

#include "base/sheet.h"
#include "ui/cell.h"
#include "ui/model.h"

struct settled {
    const struct ui_model *model;
    const struct sheet *sheet; /* the page "pay": what is owed, the oldest first */
    const char *bills;         /* that are named, as typed: "17,18"; "" for none */
    const char *amount;        /* machine form; "" for none */
};

/* Two lines: what the amount pays, as the command lays it (the bills that are named, then the
 * oldest debt), and that there is older debt than what is named. labels: columns before them.
 */
void settled_render(const struct settled *s, struct frame *f, struct rect area, int labels);

#endif
