#include <config.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/index_file.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

enum err_code search_damaged(struct err *e)
{
    return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
}

enum err_code search_unwanted(struct err *e)
{
    return err_set(e, ERR_CANCELLED, "%s", _("the search index is not wanted now"));
}

enum err_code search_new(const struct office *o, struct search **out, struct err *e)
{
    struct search *s = mem_alloc(sizeof *s);
    *out = NULL;
    if (s == NULL) {
        return err_nomem(e);
    }
    s->path = index_file_path(o, SEARCH_FILE);
    if (s->path == NULL) {
        mem_free(s);
        return err_nomem(e);
    }
    tail_init(&s->tail);
    *out = s;
    return ERR_OK;
}

static void shut(struct search *s)
{
    db_close(s->db);
    s->db = NULL;
    s->inode = 0;
    tail_release(&s->tail);
    facts_release(&s->facts);
    s->has_facts = false;
    placed_release(&s->placed);
}

void search_drop(struct search *s)
{
    shut(s);
    (void)unlink(s->path);
}

void search_free(struct search *s)
{
    if (s != NULL) {
        shut(s);
        mem_free(s->path);
        mem_free(s);
    }
}

size_t search_tail_count(const struct search *s)
{
    return s->tail.count;
}

static enum err_code read_made(struct search *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(s->db, &q, e,
                 "SELECT seq, meter, assignment, reading, decision FROM made WHERE format = ?",
                 VALS(V_INT(SEARCH_FORMAT))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        s->seq = stmt_int(q, 0);
        s->meter = stmt_int(q, 1);
        s->assignment = stmt_int(q, 2);
        s->reading = stmt_int(q, 3);
        s->decision = stmt_int(q, 4);
    }
    stmt_done(q);
    return code != ERR_OK || row ? code : search_damaged(e);
}

/* An index that cannot be read is as good as none. */
static bool open_newest(struct search *s)
{
    struct stat st;
    struct err ignored = ERR_INIT;
    if (stat(s->path, &st) != 0) {
        shut(s);
        return false;
    }
    if (s->db != NULL && (uint64_t)st.st_ino == s->inode) {
        return true;
    }
    shut(s);
    if (db_open(s->path, DB_READ, &s->db, &ignored) != ERR_OK ||
        db_exec(s->db, "PRAGMA cache_size=-1024;", &ignored) != ERR_OK ||
        read_made(s, &ignored) != ERR_OK) {
        shut(s);
        return false;
    }
    s->inode = (uint64_t)st.st_ino;
    s->tail.seq = s->seq;
    s->tail.meter = s->meter;
    s->tail.assignment = s->assignment;
    return true;
}

static enum err_code follow_facts(struct search *s, struct db *office, struct err *e)
{
    if (!s->has_facts) {
        facts_release(&s->facts);
        s->facts = (struct search_facts){
            .reading = s->reading, .decision = s->decision, .seq = s->seq};
        TRY(facts_load(&s->facts, s->db, e));
        s->has_facts = true;
    }
    enum err_code code = facts_follow(&s->facts, &s->tail, office, e);
    if (code != ERR_OK) { /* half of it may have been taken in */
        facts_release(&s->facts);
        s->has_facts = false;
    }
    return code;
}

enum err_code search_usable(struct search *s, struct db *office, bool readings, bool *usable,
                            struct err *e)
{
    *usable = false;
    if (!open_newest(s)) {
        return ERR_OK;
    }
    TRY(index_file_same_ledger(s->db, office, s->seq, usable, e));
    if (!*usable) {
        return ERR_OK;
    }
    enum err_code code = tail_follow(&s->tail, office, e);
    if (code == ERR_OK && readings && !s->tail.full) {
        code = follow_facts(s, office, e);
    }
    *usable = code == ERR_OK && !s->tail.full && !(readings && s->facts.lost);
    return code;
}
