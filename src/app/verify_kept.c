/* Personal and sealed values stand outside the ledger; their salted commitments stand in it. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/verify_deep.h"
#include "base/i18n.h"
#include "base/text.h"

/* Rows are read as (owner, id, field, hash, salt, value); sealed ones have no owner. */
static struct audit_fault *kept_fault(struct audit *a, const char *check, const char *table,
                                      const struct stmt *q, const char *sentence)
{
    char hex[65];
    char owner[72] = "";
    char key[AUDIT_VALUE_MAX];
    struct hash h = {{0}};
    struct val hash = stmt_val(q, 3);
    if (hash.len > 0) { /* an edited row may have NULL there */
        memcpy(h.b, hash.data, hash.len < HASH_SIZE ? hash.len : HASH_SIZE);
    }
    hash_hex(&h, hex);
    if (!stmt_is_null(q, 0)) {
        char name[48];
        struct val v = stmt_val(q, 0);
        text_sanitize_to(v.data, v.len, name, sizeof name);
        (void)snprintf(owner, sizeof owner, "%s %" PRId64, name, stmt_int(q, 1));
    }
    (void)snprintf(key, sizeof key, "%s%shash=%s", owner, owner[0] != '\0' ? ", " : "", hex);
    /* The sentence names the table; what follows is only for finding the row. */
    struct audit_fault *f =
        audit_add(a, check, 0, -1, _("table %s: %s (%s)"), table, sentence, key);
    if (f != NULL) {
        (void)snprintf(f->table, sizeof f->table, "%s", table);
        memcpy(f->key, key, sizeof f->key);
    }
    return f;
}

/* ---- each value is the one committed to ---- */

static enum err_code values_check(struct db *db, const char *table, const char *sql,
                                  struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, sql, NO_VALS));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct val hash = stmt_val(q, 3);
        struct val salt = stmt_val(q, 4);
        struct val value = stmt_val(q, 5);
        struct hash told = {{0}};
        struct hash is = {{0}};
        bool whole = hash.type == VAL_BLOB && hash.len == HASH_SIZE && salt.type == VAL_BLOB &&
                     salt.len == SALT_SIZE &&
                     (value.type == VAL_TEXT || value.type == VAL_BLOB);
        if (whole) {
            memcpy(told.b, hash.data, HASH_SIZE);
            commitment(salt.data, value.data, value.len, &is);
        }
        if (!whole || !hash_equal(&told, &is)) {
            (void)kept_fault(a, "commitment", table, q,
                             _("a value was changed; it is not the one committed to"));
            break;
        }
        a->kept++;
    }
    stmt_done(q);
    return code;
}

/* ---- none is missing, but what an entry erased ---- */

#define PAST_ERASED(table, key, column)                                                        \
    "EXISTS (SELECT 1 FROM personal_past x WHERE x.owner = '" #table "' AND x.id = t." #key    \
    " AND x.field = '" #column "' AND x.hash = t." #column " AND x.erased IS NOT NULL)"

static const struct commitment_column {
    const char *table, *column, *kept, *missing_sql;
} columns[] = {
#define PERSONAL(table, key, column)                                                           \
    {#table, #column, "personal",                                                              \
     "SELECT '" #table "', t." #key ", '" #column "', t." #column " FROM " #table              \
     " t LEFT JOIN personal k ON k.owner = '" #table "' AND k.id = t." #key                    \
     " AND k.field = '" #column "' AND k.hash = t." #column " WHERE t." #column                \
     " IS NOT NULL AND (k.hash IS NULL OR k.value IS NULL AND NOT " PAST_ERASED(               \
         table, key, column) ") LIMIT 1"},
#define SEALED(table, key, column)                                                             \
    {#table, #column, "sealed",                                                                \
     "SELECT '" #table "', t." #key ", '" #column "', t." #column " FROM " #table              \
     " t LEFT JOIN sealed k ON k.hash = t." #column " WHERE t." #column                        \
     " IS NOT NULL AND k.hash IS NULL LIMIT 1"},
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
    {"personal_past", "hash", "personal",
     "SELECT x.owner, x.id, x.field, x.hash FROM personal_past x LEFT JOIN personal k "
     "ON k.owner = x.owner AND k.id = x.id AND k.field = x.field AND k.hash = x.hash "
     "WHERE NOT (x.owner = 'attachment' AND x.field = 'content') AND "
     "(k.hash IS NULL OR x.erased IS NULL AND k.value IS NULL) LIMIT 1"},
    {"attachment", "content", "attachment_content",
     "SELECT 'attachment', t.id, 'content', t.content FROM attachment t LEFT JOIN "
     "attachment_content k ON k.id = t.id AND k.hash = t.content WHERE k.id IS NULL AND "
     "NOT " PAST_ERASED(attachment, id, content) " LIMIT 1"},
};

