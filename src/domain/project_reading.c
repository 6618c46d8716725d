/* Projectors of readings, findings, decisions, runs and alerts. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

/* "2016-03-01T00:28:55" as seconds, as if it were UTC. */
static enum err_code take_civil(struct projection *p, const struct json *o, const char *name,
                                int64_t *secs)
{
    const char *text = NULL;
    struct civil c;
    TRY(take_text(p, o, name, &text));
    if (civil_parse_format(text, strlen(text), "%Y-%m-%dT%H:%M:%S", &c, p->e) != ERR_OK) {
        return err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 ": \"%s\" is no time"),
                       p->entry->seq, name);
    }
    *secs = civil_to_secs(c);
    return ERR_OK;
}

static enum err_code finding_insert(struct db *db, int64_t reading, const char *rule,
                                    const char *class, int64_t observed, int64_t threshold,
                                    bool hold, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO finding(reading, rule, class, observed, threshold, hold) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(reading), V_TEXT(rule), V_TEXT(class), V_INT(observed),
                       V_INT(threshold), V_INT(hold)));
}

static enum err_code finding_project(struct projection *p, const struct json *f,
                                     int64_t reading)
{
    const char *rule = NULL;
    const char *class = NULL;
    int64_t observed = 0;
    int64_t threshold = 0;
    bool hold = false;
    TRY(take_text(p, f, "rule", &rule));
    TRY(take_text(p, f, "class", &class));
    TRY(take_int(p, f, "observed", &observed));
    TRY(take_int(p, f, "threshold", &threshold));
    (void)json_get_bool(f, "hold", &hold);
    return finding_insert(p->db, reading, rule, class, observed, threshold, hold, p->e);
}

/* An alert as it was raised; `reading`: NULL where it is not of one. */
struct alert_row {
    int64_t id, meter, observed, threshold;
    const char *rule;
    struct val reading;
};

static enum err_code alert_insert(struct db *db, const struct entry *en,
                                  const struct alert_row *a, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO alert(id, meter, rule, date, reading, observed, threshold) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(a->id), V_INT(a->meter), V_TEXT(a->rule), V_TEXT(en->date),
                       a->reading, V_INT(a->observed), V_INT(a->threshold)));
}

/* The alert of a held reading, named after the first finding that held it. */
static enum err_code alert_project(struct projection *p, const struct json *o,
                                   struct val reading)
{
    struct alert_row a = {.reading = reading};
    TRY(take_int(p, o, "id", &a.id));
    TRY(take_int(p, o, "meter", &a.meter));
    TRY(take_text(p, o, "rule", &a.rule));
    TRY(take_int(p, o, "observed", &a.observed));
    TRY(take_int(p, o, "threshold", &a.threshold));
    return alert_insert(p->db, p->entry, &a, p->e);
}

enum err_code project_alert(struct projection *p, const struct json *alert)
{
    return alert_project(p, alert, V_NULL());
}

static enum err_code estimate_insert(struct projection *p, const struct json *x,
                                     int64_t reading)
{
    int64_t v[4] = {0};
    const char *method = NULL;
    static const char *const names[4] = {"base", "use", "secs", "periods"};
    for (size_t i = 0; i < 4; i++) {
        TRY(take_int(p, x, names[i], &v[i]));
    }
    TRY(take_text(p, x, "method", &method));
    return db_run(p->db, p->e,
                  "INSERT INTO estimate(reading, method, base, use, secs, periods) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(reading), V_TEXT(method), V_INT(v[0]), V_INT(v[1]), V_INT(v[2]),
                       V_INT(v[3])));
}

static enum err_code reading_extras(struct projection *p, const struct json *item, int64_t id)
{
    const struct json *findings = json_get(item, "findings");
    for (size_t i = 0; findings != NULL && i < findings->u.array.count; i++) {
        TRY(finding_project(p, findings->u.array.items[i], id));
    }
    const struct json *alert = json_get(item, "alert");
    if (alert != NULL) {
        TRY(alert_project(p, alert, V_INT(id)));
    }
    if (json_get(item, "estimate") != NULL) {
        TRY(estimate_insert(p, json_get(item, "estimate"), id));
    }
    if (json_get(item, "note") != NULL) {
        struct hash note;
        TRY(take_hash(p, item, "note", &note));
        TRY(db_run(p->db, p->e, "INSERT INTO reading_note(reading, note) VALUES(?,?)",
                   VALS(V_INT(id), V_HASH(&note))));
    }
    return ERR_OK;
}

/* What the rules said of a reading: its findings, and its alert. */
static enum err_code row_extras(struct db *db, const struct entry *en,
                                const struct reading_row *r, struct err *e)
{
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct finding *f = &r->findings[i];
        TRY(finding_insert(db, r->id, rule_name(f->rule), finding_class_name(f->kind),
                           f->observed, f->limit, f->hold, e));
    }
    if (r->alert == 0) {
        return ERR_OK;
    }
    struct alert_row a = {.id = r->alert,
                          .meter = r->meter,
                          .observed = r->worst->observed,
                          .threshold = r->worst->limit,
                          .rule = rule_name(r->worst->rule),
                          .reading = V_INT(r->id)};
    return alert_insert(db, en, &a, e);
}

