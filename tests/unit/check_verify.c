#include <config.h>

#include "tests/unit/check_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/rebuild.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/hash.h"
#include "domain/project.h"
#include "store/migrate.h"
#include "tests/lib/office_segments.h"

static struct {
    char now[FIXTURE_PATH_MAX], before[FIXTURE_PATH_MAX], full[FIXTURE_PATH_MAX];
    char dropped[FIXTURE_PATH_MAX];
    pid_t owner;
} made;

bool soak(void)
{
    const char *s = getenv("AFORO_SOAK");
    return s != NULL && strcmp(s, "1") == 0;
}

static void made_remove(void)
{
    if (made.owner == getpid()) {
        fixture_remove_folder(made.now);
        fixture_remove_folder(made.before);
        fixture_remove_folder(made.full);
        fixture_remove_folder(made.dropped);
    }
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "check_verify: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

/* In main(), before Check forks. */
static void offices_make(void)
{
    static struct office_fixture f;
    static struct audit a;
    struct err e = ERR_INIT;
    made.owner = getpid();
    (void)atexit(made_remove);
    fixture_init(&f);
    fixture_busy(&f);
    fixture_close(&f);
    fixture_temp_folder(made.before);
    fixture_copy_folder(f.dir, made.before);
    fixture_reopen(&f);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Zoila Paz", NULL);
    (void)fixture_run(&f, f.ana, "limit set", "serial", "W00003", "value", "30", "start",
                      "2026-11-01", NULL);
    (void)fixture_run(&f, f.olga, "user password", "password", "otra-clave-de-prueba", NULL);
    (void)fixture_run(&f, f.ana, "checkpoint sign", NULL); /* after `before`: it is behind it */
    fixture_close(&f);
    must(check_office(f.dir, VERIFY_DEEP, &a, &e) == ERR_OK, e.text);
    fixture_temp_folder(made.now);
    fixture_copy_folder(f.dir, made.now);
    fixture_reopen(&f);
    fixture_busy_long(&f);
    fixture_close(&f);
    must(check_office(f.dir, VERIFY_DEEP, &a, &e) == ERR_OK, e.text);
    fixture_temp_folder(made.full);
    fixture_copy_folder(f.dir, made.full);
    fixture_copy_folder(made.now, f.dir);
    fixture_reopen(&f);
    fixture_segment_drop(&f, "1");
    fixture_close(&f);
    fixture_temp_folder(made.dropped);
    fixture_copy_folder(f.dir, made.dropped);
    fixture_remove_folder(f.dir);
}

static void copied_from(struct copied *c, const char *dir)
{
    fixture_temp_folder(c->dir);
    fixture_copy_folder(dir, c->dir);
    (void)snprintf(c->db, sizeof c->db, "%s/office.db", c->dir);
}

void copied_make(struct copied *c)
{
    copied_from(c, made.now);
}

void copied_make_for(struct copied *c, const char *table)
{
    copied_from(c, strcmp(table, "tile") == 0 ? made.full : made.now);
}

void copied_make_dropped(struct copied *c)
{
    copied_from(c, made.dropped);
}

void copied_free(struct copied *c)
{
    fixture_remove_folder(c->dir);
}

const char *office_before(void)
{
    return made.before;
}

enum err_code check_office(const char *dir, enum verify_level level, struct audit *a,
                           struct err *e)
{
    return check_office_against(dir, level, NULL, a, e);
}

enum err_code check_office_against(const char *dir, enum verify_level level,
                                   const char *against, struct audit *a, struct err *e)
{
    struct verify_request q = {
        .dir = dir, .level = level, .against = against, .threads = 2, .env = &env_system};
    return verify_office(&q, a, e);
}

/* ---- the raw database */

sqlite3 *raw_open(const char *path)
{
    sqlite3 *raw = NULL;
    ck_assert_int_eq(sqlite3_open_v2(path, &raw, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    raw_exec(raw, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; PRAGMA "
                  "synchronous=OFF;");
    return raw;
}

void raw_close(sqlite3 *raw)
{
    ck_assert_int_eq(sqlite3_close(raw), SQLITE_OK);
}

void raw_exec(sqlite3 *raw, const char *sql)
{
    int rc = sqlite3_exec(raw, sql, NULL, NULL, NULL);
    ck_assert_msg(rc == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(raw));
}

int64_t raw_int(sqlite3 *raw, const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(raw, sql, -1, &s, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(raw));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t v = sqlite3_column_int64(s, 0);
    ck_assert_int_eq(sqlite3_finalize(s), SQLITE_OK);
    return v;
}

/* Add every value of a query, with its type. */
static bool query_digest(sqlite3 *raw, const char *sql, struct buf *out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(raw, sql, -1, &s, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const void *blob = sqlite3_column_blob(s, i);
            int len = sqlite3_column_bytes(s, i);
            buf_addf(out, "%d:%d:", sqlite3_column_type(s, i), len);
            buf_add(out, blob, (size_t)len);
        }
        buf_addc(out, '\n');
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(s);
    return rc == SQLITE_DONE;
}

bool raw_digest(const char *path, char hex[65])
{
    sqlite3 *raw = NULL;
    struct buf all;
    struct hash h;
    buf_init(&all, 64 << 20);
    bool ok =
        sqlite3_open_v2(path, &raw, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        query_digest(raw, "PRAGMA application_id", &all) &&
        query_digest(raw, "PRAGMA user_version", &all) &&
        query_digest(raw, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2",
                     &all);
    for (size_t i = 0; ok && i < tables_count; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s NOT INDEXED ORDER BY %s",
                       tables[i].name, tables[i].key);
        ok = query_digest(raw, sql, &all);
    }
    (void)sqlite3_close(raw);
    ck_assert(!all.failed);
    sha256(buf_str(&all), all.len, &h);
    hash_hex(&h, hex);
    buf_release(&all);
    return ok;
}

/* ---- the second process: this program again, with a projector that may be wrong */

#define PROJECTOR_NAME "AFORO_TEST_PROJECTOR"

void rebuild_with(const char *projector)
{
    ck_assert_int_eq(setenv(PROJECTOR_NAME, projector, 1), 0);
}

static enum err_code no_history(struct db *db, const struct entry *en, struct arena *arena,
                                struct err *e)
{
    TRY(office_projector.entry(db, en, arena, e));
    return en->seq == 7 ? db_run(db, e, "DELETE FROM history WHERE seq=7", NO_VALS) : ERR_OK;
}

static enum err_code one_more(struct db *db, const struct entry *en, int64_t index,
                              const char *item, size_t len, struct arena *arena, struct err *e)
{
    TRY(office_projector.item(db, en, index, item, len, arena, e));
    return index == 1 ? db_run(db, e,
                               "UPDATE reading SET value=value+1 WHERE id=(SELECT max(id) FROM "
                               "reading)",
                               NO_VALS)
                      : ERR_OK;
}

static enum err_code refuse(struct db *db, const struct entry *en, struct arena *arena,
                            struct err *e)
{
    (void)db;
    (void)arena;
    return en->seq < 9 ? office_projector.entry(db, en, arena, e)
                       : err_set(e, ERR_TAMPERED, "the projector refuses entry 9");
}

static enum err_code crash(struct db *db, const struct entry *en, struct arena *arena,
                           struct err *e)
{
    (void)db;
    (void)en;
    (void)arena;
    (void)e;
    _exit(77);
}

static int second_process(const char *export_path, const char *dir)
{
    const char *name = getenv(PROJECTOR_NAME);
    struct projector p = office_projector;
    struct err e = ERR_INIT;
    name = name == NULL ? "" : name;
    if (strcmp(name, "silent") == 0) {
        p.entry = no_history;
    } else if (strcmp(name, "off_by_one") == 0) {
        p.item = one_more;
    } else if (strcmp(name, "refusing") == 0) {
        p.entry = refuse;
    } else if (strcmp(name, "crashing") == 0) {
        p.entry = crash;
    }
    enum err_code code = rebuild_reporting(export_path, dir, &p, NULL, stdout, &e);
    if (code != ERR_OK) {
        struct buf text;
        buf_init(&text, 4096);
        json_add_string(&text, e.text, strlen(e.text));
        (void)fprintf(stderr, "{\"error\":\"%s\",\"message\":%s}\n", err_code_name(code),
                      buf_str(&text));
        buf_release(&text);
    }
    return err_exit_status(code);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "rebuild") == 0) {
        return second_process(argv[2], argv[3]);
    }
    offices_make();
    SRunner *runner = srunner_create(suite_rebuild());
    srunner_add_suite(runner, suite_verify_office());
    srunner_add_suite(runner, suite_office_checkpoint());
    srunner_add_suite(runner, suite_segment());
    srunner_add_suite(runner, suite_tamper());
    srunner_add_suite(runner, suite_tamper_pages());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
