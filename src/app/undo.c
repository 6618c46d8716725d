#include <config.h>

#include "app/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

/* A member of the entry's data. */
#define DATA(name) "json_extract(e.payload, '$.data." name "')"
#define SERIAL "(SELECT serial FROM meter WHERE id = " DATA("meter") ")"

#define ACCOUNT "(SELECT number FROM account WHERE id = " DATA("account") ")"
#define LOGIN                                                                                  \
    "(SELECT p.value FROM user u JOIN personal p ON p.owner = 'user' AND p.id = u.id AND "     \
    "p.field = 'login' AND p.hash = u.login WHERE u.id = " DATA("user") ")"
#define OF_WORK "FROM work_order w WHERE w.id = " DATA("work") ")"
#define WORK_KIND                                                                              \
    {                                                                                          \
        "kind",                                                                                \
            "(SELECT CASE WHEN w.kind IN ('reconnect', 're-read', 'install', 'swap', "         \
            "'inspect') THEN w.kind END " OF_WORK,                                             \
            NULL                                                                               \
    }
#define WORK_SERIAL                                                                            \
    {                                                                                          \
        "serial", "(SELECT (SELECT serial FROM meter WHERE id = w.meter) " OF_WORK, NULL       \
    }

struct undo_param {
    const char *name;
    const char *sql;  /* expression over entry e; NULL from it: cannot be undone */
    const char *unit; /* the value is in the smallest unit of this unit; NULL: it is text */
};

static const char MONEY[] = "money"; /* unit of sums, of the office's currency */

struct undo_rule {
    const char *kind;
    const char *command;
    struct undo_param params[UNDO_VALUES_MAX + 1];
};

