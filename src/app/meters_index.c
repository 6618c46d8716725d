#include <config.h>

#include <string.h>

#include "app/meters_run.h"
#include "base/arena.h"
#include "base/i18n.h"

/* A search through the index of app/search.h: which meters match from its streams of documents,
 * in which order from its arrays, and what changed since it was made from their rows. */

/* So few candidates are looked at one by one rather than found in the second index. */
#define FEW_CANDIDATES 512u
/* Meters are numbered from 1 without large gaps. */
#define ROW_ID_MAX INT64_C(1000000000)

/* ---- streams ---- */

enum { ANYWHERE, WORDS, INDEXES };
/* More than a screenful, so that the list shows one and goes on. */
#define HEAD_MAX ((size_t)2 * METERS_AT_ONCE)

/* A stream of documents of one index, in list order; a document is a place by serial, from 1.
 */
struct stream {
    struct stmt *s;
    bool more;
    int64_t at;
};

struct indexed {
    struct finding_run *run;
    struct stream streams[INDEXES];
    struct buf match[INDEXES];
    bool used[INDEXES];
    bool check; /* terms that no index holds: look at each row */
    bool coded; /* terms that the codes answer */
    struct facts *facts;
    const int64_t *by_serial;
    size_t count;
};

/* `{serial route account} : "cal"` and `AND` between: what was typed is data in quotes. */
static void add_match(struct indexed *x, size_t term)
{
    static const char *const names[METER_COLUMNS] = {[METER_SERIAL] = "serial",
                                                     [METER_PLACE] = "place",
                                                     [METER_ROUTE] = "route",
                                                     [METER_ACCOUNT] = "account"};
    struct finding_run *r = x->run;
    int column = r->q->terms[term].column;
    int which = r->letters[term] >= SEARCH_ANYWHERE ? ANYWHERE : WORDS;
    struct buf *out = &x->match[which];
    buf_adds(out, x->used[which] ? " AND " : "");
    if (column >= 0) {
        buf_addf(out, "{%s} : ", names[column]);
    } else if (r->masked) {
        buf_adds(out, "{serial route account} : ");
    }
    buf_addc(out, '"');
    for (const char *at = buf_str(&r->term[term]); *at != '\0'; at++) {
        buf_adds(out, *at == '"' ? "\"" : "");
        buf_addc(out, *at);
    }
    buf_adds(out, which == WORDS ? "\" *" : "\"");
    x->used[which] = true;
}

static enum err_code stream_next(struct stream *s, struct err *e)
{
    enum err_code code = stmt_next(s->s, &s->more, e);
    s->at = code == ERR_OK && s->more ? stmt_int(s->s, 0) : 0;
    return code;
}

static enum err_code stream_open(struct indexed *x, int which, bool down, struct err *e)
{
    static const char *const sql[INDEXES][2] = {
        {"SELECT rowid FROM anywhere WHERE anywhere MATCH ? ORDER BY rowid",
         "SELECT rowid FROM anywhere WHERE anywhere MATCH ? ORDER BY rowid DESC"},
        {"SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid",
         "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC"}};
    struct stream *s = &x->streams[which];
    stmt_done(s->s);
    s->s = NULL;
    TRY(buf_status(&x->match[which], _("search"), e));
    TRY(db_query(search_db(x->run->search), &s->s, e, sql[which][down ? 1 : 0],
                 VALS(V_TEXT(buf_str(&x->match[which])))));
    return stream_next(s, e);
}

/* What to do with a document that both indexes name, and that holds what they cannot tell. */
typedef enum err_code (*document_fn)(struct indexed *x, void *ctx, size_t place, struct err *e);

static enum err_code give_document(struct indexed *x, int64_t document, document_fn give,
                                   void *ctx, struct err *e)
{
    bool yes = true;
    if (document < 1 || (uint64_t)document > x->count) {
        return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
    }
    size_t place = (size_t)document - 1;
    TRY(run_look(x->run, e));
    if (x->coded) {
        TRY(facts_match(x->facts, place, &yes, e));
    }
    if (!yes || search_is_dirty(x->run->search, x->by_serial[place])) {
        return ERR_OK;
    }
    if (x->check) {
        TRY(run_matches(x->run, x->by_serial[place], &yes, e));
    }
    return yes ? give(x, ctx, place, e) : ERR_OK;
}

/* Documents that are in both streams, or in the one that is used. */
static enum err_code join_streams(struct indexed *x, bool down, document_fn give, void *ctx,
                                  struct err *e)
{
    struct stream *a = &x->streams[x->used[ANYWHERE] ? ANYWHERE : WORDS];
    struct stream *b = &x->streams[x->used[WORDS] ? WORDS : ANYWHERE];
    while (a->more && b->more) {
        if (a->at == b->at) {
            TRY(give_document(x, a->at, give, ctx, e));
            TRY(stream_next(a, e));
            if (a != b) {
                TRY(stream_next(b, e));
            }
        } else {
            TRY(run_look(x->run, e));
            TRY(stream_next((a->at < b->at) != down ? a : b, e));
        }
    }
    return ERR_OK;
}

