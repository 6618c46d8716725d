#include <config.h>

#include "crypto/witness_request.h"

#include <string.h>

#include "base/i18n.h"

enum err_code witness_request_write(const struct witness_request *r, struct buf *out,
                                    struct err *e)
{
    CHECK(r->path_len <= MERKLE_PATH_MAX && r->old_size <= INT64_MAX);
    if (r->path_len > WITNESS_PATH_MAX) {
        return err_set(e, ERR_LIMIT, _("A consistency proof has at most %d hashes."),
                       WITNESS_PATH_MAX);
    }
    buf_adds(out, "old ");
    buf_add_int(out, (int64_t)r->old_size);
    buf_addc(out, '\n');
    for (size_t i = 0; i < r->path_len; i++) {
        buf_add_base64(out, r->path[i].b, HASH_SIZE);
        buf_addc(out, '\n');
    }
    buf_addc(out, '\n');
    buf_add(out, r->note, r->note_len);
    return buf_status(out, _("request to a witness"), e);
}

/* "old 1234": decimal, without leading zeros, at most 2^63-1. */
static bool old_parse(const char *line, size_t len, uint64_t *out)
{
    uint64_t v = 0;
    if (len < 5 || len > 4 + 19 || memcmp(line, "old ", 4) != 0 ||
        (line[4] == '0' && len > 5)) {
        return false;
    }
    for (size_t i = 4; i < len; i++) { /* 19 digits fit */
        if (line[i] < '0' || line[i] > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(line[i] - '0');
    }
    *out = v;
    return v <= INT64_MAX;
}

static enum err_code hash_parse(const char *line, size_t len, struct hash *out)
{
    struct buf b;
    buf_init(&b, 64);
    enum err_code code = len <= 64 ? base64_decode(line, len, &b, NULL) : ERR_PARSE;
    if (code == ERR_OK && b.len != HASH_SIZE) {
        code = ERR_PARSE;
    }
    if (code == ERR_OK) {
        memcpy(out->b, b.data, HASH_SIZE);
    }
    buf_release(&b);
    return code == ERR_LIMIT ? ERR_PARSE : code;
}

static enum err_code line_bad(unsigned line, struct err *e)
{
    return err_set(
        e, ERR_PARSE,
        _("line %u: this is not a request to a witness: \"old SIZE\", up to %d hashes "
          "in base64, an empty line, a signed checkpoint"),
        line, WITNESS_PATH_MAX);
}

/* A line of the proof, or the empty one behind it (*end). */
static enum err_code proof_line(struct witness_request *r, const char *line, size_t len,
                                bool *end, struct err *e)
{
    *end = len == 0;
    if (*end) {
        return ERR_OK;
    }
    if (r->path_len == WITNESS_PATH_MAX || r->old_size == 0) {
        return line_bad((unsigned)r->path_len + 2, e);
    }
    enum err_code code = hash_parse(line, len, &r->path[r->path_len]);
    if (code == ERR_PARSE) {
        return line_bad((unsigned)r->path_len + 2, e);
    }
    if (code != ERR_OK) {
        return err_nomem(e);
    }
    r->path_len++;
    return ERR_OK;
}

enum err_code witness_request_parse(const char *text, size_t len, struct witness_request *out,
                                    struct err *e)
{
    const char *line = text;
    const char *last = text + len;
    const char *newline = memchr(text, '\n', len);
    bool end = false;
    memset(out, 0, sizeof *out);
    if (newline == NULL || !old_parse(line, (size_t)(newline - line), &out->old_size)) {
        return line_bad(1, e);
    }
    while (!end) {
        line = newline + 1;
        newline = memchr(line, '\n', (size_t)(last - line));
        if (newline == NULL) {
            return line_bad((unsigned)out->path_len + 2, e);
        }
        TRY(proof_line(out, line, (size_t)(newline - line), &end, e));
    }
    out->note = newline + 1;
    out->note_len = (size_t)(last - out->note);
    return out->note_len > 0 ? ERR_OK : line_bad((unsigned)out->path_len + 3, e);
}
