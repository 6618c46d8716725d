#include <config.h>

#include "reports/out.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <xlsxwriter.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"
#include "reports/out_xlsx_extra.h"
#include "reports/out_xlsx_row.h"
#include "reports/out_xlsx_style.h"
#include "reports/xlsx_check.h"
#include "reports/xlsx_text.h"

/* Title, line below it, headings. */
#define TITLE_ROW 0
#define ABOUT_ROW 1
#define HEAD_ROW 2
#define DATA_ROW 3
#define SHEET_ROWS 1048576                          /* Excel's limit */
#define SHEET_DATA_ROWS (SHEET_ROWS - DATA_ROW - 1) /* the last row is kept for the totals */
#define SHEET_DATA_BYTES INT64_C(3500000000) /* below what a zip part without ZIP64 holds */
#define SHEETS_MAX 200
#define EXCEL_EPOCH_DAYS 25569 /* 1970-01-01 as Excel counts */
#define EXCEL_FIRST_DAY 61     /* 1900-03-01: before it Excel counts a day that never was */
/* Integers to 2^53 are exact in a double, decimals to 15 digits come back as they were. Source:
 * IEEE 754, DBL_DIG. */
#define EXACT_INTEGER INT64_C(9007199254740992)
#define EXACT_DECIMAL INT64_C(999999999999999)

struct sheet {
    lxw_worksheet *ws;
    char name[XLSX_NAME_SIZE];
    lxw_row_t rows; /* data rows */
    uint64_t bytes; /* its rows as XML, once it is finished */
};

struct xlsx_out {
    const struct report_doc *doc;
    const struct report_options *options;
    struct report_outcome *outcome;
    lxw_workbook *book;
    struct xlsx_styles style;
    bool inexact[REPORT_COLUMNS_MAX]; /* a number of the column stands as text: no formula can
                                         sum it */
    struct sheet sheets[SHEETS_MAX + 1]; /* the notes come last */
    size_t sheet_count;
    char tmpdir[PATH_MAX];
    char *heads[REPORT_COLUMNS_MAX]; /* as they stand in the cells */
    struct buf text, scratch;
    struct xlsx_row row;
    bool lost; /* memory ran out for one of them */
    struct out_file file;
};

static enum err_code library_failed(const struct xlsx_out *o, lxw_error code, struct err *e)
{
    return err_set(e, ERR_IO,
                   _("%s could not be written: %s Free some space or choose another place."),
                   o->file.target, lxw_strerror(code));
}

/* Before the scratch texts are used anew. */
static void keep(struct xlsx_out *o)
{
    report_buf_reset(&o->text, &o->lost);
    report_buf_reset(&o->scratch, &o->lost);
}

/* A text as a cell may hold it, in o->text. */
static const char *cell_text(struct xlsx_out *o, const char *s, size_t len)
{
    keep(o);
    xlsx_cell_text(s, len, &o->scratch, &o->text, o->outcome);
    return buf_str(&o->text);
}

/* Paper: A4, as wide as needed, headings on each page, page x of y. */
static void sheet_print_setup(struct xlsx_out *o, lxw_worksheet *ws, unsigned columns_wide)
{
    keep(o);
    xlsx_footer(o->doc->title, &o->scratch, &o->text);
    worksheet_set_paper(ws, 9);
    worksheet_fit_to_pages(ws, 1, 0);
    (void)worksheet_repeat_rows(ws, HEAD_ROW, HEAD_ROW);
    (void)worksheet_set_footer(ws, buf_str(&o->text));
    worksheet_set_margins(ws, 0.5, 0.5, 0.6, 0.7);
    if (columns_wide > 95) {
        worksheet_set_landscape(ws);
    }
}

static void sheet_columns(struct xlsx_out *o, lxw_worksheet *ws)
{
    unsigned total = 0;
    for (size_t i = 0; i < o->doc->column_count; i++) {
        const struct report_column *c = &o->doc->columns[i];
        keep(o);
        report_heading(c, &o->scratch);
        size_t head = text_width(buf_str(&o->scratch), o->scratch.len) +
                      3; /* room for the filter's arrow */
        unsigned width = report_column_width(c) + 2;
        if (head > width) {
            width = head > 40 ? 40 : (unsigned)head;
        }
        total += width;
        (void)worksheet_set_column(ws, (lxw_col_t)i, (lxw_col_t)i, (double)width, NULL);
    }
    sheet_print_setup(o, ws, total);
}

