/* A file that goes out to a bank or agency is recorded: what it held, and its hash. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/charges.h"
#include "app/cmd.h"
#include "app/mapping.h"
#include "app/receivable.h"
#include "base/i18n.h"

static enum err_code layout_load(struct command_ctx *c, const char *name, struct json **doc,
                                 struct charge_layout **out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e, "SELECT spec FROM mapping WHERE name = ?",
                 VALS(V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code =
            err_set(e, ERR_NOT_FOUND,
                    _("there is no layout \"%s\"; save one with: aforo mapping save %s FILE"),
                    name, name);
    }
    if (code == ERR_OK) {
        const char *spec = stmt_text(q, 0);
        code = json_parse(spec, strlen(spec), &json_limits_entry, c->arena, doc, e);
    }
    stmt_done(q);
    TRY(code);
    if (!charge_layout_is(*doc)) {
        return err_set(e, ERR_STATE,
                       _("mapping %s is of files that come in; a file that goes out needs one "
                         "of the kind \"charges\""),
                       name);
    }
    *out = arena_alloc(c->arena, sizeof **out);
    return *out != NULL ? charge_layout_from_json(*doc, c->arena, *out, e) : err_nomem(e);
}

static enum err_code build_charges_send(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "layout");
    struct charge_layout *layout = NULL;
    struct json *spec = NULL;
    struct charge_sums sums;
    char words[MONEY_WORDS_MAX];
    char hex[65];
    struct charge_file f = {.as_of = c->head.seq,
                            .due_by = arg_text(c, "due-by"),
                            .route = arg_text(c, "route"),
                            .date = c->date};
    TRY(layout_load(c, name, &spec, &layout, e));
    TRY(next_id(c, "SELECT max(id) FROM charge_file", &f.id, e));
    TRY(charges_make(c->office, layout, &f, NULL, NULL, &sums, e));
    hash_hex(&sums.sha256, hex);
    TRY(draft_begin(c, d, "charges.sent", e));
    TRY(data_int(c, d->data, "file", f.id, e));
    TRY(data_text(c, d->data, "layout", name, e));
    TRY(data_set(c, d->data, "spec", spec, e));
    TRY(data_int(c, d->data, "as_of", f.as_of, e));
    if (f.due_by != NULL) {
        TRY(data_text(c, d->data, "due_by", f.due_by, e));
    }
    if (f.route != NULL) {
        TRY(data_text(c, d->data, "route", f.route, e));
    }
    TRY(data_int(c, d->data, "count", sums.count, e));
    TRY(data_int(c, d->data, "total", sums.total, e));
    TRY(data_text(c, d->data, "sha256", hex, e));
    c->result_id = f.id;
    money_words(c->office, sums.total, words);
    (void)snprintf(
        c->message, sizeof c->message,
        ngettext("file %" PRId64 ": %" PRId64
                 " debt, %s; write it with: aforo charges export %" PRId64 " -o FILE",
                 "file %" PRId64 ": %" PRId64
                 " debts, %s; write it with: aforo charges export %" PRId64 " -o FILE",
                 (unsigned long)sums.count),
        f.id, sums.count, words, f.id);
    return ERR_OK;
}

static const struct param send_params[] = {
    {"layout", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("name of the layout, saved as a mapping of the kind charges"), NULL, NULL},
    {"due-by", PARAM_DATE, 0, N_("only what is due on this day or before"), NULL, NULL},
    {"route", PARAM_TEXT, 0, N_("only accounts with a meter on this route"), NULL, NULL},
    PARAM_END};
const struct command cmd_charges_send = {
    "charges send",
    N_("record a file for a bank or agency of what accounts owe"),
    0,
    send_params,
    build_charges_send,
    NULL};
