#include <config.h>

#include "app/import_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

/* All runs together are read through this much memory, each at least through PAGE_ROWS. */
#define MERGE_BYTES ((size_t)16 << 20)
#define PAGE_ROWS ((size_t)128)

/* A sorted run in the temporary file, and the part of it that is in memory. */
struct run {
    int64_t offset;
    uint64_t left; /* rows not yet read from the file */
    struct sort_row *page;
    size_t at, count;
};

struct sorter {
    const char *dir;
    int fd;
    struct sort_row *chunk, *spare;
    size_t chunk_rows, used, at;
    size_t room; /* rows that `chunk` holds */
    uint64_t total;
    struct run *runs;
    size_t run_count, run_room;
    size_t *heap; /* run numbers, the least row first */
    size_t heap_count;
    struct sort_row *pages;
    size_t page_rows;
    int64_t file_end;
};

enum err_code temp_file(const char *dir, int *fd, struct err *e)
{
    char path[4096];
    *fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd >= 0) {
        return ERR_OK;
    }
    /* Not every file system can make a file without a name. */
    int n = snprintf(path, sizeof path, "%s/import-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path) {
        return err_set(e, ERR_LIMIT, _("the path %s is too long"), dir);
    }
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0) {
        return err_errno(e, _("cannot make a temporary file in %s"), dir);
    }
    (void)unlink(path);
    return ERR_OK;
}

enum err_code write_all(int fd, const void *data, size_t len, int64_t offset, struct err *e)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return err_errno(e, _("cannot write a temporary file in the office's folder"));
        }
        p += n;
        len -= (size_t)n;
        offset += n;
    }
    return ERR_OK;
}

enum err_code read_all(int fd, void *data, size_t len, int64_t offset, struct err *e)
{
    char *p = data;
    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return err_errno(e, _("cannot read a temporary file in the office's folder"));
        }
        p += n;
        len -= (size_t)n;
        offset += n;
    }
    return ERR_OK;
}

enum err_code sorter_new(const char *dir, size_t chunk_rows, struct sorter **out, struct err *e)
{
    *out = mem_alloc(sizeof **out);
    if (*out == NULL) {
        return err_nomem(e);
    }
    **out = (struct sorter){.dir = dir, .fd = -1, .chunk_rows = chunk_rows};
    return ERR_OK;
}

