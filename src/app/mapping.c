#include <config.h>

#include "app/mapping.h"

#include <inttypes.h>
#include <string.h>

#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/jread.h"

#define HEADING_MAX 200
#define CONSTANT_MAX 200

/* Of each group one field must be in the mapping. */
#define GROUPS_MAX 5
#define GROUP_FIELDS 2

static const char *const kind_names[MAPPING_KIND_COUNT] = {
#define FILE_KIND(IDENT, name, ...) #name,
#include "app/mapping_kinds.def"
#undef FILE_KIND
};

static const struct {
    size_t count;
    enum field group[GROUPS_MAX][GROUP_FIELDS];
} needs[MAPPING_KIND_COUNT] = {
#define FILE_KIND(IDENT, name, count, ...) {count, {__VA_ARGS__}},
#include "app/mapping_kinds.def"
#undef FILE_KIND
};

enum {
#define FILE_KIND(IDENT, name, ...) IN_##IDENT = 1 << MAPPING_##IDENT,
#include "app/mapping_kinds.def"
#undef FILE_KIND
};

static const struct {
    const char *name;
    enum field_type type;
    unsigned kinds;
} fields[FIELD_COUNT] = {
#define FIELD(IDENT, name, type, kinds) {#name, FIELD_TYPE_##type, kinds},
#include "app/mapping_fields.def"
#undef FIELD
};

const char *mapping_kind_name(enum mapping_kind k)
{
    CHECK(k < MAPPING_KIND_COUNT);
    return kind_names[k];
}

const char *field_name(enum field f)
{
    CHECK(f < FIELD_COUNT);
    return fields[f].name;
}

enum field_type field_type(enum field f)
{
    CHECK(f < FIELD_COUNT);
    return fields[f].type;
}

bool mapping_name_fits(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= MAPPING_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               len;
}

/* One member of "columns": a heading or a number. */
static bool read_column(const struct jnode *columns, const char *name, struct mapping *m,
                        struct column *out)
{
    int64_t number = 0;
    const struct json *v = json_get(columns->value, name);
    if (v->type == JSON_INT) {
        if (!jread_int(columns, name, true, 1, 256, &number)) {
            return false;
        }
        *out = (struct column){.set = true, .number = (unsigned)number};
        return true;
    }
    if (!jread_text(columns, name, true, HEADING_MAX, &out->heading)) {
        return false;
    }
    out->set = true;
    return m->heading_lines > 0 ||
           jfault(columns, name,
                  _("without heading lines a column is named by its number, from 1."));
}

/* Which kinds know the field; a fault for one that this kind does not have. */
static bool field_known(const struct jnode *n, const char *name, enum mapping_kind kind,
                        enum field *out)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].name, name) == 0 && (fields[i].kinds & 1u << kind) != 0) {
            *out = (enum field)i;
            return true;
        }
    }
    return jfault(n, name, _("a file of %s has no such field."), kind_names[kind]);
}

static void read_columns(const struct jnode *root, struct mapping *m)
{
    struct jnode columns = jnode_member(root, "columns");
    struct jnode constants = jnode_member(root, "constants");
    enum field f = FIELD_SERIAL;
    if (columns.value == NULL) {
        (void)jfault(root, "columns", _("it is missing."));
        return;
    }
    if (!jread_object(&columns)) {
        return;
    }
    for (size_t i = 0; i < columns.value->u.object.count; i++) {
        const char *name = columns.value->u.object.members[i].name;
        if (field_known(&columns, name, m->kind, &f)) {
            (void)read_column(&columns, name, m, &m->column[f]);
        }
    }
    if (constants.value == NULL || !jread_object(&constants)) {
        return;
    }
    for (size_t i = 0; i < constants.value->u.object.count; i++) {
        const char *name = constants.value->u.object.members[i].name;
        if (!field_known(&constants, name, m->kind, &f)) {
            continue;
        }
        if (m->column[f].set) {
            (void)jfault(&constants, name, _("this field is a column already."));
        } else if (jread_text(&constants, name, true, CONSTANT_MAX, &m->column[f].constant)) {
            m->column[f].set = true;
        }
    }
}

