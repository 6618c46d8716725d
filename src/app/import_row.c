#include <config.h>

#include "app/import_row.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/import_sort.h"
#include "base/i18n.h"
#include "base/text.h"

#define SHOWN_MAX 64
#define TIME_TEXT_MAX 80

static const struct {
    const char *name, *title;
} refusals[REFUSAL_COUNT] = {
#define REFUSAL(IDENT, name, title) {#name, title},
#include "app/import_refusals.def"
#undef REFUSAL
};

const char *refusal_name(enum refusal r)
{
    CHECK(r < REFUSAL_COUNT);
    return refusals[r].name;
}

const char *refusal_title(enum refusal r)
{
    CHECK(r < REFUSAL_COUNT);
    return _(refusals[r].title);
}

bool refuse(struct refused *r, enum refusal why, const char *fmt, ...)
{
    char text[2 * sizeof r->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_sanitize_to(text, strlen(text), r->text, sizeof r->text);
    r->why = why;
    return false;
}

/* What a cell holds, for a sentence: safe, and cut where it is long. */
struct shown {
    char text[SHOWN_MAX];
};
static struct shown show(struct cell c)
{
    struct shown s;
    text_sanitize_to(c.data, c.len, s.text, sizeof s.text);
    return s;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct cell trimmed(const char *data, size_t len, enum csv_type type)
{
    while (len > 0 && blank(data[0])) {
        data++;
        len--;
    }
    while (len > 0 && blank(data[len - 1])) {
        len--;
    }
    return (struct cell){data, len, type};
}

struct cell row_cell(const struct row_reader *r, const struct csv_row *row, enum field f)
{
    const struct column *c = &r->mapping->column[f];
    if (c->constant != NULL) {
        return (struct cell){c->constant, strlen(c->constant), CSV_TEXT};
    }
    if (r->at[f] == 0 || r->at[f] > row->count) {
        return (struct cell){"", 0, CSV_TEXT};
    }
    const struct csv_field *field = &row->fields[r->at[f] - 1];
    return trimmed(field->data, field->len, field->type);
}

bool row_text(const struct row_reader *r, const struct csv_row *row, enum field f, char *out,
              size_t out_size)
{
    struct cell c = row_cell(r, row, f);
    if (c.len >= out_size) {
        return false;
    }
    memcpy(out, c.data, c.len);
    out[c.len] = '\0';
    return true;
}

/* ---- headings ---- */

static enum err_code heading_is(const struct csv_field *field, const char *wanted, bool *same,
                                struct err *e)
{
    struct cell c = trimmed(field->data, field->len, field->type);
    struct buf a;
    struct buf b;
    buf_init(&a, CSV_LINE_MAX * 4);
    buf_init(&b, CSV_LINE_MAX * 4);
    text_fold(c.data, c.len, &a);
    text_fold(wanted, strlen(wanted), &b);
    enum err_code code = buf_status(&a, _("heading"), e);
    if (code == ERR_OK) {
        code = buf_status(&b, _("heading"), e);
    }
    *same = code == ERR_OK && strcmp(buf_str(&a), buf_str(&b)) == 0;
    buf_release(&a);
    buf_release(&b);
    return code;
}

static enum err_code heading_missing(const struct csv_row *heading, const char *wanted,
                                     struct err *e)
{
    struct buf there;
    buf_init(&there, 400);
    for (size_t i = 0; i < heading->count && i < 20 && there.len < 200; i++) {
        struct shown s =
            show(trimmed(heading->fields[i].data, heading->fields[i].len, CSV_TEXT));
        buf_addf(&there, "%s\"%s\"", i == 0 ? "" : ", ", s.text);
    }
    enum err_code code =
        err_set(e, ERR_PARSE,
                _("line %llu has no heading \"%s\"; there are %s. Check mapping and separator"),
                (unsigned long long)heading->line, wanted, buf_str(&there));
    buf_release(&there);
    return code;
}

static enum err_code column_find(const struct csv_row *heading, const char *wanted,
                                 unsigned *at, struct err *e)
{
    bool same = false;
    *at = 0;
    for (size_t i = 0; i < heading->count; i++) {
        TRY(heading_is(&heading->fields[i], wanted, &same, e));
        if (!same) {
            continue;
        }
        if (*at != 0) {
            return err_set(e, ERR_PARSE,
                           _("line %llu has the heading \"%s\" twice, in columns %u and %zu; "
                             "name the column by its number in the mapping"),
                           (unsigned long long)heading->line, wanted, *at, i + 1);
        }
        *at = (unsigned)i + 1;
    }
    return *at != 0 ? ERR_OK : heading_missing(heading, wanted, e);
}

enum err_code row_reader_init(struct row_reader *r, const struct mapping *m,
                              const struct csv_row *heading, struct err *e)
{
    *r = (struct row_reader){.mapping = m};
    r->plain_numbers = strcmp(m->decimal, ".") == 0 && m->group[0] == '\0';
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        const struct column *c = &m->column[f];
        r->at[f] = c->number;
        if (c->heading != NULL) {
            CHECK(heading != NULL); /* the mapping was checked */
            TRY(column_find(heading, c->heading, &r->at[f], e));
        }
        r->needed = r->at[f] > r->needed ? r->at[f] : r->needed;
    }
    return ERR_OK;
}

/* ---- rows ---- */

static enum refusal fault_refusal(enum csv_fault f)
{
    switch (f) {
    case CSV_TOO_LONG:
        return REFUSE_TOO_LONG;
    case CSV_TOO_MANY_FIELDS:
        return REFUSE_TOO_MANY_FIELDS;
    case CSV_BAD_QUOTE:
        return REFUSE_BAD_QUOTE;
    case CSV_NUL:
        return REFUSE_NUL_BYTE;
    case CSV_BAD_UTF8:
        return REFUSE_BAD_ENCODING;
    case CSV_TRUNCATED:
        return REFUSE_TRUNCATED;
    case CSV_FINE:
        break;
    }
    CHECK(false && "a row without fault");
    return REFUSE_BAD_QUOTE;
}

/* Cells of a sheet, where the mapping looks: none may be at fault, and no date may stand for a
 * text or number (a sheet makes "1-2" a day of February). */
static bool cells_sound(const struct row_reader *r, const struct csv_row *row,
                        struct refused *why)
{
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        unsigned at = r->at[f];
        if (at == 0 || at > row->count) {
            continue;
        }
        const struct csv_field *field = &row->fields[at - 1];
        enum field_type type = field_type((enum field)f);
        if (field->fault != NULL) {
            return refuse(why, REFUSE_BAD_CELL, _("field %s: %s"), field_name((enum field)f),
                          field->fault);
        }
        if (field->type == CSV_CIVIL &&
            (type == FIELD_TYPE_TEXT || type == FIELD_TYPE_NUMBER)) {
            return refuse(
                why, REFUSE_BAD_CELL,
                _("field %s: the sheet holds the date %s here; make the column a text "
                  "and enter it again"),
                field_name((enum field)f), field->data);
        }
    }
    return true;
}

