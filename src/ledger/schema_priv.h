/* A compiled schema; shared by the schema modules only. */
#ifndef AFORO_LEDGER_SCHEMA_PRIV_H
#define AFORO_LEDGER_SCHEMA_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/schema.h"

#define SCHEMA_DEPTH_MAX                                                                       \
    12 /* levels of a schema, $ref included: no schema refers to itself                        \
        */

enum schema_type {
    SCHEMA_ANY,
    SCHEMA_OBJECT,
    SCHEMA_ARRAY,
    SCHEMA_STRING,
    SCHEMA_INTEGER,
    SCHEMA_BOOLEAN
};

/* One step of a pattern: so many characters of a set. */
struct schema_step {
    uint32_t set[4]; /* a bit an ASCII character */
    uint32_t min, max;
};

struct schema_member {
    const char *name;
    const char *key; /* "\"name\":", as canonical text has it */
    size_t name_len, key_len;
    bool required;
    const struct schema *value;
};

struct schema {
    enum schema_type type;
    int64_t min, max;              /* of a number; characters of a string; items of an array */
    struct schema_member *members; /* in canonical order */
    size_t member_count;
    const struct schema *rest; /* of members that are not listed; NULL: there may be none */
    const struct schema *item; /* of an array */
    struct schema_step *steps; /* pattern of a string; NULL: none */
    size_t step_count;
    const char **choices; /* NULL: any text */
    size_t choice_count;
};

/* schema_check of the value at the start of the text; *used gets its length. */
enum err_code schema_check_start(const struct schema *s, const char *text, size_t len,
                                 size_t *used, struct err *e) MUST_CHECK;

#endif
