#include <config.h>

#include "app/suspects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/balance.h"
#include "base/arena.h"
#include "base/i18n.h"

#define PERIOD_S (INT64_C(86400) * SUSPECT_DAYS)
#define SUSPECTS_MAX 10000000
#define SLICE 1024 /* meters of one query */
/* More readings than this in the periods come by themselves: then each period's are sought. */
#define ROWS_MOST 64

/* Meters that are compared with each other. */
struct group {
    char tariff[64];
    enum meter_kind kind;
    size_t count;
    struct suspicion_group usual;
};

/* One meter: what is not kept is reckoned again for the few that are shown. */
struct looked_at {
    int64_t reg;
    int64_t use[SUSPECT_PERIODS];
    uint32_t group;
    int32_t loss_k;
};

struct rank {
    int64_t recovered;
    uint32_t at;
};

struct suspects {
    int64_t to_utc;
    struct looked_at *all;
    size_t count;
    struct group *groups;
    size_t group_count, group_room;
    struct rank *ranked;
    size_t ranked_count;
    int64_t feeder; /* whose loss was reckoned last; 0: none */
    int32_t feeder_loss_k;
};

/* ---- what each meter counted ---- */

struct marks {
    struct bill_reading at[SUSPECT_PERIODS + 1]; /* id 0: nothing was read in that period */
};

/* The end of the period before mark i. */
static int64_t mark_utc(int64_t to_utc, size_t i)
{
    return to_utc - (int64_t)(SUSPECT_PERIODS - i) * PERIOD_S;
}

/* A reading, from the newest to the oldest, becomes the mark of the period that it ends; *left:
 * marks that have not been passed. */
static void mark_pass(struct marks *m, int64_t to_utc, const struct bill_reading *r,
                      size_t *left)
{
    while (*left > 0 && r->utc <= mark_utc(to_utc, *left - 1)) {
        (*left)--;
        if (r->utc > mark_utc(to_utc, *left) - PERIOD_S) {
            m->at[*left] = *r;
        }
    }
}

