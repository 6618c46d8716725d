/* The numbers of packets: each is used once by a device, whatever key it has and wherever it is
 * placed. */
#include <config.h>

#include "app/packet_numbers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

static int cmp_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By device, lane and number, first come first. */
static int by_number(const void *a, const void *b)
{
    const struct checked *x = *(struct checked *const *)a;
    const struct checked *y = *(struct checked *const *)b;
    int order = cmp_i64(x->device->id, y->device->id);
    order = order != 0 ? order : (int)x->lane - (int)y->lane;
    order = order != 0 ? order : cmp_i64(x->nonce, y->nonce);
    return order != 0 ? order : (x > y) - (x < y);
}

/* As a window keeps them: by device, then time. */
static int by_time(const void *a, const void *b)
{
    const struct checked *x = *(struct checked *const *)a;
    const struct checked *y = *(struct checked *const *)b;
    int order = cmp_i64(x->device->id, y->device->id);
    order = order != 0 ? order : cmp_i64(x->utc, y->utc);
    return order != 0 ? order : by_number(a, b);
}

static enum err_code last_load(struct office *o, struct device *d, enum packet_lane lane,
                               struct err *e)
{
    struct device_last *last = &d->last[lane];
    struct stmt *q = NULL;
    if (last->loaded) {
        return ERR_OK;
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT nonce, utc, value FROM packet WHERE device = ? AND lane = ? ORDER BY "
                 "nonce DESC LIMIT 1",
                 VALS(V_INT(d->id), V_INT(lane))));
    enum err_code code = stmt_next(q, &last->any, e);
    if (code == ERR_OK && last->any) {
        last->nonce = stmt_int(q, 0);
        last->utc = stmt_int(q, 1);
        last->has_value = !stmt_is_null(q, 2);
        last->value = stmt_int(q, 2);
    }
    stmt_done(q);
    last->loaded = code == ERR_OK;
    return code;
}

/* The hash that a number was used with. */
static enum err_code used_hash(struct office *o, const struct checked *x, struct hash *out,
                               bool *used, struct err *e)
{
    struct stmt *q = NULL;
    size_t len = 0;
    TRY(db_query(o->db, &q, e,
                 "SELECT hash FROM packet WHERE device = ? AND lane = ? AND nonce = ?",
                 VALS(V_INT(x->device->id), V_INT(x->lane), V_INT(x->nonce))));
    enum err_code code = stmt_next(q, used, e);
    if (code == ERR_OK && *used) {
        const void *hash = stmt_blob(q, 0, &len);
        memset(out->b, 0, HASH_SIZE);
        memcpy(out->b, hash, len < HASH_SIZE ? len : HASH_SIZE);
    }
    stmt_done(q);
    return code;
}

static enum err_code reuse_note(struct checked *x, const struct hash *before, struct err *e)
{
    struct buf text;
    if (hash_equal(&x->hash, before)) {
        x->known = true;
        return ERR_OK;
    }
    x->why = PACKET_NONCE_REUSED;
    buf_init(&text, 512);
    buf_addf(&text, _("number %" PRId64 " was used before by a packet with other contents"),
             x->nonce);
    x->detail = mem_strdup(buf_str(&text));
    buf_release(&text);
    return x->detail != NULL ? ERR_OK : err_nomem(e);
}

/* What is stored was sound where it stands; that the device has another key now, or none, or
 * another curve is wanted, makes a second sending of the same bytes no attack. */
static enum err_code replay_judge(struct office *o, struct checked *x, struct err *e)
{
    struct hash hash;
    bool used = false;
    TRY(used_hash(o, x, &hash, &used, e));
    if (used && hash_equal(&x->hash, &hash)) {
        mem_free(x->detail);
        x->detail = NULL;
        x->why = PACKET_TAKEN;
        x->known = true;
    }
    return ERR_OK;
}

