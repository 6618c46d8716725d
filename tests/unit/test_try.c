/* Trying a tariff on what was billed: the same tariff makes the same bills. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <string.h>

#include "app/bill_build.h"
#include "app/tariff_try.h"

static const char days[] =
    "{\"aforo_tariff\":1,\"code\":\"dias\",\"version\":1,\"name\":{\"es\":\"D\",\"en\":\"D\"},"
    "\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\",\"unit\":\"m3\","
    "\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},\"components\":[{\"type\":"
    "\"fixed\",\"id\":\"f\",\"label\":{\"es\":\"F\",\"en\":\"F\"},\"per\":\"period\","
    "\"price\":\"31.00\"},{\"type\":\"blocks\",\"id\":\"b\",\"label\":{\"es\":\"B\",\"en\":"
    "\"B\"},\"blocks\":[{\"from\":\"0\","
    "\"to\":\"6\",\"price\":\"1.00\"},{\"from\":\"6\",\"price\":\"3.00\"}]}]}";

/* A meter exchanged in the middle of a period: its fixed charge counts once, by days. */
START_TEST(the_same_tariff_makes_the_same_bill_through_an_exchange)
{
    struct arena arena;
    struct tariff_book book;
    struct trial_period *periods = NULL;
    size_t count = 0;
    int64_t sum = 0;
    struct date on = {2026, 9, 30};
    fixture_run(&billing, billing.ana, "tariff publish", "file", billing_file("t.json", days),
                NULL);
    fixture_run(&billing, billing.ana, "meter add", "serial", "V1", "kind", "water", "unit",
                "m3", "digits", "5", "decimals", "3", "initial", "0", "installed", "2026-09-01",
                "account", "V-1", "customer", "V", "tariff", "dias", NULL);
    fixture_run(&billing, billing.ana, "meter swap", "serial", "V1", "new", "V2", "final", "7",
                "initial", "0", "time", "2026-09-11 08:00", "reason", "dial roto", NULL);
    fixture_run(&billing, billing.olga, "reading add", "serial", "V2", "value", "8", "time",
                "2026-10-01 00:00", NULL);
    fixture_run(&billing, billing.marta, "bill run", "from", "2026-09-01", "to", "2026-10-02",
                NULL);
    arena_init(&arena, (size_t)16 << 20);
    ck_assert_int_eq(tariff_book_load(billing.office, &arena, &book, &billing_err), ERR_OK);
    const struct tariff_row *row = tariff_book_find(&book, "dias", on);
    ck_assert(row != NULL);
    ck_assert_msg(tariff_try_account(billing.office, row->tariff, "V-1", &arena, &periods,
                                     &count, &billing_err) == ERR_OK,
                  "%s", billing_err.text);
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(periods[i].would.minor, periods[i].billed.minor);
        sum += periods[i].billed.minor;
    }
    ck_assert_int_eq(sum,
                     billing_count("SELECT total FROM bill WHERE account = (SELECT id FROM "
                                   "account WHERE number = 'V-1')"));
    ck_assert_int_eq(sum, 3100 + 6 * 100 + 9 * 300);
    /* a bill that was cancelled is no bill to compare with */
    fixture_run(&billing, billing.marta, "bill cancel", "bill", "4", "reason", "r", NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill WHERE cancelled IS NOT NULL AND "
                                   "account = (SELECT id FROM account WHERE number = 'V-1')"),
                     1);
    ck_assert_int_eq(tariff_try_account(billing.office, row->tariff, "V-1", &arena, &periods,
                                        &count, &billing_err),
                     ERR_NOT_FOUND);
    arena_release(&arena);
}
END_TEST

Suite *suite_try(void)
{
    Suite *s = suite_create("try");
    TCase *t = tcase_create("try");
    tcase_add_checked_fixture(t, billing_setup, billing_teardown);
    tcase_add_test(t, the_same_tariff_makes_the_same_bill_through_an_exchange);
    suite_add_tcase(s, t);
    return s;
}
