/* charges export: write a file that was sent, the same bytes each time. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/charges.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "reports/out_file.h"
#include "verb.h"

static enum err_code file_put(void *ctx, const void *data, size_t len, struct err *e)
{
    struct out_file *f = ctx;
    out_file_write(f, data, len);
    return out_file_failed(f) ? out_file_commit(f, e) : ERR_OK;
}

static enum err_code export_write(struct office *o, int64_t id, const char *path,
                                  struct charge_sums *sums, struct err *e)
{
    struct out_file *f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = out_file_open(f, path, e);
    if (code == ERR_OK) {
        code = charges_again(o, id, file_put, f, sums, e);
    }
    if (code == ERR_OK) {
        code = out_file_commit(f, e);
    }
    out_file_discard(f);
    mem_free(f);
    return code;
}

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
    enum err_code code = export_write(o, id, path, &sums, e);
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"debts", NULL, sums.count}),
                    _("%s: %" PRId64 " debts\n"), path, sums.count);
    }
    office_close(o);
    return code;
}
