/* Personal and sealed values stand outside the ledger; their salted commitments stand in it. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/verify_deep.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/export.h"

/* ---- each value is the one committed to
 * ---------------------------------------------------- */

enum kept_check_kind { KEPT_CHANGED, KEPT_UNNAMED };

static void kept_fault(struct audit *a, enum kept_check_kind kind, const char *table,
                       const struct hash *h)
{
    char hex[65];
    hash_hex(h, hex);
    struct audit_fault *f =
        kind == KEPT_CHANGED
            ? audit_add(
                  a, "commitment", 0, -1,
                  _("table %s: a value was changed; it is not the one committed to as %s"),
                  table, hex)
            : audit_add(a, "unnamed_value", 0, -1,
                        _("table %s holds a value that no entry names: %s"), table, hex);
    if (f != NULL) {
        (void)snprintf(f->table, sizeof f->table, "%s", table);
        (void)snprintf(f->key, sizeof f->key, "hash=%s", hex);
    }
}

static enum err_code values_check(struct db *db, const char *table, const char *sql,
                                  struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, sql, NO_VALS));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct val hash = stmt_val(q, 0);
        struct val salt = stmt_val(q, 1);
        struct val value = stmt_val(q, 2);
        struct hash told = {{0}};
        struct hash is = {{0}};
        bool whole = hash.type == VAL_BLOB && hash.len == HASH_SIZE && salt.type == VAL_BLOB &&
                     salt.len == SALT_SIZE && value.type == VAL_TEXT;
        if (whole) {
            memcpy(told.b, hash.data, HASH_SIZE);
            commitment(salt.data, value.data, value.len, &is);
        }
        if (!whole || !hash_equal(&told, &is)) {
            kept_fault(a, KEPT_CHANGED, table, &told);
            break;
        }
        a->kept++;
    }
    stmt_done(q);
    return code;
}

/* ---- none is missing
 * ----------------------------------------------------------------------- */

static const struct commitment_column {
    const char *table, *column, *kept, *missing_sql;
} columns[] = {
#define MISSING(table, column, kept)                                                           \
    {#table, #column, #kept,                                                                   \
     "SELECT t." #column " FROM " #table " t LEFT JOIN " #kept " k ON k.hash = t." #column     \
     " WHERE t." #column " IS NOT NULL AND k.hash IS NULL LIMIT 1"},
#define PERSONAL(table, column) MISSING(table, column, personal)
#define SEALED(table, column) MISSING(table, column, sealed)
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
};

static enum err_code missing_check(struct db *db, const struct commitment_column *c,
                                   struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, c->missing_sql, NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        char hex[65] = "";
        struct hash h = {{0}};
        size_t len = 0;
        const void *blob = stmt_blob(q, 0, &len);
        memcpy(h.b, blob, len < HASH_SIZE ? len : HASH_SIZE);
        hash_hex(&h, hex);
        struct audit_fault *f =
            audit_add(a, "missing_value", 0, -1,
                      _("table %s lacks the value of %s.%s that the ledger commits to as %s"),
                      c->kept, c->table, c->column, hex);
        if (f != NULL) {
            (void)snprintf(f->table, sizeof f->table, "%s", c->kept);
            (void)snprintf(f->column, sizeof f->column, "%s.%s", c->table, c->column);
            (void)snprintf(f->key, sizeof f->key, "hash=%s", hex);
        }
    }
    stmt_done(q);
    return code;
}

/* ---- none is there that nothing names
 * ------------------------------------------------------- */

/* What the projections name now. Of personal values an earlier entry may name others, which
 * were changed since; a sealed key under an old password has no business here. */
static const char unnamed_personal_sql[] = "SELECT hash FROM personal"
#define PERSONAL(table, column) " EXCEPT SELECT " #column " FROM " #table
#define SEALED(table, column)
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
    ;
static const char unnamed_sealed_sql[] = "SELECT hash FROM sealed"
#define PERSONAL(table, column)
#define SEALED(table, column) " EXCEPT SELECT " #column " FROM " #table
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
    ;

/* A value that waits for an entry to name it. */
struct unnamed {
    struct hash hash;
    bool named;
};
struct unnamed_list {
    struct unnamed *all; /* sorted by hash */
    size_t count, size;
};

static int by_hash(const void *x, const void *y)
{
    return memcmp(((const struct unnamed *)x)->hash.b, ((const struct unnamed *)y)->hash.b,
                  HASH_SIZE);
}

