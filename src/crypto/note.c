#include <config.h>

#include "crypto/note.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/note_line.h"
#include "crypto/ossl.h"
#include "crypto/seal.h"

#define TYPE_ED25519 0x01
#define TYPE_ECDSA 0x02
#define ID_SIZE NOTE_ID_SIZE
#define VKEY_MAX 4096 /* bytes; an ML-DSA key has some 1,800 */

/* The part of a key that everybody may know. */
struct identity {
    char name[NOTE_NAME_MAX + 1];
    uint8_t type;
    uint8_t public_key[SPKI_SIZE_MAX]; /* Ed25519: 32 bytes; ECDSA: SubjectPublicKeyInfo */
    size_t public_len;
    uint8_t id[ID_SIZE];
};

struct note_key {
    struct identity who;
    struct sign_key *key;
};

struct note_verifier {
    struct identity who;
    struct verify_key *key;
};

static void make_id(struct identity *who)
{
    note_key_id(who->name, TYPE_ED25519, who->public_key, who->id);
}

/* An ECDSA key is named by its SubjectPublicKeyInfo alone. Source: c2sp.org/signed-note,
 * signature types. */
static void make_ecdsa_id(struct identity *who)
{
    struct hash h;

    sha256(who->public_key, who->public_len, &h);
    memcpy(who->id, h.b, ID_SIZE);
}

/* Of a public key in the form that sign.h knows. name: checked before. */
static void identity_of(const char *name, enum key_algorithm a, const uint8_t *spki, size_t len,
                        struct identity *who)
{
    memset(who, 0, sizeof(*who));
    memcpy(who->name, name, strlen(name));
    if (a == KEY_ED25519) {
        who->type = TYPE_ED25519;
        who->public_len = NOTE_PUBLIC_SIZE;
        memcpy(who->public_key, spki + len - NOTE_PUBLIC_SIZE, NOTE_PUBLIC_SIZE);
        make_id(who);
    } else {
        who->type = TYPE_ECDSA;
        who->public_len = len;
        memcpy(who->public_key, spki, len);
        make_ecdsa_id(who);
    }
}

static enum err_code check_name(const char *name, struct err *e)
{
    if (!note_name_valid(name, strnlen(name, NOTE_NAME_MAX + 1))) {
        return err_set(
            e, ERR_RANGE,
            _("A key's name has 1 to %d bytes, without spaces, control characters or "
              "plus signs."),
            NOTE_NAME_MAX);
    }
    return ERR_OK;
}

enum err_code note_key_take(const char *name, struct sign_key *key, struct note_key **out,
                            struct err *e)
{
    struct note_key *k = NULL;
    struct buf spki;
    enum err_code rc = check_name(name, e);

    buf_init(&spki, SPKI_SIZE_MAX + 1);
    if (rc == ERR_OK) {
        rc = sign_key_public(key, &spki, e);
    }
    k = rc == ERR_OK ? mem_alloc(sizeof(*k)) : NULL;
    if (k == NULL) {
        rc = rc == ERR_OK ? err_nomem(e) : rc;
        sign_key_free(key);
    } else {
        k->key = key;
        identity_of(name, sign_key_algorithm(key), (const uint8_t *)spki.data, spki.len,
                    &k->who);
        *out = k;
    }
    buf_release(&spki);
    return rc;
}

enum err_code note_key_generate(const char *name, struct note_key **out, struct err *e)
{
    struct sign_key *key = NULL;

    TRY(check_name(name, e));
    TRY(sign_key_generate_as(KEY_ED25519, &key, e));
    return note_key_take(name, key, out, e);
}

enum err_code note_key_load(const char *name, const void *der, size_t len,
                            struct note_key **out, struct err *e)
{
    struct sign_key *key = NULL;

    TRY(check_name(name, e));
    TRY(sign_key_load_as(KEY_ED25519, der, len, &key, e));
    return note_key_take(name, key, out, e);
}

void note_key_free(struct note_key *k)
{
    if (k != NULL) {
        sign_key_free(k->key);
        mem_free(k);
    }
}

const char *note_key_name(const struct note_key *k)
{
    return k->who.name;
}

const struct sign_key *note_key_signer(const struct note_key *k)
{
    return k->key;
}

static enum err_code print_vkey(const struct identity *who, struct buf *out, struct err *e)
{
    uint8_t typed[1 + SPKI_SIZE_MAX];

    typed[0] = who->type;
    memcpy(typed + 1, who->public_key, who->public_len);
    buf_addf(out, "%s+", who->name);
    buf_add_hex(out, who->id, ID_SIZE);
    buf_addc(out, '+');
    buf_add_base64(out, typed, 1 + who->public_len);
    return buf_status(out, _("verifier key"), e);
}

enum err_code note_key_public(const struct note_key *k, struct buf *out, struct err *e)
{
    return print_vkey(&k->who, out, e);
}

enum err_code note_verifier_print(const struct note_verifier *v, struct buf *out, struct err *e)
{
    return print_vkey(&v->who, out, e);
}

