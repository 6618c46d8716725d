#include <config.h>

#include "ui/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ui/format.h"

#define IDLE_NICE 10

struct lane_state {
    struct workers *owner;
    pthread_t thread;
    bool started;
    pthread_cond_t wake;
    struct job *queue; /* oldest first; under the lock */
    size_t queued;
    struct job *running;           /* under the lock */
    atomic_bool cancel;            /* the running job should stop */
    struct work_progress progress; /* under the lock */
};

struct workers {
    pthread_mutex_t lock;
    struct lane_state lanes[LANE_COUNT];
    struct job *done; /* oldest first; under the lock */
    bool stopping;    /* under the lock */
    bool hold;        /* jobs ahead do not start; under the lock */
    int pipe_read, pipe_write;
};

void job_free(struct job *job)
{
    if (job != NULL) {
        job->ops->free(job);
    }
}

static void append(struct job **list, struct job *job)
{
    while (*list != NULL) {
        list = &(*list)->next;
    }
    job->next = NULL;
    *list = job;
}

/* Under the lock: is there a job that may start? Those ahead are the last of the queue. */
static bool may_start(const struct lane_state *lane)
{
    return lane->queue != NULL && !(lane->queue->ahead && lane->owner->hold);
}

/* Under the lock: behind what was posted before it, but before what runs ahead of need. */
static void enqueue(struct lane_state *lane, struct job *job)
{
    struct job **link = &lane->queue;

    while (*link != NULL && (job->ahead || !(*link)->ahead)) {
        link = &(*link)->next;
    }
    job->next = *link;
    *link = job;
    lane->queued++;
    if (!job->ahead && lane->running != NULL && lane->running->ahead) {
        atomic_store(&lane->cancel, true);
    }
    if (may_start(lane)) {
        pthread_cond_signal(&lane->wake);
    }
}

/* Under the lock. The pipe holds at least one byte while answers wait; a full pipe says so
 * already. */
static void finish(struct workers *w, struct job *job)
{
    ssize_t written;

    append(&w->done, job);
    do {
        written = write(w->pipe_write, "", 1);
    } while (written < 0 && errno == EINTR);
}

static bool on_step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct lane_state *lane = ctx;

    pthread_mutex_lock(&lane->owner->lock);
    format_copy(lane->progress.what, sizeof(lane->progress.what), what);
    lane->progress.done = done;
    lane->progress.total = total;
    pthread_mutex_unlock(&lane->owner->lock);
    return !atomic_load(&lane->cancel);
}

static void on_post(void *ctx, struct job *part)
{
    struct lane_state *lane = ctx;

    pthread_mutex_lock(&lane->owner->lock);
    if (atomic_load(&lane->cancel)) {
        job_free(part);
    } else {
        finish(lane->owner, part);
    }
    pthread_mutex_unlock(&lane->owner->lock);
}

static struct job *next_job(struct lane_state *lane)
{
    struct workers *w = lane->owner;
    struct job *job;

    while (!may_start(lane) && !w->stopping) {
        pthread_cond_wait(&lane->wake, &w->lock);
    }
    if (w->stopping) {
        return NULL;
    }
    job = lane->queue;
    lane->queue = job->next;
    lane->queued--;
    lane->running = job;
    memset(&lane->progress, 0, sizeof(lane->progress));
    atomic_store(&lane->cancel, false);
    return job;
}

static void *lane_main(void *arg)
{
    struct lane_state *lane = arg;
    struct workers *w = lane->owner;
    struct job_env env = {{lane, on_step}, lane, on_post};
    struct job *job;

    if (lane == &w->lanes[LANE_IDLE]) { /* of this thread alone: it yields to those that
                                           somebody waits for */
        (void)setpriority(PRIO_PROCESS, 0, IDLE_NICE);
    }
    pthread_mutex_lock(&w->lock);
    while ((job = next_job(lane)) != NULL) {
        pthread_mutex_unlock(&w->lock);
        job->ops->run(job, &env);
        pthread_mutex_lock(&w->lock);
        lane->running = NULL;
        finish(w, job);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static enum err_code open_pipe(struct workers *w, struct err *e)
{
    int fd[2];

    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) != 0) {
        return err_errno(e, "%s", _("The console cannot open a pipe"));
    }
    w->pipe_read = fd[0];
    w->pipe_write = fd[1];
    return ERR_OK;
}

/* Signals belong to the main thread: a worker inherits a full mask. */
static enum err_code start_lane(struct workers *w, struct lane_state *lane, struct err *e)
{
    sigset_t all;
    sigset_t saved;
    int failed;

    lane->owner = w;
    atomic_init(&lane->cancel, false);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &saved);
    failed = pthread_create(&lane->thread, NULL, lane_main, lane);
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
    if (failed != 0) {
        errno = failed;
        return err_errno(e, "%s", _("The console cannot start a thread"));
    }
    lane->started = true;
    return ERR_OK;
}

enum err_code workers_new(struct workers **out, struct err *e)
{
    struct workers *w = mem_alloc(sizeof(*w));
    enum err_code rc;

