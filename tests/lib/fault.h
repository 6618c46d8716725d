/* Allocation faults by countdown: make the Nth allocation of base's mem_ and arena_ families
 * fail, and sweep N over all of a flow. */
#ifndef AFORO_TESTS_LIB_FAULT_H
#define AFORO_TESTS_LIB_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* From now on count allocations; the nth (from 1) fails, and with `persistent` all behind it.
 * 0: only count. */
void fault_arm(uint64_t nth, bool persistent);
/* Stop; true when a fault was injected. */
bool fault_disarm(void);
/* Allocations asked for since fault_arm. */
uint64_t fault_count(void);

/*
 * Run `step` once undisturbed to count its allocations, then once for each of them with that
 * one failing, and once with that one and all behind it failing.
 *
 * step: runs the flow, releases all it took, and asserts what must hold: success when `failing`
 * is false, else either success (memory was not needed after all) or a clean ERR_NOMEM. Returns
 * the number of faulty runs, so that the caller can assert that there were some.
 */
uint64_t fault_sweep(void (*step)(void *ctx, bool failing), void *ctx);

#endif
