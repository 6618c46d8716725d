#include <config.h>

#include "base/json.h"

#include <string.h>

#include "base/json_priv.h"

/* Arrays and members have room for the next power of two, at least 4; so the capacity follows
 * from the count and need not be stored. True when the next element needs a larger array. */
static bool is_full(size_t count)
{
    return count == 0 || (count >= 4 && (count & (count - 1)) == 0);
}

/* The array with room for one more; NULL when memory is out. */
static void *grown(struct arena *a, const void *old, size_t count, size_t size)
{
    if (count > SIZE_MAX / 2 / size) {
        return NULL;
    }
    void *array = arena_array(a, count == 0 ? 4 : count * 2, size);
    if (array != NULL && count > 0) {
        memcpy(array, old, count * size);
    }
    return array;
}

struct json *json_new(struct arena *a, enum json_type type)
{
    struct json *v = ARENA_NEW(a, struct json);
    if (v != NULL) {
        v->type = type;
    }
    return v;
}

struct json *json_new_object(struct arena *a)
{
    return json_new(a, JSON_OBJECT);
}

struct json *json_new_array(struct arena *a)
{
    return json_new(a, JSON_ARRAY);
}

struct json *json_new_int(struct arena *a, int64_t v)
{
    struct json *value = json_new(a, JSON_INT);
    if (value != NULL) {
        value->u.integer = v;
    }
    return value;
}

struct json *json_new_bool(struct arena *a, bool v)
{
    return json_new(a, v ? JSON_TRUE : JSON_FALSE);
}

struct json *json_new_string_n(struct arena *a, const char *s, size_t len)
{
    struct json *value = json_new(a, JSON_STRING);
    char *copy = value != NULL ? arena_strndup(a, s, len) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    value->u.string.data = copy;
    value->u.string.len = len;
    return value;
}

struct json *json_new_string(struct arena *a, const char *s)
{
    return json_new_string_n(a, s, strlen(s));
}

static struct json_member *find(const struct json *object, const char *name)
{
    if (object == NULL || object->type != JSON_OBJECT) {
        return NULL;
    }
    size_t len = strlen(name);
    for (size_t i = 0; i < object->u.object.count; i++) {
        struct json_member *m = &object->u.object.members[i];
        if (m->name_len == len && memcmp(m->name, name, len) == 0) {
            return m;
        }
    }
    return NULL;
}

bool json_append_member(struct arena *a, struct json *object, const char *name, size_t name_len,
                        struct json *value)
{
    CHECK(object->type == JSON_OBJECT);
    size_t count = object->u.object.count;
    if (is_full(count)) {
        struct json_member *members =
            grown(a, object->u.object.members, count, sizeof(*members));
        if (members == NULL) {
            return false;
        }
        object->u.object.members = members;
    }
    object->u.object.members[count] =
        (struct json_member){.name = name, .name_len = name_len, .value = value};
    object->u.object.count++;
    return true;
}

bool json_set(struct arena *a, struct json *object, const char *name, struct json *value)
{
    if (object == NULL || value == NULL) {
        return false;
    }
    struct json_member *old = find(object, name);
    if (old != NULL) {
        old->value = value;
        return true;
    }
    char *copy = arena_strdup(a, name);
    return copy != NULL && json_append_member(a, object, copy, strlen(copy), value);
}

bool json_set_int(struct arena *a, struct json *object, const char *name, int64_t v)
{
    return json_set(a, object, name, json_new_int(a, v));
}

bool json_set_str(struct arena *a, struct json *object, const char *name, const char *s)
{
    return json_set(a, object, name, json_new_string(a, s));
}

bool json_set_bool(struct arena *a, struct json *object, const char *name, bool v)
{
    return json_set(a, object, name, json_new_bool(a, v));
}

bool json_push(struct arena *a, struct json *array, struct json *value)
{
    if (array == NULL || value == NULL) {
        return false;
    }
    CHECK(array->type == JSON_ARRAY);
    size_t count = array->u.array.count;
    if (is_full(count)) {
        struct json **items = grown(a, array->u.array.items, count, sizeof(struct json *));
        if (items == NULL) {
            return false;
        }
        array->u.array.items = items;
    }
    array->u.array.items[count] = value;
    array->u.array.count++;
    return true;
}

const struct json *json_get(const struct json *object, const char *name)
{
    const struct json_member *m = find(object, name);
    return m != NULL ? m->value : NULL;
}

const char *json_get_str(const struct json *object, const char *name)
{
    const struct json *v = json_get(object, name);
    if (v == NULL || v->type != JSON_STRING) {
        return NULL;
    }
    /* A C string would silently be a shorter one than what was signed. */
    return memchr(v->u.string.data, '\0', v->u.string.len) == NULL ? v->u.string.data : NULL;
}

bool json_get_int(const struct json *object, const char *name, int64_t *out)
{
    const struct json *v = json_get(object, name);
    if (v == NULL || v->type != JSON_INT) {
        return false;
    }
    *out = v->u.integer;
    return true;
}

bool json_get_bool(const struct json *object, const char *name, bool *out)
{
    const struct json *v = json_get(object, name);
    if (v == NULL || (v->type != JSON_TRUE && v->type != JSON_FALSE)) {
        return false;
    }
    *out = v->type == JSON_TRUE;
    return true;
}
