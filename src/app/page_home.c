#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/verified.h"

/* The first page: what waits for this person today, how the office stands, and whether the
 * chain is whole. It is asked for often: every query here goes by an index and none reads a
 * table of readings. */

#define RUNS_SHOWN 13

/* What waits: a row each, even where nothing does, so that each stands where one looks for it.
 */
static const struct {
    const char *label, *opens;
    const char *column, *word; /* msgids: the filter that leaves the counted rows; or NULL */
    const char *sql, *late;    /* late: how many of them are past their day; ?1 */
} work[] = {
    {N_("Months to bill"), "runs", NULL, NULL,
     "SELECT max(0, coalesce((SELECT (strftime('%Y', ?1) - strftime('%Y', end_date)) * 12 + "
     "strftime('%m', ?1) - strftime('%m', end_date) FROM billing_run WHERE cycle IS NULL AND "
     "state = 'closed' ORDER BY end_date DESC LIMIT 1), 0))",
     NULL},
    {N_("Billing runs under way"), "runs", NULL, N_("Under way"),
     "SELECT count(*) FROM billing_run WHERE state = 'open'", NULL},
    {N_("Held readings"), "queue", NULL, N_("Held"),
     "SELECT count(*) FROM reading WHERE state = 'held'", NULL},
    {N_("Open alerts"), "alerts", N_("State"), N_("Open"),
     "SELECT count(*) FROM alert WHERE resolved IS NULL", NULL},
    {N_("Requests to approve"), "requests", NULL, NULL,
     "SELECT count(*) FROM request WHERE state IN ('open', 'approved')", NULL},
    {N_("Disputes"), "disputes", N_("State"), N_("Open"),
     "SELECT count(*) FROM dispute WHERE state = 'open'",
     "SELECT count(*) FROM dispute WHERE state = 'open' AND deadline < ?1"},
    {N_("Work orders"), "work", NULL, NULL,
     "SELECT count(*) FROM work_order WHERE closed IS NULL",
     "SELECT count(*) FROM work_order WHERE closed IS NULL AND due < ?1"},
    {N_("Bank rows without an account"), "bank", NULL, NULL,
     "SELECT count(*) FROM bank_row WHERE state = 'unmatched'", NULL},
    {N_("Cut orders"), "cuts", NULL, NULL,
     "SELECT count(*) FROM cut_order WHERE state IN ('quarantined', 'ordered', 'suspended', "
     "'cut')",
     NULL},
};

/* As a person would type it, in her language. */
static void filter_print(const char *column, const char *word, char out[PAGE_TEXT_MAX])
{
    (void)snprintf(out, PAGE_TEXT_MAX, "%s%s%s", column != NULL ? gettext(column) : "",
                   column != NULL ? "=" : "", word != NULL ? gettext(word) : "");
}

