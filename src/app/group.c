#include <config.h>

#include "app/group.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "app/signer.h"
#include "base/i18n.h"
#include "ledger/clock.h"

/* How long a group waits in all for the callers that are being woken: they may be back at once,
 * and a commit that they miss is a wait for the disk more. */
#define RETURN_MAX_US 1000

/* What SQLite's log grows to before it is written over: 1,000 pages, and those of a group. */
#define LOG_BYTES (4608 * 1024)

/* One command that waits; lives on its caller's stack. */
struct request {
    struct command_ctx *c;
    struct ticket *ticket;
    struct err *err;
    enum err_code code;
    char date[11]; /* of c as it came: running it fills in today's */
    sem_t done;
    struct request *next;
};

struct group {
    pthread_mutex_t lock; /* of all below but office and signer, the writer's */
    pthread_cond_t work;
    pthread_t writer;
    struct request *first, **last;
    unsigned waking; /* groups whose callers are waking each other */
    bool stop;
    struct group_counts counts;
    struct office *office;
    struct signer *signer;
};

/* ---- the writer ---- */

static bool takes_secret(const struct command *c)
{
    for (size_t i = 0; c->params[i].name != NULL; i++) {
        if (c->params[i].type == PARAM_SECRET) {
            return true;
        }
    }
    return false;
}

static bool can_share(const struct group *g, const struct command_ctx *c)
{
    return c->session != NULL && c->command->run == NULL && c->durable == NULL &&
           !takes_secret(c->command) && !sign_key_in_token(c->session->key) &&
           (g->office->key == NULL || !sign_key_in_token(g->office->key));
}

/* Take from the queue, which is locked, what may share a commit: the first command, and those
 * behind it; or one that may not, alone. */
static struct request *requests_take(struct group *g, size_t max, bool share)
{
    struct request *list = g->first;
    struct request **end = &list;
    for (size_t i = 0; i < max && *end != NULL && can_share(g, (*end)->c) == share; i++) {
        end = &(*end)->next;
    }
    g->first = *end;
    *end = NULL;
    if (g->first == NULL) {
        g->last = &g->first;
    }
    return list;
}

