/* The tamper matrix: the raw database is edited in every table and column, and every edit is
 * found by a deep check. Which check caught each is printed. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "store/migrate.h"
#include "tests/unit/check_verify.h"

#define SQL_SIZE 4096
/* The build with sanitizers takes a third of the columns, but in a soak run. */
#ifdef AFORO_SANITIZED
#define SAMPLED (!soak())
#else
#define SAMPLED false
#endif

static struct copied office;
static struct audit a;
static const char *table_name; /* whose rows are edited: picks the office */

static void begin(void)
{
    table_name = "";
    copied_make(&office);
}

static void end(void)
{
    copied_free(&office);
}

/* The edit was made; a deep check must find it. */
static void assert_found(const char *edit)
{
    struct err e = ERR_INIT;
    enum err_code code = check_office(office.dir, VERIFY_DEEP, &a, &e);
    ck_assert_msg(code == ERR_TAMPERED, "%s was not found: %s (%s)", edit, err_code_name(code),
                  e.text);
    ck_assert_uint_gt(a.fault_count, 0);
    printf("# tamper %-46s %s\n", edit, a.faults[0].check);
}

static void tamper(const char *edit, const char *sql)
{
    struct copied c = office;
    copied_make_for(&office, table_name); /* each edit on a copy of its own */
    sqlite3 *raw = raw_open(office.db);
    raw_exec(raw, sql);
    ck_assert_msg(sqlite3_total_changes(raw) > 0 || strncmp(edit, "schema", 6) == 0,
                  "%s changed nothing: %s", edit, sql);
    raw_close(raw);
    assert_found(edit);
    copied_free(&office);
    office = c;
}

/* ---- every table and column */

struct column {
    char name[64], type[16];
    int key; /* position in the primary key, from 1; 0: not in it */
};
struct table {
    const struct table_info *info;
    struct column columns[32];
    int count;
    int64_t rows;
};

static void table_read(struct table *t, const struct table_info *info)
{
    sqlite3_stmt *q = NULL;
    char sql[256];
    table_name = info->name;
    copied_free(&office);
    copied_make_for(&office, table_name);
    sqlite3 *raw = raw_open(office.db);
    *t = (struct table){.info = info};
    (void)snprintf(sql, sizeof sql, "SELECT name, type, pk FROM pragma_table_info('%s')",
                   info->name);
    ck_assert_int_eq(sqlite3_prepare_v2(raw, sql, -1, &q, NULL), SQLITE_OK);
    while (sqlite3_step(q) == SQLITE_ROW) {
        ck_assert_int_lt(t->count, 32);
        struct column *c = &t->columns[t->count++];
        (void)snprintf(c->name, sizeof c->name, "%s", (const char *)sqlite3_column_text(q, 0));
        (void)snprintf(c->type, sizeof c->type, "%s", (const char *)sqlite3_column_text(q, 1));
        c->key = sqlite3_column_int(q, 2);
    }
    ck_assert_int_eq(sqlite3_finalize(q), SQLITE_OK);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", info->name);
    t->rows = raw_int(raw, sql);
    raw_close(raw);
    ck_assert_int_gt(t->count, 0);
}

/* "(id) = (SELECT id FROM meter ORDER BY id LIMIT 1 OFFSET n)" */
static void where_row(const struct table *t, int64_t offset, char *out, size_t size)
{
    (void)snprintf(out, size,
                   "(%s) = (SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %" PRId64 ")",
                   t->info->key, t->info->key, t->info->name, t->info->key, offset);
}

/* Another value of the same type. */
static void other_value(const struct column *c, char *out, size_t size)
{
    if (strcmp(c->type, "INTEGER") == 0) {
        bool unique = c->key > 0 || strcmp(c->name, "meter") == 0;
        (void)snprintf(out, size, "coalesce(%s, 0) + %d", c->name, unique ? 1000003 : 1);
    } else if (strcmp(c->type, "TEXT") == 0) {
        (void)snprintf(out, size, "coalesce(%s, '') || 'x'", c->name);
    } else { /* the first byte becomes another one */
        (void)snprintf(out, size,
                       "CAST(CASE substr(%s, 1, 1) WHEN X'07' THEN X'08' ELSE X'07' END || "
                       "coalesce(substr(%s, 2), zeroblob(31)) AS BLOB)",
                       c->name, c->name);
    }
}

