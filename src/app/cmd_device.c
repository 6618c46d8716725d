/* Commands of devices: the registry of who may sign packets, and of which register they speak.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/files.h"
#include "app/lookup.h"
#include "base/i18n.h"
#include "base/text.h"
#include "crypto/ecdsa.h"
#include "domain/packet.h"

#define KEY_FILE_MAX 4096

struct device_row {
    int64_t id, meter;
    bool has_key;
    char name[DEVICE_NAME_MAX + 1];
};

static enum err_code device_by_name(struct command_ctx *c, const char *name,
                                    struct device_row *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT d.id, d.name, (SELECT r.meter FROM device_place p JOIN register r ON "
                 "r.id = p.register WHERE p.device = d.id ORDER BY p.from_utc DESC LIMIT 1), "
                 "EXISTS(SELECT 1 FROM device_key k WHERE k.device = d.id AND k.valid_to IS "
                 "NULL) FROM device d WHERE d.name = ?",
                 VALS(V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->id = stmt_int(q, 0);
        (void)snprintf(out->name, sizeof out->name, "%s", stmt_text(q, 1));
        out->meter = stmt_int(q, 2);
        out->has_key = stmt_int(q, 3) != 0;
    }
    stmt_done(q);
    TRY(code);
    if (found != NULL) {
        *found = row;
        return ERR_OK;
    }
    return row ? ERR_OK
               : err_set(e, ERR_NOT_FOUND,
                         _("there is no device \"%s\"; see: aforo list devices"), name);
}

/* A name as packets can hold it, and as people can read it aloud. */
static enum err_code name_check(const char *name, struct err *e)
{
    size_t len = strlen(name);
    bool ok = len > 0 && len <= DEVICE_NAME_MAX && name[0] != ' ' && name[len - 1] != ' ';
    for (size_t i = 0; i < len; i++) {
        ok = ok && name[i] >= ' ' && name[i] <= '~' && name[i] != '"' && name[i] != '\\';
    }
    return ok ? ERR_OK
              : err_set(e, ERR_USAGE,
                        _("a device's name has 1 to %d plain characters, without quotes and "
                          "backslashes"),
                        DEVICE_NAME_MAX);
}

/* ---- keys ---- */

static enum err_code curve_arg(struct command_ctx *c, enum ecdsa_curve *out, struct err *e)
{
    const char *text = arg_text(c, "curve");
    *out = CURVE_COUNT;
    return text == NULL || ecdsa_curve_find(text, strlen(text), out)
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--curve: the curve \"%s\" is not known"), text);
}

static enum err_code key_arg(struct command_ctx *c, struct ecdsa_key **out, struct err *e)
{
    struct buf text;
    enum ecdsa_curve curve = CURVE_COUNT;
    const char *path = arg_text(c, "key");
    TRY(curve_arg(c, &curve, e));
    buf_init(&text, KEY_FILE_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = ecdsa_key_read(buf_str(&text), text.len, curve, out, e);
        if (code != ERR_OK) {
            (void)err_wrap(e, "%s", path);
        }
    }
    buf_release(&text);
    return code;
}

/* A key speaks for one device, ever: else its numbers could be used twice. */
static enum err_code key_unused(struct command_ctx *c, const struct ecdsa_key *key,
                                struct err *e)
{
    int64_t one = 0;
    bool used = false;
    TRY(db_get_int(c->office->db, &one, &used, e, "SELECT 1 FROM device_key WHERE keyid = ?",
                   VALS(V_HASH(ecdsa_key_id(key)))));
    return used
               ? err_set(e, ERR_EXISTS,
                         _("this key is or was a device's already; a device needs a key of its "
                           "own"))
               : ERR_OK;
}

static enum err_code key_data(struct command_ctx *c, struct json *o, struct err *e)
{
    struct ecdsa_key *key = NULL;
    struct buf spki;
    struct buf text;
    char hex[65];
    TRY(key_arg(c, &key, e));
    buf_init(&spki, ECDSA_SPKI_MAX);
    buf_init(&text, 1024);
    enum err_code code = key_unused(c, key, e);
    if (code == ERR_OK) {
        code = ecdsa_key_public(key, &spki, e);
    }
    if (code == ERR_OK) {
        buf_add_base64(&text, spki.data, spki.len);
        code = buf_status(&text, _("public key"), e);
    }
    if (code == ERR_OK) {
        hash_hex(ecdsa_key_id(key), hex);
        bool ok = json_set_str(c->arena, o, "keyid", hex) &&
                  json_set_str(c->arena, o, "spki", buf_str(&text)) &&
                  json_set_str(c->arena, o, "curve", ecdsa_curve_name(ecdsa_key_curve(key)));
        code = ok ? ERR_OK : err_nomem(e);
    }
    buf_release(&text);
    buf_release(&spki);
    ecdsa_key_free(key);
    return code;
}

