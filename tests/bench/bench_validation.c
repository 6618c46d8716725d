/* Validation of readings with all rules of readings and of periods, against a bare scan of the
 * same history: 1,000,000 monthly readings, a year of them before each. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/office.h"
#include "domain/rules.h"
#include "store/db.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_fixture.h"

#define PER_REGISTER 50
#define MONTH_S INT64_C(2592000)

static struct {
    struct office_fixture office;
    int64_t registers;
    uint64_t rows;
    int64_t sum; /* so that nothing is optimised away */
} b;

static void need(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e->text);
        exit(EXIT_FAILURE);
    }
}

static const char scan[] =
    "SELECT register, utc, value, state, id FROM reading WHERE register > ? ORDER BY register, "
    "utc, id";

static uint64_t limit_scan(void *ctx)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    uint64_t n = 0;
    (void)ctx;
    need(db_query(b.office.office->db, &q, &e, scan, VALS(V_INT(0))), &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        b.sum += stmt_int(q, 0) + stmt_int(q, 1) + stmt_int(q, 2) + stmt_text(q, 3)[0];
        n++;
    }
    stmt_done(q);
    return n;
}

/* What is known of the register at hand. */
struct state {
    int64_t reg;
    bool has_prev;
    struct point prev;
    struct interleave series;
    struct period_use history[HISTORY_MAX]; /* newest first */
    size_t count;
};

static void judge(struct state *s, const struct rule_set *rules, const struct register_def *reg,
                  struct point p, const struct point *next)
{
    struct interleave_limits limits = rules_interleave_limits(rules, reg);
    struct findings found;
    (void)interleave_feed(&s->series, &limits, p);
    struct reading_ctx ctx = {.reg = reg,
                              .rules = rules,
                              .reading = p,
                              .as_of_utc = p.utc,
                              .prev = s->has_prev ? &s->prev : NULL,
                              .next = next,
                              .seen = s->has_prev ? &s->prev : NULL,
                              .active_until = INT64_MAX,
                              .series = &s->series};
    rules_judge_reading(&ctx, &found);
    b.sum += (int64_t)found.count;
    if (s->has_prev && p.value >= s->prev.value) {
        struct period_use use = {p.value - s->prev.value, (p.utc - s->prev.utc) / 86400};
        struct period_ctx period = {.rules = rules,
                                    .period = use,
                                    .cycle_days = 30,
                                    .active = true,
                                    .multiplier = 1,
                                    .history = s->history,
                                    .count = s->count};
        rules_judge_period(&period, &found);
        b.sum += (int64_t)found.count;
        size_t n = s->count < HISTORY_MAX ? s->count : HISTORY_MAX - 1;
        for (size_t i = n; i > 0; i--) {
            s->history[i] = s->history[i - 1];
        }
        s->history[0] = use;
        s->count = n + 1;
    }
    s->prev = p;
    s->has_prev = true;
}

/* One reading behind, so that the one that follows is known. */
static uint64_t ours_validate(void *ctx)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    uint64_t n = 0;
    struct rule_set rules;
    struct register_def reg = {unit_find("m3"), 6, 3, 1, 1, 3125};
    struct state s = {0};
    struct point waiting = {0, 0};
    rules_defaults(*(const enum meter_kind *)ctx, &rules);
    need(db_query(b.office.office->db, &q, &e, scan, VALS(V_INT(0))), &e);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        int64_t at = stmt_int(q, 0);
        struct point p = {stmt_int(q, 2), stmt_int(q, 1)};
        if (s.reg != 0) {
            judge(&s, &rules, &reg, waiting, s.reg == at ? &p : NULL);
        }
        if (s.reg != at) {
            s = (struct state){.reg = at};
        }
        b.sum += stmt_text(q, 3)[0];
        waiting = p;
        n++;
    }
    stmt_done(q);
    if (s.reg != 0) {
        judge(&s, &rules, &reg, waiting, NULL);
    }
    return n;
}

/* Readings as an import leaves them, straight into the table: what is measured is reading them.
 */
static void fill(void)
{
    struct err e = ERR_INIT;
    struct db *db = b.office.office->db;
    int64_t id = 1000;
    uint64_t state = 88172645463325252u;
    need(db_begin(db, &e), &e);
    for (int64_t r = 0; r < b.registers; r++) {
        int64_t value = 0;
        for (int64_t k = 0; k < PER_REGISTER; k++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            value += 5000 + (int64_t)(state % 10000);
            need(db_run(db, &e,
                        "INSERT INTO reading(id, register, utc, local, value, state, source, "
                        "seq, line) VALUES(?, ?, ?, ?, ?, 'accepted', 'import', 1, 0)",
                        VALS(V_INT(id++), V_INT(r + 1), V_INT(1400000000 + k * MONTH_S),
                             V_INT(1400000000 + k * MONTH_S), V_INT(value))),
                 &e);
            b.rows++;
        }
    }
    need(db_commit(db, &e), &e);
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct bench_pair pair;
    fixture_init(&b.office);
    b.registers = bench_quick(argc, argv) ? 4000 : 20000;
    need(db_exec(b.office.office->db, "PRAGMA foreign_keys = OFF", &e), &e);
    fill();
    (void)printf("# validation: %" PRIu64 " readings of %" PRId64
                 " registers, all rules of readings and periods; limit: the scan of the same "
                 "rows in the same order\n",
                 b.rows, b.registers);
    enum meter_kind rules_of[] = {METER_WATER, METER_ENERGY}; /* by bands; by deviations */
    static const char *const names[] = {"validation.bands", "validation.deviations"};
    for (size_t i = 0; i < 2; i++) {
        if (!bench_alternate(ours_validate, limit_scan, &rules_of[i], 5, &pair)) {
            return EXIT_FAILURE;
        }
        bench_print_rate(names[i], "rows/s", pair, "ratio>=0.34");
    }
    fixture_free(&b.office);
    return b.sum == 0;
}
