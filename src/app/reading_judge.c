#include <config.h>

#include "app/reading_judge.h"

#include <string.h>

#include "app/rule_settings.h"
#include "base/caltime.h"
#include "base/i18n.h"
#include "base/json.h"

/* Readings before the first new one from which the interleaving machine learns: as many as it
 * remembers an unproven series for. */
#define HISTORY_ROWS 24

/* Of runs, only closed ones are believed, and the one that is at work. */
#define STORED_COLUMNS                                                                         \
    "SELECT r.id, r.utc, r.value, r.state, r.source = 'estimated' FROM reading r LEFT JOIN "   \
    "import_run i ON i.id = "                                                                  \
    "r.run WHERE r.register = ?1 AND (r.run IS NULL OR i.state = 'closed' OR r.run = ?2) "

enum err_code judge_rules_init(struct office *o, struct judge_rules *r, struct err *e)
{
    return rules_load(o, r->set, e);
}

/* Since when a meter is out of service stands in the history only: from the moment on when it
 * was recorded, or, where it was recorded later, from the end of the day that it goes by. */
static enum err_code out_of_service_since(struct office *o, int64_t meter, int64_t *utc,
                                          struct err *e)
{
    struct stmt *q = NULL;
    struct date day;
    bool row = false;
    *utc = INT64_MAX;
    TRY(db_query(o->db, &q, e,
                 "SELECT time, date FROM history WHERE meter = ? AND kind = 'meter.state_set' "
                 "ORDER BY seq DESC LIMIT 1",
                 VALS(V_INT(meter))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        const char *date = stmt_text(q, 1);
        code = date_parse(date, strlen(date), &day, e);
        if (code == ERR_OK) {
            int64_t end = zone_day_start(o->zone, date_from_days(date_to_days(day) + 1));
            int64_t told = stmt_int(q, 0) / 1000;
            *utc = told < end ? told : end;
        }
    }
    stmt_done(q);
    return code;
}

enum err_code judge_subject_load(struct office *o, int64_t reg, const struct judge_rules *rules,
                                 struct judge_subject *out, struct err *e)
{
    struct date d;
    struct meter_row *m = &out->meter;
    TRY(meter_by_register(o, reg, m, e));
    out->rules = &rules->set[m->kind];
    out->active_until = INT64_MAX;
    out->typical_high = 0;
    TRY(date_parse(m->installed, strlen(m->installed), &d, e));
    out->active_from = zone_day_start(o->zone, d);
    if (m->removed[0] != '\0') {
        TRY(date_parse(m->removed, strlen(m->removed), &d, e));
        /* It may be read on the day it is taken away. */
        out->active_until = zone_day_start(o->zone, date_from_days(date_to_days(d) + 1));
    } else if (m->state == METER_OUT_OF_SERVICE) {
        TRY(out_of_service_since(o, m->id, &out->active_until, e));
    }
    return ERR_OK;
}

static void stored_read(const struct stmt *q, struct stored_reading *out)
{
    const char *state = stmt_text(q, 3);
    out->id = stmt_int(q, 0);
    out->utc = stmt_int(q, 1);
    out->value = stmt_int(q, 2);
    out->accepted = strcmp(state, "accepted") == 0;
    out->estimated = stmt_int(q, 4) != 0;
    out->dropped = strcmp(state, "rejected") == 0 || strcmp(state, "corrected") == 0;
}

static enum err_code stored_fetch(struct stmt *q, struct stored_reading *rows, size_t max,
                                  size_t *count, struct err *e)
{
    bool row = false;
    enum err_code code = ERR_OK;
    *count = 0;
    while (*count < max && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        stored_read(q, &rows[(*count)++]);
    }
    stmt_done(q);
    return code;
}

static void same_note(struct judge_state *st, int64_t utc, int64_t value)
{
    if (st->at_utc != utc) {
        st->same_count = 0;
    }
    st->at_utc = utc;
    if (st->same_count < JUDGE_SAME_MAX) {
        st->same[st->same_count++] = value;
    }
}

static void prev_set(struct judge_state *st, struct point p, bool estimated)
{
    st->prev = p;
    st->has_prev = true;
    st->prev_estimated = estimated;
    if (!estimated) {
        st->measured = p;
        st->has_measured = true;
    }
}

/* A stored reading goes by. */
static void pass_stored(const struct judge_subject *s, struct judge_state *st,
                        const struct stored_reading *r)
{
    struct interleave_limits limits = rules_interleave_limits(s->rules, &s->meter.reg);
    struct point p = {.value = r->value, .utc = r->utc};
    if (!r->estimated) { /* nobody saw a dial there */
        (void)interleave_feed(&st->series, &limits, p);
        st->seen = p;
        st->has_seen = true;
    }
    if (r->accepted) {
        prev_set(st, p, r->estimated);
    }
    if (!r->dropped) {
        same_note(st, r->utc, r->value);
    }
}

/* What was read before the estimates. */
static enum err_code measured_read(struct office *o, struct judge_state *st, struct err *e)
{
    struct stmt *q = NULL;
    struct stored_reading r;
    size_t count = 0;
    TRY(db_query(o->db, &q, e,
                 STORED_COLUMNS "AND r.utc <= ?3 AND r.state = 'accepted' AND r.source <> "
                                "'estimated' ORDER BY r.utc DESC, r.id DESC LIMIT 1",
                 VALS(V_INT(st->reg), V_INT(st->run), V_INT(st->at_utc))));
    TRY(stored_fetch(q, &r, 1, &count, e));
    st->has_measured = count == 1;
    if (st->has_measured) {
        st->measured = (struct point){.value = r.value, .utc = r.utc};
    }
    return ERR_OK;
}

static enum err_code prev_read(struct office *o, struct judge_state *st, struct err *e)
{
    struct stmt *q = NULL;
    struct stored_reading r;
    size_t count = 0;
    TRY(db_query(o->db, &q, e,
                 STORED_COLUMNS "AND r.utc <= ?3 AND r.state = 'accepted' ORDER BY r.utc DESC, "
                                "r.id DESC LIMIT 1",
                 VALS(V_INT(st->reg), V_INT(st->run), V_INT(st->at_utc))));
    TRY(stored_fetch(q, &r, 1, &count, e));
    st->has_prev = count == 1;
    if (st->has_prev) {
        prev_set(st, (struct point){.value = r.value, .utc = r.utc}, r.estimated);
    }
    return st->has_prev && r.estimated ? measured_read(o, st, e) : ERR_OK;
}

enum err_code judge_start(struct office *o, const struct judge_subject *s, int64_t run,
                          int64_t utc, struct judge_state *out, struct err *e)
{
    struct stmt *q = NULL;
    struct stored_reading rows[HISTORY_ROWS];
    size_t count = 0;
    *out = (struct judge_state){.reg = s->meter.register_id, .run = run, .at_utc = utc - 1};
    TRY(db_query(o->db, &q, e,
                 STORED_COLUMNS "AND r.utc < ?3 ORDER BY r.utc DESC, r.id DESC LIMIT 24",
                 VALS(V_INT(out->reg), V_INT(run), V_INT(utc))));
    TRY(stored_fetch(q, rows, HISTORY_ROWS, &count, e));
    for (size_t i = count; i-- > 0;) {
        pass_stored(s, out, &rows[i]);
    }
    out->at_utc = utc - 1;
    out->same_count = 0;
    bool known = out->has_prev && (!out->prev_estimated || out->has_measured);
    return known || count < HISTORY_ROWS ? ERR_OK : prev_read(o, out, e);
}

void judge_page_drop(struct judge_state *st)
{
    st->page_valid = false;
}

enum err_code judge_refresh(struct office *o, struct judge_state *st, struct err *e)
{
    judge_page_drop(st);
    return st->reg != 0 ? prev_read(o, st, e) : ERR_OK;
}

/* The page of what is stored behind a place. */
static enum err_code page_read(struct office *o, struct judge_state *st, int64_t utc,
                               int64_t id, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(o->db, &q, e,
                 STORED_COLUMNS "AND r.utc >= ?3 AND (r.utc > ?3 OR r.id > ?4) ORDER BY r.utc, "
                                "r.id LIMIT 128",
                 VALS(V_INT(st->reg), V_INT(st->run), V_INT(utc), V_INT(id))));
    TRY(stored_fetch(q, st->page, JUDGE_PAGE_ROWS, &st->page_count, e));
    st->page_at = 0;
    st->page_last = st->page_count < JUDGE_PAGE_ROWS;
    st->page_valid = true;
    return ERR_OK;
}

