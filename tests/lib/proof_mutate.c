#include <config.h>

#include "tests/lib/proof_mutate.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 4096
#define DEEP 3 /* file, envelope, payload */

static uint64_t next(struct mutator *m)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed;
}

static size_t below(struct mutator *m, size_t n)
{
    return n == 0 ? 0 : (size_t)(next(m) % n);
}

static struct json *parsed(const char *text, size_t len, struct arena *a)
{
    struct json *o = NULL;
    struct err ignored = ERR_INIT;
    return json_parse(text, len, &json_limits_default, a, &o, &ignored) == ERR_OK ? o : NULL;
}

static char *copied(struct arena *a, const char *s, size_t len)
{
    char *p = arena_strndup(a, s, len);
    if (p == NULL) {
        abort();
    }
    return p;
}

/* ---- bytes and lines ---- */

static void bytes_change(struct mutator *m, char *s, size_t *len)
{
    if (*len == 0) {
        return;
    }
    size_t at = below(m, *len);
    switch (below(m, 5)) {
    case 0:
        s[at] = (char)(s[at] ^ (1 << below(m, 7)));
        break;
    case 1: /* another digit or letter */
        s[at] = "0123456789abcdefABZz+/=\n "[below(m, 25)];
        break;
    case 2: { /* two that change places */
        size_t other = below(m, *len);
        char c = s[at];
        s[at] = s[other];
        s[other] = c;
        break;
    }
    case 3: /* one less */
        memmove(s + at, s + at + 1, *len - at - 1);
        *len -= 1;
        break;
    default: /* the end is missing */
        *len = at;
        break;
    }
}

/* Two lines change places, one goes, or one stands twice. */
static void lines_change(struct mutator *m, struct json *v, struct arena *a)
{
    const char *line[128];
    size_t n = 0;
    const char *s = v->u.string.data;
    for (; n < 127 && *s != '\0'; n++) {
        line[n] = s;
        const char *end = strchr(s, '\n');
        s = end == NULL ? s + strlen(s) : end + 1;
    }
    line[n] = s;
    struct buf out;
    size_t x = below(m, n), y = below(m, n), what = below(m, 3);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        size_t take = what == 0 && i == x ? y : what == 0 && i == y ? x : i;
        size_t times = i != x ? 1 : what == 1 ? 0 : what == 2 ? 2 : 1;
        for (; times > 0; times--) {
            buf_add(&out, line[take], (size_t)(line[take + 1] - line[take]));
        }
    }
    v->u.string.data = copied(a, buf_str(&out), out.len);
    v->u.string.len = out.len;
    buf_release(&out);
}

/* ---- nodes ---- */

static void collect(struct json *v, struct json **list, size_t *n)
{
    if (*n == NODES_MAX) {
        return;
    }
    list[(*n)++] = v;
    for (size_t i = 0; v->type == JSON_ARRAY && i < v->u.array.count; i++) {
        collect(v->u.array.items[i], list, n);
    }
    for (size_t i = 0; v->type == JSON_OBJECT && i < v->u.object.count; i++) {
        collect(v->u.object.members[i].value, list, n);
    }
}

static void node_change(struct mutator *m, struct json *root, struct arena *a, int depth);

static void json_inside(struct mutator *m, struct json *v, struct json *inner, struct arena *a,
                        int depth, bool base64)
{
    struct buf text, out;
    struct err e = ERR_INIT;
    buf_init(&text, 1 << 20);
    buf_init(&out, 1 << 20);
    node_change(m, inner, a, depth + 1);
    if (json_write_jcs(inner, &text, &e) == ERR_OK) {
        if (base64) {
            buf_add_base64(&out, buf_str(&text), text.len);
        } else {
            buf_add(&out, buf_str(&text), text.len);
        }
        v->u.string.data = copied(a, buf_str(&out), out.len);
        v->u.string.len = out.len;
    }
    buf_release(&out);
    buf_release(&text);
}

static void base64_inside(struct mutator *m, struct json *v, struct buf *raw, struct arena *a)
{
    struct buf out;
    size_t len = raw->len;
    buf_init(&out, 1 << 20);
    bytes_change(m, raw->data, &len);
    buf_add_base64(&out, raw->data, len);
    v->u.string.data = copied(a, buf_str(&out), out.len);
    v->u.string.len = out.len;
    buf_release(&out);
}

