#include <config.h>

#include "app/session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/files.h"
#include "app/words.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/keystore.h"

#define THROTTLE_FREE 3 /* failures before waiting starts */
#define THROTTLE_MAX_S 60

static const char sessions_schema[] =
    "CREATE TABLE IF NOT EXISTS session(id TEXT PRIMARY KEY, user INTEGER NOT NULL, sealed "
    "TEXT NOT NULL, "
    "expires_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS attempt(who BLOB PRIMARY KEY, failures INTEGER NOT NULL, "
    "last_ms INTEGER NOT NULL) "
    "STRICT;"
    "CREATE TABLE IF NOT EXISTS failed(hour_ms INTEGER PRIMARY KEY, count INTEGER NOT NULL) "
    "STRICT;";

static enum err_code sessions_open(const struct office *o, struct db **out, struct err *e)
{
    TRY(db_open(o->sessions_path, DB_CREATE, out, e));
    (void)chmod(o->sessions_path, 0600);
    enum err_code code = db_exec(*out, sessions_schema, e);
    if (code != ERR_OK) {
        db_close(*out);
        *out = NULL;
    }
    return code;
}

/* A failure that the clock puts into the future happened before somebody set it back: the wait
 * begins now, or a wrong clock would lock a user out until it is as late again. */
static enum err_code throttle_settle(const struct office *o, struct db *s,
                                     const struct hash *who, struct err *e)
{
    int64_t now = env_wall_ms(o->env);
    return db_run(s, e, "UPDATE attempt SET last_ms=?2 WHERE who=?1 AND last_ms>?2",
                  VALS(V_HASH(who), V_INT(now)));
}

/* Throttling counts by hash of the typed name, so that a password typed as a name is not kept.
 */
static enum err_code throttle_wait(const struct office *o, struct db *s, const struct hash *who,
                                   int *wait_s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *wait_s = 0;
    TRY(throttle_settle(o, s, who, e));
    TRY(db_query(s, &q, e, "SELECT failures, last_ms FROM attempt WHERE who=?",
                 VALS(V_HASH(who))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && stmt_int(q, 0) >= THROTTLE_FREE) {
        int64_t over = stmt_int(q, 0) - THROTTLE_FREE;
        int64_t pause_s = over >= 6 ? THROTTLE_MAX_S : INT64_C(1) << over;
        int64_t left_ms = stmt_int(q, 1) + pause_s * 1000 - env_wall_ms(o->env);
        if (left_ms > 0) {
            *wait_s = (int)(left_ms / 1000) + 1;
            *wait_s = *wait_s > THROTTLE_MAX_S ? THROTTLE_MAX_S : *wait_s;
        }
    }
    stmt_done(q);
    return code;
}

#define HOUR_MS INT64_C(3600000)

static int64_t hour_of(int64_t ms)
{
    return ms - ms % HOUR_MS;
}

static enum err_code throttle_count(const struct office *o, struct db *s,
                                    const struct hash *who, bool failed, struct err *e)
{
    if (!failed) {
        return db_run(s, e, "DELETE FROM attempt WHERE who=?", VALS(V_HASH(who)));
    }
    TRY(db_run(
        s, e,
        "INSERT INTO failed(hour_ms, count) VALUES(?1, 1) ON CONFLICT(hour_ms) DO UPDATE "
        "SET count=count+1",
        VALS(V_INT(hour_of(env_wall_ms(o->env))))));
    return db_run(s, e,
                  "INSERT INTO attempt(who, failures, last_ms) VALUES(?1, 1, ?2) "
                  "ON CONFLICT(who) DO UPDATE SET failures=failures+1, last_ms=?2",
                  VALS(V_HASH(who), V_INT(env_wall_ms(o->env))));
}

static enum err_code roles_text(struct office *o, struct session *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    size_t used = 0;
    TRY(db_query(o->db, &q, e, "SELECT role FROM user_role WHERE user=? ORDER BY role",
                 VALS(V_INT(s->user))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int n = snprintf(s->roles + used, sizeof s->roles - used, "%s%s", used > 0 ? ", " : "",
                         stmt_text(q, 0));
        used += n > 0 && (size_t)n < sizeof s->roles - used ? (size_t)n : 0;
    }
    stmt_done(q);
    return code;
}

static enum err_code session_new(struct office *o, int64_t user, struct session **out,
                                 struct err *e)
{
    struct session *s = mem_alloc(sizeof *s);
    struct stmt *q = NULL;
    bool row = false;
    if (s == NULL) {
        return err_nomem(e);
    }
    s->user = user;
    (void)snprintf(s->actor, sizeof s->actor, "user:%" PRId64, user);
    enum err_code code =
        db_query(o->db, &q, e,
                 "SELECT p.value FROM user u JOIN main.personal p ON p.owner = 'user' AND p.id "
                 "= u.id AND "
                 "p.field = 'name' AND p.hash = u.name WHERE u.id = ? AND u.state = 'active'",
                 VALS(V_INT(user)));
    if (code == ERR_OK) {
        code = stmt_next(q, &row, e);
    }
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_DENIED,
                       _("this user may not work here any more; ask an administrator"));
    } else if (code == ERR_OK) {
        (void)snprintf(s->name, sizeof s->name, "%s", stmt_text(q, 0));
    }
    stmt_done(q);
    if (code == ERR_OK) {
        code = roles_text(o, s, e);
    }
    if (code != ERR_OK) {
        session_free(s);
        return code;
    }
    *out = s;
    return ERR_OK;
}