/* The newest readings, as many as are read by hand in the periods; then period by period. */
static enum err_code marks_read(struct office *o, int64_t reg, int64_t to_utc, struct marks *m,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    size_t left = SUSPECT_PERIODS + 1;
    int rows = 0;
    *m = (struct marks){0};
    TRY(db_query(o->db, &q, e,
                 "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? AND utc <= "
                 "? AND " READING_BELIEVED " ORDER BY utc DESC, id DESC LIMIT ?",
                 VALS(V_INT(reg), V_INT(mark_utc(to_utc, 0) - PERIOD_S), V_INT(to_utc),
                      V_INT(ROWS_MOST))));
    enum err_code code = ERR_OK;
    while (left > 0 && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct bill_reading r = {stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        mark_pass(m, to_utc, &r, &left);
        rows++;
    }
    stmt_done(q);
    while (code == ERR_OK && rows == ROWS_MOST && left > 0) {
        struct bill_reading r = {0};
        bool found = false;
        code = reading_until(o, reg, mark_utc(to_utc, left - 1), &r, &found, e);
        if (!found) {
            break;
        }
        mark_pass(m, to_utc, &r, &left);
    }
    return code;
}

static enum err_code use_load(struct office *o, const struct meter_row *m, int64_t to_utc,
                              int64_t use[SUSPECT_PERIODS], struct err *e)
{
    struct marks marks;
    TRY(marks_read(o, m->register_id, to_utc, &marks, e));
    for (size_t i = 0; i < SUSPECT_PERIODS; i++) {
        const struct bill_reading *from = &marks.at[i];
        const struct bill_reading *to = &marks.at[i + 1];
        unsigned rollovers = 0;
        struct err ignored = ERR_INIT;
        use[i] = -1;
        if (from->id == 0 || to->id == 0 || from->id == to->id) {
            continue;
        }
        if (to->value < from->value) {
            TRY(rollovers_between(o, m->register_id, from, to, &rollovers, e));
        }
        if (register_consumption(&m->reg, from->value, to->value, rollovers, &use[i],
                                 &ignored) != ERR_OK) {
            use[i] = -1;
        }
    }
    return ERR_OK;
}

/* What the feeder above it loses of what it counts, in thousandths; -1: not known. Meters of
 * one feeder mostly follow each other. */
static enum err_code loss_find(struct office *o, struct suspects *s, int64_t meter,
                               int32_t *loss_k, struct err *e)
{
    int64_t above = 0;
    bool found = false;
    struct balance b;
    *loss_k = -1;
    TRY(db_get_int(o->db, &above, &found, e,
                   "SELECT above FROM feed WHERE meter = ? AND end_date IS NULL AND deduct = 0",
                   VALS(V_INT(meter))));
    if (!found) {
        return ERR_OK;
    }
    if (s->feeder != above) {
        s->feeder_loss_k = -1;
        TRY(balance_load(o, above, s->to_utc - 2 * PERIOD_S, s->to_utc, &b, e));
        if (b.known && b.whole > 0 && b.whole >= b.parts) {
            s->feeder_loss_k = (int32_t)((int128)(b.whole - b.parts) * 1000 / b.whole);
        }
        s->feeder = above;
    }
    *loss_k = s->feeder_loss_k;
    return ERR_OK;
}

/* ---- all of them ---- */

/* The group of a tariff and a kind of meter; a new one is appended. */
static enum err_code group_of(struct suspects *s, const char *tariff, enum meter_kind kind,
                              uint32_t *out, struct err *e)
{
    for (size_t i = 0; i < s->group_count; i++) {
        if (s->groups[i].kind == kind && strcmp(s->groups[i].tariff, tariff) == 0) {
            *out = (uint32_t)i;
            return ERR_OK;
        }
    }
    if (s->group_count == s->group_room) {
        size_t room = s->group_room == 0 ? 16 : s->group_room * 2;
        struct group *more = mem_array(room, sizeof *more);
        if (more == NULL) {
            return err_nomem(e);
        }
        if (s->group_count > 0) {
            memcpy(more, s->groups, s->group_count * sizeof *more);
        }
        mem_free(s->groups);
        s->groups = more;
        s->group_room = room;
    }
    struct group *g = &s->groups[s->group_count];
    *g = (struct group){.kind = kind};
    (void)snprintf(g->tariff, sizeof g->tariff, "%s", tariff);
    *out = (uint32_t)s->group_count++;
    return ERR_OK;
}

/* The next meters of the office behind one; *last: 0 when there are none. */
static enum err_code slice_load(struct office *o, struct suspects *s, const char *kind,
                                size_t most, int64_t *last, struct err *e)
{
    struct stmt *q = NULL;
    struct meter_row m;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT " METER_FIELDS ", a.tariff, min(r.id) FROM meter m JOIN register r ON "
                 "r.meter = m.id JOIN assignment a ON a.meter = m.id AND a.end_date IS NULL "
                 "WHERE m.id > ?2 AND m.state = 'in_service' AND (?1 IS NULL OR m.kind = ?1) "
                 "GROUP BY m.id ORDER BY m.id LIMIT ?3",
                 VALS(V_TEXT(kind), V_INT(*last), V_INT(SLICE))));
    enum err_code code = ERR_OK;
    *last = 0;
    while (s->count < most && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct looked_at *x = &s->all[s->count];
        code = meter_row_read(q, &m, e);
        code = code != ERR_OK
                   ? code
                   : group_of(s, stmt_text(q, METER_FIELD_COUNT), m.kind, &x->group, e);
        code = code == ERR_OK ? use_load(o, &m, s->to_utc, x->use, e) : code;
        code = code == ERR_OK ? loss_find(o, s, m.id, &x->loss_k, e) : code;
        if (code != ERR_OK) {
            break;
        }
        x->reg = m.register_id;
        s->groups[x->group].count++;
        s->count++;
        *last = m.id;
    }
    stmt_done(q);
    return code;
}

static enum err_code all_load(struct office *o, struct suspects *s, const char *kind,
                              const struct progress *progress, struct err *e)
{
    int64_t most = 0;
    int64_t last = 0;
    TRY(db_get_int(o->db, &most, NULL, e, "SELECT count(*) FROM meter", NO_VALS));
    if (most > SUSPECTS_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("%" PRId64 " meters are more than are compared at once (%d)"), most,
                       SUSPECTS_MAX);
    }
    s->all = mem_array((size_t)most + 1, sizeof *s->all);
    if (s->all == NULL) {
        return err_nomem(e);
    }
    do {
        if (!progress_step(progress, "", s->count, (uint64_t)most)) {
            return err_set(e, ERR_CANCELLED, _("the report was stopped"));
        }
        TRY(slice_load(o, s, kind, (size_t)most, &last, e));
    } while (last != 0);
    (void)progress_step(progress, "", (uint64_t)most, (uint64_t)most);
    return ERR_OK;
}

/* ---- judging ---- */

