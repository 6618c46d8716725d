#include <config.h>

#include "app/segments.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

#define BLOCK 65536
#define COMMIT_BUNDLES 64 /* bundles that are put back in one transaction */

/* ---- rows ---- */

#define ROW_SQL                                                                                \
    "SELECT id, first, last, windows, batches, packets, bytes, size, sha256, root, sealed, "   \
    "ifnull(dropped, 0) FROM segment "

static void hash_take(const struct stmt *q, int column, struct hash *out)
{
    size_t len = 0;
    const void *blob = stmt_blob(q, column, &len);
    memset(out->b, 0, HASH_SIZE);
    if (blob != NULL && len == HASH_SIZE) {
        memcpy(out->b, blob, HASH_SIZE);
    }
}

static void row_take(const struct stmt *q, struct segment_row *out)
{
    *out = (struct segment_row){.id = stmt_int(q, 0),
                                .first = stmt_int(q, 1),
                                .last = stmt_int(q, 2),
                                .windows = stmt_int(q, 3),
                                .batches = stmt_int(q, 4),
                                .packets = stmt_int(q, 5),
                                .bytes = stmt_int(q, 6),
                                .size = stmt_int(q, 7),
                                .sealed = stmt_int(q, 10),
                                .dropped = stmt_int(q, 11)};
    hash_take(q, 8, &out->sha256);
    hash_take(q, 9, &out->root);
}

static enum err_code row_get(struct db *db, const char *sql, int64_t key,
                             struct segment_row *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    *found = false;
    TRY(db_query(db, &q, e, sql, VALS(V_INT(key))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        row_take(q, out);
    }
    stmt_done(q);
    return code;
}

enum err_code segment_load(struct db *db, int64_t id, struct segment_row *out, bool *found,
                           struct err *e)
{
    return row_get(db, ROW_SQL "WHERE id = ?", id, out, found, e);
}

enum err_code segment_of_window(struct db *db, int64_t window, struct segment_row *out,
                                bool *found, struct err *e)
{
    return row_get(db, ROW_SQL "WHERE ?1 BETWEEN first AND last ORDER BY id LIMIT 1", window,
                   out, found, e);
}

/* ---- files ---- */

enum err_code segment_folder(const char *office_dir, const char *given,
                             char out[SEGMENT_PATH_MAX], struct err *e)
{
    int n = given != NULL ? snprintf(out, SEGMENT_PATH_MAX, "%s", given)
                          : snprintf(out, SEGMENT_PATH_MAX, "%s/segments", office_dir);
    return n > 0 && n < SEGMENT_PATH_MAX - SEGMENT_NAME_MAX - 16
               ? ERR_OK
               : err_set(e, ERR_RANGE, _("the path is too long: %s"),
                         given != NULL ? given : office_dir);
}

void segment_name(const char *office, int64_t id, const struct hash *sha256,
                  char out[SEGMENT_NAME_MAX])
{
    char hex[65];
    hash_hex(sha256, hex);
    (void)snprintf(out, SEGMENT_NAME_MAX, "%s-segment-%" PRId64 "-%.16s.packets", office, id,
                   hex);
}

enum err_code segment_path(const char *folder, const char *office, const struct segment_row *s,
                           char out[SEGMENT_PATH_MAX], struct err *e)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(office, s->id, &s->sha256, name);
    int n = snprintf(out, SEGMENT_PATH_MAX, "%s/%s", folder, name);
    return n < SEGMENT_PATH_MAX ? ERR_OK
                                : err_set(e, ERR_RANGE, _("the path is too long: %s"), folder);
}

static enum err_code file_missing(const char *folder, const char *office,
                                  const struct segment_row *s, struct err *e)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(office, s->id, &s->sha256, name);
    return s->dropped != 0
               ? err_set(e, ERR_NOT_FOUND,
                         _("entry %" PRId64 " dropped the packets of segment %" PRId64
                           " from the database, and its file %s is not in %s: bring it back "
                           "from where it is archived, or name its folder with --segments"),
                         s->dropped, s->id, name, folder)
               : err_set(e, ERR_NOT_FOUND,
                         _("segment %" PRId64 ", sealed by entry %" PRId64
                           ": its file %s is not in %s: bring it back from where it is "
                           "archived, or name its folder with --segments"),
                         s->id, s->sealed, name, folder);
}

enum err_code segment_file_open(const char *folder, const char *office,
                                const struct segment_row *s, FILE **out, struct err *e)
{
    char path[SEGMENT_PATH_MAX];
    TRY(segment_path(folder, office, s, path, e));
    *out = fopen(path, "rbe");
    if (*out == NULL && (errno == ENOENT || errno == ENOTDIR)) {
        return file_missing(folder, office, s, e);
    }
    return *out != NULL ? ERR_OK : err_errno(e, _("cannot read %s"), path);
}

enum err_code segment_hash(FILE *in, struct hash *out, int64_t *bytes, struct err *e)
{
    char block[BLOCK];
    size_t n = 0;
    struct hasher *h = hasher_new();
    if (h == NULL) {
        return err_nomem(e);
    }
    *bytes = 0;
    (void)posix_fadvise(fileno(in), 0, 0, POSIX_FADV_DONTNEED);
    rewind(in);
    while ((n = fread(block, 1, sizeof block, in)) > 0) {
        hasher_add(h, block, n);
        *bytes += (int64_t)n;
    }
    hasher_end(h, out);
    return ferror(in) != 0 ? err_errno(e, _("cannot read the segment")) : ERR_OK;
}

