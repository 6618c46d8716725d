/* Three slices of entries move through a pipeline: while the cores check signatures and items
 * of one and decode the next, the calling thread reads the third; then it follows the chain
 * through the decoded one, which is the only step that has to be in order. */
#include <config.h>

#include "ledger/verify.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "ledger/dropped.h"
#include "ledger/evidence.h"
#include "ledger/verify_items.h"
#include "ledger/verify_pool.h"
#include "store/db.h"

#define SLICE_ROWS 512
#define SLICE_BYTES (1 << 20) /* a slice of large entries ends early */
#define CHUNK_ROWS 16         /* a job: about a millisecond of signatures */
#define CHUNKS (SLICE_ROWS / CHUNK_ROWS)
#define CHUNK_ARENA_MAX ((size_t)256 << 20)

struct slice {
    struct chain_row rows[SLICE_ROWS];
    size_t offsets[SLICE_ROWS]; /* of payload and signature in bytes, while it grows */
    bool bad[SLICE_ROWS];       /* chain_check found a fault */
    size_t count;
    struct buf bytes;
    struct arena arenas[CHUNKS];
    struct entry entries[SLICE_ROWS];
    const struct verify_key *keys[SLICE_ROWS];
    struct batch batches[SLICE_ROWS];
    size_t batch_count;
};

/* What a thread owns. */
struct worker {
    struct db *db; /* opened at the first batch of items */
    struct buf scratch;
    struct audit audit;
    struct err err;
    enum err_code code; /* of the first failure that is no fault of the ledger */
};

struct verify {
    const struct verify_job *job;
    struct chain *chain;
    struct audit *audit;
    struct db *db; /* of the reading thread */
    struct evidence_walk evidence;
    struct dropped dropped;
    struct pool *pool;
    struct worker *workers;
    struct slice *slices;
    struct slice *checking, *decoding; /* what the jobs of this round work on */
    int64_t read, to;                  /* last entry read; last one to read */
    bool stop;                         /* a fault was found: nothing more is read */
};

/* ---- reading
 * ------------------------------------------------------------------------------- */

static enum err_code row_bad(struct verify *v, int64_t seq, const char *what)
{
    (void)audit_add(&v->workers[0].audit, "payload", seq, -1,
                    _("entry %" PRId64 ": the stored %s is malformed"), seq, what);
    return ERR_TAMPERED;
}

/* Copy a row: nothing is borrowed from SQLite once the slice is read. */
static enum err_code row_take(struct verify *v, struct slice *s, const struct stmt *q,
                              struct err *e)
{
    struct chain_row *r = &s->rows[s->count];
    struct val payload = stmt_val(q, 1);
    struct val keyid = stmt_val(q, 2);
    struct val sig = stmt_val(q, 3);
    struct val leaf = stmt_val(q, 4);
    *r = (struct chain_row){
        .seq = stmt_int(q, 0), .payload_len = payload.len, .sig_len = sig.len};
    if (payload.type != VAL_TEXT || payload.len > ENTRY_PAYLOAD_MAX) {
        return row_bad(v, r->seq, "payload");
    }
    if (keyid.type != VAL_BLOB || keyid.len != HASH_SIZE) {
        return row_bad(v, r->seq, "keyid");
    }
    if (sig.type != VAL_BLOB || sig.len > SIGNATURE_MAX) {
        return row_bad(v, r->seq, "sig");
    }
    if (leaf.type != VAL_BLOB || leaf.len != HASH_SIZE) {
        return row_bad(v, r->seq, "leaf");
    }
    memcpy(r->keyid.b, keyid.data, HASH_SIZE);
    memcpy(r->leaf.b, leaf.data, HASH_SIZE);
    s->offsets[s->count] = s->bytes.len;
    buf_add(&s->bytes, payload.data, payload.len);
    buf_add(&s->bytes, sig.data, sig.len);
    if (s->bytes.failed) { /* asked first: a sentence is looked up for each call */
        return buf_status(&s->bytes, _("entries"), e);
    }
    s->bad[s->count] = false;
    s->count++;
    return ERR_OK;
}

