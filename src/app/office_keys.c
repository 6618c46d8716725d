/* The office's own keys: a sealed file each under keys/, all under one secret. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/files.h"
#include "app/office.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "crypto/keyfile.h"
#include "ledger/keyring.h"

/* Where the secret that opens the office's keys lies: an environment variable may name a file,
 * never hold the secret. */
static char *secret_path(const struct office *o)
{
    const char *named = getenv("AFORO_OFFICE_SECRET");
    return named != NULL && *named != '\0' ? mem_strdup(named)
                                           : office_path(o, "keys/office.secret");
}

void office_key_file(enum key_purpose purpose, const struct hash *id, char out[64])
{
    char hex[65];
    hash_hex(id, hex);
    (void)snprintf(out, 64, "%s-%.16s.key", key_purpose_name(purpose), hex);
}

static char *key_path(const struct office *o, enum key_purpose purpose, const struct hash *id)
{
    char file[64];
    char name[80];
    office_key_file(purpose, id, file);
    (void)snprintf(name, sizeof name, "keys/%s", file);
    return office_path(o, name);
}

/* Bound into the seal: a key's file under the name of another does not open. */
#define KEY_AAD_MAX 32
static void key_aad(enum key_purpose purpose, char out[KEY_AAD_MAX])
{
    (void)snprintf(out, KEY_AAD_MAX, "office:%s", key_purpose_name(purpose));
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
    bool ok = file_put(fd, text, strlen(text)) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    enum err_code code = ok ? ERR_OK : err_errno(e, _("cannot write %s"), path);
    if (code == ERR_OK) { /* the entry that names the key must never outlive its file */
        code = folder_sync_of(path, e);
    }
    if (code != ERR_OK) {
        (void)unlink(path);
    }
    return code;
}

static enum err_code file_read_small(const char *path, struct buf *out, struct err *e)
{
    char chunk[KEYFILE_BYTES_MAX];
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
    buf_init(&hex, KEYFILE_BYTES_MAX + 1);
    enum err_code code = file_read_small(where, &hex, e);
    while (hex.len > 0 && (hex.data[hex.len - 1] == '\n' || hex.data[hex.len - 1] == '\r')) {
        hex.data[--hex.len] = '\0';
    }
    if (code == ERR_OK && !hex_decode(buf_str(&hex), hex.len, secret, 32)) {
        code = err_set(e, ERR_CRYPTO, _("%s does not hold 64 hexadecimal digits"), where);
    }
    buf_wipe(&hex);
    mem_free(where);
    return code;
}

static enum err_code key_write(const struct office *o, enum key_purpose purpose,
                               const struct hash *id, const struct keyfile *f, struct err *e)
{
    struct buf text;
    char *path = key_path(o, purpose, id);
    buf_init(&text, KEYFILE_BYTES_MAX + 1);
    enum err_code code = keyfile_print(f, &text, e);
    if (code == ERR_OK) {
        code = file_write_new(path, buf_str(&text), e);
    }
    buf_release(&text);
    mem_free(path);
    return code;
}

static enum err_code key_make_under(const struct office *o, enum key_purpose purpose,
                                    const struct key_want *want, const uint8_t secret[32],
                                    struct sign_key **out, struct err *e)
{
    struct keyfile f;
    struct sign_key *k = NULL;
    char aad[KEY_AAD_MAX];
    key_aad(purpose, aad);
    TRY(keyfile_make(want, secret, aad, o->env, &f, &k, e));
    enum err_code code = key_write(o, purpose, sign_key_id(k), &f, e);
    secure_wipe(&f, sizeof f);
    if (code != ERR_OK) {
        sign_key_free(k);
        return code;
    }
    *out = k;
    return ERR_OK;
}

enum err_code office_key_make(const struct office *o, enum key_purpose purpose,
                              const struct key_want *want, struct sign_key **out, struct err *e)
{
    uint8_t secret[32];
    enum err_code code = secret_read(o, secret, e);
    if (code == ERR_OK) {
        code = key_make_under(o, purpose, want, secret, out, e);
    }
    secure_wipe(secret, sizeof secret);
    return code;
}

