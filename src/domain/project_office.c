/* Projectors of the office, its roles, users and keys. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "store/db.h"

/* The office's keys of other purposes than entries. */
static enum err_code keys_insert(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "keys", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const char *purpose = NULL;
        TRY(take_text(p, list->u.array.items[i], "purpose", &purpose));
        TRY(project_key_insert(p, list->u.array.items[i], p->entry->actor, purpose,
                               p->entry->seq));
    }
    return ERR_OK;
}

enum err_code project_office_created(struct projection *p, const struct json *d)
{
    const char *name = NULL;
    const char *currency = NULL;
    const char *zone = NULL;
    const char *locale = NULL;
    TRY(take_text(p, d, "name", &name));
    TRY(take_text(p, d, "currency", &currency));
    TRY(take_text(p, d, "zone", &zone));
    TRY(take_text(p, d, "locale", &locale));
    TRY(db_run(p->db, p->e,
               "INSERT INTO office(id, code, name, currency, zone, locale) VALUES(1,?,?,?,?,?)",
               VALS(V_TEXT(p->entry->office), V_TEXT(name), V_TEXT(currency), V_TEXT(zone),
                    V_TEXT(locale))));
    TRY(project_key_insert(p, d, p->entry->actor, "entry", p->entry->seq));
    return keys_insert(p, d);
}

enum err_code project_role_defined(struct projection *p, const struct json *d)
{
    const char *role = NULL;
    const struct json *list = NULL;
    TRY(take_text(p, d, "role", &role));
    TRY(take_array(p, d, "commands", &list));
    TRY(db_run(p->db, p->e, "DELETE FROM role_grant WHERE role=?", VALS(V_TEXT(role))));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *c = list->u.array.items[i];
        if (c->type != JSON_STRING) {
            return err_set(p->e, ERR_TAMPERED,
                           _("entry %" PRId64 ": a granted command is not text"),
                           p->entry->seq);
        }
        TRY(db_run(p->db, p->e, "INSERT INTO role_grant(role, command) VALUES(?,?)",
                   VALS(V_TEXT(role), V_TEXT(c->u.string.data))));
    }
    return ERR_OK;
}

static enum err_code roles_replace(struct projection *p, const struct json *d, int64_t user)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "roles", &list));
    TRY(db_run(p->db, p->e, "DELETE FROM user_role WHERE user=?", VALS(V_INT(user))));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *r = list->u.array.items[i];
        if (r->type != JSON_STRING) {
            return err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 ": a role is not text"),
                           p->entry->seq);
        }
        TRY(db_run(p->db, p->e, "INSERT INTO user_role(user, role) VALUES(?,?)",
                   VALS(V_INT(user), V_TEXT(r->u.string.data))));
    }
    return ERR_OK;
}

enum err_code project_user_created(struct projection *p, const struct json *d)
{
    int64_t user = 0;
    struct hash login;
    struct hash name;
    struct hash secret;
    struct hash keyid;
    char owner[32];
    TRY(take_int(p, d, "user", &user));
    TRY(take_hash(p, d, "login", &login));
    TRY(take_hash(p, d, "name", &name));
    TRY(take_hash(p, d, "secret", &secret));
    TRY(take_hash(p, d, "keyid", &keyid));
    TRY(db_run(
        p->db, p->e,
        "INSERT INTO user(id, state, login, name, secret, keyid) VALUES(?,'active',?,?,?,?)",
        VALS(V_INT(user), V_HASH(&login), V_HASH(&name), V_HASH(&secret), V_HASH(&keyid))));
    (void)snprintf(owner, sizeof owner, "user:%" PRId64, user);
    TRY(project_key_insert(p, d, owner, "entry", p->entry->seq + 1));
    return roles_replace(p, d, user);
}

enum err_code project_user_roles_set(struct projection *p, const struct json *d)
{
    int64_t user = 0;
    TRY(take_int(p, d, "user", &user));
    return roles_replace(p, d, user);
}

/* From the next entry on the user's keys sign nothing. */
static enum err_code keys_end(struct projection *p, int64_t user)
{
    char owner[32];
    (void)snprintf(owner, sizeof owner, "user:%" PRId64, user);
    return db_run(p->db, p->e, "UPDATE key SET valid_to=? WHERE owner=? AND valid_to IS NULL",
                  VALS(V_INT(p->entry->seq), V_TEXT(owner)));
}

enum err_code project_user_disabled(struct projection *p, const struct json *d)
{
    int64_t user = 0;
    TRY(take_int(p, d, "user", &user));
    TRY(keys_end(p, user));
    return db_run(p->db, p->e, "UPDATE user SET state='disabled' WHERE id=?",
                  VALS(V_INT(user)));
}

/* The same key under a new password: only the sealed form changes, and the one under the old
 * password goes. */
enum err_code project_user_password_set(struct projection *p, const struct json *d)
{
    int64_t user = 0;
    struct hash secret;
    TRY(take_int(p, d, "user", &user));
    TRY(take_hash(p, d, "secret", &secret));
    TRY(db_run(p->db, p->e,
               "DELETE FROM sealed WHERE hash=(SELECT secret FROM user WHERE id=?)",
               VALS(V_INT(user))));
    return db_run(p->db, p->e, "UPDATE user SET secret=? WHERE id=?",
                  VALS(V_HASH(&secret), V_INT(user)));
}

/* These two stand in the history only. */
enum err_code project_access_refused(struct projection *p, const struct json *d)
{
    (void)p;
    (void)d;
    return ERR_OK;
}

enum err_code project_clock_adjusted(struct projection *p, const struct json *d)
{
    (void)p;
    (void)d;
    return ERR_OK;
}
