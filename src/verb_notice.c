/* notice print: notices of collection as letters. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/collection.h"
#include "base/arena.h"
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

/* From the last notice to a cut; -1 where the office has set no policy. */
static enum err_code cut_days(struct office *o, int64_t *out, struct err *e)
{
    struct arena arena;
    struct collection_policy policy;
    arena_init(&arena, (size_t)1 << 20);
    enum err_code code = collection_policy_load(o, &arena, &policy, e);
    *out = code == ERR_OK ? policy.cut_days : -1;
    arena_release(&arena);
    return code == ERR_STATE ? ERR_OK : code;
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
    int64_t days = 0;
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
        code = cut_days(o, &days, e);
    }
    if (code == ERR_OK) {
        code = notices_pdf_write(o, &choice, days, path, &count, e);
    }
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"letters", NULL, (int64_t)count}),
                    ngettext("%s: %zu letter\n", "%s: %zu letters\n", count), path, count);
    }
    office_close(o);
    return code;
}
