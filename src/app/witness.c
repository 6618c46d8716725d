#include <config.h>

#include "app/witness.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/tiles_dir.h"
#include "app/witness_judge.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/note_line.h"

#define EVIDENCE_FORMAT "evidence/%.16s-%" PRIu64 "-%.16s"

/* ---- memory
 * -------------------------------------------------------------------------------- */

static char *memory_path(const struct witness *w, const char *origin)
{
    struct hash h;
    char hex[65];
    char name[80];
    sha256(origin, strlen(origin), &h);
    hash_hex(&h, hex);
    (void)snprintf(name, sizeof name, "logs/%s", hex);
    return witness_path(w->dir, name);
}

/* *found false, and no error, when there is no such file. */
static enum err_code memory_load(const struct witness *w, const char *path,
                                 struct witness_memory *out, bool *found, struct err *e)
{
    struct buf text;
    *found = access(path, F_OK) == 0;
    if (!*found && errno == ENOENT) {
        memset(out, 0, sizeof *out);
        return ERR_OK;
    }
    *found = true;
    buf_init(&text, WITNESS_MEMORY_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = witness_memory_parse(buf_str(&text), text.len, out, e);
    }
    if (code == ERR_OK) {
        code = witness_memory_check(out, w->self, e);
    }
    buf_release(&text);
    return code == ERR_TAMPERED ? err_wrap(e, "%s", path) : code;
}

static enum err_code memory_read(const struct witness *w, const char *origin,
                                 struct witness_memory *out, bool *found, struct err *e)
{
    char *path = memory_path(w, origin);
    enum err_code code = path == NULL ? err_nomem(e) : memory_load(w, path, out, found, e);
    mem_free(path);
    if (code == ERR_OK && *found && strcmp(out->origin, origin) != 0) {
        code = err_set(e, ERR_TAMPERED, _("what the witness remembers of %s is of %s"), origin,
                       out->origin);
    }
    return code;
}

/* Durable when it returns. */
static enum err_code memory_write(const struct witness *w, const struct witness_memory *m,
                                  struct err *e)
{
    struct buf text;
    char *path = memory_path(w, m->origin);
    buf_init(&text, WITNESS_MEMORY_MAX);
    enum err_code code = path == NULL ? err_nomem(e) : witness_memory_print(m, &text, e);
    if (code == ERR_OK) {
        code = file_replace(path, text.data, text.len, e);
    }
    buf_release(&text);
    mem_free(path);
    return code;
}

enum err_code witness_log_add(struct witness *w, const char *vkey, struct err *e)
{
    struct note_verifier *v = NULL;
    bool found = false;
    TRY(note_verifier_parse(vkey, &v, e));
    struct witness_memory *m = mem_alloc(sizeof *m);
    enum err_code code =
        m == NULL ? err_nomem(e) : memory_read(w, note_verifier_name(v), m, &found, e);
    if (code == ERR_OK && !found) {
        (void)snprintf(m->origin, sizeof m->origin, "%s", note_verifier_name(v));
    }
    if (code == ERR_OK) {
        code = witness_memory_key(m, vkey, e);
    }
    if (code == ERR_OK) {
        code = memory_write(w, m, e);
    }
    mem_free(m);
    note_verifier_free(v);
    return code;
}

/* ---- what is asked
 * ------------------------------------------------------------------------- */

static enum err_code request_read(const char *path, struct buf *text, struct witness_asked *q,
                                  struct err *e)
{
    TRY(file_read(path, text, e));
    return witness_request_parse(buf_str(text), text->len, &q->r, e);
}

static enum err_code tiles_read(const char *dir, struct buf *text, struct witness_asked *q,
                                struct err *e)
{
    char *path = witness_path(dir, "checkpoint");
    enum err_code code = path == NULL ? err_nomem(e) : file_read(path, text, e);
    mem_free(path);
    q->tiles = true;
    q->source = tiles_dir_source(dir);
    q->r.note = buf_str(text);
    q->r.note_len = text->len;
    return code;
}

static enum err_code asked_read(const char *path, struct buf *text, struct witness_asked *q,
                                struct err *e)
{
    struct stat st;
    bool folder = strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    enum err_code code = folder ? tiles_read(path, text, q, e) : request_read(path, text, q, e);
    if (code == ERR_OK) {
        q->text_len = note_text_len(q->r.note, q->r.note_len);
        code = q->text_len == 0 ? err_set(e, ERR_PARSE, _("it holds no signed checkpoint"))
                                : checkpoint_parse(q->r.note, q->text_len, &q->says, e);
    }
    return code == ERR_PARSE ? err_wrap(e, "%s", path) : code;
}

