#include <config.h>

#include "base/err.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "tests/unit/check_base.h"

START_TEST(an_error_keeps_code_and_text)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(err_set(&e, ERR_STATE, "meter %d is removed", 7), ERR_STATE);
    ck_assert_int_eq(e.code, ERR_STATE);
    ck_assert_str_eq(e.text, "meter 7 is removed");
}
END_TEST

START_TEST(an_error_without_place_still_returns_its_code)
{
    ck_assert_int_eq(err_set(NULL, ERR_DB, "x"), ERR_DB);
    ck_assert_int_eq(err_nomem(NULL), ERR_NOMEM);
    errno = ENOENT;
    ck_assert_int_eq(err_errno(NULL, "x"), ERR_NOT_FOUND);
}
END_TEST

START_TEST(an_error_may_quote_its_own_text)
{
    struct err e = ERR_INIT;
    (void)err_set(&e, ERR_IO, "inner");
    (void)err_set(&e, ERR_IO, "outer (%s)", e.text);
    ck_assert_str_eq(e.text, "outer (inner)");
}
END_TEST

START_TEST(context_stands_in_front)
{
    struct err e = ERR_INIT;
    (void)err_set(&e, ERR_RANGE, "too large");
    ck_assert_int_eq(err_wrap(&e, "line %d", 3), ERR_RANGE);
    ck_assert_int_eq(err_wrap(&e, "line 3"), ERR_RANGE); /* said once */
    ck_assert_int_eq(err_wrap(&e, "import \x1b"), ERR_RANGE);
    ck_assert_str_eq(e.text, "import ␛: line 3: too large");
}
END_TEST

START_TEST(errno_becomes_a_code)
{
    static const struct {
        int number;
        enum err_code code;
    } rows[] = {{ENOENT, ERR_NOT_FOUND}, {ENOMEM, ERR_NOMEM}, {EACCES, ERR_IO}, {EIO, ERR_IO}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err e = ERR_INIT;
        errno = rows[i].number;
        ck_assert_int_eq(err_errno(&e, "%s", "file.csv"), rows[i].code);
        ck_assert_int_eq(e.code, rows[i].code);
        ck_assert_int_eq(errno, rows[i].number);
        ck_assert_int_eq(strncmp(e.text, "file.csv: ", 10), 0);
        ck_assert_uint_gt(strlen(e.text), 12);
    }
}
END_TEST

START_TEST(control_characters_never_reach_an_error)
{
    struct err e = ERR_INIT;
    (void)err_set(&e, ERR_PARSE, "\x1b[2J %s\n\xff", "\u202e");
    ck_assert_str_eq(e.text, "␛[2J <U+202E>␊<FF>");
}
END_TEST

/* Around every length at which one of the two fixed arrays is full. */
START_TEST(a_long_error_is_cut_at_a_whole_character)
{
    static char s[4 * ERR_TEXT_MAX];
    static const char *const letters[] = {"x", "é", "€", "😀", "\x1b"};
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        size_t n = strlen(letters[i]);
        for (size_t len = ERR_TEXT_MAX - 4; len < 2 * ERR_TEXT_MAX + 8; len++) {
            for (size_t shift = 0; shift < 4; shift++) {
                struct err e = ERR_INIT;
                size_t at = 0;
                for (; at < shift; at++) {
                    s[at] = '-';
                }
                for (; at < len; at += n) {
                    memcpy(s + at, letters[i], n);
                }
                s[at] = '\0';
                (void)err_set(&e, ERR_PARSE, "%s", s);
                QUICK(utf8_valid(e.text, strlen(e.text)));
                QUICK(strlen(e.text) < ERR_TEXT_MAX);
                QUICK(strlen(e.text) > ERR_TEXT_MAX - 6);
                ck_assert_ptr_null(strchr(e.text, '<')); /* no half of a character */
            }
        }
    }
}
END_TEST

START_TEST(bytes_that_are_no_text_are_cut_too)
{
    static char s[3 * ERR_TEXT_MAX];
    struct err e = ERR_INIT;
    memset(s, '\x80', sizeof(s) - 1);
    (void)err_set(&e, ERR_PARSE, "%s", s);
    ck_assert_int_eq(strncmp(e.text, "<80><80>", 8), 0);
    (void)err_wrap(&e, "context");
    ck_assert_int_eq(strncmp(e.text, "context: <80>", 13), 0);
    ck_assert_uint_lt(strlen(e.text), ERR_TEXT_MAX);
}
END_TEST

START_TEST(every_code_has_a_name_of_its_own)
{
    for (int i = 0; i < ERR_CODE_COUNT; i++) {
        ck_assert_str_ne(err_code_name((enum err_code)i), "unknown");
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(err_code_name((enum err_code)i), err_code_name((enum err_code)j));
        }
    }
    ck_assert_str_eq(err_code_name(ERR_CODE_COUNT), "unknown");
    ck_assert_str_eq(err_code_name(ERR_NOT_FOUND), "not_found");
}
END_TEST

START_TEST(exit_status_tells_the_cases_that_scripts_need)
{
    for (int i = 0; i < ERR_CODE_COUNT; i++) {
        int expected = i == ERR_OK         ? 0
                       : i == ERR_USAGE    ? 2
                       : i == ERR_TAMPERED ? 3
                       : i == ERR_DENIED   ? 4
                                           : 1;
        ck_assert_int_eq(err_exit_status((enum err_code)i), expected);
    }
}
END_TEST

static enum err_code tries(enum err_code inner)
{
    TRY(inner);
    return ERR_EXISTS;
}

START_TEST(try_hands_a_failure_up)
{
    ck_assert_int_eq(tries(ERR_DENIED), ERR_DENIED);
    ck_assert_int_eq(tries(ERR_OK), ERR_EXISTS);
}
END_TEST

START_TEST(check_stops_the_program)
{
    CHECK(1 + 1 == 2);
    CHECK(1 + 1 == 3);
}
END_TEST

START_TEST(context_without_an_error_is_our_bug)
{
    (void)err_wrap(NULL, "x");
}
END_TEST

Suite *suite_err(void)
{
    Suite *s = suite_create("err");
    TCase *t = tcase_create("err");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, an_error_keeps_code_and_text);
    tcase_add_test(t, an_error_without_place_still_returns_its_code);
    tcase_add_test(t, an_error_may_quote_its_own_text);
    tcase_add_test(t, context_stands_in_front);
    tcase_add_test(t, errno_becomes_a_code);
    tcase_add_test(t, control_characters_never_reach_an_error);
    tcase_add_test(t, a_long_error_is_cut_at_a_whole_character);
    tcase_add_test(t, bytes_that_are_no_text_are_cut_too);
    tcase_add_test(t, every_code_has_a_name_of_its_own);
    tcase_add_test(t, exit_status_tells_the_cases_that_scripts_need);
    tcase_add_test(t, try_hands_a_failure_up);
    tcase_add_test_raise_signal(t, check_stops_the_program, SIGABRT);
    tcase_add_test_raise_signal(t, context_without_an_error_is_our_bug, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}
