#include <config.h>

#include "app/import_meter_row.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/text.h"

static bool is_number(enum field f)
{
    return f == FIELD_ORDER || f == FIELD_DIGITS || f == FIELD_DECIMALS ||
           f == FIELD_MULTIPLIER || f == FIELD_MAX_RATE || f == FIELD_INITIAL ||
           f == FIELD_LIMIT;
}

/* A number with the mapping's signs, or a date in its format, as everything else here takes it.
 */
static bool field_convert(const struct row_reader *r, enum field f, struct cell c, char *out,
                          size_t out_size, struct refused *why)
{
    struct civil civil;
    struct buf text;
    char shown[80];
    text_sanitize_to(c.data, c.len, shown, sizeof shown);
    if (is_number(f)) {
        return row_number(r->mapping, c, out, out_size) ||
               refuse(why, REFUSE_BAD_VALUE, _("field %s: \"%s\" is not a number"),
                      field_name(f), shown);
    }
    if (f != FIELD_INSTALLED) {
        memcpy(out, c.data, c.len);
        out[c.len] = '\0';
        return true;
    }
    if (civil_parse_format(c.data, c.len, r->mapping->time_format, &civil, NULL) != ERR_OK) {
        return refuse(why, REFUSE_BAD_TIME, _("field %s: \"%s\" is no date of the form %s"),
                      field_name(f), shown, r->mapping->time_format);
    }
    buf_init(&text, 32);
    date_print(civil.date, &text);
    memcpy(out, buf_str(&text), text.len + 1);
    buf_release(&text);
    return true;
}

enum err_code meter_line_read(const struct row_reader *r, const struct csv_row *row,
                              struct arena *a, struct meter_line *out, bool *sound,
                              struct refused *why, struct err *e)
{
    char text[METER_FIELD_MAX + 1];
    *out = (struct meter_line){.line = row->line};
    *sound = row_sound(r, row, why);
    for (size_t f = 0; *sound && f < FIELD_COUNT; f++) {
        struct cell c = row_cell(r, row, (enum field)f);
        if (!r->mapping->column[f].set || c.len == 0) {
            continue;
        }
        if (c.len > METER_FIELD_MAX) {
            *sound = refuse(why, REFUSE_TOO_LONG, _("field %s: it is longer than %d bytes"),
                            field_name((enum field)f), METER_FIELD_MAX);
            break;
        }
        *sound = field_convert(r, (enum field)f, c, text, sizeof text, why);
        out->field[f] = *sound ? arena_strdup(a, text) : NULL;
        if (*sound && out->field[f] == NULL) {
            return err_nomem(e);
        }
    }
    if (*sound && out->field[FIELD_SERIAL] == NULL) {
        *sound = refuse(why, REFUSE_NO_SERIAL, _("field serial: it is empty"));
    }
    return ERR_OK;
}

struct new_meter meter_line_new(const struct meter_line *l)
{
    const char *const *f = l->field;
    return (struct new_meter){.serial = f[FIELD_SERIAL],
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
}

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

bool meter_line_is(const struct meter_line *l, const struct meter_row *m, struct refused *why)
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

bool meter_line_same(const struct meter_line *a, const struct meter_line *b)
{
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        const char *x = a->field[f];
        const char *y = b->field[f];
        if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0)) {
            return false;
        }
    }
    return true;
}
