/* Personal data and attachments: what records nothing. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/erasing.h"
#include "app/personal.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "reports/exports.h"
#include "verb.h"

static enum err_code may_or_refuse(struct office *o, const struct session *s,
                                   const char *permission, struct err *e)
{
    bool may = false;
    TRY(session_may(o, s->user, permission, &may, e));
    return may ? ERR_OK : session_denied(s, permission, e);
}

static enum err_code number_take(const char *text, const char *what, int64_t *out,
                                 struct err *e)
{
    return cli_whole(text, 1, INT64_MAX, out)
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("%s needs a number"), what);
}

enum err_code verb_personal_export(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct session *s = NULL;
    int64_t customer = 0;
    const char *path = verb_take_output(cli);
    const char *number = cli_take(cli, "customer");
    TRY(verb_no_more(cli, e));
    TRY(number_take(number, "--customer", &customer, e));
    if (path == NULL) {
        return err_set(e, ERR_USAGE, _("personal export needs --output FILE"));
    }
    enum err_code code = verb_office(cli, DB_READ, &o, &s, e);
    if (code == ERR_OK) {
        code = may_or_refuse(o, s, "personal export", e);
    }
    if (code == ERR_OK) {
        code = personal_export(o, customer, path, verb_progress_or_null(cli), e);
    }
    if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"customer", NULL, customer}),
                    _("%s: everything held of customer %" PRId64 "\n"), path, customer);
    }
    session_free(s);
    office_close(o);
    return code;
}

static void nothing_left(const struct cli *cli)
{
    verb_answer(cli, ANSWER({"left", "nothing", 0}), "%s\n",
                _("no byte of an erased value is left in the office's files"));
}

static enum err_code purge_status(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    int64_t pending = 0;
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = personal_pending(o, &pending, e);
    if (code == ERR_OK && pending != 0) {
        verb_answer(cli, ANSWER({"left", "bytes", 0}, {"entry", NULL, pending}),
                    _("the bytes of what entry %" PRId64
                      " erased may still be in the office's files; run: aforo personal purge"),
                    pending);
        (void)fputs(cli->json ? "" : "\n", stdout);
    } else if (code == ERR_OK && erasing_left(o)) {
        bool waits = o->behind.code != ERR_OK;
        verb_answer(cli, ANSWER({"left", waits ? "waiting" : "unfinished", 0}), "%s\n",
                    waits ? _("erasures of another copy of this office wait until it "
                              "is resolved")
                          : _("an erasure was cut off; the next command finishes it, "
                              "or: aforo personal purge"));
    } else if (code == ERR_OK) {
        nothing_left(cli);
    }
    office_close(o);
    return code;
}

enum err_code verb_personal_purge(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    int64_t pending = 0;
    bool force = cli_take_flag(cli, "force");
    bool status = cli_take_flag(cli, "status");
    int mark = -1;
    int64_t again = 0;
    TRY(verb_no_more(cli, e));
    if (status) {
        return purge_status(cli, e);
    }
    TRY(verb_office(cli, DB_WRITE, &o, NULL, e));
    bool left = erasing_left(o);
    enum err_code code = left && o->behind.code != ERR_OK /* what waits goes on waiting */
                             ? err_set(e, o->behind.code, "%s", o->behind.text)
                             : erasing_begin(o, &mark, e);
    if (code == ERR_OK) {
        code = personal_pending(o, &pending, e);
    }
    if (code == ERR_OK && left) {
        code = erasing_apply(o, verb_progress_or_null(cli), &again, e);
    }
    if (code == ERR_OK) {
        code = personal_purge(o, force, verb_progress_or_null(cli), e);
    }
    erasing_end(mark, code == ERR_OK);
    if (code == ERR_OK && pending == 0 && again == 0 && !force) {
        verb_answer(cli, ANSWER({"left", "nothing", 0}), "%s\n",
                    _("nothing to do: no erased value is left in the office's files"));
    } else if (code == ERR_OK) {
        nothing_left(cli);
    }
    office_close(o);
    return code;
}

/* ---- attachments ---- */

static enum err_code attachment_open(struct cli *cli, int64_t *id, struct office **o,
                                     struct session **s, struct err *e)
{
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE,
                       _("name the number of one attachment; see: aforo list "
                         "attachments"));
    }
    TRY(number_take(cli->argv[0], _("an attachment"), id, e));
    TRY(verb_office(cli, DB_READ, o, s, e));
    return may_or_refuse(*o, *s, PERSONAL_READ, e);
}

enum err_code verb_attachment_export(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct session *s = NULL;
    int64_t id = 0;
    const char *path = verb_take_output(cli);
    if (path == NULL) {
        return err_set(e, ERR_USAGE, _("attachment export needs -o FILE"));
    }
    enum err_code code = attachment_open(cli, &id, &o, &s, e);
    if (code == ERR_OK) {
        code = attachment_save(o, id, path, e);
    }
    if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"file", path, 0}, {"attachment", NULL, id}),
                    _("%s: attachment %" PRId64 ", as its entry commits to it\n"), path, id);
    }
    session_free(s);
    office_close(o);
    return code;
}