static void slice_settle(struct slice *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct chain_row *r = &s->rows[i];
        r->payload = s->bytes.data + s->offsets[i];
        r->sig = (const uint8_t *)r->payload + r->payload_len;
    }
}

/* One short read transaction: the WAL is never held back for long. */
static enum err_code slice_read(struct verify *v, struct slice *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = true;
    s->count = 0;
    s->batch_count = 0;
    buf_clear(&s->bytes);
    if (v->stop || v->read >= v->to) {
        return ERR_OK;
    }
    enum err_code code = db_query(v->db, &q, e,
                                  "SELECT seq, payload, keyid, sig, leaf FROM entry WHERE seq "
                                  "> ? AND seq <= ? ORDER BY seq LIMIT ?",
                                  VALS(V_INT(v->read), V_INT(v->to), V_INT(SLICE_ROWS)));
    while (code == ERR_OK && s->bytes.len < SLICE_BYTES) {
        code = stmt_next(q, &row, e);
        if (code != ERR_OK || !row) {
            break;
        }
        code = row_take(v, s, q, e);
        v->read = code == ERR_OK ? s->rows[s->count - 1].seq : v->read;
    }
    stmt_done(q);
    slice_settle(s);
    if (code == ERR_TAMPERED && v->workers[0].audit.fault_count > 0) {
        v->stop = true; /* a malformed row: what stands before it is still checked */
        code = ERR_OK;
    }
    return code;
}

/* ---- jobs
 * ---------------------------------------------------------------------------------- */

/* ERR_TAMPERED has left its fault in the worker's audit; anything else ends the check. */
static void worker_result(struct worker *w, enum err_code code, const struct err *e)
{
    if (code != ERR_OK && code != ERR_TAMPERED && w->code == ERR_OK) {
        w->code = code;
        w->err = *e;
    }
}

static void job_decode(struct worker *w, struct slice *s, size_t chunk)
{
    struct err e = ERR_INIT;
    size_t end = (chunk + 1) * CHUNK_ROWS;
    arena_reset(&s->arenas[chunk]);
    for (size_t i = chunk * CHUNK_ROWS; i < end && i < s->count; i++) {
        enum err_code code = chain_check(&s->rows[i], &s->arenas[chunk], &w->scratch,
                                         &s->entries[i], &w->audit, &e);
        s->bad[i] = code != ERR_OK;
        worker_result(w, code, &e);
        if (code != ERR_OK) {
            break;
        }
    }
}

static void job_signatures(struct worker *w, const struct slice *s, size_t chunk)
{
    struct err e = ERR_INIT;
    size_t end = (chunk + 1) * CHUNK_ROWS;
    for (size_t i = chunk * CHUNK_ROWS; i < end && i < s->count; i++) {
        enum err_code code =
            chain_signature(&s->rows[i], s->keys[i], &w->scratch, &w->audit, &e);
        worker_result(w, code, &e);
        if (code != ERR_OK) {
            break;
        }
    }
}

static size_t chunks_of(const struct slice *s)
{
    return (s->count + CHUNK_ROWS - 1) / CHUNK_ROWS;
}

static size_t signature_jobs(const struct verify *v)
{
    return v->job->hashes_only ? 0 : chunks_of(v->checking);
}

/* Jobs of a round: signatures first, they are the oldest; items; then decoding. */
static void job_run(void *ctx, unsigned worker, size_t index)
{
    struct verify *v = ctx;
    struct worker *w = &v->workers[worker];
    size_t signatures = signature_jobs(v);
    if (index < signatures) {
        job_signatures(w, v->checking, index);
        return;
    }
    index -= signatures;
    if (index < v->checking->batch_count) {
        struct err e = ERR_INIT;
        worker_result(
            w,
            batch_check(&w->db, v->job->db_path, &v->checking->batches[index], &w->audit, &e),
            &e);
        return;
    }
    job_decode(w, v->decoding, index - v->checking->batch_count);
}

/* ---- the step in order
 * --------------------------------------------------------------------- */

