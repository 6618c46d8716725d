#include <config.h>

#include "app/packet_item.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"

static bool says(const struct json *o, const char *name, int64_t v)
{
    int64_t said = 0;
    return json_get_int(o, name, &said) && said == v;
}

/* The item's figures against the packet's. */
static bool figures_agree(const struct json *o, const struct packet *p)
{
    const struct json *readings = json_get(o, "readings");
    int64_t utc = 0;
    if (readings == NULL || readings->type != JSON_ARRAY ||
        readings->u.array.count > p->reading_count || !says(o, "nonce", p->nonce) ||
        !says(o, "lane", (int64_t)p->lane) || !says(o, "utc", p->utc)) {
        return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < readings->u.array.count; i++) {
        const struct json *r = readings->u.array.items[i];
        int64_t value = 0;
        bool found = false;
        if (!json_get_int(r, "utc", &utc) || !json_get_int(r, "value", &value)) {
            return false;
        }
        for (; at < p->reading_count && !found; at++) {
            const struct packet_reading *x = &p->readings[at];
            found = x->utc == utc && x->usable &&
                    packet_reading_agrees(p, x, value, json_get_str(r, "raw"));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static enum err_code wrong_set(struct err *wrong, const char *what)
{
    (void)err_set(wrong, ERR_TAMPERED, "%s", what);
    return ERR_OK;
}

enum err_code packet_item_check(const char *item, size_t len,
                                const struct packet_item_keys *keys,
                                struct packet_scratch *scratch, struct arena *arena,
                                struct err *wrong, struct err *e)
{
    struct json *o = NULL;
    struct packet p;
    enum packet_refusal why = PACKET_TAKEN;
    int64_t device = 0;
    char hex[65];
    arena_reset(arena);
    TRY(json_parse(item, len, &json_limits_entry, arena, &o, e));
    const struct json *text = json_get(o, "packet");
    const char *keyid = json_get_str(o, "key");
    if (text == NULL || text->type != JSON_STRING || keyid == NULL ||
        !json_get_int(o, "device", &device)) {
        return wrong_set(wrong, _("it is no packet"));
    }
    struct err refused = ERR_INIT;
    enum err_code code =
        packet_parse(text->u.string.data, text->u.string.len, scratch, &p, &why, &refused);
    if (code != ERR_OK) {
        return why != PACKET_TAKEN ? wrong_set(wrong, refused.text)
                                   : err_set(e, code, "%s", refused.text);
    }
    const struct ecdsa_key *key = keys->find(keys->ctx, device);
    if (key == NULL) {
        return wrong_set(wrong, _("its device had no valid key there"));
    }
    hash_hex(ecdsa_key_id(key), hex);
    if (strcmp(hex, keyid) != 0) {
        return wrong_set(wrong, _("it names another key than its device had there"));
    }
    if (!ecdsa_verify(key, p.digest, p.signed_bytes.data, p.signed_bytes.len, p.sig,
                      p.sig_len)) {
        return wrong_set(wrong, _("its signature does not hold"));
    }
    return figures_agree(o, &p)
               ? ERR_OK
               : wrong_set(wrong, _("its item says other figures than the packet"));
}
