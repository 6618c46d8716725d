/* The console from outside, through a pseudo-terminal of 200x50: start, keys, bytes and memory
 * over a million meters while another program records; beside it the same cells by bare
 * ncurses, and tig and visidata where they are installed. */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/search.h"
#include "base/i18n.h"
#include "tests/bench/bench.h"
#include "tests/bench/big_office.h"
#include "tests/bench/console_limit.h"
#include "tests/bench/pty.h"

#define METERS 1000000
#define METERS_QUICK 100000
#define ROWS 50
#define COLUMNS 200
#define KEYS 300
#define KEYS_FEWEST 12 /* beside work that may end before */
#define STARTS 7
#define TURNS 30 /* beside tig */
#define TURN_KEYS 30
/* Nothing for so long: what a key caused has been sent. */
#define QUIET_MS 6

static struct office_fixture f;
static struct pty p;

/* The serial in a line of the first screenful, as big_office.c gives them out. */
#define FIRST_SCREENFUL 39
static char far_serial[16];

static int by_number(const void *a, const void *b)
{
    int x = *(const int *)a;
    int y = *(const int *)b;
    return (x > y) - (x < y);
}

static bool find_far_serial(int meters)
{
    int *numbers = calloc((size_t)meters, sizeof *numbers);
    if (numbers == NULL) {
        return false;
    }
    for (int n = 1; n <= meters; n++) {
        numbers[n - 1] = (int)((int64_t)n * 7919 % 9999991);
    }
    qsort(numbers, (size_t)meters, sizeof *numbers, by_number);
    (void)snprintf(far_serial, sizeof far_serial, "M-%07d", numbers[FIRST_SCREENFUL]);
    free(numbers);
    return true;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool still_runs(pid_t pid)
{
    siginfo_t ended = {.si_pid = 0};
    return pid == 0 || (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                        ended.si_pid == 0);
}

/* The 99th percentile of the time from a key to the last byte of what it changed. With a `pid`,
 * of those keys that were answered while it ran: at least KEYS_FEWEST, or it fails. */
static bool key_to_paint_beside(pid_t pid, const char *key, int count, double *p99_ms,
                                double *bytes)
{
    static double ms[KEYS];
    uint64_t before = p.bytes;
    int done = 0;
    while (done < count) {
        int64_t sent = bench_now_ns();
        pty_send(&p, key);
        int64_t last = pty_settle(&p, QUIET_MS, 5000);
        if (last == 0) {
            (void)fprintf(stderr, "bench_console: no answer to a key\n");
            return false;
        }
        if (!still_runs(pid)) {
            break;
        }
        ms[done++] = (double)(last - sent) / 1e6;
    }
    if (done < count && done < KEYS_FEWEST) {
        (void)fprintf(stderr, "bench_console: the work beside was over after %d keys\n", done);
        return false;
    }
    *bytes = (double)(p.bytes - before) / done;
    qsort(ms, (size_t)done, sizeof ms[0], ascending);
    *p99_ms = ms[done - 1 - done / 100];
    (void)printf("# key %02x, %d times: median %.2f ms, 90th percentile %.2f ms\n",
                 (unsigned)*key, done, ms[done / 2], ms[done - 1 - done / 10]);
    return true;
}

static bool key_to_paint(const char *key, int count, double *p99_ms, double *bytes)
{
    return key_to_paint_beside(0, key, count, p99_ms, bytes);
}

/* ---- ours ---- */

static bool start_console(const char *theme, double *login_ms)
{
    const char *argv[] = {getenv("AFORO_BIN"), "--office", f.dir, "console",
                          "--theme",           NULL,       NULL};
    char name[16];
    (void)snprintf(name, sizeof name, "%s", theme);
    argv[5] = name;
    int64_t start = bench_now_ns();
    if (argv[0] == NULL || !pty_start(&p, argv, "xterm-256color", ROWS, COLUMNS)) {
        (void)fprintf(stderr, "bench_console: AFORO_BIN is not set\n");
        return false;
    }
    int64_t there = pty_text(&p, "Password", 10000);
    *login_ms = (double)(there - start) / 1e6;
    return there != 0;
}

/* rows_ms: from the password to the first screenful. */
static bool log_in(double *rows_ms)
{
    (void)pty_settle(&p, 50, 1000);
    pty_send(&p, "ana\t" FIXTURE_PASSWORD);
    (void)pty_settle(&p, 50, 1000);
    pty_forget(&p);
    int64_t sent = bench_now_ns();
    pty_send(&p, "\r");
    int64_t there = pty_text(&p, far_serial, 20000);
    *rows_ms = (double)(there - sent) / 1e6;
    (void)pty_settle(&p, 200, 2000);
    return there != 0;
}

/* What the login itself takes, most of it the password's hash, on purpose (argon2id). */
static bool login_alone(double *ms)
{
    struct session *s = NULL;
    struct err e = ERR_INIT;
    int wait_s = 0;
    int64_t start = bench_now_ns();
    enum err_code code = session_login(f.office, "ana", FIXTURE_PASSWORD, &s, &wait_s, &e);
    *ms = (double)(bench_now_ns() - start) / 1e6;
    session_free(s);
    if (code != ERR_OK) {
        (void)fprintf(stderr, "bench_console: %s\n", e.text);
    }
    return code == ERR_OK;
}

/* The list of meters opened anew: from the key to its first screenful of rows. */
static bool open_meters(double *rows_ms)
{
    pty_send(&p, ":meters");
    (void)pty_settle(&p, 30, 1000);
    pty_forget(&p);
    int64_t sent = bench_now_ns();
    pty_send(&p, "\r");
    int64_t there = pty_text(&p, far_serial, 10000);
    *rows_ms = (double)(there - sent) / 1e6;
    (void)pty_settle(&p, 200, 2000);
    pty_send(&p, "\033");
    (void)pty_settle(&p, 200, 2000);
    return there != 0;
}

/* Another program that records one act after the other. */
static pid_t start_writer(void)
{
    pid_t pid = fork();
    for (unsigned i = 0; pid == 0; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%u", 20 + i % 100);
        (void)fixture_run(&f, f.ana, "limit set", "serial", far_serial, "value", value, NULL);
    }
    return pid;
}

/* A billing run over all meters, on a handle of its own. */
static pid_t start_billing(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct office *office = NULL;
        struct session *marta = NULL;
        struct ticket t;
        char token[FIXTURE_PATH_MAX + 32];
        struct command_ctx x = {.command = command_find("bill run")};
        (void)snprintf(token, sizeof token, "%s/state/token-marta", f.dir);
        if (office_open(f.dir, DB_WRITE, &f.clock.env, &office, &e) == ERR_OK &&
            session_resume(office, token, &marta, &e) == ERR_OK &&
            arg_set(&x, "from", "2026-09-01", &e) == ERR_OK &&
            arg_set(&x, "to", "2026-10-01", &e) == ERR_OK) {
            x.office = office;
            x.session = marta;
            e.code = command_run(&x, &t, &e);
        }
        (void)fprintf(stderr, "bench_console: the billing run ended: %s\n", e.text);
        _exit(1);
    }
    return pid;
}

