#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "app/meter_order.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

/* The orders of the list in the index, an array of meters a chunk with what they are sorted by,
 * and the places in them of the meters that changed since. */

#define KEYS_CHUNK_MAX (SEARCH_ORDERED * 70000u)
#define KEYS_MAX ((size_t)24 << 20)
/* So many can be sorted in anew while a person waits. */
#define PLACED_MAX 262144u

/* ---- making ---- */

struct chunk {
    uint32_t ids[SEARCH_ORDERED], ends[SEARCH_ORDERED];
    size_t count;
    struct buf keys;
};

static enum err_code flush(struct chunk *c, struct stmt *insert, int column, int64_t *number,
                           struct err *e)
{
    bool row = false;
    size_t n = c->count;
    if (n == 0) {
        return ERR_OK;
    }
    TRY(buf_status(&c->keys, _("search index"), e));
    TRY(stmt_restart(insert,
                     VALS(V_INT(column), V_INT((*number)++), V_BLOB(c->keys.data, c->ends[0]),
                          V_BLOB(c->ids, n * sizeof c->ids[0]),
                          V_BLOB(c->ends, n * sizeof c->ends[0]),
                          V_BLOB(c->keys.data, c->keys.len)),
                     e));
    TRY(stmt_next(insert, &row, e));
    c->count = 0;
    buf_clear(&c->keys);
    return ERR_OK;
}

