/* The cash drawer: opened with a float, counted when it is handed over or closed. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/receivable.h"
#include "base/i18n.h"

static enum err_code user_active(struct command_ctx *c, const char *login, int64_t *user,
                                 struct err *e)
{
    bool found = false;
    TRY(db_get_int(
        c->office->db, user, &found, e,
        "SELECT u.id FROM personal p JOIN user u ON u.login = p.hash AND u.id = p.id WHERE "
        "p.owner = 'user' AND p.field = 'login' AND p.value = "
        "? AND u.state = 'active'",
        VALS(V_TEXT(login))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("there is no active user \"%s\""), login);
}

/* One drawer at a time in one pair of hands. */
static enum err_code hands_free(struct command_ctx *c, int64_t user, const char *login,
                                struct err *e)
{
    int64_t shift = 0;
    bool busy = false;
    TRY(db_get_int(c->office->db, &shift, &busy, e,
                   "SELECT id FROM shift WHERE user = ? AND closed IS NULL",
                   VALS(V_INT(user))));
    return busy ? err_set(e, ERR_STATE,
                          _("user \"%s\" has a drawer open already (shift %" PRId64 ")"), login,
                          shift)
                : ERR_OK;
}

static enum err_code build_drawer_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *drawer = arg_text(c, "drawer");
    const char *text = arg_text(c, "float");
    struct money m = {0};
    int64_t id = 0;
    int64_t busy = 0;
    bool taken = false;
    char words[MONEY_WORDS_MAX];
    if (strlen(drawer) > 40) {
        return err_set(e, ERR_USAGE, _("a drawer's name has at most %d characters"), 40);
    }
    TRY(money_parse(text, strlen(text), c->office->currency, &m, e));
    if (m.minor < 0) {
        return err_set(e, ERR_USAGE, _("--float cannot be negative"));
    }
    TRY(hands_free(c, c->session->user, c->session->name, e));
    TRY(db_get_int(c->office->db, &busy, &taken, e,
                   "SELECT id FROM shift WHERE drawer = ? AND closed IS NULL",
                   VALS(V_TEXT(drawer))));
    if (taken) {
        return err_set(e, ERR_STATE,
                       _("drawer %s is open (shift %" PRId64 "); its holder hands it over or "
                         "closes it first"),
                       drawer, busy);
    }
    TRY(next_id(c, "SELECT max(id) FROM shift", &id, e));
    TRY(draft_begin(c, d, "drawer.opened", e));
    TRY(data_int(c, d->data, "shift", id, e));
    TRY(data_text(c, d->data, "drawer", drawer, e));
    TRY(data_int(c, d->data, "user", c->session->user, e));
    TRY(data_int(c, d->data, "float", m.minor, e));
    c->result_id = id;
    money_words(c->office, m.minor, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("drawer %s opened with %s (shift %" PRId64 ")"), drawer, words, id);
    return ERR_OK;
}

