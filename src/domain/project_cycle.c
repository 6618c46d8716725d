/* Projector of billing cycles. */
#include <config.h>

#include "domain/project.h"
#include "store/db.h"

static enum err_code members_insert(struct projection *p, const char *cycle,
                                    const struct json *routes, const struct json *accounts)
{
    for (size_t i = 0; i < routes->u.array.count; i++) {
        const struct json *v = routes->u.array.items[i];
        TRY(db_run(p->db, p->e, "INSERT INTO cycle_route(route, cycle) VALUES(?,?)",
                   VALS(V_TEXT(v->u.string.data), V_TEXT(cycle))));
    }
    for (size_t i = 0; i < accounts->u.array.count; i++) {
        TRY(db_run(p->db, p->e,
                   "INSERT INTO cycle_account(account, cycle) VALUES(?1,?2) ON "
                   "CONFLICT(account) DO UPDATE SET cycle = excluded.cycle",
                   VALS(V_INT(accounts->u.array.items[i]->u.integer), V_TEXT(cycle))));
    }
    return ERR_OK;
}

/* The cycle as it is from now on: what it named before and does not name now is in none. */
enum err_code project_cycle_set(struct projection *p, const struct json *d)
{
    const char *cycle = NULL;
    int64_t months = 0;
    int64_t day = 0;
    const struct json *routes = NULL;
    const struct json *accounts = NULL;
    TRY(take_text(p, d, "cycle", &cycle));
    TRY(take_int(p, d, "months", &months));
    TRY(take_int(p, d, "day", &day));
    TRY(take_array(p, d, "routes", &routes));
    TRY(take_array(p, d, "accounts", &accounts));
    TRY(db_run(p->db, p->e,
               "INSERT INTO cycle(name, months, day, seq) VALUES(?1,?2,?3,?4) ON "
               "CONFLICT(name) DO UPDATE SET months = ?2, day = ?3, seq = ?4",
               VALS(V_TEXT(cycle), V_INT(months), V_INT(day), V_INT(p->entry->seq))));
    TRY(db_run(p->db, p->e, "DELETE FROM cycle_route WHERE cycle = ?", VALS(V_TEXT(cycle))));
    TRY(db_run(p->db, p->e, "DELETE FROM cycle_account WHERE cycle = ?", VALS(V_TEXT(cycle))));
    return members_insert(p, cycle, routes, accounts);
}
