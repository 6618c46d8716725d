/* The rows of a sheet. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "i18n.h"
#include "xlsx_cell.h"
#include "xlsx_priv.h"

#define ROW_BYTES_MAX ((size_t)CSV_LINE_MAX)
#define CELLS_MAX CSV_FIELDS_MAX

/* A cell of the row that is read; texts lie in the row's buffer. */
struct row_cell {
    size_t at, len;
    enum csv_type type;
    size_t fault; /* where its sentence begins; 0: none */
};

struct sheet_reader {
    struct xlsx *x;
    struct xml_reader xml;
    struct xlsx_part part;
    /* the row */
    unsigned row, column;
    bool hidden, ready, any, too_wide;
    size_t count; /* fields up to the last cell that says anything */
    struct row_cell cells[CELLS_MAX];
    struct csv_field fields[CELLS_MAX];
    struct buf bytes;
    /* the cell */
    char type[12];
    bool formula, has_value;
    unsigned style;
    struct buf value; /* of v, or the runs of is */
};

/* ---- merged cells ---- */

static bool range_take(const char *text, struct xlsx_merge *m)
{
    char from[32] = "";
    const char *colon = strchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (len >= sizeof from) {
        return false;
    }
    memcpy(from, text, len);
    return xlsx_place(from, &m->column[0], &m->row[0]) &&
           xlsx_place(colon != NULL ? colon + 1 : from, &m->column[1], &m->row[1]) &&
           m->column[0] <= m->column[1] && m->row[0] <= m->row[1];
}

static enum err_code merges_start(void *ctx, const char *path, const char *const *attributes,
                                  struct err *e)
{
    struct xlsx *x = ctx;
    struct xlsx_merge m = {0};
    if (strcmp(path, "worksheet/mergeCells/mergeCell") != 0) {
        return ERR_OK;
    }
    const char *range = xml_attribute(attributes, "ref");
    if (range == NULL || !range_take(range, &m)) {
        return err_set(e, ERR_PARSE, _("a merged area has no proper place"));
    }
    if (x->merge_count == XLSX_MERGES_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("the sheet has more than %d merged areas; undo the merging"),
                       XLSX_MERGES_MAX);
    }
    x->merges[x->merge_count++] = m;
    for (unsigned r = m.row[0]; r <= m.row[1]; r++) {
        x->merged_rows[r / 8] |= (uint8_t)(1u << r % 8);
    }
    return ERR_OK;
}

static enum err_code merges_end(void *ctx, const char *path, const char *text, struct err *e)
{
    (void)ctx;
    (void)path;
    (void)text;
    (void)e;
    return ERR_OK;
}

enum err_code xlsx_merges_read(struct xlsx *x, struct err *e)
{
    struct xml_reader reader = {x, merges_start, merges_end};
    bool found = false;
    x->merges = mem_array(XLSX_MERGES_MAX, sizeof *x->merges);
    x->merged_rows = mem_alloc(XLSX_ROWS_MAX / 8 + 1);
    if (x->merges == NULL || x->merged_rows == NULL) {
        return err_nomem(e);
    }
    TRY(xlsx_part_read(x, x->sheet, XLSX_SHEET_MAX, &reader, &found, e));
    return found ? ERR_OK : err_set(e, ERR_PARSE, _("the workbook has no part %s"), x->sheet);
}

static const struct xlsx_merge *merge_at(const struct xlsx *x, unsigned column, unsigned row)
{
    if ((x->merged_rows[row / 8] >> row % 8 & 1) == 0) {
        return NULL;
    }
    for (size_t i = 0; i < x->merge_count; i++) {
        const struct xlsx_merge *m = &x->merges[i];
        if (column >= m->column[0] && column <= m->column[1] && row >= m->row[0] &&
            row <= m->row[1]) {
            return m;
        }
    }
    return NULL;
}

/* ---- a cell ---- */

static struct row_cell *cell_of(struct sheet_reader *s)
{
    return &s->cells[s->column - 1];
}

static void cell_text(struct sheet_reader *s, const char *text, enum csv_type type)
{
    struct row_cell *c = cell_of(s);
    c->at = s->bytes.len;
    c->len = strlen(text);
    c->type = type;
    buf_adds(&s->bytes, text);
    buf_addc(&s->bytes, '\0');
    s->any = s->any || c->len > 0;
}

/* why: a sentence with %s for the cell's name. */
static void cell_fault(struct sheet_reader *s, const char *why)
{
    char name[24];
    char column[8];
    xlsx_column_name(s->column, column);
    (void)snprintf(name, sizeof name, "%s%u", column, s->row);
    cell_of(s)->fault = s->bytes.len;
    const char *mark = strstr(why, "%s");
    CHECK(mark != NULL);
    buf_add(&s->bytes, why, (size_t)(mark - why));
    buf_adds(&s->bytes, name);
    buf_adds(&s->bytes, mark + 2);
    buf_addc(&s->bytes, '\0');
    s->any = true;
}

