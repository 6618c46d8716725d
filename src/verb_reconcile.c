/* reconcile: the report of that name read to its end; what does not add up is said and fails.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/receivable.h"
#include "base/i18n.h"
#include "reports/rep_office.h"
#include "verb.h"

#define COLUMN_ACCOUNT 0
#define COLUMN_MONTH 1
#define COLUMN_DIFFERENCE 11

/* What is open on an account is what its postings come to, and each document is posted once. */
static enum err_code open_check(struct office *o, int64_t *bad, struct err *e)
{
    return db_get_int(
        o->db, bad, NULL, e,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM posting GROUP BY account HAVING "
        "sum(amount) <> sum(open))) + (SELECT count(*) FROM (SELECT 1 FROM allocation x JOIN "
        "posting d ON d.id = x.debit GROUP BY d.id HAVING sum(x.amount) <> d.amount - "
        "d.open))",
        NO_VALS);
}

static enum err_code rows_check(const struct cli *cli, struct office *o,
                                struct office_report *r, int64_t *rows, int64_t *bad,
                                struct err *e)
{
    struct report_cell cells[OFFICE_REPORT_COLUMNS];
    char words[MONEY_WORDS_MAX];
    bool eof = false;
    for (;;) {
        TRY(r->doc.rows.next(r->doc.rows.ctx, cells, &eof, e));
        if (eof) {
            return ERR_OK;
        }
        ++*rows;
        if (cells[COLUMN_DIFFERENCE].value != 0) {
            ++*bad;
            money_words(o, cells[COLUMN_DIFFERENCE].value, words);
            verb_answer(cli,
                        ANSWER({"account", cells[COLUMN_ACCOUNT].text, 0},
                               {"month", cells[COLUMN_MONTH].text, 0},
                               {"difference", NULL, cells[COLUMN_DIFFERENCE].value}),
                        _("account %s, %s: %s too much\n"), cells[COLUMN_ACCOUNT].text,
                        cells[COLUMN_MONTH].text, words);
        }
    }
}

enum err_code verb_reconcile(struct cli *cli, struct err *e)
{
    const struct office_report_def *def = office_report_find("reconcile");
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    struct office *o = NULL;
    struct office_report report = {0};
    int64_t rows = 0;
    int64_t bad = 0;
    int64_t open = 0;
    CHECK(def != NULL && strcmp(def->columns[COLUMN_DIFFERENCE].id, "difference") == 0);
    for (size_t i = 0; def->params[i] != NULL; i++) {
        values[i] = cli_take(cli, def->params[i]);
    }
    TRY(verb_no_more(cli, e));
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code =
        office_report_open(o, def, values, verb_progress_or_null(cli), &report, e);
    if (code == ERR_OK) {
        code = rows_check(cli, o, &report, &rows, &bad, e);
    }
    if (code == ERR_OK) {
        code = open_check(o, &open, e);
    }
    office_report_close(&report);
    office_close(o);
    TRY(code);
    if (bad + open > 0) {
        return err_set(e, ERR_TAMPERED,
                       _("these do not add up: accounts and months %" PRId64
                         ", debts or accounts %" PRId64 "; run: aforo verify --deep"),
                       bad, open);
    }
    verb_answer(cli, ANSWER({"rows", NULL, rows}),
                ngettext("%" PRId64 " account and month adds up\n",
                         "%" PRId64 " accounts and months add up\n", (unsigned long)rows),
                rows);
    return ERR_OK;
}
