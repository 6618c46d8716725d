/* notice print: notices of collection as letters. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "reports/notice_pdf.h"
#include "verb.h"

static enum err_code number_take(struct cli *cli, const char *name, int64_t *out, struct err *e)
{
    const char *text = cli_take(cli, name);
    return text == NULL || cli_whole(text, 1, INT64_MAX, out)
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--%s is a whole number from 1 on"), name);
}

static enum err_code date_take(struct cli *cli, const char *name, const char **out,
                               struct err *e)
{
    struct date d;
    *out = cli_take(cli, name);
    if (*out != NULL && date_parse(*out, strlen(*out), &d, e) != ERR_OK) {
        return err_wrap(e, "--%s", name);
    }
    return ERR_OK;
}

static enum err_code choice_take(struct cli *cli, struct notice_choice *choice, struct err *e)
{
    TRY(number_take(cli, "notice", &choice->number, e));
    TRY(number_take(cli, "step", &choice->step, e));
    TRY(date_take(cli, "from", &choice->from, e));
    TRY(date_take(cli, "to", &choice->to, e));
    choice->account = cli_take(cli, "account");
    return verb_no_more(cli, e);
}

enum err_code verb_notice_print(struct cli *cli, struct err *e)
{
    struct notice_choice choice = {0};
    struct office *o = NULL;
    size_t count = 0;
    const char *path = verb_take_output(cli);
    if (path == NULL) {
        return err_set(e, ERR_USAGE, _("say where to print to: aforo notice print -o FILE"));
    }
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return err_set(e, ERR_USAGE, _("a %s is no text: name a file with --output"), "pdf");
    }
    TRY(choice_take(cli, &choice, e));
    enum err_code code = verb_office(cli, DB_READ, &o, NULL, e);
    if (code == ERR_OK) {
        code = notices_pdf_write(o, &choice, path, &count, e);
    }
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"letters", NULL, (int64_t)count}),
                    ngettext("%s: %zu letter\n", "%s: %zu letters\n", count), path, count);
    }
    office_close(o);
    return code;
}
