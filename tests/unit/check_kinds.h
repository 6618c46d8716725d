/* Every kind of entry: golden bytes, schema, and an independent validator's opinion. */
#ifndef AFORO_TESTS_CHECK_KINDS_H
#define AFORO_TESTS_CHECK_KINDS_H

#include <check.h>

#include "ledger/kinds.h"

Suite *suite_kinds_golden(void);
Suite *suite_schema_agree(void);

/* An entry of each kind, then an item of each kind that has items of ours. */
#define GOLDENS (2 * KIND_COUNT)
struct golden {
    char name[80];    /* "limit.set.v1", "readings.batch.item.v1"; "" where there is none */
    const char *text; /* NULL: none was made */
};
extern struct golden goldens[GOLDENS];

/* Make the office and take one of each; in main(), so that all tests share them. */
void goldens_take(void);

#endif
