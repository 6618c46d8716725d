/* A bill computed again from what it recorded: explained line by line, and put into the
 * reader's language. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/bill_build.h"
#include "app/bill_charged_view.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "domain/bill_calc.h"

/* The tariff version that a share was billed by, parsed from the tables. */
static enum err_code tariff_of(struct office *o, int64_t id, struct arena *a,
                               struct tariff **out, struct err *e)
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

static void value_text(const struct bill_view_meter *m, const struct numfmt *f, int64_t value,
                       struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    quantity_print(value, m->unit, (unsigned)m->decimals, &machine);
    numfmt_number(f, buf_str(&machine), out);
    buf_release(&machine);
}

static void reading_text(const struct bill_view_meter *m, const struct numfmt *f, int64_t value,
                         int64_t id, int64_t local, struct buf *out)
{
    value_text(m, f, value, out);
    buf_addf(out, _(" (reading %" PRId64 ", "), id);
    numfmt_clock(f, civil_from_secs(local), out);
    buf_addc(out, ')');
}

/* A part of a share, as recorded and as computed again. */
struct again {
    const struct tariff *tariff;
    const char *start; /* its first day; "" where the share is whole */
    struct usage usage;
    int64_t values[TARIFF_QUANTITIES_MAX];
    struct bill_result result;
};

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
                                struct again **out, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct again *parts = arena_array(a, BILL_PARTS_MAX, sizeof *parts);
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
        struct again *p = &parts[*count];
        struct date start;
        struct tariff *t = NULL;
        *p = (struct again){.start = arena_strdup(a, stmt_text(q, 0))};
        p->usage = (struct usage){.days = stmt_int(q, 1),
                                  .consumption = stmt_int(q, 2),
                                  .has_limit = !stmt_is_null(q, 4),
                                  .limit = stmt_int(q, 4)};
        code =
            p->start == NULL ? err_nomem(e) : date_parse(p->start, strlen(p->start), &start, e);
        if (code == ERR_OK) {
            p->usage.month = start.month;
            code = tariff_of(o, stmt_int(q, 3), a, &t, e);
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
                                   const struct again *parts, size_t count, struct err *e)
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

/* A meter's share computed again from what the bill recorded; every line must come out as it
 * stands. */
static enum err_code share_again(struct office *o, const struct bill_view *v,
                                 const struct bill_view_meter *m, struct arena *a,
                                 struct again **parts, size_t *count, struct err *e)
{
    size_t part = 0;
    size_t line = 0;
    TRY(parts_load(o, v, m, a, parts, count, e));
    if (*count == 0) {
        struct tariff *t = NULL;
        TRY(tariff_of(o, m->tariff_id, a, &t, e));
        (*parts)[0] = (struct again){.tariff = t, .start = ""};
        (*parts)[0].usage = (struct usage){.consumption = m->consumption,
                                           .has_limit = m->has_limit,
                                           .limit = m->limit,
                                           .days = m->days,
                                           .whole_days = m->whole_days};
        *count = 1;
    }
    TRY(charged_check(o, v, m, a, *parts, *count, e));
    for (size_t i = 0; i < *count; i++) {
        struct again *p = &(*parts)[i];
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

enum err_code bill_share_with(struct office *o, const struct bill_view *v,
                              const struct bill_view_meter *m, int64_t consumption,
                              int64_t below, struct arena *arena, struct money *total,
                              struct err *e)
{
    struct again *parts = NULL;
    size_t count = 0;
    struct bill_result result;
    TRY(share_again(o, v, m, arena, &parts, &count, e));
    if (count > 1) { /* how the new use lies over the parts only a new bill can say */
        return err_set(e, ERR_STATE,
                       _("prices changed within the period of bill %" PRId64
                         "; cancel it and bill it again"),
                       v->id);
    }
    parts[0].usage.consumption = consumption;
    if (m->is_charged) {
        struct charged_view c;
        TRY(charged_load(o, v, m, arena, &c, e));
        TRY(charged_use(consumption, c.below + below, c.gas, c.gas_count, parts[0].tariff->unit,
                        &parts[0].usage.consumption, e));
    }
    TRY(bill_compute(parts[0].tariff, &parts[0].usage, arena, &result, e));
    *total = result.total;
    return ERR_OK;
}

/* The line of the other bill that says the same, and was not taken; NULL when there is none. */
static const struct bill_line *line_like(const struct bill_result *r, const struct bill_line *l,
                                         bool *taken)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct bill_line *x = &r->lines[i];
        if (!taken[i] && x->component == l->component && x->block == l->block &&
            x->period == l->period) {
            taken[i] = true;
            return x;
        }
    }
    return NULL;
}

