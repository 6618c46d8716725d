/* New keys for users: one's own, and of who forgot the password, by others or by the recovery
 * key. The key is made once, before the attempts; what is recorded is its public half and the
 * commitment to its sealed form. */
#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/recovery.h"
#include "app/request.h"
#include "app/user_key.h"
#include "base/i18n.h"
#include "ledger/keyring.h"

static enum err_code user_active_find(struct command_ctx *c, const char *login, int64_t *user,
                                      struct err *e)
{
    bool found = false;
    TRY(db_get_int(
        c->office->db, user, &found, e,
        "SELECT u.id FROM personal p JOIN user u ON u.login = p.hash WHERE p.value = ? AND "
        "u.state = 'active'",
        VALS(V_TEXT(login))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("there is no active user \"%s\""), login);
}

/* What all three record. */
static enum err_code key_data(struct command_ctx *c, struct draft *d, const struct user_key *k,
                              struct err *e)
{
    char hex[65];
    TRY(draft_begin(c, d, "user.key_set", e));
    TRY(data_int(c, d->data, "user", k->user, e));
    TRY(draft_keep_sealed(d, c->office->env, c->arena, buf_str(&k->sealed), hex, e));
    TRY(data_text(c, d->data, "secret", hex, e));
    TRY(data_text(c, d->data, "keyid", k->keyid, e));
    c->result_id = k->user;
    return data_text(c, d->data, "spki", buf_str(&k->spki), e);
}

/* ---- one's own -----------------------------------------------------------------------------
 */

static enum err_code build_own(struct command_ctx *c, struct draft *d, struct err *e)
{
    return key_data(c, d, c->report, e);
}

static enum err_code run_user_key(struct command_ctx *c, struct err *e)
{
    struct user_key k;
    struct ticket t;
    enum err_code code =
        user_key_make(c->office, c->session->user, arg_text(c, "password"), &k, e);
    c->report = &k;
    if (code == ERR_OK) {
        code = act_user(c, build_own, &t, e);
    }
    c->report = NULL;
    user_key_release(&k);
    (void)snprintf(c->message, sizeof c->message,
                   _("you have a new key; the old one signs nothing any more: log in again"));
    return code;
}

/* ---- by others ------------------------------------------------------------------------------
 */

static enum err_code run_user_recover(struct command_ctx *c, struct err *e)
{
    struct user_key k;
    struct ticket t;
    int64_t user = 0;
    char number[24];
    TRY(user_active_find(c, arg_text(c, "login"), &user, e));
    if (user == c->session->user) {
        return err_set(e, ERR_STATE,
                       _("you are logged in: give yourself a new key with: aforo user key"));
    }
    enum err_code code = user_key_make(c->office, user, arg_text(c, "password"), &k, e);
    (void)snprintf(number, sizeof number, "%" PRId64, user);
    struct request_value values[] = {{"user", number},
                                     {"keyid", k.keyid},
                                     {"spki", buf_str(&k.spki)},
                                     {"reason", arg_text(c, "reason")}};
    struct request_extra x = {values, sizeof values / sizeof values[0], buf_str(&k.sealed),
                              true};
    if (code == ERR_OK) {
        code = request_open(c, &x, &t, e);
    }
    user_key_release(&k);
    return code;
}

/* Carried out: the sealed key moves from the request to the user. */
static enum err_code build_recover(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *user = NULL;
    const char *keyid = NULL;
    const char *spki = NULL;
    struct stmt *q = NULL;
    bool row = false;
    struct decimal number;
    char hex[65] = "";
    TRY(request_value_get(c, "user", &user, e));
    TRY(request_value_get(c, "keyid", &keyid, e));
    TRY(request_value_get(c, "spki", &spki, e));
    TRY(db_query(c->office->db, &q, e, "SELECT secret FROM request WHERE id=?",
                 VALS(V_INT(c->request))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        struct hash h = {{0}};
        size_t len = 0;
        const void *blob = stmt_blob(q, 0, &len);
        memcpy(h.b, blob, len == HASH_SIZE ? HASH_SIZE : 0);
        hash_hex(&h, hex);
    }
    stmt_done(q);
    TRY(code);
    if (user == NULL || keyid == NULL || spki == NULL || hex[0] == '\0') {
        return err_set(e, ERR_STATE, _("the request does not hold a new key"));
    }
    TRY(decimal_parse(user, strlen(user), &number, e));
    TRY(draft_begin(c, d, "user.key_set", e));
    TRY(data_int(c, d->data, "user", number.mantissa, e));
    TRY(data_text(c, d->data, "secret", hex, e));
    TRY(data_text(c, d->data, "keyid", keyid, e));
    c->result_id = number.mantissa;
    (void)snprintf(c->message, sizeof c->message,
                   _("approved: user %" PRId64 " has a new key and logs in with the password "
                     "that the request was made with"),
                   number.mantissa);
    return data_text(c, d->data, "spki", spki, e);
}

/* ---- by the recovery key
 * --------------------------------------------------------------------- */

struct recovered {
    struct user_key key;
    struct signature sig;
};

static enum err_code build_by_key(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct recovered *r = c->report;
    struct buf text;
    TRY(key_data(c, d, &r->key, e));
    buf_init(&text, 1024);
    buf_add_base64(&text, r->sig.der, r->sig.len);
    enum err_code code = buf_status(&text, _("signature"), e);
    if (code == ERR_OK) {
        code = data_text(c, d->data, "recovery", buf_str(&text), e);
    }
    buf_release(&text);
    return code;
}

static enum err_code recover_act(struct command_ctx *c, struct sign_key *paper,
                                 struct recovered *r, struct err *e)
{
    struct ticket t;
    struct sign_key *office = NULL;
    struct buf said;
    char actor[48];
    struct hash id;
    (void)snprintf(actor, sizeof actor, "office:%s", c->office->code);
    CHECK(hex_decode(r->key.keyid, 64, id.b, HASH_SIZE));
    buf_init(&said, 1024);
    recovery_statement(c->office->code, r->key.user, &id, &said);
    enum err_code code = buf_status(&said, _("signature"), e);
    if (code == ERR_OK) {
        code = sign_data(paper, said.data, said.len, &r->sig, e);
    }
    if (code == ERR_OK) {
        code = office_key(c->office, &office, e);
    }
    c->report = r;
    if (code == ERR_OK) {
        code = act(c, build_by_key, office, actor, &t, e);
    }
    c->report = NULL;
    buf_release(&said);
    return code;
}

static enum err_code run_recover(struct command_ctx *c, struct err *e)
{
    struct recovered r = {0};
    struct sign_key *paper = NULL;
    int64_t user = 0;
    int wait_s = 0;
    TRY(session_throttle(c->office, "recovery", &wait_s, e));
    enum err_code code = recovery_key_open(c->office, arg_text(c, "recovery"), &paper, e);
    if (code == ERR_DENIED || code == ERR_PARSE) {
        TRY(session_failed(c->office, "recovery", e));
        return code == ERR_PARSE /* mistyped, as its check digits tell */
                   ? code
                   : err_set(e, ERR_DENIED,
                             _("this is not the recovery key that was printed when the office "
                               "was made"));
    }
    if (code == ERR_OK) {
        code = user_active_find(c, arg_text(c, "login"), &user, e);
    }
    if (code == ERR_OK) {
        code = user_key_make(c->office, user, arg_text(c, "password"), &r.key, e);
        if (code == ERR_OK) {
            code = recover_act(c, paper, &r, e);
        }
        user_key_release(&r.key);
    }
    sign_key_free(paper);
    (void)snprintf(c->message, sizeof c->message,
                   _("user %" PRId64 " has a new key and logs in with the new password"), user);
    return code;
}

static const struct param user_key_params[] = {
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the password of the new key"), NULL, NULL},
    PARAM_END};
const struct command cmd_user_key = {
    "user key", N_("give yourself a new key; the old one ends"),
    CMD_BULK,   user_key_params,
    NULL,       run_user_key};

static const struct param user_recover_params[] = {
    {"login", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("who forgot the password"),
     NULL, NULL},
    PARAM_REASON,
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the user's new password"), NULL, NULL},
    PARAM_END};
const struct command cmd_user_recover = {
    "user recover", N_("ask for a new key for who forgot the password"),
    CMD_TWO_PERSON, user_recover_params,
    build_recover,  run_user_recover};

static const struct param recover_params[] = {
    {"login", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("who forgot the password"),
     NULL, NULL},
    {"recovery", PARAM_SECRET, PARAM_REQUIRED, N_("the recovery key, as it was printed"), NULL,
     NULL},
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the user's new password"), NULL, NULL},
    PARAM_END};
const struct command cmd_recover = {
    "recover",  N_("give a user a new key by the office's recovery key"),
    CMD_OFFICE, recover_params,
    NULL,       run_recover};
