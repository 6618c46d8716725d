/* Progress of long work, and the wish to stop it. */
#ifndef AFORO_BASE_PROGRESS_H
#define AFORO_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    void *ctx;
    /* Called now and then; returns false when the user wants to stop. total 0: unknown. */
    bool (*step)(void *ctx, const char *what, uint64_t done, uint64_t total);
};
/* True to go on; also when p is NULL. */
bool progress_step(const struct progress *p, const char *what, uint64_t done, uint64_t total);

#endif
