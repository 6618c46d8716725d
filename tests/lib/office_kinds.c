#include <config.h>

#include "tests/lib/office_kinds.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/office_busy.h"
#include "tests/lib/office_segments.h"

static const char mapping_meters[] =
    "{\"kind\":\"meters\",\"columns\":{\"serial\":\"serial\",\"kind\":\"kind\",\"place\":"
    "\"place\","
    "\"account\":\"account\",\"customer\":\"customer\",\"tariff\":\"tariff\",\"initial\":"
    "\"initial\","
    "\"installed\":\"installed\",\"limit\":\"limit\",\"max_rate\":\"max_rate\"}}";
static const char meters[] =
    "serial,kind,place,account,customer,tariff,initial,installed,limit,max_rate\n"
    "N00001,water,Calle Nueva 1,N-1,Inés Mora,doc07-water,0.000,2026-10-01,30,2.5\n"
    "N00002,water,Calle Nueva 2,N-1,,doc07-water,1.500,2026-10-01,,\n"
    "N00003,vapour,Calle Nueva 3,,,,,,,\n";

static void write_file(const struct office_fixture *f, const char *name, const char *text,
                       char path[FIXTURE_PATH_MAX + 32])
{
    (void)snprintf(path, FIXTURE_PATH_MAX + 32, "%s/%s", f->dir, name);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
        (void)fprintf(stderr, "office fixture: cannot write %s\n", path);
        abort();
    }
}

static void office_kinds(struct office_fixture *f)
{
    struct err e = ERR_INIT;
    (void)fixture_run(f, f->ana, "user add", "login", "nora", "person", "Nora Paz", "roles",
                      "operator", "password", FIXTURE_PASSWORD, NULL);
    (void)fixture_run(f, f->ana, "user roles", "login", "nora", "roles", "operator,supervisor",
                      NULL);
    (void)fixture_run(f, f->ana, "user disable", "login", "nora", "reason", "se fue", NULL);
    (void)fixture_run(f, f->marta, "user password", "password", "otra-clave-larga", NULL);
    (void)fixture_run(f, f->ana, "role define", "role", "lector", "commands", "reading add",
                      NULL);
    f->clock.wall -= INT64_C(3600000);
    if (fixture_try(f, f->ana, NULL, &e, "limit set", "serial", "W00001", "value", "21",
                    NULL) != ERR_STATE) {
        abort();
    }
    (void)fixture_run(f, f->ana, "clock adjust", "reason", "pila cambiada", NULL);
}

static void import_kinds(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    write_file(f, "mapping-meters.json", mapping_meters, path);
    (void)fixture_run(f, f->ana, "mapping save", "name", "nuevos", "file", path, NULL);
    write_file(f, "meters.csv", meters, path);
    if (fixture_try(f, f->ana, NULL, &e, "import meters", "file", path, "mapping", "nuevos",
                    NULL) != ERR_PARSE) { /* its last row is refused */
        abort();
    }
    char run[24];
    int64_t newest = 0;
    if (db_get_int(f->office->db, &newest, NULL, &e, "SELECT max(id) FROM import_run",
                   NO_VALS) != ERR_OK) {
        abort();
    }
    (void)snprintf(run, sizeof run, "%lld", (long long)newest);
    (void)fixture_run(f, f->ana, "import discard", "run", run, "reason", "archivo equivocado",
                      NULL);
}

static void money_kinds(struct office_fixture *f)
{
    (void)fixture_run(f, f->olga, "drawer open", "drawer", "caja 2", "float", "50", NULL);
    (void)fixture_run(f, f->olga, "drawer move", "direction", "in", "amount", "20", "reason",
                      "cambio", NULL);
    (void)fixture_run(f, f->ana, "account refund", "account", "A00003", "amount", "1", "method",
                      "transfer", "reason", "pagado de más", NULL);
    (void)fixture_run(f, f->ana, "account write-off", "account", "A00002", "amount", "1",
                      "reason", "incobrable", NULL);
}

