#include <config.h>

#include "ledger/tree.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/entry.h"
#include "store/db.h"

#define TILE_BITS 8
#define TILE_BYTES ((size_t)TREE_TILE_WIDTH * HASH_SIZE)

/* A tile in memory; width counts the hashes that were read. */
struct tile {
    uint64_t number;
    size_t width;
    struct hash nodes[TREE_TILE_WIDTH];
};

/* A view of the tree at one size; the last tile of each level is kept at hand. */
struct tree {
    struct db *db;
    const struct tree_source *source; /* instead of db */
    uint64_t size;
    struct tile tiles[TREE_LEVELS];
};

/* ---- reading tiles
 * ------------------------------------------------------------------------- */

static enum err_code tile_bad(unsigned level, uint64_t number, struct err *e)
{
    return err_set(e, ERR_TAMPERED,
                   _("tile %" PRIu64 " of level %u of the ledger's tree is missing or "
                     "malformed; run: aforo verify --deep"),
                   number, level);
}

/* The hashes of a stored tile; *width 0 when there is none. */
static enum err_code stored_read(struct db *db, unsigned level, uint64_t number,
                                 struct tile *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    out->number = number;
    out->width = 0;
    TRY(db_query(db, &q, e, "SELECT hashes FROM tile WHERE level=? AND number=?",
                 VALS(V_INT(level), V_INT((int64_t)number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t len = 0;
        const void *hashes = stmt_blob(q, 0, &len);
        if (len == 0 || len > TILE_BYTES || len % HASH_SIZE != 0) {
            code = tile_bad(level, number, e);
        } else {
            memcpy(out->nodes, hashes, len);
            out->width = len / HASH_SIZE;
        }
    }
    stmt_done(q);
    return code;
}

/* Up to `width` leaves of a tile, straight from the entries. */
static enum err_code leaves_read(struct db *db, uint64_t number, size_t width, struct tile *out,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t first = (int64_t)(number << TILE_BITS) + 1;
    out->number = number;
    out->width = 0;
    TRY(db_query(db, &q, e,
                 "SELECT seq, leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq",
                 VALS(V_INT(first), V_INT(first + (int64_t)width))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        const void *leaf = stmt_blob(q, 1, &len);
        if (stmt_int(q, 0) != first + (int64_t)out->width || len != HASH_SIZE) {
            break; /* a gap: fewer than asked for */
        }
        memcpy(out->nodes[out->width++].b, leaf, HASH_SIZE);
    }
    stmt_done(q);
    return code;
}

/* Complete nodes of a tile in the tree of t->size leaves. */
static size_t width_at(const struct tree *t, unsigned level, uint64_t number)
{
    uint64_t nodes = t->size >> (TILE_BITS * level);
    uint64_t before = number << TILE_BITS;
    uint64_t there = nodes > before ? nodes - before : 0;
    return there < TREE_TILE_WIDTH ? (size_t)there : TREE_TILE_WIDTH;
}

/* *out: the tile with at least the nodes it has at this size. */
static enum err_code tile_load(struct tree *t, unsigned level, uint64_t number,
                               const struct tile **out, struct err *e)
{
    struct tile *tile = &t->tiles[level];
    size_t want = width_at(t, level, number);
    *out = tile;
    if (tile->width > 0 && tile->number == number) {
        return ERR_OK;
    }
    if (t->source != NULL) {
        tile->width = 0;
        TRY(t->source->read(t->source->ctx, level, number, want, tile->nodes, e));
        tile->number = number;
        tile->width = want;
        return ERR_OK;
    }
    TRY(stored_read(t->db, level, number, tile, e));
    if (tile->width < want && level == 0 && want < TREE_TILE_WIDTH) {
        TRY(leaves_read(t->db, number, want, tile, e));
    }
    if (tile->width < want) {
        tile->width = 0;
        return tile_bad(level, number, e);
    }
    return ERR_OK;
}

/* ---- hashes of ranges
 * ---------------------------------------------------------------------- */

/* Root of the complete subtree of 2^height leaves whose first one is `start`. */
static enum err_code node_get(struct tree *t, uint64_t start, unsigned height, struct hash *out,
                              struct err *e)
{
    const struct tile *tile = NULL;
    unsigned level = height / TILE_BITS;
    uint64_t index = start >> (TILE_BITS * level);
    CHECK(level < TREE_LEVELS);
    TRY(tile_load(t, level, index >> TILE_BITS, &tile, e));
    merkle_root_of(&tile->nodes[index % TREE_TILE_WIDTH], UINT64_C(1) << height % TILE_BITS,
                   out);
    return ERR_OK;
}

/* Root of `count` leaves from `start`, a multiple of the power of two not below count: every
 * subtree that RFC 6962 cuts is such a range. */
static enum err_code range_root(struct tree *t, uint64_t start, uint64_t count,
                                struct hash *out, struct err *e)
{
    struct merkle_frontier f;
    merkle_init(&f);
    while (f.size < count) {
        unsigned height = 63;
        while (count - f.size < UINT64_C(1) << height) {
            height--;
        }
        struct merkle_frontier node = {.size = UINT64_C(1) << height};
        TRY(node_get(t, start + f.size, height, &node.edge[height], e));
        merkle_join(&f, &node);
    }
    merkle_root(&f, out);
    return ERR_OK;
}

static enum err_code inclusion(struct tree *t, uint64_t index, struct hash *path, size_t *len,
                               struct err *e)
{
    uint64_t start = 0;
    uint64_t count = t->size;
    while (count > 1) { /* RFC 6962 section 2.1.1, PATH(m, D[n]) */
        uint64_t k = merkle_split(count);
        bool left = index - start < k;
        TRY(range_root(t, left ? start + k : start, left ? count - k : k, &path[(*len)++], e));
        start += left ? 0 : k;
        count = left ? k : count - k;
    }
    merkle_path_reverse(path, *len);
    return ERR_OK;
}

static enum err_code consistency(struct tree *t, uint64_t old_size, struct hash *path,
                                 size_t *len, struct err *e)
{
    uint64_t start = 0;
    uint64_t count = t->size;
    bool old_root_known = true;
    while (old_size - start != count) { /* RFC 6962 section 2.1.2, SUBPROOF(m, D[n], b) */
        uint64_t k = merkle_split(count);
        bool left = old_size - start <= k;
        TRY(range_root(t, left ? start + k : start, left ? count - k : k, &path[(*len)++], e));
        old_root_known = old_root_known && left;
        start += left ? 0 : k;
        count = left ? k : count - k;
    }
    if (!old_root_known) {
        TRY(range_root(t, start, count, &path[(*len)++], e));
    }
    merkle_path_reverse(path, *len);
    return ERR_OK;
}

/* ---- questions
 * ----------------------------------------------------------------------------- */

enum err_code tree_size(struct db *db, uint64_t *size, struct err *e)
{
    int64_t head = 0;
    TRY(db_get_int(db, &head, NULL, e, "SELECT max(seq) FROM entry", NO_VALS));
    *size = head < 0 ? 0 : (uint64_t)head;
    return ERR_OK;
}

static enum err_code tree_open(struct db *db, uint64_t size, struct tree **out, struct err *e)
{
    uint64_t have = 0;
    TRY(tree_size(db, &have, e));
    if (size > have) {
        return err_set(
            e, ERR_RANGE,
            _("the ledger has %" PRIu64 " entries; a tree of %" PRIu64 " was asked for"), have,
            size);
    }
    struct tree *t = mem_alloc(sizeof *t);
    if (t == NULL) {
        return err_nomem(e);
    }
    t->db = db;
    t->size = size;
    *out = t;
    return ERR_OK;
}

static enum err_code older_check(uint64_t old_size, uint64_t size, struct err *e)
{
    return old_size <= size
               ? ERR_OK
               : err_set(e, ERR_RANGE,
                         _("a tree of %" PRIu64 " entries is not the beginning of one of "
                           "%" PRIu64),
                         old_size, size);
}

enum err_code tree_root(struct db *db, uint64_t size, struct hash *out, struct err *e)
{
    struct tree *t = NULL;
    TRY(tree_open(db, size, &t, e));
    enum err_code code = range_root(t, 0, size, out, e);
    mem_free(t);
    return code;
}

enum err_code tree_inclusion(struct db *db, uint64_t index, uint64_t size,
                             struct hash path[MERKLE_PATH_MAX], size_t *len, struct err *e)
{
    struct tree *t = NULL;
    *len = 0;
    if (index >= size) {
        return err_set(e, ERR_RANGE, _("entry %" PRIu64 " is not among the first %" PRIu64),
                       index + 1, size);
    }
    TRY(tree_open(db, size, &t, e));
    enum err_code code = inclusion(t, index, path, len, e);
    mem_free(t);
    return code;
}

enum err_code tree_consistency(struct db *db, uint64_t old_size, uint64_t size,
                               struct hash path[MERKLE_PATH_MAX], size_t *len, struct err *e)
{
    struct tree *t = NULL;
    *len = 0;
    TRY(older_check(old_size, size, e));
    TRY(tree_open(db, size, &t, e));
    enum err_code code = old_size == 0 ? ERR_OK : consistency(t, old_size, path, len, e);
    mem_free(t);
    return code;
}

enum err_code tree_tile(struct db *db, unsigned level, uint64_t number, uint64_t size,
                        struct buf *out, struct err *e)
{
    struct tree *t = NULL;
    const struct tile *tile = NULL;
    TRY(tree_open(db, size, &t, e));
    size_t width = level < TREE_LEVELS && number <= size ? width_at(t, level, number) : 0;
    enum err_code code =
        width > 0
            ? tile_load(t, level, number, &tile, e)
            : err_set(e, ERR_RANGE,
                      _("a tree of %" PRIu64 " entries has no tile %" PRIu64 " of level %u"),
                      size, number, level);
    if (code == ERR_OK) {
        buf_add(out, tile->nodes, width * HASH_SIZE);
        code = buf_status(out, _("tile"), e);
    }
    mem_free(t);
    return code;
}

static enum err_code source_open(const struct tree_source *s, uint64_t size, struct tree **out,
                                 struct err *e)
{
    struct tree *t = size <= INT64_MAX ? mem_alloc(sizeof *t) : NULL;
    if (t == NULL) {
        return size <= INT64_MAX
                   ? err_nomem(e)
                   : err_set(e, ERR_RANGE, _("the size of the tree is too large"));
    }
    t->source = s;
    t->size = size;
    *out = t;
    return ERR_OK;
}

enum err_code tree_source_root(const struct tree_source *s, uint64_t size, uint64_t count,
                               struct hash *out, struct err *e)
{
    struct tree *t = NULL;
    TRY(older_check(count, size, e));
    TRY(source_open(s, size, &t, e));
    enum err_code code = range_root(t, 0, count, out, e);
    mem_free(t);
    return code;
}

enum err_code tree_source_consistency(const struct tree_source *s, uint64_t old_size,
                                      uint64_t size, struct hash path[MERKLE_PATH_MAX],
                                      size_t *len, struct err *e)
{
    struct tree *t = NULL;
    *len = 0;
    TRY(older_check(old_size, size, e));
    TRY(source_open(s, size, &t, e));
    enum err_code code = old_size == 0 ? ERR_OK : consistency(t, old_size, path, len, e);
    mem_free(t);
    return code;
}

/* ---- keeping tiles
 * ------------------------------------------------------------------------- */

static enum err_code stored_write(struct db *db, unsigned level, const struct tile *tile,
                                  struct err *e)
{
    return db_run(db, e, "INSERT OR REPLACE INTO tile(level, number, hashes) VALUES(?,?,?)",
                  VALS(V_INT(level), V_INT((int64_t)tile->number),
                       V_BLOB(tile->nodes, tile->width * HASH_SIZE)));
}

/* A tile of leaves is full: store it, and carry its root upwards, a node a level, for as long
 * as that fills a tile there. */
static enum err_code tile_carry(struct db *db, struct tile *tile, struct err *e)
{
    TRY(stored_write(db, 0, tile, e));
    for (unsigned level = 1; level < TREE_LEVELS && tile->width == TREE_TILE_WIDTH; level++) {
        struct hash node;
        uint64_t index = tile->number;
        merkle_root_of(tile->nodes, TREE_TILE_WIDTH, &node);
        TRY(stored_read(db, level, index >> TILE_BITS, tile, e));
        if (tile->width != index % TREE_TILE_WIDTH) {
            return tile_bad(level, index >> TILE_BITS, e);
        }
        tile->nodes[tile->width++] = node;
        TRY(stored_write(db, level, tile, e));
    }
    return ERR_OK;
}

enum err_code tree_append(struct db *db, int64_t seq, struct err *e)
{
    if (seq % TREE_TILE_WIDTH != 0) {
        return ERR_OK;
    }
    struct tile *tile = mem_alloc(sizeof *tile);
    if (tile == NULL) {
        return err_nomem(e);
    }
    uint64_t number = (uint64_t)(seq / TREE_TILE_WIDTH - 1);
    enum err_code code = leaves_read(db, number, TREE_TILE_WIDTH, tile, e);
    if (code == ERR_OK && tile->width < TREE_TILE_WIDTH) {
        code = tile_bad(0, number, e);
    }
    if (code == ERR_OK) {
        code = tile_carry(db, tile, e);
    }
    mem_free(tile);
    return code;
}

/* ---- the entries themselves
 * ---------------------------------------------------------------- */

/* Hash a stored entry again; its leaf column must say the same. */
static enum err_code row_hash(const struct stmt *q, struct buf *scratch, struct hash *out,
                              struct err *e)
{
    struct val payload = stmt_val(q, 1);
    struct val keyid = stmt_val(q, 2);
    struct val sig = stmt_val(q, 3);
    struct val leaf = stmt_val(q, 4);
    struct hash id;
    bool sound = payload.type == VAL_TEXT && payload.len <= ENTRY_PAYLOAD_MAX &&
                 keyid.len == HASH_SIZE && sig.len <= SIGNATURE_MAX && leaf.len == HASH_SIZE;
    if (sound) {
        memcpy(id.b, keyid.data, HASH_SIZE);
        TRY(entry_leaf(payload.data, payload.len, &id, sig.data, sig.len, scratch, out, e));
        sound = memcmp(out->b, leaf.data, HASH_SIZE) == 0;
    }
    return sound ? ERR_OK
                 : err_set(e, ERR_TAMPERED,
                           _("entry %" PRId64 " is not what its leaf hash says; run: aforo "
                             "verify"),
                           stmt_int(q, 0));
}

static enum err_code rows_follow(struct stmt *q, struct merkle_frontier *f, struct buf *scratch,
                                 struct err *e)
{
    bool row = false;
    struct hash leaf;
    for (;;) {
        TRY(stmt_next(q, &row, e));
        if (!row) {
            return ERR_OK;
        }
        if (stmt_int(q, 0) != (int64_t)f->size + 1) {
            return err_set(e, ERR_TAMPERED,
                           _("entry %" PRIu64 " is missing; run: aforo verify"), f->size + 1);
        }
        TRY(row_hash(q, scratch, &leaf, e));
        merkle_append(f, &leaf);
    }
}

enum err_code tree_follow(struct db *db, struct merkle_frontier *f, uint64_t size,
                          struct err *e)
{
    struct stmt *q = NULL;
    struct buf scratch;
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    enum err_code code =
        db_query(db, &q, e,
                 "SELECT seq, payload, keyid, sig, leaf FROM entry WHERE seq > "
                 "? AND seq <= ? ORDER BY seq",
                 VALS(V_INT((int64_t)f->size), V_INT((int64_t)size)));
    if (code == ERR_OK) {
        code = rows_follow(q, f, &scratch, e);
    }
    stmt_done(q);
    buf_release(&scratch);
    if (code == ERR_OK && f->size != size) {
        code = err_set(
            e, ERR_RANGE,
            _("the ledger has %" PRIu64 " entries; a tree of %" PRIu64 " was asked for"),
            f->size, size);
    }
    return code;
}
