/* The collection run: who is to be told what, and who could be cut off; each "no" names its
 * rule. It tells, by notices into the outbox; a cut is asked for by somebody (cut order). */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/collection.h"
#include "app/lookup.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

#define NOTICES_PER_ENTRY 256
#define ACCOUNTS_PER_BATCH 4096 /* that no notice is due for may be very many */

struct notice {
    int64_t account, step, amount;
    char since[DATE_TEXT];
};

struct sums {
    int64_t notices, refused, cuts;
};

struct run {
    struct collection_policy policy;
    struct arena keep;
    struct notice batch[NOTICES_PER_ENTRY];
    size_t count;
    int64_t after; /* accounts done */
    bool more, dry;
    struct sums sum;
    int64_t looked, owing; /* accounts so far, and all that owe */
    /* Where the batch began: an attempt that another writer overtook is made again. */
    int64_t from, looked_before;
    struct sums before;
    size_t said;
};

static void run_mark(struct command_ctx *c, struct run *r)
{
    if (c->spill != NULL && c->out != NULL && c->out->len > 0) {
        c->spill(c);
    }
    r->from = r->after;
    r->looked_before = r->looked;
    r->before = r->sum;
    r->said = c->out != NULL ? c->out->len : 0;
}

static void run_rewind(const struct command_ctx *c, struct run *r)
{
    r->after = r->from;
    r->looked = r->looked_before;
    r->sum = r->before;
    if (c->out != NULL && c->out->len > r->said) {
        c->out->len = r->said;
        c->out->data[r->said] = '\0';
    }
}

/* why: a stable word; words: the sentence that it stands for, for people. */
static void say(struct command_ctx *c, const char *number, const char *what, const char *why,
                const char *words, const struct overdue *debt)
{
    char amount[MONEY_WORDS_MAX];
    char since[DAY_WORDS_MAX];
    if (c->out == NULL) {
        return;
    }
    if (c->json) {
        buf_addf(c->out,
                 "{\"account\":\"%s\",\"action\":\"%s\",\"rule\":\"%s\",\"overdue\":%" PRId64
                 ",\"since\":\"%s\"}\n",
                 number, what, why, debt->amount, debt->since);
        return;
    }
    money_words(c->office, debt->amount, amount);
    day_words(c->office, debt->since, since);
    buf_addf(c->out, "%s  %s  %s  %s  %s  %s\n", number, code_said(what), code_said(why),
             amount, since, words);
}

/* Who was told three times: may a cut be asked for, and if not, why. */
static enum err_code cut_judge(struct command_ctx *c, struct run *r, int64_t account,
                               const char *number, enum cut_rule rule,
                               const struct overdue *debt, struct err *e)
{
    int64_t one = 0;
    bool stands = false;
    TRY(db_get_int(c->office->db, &one, &stands, e,
                   "SELECT 1 FROM cut_order WHERE account = ? AND state NOT IN ('reconnected', "
                   "'withdrawn')",
                   VALS(V_INT(account))));
    if (stands) {
        say(c, number, "cut", "ordered", _("a cut order stands already"), debt);
        return ERR_OK;
    }
    r->sum.refused += rule != CUT_ALLOWED;
    r->sum.cuts += rule == CUT_ALLOWED;
    say(c, number, "cut", cut_rule_name(rule), cut_rule_text(rule), debt);
    return ERR_OK;
}

/* The next notice is due so many days after the due day, and after the notice before it as many
 * as lie between the two: who was told late is not told everything at once. */
static enum err_code notice_due(struct command_ctx *c, const struct run *r,
                                const struct overdue *debt, bool *due, struct err *e)
{
    const int64_t *days = r->policy.notice_days;
    int64_t since = 0;
    *due = debt->days >= days[debt->step];
    if (debt->step == 0 || !*due) {
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &since, NULL, e,
                   "SELECT CAST(julianday(?1) - julianday(?2) AS INTEGER)",
                   VALS(V_TEXT(c->date), V_TEXT(debt->told))));
    *due = since >= days[debt->step] - days[debt->step - 1];
    return ERR_OK;
}

/* What is to be done about one account that owes: a notice, a cut that may be asked for, or
 * nothing, with the rule that says so. */
static enum err_code account_judge(struct command_ctx *c, struct run *r, int64_t account,
                                   const char *number, struct err *e)
{
    static const char *const notices[NOTICE_STEPS] = {"notice_1", "notice_2", "notice_3"};
    struct overdue debt;
    enum cut_rule rule = CUT_ALLOWED;
    bool due = false;
    TRY(overdue_find(c->office, account, c->date, &debt, e));
    TRY(cut_rule_of(c->office, &r->policy, account, c->date, &debt, &rule, e));
    if (debt.step >= NOTICE_STEPS) {
        return cut_judge(c, r, account, number, rule, &debt, e);
    }
    if (rule == CUT_NO_DEBT || rule == CUT_DISPUTE || rule == CUT_PLAN) {
        r->sum.refused++;
        say(c, number, "notice", cut_rule_name(rule), cut_rule_text(rule), &debt);
        return ERR_OK;
    }
    TRY(notice_due(c, r, &debt, &due, e));
    if (!due) {
        say(c, number, "wait", "grace", _("the next notice is not due yet"), &debt);
        return ERR_OK;
    }
    struct notice *n = &r->batch[r->count++];
    *n = (struct notice){.account = account, .step = debt.step + 1, .amount = debt.amount};
    memcpy(n->since, debt.since, sizeof n->since);
    r->sum.notices++;
    say(c, number, notices[debt.step], "allowed", _("the notice is due"), &debt);
    return ERR_OK;
}