    *out = NULL;
    if (w == NULL) {
        return err_nomem(e);
    }
    w->pipe_read = -1;
    w->pipe_write = -1;
    pthread_mutex_init(&w->lock, NULL);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        pthread_cond_init(&w->lanes[i].wake, NULL);
    }
    rc = open_pipe(w, e);
    for (size_t i = 0; i < LANE_COUNT && rc == ERR_OK; i++) {
        rc = start_lane(w, &w->lanes[i], e);
    }
    if (rc != ERR_OK) {
        workers_free(w);
        return rc;
    }
    *out = w;
    return ERR_OK;
}

static void free_list(struct job *job)
{
    while (job != NULL) {
        struct job *next = job->next;
        job_free(job);
        job = next;
    }
}

void workers_free(struct workers *w)
{
    if (w == NULL) {
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        atomic_store(&w->lanes[i].cancel, true);
        pthread_cond_signal(&w->lanes[i].wake);
    }
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (w->lanes[i].started) {
            pthread_join(w->lanes[i].thread, NULL);
        }
        free_list(w->lanes[i].queue);
        pthread_cond_destroy(&w->lanes[i].wake);
    }
    free_list(w->done);
    if (w->pipe_read >= 0) {
        close(w->pipe_read);
        close(w->pipe_write);
    }
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}

int workers_fd(const struct workers *w)
{
    return w->pipe_read;
}

static bool is_replaced(const struct job *old, const struct job *by)
{
    return old->replaces && old->owner == by->owner && old->kind == by->kind;
}

/* Under the lock: drop queued jobs that `by` replaces (NULL: all), and stop the running one. */
static void drop(struct workers *w, struct lane_state *lane, const struct job *by)
{
    struct job **link = &lane->queue;

    while (*link != NULL) {
        struct job *job = *link;

        if (by != NULL && !is_replaced(job, by)) {
            link = &job->next;
            continue;
        }
        *link = job->next;
        lane->queued--;
        (void)err_set(&job->err, ERR_CANCELLED, "%s", _("This was cancelled."));
        finish(w, job);
    }
    if (lane->running != NULL && (by == NULL || is_replaced(lane->running, by))) {
        atomic_store(&lane->cancel, true);
    }
}

void workers_post(struct workers *w, struct job *job)
{
    struct lane_state *lane = &w->lanes[job->lane];

    pthread_mutex_lock(&w->lock);
    if (job->replaces) {
        drop(w, lane, job);
    }
    if (lane->queued >= WORKER_QUEUE_MAX) {
        (void)err_set(&job->err, ERR_LIMIT, "%s",
                      _("Too much work is waiting; try again in a moment."));
        finish(w, job);
    } else {
        enqueue(lane, job);
    }
    pthread_mutex_unlock(&w->lock);
}

void workers_hold(struct workers *w, bool hold)
{
    pthread_mutex_lock(&w->lock);
    w->hold = hold;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        if (may_start(&w->lanes[i])) {
            pthread_cond_signal(&w->lanes[i].wake);
        }
    }
    pthread_mutex_unlock(&w->lock);
}

bool workers_holding(struct workers *w)
{
    bool holding = false;

    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        holding = holding || (w->lanes[i].queue != NULL && !may_start(&w->lanes[i]));
    }
    pthread_mutex_unlock(&w->lock);
    return holding;
}

struct job *workers_take(struct workers *w)
{
    char drain[64];
    struct job *job;

    pthread_mutex_lock(&w->lock);
    job = w->done;
    if (job != NULL) {
        w->done = job->next;
        job->next = NULL;
    }
    if (w->done == NULL) { /* nothing waits any more: empty the pipe under the same lock */
        while (read(w->pipe_read, drain, sizeof(drain)) > 0) {
        }
    }
    pthread_mutex_unlock(&w->lock);
    return job;
}

void workers_cancel(struct workers *w, enum lane lane)
{
    pthread_mutex_lock(&w->lock);
    drop(w, &w->lanes[lane], NULL);
    pthread_mutex_unlock(&w->lock);
}

bool workers_busy(struct workers *w, enum lane lane)
{
    bool busy;

    pthread_mutex_lock(&w->lock);
    busy = w->lanes[lane].running != NULL || w->lanes[lane].queue != NULL;
    pthread_mutex_unlock(&w->lock);
    return busy;
}

bool workers_awaited(struct workers *w, enum lane lane)
{
    const struct lane_state *l = &w->lanes[lane];
    bool awaited;

    pthread_mutex_lock(&w->lock); /* jobs ahead are the last of the queue */
    awaited =
        (l->running != NULL && !l->running->ahead) || (l->queue != NULL && !l->queue->ahead);
    pthread_mutex_unlock(&w->lock);
    return awaited;
}

void workers_progress(struct workers *w, enum lane lane, struct work_progress *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->lanes[lane].progress;
    out->lane = lane;
    out->running = w->lanes[lane].running != NULL;
    pthread_mutex_unlock(&w->lock);
}
