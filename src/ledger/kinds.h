/* The kinds of entries that a ledger may hold. */
#ifndef AFORO_LEDGER_KINDS_H
#define AFORO_LEDGER_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
#define KIND(ident, name, version, signer) KIND_##ident,
#include "ledger/kinds.def"
#undef KIND
    KIND_COUNT
};

enum kind_signer { SIGNER_OFFICE, SIGNER_USER, SIGNER_ANY };

struct kind_info {
    const char *name;
    int64_t version;
    enum kind_signer signer;
};
extern const struct kind_info kinds[KIND_COUNT];

/* KIND_COUNT when the pair is unknown. */
enum kind kind_find(const char *name, int64_t version);
/* What the items behind entries of this kind are; such kinds have a row in items.def, and their
 * data holds count and root. */
enum kind_items { ITEMS_NONE, ITEMS_JSON, ITEMS_OPAQUE };
enum kind_items kind_items(enum kind kind);
/* Do items stand behind entries of this kind? */
bool kind_has_items(enum kind kind);

#endif
