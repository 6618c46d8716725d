#include <config.h>

#include "app/personal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/files.h"
#include "app/list_index.h"
#include "app/search.h"
#include "app/verify_deep.h"
#include "base/arena.h"
#include "base/i18n.h"

/* ---- who may read ---- */

enum err_code personal_access(struct office *o, int64_t user, struct err *e)
{
    bool may = false;
    struct buf sql;
    if (user != 0) {
        TRY(session_may(o, user, PERSONAL_READ, &may, e));
    }
    buf_init(&sql, 2048);
    buf_adds(&sql, "SELECT owner, id, field, hash, salt, CASE WHEN value IS NULL THEN "
                   "printf('");
    for (const char *at = _("erased by entry %d"); *at != '\0'; at++) { /* into an SQL string */
        buf_addc(&sql, *at);
        buf_adds(&sql, *at == '\'' ? "'" : "");
    }
    buf_adds(&sql, "', (SELECT x.erased FROM main.personal_past x WHERE x.owner = y.owner AND "
                   "x.id = y.id AND x.field = y.field AND x.hash = y.hash)) ");
    if (!may) {
        buf_adds(&sql, "WHEN owner <> 'user' THEN '" PERSONAL_MASK "' ");
    }
    buf_adds(&sql, "ELSE value END AS value FROM main.personal y");
    enum err_code code = buf_status(&sql, _("view"), e);
    if (code == ERR_OK) {
        code = db_shadow(o->db, "personal", buf_str(&sql), e);
    }
    buf_release(&sql);
    return code;
}

/* ---- what is held of a person ---- */

/* Meters of the customer's accounts, with the time for which they were his. */
#define HIS                                                                                    \
    "FROM account a JOIN assignment g ON g.account = a.id JOIN meter m ON m.id = g.meter "
/* A place that somebody else's meter or time at the same meter shares is not his alone. */
#define ALONE                                                                                  \
    "NOT EXISTS (SELECT 1 FROM meter m2 JOIN assignment g2 ON g2.meter = m2.id JOIN account "  \
    "a2 ON a2.id = g2.account WHERE m2.point = m.point AND a2.customer <> ?1) "
/* A reading in his time. */
#define HIS_READING                                                                            \
    "JOIN register r ON r.meter = m.id JOIN reading x ON x.register = r.id AND "               \
    "date(x.local, 'unixepoch') BETWEEN g.start_date AND "                                     \
    "coalesce(date(g.end_date, '-1 day'), '9') "
/* What belongs to him, as (owner, owner_id) of attachments. */
#define HIS_ATTACHMENT                                                                         \
    "(t.owner = 'customer' AND t.owner_id = ?1 OR t.owner = 'account' AND t.owner_id IN "      \
    "(SELECT id FROM account WHERE customer = ?1) OR t.owner = 'meter' AND t.owner_id IN "     \
    "(SELECT m.id " HIS "WHERE a.customer = ?1 AND " ALONE ") OR t.owner = 'reading' AND "     \
    "t.owner_id IN (SELECT x.id " HIS HIS_READING "WHERE a.customer = ?1) OR t.owner = "       \
    "'dispute' AND t.owner_id IN (SELECT d.id FROM dispute d JOIN account y ON y.id = "        \
    "d.account WHERE y.customer = ?1) OR t.owner = 'paper' AND t.owner_id IN (SELECT f.id "    \
    "FROM field_paper f JOIN account y ON y.id = f.account WHERE y.customer = ?1)) "

const char personal_of_customer_sql[] =
    "SELECT p.owner, p.id, p.field, p.hash, p.value FROM main.personal p WHERE "
    "p.owner = 'customer' AND p.id = ?1 AND p.value NOTNULL AND (?2 = 'all' OR p.field = "
    "?2) UNION "
    "SELECT p.owner, p.id, p.field, p.hash, p.value " HIS
    "JOIN main.personal p ON p.owner = 'service_point' AND p.id = m.point AND p.value IS NOT "
    "NULL "
    "WHERE a.customer = ?1 AND ?2 IN ('all', 'place') AND " ALONE "UNION "
    "SELECT p.owner, p.id, p.field, p.hash, p.value " HIS HIS_READING
    "JOIN main.personal p ON p.owner = 'reading_note' AND p.id = x.id AND p.value NOTNULL "
    "WHERE a.customer = ?1 AND ?2 IN ('all', 'note') UNION "
    "SELECT p.owner, p.id, p.field, p.hash, p.value FROM field_paper f JOIN account a ON a.id "
    "= f.account JOIN main.personal p ON p.owner = 'field_paper' AND p.id = f.id AND p.value "
    "IS NOT NULL WHERE a.customer = ?1 AND ?2 IN ('all', 'signer') UNION "
    "SELECT p.owner, p.id, p.field, p.hash, p.value " HIS
    "JOIN visit v ON v.meter = g.meter AND v.date >= g.start_date AND v.date < "
    "coalesce(g.end_date, '9') JOIN main.personal p ON p.owner = 'visit' AND p.id = v.id AND "
    "p.value NOTNULL WHERE a.customer = ?1 AND ?2 IN ('all', 'note') UNION "
    "SELECT p.owner, p.id, p.field, p.hash, p.value FROM attachment t JOIN main.personal p ON "
    "p.owner = 'attachment' AND p.id = t.id AND p.value NOTNULL WHERE ?2 IN ('all', "
    "'attachment') AND " HIS_ATTACHMENT "UNION "
    "SELECT 'attachment', t.id, 'content', k.hash, NULL FROM attachment t JOIN "
    "attachment_content k ON k.id = t.id WHERE ?2 IN ('all', 'attachment') AND " HIS_ATTACHMENT
    "ORDER BY 1, 2, 3, 4";

