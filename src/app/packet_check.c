#include <config.h>

#include "app/packet_check.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

#define JOB_PACKETS 64

enum err_code packet_set_init(struct packet_set *s, struct device_cache *cache,
                              unsigned threads, struct err *e)
{
    *s = (struct packet_set){.cache = cache};
    buf_init(&s->text, SET_BYTES_MAX);
    (void)pthread_mutex_init(&s->lock, NULL);
    s->all = mem_array(SET_PACKETS_MAX, sizeof s->all[0]);
    s->order = mem_array(SET_PACKETS_MAX, sizeof s->order[0]);
    s->scratch = mem_array(threads, sizeof s->scratch[0]);
    if (s->all == NULL || s->order == NULL || s->scratch == NULL) {
        return err_nomem(e);
    }
    s->threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        packet_scratch_init(&s->scratch[i]);
    }
    return ERR_OK;
}

void packet_set_release(struct packet_set *s)
{
    if (s->all != NULL) {
        packet_set_clear(s);
    }
    for (unsigned i = 0; i < s->threads; i++) {
        packet_scratch_release(&s->scratch[i]);
    }
    mem_free(s->all);
    mem_free(s->order);
    mem_free(s->scratch);
    buf_release(&s->text);
    (void)pthread_mutex_destroy(&s->lock);
    *s = (struct packet_set){.count = 0};
}

void packet_set_clear(struct packet_set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        mem_free(s->all[i].detail);
        s->all[i].detail = NULL;
    }
    s->count = 0;
    s->fatal = (struct err)ERR_INIT;
    buf_clear(&s->text);
}

bool packet_set_full(const struct packet_set *s)
{
    return s->count == SET_PACKETS_MAX || s->text.len + PACKET_BYTES_MAX + 1 > SET_BYTES_MAX;
}

enum err_code packet_set_add(struct packet_set *s, const char *text, size_t len, uint64_t tag,
                             struct err *e)
{
    if (packet_set_full(s)) {
        return err_set(e, ERR_LIMIT, _("too many packets at once"));
    }
    /* One that is too long is kept as long as it takes to see that. */
    len = len > PACKET_BYTES_MAX ? PACKET_BYTES_MAX + 1 : len;
    s->all[s->count] = (struct checked){.text = s->text.len, .len = len, .tag = tag};
    buf_add(&s->text, text, len);
    TRY(buf_status(&s->text, _("packet"), e));
    s->count++;
    return ERR_OK;
}

size_t packet_set_jobs(const struct packet_set *s)
{
    return (s->count + JOB_PACKETS - 1) / JOB_PACKETS;
}

enum err_code packet_set_status(const struct packet_set *s, struct err *e)
{
    return s->fatal.code == ERR_OK ? ERR_OK : err_set(e, s->fatal.code, "%s", s->fatal.text);
}

/* ---- one packet ---- */

struct check {
    struct device_cache *cache;
    const struct packet *packet;
    struct checked *to;
    struct err *e;
};

static enum err_code refuse(struct check *c, enum packet_refusal why, const char *sentence)
{
    c->to->why = why;
    return err_set(c->e, ERR_PARSE, "%s", sentence);
}

static enum err_code signature_check(struct check *c)
{
    const struct packet *p = c->packet;
    struct device *d = c->to->device;
    const struct ecdsa_key *key = NULL;
    if (!d->has_key) {
        return refuse(c, PACKET_NO_KEY, _("the device's key was revoked"));
    }
    TRY(device_key_get(c->cache, d, &key, c->e));
    enum ecdsa_curve curve = ecdsa_key_curve(key);
    if (p->lane == LANE_JSON && !c->cache->curve_allowed[curve]) {
        return refuse(
            c, PACKET_CURVE,
            _("the office does not take packets signed on this curve; see: aforo help "
              "device curves"));
    }
    if (p->curve != CURVE_COUNT && p->curve != curve) {
        return refuse(c, PACKET_CURVE,
                      _("the record says another curve than the device's key has"));
    }
    return ecdsa_verify(key, p->digest, p->signed_bytes.data, p->signed_bytes.len, p->sig,
                        p->sig_len)
               ? ERR_OK
               : refuse(c, PACKET_SIGNATURE,
                        _("the signature is not that of the device's valid key"));
}

/* Exact decimal in a unit -> smallest unit. */
static bool smallest(struct slice text, const struct unit *unit, int64_t *out)
{
    struct decimal d;
    struct decimal scaled;
    if (decimal_parse(text.data, text.len, &d, NULL) != ERR_OK ||
        decimal_rescale(d, unit->exponent, &scaled, NULL) != ERR_OK) {
        return false;
    }
    *out = scaled.mantissa;
    return true;
}

