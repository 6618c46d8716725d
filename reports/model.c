#include <config.h>

#include "reports/model.h"

#include <string.h>

#include "base/i18n.h"

/* Excel and people agree on these years only; a date outside is a wrong date, not a report. */
#define YEAR_MIN 1
#define YEAR_MAX 9999

bool report_is_text(enum report_type type)
{
    return type == REPORT_TEXT || type == REPORT_ID;
}

bool report_is_number(enum report_type type)
{
    return type == REPORT_INTEGER || type == REPORT_QUANTITY || type == REPORT_MONEY ||
           type == REPORT_PERCENT;
}

enum report_align report_column_align(const struct report_column *c)
{
    if (c->align != REPORT_ALIGN_AUTO) {
        return c->align;
    }
    return report_is_number(c->type) ? REPORT_ALIGN_RIGHT : REPORT_ALIGN_LEFT;
}

unsigned report_column_width(const struct report_column *c)
{
    if (c->width != 0) {
        return c->width;
    }
    switch (c->type) {
    case REPORT_TEXT:
        return 24;
    case REPORT_ID:
        return 14;
    case REPORT_INTEGER:
        return 10;
    case REPORT_QUANTITY:
        return 13;
    case REPORT_MONEY:
        return 15;
    case REPORT_PERCENT:
        return 9;
    case REPORT_DATE:
        return 11;
    case REPORT_DATETIME:
        return 17;
    }
    return 12;
}

static enum err_code column_check(const struct report_column *c, size_t index, struct err *e)
{
    bool scaled = report_is_number(c->type) && c->type != REPORT_INTEGER;
    if (c->id == NULL || c->id[0] == '\0' || c->heading == NULL) {
        return err_set(e, ERR_RANGE, _("Column %zu of the report has no name or no heading."),
                       index + 1);
    }
    if (c->decimals > (scaled ? REPORT_DECIMALS_MAX : 0)) {
        return err_set(e, ERR_RANGE, _("Column %s of the report cannot have %u decimals."),
                       c->id, (unsigned)c->decimals);
    }
    if (c->total == REPORT_TOTAL_SUM &&
        (!report_is_number(c->type) || c->type == REPORT_PERCENT)) {
        return err_set(e, ERR_RANGE,
                       _("Column %s of the report holds nothing that can be summed."), c->id);
    }
    return ERR_OK;
}

/* Numbers of one scale, or they could not stand over one axis. */
static bool chart_fits(const struct report_doc *doc)
{
    const struct report_chart *c = doc->chart;
    bool fits = c->category < doc->column_count && c->series_count > 0 &&
                c->series_count <= REPORT_CHART_SERIES_MAX;
    for (size_t i = 0; fits && i < c->series_count; i++) {
        fits = c->series[i] < doc->column_count &&
               report_is_number(doc->columns[c->series[i]].type) &&
               doc->columns[c->series[i]].decimals == doc->columns[c->series[0]].decimals;
    }
    return fits;
}

enum err_code report_run_init(struct report_run *run, const struct report_doc *doc,
                              struct err *e)
{
    memset(run, 0, sizeof(*run));
    run->doc = doc;
    if (doc->column_count == 0 || doc->column_count > REPORT_COLUMNS_MAX) {
        return err_set(e, ERR_RANGE, _("The report %s must have between 1 and %d columns."),
                       doc->name, REPORT_COLUMNS_MAX);
    }
    if (doc->note_count > REPORT_NOTES_MAX) {
        return err_set(e, ERR_RANGE, _("The report %s has more than %d notes."), doc->name,
                       REPORT_NOTES_MAX);
    }
    if (doc->chart != NULL && !chart_fits(doc)) {
        return err_set(e, ERR_RANGE, _("The chart of the report %s shows no numbers."),
                       doc->name);
    }
    for (size_t i = 0; i < doc->column_count; i++) {
        TRY(column_check(&doc->columns[i], i, e));
        run->has_totals = run->has_totals || doc->columns[i].total == REPORT_TOTAL_SUM;
    }
    return ERR_OK;
}

