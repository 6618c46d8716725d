#include <config.h>

#include "reports/out.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"

/* The first rows are held back to measure the columns; later rows that are wider push their
 * line out. */
#define HELD_ROWS 500
#define HELD_BYTES (64 * 1024 * 1024) /* more than 500 rows of cut cells can be */
#define TEXT_COLUMNS_MAX 40 /* a text cell is cut to this many columns, with an ellipsis */
#define LINE_MAX_BYTES (1024 * 1024)

struct text_out {
    const struct report_doc *doc;
    const struct numfmt *fmt;
    struct arena arena;
    char **held; /* held_rows * column_count */
    size_t held_rows;
    size_t width[REPORT_COLUMNS_MAX];
    struct buf line, cell;
    bool lost; /* memory ran out for one of them */
    struct out_file file;
};

static void line_end(struct text_out *o)
{
    while (o->line.len > 0 && o->line.data[o->line.len - 1] == ' ') {
        o->line.data[--o->line.len] = '\0';
    }
    buf_addc(&o->line, '\n');
    out_file_write(&o->file, buf_str(&o->line), o->line.len);
    report_buf_reset(&o->line, &o->lost);
}

static void pad(struct buf *b, size_t columns)
{
    while (columns-- > 0) {
        buf_addc(b, ' ');
    }
}

static void add_aligned(struct text_out *o, size_t column, const char *text)
{
    size_t used = text_width(text, strlen(text)), width = o->width[column];
    size_t space = width > used ? width - used : 0;
    enum report_align align = report_column_align(&o->doc->columns[column]);
    size_t left = align == REPORT_ALIGN_RIGHT    ? space
                  : align == REPORT_ALIGN_CENTRE ? space / 2
                                                 : 0;
    if (column > 0) {
        pad(&o->line, 2);
    }
    pad(&o->line, left);
    buf_adds(&o->line, text);
    pad(&o->line, space - left);
}

static void add_rule(struct text_out *o)
{
    for (size_t i = 0; i < o->doc->column_count; i++) {
        if (i > 0) {
            pad(&o->line, 2);
        }
        for (size_t n = 0; n < o->width[i]; n++) {
            buf_addc(&o->line, '-');
        }
    }
    line_end(o);
}

/* The cell as shown, in o->cell. Numbers and dates are never cut. */
static void format_cell(struct text_out *o, const struct report_run *run, size_t column)
{
    const struct report_column *c = &o->doc->columns[column];
    size_t used = 0;
    report_buf_reset(&o->cell, &o->lost);
    report_cell_people(c, &run->cells[column], o->fmt, &o->cell);
    if (!report_is_text(c->type) ||
        text_width(buf_str(&o->cell), o->cell.len) <= TEXT_COLUMNS_MAX) {
        return;
    }
    o->cell.len = text_fit(o->cell.data, o->cell.len, TEXT_COLUMNS_MAX - 1, &used);
    o->cell.data[o->cell.len] = '\0';
    buf_adds(&o->cell, "\xE2\x80\xA6");
}

static void widen(struct text_out *o, size_t column, const char *text)
{
    size_t width = text_width(text, strlen(text));
    if (o->width[column] < width) {
        o->width[column] = width;
    }
}

static void add_line(struct text_out *o, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        text_sanitize(text, strlen(text), &o->line);
        line_end(o);
    }
}

/* Title, headings and the held rows, once the widths are known. */
static void begin(struct text_out *o)
{
    const struct report_doc *doc = o->doc;
    add_line(o, doc->office);
    add_line(o, doc->title);
    add_line(o, doc->subtitle);
    numfmt_clock(o->fmt, doc->generated, &o->line);
    line_end(o);
    line_end(o);
    for (size_t i = 0; i < doc->column_count; i++) {
        report_buf_reset(&o->cell, &o->lost);
        report_heading(&doc->columns[i], &o->cell);
        add_aligned(o, i, buf_str(&o->cell));
    }
    line_end(o);
    add_rule(o);
    for (size_t r = 0; r < o->held_rows; r++) {
        for (size_t i = 0; i < doc->column_count; i++) {
            add_aligned(o, i, o->held[r * doc->column_count + i]);
        }
        line_end(o);
    }
    arena_reset(&o->arena);
    o->held = NULL;
}

