/* Projectors of devices, their keys and places, and of windows of their packets. */
#include <config.h>

#include "domain/project.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "store/db.h"

static enum err_code key_insert(struct projection *p, const struct json *d, int64_t device)
{
    struct hash keyid;
    struct buf spki;
    const char *text = NULL;
    const char *curve = NULL;
    struct err ignored = ERR_INIT;
    TRY(take_hash(p, d, "keyid", &keyid));
    TRY(take_text(p, d, "spki", &text));
    TRY(take_text(p, d, "curve", &curve));
    buf_init(&spki, 1024);
    enum err_code code = base64_decode(text, strlen(text), &spki, &ignored);
    if (code == ERR_OK) {
        code = db_run(p->db, p->e,
                      "INSERT INTO device_key(keyid, device, spki, curve, valid_from) "
                      "VALUES(?,?,?,?,?)",
                      VALS(V_HASH(&keyid), V_INT(device), V_BLOB(spki.data, spki.len),
                           V_TEXT(curve), V_INT(p->entry->seq)));
    } else {
        code = err_set(p->e, code == ERR_NOMEM ? ERR_NOMEM : ERR_TAMPERED,
                       _("entry %" PRId64 " holds no key"), p->entry->seq);
    }
    buf_release(&spki);
    return code;
}

/* The key that is valid ends at the entry before this one. */
static enum err_code key_end(struct projection *p, int64_t device)
{
    return db_run(p->db, p->e,
                  "UPDATE device_key SET valid_to=? WHERE device=? AND valid_to IS NULL",
                  VALS(V_INT(p->entry->seq - 1), V_INT(device)));
}

enum err_code project_device_placed(struct projection *p, const struct json *d)
{
    int64_t device = 0;
    int64_t reg = 0;
    int64_t from = 0;
    TRY(take_int(p, d, "device", &device));
    TRY(take_int(p, d, "register", &reg));
    TRY(take_int(p, d, "from", &from));
    return db_run(p->db, p->e,
                  "INSERT INTO device_place(device, from_utc, register, seq) VALUES(?,?,?,?)",
                  VALS(V_INT(device), V_INT(from), V_INT(reg), V_INT(p->entry->seq)));
}

enum err_code project_device_added(struct projection *p, const struct json *d)
{
    int64_t device = 0;
    const char *name = NULL;
    TRY(take_int(p, d, "device", &device));
    TRY(take_text(p, d, "name", &name));
    TRY(db_run(p->db, p->e, "INSERT INTO device(id, name) VALUES(?,?)",
               VALS(V_INT(device), V_TEXT(name))));
    TRY(key_insert(p, d, device));
    return project_device_placed(p, d);
}

enum err_code project_device_key_rotated(struct projection *p, const struct json *d)
{
    int64_t device = 0;
    TRY(take_int(p, d, "device", &device));
    TRY(key_end(p, device));
    return key_insert(p, d, device);
}

enum err_code project_device_key_revoked(struct projection *p, const struct json *d)
{
    int64_t device = 0;
    TRY(take_int(p, d, "device", &device));
    return key_end(p, device);
}

enum err_code project_device_curves_set(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "curves", &list));
    TRY(db_run(p->db, p->e, "DELETE FROM device_curve", NO_VALS));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *v = list->u.array.items[i];
        if (v->type != JSON_STRING) {
            return err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 " holds no curves"),
                           p->entry->seq);
        }
        TRY(db_run(p->db, p->e, "INSERT INTO device_curve(curve) VALUES(?)",
                   VALS(V_TEXT_N(v->u.string.data, v->u.string.len))));
    }
    return ERR_OK;
}

/* ---- windows: runs of the kind "packets" ---- */

enum err_code project_window_opened(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    return db_run(p->db, p->e,
                  "INSERT INTO import_run(id, kind, file, sha256, mapping, state, opened, "
                  "batches, items) VALUES(?,'packets','','','','open',?,0,0)",
                  VALS(V_INT(run), V_INT(p->entry->seq)));
}

enum err_code project_window_batch(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    int64_t count = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(take_int(p, d, "count", &count));
    return db_run(p->db, p->e,
                  "UPDATE import_run SET batches=batches+1, items=items+? WHERE id=?",
                  VALS(V_INT(count), V_INT(run)));
}

enum err_code project_window_closed(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    return db_run(p->db, p->e, "UPDATE import_run SET state='closed', ended=? WHERE id=?",
                  VALS(V_INT(p->entry->seq), V_INT(run)));
}

enum err_code project_packets_refused(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "alerts", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(project_alert(p, list->u.array.items[i]));
    }
    return ERR_OK;
}

/* ---- packets ---- */

static enum err_code packet_insert(struct db *db, const struct entry *en,
                                   const struct packet_row *r, struct val value, struct err *e)
{
    return db_run(db, e,
                  "INSERT INTO packet(device, lane, nonce, hash, utc, value, seq, item) "
                  "VALUES(?,?,?,?,?,?,?,?)",
                  VALS(V_INT(r->device), V_INT(r->lane), V_INT(r->nonce), V_HASH(&r->hash),
                       V_INT(r->utc), value, V_INT(en->seq), V_INT(r->item)));
}

enum err_code project_packet_row(struct db *db, const struct entry *en,
                                 const struct packet_row *r, struct err *e)
{
    TRY(packet_insert(db, en, r, r->has_reading ? V_INT(r->reading.value) : V_NULL(), e));
    return r->has_reading ? project_reading_row(db, en, &r->reading, e) : ERR_OK;
}

enum err_code project_packet_item(struct projection *p, const struct json *item, int64_t index)
{
    struct packet_row r = {.item = index};
    int64_t value = 0;
    const struct json *readings = NULL;
    const struct json *text = json_get(item, "packet");
    TRY(take_int(p, item, "device", &r.device));
    TRY(take_int(p, item, "lane", &r.lane));
    TRY(take_int(p, item, "nonce", &r.nonce));
    TRY(take_int(p, item, "utc", &r.utc));
    TRY(take_array(p, item, "readings", &readings));
    if (text == NULL || text->type != JSON_STRING) {
        return err_set(p->e, ERR_TAMPERED,
                       _("item %" PRId64 " of entry %" PRId64 " holds no packet"), index,
                       p->entry->seq);
    }
    sha256(text->u.string.data, text->u.string.len, &r.hash);
    bool has_value = json_get_int(item, "value", &value);
    TRY(packet_insert(p->db, p->entry, &r, has_value ? V_INT(value) : V_NULL(), p->e));
    for (size_t i = 0; i < readings->u.array.count; i++) {
        TRY(project_reading_item(p, readings->u.array.items[i]));
    }
    return ERR_OK;
}
