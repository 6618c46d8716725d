/* Files of meters with their places, registers, accounts and customers. */
#include <config.h>

#include <string.h>

#include "app/import_lines.h"
#include "app/lookup.h"
#include "base/i18n.h"

/* A field that says nothing agrees with anything. */
static bool agrees(const char *field, const char *stored)
{
    return field == NULL || strcmp(field, stored) == 0;
}

static bool agrees_int(const char *field, int64_t stored)
{
    struct decimal d;
    return field == NULL || (decimal_parse(field, strlen(field), &d, NULL) == ERR_OK &&
                             decimal_rescale(d, 0, &d, NULL) == ERR_OK && d.mantissa == stored);
}

/* True when the meter that is stored is the one that the row describes. */
static bool meter_agrees(const struct import_line *l, const struct meter_row *m,
                         struct refused *why)
{
    const char *other = NULL;
    if (!agrees(l->field[FIELD_KIND], meter_kind_name(m->kind))) {
        other = field_name(FIELD_KIND);
    } else if (!agrees(l->field[FIELD_INSTALLED], m->installed)) {
        other = field_name(FIELD_INSTALLED);
    } else if (!agrees(l->field[FIELD_UNIT], m->reg.unit->symbol)) {
        other = field_name(FIELD_UNIT);
    } else if (!agrees_int(l->field[FIELD_DIGITS], m->reg.digits)) {
        other = field_name(FIELD_DIGITS);
    } else if (!agrees_int(l->field[FIELD_DECIMALS], m->reg.decimals)) {
        other = field_name(FIELD_DECIMALS);
    } else if (!agrees_int(l->field[FIELD_MULTIPLIER], m->reg.multiplier_num)) {
        other = field_name(FIELD_MULTIPLIER);
    }
    return other == NULL ||
           refuse(why, REFUSE_BAD_METER,
                  _("field %s: there is a meter %s already, and this field differs"), other,
                  m->serial);
}

static enum err_code meter_compare(struct line_import *im, struct import_line *l,
                                   struct refused *why, struct err *e)
{
    struct meter_row m;
    bool found = false;
    TRY(meter_by_serial(im->job.c->office, l->field[FIELD_SERIAL], &m, &found, e));
    if (found) {
        l->verdict = meter_agrees(l, &m, why) ? LINE_STORED : LINE_REFUSED;
    }
    return ERR_OK;
}

/* An account that an earlier row of the batch made; 0: none. */
static int64_t account_made(void *ctx, const char *account)
{
    const struct line_import *im = ctx;
    int64_t id = 0;
    return name_map_get(im->accounts, account, &id) ? id : 0;
}

static enum err_code meter_make(struct line_import *im, struct draft *d,
                                const struct import_line *l, struct json *o, struct err *e)
{
    const char *const *f = l->field;
    struct new_meter m = {.serial = f[FIELD_SERIAL],
                          .kind = f[FIELD_KIND],
                          .place = f[FIELD_PLACE],
                          .route = f[FIELD_ROUTE],
                          .order = f[FIELD_ORDER],
                          .obis = f[FIELD_OBIS],
                          .unit = f[FIELD_UNIT],
                          .digits = f[FIELD_DIGITS],
                          .decimals = f[FIELD_DECIMALS],
                          .multiplier = f[FIELD_MULTIPLIER],
                          .max_rate = f[FIELD_MAX_RATE],
                          .installed = f[FIELD_INSTALLED],
                          .initial = f[FIELD_INITIAL],
                          .account = f[FIELD_ACCOUNT],
                          .customer = f[FIELD_CUSTOMER],
                          .tariff = f[FIELD_TARIFF],
                          .limit = f[FIELD_LIMIT]};
    return meter_data(im->job.c, d, &m, &im->ids.meter, account_made, im, o, e);
}

static int64_t *meter_next(struct line_ids *ids)
{
    return &ids->meter.meter;
}

const struct line_kind line_kind_meters = {{FIELD_SERIAL}, 1,          false,
                                           meter_compare,  meter_make, meter_next};
