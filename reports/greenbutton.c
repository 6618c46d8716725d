#include <config.h>

#include "reports/greenbutton.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/lookup.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"
#include "store/db.h"

#define LINE_MAX_BYTES 16384
#define DAY_SECONDS 86400

/* What ESPI calls what a register measures. Source: ESPI 3.3, ServiceKind, CommodityKind,
 * MeasurementKind, UnitSymbolKind. */
static const struct espi {
    const char *unit;                         /* base unit of ours */
    int service, commodity, kind, uom, power; /* of ten: of the smallest unit */
} espi[] = {
    {"Wh", 0, 1, 12, 72, 0},    /* electricity, energy, Wh */
    {"varh", 0, 1, 12, 73, 0},  /* reactive energy, VArh */
    {"l", 2, 9, 58, 134, 0},    /* water, volume, litre */
    {"gal", 2, 9, 58, 128, -2}, /* water, volume, US gallon */
    {"ft3", 2, 9, 58, 119, -2}, /* water, volume, cubic foot */
};

struct button {
    struct office *o;
    const struct greenbutton_options *options;
    struct out_file file;
    struct buf text;
    const struct espi *espi;
    char id[17]; /* of the meter in addresses: digits of a hash of serial and office */
    int64_t reg, multiplier;
    int64_t length;  /* of every interval; 0: they differ */
    struct date day; /* of the open block */
    bool open;
    char updated[32];
    struct greenbutton_written *out;
};

static enum err_code flush(struct button *b, struct err *e)
{
    TRY(buf_status(&b->text, _("the Green Button file"), e));
    out_file_write(&b->file, b->text.data, b->text.len);
    buf_clear(&b->text);
    return ERR_OK;
}

