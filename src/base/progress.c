#include <config.h>

#include "base/progress.h"

#include <stddef.h>

bool progress_step(const struct progress *p, const char *what, uint64_t done, uint64_t total)
{
    return p == NULL || p->step == NULL || p->step(p->ctx, what, done, total);
}
