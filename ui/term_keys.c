#include <config.h>

#include "ui/term_keys.h"

#include <string.h>

#include "base/text.h"
#include "ui/key.h"

#define ESC 0x1b

static uint32_t control_key(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return K_ENTER;
    case '\t':
        return K_TAB;
    case 0x08:
    case 0x7f:
        return K_BACKSPACE;
    default:
        return byte >= 1 && byte <= 26 ? K_CTRL | (uint32_t)(byte + 'a' - 1) : K_NONE;
    }
}

/* "5;2~" and the like: at most two numbers. */
static void read_numbers(const unsigned char *s, size_t len, unsigned number[2])
{
    size_t which = 0;

    number[0] = 0;
    number[1] = 0;
    for (size_t i = 0; i < len && which < 2; i++) {
        if (s[i] == ';') {
            which++;
        } else if (s[i] >= '0' && s[i] <= '9' && number[which] < 1000) {
            number[which] = number[which] * 10 + (unsigned)(s[i] - '0');
        }
    }
}

static uint32_t tilde_key(unsigned number)
{
    static const struct {
        unsigned number;
        uint32_t key;
    } keys[] = {
        {1, K_HOME},          {2, K_INSERT}, {3, K_DELETE},
        {4, K_END},           {5, K_PGUP},   {6, K_PGDN},
        {7, K_HOME},          {8, K_END},    {11, K_F1},
        {12, K_F2},           {13, K_F3},    {14, K_F4},
        {15, K_F5},           {17, K_F6},    {18, K_F7},
        {19, K_F8},           {20, K_F9},    {21, K_F10},
        {23, K_F11},          {24, K_F12},   {200, KEY_PASTE_BEGIN},
        {201, KEY_PASTE_END},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].number == number) {
            return keys[i].key;
        }
    }
    return K_NONE;
}

static uint32_t letter_key(unsigned char final)
{
    static const struct {
        char final;
        uint32_t key;
    } keys[] = {
        {'A', K_UP},   {'B', K_DOWN}, {'C', K_RIGHT},   {'D', K_LEFT},
        {'H', K_HOME}, {'F', K_END},  {'P', K_F1},      {'Q', K_F2},
        {'R', K_F3},   {'S', K_F4},   {'Z', K_BACKTAB}, {'M', K_ENTER},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].final == (char) final) {
            return keys[i].key;
        }
    }
    return K_NONE;
}

/* bytes: ESC [ ... final, or ESC O final. The second number is 1 + (1 shift, 2 alt, 4 control).
 */
static uint32_t sequence_key(const struct key_decoder *d)
{
    unsigned number[2];
    unsigned char final = d->bytes[d->count - 1];
    uint32_t key;

    read_numbers(d->bytes + 2, d->count - 3, number);
    if (final == 'M' && d->bytes[1] == '[') { /* a mouse report, which nobody asked for */
        return K_NONE;
    }
    key = final == '~' ? tilde_key(number[0]) : letter_key(final);
    if (key != K_NONE && key < KEY_PASTE_BEGIN && number[1] > 0) {
        key |= ((number[1] - 1) & 2u) != 0 ? K_ALT : 0;
        key |= ((number[1] - 1) & 4u) != 0 ? K_CTRL : 0;
    }
    return key;
}

static bool after_escape(struct key_decoder *d, uint32_t *key)
{
    unsigned char last = d->bytes[d->count - 1];

    if (d->count == 2 && (last == '[' || last == 'O')) {
        return false;
    }
    if (d->count == 2) {
        d->count = 0;
        if (last == ESC) {
            *key = K_ESC;
        } else if (last < 0x80) {
            *key = last < ' ' || last == 0x7f ? control_key(last) : last;
            *key |= *key != K_NONE ? K_ALT : 0;
        }
        return true;
    }
    if (last >= 0x40 && last <= 0x7e) {
        *key = sequence_key(d);
        d->count = 0;
        return true;
    }
    if (last < 0x20 || d->count == SEQUENCE_MAX) { /* not a sequence after all */
        *key = K_NONE;
        d->count = 0;
        return true;
    }
    return false;
}

/* Bytes that a UTF-8 sequence starting so has, 0 when none starts so. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2) {
        return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

static bool after_text(struct key_decoder *d, uint32_t *key)
{
    size_t length = utf8_length(d->bytes[0]);
    uint32_t cp = K_NONE;

    if (d->count > 1 && (d->bytes[d->count - 1] & 0xc0u) != 0x80u) {
        unsigned char again = d->bytes[d->count - 1]; /* the old one was cut short */

        d->count = 0;
        return key_decode(d, again, key);
    }
    if (length > 0 && d->count < length) {
        return false;
    }
    if (length == 0 || utf8_decode((const char *)d->bytes, d->count, &cp) != length) {
        cp = K_NONE;
    }
    d->count = 0;
    *key = cp < ' ' || cp == 0x7f ? control_key((unsigned char)cp) : cp;
    return true;
}

bool key_decode(struct key_decoder *d, unsigned char byte, uint32_t *key)
{
    *key = K_NONE;
    if (d->count == 0) {
        d->escape = byte == ESC;
    }
    d->bytes[d->count++] = byte;
    if (!d->escape) {
        return after_text(d, key);
    }
    return d->count == 1 ? false : after_escape(d, key);
}

bool key_decode_idle(struct key_decoder *d, uint32_t *key)
{
    *key = d->count == 1 && d->escape ? K_ESC : K_NONE;
    d->count = 0;
    return *key != K_NONE;
}

void paste_add(struct paste *p, uint32_t key)
{
    char bytes[4];
    size_t used;

    if (key == K_ENTER || key == K_TAB) {
        key = key == K_ENTER ? '\n' : '\t';
    }
    if (key == K_NONE || key > 0x10ffff) {
        return;
    }
    used = utf8_encode(key, bytes);
    if (p->len_bytes + used <= TERM_PASTE_MAX) {
        memcpy(p->text + p->len_bytes, bytes, used);
        p->len_bytes += used;
    }
}
