#include <config.h>

#include "ledger/checkpoints.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/note_line.h"
#include "ledger/tree.h"
#include "store/db.h"

/* ---- rows
 * ---------------------------------------------------------------------------------- */

/* The edge as kept: the roots of the complete subtrees, smallest first. */
static bool edge_unpack(const void *bytes, size_t len, uint64_t size,
                        struct merkle_frontier *out)
{
    const uint8_t *at = bytes;
    merkle_init(out);
    out->size = size;
    for (unsigned level = 0; level < MERKLE_PATH_MAX; level++) {
        if ((size >> level & 1) == 0) {
            continue;
        }
        if (len < HASH_SIZE) {
            return false;
        }
        memcpy(out->edge[level].b, at, HASH_SIZE);
        at += HASH_SIZE;
        len -= HASH_SIZE;
    }
    return len == 0;
}

static size_t edge_pack(const struct merkle_frontier *edge, struct hash out[MERKLE_PATH_MAX])
{
    size_t count = 0;
    for (unsigned level = 0; level < MERKLE_PATH_MAX; level++) {
        if ((edge->size >> level & 1) != 0) {
            out[count++] = edge->edge[level];
        }
    }
    return count;
}

enum err_code checkpoint_row_take(const struct stmt *q, struct checkpoint_row *out,
                                  struct err *e)
{
    struct val note = stmt_val(q, 2);
    struct val edge = stmt_val(q, 3);
    int64_t size = stmt_int(q, 1);
    out->id = stmt_int(q, 0);
    bool sound = size > 0 && note.type == VAL_TEXT && note.len > 0 &&
                 note.len < CHECKPOINT_NOTE_MAX && edge.type == VAL_BLOB &&
                 edge_unpack(edge.data, edge.len, (uint64_t)size, &out->edge);
    if (!sound) {
        return err_set(e, ERR_TAMPERED,
                       _("checkpoint %" PRId64 " is stored in a form that no program of ours "
                         "writes; run: aforo verify"),
                       out->id);
    }
    memcpy(out->note, note.data, note.len);
    out->note[note.len] = '\0';
    out->note_len = note.len;
    return ERR_OK;
}

static enum err_code row_find(struct db *db, const char *sql, int64_t value,
                              struct checkpoint_row *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    *out = (struct checkpoint_row){0};
    *found = false;
    TRY(db_query(db, &q, e, sql, VALS(V_INT(value))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        code = checkpoint_row_take(q, out, e);
    }
    stmt_done(q);
    return code;
}

enum err_code checkpoint_newest(struct db *db, struct checkpoint_row *out, bool *found,
                                struct err *e)
{
    return row_find(db,
                    "SELECT id, size, note, edge FROM checkpoint WHERE size >= ? ORDER BY size "
                    "DESC LIMIT 1",
                    0, out, found, e);
}

enum err_code checkpoint_of_size(struct db *db, uint64_t size, struct checkpoint_row *out,
                                 bool *found, struct err *e)
{
    return row_find(db, "SELECT id, size, note, edge FROM checkpoint WHERE size = ?",
                    (int64_t)size, out, found, e);
}

enum err_code checkpoint_covering(struct db *db, uint64_t size, struct checkpoint_row *out,
                                  bool *found, struct err *e)
{
    return row_find(
        db, "SELECT id, size, note, edge FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1",
        (int64_t)size, out, found, e);
}

/* ---- the next one
 * -------------------------------------------------------------------------- */

/* The edge must have the root that was signed: whoever changed it changed what comes next. */
static enum err_code edge_check(const struct checkpoint_row *last, struct err *e)
{
    struct checkpoint signed_before;
    struct hash root;
    size_t text_len = note_text_len(last->note, last->note_len);
    merkle_root(&last->edge, &root);
    if (checkpoint_parse(last->note, text_len, &signed_before, e) != ERR_OK ||
        signed_before.size != last->edge.size || !hash_equal(&signed_before.root, &root)) {
        return err_set(e, ERR_TAMPERED,
                       _("the edge kept with checkpoint %" PRId64
                         " is not that of the tree it signed; run: aforo verify --full"),
                       last->id);
    }
    return ERR_OK;
}

enum err_code checkpoint_compute(struct db *db, const struct checkpoint_row *last,
                                 struct checkpoint *out, struct merkle_frontier *edge,
                                 struct err *e)
{
    struct hash followed;
    *edge = last->edge;
    TRY(last->id == 0 ? ERR_OK : edge_check(last, e));
    TRY(tree_size(db, &out->size, e));
    TRY(tree_follow(db, edge, out->size, e));
    TRY(tree_root(db, out->size, &out->root, e));
    merkle_root(edge, &followed);
    if (!hash_equal(&followed, &out->root)) {
        return err_set(e, ERR_TAMPERED,
                       _("the root of %" PRIu64 " entries comes out differently from the "
                         "entries and from the stored tiles: nothing was signed; run: aforo "
                         "verify --deep"),
                       out->size);
    }
    return ERR_OK;
}

enum err_code checkpoint_store(struct db *db, const struct checkpoint_row *c, bool *stored,
                               struct err *e)
{
    struct hash edge[MERKLE_PATH_MAX];
    int64_t size = 0;
    int64_t id = 0;
    size_t count = edge_pack(&c->edge, edge);
    *stored = false;
    TRY(db_get_int(db, &size, NULL, e, "SELECT max(size) FROM checkpoint", NO_VALS));
    TRY(db_get_int(db, &id, NULL, e, "SELECT max(id) FROM checkpoint", NO_VALS));
    if ((uint64_t)size >= c->edge.size) {
        return ERR_OK;
    }
    *stored = true;
    return db_run(db, e, "INSERT INTO checkpoint(id, size, note, edge) VALUES(?,?,?,?)",
                  VALS(V_INT(id + 1), V_INT((int64_t)c->edge.size),
                       V_TEXT_N(c->note, c->note_len), V_BLOB(edge, count * HASH_SIZE)));
}

enum err_code checkpoint_cosigned(struct db *db, const struct checkpoint_row *c,
                                  struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    buf_add(out, c->note, c->note_len);
    TRY(db_query(db, &q, e, "SELECT line FROM cosignature WHERE checkpoint=? ORDER BY witness",
                 VALS(V_INT(c->id))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct val line = stmt_val(q, 0);
        buf_add(out, line.data, line.len);
    }
    stmt_done(q);
    return code == ERR_OK ? buf_status(out, _("checkpoint"), e) : code;
}
