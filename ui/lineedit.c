#include <config.h>

#include "ui/lineedit.h"

#include <string.h>

#include "base/text.h"
#include "ui/key.h"

void lineedit_init(struct lineedit *le, size_t max_chars, bool secret)
{
    memset(le, 0, sizeof(*le));
    le->max_chars =
        max_chars == 0 || max_chars >= LINEEDIT_BYTES ? LINEEDIT_BYTES - 1 : max_chars;
    le->secret = secret;
}

void lineedit_wipe(struct lineedit *le)
{
    explicit_bzero(le->text, sizeof(le->text));
    le->len = 0;
    le->cursor = 0;
}

static size_t char_count(const struct lineedit *le)
{
    size_t count = 0;

    for (size_t i = 0; i < le->len; i++) {
        count += ((unsigned char)le->text[i] & 0xc0u) != 0x80u;
    }
    return count;
}

/* Marks that change how the text around them reads; no field of ours needs them. */
static bool is_invisible(uint32_t cp)
{
    return cp == 0xad || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff;
}

static void insert(struct lineedit *le, uint32_t cp)
{
    char bytes[4];
    size_t used;

    if (!key_is_text(cp) || is_invisible(cp) || (cp >= 0xd800 && cp <= 0xdfff)) {
        return;
    }
    used = utf8_encode(cp, bytes);
    if (used == 0 || le->len + used >= LINEEDIT_BYTES || char_count(le) >= le->max_chars) {
        return;
    }
    memmove(le->text + le->cursor + used, le->text + le->cursor, le->len - le->cursor + 1);
    memcpy(le->text + le->cursor, bytes, used);
    le->len += used;
    le->cursor += used;
}

void lineedit_paste(struct lineedit *le, const char *s, size_t len_bytes)
{
    size_t at = 0;

    while (at < len_bytes) {
        uint32_t cp = 0;
        size_t used = utf8_decode(s + at, len_bytes - at, &cp);

        if (used == 0) {
            at++;
            continue;
        }
        at += used;
        if (cp == '\r' && at < len_bytes && s[at] == '\n') {
            continue;
        }
        insert(le, cp == '\n' || cp == '\r' || cp == '\t' ? (uint32_t)' ' : cp);
    }
}

void lineedit_set(struct lineedit *le, const char *text)
{
    lineedit_wipe(le);
    if (text != NULL) {
        lineedit_paste(le, text, strlen(text));
    }
}

/* Offset of the character boundary after `at`: combining marks belong to the character before
 * them. */
static size_t next_boundary(const struct lineedit *le, size_t at)
{
    uint32_t cp = 0;
    size_t used;

    if (at >= le->len) {
        return le->len;
    }
    used = utf8_decode(le->text + at, le->len - at, &cp);
    at += used == 0 ? 1 : used;
    while (at < le->len) {
        used = utf8_decode(le->text + at, le->len - at, &cp);
        if (used == 0 || cp_width(cp) > 0) {
            break;
        }
        at += used;
    }
    return at;
}

static size_t previous_boundary(const struct lineedit *le, size_t at)
{
    size_t before = 0;

    for (size_t i = 0; i < at; i = next_boundary(le, i)) {
        before = i;
    }
    return before;
}

static void erase(struct lineedit *le, size_t from, size_t to)
{
    memmove(le->text + from, le->text + to, le->len - to + 1);
    le->len -= to - from;
    le->cursor = from;
}

static size_t word_start(const struct lineedit *le)
{
    size_t at = le->cursor;

    while (at > 0 && le->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && le->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

bool lineedit_key(struct lineedit *le, uint32_t key)
{
    if (key_is_text(key)) {
        insert(le, key);
        return true;
    }
    switch (key) {
    case K_LEFT:
        le->cursor = previous_boundary(le, le->cursor);
        return true;
    case K_RIGHT:
        le->cursor = next_boundary(le, le->cursor);
        return true;
    case K_HOME:
    case K_CTRL | 'a':
        le->cursor = 0;
        return true;
    case K_END:
    case K_CTRL | 'e':
        le->cursor = le->len;
        return true;
    case K_BACKSPACE:
        erase(le, previous_boundary(le, le->cursor), le->cursor);
        return true;
    case K_DELETE:
        erase(le, le->cursor, next_boundary(le, le->cursor));
        return true;
    case K_CTRL | 'u':
        erase(le, 0, le->cursor);
        return true;
    case K_CTRL | 'k':
        erase(le, le->cursor, le->len);
        return true;
    case K_CTRL | 'w':
        erase(le, word_start(le), le->cursor);
        return true;
    default:
        return false;
    }
}

static void render_secret(const struct lineedit *le, struct frame *f, int row, int column,
                          int width, unsigned attr, bool focus)
{
    int count = (int)char_count(le);
    int shown = count < width - 1 ? count : width - 1;

    frame_hline(f, row, column, shown, attr, GLYPH_DOT);
    if (focus) {
        frame_cursor(f, row, column + shown);
    }
}

void lineedit_render(const struct lineedit *le, struct frame *f, int row, int column, int width,
                     unsigned attr, bool focus)
{
    size_t start = 0;
    size_t used = 0;
    size_t fits;
    size_t room =
        width > 1 ? (size_t)width - 1 : 0; /* the cursor needs a column after the text */

    if (width < 1) {
        return;
    }
    frame_fill(f, (struct rect){row, column, 1, width}, attr);
    if (le->secret) {
        render_secret(le, f, row, column, width, attr, focus);
        return;
    }
    while (text_width(le->text + start, le->cursor - start) > room) {
        start = next_boundary(le, start);
        if (start > le->cursor) { /* it stands between a letter and its mark */
            start = le->cursor;
        }
    }
    fits = text_fit(le->text + start, le->len - start, (size_t)width, &used);
    (void)frame_textn(f, row, column, width, attr, le->text + start, fits);
    if (focus) {
        frame_cursor(f, row, column + (int)text_width(le->text + start, le->cursor - start));
    }
}
