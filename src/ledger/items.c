#include <config.h>

#include "ledger/items.h"

#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/merkle.h"
#include "ledger/item_shelf.h"
#include "store/db.h"

/* Packing stands on the path of every import: the quickest level that is not a negative one. */
#define ZSTD_LEVEL 1
#define BATCH_PLAIN_MAX ((size_t)64 << 20)

enum err_code items_init(struct item_batch *b, struct err *e)
{
    *b = (struct item_batch){0};
    buf_init(&b->plain, BATCH_PLAIN_MAX);
    buf_init(&b->packed, BATCH_PLAIN_MAX + (1 << 20));
    b->leaves = mem_array(ITEMS_PER_BATCH, sizeof b->leaves[0]);
    b->zstd = ZSTD_createCCtx();
    if (b->leaves == NULL || b->zstd == NULL) {
        items_release(b);
        return err_nomem(e);
    }
    return ERR_OK;
}

void items_release(struct item_batch *b)
{
    mem_free(b->leaves);
    (void)ZSTD_freeCCtx(b->zstd);
    buf_release(&b->plain);
    buf_release(&b->packed);
    *b = (struct item_batch){0};
}

void items_clear(struct item_batch *b)
{
    b->count = 0;
    b->bundles = 0;
    b->plain_bundle = 0;
    merkle_init(&b->tree);
    buf_clear(&b->plain);
    buf_clear(&b->packed);
}

/* Root of the open bundle, and the batch's tree with it. */
static void bundle_root(struct item_batch *b)
{
    struct merkle_frontier bundle;
    merkle_init(&bundle);
    for (uint32_t i = b->bundles * ITEMS_PER_BUNDLE; i < b->count; i++) {
        merkle_append(&bundle, &b->leaves[i]);
    }
    merkle_root(&bundle, &b->roots[b->bundles]);
    merkle_join(&b->tree, &bundle);
}

static enum err_code bundle_close(struct item_batch *b, struct err *e)
{
    size_t plain_len = b->plain.len - b->plain_bundle;
    size_t bound = ZSTD_compressBound(plain_len);
    struct hash sum;
    char *at = buf_reserve(&b->packed, bound);
    if (at == NULL) {
        return buf_status(&b->packed, _("batch of items"), e);
    }
    size_t n = ZSTD_compressCCtx(b->zstd, at, bound, b->plain.data + b->plain_bundle, plain_len,
                                 ZSTD_LEVEL);
    if (ZSTD_isError(n)) {
        return err_set(e, ERR_NOMEM, _("cannot compress items: %s"), ZSTD_getErrorName(n));
    }
    bundle_root(b);
    b->bundle_start[b->bundles] = b->packed.len;
    b->packed.len += n;
    sha256(at, n, &sum);
    buf_add(&b->packed, sum.b, HASH_SIZE);
    if (b->packed.failed) {
        return buf_status(&b->packed, _("batch of items"), e);
    }
    b->bundles++;
    b->bundle_start[b->bundles] = b->packed.len;
    b->plain_bundle = b->plain.len;
    return ERR_OK;
}

enum err_code items_add(struct item_batch *b, const char *item, size_t len, struct err *e)
{
    if (items_full(b) || len > ITEM_MAX_BYTES) {
        return err_set(e, ERR_LIMIT, _("an item of %zu bytes does not fit into the batch"),
                       len);
    }
    uint8_t head[4] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
                       (uint8_t)(len >> 24)};
    buf_add(&b->plain, head, sizeof head);
    buf_add(&b->plain, item, len);
    if (b->plain.failed) { /* asked here: a translation costs more than the hash */
        return buf_status(&b->plain, _("batch of items"), e);
    }
    merkle_leaf(item, len, &b->leaves[b->count]);
    b->count++;
    return b->count % ITEMS_PER_BUNDLE == 0 ? bundle_close(b, e) : ERR_OK;
}

bool items_full(const struct item_batch *b)
{
    return b->count >= ITEMS_PER_BATCH;
}

enum err_code items_finish(struct item_batch *b, struct hash *root, struct err *e)
{
    if (b->plain_bundle < b->plain.len) {
        TRY(bundle_close(b, e));
    }
    merkle_root(&b->tree, root);
    return ERR_OK;
}

