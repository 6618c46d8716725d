#include <config.h>

#include "app/device_cache.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

#define DEVICES_MAX INT64_C(4000000)

void device_cache_init(struct device_cache *c)
{
    *c = (struct device_cache){.generation = -1};
    (void)pthread_mutex_init(&c->lock, NULL);
}

static void cache_clear(struct device_cache *c)
{
    for (size_t i = 0; i < c->count; i++) {
        ecdsa_key_free(c->devices[i].key);
    }
    mem_free(c->devices);
    mem_free(c->places);
    c->devices = NULL;
    c->places = NULL;
    c->count = 0;
    c->generation = -1;
}

void device_cache_release(struct device_cache *c)
{
    cache_clear(c);
    (void)pthread_mutex_destroy(&c->lock);
}

enum err_code device_generation(struct office *o, int64_t *out, struct err *e)
{
    static const char *const about[] = {"device.added", "device.placed", "device.key_rotated",
                                        "device.key_revoked", "device.curves_set"};
    *out = 0;
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        int64_t seq = 0;
        TRY(db_get_int(o->db, &seq, NULL, e, "SELECT max(seq) FROM history WHERE kind = ?",
                       VALS(V_TEXT(about[i]))));
        *out = seq > *out ? seq : *out;
    }
    return ERR_OK;
}

static enum err_code damaged(struct err *e, const char *name)
{
    return err_set(e, ERR_TAMPERED,
                   _("the row of device %s is damaged; run: aforo verify --deep"), name);
}

static enum err_code device_read(const struct stmt *q, struct device *d, struct err *e)
{
    size_t key_len = 0;
    size_t id_len = 0;
    d->id = stmt_int(q, 0);
    (void)snprintf(d->name, sizeof d->name, "%s", stmt_text(q, 1));
    d->has_key = !stmt_is_null(q, 2);
    if (!d->has_key) {
        return ERR_OK;
    }
    const void *keyid = stmt_blob(q, 2, &id_len);
    const void *spki = stmt_blob(q, 3, &key_len);
    if (id_len != HASH_SIZE || key_len > sizeof d->spki) {
        return damaged(e, d->name);
    }
    memcpy(d->keyid.b, keyid, HASH_SIZE);
    memcpy(d->spki, spki, key_len);
    d->spki_len = key_len;
    return ERR_OK;
}

static enum err_code devices_read(struct device_cache *c, struct office *o, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(db_get_int(o->db, &count, NULL, e, "SELECT count(*) FROM device", NO_VALS));
    if (count > DEVICES_MAX) {
        return err_set(e, ERR_LIMIT, _("the office has more devices than fit into memory"));
    }
    c->devices = mem_array((size_t)count + 1, sizeof c->devices[0]);
    if (c->devices == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT d.id, d.name, k.keyid, k.spki FROM device d LEFT JOIN device_key k ON "
                 "k.device = d.id AND k.valid_to IS NULL ORDER BY d.name",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        /* one row a device: its keys follow one another */
        if (c->count == (size_t)count) {
            code = damaged(e, stmt_text(q, 1));
            break;
        }
        code = device_read(q, &c->devices[c->count++], e);
    }
    stmt_done(q);
    return code;
}

static void obis_groups(const char *text, struct device_place *p)
{
    struct obis code;
    if (text != NULL && obis_parse(text, &code, NULL) == ERR_OK && code.c >= 0 && code.d >= 0) {
        (void)snprintf(p->obis_c, sizeof p->obis_c, "%u", (unsigned)code.c & 255u);
        (void)snprintf(p->obis_d, sizeof p->obis_d, "%u", (unsigned)code.d & 255u);
    }
}

static enum err_code place_read(const struct stmt *q, struct device_place *p, struct err *e)
{
    *p = (struct device_place){.from_utc = stmt_int(q, 1),
                               .reg = stmt_int(q, 2),
                               .meter = stmt_int(q, 3),
                               .unit = unit_find(stmt_text(q, 5))};
    obis_groups(stmt_text(q, 6), p);
    return p->unit != NULL && meter_kind_find(stmt_text(q, 4), &p->kind)
               ? ERR_OK
               : damaged(e, stmt_text(q, 0));
}

