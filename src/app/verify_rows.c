#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/verify_deep.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "store/migrate.h"

#define KEY_COLUMNS_MAX 8

/* SQLite's order: NULL, integers, text, blobs; the last two by their bytes. */
static int val_order(const struct val *x, const struct val *y)
{
    if (x->type != y->type) {
        return x->type < y->type ? -1 : 1;
    }
    if (x->type == VAL_NULL) {
        return 0;
    }
    if (x->type == VAL_INT) {
        return (x->integer > y->integer) - (x->integer < y->integer);
    }
    size_t common = x->len < y->len ? x->len : y->len;
    int order = common == 0 ? 0 : memcmp(x->data, y->data, common);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static void val_print(const struct val *v, char *out, size_t size)
{
    struct buf b;
    buf_init(&b, AUDIT_VALUE_MAX * 4);
    switch (v->type) {
    case VAL_NULL:
        buf_adds(&b, "NULL");
        break;
    case VAL_INT:
        buf_add_int(&b, v->integer);
        break;
    case VAL_TEXT:
        buf_add(&b, v->data, v->len < AUDIT_VALUE_MAX ? v->len : AUDIT_VALUE_MAX);
        break;
    case VAL_BLOB:
        buf_add_hex(&b, v->data, v->len < 64 ? v->len : 64);
        break;
    }
    text_sanitize_to(buf_str(&b), b.len, out, size);
    buf_release(&b);
}

/* One table while it is compared. */
struct table_walk {
    const struct table_info *info;
    struct stmt *have, *want; /* rows of the office's database and of the rebuilt one */
    bool more_have, more_want;
    int keys[KEY_COLUMNS_MAX]; /* positions of the key's columns */
    int key_count;
    struct audit *audit;
};

static enum err_code keys_find(struct table_walk *w, struct err *e)
{
    w->key_count = 0;
    for (const char *at = w->info->key; *at != '\0';) {
        size_t len = strcspn(at, ",");
        int column = 0;
        int count = stmt_columns(w->want);
        while (column < count && (strlen(stmt_column_name(w->want, column)) != len ||
                                  memcmp(stmt_column_name(w->want, column), at, len) != 0)) {
            column++;
        }
        if (column == count || w->key_count == KEY_COLUMNS_MAX) {
            return err_set(e, ERR_DB, "%s: no column for the key %s", w->info->name,
                           w->info->key);
        }
        w->keys[w->key_count++] = column;
        at += len;
        at += strspn(at, ", ");
    }
    return ERR_OK;
}

static int key_order(const struct table_walk *w)
{
    for (int i = 0; i < w->key_count; i++) {
        struct val have = stmt_val(w->have, w->keys[i]);
        struct val want = stmt_val(w->want, w->keys[i]);
        int order = val_order(&have, &want);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

/* "id=3", "bill=7, line=2" */
static void key_print(const struct table_walk *w, const struct stmt *row, char *out,
                      size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < w->key_count && used < size; i++) {
        char value[AUDIT_VALUE_MAX];
        struct val v = stmt_val(row, w->keys[i]);
        val_print(&v, value, sizeof value);
        int n = snprintf(out + used, size - used, "%s%s=%s", i > 0 ? ", " : "",
                         stmt_column_name(w->want, w->keys[i]), value);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void row_fault(const struct table_walk *w, bool missing)
{
    char key[AUDIT_VALUE_MAX];
    key_print(w, missing ? w->want : w->have, key, sizeof key);
    struct audit_fault *f =
        missing ? audit_add(w->audit, "rows", 0, -1, _("table %s: the row %s is missing"),
                            w->info->name, key)
                : audit_add(w->audit, "rows", 0, -1,
                            _("table %s: no entry of the ledger made the row %s"),
                            w->info->name, key);
    if (f != NULL) {
        (void)snprintf(f->table, sizeof f->table, "%s", w->info->name);
        memcpy(f->key, key, sizeof f->key);
    }
}

static void value_fault(const struct table_walk *w, int column, const struct val *have,
                        const struct val *want)
{
    char key[AUDIT_VALUE_MAX];
    char expected[AUDIT_VALUE_MAX];
    char found[AUDIT_VALUE_MAX];
    const char *name = stmt_column_name(w->want, column);
    key_print(w, w->want, key, sizeof key);
    val_print(want, expected, sizeof expected);
    val_print(have, found, sizeof found);
    struct audit_fault *f =
        audit_add(w->audit, "rows", 0, -1, _("table %s, row %s: %s is %s; the ledger says %s"),
                  w->info->name, key, name, found, expected);
    if (f != NULL) {
        (void)snprintf(f->table, sizeof f->table, "%s", w->info->name);
        (void)snprintf(f->column, sizeof f->column, "%s", name);
        memcpy(f->key, key, sizeof f->key);
        memcpy(f->expected, expected, sizeof f->expected);
        memcpy(f->found, found, sizeof f->found);
    }
}

/* One step of the walk over both row lists. *same false after a fault: the rest of the table is
 * not told. */
static enum err_code rows_step(struct table_walk *w, bool *same, struct err *e)
{
    int order = !w->more_have ? 1 : !w->more_want ? -1 : key_order(w);
    *same = false;
    if (order != 0) {
        row_fault(w, order > 0);
        return ERR_OK;
    }
    int columns = stmt_columns(w->want);
    for (int i = 0; i < columns; i++) {
        struct val have = stmt_val(w->have, i);
        struct val want = stmt_val(w->want, i);
        if (val_order(&have, &want) != 0) {
            value_fault(w, i, &have, &want);
            return ERR_OK;
        }
    }
    *same = true;
    w->audit->rows++;
    TRY(stmt_next(w->have, &w->more_have, e));
    return stmt_next(w->want, &w->more_want, e);
}

static enum err_code table_walk(struct table_walk *w, const struct progress *progress,
                                struct err *e)
{
    bool same = true;
    TRY(stmt_next(w->have, &w->more_have, e));
    TRY(stmt_next(w->want, &w->more_want, e));
    if (stmt_columns(w->have) != stmt_columns(w->want)) {
        (void)audit_add(w->audit, "rows", 0, -1, _("table %s has %d columns instead of %d"),
                        w->info->name, stmt_columns(w->have), stmt_columns(w->want));
        return ERR_OK;
    }
    TRY(keys_find(w, e));
    while (same && (w->more_have || w->more_want)) {
        if (w->audit->rows % 4096 == 0 &&
            !progress_step(progress, _("comparing rows"), (uint64_t)w->audit->rows, 0)) {
            return err_set(e, ERR_CANCELLED, _("the check was stopped"));
        }
        TRY(rows_step(w, &same, e));
    }
    return ERR_OK;
}

static enum err_code table_compare(struct db *db, struct db *rebuilt,
                                   const struct table_info *info, const char *sql,
                                   const struct progress *progress, struct audit *a,
                                   struct err *e)
{
    struct table_walk w = {.info = info, .audit = a};
    enum err_code code = db_query(db, &w.have, e, sql, NO_VALS);
    if (code == ERR_OK) {
        code = db_query(rebuilt, &w.want, e, sql, NO_VALS);
    }
    if (code == ERR_OK) {
        code = table_walk(&w, progress, e);
    }
    stmt_done(w.have);
    stmt_done(w.want);
    return code;
}

/* One literal a table, as db_query asks for: its address names the prepared statement. */
static const char *const rows_sql[] = {
#define TABLE(name, class, key) "SELECT * FROM " #name " ORDER BY " key,
#include "store/tables.def"
#undef TABLE
};

enum err_code rows_compare(struct db *db, struct db *rebuilt, const struct progress *progress,
                           struct audit *a, struct err *e)
{
    for (size_t i = 0; i < tables_count; i++) {
        if (tables[i].class == TABLE_PROJECTION || tables[i].class == TABLE_DERIVED) {
            TRY(table_compare(db, rebuilt, &tables[i], rows_sql[i], progress, a, e));
        }
    }
    return ERR_OK;
}