static bool unit_fits(const struct unit *unit, const struct device_place *place)
{
    return unit != NULL && strcmp(unit->base, place->unit->base) == 0;
}

static bool slice_is(struct slice s, const char *text)
{
    return s.data != NULL && s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

/* Is this value of a record one of the register's? A record may hold several registers. */
static bool value_counts(const struct packet *p, const struct packet_reading *r,
                         const struct device_place *place)
{
    if (!r->usable || r->value.data == NULL || place == NULL || !unit_fits(r->unit, place)) {
        return false;
    }
    return p->lane == LANE_JSON || r->obis_c.data == NULL || place->obis_c[0] == '\0' ||
           (slice_is(r->obis_c, place->obis_c) && slice_is(r->obis_d, place->obis_d));
}

static enum err_code json_fits(struct check *c, const struct device_place *place)
{
    const struct packet *p = c->packet;
    if (place == NULL) {
        return refuse(c, PACKET_NOT_PLACED,
                      _("the device measured no meter at the packet's time"));
    }
    if ((p->kind != METER_KIND_COUNT && p->kind != place->kind) ||
        !unit_fits(p->readings[0].unit, place) ||
        (p->delta.data != NULL && !unit_fits(p->delta_unit, place))) {
        return refuse(c, PACKET_OTHER_QUANTITY,
                      _("the packet does not count what the meter's register counts"));
    }
    c->to->has_delta = p->delta.data != NULL;
    return c->to->has_delta && !smallest(p->delta, p->delta_unit, &c->to->delta)
               ? refuse(c, PACKET_TOO_FINE,
                        _("the packet's interval is finer than the smallest unit"))
               : ERR_OK;
}

static enum err_code values_take(struct check *c)
{
    const struct packet *p = c->packet;
    if (p->lane == LANE_JSON) {
        TRY(json_fits(c, device_place_at(c->to->device, p->utc)));
    }
    for (size_t i = 0; i < p->reading_count; i++) {
        const struct packet_reading *r = &p->readings[i];
        const struct device_place *place = device_place_at(c->to->device, r->utc);
        if (!value_counts(p, r, place)) {
            continue;
        }
        struct packet_value *v = &c->to->values[c->to->value_count];
        *v = (struct packet_value){.utc = r->utc, .place = place};
        bool finer = false;
        if (!packet_value_shown(p, r->value, r->unit, &v->value, &finer)) {
            return refuse(
                c, PACKET_TOO_FINE,
                _("the register's value is finer than the smallest unit, or too large"));
        }
        v->raw = finer ? r->value : (struct slice){NULL, 0};
        c->to->value_count++;
    }
    return ERR_OK;
}

/* ERR_OK, or an error: the packet's when to->why says so. */
static enum err_code one_check(struct check *c, const char *text,
                               struct packet_scratch *scratch, struct packet *p)
{
    struct checked *to = c->to;
    enum err_code code = packet_parse(text, to->len, scratch, p, &to->why, c->e);
    to->device = device_find(c->cache, p->device);
    if (to->device == NULL) {
        to->device = device_find(c->cache, p->device_else);
    }
    TRY(code);
    if (to->device == NULL) {
        return refuse(c, PACKET_UNKNOWN_DEVICE, _("no device of that name is registered"));
    }
    to->lane = p->lane;
    to->nonce = p->nonce;
    to->utc = p->utc;
    sha256(text, to->len, &to->hash);
    to->numbered = true;
    TRY(signature_check(c));
    return values_take(c);
}

static void fatal_note(struct packet_set *s, const struct err *e)
{
    (void)pthread_mutex_lock(&s->lock);
    if (s->fatal.code == ERR_OK) {
        s->fatal = *e;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void packet_set_check(void *set, unsigned worker, size_t job)
{
    struct packet_set *s = set;
    struct packet p;
    struct err e = ERR_INIT;
    size_t end = (job + 1) * JOB_PACKETS;
    end = end < s->count ? end : s->count;
    for (size_t i = job * JOB_PACKETS; i < end; i++) {
        struct checked *to = &s->all[i];
        struct check c = {s->cache, &p, to, &e};
        mem_free(to->detail);
        *to = (struct checked){.text = to->text, .len = to->len, .tag = to->tag};
        if (one_check(&c, s->text.data + to->text, &s->scratch[worker], &p) == ERR_OK) {
            continue;
        }
        if (to->why != PACKET_TAKEN) {
            to->detail = mem_strdup(e.text);
        }
        if (to->why != PACKET_TAKEN && to->detail == NULL) {
            (void)err_nomem(&e);
        }
        if (to->why == PACKET_TAKEN || to->detail == NULL) {
            fatal_note(s, &e);
        }
    }
}