static bool plain_next(const char *plain, size_t size, size_t *cursor, const char **item,
                       size_t *len)
{
    if (size - *cursor < 4) {
        return false;
    }
    const uint8_t *h = (const uint8_t *)plain + *cursor;
    size_t n = (size_t)h[0] | (size_t)h[1] << 8 | (size_t)h[2] << 16 | (size_t)h[3] << 24;
    if (n > size - *cursor - 4) {
        return false;
    }
    *item = plain + *cursor + 4;
    *len = n;
    *cursor += 4 + n;
    return true;
}

bool items_next(const struct item_batch *b, size_t *cursor, const char **item, size_t *len)
{
    return b->plain.len > 0 && plain_next(b->plain.data, b->plain.len, cursor, item, len);
}

enum err_code items_store(const struct item_batch *b, struct db *db, int64_t seq, struct err *e)
{
    for (uint32_t i = 0; i < b->bundles; i++) {
        uint32_t first = i * ITEMS_PER_BUNDLE;
        uint32_t count =
            b->count - first < ITEMS_PER_BUNDLE ? b->count - first : ITEMS_PER_BUNDLE;
        TRY(db_run(db, e,
                   "INSERT INTO item(seq, bundle, count, root, leaves, data) "
                   "VALUES(?,?,?,?,?,?)",
                   VALS(V_INT(seq), V_INT(i), V_INT(count), V_HASH(&b->roots[i]),
                        V_BLOB(&b->leaves[first], (size_t)count * HASH_SIZE),
                        V_BLOB(b->packed.data + b->bundle_start[i],
                               b->bundle_start[i + 1] - b->bundle_start[i]))));
    }
    return ERR_OK;
}

static enum err_code bundle_bad(struct err *e, int64_t seq, int64_t bundle, const char *why)
{
    return err_set(e, ERR_TAMPERED, _("items of entry %" PRId64 ", bundle %" PRId64 ": %s"),
                   seq, bundle, why);
}

/* One zstd frame with its SHA-256 behind it, and nothing else: a frame has bits that change
 * nothing of what it unpacks to, and zstd passes over what stands between frames. */
static bool frame_whole(const void *data, size_t len)
{
    struct hash sum;
    sha256(data, len, &sum);
    return memcmp(sum.b, (const uint8_t *)data + len, HASH_SIZE) == 0 &&
           ZSTD_findFrameCompressedSize(data, len) == len;
}

/* Unpack one bundle into plain. */
static enum err_code bundle_unpack(const void *data, size_t len, int64_t seq, int64_t bundle,
                                   struct buf *plain, struct err *e)
{
    buf_clear(plain);
    unsigned long long size = ZSTD_getFrameContentSize(data, len);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
        size > ITEMS_PLAIN_MAX) {
        return bundle_bad(e, seq, bundle, _("it cannot be unpacked"));
    }
    char *at = buf_reserve(plain, (size_t)size + 1);
    if (at == NULL) {
        return buf_status(plain, _("bundle of items"), e);
    }
    size_t n = ZSTD_decompress(at, (size_t)size, data, len);
    if (ZSTD_isError(n) || n != size) {
        return bundle_bad(e, seq, bundle, _("it cannot be unpacked"));
    }
    plain->len += n;
    return ERR_OK;
}

/* The leaves of one bundle: appended to the batch's list, and each compared with its item when
 * asked. */
struct bundle {
    int64_t seq, number, count, first;
    const struct hash *leaves;
    bool unchecked; /* one item is wanted, whose leaf its reader holds against the entry: the
                       rest of the bundle is not reckoned for it */
    bool root_holds, frame_holds;
    bool dropped; /* its bytes are not in the database, */
    bool away;    /* nor anywhere else that was asked */
};

/* Unpack a bundle as it is stored; frame_holds says whether it is as it was packed. */
static enum err_code frame_open(const void *data, size_t len, struct bundle *bn,
                                struct buf *plain, struct err *e)
{
    len -= len > HASH_SIZE ? HASH_SIZE : len;
    bn->frame_holds = len > 0 && (bn->unchecked || frame_whole(data, len));
    return bundle_unpack(data, len, bn->seq, bn->number, plain, e);
}

