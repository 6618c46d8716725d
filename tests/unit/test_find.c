/* What `aforo find` finds, and for whom. */
#include <config.h>

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/query_find.h"
#include "lib/office_fixture.h"

Suite *suite_find(void);

static struct office_fixture f;
static struct err e;
static struct find_hit hits[FIND_HITS_MAX];
static size_t count;
static bool more;

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    fixture_meters(&f, 12);
    (void)fixture_run(&f, f.ana, "customer add", "name", "José Ángel Peña", "tax-id",
                      "1-0234-0567", "phone", "8888 1234", "email", "jose@example.org",
                      "address", "Barrio Amón, San José", NULL);
    (void)fixture_run(&f, f.ana, "account open", "number", "B-77", "customer", "13", NULL);
}

static void teardown(void)
{
    fixture_free(&f);
}

static void find_as(int64_t user, const char *text)
{
    ck_assert_msg(office_find(f.office, user, text, hits, &count, &more, &e) == ERR_OK, "%s",
                  e.text);
}

static bool found(enum find_what what, int64_t id, enum find_field field)
{
    for (size_t i = 0; i < count; i++) {
        if (hits[i].what == what && hits[i].id == id && hits[i].field == field) {
            return true;
        }
    }
    return false;
}

START_TEST(a_customer_is_found_by_whatever_is_known_of_him)
{
    static const struct {
        const char *text;
        enum find_field field;
    } rows[] = {
        {"jose angel pena", FIND_NAME},
        {"peña josé", FIND_NAME},
        {"PENA", FIND_NAME},
        {"88881234", FIND_PHONE},
        {"8888-1234", FIND_PHONE},
        {"1234", FIND_PHONE},
        {"102340567", FIND_TAX_ID},
        {"1-0234", FIND_TAX_ID},
        {" 1 0234 0567 ", FIND_TAX_ID},
        {"example.org", FIND_EMAIL},
        {"amon", FIND_ADDRESS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        find_as(f.ana->user, rows[i].text);
        ck_assert_msg(found(FIND_CUSTOMER, 13, rows[i].field), "\"%s\"", rows[i].text);
    }
    find_as(f.ana->user, "jose maria");
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(what_was_found_leads_to_the_account_and_the_meter)
{
    find_as(f.ana->user, "w00003");
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(hits[0].what, FIND_METER);
    ck_assert_str_eq(hits[0].account, "A00003");
    ck_assert_str_eq(hits[0].match, "W00003");
    find_as(f.ana->user, "b77");
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(hits[0].what, FIND_ACCOUNT);
    ck_assert_str_eq(hits[0].name, "José Ángel Peña");
    ck_assert_str_eq(hits[0].serial, "");
}
END_TEST

START_TEST(the_whole_number_comes_before_those_that_hold_it)
{
    (void)fixture_run(&f, f.ana, "account open", "number", "00001", "customer", "13", NULL);
    find_as(f.ana->user, "00001");
    ck_assert_uint_ge(count, 3);
    ck_assert_str_eq(hits[0].match, "00001");
    ck_assert_int_eq(hits[0].rank, 0);
    ck_assert_int_eq(hits[1].rank, 2);
    find_as(f.ana->user, "0000");
    ck_assert_int_eq(hits[0].rank, 1);
    ck_assert_uint_eq(count, 1 + 2 * 9);
}
END_TEST

START_TEST(personal_data_is_searched_only_for_who_may_read_it)
{
    static const char *const texts[] = {"jose", "88881234", "102340567", "amon", "example"};
    (void)fixture_run(&f, f.ana, "user add", "login", "iris", "person", "Iris", "roles",
                      "auditor", "password", FIXTURE_PASSWORD, NULL);
    int64_t iris = 5;
    for (size_t i = 0; i < 5; i++) {
        find_as(iris, texts[i]);
        ck_assert_uint_eq(count, 0);
        find_as(0, texts[i]);
        ck_assert_uint_eq(count, 0);
    }
    find_as(iris, "B-77");
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(hits[0].name, "");
}
END_TEST

START_TEST(what_was_replaced_or_erased_is_not_found)
{
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "13", "phone", "7777 0000", NULL);
    find_as(f.ana->user, "88881234");
    ck_assert_uint_eq(count, 0);
    find_as(f.ana->user, "77770000");
    ck_assert_uint_eq(count, 1);
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "13", "field", "phone", "reason",
                      "asked", "force", "1", NULL);
    find_as(f.ana->user, "77770000");
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_list_that_is_too_long_keeps_the_best_and_says_so)
{
    fixture_meters(&f, 250);
    (void)fixture_run(&f, f.ana, "account open", "number", "W00", "customer", "13", NULL);
    find_as(f.ana->user, "w00");
    ck_assert_uint_eq(count, FIND_HITS_MAX);
    ck_assert(more);
    ck_assert_str_eq(hits[0].match, "W00");
    ck_assert_int_eq(hits[0].what, FIND_ACCOUNT);
}
END_TEST

START_TEST(nothing_to_look_for_is_refused)
{
    char long_text[FIND_TEXT_MAX + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ck_assert_int_eq(office_find(f.office, 1, "  ", hits, &count, &more, &e), ERR_USAGE);
    e = (struct err)ERR_INIT;
    ck_assert_int_eq(office_find(f.office, 1, long_text, hits, &count, &more, &e), ERR_USAGE);
    long_text[FIND_TEXT_MAX] = '\0';
    find_as(1, long_text);
    ck_assert_uint_eq(count, 0);
    find_as(1, "%_'--");
    ck_assert_uint_eq(count, 0);
}
END_TEST

Suite *suite_find(void)
{
    Suite *s = suite_create("find");
    TCase *t = tcase_create("office");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_customer_is_found_by_whatever_is_known_of_him);
    tcase_add_test(t, what_was_found_leads_to_the_account_and_the_meter);
    tcase_add_test(t, the_whole_number_comes_before_those_that_hold_it);
    tcase_add_test(t, personal_data_is_searched_only_for_who_may_read_it);
    tcase_add_test(t, what_was_replaced_or_erased_is_not_found);
    tcase_add_test(t, a_list_that_is_too_long_keeps_the_best_and_says_so);
    tcase_add_test(t, nothing_to_look_for_is_refused);
    suite_add_tcase(s, t);
    return s;
}
