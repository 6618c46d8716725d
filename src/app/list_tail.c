#include <config.h>

#include <string.h>

#include "app/index_file.h"
#include "app/list_index_priv.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/kinds.h"

/* What changed in a list since its file was made: which rows, from the ledger's entries and
 * from the rows that were added to the tables behind it, and what stands in them now. Rows of
 * customers of whom something was erased are always here: what stands in them is words of the
 * reader's language, and no program writes those into a file. */

#define TAIL_TEXT_MAX ((size_t)8 << 20)
#define TAIL_FIRST 256u
/* Entries that can be gone through before the first key is answered. */
#define ENTRIES_MAX 100000
/* Rows that change the columns that change often; with more those are out of date. */
#define CHANGED_MAX 4096

enum touch {
    TOUCH_ALL, /* a kind that this program does not know may do anything */
    TOUCH_ACCOUNT,
    TOUCH_CUSTOMER,
    TOUCH_METER,
    TOUCH_RUN,
    TOUCH_IMPORT,
    TOUCH_COUNTS,
    TOUCH_NONE
};
static const uint8_t touches[KIND_COUNT + 1] = {
#define TOUCH(kind, what) [KIND_##kind] = TOUCH_##what,
#include "app/list_touch.def"
#undef TOUCH
};
enum touch_rows {
#define TOUCH(kind, what) TOUCH_ROW_##kind,
#include "app/list_touch.def"
#undef TOUCH
    TOUCH_ROWS
};
_Static_assert((int)TOUCH_ROWS == (int)KIND_COUNT, "each kind has a row in list_touch.def");

void list_tail_init(struct list_tail *t)
{
    *t = (struct list_tail){0};
    buf_init(&t->text, TAIL_TEXT_MAX);
}

void list_tail_release(struct list_tail *t)
{
    uint64_t version = t->version;
    mem_free(t->has);
    mem_free(t->ids);
    mem_free(t->ends);
    buf_release(&t->text);
    list_tail_init(t);
    t->version = version + 1; /* never one that was seen before */
}

/* ---- one row ---- */

struct following {
    struct list_index *x;
    struct office *o;
    struct stmt *row; /* that fetches a row's cells; NULL: none was fetched yet */
    struct buf sql;
};

static enum err_code room_for(struct list_tail *t, size_t offset, struct err *e)
{
    if (offset >= t->room) {
        size_t room = (offset + offset / 4 + 8192) / 8 * 8;
        uint8_t *bigger = mem_realloc_array(t->has, room / 8, 1);
        if (bigger == NULL) {
            return err_nomem(e);
        }
        memset(bigger + t->room / 8, 0, (room - t->room) / 8);
        t->has = bigger;
        t->room = room;
    }
    if (t->count == t->size) {
        size_t size = t->size == 0 ? TAIL_FIRST : t->size * 2;
        int64_t *ids = mem_realloc_array(t->ids, size, sizeof *ids);
        t->ids = ids != NULL ? ids : t->ids;
        uint32_t *ends = mem_realloc_array(t->ends, size, sizeof *ends);
        t->ends = ends != NULL ? ends : t->ends;
        if (ids == NULL || ends == NULL) {
            return err_nomem(e);
        }
        t->size = size;
    }
    return ERR_OK;
}

/* What the tail said of it before holds no more. */
static void mark(struct list_tail *t, int64_t id, size_t offset)
{
    if (list_tail_has(t, offset)) {
        for (size_t i = t->count; i-- > 0;) {
            if (t->ids[i] == id) {
                t->ids[i] = 0;
                break;
            }
        }
    }
    t->has[offset / 8] |= (uint8_t)(1u << (offset % 8));
    t->version++;
}

static enum err_code fetch(struct following *f, int64_t id, bool *row, struct err *e)
{
    struct val v = V_INT(id);
    if (f->row != NULL) {
        TRY(stmt_restart(f->row, &v, 1, e));
    } else {
        TRY(list_sql_one(f->o, f->x->q, &f->sql, e));
        TRY(db_query_once(f->o->db, &f->row, e, buf_str(&f->sql), &v, 1));
    }
    return stmt_next(f->row, row, e);
}

static enum err_code take(struct following *f, int64_t id, struct err *e)
{
    struct list_index *x = f->x;
    struct list_tail *t = &x->tail;
    bool row = false;
    size_t offset = id >= x->base ? (size_t)(id - x->base) : SIZE_MAX;
    t->full = t->full || t->count >= LIST_INDEX_TAIL_MAX ||
              offset / LIST_INDEX_IDS_A_ROW >=
                  LIST_INDEX_TO + (size_t)LIST_INDEX_IDS_SPARE; /* else the bits are many */
    if (t->full) {
        return ERR_OK;
    }
    TRY(room_for(t, offset, e));
    TRY(fetch(f, id, &row, e));
    mark(t, id, offset);
    if (!row) {
        return ERR_OK;
    }
    for (size_t i = 0; i < list_columns(x->q); i++) {
        list_cell_add(f->row, (int)i + 1, &t->text);
    }
    t->ids[t->count] = id;
    t->ends[t->count++] = (uint32_t)t->text.len;
    t->full = t->text.failed;
    return ERR_OK;
}

/* ---- many ---- */

