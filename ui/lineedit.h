/* One line of text being edited: UTF-8, moved over whole characters, bounded. The model behind
 * fields, filters and the palette. */
#ifndef AFORO_UI_LINEEDIT_H
#define AFORO_UI_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/cell.h"

#define LINEEDIT_BYTES 512

struct lineedit {
    char text[LINEEDIT_BYTES]; /* valid UTF-8, NUL-terminated, no control characters or bidi
                                  marks */
    size_t len;                /* bytes */
    size_t cursor;             /* byte offset, on a character boundary */
    size_t max_chars;          /* code points allowed */
    bool secret;               /* shown as dots, wiped on release */
};

/* Empty; max_chars 0 means as many as fit. */
void lineedit_init(struct lineedit *le, size_t max_chars, bool secret);
/* Replace the contents (what does not belong in a field is left out); cursor at the end. */
void lineedit_set(struct lineedit *le, const char *text);
/* Zero the memory. */
void lineedit_wipe(struct lineedit *le);

/*
 * Apply an editing key: text, Backspace, Del, Left, Right, Home, End, Ctrl+A/E/U/K/W.
 * Returns true when the key was one of these, whether or not it changed anything.
 */
bool lineedit_key(struct lineedit *le, uint32_t key);
/* Insert pasted bytes: line breaks and tabs become spaces, other controls and invalid bytes are
 * dropped. */
void lineedit_paste(struct lineedit *le, const char *s, size_t len_bytes);

/* Draw into exactly `width` columns, scrolled so that the cursor shows; with focus the real
 * cursor is put there. */
void lineedit_render(const struct lineedit *le, struct frame *f, int row, int column, int width,
                     unsigned attr, bool focus);

#endif