static enum err_code sheet_head(struct xlsx_out *o, lxw_worksheet *ws, struct err *e)
{
    struct buf line;
    lxw_error failed = worksheet_write_string(
        ws, TITLE_ROW, 0, cell_text(o, o->doc->title, strlen(o->doc->title)), o->style.title);
    (void)worksheet_set_row(ws, TITLE_ROW, 24, NULL);
    buf_init(&line, REPORT_TEXT_MAX);
    xlsx_about_line(o->doc, o->options->fmt, &line);
    if (failed == LXW_NO_ERROR) {
        failed = worksheet_write_string(ws, ABOUT_ROW, 0,
                                        cell_text(o, buf_str(&line), line.len), o->style.about);
    }
    for (size_t i = 0; i < o->doc->column_count && failed == LXW_NO_ERROR; i++) {
        failed = worksheet_write_string(ws, HEAD_ROW, (lxw_col_t)i, o->heads[i], o->style.head);
    }
    o->lost = o->lost || line.failed;
    buf_release(&line);
    return failed == LXW_NO_ERROR ? ERR_OK : library_failed(o, failed, e);
}

/* The headings, each another name. */
static enum err_code heads_make(struct xlsx_out *o, struct err *e)
{
    struct buf line;
    enum err_code code = ERR_OK;
    buf_init(&line, REPORT_TEXT_MAX);
    for (size_t i = 0; i < o->doc->column_count && code == ERR_OK; i++) {
        report_buf_reset(&line, &o->lost);
        report_heading(&o->doc->columns[i], &line);
        (void)cell_text(o, buf_str(&line), line.len);
        xlsx_head_unique(o->heads, i, &o->text);
        o->heads[i] = mem_strdup(buf_str(&o->text));
        code = o->heads[i] == NULL ? err_nomem(e) : buf_status(&o->text, _("the row"), e);
    }
    o->lost = o->lost || line.failed;
    buf_release(&line);
    return code;
}

