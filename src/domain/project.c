#include <config.h>

#include "domain/project.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "ledger/kinds.h"
#include "store/db.h"

static enum err_code take_bad(struct projection *p, const char *name)
{
    return err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 " (%s) lacks a proper \"%s\""),
                   p->entry->seq, p->entry->kind, name);
}

enum err_code take_int(struct projection *p, const struct json *o, const char *name,
                       int64_t *out)
{
    return json_get_int(o, name, out) ? ERR_OK : take_bad(p, name);
}

enum err_code take_text(struct projection *p, const struct json *o, const char *name,
                        const char **out)
{
    *out = json_get_str(o, name);
    return *out != NULL ? ERR_OK : take_bad(p, name);
}

enum err_code take_hash(struct projection *p, const struct json *o, const char *name,
                        struct hash *out)
{
    return json_get_hash(o, name, out) ? ERR_OK : take_bad(p, name);
}

enum err_code take_array(struct projection *p, const struct json *o, const char *name,
                         const struct json **out)
{
    *out = json_get(o, name);
    return *out != NULL && (*out)->type == JSON_ARRAY ? ERR_OK : take_bad(p, name);
}

enum err_code take_object(struct projection *p, const struct json *o, const char *name,
                          const struct json **out)
{
    *out = json_get(o, name);
    return *out != NULL && (*out)->type == JSON_OBJECT ? ERR_OK : take_bad(p, name);
}

typedef enum err_code (*project_fn)(struct projection *p, const struct json *d);

static const project_fn project_fns[KIND_COUNT] = {
#define KIND(ident, name, version, signer) project_##ident,
#include "ledger/kinds.def"
#undef KIND
};

struct val optional_int(const struct json *o, const char *name)
{
    int64_t v = 0;
    return json_get_int(o, name, &v) ? V_INT(v) : V_NULL();
}

struct val optional_text(const struct json *o, const char *name)
{
    return V_TEXT(json_get_str(o, name));
}

/* Every entry stands in the history, by user, date and kind. */
static enum err_code project_history(struct projection *p)
{
    const struct entry *en = p->entry;
    return db_run(p->db, p->e,
                  "INSERT INTO history(seq, time, date, kind, actor, meter, account) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(en->seq), V_INT(en->time_ms), V_TEXT(en->date), V_TEXT(en->kind),
                       V_TEXT(en->actor), optional_int(en->data, "meter"),
                       optional_int(en->data, "account")));
}

static enum err_code project_entry(struct db *db, const struct entry *en, struct arena *arena,
                                   struct err *e)
{
    struct projection p = {db, en, arena, e};
    enum kind kind = kind_find(en->kind, en->version);
    if (kind == KIND_COUNT) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("entry %" PRId64 " is of kind %s version %" PRId64
                         ", which this program does not know"),
                       en->seq, en->kind, en->version);
    }
    TRY(project_history(&p));
    return project_fns[kind](&p, en->data);
}

static enum err_code project_item(struct db *db, const struct entry *en, int64_t index,
                                  const char *item, size_t len, struct arena *arena,
                                  struct err *e)
{
    struct projection p = {db, en, arena, e};
    struct json *o = NULL;
    TRY(json_parse(item, len, &json_limits_entry, arena, &o, e));
    enum kind kind = kind_find(en->kind, en->version);
    if (kind == KIND_readings_batch) {
        return project_reading_item(&p, o);
    }
    if (kind == KIND_billing_batch) {
        return project_bill_item(&p, o, index);
    }
    if (kind == KIND_meters_batch) {
        return project_meter_item(&p, o);
    }
    if (kind == KIND_credits_batch) {
        return project_credits_item(&p, o);
    }
    if (kind == KIND_window_batch) {
        return project_packet_item(&p, o, index);
    }
    if (kind == KIND_bank_batch) {
        return project_bank_item(&p, o);
    }
    if (kind == KIND_notes_batch) {
        return project_note_item(&p, o);
    }
    if (kind == KIND_records_batch) {
        return project_record_item(&p, o);
    }
    return err_set(e, ERR_TAMPERED,
                   _("entry %" PRId64 " (%s) has items, but its kind has none"), en->seq,
                   en->kind);
}

static enum err_code project_row(struct db *db, const struct entry *en, const void *row,
                                 struct err *e)
{
    if (strcmp(en->kind, "billing.batch") == 0) {
        return project_bill_row(db, en, row, e);
    }
    return strcmp(en->kind, "window.batch") == 0 ? project_packet_row(db, en, row, e)
                                                 : project_reading_row(db, en, row, e);
}

const struct projector office_projector = {project_entry, project_item, project_row};
