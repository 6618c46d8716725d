/* The file's lines, each ended:
 *
 *   aforo-verified 1
 *   office SJ01
 *   checked 1793628000000            when, ms UTC
 *   size 1234                        entries
 *   time 1793628000123               of the last entry, ms UTC
 *   leaf HEX                         of the last entry
 *   edge 1 HEX                       the right edge of the tree: level and root
 *   key HEX OWNER PURPOSE FROM TO BASE64   id, whose, what for, first and last position
 *                                    (- while valid), public key
 *   sha256 HEX                       of all bytes above
 */
#include <config.h>

#include "ledger/verified.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

static const char first_line[] = "aforo-verified 1\n";

static void add_hash(struct buf *out, const struct hash *h)
{
    buf_addc(out, ' ');
    buf_add_hex(out, h->b, HASH_SIZE);
}

static void print_key(const struct key_span *s, struct buf *out)
{
    buf_adds(out, "key");
    add_hash(out, &s->id);
    buf_addf(out, " %s %s %" PRId64 " ", s->owner, key_purpose_name(s->purpose), s->from);
    if (s->to == INT64_MAX) {
        buf_addc(out, '-');
    } else {
        buf_add_int(out, s->to);
    }
    buf_addc(out, ' ');
    buf_add_base64(out, s->spki, s->spki_len);
    buf_addc(out, '\n');
}

static void print_chain(const struct chain *c, int64_t at_ms, struct buf *out)
{
    struct hash sum;
    buf_adds(out, first_line);
    buf_addf(out, "office %s\nchecked %" PRId64 "\nsize %" PRIu64 "\ntime %" PRId64 "\nleaf",
             c->office, at_ms, c->tree.size, c->time_ms);
    add_hash(out, &c->leaf);
    buf_addc(out, '\n');
    for (unsigned i = 0; i < MERKLE_PATH_MAX; i++) {
        if ((c->tree.size >> i & 1) != 0) {
            buf_addf(out, "edge %u", i);
            add_hash(out, &c->tree.edge[i]);
            buf_addc(out, '\n');
        }
    }
    for (size_t i = 0; i < c->keys.count; i++) {
        print_key(&c->keys.spans[i], out);
    }
    sha256(buf_str(out), out->len, &sum);
    buf_adds(out, "sha256");
    add_hash(out, &sum);
    buf_addc(out, '\n');
}

/* ---- reading: a cursor over the text; every taker returns false where the text is something
 * else --------- */

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) {
        return false;
    }
    c->at += n;
    return true;
}

static bool take_number(struct cursor *c, int64_t *out)
{
    const char *start = c->at;
    int64_t v = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *c->at - '0', &v)) {
            return false;
        }
        c->at++;
    }
    *out = v;
    return c->at > start;
}

static bool take_digest(struct cursor *c, struct hash *out)
{
    if (c->end - c->at < 2 * HASH_SIZE ||
        !hex_decode(c->at, (size_t)2 * HASH_SIZE, out->b, HASH_SIZE)) {
        return false;
    }
    c->at += 2 * HASH_SIZE;
    return true;
}

/* Up to the next `stop`, which is taken too; at most size - 1 bytes. */
static bool take_word(struct cursor *c, char stop, char *out, size_t size)
{
    const char *end = memchr(c->at, stop, (size_t)(c->end - c->at));
    size_t len = end == NULL ? size : (size_t)(end - c->at);
    if (len >= size) {
        return false;
    }
    memcpy(out, c->at, len);
    out[len] = '\0';
    c->at = end + 1;
    return true;
}

static bool take_head(struct cursor *c, struct chain *out, int64_t *at_ms)
{
    int64_t size = 0;
    bool ok = take(c, first_line) && take(c, "office ") &&
              take_word(c, '\n', out->office, sizeof out->office) && take(c, "checked ") &&
              take_number(c, at_ms) && take(c, "\nsize ") && take_number(c, &size) &&
              take(c, "\ntime ") && take_number(c, &out->time_ms) && take(c, "\nleaf ") &&
              take_digest(c, &out->leaf) && take(c, "\n");
    out->tree.size = (uint64_t)size;
    return ok;
}

static bool take_edges(struct cursor *c, struct chain *out)
{
    for (unsigned i = 0; i < MERKLE_PATH_MAX; i++) {
        int64_t level = 0;
        if ((out->tree.size >> i & 1) != 0 &&
            !(take(c, "edge ") && take_number(c, &level) && level == (int64_t)i &&
              take(c, " ") && take_digest(c, &out->tree.edge[i]) && take(c, "\n"))) {
            return false;
        }
    }
    return true;
}

