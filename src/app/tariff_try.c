#include <config.h>

#include "app/tariff_try.h"

#include <inttypes.h>
#include <string.h>

#include "app/lookup.h"
#include "base/i18n.h"

#define TRIAL_BILLS_MAX 60

static enum err_code typed(const char *name, const char *text, const struct unit *unit,
                           int64_t *out, struct err *e)
{
    struct err inner = ERR_INIT;
    if (quantity_parse(text, strlen(text), unit, out, &inner) != ERR_OK || *out < 0) {
        return err_set(e, ERR_USAGE, _("%s: \"%s\" is not a quantity in %s"), name, text,
                       unit->symbol);
    }
    return ERR_OK;
}

/* The quantities that a tariff measures, each of them named. */
static enum err_code quantities_typed(const struct tariff *t, const struct trial *trial,
                                      int64_t *values, struct err *e)
{
    for (size_t i = 0; i < trial->quantity_count; i++) {
        bool known = false;
        for (size_t q = 0; !known && q < t->quantity_count; q++) {
            known = strcmp(t->quantities[q].name, trial->quantity[i].name) == 0;
        }
        if (!known) {
            return err_set(e, ERR_USAGE, _("tariff %s does not measure \"%s\""), t->code,
                           trial->quantity[i].name);
        }
    }
    for (size_t q = 0; q < t->quantity_count; q++) {
        const struct quantity_def *def = &t->quantities[q];
        const char *value = NULL;
        for (size_t i = 0; i < trial->quantity_count; i++) {
            value = strcmp(def->name, trial->quantity[i].name) == 0 ? trial->quantity[i].value
                                                                    : value;
        }
        if (value == NULL) {
            return err_set(e, ERR_USAGE,
                           _("tariff %s charges by \"%s\" too: say how much with --with %s=N "
                             "(%s)"),
                           t->code, def->name, def->name, def->unit->symbol);
        }
        TRY(typed(def->name, value, def->unit, &values[q], e));
    }
    return ERR_OK;
}

enum err_code tariff_try(const struct tariff *t, const struct trial *trial, struct arena *arena,
                         struct bill_result *out, struct err *e)
{
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    struct usage u = {.days = trial->days, .month = trial->month, .quantities = values};
    if (trial->use == NULL) {
        return err_set(e, ERR_USAGE, _("say how much was used: --use N (%s)"), t->unit->symbol);
    }
    TRY(typed("--use", trial->use, t->unit, &u.consumption, e));
    if (trial->limit != NULL) {
        u.has_limit = true;
        TRY(typed("--limit", trial->limit, t->unit, &u.limit, e));
    }
    TRY(quantities_typed(t, trial, values, e));
    return bill_compute(t, &u, arena, out, e);
}

/* The recorded quantities that the tariff needs; ERR_STATE when one was not measured then. */
static enum err_code quantities_recorded(struct office *o, const struct tariff *t, int64_t bill,
                                         int64_t reg, int64_t *values, struct err *e)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        bool found = false;
        TRY(db_get_int(
            o->db, &values[i], &found, e,
            "SELECT max(value) FROM bill_quantity WHERE bill = ? AND register = ? AND "
            "name = ? HAVING count(*) = 1",
            VALS(V_INT(bill), V_INT(reg), V_TEXT(t->quantities[i].name))));
        if (!found) {
            return err_set(e, ERR_STATE,
                           _("tariff %s charges by \"%s\", which was not measured for bill "
                             "%" PRId64),
                           t->code, t->quantities[i].name, bill);
        }
    }
    return ERR_OK;
}

static enum err_code period_again(struct office *o, const struct tariff *t,
                                  const struct stmt *q, struct arena *arena,
                                  struct trial_period *out, struct err *e)
{
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    struct bill_result r;
    struct date start;
    int64_t reg = stmt_int(q, 7);
    *out = (struct trial_period){.bill = stmt_int(q, 0),
                                 .start = arena_strdup(arena, stmt_text(q, 1)),
                                 .end = arena_strdup(arena, stmt_text(q, 2)),
                                 .serial = arena_strdup(arena, stmt_text(q, 3)),
                                 .billed = {stmt_int(q, 8)}};
    if (out->start == NULL || out->end == NULL || out->serial == NULL) {
        return err_nomem(e);
    }
    TRY(date_parse(out->start, strlen(out->start), &start, e));
    struct usage u = {.consumption = stmt_int(q, 4),
                      .days = stmt_int(q, 5),
                      .whole_days = stmt_int(q, 9),
                      .has_limit = !stmt_is_null(q, 6),
                      .limit = stmt_int(q, 6),
                      .month = start.month,
                      .quantities = values};
    TRY(quantities_recorded(o, t, out->bill, reg, values, e));
    TRY(bill_compute(t, &u, arena, &r, e));
    out->would = r.total;
    return ERR_OK;
}

enum err_code tariff_try_account(struct office *o, const struct tariff *t, const char *account,
                                 struct arena *arena, struct trial_period **out, size_t *count,
                                 struct err *e)
{
    struct account_row a;
    struct stmt *q = NULL;
    bool row = false;
    TRY(account_by_number(o, account, &a, NULL, e));
    *count = 0;
    *out = arena_array(arena, TRIAL_BILLS_MAX, sizeof **out);
    if (*out == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT * FROM (SELECT b.id, b.start_date, b.end_date, m.serial, "
                 "bm.consumption, bm.days, "
                 "bm.threshold, bm.register, (SELECT sum(amount) FROM bill_line l WHERE l.bill "
                 "= b.id AND "
                 "l.register = bm.register), coalesce(bm.whole_days, 0) FROM bill_meter bm "
                 "JOIN bill b ON b.id = bm.bill "
                 "JOIN billing_run r ON r.id = b.run JOIN register x ON x.id = bm.register "
                 "JOIN meter m ON m.id = x.meter WHERE b.account = ? AND m.kind = ? AND "
                 "r.state = 'closed' AND b.cancelled IS NULL "
                 "ORDER BY b.id DESC, bm.register LIMIT ?) ORDER BY 1, 8",
                 VALS(V_INT(a.id), V_TEXT(meter_kind_name(t->kind)), V_INT(TRIAL_BILLS_MAX))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = period_again(o, t, q, arena, &(*out)[(*count)++], e);
    }
    stmt_done(q);
    if (code == ERR_OK && *count == 0) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("account %s has no bills that this tariff could bill"), account);
    }
    return code;
}
