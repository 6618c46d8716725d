/* A billing run over very many meters with a year of bills behind them, against a bare loop
 * that reads the same inputs and inserts the same rows, in the same transactions; and its
 * memory. */
#include <config.h>

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/big_office.h"

#define BATCH 1024
#define LINES_MAX 16
#define ROUNDS_MAX 9

static struct {
    struct office_fixture office; /* filled, September not billed */
    int meters;
    int rounds;
    /* What the bare loop inserts: the lines of one bill, and the bytes of a bundle. */
    char line[LINES_MAX][8][256];
    int lines;
    char *bundle;
    size_t bundle_size;
} b;

static const char tariff[] =
    "{\"aforo_tariff\":1,\"code\":\"bench\",\"version\":1,\"name\":{\"es\":\"B\",\"en\":\"B\"},"
    "\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\",\"unit\":\"m3\","
    "\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},\"components\":[{\"type\":"
    "\"fixed\",\"id\":\"base\",\"label\":{\"es\":\"Cargo fijo\",\"en\":\"Fixed charge\"},"
    "\"per\":\"period\",\"price\":\"5.00\"},{\"type\":\"blocks\",\"id\":\"use\",\"label\":"
    "{\"es\":\"Consumo\",\"en\":\"Use\"},"
    "\"blocks\":[{\"from\":\"0\",\"to\":\"5\",\"price\":\"0.50\"},{\"from\":\"5\",\"to\":"
    "\"10\",\"price\":\"0.90\"},{\"from\":\"10\",\"price\":\"1.75\"}]},{\"type\":\"tax\","
    "\"id\":\"vat\",\"label\":{\"es\":\"IVA\",\"en\":\"VAT\"},\"percent\":\"13\"}]}";

/* Twelve months of bills before September 2026. */
static const char *const history[] = {
    "UPDATE assignment SET tariff = 'bench' WHERE ?1 > 0",
    "WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 11) INSERT INTO "
    "billing_run(id, start_date, end_date, start_utc, end_utc, issued, due, state, opened, "
    "batches, items, total) SELECT i + 1, date('2025-09-01', i || ' months'), "
    "date('2025-10-01', i || ' months'), 0, 0, '2026-01-01', '2026-01-15', 'closed', 1, 0, ?1, "
    "0 FROM m",
    "WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 11), t(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) INSERT INTO bill(id, run, account, "
    "start_date, end_date, issued, due, currency, total, seq, item) SELECT i * ?1 + n, i + 1, "
    "1000 + n, date('2025-09-01', i || ' months'), date('2025-10-01', i || ' months'), "
    "'2026-01-01', '2026-01-15', 'USD', 1000, 1, 0 FROM m CROSS JOIN t",
    "WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 11), t(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) INSERT INTO bill_meter(bill, "
    "register, from_reading, to_reading, consumption, days, tariff, flags) SELECT i * ?1 + n, "
    "1000 + n, 1000000 + max(i - 4, 0) * ?1 + n, 1000000 + max(i - 3, 0) * ?1 + n, 14000 + n * "
    "31 % 4000, 30, 1, '' FROM m CROSS JOIN t",
};

static void need(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e->text);
        exit(EXIT_FAILURE);
    }
}

static void office_fill(void)
{
    char path[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    (void)snprintf(path, sizeof path, "%s/tariff.json", b.office.dir);
    FILE *f = fopen(path, "we");
    (void)fputs(tariff, f);
    (void)fclose(f);
    (void)fixture_run(&b.office, b.office.ana, "tariff publish", "file", path, NULL);
    if (!big_office_fill(&b.office, b.meters)) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < sizeof history / sizeof history[0]; i++) {
        need(db_run(b.office.office->db, &e, history[i], VALS(V_INT(b.meters))), &e);
    }
}

static void office_make(void)
{
    char name[64];
    (void)snprintf(name, sizeof name, "billing-%d", b.meters);
    fixture_init(&b.office);
    if (!big_office_kept(&b.office, name)) {
        office_fill();
        if (!big_office_keep(&b.office, name)) {
            exit(EXIT_FAILURE);
        }
    }
    fixture_close(&b.office);
    (void)malloc_trim(0); /* the cache that filled it is no memory of a billing run */
}

/* ---- an office of its own for each run ---- */

struct copy {
    char dir[FIXTURE_PATH_MAX];
    struct office *office;
    struct session *marta;
};

static void copy_open(struct copy *c)
{
    struct err e = ERR_INIT;
    char token[FIXTURE_PATH_MAX + 32];
    fixture_temp_folder(c->dir);
    fixture_copy_folder(b.office.dir, c->dir);
    (void)snprintf(token, sizeof token, "%s/state/token-marta", c->dir);
    need(office_open(c->dir, DB_WRITE, &b.office.clock.env, &c->office, &e), &e);
    need(session_resume(c->office, token, &c->marta, &e), &e);
}

