/* Compiling schemas: whatever is outside the subset is refused by name. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "ledger/schema_priv.h"

#define STEPS_MAX 32
#define REPEAT_MAX 65535
#define NAME_MAX_BYTES 64

struct compiler {
    const char *name; /* of the file */
    struct arena *arena;
    struct err *e;
    unsigned depth;
};

static enum err_code compile(struct compiler *c, const struct json *v,
                             const struct schema **out);

static enum err_code bad(struct compiler *c, const char *what)
{
    return err_set(c->e, ERR_PARSE, _("schema %s: \"%s\" is not as the subset allows"), c->name,
                   what);
}

static const struct schema any = {.type = SCHEMA_ANY};

/* ---- patterns ---- */

static void set_add(struct schema_step *s, unsigned char ch)
{
    s->set[ch / 32] |= UINT32_C(1) << (ch % 32);
}

/* Characters that stand for themselves in every dialect of regular expressions, and in JSON. */
static bool is_literal(char ch)
{
    return ch > ' ' && ch < 0x7f && strchr("\"\\^$.|?*+()[]{}/", ch) == NULL;
}

/* "[a-z0-9_-]", behind its bracket; false when it is no such thing. */
static bool class_read(const char **at, struct schema_step *s)
{
    const char *p = *at;
    while (*p != ']') {
        bool point = *p == '.' || *p == '+' || *p == '/' || *p == ' ';
        if (!is_literal(*p) && !point) {
            return false;
        }
        unsigned char last = (unsigned char)*p;
        if (p[1] == '-' && p[2] != ']') {
            if (!is_literal(p[2]) || p[2] < *p) {
                return false;
            }
            last = (unsigned char)p[2];
        }
        for (unsigned ch = (unsigned char)*p; ch <= last; ch++) {
            set_add(s, (unsigned char)ch);
        }
        p += last != (unsigned char)*p ? 3 : 1;
    }
    *at = p + 1;
    return true;
}

static bool number_read(const char **at, uint32_t *out)
{
    char *end = NULL;
    unsigned long v = strtoul(*at, &end, 10);
    bool ok = end != *at && **at >= '0' && **at <= '9' && v <= REPEAT_MAX;
    *at = end;
    *out = (uint32_t)v;
    return ok;
}

static bool repeat_read(const char **at, struct schema_step *s)
{
    s->min = 1;
    s->max = 1;
    switch (**at) {
    case '?':
        s->min = 0;
        break;
    case '*':
        s->min = 0;
        s->max = REPEAT_MAX;
        break;
    case '+':
        s->max = REPEAT_MAX;
        break;
    case '{':
        ++*at;
        if (!number_read(at, &s->min)) {
            return false;
        }
        s->max = s->min;
        if (**at == ',') {
            ++*at;
            if (!number_read(at, &s->max)) {
                return false;
            }
        }
        return *(*at)++ == '}' && s->max > 0 && s->min <= s->max;
    default:
        return true;
    }
    ++*at;
    return true;
}

/* Steps are taken greedily, without going back: right only when what may follow a step of
 * varying length begins with another character. */
static bool steps_are_plain(const struct schema_step *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (s[i].min == s[i].max) {
            continue;
        }
        for (size_t k = i + 1; k < count; k++) {
            for (size_t w = 0; w < 4; w++) {
                if ((s[i].set[w] & s[k].set[w]) != 0) {
                    return false;
                }
            }
            if (s[k].min > 0) {
                break;
            }
        }
    }
    return true;
}

static enum err_code pattern_read(struct compiler *c, const char *text, struct schema *s)
{
    const char *p = text;
    s->steps = arena_array(c->arena, STEPS_MAX, sizeof *s->steps);
    if (s->steps == NULL) {
        return err_nomem(c->e);
    }
    if (*p++ != '^') {
        return bad(c, text);
    }
    while (*p != '$') {
        struct schema_step *step = &s->steps[s->step_count];
        bool ok = s->step_count < STEPS_MAX;
        if (ok && *p == '[') {
            p++;
            ok = class_read(&p, step);
        } else if (ok && p[0] == '\\' && (p[1] == '.' || p[1] == '+')) {
            set_add(step, (unsigned char)p[1]);
            p += 2;
        } else if (ok && (is_literal(*p) || *p == ' ')) {
            set_add(step, (unsigned char)*p++);
        } else {
            return bad(c, text);
        }
        if (!ok || !repeat_read(&p, step)) {
            return bad(c, text);
        }
        s->step_count++;
    }
    return p[1] == '\0' && steps_are_plain(s->steps, s->step_count) ? ERR_OK : bad(c, text);
}

/* ---- values ---- */

