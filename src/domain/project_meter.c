/* Projectors of customers, accounts, meters, limits, tariffs and import mappings. */
#include <config.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "store/db.h"

/* A commitment that need not be there binds NULL. */
static enum err_code optional_hash(struct projection *p, const struct json *o, const char *name,
                                   struct hash *out, struct val *val)
{
    *val = V_NULL();
    if (json_get(o, name) == NULL) {
        return ERR_OK;
    }
    TRY(take_hash(p, o, name, out));
    *val = V_HASH(out);
    return ERR_OK;
}

enum err_code project_customer_created(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    struct hash h[5];
    struct val v[5];
    static const char *const fields[5] = {"name", "tax_id", "phone", "email", "address"};
    TRY(take_int(p, d, "customer", &id));
    for (size_t i = 0; i < 5; i++) {
        TRY(optional_hash(p, d, fields[i], &h[i], &v[i]));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO customer(id, name, tax_id, phone, email, address) VALUES(?,?,?,?,?,?)",
        VALS(V_INT(id), v[0], v[1], v[2], v[3], v[4]));
}

enum err_code project_account_opened(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t customer = 0;
    const char *number = NULL;
    const char *currency = NULL;
    const char *opened = NULL;
    TRY(take_int(p, d, "account", &id));
    TRY(take_int(p, d, "customer", &customer));
    TRY(take_text(p, d, "number", &number));
    TRY(take_text(p, d, "currency", &currency));
    TRY(take_text(p, d, "opened", &opened));
    return db_run(
        p->db, p->e,
        "INSERT INTO account(id, number, customer, currency, opened) VALUES(?,?,?,?,?)",
        VALS(V_INT(id), V_TEXT(number), V_INT(customer), V_TEXT(currency), V_TEXT(opened)));
}

enum err_code project_account_closed(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    const char *closed = NULL;
    TRY(take_int(p, d, "account", &id));
    TRY(take_text(p, d, "closed", &closed));
    return db_run(p->db, p->e, "UPDATE account SET closed=? WHERE id=?",
                  VALS(V_TEXT(closed), V_INT(id)));
}

static enum err_code point_insert(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t order = 0;
    struct hash place;
    const char *route = NULL;
    TRY(take_int(p, d, "id", &id));
    TRY(take_hash(p, d, "place", &place));
    TRY(take_text(p, d, "route", &route));
    TRY(take_int(p, d, "order", &order));
    return db_run(p->db, p->e,
                  "INSERT INTO service_point(id, place, route, route_order) VALUES(?,?,?,?)",
                  VALS(V_INT(id), V_HASH(&place), V_TEXT(route), V_INT(order)));
}

static enum err_code register_insert(struct projection *p, const struct json *d, int64_t meter)
{
    int64_t id = 0;
    int64_t digits = 0;
    int64_t decimals = 0;
    int64_t multiplier = 0;
    const char *obis = NULL;
    const char *unit = NULL;
    TRY(take_int(p, d, "id", &id));
    TRY(take_text(p, d, "obis", &obis));
    TRY(take_text(p, d, "unit", &unit));
    TRY(take_int(p, d, "digits", &digits));
    TRY(take_int(p, d, "decimals", &decimals));
    TRY(take_int(p, d, "multiplier", &multiplier));
    TRY(db_run(
        p->db, p->e,
        "INSERT INTO register(id, meter, obis, unit, digits, decimals, multiplier, max_rate) "
        "VALUES(?,?,?,?,?,?,?,?)",
        VALS(V_INT(id), V_INT(meter), V_TEXT(obis), V_TEXT(unit), V_INT(digits),
             V_INT(decimals), V_INT(multiplier), optional_int(d, "max_rate"))));
    const struct json *initial = json_get(d, "initial");
    return initial == NULL ? ERR_OK : project_reading_item(p, initial);
}

