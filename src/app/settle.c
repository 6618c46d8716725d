/* Credit on accounts laid against what they owe, in batches. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/cmd.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "ledger/items.h"

#define PAIRS_MAX 500 /* of one account in one item; the rest waits for the next turn */

struct settling {
    int64_t only;  /* account; 0: all */
    int64_t after; /* accounts up to here are done */
    int64_t next;  /* set by build */
    int64_t found;
    struct item_batch items;
};

/* Open postings of one side while they are paired. */
struct side {
    struct stmt *q;
    int64_t posting, open; /* open 0: fetch the next */
    bool end;
};

static enum err_code side_next(struct side *s, struct err *e)
{
    bool row = true;
    if (s->open > 0 || s->end) {
        return ERR_OK;
    }
    TRY(stmt_next(s->q, &row, e));
    s->end = !row;
    if (row) {
        s->posting = stmt_int(s->q, 0);
        s->open = stmt_int(s->q, 1);
    }
    return ERR_OK;
}

static enum err_code pair_push(struct json *list, const struct side *credit,
                               const struct side *debit, int64_t amount, struct arena *a,
                               struct err *e)
{
    struct json *one = json_new_object(a);
    bool ok = one != NULL && json_set_int(a, one, "credit", credit->posting) &&
              json_set_int(a, one, "debit", debit->posting) &&
              json_set_int(a, one, "amount", amount) && json_push(a, list, one);
    return ok ? ERR_OK : err_nomem(e);
}

static enum err_code pairs_make(struct side *credit, struct side *debit, struct json *list,
                                struct arena *a, struct err *e)
{
    while (list->u.array.count < PAIRS_MAX) {
        TRY(side_next(credit, e));
        TRY(side_next(debit, e));
        if (credit->end || debit->end) {
            return ERR_OK;
        }
        int64_t amount = credit->open < debit->open ? credit->open : debit->open;
        TRY(pair_push(list, credit, debit, amount, a, e));
        credit->open -= amount;
        debit->open -= amount;
    }
    return ERR_OK;
}

/* The item of one account: its credit, oldest first, against what it owes, oldest due first. */
static enum err_code account_item(struct command_ctx *c, int64_t account, struct arena *a,
                                  struct item_batch *items, struct err *e)
{
    struct side credit = {0};
    struct side debit = {0};
    struct buf text;
    struct json *o = json_new_object(a);
    struct json *list = json_new_array(a);
    buf_init(&text, ITEM_MAX_BYTES);
    enum err_code code = o != NULL && list != NULL ? ERR_OK : err_nomem(e);
    if (code == ERR_OK) {
        code = db_query(c->office->db, &credit.q, e,
                        "SELECT id, -open FROM posting WHERE account = ? AND open < 0 "
                        "ORDER BY id",
                        VALS(V_INT(account)));
    }
    if (code == ERR_OK) {
        code = db_query(c->office->db, &debit.q, e,
                        "SELECT id, open FROM posting WHERE account = ? AND open > 0 "
                        "ORDER BY due, id",
                        VALS(V_INT(account)));
    }
    if (code == ERR_OK) {
        code = pairs_make(&credit, &debit, list, a, e);
    }
    if (code == ERR_OK &&
        !(json_set_int(a, o, "account", account) && json_set(a, o, "allocations", list))) {
        code = err_nomem(e);
    }
    if (code == ERR_OK) {
        code = json_write_jcs(o, &text, e);
    }
    if (code == ERR_OK) {
        code = buf_status(&text, _("allocations"), e);
    }
    if (code == ERR_OK) {
        code = items_add(items, text.data, text.len, e);
    }
    stmt_done(credit.q);
    stmt_done(debit.q);
    buf_release(&text);
    return code;
}

static enum err_code accounts_items(struct command_ctx *c, struct settling *s,
                                    struct arena *arena, struct err *e)
{
    int64_t account = s->after;
    bool found = true;
    s->found = 0;
    while (found && !items_full(&s->items)) {
        TRY(db_get_int(c->office->db, &account, &found, e,
                       "SELECT c.account FROM posting c WHERE c.open < 0 AND c.account > ?1 "
                       "AND (?2 = 0 OR c.account = ?2) AND EXISTS(SELECT 1 FROM posting d "
                       "WHERE d.account = c.account AND d.open > 0) ORDER BY c.account LIMIT 1",
                       VALS(V_INT(account), V_INT(s->only))));
        if (found) {
            arena_reset(arena);
            TRY(account_item(c, account, arena, &s->items, e));
            s->next = account;
            s->found++;
        }
    }
    return ERR_OK;
}

static enum err_code build_credits(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct settling *s = c->report;
    struct arena arena;
    items_clear(&s->items);
    arena_init(&arena, (size_t)4 << 20);
    enum err_code code = accounts_items(c, s, &arena, e);
    arena_release(&arena);
    TRY(code);
    if (s->found == 0) {
        return err_set(e, ERR_NOT_FOUND, _("no account has credit and something that it owes"));
    }
    TRY(draft_begin(c, d, "credits.batch", e));
    return data_items(c, d, &s->items, e);
}

enum err_code credits_settle(struct command_ctx *c, int64_t account, int64_t *accounts,
                             struct err *e)
{
    struct settling s = {.only = account, .found = 1};
    struct ticket t;
    struct err why = ERR_INIT;
    void *caller = c->report;
    enum err_code code = items_init(&s.items, e);
    c->report = &s;
    *accounts = 0;
    while (code == ERR_OK && s.found > 0) {
        code = act_user(c, build_credits, &t, &why);
        if (code == ERR_NOT_FOUND && s.found == 0) {
            code = ERR_OK;
        } else if (code != ERR_OK) {
            code = err_set(e, code, "%s", why.text);
        }
        *accounts += s.found;
        s.after = s.next;
    }
    items_release(&s.items);
    c->report = caller;
    return code;
}

static enum err_code run_settle(struct command_ctx *c, struct err *e)
{
    struct account_row a = {0};
    int64_t n = 0;
    if (arg_text(c, "account") != NULL) {
        TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    }
    TRY(credits_settle(c, a.id, &n, e));
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("credit of %" PRId64 " account was laid against what it owes",
                            "credit of %" PRId64 " accounts was laid against what they owe",
                            (unsigned long)n),
                   n);
    return ERR_OK;
}

static const struct param settle_params[] = {
    {"account", PARAM_TEXT, PARAM_POSITIONAL, N_("an account's number; else all"), NULL, NULL},
    PARAM_END};
const struct command cmd_account_settle = {"account settle",
                                           N_("lay credit on accounts against what they owe"),
                                           CMD_BULK,
                                           settle_params,
                                           NULL,
                                           run_settle};
