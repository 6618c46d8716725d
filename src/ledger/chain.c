#include <config.h>

#include "ledger/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "ledger/items.h"
#include "ledger/dropped.h"
#include "ledger/schema.h"

void chain_init(struct chain *c)
{
    *c = (struct chain){0};
    merkle_init(&c->tree);
    keyring_init(&c->keys);
}

void chain_release(struct chain *c)
{
    keyring_release(&c->keys);
}

/* Put the parts of a fault that machines read; false result keeps callers short. */
static enum err_code refuse(struct audit_fault *f, const char *expected, const char *found)
{
    if (f != NULL) {
        (void)snprintf(f->expected, sizeof f->expected, "%s", expected);
        text_sanitize_to(found, strlen(found), f->found, sizeof f->found);
    }
    return ERR_TAMPERED;
}

/* It says what its kind may say. */
static enum err_code decode_schema(const struct chain_row *row, const struct entry *en,
                                   struct audit *a, struct err *e)
{
    struct err why = ERR_INIT;
    enum err_code code = schema_check_payload(kind_find(en->kind, en->version), row->payload,
                                              row->payload_len, &why);
    if (code == ERR_PARSE) {
        (void)audit_add(a, "data", row->seq, -1,
                        _("entry %" PRId64 " (%s) does not fit the schema of its kind: %s"),
                        row->seq, en->kind, why.text);
        return ERR_TAMPERED;
    }
    return code == ERR_OK ? ERR_OK : err_set(e, code, "%s", why.text);
}

