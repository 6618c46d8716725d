/* Projectors of work orders: what somebody is to do in the field, and what came of it. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code project_work_opened(struct projection *p, const struct json *d)
{
    int64_t work = 0;
    const char *t[3] = {NULL};
    static const char *const names[3] = {"kind", "due", "reason"};
    TRY(take_int(p, d, "work", &work));
    for (size_t i = 0; i < 3; i++) {
        TRY(take_text(p, d, names[i], &t[i]));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO work_order(id, kind, meter, account, state, opened, due, reason, "
        "seq) VALUES(?,?,?,?,'open',?,?,?,?)",
        VALS(V_INT(work), V_TEXT(t[0]), optional_int(d, "meter"), optional_int(d, "account"),
             V_TEXT(p->entry->date), V_TEXT(t[1]), V_TEXT(t[2]), V_INT(p->entry->seq)));
}

/* The order that the entry names is one that still waits. */
static enum err_code pending_take(struct projection *p, const struct json *d, int64_t *work)
{
    int64_t one = 0;
    bool found = false;
    TRY(take_int(p, d, "work", work));
    TRY(db_get_int(p->db, &one, &found, p->e,
                   "SELECT 1 FROM work_order WHERE id=? AND closed IS NULL",
                   VALS(V_INT(*work))));
    return found ? ERR_OK
                 : err_set(p->e, ERR_TAMPERED,
                           _("entry %" PRId64 " (%s): work order %" PRId64 " is closed"),
                           p->entry->seq, p->entry->kind, *work);
}

enum err_code project_work_assigned(struct projection *p, const struct json *d)
{
    int64_t work = 0;
    int64_t user = 0;
    TRY(pending_take(p, d, &work));
    TRY(take_int(p, d, "user", &user));
    return db_run(p->db, p->e, "UPDATE work_order SET state='assigned', assignee=? WHERE id=?",
                  VALS(V_INT(user), V_INT(work)));
}

/* What failed is to be done again, by an order of its own. */
static enum err_code work_follows(struct projection *p, const struct json *d, int64_t work)
{
    int64_t next = 0;
    if (!json_get_int(d, "next", &next)) {
        return ERR_OK;
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO work_order(id, kind, meter, account, state, opened, due, reason, "
        "cut, follows, seq) SELECT ?1, kind, meter, account, 'open', ?2, max(due, ?2), "
        "reason, cut, id, ?3 FROM work_order WHERE id=?4",
        VALS(V_INT(next), V_TEXT(p->entry->date), V_INT(p->entry->seq), V_INT(work)));
}

enum err_code project_work_begun(struct projection *p, const struct json *d)
{
    int64_t work = 0;
    TRY(pending_take(p, d, &work));
    return db_run(p->db, p->e, "UPDATE work_order SET state='begun' WHERE id=?",
                  VALS(V_INT(work)));
}

static enum err_code work_end(struct projection *p, int64_t work, const char *state,
                              const char *result)
{
    return db_run(p->db, p->e, "UPDATE work_order SET state=?, result=?, closed=? WHERE id=?",
                  VALS(V_TEXT(state), V_TEXT(result), V_TEXT(p->entry->date), V_INT(work)));
}

enum err_code project_work_closed(struct projection *p, const struct json *d)
{
    int64_t work = 0;
    const char *outcome = NULL;
    const char *result = NULL;
    TRY(pending_take(p, d, &work));
    TRY(take_text(p, d, "outcome", &outcome));
    TRY(take_text(p, d, "result", &result));
    TRY(work_end(p, work, outcome, result));
    TRY(work_follows(p, d, work));
    TRY(cut_work_closed(p, work, outcome));
    return cut_work_held(p, d, work);
}

enum err_code project_work_cancelled(struct projection *p, const struct json *d)
{
    int64_t work = 0;
    const char *reason = NULL;
    TRY(pending_take(p, d, &work));
    TRY(take_text(p, d, "reason", &reason));
    return work_end(p, work, "cancelled", reason);
}
