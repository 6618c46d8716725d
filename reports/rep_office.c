#include <config.h>

#include "reports/rep_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/figure_sql.h"
#include "app/query_bill.h"
#include "app/words.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "reports/brand.h"
#include "reports/rep_params.h"
#include "reports/rep_reckon.h"

/* Quantities leave the tables in the smallest unit. Most units that people read have three
 * decimals of it; those of other units have decimals of their own. */
#define QUANTITY_DECIMALS 3
#define PERCENT_DECIMALS 1 /* a query's 1000 is 100.0 % */
#define RECKONED_BYTES ((size_t)256 << 20)

#define TEXT(id, heading, width)                                                               \
    {                                                                                          \
        id, N_(heading), REPORT_TEXT, width, REPORT_TOTAL_NONE                                 \
    }
#define ID(id, heading, width)                                                                 \
    {                                                                                          \
        id, N_(heading), REPORT_ID, width, REPORT_TOTAL_NONE                                   \
    }
#define INT(id, heading)                                                                       \
    {                                                                                          \
        id, N_(heading), REPORT_INTEGER, 8, REPORT_TOTAL_NONE                                  \
    }
/* A number that names something: never grouped, so that it can be typed into a command. */
#define NUMBER(id, heading)                                                                    \
    {                                                                                          \
        id, N_(heading), REPORT_ID, 8, REPORT_TOTAL_NONE                                       \
    }
#define COUNT(id, heading)                                                                     \
    {                                                                                          \
        id, N_(heading), REPORT_INTEGER, 8, REPORT_TOTAL_SUM                                   \
    }
#define QTY(id, heading)                                                                       \
    {                                                                                          \
        id, N_(heading), REPORT_QUANTITY, 14, REPORT_TOTAL_NONE                                \
    }
#define QTY_SUM(id, heading)                                                                   \
    {                                                                                          \
        id, N_(heading), REPORT_QUANTITY, 14, REPORT_TOTAL_SUM                                 \
    }
#define MONEY(id, heading)                                                                     \
    {                                                                                          \
        id, N_(heading), REPORT_MONEY, 12, REPORT_TOTAL_SUM                                    \
    }
/* Money that adds up to nothing: a running balance. */
#define BALANCE(id, heading)                                                                   \
    {                                                                                          \
        id, N_(heading), REPORT_MONEY, 12, REPORT_TOTAL_NONE                                   \
    }
#define PERCENT(id, heading)                                                                   \
    {                                                                                          \
        id, N_(heading), REPORT_PERCENT, 8, REPORT_TOTAL_NONE                                  \
    }
#define DATE(id, heading)                                                                      \
    {                                                                                          \
        id, N_(heading), REPORT_DATE, 10, REPORT_TOTAL_NONE                                    \
    }
#define TIME(id, heading)                                                                      \
    {                                                                                          \
        id, N_(heading), REPORT_DATETIME, 16, REPORT_TOTAL_NONE                                \
    }

/* Counted once: a count for each month that is shown would read all bills as often. */
#define BILLS_BY_MONTH                                                                         \
    "billed_in AS MATERIALIZED (SELECT substr(b.issued, 1, 7) AS m, count(*) AS n FROM bill "  \
    "b JOIN billing_run r ON r.id = b.run WHERE r.state = 'closed' GROUP BY 1), "
/* Bill b of run n counts; others keep their row, and their amount has a column of its own, so
 * that totals are of what was billed. */
#define BILL_IN_FORCE "n.state = 'closed' AND b.cancelled IS NULL"

const struct office_report_def office_reports[] = {
#include "reports/rep_office.def"
};
const size_t office_report_count = sizeof office_reports / sizeof office_reports[0];

const struct office_report_def *office_report_find(const char *name)
{
    for (size_t i = 0; i < office_report_count; i++) {
        if (strcmp(office_reports[i].name, name) == 0) {
            return &office_reports[i];
        }
    }
    return NULL;
}

/* "2016-03-01" as days; the tables hold nothing else in these columns. */
static bool date_value(const char *text, int64_t *days)
{
    struct date d;
    struct err ignored = ERR_INIT;
    if (text == NULL || date_parse(text, strlen(text), &d, &ignored) != ERR_OK) {
        return false;
    }
    *days = date_to_days(d);
    return true;
}

