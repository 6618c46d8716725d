/* Reports and lists: the same table, to a file or to the screen. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "reports/out.h"
#include "reports/rep_bill.h"
#include "reports/rep_office.h"
#include "verb.h"

static enum err_code report_unknown(const char *name, struct err *e)
{
    struct buf names;
    buf_init(&names, 2048);
    for (size_t i = 0; i < office_report_count; i++) {
        buf_addf(&names, "%s%s", i > 0 ? ", " : "", office_reports[i].name);
    }
    enum err_code code =
        name == NULL ? err_set(e, ERR_USAGE, _("name a report, one of: %s"), buf_str(&names))
                     : err_set(e, ERR_USAGE, _("there is no report \"%s\"; there are: %s"),
                               name, buf_str(&names));
    buf_release(&names);
    return code;
}

static enum err_code report_run(struct cli *cli, const struct office_report_def *def,
                                const struct report_format *format, const char *path,
                                struct err *e)
{
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    struct office *o = NULL;
    struct office_report report = {0};
    struct report_outcome outcome = {0};
    for (size_t i = 0; def->params[i] != NULL; i++) {
        bool day = strcmp(def->params[i], "date") == 0; /* taken with the common options */
        values[i] = day ? cli->date : cli_take(cli, def->params[i]);
    }
    TRY(verb_no_more(cli, e));
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code =
        office_report_open(o, def, values, verb_progress_or_null(cli), &report, e);
    if (code == ERR_OK) {
        code = office_report_write(o, &report, format, path, &outcome, e);
    }
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"rows", NULL, (int64_t)outcome.rows}),
                    ngettext("%s: %" PRIu64 " row\n", "%s: %" PRIu64 " rows\n", outcome.rows),
                    path, outcome.rows);
    }
    office_report_close(&report);
    office_close(o);
    return code;
}

static enum err_code report_named(struct cli *cli, const char *fallback, struct err *e)
{
    if (cli->argc == 0 || cli->argv[0][0] == '-') {
        return report_unknown(NULL, e);
    }
    const char *name = cli->argv[0];
    const struct office_report_def *def = office_report_find(name);
    cli->argc--;
    cli->argv++;
    const char *path = verb_take_output(cli);
    const char *format_name = cli_take(cli, "format");
    const struct report_format *format =
        format_name != NULL ? report_format_find(format_name)
        : path != NULL      ? report_format_of_path(path)
                            : report_format_find(cli->json ? "json" : fallback);
    if (def == NULL) {
        return report_unknown(name, e);
    }
    if (format == NULL) {
        return err_set(
            e, ERR_USAGE,
            _("write the report as text, csv, json, xlsx or pdf: --format NAME, or an "
              "--output file with such a suffix"));
    }
    path = path != NULL ? path : "-";
    bool binary = strcmp(format->name, "pdf") == 0 || strcmp(format->name, "xlsx") == 0;
    if (binary && strcmp(path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return err_set(e, ERR_USAGE, _("a %s is no text: name a file with --output"),
                       format->name);
    }
    return report_run(cli, def, format, path, e);
}

enum err_code verb_list(struct cli *cli, struct err *e)
{
    return report_named(cli, "text", e);
}

enum err_code verb_report(struct cli *cli, struct err *e)
{
    return report_named(cli, "csv", e);
}

enum err_code verb_history(struct cli *cli, struct err *e)
{
    static char name[] = "history";
    static char *words[64] = {name};
    for (int i = 0; i < cli->argc && i + 1 < 64; i++) {
        words[i + 1] = cli->argv[i];
    }
    cli->argv = words;
    cli->argc = cli->argc < 63 ? cli->argc + 1 : 63;
    return report_named(cli, "text", e);
}

enum err_code verb_explain_bill(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct bill_view v;
    struct arena arena;
    struct buf out;
    int64_t number = 0;
    if (cli->argc != 1 || !cli_whole(cli->argv[0], 1, INT64_MAX, &number)) {
        return err_set(e, ERR_USAGE, _("explain bill needs the number of one bill"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    arena_init(&arena, (size_t)16 << 20);
    buf_init(&out, (size_t)1 << 20);
    enum err_code code = bill_view(o, number, &arena, &v, e);
    if (code == ERR_OK) {
        code = bill_explain(o, &v, &out, e);
    }
    if (code == ERR_OK) {
        char from[DAY_WORDS_MAX];
        char to[DAY_WORDS_MAX];
        day_words(o, v.start, from);
        day_words(o, v.end, to);
        (void)printf(_("Bill %" PRId64 ", account %s, %s to %s\n"), v.id, v.account_number,
                     from, to);
        (void)fputs(buf_str(&out), stdout);
    }
    buf_release(&out);
    arena_release(&arena);
    office_close(o);
    return code;
}

enum err_code verb_bill_pdf(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct bill_selection s = {0};
    struct bills_written done = {0};
    const char *path = verb_take_output(cli);
    const char *run = cli_take(cli, "run");
    s.from = cli_take(cli, "from");
    s.to = cli_take(cli, "to");
    s.account = cli_take(cli, "account");
    const char *per = cli_take(cli, "per");
    s.per_account = per != NULL && strcmp(per, "account") == 0;
    if (per != NULL && !s.per_account && strcmp(per, "bill") != 0) {
        return err_set(e, ERR_USAGE, _("--per is bill or account"));
    }
    if (run != NULL && !cli_whole(run, 1, INT64_MAX, &s.run)) {
        return err_set(e, ERR_USAGE, _("--%s is a whole number from 1 on"), "run");
    }
    if (cli->argc == 1) {
        if (!cli_whole(cli->argv[0], 1, INT64_MAX, &s.bill)) {
            return err_set(e, ERR_USAGE, _("\"%s\" is not the number of a bill"), cli->argv[0]);
        }
        cli->argc = 0;
    }
    TRY(verb_no_more(cli, e));
    if (path == NULL) {
        return err_set(
            e, ERR_USAGE,
            _("bill pdf needs --output: a file for all bills, or a folder for a file each"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = bills_pdf(o, &s, path, verb_progress_or_null(cli), &done, e);
    if (code == ERR_OK && done.already > 0) {
        verb_answer(
            cli,
            ANSWER({"file", path, 0}, {"bills", NULL, done.bills},
                   {"already", NULL, done.already}),
            ngettext("%s: %" PRId64 " bill, after %" PRId64 " of the run that was cut off\n",
                     "%s: %" PRId64 " bills, after %" PRId64 " of the run that was cut off\n",
                     (unsigned long)done.bills),
            path, done.bills, done.already);
    } else if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"bills", NULL, done.bills}),
                    ngettext("%s: %" PRId64 " bill\n", "%s: %" PRId64 " bills\n",
                             (unsigned long)done.bills),
                    path, done.bills);
    }
    office_close(o);
    return code;
}
