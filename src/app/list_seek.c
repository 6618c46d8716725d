#include <config.h>

#include <string.h>

#include "app/list_index_priv.h"
#include "app/personal.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

/* A list's rows through its index: each term's cells are gone through chunk by chunk, what
 * changed since stands in memory, and both are handed out in the order that was asked for. */

/* Chunks between two looks at whether the list is still wanted: a millisecond or two. */
#define CHUNKS_BETWEEN_LOOKS 8u
#define BITS_BYTES (LIST_INDEX_DOCS / 8u)

struct seeking {
    struct list_index *x;
    struct office *o;
    const struct list_ask *ask;
    struct list_taking *t;
    struct cell_term term[LIST_TERMS_MAX]; /* cells: columns that it may stand in */
    unsigned in_file[LIST_TERMS_MAX];      /* those of them that the file tells of */
    uint8_t signs[LIST_TERMS_MAX][LIST_SIGNS];
    size_t term_count;
    size_t column; /* sorted by */
    bool down;
    uint8_t *tail_hits; /* a byte a document of the tail: it matches */
    uint8_t *wanted;    /* a bit a row of the file; NULL: not asked */
    size_t next;        /* of the placed ones, from the end at which the walk begins */
    size_t looks;
    uint32_t ids[LIST_INDEX_DOCS];
    size_t count;
    uint8_t hits[BITS_BYTES], some[BITS_BYTES];
    uint8_t in_chunk[LIST_COLUMNS_MAX][LIST_SIGNS];
};

/* ---- terms ---- */

/* An empty one is in every row. */
static void take_terms(struct seeking *s, const struct buf *folded)
{
    const struct list_query *q = s->x->q;
    for (size_t i = 0; i < s->ask->term_count; i++) {
        const char *text = buf_str(&folded[i]);
        int only = s->ask->terms[i].column;
        unsigned cells = 0;
        if (text[0] == '\0') {
            continue;
        }
        for (size_t c = 0; c < list_columns(q); c++) {
            bool may = (only < 0 || c == (size_t)only) && list_may_hold(&q->columns[c], text);
            cells |= may ? 1u << c : 0;
        }
        s->term[s->term_count] = cell_term_of(text, cells);
        s->term[s->term_count].anywhere = true;
        s->in_file[s->term_count] = cells & ~(s->x->masked ? s->x->personal : 0u);
        for (const char *at = text; *at != '\0'; at++) {
            list_sign_add(s->signs[s->term_count], *at);
        }
        s->term_count++;
    }
}

/* Might it stand in one of the columns that change often? */
static bool asks_changing(const struct seeking *s, const struct cell_term *t)
{
    unsigned cells = t->cells & s->x->changing;
    for (size_t c = 0; c < list_columns(s->x->q); c++) {
        bool text = s->x->q->columns[c].type == LIST_TEXT;
        if ((cells >> c & 1u) != 0 &&
            (!text || s->x->of->words == NULL || strstr(s->x->of->words, t->text) != NULL)) {
            return true;
        }
    }
    return false;
}

/* What the index cannot tell: a mask, words over two lines, what is out of date. */
static bool can_tell(const struct seeking *s, bool changing)
{
    for (size_t i = 0; i < s->term_count; i++) {
        const struct cell_term *t = &s->term[i];
        if (strchr(t->text, '\n') != NULL || strchr(t->text, METER_CELL_END) != NULL ||
            (s->x->masked && (t->cells & s->x->personal) != 0 &&
             strstr(PERSONAL_MASK, t->text) != NULL) ||
            (!changing && asks_changing(s, t))) {
            return false;
        }
    }
    return true;
}

/* ---- a chunk ---- */

static bool get_bit(const uint8_t *bits, size_t i)
{
    return (bits[i / 8] >> (i % 8) & 1u) != 0;
}

static void set_bit(uint8_t *bits, size_t i)
{
    bits[i / 8] |= (uint8_t)(1u << (i % 8));
}

/* Documents of the chunk in whose cells the term stands, into `some`; false: damaged. */
static bool seek_cells(struct seeking *s, const char *text, size_t len,
                       const struct cell_term *t)
{
    const char *cell = text; /* of document doc */
    size_t doc = 0;
    if (len == 0 || text[len - 1] != METER_CELL_END) {
        return false;
    }
    const char *end = text + len;
    const char *at = cell_seek(text, text, end, t);
    if (s->count > 1 && memchr(text, METER_CELL_END, len) == end - 1) { /* all are the same */
        for (size_t i = 0; at != NULL && i < s->count; i++) {
            set_bit(s->some, i);
        }
        return true;
    }
    while (at != NULL) {
        const char *cell_end = memchr(cell, METER_CELL_END, (size_t)(end - cell));
        if (cell_end > at) {
            set_bit(s->some, doc);
            at = cell_seek(text, cell_end + 1, end, t);
        }
        cell = cell_end + 1;
        if (++doc > s->count || (at != NULL && doc == s->count)) {
            return false;
        }
    }
    return true;
}

