#include <config.h>

#include "base/caltime.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/zone_rule.h"

#define ZONEINFO "/usr/share/zoneinfo"
#define FILE_MAX ((size_t)256 * 1024) /* the largest of tzdata has 4 kB */
#define HEADER_SIZE 44
#define INSTANT_MAX (INT64_C(1) << 59) /* RFC 8536 3.2: earlier times should not be used */
#define CYCLE_YEARS 400                /* after which the calendar repeats, weekdays included */
#define CYCLE_SECS (INT64_C(146097) * 86400)

/* Segments of constant offset: `first` up to at[0], then offset[i] from at[i]. */
struct zone {
    char name[64];
    size_t count;
    int64_t *at;
    int32_t *offset;
    int32_t first;
    int64_t cycle_end; /* instants from here on are looked up a multiple of 400 years earlier */
};

/* One data block of the file (RFC 8536 3.1, 3.2). */
struct block {
    uint32_t utc_count, std_count, leap_count, time_count, type_count, char_count;
    size_t time_size; /* 4 or 8 bytes */
    const uint8_t *times, *indices, *types;
    size_t size; /* of all the block, without its header */
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_instant(const uint8_t *p, size_t size)
{
    if (size == 4) {
        return (int32_t)be32(p);
    }
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* Read the header at data and find the parts behind it; false when they do not fit in len. */
static bool find_block(const uint8_t *data, size_t len, size_t time_size, struct block *b)
{
    if (len < HEADER_SIZE || memcmp(data, "TZif", 4) != 0) {
        return false;
    }
    *b = (struct block){.utc_count = be32(data + 20),
                        .std_count = be32(data + 24),
                        .leap_count = be32(data + 28),
                        .time_count = be32(data + 32),
                        .type_count = be32(data + 36),
                        .char_count = be32(data + 40),
                        .time_size = time_size};
    uint64_t need = (uint64_t)b->time_count * (time_size + 1) + (uint64_t)b->type_count * 6 +
                    b->char_count + (uint64_t)b->leap_count * (time_size + 4) + b->std_count +
                    b->utc_count;
    if (need > len - HEADER_SIZE) {
        return false;
    }
    b->times = data + HEADER_SIZE;
    b->indices = b->times + b->time_count * time_size;
    b->types = b->indices + b->time_count;
    b->size = (size_t)need;
    return b->type_count >= 1 && b->type_count <= 256;
}

static bool type_offset(const struct block *b, size_t index, int32_t *out)
{
    if (index >= b->type_count) {
        return false;
    }
    *out = (int32_t)be32(b->types + index * 6);
    return *out >= -ZONE_OFFSET_MAX && *out <= ZONE_OFFSET_MAX;
}

static int32_t last_offset(const struct zone *z)
{
    return z->count > 0 ? z->offset[z->count - 1] : z->first;
}

/* Changes of the abbreviation alone are not kept. */
static void add_transition(struct zone *z, int64_t at, int32_t offset)
{
    if (offset != last_offset(z)) {
        z->at[z->count] = at;
        z->offset[z->count] = offset;
        z->count++;
    }
}

static bool copy_transitions(const struct block *b, struct zone *z)
{
    int64_t before = -INSTANT_MAX - 1;
    if (!type_offset(b, 0, &z->first)) {
        return false;
    }
    for (size_t i = 0; i < b->time_count; i++) {
        int32_t offset;
        int64_t at = be_instant(b->times + i * b->time_size, b->time_size);
        if (at <= before || at > INSTANT_MAX || !type_offset(b, b->indices[i], &offset)) {
            return false;
        }
        add_transition(z, at, offset);
        before = at;
    }
    return true;
}

/* An instant and the offset that it starts. */
struct change {
    int64_t at;
    int32_t offset;
};

static void sort_changes(struct change *c, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct change moved = c[i];
        size_t j = i;
        for (; j > 0 && c[j - 1].at > moved.at; j--) {
            c[j] = c[j - 1];
        }
        c[j] = moved;
    }
}

/*
 * Write the rule out for 400 years behind the last transition, so that looking up never
 * computes calendars. Two changes at one instant cancel out: that is how a rule says "summer
 * time all year" (RFC 8536 3.3.1).
 */
static void expand_rule(struct zone *z, const struct zone_rule *rule, int32_t year,
                        int64_t after, struct change *changes, size_t years)
{
    for (size_t i = 0; i < years; i++) {
        struct change *c = &changes[2 * i];
        zone_rule_year(rule, year + (int32_t)i, &c[0].at, &c[1].at);
        c[0].offset = rule->summer;
        c[1].offset = rule->standard;
    }
    sort_changes(changes, 2 * years);
    for (size_t i = 0; i < 2 * years; i++) {
        if (i + 1 < 2 * years && changes[i].at == changes[i + 1].at) {
            i++;
        } else if (changes[i].at > after) {
            add_transition(z, changes[i].at, changes[i].offset);
        }
    }
    z->cycle_end = civil_to_secs(
        (struct civil){.date = {.year = year + (int32_t)years - 1, .month = 1, .day = 1}});
}

/* Room for the block's transitions and, with a rule, for those of 403 years. */
static enum err_code build(struct zone *z, const struct block *b, const struct zone_rule *rule,
                           struct err *e)
{
    const size_t years = CYCLE_YEARS + 3;
    bool cyclic = rule != NULL && rule->has_summer;
    size_t room = b->time_count + (cyclic ? 2 * years : 0) + 1;
    struct change *changes = NULL;
    enum err_code code = ERR_OK;
    z->at = mem_array(room, sizeof(*z->at));
    z->offset = mem_array(room, sizeof(*z->offset));
    if (cyclic) {
        changes = mem_array(2 * years, sizeof(*changes));
    }
    if (z->at == NULL || z->offset == NULL || (cyclic && changes == NULL)) {
        code = err_nomem(e);
        goto out;
    }
    if (!copy_transitions(b, z)) {
        code = err_set(e, ERR_PARSE, _("time zone %s: its file is damaged"), z->name);
        goto out;
    }
    int64_t last =
        b->time_count == 0
            ? -INSTANT_MAX
            : be_instant(b->times + (b->time_count - 1) * b->time_size, b->time_size);
    if (cyclic) {
        if (b->time_count == 0) {
            z->first = rule->standard;
        }
        expand_rule(z, rule, civil_from_secs(last).date.year, last, changes, years);
    }
out:
    mem_free(changes);
    return code;
}

/* The line behind the last block; false when it is malformed. */
static bool find_rule(const uint8_t *p, size_t len, struct zone_rule *rule, bool *found)
{
    *found = false;
    if (len < 2 || p[0] != '\n') {
        return false;
    }
    const uint8_t *end = memchr(p + 1, '\n', len - 1);
    if (end == NULL) {
        return false;
    }
    *found = end > p + 1; /* empty: nothing is said about the time after */
    return !*found || zone_rule_parse((const char *)p + 1, (size_t)(end - p) - 1, rule);
}

/* Version 1 has one block of 32-bit times; later ones repeat it with 64 bits, and a rule. */
static enum err_code parse_file(const uint8_t *data, size_t len, struct zone *z, struct err *e)
{
    struct block b;
    struct zone_rule rule;
    bool has_rule = false;
    bool fine = find_block(data, len, 4, &b);
    if (fine && data[4] >= '2') {
        size_t skip = HEADER_SIZE + b.size;
        fine = find_block(data + skip, len - skip, 8, &b);
        skip += HEADER_SIZE + b.size;
        fine = fine && find_rule(data + skip, len - skip, &rule, &has_rule);
    }
    if (!fine) {
        return err_set(e, ERR_PARSE, _("time zone %s: its file is damaged"), z->name);
    }
    if (b.leap_count > 0) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("time zone %s counts leap seconds; use the one without \"right/\""),
                       z->name);
    }
    return build(z, &b, has_rule ? &rule : NULL, e);
}

