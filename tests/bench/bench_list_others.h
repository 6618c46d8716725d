/* Part of bench_list: lists other than that of the meters. */
#ifndef AFORO_TESTS_BENCH_LIST_OTHERS_H
#define AFORO_TESTS_BENCH_LIST_OTHERS_H

#include <stdbool.h>

#include "tests/lib/office_fixture.h"

/* Give big_office_fill()'s office as many customers, bills and payments as it has meters, and
 * measure their lists. False: the error was printed. */
bool bench_list_others(struct office_fixture *f, int meters);

#endif