/* An entry's id: the same for the same thing, and of no other (RFC 4122, version 5 in form). */
static void uuid_add(struct button *b, const char *what)
{
    struct hash h;
    char name[256], hex[65];
    int n = snprintf(name, sizeof name, "aforo greenbutton %s %s %s", b->o->code, b->id, what);
    sha256(name, n > 0 && (size_t)n < sizeof name ? (size_t)n : 0, &h);
    h.b[6] = (uint8_t)((h.b[6] & 0x0F) | 0x50);
    h.b[8] = (uint8_t)((h.b[8] & 0x3F) | 0x80);
    hash_hex(&h, hex);
    buf_addf(&b->text, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

static void entry_begin(struct button *b, const char *what, const char *self, const char *up,
                        const char *related, const char *title)
{
    buf_adds(&b->text, "<entry><id>");
    uuid_add(b, what);
    buf_addf(&b->text, "</id><link rel=\"self\" href=\"%s\"/><link rel=\"up\" href=\"%s\"/>",
             self, up);
    if (related != NULL) {
        buf_addf(&b->text, "<link rel=\"related\" href=\"%s\"/>", related);
    }
    buf_addf(&b->text, "<title>%s</title><content>", title);
}

static void entry_end(struct button *b)
{
    buf_addf(&b->text, "</content><published>%s</published><updated>%s</updated></entry>\n",
             b->updated, b->updated);
}

/* One change of the clock in a year, as ESPI writes it: month, which week day, hour. */
static uint32_t dst_rule(struct date d, int64_t local_seconds)
{
    struct date month_end = d;
    int32_t days = date_to_days(d);
    unsigned weekday = (unsigned)((days + 3) % 7) + 1; /* 1970-01-01 was a Thursday: 4 */
    unsigned nth = (d.day - 1U) / 7 + 2;               /* 2: the first ... 6: the fifth */
    month_end = date_from_days(days + 7);
    if (month_end.month != d.month) {
        nth = 7; /* the last one */
    }
    return (uint32_t)d.month << 28 | nth << 25 | weekday << 17 |
           (uint32_t)(local_seconds / 3600) << 12 | (uint32_t)(local_seconds % 3600);
}

/* The instant of a change in a day whose ends have other offsets. */
static int64_t change_find(const struct zone *z, int64_t low, int64_t high)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_offset_at(z, middle) == zone_offset_at(z, low)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

static void time_entry(struct button *b)
{
    const struct zone *z = b->o->zone;
    uint32_t start = 0, end = 0;
    int32_t standard = INT32_MAX, most = INT32_MIN;
    struct date first = {b->options->from.year, 1, 1};
    for (int32_t day = 0; day < 366; day++) {
        int64_t at = zone_day_start(z, date_from_days(date_to_days(first) + day));
        int64_t next = zone_day_start(z, date_from_days(date_to_days(first) + day + 1));
        int32_t before = zone_offset_at(z, at), after = zone_offset_at(z, next);
        standard = before < standard ? before : standard;
        most = before > most ? before : most;
        if (before != after) {
            int64_t change = change_find(z, at, next);
            struct civil c = civil_from_secs(change + before); /* as the clock still shows it */
            uint32_t rule = dst_rule(c.date, c.hour * 3600 + c.minute * 60 + c.second);
            *(after > before ? &start : &end) = rule;
        }
    }
    entry_begin(b, "time", "/espi/1_1/resource/LocalTimeParameters/01",
                "/espi/1_1/resource/LocalTimeParameters", NULL, zone_name(z));
    buf_addf(&b->text,
             "<LocalTimeParameters xmlns=\"http://naesb.org/espi\"><dstEndRule>%08" PRIX32
             "</dstEndRule><dstOffset>%" PRId32 "</dstOffset><dstStartRule>%08" PRIX32
             "</dstStartRule><tzOffset>%" PRId32 "</tzOffset></LocalTimeParameters>",
             end, most - standard, start, standard);
    entry_end(b);
}

/* Addresses of the resources, which no server of ours answers: they tie the entries together.
 */
static void head_write(struct button *b)
{
    char point[96], reading[128], type[96], related[128];
    (void)snprintf(point, sizeof point, "/espi/1_1/resource/UsagePoint/%s", b->id);
    (void)snprintf(reading, sizeof reading, "%s/MeterReading/01", point);
    (void)snprintf(type, sizeof type, "/espi/1_1/resource/ReadingType/%s", b->id);
    (void)snprintf(related, sizeof related, "%s/MeterReading", point);
    buf_adds(&b->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>");
    uuid_add(b, "feed");
    buf_addf(&b->text,
             "</id><title>Green Button Subscription Feed</title><updated>%s</updated>"
             "<link rel=\"self\" href=\"/espi/1_1/resource/Subscription/%s\"/>\n",
             b->updated, b->id);
    entry_begin(b, "point", point, "/espi/1_1/resource/UsagePoint", related, "");
    buf_addf(&b->text,
             "<UsagePoint xmlns=\"http://naesb.org/espi\"><ServiceCategory><kind>%d</kind>"
             "</ServiceCategory></UsagePoint>",
             b->espi->service);
    entry_end(b);
    time_entry(b);
    entry_begin(b, "reading", reading, related, type, "");
    buf_adds(&b->text, "<MeterReading xmlns=\"http://naesb.org/espi\"/>");
    entry_end(b);
    entry_begin(b, "type", type, "/espi/1_1/resource/ReadingType", NULL, "");
    buf_addf(
        &b->text,
        "<ReadingType xmlns=\"http://naesb.org/espi\"><accumulationBehaviour>4"
        "</accumulationBehaviour><commodity>%d</commodity><dataQualifier>12</dataQualifier>"
        "<flowDirection>1</flowDirection>",
        b->espi->commodity);
    if (b->length > 0) {
        buf_addf(&b->text, "<intervalLength>%" PRId64 "</intervalLength>", b->length);
    }
    buf_addf(&b->text,
             "<kind>%d</kind><powerOfTenMultiplier>%d</powerOfTenMultiplier><uom>%d</uom>"
             "</ReadingType>",
             b->espi->kind, b->espi->power, b->espi->uom);
    entry_end(b);
}

static void block_end(struct button *b)
{
    if (b->open) {
        buf_adds(&b->text, "</IntervalBlock>");
        entry_end(b);
    }
    b->open = false;
}

static void block_begin(struct button *b, struct date day)
{
    char self[192], up[128], what[32];
    int64_t start = zone_day_start(b->o->zone, day);
    int64_t end = zone_day_start(b->o->zone, date_from_days(date_to_days(day) + 1));
    (void)snprintf(what, sizeof what, "%04d-%02u-%02u", (int)day.year, (unsigned)day.month,
                   (unsigned)day.day);
    (void)snprintf(up, sizeof up,
                   "/espi/1_1/resource/UsagePoint/%s/MeterReading/01/IntervalBlock", b->id);
    (void)snprintf(self, sizeof self, "%s/%s", up, what);
    entry_begin(b, what, self, up, NULL, "");
    buf_addf(&b->text,
             "<IntervalBlock xmlns=\"http://naesb.org/espi\"><interval><duration>%" PRId64
             "</duration><start>%" PRId64 "</start></interval>\n",
             end - start, start);
    b->day = day;
    b->open = true;
    b->out->blocks++;
}

static enum err_code interval_write(struct button *b, int64_t start, int64_t duration,
                                    int64_t value, struct err *e)
{
    struct date day = zone_to_civil(b->o->zone, start).date;
    if (!b->open || date_to_days(day) != date_to_days(b->day)) {
        block_end(b);
        block_begin(b, day);
    }
    buf_addf(&b->text,
             "<IntervalReading><timePeriod><duration>%" PRId64 "</duration><start>%" PRId64
             "</start></timePeriod><value>%" PRId64 "</value></IntervalReading>\n",
             duration, start, value);
    b->out->readings++;
    b->out->total += value;
    return flush(b, e);
}

/* Use between one accepted reading and the next. What falls is no use: it is left out. */
static const char intervals_sql[] =
    "SELECT utc, next - utc, (after - value) * ?4 FROM (SELECT x.utc, x.value, lead(x.utc) "
    "OVER w AS next, lead(x.value) OVER w AS after FROM reading x WHERE x.register = ?1 AND "
    "x.state = 'accepted' AND (x.run IS NULL OR x.run IN (SELECT id FROM import_run WHERE "
    "state = 'closed')) WINDOW w AS (ORDER BY x.utc, x.id)) WHERE utc >= ?2 AND utc < ?3 AND "
    "next > utc AND after >= value ORDER BY utc";

static enum err_code intervals_each(struct button *b, int64_t from, int64_t to, bool write,
                                    struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(db_query(b->o->db, &q, e, intervals_sql,
                 VALS(V_INT(b->reg), V_INT(from), V_INT(to), V_INT(b->multiplier))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t length = stmt_int(q, 1);
        if (write) {
            code = interval_write(b, stmt_int(q, 0), length, stmt_int(q, 2), e);
        } else {
            b->length = count == 0 || b->length == length ? length : 0;
        }
        count++;
    }
    stmt_done(q);
    return code == ERR_OK && count == 0
               ? err_set(e, ERR_NOT_FOUND, _("meter %s has no use to write in these days"),
                         b->options->serial)
               : code;
}

/* The main register, and what ESPI calls its unit. */
static enum err_code register_find(struct button *b, struct err *e)
{
    struct meter_row m;
    struct stmt *q = NULL;
    bool row = false;
    TRY(meter_by_serial(b->o, b->options->serial, &m, NULL, e));
    TRY(db_query(
        b->o->db, &q, e,
        "SELECT id, unit, multiplier FROM register WHERE meter = ? ORDER BY id LIMIT 1",
        VALS(V_INT(m.id))));
    enum err_code code = stmt_next(q, &row, e);
    const struct unit *unit = code == ERR_OK && row ? unit_find(stmt_text(q, 1)) : NULL;
    if (unit != NULL) {
        b->reg = stmt_int(q, 0);
        b->multiplier = stmt_int(q, 2);
    }
    stmt_done(q);
    TRY(code);
    for (size_t i = 0; unit != NULL && i < sizeof espi / sizeof espi[0]; i++) {
        b->espi = strcmp(espi[i].unit, unit->base) == 0 ? &espi[i] : b->espi;
    }
    return b->espi != NULL ? ERR_OK
                           : err_set(e, ERR_UNSUPPORTED,
                                     _("Green Button has no name for what meter %s measures"),
                                     b->options->serial);
}

static enum err_code all_write(struct button *b, struct err *e)
{
    struct hash h;
    char hex[65];
    int64_t from = zone_day_start(b->o->zone, b->options->from);
    struct date end = date_from_days(date_to_days(b->options->to) + 1);
    int64_t to = zone_day_start(b->o->zone, end);
    struct civil now = civil_from_secs(to); /* the data's end: the same bytes each time */
    sha256(b->options->serial, strlen(b->options->serial), &h);
    hash_hex(&h, hex);
    memcpy(b->id, hex, sizeof b->id - 1);
    (void)snprintf(b->updated, sizeof b->updated, "%04d-%02u-%02uT%02u:%02u:%02uZ",
                   (int)now.date.year, (unsigned)now.date.month, (unsigned)now.date.day,
                   (unsigned)now.hour, (unsigned)now.minute, (unsigned)now.second);
    TRY(register_find(b, e));
    TRY(intervals_each(b, from, to, false, e));
    head_write(b);
    TRY(intervals_each(b, from, to, true, e));
    block_end(b);
    buf_adds(&b->text, "</feed>\n");
    return flush(b, e);
}

enum err_code greenbutton_write(struct office *o, const struct greenbutton_options *options,
                                const char *path, struct greenbutton_written *out,
                                struct err *e)
{
    struct button *b = mem_alloc(sizeof *b);
    if (b == NULL) {
        return err_nomem(e);
    }
    *out = (struct greenbutton_written){0};
    b->o = o;
    b->options = options;
    b->out = out;
    buf_init(&b->text, LINE_MAX_BYTES);
    enum err_code code = out_file_open(&b->file, path, e);
    if (code == ERR_OK) {
        code = all_write(b, e);
    }
    if (code == ERR_OK) {
        code = out_file_commit(&b->file, e);
    }
    out_file_discard(&b->file);
    buf_release(&b->text);
    mem_free(b);
    return code;
}