bool row_sound(const struct row_reader *r, const struct csv_row *row, struct refused *why)
{
    if (row->fault != CSV_FINE) {
        return refuse(why, fault_refusal(row->fault), "%s", csv_fault_text(row->fault));
    }
    if (row->hidden && r->mapping->hidden == HIDDEN_REFUSE) {
        return refuse(why, REFUSE_HIDDEN,
                      _("the sheet hides this row; show it, or say \"hidden_rows\" in the "
                        "mapping: take or skip"));
    }
    if (row->typed) { /* what is empty at the end of a row is not stored */
        return cells_sound(r, row, why);
    }
    if (row->count < r->needed) {
        return refuse(why, REFUSE_TOO_FEW_FIELDS,
                      _("the row has %zu fields, the mapping needs %u"), row->count, r->needed);
    }
    return true;
}

static bool read_serial(const struct row_reader *r, const struct csv_row *row,
                        struct read_row *out, struct refused *why)
{
    struct cell c = row_cell(r, row, FIELD_SERIAL);
    if (c.len == 0) {
        return refuse(why, REFUSE_NO_SERIAL, _("field serial: it is empty"));
    }
    if (!row_text(r, row, FIELD_SERIAL, out->serial, sizeof out->serial)) {
        return refuse(why, REFUSE_UNKNOWN_METER,
                      _("field serial: there is no meter with serial \"%s\""), show(c).text);
    }
    c = row_cell(r, row, FIELD_OBIS);
    if (!row_text(r, row, FIELD_OBIS, out->obis, sizeof out->obis)) {
        return refuse(why, REFUSE_UNKNOWN_REGISTER,
                      _("field obis: \"%s\" is no code of a register"), show(c).text);
    }
    return true;
}

