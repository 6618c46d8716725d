#include <config.h>

#include "app/import_report.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "app/reading_judge.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

#define LABEL_COLUMNS 56
#define NUMBER_COLUMNS 14

enum err_code report_open(struct import_report *r, const char *path, const char *source,
                          struct err *e)
{
    struct stat a;
    struct stat b;
    r->list = NULL;
    r->list_path = path;
    if (path == NULL) {
        return ERR_OK;
    }
    if (stat(path, &a) == 0 && stat(source, &b) == 0 && a.st_dev == b.st_dev &&
        a.st_ino == b.st_ino) {
        return err_set(e, ERR_USAGE,
                       _("--report %s: that is the file to import; name another one"), path);
    }
    r->list = fopen(path, "we");
    if (r->list == NULL) {
        return err_errno(e, _("cannot write the report %s"), path);
    }
    (void)fputs("line,serial,verdict,reason\n", r->list);
    return ERR_OK;
}

enum err_code report_close(struct import_report *r, struct err *e)
{
    FILE *f = r->list;
    r->list = NULL;
    if (f == NULL) {
        return ERR_OK;
    }
    bool failed = fflush(f) != 0 || ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    return failed ? err_errno(e, _("cannot write the report %s"), r->list_path) : ERR_OK;
}

/* A field of CSV that no spreadsheet takes for a formula. */
static void list_field(FILE *f, const char *text)
{
    (void)fputc('"', f);
    if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL) {
        (void)fputc('\'', f);
    }
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '"') {
            (void)fputc('"', f);
        }
        (void)fputc(*s, f);
    }
    (void)fputc('"', f);
}

void report_list(struct import_report *r, uint64_t line, const char *serial,
                 const char *verdict, const char *reason)
{
    if (r->list == NULL) {
        return;
    }
    (void)fprintf(r->list, "%" PRIu64 ",", line);
    list_field(r->list, serial);
    (void)fprintf(r->list, ",%s,", verdict);
    list_field(r->list, reason);
    (void)fputc('\n', r->list);
}

void report_refused(struct import_report *r, uint64_t line, const char *serial,
                    const struct refused *why)
{
    char safe[SERIAL_MAX + 1];
    text_sanitize_to(serial, strlen(serial), safe, sizeof safe);
    r->refused++;
    r->refused_by[why->why]++;
    if (r->first_count < REPORT_FIRST_ROWS) {
        struct refused_row *row = &r->first[r->first_count++];
        row->line = line;
        row->why = why->why;
        (void)snprintf(row->serial, sizeof row->serial, "%s", safe);
        (void)snprintf(row->text, sizeof row->text, "%s", why->text);
    }
    report_list(r, line, safe, "refused", why->text);
}

void report_preview_refused(uint64_t line, const struct refused *why, bool json,
                            struct buf *out)
{
    if (json) {
        buf_addf(out, "{\"line\":%" PRIu64 ",\"reason\":\"%s\",\"text\":", line,
                 refusal_name(why->why));
        json_add_string(out, why->text, strlen(why->text));
        buf_addc(out, '}');
    } else {
        buf_addf(out, _("line %llu: refused: %s"), (unsigned long long)line, why->text);
        buf_addc(out, '\n');
    }
}

void counts_finding(struct import_counts *c, const struct findings *f)
{
    if (!f->hold) {
        c->accepted++;
        return;
    }
    const struct finding *worst = findings_worst(f);
    c->held++;
    c->held_by[worst->rule][worst->kind]++;
}

void counts_add(struct import_counts *to, const struct import_counts *from)
{
    to->accepted += from->accepted;
    to->held += from->held;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        for (size_t k = 0; k < CLASS_COUNT; k++) {
            to->held_by[i][k] += from->held_by[i][k];
        }
    }
}

/* ---- for people ---- */

/* A label, dots, a number: columns align in any language. */
static void line(struct buf *out, const struct numfmt *fmt, unsigned indent, const char *label,
                 uint64_t n)
{
    char machine[24];
    struct buf shown;
    buf_init(&shown, 64);
    (void)snprintf(machine, sizeof machine, "%" PRIu64, n);
    if (fmt != NULL) {
        numfmt_number(fmt, machine, &shown);
    } else {
        buf_adds(&shown, machine);
    }
    size_t label_width = indent + text_width(label, strlen(label));
    size_t width = text_width(buf_str(&shown), shown.len);
    size_t pad = label_width < LABEL_COLUMNS ? LABEL_COLUMNS - label_width : 1;
    pad += width < NUMBER_COLUMNS ? NUMBER_COLUMNS - width : 1;
    buf_addf(out, "%*s%s%*s%s\n", (int)indent, "", label, (int)pad, "", buf_str(&shown));
    buf_release(&shown);
}

