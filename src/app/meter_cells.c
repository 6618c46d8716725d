#include <config.h>

#include "app/meter_cells.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct cell_term cell_term_of(const char *text, unsigned cells)
{
    struct cell_term t = {.text = text, .len = strlen(text), .cells = cells};
    size_t letters = 0;
    for (size_t i = 0; i < t.len; i++) {
        letters += ((unsigned char)text[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    t.anywhere = letters >= METER_ANYWHERE;
    return t;
}

void cells_add(const struct stmt *q, int column, struct buf *out)
{
    for (int i = 0; i < METER_CELLS; i++) {
        const char *text = stmt_text(q, column + i);
        size_t from = out->len;
        text_fold(text != NULL ? text : "", text != NULL ? strlen(text) : 0, out);
        for (char *bad = out->failed ? NULL : memchr(out->data + from, 0xFF, out->len - from);
             bad != NULL; bad = memchr(bad, 0xFF, (size_t)(out->data + out->len - bad))) {
            *bad = '?';
        }
        buf_addc(out, METER_CELL_END);
    }
}

static bool is_word(char sign)
{
    unsigned char c = (unsigned char)sign;
    return (c >= 0x80 && sign != METER_CELL_END) || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z');
}

/* What comes before is none of the word. */
static bool begins_word(const char *text, const char *at)
{
    return is_word(*at) && (at == text || !is_word(at[-1]));
}

/* memmem() goes through the text byte by byte; so compilers take many bytes at once: three of
 * the term's, its first, one in the middle and its last, or the two that it has. */
#define BLOCK 64u

static const char *seek_in_block(const char *at, const char *text, size_t len)
{
    for (unsigned i = 0; i < BLOCK; i++) {
        if (at[i] == text[0] && memcmp(at + i, text, len) == 0) {
            return at + i;
        }
    }
    return NULL;
}

static const char *seek(const char *at, const char *end, const struct cell_term *t)
{
    if (t->len < 2) { /* memchr() is fast enough */
        return memmem(at, (size_t)(end - at), t->text, t->len);
    }
    const size_t to_middle = t->len / 2;
    const size_t to_last = t->len - 1;
    const char first = t->text[0];
    const char middle = t->text[to_middle];
    const char last = t->text[to_last];
    for (; (size_t)(end - at) >= BLOCK + to_last; at += BLOCK) {
        const char *m = at + to_middle;
        const char *l = at + to_last;
        unsigned char any = 0;
        for (unsigned i = 0; i < BLOCK; i++) {
            any |= (unsigned char)((at[i] == first) & (m[i] == middle) & (l[i] == last));
        }
        const char *found = any != 0 ? seek_in_block(at, t->text, t->len) : NULL;
        if (found != NULL) {
            return found;
        }
    }
    return memmem(at, (size_t)(end - at), t->text, t->len);
}

const char *cell_seek(const char *text, const char *at, const char *end,
                      const struct cell_term *t)
{
    while (at < end) {
        const char *found = seek(at, end, t);
        if (found == NULL || found >= end || t->anywhere || begins_word(text, found)) {
            return found != NULL && found < end ? found : NULL;
        }
        at = found + 1;
    }
    return NULL;
}

static unsigned cell_of(const char *cells, const char *at)
{
    unsigned cell = 0;
    for (const char *s = cells; s < at; s++) {
        cell += *s == METER_CELL_END ? 1 : 0;
    }
    return cell;
}

bool cells_have(const char *cells, size_t len, const struct cell_term *t)
{
    const char *at = cell_seek(cells, cells, cells + len, t);
    while (at != NULL && (t->cells >> cell_of(cells, at) & 1u) == 0) {
        at = cell_seek(cells, at + 1, cells + len, t);
    }
    return at != NULL;
}