/* Of each group of the kind one field at least. */
static void require(const struct jnode *root, const struct mapping *m)
{
    struct jnode columns = jnode_member(root, "columns");
    for (size_t g = 0; columns.value != NULL && g < needs[m->kind].count; g++) {
        const enum field *f = needs[m->kind].group[g];
        if (!m->column[f[0]].set && !m->column[f[1]].set) {
            (void)jfault(&columns, fields[f[0]].name, _("it is missing."));
        }
    }
}

/* A format must say the whole date; what it leaves out of the time is zero. */
static bool format_fits(const char *format)
{
    bool day = false;
    bool month = false;
    bool year = false;
    for (const char *f = format; *f != '\0'; f++) {
        if (*f != '%') {
            continue;
        }
        f++;
        if (*f == '\0' || strchr("dmYyHMSFTR%", *f) == NULL) {
            return false;
        }
        day = day || *f == 'd' || *f == 'F';
        month = month || *f == 'm' || *f == 'F';
        year = year || *f == 'Y' || *f == 'y' || *f == 'F';
    }
    return day && month && year;
}

static void read_time(const struct jnode *root, struct mapping *m)
{
    struct zone *zone = NULL;
    struct err e = ERR_INIT;
    static const char *const rules[] = {"now", "newest", "each"};
    size_t rule = 0;
    m->time_format = "%Y-%m-%d";
    bool readings = m->kind == MAPPING_READINGS;
    if (jread_text(root, "time_format", readings, 60, &m->time_format) &&
        !format_fits(m->time_format)) {
        (void)jfault(root, "time_format",
                     _("it must name day, month and year; letters known are %%d %%m %%Y %%y "
                       "%%H %%M %%S %%F %%T %%R."));
    }
    if (!readings) {
        return;
    }
    if (jread_text(root, "time_zone", false, 60, &m->zone)) {
        if (zone_load(m->zone, &zone, &e) != ERR_OK) {
            (void)jfault(root, "time_zone", "%s", e.text);
        }
        zone_free(zone);
    }
    if (jread_choice(root, "as_of", false, rules, 3, &rule)) {
        m->as_of = (enum as_of_rule)rule;
    }
}

/* One character that cannot be part of a number. */
static bool sign_fits(const char *s)
{
    uint32_t cp = 0;
    size_t len = strlen(s);
    return len > 0 && utf8_decode(s, len, &cp) == len && cp >= ' ' &&
           (cp > 127 || strchr("0123456789+-eE\"", (int)cp) == NULL);
}

static void read_numbers(const struct jnode *root, struct mapping *m)
{
    const char *unit = NULL;
    m->decimal = ".";
    m->group = "";
    if (jread_text(root, "decimal", false, 4, &m->decimal) && !sign_fits(m->decimal)) {
        (void)jfault(root, "decimal", _("it must be one character that is no digit."));
    }
    const struct json *group = json_get(root->value, "group");
    bool none = group != NULL && group->type == JSON_STRING && group->u.string.len == 0;
    if (!none && jread_text(root, "group", false, 4, &m->group) &&
        (!sign_fits(m->group) || strcmp(m->group, m->decimal) == 0)) {
        (void)jfault(root, "group",
                     _("it must be one character that is no digit and not the decimal sign."));
    }
    if (m->kind == MAPPING_READINGS && jread_text(root, "unit", true, 10, &unit)) {
        m->unit = unit_find(unit);
        if (m->unit == NULL) {
            (void)jfault(root, "unit",
                         _("\"%s\" is no unit that is known; use l, m3, Wh, kWh."), unit);
        }
    }
}