static enum err_code sheet_new(struct xlsx_out *o, struct err *e)
{
    if (o->sheet_count == SHEETS_MAX) {
        return err_set(
            e, ERR_LIMIT,
            _("The report %s has more rows than a workbook should hold: choose CSV."),
            o->doc->name);
    }
    struct sheet *s = &o->sheets[o->sheet_count];
    memset(s, 0, sizeof(*s));
    keep(o);
    xlsx_sheet_name(o->doc->title, o->sheet_count + 1, &o->scratch, s->name);
    s->ws = workbook_add_worksheet(o->book, s->name);
    if (s->ws == NULL) {
        return library_failed(o, LXW_ERROR_CREATING_TMPFILE, e);
    }
    o->sheet_count++;
    worksheet_freeze_panes(s->ws, DATA_ROW, 0);
    (void)worksheet_ignore_errors(s->ws, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:BL1048576");
    sheet_columns(o, s->ws);
    TRY(sheet_head(o, s->ws, e));
    lxw_worksheet_write_single_row(s->ws); /* rows of ours follow */
    return ERR_OK;
}

/* Push the library's current row out, and learn whether its rows reached the disk and how many
 * bytes they are. */
static enum err_code sheet_finish(struct xlsx_out *o, struct sheet *s, struct err *e)
{
    lxw_worksheet_write_single_row(s->ws);
    if (fflush(s->ws->optimize_tmpfile) != 0 || ferror(s->ws->optimize_tmpfile)) {
        return library_failed(o, LXW_ERROR_CREATING_TMPFILE, e);
    }
    s->bytes = (uint64_t)ftello(s->ws->optimize_tmpfile);
    return ERR_OK;
}

static struct xlsx_range range_of(const struct xlsx_out *o, const struct sheet *s)
{
    return (struct xlsx_range){s->name, HEAD_ROW, DATA_ROW,
                               s->rows > 0 ? DATA_ROW + s->rows - 1 : HEAD_ROW,
                               o->doc->column_count};
}

static enum err_code filter_set(struct xlsx_out *o, struct sheet *s, struct err *e)
{
    struct xlsx_range at = range_of(o, s);
    lxw_error failed =
        worksheet_autofilter(s->ws, at.head, 0, at.last, (lxw_col_t)(at.columns - 1));
    return failed == LXW_NO_ERROR ? ERR_OK : library_failed(o, failed, e);
}

/* A table where it is one sheet of not too many rows; else a filter. */
static enum err_code table_or_filter(struct xlsx_out *o, struct err *e)
{
    struct sheet *s = &o->sheets[o->sheet_count - 1];
    struct xlsx_range at = range_of(o, s);
    if (o->sheet_count > 1 || s->rows == 0 || s->rows > XLSX_TABLE_ROWS_MAX) {
        return filter_set(o, s, e);
    }
    lxw_error failed = xlsx_table_add(s->ws, &at, o->heads);
    return failed == LXW_NO_ERROR ? ERR_OK : library_failed(o, failed, e);
}

static bool exact_as_double(int64_t value, unsigned decimals)
{
    int64_t limit = decimals == 0 ? EXACT_INTEGER : EXACT_DECIMAL;
    return value <= limit && value >= -limit;
}

/* The edge where exact numbers become Excel's: value and power are exact doubles, so the
 * quotient is the nearest. */
static double to_double(int64_t value, unsigned decimals)
{
    return (double)value / (double)pow10_i64(decimals);
}

static void write_as_text(struct xlsx_out *o, size_t column, const struct report_cell *cell)
{
    keep(o);
    report_cell_machine(&o->doc->columns[column], cell, &o->text);
    xlsx_row_text(&o->row, column, o->style.cell_index[column], buf_str(&o->text), o->text.len);
}

static void write_number(struct xlsx_out *o, size_t column, const struct report_cell *cell)
{
    const struct report_column *c = &o->doc->columns[column];
    unsigned decimals = report_cell_decimals(c, cell) +
                        (c->type == REPORT_PERCENT ? 2U : 0U); /* Excel keeps 12.5 % as 0.125 */
    if (!exact_as_double(cell->value, decimals)) {
        o->outcome->numbers_as_text++;
        o->inexact[column] = true;
        write_as_text(o, column, cell);
        return;
    }
    xlsx_row_number(&o->row, column, o->style.cell_index[column], cell->value, decimals);
}

static void write_date(struct xlsx_out *o, size_t column, const struct report_cell *cell)
{
    bool timed = o->doc->columns[column].type == REPORT_DATETIME;
    int64_t unit = timed ? 86400 : 1;
    int64_t serial = cell->value + EXCEL_EPOCH_DAYS * unit;
    if (serial < EXCEL_FIRST_DAY * unit) {
        write_as_text(o, column, cell);
    } else if (timed) {
        xlsx_row_instant(&o->row, column, o->style.cell_index[column], serial);
    } else {
        xlsx_row_number(&o->row, column, o->style.cell_index[column], serial, 0);
    }
}

static void write_cell(struct xlsx_out *o, size_t column, const struct report_cell *cell)
{
    if (cell->empty) {
        return;
    }
    switch (o->doc->columns[column].type) {
    case REPORT_TEXT:
    case REPORT_ID: /* a string cell is never a formula, whatever it begins with */
        (void)cell_text(o, cell->text, cell->len);
        xlsx_row_text(&o->row, column, o->style.cell_index[column], buf_str(&o->text),
                      o->text.len);
        return;
    case REPORT_INTEGER:
    case REPORT_QUANTITY:
    case REPORT_MONEY:
    case REPORT_PERCENT:
        write_number(o, column, cell);
        return;
    case REPORT_DATE:
    case REPORT_DATETIME:
        write_date(o, column, cell);
        return;
    }
}

/* Full by rows, or by bytes, which are looked at now and then. */
static bool sheet_full(const struct sheet *s)
{
    return s->rows >= SHEET_DATA_ROWS ||
           ((s->rows & 4095) == 4095 && ftello(s->ws->optimize_tmpfile) > SHEET_DATA_BYTES);
}

static enum err_code row_write(struct xlsx_out *o, const struct report_run *run, struct err *e)
{
    struct sheet *s = &o->sheets[o->sheet_count - 1];
    if (sheet_full(s)) {
        TRY(filter_set(o, s, e));
        TRY(sheet_finish(o, s, e));
        TRY(sheet_new(o, e));
        s = &o->sheets[o->sheet_count - 1];
    }
    lxw_row_t row = DATA_ROW + s->rows;
    xlsx_row_begin(&o->row, row);
    for (size_t i = 0; i < o->doc->column_count; i++) {
        write_cell(o, i, &run->cells[i]);
    }
    s->rows++;
    TRY(buf_status(&o->text, _("the row"), e));
    TRY(buf_status(&o->scratch, _("the row"), e));
    if (!xlsx_row_end(&o->row, s->ws, row, o->doc->column_count)) {
        return buf_status(&o->row.xml, _("the row"), e);
    }
    return ferror(s->ws->optimize_tmpfile) != 0
               ? library_failed(o, LXW_ERROR_CREATING_TMPFILE, e)
               : ERR_OK;
}

/* =SUBTOTAL(109,C4:C100), which sums what a filter shows; over several sheets
 * =SUM('Bills'!C4:C1048575,'Bills 2'!C4:C9). */
static void sum_formula(const struct xlsx_out *o, size_t column, struct buf *out)
{
    char first[LXW_MAX_CELL_NAME_LENGTH], last[LXW_MAX_CELL_NAME_LENGTH];
    buf_adds(out, o->sheet_count > 1 ? "=SUM(" : "=SUBTOTAL(109,");
    for (size_t i = 0; i < o->sheet_count; i++) {
        const struct sheet *s = &o->sheets[i];
        lxw_rowcol_to_cell(first, DATA_ROW, (lxw_col_t)column);
        lxw_rowcol_to_cell(last, DATA_ROW + s->rows - 1, (lxw_col_t)column);
        buf_adds(out, i > 0 ? "," : "");
        if (o->sheet_count > 1) {
            buf_addf(out, "'%s'!", s->name);
        }
        buf_addf(out, "%s:%s", first, last);
    }
    buf_addc(out, ')');
}

static lxw_error total_write(struct xlsx_out *o, const struct report_run *run, size_t column,
                             lxw_row_t row)
{
    lxw_worksheet *ws = o->sheets[o->sheet_count - 1].ws;
    const struct report_column *c = &o->doc->columns[column];
    int64_t total = 0;
    keep(o);
    if (c->total != REPORT_TOTAL_SUM) {
        return worksheet_write_blank(ws, row, (lxw_col_t)column, o->style.sum[column]);
    }
    if (o->inexact[column] || !report_run_total(run, column, &total) ||
        !exact_as_double(total, c->decimals)) {
        o->outcome->numbers_as_text++;
        report_run_print_total(run, column, NULL, &o->text);
        return worksheet_write_string(ws, row, (lxw_col_t)column, buf_str(&o->text),
                                      o->style.sum[column]);
    }
    double value = to_double(total, c->decimals);
    if (run->rows == 0) {
        return worksheet_write_number(ws, row, (lxw_col_t)column, value, o->style.sum[column]);
    }
    sum_formula(o, column, &o->text);
    return worksheet_write_formula_num(ws, row, (lxw_col_t)column, buf_str(&o->text),
                                       o->style.sum[column], value);
}

static enum err_code totals_write(struct xlsx_out *o, const struct report_run *run,
                                  struct err *e)
{
    struct sheet *s = &o->sheets[o->sheet_count - 1];
    lxw_row_t row = DATA_ROW + s->rows;
    lxw_error failed = LXW_NO_ERROR;
    for (size_t i = 0; run->has_totals && i < o->doc->column_count && failed == LXW_NO_ERROR;
         i++) {
        if (i == 0 && o->doc->columns[0].total != REPORT_TOTAL_SUM) {
            failed = worksheet_write_string(s->ws, row, 0, _("Total"), o->style.sum[0]);
        } else {
            failed = total_write(o, run, i, row);
        }
    }
    return failed == LXW_NO_ERROR ? ERR_OK : library_failed(o, failed, e);
}

static void note_write(struct xlsx_out *o, lxw_worksheet *ws, lxw_row_t *row, const char *text)
{
    (void)worksheet_write_string(ws, *row, 0, cell_text(o, text, strlen(text)), o->style.wrap);
    *row += 1;
}

/* What the format could not hold, in words. */
static void own_notes_write(struct xlsx_out *o, lxw_worksheet *ws, lxw_row_t *row,
                            const struct report_outcome *did)
{
    char line[256];
    if (did->cut > 0) {
        (void)snprintf(line, sizeof(line),
                       _("Texts cut at 32,767 characters, the most a cell holds: %llu."),
                       (unsigned long long)did->cut);
        note_write(o, ws, row, line);
    }
    if (did->numbers_as_text > 0) {
        (void)snprintf(
            line, sizeof(line),
            _("Numbers with more digits than a spreadsheet keeps, written as text: %llu."),
            (unsigned long long)did->numbers_as_text);
        note_write(o, ws, row, line);
    }
    if (did->repaired > 0) {
        (void)snprintf(line, sizeof(line),
                       _("Texts in which control characters or malformed bytes are shown as "
                         "tokens: %llu."),
                       (unsigned long long)did->repaired);
        note_write(o, ws, row, line);
    }
}

/* A name for a sheet beside those of the rows. */
static void beside_name(struct xlsx_out *o, const char *title, char out[XLSX_NAME_SIZE])
{
    keep(o);
    xlsx_sheet_name(title, 1, &o->scratch, out);
    if (strcasecmp(out, o->sheets[0].name) == 0) {
        keep(o);
        xlsx_sheet_name(title, SHEETS_MAX + 1, &o->scratch, out);
    }
}

static enum err_code chart_make(struct xlsx_out *o, struct err *e)
{
    char name[XLSX_NAME_SIZE];
    const struct sheet *s = &o->sheets[0];
    struct xlsx_range at = range_of(o, s);
    if (o->doc->chart == NULL || o->sheet_count > 1 || s->rows == 0 ||
        s->rows > XLSX_CHART_ROWS_MAX) {
        return ERR_OK;
    }
    beside_name(o, _("Chart"), name);
    return xlsx_chart_add(o->book, name, o->doc, &at) ? ERR_OK : err_nomem(e);
}

/* The report's notes and the writer's own, on a sheet of their own. */
static enum err_code notes_write(struct xlsx_out *o, struct err *e)
{
    struct report_outcome did = *o->outcome;
    struct sheet *s = &o->sheets[o->sheet_count];
    lxw_row_t row = 0;
    if (o->doc->note_count == 0 && did.repaired == 0 && did.cut == 0 &&
        did.numbers_as_text == 0) {
        return ERR_OK;
    }
    memset(s, 0, sizeof(*s));
    beside_name(o, _("Notes"), s->name);
    s->ws = workbook_add_worksheet(o->book, s->name);
    if (s->ws == NULL) {
        return library_failed(o, LXW_ERROR_CREATING_TMPFILE, e);
    }
    o->sheet_count++;
    (void)worksheet_set_column(s->ws, 0, 0, 100, NULL);
    for (size_t i = 0; i < o->doc->note_count; i++) {
        note_write(o, s->ws, &row, o->doc->notes[i]);
    }
    own_notes_write(o, s->ws, &row, &did);
    TRY(buf_status(&o->text, _("the notes"), e));
    return sheet_finish(o, s, e);
}

/* Temporary files of the library beside the target, so that one disk decides. */
static void tmpdir_of(struct xlsx_out *o)
{
    const char *slash = strrchr(o->file.temp, '/');
    size_t len = slash == NULL ? 0 : slash == o->file.temp ? 1 : (size_t)(slash - o->file.temp);
    memcpy(o->tmpdir, o->file.temp, len);
    o->tmpdir[len] = '\0';
    if (len == 0) {
        memcpy(o->tmpdir, ".", 2);
    }
}

static enum err_code book_open(struct xlsx_out *o, struct err *e)
{
    tmpdir_of(o);
    lxw_workbook_options options = {
        .constant_memory = LXW_TRUE, .tmpdir = o->tmpdir, .use_zip64 = LXW_FALSE};
    o->book = workbook_new_opt(o->file.temp, &options);
    if (o->book == NULL) {
        return err_nomem(e);
    }
    lxw_error failed = xlsx_properties_set(o->book, o->doc, &o->lost);
    if (failed != LXW_NO_ERROR) {
        return library_failed(o, failed, e);
    }
    TRY(heads_make(o, e));
    TRY(xlsx_styles_make(o->book, o->doc, o->options->fmt, &o->style, e));
    return sheet_new(o, e);
}

static enum err_code rows_write(struct xlsx_out *o, struct err *e)
{
    struct report_run run;
    bool eof = false;
    TRY(report_run_init(&run, o->doc, e));
    for (;;) {
        TRY(report_run_next(&run, &eof, e));
        if (eof) {
            break;
        }
        TRY(row_write(o, &run, e));
        TRY(report_progress(o->options, &run, e));
    }
    struct sheet *last = &o->sheets[o->sheet_count - 1];
    TRY(table_or_filter(o, e));
    TRY(totals_write(o, &run, e));
    TRY(sheet_finish(o, last, e));
    TRY(chart_make(o, e));
    TRY(notes_write(o, e));
    o->outcome->rows = run.rows;
    o->outcome->pages = (unsigned)o->sheet_count;
    return ERR_OK;
}

/* Let the library assemble the file, then read it again: see xlsx_check.h. */
static enum err_code book_close(struct xlsx_out *o, struct err *e)
{
    uint64_t bytes[SHEETS_MAX + 1];
    keep(o);
    if (o->lost) {
        return err_nomem(e);
    }
    lxw_error failed = workbook_close(o->book);
    o->book = NULL;
    if (failed != LXW_NO_ERROR) {
        return library_failed(o, failed, e);
    }
    for (size_t i = 0; i < o->sheet_count; i++) {
        bytes[i] = o->sheets[i].bytes;
    }
    if (xlsx_check(o->file.temp, bytes, o->sheet_count, e) != ERR_OK) {
        return err_wrap(e, "%s", o->file.target);
    }
    return out_file_commit(&o->file, e);
}

/*
 * Excel, written row by row in constant memory: typed dates and numbers, ids as text, frozen
 * headings, filter, sums with their values. Source: ISO/IEC 29500-1 (SpreadsheetML); Excel
 * specifications and limits.
 */
enum err_code out_xlsx_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome, struct err *e)
{
    struct report_run check; /* refuse a wrong report before a file is opened */
    TRY(report_run_init(&check, doc, e));
    struct xlsx_out *o = mem_alloc(sizeof(*o));
    if (o == NULL) {
        return err_nomem(e);
    }
    o->doc = doc;
    o->options = options;
    o->outcome = outcome;
    buf_init(&o->text, 16 * (size_t)REPORT_TEXT_MAX);
    buf_init(&o->scratch, 8 * (size_t)REPORT_TEXT_MAX);
    buf_init(&o->row.xml, REPORT_COLUMNS_MAX * (size_t)REPORT_TEXT_MAX);
    enum err_code code = out_file_open(&o->file, path, e);
    if (code == ERR_OK) {
        out_file_lend(&o->file);
        code = book_open(o, e);
    }
    if (code == ERR_OK) {
        code = rows_write(o, e);
    }
    if (code == ERR_OK) {
        code = book_close(o, e);
    }
    if (o->book != NULL) {
        lxw_workbook_free(o->book);
    }
    out_file_discard(&o->file);
    buf_release(&o->text);
    buf_release(&o->scratch);
    buf_release(&o->row.xml);
    for (size_t i = 0; i < REPORT_COLUMNS_MAX; i++) {
        mem_free(o->heads[i]);
    }
    mem_free(o);
    return code;
}
