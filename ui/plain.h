/* The console as numbered lines of text, for screen readers, braille lines, and terminals that
 * cannot place a cursor: the same screens and the same keys, so that it does all that they do.
 *
 * What is said after each line that is typed: the lines that changed, each with its number,
 * then the message, then the line that the cursor stands on. */
#ifndef AFORO_UI_PLAIN_H
#define AFORO_UI_PLAIN_H

#include <stdio.h>

#include "ui/console.h"
#include "ui/run.h"

/*
 * Run until it is left or the input ends.
 *
 * Errors: ERR_NOMEM, ERR_IO.
 */
enum err_code plain_run(const struct ui_model *m, const struct run_options *o, struct err *e);

/* ---- the parts that need no threads ---- */

#define PLAIN_ROWS 40
#define PLAIN_COLUMNS 100
#define PLAIN_LINE_MAX 1024

/* What was said last, to say only what is new. */
struct plain_said {
    char (*lines)[PLAIN_LINE_MAX]; /* by row of the frame; owned */
    int rows;
};

/* A row of the frame as it is said: no lines of boxes, columns parted by " | ". Returns false
 * for an empty one. */
bool plain_line(const struct frame *f, int row, char out[PLAIN_LINE_MAX]);
/* Say what is new in the frame. */
enum err_code plain_say(struct plain_said *said, const struct frame *f, FILE *out,
                        struct err *e) MUST_CHECK;
void plain_said_release(struct plain_said *said);

/* What a typed line stands for. */
enum plain_kind {
    PLAIN_TEXT,  /* characters, one key each */
    PLAIN_KEY,   /* one key */
    PLAIN_GO,    /* go to a line */
    PLAIN_HELP,  /* say how it works */
    PLAIN_AGAIN, /* say everything */
    PLAIN_WRONG  /* no such key */
};

struct plain_input {
    enum plain_kind kind;
    uint32_t key;
    int row;
};

/* typing: characters go into a field now, so that a number is text and no line. */
struct plain_input plain_read(const char *line, bool typing);

#endif
