#include <config.h>

#include "app/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/queue_load.h"
#include "base/i18n.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define SCRATCH_BYTES ((size_t)4 << 20)
#define DAY_S 86400

/* Alerts that no rule of rules.def raises: what billing says, what packets say. */
static enum severity other_severity(const char *rule)
{
    if (strcmp(rule, "surcharge") == 0) {
        return SEVERITY_INFO;
    }
    return strcmp(rule, "falls") == 0 || strcmp(rule, "packet_signature") == 0 ||
                   strcmp(rule, "packet_nonce_reused") == 0
               ? SEVERITY_ALARM
               : SEVERITY_WARNING;
}

static enum severity severity_of(const struct queue_run *r, enum meter_kind kind,
                                 const char *rule)
{
    enum rule_id id = RULE_NEGATIVE;
    return rule_find(rule, &id) ? r->book.rules[kind].rule[id].severity : other_severity(rule);
}

static enum err_code filter_check(struct office *o, const struct queue_filter *f,
                                  struct queue_run *r, struct err *e)
{
    enum rule_id rule = RULE_NEGATIVE;
    enum meter_kind kind = METER_WATER;
    struct meter_row meter;
    struct account_row account;
    r->least = SEVERITY_INFO;
    if (f->kind != NULL && !meter_kind_find(f->kind, &kind)) {
        return err_set(e, ERR_USAGE, _("there is no kind of meter \"%s\""), f->kind);
    }
    if (f->what != NULL && strcmp(f->what, "readings") != 0 && strcmp(f->what, "alerts") != 0) {
        return err_set(e, ERR_USAGE,
                       _("the queue holds readings and alerts; there are no \"%s\""), f->what);
    }
    if (f->severity != NULL && !severity_find(f->severity, &r->least)) {
        return err_set(e, ERR_USAGE, _("\"%s\" is no severity: info, warning or alarm"),
                       f->severity);
    }
    if (f->serial != NULL) {
        TRY(meter_by_serial(o, f->serial, &meter, NULL, e));
    }
    if (f->account != NULL) {
        TRY(account_by_number(o, f->account, &account, NULL, e));
        r->account = account.id;
    }
    if (f->rule != NULL && !rule_find(f->rule, &rule)) {
        bool known = false;
        int64_t n = 0;
        TRY(db_get_int(o->db, &n, &known, e, "SELECT id FROM alert WHERE rule = ? LIMIT 1",
                       VALS(V_TEXT(f->rule))));
        if (!known) {
            return err_set(e, ERR_USAGE,
                           _("there is no rule \"%s\"; they are in docs/validation.md"),
                           f->rule);
        }
    }
    return ERR_OK;
}

enum err_code queue_run_init(struct office *o, const struct queue_filter *f,
                             struct queue_run *r, struct err *e)
{
    *r = (struct queue_run){.office = o, .filter = f};
    arena_init(&r->arena, ARENA_BYTES);
    arena_init(&r->scratch, SCRATCH_BYTES);
    TRY(filter_check(o, f, r, e));
    return tariff_book_load(o, &r->arena, &r->book, e);
}

void queue_run_release(struct queue_run *r)
{
    arena_release(&r->arena);
    arena_release(&r->scratch);
}

/* Who has it, at what price, and how much it uses: looked up once a register. */
static enum err_code subject_load(struct queue_run *r, int64_t reg, int64_t utc, struct err *e)
{
    struct queue_subject *s = &r->subject;
    if (s->meter.register_id == reg) {
        return ERR_OK;
    }
    *s = (struct queue_subject){0};
    TRY(meter_by_register(r->office, reg, &s->meter, e));
    TRY(use_history_load(r->office, &s->meter, utc, &s->history, e));
    return use_price_find(r->office, &r->book, s->meter.id,
                          zone_to_civil(r->office->zone, utc).date, &s->price, &s->account, e);
}

/* What the bill differs by between the use that was seen and the one that was to be expected.
 */
static enum err_code item_money(struct queue_run *r, struct queue_item *it, struct err *e)
{
    const struct use_price *p = &r->subject.price;
    int64_t seen = 0;
    int64_t expected = 0;
    bool known[2] = {false, false};
    arena_reset(&r->scratch);
    TRY(use_price(p, it->use, it->days, &r->scratch, &seen, &known[0], e));
    TRY(use_price(p, it->expected, it->days, &r->scratch, &expected, &known[1], e));
    if (known[0] && known[1]) {
        it->money = seen > expected ? seen - expected : expected - seen;
    }
    return ERR_OK;
}