static enum err_code bundle_walk(const struct bundle *bn, const struct buf *plain,
                                 bool check_leaves, item_fn each, void *ctx, struct err *e)
{
    size_t cursor = 0;
    for (int64_t i = 0; i < bn->count; i++) {
        const char *item = NULL;
        size_t len = 0;
        if (!plain_next(buf_str(plain), plain->len, &cursor, &item, &len)) {
            return bundle_bad(e, bn->seq, bn->number, _("it holds fewer items than it says"));
        }
        if (check_leaves) {
            struct hash leaf;
            merkle_leaf(item, len, &leaf);
            if (!hash_equal(&leaf, &bn->leaves[i])) {
                return err_set(
                    e, ERR_TAMPERED,
                    _("item %" PRId64 " of entry %" PRId64 " is not what was recorded"),
                    bn->first + i, bn->seq);
            }
        }
        if (each != NULL) {
            TRY(each(ctx, bn->first + i, item, len, e));
        }
    }
    return cursor == plain->len
               ? ERR_OK
               : bundle_bad(e, bn->seq, bn->number, _("it holds more items than it says"));
}

enum err_code items_unpack(const void *data, size_t len, int64_t seq, int64_t number,
                           int64_t count, struct buf *plain,
                           struct hash leaves[ITEMS_PER_BUNDLE], item_fn each, void *ctx,
                           struct err *e)
{
    struct bundle bn = {
        .seq = seq, .number = number, .count = count, .first = number * ITEMS_PER_BUNDLE};
    size_t cursor = 0;
    const char *item = NULL;
    size_t item_len = 0;
    if (count < 1 || count > ITEMS_PER_BUNDLE) {
        return bundle_bad(e, seq, number, _("its count, number or leaf hashes do not fit"));
    }
    TRY(frame_open(data, len, &bn, plain, e));
    if (!bn.frame_holds) {
        return bundle_bad(e, seq, number, _("its packed bytes were changed"));
    }
    for (int64_t i = 0; i < count; i++) {
        if (!plain_next(buf_str(plain), plain->len, &cursor, &item, &item_len)) {
            return bundle_bad(e, seq, number, _("it holds fewer items than it says"));
        }
        merkle_leaf(item, item_len, &leaves[i]);
    }
    return bundle_walk(&bn, plain, false, each, ctx, e);
}

/* Bytes that the database dropped: they may lie elsewhere. */
static enum err_code bundle_fetch(const struct item_source *s, struct bundle *bn,
                                  struct buf *plain, struct err *e)
{
    struct buf packed;
    if (s->dropped == NULL) {
        return err_set(e, ERR_NOT_FOUND,
                       _("the items of entry %" PRId64 " were dropped from the database"),
                       bn->seq);
    }
    buf_init(&packed, ITEMS_PLAIN_MAX + (1 << 20));
    enum err_code code = s->dropped(s->ctx, bn->seq, bn->number, &packed, e);
    if (code == ERR_OK) {
        code = buf_status(&packed, _("bundle of items"), e);
    }
    bn->away = code == ERR_OK && packed.len == 0;
    bn->frame_holds = true;
    if (code == ERR_OK && !bn->away) {
        code = frame_open(packed.data, packed.len, bn, plain, e);
    }
    buf_release(&packed);
    return code;
}

static enum err_code bundle_row(const struct item_source *s, const struct stmt *q,
                                struct bundle *bn, struct merkle_frontier *tree,
                                struct buf *plain, struct err *e)
{
    size_t leaves_len = 0;
    size_t data_len = 0;
    size_t root_len = 0;
    struct merkle_frontier bundle;
    struct hash root;
    bn->number = stmt_int(q, 0);
    bn->count = stmt_int(q, 1);
    bn->leaves = stmt_blob(q, 2, &leaves_len);
    const void *data = stmt_blob(q, 3, &data_len);
    const void *told = stmt_blob(q, 4, &root_len);
    if (bn->count < 1 || bn->count > ITEMS_PER_BUNDLE ||
        leaves_len != (size_t)bn->count * HASH_SIZE || bn->first % ITEMS_PER_BUNDLE != 0 ||
        bn->number !=
            bn->first / ITEMS_PER_BUNDLE) { /* multiplied, 2^56 would be as good as 0 */
        return bundle_bad(e, bn->seq, bn->number,
                          _("its count, number or leaf hashes do not fit"));
    }
    if (!bn->unchecked) {
        merkle_init(&bundle);
        for (int64_t i = 0; i < bn->count; i++) {
            merkle_append(&bundle, &bn->leaves[i]);
        }
        merkle_root(&bundle, &root);
        merkle_join(tree, &bundle);
        bn->root_holds = root_len == HASH_SIZE && memcmp(told, root.b, HASH_SIZE) == 0;
    }
    bn->dropped = stmt_is_null(q, 3);
    bn->away = false;
    return bn->dropped ? bundle_fetch(s, bn, plain, e)
                       : frame_open(data, data_len, bn, plain, e);
}

