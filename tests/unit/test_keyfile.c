/* Files of keys, and keys in a PKCS#11 token (SoftHSM2 with a private folder). TPMs have their
 * test in tests/e2e/tokens.sh: a daemon is needed. */
#include <config.h>

#include "crypto/keyfile.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/note.h"
#include "crypto/token.h"
#include "tests/lib/fault.h"
#include "tests/unit/check_crypto.h"

extern char **environ;

static const uint8_t secret[32] = {1, 2, 3};
static struct err e;

#define assert_ok(call) ck_assert_msg((call) == ERR_OK, "%s: %s", #call, e.text)

static void begin(void)
{
    e = (struct err)ERR_INIT;
}

static const char good[] = "aforo-key 1\nstore pkcs11\nalgorithm ed25519\nplace "
                           "pkcs11:token=a?module-path=/m.so\npin aforo-seal-v1$raw$x\n";

START_TEST(a_file_reads_back_as_it_was_written)
{
    struct keyfile f;
    struct buf text;
    buf_init(&text, KEYFILE_BYTES_MAX);
    assert_ok(keyfile_parse(good, strlen(good), &f, &e));
    ck_assert_int_eq(f.store, STORE_PKCS11);
    ck_assert_int_eq(f.algorithm, KEY_ED25519);
    ck_assert_str_eq(f.pin, "aforo-seal-v1$raw$x");
    assert_ok(keyfile_print(&f, &text, &e));
    ck_assert_str_eq(buf_str(&text), good);
    buf_release(&text);
}
END_TEST

START_TEST(a_file_with_any_byte_gone_or_space_inside_is_refused)
{
    struct keyfile f;
    size_t len = strlen(good);
    char copy[sizeof good];
    for (size_t cut = 0; cut < len; cut++) {
        bool whole_without_pin = cut == (size_t)(strstr(good, "pin ") - good);
        ck_assert_int_eq(keyfile_parse(good, cut, &f, &e),
                         whole_without_pin ? ERR_OK : ERR_PARSE);
    }
    static const char bytes[] = {0, '\n', ' ', '\t', (char)0x80};
    for (size_t at = 0; at < len; at++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(copy, good, len);
            copy[at] = bytes[b];
            bool same = good[at] == bytes[b];
            ck_assert_int_eq(keyfile_parse(copy, len, &f, &e), same ? ERR_OK : ERR_PARSE);
        }
    }
    static const char *const bad[] = {
        "aforo-key 2\nstore file\nalgorithm p256\nplace x\n",
        "aforo-key 1\nstore disk\nalgorithm p256\nplace x\n",
        "aforo-key 1\nstore file\nalgorithm p384\nplace x\n",
        "aforo-key 1\nstore file\nalgorithm p256\nplace x\npin y\n", /* a file has no PIN */
        "aforo-key 1\nstore tpm2\nalgorithm p256\nplace x\npin y\npin z\n",
        "aforo-key 1\nstore file\nalgorithm p256\nplace x\n\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(keyfile_parse(bad[i], strlen(bad[i]), &f, &e), ERR_PARSE);
    }
}
END_TEST

START_TEST(a_place_of_the_longest_size_fits_and_one_more_does_not)
{
    struct keyfile f;
    char *text = malloc(KEYFILE_BYTES_MAX + 64);
    ck_assert_ptr_nonnull(text);
    for (size_t more = 0; more <= 1; more++) {
        int n = snprintf(text, 64, "aforo-key 1\nstore file\nalgorithm p256\nplace ");
        memset(text + n, 'x', KEYFILE_PLACE_MAX + more);
        text[(size_t)n + KEYFILE_PLACE_MAX + more] = '\n';
        ck_assert_int_eq(keyfile_parse(text, (size_t)n + KEYFILE_PLACE_MAX + more + 1, &f, &e),
                         more == 0 ? ERR_OK : ERR_PARSE);
    }
    free(text);
}
END_TEST

