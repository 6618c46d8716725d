#include <config.h>

#include "app/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/erasing.h"
#include "app/office_checkpoint.h"
#include "app/request.h"
#include "app/signer.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

/* Many more tries than other writers could win in a row once the gate is held. */
#define ATTEMPTS_MAX 64
#define COMMAND_ARENA_MAX ((size_t)64 << 20)
#define TEXT_ARG_MAX 4096
#define CHOICE_MAX 64 /* bytes of a choice */

const struct arg *arg_get(const struct command_ctx *c, const char *name)
{
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        if (strcmp(c->command->params[i].name, name) == 0) {
            return &c->args[i];
        }
    }
    CHECK(false && "the command has no such parameter");
    return NULL;
}

const char *arg_text(const struct command_ctx *c, const char *name)
{
    const struct arg *a = arg_get(c, name);
    return a->given ? a->text : NULL;
}

bool arg_flag(const struct command_ctx *c, const char *name)
{
    const struct arg *a = arg_get(c, name);
    return a->given && a->integer != 0;
}

const char *arg_date_or_today(const struct command_ctx *c, const char *name)
{
    const char *text = arg_text(c, name);
    return text != NULL ? text : c->date;
}

enum err_code arg_set(struct command_ctx *c, const char *name, const char *text, struct err *e)
{
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        if (strcmp(c->command->params[i].name, name) == 0) {
            c->args[i].given = true;
            c->args[i].text = text;
            return ERR_OK;
        }
    }
    return err_set(e, ERR_USAGE, _("\"%s\" has no option --%s; see: aforo help %s"),
                   c->command->name, name, c->command->name);
}

/* The choice is taken by its code, or by the word that people read for it. */
static enum err_code choice_take(const struct param *p, struct arg *a, struct err *e)
{
    size_t len = strlen(a->text);
    for (const char *at = p->choices; at != NULL && *at != '\0';) {
        char code[CHOICE_MAX];
        size_t n = strcspn(at, "|");
        (void)snprintf(code, sizeof code, "%.*s", (int)n, at);
        if (n == len && memcmp(at, a->text, n) == 0) {
            return ERR_OK;
        }
        if (choice_kept(code) != NULL && word_is(choice_said(code), a->text)) {
            a->text = choice_kept(code); /* outlives the command's arena, as `args` does */
            return ERR_OK;
        }
        at += n + (at[n] == '|' ? 1 : 0);
    }
    return err_set(e, ERR_PARSE, _("it must be one of %s"), p->choices);
}

static enum err_code param_time(const char *text, struct arg *a, struct err *e)
{
    size_t len = strlen(text);
    struct err first = ERR_INIT;
    const char *format = len == 16 ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M:%S";
    if (civil_parse_format(text, len, format, &a->time, &first) != ERR_OK) {
        return err_set(e, ERR_PARSE,
                       _("write a time as 2026-11-21 09:41 or 2026-11-21 09:41:30"));
    }
    a->date = a->time.date;
    return ERR_OK;
}

static enum err_code param_check(const struct param *p, struct arg *a, struct err *e)
{
    struct decimal d;
    size_t len = strlen(a->text);
    if (len > TEXT_ARG_MAX || !utf8_valid(a->text, len)) {
        return err_set(e, ERR_PARSE, _("it must be UTF-8 text of at most %d bytes"),
                       TEXT_ARG_MAX);
    }
    switch (p->type) {
    case PARAM_TEXT:
    case PARAM_FILE:
    case PARAM_SECRET:
        return len > 0 || (p->flags & PARAM_REQUIRED) == 0
                   ? ERR_OK
                   : err_set(e, ERR_PARSE, _("it must not be empty"));
    case PARAM_INT:
        if (decimal_parse(a->text, len, &d, e) != ERR_OK ||
            decimal_rescale(d, 0, &d, e) != ERR_OK) {
            return err_set(e, ERR_PARSE, _("it must be a whole number"));
        }
        a->integer = d.mantissa;
        return ERR_OK;
    case PARAM_DATE:
        return date_parse(a->text, len, &a->date, e);
    case PARAM_TIME:
        return param_time(a->text, a, e);
    case PARAM_DECIMAL:
        return decimal_parse(a->text, len, &d, NULL) == ERR_OK
                   ? ERR_OK
                   : err_set(e, ERR_PARSE,
                             _("\"%s\" is no number that fits; write it with a point: 95.1"),
                             a->text);
    case PARAM_CHOICE:
        return choice_take(p, a, e);
    case PARAM_FLAG:
        a->integer = 1;
        return ERR_OK;
    }
    return ERR_OK;
}