enum err_code project_reading_row(struct db *db, const struct entry *en,
                                  const struct reading_row *r, struct err *e)
{
    TRY(db_run(
        db, e,
        "INSERT INTO reading(id, register, utc, local, value, state, source, run, seq, line) "
        "VALUES(?,?,?,?,?,?,?,?,?,?)",
        VALS(V_INT(r->id), V_INT(r->reg), V_INT(r->utc), V_INT(r->local), V_INT(r->value),
             V_TEXT(r->state), V_TEXT(r->source), r->run != 0 ? V_INT(r->run) : V_NULL(),
             V_INT(en->seq), V_INT(r->line))));
    return row_extras(db, en, r, e);
}

enum err_code project_reading_item(struct projection *p, const struct json *item)
{
    struct reading_row r = {.source = json_get_str(item, "source")};
    if (r.source == NULL) {
        r.source = "import";
    }
    TRY(take_int(p, item, "id", &r.id));
    TRY(take_int(p, item, "register", &r.reg));
    TRY(take_int(p, item, "utc", &r.utc));
    TRY(take_civil(p, item, "local", &r.local));
    TRY(take_int(p, item, "value", &r.value));
    TRY(take_text(p, item, "state", &r.state));
    (void)json_get_int(item, "line", &r.line);
    (void)json_get_int(p->entry->data, "run", &r.run);
    TRY(project_reading_row(p->db, p->entry, &r, p->e));
    return reading_extras(p, item, r.id);
}

enum err_code project_reading_recorded(struct projection *p, const struct json *d)
{
    const struct json *reading = json_get(d, "reading");
    return reading != NULL ? project_reading_item(p, reading)
                           : err_set(p->e, ERR_TAMPERED,
                                     _("entry %" PRId64 " holds no reading"), p->entry->seq);
}

enum err_code decision_project(struct projection *p, const struct json *d,
                               const struct json *one)
{
    const char *action = NULL;
    const char *reason = NULL;
    TRY(take_text(p, d, "action", &action));
    TRY(take_text(p, d, "reason", &reason));
    return decision_apply(p, action, reason, one);
}

enum err_code decision_apply(struct projection *p, const char *action, const char *reason,
                             const struct json *one)
{
    int64_t id = 0;
    int64_t reading = 0;
    TRY(take_int(p, one, "id", &id));
    TRY(take_int(p, one, "reading", &reading));
    struct val corrected = V_NULL();
    const struct json *correction = json_get(one, "correction");
    if (correction != NULL) {
        int64_t new_id = 0;
        TRY(take_int(p, correction, "id", &new_id));
        TRY(project_reading_item(p, correction));
        corrected = V_INT(new_id);
    }
    TRY(db_run(
        p->db, p->e,
        "INSERT INTO decision(id, reading, action, reason, corrected, seq) VALUES(?,?,?,?,?,?)",
        VALS(V_INT(id), V_INT(reading), V_TEXT(action), V_TEXT(reason), corrected,
             V_INT(p->entry->seq))));
    const char *state = strcmp(action, "accept") == 0   ? "accepted"
                        : strcmp(action, "reject") == 0 ? "rejected"
                                                        : "corrected";
    TRY(db_run(p->db, p->e, "UPDATE reading SET state=? WHERE id=?",
               VALS(V_TEXT(state), V_INT(reading))));
    return db_run(
        p->db, p->e,
        "UPDATE alert SET resolved=?, resolution=? WHERE reading=? AND resolved IS NULL",
        VALS(V_INT(p->entry->seq), V_TEXT(action), V_INT(reading)));
}

enum err_code project_readings_decided(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "decisions", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(decision_project(p, d, list->u.array.items[i]));
    }
    return ERR_OK;
}

enum err_code project_readings_estimated(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "readings", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(project_reading_item(p, list->u.array.items[i]));
    }
    TRY(take_array(p, d, "alerts", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(project_alert(p, list->u.array.items[i]));
    }
    return ERR_OK;
}

enum err_code project_decision_undone(struct projection *p, const struct json *d)
{
    int64_t v[3] = {0};
    int64_t corrected = 0;
    const char *state = NULL;
    static const char *const names[3] = {"decision", "reading", "entry"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    TRY(take_text(p, d, "state", &state));
    TRY(db_run(p->db, p->e, "UPDATE decision SET undone=? WHERE id=?",
               VALS(V_INT(p->entry->seq), V_INT(v[0]))));
    TRY(db_run(p->db, p->e, "UPDATE reading SET state=? WHERE id=?",
               VALS(V_TEXT(state), V_INT(v[1]))));
    if (json_get_int(d, "corrected", &corrected)) {
        TRY(db_run(p->db, p->e, "UPDATE reading SET state='rejected' WHERE id=?",
                   VALS(V_INT(corrected))));
    }
    return db_run(p->db, p->e,
                  "UPDATE alert SET resolved=NULL, resolution=NULL WHERE reading=? AND "
                  "resolved=? AND ?='held'",
                  VALS(V_INT(v[1]), V_INT(v[2]), V_TEXT(state)));
}

enum err_code project_alert_resolved(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    const char *resolution = NULL;
    TRY(take_int(p, d, "alert", &id));
    TRY(take_text(p, d, "resolution", &resolution));
    return db_run(p->db, p->e, "UPDATE alert SET resolved=?, resolution=? WHERE id=?",
                  VALS(V_INT(p->entry->seq), V_TEXT(resolution), V_INT(id)));
}
