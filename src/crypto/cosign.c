#include <config.h>

#include "crypto/cosign.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/note_line.h"

#define TYPE_COSIGNATURE 0x04
#define TIME_SIZE 8 /* big-endian seconds, before the signature */
#define VKEY_MAX 1024
/* SubjectPublicKeyInfo of Ed25519 (RFC 8410): this, then the 32 bytes of the key. */
static const uint8_t spki_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct cosigner {
    char name[NOTE_NAME_MAX + 1];
    uint8_t id[NOTE_ID_SIZE];
    struct verify_key *key;
};

static enum err_code vkey_bad(struct err *e)
{
    return err_set(
        e, ERR_PARSE,
        _("This is not a witness's verifier key: it has the form NAME+ID+KEY, and the "
          "id fits the name and the key."));
}

/* The decoded key: type and 32 bytes. */
static enum err_code typed_check(const struct buf *typed, struct err *e)
{
    if (typed->len > 0 && typed->data[0] != TYPE_COSIGNATURE) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("The verifier key is of type %d; a witness's is of type %d (Ed25519 "
                         "cosignatures)."),
                       (uint8_t)typed->data[0], TYPE_COSIGNATURE);
    }
    return typed->len == 1 + NOTE_PUBLIC_SIZE ? ERR_OK : vkey_bad(e);
}

static enum err_code cosigner_fill(struct cosigner *c, const uint8_t *told,
                                   const uint8_t *public_key, struct err *e)
{
    uint8_t spki[sizeof spki_head + NOTE_PUBLIC_SIZE];
    note_key_id(c->name, TYPE_COSIGNATURE, public_key, c->id);
    if (memcmp(c->id, told, NOTE_ID_SIZE) != 0) {
        return vkey_bad(e);
    }
    memcpy(spki, spki_head, sizeof spki_head);
    memcpy(spki + sizeof spki_head, public_key, NOTE_PUBLIC_SIZE);
    return verify_key_load_as(KEY_ED25519, spki, sizeof spki, &c->key, e);
}