static struct timespec deadline(void)
{
    struct timespec t = {0, 0};
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    t.tv_nsec += RETURN_MAX_US * 1000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* What came while the group was at work joins it, and what comes while the callers of the one
 * before wake up. *patient is false once that took too long. */
static struct request *requests_more(struct group *g, size_t max, bool *patient)
{
    struct timespec until = deadline();
    (void)pthread_mutex_lock(&g->lock);
    while (g->first == NULL && g->waking > 0 && *patient) {
        *patient = pthread_cond_timedwait(&g->work, &g->lock, &until) == 0;
    }
    struct request *list = g->first != NULL ? requests_take(g, max, true) : NULL;
    (void)pthread_mutex_unlock(&g->lock);
    return list;
}

/* Nothing of the group was recorded: whoever was not refused for a reason of his own is told.
 */
static void requests_fail(struct request *list, enum err_code code, const struct err *e)
{
    for (struct request *r = list; r != NULL; r = r->next) {
        if (r->code == ERR_OK || r->code == ERR_DENIED) { /* a refusal is recorded too */
            *r->ticket = (struct ticket){0, TICKET_FINAL};
            r->code = err_set(r->err, code, "%s", e->text);
        }
    }
}

/* Run what fits into the transaction, the first in any case; *rest is what came too late. */
static void requests_run(struct group *g, struct request *list, struct act_group *a,
                         struct request **rest)
{
    const struct env *env = g->office->env;
    int64_t start = env_boot_ms(env);
    struct request **at = &list;
    size_t count = 0;
    bool patient = true;
    do {
        struct request *r = *at;
        r->c->office = g->office;
        r->c->group = a;
        r->code = command_run(r->c, r->ticket, r->err);
        a->spoiled = a->spoiled || !db_in_transaction(g->office->db);
        at = &r->next;
        count++;
        if (*at == NULL && count < GROUP_COMMANDS_MAX) {
            *at = requests_more(g, GROUP_COMMANDS_MAX - count, &patient);
        }
    } while (*at != NULL && !a->spoiled && env_boot_ms(env) - start < GROUP_LOCK_MAX_MS);
    *rest = *at;
    *at = NULL;
}

/* One of them could not be written, or SQLite gave up: whose fault it is shows when each has a
 * transaction of its own. That is rare; a savepoint for each command, which would keep the
 * others, copies every page that it changes. */
static void requests_run_alone(struct request *list)
{
    for (struct request *r = list; r != NULL; r = r->next) {
        r->c->group = NULL;
        memcpy(r->c->date, r->date, sizeof r->date);
        r->code = command_run(r->c, r->ticket, r->err);
    }
}

/* One transaction, up to its commit. */
static enum err_code requests_write(struct group *g, struct request *list, struct act_group *a,
                                    struct request **rest, struct err *e)
{
    struct office *o = g->office;
    TRY(db_begin(o->db, e));
    TRY(ledger_head_now(&o->ledger, &a->head, e));
    signer_begin(g->signer, &a->head.leaf);
    requests_run(g, list, a, rest);
    a->spoiled = a->spoiled || signer_finish(g->signer, &a->head.leaf, e) != ERR_OK;
    return a->spoiled ? ERR_OK : db_commit(o->db, e);
}

/* One commit. What comes too late for it is returned. */
static struct request *requests_commit(struct group *g, struct request *list)
{
    struct err e = ERR_INIT;
    struct office *o = g->office;
    struct act_group a = {.signer = g->signer};
    struct request *rest = NULL;
    (void)gate_enter(&o->ledger, 0); /* whoever lost too often goes first */
    enum err_code code = requests_write(g, list, &a, &rest, &e);
    if (code == ERR_OK && !a.spoiled) {
        ledger_committed(&o->ledger, &a.head, a.clock_forced);
        return rest;
    }
    signer_abandon(g->signer);
    db_rollback(o->db);
    if (a.spoiled) {
        requests_run_alone(list);
    } else {
        requests_fail(list, code, &e);
    }
    return rest;
}

/* They are their callers' again. Only the first is woken; each caller wakes the next one
 * (group_run), so that the writer does not spend on waking what it takes to build entries. */
static void requests_answer(struct group *g, struct request *list)
{
    (void)pthread_mutex_lock(&g->lock);
    g->counts.commits++;
    for (struct request *r = list; r != NULL; r = r->next) {
        g->counts.commands++;
        r->c->group = NULL;
    }
    g->waking++;
    (void)pthread_mutex_unlock(&g->lock);
    (void)sem_post(&list->done);
}

static void *writer_main(void *arg)
{
    struct group *g = arg;
    (void)pthread_mutex_lock(&g->lock);
    while (!g->stop || g->first != NULL) {
        if (g->first == NULL) {
            (void)pthread_cond_wait(&g->work, &g->lock);
            continue;
        }
        bool share = can_share(g, g->first->c);
        struct request *list = requests_take(g, share ? GROUP_COMMANDS_MAX : 1, share);
        (void)pthread_mutex_unlock(&g->lock);
        while (list != NULL) {
            struct request *rest = NULL;
            if (share) {
                rest = requests_commit(g, list);
            } else {
                list->c->office = g->office;
                list->code = command_run(list->c, list->ticket, list->err);
            }
            requests_answer(g, list);
            list = rest;
        }
        (void)pthread_mutex_lock(&g->lock);
    }
    (void)pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* ---- callers ---- */

enum err_code group_start(const char *dir, const struct env *env, struct group **out,
                          struct err *e)
{
    struct sign_key *key = NULL;
    pthread_condattr_t steady; /* nobody sets this clock */
    *out = NULL;
    struct group *g = mem_alloc(sizeof *g);
    if (g == NULL) {
        return err_nomem(e);
    }
    g->last = &g->first;
    (void)pthread_mutex_init(&g->lock, NULL);
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&g->work, &steady);
    (void)pthread_condattr_destroy(&steady);
    enum err_code code = office_open(dir, DB_WRITE, env, &g->office, e);
    if (code == ERR_OK) { /* refusals are signed by it: is it in a token? */
        code = office_key(g->office, &key, e);
    }
    if (code == ERR_OK) {
        code = db_reserve_log(g->office->db, LOG_BYTES, e);
    }
    if (code == ERR_OK) {
        code = signer_start(&g->office->ledger, &g->signer, e);
    }
    if (code == ERR_OK && pthread_create(&g->writer, NULL, writer_main, g) != 0) {
        code = err_errno(e, _("cannot start a thread"));
    }
    if (code != ERR_OK) {
        signer_stop(g->signer);
        office_close(g->office);
        mem_free(g);
        return code;
    }
    *out = g;
    return ERR_OK;
}

void group_stop(struct group *g)
{
    if (g == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&g->lock);
    g->stop = true;
    (void)pthread_cond_signal(&g->work);
    (void)pthread_mutex_unlock(&g->lock);
    (void)pthread_join(g->writer, NULL);
    (void)pthread_mutex_lock(&g->lock);
    while (g->waking > 0) { /* answered, but still here */
        (void)pthread_cond_wait(&g->work, &g->lock);
    }
    (void)pthread_mutex_unlock(&g->lock);
    signer_stop(g->signer);
    office_close(g->office);
    (void)pthread_cond_destroy(&g->work);
    (void)pthread_mutex_destroy(&g->lock);
    mem_free(g);
}

/* The last of a group is awake. */
static void waking_end(struct group *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->waking--;
    (void)pthread_cond_signal(&g->work);
    (void)pthread_mutex_unlock(&g->lock);
}

enum err_code group_run(struct group *g, struct command_ctx *c, struct ticket *out,
                        struct err *e)
{
    struct office *own = c->office;
    struct err ignored = ERR_INIT;
    struct request r = {.c = c, .ticket = out, .err = e != NULL ? e : &ignored};
    memcpy(r.date, c->date, sizeof r.date);
    CHECK(sem_init(&r.done, 0, 0) == 0);
    (void)pthread_mutex_lock(&g->lock);
    CHECK(!g->stop);
    *g->last = &r;
    g->last = &r.next;
    (void)pthread_cond_signal(&g->work);
    (void)pthread_mutex_unlock(&g->lock);
    while (sem_wait(&r.done) != 0) {
        CHECK(errno == EINTR);
    }
    if (r.next != NULL) {
        (void)sem_post(&r.next->done);
    } else {
        waking_end(g);
    }
    (void)sem_destroy(&r.done);
    c->office = own;
    return r.code;
}

struct group_counts group_counts(struct group *g)
{
    (void)pthread_mutex_lock(&g->lock);
    struct group_counts n = g->counts;
    (void)pthread_mutex_unlock(&g->lock);
    return n;
}
