/* JSON: a strict reader (RFC 8259, no duplicate names, bounded depth and size) into an arena,
 * and the canonical form of RFC 8785 (JCS). The ledger's entry profile is stricter still. */
#ifndef AFORO_BASE_JSON_H
#define AFORO_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INT,
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    union {
        int64_t integer; /* JSON_INT: |v| <= 2^53-1 */
        double number; /* JSON_DOUBLE: any other number; never used by ledger or billing code */
        struct {
            const char *data; /* UTF-8, NUL-terminated */
            size_t len;
        } string;
        struct {
            struct json **items;
            size_t count;
        } array;
        struct {
            struct json_member *members; /* in source order */
            size_t count;
        } object;
    } u;
};

struct json_member {
    const char *name;
    size_t name_len;
    struct json *value;
};

/* Limits and profile of a parse. */
struct json_limits {
    size_t max_bytes;
    unsigned max_depth;
    bool entry_profile; /* ASCII member names, integers within +-(2^53-1) only, no floating
                           point */
};
extern const struct json_limits json_limits_default; /* 16 MiB, depth 64 */
extern const struct json_limits json_limits_entry;   /* 65,535 bytes, depth 16, entry_profile */

/*
 * Parse one JSON text.
 *
 * text:   len bytes, need not be NUL-terminated; borrowed for the call only.
 * out:    root value, in `arena`.
 * Errors: ERR_PARSE with line and column, ERR_LIMIT, ERR_NOMEM. Duplicate member names, invalid
 * UTF-8, lone surrogates and trailing bytes are refused. Source: RFC 8259; RFC 7493 (I-JSON).
 */
enum err_code json_parse(const char *text, size_t len, const struct json_limits *limits,
                         struct arena *arena, struct json **out, struct err *e) MUST_CHECK;

/* Append the canonical form (RFC 8785: members sorted by UTF-16 code units, ECMAScript
 * numbers). */
enum err_code json_write_jcs(const struct json *v, struct buf *out, struct err *e) MUST_CHECK;
/* True when text is exactly the canonical form of the value it holds. */
bool json_is_canonical(const char *text, size_t len, const struct json *v);

/* Building, all in the arena; NULL only when memory is out. Strings are copied. */
struct json *json_new_object(struct arena *a);
struct json *json_new_array(struct arena *a);
struct json *json_new_int(struct arena *a, int64_t v);
struct json *json_new_bool(struct arena *a, bool v);
struct json *json_new_string(struct arena *a, const char *s);
struct json *json_new_string_n(struct arena *a, const char *s, size_t len);
/* These take NULL values as out-of-memory and return false then. `set` replaces a member of
 * that name. */
bool json_set(struct arena *a, struct json *object, const char *name, struct json *value);
bool json_set_int(struct arena *a, struct json *object, const char *name, int64_t v);
bool json_set_str(struct arena *a, struct json *object, const char *name, const char *s);
bool json_set_bool(struct arena *a, struct json *object, const char *name, bool v);
bool json_push(struct arena *a, struct json *array, struct json *value);

/* Reading. NULL / false when absent or of another type; v may be NULL. */
const struct json *json_get(const struct json *object, const char *name);
const char *json_get_str(const struct json *object, const char *name); /* NULL if absent */
bool json_get_int(const struct json *object, const char *name, int64_t *out);
bool json_get_bool(const struct json *object, const char *name, bool *out);

/* A string literal with quotes, escaped as JCS does, appended to out (for hand-built canonical
 * items). */
void json_add_string(struct buf *out, const char *s, size_t len);

#endif