static enum err_code work_fill(struct office *o, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Today"), SHEET_AS_STATE, 24, 34, 1},
        {N_("Waiting"), SHEET_AS_NUMBER, 9, 12, 1},
        {N_("Late"), SHEET_AS_NUMBER, 7, 10, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    char today[DATE_TEXT];
    char filter[PAGE_TEXT_MAX];
    date_text(office_today(o), today);
    struct val day = V_TEXT(today);
    sheet_heading(s, N_("Today's work"));
    sheet_table(s, columns, "");
    for (size_t i = 0; i < sizeof work / sizeof work[0]; i++) {
        int64_t count = 0;
        int64_t late = 0;
        TRY(db_get_int(o->db, &count, NULL, e, work[i].sql, &day,
                       strstr(work[i].sql, "?1") != NULL ? 1 : 0));
        if (work[i].late != NULL) {
            TRY(db_get_int(o->db, &late, NULL, e, work[i].late, VALS(V_TEXT(today))));
        }
        filter_print(work[i].column, work[i].word, filter);
        sheet_row(s, 0, work[i].opens, filter);
        sheet_mood(s, late > 0 ? SHEET_BAD : count > 0 ? SHEET_NOTE : SHEET_GOOD);
        sheet_put(s, 0, work[i].label);
        sheet_put_int(s, 1, count);
        if (late > 0) {
            sheet_put_int(s, 2, late);
        }
    }
    return ERR_OK;
}

static enum err_code drawer_fill(struct office *o, int64_t user, struct sheet *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT s.drawer, (SELECT coalesce(sum(amount), 0) FROM cash_move WHERE shift = "
        "s.id) FROM shift s WHERE s.user = ? AND s.closed IS NULL",
        VALS(V_INT(user))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        sheet_fact(s, N_("Your drawer"), SHEET_AS_TEXT, stmt_text(q, 0));
        page_money(s, o, N_("In it"), stmt_int(q, 1));
    }
    stmt_done(q);
    return code;
}

static enum err_code money_fill(struct office *o, struct sheet *s, struct err *e)
{
    int64_t owed = 0;
    int64_t overdue = 0;
    int64_t claims = 0;
    int64_t bills = 0;
    char today[DATE_TEXT];
    char text[PAGE_TEXT_MAX];
    date_text(office_today(o), today);
    TRY(db_get_int(o->db, &owed, NULL, e,
                   "SELECT coalesce(sum(open), 0) FROM posting WHERE open > 0", NO_VALS));
    TRY(db_get_int(o->db, &overdue, NULL, e,
                   "SELECT coalesce(sum(open), 0) FROM posting WHERE open > 0 AND due < ?",
                   VALS(V_TEXT(today))));
    TRY(db_get_int(o->db, &claims, NULL, e, "SELECT count(*) FROM dispute", NO_VALS));
    TRY(db_get_int(o->db, &bills, NULL, e, "SELECT coalesce(max(id), 0) FROM bill", NO_VALS));
    sheet_heading(s, N_("How the office stands"));
    page_money(s, o, N_("Owed in all"), owed);
    page_money(s, o, N_("Overdue"), overdue);
    sheet_mood(s, overdue > 0 ? SHEET_WARN : SHEET_GOOD);
    if (owed > 0) {
        int64_t tenths = (int64_t)(((int128)overdue * 1000 + owed / 2) / owed);
        (void)snprintf(text, sizeof text, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
        sheet_gauge(s, N_("Overdue of what is owed"), text, "%", tenths, 200, true);
    }
    if (bills > 0) {
        int64_t tenths = (int64_t)(((int128)claims * 10000 + bills / 2) / bills);
        (void)snprintf(text, sizeof text, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
        sheet_gauge(s, N_("Claims per 1,000 bills"), text, "", tenths, 50, true);
    }
    return ERR_OK;
}

/* What `aforo verify` keeps outside the database. Nothing is checked here: what is said is what
 * was checked, when, and what was not. */
static enum err_code verified_fill(struct office *o, int64_t height, struct sheet *s,
                                   struct err *e)
{
    struct chain c;
    struct err why = ERR_INIT;
    int64_t at_ms = 0;
    bool found = false;
    char at[PAGE_TEXT_MAX];
    char *path = office_path(o, "state/verified");
    if (path == NULL) {
        return err_nomem(e);
    }
    chain_init(&c);
    enum err_code code = verified_read(path, &c, &at_ms, &found, &why);
    mem_free(path);
    if (code != ERR_OK) {
        sheet_text(s, SHEET_BAD, why.text);
        sheet_text(s, SHEET_BAD,
                   _("So it is not known what was verified. Run: aforo verify --full"));
    } else if (!found) {
        sheet_fact(s, N_("Last verified"), SHEET_AS_WORD, N_("never, here"));
        sheet_mood(s, SHEET_WARN);
        sheet_text(s, SHEET_PLAIN, _("To verify the ledger, run: aforo verify"));
    } else {
        int64_t size = (int64_t)c.tree.size;
        page_clock(civil_to_secs(zone_to_civil(o->zone, at_ms / 1000)), at);
        sheet_fact(s, N_("Last verified"), SHEET_AS_TIME, at);
        sheet_fact_int(s, N_("Held up to entry"), size);
        sheet_mood(s, size <= height ? SHEET_GOOD : SHEET_BAD);
        if (size > height) {
            sheet_text(s, SHEET_BAD,
                       _("Entries that were verified are missing. Run: aforo verify"));
        } else if (size < height) {
            sheet_fact_int(s, N_("Not verified yet"), height - size);
            sheet_text(s, SHEET_PLAIN, _("To verify the entries since, run: aforo verify"));
        } else {
            sheet_text(s, SHEET_PLAIN,
                       _("To verify the tables against it too, run: aforo verify --deep"));
        }
    }
    chain_release(&c);
    return ERR_OK;
}

static enum err_code chain_fill(struct office *o, struct sheet *s, struct err *e)
{
    int64_t height = 0;
    int64_t covered = 0;
    int64_t witnesses = 0;
    TRY(db_get_int(o->db, &height, NULL, e, "SELECT coalesce(max(seq), 0) FROM entry",
                   NO_VALS));
    TRY(db_get_int(o->db, &covered, NULL, e, "SELECT coalesce(max(size), 0) FROM checkpoint",
                   NO_VALS));
    TRY(db_get_int(o->db, &witnesses, NULL, e,
                   "SELECT count(*) FROM cosignature WHERE checkpoint = (SELECT max(id) FROM "
                   "checkpoint)",
                   NO_VALS));
    sheet_heading(s, N_("The chain"));
    sheet_fact_int(s, N_("Entries"), height);
    if (o->behind.code != ERR_OK) {
        sheet_text(s, SHEET_BAD, o->behind.text);
    }
    TRY(verified_fill(o, height, s, e));
    if (covered == 0) {
        sheet_fact(s, N_("Checkpoint"), SHEET_AS_WORD, N_("none signed yet"));
        sheet_mood(s, SHEET_WARN);
        return ERR_OK;
    }
    sheet_fact_int(s, N_("Checkpoint at"), covered);
    sheet_mood(s, height - covered < 1000 ? SHEET_GOOD : SHEET_WARN);
    sheet_fact_int(s, N_("Entries after it"), height - covered);
    sheet_fact_int(s, N_("Witnesses"), witnesses);
    sheet_mood(s, witnesses > 0 ? SHEET_GOOD : SHEET_NOTE);
    return ERR_OK;
}

/* What the last billing runs came to. */
static enum err_code runs_fill(struct office *o, struct sheet *s, struct err *e)
{
    int64_t values[RUNS_SHOWN];
    char names[RUNS_SHOWN][8];
    const char *pointers[RUNS_SHOWN];
    size_t n = 0;
    int64_t top = 0;
    struct stmt *q = NULL;
    bool row = false;
    char text[PAGE_TEXT_MAX];
    TRY(db_query(o->db, &q, e,
                 "SELECT total, substr(start_date, 6, 2) || '/' || substr(start_date, 3, 2) "
                 "FROM billing_run WHERE state = 'closed' ORDER BY id DESC LIMIT 13",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (n < RUNS_SHOWN && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t at = RUNS_SHOWN - 1 - n++;
        values[at] = stmt_int(q, 0);
        top = values[at] > top ? values[at] : top;
        (void)snprintf(names[at], sizeof names[at], "%.7s", stmt_text(q, 1));
        pointers[at] = names[at];
    }
    stmt_done(q);
    if (code == ERR_OK && n > 0) {
        page_amount(o, top, text);
        sheet_heading(s, N_("Billed by run"));
        sheet_plot(s, SHEET_BARS, N_("In"), o->currency->code, values + RUNS_SHOWN - n,
                   pointers + RUNS_SHOWN - n, n, -1, text, "");
    }
    return code;
}

static enum err_code home_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                               struct err *e)
{
    (void)id;
    TRY(drawer_fill(o, user, s, e));
    TRY(work_fill(o, s, e));
    TRY(money_fill(o, s, e));
    TRY(chain_fill(o, s, e));
    sheet_side(s, true);
    TRY(runs_fill(o, s, e));
    sheet_side(s, false);
    return ERR_OK;
}

const struct page page_home = {"home", NULL, home_fill};
