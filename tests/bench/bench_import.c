/* CSV import with all rules and the ledger, against bare prepared inserts of the same rows
 * (bundles of items and projections) in the same transactions; its memory; and single acts
 * while it runs. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_fixture.h"

#define METERS 100
#define GROW_METERS 1000 /* ten million rows of them end before the office's today */
#define FROM_SECS INT64_C(1767225600)   /* 2026-01-01, when the meters were installed */
#define FUTURE_SECS INT64_C(1798761600) /* 2027-01-01, behind the office's today */
#define HELD_MOST 10                    /* of a thousand rows */
#define ROUNDS 5
#define ACTS_MAX 100000

static struct {
    struct office_fixture office; /* meters and mapping, nothing imported */
    char csv[FIXTURE_PATH_MAX + 16];
    uint64_t rows;
    int meters;
    /* what the bare loop inserts */
    struct batch *batches;
    size_t batch_count;
} b;

static void need(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e->text);
        exit(EXIT_FAILURE);
    }
}

/* ---- an office of its own for each run ---- */

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
    need(office_open(c->dir, DB_WRITE, &b.office.clock.env, &c->office, &e), &e);
    need(session_resume(c->office, token, &c->ana, &e), &e);
}

static void copy_close(struct copy *c)
{
    session_free(c->ana);
    office_close(c->office);
    fixture_remove_folder(c->dir);
}

static enum err_code import_file(struct copy *c, const char *path, struct err *e)
{
    struct ticket t;
    struct command_ctx x = {
        .office = c->office, .session = c->ana, .command = command_find("import readings")};
    TRY(arg_set(&x, "file", path, e));
    TRY(arg_set(&x, "mapping", "hourly", e));
    return command_run(&x, &t, e);
}

static uint64_t ours_import(void *ctx)
{
    struct copy *c = ctx;
    struct err e = ERR_INIT;
    need(import_file(c, b.csv, &e), &e);
    return b.rows;
}

/* ---- the limit ---- */

struct reading {
    int64_t id, reg, utc, local, value, run, line;
    const char *state;
};
struct bundle {
    int64_t number, count;
    struct val root, leaves, data;
};
struct batch {
    int64_t seq;
    struct val payload, keyid, sig, leaf;
    struct reading *readings;
    size_t reading_count;
    struct bundle bundles[16];
    size_t bundle_count;
};

static struct val val_dup(struct val v)
{
    char *p = malloc(v.len + 1);
    memcpy(p, v.data, v.len);
    p[v.len] = '\0';
    v.data = p;
    return v;
}

/* Readings come in the order of their numbers, and so do the batches that hold them. */
static void readings_load(struct db *db)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    struct batch *t = b.batches;
    need(db_query(db, &q, &e,
                  "SELECT id, register, utc, local, value, run, line, state, seq FROM reading "
                  "WHERE source = 'import' ORDER BY id",
                  NO_VALS),
         &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        while (t->seq < stmt_int(q, 8)) {
            t++;
        }
        if (t->readings == NULL) {
            t->readings = calloc(4096, sizeof *t->readings);
        }
        t->readings[t->reading_count++] = (struct reading){
            stmt_int(q, 0), stmt_int(q, 1),
            stmt_int(q, 2), stmt_int(q, 3),
            stmt_int(q, 4), stmt_int(q, 5),
            stmt_int(q, 6), strcmp(stmt_text(q, 7), "held") == 0 ? "held" : "accepted"};
    }
    stmt_done(q);
}

static void bundles_load(struct db *db, struct batch *t)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    need(db_query(
             db, &q, &e,
             "SELECT bundle, count, leaves, data, root FROM item WHERE seq = ? ORDER BY bundle",
             VALS(V_INT(t->seq))),
         &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        t->bundles[t->bundle_count++] =
            (struct bundle){stmt_int(q, 0), stmt_int(q, 1), val_dup(stmt_val(q, 4)),
                            val_dup(stmt_val(q, 2)), val_dup(stmt_val(q, 3))};
    }
    stmt_done(q);
}

