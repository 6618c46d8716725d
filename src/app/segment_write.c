#include <config.h>

#include "app/segment_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/office_checkpoint.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/tlog_proof.h"
#include "ledger/chain.h"
#include "ledger/checkpoints.h"
#include "ledger/tree.h"

#define PROGRESS_EVERY 64

/* ---- which windows ---- */

struct window {
    int64_t id, opened, ended, bytes;
    bool closed;
    char date[DATE_TEXT]; /* business date of the entry that closed it */
};

static enum err_code window_next(struct stmt *q, struct window *w, bool *row, struct err *e)
{
    TRY(stmt_next(q, row, e));
    if (*row) {
        const char *date = stmt_text(q, 3);
        *w = (struct window){.id = stmt_int(q, 0),
                             .opened = stmt_int(q, 1),
                             .ended = stmt_int(q, 2),
                             .closed = !stmt_is_null(q, 2),
                             .bytes = stmt_int(q, 4)};
        (void)snprintf(w->date, sizeof w->date, "%s", date == NULL ? "" : date);
    }
    return ERR_OK;
}

static enum err_code windows_take(struct stmt *q, const char *before, struct segment_plan *p,
                                  struct err *e)
{
    struct window w;
    bool row = false;
    int64_t bytes = 0;
    for (;;) {
        TRY(window_next(q, &w, &row, e));
        if (!row || (w.closed && strcmp(w.date, before) >= 0)) {
            return ERR_OK;
        }
        if (!w.closed) {
            p->open = w.id;
            return ERR_OK;
        }
        if (p->windows == SEGMENT_WINDOWS_MAX ||
            (p->windows > 0 && bytes + w.bytes > SEGMENT_BYTES_MAX)) {
            p->more = true;
            return ERR_OK;
        }
        if (p->windows == 0) {
            p->first = w.id;
            p->from_entry = w.opened;
        }
        p->windows++;
        p->last = w.id;
        p->to_entry = w.ended;
        bytes += w.bytes;
    }
}

enum err_code segment_plan(struct db *db, const char *before, struct segment_plan *out,
                           struct err *e)
{
    struct stmt *q = NULL;
    int64_t last = 0;
    *out = (struct segment_plan){.id = 0};
    TRY(db_get_int(db, &out->id, NULL, e, "SELECT ifnull(max(id), 0) + 1 FROM segment",
                   NO_VALS));
    TRY(db_get_int(db, &last, NULL, e, "SELECT ifnull(max(last), 0) FROM segment", NO_VALS));
    TRY(db_query(db, &q, e,
                 "SELECT r.id, r.opened, r.ended, h.date, (SELECT ifnull(sum(length(i.data)), "
                 "0) FROM item i WHERE i.seq BETWEEN r.opened AND r.ended) FROM import_run r "
                 "LEFT JOIN history h ON h.seq = r.ended WHERE r.kind = 'packets' AND r.id > ? "
                 "ORDER BY r.id",
                 VALS(V_INT(last))));
    enum err_code code = windows_take(q, before, out, e);
    stmt_done(q);
    return code;
}

/* ---- writing ---- */

struct segment_writer {
    struct office *o;
    const struct segment_plan *plan;
    FILE *out;
    const struct progress *progress;
    struct arena arena;
    struct buf scratch;
    struct checkpoint_row *checkpoint;
    struct segment_counts counts;
    int64_t batches;
    struct merkle_frontier roots;
};

static enum err_code checkpoint_find(struct segment_writer *w, struct err *e)
{
    struct checkpoint_made made;
    bool found = false;
    uint64_t size = (uint64_t)w->plan->to_entry;
    TRY(checkpoint_covering(w->o->db, size, w->checkpoint, &found, e));
    if (found) {
        return ERR_OK;
    }
    TRY(office_checkpoint(w->o, &made, e));
    TRY(checkpoint_covering(w->o->db, size, w->checkpoint, &found, e));
    return found ? ERR_OK
                 : err_set(e, ERR_STATE, _("no signed checkpoint covers these windows"));
}

static enum err_code envelope_write(struct segment_writer *w, int64_t seq, struct entry *en,
                                    struct err *e)
{
    struct stored_entry s;
    arena_reset(&w->arena);
    buf_clear(&w->scratch);
    TRY(ledger_get(w->o->db, seq, &w->arena, &s, e));
    TRY(entry_decode(s.payload, s.payload_len, &w->arena, en, e));
    TRY(stored_envelope(&s, &w->scratch, e));
    w->counts.entries++;
    return segment_write(
        w->out, &(struct segment_record){SEGMENT_ENTRY, seq, w->scratch.data, w->scratch.len},
        e);
}

static enum err_code path_write(struct segment_writer *w, int64_t seq, struct err *e)
{
    struct tlog_proof t = {.index = (uint64_t)seq - 1};
    TRY(tree_inclusion(w->o->db, t.index, w->checkpoint->edge.size, t.path, &t.path_len, e));
    buf_clear(&w->scratch);
    tlog_proof_write(&t, &w->scratch);
    TRY(buf_status(&w->scratch, _("proof"), e));
    return segment_write(
        w->out, &(struct segment_record){SEGMENT_PATH, 0, w->scratch.data, w->scratch.len}, e);
}