const char personal_of_attachment_sql[] =
    "SELECT p.owner, p.id, p.field, p.hash, p.value FROM main.personal p WHERE "
    "p.owner = 'attachment' AND p.id = ?1 AND p.value IS NOT NULL AND ?2 = ?2 UNION "
    "SELECT 'attachment', k.id, 'content', k.hash, NULL FROM attachment_content k WHERE "
    "k.id = ?1 ORDER BY 1, 2, 3, 4";

/* ---- the last byte ---- */

static enum err_code state_path(const struct office *o, const char *name, char **out,
                                struct err *e)
{
    *out = office_path(o, name);
    return *out != NULL ? ERR_OK : err_nomem(e);
}

/* state/purged: the entry of the newest erasure whose bytes are gone. */
static enum err_code purged_read(const struct office *o, int64_t *seq, struct err *e)
{
    char *path = NULL;
    struct buf text;
    *seq = 0;
    TRY(state_path(o, "state/purged", &path, e));
    buf_init(&text, 64);
    if (access(path, R_OK) == 0 && file_read(path, &text, e) == ERR_OK) {
        *seq = strtoll(buf_str(&text), NULL, 10); /* what is no number is 0: purge again */
    }
    buf_release(&text);
    mem_free(path);
    return ERR_OK;
}

static enum err_code purged_write(const struct office *o, int64_t seq, struct err *e)
{
    char *path = NULL;
    char text[32];
    TRY(state_path(o, "state/purged", &path, e));
    int n = snprintf(text, sizeof text, "%" PRId64 "\n", seq);
    enum err_code code = file_replace(path, text, (size_t)n, e);
    mem_free(path);
    return code;
}

enum err_code personal_pending(struct office *o, int64_t *pending, struct err *e)
{
    int64_t newest = 0;
    int64_t purged = 0;
    *pending = 0;
    TRY(db_get_int(o->db, &newest, NULL, e, "SELECT max(erased) FROM personal_past", NO_VALS));
    if (newest != 0) {
        TRY(purged_read(o, &purged, e));
    }
    /* Another one, not a newer one: a database that was rolled back counts from lower. */
    *pending = newest != purged ? newest : 0;
    return ERR_OK;
}

static enum err_code list_keep(struct office *o, struct err *e)
{
    struct erasures l = {0};
    char *path = NULL;
    TRY(state_path(o, "state/erasures", &path, e));
    enum err_code code = erasures_read(&l, path, e);
    if (code == ERR_OK) {
        code = erasures_of_db(&l, o->db, e);
    }
    if (code == ERR_OK) {
        code = erasures_write(&l, path, e);
    }
    erasures_release(&l);
    mem_free(path);
    return code;
}

/* Copies that checks and backups make for themselves hold values too. */
static enum err_code copies_gone(const struct office *o, struct err *e)
{
    char *state = NULL;
    TRY(state_path(o, "state", &state, e));
    bool left = temp_folders_left(state);
    mem_free(state);
    return left ? err_set(e, ERR_CONFLICT,
                          _("a check or a backup is at work on a copy of the database; when it "
                            "has ended, run: aforo personal purge"))
                : ERR_OK;
}

/* A reader that stays is told of, and the next command tries again: no long wait for it. */
#define COMPACT_WAIT_MS 2000

/* On a connection of its own: the office's may hide the table behind a view. */
static enum err_code compact(struct office *o, bool *left, struct err *e)
{
    struct db *db = NULL;
    TRY(db_open(o->db_path, DB_WRITE, &db, e));
    db_set_busy_timeout(db, COMPACT_WAIT_MS);
    enum err_code code = db_compact(db, left, e);
    db_close(db);
    return code;
}

enum err_code personal_purge(struct office *o, bool force, const struct progress *progress,
                             struct err *e)
{
    int64_t pending = 0;
    bool left = false;
    TRY(personal_pending(o, &pending, e));
    if (pending == 0 && !force) {
        return ERR_OK;
    }
    TRY(list_keep(o, e));
    TRY(search_forget(o, e));
    TRY(list_indexes_forget(o, e));
    (void)progress_step(progress, _("writing the database anew"), 0, 0);
    TRY(copies_gone(o, e));
    if (compact(o, &left, e) != ERR_OK) {
        return err_wrap(e, _("the bytes of erased values are not gone yet; run: aforo personal "
                             "purge"));
    }
    if (left) {
        return err_set(e, ERR_CONFLICT,
                       _("another program reads the database, so that its log still holds "
                         "erased bytes; when it has ended, run: aforo personal purge"));
    }
    return pending > 0 ? purged_write(o, pending, e) : ERR_OK;
}
