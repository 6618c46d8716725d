#include <config.h>

#include "crypto/checkpoint.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

static bool valid_origin(const char *s, size_t len)
{
    if (len == 0 || len > CHECKPOINT_ORIGIN_MAX || !utf8_valid(s, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < 0x20) {
            return false;
        }
    }
    return true;
}

/* Lines, each ended and none empty; what is in them is opaque. */
static bool valid_extension(const char *s, size_t len)
{
    if (len > 0 && s[len - 1] != '\n') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\n' && (i == 0 || s[i - 1] == '\n')) {
            return false;
        }
    }
    return true;
}

enum err_code checkpoint_write(const struct checkpoint *c, struct buf *out, struct err *e)
{
    if (!valid_origin(c->origin, strnlen(c->origin, sizeof(c->origin))) ||
        !valid_extension(c->extension, c->extension_len)) {
        return err_set(e, ERR_RANGE,
                       _("The origin of a checkpoint is one line of 1 to %d bytes, and its "
                         "extension lines are not empty."),
                       CHECKPOINT_ORIGIN_MAX);
    }
    if (c->size > INT64_MAX) {
        return err_set(e, ERR_RANGE, _("The size of a checkpoint is too large."));
    }
    buf_adds(out, c->origin);
    buf_addc(out, '\n');
    buf_add_int(out, (int64_t)c->size);
    buf_addc(out, '\n');
    buf_add_base64(out, c->root.b, HASH_SIZE);
    buf_addc(out, '\n');
    buf_add(out, c->extension, c->extension_len);
    return buf_status(out, _("checkpoint"), e);
}

/* The next line of *s, which moves over it and its newline. */
static bool take_line(const char **s, size_t *len, const char **line, size_t *line_len)
{
    const char *end = memchr(*s, '\n', *len);

    if (end == NULL) {
        return false;
    }
    *line = *s;
    *line_len = (size_t)(end - *s);
    *len -= *line_len + 1;
    *s = end + 1;
    return true;
}

static enum err_code parse_size(const char *s, size_t len, uint64_t *out)
{
    uint64_t v = 0;

    if (len == 0 || (len > 1 && s[0] == '0')) {
        return ERR_PARSE;
    }
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return ERR_PARSE;
        }
    }
    if (len > 19) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < len; i++) { /* 19 digits fit */
        v = v * 10 + (uint64_t)(s[i] - '0');
    }
    *out = v;
    return v <= INT64_MAX ? ERR_OK : ERR_RANGE;
}

static bool parse_root(const char *s, size_t len, struct hash *out)
{
    struct buf b;
    bool good = false;

    buf_init(&b, 64);
    good = base64_decode(s, len, &b, NULL) == ERR_OK && b.len == HASH_SIZE;
    if (good) {
        memcpy(out->b, b.data, HASH_SIZE);
    }
    buf_release(&b);
    return good;
}

enum err_code checkpoint_parse(const char *text, size_t len, struct checkpoint *out,
                               struct err *e)
{
    const char *line[3] = {NULL, NULL, NULL};
    size_t line_len[3] = {0, 0, 0};
    enum err_code rc = ERR_PARSE;

    if (take_line(&text, &len, &line[0], &line_len[0]) &&
        take_line(&text, &len, &line[1], &line_len[1]) &&
        take_line(&text, &len, &line[2], &line_len[2]) && valid_origin(line[0], line_len[0]) &&
        parse_root(line[2], line_len[2], &out->root) && valid_extension(text, len)) {
        rc = parse_size(line[1], line_len[1], &out->size);
    }
    if (rc == ERR_RANGE) {
        return err_set(e, rc, _("The size of the checkpoint is too large."));
    }
    if (rc != ERR_OK) {
        return err_set(
            e, rc, _("This is not a checkpoint: a line each with origin, size and root hash."));
    }
    memcpy(out->origin, line[0], line_len[0]);
    out->origin[line_len[0]] = '\0';
    out->extension = len > 0 ? text : NULL;
    out->extension_len = len;
    return ERR_OK;
}

enum err_code checkpoint_sign(const struct checkpoint *c, const struct note_key *k,
                              struct buf *out, struct err *e)
{
    struct buf text;
    enum err_code rc = ERR_OK;

    if (strcmp(c->origin, note_key_name(k)) != 0) {
        return err_set(e, ERR_RANGE,
                       _("A checkpoint of %s cannot be signed with the key of %s."), c->origin,
                       note_key_name(k));
    }
    buf_init(&text, NOTE_SIZE_MAX);
    rc = checkpoint_write(c, &text, e);
    if (rc == ERR_OK) {
        rc = note_sign(text.data, text.len, k, out, e);
    }
    buf_release(&text);
    return rc;
}

enum err_code checkpoint_open(const char *note, size_t len, const struct note_verifier *log,
                              struct checkpoint *out, struct err *e)
{
    struct note_verified verified;

    TRY(note_verify(note, len, &log, 1, &verified, e));
    TRY(checkpoint_parse(note, verified.text_len, out, e));
    if (strcmp(out->origin, note_verifier_name(log)) != 0) {
        return err_set(e, ERR_TAMPERED, _("The checkpoint signed by %s is of another log, %s."),
                       note_verifier_name(log), out->origin);
    }
    return ERR_OK;
}
