/* OCMF records: OCMF|payload|signature. The exact bytes of the payload are signed, so nothing
 * is written again: JSON is read for what it says, numbers are taken as they stand. */
#include <config.h>

#include "domain/packet.h"

#include <ctype.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "base/json.h"

#define PREFIX_LEN 5 /* "OCMF|" */
#define NONCE_MAX INT64_C(9007199254740991)
#define SHORT_MAX 64

static const struct json_limits ocmf_limits = {.max_bytes = PACKET_BYTES_MAX, .max_depth = 8};

struct reader {
    struct packet_scratch *scratch;
    enum packet_refusal *why;
    struct err *e;
};

static enum err_code refuse(struct reader *r, enum packet_refusal why, const char *what)
{
    *r->why = why;
    return err_set(r->e, ERR_PARSE, "%s", what);
}

static enum err_code field_bad(struct reader *r, const char *name)
{
    *r->why = PACKET_BAD_FIELD;
    return err_set(r->e, ERR_PARSE, _("field \"%s\" is missing or is not what it should be"),
                   name);
}

/* ---- raw tokens of text that json_parse has accepted ---- */

static const char *space_pass(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) {
        p++;
    }
    return p;
}

static const char *string_pass(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        p += *p == '\\';
    }
    return p < end ? p + 1 : end;
}

/* Behind one value, nested ones included. */
static const char *value_pass(const char *p, const char *end)
{
    unsigned depth = 0;
    do {
        if (p < end && *p == '"') {
            p = string_pass(p, end);
        } else if (p < end && (*p == '{' || *p == '[')) {
            depth++;
            p++;
        } else if (p < end && (*p == '}' || *p == ']')) {
            depth--;
            p++;
        } else {
            while (p < end && memchr(",]} \t\r\n", *p, 6) == NULL) {
                p++;
            }
        }
        if (depth > 0) {
            p = space_pass(p, end);
            p += p < end && (*p == ',' || *p == ':');
            p = space_pass(p, end);
        }
    } while (depth > 0 && p < end);
    return p;
}

/* The value of a member as it is written; absent when the object has none. */
static struct slice raw_member(struct slice object, const char *name)
{
    const char *end = object.data + object.len;
    const char *p = space_pass(object.data + 1, end);
    while (p < end && *p == '"') {
        const char *key = p + 1;
        p = string_pass(p, end);
        size_t key_len = (size_t)(p - 1 - key);
        p = space_pass(p, end);
        p = space_pass(p + 1, end); /* the colon */
        const char *value = p;
        p = value_pass(p, end);
        if (key_len == strlen(name) && memcmp(key, name, key_len) == 0) {
            return (struct slice){value, (size_t)(p - value)};
        }
        p = space_pass(p, end);
        p = p < end && *p == ',' ? space_pass(p + 1, end) : end;
    }
    return (struct slice){NULL, 0};
}

/* The next item of an array; *at starts at its '['. */
static struct slice raw_item(const char **at, const char *end)
{
    const char *p = space_pass(*at + 1, end); /* the bracket or comma */
    if (p >= end || *p == ']') {
        return (struct slice){NULL, 0};
    }
    const char *stop = value_pass(p, end);
    *at = space_pass(stop, end);
    return (struct slice){p, (size_t)(stop - p)};
}

/* ---- readings ---- */

static enum err_code member_text(struct reader *r, const struct json *o, const char *name,
                                 const char **out)
{
    const struct json *v = json_get(o, name);
    if (v == NULL || v->type == JSON_NULL) {
        return ERR_OK; /* keeps what it was */
    }
    if (v->type != JSON_STRING || v->u.string.len > SHORT_MAX) {
        return field_bad(r, name);
    }
    *out = v->u.string.data;
    return ERR_OK;
}

/* "2019-08-13T10:03:15,000+0000 I"; *sync gets the letter of the clock's state. */
static bool time_read(const char *s, int64_t *utc, char *sync)
{
    struct civil c;
    size_t len = strlen(s);
    if (len < 28 || civil_parse_format(s, 19, "%Y-%m-%dT%H:%M:%S", &c, NULL) != ERR_OK ||
        (s[19] != ',' && s[19] != '.')) {
        return false;
    }
    for (size_t i = 20; i < 28; i++) {
        bool sign = i == 23 && (s[i] == '+' || s[i] == '-');
        if (!sign && (i == 23 || s[i] < '0' || s[i] > '9')) {
            return false;
        }
    }
    int64_t offset =
        ((s[24] - '0') * 10 + (s[25] - '0')) * 3600 + ((s[26] - '0') * 10 + (s[27] - '0')) * 60;
    *utc = civil_to_secs(c) - (s[23] == '-' ? -offset : offset);
    *sync = len == 30 && s[28] == ' ' ? s[29] : len == 28 ? 'U' : '?';
    return strchr("UISR", *sync) != NULL && *sync != '\0';
}

static struct slice group_take(const char **p)
{
    while (**p == '0' && isxdigit((unsigned char)(*p)[1]) != 0) {
        (*p)++;
    }
    struct slice g = {*p, 0};
    while (isxdigit((unsigned char)**p) != 0) {
        (*p)++;
        g.len++;
    }
    return g;
}