static enum err_code difference_line(const struct bill_line *before,
                                     const struct bill_line *after, struct arena *a,
                                     struct bill_view_line *out, struct err *e)
{
    const struct bill_line *any = after != NULL ? after : before;
    struct exact was = before != NULL ? before->base : exact_from_int(0);
    struct buf price;
    buf_init(&price, 64);
    bool percent = any->formula == FORMULA_PERCENT || any->formula == FORMULA_PERCENT_OFF;
    decimal_print(any->price, &price);
    *out = (struct bill_view_line){.component = any->component->id,
                                   .type = component_type_name(any->component->type),
                                   .label_es = any->component->label.es,
                                   .label_en = any->component->label.en,
                                   .quantity = "",
                                   .unit = percent ? "%" : "",
                                   .price = percent ? arena_strdup(a, buf_str(&price)) : ""};
    buf_release(&price);
    if (out->price == NULL) {
        return err_nomem(e);
    }
    if (!exact_sub(after != NULL ? after->base : exact_from_int(0), was, &out->base)) {
        return err_set(e, ERR_RANGE, "%s", any->component->id);
    }
    return money_sub(after != NULL ? after->amount : (struct money){0},
                     before != NULL ? before->amount : (struct money){0}, &out->amount, e);
}

enum err_code bill_share_difference(struct office *o, const struct bill_view *v,
                                    const struct bill_view_meter *m, int64_t consumption,
                                    struct arena *arena, struct bill_view_line **lines,
                                    size_t *count, struct err *e)
{
    struct again *parts = NULL;
    struct bill_result after;
    size_t part_count = 0;
    *count = 0;
    TRY(share_again(o, v, m, arena, &parts, &part_count, e));
    if (part_count > 1 || m->is_charged) {
        return err_set(e, ERR_STATE,
                       _("prices changed within the period of bill %" PRId64
                         "; cancel it and bill it again"),
                       v->id);
    }
    const struct bill_result before = parts[0].result;
    parts[0].usage.consumption = consumption;
    TRY(bill_compute(parts[0].tariff, &parts[0].usage, arena, &after, e));
    *lines = arena_array(arena, before.count + after.count + 1, sizeof **lines);
    bool *taken = arena_array(arena, after.count + 1, sizeof *taken);
    if (*lines == NULL || taken == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < before.count + after.count; i++) {
        bool old = i < before.count;
        const struct bill_line *l = old ? &before.lines[i] : &after.lines[i - before.count];
        if (!old && taken[i - before.count]) {
            continue;
        }
        struct bill_view_line *out = &(*lines)[*count];
        TRY(old ? difference_line(l, line_like(&after, l, taken), arena, out, e)
                : difference_line(NULL, l, arena, out, e));
        *count += out->amount.minor != 0 ? 1 : 0;
    }
    return ERR_OK;
}