START_TEST(changed_value_in_every_column_is_found)
{
    struct table t;
    table_read(&t, &tables[_i]);
    for (int i = 0; i < t.count; i++) {
        char value[512];
        char where[512];
        char sql[SQL_SIZE];
        char edit[256];
        if (SAMPLED && (i + _i) % 3 != 0) {
            continue;
        }
        other_value(&t.columns[i], value, sizeof value);
        where_row(&t, t.rows / 2, where, sizeof where);
        (void)snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s WHERE %s", t.info->name,
                       t.columns[i].name, value, where);
        (void)snprintf(edit, sizeof edit, "change %s.%s", t.info->name, t.columns[i].name);
        tamper(edit, sql);
    }
}
END_TEST

START_TEST(deleted_row_in_every_table_is_found)
{
    struct table t;
    table_read(&t, &tables[_i]);
    for (int which = 0; which < 2; which++) {
        char where[512];
        char sql[SQL_SIZE];
        char edit[256];
        where_row(&t, which == 0 ? 0 : t.rows - 1, where, sizeof where);
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", t.info->name, where);
        (void)snprintf(edit, sizeof edit, "delete %s row of %s", which == 0 ? "first" : "last",
                       t.info->name);
        tamper(edit, sql);
    }
}
END_TEST

START_TEST(emptied_table_is_found)
{
    char sql[SQL_SIZE];
    char edit[256];
    table_name = tables[_i].name;
    (void)snprintf(sql, sizeof sql, "DELETE FROM %s", table_name);
    (void)snprintf(edit, sizeof edit, "truncate %s", tables[_i].name);
    tamper(edit, sql);
}
END_TEST

/* A copy of a row under another key; what else must be unique is made so. */
START_TEST(inserted_row_in_every_table_is_found)
{
    struct table t;
    char sql[SQL_SIZE];
    char where[512];
    char edit[256];
    char list[2048] = "";
    table_read(&t, &tables[_i]);
    for (int i = 0; i < t.count; i++) {
        const struct column *c = &t.columns[i];
        char value[512];
        bool unique = strcmp(c->name, "serial") == 0 || strcmp(c->name, "number") == 0 ||
                      strcmp(c->name, "obis") == 0 || strcmp(c->name, "version") == 0 ||
                      strcmp(c->name, "txn") == 0;
        other_value(c, value, sizeof value);
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                       c->key > 0 || unique ? value : c->name);
    }
    where_row(&t, 0, where, sizeof where);
    (void)snprintf(sql, sizeof sql, "INSERT INTO %s SELECT %s FROM %s WHERE %s", t.info->name,
                   list, t.info->name, where);
    (void)snprintf(edit, sizeof edit, "insert into %s", t.info->name);
    tamper(edit, sql);
}
END_TEST

