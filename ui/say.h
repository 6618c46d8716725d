/* Messages of commands as the console says them. They are written for the command line: what
 * that calls "aforo bill cancel 127" or --reason is here a title in the list of commands or the
 * label of a field, and days are as the office writes them. */
#ifndef AFORO_UI_SAY_H
#define AFORO_UI_SAY_H

#include "ui/model.h"

/*
 * Append a message for the screen.
 *
 * params: of the form that it is about, whose options get their labels; NULL: of none. A
 * command that nobody here knows stays as it is: it is for a shell.
 */
void say_add(const struct ui_model *m, const struct param *params, const char *text,
             struct buf *out);

#endif
