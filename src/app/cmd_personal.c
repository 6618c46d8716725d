/* Commands that change or end personal data. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/backups_made.h"
#include "app/biller.h"
#include "app/cmd.h"
#include "app/erasing.h"
#include "app/personal.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* What one entry erases at most, so that it stays below an entry's size. */
#define VALUES_PER_ENTRY 256

static enum err_code customer_there(struct command_ctx *c, int64_t customer, struct err *e)
{
    int64_t one = 0;
    bool found = false;
    TRY(db_get_int(c->office->db, &one, &found, e, "SELECT 1 FROM customer WHERE id=?",
                   VALS(V_INT(customer))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("there is no customer %" PRId64), customer);
}

/* ---- customer edit ---- */

static enum err_code removed_add(struct command_ctx *c, struct json *removed, const char *field,
                                 struct err *e)
{
    return json_push(c->arena, removed, json_new_string(c->arena, field)) ? ERR_OK
                                                                          : err_nomem(e);
}

/* A new version beside the old one; an empty value takes the old one out of use. */
static enum err_code build_customer_edit(struct command_ctx *c, struct draft *d, struct err *e)
{
    static const char *const fields[] = {"name", "tax_id", "phone", "email", "address"};
    static const char *const params[] = {"name", "tax-id", "phone", "email", "address"};
    int64_t id = arg_get(c, "customer")->integer;
    size_t changed = 0;
    struct json *removed = json_new_array(c->arena);
    if (removed == NULL) {
        return err_nomem(e);
    }
    TRY(customer_there(c, id, e));
    TRY(draft_begin(c, d, "customer.edited", e));
    TRY(data_int(c, d->data, "customer", id, e));
    for (size_t i = 0; i < 5; i++) {
        const char *value = arg_text(c, params[i]);
        if (value == NULL) {
            continue;
        }
        changed++;
        if (*value != '\0') {
            TRY(i == 1 ? biller_customer_check(c->office, value, e) : ERR_OK);
            TRY(data_personal(c, d, d->data, "customer", id, fields[i], value, e));
        } else if (i == 0) {
            return err_set(e, ERR_USAGE,
                           _("a customer has a name; to erase it: aforo personal "
                             "erase"));
        } else {
            TRY(removed_add(c, removed, fields[i], e));
        }
    }
    if (removed->u.array.count > 0) {
        TRY(data_set(c, d->data, "removed", removed, e));
    }
    if (changed == 0) {
        return err_set(e, ERR_USAGE,
                       _("say what changes: --name, --tax-id, --phone, --email or --address"));
    }
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message, _("customer %" PRId64 " changed"), id);
    return ERR_OK;
}

static const struct param customer_edit_params[] = {
    {"customer", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the customer's number"),
     NULL, NULL},
    {"name", PARAM_TEXT, PARAM_PERSONAL, N_("full name"), NULL, NULL},
    {"tax-id", PARAM_TEXT, PARAM_PERSONAL, N_("tax number"), NULL, NULL},
    {"phone", PARAM_TEXT, PARAM_PERSONAL, N_("telephone"), NULL, NULL},
    {"email", PARAM_TEXT, PARAM_PERSONAL, N_("e-mail"), NULL, NULL},
    {"address", PARAM_TEXT, PARAM_PERSONAL, N_("postal address"), NULL, NULL},
    PARAM_END};
const struct command cmd_customer_edit = {
    "customer edit",
    N_("change a customer's data; the older version stays beside it"),
    0,
    customer_edit_params,
    build_customer_edit,
    NULL};

/* ---- personal erase ---- */

struct erase_run {
    int64_t customer;   /* 0: */
    int64_t attachment; /* this one alone */
    const char *field;
    size_t count; /* of the entry that is built */
    int64_t total;
};

