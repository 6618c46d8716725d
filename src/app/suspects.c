#include <config.h>

#include "app/suspects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/balance.h"

#define PERIOD_S (INT64_C(86400) * SUSPECT_DAYS)
#define SUSPECTS_MAX 1000000

static enum err_code series_load(struct office *o, struct suspect *s, int64_t to_utc,
                                 struct err *e)
{
    struct bill_reading at[SUSPECT_PERIODS + 1];
    s->series.count = SUSPECT_PERIODS;
    for (size_t i = 0; i <= SUSPECT_PERIODS; i++) {
        int64_t utc = to_utc - (int64_t)(SUSPECT_PERIODS - i) * PERIOD_S;
        bool found = false;
        TRY(reading_until(o, s->reg, utc, &at[i], &found, e));
        if (!found || at[i].utc <= utc - PERIOD_S) {
            at[i].id = 0; /* nothing was read in that period */
        }
    }
    for (size_t i = 0; i < SUSPECT_PERIODS; i++) {
        unsigned rollovers = 0;
        int64_t use = -1;
        struct err ignored = ERR_INIT;
        if (at[i].id != 0 && at[i + 1].id != 0 && at[i].id != at[i + 1].id) {
            if (at[i + 1].value < at[i].value) {
                TRY(rollovers_between(o, s->reg, &at[i], &at[i + 1], &rollovers, e));
            }
            if (register_consumption(&s->meter.reg, at[i].value, at[i + 1].value, rollovers,
                                     &use, &ignored) != ERR_OK) {
                use = -1;
            }
        }
        s->series.use[i] = use;
    }
    return ERR_OK;
}

/* Drop the periods at the beginning of which nothing is known: the meter came later. */
static void series_trim(struct suspicion_series *s, struct suspicion_group *g)
{
    size_t first = 0;
    while (first < s->count && s->use[first] < 0) {
        first++;
    }
    for (size_t i = first; i < s->count; i++) {
        s->use[i - first] = s->use[i];
        g->median[i - first] = g->median[i];
    }
    s->count -= first;
    g->count = s->count;
}

/* What the feeder above it loses of what it counts, in thousandths; -1: not known. */
static enum err_code loss_find(struct office *o, const struct suspect *s, int64_t to_utc,
                               int64_t *loss_k, struct err *e)
{
    int64_t above = 0;
    bool found = false;
    struct balance b;
    *loss_k = -1;
    TRY(db_get_int(o->db, &above, &found, e,
                   "SELECT above FROM feed WHERE meter = ? AND end_date IS NULL",
                   VALS(V_INT(s->meter.id))));
    if (!found) {
        return ERR_OK;
    }
    TRY(balance_load(o, above, to_utc - 2 * PERIOD_S, to_utc, &b, e));
    if (b.known && b.whole > 0 && b.whole >= b.parts) {
        *loss_k = (int64_t)((int128)(b.whole - b.parts) * 1000 / b.whole);
    }
    return ERR_OK;
}

static enum err_code suspect_judge(struct office *o, struct suspect *s,
                                   const struct suspicion_group *group, int64_t to_utc,
                                   struct err *e)
{
    struct suspicion_series trimmed = s->series;
    struct suspicion_group g = *group;
    int64_t loss_k = -1;
    TRY(loss_find(o, s, to_utc, &loss_k, e));
    series_trim(&trimmed, &g);
    if (!suspicion_judge(&trimmed, &g, loss_k, &s->found)) {
        s->found = (struct suspicion){0};
    }
    s->since_utc = to_utc - (int64_t)(trimmed.count - s->found.since) * PERIOD_S;
    return ERR_OK;
}

static int group_order(const void *a, const void *b)
{
    const struct suspect *x = a;
    const struct suspect *y = b;
    int by = strcmp(x->tariff, y->tariff);
    by = by != 0 ? by : (int)x->meter.kind - (int)y->meter.kind;
    return by != 0 ? by : (x->reg > y->reg) - (x->reg < y->reg);
}

static int recovered_order(const void *a, const void *b)
{
    const struct suspect *x = a;
    const struct suspect *y = b;
    if (x->found.recovered != y->found.recovered) {
        return x->found.recovered > y->found.recovered ? -1 : 1;
    }
    return (x->reg > y->reg) - (x->reg < y->reg);
}

static enum err_code groups_judge(struct office *o, struct suspects *out, int64_t to_utc,
                                  struct err *e)
{
    enum err_code code = ERR_OK;
    int64_t *scratch = mem_array(out->count + 1, sizeof scratch[0]);
    struct suspicion_series *series = mem_array(out->count + 1, sizeof series[0]);
    if (scratch == NULL || series == NULL) {
        code = err_nomem(e);
    }
    for (size_t from = 0; code == ERR_OK && from < out->count;) {
        struct suspicion_group g;
        size_t end = from;
        while (end < out->count && strcmp(out->all[end].tariff, out->all[from].tariff) == 0 &&
               out->all[end].meter.kind == out->all[from].meter.kind) {
            series[end - from] = out->all[end].series;
            end++;
        }
        suspicion_group_make(series, end - from, scratch, &g);
        for (size_t i = from; code == ERR_OK && i < end; i++) {
            code = suspect_judge(o, &out->all[i], &g, to_utc, e);
        }
        from = end;
    }
    mem_free(scratch);
    mem_free(series);
    return code;
}

static enum err_code suspects_list(struct office *o, const char *kind, struct suspects *out,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t most = 0;
    TRY(db_get_int(o->db, &most, NULL, e, "SELECT count(*) FROM meter", NO_VALS));
    most = most < SUSPECTS_MAX ? most : SUSPECTS_MAX;
    out->all = mem_array((size_t)most + 1, sizeof out->all[0]);
    if (out->all == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT min(g.id), a.account, a.tariff FROM meter m JOIN register g ON g.meter "
        "= m.id JOIN assignment a ON a.meter = m.id AND a.end_date IS NULL WHERE "
        "m.state = 'in_service' AND (?1 IS NULL OR m.kind = ?1) GROUP BY m.id ORDER BY "
        "m.id LIMIT ?2",
        VALS(V_TEXT(kind), V_INT(most))));
    enum err_code code = ERR_OK;
    while (out->count < (size_t)most && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct suspect *s = &out->all[out->count++];
        s->reg = stmt_int(q, 0);
        s->account = stmt_int(q, 1);
        (void)snprintf(s->tariff, sizeof s->tariff, "%s", stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

enum err_code suspects_find(struct office *o, int64_t to_utc, const char *kind,
                            struct suspects *out, struct err *e)
{
    *out = (struct suspects){0};
    enum err_code code = suspects_list(o, kind, out, e);
    for (size_t i = 0; code == ERR_OK && i < out->count; i++) {
        code = meter_by_register(o, out->all[i].reg, &out->all[i].meter, e);
        code = code == ERR_OK ? series_load(o, &out->all[i], to_utc, e) : code;
    }
    if (code == ERR_OK && out->count > 1) {
        qsort(out->all, out->count, sizeof out->all[0], group_order);
    }
    code = code == ERR_OK ? groups_judge(o, out, to_utc, e) : code;
    if (code != ERR_OK) {
        suspects_release(out);
        return code;
    }
    if (out->count > 1) {
        qsort(out->all, out->count, sizeof out->all[0], recovered_order);
    }
    while (out->count > 0 && out->all[out->count - 1].found.recovered == 0) {
        out->count--;
    }
    return ERR_OK;
}

void suspects_release(struct suspects *s)
{
    mem_free(s->all);
    *s = (struct suspects){0};
}