static void read_file_form(const struct jnode *root, struct mapping *m)
{
    static const char *const encodings[] = {"utf-8", "latin-1", "windows-1252"};
    static const char *const hidden[] = {"refuse", "take", "skip"};
    const char *separator = ",";
    size_t encoding = 0;
    size_t hidden_rule = HIDDEN_REFUSE;
    int64_t lines = 1;
    const struct json *v = json_get(root->value, "separator");
    if (v != NULL && (v->type != JSON_STRING || v->u.string.len != 1 ||
                      strchr("\"\r\n", v->u.string.data[0]) != NULL ||
                      (unsigned char)v->u.string.data[0] > 126)) {
        (void)jfault(root, "separator",
                     _("it must be one ASCII character and neither quote nor line end."));
    } else if (v != NULL) {
        separator = v->u.string.data; /* may be a tab, which is no clean text */
    }
    (void)jread_choice(root, "encoding", false, encodings, 3, &encoding);
    (void)jread_int(root, "heading_lines", false, 0, MAPPING_HEADINGS_MAX, &lines);
    (void)jread_text(root, "sheet", false, 100, &m->sheet);
    (void)jread_choice(root, "hidden_rows", false, hidden, 3, &hidden_rule);
    m->hidden = (enum hidden_rule)hidden_rule;
    m->separator = separator[0];
    m->latin1 = encoding > 0;
    m->heading_lines = (unsigned)lines;
}

static enum err_code faults_report(const struct faults *f, struct err *e)
{
    if (f->nomem) {
        return err_nomem(e);
    }
    return f->count == 1
               ? err_set(e, ERR_PARSE, _("the mapping has a fault at %s: %s"), f->item[0].path,
                         f->item[0].text)
               : err_set(e, ERR_PARSE, _("the mapping has %zu faults; the first is at %s: %s"),
                         f->count, f->item[0].path, f->item[0].text);
}

enum err_code mapping_from_json(const struct json *doc, struct arena *arena,
                                struct mapping *out, struct err *e)
{
    static const char *const common[] = {"kind",          "separator", "encoding",    "columns",
                                         "heading_lines", "constants", "decimal",     "group",
                                         "time_format",   "sheet",     "hidden_rows", NULL};
    static const char *const readings[] = {"time_zone", "unit", "as_of", NULL};
    struct faults faults = {0};
    struct jnode root = jnode_root(doc, arena, &faults);
    size_t kind = 0;
    *out = (struct mapping){.separator = ','};
    if (jread_object(&root) &&
        jread_choice(&root, "kind", true, kind_names, MAPPING_KIND_COUNT, &kind)) {
        out->kind = (enum mapping_kind)kind;
        jread_only(&root, common, out->kind == MAPPING_READINGS ? readings : NULL);
        read_file_form(&root, out);
        read_columns(&root, out);
        read_time(&root, out);
        read_numbers(&root, out);
        require(&root, out);
    }
    return faults.count > 0 || faults.nomem ? faults_report(&faults, e) : ERR_OK;
}

enum err_code mapping_parse(const char *text, size_t len, struct arena *arena,
                            struct mapping *out, struct json **doc, struct err *e)
{
    struct json_limits limits = json_limits_entry;
    struct json *parsed = NULL;
    limits.max_bytes = MAPPING_BYTES_MAX;
    TRY(json_parse(text, len, &limits, arena, &parsed, e));
    if (doc != NULL) {
        *doc = parsed;
    }
    return mapping_from_json(parsed, arena, out, e);
}

enum err_code mapping_load(struct office *o, const char *name, enum mapping_kind kind,
                           struct arena *arena, struct mapping *out, struct hash *hash,
                           struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT spec FROM mapping WHERE name = ?", VALS(V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code =
            err_set(e, ERR_NOT_FOUND,
                    _("there is no mapping \"%s\"; save one with: aforo mapping save %s FILE"),
                    name, name);
    }
    if (code == ERR_OK) {
        const char *spec = stmt_text(q, 0);
        sha256(spec, strlen(spec), hash);
        code = mapping_parse(spec, strlen(spec), arena, out, NULL, e);
        if (code != ERR_OK) {
            (void)err_wrap(e, _("mapping %s"), name);
        }
    }
    stmt_done(q);
    TRY(code);
    return out->kind == kind
               ? ERR_OK
               : err_set(e, ERR_STATE, _("the mapping \"%s\" reads files of %s, not of %s"),
                         name, code_said(kind_names[out->kind]), code_said(kind_names[kind]));
}