static enum err_code take_key(struct cursor *c, struct chain *out, bool *ok, struct err *e)
{
    struct hash id;
    struct buf der;
    char owner[KEY_OWNER_MAX + 1];
    char purpose[16];
    char text[1024];
    int64_t from = 0;
    int64_t to = INT64_MAX;
    *ok = take(c, "key ") && take_digest(c, &id) && take(c, " ") &&
          take_word(c, ' ', owner, sizeof owner) &&
          take_word(c, ' ', purpose, sizeof purpose) &&
          key_purpose_find(purpose) != KEY_PURPOSES && take_number(c, &from) && take(c, " ") &&
          (take(c, "-") || take_number(c, &to)) && take(c, " ") &&
          take_word(c, '\n', text, sizeof text);
    if (!*ok) {
        return ERR_OK;
    }
    buf_init(&der, 1024);
    enum err_code code = base64_decode(text, strlen(text), &der, e);
    if (code == ERR_OK) {
        code = keyring_add(&out->keys, &id, owner, key_purpose_find(purpose), der.data, der.len,
                           from, to, e);
    }
    buf_release(&der);
    *ok = code == ERR_OK;
    return code == ERR_PARSE || code == ERR_TAMPERED ? ERR_OK : code;
}

enum err_code verified_parse(const char *text, size_t len, struct chain *c, int64_t *at_ms,
                             struct err *e)
{
    struct cursor at = {text, text + len};
    struct hash sum;
    struct hash told;
    bool ok = take_head(&at, c, at_ms) && take_edges(&at, c);
    while (ok && at.at < at.end && *at.at == 'k') {
        TRY(take_key(&at, c, &ok, e));
    }
    sha256(text, (size_t)(at.at - text), &sum);
    ok = ok && take(&at, "sha256 ") && take_digest(&at, &told) && take(&at, "\n") &&
         at.at == at.end && hash_equal(&sum, &told);
    return ok ? ERR_OK : err_set(e, ERR_TAMPERED, _("it is damaged, or was edited"));
}

static enum err_code read_all(int fd, const char *path, struct buf *out, struct err *e)
{
    ssize_t n = 1;
    while (n > 0 && !out->failed) {
        char *at = buf_reserve(out, 65536);
        n = at == NULL ? 0 : read(fd, at, 65536);
        if (n < 0) {
            return err_errno(e, _("cannot read %s"), path);
        }
        out->len += (size_t)n;
    }
    return buf_status(out, path, e);
}

enum err_code verified_read(const char *path, struct chain *c, int64_t *at_ms, bool *found,
                            struct err *e)
{
    struct buf text;
    *found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        struct err why = ERR_INIT;
        enum err_code code = err_errno(&why, _("cannot read %s"), path);
        return code == ERR_NOT_FOUND ? ERR_OK : err_set(e, code, "%s", why.text);
    }
    buf_init(&text, VERIFIED_BYTES_MAX);
    enum err_code code = read_all(fd, path, &text, e);
    (void)close(fd);
    if (code == ERR_OK) {
        code = verified_parse(buf_str(&text), text.len, c, at_ms, e);
        *found = code == ERR_OK;
    }
    if (code == ERR_TAMPERED) {
        (void)err_wrap(e, "%s", path);
    }
    if (code != ERR_OK) {
        chain_release(c);
        chain_init(c);
    }
    buf_release(&text);
    return code;
}

static enum err_code write_all(int fd, const struct buf *text)
{
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0) {
            return ERR_IO;
        }
        done += (size_t)n;
    }
    return fsync(fd) == 0 ? ERR_OK : ERR_IO;
}

/* The new name is durable when its folder is. */
static void folder_sync(const char *path)
{
    char dir[4096];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    if (len > 0 && len < sizeof dir) {
        memcpy(dir, path, len);
        dir[len] = '\0';
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            (void)fsync(fd);
            (void)close(fd);
        }
    }
}

enum err_code verified_write(const char *path, const struct chain *c, int64_t at_ms,
                             struct err *e)
{
    struct buf text;
    struct buf other; /* path of the new file, until it takes the old one's name */
    int fd = -1;
    buf_init(&text, VERIFIED_BYTES_MAX);
    buf_init(&other, 4096);
    print_chain(c, at_ms, &text);
    buf_addf(&other, "%s.%ld", path, (long)getpid());
    enum err_code code = buf_status(&text, path, e);
    if (code == ERR_OK) {
        code = buf_status(&other, path, e);
    }
    if (code == ERR_OK) {
        fd = open(buf_str(&other), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        code = fd < 0 ? err_errno(e, _("cannot write %s"), path) : ERR_OK;
    }
    if (code == ERR_OK && write_all(fd, &text) != ERR_OK) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (fd >= 0 && close(fd) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code == ERR_OK && rename(buf_str(&other), path) != 0) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code == ERR_OK) {
        folder_sync(path);
    } else if (fd >= 0) {
        (void)unlink(buf_str(&other));
    }
    buf_release(&text);
    buf_release(&other);
    return code;
}
