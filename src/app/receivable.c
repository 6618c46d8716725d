#include <config.h>

#include "app/receivable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* An entry holds 65,535 bytes; an allocation takes up to 40. */
#define ALLOCATIONS_MAX 1000

enum err_code account_balance(struct office *o, int64_t account, int64_t *minor, struct err *e)
{
    *minor = 0;
    return db_get_int(o->db, minor, NULL, e,
                      "SELECT coalesce(sum(amount), 0) FROM posting WHERE account = ?",
                      VALS(V_INT(account)));
}

static void age_add(struct ageing *a, int64_t days, int64_t open, const char *due)
{
    int at = days <= 0 ? 0 : days <= 30 ? 1 : days <= 60 ? 2 : days <= 90 ? 3 : 4;
    a->balance += open;
    if (open < 0) {
        a->credit += open;
        return;
    }
    a->bucket[at] += open;
    if (days > 0 && a->oldest_due[0] == '\0') {
        (void)snprintf(a->oldest_due, sizeof a->oldest_due, "%s", due);
    }
}

enum err_code account_ageing(struct office *o, int64_t account, const char *date,
                             struct ageing *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct ageing){0};
    TRY(db_query(
        o->db, &q, e,
        "SELECT CAST(julianday(?2) - julianday(due) AS INTEGER), open, due FROM posting "
        "WHERE account = ?1 AND open <> 0 ORDER BY due, id",
        VALS(V_INT(account), V_TEXT(date))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        age_add(out, stmt_int(q, 0), stmt_int(q, 1), stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

enum err_code account_open_named(struct command_ctx *c, const char *number,
                                 struct account_row *out, struct err *e)
{
    TRY(account_by_number(c->office, number, out, NULL, e));
    return out->closed[0] == '\0'
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("account %s was closed on %s and takes nothing more; pay into an "
                           "open account of the customer"),
                         out->number, out->closed);
}

enum err_code amount_arg(struct command_ctx *c, const char *name, int64_t *minor, struct err *e)
{
    const char *text = arg_text(c, name);
    struct money m = {0};
    struct err why = ERR_INIT;
    CHECK(text != NULL);
    if (money_parse(text, strlen(text), c->office->currency, &m, &why) != ERR_OK) {
        return err_set(e, ERR_USAGE, "--%s: %s", name, why.text);
    }
    if (m.minor <= 0) {
        return err_set(e, ERR_USAGE, _("--%s: an amount must be above zero"), name);
    }
    *minor = m.minor;
    return ERR_OK;
}

void money_words(const struct office *o, int64_t minor, char out[MONEY_WORDS_MAX])
{
    struct buf plain;
    struct buf grouped;
    buf_init(&plain, 64);
    buf_init(&grouped, 128);
    money_print((struct money){minor}, o->currency, &plain);
    numfmt_number(o->numfmt, buf_str(&plain), &grouped);
    (void)snprintf(out, MONEY_WORDS_MAX, "%s %s", buf_str(&grouped), o->currency->code);
    buf_release(&plain);
    buf_release(&grouped);
}

void number_words(const struct office *o, const char *number, const char *unit,
                  char out[MONEY_WORDS_MAX])
{
    struct buf text;
    buf_init(&text, MONEY_WORDS_MAX - 1);
    numfmt_number(o->numfmt, number, &text);
    buf_addf(&text, "%s%s", unit[0] != '\0' ? " " : "", unit);
    (void)snprintf(out, MONEY_WORDS_MAX, "%s", text.failed ? number : buf_str(&text));
    buf_release(&text);
}

void day_words(const struct office *o, const char *day, char out[DAY_WORDS_MAX])
{
    struct buf text;
    buf_init(&text, DAY_WORDS_MAX - 1);
    numfmt_day(o->numfmt, day, &text);
    (void)snprintf(out, DAY_WORDS_MAX, "%s", buf_str(&text));
    buf_release(&text);
}

/* ---- laying money against what is owed
 * ------------------------------------------------------------------------------
 */

/* Money being laid: what is left of it, and the list that it makes. */
struct laying {
    struct json *list;
    int64_t left;
};

static enum err_code lay_on(struct command_ctx *c, struct laying *l, int64_t posting,
                            int64_t open, struct err *e)
{
    int64_t amount = open < l->left ? open : l->left;
    struct json *one = json_new_object(c->arena);
    if (one == NULL) {
        return err_nomem(e);
    }
    if (l->list->u.array.count == ALLOCATIONS_MAX) {
        return err_set(e, ERR_LIMIT, _("more than %d bills are open; pay them in parts"),
                       ALLOCATIONS_MAX);
    }
    TRY(data_int(c, one, "posting", posting, e));
    TRY(data_int(c, one, "amount", amount, e));
    l->left -= amount;
    return json_push(c->arena, l->list, one) ? ERR_OK : err_nomem(e);
}

static bool laid_on(const struct laying *l, int64_t posting)
{
    int64_t id = 0;
    for (size_t i = 0; i < l->list->u.array.count; i++) {
        if (json_get_int(l->list->u.array.items[i], "posting", &id) && id == posting) {
            return true;
        }
    }
    return false;
}

/* A bill named by its number. */
static enum err_code lay_on_bill(struct command_ctx *c, struct laying *l, int64_t account,
                                 int64_t bill, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, account, open FROM posting WHERE kind = 'bill' AND ref = ?",
                 VALS(V_INT(bill))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && (!row || stmt_int(q, 1) != account)) {
        code = err_set(e, ERR_NOT_FOUND, _("the account has no bill %" PRId64), bill);
    } else if (code == ERR_OK && stmt_int(q, 2) <= 0) {
        code = err_set(e, ERR_STATE, _("nothing is open of bill %" PRId64), bill);
    } else if (code == ERR_OK && !laid_on(l, stmt_int(q, 0)) && l->left > 0) {
        code = lay_on(c, l, stmt_int(q, 0), stmt_int(q, 2), e);
    }
    stmt_done(q);
    return code;
}

static enum err_code lay_on_named(struct command_ctx *c, struct laying *l, int64_t account,
                                  const char *bills, struct err *e)
{
    for (const char *at = bills; at != NULL;) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        struct decimal n;
        struct err ignored = ERR_INIT;
        if (decimal_parse(at, len, &n, &ignored) != ERR_OK || n.scale != 0 || n.mantissa < 1) {
            return err_set(e, ERR_USAGE, _("\"%.*s\" is no number of a bill"), (int)len, at);
        }
        TRY(lay_on_bill(c, l, account, n.mantissa, e));
        at = end == NULL ? NULL : end + 1;
    }
    return ERR_OK;
}

