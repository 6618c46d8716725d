#include <config.h>

#include "ledger/verify_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/arena.h"

struct pool_thread {
    struct pool *pool;
    unsigned worker;
    pthread_t id;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    pool_fn fn;
    void *ctx;
    size_t next, count; /* first job that nobody took; how many there are */
    size_t busy;        /* jobs being done */
    bool stop;
    unsigned thread_count; /* beside the caller */
    struct pool_thread threads[POOL_THREADS_MAX];
};

/* Do jobs until none is left to take. Called and left with the lock held. */
static void drain(struct pool *p, unsigned worker)
{
    while (p->next < p->count) {
        size_t index = p->next++;
        p->busy++;
        (void)pthread_mutex_unlock(&p->lock);
        p->fn(p->ctx, worker, index);
        (void)pthread_mutex_lock(&p->lock);
        p->busy--;
    }
    if (p->busy == 0) {
        (void)pthread_cond_signal(&p->idle);
    }
}

static void *thread_main(void *arg)
{
    struct pool_thread *t = arg;
    struct pool *p = t->pool;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        drain(p, t->worker);
        if (!p->stop) {
            (void)pthread_cond_wait(&p->work, &p->lock);
        }
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (unsigned)n;
}

enum err_code pool_start(unsigned threads, struct pool **out, struct err *e)
{
    sigset_t asked;
    sigset_t before;
    *out = NULL;
    struct pool *p = mem_alloc(sizeof *p);
    if (p == NULL) {
        return err_nomem(e);
    }
    threads = threads == 0 ? cores() : threads;
    threads = threads > POOL_THREADS_MAX ? POOL_THREADS_MAX : threads;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->idle, NULL);
    /* Signals from outside are for the thread that asks whether to stop. */
    (void)sigemptyset(&asked);
    (void)sigaddset(&asked, SIGINT);
    (void)sigaddset(&asked, SIGTERM);
    (void)sigaddset(&asked, SIGHUP);
    (void)sigaddset(&asked, SIGWINCH);
    (void)pthread_sigmask(SIG_BLOCK, &asked, &before);
    for (unsigned i = 0; i + 1 < threads; i++) {
        struct pool_thread *t = &p->threads[i];
        *t = (struct pool_thread){.pool = p, .worker = i + 1};
        if (pthread_create(&t->id, NULL, thread_main, t) != 0) {
            break;
        }
        p->thread_count++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    *out = p;
    return ERR_OK;
}

unsigned pool_threads(const struct pool *p)
{
    return p->thread_count + 1;
}

void pool_begin(struct pool *p, pool_fn fn, void *ctx, size_t count)
{
    (void)pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->ctx = ctx;
    p->next = 0;
    p->count = count;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

void pool_finish(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    drain(p, 0);
    while (p->busy > 0) {
        (void)pthread_cond_wait(&p->idle, &p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void pool_stop(struct pool *p)
{
    if (p == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    p->count = 0;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->thread_count; i++) {
        (void)pthread_join(p->threads[i].id, NULL);
    }
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->idle);
    (void)pthread_mutex_destroy(&p->lock);
    mem_free(p);
}
