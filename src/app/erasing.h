/* An erasure from its first step to its last byte: DIR/state/erasing holds a mark from before
 * its entry is recorded until no byte of the values is left. One that was cut off between is
 * ended by the next writer. The file's lock tells one that is at work from one that was cut
 * off; it is never removed, only emptied. */
#ifndef AFORO_APP_ERASING_H
#define AFORO_APP_ERASING_H

#include "app/office.h"
#include "base/progress.h"

/* Mark it, durably, and wait for others. Give *lock to erasing_end(). */
enum err_code erasing_begin(const struct office *o, int *lock, struct err *e) MUST_CHECK;
/* done: take the mark away. -1 is fine. */
void erasing_end(int lock, bool done);
/* Is there a mark? One look at a file. */
bool erasing_left(const struct office *o);

/*
 * Erase again, signed by the office, what state/erasures names and the database still holds,
 * and write the files anew. With the mark's lock held.
 *
 * again: values that were erased again. Errors: those of personal_purge; in an office behind
 * what it published that sentence, and nothing is done.
 */
enum err_code erasing_apply(struct office *o, const struct progress *progress, int64_t *again,
                            struct err *e) MUST_CHECK;
/* End what was cut off. ERR_OK also when nothing was, when somebody else is at it, or when the
 * office is behind what it published: then it waits. */
enum err_code erasing_finish(struct office *o, const struct progress *progress,
                             struct err *e) MUST_CHECK;

#endif
