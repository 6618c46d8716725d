/* The document's JSON: one flat object, read in one pass without a tree, and its canonical form
 * (RFC 8785) without `signature`, which is what the device signed. */
#include <config.h>

#include "domain/packet.h"

#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "base/json.h"

/* So many significant digits come through any reader's floating point unchanged, so that our
 * exact reading and everybody's canonical form agree. */
#define DIGITS_MAX 15
/* Below 10^-6 RFC 8785 prints an exponent, which packets do not have. */
#define DECIMALS_MAX 6
#define NONCE_MAX INT64_C(9007199254740991)
#define NAME_MAX_BYTES 64

enum value_type { VALUE_STRING, VALUE_NUMBER, VALUE_WORD };

struct member {
    struct slice name; /* without quotes; no escapes */
    struct slice text; /* the whole token; a string's without its quotes */
    enum value_type type;
    bool escaped;
};

struct scan {
    const char *at, *end;
    struct member members[PACKET_MEMBERS_MAX]; /* sorted by name */
    size_t count;
    enum packet_refusal *why;
    struct err *e;
};

static enum err_code malformed(struct scan *s, const char *what)
{
    *s->why = PACKET_MALFORMED;
    return err_set(s->e, ERR_PARSE, "%s", what);
}

static void space_skip(struct scan *s)
{
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        s->at++;
    }
}

static bool char_take(struct scan *s, char c)
{
    if (s->at < s->end && *s->at == c) {
        s->at++;
        return true;
    }
    return false;
}

/* A string's contents; escapes are only checked when they are decoded. */
static enum err_code string_scan(struct scan *s, struct slice *out, bool *escaped)
{
    *escaped = false;
    if (!char_take(s, '"')) {
        return malformed(s, _("the packet is not a flat JSON object: a string is missing"));
    }
    out->data = s->at;
    while (s->at < s->end && *s->at != '"') {
        unsigned char c = (unsigned char)*s->at;
        if (c < 0x20) {
            return malformed(s, _("a string of the packet holds a control character"));
        }
        *escaped = *escaped || c == '\\';
        s->at += c == '\\' ? 2 : 1;
    }
    if (s->at >= s->end) {
        return malformed(s, _("a string of the packet does not end"));
    }
    out->len = (size_t)(s->at - out->data);
    s->at++;
    return ERR_OK;
}

static size_t digits_skip(struct scan *s)
{
    const char *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    return (size_t)(s->at - start);
}

static enum err_code number_bad(struct scan *s)
{
    return malformed(s,
                     _("a number of the packet is not written as digits with a point, without "
                       "exponent, with at most 15 digits and 6 decimals"));
}

/* RFC 8259 section 6, without exponent; value digits are counted without leading zeros. */
static enum err_code number_scan(struct scan *s, struct slice *out)
{
    const char *start = s->at;
    (void)char_take(s, '-');
    const char *whole = s->at;
    size_t whole_len = digits_skip(s);
    size_t decimals = 0;
    if (whole_len == 0 || (whole_len > 1 && *whole == '0')) {
        return number_bad(s);
    }
    if (char_take(s, '.')) {
        const char *point = s->at;
        decimals = digits_skip(s);
        if (decimals == 0) {
            return number_bad(s);
        }
        while (decimals > 0 && point[decimals - 1] == '0') {
            decimals--;
        }
    }
    bool exponent = s->at < s->end && (*s->at == 'e' || *s->at == 'E');
    if (exponent || decimals > DECIMALS_MAX || whole_len + decimals > DIGITS_MAX) {
        return number_bad(s);
    }
    out->data = start;
    out->len = (size_t)(s->at - start);
    return ERR_OK;
}

static enum err_code word_scan(struct scan *s, struct slice *out)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i], n) == 0) {
            *out = (struct slice){s->at, n};
            s->at += n;
            return ERR_OK;
        }
    }
    return malformed(s, _("the packet is not a flat JSON object: its values are strings and "
                          "numbers only"));
}