struct cell row_time_cell(const struct mapping *m, struct cell c, int part,
                          char room[ROW_TIME_MAX])
{
    struct civil t;
    struct buf text;
    char format[ROW_TIME_MAX];
    const char *blank_at = strchr(m->time_format, ' ');
    if (c.type != CSV_CIVIL ||
        civil_parse_format(c.data, c.len, "%Y-%m-%d %H:%M:%S", &t, NULL) != ERR_OK) {
        return c;
    }
    (void)snprintf(format, sizeof format, "%s",
                   part == 2 && blank_at != NULL ? blank_at + 1 : m->time_format);
    if (part == 1 && blank_at != NULL) {
        format[strcspn(format, " ")] = '\0';
    }
    buf_init(&text, ROW_TIME_MAX - 1);
    civil_print_format(t, format, &text);
    memcpy(room, buf_str(&text), text.len + 1);
    struct cell shown = {room, text.len, CSV_TEXT};
    buf_release(&text);
    return shown;
}

static bool read_time(const struct row_reader *r, const struct csv_row *row,
                      struct read_row *out, struct refused *why)
{
    char joined[TIME_TEXT_MAX];
    struct civil civil;
    char room[2][ROW_TIME_MAX];
    bool apart = r->mapping->column[FIELD_DATE].set;
    struct cell c =
        row_time_cell(r->mapping, row_cell(r, row, FIELD_TIME), apart ? 2 : 0, room[0]);
    if (apart) {
        struct cell date = row_time_cell(r->mapping, row_cell(r, row, FIELD_DATE), 1, room[1]);
        if (date.len + 1 + c.len > sizeof joined) {
            return refuse(why, REFUSE_BAD_TIME, _("field date: \"%s\" is too long"),
                          show(date).text);
        }
        memcpy(joined, date.data, date.len);
        joined[date.len] = ' ';
        memcpy(joined + date.len + 1, c.data, c.len);
        c = (struct cell){joined, date.len + 1 + c.len, CSV_TEXT};
    }
    if (c.len == 0) {
        return refuse(why, REFUSE_BAD_TIME, _("field time: it is empty"));
    }
    const char *format = r->mapping->time_format;
    enum err_code code = civil_parse_format(c.data, c.len, format, &civil, NULL);
    if (code == ERR_RANGE) {
        return refuse(why, REFUSE_NO_SUCH_TIME,
                      _("field time: \"%s\" is a date or time that does not exist"),
                      show(c).text);
    }
    if (code != ERR_OK) {
        return refuse(why, REFUSE_BAD_TIME, _("field time: \"%s\" is not of the form %s"),
                      show(c).text, format);
    }
    out->local = civil_to_secs(civil);
    return true;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Group signs must stand before each three digits left of the fraction, or not at all. */
static bool groups_complete(const char *marks, size_t len)
{
    size_t since = 0;
    bool any = false;
    for (size_t i = 0; i < len; i++) {
        if (marks[i] != ',') {
            since++;
            continue;
        }
        if (since == 0 || since > 3 || (any && since != 3)) {
            return false;
        }
        any = true;
        since = 0;
    }
    return !any || since == 3;
}

bool row_number(const struct mapping *m, struct cell c, char *out, size_t out_size)
{
    if (c.type == CSV_NUMBER) {
        if (c.len >= out_size) {
            return false;
        }
        memcpy(out, c.data, c.len);
        out[c.len] = '\0';
        return true;
    }
    char whole[RAW_TEXT_MAX + 1]; /* the digits before the decimal sign; ',' for a group sign */
    size_t decimal_len = strlen(m->decimal);
    size_t group_len = strlen(m->group);
    size_t n = 0;
    size_t marks = 0;
    bool in_whole = true;
    for (size_t i = 0; i < c.len;) {
        size_t left = c.len - i;
        if (n + 1 >= out_size || marks >= sizeof whole) {
            return false;
        }
        if (in_whole && group_len > 0 && left >= group_len &&
            memcmp(c.data + i, m->group, group_len) == 0) {
            whole[marks++] = ',';
            i += group_len;
            continue;
        }
        if (left >= decimal_len && memcmp(c.data + i, m->decimal, decimal_len) == 0) {
            out[n++] = '.';
            i += decimal_len;
            in_whole = false;
            continue;
        }
        if (c.data[i] == '.') {
            return false; /* not this mapping's decimal sign */
        }
        in_whole = in_whole && (digit(c.data[i]) || i == 0);
        if (in_whole && digit(c.data[i])) {
            whole[marks++] = '0';
        }
        out[n++] = c.data[i++];
    }
    out[n] = '\0';
    return groups_complete(whole, marks);
}

/* Digits alone, few enough not to overflow in any unit: the shape of nearly every value. */
static bool read_digits(struct cell c, const struct unit *unit, int64_t *value)
{
    int64_t v = 0;
    if (c.len == 0 || c.len > 12 || (c.data[0] == '0' && c.len > 1)) {
        return false;
    }
    for (size_t i = 0; i < c.len; i++) {
        if (!digit(c.data[i])) {
            return false;
        }
        v = v * 10 + (c.data[i] - '0');
    }
    *value = v * pow10_i64(unit->exponent);
    return true;
}

/* Nothing but digits, with at most one decimal sign between them and no zero that means
 * nothing in front. */
static bool prints_as_written(const char *number)
{
    size_t whole = strspn(number, "0123456789");
    if (whole == 0 || (whole > 1 && number[0] == '0')) {
        return false;
    }
    const char *rest = number + whole;
    return *rest == '\0' || (*rest == '.' && rest[1] != '\0' &&
                             rest[1 + strspn(rest + 1, "0123456789")] == '\0');
}

static bool read_value(const struct row_reader *r, const struct csv_row *row,
                       struct read_row *out, struct refused *why)
{
    char number[RAW_TEXT_MAX + 1];
    struct cell c = row_cell(r, row, FIELD_VALUE);
    out->raw = c;
    out->plain = true;
    out->exponent = false;
    if (read_digits(c, r->mapping->unit, &out->value)) {
        return true;
    }
    if (c.len == 0) {
        return refuse(why, REFUSE_EMPTY,
                      _("field value: it is empty; of a meter that was not read the field skip "
                        "says why"));
    }
    if (c.len > RAW_TEXT_MAX || !row_number(r->mapping, c, number, sizeof number)) {
        return refuse(why, REFUSE_BAD_VALUE, _("field value: \"%s\" is not a number"),
                      show(c).text);
    }
    enum err_code code =
        quantity_parse(number, strlen(number), r->mapping->unit, &out->value, NULL);
    if (code == ERR_RANGE) {
        return refuse(
            why, REFUSE_TOO_FINE,
            _("field value: \"%s\" is finer than the smallest unit, %s, or too large"),
            show(c).text, r->mapping->unit->base);
    }
    if (code != ERR_OK) {
        return refuse(why, REFUSE_BAD_VALUE, _("field value: \"%s\" is not a number"),
                      show(c).text);
    }
    if (out->value < 0) {
        return refuse(why, REFUSE_NEGATIVE,
                      _("field value: \"%s\" is below zero, which no register shows"),
                      show(c).text);
    }
    out->exponent = strpbrk(number, "eE") != NULL;
    out->plain =
        !memchr(c.data, '\0', c.len) && strlen(number) == c.len && prints_as_written(number);
    return true;
}

bool row_reading(const struct row_reader *r, const struct csv_row *row, struct read_row *out,
                 struct refused *why)
{
    out->skipped = false;
    if (!row_sound(r, row, why) || !read_serial(r, row, out, why)) {
        return false;
    }
    out->skipped = r->at[FIELD_SKIP] != 0 && row_cell(r, row, FIELD_SKIP).len > 0 &&
                   row_cell(r, row, FIELD_VALUE).len == 0;
    return out->skipped || (read_time(r, row, out, why) && read_value(r, row, out, why));
}
