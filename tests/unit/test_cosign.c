#include <config.h>

#include "crypto/cosign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"
#include "tests/unit/note_samples.h"

/* A checkpoint (that of c2sp.org/tlog-checkpoint), and a cosignature of it by the key of
 * note_samples.h that openssl made, not we:
 *   (printf 'cosignature/v1\ntime 1679315147\n'; cat text) >msg
 *   openssl pkeyutl -sign -rawin -inkey key.pem -in msg
 * behind the key id, SHA-256(name newline 0x04 key), and the time in 8 bytes. */
#define CHECKPOINT_TEXT                                                                        \
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define LOG_SIG "\xe2\x80\x94 example.com/behind-the-sofa AAAAAAAA\n"
#define WITNESS "witness.example.com/w1"
#define VKEY WITNESS "+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define COSIGNATURE                                                                            \
    "\xe2\x80\x94 " WITNESS " "                                                                \
    "1GorGwAAAABkGFDLJeR//pqzhnEKVvEm2wWbh2RJ6oru5+cUUfm5X9NnlaGr8aSH9QE5RVZD4QGlxl2F5UpVIIi9" \
    "4p178KLfqPPsAA==\n"
#define TIME_S INT64_C(1679315147)

static struct cosigner *witness;
static struct sign_key *key;
static struct buf out;

static struct cosigner *cosigner(const char *vkey)
{
    struct cosigner *c = NULL;
    struct err e = ERR_INIT;

    ck_assert_msg(cosigner_parse(vkey, &c, &e) == ERR_OK, "%s", e.text);
    return c;
}

static void set_up(void)
{
    uint8_t der[64];
    size_t len = unhex(peter_pkcs8, der, sizeof(der));

    ck_assert_int_eq(sign_key_load_as(KEY_ED25519, der, len, &key, NULL), ERR_OK);
    witness = cosigner(VKEY);
    buf_init(&out, NOTE_SIZE_MAX);
}

static void tear_down(void)
{
    cosigner_free(witness);
    sign_key_free(key);
    buf_release(&out);
}

static enum err_code check(const char *note, size_t len, struct cosigned *at)
{
    struct err e = ERR_INIT;
    enum err_code rc = cosign_check(note, len, witness, at, &e);

    ck_assert_int_eq(rc, e.code);
    return rc;
}

static enum err_code check_text(const char *note)
{
    struct cosigned at;

    return check(note, strlen(note), &at);
}

START_TEST(cosignature_is_byte_for_byte_what_openssl_makes)
{
    ck_assert_int_eq(
        cosign(CHECKPOINT_TEXT, strlen(CHECKPOINT_TEXT), TIME_S, WITNESS, key, &out, NULL),
        ERR_OK);
    ck_assert_str_eq(out.data, COSIGNATURE);
    buf_clear(&out);
    ck_assert_int_eq(cosigner_vkey(WITNESS, key, &out, NULL), ERR_OK);
    ck_assert_str_eq(out.data, VKEY);
    ck_assert_str_eq(cosigner_name(witness), WITNESS);
}
END_TEST

START_TEST(cosignature_is_found_among_other_lines)
{
    static const char *const notes[] = {CHECKPOINT_TEXT "\n" COSIGNATURE,
                                        CHECKPOINT_TEXT "\n" LOG_SIG COSIGNATURE,
                                        CHECKPOINT_TEXT "\n" COSIGNATURE LOG_SIG};
    struct cosigned at;

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        ck_assert_int_eq(check(notes[i], strlen(notes[i]), &at), ERR_OK);
        ck_assert_int_eq(at.time_s, TIME_S);
        ck_assert_uint_eq(at.line_len, strlen(COSIGNATURE));
        ck_assert_mem_eq(at.line, COSIGNATURE, at.line_len);
    }
    ck_assert_int_eq(check_text(CHECKPOINT_TEXT "\n" LOG_SIG), ERR_NOT_FOUND);
    ck_assert_int_eq(check_text(CHECKPOINT_TEXT), ERR_PARSE);
    ck_assert_int_eq(check_text(""), ERR_PARSE);
}
END_TEST

