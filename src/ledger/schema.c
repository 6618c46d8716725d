/* Checking canonical text against a compiled schema, in one pass and without memory of its own:
 * members of an object come in the order in which the schema holds them. */
#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/text.h"
#include "ledger/schema_priv.h"

#define PATH_MAX_BYTES 300
#define NAME_SHOWN 64
#define FREE_DEPTH_MAX 16     /* levels of a part that a schema leaves open */
#define INTEGER_DIGITS_MAX 16 /* of 2^53-1 */
#define INTEGER_MAX INT64_C(9007199254740991)

/* Where in the value we are: a member, or an element where name is NULL. */
struct step {
    const char *name;
    size_t name_len, index;
};

struct walk {
    const char *p, *end;
    struct step path[SCHEMA_DEPTH_MAX + 1];
    unsigned depth;
    size_t levels_max; /* objects and lists within each other, those of the schema counted */
    const char *why;   /* what is wrong there, untranslated; NULL: nothing yet */
};

static bool walk(struct walk *w, const struct schema *s);

static bool wrong(struct walk *w, const char *why)
{
    w->why = why;
    return false;
}

static bool at(const struct walk *w, char c)
{
    return w->p < w->end && *w->p == c;
}

static bool take(struct walk *w, char c)
{
    if (!at(w, c)) {
        return wrong(w, N_("this is not JSON in its canonical form"));
    }
    w->p++;
    return true;
}

/* ---- strings ---- */

/* Behind a backslash: one of the escapes that the canonical form uses. */
static bool take_escape(struct walk *w)
{
    size_t left = (size_t)(w->end - w->p);
    if (left >= 1 && *w->p != '\0' && strchr("\"\\bfnrt", *w->p) != NULL) {
        w->p++;
        return true;
    }
    if (left >= 5 && memcmp(w->p, "u00", 3) == 0 && (w->p[3] == '0' || w->p[3] == '1') &&
        w->p[4] != '\0' &&
        strchr(w->p[3] == '0' ? "01234567bef" : "0123456789abcdef", w->p[4]) != NULL) {
        w->p += 5;
        return true;
    }
    return wrong(w, N_("this is not JSON in its canonical form"));
}

/* Plain ASCII, nearly all that strings hold, is passed over in a loop of its own. */
static const char *plain_end(const char *p, const char *end)
{
    while (p < end && (signed char)*p >= ' ' && *p != '"' && *p != '\\') {
        p++;
    }
    return p;
}

/* The characters of a string up to its closing quote, which is taken too. */
static bool take_text(struct walk *w, int64_t *chars)
{
    int64_t n = 0;
    for (;; n++) {
        const char *p = plain_end(w->p, w->end);
        n += p - w->p;
        w->p = p;
        if (p >= w->end || (unsigned char)*p < 0x20) {
            return wrong(w, N_("this is not JSON in its canonical form"));
        }
        if (*p == '"') {
            w->p++;
            *chars = n;
            return true;
        }
        if (*p == '\\') {
            w->p++;
            if (!take_escape(w)) {
                return false;
            }
            continue;
        }
        uint32_t cp;
        size_t used = utf8_decode(p, (size_t)(w->end - p), &cp);
        if (used == 0) {
            return wrong(w, N_("this text is not UTF-8"));
        }
        w->p += used;
    }
}

/* Greedy, without going back: schema_compile has seen to it that this is exact. */
static bool fits_steps(const struct schema *s, const char *p, const char *end)
{
    for (size_t i = 0; i < s->step_count; i++) {
        const struct schema_step *t = &s->steps[i];
        uint32_t n = 0;
        while (n < t->max && p < end) {
            unsigned char c = (unsigned char)*p;
            if (c >= 0x80 || (t->set[c / 32] >> (c % 32) & 1) == 0) {
                break;
            }
            p++;
            n++;
        }
        if (n < t->min) {
            return false;
        }
    }
    return p == end;
}

static bool fits_choice(const struct schema *s, const char *p, size_t len)
{
    for (size_t i = 0; i < s->choice_count; i++) {
        if (strncmp(s->choices[i], p, len) == 0 && s->choices[i][len] == '\0') {
            return true;
        }
    }
    return false;
}

static bool walk_string(struct walk *w, const struct schema *s)
{
    int64_t chars = 0;
    if (!at(w, '"')) {
        return wrong(w, N_("a text is expected here"));
    }
    const char *start = ++w->p;
    if (!take_text(w, &chars)) {
        return false;
    }
    if (chars < s->min || chars > s->max) {
        return wrong(w, N_("this text is too long or too short"));
    }
    /* A text with escapes has no such form: patterns and choices hold plain characters only. */
    if (s->step_count > 0 && !fits_steps(s, start, w->p - 1)) {
        return wrong(w, N_("this text does not have the form that is asked for"));
    }
    if (s->choices != NULL && !fits_choice(s, start, (size_t)(w->p - 1 - start))) {
        return wrong(w, N_("this is none of the words that may stand here"));
    }
    return true;
}