static void cell_fill(const struct stmt *q, int at, enum report_type type,
                      struct report_cell *cell)
{
    *cell = (struct report_cell){.empty = stmt_is_null(q, at)};
    switch (type) {
    case REPORT_TEXT:
    case REPORT_ID:
        cell->text = stmt_text(q, at);
        cell->len = cell->text != NULL ? strlen(cell->text) : 0;
        return;
    case REPORT_DATE:
        cell->empty = cell->empty || !date_value(stmt_text(q, at), &cell->value);
        return;
    case REPORT_INTEGER:
    case REPORT_QUANTITY:
    case REPORT_MONEY:
    case REPORT_PERCENT:
    case REPORT_DATETIME:
        cell->value = stmt_int(q, at);
        return;
    }
}

typedef void say(const char *codes, size_t len, struct buf *out);

/* A decimal as the office writes numbers: these columns have no number of decimals. */
static bool is_decimal(const char *id)
{
    return strcmp(id, "quantity") == 0 || strcmp(id, "price") == 0;
}

/* A code, or what somebody wrote in its place. */
static void whole_word(const char *text, size_t len, struct buf *out)
{
    const char *word = code_word(text, len);
    if (word != NULL) {
        buf_adds(out, word);
    } else {
        buf_add(out, text, len);
    }
}

/* Columns that hold codes, by their id: the same in every report. */
static say *say_of(const struct report_column *c)
{
    static const struct {
        const char *id;
        say *say;
    } columns[] = {{"state", code_words},  {"kind", code_words},     {"source", code_words},
                   {"action", code_words}, {"channel", code_words},  {"method", code_words},
                   {"type", code_words},   {"owner", code_words},    {"billed", code_words},
                   {"cause", code_words},  {"class", code_words},    {"resolution", code_words},
                   {"what", code_words},   {"severity", code_words}, {"rule", rule_words},
                   {"rules", rule_words},  {"why", whole_word},      {"roles", code_words},
                   {"unit", unit_words},   {"in", unit_words},       {"on", code_words},
                   {"holds", code_words},  {"set", code_words}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (c->type == REPORT_TEXT && strcmp(columns[i].id, c->id) == 0) {
            return columns[i].say;
        }
    }
    return NULL;
}

/* Codes in words, kept until the next row. */
static enum err_code row_say(struct office_report *r, struct report_cell *cells, struct err *e)
{
    for (size_t i = 0; i < r->doc.column_count; i++) {
        say *s = say_of(&r->columns[i]);
        bool decimal = is_decimal(r->columns[i].id);
        bool label = strcmp(r->columns[i].id, "label") == 0;
        if ((s == NULL && !decimal && !label) || cells[i].empty || cells[i].text == NULL) {
            continue;
        }
        buf_clear(&r->said[i]);
        if (decimal) {
            numfmt_number(r->fmt, cells[i].text, &r->said[i]);
        } else if (label) {
            label_words(r->fmt, cells[i].text, cells[i].len, &r->said[i]);
        } else {
            s(cells[i].text, cells[i].len, &r->said[i]);
        }
        TRY(buf_status(&r->said[i], _("the row"), e));
        cells[i].text = buf_str(&r->said[i]);
        cells[i].len = r->said[i].len;
    }
    return ERR_OK;
}

/* A quantity has the decimals of its row's unit; where that is none of ours it is a number. */
static void quantity_scale(const struct office_report *r, size_t at, struct report_cell *cells)
{
    const struct report_cell *name = &cells[r->unit_of[at]];
    const struct unit *unit = name->empty ? NULL : unit_find(name->text);
    cells[at].scaled = unit == NULL || unit->exponent != QUANTITY_DECIMALS;
    cells[at].decimals = unit == NULL ? 0 : unit->exponent;
}

static enum err_code slice_begin(struct office_report *r, struct err *e);

static enum err_code rows_next(void *ctx, struct report_cell *cells, bool *eof, struct err *e)
{
    struct office_report *r = ctx;
    bool row = false;
    TRY(stmt_next(r->q, &row, e));
    if (!row && r->slices != NULL && r->slices->more(r->slices_state)) {
        TRY(slice_begin(r, e));
        TRY(stmt_next(r->q, &row, e));
    }
    *eof = !row;
    r->rows += row ? 1 : 0;
    for (size_t i = 0; row && i < r->doc.column_count; i++) {
        cell_fill(r->q, (int)i, r->columns[i].type, &cells[i]);
    }
    for (size_t i = 0; row && i < r->doc.column_count; i++) {
        if (r->unit_of[i] != SIZE_MAX) {
            quantity_scale(r, i, cells);
        }
    }
    return row && r->people ? row_say(r, cells, e) : ERR_OK;
}