/* The bundles of a batch as the database has them. */
static enum err_code bundles_write(struct segment_writer *w, const struct entry *en,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct hash root;
    struct hash leaf;
    int64_t count = 0;
    if (!chain_batch(en, &root, &count)) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " names no run"), en->seq);
    }
    merkle_leaf(root.b, HASH_SIZE, &leaf);
    merkle_append(&w->roots, &leaf);
    w->batches++;
    w->counts.items += count;
    TRY(db_query(w->o->db, &q, e, "SELECT count, data FROM item WHERE seq = ? ORDER BY bundle",
                 VALS(V_INT(en->seq))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct segment_record r = {.type = SEGMENT_BUNDLE, .number = stmt_int(q, 0)};
        r.data = stmt_blob(q, 1, &r.len);
        code = r.data == NULL || r.len > SEGMENT_BUNDLE_MAX
                   ? err_set(e, ERR_TAMPERED,
                             _("the items of entry %" PRId64
                               " are missing, and no segment holds them"),
                             en->seq)
                   : segment_write(w->out, &r, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code entry_put(struct segment_writer *w, int64_t seq, enum kind kind,
                               struct err *e)
{
    struct entry en;
    TRY(envelope_write(w, seq, &en, e));
    bool batch = kind == KIND_window_batch;
    if (batch) { /* `en` lives in the arena, the path needs only the buffer */
        TRY(path_write(w, seq, e));
        return bundles_write(w, &en, e);
    }
    return path_write(w, seq, e);
}

/* Every entry that made or ended a key of a signer, up to the checkpoint; of a device, up to
 * the last window; and the windows'. */
static bool entry_wanted(const struct segment_plan *p, int64_t seq, enum kind kind)
{
    if (segment_takes(kind)) {
        return keyring_reads(kind) || seq <= p->to_entry;
    }
    return (kind == KIND_window_opened || kind == KIND_window_batch ||
            kind == KIND_window_closed) &&
           seq >= p->from_entry && seq <= p->to_entry;
}

static enum err_code entries_put(struct segment_writer *w, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    uint64_t size = w->checkpoint->edge.size;
    TRY(db_query(w->o->db, &q, e, "SELECT seq, kind FROM history WHERE seq <= ? ORDER BY seq",
                 VALS(V_INT((int64_t)size))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t seq = stmt_int(q, 0);
        enum kind kind = kind_find(stmt_text(q, 1), 1);
        if (entry_wanted(w->plan, seq, kind)) {
            code = entry_put(w, seq, kind, e);
        }
        if (code == ERR_OK && seq % PROGRESS_EVERY == 0 &&
            !progress_step(w->progress, _("writing the segment"), (uint64_t)seq, size)) {
            code = err_set(e, ERR_CANCELLED, _("stopped; nothing was written"));
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code records_put(struct segment_writer *w, struct err *e)
{
    TRY(checkpoint_find(w, e));
    size_t len = w->checkpoint->note_len;
    TRY(segment_begin(w->out, w->o->code, w->plan->id, e));
    TRY(segment_write(w->out,
                      &(struct segment_record){SEGMENT_NOTE, 0, w->checkpoint->note, len}, e));
    TRY(entries_put(w, e));
    merkle_root(&w->roots, &w->counts.root);
    return segment_finish(w->out, &w->counts, e);
}

static enum err_code file_write_all(struct office *o, const struct segment_plan *p, FILE *out,
                                    const struct progress *progress, struct segment_row *row,
                                    struct err *e)
{
    struct segment_writer w = {.o = o, .plan = p, .out = out, .progress = progress};
    w.checkpoint = mem_alloc(sizeof *w.checkpoint);
    if (w.checkpoint == NULL) {
        return err_nomem(e);
    }
    arena_init(&w.arena, (size_t)16 << 20);
    buf_init(&w.scratch, 2 * ENTRY_ENVELOPE_MAX);
    merkle_init(&w.roots);
    enum err_code code = records_put(&w, e);
    *row = (struct segment_row){.id = p->id,
                                .first = p->first,
                                .last = p->last,
                                .windows = p->windows,
                                .batches = w.batches,
                                .packets = w.counts.items,
                                .root = w.counts.root,
                                .size = (int64_t)w.checkpoint->edge.size};
    if (code == ERR_OK && fsync(fileno(out)) != 0) {
        code = err_errno(e, _("cannot write the segment"));
    }
    if (code == ERR_OK) {
        code = segment_hash(out, &row->sha256, &row->bytes, e);
    }
    arena_release(&w.arena);
    buf_release(&w.scratch);
    mem_free(w.checkpoint);
    return code;
}

/* ---- the file in its folder ---- */

static enum err_code part_make(struct office *o, const struct segment_plan *p, const char *part,
                               const struct progress *progress, struct segment_row *row,
                               struct err *e)
{
    (void)unlink(part); /* of one that was killed: nobody else is at work */
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w+b") : NULL;
    if (out == NULL) {
        enum err_code failed = err_errno(e, _("cannot write %s"), part);
        if (fd >= 0) {
            (void)close(fd);
        }
        return failed;
    }
    enum err_code code = file_write_all(o, p, out, progress, row, e);
    if (fclose(out) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), part);
    }
    return code == ERR_OK ? segment_verify_file(o->db, part, o->code, row, false, progress, e)
                          : code;
}

enum err_code segment_make(struct office *o, const struct segment_plan *p, const char *folder,
                           const struct progress *progress, struct segment_row *out,
                           struct err *e)
{
    char part[SEGMENT_PATH_MAX];
    char path[SEGMENT_PATH_MAX];
    if (mkdir(folder, 0700) == 0) {
        TRY(folder_sync_of(folder, e));
    } else if (errno != EEXIST) {
        return err_errno(e, _("cannot make the folder %s"), folder);
    }
    (void)snprintf(part, sizeof part, "%s/%s-segment.part", folder, o->code);
    enum err_code code = part_make(o, p, part, progress, out, e);
    if (code == ERR_OK) {
        code = segment_path(folder, o->code, out, path, e);
    }
    if (code == ERR_OK && rename(part, path) != 0) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code != ERR_OK) {
        (void)unlink(part);
        return code;
    }
    return folder_sync_of(path, e);
}
