/* Shared by the JSON modules only. */
#ifndef AFORO_BASE_JSON_PRIV_H
#define AFORO_BASE_JSON_PRIV_H

#include "json.h"

#define JSON_INT_MAX                                                                           \
    INT64_C(9007199254740991) /* 2^53-1: what every JSON reader holds exactly */

/* Append without looking for the name; the name is borrowed and must live as long as the arena.
 */
bool json_append_member(struct arena *a, struct json *object, const char *name, size_t name_len,
                        struct json *value);
/* A value of that type, zeroed. */
struct json *json_new(struct arena *a, enum json_type type);
/* Order of two names by their bytes. */
int json_name_cmp(const struct json_member *a, const struct json_member *b);

#endif
