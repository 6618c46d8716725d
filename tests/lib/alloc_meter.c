#include <config.h>

#include "tests/lib/alloc_meter.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

static atomic_bool on;
static atomic_int_fast64_t held, peak;
static atomic_uint_fast64_t total, count;

static void taken(size_t size)
{
    if (!atomic_load_explicit(&on, memory_order_relaxed)) {
        return;
    }
    int64_t now = atomic_fetch_add(&held, (int64_t)size) + (int64_t)size;
    int64_t most = atomic_load(&peak);
    while (now > most && !atomic_compare_exchange_weak(&peak, &most, now)) {
    }
    atomic_fetch_add(&total, size);
    atomic_fetch_add(&count, 1);
}

static void given_back(size_t size)
{
    if (atomic_load_explicit(&on, memory_order_relaxed)) {
        atomic_fetch_sub(&held, (int64_t)size);
    }
}

#ifdef SANITIZED

int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *,
                                                                  size_t),
                                              void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *p);

static void on_malloc(const volatile void *p, size_t size)
{
    (void)p;
    taken(size);
}

static void on_free(const volatile void *p)
{
    if (p != NULL && atomic_load_explicit(&on, memory_order_relaxed)) {
        given_back(__sanitizer_get_allocated_size(p));
    }
}

static void install(void)
{
    static bool installed;
    if (!installed) {
        installed = true;
        (void)__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
    }
}

#else

/* What glibc's manual, "Replacing malloc", asks for; the work is done by glibc's own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static void install(void)
{
}

void *malloc(size_t size)
{
    void *p = __libc_malloc(size);
    if (p != NULL) {
        taken(malloc_usable_size(p));
    }
    return p;
}

void *calloc(size_t n, size_t size)
{
    void *p = __libc_calloc(n, size);
    if (p != NULL) {
        taken(malloc_usable_size(p));
    }
    return p;
}

void *realloc(void *old, size_t size)
{
    size_t before = old != NULL ? malloc_usable_size(old) : 0;
    void *p = __libc_realloc(old, size);
    if (p != NULL || size == 0) {
        if (p != NULL) {
            taken(malloc_usable_size(p)); /* both at once: it may have been copied */
        }
        given_back(before);
    }
    return p;
}

void free(void *p)
{
    if (p != NULL) {
        given_back(malloc_usable_size(p));
    }
    __libc_free(p);
}

#endif

void alloc_meter_start(void)
{
    install();
    atomic_store(&held, 0);
    atomic_store(&peak, 0);
    atomic_store(&total, 0);
    atomic_store(&count, 0);
    atomic_store(&on, true);
}

struct alloc_measure alloc_meter_stop(void)
{
    atomic_store(&on, false);
    return (struct alloc_measure){.peak_bytes = atomic_load(&peak),
                                  .total_bytes = atomic_load(&total),
                                  .count = atomic_load(&count)};
}