/* "1 to 14 March at version 2": where prices change within the share. */
static void explain_part(struct office *o, const struct bill_view_meter *m,
                         const struct again *p, struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    if (p->start[0] != '\0' && p->usage.whole_days != 0) {
        char from[DAY_WORDS_MAX];
        day_words(o, p->start, from);
        buf_addf(out, _("  From %s, %" PRId64 " of %" PRId64 " days, by version %" PRId64 ": "),
                 from, p->usage.days, p->usage.whole_days, p->tariff->version);
        if (m->is_charged) {
            quantity_print(p->usage.consumption, p->tariff->unit, 0, &machine);
            numfmt_number(o->numfmt, buf_str(&machine), out);
            buf_addf(out, " %s\n", p->tariff->unit->pretty);
        } else {
            value_text(m, o->numfmt, p->usage.consumption, out);
            buf_addf(out, " %s\n", m->unit->pretty);
        }
    }
    for (size_t i = 0; i < p->tariff->quantity_count; i++) {
        const struct quantity_def *q = &p->tariff->quantities[i];
        buf_clear(&machine);
        quantity_print(p->values[i], q->unit, 0, &machine);
        buf_addf(out, "  %s = ", q->name);
        numfmt_number(o->numfmt, buf_str(&machine), out);
        buf_addf(out, " %s\n", q->unit->pretty);
    }
    for (size_t i = 0; i < p->result.count; i++) {
        buf_adds(out, "  ");
        bill_line_title(&p->result.lines[i], p->tariff, o->numfmt, out);
        buf_adds(out, ": ");
        bill_line_explain(&p->result, &p->result.lines[i], o->numfmt, out);
        buf_addc(out, '\n');
    }
    buf_release(&machine);
}

static enum err_code explain_share(struct office *o, const struct bill_view *v,
                                   const struct bill_view_meter *m, struct arena *a,
                                   struct buf *out, struct err *e)
{
    struct again *parts = NULL;
    size_t count = 0;
    TRY(share_again(o, v, m, a, &parts, &count, e));
    buf_addf(out, _("Meter %s, tariff %s version %" PRId64 "\n"), m->serial,
             m->tariff_code, m->tariff_version);
    buf_adds(out, "  ");
    reading_text(m, o->numfmt, m->to_value, m->to_id, m->to_local, out);
    buf_adds(out, " − ");
    reading_text(m, o->numfmt, m->from_value, m->from_id, m->from_local, out);
    buf_adds(out, " = ");
    value_text(m, o->numfmt, m->consumption, out);
    buf_addf(out,
             ngettext(" %s in %" PRId64 " day\n", " %s in %" PRId64 " days\n",
                      (unsigned long)m->days),
             m->unit->pretty, m->days);
    if (m->whole_days != 0) {
        buf_addf(
            out,
            _("  The account had the meter for a part of the period: fixed charges, blocks "
              "and limit are those of %" PRId64 " of %" PRId64 " days\n"),
            m->days, m->whole_days);
    }
    if (m->is_charged) {
        struct charged_view c;
        TRY(charged_load(o, v, m, a, &c, e));
        charged_explain(o, m, &c, parts[0].tariff->unit, out);
    }
    for (size_t i = 0; i < count; i++) {
        explain_part(o, m, &parts[i], out);
    }
    return ERR_OK;
}

static enum err_code localize_charged(struct office *o, struct bill_view *v,
                                      struct bill_view_meter *m, struct arena *a, struct err *e)
{
    struct charged_view c;
    struct tariff *t = NULL;
    struct buf text;
    if (!m->is_charged) {
        return ERR_OK;
    }
    TRY(tariff_of(o, m->tariff_id, a, &t, e));
    TRY(charged_load(o, v, m, a, &c, e));
    buf_init(&text, 1024);
    charged_note(o, m, &c, t->unit, &text);
    m->charged_note = text.failed ? NULL : arena_strdup(a, buf_str(&text));
    buf_release(&text);
    return m->charged_note != NULL ? ERR_OK : err_nomem(e);
}

/* What becomes of a line that was computed again. */
typedef enum err_code (*line_fn)(struct office *o, struct bill_view_line *l,
                                 const struct again *part, const struct bill_line *again,
                                 struct arena *a, struct err *e);

