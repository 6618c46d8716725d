/* The packet that a reading came in, checked with the key of its device. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/proof_trace.h"
#include "base/i18n.h"
#include "crypto/ecdsa.h"
#include "domain/packet.h"

/* The entry that names the device's key; NULL when the file has none. */
static struct proof_entry *key_entry(struct proof_trace *t, int64_t device, const char *keyid)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        int64_t of = 0;
        const char *id = json_get_str(en->said.data, "keyid");
        if ((en->kind == KIND_device_added || en->kind == KIND_device_key_rotated) &&
            id != NULL && strcmp(id, keyid) == 0 &&
            json_get_int(en->said.data, "device", &of) && of == device) {
            return en;
        }
    }
    return NULL;
}

static enum err_code key_load(const struct proof_entry *en, struct ecdsa_key **out,
                              struct err *e)
{
    const char *spki = json_get_str(en->said.data, "spki");
    struct buf der;
    if (spki == NULL) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " names no key"), en->said.seq);
    }
    buf_init(&der, 4096);
    enum err_code code = base64_decode(spki, strlen(spki), &der, e);
    if (code == ERR_OK) {
        code = ecdsa_key_load(der.data, der.len, out, e);
    }
    buf_release(&der);
    return code;
}

/* Does the packet say this value at this time? */
static bool packet_says(const struct packet *p, int64_t utc, int64_t value, const char *raw)
{
    for (size_t i = 0; i < p->reading_count; i++) {
        if (p->readings[i].utc == utc &&
            packet_reading_agrees(p, &p->readings[i], value, raw)) {
            return true;
        }
    }
    return false;
}

static enum err_code packet_verify(const struct json *text, const struct ecdsa_key *key,
                                   int64_t reading, const struct json *recorded, struct err *e)
{
    int64_t utc = 0;
    int64_t value = 0;
    struct packet_scratch scratch;
    struct packet p;
    enum packet_refusal why = PACKET_TAKEN;
    packet_scratch_init(&scratch);
    enum err_code code =
        packet_parse(text->u.string.data, text->u.string.len, &scratch, &p, &why, e);
    if (code == ERR_OK && !ecdsa_verify(key, p.digest, p.signed_bytes.data, p.signed_bytes.len,
                                        p.sig, p.sig_len)) {
        code = err_set(e, ERR_TAMPERED,
                       _("the packet of reading %" PRId64 " is not signed by its device's key"),
                       reading);
    }
    if (code == ERR_OK &&
        (!json_get_int(recorded, "utc", &utc) || !json_get_int(recorded, "value", &value) ||
         !packet_says(&p, utc, value, json_get_str(recorded, "raw")))) {
        code = err_set(e, ERR_TAMPERED,
                       _("the packet of reading %" PRId64 " does not say what was recorded"),
                       reading);
    }
    packet_scratch_release(&scratch);
    return code;
}

enum err_code trace_packet(struct proof_trace *t, int64_t reading, const struct proof_record *r,
                           struct err *e)
{
    struct ecdsa_key *key = NULL;
    int64_t device = 0;
    if (r->entry->kind != KIND_window_batch || r->item == NULL) {
        return trace_missing(t, "packet", reading, e);
    }
    const struct json *text = json_get(r->item->json, "packet");
    const char *keyid = json_get_str(r->item->json, "key");
    if (text == NULL || text->type != JSON_STRING || keyid == NULL ||
        !json_get_int(r->item->json, "device", &device)) {
        return err_set(e, ERR_TAMPERED, _("the record of reading %" PRId64 " is malformed"),
                       reading);
    }
    struct proof_entry *en = key_entry(t, device, keyid);
    if (en == NULL) {
        return err_set(
            e, ERR_TAMPERED,
            _("the proof lacks the entry of the key that signed the packet of reading "
              "%" PRId64),
            reading);
    }
    en->used = true;
    enum err_code code = key_load(en, &key, e);
    if (code == ERR_OK) {
        code = packet_verify(text, key, reading, r->object, e);
    }
    ecdsa_key_free(key);
    const char *raw = json_get_str(r->object, "raw");
    if (code == ERR_OK && raw != NULL) {
        buf_addf(t->said,
                 _("reading %" PRId64 ": the device signed %s; the register shows whole "
                   "units, and the rest counts with the next reading\n"),
                 reading, raw);
    }
    if (code == ERR_OK) {
        buf_addf(t->said,
                 _("reading %" PRId64 ": in a packet of device %" PRId64
                   ", whose signature holds (key %.16s... of entry %" PRId64 ")\n"),
                 reading, device, keyid, en->said.seq);
    }
    return code;
}
