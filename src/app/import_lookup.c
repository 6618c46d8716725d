#include <config.h>

#include "app/import_lookup.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

#define PLACES ((size_t)8192) /* a power of two; 1 MB */

struct register_lookup {
    struct office *office;
    const struct known_register *last;
    struct known_register place[PLACES];
};

enum err_code register_lookup_new(struct office *o, struct register_lookup **out, struct err *e)
{
    *out = mem_alloc(sizeof **out);
    if (*out == NULL) {
        return err_nomem(e);
    }
    (*out)->office = o;
    return ERR_OK;
}

void register_lookup_free(struct register_lookup *l)
{
    mem_free(l);
}

/* A crowded place only costs a query. */
static size_t place_of(const struct read_row *row)
{
    uint64_t h = text_hash(text_hash(TEXT_HASH, row->serial), row->obis);
    return (size_t)(h ^ (h >> 32)) % PLACES;
}

static enum err_code register_find(struct office *o, const char *serial, const char *obis,
                                   int64_t first, int64_t *reg, struct err *e)
{
    *reg = first;
    if (*obis == '\0') {
        return ERR_OK;
    }
    *reg = 0;
    return db_get_int(o->db, reg, NULL, e,
                      "SELECT r.id FROM register r JOIN meter m ON m.id = r.meter WHERE "
                      "m.serial = ? AND r.obis = ?",
                      VALS(V_TEXT(serial), V_TEXT(obis)));
}

static enum err_code place_fill(struct register_lookup *l, const struct read_row *row,
                                struct known_register *k, struct err *e)
{
    struct meter_row m;
    bool found = false;
    k->serial[0] = '\0'; /* until it is whole */
    TRY(meter_by_serial(l->office, row->serial, &m, &found, e));
    k->meter_known = found;
    k->reg = 0;
    if (found) {
        TRY(register_find(l->office, row->serial, row->obis, m.register_id, &k->reg, e));
    }
    if (k->reg != 0 && k->reg != m.register_id) {
        TRY(meter_by_register(l->office, k->reg, &m, e));
    }
    if (k->reg != 0) {
        k->def = m.reg;
        k->dial_max = register_dial_max(&m.reg);
    }
    (void)snprintf(k->serial, sizeof k->serial, "%s", row->serial);
    (void)snprintf(k->obis, sizeof k->obis, "%s", row->obis);
    return ERR_OK;
}

static bool is_of(const struct known_register *k, const struct read_row *row)
{
    return strcmp(k->serial, row->serial) == 0 && strcmp(k->obis, row->obis) == 0;
}

/* The value must be one that this register can show. */
static bool value_fits(const struct known_register *k, const struct read_row *row,
                       const struct unit *unit, struct refused *why)
{
    if (!k->meter_known) {
        return refuse(why, REFUSE_UNKNOWN_METER,
                      _("field serial: there is no meter with serial \"%s\""), row->serial);
    }
    if (k->reg == 0) {
        return refuse(why, REFUSE_UNKNOWN_REGISTER,
                      _("field obis: meter %s has no register \"%s\""), row->serial, row->obis);
    }
    if (strcmp(k->def.unit->base, unit->base) != 0) {
        return refuse(why, REFUSE_OTHER_UNIT,
                      _("field value: meter %s counts in %s, the mapping reads %s"),
                      row->serial, k->def.unit->symbol, unit->symbol);
    }
    if (row->value > k->dial_max) {
        return refuse(why, REFUSE_OVER_DIAL,
                      _("field value: \"%.*s\" %s is beyond the dial of meter %s, which has %d "
                        "digits before the point"),
                      (int)row->raw.len, row->raw.data, unit->symbol, row->serial,
                      (int)k->def.digits);
    }
    return true;
}

enum err_code register_lookup_row(struct register_lookup *l, const struct read_row *row,
                                  const struct unit *unit, const struct known_register **out,
                                  struct refused *why, struct err *e)
{
    const struct known_register *k = l->last;
    *out = NULL;
    if (k == NULL || !is_of(k, row)) {
        struct known_register *place = &l->place[place_of(row)];
        l->last = NULL;
        if (!is_of(place, row)) {
            TRY(place_fill(l, row, place, e));
        }
        l->last = k = place;
    }
    *out = value_fits(k, row, unit, why) ? k : NULL;
    return ERR_OK;
}

enum err_code register_serial(struct office *o, int64_t reg, char out[SERIAL_MAX + 1],
                              struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    out[0] = '\0';
    TRY(db_query(
        o->db, &q, e,
        "SELECT m.serial FROM register r JOIN meter m ON m.id = r.meter WHERE r.id = ?",
        VALS(V_INT(reg))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(out, SERIAL_MAX + 1, "%s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}
