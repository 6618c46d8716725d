#include <config.h>

#include <string.h>

#include "app/meter_order.h"
#include "app/meters_run.h"
#include "base/arena.h"
#include "base/i18n.h"

/* A search through the index of app/search.h: which meters match from their folded cells and
 * their codes, in which order from its arrays; what changed since it was made from its tail. */

/* Chunks between two looks at whether the list is still wanted: a millisecond. */
#define CHUNKS_BETWEEN_LOOKS 8u

struct indexed {
    struct finding_run *run;
    struct search *s;
    struct facts *facts; /* NULL: no term is on the codes */
    bool cells;          /* terms are on the cells */
    bool reads;          /* and on what was read last */
    bool alone;          /* one term, in any cell: where it is found the meter matches */
    size_t driver;       /* the term that is looked for first */
    uint8_t *wanted;     /* a bit a meter of the file whose cells match; NULL: not asked */
    size_t room;         /* one past the largest meter */
    bool down;
    const struct meter_order *order;
    const struct search_placed *placed;
    size_t next; /* of placed, from the end of the list at which the walk begins */
    size_t chunks;
};

/* ---- one meter ---- */

static bool is_wanted(const struct indexed *x, uint32_t id)
{
    return x->wanted == NULL || (id < x->room && (x->wanted[id / 8] >> (id % 8) & 1u) != 0);
}

/* The file does not tell what was read last. */
static bool read_since(const struct indexed *x, uint32_t id)
{
    return facts_read(&x->s->facts, id) || tail_has(&x->s->tail, id);
}

/* Its cells match, and its reading as far as the file tells it: the rest of the terms. */
static enum err_code rest_holds(struct indexed *x, uint32_t id, bool *yes, struct err *e)
{
    enum facts_say say = x->facts != NULL ? facts_match(x->facts, id) : FACTS_YES;
    bool look = say == FACTS_LOOK || (x->reads && read_since(x, id));
    *yes = say != FACTS_NO;
    return *yes && look ? run_matches(x->run, id, yes, e) : ERR_OK;
}

/* One that the file's order does not tell of. */
static enum err_code placed_holds(struct indexed *x, uint32_t id, bool *yes, struct err *e)
{
    const struct search_tail *t = &x->s->tail;
    *yes = true;
    if (tail_has(t, id) && t->doc_of[id] == TAIL_GONE) {
        *yes = false;
    } else if (tail_has(t, id)) {
        size_t at = t->doc_of[id] - 1;
        size_t from = at > 0 ? t->ends[at - 1] : 0;
        *yes = !x->cells || run_cells_match(x->run, t->text.data + from, t->ends[at] - from);
    } else {
        *yes = is_wanted(x, id);
    }
    return *yes ? rest_holds(x, id, yes, e) : ERR_OK;
}

static const struct placed *next_placed(const struct indexed *x)
{
    const struct search_placed *p = x->placed;
    if (p == NULL || x->next == p->count) {
        return NULL;
    }
    return &p->list[x->down ? p->count - 1 - x->next : x->next];
}

static enum err_code give_next(struct indexed *x, uint32_t id, struct err *e)
{
    bool yes = false;
    x->next++;
    TRY(placed_holds(x, id, &yes, e));
    return yes ? run_id(x->run, id, e) : ERR_OK;
}

/* Give out those that stand before a place of the file's order, seen in the walk's way. */
static enum err_code give_placed(struct indexed *x, size_t place, struct err *e)
{
    const struct placed *p;
    while ((p = next_placed(x)) != NULL && (x->down ? p->place > place : p->place <= place)) {
        TRY(give_next(x, p->id, e));
    }
    return ERR_OK;
}

static enum err_code give_rest(struct indexed *x, struct err *e)
{
    const struct placed *p;
    while ((p = next_placed(x)) != NULL) {
        TRY(give_next(x, p->id, e));
    }
    return ERR_OK;
}

