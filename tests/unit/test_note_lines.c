/* Corrections of billed readings, at random: each note is made of lines that add up to it, and
 * a bill with its notes comes to what a new bill from the corrected readings comes to. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/note_lines.h"

#define WORLDS 2
#define WORLDS_SOAK 2000
#define ROUNDS 8
#define BILLS 64

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

/* The statement is kept by the address of its text, so that numbers are bound. */
static int64_t query_of(const char *sql, int64_t value)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(billing.office->db, &n, NULL, &billing_err, sql,
                             VALS(V_INT(value))) == ERR_OK,
                  "%s", billing_err.text);
    return n;
}

/* Blocks, a fixed charge and a tax; prices change on 11 February. */
#define WATER(version, from, level, price)                                                     \
    "{\"aforo_tariff\":1,\"code\":\"agua\",\"version\":" version                               \
    ",\"name\":{\"es\":\"Agua\",\"en\":\"Water\"},\"kind\":\"water\",\"currency\":\"USD\","    \
    "\"valid_from\":\"" from "\",\"unit\":\"m3\",\"rounding\":{\"mode\":\"half_up\","          \
    "\"level\":\"" level "\"},\"components\":[{\"type\":\"fixed\",\"id\":\"fijo\",\"label\":"  \
    "{\"es\":\"Cuota\",\"en\":\"Fixed\"},\"per\":\"period\",\"price\":\"3.33\"},{\"type\":"    \
    "\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Agua\",\"en\":\"Water\"},\"blocks\":["      \
    "{\"from\":\"0\",\"to\":\"20\",\"price\":\"" price "\"},{\"from\":\"20\",\"price\":"       \
    "\"1.9137\"}]},{\"type\":\"tax\",\"id\":\"iva\",\"label\":{\"es\":\"IVA\",\"en\":"         \
    "\"VAT\"},\"percent\":\"13\"}]}"
#define GAS                                                                                    \
    "{\"aforo_tariff\":1,\"code\":\"gas\",\"version\":1,\"name\":{\"es\":\"Gas\",\"en\":"      \
    "\"Gas\"},\"kind\":\"gas\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\",\"unit\":"   \
    "\"kWh\",\"rounding\":{\"mode\":\"half_up\",\"level\":\"total\"},\"components\":["         \
    "{\"type\":\"blocks\",\"id\":\"energy\",\"label\":{\"es\":\"Gas\",\"en\":\"Gas\"},"        \
    "\"price\":\"0.0617\"},{\"type\":\"tax\",\"id\":\"iva\",\"label\":{\"es\":\"IVA\",\"en\":" \
    "\"VAT\"},\"percent\":\"13\"}]}"
/* The night is counted by a register of its own. */
#define POWER(version, from, price)                                                            \
    "{\"aforo_tariff\":1,\"code\":\"luz\",\"version\":" version                                \
    ",\"name\":{\"es\":\"Luz\",\"en\":\"Power\"},\"kind\":\"energy\",\"currency\":\"USD\","    \
    "\"valid_from\":\"" from "\",\"unit\":\"kWh\",\"rounding\":{\"mode\":\"half_up\","         \
    "\"level\":\"line\"},\"components\":[{\"type\":\"blocks\",\"id\":\"use\",\"label\":"       \
    "{\"es\":\"Luz\",\"en\":\"Power\"},\"price\":\"0.2113\"},{\"type\":\"blocks\",\"id\":"     \
    "\"noche\",\"label\":{\"es\":\"Noche\",\"en\":\"Night\"},\"register\":\"1.8.2\","          \
    "\"price\":\"" price "\"}]}"

static void publish(const char *text)
{
    fixture_run(&billing, billing.ana, "tariff publish", "file", billing_file("t.json", text),
                NULL);
}

static void meter(const char *serial, const char *kind, const char *tariff)
{
    fixture_run(&billing, billing.ana, "meter add", "serial", serial, "kind", kind, "unit",
                strcmp(kind, "energy") == 0 ? "kWh" : "m3", "digits", "5", "decimals", "1",
                "initial", "0", "installed", "2026-01-01", "account", serial, "customer",
                serial, "tariff", tariff, NULL);
}

