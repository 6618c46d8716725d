/* Part of bench_list: lists other than that of the meters. */
#ifndef AFORO_TESTS_BENCH_LIST_OTHERS_H
#define AFORO_TESTS_BENCH_LIST_OTHERS_H

#include <stdbool.h>

#include "tests/lib/office_fixture.h"

#define LIST_SCREENFUL 512u /* rows */

/* How long a list took to its first screenful; a found_fn that counts. */
struct list_seen {
    size_t count;
    int64_t first_ns, start_ns; /* first_ns 0: it never came */
};
bool bench_list_take(void *list_seen, const int64_t *ids, size_t count);

/* Give big_office_fill()'s office as many customers, bills and payments as it has meters, and
 * measure their lists. False: the error was printed. */
bool bench_list_others(struct office_fixture *f, int meters);

#endif
