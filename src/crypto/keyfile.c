#include <config.h>

#include "crypto/keyfile.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/keystore.h"
#include "crypto/seal.h"
#include "crypto/token.h"

#define AAD_MAX 256

static const char *const stores[KEY_STORES] = {"file", "pkcs11", "tpm2"};

const char *key_store_name(enum key_store s)
{
    return stores[s];
}

enum key_store key_store_find(const char *name)
{
    unsigned s = 0;

    while (s < KEY_STORES && strcmp(stores[s], name) != 0) {
        s++;
    }
    return (enum key_store)s;
}

/* ---- the text -------------------------------------------------------------------------- */

struct cursor {
    const char *at, *end;
};

/* "name VALUE\n" of printable ASCII; the value has 1 to size - 1 bytes. */
static bool take_line(struct cursor *c, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    const char *end = memchr(c->at, '\n', (size_t)(c->end - c->at));
    const char *value = c->at + n + 1;
    size_t len = 0;

    if (end == NULL || (size_t)(end - c->at) < n + 2 || memcmp(c->at, name, n) != 0 ||
        c->at[n] != ' ' || (size_t)(end - value) >= size) {
        return false;
    }
    for (; value + len < end; len++) {
        if (value[len] <= 0x20 || value[len] >= 0x7f) {
            return false;
        }
    }
    memcpy(out, value, len);
    out[len] = '\0';
    c->at = end + 1;
    return true;
}

enum err_code keyfile_parse(const char *text, size_t len, struct keyfile *out, struct err *e)
{
    struct cursor c = {text, text + len};
    char word[16];
    bool ok = len <= KEYFILE_BYTES_MAX && take_line(&c, "aforo-key", word, sizeof(word)) &&
              strcmp(word, "1") == 0 && take_line(&c, "store", word, sizeof(word));

    memset(out, 0, sizeof(*out));
    out->store = ok ? key_store_find(word) : KEY_STORES;
    ok = out->store != KEY_STORES && take_line(&c, "algorithm", word, sizeof(word));
    if (ok && strcmp(word, key_algorithm_name(KEY_ED25519)) == 0) {
        out->algorithm = KEY_ED25519;
    } else {
        out->algorithm = KEY_P256;
        ok = ok && strcmp(word, key_algorithm_name(KEY_P256)) == 0;
    }
    ok = ok && take_line(&c, "place", out->place, sizeof(out->place));
    if (ok && c.at < c.end) {
        ok = out->store != STORE_FILE && take_line(&c, "pin", out->pin, sizeof(out->pin)) &&
             c.at == c.end;
    }
    if (!ok) {
        memset(out, 0, sizeof(*out));
        return err_set(e, ERR_PARSE, _("this is not the file of a key, or it is damaged"));
    }
    return ERR_OK;
}

enum err_code keyfile_print(const struct keyfile *f, struct buf *out, struct err *e)
{
    buf_addf(out, "aforo-key 1\nstore %s\nalgorithm %s\nplace %s\n", stores[f->store],
             key_algorithm_name(f->algorithm), f->place);
    if (f->pin[0] != '\0') {
        buf_addf(out, "pin %s\n", f->pin);
    }
    return buf_status(out, _("key"), e);
}

/* ---- making and opening ------------------------------------------------------------------ */

/* What it is for, which key, and which of the two sealed lines. */
static void aad_print(const char *aad, const struct hash *id, const char *part,
                      char out[AAD_MAX])
{
    char hex[65];

    hash_hex(id, hex);
    (void)snprintf(out, AAD_MAX, "%s:%s%s", aad, hex, part);
}

static enum err_code place_take(const struct buf *from, char *to, size_t size, struct err *e)
{
    if (from->len == 0 || from->len >= size) {
        return err_set(e, ERR_LIMIT, _("what says where the key is has more than %zu bytes"),
                       size - 1);
    }
    memcpy(to, buf_str(from), from->len + 1);
    return ERR_OK;
}

enum err_code keyfile_pin(struct keyfile *f, const char *pin, const uint8_t secret[32],
                          const char *aad, const struct hash *id, const struct env *env,
                          struct err *e)
{
    char bound[AAD_MAX];
    struct buf sealed;
    enum err_code rc = ERR_OK;

