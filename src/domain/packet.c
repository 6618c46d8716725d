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
