/* Single acts, each durable before the next: against a bare program that commits the same rows
 * and makes one P-256 signature. And those of 64 threads in group commit, against bare signing
 * on one core: each entry names the one before, so signing is serial. */
#include <config.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERR_STATE ossl_renamed_err_state
#include <openssl/evp.h>
#undef ERR_STATE

#include "app/group.h"
#include "base/arena.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_fixture.h"

#define ROUNDS 7
#define THREADS 64

static struct {
    struct office_fixture office; /* copied for each run */
    struct env
        env; /* the office's clock, which its sessions believe; all else is the machine's */
    uint64_t acts;
    struct act *rows; /* what the bare loop inserts */
    EVP_PKEY_CTX *signer;
} b;

static void need(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e->text);
        exit(EXIT_FAILURE);
    }
}

/* ---- ours ---- */

struct copy {
    char dir[FIXTURE_PATH_MAX];
    struct office *office;
    struct session *ana;
};

static void copy_open(struct copy *c)
{
    struct err e = ERR_INIT;
    char token[FIXTURE_PATH_MAX + 32];
    fixture_temp_folder(c->dir);
    fixture_copy_folder(b.office.dir, c->dir);
    (void)snprintf(token, sizeof token, "%s/state/token-ana", c->dir);
    need(office_open(c->dir, DB_WRITE, &b.env, &c->office, &e), &e);
    need(session_resume(c->office, token, &c->ana, &e), &e);
}

static void copy_close(struct copy *c)
{
    session_free(c->ana);
    office_close(c->office);
    fixture_remove_folder(c->dir);
}

static uint64_t ours_acts(void *ctx)
{
    struct copy *c = ctx;
    struct err e = ERR_INIT;
    for (uint64_t i = 0; i < b.acts; i++) {
        struct ticket t;
        struct command_ctx x = {
            .office = c->office, .session = c->ana, .command = command_find("customer add")};
        need(arg_set(&x, "name", "Rosa Ficticia", &e), &e);
        need(command_run(&x, &t, &e), &e);
    }
    return b.acts;
}

/* ---- the limit ---- */

struct act {
    int64_t seq, customer, time;
    struct val payload, keyid, sig, leaf, name, salt, date;
};

static uint64_t limit_acts(void *ctx)
{
    struct copy *c = ctx;
    struct err e = ERR_INIT;
    struct db *db = c->office->db;
    for (uint64_t i = 0; i < b.acts; i++) {
        const struct act *a = &b.rows[i];
        unsigned char digest[32];
        unsigned char der[80];
        size_t len = sizeof der;
        (void)EVP_Digest(a->payload.data, a->payload.len, digest, NULL, EVP_sha256(), NULL);
        if (EVP_PKEY_sign(b.signer, der, &len, digest, 32) != 1) {
            return 0;
        }
        need(db_begin(db, &e), &e);
        need(db_run(db, &e,
                    "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,?,?,?,?)",
                    VALS(V_INT(a->seq), a->payload, a->keyid, V_BLOB(der, len), a->leaf)),
             &e);
        need(
            db_run(
                db, &e,
                "INSERT INTO personal(owner, id, field, hash, salt, value) VALUES(?,?,?,?,?,?)",
                VALS(V_TEXT("customer"), V_INT(a->customer), V_TEXT("name"), a->name, a->salt,
                     V_TEXT("Rosa Ficticia"))),
            &e);
        need(db_run(db, &e,
                    "INSERT INTO history(seq, time, date, kind, actor, meter, account) "
                    "VALUES(?,?,?,?,?,?,?)",
                    VALS(V_INT(a->seq), V_INT(a->time), a->date, V_TEXT("customer.created"),
                         V_TEXT("user:1"), V_NULL(), V_NULL())),
             &e);
        need(db_run(db, &e,
                    "INSERT INTO customer(id, name, tax_id, phone, email, address) "
                    "VALUES(?,?,?,?,?,?)",
                    VALS(V_INT(a->customer), a->name, V_NULL(), V_NULL(), V_NULL(), V_NULL())),
             &e);
        need(db_commit(db, &e), &e);
    }
    return b.acts;
}

static struct val val_dup(struct val v)
{
    char *p = malloc(v.len + 1);
    memcpy(p, v.data, v.len);
    p[v.len] = '\0';
    v.data = p;
    return v;
}

/* What our acts wrote, into memory. */
static void rows_load(struct db *db, int64_t from)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    size_t n = 0;
    b.rows = calloc(b.acts, sizeof *b.rows);
    need(db_query(db, &q, &e,
                  "SELECT e.seq, c.id, h.time, e.payload, e.keyid, e.sig, e.leaf, c.name, "
                  "p.salt, h.date FROM entry e JOIN history h ON h.seq = e.seq JOIN customer c "
                  "ON c.id = e.seq - ?1 JOIN personal p ON p.hash = c.name WHERE e.seq > ?1 "
                  "ORDER BY e.seq",
                  VALS(V_INT(from))),
         &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row && n < b.acts) {
        b.rows[n++] = (struct act){.seq = stmt_int(q, 0),
                                   .customer = stmt_int(q, 1),
                                   .time = stmt_int(q, 2),
                                   .payload = val_dup(stmt_val(q, 3)),
                                   .keyid = val_dup(stmt_val(q, 4)),
                                   .sig = val_dup(stmt_val(q, 5)),
                                   .leaf = val_dup(stmt_val(q, 6)),
                                   .name = val_dup(stmt_val(q, 7)),
                                   .salt = val_dup(stmt_val(q, 8)),
                                   .date = val_dup(stmt_val(q, 9))};
    }
    stmt_done(q);
    if (n != b.acts) {
        (void)fprintf(stderr, "%zu of %" PRIu64 " acts were found\n", n, b.acts);
        exit(EXIT_FAILURE);
    }
}