void sorter_free(struct sorter *s)
{
    if (s == NULL) {
        return;
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    mem_free(s->chunk);
    mem_free(s->spare);
    mem_free(s->runs);
    mem_free(s->heap);
    mem_free(s->pages);
    mem_free(s);
}

static bool before(const struct sort_row *a, const struct sort_row *b)
{
    if (a->reg != b->reg) {
        return a->reg < b->reg;
    }
    return a->local != b->local ? a->local < b->local : a->line < b->line;
}

/* Where the stretch that is in order from i on ends. */
static size_t stretch_end(const struct sort_row *a, size_t i, size_t n)
{
    for (i++; i < n && !before(&a[i], &a[i - 1]); i++) {
    }
    return i;
}

static void merge(const struct sort_row *a, size_t i, size_t mid, size_t end,
                  struct sort_row *out)
{
    size_t k = mid;
    size_t to = i;
    while (i < mid && k < end) {
        out[to++] = before(&a[k], &a[i]) ? a[k++] : a[i++];
    }
    memcpy(&out[to], &a[i], (mid - i) * sizeof *a);
    to += mid - i;
    memcpy(&out[to], &a[k], (end - k) * sizeof *a);
}

/* Natural merge sort: files come meter by meter and in order of time for the most part, so a
 * few passes do. */
static enum err_code chunk_sort(struct sorter *s, struct err *e)
{
    size_t n = s->used;
    if (n < 2 || stretch_end(s->chunk, 0, n) == n) {
        return ERR_OK;
    }
    if (s->spare == NULL) {
        s->spare = mem_array(s->room, sizeof *s->spare);
        if (s->spare == NULL) {
            return err_nomem(e);
        }
    }
    for (size_t stretches = 2; stretches > 1;) {
        stretches = 0;
        for (size_t i = 0; i < n; stretches++) {
            size_t mid = stretch_end(s->chunk, i, n);
            size_t end = mid < n ? stretch_end(s->chunk, mid, n) : mid;
            merge(s->chunk, i, mid, end, s->spare);
            i = end;
        }
        struct sort_row *sorted = s->spare;
        s->spare = s->chunk;
        s->chunk = sorted;
    }
    return ERR_OK;
}

static enum err_code run_add(struct sorter *s, struct err *e)
{
    struct run *more = mem_grow(s->runs, s->run_count, &s->run_room, sizeof *more);
    if (more == NULL) {
        return err_nomem(e);
    }
    s->runs = more;
    s->runs[s->run_count++] = (struct run){.offset = s->file_end, .left = s->used};
    return ERR_OK;
}

static enum err_code chunk_spill(struct sorter *s, struct err *e)
{
    TRY(chunk_sort(s, e));
    if (s->fd < 0) {
        TRY(temp_file(s->dir, &s->fd, e));
    }
    TRY(run_add(s, e));
    size_t bytes = s->used * sizeof *s->chunk;
    TRY(write_all(s->fd, s->chunk, bytes, s->file_end, e));
    s->file_end += (int64_t)bytes;
    s->used = 0;
    return ERR_OK;
}

/* The chunk grows by doubling, so that a small file costs little. */
static enum err_code chunk_grow(struct sorter *s, struct err *e)
{
    size_t room = s->room == 0 ? 4096 : s->room * 2;
    room = room > s->chunk_rows ? s->chunk_rows : room;
    struct sort_row *more = mem_realloc_array(s->chunk, room, sizeof *more);
    if (more == NULL) {
        return err_nomem(e);
    }
    s->chunk = more;
    s->room = room;
    return ERR_OK;
}

enum err_code sorter_add(struct sorter *s, const struct sort_row *row, struct err *e)
{
    if (s->total == SORT_ROWS_MAX) {
        return err_set(e, ERR_LIMIT, _("a file of more than %lu rows must be cut into parts"),
                       (unsigned long)SORT_ROWS_MAX);
    }
    if (s->used == s->room && s->room < s->chunk_rows) {
        TRY(chunk_grow(s, e));
    } else if (s->used == s->room) {
        TRY(chunk_spill(s, e));
    }
    s->chunk[s->used++] = *row;
    s->total++;
    return ERR_OK;
}

static enum err_code run_fill(struct sorter *s, struct run *r, struct err *e)
{
    r->at = 0;
    r->count = r->left < s->page_rows ? (size_t)r->left : s->page_rows;
    TRY(read_all(s->fd, r->page, r->count * sizeof *r->page, r->offset, e));
    r->offset += (int64_t)(r->count * sizeof *r->page);
    r->left -= r->count;
    return ERR_OK;
}

static const struct sort_row *top(const struct sorter *s, size_t heap_at)
{
    const struct run *r = &s->runs[s->heap[heap_at]];
    return &r->page[r->at];
}

/* Let the run at `i` of the heap sink to its place. */
static void heap_sink(struct sorter *s, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->heap_count; child++) {
            if (before(top(s, child), top(s, least))) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        size_t swap = s->heap[i];
        s->heap[i] = s->heap[least];
        s->heap[least] = swap;
        i = least;
    }
}

