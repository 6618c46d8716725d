#include <config.h>

#include "ledger/entry.h"

#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "crypto/dsse.h"
#include "crypto/merkle.h"
#include "ledger/schema.h"

enum err_code entry_encode(const struct entry *en, struct arena *arena, struct buf *payload,
                           struct err *e)
{
    struct buf time;
    char prev[65];
    buf_init(&time, 64);
    time_print_utc(en->time_ms, &time);
    hash_hex(&en->prev, prev);
    struct json *o = json_new_object(arena);
    /* The tree borrows `data`; json_set only links values. */
    bool ok = o != NULL && !time.failed && json_set_str(arena, o, "actor", en->actor) &&
              (!en->clock_held || json_set_str(arena, o, "clock", "held")) &&
              json_set(arena, o, "data", (struct json *)(uintptr_t)en->data) &&
              json_set_str(arena, o, "date", en->date) &&
              json_set_str(arena, o, "kind", en->kind) &&
              json_set_str(arena, o, "office", en->office) &&
              json_set_str(arena, o, "prev", prev) && json_set_int(arena, o, "seq", en->seq) &&
              json_set_str(arena, o, "time", buf_str(&time)) &&
              json_set_int(arena, o, "v", en->version);
    buf_release(&time);
    if (!ok) {
        return err_nomem(e);
    }
    size_t start = payload->len;
    TRY(json_write_jcs(o, payload, e));
    TRY(buf_status(payload, _("entry"), e));
    if (payload->len - start > ENTRY_PAYLOAD_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("an entry of kind %s would have %zu bytes; at most %d fit"), en->kind,
                       payload->len - start, ENTRY_PAYLOAD_MAX);
    }
    return ERR_OK;
}

/* Only seq, time and v stand behind it, and no string of theirs holds a quote: the last one of
 * the text is it. */
void entry_put_prev(struct buf *payload, const struct hash *prev)
{
    static const char mark[] = "\"prev\":\"";
    char hex[65];
    size_t at = payload->len;
    hash_hex(prev, hex);
    do {
        CHECK(at > 0);
        at--;
    } while (payload->len - at < sizeof mark + 64 ||
             memcmp(payload->data + at, mark, sizeof mark - 1) != 0);
    memcpy(payload->data + at + sizeof mark - 1, hex, 64);
}

static enum err_code entry_bad(struct err *e, const char *member)
{
    return err_set(e, ERR_PARSE, _("the entry's member \"%s\" is missing or malformed"),
                   member);
}

/* RFC 8785 has one spelling for each value. It is looked for in the text itself: writing it
 * again to compare took as long as all else that reads an entry. */
static enum err_code entry_canonical(const char *payload, size_t len, const struct json *o,
                                     struct err *e)
{
    return o->type == JSON_OBJECT && schema_check_canonical(payload, len, NULL) == ERR_OK
               ? ERR_OK
               : err_set(e, ERR_PARSE,
                         _("the entry is not a canonical JSON object (RFC 8785)"));
}

static bool entry_text(const struct json *o, const char *name, const char **out)
{
    *out = json_get_str(o, name);
    return *out != NULL && **out != '\0';
}

bool json_get_hash(const struct json *o, const char *name, struct hash *out)
{
    const char *hex = json_get_str(o, name);
    return hex != NULL && hex_decode(hex, strlen(hex), out->b, HASH_SIZE);
}

/* A hash and a time have one spelling each, so that an entry has one too. */
static enum err_code read_prev(const struct json *o, struct hash *out, struct err *e)
{
    const char *text = json_get_str(o, "prev");
    char again[65] = "";
    if (json_get_hash(o, "prev", out)) {
        hash_hex(out, again);
    }
    return text != NULL && strcmp(text, again) == 0 ? ERR_OK : entry_bad(e, "prev");
}

static enum err_code read_time(const struct json *o, int64_t *ms, struct err *e)
{
    const char *text = json_get_str(o, "time");
    struct buf again;
    if (text == NULL || time_parse_utc(text, strlen(text), ms, e) != ERR_OK) {
        return entry_bad(e, "time");
    }
    buf_init(&again, 64);
    time_print_utc(*ms, &again);
    enum err_code code = buf_status(&again, _("entry"), e);
    if (code == ERR_OK && strcmp(text, buf_str(&again)) != 0) {
        code = entry_bad(e, "time");
    }
    buf_release(&again);
    return code;
}

enum err_code entry_decode(const char *payload, size_t len, struct arena *arena,
                           struct entry *out, struct err *e)
{
    *out = (struct entry){0};
    struct json *o = NULL;
    TRY(json_parse(payload, len, &json_limits_entry, arena, &o, e));
    TRY(entry_canonical(payload, len, o, e));
    const char *clock = json_get_str(o, "clock");
    out->clock_held = clock != NULL;
    if (o->u.object.count != (clock != NULL ? 10U : 9U) ||
        (clock != NULL && strcmp(clock, "held") != 0)) {
        return err_set(e, ERR_PARSE, _("the entry has members that an entry does not have"));
    }
    struct date date;
    if (!entry_text(o, "actor", &out->actor)) {
        return entry_bad(e, "actor");
    }
    if (!entry_text(o, "date", &out->date) ||
        date_parse(out->date, strlen(out->date), &date, e) != ERR_OK) {
        return entry_bad(e, "date");
    }
    if (!entry_text(o, "kind", &out->kind)) {
        return entry_bad(e, "kind");
    }
    if (!entry_text(o, "office", &out->office)) {
        return entry_bad(e, "office");
    }
    TRY(read_prev(o, &out->prev, e));
    if (!json_get_int(o, "seq", &out->seq) || out->seq < 1) {
        return entry_bad(e, "seq");
    }
    TRY(read_time(o, &out->time_ms, e));
    if (!json_get_int(o, "v", &out->version) || out->version < 1) {
        return entry_bad(e, "v");
    }
    out->data = json_get(o, "data");
    return out->data != NULL && out->data->type == JSON_OBJECT ? ERR_OK : entry_bad(e, "data");
}

void entry_signing_bytes(const char *payload, size_t len, struct buf *out)
{
    dsse_pae(ENTRY_PAYLOAD_TYPE, payload, len, out);
}

enum err_code entry_envelope(const char *payload, size_t len, const struct hash *keyid,
                             const void *sig, size_t sig_len, struct buf *out, struct err *e)
{
    struct dsse d = {.type = ENTRY_PAYLOAD_TYPE, .keyid = *keyid, .sig = {.len = sig_len}};
    if (sig_len > SIGNATURE_MAX) {
        return err_set(e, ERR_TAMPERED,
                       _("a signature of %zu bytes is no ECDSA P-256 signature"), sig_len);
    }
    memcpy(d.sig.der, sig, sig_len);
    return dsse_write(&d, payload, len, out, e);
}

enum err_code entry_leaf(const char *payload, size_t len, const struct hash *keyid,
                         const void *sig, size_t sig_len, struct buf *scratch,
                         struct hash *leaf, struct err *e)
{
    buf_clear(scratch);
    TRY(entry_envelope(payload, len, keyid, sig, sig_len, scratch, e));
    merkle_leaf(scratch->data, scratch->len, leaf);
    return ERR_OK;
}
