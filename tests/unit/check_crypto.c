#include <config.h>

#include "tests/unit/check_crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/ossl.h"

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

void walk_openssl_faults(enum err_code (*step)(struct err *e))
{
    for (int persist = 0; persist < 2; persist++) {
        long failures = 0;

        fault_met = true;
        /* Every allocation of a short step; of a long one, which is OpenSSL looking for its
         * decoders, a part. */
        for (long n = 0; fault_met; n += n < 150 ? 1 : 61) {
            struct err e = ERR_INIT;
            enum err_code rc = ERR_OK;

            faults_left = n;
            faults_persist = persist != 0;
            fault_met = false;
            faults_on = true;
            rc = step(&e);
            faults_on = false;
            ck_assert_msg(rc == ERR_OK || fault_met, "allocation %ld", n);
            ck_assert_int_eq(rc, e.code);
            failures += rc != ERR_OK;
        }
        ck_assert_int_gt(failures, 0);
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
    runner = srunner_create(suite_hash());
    srunner_add_suite(runner, suite_merkle());
    srunner_add_suite(runner, suite_merkle_vectors());
    srunner_add_suite(runner, suite_sign());
    srunner_add_suite(runner, suite_keystore());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