enum err_code items_each_from(const struct item_source *s, int64_t seq, bool check_leaves,
                              item_fn each, void *ctx, struct hash *root, int64_t *count,
                              struct err *e)
{
    struct stmt *q = NULL;
    struct buf plain;
    struct merkle_frontier tree;
    struct bundle bn = {.seq = seq};
    buf_init(&plain, ITEMS_PLAIN_MAX + 1);
    merkle_init(&tree);
    enum err_code code = db_query(
        s->db, &q, e,
        "SELECT bundle, count, leaves, data, root FROM item WHERE seq=? ORDER BY bundle",
        VALS(V_INT(seq)));
    bool row = false;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = bundle_row(s, q, &bn, &tree, &plain, e);
        if (code == ERR_OK && !bn.away) {
            code = bundle_walk(&bn, &plain, check_leaves || bn.dropped, each, ctx, e);
        }
        if (code == ERR_OK && !bn.root_holds) { /* last: a bad item is named before */
            code = bundle_bad(e, seq, bn.number, _("its root is not that of its leaf hashes"));
        }
        if (code == ERR_OK && !bn.frame_holds) {
            code = bundle_bad(e, seq, bn.number, _("its packed bytes were changed"));
        }
        bn.first += bn.count;
    }
    stmt_done(q);
    buf_release(&plain);
    if (code == ERR_OK && root != NULL) {
        merkle_root(&tree, root);
    }
    if (code == ERR_OK && count != NULL) {
        *count = bn.first;
    }
    return code;
}

enum err_code items_each(struct db *db, int64_t seq, bool check_leaves, item_fn each, void *ctx,
                         struct hash *root, int64_t *count, struct err *e)
{
    const struct item_source s = {.db = db};
    return items_each_from(&s, seq, check_leaves, each, ctx, root, count, e);
}

enum err_code items_get(struct db *db, int64_t seq, int64_t index, struct buf *out,
                        struct err *e)
{
    const struct item_source s = {.db = db};
    return items_get_from(&s, seq, index, out, e);
}

/* One bundle, for one of its items; *row says whether there is such a bundle. */
static enum err_code bundle_load(const struct item_source *s, struct bundle *bn, bool *row,
                                 struct buf *plain, struct err *e)
{
    struct stmt *q = NULL;
    enum err_code code =
        db_query(s->db, &q, e,
                 "SELECT bundle, count, leaves, data, root FROM item WHERE seq=? AND bundle=?",
                 VALS(V_INT(bn->seq), V_INT(bn->first / ITEMS_PER_BUNDLE)));
    if (code == ERR_OK) {
        code = stmt_next(q, row, e);
    }
    if (code == ERR_OK && *row) {
        code = bundle_row(s, q, bn, NULL, plain, e);
    }
    if (code == ERR_OK && *row && bn->dropped && !bn->away) {
        code = bundle_walk(bn, plain, true, NULL, NULL, e);
    }
    stmt_done(q);
    return code;
}

enum err_code items_get_from(const struct item_source *s, int64_t seq, int64_t index,
                             struct buf *out, struct err *e)
{
    struct buf own;
    int64_t number = index / ITEMS_PER_BUNDLE;
    struct bundle bn = {.seq = seq, .first = number * ITEMS_PER_BUNDLE, .unchecked = true};
    const struct buf *plain = item_shelf_get(s->shelf, seq, number);
    bool found = plain != NULL;
    enum err_code code = ERR_OK;
    buf_init(&own, ITEMS_PLAIN_MAX + 1);
    if (plain == NULL) {
        code = bundle_load(s, &bn, &found, &own, e);
        plain = code == ERR_OK && found && !bn.away && s->shelf != NULL
                    ? item_shelf_put(s->shelf, seq, number, &own)
                    : &own;
    }
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    for (int64_t i = bn.first; code == ERR_OK && found && i <= index; i++) {
        found = plain_next(buf_str(plain), plain->len, &cursor, &item, &len);
    }
    if (code == ERR_OK && found) {
        buf_add(out, item, len);
        code = buf_status(out, _("item"), e);
    } else if (code == ERR_OK) {
        code =
            err_set(e, ERR_NOT_FOUND, _("entry %" PRId64 " has no item %" PRId64), seq, index);
    }
    buf_release(&own);
    return code;
}

