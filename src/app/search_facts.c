#include <config.h>

#include <string.h>

#include "app/query_meter.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

/* The codes of each meter: what columns of few different words show, one array a column, by
 * meter. The file holds them as they were when it was made; readings since are taken in. */

#define DAY_SECONDS 86400
/* A reading on a day so much later was made later, whatever the zones its clock was in. */
#define DAYS_APART 3
/* Readings of discarded imports that can be looked at while a person waits. */
#define DISCARDED_MAX 16384

const char *const search_kinds[SEARCH_KINDS] = {"water", "energy", "gas"};

/* Columns: has a register, in service, held, time of the last reading or NULL, kind; meter. */
#define CODES                                                                                  \
    "SELECT r.id IS NOT NULL, m.state = 'in_service', EXISTS(SELECT 1 FROM reading x WHERE "   \
    "x.register = r.id AND x.state = 'held' AND " READING_STANDS                               \
    "), (SELECT x.local FROM reading x WHERE "                                                 \
    "x.register = r.id AND x.state = 'accepted' AND " READING_STANDS                           \
    " ORDER BY x.utc DESC LIMIT 1), m.kind, m.id "                                             \
    "FROM meter m LEFT JOIN register r ON r.id = (SELECT min(y.id) FROM register y WHERE "     \
    "y.meter = m.id) "

struct codes {
    uint16_t day;
    uint8_t condition, kind;
};

static uint8_t kind_of(const char *kind)
{
    uint8_t i = 0;
    while (i < SEARCH_KINDS - 1 && (kind == NULL || strcmp(kind, search_kinds[i]) != 0)) {
        i++;
    }
    return i;
}

static struct codes codes_of(const struct stmt *q)
{
    int64_t local = stmt_int(q, 3);
    int64_t day = stmt_is_null(q, 3) ? 0 : local / DAY_SECONDS + 1;
    bool strange = stmt_int(q, 0) == 0 || local < 0 || day >= SEARCH_DAYS;
    return (struct codes){.day = strange ? 0 : (uint16_t)day,
                          .condition = strange               ? SEARCH_LOOK
                                       : stmt_int(q, 1) == 0 ? SEARCH_OUT
                                       : stmt_int(q, 2) != 0 ? SEARCH_HELD
                                       : day == 0            ? SEARCH_NONE
                                                             : SEARCH_OK,
                          .kind = kind_of(stmt_text(q, 4))};
}

/* ---- making ---- */

/* Meters [number * SEARCH_CODES, ...). */
struct chunk {
    uint16_t days[SEARCH_CODES];
    uint8_t conditions[SEARCH_CODES], kinds[SEARCH_CODES];
    size_t used;
    int64_t number;
};

/* SEARCH_LOOK is 0: what stands for no meter says nothing. */
static enum err_code flush(struct chunk *c, struct db *index, struct err *e)
{
    size_t n = c->used;
    enum err_code code =
        n == 0 ? ERR_OK
               : db_run(index, e,
                        "INSERT INTO fact(chunk, days, conditions, kinds) VALUES(?,?,?,?)",
                        VALS(V_INT(c->number), V_BLOB(c->days, n * sizeof c->days[0]),
                             V_BLOB(c->conditions, n), V_BLOB(c->kinds, n)));
    memset(c, 0, sizeof *c);
    return code;
}

static enum err_code add_meter(struct chunk *c, const struct stmt *q, struct db *index,
                               struct err *e)
{
    int64_t meter = stmt_int(q, 5);
    struct codes codes = codes_of(q);
    if (meter / SEARCH_CODES != c->number) {
        TRY(flush(c, index, e));
        c->number = meter / SEARCH_CODES;
    }
    size_t at = (size_t)(meter % SEARCH_CODES);
    c->days[at] = codes.day;
    c->conditions[at] = codes.condition;
    c->kinds[at] = codes.kind;
    c->used = at + 1;
    return ERR_OK;
}