static const struct undo_rule rules[] = {
    {"payment.recorded", "payment reverse", {{"receipt", DATA("receipt"), NULL}}},
    {"readings.decided",
     "decision undo",
     {{"decision",
       "CASE json_array_length(e.payload, '$.data.decisions') WHEN 1 THEN "
       "json_extract(e.payload, '$.data.decisions[0].id') END",
       NULL}}},
    {"dispute.opened",
     "dispute resolve",
     {{"dispute", DATA("dispute"), NULL}, {"outcome", "'withdrawn'", NULL}}},
    {"work.opened", "work cancel", {{"work", DATA("work"), NULL}}},
    {"plan.made", "plan end", {{"plan", DATA("plan"), NULL}}},
    {"deposit.taken", "deposit return", {{"deposit", DATA("deposit"), NULL}}},
    {"readings.closed", "import discard", {{"run", DATA("run"), NULL}}},
    {"meters.closed", "import discard", {{"run", DATA("run"), NULL}}},
    {"records.closed", "import discard", {{"run", DATA("run"), NULL}}},
    {"billing.closed", "bill discard", {{"run", DATA("run"), NULL}}},
    {"credits.batch", /* what a billing run does last */
     "bill discard",
     {{"run",
       "(SELECT json_extract(b.payload, '$.data.run') FROM history h JOIN entry b ON b.seq = "
       "h.seq WHERE h.kind = 'billing.closed' AND h.seq = (SELECT max(seq) FROM history WHERE "
       "seq < e.seq AND kind <> 'credits.batch'))",
       NULL}}},
    {"billing.discarded",
     "bill run",
     {{"period",
       "(SELECT CASE WHEN end_date = date(start_date, '+1 month') AND cycle IS NULL THEN "
       "strftime('%Y-%m', start_date) END FROM billing_run WHERE id = " DATA("run") ")",
       NULL}}},
    {"request.opened", "request withdraw", {{"request", DATA("request"), NULL}}},
    {"cut.ordered", "cut withdraw", {{"cut", DATA("cut"), NULL}}},
    {"bank.closed", "bank discard", {{"file", DATA("file"), NULL}}},
    {"meter.state_set",
     "meter state",
     {{"serial", SERIAL, NULL},
      {"state",
       "CASE " DATA("state") " WHEN 'in_service' THEN 'out_of_service' WHEN 'out_of_service' "
                             "THEN 'in_service' END",
       NULL}}},
    {"limit.set",
     "limit set",
     {{"serial", SERIAL, NULL},
      {"value",
       "(SELECT value FROM usage_limit WHERE meter = " DATA("meter") " AND id < " DATA(
           "limit") " ORDER BY id DESC LIMIT 1)",
       "(SELECT unit FROM register WHERE meter = " DATA("meter") " ORDER BY id LIMIT 1)"},
      {"start", DATA("start"), NULL}}},
    {"note.issued",
     "note issue",
     {{"type", "CASE " DATA("type") " WHEN 'credit_note' THEN 'debit' ELSE 'credit' END", NULL},
      {"account", ACCOUNT, NULL},
      {"amount", DATA("amount"), MONEY}}},
    {"bill.cancelled", "bill rebill", {{"bill", DATA("bill"), NULL}}},
    {"debt.written_off",
     "note issue",
     {{"type", "'debit'", NULL},
      {"account", ACCOUNT, NULL},
      {"amount", DATA("amount"), MONEY}}},
    {"refund.paid",
     "payment take",
     {{"account", ACCOUNT, NULL}, {"amount", DATA("amount"), MONEY}}},
    {"payment.reversed",
     "payment take",
     {{"account", ACCOUNT, NULL}, {"amount", DATA("amount"), MONEY}}},
    {"deposit.returned",
     "deposit take",
     {{"account", ACCOUNT, NULL}, {"amount", DATA("amount"), MONEY}}},
    {"balance.opened",
     "note issue",
     {{"type", "CASE WHEN " DATA("amount") " > 0 THEN 'credit' ELSE 'debit' END", NULL},
      {"account", ACCOUNT, NULL},
      {"amount", "abs(" DATA("amount") ")", MONEY}}},
    {"receipt.printed", /* a paper stays a paper; what it says can be taken back */
     "payment reverse",
     {{"receipt",
       "(SELECT receipt FROM payment WHERE receipt = " DATA("receipt") " AND state = 'posted')",
       NULL}}},
    {"drawer.opened", "drawer close", {{0}}},
    {"drawer.moved",
     "drawer move",
     {{"direction", "CASE WHEN " DATA("amount") " > 0 THEN 'out' ELSE 'in' END", NULL},
      {"amount", "abs(" DATA("amount") ")", MONEY}}},
    {"drawer.closed",
     "drawer open",
     {{"drawer", "(SELECT drawer FROM shift WHERE id = " DATA("shift") ")", NULL}}},
    {"dispute.resolved",
     "dispute open",
     {{"bill", "(SELECT bill FROM dispute WHERE id = " DATA("dispute") ")", NULL}}},
    {"plan.ended", "plan make", {{"account", ACCOUNT, NULL}}},
    {"work.assigned", "work assign", {{"work", DATA("work"), NULL}}},
    {"work.closed", "work open", {WORK_KIND, WORK_SERIAL}},
    {"work.cancelled", "work open", {WORK_KIND, WORK_SERIAL}},
    {"cut.withdrawn", "cut order", {{"serial", SERIAL, NULL}}},
    {"account.opened", "account close", {{"number", ACCOUNT, NULL}}},
    {"meter.assigned", "meter assign", {{"serial", SERIAL, NULL}}},
    {"reading.recorded",
     "reading decide",
     {{"ids", "json_extract(e.payload, '$.data.reading.id')", NULL},
      {"action", "'reject'", NULL}}},
    {"reading.billed_corrected",
     "reading correct",
     {{"reading", "json_extract(e.payload, '$.data.decision.correction.id')", NULL}}},
    {"customer.edited", "customer edit", {{"customer", DATA("customer"), NULL}}},
    {"customer.created", "customer edit", {{"customer", DATA("customer"), NULL}}},
    {"user.created", "user disable", {{"login", LOGIN, NULL}}},
    {"user.roles_set", "user roles", {{"login", LOGIN, NULL}}},
    {"rule.set", "rule set", {{"rule", DATA("rule"), NULL}, {"kind", DATA("kind"), NULL}}},
    {"cycle.set", "cycle set", {{"cycle", DATA("cycle"), NULL}}},
    {"policy.set", "policy set", {{0}}},
    {"tariff.published", "tariff publish", {{0}}},
    {"request.policy_set", "request policy", {{"command", DATA("command"), NULL}}},
    {"paper.recorded", "paper void", {{"paper", DATA("paper"), NULL}}},
    {"gas.factor_set", "gas factor", {{"kind", DATA("kind"), NULL}}},
    {"witness.added", "witness remove", {{"name", DATA("name"), NULL}}},
    {"account.protected",
     "account protect",
     {{"account", "(SELECT number FROM account WHERE id = " DATA("account") ")", NULL},
      {"until", "(SELECT date(max(date), '-1 day') FROM history)", NULL}}},
};
#define RULES (sizeof rules / sizeof rules[0])

const char *undo_command_at(size_t index)
{
    return index < RULES ? rules[index].command : NULL;
}

const char *undo_kind_at(size_t index)
{
    return index < RULES ? rules[index].kind : NULL;
}

const char *undo_param_at(size_t index, size_t param)
{
    return index < RULES && param < UNDO_VALUES_MAX ? rules[index].params[param].name : NULL;
}