static enum err_code mark_check(struct verify *v)
{
    struct hash root;
    if (v->chain->tree.size != v->job->mark_size) {
        return ERR_OK;
    }
    merkle_root(&v->chain->tree, &root);
    if (hash_equal(&root, &v->job->mark_root)) {
        return ERR_OK;
    }
    (void)audit_add(v->audit, "rewritten", (int64_t)v->job->mark_size, -1,
                    _("the first %" PRIu64
                      " entries are not those that were verified before: the ledger was "
                      "rewritten, or replaced by another copy"),
                    v->job->mark_size);
    return ERR_TAMPERED;
}

static enum err_code follow_row(struct verify *v, struct slice *s, size_t i, struct err *e)
{
    const struct entry *en = &s->entries[i];
    if (s->bad[i]) {
        return ERR_TAMPERED;
    }
    TRY(chain_follow(v->chain, &s->rows[i], en, &s->keys[i], v->audit, e));
    enum kind kind = kind_find(en->kind, en->version);
    if (kind_has_items(kind)) {
        struct batch *b = &s->batches[s->batch_count++];
        b->seq = en->seq;
        b->kind = kind;
        b->missing = false;
        b->run = 0;
        (void)json_get_int(en->data, "run", &b->run);
        CHECK(chain_batch(en, &b->root, &b->count)); /* chain_follow has looked */
    }
    TRY(dropped_follow(&v->dropped, en, kind, e));
    TRY(mark_check(v));
    return evidence_at(&v->evidence, v->chain, v->audit, e);
}

