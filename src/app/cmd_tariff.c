/* Publishing tariffs: effective-dated, never edited; a new version stands beside the old one.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/files.h"
#include "base/i18n.h"
#include "domain/tariff.h"

/* A version may not be published twice, nor reach back before one that is in use. */
static enum err_code tariff_fits(struct command_ctx *c, const struct tariff *t,
                                 const char *valid_from, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT version, kind, currency FROM tariff WHERE code = ? ORDER BY version "
                 "DESC LIMIT 1",
                 VALS(V_TEXT(t->code))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && stmt_int(q, 0) >= t->version) {
        code = err_set(e, ERR_EXISTS,
                       _("tariff %s has version %" PRId64
                         " already; a published tariff is never edited: raise "
                         "\"version\" to %" PRId64),
                       t->code, stmt_int(q, 0), stmt_int(q, 0) + 1);
    } else if (code == ERR_OK && row &&
               strcmp(stmt_text(q, 1), meter_kind_name(t->kind)) != 0) {
        code = err_set(e, ERR_STATE, _("tariff %s was for %s in earlier versions"), t->code,
                       stmt_text(q, 1));
    }
    stmt_done(q);
    TRY(code);
    int64_t billed = 0;
    TRY(db_get_int(c->office->db, &billed, NULL, e,
                   "SELECT count(*) FROM bill_meter bm JOIN tariff t ON t.id = bm.tariff JOIN "
                   "bill b ON b.id = bm.bill "
                   "JOIN billing_run r ON r.id = b.run WHERE t.code = ? AND r.state = 'closed' "
                   "AND b.end_date > ?",
                   VALS(V_TEXT(t->code), V_TEXT(valid_from))));
    return billed == 0
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         ngettext("%" PRId64 " bill was issued by tariff %s for days from %s "
                                  "on; a new version must begin later",
                                  "%" PRId64 " bills were issued by tariff %s for days from %s "
                                  "on; a new version must begin later",
                                  (unsigned long)billed),
                         billed, t->code, valid_from);
}

static enum err_code tariff_data(struct command_ctx *c, struct draft *d, const struct tariff *t,
                                 struct json *spec, const char *valid_from, struct err *e)
{
    int64_t id = 0;
    char hash[65];
    hash_hex(&t->hash, hash);
    TRY(next_id(c, "SELECT max(id) FROM tariff", &id, e));
    TRY(draft_begin(c, d, "tariff.published", e));
    TRY(data_int(c, d->data, "tariff", id, e));
    TRY(data_text(c, d->data, "code", t->code, e));
    TRY(data_int(c, d->data, "version", t->version, e));
    TRY(data_text(c, d->data, "kind", meter_kind_name(t->kind), e));
    TRY(data_text(c, d->data, "currency", t->currency->code, e));
    TRY(data_text(c, d->data, "valid_from", valid_from, e));
    TRY(data_text(c, d->data, "hash", hash, e));
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message,
                   _("tariff %s version %" PRId64 " published, valid from %s"), t->code,
                   t->version, valid_from);
    return data_set(c, d->data, "spec", spec, e);
}

static enum err_code build_tariff_publish(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *path = arg_text(c, "file");
    struct buf text;
    char date[DATE_TEXT];
    struct json *spec = NULL;
    struct tariff *t = NULL;
    struct faults faults = {0};
    buf_init(&text, TARIFF_BYTES_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = json_parse(buf_str(&text), text.len, &json_limits_default, c->arena, &spec, e);
    }
    if (code == ERR_OK) {
        code = tariff_from_json(spec, c->arena, &faults, &t, e);
    }
    if (code != ERR_OK) {
        (void)err_wrap(e, "%s", path);
        goto out;
    }
    if (t->currency != c->office->currency) {
        code = err_set(e, ERR_STATE, _("%s: the tariff is in %s, this office bills in %s"),
                       path, t->currency->code, c->office->currency->code);
        goto out;
    }
    date_text(t->valid_from, date);
    code = tariff_fits(c, t, date, e);
    if (code == ERR_OK) {
        code = tariff_data(c, d, t, spec, date, e);
    }
out:
    buf_release(&text);
    return code;
}

static const struct param tariff_publish_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the tariff, a JSON file"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_tariff_publish = {"tariff publish",
                                           N_("publish a tariff or a new version of one"),
                                           0,
                                           tariff_publish_params,
                                           build_tariff_publish,
                                           NULL};
