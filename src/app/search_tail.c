#include <config.h>

#include <string.h>

#include "app/index_file.h"
#include "app/meter_cells.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/kinds.h"

#define TAIL_TEXT_MAX ((size_t)32 << 20)
#define TAIL_FIRST 1024u

enum touch { TOUCH_ALL, TOUCH_METER, TOUCH_IMPORT, TOUCH_NEW, TOUCH_NONE };

/* A kind that this program does not know may do anything. */
static const uint8_t touches[KIND_COUNT + 1] = {
#define TOUCH(kind, what) [KIND_##kind] = TOUCH_##what,
#include "app/search_touch.def"
#undef TOUCH
};
enum touch_rows {
#define TOUCH(kind, what) TOUCH_ROW_##kind,
#include "app/search_touch.def"
#undef TOUCH
    TOUCH_ROWS
};
_Static_assert((int)TOUCH_ROWS == (int)KIND_COUNT, "each kind has a row in search_touch.def");

void tail_init(struct search_tail *t)
{
    *t = (struct search_tail){0};
    buf_init(&t->text, TAIL_TEXT_MAX);
}

void tail_release(struct search_tail *t)
{
    mem_free(t->doc_of);
    mem_free(t->ids);
    mem_free(t->ends);
    buf_release(&t->text);
    tail_init(t);
}

/* ---- one meter ---- */

static enum err_code room_for_meter(struct search_tail *t, uint32_t meter, struct err *e)
{
    size_t room = meter < t->room ? t->room : (size_t)meter + meter / 4 + TAIL_FIRST;
    if (room > t->room) {
        uint32_t *bigger = mem_realloc_array(t->doc_of, room, sizeof *bigger);
        if (bigger == NULL) {
            return err_nomem(e);
        }
        memset(bigger + t->room, 0, (room - t->room) * sizeof *bigger);
        t->doc_of = bigger;
        t->room = room;
    }
    return ERR_OK;
}

static enum err_code room_for_document(struct search_tail *t, struct err *e)
{
    if (t->count == t->size) {
        size_t size = t->size == 0 ? TAIL_FIRST : t->size * 2;
        uint32_t *ids = mem_realloc_array(t->ids, size, sizeof *ids);
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

static bool number_fits(int64_t meter)
{
    return meter > 0 && meter <= SEARCH_ID_MAX;
}

/* What the tail said of it before holds no more. */
static enum err_code forget(struct search_tail *t, uint32_t meter, uint32_t by, struct err *e)
{
    TRY(room_for_meter(t, meter, e));
    uint32_t old = t->doc_of[meter];
    if (old != 0 && old != TAIL_GONE) {
        t->ids[old - 1] = 0;
    }
    t->doc_of[meter] = by;
    return ERR_OK;
}

/* The current row of: id, cells. */
static enum err_code take_row(struct search_tail *t, const struct stmt *q, struct err *e)
{
    int64_t meter = stmt_int(q, 0);
    t->full = t->full || t->count >= SEARCH_TAIL_MAX || !number_fits(meter);
    if (t->full) {
        return ERR_OK;
    }
    TRY(room_for_document(t, e));
    TRY(room_for_meter(t, (uint32_t)meter, e));
    cells_add(q, 1, &t->text);
    if (t->text.failed) {
        t->full = true;
        return ERR_OK;
    }
    TRY(forget(t, (uint32_t)meter, (uint32_t)t->count + 1, e));
    t->ids[t->count] = (uint32_t)meter;
    t->ends[t->count++] = (uint32_t)t->text.len;
    return ERR_OK;
}

static enum err_code take_meter(struct search_tail *t, struct db *office, int64_t meter,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (!number_fits(meter)) {
        t->full = true;
        return ERR_OK;
    }
    TRY(db_query(office, &q, e,
                 "SELECT m.id, " METER_CELLS_COLUMNS
                 " " METER_CELLS_FROM("main.personal") "WHERE m.id = ?",
                 VALS(V_INT(meter))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code = row ? take_row(t, q, e) : forget(t, (uint32_t)meter, TAIL_GONE, e);
    }
    stmt_done(q);
    return code;
}

/* ---- many ---- */

static enum err_code take_new(struct search_tail *t, struct db *office, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(office, &q, e,
                 "SELECT m.id, " METER_CELLS_COLUMNS
                 " " METER_CELLS_FROM("main.personal") "WHERE m.id > ? ORDER BY m.id",
                 VALS(V_INT(t->meter))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row && !t->full) {
        code = take_row(t, q, e);
        if (code != ERR_OK) {
            break;
        }
        t->meter = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}

/* Meters that a query names, but for those after `known`, which were just taken. */
static enum err_code take_named(struct search_tail *t, struct db *office, const char *sql,
                                int64_t about, int64_t known, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(office, &q, e, sql, VALS(V_INT(about))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row && !t->full) {
        code = stmt_int(q, 0) <= known ? take_meter(t, office, stmt_int(q, 0), e) : ERR_OK;
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code take_entry(struct search_tail *t, struct db *office, const struct stmt *h,
                                int64_t known, struct err *e)
{
    uint8_t touch = touches[kind_find(stmt_text(h, 0), 1)];
    bool stay = false;
    if (touch == TOUCH_NEW || touch == TOUCH_NONE) {
        return ERR_OK;
    }
    if (touch == TOUCH_IMPORT) {
        TRY(index_rows_stay(office, stmt_int(h, 2), &stay, e));
        t->full = t->full || !stay;
        return ERR_OK;
    }
    t->full = t->full || touch == TOUCH_ALL || stmt_is_null(h, 1);
    return t->full ? ERR_OK
                   : take_named(t, office,
                                "SELECT id FROM meter WHERE id = ?1 UNION ALL SELECT id FROM "
                                "meter WHERE replaces = ?1",
                                stmt_int(h, 1), known, e);
}

static enum err_code take_entries(struct search_tail *t, struct db *office, int64_t known,
                                  struct err *e)
{
    struct stmt *h = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(office, &h, e,
                 "SELECT kind, meter, seq FROM history WHERE seq > ? ORDER BY seq",
                 VALS(V_INT(t->seq))));
    while ((code = stmt_next(h, &row, e)) == ERR_OK && row && !t->full) {
        code = take_entry(t, office, h, known, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(h);
    return code;
}

enum err_code tail_follow(struct search_tail *t, struct db *office, struct err *e)
{
    int64_t seq = 0;
    int64_t assignment = t->assignment;
    int64_t known = t->meter;
    TRY(db_get_int(office, &seq, NULL, e, "SELECT max(seq) FROM history", NO_VALS));
    t->full = t->full || seq < t->seq; /* an older state was put in its place */
    if (t->full || seq == t->seq) {
        return ERR_OK;
    }
    TRY(db_get_int(office, &assignment, NULL, e, "SELECT max(id) FROM assignment", NO_VALS));
    TRY(take_new(t, office, e));
    TRY(take_entries(t, office, known, e));
    TRY(take_named(t, office, "SELECT DISTINCT meter FROM assignment WHERE id > ?",
                   t->assignment, known, e));
    t->assignment = assignment;
    t->seq = seq;
    return ERR_OK;
}