enum err_code command_check(struct command_ctx *c, struct err *e)
{
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        const struct param *p = &c->command->params[i];
        struct arg *a = &c->args[i];
        if (!a->given && p->fallback != NULL) {
            a->given = true;
            a->text = p->fallback;
        }
        if (!a->given && (p->flags & PARAM_REQUIRED) != 0) {
            return err_set(e, ERR_USAGE, _("%s needs --%s (%s)"), c->command->name, p->name,
                           _(p->help));
        }
        if (a->given && param_check(p, a, e) != ERR_OK) {
            enum err_code code = err_wrap(e, "--%s", p->name);
            return code == ERR_PARSE ? ERR_USAGE : code;
        }
    }
    return ERR_OK;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

enum err_code draft_begin(struct command_ctx *c, struct draft *d, const char *kind,
                          struct err *e)
{
    d->kind = kind;
    d->version = 1;
    d->data = json_new_object(c->arena);
    return d->data != NULL ? ERR_OK : err_nomem(e);
}

enum err_code data_int(struct command_ctx *c, struct json *o, const char *name, int64_t v,
                       struct err *e)
{
    return json_set_int(c->arena, o, name, v) ? ERR_OK : err_nomem(e);
}

enum err_code data_text(struct command_ctx *c, struct json *o, const char *name, const char *v,
                        struct err *e)
{
    return json_set_str(c->arena, o, name, v) ? ERR_OK : err_nomem(e);
}

enum err_code data_set(struct command_ctx *c, struct json *o, const char *name, struct json *v,
                       struct err *e)
{
    return json_set(c->arena, o, name, v) ? ERR_OK : err_nomem(e);
}

enum err_code data_items(struct command_ctx *c, struct draft *d, struct item_batch *items,
                         struct err *e)
{
    struct hash root;
    char hex[65];
    TRY(items_finish(items, &root, e));
    hash_hex(&root, hex);
    d->items = items;
    TRY(data_int(c, d->data, "count", items->count, e));
    return data_text(c, d->data, "root", hex, e);
}

enum err_code public_key_data(struct command_ctx *c, const struct sign_key *key, struct json *o,
                              struct err *e)
{
    struct buf spki;
    struct buf text;
    char hex[65];
    buf_init(&spki, 1024);
    buf_init(&text, 2048);
    enum err_code code = sign_key_public(key, &spki, e);
    if (code == ERR_OK) {
        buf_add_base64(&text, spki.data, spki.len);
        hash_hex(sign_key_id(key), hex);
        code = data_text(c, o, "keyid", hex, e);
    }
    if (code == ERR_OK) {
        code = buf_status(&text, _("public key"), e);
    }
    if (code == ERR_OK) {
        code = data_text(c, o, "spki", buf_str(&text), e);
    }
    buf_release(&spki);
    buf_release(&text);
    return code;
}

enum err_code data_personal(struct command_ctx *c, struct draft *d, struct json *o,
                            const char *owner, int64_t id, const char *name, const char *value,
                            struct err *e)
{
    char hex[65];
    TRY(draft_keep_personal(d, c->office->env, c->arena, owner, id, name, value, hex, e));
    return data_text(c, o, name, hex, e);
}

enum err_code next_id(struct command_ctx *c, const char *max_sql, int64_t *out, struct err *e)
{
    *out = 0;
    TRY(db_get_int(c->office->db, out, NULL, e, max_sql, NO_VALS));
    (*out)++;
    return ERR_OK;
}