/* Groups C and D of "1-b:1.8.0", "01-00:01.08.00.FF", "1.8.0*198". */
static void obis_read(const char *s, struct packet_reading *out)
{
    const char *p = strchr(s, ':');
    p = p != NULL ? p + 1 : s;
    struct slice c = group_take(&p);
    if (c.len == 0 || *p != '.') {
        return;
    }
    p++;
    struct slice d = group_take(&p);
    if (d.len > 0) {
        out->obis_c = c;
        out->obis_d = d;
    }
}

/* What a reading says, and what it leaves to the one before. */
struct row {
    const char *time, *obis, *unit, *status, *errors;
    bool relative_to_nothing; /* R counts from a clock that was never set */
};

/* RV: a number, or a number in a string, blanks around it. */
static enum err_code value_read(struct reader *r, struct slice raw, struct slice *out)
{
    struct decimal d;
    if (raw.len >= 2 && raw.data[0] == '"') {
        raw = (struct slice){raw.data + 1, raw.len - 2};
    }
    while (raw.len > 0 && raw.data[0] == ' ') {
        raw = (struct slice){raw.data + 1, raw.len - 1};
    }
    while (raw.len > 0 && raw.data[raw.len - 1] == ' ') {
        raw.len--;
    }
    if (raw.len == 0 || decimal_parse(raw.data, raw.len, &d, NULL) != ERR_OK) {
        return field_bad(r, "RV");
    }
    *out = raw;
    return ERR_OK;
}

static enum err_code row_read(struct reader *r, const struct json *o, struct slice raw,
                              struct row *row, struct packet *out)
{
    char sync = '?';
    struct packet_reading *p = &out->readings[out->reading_count];
    *p = (struct packet_reading){.usable = false};
    TRY(member_text(r, o, "TM", &row->time));
    TRY(member_text(r, o, "RI", &row->obis));
    TRY(member_text(r, o, "RU", &row->unit));
    TRY(member_text(r, o, "ST", &row->status));
    TRY(member_text(r, o, "EF", &row->errors));
    if (row->time == NULL || !time_read(row->time, &p->utc, &sync)) {
        return field_bad(r, "TM");
    }
    struct slice value = raw_member(raw, "RV");
    if (value.data == NULL) {
        return ERR_OK; /* an event without a value */
    }
    TRY(value_read(r, value, &p->value));
    p->unit = row->unit != NULL ? unit_find(row->unit) : NULL;
    if (row->obis != NULL) {
        obis_read(row->obis, p);
    }
    row->relative_to_nothing = sync == 'U' || (sync == 'R' && row->relative_to_nothing);
    /* OCMF, table of ST: G is good; EF: E the energy is wrong, t the time is. */
    p->usable = !row->relative_to_nothing && row->status != NULL &&
                strcmp(row->status, "G") == 0 &&
                (row->errors == NULL || strpbrk(row->errors, "Et") == NULL);
    out->utc = out->reading_count == 0 ? p->utc : out->utc;
    out->reading_count++;
    return ERR_OK;
}

static enum err_code rows_read(struct reader *r, const struct json *payload, struct slice raw,
                               struct packet *out)
{
    struct row row = {NULL, NULL, NULL, NULL, NULL, false};
    const struct json *list = json_get(payload, "RD");
    struct slice text = raw_member(raw, "RD");
    if (list == NULL || list->type != JSON_ARRAY || list->u.array.count == 0 ||
        list->u.array.count > PACKET_READINGS_MAX || text.data == NULL) {
        return field_bad(r, "RD");
    }
    const char *at = text.data;
    for (size_t i = 0; i < list->u.array.count; i++) {
        struct slice one = raw_item(&at, text.data + text.len);
        if (one.data == NULL || list->u.array.items[i]->type != JSON_OBJECT) {
            return field_bad(r, "RD");
        }
        TRY(row_read(r, list->u.array.items[i], one, &row, out));
    }
    return ERR_OK;
}

/* ---- the rest of the payload ---- */

static struct slice serial_of(const struct json *payload, const char *name)
{
    const struct json *v = json_get(payload, name);
    if (v == NULL || v->type != JSON_STRING || v->u.string.len == 0 ||
        v->u.string.len > DEVICE_NAME_MAX) {
        return (struct slice){NULL, 0};
    }
    return (struct slice){v->u.string.data, v->u.string.len};
}

/* "T32": which counter, and where it stands. */
static enum err_code pagination_read(struct reader *r, const struct json *payload,
                                     struct packet *out)
{
    const char *pg = json_get_str(payload, "PG");
    int64_t v = 0;
    if (pg == NULL || (pg[0] != 'T' && pg[0] != 'F') || pg[1] == '\0' || strlen(pg) > 16) {
        return field_bad(r, "PG");
    }
    for (const char *p = pg + 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9') {
            return field_bad(r, "PG");
        }
        v = v * 10 + (*p - '0');
    }
    out->lane = pg[0] == 'T' ? LANE_OCMF_T : LANE_OCMF_F;
    out->nonce = v;
    return v <= NONCE_MAX ? ERR_OK : field_bad(r, "PG");
}