static void cell_date(struct sheet_reader *s, const char *number)
{
    struct civil c;
    char text[32];
    if (!xlsx_serial(number, s->x->base_1904, &c)) {
        cell_fault(s, _("cell %s is shown as a date, and its number is none"));
        return;
    }
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", c.date.year,
                   c.date.month, c.date.day, c.hour, c.minute, c.second);
    cell_text(s, text, CSV_CIVIL);
}

static void cell_number(struct sheet_reader *s, const char *value)
{
    char number[XLSX_NUMBER_MAX];
    bool exact = false;
    if (!xlsx_number(value, number, &exact)) {
        cell_fault(s, _("cell %s should hold a number, and what is stored is none"));
    } else if (!exact) {
        cell_fault(s, _("cell %s holds a number of more than 15 digits, which a sheet does not "
                        "keep; make it a text and enter it again"));
    } else if (s->style < s->x->style_count && s->x->date_style[s->style] != 0) {
        cell_date(s, number);
    } else {
        cell_text(s, number, CSV_NUMBER);
    }
}

/* "2024-01-31T10:15:00", of cells of type d. */
static void cell_iso(struct sheet_reader *s, const char *value)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"};
    char text[32];
    for (size_t i = 0; i < 3; i++) {
        struct civil c;
        if (civil_parse_format(value, strlen(value), formats[i], &c, NULL) == ERR_OK) {
            (void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", c.date.year,
                           c.date.month, c.date.day, c.hour, c.minute, c.second);
            cell_text(s, text, CSV_CIVIL);
            return;
        }
    }
    cell_fault(s, _("cell %s is shown as a date, and its number is none"));
}

static void cell_shared(struct sheet_reader *s, const char *value)
{
    const struct xlsx_texts *t = &s->x->texts;
    char *end = NULL;
    unsigned long n = strtoul(value, &end, 10);
    if (end == value || *end != '\0' || n >= t->count) {
        cell_fault(s, _("cell %s names a text that the workbook does not hold"));
        return;
    }
    cell_text(s, t->bytes.data + t->at[n], CSV_TEXT);
}

static void cell_value(struct sheet_reader *s)
{
    const char *value = buf_str(&s->value);
    /* Programs that reckon nothing write an empty number. */
    bool lacking = !s->has_value || (value[0] == '\0' && strcmp(s->type, "n") == 0);
    if (s->formula && lacking) {
        cell_fault(s, _("cell %s holds a formula without its result; open the workbook in a "
                        "spreadsheet program and save it"));
    } else if (!s->has_value) {
        return;
    } else if (strcmp(s->type, "e") == 0) {
        cell_fault(s, _("cell %s holds an error"));
    } else if (strcmp(s->type, "s") == 0) {
        cell_shared(s, value);
    } else if (strcmp(s->type, "d") == 0) {
        cell_iso(s, value);
    } else if (strcmp(s->type, "b") == 0) {
        cell_text(s, strcmp(value, "0") == 0 ? "FALSE" : "TRUE", CSV_TEXT);
    } else if (strcmp(s->type, "str") == 0 || strcmp(s->type, "inlineStr") == 0) {
        cell_text(s, value, CSV_TEXT);
    } else if (value[0] != '\0') {
        cell_number(s, value);
    }
}

static enum err_code cell_begin(struct sheet_reader *s, const char *const *attributes,
                                struct err *e)
{
    const char *place = xml_attribute(attributes, "r");
    const char *type = xml_attribute(attributes, "t");
    const char *style = xml_attribute(attributes, "s");
    unsigned column = s->column + 1;
    unsigned row = s->row;
    if (place != NULL && (!xlsx_place(place, &column, &row) || row != s->row)) {
        return err_set(e, ERR_PARSE, _("a cell of row %u has no proper place"), s->row);
    }
    if (column <= s->column) {
        return err_set(e, ERR_PARSE, _("the cells of row %u are not in order"), s->row);
    }
    s->column = column;
    (void)snprintf(s->type, sizeof s->type, "%s", type != NULL ? type : "n");
    s->style = style != NULL ? (unsigned)strtoul(style, NULL, 10) : 0;
    s->formula = s->has_value = false;
    buf_clear(&s->value);
    return ERR_OK;
}

static enum err_code cell_end(struct sheet_reader *s, struct err *e)
{
    TRY(buf_status(&s->value, _("cell"), e));
    if (s->column > CELLS_MAX) {
        s->too_wide = s->too_wide || s->has_value;
        return ERR_OK;
    }
    size_t before = s->count;
    while (s->count < s->column) {
        s->cells[s->count++] = (struct row_cell){0};
    }
    if (merge_at(s->x, s->column, s->row) == NULL) {
        cell_value(s);
    }
    s->any = s->any || s->has_value;
    if (cell_of(s)->at == 0 && cell_of(s)->fault == 0) {
        s->count = before; /* a border and nothing in it */
    }
    return ERR_OK;
}

/* ---- a row ---- */