/* Fill a batch from r->after on. */
static enum err_code batch_fill(struct command_ctx *c, struct run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = true;
    r->count = 0;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, number FROM account a WHERE id > ? AND EXISTS(SELECT 1 FROM "
                 "posting p WHERE p.account = a.id AND p.open > 0 AND p.due < ?) ORDER BY id",
                 VALS(V_INT(r->after), V_TEXT(c->date))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && r->count < NOTICES_PER_ENTRY &&
           r->looked - r->looked_before < ACCOUNTS_PER_BATCH &&
           (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = account_judge(c, r, stmt_int(q, 0), stmt_text(q, 1), e);
        r->after = stmt_int(q, 0);
        r->looked++;
    }
    stmt_done(q);
    r->more = row;
    return code;
}

/* Judged within the attempt: who was told by somebody else meanwhile is not told again. */
static enum err_code build_notices(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct run *r = c->report;
    struct json *list = json_new_array(c->arena);
    int64_t id = 0;
    run_rewind(c, r);
    TRY(batch_fill(c, r, e));
    if (r->count == 0) { /* run_all goes on without an entry */
        return err_set(e, ERR_NOT_FOUND, _("no notice is due"));
    }
    TRY(next_id(c, "SELECT max(id) FROM notice", &id, e));
    TRY(draft_begin(c, d, "notices.issued", e));
    for (size_t i = 0; list != NULL && i < r->count; i++) {
        struct json *o = json_new_object(c->arena);
        TRY(o != NULL && json_push(c->arena, list, o) ? ERR_OK : err_nomem(e));
        TRY(data_int(c, o, "notice", id + (int64_t)i, e));
        TRY(data_int(c, o, "account", r->batch[i].account, e));
        TRY(data_int(c, o, "step", r->batch[i].step, e));
        TRY(data_int(c, o, "amount", r->batch[i].amount, e));
        TRY(data_text(c, o, "overdue", r->batch[i].since, e));
    }
    return list != NULL ? data_set(c, d->data, "notices", list, e) : err_nomem(e);
}

static enum err_code run_all(struct command_ctx *c, struct run *r, struct err *e)
{
    struct ticket t;
    TRY(collection_policy_load(c->office, &r->keep, &r->policy, e));
    TRY(db_get_int(c->office->db, &r->owing, NULL, e,
                   "SELECT count(DISTINCT account) FROM posting WHERE open > 0 AND due < ?",
                   VALS(V_TEXT(c->date))));
    do {
        run_mark(c, r);
        if (!progress_step(c->progress, _("Collection"), (uint64_t)r->looked,
                           (uint64_t)r->owing)) {
            return err_set(
                e, ERR_CANCELLED,
                ngettext("stopped after %" PRId64 " notice; the same command goes on",
                         "stopped after %" PRId64 " notices; the same command goes on",
                         (unsigned long)r->sum.notices),
                r->sum.notices);
        }
        enum err_code code = r->dry ? batch_fill(c, r, e) : act_user(c, build_notices, &t, e);
        TRY(code == ERR_NOT_FOUND && r->count == 0 ? ERR_OK : code);
    } while (r->more);
    (void)progress_step(c->progress, _("Collection"), (uint64_t)r->owing, (uint64_t)r->owing);
    (void)snprintf(c->message, sizeof c->message,
                   r->dry ? ngettext("%" PRId64 " notice; cuts that may be asked for: %" PRId64
                                     "; held back: %" PRId64 "; nothing was recorded",
                                     "%" PRId64 " notices; cuts that may be asked for: %" PRId64
                                     "; held back: %" PRId64 "; nothing was recorded",
                                     (unsigned long)r->sum.notices)
                          : ngettext("%" PRId64 " notice; cuts that may be asked for: %" PRId64
                                     "; held back: %" PRId64,
                                     "%" PRId64 " notices; cuts that may be asked for: %" PRId64
                                     "; held back: %" PRId64,
                                     (unsigned long)r->sum.notices),
                   r->sum.notices, r->sum.cuts, r->sum.refused);
    return ERR_OK;
}

static enum err_code run_collection(struct command_ctx *c, struct err *e)
{
    void *report = c->report;
    struct run *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    memset(r, 0, sizeof *r);
    r->dry = arg_flag(c, "dry-run");
    arena_init(&r->keep, 1 << 20);
    c->report = r;
    enum err_code code = run_all(c, r, e);
    c->report = report;
    arena_release(&r->keep);
    mem_free(r);
    return code;
}

static enum err_code build_protect(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    const char *until = arg_text(c, "until");
    TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    TRY(draft_begin(c, d, "account.protected", e));
    TRY(data_int(c, d->data, "account", a.id, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("account %s is not cut off up to and with %s"), a.number, until);
    return data_text(c, d->data, "until", until, e);
}

static const struct param run_params[] = {
    {"dry-run", PARAM_FLAG, 0, N_("show what would happen to whom and why, record nothing"),
     NULL, NULL},
    PARAM_END};
static const struct param protect_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"until", PARAM_DATE, PARAM_REQUIRED, N_("the last day; one that is over ends it"), NULL,
     NULL},
    PARAM_END};

const struct command cmd_collection_run = {"collection run",
                                           N_("tell customers what is overdue, by the policy"),
                                           CMD_BULK,
                                           run_params,
                                           NULL,
                                           run_collection};
const struct command cmd_account_protect = {
    "account protect",
    N_("protect a vulnerable customer from being cut off"),
    0,
    protect_params,
    build_protect,
    NULL};
