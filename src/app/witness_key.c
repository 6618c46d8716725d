/* A witness's folder and key: made, opened. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/witness.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/keyfile.h"
#include "crypto/seal.h"

#define SECRET_SIZE 32
static const char key_aad[] = "witness:cosign";
static const char secret_aad[] = "witness:secret";

char *witness_path(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = mem_alloc(size);
    if (path != NULL) {
        (void)snprintf(path, size, "%s/%s", dir, name);
    }
    return path;
}

static bool secret_elsewhere(void)
{
    const char *named = getenv("AFORO_WITNESS_SECRET");
    return named != NULL && *named != '\0';
}

/* As for offices: the environment may name a file, never hold the secret. */
static char *secret_path(const char *dir)
{
    return secret_elsewhere() ? mem_strdup(getenv("AFORO_WITNESS_SECRET"))
                              : witness_path(dir, "witness.secret");
}

static enum err_code text_write(const char *dir, const char *name, const struct buf *text,
                                struct err *e)
{
    char *path = witness_path(dir, name);
    enum err_code code = path == NULL ? err_nomem(e) : buf_status(text, path, e);
    if (code == ERR_OK) {
        code = file_replace(path, text->data, text->len, e);
    }
    mem_free(path);
    return code;
}

/* Append a file without the newlines at its end. */
static enum err_code text_read(const char *path, struct buf *out, struct err *e)
{
    if (path == NULL) {
        return err_nomem(e);
    }
    TRY(file_read(path, out, e));
    while (out->len > 0 && out->data[out->len - 1] == '\n') {
        out->data[--out->len] = '\0';
    }
    return ERR_OK;
}

/* ---- made
 * ---------------------------------------------------------------------------------- */

static enum err_code secret_write(const char *path, const uint8_t secret[SECRET_SIZE],
                                  const char *password, const struct env *env, struct err *e)
{
    struct buf text;
    buf_init(&text, SEAL_LINE_MAX);
    enum err_code code = ERR_OK;
    if (password != NULL) {
        code = seal_password(secret, SECRET_SIZE, password, secret_aad, &kdf_cost_default, env,
                             &text, e);
    } else {
        buf_add_hex(&text, secret, SECRET_SIZE);
    }
    buf_addc(&text, '\n');
    code = code == ERR_OK ? buf_status(&text, path, e) : code;
    if (code == ERR_OK) {
        code = file_replace(path, text.data, text.len, e);
    }
    buf_wipe(&text);
    return code;
}

static enum err_code key_write(const char *dir, const char *name, const uint8_t *secret,
                               const struct env *env, struct buf *vkey, struct err *e)
{
    static const struct key_want want = {STORE_FILE, KEY_ED25519, NULL, NULL, ""};
    struct keyfile f;
    struct sign_key *k = NULL;
    struct buf text;
    TRY(keyfile_make(&want, secret, key_aad, env, &f, &k, e));
    buf_init(&text, KEYFILE_BYTES_MAX + 1);
    enum err_code code = cosigner_vkey(name, k, vkey, e);
    if (code == ERR_OK) {
        code = keyfile_print(&f, &text, e);
    }
    if (code == ERR_OK) {
        code = text_write(dir, "witness.key", &text, e);
    }
    buf_release(&text);
    secure_wipe(&f, sizeof f);
    sign_key_free(k);
    return code;
}

static enum err_code folder_make(const char *path, struct err *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST
               ? ERR_OK
               : err_errno(e, _("cannot make the folder %s"), path);
}

static enum err_code folders_make(const char *dir, struct err *e)
{
    static const char *const names[] = {"logs", "evidence"};
    TRY(folder_make(dir, e));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = witness_path(dir, names[i]);
        enum err_code code = path == NULL ? err_nomem(e) : folder_make(path, e);
        mem_free(path);
        TRY(code);
    }
    return ERR_OK;
}

/* The verifier key comes last: where it stands, the witness is whole. */
static enum err_code parts_make(const char *dir, const char *name, const char *secret_file,
                                const char *password, const struct env *env, struct buf *vkey,
                                struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    struct buf line;
    TRY(folders_make(dir, e));
    TRY(env_random(env, secret, sizeof secret, e));
    buf_init(&line, WITNESS_VKEY_MAX + 1);
    enum err_code code = key_write(dir, name, secret, env, vkey, e);
    if (code == ERR_OK) {
        code = secret_write(secret_file, secret, password, env, e);
    }
    if (code == ERR_OK) {
        buf_addf(&line, "%s\n", buf_str(vkey));
        code = text_write(dir, "witness.vkey", &line, e);
    }
    buf_release(&line);
    secure_wipe(secret, sizeof secret);
    return code;
}

enum err_code witness_create(const char *dir, const char *name, const char *password,
                             const struct env *env, struct buf *vkey, struct err *e)
{
    char *whole = witness_path(dir, "witness.vkey");
    char *secret = secret_path(dir);
    enum err_code code = ERR_OK;
    if (whole == NULL || secret == NULL) {
        code = err_nomem(e);
    } else if (access(whole, F_OK) == 0) {
        code = err_set(e, ERR_EXISTS, _("there is a witness in %s already"), dir);
    } else if (secret_elsewhere() && access(secret, F_OK) == 0) {
        code =
            err_set(e, ERR_EXISTS,
                    _("%s, named by AFORO_WITNESS_SECRET, is there already: it may be another "
                      "witness's secret; name a new file"),
                    secret);
    } else {
        code = parts_make(dir, name, secret, password, env, vkey, e);
    }
    mem_free(whole);
    mem_free(secret);
    return code;
}