enum err_code project_limit_set(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t meter = 0;
    int64_t value = 0;
    const char *start = NULL;
    TRY(take_int(p, d, "limit", &id));
    TRY(take_int(p, d, "meter", &meter));
    TRY(take_int(p, d, "value", &value));
    TRY(take_text(p, d, "start", &start));
    /* An earlier limit that would overlap ends where this one starts. */
    TRY(db_run(p->db, p->e,
               "UPDATE usage_limit SET end_date=?1 WHERE meter=?2 AND (end_date IS NULL OR "
               "end_date>?1) AND "
               "start_date<=?1",
               VALS(V_TEXT(start), V_INT(meter))));
    return db_run(
        p->db, p->e,
        "INSERT INTO usage_limit(id, meter, value, start_date, end_date) VALUES(?,?,?,?,?)",
        VALS(V_INT(id), V_INT(meter), V_INT(value), V_TEXT(start), optional_text(d, "end")));
}

enum err_code project_meter_assigned(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t meter = 0;
    int64_t account = 0;
    const char *tariff = NULL;
    const char *start = NULL;
    TRY(take_int(p, d, "assignment", &id));
    TRY(take_int(p, d, "meter", &meter));
    TRY(take_int(p, d, "account", &account));
    TRY(take_text(p, d, "tariff", &tariff));
    TRY(take_text(p, d, "start", &start));
    TRY(db_run(p->db, p->e,
               "UPDATE assignment SET end_date=? WHERE meter=? AND end_date IS NULL",
               VALS(V_TEXT(start), V_INT(meter))));
    return db_run(
        p->db, p->e,
        "INSERT INTO assignment(id, meter, account, tariff, start_date) VALUES(?,?,?,?,?)",
        VALS(V_INT(id), V_INT(meter), V_INT(account), V_TEXT(tariff), V_TEXT(start)));
}

/* A part of a meter's installation that may be there: a customer, an account, an assignment, a
 * limit. */
static enum err_code optional_part(struct projection *p, const struct json *d, const char *name,
                                   enum err_code (*project)(struct projection *,
                                                            const struct json *))
{
    const struct json *part = json_get(d, name);
    return part == NULL ? ERR_OK : project(p, part);
}

enum err_code project_meter_installed(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t point = 0;
    const char *serial = NULL;
    const char *kind = NULL;
    const char *installed = NULL;
    const struct json *registers = NULL;
    const struct json *point_data = json_get(d, "point");
    TRY(take_int(p, d, "meter", &id));
    TRY(take_text(p, d, "serial", &serial));
    TRY(take_text(p, d, "kind", &kind));
    TRY(take_text(p, d, "installed", &installed));
    TRY(take_array(p, d, "registers", &registers));
    TRY(take_int(p, point_data, "id", &point));
    TRY(point_insert(p, point_data));
    TRY(db_run(p->db, p->e,
               "INSERT INTO meter(id, serial, kind, state, point, installed) "
               "VALUES(?,?,?,'in_service',?,?)",
               VALS(V_INT(id), V_TEXT(serial), V_TEXT(kind), V_INT(point), V_TEXT(installed))));
    for (size_t i = 0; i < registers->u.array.count; i++) {
        TRY(register_insert(p, registers->u.array.items[i], id));
    }
    TRY(optional_part(p, d, "new_customer", project_customer_created));
    TRY(optional_part(p, d, "new_account", project_account_opened));
    TRY(optional_part(p, d, "assignment", project_meter_assigned));
    return optional_part(p, d, "limit", project_limit_set);
}

enum err_code project_meter_register_added(struct projection *p, const struct json *d)
{
    int64_t meter = 0;
    const struct json *reg = json_get(d, "register");
    TRY(take_int(p, d, "meter", &meter));
    return reg != NULL ? register_insert(p, reg, meter)
                       : err_set(p->e, ERR_TAMPERED, _("an added register is missing"));
}

/* An earlier link ends where this one starts. */
enum err_code project_meter_linked(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t meter = 0;
    int64_t above = 0;
    bool deduct = false;
    const char *start = NULL;
    TRY(take_int(p, d, "meter", &meter));
    TRY(take_text(p, d, "start", &start));
    TRY(db_run(p->db, p->e, "UPDATE feed SET end_date=? WHERE meter=? AND end_date IS NULL",
               VALS(V_TEXT(start), V_INT(meter))));
    if (!json_get_int(d, "above", &above)) {
        return ERR_OK;
    }
    TRY(take_int(p, d, "link", &id));
    return db_run(p->db, p->e,
                  "INSERT INTO feed(id, meter, above, start_date, deduct) "
                  "VALUES(?,?,?,?,?)",
                  VALS(V_INT(id), V_INT(meter), V_INT(above), V_TEXT(start),
                       V_INT(json_get_bool(d, "deduct", &deduct) && deduct)));
}