static int name_cmp(const struct slice *a, const struct slice *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->data, b->data, n);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* ASCII names sort by their bytes as RFC 8785 sorts by UTF-16 units. */
static enum err_code member_insert(struct scan *s, const struct member *m)
{
    size_t at = s->count;
    if (s->count == PACKET_MEMBERS_MAX) {
        return malformed(s, _("the packet has too many members"));
    }
    while (at > 0) {
        int order = name_cmp(&s->members[at - 1].name, &m->name);
        if (order == 0) {
            return malformed(s, _("the packet has two members of one name"));
        }
        if (order < 0) {
            break;
        }
        at--;
    }
    memmove(&s->members[at + 1], &s->members[at], (s->count - at) * sizeof *m);
    s->members[at] = *m;
    s->count++;
    return ERR_OK;
}

static enum err_code member_scan(struct scan *s)
{
    struct member m;
    bool escaped = false;
    TRY(string_scan(s, &m.name, &escaped));
    for (size_t i = 0; i < m.name.len; i++) {
        escaped = escaped || (unsigned char)m.name.data[i] > 0x7e;
    }
    if (escaped || m.name.len == 0 || m.name.len > NAME_MAX_BYTES) {
        return malformed(s, _("a member's name in the packet is not plain ASCII"));
    }
    space_skip(s);
    if (!char_take(s, ':')) {
        return malformed(s, _("the packet is not JSON: a colon is missing"));
    }
    space_skip(s);
    m.escaped = false;
    if (s->at < s->end && *s->at == '"') {
        m.type = VALUE_STRING;
        TRY(string_scan(s, &m.text, &m.escaped));
    } else if (s->at < s->end && (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))) {
        m.type = VALUE_NUMBER;
        TRY(number_scan(s, &m.text));
    } else {
        m.type = VALUE_WORD;
        TRY(word_scan(s, &m.text));
    }
    space_skip(s);
    return member_insert(s, &m);
}

static enum err_code object_scan(struct scan *s)
{
    space_skip(s);
    if (!char_take(s, '{')) {
        return malformed(s, _("a packet is a JSON object, or an OCMF record"));
    }
    do {
        space_skip(s);
        TRY(member_scan(s));
    } while (char_take(s, ','));
    if (!char_take(s, '}')) {
        return malformed(s, _("the packet is not JSON: it does not end with }"));
    }
    space_skip(s);
    return s->at == s->end ? ERR_OK
                           : malformed(s, _("something stands behind the packet's end"));
}

/* ---- the canonical form ---- */

static void number_write(const struct slice *text, struct buf *out)
{
    size_t len = text->len;
    if (memchr(text->data, '.', len) != NULL) {
        while (text->data[len - 1] == '0') {
            len--;
        }
        len -= text->data[len - 1] == '.';
    }
    bool minus_zero = len == 2 && text->data[0] == '-' && text->data[1] == '0';
    buf_add(out, text->data + minus_zero, len - minus_zero);
}

/* A string with escapes is decoded and written as RFC 8785 section 3.2.2.2 escapes it. */
static enum err_code escaped_write(struct scan *s, const struct member *m,
                                   struct packet_scratch *scratch)
{
    struct json *v = NULL;
    struct err why = ERR_INIT;
    arena_reset(&scratch->arena);
    enum err_code code = json_parse(m->text.data - 1, m->text.len + 2, &json_limits_entry,
                                    &scratch->arena, &v, &why);
    if (code == ERR_NOMEM) {
        return err_nomem(s->e);
    }
    if (code != ERR_OK) {
        return malformed(s, _("a string of the packet is not well escaped"));
    }
    json_add_string(&scratch->canonical, v->u.string.data, v->u.string.len);
    return ERR_OK;
}

static bool named(const struct member *m, const char *name)
{
    return strlen(name) == m->name.len && memcmp(m->name.data, name, m->name.len) == 0;
}