/* Find the user of a login name: id, key id and sealed key. *found false when there is none. */
static enum err_code user_find(struct office *o, const char *login, int64_t *user,
                               char aad[160], struct buf *sealed, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(
        o->db, &q, e,
        "SELECT u.id, u.keyid, s.value FROM main.personal p JOIN user u ON u.id = p.id AND "
        "u.login = p.hash JOIN sealed s ON s.hash = u.secret WHERE p.owner = 'user' AND "
        "p.field = 'login' AND p.value = ? AND u.state = 'active'",
        VALS(V_TEXT(login))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        struct hash keyid;
        char hex[65];
        size_t len = 0;
        const void *id = stmt_blob(q, 1, &len);
        memcpy(keyid.b, id, len == HASH_SIZE ? HASH_SIZE : 0);
        hash_hex(&keyid, hex);
        *user = stmt_int(q, 0);
        (void)snprintf(aad, 160, "user:%" PRId64 ":%s", *user, hex);
        buf_adds(sealed, stmt_text(q, 2));
        code = buf_status(sealed, _("sealed key"), e);
    }
    stmt_done(q);
    return code;
}

static enum err_code login_check(struct office *o, struct db *store, const struct hash *who,
                                 const char *login, const char *password, struct session **out,
                                 struct err *e)
{
    struct buf sealed;
    struct sign_key *key = NULL;
    int64_t user = 0;
    char aad[160] = "";
    bool found = false;
    buf_init(&sealed, 16384);
    enum err_code code = user_find(o, login, &user, aad, &sealed, &found, e);
    if (code == ERR_OK && !found) {
        key_open_dummy(password);
        code = ERR_DENIED;
    } else if (code == ERR_OK) {
        code = key_open_password(buf_str(&sealed), password, aad, &key, e);
    }
    buf_wipe(&sealed);
    if (code == ERR_OK) {
        code = session_new(o, user, out, e);
    }
    if (code == ERR_OK) {
        (*out)->key = key;
        return throttle_count(o, store, who, false, e);
    }
    sign_key_free(key);
    if (code == ERR_DENIED) {
        TRY(throttle_count(o, store, who, true, e));
        return err_set(e, ERR_DENIED, _("user or password is wrong"));
    }
    return code;
}