/* All that an import wrote, into memory. */
static void batches_load(struct db *db)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    b.batches = calloc(b.rows / 2048 + 2, sizeof *b.batches);
    need(db_query(db, &q, &e,
                  "SELECT e.seq, e.payload, e.keyid, e.sig, e.leaf FROM entry e JOIN history h "
                  "ON h.seq = e.seq WHERE h.kind IN ('readings.opened', 'readings.batch', "
                  "'readings.closed') ORDER BY e.seq",
                  NO_VALS),
         &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        struct batch *t = &b.batches[b.batch_count++];
        *t = (struct batch){.seq = stmt_int(q, 0),
                            .payload = val_dup(stmt_val(q, 1)),
                            .keyid = val_dup(stmt_val(q, 2)),
                            .sig = val_dup(stmt_val(q, 3)),
                            .leaf = val_dup(stmt_val(q, 4))};
        bundles_load(db, t);
    }
    stmt_done(q);
    readings_load(db);
}

static void batch_insert(struct db *db, const struct batch *t)
{
    struct err e = ERR_INIT;
    need(db_begin(db, &e), &e);
    need(db_run(db, &e, "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,?,?,?,?)",
                VALS(V_INT(t->seq), t->payload, t->keyid, t->sig, t->leaf)),
         &e);
    if (t == b.batches) {
        need(db_run(db, &e,
                    "INSERT INTO import_run(id, kind, file, sha256, mapping, state, opened, "
                    "batches, items) VALUES(1, 'readings', '', '', '', 'open', ?, 0, 0)",
                    VALS(V_INT(t->seq))),
             &e);
    }
    for (size_t i = 0; i < t->bundle_count; i++) {
        const struct bundle *n = &t->bundles[i];
        need(db_run(db, &e,
                    "INSERT INTO item(seq, bundle, count, root, leaves, data) "
                    "VALUES(?,?,?,?,?,?)",
                    VALS(V_INT(t->seq), V_INT(n->number), V_INT(n->count), n->root, n->leaves,
                         n->data)),
             &e);
    }
    for (size_t i = 0; i < t->reading_count; i++) {
        const struct reading *r = &t->readings[i];
        need(db_run(db, &e,
                    "INSERT INTO reading(id, register, utc, local, value, state, source, run, "
                    "seq, line) VALUES(?,?,?,?,?,?,?,?,?,?)",
                    VALS(V_INT(r->id), V_INT(r->reg), V_INT(r->utc), V_INT(r->local),
                         V_INT(r->value), V_TEXT(r->state), V_TEXT("import"), V_INT(r->run),
                         V_INT(t->seq), V_INT(r->line))),
             &e);
    }
    need(db_commit(db, &e), &e);
}

static uint64_t limit_import(void *ctx)
{
    struct copy *c = ctx;
    for (size_t i = 0; i < b.batch_count; i++) {
        batch_insert(c->office->db, &b.batches[i]);
    }
    return b.rows;
}

/* bench_alternate with an office of its own for each run, made outside the clock. */
static bool measure(struct bench_pair *out)
{
    double rate[2][ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        for (int k = 0; k < 2; k++) {
            struct copy c = {.office = NULL};
            copy_open(&c);
            int64_t start = bench_now_ns();
            uint64_t n = k == 0 ? ours_import(&c) : limit_import(&c);
            rate[k][i] = (double)n * 1e9 / (double)(bench_now_ns() - start);
            copy_close(&c);
        }
    }
    out->ours = bench_median(rate[0], ROUNDS);
    out->limit = bench_median(rate[1], ROUNDS);
    return true;
}

/* ---- data ---- */

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Litres of each meter every half hour from `from` (UTC, seconds) on; one step in a thousand
 * falls. */