/* What each group did: the medians of its meters, period by period. order: as many numbers as
 * there are meters, and values as many. */
static void groups_make(struct suspects *s, uint32_t *order, int64_t *values)
{
    size_t from = 0;
    size_t place = 0;
    for (size_t g = 0; g < s->group_count; g++) {
        size_t count = s->groups[g].count;
        s->groups[g].count = place; /* where its next meter goes */
        place += count;
    }
    for (size_t i = 0; i < s->count; i++) {
        order[s->groups[s->all[i].group].count++] = (uint32_t)i;
    }
    for (size_t g = 0; g < s->group_count; g++) {
        struct suspicion_group *usual = &s->groups[g].usual;
        size_t end = s->groups[g].count;
        usual->count = SUSPECT_PERIODS;
        for (size_t p = 0; p < SUSPECT_PERIODS; p++) {
            size_t n = 0;
            for (size_t i = from; i < end; i++) {
                int64_t use = s->all[order[i]].use[p];
                if (use >= 0) {
                    values[n++] = use;
                }
            }
            usual->median[p] = suspicion_median(values, n);
        }
        from = end;
    }
}

/* Without the periods at the beginning of which nothing is known: the meter came later. */
static void series_trim(const struct looked_at *x, const struct suspicion_group *usual,
                        struct suspicion_series *s, struct suspicion_group *g)
{
    size_t first = 0;
    while (first < SUSPECT_PERIODS && x->use[first] < 0) {
        first++;
    }
    for (size_t i = first; i < SUSPECT_PERIODS; i++) {
        s->use[i - first] = x->use[i];
        g->median[i - first] = usual->median[i];
    }
    s->count = g->count = SUSPECT_PERIODS - first;
}

static void judge(const struct suspects *s, const struct looked_at *x, struct suspect *out)
{
    struct suspicion_series series;
    struct suspicion_group g;
    series_trim(x, &s->groups[x->group].usual, &series, &g);
    *out = (struct suspect){.reg = x->reg, .last = x->use[SUSPECT_PERIODS - 1]};
    if (!suspicion_judge(&series, &g, x->loss_k, &out->found)) {
        out->found = (struct suspicion){0};
    }
    out->since_utc = s->to_utc - (int64_t)(series.count - out->found.since) * PERIOD_S;
}

/* All meters stand in the order of their numbers, so that equals do, too. */
static int rank_order(const void *a, const void *b)
{
    const struct rank *x = a;
    const struct rank *y = b;
    if (x->recovered != y->recovered) {
        return x->recovered > y->recovered ? -1 : 1;
    }
    return (x->at > y->at) - (x->at < y->at);
}

static enum err_code all_judge(struct suspects *s, struct err *e)
{
    struct suspect found;
    uint32_t *order = mem_array(s->count + 1, sizeof *order);
    int64_t *values = mem_array(s->count + 1, sizeof *values);
    bool room = order != NULL && values != NULL;
    if (room) {
        groups_make(s, order, values);
    }
    mem_free(order);
    mem_free(values);
    s->ranked = mem_array(s->count + 1, sizeof *s->ranked);
    if (!room || s->ranked == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < s->count; i++) {
        judge(s, &s->all[i], &found);
        if (found.found.recovered != 0) {
            s->ranked[s->ranked_count++] = (struct rank){found.found.recovered, (uint32_t)i};
        }
    }
    qsort(s->ranked, s->ranked_count, sizeof *s->ranked, rank_order);
    return ERR_OK;
}

enum err_code suspects_find(struct office *o, int64_t to_utc, const char *kind,
                            const struct progress *progress, struct suspects **out,
                            struct err *e)
{
    struct suspects *s = mem_alloc(sizeof *s);
    *out = NULL;
    if (s == NULL) {
        return err_nomem(e);
    }
    s->to_utc = to_utc;
    enum err_code code = all_load(o, s, kind, progress, e);
    code = code == ERR_OK ? all_judge(s, e) : code;
    if (code != ERR_OK) {
        suspects_free(s);
        return code;
    }
    *out = s;
    return ERR_OK;
}

size_t suspects_count(const struct suspects *s)
{
    return s->ranked_count;
}

void suspects_get(const struct suspects *s, size_t index, struct suspect *out)
{
    judge(s, &s->all[s->ranked[index].at], out);
}

void suspects_free(struct suspects *s)
{
    if (s != NULL) {
        mem_free(s->all);
        mem_free(s->groups);
        mem_free(s->ranked);
    }
    mem_free(s);
}