static bool is_unit(const struct office_report_column *c)
{
    return strcmp(c->id, "unit") == 0 || strcmp(c->id, "in") == 0;
}

/* The unit of a quantity stands at its right, else at its left. */
static size_t unit_column(const struct office_report_def *def, size_t quantity)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; def->columns[i].id != NULL; i++) {
        if (is_unit(&def->columns[i])) {
            found = i;
            if (i > quantity) {
                break;
            }
        }
    }
    return found;
}

static void columns_fill(struct office *o, struct office_report *r)
{
    size_t n = 0;
    for (; r->def->columns[n].id != NULL; n++) {
        const struct office_report_column *c = &r->def->columns[n];
        r->columns[n] = (struct report_column){.id = c->id,
                                               .heading = _(c->heading),
                                               .type = c->type,
                                               .width = c->width,
                                               .total = c->total};
        bool quantity = c->type == REPORT_QUANTITY;
        r->unit_of[n] =
            quantity && c->total == REPORT_TOTAL_NONE ? unit_column(r->def, n) : SIZE_MAX;
        if (quantity) {
            r->columns[n].decimals = QUANTITY_DECIMALS;
        } else if (c->type == REPORT_PERCENT) {
            r->columns[n].decimals = PERCENT_DECIMALS;
            r->columns[n].unit = "%";
        } else if (c->type == REPORT_MONEY) {
            r->columns[n].decimals = o->currency->digits;
            r->columns[n].unit = o->currency->symbol;
        }
    }
    r->doc.columns = r->columns;
    r->doc.column_count = n;
}

/* What a parameter is called in the head of a paper. */
static const char *param_words(const char *name)
{
    static const struct {
        const char *name, *words;
    } params[] = {{"from", N_("from")},       {"to", N_("to")},
                  {"account", N_("account")}, {"serial", N_("meter")},
                  {"state", N_("state")},     {"route", N_("route")},
                  {"kind", N_("kind")},       {"date", N_("on")},
                  {"rule", N_("rule")},       {"month", N_("month")},
                  {"zone", N_("zone")},       {"what", N_("what")},
                  {"user", N_("user")},       {"severity", N_("severity")},
                  {"number", N_("number")},   {"installer", N_("installer")},
                  {"class", N_("class")}};
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        if (strcmp(params[i].name, name) == 0) {
            return _(params[i].words);
        }
    }
    return name;
}

/* A value of one: dates in the office's form, codes in words. */
static void value_words(const struct office_report *r, const char *name, const char *value,
                        struct buf *out)
{
    struct date d;
    say *s = say_of(&(struct report_column){.id = name, .type = REPORT_TEXT});
    if (date_parse(value, strlen(value), &d, NULL) == ERR_OK) {
        numfmt_date(r->fmt, d, out);
    } else if (s != NULL) {
        s(value, strlen(value), out);
    } else {
        buf_adds(out, value);
    }
}

/* "from 2016-03-01, serial A-0121": what narrows the report, as given; in words for people. */
static void subtitle_fill(struct office_report *r)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; r->def->params[i] != NULL; i++) {
        const char *name = r->def->params[i];
        if (r->values[i] == NULL) {
            continue;
        }
        buf_addf(&b, "%s%s ", b.len > 0 ? ", " : "", r->people ? param_words(name) : name);
        if (r->people) {
            value_words(r, name, r->values[i], &b);
        } else {
            buf_adds(&b, r->values[i]);
        }
    }
    text_sanitize_to(buf_str(&b), b.len, r->subtitle, sizeof r->subtitle);
    r->doc.subtitle = r->subtitle[0] != '\0' ? r->subtitle : NULL;
    buf_release(&b);
}

static size_t column_find(const struct office_report *r, const char *id)
{
    size_t i = 0;
    while (i < r->doc.column_count && strcmp(r->columns[i].id, id) != 0) {
        i++;
    }
    return i;
}

/* Which reports have a picture, of which columns, by their ids: a row each. */
static const struct office_chart {
    const char *report;
    enum report_chart_kind kind;
    const char *category, *series[REPORT_CHART_SERIES_MAX + 1];
} charts[] = {
    {"claims", REPORT_CHART_COLUMNS, "month", {"claims", "upheld", NULL}},
    {"collection", REPORT_CHART_COLUMNS, "month", {"billed", "collected", NULL}},
    {"kpis", REPORT_CHART_LINES, "month", {"coverage", "estimated", "collected", NULL}},
    {"ageing", REPORT_CHART_COLUMNS, "band", {"open", NULL}},
    {"billing-runs", REPORT_CHART_COLUMNS, "start", {"total", NULL}},
};