static void print_held(const struct import_report *r, const struct numfmt *fmt, struct buf *out)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        for (size_t k = 0; k < CLASS_COUNT; k++) {
            uint64_t n = r->stored.held_by[i][k];
            if (n == 0) {
                continue;
            }
            char label[200];
            const char *title = rule_title((enum rule_id)i);
            if (k == CLASS_PLAIN) {
                (void)snprintf(label, sizeof label, "%s", title);
            } else {
                (void)snprintf(label, sizeof label, "%s (%s)", title,
                               code_said(finding_class_name((enum finding_class)k)));
            }
            line(out, fmt, 6, label, n);
        }
    }
}

static void print_refused(const struct import_report *r, const struct numfmt *fmt,
                          struct buf *out)
{
    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        if (r->refused_by[i] > 0) {
            line(out, fmt, 6, refusal_title((enum refusal)i), r->refused_by[i]);
        }
    }
}

/* A quantity in the file's unit, as people write it. */
static void put_quantity(const struct numfmt *fmt, int64_t value, const struct unit *unit,
                         struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    quantity_print(value, unit, 0, &machine);
    if (fmt != NULL) {
        numfmt_number(fmt, buf_str(&machine), out);
    } else {
        buf_add(out, machine.data, machine.len);
    }
    buf_addf(out, " %s", unit->pretty);
    buf_release(&machine);
}

/* Lines whose labels name a quantity. */
static void print_falls(const struct import_report *r, const struct numfmt *fmt,
                        struct buf *out)
{
    struct buf shown;
    struct buf label;
    buf_init(&shown, 64);
    buf_init(&label, 256);
    put_quantity(fmt, FACT_SMALL_FALL, r->unit, &shown);
    buf_addf(&label, _("of these by %s at most"), buf_str(&shown));
    line(out, fmt, 6, buf_str(&label), r->facts.small_falls);
    buf_release(&label);
    buf_release(&shown);
}

static void print_jumps(const struct import_report *r, const struct numfmt *fmt,
                        struct buf *out)
{
    struct buf shown;
    struct buf label;
    buf_init(&shown, 64);
    buf_init(&label, 256);
    put_quantity(fmt, FACT_JUMP, r->unit, &shown);
    buf_addf(&label, _("jumps of more than %s"), buf_str(&shown));
    line(out, fmt, 4, buf_str(&label), r->facts.jumps);
    buf_release(&label);
    buf_release(&shown);
}

static void put_day(const struct numfmt *fmt, int64_t local, struct buf *out)
{
    struct date d = civil_from_secs(local).date;
    char iso[DATE_TEXT];
    date_text(d, iso);
    if (fmt != NULL) {
        numfmt_date(fmt, d, out);
    } else {
        buf_adds(out, iso);
    }
}

static void print_facts(const struct import_report *r, const struct numfmt *fmt,
                        struct buf *out)
{
    const struct import_facts *f = &r->facts;
    buf_addf(out, "%s\n", _("The file as it was written:"));
    line(out, fmt, 4, _("falling steps"), f->falls);
    print_falls(r, fmt, out);
    line(out, fmt, 4, _("repeated times"), f->repeats);
    line(out, fmt, 6, _("of these with another value"), f->repeats_other);
    line(out, fmt, 4, _("gaps of more than two hours"), f->gaps);
    line(out, fmt, 6, _("the longest, in days"),
         (uint64_t)((f->longest_gap_secs + 43200) / 86400));
    print_jumps(r, fmt, out);
    line(out, fmt, 4, _("meters not in order of time"), f->unordered);
    line(out, fmt, 4, _("rows in the doubled hour of autumn"), f->doubled_hour);
    line(out, fmt, 4, _("rows in the skipped hour of spring"), r->skipped_hour);
    line(out, fmt, 4, _("values in exponent notation, read exactly"), f->exponents);
    line(out, fmt, 4, _("rows without use since the one before"), f->no_use);
}

