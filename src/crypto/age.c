#include <config.h>

#include "crypto/age.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "crypto/bech32.h"
#include "crypto/hash.h"
#include "crypto/ossl.h"

#include <openssl/hmac.h>
#include <openssl/kdf.h>

#define LINE_MAX_BYTES 96
#define BODY_LINE 64 /* signs of a full line of a stanza */
#define HEADER_MAX 16384
#define STANZAS_MAX 64
#define FILE_KEY 16
#define TAG 16
#define WORK_FACTOR 16     /* scrypt, log2 N: 64 MiB */
#define WORK_FACTOR_MAX 18 /* 256 MiB, what age itself writes: more, a forged file asks for */

static const char version[] = "age-encryption.org/v1";

struct age {
    FILE *file;
    uint8_t key[32]; /* of the payload */
    uint64_t counter;
    uint8_t plain[AGE_CHUNK];
    size_t len, at; /* of plain; at: read so far */
    uint8_t sealed[AGE_CHUNK + TAG + 1];
    size_t ahead; /* bytes of `sealed` that are read already */
    bool last;    /* the last chunk is in `plain` */
};

/* ---- primitives ---- */

static bool hkdf(const void *ikm, size_t ikm_len, const void *salt, size_t salt_len,
                 const char *info, uint8_t out[32])
{
    size_t len = 32;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    bool ok =
        c != NULL && EVP_PKEY_derive_init(c) == 1 &&
        EVP_PKEY_CTX_set_hkdf_md(c, ossl_sha256()) == 1 &&
        (salt_len == 0 || EVP_PKEY_CTX_set1_hkdf_salt(c, salt, (int)salt_len) == 1) &&
        EVP_PKEY_CTX_set1_hkdf_key(c, ikm, (int)ikm_len) == 1 &&
        EVP_PKEY_CTX_add1_hkdf_info(c, (const unsigned char *)info, (int)strlen(info)) == 1 &&
        EVP_PKEY_derive(c, out, &len) == 1;
    EVP_PKEY_CTX_free(c);
    return ok;
}

