#include <config.h>

#include "domain/jread.h"

#include <stdarg.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

#define PATH_MAX_BYTES 400
#define TEXT_MAX_BYTES 600
#define DEPTH_MAX 16
#define NAME_SHOWN 60 /* bytes of a member's name */

const char *label_text(const struct label *l)
{
    return strcmp(i18n_lang(), "es") == 0 ? l->es : l->en;
}

struct jnode jnode_root(const struct json *value, struct arena *arena, struct faults *faults)
{
    return (struct jnode){.value = value, .arena = arena, .faults = faults};
}

struct jnode jnode_member(const struct jnode *up, const char *name)
{
    return (struct jnode){json_get(up->value, name), up, name, 0, up->arena, up->faults};
}

struct jnode jnode_item(const struct jnode *up, size_t index)
{
    return (struct jnode){
        up->value->u.array.items[index], up, NULL, index, up->arena, up->faults};
}

static void path_print(const struct jnode *n, const char *name, struct buf *out)
{
    const struct jnode *way[DEPTH_MAX];
    size_t depth = 0;
    for (const struct jnode *p = n; p->up != NULL && depth < DEPTH_MAX; p = p->up) {
        way[depth++] = p;
    }
    buf_addc(out, '$');
    while (depth > 0) {
        const struct jnode *p = way[--depth];
        if (p->name != NULL) {
            buf_addf(out, ".%s", p->name);
        } else {
            buf_addf(out, "[%zu]", p->index);
        }
    }
    if (name != NULL) {
        size_t len = strlen(name); /* an unknown member's name comes from the file */
        buf_addc(out, '.');
        text_sanitize(name, len < NAME_SHOWN ? len : NAME_SHOWN, out);
    }
}

bool jfault(const struct jnode *n, const char *name, const char *fmt, ...)
{
    struct faults *f = n->faults;
    size_t index = f->count++;
    if (index >= FAULTS_MAX) {
        return false;
    }
    struct buf path, text;
    buf_init(&path, PATH_MAX_BYTES);
    buf_init(&text, TEXT_MAX_BYTES);
    path_print(n, name, &path);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    const char *kept_path = arena_strdup(n->arena, buf_str(&path));
    const char *kept_text = arena_strdup(n->arena, buf_str(&text));
    f->nomem = f->nomem || path.failed || text.failed || kept_path == NULL || kept_text == NULL;
    f->item[index].path = kept_path == NULL ? "$" : kept_path;
    f->item[index].text = kept_text == NULL ? "" : kept_text;
    buf_release(&path);
    buf_release(&text);
    return false;
}

bool jread_object(const struct jnode *n)
{
    if (n->value != NULL && n->value->type == JSON_OBJECT) {
        return true;
    }
    return jfault(n, NULL, _("expected here: %s."), _("an object {...}"));
}