/* ---- numbers ---- */

static bool take_integer(struct walk *w, int64_t *out)
{
    bool negative = at(w, '-');
    const char *p = w->p + negative;
    const char *first = p;
    int64_t v = 0;
    while (p < w->end && *p >= '0' && *p <= '9' && p - first < INTEGER_DIGITS_MAX) {
        v = v * 10 + (*p++ - '0');
    }
    if (p == first) {
        return wrong(w, N_("a whole number is expected here"));
    }
    if ((*first == '0' && (p - first > 1 || negative)) || v > INTEGER_MAX ||
        (p < w->end && strchr("0123456789.eE", *p) != NULL && *p != '\0')) {
        return wrong(w, N_("only whole numbers within 2^53-1 may stand here"));
    }
    *out = negative ? -v : v;
    w->p = p;
    return true;
}

static bool walk_integer(struct walk *w, const struct schema *s)
{
    int64_t v = 0;
    if (!take_integer(w, &v)) {
        return false;
    }
    return (v >= s->min && v <= s->max) || wrong(w, N_("this number is outside its bounds"));
}

/* ---- objects and arrays ---- */

/* A member's name with its quotes and colon. */
static bool take_name(struct walk *w, const char **name, size_t *len)
{
    if (!take(w, '"')) {
        return false;
    }
    const char *p = w->p;
    while (p < w->end && *p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\') {
        p++;
    }
    *name = w->p;
    *len = (size_t)(p - w->p);
    w->p = p;
    return take(w, '"') && take(w, ':');
}

static int name_cmp(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static bool walk_child(struct walk *w, const struct schema *s, struct step step)
{
    w->path[w->depth++] = step;
    if (!walk(w, s)) {
        return false; /* the path stays, to be told */
    }
    w->depth--;
    return true;
}

static bool missing(struct walk *w, const struct schema_member *m)
{
    w->path[w->depth++] = (struct step){m->name, m->name_len, 0};
    return wrong(w, N_("this member is missing"));
}

/* Members of the schema from *next on, up to `name`, are absent: none of them may be required.
 * *found: the one of that name, or NULL. */
static bool pass_members(struct walk *w, const struct schema *s, size_t *next, const char *name,
                         size_t len, const struct schema_member **found)
{
    *found = NULL;
    for (; *next < s->member_count; ++*next) {
        const struct schema_member *m = &s->members[*next];
        int order = name != NULL ? name_cmp(m->name, m->name_len, name, len) : -1;
        if (order >= 0) {
            *found = order == 0 ? m : NULL;
            *next += order == 0;
            return true;
        }
        if (m->required) {
            return missing(w, m);
        }
    }
    return true;
}

static bool walk_object(struct walk *w, const struct schema *s)
{
    const char *before = NULL;
    size_t before_len = 0;
    size_t next = 0;
    const struct schema_member *m = NULL;
    if (!at(w, '{')) {
        return wrong(w, N_("an object is expected here"));
    }
    w->p++;
    for (bool more = !at(w, '}'); more; more = at(w, ',')) {
        const char *name = NULL;
        size_t len = 0;
        w->p += at(w, ',');
        m = next < s->member_count ? &s->members[next] : NULL;
        if (m != NULL && (size_t)(w->end - w->p) >= m->key_len &&
            memcmp(w->p, m->key, m->key_len) == 0) {
            w->p += m->key_len; /* the usual case: it is the next one */
            name = m->name;
            len = m->name_len;
            next++;
        } else if (!take_name(w, &name, &len) || !pass_members(w, s, &next, name, len, &m)) {
            return false;
        }
        struct step step = {name, len, 0};
        if (before != NULL && name_cmp(before, before_len, name, len) >= 0) {
            return wrong(w, N_("the members are not in canonical order, or one stands twice"));
        }
        if (m == NULL && s->rest == NULL) {
            w->path[w->depth++] = step;
            return wrong(w, N_("no such member may stand here"));
        }
        if (!walk_child(w, m != NULL ? m->value : s->rest, step)) {
            return false;
        }
        before = name;
        before_len = len;
    }
    return pass_members(w, s, &next, NULL, 0, &m) && take(w, '}');
}

static bool walk_array(struct walk *w, const struct schema *s)
{
    int64_t count = 0;
    if (!at(w, '[')) {
        return wrong(w, N_("a list is expected here"));
    }
    w->p++;
    for (bool more = !at(w, ']'); more; more = at(w, ',')) {
        w->p += at(w, ',');
        if (!walk_child(w, s->item, (struct step){NULL, 0, (size_t)count})) {
            return false;
        }
        count++;
    }
    if (count < s->min || count > s->max) {
        return wrong(w, N_("this list is too long or too short"));
    }
    return take(w, ']');
}

static bool take_word(struct walk *w, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(w->end - w->p) < len || memcmp(w->p, word, len) != 0) {
        return false;
    }
    w->p += len;
    return true;
}

