/* The time of entries: never backwards, and suspicious of a wall clock that left the boot
 * clock. Source: ledger.md. */
#ifndef AFORO_LEDGER_CLOCK_H
#define AFORO_LEDGER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/err.h"

#define CLOCK_BACK_MAX_MS (5 * 60 * 1000)
#define CLOCK_DRIFT_MAX_MS (10 * 60 * 1000)

/* What the file said when this process last read or wrote it, so that it is not read again for
 * each act. Zeroed: nothing yet. */
struct clock_memory {
    bool valid;
    char boot_id[37];
    int64_t boot_ms, wall_ms;
};

/*
 * The time that the next entry gets.
 *
 * state_path: file outside the database that remembers boot id, boot clock and wall clock;
 *             absent is fine.
 * memory:     used instead of the file as long as it finds nothing wrong; NULL: the file is
 *             read.
 * last_ms:    time of the newest entry, 0 when there is none.
 * forced:     true for clock.adjusted, which alone goes on after a jump.
 * out_ms, held: the time, and whether it is the previous time + 1 ms because the clock stepped
 *             back a little.
 * Errors: ERR_STATE naming how far the clock is off and what an administrator runs.
 */
enum err_code clock_next(const struct env *env, const char *state_path,
                         struct clock_memory *memory, int64_t last_ms, bool forced,
                         int64_t *out_ms, bool *held, struct err *e) MUST_CHECK;

/*
 * Remember this boot's clocks: once a boot, so that many small steps cannot add up unseen, and
 * after clock.adjusted (forced). memory: as above.
 */
enum err_code clock_remember(const struct env *env, const char *state_path,
                             struct clock_memory *memory, bool forced,
                             struct err *e) MUST_CHECK;

#endif
