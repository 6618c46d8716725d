/* Random meters, tariffs, readings, payments, corrections, runs taken back: after each month
 * every account adds up, every bill computes again to what was recorded, and in the end a
 * rebuild from the ledger gives the same rows. A seed is a month of an account; a world of 48
 * of them is an office of its own. A soak makes 100,032. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "app/query_bill.h"
#include "app/verify_office.h"
#include "reports/rep_office.h"

#define METERS 8
#define MONTHS 6
#define TARIFFS 3
#define WORLDS 1
#define WORLDS_SOAK 2084
#define PARTS_SOAK 24 /* Check takes no test that lasts longer than 35 minutes */
#define DIFFERENCE 11 /* column of the report "reconcile" */

static uint64_t state;
static int64_t dial[METERS]; /* litres */
static int64_t refused, corrected, discarded;
static uint64_t *worlds_done; /* by all parts, each of which is a process */

static uint64_t draw(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

static int64_t query_of(const char *sql, int64_t value)
{
    int64_t n = 0;
    ck_assert_msg(db_get_int(billing.office->db, &n, NULL, &billing_err, sql,
                             VALS(V_INT(value))) == ERR_OK,
                  "%s", billing_err.text);
    return n;
}

/* A fixed charge, two to four blocks, a surcharge, a tax: all by chance. */
static void tariff_publish(unsigned number)
{
    static const char *const modes[] = {"half_up", "half_even"};
    char json[4096];
    int64_t at = 0;
    int n = snprintf(json, sizeof json,
                     "{\"aforo_tariff\":1,\"code\":\"azar-%u\",\"version\":1,\"name\":{\"es\":"
                     "\"Azar\",\"en\":\"Chance\"},\"kind\":\"water\",\"currency\":\"USD\","
                     "\"valid_from\":\"2025-01-01\",\"unit\":\"m3\",\"rounding\":{\"mode\":"
                     "\"%s\",\"level\":\"line\"},\"components\":[{\"type\":\"fixed\",\"id\":"
                     "\"base\",\"label\":{\"es\":\"Fijo\",\"en\":\"Fixed\"},\"per\":\"%s\","
                     "\"price\":\"%d.%04d\"},{\"type\":\"blocks\",\"id\":\"use\",\"label\":"
                     "{\"es\":\"Uso\",\"en\":\"Use\"},%s\"blocks\":[",
                     number, modes[draw(2)], draw(2) == 0 ? "day" : "period", (int)draw(3),
                     (int)draw(10000),
                     draw(2) == 0 ? "\"prorate_by_days\":true,\"reference_days\":30," : "");
    for (int blocks = 2 + (int)draw(3); blocks > 0; blocks--) {
        int64_t to = at + 1 + (int64_t)draw(15);
        n += snprintf(json + n, sizeof json - (size_t)n, "{\"from\":\"%" PRId64 "\",", at);
        n += blocks > 1
                 ? snprintf(json + n, sizeof json - (size_t)n, "\"to\":\"%" PRId64 "\",", to)
                 : 0;
        n += snprintf(json + n, sizeof json - (size_t)n, "\"price\":\"%d.%06d\"}%s",
                      (int)draw(4), (int)draw(1000000), blocks > 1 ? "," : "");
        at = to;
    }
    (void)snprintf(json + n, sizeof json - (size_t)n,
                   "]},{\"type\":\"surcharge\",\"id\":\"over\",\"label\":{\"es\":\"Exceso\","
                   "\"en\":\"Excess\"},\"price\":\"0.%03d\",\"tolerance\":\"%d\"},{\"type\":"
                   "\"tax\",\"id\":\"vat\",\"label\":{\"es\":\"IVA\",\"en\":\"VAT\"},"
                   "\"percent\":\"%d.%d\"}]}",
                   (int)draw(1000), (int)draw(4), (int)draw(25), (int)draw(10));
    fixture_run(&billing, billing.ana, "tariff publish", "file",
                billing_file("azar.json", json), NULL);
}

static void world_make(void)
{
    fixture_init(&billing);
    for (unsigned i = 0; i < TARIFFS; i++) {
        tariff_publish(i);
    }
    for (unsigned i = 0; i < METERS; i++) {
        char serial[16], account[16], tariff[16];
        (void)snprintf(serial, sizeof serial, "P%u", i);
        (void)snprintf(account, sizeof account, "P-%u", i);
        (void)snprintf(tariff, sizeof tariff, "azar-%u", (unsigned)draw(TARIFFS));
        dial[i] = (int64_t)draw(90000000);
        char initial[32];
        (void)snprintf(initial, sizeof initial, "%" PRId64 ".%03" PRId64, dial[i] / 1000,
                       dial[i] % 1000);
        fixture_run(&billing, billing.ana, "meter add", "serial", serial, "kind", "water",
                    "unit", "m3", "digits", "5", "decimals", "3", "initial", initial,
                    "installed", "2026-03-31", "route", "R1", "account", account, "customer",
                    serial, "tariff", tariff, "limit", "20", NULL);
    }
}

static void try_it(enum err_code code)
{
    refused += code == ERR_OK ? 0 : 1;
}

/* Most are read; some not, some stand lower than before. What was held is decided. */
static void month_read(unsigned month)
{
    char serial[16], value[32], time[32];
    for (unsigned i = 0; i < METERS; i++) {
        uint64_t luck = draw(20);
        if (luck < 3) {
            continue;
        }
        int64_t now = luck == 3 ? dial[i] - (int64_t)draw(300)
                                : dial[i] + (int64_t)draw(luck == 4 ? 90000 : 28000);
        now = now < 0 ? 0 : now;
        (void)snprintf(serial, sizeof serial, "P%u", i);
        (void)snprintf(value, sizeof value, "%" PRId64 ".%03" PRId64, now / 1000, now % 1000);
        (void)snprintf(time, sizeof time, "2026-%02u-%02u 08:00", month,
                       25 + (unsigned)draw(5));
        try_it(fixture_try(&billing, billing.olga, NULL, &billing_err, "reading add", "serial",
                           serial, "value", value, "time", time, NULL));
        dial[i] = now > dial[i] ? now : dial[i];
    }
    for (;;) {
        char id[32];
        int64_t held = billing_count("SELECT coalesce(min(id), 0) FROM reading WHERE state = "
                                     "'held'");
        if (held == 0) {
            return;
        }
        (void)snprintf(id, sizeof id, "%" PRId64, held);
        fixture_run(&billing, billing.luis, "reading decide", "ids", id, "action",
                    draw(2) == 0 ? "accept" : "reject", "reason", "azar", NULL);
    }
}

static void month_bill(unsigned month)
{
    char from[16], to[16], run[32];
    (void)snprintf(from, sizeof from, "2026-%02u-01", month);
    (void)snprintf(to, sizeof to, "2026-%02u-01", month + 1);
    fixture_run(&billing, billing.marta, "bill run", "from", from, "to", to, NULL);
    if (draw(5) == 0) {
        (void)snprintf(run, sizeof run, "%" PRId64,
                       billing_count("SELECT max(id) FROM billing_run"));
        fixture_run(&billing, billing.marta, "bill discard", "run", run, "reason", "azar",
                    NULL);
        fixture_run(&billing, billing.marta, "bill run", "from", from, "to", to, NULL);
        discarded++;
    }
}

static void month_pay(unsigned month)
{
    char account[16], amount[32], slip[32];
    for (unsigned i = 0; i < METERS; i++) {
        int64_t owed = query_of("SELECT coalesce(sum(amount), 0) FROM posting WHERE account = "
                                "(SELECT id FROM account WHERE number = 'P-' || ?)",
                                i);
        int64_t pay = draw(3) == 0 ? 1 + (int64_t)draw(9000) : owed;
        if (pay <= 0 || draw(4) == 0) {
            continue;
        }
        (void)snprintf(account, sizeof account, "P-%u", i);
        (void)snprintf(amount, sizeof amount, "%" PRId64 ".%02" PRId64, pay / 100, pay % 100);
        (void)snprintf(slip, sizeof slip, "%u-%u", month, i);
        try_it(fixture_try(&billing, billing.olga, NULL, &billing_err, "payment take",
                           "account", account, "amount", amount, "method", "card", "slip", slip,
                           NULL));
    }
}

/* A reading that was billed, a few litres other than it was said. */
static void correct(void)
{
    char id[32], value[32];
    int64_t reading = query_of("SELECT coalesce((SELECT to_reading FROM bill_meter WHERE "
                               "to_reading <> from_reading ORDER BY (bill * 7919 + ?) % 101 "
                               "LIMIT 1), 0)",
                               (int64_t)draw(101));
    if (reading == 0) {
        return;
    }
    int64_t litres = query_of("SELECT value FROM reading WHERE id = ?", reading) +
                     (int64_t)draw(6000) - 3000;
    litres = litres < 0 ? 0 : litres;
    (void)snprintf(id, sizeof id, "%" PRId64, reading);
    (void)snprintf(value, sizeof value, "%" PRId64 ".%03" PRId64, litres / 1000, litres % 1000);
    enum err_code code =
        fixture_try(&billing, billing.marta, NULL, &billing_err, "reading correct", "reading",
                    id, "value", value, "reason", "azar", NULL);
    corrected += code == ERR_OK ? 1 : 0;
    try_it(code);
}

static void change(void)
{
    char number[32], amount[32], account[16];
    int64_t bills = billing_count("SELECT coalesce(max(id), 0) FROM bill");
    int64_t receipts = billing_count("SELECT coalesce(max(number), 0) FROM document WHERE type "
                                     "= 'receipt'");
    uint64_t kind = draw(7);
    (void)snprintf(amount, sizeof amount, "%d.%02d", (int)draw(20), 1 + (int)draw(99));
    (void)snprintf(account, sizeof account, "P-%u", (unsigned)draw(METERS));
    (void)snprintf(number, sizeof number, "%" PRId64,
                   1 + (int64_t)draw((uint64_t)(kind < 3 ? bills : receipts) + 1));
    if (kind == 0) {
        try_it(fixture_try(&billing, billing.marta, NULL, &billing_err, "note issue", "type",
                           "credit", "bill", number, "amount", amount, "reason", "azar", NULL));
    } else if (kind == 1) {
        if (fixture_try(&billing, billing.marta, NULL, &billing_err, "bill cancel", "bill",
                        number, "reason", "azar", NULL) == ERR_OK &&
            draw(3) > 0) {
            try_it(fixture_try(&billing, billing.marta, NULL, &billing_err, "bill rebill",
                               "bill", number, NULL));
        }
    } else if (kind == 2 || kind == 3) {
        correct();
    } else if (kind == 4) {
        try_it(fixture_try(&billing, billing.marta, NULL, &billing_err, "payment reverse",
                           "receipt", number, "reason", "azar", NULL));
    } else if (kind == 5) {
        try_it(fixture_try(&billing, billing.marta, NULL, &billing_err, "account refund",
                           "account", account, "amount", amount, "reason", "azar", NULL));
    } else {
        try_it(fixture_try(&billing, billing.marta, NULL, &billing_err, "account write-off",
                           "account", account, "amount", amount, "reason", "azar", NULL));
    }
}

/* ---- what must hold ---- */

static int64_t differences(void)
{
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    struct report_cell cells[OFFICE_REPORT_COLUMNS];
    struct office_report *r = calloc(1, sizeof *r);
    int64_t bad = 0;
    bool eof = false;
    ck_assert(r != NULL);
    ck_assert_msg(office_report_open(billing.office, office_report_find("reconcile"), values,
                                     NULL, r, &billing_err) == ERR_OK,
                  "%s", billing_err.text);
    while (r->doc.rows.next(r->doc.rows.ctx, cells, &eof, &billing_err) == ERR_OK && !eof) {
        bad += cells[DIFFERENCE].value != 0;
    }
    ck_assert_msg(eof, "%s", billing_err.text);
    office_report_close(r);
    free(r);
    return bad;
}

/* Each bill computed again from its recorded readings, tariff and limit. */
static void bills_hold(uint64_t world)
{
    struct arena arena;
    struct bill_view v;
    struct buf text;
    int64_t bills = billing_count("SELECT coalesce(max(id), 0) FROM bill");
    arena_init(&arena, (size_t)16 << 20);
    buf_init(&text, (size_t)1 << 20);
    for (int64_t i = 1; i <= bills; i++) {
        arena_reset(&arena);
        buf_clear(&text);
        ck_assert_msg(bill_view(billing.office, i, &arena, &v, &billing_err) == ERR_OK &&
                          bill_explain(billing.office, &v, &text, &billing_err) == ERR_OK,
                      "world %" PRIu64 ", bill %" PRId64 ": %s", world, i, billing_err.text);
    }
    buf_release(&text);
    arena_release(&arena);
}

static void month_holds(uint64_t world, unsigned month)
{
    static const char *const broken[] = {
        "SELECT count(*) FROM (SELECT 1 FROM posting GROUP BY account HAVING sum(amount) <> "
        "sum(open))",
        "SELECT count(*) FROM bill b WHERE total <> (SELECT coalesce(sum(amount), 0) FROM "
        "bill_line WHERE bill = b.id)",
        "SELECT (SELECT max(id) <> count(*) FROM bill) + (SELECT count(*) FROM (SELECT 1 FROM "
        "document GROUP BY type HAVING max(number) <> count(*)))",
        "SELECT count(*) FROM bill b WHERE (SELECT sum(amount) FROM document WHERE bill = b.id "
        "AND type = 'credit_note') > total + (SELECT coalesce(sum(amount), 0) FROM document "
        "WHERE bill = b.id AND type = 'debit_note')",
        "SELECT count(*) FROM (SELECT 1 FROM bill b JOIN billing_run r ON r.id = b.run WHERE "
        "b.cancelled IS NULL AND r.state = 'closed' GROUP BY b.account, b.start_date HAVING "
        "count(*) > 1)",
    };
    ck_assert_msg(differences() == 0, "world %" PRIu64 ", month %u", world, month);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        ck_assert_msg(billing_count(broken[i]) == 0, "world %" PRIu64 ", month %u: %s", world,
                      month, broken[i]);
    }
}

