/* Files of customers, of accounts, and of who pays for which meter. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/biller.h"
#include "app/import_lines.h"
#include "app/lookup.h"
#include "app/old_number.h"
#include "base/i18n.h"

#define ACCOUNT_NUMBER_MAX 40

/* ---- customers ---- */

static const struct {
    enum field field;
    const char *name;
} customer_fields[] = {{FIELD_NAME, "name"},
                       {FIELD_TAX_ID, "tax_id"},
                       {FIELD_PHONE, "phone"},
                       {FIELD_EMAIL, "email"},
                       {FIELD_ADDRESS, "address"}};
#define CUSTOMER_FIELDS (sizeof customer_fields / sizeof customer_fields[0])

/* The column in which a customer's stored values differ from the row; NULL: in none. What was
 * erased agrees with anything: it must not come back. */
static enum err_code customer_differs(struct office *o, int64_t id, const struct import_line *l,
                                      const char **other, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *other = NULL;
    TRY(db_query(o->db, &q, e,
                 "SELECT p.field, p.value FROM main.personal p JOIN customer c ON c.id = p.id "
                 "WHERE p.owner = 'customer' AND p.id = ? AND p.hash IN (c.name, c.tax_id, "
                 "c.phone, c.email, c.address)",
                 VALS(V_INT(id))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        for (size_t i = 0; i < CUSTOMER_FIELDS && !stmt_is_null(q, 1); i++) {
            const char *said = l->field[customer_fields[i].field];
            if (said != NULL && strcmp(stmt_text(q, 0), customer_fields[i].name) == 0 &&
                strcmp(stmt_text(q, 1), said) != 0) {
                *other = customer_fields[i].name;
            }
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code customer_compare(struct line_import *im, struct import_line *l,
                                      struct refused *why, struct err *e)
{
    struct office *o = im->job.c->office;
    const char *other = NULL;
    int64_t id = 0;
    TRY(old_number_find(o, "customer", l->field[FIELD_CUSTOMER_NUMBER], &id, e));
    if (id == 0) {
        return ERR_OK;
    }
    TRY(customer_differs(o, id, l, &other, e));
    l->verdict = other == NULL ? LINE_STORED : LINE_REFUSED;
    if (other != NULL) {
        (void)refuse(why, REFUSE_CONTRADICTS,
                     _("field %s: customer %s of the earlier system is here, as %" PRId64
                       ", and this field differs; change it with: aforo customer edit"),
                     other, l->field[FIELD_CUSTOMER_NUMBER], id);
    }
    return ERR_OK;
}

static enum err_code customer_make(struct line_import *im, struct draft *d,
                                   const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct json *k = json_new_object(c->arena);
    int64_t id = im->ids.meter.customer;
    if (k == NULL) {
        return err_nomem(e);
    }
    if (l->field[FIELD_NAME] == NULL) {
        return err_set(e, ERR_USAGE, _("field name: it is empty"));
    }
    TRY(old_number_check(l->field[FIELD_CUSTOMER_NUMBER], e));
    TRY(data_int(c, k, "customer", id, e));
    for (size_t i = 0; i < CUSTOMER_FIELDS; i++) {
        const char *value = l->field[customer_fields[i].field];
        if (value != NULL) {
            TRY(customer_fields[i].field == FIELD_TAX_ID
                    ? biller_customer_check(c->office, value, e)
                    : ERR_OK);
            TRY(data_personal(c, d, k, "customer", id, customer_fields[i].name, value, e));
        }
    }
    im->ids.meter.customer++;
    TRY(data_set(c, o, "customer", k, e));
    return data_text(c, o, "old", l->field[FIELD_CUSTOMER_NUMBER], e);
}

static int64_t *customer_next(struct line_ids *ids)
{
    return &ids->meter.customer;
}

const struct line_kind line_kind_customers = {
    {FIELD_CUSTOMER_NUMBER}, 1, false, customer_compare, customer_make, customer_next};

/* ---- accounts ---- */

static enum err_code customer_of_row(struct line_import *im, const struct import_line *l,
                                     int64_t *id, struct err *e)
{
    const char *number = l->field[FIELD_CUSTOMER_NUMBER];
    if (number == NULL) {
        return err_set(e, ERR_USAGE, _("field customer_number: it is empty"));
    }
    TRY(old_number_find(im->job.c->office, "customer", number, id, e));
    return *id != 0 ? ERR_OK
                    : err_set(e, ERR_NOT_FOUND,
                              _("field customer_number: no customer \"%s\" of the earlier "
                                "system is here; import the customers first"),
                              number);
}

static enum err_code account_compare(struct line_import *im, struct import_line *l,
                                     struct refused *why, struct err *e)
{
    struct office *o = im->job.c->office;
    struct account_row a;
    bool found = false;
    int64_t customer = 0;
    int64_t old = 0;
    TRY(account_by_number(o, l->field[FIELD_ACCOUNT], &a, &found, e));
    if (!found) {
        return ERR_OK;
    }
    if (l->field[FIELD_CUSTOMER_NUMBER] != NULL) {
        TRY(old_number_find(o, "customer", l->field[FIELD_CUSTOMER_NUMBER], &customer, e));
    }
    if (l->field[FIELD_OLD_ACCOUNT] != NULL) {
        TRY(old_number_find(o, "account", l->field[FIELD_OLD_ACCOUNT], &old, e));
    }
    bool same = customer == a.customer && (l->field[FIELD_OLD_ACCOUNT] == NULL || old == a.id);
    l->verdict = same ? LINE_STORED : LINE_REFUSED;
    if (!same) {
        (void)refuse(why, REFUSE_CONTRADICTS,
                     _("field account: there is an account %s already, of another customer or "
                       "old number"),
                     a.number);
    }
    return ERR_OK;
}

/* An earlier row of the batch has taken it. */
static bool old_taken(const struct line_import *im, const struct import_line *l)
{
    bool taken = false;
    for (const struct import_line *x = im->lines; x < l && !taken; x++) {
        taken = x->verdict == LINE_NEW && x->field[FIELD_OLD_ACCOUNT] != NULL &&
                strcmp(x->field[FIELD_OLD_ACCOUNT], l->field[FIELD_OLD_ACCOUNT]) == 0;
    }
    return taken;
}

static enum err_code account_make(struct line_import *im, struct draft *d,
                                  const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct json *a = json_new_object(c->arena);
    const char *number = l->field[FIELD_ACCOUNT];
    const char *old = l->field[FIELD_OLD_ACCOUNT];
    const char *opened = l->field[FIELD_OPENED];
    int64_t customer = 0;
    int64_t taken = 0;
    (void)d;
    if (a == NULL) {
        return err_nomem(e);
    }
    if (strlen(number) > ACCOUNT_NUMBER_MAX) {
        return err_set(e, ERR_RANGE, _("an account number has at most %d characters"),
                       ACCOUNT_NUMBER_MAX);
    }
    TRY(customer_of_row(im, l, &customer, e));
    if (old != NULL) {
        TRY(old_number_check(old, e));
        TRY(old_number_find(c->office, "account", old, &taken, e));
    }
    if (taken != 0 || (old != NULL && old_taken(im, l))) {
        return err_set(e, ERR_EXISTS,
                       _("field old_account: account %s of the earlier system is here already"),
                       old);
    }
    TRY(data_int(c, a, "account", im->ids.meter.account++, e));
    TRY(data_text(c, a, "number", number, e));
    TRY(data_int(c, a, "customer", customer, e));
    TRY(data_text(c, a, "currency", c->office->currency->code, e));
    TRY(data_text(c, a, "opened", opened != NULL ? opened : c->date, e));
    TRY(data_set(c, o, "account", a, e));
    return old != NULL ? data_text(c, o, "old", old, e) : ERR_OK;
}

static int64_t *account_next(struct line_ids *ids)
{
    return &ids->meter.account;
}

const struct line_kind line_kind_accounts = {
    {FIELD_ACCOUNT}, 1, false, account_compare, account_make, account_next};

/* ---- assignments ---- */

static enum err_code assignment_compare(struct line_import *im, struct import_line *l,
                                        struct refused *why, struct err *e)
{
    int64_t one = 0;
    bool there = false;
    struct account_row a;
    struct err unknown = ERR_INIT; /* said when it is made */
    (void)why;
    if (account_of_line(im->job.c->office, l, &a, &unknown) != ERR_OK) {
        return ERR_OK;
    }
    TRY(db_get_int(im->job.c->office->db, &one, &there, e,
                   "SELECT 1 FROM assignment g JOIN meter m ON m.id = g.meter WHERE m.serial = "
                   "? AND g.account = ? AND g.tariff = ? AND g.start_date = ? AND g.end_date "
                   "IS ?",
                   VALS(V_TEXT(l->field[FIELD_SERIAL]), V_INT(a.id),
                        V_TEXT(l->field[FIELD_TARIFF]), V_TEXT(l->field[FIELD_START]),
                        V_TEXT(l->field[FIELD_END]))));
    l->verdict = there ? LINE_STORED : LINE_NEW;
    return ERR_OK;
}

/* [start, end) of one overlaps that of the other; end NULL: open. */
static bool overlap(const char *a_start, const char *a_end, const char *b_start,
                    const char *b_end)
{
    return (a_end == NULL || strcmp(b_start, a_end) < 0) &&
           (b_end == NULL || strcmp(a_start, b_end) < 0);
}

/* Nobody pays for the meter in that time yet, neither in the tables nor in the batch. */
static enum err_code assignment_free(const struct line_import *im, const struct import_line *l,
                                     int64_t meter, struct err *e)
{
    int64_t one = 0;
    bool taken = false;
    const char *start = l->field[FIELD_START];
    const char *end = l->field[FIELD_END];
    TRY(db_get_int(im->job.c->office->db, &one, &taken, e,
                   "SELECT 1 FROM assignment WHERE meter = ?1 AND (end_date IS NULL OR "
                   "end_date > ?2) AND (?3 IS NULL OR start_date < ?3) LIMIT 1",
                   VALS(V_INT(meter), V_TEXT(start), V_TEXT(end))));
    for (const struct import_line *x = im->lines; x < l && !taken; x++) {
        taken = x->verdict == LINE_NEW &&
                strcmp(x->field[FIELD_SERIAL], l->field[FIELD_SERIAL]) == 0 &&
                overlap(x->field[FIELD_START], x->field[FIELD_END], start, end);
    }
    return taken ? err_set(e, ERR_STATE,
                           _("field start: somebody pays for meter %s in that time already; an "
                             "earlier row needs an end, or see: aforo meter assign"),
                           l->field[FIELD_SERIAL])
                 : ERR_OK;
}

static enum err_code assignment_data(struct line_import *im, const struct import_line *l,
                                     const struct meter_row *m, const struct account_row *a,
                                     struct json *g, struct err *e)
{
    struct command_ctx *c = im->job.c;
    TRY(data_int(c, g, "assignment", im->ids.meter.assignment++, e));
    TRY(data_int(c, g, "meter", m->id, e));
    TRY(data_int(c, g, "account", a->id, e));
    TRY(data_text(c, g, "tariff", l->field[FIELD_TARIFF], e));
    return data_text(c, g, "start", l->field[FIELD_START], e);
}

static enum err_code assignment_make(struct line_import *im, struct draft *d,
                                     const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct meter_row m;
    struct account_row a;
    struct json *g = json_new_object(c->arena);
    const char *start = l->field[FIELD_START];
    const char *end = l->field[FIELD_END];
    (void)d;
    if (g == NULL) {
        return err_nomem(e);
    }
    if (l->field[FIELD_TARIFF] == NULL || start == NULL) {
        return err_set(e, ERR_USAGE, _("field %s: it is empty"),
                       start == NULL ? "start" : "tariff");
    }
    if (end != NULL && strcmp(end, start) <= 0) {
        return err_set(e, ERR_RANGE, _("field end: %s is not after the start, %s"), end, start);
    }
    TRY(meter_by_serial(c->office, l->field[FIELD_SERIAL], &m, NULL, e));
    TRY(account_of_line(c->office, l, &a, e));
    if (end == NULL && a.closed[0] != '\0') {
        return err_set(e, ERR_STATE, _("account %s was closed on %s"), a.number, a.closed);
    }
    TRY(assignment_free(im, l, m.id, e));
    if (end == NULL) { /* what ended is not billed here */
        TRY(tariff_usable(c->office, l->field[FIELD_TARIFF], m.kind,
                          strcmp(start, c->date) > 0 ? start : c->date, e));
        if (m.kind != METER_ENERGY) {
            TRY(tariff_bills(c->office, l->field[FIELD_TARIFF], m.kind, m.reg.unit, e));
        }
    }
    TRY(assignment_data(im, l, &m, &a, g, e));
    TRY(data_set(c, o, "assignment", g, e));
    return end != NULL ? data_text(c, o, "end", end, e) : ERR_OK;
}

static int64_t *assignment_next(struct line_ids *ids)
{
    return &ids->meter.assignment;
}

const struct line_kind line_kind_assignments = {{FIELD_SERIAL, FIELD_START},
                                                2,
                                                false,
                                                assignment_compare,
                                                assignment_make,
                                                assignment_next};
