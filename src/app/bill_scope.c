/* What a billing run covers: its period, by the calendar or by a cycle, and its accounts. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_run_priv.h"
#include "base/i18n.h"
#include "domain/period.h"

/* ---- the period ---- */

/* A month of a cycle: it starts on the cycle's day and is as many months long. */
static enum err_code period_of_cycle(struct command_ctx *c, const char *text, const char *cycle,
                                     struct date *start, struct date *end, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char day[16];
    int64_t months = 0;
    int64_t first = 0;
    if (text == NULL || arg_get(c, "from")->given || arg_get(c, "to")->given) {
        return err_set(e, ERR_USAGE,
                       _("a cycle is billed by the month that its period starts in, as "
                         "2016-03; --from and --to are for periods of other days"));
    }
    TRY(db_query(c->office->db, &q, e, "SELECT months, day FROM cycle WHERE name = ?",
                 VALS(V_TEXT(cycle))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        months = stmt_int(q, 0);
        first = stmt_int(q, 1);
    }
    stmt_done(q);
    TRY(code);
    if (!row) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no cycle \"%s\"; make one with: aforo cycle set"), cycle);
    }
    (void)snprintf(day, sizeof day, "%.7s-%02d", text, (int)first);
    struct err ignored = ERR_INIT;
    if (strlen(text) != 7 || date_parse(day, strlen(day), start, &ignored) != ERR_OK) {
        return err_set(e, ERR_USAGE, _("\"%s\" is no month such as 2016-03"), text);
    }
    *end = date_add_months(*start, (int)months);
    return ERR_OK;
}

/* By the calendar ("2016-03", "2016-03/P2M") or by its first day and the first day after it. */
static enum err_code period_named(struct command_ctx *c, struct date *start, struct date *end,
                                  struct err *e)
{
    const char *text = arg_text(c, "period");
    const struct arg *from = arg_get(c, "from");
    const struct arg *to = arg_get(c, "to");
    if (arg_text(c, "cycle") != NULL) {
        return period_of_cycle(c, text, arg_text(c, "cycle"), start, end, e);
    }
    if ((text != NULL) == (from->given || to->given) || from->given != to->given) {
        return err_set(
            e, ERR_USAGE,
            _("say which period: a month as 2016-03, or the first day (--from) and the first "
              "day that is not billed any more (--to)"));
    }
    if (text == NULL) {
        *start = from->date;
        *end = to->date;
        return ERR_OK;
    }
    return period_parse(text, start, end, e);
}

enum err_code bill_period_check(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct billing_period *p = &r->period;
    struct date today;
    r->cycle = arg_text(c, "cycle");
    TRY(period_named(c, &p->start, &p->end, e));
    date_text(p->start, p->start_text);
    date_text(p->end, p->end_text);
    if (date_cmp(p->start, p->end) >= 0) {
        return err_set(
            e, ERR_USAGE,
            _("the period must end after it starts; --to is the first day that is not "
              "billed any more"));
    }
    TRY(date_parse(c->date, strlen(c->date), &today, e));
    if (date_cmp(p->end, date_from_days(date_to_days(today) + 1)) > 0) {
        return err_set(e, ERR_STATE, _("the period ends on %s, after the business date %s"),
                       p->end_text, c->date);
    }
    p->start_utc = zone_day_start(c->office->zone, p->start);
    p->end_utc = zone_day_start(c->office->zone, p->end);
    return ERR_OK;
}