static bool listed(const char *name, const char *const *names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

void jread_only(const struct jnode *n, const char *const *names, const char *const *more)
{
    for (size_t i = 0; i < n->value->u.object.count; i++) {
        const struct json_member *m = &n->value->u.object.members[i];
        if (strlen(m->name) != m->name_len ||
            (!listed(m->name, names) && !listed(m->name, more))) {
            (void)jfault(n, m->name,
                         _("this member is not known here; take it out or correct its name."));
        }
    }
}

/* The member's value when it has the type; a fault when it has another, or is required and
 * absent. */
static const struct json *member(const struct jnode *n, const char *name, bool required,
                                 enum json_type type, const char *expected)
{
    const struct json *v = json_get(n->value, name);
    if (v == NULL) {
        if (required) {
            (void)jfault(n, name, _("this member is missing; expected: %s."), expected);
        }
        return NULL;
    }
    if (v->type != type) {
        (void)jfault(n, name, _("expected here: %s."), expected);
        return NULL;
    }
    return v;
}

/* Text that a terminal or a page can show as it is. */
static bool clean(const struct jnode *n, const struct json *v)
{
    struct buf b;
    buf_init(&b, v->u.string.len * 16 + 64);
    text_sanitize(v->u.string.data, v->u.string.len, &b);
    bool same = b.len == v->u.string.len && memcmp(buf_str(&b), v->u.string.data, b.len) == 0;
    n->faults->nomem = n->faults->nomem || b.failed;
    same = same || b.failed;
    buf_release(&b);
    return same;
}

bool jread_text(const struct jnode *n, const char *name, bool required, size_t max_bytes,
                const char **out)
{
    const struct json *v = member(n, name, required, JSON_STRING, _("a text in quotes"));
    if (v == NULL) {
        return false;
    }
    if (v->u.string.len == 0 || v->u.string.len > max_bytes) {
        return jfault(n, name, _("the text has %zu bytes; 1 to %zu are allowed."),
                      v->u.string.len, max_bytes);
    }
    if (!clean(n, v)) {
        return jfault(n, name, _("the text has control or invisible characters."));
    }
    *out = arena_strdup(n->arena, v->u.string.data);
    if (*out == NULL) {
        n->faults->nomem = true;
        return false;
    }
    return true;
}

bool jread_slug(const struct jnode *n, const char *name, const char **out)
{
    const char *s = NULL;
    if (!jread_text(n, name, true, 40, &s)) {
        return false;
    }
    for (size_t i = 0; s[i] != '\0'; i++) {
        bool letter = s[i] >= 'a' && s[i] <= 'z';
        bool later = (s[i] >= '0' && s[i] <= '9') || s[i] == '_' || s[i] == '-';
        if (!letter && (i == 0 || !later)) {
            return jfault(n, name,
                          _("\"%s\" must start with a letter a to z and go on with a to z, 0 "
                            "to 9, _ or -."),
                          s);
        }
    }
    *out = s;
    return true;
}

bool jread_label(const struct jnode *n, const char *name, bool required, size_t max_bytes,
                 struct label *out)
{
    static const char *const languages[] = {"en", "es", NULL};
    if (member(n, name, required, JSON_OBJECT,
               _("an object with the texts \"es\" and \"en\"")) == NULL) {
        return false;
    }
    struct jnode l = jnode_member(n, name);
    jread_only(&l, languages, NULL);
    bool es = jread_text(&l, "es", true, max_bytes, &out->es);
    bool en = jread_text(&l, "en", true, max_bytes, &out->en);
    return es && en;
}

bool jread_int(const struct jnode *n, const char *name, bool required, int64_t min, int64_t max,
               int64_t *out)
{
    const struct json *v =
        member(n, name, required, JSON_INT, _("a whole number without quotes"));
    if (v == NULL) {
        return false;
    }
    if (v->u.integer < min || v->u.integer > max) {
        return jfault(n, name, _("%lld is outside %lld to %lld."), (long long)v->u.integer,
                      (long long)min, (long long)max);
    }
    *out = v->u.integer;
    return true;
}

bool jread_bool(const struct jnode *n, const char *name, bool *out)
{
    const struct json *v = json_get(n->value, name);
    if (v == NULL) {
        return false;
    }
    if (v->type != JSON_TRUE && v->type != JSON_FALSE) {
        return jfault(n, name, _("expected here: %s."), _("true or false"));
    }
    *out = v->type == JSON_TRUE;
    return true;
}

bool jread_date(const struct jnode *n, const char *name, bool required, struct date *out)
{
    const struct json *v =
        member(n, name, required, JSON_STRING, _("a date such as \"2026-11-21\""));
    if (v == NULL) {
        return false;
    }
    if (date_parse(v->u.string.data, v->u.string.len, out, NULL) != ERR_OK) {
        return jfault(n, name, _("expected here: %s."), _("a date such as \"2026-11-21\""));
    }
    return true;
}

bool jread_decimal(const struct jnode *n, const char *name, bool required, unsigned max_scale,
                   struct decimal *out)
{
    const struct json *v = member(n, name, required, JSON_STRING,
                                  _("a decimal number in quotes, such as \"0.15\""));
    if (v == NULL) {
        return false;
    }
    struct decimal d = {0, 0};
    const char *s = v->u.string.data;
    size_t len = v->u.string.len;
    if (strspn(s, "0123456789.") != len || decimal_parse(s, len, &d, NULL) != ERR_OK) {
        return jfault(n, name, _("expected here: %s."),
                      _("a decimal number in quotes, such as \"0.15\""));
    }
    if (d.scale > max_scale) {
        return jfault(n, name, _("%s has %u decimals; at most %u are allowed."), s, d.scale,
                      max_scale);
    }
    if (decimal_cmp(d, (struct decimal){pow10_i64(12), 0}) >= 0) {
        return jfault(n, name, _("%s is too large; it must be below 10^12."), s);
    }
    *out = d;
    return true;
}

bool jread_quantity(const struct jnode *n, const char *name, bool required,
                    const struct unit *unit, int64_t *out)
{
    struct decimal d = {0, 0};
    if (!jread_decimal(n, name, required, 18, &d)) {
        return false;
    }
    struct decimal base = {0, 0};
    if (decimal_rescale(d, unit->exponent, &base, NULL) != ERR_OK) {
        return jfault(n, name,
                      _("the quantity is too large, or finer than the smallest unit of %s that "
                        "is kept (%s)."),
                      unit->symbol, unit->base);
    }
    *out = base.mantissa;
    return true;
}

bool jread_choice(const struct jnode *n, const char *name, bool required,
                  const char *const *names, size_t count, size_t *out)
{
    const struct json *v = member(n, name, required, JSON_STRING, _("a text in quotes"));
    if (v == NULL) {
        return false;
    }
    struct buf known;
    buf_init(&known, TEXT_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(v->u.string.data, names[i]) == 0 && strlen(names[i]) == v->u.string.len) {
            buf_release(&known);
            *out = i;
            return true;
        }
        buf_addf(&known, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    (void)jfault(n, name, _("this is none of: %s."), buf_str(&known));
    buf_release(&known);
    return false;
}

bool jread_array(const struct jnode *n, const char *name, bool required, size_t min, size_t max,
                 struct jnode *out)
{
    const struct json *v = member(n, name, required, JSON_ARRAY, _("a list [...]"));
    if (v == NULL) {
        return false;
    }
    if (v->u.array.count < min || v->u.array.count > max) {
        return jfault(n, name, _("the list has %zu items; %zu to %zu are allowed."),
                      v->u.array.count, min, max);
    }
    *out = jnode_member(n, name);
    return true;
}
