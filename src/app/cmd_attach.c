/* The command that attaches a file to what it is evidence of. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/attach.h"
#include "app/cmd.h"
#include "app/files.h"
#include "app/intake_room.h"
#include "app/lookup.h"
#include "base/arena.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

#define NAME_BYTES_MAX 120
/* Attachments of one thing: evidence, not an archive. */
#define ATTACHMENTS_PER_OWNER 200

/* What an attachment may belong to: one row a table. */
static const struct attach_owner {
    const char *name, *exists_sql;
    const char *history; /* member that puts the entry into the history of a meter or account */
    const char *history_sql;
} owners[] = {
    {"reading", "SELECT 1 FROM reading WHERE id=?", "meter",
     "SELECT g.meter FROM reading x JOIN register g ON g.id = x.register WHERE x.id=?"},
    {"meter", "SELECT 1 FROM meter WHERE id=?", "meter", "SELECT id FROM meter WHERE id=?"},
    {"customer", "SELECT 1 FROM customer WHERE id=?", NULL, NULL},
    {"account", "SELECT 1 FROM account WHERE id=?", "account",
     "SELECT id FROM account WHERE id=?"},
    {"bill", "SELECT 1 FROM bill WHERE id=?", "account", "SELECT account FROM bill WHERE id=?"},
    {"dispute", "SELECT 1 FROM dispute WHERE id=?", "account",
     "SELECT account FROM dispute WHERE id=?"},
    {"work", "SELECT 1 FROM work_order WHERE id=?", NULL, NULL},
    {"paper", "SELECT 1 FROM field_paper WHERE id=?", NULL, NULL},
};

struct attach_run {
    const struct attach_owner *owner;
    int64_t owner_id;
    const char *type, *name;
    struct buf bytes;
};

/* Exactly one of --reading, --meter ... says what the file belongs to. */
static enum err_code owner_named(struct command_ctx *c, struct attach_run *r, struct err *e)
{
    size_t named = 0;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        if (arg_get(c, owners[i].name)->given) {
            r->owner = &owners[i];
            named++;
        }
    }
    return named == 1 ? ERR_OK
                      : err_set(e, ERR_USAGE,
                                _("name what the file belongs to, one of --reading, --meter, "
                                  "--customer, --account, --bill, --dispute, --work, --paper"));
}

static enum err_code owner_find(struct command_ctx *c, struct attach_run *r, struct err *e)
{
    struct meter_row m;
    struct account_row a;
    bool found = false;
    int64_t one = 0;
    if (strcmp(r->owner->name, "meter") == 0) {
        TRY(meter_by_serial(c->office, arg_text(c, "meter"), &m, NULL, e));
        r->owner_id = m.id;
        return ERR_OK;
    }
    if (strcmp(r->owner->name, "account") == 0) {
        TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
        r->owner_id = a.id;
        return ERR_OK;
    }
    r->owner_id = arg_get(c, r->owner->name)->integer;
    TRY(db_get_int(c->office->db, &one, &found, e, r->owner->exists_sql,
                   VALS(V_INT(r->owner_id))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64),
                           code_said(r->owner->name), r->owner_id);
}

static enum err_code file_take(struct command_ctx *c, struct attach_run *r, struct err *e)
{
    const char *path = arg_text(c, "file");
    const char *slash = strrchr(path, '/');
    r->name = slash != NULL ? slash + 1 : path;
    if (*r->name == '\0' || strlen(r->name) > NAME_BYTES_MAX) {
        return err_set(e, ERR_USAGE, _("a file name of 1 to %d bytes is needed: %s"),
                       NAME_BYTES_MAX, path);
    }
    if (file_read(path, &r->bytes, e) != ERR_OK) {
        return e->code == ERR_LIMIT ? err_set(e, ERR_LIMIT,
                                              _("%s is larger than the %zu bytes that an "
                                                "attachment may have"),
                                              path, ATTACHMENT_BYTES_DEFAULT)
                                    : e->code;
    }
    r->type = attachment_type(r->bytes.data, r->bytes.len);
    return r->type != NULL
               ? ERR_OK
               : err_set(e, ERR_PARSE,
                         _("%s is no whole JPEG, PNG, PDF or text file by its content"), path);
}