/* ---- parts that a schema leaves open: any canonical value ---- */

struct level {
    bool object;
    const char *before; /* name of the member before; NULL: none yet */
    size_t before_len;
};

/* A name where one is due; order kept. */
static bool free_name(struct walk *w, struct level *l)
{
    const char *name = NULL;
    size_t len = 0;
    if (!l->object) {
        return true;
    }
    if (!take_name(w, &name, &len)) {
        return false;
    }
    if (l->before != NULL && name_cmp(l->before, l->before_len, name, len) >= 0) {
        return wrong(w, N_("the members are not in canonical order, or one stands twice"));
    }
    l->before = name;
    l->before_len = len;
    return true;
}

static bool free_scalar(struct walk *w)
{
    int64_t ignored = 0;
    if (at(w, '"')) {
        w->p++;
        return take_text(w, &ignored);
    }
    return take_word(w, "true") || take_word(w, "false") || take_word(w, "null") ||
           take_integer(w, &ignored);
}

static bool walk_free(struct walk *w)
{
    struct level levels[FREE_DEPTH_MAX];
    size_t depth = 0;
    for (;;) {
        bool opened = at(w, '{') || at(w, '[');
        if (opened) {
            if (depth == FREE_DEPTH_MAX || depth + w->depth >= w->levels_max) {
                return wrong(w, N_("this is nested too deeply"));
            }
            levels[depth++] = (struct level){.object = at(w, '{')};
            w->p++;
        } else if (!free_scalar(w)) {
            return false;
        }
        /* Close what ends here; then, if anything is open, the next value follows. */
        while (depth > 0 && at(w, levels[depth - 1].object ? '}' : ']')) {
            w->p++;
            depth--;
            opened = false;
        }
        if (depth == 0) {
            return true;
        }
        if ((!opened && !take(w, ',')) || !free_name(w, &levels[depth - 1])) {
            return false;
        }
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the schema, which schema_compile bounds */
static bool walk(struct walk *w, const struct schema *s)
{
    switch (s->type) {
    case SCHEMA_ANY:
        return walk_free(w);
    case SCHEMA_OBJECT:
        return walk_object(w, s);
    case SCHEMA_ARRAY:
        return walk_array(w, s);
    case SCHEMA_STRING:
        return walk_string(w, s);
    case SCHEMA_INTEGER:
        return walk_integer(w, s);
    case SCHEMA_BOOLEAN:
        return take_word(w, "true") || take_word(w, "false") ||
               wrong(w, N_("true or false is expected here"));
    }
    return false;
}

static enum err_code tell(const struct walk *w, struct err *e)
{
    struct buf path;
    buf_init(&path, PATH_MAX_BYTES);
    buf_addc(&path, '$');
    for (unsigned i = 0; i < w->depth; i++) {
        const struct step *t = &w->path[i];
        if (t->name == NULL) {
            buf_addf(&path, "[%zu]", t->index);
        } else {
            buf_addc(&path, '.');
            text_sanitize(t->name, t->name_len < NAME_SHOWN ? t->name_len : NAME_SHOWN, &path);
        }
    }
    enum err_code code = err_set(e, ERR_PARSE, "%s: %s", buf_str(&path), _(w->why));
    buf_release(&path);
    return code;
}

enum err_code schema_check_start(const struct schema *s, const char *text, size_t len,
                                 size_t *used, struct err *e)
{
    struct walk w = {.p = text, .end = text + len, .levels_max = SIZE_MAX};
    if (!walk(&w, s)) {
        return tell(&w, e);
    }
    *used = (size_t)(w.p - text);
    return ERR_OK;
}

bool schema_fits(const struct schema *s, const char *text, size_t len)
{
    struct walk w = {.p = text, .end = text + len, .levels_max = FREE_DEPTH_MAX - 1};
    return walk(&w, s) && w.p == w.end;
}

enum err_code schema_check(const struct schema *s, const char *text, size_t len, struct err *e)
{
    size_t used = 0;
    TRY(schema_check_start(s, text, len, &used, e));
    return used == len
               ? ERR_OK
               : err_set(e, ERR_PARSE, _("something stands behind the end of the value"));
}

enum err_code schema_check_canonical(const char *text, size_t len, struct err *e)
{
    static const struct schema any = {.type = SCHEMA_ANY};
    return schema_check(&any, text, len, e);
}
