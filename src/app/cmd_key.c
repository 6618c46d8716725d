/* The office's keys: new ones, replaced, revoked. The key is made before the attempts, in its
 * store; no token is called under the lock. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/query_key.h"
#include "base/i18n.h"
#include "crypto/keyfile.h"

struct new_key {
    struct sign_key *key;
    enum key_purpose purpose;
    enum key_store store;
    bool ends; /* the one that is valid now */
};

/* A TPM has no Ed25519: its key for the log signs beside another. */
static enum key_algorithm algorithm_for(enum key_purpose purpose, enum key_store store)
{
    return purpose == KEY_ENTRY || (purpose == KEY_LOG && store == STORE_TPM2) ? KEY_P256
                                                                               : KEY_ED25519;
}

/* The office's valid key like the new one. *found false: there is none to end. */
static enum err_code now_valid(struct command_ctx *c, const struct new_key *n,
                               struct key_row *out, bool *found, struct err *e)
{
    struct key_row *rows = NULL;
    size_t count = 0;
    char owner[KEY_OWNER_MAX + 1];
    (void)snprintf(owner, sizeof owner, "office:%s", c->office->code);
    *found = false;
    TRY(key_rows(c->office->db, &(struct key_filter){.owner = owner, .purpose = n->purpose},
                 c->arena, &rows, &count, e));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].to == INT64_MAX && rows[i].algorithm == sign_key_algorithm(n->key)) {
            *out = rows[i];
            *found = true;
        }
    }
    return ERR_OK;
}

static enum err_code build_added(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct new_key *n = c->report;
    struct key_row old;
    bool found = false;
    char hex[65];
    TRY(draft_begin(c, d, "key.added", e));
    TRY(data_text(c, d->data, "purpose", key_purpose_name(n->purpose), e));
    TRY(data_text(c, d->data, "store", key_store_name(n->store), e));
    if (arg_text(c, "reason") != NULL) {
        TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    }
    if (n->ends) {
        TRY(now_valid(c, n, &old, &found, e));
        if (!found) {
            return err_set(
                e, ERR_NOT_FOUND,
                _("there is no such key to replace; make one with: aforo key create"));
        }
        hash_hex(&old.id, hex);
        TRY(data_text(c, d->data, "ends", hex, e));
    }
    return public_key_data(c, n->key, d->data, e);
}

/* A failure of the disk in the middle of a commit: the entry may be there when the database is
 * opened again, and then its key must be, too. A key that no entry names does no harm. */
static bool undecided(enum err_code code)
{
    return code == ERR_IO || code == ERR_DB || code == ERR_NOMEM;
}

static enum err_code key_make(struct command_ctx *c, bool ends, struct err *e)
{
    struct new_key n = {.purpose = key_purpose_find(arg_text(c, "purpose")),
                        .store = key_store_find(arg_text(c, "store")),
                        .ends = ends};
    struct ticket t;
    char label[96];
    char hex[65];
    (void)snprintf(label, sizeof label, "aforo %s %s", c->office->code,
                   key_purpose_name(n.purpose));
    struct key_want want = {n.store, algorithm_for(n.purpose, n.store), arg_text(c, "token"),
                            arg_text(c, "pin"), label};
    TRY(office_key_make(c->office, n.purpose, &want, &n.key, e));
    c->report = &n;
    enum err_code code = act_user(c, build_added, &t, e);
    c->report = NULL;
    hash_hex(sign_key_id(n.key), hex);
    if (code != ERR_OK && !undecided(code)) {
        office_key_forget(c->office, n.purpose, sign_key_id(n.key));
    }
    sign_key_free(n.key);
    (void)snprintf(c->message, sizeof c->message, _("key %.16s made for the purpose \"%s\""),
                   hex, key_purpose_name(n.purpose));
    return code;
}

static enum err_code run_create(struct command_ctx *c, struct err *e)
{
    return key_make(c, false, e);
}

static enum err_code run_rotate(struct command_ctx *c, struct err *e)
{
    return key_make(c, true, e);
}

/* An office without a key for a purpose could not record refusals, or print a bill. */
static enum err_code another_stays(struct command_ctx *c, const struct key_row *k,
                                   struct err *e)
{
    int64_t others = 0;
    TRY(db_get_int(c->office->db, &others, NULL, e,
                   "SELECT count(*) FROM key WHERE owner=? AND purpose=? AND algorithm=? AND "
                   "keyid<>? AND valid_to IS NULL",
                   VALS(V_TEXT(k->owner), V_TEXT(key_purpose_name(k->purpose)),
                        V_TEXT(key_algorithm_name(k->algorithm)), V_HASH(&k->id))));
    bool needed = k->purpose == KEY_ENTRY || k->purpose == KEY_DOCUMENT ||
                  (k->purpose == KEY_LOG && k->algorithm == KEY_ED25519);
    return others > 0 || !needed
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("this is the office's only key for the purpose \"%s\"; make another "
                           "one first: aforo key create --purpose %s"),
                         key_purpose_name(k->purpose), key_purpose_name(k->purpose));
}

static enum err_code build_revoke(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct key_row k;
    char hex[65];
    TRY(key_named(c->office->db, arg_text(c, "key"), c->arena, &k, e));
    if (strncmp(k.owner, "office:", 7) != 0) {
        return err_set(
            e, ERR_STATE,
            _("this is the key of %s: it ends with \"user key\" or \"user disable\""), k.owner);
    }
    if (k.to != INT64_MAX) {
        return err_set(e, ERR_STATE, _("this key signs nothing any more already"));
    }
    TRY(another_stays(c, &k, e));
    hash_hex(&k.id, hex);
    TRY(draft_begin(c, d, "key.revoked", e));
    TRY(data_text(c, d->data, "keyid", hex, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

#define KEY_PARAMS                                                                             \
    {                                                                                          \
        "purpose", PARAM_CHOICE, PARAM_REQUIRED, N_("what it is for"), "entry|log|document",   \
        NULL},                                                                                 \
        {"store", PARAM_CHOICE, 0, N_("where it is kept"), "file|pkcs11|tpm2", "file"},        \
        {"token", PARAM_TEXT,                                                                  \
         0,       N_("pkcs11: the token and its module, as a PKCS#11 URI (RFC 7512)"),         \
         NULL,    NULL},                                                                       \
        {"pin", PARAM_SECRET, 0, N_("PIN of the token"), NULL, NULL},                          \
        {"reason", PARAM_TEXT, 0, N_("why"), NULL, NULL}, PARAM_END

static const struct param create_params[] = {KEY_PARAMS};
const struct command cmd_key_create = {"key create", N_("make one more key of the office"),
                                       CMD_BULK,     create_params,
                                       NULL,         run_create};
const struct command cmd_key_rotate = {
    "key rotate",
    N_("make a key of the office that replaces the valid one"),
    CMD_CONFIRM | CMD_BULK,
    create_params,
    NULL,
    run_rotate};

static const struct param revoke_params[] = {{"key", PARAM_TEXT,
                                              PARAM_REQUIRED | PARAM_POSITIONAL,
                                              N_("first digits of the key's id"), NULL, NULL},
                                             PARAM_REASON,
                                             PARAM_END};
const struct command cmd_key_revoke = {"key revoke", N_("end a key of the office"),
                                       CMD_CONFIRM,  revoke_params,
                                       build_revoke, NULL};
