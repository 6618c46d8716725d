/* From the bytes of a terminal to keys, without ncurses: UTF-8, control characters, and the
 * sequences that xterm and its kin send whatever the terminal description says. */
#ifndef AFORO_UI_TERM_KEYS_H
#define AFORO_UI_TERM_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQUENCE_MAX 32u

#define KEY_PASTE_BEGIN 0x03000001u
#define KEY_PASTE_END 0x03000002u

#define TERM_PASTE_MAX 4096u

/* Text between KEY_PASTE_BEGIN and KEY_PASTE_END. */
struct paste {
    bool on;
    char text[TERM_PASTE_MAX]; /* UTF-8, not ended */
    size_t len_bytes;
};

struct key_decoder {
    unsigned char bytes[SEQUENCE_MAX];
    size_t count;
    bool escape; /* bytes begin with ESC */
};

/*
 * Take one byte (0..255). Returns true when *key is complete; a sequence that means nothing
 * gives K_NONE.
 */
bool key_decode(struct key_decoder *d, unsigned char byte, uint32_t *key);
/* No byte followed in time: a lone ESC is the key Esc, anything else unfinished is dropped. */
bool key_decode_idle(struct key_decoder *d, uint32_t *key);
/* Inside a paste every key is text; what passes the limit, and what is no text, is dropped. */
void paste_add(struct paste *p, uint32_t key);

#endif
