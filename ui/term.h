/* The terminal: the one place that knows ncurses. Shows frames by difference, reads keys, and
 * leaves the terminal as it was found, also when the program is killed or crashes. */
#ifndef AFORO_UI_TERM_H
#define AFORO_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/cell.h"

enum term_charset {
    TERM_CHARSET_AUTO, /* by LC_ALL, LC_CTYPE or LANG, the first that is set */
    TERM_CHARSET_ASCII,
    TERM_CHARSET_UTF8
};

struct terminal;

struct term_input {
    uint32_t key;     /* 0: a paste */
    const char *text; /* of a paste, until the next call; bytes not trusted */
    size_t len_bytes;
    bool click; /* the mouse was pressed at row; key is K_NONE and text NULL */
    int row;
};

/*
 * Take over the terminal on standard input and output. Until term_close(), what is written to
 * standard error is kept back and shown afterwards.
 *
 * theme: NULL for "default"; NO_COLOR set and not empty makes it "mono".
 * Errors: ERR_STATE when there is no terminal, ERR_USAGE for an unknown theme, ERR_UNSUPPORTED
 * when TERM is unknown or cannot place the cursor.
 */
enum err_code term_open(struct terminal **out, const char *theme, enum term_charset charset,
                        struct err *e) MUST_CHECK;
/* Give the terminal back; NULL is fine. */
void term_close(struct terminal *t);

int term_fd(const struct terminal *t); /* readable when a key waits */
bool term_ascii(const struct terminal *t);
/* Rows and columns now, as the system says. */
void term_size(const struct terminal *t, int *rows, int *columns);
/* The window has changed: adapt to a size. */
void term_resize(struct terminal *t, int rows, int columns);
/* The next key or paste; false when none waits. Unknown sequences are swallowed whole. */
bool term_next(struct terminal *t, struct term_input *in);
/* Milliseconds until term_next() may have an answer without further input (a lone Esc), -1:
 * never. */
int term_timeout_ms(const struct terminal *t);
/* Send what differs from the last frame. */
void term_draw(struct terminal *t, const struct frame *f);
/* Let the terminal tell of its mouse; it then selects no text by itself, but with Shift. */
void term_use_mouse(struct terminal *t);
/* The next draw sends everything. */
void term_redraw(struct terminal *t);
/* False when there is no such theme. */
bool term_set_theme(struct terminal *t, const char *name);
/* Give the terminal back, stop the process as the shell's job control wants, and take it again
 * when it goes on. */
void term_suspend(struct terminal *t);
/* The process went on after it was stopped from outside: take the terminal again. */
void term_resume(struct terminal *t);

#endif
