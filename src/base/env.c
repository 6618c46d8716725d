#include <config.h>

#include "base/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0); /* cannot fail for these clocks on Linux */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

static int64_t system_wall_ms(void *ctx)
{
    (void)ctx;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t system_boot_ms(void *ctx)
{
    (void)ctx;
    return clock_ms(CLOCK_BOOTTIME);
}

/* It stays the same as long as this process lives: read once. */
static enum err_code system_boot_id(void *ctx, char out[37], struct err *e)
{
    static char known[37];
    static atomic_int state; /* 0: not read, 1: being written, 2: there */
    int none = 0;
    (void)ctx;
    if (atomic_load_explicit(&state, memory_order_acquire) == 2) {
        memcpy(out, known, sizeof known);
        return ERR_OK;
    }
    int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, BOOT_ID_PATH);
    }
    ssize_t n = read(fd, out, 36);
    close(fd);
    if (n != 36) {
        return err_set(e, ERR_IO, _("%s: does not hold a boot id"), BOOT_ID_PATH);
    }
    out[36] = '\0';
    if (atomic_compare_exchange_strong(&state, &none, 1)) {
        memcpy(known, out, sizeof known);
        atomic_store_explicit(&state, 2, memory_order_release);
    }
    return ERR_OK;
}

static enum err_code system_random(void *ctx, void *out, size_t len_bytes, struct err *e)
{
    (void)ctx;
    unsigned char *p = out;
    while (len_bytes > 0) {
        ssize_t n = getrandom(p, len_bytes, 0);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return err_errno(e, "getrandom");
        }
        p += n;
        len_bytes -= (size_t)n;
    }
    return ERR_OK;
}

const struct env env_system = {
    .wall_ms = system_wall_ms,
    .boot_ms = system_boot_ms,
    .boot_id = system_boot_id,
    .random = system_random,
};

int64_t env_wall_ms(const struct env *env)
{
    return env->wall_ms(env->ctx);
}

int64_t env_boot_ms(const struct env *env)
{
    return env->boot_ms(env->ctx);
}

enum err_code env_boot_id(const struct env *env, char out[37], struct err *e)
{
    return env->boot_id(env->ctx, out, e);
}

enum err_code env_random(const struct env *env, void *out, size_t len_bytes, struct err *e)
{
    return env->random(env->ctx, out, len_bytes, e);
}

/* Both clocks move at each look, as real ones would. */
static int64_t fake_look(struct env_fake *f, const int64_t *clock)
{
    int64_t now = *clock;
    f->wall += f->step_ms;
    f->boot += f->step_ms;
    return now;
}

static int64_t fake_wall_ms(void *ctx)
{
    struct env_fake *f = ctx;
    return fake_look(f, &f->wall);
}

static int64_t fake_boot_ms(void *ctx)
{
    struct env_fake *f = ctx;
    return fake_look(f, &f->boot);
}

static enum err_code fake_boot_id(void *ctx, char out[37], struct err *e)
{
    (void)ctx;
    (void)e;
    memcpy(out, "00000000-0000-4000-8000-000000000000", 37);
    return ERR_OK;
}

static uint64_t rotl(uint64_t x, unsigned k)
{
    return x << k | x >> (64 - k);
}

/* Source: Blackman and Vigna, xoshiro256** (public domain reference). */
static uint64_t fake_next(uint64_t s[4])
{
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

static enum err_code fake_random(void *ctx, void *out, size_t len_bytes, struct err *e)
{
    (void)e;
    struct env_fake *f = ctx;
    unsigned char *p = out;
    while (len_bytes > 0) {
        uint64_t v = fake_next(f->state);
        unsigned char
            bytes[8]; /* little-endian on every machine, so that seeds replay anywhere */
        for (size_t i = 0; i < 8; i++) {
            bytes[i] = (unsigned char)(v >> (8 * i));
        }
        size_t n = len_bytes < 8 ? len_bytes : 8;
        memcpy(p, bytes, n);
        p += n;
        len_bytes -= n;
    }
    return ERR_OK;
}

void env_fake_init(struct env_fake *f, int64_t wall_ms, uint64_t seed)
{
    *f = (struct env_fake){
        .env = {.ctx = f,
                .wall_ms = fake_wall_ms,
                .boot_ms = fake_boot_ms,
                .boot_id = fake_boot_id,
                .random = fake_random},
        .wall = wall_ms,
        .boot = 1000,
        .step_ms = 1,
    };
    for (size_t i = 0; i < 4; i++) { /* splitmix64 spreads the seed, as its authors advise */
        seed += 0x9E3779B97F4A7C15;
        uint64_t z = seed;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        f->state[i] = z ^ z >> 31;
    }
}
