/* What the JSON reader takes, its canonical form gives again, and that form is a fixed point.
 */
#include <config.h>

#include "base/json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX ((size_t)64 << 20)

static void check_canonical(const struct json *v, const struct json_limits *limits)
{
    struct arena a;
    struct json *again = NULL;
    struct buf text;
    arena_init(&a, ARENA_MAX);
    buf_init(&text, (size_t)16 << 20);
    CHECK(json_write_jcs(v, &text, NULL) == ERR_OK);
    struct json_limits wide = *limits;
    wide.max_bytes = text.len; /* escapes may make the canonical form the longer one */
    CHECK(json_parse(buf_str(&text), text.len, &wide, &a, &again, NULL) == ERR_OK);
    CHECK(json_is_canonical(buf_str(&text), text.len, again));
    CHECK(json_is_canonical(buf_str(&text), text.len, v));
    buf_release(&text);
    arena_release(&a);
}

static void try_limits(const char *text, size_t size, const struct json_limits *limits)
{
    struct arena a;
    struct json *v = NULL;
    struct err e = ERR_INIT;
    arena_init(&a, ARENA_MAX);
    if (json_parse(text, size, limits, &a, &v, &e) == ERR_OK) {
        check_canonical(v, limits);
    } else {
        CHECK(v == NULL && e.text[0] != '\0');
    }
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size > 0 ? (const char *)data : "";
    try_limits(text, size, &json_limits_default);
    try_limits(text, size, &json_limits_entry);
    return 0;
}