static void copy_close(struct copy *c)
{
    session_free(c->marta);
    office_close(c->office);
    fixture_remove_folder(c->dir);
}

static uint64_t ours(struct copy *c)
{
    struct err e = ERR_INIT;
    struct ticket t;
    struct command_ctx x = {
        .office = c->office, .session = c->marta, .command = command_find("bill run")};
    need(arg_set(&x, "from", "2026-09-01", &e), &e);
    need(arg_set(&x, "to", "2026-10-01", &e), &e);
    need(command_run(&x, &t, &e), &e);
    return (uint64_t)b.meters;
}

/* ---- the limit ---- */

static int64_t look(struct db *db, const char *sql, int64_t a, int64_t c)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    int64_t sum = 0;
    need(db_query(db, &q, &e, sql, VALS(V_INT(a), V_INT(c))), &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        sum += stmt_int(q, 0);
    }
    stmt_done(q);
    return sum;
}

/* What a bill is made of: its meter, its readings, its limit, its history. */
static int64_t inputs_read(struct db *db, int64_t id)
{
    return look(db,
                "SELECT r.id FROM assignment a JOIN register r ON r.meter = a.meter WHERE "
                "a.account = ?1 AND ?2 > 0",
                id, 1) +
           look(db,
                "SELECT r.id + m.id FROM register r JOIN meter m ON m.id = r.meter WHERE "
                "r.id = ?1 AND ?2 > 0",
                id, 1) +
           look(db,
                "SELECT value FROM reading WHERE register = ?1 AND utc <= ?2 AND state = "
                "'accepted' ORDER BY utc DESC LIMIT 1",
                id, 1790834400) +
           look(db,
                "SELECT value FROM reading WHERE register = ?1 AND utc <= ?2 AND state = "
                "'accepted' ORDER BY utc DESC LIMIT 1",
                id, 1788242400) +
           look(db, "SELECT value FROM usage_limit WHERE meter = ?1 AND ?2 > 0", id, 1) +
           look(db,
                "SELECT bm.consumption + bm.days FROM bill_meter bm JOIN bill b ON b.id = "
                "bm.bill WHERE bm.register = ?1 ORDER BY bm.bill DESC LIMIT ?2",
                id, 12);
}

static void rows_insert(struct db *db, int64_t bill, int64_t id)
{
    struct err e = ERR_INIT;
    need(db_run(db, &e,
                "INSERT INTO bill(id, run, account, start_date, end_date, issued, due, "
                "currency, total, seq, item) VALUES(?,13,?,'2026-09-01','2026-10-01',"
                "'2026-11-02','2026-11-17','USD',1500,1,0)",
                VALS(V_INT(bill), V_INT(id))),
         &e);
    need(db_run(db, &e,
                "INSERT INTO bill_meter(bill, register, from_reading, to_reading, consumption, "
                "days, tariff, flags) VALUES(?1,?2,?3 + 7 * ?4,?3 + 8 * ?4,14500,30,1,'')",
                VALS(V_INT(bill), V_INT(id), V_INT(999000 + id), V_INT(b.meters))),
         &e);
    for (int i = 0; i < b.lines; i++) {
        char(*t)[256] = b.line[i];
        need(db_run(db, &e,
                    "INSERT INTO bill_line(bill, line, register, part, component, formula, "
                    "label_es, label_en, quantity, unit, price, amount, explanation) "
                    "VALUES(?,?,?,0,?,?,?,?,?,?,?,500,?)",
                    VALS(V_INT(bill), V_INT(i), V_INT(id), V_TEXT(t[0]), V_TEXT(t[1]),
                         V_TEXT(t[2]), V_TEXT(t[3]), V_TEXT(t[4]), V_TEXT(t[5]), V_TEXT(t[6]),
                         V_TEXT(t[7]))),
             &e);
    }
}

static uint64_t limit(struct copy *c)
{
    struct db *db = c->office->db;
    struct err e = ERR_INIT;
    char zeros[32 * 256] = {0};
    int64_t first = (int64_t)b.meters * 12;
    need(db_run(db, &e,
                "INSERT INTO billing_run(id, start_date, end_date, start_utc, end_utc, issued, "
                "due, state, opened, batches, items, total) VALUES(13,'2026-09-01','2026-10-01'"
                ",0,0,'2026-11-02','2026-11-17','closed',1,0,0,0)",
                NO_VALS),
         &e);
    for (int at = 0; at < b.meters; at += BATCH) {
        int count = b.meters - at < BATCH ? b.meters - at : BATCH;
        need(db_begin(db, &e), &e);
        for (int i = at + 1; i <= at + count; i++) {
            (void)inputs_read(db, 1000 + i);
            rows_insert(db, first + i, 1000 + i);
        }
        for (int k = 0; k * 256 < count; k++) {
            need(db_run(db, &e,
                        "INSERT INTO item(seq, bundle, count, root, leaves, data) "
                        "VALUES(1,?,256,?,?,?)",
                        VALS(V_INT(at / 256 + k), V_BLOB(zeros, 32), V_BLOB(zeros, 32 * 256),
                             V_BLOB(b.bundle, b.bundle_size))),
                 &e);
        }
        need(db_commit(db, &e), &e);
    }
    need(db_run(db, &e,
                "INSERT INTO posting(account, date, kind, ref, due, amount, open, seq) SELECT "
                "account, '2026-11-02', 'bill', id, due, total, total, 1 FROM bill WHERE run = "
                "13",
                NO_VALS),
         &e);
    return (uint64_t)b.meters;
}