/* Two rows change places: everything but the key, through a table in between. */
START_TEST(swapped_rows_in_every_table_are_found)
{
    struct table t;
    char sql[SQL_SIZE];
    char sets[1024] = "";
    char first[512];
    char last[512];
    char edit[256];
    table_read(&t, &tables[_i]);
    int values = 0;
    for (int i = 0; i < t.count; i++) {
        size_t used = strlen(sets);
        if (t.columns[i].key == 0) {
            (void)snprintf(sets + used, sizeof sets - used, "%s%s", values++ > 0 ? ", " : "",
                           t.columns[i].name);
        }
    }
    if (values == 0 || t.rows < 2) { /* rows that are all key cannot change places */
        printf("# tamper swap in %-38s (only keys, or one row)\n", t.info->name);
        return;
    }
    where_row(&t, 0, first, sizeof first);
    where_row(&t, t.rows - 1, last, sizeof last);
    (void)snprintf(sql, sizeof sql,
                   "CREATE TEMP TABLE one AS SELECT %s FROM %s WHERE %s; CREATE TEMP TABLE two "
                   "AS SELECT %s FROM %s WHERE %s;",
                   sets, t.info->name, first, sets, t.info->name, last);
    struct copied c = office;
    copied_make_for(&office, table_name);
    sqlite3 *raw = raw_open(office.db);
    raw_exec(raw, sql);
    /* A value that must be unique stands in neither row for a moment. */
    if (strcmp(t.info->name, "meter") == 0) {
        raw_exec(raw, "UPDATE meter SET serial = serial || '-'");
        raw_exec(raw, "UPDATE meter SET serial = rtrim(serial, '-') WHERE id NOT IN (1, 4)");
    } else if (strcmp(t.info->name, "account") == 0) {
        raw_exec(raw, "UPDATE account SET number = number || '-' WHERE id IN (1, 5)");
    } else if (strcmp(t.info->name, "register") == 0) {
        raw_exec(raw, "UPDATE register SET obis = obis || '-' WHERE id IN (1, 4)");
    } else if (strcmp(t.info->name, "tariff") == 0) {
        raw_exec(raw, "UPDATE tariff SET version = version + 5 WHERE id IN (1, 2)");
    } else if (strcmp(t.info->name, "payment") == 0) {
        raw_exec(raw, "UPDATE payment SET txn = txn || '-'");
    }
    (void)snprintf(sql, sizeof sql, "UPDATE %s SET (%s) = (SELECT %s FROM two) WHERE %s",
                   t.info->name, sets, sets, first);
    raw_exec(raw, sql);
    (void)snprintf(sql, sizeof sql, "UPDATE %s SET (%s) = (SELECT %s FROM one) WHERE %s",
                   t.info->name, sets, sets, last);
    raw_exec(raw, sql);
    raw_close(raw);
    (void)snprintf(edit, sizeof edit, "swap in %s", t.info->name);
    assert_found(edit);
    copied_free(&office);
    office = c;
}
END_TEST

/* ---- schema */

static const struct {
    const char *edit, *sql;
} schema_edits[] = {
    {"schema trigger", "CREATE TRIGGER skim AFTER INSERT ON reading BEGIN UPDATE reading SET "
                       "value = value - 1 WHERE id = new.id; END"},
    {"schema view", "CREATE VIEW balance AS SELECT * FROM bill"},
    {"schema index", "CREATE INDEX extra ON reading(value)"},
    {"schema unique index", "CREATE UNIQUE INDEX extra ON bill(total, id)"},
    {"schema table", "CREATE TABLE notes(x TEXT)"},
    {"schema column", "ALTER TABLE meter ADD COLUMN owner TEXT"},
    {"schema renamed column", "ALTER TABLE meter RENAME COLUMN removed TO gone"},
    {"schema renamed table", "ALTER TABLE alert RENAME TO alarm"},
    {"schema dropped table", "DROP TABLE alert"},
    {"schema dropped index", "DROP INDEX reading_by_register"},
    {"schema statistics", "ANALYZE"},
    {"schema default", "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, "
                       "'state TEXT NOT NULL', 'state TEXT NOT NULL DEFAULT 1') WHERE "
                       "name='billing_run'; UPDATE sqlite_schema SET sql = sql || ' ' WHERE "
                       "name='billing_run'"},
    {"schema check taken away", "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
                                "replace(sql, ' CHECK(length(leaf) "
                                "= 32)', '') WHERE name='entry'"},
    {"schema strictness taken away",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
     "replace(sql, ') STRICT', ')') WHERE name='meter'"},
};

START_TEST(changed_schema_is_found)
{
    tamper(schema_edits[_i].edit, schema_edits[_i].sql);
    ck_assert_str_eq(a.faults[0].check, "schema");
}
END_TEST

/* ---- edits by somebody who knows how it works */