enum err_code office_keys_create(struct office *o, struct err *e)
{
    static const struct key_want p256 = {STORE_FILE, KEY_P256, NULL, NULL, ""};
    static const struct key_want ed25519 = {STORE_FILE, KEY_ED25519, NULL, NULL, ""};
    uint8_t secret[32];
    struct sign_key *log = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    enum err_code code = secret_make(o, secret, e);
    if (code == ERR_OK) {
        code = key_make_under(o, KEY_ENTRY, &p256, secret, &o->key, e);
    }
    if (code == ERR_OK) {
        code = key_make_under(o, KEY_DOCUMENT, &ed25519, secret, &o->document_key, e);
    }
    if (code == ERR_OK) {
        code = key_make_under(o, KEY_LOG, &ed25519, secret, &log, e);
    }
    if (code == ERR_OK) {
        code = note_key_take(origin, log, &o->log_key, e);
    }
    secure_wipe(secret, sizeof secret);
    return code;
}

enum err_code office_key_now(const struct office *o, enum key_purpose purpose,
                             enum key_algorithm a, struct hash *id, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    char owner[48];
    (void)snprintf(owner, sizeof owner, "office:%s", o->code);
    TRY(db_query(
        o->db, &q, e,
        "SELECT keyid FROM key WHERE owner=? AND purpose=? AND algorithm=? AND "
        "valid_to IS NULL ORDER BY valid_from DESC LIMIT 1",
        VALS(V_TEXT(owner), V_TEXT(key_purpose_name(purpose)), V_TEXT(key_algorithm_name(a)))));
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

static enum err_code keyfile_read(const struct office *o, enum key_purpose purpose,
                                  const struct hash *id, struct keyfile *f, struct err *e)
{
    struct buf text;
    char *path = key_path(o, purpose, id);
    buf_init(&text, KEYFILE_BYTES_MAX + 1);
    enum err_code code = file_read_small(path, &text, e);
    if (code == ERR_OK) {
        code = keyfile_parse(buf_str(&text), text.len, f, e);
        code = code == ERR_OK ? code : err_wrap(e, "%s", path);
    }
    buf_release(&text);
    mem_free(path);
    return code;
}

enum err_code office_key_open(const struct office *o, enum key_purpose purpose,
                              const struct hash *id, struct sign_key **out, struct err *e)
{
    uint8_t secret[32];
    struct keyfile f;
    char aad[KEY_AAD_MAX];
    key_aad(purpose, aad);
    enum err_code code = keyfile_read(o, purpose, id, &f, e);
    if (code == ERR_OK) {
        code = secret_read(o, secret, e);
    }
    if (code == ERR_OK) {
        code = keyfile_open(&f, secret, aad, id, out, e);
        if (code != ERR_OK && code != ERR_NOMEM) {
            char *path = key_path(o, purpose, id);
            code = err_wrap(e, "%s", path == NULL ? "" : path);
            mem_free(path);
        }
    }
    secure_wipe(secret, sizeof secret);
    secure_wipe(&f, sizeof f);
    return code;
}

void office_key_forget(const struct office *o, enum key_purpose purpose, const struct hash *id)
{
    char *path = key_path(o, purpose, id);
    if (path != NULL) {
        (void)unlink(path);
    }
    mem_free(path);
}

/* The new file takes the old one's name when it is whole. */
static enum err_code key_rewrite(const struct office *o, enum key_purpose purpose,
                                 const struct hash *id, const struct keyfile *f, struct err *e)
{
    struct buf text;
    struct buf other;
    char *path = key_path(o, purpose, id);
    buf_init(&text, KEYFILE_BYTES_MAX + 1);
    buf_init(&other, 8192);
    buf_addf(&other, "%s.new", path == NULL ? "" : path);
    enum err_code code = path == NULL ? err_nomem(e) : keyfile_print(f, &text, e);
    if (code == ERR_OK) {
        (void)unlink(buf_str(&other));
        code = file_write_new(buf_str(&other), buf_str(&text), e);
    }
    if (code == ERR_OK && rename(buf_str(&other), path) != 0) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    buf_release(&text);
    buf_release(&other);
    mem_free(path);
    return code;
}

enum err_code office_key_pin(const struct office *o, enum key_purpose purpose,
                             const struct hash *id, const char *pin, struct err *e)
{
    uint8_t secret[32];
    struct keyfile f;
    char aad[KEY_AAD_MAX];
    key_aad(purpose, aad);
    enum err_code code = keyfile_read(o, purpose, id, &f, e);
    if (code == ERR_OK) {
        code = secret_read(o, secret, e);
    }
    if (code == ERR_OK) {
        code = keyfile_pin(&f, pin, secret, aad, id, o->env, e);
    }
    if (code == ERR_OK) {
        code = key_rewrite(o, purpose, id, &f, e);
    }
    secure_wipe(secret, sizeof secret);
    secure_wipe(&f, sizeof f);
    return code;
}

enum err_code office_key_store(const struct office *o, enum key_purpose purpose,
                               const struct hash *id, enum key_store *out, struct err *e)
{
    struct keyfile f;
    TRY(keyfile_read(o, purpose, id, &f, e));
    *out = f.store;
    secure_wipe(&f, sizeof f);
    return ERR_OK;
}

/* Open the valid key of a purpose unless `have` is it already. *out NULL: keep what is there,
 * or, where *found is false, there is none. */
static enum err_code key_renew(const struct office *o, enum key_purpose purpose,
                               enum key_algorithm a, const struct sign_key *have,
                               struct sign_key **out, bool *found, struct err *e)
{
    struct hash id;
    *out = NULL;
    TRY(office_key_now(o, purpose, a, &id, found, e));
    if (!*found ||
        (have != NULL && !sign_key_failed(have) && hash_equal(&id, sign_key_id(have)))) {
        return ERR_OK;
    }
    return office_key_open(o, purpose, &id, out, e);
}

static enum err_code no_key(enum key_purpose purpose, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND,
                   _("the office has no valid key for the purpose \"%s\"; make one with: aforo "
                     "key create"),
                   key_purpose_name(purpose));
}

