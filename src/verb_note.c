/* note pdf: a credit or debit note on paper. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "reports/note_pdf.h"
#include "verb.h"

enum err_code verb_note_pdf(struct cli *cli, struct err *e)
{
    int64_t number = 0;
    struct office *o = NULL;
    const char *path = verb_take_output(cli);
    bool credit = cli->argc == 2 && strcmp(cli->argv[0], "credit") == 0;
    bool debit = cli->argc == 2 && strcmp(cli->argv[0], "debit") == 0;
    if ((!credit && !debit) || path == NULL ||
        !cli_whole(cli->argv[1], 1, INT64_MAX, &number)) {
        return err_set(e, ERR_USAGE,
                       _("say which note, and where to print it: aforo note pdf credit 3 -o "
                         "3.pdf; see: aforo list notes"));
    }
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return err_set(e, ERR_USAGE, _("a %s is no text: name a file with --output"), "pdf");
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = note_print(o, credit ? "credit_note" : "debit_note", number, path, e);
    office_close(o);
    return code;
}