static void print_exchange(const struct exchange_told *x, const struct numfmt *fmt,
                           struct buf *out)
{
    struct buf value[2];
    struct buf day[2];
    for (size_t i = 0; i < 2; i++) {
        buf_init(&value[i], 128);
        buf_init(&day[i], 64);
        put_quantity(fmt, i == 0 ? x->before : x->after, x->unit, &value[i]);
        put_day(fmt, i == 0 ? x->before_local : x->after_local, &day[i]);
    }
    buf_addf(out, _("    line %llu: meter %s, from %s on %s to %s on %s"),
             (unsigned long long)x->line, x->serial, buf_str(&value[0]), buf_str(&day[0]),
             buf_str(&value[1]), buf_str(&day[1]));
    buf_addc(out, '\n');
    for (size_t i = 0; i < 2; i++) {
        buf_release(&value[i]);
        buf_release(&day[i]);
    }
}

static void print_exchanges(const struct import_report *r, const struct numfmt *fmt,
                            struct buf *out)
{
    if (r->exchanges_taken > 0) {
        line(out, fmt, 4, _("exchanges of meters that were taken"), r->exchanges_taken);
    }
    if (r->exchanges == 0) {
        return;
    }
    line(out, fmt, 4, _("falling steps that look like exchanges"), r->exchanges);
    for (size_t i = 0; i < r->exchanges && i < REPORT_EXCHANGES; i++) {
        print_exchange(&r->exchange[i], fmt, out);
    }
    if (r->run != 0) {
        buf_addf(out,
                 _("To take them as exchanges of the meter: aforo import discard %" PRId64
                   ", and import the file again with --exchanges\n"),
                 r->run);
        return;
    }
    buf_addf(out, "%s\n",
             _("To take them as exchanges of the meter: --exchanges; or each with: aforo meter "
               "swap"));
}

static void print_first(const struct import_report *r, struct buf *out)
{
    if (r->first_count == 0) {
        return;
    }
    buf_addf(out, "%s\n", _("Refused rows:"));
    for (size_t i = 0; i < r->first_count; i++) {
        buf_addf(out, _("    line %llu: %s"), (unsigned long long)r->first[i].line,
                 r->first[i].text);
        buf_addc(out, '\n');
    }
    if (r->refused > r->first_count) {
        buf_addf(out, _("    and %llu more; --report FILE lists them all"),
                 (unsigned long long)(r->refused - r->first_count));
        buf_addc(out, '\n');
    }
}

void report_print(const struct import_report *r, const struct numfmt *fmt, struct buf *out)
{
    bool readings = r->kind == MAPPING_READINGS;
    if (r->dry) {
        buf_addf(out, _("File %s by mapping %s, as it would be imported:"), r->file,
                 r->mapping);
    } else if (r->run == 0) {
        buf_addf(out, _("File %s by mapping %s:"), r->file, r->mapping);
    } else if (r->resumed) {
        buf_addf(out, _("File %s by mapping %s, import %lld taken up again:"), r->file,
                 r->mapping, (long long)r->run);
    } else {
        buf_addf(out, _("File %s by mapping %s, import %lld:"), r->file, r->mapping,
                 (long long)r->run);
    }
    buf_addc(out, '\n');
    line(out, fmt, 4, _("rows read"), r->rows);
    if (readings) {
        line(out, fmt, 4, _("meters"), r->facts.registers);
    }
    line(out, fmt, 4, readings ? _("stored and accepted") : _("stored"), r->stored.accepted);
    if (readings) {
        line(out, fmt, 4, _("stored and held for a supervisor"), r->stored.held);
        print_held(r, fmt, out);
    }
    line(out, fmt, 4, _("stored before"), r->already);
    if (r->skipped > 0) {
        line(out, fmt, 4, _("not read, as the reader says: see import visits"), r->skipped);
    }
    line(out, fmt, 4, _("refused"), r->refused);
    print_refused(r, fmt, out);
    if (readings) {
        print_facts(r, fmt, out);
        print_exchanges(r, fmt, out);
    }
    print_first(r, out);
    if (r->dry) {
        buf_addf(out, "%s\n", _("Nothing was recorded."));
    } else if (r->run == 0) {
        buf_addf(out, "%s\n", _("There is nothing new in it; nothing was recorded."));
    }
}

