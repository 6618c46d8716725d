/* Projectors of billing runs and bills. */
#include <config.h>

#include "base/i18n.h"
#include "domain/bill_row.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code project_billing_opened(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    int64_t utc[2] = {0};
    const char *text[4] = {NULL};
    static const char *const names[4] = {"start", "end", "issued", "due"};
    TRY(take_int(p, d, "run", &run));
    TRY(take_int(p, d, "start_utc", &utc[0]));
    TRY(take_int(p, d, "end_utc", &utc[1]));
    for (size_t i = 0; i < 4; i++) {
        TRY(take_text(p, d, names[i], &text[i]));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO billing_run(id, cycle, start_date, end_date, start_utc, end_utc, "
        "issued, due, state, opened, "
        "batches, items, total) VALUES(?,?,?,?,?,?,?,?,'open',?,0,0,0)",
        VALS(V_INT(run), V_TEXT(json_get_str(d, "cycle")), V_TEXT(text[0]), V_TEXT(text[1]),
             V_INT(utc[0]), V_INT(utc[1]), V_TEXT(text[2]), V_TEXT(text[3]),
             V_INT(p->entry->seq)));
}

enum err_code project_billing_batch(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    int64_t count = 0;
    int64_t total = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(take_int(p, d, "count", &count));
    TRY(take_int(p, d, "total", &total));
    return db_run(p->db, p->e,
                  "UPDATE billing_run SET batches=batches+1, items=items+?, total=total+? "
                  "WHERE id=? AND state='open'",
                  VALS(V_INT(count), V_INT(total), V_INT(run)));
}

static enum err_code billing_end(struct projection *p, const struct json *d, const char *state)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    return db_run(p->db, p->e, "UPDATE billing_run SET state=?, ended=? WHERE id=?",
                  VALS(V_TEXT(state), V_INT(p->entry->seq), V_INT(run)));
}

/* From here on its bills are owed. */
enum err_code project_billing_closed(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(bills_post(p, run));
    return billing_end(p, d, "closed");
}

enum err_code project_billing_discarded(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(db_run(p->db, p->e,
               "UPDATE alert SET resolved=?, resolution='discarded' WHERE resolved IS NULL AND "
               "bill IN "
               "(SELECT id FROM bill WHERE run=?)",
               VALS(V_INT(p->entry->seq), V_INT(run))));
    TRY(bills_void(p, run));
    return billing_end(p, d, "discarded");
}

/* ---- a bill's rows ---- */

static struct val int_or_null(bool given, int64_t v)
{
    return given ? V_INT(v) : V_NULL();
}

static enum err_code part_insert(struct db *db, const struct bill_part_row *part, int64_t bill,
                                 int64_t reg, int64_t number, struct err *e)
{
    TRY(db_run(db, e,
               "INSERT INTO bill_part(bill, register, part, start_date, days, consumption, "
               "tariff, threshold) VALUES(?,?,?,?,?,?,?,?)",
               VALS(V_INT(bill), V_INT(reg), V_INT(number), V_TEXT(part->start),
                    V_INT(part->days), V_INT(part->consumption), V_INT(part->tariff),
                    int_or_null(part->has_limit, part->limit))));
    for (size_t i = 0; i < part->quantity_count; i++) {
        const struct bill_quantity_row *q = &part->quantities[i];
        TRY(db_run(db, e,
                   "INSERT INTO bill_quantity(bill, register, part, name, value, source, "
                   "from_reading, to_reading) VALUES(?,?,?,?,?,?,?,?)",
                   VALS(V_INT(bill), V_INT(reg), V_INT(number), V_TEXT(q->name),
                        V_INT(q->value), int_or_null(q->source != 0, q->source),
                        int_or_null(q->from != 0, q->from), int_or_null(q->to != 0, q->to))));
    }
    return ERR_OK;
}

