#include <config.h>

#include "app/verify_packets.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "app/packet_item.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/items.h"
#include "ledger/verify_pool.h"

#define JOB_ITEMS 64

/* A key and the entries whose packets it may have signed. */
struct span {
    int64_t device, from, to;
    struct ecdsa_key *key;
};

/* One batch at a time: its items are read by one thread and checked by all. */
struct packets_job {
    struct audit *audit;
    struct span *spans; /* by device, then from */
    size_t span_count;
    int64_t seq;
    struct buf text; /* the batch's items, one behind the other */
    size_t *ends;    /* where each ends */
    size_t count;
    struct packet_scratch *scratch; /* one a thread */
    struct arena *arenas;
    unsigned threads;
    struct err fatal;
    pthread_mutex_t lock;
};

static enum err_code span_read(const struct stmt *q, struct span *s, struct err *e)
{
    size_t key_len = 0;
    const void *spki = stmt_blob(q, 1, &key_len);
    *s = (struct span){.device = stmt_int(q, 0),
                       .from = stmt_int(q, 2),
                       .to = stmt_is_null(q, 3) ? INT64_MAX : stmt_int(q, 3)};
    return ecdsa_key_load(spki, key_len, &s->key, e);
}

static enum err_code spans_read(struct packets_job *j, struct db *db, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(db_get_int(db, &count, NULL, e, "SELECT count(*) FROM device_key", NO_VALS));
    j->spans = mem_array((size_t)count + 1, sizeof j->spans[0]);
    if (j->spans == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(db, &q, e,
                 "SELECT device, spki, valid_from, valid_to FROM device_key ORDER BY "
                 "device, valid_from",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row &&
           j->span_count < (size_t)count) {
        code = span_read(q, &j->spans[j->span_count], e);
        j->span_count += code == ERR_OK;
    }
    stmt_done(q);
    return code;
}

static const struct span *span_find(const struct packets_job *j, int64_t device)
{
    size_t low = 0;
    size_t high = j->span_count;
    while (low < high) { /* the last one that begins at or before the batch */
        size_t middle = low + (high - low) / 2;
        const struct span *s = &j->spans[middle];
        bool before = s->device < device || (s->device == device && s->from <= j->seq);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    const struct span *s = low > 0 ? &j->spans[low - 1] : NULL;
    return s != NULL && s->device == device && s->to >= j->seq ? s : NULL;
}

/* ---- one item ---- */

struct item_check {
    struct packets_job *job;
    int64_t index;
    struct packet_scratch *scratch;
    struct arena *arena;
    struct err e;
};

static void fault(struct item_check *c, const char *what)
{
    struct packets_job *j = c->job;
    (void)pthread_mutex_lock(&j->lock);
    (void)audit_add(j->audit, "packet", j->seq, c->index,
                    _("packet %" PRId64 " of entry %" PRId64 ": %s"), c->index, j->seq, what);
    (void)pthread_mutex_unlock(&j->lock);
}

static const struct ecdsa_key *key_find(void *ctx, int64_t device)
{
    const struct span *s = span_find(ctx, device);
    return s == NULL ? NULL : s->key;
}

static enum err_code item_check(struct item_check *c, const char *item, size_t len)
{
    struct err wrong = ERR_INIT;
    const struct packet_item_keys keys = {c->job, key_find};
    TRY(packet_item_check(item, len, &keys, c->scratch, c->arena, &wrong, &c->e));
    if (wrong.code != ERR_OK) {
        fault(c, wrong.text);
    }
    return ERR_OK;
}

static void items_check(void *ctx, unsigned worker, size_t job)
{
    struct packets_job *j = ctx;
    size_t end = (job + 1) * JOB_ITEMS;
    end = end < j->count ? end : j->count;
    for (size_t i = job * JOB_ITEMS; i < end; i++) {
        struct item_check c = {.job = j,
                               .index = (int64_t)i,
                               .scratch = &j->scratch[worker],
                               .arena = &j->arenas[worker],
                               .e = ERR_INIT};
        size_t start = i == 0 ? 0 : j->ends[i - 1];
        if (item_check(&c, j->text.data + start, j->ends[i] - start) != ERR_OK) {
            (void)pthread_mutex_lock(&j->lock);
            j->fatal = j->fatal.code == ERR_OK ? c.e : j->fatal;
            (void)pthread_mutex_unlock(&j->lock);
        }
    }
}

/* ---- batches ---- */

static enum err_code item_take(void *ctx, int64_t index, const char *item, size_t len,
                               struct err *e)
{
    struct packets_job *j = ctx;
    if (index < 0 || index >= ITEMS_PER_BATCH) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " holds too many items"), j->seq);
    }
    buf_add(&j->text, item, len);
    j->ends[index] = j->text.len;
    j->count = (size_t)index + 1;
    return buf_status(&j->text, _("packets"), e);
}