/* ---- what the limit inserts, from a run of ours ---- */

static void sample_take(struct db *db)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    need(db_query(db, &q, &e,
                  "SELECT component, formula, label_es, label_en, quantity, unit, price, "
                  "explanation FROM bill_line WHERE bill = (SELECT max(bill) FROM bill_line)",
                  NO_VALS),
         &e);
    while (b.lines < LINES_MAX && stmt_next(q, &row, &e) == ERR_OK && row) {
        for (int i = 0; i < 8; i++) {
            (void)snprintf(b.line[b.lines][i], 256, "%s", stmt_text(q, i));
        }
        b.lines++;
    }
    stmt_done(q);
    need(db_query(db, &q, &e,
                  "SELECT data FROM item WHERE count = 256 ORDER BY seq DESC LIMIT 1", NO_VALS),
         &e);
    need(stmt_next(q, &row, &e), &e);
    const void *data = stmt_blob(q, 0, &b.bundle_size);
    b.bundle = malloc(b.bundle_size + 1);
    memcpy(b.bundle, data, b.bundle_size);
    stmt_done(q);
}

static double ours_rss_mb(void)
{
    struct rusage use;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct copy c = {.office = NULL};
        copy_open(&c);
        (void)ours(&c);
        copy_close(&c);
        _exit(0);
    }
    if (pid < 0 || wait4(pid, &status, 0, &use) < 0 || status != 0) {
        (void)fprintf(stderr, "the billing run in a process of its own failed\n");
        exit(EXIT_FAILURE);
    }
    return (double)use.ru_maxrss / 1024;
}

/* What this process has used of the processors, user and system, in seconds. */
static double cpu_s(void)
{
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* A number of the environment: to look at another size by hand. */
static int wished(const char *name, long most, int otherwise)
{
    const char *text = getenv(name);
    long wish = text != NULL ? strtol(text, NULL, 10) : 0;
    return wish > 0 && wish <= most ? (int)wish : otherwise;
}

int main(int argc, char **argv)
{
    struct bench_pair pair = {0};
    double rate[2][ROUNDS_MAX];
    double cpu[2][ROUNDS_MAX];
    struct copy c = {.office = NULL};
    b.meters = wished("BENCH_METERS", 10000000, bench_quick(argc, argv) ? 20000 : 1000000);
    b.rounds = wished("BENCH_ROUNDS", ROUNDS_MAX, BENCH_ROUNDS_MIN);
    office_make();
    printf(
        "# billing: %d meters, three blocks and a tax, twelve months of bills before; limit: "
        "the same inputs read one by one, the same rows and bundles inserted, a transaction "
        "each %d bills, one for the postings\n",
        b.meters, BATCH);
    bench_print_value("billing_rss", "MB", ours_rss_mb(), "value<=200");
    for (int i = 0; i < b.rounds; i++) {
        for (int k = 0; k < 2; k++) {
            copy_open(&c);
            double cpu_start = cpu_s();
            int64_t start = bench_now_ns();
            uint64_t n = k == 0 ? ours(&c) : limit(&c);
            rate[k][i] = (double)n * 1e9 / (double)(bench_now_ns() - start);
            cpu[k][i] = cpu_s() - cpu_start;
            if (k == 0 && b.lines == 0) {
                sample_take(c.office->db);
            }
            copy_close(&c);
        }
    }
    pair.ours = bench_median(rate[0], b.rounds);
    pair.limit = bench_median(rate[1], b.rounds);
    double ours_cpu = bench_median(cpu[0], b.rounds);
    double limit_cpu = bench_median(cpu[1], b.rounds);
    printf("# billing: processor time %.1f s, limit %.1f s, ratio %.3f\n", ours_cpu, limit_cpu,
           limit_cpu / ours_cpu);
    bench_print_rate("billing_bills", "bills/s", pair, "ratio>=0.60");
    free(b.bundle);
    fixture_remove_folder(b.office.dir);
    return EXIT_SUCCESS;
}