static enum err_code share_lines(struct office *o, struct bill_view *v,
                                 const struct bill_view_meter *m, struct arena *a, line_fn fn,
                                 struct err *e)
{
    struct again *parts = NULL;
    size_t count = 0;
    size_t part = 0;
    size_t line = 0;
    TRY(share_again(o, v, m, a, &parts, &count, e));
    for (size_t i = 0; i < v->line_count; i++) {
        if (v->lines[i].reg != m->reg) {
            continue;
        }
        while (line == parts[part].result.count) { /* share_again found every line */
            part++;
            line = 0;
        }
        TRY(fn(o, &v->lines[i], &parts[part], &parts[part].result.lines[line], a, e));
        line++;
    }
    return ERR_OK;
}

static enum err_code line_localize(struct office *o, struct bill_view_line *l,
                                   const struct again *part, const struct bill_line *again,
                                   struct arena *a, struct err *e)
{
    struct buf text;
    buf_init(&text, 8192);
    bill_line_title(again, part->tariff, o->numfmt, &text);
    l->label_es = l->label_en = arena_strdup(a, buf_str(&text));
    buf_clear(&text);
    bill_line_explain(&part->result, again, o->numfmt, &text);
    l->explanation = arena_strdup(a, buf_str(&text));
    bool bad = text.failed || l->label_es == NULL || l->explanation == NULL;
    buf_release(&text);
    return bad ? err_nomem(e) : ERR_OK;
}

enum err_code bill_localize(struct office *o, struct bill_view *v, struct arena *arena,
                            struct err *e)
{
    for (size_t i = 0; i < v->meter_count; i++) {
        TRY(share_lines(o, v, &v->meters[i], arena, line_localize, e));
        TRY(localize_charged(o, v, &v->meters[i], arena, e));
    }
    return ERR_OK;
}

static enum err_code line_base(struct office *o, struct bill_view_line *l,
                               const struct again *part, const struct bill_line *again,
                               struct arena *a, struct err *e)
{
    (void)o;
    (void)part;
    (void)a;
    (void)e;
    l->type = component_type_name(again->component->type);
    l->base = again->base;
    return ERR_OK;
}

enum err_code bill_bases(struct office *o, struct bill_view *v, struct arena *arena,
                         struct err *e)
{
    for (size_t i = 0; i < v->meter_count; i++) {
        TRY(share_lines(o, v, &v->meters[i], arena, line_base, e));
    }
    return ERR_OK;
}

static void amount_line(struct office *o, const char *label, int64_t minor, struct buf *out)
{
    struct buf plain;
    buf_init(&plain, 64);
    money_print((struct money){minor}, o->currency, &plain);
    buf_addf(out, "%s ", label);
    numfmt_number(o->numfmt, buf_str(&plain), out);
    buf_addc(out, '\n');
    buf_release(&plain);
}

/* What was owed before, what came in, what is to pay. */
static void explain_account(struct office *o, const struct bill_view *v, struct buf *out)
{
    amount_line(o, _("Previous balance"), v->previous, out);
    for (size_t i = 0; i < v->move_count; i++) {
        amount_line(o, posting_kind_text(v->moves[i].kind), v->moves[i].amount, out);
    }
    amount_line(o, _("Arrears"), v->arrears, out);
    amount_line(o, v->due_total < 0 ? _("Credit") : _("Total to pay"), v->due_total, out);
}

enum err_code bill_explain(struct office *o, const struct bill_view *v, struct buf *out,
                           struct err *e)
{
    struct arena a;
    struct buf total;
    arena_init(&a, (size_t)16 << 20);
    buf_init(&total, 64);
    enum err_code code = ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < v->meter_count; i++) {
        code = explain_share(o, v, &v->meters[i], &a, out, e);
    }
    if (code == ERR_OK) {
        money_print(v->total, v->currency, &total);
        buf_adds(out, _("Total "));
        numfmt_number(o->numfmt, buf_str(&total), out);
        buf_addf(out, _(" %s; recorded as item %" PRId64 " of entry %" PRId64 "\n"),
                 v->currency->code, v->item, v->seq);
        explain_account(o, v, out);
        code = buf_status(out, _("explanation"), e);
    }
    buf_release(&total);
    arena_release(&a);
    return code;
}