/* Make a key, open it again, sign with the second and verify with the first's public half. */
static void round_trip(const struct key_want *want, struct keyfile *f, struct hash *id)
{
    struct sign_key *made = NULL;
    struct sign_key *k = NULL;
    struct verify_key *public = NULL;
    struct signature sig;
    struct buf spki;
    buf_init(&spki, SPKI_SIZE_MAX + 1);
    assert_ok(keyfile_make(want, secret, "office:log", &env_system, f, &made, &e));
    *id = *sign_key_id(made);
    assert_ok(keyfile_open(f, secret, "office:log", id, &k, &e));
    ck_assert_int_eq(sign_key_in_token(k), want->store != STORE_FILE);
    for (int i = 0; i < 8; i++) { /* half of all signatures come with a high S */
        assert_ok(sign_data(k, "hello", 5, &sig, &e));
        assert_ok(sign_key_public(made, &spki, &e));
        assert_ok(verify_key_load_as(want->algorithm, spki.data, spki.len, &public, &e));
        ck_assert(verify_data(public, "hello", 5, sig.der, sig.len));
        ck_assert(!verify_data(public, "hellp", 5, sig.der, sig.len));
        ck_assert(want->algorithm == KEY_ED25519 || sig.len <= 71);
        verify_key_free(public);
        buf_clear(&spki);
    }
    buf_release(&spki);
    sign_key_free(made);
    sign_key_free(k);
}

static enum err_code open_as(const struct keyfile *f, const uint8_t with[32], const char *aad,
                             const struct hash *id)
{
    struct sign_key *k = NULL;
    enum err_code code = keyfile_open(f, with, aad, id, &k, &e);
    ck_assert((code == ERR_OK) == (k != NULL));
    sign_key_free(k);
    return code;
}

START_TEST(a_key_in_a_file_opens_by_its_secret_purpose_and_id_only)
{
    static const uint8_t other[32] = {9};
    struct key_want want = {STORE_FILE, KEY_P256, NULL, NULL, ""};
    struct keyfile f;
    struct hash id;
    for (int i = 0; i < 2; i++) {
        want.algorithm = i == 0 ? KEY_P256 : KEY_ED25519;
        round_trip(&want, &f, &id);
        ck_assert_int_eq(open_as(&f, other, "office:log", &id), ERR_DENIED);
        ck_assert_int_eq(open_as(&f, secret, "office:entry", &id), ERR_DENIED);
        id.b[0] ^= 1;
        ck_assert_int_eq(open_as(&f, secret, "office:log", &id), ERR_DENIED);
    }
    want.store = STORE_TPM2;
    struct sign_key *k = NULL;
    ck_assert_int_eq(keyfile_make(&want, secret, "office:log", &env_system, &f, &k, &e),
                     ERR_UNSUPPORTED);
    ck_assert_int_eq(keyfile_pin(&f, "1234", secret, "a", &id, &env_system, &e), ERR_OK);
    f.store = STORE_FILE;
    ck_assert_int_eq(keyfile_pin(&f, "1234", secret, "a", &id, &env_system, &e), ERR_USAGE);
}
END_TEST

/* ---- PKCS#11 ---------------------------------------------------------------------------- */

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
static char folder[256];

static int run(const char *const argv[])
{
    pid_t pid = 0;
    int status = -1;
    char *copy[16];
    memcpy(copy, argv, sizeof copy);
    return posix_spawnp(&pid, argv[0], NULL, NULL, copy, environ) == 0 &&
                   waitpid(pid, &status, 0) == pid
               ? status
               : -1;
}

static void token_init(const char *label)
{
    const char *const argv[16] = {"softhsm2-util", "--init-token", "--free", "--label", label,
                                  "--so-pin",      "1234",         "--pin",  "4321",    NULL};
    ck_assert_int_eq(run(argv), 0);
}

static bool softhsm_begin(void)
{
    char path[300];
    begin();
    if (access(MODULE, R_OK) != 0) {
        printf("# skip keyfile: SoftHSM2 is not installed (apt-get install softhsm2)\n");
        return false;
    }
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/aforo-hsm-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/conf", folder);
    FILE *conf = fopen(path, "w");
    ck_assert_ptr_nonnull(conf);
    (void)fprintf(conf, "directories.tokendir = %s\nobjectstore.backend = file\n", folder);
    (void)fclose(conf);
    ck_assert_int_eq(setenv("SOFTHSM2_CONF", path, 1), 0);
    token_init("aforo");
    return true;
}

static void softhsm_end(void)
{
    const char *const argv[16] = {"rm", "-rf", folder, NULL};
    ck_assert_int_eq(run(argv), 0);
}

#define TOKEN "pkcs11:token=aforo?module-path=" MODULE

/* SoftHSM 2.6.1 loses an ASN.1 string for each key that it makes; none of ours is allocated by
 * OpenSSL there. */
#ifdef AFORO_SANITIZED
#include <sanitizer/lsan_interface.h>
#define LEAKS_OF_THE_TOKEN(on) ((on) ? __lsan_enable() : __lsan_disable())
#else
#define LEAKS_OF_THE_TOKEN(on) ((void)(on))
#endif

