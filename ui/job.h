/* Work that the console asks for and does not wait for: a value with a function, run on a
 * worker thread, its answer handed back as an event. Screens make jobs; who runs them (threads,
 * or a test at once) is not their business. */
#ifndef AFORO_UI_JOB_H
#define AFORO_UI_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"

/* One thread each, so that a long list never delays a look-up, nor a look-up a saved reading.
 */
enum lane {
    LANE_ROWS,  /* building id arrays */
    LANE_QUERY, /* fetching visible rows, details, checks, the status line */
    LANE_ACT,   /* login and commands */
    LANE_IDLE,  /* what makes later work faster and nobody waits for */
    LANE_COUNT
};

struct job;

/* What a running job may use. */
struct job_env {
    struct progress progress; /* step() returns false when the job should stop */
    void *ctx;
    /* Hand over a first part of the answer, a job of its own; takes ownership. */
    void (*post)(void *ctx, struct job *part);
};

struct job_ops {
    /* Do the work; fills the job's fields and its err. On another thread: touches nothing else.
     */
    void (*run)(struct job *job, struct job_env *env);
    void (*free)(struct job *job);
};

struct job {
    const struct job_ops *ops;
    enum lane lane;
    uint32_t owner;   /* the screen that asked; set by the console */
    uint32_t kind;    /* the screen's name for it */
    uint32_t serial;  /* the screen's count, to tell a late answer */
    bool replaces;    /* a newer job of the same owner and kind makes this one pointless */
    bool ahead;       /* nobody waits for it yet: it runs behind the others of its lane, and is
                         asked to stop when one of them comes; it then answers with what it has */
    struct err err;   /* ERR_OK, or why there is no answer */
    struct job *next; /* of the queue that holds it */
};

/* How far the running job of a lane is. */
struct work_progress {
    bool running;
    enum lane lane;
    char what[64];
    uint64_t done, total; /* total 0: unknown */
};

void job_free(struct job *job); /* NULL is fine */

#endif