/* ---- places ---- */

/* The meter's register: the first, or the one of --obis. */
static enum err_code register_arg(struct command_ctx *c, struct meter_row *m, struct err *e)
{
    const char *obis = arg_text(c, "obis");
    bool found = true;
    TRY(meter_by_serial(c->office, arg_text(c, "meter"), m, NULL, e));
    if (obis != NULL) {
        TRY(db_get_int(c->office->db, &m->register_id, &found, e,
                       "SELECT id FROM register WHERE meter = ? AND obis = ?",
                       VALS(V_INT(m->id), V_TEXT(obis))));
    }
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND, _("meter %s has no register %s"), m->serial, obis);
}

/* Two devices that spoke of one register would be judged against each other. */
static enum err_code register_free(struct command_ctx *c, const struct meter_row *m,
                                   int64_t device, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT d.name FROM device_place p JOIN device d ON d.id = p.device WHERE "
                 "p.register = ?1 AND d.id <> ?2 AND p.from_utc = (SELECT max(from_utc) FROM "
                 "device_place x WHERE x.device = d.id) AND EXISTS(SELECT 1 FROM device_key k "
                 "WHERE k.device = d.id AND k.valid_to IS NULL) LIMIT 1",
                 VALS(V_INT(m->register_id), V_INT(device))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code =
            err_set(e, ERR_STATE,
                    _("meter %s is measured by device %s; place that one elsewhere or revoke "
                      "its key first"),
                    m->serial, stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

/* From when packets speak of the register: --from, else for a new device the meter's
 * installation, else now. */
static enum err_code from_arg(struct command_ctx *c, const struct meter_row *m, bool first,
                              int64_t *utc, struct err *e)
{
    const struct arg *a = arg_get(c, "from");
    int64_t second = 0;
    struct date d;
    if (a->given) {
        return zone_resolve(c->office->zone, a->time, utc, &second) == LOCAL_NONEXISTENT
                   ? err_set(e, ERR_USAGE, _("--from %s: the clock change skips this time"),
                             a->text)
                   : ERR_OK;
    }
    *utc = env_wall_ms(c->office->env) / 1000;
    if (first) {
        TRY(date_parse(m->installed, strlen(m->installed), &d, e));
        *utc = zone_day_start(c->office->zone, d);
    }
    return ERR_OK;
}

static enum err_code place_data(struct command_ctx *c, struct json *o, int64_t device,
                                bool first, struct err *e)
{
    struct meter_row m;
    int64_t from = 0;
    int64_t later = 0;
    TRY(register_arg(c, &m, e));
    TRY(register_free(c, &m, device, e));
    TRY(from_arg(c, &m, first, &from, e));
    TRY(db_get_int(c->office->db, &later, NULL, e,
                   "SELECT count(*) FROM device_place WHERE device = ? AND from_utc >= ?",
                   VALS(V_INT(device), V_INT(from))));
    if (later > 0) {
        return err_set(
            e, ERR_STATE,
            _("the device was placed at that time or later already; its places follow "
              "one another"));
    }
    TRY(data_int(c, o, "device", device, e));
    TRY(data_int(c, o, "meter", m.id, e));
    TRY(data_int(c, o, "register", m.register_id, e));
    return data_int(c, o, "from", from, e);
}

/* ---- commands ---- */

static enum err_code build_device_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct device_row row;
    bool taken = false;
    int64_t id = 0;
    const char *name = arg_text(c, "name");
    TRY(name_check(name, e));
    TRY(device_by_name(c, name, &row, &taken, e));
    if (taken) {
        return err_set(
            e, ERR_EXISTS,
            _("there is a device \"%s\" already; a new key of it: aforo device rotate"), name);
    }
    TRY(next_id(c, "SELECT max(id) FROM device", &id, e));
    TRY(draft_begin(c, d, "device.added", e));
    TRY(data_text(c, d->data, "name", name, e));
    TRY(place_data(c, d->data, id, true, e));
    TRY(key_data(c, d->data, e));
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message, _("device %s registered on meter %s"), name,
                   arg_text(c, "meter"));
    return ERR_OK;
}

static enum err_code build_device_place(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct device_row row;
    TRY(device_by_name(c, arg_text(c, "name"), &row, NULL, e));
    TRY(draft_begin(c, d, "device.placed", e));
    TRY(place_data(c, d->data, row.id, false, e));
    c->result_id = row.id;
    (void)snprintf(c->message, sizeof c->message, _("device %s now measures meter %s"),
                   row.name, arg_text(c, "meter"));
    return ERR_OK;
}

