/* A workbook of a million rows against bare libxlsxwriter in constant-memory mode writing the
 * same cells with the same formats. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

#include "reports/out.h"
#include "tests/bench/bench.h"

#define COLUMNS 10
#define ROWS 1000000
#define ROWS_QUICK 100000

static const struct report_column columns[COLUMNS] = {
    {"id", "No.", NULL, REPORT_ID, 0, REPORT_ALIGN_AUTO, 8, REPORT_TOTAL_NONE},
    {"serial", "Serial", NULL, REPORT_ID, 0, REPORT_ALIGN_AUTO, 16, REPORT_TOTAL_NONE},
    {"customer", "Customer", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 24, REPORT_TOTAL_NONE},
    {"date", "Date", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 10, REPORT_TOTAL_NONE},
    {"previous", "Previous", "m³", REPORT_QUANTITY, 3, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"current", "Current", "m³", REPORT_QUANTITY, 3, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"use", "Use", "m³", REPORT_QUANTITY, 3, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"amount", "Amount", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"state", "State", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 10, REPORT_TOTAL_NONE},
    {"read", "Read at", NULL, REPORT_DATETIME, 0, REPORT_ALIGN_AUTO, 16, REPORT_TOTAL_NONE},
};

struct row {
    char id[16], serial[24], customer[48];
    const char *state;
    int64_t values[COLUMNS];
};

static uint64_t rows_now;
static char path[300];

static void row_make(uint64_t n, struct row *r)
{
    static const char *const states[] = {"accepted", "held", "corrected"};
    (void)snprintf(r->id, sizeof r->id, "%llu", (unsigned long long)n);
    (void)snprintf(r->serial, sizeof r->serial, "AG-%08llu",
                   (unsigned long long)(n * 7919 % 100000007));
    (void)snprintf(r->customer, sizeof r->customer, "María Peña Núñez %llu",
                   (unsigned long long)(n % 9973));
    r->state = states[n % 3];
    r->values[3] = 20000 + (int64_t)(n % 700);
    r->values[4] = (int64_t)(n * 31 % 99999999);
    r->values[6] = (int64_t)(n * 17 % 50000);
    r->values[5] = r->values[4] + r->values[6];
    r->values[7] = (int64_t)(n * 13 % 9999999);
    r->values[9] = (20000 + (int64_t)(n % 700)) * 86400 + (int64_t)(n * 37 % 86400);
}

static enum err_code next(void *ctx, struct report_cell *cells, bool *eof, struct err *e)
{
    static struct row r;
    uint64_t *at = ctx;
    (void)e;
    *eof = *at == rows_now;
    if (*eof) {
        return ERR_OK;
    }
    row_make((*at)++, &r);
    const char *texts[COLUMNS] = {r.id, r.serial, r.customer, [8] = r.state};
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i] = (struct report_cell){.text = texts[i],
                                        .len = texts[i] != NULL ? strlen(texts[i]) : 0,
                                        .value = r.values[i]};
    }
    return ERR_OK;
}

static uint64_t ours(void *ctx)
{
    uint64_t at = 0;
    struct err e = ERR_INIT;
    struct report_outcome outcome;
    struct report_options options = {.fmt = numfmt_find("es_CR")};
    struct report_doc doc = {.name = "readings",
                             .title = "Readings",
                             .office = "Acueducto",
                             .generated = {{2026, 11, 21}, 8, 8, 32},
                             .columns = columns,
                             .column_count = COLUMNS,
                             .rows = {&at, next}};
    (void)ctx;
    if (report_write(report_format_find("xlsx"), &doc, &options, path, &outcome, &e) !=
        ERR_OK) {
        (void)fprintf(stderr, "bench_xlsx: %s\n", e.text);
        return 0;
    }
    return outcome.rows;
}

static void bare_row(lxw_worksheet *ws, uint64_t n, lxw_format **f)
{
    struct row r;
    lxw_row_t at = (lxw_row_t)n + 1;
    row_make(n, &r);
    (void)worksheet_write_string(ws, at, 0, r.id, f[0]);
    (void)worksheet_write_string(ws, at, 1, r.serial, f[0]);
    (void)worksheet_write_string(ws, at, 2, r.customer, f[1]);
    (void)worksheet_write_number(ws, at, 3, (double)(r.values[3] + 25569), f[2]);
    for (lxw_col_t i = 4; i < 7; i++) {
        (void)worksheet_write_number(ws, at, i, (double)r.values[i] / 1000.0, f[3]);
    }
    (void)worksheet_write_number(ws, at, 7, (double)r.values[7] / 100.0, f[4]);
    (void)worksheet_write_string(ws, at, 8, r.state, f[1]);
    (void)worksheet_write_number(ws, at, 9, (double)r.values[9] / 86400.0 + 25569, f[5]);
}

static uint64_t bare(void *ctx)
{
    static const char *const forms[] = {"@",         "General",  "dd/mm/yyyy",
                                        "#,##0.000", "#,##0.00", "dd/mm/yyyy hh:mm"};
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = getenv("TMPDIR")};
    lxw_workbook *book = workbook_new_opt(path, &options);
    lxw_worksheet *ws = workbook_add_worksheet(book, NULL);
    lxw_format *formats[6];
    (void)ctx;
    for (size_t i = 0; i < 6; i++) {
        formats[i] = workbook_add_format(book);
        format_set_num_format(formats[i], forms[i]);
    }
    for (lxw_col_t i = 0; i < COLUMNS; i++) {
        (void)worksheet_write_string(ws, 0, i, columns[i].heading, NULL);
    }
    for (uint64_t n = 0; n < rows_now; n++) {
        bare_row(ws, n, formats);
    }
    return workbook_close(book) == LXW_NO_ERROR ? rows_now : 0;
}

int main(int argc, char **argv)
{
    struct bench_pair pair;
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/bench.xlsx", tmp != NULL ? tmp : "/tmp");
    rows_now = bench_quick(argc, argv) ? ROWS_QUICK : ROWS;
    bool ok = ours(NULL) == rows_now;
    bench_print_value("xlsx_memory", "MB", (double)bench_peak_rss_bytes() / 1e6, "value<=64");
    ok = ok && bench_alternate(ours, bare, NULL, 5, &pair);
    if (ok) {
        bench_print_rate("xlsx_rows", "rows/s", pair, "ratio>=0.90");
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
