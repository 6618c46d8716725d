#include <config.h>

#include "tests/lib/fault.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/arena.h"

#define SWEEP_MAX 1000000 /* a flow that never ends is a bug of the test */

static atomic_uint_fast64_t asked;
static atomic_bool injected;
static uint64_t fails_at;
static bool fails_on;

static bool allow(void *ctx)
{
    (void)ctx;
    uint64_t n = atomic_fetch_add(&asked, 1) + 1;
    if (fails_at == 0 || n < fails_at || (n > fails_at && !fails_on)) {
        return true;
    }
    atomic_store(&injected, true);
    return false;
}

void fault_arm(uint64_t nth, bool persistent)
{
    atomic_store(&asked, 0);
    atomic_store(&injected, false);
    fails_at = nth;
    fails_on = persistent;
    mem_set_hook(allow, NULL);
}

bool fault_disarm(void)
{
    mem_set_hook(NULL, NULL);
    return atomic_load(&injected);
}

uint64_t fault_count(void)
{
    return atomic_load(&asked);
}

/* How many allocations a clean run makes; then each of them fails. */
uint64_t fault_sweep(void (*step)(void *ctx, bool failing), void *ctx)
{
    uint64_t faults = 0;
    fault_arm(0, false);
    step(ctx, false);
    (void)fault_disarm();
    uint64_t total = fault_count();
    for (uint64_t n = 1; n <= total && n <= SWEEP_MAX; n++) {
        for (int persistent = 0; persistent < 2; persistent++) {
            fault_arm(n, persistent != 0);
            step(ctx, true);
            faults += fault_disarm();
        }
    }
    return faults;
}