/* Places come in the order of the devices, so each device's are together. */
static enum err_code places_read(struct device_cache *c, struct office *o, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    size_t at = 0;
    size_t n = 0;
    TRY(db_get_int(o->db, &count, NULL, e, "SELECT count(*) FROM device_place", NO_VALS));
    c->places = mem_array((size_t)count + 1, sizeof c->places[0]);
    if (c->places == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT d.name, p.from_utc, p.register, r.meter, m.kind, r.unit, r.obis FROM "
                 "device d JOIN device_place p ON p.device = d.id JOIN register r ON r.id = "
                 "p.register JOIN meter m ON m.id = r.meter ORDER BY d.name, p.from_utc",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row &&
           n < (size_t)count) {
        const char *name = stmt_text(q, 0);
        while (at < c->count && strcmp(c->devices[at].name, name) != 0) {
            at++;
        }
        if (at == c->count) {
            code = damaged(e, name);
            break;
        }
        struct device *d = &c->devices[at];
        d->places = d->place_count == 0 ? &c->places[n] : d->places;
        d->place_count++;
        code = place_read(q, &c->places[n++], e);
    }
    stmt_done(q);
    return code;
}

static enum err_code curves_read(struct device_cache *c, struct office *o, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    memset(c->curve_allowed, 0, sizeof c->curve_allowed);
    bool any = false;
    TRY(db_query(o->db, &q, e, "SELECT curve FROM device_curve", NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        enum ecdsa_curve curve = CURVE_COUNT;
        const char *name = stmt_text(q, 0);
        any = true;
        if (ecdsa_curve_find(name, strlen(name), &curve)) {
            c->curve_allowed[curve] = true;
        }
    }
    stmt_done(q);
    /* Until the office says otherwise. */
    c->curve_allowed[CURVE_SECP256R1] = any ? c->curve_allowed[CURVE_SECP256R1] : true;
    return code;
}

static enum err_code cache_fill(struct device_cache *c, struct office *o, struct err *e)
{
    int64_t generation = 0;
    TRY(device_generation(o, &generation, e));
    TRY(devices_read(c, o, e));
    TRY(places_read(c, o, e));
    TRY(curves_read(c, o, e));
    c->generation = generation;
    return ERR_OK;
}

enum err_code device_cache_load(struct device_cache *c, struct office *o, struct err *e)
{
    cache_clear(c);
    TRY(db_begin_read(o->db, e)); /* all of one moment */
    enum err_code code = cache_fill(c, o, e);
    db_rollback(o->db);
    return code;
}

struct device *device_find(const struct device_cache *c, struct slice name)
{
    size_t low = 0;
    size_t high = c->count;
    while (name.data != NULL && low < high) {
        size_t middle = low + (high - low) / 2;
        struct device *d = &c->devices[middle];
        size_t len = strlen(d->name);
        int order = memcmp(d->name, name.data, len < name.len ? len : name.len);
        order = order != 0 ? order : (len > name.len) - (len < name.len);
        if (order == 0) {
            return d;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

const struct device_place *device_place_at(const struct device *d, int64_t utc)
{
    for (size_t i = d->place_count; i-- > 0;) {
        if (d->places[i].from_utc <= utc) {
            return &d->places[i];
        }
    }
    return NULL;
}

enum err_code device_key_get(struct device_cache *c, struct device *d,
                             const struct ecdsa_key **out, struct err *e)
{
    enum err_code code = ERR_OK;
    (void)pthread_mutex_lock(&c->lock);
    if (d->key == NULL) {
        code = ecdsa_key_load(d->spki, d->spki_len, &d->key, e);
        if (code == ERR_PARSE || code == ERR_UNSUPPORTED) {
            code = damaged(e, d->name);
        }
    }
    *out = d->key;
    (void)pthread_mutex_unlock(&c->lock);
    return code;
}