/* ---- failed logins, counted by the hour on the ledger without the name that was typed ------
 */

struct failed_hour {
    int64_t hour_ms, count;
};

static enum err_code build_failed(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct failed_hour *f = c->report;
    TRY(draft_begin(c, d, "logins.failed", e));
    TRY(data_int(c, d->data, "hour_ms", f->hour_ms, e));
    return data_int(c, d->data, "count", f->count, e);
}

static enum err_code failed_record(struct office *o, struct failed_hour *f, struct err *e)
{
    struct arena arena;
    struct sign_key *key = NULL;
    struct ticket t;
    char actor[48];
    struct command_ctx c = {.office = o, .report = f};
    date_text(office_today(o), c.date);
    (void)snprintf(actor, sizeof actor, "office:%s", o->code);
    TRY(office_key(o, &key, e));
    arena_init(&arena, 16 << 20);
    c.arena = &arena;
    enum err_code code = act(&c, build_failed, key, actor, &t, e);
    arena_release(&arena);
    return code;
}

/* The oldest hour that is over. */
static enum err_code failed_next(const struct office *o, struct db *s, struct failed_hour *f,
                                 bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(s, &q, e,
                 "SELECT hour_ms, count FROM failed WHERE hour_ms<? ORDER BY hour_ms LIMIT 1",
                 VALS(V_INT(hour_of(env_wall_ms(o->env))))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        *f = (struct failed_hour){stmt_int(q, 0), stmt_int(q, 1)};
    }
    stmt_done(q);
    return code;
}

/* Whoever takes an hour's row records it: of two programs only one does. An hour that cannot be
 * recorded now (the office's token is away) stays for the next login, and hinders none. */
static void failed_flush(struct office *o, struct db *s)
{
    struct err ignored = ERR_INIT;
    struct failed_hour f;
    bool found = true;
    enum err_code code = ERR_OK;
    for (unsigned i = 0; code == ERR_OK && i < 24; i++) {
        code = failed_next(o, s, &f, &found, &ignored);
        if (code != ERR_OK || !found) {
            return;
        }
        code =
            db_run(s, &ignored, "DELETE FROM failed WHERE hour_ms=?", VALS(V_INT(f.hour_ms)));
        if (code == ERR_OK && db_changes(s) == 1) {
            code = failed_record(o, &f, &ignored);
            if (code != ERR_OK) {
                code = db_run(s, &ignored,
                              "INSERT INTO failed(hour_ms, count) VALUES(?1, ?2) ON "
                              "CONFLICT(hour_ms) DO UPDATE SET count=count+?2",
                              VALS(V_INT(f.hour_ms), V_INT(f.count)));
                return;
            }
        }
    }
}

enum err_code session_throttle(struct office *o, const char *what, int *wait_s, struct err *e)
{
    struct db *store = NULL;
    struct hash who;
    sha256(what, strlen(what), &who);
    TRY(sessions_open(o, &store, e));
    enum err_code code = throttle_wait(o, store, &who, wait_s, e);
    if (code == ERR_OK && *wait_s > 0) {
        code =
            err_set(e, ERR_DENIED, _("too many failed attempts; try again in %d s"), *wait_s);
    }
    db_close(store);
    return code;
}

static enum err_code tried(struct office *o, const char *what, bool failed, struct err *e)
{
    struct db *store = NULL;
    struct hash who;
    sha256(what, strlen(what), &who);
    TRY(sessions_open(o, &store, e));
    enum err_code code = throttle_count(o, store, &who, failed, e);
    db_close(store);
    return code;
}

enum err_code session_failed(struct office *o, const char *what, struct err *e)
{
    return tried(o, what, true, e);
}

enum err_code session_passed(struct office *o, const char *what, struct err *e)
{
    return tried(o, what, false, e);
}

