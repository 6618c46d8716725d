/* A report without a format: columns, a stream of exact rows, totals and notes. The writers
 * (out_*.c) turn it into PDF, Excel, CSV, JSON and text; none of them asks anything else.
 * Numbers are integers with the column's decimals. */
#ifndef AFORO_REPORTS_MODEL_H
#define AFORO_REPORTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/caltime.h"
#include "base/err.h"
#include "base/quantity.h"
#include "base/text.h"

#define REPORT_COLUMNS_MAX 64
#define REPORT_DECIMALS_MAX 9
#define REPORT_NOTES_MAX 64
#define REPORT_TEXT_MAX                                                                        \
    (1024 * 1024) /* bytes of one text cell; more is our bug or an attack                      \
                   */

enum report_type {
    REPORT_TEXT,
    REPORT_ID, /* text that looks like a number: serial, account, phone; never computed with */
    REPORT_INTEGER,
    REPORT_QUANTITY, /* integer of 10^-decimals of the column's unit */
    REPORT_MONEY,    /* integer minor units; decimals = the currency's digits */
    REPORT_PERCENT,  /* integer of 10^-decimals per cent: 1250 with 2 decimals is 12.50 % */
    REPORT_DATE,     /* days since 1970-01-01, as date_to_days gives */
    REPORT_DATETIME  /* office time in seconds, as civil_to_secs gives */
};

enum report_align {
    REPORT_ALIGN_AUTO,
    REPORT_ALIGN_LEFT,
    REPORT_ALIGN_CENTRE,
    REPORT_ALIGN_RIGHT
};
enum report_total { REPORT_TOTAL_NONE, REPORT_TOTAL_SUM };

struct report_column {
    const char *id;      /* machine name, the CSV heading and JSON member: "consumption" */
    const char *heading; /* for people, translated */
    const char *unit;    /* NULL or shown behind the heading: "m³", "₡" */
    enum report_type type;
    uint8_t decimals; /* QUANTITY, MONEY, PERCENT: 0..REPORT_DECIMALS_MAX; else 0 */
    enum report_align align;
    uint8_t width; /* hint in characters; 0: by type */
    enum report_total total;
};

struct report_cell {
    bool empty;
    const char *text; /* TEXT, ID: UTF-8 as it came, checked by each writer; borrowed until the
                         next row */
    size_t len;       /* bytes of text */
    int64_t value;    /* every other type */
    bool scaled;      /* QUANTITY of a column without total: it has decimals of its own */
    uint8_t decimals; /* then; 0..REPORT_DECIMALS_MAX */
};

/* Where the rows come from. `next` fills one cell a column, or sets *eof and fills none. It is
 * called from one thread and never again after *eof or an error. */
struct report_source {
    void *ctx;
    enum err_code (*next)(void *ctx, struct report_cell *cells, bool *eof, struct err *e);
};

/* What a picture of the report shows: columns of numbers over a column that names each row. */
#define REPORT_CHART_SERIES_MAX 5
#define REPORT_CHART_POINTS_MAX 48 /* rows; with more, paper has no chart */
enum report_chart_kind { REPORT_CHART_COLUMNS, REPORT_CHART_STACKED, REPORT_CHART_LINES };
struct report_chart {
    enum report_chart_kind kind;
    size_t category; /* column */
    size_t series[REPORT_CHART_SERIES_MAX], series_count;
};

struct report_doc {
    const char *name;       /* machine name: "readings" */
    const char *title;      /* translated, as are subtitle and notes */
    const char *subtitle;   /* NULL or period and filters */
    const char *office;     /* NULL or the office's name */
    struct civil generated; /* office time */
    const char *zone;       /* NULL or the office's time zone: "America/Costa_Rica" */
    const struct report_column *columns;
    size_t column_count;
    struct report_source rows;
    const char *const *notes;
    size_t note_count;
    const struct report_chart *chart; /* NULL: none */
};

/* One pass over a report's rows: what every writer reads through, so that rows are checked and
 * summed once. */
struct report_run {
    const struct report_doc *doc;
    struct report_cell cells[REPORT_COLUMNS_MAX];
    int128 sums[REPORT_COLUMNS_MAX];
    uint64_t rows; /* handed out so far */
    bool has_totals;
};

/*
 * Begin a pass.
 *
 * Errors: ERR_RANGE names the column whose type, decimals or total do not go together, or says
 * that the report has no columns or too many.
 */
enum err_code report_run_init(struct report_run *run, const struct report_doc *doc,
                              struct err *e) MUST_CHECK;
/*
 * Fetch the next row into run->cells and add it to the sums.
 *
 * Errors: the source's own, or ERR_RANGE with row and column when a date or text is outside the
 * model.
 */
enum err_code report_run_next(struct report_run *run, bool *eof, struct err *e) MUST_CHECK;
/* The total of a SUM column so far; false when the column has none or it exceeds 64 bits. */
bool report_run_total(const struct report_run *run, size_t column, int64_t *out);
/* The same exactly, however large: machine form, or for people when fmt is not NULL. Nothing
 * without a total. */
void report_run_print_total(const struct report_run *run, size_t column,
                            const struct numfmt *fmt, struct buf *out);

/* The decimals of a cell's value: its own, else its column's. */
unsigned report_cell_decimals(const struct report_column *c, const struct report_cell *cell);

bool report_is_text(enum report_type type);
bool report_is_number(enum report_type type);
enum report_align report_column_align(const struct report_column *c); /* AUTO resolved */
unsigned report_column_width(const struct report_column *c); /* hint resolved, in characters */

/* "12042.500", "2016-03-01", "2016-03-01T00:28:55"; nothing for an empty cell. Text is appended
 * as it came. */
void report_cell_machine(const struct report_column *c, const struct report_cell *cell,
                         struct buf *out);
/* The same for people: grouped and dated by fmt; text through text_sanitize. */
void report_cell_people(const struct report_column *c, const struct report_cell *cell,
                        const struct numfmt *fmt, struct buf *out);
/* Heading and unit: "Consumption (m³)". */
void report_heading(const struct report_column *c, struct buf *out);
/* mantissa * 10^-decimals, machine form. */
void report_print_scaled(int128 mantissa, unsigned decimals, struct buf *out);
/* Append text with malformed UTF-8 and what XML 1.0 cannot hold replaced by U+FFFD; *changed
 * counts them. */
void report_text_repair(const char *s, size_t len, struct buf *out, uint64_t *changed);
/* Append text for people's files: control characters, bidi tricks and malformed bytes as
 * visible tokens. With keep_breaks, tabs and line feeds stay and a carriage return becomes a
 * line feed. *changed counts texts altered. */
void report_text_clean(const char *s, size_t len, bool keep_breaks, struct buf *out,
                       uint64_t *changed);

/* Forget the contents, but remember in *lost when they were incomplete: a text that memory ran
 * out for must not vanish unseen. */
void report_buf_reset(struct buf *b, bool *lost);

/* Rows from an array already in memory, for small reports and tests: count rows of column_count
 * cells each. */
struct report_table {
    const struct report_cell *cells;
    size_t column_count;
    size_t row_count;
    size_t at;
};
struct report_source report_table_source(struct report_table *t);

#endif