static void request_kinds(struct office_fixture *f)
{
    for (int i = 0; i < 2; i++) {
        (void)fixture_run(f, f->ana, "user recover", "login", "olga", "reason", "olvido",
                          "password", FIXTURE_PASSWORD, NULL);
    }
    (void)fixture_run(f, f->marta, "request approve", "request", "1", NULL);
    (void)fixture_run(f, f->luis, "request reject", "request", "10", "reason", "no era ella",
                      NULL);
    (void)fixture_run(f, f->ana, "request withdraw", "request", "11", NULL);
}

static void key_kinds(struct office_fixture *f)
{
    struct session *s = NULL;
    struct err e = ERR_INIT;
    char digits[17];
    int wait_s = 0;
    (void)fixture_run(f, f->ana, "key rotate", "purpose", "log", "reason", "cada año", NULL);
    (void)fixture_run(f, f->ana, "key create", "purpose", "document", NULL);
    fixture_key_of(f, "document", digits);
    (void)fixture_run(f, f->ana, "key revoke", "key", digits, "reason", "perdida", NULL);
    if (session_login(f->office, "nadie", "nada", &s, &wait_s, &e) != ERR_DENIED) {
        abort();
    }
    f->clock.wall += INT64_C(3600000);
    f->clock.boot += INT64_C(3600000);
    if (session_login(f->office, "nadie", "nada", &s, &wait_s, &e) != ERR_DENIED) {
        abort();
    }
}

/* A reading that is the end of a bill in force. */
static void billed_reading(struct office_fixture *f, char out[32])
{
    struct err e = ERR_INIT;
    int64_t id = 0;
    if (db_get_int(
            f->office->db, &id, NULL, &e,
            "SELECT max(bm.to_reading) FROM bill_meter bm JOIN bill b ON b.id = bm.bill "
            "JOIN billing_run r ON r.id = b.run WHERE r.state = 'closed' AND b.cancelled "
            "IS NULL AND bm.flags = ''",
            NO_VALS) != ERR_OK) {
        abort();
    }
    (void)snprintf(out, 32, "%lld", (long long)id);
}

static void note_kinds(struct office_fixture *f)
{
    char reading[32];
    (void)fixture_run(f, f->marta, "bill cancel", "bill", "2", "reason", "otro cliente", NULL);
    billed_reading(f, reading);
    (void)fixture_run(f, f->marta, "reading correct", "reading", reading, "value", "105",
                      "reason", "mal leída", NULL);
    (void)fixture_run(f, f->marta, "deposit return", "deposit", "1", "reason", "se muda", NULL);
    (void)fixture_run(f, f->marta, "plan end", "plan", "1", "reason", "pagó", NULL);
    (void)fixture_run(f, f->marta, "bank assign", "row", "2", "to", "A00003:5", NULL);
    (void)fixture_run(f, f->marta, "bank reject", "row", "4", "reason", "de otra empresa",
                      NULL);
    (void)fixture_run(f, f->marta, "bank discard", "file", "2", "reason", "mes equivocado",
                      NULL);
    (void)fixture_run(f, f->ana, "meter swap", "serial", "W00002", "new", "W90002", "final",
                      "14000", "initial", "0.5", "reason", "dial empañado", NULL);
    f->clock.wall += INT64_C(40) * 86400 * 1000; /* until what is left is overdue */
    f->clock.boot += INT64_C(40) * 86400 * 1000;
    (void)fixture_run(f, f->marta, "late-fee run", NULL);
}

/* Cuts beyond the cap of an hour wait in quarantine; an hour later one is released. */
static void cut_kinds(struct office_fixture *f)
{
    char name[3][16];
    struct err e = ERR_INIT;
    int64_t last = 0;
    int64_t request = 0;
    fixture_meters(f, 4);
    if (db_get_int(f->office->db, &last, NULL, &e, "SELECT max(id) FROM meter", NO_VALS) !=
        ERR_OK) {
        abort();
    }
    for (int64_t i = last - 3; i <= last; i++) {
        (void)snprintf(name[0], sizeof name[0], "A%05lld", (long long)i);
        (void)fixture_run(f, f->marta, "account opening", "account", name[0], "amount", "30",
                          "due", "2026-01-31", NULL);
    }
    for (int i = 0; i < 3; i++) {
        (void)fixture_run(f, f->marta, "collection run", NULL);
    }
    for (int64_t i = last - 3; i <= last + 1; i++) {
        (void)snprintf(name[0], sizeof name[0], "W%05lld", (long long)i);
        if (i <= last) {
            (void)fixture_run(f, f->marta, "cut order", "serial", name[0], NULL);
        } else {
            f->clock.wall += INT64_C(3600000);
            f->clock.boot += INT64_C(3600000);
            (void)fixture_run(f, f->ana, "cut release", "cut", "6", NULL);
        }
        if (db_get_int(f->office->db, &request, NULL, &e, "SELECT max(id) FROM request",
                       NO_VALS) != ERR_OK) {
            abort();
        }
        (void)snprintf(name[1], sizeof name[1], "%lld", (long long)request);
        (void)fixture_run(f, f->luis, "request approve", "request", name[1], NULL);
    }
}