/* sql: id and open amount (positive) of each, in the order of laying. */
static enum err_code lay_on_rest(struct command_ctx *c, struct laying *l, const char *sql,
                                 int64_t account, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e, sql, VALS(V_INT(account))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && l->left > 0 && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (!laid_on(l, stmt_int(q, 0))) {
            code = lay_on(c, l, stmt_int(q, 0), stmt_int(q, 1), e);
        }
    }
    stmt_done(q);
    return code;
}

enum err_code credit_lay(struct command_ctx *c, struct json *data, int64_t account,
                         int64_t amount, const char *bills, int64_t *left, struct err *e)
{
    struct laying l = {json_new_array(c->arena), amount};
    if (l.list == NULL) {
        return err_nomem(e);
    }
    TRY(lay_on_named(c, &l, account, bills, e));
    TRY(lay_on_rest(c, &l,
                    "SELECT id, open FROM posting WHERE account = ? AND open > 0 "
                    "ORDER BY due, id",
                    account, e));
    *left = l.left;
    return data_set(c, data, "allocations", l.list, e);
}

enum err_code debit_lay(struct command_ctx *c, struct json *data, int64_t account,
                        int64_t amount, int64_t *left, struct err *e)
{
    struct laying l = {json_new_array(c->arena), amount};
    if (l.list == NULL) {
        return err_nomem(e);
    }
    TRY(lay_on_rest(c, &l,
                    "SELECT id, -open FROM posting WHERE account = ? AND open < 0 ORDER BY id",
                    account, e));
    *left = l.left;
    return data_set(c, data, "allocations", l.list, e);
}

enum err_code posting_data(struct command_ctx *c, struct json *data, int64_t account,
                           int64_t amount, struct err *e)
{
    int64_t id = 0;
    TRY(next_id(c, "SELECT max(id) FROM posting", &id, e));
    TRY(data_int(c, data, "account", account, e));
    TRY(data_int(c, data, "posting", id, e));
    return data_int(c, data, "amount", amount, e);
}

/* ---- the drawer
 * -----------------------------------------------------------------------------------------------------
 */

enum err_code shift_of_user(struct command_ctx *c, int64_t *shift, struct err *e)
{
    bool found = false;
    TRY(db_get_int(c->office->db, shift, &found, e,
                   "SELECT id FROM shift WHERE user = ? AND closed IS NULL",
                   VALS(V_INT(c->session->user))));
    return found ? ERR_OK
                 : err_set(e, ERR_STATE,
                           _("you have no cash drawer open; open one with: aforo drawer open "
                             "NAME --float AMOUNT"));
}

enum err_code shift_expected(struct office *o, int64_t shift, int64_t *minor, struct err *e)
{
    *minor = 0;
    return db_get_int(o->db, minor, NULL, e,
                      "SELECT coalesce(sum(amount), 0) FROM cash_move WHERE shift = ?",
                      VALS(V_INT(shift)));
}

enum err_code cash_out_data(struct command_ctx *c, struct json *data, int64_t amount,
                            struct err *e)
{
    int64_t shift = 0;
    int64_t there = 0;
    char words[MONEY_WORDS_MAX];
    TRY(shift_of_user(c, &shift, e));
    TRY(shift_expected(c->office, shift, &there, e));
    if (there < amount) {
        money_words(c->office, there, words);
        return err_set(e, ERR_STATE, _("your drawer holds only %s"), words);
    }
    return data_int(c, data, "shift", shift, e);
}
