#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bank_import.h"
#include "app/import_file.h"
#include "base/i18n.h"

#define CELL_MAX 512

struct csv_reading {
    struct command_ctx *c;
    struct import_file file;
    const struct mapping *mapping;
    struct bank_file *out;
    struct arena *arena;
    const char *channel; /* bank, agency */
};

static enum err_code row_bad(const struct csv_reading *r, const struct csv_row *row,
                             enum field f, const char *why, struct err *e)
{
    return err_set(e, ERR_PARSE, _("%s, line %" PRIu64 ", %s: %s"), r->file.name, row->line,
                   field_name(f), why);
}

static enum err_code cell_keep(const struct csv_reading *r, const struct csv_row *row,
                               enum field f, const char **out, struct err *e)
{
    char text[CELL_MAX];
    if (!row_text(&r->file.reader, row, f, text, sizeof text)) {
        return row_bad(r, row, f, _("it is too long"), e);
    }
    *out = arena_strdup(r->arena, text);
    return *out != NULL ? ERR_OK : err_nomem(e);
}

/* The amount of a cell; an empty one is none. */
static enum err_code money_take(const struct csv_reading *r, const struct csv_row *row,
                                enum field f, int64_t *out, struct err *e)
{
    char text[64];
    struct money m = {0};
    struct err why = ERR_INIT;
    struct cell cell = row_cell(&r->file.reader, row, f);
    bool plus = cell.len > 1 && cell.type == CSV_TEXT && cell.data[0] == '+';
    cell.data += plus ? 1 : 0;
    cell.len -= plus ? 1 : 0;
    *out = 0;
    if (cell.len == 0) {
        return ERR_OK;
    }
    if (!row_number(r->mapping, cell, text, sizeof text)) {
        return row_bad(r, row, f, _("it is no number by the mapping's signs"), e);
    }
    enum err_code code = money_parse(text, strlen(text), r->c->office->currency, &m, &why);
    if (code != ERR_OK) {
        return row_bad(r, row, f, why.text, e);
    }
    *out = m.minor;
    return ERR_OK;
}

/* What came in, less what went out where that has a column of its own, written with a sign or
 * without. */
static enum err_code amount_take(const struct csv_reading *r, const struct csv_row *row,
                                 int64_t *out, struct err *e)
{
    int64_t debit = 0;
    bool empty = row_cell(&r->file.reader, row, FIELD_VALUE).len == 0;
    if (empty && !r->mapping->column[FIELD_DEBIT].set) {
        return row_bad(
            r, row, FIELD_VALUE,
            _("it is empty; if what goes out has a column of its own, let the mapping "
              "name it as debit"),
            e);
    }
    TRY(money_take(r, row, FIELD_VALUE, out, e));
    TRY(money_take(r, row, FIELD_DEBIT, &debit, e));
    if (*out != 0 && debit != 0) {
        return row_bad(r, row, FIELD_DEBIT,
                       _("the row has money that came in and that went out"), e);
    }
    *out = debit == 0 ? *out : debit < 0 ? debit : -debit;
    return ERR_OK;
}

static enum err_code row_take(const struct csv_reading *r, const struct csv_row *row,
                              struct err *e)
{
    struct refused why = {0};
    struct civil when;
    struct err bad = ERR_INIT;
    if (!row_sound(&r->file.reader, row, &why)) {
        return err_set(e, ERR_PARSE, _("%s, line %" PRIu64 ": %s"), r->file.name, row->line,
                       why.text);
    }
    int64_t amount = 0;
    TRY(amount_take(r, row, &amount, e));
    if (amount == 0 && r->mapping->column[FIELD_DEBIT].set) {
        return ERR_OK; /* a row of a balance: no money moved */
    }
    struct bank_txn *t = bank_txn_add(r->out, r->arena, e);
    if (t == NULL) {
        return e->code;
    }
    t->amount = amount;
    t->currency = r->c->office->currency;
    char room[ROW_TIME_MAX];
    struct cell day =
        row_time_cell(r->mapping, row_cell(&r->file.reader, row, FIELD_DATE), 0, room);
    if (civil_parse_format(day.data, day.len, r->mapping->time_format, &when, &bad) != ERR_OK) {
        return row_bad(r, row, FIELD_DATE, bad.text, e);
    }
    t->date = t->entry_date = when.date;
    t->entry = (int64_t)row->line;
    TRY(cell_keep(r, row, FIELD_TRANSACTION, &t->bank_reference, e));
    TRY(cell_keep(r, row, FIELD_ACCOUNT, &t->structured, e));
    TRY(cell_keep(r, row, FIELD_REFERENCE, &t->end_to_end, e));
    TRY(cell_keep(r, row, FIELD_CUSTOMER, &t->name, e));
    TRY(cell_keep(r, row, FIELD_TEXT, &t->text, e));
    /* A bank's list holds whole days, so that equal rows can be counted; an agency's need not.
     */
    return t->bank_reference[0] != '\0' || strcmp(r->channel, "bank") == 0
               ? ERR_OK
               : row_bad(r, row, FIELD_TRANSACTION,
                         _("it is empty; each payment needs its identifier"), e);
}

enum err_code bank_read_csv(struct command_ctx *c, const char *path, const char *mapping,
                            struct arena *arena, struct bank_file *out, char sha256_hex[65],
                            struct err *e)
{
    struct mapping m;
    struct hash hash;
    struct csv_row row;
    bool eof = false;
    struct csv_reading r = {
        .c = c, .mapping = &m, .out = out, .arena = arena, .channel = arg_text(c, "channel")};
    *out = (struct bank_file){.format = "csv"};
    TRY(mapping_load(c->office, mapping, MAPPING_PAYMENTS, arena, &m, &hash, e));
    if (bank_statement_add(out, arena, e) == NULL) {
        return e->code;
    }
    enum err_code code = import_file_open(&r.file, path, &m, c->progress, e);
    while (code == ERR_OK && (code = import_file_next(&r.file, &row, &eof, e)) == ERR_OK &&
           !eof) {
        code = row_take(&r, &row, e);
    }
    if (code == ERR_OK) {
        (void)snprintf(sha256_hex, 65, "%s", r.file.sha256);
    }
    import_file_close(&r.file);
    return code;
}
