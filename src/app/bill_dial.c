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
