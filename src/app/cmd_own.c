/* The PIN of an account, and what its customer does at the kiosk with it. The kiosk signs with
 * its own key (role customer); each act names the account and proves itself by the PIN, so that
 * the kiosk's key alone moves nothing on anybody's account. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/own.h"
#include "app/pin.h"
#include "base/i18n.h"
#include "crypto/seal.h"

/* ---- account pin --------------------------------------------------------------------------
 */

struct new_pin {
    int64_t account;
    struct buf line;
};

static enum err_code account_open_find(struct command_ctx *c, const char *number, int64_t *id,
                                       struct err *e)
{
    bool found = false;
    TRY(db_get_int(c->office->db, id, &found, e,
                   "SELECT id FROM account WHERE number = ? AND closed IS NULL",
                   VALS(V_TEXT(number))));
    return found ? ERR_OK : err_set(e, ERR_NOT_FOUND, _("there is no open account %s"), number);
}

static enum err_code build_account_pin(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct new_pin *p = c->report;
    int64_t account = 0;
    char secret[65];
    TRY(account_open_find(c, arg_text(c, "account"), &account, e));
    TRY(draft_begin(c, d, "account.pin_set", e));
    TRY(data_int(c, d->data, "account", account, e));
    TRY(draft_keep_sealed(d, c->office->env, c->arena, buf_str(&p->line), secret, e));
    (void)snprintf(c->message, sizeof c->message, _("account %s has a new PIN for the kiosk"),
                   arg_text(c, "account"));
    return data_text(c, d->data, "secret", secret, e);
}

static enum err_code run_account_pin(struct command_ctx *c, struct err *e)
{
    struct ticket t;
    struct new_pin p = {0};
    buf_init(&p.line, SEAL_LINE_MAX);
    c->report = &p;
    enum err_code code = pin_check_shape(arg_text(c, "pin"), e);
    if (code == ERR_OK) {
        code = account_open_find(c, arg_text(c, "account"), &p.account, e);
    }
    if (code == ERR_OK) {
        code = pin_seal(c->office, p.account, arg_text(c, "pin"), &p.line, e);
    }
    if (code == ERR_OK) {
        code = act_user(c, build_account_pin, &t, e);
    }
    buf_wipe(&p.line);
    c->report = NULL;
    return code;
}

static const struct param pin_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"pin", PARAM_SECRET, PARAM_REQUIRED,
     N_("6 to 8 digits that the customer chooses and types"), NULL, NULL},
    PARAM_END};
const struct command cmd_account_pin = {
    "account pin",  N_("set the PIN of an account for the kiosk"), 0, pin_params, NULL,
    run_account_pin};

/* ---- the office's policy ------------------------------------------------------------------
 */

void kiosk_policy_check(const struct jnode *root)
{
    static const char *const names[] = {"readings", "disputes", NULL};
    bool ignored = false;
    jread_only(root, names, NULL);
    (void)jread_bool(root, "readings", &ignored);
    (void)jread_bool(root, "disputes", &ignored);
}

enum err_code kiosk_policy_load(struct office *o, struct kiosk_policy *out, struct err *e)
{
    struct arena arena;
    const struct json *spec = NULL;
    bool found = false;
    *out = (struct kiosk_policy){.readings = false, .disputes = true};
    arena_init(&arena, 1 << 20);
    enum err_code code = policy_load(o, "kiosk", &arena, &spec, &found, e);
    if (code == ERR_OK && found) {
        const struct json *readings = json_get(spec, "readings");
        const struct json *disputes = json_get(spec, "disputes");
        out->readings = readings != NULL && readings->type == JSON_TRUE;
        out->disputes = disputes == NULL || disputes->type == JSON_TRUE;
    }
    arena_release(&arena);
    return code;
}

/* ---- own reading, own dispute -------------------------------------------------------------
 */

static enum err_code pin_proved(struct command_ctx *c, int64_t *account, struct err *e)
{
    int wait_s = 0;
    return pin_open(c->office, arg_text(c, "account"), arg_text(c, "pin"), account, &wait_s, e);
}