/* A session outlives its key when the user is disabled or gets a new key elsewhere: what the
 * old one signed would be found and named by verification. */
static enum err_code key_still_valid(struct command_ctx *c, const struct sign_key *key,
                                     struct err *e)
{
    int64_t one = 0;
    bool valid = false;
    if (c->head.seq == 0) {
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &one, &valid, e,
                   "SELECT 1 FROM key WHERE keyid=? AND purpose='entry' AND valid_from<=? AND "
                   "valid_to IS NULL",
                   VALS(V_HASH(sign_key_id(key)), V_INT(c->head.seq + 1))));
    return valid ? ERR_OK
                 : err_set(e, ERR_DENIED,
                           _("the key of this session signs nothing any more; log in again"));
}

static enum err_code draft_build(struct command_ctx *c, build_fn build,
                                 const struct sign_key *key, struct draft *d, struct err *e)
{
    TRY(key_still_valid(c, key, e));
    TRY(build(c, d, e));
    CHECK(d->kind != NULL && d->data != NULL);
    return c->request == 0 ? ERR_OK : data_int(c, d->data, "request", c->request, e);
}

/* What a command reads, from its permission on, is one snapshot of the database: each question
 * by itself would take and leave the lock of readers. Bulk commands make theirs entry by entry.
 */
static enum err_code snapshot_begin(struct command_ctx *c, struct err *e)
{
    struct db *db = c->office->db;
    return db_in_transaction(db) ? ERR_OK : db_begin_read(db, e);
}

/* A token may take its time, and a snapshot held back the WAL: it ends before that. */
static enum err_code snapshot_end(struct command_ctx *c, const struct sign_key *key,
                                  struct err *e)
{
    return sign_key_in_token(key) ? db_commit(c->office->db, e) : ERR_OK;
}

/* One attempt: read the head, validate, sign without a lock, write under it. */
static enum err_code act_once(struct command_ctx *c, build_fn build, struct sign_key *key,
                              const char *actor, struct prepared *p, bool *moved, struct err *e)
{
    struct draft d = {.actor = actor, .date = c->date};
    const struct ledger *l = &c->office->ledger;
    arena_reset(c->arena);
    TRY(snapshot_begin(c, e));
    TRY(ledger_head_now(l, &c->head, e));
    TRY(draft_build(c, build, key, &d, e));
    TRY(snapshot_end(c, key, e));
    TRY(ledger_prepare(l, &c->head, &d, key, c->arena, p, e));
    return ledger_commit(l, &c->head, &d, p, c->arena, moved, e);
}

/* The entry into its place, to be signed; *out is it but for the entry before. */
static enum err_code draft_give(struct command_ctx *c, const struct draft *d,
                                struct sign_key *key, struct entry *out, struct err *e)
{
    struct act_group *g = c->group;
    struct prepared *p = NULL;
    TRY(signer_place(g->signer, &p, e));
    TRY(ledger_draw_up(&c->office->ledger, &g->head, d, c->arena, p, e));
    *out = p->entry; /* the place is the signer's from here on */
    signer_give(g->signer, key);
    g->spoiled = true;
    return d->items == NULL ? ERR_OK : signer_finish(g->signer, &g->head.leaf, e);
}

/* Within a transaction that others share: nobody else can be first. What could not be written
 * whole spoils it, and group.c begins again. */
static enum err_code act_grouped(struct command_ctx *c, build_fn build, struct sign_key *key,
                                 const char *actor, struct entry *out, struct err *e)
{
    struct draft d = {.actor = actor, .date = c->date};
    arena_reset(c->arena);
    c->head = c->group->head;
    TRY(draft_build(c, build, key, &d, e));
    TRY(draft_give(c, &d, key, out, e));
    TRY(ledger_project(&c->office->ledger, &d, out, c->arena, e));
    c->group->spoiled = false;
    c->group->head.seq = out->seq;
    c->group->head.time_ms = out->time_ms;
    c->group->clock_forced = c->group->clock_forced || d.clock_forced;
    return ERR_OK;
}