static void csv_write(const char *path, uint64_t rows, int64_t from)
{
    FILE *f = fopen(path, "we");
    uint32_t random = 2463534242U;
    struct buf time;
    buf_init(&time, 64);
    (void)fputs("serial;time;litres\n", f);
    for (int m = 1; m <= b.meters; m++) {
        int64_t value =
            (m % 100) * INT64_C(137); /* what a meter can count in its first minutes */
        for (uint64_t h = 0; h < rows / (uint64_t)b.meters; h++) {
            uint32_t r = next_random(&random);
            value += r % 2 == 0 ? 0 : (r >> 8) % 40;
            value -= r % 1000 == 7 ? 3 : 0;
            buf_clear(&time);
            civil_print(civil_from_secs(from + (int64_t)h * 1800 + r % 60), &time);
            (void)fprintf(f, "W%05d;%s;%" PRId64 "\n", m, buf_str(&time),
                          value < 0 ? 0 : value);
        }
    }
    buf_release(&time);
    (void)fclose(f);
}

static void office_make(int meters)
{
    static const char mapping[] =
        "{\"kind\":\"readings\",\"separator\":\";\",\"columns\":{\"serial\":\"serial\","
        "\"time\":"
        "\"time\",\"value\":\"litres\"},\"time_format\":\"%Y-%m-%dT%H:%M:%S\",\"unit\":\"l\","
        "\"as_of\":\"newest\"}";
    char path[FIXTURE_PATH_MAX + 32];
    fixture_init(&b.office);
    b.meters = meters;
    fixture_meters(&b.office, (unsigned)meters);
    (void)snprintf(path, sizeof path, "%s/mapping.json", b.office.dir);
    FILE *f = fopen(path, "we");
    (void)fputs(mapping, f);
    (void)fclose(f);
    (void)fixture_run(&b.office, b.office.ana, "mapping save", "name", "hourly", "file", path,
                      NULL);
    (void)snprintf(b.csv, sizeof b.csv, "%s.csv", b.office.dir);
}

/* ---- memory and time: in a process of its own ---- */

static uint64_t held_count(struct db *db)
{
    struct err e = ERR_INIT;
    int64_t held = 0;
    need(db_get_int(db, &held, NULL, &e, "SELECT count(*) FROM reading WHERE state = 'held'",
                    NO_VALS),
         &e);
    return (uint64_t)held;
}

/* What it used in *use; returns the seconds by the clock. Of a file that was written wrongly
 * nearly all rows are held, and each of those writes three rows: held_most, of a thousand. */
static double import_alone(struct rusage *use, uint64_t held_most)
{
    int status = 0;
    struct copy c = {.office = NULL};
    int64_t start = bench_now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        copy_open(&c);
        uint64_t rows = ours_import(&c);
        uint64_t held = held_count(c.office->db);
        copy_close(&c);
        _exit(held * 1000 <= rows * held_most ? 0 : 1);
    }
    if (pid < 0 || wait4(pid, &status, 0, use) < 0 || status != 0) {
        (void)fprintf(stderr,
                      "the import in a process of its own failed, or held too many rows\n");
        exit(EXIT_FAILURE);
    }
    return (double)(bench_now_ns() - start) / 1e9;
}

static double import_rss_mb(void)
{
    struct rusage use;
    (void)import_alone(&use, HELD_MOST);
    return (double)use.ru_maxrss / 1024;
}

/* ---- ten times as many rows ---- */