/* True once its run stands in the ledger: from there on it writes. */
static bool billing_began(void)
{
    struct err e = ERR_INIT;
    int64_t runs = 0;
    for (int i = 0; i < 10000 && runs == 0; i++) {
        if (db_get_int(f.office->db, &runs, NULL, &e,
                       "SELECT count(*) FROM billing_run WHERE state = 'open'",
                       NO_VALS) != ERR_OK) {
            return false;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return runs > 0;
}

/* Pages and keys while it writes; fewer where the office is small and soon billed. */
static bool while_billing(bool quick)
{
    int part = quick ? 5 : 1;
    double p99 = 0;
    double page = 0;
    double bytes = 0;
    pid_t pid = start_billing();
    bool ok = billing_began() && key_to_paint_beside(pid, "\006", 60 / part, &page, &bytes) &&
              key_to_paint_beside(pid, "j", KEYS / part, &p99, &bytes);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    bench_print_value("console.key_billing", "ms", p99, "value<=16");
    bench_print_value("console.page_billing", "ms", page, "value<=16");
    return ok;
}

/* Keys while the index of the meters is made anew behind them. */
static bool while_indexing(void)
{
    double p99 = 0;
    double page = 0;
    double bytes = 0;
    double login_ms = 0;
    char made[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    (void)snprintf(made, sizeof made, "%s/state/search.db", f.dir);
    pty_end(&p);
    if (search_forget(f.office, &e) != ERR_OK || !start_console("mono", &login_ms) ||
        !log_in(&login_ms)) {
        (void)fprintf(stderr, "bench_console: no rows without an index\n");
        return false;
    }
    pty_forget_peak(&p); /* of the password's hash */
    if (!key_to_paint("j", KEYS, &p99, &bytes) || !key_to_paint("\006", 60, &page, &bytes)) {
        (void)fprintf(stderr, "bench_console: no keys without an index\n");
        return false;
    }
    if (access(made, F_OK) == 0) {
        (void)printf("# the index was there before the keys had ended\n");
    }
    bench_print_value("console.key_indexing", "ms", p99, "value<=16");
    bench_print_value("console.page_indexing", "ms", page, "value<=16");
    bench_print_value("console.memory_indexing", "MB", pty_peak_mb(&p), "value<=64");
    return true;
}

static bool moves_and_keys(const char *theme)
{
    double p99 = 0;
    double bytes = 0;
    char name[64];
    if (!key_to_paint("j", KEYS, &p99, &bytes)) {
        return false;
    }
    (void)snprintf(name, sizeof name, "console.key_%s", theme);
    bench_print_value(name, "ms", p99, "value<=16");
    (void)snprintf(name, sizeof name, "console.row_moved_%s", theme);
    bench_print_value(name, "bytes", bytes, "-");
    pty_send(&p, "v"); /* without the detail pane */
    (void)pty_settle(&p, 100, 2000);
    pty_send(&p, "g");
    (void)pty_settle(&p, 100, 2000);
    if (!key_to_paint("j", 40, &p99, &bytes)) {
        return false;
    }
    (void)snprintf(name, sizeof name, "console.row_alone_%s", theme);
    bench_print_value(name, "bytes", bytes, strcmp(theme, "mono") == 0 ? "value<=200" : "-");
    if (!key_to_paint("\006", 60, &p99, &bytes)) { /* Ctrl+F: a page */
        return false;
    }
    (void)snprintf(name, sizeof name, "console.page_%s", theme);
    bench_print_value(name, "ms", p99, "value<=16");
    pty_send(&p, "v");
    (void)pty_settle(&p, 200, 2000);
    return true;
}

/* First paint: from the start to the login, and from the password to the first rows, without
 * what the login itself takes. */
static bool starts_and_logins(double *start_ms)
{
    double starts[STARTS];
    double logins[STARTS];
    double alone[STARTS];
    for (int i = 0; i < STARTS; i++) {
        /* alone first: a console that is open makes its indexes meanwhile */
        if (!login_alone(&alone[i]) || !start_console("mono", &starts[i]) ||
            !log_in(&logins[i])) {
            (void)fprintf(stderr, "bench_console: no rows after login\n");
            return false;
        }
        if (i + 1 < STARTS) {
            pty_end(&p);
        }
    }
    *start_ms = bench_median(starts, STARTS);
    double login_ms = bench_median(logins, STARTS);
    double alone_ms = bench_median(alone, STARTS);
    bench_print_value("console.start", "ms", *start_ms, "-");
    (void)printf("# from the password to rows %.1f ms, of which the login itself %.1f ms\n",
                 login_ms, alone_ms);
    bench_print_value("console.first_paint", "ms", *start_ms + login_ms - alone_ms,
                      "value<=50");
    (void)printf("# memory at its largest, at login: %.0f MB (argon2id takes 64 of it)\n",
                 pty_peak_mb(&p));
    return true;
}

/* Indexes of lists that are not there yet are made after the login; what is measured idle waits
 * until nothing is written any more. */
static void wait_idle(void)
{
    int64_t until = bench_now_ns() + (int64_t)300 * 1000000000;
    uint64_t before = 0;
    do {
        before = pty_writes(&p);
        (void)pty_settle(&p, 1000, 1000);
    } while (pty_writes(&p) - before > 5 && bench_now_ns() < until);
}

static bool ours(bool quick, double *start_ms)
{
    double rows[STARTS];
    double bytes = 0;
    double p99 = 0;
    if (!starts_and_logins(start_ms)) {
        return false;
    }
    pty_forget_peak(&p);
    for (int i = 0; i < STARTS; i++) {
        if (!open_meters(&rows[i])) {
            (void)fprintf(stderr, "bench_console: no rows\n");
            return false;
        }
    }
    bench_print_value("console.rows", "ms", bench_median(rows, STARTS), "-");
    wait_idle();
    if (!key_to_paint("j", KEYS, &p99, &bytes)) {
        return false;
    }
    bench_print_value("console.key_idle", "ms", p99, "-");
    pty_send(&p, "v"); /* rows alone */
    (void)pty_settle(&p, 200, 2000);
    uint64_t writes = pty_writes(&p);
    if (!key_to_paint("k", KEYS, &p99, &bytes)) {
        return false;
    }
    bench_print_value("console.key_idle_rows", "ms", p99, "-");
    /* Threads that answer write a byte too. */
    bench_print_value("console.writes_a_row", "calls", (double)(pty_writes(&p) - writes) / KEYS,
                      "value<=2");
    pty_send(&p, "v");
    (void)pty_settle(&p, 200, 2000);
    pid_t writer = start_writer();
    bool ok = moves_and_keys("mono");
    (void)kill(writer, SIGKILL);
    (void)waitpid(writer, NULL, 0);
    ok = ok && while_billing(quick);
    /* The largest at work; the password's hash takes 64 MB for a moment, on purpose. */
    bench_print_value("console.memory", "MB", pty_peak_mb(&p), "value<=64");
    ok = ok && while_indexing();
    pty_end(&p);
    return ok;
}

/* ---- the same cells by bare ncurses ---- */

static bool count_bytes(int (*run)(void *ctx), uint64_t *first, uint64_t *again)
{
    if (!pty_call(&p, run, NULL, "xterm-256color", ROWS, COLUMNS)) {
        return false;
    }
    bool ok = pty_settle(&p, 300, 5000) != 0;
    *first = p.bytes;
    pty_send(&p, "r"); /* everything once more */
    ok = ok && pty_settle(&p, 300, 5000) != 0;
    *again = p.bytes - *first;
    pty_send(&p, "q");
    pty_end(&p);
    return ok;
}

static bool repaint(void)
{
    uint64_t ours_first = 0;
    uint64_t ours_again = 0;
    uint64_t bare_first = 0;
    uint64_t bare_again = 0;
    if (!count_bytes(console_limit_ours, &ours_first, &ours_again) ||
        !count_bytes(console_limit_bare, &bare_first, &bare_again)) {
        (void)fprintf(stderr, "bench_console: no repaint\n");
        return false;
    }
    (void)printf("# full repaint: %llu bytes, bare ncurses %llu\n",
                 (unsigned long long)ours_again, (unsigned long long)bare_again);
    bench_print_value("console.repaint_to_ncurses", "times",
                      (double)ours_again / (double)bare_again, "value<=1.3");
    return true;
}

/* ---- peers ---- */

static bool installed(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "/usr/bin/%s", name);
    return access(path, X_OK) == 0;
}

/* A million lines as tig's pager and visidata read them. */
static bool write_lines(const char *path)
{
    FILE *out = fopen(path, "w");
    bool ok = out != NULL && fputs("serial,place,last,reading\n", out) >= 0;
    for (int i = 0; ok && i < METERS; i++) {
        ok = fprintf(out, "M-%07d,Calle Mayor %d,2026-11-01,%d\n", i, i % 3000, i * 7) > 0;
    }
    return out != NULL && fclose(out) == 0 && ok;
}

static bool peer(struct pty *q, const char *name, const char *const *argv, double *start_ms)
{
    int64_t start = bench_now_ns();
    if (!pty_start(q, argv, "xterm-256color", ROWS, COLUMNS)) {
        return false;
    }
    int64_t there = pty_text(q, "M-0000010", 120000);
    *start_ms = (double)(there - start) / 1e6;
    (void)pty_settle(q, 1500, 10000);
    (void)printf("# %s: start %.0f ms, %.0f MB\n", name, *start_ms, pty_memory_mb(q));
    return there != 0;
}

/* Some keys; the time of each from the key to the last byte of what it changed. */
static bool turn(struct pty *q, const char *key, double ms[TURN_KEYS])
{
    for (int i = 0; i < TURN_KEYS; i++) {
        int64_t sent = bench_now_ns();
        pty_send(q, key);
        int64_t last = pty_settle(q, QUIET_MS, 5000);
        if (last == 0) {
            (void)fprintf(stderr, "bench_console: no answer to a key\n");
            return false;
        }
        ms[i] = (double)(last - sent) / 1e6;
    }
    return true;
}

static double percentile(double *ms, int count, const char *who, const char *what)
{
    qsort(ms, (size_t)count, sizeof ms[0], ascending);
    double p99 = ms[count - 1 - count / 100];
    (void)printf("# %s, %s, %d keys: median %.2f ms, 90th percentile %.2f, 99th %.2f\n", what,
                 who, count, ms[count / 2], ms[count - 1 - count / 10], p99);
    return p99;
}

/* The same key to ours and to tig, by turns so short that both meet the same machine. */
static bool turns(struct pty *tig, const char *key, bool quick, const char *name,
                  const char *what)
{
    static double mine[TURNS * TURN_KEYS];
    static double its[TURNS * TURN_KEYS];
    int count = quick ? TURNS / 3 : TURNS;
    for (int i = 0; i < count; i++) {
        if (!turn(&p, key, mine + (ptrdiff_t)i * TURN_KEYS) ||
            !turn(tig, key, its + (ptrdiff_t)i * TURN_KEYS)) {
            return false;
        }
    }
    double p99 = percentile(mine, count * TURN_KEYS, "ours", what);
    bench_print_value(name, "times", p99 / percentile(its, count * TURN_KEYS, "tig", what),
                      "value<=1");
    return true;
}

static bool beside_tig(bool quick, const char *lines)
{
    static struct pty tig;
    double ms = 0;
    char script[FIXTURE_PATH_MAX + 64];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    (void)snprintf(script, sizeof script, "exec tig < %s", lines);
    bool ok = peer(&tig, "tig", argv, &ms) && start_console("mono", &ms) && log_in(&ms);
    wait_idle();
    ok = ok && turns(&tig, "j", quick, "console.key_detail_to_tig", "down, with the detail");
    if (ok) {
        pty_send(&p, "v"); /* rows alone, as tig's pager has them */
        (void)pty_settle(&p, 200, 2000);
        ok = turns(&tig, "k", quick, "console.key_to_tig", "up, rows alone");
    }
    pty_end(&tig);
    pty_end(&p);
    return ok;
}

static bool peers(bool quick, double start_ms)
{
    char path[FIXTURE_PATH_MAX + 16];
    double there = 0;
    (void)snprintf(path, sizeof path, "%s/lines.csv", f.dir);
    const char *visidata[] = {"visidata", path, NULL};
    bool ok = write_lines(path);
    if (!installed("tig")) {
        (void)printf("# tig is not installed\n");
    } else {
        ok = ok && beside_tig(quick, path);
    }
    if (!installed("visidata")) {
        (void)printf("# visidata is not installed\n");
    } else if (ok && peer(&p, "visidata", visidata, &there)) {
        bench_print_value("console.start_to_visidata", "times", there / start_ms, "value>=10");
    }
    return ok;
}

int main(int argc, char **argv)
{
    double start_ms = 0;
    i18n_init("en");
    fixture_template();
    fixture_init(&f);
    bool quick = bench_quick(argc, argv);
    int meters = quick ? METERS_QUICK : METERS;
    bool ok = find_far_serial(meters) && big_office_take(&f, meters);
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* a child must not print it again */
    ok = ok && ours(quick, &start_ms) && repaint() && peers(quick, start_ms);
    pty_end(&p);
    fixture_free(&f);
    return ok ? 0 : 1;
}
