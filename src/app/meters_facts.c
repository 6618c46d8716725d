#include <config.h>

#include <string.h>

#include "app/meters_run.h"
#include "base/arena.h"
#include "base/caltime.h"

/* Terms on columns of few different words (last, state, to do, kind), answered from the codes
 * that the index keeps of each meter: which words match is found once, and a meter then costs a
 * look into an array. Alerts change with bills too, and the open ones are few beside the
 * meters: they are read as they are now. */

enum { UNKNOWN, YES, NO };

struct fact_term {
    size_t term; /* of the query */
    int column;
    bool words[SEARCH_CONDITIONS]; /* of the state; of what is to be done; of the kind */
    uint8_t days[SEARCH_DAYS];     /* of the last reading: UNKNOWN, YES, NO */
};

struct facts {
    struct finding_run *run;
    const struct search_facts *of;
    uint8_t *alert; /* by meter: enum search_condition of its newest open alert; 0: none */
    uint8_t due[SEARCH_DAYS];
    size_t term_count;
    struct fact_term term[METER_TERMS_MAX];
};

static const char *const conditions[SEARCH_CONDITIONS] = {
    [SEARCH_LOOK] = "", [SEARCH_OUT] = "out",   [SEARCH_HELD] = "held", [SEARCH_NONE] = "none",
    [SEARCH_OK] = "ok", [SEARCH_HIGH] = "high", [SEARCH_LOW] = "low",   [SEARCH_ZERO] = "zero"};
enum { PENDING_NONE, PENDING_REVIEW, PENDING_READ, PENDINGS };
static const char *const pendings[PENDINGS] = {"none", "review", "read"};

bool run_is_fact(int column)
{
    return column == METER_LAST || column == METER_CONDITION || column == METER_PENDING ||
           column == METER_KIND_COLUMN;
}

/* ---- alerts ---- */

static uint8_t condition_of(const char *rule)
{
    const char *word = meter_alert_condition(rule);
    for (uint8_t i = SEARCH_OK; i < SEARCH_CONDITIONS; i++) {
        if (strcmp(word, conditions[i]) == 0) {
            return i;
        }
    }
    return SEARCH_OK;
}

/* The newest of a meter comes last. */
static enum err_code read_alerts(struct facts *f, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(f->run->db, &q, e,
                 "SELECT meter, rule FROM alert WHERE resolved IS NULL AND meter IS NOT NULL "
                 "ORDER BY id",
                 NO_VALS));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t meter = stmt_int(q, 0);
        if (meter > 0 && (uint64_t)meter < f->of->room) {
            f->alert[meter] = condition_of(stmt_text(q, 1));
        }
    }
    stmt_done(q);
    return code;
}

/* ---- preparing ---- */

static void prepare(struct facts *f, size_t term)
{
    struct finding_run *r = f->run;
    struct fact_term *t = &f->term[f->term_count++];
    size_t count = 0;
    const char *const *words = NULL;
    t->term = term;
    t->column = r->q->terms[term].column;
    if (t->column == METER_CONDITION) {
        words = conditions;
        count = SEARCH_CONDITIONS;
    } else if (t->column == METER_PENDING) {
        words = pendings;
        count = PENDINGS;
    } else if (t->column == METER_KIND_COLUMN) {
        words = search_kinds;
        count = SEARCH_KINDS;
    }
    for (size_t i = 0; i < count; i++) {
        t->words[i] = run_cell_has(r, words[i], term);
    }
}

/* Alerts show in the state alone, and not where another word comes first. */
static bool asks_alerts(const struct facts *f)
{
    for (size_t i = 0; i < f->term_count; i++) {
        if (f->term[i].column == METER_CONDITION) {
            return true;
        }
    }
    return false;
}

enum err_code facts_open(struct finding_run *r, struct facts **out, struct err *e)
{
    struct facts *f = mem_alloc(sizeof *f);
    *out = f;
    if (f == NULL) {
        return err_nomem(e);
    }
    f->run = r;
    f->of = &r->search->facts;
    for (size_t i = 0; i < r->q->term_count; i++) {
        if (run_is_fact(r->q->terms[i].column)) {
            prepare(f, i);
        }
    }
    if (!asks_alerts(f)) {
        return ERR_OK;
    }
    f->alert = mem_alloc(f->of->room);
    return f->alert != NULL ? read_alerts(f, e) : err_nomem(e);
}

void facts_close(struct facts *f)
{
    if (f != NULL) {
        mem_free(f->alert);
        mem_free(f);
    }
}

/* ---- asking ---- */

static void day_print(unsigned day, struct buf *out)
{
    buf_clear(out);
    if (day > 0) { /* 0: never read */
        date_print(date_from_days((int32_t)day - 1), out);
    }
}

static bool day_matches(struct facts *f, struct fact_term *t, unsigned day)
{
    if (t->days[day] == UNKNOWN) {
        struct buf text;
        buf_init(&text, 16);
        day_print(day, &text);
        t->days[day] = run_cell_has(f->run, buf_str(&text), t->term) ? YES : NO;
        buf_release(&text);
    }
    return t->days[day] == YES;
}

static bool is_due(struct facts *f, unsigned day)
{
    if (f->due[day] == UNKNOWN) {
        struct buf text;
        buf_init(&text, 16);
        day_print(day, &text);
        f->due[day] = meter_is_due(buf_str(&text), run_today(f->run)) ? YES : NO;
        buf_release(&text);
    }
    return f->due[day] == YES;
}

static bool term_holds(struct facts *f, struct fact_term *t, uint32_t meter)
{
    unsigned condition = f->of->conditions[meter];
    unsigned day = f->of->days[meter];
    unsigned pending = condition == SEARCH_OUT    ? PENDING_NONE
                       : condition == SEARCH_HELD ? PENDING_REVIEW
                       : is_due(f, day)           ? PENDING_READ
                                                  : PENDING_NONE;
    if (t->column == METER_LAST) {
        return day_matches(f, t, day);
    }
    if (t->column == METER_PENDING) {
        return t->words[pending];
    }
    if (t->column == METER_KIND_COLUMN) {
        return t->words[f->of->kinds[meter]];
    }
    if (condition == SEARCH_OK && f->alert[meter] != 0) {
        condition = f->alert[meter];
    }
    return t->words[condition];
}

enum facts_say facts_match(struct facts *f, uint32_t meter)
{
    if (meter >= f->of->room || f->of->conditions[meter] == SEARCH_LOOK) {
        return FACTS_LOOK;
    }
    for (size_t i = 0; i < f->term_count; i++) {
        if (!term_holds(f, &f->term[i], meter)) {
            return FACTS_NO;
        }
    }
    return FACTS_YES;
}
