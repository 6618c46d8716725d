/* What the tests of domain share: files, tariffs from text, money as text. */
#ifndef AFORO_TESTS_DOMAIN_UTIL_H
#define AFORO_TESTS_DOMAIN_UTIL_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/bill_calc.h"
#include "domain/tariff.h"

/* One arena for the running test. */
extern struct arena test_arena;
void domain_setup(void);
void domain_teardown(void);

/* The contents of a file below the source folder, in test_arena; fails the test when it cannot
 * be read. */
char *source_file(const char *path, size_t *len);
/* A tariff of a file or of a text; fails the test with its fault. */
struct tariff *tariff_file(const char *path);
struct tariff *tariff_text(const char *text);
/* A tariff in EUR with these components, written short: ' for ", @ for a label.
 * unit: m3, or MWh. rounding: the members of that object, "" for none. */
struct tariff *tariff_short(const char *unit, const char *rounding, const char *components);
/* Bill `consumption` (smallest units) for `days`; limit below 0: none. */
struct bill_result bill_for(const struct tariff *t, int64_t consumption, int64_t limit,
                            int64_t days);
/* "904.50" in the tariff's currency, in test_arena. */
const char *money_text(const struct tariff *t, struct money m);
/* How a line came about, in test_arena. */
const char *explained(const struct bill_result *b, size_t line);
/* The sum of all lines before rounding, as text. */
const char *exact_total(const struct bill_result *b);

/* A seeded generator (splitmix64), so that a failure replays. */
uint64_t rnd(uint64_t *state);
int64_t rnd_below(uint64_t *state, int64_t bound);

#endif
