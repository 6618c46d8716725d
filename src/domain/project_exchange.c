/* The exchanges that a discarded import had taken from its file are undone: the new meters
 * leave the tables with all that was read of them, and the old ones go on. What bills that were
 * cancelled stand on stays behind: the readings rejected, the meter removed. */
#include <config.h>

#include <stdio.h>

#include "domain/project_money.h"
#include "store/db.h"

/* Readings of the new meter (?1), and the final ones of the old (?2), which took its place. */
#define GONE                                                                                   \
    "(SELECT x.id FROM register g JOIN reading x ON x.register = g.id WHERE g.meter = ?1 OR "  \
    "(g.meter = ?2 AND x.source = 'removal'))"

/* Readings x that no bill names; bills in force are none of a discarded import's. */
#define NO_BILL                                                                                \
    "NOT EXISTS(SELECT 1 FROM bill_meter b WHERE b.register = x.register AND x.id IN "         \
    "(b.from_reading, b.to_reading)) AND NOT EXISTS(SELECT 1 FROM bill_sub b WHERE b.source "  \
    "= x.register AND x.id IN (b.from_reading, b.to_reading)) AND NOT EXISTS(SELECT 1 FROM "   \
    "bill_quantity b WHERE b.source = x.register AND x.id IN (b.from_reading, b.to_reading))"
#define GONE_WHOLE "(SELECT x.id FROM reading x WHERE x.id IN " GONE " AND " NO_BILL ")"

/* The part of a link of the new meter (n) that goes on from what the old one had (f). */
#define GOES_ON                                                                                \
    "n.start_date = ?3 AND f.start_date < ?3 AND n.deduct = f.deduct AND n.meter = "           \
    "iif(f.meter = ?2, ?1, f.meter) AND n.above = iif(f.above = ?2, ?1, f.above)"

/* For a new meter (?1), the old one (?2) and the day of the exchange (?3); children first. */
static const struct {
    size_t args;
    const char *sql;
} undone[] = {
    {2, "DELETE FROM alert WHERE meter = ?1 OR reading IN " GONE},
    {2, "DELETE FROM finding WHERE reading IN " GONE_WHOLE},
    {2, "DELETE FROM decision WHERE reading IN " GONE_WHOLE " OR corrected IN " GONE_WHOLE},
    {2, "DELETE FROM reading WHERE id IN " GONE_WHOLE},
    {2, "UPDATE reading SET state = 'rejected' WHERE id IN " GONE},
    /* Links that were cut in two are one again; those that began later come back. */
    {3, "UPDATE feed AS f SET end_date = (SELECT n.end_date FROM feed n WHERE " GOES_ON
        " ORDER BY n.id) WHERE (f.meter = ?2 OR f.above = ?2) AND f.end_date = ?3 AND "
        "EXISTS(SELECT "
        "1 FROM feed n WHERE " GOES_ON ")"},
    {3,
     "DELETE FROM feed AS n WHERE (n.meter = ?1 OR n.above = ?1) AND EXISTS(SELECT 1 FROM feed "
     "f "
     "WHERE (f.meter = ?2 OR f.above = ?2) AND f.end_date IS n.end_date AND " GOES_ON ")"},
    {2,
     "UPDATE feed SET meter = iif(meter = ?1, ?2, meter), above = iif(above = ?1, ?2, above) "
     "WHERE meter = ?1 OR above = ?1"},
    {3,
     "UPDATE assignment SET end_date = NULL WHERE meter = ?2 AND end_date = date(?3, '+1 day') "
     "AND EXISTS(SELECT 1 FROM assignment n WHERE n.meter = ?1 AND n.start_date = ?3)"},
    {1, "DELETE FROM assignment WHERE meter = ?1"},
    {3, "DELETE FROM usage_limit WHERE meter = ?1 AND start_date = ?3"},
    {2, "UPDATE usage_limit SET meter = ?2 WHERE meter = ?1"},
    {1,
     "DELETE FROM register AS g WHERE meter = ?1 AND NOT EXISTS(SELECT 1 FROM bill_meter b "
     "WHERE b.register = g.id) AND NOT EXISTS(SELECT 1 FROM bill_sub b WHERE b.source = g.id) "
     "AND NOT EXISTS(SELECT 1 FROM bill_quantity b WHERE b.source = g.id) AND NOT "
     "EXISTS(SELECT 1 FROM reading x WHERE x.register = g.id)"},
    {1, "DELETE FROM meter WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM register WHERE meter = "
        "?1)"},
    {1, "UPDATE meter SET state = 'removed', removed = installed, replaces = NULL, run = NULL "
        "WHERE id = ?1"},
    {2, "UPDATE meter SET state = 'in_service', removed = NULL WHERE id = ?2"},
};

static enum err_code exchange_undo(struct projection *p, int64_t id, int64_t old,
                                   const char *day)
{
    for (size_t i = 0; i < sizeof undone / sizeof undone[0]; i++) {
        const struct val v[] = {V_INT(id), V_INT(old), V_TEXT(day)};
        TRY(db_run(p->db, p->e, undone[i].sql, v, undone[i].args));
    }
    return ERR_OK;
}

enum err_code exchanges_undo(struct projection *p, int64_t run)
{
    for (bool row = true; row;) {
        struct stmt *q = NULL;
        char day[11] = "";
        int64_t id = 0;
        int64_t old = 0;
        /* The newest first: of a meter that was exchanged twice the last exchange. */
        TRY(db_query(p->db, &q, p->e,
                     "SELECT id, replaces, installed FROM meter WHERE run = ? ORDER BY id DESC "
                     "LIMIT 1",
                     VALS(V_INT(run))));
        enum err_code code = stmt_next(q, &row, p->e);
        if (code == ERR_OK && row) {
            id = stmt_int(q, 0);
            old = stmt_int(q, 1);
            (void)snprintf(day, sizeof day, "%s", stmt_text(q, 2));
        }
        stmt_done(q);
        TRY(code);
        TRY(row ? exchange_undo(p, id, old, day) : ERR_OK);
    }
    return ERR_OK;
}