/* In an office that is being made no key is on record yet, but the first ones are open. */
static bool office_is_made(const struct office *o)
{
    return o->name[0] != '\0';
}

static enum err_code key_get(const struct office *o, enum key_purpose purpose,
                             enum key_algorithm a, struct sign_key **have, struct err *e)
{
    struct sign_key *fresh = NULL;
    bool found = false;
    TRY(key_renew(o, purpose, a, *have, &fresh, &found, e));
    if (!found && (*have == NULL || office_is_made(o))) {
        return no_key(purpose, e);
    }
    if (fresh != NULL) {
        sign_key_free(*have);
        *have = fresh;
    }
    return ERR_OK;
}

enum err_code office_key(struct office *o, struct sign_key **out, struct err *e)
{
    TRY(key_get(o, KEY_ENTRY, KEY_P256, &o->key, e));
    *out = o->key;
    return ERR_OK;
}

enum err_code office_document_key(struct office *o, struct sign_key **out, struct err *e)
{
    if (o->behind.code != ERR_OK) { /* a bill may be one that the lost entries took back */
        return err_set(e, o->behind.code, "%s", o->behind.text);
    }
    TRY(key_get(o, KEY_DOCUMENT, KEY_ED25519, &o->document_key, e));
    *out = o->document_key;
    return ERR_OK;
}

static enum err_code note_get(const struct office *o, enum key_algorithm a,
                              struct note_key **have, bool *found, struct err *e)
{
    struct sign_key *fresh = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    TRY(key_renew(o, KEY_LOG, a, *have == NULL ? NULL : note_key_signer(*have), &fresh, found,
                  e));
    if (fresh != NULL || (!*found && office_is_made(o))) {
        note_key_free(*have);
        *have = NULL;
    }
    return fresh == NULL ? ERR_OK : note_key_take(origin, fresh, have, e);
}

enum err_code office_log_key(struct office *o, struct note_key **out, struct err *e)
{
    bool found = false;
    TRY(note_get(o, KEY_ED25519, &o->log_key, &found, e));
    *out = o->log_key;
    return *out != NULL ? ERR_OK : no_key(KEY_LOG, e);
}

enum err_code office_log_key_beside(struct office *o, struct note_key **out, struct err *e)
{
    bool found = false;
    TRY(note_get(o, KEY_P256, &o->log_key_beside, &found, e));
    *out = o->log_key_beside;
    return ERR_OK;
}

void office_origin(const struct office *o, char out[OFFICE_ORIGIN_MAX + 1])
{
    (void)snprintf(out, OFFICE_ORIGIN_MAX + 1, "aforo.office/%s", o->code);
}

void office_tpm_release(struct office *o)
{
    enum key_store store = STORE_FILE;
    struct err ignored = ERR_INIT;
    note_key_free(o->log_key_beside); /* P-256: in a TPM where it is anywhere */
    o->log_key_beside = NULL;
    if (o->key != NULL &&
        office_key_store(o, KEY_ENTRY, sign_key_id(o->key), &store, &ignored) == ERR_OK &&
        store == STORE_TPM2) {
        sign_key_free(o->key);
        o->key = NULL;
    }
}