static enum err_code build_drawer_move(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t amount = 0;
    int64_t shift = 0;
    char words[MONEY_WORDS_MAX];
    bool out = strcmp(arg_text(c, "direction"), "out") == 0;
    TRY(amount_arg(c, "amount", &amount, e));
    TRY(draft_begin(c, d, "drawer.moved", e));
    if (out) {
        TRY(cash_out_data(c, d->data, amount, e));
    } else {
        TRY(shift_of_user(c, &shift, e));
        TRY(data_int(c, d->data, "shift", shift, e));
    }
    TRY(data_int(c, d->data, "amount", out ? -amount : amount, e));
    money_words(c->office, amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   out ? _("%s taken out of the drawer") : _("%s put into the drawer"), words);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

/* Counted against what should be there; a difference needs its reason. */
static enum err_code count_data(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *text = arg_text(c, "counted");
    const char *reason = arg_text(c, "reason");
    struct money m = {0};
    int64_t shift = 0;
    int64_t expected = 0;
    char words[MONEY_WORDS_MAX];
    char off[MONEY_WORDS_MAX];
    TRY(shift_of_user(c, &shift, e));
    TRY(shift_expected(c->office, shift, &expected, e));
    TRY(money_parse(text, strlen(text), c->office->currency, &m, e));
    if (m.minor < 0) {
        return err_set(e, ERR_USAGE, _("--counted cannot be negative"));
    }
    money_words(c->office, expected, words);
    money_words(c->office, m.minor - expected, off);
    if (m.minor != expected && reason == NULL) {
        return err_set(
            e, ERR_STATE,
            _("there should be %s in the drawer: a difference of %s; count again, or "
              "say --reason"),
            words, off);
    }
    TRY(draft_begin(c, d, "drawer.closed", e));
    TRY(data_int(c, d->data, "shift", shift, e));
    TRY(data_int(c, d->data, "counted", m.minor, e));
    TRY(data_int(c, d->data, "expected", expected, e));
    c->result_id = shift;
    (void)snprintf(c->message, sizeof c->message,
                   _("shift %" PRId64 " ended: %s expected, difference %s"), shift, words, off);
    return reason == NULL ? ERR_OK : data_text(c, d->data, "reason", reason, e);
}

static enum err_code build_drawer_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    return count_data(c, d, e);
}

static enum err_code build_drawer_hand_over(struct command_ctx *c, struct draft *d,
                                            struct err *e)
{
    int64_t user = 0;
    int64_t next = 0;
    bool may = false;
    const char *to = arg_text(c, "to");
    TRY(user_active(c, to, &user, e));
    TRY(hands_free(c, user, to, e));
    TRY(session_may(c->office, user, "payment take", &may, e));
    if (!may) {
        return err_set(e, ERR_DENIED, _("user \"%s\" may not take payments"), to);
    }
    TRY(count_data(c, d, e));
    TRY(next_id(c, "SELECT max(id) FROM shift", &next, e));
    TRY(data_int(c, d->data, "next", next, e));
    return data_int(c, d->data, "user", user, e);
}

#define PARAM_COUNTED                                                                          \
    {                                                                                          \
        "counted", PARAM_DECIMAL, PARAM_REQUIRED, N_("money found in the drawer"), NULL, NULL  \
    }
#define PARAM_DIFFERENCE                                                                       \
    {                                                                                          \
        "reason", PARAM_TEXT, 0, N_("why there is a difference"), NULL, NULL                   \
    }

static const struct param open_params[] = {
    {"drawer", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("name of the drawer"), NULL,
     NULL},
    {"float", PARAM_DECIMAL, 0, N_("money that is in it"), NULL, "0"},
    PARAM_END};
const struct command cmd_drawer_open = {"drawer open", N_("open a cash drawer"), 0,
                                        open_params,   build_drawer_open,        NULL};

static const struct param move_params[] = {
    {"direction", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("into it or out of it"),
     "in|out", NULL},
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL, N_("how much"), NULL, NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why: change fetched, brought to the bank"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_drawer_move = {
    "drawer move",
    N_("put money into your drawer or take it out, besides payments"),
    0,
    move_params,
    build_drawer_move,
    NULL};

static const struct param hand_over_params[] = {{"to", PARAM_TEXT,
                                                 PARAM_REQUIRED | PARAM_POSITIONAL,
                                                 N_("login of who takes it"), NULL, NULL},
                                                PARAM_COUNTED,
                                                PARAM_DIFFERENCE,
                                                PARAM_END};
const struct command cmd_drawer_hand_over = {"drawer hand-over",
                                             N_("count your drawer and give it to somebody"),
                                             CMD_CONFIRM,
                                             hand_over_params,
                                             build_drawer_hand_over,
                                             NULL};

static const struct param close_params[] = {PARAM_COUNTED, PARAM_DIFFERENCE, PARAM_END};
const struct command cmd_drawer_close = {
    "drawer close",     N_("count your drawer and close it"),
    CMD_CONFIRM,        close_params,
    build_drawer_close, NULL};
