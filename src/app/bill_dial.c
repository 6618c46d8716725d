#include <config.h>

#include "app/bill_dial.h"

#include <inttypes.h>

#include "app/lookup.h"
#include "base/i18n.h"

enum err_code dial_load(struct office *o, const struct bill_view_meter *m,
                        struct dial_view *out, struct err *e)
{
    struct meter_row row;
    int64_t plain = m->to_value - m->from_value;
    *out = (struct dial_view){.multiplier = 1};
    if (plain == m->consumption) {
        return ERR_OK;
    }
    TRY(meter_by_register(o, m->reg, &row, e));
    if (row.reg.multiplier_den != 1 || row.reg.multiplier_num < 1) {
        return ERR_OK;
    }
    out->multiplier = row.reg.multiplier_num;
    int64_t passed = m->consumption / out->multiplier - plain;
    out->passed = passed > 0 && passed % register_modulus(&row.reg) == 0 ? passed : 0;
    return ERR_OK;
}

static void put_value(struct office *o, const struct bill_view_meter *m, int64_t value,
                      struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    quantity_print(value, m->unit, (unsigned)m->decimals, &machine);
    numfmt_number(o->numfmt, buf_str(&machine), out);
    buf_release(&machine);
}

static void put_terms(struct office *o, const struct bill_view_meter *m,
                      const struct dial_view *d, struct buf *out)
{
    buf_addf(out, d->multiplier != 1 ? "%s: (" : "%s: ", m->serial);
    put_value(o, m, m->to_value, out);
    if (d->passed != 0) {
        buf_adds(out, " + ");
        put_value(o, m, d->passed, out);
    }
    buf_adds(out, " − ");
    put_value(o, m, m->from_value, out);
    if (d->multiplier != 1) {
        buf_addf(out, ") × %" PRId64, d->multiplier);
    }
    buf_adds(out, " = ");
    put_value(o, m, m->consumption, out);
    buf_addf(out, " %s", m->unit->pretty);
}

enum err_code dial_note(struct office *o, const struct bill_view_meter *m, struct arena *arena,
                        const char **out, struct err *e)
{
    struct dial_view d;
    struct buf terms;
    *out = NULL;
    TRY(dial_load(o, m, &d, e));
    if (d.passed == 0 && d.multiplier == 1) {
        return ERR_OK;
    }
    buf_init(&terms, 1024);
    put_terms(o, m, &d, &terms);
    *out = d.passed != 0
               ? arena_printf(arena, _("Meter %s, as its dial passed zero."), buf_str(&terms))
               : arena_printf(arena, _("Meter %s."), buf_str(&terms));
    buf_release(&terms);
    return *out != NULL ? ERR_OK : err_nomem(e);
}

/* "104 (reading 269, 28/02/2026 23:00)" of columns at, at + 1 and at + 2; of a unit and
 * decimals. */
static void put_reading(struct office *o, const struct stmt *q, int at, const struct unit *unit,
                        unsigned decimals, struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    quantity_print(stmt_int(q, at), unit, decimals, &machine);
    numfmt_number(o->numfmt, buf_str(&machine), out);
    buf_addf(out, _(" (reading %" PRId64 ", "), stmt_int(q, at + 1));
    numfmt_clock(o->numfmt, civil_from_secs(stmt_int(q, at + 2)), out);
    buf_addc(out, ')');
    buf_release(&machine);
}

static void put_source(struct office *o, const struct stmt *q, struct buf *out)
{
    const struct unit *unit = unit_find(stmt_text(q, 6));
    unsigned decimals = (unsigned)stmt_int(q, 7);
    if (unit == NULL || stmt_is_null(q, 4)) {
        return;
    }
    if (stmt_is_null(q, 1) || stmt_int(q, 1) == stmt_int(q, 4)) {
        buf_adds(out, _(", of "));
    } else {
        buf_adds(out, _(", from "));
        put_reading(o, q, 0, unit, decimals, out);
        buf_adds(out, _(" to "));
    }
    put_reading(o, q, 3, unit, decimals, out);
    if (stmt_int(q, 8) != 1) {
        buf_addf(out, ", × %" PRId64, stmt_int(q, 8));
    }
}

enum err_code dial_quantity(struct office *o, int64_t bill, int64_t reg, int64_t part,
                            const char *name, struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT f.value, f.id, f.local, t.value, t.id, t.local, g.unit, g.decimals, "
        "g.multiplier FROM bill_quantity x JOIN register g ON g.id = x.source LEFT JOIN "
        "reading f ON f.id = x.from_reading LEFT JOIN reading t ON t.id = x.to_reading "
        "WHERE x.bill = ? AND x.register = ? AND x.part = ? AND x.name = ?",
        VALS(V_INT(bill), V_INT(reg), V_INT(part), V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        put_source(o, q, out);
    }
    stmt_done(q);
    return code;
}