enum err_code zone_parse(const uint8_t *data, size_t len, const char *name, struct zone **out,
                         struct err *e)
{
    struct zone *z = mem_alloc(sizeof(*z));
    if (z == NULL) {
        return err_nomem(e);
    }
    z->cycle_end = INT64_MAX;
    strncpy(z->name, name, sizeof(z->name) - 1);
    enum err_code code = parse_file(data, len, z, e);
    if (code != ERR_OK) {
        zone_free(z);
        return code;
    }
    *out = z;
    return ERR_OK;
}

/* A path below the zone folder, and nothing else. */
static bool name_is_plain(const char *name)
{
    size_t len = strlen(name);
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return len > 0 && len < sizeof(((struct zone *)NULL)->name) && name[0] != '/' &&
           strspn(name, allowed) == len;
}

static enum err_code unknown(const char *name, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND,
                   _("time zone \"%s\" is not known; names are like America/Costa_Rica"), name);
}

static enum err_code read_zone(int fd, const char *name, struct zone **out, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return unknown(name, e);
    }
    if (st.st_size > (off_t)FILE_MAX) {
        return err_set(e, ERR_LIMIT, _("time zone %s: its file is too large"), name);
    }
    size_t size = (size_t)st.st_size, done = 0;
    uint8_t *data = mem_alloc(size);
    if (data == NULL) {
        return err_nomem(e);
    }
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n <= 0) {
            break; /* a shorter file is judged by the parser */
        }
        done += (size_t)n;
    }
    enum err_code code = zone_parse(data, done, name, out, e);
    mem_free(data);
    return code;
}