static void dispute_kinds(struct office_fixture *f)
{
    (void)fixture_run(f, f->marta, "dispute resolve", "dispute", "1", "outcome", "upheld",
                      "reason", "tiene razón", NULL);
    (void)fixture_run(f, f->luis, "work cancel", "work", "2", "reason", "ya no gotea", NULL);
    (void)fixture_run(f, f->ana, "work assign", "work", "3", "to", "luis", NULL);
    (void)fixture_run(f, f->luis, "work begin", "work", "3", NULL);
    (void)fixture_run(f, f->marta, "cut withdraw", "cut", "2", "reason", "paga mañana", NULL);
}

/* An actual reading below what was estimated. */
static void estimate_kinds(struct office_fixture *f)
{
    char serial[16];
    char reading[32];
    struct err e = ERR_INIT;
    int64_t meter = 0;
    int64_t id = 0;
    if (db_get_int(f->office->db, &meter, NULL, &e,
                   "SELECT max(CAST(substr(m.serial, 2) AS INTEGER)) FROM reading x JOIN "
                   "register g ON g.id = x.register JOIN meter m ON m.id = g.meter WHERE "
                   "x.source = 'estimated'",
                   NO_VALS) != ERR_OK) {
        abort();
    }
    (void)snprintf(serial, sizeof serial, "W%05lld", (long long)meter);
    (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", "60", "time",
                      "2026-10-20 08:00", NULL);
    if (db_get_int(f->office->db, &id, NULL, &e, "SELECT max(id) FROM reading", NO_VALS) !=
        ERR_OK) {
        abort();
    }
    (void)snprintf(reading, sizeof reading, "%lld", (long long)id);
    (void)fixture_run(f, f->luis, "reading reestimate", "reading", reading, "reason",
                      "se pudo leer", NULL);
    (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", "55", "time",
                      "2026-10-21 08:00", NULL);
    (void)fixture_run(f, f->luis, "reading decide", "serial", serial, "action", "reject",
                      "reason", "mal leída", NULL);
    if (db_get_int(f->office->db, &id, NULL, &e, "SELECT max(id) FROM decision", NO_VALS) !=
        ERR_OK) {
        abort();
    }
    (void)snprintf(reading, sizeof reading, "%lld", (long long)id);
    (void)fixture_run(f, f->luis, "meter check", "from", "2026-01-01", "to", "2026-11-02",
                      NULL);
    (void)fixture_run(f, f->luis, "decision undo", "decision", reading, "reason",
                      "se vuelve a mirar", NULL);
}

void fixture_every_kind(struct office_fixture *f)
{
    fixture_busy(f);
    cut_kinds(f);
    (void)fixture_run(f, f->marta, "bill discard", "run", "2", "reason", "tarifa equivocada",
                      NULL);
    (void)fixture_run(f, f->luis, "alert resolve", "alert", "3", "reason", "fuga reparada",
                      NULL);
    (void)fixture_run(f, f->ana, "meter assign", "serial", "W00001", "account", "A00002",
                      "tariff", "doc07-water", NULL);
    money_kinds(f);
    import_kinds(f);
    fixture_segment_drop(f, "1");
    fixture_segment_restore(f, "1");
    estimate_kinds(f);
    note_kinds(f);
    request_kinds(f);
    dispute_kinds(f);
    key_kinds(f);
    office_kinds(f);
}
