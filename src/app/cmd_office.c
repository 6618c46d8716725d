/* Commands of the office itself: making it, its users, roles and clock. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/recovery.h"
#include "app/user_key.h"
#include "app/words.h"
#include "base/i18n.h"
#include "crypto/keystore.h"
#include "data/embedded.h"
#include "ledger/keyring.h"

#define ROLES_MAX 16
#define ROLE_NAME_MAX 128
#define GRANTS_MAX 512

/* ---- making an office
 * ------------------------------------------------------------------------------------------ */

/* A key of another purpose than entries, into the list of those. */
static enum err_code other_key_data(struct command_ctx *c, const struct sign_key *key,
                                    enum key_purpose purpose, struct json *list, struct err *e)
{
    struct json *o = json_new_object(c->arena);
    if (list == NULL || o == NULL) {
        return err_nomem(e);
    }
    TRY(data_text(c, o, "purpose", key_purpose_name(purpose), e));
    TRY(public_key_data(c, key, o, e));
    return json_push(c->arena, list, o) ? ERR_OK : err_nomem(e);
}

static enum err_code build_office(struct command_ctx *c, struct draft *d, struct err *e)
{
    TRY(draft_begin(c, d, "office.created", e));
    TRY(data_text(c, d->data, "name", arg_text(c, "name"), e));
    TRY(data_text(c, d->data, "currency", arg_text(c, "currency"), e));
    TRY(data_text(c, d->data, "zone", arg_text(c, "zone"), e));
    TRY(data_text(c, d->data, "locale", arg_text(c, "locale"), e));
    TRY(public_key_data(c, c->office->key, d->data, e));
    struct json *list = json_new_array(c->arena);
    TRY(other_key_data(c, note_key_signer(c->office->log_key), KEY_LOG, list, e));
    TRY(other_key_data(c, c->office->document_key, KEY_DOCUMENT, list, e));
    TRY(other_key_data(c, c->report, KEY_RECOVERY, list, e));
    return data_set(c, d->data, "keys", list, e);
}

/* The built-in grants, one role at a time: `role` points into the list at the role being
 * defined, with the comma behind it. */
struct role_rows {
    const char *role;
    size_t len;
};

static enum err_code build_role(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct role_rows *r = c->report;
    struct json *list = json_new_array(c->arena);
    TRY(draft_begin(c, d, "role.defined", e));
    char *role = arena_strndup(c->arena, r->role, r->len);
    if (role == NULL || list == NULL) {
        return err_nomem(e);
    }
    TRY(data_text(c, d->data, "role", role, e));
    for (const char *line = grants_csv; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        const char *next = end == NULL ? NULL : end + 1;
        size_t len = end == NULL ? strlen(line) : (size_t)(end - line);
        if (len > r->len && line[r->len] == ',' && memcmp(line, r->role, r->len) == 0) {
            struct json *command =
                json_new_string_n(c->arena, line + r->len + 1, len - r->len - 1);
            if (!json_push(c->arena, list, command)) {
                return err_nomem(e);
            }
        }
        line = next;
    }
    return data_set(c, d->data, "commands", list, e);
}

/* Does an earlier row of the list name the same role? Rows of a role need not stand together.
 */
static bool role_seen(const struct role_rows *r)
{
    for (const char *line = strchr(grants_csv, '\n'); line + 1 < r->role;
         line = strchr(line + 1, '\n')) {
        if (memcmp(line + 1, r->role, r->len + 1) == 0) {
            return true;
        }
    }
    return false;
}