static void chart_fill(struct office_report *r)
{
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        const struct office_chart *c = &charts[i];
        if (strcmp(c->report, r->def->name) != 0) {
            continue;
        }
        r->chart.kind = c->kind;
        r->chart.category = column_find(r, c->category);
        for (const char *const *id = c->series; *id != NULL; id++) {
            r->chart.series[r->chart.series_count++] = column_find(r, *id);
        }
        r->doc.chart = &r->chart;
    }
}

/* ---- the query ---- */

#define SQL_BYTES ((size_t)16384)
#define OPTIONAL " IS NULL OR "

/* The end of what stands in parentheses from `at` on, behind the opening one. */
static const char *parenthesis_end(const char *at)
{
    unsigned depth = 1;
    bool quoted = false;
    for (; *at != '\0'; at++) {
        quoted = quoted != (*at == '\'');
        depth += !quoted && *at == '(' ? 1 : 0;
        depth -= !quoted && *at == ')' ? 1 : 0;
        if (depth == 0) {
            break;
        }
    }
    return at;
}

/* "(?2 IS NULL OR a.number = ?2)" becomes "(a.number = ?2)" where the parameter is given, and
 * "(1)" where it is not: so a query for one account begins at the account, by its index, and
 * not at the first bill of the office. `at`: the opening parenthesis; NULL: it is no such one.
 */
static const char *optional_narrow(const char *at, const struct val *vals, size_t count,
                                   struct buf *out)
{
    char *digits_end = NULL;
    if (at[1] != '?') {
        return NULL;
    }
    unsigned long n = strtoul(at + 2, &digits_end, 10);
    if (n < 1 || n > count || strncmp(digits_end, OPTIONAL, strlen(OPTIONAL)) != 0) {
        return NULL;
    }
    const char *condition = digits_end + strlen(OPTIONAL);
    const char *end = parenthesis_end(condition);
    buf_addc(out, '(');
    if (vals[n - 1].type == VAL_NULL) {
        buf_addc(out, '1');
    } else {
        buf_add(out, condition, (size_t)(end - condition));
    }
    return end;
}

static void sql_narrow(const char *sql, const struct val *vals, size_t count, struct buf *out)
{
    while (*sql != '\0') {
        const char *next = *sql == '(' ? optional_narrow(sql, vals, count, out) : NULL;
        if (next == NULL) {
            buf_addc(out, *sql++);
        } else {
            sql = next;
        }
    }
}

/* How many parameters the query still has: the highest number in it. */
static size_t params_left(const char *sql)
{
    size_t most = 0;
    for (const char *at = strchr(sql, '?'); at != NULL; at = strchr(at + 1, '?')) {
        size_t n = strtoul(at + 1, NULL, 10);
        most = n > most ? n : most;
    }
    return most;
}

static enum err_code query_begin(struct office *o, struct office_report *r,
                                 const struct val *vals, size_t count, struct err *e)
{
    struct buf sql;
    buf_init(&sql, SQL_BYTES);
    sql_narrow(r->def->sql, vals, count, &sql);
    enum err_code code = buf_status(&sql, _("the report's query"), e);
    if (code == ERR_OK) {
        size_t left = params_left(buf_str(&sql));
        CHECK(left <= count);
        code = db_query_once(o->db, &r->q, e, buf_str(&sql), vals, left);
    }
    buf_release(&sql);
    return code;
}

/* The next rows that were reckoned, in the place of those that have been read. */
static enum err_code slice_begin(struct office_report *r, struct err *e)
{
    struct val vals[OFFICE_REPORT_PARAMS + 1] = {{0}};
    stmt_done(r->q);
    r->q = NULL;
    buf_clear(&r->reckoned);
    r->slices->next(r->office, r->slices_state, &r->reckoned);
    TRY(buf_status(&r->reckoned, _("the report's rows"), e));
    for (size_t i = 0; i < r->param_count; i++) {
        vals[i] = V_TEXT(r->values[i]);
    }
    vals[r->param_count] = V_TEXT(buf_str(&r->reckoned));
    return query_begin(r->office, r, vals, r->param_count + 1, e);
}