/* Give the chunk's memory back and open a page of each run. */
static enum err_code merge_begin(struct sorter *s, struct err *e)
{
    mem_free(s->chunk);
    mem_free(s->spare);
    s->chunk = s->spare = NULL;
    s->page_rows = MERGE_BYTES / sizeof(struct sort_row) / s->run_count;
    s->page_rows = s->page_rows < PAGE_ROWS ? PAGE_ROWS : s->page_rows;
    s->pages = mem_array(s->run_count * s->page_rows, sizeof *s->pages);
    s->heap = mem_array(s->run_count, sizeof *s->heap);
    if (s->pages == NULL || s->heap == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < s->run_count; i++) {
        s->runs[i].page = &s->pages[i * s->page_rows];
        TRY(run_fill(s, &s->runs[i], e));
        s->heap[i] = i;
    }
    s->heap_count = s->run_count;
    for (size_t i = s->heap_count; i-- > 0;) {
        heap_sink(s, i);
    }
    return ERR_OK;
}

enum err_code sorter_finish(struct sorter *s, struct err *e)
{
    if (s->run_count == 0) {
        TRY(chunk_sort(s, e));
        mem_free(s->spare);
        s->spare = NULL;
        return ERR_OK;
    }
    TRY(chunk_spill(s, e));
    return merge_begin(s, e);
}

uint64_t sorter_count(const struct sorter *s)
{
    return s->total;
}

enum err_code sorter_next(struct sorter *s, struct sort_row *row, bool *end, struct err *e)
{
    *end = s->run_count == 0 ? s->at == s->used : s->heap_count == 0;
    if (*end) {
        return ERR_OK;
    }
    if (s->run_count == 0) {
        *row = s->chunk[s->at++];
        return ERR_OK;
    }
    struct run *r = &s->runs[s->heap[0]];
    *row = r->page[r->at++];
    if (r->at == r->count && r->left > 0) {
        TRY(run_fill(s, r, e));
    } else if (r->at == r->count) {
        s->heap[0] = s->heap[--s->heap_count];
    }
    if (s->heap_count > 0) {
        heap_sink(s, 0);
    }
    return ERR_OK;
}

/* ---- texts as written ---- */

#define RAW_SLOT ((size_t)RAW_TEXT_MAX + 1)
#define RAW_PAGE 256 /* slots written at once */

struct raw_store {
    const char *dir;
    int fd;
    uint32_t count, flushed;
    char page[RAW_PAGE * RAW_SLOT];
};

enum err_code raw_store_new(const char *dir, struct raw_store **out, struct err *e)
{
    *out = mem_alloc(sizeof **out);
    if (*out == NULL) {
        return err_nomem(e);
    }
    (*out)->dir = dir;
    (*out)->fd = -1;
    return ERR_OK;
}

void raw_store_free(struct raw_store *r)
{
    if (r != NULL && r->fd >= 0) {
        (void)close(r->fd);
    }
    mem_free(r);
}

enum err_code raw_store_put(struct raw_store *r, const char *text, size_t len, uint32_t *number,
                            struct err *e)
{
    CHECK(len <= RAW_TEXT_MAX && r->count < UINT32_MAX);
    if (r->count - r->flushed == RAW_PAGE) {
        if (r->fd < 0) {
            TRY(temp_file(r->dir, &r->fd, e));
        }
        TRY(write_all(r->fd, r->page, sizeof r->page, (int64_t)r->flushed * (int64_t)RAW_SLOT,
                      e));
        r->flushed = r->count;
    }
    char *slot = &r->page[(r->count - r->flushed) * RAW_SLOT];
    memcpy(slot, text, len);
    slot[len] = '\0';
    *number = ++r->count;
    return ERR_OK;
}

enum err_code raw_store_get(struct raw_store *r, uint32_t number, char out[RAW_TEXT_MAX + 1],
                            struct err *e)
{
    CHECK(number > 0 && number <= r->count);
    uint32_t slot = number - 1;
    if (slot >= r->flushed) {
        memcpy(out, &r->page[(slot - r->flushed) * RAW_SLOT], RAW_SLOT);
        return ERR_OK;
    }
    return read_all(r->fd, out, RAW_SLOT, (int64_t)slot * (int64_t)RAW_SLOT, e);
}
