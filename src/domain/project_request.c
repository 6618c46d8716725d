/* Projectors of requests that need the approval of others. What was decided when a request was
 * opened (how many must approve) stands in its entry; an approval names the leaf hash of that
 * entry, and both are checked again here: an act that its request does not cover is found. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "store/db.h"

static enum err_code argument_insert(struct projection *p, const struct json *o,
                                     int64_t request)
{
    const char *name = NULL;
    const char *value = NULL;
    TRY(take_text(p, o, "name", &name));
    TRY(take_text(p, o, "value", &value));
    return db_run(p->db, p->e,
                  "INSERT INTO request_argument(request, name, value) VALUES(?,?,?)",
                  VALS(V_INT(request), V_TEXT(name), V_TEXT(value)));
}

enum err_code project_request_opened(struct projection *p, const struct json *d)
{
    int64_t request = 0;
    int64_t needed = 0;
    struct hash secret;
    const char *command = NULL;
    const struct json *list = NULL;
    bool sealed = json_get(d, "secret") != NULL;
    TRY(take_int(p, d, "request", &request));
    TRY(take_int(p, d, "needed", &needed));
    TRY(take_text(p, d, "command", &command));
    TRY(take_array(p, d, "arguments", &list));
    if (sealed) {
        TRY(take_hash(p, d, "secret", &secret));
    }
    TRY(db_run(p->db, p->e,
               "INSERT INTO request(id, command, requester, opened, needed, state, secret) "
               "VALUES(?,?,?,?,?,'open',?)",
               VALS(V_INT(request), V_TEXT(command), V_TEXT(p->entry->actor),
                    V_INT(p->entry->seq), V_INT(needed), sealed ? V_HASH(&secret) : V_NULL())));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(argument_insert(p, list->u.array.items[i], request));
    }
    return ERR_OK;
}

static enum err_code not_covered(struct projection *p, int64_t request)
{
    return err_set(p->e, ERR_TAMPERED,
                   _("entry %" PRId64 " (%s): request %" PRId64 " does not cover it"),
                   p->entry->seq, p->entry->kind, request);
}

/* The open request that the leaf hash names; by somebody else than who acts. */
static enum err_code open_take(struct projection *p, const struct json *d, int64_t *request,
                               int64_t *needed)
{
    struct hash leaf;
    bool found = false;
    TRY(take_int(p, d, "request", request));
    TRY(take_hash(p, d, "leaf", &leaf));
    TRY(db_get_int(
        p->db, needed, &found, p->e,
        "SELECT r.needed FROM request r JOIN entry e ON e.seq = r.opened WHERE r.id=? "
        "AND r.state='open' AND e.leaf=? AND r.requester<>?",
        VALS(V_INT(*request), V_HASH(&leaf), V_TEXT(p->entry->actor))));
    return found ? ERR_OK : not_covered(p, *request);
}

enum err_code project_request_approved(struct projection *p, const struct json *d)
{
    int64_t request = 0;
    int64_t needed = 0;
    TRY(open_take(p, d, &request, &needed));
    TRY(db_run(p->db, p->e, "INSERT INTO approval(request, who, seq) VALUES(?,?,?)",
               VALS(V_INT(request), V_TEXT(p->entry->actor), V_INT(p->entry->seq))));
    return db_run(p->db, p->e,
                  "UPDATE request SET state='approved' WHERE id=?1 AND "
                  "(SELECT count(*) FROM approval WHERE request=?1) >= needed",
                  VALS(V_INT(request)));
}

/* It ends, and with it the sealed value that was kept for it. */
static enum err_code request_end(struct projection *p, int64_t request, const char *state,
                                 bool keep)
{
    if (!keep) {
        TRY(db_run(p->db, p->e,
                   "DELETE FROM sealed WHERE hash=(SELECT secret FROM request WHERE id=?)",
                   VALS(V_INT(request))));
    }
    return db_run(p->db, p->e, "UPDATE request SET state=?, closed=?, secret=NULL WHERE id=?",
                  VALS(V_TEXT(state), V_INT(p->entry->seq), V_INT(request)));
}

enum err_code project_request_rejected(struct projection *p, const struct json *d)
{
    int64_t request = 0;
    int64_t needed = 0;
    TRY(open_take(p, d, &request, &needed));
    return request_end(p, request, "rejected", false);
}

enum err_code project_request_withdrawn(struct projection *p, const struct json *d)
{
    int64_t request = 0;
    int64_t one = 0;
    bool found = false;
    TRY(take_int(p, d, "request", &request));
    TRY(db_get_int(p->db, &one, &found, p->e,
                   "SELECT 1 FROM request WHERE id=? AND requester=? AND state IN ('open', "
                   "'approved')",
                   VALS(V_INT(request), V_TEXT(p->entry->actor))));
    return found ? request_end(p, request, "withdrawn", false) : not_covered(p, request);
}

enum err_code project_request_policy_set(struct projection *p, const struct json *d)
{
    const char *command = NULL;
    int64_t needed = 0;
    TRY(take_text(p, d, "command", &command));
    TRY(take_int(p, d, "needed", &needed));
    return db_run(p->db, p->e,
                  "INSERT INTO approval_policy(command, needed) VALUES(?1,?2) ON "
                  "CONFLICT(command) DO UPDATE SET needed=?2",
                  VALS(V_TEXT(command), V_INT(needed)));
}

enum err_code project_request_done(struct projection *p, const struct json *d,
                                   const char *command)
{
    int64_t request = 0;
    int64_t one = 0;
    bool found = false;
    TRY(take_int(p, d, "request", &request));
    TRY(db_get_int(p->db, &one, &found, p->e,
                   "SELECT 1 FROM request WHERE id=? AND command=? AND state='approved'",
                   VALS(V_INT(request), V_TEXT(command))));
    return found ? request_end(p, request, "done", true) : not_covered(p, request);
}
