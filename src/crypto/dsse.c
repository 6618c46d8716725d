#include <config.h>

#include "crypto/dsse.h"

#include <string.h>

#include "base/i18n.h"

static const char part_payload[] = "{\"payload\":\"";
static const char part_type[] = "\",\"payloadType\":\"";
static const char part_keyid[] = "\",\"signatures\":[{\"keyid\":\"";
static const char part_sig[] = "\",\"sig\":\"";
static const char part_end[] = "\"}]}";

void dsse_pae(const char *type, const void *body, size_t len, struct buf *out)
{
    buf_adds(out, "DSSEv1 "); /* not by a format: each entry is signed and verified by this */
    buf_add_int(out, (int64_t)strlen(type));
    buf_addc(out, ' ');
    buf_adds(out, type);
    buf_addc(out, ' ');
    buf_add_int(out, (int64_t)len);
    buf_addc(out, ' ');
    buf_add(out, body, len);
}

static enum err_code make_pae(const char *type, const void *body, size_t len, struct buf *out,
                              struct err *e)
{
    buf_init(out, SIZE_MAX / 2);
    dsse_pae(type, body, len, out);
    return buf_status(out, _("signed bytes"), e);
}

enum err_code dsse_sign(struct sign_key *k, const char *type, const void *body, size_t len,
                        struct signature *out, struct err *e)
{
    struct buf pae;
    enum err_code rc = make_pae(type, body, len, &pae, e);

    if (rc == ERR_OK) {
        rc = sign_data(k, pae.data, pae.len, out, e);
    }
    buf_release(&pae);
    return rc;
}

enum err_code dsse_verify(const struct verify_key *k, const struct dsse *d, const void *body,
                          size_t len, struct err *e)
{
    struct buf pae;
    enum err_code rc = make_pae(d->type, body, len, &pae, e);

    if (rc == ERR_OK && !verify_data(k, pae.data, pae.len, d->sig.der, d->sig.len)) {
        rc = err_set(e, ERR_TAMPERED,
                     _("The signature does not hold for this content and key."));
    }
    buf_release(&pae);
    return rc;
}

/* Bytes that stand in JSON as they are. */
static bool plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t plain_run(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && plain(s[n])) {
        n++;
    }
    return n;
}

enum err_code dsse_write(const struct dsse *d, const void *body, size_t len, struct buf *out,
                         struct err *e)
{
    size_t type_len = strnlen(d->type, sizeof(d->type));
    size_t start = out->len;

    if (type_len == 0 || type_len > DSSE_TYPE_MAX || plain_run(d->type, type_len) != type_len) {
        return err_set(
            e, ERR_RANGE,
            _("A payload type is 1 to %d printable ASCII characters without quotes or "
              "backslashes."),
            DSSE_TYPE_MAX);
    }
    if (d->sig.len == 0 || d->sig.len > SIGNATURE_MAX) {
        return err_set(e, ERR_RANGE, _("A signature has 1 to %d bytes."), SIGNATURE_MAX);
    }
    if (len <= DSSE_ENVELOPE_MAX) {
        buf_adds(out, part_payload);
        buf_add_base64(out, body, len);
        buf_adds(out, part_type);
        buf_adds(out, d->type);
        buf_adds(out, part_keyid);
        buf_add_hex(out, d->keyid.b, HASH_SIZE);
        buf_adds(out, part_sig);
        buf_add_base64(out, d->sig.der, d->sig.len);
        buf_adds(out, part_end);
    }
    if (len > DSSE_ENVELOPE_MAX || out->len - start > DSSE_ENVELOPE_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("The entry is larger than an envelope may be (%d bytes)."),
                       DSSE_ENVELOPE_MAX);
    }
    return out->failed ? buf_status(out, _("envelope"), e) : ERR_OK;
}

/* Reading: `at` moves over what was taken, and stays at what was not. */
struct reader {
    const char *text;
    size_t len;
    size_t at;
};

static bool take_literal(struct reader *r, const char *literal)
{
    size_t n = strlen(literal);

    if (r->len - r->at < n || memcmp(r->text + r->at, literal, n) != 0) {
        return false;
    }
    r->at += n;
    return true;
}

/* The bytes of a JSON string without escapes, up to its closing quote, which is left. */
static bool take_string(struct reader *r, const char **s, size_t *n)
{
    *s = r->text + r->at;
    *n = plain_run(*s, r->len - r->at);
    if (r->at + *n == r->len || (*s)[*n] != '"') {
        return false;
    }
    r->at += *n;
    return true;
}

static bool take_type(struct reader *r, struct dsse *out)
{
    const char *s = NULL;
    size_t n = 0;

    if (!take_string(r, &s, &n) || n == 0 || n > DSSE_TYPE_MAX) {
        return false;
    }
    memcpy(out->type, s, n);
    out->type[n] = '\0';
    return true;
}

static bool take_keyid(struct reader *r, struct hash *keyid)
{
    char again[65];
    const char *s = NULL;
    size_t n = 0;

    if (!take_string(r, &s, &n) || !hex_decode(s, n, keyid->b, HASH_SIZE)) {
        return false;
    }
    hash_hex(keyid, again); /* upper-case digits would be a second spelling */
    return memcmp(again, s, n) == 0;
}

static enum err_code take_base64(struct reader *r, struct buf *out, struct err *e)
{
    const char *s = NULL;
    size_t n = 0;

    enum err_code rc = ERR_PARSE;

    if (take_string(r, &s, &n)) {
        rc = base64_decode(s, n, out, e);
    }
    if (rc != ERR_OK) {
        r->at = (size_t)(s - r->text);
    }
    return rc;
}

static enum err_code take_signature(struct reader *r, struct signature *sig, struct err *e)
{
    struct buf b;
    enum err_code rc = ERR_OK;

    buf_init(&b, DSSE_ENVELOPE_MAX);
    rc = take_base64(r, &b, e);
    if (rc == ERR_OK && (b.len == 0 || b.len > SIGNATURE_MAX)) {
        rc = ERR_PARSE;
    }
    if (rc == ERR_OK) {
        memcpy(sig->der, b.data, b.len);
        sig->len = b.len;
    }
    buf_release(&b);
    return rc;
}

enum err_code dsse_parse(const char *text, size_t len, struct dsse *out, struct buf *body,
                         struct err *e)
{
    struct reader r = {text, len, 0};
    enum err_code rc = ERR_PARSE;

    if (len > DSSE_ENVELOPE_MAX) {
        return err_set(e, ERR_LIMIT, _("The envelope is larger than %d bytes."),
                       DSSE_ENVELOPE_MAX);
    }
    if (take_literal(&r, part_payload)) {
        rc = take_base64(&r, body, e);
    }
    if (rc == ERR_OK &&
        !(take_literal(&r, part_type) && take_type(&r, out) && take_literal(&r, part_keyid) &&
          take_keyid(&r, &out->keyid) && take_literal(&r, part_sig))) {
        rc = ERR_PARSE;
    }
    if (rc == ERR_OK) {
        rc = take_signature(&r, &out->sig, e);
    }
    if (rc == ERR_OK && !(take_literal(&r, part_end) && r.at == len)) {
        rc = ERR_PARSE;
    }
    if (rc == ERR_PARSE) {
        return err_set(e, rc, _("The envelope does not have the exact form, from byte %zu on."),
                       r.at + 1);
    }
    return rc;
}