/* One member of "values": what is erased, never the value. */
static enum err_code value_named(struct command_ctx *c, const char *owner, int64_t id,
                                 const char *field, const struct hash *hash,
                                 struct json *values, struct err *e)
{
    char hex[65];
    struct json *o = json_new_object(c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    hash_hex(hash, hex);
    TRY(data_text(c, o, "owner", owner, e));
    TRY(data_int(c, o, "id", id, e));
    TRY(data_text(c, o, "field", field, e));
    TRY(data_text(c, o, "hash", hex, e));
    return json_push(c->arena, values, o) ? ERR_OK : err_nomem(e);
}

static enum err_code values_query(struct command_ctx *c, const struct erase_run *r,
                                  struct stmt **q, struct err *e)
{
    return db_query(
        c->office->db, q, e,
        r->customer != 0 ? personal_of_customer_sql : personal_of_attachment_sql,
        VALS(V_INT(r->customer != 0 ? r->customer : r->attachment), V_TEXT(r->field)));
}

static enum err_code values_collect(struct command_ctx *c, struct erase_run *r,
                                    struct json *values, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    r->count = 0;
    TRY(values_query(c, r, &q, e));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && r->count < VALUES_PER_ENTRY &&
           (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct hash hash;
        size_t len = 0;
        memcpy(hash.b, stmt_blob(q, 3, &len), HASH_SIZE); /* the table checks its length */
        code =
            value_named(c, stmt_text(q, 0), stmt_int(q, 1), stmt_text(q, 2), &hash, values, e);
        r->count++;
    }
    stmt_done(q);
    return code;
}

static enum err_code subject_there(struct command_ctx *c, const struct erase_run *r,
                                   struct err *e)
{
    int64_t one = 0;
    bool found = false;
    if (r->customer != 0) {
        return customer_there(c, r->customer, e);
    }
    TRY(db_get_int(c->office->db, &one, &found, e, "SELECT 1 FROM attachment WHERE id=?",
                   VALS(V_INT(r->attachment))));
    return found
               ? ERR_OK
               : err_set(e, ERR_NOT_FOUND, _("there is no attachment %" PRId64), r->attachment);
}

static enum err_code build_personal_erase(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct erase_run *r = c->report;
    struct json *values = json_new_array(c->arena);
    if (values == NULL) {
        return err_nomem(e);
    }
    TRY(subject_there(c, r, e));
    TRY(draft_begin(c, d, "personal.erased", e));
    if (r->customer != 0) {
        TRY(data_int(c, d->data, "customer", r->customer, e));
    }
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    TRY(values_collect(c, r, values, e));
    if (r->count == 0 && r->customer == 0) {
        return err_set(e, ERR_NOT_FOUND, _("attachment %" PRId64 " was erased before"),
                       r->attachment);
    }
    if (r->count == 0) {
        return err_set(e, ERR_NOT_FOUND, _("nothing of this is held of customer %" PRId64),
                       r->customer);
    }
    return data_set(c, d->data, "values", values, e);
}

/* What the law obliges an office to keep: who its customer is while an account is open, and who
 * owes or is owed. */
static enum err_code account_settled(struct command_ctx *c, const struct stmt *q, struct err *e)
{
    char owed[MONEY_WORDS_MAX];
    int64_t balance = 0;
    if (stmt_is_null(q, 2)) {
        return err_set(e, ERR_STATE,
                       _("account %s is open, and the customer's data must be kept; close it "
                         "first, or erase with --force"),
                       stmt_text(q, 1));
    }
    TRY(account_balance(c->office, stmt_int(q, 0), &balance, e));
    if (balance == 0) {
        return ERR_OK;
    }
    money_words(c->office, balance, owed);
    return err_set(e, ERR_STATE,
                   _("the balance of account %s is %s, and the customer's data must be kept; "
                     "settle it first, or erase with --force"),
                   stmt_text(q, 1), owed);
}

static enum err_code erase_allowed(struct command_ctx *c, int64_t customer, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool may = false;
    if (arg_flag(c, "force")) {
        TRY(session_may(c->office, c->session->user, "personal force", &may, e));
        return may ? ERR_OK
                   : err_set(e, ERR_DENIED,
                             _("only who has the permission \"personal force\" may erase what "
                               "must be kept"));
    }
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, number, closed FROM account WHERE customer=?",
                 VALS(V_INT(customer))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = account_settled(c, q, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code values_left(struct command_ctx *c, const struct erase_run *r, bool *left,
                                 struct err *e)
{
    struct stmt *q = NULL;
    TRY(values_query(c, r, &q, e));
    enum err_code code = stmt_next(q, left, e);
    stmt_done(q);
    return code;
}

static enum err_code values_erase(struct command_ctx *c, struct erase_run *r, struct ticket *t,
                                  struct err *e)
{
    bool left = true;
    void *report = c->report;
    enum err_code code = ERR_OK;
    c->report = r;
    while (code == ERR_OK && left) {
        code = act_user(c, build_personal_erase, t, e);
        if (code == ERR_OK) {
            r->total += (int64_t)r->count;
            code = values_left(c, r, &left, e);
        }
    }
    c->report = report;
    return code;
}

static void erased_tell(struct command_ctx *c, const struct erase_run *r)
{
    if (r->customer == 0) {
        (void)snprintf(
            c->message, sizeof c->message,
            _("attachment %" PRId64 " erased; no byte of it is left in the office's files"),
            r->attachment);
        return;
    }
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("%" PRId64 " value of customer %" PRId64
                            " erased; no byte of it is left in the office's files",
                            "%" PRId64 " values of customer %" PRId64
                            " erased; no byte of them is left in the office's files",
                            (unsigned long)r->total),
                   r->total, r->customer);
}

static enum err_code erase_named(struct command_ctx *c, struct erase_run *r, struct err *e)
{
    const struct arg *customer = arg_get(c, "customer");
    const struct arg *attachment = arg_get(c, "attachment");
    if (customer->given == attachment->given) {
        return err_set(e, ERR_USAGE,
                       _("name what is erased: --customer NUMBER, or --attachment NUMBER"));
    }
    r->customer = customer->given ? customer->integer : 0;
    r->attachment = attachment->given ? attachment->integer : 0;
    r->field = arg_text(c, "field");
    TRY(subject_there(c, r, e));
    return customer->given ? erase_allowed(c, r->customer, e) : ERR_OK;
}

static enum err_code run_personal_erase(struct command_ctx *c, struct err *e)
{
    struct erase_run r = {0};
    struct ticket t = {0};
    int mark = -1;
    bool before = erasing_left(c->office);
    TRY(erase_named(c, &r, e));
    TRY(erasing_begin(c->office, &mark, e));
    enum err_code code = values_erase(c, &r, &t, e);
    if (code != ERR_OK) {
        erasing_end(mark, t.seq == 0 && !before);
        return code;
    }
    c->result_id = r.customer != 0 ? r.customer : r.attachment;
    code = personal_purge(c->office, false, c->progress, e);
    erasing_end(mark, code == ERR_OK);
    if (c->out != NULL && !c->json) {
        backups_made_tell(c->office, c->out);
    }
    if (code != ERR_OK) {
        return err_wrap(e, _("erased by entry %" PRId64), t.seq);
    }
    erased_tell(c, &r);
    return ERR_OK;
}

static const struct param personal_erase_params[] = {
    {"customer", PARAM_INT, 0, N_("the customer's number"), NULL, NULL},
    {"attachment", PARAM_INT, 0, N_("one attachment alone, by its number"), NULL, NULL},
    {"field", PARAM_CHOICE, 0, N_("what is erased, older versions included"),
     "all|name|tax_id|phone|email|address|place|note|signer|attachment", "all"},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why; stands in the ledger, so name nobody"),
     NULL, NULL},
    {"force", PARAM_FLAG, 0, N_("although the data must be kept"), NULL, NULL},
    PARAM_END};
const struct command cmd_personal_erase = {
    "personal erase",
    N_("erase personal data for good; the ledger stays whole"),
    CMD_CONFIRM | CMD_BULK | CMD_WINDOW, /* a copy from before it is one that was rolled back */
    personal_erase_params,
    NULL,
    run_personal_erase};

/* ---- once more, after a restore ---- */

struct again_run {
    const struct erasures *list;
    size_t at;
    int64_t count; /* of the entry that is built */
};

static enum err_code erasure_holds(struct command_ctx *c, const struct erasure *x, bool *holds,
                                   struct err *e)
{
    int64_t one = 0;
    bool content = strcmp(x->owner, "attachment") == 0 && strcmp(x->field, "content") == 0;
    return content ? db_get_int(c->office->db, &one, holds, e,
                                "SELECT 1 FROM attachment_content WHERE id=? AND hash=?",
                                VALS(V_INT(x->id), V_HASH(&x->hash)))
                   : db_get_int(c->office->db, &one, holds, e,
                                "SELECT 1 FROM main.personal WHERE owner=? AND id=? AND "
                                "field=? AND hash=? AND value IS NOT NULL",
                                VALS(V_TEXT(x->owner), V_INT(x->id), V_TEXT(x->field),
                                     V_HASH(&x->hash)));
}

static enum err_code build_again(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct again_run *r = c->report;
    struct json *values = json_new_array(c->arena);
    if (values == NULL) {
        return err_nomem(e);
    }
    TRY(draft_begin(c, d, "personal.erased", e));
    TRY(data_text(c, d->data, "reason", "restored backup: erased before", e));
    r->count = 0;
    for (size_t i = r->at; i < r->list->count && r->count < VALUES_PER_ENTRY; i++) {
        const struct erasure *x = &r->list->all[i];
        bool holds = false;
        TRY(erasure_holds(c, x, &holds, e));
        if (holds) {
            TRY(value_named(c, x->owner, x->id, x->field, &x->hash, values, e));
            r->count++;
        }
    }
    return data_set(c, d->data, "values", values, e);
}

static enum err_code again_acts(struct command_ctx *c, struct again_run *r, int64_t *count,
                                struct err *e)
{
    struct sign_key *key = NULL;
    char actor[48];
    TRY(office_key(c->office, &key, e));
    (void)snprintf(actor, sizeof actor, "office:%s", c->office->code);
    while (r->at < r->list->count) {
        struct ticket t = {0};
        bool holds = false;
        TRY(erasure_holds(c, &r->list->all[r->at], &holds, e));
        if (!holds) {
            r->at++;
            continue;
        }
        TRY(act(c, build_again, key, actor, &t, e));
        *count += r->count;
    }
    return ERR_OK;
}

enum err_code personal_erase_again(struct office *o, const struct erasures *list,
                                   int64_t *count, struct err *e)
{
    struct arena arena;
    struct again_run r = {.list = list};
    struct command_ctx c = {
        .office = o, .command = &cmd_personal_erase, .arena = &arena, .report = &r};
    *count = 0;
    date_text(office_today(o), c.date);
    arena_init(&arena, (size_t)16 << 20);
    enum err_code code = again_acts(&c, &r, count, e);
    arena_release(&arena);
    return code;
}

enum err_code personal_held(struct office *o, const struct erasures *list, int64_t *count,
                            struct err *e)
{
    struct command_ctx c = {.office = o};
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool holds = false;
        TRY(erasure_holds(&c, &list->all[i], &holds, e));
        *count += holds;
    }
    return ERR_OK;
}
