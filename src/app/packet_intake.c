#include <config.h>

#include "app/packet_intake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/verify_pool.h"

/* A registry that changes again and again while a set is checked. */
#define RECHECKS_MAX 16

struct packet_intake {
    struct command_ctx *c;
    packet_answer_fn answer;
    void *ctx;
    int lock;
    struct pool *pool;
    struct device_cache cache;
    struct packet_store store;
    struct packet_set sets[2];
    unsigned filling; /* the set that packets come into; the other is being checked */
    bool checking;
};

static enum err_code intake_lock(struct packet_intake *in, struct err *e)
{
    char *path = office_path(in->c->office, "state/packets");
    if (path == NULL) {
        return err_nomem(e);
    }
    enum err_code code = ERR_OK;
    in->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (in->lock < 0) {
        code = err_errno(e, _("cannot make %s"), path);
    } else if (flock(in->lock, LOCK_EX | LOCK_NB) != 0) {
        code =
            errno == EWOULDBLOCK
                ? err_set(e, ERR_CONFLICT,
                          _("another program is taking packets in for this office; wait until "
                            "it ends"))
                : err_errno(e, _("cannot lock %s"), path);
    }
    mem_free(path);
    return code;
}

static enum err_code intake_begin(struct packet_intake *in, struct err *e)
{
    TRY(intake_lock(in, e));
    /* One thread a core for checking, beside this one, which writes. */
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    TRY(pool_start(cores < 1 ? 2 : (unsigned)cores + 1, &in->pool, e));
    for (size_t i = 0; i < 2; i++) {
        TRY(packet_set_init(&in->sets[i], &in->cache, pool_threads(in->pool), e));
    }
    TRY(packet_store_init(&in->store, in->c, &in->cache, e));
    TRY(device_cache_load(&in->cache, in->c->office, e));
    return packet_store_recover(&in->store, e);
}

enum err_code packet_intake_open(struct command_ctx *c, packet_answer_fn answer, void *ctx,
                                 struct packet_intake **out, struct err *e)
{
    struct packet_intake *in = mem_alloc(sizeof *in);
    *out = NULL;
    if (in == NULL) {
        return err_nomem(e);
    }
    in->c = c;
    in->answer = answer;
    in->ctx = ctx;
    in->lock = -1;
    device_cache_init(&in->cache);
    enum err_code code = intake_begin(in, e);
    if (code != ERR_OK) {
        packet_intake_close(in);
        return code;
    }
    *out = in;
    return ERR_OK;
}

void packet_intake_close(struct packet_intake *in)
{
    if (in == NULL) {
        return;
    }
    pool_stop(in->pool); /* first: its threads read the rest */
    packet_set_release(&in->sets[0]);
    packet_set_release(&in->sets[1]);
    packet_store_release(&in->store);
    device_cache_release(&in->cache);
    if (in->lock >= 0) {
        (void)close(in->lock);
    }
    mem_free(in);
}

enum err_code packet_intake_submit(struct packet_intake *in, const char *text, size_t len,
                                   uint64_t tag, struct err *e)
{
    return packet_set_add(&in->sets[in->filling], text, len, tag, e);
}

bool packet_intake_full(const struct packet_intake *in)
{
    return packet_set_full(&in->sets[in->filling]);
}

const struct packet_totals *packet_intake_totals(const struct packet_intake *in)
{
    return &in->store.totals;
}

static void set_begin(struct packet_intake *in, struct packet_set *set)
{
    pool_begin(in->pool, packet_set_check, set, packet_set_jobs(set));
    in->checking = true;
}

static enum err_code set_finish(struct packet_intake *in, struct packet_set *set, struct err *e)
{
    if (in->checking) {
        pool_finish(in->pool);
        in->checking = false;
    }
    return packet_set_status(set, e);
}

static void set_answer(struct packet_intake *in, const struct packet_set *set)
{
    for (size_t i = 0; in->answer != NULL && i < set->count; i++) {
        const struct checked *x = &set->all[i];
        bool refused = x->why != PACKET_TAKEN;
        struct packet_answer a = {.tag = x->tag,
                                  .outcome = refused    ? PACKET_IS_REFUSED
                                             : x->known ? PACKET_IS_KNOWN
                                                        : PACKET_IS_STORED,
                                  .why = x->why,
                                  .detail = x->detail != NULL ? x->detail : "",
                                  .device = x->device != NULL ? x->device->name : "",
                                  .seq = x->seq,
                                  .item = x->item,
                                  .held = x->held};
        in->answer(in->ctx, &a);
    }
}

/* The registry changed under checked sets: check both again with what holds now. */
static enum err_code sets_recheck(struct packet_intake *in, struct packet_set *set,
                                  struct packet_set *next, struct err *e)
{
    if (in->checking) {
        pool_finish(in->pool);
        in->checking = false;
    }
    TRY(device_cache_load(&in->cache, in->c->office, e));
    set_begin(in, set);
    TRY(set_finish(in, set, e));
    if (next != NULL) {
        set_begin(in, next);
    }
    return ERR_OK;
}

/* Record a checked set, while `next` (or NULL) is being checked. */
static enum err_code set_store(struct packet_intake *in, struct packet_set *set,
                               struct packet_set *next, struct err *e)
{
    enum err_code code = packet_store_set(&in->store, set, e);
    for (unsigned i = 0; code == ERR_CONFLICT && in->store.stale && i < RECHECKS_MAX; i++) {
        TRY(sets_recheck(in, set, next, e));
        code = packet_store_set(&in->store, set, e);
    }
    TRY(code);
    set_answer(in, set);
    packet_set_clear(set);
    return ERR_OK;
}

enum err_code packet_intake_push(struct packet_intake *in, struct err *e)
{
    struct packet_set *next = &in->sets[in->filling];
    struct packet_set *set = &in->sets[1 - in->filling];
    TRY(set_finish(in, set, e));
    if (next->count > 0) {
        set_begin(in, next);
    }
    in->filling = 1 - in->filling;
    return set->count > 0 ? set_store(in, set, next->count > 0 ? next : NULL, e) : ERR_OK;
}

enum err_code packet_intake_drain(struct packet_intake *in, struct err *e)
{
    TRY(packet_intake_push(in, e));
    return packet_intake_push(in, e);
}
