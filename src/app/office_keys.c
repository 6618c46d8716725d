/* The office's own keys: a sealed file each under keys/, all under one secret. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/office.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "crypto/keystore.h"
#include "ledger/keyring.h"

/* Where the secret that opens the office's keys lies: an environment variable may name a file,
 * never hold the secret. */
static char *secret_path(const struct office *o)
{
    const char *named = getenv("AFORO_OFFICE_SECRET");
    return named != NULL && *named != '\0' ? mem_strdup(named)
                                           : office_path(o, "keys/office.secret");
}

/* "keys/log-0123456789abcdef.key": sixteen digits tell apart all keys that one office has. */
static char *key_path(const struct office *o, enum key_purpose purpose, const struct hash *id)
{
    char hex[65];
    char name[64];
    hash_hex(id, hex);
    (void)snprintf(name, sizeof name, "keys/%s-%.16s.key", key_purpose_name(purpose), hex);
    return office_path(o, name);
}

/* Bound into the seal: a key's file under the name of another does not open. */
#define KEY_AAD_MAX 96
static void key_aad(enum key_purpose purpose, const struct hash *id, char out[KEY_AAD_MAX])
{
    char hex[65];
    hash_hex(id, hex);
    (void)snprintf(out, KEY_AAD_MAX, "office:%s:%s", key_purpose_name(purpose), hex);
}

static enum err_code file_write_new(const char *path, const char *text, struct err *e)
{
    if (path == NULL) {
        return err_nomem(e);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_errno(e, _("cannot make %s"), path);
    }
    size_t len = strlen(text);
    bool ok = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    return ok ? ERR_OK : err_errno(e, _("cannot write %s"), path);
}

static enum err_code file_read_small(const char *path, struct buf *out, struct err *e)
{
    char chunk[8192];
    if (path == NULL) {
        return err_nomem(e);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, _("cannot read %s"), path);
    }
    ssize_t n = read(fd, chunk, sizeof chunk);
    (void)close(fd);
    if (n < 0) {
        return err_errno(e, _("cannot read %s"), path);
    }
    buf_add(out, chunk, (size_t)n);
    secure_wipe(chunk, sizeof chunk);
    while (out->len > 0 &&
           (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r')) {
        out->data[--out->len] = '\0';
    }
    return buf_status(out, path, e);
}

/* Make the secret, or read it. */
static enum err_code secret_make(const struct office *o, uint8_t secret[32], struct err *e)
{
    struct buf hex;
    char *where = secret_path(o);
    buf_init(&hex, 256);
    enum err_code code = env_random(o->env, secret, 32, e);
    if (code == ERR_OK) {
        buf_add_hex(&hex, secret, 32);
        code = buf_status(&hex, _("secret of the office"), e);
    }
    if (code == ERR_OK) {
        code = file_write_new(where, buf_str(&hex), e);
    }
    buf_wipe(&hex);
    mem_free(where);
    return code;
}

static enum err_code secret_read(const struct office *o, uint8_t secret[32], struct err *e)
{
    struct buf hex;
    char *where = secret_path(o);
    buf_init(&hex, 16384);
    enum err_code code = file_read_small(where, &hex, e);
    if (code == ERR_OK && !hex_decode(buf_str(&hex), hex.len, secret, 32)) {
        code = err_set(e, ERR_CRYPTO, _("%s does not hold 64 hexadecimal digits"), where);
    }
    buf_wipe(&hex);
    mem_free(where);
    return code;
}

static enum err_code key_write(const struct office *o, enum key_purpose purpose,
                               const struct sign_key *key, const uint8_t secret[32],
                               struct err *e)
{
    struct buf sealed;
    char aad[KEY_AAD_MAX];
    char *path = key_path(o, purpose, sign_key_id(key));
    key_aad(purpose, sign_key_id(key), aad);
    buf_init(&sealed, 8192);
    enum err_code code = key_seal_secret(key, secret, aad, o->env, &sealed, e);
    if (code == ERR_OK) {
        code = file_write_new(path, buf_str(&sealed), e);
    }
    buf_release(&sealed);
    mem_free(path);
    return code;
}

enum err_code office_keys_create(struct office *o, struct err *e)
{
    uint8_t secret[32];
    struct sign_key *log = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    enum err_code code = secret_make(o, secret, e);
    if (code == ERR_OK) {
        code = sign_key_generate(&o->key, e);
    }
    if (code == ERR_OK) {
        code = key_write(o, KEY_ENTRY, o->key, secret, e);
    }
    if (code == ERR_OK) {
        code = sign_key_generate_as(KEY_ED25519, &o->document_key, e);
    }
    if (code == ERR_OK) {
        code = key_write(o, KEY_DOCUMENT, o->document_key, secret, e);
    }
    if (code == ERR_OK) {
        code = sign_key_generate_as(KEY_ED25519, &log, e);
    }
    if (code == ERR_OK) {
        code = key_write(o, KEY_LOG, log, secret, e);
        if (code == ERR_OK) {
            code = note_key_take(origin, log, &o->log_key, e);
        } else {
            sign_key_free(log);
        }
    }
    secure_wipe(secret, sizeof secret);
    return code;
}

