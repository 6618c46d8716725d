#include <config.h>

#include "app/search_priv.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

#define SEARCH_FORMAT 2

struct search {
    char *path;
    struct db *db; /* NULL: none is open */
    ino_t inode;
    int64_t seq; /* entry up to which it holds everything */
    int64_t dirty[SEARCH_DIRTY_MAX];
    size_t dirty_count;
    int64_t *order; /* of order_column; NULL: none is loaded */
    size_t order_count;
    int order_column;
    struct search_facts facts;
    bool has_facts;
};

enum err_code search_new(const struct office *o, struct search **out, struct err *e)
{
    struct search *s = mem_alloc(sizeof *s);
    *out = NULL;
    if (s == NULL) {
        return err_nomem(e);
    }
    s->path = office_path(o, "state/search.db");
    if (s->path == NULL) {
        mem_free(s);
        return err_nomem(e);
    }
    *out = s;
    return ERR_OK;
}

static void shut(struct search *s)
{
    db_close(s->db);
    s->db = NULL;
    s->inode = 0;
    mem_free(s->order);
    s->order = NULL;
    s->order_count = 0;
    search_facts_release(&s->facts);
    s->has_facts = false;
}

void search_free(struct search *s)
{
    if (s != NULL) {
        shut(s);
        mem_free(s->path);
        mem_free(s);
    }
}

struct db *search_db(struct search *s)
{
    return s->db;
}

const int64_t *search_dirty(const struct search *s, size_t *count)
{
    *count = s->dirty_count;
    return s->dirty;
}

