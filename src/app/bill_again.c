#include <config.h>

#include "app/bill_again.h"

#include <inttypes.h>
#include <string.h>

#include "app/bill_build.h"
#include "app/bill_charged_view.h"
#include "base/i18n.h"

enum err_code bill_tariff(struct office *o, int64_t id, struct arena *a, struct tariff **out,
                          struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT json FROM tariff WHERE id = ?", VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        struct faults faults = {0};
        code = tariff_parse(stmt_text(q, 0), strlen(stmt_text(q, 0)), a, &faults, out, e);
    } else if (code == ERR_OK) {
        code = err_set(e, ERR_TAMPERED,
                       _("the tariff of the bill is missing; run: aforo verify --deep"));
    }
    stmt_done(q);
    return code;
}

static enum err_code quantities_load(struct office *o, int64_t bill, int64_t reg, int64_t part,
                                     const struct tariff *t, int64_t *values, struct err *e)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        bool found = false;
        TRY(db_get_int(
            o->db, &values[i], &found, e,
            "SELECT value FROM bill_quantity WHERE bill = ? AND register = ? AND "
            "part = ? AND name = ?",
            VALS(V_INT(bill), V_INT(reg), V_INT(part), V_TEXT(t->quantities[i].name))));
        if (!found) {
            return err_set(e, ERR_TAMPERED,
                           _("bill %" PRId64 " lacks \"%s\", which its tariff charges by"),
                           bill, t->quantities[i].name);
        }
    }
    return ERR_OK;
}

/* The recorded parts; none: the share is whole. */
static enum err_code parts_load(struct office *o, const struct bill_view *v,
                                const struct bill_view_meter *m, struct arena *a,
                                struct bill_again **out, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct bill_again *parts = arena_array(a, BILL_PARTS_MAX, sizeof *parts);
    if (parts == NULL) {
        return err_nomem(e);
    }
    *out = parts;
    *count = 0;
    TRY(db_query(o->db, &q, e,
                 "SELECT start_date, days, consumption, tariff, threshold FROM bill_part "
                 "WHERE bill = ? AND register = ? ORDER BY part",
                 VALS(V_INT(v->id), V_INT(m->reg))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && *count < BILL_PARTS_MAX &&
           (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct bill_again *p = &parts[*count];
        struct date start;
        struct tariff *t = NULL;
        *p = (struct bill_again){.start = arena_strdup(a, stmt_text(q, 0))};
        p->usage = (struct usage){.days = stmt_int(q, 1),
                                  .consumption = stmt_int(q, 2),
                                  .has_limit = !stmt_is_null(q, 4),
                                  .limit = stmt_int(q, 4)};
        code =
            p->start == NULL ? err_nomem(e) : date_parse(p->start, strlen(p->start), &start, e);
        if (code == ERR_OK) {
            p->usage.month = start.month;
            code = bill_tariff(o, stmt_int(q, 3), a, &t, e);
        }
        p->tariff = t;
        (*count)++;
    }
    stmt_done(q);
    for (size_t i = 0; code == ERR_OK && i < *count; i++) {
        parts[i].usage.whole_days = m->whole_days != 0 ? m->whole_days
                                    : *count > 1       ? m->days
                                                       : 0;
        parts[i].usage.quantities = parts[i].values;
        code =
            quantities_load(o, v->id, m->reg, (int64_t)i, parts[i].tariff, parts[i].values, e);
    }
    return code;
}

/* What the parts charge is what sub-meters and factors leave of what was counted. */
static enum err_code charged_check(struct office *o, const struct bill_view *v,
                                   const struct bill_view_meter *m, struct arena *a,
                                   const struct bill_again *parts, size_t count, struct err *e)
{
    struct charged_view c;
    int64_t use = 0;
    int64_t sum = 0;
    if (!m->is_charged) {
        return ERR_OK;
    }
    TRY(charged_load(o, v, m, a, &c, e));
    TRY(charged_use(m->consumption, c.below, c.gas, c.gas_count, parts[0].tariff->unit, &use,
                    e));
    for (size_t i = 0; i < count; i++) {
        sum += parts[i].usage.consumption;
    }
    return use == m->charged && sum == use
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("bill %" PRId64 ": what meter %s is charged is not what it counted, "
                           "less its sub-meters, by its factors"),
                         v->id, m->serial);
}

enum err_code bill_share_again(struct office *o, const struct bill_view *v,
                               const struct bill_view_meter *m, struct arena *a,
                               struct bill_again **parts, size_t *count, struct err *e)
{
    size_t part = 0;
    size_t line = 0;
    TRY(parts_load(o, v, m, a, parts, count, e));
    if (*count == 0) {
        struct tariff *t = NULL;
        TRY(bill_tariff(o, m->tariff_id, a, &t, e));
        (*parts)[0] = (struct bill_again){.tariff = t, .start = ""};
        (*parts)[0].usage = (struct usage){.consumption = m->consumption,
                                           .has_limit = m->has_limit,
                                           .limit = m->limit,
                                           .days = m->days,
                                           .whole_days = m->whole_days};
        *count = 1;
    }
    TRY(charged_check(o, v, m, a, *parts, *count, e));
    for (size_t i = 0; i < *count; i++) {
        struct bill_again *p = &(*parts)[i];
        TRY(bill_compute(p->tariff, &p->usage, a, &p->result, e));
    }
    for (size_t i = 0; i < v->line_count; i++) {
        const struct bill_view_line *l = &v->lines[i];
        if (l->reg != m->reg) {
            continue;
        }
        while (part < *count && line == (*parts)[part].result.count) {
            part++;
            line = 0;
        }
        const struct bill_line *again =
            part < *count ? &(*parts)[part].result.lines[line] : NULL;
        if (again == NULL || l->part != (int64_t)part ||
            again->amount.minor != l->amount.minor ||
            strcmp(again->component->id, l->component) != 0) {
            return err_set(
                e, ERR_TAMPERED,
                _("line %zu of bill %" PRId64 " (%s) is not what tariff and readings give"),
                i + 1, v->id, l->component);
        }
        line++;
    }
    for (; part < *count && line == (*parts)[part].result.count; part++) {
        line = 0;
    }
    return part == *count
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("bill %" PRId64 " lacks lines that its tariff gives"), v->id);
}
