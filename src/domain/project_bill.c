/* Projectors of billing runs and bills. */
#include <config.h>

#include "base/i18n.h"
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

static enum err_code quantities_insert(struct projection *p, const struct json *list,
                                       int64_t bill, int64_t reg, int64_t part)
{
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *q = list->u.array.items[i];
        const char *name = NULL;
        int64_t value = 0;
        int64_t from[3] = {0};
        static const char *const names[3] = {"register", "from", "to"};
        bool given[3];
        TRY(take_text(p, q, "name", &name));
        TRY(take_int(p, q, "value", &value));
        for (size_t k = 0; k < 3; k++) {
            given[k] = json_get_int(q, names[k], &from[k]);
        }
        TRY(db_run(p->db, p->e,
                   "INSERT INTO bill_quantity(bill, register, part, name, value, source, "
                   "from_reading, to_reading) VALUES(?,?,?,?,?,?,?,?)",
                   VALS(V_INT(bill), V_INT(reg), V_INT(part), V_TEXT(name), V_INT(value),
                        given[0] ? V_INT(from[0]) : V_NULL(),
                        given[1] ? V_INT(from[1]) : V_NULL(),
                        given[2] ? V_INT(from[2]) : V_NULL())));
    }
    return ERR_OK;
}

/* Parts of a share, where prices or seasons change within it or other registers count. */
static enum err_code parts_insert(struct projection *p, const struct json *m, int64_t bill,
                                  int64_t reg)
{
    const struct json *list = json_get(m, "parts");
    size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json *part = list->u.array.items[i];
        const struct json *quantities = json_get(part, "quantities");
        int64_t v[3] = {0};
        int64_t limit = 0;
        const char *start = NULL;
        static const char *const names[3] = {"days", "consumption", "tariff"};
        TRY(take_text(p, part, "start", &start));
        for (size_t k = 0; k < 3; k++) {
            TRY(take_int(p, part, names[k], &v[k]));
        }
        TRY(db_run(p->db, p->e,
                   "INSERT INTO bill_part(bill, register, part, start_date, days, consumption, "
                   "tariff, threshold) VALUES(?,?,?,?,?,?,?,?)",
                   VALS(V_INT(bill), V_INT(reg), V_INT((int64_t)i), V_TEXT(start), V_INT(v[0]),
                        V_INT(v[1]), V_INT(v[2]),
                        json_get_int(part, "limit", &limit) ? V_INT(limit) : V_NULL())));
        if (quantities != NULL && quantities->type == JSON_ARRAY) {
            TRY(quantities_insert(p, quantities, bill, reg, (int64_t)i));
        }
    }
    return ERR_OK;
}

static enum err_code meter_insert(struct projection *p, const struct json *m, int64_t bill)
{
    int64_t v[6] = {0};
    int64_t limit = 0;
    int64_t whole = 0;
    const char *flags = NULL;
    static const char *const names[6] = {"register",    "from", "to",
                                         "consumption", "days", "tariff"};
    for (size_t i = 0; i < 6; i++) {
        TRY(take_int(p, m, names[i], &v[i]));
    }
    TRY(take_text(p, m, "flags", &flags));
    TRY(db_run(p->db, p->e,
               "INSERT INTO bill_meter(bill, register, from_reading, to_reading, "
               "consumption, days, tariff, "
               "threshold, flags, whole_days) VALUES(?,?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(bill), V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_INT(v[3]),
                    V_INT(v[4]), V_INT(v[5]),
                    json_get_int(m, "limit", &limit) ? V_INT(limit) : V_NULL(), V_TEXT(flags),
                    json_get_int(m, "whole_days", &whole) ? V_INT(whole) : V_NULL())));
    return parts_insert(p, m, bill, v[0]);
}

