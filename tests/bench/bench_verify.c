/* verify --full of a ledger of single acts, against bare hashing and P-256 checking of the same
 * bytes in memory, keys cached, on all cores. */
#include <config.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERR_STATE ossl_renamed_err_state
#include <openssl/evp.h>
#include <openssl/x509.h>
#undef ERR_STATE

#include "base/arena.h"
#include "ledger/chain.h"
#include "ledger/verify.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_fixture.h"

#define ROUNDS 7

static struct {
    struct office_fixture office;
    char db[FIXTURE_PATH_MAX + 16];
    int64_t entries;
    unsigned threads;
    /* What the bare loop works on. */
    struct bare *rows;
    int cores;
    volatile unsigned char sink;
} b;

/* ---- ours
 * ---------------------------------------------------------------------------------- */

static uint64_t ours(bool hashes_only, unsigned threads)
{
    struct verify_job job = {.db_path = b.db, .threads = threads, .hashes_only = hashes_only};
    struct audit *a = mem_alloc(sizeof *a);
    struct chain c;
    struct err e = ERR_INIT;
    chain_init(&c);
    enum err_code code = verify_ledger(&job, &c, a, &e);
    uint64_t done = (uint64_t)a->entries;
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e.text);
        done = 0;
    }
    chain_release(&c);
    mem_free(a);
    return done;
}

static uint64_t ours_full(void *ctx)
{
    (void)ctx;
    return ours(false, b.threads);
}

static uint64_t ours_hashes(void *ctx)
{
    (void)ctx;
    return ours(true, 1);
}

/* ---- the limit: hash the envelope, check the signature over the signed bytes
 * -------------------------------- */

struct bare {
    unsigned char *envelope, *pae, *spki;
    size_t envelope_len, pae_len, spki_len;
    unsigned char sig[80];
    size_t sig_len;
    int key; /* index into the keys of a thread */
};
static struct bare *keys[16];
static int key_count;

struct part {
    int64_t from, to;
    int bad;
    pthread_t thread;
};

static void *bare_main(void *arg)
{
    struct part *p = arg;
    EVP_PKEY_CTX *ctx[16] = {NULL};
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char digest[32];
    for (int i = 0; i < key_count; i++) {
        const unsigned char *der = keys[i]->spki;
        EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)keys[i]->spki_len);
        ctx[i] = EVP_PKEY_CTX_new(key, NULL);
        (void)EVP_PKEY_verify_init(ctx[i]);
        EVP_PKEY_free(key);
    }
    for (int64_t i = p->from; i < p->to; i++) {
        const struct bare *r = &b.rows[i];
        (void)EVP_DigestInit_ex(md, EVP_sha256(), NULL);
        (void)EVP_DigestUpdate(md, r->envelope, r->envelope_len);
        (void)EVP_DigestFinal_ex(md, digest, NULL);
        (void)EVP_DigestInit_ex(md, EVP_sha256(), NULL);
        (void)EVP_DigestUpdate(md, r->pae, r->pae_len);
        (void)EVP_DigestFinal_ex(md, digest, NULL);
        p->bad += EVP_PKEY_verify(ctx[r->key], r->sig, r->sig_len, digest, 32) != 1;
    }
    for (int i = 0; i < key_count; i++) {
        EVP_PKEY_CTX_free(ctx[i]);
    }
    EVP_MD_CTX_free(md);
    return NULL;
}

static uint64_t limit_full(void *ctx)
{
    struct part parts[64] = {{0}};
    int bad = 0;
    (void)ctx;
    for (int i = 0; i < b.cores; i++) {
        parts[i].from = b.entries * i / b.cores;
        parts[i].to = b.entries * (i + 1) / b.cores;
        (void)pthread_create(&parts[i].thread, NULL, bare_main, &parts[i]);
    }
    for (int i = 0; i < b.cores; i++) {
        (void)pthread_join(parts[i].thread, NULL);
        bad += parts[i].bad;
    }
    return bad == 0 ? (uint64_t)b.entries : 0;
}

/* Hashes alone, on one core: scan the table, hash each envelope. */
static uint64_t limit_hashes(void *ctx)
{
    struct db *db = NULL;
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char digest[32];
    unsigned char seen = 0;
    uint64_t n = 0;
    bool row = false;
    (void)ctx;
    if (db_open(b.db, DB_READ, &db, &e) != ERR_OK ||
        db_query(db, &q, &e, "SELECT seq, payload, keyid, sig, leaf FROM entry ORDER BY seq",
                 NO_VALS) != ERR_OK) {
        return 0;
    }
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        const struct bare *r = &b.rows[n++];
        for (int column = 1; column < 5; column++) {
            struct val v = stmt_val(q, column);
            seen ^= v.len > 0 ? *(const unsigned char *)v.data : 0;
        }
        (void)EVP_DigestInit_ex(md, EVP_sha256(), NULL);
        (void)EVP_DigestUpdate(md, r->envelope, r->envelope_len);
        (void)EVP_DigestFinal_ex(md, digest, NULL);
        seen ^= digest[0];
    }
    stmt_done(q);
    db_close(db);
    EVP_MD_CTX_free(md);
    b.sink = seen;
    return n;
}