/* SQLite asks now and then, also while it sorts and has no row to give. */
static bool unwanted(void *ctx)
{
    const struct office_report *r = ctx;
    uint64_t done = r->total > 0 ? r->done : r->rows;
    return !progress_step(r->progress, _(r->def->title), done, r->total);
}

static bool reckoning_step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct office_report *r = ctx;
    r->done = done;
    r->total = total;
    (void)what;
    return progress_step(r->progress, _(r->def->title), done, total);
}

static enum err_code slices_begin(struct office *o, struct office_report *r, struct err *e)
{
    r->reckoning = (struct progress){r, reckoning_step};
    TRY(r->slices->begin(o, r->values, &r->reckoning, &r->slices_state, e));
    r->total = 0;
    return slice_begin(r, e);
}

enum err_code office_report_open(struct office *o, const struct office_report_def *def,
                                 const char *const *values, const struct progress *progress,
                                 struct office_report *out, struct err *e)
{
    struct val vals[OFFICE_REPORT_LANGUAGE] = {{0}};
    size_t count = 0;
    char today[DATE_TEXT];
    *out =
        (struct office_report){.def = def, .fmt = o->numfmt, .db = o->db, .progress = progress};
    buf_init(&out->reckoned, RECKONED_BYTES);
    for (size_t i = 0; i < OFFICE_REPORT_COLUMNS; i++) {
        buf_init(&out->said[i], REPORT_TEXT_MAX);
    }
    TRY(report_values_check(o, def, values, e));
    if (progress != NULL) {
        db_set_stop(o->db, unwanted, out);
    }
    for (; def->params[count] != NULL; count++) {
        vals[count] = V_TEXT(values[count]);
        out->values[count] = values[count];
    }
    reckon_fn reckon = reckon_find(def->name);
    if (reckon != NULL) {
        TRY(reckon(o, values, &out->reckoned, e));
        TRY(buf_status(&out->reckoned, _("the report's rows"), e));
        vals[count++] = V_TEXT(buf_str(&out->reckoned));
    }
    out->office = o;
    out->param_count = count;
    out->slices = reckon_slices_find(def->name);
    date_text(office_today(o), today);
    const char *const more[][2] = {{"?11", today}, {"?12", i18n_lang()}};
    for (size_t i = 0; i < 2; i++) {
        for (; strstr(def->sql, more[i][0]) != NULL && count < OFFICE_REPORT_TODAY + i;
             count++) {
            vals[count] = count + 1 < OFFICE_REPORT_TODAY + i ? V_NULL() : V_TEXT(more[i][1]);
        }
    }
    TRY(out->slices != NULL ? slices_begin(o, out, e) : query_begin(o, out, vals, count, e));
    out->doc =
        (struct report_doc){.name = def->name,
                            .title = _(def->title),
                            .office = o->name,
                            .generated = zone_to_civil(o->zone, env_wall_ms(o->env) / 1000),
                            .zone = zone_name(o->zone),
                            .rows = {out, rows_next}};
    columns_fill(o, out);
    chart_fill(out);
    subtitle_fill(out);
    return ERR_OK;
}

void office_report_close(struct office_report *r)
{
    stmt_done(r->q);
    r->q = NULL;
    if (r->progress != NULL) {
        db_set_stop(r->db, NULL, NULL);
    }
    if (r->slices != NULL) {
        r->slices->end(r->slices_state);
    }
    for (size_t i = 0; i < OFFICE_REPORT_COLUMNS; i++) {
        buf_release(&r->said[i]);
    }
    buf_release(&r->reckoned);
}

enum err_code office_report_write(struct office *o, struct office_report *r,
                                  const struct report_format *format, const char *path,
                                  struct report_outcome *outcome, struct err *e)
{
    struct report_options options = {.fmt = o->numfmt, .progress = r->progress};
    r->people = format->people;
    subtitle_fill(r);
    if (strcmp(format->name, "pdf") != 0) {
        return report_write(format, &r->doc, &options, path, outcome, e);
    }
    struct office_look *look = mem_alloc(sizeof *look);
    if (look == NULL) {
        return err_nomem(e);
    }
    enum err_code code = office_look_load(o, look, e);
    if (code == ERR_OK) {
        options.look = &look->look;
        code = report_write(format, &r->doc, &options, path, outcome, e);
    }
    office_look_release(look);
    mem_free(look);
    return code;
}
