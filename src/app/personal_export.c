/* What an office holds of a person, in one JSON document (data portability). */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/attach.h"
#include "app/files.h"
#include "app/personal.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/json.h"
#include "ledger/items.h"

#define CHUNK_BYTES_MAX ((size_t)64 << 20)
/* Entries that name one value: the one that recorded it, and those that printed it. */
#define NAMED_MAX 64
#define VALUES_MAX 100000

/* A commitment, and the entries in which it stands. */
struct named {
    struct hash hash;
    size_t count;
    int64_t seq[NAMED_MAX];
};

struct person_export {
    struct office *o;
    int64_t customer;
    const struct progress *progress;
    FILE *file;
    struct buf out;
    struct named *named; /* sorted by hash */
    size_t named_count, named_size;
    int64_t seq; /* entry that is searched */
};

static enum err_code flush(struct person_export *x, struct err *e)
{
    TRY(buf_status(&x->out, _("personal data"), e));
    if (fwrite(x->out.data, 1, x->out.len, x->file) != x->out.len) {
        return err_errno(e, _("cannot write the file"));
    }
    buf_clear(&x->out);
    return ERR_OK;
}

/* ---- which entries name a value ---- */

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct named *)a)->hash.b, ((const struct named *)b)->hash.b,
                  HASH_SIZE);
}

static enum err_code named_collect(struct person_export *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(x->o->db, &q, e, personal_of_customer_sql,
                 VALS(V_INT(x->customer), V_TEXT("all"))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        struct named *all =
            x->named_count < VALUES_MAX
                ? mem_grow(x->named, x->named_count, &x->named_size, sizeof all[0])
                : NULL;
        if (all == NULL) {
            code = err_nomem(e);
            break;
        }
        x->named = all;
        struct named *n = &x->named[x->named_count++];
        n->count = 0;
        memcpy(n->hash.b, stmt_blob(q, 3, &len), HASH_SIZE);
    }
    stmt_done(q);
    if (x->named_count > 0) {
        qsort(x->named, x->named_count, sizeof x->named[0], by_hash);
    }
    return code;
}

/* A string of 64 hexadecimal digits that is one of the commitments can only be it. */
static void names_mark(struct person_export *x, const char *text, size_t len)
{
    const size_t digits = (size_t)2 * HASH_SIZE;
    const char *end = text + len;
    for (const char *at = memchr(text, '"', len); at != NULL && (size_t)(end - at) > digits + 1;
         at = memchr(at + 1, '"', (size_t)(end - at - 1))) {
        struct named key;
        if (at[digits + 1] != '"' || !hex_decode(at + 1, digits, key.hash.b, HASH_SIZE)) {
            continue;
        }
        struct named *n = bsearch(&key, x->named, x->named_count, sizeof key, by_hash);
        if (n != NULL && n->count < NAMED_MAX &&
            (n->count == 0 || n->seq[n->count - 1] != x->seq)) {
            n->seq[n->count++] = x->seq;
        }
    }
}

static enum err_code item_mark(void *ctx, int64_t index, const char *item, size_t len,
                               struct err *e)
{
    (void)index;
    (void)e;
    names_mark(ctx, item, len);
    return ERR_OK;
}

static enum err_code entry_mark(struct person_export *x, const struct stmt *q, struct err *e)
{
    struct val payload = stmt_val(q, 1);
    x->seq = stmt_int(q, 0);
    names_mark(x, payload.data, payload.len);
    if (stmt_int(q, 2) == 0) {
        return ERR_OK;
    }
    struct hash root;
    int64_t count = 0;
    return items_each(x->o->db, x->seq, false, item_mark, x, &root, &count, e);
}

