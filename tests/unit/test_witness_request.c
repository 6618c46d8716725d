#include <config.h>

#include "crypto/witness_request.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"

#define LINE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define NOTE "a\n1\n" LINE "\n\xe2\x80\x94 a AAAAAAAA\n"

static struct witness_request r;

static enum err_code parse(const char *text)
{
    struct err e = ERR_INIT;
    enum err_code rc = witness_request_parse(text, strlen(text), &r, &e);

    ck_assert_int_eq(rc, e.code);
    return rc;
}

START_TEST(text_is_taken_apart_and_written_the_same)
{
    static const char *const texts[] = {"old 0\n\n" NOTE, "old 1\n\n" NOTE,
                                        "old 9223372036854775807\n" LINE LINE "\n" NOTE};
    struct buf out;

    buf_init(&out, WITNESS_REQUEST_MAX);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_int_eq(parse(texts[i]), ERR_OK);
        ck_assert_uint_eq(r.note_len, strlen(NOTE));
        ck_assert_mem_eq(r.note, NOTE, r.note_len);
        buf_clear(&out);
        ck_assert_int_eq(witness_request_write(&r, &out, NULL), ERR_OK);
        ck_assert_str_eq(out.data, texts[i]);
    }
    ck_assert_uint_eq(r.old_size, INT64_MAX);
    ck_assert_uint_eq(r.path_len, 2);
    buf_release(&out);
}
END_TEST

START_TEST(texts_of_other_forms_are_refused)
{
    static const char *const bad[] = {
        "",
        "old 0",
        "old 0\n",
        "old 0\n\n", /* no note */
        "old \n\n" NOTE,
        "old 01\n\n" NOTE,
        "old +1\n\n" NOTE,
        "old -1\n\n" NOTE,
        "old 1 \n\n" NOTE,
        "old  1\n\n" NOTE,
        "Old 1\n\n" NOTE,
        "old 1\r\n\n" NOTE,
        "old 9223372036854775808\n\n" NOTE,
        "old 10000000000000000000\n\n" NOTE,
        "old 0\n" LINE "\n" NOTE,                                       /* proof of nothing */
        "old 1\n" LINE,                                                 /* cut off */
        "old 1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n" NOTE, /* unused bits */
        "old 1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n\n" NOTE, /* 31 bytes */
        "old 1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n\n" NOTE, /* 33 */
        "old 1\n \n\n" NOTE,
        NOTE,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(parse(bad[i]) == ERR_PARSE, "row %zu", i);
    }
}
END_TEST

START_TEST(proof_has_a_largest_length)
{
    struct buf text;

    for (unsigned lines = WITNESS_PATH_MAX; lines <= WITNESS_PATH_MAX + 1; lines++) {
        buf_init(&text, WITNESS_REQUEST_MAX);
        buf_adds(&text, "old 1\n");
        for (unsigned i = 0; i < lines; i++) {
            buf_adds(&text, LINE);
        }
        buf_adds(&text, "\n" NOTE);
        ck_assert_int_eq(parse(buf_str(&text)), lines == WITNESS_PATH_MAX ? ERR_OK : ERR_PARSE);
        buf_release(&text);
    }
    r = (struct witness_request){.path_len = WITNESS_PATH_MAX + 1, .note = "", .note_len = 0};
    buf_init(&text, WITNESS_REQUEST_MAX);
    ck_assert_int_eq(witness_request_write(&r, &text, NULL), ERR_LIMIT);
    buf_release(&text);
}
END_TEST

Suite *suite_witness_request(void)
{
    Suite *s = suite_create("witness_request");
    TCase *t = tcase_create("witness_request");

    tcase_add_test(t, text_is_taken_apart_and_written_the_same);
    tcase_add_test(t, texts_of_other_forms_are_refused);
    tcase_add_test(t, proof_has_a_largest_length);
    suite_add_tcase(s, t);
    return s;
}