static enum err_code fill_one(struct db *office, struct chunk *c, struct stmt *insert,
                              int column, bool (*wanted)(void *ctx), void *ctx, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t number = 0;
    enum err_code code;
    TRY(db_query(office, &q, e, meter_orders[column].up, NO_VALS));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        c->ids[c->count] = (uint32_t)stmt_int(q, 0);
        order_key_add(q, &c->keys);
        c->ends[c->count++] = (uint32_t)c->keys.len;
        if (c->count == SEARCH_ORDERED) {
            code = wanted(ctx) ? flush(c, insert, column, &number, e) : search_unwanted(e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code == ERR_OK ? flush(c, insert, column, &number, e) : code;
}

enum err_code orders_fill(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                          void *ctx, struct err *e)
{
    struct stmt *insert = NULL;
    struct chunk *c = mem_alloc(sizeof *c);
    const struct val none[6] = {{0}};
    if (c == NULL) {
        return err_nomem(e);
    }
    buf_init(&c->keys, KEYS_CHUNK_MAX);
    enum err_code code =
        db_query(index, &insert, e,
                 "INSERT INTO ordering(col, chunk, first, ids, ends, keys) VALUES(?,?,?,?,?,?)",
                 none, 6);
    for (int column = 0; column < METER_COLUMNS && code == ERR_OK; column++) {
        code = fill_one(office, c, insert, column, wanted, ctx, e);
    }
    stmt_done(insert);
    buf_release(&c->keys);
    mem_free(c);
    return code;
}

/* ---- meters that changed since ---- */

void placed_release(struct search_placed *p)
{
    mem_free(p->list);
    buf_release(&p->keys);
    *p = (struct search_placed){.column = -1};
}

struct placing {
    struct search *s;
    struct db *office;
    struct search_placed *p;
    const struct meter_order *order;
    size_t size; /* of the list */
    bool fit;
};

static enum err_code add_placed(struct placing *x, uint32_t meter, struct err *e)
{
    struct search_placed *p = x->p;
    struct stmt *q = NULL;
    bool row = false;
    if (p->count == x->size) {
        size_t size = x->size == 0 ? 256 : x->size * 2;
        struct placed *bigger = mem_realloc_array(p->list, size, sizeof *bigger);
        if (bigger == NULL) {
            return err_nomem(e);
        }
        p->list = bigger;
        x->size = size;
    }
    TRY(db_query(x->office, &q, e, x->order->one, VALS(V_INT(meter))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t from = p->keys.len;
        order_key_add(q, &p->keys);
        p->list[p->count++] = (struct placed){
            .id = meter, .key = (uint32_t)from, .key_len = (uint32_t)(p->keys.len - from)};
    }
    stmt_done(q);
    x->fit = x->fit && p->count <= PLACED_MAX && !p->keys.failed;
    return code;
}

static enum err_code add_all(struct placing *x, struct err *e)
{
    const struct search_tail *t = &x->s->tail;
    const struct search_facts *f = &x->s->facts;
    for (size_t i = 0; i < t->count && x->fit; i++) {
        if (t->ids[i] != 0) {
            TRY(add_placed(x, t->ids[i], e));
        }
    }
    x->fit = x->fit && (!x->order->readings || f->read_count <= PLACED_MAX);
    for (uint32_t id = 0; x->order->readings && x->fit && id < f->room; id++) {
        if (facts_read(f, id) && !tail_has(t, id)) {
            TRY(add_placed(x, id, e));
        }
    }
    return ERR_OK;
}

/* qsort_r is not everywhere the same. */
static int by_key(const void *a, const void *b, void *keys)
{
    const struct placed *x = a;
    const struct placed *y = b;
    const char *text = keys;
    return order_key_compare(text + x->key, x->key_len, text + y->key, y->key_len);
}

/* ---- their places ---- */

struct firsts {
    uint32_t *ends;
    struct buf keys; /* the first of each chunk */
    size_t count, size;
};

static enum err_code read_firsts(struct firsts *f, struct db *index, int column, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(index, &q, e, "SELECT first FROM ordering WHERE col = ? ORDER BY chunk",
                 VALS(V_INT(column))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        const void *first = stmt_blob(q, 0, &len);
        if (f->count == f->size) {
            size_t size = f->size == 0 ? 1024 : f->size * 2;
            uint32_t *bigger = mem_realloc_array(f->ends, size, sizeof *bigger);
            if (bigger == NULL) {
                code = err_nomem(e);
                break;
            }
            f->ends = bigger;
            f->size = size;
        }
        buf_add(&f->keys, first, len);
        f->ends[f->count++] = (uint32_t)f->keys.len;
    }
    stmt_done(q);
    return code == ERR_OK ? buf_status(&f->keys, _("search index"), e) : code;
}

static size_t end_before(const uint32_t *ends, size_t i)
{
    return i == 0 ? 0 : ends[i - 1];
}

/* How many of these keys stand before one. */
static size_t count_before(const char *keys, const uint32_t *ends, size_t count,
                           const char *key, size_t len)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t from = end_before(ends, middle);
        if (order_key_compare(keys + from, ends[middle] - from, key, len) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct held_chunk {
    size_t number; /* and one more; 0: none */
    uint32_t ends[SEARCH_ORDERED];
    size_t count;
    struct buf keys;
};

static enum err_code hold_chunk(struct held_chunk *c, struct db *index, int column,
                                size_t number, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    size_t len = 0;
    size_t keys_len = 0;
    if (c->number == number + 1) {
        return ERR_OK;
    }
    c->number = number + 1;
    TRY(db_query(index, &q, e, "SELECT ends, keys FROM ordering WHERE col = ? AND chunk = ?",
                 VALS(V_INT(column), V_INT((int64_t)number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        const void *ends = stmt_blob(q, 0, &len);
        const void *keys = stmt_blob(q, 1, &keys_len);
        c->count = len / sizeof c->ends[0];
        row = c->count > 0 && c->count <= SEARCH_ORDERED && len % sizeof c->ends[0] == 0;
        if (row) {
            memcpy(c->ends, ends, len);
            buf_clear(&c->keys);
            buf_add(&c->keys, keys, keys_len);
            for (size_t i = 0; i < c->count && row; i++) {
                row = c->ends[i] <= keys_len && c->ends[i] >= end_before(c->ends, i);
            }
            code = buf_status(&c->keys, _("search index"), e);
        }
    }
    stmt_done(q);
    return code == ERR_OK && !row ? search_damaged(e) : code;
}

static enum err_code find_places(struct placing *x, const struct firsts *f,
                                 struct held_chunk *held, struct err *e)
{
    struct search_placed *p = x->p;
    for (size_t i = 0; i < p->count; i++) {
        const char *key = p->keys.data + p->list[i].key;
        size_t len = p->list[i].key_len;
        size_t chunk = count_before(buf_str(&f->keys), f->ends, f->count, key, len);
        if (chunk == 0) {
            p->list[i].place = 0;
            continue;
        }
        TRY(hold_chunk(held, x->s->db, p->column, chunk - 1, e));
        p->list[i].place =
            (uint32_t)((chunk - 1) * SEARCH_ORDERED +
                       count_before(buf_str(&held->keys), held->ends, held->count, key, len));
    }
    return ERR_OK;
}

static enum err_code place(struct placing *x, struct err *e)
{
    struct firsts f = {0};
    struct held_chunk *held = mem_alloc(sizeof *held);
    if (held == NULL) {
        return err_nomem(e);
    }
    buf_init(&f.keys, KEYS_MAX);
    buf_init(&held->keys, KEYS_CHUNK_MAX);
    enum err_code code = read_firsts(&f, x->s->db, x->p->column, e);
    if (code == ERR_OK) {
        qsort_r(x->p->list, x->p->count, sizeof x->p->list[0], by_key, x->p->keys.data);
        code = find_places(x, &f, held, e);
    }
    buf_release(&held->keys);
    buf_release(&f.keys);
    mem_free(f.ends);
    mem_free(held);
    return code;
}

enum err_code search_placed(struct search *s, struct db *office, int column, bool *fit,
                            const struct search_placed **out, struct err *e)
{
    struct search_placed *p = &s->placed;
    const struct meter_order *order = &meter_orders[column];
    struct placing x = {.s = s, .office = office, .p = p, .order = order, .fit = true};
    *out = p;
    *fit = true;
    if (p->column == column && p->tail == s->tail.count &&
        (!order->readings || p->seq == s->facts.seq)) {
        return ERR_OK;
    }
    placed_release(p);
    buf_init(&p->keys, KEYS_MAX);
    enum err_code code = add_all(&x, e);
    p->column = column;
    if (code == ERR_OK && x.fit && p->count > 0) {
        code = place(&x, e);
    }
    p->tail = s->tail.count;
    p->seq = s->facts.seq;
    *fit = x.fit;
    if (code != ERR_OK || !x.fit) {
        placed_release(p);
    }
    return code;
}