/* The SubjectPublicKeyInfo of a typed key; 0 bytes where its type is not ours. */
static size_t typed_spki(const struct buf *typed, uint8_t spki[SPKI_SIZE_MAX],
                         enum key_algorithm *a)
{
    size_t len = typed->len - 1;

    if (typed->data[0] == TYPE_ED25519 && len == NOTE_PUBLIC_SIZE) {
        *a = KEY_ED25519;
        return spki_of_ed25519((const uint8_t *)typed->data + 1, spki);
    }
    if (typed->data[0] == TYPE_ECDSA && len <= SPKI_SIZE_MAX) {
        memcpy(spki, typed->data + 1, len);
        return key_algorithm_of(spki, len, a) && *a == KEY_P256 ? len : 0;
    }
    return 0;
}

/* A verifier key taken apart. */
struct vkey {
    char name[NOTE_NAME_MAX + 1];
    uint8_t type, id[ID_SIZE];
    uint8_t spki[SPKI_SIZE_MAX];
    size_t spki_len; /* 0: the type is not ours */
    enum key_algorithm algorithm;
};

/* "name+id+B64(type || key)"; false for any other form. */
static bool parse_vkey(const char *vkey, struct vkey *out)
{
    const char *id = strchr(vkey, '+');
    const char *key = id != NULL ? strchr(id + 1, '+') : NULL;
    struct buf typed;
    bool good = false;

    memset(out, 0, sizeof(*out));
    if (key == NULL || !note_name_valid(vkey, (size_t)(id - vkey)) ||
        !hex_decode(id + 1, (size_t)(key - id - 1), out->id, ID_SIZE)) {
        return false;
    }
    buf_init(&typed, VKEY_MAX);
    if (base64_decode(key + 1, strlen(key + 1), &typed, NULL) == ERR_OK && typed.len > 1) {
        memcpy(out->name, vkey, (size_t)(id - vkey));
        out->type = (uint8_t)typed.data[0];
        out->spki_len = typed_spki(&typed, out->spki, &out->algorithm);
        good = out->spki_len > 0 || (out->type != TYPE_ED25519 && out->type != TYPE_ECDSA);
    }
    buf_release(&typed);
    return good;
}

static enum err_code verifier_new(const char *name, enum key_algorithm a, const uint8_t *spki,
                                  size_t len, struct note_verifier **out, struct err *e)
{
    struct note_verifier *v = mem_alloc(sizeof(*v));
    enum err_code rc = v == NULL ? err_nomem(e) : ERR_OK;

    if (rc == ERR_OK) {
        rc = verify_key_load_as(a, spki, len, &v->key, e);
    }
    if (rc != ERR_OK) {
        note_verifier_free(v);
        return rc;
    }
    identity_of(name, a, spki, len, &v->who);
    *out = v;
    return ERR_OK;
}

enum err_code note_verifier_parse(const char *vkey, struct note_verifier **out, struct err *e)
{
    struct vkey parts;
    struct note_verifier *v = NULL;
    bool good = strnlen(vkey, VKEY_MAX + 1) <= VKEY_MAX && parse_vkey(vkey, &parts);

    if (good && parts.spki_len == 0) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("The verifier key is of type %d; only Ed25519 (type 1) and ECDSA "
                         "P-256 (type 2) are accepted."),
                       parts.type);
    }
    if (good) {
        TRY(verifier_new(parts.name, parts.algorithm, parts.spki, parts.spki_len, &v, e));
        good = memcmp(v->who.id, parts.id, ID_SIZE) == 0;
    }
    if (!good) {
        note_verifier_free(v);
        return err_set(
            e, ERR_PARSE,
            _("This is not a verifier key: it has the form NAME+ID+KEY, and the id fits "
              "the name and the key."));
    }
    *out = v;
    return ERR_OK;
}

enum err_code note_verifier_make(const char *name, const void *spki, size_t len,
                                 struct note_verifier **out, struct err *e)
{
    enum key_algorithm a = KEY_P256;

    TRY(check_name(name, e));
    if (!key_algorithm_of(spki, len, &a)) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("Only Ed25519 keys and ECDSA keys on the curve "
                         "P-256 are accepted."));
    }
    return verifier_new(name, a, spki, len, out, e);
}

void note_verifier_free(struct note_verifier *v)
{
    if (v != NULL) {
        verify_key_free(v->key);
        mem_free(v);
    }
}

const char *note_verifier_name(const struct note_verifier *v)
{
    return v->who.name;
}

/* The line of one signature over the text. */
static enum err_code sign_line(const char *text, size_t len, const struct note_key *k,
                               struct buf *out, struct err *e)
{
    uint8_t typed[ID_SIZE + SIGNATURE_MAX];
    struct signature sig;