/* What to do instead, where no command takes it back. */
static const struct {
    const char *kind, *way;
} ways[] = {
    {"notices.issued", N_("what was sent stays sent; tell the customers what is right")},
    {"charges.sent", N_("what was sent stays sent; send a newer file, which replaces it")},
    {"document.registered", N_("ask the authority; register what it answers then")},
    {"run.discarded", N_("import the file again")},
    {"user.disabled", N_("give the person a new login with: aforo user add")},
    {"personal.erased", N_("an erasure is for good")},
    {"attachment.added", N_("it stays as evidence; attach the right one beside it")},
    {"meter.swapped", N_("exchange the meter again, with the readings that are right")},
    {"meter.installed", N_("take it out of service with: aforo meter state")},
    {"account.closed", N_("open another account for the customer with: aforo account open")},
};

static enum err_code cannot(int64_t seq, const char *kind, struct err *e)
{
    const char *way = N_("record what is right instead");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        way = strcmp(ways[i].kind, kind) == 0 ? ways[i].way : way;
    }
    return err_set(e, ERR_STATE, _("entry %" PRId64 " (%s) is not undone by one command; %s"),
                   seq, code_said(kind), _(way));
}

/* One act may have decided many readings; a person takes back one at a time. */
static enum err_code cannot_all(struct office *o, int64_t seq, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT count(*), min(value ->> 'id'), max(value ->> 'id') FROM entry e, "
                 "json_each(e.payload, '$.data.decisions') WHERE e.seq = ?",
                 VALS(V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code = err_set(e, ERR_STATE,
                       ngettext("entry %" PRId64 " decided on %" PRId64
                                " reading; take back its decision, %" PRId64 " to %" PRId64
                                ", with the command: decision undo",
                                "entry %" PRId64 " decided on %" PRId64
                                " readings; take back one of its decisions, %" PRId64
                                " to %" PRId64 ", with the command: decision undo",
                                (unsigned long)stmt_int(q, 0)),
                       seq, stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2));
    }
    stmt_done(q);
    return code;
}

static void put_value(const struct office *o, const struct stmt *q, const char *of,
                      char out[UNDO_VALUE_MAX])
{
    struct buf text;
    bool quantity = of != NULL && of != MONEY;
    const struct unit *unit = quantity ? unit_find(stmt_text(q, 1)) : NULL;
    buf_init(&text, 256);
    if (of == MONEY) {
        money_print((struct money){stmt_int(q, 0)}, o->currency, &text);
    } else if (unit != NULL) {
        quantity_print(stmt_int(q, 0), unit, 0, &text);
    } else if (!quantity) {
        buf_adds(&text, stmt_text(q, 0));
    }
    (void)snprintf(out, UNDO_VALUE_MAX, "%.127s", buf_str(&text));
    buf_release(&text);
}

/* *has false: there is no such value, so nothing to go back to. */
static enum err_code read_value(struct office *o, int64_t seq, const struct undo_param *p,
                                char out[UNDO_VALUE_MAX], bool *has, struct err *e)
{
    struct stmt *q = NULL;
    struct buf sql;
    bool row = false;
    *has = false;
    buf_init(&sql, 4096);
    buf_addf(&sql, "SELECT %s, %s FROM entry e WHERE e.seq = ?", p->sql,
             p->unit != NULL && p->unit != MONEY ? p->unit : "NULL");
    enum err_code code = buf_status(&sql, _("undo"), e);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &q, e, buf_str(&sql), VALS(V_INT(seq)));
    }
    if (code == ERR_OK) {
        code = stmt_next(q, &row, e);
    }
    if (code == ERR_OK && row && !stmt_is_null(q, 0)) {
        put_value(o, q, p->unit, out);
        *has = out[0] != '\0';
    }
    stmt_done(q);
    buf_release(&sql);
    return code;
}

static enum err_code kind_of(struct office *o, int64_t seq, char kind[64], struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT kind FROM history WHERE seq = ?", VALS(V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no entry %" PRId64), seq);
    }
    if (code == ERR_OK) {
        (void)snprintf(kind, 64, "%.63s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

enum err_code undo_of(struct office *o, int64_t seq, struct undo *out, struct err *e)
{
    const struct undo_rule *rule = NULL;
    char kind[64];
    *out = (struct undo){0};
    TRY(kind_of(o, seq, kind, e));
    for (size_t i = 0; i < RULES && rule == NULL; i++) {
        rule = strcmp(rules[i].kind, kind) == 0 ? &rules[i] : NULL;
    }
    if (rule == NULL) {
        return cannot(seq, kind, e);
    }
    out->command = rule->command;
    for (size_t i = 0; rule->params[i].name != NULL; i++) {
        bool has = false;
        out->values[out->count].name = rule->params[i].name;
        TRY(read_value(o, seq, &rule->params[i], out->values[out->count++].value, &has, e));
        if (!has) {
            return strcmp(kind, "readings.decided") == 0 ? cannot_all(o, seq, e)
                                                         : cannot(seq, kind, e);
        }
    }
    return ERR_OK;
}