static enum err_code item_add(struct queue_run *r, const struct queue_item *it, struct err *e)
{
    struct queue *q = r->out;
    if (q->count == QUEUE_MAX) {
        q->more++;
        return ERR_OK;
    }
    struct queue_item *items = mem_grow(q->items, q->count, &r->room, sizeof *items);
    if (items == NULL) {
        return err_nomem(e);
    }
    q->items = items;
    q->items[q->count++] = *it;
    return ERR_OK;
}

/* A filled item goes in when the filter lets it. */
static enum err_code item_take(struct queue_run *r, const struct queue_item *it, struct err *e)
{
    bool account = r->account == 0 || r->account == it->account;
    return account && it->severity >= r->least ? item_add(r, it, e) : ERR_OK;
}

static void text_copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from != NULL ? from : "");
}

/* ---- held readings, a register at a time ---- */

/* The last accepted reading before: the one of the held reading before it, or a newer one. */
static enum err_code previous_find(struct queue_run *r, int64_t reg, int64_t utc, struct err *e)
{
    struct bill_reading p;
    bool found = false;
    int64_t after = r->previous_reg == reg ? r->previous_upto : INT64_MIN;
    struct stmt *q = NULL;
    TRY(db_query(r->office->db, &q, e,
                 "SELECT id, value, utc FROM reading WHERE register = ?1 AND utc <= ?2 AND "
                 "utc > ?3 AND " READING_BELIEVED " ORDER BY utc DESC, id DESC LIMIT 1",
                 VALS(V_INT(reg), V_INT(utc), V_INT(after))));
    enum err_code code = stmt_next(q, &found, e);
    if (code == ERR_OK && found) {
        p = (struct bill_reading){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    TRY(code);
    if (r->previous_reg != reg) {
        r->previous = (struct bill_reading){0};
    }
    if (found) {
        r->previous = p;
    }
    r->previous_reg = reg;
    r->previous_upto = utc;
    return ERR_OK;
}

/* Use since the last accepted reading, as far as the register says one. */
static void reading_use(const struct queue_run *r, struct queue_item *it)
{
    const struct register_def *reg = &r->subject.meter.reg;
    struct err ignored = ERR_INIT;
    unsigned turns = strcmp(it->rule, "rollover") == 0 ? 1 : 0;
    if (r->previous.id == 0 || !register_cumulative(reg)) {
        it->days = 1;
        return;
    }
    it->days = (it->utc - r->previous.utc + DAY_S / 2) / DAY_S;
    it->days = it->days < 1 ? 1 : it->days;
    if (it->value < 0 || it->value > register_dial_max(reg) ||
        register_consumption(reg, r->previous.value, it->value, turns, &it->use, &ignored) !=
            ERR_OK) {
        it->use = 0;
    }
    it->has_expected = use_expected(&r->subject.history, it->days, &it->expected);
}

static enum err_code reading_fill(struct queue_run *r, struct queue_item *it, struct err *e)
{
    TRY(subject_load(r, it->reg, it->utc, e));
    TRY(previous_find(r, it->reg, it->utc, e));
    it->meter = r->subject.meter.id;
    it->account = r->subject.account;
    reading_use(r, it);
    TRY(item_money(r, it, e));
    return item_take(r, it, e);
}

/* Of findings that are as grave, the first in the order of the rules stands for the reading: as
 * in an import's report, and in its alert. */
static bool stands_before(const char *rule, const char *other)
{
    enum rule_id a = RULE_COUNT;
    enum rule_id b = RULE_COUNT;
    return rule_find(rule, &a) && rule_find(other, &b) && a < b;
}

/* One row a finding; those of one reading stand together. */
static enum err_code finding_row(struct queue_run *r, const struct stmt *q,
                                 struct queue_item *it, bool *matches, struct err *e)
{
    const struct queue_filter *f = r->filter;
    const char *rule = stmt_text(q, 4);
    const char *class = stmt_text(q, 5);
    enum meter_kind kind = METER_WATER;
    if (it->reading != stmt_int(q, 0)) {
        if (it->reading != 0 && *matches) {
            TRY(reading_fill(r, it, e));
        }
        *it = (struct queue_item){.reading = stmt_int(q, 0),
                                  .reg = stmt_int(q, 1),
                                  .utc = stmt_int(q, 2),
                                  .value = stmt_int(q, 3),
                                  .alert = stmt_int(q, 9)};
        *matches = f->rule == NULL && f->class == NULL;
    }
    (void)meter_kind_find(stmt_text(q, 8), &kind);
    rule = rule != NULL ? rule : "";
    class = class != NULL ? class : "";
    *matches = *matches || ((f->rule == NULL || strcmp(f->rule, rule) == 0) &&
                            (f->class == NULL || strcmp(f->class, class) == 0));
    enum severity severity = severity_of(r, kind, rule);
    if (it->rule[0] == '\0' || severity > it->severity ||
        (severity == it->severity && stands_before(rule, it->rule))) {
        it->severity = severity;
        it->observed = stmt_int(q, 6);
        it->threshold = stmt_int(q, 7);
        text_copy(it->rule, sizeof it->rule, rule);
        text_copy(it->class, sizeof it->class, class);
    }
    return ERR_OK;
}

static enum err_code readings_load(struct queue_run *r, struct err *e)
{
    const struct queue_filter *f = r->filter;
    struct queue_item it = {0};
    struct stmt *q = NULL;
    bool row = false;
    bool matches = false;
    TRY(db_query(
        r->office->db, &q, e,
        "SELECT x.id, x.register, x.utc, x.value, f.rule, f.class, f.observed, f.threshold, "
        "m.kind, (SELECT min(t.id) FROM alert t WHERE t.reading = x.id AND t.resolved IS NULL) "
        "FROM reading x JOIN register g ON g.id = x.register JOIN meter m ON m.id = g.meter "
        "JOIN service_point s ON s.id = m.point LEFT JOIN finding f ON f.reading = x.id AND "
        "f.hold = 1 WHERE x.state = 'held' AND (x.run IS NULL OR x.run IN (SELECT id FROM "
        "import_run WHERE state = 'closed')) AND (?1 IS NULL OR m.serial = ?1) AND (?2 IS NULL "
        "OR s.route = ?2) AND (?3 IS NULL OR m.kind = ?3) AND (?4 = 0 OR x.run = ?4) AND (?5 = "
        "0 OR x.id = ?5) ORDER BY x.register, x.utc, x.id",
        VALS(V_TEXT(f->serial), V_TEXT(f->route), V_TEXT(f->kind), V_INT(f->run),
             V_INT(r->only_reading))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = finding_row(r, q, &it, &matches, e);
    }
    stmt_done(q);
    if (code == ERR_OK && it.reading != 0 && matches) {
        code = reading_fill(r, &it, e);
    }
    return code;
}

/* ---- alerts ---- */

static enum err_code alert_use(struct queue_run *r, struct queue_item *it, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (it->bill == 0) {
        return ERR_OK;
    }
    TRY(db_query(
        r->office->db, &q, e,
        "SELECT bm.consumption, bm.days, t.utc, coalesce((SELECT amount FROM surcharge "
        "s WHERE s.bill = bm.bill AND s.register = bm.register), 0) FROM bill_meter "
        "bm JOIN reading t ON t.id = bm.to_reading WHERE bm.bill = ? AND bm.register "
        "= ?",
        VALS(V_INT(it->bill), V_INT(it->reg))));
    enum err_code code = stmt_next(q, &row, e);
    int64_t surcharge = 0;
    if (code == ERR_OK && row) {
        it->use = stmt_int(q, 0);
        it->days = stmt_int(q, 1);
        it->utc = stmt_int(q, 2);
        surcharge = stmt_int(q, 3);
    }
    stmt_done(q);
    if (code != ERR_OK || !row) {
        return code;
    }
    struct use_history before;
    TRY(use_history_load(r->office, &r->subject.meter, it->utc - 1, &before, e));
    it->has_expected = use_expected(&before, it->days, &it->expected);
    if (strcmp(it->rule, "surcharge") == 0) {
        it->money = surcharge;
        return ERR_OK;
    }
    return it->has_expected ? item_money(r, it, e) : ERR_OK;
}

static enum err_code alert_fill(struct queue_run *r, struct queue_item *it, struct err *e)
{
    const struct queue_filter *f = r->filter;
    TRY(subject_load(r, it->reg, it->utc, e));
    it->account = r->subject.account;
    it->severity = severity_of(r, r->subject.meter.kind, it->rule);
    if (f->rule != NULL && strcmp(f->rule, it->rule) != 0) {
        return ERR_OK;
    }
    TRY(alert_use(r, it, e));
    return item_take(r, it, e);
}

static enum err_code alerts_load(struct queue_run *r, struct err *e)
{
    const struct queue_filter *f = r->filter;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        r->office->db, &q, e,
        "SELECT t.id, t.meter, t.rule, t.observed, t.threshold, t.bill, coalesce((SELECT "
        "min(bm.register) FROM bill_meter bm JOIN register g ON g.id = bm.register WHERE "
        "bm.bill = t.bill AND g.meter = t.meter), (SELECT min(g.id) FROM register g WHERE "
        "g.meter = t.meter)), t.date FROM alert t JOIN meter m ON m.id = t.meter "
        "JOIN service_point s ON s.id = m.point LEFT JOIN reading x ON x.id = t.reading WHERE "
        "t.resolved IS NULL AND (x.id IS NULL OR x.state <> 'held') AND (?1 IS NULL OR "
        "m.serial = ?1) AND (?2 IS NULL OR s.route = ?2) AND (?3 IS NULL OR m.kind = ?3) AND "
        "(?4 = 0 OR t.id = ?4) AND (t.bill IS NULL OR (SELECT n.state FROM bill b JOIN "
        "billing_run n ON n.id = b.run WHERE b.id = t.bill) = 'closed') ORDER BY t.meter, t.id",
        VALS(V_TEXT(f->serial), V_TEXT(f->route), V_TEXT(f->kind), V_INT(r->only_alert))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct date day = {1970, 1, 1};
        const char *date = stmt_text(q, 7);
        struct queue_item it = {.alert = stmt_int(q, 0),
                                .meter = stmt_int(q, 1),
                                .observed = stmt_int(q, 3),
                                .threshold = stmt_int(q, 4),
                                .bill = stmt_int(q, 5),
                                .reg = stmt_int(q, 6)};
        text_copy(it.rule, sizeof it.rule, stmt_text(q, 2));
        code = date_parse(date, strlen(date), &day, e);
        if (code != ERR_OK) {
            break;
        }
        it.utc = zone_day_start(r->office->zone, day);
        code = alert_fill(r, &it, e);
    }
    stmt_done(q);
    return code;
}

/* ---- in order ---- */

static int more_first(int64_t a, int64_t b)
{
    return a > b ? -1 : a < b ? 1 : 0;
}

static int item_order(const void *a, const void *b)
{
    const struct queue_item *x = a;
    const struct queue_item *y = b;
    int by = more_first((int64_t)x->severity, (int64_t)y->severity);
    by = by != 0 ? by : more_first(x->money, y->money);
    by = by != 0 ? by : more_first(y->utc, x->utc);
    by = by != 0 ? by : more_first(y->reading, x->reading);
    return by != 0 ? by : more_first(y->alert, x->alert);
}

static enum err_code queue_fill(struct queue_run *r, struct err *e)
{
    const struct queue_filter *f = r->filter;
    bool readings = f->what == NULL || strcmp(f->what, "readings") == 0;
    bool alerts =
        (f->what == NULL || strcmp(f->what, "alerts") == 0) && f->class == NULL && f->run == 0;
    if (readings && r->only_alert == 0) {
        TRY(readings_load(r, e));
    }
    r->subject.meter.register_id = 0;
    if (alerts && r->only_reading == 0) {
        TRY(alerts_load(r, e));
    }
    if (r->out->count > 1) {
        qsort(r->out->items, r->out->count, sizeof r->out->items[0], item_order);
    }
    return ERR_OK;
}

static enum err_code queue_run(struct office *o, const struct queue_filter *f, int64_t reading,
                               int64_t alert, struct queue *out, struct err *e)
{
    struct queue_run *r = mem_alloc(sizeof *r);
    *out = (struct queue){0};
    if (r == NULL) {
        return err_nomem(e);
    }
    enum err_code code = queue_run_init(o, f, r, e);
    r->out = out;
    r->only_reading = reading;
    r->only_alert = alert;
    code = code == ERR_OK ? queue_fill(r, e) : code;
    if (code != ERR_OK) {
        queue_release(out);
    }
    queue_run_release(r);
    mem_free(r);
    return code;
}

enum err_code queue_load(struct office *o, const struct queue_filter *f, struct queue *out,
                         struct err *e)
{
    return queue_run(o, f, 0, 0, out, e);
}

void queue_release(struct queue *q)
{
    mem_free(q->items);
    *q = (struct queue){0};
}

enum err_code queue_find(struct office *o, int64_t reading, int64_t alert,
                         struct queue_item *out, struct err *e)
{
    static const struct queue_filter all = {0};
    struct queue q;
    TRY(queue_run(o, &all, reading, alert, &q, e));
    bool found = q.count == 1;
    if (found) {
        *out = q.items[0];
    }
    queue_release(&q);
    return found ? ERR_OK
           : reading != 0
               ? err_set(e, ERR_NOT_FOUND,
                         _("reading %" PRId64 " waits for no decision; what does is listed by: "
                           "aforo list queue"),
                         reading)
               : err_set(e, ERR_NOT_FOUND,
                         _("alert %" PRId64 " is not open; what waits is listed by: aforo list "
                           "queue"),
                         alert);
}
