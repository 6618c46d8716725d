/* An entry in the spelling that entry_encode gives it, read in one pass and without a tree:
 * what does not look like that is left to entry_decode, which knows what to say about it. */
#include <config.h>

#include <string.h>

#include "base/caltime.h"
#include "ledger/entry.h"
#include "ledger/schema.h"

#define TAIL_MIN 167 /* bytes from ,"date" on, in the shortest entry */
#define TAIL_MAX 512 /* longer ones are read by entry_decode */
#define TIME_LEN 24
#define DATE_LEN 10
#define VERSION_MAX 1000000

struct scan {
    const char *p, *end;
};

struct span {
    const char *data;
    size_t len;
};

static bool skip(struct scan *s, const char *literal, size_t len)
{
    bool here = (size_t)(s->end - s->p) >= len && memcmp(s->p, literal, len) == 0;
    s->p += here ? len : 0;
    return here;
}
#define SKIP(s, literal) skip(s, literal, sizeof(literal) - 1)

/* Printable ASCII without escapes up to the quote, which is left. */
static bool take_plain(struct scan *s, struct span *out)
{
    const char *p = s->p;
    while (p < s->end && *p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\') {
        p++;
    }
    *out = (struct span){s->p, (size_t)(p - s->p)};
    s->p = p;
    return out->len > 0;
}

static bool take_fixed(struct scan *s, size_t len, struct span *out)
{
    *out = (struct span){s->p, len};
    if ((size_t)(s->end - s->p) < len) {
        return false;
    }
    s->p += len;
    return true;
}

/* From 1 to 2^53-1, without a leading zero. */
static bool take_number(struct scan *s, int64_t *out)
{
    const char *first = s->p;
    int64_t v = 0;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9' && s->p - first < 15) {
        v = v * 10 + (*s->p++ - '0');
    }
    *out = v;
    return s->p > first && *first != '0';
}

/* Value + 1 of a lower-case digit; 0 for all else. */
static const uint8_t hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

/* Lower-case digits only: the other spelling of a hash is not ours. */
static bool take_hash(struct scan *s, struct hash *out)
{
    struct span hex;
    if (!take_fixed(s, sizeof out->b * 2, &hex)) {
        return false;
    }
    unsigned seen = 0; /* all bits of all values: above 15 when one was no digit */
    for (size_t i = 0; i < sizeof out->b; i++) {
        unsigned high = hex_values[(unsigned char)hex.data[2 * i]] - 1U;
        unsigned low = hex_values[(unsigned char)hex.data[2 * i + 1]] - 1U;
        seen |= high | low;
        out->b[i] = (uint8_t)(high << 4 | (low & 15));
    }
    return seen <= 15;
}

/* With milliseconds: a time of whole seconds is a second spelling. */
static bool take_time(struct scan *s, int64_t *ms)
{
    struct span text;
    return take_fixed(s, TIME_LEN, &text) &&
           time_parse_utc(text.data, TIME_LEN, ms, NULL) == ERR_OK;
}

/* Behind the data; the last `,"date":` of the text, for no string of it holds a bare quote. */
static const char *tail_find(const char *start, const char *end)
{
    static const char mark[] = ",\"date\":\"";
    size_t len = (size_t)(end - start);
    size_t from = len < TAIL_MIN ? len : TAIL_MIN;
    size_t to = len < TAIL_MAX ? len : TAIL_MAX;
    for (size_t back = from; back <= to; back++) {
        const char *p = end - back;
        if (*p == ',' && back >= sizeof mark - 1 && memcmp(p, mark, sizeof mark - 1) == 0) {
            return p;
        }
    }
    return NULL;
}

struct parts {
    struct span actor, data, date, kind, office;
};

static bool tail_scan(struct scan *s, struct parts *parts, struct entry *out)
{
    struct date date;
    return SKIP(s, ",\"date\":\"") && take_fixed(s, DATE_LEN, &parts->date) &&
           date_parse(parts->date.data, DATE_LEN, &date, NULL) == ERR_OK &&
           SKIP(s, "\",\"kind\":\"") && take_plain(s, &parts->kind) &&
           SKIP(s, "\",\"office\":\"") && take_plain(s, &parts->office) &&
           SKIP(s, "\",\"prev\":\"") && take_hash(s, &out->prev) && SKIP(s, "\",\"seq\":") &&
           take_number(s, &out->seq) && SKIP(s, ",\"time\":\"") &&
           take_time(s, &out->time_ms) && SKIP(s, "\",\"v\":") &&
           take_number(s, &out->version) && out->version < VERSION_MAX && SKIP(s, "}") &&
           s->p == s->end;
}

static const char *text_put(char **to, struct span s)
{
    char *at = *to;
    memcpy(at, s.data, s.len);
    at[s.len] = '\0';
    *to += s.len + 1;
    return at;
}

/* The names with their ends, in one piece of memory. */
static bool names_keep(const struct parts *p, struct arena *arena, struct entry *out)
{
    char *at = arena_alloc(arena, p->actor.len + p->date.len + p->kind.len + p->office.len + 4);
    if (at == NULL) {
        return false;
    }
    out->actor = text_put(&at, p->actor);
    out->date = text_put(&at, p->date);
    out->kind = text_put(&at, p->kind);
    out->office = text_put(&at, p->office);
    return true;
}

bool entry_scan(const char *payload, size_t len, struct arena *arena, struct entry *out,
                enum kind *kind, const char **data, size_t *data_len)
{
    struct scan s = {payload, payload + len};
    struct parts parts = {.data = {NULL, 0}};
    const struct schema *schema = NULL;
    *out = (struct entry){0};
    if (!SKIP(&s, "{\"actor\":\"") || !take_plain(&s, &parts.actor) || !SKIP(&s, "\"")) {
        return false;
    }
    out->clock_held = SKIP(&s, ",\"clock\":\"held\"");
    if (!SKIP(&s, ",\"data\":") || s.p >= s.end || *s.p != '{') {
        return false;
    }
    parts.data.data = s.p;
    const char *tail = tail_find(s.p, s.end);
    if (tail == NULL) {
        return false;
    }
    parts.data.len = (size_t)(tail - s.p);
    s.p = tail;
    if (!tail_scan(&s, &parts, out) || !names_keep(&parts, arena, out)) {
        return false;
    }
    *kind = kind_find(out->kind, out->version);
    if (schema_of_entry(*kind, &schema, NULL) != ERR_OK || schema == NULL ||
        !schema_fits(schema, parts.data.data, parts.data.len)) {
        return false;
    }
    *data = parts.data.data;
    *data_len = parts.data.len;
    return true;
}
