/* Files of gas factors: a row a factor, as a regulator or a distributor publishes them. */
#include <config.h>

#include <string.h>

#include "app/gas.h"
#include "app/import_lines.h"
#include "base/i18n.h"

static const struct gas_factor_said nothing;

static void said_of(const struct import_line *l, struct gas_factor_said *s)
{
    const char *unit = l->field[FIELD_UNIT];
    *s = nothing;
    s->kind = l->field[FIELD_KIND];
    s->value = l->field[FIELD_VALUE];
    s->kwh = unit != NULL && strcmp(unit, "kWh/m3") == 0;
    s->serial = l->field[FIELD_SERIAL];
    s->zone = l->field[FIELD_ZONE];
    s->start = l->field[FIELD_START];
    s->end = l->field[FIELD_END];
    s->source = l->field[FIELD_SOURCE];
}

/* The same factor, recorded already: a second import of a file changes nothing. */
static enum err_code factor_compare(struct line_import *im, struct import_line *l,
                                    struct refused *why, struct err *e)
{
    struct gas_factor_said s;
    struct json *o = json_new_object(im->job.c->arena);
    int64_t one = 0;
    bool there = false;
    struct err ignored = ERR_INIT;
    (void)why;
    said_of(l, &s);
    l->verdict = LINE_NEW;
    if (o == NULL) {
        return err_nomem(e);
    }
    if (s.kind == NULL || s.value == NULL || s.start == NULL || s.source == NULL ||
        gas_factor_data(im->job.c, o, 1, &s, &ignored) != ERR_OK) {
        return ERR_OK; /* factor_make says what is wrong */
    }
    TRY(db_get_int(im->job.c->office->db, &one, &there, e,
                   "SELECT 1 FROM gas_factor WHERE kind = ?1 AND start_date = ?5 AND zone = ?3 "
                   "AND meter IS (SELECT id FROM meter WHERE serial = ?4) AND value = ?2 AND "
                   "end_date IS ?6 AND source = ?7 LIMIT 1",
                   VALS(V_TEXT(s.kind), V_TEXT(json_get_str(o, "value")),
                        V_TEXT(s.zone != NULL ? s.zone : ""), V_TEXT(s.serial), V_TEXT(s.start),
                        V_TEXT(s.end), V_TEXT(s.source))));
    l->verdict = there ? LINE_STORED : LINE_NEW;
    return ERR_OK;
}

static enum err_code factor_make(struct line_import *im, struct draft *d,
                                 const struct import_line *l, struct json *o, struct err *e)
{
    static const enum field needed[] = {FIELD_KIND, FIELD_VALUE, FIELD_START, FIELD_SOURCE};
    struct command_ctx *c = im->job.c;
    struct gas_factor_said s;
    struct json *f = json_new_object(c->arena);
    const char *unit = l->field[FIELD_UNIT];
    (void)d;
    if (f == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (l->field[needed[i]] == NULL) {
            return err_set(e, ERR_USAGE, _("field %s: it is empty"), field_name(needed[i]));
        }
    }
    said_of(l, &s);
    if (strcmp(s.kind, "volume") != 0 && strcmp(s.kind, "calorific") != 0) {
        return err_set(e, ERR_PARSE, _("field kind: \"%s\" is neither volume nor calorific"),
                       s.kind);
    }
    if (unit != NULL && strcmp(unit, "MJ/m3") != 0 && strcmp(unit, "kWh/m3") != 0) {
        return err_set(e, ERR_PARSE, _("field unit: \"%s\" is neither MJ/m3 nor kWh/m3"), unit);
    }
    TRY(gas_factor_data(c, f, im->ids.factor, &s, e));
    im->ids.factor++;
    TRY(data_set(c, o, "gas", f, e));
    return data_int(c, o, "line", (int64_t)l->line, e);
}

static int64_t *factor_next(struct line_ids *ids)
{
    return &ids->factor;
}

const struct line_kind line_kind_factors = {{FIELD_KIND, FIELD_START, FIELD_ZONE, FIELD_SERIAL},
                                            4,
                                            false,
                                            factor_compare,
                                            factor_make,
                                            factor_next};
