#include <config.h>

#include "ledger/kinds.h"

#include <pthread.h>
#include <string.h>

#include "base/err.h"

const struct kind_info kinds[KIND_COUNT] = {
#define KIND(ident, name, version, signer) {name, version, SIGNER_##signer},
#include "ledger/kinds.def"
#undef KIND
};

/* Kinds by their names: open addressing, index + 1, 0 is free. Every entry that is read asks
 * three times. */
#define SLOTS 512
_Static_assert(KIND_COUNT * 2 < SLOTS, "the table of kinds is too full");
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;
static uint16_t slots[SLOTS];

static size_t slot_of(const char *name, int64_t version)
{
    uint32_t h = (uint32_t)version;
    for (; *name != '\0'; name++) {
        h = h * 31 + (unsigned char)*name;
    }
    return (h ^ h >> 9) % SLOTS;
}

static void slots_fill(void)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t at = slot_of(kinds[i].name, kinds[i].version);
        while (slots[at] != 0) {
            at = (at + 1) % SLOTS;
        }
        slots[at] = (uint16_t)(i + 1);
    }
}

enum kind kind_find(const char *name, int64_t version)
{
    CHECK(pthread_once(&slots_once, slots_fill) == 0);
    for (size_t at = slot_of(name, version); slots[at] != 0; at = (at + 1) % SLOTS) {
        const struct kind_info *k = &kinds[slots[at] - 1];
        if (k->version == version && strcmp(k->name, name) == 0) {
            return (enum kind)(slots[at] - 1);
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