static void string_change(struct mutator *m, struct json *v, struct arena *a, int depth)
{
    struct buf raw;
    struct err ignored = ERR_INIT;
    size_t len = v->u.string.len;
    buf_init(&raw, 1 << 20);
    struct json *inner =
        len > 1 && v->u.string.data[0] == '{' ? parsed(v->u.string.data, len, a) : NULL;
    bool base64 = inner == NULL && len >= 20 &&
                  base64_decode(v->u.string.data, len, &raw, &ignored) == ERR_OK;
    struct json *coded = base64 && raw.data[0] == '{' ? parsed(raw.data, raw.len, a) : NULL;
    bool plain = below(m, 4) == 0;
    if (!plain && inner != NULL && depth < DEEP) {
        json_inside(m, v, inner, a, depth, false);
    } else if (!plain && coded != NULL && depth < DEEP) {
        json_inside(m, v, coded, a, depth, true);
    } else if (!plain && base64) {
        base64_inside(m, v, &raw, a);
    } else if (!plain && memchr(v->u.string.data, '\n', len) != NULL) {
        lines_change(m, v, a);
    } else {
        char *s = copied(a, v->u.string.data, len);
        bytes_change(m, s, &len);
        v->u.string.data = s;
        v->u.string.len = len;
    }
    buf_release(&raw);
}

static void array_change(struct mutator *m, struct json *v, struct arena *a)
{
    size_t n = v->u.array.count;
    if (n == 0) {
        (void)json_push(a, v, json_new_string(a, ""));
        return;
    }
    size_t x = below(m, n), y = below(m, n);
    struct json *one = v->u.array.items[x];
    switch (below(m, 3)) {
    case 0:
        v->u.array.items[x] = v->u.array.items[y];
        v->u.array.items[y] = one;
        break;
    case 1:
        memmove(&v->u.array.items[x], &v->u.array.items[x + 1],
                (n - x - 1) * sizeof(struct json *));
        v->u.array.count--;
        break;
    default:
        (void)json_push(a, v, one);
        break;
    }
}

static void object_change(struct mutator *m, struct json *v, struct arena *a)
{
    size_t n = v->u.object.count;
    size_t x = below(m, n);
    if (n == 0) {
        (void)json_set_int(a, v, "more", 1);
        return;
    }
    switch (below(m, 3)) {
    case 0:
        memmove(&v->u.object.members[x], &v->u.object.members[x + 1],
                (n - x - 1) * sizeof(struct json_member));
        v->u.object.count--;
        break;
    case 1:
        (void)json_set_int(a, v, "more", (int64_t)below(m, 9));
        break;
    default: {
        struct json *other = v->u.object.members[x].value;
        size_t y = below(m, n);
        v->u.object.members[x].value = v->u.object.members[y].value;
        v->u.object.members[y].value = other;
        break;
    }
    }
}

static void node_change(struct mutator *m, struct json *root, struct arena *a, int depth)
{
    static struct json *lists[DEEP + 1][NODES_MAX];
    struct json **list = lists[depth];
    size_t n = 0;
    collect(root, list, &n);
    struct json *v = list[below(m, n)];
    if (below(m, 20) == 0) { /* something else altogether */
        const struct json *other = list[below(m, n)];
        *v = *other;
        return;
    }
    switch (v->type) {
    case JSON_NULL:
        *v = *json_new_string(a, "");
        break;
    case JSON_FALSE:
        v->type = JSON_TRUE;
        break;
    case JSON_TRUE:
        v->type = JSON_FALSE;
        break;
    case JSON_INT:
        v->u.integer += below(m, 2) == 0 ? 1 : -1;
        break;
    case JSON_DOUBLE:
        v->u.number += 1;
        break;
    case JSON_STRING:
        string_change(m, v, a, depth);
        break;
    case JSON_ARRAY:
        array_change(m, v, a);
        break;
    case JSON_OBJECT:
        object_change(m, v, a);
        break;
    }
}

/* A node of the same place in another proof, or of any place there that has the same type. */
static void step_replace(struct mutator *m, struct json *root)
{
    static struct json *mine[NODES_MAX], *theirs[NODES_MAX];
    size_t n = 0, k = 0;
    const struct json *donor = m->donors[below(m, m->donor_count)];
    collect(root, mine, &n);
    collect((struct json *)(uintptr_t)donor, theirs, &k);
    struct json *v = mine[1 + below(m, n - 1)]; /* not the whole */
    for (int tries = 0; tries < 64; tries++) {
        const struct json *other = theirs[below(m, k)];
        if (other->type == v->type) {
            *v = *other;
            return;
        }
    }
}

void proof_mutate(struct mutator *m, const char *text, size_t len, struct arena *scratch,
                  struct buf *out)
{
    struct err ignored = ERR_INIT;
    arena_reset(scratch);
    if (below(m, 4) == 0) {
        char *s = copied(scratch, text, len);
        bytes_change(m, s, &len);
        buf_add(out, s, len);
        return;
    }
    struct json *root = parsed(text, len, scratch);
    if (root == NULL) {
        abort();
    }
    if (m->donor_count > 0 && below(m, 4) == 0) {
        step_replace(m, root);
    } else {
        node_change(m, root, scratch, 0);
    }
    if (json_write_jcs(root, out, &ignored) != ERR_OK) {
        buf_clear(out); /* bytes that no JSON can hold */
        buf_add(out, text, len / 2);
        return;
    }
    buf_addc(out, '\n');
}