/* Items may only stand behind entries that record them. */
static enum err_code items_owned(struct verify *v, const struct slice *s, int64_t from,
                                 int64_t to, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    size_t at = 0;
    TRY(db_query(v->db, &q, e,
                 "SELECT DISTINCT seq FROM item WHERE seq >= ? AND seq <= ? ORDER BY seq",
                 VALS(V_INT(from), V_INT(to))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t seq = stmt_int(q, 0);
        while (at < s->batch_count && s->batches[at].seq < seq) {
            at++;
        }
        if (at == s->batch_count || s->batches[at].seq != seq) {
            (void)audit_add(v->audit, "extra_items", seq, -1,
                            _("items are stored behind entry %" PRId64 ", which recorded none"),
                            seq);
            code = ERR_TAMPERED;
            break;
        }
    }
    stmt_done(q);
    return code;
}

/* Follow the chain through a decoded slice; what is left in it is good so far. */
static enum err_code slice_follow(struct verify *v, struct slice *s, struct err *e)
{
    int64_t from = (int64_t)v->chain->tree.size + 1;
    enum err_code code = ERR_OK;
    size_t i = 0;
    while (i < s->count && (code = follow_row(v, s, i, e)) == ERR_OK) {
        i++;
    }
    s->count = i;
    if ((code == ERR_OK || code == ERR_TAMPERED) && i > 0) {
        enum err_code owned = items_owned(v, s, from, s->rows[i - 1].seq, e);
        code = code == ERR_OK ? owned : code;
    }
    v->stop = v->stop || code == ERR_TAMPERED;
    return code == ERR_TAMPERED ? ERR_OK : code;
}

/* Batches of a slice whose items were looked for. */
static enum err_code slice_missing(struct verify *v, const struct slice *s, struct err *e)
{
    for (size_t i = 0; i < s->batch_count; i++) {
        const struct batch *b = &s->batches[i];
        if (b->missing) {
            TRY(dropped_missing(&v->dropped, b->seq, b->kind == KIND_window_batch ? b->run : 0,
                                e));
        }
    }
    return ERR_OK;
}

/* ---- rounds
 * -------------------------------------------------------------------------------- */

static enum err_code workers_status(const struct verify *v, bool *fault, struct err *e)
{
    *fault = false;
    for (unsigned i = 0; i < pool_threads(v->pool); i++) {
        if (v->workers[i].code != ERR_OK) {
            return err_set(e, v->workers[i].code, "%s", v->workers[i].err.text);
        }
        *fault = *fault || v->workers[i].audit.fault_count > 0;
    }
    return ERR_OK;
}

static enum err_code verify_rounds(struct verify *v, struct err *e)
{
    struct slice *a = &v->slices[0]; /* followed: signatures and items are left */
    struct slice *b = &v->slices[1]; /* read: to be decoded and followed */
    struct slice *c = &v->slices[2]; /* to be read into */
    uint64_t start = v->chain->tree.size;
    uint64_t total = (uint64_t)v->to - start;
    a->count = 0;
    a->batch_count = 0;
    enum err_code code = slice_read(v, b, e);
    while (code == ERR_OK && (a->count > 0 || b->count > 0)) {
        bool fault = false;
        if (!progress_step(v->job->progress, _("checking entries"), v->chain->tree.size - start,
                           total)) {
            return err_set(e, ERR_CANCELLED, _("the check was stopped"));
        }
        v->checking = a;
        v->decoding = b;
        pool_begin(v->pool, job_run, v, signature_jobs(v) + a->batch_count + chunks_of(b));
        code = slice_read(v, c, e);
        pool_finish(v->pool);
        v->audit->entries += (int64_t)a->count;
        enum err_code status = workers_status(v, &fault, e);
        code = code == ERR_OK ? status : code;
        if (code == ERR_OK) {
            code = slice_missing(v, a, e);
        }
        if (code == ERR_OK) {
            code = slice_follow(v, b, e);
        }
        struct slice *done = a;
        a = b;
        b = c;
        c = done;
        if (fault || v->stop) {
            v->stop = true;
            b->count = 0;
        }
    }
    if (code == ERR_OK) {
        (void)progress_step(v->job->progress, _("checking entries"), total, total);
    }
    return code;
}

/* The threads' faults and the chain's: the one of the lowest entry is named, the others may
 * follow from it. */
static void faults_merge(struct verify *v)
{
    const struct audit_fault *first = v->audit->fault_count > 0 ? v->audit->faults : NULL;
    struct audit_fault kept;
    for (unsigned i = 0; i < pool_threads(v->pool); i++) {
        const struct audit *w = &v->workers[i].audit;
        v->audit->items += w->items;
        v->audit->dropped += w->dropped;
        for (size_t f = 0; f < w->fault_count; f++) {
            if (first == NULL || w->faults[f].seq < first->seq) {
                first = &w->faults[f];
            }
        }
    }
    if (first != NULL) {
        kept = *first;
        v->audit->faults[0] = kept;
        v->audit->fault_count = 1;
    }
}

/* ---- before and after
 * ---------------------------------------------------------------------- */

/* The head at the start; nothing stands before entry 1 and no items behind the head. */
static enum err_code bounds_check(struct verify *v, struct err *e)
{
    int64_t outside = 0;
    bool any = false;
    TRY(db_get_int(v->db, &v->to, &any, e, "SELECT max(seq) FROM entry", NO_VALS));
    TRY(db_get_int(v->db, &outside, NULL, e, "SELECT count(*) FROM entry WHERE seq < 1",
                   NO_VALS));
    if (any && outside > 0) {
        (void)audit_add(v->audit, "sequence", 0, -1,
                        _("%" PRId64 " entries stand before entry 1"), outside);
        return ERR_TAMPERED;
    }
    uint64_t head = any ? (uint64_t)v->to : 0;
    if (head < v->job->mark_size) {
        (void)audit_add(
            v->audit, "rollback", (int64_t)head, -1,
            _("the ledger ends at entry %" PRIu64 ", but entry %" PRIu64
              " was verified before: the database was rolled back to an older copy"),
            head, v->job->mark_size);
        return ERR_TAMPERED;
    }
    if (!any) {
        return err_set(e, ERR_STATE, _("%s holds no entry yet: there is nothing to verify"),
                       v->job->db_path);
    }
    bool extra = false;
    TRY(db_get_int(v->db, &outside, &extra, e,
                   "SELECT seq FROM item WHERE seq < 1 OR seq > ? LIMIT 1",
                   VALS(V_INT(v->to))));
    /* A writer may have appended since the head was read: then the entry is there. */
    if (extra) {
        TRY(db_get_int(v->db, &outside, &extra, e,
                       "SELECT i.seq FROM item i LEFT JOIN entry e ON e.seq = i.seq WHERE "
                       "e.seq IS NULL LIMIT 1",
                       NO_VALS));
    }
    if (extra) {
        (void)audit_add(v->audit, "extra_items", outside, -1,
                        _("items are stored behind entry %" PRId64 ", which does not exist"),
                        outside);
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

/* Going on behind a verified entry: it must still be that entry. */
static enum err_code start_check(struct verify *v, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t seq = (int64_t)v->chain->tree.size;
    if (seq == 0) {
        return ERR_OK;
    }
    TRY(db_query(v->db, &q, e, "SELECT leaf FROM entry WHERE seq=?", VALS(V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        struct val leaf = row ? stmt_val(q, 0) : V_NULL();
        if (leaf.type != VAL_BLOB || leaf.len != HASH_SIZE ||
            memcmp(leaf.data, v->chain->leaf.b, HASH_SIZE) != 0) {
            (void)audit_add(v->audit, "rewritten", seq, -1,
                            _("entry %" PRId64 " is not the one that was verified before"),
                            seq);
            code = ERR_TAMPERED;
        }
    }
    stmt_done(q);
    return code;
}

static void verify_release(struct verify *v)
{
    for (unsigned i = 0; v->workers != NULL && i < pool_threads(v->pool); i++) {
        db_close(v->workers[i].db);
        buf_release(&v->workers[i].scratch);
    }
    for (size_t i = 0; v->slices != NULL && i < 3; i++) {
        buf_release(&v->slices[i].bytes);
        for (size_t c = 0; c < CHUNKS; c++) {
            arena_release(&v->slices[i].arenas[c]);
        }
    }
    pool_stop(v->pool);
    mem_free(v->workers);
    mem_free(v->slices);
    dropped_release(&v->dropped);
    db_close(v->db);
}

static enum err_code verify_setup(struct verify *v, struct err *e)
{
    TRY(db_open(v->job->db_path, DB_READ, &v->db, e));
    TRY(pool_start(v->job->threads, &v->pool, e));
    v->slices = mem_array(3, sizeof v->slices[0]);
    if (v->slices == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < 3; i++) {
        buf_init(&v->slices[i].bytes, SLICE_BYTES + 2 * ENTRY_ENVELOPE_MAX);
        for (size_t c = 0; c < CHUNKS; c++) {
            arena_init(&v->slices[i].arenas[c], CHUNK_ARENA_MAX);
        }
    }
    v->workers = mem_array(pool_threads(v->pool), sizeof v->workers[0]);
    if (v->workers == NULL) {
        return err_nomem(e);
    }
    for (unsigned i = 0; i < pool_threads(v->pool); i++) {
        buf_init(&v->workers[i].scratch, 2 * ENTRY_ENVELOPE_MAX);
    }
    return ERR_OK;
}

enum err_code verify_ledger(const struct verify_job *job, struct chain *c, struct audit *a,
                            struct err *e)
{
    struct verify v = {.job = job, .chain = c, .audit = a, .read = (int64_t)c->tree.size};
    *a = (struct audit){.from = (int64_t)c->tree.size + 1};
    enum err_code code = verify_setup(&v, e);
    if (code == ERR_OK) {
        code = bounds_check(&v, e);
    }
    if (code == ERR_OK) {
        code = start_check(&v, e);
    }
    if (code == ERR_OK) {
        code = evidence_begin(&v.evidence, v.db, c->tree.size, a, e);
    }
    if (code == ERR_OK) {
        code = verify_rounds(&v, e);
        faults_merge(&v);
    }
    if (code == ERR_OK && a->fault_count == 0) {
        code = dropped_end(&v.dropped, a);
    }
    if (code == ERR_OK && a->fault_count == 0) {
        code = evidence_end(&v.evidence, c, a, e);
    }
    verify_release(&v);
    memcpy(a->office, c->office, sizeof c->office);
    a->size = c->tree.size;
    merkle_root(&c->tree, &a->root);
    if (code == ERR_TAMPERED && a->fault_count == 0) { /* SQLite says that the file is broken */
        (void)audit_add(a, "database", 0, -1, "%s", e->text);
    }
    return code == ERR_OK || code == ERR_TAMPERED ? audit_status(a, e) : code;
}