/* Few candidates of long terms need no second index: their rows tell the rest. */
static enum err_code few_candidates(struct indexed *x, bool down, bool *few, struct err *e)
{
    size_t n = 0;
    *few = false;
    if (!x->used[ANYWHERE] || !x->used[WORDS]) {
        return ERR_OK;
    }
    TRY(stream_open(x, ANYWHERE, down, e));
    while (x->streams[ANYWHERE].more && n++ < FEW_CANDIDATES) {
        TRY(stream_next(&x->streams[ANYWHERE], e));
    }
    *few = !x->streams[ANYWHERE].more;
    return ERR_OK;
}

/* No text is looked for: the codes of every document. */
static enum err_code every_document(struct indexed *x, bool down, document_fn give, void *ctx,
                                    struct err *e)
{
    for (size_t i = 0; i < x->count; i++) {
        TRY(give_document(x, (int64_t)(down ? x->count - i : i + 1), give, ctx, e));
    }
    return ERR_OK;
}

static enum err_code each_document(struct indexed *x, bool down, document_fn give, void *ctx,
                                   struct err *e)
{
    bool few = false;
    if (x->coded) {
        TRY(facts_open(x->run, x->by_serial, x->count, &x->facts, e));
    }
    if (!x->used[ANYWHERE] && !x->used[WORDS]) {
        return every_document(x, down, give, ctx, e);
    }
    TRY(few_candidates(x, down, &few, e));
    if (few) {
        x->used[WORDS] = false;
        x->check = true;
    }
    for (int i = 0; i < INDEXES; i++) {
        if (x->used[i]) {
            TRY(stream_open(x, i, down, e));
        }
    }
    return join_streams(x, down, give, ctx, e);
}

/* ---- meters that changed since the index was made ---- */

/* Each stands before the meter at `place` of the index's order. */
struct changed {
    int64_t id;
    size_t place;
};

struct walk {
    struct indexed *x;
    int column;
    bool down;
    const int64_t *order;
    size_t count;
    struct changed changed[SEARCH_DIRTY_MAX];
    size_t changed_count;
    size_t next;     /* of changed, from the end of the list that the walk begins at */
    size_t given;    /* of the order, before the rest of it was read */
    uint8_t *wanted; /* a bit an id, of those that match; NULL: the stream is in order itself */
    int64_t ids;     /* one past the largest id */
};

/* The first meter of the order that is not dirty, from a place on. */
static size_t clean_from(const struct walk *w, size_t place)
{
    while (place < w->count && search_is_dirty(w->x->run->search, w->order[place])) {
        place++;
    }
    return place;
}

static enum err_code place_of(struct walk *w, int64_t id, size_t *place, struct err *e)
{
    size_t low = 0;
    size_t high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t clean = clean_from(w, middle);
        bool first = true;
        if (clean < high) {
            TRY(run_comes_first(w->x->run, w->column, id, w->order[clean], &first, e));
        }
        if (first) {
            high = middle;
        } else {
            low = clean + 1;
        }
    }
    *place = low;
    return ERR_OK;
}

/* Insertion keeps them in order, also among themselves. */
static enum err_code add_changed(struct walk *w, int64_t id, struct err *e)
{
    struct changed c = {.id = id};
    size_t at = w->changed_count;
    TRY(place_of(w, id, &c.place, e));
    while (at > 0 && w->changed[at - 1].place >= c.place) {
        bool first = true;
        if (w->changed[at - 1].place == c.place) {
            TRY(run_comes_first(w->x->run, w->column, id, w->changed[at - 1].id, &first, e));
        }
        if (!first) {
            break;
        }
        w->changed[at] = w->changed[at - 1];
        at--;
    }
    w->changed[at] = c;
    w->changed_count++;
    return ERR_OK;
}

static enum err_code find_changed(struct walk *w, struct err *e)
{
    size_t count = 0;
    const int64_t *dirty = search_dirty(w->x->run->search, &count);
    for (size_t i = 0; i < count; i++) {
        struct meter_list_row row;
        bool found = false;
        bool yes = false;
        TRY(meter_list_row(w->x->run->db, dirty[i], run_today(w->x->run), &row, &found, e));
        if (found) {
            TRY(run_matches(w->x->run, dirty[i], &yes, e));
        }
        if (yes) {
            TRY(add_changed(w, dirty[i], e));
        }
    }
    return ERR_OK;
}

/* Give out the changed ones that stand before a place of the order, seen in the walk's way. */
static enum err_code give_changed(struct walk *w, size_t place, struct err *e)
{
    while (w->next < w->changed_count) {
        const struct changed *c =
            &w->changed[w->down ? w->changed_count - 1 - w->next : w->next];
        if (w->down ? c->place <= place : c->place > place) {
            break;
        }
        TRY(run_id(w->x->run, c->id, e));
        w->next++;
    }
    return ERR_OK;
}

