/* Work orders and disputes. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/notices.h"
#include "lib/office_fixture.h"

Suite *suite_collection(void);

static struct office_fixture f;
static struct err e;

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    fixture_meters(&f, 3);
    fixture_run(&f, f.ana, "user roles", "login", "luis", "roles", "supervisor,installer",
                NULL);
}

static void teardown(void)
{
    fixture_free(&f);
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

/* Bills of 3 accounts, each 500.00. */
static void bill_all(void)
{
    const char *serials[] = {"W00001", "W00002", "W00003"};
    for (size_t i = 0; i < 3; i++) {
        fixture_run(&f, f.olga, "reading add", "serial", serials[i], "value", "10", "time",
                    "2026-09-01 08:00", NULL);
        fixture_run(&f, f.olga, "reading add", "serial", serials[i], "value", "20", "time",
                    "2026-09-30 08:00", NULL);
    }
    fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
}

static int64_t open_of(int64_t bill)
{
    int64_t n = -1;
    ck_assert_int_eq(db_get_int(f.office->db, &n, NULL, &e,
                                "SELECT open FROM posting WHERE kind = 'bill' AND ref = ?",
                                VALS(V_INT(bill))),
                     ERR_OK);
    return n;
}

START_TEST(a_work_order_is_closed_by_who_has_it)
{
    fixture_run(&f, f.olga, "work open", "kind", "re-read", "serial", "W00001", "reason", "r",
                NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE state = 'open' AND account = "
                           "1 AND meter = 1"),
                     1);
    /* nobody has it yet; then another has it */
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "work close", "work", "1", "outcome",
                                 "done", "result", "x", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(
        fixture_try(&f, f.luis, NULL, &e, "work assign", "work", "1", "to", "olga", NULL),
        ERR_STATE);
    fixture_run(&f, f.ana, "work assign", "work", "1", "to", "luis", NULL);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "work close", "work", "1", "outcome",
                                 "done", "result", "x", NULL),
                     ERR_DENIED);
    fixture_run(&f, f.luis, "work close", "work", "1", "outcome", "done", "result", "leído",
                NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "work close", "work", "1", "outcome",
                                 "done", "result", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE state = 'done'"), 1);
}
END_TEST

START_TEST(what_failed_is_done_again)
{
    fixture_run(&f, f.ana, "work open", "kind", "inspect", "serial", "W00002", "reason", "r",
                "due", "2026-11-05", NULL);
    fixture_run(&f, f.ana, "work assign", "work", "1", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work close", "work", "1", "outcome", "failed", "result", "perro",
                NULL);
    ck_assert_int_eq(count("SELECT follows FROM work_order WHERE id = 2 AND kind = 'inspect' "
                           "AND meter = 2 AND state = 'open' AND due = '2026-11-05'"),
                     1);
    fixture_run(&f, f.luis, "work cancel", "work", "2", "reason", "x", NULL);
    ck_assert_int_eq(
        fixture_try(&f, f.luis, NULL, &e, "work cancel", "work", "2", "reason", "x", NULL),
        ERR_STATE);
}
END_TEST

START_TEST(nobody_opens_a_cut_by_hand)
{
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "work open", "kind", "cut", "serial",
                                 "W00001", "reason", "r", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "work open", "kind", "swap", "reason", "r", NULL),
        ERR_USAGE);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order"), 0);
}
END_TEST

START_TEST(an_upheld_dispute_credits_the_bill)
{
    bill_all();
    int64_t owed = open_of(1);
    ck_assert_int_gt(owed, 0);
    fixture_run(&f, f.olga, "dispute open", "bill", "1", "reason", "no", NULL);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "1", "reason",
                                 "otra vez", NULL),
                     ERR_EXISTS);
    ck_assert_int_eq(count("SELECT amount FROM dispute WHERE deadline = '2026-11-17'"), owed);
    fixture_run(&f, f.marta, "dispute resolve", "dispute", "1", "outcome", "upheld", "reason",
                "tiene razón", NULL);
    ck_assert_int_eq(open_of(1), 0);
    ck_assert_int_eq(count("SELECT amount FROM document WHERE type = 'credit_note' AND cause = "
                           "'dispute' AND bill = 1"),
                     owed);
    ck_assert_int_eq(fixture_try(&f, f.marta, NULL, &e, "dispute resolve", "dispute", "1",
                                 "outcome", "rejected", "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "1", "reason", "r", NULL),
        ERR_STATE); /* nothing is left of it */
}
END_TEST

