#include <config.h>

#include "crypto/seal.h"

#include <string.h>

#include <argon2.h>

#include "base/i18n.h"
#include "crypto/hash.h"
#include "crypto/ossl.h"

#define KEY_SIZE 32
/* What a line may ask for: RFC 9106 section 4 recommends at most 2 GiB, and that with one pass.
 */
#define COST_MEMORY_MAX_KIB                                                                    \
    (256u * 1024) /* four times what we write: what a forged line gets */
#define COST_PASSES_MAX 16
#define COST_LANES_MAX 16
#define COST_WORK_MAX_KIB (4ull * 1024 * 1024) /* memory times passes: some ten seconds */
#define PASSWORD_MAX 1024                      /* bytes; argon2 itself takes 4 GiB */

static const char head_password[] = "aforo-seal-v1$argon2id$";
static const char head_secret[] = "aforo-seal-v1$raw$";

const struct kdf_cost kdf_cost_default = {65536, 3, 4};

static enum err_code check_cost(const struct kdf_cost *c, struct err *e)
{
    if (c->passes < 1 || c->lanes < 1 || c->lanes > COST_LANES_MAX ||
        c->memory_kib < 8 * c->lanes) {
        return err_set(e, ERR_RANGE,
                       _("A password cost needs 1 pass or more, 1 to 16 lanes and 8 KiB or "
                         "more for each lane."));
    }
    if (c->memory_kib > COST_MEMORY_MAX_KIB || c->passes > COST_PASSES_MAX ||
        (uint64_t)c->memory_kib * c->passes > COST_WORK_MAX_KIB) {
        return err_set(e, ERR_LIMIT,
                       _("This password cost is beyond what the program accepts."));
    }
    return ERR_OK;
}

enum err_code seal_derive(const char *password, const void *salt, size_t salt_len,
                          const struct kdf_cost *cost, uint8_t key[32], struct err *e)
{
    size_t len = strnlen(password, PASSWORD_MAX + 1);
    int rc = 0;

    TRY(check_cost(cost, e));
    if (len > PASSWORD_MAX) {
        return err_set(e, ERR_RANGE, _("A password has at most %d bytes."), PASSWORD_MAX);
    }
    rc = argon2id_hash_raw(cost->passes, cost->memory_kib, cost->lanes, password, len, salt,
                           salt_len, key, KEY_SIZE);
    if (rc == ARGON2_MEMORY_ALLOCATION_ERROR) {
        return err_nomem(e);
    }
    if (rc != ARGON2_OK) {
        return err_set(e, ERR_CRYPTO, _("The password's key cannot be computed: %s"),
                       argon2_error_message(rc));
    }
    return ERR_OK;
}

/* Encrypt `len` bytes into `sealed` (len + SEAL_TAG_SIZE). What is authenticated with them is
 * head || aad: the head ends at its last '$', and has a fixed number of them, so no two pairs
 * give the same bytes. */
static bool gcm_encrypt(const uint8_t key[KEY_SIZE], const uint8_t *nonce,
                        const struct buf *head, const char *aad, const void *plain, size_t len,
                        uint8_t *sealed)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    int done =
        ctx != NULL && EVP_EncryptInit_ex2(ctx, ossl_aes_256_gcm(), key, nonce, NULL) == 1;

    if (done == 1) {
        done &=
            EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)head->data, (int)head->len);
        done &= EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)aad, (int)strlen(aad));
        done &= EVP_EncryptUpdate(ctx, sealed, &n, plain, (int)len);
        done &= EVP_EncryptFinal_ex(ctx, sealed + len, &n);
        done &= EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, sealed + len);
    }
    EVP_CIPHER_CTX_free(ctx);
    return done == 1;
}

/* Nothing is told that helps to guess which of them was wrong. */
static enum err_code denied(struct err *e)
{
    return ossl_refuse(e, ERR_DENIED,
                       _("The password or secret is not the one this key was sealed with."));
}

/* Decrypt into `plain` (parts->sealed_len - SEAL_TAG_SIZE bytes), not to be used unless ERR_OK.
 * Only the check of the tag can be denied; what fails before it is a trouble of the library. */
