/* Tariffs from anybody: either faults, each with a path, or a tariff whose bills hold together.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "domain/bill_calc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void explain(const struct bill_result *b)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < b->count; i++) {
        bill_line_title(&b->lines[i], b->tariff, NULL, &text);
        bill_line_explain(b, &b->lines[i], NULL, &text);
    }
    require(!text.failed);
    buf_release(&text);
}

static void bill(const struct tariff *t, const struct usage *u, struct arena *arena)
{
    struct bill_result b;
    struct err e = ERR_INIT;
    if (bill_compute(t, u, arena, &b, &e) != ERR_OK) {
        require(e.text[0] != '\0');
        return;
    }
    struct money sum = b.rounding_gap;
    for (size_t i = 0; i < b.count; i++) {
        require(money_add(sum, b.lines[i].amount, &sum, &e) == ERR_OK);
    }
    require(sum.minor == b.total.minor && b.count <= t->line_max);
    require(t->level == ROUND_TOTAL_ONLY || b.rounding_gap.minor == 0);
    explain(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t some[TARIFF_QUANTITIES_MAX] = {0, 75490, 1, 109500, 700, 190000};
    static const struct usage usages[] = {
        {.consumption = 0, .days = 30, .quantities = some},
        {.consumption = 12042000, .days = 31, .has_limit = true, .limit = 6000000},
        {.consumption = 250000, .days = 1, .has_limit = true, .month = 12, .quantities = some},
        {.consumption = 250000, .days = 7, .whole_days = 30, .month = 6, .quantities = some},
        {.consumption = INT64_MAX,
         .days = USAGE_DAYS_MAX,
         .has_limit = true,
         .limit = 1,
         .month = 1,
         .quantities = some},
    };
    struct arena arena;
    struct faults faults;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    arena_init(&arena, (size_t)32 << 20);
    enum err_code code = tariff_parse((const char *)data, size, &arena, &faults, &t, &e);
    require((code == ERR_OK) == (t != NULL));
    require(code == ERR_OK || e.text[0] != '\0');
    require(code != ERR_OK || faults.count == 0);
    for (size_t i = 0; i < faults.count && i < FAULTS_MAX; i++) {
        require(faults.item[i].path[0] == '$' && faults.item[i].text[0] != '\0');
    }
    for (size_t i = 0; t != NULL && i < sizeof(usages) / sizeof(usages[0]); i++) {
        bill(t, &usages[i], &arena);
    }
    arena_release(&arena);
    return 0;
}