static enum err_code json_read(struct reader *r, struct slice text, struct json **out)
{
    struct err why = ERR_INIT;
    enum err_code code =
        json_parse(text.data, text.len, &ocmf_limits, &r->scratch->arena, out, &why);
    if (code == ERR_NOMEM) {
        return err_nomem(r->e);
    }
    if (code != ERR_OK) {
        return refuse(r, PACKET_MALFORMED, why.text);
    }
    return (*out)->type == JSON_OBJECT
               ? ERR_OK
               : refuse(r, PACKET_MALFORMED, _("a part of the OCMF record is no JSON object"));
}

static enum err_code payload_read(struct reader *r, struct slice text, struct packet *out)
{
    struct json *payload = NULL;
    TRY(json_read(r, text, &payload));
    /* The gateway signs where there is one; where there is none, the meter itself. */
    out->device = serial_of(payload, "GS");
    out->device_else = serial_of(payload, "MS");
    if (out->device.data == NULL) {
        out->device = out->device_else;
    }
    if (out->device.data == NULL) {
        return field_bad(r, "GS");
    }
    TRY(pagination_read(r, payload, out));
    return rows_read(r, payload, text, out);
}

/* ---- the signature ---- */

/* "ECDSA-secp256r1-SHA256". Left out, the registered key says which curve it is. */
static enum err_code algorithm_read(struct reader *r, const struct json *sig,
                                    struct packet *out)
{
    const struct json *v = json_get(sig, "SA");
    if (v == NULL || v->type == JSON_NULL) {
        return ERR_OK;
    }
    const char *s = v->type == JSON_STRING ? v->u.string.data : "";
    const char *dash = strrchr(s, '-');
    if (strncmp(s, "ECDSA-", 6) != 0 || dash < s + 6 ||
        !ecdsa_curve_find(s + 6, (size_t)(dash - s) - 6, &out->curve) ||
        (strcmp(dash, "-SHA256") != 0 && strcmp(dash, "-SHA512") != 0)) {
        return refuse(r, PACKET_CURVE,
                      _("field \"SA\" names a way of signing that is not known"));
    }
    out->digest = strcmp(dash, "-SHA512") == 0 ? ECDSA_SHA512 : ECDSA_SHA256;
    return ERR_OK;
}

static bool sig_decode(const char *sd, size_t len, bool hex, bool base64, struct packet *out)
{
    if (hex && len % 2 == 0 && len / 2 <= ECDSA_SIG_MAX &&
        hex_decode(sd, len, out->sig, len / 2)) {
        out->sig_len = len / 2;
        return true;
    }
    if (!base64) {
        return false;
    }
    struct buf der;
    struct err why = ERR_INIT;
    buf_init(&der, ECDSA_SIG_MAX);
    bool ok = base64_decode(sd, len, &der, &why) == ERR_OK;
    if (ok) {
        memcpy(out->sig, buf_str(&der), der.len);
        out->sig_len = der.len;
    }
    buf_release(&der);
    return ok;
}

static enum err_code signature_read(struct reader *r, struct slice text, struct packet *out)
{
    struct json *sig = NULL;
    const char *encoding = NULL;
    const char *type = NULL;
    TRY(json_read(r, text, &sig));
    TRY(algorithm_read(r, sig, out));
    TRY(member_text(r, sig, "SE", &encoding));
    TRY(member_text(r, sig, "SM", &type));
    if (type != NULL && strcmp(type, "application/x-der") != 0) {
        return field_bad(r, "SM");
    }
    if (encoding != NULL && strcmp(encoding, "hex") != 0 && strcmp(encoding, "base64") != 0) {
        return field_bad(r, "SE");
    }
    const struct json *sd = json_get(sig, "SD");
    bool hex = encoding == NULL || strcmp(encoding, "hex") == 0;
    bool base64 = encoding == NULL || strcmp(encoding, "base64") == 0;
    if (sd == NULL || sd->type != JSON_STRING ||
        !sig_decode(sd->u.string.data, sd->u.string.len, hex, base64, out) ||
        out->sig_len == 0) {
        return field_bad(r, "SD");
    }
    return ERR_OK;
}

enum err_code packet_parse_ocmf(const char *text, size_t len, struct packet_scratch *s,
                                struct packet *out, enum packet_refusal *why, struct err *e)
{
    struct reader r = {s, why, e};
    const char *end = text + len;
    const char *start = text + PREFIX_LEN;
    arena_reset(&s->arena);
    if (start >= end || *start != '{') {
        return refuse(&r, PACKET_MALFORMED, _("the OCMF record has no payload"));
    }
    /* A bar may stand in a string, so the payload's own brackets say where it ends. */
    const char *stop = value_pass(start, end);
    if (stop >= end || *stop != '|') {
        return refuse(&r, PACKET_MALFORMED, _("the OCMF record has no signature"));
    }
    out->signed_bytes = (struct slice){start, (size_t)(stop - start)};
    TRY(payload_read(&r, out->signed_bytes, out));
    return signature_read(&r, (struct slice){stop + 1, (size_t)(end - stop - 1)}, out);
}