static enum err_code give_rest(struct walk *w, struct err *e)
{
    while (w->next < w->changed_count) {
        TRY(run_id(w->x->run, w->changed[w->down ? w->changed_count - 1 - w->next : w->next].id,
                   e));
        w->next++;
    }
    return ERR_OK;
}

static enum err_code give_place(struct indexed *x, void *ctx, size_t place, struct err *e)
{
    TRY(give_changed(ctx, place, e));
    return run_id(x->run, x->by_serial[place], e);
}

static enum err_code mark_place(struct indexed *x, void *ctx, size_t place, struct err *e)
{
    struct walk *w = ctx;
    int64_t id = x->by_serial[place];
    (void)e;
    w->wanted[id / 8] |= (uint8_t)(1u << (id % 8));
    return ERR_OK;
}

/* The whole order, or what is wanted of it. */
static enum err_code walk_order(struct walk *w, struct err *e)
{
    for (size_t i = w->given; i < w->count; i++) {
        size_t place = w->down ? w->count - 1 - i : i;
        int64_t id = w->order[place];
        bool wanted = w->wanted == NULL ||
                      (id > 0 && id < w->ids && (w->wanted[id / 8] >> (id % 8) & 1u) != 0);
        if (wanted && !search_is_dirty(w->x->run->search, id)) {
            TRY(give_changed(w, place, e));
            TRY(run_id(w->x->run, id, e));
        }
        TRY(run_look(w->x->run, e));
    }
    return give_rest(w, e);
}

/* Which meters match, then the order with the others left out. */
static enum err_code walk_matching(struct walk *w, struct err *e)
{
    for (size_t i = 0; i < w->x->count; i++) {
        if (w->x->by_serial[i] < 1 || w->x->by_serial[i] > ROW_ID_MAX) {
            return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
        }
        w->ids = w->x->by_serial[i] >= w->ids ? w->x->by_serial[i] + 1 : w->ids;
    }
    w->wanted = mem_alloc((size_t)(w->ids / 8 + 1));
    if (w->wanted == NULL) {
        return err_nomem(e);
    }
    enum err_code code = each_document(w->x, false, mark_place, w, e);
    if (code == ERR_OK) {
        /* Another order takes the place of the one by serial in memory. */
        code = search_order(w->x->run->search, w->column, &w->order, &w->count, e);
    }
    if (code == ERR_OK) {
        code = find_changed(w, e);
    }
    if (code == ERR_OK) {
        code = walk_order(w, e);
    }
    mem_free(w->wanted);
    return code;
}

/* A list without filter of which nothing has changed: its first screenful before the rest. */
static enum err_code give_head(struct walk *w, struct err *e)
{
    int64_t ids[HEAD_MAX];
    size_t dirty = 0;
    size_t count = 0;
    (void)search_dirty(w->x->run->search, &dirty);
    if (dirty > 0) {
        return ERR_OK;
    }
    TRY(search_order_head(w->x->run->search, w->column, w->down, ids, HEAD_MAX, &count, e));
    for (size_t i = 0; i < count; i++) {
        TRY(run_id(w->x->run, ids[w->down ? count - 1 - i : i], e));
    }
    w->given = count;
    return run_now(w->x->run, e);
}

static enum err_code walk_all(struct walk *w, struct err *e)
{
    struct indexed *x = w->x;
    bool filtered = x->used[ANYWHERE] || x->used[WORDS] || x->coded;
    if (filtered && w->column != METER_SERIAL) {
        TRY(search_order(x->run->search, METER_SERIAL, &x->by_serial, &x->count, e));
        return walk_matching(w, e);
    }
    if (!filtered) {
        TRY(give_head(w, e));
    }
    TRY(search_order(x->run->search, w->column, &w->order, &w->count, e));
    x->by_serial = w->order;
    x->count = w->count;
    TRY(find_changed(w, e));
    if (!filtered) {
        return walk_order(w, e);
    }
    TRY(each_document(x, w->down, give_place, w, e));
    return give_rest(w, e);
}

enum err_code through_index(struct finding_run *r, struct err *e)
{
    struct indexed x = {.run = r};
    struct walk *w = mem_alloc(sizeof *w);
    if (w == NULL) {
        return err_nomem(e);
    }
    *w = (struct walk){.x = &x, .column = r->q->sort_column, .down = r->q->descending};
    for (int i = 0; i < INDEXES; i++) {
        buf_init(&x.match[i], 8192);
    }
    for (size_t i = 0; i < r->q->term_count; i++) {
        if (r->q->terms[i].column < 0 || run_is_indexed(r->q->terms[i].column)) {
            add_match(&x, i);
        } else if (r->facts && run_is_fact(r->q->terms[i].column)) {
            x.coded = true;
        } else {
            x.check = true;
        }
    }
    enum err_code code = walk_all(w, e);
    facts_close(x.facts);
    for (int i = 0; i < INDEXES; i++) {
        stmt_done(x.streams[i].s);
        buf_release(&x.match[i]);
    }
    mem_free(w);
    return code;
}
