#include <config.h>

#include "app/export_tiles.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "base/i18n.h"
#include "crypto/note_line.h"
#include "ledger/checkpoints.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "ledger/tree.h"

#define PATH_BYTES 4096
#define BUNDLE_MAX ((size_t)TREE_TILE_WIDTH * (2 + ENTRY_ENVELOPE_MAX))
#define NOTE_FILE_MAX ((size_t)64 << 10)

struct tiling {
    struct db *db;
    const char *dir;
    const struct progress *progress;
    struct tiles_exported *out;
    struct arena arena;
    struct buf data, envelope, path;
};

void tile_number(uint64_t number, struct buf *out)
{
    uint64_t groups[8];
    size_t count = 0;
    do {
        groups[count++] = number % 1000;
        number /= 1000;
    } while (number > 0);
    while (count > 0) {
        count--;
        buf_addf(out, count > 0 ? "x%03" PRIu64 "/" : "%03" PRIu64, groups[count]);
    }
}

/* Make the folders above t->path. */
static enum err_code folders_make(const struct tiling *t, struct err *e)
{
    char path[PATH_BYTES];
    size_t len = t->path.len;
    if (len >= sizeof path) {
        return err_set(e, ERR_LIMIT, _("the path %s is too long"), t->dir);
    }
    memcpy(path, buf_str(&t->path), len + 1);
    for (size_t i = strlen(t->dir); i < len; i++) {
        if (path[i] == '/' && i > 0) {
            path[i] = '\0';
            if (mkdir(path, 0777) != 0 && errno != EEXIST) {
                return err_errno(e, _("cannot make %s"), path);
            }
            path[i] = '/';
        }
    }
    return ERR_OK;
}

/* Whether the file stands already with these bytes. ERR_TAMPERED when its bytes are others. */
static enum err_code file_stands(const struct tiling *t, bool *stands, struct err *e)
{
    struct buf have;
    const char *path = buf_str(&t->path);
    *stands = access(path, F_OK) == 0;
    if (!*stands) {
        return ERR_OK;
    }
    buf_init(&have, BUNDLE_MAX);
    enum err_code code = file_read(path, &have, e);
    if (code == ERR_OK &&
        (have.len != t->data.len || memcmp(have.data, t->data.data, have.len) != 0)) {
        code =
            err_set(e, ERR_TAMPERED,
                    _("%s is not what this ledger has there; export into an empty folder and "
                      "keep this one as evidence"),
                    path);
    }
    buf_release(&have);
    return code;
}

/* Put t->data at t->path, for everybody to read. */
static enum err_code published(struct tiling *t, struct err *e)
{
    const char *path = buf_str(&t->path);
    TRY(file_replace(path, t->data.data, t->data.len, e));
    t->out->files++;
    return chmod(path, 0644) == 0 ? ERR_OK : err_errno(e, _("cannot write %s"), path);
}

/* Put t->data at t->path, unless it stands there. */
static enum err_code put(struct tiling *t, struct err *e)
{
    bool stands = false;
    TRY(buf_status(&t->path, t->dir, e));
    TRY(buf_status(&t->data, buf_str(&t->path), e));
    TRY(file_stands(t, &stands, e));
    if (stands) {
        return ERR_OK;
    }
    TRY(folders_make(t, e));
    return published(t, e);
}

/* DIR/tile/KIND/NUMBER, or NUMBER.p/WIDTH when it is not full. */
static void tile_path(struct tiling *t, const char *kind, uint64_t number, uint64_t width)
{
    buf_clear(&t->path);
    buf_addf(&t->path, "%s/tile/%s/", t->dir, kind);
    tile_number(number, &t->path);
    if (width < TREE_TILE_WIDTH) {
        buf_addf(&t->path, ".p/%" PRIu64, width);
    }
}

/* Once a tile is full its partial forms are of no use. */
static void partials_drop(struct tiling *t, const char *kind, uint64_t number)
{
    char path[PATH_BYTES];
    struct buf file;
    tile_path(t, kind, number, TREE_TILE_WIDTH);
    int n = snprintf(path, sizeof path, "%s.p", buf_str(&t->path));
    DIR *d = n > 0 && (size_t)n < sizeof path ? opendir(path) : NULL;
    if (d == NULL) {
        return;
    }
    buf_init(&file, PATH_BYTES);
    for (struct dirent *x = readdir(d); x != NULL; x = readdir(d)) {
        if (x->d_name[0] != '.') {
            buf_clear(&file);
            buf_addf(&file, "%s/%s", path, x->d_name);
            (void)unlink(buf_str(&file));
        }
    }
    buf_release(&file);
    (void)closedir(d);
    (void)rmdir(path);
}

/* Nodes of a level that a tree of `size` leaves has whole. */
static uint64_t nodes_at(uint64_t size, unsigned level)
{
    return level * 8 < 64 ? size >> (level * 8) : 0;
}

static uint64_t width_at(uint64_t nodes, uint64_t number)
{
    uint64_t rest = nodes - number * TREE_TILE_WIDTH;
    return rest < TREE_TILE_WIDTH ? rest : TREE_TILE_WIDTH;
}

static enum err_code level_export(struct tiling *t, unsigned level, struct err *e)
{
    char kind[8];
    uint64_t nodes = nodes_at(t->out->size, level);
    uint64_t first = nodes_at(t->out->old_size, level) / TREE_TILE_WIDTH;
    (void)snprintf(kind, sizeof kind, "%u", level);
    for (uint64_t n = first; n * TREE_TILE_WIDTH < nodes; n++) {
        uint64_t width = width_at(nodes, n);
        buf_clear(&t->data);
        TRY(tree_tile(t->db, level, n, t->out->size, &t->data, e));
        tile_path(t, kind, n, width);
        TRY(put(t, e));
        if (width == TREE_TILE_WIDTH) {
            partials_drop(t, kind, n);
        }
    }
    return ERR_OK;
}

