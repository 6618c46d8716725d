/* charges export: write a file that was sent, the same bytes each time. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/exports.h"
#include "verb.h"

enum err_code verb_charges_export(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct charge_sums sums = {0};
    int64_t id = 0;
    const char *path = verb_take_output(cli);
    if (cli->argc != 1 || path == NULL || !cli_whole(cli->argv[0], 1, INT64_MAX, &id)) {
        return err_set(e, ERR_USAGE,
                       _("say which file, and where to: aforo charges export NUMBER -o FILE"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = charges_save(o, id, path, &sums, e);
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"debts", NULL, sums.count}),
                    ngettext("%s: %" PRId64 " debt\n", "%s: %" PRId64 " debts\n",
                             (unsigned long)sums.count),
                    path, sums.count);
    }
    office_close(o);
    return code;
}
