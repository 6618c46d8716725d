#include <config.h>

#include "ledger/kinds.h"

#include <string.h>

const struct kind_info kinds[KIND_COUNT] = {
#define KIND(ident, name, version, signer) {name, version, SIGNER_##signer},
#include "ledger/kinds.def"
#undef KIND
};

enum kind kind_find(const char *name, int64_t version)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].version == version && strcmp(kinds[i].name, name) == 0) {
            return (enum kind)i;
        }
    }
    return KIND_COUNT;
}

bool kind_has_items(enum kind kind)
{
    const char *dot = kind < KIND_COUNT ? strrchr(kinds[kind].name, '.') : NULL;
    return dot != NULL && strcmp(dot, ".batch") == 0;
}
