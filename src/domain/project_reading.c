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

static enum err_code finding_insert(struct projection *p, const struct json *f, int64_t reading)
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
    return db_run(p->db, p->e,
                  "INSERT INTO finding(reading, rule, class, observed, threshold, hold) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(reading), V_TEXT(rule), V_TEXT(class), V_INT(observed),
                       V_INT(threshold), V_INT(hold)));
}

/* The alert of a held reading, named after the first finding that held it. */
static enum err_code alert_insert(struct projection *p, const struct json *a,
                                  struct val reading, struct val bill)
{
    int64_t id = 0;
    int64_t meter = 0;
    int64_t observed = 0;
    int64_t threshold = 0;
    const char *rule = NULL;
    TRY(take_int(p, a, "id", &id));
    TRY(take_int(p, a, "meter", &meter));
    TRY(take_text(p, a, "rule", &rule));
    TRY(take_int(p, a, "observed", &observed));
    TRY(take_int(p, a, "threshold", &threshold));
    return db_run(
        p->db, p->e,
        "INSERT INTO alert(id, meter, rule, date, reading, bill, observed, threshold) "
        "VALUES(?,?,?,?,?,?,?,?)",
        VALS(V_INT(id), V_INT(meter), V_TEXT(rule), V_TEXT(p->entry->date), reading, bill,
             V_INT(observed), V_INT(threshold)));
}

enum err_code project_alert(struct projection *p, const struct json *alert)
{
    return alert_insert(p, alert, V_NULL(), V_NULL());
}

static enum err_code reading_extras(struct projection *p, const struct json *item, int64_t id)
{
    const struct json *findings = json_get(item, "findings");
    for (size_t i = 0; findings != NULL && i < findings->u.array.count; i++) {
        TRY(finding_insert(p, findings->u.array.items[i], id));
    }
    const struct json *alert = json_get(item, "alert");
    if (alert != NULL) {
        TRY(alert_insert(p, alert, V_INT(id), V_NULL()));
    }
    if (json_get(item, "note") != NULL) {
        struct hash note;
        TRY(take_hash(p, item, "note", &note));
        TRY(db_run(p->db, p->e, "INSERT INTO reading_note(reading, note) VALUES(?,?)",
                   VALS(V_INT(id), V_HASH(&note))));
    }
    return ERR_OK;
}

enum err_code project_reading_row(struct db *db, const struct entry *en,
                                  const struct reading_row *r, struct err *e)
{
    return db_run(
        db, e,
        "INSERT INTO reading(id, register, utc, local, value, state, source, run, seq, line) "
        "VALUES(?,?,?,?,?,?,?,?,?,?)",
        VALS(V_INT(r->id), V_INT(r->reg), V_INT(r->utc), V_INT(r->local), V_INT(r->value),
             V_TEXT(r->state), V_TEXT(r->source), r->run != 0 ? V_INT(r->run) : V_NULL(),
             V_INT(en->seq), V_INT(r->line)));
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
    int64_t id = 0;
    int64_t reading = 0;
    const char *action = NULL;
    const char *reason = NULL;
    TRY(take_int(p, one, "id", &id));
    TRY(take_int(p, one, "reading", &reading));
    TRY(take_text(p, d, "action", &action));
    TRY(take_text(p, d, "reason", &reason));
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

enum err_code project_alert_resolved(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    const char *resolution = NULL;
    TRY(take_int(p, d, "alert", &id));
    TRY(take_text(p, d, "resolution", &resolution));
    return db_run(p->db, p->e, "UPDATE alert SET resolved=?, resolution=? WHERE id=?",
                  VALS(V_INT(p->entry->seq), V_TEXT(resolution), V_INT(id)));
}

static enum err_code run_open(struct projection *p, const struct json *d, const char *kind)
{
    int64_t run = 0;
    const char *text[3] = {NULL};
    static const char *const names[3] = {"file", "sha256", "mapping"};
    TRY(take_int(p, d, "run", &run));
    for (size_t i = 0; i < 3; i++) {
        TRY(take_text(p, d, names[i], &text[i]));
    }
    return db_run(p->db, p->e,
                  "INSERT INTO import_run(id, kind, file, sha256, mapping, state, opened, "
                  "batches, items) "
                  "VALUES(?,?,?,?,?,'open',?,0,0)",
                  VALS(V_INT(run), V_TEXT(kind), V_TEXT(text[0]), V_TEXT(text[1]),
                       V_TEXT(text[2]), V_INT(p->entry->seq)));
}

static enum err_code run_batch(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    int64_t count = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(take_int(p, d, "count", &count));
    return db_run(
        p->db, p->e,
        "UPDATE import_run SET batches=batches+1, items=items+? WHERE id=? AND state='open'",
        VALS(V_INT(count), V_INT(run)));
}

static enum err_code run_end(struct projection *p, const struct json *d, const char *state)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    return db_run(p->db, p->e, "UPDATE import_run SET state=?, ended=? WHERE id=?",
                  VALS(V_TEXT(state), V_INT(p->entry->seq), V_INT(run)));
}

