#include <config.h>

#include "app/erasures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/files.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/quantity.h"

#define HEADING "aforo erasures 1\n"
#define LIST_BYTES_MAX ((size_t)256 << 20)
#define LIST_MAX ((size_t)2 << 20)

void erasures_release(struct erasures *l)
{
    mem_free(l->all);
    *l = (struct erasures){0};
}

static int order(const void *x, const void *y)
{
    const struct erasure *a = x;
    const struct erasure *b = y;
    int by = memcmp(a->hash.b, b->hash.b, HASH_SIZE);
    by = by != 0 ? by : strcmp(a->owner, b->owner);
    by = by != 0 ? by : (a->id > b->id) - (a->id < b->id);
    return by != 0 ? by : strcmp(a->field, b->field);
}

static enum err_code add(struct erasures *l, const struct erasure *one, struct err *e)
{
    if (l->count == LIST_MAX) {
        return err_set(e, ERR_LIMIT, _("the list of erasures has more than %zu lines"),
                       LIST_MAX);
    }
    struct erasure *all = mem_grow(l->all, l->count, &l->size, sizeof all[0]);
    if (all == NULL) {
        return err_nomem(e);
    }
    l->all = all;
    l->all[l->count++] = *one;
    return ERR_OK;
}

/* Each once: of two that name the same value the first entry stays. */
static void tidy(struct erasures *l)
{
    size_t kept = 0;
    if (l->count == 0) {
        return;
    }
    qsort(l->all, l->count, sizeof l->all[0], order);
    for (size_t i = 1; i < l->count; i++) {
        if (order(&l->all[kept], &l->all[i]) != 0) {
            l->all[++kept] = l->all[i];
        } else if (l->all[i].seq < l->all[kept].seq) {
            l->all[kept].seq = l->all[i].seq;
        }
    }
    l->count = kept + 1;
}

/* One word of a line, up to the space or the line's end. */
static bool word(const char **at, const char *end, char *out, size_t size)
{
    size_t len = 0;
    while (*at + len < end && (*at)[len] != ' ') {
        len++;
    }
    if (len == 0 || len >= size || memchr(*at, '\0', len) != NULL) {
        return false;
    }
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len;
    if (*at < end) {
        (*at)++;
    }
    return true;
}

static bool number(const char **at, const char *end, int64_t *out)
{
    char text[24];
    struct decimal d;
    if (!word(at, end, text, sizeof text) || decimal_parse(text, strlen(text), &d, NULL) != 0 ||
        d.scale != 0 || d.mantissa < 0) {
        return false;
    }
    *out = d.mantissa;
    return true;
}

static bool name_fits(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyz_") == strlen(s);
}

static bool line_parse(const char *at, const char *end, struct erasure *out)
{
    char hex[65];
    return number(&at, end, &out->seq) && word(&at, end, out->owner, sizeof out->owner) &&
           name_fits(out->owner) && number(&at, end, &out->id) &&
           word(&at, end, out->field, sizeof out->field) && name_fits(out->field) &&
           word(&at, end, hex, sizeof hex) && strlen(hex) == 64 &&
           hex_decode(hex, 64, out->hash.b, HASH_SIZE) && at == end;
}

enum err_code erasures_parse(struct erasures *l, const char *text, size_t len, const char *what,
                             struct err *e)
{
    const size_t heading = sizeof HEADING - 1;
    const char *end = text + len;
    if (len < heading || memcmp(text, HEADING, heading) != 0) {
        return err_set(e, ERR_PARSE, _("%s is no list of erasures"), what);
    }
    uint64_t line = 2;
    for (const char *at = text + heading; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct erasure one = {0};
        if (stop == NULL || !line_parse(at, stop, &one)) {
            return err_set(e, ERR_PARSE,
                           _("%s, line %" PRIu64 ": not \"ENTRY OWNER ID FIELD HASH\""), what,
                           line);
        }
        TRY(add(l, &one, e));
        at = stop + 1;
    }
    tidy(l);
    return ERR_OK;
}

enum err_code erasures_read(struct erasures *l, const char *path, struct err *e)
{
    struct buf text;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return ERR_OK;
    }
    buf_init(&text, LIST_BYTES_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = erasures_parse(l, buf_str(&text), text.len, path, e);
    }
    buf_release(&text);
    return code;
}

enum err_code erasures_of_db(struct erasures *l, struct db *db, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e,
                 "SELECT erased, owner, id, field, hash FROM personal_past WHERE erased IS NOT "
                 "NULL",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct erasure one = {.seq = stmt_int(q, 0), .id = stmt_int(q, 2)};
        size_t len = 0;
        const void *hash = stmt_blob(q, 4, &len);
        const char *owner = stmt_text(q, 1);
        const char *field = stmt_text(q, 3);
        if (len != HASH_SIZE || strlen(owner) > ERASURE_NAME_MAX ||
            strlen(field) > ERASURE_NAME_MAX) {
            code = err_set(e, ERR_TAMPERED,
                           _("table %s: a row cannot be read; run: aforo "
                             "verify --deep"),
                           "personal_past");
            break;
        }
        memcpy(one.hash.b, hash, HASH_SIZE);
        memcpy(one.owner, owner, strlen(owner) + 1);
        memcpy(one.field, field, strlen(field) + 1);
        code = add(l, &one, e);
    }
    stmt_done(q);
    tidy(l);
    return code;
}

enum err_code erasures_write(const struct erasures *l, const char *path, struct err *e)
{
    struct buf out;
    buf_init(&out, LIST_BYTES_MAX);
    buf_adds(&out, HEADING);
    for (size_t i = 0; i < l->count; i++) {
        const struct erasure *x = &l->all[i];
        buf_addf(&out, "%" PRId64 " %s %" PRId64 " %s ", x->seq, x->owner, x->id, x->field);
        buf_add_hex(&out, x->hash.b, HASH_SIZE);
        buf_addc(&out, '\n');
    }
    enum err_code code = buf_status(&out, path, e);
    if (code == ERR_OK) {
        code = file_replace(path, out.data, out.len, e);
    }
    buf_release(&out);
    return code;
}