/* The register as the device's packet before this one had it. */
static enum err_code step_stored(struct office *o, struct checked *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const struct device_last *last = &x->device->last[x->lane];
    struct device_last before = *last;
    if (last->any && last->nonce > x->nonce) { /* a late one: look for its place */
        TRY(db_query(o->db, &q, e,
                     "SELECT nonce, utc, value FROM packet WHERE device = ? AND lane = ? AND "
                     "nonce < ? ORDER BY nonce DESC LIMIT 1",
                     VALS(V_INT(x->device->id), V_INT(x->lane), V_INT(x->nonce))));
        enum err_code code = stmt_next(q, &row, e);
        before.any = row;
        if (code == ERR_OK && row) {
            before.nonce = stmt_int(q, 0);
            before.utc = stmt_int(q, 1);
            before.has_value = !stmt_is_null(q, 2);
            before.value = stmt_int(q, 2);
        }
        stmt_done(q);
        TRY(code);
    }
    const struct device_place *place =
        before.any ? device_place_at(x->device, before.utc) : NULL;
    x->has_step = before.any && before.has_value && place != NULL &&
                  place->reg == x->values[0].place->reg;
    x->step = (struct step){x->delta, before.value, before.nonce + 1 == x->nonce};
    return ERR_OK;
}

static enum err_code step_find(struct office *o, struct checked *x, const struct checked *prev,
                               struct err *e)
{
    const struct device_last *last = &x->device->last[x->lane];
    if (!x->has_delta || x->value_count == 0) {
        return ERR_OK;
    }
    bool near = prev != NULL && prev->device == x->device && prev->lane == x->lane &&
                (!last->any || last->nonce <= prev->nonce);
    if (!near) {
        return step_stored(o, x, e);
    }
    x->has_step =
        prev->value_count > 0 && prev->values[0].place->reg == x->values[0].place->reg;
    x->step = (struct step){x->delta, prev->values[0].value, prev->nonce + 1 == x->nonce};
    return ERR_OK;
}

/* x, in order; `prev` is the one before it that is new. */
static enum err_code number_judge(struct office *o, struct checked *x,
                                  const struct checked *prev, struct err *e)
{
    struct hash hash;
    bool used = false;
    TRY(last_load(o, x->device, x->lane, e));
    const struct device_last *last = &x->device->last[x->lane];
    if (prev != NULL && prev->device == x->device && prev->lane == x->lane &&
        prev->nonce == x->nonce) {
        return reuse_note(x, &prev->hash, e);
    }
    if (last->any && x->nonce <= last->nonce) {
        TRY(used_hash(o, x, &hash, &used, e));
        if (used) {
            return reuse_note(x, &hash, e);
        }
    }
    return step_find(o, x, prev, e);
}

enum err_code packet_numbers(struct office *o, struct packet_set *set, size_t *count,
                             struct err *e)
{
    size_t n = 0;
    const struct checked *prev = NULL;
    for (size_t i = 0; i < set->count; i++) {
        struct checked *x = &set->all[i];
        if (x->why == PACKET_TAKEN && !x->known) {
            set->order[n++] = x;
        } else if (x->why != PACKET_TAKEN && x->numbered) {
            TRY(replay_judge(o, x, e));
        }
    }
    qsort(set->order, n, sizeof set->order[0], by_number);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        struct checked *x = set->order[i];
        TRY(number_judge(o, x, prev, e));
        if (x->why == PACKET_TAKEN && !x->known) {
            set->order[(*count)++] = x;
            prev = x;
        }
    }
    qsort(set->order, *count, sizeof set->order[0], by_time);
    return ERR_OK;
}

void packet_number_used(const struct checked *x)
{
    struct device_last *last = &x->device->last[x->lane];
    if (!last->any || last->nonce < x->nonce) {
        *last = (struct device_last){.loaded = true,
                                     .any = true,
                                     .has_value = x->value_count > 0,
                                     .nonce = x->nonce,
                                     .utc = x->utc,
                                     .value = x->value_count > 0 ? x->values[0].value : 0};
    }
}
