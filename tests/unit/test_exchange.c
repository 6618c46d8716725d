/* Which falling steps look like an exchange of the meter. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "app/import_exchange.h"

Suite *suite_exchange(void);

static size_t found_count;
static struct exchange last_found;
static struct err e;

static enum err_code found(void *ctx, const struct exchange *x, struct err *why)
{
    (void)ctx;
    (void)why;
    found_count++;
    last_found = *x;
    return ERR_OK;
}

static size_t exchanges(const int64_t *values, size_t count, uint32_t other_from)
{
    struct exchange_finder f = {.found = found};
    found_count = 0;
    e = (struct err)ERR_INIT;
    for (size_t i = 0; i < count; i++) {
        struct sort_row row = {.reg = i < other_from ? 1 : 2,
                               .line = (uint32_t)i + 2,
                               .local = (int64_t)i * 86400,
                               .value = values[i]};
        ck_assert_int_eq(exchange_feed(&f, &row, &e), ERR_OK);
    }
    ck_assert_int_eq(exchange_end(&f, &e), ERR_OK);
    return found_count;
}

#define COUNT(...)                                                                             \
    exchanges((const int64_t[]){__VA_ARGS__},                                                  \
              sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), UINT32_MAX)

START_TEST(a_fall_to_less_than_half_that_stays_is_one)
{
    ck_assert_uint_eq(COUNT(100, 110, 49, 60), 1);
    ck_assert_int_eq(last_found.before.value, 110);
    ck_assert_int_eq(last_found.after.value, 49);
    ck_assert_uint_eq(last_found.after.line, 4);
    ck_assert_uint_eq(COUNT(100, 110, 5), 1);        /* the last row */
    ck_assert_uint_eq(COUNT(100, 0, 90, 10, 11), 2); /* and again */
    ck_assert_uint_eq(COUNT(18, 18, 1, 1), 1);
}
END_TEST

START_TEST(other_falls_are_none)
{
    ck_assert_uint_eq(COUNT(100, 110, 55, 60), 0); /* half */
    ck_assert_uint_eq(COUNT(100, 110, 5, 112), 0); /* misread once */
    ck_assert_uint_eq(COUNT(100, 110, 5, 110), 0);
    ck_assert_uint_eq(COUNT(100, 110, 5, 109), 1);
    ck_assert_uint_eq(COUNT(0, 0, 0), 0);
    ck_assert_uint_eq(COUNT(1, 0), 0); /* half of one is nothing */
    ck_assert_uint_eq(exchanges((const int64_t[]){900, 910, 5, 7}, 4, 2),
                      0); /* another meter */
}
END_TEST

Suite *suite_exchange(void)
{
    Suite *s = suite_create("exchange");
    TCase *t = tcase_create("rows");
    tcase_add_test(t, a_fall_to_less_than_half_that_stays_is_one);
    tcase_add_test(t, other_falls_are_none);
    suite_add_tcase(s, t);
    return s;
}