static void factor(const char *kind, const char *value, const char *start)
{
    fixture_run(&billing, billing.marta, "gas factor", "kind", kind, "value", value, "start",
                start, "source", "Gaceta", NULL);
}

static void setup(void)
{
    billing_setup();
    publish(WATER("1", "2025-01-01", "total", "0.7311"));
    publish(WATER("2", "2026-02-11", "line", "0.8123"));
    publish(POWER("1", "2025-01-01", "0.0509"));
    publish(POWER("2", "2026-01-21", "0.0613"));
    publish(GAS);
    factor("volume", "1.02264", "2025-01-01");
    factor("calorific", "39.5", "2025-01-01");
    factor("calorific", "38.9", "2026-02-14");
    meter("M1", "water", "agua");
    meter("S1", "water", "agua");
    meter("G1", "gas", "gas");
    meter("E1", "energy", "luz");
    fixture_run(&billing, billing.ana, "meter link", "serial", "S1", "above", "M1", "deduct",
                "yes", "start", "2026-01-02", NULL);
    fixture_run(&billing, billing.ana, "meter register", "serial", "E1", "obis", "1-0:1.8.2",
                "unit", "kWh", "digits", "5", "decimals", "1", "initial", "0", NULL);
}

#define MONTHS 3
#define DIALS 5

/* What the dials showed at the end of each month, in tenths, and the readings of it. */
static struct dial {
    int64_t tenths, reading;
} dials[MONTHS][DIALS];

static void dials_draw(void)
{
    static const int64_t most[DIALS] = {400, 150, 3000, 4000, 2000};
    for (size_t m = 0; m < MONTHS; m++) {
        for (size_t i = 0; i < DIALS; i++) {
            dials[m][i].tenths = (m > 0 ? dials[m - 1][i].tenths : 0) + (i == 0 ? 300 : 100) +
                                 (int64_t)draw((uint64_t)most[i]);
        }
    }
}

static void read_one(struct dial *d, size_t i, const char *time)
{
    static const char *const serials[DIALS] = {"M1", "S1", "G1", "E1", "E1"};
    static const char *const obis[DIALS] = {"8-0:1.0.0", "8-0:1.0.0", "7-0:3.0.0", "1-0:1.8.0",
                                            "1-0:1.8.2"};
    char value[32];
    (void)snprintf(value, sizeof value, "%" PRId64 ".%" PRId64, d->tenths / 10, d->tenths % 10);
    fixture_run(&billing, billing.olga, "reading add", "serial", serials[i], "value", value,
                "time", time, "register", obis[i], NULL);
    d->reading = billing_count("SELECT max(id) FROM reading");
}

static void months_bill(void)
{
    static const char *const periods[MONTHS] = {"2026-01", "2026-02", "2026-03"};
    static const char *const times[MONTHS] = {"2026-02-01 00:00", "2026-03-01 00:00",
                                              "2026-04-01 00:00"};
    for (size_t m = 0; m < MONTHS; m++) {
        for (size_t i = 0; i < DIALS; i++) {
            read_one(&dials[m][i], i, times[m]);
        }
        fixture_run(&billing, billing.marta, "bill run", "period", periods[m], NULL);
    }
}