/* One entry a role, in the order in which the list first names them. */
static enum err_code roles_define(struct command_ctx *c, const char *actor, struct err *e)
{
    struct ticket t;
    /* The first line is the heading. */
    for (const char *line = strchr(grants_csv, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        const char *comma = strchr(line + 1, ',');
        CHECK(comma != NULL);
        struct role_rows r = {line + 1, (size_t)(comma - line - 1)};
        if (!role_seen(&r)) {
            c->report = &r;
            enum err_code code = act(c, build_role, c->office->key, actor, &t, e);
            c->report = NULL;
            TRY(code);
        }
    }
    return ERR_OK;
}

/* ---- users
 * ------------------------------------------------------------------------------------------------------
 */

static bool login_fits(const char *login)
{
    size_t len = strlen(login);
    return len >= 2 && len <= 64 &&
           strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static enum err_code login_free(struct command_ctx *c, const char *login, struct err *e)
{
    bool taken = false;
    int64_t id = 0;
    if (!login_fits(login)) {
        return err_set(
            e, ERR_USAGE,
            _("a login has 2 to 64 of the characters a-z 0-9 . _ - ; \"%s\" has others"),
            login);
    }
    TRY(db_get_int(
        c->office->db, &id, &taken, e,
        "SELECT u.id FROM main.personal p JOIN user u ON u.id = p.id AND u.login = p.hash "
        "WHERE p.owner = 'user' AND p.field = 'login' AND p.value = ?",
        VALS(V_TEXT(login))));
    return taken ? err_set(e, ERR_EXISTS, _("there is a user \"%s\" already"), login) : ERR_OK;
}

/* The role of that name, or of that word: "billing", "facturación". "" where there is none. */
static enum err_code role_named(struct command_ctx *c, const char *text, size_t len,
                                char out[ROLE_NAME_MAX], struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char typed[ROLE_NAME_MAX];
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    (void)snprintf(typed, sizeof typed, "%.*s", (int)len, text);
    TRY(db_query(c->office->db, &q, e, "SELECT DISTINCT role FROM role_grant", NULL, 0));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const char *role = stmt_text(q, 0);
        bool same = strcmp(role, typed) == 0;
        if (same || (out[0] == '\0' && word_is(code_said(role), typed))) {
            (void)snprintf(out, ROLE_NAME_MAX, "%s", role);
        }
        if (same) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code roles_data(struct command_ctx *c, const char *text, struct json *o,
                                struct err *e)
{
    struct json *list = json_new_array(c->arena);
    unsigned count = 0;
    for (const char *at = text; at != NULL; count++) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        char role[ROLE_NAME_MAX] = "";
        TRY(role_named(c, at, len, role, e));
        if (role[0] == '\0' || count >= ROLES_MAX) {
            return err_set(e, ERR_NOT_FOUND,
                           _("there is no role \"%.*s\"; see: aforo list roles"), (int)len, at);
        }
        if (!json_push(c->arena, list, json_new_string(c->arena, role))) {
            return err_nomem(e);
        }
        at = end == NULL ? NULL : end + 1;
    }
    return data_set(c, o, "roles", list, e);
}

/* A new user's key, made once before the attempts: signing it again must not make another key.
 */
struct new_user {
    struct sign_key *key;
    struct buf sealed;
    int64_t user;
};

static enum err_code user_key_seal(struct command_ctx *c, struct new_user *u,
                                   const char *password, struct err *e)
{
    char aad[160];
    char hex[65];
    hash_hex(sign_key_id(u->key), hex);
    (void)snprintf(aad, sizeof aad, "user:%" PRId64 ":%s", u->user, hex);
    buf_clear(&u->sealed);
    return key_seal_password(u->key, password, aad, &kdf_cost_default, c->office->env,
                             &u->sealed, e);
}

static enum err_code build_user(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct new_user *u = c->report;
    int64_t id = 0;
    char secret[65];
    TRY(login_free(c, arg_text(c, "login"), e));
    TRY(next_id(c, "SELECT max(id) FROM user", &id, e));
    if (id !=
        u->user) { /* the number is part of the seal: seal again when another user came first */
        u->user = id;
        TRY(user_key_seal(c, u, arg_text(c, "password"), e));
    }
    TRY(draft_begin(c, d, "user.created", e));
    TRY(data_int(c, d->data, "user", id, e));
    TRY(data_personal(c, d, d->data, "user", id, "login", arg_text(c, "login"), e));
    TRY(data_personal(c, d, d->data, "user", id, "name", arg_text(c, "person"), e));
    TRY(draft_keep_sealed(d, c->office->env, c->arena, buf_str(&u->sealed), secret, e));
    TRY(data_text(c, d->data, "secret", secret, e));
    TRY(roles_data(c, arg_text(c, "roles"), d->data, e));
    c->result_id = id;
    return public_key_data(c, u->key, d->data, e);
}

static enum err_code user_make(struct command_ctx *c, struct sign_key *key, const char *actor,
                               struct err *e)
{
    struct ticket t;
    struct new_user u = {0};
    buf_init(&u.sealed, 16384);
    c->report = &u;
    enum err_code code = password_check(arg_text(c, "password"), e);
    if (code == ERR_OK) {
        code = sign_key_generate(&u.key, e);
    }
    if (code == ERR_OK) {
        code = act(c, build_user, key, actor, &t, e);
    }
    sign_key_free(u.key);
    buf_wipe(&u.sealed);
    c->report = NULL;
    (void)snprintf(c->message, sizeof c->message, _("user %" PRId64 " made"), c->result_id);
    return code;
}

static enum err_code run_user_add(struct command_ctx *c, struct err *e)
{
    return user_make(c, c->session->key, c->session->actor, e);
}

static enum err_code init_check(struct command_ctx *c, struct err *e)
{
    const char *code = arg_text(c, "code");
    size_t len = strlen(code);
    struct zone *zone = NULL;
    if (len < 2 || len > 16 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != len) {
        return err_set(
            e, ERR_USAGE,
            _("an office's code has 2 to 16 of the characters A-Z 0-9; \"%s\" has others"),
            code);
    }
    if (currency_find(arg_text(c, "currency")) == NULL) {
        return err_set(
            e, ERR_USAGE,
            _("the currency \"%s\" is unknown; write its ISO 4217 code, for example CRC"),
            arg_text(c, "currency"));
    }
    if (numfmt_find(arg_text(c, "locale")) == NULL) {
        return err_set(
            e, ERR_USAGE,
            _("the locale \"%s\" is unknown; one of es_CR es_MX es_CO es_AR es_ES en_US"),
            arg_text(c, "locale"));
    }
    TRY(zone_load(arg_text(c, "zone"), &zone, e));
    zone_free(zone);
    TRY(password_check(arg_text(c, "password"), e));
    return ERR_OK;
}

/* The recovery key is told once, here, and kept nowhere. */
static void init_message(struct command_ctx *c, const char *recovery)
{
    (void)snprintf(
        c->message, sizeof c->message,
        _("office %s made. Its recovery key, shown only now; write it down and lock it "
          "away: %s"),
        c->office->code, recovery);
    if (c->json && c->out != NULL) {
        buf_addf(c->out, "{\"office\":\"%s\",\"recovery\":\"%s\"}\n", c->office->code,
                 recovery);
    }
}

static enum err_code run_init(struct command_ctx *c, struct err *e)
{
    struct ticket t;
    struct office *o = c->office;
    char actor[48];
    char recovery[RECOVERY_TEXT_MAX];
    struct sign_key *paper = NULL;
    TRY(init_check(c, e));
    (void)snprintf(o->code, sizeof o->code, "%s", arg_text(c, "code"));
    (void)snprintf(actor, sizeof actor, "office:%s", o->code);
    date_text(office_today(o), c->date);
    if (o->key == NULL) {
        TRY(office_keys_create(o, e));
    }
    TRY(recovery_key_make(o, recovery, &paper, e));
    c->report = paper;
    enum err_code code = act(c, build_office, o->key, actor, &t, e);
    sign_key_free(paper);
    TRY(code);
    TRY(office_reload(o, e));
    TRY(roles_define(c, actor, e));
    TRY(user_make(c, o->key, actor, e));
    init_message(c, recovery);
    secure_wipe(recovery, sizeof recovery);
    return ERR_OK;
}

static enum err_code user_of_login(struct command_ctx *c, const char *login, int64_t *user,
                                   struct err *e)
{
    bool found = false;
    TRY(db_get_int(
        c->office->db, user, &found, e,
        "SELECT u.id FROM main.personal p JOIN user u ON u.id = p.id AND u.login = p.hash "
        "WHERE p.owner = 'user' AND p.field = 'login' AND p.value = ? AND "
        "u.state = 'active'",
        VALS(V_TEXT(login))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("there is no active user \"%s\""), login);
}

/* An office without an administrator could never be mended: its last one stays. */
static enum err_code administrator_stays(struct command_ctx *c, int64_t user, struct err *e)
{
    int64_t others = 0;
    TRY(db_get_int(c->office->db, &others, NULL, e,
                   "SELECT count(*) FROM user_role r JOIN user u ON u.id = r.user WHERE r.role "
                   "= 'administrator' "
                   "AND u.state = 'active' AND u.id <> ?",
                   VALS(V_INT(user))));
    return others > 0 ? ERR_OK
                      : err_set(e, ERR_STATE,
                                _("this is the last administrator; name another one first"));
}

static enum err_code build_user_roles(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t user = 0;
    const char *roles = arg_text(c, "roles");
    TRY(user_of_login(c, arg_text(c, "login"), &user, e));
    if (strstr(roles, "administrator") == NULL) {
        TRY(administrator_stays(c, user, e));
    }
    TRY(draft_begin(c, d, "user.roles_set", e));
    TRY(data_int(c, d->data, "user", user, e));
    return roles_data(c, roles, d->data, e);
}

static enum err_code build_user_disable(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t user = 0;
    TRY(user_of_login(c, arg_text(c, "login"), &user, e));
    TRY(administrator_stays(c, user, e));
    TRY(draft_begin(c, d, "user.disabled", e));
    TRY(data_int(c, d->data, "user", user, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

static enum err_code build_user_password(struct command_ctx *c, struct draft *d, struct err *e)
{
    char secret[65];
    struct new_user u = {.key = c->session->key, .user = c->session->user};
    TRY(password_check(arg_text(c, "password"), e));
    buf_init(&u.sealed, 16384);
    enum err_code code = user_key_seal(c, &u, arg_text(c, "password"), e);
    const char *sealed = code == ERR_OK ? arena_strdup(c->arena, buf_str(&u.sealed)) : NULL;
    buf_wipe(&u.sealed);
    TRY(code);
    if (sealed == NULL) {
        return err_nomem(e);
    }
    TRY(draft_begin(c, d, "user.password_set", e));
    TRY(draft_keep_sealed(d, c->office->env, c->arena, sealed, secret, e));
    TRY(data_int(c, d->data, "user", c->session->user, e));
    return data_text(c, d->data, "secret", secret, e);
}

/*
 * A command, leave to approve what others ask for, or what else a role of ours has: to date
 * back, to read personal data. What a role has must be grantable, or it could not be widened.
 */
static bool grant_known(const char *name)
{
    const struct command *approved =
        strncmp(name, "approve ", 8) == 0 ? command_find(name + 8) : NULL;
    const size_t len = strlen(name);
    if (command_find(name) != NULL ||
        (approved != NULL && (approved->flags & CMD_TWO_PERSON) != 0)) {
        return true;
    }
    for (const char *line = strchr(grants_csv, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        const char *what = strchr(line + 1, ',') + 1;
        if (strncmp(what, name, len) == 0 && what[len] == '\n') {
            return true;
        }
    }
    return false;
}

static enum err_code build_role_define(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    const char *role = arg_text(c, "role");
    if (strcmp(role, "administrator") == 0) {
        return err_set(e, ERR_STATE,
                       _("the administrator's role cannot be narrowed: nobody could undo it"));
    }
    for (const char *at = arg_text(c, "commands"); at != NULL;) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        char *name = arena_strndup(c->arena, at, len);
        if (name == NULL) {
            return err_nomem(e);
        }
        if (!grant_known(name)) {
            return err_set(e, ERR_NOT_FOUND,
                           _("there is no command or permission \"%s\"; see: aforo help"),
                           name);
        }
        if (!json_push(c->arena, list, json_new_string(c->arena, name))) {
            return err_nomem(e);
        }
        at = end == NULL ? NULL : end + 1;
    }
    TRY(draft_begin(c, d, "role.defined", e));
    TRY(data_text(c, d->data, "role", role, e));
    return data_set(c, d->data, "commands", list, e);
}

static enum err_code build_clock_adjust(struct command_ctx *c, struct draft *d, struct err *e)
{
    TRY(draft_begin(c, d, "clock.adjusted", e));
    d->clock_forced = true;
    TRY(data_int(c, d->data, "wall_ms", env_wall_ms(c->office->env), e));
    TRY(data_int(c, d->data, "newest_ms", c->head.time_ms, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

static const struct param init_params[] = {
    {"code", PARAM_TEXT, PARAM_REQUIRED, N_("the office's short code, for example SJ01"), NULL,
     NULL},
    {"name", PARAM_TEXT, PARAM_REQUIRED, N_("the office's name, printed on bills"), NULL, NULL},
    {"currency", PARAM_TEXT, 0, N_("ISO 4217 code"), NULL, "CRC"},
    {"zone", PARAM_TEXT, 0, N_("time zone, for example America/Costa_Rica"), NULL,
     "America/Costa_Rica"},
    {"locale", PARAM_TEXT, 0, N_("number and date forms"), NULL, "es_CR"},
    {"login", PARAM_TEXT, PARAM_REQUIRED, N_("the administrator's login"), NULL, NULL},
    {"person", PARAM_TEXT, PARAM_REQUIRED | PARAM_PERSONAL, N_("the administrator's name"),
     NULL, NULL},
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the administrator's password"), NULL, NULL},
    {"roles", PARAM_TEXT, 0, N_("the administrator's roles"), NULL, "administrator"},
    PARAM_END};
const struct command cmd_init = {
    "init", N_("make an office in a new folder"), CMD_BOOTSTRAP, init_params, NULL, run_init};

static const struct param user_add_params[] = {
    {"login", PARAM_TEXT, PARAM_REQUIRED | PARAM_PERSONAL | PARAM_POSITIONAL,
     N_("what the user types to log in"), NULL, NULL},
    {"person", PARAM_TEXT, PARAM_REQUIRED | PARAM_PERSONAL, N_("the person's name"), NULL,
     NULL},
    {"roles", PARAM_TEXT, PARAM_REQUIRED, N_("roles, separated by commas"), NULL, NULL},
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the first password"), NULL, NULL},
    PARAM_END};
const struct command cmd_user_add = {
    "user add", N_("make a user with a signing key of its own"),
    CMD_BULK,   user_add_params,
    NULL,       run_user_add};

static const struct param user_roles_params[] = {
    {"login", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the user's login"), NULL,
     NULL},
    {"roles", PARAM_TEXT, PARAM_REQUIRED,
     N_("all roles the user has from now on, separated by commas"), NULL, NULL},
    PARAM_END};
const struct command cmd_user_roles = {"user roles",      N_("set a user's roles"), 0,
                                       user_roles_params, build_user_roles,         NULL};

static const struct param user_disable_params[] = {{"login", PARAM_TEXT,
                                                    PARAM_REQUIRED | PARAM_POSITIONAL,
                                                    N_("the user's login"), NULL, NULL},
                                                   PARAM_REASON,
                                                   PARAM_END};
const struct command cmd_user_disable = {
    "user disable",     N_("take a user's access and end its key"),
    CMD_CONFIRM,        user_disable_params,
    build_user_disable, NULL};

static const struct param user_password_params[] = {
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("the new password"), NULL, NULL}, PARAM_END};
const struct command cmd_user_password = {"user password",
                                          N_("change your own password"),
                                          0,
                                          user_password_params,
                                          build_user_password,
                                          NULL};

static const struct param role_define_params[] = {
    {"role", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the role's name"), NULL, NULL},
    {"commands", PARAM_TEXT, PARAM_REQUIRED,
     N_("all commands the role may run, separated by commas"), NULL, NULL},
    PARAM_END};
const struct command cmd_role_define = {
    "role define", N_("say what a role may do"), 0, role_define_params, build_role_define,
    NULL};

static const struct param clock_adjust_params[] = {
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why the clock was moved"), NULL, NULL},
    PARAM_END};
const struct command cmd_clock_adjust = {
    "clock adjust",     N_("go on after the machine's clock was moved"),
    CMD_CONFIRM,        clock_adjust_params,
    build_clock_adjust, NULL};
