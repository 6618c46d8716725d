/* Memory that is released all at once: for what lives as long as one command or one screen. */
#ifndef AFORO_BASE_ARENA_H
#define AFORO_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used_bytes; /* given out so far */
    size_t max_bytes;  /* limit; an allocation beyond it fails */
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_release(struct arena *a);
/* Forget all allocations, keep one block for reuse. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type; NULL when memory or the limit is exhausted. */
void *arena_alloc(struct arena *a, size_t size_bytes);
/* Array of count*size with checked multiplication. */
void *arena_array(struct arena *a, size_t count, size_t size_bytes);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len_bytes);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* Checked heap allocation (the fault injector of the tests counts these): NULL on failure or
 * overflow. */
void *mem_alloc(size_t size_bytes); /* zeroed */
void *mem_array(size_t count, size_t size_bytes);
void *mem_realloc_array(void *p, size_t count, size_t size_bytes);
/*
 * Room for one item more in an array of `count` with room for *room (0, and p NULL, at first):
 * p as it is, or moved to twice the room, which *room then says.
 *
 * NULL when memory is out: p, which is still the caller's, and *room are as they were.
 */
void *mem_grow(void *p, size_t count, size_t *room, size_t size_bytes);
char *mem_strdup(const char *s);
void mem_free(void *p);
/* For long runs that take and free the same room over and over: up to 64 MiB of what was freed
 * stays with the program. Without it each file of a run of bills faults its pages in anew. */
void mem_heap_hold(void);
/* Give what was freed back to the system, after work that took much for a while. */
void mem_give_back(void);
/* Tests only, before any thread starts: `allow` is asked before each allocation of the mem_ and
 * arena_ families, and false makes it fail. NULL removes it. */
void mem_set_hook(bool (*allow)(void *ctx), void *ctx);

#endif
