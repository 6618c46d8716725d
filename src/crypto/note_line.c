#include <config.h>

#include "crypto/note_line.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "crypto/hash.h"

/* White_Space of the Unicode Character Database, but for the control characters. */
static bool is_space(uint32_t cp)
{
    return cp == 0x20 || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

bool note_name_valid(const char *s, size_t len)
{
    if (len == 0 || len > NOTE_NAME_MAX) {
        return false;
    }
    while (len > 0) {
        uint32_t cp = 0;
        size_t used = utf8_decode(s, len, &cp);

        if (used == 0 || cp < 0x20 || cp == '+' || is_space(cp)) {
            return false;
        }
        s += used;
        len -= used;
    }
    return true;
}

bool note_text_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < 0x20 && s[i] != '\n') {
            return false;
        }
    }
    return utf8_valid(s, len);
}

size_t note_text_end(const char *note, size_t len)
{
    /* behind the first newline of the last "newline newline" */
    for (size_t i = len; i >= 2; i--) {
        if (note[i - 2] == '\n' && note[i - 1] == '\n') {
            return i - 1;
        }
    }
    return 0;
}

size_t note_text_len(const char *note, size_t len)
{
    return len <= NOTE_SIZE_MAX && note_text_valid(note, len) ? note_text_end(note, len) : 0;
}

/* "U+2014 name base64", without its newline. */
static enum err_code line_parse(const char *s, size_t len, struct buf *bytes,
                                struct note_line *out)
{
    const size_t dash_len = sizeof(NOTE_DASH) - 1;
    const char *name = s + dash_len;
    const char *space = NULL;
    size_t at = 0;

    if (len < dash_len || memcmp(s, NOTE_DASH, dash_len) != 0) {
        return ERR_PARSE;
    }
    space = memchr(name, ' ', len - dash_len);
    if (space == NULL || !note_name_valid(name, (size_t)(space - name))) {
        return ERR_PARSE;
    }
    memcpy(out->name, name, (size_t)(space - name));
    out->name[space - name] = '\0';
    at = (size_t)(space + 1 - s);
    TRY(base64_decode(s + at, len - at, bytes, NULL));
    if (bytes->len <= NOTE_ID_SIZE) {
        return ERR_PARSE;
    }
    memcpy(out->id, bytes->data, NOTE_ID_SIZE);
    buf_clear(&out->sig);
    buf_add(&out->sig, bytes->data + NOTE_ID_SIZE, bytes->len - NOTE_ID_SIZE);
    return out->sig.failed ? ERR_NOMEM : ERR_OK;
}

enum err_code note_line_next(const char *note, size_t len, size_t *at, struct note_line *out,
                             bool *more, struct err *e)
{
    const char *end = *at < len ? memchr(note + *at, '\n', len - *at) : NULL;
    struct buf bytes;
    enum err_code rc = ERR_PARSE;

    *more = *at < len;
    if (!*more) {
        return ERR_OK;
    }
    buf_init(&bytes, NOTE_SIZE_MAX);
    out->text = note + *at;
    if (end != NULL) {
        out->text_len = (size_t)(end - out->text) + 1;
        rc = line_parse(out->text, out->text_len - 1, &bytes, out);
        *at += out->text_len;
    }
    buf_release(&bytes);
    if (rc == ERR_OK) {
        return ERR_OK;
    }
    return rc == ERR_PARSE ? err_set(e, rc, _("A signature line of the note is damaged."))
                           : err_nomem(e);
}

enum err_code note_lines_of(const char *note, size_t len, const char *name, struct buf *out,
                            struct err *e)
{
    struct note_line l = {.text = NULL};
    size_t text_len = note_text_len(note, len);
    size_t at = text_len + 1;
    bool more = true;
    enum err_code code = ERR_OK;
    buf_add(out, note, text_len);
    buf_addc(out, '\n');
    buf_init(&l.sig, NOTE_SIZE_MAX);
    while (code == ERR_OK && more) {
        code = note_line_next(note, len, &at, &l, &more, e);
        if (code == ERR_OK && more && strcmp(l.name, name) == 0) {
            buf_add(out, l.text, l.text_len);
        }
    }
    buf_release(&l.sig);
    return code == ERR_OK ? buf_status(out, _("signed note"), e) : code;
}

size_t note_line_count(const char *note, size_t len)
{
    size_t count = 0;
    for (size_t at = note_text_len(note, len) + 1; at < len; at++) {
        count += note[at] == '\n' ? 1 : 0;
    }
    return count;
}

void note_key_id(const char *name, uint8_t type, const uint8_t public_key[NOTE_PUBLIC_SIZE],
                 uint8_t out[NOTE_ID_SIZE])
{
    uint8_t bytes[NOTE_NAME_MAX + 2 + NOTE_PUBLIC_SIZE];
    size_t len = strlen(name);
    struct hash h;

    memcpy(bytes, name, len);
    bytes[len++] = '\n';
    bytes[len++] = type;
    memcpy(bytes + len, public_key, NOTE_PUBLIC_SIZE);
    sha256(bytes, len + NOTE_PUBLIC_SIZE, &h);
    memcpy(out, h.b, NOTE_ID_SIZE);
}
