/* One item of the queue in full: its history, why it waits, and what the dial may have shown.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/queue_load.h"
#include "base/i18n.h"

#define TEXT_BYTES 4096

struct detail_run {
    struct office *office;
    const struct queue_item *item;
    struct arena *arena;
    struct queue_detail *out;
    struct meter_row meter;
    struct use_history history;
    struct tariff_book *book;
    struct bill_reading next; /* accepted, after it; id 0: none */
    bool failed;              /* out of memory */
};

static const char *keep(struct detail_run *r, const char *text)
{
    char *copy = arena_strdup(r->arena, text != NULL ? text : "");
    r->failed = r->failed || copy == NULL;
    return copy != NULL ? copy : "";
}

static enum err_code names_load(struct detail_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct queue_detail *d = r->out;
    TRY(db_query(r->office->db, &q, e,
                 "SELECT m.serial, g.obis, m.kind, (SELECT number FROM account WHERE id = ?3), "
                 "s.route, x.source, x.local, g.unit, g.decimals FROM register g JOIN meter m "
                 "ON m.id = g.meter JOIN service_point s ON s.id = m.point LEFT JOIN reading x "
                 "ON x.id = ?2 WHERE g.id = ?1",
                 VALS(V_INT(r->item->reg), V_INT(r->item->reading), V_INT(r->item->account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        d->serial = keep(r, stmt_text(q, 0));
        d->obis = keep(r, stmt_text(q, 1));
        d->kind = keep(r, stmt_text(q, 2));
        d->account = keep(r, stmt_text(q, 3));
        d->route = keep(r, stmt_text(q, 4));
        d->source = keep(r, stmt_text(q, 5));
        d->local = stmt_int(q, 6);
        d->unit = keep(r, stmt_text(q, 7));
        d->decimals = (int)stmt_int(q, 8);
    }
    stmt_done(q);
    return code == ERR_OK && !row
               ? err_set(e, ERR_NOT_FOUND, _("the register of this item is gone"))
               : code;
}

static enum err_code neighbours_load(struct detail_run *r, struct err *e)
{
    struct bill_reading p;
    bool found = false;
    TRY(reading_until(r->office, r->item->reg, r->item->utc, &p, &found, e));
    if (found) {
        r->out->has_previous = true;
        r->out->previous = p.value;
        r->out->previous_id = p.id;
        TRY(db_get_int(r->office->db, &r->out->previous_local, NULL, e,
                       "SELECT local FROM reading WHERE id = ?", VALS(V_INT(p.id))));
    }
    TRY(reading_after(r->office, r->item->reg, r->item->utc, &r->next, &found, e));
    if (!found) {
        r->next.id = 0;
    }
    return ERR_OK;
}

static enum err_code periods_load(struct detail_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct queue_detail *d = r->out;
    TRY(db_query(
        r->office->db, &q, e,
        "SELECT * FROM (SELECT b.start_date, bm.consumption, bm.days, f.source = 'estimated' "
        "OR "
        "t.source = 'estimated', t.utc FROM bill_meter bm JOIN bill b ON b.id = bm.bill JOIN "
        "billing_run n ON n.id = b.run JOIN reading f ON f.id = bm.from_reading JOIN reading t "
        "ON t.id = bm.to_reading WHERE bm.register IN (?1, (SELECT g.id FROM register n JOIN "
        "register g ON g.meter = ?2 AND g.obis = n.obis WHERE n.id = ?1)) AND n.state = "
        "'closed' AND b.cancelled IS NULL AND (?3 = 0 OR b.id <> ?3) AND t.utc <= ?4 ORDER BY "
        "t.utc DESC, b.id DESC LIMIT ?5) ORDER BY 5",
        VALS(V_INT(r->item->reg), V_INT(r->meter.replaces), V_INT(r->item->bill),
             V_INT(r->item->utc), V_INT(QUEUE_HISTORY))));
    enum err_code code = ERR_OK;
    while (d->history_count < QUEUE_HISTORY && (code = stmt_next(q, &row, e)) == ERR_OK &&
           row) {
        size_t i = d->history_count++;
        (void)snprintf(d->history[i].period, sizeof d->history[i].period, "%s",
                       stmt_text(q, 0));
        d->history[i].use = stmt_int(q, 1);
        d->history[i].days = stmt_int(q, 2);
        d->history[i].estimated = stmt_int(q, 3) != 0;
    }
    stmt_done(q);
    return code;
}

/* What the entry does not keep of a finding, from what the office still knows. False: a
 * sentence cannot be made of it. */
static bool finding_again(const struct detail_run *r, struct finding *f)
{
    const struct rule_config *c = &r->book->rules[r->meter.kind].rule[f->rule];
    int64_t mean = 0;
    switch (f->rule) {
    case RULE_DECREASE:
    case RULE_MAX_RATE:
    case RULE_ROLLOVER:
    case RULE_ESTIMATE_HIGH:
        if (f->kind == CLASS_ABOVE_NEXT) {
            f->from = r->item->value;
            f->to = r->next.value;
            return r->next.id != 0;
        }
        f->from = r->out->previous;
        f->to = r->item->value;
        return r->out->has_previous;
    case RULE_HIGH:
    case RULE_LOW:
        (void)use_expected(&r->history, r->item->days, &mean);
        f->from = mean;
        f->to = c->limit[0] > 0                                      ? c->limit[0]
                : mean >= unit_limit(r->meter.reg.unit, c->limit[3]) ? c->limit[1]
                                                                     : c->limit[2];
        f->kind = c->limit[0] > 0 ? CLASS_DEVIATION : CLASS_BAND;
        return r->history.days > 0;
    case RULE_SPIKE:
        f->to = c->limit[0];
        f->from = f->to > 0 && f->limit < INT64_MAX / 100 ? f->limit * 100 / f->to : 0;
        return f->to > 0;
    case RULE_PERIOD_LENGTH:
        f->to = c->limit[0];
        return true;
    case RULE_FACTOR:
    case RULE_MISSING_INTERVAL:
    case RULE_SUM:
    case RULE_BALANCE:
        return false; /* what they counted is not kept; how far apart it was is */
    case RULE_INTERLEAVED:
        return false; /* where the second series began is not kept */
    case RULE_NEGATIVE:
    case RULE_OVER_DIAL:
    case RULE_FUTURE:
    case RULE_TOO_OLD:
    case RULE_INACTIVE:
    case RULE_DUPLICATE:
    case RULE_DELTA:
    case RULE_ADAPTER:
    case RULE_ZERO:
    case RULE_STUCK:
    case RULE_CONSECUTIVE:
        return true;
    case RULE_COUNT:
        break;
    }
    return false;
}

static enum finding_class class_find(const char *name)
{
    for (int i = 0; name != NULL && i < CLASS_COUNT; i++) {
        if (strcmp(finding_class_name((enum finding_class)i), name) == 0) {
            return (enum finding_class)i;
        }
    }
    return CLASS_PLAIN;
}

const char *alert_title(const char *rule)
{
    static const struct {
        const char *rule, *title;
    } titles[] = {
#define ALERT_TITLE(code, title) {code, title},
#include "app/alert_titles.def"
#undef ALERT_TITLE
    };
    enum rule_id id;
    if (rule_find(rule, &id)) {
        return rule_title(id);
    }
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (strcmp(titles[i].rule, rule) == 0) {
            return _(titles[i].title);
        }
    }
    return strncmp(rule, "packet_", 7) == 0 ? _("Packets of the meter's device were refused")
                                            : rule;
}

static void apart_text(const struct detail_run *r, const struct queue_reason *x,
                       const struct finding *f, struct buf *out)
{
    const struct unit *unit = r->meter.reg.unit;
    const int64_t value[] = {f->observed, f->limit};
    struct buf said[2];
    for (size_t i = 0; i < 2; i++) {
        struct buf machine;
        buf_init(&machine, 64);
        buf_init(&said[i], 128);
        quantity_print(value[i], unit, 0, &machine);
        numfmt_number(r->office->numfmt, buf_str(&machine), &said[i]);
        buf_addf(&said[i], " %s", unit->pretty);
        buf_release(&machine);
    }
    buf_addf(out, _("%s: %s apart, %s are allowed. Source: %s."), x->title, buf_str(&said[0]),
             buf_str(&said[1]), x->source);
    buf_release(&said[0]);
    buf_release(&said[1]);
}

static void reason_add(struct detail_run *r, const char *rule, const char *class,
                       int64_t observed, int64_t threshold, bool hold)
{
    struct queue_reason *x = &r->out->reason[r->out->reason_count++];
    struct finding f = {.observed = observed, .limit = threshold, .kind = class_find(class)};
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    x->rule = keep(r, rule);
    x->hold = hold;
    if (rule_find(rule, &f.rule)) {
        x->title = rule_title(f.rule);
        x->source = rule_source(f.rule);
        x->severity = r->book->rules[r->meter.kind].rule[f.rule].severity;
        if (finding_again(r, &f)) {
            finding_text(&f, r->meter.reg.unit, r->office->numfmt, &text);
        } else if (f.rule == RULE_SUM || f.rule == RULE_BALANCE) {
            apart_text(r, x, &f, &text);
        } else {
            buf_addf(&text, _("%s. Source: %s."), x->title, x->source);
        }
    } else {
        x->title = alert_title(rule);
        x->source = _("the office's billing and its devices");
        x->severity = r->item->severity;
        buf_addf(&text, "%s.", x->title);
    }
    x->text = keep(r, buf_str(&text));
    r->failed = r->failed || text.failed;
    buf_release(&text);
}

static enum err_code reasons_load(struct detail_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (r->item->reading == 0) {
        reason_add(r, r->item->rule, NULL, r->item->observed, r->item->threshold, false);
        return ERR_OK;
    }
    TRY(db_query(r->office->db, &q, e,
                 "SELECT rule, class, observed, threshold, hold FROM finding WHERE reading = ? "
                 "ORDER BY hold DESC, rule LIMIT ?",
                 VALS(V_INT(r->item->reading), V_INT(QUEUE_REASONS))));
    enum err_code code = ERR_OK;
    while (r->out->reason_count < QUEUE_REASONS && (code = stmt_next(q, &row, e)) == ERR_OK &&
           row) {
        reason_add(r, stmt_text(q, 0), stmt_text(q, 1), stmt_int(q, 2), stmt_int(q, 3),
                   stmt_int(q, 4) != 0);
    }
    stmt_done(q);
    return code;
}

/* ---- what the dial may have shown ---- */

struct slips {
    struct detail_run *run;
    int64_t least, most; /* plausible values of the dial, in its smallest steps */
    int64_t step, middle;
};

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Keep it when it is plausible, new, and nearer to what was expected than the last one kept. */
static void slip_try(struct slips *s, int64_t dial, const char *how, const char *text)
{
    struct queue_detail *d = s->run->out;
    int64_t value = dial * s->step;
    size_t at = 0;
    if (dial < s->least || dial > s->most || value == s->run->item->value) {
        return;
    }
    for (size_t i = 0; i < d->alternative_count; i++) {
        if (d->alternative[i].value == value) {
            return;
        }
        bool nearer = strcmp(d->alternative[i].how, how) != 0 ||
                      apart(d->alternative[i].value, s->middle * s->step) <=
                          apart(value, s->middle * s->step);
        at = nearer ? i + 1 : at;
    }
    if (at == QUEUE_ALTERNATIVES) {
        return;
    }
    d->alternative_count += d->alternative_count < QUEUE_ALTERNATIVES ? 1 : 0;
    for (size_t i = d->alternative_count - 1; i > at; i--) {
        d->alternative[i] = d->alternative[i - 1];
    }
    d->alternative[at] = (struct queue_alternative){value, 0, how, text};
}

static void slips_swapped(struct slips *s, int64_t dial)
{
    for (int64_t p = 1; p <= dial / 10; p *= 10) {
        int64_t low = dial / p % 10;
        int64_t high = dial / (p * 10) % 10;
        int64_t swapped = dial + (low - high) * p * 10 + (high - low) * p;
        if (low != high) {
            slip_try(s, swapped, "transposed", _("two digits in each other's place"));
        }
        if (p > INT64_MAX / 100) {
            break;
        }
    }
}

static void slips_shifted(struct slips *s, int64_t dial)
{
    const char *text = _("the decimal point in another place");
    for (int64_t p = 10; p <= 1000; p *= 10) {
        slip_try(s, dial / p, "shifted", text);
        if (dial <= INT64_MAX / p) {
            slip_try(s, dial * p, "shifted", text);
        }
    }
}

static void slips_digit(struct slips *s, int64_t dial)
{
    for (int64_t p = 1; p <= s->most && p <= INT64_MAX / 10; p *= 10) {
        int64_t old = dial / p % 10;
        for (int64_t digit = 0; digit <= 9; digit++) {
            slip_try(s, dial + (digit - old) * p, "digit", _("one digit misread"));
        }
    }
}

static void slips_length(struct slips *s, int64_t dial)
{
    for (int64_t p = 1; p <= dial && p <= INT64_MAX / 10; p *= 10) {
        slip_try(s, dial / (p * 10) * p + dial % p, "extra", _("one digit too many"));
    }
    for (int64_t p = 1; p <= s->most && p <= INT64_MAX / 100 && dial < INT64_MAX / 100;
         p *= 10) {
        for (int64_t digit = 0; digit <= 9; digit++) {
            slip_try(s, dial / p * p * 10 + digit * p + dial % p, "dropped",
                     _("one digit left out"));
        }
    }
}

/* The dial's values that history makes plausible; false: nothing is known to measure by. */
static bool slips_range(struct detail_run *r, struct slips *s)
{
    const struct register_def *reg = &r->meter.reg;
    int64_t previous = r->out->previous;
    int64_t use = r->item->expected;
    if (!r->out->has_previous || !r->item->has_expected || !register_cumulative(reg) ||
        r->item->value < 0) {
        return false;
    }
    /* From consumption back to the dial: a third to thrice of what was to be expected. */
    int128 dial = (int128)use * reg->multiplier_den / reg->multiplier_num;
    int128 low = previous + dial / 3;
    int128 high = previous + dial * 3;
    int128 top = register_dial_max(reg);
    if (r->next.id != 0 && r->next.value < top) {
        top = r->next.value;
    }
    high = high < top ? high : top;
    s->run = r;
    s->step = register_step(reg);
    s->least = (int64_t)((low + s->step - 1) / s->step);
    s->most = (int64_t)(high / s->step);
    int128 middle = previous + dial;
    s->middle = (int64_t)((middle < top ? middle : top) / s->step);
    return low <= high;
}

static void alternatives_find(struct detail_run *r)
{
    struct slips s;
    struct err ignored = ERR_INIT;
    if (r->item->reading == 0 || !slips_range(r, &s)) {
        return;
    }
    int64_t dial = r->item->value / s.step;
    slips_swapped(&s, dial);
    slips_shifted(&s, dial);
    slips_digit(&s, dial);
    slips_length(&s, dial);
    for (size_t i = 0; i < r->out->alternative_count; i++) {
        struct queue_alternative *a = &r->out->alternative[i];
        if (register_consumption(&r->meter.reg, r->out->previous, a->value, 0, &a->use,
                                 &ignored) != ERR_OK) {
            a->use = 0;
        }
    }
}

static enum err_code limit_load(struct detail_run *r, struct err *e)
{
    struct use_price price;
    int64_t account = 0;
    TRY(use_price_find(r->office, r->book, r->item->meter,
                       zone_to_civil(r->office->zone, r->item->utc).date, &price, &account, e));
    r->out->limit = price.has_limit ? price.limit : -1;
    return ERR_OK;
}

static enum err_code detail_load(struct detail_run *r, struct err *e)
{
    TRY(meter_by_register(r->office, r->item->reg, &r->meter, e));
    TRY(names_load(r, e));
    TRY(neighbours_load(r, e));
    TRY(periods_load(r, e));
    TRY(use_history_load(r->office, &r->meter, r->item->utc - 1, &r->history, e));
    TRY(limit_load(r, e));
    TRY(reasons_load(r, e));
    alternatives_find(r);
    r->out->mean = -1;
    if (r->history.days > 0) {
        (void)use_expected(&r->history, r->item->days, &r->out->mean);
    }
    return r->failed ? err_nomem(e) : ERR_OK;
}

enum err_code queue_detail(struct office *o, const struct queue_item *item, struct arena *arena,
                           struct queue_detail *out, struct err *e)
{
    static const struct queue_filter all = {0};
    struct queue_run *run = mem_alloc(sizeof *run);
    *out = (struct queue_detail){0};
    if (run == NULL) {
        return err_nomem(e);
    }
    enum err_code code = queue_run_init(o, &all, run, e);
    struct detail_run r = {
        .office = o, .item = item, .arena = arena, .out = out, .book = &run->book};
    code = code == ERR_OK ? detail_load(&r, e) : code;
    queue_run_release(run);
    mem_free(run);
    return code;
}