/* Keep the row for measuring; false when there is no room: then the lines begin to flow. */
static bool hold(struct text_out *o, const struct report_run *run)
{
    size_t count = o->doc->column_count;
    if (o->held_rows == HELD_ROWS || o->lost) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        format_cell(o, run, i);
        char *copy = arena_strdup(&o->arena, buf_str(&o->cell));
        if (copy == NULL) {
            o->lost = true;
            return false;
        }
        o->held[o->held_rows * count + i] = copy;
        widen(o, i, copy);
    }
    o->held_rows++;
    return true;
}

static enum err_code rows_write(struct text_out *o, struct report_run *run,
                                const struct report_options *options, struct err *e)
{
    bool holding = true, eof = false;
    while (!out_file_failed(&o->file)) {
        TRY(report_run_next(run, &eof, e));
        if (eof) {
            break;
        }
        if (holding && !hold(o, run)) {
            begin(o);
            holding = false;
        }
        for (size_t i = 0; !holding && i < o->doc->column_count; i++) {
            format_cell(o, run, i);
            add_aligned(o, i, buf_str(&o->cell));
        }
        if (!holding) {
            TRY(buf_status(&o->line, _("the row"), e));
            line_end(o);
        }
        TRY(report_progress(options, run, e));
    }
    for (size_t i = 0; holding && i < o->doc->column_count; i++) {
        report_buf_reset(&o->cell, &o->lost);
        report_run_print_total(run, i, o->fmt, &o->cell);
        widen(o, i, buf_str(&o->cell));
    }
    if (holding) {
        begin(o);
    }
    return ERR_OK;
}

static void foot_write(struct text_out *o, const struct report_run *run)
{
    const struct report_doc *doc = o->doc;
    if (run->has_totals) {
        add_rule(o);
        for (size_t i = 0; i < doc->column_count; i++) {
            report_buf_reset(&o->cell, &o->lost);
            report_run_print_total(run, i, o->fmt, &o->cell);
            add_aligned(o, i, i == 0 && o->cell.len == 0 ? _("Total") : buf_str(&o->cell));
        }
        line_end(o);
    }
    line_end(o);
    buf_addf(&o->line, ngettext("%llu row", "%llu rows", (unsigned long)run->rows),
             (unsigned long long)run->rows);
    line_end(o);
    for (size_t i = 0; i < doc->note_count; i++) {
        add_line(o, doc->notes[i]);
    }
}

static enum err_code document_write(struct text_out *o, const struct report_options *options,
                                    struct report_outcome *outcome, struct err *e)
{
    struct report_run run;
    TRY(report_run_init(&run, o->doc, e));
    for (size_t i = 0; i < o->doc->column_count; i++) {
        report_buf_reset(&o->cell, &o->lost);
        report_heading(&o->doc->columns[i], &o->cell);
        widen(o, i, buf_str(&o->cell));
    }
    o->held = arena_array(&o->arena, HELD_ROWS * o->doc->column_count, sizeof(*o->held));
    if (o->held == NULL) {
        return err_nomem(e);
    }
    TRY(rows_write(o, &run, options, e));
    foot_write(o, &run);
    TRY(buf_status(&o->line, _("the text"), e));
    TRY(buf_status(&o->cell, _("the text"), e));
    outcome->rows = run.rows;
    return o->lost ? err_nomem(e) : ERR_OK;
}

/* For people's eyes and line printers: aligned columns, the locale's numbers, no control
 * character from outside. */
enum err_code out_text_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome, struct err *e)
{
    struct text_out *o = mem_alloc(sizeof(*o));
    if (o == NULL) {
        return err_nomem(e);
    }
    o->doc = doc;
    o->fmt = options->fmt;
    arena_init(&o->arena, HELD_BYTES);
    buf_init(&o->line, LINE_MAX_BYTES);
    buf_init(&o->cell, 8 * (size_t)REPORT_TEXT_MAX);
    enum err_code code = out_file_open(&o->file, path, e);
    if (code == ERR_OK) {
        code = document_write(o, options, outcome, e);
    }
    if (code == ERR_OK) {
        code = out_file_commit(&o->file, e);
    }
    out_file_discard(&o->file);
    arena_release(&o->arena);
    buf_release(&o->line);
    buf_release(&o->cell);
    mem_free(o);
    return code;
}
