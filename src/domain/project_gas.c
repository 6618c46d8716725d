/* Projectors of the factors of gas and of the zones that they hold in. */
#include <config.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code gas_factor_record(struct projection *p, const struct json *o, int64_t run)
{
    int64_t id = 0;
    const char *t[4] = {NULL};
    static const char *const names[4] = {"kind", "value", "start", "source"};
    const char *zone = json_get_str(o, "zone");
    const char *conditions = json_get_str(o, "conditions");
    TRY(take_int(p, o, "factor", &id));
    for (size_t i = 0; i < 4; i++) {
        TRY(take_text(p, o, names[i], &t[i]));
    }
    return db_run(p->db, p->e,
                  "INSERT INTO gas_factor(id, kind, meter, zone, value, start_date, end_date, "
                  "conditions, source, run, seq) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                  VALS(V_INT(id), V_TEXT(t[0]), optional_int(o, "meter"),
                       V_TEXT(zone != NULL ? zone : ""), V_TEXT(t[1]), V_TEXT(t[2]),
                       V_TEXT(json_get_str(o, "end")),
                       V_TEXT(conditions != NULL ? conditions : ""), V_TEXT(t[3]),
                       run != 0 ? V_INT(run) : V_NULL(), V_INT(p->entry->seq)));
}

enum err_code project_gas_factor_set(struct projection *p, const struct json *d)
{
    return gas_factor_record(p, d, 0);
}

enum err_code project_gas_zone_set(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    const char *zone = NULL;
    const char *start = NULL;
    TRY(take_int(p, d, "id", &id));
    TRY(take_text(p, d, "zone", &zone));
    TRY(take_text(p, d, "start", &start));
    return db_run(p->db, p->e,
                  "INSERT INTO gas_zone(id, meter, route, zone, start_date, seq) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(id), optional_int(d, "meter"), V_TEXT(json_get_str(d, "route")),
                       V_TEXT(zone), V_TEXT(start), V_INT(p->entry->seq)));
}
