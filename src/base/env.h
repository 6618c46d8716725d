/* The outside world that decides nothing by itself: clock and randomness, injected so that
 * tests and simulations replay. A production binary takes ledger time from nowhere else. */
#ifndef AFORO_BASE_ENV_H
#define AFORO_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct env {
    void *ctx;
    /* Wall clock, milliseconds since 1970-01-01 UTC. */
    int64_t (*wall_ms)(void *ctx);
    /* CLOCK_BOOTTIME, milliseconds. */
    int64_t (*boot_ms)(void *ctx);
    /* 36-character boot id of this boot of the machine. */
    enum err_code (*boot_id)(void *ctx, char out[37], struct err *e);
    /* Cryptographic randomness. */
    enum err_code (*random)(void *ctx, void *out, size_t len_bytes, struct err *e);
};

/* The real clock and getrandom(2). */
extern const struct env env_system;

int64_t env_wall_ms(const struct env *env);
int64_t env_boot_ms(const struct env *env);
enum err_code env_boot_id(const struct env *env, char out[37], struct err *e) MUST_CHECK;
enum err_code env_random(const struct env *env, void *out, size_t len_bytes,
                         struct err *e) MUST_CHECK;

/* Milliseconds of CLOCK_MONOTONIC: how long something takes or is waited for. Nothing that is
 * recorded depends on it. */
int64_t monotonic_ms(void);

/* A clock that starts at wall_ms and moves step_ms at each look, and a seeded generator (tests,
 * simulation). */
struct env_fake {
    struct env env;
    int64_t wall, boot, step_ms;
    uint64_t state[4]; /* xoshiro256** */
};
void env_fake_init(struct env_fake *f, int64_t wall_ms, uint64_t seed);

#endif