/* Some billed reading, as far from what it said as leaves it between its neighbours. */
static bool correct_one(void)
{
    char id[24];
    char value[32];
    struct dial *d = &dials[draw(MONTHS)][draw(DIALS)];
    int64_t tenths = d->tenths + (int64_t)draw(90) - 45;
    (void)snprintf(id, sizeof id, "%" PRId64, d->reading);
    (void)snprintf(value, sizeof value, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
    if (fixture_try(&billing, billing.marta, NULL, &billing_err, "reading correct", "reading",
                    id, "value", value, "reason", "azar", NULL) != ERR_OK) {
        return false; /* it was corrected before, or says so already */
    }
    d->tenths = tenths;
    return true;
}

/* Every note has lines, and they come to its amount. */
static int64_t notes_explain(void)
{
    struct arena a;
    struct stmt *q = NULL;
    struct bill_view v;
    bool row = false;
    int64_t seen = 0;
    arena_init(&a, (size_t)16 << 20);
    ck_assert_int_eq(db_query(billing.office->db, &q, &billing_err,
                              "SELECT type, number, amount, bill FROM document WHERE cause = "
                              "'correction'",
                              NO_VALS),
                     ERR_OK);
    while (stmt_next(q, &row, &billing_err) == ERR_OK && row) {
        struct bill_view_line *lines = NULL;
        size_t count = 0;
        int64_t sum = 0;
        char type[16];
        (void)snprintf(type, sizeof type, "%s", stmt_text(q, 0));
        ck_assert_int_eq(bill_view(billing.office, stmt_int(q, 3), &a, &v, &billing_err),
                         ERR_OK);
        ck_assert_msg(note_lines(billing.office, type, stmt_int(q, 1), stmt_int(q, 2), &v, &a,
                                 &lines, &count, &billing_err) == ERR_OK,
                      "%s", billing_err.text);
        for (size_t i = 0; i < count; i++) {
            sum += lines[i].amount.minor;
        }
        ck_assert_msg(count > 0, "%s %" PRId64 " has no lines", type, stmt_int(q, 1));
        ck_assert_int_eq(sum, stmt_int(q, 2));
        seen++;
    }
    stmt_done(q);
    arena_release(&a);
    return seen;
}

/* What each bill comes to with its notes. */
static size_t bills_come_to(int64_t *out)
{
    size_t bills = (size_t)billing_count("SELECT max(id) FROM bill");
    ck_assert_uint_le(bills, BILLS);
    for (size_t i = 0; i < bills; i++) {
        out[i] =
            query_of("SELECT total + (SELECT coalesce(sum(CASE type WHEN 'debit_note' THEN "
                     "amount ELSE -amount END), 0) FROM document d WHERE d.bill = b.id) "
                     "FROM bill b WHERE id = ?",
                     (int64_t)i + 1);
    }
    return bills;
}

static void world_run(uint64_t world)
{
    int64_t noted[BILLS];
    int64_t fresh[BILLS];
    int64_t corrected = 0;
    state = world * UINT64_C(2654435761) + 7;
    dials_draw();
    setup();
    months_bill();
    for (int i = 0; i < ROUNDS; i++) {
        corrected += correct_one() ? 1 : 0;
    }
    ck_assert_msg(corrected > 0, "%s", billing_err.text);
    ck_assert_int_ge(notes_explain(), 1);
    size_t bills = bills_come_to(noted);
    billing_teardown();
    setup();
    months_bill();
    ck_assert_uint_eq(bills_come_to(fresh), bills);
    for (size_t i = 0; i < bills; i++) {
        ck_assert_msg(noted[i] == fresh[i],
                      "world %" PRIu64 ": bill %zu and its notes come to %" PRId64
                      ", a bill from the corrected readings to %" PRId64,
                      world, i + 1, noted[i], fresh[i]);
    }
    billing_teardown();
}

START_TEST(notes_have_lines_and_come_to_what_a_new_bill_would)
{
    const char *soak = getenv("AFORO_SOAK");
    uint64_t worlds = soak != NULL && *soak == '1' ? WORLDS_SOAK : WORLDS;
    for (uint64_t world = 0; world < worlds; world++) {
        world_run(world);
    }
    (void)printf("# count notes_by_lines %" PRIu64 " 0\n", worlds);
}
END_TEST

Suite *suite_note_lines(void)
{
    Suite *s = suite_create("note lines");
    TCase *t = tcase_create("random");
    tcase_set_timeout(t, 1800);
    tcase_add_test(t, notes_have_lines_and_come_to_what_a_new_bill_would);
    suite_add_tcase(s, t);
    return s;
}