static enum err_code canonical_write(struct scan *s, struct packet_scratch *scratch,
                                     struct packet *out)
{
    struct buf *b = &scratch->canonical;
    bool first = true;
    buf_clear(b);
    buf_addc(b, '{');
    for (size_t i = 0; i < s->count; i++) {
        const struct member *m = &s->members[i];
        if (named(m, "signature")) {
            continue;
        }
        buf_add(b, first ? "\"" : ",\"", first ? 1 : 2);
        buf_add(b, m->name.data, m->name.len);
        buf_add(b, "\":", 2);
        first = false;
        if (m->type == VALUE_NUMBER) {
            number_write(&m->text, b);
        } else if (m->escaped) {
            TRY(escaped_write(s, m, scratch));
        } else {
            size_t quote = m->type == VALUE_STRING;
            buf_add(b, m->text.data - quote, m->text.len + 2 * quote);
        }
    }
    buf_addc(b, '}');
    TRY(buf_status(b, _("packet"), s->e));
    out->signed_bytes = (struct slice){b->data, b->len};
    return ERR_OK;
}

/* ---- the members ---- */

static enum err_code field_bad(struct scan *s, const char *name)
{
    *s->why = PACKET_BAD_FIELD;
    return err_set(s->e, ERR_PARSE, _("field \"%s\" is missing or is not what it should be"),
                   name);
}

static const struct member *member_get(const struct scan *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++) {
        if (named(&s->members[i], name)) {
            return &s->members[i];
        }
    }
    return NULL;
}

/* A string without escapes of 1 to max bytes; absent is fine unless required. */
static enum err_code text_take(struct scan *s, const char *name, bool required, size_t max,
                               struct slice *out)
{
    const struct member *m = member_get(s, name);
    *out = (struct slice){NULL, 0};
    if (m == NULL && !required) {
        return ERR_OK;
    }
    if (m == NULL || m->type != VALUE_STRING || m->escaped || m->text.len == 0 ||
        m->text.len > max) {
        return field_bad(s, name);
    }
    *out = m->text;
    return ERR_OK;
}

static enum err_code number_take(struct scan *s, const char *name, bool required,
                                 struct slice *out)
{
    const struct member *m = member_get(s, name);
    *out = (struct slice){NULL, 0};
    if (m == NULL && !required) {
        return ERR_OK;
    }
    if (m == NULL || m->type != VALUE_NUMBER) {
        return field_bad(s, name);
    }
    *out = m->text;
    return ERR_OK;
}

static enum err_code nonce_take(struct scan *s, int64_t *out)
{
    struct slice t;
    int64_t v = 0;
    TRY(number_take(s, "nonce", true, &t));
    for (size_t i = 0; i < t.len; i++) {
        if (t.data[i] < '0' || t.data[i] > '9') {
            return field_bad(s, "nonce");
        }
        v = v * 10 + (t.data[i] - '0'); /* at most 15 digits */
    }
    *out = v;
    return v <= NONCE_MAX ? ERR_OK : field_bad(s, "nonce");
}

static bool slice_is(const struct slice *t, const char *text)
{
    return strlen(text) == t->len && memcmp(t->data, text, t->len) == 0;
}

/* tipo_medida, as the document's people write it. */
static enum err_code kind_take(struct scan *s, enum meter_kind *out)
{
    static const struct {
        const char *name;
        enum meter_kind kind;
    } kinds_of[] = {{"energia", METER_ENERGY},
                    {"energ\xc3\xad"
                     "a",
                     METER_ENERGY},
                    {"energy", METER_ENERGY},
                    {"agua", METER_WATER},
                    {"water", METER_WATER},
                    {"gas", METER_GAS}};
    struct slice t;
    TRY(text_take(s, "tipo_medida", false, NAME_MAX_BYTES, &t));
    for (size_t i = 0; t.data != NULL && i < sizeof kinds_of / sizeof kinds_of[0]; i++) {
        if (slice_is(&t, kinds_of[i].name)) {
            *out = kinds_of[i].kind;
            return ERR_OK;
        }
    }
    return t.data == NULL ? ERR_OK : field_bad(s, "tipo_medida");
}