/* ---- proofs
 * ------------------------------------------------------------------------------- */

#define BUNDLES_MAX (ITEMS_PER_BATCH / ITEMS_PER_BUNDLE)

/* Count and roots of a batch's bundles, in order. Bundles are complete subtrees but for the
 * last: the tree over their roots is the upper part of the batch's. */
struct roots {
    struct hash of[BUNDLES_MAX];
    int64_t bundles, count;
};

static enum err_code roots_add(struct roots *r, const struct stmt *q, int64_t seq,
                               struct err *e)
{
    int64_t number = stmt_int(q, 0);
    int64_t count = stmt_int(q, 1);
    size_t len = 0;
    const void *root = stmt_blob(q, 2, &len);
    if (number != r->bundles || number >= BUNDLES_MAX || len != HASH_SIZE || count < 1 ||
        count > ITEMS_PER_BUNDLE || r->count != number * ITEMS_PER_BUNDLE) {
        return bundle_bad(e, seq, number, _("its count, number or leaf hashes do not fit"));
    }
    memcpy(r->of[r->bundles++].b, root, HASH_SIZE);
    r->count += count;
    return ERR_OK;
}

static enum err_code roots_read(struct db *db, int64_t seq, struct roots *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, "SELECT bundle, count, root FROM item WHERE seq=? ORDER BY bundle",
                 VALS(V_INT(seq))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = roots_add(r, q, seq, e);
    }
    stmt_done(q);
    return code;
}

/* The path within the bundle; its leaves must have the bundle's root. */
static enum err_code bundle_path(const struct stmt *q, const struct roots *r, int64_t seq,
                                 int64_t index, struct hash *path, size_t *len, struct err *e)
{
    struct hash leaves[ITEMS_PER_BUNDLE];
    int64_t number = index / ITEMS_PER_BUNDLE;
    int64_t rest = r->count - number * ITEMS_PER_BUNDLE;
    size_t count = rest < ITEMS_PER_BUNDLE ? (size_t)rest : ITEMS_PER_BUNDLE;
    size_t size = 0;
    const void *stored = stmt_blob(q, 0, &size);
    if (size != count * HASH_SIZE) {
        return bundle_bad(e, seq, number, _("its count, number or leaf hashes do not fit"));
    }
    memcpy(leaves, stored, size);
    size_t at = (size_t)(index % ITEMS_PER_BUNDLE);
    *len = merkle_inclusion(leaves, count, at, path);
    return merkle_verify_inclusion(&leaves[at], at, count, path, *len, &r->of[number])
               ? ERR_OK
               : bundle_bad(e, seq, number, _("its root is not that of its leaf hashes"));
}

enum err_code items_path(struct db *db, int64_t seq, int64_t index,
                         struct hash path[MERKLE_PATH_MAX], size_t *len, struct hash *root,
                         int64_t *count, struct err *e)
{
    struct roots r = {.count = 0};
    struct stmt *q = NULL;
    bool row = false;
    *len = 0;
    TRY(roots_read(db, seq, &r, e));
    if (index < 0 || index >= r.count) {
        return err_set(e, ERR_NOT_FOUND, _("entry %" PRId64 " has no item %" PRId64), seq,
                       index);
    }
    TRY(db_query(db, &q, e, "SELECT leaves FROM item WHERE seq=? AND bundle=?",
                 VALS(V_INT(seq), V_INT(index / ITEMS_PER_BUNDLE))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code = row ? bundle_path(q, &r, seq, index, path, len, e)
                   : bundle_bad(e, seq, index / ITEMS_PER_BUNDLE, _("it is missing"));
    }
    stmt_done(q);
    TRY(code);
    *len += merkle_inclusion(r.of, (uint64_t)r.bundles, (uint64_t)(index / ITEMS_PER_BUNDLE),
                             path + *len);
    merkle_root_of(r.of, (uint64_t)r.bundles, root);
    *count = r.count;
    return ERR_OK;
}