/* ---- opened
 * -------------------------------------------------------------------------------- */

static enum err_code vkey_read(struct witness *w, struct err *e)
{
    struct buf text;
    struct err why = ERR_INIT;
    char *path = witness_path(w->dir, "witness.vkey");
    buf_init(&text, WITNESS_VKEY_MAX + 1);
    enum err_code code = text_read(path, &text, &why);
    if (code == ERR_OK && text.len > WITNESS_VKEY_MAX) {
        code = ERR_LIMIT;
    }
    if (code == ERR_OK) {
        (void)snprintf(w->vkey, sizeof w->vkey, "%s", buf_str(&text));
        code = cosigner_parse(w->vkey, &w->self, &why);
    }
    if (code == ERR_NOT_FOUND) {
        code =
            err_set(e, ERR_NOT_FOUND,
                    _("there is no witness in %s; make one with: aforo witness init %s --name "
                      "NAME"),
                    w->dir, w->dir);
    } else if (code != ERR_OK) {
        bool edited = code == ERR_PARSE || code == ERR_UNSUPPORTED || code == ERR_LIMIT;
        code = edited ? err_set(e, ERR_TAMPERED, _("%s is damaged, or was edited"), path)
                      : err_set(e, code, "%s", why.text);
    }
    buf_release(&text);
    mem_free(path);
    return code;
}

static enum err_code lock_take(struct witness *w, struct err *e)
{
    char *path = witness_path(w->dir, "lock");
    if (path == NULL) {
        return err_nomem(e);
    }
    w->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    enum err_code code = w->lock >= 0 && flock(w->lock, LOCK_EX) == 0
                             ? ERR_OK
                             : err_errno(e, _("cannot lock %s"), path);
    mem_free(path);
    return code;
}

/* Is it sealed under a password? */
static enum err_code secret_look(struct witness *w, struct err *e)
{
    struct buf text;
    buf_init(&text, SEAL_LINE_MAX + 1);
    enum err_code code = text_read(w->secret_path, &text, e);
    w->by_password = strncmp(buf_str(&text), "aforo-seal-", 11) == 0;
    buf_wipe(&text);
    return code;
}

enum err_code witness_open(const char *dir, const struct env *env, struct witness **out,
                           struct err *e)
{
    struct witness *w = mem_alloc(sizeof *w);
    *out = NULL;
    if (w == NULL) {
        return err_nomem(e);
    }
    w->lock = -1;
    w->env = env;
    w->dir = mem_strdup(dir);
    w->secret_path = secret_path(dir);
    enum err_code code =
        w->dir == NULL || w->secret_path == NULL ? err_nomem(e) : vkey_read(w, e);
    if (code == ERR_OK) {
        code = lock_take(w, e);
    }
    if (code == ERR_OK) {
        code = secret_look(w, e);
    }
    if (code != ERR_OK) {
        witness_free(w);
        return code;
    }
    *out = w;
    return ERR_OK;
}

void witness_free(struct witness *w)
{
    if (w == NULL) {
        return;
    }
    if (w->lock >= 0) {
        (void)close(w->lock);
    }
    cosigner_free(w->self);
    mem_free(w->dir);
    mem_free(w->secret_path);
    mem_free(w);
}

static enum err_code secret_open(const struct witness *w, const char *password,
                                 uint8_t out[SECRET_SIZE], struct err *e)
{
    struct buf text;
    struct buf plain;
    if (w->by_password && password == NULL) {
        return err_set(e, ERR_USAGE,
                       _("the witness's key is sealed under a password: --password-file FILE"));
    }
    buf_init(&text, SEAL_LINE_MAX + 1);
    buf_init(&plain, SEAL_PLAIN_MAX);
    enum err_code code = text_read(w->secret_path, &text, e);
    bool sound = false;
    if (code == ERR_OK && w->by_password) {
        code = unseal_password(buf_str(&text), password, secret_aad, &plain, e);
        sound = code == ERR_OK && plain.len == SECRET_SIZE;
        if (sound) {
            memcpy(out, plain.data, SECRET_SIZE);
        }
    } else if (code == ERR_OK) {
        sound = hex_decode(buf_str(&text), text.len, out, SECRET_SIZE);
    }
    if (code == ERR_OK && !sound) {
        code =
            err_set(e, ERR_CRYPTO, _("%s does not hold 64 hexadecimal digits"), w->secret_path);
    }
    buf_wipe(&text);
    buf_wipe(&plain);
    return code;
}

enum err_code witness_key_open(const struct witness *w, const char *password,
                               struct sign_key **out, struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    struct keyfile f;
    struct buf text;
    char *path = witness_path(w->dir, "witness.key");
    buf_init(&text, KEYFILE_BYTES_MAX + 1);
    enum err_code code = path == NULL ? err_nomem(e) : file_read(path, &text, e);
    if (code == ERR_OK) {
        code = keyfile_parse(buf_str(&text), text.len, &f, e);
    }
    if (code == ERR_OK) {
        code = secret_open(w, password, secret, e);
    }
    if (code == ERR_OK) {
        code = keyfile_open(&f, secret, key_aad, cosigner_key_id(w->self), out, e);
    }
    secure_wipe(secret, sizeof secret);
    buf_wipe(&text);
    mem_free(path);
    return code;
}