/* The rows that a query names; NULL: none. */
static enum err_code take_named(struct following *f, const char *sql, int64_t about,
                                struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    enum err_code code;
    if (sql == NULL) {
        return ERR_OK;
    }
    TRY(db_query(f->o->db, &s, e, sql, VALS(V_INT(about))));
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row && !f->x->tail.full) {
        code = take(f, stmt_int(s, 0), e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(s);
    return code;
}

/* Rows of tables behind the list that were added. Where they are many, only columns are out of
 * date, not rows. */
static enum err_code take_added(struct following *f, struct err *e)
{
    struct list_tail *t = &f->x->tail;
    for (size_t i = 0; i < LIST_SOURCES_MAX && f->x->of->sources[i].newest != NULL; i++) {
        const struct list_source *s = &f->x->of->sources[i];
        int64_t newest = 0;
        TRY(db_get_int(f->o->db, &newest, NULL, e, s->newest, NO_VALS));
        int64_t added = newest - t->known[i];
        t->full = t->full || added < 0 /* some left the table */ ||
                  (!s->changing && added > LIST_INDEX_TAIL_MAX);
        t->stale = t->stale || (s->changing && added > CHANGED_MAX);
        if (added > 0 && !t->full && !(s->changing && t->stale)) {
            TRY(take_named(f, s->rows, t->known[i], e));
        }
        t->known[i] = newest;
    }
    return ERR_OK;
}

/* A number that an entry's data name. */
static enum err_code data_of(struct following *f, int64_t seq, const char *sql, int64_t *out,
                             struct err *e)
{
    bool found = false;
    TRY(db_get_int(f->o->db, out, &found, e, sql, VALS(V_INT(seq))));
    f->x->tail.full = f->x->tail.full || !found;
    return ERR_OK;
}

#define DATA(name) "SELECT json_extract(payload, '$.data." name "') FROM entry WHERE seq = ?"
/* h: seq, kind, meter, account. */
static enum err_code take_entry(struct following *f, const struct stmt *h, struct err *e)
{
    const struct list_indexed *of = f->x->of;
    struct list_tail *t = &f->x->tail;
    int64_t seq = stmt_int(h, 0);
    int64_t about = 0;
    bool stay = false;
    switch ((enum touch)touches[kind_find(stmt_text(h, 1), 1)]) {
    case TOUCH_ALL:
        t->full = true;
        break;
    case TOUCH_ACCOUNT:
        t->full = t->full || stmt_is_null(h, 3);
        return take_named(f, of->of_account, stmt_int(h, 3), e);
    case TOUCH_CUSTOMER:
        TRY(data_of(f, seq, DATA("customer"), &about, e));
        return take_named(f, of->of_customer, about, e);
    case TOUCH_METER:
        t->full = t->full || stmt_is_null(h, 2);
        return take_named(f, of->of_meter, stmt_int(h, 2), e);
    case TOUCH_RUN:
        TRY(data_of(f, seq, DATA("run"), &about, e));
        return take_named(f, of->of_run, about, e);
    case TOUCH_IMPORT:
        TRY(index_rows_stay(f->o->db, seq, &stay, e));
        t->full = t->full || !stay;
        break;
    case TOUCH_COUNTS:
        t->stale = true;
        break;
    case TOUCH_NONE:
        break;
    }
    return ERR_OK;
}

static enum err_code take_entries(struct following *f, struct err *e)
{
    struct stmt *h = NULL;
    bool row = false;
    size_t entries = 0;
    enum err_code code;
    TRY(db_query(f->o->db, &h, e,
                 "SELECT seq, kind, meter, account FROM history WHERE seq > ? ORDER BY seq",
                 VALS(V_INT(f->x->tail.seq))));
    while ((code = stmt_next(h, &row, e)) == ERR_OK && row && !f->x->tail.full) {
        f->x->tail.full = ++entries > ENTRIES_MAX;
        code = take_entry(f, h, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(h);
    return code;
}

static enum err_code take_erased(struct following *f, struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(f->o->db, &s, e,
                 "SELECT DISTINCT id FROM personal_past WHERE owner = 'customer' AND erased IS "
                 "NOT NULL",
                 NO_VALS));
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row && !f->x->tail.full) {
        code = take_named(f, f->x->of->of_customer, stmt_int(s, 0), e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(s);
    return code;
}

static enum err_code follow(struct following *f, int64_t seq, struct err *e)
{
    struct list_tail *t = &f->x->tail;
    if (t->has == NULL) {
        TRY(room_for(t, f->x->room, e));
        TRY(take_erased(f, e));
    }
    t->full = t->full || seq < t->seq; /* an older state was put in its place */
    if (t->full || seq == t->seq) {
        return ERR_OK;
    }
    TRY(take_added(f, e));
    TRY(take_entries(f, e));
    t->seq = seq;
    return ERR_OK;
}

enum err_code list_tail_follow(struct list_index *x, struct office *o, struct err *e)
{
    struct following f = {.x = x, .o = o};
    int64_t seq = 0;
    TRY(db_get_int(o->db, &seq, NULL, e, "SELECT max(seq) FROM history", NO_VALS));
    buf_init(&f.sql, LIST_SQL_MAX);
    enum err_code code = follow(&f, seq, e);
    stmt_done(f.row);
    buf_release(&f.sql);
    return code;
}
