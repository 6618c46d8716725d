/* The console's lists over app/list.h. */
#include <config.h>

#include <string.h>

#include "app/list_index.h"
#include "base/arena.h"
#include "verb_console.h"

/* ---- ids, on LANE_ROWS ---- */

struct taking {
    struct idsink *sink;
    size_t count;
};

static bool take_ids(void *ctx, const int64_t *ids, size_t count)
{
    struct taking *t = ctx;
    t->count += count;
    return count > 0 ? idsink_add(t->sink, ids, count) : idsink_wanted(t->sink);
}

/* Counting a million takes longer than finding a screenful of them: it comes last, not at all
 * where all of them were found, and once while nothing is recorded. */
static enum err_code list_count(struct bound_list *l, const struct row_query *q,
                                struct taking *t, struct err *e)
{
    struct ledger_head head;
    int64_t total = 0;
    if (q->term_count == 0) {
        idsink_total(t->sink, t->count);
        return ERR_OK;
    }
    TRY(ledger_head(l->bound->rows->db, &head, e));
    if (q->scope != 0 || l->counted_at != head.seq) {
        TRY(list_total(l->bound->rows, l->query, q->scope, take_ids, t, &total, e));
    } else {
        total = l->counted;
    }
    if (q->scope == 0) {
        l->counted = total;
        l->counted_at = head.seq;
    }
    idsink_total(t->sink, (size_t)total);
    return ERR_OK;
}

static enum err_code list_build(void *ctx, const struct row_query *q, struct idsink *sink,
                                struct err *e)
{
    struct bound_list *l = ctx;
    struct taking t = {.sink = sink};
    struct list_ask ask = {.sort_column = q->sort_column,
                           .descending = q->descending,
                           .scope = q->scope,
                           .index = l->bound->index};
    TRY(bound_rows_access(l->bound, e));
    TRY(bound_rows_masked(l->bound, &ask.masked, e));
    for (size_t i = 0; i < q->term_count && i < LIST_TERMS_MAX; i++) {
        ask.terms[ask.term_count++] = (struct list_term){q->terms[i].column, q->terms[i].text};
    }
    TRY(list_ids(l->bound->rows, l->query, &ask, take_ids, &t, e));
    return list_count(l, q, &t, e);
}

/* ---- rows, on LANE_QUERY ---- */

struct filling {
    struct rowset *out;
    size_t columns;
};

static enum err_code take_row(void *ctx, int64_t id, const char *const *cells, struct err *e)
{
    struct filling *f = ctx;
    struct row *r = rowset_add(f->out, id);
    for (size_t i = 0; r != NULL && i < f->columns && i < ROW_CELLS_MAX; i++) {
        r->cells[i] = rowset_text(f->out, cells[i]);
        r = r->cells[i] != NULL ? r : NULL;
    }
    return r != NULL ? ERR_OK : err_nomem(e);
}

static enum err_code list_fetch(void *ctx, const int64_t *ids, size_t count, struct rowset *out,
                                struct err *e)
{
    struct bound_list *l = ctx;
    struct filling f = {out, list_columns(l->query)};
    TRY(bound_query_access(l->bound, e));
    return list_rows(l->bound->query, l->query, ids, count, take_row, &f, e);
}

/* ---- the model's functions ---- */

enum err_code bound_lists_open(struct bound *b, struct err *e)
{
    TRY(list_index_new(&b->index, e));
    b->lists = mem_alloc(list_query_count * sizeof *b->lists);
    if (b->lists == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < list_query_count; i++) {
        struct bound_list *l = &b->lists[i];
        *l = (struct bound_list){{l, list_build, list_fetch}, b, &list_queries[i], 0, 0};
    }
    return ERR_OK;
}

void bound_lists_close(struct bound *b)
{
    list_index_free(b->index);
    b->index = NULL;
    mem_free(b->lists);
    b->lists = NULL;
}

static const struct bound_list *list_of(struct bound *b, const char *name)
{
    for (size_t i = 0; i < list_query_count; i++) {
        const struct list_query *q = b->lists[i].query;
        if (strcmp(q->name, name) == 0 && (q->needs == NULL || bound_may(b, q->needs))) {
            return &b->lists[i];
        }
    }
    return NULL;
}

const struct rowsource *bound_list(void *ctx, const char *name)
{
    const struct bound_list *l = list_of(ctx, name);
    return l != NULL ? &l->source : NULL;
}

enum err_code bound_list_detail(void *ctx, const char *name, int64_t id,
                                struct list_detail *out, struct err *e)
{
    struct bound *b = ctx;
    const struct bound_list *l = list_of(b, name);
    if (l == NULL || l->query->detail == NULL) {
        return ERR_OK;
    }
    TRY(bound_query_access(b, e));
    return l->query->detail(b->query, id, out, e);
}

enum err_code bound_list_goals(void *ctx, const char *name, int64_t id,
                               struct list_goal out[LIST_LINKS_MAX], size_t *count,
                               struct err *e)
{
    struct bound *b = ctx;
    const struct bound_list *l = list_of(b, name);
    *count = 0;
    if (l == NULL) {
        return ERR_OK;
    }
    TRY(bound_query_access(b, e));
    return list_goals(b->query, l->query, id, out, count, e);
}