/* Every entry passes here, those that the office signs by itself too: behind what it published
 * nothing is signed, but what says so. */
static enum err_code reaches_published(const struct command_ctx *c, struct err *e)
{
    const struct err *why = &c->office->behind;
    bool admits = c->command != NULL && (c->command->flags & CMD_BEHIND) != 0;
    return why->code == ERR_OK || admits ? ERR_OK : err_set(e, why->code, "%s", why->text);
}

enum err_code act(struct command_ctx *c, build_fn build, struct sign_key *key,
                  const char *actor, struct ticket *out, struct err *e)
{
    struct prepared p;
    bool moved = true;
    enum err_code code = reaches_published(c, e);
    prepared_init(&p);
    for (unsigned attempt = 0; code == ERR_OK && moved; attempt++) {
        if (attempt == ATTEMPTS_MAX) {
            code = err_set(e, ERR_CONFLICT,
                           _("other programs kept writing; nothing was recorded, try again"));
            break;
        }
        if (c->group != NULL) {
            code = act_grouped(c, build, key, actor, &p.entry, e);
            break;
        }
        bool held = gate_enter(&c->office->ledger, attempt);
        code = act_once(c, build, key, actor, &p, &moved, e);
        if (code != ERR_OK) {
            db_rollback(c->office->db);
        }
        if (held) {
            gate_leave(&c->office->ledger);
        }
    }
    if (code == ERR_OK) {
        *out = (struct ticket){p.entry.seq, TICKET_FINAL};
        if (c->durable != NULL) {
            c->durable(&p.entry);
        }
    }
    prepared_release(&p);
    return code;
}

enum err_code act_user(struct command_ctx *c, build_fn build, struct ticket *out, struct err *e)
{
    return act(c, build, c->session->key, c->session->actor, out, e);
}

static enum err_code build_refusal(struct command_ctx *c, struct draft *d, struct err *e)
{
    TRY(draft_begin(c, d, "access.refused", e));
    TRY(data_int(c, d->data, "user", c->session->user, e));
    return data_text(c, d->data, "command", c->command->name, e);
}

/* A refusal of a known user is recorded, signed by the office, on the day it happened. */
static enum err_code refuse(struct command_ctx *c, const char *what, struct err *e)
{
    struct sign_key *key = NULL;
    struct ticket ignored;
    char actor[48];
    char asked[DATE_TEXT];
    bool behind = c->office->behind.code != ERR_OK; /* then the office signs nothing */
    (void)snprintf(actor, sizeof actor, "office:%s", c->office->code);
    memcpy(asked, c->date, sizeof asked);
    date_text(office_today(c->office), c->date);
    /* An earlier key of the office may still be signing for the group. */
    enum err_code code =
        c->group != NULL ? signer_finish(c->group->signer, &c->group->head.leaf, e) : ERR_OK;
    if (code == ERR_OK && !behind) {
        code = office_key(c->office, &key, e);
    }
    if (code == ERR_OK && !behind) {
        code = act(c, build_refusal, key, actor, &ignored, e);
    }
    memcpy(c->date, asked, sizeof asked);
    if (code != ERR_OK) {
        return err_wrap(e, _("a refusal could not be recorded"));
    }
    return session_denied(c->session, what, e);
}

static enum err_code permission_check(struct command_ctx *c, struct err *e)
{
    bool may = false;
    char today[DATE_TEXT];
    if ((c->command->flags & CMD_BOOTSTRAP) != 0) {
        struct ledger_head head;
        TRY(ledger_head(c->office->db, &head, e));
        return head.seq == 0
                   ? ERR_OK
                   : err_set(e, ERR_EXISTS, _("%s holds an office already"), c->office->dir);
    }
    if ((c->command->flags & CMD_OFFICE) != 0) {
        date_text(office_today(c->office), c->date);
        return ERR_OK;
    }
    CHECK(c->session != NULL);
    TRY(session_may(c->office, c->session->user, c->command->name, &may, e));
    if (!may) {
        return refuse(c, c->command->name, e);
    }
    date_text(office_today(c->office), today);
    if (c->date[0] == '\0') {
        memcpy(c->date, today, sizeof c->date);
    }
    if (strcmp(c->date, today) != 0) {
        TRY(session_may(c->office, c->session->user, "backdate", &may, e));
    }
    return may ? ERR_OK : refuse(c, "backdate", e);
}