/* Each member is one of `names`, which ends with NULL; remarks may stand anywhere. */
static enum err_code only(struct compiler *c, const struct json *o, const char *const *names)
{
    static const char *const remarks[] = {"$schema", "title", "description", "type"};
    for (size_t i = 0; i < o->u.object.count; i++) {
        const struct json_member *m = &o->u.object.members[i];
        bool known = false;
        for (size_t k = 0; k < sizeof remarks / sizeof remarks[0]; k++) {
            known =
                known || (strcmp(m->name, remarks[k]) == 0 && m->value->type == JSON_STRING);
        }
        for (size_t k = 0; names[k] != NULL; k++) {
            known = known || strcmp(m->name, names[k]) == 0;
        }
        if (!known) {
            return bad(c, m->name);
        }
    }
    return ERR_OK;
}

/* A whole number not below `low`, `fallback` where the member is absent. */
static enum err_code bound(struct compiler *c, const struct json *o, const char *name,
                           int64_t low, int64_t fallback, int64_t *out)
{
    *out = fallback;
    if (json_get(o, name) == NULL) {
        return ERR_OK;
    }
    return json_get_int(o, name, out) && *out >= low ? ERR_OK : bad(c, name);
}

static enum err_code compile_choices(struct compiler *c, const struct json *list,
                                     struct schema *s)
{
    if (list->type != JSON_ARRAY || list->u.array.count == 0) {
        return bad(c, "enum");
    }
    s->choices = arena_array(c->arena, list->u.array.count, sizeof *s->choices);
    if (s->choices == NULL) {
        return err_nomem(c->e);
    }
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *v = list->u.array.items[i];
        if (v->type != JSON_STRING) {
            return bad(c, "enum");
        }
        for (const char *p = v->u.string.data; *p != '\0'; p++) {
            if (*p < ' ' || *p >= 0x7f || *p == '"' || *p == '\\') {
                return bad(c, "enum");
            }
        }
        s->choices[s->choice_count++] = v->u.string.data;
    }
    return ERR_OK;
}

static enum err_code compile_string(struct compiler *c, const struct json *o, struct schema *s)
{
    static const char *const names[] = {"minLength", "maxLength", "pattern", "enum", NULL};
    TRY(only(c, o, names));
    TRY(bound(c, o, "minLength", 0, 0, &s->min));
    TRY(bound(c, o, "maxLength", 0, INT64_MAX, &s->max));
    const char *pattern = json_get_str(o, "pattern");
    const struct json *choices = json_get(o, "enum");
    if (pattern == NULL && json_get(o, "pattern") != NULL) {
        return bad(c, "pattern");
    }
    if (pattern != NULL) {
        TRY(pattern_read(c, pattern, s));
    }
    return choices != NULL ? compile_choices(c, choices, s) : ERR_OK;
}

static enum err_code compile_array(struct compiler *c, const struct json *o, struct schema *s)
{
    static const char *const names[] = {"items", "minItems", "maxItems", NULL};
    const struct json *items = json_get(o, "items");
    TRY(only(c, o, names));
    TRY(bound(c, o, "minItems", 0, 0, &s->min));
    TRY(bound(c, o, "maxItems", 0, INT64_MAX, &s->max));
    return items != NULL ? compile(c, items, &s->item) : bad(c, "items");
}

static int by_name(const void *a, const void *b)
{
    const struct schema_member *x = a;
    const struct schema_member *y = b;
    return strcmp(x->name, y->name); /* ASCII: the order of UTF-16 code units too */
}

static enum err_code compile_member(struct compiler *c, const struct json_member *from,
                                    struct schema_member *to)
{
    *to = (struct schema_member){.name = from->name, .name_len = from->name_len};
    for (size_t i = 0; i < from->name_len; i++) {
        if (!is_literal(from->name[i]) && from->name[i] != '.') {
            return bad(c, from->name);
        }
    }
    if (from->name_len == 0 || from->name_len > NAME_MAX_BYTES) {
        return bad(c, from->name);
    }
    to->key = arena_printf(c->arena, "\"%s\":", from->name);
    if (to->key == NULL) {
        return err_nomem(c->e);
    }
    to->key_len = from->name_len + 3;
    return compile(c, from->value, &to->value);
}

static enum err_code compile_required(struct compiler *c, const struct json *list,
                                      struct schema *s)
{
    if (list->type != JSON_ARRAY) {
        return bad(c, "required");
    }
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *v = list->u.array.items[i];
        struct schema_member *m = NULL;
        for (size_t k = 0; v->type == JSON_STRING && k < s->member_count; k++) {
            m = strcmp(s->members[k].name, v->u.string.data) == 0 ? &s->members[k] : m;
        }
        if (m == NULL || m->required) {
            return bad(c, "required");
        }
        m->required = true;
    }
    return ERR_OK;
}