/* Sub-meters that were taken off a share, and the factors of gas. */
static enum err_code charged_insert(struct db *db, const struct bill_meter_row *m, int64_t bill,
                                    struct err *e)
{
    for (size_t i = 0; i < m->charged->sub_count; i++) {
        const struct bill_sub_row *s = &m->charged->subs[i];
        TRY(db_run(db, e,
                   "INSERT INTO bill_sub(bill, register, sub, source, from_reading, "
                   "to_reading, use) VALUES(?,?,?,?,?,?,?)",
                   VALS(V_INT(bill), V_INT(m->reg), V_INT((int64_t)i), V_INT(s->reg),
                        V_INT(s->from), V_INT(s->to), V_INT(s->use))));
    }
    for (size_t i = 0; i < m->charged->gas_count; i++) {
        const struct bill_gas_row *g = &m->charged->gas[i];
        TRY(db_run(db, e,
                   "INSERT INTO bill_gas(bill, register, span, days, volume, calorific, "
                   "volume_factor, calorific_factor) VALUES(?,?,?,?,?,?,?,?)",
                   VALS(V_INT(bill), V_INT(m->reg), V_INT((int64_t)i), V_INT(g->days),
                        V_TEXT(g->volume), V_TEXT(g->calorific),
                        int_or_null(g->volume_factor != 0, g->volume_factor),
                        int_or_null(g->calorific_factor != 0, g->calorific_factor))));
    }
    return ERR_OK;
}

static enum err_code meter_insert(struct db *db, const struct bill_meter_row *m, int64_t bill,
                                  struct err *e)
{
    TRY(db_run(
        db, e,
        "INSERT INTO bill_meter(bill, register, from_reading, to_reading, "
        "consumption, days, tariff, threshold, flags, whole_days, charged) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        VALS(V_INT(bill), V_INT(m->reg), V_INT(m->from), V_INT(m->to), V_INT(m->consumption),
             V_INT(m->days), V_INT(m->tariff), int_or_null(m->has_limit, m->limit),
             V_TEXT(m->flags), int_or_null(m->whole_days != 0, m->whole_days),
             int_or_null(m->charged != NULL, m->charged != NULL ? m->charged->use : 0))));
    TRY(m->charged != NULL ? charged_insert(db, m, bill, e) : ERR_OK);
    for (size_t i = 0; i < m->part_count; i++) {
        TRY(part_insert(db, &m->parts[i], bill, m->reg, (int64_t)i, e));
    }
    return ERR_OK;
}

static enum err_code line_insert(struct db *db, const struct bill_line_row *l, int64_t bill,
                                 int64_t number, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO bill_line(bill, line, register, part, component, formula, "
                  "label_es, label_en, quantity, unit, price, amount, explanation) "
                  "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  VALS(V_INT(bill), V_INT(number), V_INT(l->reg), V_INT(l->part),
                       V_TEXT(l->component), V_TEXT(l->formula), V_TEXT(l->label_es),
                       V_TEXT(l->label_en), V_TEXT(l->quantity), V_TEXT(l->unit),
                       V_TEXT(l->price), V_INT(l->amount), V_TEXT(l->explanation)));
}

static enum err_code surcharge_insert(struct db *db, const struct bill_surcharge_row *s,
                                      int64_t bill, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO surcharge(bill, register, consumption, threshold, excess, "
                  "amount) VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(bill), V_INT(s->reg), V_INT(s->consumption), V_INT(s->limit),
                       V_INT(s->excess), V_INT(s->amount)));
}

static enum err_code alert_insert(struct db *db, const struct entry *en,
                                  const struct bill_alert_row *a, int64_t bill, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO alert(id, meter, rule, date, bill, observed, threshold) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(a->id), V_INT(a->meter), V_TEXT(a->rule), V_TEXT(en->date),
                       V_INT(bill), V_INT(a->observed), V_INT(a->threshold)));
}

enum err_code project_bill_row(struct db *db, const struct entry *en, const struct bill_row *r,
                               struct err *e)
{
    struct projection p = {db, en, NULL, e};
    int64_t run = 0;
    TRY(take_int(&p, en->data, "run", &run));
    TRY(db_run(db, e,
               "INSERT INTO bill(id, run, account, start_date, end_date, issued, due, "
               "currency, total, seq, item) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(r->bill), V_INT(run), V_INT(r->account), V_TEXT(r->start),
                    V_TEXT(r->end), V_TEXT(r->issued), V_TEXT(r->due), V_TEXT(r->currency),
                    V_INT(r->total), V_INT(en->seq), V_INT(r->index))));
    for (size_t i = 0; i < r->meter_count; i++) {
        TRY(meter_insert(db, &r->meters[i], r->bill, e));
    }
    for (size_t i = 0; i < r->line_count; i++) {
        TRY(line_insert(db, &r->lines[i], r->bill, (int64_t)i + 1, e));
    }
    for (size_t i = 0; i < r->surcharge_count; i++) {
        TRY(surcharge_insert(db, &r->surcharges[i], r->bill, e));
    }
    for (size_t i = 0; i < r->alert_count; i++) {
        TRY(alert_insert(db, en, &r->alerts[i], r->bill, e));
    }
    return ERR_OK;
}

