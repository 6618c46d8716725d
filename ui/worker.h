/* One thread a lane; answers come back through a pipe that the main loop polls. */
#ifndef AFORO_UI_WORKER_H
#define AFORO_UI_WORKER_H

#include <stddef.h>

#include "ui/job.h"

#define WORKER_QUEUE_MAX 64u

struct workers;

/* Start the threads (all signals blocked in them). Errors: ERR_NOMEM, ERR_IO. */
enum err_code workers_new(struct workers **out, struct err *e) MUST_CHECK;
/* Cancel what runs, wait for it, release everything. */
void workers_free(struct workers *w);
/* Becomes readable when an answer waits. */
int workers_fd(const struct workers *w);
/*
 * Hand a job over. Older jobs of its owner and kind that it replaces are cancelled, and one
 * that runs ahead of need gives way. When the lane's queue is full the job comes straight back
 * with ERR_LIMIT.
 */
void workers_post(struct workers *w, struct job *job);
/*
 * Keep jobs that run ahead of need from starting, so that none runs beside the picture that a
 * key asks for; or let them start. Those that run go on. At first nothing is kept back.
 */
void workers_hold(struct workers *w, bool hold);
/* Is a job kept back? */
bool workers_holding(struct workers *w);
/* The next answer, now the caller's, or NULL. */
struct job *workers_take(struct workers *w);
/* Stop what a lane is doing and drop what waits in it; the jobs come back with ERR_CANCELLED.
 */
void workers_cancel(struct workers *w, enum lane lane);
bool workers_busy(struct workers *w, enum lane lane);
/* Is there work on a lane that somebody waits for? */
bool workers_awaited(struct workers *w, enum lane lane);
void workers_progress(struct workers *w, enum lane lane, struct work_progress *out);

#endif