/* What is not this account's is told in the words of what there is not. */
static enum err_code build_own_reading(struct command_ctx *c, struct draft *d, struct err *e)
{
    const int64_t *account = c->report;
    int64_t one = 0;
    bool own = false;
    TRY(db_get_int(c->office->db, &one, &own, e,
                   "SELECT 1 FROM meter m JOIN assignment g ON g.meter = m.id WHERE m.serial = "
                   "?1 AND g.account = ?2 AND g.start_date <= ?3 AND (g.end_date IS NULL OR "
                   "g.end_date > ?3)",
                   VALS(V_TEXT(arg_text(c, "serial")), V_INT(*account), V_TEXT(c->date))));
    if (!own) {
        return err_set(e, ERR_NOT_FOUND, _("this account has no meter \"%s\""),
                       arg_text(c, "serial"));
    }
    return build_reading_add(c, d, e);
}

static enum err_code build_own_dispute(struct command_ctx *c, struct draft *d, struct err *e)
{
    const int64_t *account = c->report;
    int64_t one = 0;
    bool own = false;
    TRY(db_get_int(c->office->db, &one, &own, e,
                   "SELECT 1 FROM bill WHERE id = ? AND account = ?",
                   VALS(V_INT(arg_get(c, "bill")->integer), V_INT(*account))));
    if (!own) {
        return err_set(e, ERR_NOT_FOUND, _("this account has no bill %" PRId64),
                       arg_get(c, "bill")->integer);
    }
    return build_dispute_open(c, d, e);
}

static enum err_code own_act(struct command_ctx *c, bool allowed, build_fn build, struct err *e)
{
    int64_t account = 0;
    struct ticket t;
    if (!allowed) {
        return err_set(e, ERR_STATE, _("the office takes this at its counter alone"));
    }
    TRY(pin_proved(c, &account, e));
    c->report = &account;
    enum err_code code = act_user(c, build, &t, e);
    c->report = NULL;
    return code;
}

static enum err_code run_own_reading(struct command_ctx *c, struct err *e)
{
    struct kiosk_policy p;
    TRY(kiosk_policy_load(c->office, &p, e));
    return own_act(c, p.readings, build_own_reading, e);
}

static enum err_code run_own_dispute(struct command_ctx *c, struct err *e)
{
    struct kiosk_policy p;
    TRY(kiosk_policy_load(c->office, &p, e));
    return own_act(c, p.disputes, build_own_dispute, e);
}

static const struct param own_reading_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED, N_("the account's number, or one of its bills"),
     NULL, NULL},
    {"pin", PARAM_SECRET, PARAM_REQUIRED, N_("the account's PIN"), NULL, NULL},
    {"serial", PARAM_TEXT, PARAM_REQUIRED, N_("the meter's serial number"), NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, N_("what the dial shows, in its unit"), NULL,
     NULL},
    {"register", PARAM_TEXT, 0, N_("OBIS code of the register; the meter's first one"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_own_reading = {
    "own reading",
    N_("record a customer's own reading, with the account's PIN"),
    0,
    own_reading_params,
    NULL,
    run_own_reading};

static const struct param own_dispute_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED, N_("the account's number, or one of its bills"),
     NULL, NULL},
    {"pin", PARAM_SECRET, PARAM_REQUIRED, N_("the account's PIN"), NULL, NULL},
    {"bill", PARAM_INT, PARAM_REQUIRED, N_("number of the bill"), NULL, NULL},
    {"amount", PARAM_DECIMAL, 0, N_("what of it is in dispute; all"), NULL, NULL},
    /* No free text: what strangers type at a public terminal has no place on the ledger. */
    {"reason", PARAM_CHOICE, PARAM_REQUIRED, N_("why"), "amount|reading|paid|meter|other",
     NULL},
    PARAM_END};
const struct command cmd_own_dispute = {
    "own dispute",
    N_("open a customer's own dispute on a bill, with the account's PIN"),
    0,
    own_dispute_params,
    NULL,
    run_own_dispute};