static enum err_code missing_check(struct db *db, const struct commitment_column *c,
                                   struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char sentence[256];
    TRY(db_query(db, &q, e, c->missing_sql, NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(sentence, sizeof sentence,
                       _("the value of %s.%s that the ledger commits to is missing"), c->table,
                       c->column);
        struct audit_fault *f = kept_fault(a, "missing_value", c->kept, q, sentence);
        if (f != NULL) {
            (void)snprintf(f->column, sizeof f->column, "%s.%s", c->table, c->column);
        }
    }
    stmt_done(q);
    return code;
}

/* ---- none is there that nothing names, or that was erased ---- */

static const char unnamed_personal_sql[] =
    "SELECT owner, id, field, hash FROM personal p WHERE NOT CASE owner || '.' || field "
#define PERSONAL(table, key, column)                                                           \
    "WHEN '" #table "." #column "' THEN EXISTS (SELECT 1 FROM " #table " t WHERE t." #key      \
    " = p.id AND t." #column " = p.hash) "
#define SEALED(table, key, column)
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
    "ELSE 0 END AND NOT EXISTS (SELECT 1 FROM personal_past x WHERE x.owner = p.owner AND "
    "x.id = p.id AND x.field = p.field AND x.hash = p.hash) LIMIT 1";

static const char erased_personal_sql[] =
    "SELECT p.owner, p.id, p.field, p.hash FROM personal_past x JOIN personal p ON "
    "x.owner = p.owner AND x.id = p.id AND x.field = p.field AND x.hash = p.hash "
    "WHERE x.erased IS NOT NULL AND p.value IS NOT NULL LIMIT 1";

static const char unnamed_sealed_sql[] = "SELECT NULL, 0, NULL, hash FROM sealed s WHERE 1 "
#define PERSONAL(table, key, column)
#define SEALED(table, key, column)                                                             \
    "AND NOT EXISTS (SELECT 1 FROM " #table " t WHERE t." #column " = s.hash) "
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
                                         "LIMIT 1";

static const char unnamed_content_sql[] =
    "SELECT 'attachment', k.id, 'content', k.hash FROM attachment_content k LEFT JOIN "
    "attachment t ON t.id = k.id AND t.content = k.hash WHERE t.id IS NULL LIMIT 1";

static const char erased_content_sql[] =
    "SELECT x.owner, x.id, x.field, x.hash FROM personal_past x JOIN attachment_content k ON "
    "k.id = x.id AND k.hash = x.hash WHERE x.owner = 'attachment' AND x.field = 'content' AND "
    "x.erased IS NOT NULL LIMIT 1";

static enum err_code unwanted_check(struct db *db, const char *table, const char *sql,
                                    const char *check, const char *sentence, struct audit *a,
                                    struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, sql, NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)kept_fault(a, check, table, q, sentence);
    }
    stmt_done(q);
    return code;
}

/* What was erased, and by which entries: no fault, but told. */
static enum err_code erased_count(struct db *db, struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e,
                 "SELECT erased, count(*) FROM personal_past WHERE erased IS NOT NULL "
                 "GROUP BY erased ORDER BY erased",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t used = strlen(a->erased_by);
        if (used < sizeof a->erased_by - 48) {
            (void)snprintf(a->erased_by + used, sizeof a->erased_by - used, "%s%" PRId64,
                           used > 0 ? ", " : "", stmt_int(q, 0));
        }
        a->erased += stmt_int(q, 1);
    }
    stmt_done(q);
    return code;
}

enum err_code kept_check(struct db *db, struct audit *a, struct err *e)
{
    TRY(values_check(
        db, "personal",
        "SELECT owner, id, field, hash, salt, value FROM personal WHERE value IS NOT "
        "NULL",
        a, e));
    TRY(values_check(db, "sealed", "SELECT NULL, 0, NULL, hash, salt, value FROM sealed", a,
                     e));
    TRY(values_check(db, "attachment_content",
                     "SELECT 'attachment', id, 'content', hash, salt, value FROM "
                     "attachment_content",
                     a, e));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        TRY(missing_check(db, &columns[i], a, e));
    }
    TRY(unwanted_check(db, "sealed", unnamed_sealed_sql, "unnamed_value",
                       _("a value that no entry names"), a, e));
    TRY(unwanted_check(db, "personal", unnamed_personal_sql, "unnamed_value",
                       _("a value that no entry names"), a, e));
    TRY(unwanted_check(db, "personal", erased_personal_sql, "erased_value",
                       _("a value that an entry erased is there"), a, e));
    TRY(unwanted_check(db, "attachment_content", unnamed_content_sql, "unnamed_value",
                       _("a value that no entry names"), a, e));
    TRY(unwanted_check(db, "attachment_content", erased_content_sql, "erased_value",
                       _("a value that an entry erased is there"), a, e));
    return erased_count(db, a, e);
}
