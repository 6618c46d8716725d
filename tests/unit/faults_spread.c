/* Sweeps of many points: shared out among processes, in parts, resumable, telling how far they
 * are. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check_faults.h"

#define WORKERS_MAX 2
#define TELL_EVERY_S 30

/* Lives in memory that all processes share. */
struct spread {
    const char *name;
    unsigned parts;
    _Atomic uint64_t done, findings; /* of all parts so far */
    _Atomic uint64_t next;           /* point of this part that nobody has taken */
    _Atomic uint64_t tried;          /* in this part */
};

struct spread *spread_new(const char *name, unsigned parts)
{
    struct spread *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        abort();
    }
    s->name = name;
    s->parts = soak() ? parts : 1;
    return s;
}

int spread_parts(const struct spread *s)
{
    return (int)s->parts;
}

int spread_timeout(void)
{
    return soak() ? 2100 : 120;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- what an earlier run of the same soak did ---- */

static const char *state_path(void)
{
    const char *path = getenv("AFORO_SOAK_STATE");
    return soak() && path != NULL && *path != '\0' ? path : NULL;
}

/* done[i] of the points of a sweep of this name and size. */
static void state_read(const struct spread *s, uint64_t count, bool *done)
{
    char name[64];
    uint64_t of = 0;
    uint64_t at = 0;
    FILE *in = state_path() != NULL ? fopen(state_path(), "re") : NULL;
    while (in != NULL && fscanf(in, "%63s %" SCNu64 " %" SCNu64, name, &of, &at) == 3) {
        if (of == count && at >= 1 && at <= count && strcmp(name, s->name) == 0) {
            done[at] = true;
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
}

static void state_note(const struct spread *s, uint64_t count, uint64_t at)
{
    if (state_path() == NULL) {
        return;
    }
    int fd = open(state_path(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && dprintf(fd, "%s %" PRIu64 " %" PRIu64 "\n", s->name, count, at) > 0;
    ck_assert_msg(ok && close(fd) == 0, "cannot write %s", state_path());
}

/* ---- how far it is ---- */

static double seconds_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* `at` of the points up to `last` is being tried. */
static void tell(const struct spread *s, double begun, uint64_t at, uint64_t last,
                 uint64_t count)
{
    double each = (seconds_now() - begun) / (double)s->tried;
    printf("# so far: %s %" PRIu64 " of %" PRIu64 ", %.2f s a point, %.0f minutes left\n",
           s->name, lesser(at, last), count, each,
           at >= last ? 0.0 : each * (double)(last - at) / 60.0);
    (void)fflush(stdout);
}

/* ---- the points ---- */

struct range {
    uint64_t to, last, count; /* of this part; of all that are asked for; of the sweep */
    const bool *done;
    void (*try)(uint64_t i);
};

static void worker_run(struct spread *s, const struct range *r)
{
    double begun = seconds_now();
    double told = begun;
    for (uint64_t i = 0; (i = atomic_fetch_add(&s->next, 1)) <= r->to;) {
        if (!r->done[i]) {
            r->try(i);
            state_note(s, r->count, i);
            (void)atomic_fetch_add(&s->tried, 1);
            if (soak() && seconds_now() - told >= TELL_EVERY_S) {
                tell(s, begun, i, r->last, r->count);
                told = seconds_now();
            }
        }
        (void)atomic_fetch_add(&s->done, 1);
    }
}

static void workers_run(struct spread *s, const struct range *r)
{
    pid_t workers[WORKERS_MAX];
    uint64_t many = lesser(number_from("AFORO_SOAK_WORKERS", WORKERS_MAX), WORKERS_MAX);
    (void)fflush(stdout);
    for (uint64_t w = 0; w < many; w++) {
        workers[w] = fork();
        if (workers[w] == 0) {
            worker_run(s, r);
            _exit(0);
        }
    }
    for (uint64_t w = 0; w < many; w++) {
        int status = 0;
        if (waitpid(workers[w], &status, 0) != workers[w] || status != 0) {
            (void)atomic_fetch_add(&s->findings, 1);
        }
    }
}

void rig_spread(struct spread *s, int part, uint64_t count, void (*try)(uint64_t i))
{
    struct range r = {.count = count, .try = try};
    uint64_t first = 1 + count * (uint64_t)part / s->parts;
    uint64_t asked = number_from("AFORO_SOAK_FROM", 1);
    uint64_t before = s->findings;
    bool *done = calloc(count + 1, sizeof *done);
    ck_assert_ptr_nonnull(done);
    (void)rig_calm();
    state_read(s, count, done);
    r.done = done;
    r.last = lesser(number_from("AFORO_SOAK_TO", count), count);
    r.to = lesser(count * (uint64_t)(part + 1) / s->parts, r.last);
    s->next = first > asked ? first : asked;
    s->tried = 0;
    workers_run(s, &r);
    free(done);
    if ((unsigned)part + 1 == s->parts) {
        printf("# count %s %" PRIu64 " %" PRIu64 "\n", s->name, s->done, s->findings);
        (void)fflush(stdout);
    }
    if (s->findings > before) { /* which one and why the worker has told */
        exit(EXIT_FAILURE);
    }
}
