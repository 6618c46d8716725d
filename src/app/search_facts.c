#include <config.h>

#include <string.h>

#include "app/query_meter.h"
#include "app/search.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

/* The codes of each meter in the index: what columns of few different words showed when it was
 * made, one array a column, in the order of the documents. */

#define AT_ONCE 16384u
#define DAY_SECONDS 86400

const char *const search_kinds[SEARCH_KINDS] = {"water", "energy", "gas"};

struct chunk {
    uint16_t days[AT_ONCE];
    uint8_t conditions[AT_ONCE], kinds[AT_ONCE];
    size_t count;
    int64_t number;
};

/* ---- making ---- */

static uint8_t kind_of(const char *kind)
{
    uint8_t i = 0;
    while (i < SEARCH_KINDS - 1 && (kind == NULL || strcmp(kind, search_kinds[i]) != 0)) {
        i++;
    }
    return i;
}

/* Columns: has a register, in service, held, time of the last reading or NULL, kind. */
static void add_row(struct chunk *c, const struct stmt *q)
{
    int64_t local = stmt_int(q, 3);
    int64_t day = stmt_is_null(q, 3) ? 0 : local / DAY_SECONDS + 1;
    bool strange = stmt_int(q, 0) == 0 || local < 0 || day >= SEARCH_DAYS;
    c->days[c->count] = strange ? 0 : (uint16_t)day;
    c->conditions[c->count] = strange               ? SEARCH_LOOK
                              : stmt_int(q, 1) == 0 ? SEARCH_OUT
                              : stmt_int(q, 2) != 0 ? SEARCH_HELD
                              : day == 0            ? SEARCH_NONE
                                                    : SEARCH_OK;
    c->kinds[c->count++] = kind_of(stmt_text(q, 4));
}

static enum err_code flush(struct chunk *c, struct db *index, struct err *e)
{
    size_t n = c->count;
    c->count = 0;
    return n == 0 ? ERR_OK
                  : db_run(index, e,
                           "INSERT INTO fact(chunk, days, conditions, kinds) VALUES(?,?,?,?)",
                           VALS(V_INT(++c->number), V_BLOB(c->days, n * sizeof c->days[0]),
                                V_BLOB(c->conditions, n), V_BLOB(c->kinds, n)));
}

enum err_code search_fill_facts(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                                void *ctx, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct chunk *c = mem_alloc(sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    enum err_code code =
        db_query(office, &q, e,
                 "SELECT r.id IS NOT NULL, m.state = 'in_service', EXISTS(SELECT 1 FROM "
                 "reading x WHERE x.register = r.id AND x.state = 'held'), (SELECT x.local "
                 "FROM reading x WHERE x.register = r.id AND x.state = 'accepted' ORDER BY "
                 "x.utc DESC LIMIT 1), m.kind FROM meter m LEFT JOIN register r ON r.id = "
                 "(SELECT min(y.id) FROM register y WHERE y.meter = m.id) ORDER BY m.serial",
                 NO_VALS);
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        add_row(c, q);
        if (c->count == AT_ONCE) {
            code = flush(c, index, e);
            if (code == ERR_OK && !wanted(ctx)) {
                code = err_set(e, ERR_CANCELLED, "%s", _("the search index is not wanted now"));
            }
        }
    }
    stmt_done(q);
    if (code == ERR_OK) {
        code = flush(c, index, e);
    }
    mem_free(c);
    return code;
}

/* ---- reading ---- */

static enum err_code take_chunk(struct search_facts *f, size_t room, const struct stmt *q,
                                struct err *e)
{
    size_t len[3] = {0};
    const void *part[3];
    for (int i = 0; i < 3; i++) {
        part[i] = stmt_blob(q, i, &len[i]);
    }
    if (len[1] == 0 || len[0] != 2 * len[1] || len[2] != len[1] || len[1] > room - f->count) {
        return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
    }
    memcpy(f->days + f->count, part[0], len[0]);
    memcpy(f->conditions + f->count, part[1], len[1]);
    memcpy(f->kinds + f->count, part[2], len[2]);
    for (size_t i = f->count; i < f->count + len[1]; i++) {
        if (f->conditions[i] > SEARCH_OK || f->kinds[i] >= SEARCH_KINDS) {
            return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
        }
    }
    f->count += len[1];
    return ERR_OK;
}

void search_facts_release(struct search_facts *f)
{
    mem_free(f->days);
    mem_free(f->conditions);
    mem_free(f->kinds);
    *f = (struct search_facts){0};
}

enum err_code search_facts_load(struct db *index, struct search_facts *f, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    enum err_code code;
    TRY(db_get_int(index, &count, NULL, e, "SELECT coalesce(sum(length(kinds)), 0) FROM fact",
                   NO_VALS));
    size_t room = count > 0 ? (size_t)count : 0;
    f->days = mem_array(room + 1, sizeof *f->days);
    f->conditions = mem_array(room + 1, sizeof *f->conditions);
    f->kinds = mem_array(room + 1, sizeof *f->kinds);
    if (f->days == NULL || f->conditions == NULL || f->kinds == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(index, &q, e, "SELECT days, conditions, kinds FROM fact ORDER BY chunk",
                 NO_VALS));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = take_chunk(f, room, q, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}