static enum err_code command_do(struct command_ctx *c, struct ticket *out, struct err *e)
{
    bool two = (c->command->flags & CMD_TWO_PERSON) != 0;
    if (two && c->command->run == NULL) {
        return request_open(c, NULL, out, e);
    }
    if (c->command->run != NULL) {
        out->state = two ? TICKET_PENDING : TICKET_FINAL;
        return c->command->run(c, e);
    }
    return act_user(c, c->command->build, out, e);
}

enum err_code command_carry_out(struct command_ctx *c, struct ticket *out, struct err *e)
{
    CHECK(c->request != 0);
    /* A command that asks by `run` has recorded what `build` needs; its own parameters are
     * gone.
     */
    if (c->command->run == NULL) {
        TRY(command_check(c, e));
    }
    return act_user(c, c->command->build, out, e);
}

/* What was recorded is durable, whatever becomes of its checkpoint: the next one covers it too.
 */
static void window_sign(struct command_ctx *c)
{
    struct checkpoint_made made;
    struct err why = ERR_INIT;
    if (office_checkpoint(c->office, &made, &why) != ERR_OK) {
        (void)snprintf(c->warning, sizeof c->warning,
                       _("all is recorded, but no checkpoint was signed over it: %s"),
                       why.text);
    }
}

/* What hinders the end of an erasure (another reader, mostly) hinders no other work. */
static void erasure_finish(struct command_ctx *c)
{
    struct err why = ERR_INIT;
    if (c->group == NULL && erasing_finish(c->office, c->progress, &why) != ERR_OK) {
        (void)snprintf(c->warning, sizeof c->warning, _("an erasure is not finished: %s"),
                       why.text);
    }
}

enum err_code command_run(struct command_ctx *c, struct ticket *out, struct err *e)
{
    struct arena arena;
    *out = (struct ticket){0, TICKET_FINAL};
    c->message[0] = '\0';
    c->warning[0] = '\0';
    arena_init(&arena, COMMAND_ARENA_MAX);
    c->arena = &arena;
    struct ledger_head before = {0};
    struct ledger_head after = {0};
    enum err_code code = command_check(c, e);
    if (code == ERR_OK && (c->command->flags & CMD_BEHIND) == 0 &&
        c->office->behind.code != ERR_OK) {
        code = err_set(e, c->office->behind.code, "%s", c->office->behind.text);
    }
    bool many = c->command->run != NULL;
    if (code == ERR_OK) {
        erasure_finish(c);
    }
    if (code == ERR_OK && !many) {
        code = snapshot_begin(c, e);
    }
    if (code == ERR_OK) {
        code = permission_check(c, e);
    }
    if (code == ERR_OK && many) {
        code = ledger_head(c->office->db, &before, e);
    }
    if (code == ERR_OK) {
        code = command_do(c, out, e);
    }
    if (code == ERR_OK && many &&
        out->seq == 0) { /* a bulk command: its last entry, if it made any */
        code = ledger_head(c->office->db, &after, e);
        code = code == ERR_OK ? code : err_wrap(e, _("it is done, but not all can be shown"));
        out->seq = after.seq > before.seq ? after.seq : 0;
    }
    if (c->group == NULL) { /* a snapshot that came to nothing */
        db_rollback(c->office->db);
    }
    if (code == ERR_OK && out->seq != 0 && (c->command->flags & CMD_WINDOW) != 0) {
        window_sign(c);
    }
    arena_release(&arena);
    c->arena = NULL;
    return code;
}