START_TEST(a_token_makes_keys_and_signs)
{
    struct key_want want = {STORE_PKCS11, KEY_P256, TOKEN, "4321", "aforo test"};
    struct keyfile f;
    struct hash id;
    if (!softhsm_begin()) {
        return;
    }
    LEAKS_OF_THE_TOKEN(false);
    round_trip(&want, &f, &id);
    want.algorithm = KEY_ED25519;
    round_trip(&want, &f, &id);
    LEAKS_OF_THE_TOKEN(true);
    ck_assert_ptr_nonnull(strstr(f.place, "id=%"));
    id.b[5] ^= 1;
    ck_assert_int_eq(
        pkcs11_open(KEY_ED25519, f.place, "4321", &id, &(struct sign_key *){NULL}, &e),
        ERR_STATE);
    ck_assert_ptr_nonnull(strstr(e.text, "another key"));
    softhsm_end();
}
END_TEST

START_TEST(a_token_that_is_missing_or_locked_is_told)
{
    struct key_want want = {STORE_PKCS11, KEY_P256, TOKEN, "4322", "aforo test"};
    struct sign_key *k = NULL;
    struct keyfile f;
    if (!softhsm_begin()) {
        return;
    }
    ck_assert_int_eq(keyfile_make(&want, secret, "a", &env_system, &f, &k, &e), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "PIN"));
    want.pin = NULL; /* not logged in: a private key cannot be made */
    ck_assert_int_eq(keyfile_make(&want, secret, "a", &env_system, &f, &k, &e), ERR_DENIED);
    want.pin = "4321";
    want.token = "pkcs11:token=other?module-path=" MODULE;
    ck_assert_int_eq(keyfile_make(&want, secret, "a", &env_system, &f, &k, &e), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "there are: \"aforo\""));
    want.token = "pkcs11:token=aforo?module-path=/nowhere/module.so";
    ck_assert_int_eq(keyfile_make(&want, secret, "a", &env_system, &f, &k, &e), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "/nowhere/module.so"));
    static const char *const bad[] = {"",
                                      "pkcs11:token=aforo",
                                      "pkcs11:?module-path=" MODULE,
                                      "pkcs11:token=aforo?module-path=softhsm.so",
                                      "https://example.com",
                                      "pkcs11:token=aforo?moduLe-path=" MODULE,
                                      "pkcs11:token=aforo;tokn=b?module-path=" MODULE,
                                      "pkcs11:token=%zz?module-path=" MODULE};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(pkcs11_uri_check(bad[i], &e), ERR_USAGE);
    }
    assert_ok(pkcs11_uri_check(TOKEN, &e));
    struct hash id = {{0}};
    ck_assert_int_eq(pkcs11_open(KEY_P256, TOKEN, "4321", &id, &k, &e), ERR_USAGE);
    ck_assert_int_eq(pkcs11_open(KEY_P256, "pkcs11:token=aforo;id=%01?module-path=" MODULE,
                                 "4321", &id, &k, &e),
                     ERR_NOT_FOUND);
    ck_assert_ptr_null(k);
    softhsm_end();
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------ */

static struct keyfile kept;
static struct hash kept_id;

static enum err_code step_make(struct err *why)
{
    struct key_want want = {STORE_FILE, KEY_ED25519, NULL, NULL, ""};
    struct sign_key *k = NULL;
    struct keyfile f;
    enum err_code rc = keyfile_make(&want, secret, "office:log", &env_system, &f, &k, why);

    ck_assert((rc == ERR_OK) == (k != NULL));
    sign_key_free(k);
    return rc;
}

/* Written, read back and opened, as an office does it. */
static enum err_code step_print_parse_open(struct err *why)
{
    struct sign_key *k = NULL;
    struct keyfile f;
    struct buf text;
    enum err_code rc = ERR_OK;

    buf_init(&text, KEYFILE_BYTES_MAX);
    rc = keyfile_print(&kept, &text, why);
    if (rc == ERR_OK) {
        rc = keyfile_parse(buf_str(&text), text.len, &f, why);
    }
    if (rc == ERR_OK) {
        rc = keyfile_open(&f, secret, "office:log", &kept_id, &k, why);
    }
    buf_release(&text);
    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert(k == NULL || hash_equal(sign_key_id(k), &kept_id));
    sign_key_free(k);
    return rc;
}

START_TEST(a_key_in_a_file_that_lacks_memory_is_told_and_nothing_kept)
{
    struct key_want want = {STORE_FILE, KEY_P256, NULL, NULL, ""};
    struct sign_key *k = NULL;
    assert_ok(keyfile_make(&want, secret, "office:log", &env_system, &kept, &k, &e));
    kept_id = *sign_key_id(k);
    sign_key_free(k);
    walk_faults(step_make);
    walk_faults(step_print_parse_open);
}
END_TEST

