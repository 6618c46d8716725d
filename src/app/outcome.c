#include <config.h>

#include "app/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/personal_join.h"
#include "app/pick.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "base/text.h"

#define OUTCOME_ARENA_MAX ((size_t)64 << 20)
#define OUTCOME_LINE_MAX 2048u

/* What stood in the tables before it was tried. */
struct before {
    int64_t posting; /* the newest */
    int64_t shift;   /* of the user's drawer, 0: none */
    int64_t drawer;  /* what is in it */
};

/* ---- what the arguments stand for ---- */

static enum err_code arguments_tell(struct command_ctx *c, struct buf *out, struct err *e)
{
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        const struct param *p = &c->command->params[i];
        if (!c->args[i].given || !pick_known(c->command->name, p->name)) {
            continue;
        }
        struct buf text;
        buf_init(&text, OUTCOME_LINE_MAX);
        enum err_code code =
            pick_tell(c->office, c->command->name, p->name, c->args[i].text, &text, e);
        if (code == ERR_OK) {
            char shown[OUTCOME_LINE_MAX];
            text_sanitize_to(buf_str(&text), text.len, shown, sizeof shown);
            buf_addf(out, text.len > 0 ? "%s: %s (%s)\n" : "%s: %s\n", _(p->help),
                     c->args[i].text, shown);
        }
        buf_release(&text);
        TRY(code);
    }
    return ERR_OK;
}

/* ---- what becomes of the money ---- */

static void owed_words(const struct office *o, int64_t minor, char out[MONEY_WORDS_MAX * 2])
{
    char money[MONEY_WORDS_MAX];
    money_words(o, minor < 0 ? -minor : minor, money);
    (void)snprintf(out, MONEY_WORDS_MAX * 2,
                   minor < 0    ? _("%s of credit")
                   : minor == 0 ? _("nothing owed")
                                : _("%s owed"),
                   money);
}

static enum err_code account_named(struct office *o, int64_t id, struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT a.number, n.value FROM account a LEFT JOIN customer c ON c.id = "
                 "a.customer " PERSONAL("n", "customer", "c", "name") "WHERE a.id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        char name[512];
        const char *text = stmt_is_null(q, 1) ? "" : stmt_text(q, 1);
        text_sanitize_to(text, strlen(text), name, sizeof name);
        buf_addf(out, name[0] != '\0' ? "%s, %s" : "%s", stmt_text(q, 0), name);
    }
    stmt_done(q);
    return code;
}

/* One account by its name, more by their count; `was` and `is` are what all of them owe. */
static enum err_code owed_tell(struct office *o, int64_t accounts, int64_t account, int64_t was,
                               int64_t is, struct buf *out, struct err *e)
{
    char before[MONEY_WORDS_MAX * 2];
    char after[MONEY_WORDS_MAX * 2];
    owed_words(o, was, before);
    owed_words(o, is, after);
    if (accounts > 1) {
        buf_addf(out,
                 ngettext("%" PRId64 " account: now %s, then %s.",
                          "%" PRId64 " accounts together: now %s, then %s.",
                          (unsigned long)accounts),
                 accounts, before, after);
        buf_addc(out, '\n');
        return ERR_OK;
    }
    struct buf who;
    buf_init(&who, OUTCOME_LINE_MAX);
    enum err_code code = account_named(o, account, &who, e);
    if (code == ERR_OK) {
        buf_addf(out,
                 was == is ? _("Account %s: %s, as before.")
                           : _("Account %s: now %s, then %s."),
                 buf_str(&who), before, after);
        buf_addc(out, '\n');
    }
    buf_release(&who);
    return code;
}

static enum err_code money_tell(struct command_ctx *c, const struct draft *d, int64_t newest,
                                struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    struct db *db = c->office->db;
    bool row = false;
    int64_t account = 0;
    int64_t owed = 0;
    TRY(db_query(db, &q, e,
                 "SELECT count(DISTINCT account), min(account), coalesce(sum(amount), 0) FROM "
                 "posting WHERE id > ?",
                 VALS(V_INT(newest))));
    enum err_code code = stmt_next(q, &row, e);
    int64_t accounts = stmt_int(q, 0);
    int64_t more = stmt_int(q, 2);
    account = stmt_int(q, 1);
    stmt_done(q);
    TRY(code);
    if (accounts > 0) {
        TRY(db_get_int(db, &owed, NULL, e,
                       "SELECT coalesce(sum(amount), 0) FROM posting WHERE account IN (SELECT "
                       "account FROM posting WHERE id > ?)",
                       VALS(V_INT(newest))));
        return owed_tell(c->office, accounts, account, owed - more, owed, out, e);
    }
    if (!json_get_int(d->data, "account", &account)) {
        return ERR_OK;
    }
    TRY(account_balance(c->office, account, &owed, e));
    return owed_tell(c->office, 1, account, owed, owed, out, e);
}