static void replays(uint64_t world)
{
    const char *build = getenv("AFORO_BUILDDIR");
    char program[1024];
    struct audit a;
    (void)snprintf(program, sizeof program, "%s/aforo", build != NULL ? build : ".");
    fixture_close(&billing);
    struct verify_request q = {
        .dir = billing.dir, .level = VERIFY_DEEP, .env = &env_system, .program = program};
    ck_assert_msg(verify_office(&q, &a, &billing_err) == ERR_OK, "world %" PRIu64 ": %s", world,
                  billing_err.text);
    fixture_remove_folder(billing.dir);
}

static bool soak(void)
{
    const char *s = getenv("AFORO_SOAK");
    return s != NULL && *s == '1';
}

START_TEST(random_months_of_an_office_add_up_and_replay)
{
    uint64_t parts = soak() ? PARTS_SOAK : 1;
    uint64_t worlds = soak() ? WORLDS_SOAK : WORLDS;
    uint64_t part = (uint64_t)_i;
    refused = corrected = discarded = 0;
    for (uint64_t world = part * worlds / parts; world < (part + 1) * worlds / parts; world++) {
        state = world * UINT64_C(2654435761) + 2016;
        (void)draw(2);
        billing_err = (struct err)ERR_INIT;
        world_make();
        for (unsigned month = 4; month < 4 + MONTHS; month++) {
            month_read(month);
            month_bill(month);
            month_pay(month);
            for (int i = 0; i < 6; i++) {
                change();
            }
            month_holds(world, month);
        }
        bills_hold(world);
        /* A sum of another amount is seen: the identity does not hold by itself. */
        ck_assert_int_eq(db_exec(billing.office->db,
                                 "UPDATE payment SET amount = amount + 1 WHERE id = (SELECT "
                                 "min(id) FROM payment WHERE state = 'posted')",
                                 &billing_err),
                         ERR_OK);
        ck_assert_int_ge(differences(), 1);
        ck_assert_int_eq(db_exec(billing.office->db,
                                 "UPDATE payment SET amount = amount - 1 WHERE id = (SELECT "
                                 "min(id) FROM payment WHERE state = 'posted')",
                                 &billing_err),
                         ERR_OK);
        replays(world);
        ++*worlds_done;
    }
    ck_assert(refused > 0 && corrected > 0);
    printf("# so far: year_property %" PRIu64 " 0\n", *worlds_done * METERS * MONTHS);
    if (part + 1 == parts) {
        printf("# count year_property %" PRIu64 " %" PRIu64 "\n",
               *worlds_done * METERS * MONTHS, (worlds - *worlds_done) * METERS * MONTHS);
    }
    (void)fflush(stdout);
}
END_TEST

Suite *suite_year_property(void)
{
    Suite *s = suite_create("year_property");
    TCase *t = tcase_create("worlds");
    worlds_done = mmap(NULL, sizeof *worlds_done, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (worlds_done == MAP_FAILED) {
        abort();
    }
    tcase_set_timeout(t, 2100);
    tcase_add_loop_test(t, random_months_of_an_office_add_up_and_replay, 0,
                        soak() ? PARTS_SOAK : 1);
    suite_add_tcase(s, t);
    return s;
}
