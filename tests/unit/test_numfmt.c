#include <config.h>

#include "base/text.h"

#include <string.h>

#include "tests/unit/check_base.h"

static const char *const locales[] = {"es_CR", "es_MX", "es_CO", "es_AR", "es_ES", "en_US"};

START_TEST(every_office_has_its_forms)
{
    for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
        const struct numfmt *f = numfmt_find(locales[i]);
        ck_assert_ptr_nonnull(f);
        ck_assert_str_eq(f->locale, locales[i]);
        ck_assert_str_ne(f->decimal, f->group);
        ck_assert_uint_eq(strlen(f->date), 8);
        ck_assert_uint_eq(strlen(f->date_long), 8);
    }
    ck_assert_str_eq(numfmt_find("es_CR")->date_long, "%d/%m/%Y");
    ck_assert_str_eq(numfmt_find("en_US")->date_long, "%m/%d/%Y");
    ck_assert_ptr_null(numfmt_find("de_DE"));
    ck_assert_ptr_null(numfmt_find(NULL));
}
END_TEST

START_TEST(numbers_are_grouped_as_people_write_them)
{
    static const char *const rows[][3] = {
        {"es_CR", "-1404.50", "-1\u00a0404,50"},
        {"es_CR", "404.50", "404,50"},
        {"es_MX", "1404.50", "1,404.50"},
        {"es_AR", "1234567.8", "1.234.567,8"},
        {"es_CO", "1000000", "1.000.000"},
        {"es_ES", "999", "999"},
        {"en_US", "1000", "1,000"},
        {"en_US", "0.5", "0.5"},
        {"en_US", "-12", "-12"},
        {"en_US", "", ""},
        {"en_US", "-", "-"},
        {"en_US", "n/a", "n/a"},
        {"en_US", "1e5", "1e5"},
        {"en_US", "12.", "12."},
        {"en_US", "1234.5x", "1234.5x"},
        {"en_US", ".5", ".5"},
        {"en_US", "123456789012345678", "123,456,789,012,345,678"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        numfmt_number(numfmt_find(rows[i][0]), rows[i][1], &b);
        assert_text(&b, rows[i][2]);
    }
}
END_TEST

START_TEST(days_and_times_are_written_as_people_of_the_place_do)
{
    static const char *const rows[][3] = {
        {"es_CR", "2017-02-28", "28/02/2017"},
        {"en_US", "2017-02-28", "02/28/2017"},
        {"es_ES", "2017-02-28T22:09:04", "28/02/2017 22:09"},
        {"es_ES", "2017-02-28T22:09", "28/02/2017 22:09"},
        {"en_US", "2017-02-28 00:05", "02/28/2017 00:05"},
        {"es_ES", "2017-02-28 00:05:59", "28/02/2017 00:05"},
        {"es_ES", "2017-02-29", "2017-02-29"},
        {"es_ES", "2017-02-28x", "2017-02-28x"},
        {"es_ES", "2017-02-28T22:09:04Z", "2017-02-28T22:09:04Z"},
        {"es_ES", "2016-00000012", "2016-00000012"},
        {"es_ES", "", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        numfmt_day(numfmt_find(rows[i][0]), rows[i][1], &b);
        assert_text(&b, rows[i][2]);
    }
}
END_TEST

START_TEST(typed_numbers_are_read_by_their_locale)
{
    static const struct {
        const char *locale, *text, *machine;
    } rows[] = {
        {"es_CR", "1\u00a0404,50", "1404.50"},
        {"es_CR", "1 404,50", "1404.50"},
        {"es_CR", "1\u202f404", "1404"},
        {"es_CR", "1404,50", "1404.50"},
        {"es_CR", "1404.50", "1404.50"}, /* the key pad */
        {"es_CR", "0.5", "0.5"},
        {"es_CR", "12.0000", "12.0000"},
        {"es_CR", "1,234", "1.234"},
        {"es_CR", " -12,5 ", "-12.5"},
        {"es_AR", "1.404,50", "1404.50"},
        {"es_AR", "12.345.678", "12345678"},
        {"es_AR", "1404", "1404"},
        {"es_MX", "1,404.50", "1404.50"},
        {"en_US", "1,404", "1404"},
        {"en_US", "1.404", "1.404"},
        {"en_US", "999999", "999999"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decimal d;
        struct buf b;
        buf_init(&b, 100);
        OK(numfmt_parse(numfmt_find(rows[i].locale), rows[i].text, strlen(rows[i].text), &d,
                        e));
        decimal_print(d, &b);
        assert_text(&b, rows[i].machine);
    }
}
END_TEST

START_TEST(typed_numbers_that_could_mean_two_things_are_refused)
{
    static const char *const rows[][2] = {
        {"es_CR", "1.404"},    {"es_CR", "1.404,50"}, {"es_CR", "1 40,50"},
        {"es_CR", "1 404.50"}, {"es_CR", "1234 567"}, {"es_CR", "1 4045,1"},
        {"es_CR", ""},         {"es_CR", "-"},        {"es_CR", "   "},
        {"es_CR", ",5"},       {"es_CR", "5,"},       {"es_CR", "5,-"},
        {"es_CR", "1,2,3"},    {"es_CR", "1,2 3"},    {"es_CR", "1e5"},
        {"es_CR", "--5"},      {"es_CR", "1  404"},   {"es_CR", " 404 ,5"},
        {"es_CR", "12."},      {"es_AR", "1.40"},     {"es_AR", "1404.50"},
        {"es_AR", ".404"},     {"es_AR", "1..404"},   {"en_US", "1,40"},
        {"en_US", "1,404,5"},  {"en_US", "1.404,5"},  {"en_US", "$5"},
        {"en_US", "1,404."},   {"es_MX", "1,23,456"}, {"es_CR", "5\u00a0"},
        {"en_US", "1234,567"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decimal d;
        FAILS(ERR_PARSE,
              numfmt_parse(numfmt_find(rows[i][0]), rows[i][1], strlen(rows[i][1]), &d, e));
    }
}
END_TEST

START_TEST(typed_numbers_have_a_longest_length)
{
    struct decimal d;
    char s[80];
    memset(s, '0', sizeof(s));
    s[63] = '7';
    OK(numfmt_parse(numfmt_find("en_US"), s, 64, &d, e));
    ck_assert_int_eq(d.mantissa, 7);
    FAILS(ERR_PARSE, numfmt_parse(numfmt_find("en_US"), s, 65, &d, e));
    s[64] = '.'; /* the point is one too many */
    FAILS(ERR_PARSE, numfmt_parse(numfmt_find("en_US"), s, 66, &d, e));
    FAILS(ERR_RANGE, numfmt_parse(numfmt_find("en_US"), "99999999999999999999", 20, &d, e));
}
END_TEST

START_TEST(what_is_printed_is_read_back)
{
    uint64_t seed = 5;
    for (int i = 0; i < 5000; i++) {
        struct decimal d = {.mantissa = (int64_t)random_next(&seed) >> random_below(&seed, 64),
                            .scale = (uint8_t)random_below(&seed, 19)};
        for (size_t k = 0; k < sizeof(locales) / sizeof(locales[0]); k++) {
            const struct numfmt *f = numfmt_find(locales[k]);
            struct decimal back;
            struct buf machine, people;
            buf_init(&machine, 100);
            buf_init(&people, 100);
            decimal_print(d, &machine);
            numfmt_number(f, buf_str(&machine), &people);
            OK(numfmt_parse(f, buf_str(&people), people.len, &back, e));
            ck_assert_int_eq(back.mantissa, d.mantissa);
            ck_assert_uint_eq(back.scale, d.scale);
            buf_release(&machine);
            buf_release(&people);
        }
    }
}
END_TEST

Suite *suite_numfmt(void)
{
    Suite *s = suite_create("numfmt");
    TCase *t = tcase_create("numfmt");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_office_has_its_forms);
    tcase_add_test(t, numbers_are_grouped_as_people_write_them);
    tcase_add_test(t, days_and_times_are_written_as_people_of_the_place_do);
    tcase_add_test(t, typed_numbers_are_read_by_their_locale);
    tcase_add_test(t, typed_numbers_that_could_mean_two_things_are_refused);
    tcase_add_test(t, typed_numbers_have_a_longest_length);
    tcase_add_test(t, what_is_printed_is_read_back);
    suite_add_tcase(s, t);
    return s;
}