static enum err_code unnamed_add(struct unnamed_list *l, const struct val *hash, struct err *e)
{
    if (l->count == l->size) {
        size_t size = l->size == 0 ? 64 : l->size * 2;
        struct unnamed *all = mem_realloc_array(l->all, size, sizeof all[0]);
        if (all == NULL) {
            return err_nomem(e);
        }
        l->all = all;
        l->size = size;
    }
    struct unnamed *u = &l->all[l->count++];
    *u = (struct unnamed){.named = false};
    memcpy(u->hash.b, hash->data, hash->len < HASH_SIZE ? hash->len : HASH_SIZE);
    return ERR_OK;
}

static enum err_code unnamed_read(struct db *db, const char *sql, struct unnamed_list *l,
                                  struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, sql, NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct val hash = stmt_val(q, 0);
        code = unnamed_add(l, &hash, e);
    }
    stmt_done(q);
    return code;
}

/* Mark what stands as a string of 64 hexadecimal digits in a payload or an item. Such a string
 * can only be the commitment of a value whose hash it is. */
static void names_mark(struct unnamed_list *l, const char *text, size_t len)
{
    const size_t digits = (size_t)2 * HASH_SIZE;
    const char *end = text + len;
    for (const char *at = memchr(text, '"', len); at != NULL && (size_t)(end - at) > digits;
         at = memchr(at + 1, '"', (size_t)(end - at - 1))) {
        struct unnamed key;
        if (at[digits + 1] == '"' && hex_decode(at + 1, digits, key.hash.b, HASH_SIZE)) {
            struct unnamed *u = bsearch(&key, l->all, l->count, sizeof key, by_hash);
            if (u != NULL) {
                u->named = true;
            }
        }
    }
}

static enum err_code record_mark(struct unnamed_list *l, const struct export_record *rec,
                                 struct buf *payload, struct err *e)
{
    struct dsse d;
    if (rec->type == EXPORT_ITEM) {
        names_mark(l, rec->data, rec->len);
    } else if (rec->type == EXPORT_ENTRY) {
        buf_clear(payload);
        TRY(dsse_parse(rec->data, rec->len, &d, payload, e));
        names_mark(l, buf_str(payload), payload->len);
    }
    return ERR_OK;
}

static enum err_code export_mark(struct unnamed_list *l, const char *export_path, struct err *e)
{
    struct export_reader r;
    struct export_record rec = {EXPORT_ENTRY, NULL, 0};
    struct buf payload;
    FILE *in = fopen(export_path, "rbe");
    if (in == NULL) {
        return err_errno(e, _("cannot read %s"), export_path);
    }
    buf_init(&payload, DSSE_ENVELOPE_MAX);
    enum err_code code = export_open(&r, in, e);
    while (code == ERR_OK && rec.type != EXPORT_END) {
        code = export_next(&r, &rec, e);
        if (code == ERR_OK) {
            code = record_mark(l, &rec, &payload, e);
        }
    }
    export_close(&r);
    buf_release(&payload);
    (void)fclose(in);
    return code;
}

static enum err_code unnamed_personal(struct db *db, const char *export_path, struct audit *a,
                                      struct err *e)
{
    struct unnamed_list l = {0};
    enum err_code code = unnamed_read(db, unnamed_personal_sql, &l, e);
    if (code == ERR_OK && l.count > 0) {
        qsort(l.all, l.count, sizeof l.all[0], by_hash);
        code = export_mark(&l, export_path, e);
    }
    for (size_t i = 0; code == ERR_OK && i < l.count; i++) {
        if (!l.all[i].named) {
            kept_fault(a, KEPT_UNNAMED, "personal", &l.all[i].hash);
            break;
        }
    }
    mem_free(l.all);
    return code;
}

static enum err_code unnamed_sealed(struct db *db, struct audit *a, struct err *e)
{
    struct unnamed_list l = {0};
    enum err_code code = unnamed_read(db, unnamed_sealed_sql, &l, e);
    if (code == ERR_OK && l.count > 0) {
        kept_fault(a, KEPT_UNNAMED, "sealed", &l.all[0].hash);
    }
    mem_free(l.all);
    return code;
}

enum err_code kept_check(struct db *db, const char *export_path, struct audit *a, struct err *e)
{
    TRY(values_check(db, "personal", "SELECT hash, salt, value FROM personal ORDER BY hash", a,
                     e));
    TRY(values_check(db, "sealed", "SELECT hash, salt, value FROM sealed ORDER BY hash", a, e));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        TRY(missing_check(db, &columns[i], a, e));
    }
    TRY(unnamed_sealed(db, a, e));
    return unnamed_personal(db, export_path, a, e);
}