enum err_code facts_fill(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                         void *ctx, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    uint64_t rows = 0;
    struct chunk *c = mem_alloc(sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    enum err_code code = db_query(office, &q, e, CODES "ORDER BY m.id", NO_VALS);
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = add_meter(c, q, index, e);
        if (code == ERR_OK && ++rows % SEARCH_DOCS == 0 && !wanted(ctx)) {
            code = search_unwanted(e);
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

void facts_release(struct search_facts *f)
{
    mem_free(f->days);
    mem_free(f->conditions);
    mem_free(f->kinds);
    mem_free(f->read);
    *f = (struct search_facts){0};
}

/* One array longer, what is new of it zero. */
static bool grown(void **array, size_t from, size_t to, size_t size)
{
    char *bigger = mem_realloc_array(*array, to, size);
    if (bigger == NULL) {
        return false;
    }
    memset(bigger + from * size, 0, (to - from) * size);
    *array = bigger;
    return true;
}

/* room: a multiple of 8. */
static enum err_code grow(struct search_facts *f, size_t room, struct err *e)
{
    void *arrays[] = {f->days, f->conditions, f->kinds, f->read};
    bool ok = grown(&arrays[0], f->room, room, sizeof *f->days) &&
              grown(&arrays[1], f->room, room, 1) && grown(&arrays[2], f->room, room, 1) &&
              grown(&arrays[3], f->room / 8, room / 8, 1);
    f->days = arrays[0];
    f->conditions = arrays[1];
    f->kinds = arrays[2];
    f->read = arrays[3];
    f->room = ok ? room : f->room;
    return ok ? ERR_OK : err_nomem(e);
}

static enum err_code take_chunk(struct search_facts *f, const struct stmt *q, struct err *e)
{
    size_t len[3] = {0};
    const void *part[3];
    int64_t from = stmt_int(q, 3) * SEARCH_CODES;
    for (int i = 0; i < 3; i++) {
        part[i] = stmt_blob(q, i, &len[i]);
    }
    if (len[1] == 0 || len[0] != 2 * len[1] || len[2] != len[1] || from < 0 ||
        len[1] > SEARCH_CODES || (size_t)from + len[1] > f->room) {
        return search_damaged(e);
    }
    memcpy(f->days + from, part[0], len[0]);
    memcpy(f->conditions + from, part[1], len[1]);
    memcpy(f->kinds + from, part[2], len[2]);
    for (size_t i = (size_t)from; i < (size_t)from + len[1]; i++) {
        if (f->conditions[i] > SEARCH_OK || f->kinds[i] >= SEARCH_KINDS) {
            return search_damaged(e);
        }
    }
    return ERR_OK;
}

enum err_code facts_load(struct search_facts *f, struct db *index, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t chunks = 0;
    enum err_code code;
    TRY(db_get_int(index, &chunks, NULL, e, "SELECT coalesce(max(chunk), -1) + 1 FROM fact",
                   NO_VALS));
    if (chunks < 0 || chunks > SEARCH_ID_MAX / SEARCH_CODES + 1) {
        return search_damaged(e);
    }
    TRY(grow(f, ((size_t)chunks + 1) * SEARCH_CODES, e));
    TRY(db_query(index, &q, e, "SELECT days, conditions, kinds, chunk FROM fact", NO_VALS));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = take_chunk(f, q, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

/* ---- what changed since ---- */

static enum err_code look_at(struct search_facts *f, struct db *office, int64_t meter,
                             struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (meter < 1 || meter > SEARCH_ID_MAX) {
        return ERR_OK; /* the tail is full of it */
    }
    if ((size_t)meter >= f->room) {
        TRY(grow(f, ((size_t)meter / SEARCH_CODES + 2) * SEARCH_CODES, e));
    }
    TRY(db_query(office, &q, e, CODES "WHERE m.id = ?", VALS(V_INT(meter))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        struct codes codes = row ? codes_of(q) : (struct codes){0};
        f->days[meter] = codes.day;
        f->conditions[meter] = codes.condition;
        f->kinds[meter] = codes.kind;
    }
    stmt_done(q);
    return code;
}

static enum err_code mark_read(struct search_facts *f, int64_t meter, struct err *e)
{
    if (meter < 1 || meter > SEARCH_ID_MAX) {
        return ERR_OK;
    }
    if ((size_t)meter >= f->room) {
        TRY(grow(f, ((size_t)meter / SEARCH_CODES + 2) * SEARCH_CODES, e));
    }
    uint8_t bit = (uint8_t)(1u << (meter % 8));
    f->read_count += (f->read[meter / 8] & bit) == 0 ? 1 : 0;
    f->read[meter / 8] |= bit;
    return ERR_OK;
}

/* The current row: meter, state, local time of a reading of its first register. Most are later
 * than the last by a month, and tell what the meter shows now without another look. */
static enum err_code take_reading(struct search_facts *f, struct db *office,
                                  const struct stmt *q, struct err *e)
{
    int64_t meter = stmt_int(q, 0);
    const char *state = stmt_text(q, 1);
    int64_t local = stmt_int(q, 2);
    int64_t day = local / DAY_SECONDS + 1;
    TRY(mark_read(f, meter, e));
    if (meter < 1 || meter > SEARCH_ID_MAX) {
        return ERR_OK;
    }
    uint8_t now = f->conditions[meter];
    int64_t last = f->days[meter];
    bool known = strcmp(state, "accepted") == 0 && local > 0 && day < SEARCH_DAYS &&
                 (now == SEARCH_OK || now == SEARCH_HELD) && last > 0;
    if (!known || (day < last + DAYS_APART && day > last - DAYS_APART)) {
        return look_at(f, office, meter, e);
    }
    if (day > last) {
        f->days[meter] = (uint16_t)day;
    }
    return ERR_OK;
}

static enum err_code take_readings(struct search_facts *f, struct db *office, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t newest = f->reading;
    enum err_code code;
    TRY(db_get_int(office, &newest, NULL, e, "SELECT max(id) FROM reading", NO_VALS));
    if (newest == f->reading) {
        return ERR_OK;
    }
    TRY(db_query(office, &q, e,
                 "SELECT r.meter, x.state, x.local FROM reading x JOIN register r ON r.id = "
                 "x.register WHERE x.id > ? AND r.id = (SELECT min(y.id) FROM register y WHERE "
                 "y.meter = r.meter)",
                 VALS(V_INT(f->reading))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = take_reading(f, office, q, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    f->reading = newest;
    return code;
}

/* sql: meters whose older readings changed. */
static enum err_code take_changed(struct search_facts *f, struct db *office, const char *sql,
                                  int64_t since, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    TRY(db_query(office, &q, e, sql, VALS(V_INT(since))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = mark_read(f, stmt_int(q, 0), e);
        if (code == ERR_OK) {
            code = look_at(f, office, stmt_int(q, 0), e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

/* A decision that was undone changed its reading and the one that had corrected it, both of
 * one meter. */
static enum err_code take_decisions(struct search_facts *f, struct db *office, struct err *e)
{
    int64_t newest = f->decision;
    int64_t undone = 0;
    TRY(db_get_int(office, &newest, NULL, e, "SELECT max(id) FROM decision", NO_VALS));
    TRY(take_changed(f, office,
                     "SELECT r.meter FROM decision d JOIN reading x ON x.id = d.reading JOIN "
                     "register r ON r.id = x.register WHERE d.id > ?",
                     f->decision, e));
    f->decision = newest;
    TRY(db_get_int(office, &undone, NULL, e,
                   "SELECT count(*) FROM history WHERE kind = 'decision.undone' AND seq > ?",
                   VALS(V_INT(f->seq))));
    return undone == 0 ? ERR_OK
                       : take_changed(f, office,
                                      "SELECT r.meter FROM decision d JOIN reading x ON x.id = "
                                      "d.reading JOIN register r ON r.id = x.register WHERE "
                                      "d.undone > ?",
                                      f->seq, e);
}

/* The batches of imports that were discarded since, as n; their readings do not count. */
#define DISCARDED                                                                              \
    "FROM history d JOIN entry k ON k.seq = d.seq JOIN import_run i ON i.id = "                \
    "json_extract(k.payload, '$.data.run') CROSS JOIN history h ON h.kind = 'readings.batch' " \
    "AND h.seq BETWEEN i.opened AND d.seq JOIN entry n ON n.seq = h.seq AND "                  \
    "json_extract(n.payload, '$.data.run') = i.id "
#define SINCE "WHERE d.kind = 'run.discarded' AND d.seq > ?"
#define FIRST "json_extract(n.payload, '$.data.first')"
#define COUNT "json_extract(n.payload, '$.data.count')"

static enum err_code take_discarded(struct search_facts *f, struct db *office, struct err *e)
{
    int64_t readings = 0;
    TRY(db_get_int(office, &readings, NULL, e, "SELECT sum(" COUNT ") " DISCARDED SINCE,
                   VALS(V_INT(f->seq))));
    f->lost = f->lost || readings > DISCARDED_MAX;
    return readings == 0 || f->lost
               ? ERR_OK
               : take_changed(f, office,
                              "SELECT DISTINCT r.meter " DISCARDED "CROSS JOIN reading x ON "
                              "x.id BETWEEN " FIRST " AND " FIRST " + " COUNT " - 1 AND "
                              "x.run = i.id JOIN register r ON r.id = x.register " SINCE,
                              f->seq, e);
}

enum err_code facts_follow(struct search_facts *f, const struct search_tail *t,
                           struct db *office, struct err *e)
{
    for (; f->tail < t->count; f->tail++) {
        if (t->ids[f->tail] != 0) {
            TRY(mark_read(f, t->ids[f->tail], e));
            TRY(look_at(f, office, t->ids[f->tail], e));
        }
    }
    if (f->seq < t->seq) {
        TRY(take_readings(f, office, e));
        TRY(take_decisions(f, office, e));
        TRY(take_discarded(f, office, e));
        f->seq = t->seq;
    }
    return ERR_OK;
}