/* ChaCha20-Poly1305: `out` gets len + TAG bytes. */
static bool chacha_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *plain,
                        size_t len, uint8_t *out)
{
    int n = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = c != NULL &&
              EVP_EncryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(c, out, &n, plain, (int)len) == 1 &&
              EVP_EncryptFinal_ex(c, out + n, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, out + len) == 1;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

static bool chacha_open(const uint8_t key[32], const uint8_t nonce[12], uint8_t *sealed,
                        size_t len, uint8_t *out)
{
    int n = 0;
    EVP_CIPHER_CTX *c = len < TAG ? NULL : EVP_CIPHER_CTX_new();
    bool ok = c != NULL &&
              EVP_DecryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, sealed + len - TAG) == 1 &&
              EVP_DecryptUpdate(c, out, &n, sealed, (int)(len - TAG)) == 1 &&
              EVP_DecryptFinal_ex(c, out + n, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

static bool scrypt_key(const char *passphrase, const uint8_t salt[16], unsigned work,
                       uint8_t out[32])
{
    uint8_t full[64];
    static const char label[] = "age-encryption.org/v1/scrypt";
    size_t len = sizeof label - 1;
    memcpy(full, label, len);
    memcpy(full + len, salt, 16);
    return EVP_PBE_scrypt(passphrase, strlen(passphrase), full, len + 16, UINT64_C(1) << work,
                          8, 1, (UINT64_C(1) << work) * 8 * 128 + (UINT64_C(64) << 20), out,
                          32) == 1;
}

static bool x25519_public(const uint8_t secret[32], uint8_t public[32])
{
    size_t len = 32;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    bool ok = k != NULL && EVP_PKEY_get_raw_public_key(k, public, &len) == 1;
    EVP_PKEY_free(k);
    return ok;
}

static bool x25519(const uint8_t secret[32], const uint8_t public[32], uint8_t shared[32])
{
    size_t len = 32;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    EVP_PKEY *p = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public, 32);
    EVP_PKEY_CTX *c = k != NULL ? EVP_PKEY_CTX_new(k, NULL) : NULL;
    bool ok = p != NULL && c != NULL && EVP_PKEY_derive_init(c) == 1 &&
              EVP_PKEY_derive_set_peer(c, p) == 1 && EVP_PKEY_derive(c, shared, &len) == 1;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(p);
    EVP_PKEY_free(k);
    return ok; /* OpenSSL refuses an all-zero secret itself */
}

/* ---- text forms ---- */

/* Unpadded base64 of a header's fields. */
static void base64_add(struct buf *out, const void *data, size_t len)
{
    buf_add_base64(out, data, len);
    while (!out->failed && out->len > 0 && out->data[out->len - 1] == '=') {
        out->data[--out->len] = '\0';
    }
}

static bool base64_take(const char *text, size_t len, uint8_t *out, size_t size)
{
    char padded[LINE_MAX_BYTES];
    struct buf b;
    struct err e = ERR_INIT;
    if (len + 4 > sizeof padded || memchr(text, '=', len) != NULL) {
        return false;
    }
    memcpy(padded, text, len);
    while (len % 4 != 0) {
        padded[len++] = '=';
    }
    buf_init(&b, 256);
    bool ok = base64_decode(padded, len, &b, &e) == ERR_OK && b.len == size;
    if (ok) {
        memcpy(out, b.data, size);
    }
    buf_wipe(&b);
    return ok;
}

/* Is it what base64_take takes, whatever it holds? The unused bits of the last sign are zero.
 */
static bool base64_sound(const char *text)
{
    static const char signs[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strspn(text, signs);
    if (text[len] != '\0' || len % 4 == 1) {
        return false;
    }
    size_t unused = len % 4 == 2 ? 15 : len % 4 == 3 ? 3 : 0;
    return unused == 0 || ((size_t)(strchr(signs, text[len - 1]) - signs) & unused) == 0;
}

/* ---- the header ---- */

static const uint8_t zero_nonce[12];

static enum err_code crypto_fail(struct err *e)
{
    return ossl_error(e, ERR_CRYPTO, _("encryption"));
}

static enum err_code stanza_scrypt(const char *passphrase, const uint8_t file_key[FILE_KEY],
                                   const struct env *env, struct buf *out, struct err *e)
{
    uint8_t salt[16];
    uint8_t wrap[32];
    uint8_t body[FILE_KEY + TAG];
    TRY(env_random(env, salt, sizeof salt, e));
    bool ok = scrypt_key(passphrase, salt, WORK_FACTOR, wrap) &&
              chacha_seal(wrap, zero_nonce, file_key, FILE_KEY, body);
    secure_wipe(wrap, sizeof wrap);
    buf_adds(out, "-> scrypt ");
    base64_add(out, salt, sizeof salt);
    buf_addf(out, " %d\n", WORK_FACTOR);
    base64_add(out, body, sizeof body);
    buf_addc(out, '\n');
    return ok ? ERR_OK : crypto_fail(e);
}

/* The key that wraps the file key, from the shared secret and both public keys. */
static bool x25519_wrap(const uint8_t shared[32], const uint8_t share[32],
                        const uint8_t recipient[32], uint8_t wrap[32])
{
    uint8_t salt[64];
    memcpy(salt, share, 32);
    memcpy(salt + 32, recipient, 32);
    return hkdf(shared, 32, salt, 64, "age-encryption.org/v1/X25519", wrap);
}

static enum err_code stanza_x25519(const char *recipient, const uint8_t file_key[FILE_KEY],
                                   const struct env *env, struct buf *out, struct err *e)
{
    uint8_t to[32];
    uint8_t secret[32];
    uint8_t share[32];
    uint8_t shared[32];
    uint8_t wrap[32];
    uint8_t body[FILE_KEY + TAG];
    if (!bech32_decode(recipient, "age", to)) {
        return err_set(e, ERR_PARSE, _("\"%s\" is no recipient; it begins with age1"),
                       recipient);
    }
    TRY(env_random(env, secret, sizeof secret, e));
    bool ok = x25519_public(secret, share) && x25519(secret, to, shared) &&
              x25519_wrap(shared, share, to, wrap) &&
              chacha_seal(wrap, zero_nonce, file_key, FILE_KEY, body);
    secure_wipe(secret, sizeof secret);
    secure_wipe(shared, sizeof shared);
    secure_wipe(wrap, sizeof wrap);
    buf_adds(out, "-> X25519 ");
    base64_add(out, share, sizeof share);
    buf_addc(out, '\n');
    base64_add(out, body, sizeof body);
    buf_addc(out, '\n');
    return ok ? ERR_OK : crypto_fail(e);
}

static bool header_mac(const uint8_t file_key[FILE_KEY], const void *header, size_t len,
                       uint8_t mac[32])
{
    uint8_t key[32];
    unsigned n = 32;
    bool ok = hkdf(file_key, FILE_KEY, NULL, 0, "header", key) &&
              HMAC(ossl_sha256(), key, 32, header, len, mac, &n) != NULL;
    secure_wipe(key, sizeof key);
    return ok;
}

static enum err_code header_write(struct age *a, const struct age_key *key,
                                  const struct env *env, struct buf *h, struct err *e)
{
    uint8_t file_key[FILE_KEY];
    uint8_t nonce[16];
    uint8_t mac[32];
    TRY(env_random(env, file_key, sizeof file_key, e));
    TRY(env_random(env, nonce, sizeof nonce, e));
    buf_addf(h, "%s\n", version);
    TRY(key->passphrase != NULL ? stanza_scrypt(key->passphrase, file_key, env, h, e)
                                : stanza_x25519(key->text, file_key, env, h, e));
    buf_adds(h, "---");
    TRY(buf_status(h, _("header"), e));
    bool ok = header_mac(file_key, h->data, h->len, mac) &&
              hkdf(file_key, FILE_KEY, nonce, sizeof nonce, "payload", a->key);
    secure_wipe(file_key, sizeof file_key);
    buf_addc(h, ' ');
    base64_add(h, mac, sizeof mac);
    buf_addc(h, '\n');
    buf_add(h, nonce, sizeof nonce);
    TRY(buf_status(h, _("header"), e));
    if (!ok) {
        return crypto_fail(e);
    }
    return fwrite(h->data, 1, h->len, a->file) == h->len
               ? ERR_OK
               : err_errno(e, _("cannot write the encrypted file"));
}

enum err_code age_write_open(FILE *file, const struct age_key *key, const struct env *env,
                             struct age **out, struct err *e)
{
    struct buf header;
    struct age *a = mem_alloc(sizeof *a);
    *out = NULL;
    if (a == NULL) {
        return err_nomem(e);
    }
    a->file = file;
    buf_init(&header, HEADER_MAX);
    enum err_code code = header_write(a, key, env, &header, e);
    buf_release(&header);
    if (code != ERR_OK) {
        age_free(a);
        return code;
    }
    *out = a;
    return ERR_OK;
}

/* ---- reading the header ---- */

struct header {
    struct buf text; /* up to and with "---" */
    uint8_t file_key[FILE_KEY];
    bool opened;
    bool scrypt_seen;
    int stanzas;
};

static enum err_code no_age(struct err *e)
{
    return err_set(e, ERR_PARSE, _("this is no age-encrypted file, or its header is damaged"));
}

/* One line without its end; it is added to the header's text. */
static enum err_code line_read(struct age *a, struct header *h, char out[LINE_MAX_BYTES + 1],
                               struct err *e)
{
    size_t len = 0;
    int c = 0;
    while ((c = fgetc(a->file)) != EOF && c != '\n') {
        if (len == LINE_MAX_BYTES || c < 0x20 || c > 0x7e) {
            return no_age(e);
        }
        out[len++] = (char)c;
    }
    out[len] = '\0';
    if (c == EOF) {
        return no_age(e);
    }
    if (strncmp(out, "---", 3) == 0) {
        buf_adds(&h->text, "---");
    } else {
        buf_addf(&h->text, "%s\n", out);
    }
    return buf_status(&h->text, _("header"), e) == ERR_OK ? ERR_OK : no_age(e);
}

static enum err_code stanza_open(struct header *h, const struct age_key *key, const char *head,
                                 const char *body, struct err *e)
{
    uint8_t sealed[FILE_KEY + TAG];
    uint8_t field[32];
    uint8_t wrap[32];
    bool wrapped = base64_take(body, strlen(body), sealed, sizeof sealed);
    if (strncmp(head, "-> scrypt ", 10) == 0) {
        const char *space = strchr(head + 10, ' ');
        h->scrypt_seen = true;
        unsigned work = 0;
        for (const char *at = space != NULL ? space + 1 : ""; *at != '\0'; at++) {
            if (*at < '0' || *at > '9' || work > 99) {
                return no_age(e);
            }
            work = work * 10 + (unsigned)(*at - '0');
        }
        if (space == NULL || !wrapped || space[1] == '0' || work == 0 ||
            !base64_take(head + 10, (size_t)(space - head - 10), field, 16)) {
            return no_age(e);
        }
        if (work > WORK_FACTOR_MAX) {
            return err_set(e, ERR_LIMIT,
                           _("the passphrase of this file costs 2^%u, beyond 2^%d"), work,
                           WORK_FACTOR_MAX);
        }
        h->opened =
            h->opened ||
            (key->passphrase != NULL && scrypt_key(key->passphrase, field, work, wrap) &&
             chacha_open(wrap, zero_nonce, sealed, sizeof sealed, h->file_key));
    } else if (strncmp(head, "-> X25519 ", 10) == 0) {
        uint8_t secret[32];
        uint8_t own[32];
        uint8_t shared[32];
        if (!wrapped || !base64_take(head + 10, strlen(head + 10), field, 32)) {
            return no_age(e);
        }
        h->opened = h->opened ||
                    (key->text != NULL && bech32_decode(key->text, "AGE-SECRET-KEY-", secret) &&
                     x25519_public(secret, own) && x25519(secret, field, shared) &&
                     x25519_wrap(shared, field, own, wrap) &&
                     chacha_open(wrap, zero_nonce, sealed, sizeof sealed, h->file_key));
        secure_wipe(secret, sizeof secret);
    } /* others are for other programs */
    secure_wipe(wrap, sizeof wrap);
    ERR_clear_error();
    return ERR_OK;
}

/* The lines of a stanza's body, of whatever kind: full ones and one that is not. body: the
 * first, all that ours have. */
static enum err_code body_read(struct age *a, struct header *h, char body[LINE_MAX_BYTES + 1],
                               struct err *e)
{
    char line[LINE_MAX_BYTES + 1];
    size_t len = BODY_LINE;
    body[0] = '\0';
    for (bool first = true; len == BODY_LINE; first = false) {
        TRY(line_read(a, h, line, e));
        len = strlen(line);
        if (len > BODY_LINE || !base64_sound(line)) {
            return no_age(e);
        }
        if (first) {
            memcpy(body, line, len + 1);
        }
    }
    return ERR_OK;
}

/* "--- MAC": everything above is authentic, and the payload's key follows. */
static enum err_code header_end(struct age *a, struct header *h, const char *line,
                                struct err *e)
{
    uint8_t told[32];
    uint8_t mac[32];
    uint8_t nonce[16];
    if (strncmp(line, "--- ", 4) != 0 || !base64_take(line + 4, strlen(line + 4), told, 32) ||
        h->stanzas == 0 || (h->scrypt_seen && h->stanzas != 1)) {
        return no_age(e);
    }
    if (!h->opened) {
        return err_set(e, ERR_DENIED,
                       h->scrypt_seen ? _("the passphrase does not open this file")
                                      : _("this key does not open this file"));
    }
    if (!header_mac(h->file_key, h->text.data, h->text.len, mac) ||
        CRYPTO_memcmp(mac, told, 32) != 0) {
        return err_set(e, ERR_TAMPERED, _("the header of the encrypted file was changed"));
    }
    if (fread(nonce, 1, sizeof nonce, a->file) != sizeof nonce) {
        return err_set(e, ERR_TAMPERED, _("the encrypted file was cut"));
    }
    return hkdf(h->file_key, FILE_KEY, nonce, sizeof nonce, "payload", a->key) ? ERR_OK
                                                                               : crypto_fail(e);
}

static enum err_code header_read(struct age *a, struct header *h, const struct age_key *key,
                                 struct err *e)
{
    char head[LINE_MAX_BYTES + 1];
    char body[LINE_MAX_BYTES + 1];
    char line[LINE_MAX_BYTES + 1];
    TRY(line_read(a, h, line, e));
    if (strcmp(line, version) != 0) {
        return no_age(e);
    }
    TRY(line_read(a, h, line, e));
    while (strncmp(line, "-> ", 3) == 0 && h->stanzas < STANZAS_MAX) {
        memcpy(head, line, sizeof head);
        if (strstr(head, "  ") != NULL || head[strlen(head) - 1] == ' ') {
            return no_age(e); /* an argument is never empty */
        }
        TRY(body_read(a, h, body, e));
        h->stanzas++;
        TRY(stanza_open(h, key, head, body, e));
        TRY(line_read(a, h, line, e));
    }
    return header_end(a, h, line, e);
}

enum err_code age_read_open(FILE *file, const struct age_key *key, struct age **out,
                            struct err *e)
{
    struct header h = {.stanzas = 0};
    struct age *a = mem_alloc(sizeof *a);
    *out = NULL;
    if (a == NULL) {
        return err_nomem(e);
    }
    a->file = file;
    buf_init(&h.text, HEADER_MAX);
    enum err_code code = header_read(a, &h, key, e);
    buf_release(&h.text);
    secure_wipe(h.file_key, sizeof h.file_key);
    if (code != ERR_OK) {
        age_free(a);
        return code;
    }
    *out = a;
    return ERR_OK;
}

/* ---- the payload: chunks of 64 KiB, the last marked ---- */

static void chunk_nonce(uint64_t counter, bool last, uint8_t nonce[12])
{
    memset(nonce, 0, 12);
    for (unsigned i = 0; i < 8; i++) {
        nonce[10 - i] = (uint8_t)(counter >> (8 * i));
    }
    nonce[11] = last ? 1 : 0;
}

static enum err_code chunk_write(struct age *a, bool last, struct err *e)
{
    uint8_t nonce[12];
    chunk_nonce(a->counter++, last, nonce);
    if (!chacha_seal(a->key, nonce, a->plain, a->len, a->sealed)) {
        return crypto_fail(e);
    }
    size_t len = a->len + TAG;
    a->len = 0;
    return fwrite(a->sealed, 1, len, a->file) == len
               ? ERR_OK
               : err_errno(e, _("cannot write the encrypted file"));
}

enum err_code age_write(struct age *a, const void *data, size_t len, struct err *e)
{
    const uint8_t *at = data;
    while (len > 0) {
        if (a->len == AGE_CHUNK) { /* only when more follows: a full chunk may be the last */
            TRY(chunk_write(a, false, e));
        }
        size_t n = len < AGE_CHUNK - a->len ? len : AGE_CHUNK - a->len;
        memcpy(a->plain + a->len, at, n);
        a->len += n;
        at += n;
        len -= n;
    }
    return ERR_OK;
}

enum err_code age_finish(struct age *a, struct err *e)
{
    return chunk_write(a, true, e);
}

static enum err_code chunk_read(struct age *a, struct err *e)
{
    uint8_t nonce[12];
    size_t want = sizeof a->sealed - a->ahead;
    size_t got = fread(a->sealed + a->ahead, 1, want, a->file);
    if (ferror(a->file) != 0) {
        return err_errno(e, _("cannot read the encrypted file"));
    }
    size_t have = a->ahead + got;
    bool last = have < sizeof a->sealed; /* one byte beyond a chunk: more follows */
    size_t len = last ? have : have - 1;
    chunk_nonce(a->counter++, last, nonce);
    if (len < TAG || (len == TAG && a->counter != 1) ||
        !chacha_open(a->key, nonce, a->sealed, len, a->plain)) {
        ERR_clear_error();
        return err_set(e, ERR_TAMPERED, _("the encrypted file was changed or cut"));
    }
    a->sealed[0] = a->sealed[sizeof a->sealed - 1];
    a->ahead = last ? 0 : 1;
    a->last = last;
    a->len = len - TAG;
    a->at = 0;
    return ERR_OK;
}

enum err_code age_read(struct age *a, void *data, size_t len, size_t *got, struct err *e)
{
    uint8_t *to = data;
    *got = 0;
    while (*got < len) {
        if (a->at == a->len) {
            if (a->last) {
                return ERR_OK;
            }
            TRY(chunk_read(a, e));
            continue;
        }
        size_t n = len - *got < a->len - a->at ? len - *got : a->len - a->at;
        memcpy(to + *got, a->plain + a->at, n);
        a->at += n;
        *got += n;
    }
    return ERR_OK;
}

void age_free(struct age *a)
{
    if (a != NULL) {
        secure_wipe(a, sizeof *a);
        mem_free(a);
    }
}