START_TEST(note_with_any_bit_changed_is_not_cosigned)
{
    char note[] = CHECKPOINT_TEXT "\n" COSIGNATURE;
    struct cosigned at;

    for (size_t i = 0; i < strlen(note); i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            note[i] = (char)(note[i] ^ (1 << bit));
            ck_assert_msg(check(note, sizeof(note) - 1, &at) != ERR_OK, "byte %zu", i);
            note[i] = (char)(note[i] ^ (1 << bit));
        }
    }
    ck_assert_int_eq(check(note, sizeof(note) - 1, &at), ERR_OK);
}
END_TEST

START_TEST(one_line_that_does_not_hold_spoils_the_note)
{
    /* the same signature under another time */
    ck_assert_int_eq(check_text(CHECKPOINT_TEXT
                                "\n" COSIGNATURE "\xe2\x80\x94 " WITNESS
                                " 1GorGwAAAABkGFDMJeR//pqzhnEKVvEm2wWbh2RJ6oru5+cUUfm5X9NnlaGr8"
                                "aSH9QE5RVZD4QGlxl2F5UpVIIi94p178KLfqPPsAA==\n"),
                     ERR_TAMPERED);
    /* too short for a time and a signature */
    ck_assert_int_eq(
        check_text(CHECKPOINT_TEXT "\n\xe2\x80\x94 " WITNESS " 1GorGwAAAABkGFDL\n"),
        ERR_TAMPERED);
}
END_TEST

START_TEST(key_and_text_of_others_are_other_cosignatures)
{
    static const char other[] = "example.com/other\n1\n"
                                "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" COSIGNATURE;
    struct sign_key *stranger = NULL;
    struct buf vkey;
    struct cosigned at;

    ck_assert_int_eq(check_text(other), ERR_TAMPERED);
    buf_init(&vkey, 1024);
    ck_assert_int_eq(sign_key_generate_as(KEY_ED25519, &stranger, NULL), ERR_OK);
    ck_assert_int_eq(cosigner_vkey(WITNESS, stranger, &vkey, NULL), ERR_OK);
    cosigner_free(witness);
    witness = cosigner(vkey.data);
    ck_assert_int_eq(
        check(CHECKPOINT_TEXT "\n" COSIGNATURE, strlen(CHECKPOINT_TEXT "\n" COSIGNATURE), &at),
        ERR_NOT_FOUND); /* same name, another id */
    sign_key_free(stranger);
    buf_release(&vkey);
}
END_TEST

START_TEST(times_go_from_1970_to_the_last_second)
{
    static const int64_t times[] = {0, 1, INT64_MAX};
    struct cosigned at;

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        buf_clear(&out);
        buf_adds(&out, CHECKPOINT_TEXT "\n");
        ck_assert_int_eq(cosign(CHECKPOINT_TEXT, strlen(CHECKPOINT_TEXT), times[i], WITNESS,
                                key, &out, NULL),
                         ERR_OK);
        ck_assert_int_eq(check(out.data, out.len, &at), ERR_OK);
        ck_assert_int_eq(at.time_s, times[i]);
    }
    ck_assert_int_eq(cosign("x\n", 2, -1, WITNESS, key, &out, NULL), ERR_RANGE);
}
END_TEST

