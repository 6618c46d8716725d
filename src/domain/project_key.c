/* Projectors of keys: the office's come, are replaced and revoked; a user's is replaced. Who
 * may do so is judged by the keyring (src/ledger/keyring.c) from the entries alone. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "ledger/keyring.h"
#include "store/db.h"

enum err_code project_key_insert(struct projection *p, const struct json *d, const char *owner,
                                 const char *purpose, int64_t from)
{
    struct hash keyid;
    const char *spki = NULL;
    struct buf der;
    enum key_algorithm a = KEY_P256;
    TRY(take_hash(p, d, "keyid", &keyid));
    TRY(take_text(p, d, "spki", &spki));
    buf_init(&der, 4096);
    enum err_code code = base64_decode(spki, strlen(spki), &der, p->e);
    if (code == ERR_OK && !key_algorithm_of(der.data, der.len, &a)) {
        code = err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 " (%s) lacks a proper \"%s\""),
                       p->entry->seq, p->entry->kind, "spki");
    }
    if (code == ERR_OK) {
        code =
            db_run(p->db, p->e,
                   "INSERT INTO key(keyid, owner, purpose, algorithm, spki, valid_from) "
                   "VALUES(?,?,?,?,?,?)",
                   VALS(V_HASH(&keyid), V_TEXT(owner), V_TEXT(purpose),
                        V_TEXT(key_algorithm_name(a)), V_BLOB(der.data, der.len), V_INT(from)));
    }
    buf_release(&der);
    return code;
}

static enum err_code key_end(struct projection *p, const struct json *d, const char *name,
                             int64_t last)
{
    struct hash keyid;
    TRY(take_hash(p, d, name, &keyid));
    return db_run(p->db, p->e, "UPDATE key SET valid_to=? WHERE keyid=? AND valid_to IS NULL",
                  VALS(V_INT(last), V_HASH(&keyid)));
}

enum err_code project_key_added(struct projection *p, const struct json *d)
{
    const char *purpose = NULL;
    char owner[48];
    TRY(take_text(p, d, "purpose", &purpose));
    (void)snprintf(owner, sizeof owner, "office:%s", p->entry->office);
    TRY(project_key_insert(p, d, owner, purpose,
                           key_first(key_purpose_find(purpose), p->entry->seq)));
    return json_get(d, "ends") == NULL ? ERR_OK : key_end(p, d, "ends", p->entry->seq);
}

enum err_code project_key_revoked(struct projection *p, const struct json *d)
{
    return key_end(p, d, "keyid", p->entry->seq - 1);
}

/* A new key for a user: by himself, by two who approved it, or by the recovery key. The old one
 * ends here, and its sealed form goes. */
enum err_code project_user_key_set(struct projection *p, const struct json *d)
{
    int64_t user = 0;
    struct hash secret;
    struct hash keyid;
    char owner[32];
    TRY(take_int(p, d, "user", &user));
    TRY(take_hash(p, d, "secret", &secret));
    TRY(take_hash(p, d, "keyid", &keyid));
    (void)snprintf(owner, sizeof owner, "user:%" PRId64, user);
    if (json_get(d, "request") != NULL) {
        TRY(project_request_done(p, d, "user recover"));
    }
    TRY(db_run(p->db, p->e, "UPDATE key SET valid_to=? WHERE owner=? AND valid_to IS NULL",
               VALS(V_INT(p->entry->seq), V_TEXT(owner))));
    TRY(project_key_insert(p, d, owner, "entry", p->entry->seq + 1));
    TRY(db_run(p->db, p->e,
               "DELETE FROM sealed WHERE hash=(SELECT secret FROM user WHERE id=?)",
               VALS(V_INT(user))));
    return db_run(p->db, p->e, "UPDATE user SET secret=?, keyid=? WHERE id=?",
                  VALS(V_HASH(&secret), V_HASH(&keyid), V_INT(user)));
}

enum err_code project_account_pin_set(struct projection *p, const struct json *d)
{
    int64_t account = 0;
    struct hash secret;
    TRY(take_int(p, d, "account", &account));
    TRY(take_hash(p, d, "secret", &secret));
    TRY(db_run(p->db, p->e,
               "DELETE FROM sealed WHERE hash=(SELECT secret FROM account_pin WHERE account=?)",
               VALS(V_INT(account))));
    return db_run(p->db, p->e,
                  "INSERT INTO account_pin(account, secret, seq) VALUES(?,?,?) ON "
                  "CONFLICT(account) DO UPDATE SET secret=excluded.secret, seq=excluded.seq",
                  VALS(V_INT(account), V_HASH(&secret), V_INT(p->entry->seq)));
}

enum err_code project_logins_failed(struct projection *p, const struct json *d)
{
    (void)p; /* in the history only */
    (void)d;
    return ERR_OK;
}
