/* Files of what accounts owe from an earlier system, and of the bills that it made. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/import_lines.h"
#include "app/old_number.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "base/money.h"
#include "domain/period.h"

static enum err_code amount_of_line(const struct line_import *im, const struct import_line *l,
                                    int64_t *minor, struct err *e)
{
    struct money m = {0};
    const char *text = l->field[FIELD_AMOUNT];
    struct err why = ERR_INIT;
    if (text == NULL) {
        return err_set(e, ERR_USAGE, _("field amount: it is empty"));
    }
    enum err_code code = money_parse(text, strlen(text), im->job.c->office->currency, &m, &why);
    *minor = m.minor;
    return code == ERR_OK ? ERR_OK : err_set(e, code, _("field amount: %s"), why.text);
}

static const char *text_of(const struct import_line *l, enum field f)
{
    return l->field[f] != NULL ? l->field[f] : "";
}

/* ---- balances ---- */

static enum err_code balance_compare(struct line_import *im, struct import_line *l,
                                     struct refused *why, struct err *e)
{
    struct account_row a;
    struct err unknown = ERR_INIT; /* said when it is made */
    int64_t minor = 0;
    int64_t one = 0;
    bool there = false;
    (void)why;
    if (amount_of_line(im, l, &minor, &unknown) != ERR_OK ||
        account_of_line(im->job.c->office, l, &a, &unknown) != ERR_OK) {
        return ERR_OK;
    }
    if (minor == 0) {
        l->verdict = LINE_STORED; /* an account begins with that */
        return ERR_OK;
    }
    TRY(db_get_int(im->job.c->office->db, &one, &there, e,
                   "SELECT 1 FROM posting p JOIN opened_balance b ON b.posting = p.id WHERE "
                   "p.account = ? AND p.amount = ? AND (?3 IS NULL OR p.due = ?3) AND "
                   "b.reference = ? LIMIT 1",
                   VALS(V_INT(a.id), V_INT(minor), V_TEXT(l->field[FIELD_DUE]),
                        V_TEXT(text_of(l, FIELD_REFERENCE)))));
    l->verdict = there ? LINE_STORED : LINE_NEW;
    return ERR_OK;
}

/* Before an account's own bills and payments only: later there are notes. */
static enum err_code account_fresh(struct office *o, const struct account_row *a, struct err *e)
{
    int64_t others = 0;
    if (a->closed[0] != '\0') {
        return err_set(e, ERR_STATE, _("account %s was closed on %s"), a->number, a->closed);
    }
    TRY(db_get_int(o->db, &others, NULL, e,
                   "SELECT count(*) FROM posting WHERE account = ? AND kind <> 'opening'",
                   VALS(V_INT(a->id))));
    return others == 0
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("account %s has postings already; correct it with a debit or credit "
                           "note"),
                         a->number);
}

static enum err_code balance_make(struct line_import *im, struct draft *d,
                                  const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct account_row a;
    int64_t minor = 0;
    const char *due = l->field[FIELD_DUE];
    struct json *b = json_new_object(c->arena);
    (void)d;
    if (b == NULL) {
        return err_nomem(e);
    }
    TRY(amount_of_line(im, l, &minor, e));
    TRY(account_of_line(c->office, l, &a, e));
    TRY(account_fresh(c->office, &a, e));
    TRY(data_int(c, b, "account", a.id, e));
    TRY(data_int(c, b, "posting", im->ids.posting++, e));
    TRY(data_int(c, b, "amount", minor, e));
    TRY(data_text(c, b, "due", due != NULL ? due : c->date, e));
    TRY(data_set(c, o, "balance", b, e));
    TRY(data_text(c, o, "reference", text_of(l, FIELD_REFERENCE), e));
    return data_int(c, o, "line", (int64_t)l->line, e);
}

static int64_t *balance_next(struct line_ids *ids)
{
    return &ids->posting;
}

const struct line_kind line_kind_balances = {
    {FIELD_ACCOUNT, FIELD_OLD_ACCOUNT, FIELD_AMOUNT, FIELD_DUE, FIELD_REFERENCE},
    5,
    true,
    balance_compare,
    balance_make,
    balance_next};

/* ---- bills ---- */

static enum err_code bill_compare(struct line_import *im, struct import_line *l,
                                  struct refused *why, struct err *e)
{
    struct office *o = im->job.c->office;
    struct account_row a;
    struct err unknown = ERR_INIT;
    int64_t minor = 0;
    int64_t stored = 0;
    bool there = false;
    if (amount_of_line(im, l, &minor, &unknown) != ERR_OK ||
        account_of_line(o, l, &a, &unknown) != ERR_OK) {
        return ERR_OK;
    }
    TRY(db_get_int(o->db, &stored, &there, e,
                   "SELECT amount FROM old_bill WHERE account = ? AND number = ?",
                   VALS(V_INT(a.id), V_TEXT(text_of(l, FIELD_NUMBER)))));
    if (there) {
        l->verdict = stored == minor ? LINE_STORED : LINE_REFUSED;
    }
    if (l->verdict == LINE_REFUSED) {
        (void)refuse(why, REFUSE_CONTRADICTS,
                     _("field amount: bill %s of account %s is here already, with another "
                       "amount"),
                     text_of(l, FIELD_NUMBER), a.number);
    }
    return ERR_OK;
}