static void limit_prepare(void)
{
    struct err e = ERR_INIT;
    struct copy c = {.office = NULL};
    struct ledger_head head;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    b.signer = EVP_PKEY_CTX_new(key, NULL);
    EVP_PKEY_free(key);
    if (EVP_PKEY_sign_init(b.signer) != 1) {
        exit(EXIT_FAILURE);
    }
    copy_open(&c);
    need(ledger_head(c.office->db, &head, &e), &e);
    (void)ours_acts(&c);
    rows_load(c.office->db, head.seq);
    copy_close(&c);
}

/* ---- 64 threads ---- */

static struct {
    struct group *group;
    struct session *sessions[THREADS];
    uint64_t acts; /* of each */
} many;

static void *thread_main(void *arg)
{
    struct err e = ERR_INIT;
    struct session **session = arg;
    for (uint64_t i = 0; i < many.acts; i++) {
        struct ticket t;
        struct command_ctx x = {.session = *session, .command = command_find("customer add")};
        need(arg_set(&x, "name", "Rosa Ficticia", &e), &e);
        need(group_run(many.group, &x, &t, &e), &e);
    }
    return NULL;
}

static uint64_t ours_group(void)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, thread_main, &many.sessions[i]) != 0) {
            exit(EXIT_FAILURE);
        }
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    return many.acts * THREADS;
}

static uint64_t limit_signing(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        unsigned char digest[32] = {(unsigned char)i};
        unsigned char der[80];
        size_t len = sizeof der;
        if (EVP_PKEY_sign(b.signer, der, &len, digest, 32) != 1) {
            exit(EXIT_FAILURE);
        }
    }
    return count;
}

static double group_rate(void)
{
    struct copy c = {.office = NULL};
    struct err e = ERR_INIT;
    char token[FIXTURE_PATH_MAX + 32];
    copy_open(&c);
    (void)snprintf(token, sizeof token, "%s/state/token-ana", c.dir);
    for (size_t i = 0; i < THREADS; i++) {
        need(session_resume(c.office, token, &many.sessions[i], &e), &e);
    }
    need(group_start(c.dir, &b.env, &many.group, &e), &e);
    int64_t start = bench_now_ns();
    uint64_t n = ours_group();
    double rate = (double)n * 1e9 / (double)(bench_now_ns() - start);
    struct group_counts counts = group_counts(many.group);
    printf("# %.1f acts a commit\n", (double)counts.commands / (double)counts.commits);
    group_stop(many.group);
    for (size_t i = 0; i < THREADS; i++) {
        session_free(many.sessions[i]);
    }
    copy_close(&c);
    return rate;
}

static void bench_group(bool quick)
{
    struct bench_pair pair;
    double rate[2][ROUNDS];
    many.acts = quick ? 50 : 400;
    for (int i = 0; i < ROUNDS; i++) {
        rate[0][i] = group_rate();
        int64_t start = bench_now_ns();
        uint64_t n = limit_signing(quick ? 5000 : 50000);
        rate[1][i] = (double)n * 1e9 / (double)(bench_now_ns() - start);
    }
    pair.ours = bench_median(rate[0], ROUNDS);
    pair.limit = bench_median(rate[1], ROUNDS);
    bench_print_rate("act_group_64", "acts/s", pair, "ratio>=0.40");
}

static double measure(uint64_t (*run)(void *))
{
    struct copy c = {.office = NULL};
    copy_open(&c);
    int64_t start = bench_now_ns();
    uint64_t n = run(&c);
    double rate = (double)n * 1e9 / (double)(bench_now_ns() - start);
    copy_close(&c);
    return rate;
}

int main(int argc, char **argv)
{
    struct bench_pair pair;
    double rate[2][ROUNDS];
    b.acts = bench_quick(argc, argv) ? 1000 : 5000;
    fixture_init(&b.office);
    b.env = b.office.clock.env;
    b.office.clock.step_ms = 0; /* a group ends by the time that it took */
    b.env.boot_id = env_system.boot_id;
    b.env.boot_ms = env_system.boot_ms;
    b.env.random = env_system.random;
    limit_prepare();
    printf("# single durable acts (customer add, %" PRIu64
           " a run); limit: the same rows and one P-256 signature a commit\n",
           b.acts);
    for (int i = 0; i < ROUNDS; i++) {
        rate[0][i] = measure(ours_acts);
        rate[1][i] = measure(limit_acts);
    }
    pair.ours = bench_median(rate[0], ROUNDS);
    pair.limit = bench_median(rate[1], ROUNDS);
    bench_print_rate("act_durable", "acts/s", pair, "ratio>=0.85");
    bench_group(bench_quick(argc, argv));
    EVP_PKEY_CTX_free(b.signer);
    fixture_free(&b.office);
    return EXIT_SUCCESS;
}