enum err_code session_login(struct office *o, const char *login, const char *password,
                            struct session **out, int *wait_s, struct err *e)
{
    struct db *store = NULL;
    struct hash who;
    *out = NULL;
    *wait_s = 0;
    sha256(login, strlen(login), &who);
    TRY(sessions_open(o, &store, e));
    failed_flush(o, store);
    enum err_code code = throttle_wait(o, store, &who, wait_s, e);
    if (code == ERR_OK && *wait_s > 0) {
        code =
            err_set(e, ERR_DENIED, _("too many failed attempts; try again in %d s"), *wait_s);
    }
    if (code == ERR_OK) {
        code = login_check(o, store, &who, login, password, out, e);
    }
    db_close(store);
    return code;
}

static enum err_code token_write(const char *path, const char *text, struct err *e)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_errno(e, _("cannot write the session file %s"), path);
    }
    size_t len = strlen(text);
    bool ok = file_put(fd, text, len);
    ok = close(fd) == 0 && ok;
    return ok ? ERR_OK : err_errno(e, _("cannot write the session file %s"), path);
}

enum err_code session_save(struct office *o, const struct session *s, const char *token_path,
                           struct err *e)
{
    uint8_t raw[16 + 32]; /* id and secret */
    struct db *store = NULL;
    struct buf id;
    struct buf token;
    struct buf sealed;
    buf_init(&id, 64);
    buf_init(&token, 256);
    buf_init(&sealed, 16384);
    TRY(env_random(o->env, raw, sizeof raw, e));
    TRY(sessions_open(o, &store, e));
    buf_add_hex(&id, raw, 16);
    enum err_code code = buf_status(&id, _("session"), e);
    if (code == ERR_OK) {
        code = key_seal_secret(s->key, raw + 16, buf_str(&id), o->env, &sealed, e);
    }
    if (code == ERR_OK) {
        int64_t expires = env_wall_ms(o->env) + (int64_t)SESSION_HOURS * 3600 * 1000;
        code = db_run(store, e,
                      "INSERT INTO session(id, user, sealed, expires_ms) VALUES(?,?,?,?)",
                      VALS(V_TEXT(buf_str(&id)), V_INT(s->user), V_TEXT(buf_str(&sealed)),
                           V_INT(expires)));
    }
    if (code == ERR_OK) {
        buf_adds(&token, buf_str(&id));
        buf_addc(&token, ' ');
        buf_add_hex(&token, raw + 16, 32);
        buf_addc(&token, '\n');
        code = buf_status(&token, _("session"), e);
    }
    if (code == ERR_OK) {
        code = token_write(token_path, buf_str(&token), e);
    }
    secure_wipe(raw, sizeof raw);
    buf_wipe(&token);
    buf_release(&sealed);
    buf_release(&id);
    db_close(store);
    return code;
}

struct token {
    char id[33];
    uint8_t secret[32];
};

static enum err_code token_read(const char *path, struct token *t, struct err *e)
{
    char text[128] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return err_set(e, ERR_DENIED,
                       _("nobody is logged in (%s is missing); run: aforo login --user NAME"),
                       path);
    }
    if (fd < 0) {
        return err_errno(e, _("cannot read the session file %s"), path);
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n < 0) {
        enum err_code code = err_errno(e, _("cannot read the session file %s"), path);
        (void)close(fd);
        return code;
    }
    (void)close(fd);
    bool ok =
        n == 32 + 1 + 64 + 1 && text[32] == ' ' && hex_decode(text + 33, 64, t->secret, 32);
    memcpy(t->id, text, 32);
    t->id[32] = '\0';
    secure_wipe(text, sizeof text);
    return ok ? ERR_OK
              : err_set(e, ERR_DENIED,
                        _("%s is not a session file; run: aforo login --user NAME"), path);
}

/* Whose key has ended reads no more either: the session may be in the hands that the new key is
 * to keep out. */