/* ---- for programs ---- */

static void json_count(struct buf *out, const char *name, uint64_t n)
{
    buf_addf(out, "\"%s\":%" PRIu64 ",", name, n);
}

/* Take the comma behind the last member away and close. */
static void json_close(struct buf *out, char bracket)
{
    if (out->len > 0 && out->data[out->len - 1] == ',') {
        out->len--;
    }
    buf_addc(out, bracket);
}

static void json_text(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "\"%s\":", name);
    json_add_string(out, text, strlen(text));
    buf_addc(out, ',');
}

static void json_held(const struct import_report *r, struct buf *out)
{
    buf_adds(out, "\"held_by\":{");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        bool any = false;
        for (size_t k = 0; k < CLASS_COUNT; k++) {
            uint64_t n = r->stored.held_by[i][k];
            if (n > 0 && !any) {
                buf_addf(out, "\"%s\":{", rule_name((enum rule_id)i));
                any = true;
            }
            if (n > 0) {
                json_count(out, finding_class_name((enum finding_class)k), n);
            }
        }
        if (any) {
            json_close(out, '}');
            buf_addc(out, ',');
        }
    }
    json_close(out, '}');
    buf_addc(out, ',');
}

static void json_refused(const struct import_report *r, struct buf *out)
{
    buf_adds(out, "\"refused_by\":{");
    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        if (r->refused_by[i] > 0) {
            json_count(out, refusal_name((enum refusal)i), r->refused_by[i]);
        }
    }
    json_close(out, '}');
    buf_adds(out, ",\"refused_rows\":[");
    for (size_t i = 0; i < r->first_count; i++) {
        buf_addc(out, '{');
        json_count(out, "line", r->first[i].line);
        json_text(out, "serial", r->first[i].serial);
        json_text(out, "reason", refusal_name(r->first[i].why));
        json_text(out, "text", r->first[i].text);
        json_close(out, '}');
        buf_addc(out, ',');
    }
    json_close(out, ']');
    buf_addc(out, ',');
}

static void json_facts(const struct import_report *r, struct buf *out)
{
    const struct import_facts *f = &r->facts;
    buf_adds(out, "\"facts\":{");
    json_count(out, "falls", f->falls);
    json_count(out, "small_falls", f->small_falls);
    json_count(out, "repeats", f->repeats);
    json_count(out, "repeats_other", f->repeats_other);
    json_count(out, "gaps", f->gaps);
    json_count(out, "longest_gap_secs", (uint64_t)f->longest_gap_secs);
    json_count(out, "jumps", f->jumps);
    json_count(out, "unordered", f->unordered);
    json_count(out, "doubled_hour", f->doubled_hour);
    json_count(out, "skipped_hour", r->skipped_hour);
    json_count(out, "exponents", f->exponents);
    json_count(out, "no_use", f->no_use);
    json_close(out, '}');
    buf_addc(out, ',');
}

static void json_exchanges(const struct import_report *r, struct buf *out)
{
    json_count(out, "exchanges_taken", r->exchanges_taken);
    json_count(out, "exchanges", r->exchanges);
    buf_adds(out, "\"exchange_rows\":[");
    for (size_t i = 0; i < r->exchanges && i < REPORT_EXCHANGES; i++) {
        const struct exchange_told *x = &r->exchange[i];
        buf_addc(out, '{');
        json_count(out, "line", x->line);
        json_text(out, "serial", x->serial);
        buf_adds(out, "\"before\":\"");
        quantity_print(x->before, x->unit, 0, out);
        buf_adds(out, "\",\"after\":\"");
        quantity_print(x->after, x->unit, 0, out);
        buf_adds(out, "\"},");
    }
    json_close(out, ']');
    buf_addc(out, ',');
}

void report_print_json(const struct import_report *r, struct buf *out)
{
    bool readings = r->kind == MAPPING_READINGS;
    buf_addc(out, '{');
    json_text(out, "file", r->file);
    json_text(out, "mapping", r->mapping);
    json_count(out, "run", (uint64_t)r->run);
    buf_addf(out, "\"resumed\":%s,", r->resumed ? "true" : "false");
    buf_adds(out, r->dry ? "\"dry_run\":true," : "");
    json_count(out, "rows", r->rows);
    json_count(out, readings ? "accepted" : "stored", r->stored.accepted);
    if (readings) {
        json_count(out, "meters", r->facts.registers);
        json_count(out, "held", r->stored.held);
        json_held(r, out);
        json_facts(r, out);
        json_exchanges(r, out);
    }
    json_count(out, "already", r->already);
    json_count(out, "skipped", r->skipped);
    json_count(out, "refused", r->refused);
    json_refused(r, out);
    json_close(out, '}');
    buf_addc(out, '\n');
}

