#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "app/list_index_priv.h"
#include "app/meter_order.h"
#include "base/arena.h"
#include "base/i18n.h"

/* The orders in the file of a list, and the places in them of the rows that changed since: what
 * a row of the file is sorted by is asked of the database, a few times for each of those. */

#define KEYS_MAX ((size_t)24 << 20)

size_t list_chunk_count(const struct list_index *x, size_t chunk)
{
    return chunk + 1 < x->chunks ? LIST_INDEX_DOCS
                                 : (size_t)x->rows - (x->chunks - 1) * LIST_INDEX_DOCS;
}

enum err_code list_chunk_ids(struct list_index *x, size_t column, size_t chunk, uint32_t *ids,
                             size_t *count, struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    size_t len = 0;
    *count = list_chunk_count(x, chunk);
    TRY(db_query(x->db, &s, e, "SELECT ids FROM ordering WHERE id = ?",
                 VALS(V_INT(list_chunk_id(column, chunk)))));
    enum err_code code = stmt_next(s, &row, e);
    if (code == ERR_OK && row) {
        const void *blob = stmt_blob(s, 0, &len);
        row = len == *count * sizeof *ids;
        if (row) {
            memcpy(ids, blob, len);
        }
    }
    stmt_done(s);
    for (size_t i = 0; code == ERR_OK && row && i < *count; i++) {
        row = ids[i] < x->room;
    }
    return code == ERR_OK && !row ? list_index_damaged(e) : code;
}

/* ---- keys ---- */

struct placing {
    struct list_index *x;
    struct office *o;
    size_t column;
    struct stmt *one; /* fetches what a row is sorted by */
    struct buf sql, keys;
    /* of each chunk that has a row which did not change: its number, its first such key */
    uint32_t *firsts;
    struct list_placed *first_keys;
    size_t first_count;
    /* the chunk that is held: rows that did not change; key_len 0: not asked for yet */
    size_t held; /* and one more; 0: none */
    struct list_placed *live;
    size_t live_count, in_chunk;
    uint32_t ids[LIST_INDEX_DOCS];
};

static enum err_code key_of(struct placing *p, int64_t id, struct list_placed *out,
                            struct err *e)
{
    struct val v = V_INT(id);
    bool row = false;
    out->id = id;
    out->key = (uint32_t)p->keys.len;
    if (p->one != NULL) {
        TRY(stmt_restart(p->one, &v, 1, e));
    } else {
        TRY(db_query_once(p->o->db, &p->one, e, buf_str(&p->sql), &v, 1));
    }
    TRY(stmt_next(p->one, &row, e));
    if (!row) {
        return list_index_damaged(e); /* the file and the tail tell of rows that are there */
    }
    order_key_add(p->one, &p->keys);
    out->key_len = (uint32_t)p->keys.len - out->key;
    return buf_status(&p->keys, _("search index"), e);
}

static int by_key(const void *a, const void *b, void *keys)
{
    const struct list_placed *x = a;
    const struct list_placed *y = b;
    const char *text = keys;
    return order_key_compare(text + x->key, x->key_len, text + y->key, y->key_len);
}

/* ---- chunks ---- */

static enum err_code hold(struct placing *p, size_t chunk, struct err *e)
{
    struct list_index *x = p->x;
    if (p->held == chunk + 1) {
        return ERR_OK;
    }
    p->held = 0;
    p->live_count = 0;
    TRY(list_chunk_ids(x, p->column, chunk, p->ids, &p->in_chunk, e));
    for (size_t i = 0; i < p->in_chunk; i++) {
        if (!list_tail_has(&x->tail, p->ids[i])) {
            p->live[p->live_count++] = (struct list_placed){
                .id = x->base + p->ids[i], .place = (uint32_t)(chunk * LIST_INDEX_DOCS + i)};
        }
    }
    p->held = chunk + 1;
    return ERR_OK;
}