static bool value_in_range(enum report_type type, int64_t value)
{
    static const struct date first = {YEAR_MIN, 1, 1}, last = {YEAR_MAX, 12, 31};
    int64_t low = date_to_days(first), high = date_to_days(last);
    if (type == REPORT_DATE) {
        return value >= low && value <= high;
    }
    return type != REPORT_DATETIME || (value >= low * 86400 && value < (high + 1) * 86400);
}

static enum err_code cell_check(const struct report_run *run, size_t column, struct err *e)
{
    const struct report_column *c = &run->doc->columns[column];
    const struct report_cell *cell = &run->cells[column];
    if (cell->empty) {
        return ERR_OK;
    }
    if (report_is_text(c->type)) {
        CHECK(cell->text != NULL || cell->len == 0);
        if (cell->len > REPORT_TEXT_MAX) {
            return err_set(e, ERR_RANGE,
                           _("Row %llu, column %s: the text is longer than %d bytes."),
                           (unsigned long long)run->rows + 1, c->id, REPORT_TEXT_MAX);
        }
        return ERR_OK;
    }
    if (!value_in_range(c->type, cell->value)) {
        return err_set(e, ERR_RANGE,
                       _("Row %llu, column %s: the date is not between the years 1 and 9999."),
                       (unsigned long long)run->rows + 1, c->id);
    }
    return ERR_OK;
}

enum err_code report_run_next(struct report_run *run, bool *eof, struct err *e)
{
    const struct report_doc *doc = run->doc;
    memset(run->cells, 0, doc->column_count * sizeof(run->cells[0]));
    *eof = false;
    TRY(doc->rows.next(doc->rows.ctx, run->cells, eof, e));
    if (*eof) {
        return ERR_OK;
    }
    for (size_t i = 0; i < doc->column_count; i++) {
        TRY(cell_check(run, i, e));
        if (doc->columns[i].total == REPORT_TOTAL_SUM && !run->cells[i].empty) {
            CHECK(!run->cells[i].scaled);
            run->sums[i] +=
                run->cells[i].value; /* 2^64 rows of 2^63 cannot overflow 128 bits */
        }
    }
    run->rows++;
    return ERR_OK;
}

bool report_run_total(const struct report_run *run, size_t column, int64_t *out)
{
    int128 sum = run->sums[column];
    if (run->doc->columns[column].total != REPORT_TOTAL_SUM || sum > INT64_MAX ||
        sum < INT64_MIN) {
        return false;
    }
    *out = (int64_t)sum;
    return true;
}

void report_print_scaled(int128 mantissa, unsigned decimals, struct buf *out)
{
    char digits[64]; /* 39 digits, decimals and a point fit */
    size_t at = sizeof(digits);
    bool negative = mantissa < 0;
    for (unsigned n = 0; mantissa != 0 || n <= decimals; n++) {
        int digit = (int)(mantissa % 10);
        if (n == decimals && n > 0) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + (digit < 0 ? -digit : digit));
        mantissa /= 10;
    }
    if (negative) {
        digits[--at] = '-';
    }
    buf_add(out, digits + at, sizeof(digits) - at);
}

void report_run_print_total(const struct report_run *run, size_t column,
                            const struct numfmt *fmt, struct buf *out)
{
    const struct report_column *c = &run->doc->columns[column];
    if (c->total != REPORT_TOTAL_SUM) {
        return;
    }
    if (fmt == NULL) {
        report_print_scaled(run->sums[column], c->decimals, out);
        return;
    }
    struct buf machine;
    buf_init(&machine, 64);
    report_print_scaled(run->sums[column], c->decimals, &machine);
    numfmt_number(fmt, buf_str(&machine), out);
    out->failed = out->failed || machine.failed;
    buf_release(&machine);
}

unsigned report_cell_decimals(const struct report_column *c, const struct report_cell *cell)
{
    return cell->scaled ? cell->decimals : c->decimals;
}