/* Pass what is stored up to an instant. */
static enum err_code pass_until(struct office *o, const struct judge_subject *s,
                                struct judge_state *st, int64_t utc, struct err *e)
{
    if (!st->page_valid) {
        TRY(page_read(o, st, st->at_utc, INT64_MAX, e));
    }
    for (;;) {
        while (st->page_at < st->page_count && st->page[st->page_at].utc <= utc) {
            pass_stored(s, st, &st->page[st->page_at++]);
        }
        if (st->page_at < st->page_count || st->page_last) {
            return ERR_OK;
        }
        const struct stored_reading *last = &st->page[st->page_count - 1];
        TRY(page_read(o, st, last->utc, last->id, e));
    }
}

/* First accepted reading behind where we are. */
static enum err_code next_accepted(struct office *o, const struct judge_state *st,
                                   struct point *next, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    struct stored_reading r;
    size_t count = 0;
    *found = false;
    for (size_t i = st->page_at; i < st->page_count; i++) {
        if (st->page[i].accepted) {
            *next = (struct point){.value = st->page[i].value, .utc = st->page[i].utc};
            *found = true;
            return ERR_OK;
        }
    }
    if (st->page_last) {
        return ERR_OK;
    }
    int64_t behind = st->page[st->page_count - 1].utc;
    TRY(db_query(o->db, &q, e,
                 STORED_COLUMNS
                 "AND r.utc >= ?3 AND r.state = 'accepted' ORDER BY r.utc, r.id LIMIT 1",
                 VALS(V_INT(st->reg), V_INT(st->run), V_INT(behind))));
    TRY(stored_fetch(q, &r, 1, &count, e));
    *found = count == 1;
    *next = (struct point){.value = r.value, .utc = r.utc};
    return ERR_OK;
}

