#include <config.h>

#include "app/import_line.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/text.h"

static bool date_convert(const struct row_reader *r, enum field f, struct cell c,
                         const char *shown, char *out, struct refused *why)
{
    struct civil civil;
    char room[ROW_TIME_MAX];
    c = row_time_cell(r->mapping, c, 0, room);
    if (civil_parse_format(c.data, c.len, r->mapping->time_format, &civil, NULL) != ERR_OK) {
        return refuse(why, REFUSE_BAD_TIME, _("field %s: \"%s\" is no date of the form %s"),
                      field_name(f), shown, r->mapping->time_format);
    }
    date_text(civil.date, out);
    return true;
}

/* A number with the mapping's signs, or a date in its format, as everything else here takes it.
 */
static bool field_convert(const struct row_reader *r, enum field f, struct cell c, char *out,
                          size_t out_size, struct refused *why)
{
    char shown[80];
    text_sanitize_to(c.data, c.len, shown, sizeof shown);
    switch (field_type(f)) {
    case FIELD_TYPE_NUMBER:
        return row_number(r->mapping, c, out, out_size) ||
               refuse(why, REFUSE_BAD_VALUE, _("field %s: \"%s\" is not a number"),
                      field_name(f), shown);
    case FIELD_TYPE_DATE:
        return date_convert(r, f, c, shown, out, why);
    case FIELD_TYPE_TEXT:
    case FIELD_TYPE_TIME:
        break;
    }
    memcpy(out, c.data, c.len);
    out[c.len] = '\0';
    return true;
}

enum err_code import_line_read(const struct row_reader *r, const struct csv_row *row,
                               struct arena *a, struct import_line *out, bool *sound,
                               struct refused *why, struct err *e)
{
    char text[LINE_FIELD_MAX + 1];
    *out = (struct import_line){.line = row->line};
    *sound = row_sound(r, row, why);
    for (size_t f = 0; *sound && f < FIELD_COUNT; f++) {
        struct cell c = row_cell(r, row, (enum field)f);
        if (!r->mapping->column[f].set || c.len == 0) {
            continue;
        }
        if (c.len > LINE_FIELD_MAX) {
            *sound = refuse(why, REFUSE_TOO_LONG, _("field %s: it is longer than %d bytes"),
                            field_name((enum field)f), LINE_FIELD_MAX);
            break;
        }
        *sound = field_convert(r, (enum field)f, c, text, sizeof text, why);
        out->field[f] = *sound ? arena_strdup(a, text) : NULL;
        if (*sound && out->field[f] == NULL) {
            return err_nomem(e);
        }
    }
    return ERR_OK;
}

bool import_line_same(const struct import_line *a, const struct import_line *b)
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

bool import_line_lacks(enum field f, struct refused *why)
{
    return refuse(why, f == FIELD_SERIAL ? REFUSE_NO_SERIAL : REFUSE_EMPTY,
                  _("field %s: it is empty"), field_name(f));
}
