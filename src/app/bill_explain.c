/* A bill computed again from what it recorded: explained line by line, and put into the
 * reader's language. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/bill_again.h"
#include "app/bill_charged_view.h"
#include "app/bill_dial.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

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

/* "1 to 14 March at version 2": where prices change within the share. */
static enum err_code explain_part(struct office *o, int64_t bill,
                                  const struct bill_view_meter *m, const struct bill_again *p,
                                  int64_t part, struct buf *out, struct err *e)
{
    enum err_code code = ERR_OK;
    struct buf machine;
    buf_init(&machine, 64);
    if (p->start[0] != '\0' && p->usage.whole_days != 0) {
        char from[DAY_WORDS_MAX];
        day_words(o, p->start, from);
        buf_addf(out,
                 ngettext("  From %s, %" PRId64 " of %" PRId64 " day, by version %" PRId64 ": ",
                          "  From %s, %" PRId64 " of %" PRId64 " days, by version %" PRId64
                          ": ",
                          (unsigned long)p->usage.whole_days),
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
    for (size_t i = 0; i < p->tariff->quantity_count && code == ERR_OK; i++) {
        const struct quantity_def *q = &p->tariff->quantities[i];
        buf_clear(&machine);
        quantity_print(p->values[i], q->unit, 0, &machine);
        buf_addf(out, "  %s = ", q->name);
        numfmt_number(o->numfmt, buf_str(&machine), out);
        buf_addf(out, " %s", q->unit->pretty);
        code = dial_quantity(o, bill, m->reg, part, q->name, out, e);
        buf_addc(out, '\n');
    }
    for (size_t i = 0; i < p->result.count; i++) {
        buf_adds(out, "  ");
        bill_line_title(&p->result.lines[i], p->tariff, o->numfmt, out);
        buf_adds(out, ": ");
        bill_line_explain(&p->result, &p->result.lines[i], o->numfmt, out);
        buf_addc(out, '\n');
    }
    buf_release(&machine);
    return code;
}

static enum err_code explain_share(struct office *o, const struct bill_view *v,
                                   const struct bill_view_meter *m, struct arena *a,
                                   struct buf *out, struct err *e)
{
    struct bill_again *parts = NULL;
    size_t count = 0;
    TRY(bill_share_again(o, v, m, a, &parts, &count, e));
    buf_addf(out, _("Meter %s, tariff %s version %" PRId64 "\n"), m->serial, m->tariff_code,
             m->tariff_version);
    struct dial_view dial;
    TRY(dial_load(o, m, &dial, e));
    buf_adds(out, dial.multiplier != 1 ? "  (" : "  ");
    reading_text(m, o->numfmt, m->to_value, m->to_id, m->to_local, out);
    if (dial.passed != 0) {
        buf_adds(out, " + ");
        value_text(m, o->numfmt, dial.passed, out);
        buf_adds(out, _(" (the dial passed zero)"));
    }
    buf_adds(out, " − ");
    reading_text(m, o->numfmt, m->from_value, m->from_id, m->from_local, out);
    if (dial.multiplier != 1) {
        buf_addf(out, ") × %" PRId64, dial.multiplier);
    }
    buf_adds(out, " = ");
    value_text(m, o->numfmt, m->consumption, out);
    buf_addf(out,
             ngettext(" %s in %" PRId64 " day\n", " %s in %" PRId64 " days\n",
                      (unsigned long)m->days),
             m->unit->pretty, m->days);
    if (m->whole_days != 0) {
        buf_addf(
            out,
            ngettext("  The account had the meter for a part of the period: fixed charges, "
                     "blocks and limit are those of %" PRId64 " of %" PRId64 " day\n",
                     "  The account had the meter for a part of the period: fixed charges, "
                     "blocks and limit are those of %" PRId64 " of %" PRId64 " days\n",
                     (unsigned long)m->whole_days),
            m->days, m->whole_days);
    }
    if (m->is_charged) {
        struct charged_view c;
        TRY(charged_load(o, v, m, a, &c, e));
        charged_explain(o, m, &c, parts[0].tariff->unit, out);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(explain_part(o, v->id, m, &parts[i], (int64_t)i, out, e));
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
    TRY(bill_tariff(o, m->tariff_id, a, &t, e));
    TRY(charged_load(o, v, m, a, &c, e));
    buf_init(&text, 1024);
    charged_note(o, m, &c, t->unit, &text);
    m->charged_note = text.failed ? NULL : arena_strdup(a, buf_str(&text));
    buf_release(&text);
    return m->charged_note != NULL ? ERR_OK : err_nomem(e);
}

/* What becomes of a line that was computed again. */
typedef enum err_code (*line_fn)(struct office *o, struct bill_view_line *l,
                                 const struct bill_again *part, const struct bill_line *again,
                                 struct arena *a, struct err *e);

static enum err_code share_lines(struct office *o, struct bill_view *v,
                                 const struct bill_view_meter *m, struct arena *a, line_fn fn,
                                 struct err *e)
{
    struct bill_again *parts = NULL;
    size_t count = 0;
    size_t part = 0;
    size_t line = 0;
    TRY(bill_share_again(o, v, m, a, &parts, &count, e));
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
                                   const struct bill_again *part, const struct bill_line *again,
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
        TRY(dial_note(o, &v->meters[i], arena, &v->meters[i].dial_note, e));
    }
    return ERR_OK;
}

static enum err_code line_base(struct office *o, struct bill_view_line *l,
                               const struct bill_again *part, const struct bill_line *again,
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
