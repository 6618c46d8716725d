/* The form of signed notes: names, texts, and signature lines taken apart; nothing is verified
 * here. Source: c2sp.org/signed-note. */
#ifndef AFORO_CRYPTO_NOTE_LINE_H
#define AFORO_CRYPTO_NOTE_LINE_H

#include "crypto/note.h"

#define NOTE_DASH                                                                              \
    "\xe2\x80\x94 " /* U+2014 and a space: what every signature line starts with */
#define NOTE_ID_SIZE 4

/* May a key have that name? Not empty, UTF-8, without spaces, control characters or '+'. */
bool note_name_valid(const char *name, size_t len);
/* UTF-8, and no control character but newline. */
bool note_text_valid(const char *s, size_t len);
/* Where the text of a note ends, its last newline included; 0 when there is no note. */
size_t note_text_len(const char *note, size_t len);
/* The same of what is a valid text already. */
size_t note_text_end(const char *note, size_t len);

/* A signature line taken apart. */
struct note_line {
    const char *text; /* the whole line with its newline, borrowed from the note */
    size_t text_len;
    char name[NOTE_NAME_MAX + 1];
    uint8_t id[NOTE_ID_SIZE];
    struct buf sig; /* what follows the id; buf_init()ed by the caller, who releases it */
};
/* The line at *at, which moves behind it; begin with note_text_len() + 1. *more false at the
 * end. ERR_PARSE for a damaged line, ERR_NOMEM. */
enum err_code note_line_next(const char *note, size_t len, size_t *at, struct note_line *out,
                             bool *more, struct err *e) MUST_CHECK;

/* The note's text, and of its signature lines those under `name`, appended to out. Errors:
 * those of note_line_next. */
enum err_code note_lines_of(const char *note, size_t len, const char *name, struct buf *out,
                            struct err *e) MUST_CHECK;
/* How many signature lines stand in a note that was taken apart without an error. */
size_t note_line_count(const char *note, size_t len);

/* The first four bytes of SHA-256(name || newline || type || public key). name: a valid one. */
void note_key_id(const char *name, uint8_t type, const uint8_t public_key[NOTE_PUBLIC_SIZE],
                 uint8_t out[NOTE_ID_SIZE]);

#endif