static enum err_code compile_object(struct compiler *c, const struct json *o, struct schema *s)
{
    static const char *const names[] = {"properties", "required", "additionalProperties", NULL};
    const struct json *members = json_get(o, "properties");
    const struct json *required = json_get(o, "required");
    const struct json *rest = json_get(o, "additionalProperties");
    TRY(only(c, o, names));
    if (rest == NULL || (members != NULL && members->type != JSON_OBJECT)) {
        return bad(c, rest == NULL ? "additionalProperties" : "properties");
    }
    if (members != NULL && members->u.object.count > 0) {
        s->members = arena_array(c->arena, members->u.object.count, sizeof *s->members);
        if (s->members == NULL) {
            return err_nomem(c->e);
        }
        for (size_t i = 0; i < members->u.object.count; i++) {
            TRY(compile_member(c, &members->u.object.members[i], &s->members[i]));
        }
        s->member_count = members->u.object.count;
        qsort(s->members, s->member_count, sizeof *s->members, by_name);
    }
    if (rest->type != JSON_FALSE) {
        TRY(compile(c, rest, &s->rest));
    }
    return required != NULL ? compile_required(c, required, s) : ERR_OK;
}

/* Another file of the folder stands here, and nothing beside it. */
static enum err_code compile_ref(struct compiler *c, const struct json *o, const char *ref,
                                 const struct schema **out)
{
    static const char *const names[] = {"$ref", NULL};
    size_t len = strlen(ref);
    struct json *other = NULL;
    TRY(only(c, o, names));
    if (json_get(o, "type") != NULL) {
        return bad(c, "$ref");
    }
    const struct schema_source *src = len > 5 && strcmp(ref + len - 5, ".json") == 0
                                          ? schema_source_find(ref, len - 5)
                                          : NULL;
    if (src == NULL) {
        return err_set(c->e, ERR_PARSE, _("schema %s: there is no file %s"), c->name, ref);
    }
    TRY(json_parse(src->text, strlen(src->text), &json_limits_default, c->arena, &other, c->e));
    return compile(c, other, out);
}

static enum err_code compile_typed(struct compiler *c, const struct json *o, struct schema *s)
{
    static const char *const none[] = {NULL};
    static const char *const number[] = {"minimum", "maximum", NULL};
    const char *type = json_get_str(o, "type");
    type = type == NULL ? "" : type;
    if (strcmp(type, "object") == 0) {
        s->type = SCHEMA_OBJECT;
        return compile_object(c, o, s);
    }
    if (strcmp(type, "array") == 0) {
        s->type = SCHEMA_ARRAY;
        return compile_array(c, o, s);
    }
    if (strcmp(type, "string") == 0) {
        s->type = SCHEMA_STRING;
        return compile_string(c, o, s);
    }
    if (strcmp(type, "integer") == 0) {
        s->type = SCHEMA_INTEGER;
        TRY(only(c, o, number));
        TRY(bound(c, o, "minimum", INT64_MIN, INT64_MIN, &s->min));
        return bound(c, o, "maximum", INT64_MIN, INT64_MAX, &s->max);
    }
    if (strcmp(type, "boolean") == 0) {
        s->type = SCHEMA_BOOLEAN;
        return only(c, o, none);
    }
    return bad(c, "type");
}

/* NOLINTNEXTLINE(misc-no-recursion): our own files, to SCHEMA_DEPTH_MAX */
static enum err_code compile(struct compiler *c, const struct json *v,
                             const struct schema **out)
{
    *out = &any;
    if (v->type == JSON_TRUE) {
        return ERR_OK;
    }
    if (v->type != JSON_OBJECT) {
        return bad(c, "type");
    }
    if (c->depth == SCHEMA_DEPTH_MAX) {
        return err_set(c->e, ERR_PARSE, _("schema %s is nested too deeply, or holds itself"),
                       c->name);
    }
    c->depth++;
    const char *ref = json_get_str(v, "$ref");
    enum err_code code = ERR_OK;
    if (ref != NULL) {
        code = compile_ref(c, v, ref, out);
    } else {
        struct schema *s = ARENA_NEW(c->arena, struct schema);
        code = s != NULL ? compile_typed(c, v, s) : err_nomem(c->e);
        *out = s;
    }
    c->depth--;
    return code;
}

enum err_code schema_compile(const char *name, const char *text, struct arena *arena,
                             const struct schema **out, struct err *e)
{
    struct compiler c = {.name = name, .arena = arena, .e = e};
    struct json *v = NULL;
    *out = NULL;
    if (json_parse(text, strlen(text), &json_limits_default, arena, &v, e) != ERR_OK) {
        return err_wrap(e, _("schema %s"), name);
    }
    return compile(&c, v, out);
}
