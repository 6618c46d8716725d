/* paper: a field paper as a sheet to be signed or filed. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "reports/field_paper_pdf.h"
#include "verb.h"

enum err_code verb_paper(struct cli *cli, struct err *e)
{
    int64_t number = 0;
    struct office *o = NULL;
    const char *path = verb_take_output(cli);
    if (cli->argc != 1 || path == NULL || !cli_whole(cli->argv[0], 1, INT64_MAX, &number)) {
        return err_set(e, ERR_USAGE,
                       _("name a paper by its number, and where to print it: aforo paper 7 "
                         "-o act.pdf; see: aforo list papers"));
    }
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return err_set(e, ERR_USAGE, _("a %s is no text: name a file with --output"), "pdf");
    }
    enum err_code code = verb_office(cli, DB_READ, &o, NULL, e);
    if (code == ERR_OK) {
        code = field_paper_print(o, number, path, e);
    }
    office_close(o);
    return code;
}