void report_cell_machine(const struct report_column *c, const struct report_cell *cell,
                         struct buf *out)
{
    if (cell->empty) {
        return;
    }
    switch (c->type) {
    case REPORT_TEXT:
    case REPORT_ID:
        buf_add(out, cell->text, cell->len);
        return;
    case REPORT_INTEGER:
        buf_add_int(out, cell->value);
        return;
    case REPORT_QUANTITY:
    case REPORT_MONEY:
    case REPORT_PERCENT:
        report_print_scaled(cell->value, report_cell_decimals(c, cell), out);
        return;
    case REPORT_DATE:
        date_print(date_from_days((int32_t)cell->value), out);
        return;
    case REPORT_DATETIME:
        civil_print(civil_from_secs(cell->value), out);
        return;
    }
}

void report_cell_people(const struct report_column *c, const struct report_cell *cell,
                        const struct numfmt *fmt, struct buf *out)
{
    if (cell->empty) {
        return;
    }
    if (report_is_text(c->type)) {
        uint64_t changed = 0;
        report_text_clean(cell->text, cell->len, false, out, &changed);
        return;
    }
    if (c->type == REPORT_DATE) {
        numfmt_date(fmt, date_from_days((int32_t)cell->value), out);
        return;
    }
    if (c->type == REPORT_DATETIME) {
        numfmt_clock(fmt, civil_from_secs(cell->value), out);
        return;
    }
    struct buf machine;
    buf_init(&machine, 64);
    report_cell_machine(c, cell, &machine);
    numfmt_number(fmt, buf_str(&machine), out);
    out->failed = out->failed || machine.failed;
    buf_release(&machine);
}

void report_heading(const struct report_column *c, struct buf *out)
{
    buf_adds(out, c->heading);
    if (c->unit != NULL && c->unit[0] != '\0') {
        buf_addf(out, " (%s)", c->unit);
    }
}

/* XML 1.0, production 2: Char. */
static bool xml_char(uint32_t cp)
{
    return cp == 0x9 || cp == 0xA || cp == 0xD ||
           (cp >= 0x20 && cp != 0x7F && cp != 0xFFFE && cp != 0xFFFF);
}

void report_text_repair(const char *s, size_t len, struct buf *out, uint64_t *changed)
{
    size_t start = 0, at = 0; /* [start, at) is clean and not yet copied */
    while (at < len) {
        if (s[at] >= 0x20 && s[at] < 0x7F) { /* nearly all there is */
            at++;
            continue;
        }
        uint32_t cp = 0;
        size_t used = utf8_decode(s + at, len - at, &cp);
        if (used != 0 && xml_char(cp)) {
            at += used;
            continue;
        }
        buf_add(out, s + start, at - start);
        buf_adds(out, "\xEF\xBF\xBD");
        *changed += 1;
        at += used != 0 ? used : 1;
        start = at;
    }
    buf_add(out, s + start, len - start);
}

void report_buf_reset(struct buf *b, bool *lost)
{
    *lost = *lost || b->failed;
    buf_clear(b);
}

static bool plain_ascii(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] < 0x20 || s[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r' || c == '\t';
}

void report_text_clean(const char *s, size_t len, bool keep_breaks, struct buf *out,
                       uint64_t *changed)
{
    if (plain_ascii(s, len)) {
        buf_add(out, s, len);
        return;
    }
    size_t before = out->len;
    for (size_t start = 0, i = 0; i <= len; i++) {
        if (i < len && !(keep_breaks && is_break(s[i]))) {
            continue;
        }
        text_sanitize(s + start, i - start, out);
        start = i + 1;
        if (i < len && !(s[i] == '\r' && i + 1 < len && s[i + 1] == '\n')) {
            buf_addc(out, s[i] == '\t' ? '\t' : '\n');
        }
    }
    if (out->len - before != len || memcmp(buf_str(out) + before, s, len) != 0) {
        *changed += 1;
    }
}

static enum err_code table_next(void *ctx, struct report_cell *cells, bool *eof, struct err *e)
{
    struct report_table *t = ctx;
    (void)e;
    *eof = t->at >= t->row_count;
    if (!*eof) {
        memcpy(cells, t->cells + t->at * t->column_count, t->column_count * sizeof(*cells));
        t->at++;
    }
    return ERR_OK;
}

struct report_source report_table_source(struct report_table *t)
{
    struct report_source s = {t, table_next};
    return s;
}
