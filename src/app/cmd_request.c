/* Requests: approving, rejecting, taking back, carrying out; how many must approve. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/request.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

struct request_row {
    int64_t id, opened, needed, approvals;
    const char *command, *requester, *state;
};

static enum err_code request_get(struct command_ctx *c, struct request_row *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *r = (struct request_row){.id = arg_get(c, "request")->integer};
    TRY(db_query(c->office->db, &q, e,
                 "SELECT opened, needed, command, requester, state, (SELECT count(*) FROM "
                 "approval WHERE request=id) FROM request WHERE id=?",
                 VALS(V_INT(r->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("there is no request %" PRId64 "; see: aforo list requests"), r->id);
    } else if (code == ERR_OK) {
        r->opened = stmt_int(q, 0);
        r->needed = stmt_int(q, 1);
        r->command = arena_strdup(c->arena, stmt_text(q, 2));
        r->requester = arena_strdup(c->arena, stmt_text(q, 3));
        r->state = arena_strdup(c->arena, stmt_text(q, 4));
        r->approvals = stmt_int(q, 5);
        code = r->command == NULL || r->requester == NULL || r->state == NULL ? err_nomem(e)
                                                                              : ERR_OK;
    }
    stmt_done(q);
    return code;
}

static enum err_code state_is(const struct request_row *r, const char *state, struct err *e)
{
    return strcmp(r->state, state) == 0
               ? ERR_OK
               : err_set(e, ERR_STATE, _("request %" PRId64 " is \"%s\", not \"%s\""), r->id,
                         code_said(r->state), code_said(state));
}

/* Spaces and signs, and what is not seen at all. Source: Unicode, General Punctuation. */
static bool sign_or_space(uint32_t cp)
{
    bool alnum = (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
    return (cp < 0x80 && !alnum) || cp == 0xA0 || cp == 0xAD || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x206F) || cp == 0x3000 || cp == 0xFEFF;
}

/* The letters and digits of a name, without case and accents. */
static void letters_of(const char *name, struct buf *out)
{
    struct buf folded;
    uint32_t cp = 0;
    buf_init(&folded, out->max);
    text_fold(name, strlen(name), &folded);
    for (size_t i = 0; i < folded.len;) {
        size_t n = utf8_decode(folded.data + i, folded.len - i, &cp);
        if (n == 0 || !sign_or_space(cp)) {
            buf_add(out, folded.data + i, n == 0 ? 1 : n);
        }
        i += n == 0 ? 1 : n;
    }
    out->failed = out->failed || folded.failed;
    buf_release(&folded);
}

/* A person's name, however it was typed: to take two persons for one does less harm than to
 * take one for two. */
static enum err_code name_fold(struct command_ctx *c, const char *actor, struct buf *out,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT p.value FROM user u JOIN personal p ON p.owner = 'user' AND p.id = u.id AND "
        "p.field = 'name' AND p.hash = u.name WHERE 'user:' || u.id = ?",
        VALS(V_TEXT(actor))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        letters_of(stmt_text(q, 0), out);
        code = buf_status(out, _("name"), e);
    }
    stmt_done(q);
    return code;
}

/* One person with two accounts is one person. */
static enum err_code person_differs(struct command_ctx *c, const char *other, struct err *e)
{
    struct buf mine;
    struct buf theirs;
    buf_init(&mine, 4096);
    buf_init(&theirs, 4096);
    enum err_code code = name_fold(c, c->session->actor, &mine, e);
    if (code == ERR_OK) {
        code = name_fold(c, other, &theirs, e);
    }
    bool same = strcmp(c->session->actor, other) == 0 ||
                (mine.len > 0 && mine.len == theirs.len &&
                 memcmp(mine.data, theirs.data, mine.len) == 0);
    buf_release(&mine);
    buf_release(&theirs);
    return code != ERR_OK || !same
               ? code
               : err_set(e, ERR_DENIED,
                         _("somebody else must approve it: you asked for it or approved it "
                           "already, by this account or another one with your name"));
}

