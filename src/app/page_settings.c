#include <config.h>

#include <stdio.h>

#include "app/page.h"
#include "base/i18n.h"

/* How the office is set: what it is, its policies, rules, approvals, mappings, witnesses and
 * keys. Each is changed by a command, so that who changed it and when stands in the ledger. */

static enum err_code office_facts(struct office *o, struct sheet *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT code, name, currency, zone, locale FROM office",
                 NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        sheet_head(s, "%s   %s", stmt_text(q, 0), stmt_text(q, 1));
        sheet_fact(s, N_("Currency"), SHEET_AS_TEXT, stmt_text(q, 2));
        sheet_fact(s, N_("Time zone"), SHEET_AS_TEXT, stmt_text(q, 3));
        sheet_fact(s, N_("Numbers and dates"), SHEET_AS_TEXT, stmt_text(q, 4));
    }
    stmt_done(q);
    return code;
}

static enum err_code settings_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                   struct err *e)
{
    static const struct sheet_column named[] = {{N_("Name"), SHEET_AS_TEXT, 14, 20, 1},
                                                {N_("Setting"), SHEET_AS_TEXT, 24, 70, 1},
                                                {NULL, SHEET_AS_TEXT, 0, 0, 0}};
    static const struct sheet_column rules[] = {{N_("Rule"), SHEET_AS_TEXT, 14, 20, 1},
                                                {N_("Kind"), SHEET_AS_WORD, 7, 9, 1},
                                                {N_("Severity"), SHEET_AS_WORD, 8, 12, 2},
                                                {N_("Limits"), SHEET_AS_TEXT, 16, 40, 3},
                                                {NULL, SHEET_AS_TEXT, 0, 0, 0}};
    static const struct sheet_column keys[] = {{N_("Key"), SHEET_AS_TEXT, 16, 16, 1},
                                               {N_("Purpose"), SHEET_AS_WORD, 9, 14, 1},
                                               {N_("Algorithm"), SHEET_AS_TEXT, 8, 10, 2},
                                               {NULL, SHEET_AS_TEXT, 0, 0, 0}};
    (void)user;
    (void)id;
    TRY(office_facts(o, s, e));
    sheet_heading(s, N_("Policies"));
    sheet_table(s, named, N_("None is set: those of the program hold."));
    TRY(page_rows(s, o, "entry", "tt",
                  "SELECT seq, name, NULL, name, spec FROM policy ORDER BY name LIMIT 40",
                  NO_VALS, e));
    sheet_heading(s, N_("Rules that differ from the program's"));
    sheet_table(s, rules, N_("None: all rules are as the program has them."));
    TRY(page_rows(s, o, "entry", "twwt",
                  "SELECT seq, rule, CASE active WHEN 0 THEN 'dim' END, rule, kind, severity, "
                  "limit0 || ' ' || limit1 || ' ' || limit2 || ' ' || limit3 || ' ' || limit4 "
                  "FROM rule_setting ORDER BY rule, kind LIMIT 60",
                  NO_VALS, e));
    sheet_heading(s, N_("Approvals that commands need"));
    sheet_table(s, named, N_("None besides those of the program."));
    TRY(page_rows(
        s, o, NULL, "tn",
        "SELECT rowid, command, NULL, command, needed FROM (SELECT 0 AS rowid, command, "
        "needed FROM approval_policy) ORDER BY command LIMIT 40",
        NO_VALS, e));
    sheet_side(s, true);
    sheet_heading(s, N_("Keys of the office that are valid"));
    sheet_table(s, keys, "");
    TRY(page_rows(
        s, o, NULL, "twt",
        "SELECT valid_from, lower(hex(keyid)), 'good', lower(substr(hex(keyid), 1, "
        "16)), purpose, algorithm FROM key WHERE owner LIKE 'office:%' AND valid_to IS "
        "NULL ORDER BY purpose LIMIT 20",
        NO_VALS, e));
    sheet_heading(s, N_("Witnesses"));
    sheet_table(s, named, N_("Nobody follows this office from outside."));
    TRY(page_rows(s, o, "entry", "tt",
                  "SELECT added, name, CASE WHEN removed IS NULL THEN 'good' ELSE 'dim' END, "
                  "name, substr(vkey, 1, 60) FROM witness ORDER BY id LIMIT 20",
                  NO_VALS, e));
    sheet_side(s, false);
    return ERR_OK;
}

const struct page page_settings = {"settings", NULL, settings_fill};
