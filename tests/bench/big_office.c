#include <config.h>

#include "tests/bench/big_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/search.h"
#include "store/db.h"

/* n: 1 .. meters; a multiplier without common divisor puts serials in no order. */
#define NUMBERS "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) "

static const char *const steps[] = {
    "INSERT INTO customer(id, name) SELECT 1000000, zeroblob(32) WHERE ?1 > 0",
    NUMBERS "INSERT INTO account(id, number, customer, currency, opened) SELECT 1000 + n, "
            "'4' || substr(1000000000 + n, 2), 1000000, 'USD', '2026-01-01' FROM t",
    NUMBERS "INSERT INTO service_point(id, place, route, route_order) SELECT 1000 + n, "
            "zeroblob(32), 'R-' || substr(100000 + n / 400, 2), n % 400 FROM t",
    NUMBERS
    "INSERT INTO personal(owner, id, field, hash, salt, value) SELECT 'service_point', 1000 + "
    "n, 'place', zeroblob(32), zeroblob(32), CASE n % 2 WHEN 0 THEN 'Calle ' ELSE 'Avenida ' "
    "END || CASE n * 7919 % 7 WHEN 0 THEN 'Mayor ' WHEN 1 THEN 'de la Constitución ' WHEN 2 "
    "THEN 'del Ñandú ' WHEN 3 THEN 'San José ' WHEN 4 THEN 'Central ' WHEN 5 THEN 'Bolívar ' "
    "ELSE 'Paseo de la Reforma ' END || (n * 31 % 3000) FROM t",
    NUMBERS
    "INSERT INTO meter(id, serial, kind, state, point, installed) SELECT 1000 + n, "
    "'M-' || substr(10000000 + n * 7919 % 9999991, 2), 'water', 'in_service', 1000 + n, "
    "'2026-01-01' FROM t",
    NUMBERS "INSERT INTO register(id, meter, obis, unit, digits, decimals, multiplier) SELECT "
            "1000 + n, 1000 + n, '8-0:1.0.0', 'm3', 5, 3, 1 FROM t",
    NUMBERS "INSERT INTO assignment(id, meter, account, tariff, start_date) SELECT 1000 + n, "
            "1000 + n, 1000 + n, 'doc07-water', '2026-01-01' FROM t",
    NUMBERS
    ", m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 11) INSERT INTO reading(id, "
    "register, utc, local, value, state, source, seq, line) SELECT 1000000 + i * ?1 + n, 1000 "
    "+ n, 1767225600 + i * 2592000 + n % 86400, 1767204000 + i * 2592000 + n % 86400, (i + 1) "
    "* 15000 + n * 7919 % 9000, CASE WHEN i = 11 AND n % 200 = 0 THEN 'held' ELSE 'accepted' "
    "END, 'manual', 1, 0 FROM m CROSS JOIN t",
    NUMBERS
    "INSERT INTO alert(meter, rule, date, observed, threshold) SELECT 1000 + n, 'high', "
    "'2026-11-01', 1, 1 FROM t WHERE n % 50 = 0",
};

bool big_office_fill(struct office_fixture *f, int meters)
{
    struct err e = ERR_INIT;
    struct db *db = f->office->db;
    /* Nothing in it is worth a check or a sync; each step by itself, so that the log is no
     * second office. The next to open the office has its own settings. */
    enum err_code code = db_exec(
        db, "PRAGMA cache_size=-200000; PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF;", &e);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == ERR_OK; i++) {
        code = db_run(db, &e, steps[i], VALS(V_INT(meters)));
    }
    if (code != ERR_OK) {
        (void)fprintf(stderr, "big office: %s\n", e.text);
    }
    return code == ERR_OK;
}

/* As an import brings them: ?1 is the newest meter, or reading, before. */
#define MORE                                                                                   \
    "WITH RECURSIVE t(n) AS (SELECT ?1 + 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?2) "

static const char *const more_meters[] = {
    MORE "INSERT INTO account(id, number, customer, currency, opened) SELECT n, '5' || "
         "substr(1000000000 + n, 2), 1000000, 'USD', '2026-01-01' FROM t",
    MORE
    "INSERT INTO service_point(id, place, route, route_order) SELECT n, zeroblob(32), 'R-' "
    "|| substr(100000 + n / 400, 2), n % 400 FROM t",
    MORE "INSERT INTO personal(owner, id, field, hash, salt, value) SELECT 'service_point', n, "
         "'place', zeroblob(32), zeroblob(32), 'Calle Nueva ' || n FROM t",
    MORE "INSERT INTO meter(id, serial, kind, state, point, installed) SELECT n, 'N-' || "
         "substr(10000000 + n * 7919 % 9999991, 2), 'water', 'in_service', n, '2026-01-01' "
         "FROM t",
    MORE "INSERT INTO register(id, meter, obis, unit, digits, decimals, multiplier) SELECT n, "
         "n, '8-0:1.0.0', 'm3', 5, 3, 1 FROM t",
    MORE "INSERT INTO assignment(id, meter, account, tariff, start_date) SELECT n, n, n, "
         "'doc07-water', '2026-01-01' FROM t",
};