/* ---- data
 * ---------------------------------------------------------------------------------- */

static unsigned char *bytes_dup(const void *data, size_t len)
{
    unsigned char *p = malloc(len);
    if (p == NULL) {
        abort();
    }
    memcpy(p, data, len);
    return p;
}

static int key_index(struct db *db, const struct hash *keyid, struct bare *row)
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool found = false;
    size_t len = 0;
    if (db_query(db, &q, &e, "SELECT spki FROM key WHERE keyid=?", VALS(V_HASH(keyid))) !=
            ERR_OK ||
        stmt_next(q, &found, &e) != ERR_OK || !found) {
        abort();
    }
    const void *spki = stmt_blob(q, 0, &len);
    row->spki = bytes_dup(spki, len);
    row->spki_len = len;
    stmt_done(q);
    for (int i = 0; i < key_count; i++) {
        if (keys[i]->spki_len == len && memcmp(keys[i]->spki, row->spki, len) == 0) {
            return i;
        }
    }
    keys[key_count] = row;
    return key_count++;
}

static void bare_load(void)
{
    struct arena arena;
    struct buf out;
    struct err e = ERR_INIT;
    arena_init(&arena, 1 << 20);
    buf_init(&out, 1 << 20);
    b.rows = calloc((size_t)b.entries, sizeof b.rows[0]);
    for (int64_t i = 0; i < b.entries; i++) {
        struct stored_entry s;
        struct bare *r = &b.rows[i];
        struct hash leaf;
        arena_reset(&arena);
        if (ledger_get(b.office.office->db, i + 1, &arena, &s, &e) != ERR_OK ||
            entry_leaf(s.payload, s.payload_len, &s.keyid, s.sig, s.sig_len, &out, &leaf, &e) !=
                ERR_OK) {
            abort();
        }
        r->envelope = bytes_dup(out.data, out.len);
        r->envelope_len = out.len;
        buf_clear(&out);
        entry_signing_bytes(s.payload, s.payload_len, &out);
        r->pae = bytes_dup(out.data, out.len);
        r->pae_len = out.len;
        memcpy(r->sig, s.sig, s.sig_len);
        r->sig_len = s.sig_len;
        r->key = key_index(b.office.office->db, &s.keyid, r);
    }
    arena_release(&arena);
    buf_release(&out);
}

static void acts_make(int count)
{
    struct err e = ERR_INIT;
    if (db_exec(b.office.office->db, "PRAGMA synchronous=OFF", &e) != ERR_OK) {
        abort(); /* only while filling */
    }
    fixture_meters(&b.office, 50);
    for (int i = 0; i < count; i++) {
        char serial[32];
        char value[32];
        (void)snprintf(serial, sizeof serial, "W%05d", i % 50 + 1);
        (void)snprintf(value, sizeof value, "%d", 10 + i % 90);
        (void)fixture_run(&b.office, b.office.ana, "meter state", "serial", serial, "state",
                          i / 50 % 2 == 0 ? "out_of_service" : "in_service", "reason",
                          "revisión anual del contador en su sitio", NULL);
    }
    if (db_get_int(b.office.office->db, &b.entries, NULL, &e, "SELECT max(seq) FROM entry",
                   NO_VALS) != ERR_OK) {
        abort();
    }
}

int main(int argc, char **argv)
{
    struct bench_pair pair;
    bool quick = bench_quick(argc, argv);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    b.cores = cores < 1 ? 1 : cores > 64 ? 64 : (int)cores;
    fixture_init(&b.office);
    (void)snprintf(b.db, sizeof b.db, "%s/office.db", b.office.dir);
    acts_make(quick ? 4000 : 20000);
    bare_load();
    printf("# verify --full: %" PRId64 " entries of single acts, %d cores; limit: bare SHA-256 "
           "of envelopes and P-256 on as many threads\n",
           b.entries, b.cores);
    bool ok = bench_alternate(ours_full, limit_full, NULL, ROUNDS, &pair);
    if (ok) {
        bench_print_rate("verify_full", "entries/s", pair, "ratio>=0.88");
        printf("# verify --hashes on one core; limit: the table scanned and each envelope "
               "hashed\n");
        ok = bench_alternate(ours_hashes, limit_hashes, NULL, ROUNDS, &pair);
    }
    if (ok) {
        bench_print_rate("verify_hashes", "entries/s", pair, "ratio>=0.65");
    }
    fixture_free(&b.office);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