/* ---- the same from an item's text ---- */

/* The members of `o` named in `names`, into `out`. */
static enum err_code take_ints(struct projection *p, const struct json *o,
                               const char *const *names, size_t count, int64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        TRY(take_int(p, o, names[i], &out[i]));
    }
    return ERR_OK;
}

#define TAKE_INTS(p, o, out, ...)                                                              \
    take_ints((p), (o), (const char *const[]){__VA_ARGS__},                                    \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), (out))

/* A list that may be missing; its array of rows. */
static enum err_code rows_new(struct projection *p, const struct json *list, size_t size_bytes,
                              size_t *count, void **out)
{
    *count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    *out = *count > 0 ? arena_array(p->arena, *count, size_bytes) : NULL;
    return *count == 0 || *out != NULL ? ERR_OK : err_nomem(p->e);
}

static enum err_code take_quantity(struct projection *p, const struct json *o,
                                   struct bill_quantity_row *q)
{
    (void)json_get_int(o, "register", &q->source);
    (void)json_get_int(o, "from", &q->from);
    (void)json_get_int(o, "to", &q->to);
    TRY(take_text(p, o, "name", &q->name));
    return take_int(p, o, "value", &q->value);
}

static enum err_code take_part(struct projection *p, const struct json *o,
                               struct bill_part_row *part)
{
    int64_t v[3] = {0};
    void *rows = NULL;
    const struct json *list = json_get(o, "quantities");
    TRY(TAKE_INTS(p, o, v, "days", "consumption", "tariff"));
    *part = (struct bill_part_row){.days = v[0], .consumption = v[1], .tariff = v[2]};
    part->has_limit = json_get_int(o, "limit", &part->limit);
    TRY(take_text(p, o, "start", &part->start));
    TRY(rows_new(p, list, sizeof *part->quantities, &part->quantity_count, &rows));
    part->quantities = rows;
    for (size_t i = 0; i < part->quantity_count; i++) {
        TRY(take_quantity(p, list->u.array.items[i], &part->quantities[i]));
    }
    return ERR_OK;
}

static enum err_code take_gas(struct projection *p, const struct json *o,
                              struct bill_gas_row *g)
{
    TRY(take_int(p, o, "days", &g->days));
    (void)json_get_int(o, "volume_factor", &g->volume_factor);
    (void)json_get_int(o, "calorific_factor", &g->calorific_factor);
    g->calorific = json_get_str(o, "calorific");
    return take_text(p, o, "volume", &g->volume);
}

static enum err_code take_charged(struct projection *p, const struct json *o,
                                  struct bill_meter_row *m)
{
    const struct json *subs = json_get(o, "subs");
    const struct json *gas = json_get(o, "gas");
    void *rows = NULL;
    int64_t use = 0;
    if (!json_get_int(o, "charged", &use)) {
        return ERR_OK;
    }
    m->charged = ARENA_NEW(p->arena, struct bill_charged_row);
    if (m->charged == NULL) {
        return err_nomem(p->e);
    }
    *m->charged = (struct bill_charged_row){.use = use};
    TRY(rows_new(p, subs, sizeof *m->charged->subs, &m->charged->sub_count, &rows));
    m->charged->subs = rows;
    for (size_t i = 0; i < m->charged->sub_count; i++) {
        int64_t v[4] = {0};
        TRY(TAKE_INTS(p, subs->u.array.items[i], v, "register", "from", "to", "use"));
        m->charged->subs[i] = (struct bill_sub_row){v[0], v[1], v[2], v[3]};
    }
    TRY(rows_new(p, gas, sizeof *m->charged->gas, &m->charged->gas_count, &rows));
    m->charged->gas = rows;
    for (size_t i = 0; i < m->charged->gas_count; i++) {
        TRY(take_gas(p, gas->u.array.items[i], &m->charged->gas[i]));
    }
    return ERR_OK;
}

