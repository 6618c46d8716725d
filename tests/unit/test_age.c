#include <config.h>

#include "crypto/age.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"

static const struct age_key key = {.passphrase = "frase de prueba"};
static struct env_fake fake;
static char *file;
static size_t file_len;

static void encrypt(size_t len)
{
    struct age *a = NULL;
    struct err e = ERR_INIT;
    uint8_t *plain = calloc(1, len + 1);
    FILE *f = open_memstream(&file, &file_len);
    ck_assert_ptr_nonnull(plain);
    ck_assert_ptr_nonnull(f);
    memset(plain, 'x', len);
    env_fake_init(&fake, 1795248512123, 42);
    ck_assert_int_eq(age_write_open(f, &key, &fake.env, &a, &e), ERR_OK);
    ck_assert_int_eq(age_write(a, plain, len / 2, &e), ERR_OK);
    ck_assert_int_eq(age_write(a, plain, len - len / 2, &e), ERR_OK);
    ck_assert_int_eq(age_finish(a, &e), ERR_OK);
    age_free(a);
    (void)fclose(f);
    free(plain);
}

/* All of it; *total: bytes that were read. */
static enum err_code decrypt(const char *bytes, size_t len, size_t *total)
{
    static uint8_t out[1000];
    struct age *a = NULL;
    struct err e = ERR_INIT;
    size_t got = sizeof out;
    FILE *f = tmpfile();
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
    rewind(f);
    *total = 0;
    enum err_code code = age_read_open(f, &key, &a, &e);
    while (code == ERR_OK && got == sizeof out) {
        code = age_read(a, out, sizeof out, &got, &e);
        *total += got;
    }
    age_free(a);
    (void)fclose(f);
    return code;
}

/* The payload's chunks are 64 KiB: around their bounds every byte comes back. */
START_TEST(what_was_encrypted_comes_back)
{
    static const size_t lens[] = {0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK};
    size_t total = 0;
    encrypt(lens[_i]);
    ck_assert_int_eq(decrypt(file, file_len, &total), ERR_OK);
    ck_assert_uint_eq(total, lens[_i]);
    free(file);
}
END_TEST

/* A bit anywhere in the header's end or the payload, and a cut after any whole chunk. */
START_TEST(a_changed_or_cut_file_is_refused)
{
    size_t total = 0;
    encrypt(AGE_CHUNK + 5);
    for (size_t back = 1; back < 60; back += 7) {
        file[file_len - back] ^= 1;
        ck_assert_int_eq(decrypt(file, file_len, &total), ERR_TAMPERED);
        file[file_len - back] ^= 1;
    }
    ck_assert_int_eq(decrypt(file, file_len - 1, &total), ERR_TAMPERED);
    ck_assert_int_eq(decrypt(file, file_len - 5 - 16, &total), ERR_TAMPERED);
    ck_assert_int_eq(decrypt(file, 0, &total), ERR_PARSE);
    free(file);
}
END_TEST

/* Every stanza has the form that the format gives it, those for other programs too. Sound ones
 * come to their end, where it shows that none was for us. */
START_TEST(a_malformed_stanza_is_refused)
{
#define BODY64 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
#define SEALED "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE" /* 32 bytes */
    static const struct {
        const char *stanza;
        enum err_code code;
    } rows[] = {
        {"-> x y\n\n", ERR_DENIED},
        {"-> x\nQUFB\n", ERR_DENIED},
        {"-> x\n" BODY64 "\n\n", ERR_DENIED},
        {"-> x  y\n\n", ERR_PARSE},
        {"-> x \n\n", ERR_PARSE},
        {"-> x\nQUF=\n", ERR_PARSE},
        {"-> x\nQUFBQ\n", ERR_PARSE},
        {"-> x\nQUFBQUA\n", ERR_DENIED},
        {"-> x\nQUFBQUB\n", ERR_PARSE}, /* unused bits that are not zero */
        {"-> x\n" BODY64 "\n", ERR_PARSE},
        {"-> x\n" BODY64 "Q\n\n", ERR_PARSE},
        {"-> scrypt QUFBQUFBQUFBQUFBQUFBQQ 1\n" SEALED "\n", ERR_DENIED},
        {"-> scrypt QUFBQUFBQUFBQUFBQUFBQQ 01\n" SEALED "\n", ERR_PARSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        size_t total = 0;
        (void)snprintf(text, sizeof text,
                       "age-encryption.org/v1\n%s--- " SEALED "\n0123456789abcdef",
                       rows[i].stanza);
        enum err_code code = decrypt(text, strlen(text), &total);
        ck_assert_msg(code == rows[i].code, "%s: %d", rows[i].stanza, (int)code);
    }
}
END_TEST

Suite *suite_age(void)
{
    Suite *s = suite_create("age");
    TCase *t = tcase_create("age");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, what_was_encrypted_comes_back, 0, 6);
    tcase_add_test(t, a_changed_or_cut_file_is_refused);
    tcase_add_test(t, a_malformed_stanza_is_refused);
    suite_add_tcase(s, t);
    return s;
}