static enum err_code entries_search(struct person_export *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(named_collect(x, e));
    /* Batches of readings and bills name no personal data: only items of meters and customers
     * do. */
    TRY(db_query(x->o->db, &q, e,
                 "SELECT n.seq, n.payload, h.kind IN ('meters.batch', 'records.batch') FROM "
                 "entry n JOIN history h "
                 "ON h.seq = n.seq ORDER BY n.seq",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = entry_mark(x, q, e);
        if (code == ERR_OK && x->seq % 256 == 0 &&
            !progress_step(x->progress, _("searching entries"), (uint64_t)x->seq, 0)) {
            code = err_set(e, ERR_CANCELLED, _("stopped; nothing was written"));
        }
    }
    stmt_done(q);
    return code;
}

/* ---- the document ---- */

static void entries_add(struct person_export *x, const struct hash *hash)
{
    struct named key = {.hash = *hash};
    const struct named *n = x->named_count == 0
                                ? NULL
                                : bsearch(&key, x->named, x->named_count, sizeof key, by_hash);
    buf_adds(&x->out, ",\"entries\":[");
    for (size_t i = 0; n != NULL && i < n->count; i++) {
        buf_addf(&x->out, "%s%" PRId64, i > 0 ? "," : "", n->seq[i]);
    }
    buf_addc(&x->out, ']');
}

static enum err_code value_add(struct person_export *x, const struct stmt *q, bool first,
                               struct err *e)
{
    struct hash hash;
    size_t len = 0;
    struct val value = stmt_val(q, 4);
    memcpy(hash.b, stmt_blob(q, 3, &len), HASH_SIZE);
    buf_adds(&x->out, first ? "\n{\"owner\":" : ",\n{\"owner\":");
    json_add_string(&x->out, stmt_text(q, 0), strlen(stmt_text(q, 0)));
    buf_addf(&x->out, ",\"id\":%" PRId64 ",\"field\":", stmt_int(q, 1));
    json_add_string(&x->out, stmt_text(q, 2), strlen(stmt_text(q, 2)));
    if (value.type == VAL_TEXT) {
        buf_adds(&x->out, ",\"value\":");
        json_add_string(&x->out, value.data, value.len);
    } else { /* an attachment's bytes */
        struct buf bytes;
        uint8_t salt[SALT_SIZE];
        buf_init(&bytes, ATTACHMENT_BYTES_MAX);
        enum err_code code = attachment_content(x->o, stmt_int(q, 1), &bytes, salt, e);
        buf_adds(&x->out, ",\"base64\":\"");
        buf_add_base64(&x->out, buf_str(&bytes), bytes.len);
        buf_addc(&x->out, '"');
        buf_release(&bytes);
        TRY(code);
    }
    buf_adds(&x->out, ",\"commitment\":\"");
    buf_add_hex(&x->out, hash.b, HASH_SIZE);
    buf_addc(&x->out, '"');
    entries_add(x, &hash);
    buf_addc(&x->out, '}');
    return flush(x, e);
}

static enum err_code values_add(struct person_export *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool first = true;
    TRY(db_query(x->o->db, &q, e, personal_of_customer_sql,
                 VALS(V_INT(x->customer), V_TEXT("all"))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = value_add(x, q, first, e);
        first = false;
    }
    stmt_done(q);
    return code;
}

/* Lists that are no personal data by themselves, but are the person's: a query whose columns
 * are the members. ?1: the customer. */
static const struct {
    const char *name, *sql;
} lists[] = {
    {"erased",
     "SELECT owner, id, field, erased AS entry FROM personal_past WHERE owner = 'customer' AND "
     "id = ?1 AND erased IS NOT NULL ORDER BY field, erased"},
    {"accounts",
     "SELECT number, currency, opened, closed FROM account WHERE customer = ?1 ORDER BY id"},
    {"meters",
     "SELECT m.serial, m.kind, a.number AS account, g.tariff, g.start_date AS start, "
     "g.end_date AS \"end\" FROM account a JOIN assignment g ON g.account = a.id JOIN "
     "meter m ON m.id = g.meter WHERE a.customer = ?1 ORDER BY g.id"},
    {"readings",
     "SELECT m.serial, datetime(x.local, 'unixepoch') AS read_at, x.value AS smallest_units, "
     "r.unit, x.state, x.seq AS entry FROM account a JOIN assignment g ON g.account = a.id "
     "JOIN "
     "meter m ON m.id = g.meter JOIN register r ON r.meter = m.id JOIN reading x ON "
     "x.register = r.id AND date(x.local, 'unixepoch') >= g.start_date AND (g.end_date IS NULL "
     "OR date(x.local, 'unixepoch') < g.end_date) WHERE a.customer = ?1 ORDER BY x.id"},
    {"bills",
     "SELECT b.id AS bill, a.number AS account, b.start_date AS start, b.end_date AS "
     "\"end\", b.issued, b.due, b.currency, b.total AS total_minor, b.seq AS entry FROM "
     "account a JOIN bill b ON b.account = a.id WHERE a.customer = ?1 ORDER BY b.id"},
};

static void cell_add(struct buf *out, const struct val *v)
{
    switch (v->type) {
    case VAL_INT:
        buf_add_int(out, v->integer);
        break;
    case VAL_TEXT:
        json_add_string(out, v->data, v->len);
        break;
    case VAL_NULL:
    case VAL_BLOB:
        buf_adds(out, "null");
        break;
    }
}

static enum err_code list_add(struct person_export *x, size_t at, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(x->o->db, &q, e, lists[at].sql, VALS(V_INT(x->customer))));
    enum err_code code = ERR_OK;
    buf_addf(&x->out, ",\n\"%s\":[", lists[at].name);
    for (bool first = true; code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row;
         first = false) {
        buf_adds(&x->out, first ? "\n{" : ",\n{");
        for (int i = 0; i < stmt_columns(q); i++) {
            struct val v = stmt_val(q, i);
            buf_addf(&x->out, "%s\"%s\":", i > 0 ? "," : "", stmt_column_name(q, i));
            cell_add(&x->out, &v);
        }
        buf_addc(&x->out, '}');
        code = flush(x, e);
    }
    stmt_done(q);
    buf_addc(&x->out, ']');
    return code;
}

static enum err_code document_write(struct person_export *x, struct err *e)
{
    buf_adds(&x->out, "{\"format\":\"aforo-personal-1\",\"office\":");
    json_add_string(&x->out, x->o->code, strlen(x->o->code));
    buf_addf(&x->out, ",\"customer\":%" PRId64 ",\n\"values\":[", x->customer);
    TRY(values_add(x, e));
    buf_addc(&x->out, ']');
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        TRY(list_add(x, i, e));
    }
    buf_adds(&x->out, "\n}\n");
    return flush(x, e);
}