/* What is done with a meter of the file, at its place. */
typedef enum err_code (*meter_fn)(struct indexed *x, uint32_t id, size_t place, struct err *e);

static enum err_code give_meter(struct indexed *x, uint32_t id, size_t place, struct err *e)
{
    bool yes = is_wanted(x, id) && !tail_has(&x->s->tail, id) &&
               !(x->order->readings && facts_read(&x->s->facts, id));
    if (yes) {
        TRY(rest_holds(x, id, &yes, e));
    }
    if (!yes) {
        return ERR_OK;
    }
    TRY(give_placed(x, place, e));
    return run_id(x->run, id, e);
}

static enum err_code mark_meter(struct indexed *x, uint32_t id, size_t place, struct err *e)
{
    (void)place;
    if (id >= x->room) {
        return search_damaged(e);
    }
    x->wanted[id / 8] |= (uint8_t)(1u << (id % 8));
    return ERR_OK;
}

/* ---- chunks ---- */

static enum err_code chunk_look(struct indexed *x, struct err *e)
{
    return ++x->chunks % CHUNKS_BETWEEN_LOOKS == 0 ? run_now(x->run, e) : ERR_OK;
}

struct chunk {
    uint32_t ids[SEARCH_DOCS], ends[SEARCH_DOCS];
    uint16_t hits[SEARCH_DOCS];
    size_t count, hit_count;
    size_t place; /* of the first */
    const char *cells, *reads;
    size_t len;
    uint32_t read_ends[SEARCH_DOCS];
};

/* ends: one for each document of a text of so many bytes. */
static bool ends_take(const struct stmt *q, int column, size_t count, size_t bytes,
                      uint32_t *ends)
{
    size_t len = 0;
    const void *blob = stmt_blob(q, column, &len);
    if (len != count * sizeof *ends) {
        return false;
    }
    memcpy(ends, blob, len);
    for (size_t i = 0; i < count; i++) {
        if (ends[i] > bytes || (i > 0 && ends[i] < ends[i - 1])) {
            return false;
        }
    }
    return ends[count - 1] == bytes;
}

/* Columns: chunk, ids, ends, cells, and, where readings are looked for, read_ends, reads. */
static enum err_code chunk_take(const struct indexed *x, struct chunk *c, const struct stmt *q,
                                struct err *e)
{
    size_t len = 0;
    size_t reads_len = 0;
    const void *ids = stmt_blob(q, 1, &len);
    c->cells = stmt_blob(q, 3, &c->len);
    c->reads = x->reads ? stmt_blob(q, 5, &reads_len) : NULL;
    c->place = (size_t)stmt_int(q, 0) * SEARCH_DOCS;
    c->count = len / sizeof c->ids[0];
    if (c->count == 0 || c->count > SEARCH_DOCS || len % sizeof c->ids[0] != 0) {
        return search_damaged(e);
    }
    memcpy(c->ids, ids, len);
    return ends_take(q, 2, c->count, c->len, c->ends) &&
                   (!x->reads || ends_take(q, 4, c->count, reads_len, c->read_ends))
               ? ERR_OK
               : search_damaged(e);
}

/* Documents whose cells match. */
static void chunk_seek(const struct indexed *x, struct chunk *c)
{
    const struct cell_term *t = &x->run->term[x->driver];
    const char *end = c->cells + c->len;
    const char *at = cell_seek(c->cells, c->cells, end, t);
    c->hit_count = 0;
    for (size_t doc = 0; at != NULL; at = cell_seek(c->cells, at, end, t)) {
        while (c->ends[doc] <= (size_t)(at - c->cells)) {
            doc++;
        }
        size_t from = doc > 0 ? c->ends[doc - 1] : 0;
        if (x->alone || run_cells_match(x->run, c->cells + from, c->ends[doc] - from)) {
            c->hits[c->hit_count++] = (uint16_t)doc;
        }
        at = c->cells + c->ends[doc];
    }
}