static enum err_code batches_check(struct packets_job *j, struct db *db, struct pool *pool,
                                   const struct progress *progress, struct err *e)
{
    int64_t last = 0;
    bool more = true;
    TRY(db_get_int(db, &last, NULL, e,
                   "SELECT max(seq) FROM history WHERE kind = 'window.batch'", NO_VALS));
    while (j->fatal.code == ERR_OK) {
        TRY(db_get_int(db, &j->seq, &more, e,
                       "SELECT min(seq) FROM history WHERE kind = 'window.batch' AND seq > ?",
                       VALS(V_INT(j->seq))));
        if (!more) {
            return ERR_OK;
        }
        buf_clear(&j->text);
        j->count = 0;
        TRY(items_each(db, j->seq, false, item_take, j, NULL, NULL, e));
        pool_begin(pool, items_check, j, (j->count + JOB_ITEMS - 1) / JOB_ITEMS);
        pool_finish(pool);
        if (!progress_step(progress, _("packets"), (uint64_t)j->seq, (uint64_t)last)) {
            return err_set(e, ERR_CANCELLED, _("stopped"));
        }
    }
    return err_set(e, j->fatal.code, "%s", j->fatal.text);
}

static enum err_code job_init(struct packets_job *j, unsigned threads, struct err *e)
{
    (void)pthread_mutex_init(&j->lock, NULL);
    buf_init(&j->text, (size_t)ITEMS_PER_BATCH * ITEM_MAX_BYTES);
    j->ends = mem_array(ITEMS_PER_BATCH, sizeof j->ends[0]);
    j->scratch = mem_array(threads, sizeof j->scratch[0]);
    j->arenas = mem_array(threads, sizeof j->arenas[0]);
    if (j->ends == NULL || j->scratch == NULL || j->arenas == NULL) {
        return err_nomem(e);
    }
    j->threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        packet_scratch_init(&j->scratch[i]);
        arena_init(&j->arenas[i], PACKET_ITEM_ARENA_MAX);
    }
    return ERR_OK;
}

static void job_release(struct packets_job *j)
{
    for (unsigned i = 0; i < j->threads; i++) {
        packet_scratch_release(&j->scratch[i]);
        arena_release(&j->arenas[i]);
    }
    for (size_t i = 0; i < j->span_count; i++) {
        ecdsa_key_free(j->spans[i].key);
    }
    mem_free(j->spans);
    mem_free(j->ends);
    mem_free(j->scratch);
    mem_free(j->arenas);
    buf_release(&j->text);
    (void)pthread_mutex_destroy(&j->lock);
}

enum err_code packets_check(struct db *db, unsigned threads, const struct progress *progress,
                            struct audit *a, struct err *e)
{
    struct packets_job j = {.audit = a, .fatal = ERR_INIT};
    struct pool *pool = NULL;
    enum err_code code = pool_start(threads, &pool, e);
    if (code == ERR_OK) {
        code = job_init(&j, pool_threads(pool), e);
    }
    if (code == ERR_OK) {
        code = spans_read(&j, db, e);
    }
    if (code == ERR_OK) {
        code = batches_check(&j, db, pool, progress, e);
    }
    pool_stop(pool);
    job_release(&j);
    return code;
}
