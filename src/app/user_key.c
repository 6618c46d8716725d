#include <config.h>

#include "app/user_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/keystore.h"

enum err_code password_check(const char *password, struct err *e)
{
    return strlen(password) >= PASSWORD_MIN
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("the password is too short: at least %d characters"),
                         PASSWORD_MIN);
}

static enum err_code key_fill(const struct office *o, const struct sign_key *key,
                              const char *password, struct user_key *k, struct err *e)
{
    struct buf der;
    char aad[160];
    buf_init(&der, 1024);
    hash_hex(sign_key_id(key), k->keyid);
    (void)snprintf(aad, sizeof aad, "user:%" PRId64 ":%s", k->user, k->keyid);
    enum err_code code = sign_key_public(key, &der, e);
    if (code == ERR_OK) {
        buf_add_base64(&k->spki, der.data, der.len);
        code = buf_status(&k->spki, _("public key"), e);
    }
    if (code == ERR_OK) {
        code = key_seal_password(key, password, aad, &kdf_cost_default, o->env, &k->sealed, e);
    }
    buf_release(&der);
    return code;
}

enum err_code user_key_make(const struct office *o, int64_t user, const char *password,
                            struct user_key *k, struct err *e)
{
    struct sign_key *key = NULL;
    *k = (struct user_key){.user = user};
    buf_init(&k->spki, 2048);
    buf_init(&k->sealed, 16384);
    TRY(password_check(password, e));
    TRY(sign_key_generate(&key, e));
    enum err_code code = key_fill(o, key, password, k, e);
    sign_key_free(key);
    return code;
}

void user_key_release(struct user_key *k)
{
    buf_release(&k->spki);
    buf_wipe(&k->sealed);
}
