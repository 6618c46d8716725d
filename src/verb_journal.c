/* Data for other programs: the journal for bookkeeping, Green Button for the customer's. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/greenbutton.h"
#include "reports/journal.h"
#include "verb.h"

enum err_code verb_export_journal(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct journal_written done;
    const char *format = cli_take(cli, "format");
    const char *path = verb_take_output(cli);
    struct journal_options options = {.from = cli_take(cli, "from"),
                                      .to = cli_take(cli, "to"),
                                      .csv = format != NULL && strcmp(format, "csv") == 0,
                                      .progress = verb_progress_or_null(cli)};
    TRY(verb_no_more(cli, e));
    if (format != NULL && !options.csv && strcmp(format, "ledger") != 0) {
        return err_set(e, ERR_USAGE, _("a journal is written as ledger or csv"));
    }
    path = path != NULL ? path : "-";
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = journal_write(o, &options, path, &done, e);
    office_close(o);
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(
            cli, ANSWER({"file", path, 0}, {"transactions", NULL, (int64_t)done.transactions}),
            ngettext("%s: %" PRIu64 " transaction\n", "%s: %" PRIu64 " transactions\n",
                     (unsigned long)done.transactions),
            path, done.transactions);
    }
    return code;
}

enum err_code verb_export_greenbutton(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct greenbutton_written done;
    struct greenbutton_options options = {0};
    const char *from = cli_take(cli, "from"), *to = cli_take(cli, "to");
    const char *path = verb_take_output(cli);
    if (cli->argc != 1 || from == NULL || to == NULL) {
        return err_set(e, ERR_USAGE, _("name a meter, --from and --to"));
    }
    options.serial = cli->argv[0];
    TRY(date_parse(from, strlen(from), &options.from, e));
    TRY(date_parse(to, strlen(to), &options.to, e));
    path = path != NULL ? path : "-";
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = greenbutton_write(o, &options, path, &done, e);
    office_close(o);
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli,
                    ANSWER({"file", path, 0}, {"days", NULL, (int64_t)done.blocks},
                           {"intervals", NULL, (int64_t)done.readings}),
                    _("%s: days: %" PRIu64 ", intervals: %" PRIu64 "\n"), path, done.blocks,
                    done.readings);
    }
    return code;
}