/* Rows a second by the clock; *cpu: a second of processor time. */
static double grown_rate(uint64_t rows, int64_t from, uint64_t held_most, double *cpu)
{
    struct rusage use;
    csv_write(b.csv, rows, from);
    b.rows = rows;
    double seconds = import_alone(&use, held_most);
    double used = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                  (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    *cpu = (double)rows / used;
    printf("# import of %" PRIu64 " rows%s: %.1f s, processor time %.1f s, %.0f MB\n", rows,
           from > FROM_SECS ? " of the future, each held" : "", seconds, used,
           (double)use.ru_maxrss / 1024);
    return (double)rows / seconds;
}

/* How far the rate falls from a million rows to ten, and from rows that are believed to rows
 * that are held. */
static void grow_measure(void)
{
    struct bench_pair pair;
    double cpu[3];
    office_make(GROW_METERS);
    pair.limit = grown_rate(1000000, FROM_SECS, HELD_MOST, &cpu[0]);
    pair.ours = grown_rate(10000000, FROM_SECS, HELD_MOST, &cpu[1]);
    (void)grown_rate(1000000, FUTURE_SECS, 1000, &cpu[2]);
    printf("# by processor time: 10,000,000 rows against 1,000,000 %.3f, held ones against "
           "believed ones %.3f\n",
           cpu[1] / cpu[0], cpu[2] / cpu[0]);
    bench_print_rate("import_rows_10m", "rows/s", pair, "ratio>=0.80");
    (void)unlink(b.csv);
    fixture_free(&b.office);
}

/* ---- single acts while an import runs ---- */

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x;
    double c = *(const double *)y;
    return (a > c) - (a < c);
}

static double act_p99_ms(void)
{
    static double ms[ACTS_MAX];
    size_t acts = 0;
    int status = 0;
    struct err e = ERR_INIT;
    struct ticket t;
    struct copy c = {.office = NULL};
    copy_open(&c);
    pid_t pid = fork();
    if (pid == 0) {
        struct copy own = c; /* connections do not survive a fork: open the same folder again */
        char token[FIXTURE_PATH_MAX + 32];
        (void)snprintf(token, sizeof token, "%s/state/token-ana", own.dir);
        need(office_open(own.dir, DB_WRITE, &b.office.clock.env, &own.office, &e), &e);
        need(session_resume(own.office, token, &own.ana, &e), &e);
        (void)ours_import(&own);
        _exit(0);
    }
    while (acts < ACTS_MAX && waitpid(pid, &status, WNOHANG) == 0) {
        struct command_ctx x = {
            .office = c.office, .session = c.ana, .command = command_find("customer add")};
        int64_t start = bench_now_ns();
        need(arg_set(&x, "name", "Rosa Ficticia", &e), &e);
        need(command_run(&x, &t, &e), &e);
        ms[acts++] = (double)(bench_now_ns() - start) / 1e6;
        (void)usleep(2000);
    }
    copy_close(&c);
    qsort(ms, acts, sizeof ms[0], by_size);
    printf("# %zu single acts while an import ran, median %.2f ms, slowest %.2f ms\n", acts,
           acts > 0 ? ms[acts / 2] : 0.0, acts > 0 ? ms[acts - 1] : 0.0);
    return acts > 0 && status == 0 ? ms[acts * 99 / 100] : 1e9;
}

int main(int argc, char **argv)
{
    struct bench_pair pair;
    struct copy c = {.office = NULL};
    bool quick = bench_quick(argc, argv);
    if (!quick) {
        grow_measure();
    }
    if (getenv("BENCH_GROW_ONLY") != NULL) { /* to look at it by hand */
        return EXIT_SUCCESS;
    }
    office_make(METERS);
    b.rows = quick ? 200000 : 600000;
    csv_write(b.csv, b.rows, FROM_SECS);
    printf("# import: %" PRIu64
           " hourly rows of %d meters; limit: prepared inserts of the same "
           "entries, bundles and readings, a transaction each batch\n",
           b.rows, METERS);
    bench_print_value("import_rss", "MB", import_rss_mb(), "value<=100");
    bench_print_value("act_p99_during_import", "ms", act_p99_ms(), "value<=200");
    copy_open(&c);
    (void)ours_import(&c);
    batches_load(c.office->db);
    copy_close(&c);
    bool ok = measure(&pair);
    if (ok) {
        bench_print_rate("import_rows", "rows/s", pair, "ratio>=0.50");
    }
    (void)unlink(b.csv);
    fixture_free(&b.office);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