/* ---- a fork
 * -------------------------------------------------------------------------------- */

static enum err_code part_write(const char *dir, const char *name, const char *data, size_t len,
                                struct err *e)
{
    char *path = witness_path(dir, name);
    enum err_code code = path == NULL ? err_nomem(e) : file_replace(path, data, len, e);
    mem_free(path);
    return code;
}

static enum err_code parts_write(const char *dir, const struct witness_memory *m,
                                 const struct witness_asked *q, struct err *e)
{
    struct buf proof;
    if (mkdir(dir, 0700) != 0 &&
        errno != EEXIST) { /* what a killed run left is written again */
        return err_errno(e, _("cannot make the folder %s"), dir);
    }
    TRY(part_write(dir, "cosigned", m->note, m->note_len, e));
    TRY(part_write(dir, "shown", q->r.note, q->r.note_len, e));
    if (m->size == q->says.size) { /* two roots of one size need no proof */
        char *old = witness_path(dir, "proof");
        int gone = old != NULL ? unlink(old) : -1;
        mem_free(old);
        return gone == 0 || (old != NULL && errno == ENOENT)
                   ? ERR_OK
                   : err_errno(e, _("cannot write %s"), dir);
    }
    buf_init(&proof, WITNESS_REQUEST_MAX);
    enum err_code code = witness_request_write(&q->r, &proof, e);
    if (code == ERR_OK) {
        code = part_write(dir, "proof", proof.data, proof.len, e);
    }
    buf_release(&proof);
    return code;
}

/* Whole or not at all: made beside its place. What stands there already is of the same two
 * checkpoints, as the name says. */
static enum err_code evidence_keep(const struct witness *w, const struct witness_memory *m,
                                   const struct witness_asked *q, char **kept, struct err *e)
{
    struct hash log;
    struct hash both[2];
    char log_hex[65];
    char hex[65];
    char name[80];
    sha256(m->origin, strlen(m->origin), &log);
    sha256(m->note, m->text_len, &both[0]);
    sha256(q->r.note, q->text_len, &both[1]);
    sha256(both, sizeof both, &both[0]);
    hash_hex(&log, log_hex);
    hash_hex(&both[0], hex);
    (void)snprintf(name, sizeof name, EVIDENCE_FORMAT, log_hex, q->says.size, hex);
    char *place = witness_path(w->dir, name);
    char *making = witness_path(w->dir, "evidence/.new");
    enum err_code code = place == NULL || making == NULL ? err_nomem(e) : ERR_OK;
    if (code == ERR_OK && access(place, F_OK) != 0) {
        code = parts_write(making, m, q, e);
        if (code == ERR_OK && rename(making, place) != 0) {
            code = err_errno(e, _("cannot write %s"), place);
        }
        code = code == ERR_OK ? folder_sync_of(place, e) : code;
    }
    mem_free(making);
    if (code != ERR_OK) {
        mem_free(place);
        return code;
    }
    *kept = place;
    return ERR_OK;
}

static enum err_code fork_say(const struct witness *w, const struct witness_memory *m,
                              const struct witness_asked *q, struct err *e)
{
    char *kept = NULL;
    char old_root[65];
    char root[65];
    struct err why = ERR_INIT;
    hash_hex(&m->root, old_root);
    hash_hex(&q->says.root, root);
    if (evidence_keep(w, m, q, &kept, &why) != ERR_OK) {
        return err_set(
            e, ERR_TAMPERED,
            _("FORK: %s has signed two histories, and the evidence could not be kept "
              "(%s): keep this file yourself"),
            m->origin, why.text);
    }
    enum err_code code = err_set(
        e, ERR_TAMPERED,
        _("FORK: %s has signed two histories. This witness cosigned %" PRIu64
          " entries with root %s; the checkpoint of %" PRIu64 " entries with root %s does not "
          "continue them. Both are kept in %s. Do not trust this log until its office explains "
          "it; show the evidence to all who rely on it"),
        m->origin, m->size, old_root, q->says.size, root, kept);
    mem_free(kept);
    return code;
}

/* ---- cosigning
 * ----------------------------------------------------------------------------- */

/* Sign, and remember durably what will be answered. */
static enum err_code cosign_next(struct witness *w, const char *password,
                                 struct witness_memory *m, const struct witness_asked *q,
                                 struct err *e)
{
    struct sign_key *key = NULL;
    struct buf note;
    TRY(witness_key_open(w, password, &key, e));
    buf_init(&note, WITNESS_NOTE_MAX);
    enum err_code code = note_lines_of(q->r.note, q->r.note_len, q->says.origin, &note, e);
    if (code == ERR_OK) {
        code = cosign(q->r.note, q->text_len, env_wall_ms(w->env) / 1000,
                      cosigner_name(w->self), key, &note, e);
    }
    if (code == ERR_OK) {
        code = witness_memory_take(m, note.data, note.len, e);
    }
    if (code == ERR_OK) {
        code = witness_memory_check(m, w->self, e); /* never remember what will not load */
    }
    if (code == ERR_OK) {
        code = memory_write(w, m, e);
    }
    buf_release(&note);
    sign_key_free(key);
    return code;
}

