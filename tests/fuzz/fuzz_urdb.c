/* Rates of others: either faults, each with a path, or a document that is a tariff or is
 * refused as one with a reason. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "domain/tariff.h"
#include "domain/urdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct json_limits limits = {1 << 20, 16, false};
    static const char *const leave_out[] = {"sell", NULL};
    struct urdb_options options = {.code = "fuzz", .leave_out = leave_out};
    struct arena arena;
    struct faults faults = {0};
    struct json *doc = NULL;
    struct json *out = NULL;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    arena_init(&arena, (size_t)32 << 20);
    if (json_parse((const char *)data, size, &limits, &arena, &doc, &e) == ERR_OK) {
        enum err_code code = urdb_convert(doc, &options, &arena, &faults, &out, &e);
        require(code == ERR_OK || e.text[0] != '\0');
        require((code == ERR_OK) == (faults.count == 0) || faults.nomem);
        if (code == ERR_OK) {
            code = tariff_from_json(out, &arena, &faults, &t, &e);
            require((code == ERR_OK) == (t != NULL));
        }
    }
    arena_release(&arena);
    return 0;
}