    if (sign_data(k->key, text, len, &sig, e) != ERR_OK) {
        return err_wrap(e, _("The note cannot be signed"));
    }
    memcpy(typed, k->who.id, ID_SIZE);
    memcpy(typed + ID_SIZE, sig.der, sig.len);
    buf_addf(out, NOTE_DASH "%s ", k->who.name);
    buf_add_base64(out, typed, ID_SIZE + sig.len);
    buf_addc(out, '\n');
    return buf_status(out, _("signed note"), e);
}

enum err_code note_sign(const char *text, size_t len, const struct note_key *k, struct buf *out,
                        struct err *e)
{
    struct buf line;
    enum err_code rc = ERR_OK;

    if (len == 0 || len > NOTE_SIZE_MAX / 2 || text[len - 1] != '\n' ||
        !note_text_valid(text, len)) {
        return err_set(
            e, ERR_RANGE,
            _("The text of a note is UTF-8 in lines, the last one ended, of at most %d "
              "bytes in all."),
            NOTE_SIZE_MAX / 2);
    }
    buf_init(&line, NOTE_SIZE_MAX);
    rc = sign_line(text, len, k, &line, e);
    if (rc == ERR_OK) {
        buf_add(out, text, len);
        buf_addc(out, '\n');
        buf_add(out, line.data, line.len);
        rc = buf_status(out, _("signed note"), e);
    }
    buf_release(&line);
    return rc;
}

enum err_code note_sign_beside(struct buf *note, const struct note_key *k, struct err *e)
{
    size_t text_len = note_text_end(buf_str(note), note->len);
    struct buf line;
    enum err_code rc = ERR_OK;

    if (text_len == 0) {
        return err_set(
            e, ERR_PARSE,
            _("This is not a signed note: text, an empty line and signature lines."));
    }
    buf_init(&line, NOTE_SIZE_MAX);
    rc = sign_line(buf_str(note), text_len, k, &line, e);
    if (rc == ERR_OK) {
        buf_add(note, line.data, line.len);
        rc = buf_status(note, _("signed note"), e);
    }
    buf_release(&line);
    return rc;
}

static bool line_is_by(const struct note_line *l, const struct note_verifier *v)
{
    return strcmp(v->who.name, l->name) == 0 && memcmp(v->who.id, l->id, ID_SIZE) == 0;
}

static enum err_code check_line(const struct note_line *l, const struct note_verifier *v,
                                const char *text, size_t text_len, struct err *e)
{
    if (!verify_data(v->key, text, text_len, l->sig.data, l->sig.len)) {
        return err_set(e, ERR_TAMPERED, _("The signature of %s does not hold for this note."),
                       v->who.name);
    }
    return ERR_OK;
}

static enum err_code judge_line(const struct note_line *l, const char *text,
                                const struct note_verifier *const *known, size_t count,
                                struct note_verified *out, struct err *e)
{
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        if (line_is_by(l, known[i])) {
            TRY(check_line(l, known[i], text, out->text_len, e));
            out->by |= UINT64_C(1) << i;
            found = true;
        }
    }
    out->unknown += !found;
    return ERR_OK;
}

static enum err_code judge_lines(const char *note, size_t len,
                                 const struct note_verifier *const *known, size_t count,
                                 struct note_verified *out, struct err *e)
{
    struct note_line l = {.text = NULL};
    enum err_code rc = ERR_OK;
    size_t at = out->text_len + 1;
    bool more = true;
    unsigned lines = 0;

    buf_init(&l.sig, NOTE_SIZE_MAX);
    while (rc == ERR_OK && at < len) {
        if (++lines > NOTE_SIGNATURES_MAX) {
            rc = err_set(e, ERR_LIMIT, _("The note has more than %d signatures."),
                         NOTE_SIGNATURES_MAX);
            break;
        }
        rc = note_line_next(note, len, &at, &l, &more, e);
        if (rc == ERR_OK) {
            rc = judge_line(&l, note, known, count, out, e);
        } else if (rc == ERR_PARSE) {
            rc = err_set(e, rc, _("Signature line %u of the note is damaged."), lines);
        }
    }
    buf_release(&l.sig);
    return rc;
}

enum err_code note_verify(const char *note, size_t len,
                          const struct note_verifier *const *known, size_t count,
                          struct note_verified *out, struct err *e)
{
    CHECK(count > 0 && count <= NOTE_VERIFIERS_MAX);
    *out = (struct note_verified){0, 0, 0};
    if (len > NOTE_SIZE_MAX) {
        return err_set(e, ERR_LIMIT, _("The note is larger than %d bytes."), NOTE_SIZE_MAX);
    }
    out->text_len = note_text_valid(note, len) ? note_text_end(note, len) : 0;
    if (out->text_len == 0 || out->text_len + 1 == len) {
        return err_set(
            e, ERR_PARSE,
            _("This is not a signed note: text, an empty line and signature lines."));
    }
    TRY(judge_lines(note, len, known, count, out, e));
    if (out->by == 0) {
        return err_set(e, ERR_NOT_FOUND, _("No known key has signed the note."));
    }
    return ERR_OK;
}
