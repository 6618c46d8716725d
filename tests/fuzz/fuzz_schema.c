/* The canonical form is found in the text exactly when the reader and the writer of JSON agree
 * on it; and no text fits a kind's schema that is not canonical. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "ledger/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The slow way: read, write again, compare. */
static bool canonical(const char *text, size_t size)
{
    struct arena arena;
    struct buf again;
    struct json *v = NULL;
    arena_init(&arena, (size_t)16 << 20);
    buf_init(&again, (size_t)1 << 20);
    bool same = json_parse(text, size, &json_limits_entry, &arena, &v, NULL) == ERR_OK &&
                json_write_jcs(v, &again, NULL) == ERR_OK && again.len == size &&
                memcmp(buf_str(&again), text, size) == 0;
    buf_release(&again);
    arena_release(&arena);
    return same;
}

/* Names that need an escape: the profile would take them, we do not. */
static bool strange_name(const char *text, size_t size)
{
    return memchr(text, '\\', size) != NULL || memchr(text, 0x7f, size) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct schema *s = NULL;
    enum kind kind = size > 0 ? (enum kind)(data[0] % KIND_COUNT) : KIND_COUNT;
    const char *text = (const char *)data + (size > 0);
    size -= size > 0;
    if (size > json_limits_entry.max_bytes) {
        return 0;
    }
    bool ours = schema_check_canonical(text, size, NULL) == ERR_OK;
    bool slow = canonical(text, size);
    CHECK(ours == slow || (slow && strange_name(text, size)));
    CHECK(schema_of_entry(kind, &s, NULL) == ERR_OK);
    if (s != NULL && schema_check(s, text, size, NULL) == ERR_OK) {
        CHECK(slow);
    }
    CHECK(schema_of_item(kind, &s, NULL) == ERR_OK);
    if (s != NULL && schema_check(s, text, size, NULL) == ERR_OK) {
        CHECK(slow);
    }
    return 0;
}