static enum err_code room_check(struct command_ctx *c, const struct attach_run *r,
                                struct err *e)
{
    int64_t count = 0;
    TRY(db_get_int(c->office->db, &count, NULL, e,
                   "SELECT count(*) FROM attachment WHERE owner=? AND owner_id=?",
                   VALS(V_TEXT(r->owner->name), V_INT(r->owner_id))));
    return count < ATTACHMENTS_PER_OWNER
               ? ERR_OK
               : err_set(e, ERR_LIMIT,
                         _("%s %" PRId64 " has %d attachments, which is the most"),
                         r->owner->name, r->owner_id, ATTACHMENTS_PER_OWNER);
}

static enum err_code build_attach(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct attach_run *r = c->report;
    int64_t id = 0;
    int64_t subject = 0;
    char hex[65];
    TRY(owner_find(c, r, e));
    TRY(room_check(c, r, e));
    TRY(next_id(c, "SELECT max(id) FROM attachment", &id, e));
    TRY(draft_begin(c, d, "attachment.added", e));
    TRY(data_int(c, d->data, "attachment", id, e));
    TRY(data_text(c, d->data, "owner", r->owner->name, e));
    TRY(data_int(c, d->data, "owner_id", r->owner_id, e));
    TRY(data_text(c, d->data, "type", r->type, e));
    TRY(data_int(c, d->data, "bytes", (int64_t)r->bytes.len, e));
    TRY(data_personal(c, d, d->data, "attachment", id, "name", r->name, e));
    TRY(draft_keep_content(d, c->office->env, c->arena, id, r->bytes.data, r->bytes.len, hex,
                           e));
    TRY(data_text(c, d->data, "content", hex, e));
    if (r->owner->history != NULL) {
        TRY(db_get_int(c->office->db, &subject, NULL, e, r->owner->history_sql,
                       VALS(V_INT(r->owner_id))));
        TRY(data_int(c, d->data, r->owner->history, subject, e));
    }
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message,
                   _("attachment %" PRId64 " of %s %" PRId64 ": %s, %zu bytes"), id,
                   code_said(r->owner->name), r->owner_id, r->type, r->bytes.len);
    return ERR_OK;
}

static enum err_code run_attach(struct command_ctx *c, struct err *e)
{
    struct attach_run r = {0};
    struct ticket t = {0};
    void *report = c->report;
    TRY(intake_room(c->office, e));
    TRY(owner_named(c, &r, e));
    buf_init(&r.bytes, ATTACHMENT_BYTES_DEFAULT);
    enum err_code code = file_take(c, &r, e);
    if (code == ERR_OK) {
        c->report = &r;
        code = act_user(c, build_attach, &t, e);
        c->report = report;
    }
    buf_release(&r.bytes);
    return code;
}

static const struct param attach_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("photo or document: JPEG, PNG, PDF or text"), NULL, NULL},
    {"reading", PARAM_INT, 0, N_("number of the reading it belongs to"), NULL, NULL},
    {"meter", PARAM_TEXT, 0, N_("serial number of the meter it belongs to"), NULL, NULL},
    {"customer", PARAM_INT, 0, N_("number of the customer it belongs to"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("number of the account it belongs to"), NULL, NULL},
    {"bill", PARAM_INT, 0, N_("number of the bill it belongs to"), NULL, NULL},
    {"dispute", PARAM_INT, 0, N_("number of the dispute it belongs to"), NULL, NULL},
    {"work", PARAM_INT, 0, N_("number of the work order it belongs to"), NULL, NULL},
    {"paper", PARAM_INT, 0, N_("number of the field paper it belongs to"), NULL, NULL},
    PARAM_END};
const struct command cmd_attach = {"attach", N_("attach a photo or document as evidence"),
                                   CMD_BULK, attach_params,
                                   NULL,     run_attach};
