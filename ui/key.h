/* Keys as the console sees them: a code point, or one of ours above Unicode, with Ctrl and Alt
 * as flags. Nothing here knows ncurses; ui/term.c translates. */
#ifndef AFORO_UI_KEY_H
#define AFORO_UI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key {
    K_NONE = 0,
    /* 1..0x10FFFF: the code point typed */
    K_ENTER = 0x110000,
    K_TAB,
    K_BACKTAB,
    K_ESC,
    K_BACKSPACE,
    K_DELETE,
    K_INSERT,
    K_UP,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PGUP,
    K_PGDN,
    K_F1,
    K_F2,
    K_F3,
    K_F4,
    K_F5,
    K_F6,
    K_F7,
    K_F8,
    K_F9,
    K_F10,
    K_F11,
    K_F12,
    K_LAST /* one past the last special key */
};

#define K_CTRL 0x01000000u /* with a lower-case letter or a special key */
#define K_ALT 0x02000000u
#define K_FLAGS (K_CTRL | K_ALT)

#define KEY_NAME_MAX 24

/* What the key is called on a bar or in a list: "F2", "Ctrl+L", "/", "PgDn". out takes
 * KEY_NAME_MAX bytes. */
void key_label(uint32_t key, char out[KEY_NAME_MAX]);

/* True for a plain character that goes into a text field. */
bool key_is_text(uint32_t key);

#endif