    f->pin[0] = '\0';
    if (pin == NULL) {
        return ERR_OK;
    }
    if (f->store == STORE_FILE || strnlen(pin, TOKEN_PIN_MAX + 1) > TOKEN_PIN_MAX ||
        *pin == '\0') {
        return err_set(e, ERR_USAGE,
                       _("a PIN has 1 to %d bytes, and only a token's key has one"),
                       TOKEN_PIN_MAX);
    }
    buf_init(&sealed, SEAL_LINE_MAX);
    aad_print(aad, id, ":pin", bound);
    rc = seal_secret(pin, strlen(pin), secret, bound, env, &sealed, e);
    if (rc == ERR_OK) {
        rc = place_take(&sealed, f->pin, sizeof(f->pin), e);
    }
    buf_release(&sealed);
    return rc;
}

static enum err_code file_make(enum key_algorithm a, const uint8_t secret[32], const char *aad,
                               const struct env *env, struct buf *place, struct sign_key **out,
                               struct err *e)
{
    char bound[AAD_MAX];
    struct sign_key *k = NULL;
    enum err_code rc = ERR_OK;

    TRY(sign_key_generate_as(a, &k, e));
    aad_print(aad, sign_key_id(k), "", bound);
    rc = key_seal_secret(k, secret, bound, env, place, e);
    if (rc != ERR_OK) {
        sign_key_free(k);
        return rc;
    }
    *out = k;
    return ERR_OK;
}

static enum err_code store_make(const struct key_want *w, const uint8_t secret[32],
                                const char *aad, const struct env *env, struct buf *place,
                                struct sign_key **out, struct err *e)
{
    switch (w->store) {
    case STORE_FILE:
        return file_make(w->algorithm, secret, aad, env, place, out, e);
    case STORE_PKCS11:
        return pkcs11_make(w->algorithm, w->token == NULL ? "" : w->token, w->pin, w->label,
                           env, place, out, e);
    case STORE_TPM2:
        if (w->algorithm == KEY_P256) {
            return tpm2_make(w->pin, place, out, e);
        }
        return err_set(e, ERR_UNSUPPORTED,
                       _("a TPM makes P-256 keys only: no key for documents, and one for the "
                         "log only beside an Ed25519 key"));
    case KEY_STORES:
        break;
    }
    return err_set(e, ERR_UNSUPPORTED, _("there is no such store for keys"));
}

enum err_code keyfile_make(const struct key_want *want, const uint8_t secret[32],
                           const char *aad, const struct env *env, struct keyfile *f,
                           struct sign_key **out, struct err *e)
{
    struct buf place;
    struct sign_key *k = NULL;
    enum err_code rc = ERR_OK;

    memset(f, 0, sizeof(*f));
    f->store = want->store;
    f->algorithm = want->algorithm;
    buf_init(&place, KEYFILE_BYTES_MAX);
    rc = store_make(want, secret, aad, env, &place, &k, e);
    if (rc == ERR_OK) {
        rc = place_take(&place, f->place, sizeof(f->place), e);
    }
    if (rc == ERR_OK) {
        rc = keyfile_pin(f, want->store == STORE_FILE ? NULL : want->pin, secret, aad,
                         sign_key_id(k), env, e);
    }
    buf_release(&place);
    if (rc != ERR_OK) {
        sign_key_free(k);
        return rc;
    }
    *out = k;
    return ERR_OK;
}

/* NULL in *out where the key has no PIN. */
static enum err_code pin_open(const struct keyfile *f, const uint8_t secret[32],
                              const char *aad, const struct hash *id, struct buf *pin,
                              const char **out, struct err *e)
{
    char bound[AAD_MAX];

    *out = NULL;
    if (f->pin[0] == '\0') {
        return ERR_OK;
    }
    aad_print(aad, id, ":pin", bound);
    TRY(unseal_secret(f->pin, secret, bound, pin, e));
    *out = buf_str(pin);
    return ERR_OK;
}

enum err_code keyfile_open(const struct keyfile *f, const uint8_t secret[32], const char *aad,
                           const struct hash *id, struct sign_key **out, struct err *e)
{
    char bound[AAD_MAX];
    struct buf pin_bytes;
    const char *pin = NULL;
    enum err_code rc = ERR_OK;

    if (f->store == STORE_FILE) {
        aad_print(aad, id, "", bound);
        return key_open_secret_as(f->algorithm, f->place, secret, bound, out, e);
    }
    buf_init(&pin_bytes, SEAL_PLAIN_MAX);
    rc = pin_open(f, secret, aad, id, &pin_bytes, &pin, e);
    if (rc == ERR_OK) {
        rc = f->store == STORE_PKCS11 ? pkcs11_open(f->algorithm, f->place, pin, id, out, e)
                                      : tpm2_open(f->place, pin, id, out, e);
    }
    buf_wipe(&pin_bytes);
    return rc;
}
