#include <config.h>

#include "app/witness_memory.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/note_line.h"

static const char head[] = "aforo-witness-log 1\norigin ";

static enum err_code damaged(struct err *e)
{
    return err_set(e, ERR_TAMPERED,
                   _("what the witness remembers of a log is damaged, or was edited"));
}

enum err_code witness_memory_key(struct witness_memory *m, const char *vkey, struct err *e)
{
    struct note_verifier *v = NULL;
    TRY(note_verifier_parse(vkey, &v, e));
    bool ours = strcmp(note_verifier_name(v), m->origin) == 0;
    enum err_code code = ours ? ERR_OK
                              : err_set(e, ERR_RANGE, _("it is a key of %s, not of %s"),
                                        note_verifier_name(v), m->origin);
    note_verifier_free(v);
    for (size_t i = 0; code == ERR_OK && i < m->key_count; i++) {
        if (strcmp(m->keys[i], vkey) == 0) {
            code = err_set(e, ERR_EXISTS, _("the witness knows that key of %s already"),
                           m->origin);
        }
    }
    if (code == ERR_OK &&
        (m->key_count == WITNESS_LOG_KEYS_MAX || strlen(vkey) > WITNESS_VKEY_MAX)) {
        code = err_set(e, ERR_LIMIT, _("a witness takes at most %d keys of a log"),
                       WITNESS_LOG_KEYS_MAX);
    }
    TRY(code);
    (void)snprintf(m->keys[m->key_count++], sizeof m->keys[0], "%s", vkey);
    return ERR_OK;
}

enum err_code witness_memory_take(struct witness_memory *m, const char *note, size_t len,
                                  struct err *e)
{
    struct checkpoint c;
    size_t text = note_text_len(note, len);
    if (len > WITNESS_NOTE_MAX) {
        return err_set(e, ERR_LIMIT, _("the cosigned checkpoint is larger than %d bytes"),
                       WITNESS_NOTE_MAX);
    }
    TRY(checkpoint_parse(note, text, &c, e));
    if (c.size == 0 || strcmp(c.origin, m->origin) != 0) {
        return err_set(e, ERR_PARSE, _("it is not a checkpoint of %s with entries"), m->origin);
    }
    memmove(m->note, note, len);
    m->note[len] = '\0';
    m->note_len = len;
    m->text_len = text;
    m->size = c.size;
    m->root = c.root;
    return ERR_OK;
}

/* "key VKEY" lines, until the empty line. */
static enum err_code keys_parse(struct witness_memory *m, const char **at, const char *end,
                                struct err *e)
{
    struct err why = ERR_INIT;
    char vkey[WITNESS_VKEY_MAX + 1];
    while (*at < end && **at != '\n') {
        const char *newline = memchr(*at, '\n', (size_t)(end - *at));
        size_t len = newline != NULL ? (size_t)(newline - *at) : 0;
        if (len < 5 || len - 4 > WITNESS_VKEY_MAX || memcmp(*at, "key ", 4) != 0 ||
            memchr(*at, '\0', len) != NULL) {
            return damaged(e);
        }
        memcpy(vkey, *at + 4, len - 4);
        vkey[len - 4] = '\0';
        enum err_code code = witness_memory_key(m, vkey, &why);
        if (code != ERR_OK) {
            return code == ERR_NOMEM ? err_nomem(e) : damaged(e);
        }
        *at = newline + 1;
    }
    return *at < end ? ERR_OK : damaged(e);
}

enum err_code witness_memory_parse(const char *text, size_t len, struct witness_memory *out,
                                   struct err *e)
{
    const char *end = text + len;
    const char *at = text + sizeof head - 1;
    struct err why = ERR_INIT;
    memset(out, 0, sizeof *out);
    if (len < sizeof head || memcmp(text, head, sizeof head - 1) != 0) {
        return damaged(e);
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t origin = newline != NULL ? (size_t)(newline - at) : 0;
    if (!note_name_valid(at, origin)) {
        return damaged(e);
    }
    memcpy(out->origin, at, origin);
    at = newline + 1;
    TRY(keys_parse(out, &at, end, e));
    at++; /* the empty line */
    if (out->key_count == 0) {
        return damaged(e);
    }
    if (at < end) {
        enum err_code code = witness_memory_take(out, at, (size_t)(end - at), &why);
        return code == ERR_OK ? ERR_OK : code == ERR_NOMEM ? err_nomem(e) : damaged(e);
    }
    return ERR_OK;
}

enum err_code witness_memory_print(const struct witness_memory *m, struct buf *out,
                                   struct err *e)
{
    buf_addf(out, "%s%s\n", head, m->origin);
    for (size_t i = 0; i < m->key_count; i++) {
        buf_addf(out, "key %s\n", m->keys[i]);
    }
    buf_addc(out, '\n');
    buf_add(out, m->note, m->note_len);
    return buf_status(out, _("memory of a log"), e);
}

enum err_code witness_memory_signed(const struct witness_memory *m, const char *note,
                                    size_t len, struct err *e)
{
    struct note_verifier *known[WITNESS_LOG_KEYS_MAX] = {NULL};
    struct note_verified v;
    struct err why = ERR_INIT;
    enum err_code code = ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < m->key_count; i++) {
        code = note_verifier_parse(m->keys[i], &known[i], &why);
    }
    if (code == ERR_OK) {
        code = note_verify(note, len, (const struct note_verifier *const *)known, m->key_count,
                           &v, &why);
    }
    for (size_t i = 0; i < m->key_count; i++) {
        note_verifier_free(known[i]);
    }
    if (code == ERR_NOT_FOUND) {
        return err_set(e, ERR_DENIED,
                       _("the checkpoint is not signed by a key of %s that this witness was "
                         "told; see: aforo help witness log"),
                       m->origin);
    }
    /* A broken signature accuses nobody: anybody can make one. */
    return code == ERR_OK
               ? ERR_OK
               : err_set(e, code == ERR_TAMPERED ? ERR_CRYPTO : code, "%s", why.text);
}

enum err_code witness_memory_check(const struct witness_memory *m, const struct cosigner *self,
                                   struct err *e)
{
    struct err why = ERR_INIT;
    struct cosigned at;
    if (m->note_len == 0) {
        return ERR_OK;
    }
    enum err_code code = witness_memory_signed(m, m->note, m->note_len, &why);
    if (code == ERR_OK) {
        code = cosign_check(m->note, m->note_len, self, &at, &why);
    }
    return code == ERR_OK ? ERR_OK : code == ERR_NOMEM ? err_nomem(e) : damaged(e);
}