static enum err_code key_still_his(struct office *o, int64_t user, const struct sign_key *key,
                                   struct err *e)
{
    int64_t one = 0;
    bool his = false;
    TRY(db_get_int(o->db, &one, &his, e, "SELECT 1 FROM user WHERE id=? AND keyid=?",
                   VALS(V_INT(user), V_HASH(sign_key_id(key)))));
    return his ? ERR_OK
               : err_set(e, ERR_DENIED,
                         _("the key of this session signs nothing any more; log in again"));
}

static enum err_code session_load(struct office *o, struct db *store, const struct token *t,
                                  struct session **out, struct err *e)
{
    struct stmt *q = NULL;
    struct sign_key *key = NULL;
    bool row = false;
    TRY(db_query(store, &q, e, "SELECT user, sealed FROM session WHERE id=? AND expires_ms>?",
                 VALS(V_TEXT(t->id), V_INT(env_wall_ms(o->env)))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_DENIED, _("the session has ended; run: aforo login --user NAME"));
    }
    if (code == ERR_OK) {
        code = key_open_secret(stmt_text(q, 1), t->secret, t->id, &key, e);
    }
    if (code == ERR_OK) {
        code = key_still_his(o, stmt_int(q, 0), key, e);
    }
    if (code == ERR_OK) {
        code = session_new(o, stmt_int(q, 0), out, e);
    }
    stmt_done(q);
    if (code != ERR_OK) {
        sign_key_free(key);
        return code;
    }
    (*out)->key = key;
    return ERR_OK;
}

enum err_code session_resume(struct office *o, const char *token_path, struct session **out,
                             struct err *e)
{
    struct db *store = NULL;
    struct token t;
    *out = NULL;
    TRY(token_read(token_path, &t, e));
    enum err_code code = sessions_open(o, &store, e);
    if (code == ERR_OK) {
        code = session_load(o, store, &t, out, e);
    }
    secure_wipe(&t, sizeof t);
    db_close(store);
    return code;
}

enum err_code session_end(struct office *o, const char *token_path, struct err *e)
{
    struct db *store = NULL;
    struct token t;
    TRY(token_read(token_path, &t, e));
    TRY(sessions_open(o, &store, e));
    enum err_code code = db_run(store, e, "DELETE FROM session WHERE id=?", VALS(V_TEXT(t.id)));
    secure_wipe(&t, sizeof t);
    db_close(store);
    (void)unlink(token_path);
    return code;
}

void session_free(struct session *s)
{
    if (s != NULL) {
        sign_key_free(s->key);
        mem_free(s);
    }
}

enum err_code session_may(struct office *o, int64_t user, const char *command, bool *may,
                          struct err *e)
{
    *may = false;
    int64_t one = 0;
    return db_get_int(o->db, &one, may, e,
                      "SELECT 1 FROM user u JOIN user_role r ON r.user = u.id JOIN role_grant "
                      "g ON g.role = r.role "
                      "WHERE u.id = ? AND u.state = 'active' AND g.command = ? LIMIT 1",
                      VALS(V_INT(user), V_TEXT(command)));
}

void session_words(const struct session *s, struct buf *out)
{
    buf_addf(out, "%s (", s->name);
    code_words(s->roles, strlen(s->roles), out);
    buf_addc(out, ')');
}

enum err_code session_denied(const struct session *s, const char *what, struct err *e)
{
    struct buf who;
    buf_init(&who, 2048);
    session_words(s, &who);
    if (strcmp(what, "backdate") == 0) {
        (void)err_set(e, ERR_DENIED,
                      _("%s may record things of today alone; leave --date out, or ask an "
                        "administrator for a role that may \"backdate\""),
                      buf_str(&who));
    } else {
        (void)err_set(e, ERR_DENIED,
                      _("%s may not do \"%s\"; ask an administrator for a role that may"),
                      buf_str(&who), what);
    }
    buf_release(&who);
    return ERR_DENIED;
}
