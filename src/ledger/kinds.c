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
        if (kinds[i].version == version && kinds[i].name[0] == name[0] &&
            strcmp(kinds[i].name, name) == 0) {
            return (enum kind)i;
        }
    }
    return KIND_COUNT;
}

static const enum kind_items items_of[KIND_COUNT] = {
#define ITEMS(ident, form) [KIND_##ident] = ITEMS_##form,
#include "ledger/items.def"
#undef ITEMS
};

enum kind_items kind_items(enum kind kind)
{
    return kind < KIND_COUNT ? items_of[kind] : ITEMS_NONE;
}

bool kind_has_items(enum kind kind)
{
    return kind_items(kind) != ITEMS_NONE;
}