enum err_code judge_next(struct office *o, const struct judge_subject *s,
                         struct judge_state *st, struct point reading, int64_t as_of_utc,
                         struct findings *out, struct err *e)
{
    struct interleave_limits limits = rules_interleave_limits(s->rules, &s->meter.reg);
    struct point next = {0};
    bool has_next = false;
    TRY(pass_until(o, s, st, reading.utc, e));
    TRY(next_accepted(o, st, &next, &has_next, e));
    (void)interleave_feed(&st->series, &limits, reading);
    struct reading_ctx ctx = {.reg = &s->meter.reg,
                              .rules = s->rules,
                              .reading = reading,
                              .as_of_utc = as_of_utc,
                              .prev = st->has_prev ? &st->prev : NULL,
                              .next = has_next ? &next : NULL,
                              .measured =
                                  st->prev_estimated && st->has_measured ? &st->measured : NULL,
                              .seen = st->has_seen ? &st->seen : NULL,
                              .same = st->same,
                              .same_count = st->at_utc == reading.utc ? st->same_count : 0,
                              .active_from = s->active_from,
                              .active_until = s->active_until,
                              .typical_high = s->typical_high,
                              .series = &st->series,
                              .step = st->step};
    rules_judge_reading(&ctx, out);
    same_note(st, reading.utc, reading.value);
    st->seen = reading;
    st->has_seen = true;
    if (!out->hold) {
        prev_set(st, reading, false);
    }
    return ERR_OK;
}

const struct finding *findings_worst(const struct findings *f)
{
    const struct finding *worst = NULL;
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *x = &f->item[i];
        if (worst == NULL || (x->hold && !worst->hold) ||
            (x->hold == worst->hold && x->severity > worst->severity)) {
            worst = x;
        }
    }
    return worst;
}

/* ---- as the ledger keeps it: members in the order of RFC 8785 ---- */

#define ADD(out, literal) buf_add((out), (literal), sizeof(literal) - 1)

static void print_int(struct buf *out, const char *member, size_t len, int64_t v)
{
    buf_add(out, member, len);
    buf_add_int(out, v);
}
#define PRINT_INT(out, member, v) print_int((out), (member), sizeof(member) - 1, (v))

static void print_text(struct buf *out, const char *member, const char *text)
{
    if (text != NULL) {
        buf_adds(out, member);
        json_add_string(out, text, strlen(text));
    }
}

static void print_alert(const struct reading_item *r, struct buf *out)
{
    const struct finding *f = findings_worst(r->findings);
    PRINT_INT(out, "\"alert\":{\"id\":", r->alert);
    PRINT_INT(out, ",\"meter\":", r->meter);
    PRINT_INT(out, ",\"observed\":", f->observed);
    print_text(out, ",\"rule\":", rule_name(f->rule));
    PRINT_INT(out, ",\"threshold\":", f->limit);
    ADD(out, "},");
}

static void print_findings(const struct findings *all, struct buf *out)
{
    ADD(out, "\"findings\":[");
    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->item[i];
        print_text(out, i == 0 ? "{\"class\":" : ",{\"class\":", finding_class_name(f->kind));
        buf_adds(out, f->hold ? ",\"hold\":true" : ",\"hold\":false");
        PRINT_INT(out, ",\"observed\":", f->observed);
        print_text(out, ",\"rule\":", rule_name(f->rule));
        PRINT_INT(out, ",\"threshold\":", f->limit);
        ADD(out, "}");
    }
    ADD(out, "],");
}

void reading_item_print(const struct reading_item *r, struct buf *out)
{
    bool held = r->findings != NULL && r->findings->hold;
    ADD(out, "{");
    if (held) {
        print_alert(r, out);
    }
    if (r->corrects != 0) {
        PRINT_INT(out, "\"corrects\":", r->corrects);
        ADD(out, ",");
    }
    if (r->dst != NULL) {
        print_text(out, "\"dst\":", r->dst);
        print_text(out, ",\"dst_by\":", r->dst_by);
        ADD(out, ",");
    }
    if (r->findings != NULL && r->findings->count > 0) {
        print_findings(r->findings, out);
    }
    PRINT_INT(out, "\"id\":", r->id);
    if (r->line != 0) {
        PRINT_INT(out, ",\"line\":", r->line);
    }
    ADD(out, ",\"local\":\"");
    civil_print(civil_from_secs(r->local), out);
    ADD(out, "\"");
    print_text(out, ",\"note\":", r->note);
    print_text(out, ",\"raw\":", r->raw);
    PRINT_INT(out, ",\"register\":", r->reg);
    print_text(out, ",\"source\":", r->source);
    buf_adds(out, held ? ",\"state\":\"held\"" : ",\"state\":\"accepted\"");
    PRINT_INT(out, ",\"utc\":", r->utc);
    PRINT_INT(out, ",\"value\":", r->value);
    ADD(out, "}");
}