START_TEST(a_dispute_is_upheld_in_part_or_not)
{
    bill_all();
    int64_t owed = open_of(2);
    fixture_run(&f, f.olga, "dispute open", "bill", "2", "amount", "10", "reason", "r", NULL);
    ck_assert_int_eq(fixture_try(&f, f.marta, NULL, &e, "dispute resolve", "dispute", "1",
                                 "outcome", "partly", "reason", "r", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.marta, NULL, &e, "dispute resolve", "dispute", "1",
                                 "outcome", "partly", "amount", "10", "reason", "r", NULL),
                     ERR_USAGE);
    fixture_run(&f, f.marta, "dispute resolve", "dispute", "1", "outcome", "partly", "amount",
                "9.99", "reason", "r", NULL);
    ck_assert_int_eq(open_of(2), owed - 999);
    fixture_run(&f, f.olga, "dispute open", "bill", "3", "reason", "r", NULL);
    fixture_run(&f, f.marta, "dispute resolve", "dispute", "2", "outcome", "rejected", "reason",
                "bien medido", NULL);
    ck_assert_int_eq(open_of(3), owed);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "3", "amount",
                                 "100000", "reason", "r", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "9", "reason", "r", NULL),
        ERR_NOT_FOUND);
}
END_TEST

START_TEST(a_reading_in_dispute_freezes_its_bill)
{
    bill_all();
    char reading[32];
    (void)snprintf(reading, sizeof reading, "%lld",
                   (long long)count("SELECT to_reading FROM bill_meter WHERE bill = 2"));
    fixture_run(&f, f.olga, "dispute open", "reading", reading, "reason", "r", NULL);
    ck_assert_int_eq(count("SELECT bill FROM dispute WHERE account = 2"), 2);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "2", "reason", "r", NULL),
        ERR_EXISTS);
    fixture_run(&f, f.olga, "reading add", "serial", "W00002", "value", "21", "time",
                "2026-10-20 08:00", NULL);
    (void)snprintf(reading, sizeof reading, "%lld",
                   (long long)count("SELECT max(id) FROM reading"));
    fixture_run(&f, f.olga, "dispute open", "reading", reading, "reason", "r", NULL);
    ck_assert_int_eq(count("SELECT amount FROM dispute WHERE id = 2 AND bill IS NULL"), 0);
    fixture_run(&f, f.marta, "dispute resolve", "dispute", "2", "outcome", "upheld", "reason",
                "r", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM document WHERE cause = 'dispute'"), 0);
}
END_TEST

/* ---- letters ---- */

static enum err_code letter_take(void *ctx, const struct notice *n, struct err *err)
{
    struct notice *out = ctx;
    (void)err;
    *out = *n; /* its texts are gone after the call */
    return ERR_OK;
}

static void letter_of(const char *account, struct notice *out)
{
    struct notice_choice choice = {.account = account};
    size_t letters = 0;
    ck_assert_msg(notices_each(f.office, &choice, letter_take, out, &letters, &e) == ERR_OK,
                  "%s", e.text);
    ck_assert_uint_eq(letters, 1);
}

/* What came into dispute after the notice is not asked for: of one bill a part, of another all
 * of it. */
START_TEST(a_letter_asks_for_nothing_that_is_in_dispute)
{
    struct notice n;
    char path[FIXTURE_PATH_MAX + 32];
    bill_all();
    (void)snprintf(path, sizeof path, "%s/policy.json", f.dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs("{\"notice_1\":0,\"notice_2\":1,\"notice_3\":2,\"cut_days\":0,"
                           "\"minimum\":100,\"from_hour\":8,\"to_hour\":16}",
                           out),
                     0);
    ck_assert_int_eq(fclose(out), 0);
    fixture_run(&f, f.ana, "policy set", "policy", "collection", "file", path, NULL);
    f.clock.wall += INT64_C(60) * 86400 * 1000;
    f.clock.boot += INT64_C(60) * 86400 * 1000;
    fixture_run(&f, f.marta, "collection run", NULL);
    letter_of("A00001", &n);
    ck_assert_int_eq(n.amount, open_of(1));
    ck_assert_int_eq(n.open, n.amount);
    ck_assert_uint_eq(n.line_count, 1);
    fixture_run(&f, f.olga, "dispute open", "bill", "1", "amount", "200.00", "reason", "r",
                NULL);
    letter_of("A00001", &n);
    ck_assert_int_eq(n.amount, open_of(1));
    ck_assert_int_eq(n.open, n.amount - 20000);
    ck_assert_int_eq(n.lines[0].open, n.open);
    fixture_run(&f, f.olga, "dispute open", "bill", "2", "reason", "r", NULL);
    letter_of("A00002", &n);
    ck_assert_int_eq(n.open, 0);
    ck_assert_uint_eq(n.line_count, 0);
}
END_TEST

Suite *suite_collection(void)
{
    Suite *s = suite_create("collection");
    TCase *t = tcase_create("collection");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_work_order_is_closed_by_who_has_it);
    tcase_add_test(t, what_failed_is_done_again);
    tcase_add_test(t, nobody_opens_a_cut_by_hand);
    tcase_add_test(t, an_upheld_dispute_credits_the_bill);
    tcase_add_test(t, a_dispute_is_upheld_in_part_or_not);
    tcase_add_test(t, a_reading_in_dispute_freezes_its_bill);
    tcase_add_test(t, a_letter_asks_for_nothing_that_is_in_dispute);
    suite_add_tcase(s, t);
    return s;
}
