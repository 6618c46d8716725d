#include <config.h>

#include "tests/unit/check_crypto.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <argon2.h>

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/ossl.h"
#include "tests/lib/openssl_ready.h"

static _Thread_local bool faults_on;
static _Thread_local bool faults_persist;
static _Thread_local bool fault_met;
static _Thread_local long faults_left;

static bool fault_now(const char *file)
{
    if (!faults_on || strstr(file, "digests/") != NULL) { /* a hash cannot fail: hash.h */
        return false;
    }
    if (faults_left > 0) {
        faults_left--;
        return false;
    }
    if (fault_met && !faults_persist) {
        return false;
    }
    fault_met = true;
    return true;
}

static void *counted_malloc(size_t size, const char *file, int line)
{
    (void)line;
    return fault_now(file) ? NULL : malloc(size);
}

static void *counted_realloc(void *p, size_t size, const char *file, int line)
{
    (void)line;
    return fault_now(file) ? NULL : realloc(p, size);
}

static void counted_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static bool allow_ours(void *ctx)
{
    (void)ctx;
    return !fault_now("ours");
}

/* One run; returns its answer and tells how many allocations it made when none fails. */
static enum err_code run_counted(enum err_code (*step)(struct err *e), long after,
                                 struct err *e)
{
    enum err_code rc = ERR_OK;

    faults_left = after;
    fault_met = false;
    faults_on = true;
    mem_set_hook(allow_ours, NULL);
    rc = step(e);
    mem_set_hook(NULL, NULL);
    faults_on = false;
    ck_assert_int_eq(rc, e->code);
    return rc;
}

void walk_faults(enum err_code (*step)(struct err *e))
{
    struct err first = ERR_INIT;
    long total = 0;

    faults_persist = false;
    ck_assert_int_eq(run_counted(step, LONG_MAX, &first), ERR_OK);
    total = LONG_MAX - faults_left;
    for (int persist = 0; persist < 2; persist++) {
        long failures = 0;

        faults_persist = persist != 0;
        /* All of a short step. Of a long one, which is OpenSSL looking for a decoder, the two
         * ends and samples. */
        for (long n = 0; n < total; n += n < 100 || n > total - 250 ? 1 : 23) {
            struct err e = ERR_INIT;
            enum err_code rc = run_counted(step, n, &e);

            ck_assert_msg(rc == ERR_OK || fault_met, "allocation %ld", n);
            failures += rc != ERR_OK;
        }
        ck_assert_int_gt(failures, 0);
    }
}

/* The linker puts this in front of the library's (--wrap). */
int __real_argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                             const void *password, size_t password_len, const void *salt,
                             size_t salt_len, void *hash, size_t hash_len);
int __wrap_argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                             const void *password, size_t password_len, const void *salt,
                             size_t salt_len, void *hash, size_t hash_len);

static int argon2_code = ARGON2_OK;

void argon2_answers(int code)
{
    argon2_code = code;
}

int __wrap_argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                             const void *password, size_t password_len, const void *salt,
                             size_t salt_len, void *hash, size_t hash_len)
{
    if (argon2_code != ARGON2_OK) {
        return argon2_code;
    }
    return __real_argon2id_hash_raw(passes, memory_kib, lanes, password, password_len, salt,
                                    salt_len, hash, hash_len);
}

void add_abort_test(TCase *t, const TTest *test)
{
    const char *fork_mode = getenv("CK_FORK");

    if (fork_mode == NULL || strcmp(fork_mode, "no") != 0) {
        tcase_add_test_raise_signal(t, test, SIGABRT);
    }
}

size_t unhex(const char *hex, uint8_t *out, size_t size)
{
    size_t len = strlen(hex);

    ck_assert(len % 2 == 0 && len / 2 <= size && hex_decode(hex, len, out, len / 2));
    return len / 2;
}

void assert_hash_hex(const struct hash *h, const char *hex)
{
    char text[65];

    hash_hex(h, text);
    ck_assert_str_eq(text, hex);
}

int main(void)
{
    SRunner *runner = NULL;
    int failed = 0;

    if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) {
        (void)fputs("OpenSSL allocated before main\n", stderr);
        return EXIT_FAILURE;
    }
    openssl_ready();
    runner = srunner_create(suite_hash());
    srunner_add_suite(runner, suite_merkle());
    srunner_add_suite(runner, suite_merkle_vectors());
    srunner_add_suite(runner, suite_sign());
    srunner_add_suite(runner, suite_sign_keys());
    srunner_add_suite(runner, suite_keyfile());
    srunner_add_suite(runner, suite_keystore());
    srunner_add_suite(runner, suite_seal());
    srunner_add_suite(runner, suite_dsse());
    srunner_add_suite(runner, suite_note());
    srunner_add_suite(runner, suite_note_key());
    srunner_add_suite(runner, suite_checkpoint());
    srunner_add_suite(runner, suite_cosign());
    srunner_add_suite(runner, suite_witness_request());
    srunner_add_suite(runner, suite_age());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
