/* How a meter is shown wherever it appears: its words, a title, and its consumption. */
#ifndef AFORO_UI_METER_VIEW_H
#define AFORO_UI_METER_VIEW_H

#include "ui/cell.h"
#include "ui/model.h"
#include "ui/widget_table.h"

extern const struct state_word meter_states[];
extern const struct state_word meter_pendings[];
extern const struct state_word meter_kinds[];

/* "A-0122 — water — R-12/037" */
void meter_title(const struct ui_meter_detail *d, bool ascii, char *out, size_t size);
/* Two lines: consumption with its figures, place and account. */
void meter_lines_render(const struct ui_model *m, const struct ui_meter_detail *d,
                        struct frame *f, struct rect r);
/* A pane with everything and an upright chart. */
void meter_pane_render(const struct ui_model *m, const struct ui_meter_detail *d,
                       struct frame *f, struct rect r);

#endif