static enum err_code bill_meter(struct line_import *im, const struct import_line *l,
                                struct json *b, struct err *e)
{
    struct meter_row m;
    if (l->field[FIELD_SERIAL] == NULL) {
        return ERR_OK;
    }
    TRY(meter_by_serial(im->job.c->office, l->field[FIELD_SERIAL], &m, NULL, e));
    return data_int(im->job.c, b, "meter", m.id, e);
}

/* The days [start, end) that the bill was for, where it says them: as two days, or as a month.
 */
static enum err_code bill_days(struct import_line *l, char start[DATE_TEXT],
                               char end[DATE_TEXT], struct err *e)
{
    struct date days[2];
    struct err why = ERR_INIT;
    const char **f = l->field;
    if (f[FIELD_PERIOD] != NULL && (f[FIELD_START] != NULL || f[FIELD_END] != NULL)) {
        return err_set(e, ERR_USAGE, _("field period: start or end say the days already"));
    }
    if (f[FIELD_PERIOD] != NULL) {
        enum err_code code = period_parse(f[FIELD_PERIOD], &days[0], &days[1], &why);
        if (code != ERR_OK) {
            return err_set(e, code, _("field period: %s"), why.text);
        }
        date_text(days[0], start);
        date_text(days[1], end);
        f[FIELD_START] = start;
        f[FIELD_END] = end;
    }
    return f[FIELD_START] != NULL && f[FIELD_END] != NULL &&
                   strcmp(f[FIELD_END], f[FIELD_START]) < 0
               ? err_set(e, ERR_RANGE, _("field end: %s is before the start, %s"), f[FIELD_END],
                         f[FIELD_START])
               : ERR_OK;
}

/* No bill of ours charges for one of these days: who was billed twice must hear of it now. */
static enum err_code bill_not_ours(struct office *o, const struct account_row *a,
                                   const char *start, const char *end, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (start == NULL || end == NULL) {
        return ERR_OK;
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT b.id, b.start_date, b.end_date FROM bill b JOIN billing_run r ON r.id = "
        "b.run WHERE b.account = ? AND b.start_date < ? AND b.end_date > ? AND "
        "b.cancelled IS NULL AND r.state <> 'discarded' ORDER BY b.id LIMIT 1",
        VALS(V_INT(a->id), V_TEXT(end), V_TEXT(start))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = err_set(e, ERR_STATE,
                       _("field start: bill %" PRId64 " of this office charges account %s for "
                         "%s to %s already"),
                       stmt_int(q, 0), a->number, stmt_text(q, 1), stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

static enum err_code bill_texts(struct line_import *im, const struct import_line *l,
                                struct json *b, struct err *e)
{
    static const struct {
        enum field field;
        const char *name;
    } texts[] = {{FIELD_NUMBER, "number"}, {FIELD_ISSUED, "issued"}, {FIELD_DUE, "due"},
                 {FIELD_START, "start"},   {FIELD_END, "end"},       {FIELD_USE, "use"},
                 {FIELD_UNIT, "unit"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (l->field[texts[i].field] != NULL) {
            TRY(data_text(im->job.c, b, texts[i].name, l->field[texts[i].field], e));
        }
    }
    return ERR_OK;
}

static enum err_code bill_make(struct line_import *im, struct draft *d,
                               const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct account_row a;
    int64_t minor = 0;
    struct import_line said = *l;
    char day[2][DATE_TEXT];
    const char *const *f = said.field;
    struct json *b = json_new_object(c->arena);
    (void)d;
    if (b == NULL) {
        return err_nomem(e);
    }
    if (f[FIELD_NUMBER] == NULL || f[FIELD_ISSUED] == NULL) {
        return err_set(e, ERR_USAGE, _("field %s: it is empty"),
                       f[FIELD_NUMBER] == NULL ? "number" : "issued");
    }
    TRY(bill_days(&said, day[0], day[1], e));
    TRY(old_number_check(f[FIELD_NUMBER], e));
    TRY(amount_of_line(im, l, &minor, e));
    TRY(account_of_line(c->office, l, &a, e));
    TRY(bill_not_ours(c->office, &a, f[FIELD_START], f[FIELD_END], e));
    TRY(data_int(c, b, "id", im->ids.bill++, e));
    TRY(data_int(c, b, "account", a.id, e));
    TRY(data_int(c, b, "amount", minor, e));
    TRY(bill_meter(im, l, b, e));
    TRY(bill_texts(im, &said, b, e));
    TRY(data_set(c, o, "bill", b, e));
    return data_int(c, o, "line", (int64_t)l->line, e);
}

static int64_t *bill_next(struct line_ids *ids)
{
    return &ids->bill;
}

const struct line_kind line_kind_bills = {{FIELD_NUMBER, FIELD_ACCOUNT, FIELD_OLD_ACCOUNT},
                                          3,
                                          false,
                                          bill_compare,
                                          bill_make,
                                          bill_next};
