/* A question with two answers. "Go back" has the focus: what changes the office takes a
 * deliberate key. */
#ifndef AFORO_UI_WIDGET_CONFIRM_H
#define AFORO_UI_WIDGET_CONFIRM_H

#include "ui/screen.h"

struct confirm {
    char title[128];
    char text[EFFECT_TEXT_MAX]; /* the consequence */
    bool yes;                   /* the button in focus */
};

enum confirm_answer { CONFIRM_NONE, CONFIRM_YES, CONFIRM_NO };

void confirm_open(struct confirm *c, const char *title, const char *text);
enum confirm_answer confirm_key(struct confirm *c, uint32_t key);
void confirm_render(const struct confirm *c, struct frame *f, struct rect area);

#endif