static enum err_code gcm_decrypt(const uint8_t key[KEY_SIZE], const struct seal_parts *p,
                                 const char *head, const char *aad, uint8_t *plain,
                                 struct err *e)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t len = p->sealed_len - SEAL_TAG_SIZE;
    uint8_t tag[SEAL_TAG_SIZE];
    enum err_code rc = ERR_OK;
    int n = 0;
    int done =
        ctx != NULL && EVP_DecryptInit_ex2(ctx, ossl_aes_256_gcm(), key, p->nonce, NULL) == 1;

    memcpy(tag, p->sealed + len, SEAL_TAG_SIZE);
    if (done == 1) {
        done &= EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)head, (int)p->head_len);
        done &= EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)aad, (int)strlen(aad));
        done &= EVP_DecryptUpdate(ctx, plain, &n, p->sealed, (int)len);
        done &= EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, tag);
    }
    if (done != 1) {
        rc = ossl_error(e, ERR_CRYPTO, _("The sealed key cannot be opened"));
    } else if (EVP_DecryptFinal_ex(ctx, plain + len, &n) != 1) {
        rc = denied(e);
    }
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

/* Append "head, nonce, ciphertext" under the key; `head` stands before the nonce and ends in
 * '$'. */
static enum err_code seal_under(const uint8_t key[KEY_SIZE], struct buf *head,
                                const void *plain, size_t len, const char *aad,
                                const struct env *env, struct buf *out, struct err *e)
{
    uint8_t nonce[SEAL_NONCE_SIZE];
    uint8_t sealed[SEAL_PLAIN_MAX + SEAL_TAG_SIZE];

    if (len == 0 || len > SEAL_PLAIN_MAX || strnlen(aad, SEAL_LINE_MAX + 1) > SEAL_LINE_MAX) {
        return err_set(e, ERR_RANGE, _("What is sealed has 1 to %d bytes."), SEAL_PLAIN_MAX);
    }
    TRY(env_random(env, nonce, sizeof(nonce), e));
    buf_add_base64(head, nonce, sizeof(nonce));
    buf_addc(head, '$');
    TRY(buf_status(head, _("sealed key"), e));
    if (!gcm_encrypt(key, nonce, head, aad, plain, len, sealed)) {
        return ossl_error(e, ERR_CRYPTO, _("The key cannot be sealed"));
    }
    buf_add(out, head->data, head->len);
    buf_add_base64(out, sealed, len + SEAL_TAG_SIZE);
    return buf_status(out, _("sealed key"), e);
}

enum err_code seal_password(const void *plain, size_t len, const char *password,
                            const char *aad, const struct kdf_cost *cost, const struct env *env,
                            struct buf *out, struct err *e)
{
    uint8_t salt[SEAL_SALT_SIZE];
    uint8_t key[KEY_SIZE];
    struct buf head;
    enum err_code rc = ERR_OK;

    TRY(env_random(env, salt, sizeof(salt), e));
    TRY(seal_derive(password, salt, sizeof(salt), cost, key, e));
    buf_init(&head, SEAL_LINE_MAX);
    buf_addf(&head, "%sm=%u,t=%u,p=%u$", head_password, cost->memory_kib, cost->passes,
             cost->lanes);
    buf_add_base64(&head, salt, sizeof(salt));
    buf_addc(&head, '$');
    rc = seal_under(key, &head, plain, len, aad, env, out, e);
    secure_wipe(key, sizeof(key));
    buf_release(&head);
    return rc;
}

enum err_code seal_secret(const void *plain, size_t len, const uint8_t secret[32],
                          const char *aad, const struct env *env, struct buf *out,
                          struct err *e)
{
    struct buf head;
    enum err_code rc = ERR_OK;

    buf_init(&head, SEAL_LINE_MAX);
    buf_adds(&head, head_secret);
    rc = seal_under(secret, &head, plain, len, aad, env, out, e);
    buf_release(&head);
    return rc;
}

/* Reading: `*s` moves over what was taken; on false its place does not matter. */
static bool take_literal(const char **s, const char *literal)
{
    size_t len = strlen(literal);

    if (strncmp(*s, literal, len) != 0) {
        return false;
    }
    *s += len;
    return true;
}

/* "name=" and a decimal number without leading zeros. */
static bool take_number(const char **s, const char *name, uint32_t *out)
{
    uint32_t v = 0;
    unsigned digits = 0;

    if (!take_literal(s, name) || **s == '0') {
        return false;
    }
    for (; **s >= '0' && **s <= '9'; (*s)++) {
        v = v * 10 + (uint32_t)(**s - '0');
        if (++digits > 9) {
            return false;
        }
    }
    *out = v;
    return digits > 0;
}

/* Base64 up to '$' or the end of the line; at most `size` bytes, at least 1. *why tells memory
 * that is out from text that is wrong. */
static bool take_bytes(const char **s, uint8_t *out, size_t size, size_t *out_len,
                       enum err_code *why)
{
    size_t len = strcspn(*s, "$");
    struct buf b;
    bool done = false;

