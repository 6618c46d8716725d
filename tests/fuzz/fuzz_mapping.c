/* Mappings of import files: a sound one is read the same from its parsed document. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>

#include "app/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mapping m;
    struct mapping again;
    struct json *doc = NULL;
    struct arena arena;

    arena_init(&arena, 8 << 20);
    if (mapping_parse((const char *)data, size, &arena, &m, &doc, NULL) == ERR_OK) {
        CHECK(doc != NULL && m.kind < MAPPING_KIND_COUNT);
        CHECK(m.heading_lines <= MAPPING_HEADINGS_MAX);
        CHECK(mapping_from_json(doc, &arena, &again, NULL) == ERR_OK);
        CHECK(again.kind == m.kind && again.separator == m.separator && again.unit == m.unit);
    }
    arena_release(&arena);
    return 0;
}