static enum err_code take_meter(struct projection *p, const struct json *o,
                                struct bill_meter_row *m)
{
    int64_t v[6] = {0};
    void *rows = NULL;
    const struct json *list = json_get(o, "parts");
    TRY(TAKE_INTS(p, o, v, "register", "from", "to", "consumption", "days", "tariff"));
    *m = (struct bill_meter_row){.reg = v[0],
                                 .from = v[1],
                                 .to = v[2],
                                 .consumption = v[3],
                                 .days = v[4],
                                 .tariff = v[5]};
    m->has_limit = json_get_int(o, "limit", &m->limit);
    (void)json_get_int(o, "whole_days", &m->whole_days);
    TRY(take_text(p, o, "flags", &m->flags));
    TRY(take_charged(p, o, m));
    TRY(rows_new(p, list, sizeof *m->parts, &m->part_count, &rows));
    m->parts = rows;
    for (size_t i = 0; i < m->part_count; i++) {
        TRY(take_part(p, list->u.array.items[i], &m->parts[i]));
    }
    return ERR_OK;
}

static enum err_code take_line(struct projection *p, const struct json *o,
                               struct bill_line_row *l)
{
    int64_t v[3] = {0};
    TRY(TAKE_INTS(p, o, v, "register", "amount", "block"));
    *l = (struct bill_line_row){.reg = v[0], .amount = v[1], .block = v[2]};
    l->has_part = json_get_int(o, "part", &l->part);
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"component", &l->component}, {"formula", &l->formula},
                 {"label_es", &l->label_es},   {"label_en", &l->label_en},
                 {"quantity", &l->quantity},   {"unit", &l->unit},
                 {"price", &l->price},         {"explanation", &l->explanation}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        TRY(take_text(p, o, texts[i].name, texts[i].to));
    }
    return ERR_OK;
}

static enum err_code take_surcharge(struct projection *p, const struct json *o,
                                    struct bill_surcharge_row *s)
{
    int64_t v[5] = {0};
    TRY(TAKE_INTS(p, o, v, "register", "consumption", "limit", "excess", "amount"));
    *s = (struct bill_surcharge_row){v[0], v[1], v[2], v[3], v[4]};
    return ERR_OK;
}

static enum err_code take_alert(struct projection *p, const struct json *o,
                                struct bill_alert_row *a)
{
    int64_t v[4] = {0};
    TRY(TAKE_INTS(p, o, v, "id", "meter", "observed", "threshold"));
    *a = (struct bill_alert_row){v[0], v[1], v[2], v[3], NULL};
    return take_text(p, o, "rule", &a->rule);
}

/* The lists of a bill; each is an array, empty when there is nothing. */
static enum err_code take_lists(struct projection *p, const struct json *item,
                                struct bill_row *r)
{
    const struct json *list = NULL;
    void *rows = NULL;
#define TAKE_LIST(name, member, counter, take_one)                                             \
    TRY(take_array(p, item, name, &list));                                                     \
    TRY(rows_new(p, list, sizeof *r->member, &r->counter, &rows));                             \
    r->member = rows;                                                                          \
    for (size_t i = 0; i < r->counter; i++) {                                                  \
        TRY(take_one(p, list->u.array.items[i], &r->member[i]));                               \
    }
    TAKE_LIST("meters", meters, meter_count, take_meter)
    TAKE_LIST("lines", lines, line_count, take_line)
    TAKE_LIST("surcharges", surcharges, surcharge_count, take_surcharge)
    TAKE_LIST("alerts", alerts, alert_count, take_alert)
#undef TAKE_LIST
    return ERR_OK;
}

enum err_code bill_row_take(struct projection *p, const struct json *item, int64_t index,
                            struct bill_row *r)
{
    int64_t v[3] = {0};
    TRY(TAKE_INTS(p, item, v, "bill", "account", "total"));
    *r = (struct bill_row){.index = index, .bill = v[0], .account = v[1], .total = v[2]};
    TRY(take_text(p, item, "start", &r->start));
    TRY(take_text(p, item, "end", &r->end));
    TRY(take_text(p, item, "issued", &r->issued));
    TRY(take_text(p, item, "due", &r->due));
    TRY(take_text(p, item, "currency", &r->currency));
    return take_lists(p, item, r);
}

enum err_code project_bill_item(struct projection *p, const struct json *item, int64_t index)
{
    struct bill_row r;
    TRY(bill_row_take(p, item, index, &r));
    return project_bill_row(p->db, p->entry, &r, p->e);
}