static enum err_code take_firsts(struct placing *p, struct err *e)
{
    for (size_t chunk = 0; chunk < p->x->chunks; chunk++) {
        TRY(hold(p, chunk, e));
        if (p->live_count > 0) {
            p->firsts[p->first_count] = (uint32_t)chunk;
            TRY(key_of(p, p->live[0].id, &p->first_keys[p->first_count++], e));
        }
    }
    return ERR_OK;
}

/* How many chunks begin before it. */
static size_t chunks_before(const struct placing *p, const struct list_placed *d)
{
    size_t low = 0;
    size_t high = p->first_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_key(&p->first_keys[middle], d, p->keys.data) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum err_code find_place(struct placing *p, struct list_placed *d, struct err *e)
{
    size_t chunk = chunks_before(p, d);
    d->place = 0;
    if (chunk == 0) {
        return ERR_OK;
    }
    TRY(hold(p, p->firsts[chunk - 1], e));
    size_t low = 0;
    size_t high = p->live_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct list_placed *m = &p->live[middle];
        if (m->key_len == 0) {
            TRY(key_of(p, m->id, m, e));
        }
        if (by_key(m, d, p->keys.data) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    d->place = low < p->live_count ? p->live[low].place
                                   : (uint32_t)((p->held - 1) * LIST_INDEX_DOCS + p->in_chunk);
    return ERR_OK;
}

static enum err_code place_all(struct placing *p, struct err *e)
{
    struct list_index *x = p->x;
    const struct list_tail *t = &x->tail;
    bool first = true;
    for (size_t i = 0; i < t->count; i++) {
        x->placed_count += t->ids[i] != 0 ? 1 : 0;
    }
    x->placed = mem_array(x->placed_count > 0 ? x->placed_count : 1, sizeof *x->placed);
    p->firsts = mem_array(x->chunks, sizeof *p->firsts);
    p->first_keys = mem_array(x->chunks, sizeof *p->first_keys);
    p->live = mem_array(LIST_INDEX_DOCS, sizeof *p->live);
    if (x->placed == NULL || p->firsts == NULL || p->first_keys == NULL || p->live == NULL) {
        return err_nomem(e);
    }
    buf_addf(&p->sql, "SELECT %s, %s", x->q->id, list_sql_order(x->q, p->column));
    list_sql_all(&p->sql, x->q, &first);
    buf_addf(&p->sql, " %s %s = ?1", first ? "WHERE" : "AND", x->q->id);
    TRY(list_sql_finish(p->o, &p->sql, e));
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->ids[i] != 0) {
            x->placed[n].doc = (uint32_t)i;
            TRY(key_of(p, t->ids[i], &x->placed[n++], e));
        }
    }
    if (n == 0) {
        return ERR_OK;
    }
    TRY(take_firsts(p, e));
    qsort_r(x->placed, n, sizeof *x->placed, by_key, p->keys.data);
    for (size_t i = 0; i < n; i++) {
        TRY(find_place(p, &x->placed[i], e));
    }
    return ERR_OK;
}

enum err_code list_place(struct list_index *x, struct office *o, size_t column, struct err *e)
{
    if (x->placed_column == (int)column && x->placed_version == x->tail.version) {
        return ERR_OK;
    }
    mem_free(x->placed);
    x->placed = NULL;
    x->placed_count = 0;
    x->placed_column = -1;
    struct placing *p = mem_alloc(sizeof *p);
    if (p == NULL) {
        return err_nomem(e);
    }
    p->x = x;
    p->o = o;
    p->column = column;
    buf_init(&p->sql, LIST_SQL_MAX);
    buf_init(&p->keys, KEYS_MAX);
    enum err_code code = place_all(p, e);
    stmt_done(p->one);
    buf_release(&p->keys);
    buf_release(&p->sql);
    mem_free(p->live);
    mem_free(p->first_keys);
    mem_free(p->firsts);
    mem_free(p);
    if (code == ERR_OK) {
        x->placed_column = (int)column;
        x->placed_version = x->tail.version;
    } else {
        mem_free(x->placed);
        x->placed = NULL;
        x->placed_count = 0;
    }
    return code;
}
