/* What a window asks of a token: the signature of its entry and that of its checkpoint, through
 * our keys and notes, against the bare token. Run by bench_token.sh, which starts SoftHSM2 and
 * swtpm. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "crypto/checkpoint.h"
#include "crypto/keyfile.h"
#include "tests/bench/bench.h"
#include "tests/bench/token_limit.h"

#define ROUNDS 7
#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define ORIGIN "aforo.office/SJ01"
#define ENTRY_SIZE 420 /* bytes of a window's entry */

static const uint8_t secret[32] = {1};

static void need(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e->text);
        exit(EXIT_FAILURE);
    }
}

/* ---- ours ---- */

/* Where the two keys of an office are kept. */
struct office_keys {
    struct keyfile entry, log;
    struct hash entry_id, log_id;
};

struct open_keys {
    struct sign_key *entry;
    struct note_key *log;
};

static void key_make(enum key_store store, enum key_algorithm a, struct keyfile *f,
                     struct hash *id)
{
    struct err e = ERR_INIT;
    struct sign_key *k = NULL;
    bool hsm = store == STORE_PKCS11;
    struct key_want want = {store, a, hsm ? "pkcs11:token=aforo?module-path=" MODULE : NULL,
                            hsm ? "1234" : NULL, "bench"};
    need(keyfile_make(&want, secret, "office:bench", &env_system, f, &k, &e), &e);
    *id = *sign_key_id(k);
    sign_key_free(k);
}

static void keys_open(const struct office_keys *k, struct open_keys *out)
{
    struct err e = ERR_INIT;
    struct sign_key *log = NULL;
    need(keyfile_open(&k->entry, secret, "office:bench", &k->entry_id, &out->entry, &e), &e);
    need(keyfile_open(&k->log, secret, "office:bench", &k->log_id, &log, &e), &e);
    need(note_key_take(ORIGIN, log, &out->log, &e), &e);
}

static void keys_close(struct open_keys *k)
{
    sign_key_free(k->entry);
    note_key_free(k->log);
}

static void window_sign(struct open_keys *k, uint64_t n, struct buf *note)
{
    struct err e = ERR_INIT;
    struct signature sig;
    uint8_t entry[ENTRY_SIZE] = {(uint8_t)n, (uint8_t)(n >> 8)};
    struct checkpoint c = {.origin = ORIGIN, .size = n + 1};
    memcpy(c.root.b, &n, sizeof n);
    need(sign_data(k->entry, entry, sizeof entry, &sig, &e), &e);
    buf_clear(note);
    need(checkpoint_sign(&c, k->log, note, &e), &e);
}

/* ---- rounds: each opens what it needs, outside of the time taken, and lets it go ---- */

static double rate(uint64_t windows, int64_t start_ns)
{
    return (double)windows * 1e9 / (double)(bench_now_ns() - start_ns);
}

static double ours(const struct office_keys *keys, uint64_t windows)
{
    struct open_keys k;
    struct buf note;
    buf_init(&note, NOTE_SIZE_MAX);
    keys_open(keys, &k);
    window_sign(&k, 0, &note);
    int64_t start_ns = bench_now_ns();
    for (uint64_t i = 0; i < windows; i++) {
        window_sign(&k, i, &note);
    }
    double r = rate(windows, start_ns);
    keys_close(&k);
    buf_release(&note);
    return r;
}

static double limit_hsm(const struct office_keys *keys, uint64_t windows)
{
    struct open_keys k; /* they keep the token logged in */
    uint8_t digest[32] = {0};
    char text[128] = ORIGIN "\n1000000\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    size_t len = strlen(text);
    keys_open(keys, &k);
    limit_hsm_open(MODULE);
    limit_hsm_window(digest, text, len);
    int64_t start_ns = bench_now_ns();
    for (uint64_t i = 0; i < windows; i++) {
        memcpy(digest, &i, sizeof i);
        limit_hsm_window(digest, text, len);
    }
    double r = rate(windows, start_ns);
    limit_hsm_close();
    keys_close(&k);
    return r;
}

static double limit_tpm(const struct office_keys *keys, uint64_t windows)
{
    uint8_t digest[32] = {0};
    (void)keys;
    limit_tpm_open();
    limit_tpm_window(digest, digest);
    int64_t start_ns = bench_now_ns();
    for (uint64_t i = 0; i < windows; i++) {
        memcpy(digest, &i, sizeof i);
        limit_tpm_window(digest, digest);
    }
    double r = rate(windows, start_ns);
    limit_tpm_close();
    return r;
}

static void measure(const char *name, const struct office_keys *keys, uint64_t windows,
                    double (*limit)(const struct office_keys *, uint64_t))
{
    double rates[2][ROUNDS];
    struct bench_pair pair;
    for (int i = 0; i < ROUNDS; i++) {
        rates[0][i] = ours(keys, windows);
        rates[1][i] = limit(keys, windows);
    }
    pair.ours = bench_median(rates[0], ROUNDS);
    pair.limit = bench_median(rates[1], ROUNDS);
    bench_print_rate(name, "windows/s", pair, "ratio>=0.85");
}

int main(int argc, char **argv)
{
    static struct office_keys keys;
    bool quick = bench_quick(argc, argv);
    uint64_t hsm = quick ? 500 : 4000;
    uint64_t tpm = quick ? 20 : 200;
    printf("# a window: one entry signature and one checkpoint; limit: the bare token's two "
           "signatures (%" PRIu64 " windows a run in SoftHSM2, %" PRIu64 " in swtpm)\n",
           hsm, tpm);
    key_make(STORE_PKCS11, KEY_P256, &keys.entry, &keys.entry_id);
    key_make(STORE_PKCS11, KEY_ED25519, &keys.log, &keys.log_id);
    measure("token_window_softhsm2", &keys, hsm, limit_hsm);
    key_make(STORE_TPM2, KEY_P256, &keys.entry, &keys.entry_id);
    key_make(STORE_TPM2, KEY_P256, &keys.log, &keys.log_id);
    measure("token_window_swtpm", &keys, tpm, limit_tpm);
    return EXIT_SUCCESS;
}
