#include <config.h>

#include "app/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "base/i18n.h"
#include "base/text.h"

/* A member of the entry's data. */
#define DATA(name) "json_extract(e.payload, '$.data." name "')"
#define SERIAL "(SELECT serial FROM meter WHERE id = " DATA("meter") ")"

struct undo_param {
    const char *name;
    const char *sql;  /* expression over entry e; NULL from it: cannot be undone */
    const char *unit; /* the value is in the smallest unit of this unit; NULL: it is text */
};

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

static enum err_code cannot(int64_t seq, const char *kind, struct err *e)
{
    return err_set(e, ERR_STATE,
                   _("entry %" PRId64
                     " (%s) is not undone by one command; record what is right "
                     "instead"),
                   seq, kind);
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
                       _("entry %" PRId64 " decided on %" PRId64 " readings; take back one of "
                         "its decisions, %" PRId64 " to %" PRId64
                         ", with the command: decision undo"),
                       seq, stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2));
    }
    stmt_done(q);
    return code;
}

static void put_value(const struct stmt *q, bool quantity, char out[UNDO_VALUE_MAX])
{
    struct buf text;
    const struct unit *unit = quantity ? unit_find(stmt_text(q, 1)) : NULL;
    buf_init(&text, 256);
    if (unit != NULL) {
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
             p->unit != NULL ? p->unit : "NULL");
    enum err_code code = buf_status(&sql, _("undo"), e);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &q, e, buf_str(&sql), VALS(V_INT(seq)));
    }
    if (code == ERR_OK) {
        code = stmt_next(q, &row, e);
    }
    if (code == ERR_OK && row && !stmt_is_null(q, 0)) {
        put_value(q, p->unit != NULL, out);
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
