#include <config.h>

#include "crypto/keystore.h"

#include "crypto/seal.h"

/* A private key as PKCS#8 passes through here only between a buffer that is wiped and the seal.
 */

enum err_code key_seal_password(const struct sign_key *k, const char *password, const char *aad,
                                const struct kdf_cost *cost, const struct env *env,
                                struct buf *out, struct err *e)
{
    struct buf plain;
    enum err_code rc = ERR_OK;

    buf_init(&plain, SEAL_PLAIN_MAX);
    rc = sign_key_save(k, &plain, e);
    if (rc == ERR_OK) {
        rc = seal_password(plain.data, plain.len, password, aad, cost, env, out, e);
    }
    buf_wipe(&plain);
    return rc;
}

enum err_code key_open_password(const char *sealed, const char *password, const char *aad,
                                struct sign_key **out, struct err *e)
{
    struct buf plain;
    enum err_code rc = ERR_OK;

    buf_init(&plain, SEAL_PLAIN_MAX);
    rc = unseal_password(sealed, password, aad, &plain, e);
    if (rc == ERR_OK) {
        rc = sign_key_load(plain.data, plain.len, out, e);
    }
    buf_wipe(&plain);
    return rc;
}

void key_open_dummy(const char *password)
{
    unseal_dummy(password);
}

enum err_code key_seal_secret(const struct sign_key *k, const uint8_t secret[32],
                              const char *aad, const struct env *env, struct buf *out,
                              struct err *e)
{
    struct buf plain;
    enum err_code rc = ERR_OK;

    buf_init(&plain, SEAL_PLAIN_MAX);
    rc = sign_key_save(k, &plain, e);
    if (rc == ERR_OK) {
        rc = seal_secret(plain.data, plain.len, secret, aad, env, out, e);
    }
    buf_wipe(&plain);
    return rc;
}

enum err_code key_open_secret_as(enum key_algorithm a, const char *sealed,
                                 const uint8_t secret[32], const char *aad,
                                 struct sign_key **out, struct err *e)
{
    struct buf plain;
    enum err_code rc = ERR_OK;

    buf_init(&plain, SEAL_PLAIN_MAX);
    rc = unseal_secret(sealed, secret, aad, &plain, e);
    if (rc == ERR_OK) {
        rc = sign_key_load_as(a, plain.data, plain.len, out, e);
    }
    buf_wipe(&plain);
    return rc;
}

enum err_code key_open_secret(const char *sealed, const uint8_t secret[32], const char *aad,
                              struct sign_key **out, struct err *e)
{
    return key_open_secret_as(KEY_P256, sealed, secret, aad, out, e);
}