    buf_init(&b, size + 3); /* the decoder asks for room before it knows the padding */
    *why = base64_decode(*s, len, &b, NULL);
    done = *why == ERR_OK && b.len > 0 && b.len <= size;
    if (done) {
        memcpy(out, b.data, b.len);
        *out_len = b.len;
        *s += len;
    }
    buf_release(&b);
    return done;
}

static bool take_exact(const char **s, uint8_t *out, size_t size, enum err_code *why)
{
    size_t len = 0;

    return take_bytes(s, out, size, &len, why) && len == size && take_literal(s, "$");
}

static bool take_cost_and_salt(const char **s, struct seal_parts *p, enum err_code *why)
{
    return take_number(s, "m=", &p->cost.memory_kib) &&
           take_number(s, ",t=", &p->cost.passes) && take_number(s, ",p=", &p->cost.lanes) &&
           take_literal(s, "$") && take_exact(s, p->salt, sizeof(p->salt), why);
}

enum err_code seal_parse(const char *line, struct seal_parts *out, struct err *e)
{
    const char *s = line;
    bool good = false;
    enum err_code why = ERR_OK;

    memset(out, 0, sizeof(*out));
    if (strnlen(line, SEAL_LINE_MAX + 1) <= SEAL_LINE_MAX) {
        out->by_password = take_literal(&s, head_password);
        good = out->by_password ? take_cost_and_salt(&s, out, &why)
                                : take_literal(&s, head_secret);
        good = good && take_exact(&s, out->nonce, sizeof(out->nonce), &why);
        out->head_len = (size_t)(s - line);
        good = good &&
               take_bytes(&s, out->sealed, sizeof(out->sealed), &out->sealed_len, &why) &&
               *s == '\0' && out->sealed_len > SEAL_TAG_SIZE;
    }
    if (why == ERR_NOMEM) {
        return err_nomem(e);
    }
    if (!good) {
        return err_set(e, ERR_PARSE,
                       _("The sealed key is damaged: it does not have the form of one."));
    }
    return out->by_password ? check_cost(&out->cost, e) : ERR_OK;
}

static enum err_code unseal_under(const uint8_t key[KEY_SIZE], const struct seal_parts *p,
                                  const char *line, const char *aad, struct buf *plain,
                                  struct err *e)
{
    uint8_t bytes[SEAL_PLAIN_MAX];
    enum err_code rc = ERR_OK;

    if (strnlen(aad, SEAL_LINE_MAX + 1) > SEAL_LINE_MAX) {
        return denied(e); /* nothing was ever sealed with it */
    }
    rc = gcm_decrypt(key, p, line, aad, bytes, e);
    if (rc == ERR_OK) {
        buf_add(plain, bytes, p->sealed_len - SEAL_TAG_SIZE);
        rc = buf_status(plain, _("key"), e);
    }
    secure_wipe(bytes, sizeof(bytes));
    return rc;
}

enum err_code unseal_password(const char *line, const char *password, const char *aad,
                              struct buf *plain, struct err *e)
{
    struct seal_parts p;
    uint8_t key[KEY_SIZE];
    enum err_code rc = seal_parse(line, &p, e);

    if (rc == ERR_OK && !p.by_password) {
        rc = err_set(e, ERR_PARSE, _("This key is sealed with a secret, not with a password."));
    } else if (rc == ERR_OK && strnlen(password, PASSWORD_MAX + 1) > PASSWORD_MAX) {
        rc = denied(e); /* no key was ever sealed with it */
    }
    if (rc != ERR_OK) {
        unseal_dummy(password); /* answers no faster than a wrong password */
        return rc;
    }
    TRY(seal_derive(password, p.salt, sizeof(p.salt), &p.cost, key, e));
    rc = unseal_under(key, &p, line, aad, plain, e);
    secure_wipe(key, sizeof(key));
    return rc;
}

enum err_code unseal_secret(const char *line, const uint8_t secret[32], const char *aad,
                            struct buf *plain, struct err *e)
{
    struct seal_parts p;

    TRY(seal_parse(line, &p, e));
    if (p.by_password) {
        return err_set(e, ERR_PARSE,
                       _("This key is sealed with a password, not with a secret."));
    }
    return unseal_under(secret, &p, line, aad, plain, e);
}

void unseal_dummy(const char *password)
{
    static const uint8_t salt[SEAL_SALT_SIZE] = {0};
    uint8_t key[KEY_SIZE];
    bool too_long = strnlen(password, PASSWORD_MAX + 1) > PASSWORD_MAX;

    /* Only the time it takes matters. */
    if (seal_derive(too_long ? "" : password, salt, sizeof(salt), &kdf_cost_default, key,
                    NULL) == ERR_OK) {
        secure_wipe(key, sizeof(key));
    }
}