enum err_code project_readings_opened(struct projection *p, const struct json *d)
{
    return run_open(p, d, "readings");
}

enum err_code project_readings_batch(struct projection *p, const struct json *d)
{
    return run_batch(p, d);
}

enum err_code project_readings_closed(struct projection *p, const struct json *d)
{
    return run_end(p, d, "closed");
}

enum err_code project_meters_opened(struct projection *p, const struct json *d)
{
    return run_open(p, d, "meters");
}

enum err_code project_meters_batch(struct projection *p, const struct json *d)
{
    return run_batch(p, d);
}

enum err_code project_meters_closed(struct projection *p, const struct json *d)
{
    return run_end(p, d, "closed");
}

/* The rows that a discarded import of meters had made, children first; what was personal of
 * them goes too, for nobody is left whom it is about. */
static const struct {
    const char *ranges, *sql;
} unmade[] = {
    {"points",
     "DELETE FROM main.personal WHERE owner = 'service_point' AND id BETWEEN ? AND ?"},
    {"points",
     "DELETE FROM personal_past WHERE owner = 'service_point' AND id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM main.personal WHERE owner = 'customer' AND id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM personal_past WHERE owner = 'customer' AND id BETWEEN ? AND ?"},
    {"meters", "DELETE FROM reading WHERE register IN (SELECT id FROM register WHERE meter "
               "BETWEEN ? AND ?)"},
    {"meters", "DELETE FROM usage_limit WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM assignment WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM register WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM meter WHERE id BETWEEN ? AND ?"},
    {"points", "DELETE FROM service_point WHERE id BETWEEN ? AND ?"},
    {"accounts", "DELETE FROM account WHERE id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM customer WHERE id BETWEEN ? AND ?"},
};

static enum err_code meters_unmake(struct projection *p, const struct json *d)
{
    for (size_t i = 0; i < sizeof unmade / sizeof unmade[0]; i++) {
        const struct json *ranges = NULL;
        TRY(take_array(p, d, unmade[i].ranges, &ranges));
        for (size_t k = 0; k < ranges->u.array.count; k++) {
            const struct json *pair = ranges->u.array.items[k];
            if (pair->type != JSON_ARRAY || pair->u.array.count != 2 ||
                pair->u.array.items[0]->type != JSON_INT ||
                pair->u.array.items[1]->type != JSON_INT) {
                return err_set(p->e, ERR_TAMPERED,
                               _("entry %" PRId64 ": \"%s\" holds no ranges"), p->entry->seq,
                               unmade[i].ranges);
            }
            TRY(db_run(p->db, p->e, unmade[i].sql,
                       VALS(V_INT(pair->u.array.items[0]->u.integer),
                            V_INT(pair->u.array.items[1]->u.integer))));
        }
    }
    return ERR_OK;
}

enum err_code project_run_discarded(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(db_run(p->db, p->e,
               "UPDATE alert SET resolved=?, resolution='discarded' WHERE resolved IS NULL AND "
               "reading IN "
               "(SELECT id FROM reading WHERE run=?)",
               VALS(V_INT(p->entry->seq), V_INT(run))));
    /* A correction of its readings, or a correction of that, was believed for their sake. */
    TRY(db_run(p->db, p->e,
               "WITH RECURSIVE c(id) AS (SELECT d.corrected FROM decision d JOIN reading x ON "
               "x.id = d.reading WHERE x.run = ? AND d.corrected IS NOT NULL UNION SELECT "
               "d.corrected FROM decision d JOIN c ON c.id = d.reading WHERE d.corrected IS "
               "NOT NULL) UPDATE reading SET state='rejected' WHERE id IN (SELECT id FROM c) "
               "AND state='accepted'",
               VALS(V_INT(run))));
    if (json_get(d, "meters") != NULL) {
        TRY(meters_unmake(p, d));
    }
    return run_end(p, d, "discarded");
}