/* The key of a purpose that is valid now. *found false in an office that is being made. */
static enum err_code key_now(const struct office *o, enum key_purpose purpose, struct hash *id,
                             bool *found, struct err *e)
{
    struct stmt *q = NULL;
    char owner[48];
    (void)snprintf(owner, sizeof owner, "office:%s", o->code);
    TRY(db_query(o->db, &q, e,
                 "SELECT keyid FROM key WHERE owner=? AND purpose=? AND valid_to IS NULL "
                 "ORDER BY valid_from DESC LIMIT 1",
                 VALS(V_TEXT(owner), V_TEXT(key_purpose_name(purpose)))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        size_t len = 0;
        const void *bytes = stmt_blob(q, 0, &len);
        if (len == HASH_SIZE) {
            memcpy(id->b, bytes, HASH_SIZE);
        } else {
            code = err_set(e, ERR_TAMPERED,
                           _("a key of the office has no proper id; run: "
                             "aforo verify --deep"));
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code key_open(const struct office *o, enum key_purpose purpose,
                              const struct hash *id, struct sign_key **out, struct err *e)
{
    uint8_t secret[32];
    struct buf sealed;
    char aad[KEY_AAD_MAX];
    char *path = key_path(o, purpose, id);
    key_aad(purpose, id, aad);
    buf_init(&sealed, 16384);
    enum err_code code = secret_read(o, secret, e);
    if (code == ERR_OK) {
        code = file_read_small(path, &sealed, e);
    }
    if (code == ERR_OK) {
        code = key_open_secret_as(purpose == KEY_ENTRY ? KEY_P256 : KEY_ED25519,
                                  buf_str(&sealed), secret, aad, out, e);
        if (code != ERR_OK) {
            code = err_wrap(e, "%s", path);
        }
    }
    secure_wipe(secret, sizeof secret);
    buf_release(&sealed);
    mem_free(path);
    return code;
}

/* Open the valid key of a purpose unless `have` is it already. *out NULL: keep what is there.
 */
static enum err_code key_renew(const struct office *o, enum key_purpose purpose,
                               const struct hash *have, struct sign_key **out, struct err *e)
{
    struct hash id;
    bool found = false;
    *out = NULL;
    TRY(key_now(o, purpose, &id, &found, e));
    if (!found && have == NULL) {
        return err_set(e, ERR_NOT_FOUND,
                       _("the office has no valid key for the purpose \"%s\""),
                       key_purpose_name(purpose));
    }
    if (!found || (have != NULL && hash_equal(&id, have))) {
        return ERR_OK;
    }
    return key_open(o, purpose, &id, out, e);
}

static enum err_code key_get(const struct office *o, enum key_purpose purpose,
                             struct sign_key **have, struct err *e)
{
    struct sign_key *fresh = NULL;
    TRY(key_renew(o, purpose, *have == NULL ? NULL : sign_key_id(*have), &fresh, e));
    if (fresh != NULL) {
        sign_key_free(*have);
        *have = fresh;
    }
    return ERR_OK;
}

enum err_code office_key(struct office *o, struct sign_key **out, struct err *e)
{
    TRY(key_get(o, KEY_ENTRY, &o->key, e));
    *out = o->key;
    return ERR_OK;
}

enum err_code office_document_key(struct office *o, struct sign_key **out, struct err *e)
{
    TRY(key_get(o, KEY_DOCUMENT, &o->document_key, e));
    *out = o->document_key;
    return ERR_OK;
}

enum err_code office_log_key(struct office *o, struct note_key **out, struct err *e)
{
    struct sign_key *fresh = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    TRY(key_renew(o, KEY_LOG,
                  o->log_key == NULL ? NULL : sign_key_id(note_key_signer(o->log_key)), &fresh,
                  e));
    if (fresh != NULL) {
        note_key_free(o->log_key);
        o->log_key = NULL;
        TRY(note_key_take(origin, fresh, &o->log_key, e));
    }
    *out = o->log_key;
    return ERR_OK;
}

void office_origin(const struct office *o, char out[OFFICE_ORIGIN_MAX + 1])
{
    (void)snprintf(out, OFFICE_ORIGIN_MAX + 1, "aforo.office/%s", o->code);
}
