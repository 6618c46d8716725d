#include <config.h>

#include "domain/packet.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

#define SCRATCH_ARENA_MAX ((size_t)4 << 20)

static const struct {
    const char *name, *title;
} refusals[PACKET_REFUSAL_COUNT] = {
    {"", ""},
#define REFUSAL(ident, name, title) {#name, title},
#include "domain/packet_refusals.def"
#undef REFUSAL
};

const char *packet_refusal_name(enum packet_refusal r)
{
    return r < PACKET_REFUSAL_COUNT ? refusals[r].name : "";
}

const char *packet_refusal_title(enum packet_refusal r)
{
    return r > PACKET_TAKEN && r < PACKET_REFUSAL_COUNT ? _(refusals[r].title) : "";
}

void packet_scratch_init(struct packet_scratch *s)
{
    arena_init(&s->arena, SCRATCH_ARENA_MAX);
    buf_init(&s->canonical, 2 * PACKET_BYTES_MAX);
}

void packet_scratch_release(struct packet_scratch *s)
{
    arena_release(&s->arena);
    buf_release(&s->canonical);
}

enum err_code packet_parse(const char *text, size_t len, struct packet_scratch *s,
                           struct packet *out, enum packet_refusal *why, struct err *e)
{
    memset(out, 0, offsetof(struct packet, readings));
    out->reading_count = 0;
    out->kind = METER_KIND_COUNT;
    out->curve = CURVE_COUNT;
    out->digest = ECDSA_SHA256;
    out->signed_bytes = (struct slice){NULL, 0};
    out->sig_len = 0;
    *why = PACKET_TAKEN;
    if (len > PACKET_BYTES_MAX) {
        *why = PACKET_TOO_LONG;
        return err_set(e, ERR_LIMIT, _("a packet has at most %d bytes; this one is longer"),
                       PACKET_BYTES_MAX);
    }
    if (!utf8_valid(text, len)) {
        *why = PACKET_MALFORMED;
        return err_set(e, ERR_PARSE, _("the packet is not UTF-8 text"));
    }
    if (len >= 5 && memcmp(text, "OCMF|", 5) == 0) {
        return packet_parse_ocmf(text, len, s, out, why, e);
    }
    return packet_parse_json(text, len, s, out, why, e);
}

bool packet_value_shown(const struct packet *p, struct slice text, const struct unit *unit,
                        int64_t *value, bool *finer)
{
    struct decimal d;
    struct decimal scaled;
    *finer = false;
    if (decimal_parse(text.data, text.len, &d, NULL) != ERR_OK) {
        return false;
    }
    if (decimal_rescale(d, unit->exponent, &scaled, NULL) == ERR_OK) {
        *value = scaled.mantissa;
        return true;
    }
    if (p->lane == LANE_JSON || d.mantissa < 0 || d.scale <= unit->exponent ||
        text.len > PACKET_VALUE_MAX) {
        return false;
    }
    *value = d.mantissa / pow10_i64((unsigned)d.scale - unit->exponent);
    *finer = true;
    return true;
}

bool packet_reading_agrees(const struct packet *p, const struct packet_reading *r,
                           int64_t value, const char *raw)
{
    int64_t shown = 0;
    bool finer = false;
    if (r->value.data == NULL || r->unit == NULL ||
        !packet_value_shown(p, r->value, r->unit, &shown, &finer) || shown != value) {
        return false;
    }
    return finer ? raw != NULL && strlen(raw) == r->value.len &&
                       memcmp(raw, r->value.data, r->value.len) == 0
                 : raw == NULL;
}