static const struct {
    const char *edit, *sql;
} clever_edits[] = {
    {"signature stripped", "UPDATE entry SET sig = X'' WHERE seq = 20"},
    {"signature of another entry",
     "UPDATE entry SET sig = (SELECT sig FROM entry WHERE seq = 21) WHERE seq = 20"},
    {"key of another user in the key table",
     "UPDATE key SET spki = (SELECT spki FROM key WHERE owner='user:2') WHERE owner='user:1'"},
    {"key made valid for longer", "UPDATE key SET valid_from = 1 WHERE owner = 'user:1'"},
    {"key named in another's entry",
     "UPDATE entry SET payload = replace(payload, json_extract(payload, '$.data.keyid'), "
     "(SELECT lower(hex(keyid)) FROM key WHERE owner='user:2')) WHERE seq = 8"},
    {"time moved",
     "UPDATE entry SET payload = replace(payload, 'T14:00:00', 'T13:00:00') WHERE "
     "seq = 20"},
    {"a bill made cheaper everywhere", "UPDATE bill SET total = total - 100; UPDATE bill_line "
                                       "SET amount = amount - 100 WHERE line "
                                       "= 1; UPDATE billing_run SET total = total - 400"},
    {"a reading and its alert gone",
     "DELETE FROM finding WHERE reading = 9; DELETE FROM alert WHERE reading = 9; DELETE FROM "
     "reading WHERE id = 9"},
    {"a user made administrator", "UPDATE user_role SET role = 'administrator' WHERE user = 2"},
    {"history rewritten", "UPDATE history SET actor = 'user:3' WHERE actor = 'user:1'"},
    {"entries renumbered",
     "UPDATE entry SET seq = -seq; UPDATE entry SET seq = -seq + 1; UPDATE "
     "history SET seq = -seq; UPDATE history SET seq = -seq + 1"},
    {"last entry and what it did removed", "DELETE FROM history WHERE seq = (SELECT max(seq) "
                                           "FROM entry); DELETE FROM entry WHERE seq = "
                                           "(SELECT max(seq) FROM entry)"},
    {"all items removed", "DELETE FROM item"},
    {"index that lies",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT "
     "rootpage FROM sqlite_schema WHERE name='meter_by_point') WHERE "
     "name='meter_by_state'"},
};

START_TEST(clever_edit_is_found)
{
    tamper(clever_edits[_i].edit, clever_edits[_i].sql);
}
END_TEST

/* A value properly committed to, in a commitment that no entry names. */
START_TEST(smuggled_value_is_found)
{
    uint8_t salt[SALT_SIZE] = {1, 2, 3};
    struct hash h;
    char sql[512];
    struct buf hex;
    buf_init(&hex, 256);
    commitment(salt, "smuggled", 8, &h);
    buf_adds(&hex, "INSERT INTO personal VALUES(X'");
    buf_add_hex(&hex, h.b, HASH_SIZE);
    buf_adds(&hex, "', X'");
    buf_add_hex(&hex, salt, SALT_SIZE);
    (void)snprintf(sql, sizeof sql, "%s', 'smuggled')", buf_str(&hex));
    buf_release(&hex);
    tamper("smuggled personal value", sql);
    ck_assert_str_eq(a.faults[0].check, "unnamed_value");
}
END_TEST

/* A value moved to the table of the other class. */
START_TEST(value_in_the_wrong_table_is_found)
{
    tamper("sealed value among personal ones",
           "INSERT INTO personal SELECT * FROM sealed; DELETE FROM sealed");
}
END_TEST

Suite *suite_tamper(void)
{
    Suite *s = suite_create("tamper");
    TCase *t = tcase_create("tamper");
    int n = (int)tables_count;
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, changed_value_in_every_column_is_found, 0, n);
    tcase_add_loop_test(t, deleted_row_in_every_table_is_found, 0, n);
    tcase_add_loop_test(t, emptied_table_is_found, 0, n);
    tcase_add_loop_test(t, inserted_row_in_every_table_is_found, 0, n);
    tcase_add_loop_test(t, swapped_rows_in_every_table_are_found, 0, n);
    tcase_add_loop_test(t, changed_schema_is_found, 0,
                        (int)(sizeof schema_edits / sizeof schema_edits[0]));
    tcase_add_loop_test(t, clever_edit_is_found, 0,
                        (int)(sizeof clever_edits / sizeof clever_edits[0]));
    tcase_add_test(t, smuggled_value_is_found);
    tcase_add_test(t, value_in_the_wrong_table_is_found);
    suite_add_tcase(s, t);
    return s;
}