static enum err_code decode_entry(const struct chain_row *row, struct arena *arena,
                                  struct entry *out, struct audit *a, struct err *e)
{
    struct err why = ERR_INIT;
    enum err_code code = entry_decode(row->payload, row->payload_len, arena, out, &why);
    if (code == ERR_NOMEM) {
        return err_nomem(e);
    }
    if (code != ERR_OK || row->payload_len > ENTRY_PAYLOAD_MAX) {
        (void)audit_add(a, "payload", row->seq, -1, _("entry %" PRId64 " cannot be read: %s"),
                        row->seq, code != ERR_OK ? why.text : _("its payload is too large"));
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

/* What is wrong with an entry whose leaf hash cannot be made. */
static enum err_code no_leaf(const struct chain_row *row, struct buf *scratch, struct audit *a,
                             struct err *e)
{
    struct hash leaf;
    struct err why = ERR_INIT;
    if (entry_leaf(row->payload, row->payload_len, &row->keyid, row->sig, row->sig_len, scratch,
                   &leaf, &why) == ERR_NOMEM) {
        return err_nomem(e);
    }
    (void)audit_add(a, "leaf", row->seq, -1, _("entry %" PRId64 " has no leaf hash: %s"),
                    row->seq, why.text);
    return ERR_TAMPERED;
}

static enum err_code decode_leaf(const struct chain_row *row, struct buf *scratch,
                                 struct audit *a, struct err *e)
{
    struct hash leaf;
    char want[65];
    char have[65];
    enum err_code code = entry_leaf(row->payload, row->payload_len, &row->keyid, row->sig,
                                    row->sig_len, scratch, &leaf, NULL);
    if (code != ERR_OK) {
        return code == ERR_NOMEM ? err_nomem(e) : no_leaf(row, scratch, a, e);
    }
    if (memcmp(leaf.b, row->leaf.b, HASH_SIZE) == 0) {
        return ERR_OK;
    }
    hash_hex(&leaf, want);
    hash_hex(&row->leaf, have);
    return refuse(audit_add(a, "leaf", row->seq, -1,
                            _("entry %" PRId64
                              " was changed: payload, key id and signature hash to %.16s..., "
                              "its leaf hash is %.16s..."),
                            row->seq, want, have),
                  want, have);
}

enum err_code chain_decode(const struct chain_row *row, struct arena *arena,
                           struct buf *scratch, struct entry *out, struct audit *a,
                           struct err *e)
{
    TRY(decode_entry(row, arena, out, a, e));
    TRY(decode_leaf(row, scratch, a, e));
    return decode_schema(row, out, a, e);
}

enum err_code chain_check(const struct chain_row *row, struct arena *arena, struct buf *scratch,
                          struct entry *out, struct audit *a, struct err *e)
{
    enum kind kind = KIND_COUNT;
    const char *data = NULL;
    size_t len = 0;
    if (row->payload_len > ENTRY_PAYLOAD_MAX ||
        !entry_scan(row->payload, row->payload_len, arena, out, &kind, &data, &len)) {
        return chain_decode(row, arena, scratch, out, a, e);
    }
    if (kind_has_items(kind) || keyring_reads(kind) || dropped_reads(kind)) {
        struct json *o = NULL;
        if (json_parse(data, len, &json_limits_entry, arena, &o, e) != ERR_OK) {
            return chain_decode(row, arena, scratch, out, a, e);
        }
        out->data = o;
    }
    return decode_leaf(row, scratch, a, e);
}

static enum err_code follow_place(const struct chain *c, const struct chain_row *row,
                                  const struct entry *en, struct audit *a)
{
    int64_t next = (int64_t)c->tree.size + 1;
    char want[65];
    char have[65];
    if (row->seq != next) {
        (void)snprintf(want, sizeof want, "%" PRId64, next);
        (void)snprintf(have, sizeof have, "%" PRId64, row->seq);
        return refuse(
            audit_add(a, "sequence", next, -1,
                      _("entry %" PRId64 " is missing: the next one is entry %" PRId64), next,
                      row->seq),
            want, have);
    }
    if (en->seq != row->seq) {
        (void)snprintf(want, sizeof want, "%" PRId64, row->seq);
        (void)snprintf(have, sizeof have, "%" PRId64, en->seq);
        return refuse(audit_add(a, "sequence", row->seq, -1,
                                _("entry %" PRId64 " says that it is entry %" PRId64), row->seq,
                                en->seq),
                      want, have);
    }
    if (memcmp(en->prev.b, c->leaf.b, HASH_SIZE) != 0) {
        hash_hex(&c->leaf, want);
        hash_hex(&en->prev, have);
        return refuse(audit_add(a, "prev", row->seq, -1,
                                _("entry %" PRId64 " does not follow entry %" PRId64
                                  ": it names %.16s... as the one before, which is %.16s..."),
                                row->seq, row->seq - 1, have, want),
                      want, have);
    }
    return ERR_OK;
}

static enum err_code follow_office(struct chain *c, const struct entry *en, struct audit *a)
{
    if (en->seq == 1 && strlen(en->office) <= OFFICE_CODE_MAX) {
        memcpy(c->office, en->office, strlen(en->office) + 1);
    }
    if (strcmp(en->office, c->office) != 0) {
        return refuse(
            audit_add(a, "office", en->seq, -1,
                      _("entry %" PRId64 " is of office %s, this ledger of office %s"), en->seq,
                      en->office, c->office),
            c->office, en->office);
    }
    return ERR_OK;
}

static enum err_code follow_time(const struct chain *c, const struct entry *en, struct audit *a)
{
    if (en->time_ms < c->time_ms) {
        (void)audit_add(
            a, "time", en->seq, -1,
            _("entry %" PRId64 " is older than the entry before it, by %" PRId64 " ms"),
            en->seq, c->time_ms - en->time_ms);
        return ERR_TAMPERED;
    }
    if (en->clock_held && (en->seq == 1 || en->time_ms != c->time_ms + 1)) {
        (void)audit_add(
            a, "time", en->seq, -1,
            _("entry %" PRId64
              " says that the clock was held, but its time is not the one before it "
              "+ 1 ms"),
            en->seq);
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

/* Kinds say who signs them; the key says whose it is; the actor must be that. */
static bool signer_fits(enum kind_signer signer, const char *owner, const char *office)
{
    bool office_key = strncmp(owner, "office:", 7) == 0 && strcmp(owner + 7, office) == 0;
    bool user_key = strncmp(owner, "user:", 5) == 0;
    switch (signer) {
    case SIGNER_OFFICE:
        return office_key;
    case SIGNER_USER:
        return user_key;
    case SIGNER_ANY:
        return office_key || user_key;
    }
    return false;
}

enum err_code chain_signer(const struct chain *c, const struct chain_row *row,
                           const struct entry *en, enum kind kind, const struct key_span **span,
                           struct audit *a)
{
    char hex[65];
    const struct key_span *s = keyring_find(&c->keys, &row->keyid);
    if (s == NULL || s->purpose != KEY_ENTRY || en->seq < s->from || en->seq > s->to) {
        hash_hex(&row->keyid, hex); /* to be told */
    }
    if (s == NULL) {
        (void)audit_add(a, "key", en->seq, -1,
                        _("entry %" PRId64 " is signed by key %.16s..., which no earlier entry "
                          "names"),
                        en->seq, hex);
        return ERR_TAMPERED;
    }
    if (s->purpose != KEY_ENTRY) {
        (void)audit_add(a, "key", en->seq, -1,
                        _("entry %" PRId64 " is signed by key %.16s... of %s, which is for "
                          "other things than entries"),
                        en->seq, hex, s->owner);
        return ERR_TAMPERED;
    }
    if (en->seq < s->from || en->seq > s->to) {
        (void)audit_add(a, "key", en->seq, -1,
                        _("entry %" PRId64 " is signed by key %.16s... of %s, which was not "
                          "valid there"),
                        en->seq, hex, s->owner);
        return ERR_TAMPERED;
    }
    if (strcmp(s->owner, en->actor) != 0) {
        return refuse(audit_add(a, "signer", en->seq, -1,
                                _("entry %" PRId64 " is an act of %s, but signed by %s"),
                                en->seq, en->actor, s->owner),
                      s->owner, en->actor);
    }
    if (!signer_fits(kinds[kind].signer, s->owner, c->office)) {
        (void)audit_add(a, "signer", en->seq, -1,
                        _("entry %" PRId64 " (%s) is signed by %s, who may not sign that kind"),
                        en->seq, en->kind, s->owner);
        return ERR_TAMPERED;
    }
    *span = s;
    return ERR_OK;
}

static enum err_code follow_kind(const struct entry *en, enum kind *kind, struct audit *a)
{
    struct hash root;
    int64_t count = 0;
    *kind = kind_find(en->kind, en->version);
    if (*kind == KIND_COUNT || (*kind == KIND_office_created) != (en->seq == 1)) {
        (void)audit_add(a, "kind", en->seq, -1,
                        *kind == KIND_COUNT
                            ? _("entry %" PRId64 " is of kind %s version %" PRId64
                                ", which this program does not know")
                            : _("entry %" PRId64 " is of kind %s version %" PRId64
                                ", which has no place there"),
                        en->seq, en->kind, en->version);
        return ERR_TAMPERED;
    }
    if (kind_has_items(*kind) && !chain_batch(en, &root, &count)) {
        (void)audit_add(a, "payload", en->seq, -1,
                        _("entry %" PRId64 " (%s) does not say count and root of its items"),
                        en->seq, en->kind);
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

static enum err_code follow_keys(struct chain *c, const struct entry *en, enum kind kind,
                                 struct audit *a, struct err *e)
{
    if (!keyring_reads(kind)) {
        return ERR_OK;
    }
    struct err why = ERR_INIT;
    enum err_code code = keyring_apply(&c->keys, en, kind, &why);
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "key", en->seq, -1, _("entry %" PRId64 " (%s): %s"), en->seq,
                        en->kind, why.text);
        return code;
    }
    return code == ERR_OK ? ERR_OK : err_set(e, code, "%s", why.text);
}

enum err_code chain_follow(struct chain *c, const struct chain_row *row, const struct entry *en,
                           const struct verify_key **key, struct audit *a, struct err *e)
{
    enum kind kind = KIND_COUNT;
    const struct key_span *span = NULL;
    TRY(follow_place(c, row, en, a));
    TRY(follow_kind(en, &kind, a));
    TRY(follow_office(c, en, a));
    TRY(follow_time(c, en, a));
    if (kind == KIND_office_created) {
        TRY(follow_keys(c, en, kind, a, e));
    }
    TRY(chain_signer(c, row, en, kind, &span, a));
    *key = span->key;
    if (kind != KIND_office_created) {
        TRY(follow_keys(c, en, kind, a, e));
    }
    c->leaf = row->leaf;
    c->time_ms = en->time_ms;
    merkle_append(&c->tree, &row->leaf);
    return ERR_OK;
}

/* Half the order of P-256. Source: SEC 2, section 2.4.2; n / 2 rounded down. */
static const uint8_t half_order[32] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00,
                                       0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42,
                                       0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

/* Of a signature that holds, and so is proper DER: is its second integer at most n / 2? Each
 * signature has a twin with n - S, which anybody can make: only one of the two is ours. */
static bool low_s(const uint8_t *sig, size_t len)
{
    size_t r_len = len > 4 ? sig[3] : len;
    if (r_len + 6 > len || sig[4 + r_len] != 2) {
        return false;
    }
    size_t s_len = sig[5 + r_len];
    const uint8_t *s = sig + 6 + r_len;
    if (r_len + 6 + s_len != len || s_len > 32) {
        return false; /* 33 bytes: its top bit is set */
    }
    uint8_t whole[32] = {0};
    memcpy(whole + 32 - s_len, s, s_len);
    return memcmp(whole, half_order, sizeof whole) <= 0;
}

enum err_code chain_signature(const struct chain_row *row, const struct verify_key *key,
                              struct buf *scratch, struct audit *a, struct err *e)
{
    buf_clear(scratch);
    entry_signing_bytes(row->payload, row->payload_len, scratch);
    if (scratch->failed) {
        return buf_status(scratch, _("entry"), e);
    }
    if (!verify_data(key, scratch->data, scratch->len, row->sig, row->sig_len) ||
        !low_s(row->sig, row->sig_len)) {
        (void)audit_add(a, "signature", row->seq, -1,
                        _("the signature of entry %" PRId64 " does not hold"), row->seq);
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

bool chain_batch(const struct entry *en, struct hash *root, int64_t *count)
{
    return json_get_hash(en->data, "root", root) && json_get_int(en->data, "count", count) &&
           *count >= 1 && *count <= ITEMS_PER_BATCH;
}