static enum err_code unit_take(struct scan *s, const struct unit *otherwise,
                               const struct unit **out)
{
    struct slice t;
    char name[16];
    TRY(text_take(s, "unidad", otherwise == NULL, sizeof name - 1, &t));
    *out = otherwise;
    if (t.data != NULL) {
        memcpy(name, t.data, t.len);
        name[t.len] = '\0';
        *out = unit_find(slice_is(&t, "m\xc2\xb3") ? "m3" : name);
    }
    return *out != NULL ? ERR_OK : field_bad(s, "unidad");
}

static enum err_code delta_take(struct scan *s, struct packet *out, const struct unit **unit)
{
    struct slice kwh;
    TRY(number_take(s, "kwh_delta", false, &kwh));
    TRY(number_take(s, "delta", false, &out->delta));
    if (kwh.data != NULL && out->delta.data != NULL) {
        return field_bad(s, "delta");
    }
    *unit = kwh.data != NULL ? unit_find("kWh") : NULL;
    if (kwh.data != NULL) {
        out->delta = kwh;
        out->delta_unit = *unit;
    }
    return ERR_OK;
}

static enum err_code signature_take(struct scan *s, struct packet_scratch *scratch,
                                    struct packet *out)
{
    struct slice t;
    struct err why = ERR_INIT;
    struct buf der;
    TRY(text_take(s, "signature", true, ECDSA_SIG_MAX * 4 / 3 + 4, &t));
    (void)scratch;
    buf_init(&der, ECDSA_SIG_MAX);
    enum err_code code = base64_decode(t.data, t.len, &der, &why);
    if (code == ERR_OK) {
        memcpy(out->sig, buf_str(&der), der.len);
        out->sig_len = der.len;
    }
    buf_release(&der);
    if (code == ERR_NOMEM) {
        return err_nomem(s->e);
    }
    return code == ERR_OK && out->sig_len > 0 ? ERR_OK : field_bad(s, "signature");
}

/* Measurements that are kept with the packet and billed by nobody: numbers where they stand. */
static enum err_code others_check(struct scan *s)
{
    static const char *const numbers[] = {"voltage", "current", "power_factor"};
    struct slice t;
    for (size_t i = 0; i < 3; i++) {
        TRY(number_take(s, numbers[i], false, &t));
    }
    TRY(text_take(s, "firmware", false, NAME_MAX_BYTES, &t));
    TRY(text_take(s, "location_hash", false, 2 * NAME_MAX_BYTES, &t));
    return ERR_OK;
}

static enum err_code members_take(struct scan *s, struct packet_scratch *scratch,
                                  struct packet *out)
{
    struct slice time;
    const struct unit *unit = NULL;
    int64_t ms = 0;
    struct packet_reading *r = &out->readings[0];
    TRY(text_take(s, "device_id", true, DEVICE_NAME_MAX, &out->device));
    TRY(text_take(s, "timestamp", true, NAME_MAX_BYTES, &time));
    if (time_parse_utc(time.data, time.len, &ms, NULL) != ERR_OK || ms < 0) {
        return field_bad(s, "timestamp");
    }
    TRY(nonce_take(s, &out->nonce));
    TRY(kind_take(s, &out->kind));
    TRY(delta_take(s, out, &unit));
    *r = (struct packet_reading){.utc = ms / 1000, .usable = true};
    TRY(unit_take(s, unit, &r->unit));
    if (out->delta_unit == NULL) {
        out->delta_unit = r->unit;
    }
    TRY(number_take(s, "register", true, &r->value));
    out->utc = r->utc;
    out->reading_count = 1;
    TRY(others_check(s));
    return signature_take(s, scratch, out);
}

enum err_code packet_parse_json(const char *text, size_t len, struct packet_scratch *s,
                                struct packet *out, enum packet_refusal *why, struct err *e)
{
    struct scan scan;
    scan.at = text;
    scan.end = text + len;
    scan.count = 0;
    scan.why = why;
    scan.e = e;
    out->lane = LANE_JSON;
    TRY(object_scan(&scan));
    TRY(members_take(&scan, s, out));
    return canonical_write(&scan, s, out);
}