static bool reading_holds(const struct indexed *x, const struct chunk *c, size_t doc)
{
    const struct finding_run *r = x->run;
    size_t from = doc > 0 ? c->read_ends[doc - 1] : 0;
    const char *text = c->reads + from;
    const char *end = c->reads + c->read_ends[doc];
    for (size_t i = 0; i < r->q->term_count; i++) {
        if (r->q->terms[i].column == METER_READING &&
            cell_seek(text, text, end, &r->term[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* Those of them, or of all, whose reading matches, or was made since. */
static void chunk_sift(const struct indexed *x, struct chunk *c)
{
    size_t kept = 0;
    for (size_t i = 0; !x->cells && i < c->count; i++) {
        c->hits[i] = (uint16_t)i;
    }
    c->hit_count = x->cells ? c->hit_count : c->count;
    for (size_t i = 0; i < c->hit_count; i++) {
        if (read_since(x, c->ids[c->hits[i]]) || reading_holds(x, c, c->hits[i])) {
            c->hits[kept++] = c->hits[i];
        }
    }
    c->hit_count = kept;
}

static void chunk_find(const struct indexed *x, struct chunk *c)
{
    if (x->cells) {
        chunk_seek(x, c);
    }
    if (x->reads) {
        chunk_sift(x, c);
    }
}

static enum err_code chunk_give(struct indexed *x, const struct chunk *c, bool down,
                                meter_fn give, struct err *e)
{
    for (size_t i = 0; i < c->hit_count; i++) {
        size_t doc = c->hits[down ? c->hit_count - 1 - i : i];
        if (c->ids[doc] == 0 || c->ids[doc] > SEARCH_ID_MAX) {
            return search_damaged(e);
        }
        TRY(give(x, c->ids[doc], c->place + doc, e));
    }
    return ERR_OK;
}

#define DOCS(more) "SELECT chunk, ids, ends, cells" more " FROM doc ORDER BY chunk"
static const char *const docs_sql[2][2] = {
    {DOCS(""), DOCS("") " DESC"},
    {DOCS(", read_ends, reads"), DOCS(", read_ends, reads") " DESC"}};

/* Meters whose cells and readings match, in the order of their serials. */
static enum err_code each_match(struct indexed *x, bool down, meter_fn give, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    struct chunk *c = mem_alloc(sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    code = db_query(x->s->db, &q, e, docs_sql[x->reads ? 1 : 0][down ? 1 : 0], NO_VALS);
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = chunk_take(x, c, q, e);
        if (code == ERR_OK) {
            chunk_find(x, c);
            code = chunk_give(x, c, down, give, e);
        }
        if (code == ERR_OK) {
            code = chunk_look(x, e);
        }
    }
    stmt_done(q);
    mem_free(c);
    return code;
}

/* ---- orders ---- */

static enum err_code piece_give(struct indexed *x, const struct stmt *q, meter_fn give,
                                struct err *e)
{
    uint32_t ids[SEARCH_ORDERED];
    size_t len = 0;
    const void *blob = stmt_blob(q, 0, &len);
    size_t place = (size_t)stmt_int(q, 1) * SEARCH_ORDERED;
    size_t count = len / sizeof ids[0];
    if (count == 0 || count > SEARCH_ORDERED || len % sizeof ids[0] != 0) {
        return search_damaged(e);
    }
    memcpy(ids, blob, len);
    for (size_t i = 0; i < count; i++) {
        size_t at = x->down ? count - 1 - i : i;
        if (ids[at] == 0 || ids[at] > SEARCH_ID_MAX) {
            return search_damaged(e);
        }
        TRY(give(x, ids[at], place + at, e));
    }
    return chunk_look(x, e);
}

/* All meters of the file in the order of a column. */
static enum err_code each_in_order(struct indexed *x, int column, meter_fn give, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(x->s->db, &q, e,
                 x->down ? "SELECT ids, chunk FROM ordering WHERE col = ? ORDER BY chunk DESC"
                         : "SELECT ids, chunk FROM ordering WHERE col = ? ORDER BY chunk",
                 VALS(V_INT(column))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = piece_give(x, q, give, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

/* ---- the whole ---- */

static enum err_code make_wanted(struct indexed *x, struct err *e)
{
    x->wanted = mem_alloc(x->room / 8 + 1);
    return x->wanted != NULL ? each_match(x, false, mark_meter, e) : err_nomem(e);
}

static enum err_code mark_all(struct indexed *x, struct err *e)
{
    x->wanted = mem_alloc(x->room / 8 + 1);
    return x->wanted != NULL ? each_in_order(x, METER_SERIAL, mark_meter, e) : err_nomem(e);
}

/* So many changed that they cannot be sorted in: the database sorts, the index tells what
 * matches. */
static enum err_code by_rows(struct indexed *x, struct err *e)
{
    const struct search_tail *t = &x->s->tail;
    if (x->run->q->term_count == 0) {
        return run_rows(x->run, NULL, 0, e);
    }
    TRY(x->cells || x->reads ? make_wanted(x, e) : mark_all(x, e));
    for (size_t i = 0; i < t->count; i++) {
        if (t->ids[i] != 0) {
            TRY(mark_meter(x, t->ids[i], 0, e));
        }
    }
    for (uint32_t id = 1; id < x->room; id++) {
        bool yes = false;
        if (is_wanted(x, id)) {
            TRY(placed_holds(x, id, &yes, e));
            x->wanted[id / 8] &= (uint8_t) ~(yes ? 0u : 1u << (id % 8));
            TRY(run_look(x->run, e));
        }
    }
    return run_rows(x->run, x->wanted, x->room, e);
}

static enum err_code walk(struct indexed *x, int column, struct err *e)
{
    bool fit = false;
    TRY(search_placed(x->s, x->run->db, column, &fit, &x->placed, e));
    if (!fit) {
        return by_rows(x, e);
    }
    if ((x->cells || x->reads) && column == METER_SERIAL) {
        TRY(each_match(x, x->down, give_meter, e));
        return give_rest(x, e);
    }
    if (x->cells || x->reads) {
        TRY(make_wanted(x, e));
    }
    TRY(each_in_order(x, column, give_meter, e));
    return give_rest(x, e);
}

/* The longest is the rarest, or so one may hope. */
static void choose_driver(struct indexed *x)
{
    const struct finding_run *r = x->run;
    for (size_t i = 0; i < r->q->term_count; i++) {
        if (!run_in_cells(r, i)) {
            x->reads = x->reads || r->q->terms[i].column == METER_READING;
            continue;
        }
        if (!x->cells || r->term[i].len > r->term[x->driver].len) {
            x->driver = i;
        }
        x->cells = true;
    }
    x->alone = r->q->term_count == 1 && x->cells &&
               r->term[x->driver].cells == (1u << METER_CELLS) - 1;
}

static size_t room_for(const struct search *s)
{
    int64_t largest = s->meter > s->tail.meter ? s->meter : s->tail.meter;
    return largest > 0 ? (size_t)largest + 1 : 1;
}

enum err_code through_index(struct finding_run *r, struct err *e)
{
    int column = r->q->sort_column;
    struct indexed x = {.run = r,
                        .s = r->search,
                        .down = r->q->descending,
                        .order = &meter_orders[column],
                        .room = room_for(r->search)};
    enum err_code code = ERR_OK;
    choose_driver(&x);
    for (size_t i = 0; i < r->q->term_count && x.facts == NULL; i++) {
        if (run_is_fact(r->q->terms[i].column)) {
            code = facts_open(r, &x.facts, e);
        }
    }
    if (code == ERR_OK) {
        code = walk(&x, column, e);
    }
    facts_close(x.facts);
    mem_free(x.wanted);
    return code;
}