enum err_code cosigner_parse(const char *vkey, struct cosigner **out, struct err *e)
{
    const char *id = strchr(vkey, '+');
    const char *key = id != NULL ? strchr(id + 1, '+') : NULL;
    uint8_t told[NOTE_ID_SIZE];
    struct buf typed;
    *out = NULL;
    if (key == NULL || id - vkey > NOTE_NAME_MAX || strnlen(vkey, VKEY_MAX) == VKEY_MAX ||
        !hex_decode(id + 1, (size_t)(key - id - 1), told, NOTE_ID_SIZE)) {
        return vkey_bad(e);
    }
    struct cosigner *c = mem_alloc(sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    memcpy(c->name, vkey, (size_t)(id - vkey));
    buf_init(&typed, VKEY_MAX);
    enum err_code code = base64_decode(key + 1, strlen(key + 1), &typed, NULL);
    if (code == ERR_PARSE || !note_name_valid(c->name, strlen(c->name))) {
        code = vkey_bad(e);
    } else if (code == ERR_OK) {
        code = typed_check(&typed, e);
    } else {
        code = err_nomem(e);
    }
    if (code == ERR_OK) {
        code = cosigner_fill(c, told, (const uint8_t *)typed.data + 1, e);
    }
    buf_release(&typed);
    if (code != ERR_OK) {
        cosigner_free(c);
        return code;
    }
    *out = c;
    return ERR_OK;
}

void cosigner_free(struct cosigner *c)
{
    if (c != NULL) {
        verify_key_free(c->key);
        mem_free(c);
    }
}

const char *cosigner_name(const struct cosigner *c)
{
    return c->name;
}

const struct hash *cosigner_key_id(const struct cosigner *c)
{
    return verify_key_id(c->key);
}

/* The 32 bytes of an Ed25519 key, behind its type. */
static enum err_code public_part(const char *name, const struct sign_key *key,
                                 uint8_t typed[1 + NOTE_PUBLIC_SIZE], struct err *e)
{
    struct buf spki;
    if (!note_name_valid(name, strnlen(name, NOTE_NAME_MAX + 1))) {
        return err_set(
            e, ERR_RANGE,
            _("A witness's name has 1 to %d bytes, without spaces, control characters "
              "or plus signs."),
            NOTE_NAME_MAX);
    }
    if (sign_key_algorithm(key) != KEY_ED25519) {
        return err_set(e, ERR_UNSUPPORTED, _("A witness signs with an Ed25519 key."));
    }
    buf_init(&spki, SPKI_SIZE_MAX);
    enum err_code code = sign_key_public(key, &spki, e);
    if (code == ERR_OK) {
        CHECK(spki.len == sizeof spki_head + NOTE_PUBLIC_SIZE);
        typed[0] = TYPE_COSIGNATURE;
        memcpy(typed + 1, spki.data + sizeof spki_head, NOTE_PUBLIC_SIZE);
    }
    buf_release(&spki);
    return code;
}

enum err_code cosigner_vkey(const char *name, const struct sign_key *key, struct buf *out,
                            struct err *e)
{
    uint8_t typed[1 + NOTE_PUBLIC_SIZE];
    uint8_t id[NOTE_ID_SIZE];
    TRY(public_part(name, key, typed, e));
    note_key_id(name, TYPE_COSIGNATURE, typed + 1, id);
    buf_addf(out, "%s+", name);
    buf_add_hex(out, id, NOTE_ID_SIZE);
    buf_addc(out, '+');
    buf_add_base64(out, typed, sizeof typed);
    return buf_status(out, _("verifier key"), e);
}

/* What is signed: a header that no note begins with, the time, and the note's text. */
static enum err_code signed_bytes(const char *text, size_t len, int64_t time_s, struct buf *out,
                                  struct err *e)
{
    buf_addf(out, "cosignature/v1\ntime %" PRId64 "\n", time_s);
    buf_add(out, text, len);
    return buf_status(out, _("cosignature"), e);
}

static void time_pack(int64_t time_s, uint8_t out[TIME_SIZE])
{
    for (unsigned i = 0; i < TIME_SIZE; i++) {
        out[i] = (uint8_t)((uint64_t)time_s >> (8 * (TIME_SIZE - 1 - i)));
    }
}

static uint64_t time_unpack(const uint8_t in[TIME_SIZE])
{
    uint64_t v = 0;
    for (unsigned i = 0; i < TIME_SIZE; i++) {
        v = v << 8 | in[i];
    }
    return v;
}

enum err_code cosign(const char *text, size_t text_len, int64_t time_s, const char *name,
                     struct sign_key *key, struct buf *out, struct err *e)
{
    uint8_t typed[1 + NOTE_PUBLIC_SIZE];
    uint8_t blob[NOTE_ID_SIZE + TIME_SIZE + ED25519_SIGNATURE_SIZE];
    struct signature sig;
    struct buf bytes;
    if (time_s < 0) {
        return err_set(e, ERR_RANGE, _("A cosignature's time is not before 1970."));
    }
    TRY(public_part(name, key, typed, e));
    buf_init(&bytes, NOTE_SIZE_MAX);
    enum err_code code = signed_bytes(text, text_len, time_s, &bytes, e);
    if (code == ERR_OK) {
        code = sign_data(key, bytes.data, bytes.len, &sig, e);
    }
    buf_release(&bytes);
    TRY(code);
    CHECK(sig.len == ED25519_SIGNATURE_SIZE);
    note_key_id(name, TYPE_COSIGNATURE, typed + 1, blob);
    time_pack(time_s, blob + NOTE_ID_SIZE);
    memcpy(blob + NOTE_ID_SIZE + TIME_SIZE, sig.der, sig.len);
    buf_addf(out, "\xe2\x80\x94 %s ", name);
    buf_add_base64(out, blob, sizeof blob);
    buf_addc(out, '\n');
    return buf_status(out, _("cosignature"), e);
}

static enum err_code line_check(const struct note_line *l, const char *text, size_t text_len,
                                const struct cosigner *c, int64_t *time_s, struct err *e)
{
    struct buf bytes;
    const uint8_t *sig = (const uint8_t *)l->sig.data;
    uint64_t when = l->sig.len > TIME_SIZE ? time_unpack(sig) : UINT64_MAX;
    bool holds = l->sig.len == TIME_SIZE + ED25519_SIGNATURE_SIZE && when <= INT64_MAX;
    buf_init(&bytes, NOTE_SIZE_MAX + 64);
    enum err_code code =
        holds ? signed_bytes(text, text_len, (int64_t)when, &bytes, e) : ERR_OK;
    holds = holds && code == ERR_OK &&
            verify_data(c->key, bytes.data, bytes.len, sig + TIME_SIZE, ED25519_SIGNATURE_SIZE);
    buf_release(&bytes);
    TRY(code);
    *time_s = (int64_t)when;
    return holds ? ERR_OK
                 : err_set(e, ERR_TAMPERED,
                           _("The cosignature of %s does not hold for this checkpoint."),
                           c->name);
}

enum err_code cosign_check(const char *note, size_t len, const struct cosigner *c,
                           struct cosigned *out, struct err *e)
{
    struct note_line l = {.text = NULL};
    size_t text_len = note_text_len(note, len);
    size_t at = text_len + 1;
    bool more = true;
    bool found = false;
    enum err_code code = ERR_OK;
    if (text_len == 0) {
        return err_set(
            e, ERR_PARSE,
            _("This is not a signed note: text, an empty line and signature lines."));
    }
    buf_init(&l.sig, NOTE_SIZE_MAX);
    for (unsigned lines = 0; code == ERR_OK && more; lines++) {
        if (lines > NOTE_SIGNATURES_MAX) {
            code = err_set(e, ERR_LIMIT, _("The note has more than %d signatures."),
                           NOTE_SIGNATURES_MAX);
            break;
        }
        code = note_line_next(note, len, &at, &l, &more, e);
        if (code == ERR_OK && more && strcmp(l.name, c->name) == 0 &&
            memcmp(l.id, c->id, NOTE_ID_SIZE) == 0) {
            code = line_check(&l, note, text_len, c, &out->time_s, e);
            out->line = l.text;
            out->line_len = l.text_len;
            found = true;
        }
    }
    buf_release(&l.sig);
    if (code == ERR_OK && !found) {
        code = err_set(e, ERR_NOT_FOUND, _("%s has not cosigned this checkpoint."), c->name);
    }
    return code;
}