static enum err_code persons_differ(struct command_ctx *c, const struct request_row *r,
                                    struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(person_differs(c, r->requester, e));
    TRY(db_query(c->office->db, &q, e, "SELECT who FROM approval WHERE request=?",
                 VALS(V_INT(r->id))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = person_differs(c, stmt_text(q, 0), e);
    }
    stmt_done(q);
    return code;
}

/* Whoever may say yes or no to it. */
static enum err_code judge_check(struct command_ctx *c, const struct request_row *r,
                                 struct err *e)
{
    char grant[160];
    bool may = false;
    (void)snprintf(grant, sizeof grant, "approve %s", r->command);
    TRY(state_is(r, "open", e));
    TRY(session_may(c->office, c->session->user, grant, &may, e));
    return may ? ERR_OK : session_denied(c->session, grant, e);
}

/* The request by number and by the hash of its entry: what is approved is what was read. */
static enum err_code request_data(struct command_ctx *c, struct draft *d,
                                  const struct request_row *r, struct err *e)
{
    struct stored_entry en;
    char hex[65];
    TRY(ledger_get(c->office->db, r->opened, c->arena, &en, e));
    hash_hex(&en.leaf, hex);
    TRY(data_int(c, d->data, "request", r->id, e));
    return data_text(c, d->data, "leaf", hex, e);
}

static enum err_code build_approve(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct request_row r;
    TRY(request_get(c, &r, e));
    TRY(judge_check(c, &r, e));
    TRY(persons_differ(c, &r, e));
    TRY(draft_begin(c, d, "request.approved", e));
    return request_data(c, d, &r, e);
}

static enum err_code build_reject(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct request_row r;
    TRY(request_get(c, &r, e));
    TRY(judge_check(c, &r, e));
    if (strcmp(r.requester, c->session->actor) == 0) {
        return err_set(e, ERR_STATE, _("who asked takes it back: aforo request withdraw"));
    }
    TRY(draft_begin(c, d, "request.rejected", e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    return request_data(c, d, &r, e);
}

static enum err_code build_withdraw(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct request_row r;
    TRY(request_get(c, &r, e));
    if (strcmp(r.requester, c->session->actor) != 0) {
        return err_set(e, ERR_DENIED, _("only who asked takes a request back"));
    }
    if (strcmp(r.state, "open") != 0) {
        TRY(state_is(&r, "approved", e));
    }
    TRY(draft_begin(c, d, "request.withdrawn", e));
    return data_int(c, d->data, "request", r.id, e);
}

/* ---- carrying out ------------------------------------------------------------------------ */

static enum err_code arguments_load(struct command_ctx *act_ctx, struct arena *arena,
                                    struct err *e)
{
    const struct param *p = act_ctx->command->params;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(act_ctx->office->db, &q, e,
                 "SELECT name, value FROM request_argument WHERE request=?",
                 VALS(V_INT(act_ctx->request))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        for (size_t i = 0; p[i].name != NULL; i++) {
            if (strcmp(p[i].name, stmt_text(q, 0)) == 0) {
                act_ctx->args[i].given = true;
                act_ctx->args[i].text = arena_strdup(arena, stmt_text(q, 1));
                code = act_ctx->args[i].text == NULL ? err_nomem(e) : code;
            }
        }
    }
    stmt_done(q);
    return code;
}

/* Do what was approved, as an entry of its own signed by who is at work. */
static enum err_code carry_out(struct command_ctx *c, const struct request_row *r,
                               struct err *e)
{
    struct arena keep;
    struct arena scratch;
    struct ticket t;
    struct command_ctx a = {.office = c->office,
                            .session = c->session,
                            .command = command_find(r->command),
                            .request = r->id,
                            .progress = c->progress};
    if (a.command == NULL) {
        return err_set(e, ERR_UNSUPPORTED, _("this program has no command \"%s\""), r->command);
    }
    memcpy(a.date, c->date, sizeof a.date);
    arena_init(&keep, 1 << 20);
    arena_init(&scratch, 64 << 20);
    a.arena = &scratch;
    enum err_code code = arguments_load(&a, &keep, e);
    if (code == ERR_OK) {
        code = command_carry_out(&a, &t, e);
    }
    c->result_id = a.result_id;
    (void)snprintf(c->message, sizeof c->message, "%s", a.message);
    arena_release(&keep);
    arena_release(&scratch);
    return code;
}

static enum err_code run_approve(struct command_ctx *c, struct err *e)
{
    struct ticket t;
    struct request_row r;
    TRY(act_user(c, build_approve, &t, e));
    if (request_get(c, &r, e) != ERR_OK) {
        return err_wrap(e, _("it is done, but not all can be shown"));
    }
    if (strcmp(r.state, "approved") != 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("approved; %" PRId64 " of %" PRId64 " have approved request %" PRId64),
                       r.approvals, r.needed, r.id);
        return ERR_OK;
    }
    if (carry_out(c, &r, e) != ERR_OK) {
        return err_wrap(e,
                        _("approved, but not done yet; when this is mended: aforo request run "
                          "%" PRId64),
                        r.id);
    }
    if (c->message[0] == '\0') {
        (void)snprintf(c->message, sizeof c->message, _("approved, and done"));
    }
    return ERR_OK;
}

static enum err_code run_run(struct command_ctx *c, struct err *e)
{
    struct request_row r;
    char grant[160];
    bool may = false;
    TRY(request_get(c, &r, e));
    TRY(state_is(&r, "approved", e));
    (void)snprintf(grant, sizeof grant, "approve %s", r.command);
    TRY(session_may(c->office, c->session->user, grant, &may, e));
    if (!may) {
        TRY(session_may(c->office, c->session->user, r.command, &may, e));
    }
    return may ? carry_out(c, &r, e) : session_denied(c->session, r.command, e);
}

static enum err_code build_policy(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "command");
    const struct command *command = command_find(name);
    int64_t needed = arg_get(c, "needed")->integer;
    if (command == NULL || (command->flags & CMD_TWO_PERSON) == 0) {
        return err_set(e, ERR_NOT_FOUND, _("\"%s\" is no command that others must approve"),
                       name);
    }
    if (needed < 1 || needed > REQUEST_NEEDED_MAX) {
        return err_set(e, ERR_RANGE, _("from 1 to %d persons can be asked to approve"),
                       REQUEST_NEEDED_MAX);
    }
    TRY(draft_begin(c, d, "request.policy_set", e));
    TRY(data_text(c, d->data, "command", name, e));
    return data_int(c, d->data, "needed", needed, e);
}

#define REQUEST_PARAM                                                                          \
    {                                                                                          \
        "request", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the request"),  \
            NULL, NULL                                                                         \
    }

static const struct param one_request[] = {REQUEST_PARAM, PARAM_END};
static const struct param reject_params[] = {REQUEST_PARAM, PARAM_REASON, PARAM_END};
static const struct param policy_params[] = {
    {"command", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("the command that others must approve"), NULL, NULL},
    {"needed", PARAM_INT, PARAM_REQUIRED, N_("how many persons besides who asks"), NULL, NULL},
    PARAM_END};

const struct command cmd_request_approve = {"request approve",
                                            N_("approve what somebody else asked for"),
                                            CMD_CONFIRM | CMD_BULK,
                                            one_request,
                                            NULL,
                                            run_approve};
const struct command cmd_request_reject = {"request reject",
                                           N_("reject what somebody else asked for"),
                                           0,
                                           reject_params,
                                           build_reject,
                                           NULL};
const struct command cmd_request_withdraw = {"request withdraw",
                                             N_("take back what you asked for"),
                                             0,
                                             one_request,
                                             build_withdraw,
                                             NULL};
const struct command cmd_request_run = {
    "request run", N_("do what was approved, if it failed then"), CMD_BULK, one_request, NULL,
    run_run};
const struct command cmd_request_policy = {"request policy",
                                           N_("say how many must approve a command"),
                                           0,
                                           policy_params,
                                           build_policy,
                                           NULL};