bool search_is_dirty(const struct search *s, int64_t meter)
{
    size_t low = 0;
    size_t high = s->dirty_count;
    while (low < high) { /* they are in order */
        size_t middle = low + (high - low) / 2;
        if (s->dirty[middle] == meter) {
            return true;
        }
        if (s->dirty[middle] < meter) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

/* An index that cannot be read is as good as none. */
static bool open_newest(struct search *s)
{
    struct stat st;
    struct err ignored = ERR_INIT;
    int64_t format = 0;
    if (stat(s->path, &st) != 0) {
        shut(s);
        return false;
    }
    if (s->db != NULL && st.st_ino == s->inode) {
        return true;
    }
    shut(s);
    if (db_open(s->path, DB_READ, &s->db, &ignored) != ERR_OK ||
        db_exec(s->db, "PRAGMA cache_size=-4096;", &ignored) != ERR_OK ||
        db_get_int(s->db, &format, NULL, &ignored, "SELECT format FROM made", NO_VALS) !=
            ERR_OK ||
        format != SEARCH_FORMAT ||
        db_get_int(s->db, &s->seq, NULL, &ignored, "SELECT seq FROM made", NO_VALS) != ERR_OK) {
        shut(s);
        return false;
    }
    s->inode = st.st_ino;
    return true;
}

/* The ledger still holds the entry that was its newest: it was not rolled back, nor is this
 * another office's. */
static enum err_code same_ledger(struct search *s, struct db *office, bool *same, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t found = 0;
    const void *leaf = NULL;
    size_t len = 0;
    *same = false;
    TRY(db_query(office, &q, e, "SELECT leaf FROM entry WHERE seq = ?", VALS(V_INT(s->seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        leaf = stmt_blob(q, 0, &len);
        code = db_get_int(s->db, &found, NULL, e, "SELECT count(*) FROM made WHERE leaf = ?",
                          VALS(V_BLOB(leaf, len)));
    }
    *same = code == ERR_OK && found == 1;
    stmt_done(q);
    return code;
}

/* Entries that change what the index holds. Acts on many meters are not taken apart. */
#define TEXT_KINDS                                                                             \
    "'meter.installed', 'meter.swapped', 'meter.assigned', 'meter.state_set', "                \
    "'meters.batch', "                                                                         \
    "'meters.closed', 'run.discarded', 'personal.erased'"
#define READING_KINDS                                                                          \
    ", 'reading.recorded', 'readings.decided', 'readings.batch', 'readings.closed', "          \
    "'window.batch', 'window.closed', 'reading.billed_corrected', 'alert.resolved', "          \
    "'readings.estimated', 'estimates.rolled_back', 'decision.undone', "                       \
    "'meter.register_added'"
#define DIRTY(kinds)                                                                           \
    "SELECT DISTINCT m.id FROM history h LEFT JOIN meter m ON m.id = h.meter OR m.replaces = " \
    "h.meter WHERE h.seq > ? AND h.kind IN (" kinds ") ORDER BY m.id"

/* Which meters changed. False: too many, or an act on many. */
static enum err_code find_dirty(struct search *s, struct db *office, bool readings, bool *few,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *few = true;
    s->dirty_count = 0;
    TRY(db_query(office, &q, e, readings ? DIRTY(TEXT_KINDS READING_KINDS) : DIRTY(TEXT_KINDS),
                 VALS(V_INT(s->seq))));
    enum err_code code;
    while (*few && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        *few = !stmt_is_null(q, 0) && s->dirty_count < SEARCH_DIRTY_MAX;
        if (*few) {
            s->dirty[s->dirty_count++] = stmt_int(q, 0);
        }
    }
    stmt_done(q);
    return code;
}

enum err_code search_usable(struct search *s, struct db *office, bool readings, bool *usable,
                            struct err *e)
{
    *usable = false;
    if (!open_newest(s)) {
        return ERR_OK;
    }
    TRY(same_ledger(s, office, usable, e));
    return *usable ? find_dirty(s, office, readings, usable, e) : ERR_OK;
}

static enum err_code load_order(struct search *s, struct stmt *q, struct err *e)
{
    bool row = false;
    enum err_code code;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        const void *ids = stmt_blob(q, 0, &len);
        size_t n = len / sizeof *s->order;
        if (len % sizeof *s->order != 0 || n > SIZE_MAX / sizeof *s->order - s->order_count) {
            return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
        }
        int64_t *bigger = mem_realloc_array(s->order, s->order_count + n + 1, sizeof *s->order);
        if (bigger == NULL) {
            return err_nomem(e);
        }
        s->order = bigger;
        if (n > 0) {
            memcpy(s->order + s->order_count, ids, len);
        }
        s->order_count += n;
    }
    return code;
}

enum err_code search_order(struct search *s, int column, const int64_t **ids, size_t *count,
                           struct err *e)
{
    struct stmt *q = NULL;
    if (s->order_column != column || s->order == NULL) {
        s->order_column = column;
        s->order_count = 0;
        TRY(db_query(s->db, &q, e, "SELECT ids FROM ordering WHERE col = ? ORDER BY chunk",
                     VALS(V_INT(column))));
        enum err_code code = load_order(s, q, e);
        stmt_done(q);
        if (code != ERR_OK) {
            mem_free(s->order);
            s->order = NULL;
            return code;
        }
    }
    *ids = s->order;
    *count = s->order_count;
    return ERR_OK;
}

enum err_code search_order_head(struct search *s, int column, bool down, int64_t *ids,
                                size_t room, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code;
    *count = 0;
    if (s->order_column == column && s->order != NULL) {
        return ERR_OK;
    }
    TRY(db_query(s->db, &q, e,
                 down ? "SELECT ids FROM ordering WHERE col = ? ORDER BY chunk DESC"
                      : "SELECT ids FROM ordering WHERE col = ? ORDER BY chunk",
                 VALS(V_INT(column))));
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        const void *part = stmt_blob(q, 0, &len);
        size_t n = len / sizeof *ids;
        if (len == 0 || len % sizeof *ids != 0) {
            code = err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
            break;
        }
        if (n > room - *count) {
            break;
        }
        if (down) {
            memmove(ids + n, ids, *count * sizeof *ids);
        }
        memcpy(down ? ids : ids + *count, part, len);
        *count += n;
    }
    stmt_done(q);
    return code;
}

enum err_code search_facts(struct search *s, const struct search_facts **out, struct err *e)
{
    *out = &s->facts;
    if (!s->has_facts) {
        search_facts_release(&s->facts);
        TRY(search_facts_load(s->db, &s->facts, e));
        s->has_facts = true;
    }
    return ERR_OK;
}
