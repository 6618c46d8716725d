#include <config.h>

#include "app/bill_charged_view.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"

static enum err_code subs_load(struct office *o, const struct bill_view *v,
                               const struct bill_view_meter *m, struct arena *a,
                               struct charged_view *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(db_get_int(o->db, &count, NULL, e,
                   "SELECT count(*) FROM bill_sub WHERE bill = ? AND register = ?",
                   VALS(V_INT(v->id), V_INT(m->reg))));
    out->subs = arena_array(a, (size_t)count + 1, sizeof *out->subs);
    if (out->subs == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT x.serial, g.unit, g.decimals, f.id, f.value, f.local, t.id, t.value, "
        "t.local, s.use, f.source = 'estimated' OR t.source = 'estimated', s.source FROM "
        "bill_sub s JOIN register g ON g.id = s.source JOIN meter x ON x.id = g.meter "
        "JOIN reading f ON f.id = s.from_reading JOIN reading t ON t.id = "
        "s.to_reading WHERE s.bill = ? AND s.register = ? ORDER BY s.sub LIMIT ?",
        VALS(V_INT(v->id), V_INT(m->reg), V_INT(count))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct charged_sub *s = &out->subs[out->sub_count++];
        *s = (struct charged_sub){.serial = arena_strdup(a, stmt_text(q, 0)),
                                  .unit = unit_find(stmt_text(q, 1)),
                                  .decimals = stmt_int(q, 2),
                                  .from_id = stmt_int(q, 3),
                                  .from_value = stmt_int(q, 4),
                                  .from_local = stmt_int(q, 5),
                                  .to_id = stmt_int(q, 6),
                                  .to_value = stmt_int(q, 7),
                                  .to_local = stmt_int(q, 8),
                                  .use = stmt_int(q, 9),
                                  .estimated = stmt_int(q, 10) != 0,
                                  .reg = stmt_int(q, 11)};
        out->below += s->use;
        if (s->serial == NULL || s->unit == NULL) {
            code = err_nomem(e);
            break;
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code gas_load(struct office *o, const struct bill_view *v,
                              const struct bill_view_meter *m, struct arena *a,
                              struct charged_view *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    out->gas = arena_array(a, GAS_SPANS_MAX, sizeof *out->gas);
    if (out->gas == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT days, volume, coalesce(calorific, '0'), coalesce(volume_factor, 0), "
                 "coalesce(calorific_factor, 0) FROM bill_gas WHERE bill = ? AND register = ? "
                 "ORDER BY span LIMIT ?",
                 VALS(V_INT(v->id), V_INT(m->reg), V_INT(GAS_SPANS_MAX))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct gas_span *g = &out->gas[out->gas_count++];
        *g = (struct gas_span){.days = stmt_int(q, 0),
                               .volume_id = stmt_int(q, 3),
                               .calorific_id = stmt_int(q, 4)};
        code = decimal_parse(stmt_text(q, 1), strlen(stmt_text(q, 1)), &g->volume, e);
        if (code == ERR_OK) {
            code = decimal_parse(stmt_text(q, 2), strlen(stmt_text(q, 2)), &g->calorific, e);
        }
    }
    stmt_done(q);
    return code;
}

enum err_code charged_load(struct office *o, const struct bill_view *v,
                           const struct bill_view_meter *m, struct arena *arena,
                           struct charged_view *out, struct err *e)
{
    *out = (struct charged_view){0};
    if (!m->is_charged) {
        return ERR_OK;
    }
    TRY(subs_load(o, v, m, arena, out, e));
    return gas_load(o, v, m, arena, out, e);
}

/* ---- said ---- */

static void put_number(struct office *o, int64_t value, const struct unit *unit,
                       unsigned decimals, struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    quantity_print(value, unit, decimals, &machine);
    numfmt_number(o->numfmt, buf_str(&machine), out);
    buf_release(&machine);
}

static void put_decimal(struct office *o, struct decimal d, struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    decimal_print(d, &machine);
    numfmt_number(o->numfmt, buf_str(&machine), out);
    buf_release(&machine);
}

static void put_reading(struct office *o, const struct charged_sub *s, int64_t value,
                        int64_t id, int64_t local, struct buf *out)
{
    put_number(o, value, s->unit, (unsigned)s->decimals, out);
    buf_addf(out, _(" (reading %" PRId64 ", "), id);
    numfmt_clock(o->numfmt, civil_from_secs(local), out);
    buf_addc(out, ')');
}

/* "× 1.02264 × 39.5 MJ/m³ ÷ 3.6": where the share has one set of factors. */
static void put_factors(struct office *o, const struct gas_span *g, const struct unit *unit,
                        struct buf *out)
{
    buf_adds(out, " × ");
    put_decimal(o, g->volume, out);
    if (unit_is_energy(unit)) {
        buf_adds(out, " × ");
        put_decimal(o, g->calorific, out);
        buf_adds(out, " MJ/m³");
        if (strcmp(unit->base, "Wh") == 0) {
            buf_adds(out, " ÷ ");
            numfmt_number(o->numfmt, "3.6", out);
        }
    }
}

static void put_spans(struct office *o, const struct charged_view *c, const struct unit *unit,
                      struct buf *out)
{
    for (size_t i = 0; i < c->gas_count; i++) {
        const struct gas_span *g = &c->gas[i];
        buf_addf(out,
                 ngettext("  %" PRId64 " day", "  %" PRId64 " days", (unsigned long)g->days),
                 g->days);
        put_factors(o, g, unit, out);
        if (g->volume_id != 0 && g->calorific_id != 0) {
            buf_addf(out, _(" (factors %" PRId64 " and %" PRId64 ")\n"), g->volume_id,
                     g->calorific_id);
        } else if (g->volume_id != 0 || g->calorific_id != 0) {
            buf_addf(out, _(" (factor %" PRId64 ")\n"),
                     g->volume_id != 0 ? g->volume_id : g->calorific_id);
        } else {
            buf_adds(out, _(" (no factor)\n"));
        }
    }
}

/* "(120 − 45) m³ × 1.02264 × 39.5 MJ/m³ ÷ 3.6 = 841.55 kWh"; several sets of factors count by
 * their days. */
static void put_sum(struct office *o, const struct bill_view_meter *m,
                    const struct charged_view *c, const struct unit *unit, struct buf *out)
{
    unsigned decimals = (unsigned)m->decimals;
    if (c->sub_count > 0) {
        buf_addc(out, '(');
        put_number(o, m->consumption, m->unit, decimals, out);
        buf_adds(out, " − ");
        put_number(o, c->below, m->unit, decimals, out);
        buf_addc(out, ')');
    } else {
        put_number(o, m->consumption, m->unit, decimals, out);
    }
    buf_addf(out, " %s", m->unit->pretty);
    if (c->gas_count == 1) {
        put_factors(o, &c->gas[0], unit, out);
    } else if (c->gas_count > 1) {
        buf_adds(out, _(" × the factors of gas, by days"));
    }
    buf_adds(out, " = ");
    put_number(o, m->charged, unit, 0, out);
    buf_addf(out, " %s", unit->pretty);
}

void charged_explain(struct office *o, const struct bill_view_meter *m,
                     const struct charged_view *c, const struct unit *unit, struct buf *out)
{
    for (size_t i = 0; i < c->sub_count; i++) {
        const struct charged_sub *s = &c->subs[i];
        buf_addf(out, _("  less sub-meter %s: "), s->serial);
        put_reading(o, s, s->to_value, s->to_id, s->to_local, out);
        buf_adds(out, " − ");
        put_reading(o, s, s->from_value, s->from_id, s->from_local, out);
        buf_adds(out, " = ");
        put_number(o, s->use, s->unit, (unsigned)s->decimals, out);
        buf_addf(out, s->estimated ? _(" %s, estimated\n") : " %s\n", s->unit->pretty);
    }
    put_spans(o, c, unit, out);
    buf_adds(out, _("  Charged: "));
    put_sum(o, m, c, unit, out);
    buf_adds(out, c->gas_count > 0 ? _(" (half up to the last place)\n") : "\n");
}

void charged_note(struct office *o, const struct bill_view_meter *m,
                  const struct charged_view *c, const struct unit *unit, struct buf *out)
{
    bool estimated = false;
    for (size_t i = 0; i < c->sub_count; i++) {
        estimated = estimated || c->subs[i].estimated;
    }
    buf_addf(out, _("Meter %s, charged: "), m->serial);
    put_sum(o, m, c, unit, out);
    buf_adds(out, estimated ? _("; a sub-meter was estimated.") : ".");
}
