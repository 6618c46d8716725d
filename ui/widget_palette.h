/* The palette: every command the user may run, every screen that opens, and the console's own
 * few words. */
#ifndef AFORO_UI_WIDGET_PALETTE_H
#define AFORO_UI_WIDGET_PALETTE_H

#include "ui/widget_picker.h"

enum palette_kind {
    PALETTE_COMMAND,  /* index for ui_model.command_at */
    PALETTE_SCREEN,   /* index in screens_openable */
    PALETTE_THEME,    /* index in themes */
    PALETTE_LANGUAGE, /* index in palette_languages */
    PALETTE_OTHER     /* enum palette_other */
};

enum palette_other { PALETTE_LOGOUT, PALETTE_REDRAW, PALETTE_QUIT };

extern const char *const palette_languages[2];

void palette_fill(struct picker *p, const struct ui_model *m);
/* Add the same to a picker that shows something else: found by typing alone, kinds counted from
 * first_kind. */
void palette_add(struct picker *p, const struct ui_model *m, int first_kind);
void palette_render(const struct picker *p, struct frame *f, struct rect area);

#endif