/* Our own allocations only: those of SoftHSM2 are not ours to fail. */
static void token_with_faults(void *ctx, bool failing)
{
    struct err why = ERR_INIT;
    struct sign_key *k = NULL;
    struct signature sig;
    enum err_code rc = keyfile_open(&kept, secret, "office:log", &kept_id, &k, &why);
    (void)ctx;
    if (rc == ERR_OK) {
        rc = sign_data(k, "hello", 5, &sig, &why);
    }
    ck_assert_msg(rc == ERR_OK || (failing && rc == ERR_NOMEM), "%s", why.text);
    sign_key_free(k);
}

START_TEST(a_key_in_a_token_that_lacks_memory_is_told_and_nothing_kept)
{
    struct key_want want = {STORE_PKCS11, KEY_P256, TOKEN, "4321", "aforo test"};
    if (!softhsm_begin()) {
        return;
    }
    round_trip(&want, &kept, &kept_id);
    ck_assert_uint_gt(fault_sweep(token_with_faults, NULL), 2);
    softhsm_end();
}
END_TEST

/* A checkpoint where a TPM has the key of the log: Ed25519, and ECDSA (type 2) beside it. */
START_TEST(a_note_has_an_ecdsa_signature_beside_ed25519)
{
    struct note_key *keys[2] = {NULL, NULL};
    struct note_verifier *v[2] = {NULL, NULL};
    struct sign_key *p256 = NULL;
    struct note_verified seen;
    struct buf note;
    struct buf vkey;
    char hex[65];
    buf_init(&note, 4096);
    buf_init(&vkey, 1024);
    assert_ok(note_key_generate("aforo.office/SJ01", &keys[0], &e));
    assert_ok(sign_key_generate(&p256, &e));
    hash_hex(sign_key_id(p256), hex);
    assert_ok(note_key_take("aforo.office/SJ01", p256, &keys[1], &e));
    ck_assert_int_eq(note_sign_beside(&note, keys[1], &e), ERR_PARSE); /* nothing to sign */
    assert_ok(note_sign("aforo.office/SJ01\n3\nroot\n", 25, keys[0], &note, &e));
    assert_ok(note_sign_beside(&note, keys[1], &e));
    for (int i = 0; i < 2; i++) {
        buf_clear(&vkey);
        assert_ok(note_key_public(keys[i], &vkey, &e));
        assert_ok(note_verifier_parse(buf_str(&vkey), &v[i], &e));
    }
    /* An ECDSA key's id is the beginning of the hash of its SubjectPublicKeyInfo. */
    ck_assert_int_eq(memcmp(buf_str(&vkey) + strlen("aforo.office/SJ01+"), hex, 8), 0);
    assert_ok(note_verify(buf_str(&note), note.len, (const struct note_verifier *const *)v, 2,
                          &seen, &e));
    ck_assert_uint_eq(seen.by, 3);
    ck_assert_uint_eq(seen.text_len, 25);
    note.data[18] ^= 1; /* "3" */
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(note_verify(buf_str(&note), note.len,
                                     (const struct note_verifier *const *)&v[i], 1, &seen, &e),
                         ERR_TAMPERED);
    }
    for (int i = 0; i < 2; i++) {
        note_key_free(keys[i]);
        note_verifier_free(v[i]);
    }
    buf_release(&note);
    buf_release(&vkey);
}
END_TEST

Suite *suite_keyfile(void)
{
    Suite *s = suite_create("keyfile");
    TCase *t = tcase_create("keyfile");
    tcase_add_checked_fixture(t, begin, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_file_reads_back_as_it_was_written);
    tcase_add_test(t, a_file_with_any_byte_gone_or_space_inside_is_refused);
    tcase_add_test(t, a_place_of_the_longest_size_fits_and_one_more_does_not);
    tcase_add_test(t, a_key_in_a_file_opens_by_its_secret_purpose_and_id_only);
    tcase_add_test(t, a_token_makes_keys_and_signs);
    tcase_add_test(t, a_token_that_is_missing_or_locked_is_told);
    tcase_add_test(t, a_key_in_a_file_that_lacks_memory_is_told_and_nothing_kept);
    tcase_add_test(t, a_key_in_a_token_that_lacks_memory_is_told_and_nothing_kept);
    tcase_add_test(t, a_note_has_an_ecdsa_signature_beside_ed25519);
    suite_add_tcase(s, t);
    return s;
}