/* ---- a file against the database ---- */

struct against {
    struct db *db;
    bool put_back;
    bool differs; /* the file is as it was sealed, the database is not what it was then */
    int64_t put;  /* bundles in the open transaction */
    const struct progress *progress;
};

static enum err_code bundle_put(struct against *a, int64_t seq, int64_t number,
                                const void *data, size_t len, struct err *e)
{
    if (a->put == 0) {
        TRY(db_begin(a->db, e));
    }
    a->put++;
    TRY(db_run(a->db, e,
               "UPDATE item SET data = ? WHERE seq = ? AND bundle = ? AND data IS NULL",
               VALS(V_BLOB(data, len), V_INT(seq), V_INT(number))));
    if (a->put < COMMIT_BUNDLES) {
        return ERR_OK;
    }
    a->put = 0;
    return db_commit(a->db, e);
}

/* The database's leaf hashes of this bundle are the file's. */
static enum err_code bundle_compare(void *ctx, int64_t seq, int64_t number,
                                    const struct hash *leaves, int64_t count, const void *data,
                                    size_t len, struct err *e)
{
    struct against *a = ctx;
    struct stmt *q = NULL;
    bool row = false;
    bool same = false;
    bool gone = false;
    TRY(db_query(a->db, &q, e,
                 "SELECT leaves, data IS NULL FROM item WHERE seq = ? AND bundle = ?",
                 VALS(V_INT(seq), V_INT(number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t size = 0;
        const void *stored = stmt_blob(q, 0, &size);
        same = size == (size_t)count * HASH_SIZE && memcmp(stored, leaves, size) == 0;
        gone = stmt_int(q, 1) != 0;
    }
    stmt_done(q);
    TRY(code);
    if (!same) {
        a->differs = true;
        return err_set(e, ERR_TAMPERED,
                       _("items of entry %" PRId64 ", bundle %" PRId64
                         ": the database has other hashes of them than the segment"),
                       seq, number);
    }
    return gone && a->put_back ? bundle_put(a, seq, number, data, len, e) : ERR_OK;
}

static enum err_code seen_compare(const struct segment_row *s, const char *office,
                                  const struct segment_seen *x, struct err *e)
{
    bool same = strcmp(x->office, office) == 0 && x->number == s->id && x->first == s->first &&
                x->last == s->last && x->windows == s->windows && x->batches == s->batches &&
                x->items == s->packets && (int64_t)x->checkpoint.size == s->size &&
                hash_equal(&x->root, &s->root);
    return same ? ERR_OK
                : err_set(e, ERR_TAMPERED,
                          _("it holds segment %" PRId64 " of office %s, windows %" PRId64
                            " to %" PRId64 ", or other figures than entry %" PRId64 " says"),
                          x->number, x->office, x->first, x->last, s->sealed);
}

static enum err_code file_verify(struct against *a, FILE *in, const char *office,
                                 const struct segment_row *s, struct err *e)
{
    struct hash sha;
    struct segment_seen seen;
    int64_t bytes = 0;
    const struct segment_watch watch = {
        .ctx = a, .bundle = bundle_compare, .progress = a->progress};
    TRY(segment_hash(in, &sha, &bytes, e));
    if (bytes != s->bytes || !hash_equal(&sha, &s->sha256)) {
        return err_set(e, ERR_TAMPERED,
                       _("it has %" PRId64 " bytes and another SHA-256 than the %" PRId64
                         " bytes that were sealed"),
                       bytes, s->bytes);
    }
    rewind(in);
    TRY(segment_check(in, &watch, &seen, e));
    return seen_compare(s, office, &seen, e);
}

/* What a file is at fault with is tampering, however it is malformed. */
static enum err_code file_bad(enum err_code code, const char *path, const struct segment_row *s,
                              struct err *e)
{
    struct err why = *e;
    bool content = code == ERR_TAMPERED || code == ERR_PARSE || code == ERR_UNSUPPORTED;
    return content ? err_set(e, ERR_TAMPERED,
                             _("%s is not segment %" PRId64 " as it was sealed: %s"), path,
                             s->id, why.text)
                   : code;
}

static enum err_code open_verify(struct db *db, FILE *in, const char *path, const char *office,
                                 const struct segment_row *s, bool put_back,
                                 const struct progress *progress, struct err *e)
{
    struct against a = {.db = db, .put_back = put_back, .progress = progress};
    enum err_code code = file_verify(&a, in, office, s, e);
    if (a.put > 0 && code == ERR_OK) {
        code = db_commit(db, e);
    }
    if (code != ERR_OK && put_back) {
        db_rollback(db);
    }
    (void)fclose(in);
    return code == ERR_OK || a.differs ? code : file_bad(code, path, s, e);
}

enum err_code segment_verify(struct db *db, const char *folder, const char *office,
                             const struct segment_row *s, bool put_back,
                             const struct progress *progress, struct err *e)
{
    char path[SEGMENT_PATH_MAX];
    FILE *in = NULL;
    TRY(segment_path(folder, office, s, path, e));
    TRY(segment_file_open(folder, office, s, &in, e));
    return open_verify(db, in, path, office, s, put_back, progress, e);
}

enum err_code segment_verify_file(struct db *db, const char *path, const char *office,
                                  const struct segment_row *s, bool put_back,
                                  const struct progress *progress, struct err *e)
{
    FILE *in = fopen(path, "rbe");
    return in == NULL ? err_errno(e, _("cannot read %s"), path)
                      : open_verify(db, in, path, office, s, put_back, progress, e);
}