/* An entry behind its length in two bytes. */
static enum err_code bundle_add(struct tiling *t, int64_t seq, struct err *e)
{
    struct stored_entry s;
    arena_reset(&t->arena);
    buf_clear(&t->envelope);
    TRY(ledger_get(t->db, seq, &t->arena, &s, e));
    TRY(stored_envelope(&s, &t->envelope, e));
    TRY(buf_status(&t->envelope, _("entry"), e));
    buf_addc(&t->data, (char)(t->envelope.len >> 8));
    buf_addc(&t->data, (char)(t->envelope.len & 0xff));
    buf_add(&t->data, t->envelope.data, t->envelope.len);
    return ERR_OK;
}

static enum err_code bundles_export(struct tiling *t, struct err *e)
{
    uint64_t size = t->out->size;
    for (uint64_t n = t->out->old_size / TREE_TILE_WIDTH; n * TREE_TILE_WIDTH < size; n++) {
        uint64_t width = width_at(size, n);
        if (!progress_step(t->progress, _("exporting entries"), n * TREE_TILE_WIDTH, size)) {
            return err_set(e, ERR_CANCELLED, _("the export was stopped"));
        }
        buf_clear(&t->data);
        for (uint64_t i = 0; i < width; i++) {
            TRY(bundle_add(t, (int64_t)(n * TREE_TILE_WIDTH + i) + 1, e));
        }
        tile_path(t, "entries", n, width);
        TRY(put(t, e));
        if (width == TREE_TILE_WIDTH) {
            partials_drop(t, "entries", n);
        }
    }
    (void)progress_step(t->progress, _("exporting entries"), size, size);
    return ERR_OK;
}

/* What the folder holds, which this ledger must continue. */
static enum err_code before(struct tiling *t, const char *origin, struct err *e)
{
    struct buf note;
    struct checkpoint old;
    struct hash root;
    buf_clear(&t->path);
    buf_addf(&t->path, "%s/checkpoint", t->dir);
    TRY(buf_status(&t->path, t->dir, e));
    if (access(buf_str(&t->path), F_OK) != 0) {
        return ERR_OK;
    }
    buf_init(&note, NOTE_FILE_MAX);
    enum err_code code = file_read(buf_str(&t->path), &note, e);
    if (code == ERR_OK) {
        code =
            checkpoint_parse(buf_str(&note), note_text_len(buf_str(&note), note.len), &old, e);
    }
    if (code == ERR_OK && strcmp(old.origin, origin) != 0) {
        code = err_set(e, ERR_EXISTS, _("%s holds the log %s; this office's is %s"), t->dir,
                       old.origin, origin);
    }
    bool within = code == ERR_OK && old.size <= t->out->size;
    if (within && old.size > 0) {
        code = tree_root(t->db, old.size, &root, e);
        within = code == ERR_OK && hash_equal(&root, &old.root);
    }
    if (code == ERR_OK && !within) {
        code =
            err_set(e, ERR_TAMPERED,
                    _("%s holds a checkpoint of %" PRIu64 " entries that this ledger does not "
                      "continue; keep the folder as evidence"),
                    t->dir, old.size);
    }
    if (code == ERR_OK) {
        t->out->old_size = old.size;
    }
    buf_release(&note);
    return code;
}

static enum err_code all_export(struct tiling *t, const struct checkpoint_row *row,
                                struct err *e)
{
    struct checkpoint c;
    TRY(checkpoint_parse(row->note, note_text_len(row->note, row->note_len), &c, e));
    t->out->size = c.size;
    if (mkdir(t->dir, 0777) != 0 && errno != EEXIST) {
        return err_errno(e, _("cannot make %s"), t->dir);
    }
    TRY(before(t, c.origin, e));
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        TRY(level_export(t, level, e));
    }
    TRY(bundles_export(t, e));
    buf_clear(&t->path);
    buf_addf(&t->path, "%s/checkpoint", t->dir);
    buf_clear(&t->data);
    TRY(checkpoint_cosigned(t->db, row, &t->data, e));
    TRY(buf_status(&t->data, t->dir, e));
    return published(t, e);
}

enum err_code tiles_export(struct db *db, const char *dir, const struct progress *progress,
                           struct tiles_exported *out, struct err *e)
{
    struct tiling t = {.db = db, .dir = dir, .progress = progress, .out = out};
    struct checkpoint_row *row = mem_alloc(sizeof *row);
    bool found = false;
    *out = (struct tiles_exported){0};
    arena_init(&t.arena, 1 << 20);
    buf_init(&t.data, BUNDLE_MAX);
    buf_init(&t.envelope, ENTRY_ENVELOPE_MAX);
    buf_init(&t.path, PATH_BYTES);
    enum err_code code = row != NULL ? checkpoint_newest(db, row, &found, e) : err_nomem(e);
    if (code == ERR_OK && !found) {
        code = err_set(e, ERR_STATE,
                       _("no checkpoint has been signed yet; sign one: aforo checkpoint sign"));
    }
    if (code == ERR_OK) {
        code = all_export(&t, row, e);
    }
    mem_free(row);
    arena_release(&t.arena);
    buf_release(&t.data);
    buf_release(&t.envelope);
    buf_release(&t.path);
    return code;
}
