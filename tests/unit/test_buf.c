#include <config.h>

#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

START_TEST(an_empty_buffer_reads_as_an_empty_string)
{
    struct buf b;
    buf_init(&b, 10);
    ck_assert_str_eq(buf_str(&b), "");
    buf_clear(&b);
    OK(buf_status(&b, "text", e));
    buf_add(&b, NULL, 0);
    ck_assert_str_eq(buf_str(&b), "");
    buf_release(&b);
}
END_TEST

START_TEST(appends_add_up)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_adds(&b, "uno");
    buf_addc(&b, ',');
    buf_add(&b, "dos\0tres", 8);
    buf_addf(&b, ",%d", 4);
    ck_assert_uint_eq(b.len, 14);
    ck_assert_int_eq(memcmp(b.data, "uno,dos\0tres,4", 15), 0);
    buf_clear(&b);
    ck_assert_str_eq(buf_str(&b), "");
    buf_adds(&b, "again");
    assert_text(&b, "again");
}
END_TEST

START_TEST(a_buffer_grows_to_its_limit_and_not_beyond)
{
    for (size_t max = 0; max < 200; max++) {
        struct buf b;
        buf_init(&b, max);
        for (size_t i = 0; i < max; i++) {
            buf_addc(&b, 'x');
        }
        OK(buf_status(&b, "text", e));
        ck_assert_uint_eq(b.len, max);
        ck_assert_uint_le(b.size, max + 1);
        buf_addc(&b, 'y');
        FAILS(ERR_LIMIT, buf_status(&b, "text", e));
        ck_assert_uint_eq(b.len, max);
        buf_clear(&b);
        OK(buf_status(&b, "text", e));
        buf_release(&b);
    }
}
END_TEST

START_TEST(a_failed_append_sticks)
{
    struct buf b;
    struct err e = ERR_INIT;
    buf_init(&b, 4);
    buf_adds(&b, "abcde");
    buf_adds(&b, "a"); /* would fit, but the text would have a hole */
    ck_assert_uint_eq(b.len, 0);
    ck_assert_ptr_null(buf_reserve(&b, 1));
    ck_assert_int_eq(buf_status(&b, "QR code", &e), ERR_LIMIT);
    ck_assert_str_eq(e.text, "QR code: larger than 4 bytes");
    buf_release(&b);
    buf_adds(&b, "abcd"); /* empty and usable again */
    assert_text(&b, "abcd");
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    buf_addc(&b, 'x');
    for (int i = 0; i < 5; i++) {
        buf_clear(&b);
        buf_addc(&b, 'x');
        switch (i) {
        case 0:
            buf_add(&b, "", SIZE_MAX);
            break;
        case 1:
            buf_add(&b, "", SIZE_MAX - 1);
            break;
        case 2:
            buf_add_hex(&b, "", SIZE_MAX / 2 + 1);
            break;
        case 3:
            buf_add_base64(&b, "", SIZE_MAX - 1);
            break;
        default:
            ck_assert_ptr_null(buf_reserve(&b, SIZE_MAX));
        }
        ck_assert(b.failed);
        ck_assert_uint_eq(b.len, 1);
    }
    buf_release(&b);
}
END_TEST

START_TEST(a_buffer_without_memory_says_so)
{
    struct buf b;
    struct err e = ERR_INIT;
    buf_init(&b, 100000);
    buf_adds(&b, "kept");
    fault_arm(1, false);
    for (int i = 0; i < 1000; i++) {
        buf_adds(&b, "0123456789");
    }
    ck_assert(fault_disarm());
    ck_assert_int_eq(buf_status(&b, "page", &e), ERR_NOMEM);
    ck_assert_int_eq(strncmp(e.text, "page: ", 6), 0);
    ck_assert_int_eq(buf_status(&b, "page", NULL), ERR_NOMEM);
    ck_assert_int_eq(strncmp(buf_str(&b), "kept0123", 8), 0);
    buf_release(&b);
}
END_TEST

START_TEST(reserved_room_ends_with_nul_however_much_is_used)
{
    for (size_t used = 0; used <= 100; used++) {
        struct buf b;
        buf_init(&b, 1000);
        buf_adds(&b, "ab");
        char *p = buf_reserve(&b, 100);
        ck_assert_ptr_nonnull(p);
        memset(p, 'z', used);
        b.len += used;
        ck_assert_uint_eq(strlen(buf_str(&b)), used + 2);
        buf_release(&b);
    }
}
END_TEST

START_TEST(wiping_leaves_an_empty_buffer)
{
    struct buf b;
    buf_init(&b, 100);
    buf_wipe(&b);
    buf_adds(&b, "secreto");
    buf_wipe(&b);
    ck_assert_ptr_null(b.data);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.max, 100);
}
END_TEST

START_TEST(integers_print_as_printf_does)
{
    static const int64_t edges[] = {0,         9,         10,        -1,        -10,
                                    INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 999999999999};
    uint64_t seed = 1;
    for (size_t i = 0; i < 2000; i++) {
        int64_t v = i < 10 ? edges[i] : (int64_t)(random_next(&seed) >> (i % 64));
        char expected[32];
        struct buf b;
        buf_init(&b, 100);
        buf_add_int(&b, v);
        (void)snprintf(expected, sizeof(expected), "%" PRId64, v);
        assert_text(&b, expected);
    }
}
END_TEST