static enum err_code drawer_tell(struct command_ctx *c, const struct before *b, struct buf *out,
                                 struct err *e)
{
    char before[MONEY_WORDS_MAX];
    char after[MONEY_WORDS_MAX];
    int64_t now = 0;
    if (b->shift == 0) {
        return ERR_OK;
    }
    TRY(shift_expected(c->office, b->shift, &now, e));
    if (now != b->drawer) {
        money_words(c->office, b->drawer, before);
        money_words(c->office, now, after);
        buf_addf(out, _("In your drawer: now %s, then %s."), before, after);
        buf_addc(out, '\n');
    }
    return ERR_OK;
}

/* ---- the trial ---- */

static enum err_code before_read(struct command_ctx *c, struct before *b, struct err *e)
{
    struct db *db = c->office->db;
    TRY(db_get_int(db, &b->posting, NULL, e, "SELECT coalesce(max(id), 0) FROM posting",
                   NO_VALS));
    TRY(db_get_int(db, &b->shift, NULL, e,
                   "SELECT id FROM shift WHERE user = ? AND closed IS NULL LIMIT 1",
                   VALS(V_INT(c->session->user))));
    return b->shift != 0 ? shift_expected(c->office, b->shift, &b->drawer, e) : ERR_OK;
}

/* As act() does it, up to the signature. What has items needs the entry's own row, and a bulk
 * command may be long: of those the validation tells enough. */
static enum err_code carry_out(struct command_ctx *c, struct draft *d, const struct before *b,
                               struct buf *out, struct err *e)
{
    const struct ledger *l = &c->office->ledger;
    struct prepared p;
    unsigned parts = CMD_BULK | CMD_TWO_PERSON;
    TRY(ledger_head(c->office->db, &c->head, e));
    TRY(c->command->build(c, d, e));
    if (d->items != NULL || (c->command->flags & parts) != 0) {
        return ERR_OK;
    }
    prepared_init(&p);
    enum err_code code = ledger_draw_up(l, &c->head, d, c->arena, &p, e);
    if (code == ERR_OK) {
        code = ledger_project(l, d, &p.entry, c->arena, e);
    }
    if (code == ERR_OK) {
        code = money_tell(c, d, b->posting, out, e);
    }
    if (code == ERR_OK) {
        code = drawer_tell(c, b, out, e);
    }
    prepared_release(&p);
    return code;
}

static enum err_code try_it(struct command_ctx *c, struct buf *out, struct err *e)
{
    struct draft d = {.actor = c->session->actor, .date = c->date};
    struct before b = {0};
    bool dated = c->date[0] != '\0';
    if (!dated) {
        date_text(office_today(c->office), c->date);
    }
    TRY(db_begin(c->office->db, e));
    enum err_code code = before_read(c, &b, e);
    if (code == ERR_OK) {
        code = carry_out(c, &d, &b, out, e);
    }
    db_rollback(c->office->db);
    c->date[0] = dated ? c->date[0] : '\0';
    /* What others must approve is only asked for. */
    if (code == ERR_OK && c->message[0] != '\0' && (c->command->flags & CMD_TWO_PERSON) == 0) {
        buf_addf(out, _("What will be said: %s."), c->message);
        buf_addc(out, '\n');
    }
    return code;
}

enum err_code outcome_tell(struct command_ctx *c, struct buf *out, struct err *e)
{
    unsigned others = CMD_BOOTSTRAP | CMD_OFFICE;
    struct arena arena;
    bool may = false;
    TRY(command_check(c, e));
    if (c->session == NULL || (c->command->flags & others) != 0) {
        return ERR_OK;
    }
    TRY(session_may(c->office, c->session->user, c->command->name, &may, e));
    if (!may) {
        return ERR_OK;
    }
    TRY(arguments_tell(c, out, e));
    /* What asks in a way of its own builds from the request that it makes. */
    bool own_request = c->command->run != NULL && (c->command->flags & CMD_TWO_PERSON) != 0;
    if (c->command->build == NULL || own_request) {
        return ERR_OK;
    }
    arena_init(&arena, OUTCOME_ARENA_MAX);
    c->arena = &arena;
    c->message[0] = '\0';
    enum err_code code = try_it(c, out, e);
    c->arena = NULL;
    c->message[0] = '\0';
    arena_release(&arena);
    return code;
}
