#include <config.h>

#include "reports/out.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/json.h"
#include "reports/out_file.h"

#define RECORD_MAX (512 * 1024 * 1024)           /* a text grows at most sixfold: \u00XX */
#define SAFE_INTEGER ((int64_t)9007199254740991) /* 2^53-1, RFC 7493 section 2.2 */

struct json_out {
    struct buf record;
    struct buf text;
    uint64_t repaired;
    struct out_file file;
};

static void add_member(struct json_out *o, const char *name)
{
    json_add_string(&o->record, name, strlen(name));
    buf_addc(&o->record, ':');
}

static void add_text(struct json_out *o, const char *s, size_t len)
{
    buf_clear(&o->text);
    report_text_repair(s, len, &o->text, &o->repaired);
    json_add_string(&o->record, buf_str(&o->text), o->text.len);
    o->record.failed = o->record.failed || o->text.failed;
}

static void add_text_or_null(struct json_out *o, const char *name, const char *s)
{
    add_member(o, name);
    if (s == NULL) {
        buf_adds(&o->record, "null");
    } else {
        add_text(o, s, strlen(s));
    }
}

/* Integers within what every reader keeps are numbers; decimals and larger integers are
 * strings, so that no reader turns exact money into binary floating point. */
static void add_value(struct json_out *o, const struct report_column *c,
                      const struct report_cell *cell)
{
    if (cell->empty) {
        buf_adds(&o->record, "null");
    } else if (report_is_text(c->type)) {
        add_text(o, cell->text, cell->len);
    } else if (c->type == REPORT_INTEGER && cell->value <= SAFE_INTEGER &&
               cell->value >= -SAFE_INTEGER) {
        buf_add_int(&o->record, cell->value);
    } else {
        buf_addc(&o->record, '"');
        report_cell_machine(c, cell, &o->record);
        buf_addc(&o->record, '"');
    }
}

static const char *type_name(enum report_type type)
{
    switch (type) {
    case REPORT_TEXT:
        return "text";
    case REPORT_ID:
        return "id";
    case REPORT_INTEGER:
        return "integer";
    case REPORT_QUANTITY:
        return "quantity";
    case REPORT_MONEY:
        return "money";
    case REPORT_PERCENT:
        return "percent";
    case REPORT_DATE:
        return "date";
    case REPORT_DATETIME:
        return "datetime";
    }
    return "text";
}

static void add_column(struct json_out *o, const struct report_column *c)
{
    buf_addc(&o->record, '{');
    add_text_or_null(o, "id", c->id);
    buf_addc(&o->record, ',');
    add_text_or_null(o, "heading", c->heading);
    buf_addc(&o->record, ',');
    add_text_or_null(o, "unit", c->unit);
    buf_addf(&o->record, ",\"type\":\"%s\",\"decimals\":%u}", type_name(c->type),
             (unsigned)c->decimals);
}

static void add_head(struct json_out *o, const struct report_doc *doc)
{
    buf_addc(&o->record, '{');
    add_text_or_null(o, "report", doc->name);
    buf_addc(&o->record, ',');
    add_text_or_null(o, "title", doc->title);
    buf_addc(&o->record, ',');
    add_text_or_null(o, "subtitle", doc->subtitle);
    buf_addc(&o->record, ',');
    add_text_or_null(o, "office", doc->office);
    buf_adds(&o->record, ",\"generated\":\"");
    civil_print(doc->generated, &o->record);
    buf_adds(&o->record, "\",");
    add_text_or_null(o, "zone", doc->zone);
    buf_adds(&o->record, ",\n\"columns\":[");
    for (size_t i = 0; i < doc->column_count; i++) {
        buf_adds(&o->record, i > 0 ? ",\n" : "\n");
        add_column(o, &doc->columns[i]);
    }
    buf_adds(&o->record, "],\n\"rows\":[");
}

static void add_totals(struct json_out *o, const struct report_run *run)
{
    const struct report_doc *doc = run->doc;
    bool first = true;
    buf_adds(&o->record, "],\n\"totals\":{");
    for (size_t i = 0; i < doc->column_count; i++) {
        struct report_cell cell = {.empty = false};
        if (doc->columns[i].total != REPORT_TOTAL_SUM) {
            continue;
        }
        buf_adds(&o->record, first ? "" : ",");
        first = false;
        add_member(o, doc->columns[i].id);
        if (report_run_total(run, i, &cell.value)) {
            add_value(o, &doc->columns[i], &cell);
        } else {
            buf_addc(&o->record, '"');
            report_run_print_total(run, i, NULL, &o->record);
            buf_addc(&o->record, '"');
        }
    }
    buf_addf(&o->record, "},\n\"row_count\":%llu,\n\"notes\":[", (unsigned long long)run->rows);
    for (size_t i = 0; i < doc->note_count; i++) {
        buf_adds(&o->record, i > 0 ? "," : "");
        add_text(o, doc->notes[i], strlen(doc->notes[i]));
    }
    buf_adds(&o->record, "]}\n");
}

static enum err_code record_flush(struct json_out *o, struct err *e)
{
    TRY(buf_status(&o->record, _("the row"), e));
    out_file_write(&o->file, buf_str(&o->record), o->record.len);
    buf_clear(&o->record);
    return ERR_OK;
}

static enum err_code body_write(struct json_out *o, struct report_run *run,
                                const struct report_options *options, struct err *e)
{
    const struct report_doc *doc = run->doc;
    add_head(o, doc);
    while (!out_file_failed(&o->file)) {
        bool eof = false;
        TRY(report_run_next(run, &eof, e));
        if (eof) {
            break;
        }
        buf_adds(&o->record, run->rows > 1 ? ",\n{" : "\n{");
        for (size_t i = 0; i < doc->column_count; i++) {
            buf_adds(&o->record, i > 0 ? "," : "");
            add_member(o, doc->columns[i].id);
            add_value(o, &doc->columns[i], &run->cells[i]);
        }
        buf_addc(&o->record, '}');
        TRY(record_flush(o, e));
        TRY(report_progress(options, run, e));
    }
    add_totals(o, run);
    return record_flush(o, e);
}

/* Machine form, one row a line. Source: RFC 8259, RFC 7493 (I-JSON). */
enum err_code out_json_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome, struct err *e)
{
    struct report_run run;
    struct json_out *o = mem_alloc(sizeof(*o));
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
        code = body_write(o, &run, options, e);
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
