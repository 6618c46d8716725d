#include <config.h>

#include "reports/out.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"

/* One record: REPORT_COLUMNS_MAX texts at their largest, guarded and quoted, are still bounded
 * by this. */
#define RECORD_MAX (256 * 1024 * 1024)

struct csv_out {
    struct buf record; /* one line */
    struct buf text;   /* one repaired text cell */
    uint64_t repaired; /* texts altered */
    struct out_file file;
};

static bool formula_start(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n';
}

/* What a spreadsheet set to another separator than the comma would take for the end of a field.
 */
static bool separator_like(char c)
{
    return c == ';' || c == '\t' || c == '|' || c == '\n' || c == '\r';
}

/*
 * One text field: quoted when needed, quotes doubled (RFC 4180). A field that a spreadsheet
 * would take for a formula gets an apostrophe in front, as does the part behind a separator of
 * another dialect ("x;=1+1").
 */
static void text_field(struct buf *out, const char *s, size_t len)
{
    bool quote = false, guard = true; /* guard: the next character begins a field to somebody */
    for (size_t i = 0; i < len && !quote; i++) {
        quote = s[i] == '"' || s[i] == ',' || separator_like(s[i]);
    }
    quote = quote || (len > 0 && (s[0] == ' ' || s[len - 1] == ' '));
    if (quote) {
        buf_addc(out, '"');
    }
    for (size_t i = 0; i < len; i++) {
        if (guard && formula_start(s[i])) {
            buf_addc(out, '\'');
        }
        if (s[i] == '"') {
            buf_addc(out, '"');
        }
        buf_addc(out, s[i]);
        guard = separator_like(s[i]) || (guard && (s[i] == ' ' || s[i] == '"'));
    }
    if (quote) {
        buf_addc(out, '"');
    }
}

static void cell_field(struct csv_out *o, const struct report_column *c,
                       const struct report_cell *cell)
{
    if (!report_is_text(c->type) || cell->empty) {
        report_cell_machine(c, cell, &o->record);
        return;
    }
    buf_clear(&o->text);
    report_text_clean(cell->text, cell->len, true, &o->text,
                      &o->repaired); /* line breaks and tabs are data */
    text_field(&o->record, buf_str(&o->text), o->text.len);
    o->record.failed = o->record.failed || o->text.failed;
}

static enum err_code rows_write(struct csv_out *o, struct report_run *run,
                                const struct report_options *options, struct err *e)
{
    const struct report_doc *doc = run->doc;
    bool eof = false;
    while (!out_file_failed(&o->file)) {
        TRY(report_run_next(run, &eof, e));
        if (eof) {
            return ERR_OK;
        }
        buf_clear(&o->record);
        for (size_t i = 0; i < doc->column_count; i++) {
            if (i > 0) {
                buf_addc(&o->record, ',');
            }
            cell_field(o, &doc->columns[i], &run->cells[i]);
        }
        buf_adds(&o->record, "\r\n");
        TRY(buf_status(&o->record, _("the row"), e));
        out_file_write(&o->file, buf_str(&o->record), o->record.len);
        TRY(report_progress(options, run, e));
    }
    return ERR_OK; /* out_file_commit reports the failed write */
}

static enum err_code header_write(struct csv_out *o, const struct report_doc *doc,
                                  struct err *e)
{
    for (size_t i = 0; i < doc->column_count; i++) {
        if (i > 0) {
            buf_addc(&o->record, ',');
        }
        text_field(&o->record, doc->columns[i].id, strlen(doc->columns[i].id));
    }
    buf_adds(&o->record, "\r\n");
    TRY(buf_status(&o->record, _("the row"), e));
    out_file_write(&o->file, buf_str(&o->record), o->record.len);
    return ERR_OK;
}

/* Machine form: headings are column ids, numbers are plain, dates ISO 8601; no title, total or
 * note. Source: RFC 4180. */
enum err_code out_csv_write(const struct report_doc *doc, const struct report_options *options,
                            const char *path, struct report_outcome *outcome, struct err *e)
{
    struct report_run run;
    struct csv_out *o = mem_alloc(sizeof(*o));
    if (o == NULL) {
        return err_nomem(e);
    }
    buf_init(&o->record, RECORD_MAX);
    buf_init(&o->text, RECORD_MAX);
    enum err_code code = out_file_open(&o->file, path, e);
    if (code == ERR_OK) {
        code = report_run_init(&run, doc, e);
    }
    if (code == ERR_OK) {
        code = header_write(o, doc, e);
    }
    if (code == ERR_OK) {
        code = rows_write(o, &run, options, e);
    }
    if (code == ERR_OK) {
        outcome->rows = run.rows;
        outcome->repaired = o->repaired;
        code = out_file_commit(&o->file, e);
    }
    out_file_discard(&o->file);
    buf_release(&o->record);
    buf_release(&o->text);
    mem_free(o);
    return code;
}