static enum err_code answer_make(struct witness *w, const char *password,
                                 struct witness_memory *m, struct witness_asked *q,
                                 struct witness_outcome *out, struct err *e)
{
    enum witness_verdict verdict = WITNESS_FOLLOWS;
    bool found = false;
    TRY(memory_read(w, q->says.origin, m, &found, e));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("this witness was told no key of %s; see: aforo help witness log"),
                       q->says.origin);
    }
    TRY(witness_memory_signed(m, q->r.note, q->r.note_len, e));
    TRY(witness_judge(m, q, &verdict, e));
    switch (verdict) {
    case WITNESS_FORK:
        return fork_say(w, m, q, e);
    case WITNESS_SAME:
        out->repeated = true;
        return ERR_OK;
    case WITNESS_FOLLOWS:
        return cosign_next(w, password, m, q, e);
    }
    return ERR_OK;
}

enum err_code witness_cosign(struct witness *w, const char *password, const char *path,
                             struct buf *answer, struct witness_outcome *out, struct err *e)
{
    struct buf text;
    struct witness_asked *q = mem_alloc(sizeof *q);
    struct witness_memory *m = mem_alloc(sizeof *m);
    *out = (struct witness_outcome){.size = 0};
    buf_init(&text, WITNESS_REQUEST_MAX);
    enum err_code code = q == NULL || m == NULL ? err_nomem(e) : asked_read(path, &text, q, e);
    if (code == ERR_OK) {
        (void)snprintf(out->origin, sizeof out->origin, "%s", q->says.origin);
        out->size = q->says.size;
        code = answer_make(w, password, m, q, out, e);
    }
    if (code == ERR_OK) {
        buf_add(answer, m->note, m->note_len);
        code = buf_status(answer, _("cosigned checkpoint"), e);
    }
    buf_release(&text);
    mem_free(q);
    mem_free(m);
    return code;
}

/* ---- looking
 * ------------------------------------------------------------------------------- */

static enum err_code one_log(struct witness *w, const char *path, struct witness_memory *m,
                             int64_t *time_s, struct err *e)
{
    struct cosigned at = {.time_s = 0};
    bool found = false;
    TRY(memory_load(w, path, m, &found, e));
    if (m->note_len > 0) {
        TRY(cosign_check(m->note, m->note_len, w->self, &at, e));
    }
    *time_s = at.time_s;
    return ERR_OK;
}

enum err_code witness_each(struct witness *w,
                           enum err_code (*each)(void *ctx, const struct witness_memory *m,
                                                 int64_t time_s, struct err *e),
                           void *ctx, struct err *e)
{
    struct witness_memory *m = mem_alloc(sizeof *m);
    char *logs = witness_path(w->dir, "logs");
    DIR *d = logs != NULL ? opendir(logs) : NULL;
    const struct dirent *x = NULL;
    enum err_code code = m == NULL || logs == NULL ? err_nomem(e)
                         : d == NULL               ? err_errno(e, _("cannot read %s"), logs)
                                                   : ERR_OK;
    while (code == ERR_OK && (x = readdir(d)) != NULL) {
        int64_t time_s = 0;
        if (strlen(x->d_name) != 64) {
            continue; /* ".", "..", a file being written */
        }
        char *path = witness_path(logs, x->d_name);
        code = path == NULL ? err_nomem(e) : one_log(w, path, m, &time_s, e);
        mem_free(path);
        if (code == ERR_OK) {
            code = each(ctx, m, time_s, e);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    mem_free(logs);
    mem_free(m);
    return code;
}

enum err_code witness_forks(const struct witness *w, unsigned *count, struct err *e)
{
    char *path = witness_path(w->dir, "evidence");
    DIR *d = path != NULL ? opendir(path) : NULL;
    const struct dirent *x = NULL;
    enum err_code code = path == NULL ? err_nomem(e)
                         : d == NULL  ? err_errno(e, _("cannot read %s"), path)
                                      : ERR_OK;
    *count = 0;
    while (code == ERR_OK && (x = readdir(d)) != NULL) {
        *count += x->d_name[0] != '.' ? 1 : 0;
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    mem_free(path);
    return code;
}