enum err_code project_meters_checked(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "alerts", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(project_alert(p, list->u.array.items[i]));
    }
    return ERR_OK;
}

/* Who stood above the old meter, and what stood below it, goes on with the new one from that
 * day, and so do limits that begin later: a file may tell of exchanges that lie years back. */
static const char *const carried[] = {
    "INSERT INTO feed(id, meter, above, start_date, end_date, deduct) SELECT (SELECT "
    "coalesce(max(id), 0) FROM feed) + row_number() OVER (ORDER BY id), iif(meter = ?1, ?2, "
    "meter), iif(above = ?1, ?2, above), ?3, end_date, deduct FROM feed WHERE (meter = ?1 OR "
    "above = ?1) AND start_date < ?3 AND (end_date IS NULL OR end_date > ?3)",
    "UPDATE feed SET end_date = ?3 WHERE (meter = ?1 OR above = ?1) AND start_date < ?3 AND "
    "(end_date IS NULL OR end_date > ?3)",
    "UPDATE feed SET meter = iif(meter = ?1, ?2, meter), above = iif(above = ?1, ?2, above) "
    "WHERE (meter = ?1 OR above = ?1) AND start_date >= ?3",
    "UPDATE usage_limit SET meter = ?2 WHERE meter = ?1 AND start_date > ?3",
};

static enum err_code end_carry(struct projection *p, int64_t old, int64_t id,
                               const char *installed)
{
    for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
        TRY(db_run(p->db, p->e, carried[i], VALS(V_INT(old), V_INT(id), V_TEXT(installed))));
    }
    return ERR_OK;
}

enum err_code project_meter_item(struct projection *p, const struct json *item)
{
    return project_meter_installed(p, item);
}

/* Final readings, and the day on which nobody is billed for the meter any more. */
static enum err_code meter_end(struct projection *p, const struct json *d, int64_t meter)
{
    const struct json *finals = json_get(d, "final");
    const char *ends = json_get_str(d, "ends");
    if (finals != NULL) {
        TRY(take_array(p, d, "final", &finals));
    }
    for (size_t i = 0; finals != NULL && i < finals->u.array.count; i++) {
        TRY(project_reading_item(p, finals->u.array.items[i]));
    }
    return ends == NULL
               ? ERR_OK
               : db_run(p->db, p->e,
                        "UPDATE assignment SET end_date=? WHERE meter=? AND end_date IS NULL",
                        VALS(V_TEXT(ends), V_INT(meter)));
}

enum err_code project_meter_swapped(struct projection *p, const struct json *d)
{
    int64_t old = 0;
    int64_t id = 0;
    const char *removed = NULL;
    const char *serial = NULL;
    const char *installed = NULL;
    const struct json *registers = NULL;
    const struct json *n = json_get(d, "new");
    TRY(take_int(p, d, "meter", &old));
    TRY(take_text(p, d, "removed", &removed));
    TRY(take_int(p, n, "meter", &id));
    TRY(take_text(p, n, "serial", &serial));
    TRY(take_text(p, n, "installed", &installed));
    TRY(take_array(p, n, "registers", &registers));
    TRY(meter_end(p, d, old));
    TRY(db_run(p->db, p->e, "UPDATE meter SET state='removed', removed=? WHERE id=?",
               VALS(V_TEXT(removed), V_INT(old))));
    TRY(db_run(p->db, p->e,
               "INSERT INTO meter(id, serial, kind, state, point, installed, replaces, run) "
               "SELECT ?1, ?2, kind, 'in_service', point, ?3, id, ?5 FROM meter WHERE id = ?4",
               VALS(V_INT(id), V_TEXT(serial), V_TEXT(installed), V_INT(old),
                    optional_int(d, "run"))));
    for (size_t i = 0; i < registers->u.array.count; i++) {
        TRY(register_insert(p, registers->u.array.items[i], id));
    }
    TRY(end_carry(p, old, id, installed));
    TRY(optional_part(p, d, "assignment", project_meter_assigned));
    return optional_part(p, d, "limit", project_limit_set);
}

