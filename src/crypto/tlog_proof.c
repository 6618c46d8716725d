#include <config.h>

#include "crypto/tlog_proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1\n"
#define HASH_BASE64 44

void tlog_proof_write(const struct tlog_proof *p, struct buf *out)
{
    buf_adds(out, FIRST_LINE);
    buf_addf(out, "index %" PRIu64 "\n", p->index);
    for (size_t i = 0; i < p->path_len; i++) {
        buf_add_base64(out, p->path[i].b, HASH_SIZE);
        buf_addc(out, '\n');
    }
    buf_addc(out, '\n');
}

static enum err_code bad_line(struct err *e, size_t line)
{
    return err_set(e, ERR_PARSE,
                   _("line %zu of the inclusion proof is not as c2sp.org/tlog-proof@v1 asks"),
                   line);
}

/* "index N", N without leading zeros and below 2^63. */
static bool parse_index(const char *line, size_t len, uint64_t *out)
{
    char again[32];
    *out = 0;
    if (len < 7 || len > 25 || memcmp(line, "index ", 6) != 0) {
        return false;
    }
    for (size_t i = 6; i < len; i++) {
        if (line[i] < '0' || line[i] > '9' || *out > (uint64_t)INT64_MAX / 10) {
            return false;
        }
        *out = *out * 10 + (uint64_t)(line[i] - '0');
    }
    int n = snprintf(again, sizeof again, "index %" PRIu64, *out);
    return *out <= (uint64_t)INT64_MAX && n == (int)len && memcmp(again, line, len) == 0;
}

static bool parse_node(const char *line, size_t len, struct hash *out)
{
    struct buf b;
    struct err ignored = ERR_INIT;
    buf_init(&b, HASH_SIZE + 1);
    bool ok = len == HASH_BASE64 && base64_decode(line, len, &b, &ignored) == ERR_OK &&
              b.len == HASH_SIZE;
    if (ok) {
        memcpy(out->b, b.data, HASH_SIZE);
    }
    buf_release(&b);
    return ok;
}

enum err_code tlog_proof_parse(const char *text, size_t len, struct tlog_proof *out,
                               struct err *e)
{
    size_t first = strlen(FIRST_LINE);
    size_t line = 2;
    out->path_len = 0;
    if (len < first || memcmp(text, FIRST_LINE, first) != 0) {
        return bad_line(e, 1);
    }
    for (size_t at = first; at < len; line++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end == NULL ? 0 : (size_t)(end - (text + at));
        if (end == NULL || (line == 2 && !parse_index(text + at, n, &out->index))) {
            return bad_line(e, line);
        }
        if (line > 2 && n == 0) { /* the empty line is the last */
            return at + 1 == len ? ERR_OK : bad_line(e, line + 1);
        }
        if (line > 2 && (out->path_len == MERKLE_PATH_MAX ||
                         !parse_node(text + at, n, &out->path[out->path_len++]))) {
            return bad_line(e, line);
        }
        at += n + 1;
    }
    return bad_line(e, line);
}