static enum err_code build_device_rotate(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct device_row row;
    TRY(device_by_name(c, arg_text(c, "name"), &row, NULL, e));
    TRY(draft_begin(c, d, "device.key_rotated", e));
    TRY(data_int(c, d->data, "device", row.id, e));
    TRY(data_int(c, d->data, "meter", row.meter, e));
    TRY(key_data(c, d->data, e));
    c->result_id = row.id;
    (void)snprintf(c->message, sizeof c->message,
                   _("device %s has a new key; packets of the old one are refused from now on"),
                   row.name);
    return ERR_OK;
}

static enum err_code build_device_revoke(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct device_row row;
    TRY(device_by_name(c, arg_text(c, "name"), &row, NULL, e));
    if (!row.has_key) {
        return err_set(e, ERR_STATE, _("device %s has no valid key"), row.name);
    }
    TRY(draft_begin(c, d, "device.key_revoked", e));
    TRY(data_int(c, d->data, "device", row.id, e));
    TRY(data_int(c, d->data, "meter", row.meter, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    c->result_id = row.id;
    (void)snprintf(c->message, sizeof c->message,
                   _("the key of device %s is revoked; what it signs is refused from now on"),
                   row.name);
    return ERR_OK;
}

static enum err_code build_device_curves(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    for (const char *at = arg_text(c, "curves"); at != NULL;) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        enum ecdsa_curve curve = CURVE_COUNT;
        if (!ecdsa_curve_find(at, len, &curve) ||
            (curve != CURVE_SECP256R1 && curve != CURVE_SECP256K1)) {
            return err_set(
                e, ERR_USAGE,
                _("the document's packets are signed on secp256r1 or secp256k1, not on "
                  "\"%.*s\""),
                (int)len, at);
        }
        for (size_t i = 0; list != NULL && i < list->u.array.count; i++) {
            if (strcmp(list->u.array.items[i]->u.string.data, ecdsa_curve_name(curve)) == 0) {
                return err_set(e, ERR_USAGE, _("a curve is named twice"));
            }
        }
        if (!json_push(c->arena, list, json_new_string(c->arena, ecdsa_curve_name(curve)))) {
            return err_nomem(e);
        }
        at = end == NULL ? NULL : end + 1;
    }
    TRY(draft_begin(c, d, "device.curves_set", e));
    return data_set(c, d->data, "curves", list, e);
}

#define PARAM_NAME                                                                             \
    {                                                                                          \
        "name", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,                                 \
            N_("what the device calls itself in its packets"), NULL, NULL                      \
    }
#define PARAM_KEY                                                                              \
    {"key", PARAM_FILE, PARAM_REQUIRED, N_("file with its public key: PEM, hex or base64"),    \
     NULL,  NULL},                                                                             \
    {                                                                                          \
        "curve", PARAM_TEXT, 0, N_("curve of the key, where the file does not say it"), NULL,  \
            NULL                                                                               \
    }
#define PARAM_PLACE                                                                            \
    {"meter", PARAM_TEXT, PARAM_REQUIRED, N_("serial of the meter it measures"), NULL, NULL},  \
        {"obis", PARAM_TEXT, 0, N_("code of the register, where the meter has several"),       \
         NULL,   NULL},                                                                        \
    {                                                                                          \
        "from", PARAM_TIME, 0, N_("since when its packets speak of this meter"), NULL, NULL    \
    }

static const struct param device_add_params[] = {PARAM_NAME, PARAM_KEY, PARAM_PLACE, PARAM_END};
const struct command cmd_device_add = {"device add",
                                       N_("register a device that signs packets"),
                                       0,
                                       device_add_params,
                                       build_device_add,
                                       NULL};

static const struct param device_place_params[] = {PARAM_NAME, PARAM_PLACE, PARAM_END};
const struct command cmd_device_place = {
    "device place",
    N_("say that a device measures another meter from now on"),
    0,
    device_place_params,
    build_device_place,
    NULL};

static const struct param device_rotate_params[] = {PARAM_NAME, PARAM_KEY, PARAM_END};
const struct command cmd_device_rotate = {
    "device rotate",      N_("give a device a new key"), 0,
    device_rotate_params, build_device_rotate,           NULL};

static const struct param device_revoke_params[] = {PARAM_NAME, PARAM_REASON, PARAM_END};
const struct command cmd_device_revoke = {"device revoke",     N_("end a device's key"),
                                          CMD_CONFIRM,         device_revoke_params,
                                          build_device_revoke, NULL};

static const struct param device_curves_params[] = {
    {"curves", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("curves that packets may be signed on: secp256r1, or secp256r1,secp256k1"), NULL, NULL},
    PARAM_END};
const struct command cmd_device_curves = {"device curves",
                                          N_("say which curves packets may be signed on"),
                                          0,
                                          device_curves_params,
                                          build_device_curves,
                                          NULL};