static enum err_code export_to(struct person_export *x, const char *path, struct err *e)
{
    struct buf other;
    buf_init(&other, 8192);
    buf_addf(&other, "%s.part", path);
    enum err_code code = buf_status(&other, path, e);
    int fd = code == ERR_OK
                 ? open(buf_str(&other), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
                 : -1;
    x->file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (code == ERR_OK && x->file == NULL) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code == ERR_OK) {
        code = document_write(x, e);
    }
    if (x->file != NULL && fclose(x->file) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code == ERR_OK && rename(buf_str(&other), path) != 0) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code != ERR_OK && fd >= 0) {
        (void)unlink(buf_str(&other));
    }
    buf_release(&other);
    return code;
}

enum err_code personal_export(struct office *o, int64_t customer, const char *path,
                              const struct progress *progress, struct err *e)
{
    struct person_export x = {.o = o, .customer = customer, .progress = progress};
    int64_t one = 0;
    bool found = false;
    buf_init(&x.out, CHUNK_BYTES_MAX);
    TRY(db_get_int(o->db, &one, &found, e, "SELECT 1 FROM customer WHERE id=?",
                   VALS(V_INT(customer))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("there is no customer %" PRId64), customer);
    }
    TRY(db_begin_read(o->db, e)); /* all of it of one moment */
    enum err_code code = entries_search(&x, e);
    if (code == ERR_OK) {
        code = export_to(&x, path, e);
    }
    db_rollback(o->db);
    buf_release(&x.out);
    mem_free(x.named);
    return code;
}