static const char *const more_readings[] = {
    MORE
    "INSERT INTO reading(id, register, utc, local, value, state, source, seq, line) SELECT "
    "n, 1000 + n - ?1, 1798000000, 1797980000, 200000 + n % 5000, CASE WHEN n % 200 = 3 "
    "THEN 'held' ELSE 'accepted' END, 'manual', 1, 0 FROM t",
};

/* An entry of that kind about many meters is the newest. */
static bool tell_of(struct office_fixture *f, const char *kind)
{
    struct err e = ERR_INIT;
    if (fixture_run(f, f->ana, "limit set", "serial", "M-0007919", "value", "20", NULL) == 0) {
        return false;
    }
    return db_run(f->office->db, &e,
                  "UPDATE history SET kind = ?, meter = NULL WHERE seq = (SELECT max(seq) FROM "
                  "history)",
                  VALS(V_TEXT(kind))) == ERR_OK;
}

bool big_office_more(struct office_fixture *f, bool readings, int count)
{
    struct err e = ERR_INIT;
    struct db *db = f->office->db;
    int64_t newest = 0;
    const char *const *sql = readings ? more_readings : more_meters;
    size_t n = readings ? sizeof more_readings / sizeof more_readings[0]
                        : sizeof more_meters / sizeof more_meters[0];
    enum err_code code = db_get_int(
        db, &newest, NULL, &e,
        readings ? "SELECT max(id) FROM reading" : "SELECT max(id) FROM meter", NO_VALS);
    if (code == ERR_OK) {
        code = db_begin(db, &e);
    }
    for (size_t i = 0; i < n && code == ERR_OK; i++) {
        code = db_run(db, &e, sql[i], VALS(V_INT(newest), V_INT(newest + count)));
    }
    if (code == ERR_OK) {
        code = db_commit(db, &e);
    }
    if (code != ERR_OK) {
        (void)fprintf(stderr, "big office: %s\n", e.text);
    }
    return code == ERR_OK && tell_of(f, readings ? "readings.batch" : "meters.batch");
}

/* Nothing to do where it is there already. */
static bool make_index(struct office_fixture *f)
{
    struct err e = ERR_INIT;
    if (search_build(f->office, NULL, &e) != ERR_OK) {
        (void)fprintf(stderr, "big office: %s\n", e.text);
        return false;
    }
    return true;
}

/* Where an office of this name is kept; false: nowhere. */
static bool kept_path(const char *name, char out[FIXTURE_PATH_MAX])
{
    const char *kept = getenv("AFORO_BENCH_OFFICES");
    int n = kept != NULL ? snprintf(out, FIXTURE_PATH_MAX, "%s/%s", kept, name) : 0;
    return n > 0 && n < FIXTURE_PATH_MAX;
}

bool big_office_kept(struct office_fixture *f, const char *name)
{
    char path[FIXTURE_PATH_MAX];
    if (!kept_path(name, path) || access(path, R_OK) != 0) {
        return false;
    }
    fixture_close(f);
    fixture_remove_folder(f->dir);
    fixture_copy_folder(path, f->dir);
    fixture_reopen(f);
    return true;
}

/* It is complete under its last name alone. */
bool big_office_keep(struct office_fixture *f, const char *name)
{
    char path[FIXTURE_PATH_MAX];
    char begun[FIXTURE_PATH_MAX + 16];
    if (!kept_path(name, path)) {
        return true;
    }
    (void)mkdir(getenv("AFORO_BENCH_OFFICES"), 0700);
    (void)snprintf(begun, sizeof begun, "%s.begun", path);
    fixture_remove_folder(begun);
    fixture_close(f); /* the log is in the database then */
    fixture_copy_folder(f->dir, begun);
    fixture_reopen(f);
    if (rename(begun, path) != 0) {
        perror(path);
        return false;
    }
    return true;
}

bool big_office_take(struct office_fixture *f, int meters)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%d", meters);
    if (big_office_kept(f, name)) {
        return make_index(f);
    }
    if (!big_office_fill(f, meters)) {
        return false;
    }
    fixture_close(f);
    fixture_reopen(f);
    return make_index(f) && big_office_keep(f, name);
}