static enum err_code line_insert(struct projection *p, const struct json *l, int64_t bill,
                                 int64_t line)
{
    int64_t reg = 0;
    int64_t amount = 0;
    const char *t[8] = {NULL};
    static const char *const names[8] = {"component", "formula", "label_es", "label_en",
                                         "quantity",  "unit",    "price",    "explanation"};
    int64_t part = 0; /* the whole share, where there are no parts */
    TRY(take_int(p, l, "register", &reg));
    TRY(take_int(p, l, "amount", &amount));
    (void)json_get_int(l, "part", &part);
    for (size_t i = 0; i < 8; i++) {
        TRY(take_text(p, l, names[i], &t[i]));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO bill_line(bill, line, register, part, component, formula, label_es, "
        "label_en, quantity, unit, price, amount, explanation) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        VALS(V_INT(bill), V_INT(line), V_INT(reg), V_INT(part), V_TEXT(t[0]), V_TEXT(t[1]),
             V_TEXT(t[2]), V_TEXT(t[3]), V_TEXT(t[4]), V_TEXT(t[5]), V_TEXT(t[6]),
             V_INT(amount), V_TEXT(t[7])));
}

static enum err_code surcharge_insert(struct projection *p, const struct json *s, int64_t bill)
{
    int64_t v[5] = {0};
    static const char *const names[5] = {"register", "consumption", "limit", "excess",
                                         "amount"};
    for (size_t i = 0; i < 5; i++) {
        TRY(take_int(p, s, names[i], &v[i]));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO surcharge(bill, register, consumption, threshold, excess, amount) "
        "VALUES(?,?,?,?,?,?)",
        VALS(V_INT(bill), V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_INT(v[3]), V_INT(v[4])));
}

static enum err_code bill_alert_insert(struct projection *p, const struct json *a, int64_t bill)
{
    int64_t v[4] = {0};
    const char *rule = NULL;
    static const char *const names[4] = {"id", "meter", "observed", "threshold"};
    for (size_t i = 0; i < 4; i++) {
        TRY(take_int(p, a, names[i], &v[i]));
    }
    TRY(take_text(p, a, "rule", &rule));
    return db_run(p->db, p->e,
                  "INSERT INTO alert(id, meter, rule, date, bill, observed, threshold) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(v[0]), V_INT(v[1]), V_TEXT(rule), V_TEXT(p->entry->date),
                       V_INT(bill), V_INT(v[2]), V_INT(v[3])));
}

/* The lists of a bill; each is an array, empty when there is nothing. */
static enum err_code bill_parts(struct projection *p, const struct json *item, int64_t bill)
{
    const struct json *list = NULL;
    TRY(take_array(p, item, "meters", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(meter_insert(p, list->u.array.items[i], bill));
    }
    TRY(take_array(p, item, "lines", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(line_insert(p, list->u.array.items[i], bill, (int64_t)i + 1));
    }
    TRY(take_array(p, item, "surcharges", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(surcharge_insert(p, list->u.array.items[i], bill));
    }
    TRY(take_array(p, item, "alerts", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(bill_alert_insert(p, list->u.array.items[i], bill));
    }
    return ERR_OK;
}

enum err_code project_bill_item(struct projection *p, const struct json *item, int64_t index)
{
    int64_t v[4] = {0};
    const char *t[5] = {NULL};
    static const char *const ints[3] = {"bill", "account", "total"};
    static const char *const texts[5] = {"start", "end", "issued", "due", "currency"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, item, ints[i], &v[i]));
    }
    for (size_t i = 0; i < 5; i++) {
        TRY(take_text(p, item, texts[i], &t[i]));
    }
    TRY(take_int(p, p->entry->data, "run", &v[3]));
    TRY(db_run(p->db, p->e,
               "INSERT INTO bill(id, run, account, start_date, end_date, issued, due, "
               "currency, total, seq, item) "
               "VALUES(?,?,?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[3]), V_INT(v[1]), V_TEXT(t[0]), V_TEXT(t[1]),
                    V_TEXT(t[2]), V_TEXT(t[3]), V_TEXT(t[4]), V_INT(v[2]), V_INT(p->entry->seq),
                    V_INT(index))));
    return bill_parts(p, item, v[0]);
}