START_TEST(verifier_keys_of_other_forms_are_refused)
{
    static const struct {
        const char *vkey;
        enum err_code want;
    } rows[] = {
        {"", ERR_PARSE},
        {WITNESS, ERR_PARSE},
        {WITNESS "+d46a2b1b", ERR_PARSE},
        {WITNESS "+d46a2b1c+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ERR_PARSE},
        {WITNESS "+d46a2b1+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ERR_PARSE},
        {"other+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ERR_PARSE},
        {"+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ERR_PARSE},
        {WITNESS "+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T", ERR_PARSE},
        {WITNESS "+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWyw==", ERR_PARSE},
        {PETER, ERR_UNSUPPORTED}, /* type 0x01: a log's */
    };
    struct cosigner *c = NULL;
    struct err e = ERR_INIT;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(cosigner_parse(rows[i].vkey, &c, &e) == rows[i].want, "row %zu: %s", i,
                      e.text);
        ck_assert_ptr_null(c);
    }
    cosigner_free(NULL);
}
END_TEST

START_TEST(witness_needs_a_name_and_an_ed25519_key)
{
    struct sign_key *p256 = NULL;

    ck_assert_int_eq(sign_key_generate(&p256, NULL), ERR_OK);
    ck_assert_int_eq(cosigner_vkey(WITNESS, p256, &out, NULL), ERR_UNSUPPORTED);
    ck_assert_int_eq(cosign("x\n", 2, 0, WITNESS, p256, &out, NULL), ERR_UNSUPPORTED);
    ck_assert_int_eq(cosigner_vkey("two words", key, &out, NULL), ERR_RANGE);
    ck_assert_int_eq(cosigner_vkey("", key, &out, NULL), ERR_RANGE);
    ck_assert_int_eq(cosign("x\n", 2, 0, "a+b", key, &out, NULL), ERR_RANGE);
    ck_assert_uint_eq(out.len, 0);
    sign_key_free(p256);
}
END_TEST

START_TEST(note_has_a_largest_number_of_lines)
{
    struct cosigned at;

    buf_adds(&out, CHECKPOINT_TEXT "\n");
    for (unsigned i = 0; i < NOTE_SIGNATURES_MAX - 1; i++) {
        buf_adds(&out, LOG_SIG);
    }
    buf_adds(&out, COSIGNATURE);
    ck_assert_int_eq(check(out.data, out.len, &at), ERR_OK);
    buf_adds(&out, LOG_SIG);
    ck_assert_int_eq(check(out.data, out.len, &at), ERR_LIMIT);
}
END_TEST

static enum err_code step_parse(struct err *e)
{
    struct cosigner *c = NULL;
    enum err_code rc = cosigner_parse(VKEY, &c, e);

    cosigner_free(c);
    return rc;
}

static enum err_code step_cosign(struct err *e)
{
    struct buf line;

    buf_init(&line, 1024);
    enum err_code rc = cosign("x\n", 2, 0, WITNESS, key, &line, e);
    buf_release(&line);
    return rc;
}

static enum err_code step_check(struct err *e)
{
    struct cosigned at;

    return cosign_check(CHECKPOINT_TEXT "\n" COSIGNATURE,
                        strlen(CHECKPOINT_TEXT "\n" COSIGNATURE), witness, &at, e);
}

START_TEST(running_out_of_memory_anywhere_is_an_error)
{
    walk_faults(step_parse);
    walk_faults(step_cosign);
    walk_faults(step_check);
}
END_TEST

Suite *suite_cosign(void)
{
    Suite *s = suite_create("cosign");
    TCase *t = tcase_create("cosign");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, cosignature_is_byte_for_byte_what_openssl_makes);
    tcase_add_test(t, cosignature_is_found_among_other_lines);
    tcase_add_test(t, note_with_any_bit_changed_is_not_cosigned);
    tcase_add_test(t, one_line_that_does_not_hold_spoils_the_note);
    tcase_add_test(t, key_and_text_of_others_are_other_cosignatures);
    tcase_add_test(t, times_go_from_1970_to_the_last_second);
    tcase_add_test(t, verifier_keys_of_other_forms_are_refused);
    tcase_add_test(t, witness_needs_a_name_and_an_ed25519_key);
    tcase_add_test(t, note_has_a_largest_number_of_lines);
    tcase_add_test(t, running_out_of_memory_anywhere_is_an_error);
    suite_add_tcase(s, t);
    return s;
}