static enum err_code row_begin(struct sheet_reader *s, const char *const *attributes,
                               struct err *e)
{
    const char *number = xml_attribute(attributes, "r");
    const char *hidden = xml_attribute(attributes, "hidden");
    unsigned long row = number != NULL ? strtoul(number, NULL, 10) : s->row + 1ul;
    if (row <= s->row || row > XLSX_ROWS_MAX) {
        return err_set(e, ERR_PARSE, _("the rows of the sheet are not in order"));
    }
    s->row = (unsigned)row;
    s->column = 0;
    s->count = 0;
    s->any = s->too_wide = false;
    s->hidden = hidden != NULL && (strcmp(hidden, "1") == 0 || strcmp(hidden, "true") == 0);
    buf_clear(&s->bytes);
    buf_addc(&s->bytes, '\0'); /* place 0: nothing */
    return ERR_OK;
}

/* Merged cells of the row: what they say belongs to several places. */
static void row_merges(struct sheet_reader *s)
{
    if ((s->x->merged_rows[s->row / 8] >> s->row % 8 & 1) == 0 || !s->any) {
        return;
    }
    for (s->column = 1; s->column <= CELLS_MAX; s->column++) {
        const struct xlsx_merge *m = merge_at(s->x, s->column, s->row);
        if (m == NULL) {
            continue;
        }
        while (s->count < s->column) {
            s->cells[s->count++] = (struct row_cell){0};
        }
        cell_fault(s, _("cell %s is merged with others; undo the merging"));
    }
}

static enum err_code sheet_start(void *ctx, const char *path, const char *const *attributes,
                                 struct err *e)
{
    struct sheet_reader *s = ctx;
    if (strcmp(path, "worksheet/sheetData/row/c") == 0) {
        return cell_begin(s, attributes, e);
    }
    if (strcmp(path, "worksheet/sheetData/row") == 0) {
        return row_begin(s, attributes, e);
    }
    if (strcmp(path, "worksheet/sheetData/row/c/f") == 0) {
        s->formula = true;
    }
    return ERR_OK;
}

static enum err_code sheet_end(void *ctx, const char *path, const char *text, struct err *e)
{
    struct sheet_reader *s = ctx;
    if (strcmp(path, "worksheet/sheetData/row/c/v") == 0 ||
        strcmp(path, "worksheet/sheetData/row/c/is/t") == 0 ||
        strcmp(path, "worksheet/sheetData/row/c/is/r/t") == 0) {
        s->has_value = true;
        buf_adds(&s->value, text);
    } else if (strcmp(path, "worksheet/sheetData/row/c") == 0) {
        return cell_end(s, e);
    } else if (strcmp(path, "worksheet/sheetData/row") == 0) {
        row_merges(s);
        TRY(buf_status(&s->bytes, _("row"), e));
        s->ready = s->any || s->too_wide;
        if (s->ready) {
            xml_stream_pause(s->part.xml);
        }
    }
    return ERR_OK;
}

enum err_code xlsx_rows_open(struct xlsx *x, struct err *e)
{
    struct sheet_reader *s = mem_alloc(sizeof *s);
    x->reader = s;
    if (s == NULL) {
        return err_nomem(e);
    }
    s->x = x;
    s->xml = (struct xml_reader){s, sheet_start, sheet_end};
    buf_init(&s->bytes, 2 * ROW_BYTES_MAX);
    buf_init(&s->value, ROW_BYTES_MAX);
    return xlsx_part_open(x, x->sheet, XLSX_SHEET_MAX, &s->xml, &s->part, e);
}

void xlsx_rows_close(struct xlsx *x)
{
    struct sheet_reader *s = x->reader;
    if (s != NULL) {
        xlsx_part_close(&s->part);
        buf_release(&s->bytes);
        buf_release(&s->value);
        mem_free(s);
    }
    x->reader = NULL;
}

enum err_code xlsx_next(struct xlsx *x, struct csv_row *row, bool *eof, struct err *e)
{
    struct sheet_reader *s = x->reader;
    s->ready = false;
    while (!s->ready && !(s->part.ended && !s->part.paused)) {
        TRY(xlsx_part_run(&s->part, e));
    }
    *eof = !s->ready;
    if (*eof) {
        return ERR_OK;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct row_cell *c = &s->cells[i];
        s->fields[i] = (struct csv_field){s->bytes.data + c->at, c->len, c->type,
                                          c->fault != 0 ? s->bytes.data + c->fault : NULL};
    }
    *row = (struct csv_row){.line = s->row,
                            .fault = s->too_wide ? CSV_TOO_MANY_FIELDS : CSV_FINE,
                            .count = s->count,
                            .fields = s->fields,
                            .typed = true,
                            .hidden = s->hidden};
    return ERR_OK;
}

void xlsx_progress(const struct xlsx *x, uint64_t *done_bytes, uint64_t *size_bytes)
{
    *done_bytes = x->reader->part.done;
    *size_bytes = x->reader->part.size;
}
