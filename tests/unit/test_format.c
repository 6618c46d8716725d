#include <config.h>

#include "tests/unit/check_ui.h"
#include "ui/format.h"

static const struct {
    const char *locale, *typed, *machine; /* machine NULL: refused */
} numbers[] = {
    {"es_CR", "3212,9", "3212.9"},
    {"es_CR", "3 212,9", "3212.9"},
    {"es_CR", " 3212.9 ", "3212.9"},
    {"es_CR", "-5", "-5"},
    {"es_CR", "12042", "12042"},
    {"es_CR", "3,2,1", NULL},
    {"es_CR", "3,", NULL},
    {"es_CR", ",5", NULL},
    {"es_CR", "", NULL},
    {"es_CR", "-", NULL},
    {"es_CR", "12a", NULL},
    {"es_CR", "1e5", NULL},
    {"es_AR", "3.212,9", "3212.9"},
    {"es_AR", "3.212", "3212"},
    {"es_AR", "3.5", NULL},
    {"en_US", "3,212.9", "3212.9"},
    {"en_US", "3212.9", "3212.9"},
};

START_TEST(number_is_read_as_the_office_writes_it)
{
    const struct numfmt *nf = numfmt_find(numbers[_i].locale);
    char machine[FORMAT_MAX];
    bool ok = format_parse_number(nf, numbers[_i].typed, machine);

    ck_assert_msg(ok == (numbers[_i].machine != NULL), "%s", numbers[_i].typed);
    if (ok) {
        ck_assert_str_eq(machine, numbers[_i].machine);
    }
}
END_TEST

static const struct {
    const char *locale, *typed;
    bool with_time;
    const char *machine;
} dates[] = {
    {"es_CR", "10/06/25", false, "2025-06-10"},
    {"es_CR", "10-6-2025", false, "2025-06-10"},
    {"es_CR", "2025-06-10", false, "2025-06-10"},
    {"es_CR", "29/02/24", false, "2024-02-29"},
    {"es_CR", "29/02/25", false, NULL},
    {"es_CR", "31/04/25", false, NULL},
    {"es_CR", "10/06", false, NULL},
    {"es_CR", "10/06/25 09:42", false, NULL},
    {"es_CR", "10/06/25 9:42", true, "2025-06-10 09:42"},
    {"es_CR", "10/06/25", true, "2025-06-10 00:00"},
    {"es_CR", "10/06/25 24:00", true, NULL},
    {"es_CR", "10/06/25 09:60", true, NULL},
    {"es_CR", "10/06/25 09:42x", true, NULL},
    {"en_US", "06/10/25", false, "2025-06-10"},
    {"en_US", "13/01/25", false, NULL},
};

START_TEST(date_is_read_in_the_office_order)
{
    const struct numfmt *nf = numfmt_find(dates[_i].locale);
    char machine[FORMAT_MAX];
    bool ok = format_parse_date(nf, dates[_i].typed, dates[_i].with_time, machine);

    ck_assert_msg(ok == (dates[_i].machine != NULL), "%s", dates[_i].typed);
    if (ok) {
        ck_assert_str_eq(machine, dates[_i].machine);
    }
}
END_TEST

START_TEST(machine_forms_are_written_for_people_and_read_back)
{
    const struct numfmt *nf = numfmt_find("es_CR");
    char shown[FORMAT_MAX];
    char machine[FORMAT_MAX];

    format_number(nf, "12042.5", shown);
    ck_assert(format_parse_number(nf, shown, machine));
    ck_assert_str_eq(machine, "12042.5");
    format_datetime(nf, "2025-06-10 09:42", shown);
    ck_assert_str_eq(shown, "10/06/25 09:42");
    format_date(nf, "2025-06-10 09:42", shown);
    ck_assert_str_eq(shown, "10/06/25");
    format_number(nf, "", shown);
    ck_assert_str_eq(shown, "");
    format_number(nf, "not a number", shown);
    ck_assert_str_eq(shown, "not a number");
    format_date(nf, "soon", shown);
    ck_assert_str_eq(shown, "soon");
}
END_TEST

START_TEST(copy_never_cuts_a_character)
{
    char small[4];

    format_copy(small, sizeof(small), "añb");
    ck_assert_str_eq(small, "añ");
    format_copy(small, sizeof(small), "abñ");
    ck_assert_str_eq(small, "ab");
    format_copy(small, sizeof(small), NULL);
    ck_assert_str_eq(small, "");
}
END_TEST

Suite *suite_format(void)
{
    Suite *s = suite_create("format");
    TCase *t = tcase_create("numbers and dates");

    tcase_add_loop_test(t, number_is_read_as_the_office_writes_it, 0,
                        (int)(sizeof(numbers) / sizeof(numbers[0])));
    tcase_add_loop_test(t, date_is_read_in_the_office_order, 0,
                        (int)(sizeof(dates) / sizeof(dates[0])));
    tcase_add_test(t, machine_forms_are_written_for_people_and_read_back);
    tcase_add_test(t, copy_never_cuts_a_character);
    suite_add_tcase(s, t);
    return s;
}