enum err_code bill_period_free(struct command_ctx *c, const struct bill_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const struct billing_period *p = &r->period;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT id, start_date, end_date FROM billing_run WHERE state <> 'discarded' "
        "AND end_date > ?1 AND NOT (start_date = ?1 AND end_date = ?2) AND cycle IS ?3 "
        "ORDER BY id LIMIT 1",
        VALS(V_TEXT(p->start_text), V_TEXT(p->end_text), V_TEXT(r->cycle))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code =
            err_set(e, ERR_STATE,
                    _("billing run %" PRId64 " covers %s to %s already; periods are billed in "
                      "order and do not overlap"),
                    stmt_int(q, 0), stmt_text(q, 1), stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

/* ---- the accounts ---- */

#define WITH_METERS                                                                            \
    "SELECT DISTINCT account, EXISTS(SELECT 1 FROM bill b JOIN billing_run r ON r.id = b.run " \
    "WHERE b.account = a.account AND b.start_date = ?1 AND b.end_date = ?2 AND r.state <> "    \
    "'discarded')"
#define IN_PERIOD                                                                              \
    " FROM assignment a WHERE start_date < ?2 AND (end_date IS NULL OR end_date > ?1)"
/* A bill of the account that reaches into the period, and is not of just this period: it was
 * billed by another cycle before. */
#define BILLED_OTHERWISE                                                                       \
    ", (SELECT min(b.id) FROM bill b JOIN billing_run r ON r.id = b.run WHERE b.account = "    \
    "a.account AND b.end_date > ?1 AND b.start_date < ?2 AND NOT (b.start_date = ?1 AND "      \
    "b.end_date = ?2) AND b.cancelled IS NULL AND r.state <> 'discarded')"
/* The cycle that an account is in: its own, else the one of its meters' route. */
#define ITS_CYCLE                                                                              \
    "coalesce((SELECT cycle FROM cycle_account WHERE account = a.account), (SELECT "           \
    "min(t.cycle) FROM assignment s JOIN meter m ON m.id = s.meter JOIN service_point v ON "   \
    "v.id = m.point JOIN cycle_route t ON t.route = v.route WHERE s.account = a.account AND "  \
    "s.start_date < ?2 AND (s.end_date IS NULL OR s.end_date > ?1)))"

static enum err_code account_take(struct bill_run *r, const struct stmt *q, struct err *e)
{
    r->report->accounts++;
    if (stmt_int(q, 1) != 0) {
        r->report->already++;
        return ERR_OK;
    }
    if (!stmt_is_null(q, 2)) {
        return err_set(e, ERR_STATE,
                       _("bill %" PRId64 " of account %s reaches into the period: the account "
                         "was billed by another cycle; bill it from where that ended"),
                       stmt_int(q, 2), stmt_text(q, 3));
    }
    r->accounts[r->count++] = stmt_int(q, 0);
    return ERR_OK;
}

enum err_code bill_accounts_list(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    static const char all[] = WITH_METERS ", NULL, NULL" IN_PERIOD " ORDER BY account LIMIT ?3";
    static const char some[] = WITH_METERS BILLED_OTHERWISE
        ", (SELECT number FROM account n WHERE n.id = a.account)" IN_PERIOD " AND " ITS_CYCLE
        " IS ?4 ORDER BY account LIMIT ?3";
    struct stmt *q = NULL;
    bool row = false;
    const struct billing_period *p = &r->period;
    int64_t total = 0;
    int64_t cycles = 0;
    TRY(db_get_int(c->office->db, &total, NULL, e, "SELECT count(*) FROM account", NO_VALS));
    TRY(db_get_int(c->office->db, &cycles, NULL, e, "SELECT count(*) FROM cycle", NO_VALS));
    r->has_cycles = cycles > 0;
    r->accounts = mem_array(total > 0 ? (size_t)total : 1, sizeof r->accounts[0]);
    if (r->accounts == NULL) {
        return err_nomem(e);
    }
    TRY(cycles > 0 ? db_query(c->office->db, &q, e, some,
                              VALS(V_TEXT(p->start_text), V_TEXT(p->end_text), V_INT(total),
                                   V_TEXT(r->cycle)))
                   : db_query(c->office->db, &q, e, all,
                              VALS(V_TEXT(p->start_text), V_TEXT(p->end_text), V_INT(total))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = account_take(r, q, e);
    }
    stmt_done(q);
    return code;
}

/* The period and account of a cancelled bill that nobody billed again yet. */
enum err_code bill_again_check(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct billing_period *p = &r->period;
    r->cycle = NULL;
    r->again = arg_get(c, "bill")->integer;
    r->accounts = mem_array(1, sizeof r->accounts[0]);
    if (r->accounts == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(c->office->db, &q, e,
                 "SELECT b.account, b.start_date, b.end_date, r.start_utc, r.end_utc, "
                 "b.cancelled IS NOT NULL, (SELECT max(n.id) FROM bill n JOIN billing_run m ON "
                 "m.id = n.run WHERE n.account = b.account AND n.start_date = b.start_date AND "
                 "n.end_date = b.end_date AND n.cancelled IS NULL AND m.state <> 'discarded') "
                 "FROM bill b JOIN billing_run r ON r.id = b.run WHERE b.id = ?",
                 VALS(V_INT(r->again))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), r->again);
    } else if (code == ERR_OK && stmt_int(q, 5) == 0) {
        code = err_set(e, ERR_STATE,
                       _("bill %" PRId64 " is in force; cancel it first: aforo bill cancel "
                         "%" PRId64),
                       r->again, r->again);
    } else if (code == ERR_OK && !stmt_is_null(q, 6)) {
        code = err_set(e, ERR_EXISTS,
                       _("bill %" PRId64 " was billed again already: bill %" PRId64), r->again,
                       stmt_int(q, 6));
    } else if (code == ERR_OK) {
        r->accounts[r->count++] = stmt_int(q, 0);
        (void)snprintf(p->start_text, sizeof p->start_text, "%s", stmt_text(q, 1));
        (void)snprintf(p->end_text, sizeof p->end_text, "%s", stmt_text(q, 2));
        p->start_utc = stmt_int(q, 3);
        p->end_utc = stmt_int(q, 4);
    }
    stmt_done(q);
    TRY(code);
    TRY(date_parse(p->start_text, 10, &p->start, e));
    return date_parse(p->end_text, 10, &p->end, e);
}