/* ---- for the ledger ---- */

static bool data_count(struct arena *a, struct json *o, const char *name, uint64_t n)
{
    return json_set_int(a, o, name, (int64_t)n);
}

static bool data_held(const struct import_report *r, struct arena *a, struct json *held)
{
    bool ok = held != NULL;
    for (size_t i = 0; ok && i < RULE_COUNT; i++) {
        for (size_t k = 0; ok && k < CLASS_COUNT; k++) {
            uint64_t n = r->stored.held_by[i][k];
            if (n > 0) {
                const char *name = arena_printf(a, "%s/%s", rule_name((enum rule_id)i),
                                                finding_class_name((enum finding_class)k));
                ok = name != NULL && data_count(a, held, name, n);
            }
        }
    }
    return ok;
}

static bool data_facts(const struct import_report *r, struct arena *a, struct json *o)
{
    const struct import_facts *f = &r->facts;
    return o != NULL && data_count(a, o, "falls", f->falls) &&
           data_count(a, o, "small_falls", f->small_falls) &&
           data_count(a, o, "repeats", f->repeats) &&
           data_count(a, o, "repeats_other", f->repeats_other) &&
           data_count(a, o, "gaps", f->gaps) &&
           data_count(a, o, "longest_gap_secs", (uint64_t)f->longest_gap_secs) &&
           data_count(a, o, "jumps", f->jumps) && data_count(a, o, "unordered", f->unordered) &&
           data_count(a, o, "doubled_hour", f->doubled_hour) &&
           data_count(a, o, "exponents", f->exponents) && data_count(a, o, "no_use", f->no_use);
}

enum err_code report_data(const struct import_report *r, struct arena *a, struct json *o,
                          struct err *e)
{
    struct json *refused = json_new_object(a);
    bool ok = refused != NULL && data_count(a, o, "rows", r->rows) &&
              data_count(a, o, "already", r->already) &&
              data_count(a, o, "accepted", r->stored.accepted);
    for (size_t i = 0; ok && i < REFUSAL_COUNT; i++) {
        ok = r->refused_by[i] == 0 ||
             data_count(a, refused, refusal_name((enum refusal)i), r->refused_by[i]);
    }
    ok = ok && json_set(a, o, "refused", refused);
    if (ok && r->kind == MAPPING_READINGS) {
        struct json *held = json_new_object(a);
        struct json *facts = json_new_object(a);
        ok = data_held(r, a, held) && json_set(a, o, "held", held) && data_facts(r, a, facts) &&
             json_set(a, o, "facts", facts);
    }
    return ok ? ERR_OK : err_nomem(e);
}

enum err_code report_verdict(const struct import_report *r, const char *path, struct err *e)
{
    if (r->refused == 0) {
        return ERR_OK;
    }
    return err_set(
        e, ERR_PARSE,
        r->dry
            ? ngettext("%s: %llu of %llu rows would be refused, in line %llu: %s. Nothing was "
                       "recorded",
                       "%s: %llu of %llu rows would be refused, the first in line %llu: %s. "
                       "Nothing was recorded",
                       (unsigned long)r->refused)
        : r->run == 0
            ? ngettext("%s: %llu of %llu rows was refused, in line %llu: %s. Nothing was "
                       "recorded",
                       "%s: %llu of %llu rows were refused, the first in line %llu: %s. "
                       "Nothing was recorded",
                       (unsigned long)r->refused)
            : ngettext("%s: %llu of %llu rows was refused, in line %llu: %s. The other rows "
                       "are stored",
                       "%s: %llu of %llu rows were refused, the first in line %llu: %s. The "
                       "other rows are stored",
                       (unsigned long)r->refused),
        path, (unsigned long long)r->refused, (unsigned long long)r->rows,
        (unsigned long long)r->first[0].line, r->first[0].text);
}