START_TEST(formatted_text_of_any_length_is_whole)
{
    struct buf b;
    buf_init(&b, 100000);
    for (int width = 0; width < 300; width++) {
        size_t before = b.len;
        buf_addf(&b, "%*s", width, "");
        ck_assert_uint_eq(b.len, before + (size_t)width);
    }
    ck_assert_uint_eq(strlen(buf_str(&b)), b.len);
    buf_release(&b);
    buf_init(&b, 5);
    buf_addf(&b, "%d", 123456);
    ck_assert(b.failed && b.over_max);
    buf_release(&b);
}
END_TEST

START_TEST(text_that_printf_refuses_fails_the_buffer)
{
    static const wchar_t surrogate[] = {0xD800, 0}; /* in no character set */
    struct buf b;
    buf_init(&b, 100);
    buf_addf(&b, "%ls", surrogate);
    ck_assert(b.failed);
    FAILS(ERR_LIMIT, buf_status(&b, "text", e));
    buf_release(&b);
}
END_TEST

START_TEST(hex_goes_there_and_back)
{
    uint8_t bytes[256], back[256];
    struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
    }
    buf_add_hex(&b, bytes, 256);
    ck_assert_int_eq(strncmp(b.data, "000102", 6), 0);
    ck_assert_str_eq(b.data + 506, "fdfeff");
    ck_assert(hex_decode(b.data, b.len, back, 256));
    ck_assert_int_eq(memcmp(bytes, back, 256), 0);
    ck_assert(hex_decode("aBCdEF", 6, back, 3));
    ck_assert_uint_eq(back[0], 0xAB);
    ck_assert(hex_decode("", 0, back, 0));
    ck_assert(!hex_decode("abc", 3, back, 1));
    ck_assert(!hex_decode("ab", 2, back, 2));
    ck_assert(!hex_decode("ab", 2, back, SIZE_MAX / 2 + 2));
    buf_release(&b);
    for (int c = 0; c < 256; c++) {
        char two[2] = {'0', (char)c};
        bool digit = c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;
        ck_assert_int_eq(hex_decode(two, 2, back, 1), digit);
        two[0] = (char)c;
        two[1] = '0';
        ck_assert_int_eq(hex_decode(two, 2, back, 1), digit);
    }
}
END_TEST

/* RFC 4648 section 10. */
START_TEST(base64_gives_the_values_of_rfc_4648)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xfb\xff", "+/8="}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b, back;
        buf_init(&b, 100);
        buf_init(&back, 100);
        buf_add_base64(&b, rows[i][0], strlen(rows[i][0]));
        OK(base64_decode(rows[i][1], strlen(rows[i][1]), &back, e));
        assert_text(&b, rows[i][1]);
        assert_text(&back, rows[i][0]);
    }
}
END_TEST

START_TEST(base64_goes_there_and_back)
{
    uint64_t seed = 7;
    for (size_t len = 0; len < 500; len++) {
        uint8_t bytes[500];
        struct buf b, back;
        buf_init(&b, 1000);
        buf_init(&back, 1000);
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)random_next(&seed);
        }
        buf_add_base64(&b, bytes, len);
        ck_assert_uint_eq(b.len, (len + 2) / 3 * 4);
        OK(base64_decode(buf_str(&b), b.len, &back, e));
        ck_assert_uint_eq(back.len, len);
        ck_assert(len == 0 || memcmp(back.data, bytes, len) == 0);
        buf_release(&b);
        buf_release(&back);
    }
}
END_TEST

START_TEST(base64_takes_one_spelling_only)
{
    static const char *const rows[] = {
        "Zg",   "Zg=",    "Zh==", "Zm9=", "Zm=v",     "=m9v",     "Z===",     "====",
        "Zm 9", "Zm9v\n", "Zm9-", "Zm9_", "Zg==Zg==", "Zm8=Zm9v", "Zm9v====", "Zm\x80v"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        buf_adds(&b, "kept");
        FAILS(ERR_PARSE, base64_decode(rows[i], strlen(rows[i]), &b, e));
        assert_text(&b, "kept");
    }
}
END_TEST

START_TEST(base64_respects_the_buffer)
{
    struct buf b;
    buf_init(&b, 5);
    FAILS(ERR_LIMIT, base64_decode("Zm9vYmFy", 8, &b, e));
    buf_release(&b);
    buf_init(&b, 100);
    fault_arm(1, false);
    FAILS(ERR_NOMEM, base64_decode("Zm9vYmFy", 8, &b, e));
    ck_assert(fault_disarm());
    buf_release(&b);
}
END_TEST

Suite *suite_buf(void)
{
    Suite *s = suite_create("buf");
    TCase *t = tcase_create("buf");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, an_empty_buffer_reads_as_an_empty_string);
    tcase_add_test(t, appends_add_up);
    tcase_add_test(t, a_buffer_grows_to_its_limit_and_not_beyond);
    tcase_add_test(t, a_failed_append_sticks);
    tcase_add_test(t, sizes_that_overflow_are_refused);
    tcase_add_test(t, a_buffer_without_memory_says_so);
    tcase_add_test(t, reserved_room_ends_with_nul_however_much_is_used);
    tcase_add_test(t, wiping_leaves_an_empty_buffer);
    tcase_add_test(t, integers_print_as_printf_does);
    tcase_add_test(t, formatted_text_of_any_length_is_whole);
    tcase_add_test(t, text_that_printf_refuses_fails_the_buffer);
    tcase_add_test(t, hex_goes_there_and_back);
    tcase_add_test(t, base64_gives_the_values_of_rfc_4648);
    tcase_add_test(t, base64_goes_there_and_back);
    tcase_add_test(t, base64_takes_one_spelling_only);
    tcase_add_test(t, base64_respects_the_buffer);
    suite_add_tcase(s, t);
    return s;
}
