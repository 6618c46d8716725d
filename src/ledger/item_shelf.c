#include <config.h>

#include "ledger/item_shelf.h"

#include "base/arena.h"
#include "ledger/items.h"

struct slot {
    int64_t seq, bundle; /* seq 0: empty; entries count from 1 */
    uint64_t asked;      /* the shelf's clock when it was asked for last */
    struct buf plain;
};

struct path {
    uint64_t index, size; /* size 0: empty */
    char *text;
};

struct item_shelf {
    struct slot slots[SHELF_SLOTS];
    struct path paths[SHELF_PATHS]; /* each index has one place */
    uint64_t clock;
};

struct item_shelf *item_shelf_new(void)
{
    struct item_shelf *s = mem_alloc(sizeof *s);
    for (int i = 0; s != NULL && i < SHELF_SLOTS; i++) {
        buf_init(&s->slots[i].plain, ITEMS_PLAIN_MAX + 1);
    }
    return s;
}

void item_shelf_free(struct item_shelf *s)
{
    for (int i = 0; s != NULL && i < SHELF_SLOTS; i++) {
        buf_release(&s->slots[i].plain);
    }
    for (int i = 0; s != NULL && i < SHELF_PATHS; i++) {
        mem_free(s->paths[i].text);
    }
    mem_free(s);
}

const struct buf *item_shelf_get(struct item_shelf *s, int64_t seq, int64_t bundle)
{
    for (int i = 0; s != NULL && i < SHELF_SLOTS; i++) {
        struct slot *at = &s->slots[i];
        if (at->seq == seq && at->bundle == bundle) {
            at->asked = ++s->clock;
            return &at->plain;
        }
    }
    return NULL;
}

const struct buf *item_shelf_put(struct item_shelf *s, int64_t seq, int64_t bundle,
                                 struct buf *plain)
{
    struct slot *oldest = &s->slots[0];
    for (int i = 1; i < SHELF_SLOTS; i++) {
        oldest = s->slots[i].asked < oldest->asked ? &s->slots[i] : oldest;
    }
    struct buf was = oldest->plain;
    *oldest = (struct slot){seq, bundle, ++s->clock, *plain};
    *plain = was;
    buf_clear(plain);
    return &oldest->plain;
}

const char *item_shelf_path(struct item_shelf *s, uint64_t index, uint64_t size)
{
    const struct path *at = s != NULL ? &s->paths[index % SHELF_PATHS] : NULL;
    return at != NULL && at->index == index && at->size == size ? at->text : NULL;
}

void item_shelf_path_put(struct item_shelf *s, uint64_t index, uint64_t size, const char *text)
{
    struct path *at = s != NULL ? &s->paths[index % SHELF_PATHS] : NULL;
    char *copy = at != NULL ? mem_strdup(text) : NULL;
    if (copy != NULL) {
        mem_free(at->text);
        *at = (struct path){index, size, copy};
    }
}
