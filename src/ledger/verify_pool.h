/* Threads that share one list of jobs with the thread that made it. */
#ifndef AFORO_LEDGER_VERIFY_POOL_H
#define AFORO_LEDGER_VERIFY_POOL_H

#include <stddef.h>

#include "base/err.h"

#define POOL_THREADS_MAX 64

struct pool;
/* Do job `index`; worker says which thread this is, 0 being the caller of pool_finish. */
typedef void (*pool_fn)(void *ctx, unsigned worker, size_t index);

/* threads: the caller's included; 0 asks for one a core. Threads that the system refuses are
 * done without. */
enum err_code pool_start(unsigned threads, struct pool **out, struct err *e) MUST_CHECK;
unsigned pool_threads(const struct pool *p);
/* Let the others begin with jobs 0..count-1; the caller goes on with something else. */
void pool_begin(struct pool *p, pool_fn fn, void *ctx, size_t count);
/* Take part until all jobs are done. */
void pool_finish(struct pool *p);
void pool_stop(struct pool *p); /* NULL is fine */

#endif
