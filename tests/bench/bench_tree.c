/* The root of a million leaves against the same number of bare hashes, and how long the two
 * paths take that prove one item of ten million: in its batch, and of the batch in the tree. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/env.h"
#include "crypto/merkle.h"
#include "crypto/ossl.h"
#include "ledger/items.h"
#include "ledger/tree.h"
#include "store/db.h"
#include "store/migrate.h"
#include "tests/bench/bench.h"

#define LEAVES 1000000
#define PROOFS 2000

static struct hash *leaves;

static uint64_t root_ours(void *ctx)
{
    struct hash root;
    (void)ctx;
    merkle_root_of(leaves, LEAVES, &root);
    return LEAVES - 1;
}

/* As many hashes of 65 bytes as the tree has nodes above its leaves. */
static uint64_t root_bare(void *ctx)
{
    unsigned char node[65] = {1};
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool ok = md != NULL && hash != NULL;
    (void)ctx;
    for (size_t i = 0; ok && i + 1 < LEAVES; i++) {
        memcpy(node + 1, leaves[i].b, 32);
        memcpy(node + 33, leaves[i + 1].b, 32);
        ok = EVP_DigestInit_ex2(hash, md, NULL) == 1 &&
             EVP_DigestUpdate(hash, node, sizeof node) == 1 &&
             EVP_DigestFinal_ex(hash, node + 1, NULL) == 1;
        node[0] = 1;
    }
    EVP_MD_CTX_free(hash);
    EVP_MD_free(md);
    return ok ? LEAVES - 1 : 0;
}

struct ledger_made {
    struct db *db;
    int64_t batches;
};

static bool fine(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "bench_tree: %s\n", e->text);
    }
    return code == ERR_OK;
}

/* One batch of 4,096 short items behind an entry whose payload does not matter here. */
static enum err_code batch_add(struct db *db, int64_t seq, struct item_batch *b, struct err *e)
{
    struct hash root;
    char text[64];
    items_clear(b);
    for (int i = 0; i < ITEMS_PER_BATCH; i++) {
        int n = snprintf(text, sizeof text, "{\"register\":%d,\"value\":%lld}", i,
                         (long long)seq * ITEMS_PER_BATCH + i);
        TRY(items_add(b, text, (size_t)n, e));
    }
    TRY(items_finish(b, &root, e));
    TRY(db_run(db, e, "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,'{}',?,?,?)",
               VALS(V_INT(seq), V_BLOB(root.b, HASH_SIZE), V_BLOB("x", 1),
                    V_BLOB(root.b, HASH_SIZE))));
    TRY(items_store(b, db, seq, e));
    return tree_append(db, seq, e);
}

static enum err_code ledger_make(const char *path, int64_t batches, struct ledger_made *out,
                                 struct err *e)
{
    struct item_batch b;
    TRY(db_open(path, DB_CREATE, &out->db, e));
    TRY(schema_migrate(out->db, (int64_t)migrations_count, e));
    TRY(items_init(&b, e));
    enum err_code code = ERR_OK;
    for (int64_t seq = 1; code == ERR_OK && seq <= batches; seq++) {
        code = db_begin(out->db, e);
        if (code == ERR_OK) {
            code = batch_add(out->db, seq, &b, e);
        }
        if (code == ERR_OK) {
            code = db_commit(out->db, e);
        }
    }
    items_release(&b);
    out->batches = batches;
    return code;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Both paths of a random item. */
static uint64_t prove(void *ctx)
{
    const struct ledger_made *l = ctx;
    static uint64_t state = 88172645463325252U;
    struct hash path[MERKLE_PATH_MAX];
    struct hash root;
    size_t len = 0;
    int64_t count = 0;
    struct err e = ERR_INIT;
    for (int i = 0; i < PROOFS; i++) {
        uint64_t entry = next_random(&state) % (uint64_t)l->batches;
        int64_t item = (int64_t)(next_random(&state) % ITEMS_PER_BATCH);
        if (!fine(items_path(l->db, (int64_t)entry + 1, item, path, &len, &root, &count, &e),
                  &e) ||
            !fine(tree_inclusion(l->db, entry, (uint64_t)l->batches, path, &len, &e), &e)) {
            return 0;
        }
    }
    return PROOFS;
}

static bool root_measure(void)
{
    struct bench_pair pair;
    leaves = malloc(sizeof *leaves * LEAVES);
    if (leaves == NULL) {
        return false;
    }
    for (size_t i = 0; i < LEAVES; i++) {
        merkle_leaf(&i, sizeof i, &leaves[i]);
    }
    bool ok = bench_alternate(root_ours, root_bare, NULL, 7, &pair);
    if (ok) {
        bench_print_rate("tree_root", "nodes/s", pair, "ratio>=0.67");
    }
    free(leaves);
    return ok;
}

static bool proofs_measure(bool quick)
{
    struct ledger_made l = {0};
    struct bench_pair pair;
    struct err e = ERR_INIT;
    char path[1024];
    const char *dir = getenv("TMPDIR");
    int64_t batches = quick ? 245 : 2442; /* 10,002,432 items */
    (void)snprintf(path, sizeof path, "%s/bench-tree.db", dir != NULL ? dir : "/tmp");
    (void)unlink(path);
    bool ok = fine(ledger_make(path, batches, &l, &e), &e) &&
              bench_alternate(prove, NULL, &l, 7, &pair);
    if (ok) {
        printf("# inclusion of one of %lld items: path in its batch and path of the batch's "
               "entry\n",
               (long long)batches * ITEMS_PER_BATCH);
        bench_print_value("item_inclusion", "ms", 1000.0 / pair.ours, "value<=1");
    }
    db_close(l.db);
    (void)unlink(path);
    return ok;
}

int main(int argc, char **argv)
{
    bool quick = bench_quick(argc, argv);
    bool ok = root_measure();
    ok = proofs_measure(quick) && ok;
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
