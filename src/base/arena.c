#include <config.h>

#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define HEAP_HELD_BYTES (64 << 20)
#define ALIGN_BYTES (_Alignof(max_align_t))
#define BLOCK_FIRST_BYTES ((size_t)4096)
#define BLOCK_LAST_BYTES ((size_t)1024 * 1024)

static bool (*mem_allow)(void *ctx);
static void *mem_allow_ctx;

void mem_set_hook(bool (*allow)(void *ctx), void *ctx)
{
    mem_allow = allow;
    mem_allow_ctx = ctx;
}

void mem_heap_hold(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_HELD_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_HELD_BYTES / 2);
#endif
}

/* False when the tests want this allocation to fail. */
static bool allowed(void)
{
    return mem_allow == NULL || mem_allow(mem_allow_ctx);
}

void *mem_alloc(size_t size_bytes)
{
    return allowed() ? calloc(1, size_bytes == 0 ? 1 : size_bytes) : NULL;
}

void *mem_array(size_t count, size_t size_bytes)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size_bytes, &total)) {
        return NULL;
    }
    return mem_alloc(total);
}

/* Large arrays lie in large pages where the system gives them to who asks: to clear the small
 * ones of a million ids one by one takes longer than to find the ids. */
#define LARGE_BYTES ((size_t)4 << 20)
#define PAGE_BYTES ((uintptr_t)4096)

/* All of its pages, the head of the allocator's too: a mapping of two kinds could not grow in
 * its place. */
static void *in_large_pages(void *p, size_t total)
{
    if (p != NULL && total >= LARGE_BYTES) {
        uintptr_t from = (uintptr_t)p / PAGE_BYTES * PAGE_BYTES;
        uintptr_t to = ((uintptr_t)p + total + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
    return p;
}

void *mem_realloc_array(void *p, size_t count, size_t size_bytes)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size_bytes, &total) || !allowed()) {
        return NULL;
    }
    return in_large_pages(realloc(p, total == 0 ? 1 : total), total);
}

void *mem_grow(void *p, size_t count, size_t *room, size_t size_bytes)
{
    size_t more = *room == 0 ? 16 : *room;
    if (count < *room) {
        return p;
    }
    void *moved = __builtin_mul_overflow(more, *room == 0 ? 1 : 2, &more)
                      ? NULL
                      : mem_realloc_array(p, more, size_bytes);
    *room = moved != NULL ? more : *room;
    return moved;
}

char *mem_strdup(const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = allowed() ? malloc(size) : NULL;
    if (copy != NULL) {
        memcpy(copy, s, size);
    }
    return copy;
}

void mem_free(void *p)
{
    free(p);
}

void mem_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

struct arena_block {
    struct arena_block *next;
    size_t size, used; /* bytes of data */
    max_align_t data[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max_bytes = max_bytes};
}

void arena_release(struct arena *a)
{
    while (a->head != NULL) {
        struct arena_block *next = a->head->next;
        mem_free(a->head);
        a->head = next;
    }
    a->used_bytes = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->head;
    if (keep != NULL) {
        a->head = keep->next;
        keep->next = NULL;
        keep->used = 0;
    }
    arena_release(a);
    a->head = keep;
}

/* A new block in front that holds at least size bytes; blocks grow so that their number stays
 * small. */
static struct arena_block *add_block(struct arena *a, size_t size)
{
    size_t want = BLOCK_FIRST_BYTES;
    if (a->head != NULL) {
        want = a->head->size < BLOCK_LAST_BYTES / 2 ? a->head->size * 2 : BLOCK_LAST_BYTES;
    }
    if (want < size) {
        want = size;
    }
    if (want > PTRDIFF_MAX - sizeof(struct arena_block)) {
        return NULL;
    }
    struct arena_block *block =
        allowed() ? malloc(offsetof(struct arena_block, data) + want) : NULL;
    if (block != NULL) {
        block->next = a->head;
        block->size = want;
        block->used = 0;
        a->head = block;
    }
    return block;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
    if (size_bytes > a->max_bytes) {
        return NULL; /* also keeps the rounding below from overflowing */
    }
    size_t size =
        size_bytes == 0 ? ALIGN_BYTES : (size_bytes + (ALIGN_BYTES - 1)) & ~(ALIGN_BYTES - 1);
    if (size < size_bytes || size > a->max_bytes - a->used_bytes) {
        return NULL;
    }
    struct arena_block *block = a->head;
    if (block == NULL || block->size - block->used < size) {
        block = add_block(a, size);
        if (block == NULL) {
            return NULL;
        }
    }
    void *p = (char *)block->data + block->used;
    block->used += size;
    a->used_bytes += size;
    return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size_bytes)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size_bytes, &total)) {
        return NULL;
    }
    return arena_alloc(a, total);
}

char *arena_strndup(struct arena *a, const char *s, size_t len_bytes)
{
    if (len_bytes == SIZE_MAX) {
        return NULL;
    }
    char *copy = arena_alloc(a, len_bytes + 1);
    if (copy != NULL && len_bytes > 0) {
        memcpy(copy, s, len_bytes);
    }
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list measured;
    va_copy(measured, ap);
    int n = vsnprintf(NULL, 0, fmt, measured);
    va_end(measured);
    char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)n + 1, fmt, ap);
    }
    va_end(ap);
    return text;
}