static enum err_code seek_column(struct seeking *s, size_t column, size_t chunk,
                                 const struct cell_term *t, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(s->x->db, &q, e, "SELECT cells FROM cell WHERE id = ?",
                 VALS(V_INT(list_chunk_id(column, chunk)))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t len = 0;
        const char *text = stmt_blob(q, 0, &len);
        row = seek_cells(s, text, len, t);
    }
    stmt_done(q);
    return code == ERR_OK && !row ? list_index_damaged(e) : code;
}

/* Which bytes stand in each column of a chunk. */
static enum err_code take_signs(struct seeking *s, size_t chunk, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(s->x->db, &q, e, "SELECT signs FROM sign WHERE chunk = ?",
                 VALS(V_INT(chunk))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t len = 0;
        const void *signs = stmt_blob(q, 0, &len);
        row = len == list_columns(s->x->q) * sizeof s->in_chunk[0];
        if (row) {
            memcpy(s->in_chunk, signs, len);
        }
    }
    stmt_done(q);
    return code == ERR_OK && !row ? list_index_damaged(e) : code;
}

static bool has_signs(const uint8_t of[LIST_SIGNS], const uint8_t all[LIST_SIGNS])
{
    for (size_t i = 0; i < LIST_SIGNS; i++) {
        if ((of[i] & ~all[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Documents of a chunk that match all terms, into `hits`; *any: there are some. */
static enum err_code seek_chunk(struct seeking *s, size_t chunk, bool *any, struct err *e)
{
    *any = true;
    s->count = list_chunk_count(s->x, chunk);
    memset(s->hits, 0xFF, sizeof s->hits);
    TRY(s->term_count > 0 ? take_signs(s, chunk, e) : ERR_OK);
    for (size_t i = 0; i < s->term_count && *any; i++) {
        memset(s->some, 0, sizeof s->some);
        for (size_t c = 0; c < list_columns(s->x->q); c++) {
            if ((s->in_file[i] >> c & 1u) != 0 && has_signs(s->signs[i], s->in_chunk[c])) {
                TRY(seek_column(s, c, chunk, &s->term[i], e));
            }
        }
        *any = false;
        for (size_t k = 0; k < BITS_BYTES; k++) {
            s->hits[k] &= s->some[k];
            *any = *any || s->hits[k] != 0;
        }
    }
    return ERR_OK;
}

static enum err_code look(struct seeking *s, struct err *e)
{
    return ++s->looks % CHUNKS_BETWEEN_LOOKS == 0 ? list_give_now(s->t, e) : ERR_OK;
}

/* ---- handing out ---- */

static const struct list_placed *next_placed(const struct seeking *s)
{
    size_t n = s->x->placed_count;
    return s->next == n ? NULL : &s->x->placed[s->down ? n - 1 - s->next : s->next];
}

/* Those of the tail that stand before a place of the file's order, seen in the walk's way. */
static enum err_code give_placed(struct seeking *s, size_t place, struct err *e)
{
    const struct list_placed *p;
    while ((p = next_placed(s)) != NULL && (s->down ? p->place > place : p->place <= place)) {
        s->next++;
        if (s->tail_hits[p->doc] != 0) {
            TRY(list_give(s->t, p->id, e));
        }
    }
    return ERR_OK;
}

static enum err_code give_rest(struct seeking *s, struct err *e)
{
    const struct list_placed *p;
    while ((p = next_placed(s)) != NULL) {
        s->next++;
        if (s->tail_hits[p->doc] != 0) {
            TRY(list_give(s->t, p->id, e));
        }
    }
    return ERR_OK;
}

/* Of the chunk's rows those that are hit, and not told of by the tail. */
static enum err_code give_chunk(struct seeking *s, size_t chunk, struct err *e)
{
    for (size_t i = 0; i < s->count; i++) {
        size_t doc = s->down ? s->count - 1 - i : i;
        uint32_t id = s->ids[doc];
        bool hit = s->wanted != NULL ? get_bit(s->wanted, id) : get_bit(s->hits, doc);
        if (hit && !list_tail_has(&s->x->tail, id)) {
            TRY(give_placed(s, chunk * LIST_INDEX_DOCS + doc, e));
            TRY(list_give(s->t, s->x->base + id, e));
        }
    }
    return ERR_OK;
}

/* ---- the whole ---- */

/* The cells lie in the order of the first column: what is found is handed out at once. */
static enum err_code walk_cells(struct seeking *s, struct err *e)
{
    size_t chunks = s->x->chunks;
    for (size_t i = 0; i < chunks; i++) {
        size_t chunk = s->down ? chunks - 1 - i : i;
        bool any = false;
        TRY(seek_chunk(s, chunk, &any, e));
        if (any) {
            TRY(list_chunk_ids(s->x, 0, chunk, s->ids, &s->count, e));
            TRY(give_chunk(s, chunk, e));
        }
        TRY(look(s, e));
    }
    return give_rest(s, e);
}

static enum err_code make_wanted(struct seeking *s, struct err *e)
{
    size_t room = s->x->room > s->x->tail.room ? s->x->room : s->x->tail.room;
    s->wanted = mem_alloc(room / 8 + 1);
    if (s->wanted == NULL) {
        return err_nomem(e);
    }
    for (size_t chunk = 0; chunk < s->x->chunks; chunk++) {
        bool any = false;
        TRY(seek_chunk(s, chunk, &any, e));
        if (any) {
            TRY(list_chunk_ids(s->x, 0, chunk, s->ids, &s->count, e));
        }
        for (size_t i = 0; i < s->count && any; i++) {
            if (get_bit(s->hits, i)) {
                set_bit(s->wanted, s->ids[i]);
            }
        }
        TRY(look(s, e));
    }
    return ERR_OK;
}

static enum err_code walk_order(struct seeking *s, struct err *e)
{
    size_t chunks = s->x->chunks;
    if (s->term_count > 0) {
        TRY(make_wanted(s, e));
    } else {
        memset(s->hits, 0xFF, sizeof s->hits);
    }
    for (size_t i = 0; i < chunks; i++) {
        size_t chunk = s->down ? chunks - 1 - i : i;
        TRY(list_chunk_ids(s->x, s->column, chunk, s->ids, &s->count, e));
        TRY(give_chunk(s, chunk, e));
        TRY(look(s, e));
    }
    return give_rest(s, e);
}

/* The file does not tell the order: the database sorts. */
static enum err_code by_rows(struct seeking *s, struct err *e)
{
    const struct list_tail *t = &s->x->tail;
    TRY(make_wanted(s, e));
    for (size_t i = 0; i < t->room / 8; i++) {
        s->wanted[i] &= (uint8_t)~t->has[i];
    }
    for (size_t i = 0; i < t->count; i++) {
        if (t->ids[i] != 0 && s->tail_hits[i] != 0) {
            set_bit(s->wanted, (size_t)(t->ids[i] - s->x->base));
        }
    }
    struct list_marks m = {s->wanted, s->x->base, s->x->room > t->room ? s->x->room : t->room};
    return list_marked_ids(s->o, s->x->q, s->ask, &m, s->t, e);
}

static enum err_code seek_tail(struct seeking *s, struct err *e)
{
    const struct list_tail *t = &s->x->tail;
    s->tail_hits = mem_alloc(t->count + 1);
    if (s->tail_hits == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < t->count; i++) {
        size_t from = i > 0 ? t->ends[i - 1] : 0;
        bool yes = true;
        for (size_t k = 0; k < s->term_count && yes; k++) {
            yes = cells_have(t->text.data + from, t->ends[i] - from, &s->term[k]);
        }
        s->tail_hits[i] = yes;
    }
    return ERR_OK;
}

static enum err_code seek(struct seeking *s, bool changing, struct err *e)
{
    unsigned bit = 1u << s->column;
    bool told = (changing || (s->x->changing & bit) == 0) &&
                (!s->x->masked || (s->x->personal & bit) == 0);
    if (!told && s->term_count == 0) {
        return list_marked_ids(s->o, s->x->q, s->ask, NULL, s->t, e);
    }
    TRY(seek_tail(s, e));
    if (!told) {
        return by_rows(s, e);
    }
    TRY(list_place(s->x, s->o, s->column, e));
    return s->column == 0 ? walk_cells(s, e) : walk_order(s, e);
}

static enum err_code in_snapshot(struct seeking *s, const struct list_query *q,
                                 const struct buf *folded, bool *answered, struct err *e)
{
    bool usable = false;
    bool changing = false;
    db_set_stop(s->o->db, NULL, NULL); /* half a tail is of no use: it is taken in first */
    enum err_code code =
        list_index_usable(s->x, s->o, q, s->ask->masked, &usable, &changing, e);
    db_set_stop(s->o->db, list_unwanted, s->t);
    if (code != ERR_OK || !usable) {
        return code;
    }
    take_terms(s, folded);
    if (!can_tell(s, changing)) {
        return ERR_OK;
    }
    *answered = true;
    return seek(s, changing, e);
}

enum err_code list_index_ids(struct list_index *x, struct office *o, const struct list_query *q,
                             const struct list_ask *ask, const struct buf *folded,
                             struct list_taking *t, bool *answered, struct err *e)
{
    *answered = false;
    if (list_indexed_find(q) == NULL) {
        return ERR_OK;
    }
    struct seeking *s = mem_alloc(sizeof *s);
    bool ours = !db_in_transaction(o->db);
    if (s == NULL) {
        return err_nomem(e);
    }
    s->x = x;
    s->o = o;
    s->ask = ask;
    s->t = t;
    s->column = list_sort_column(q, ask);
    s->down = ask->descending;
    enum err_code code = ours ? db_begin_read(o->db, e) : ERR_OK;
    if (code == ERR_OK) {
        code = in_snapshot(s, q, folded, answered, e);
    }
    if (ours) {
        db_rollback(o->db);
    }
    if (code == ERR_TAMPERED) { /* it is made anew; now every row is looked at */
        list_index_drop(x);
        *answered = t->any;
        code = t->any ? code : ERR_OK;
        t->count = 0;
    }
    mem_free(s->wanted);
    mem_free(s->tail_hits);
    mem_free(s);
    return code;
}