enum err_code zone_load(const char *name, struct zone **out, struct err *e)
{
    char path[128];
    if (!name_is_plain(name)) {
        return unknown(name, e);
    }
    snprintf(path, sizeof(path), "%s/%s", ZONEINFO, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return unknown(name, e);
    }
    enum err_code code = read_zone(fd, name, out, e);
    close(fd);
    return code;
}

void zone_free(struct zone *z)
{
    if (z != NULL) {
        mem_free(z->at);
        mem_free(z->offset);
        mem_free(z);
    }
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* The same place in the calendar within the table. The first two years behind the last
 * transition are left alone: close to it, its own oddities may still be seen. */
static int64_t fold(const struct zone *z, int64_t secs)
{
    if (secs < z->cycle_end) {
        return secs;
    }
    secs = secs > INSTANT_MAX ? INSTANT_MAX : secs; /* so that the difference fits */
    return secs - ((secs - z->cycle_end) / CYCLE_SECS + 1) * CYCLE_SECS;
}

/* How many transitions lie at or before this instant: the index of its segment. */
static size_t segment_at(const struct zone *z, int64_t utc)
{
    size_t low = 0, high = z->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= utc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t segment_offset(const struct zone *z, size_t segment)
{
    return segment == 0 ? z->first : z->offset[segment - 1];
}

int32_t zone_offset_at(const struct zone *z, int64_t utc_secs)
{
    return segment_offset(z, segment_at(z, fold(z, utc_secs)));
}

struct civil zone_to_civil(const struct zone *z, int64_t utc_secs)
{
    int64_t local;
    if (!__builtin_add_overflow(utc_secs, (int64_t)zone_offset_at(z, utc_secs), &local)) {
        return civil_from_secs(local);
    }
    return civil_from_secs(utc_secs);
}

/* Near a change: try each segment that the local time could lie in. */
static enum local_kind resolve_near(const struct zone *z, int64_t local, size_t low,
                                    size_t high, int64_t *first, int64_t *second)
{
    size_t found = 0;
    for (size_t i = low; i <= high; i++) {
        int64_t utc = local - segment_offset(z, i);
        bool begun = i == 0 || utc >= z->at[i - 1];
        bool ended = i < z->count && utc >= z->at[i];
        if (begun && !ended) {
            *(found == 0 ? first : second) = utc;
            found++;
        }
    }
    if (found == 1) {
        *second = *first;
    }
    if (found > 0) {
        return found == 1 ? LOCAL_UNIQUE : LOCAL_AMBIGUOUS;
    }
    /* Skipped: the first segment has ended and the last not begun, so between some neighbours
     * lies the jump. */
    while (local - segment_offset(z, low + 1) >= z->at[low]) {
        low++;
    }
    *first = *second = z->at[low];
    return LOCAL_NONEXISTENT;
}

enum local_kind zone_resolve(const struct zone *z, struct civil c, int64_t *first_utc,
                             int64_t *second_utc)
{
    int64_t wall = civil_to_secs(c);
    int64_t local = fold(z, wall);
    size_t low = segment_at(z, local - ZONE_OFFSET_MAX);
    size_t high = segment_at(z, local + ZONE_OFFSET_MAX);
    if (low == high) { /* no change within reach: nearly always */
        *first_utc = *second_utc = wall - segment_offset(z, low);
        return LOCAL_UNIQUE;
    }
    enum local_kind kind = resolve_near(z, local, low, high, first_utc, second_utc);
    *first_utc += wall - local;
    *second_utc += wall - local;
    return kind;
}

int64_t zone_day_start(const struct zone *z, struct date d)
{
    int64_t first, second;
    (void)zone_resolve(z, (struct civil){.date = d}, &first, &second);
    return first;
}
