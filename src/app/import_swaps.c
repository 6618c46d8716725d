#include <config.h>

#include "app/import_swaps.h"

#include "base/i18n.h"

/* Of import ?1: meters that came; they and those that they took the place of; registers and
 * readings that would leave the tables. */
#define WITH_THEM                                                                              \
    "WITH came(id, old, day) AS (SELECT id, replaces, installed FROM meter WHERE run = ?1), "  \
    "both(id) AS (SELECT id FROM came UNION SELECT old FROM came), reg(id) AS (SELECT g.id "   \
    "FROM came JOIN register g ON g.meter = came.id), gone(id) AS (SELECT x.id FROM reg JOIN " \
    "reading x ON x.register = reg.id UNION SELECT x.id FROM came JOIN register g ON g.meter " \
    "= came.old JOIN reading x ON x.register = g.id WHERE x.source = 'removal') "

/* Who links a meter changes what the exchanges carried over. */
#define LINKED_SINCE                                                                           \
    "SELECT 1 FROM history h WHERE h.kind = 'meter.linked' AND h.seq > (SELECT opened FROM "   \
    "import_run WHERE id = ?1) AND h.meter IN (SELECT f.meter FROM feed f JOIN both b ON "     \
    "b.id "                                                                                    \
    "= f.meter OR b.id = f.above)"

/* (query, what is said when it finds a row) */
static const struct {
    const char *sql, *why;
} uses[] = {
    {WITH_THEM
     "SELECT 1 FROM reg JOIN reading x ON x.register = reg.id WHERE x.source NOT IN "
     "('install', "
     "'removal', 'correction') AND x.run IS NOT ?1 AND NOT EXISTS(SELECT 1 FROM import_run i "
     "WHERE i.id = x.run AND i.state = 'discarded')",
     N_("meters whose exchange it took were read since; discard the imports that brought those "
        "readings first")},
    {WITH_THEM "SELECT 1 FROM meter WHERE replaces IN (SELECT id FROM came) AND run IS NOT ?1",
     N_("meters whose exchange it took were exchanged again since")},
    {WITH_THEM
     "SELECT 1 FROM history h WHERE h.meter IN both AND h.seq > (SELECT opened FROM import_run "
     "WHERE id = ?1) AND h.kind NOT IN ('meter.swapped', 'readings.decided', "
     "'decision.undone', "
     "'alert.resolved', 'readings.estimated') UNION ALL " LINKED_SINCE,
     N_("meters whose exchange it took were changed since")},
    {WITH_THEM
     "SELECT 1 FROM attachment WHERE (owner = 'meter' AND owner_id IN (SELECT id FROM came)) "
     "OR "
     "(owner = 'reading' AND owner_id IN gone) UNION ALL SELECT 1 FROM reading_note WHERE "
     "reading IN gone UNION ALL SELECT 1 FROM dispute WHERE reading IN gone UNION ALL SELECT 1 "
     "FROM document WHERE reading IN gone UNION ALL SELECT 1 FROM device_place WHERE register "
     "IN reg UNION ALL SELECT 1 FROM estimate WHERE reading IN gone OR base IN gone UNION ALL "
     "SELECT 1 FROM decision WHERE reading IN gone AND corrected NOT IN gone",
     N_("papers, notes, disputes or devices stand on readings of meters whose exchange it "
        "took")},
    {WITH_THEM
     "SELECT 1 FROM work_order WHERE meter IN (SELECT id FROM came) UNION ALL SELECT 1 FROM "
     "field_paper WHERE meter IN (SELECT id FROM came) UNION ALL SELECT 1 FROM cut_order WHERE "
     "meter IN (SELECT id FROM came) UNION ALL SELECT 1 FROM visit WHERE meter IN (SELECT id "
     "FROM came) UNION ALL SELECT 1 FROM old_bill WHERE meter IN (SELECT id FROM came) UNION "
     "ALL SELECT 1 FROM gas_factor WHERE meter IN (SELECT id FROM came) UNION ALL SELECT 1 "
     "FROM "
     "gas_zone WHERE meter IN (SELECT id FROM came)",
     N_("work orders, papers, visits, old bills or factors name meters whose exchange it "
        "took")},
};

enum err_code import_swaps(struct command_ctx *c, int64_t run, int64_t *count, const char **why,
                           struct err *e)
{
    *why = NULL;
    TRY(db_get_int(c->office->db, count, NULL, e, "SELECT count(*) FROM meter WHERE run = ?",
                   VALS(V_INT(run))));
    for (size_t i = 0; *count > 0 && *why == NULL && i < sizeof uses / sizeof uses[0]; i++) {
        int64_t one = 0;
        bool any = false;
        TRY(db_get_int(c->office->db, &one, &any, e, uses[i].sql, VALS(V_INT(run))));
        *why = any ? _(uses[i].why) : NULL;
    }
    return ERR_OK;
}