enum err_code project_meter_state_set(struct projection *p, const struct json *d)
{
    int64_t meter = 0;
    const char *state = NULL;
    TRY(take_int(p, d, "meter", &meter));
    TRY(take_text(p, d, "state", &state));
    TRY(meter_end(p, d, meter));
    return db_run(p->db, p->e, "UPDATE meter SET state=?, removed=? WHERE id=?",
                  VALS(V_TEXT(state), optional_text(d, "removed"), V_INT(meter)));
}

enum err_code project_mapping_saved(struct projection *p, const struct json *d)
{
    const char *name = NULL;
    struct buf spec;
    TRY(take_text(p, d, "name", &name));
    buf_init(&spec, ENTRY_PAYLOAD_MAX);
    const struct json *value = json_get(d, "spec");
    enum err_code code = value == NULL
                             ? err_set(p->e, ERR_TAMPERED, _("a saved mapping has no \"spec\""))
                             : json_write_jcs(value, &spec, p->e);
    if (code == ERR_OK) {
        code = db_run(p->db, p->e,
                      "INSERT INTO mapping(name, spec, seq) VALUES(?,?,?) "
                      "ON CONFLICT(name) DO UPDATE SET spec=excluded.spec, seq=excluded.seq",
                      VALS(V_TEXT(name), V_TEXT(buf_str(&spec)), V_INT(p->entry->seq)));
    }
    buf_release(&spec);
    return code;
}

enum err_code project_tariff_published(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t version = 0;
    const char *text[4] = {NULL};
    static const char *const names[4] = {"code", "kind", "currency", "valid_from"};
    struct hash hash;
    struct buf spec;
    TRY(take_int(p, d, "tariff", &id));
    TRY(take_int(p, d, "version", &version));
    TRY(take_hash(p, d, "hash", &hash));
    for (size_t i = 0; i < 4; i++) {
        TRY(take_text(p, d, names[i], &text[i]));
    }
    buf_init(&spec, ENTRY_PAYLOAD_MAX);
    const struct json *value = json_get(d, "spec");
    enum err_code code =
        value == NULL ? err_set(p->e, ERR_TAMPERED, _("a published tariff has no \"spec\""))
                      : json_write_jcs(value, &spec, p->e);
    if (code == ERR_OK) {
        code = db_run(
            p->db, p->e,
            "INSERT INTO tariff(id, code, version, kind, currency, valid_from, hash, json) "
            "VALUES(?,?,?,?,?,?,?,?)",
            VALS(V_INT(id), V_TEXT(text[0]), V_INT(version), V_TEXT(text[1]), V_TEXT(text[2]),
                 V_TEXT(text[3]), V_HASH(&hash), V_TEXT(buf_str(&spec))));
    }
    buf_release(&spec);
    return code;
}

enum err_code project_rule_set(struct projection *p, const struct json *d)
{
    const char *text[3] = {NULL};
    static const char *const names[3] = {"kind", "rule", "severity"};
    const struct json *limits = NULL;
    bool active = false;
    bool hold = false;
    int64_t v[5] = {0};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_text(p, d, names[i], &text[i]));
    }
    TRY(take_array(p, d, "limits", &limits));
    for (size_t i = 0; i < 5; i++) {
        if (limits->u.array.count != 5 || limits->u.array.items[i]->type != JSON_INT) {
            return err_set(p->e, ERR_TAMPERED, _("a rule has no five limits"));
        }
        v[i] = limits->u.array.items[i]->u.integer;
    }
    (void)json_get_bool(d, "active", &active);
    (void)json_get_bool(d, "hold", &hold);
    return db_run(p->db, p->e,
                  "INSERT OR REPLACE INTO rule_setting(kind, rule, severity, active, hold, "
                  "limit0, limit1, limit2, limit3, limit4, seq) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                  VALS(V_TEXT(text[0]), V_TEXT(text[1]), V_TEXT(text[2]), V_INT(active),
                       V_INT(hold), V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_INT(v[3]),
                       V_INT(v[4]), V_INT(p->entry->seq)));
}
