/* What holds for every tariff and every use, tried on tariffs and uses from a seed. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain_util.h"
#include "check_domain.h"

#define SEEDS 400

static void add_price(struct buf *b, uint64_t *seed, const char *name)
{
    buf_addf(b, "\"%s\":\"%lld.%06lld\"", name, (long long)rnd_below(seed, 1000),
             (long long)rnd_below(seed, 1000000));
}

static void add_blocks(struct buf *b, uint64_t *seed, bool flat_allowed)
{
    int64_t bound = 0, count = 1 + rnd_below(seed, 6);
    if (rnd_below(seed, 2) == 0) {
        buf_addf(b, "\"prorate_by_days\":true,\"reference_days\":%lld,",
                 (long long)(1 + rnd_below(seed, 366)));
    }
    buf_adds(b, "\"blocks\":[");
    for (int64_t i = 0; i < count; i++) {
        int64_t next = bound + 1 + rnd_below(seed, 50000);
        buf_addf(b, "%s{\"from\":\"%lld.%03lld\",", i == 0 ? "" : ",",
                 (long long)(bound / 1000), (long long)(bound % 1000));
        if (i + 1 < count) {
            buf_addf(b, "\"to\":\"%lld.%03lld\",", (long long)(next / 1000),
                     (long long)(next % 1000));
        }
        add_price(b, seed, flat_allowed && rnd_below(seed, 5) == 0 ? "amount" : "price");
        buf_addc(b, '}');
        bound = next;
    }
    buf_addc(b, ']');
}

/* Only components with positive prices and no deductions, so that more use never costs less. */
static void add_component(struct buf *b, uint64_t *seed, int i)
{
    static const char *const types[] = {"fixed", "blocks", "minimum", "percentage", "tax"};
    const char *type = i == 0   ? "blocks"
                       : i == 1 ? "surcharge"
                                : types[rnd_below(seed, i < 7 ? 5 : 3)];
    /* A taxable minimum that shrinks while use or an untaxed levy grows would honestly lower
     * the bill. */
    bool use = strcmp(type, "blocks") == 0 || strcmp(type, "surcharge") == 0;
    bool taxable = use || (strcmp(type, "minimum") != 0 && rnd_below(seed, 2) == 0);
    buf_addf(b,
             "%s{\"type\":\"%s\",\"id\":\"c%d\",\"label\":{\"es\":\"x\",\"en\":\"x\"},"
             "\"taxable\":%s,",
             i == 0 ? "" : ",", type, i, taxable ? "true" : "false");
    if (strcmp(type, "fixed") == 0) {
        buf_addf(b, "\"per\":\"%s\",", rnd_below(seed, 2) == 0 ? "day" : "period");
        add_price(b, seed, "price");
    } else if (strcmp(type, "blocks") == 0) {
        add_blocks(b, seed, true);
    } else if (strcmp(type, "surcharge") == 0) {
        buf_addf(b, "\"tolerance\":\"%lld\",", (long long)rnd_below(seed, 20));
        add_blocks(b, seed, false);
    } else if (strcmp(type, "minimum") == 0) {
        add_price(b, seed, "amount");
    } else {
        buf_addf(b, "\"percent\":\"%lld.%lld\"", (long long)rnd_below(seed, 100),
                 (long long)rnd_below(seed, 10));
    }
    buf_addc(b, '}');
}

static struct tariff *random_tariff(uint64_t *seed)
{
    static const char *const modes[] = {"half_up", "half_even", "down", "up"};
    static const char *const steps[] = {"0.01", "0.05", "1"};
    struct buf b;
    buf_init(&b, 60000);
    int64_t step = rnd_below(seed, 3);
    buf_addf(&b,
             "{\"aforo_tariff\":1,\"code\":\"r\",\"version\":1,\"name\":{\"es\":\"r\",\"en\":"
             "\"r\"},\"kind\":\"energy\","
             "\"currency\":\"EUR\",\"valid_from\":\"2016-01-01\",\"unit\":\"kWh\",\"rounding\":"
             "{\"mode\":\"%s\",\"level\":\"%s\","
             "\"step\":\"%s\"},\"components\":[",
             modes[rnd_below(seed, 4)], rnd_below(seed, 2) == 0 ? "line" : "total",
             steps[step]);
    int64_t count = 2 + rnd_below(seed, 8);
    for (int i = 0; i < count; i++) {
        add_component(&b, seed, i);
    }
    if (rnd_below(seed, 3) == 0) {
        buf_addf(&b,
                 ",{\"type\":\"rounding\",\"id\":\"coin\",\"label\":{\"es\":\"x\",\"en\":\"x\"}"
                 ",\"step\":\"%s\"}",
                 step == 2 ? "5" : "1");
    }
    buf_adds(&b, "]}");
    ck_assert(!b.failed);
    struct tariff *t = tariff_text(buf_str(&b));
    buf_release(&b);
    return t;
}

/* The bill as bytes: all that a reader of it could tell apart. */
static void bill_print(const struct bill_result *bill, struct buf *out)
{
    for (size_t i = 0; i < bill->count; i++) {
        const struct bill_line *l = &bill->lines[i];
        buf_addf(out, "%s %d %lld %lld ", l->component->id, l->block, (long long)l->quantity,
                 (long long)l->amount.minor);
        bill_line_explain(bill, l, NULL, out);
        buf_addc(out, '\n');
    }
    buf_addf(out, "%lld %lld", (long long)bill->total.minor,
             (long long)bill->rounding_gap.minor);
}

static void check_sums(const struct bill_result *b)
{
    int64_t shown = 0;
    struct exact sum = exact_from_int(0);
    for (size_t i = 0; i < b->count; i++) {
        shown += b->lines[i].amount.minor;
        ck_assert(exact_add(sum, b->lines[i].exact, &sum));
        int64_t again = 0;
        ck_assert(exact_round(b->lines[i].exact, 2, b->tariff->step_minor, b->tariff->rounding,
                              &again));
        ck_assert_int_eq(again, b->lines[i].amount.minor);
    }
    ck_assert_int_eq(b->total.minor, shown + b->rounding_gap.minor);
    if (b->tariff->level == ROUND_EACH_LINE) {
        ck_assert_int_eq(b->rounding_gap.minor, 0);
    } else {
        int64_t total = 0;
        ck_assert(exact_round(sum, 2, b->tariff->step_minor, b->tariff->rounding, &total));
        ck_assert_int_eq(total, b->total.minor);
    }
}

/* Every unit of use lies in exactly one block. */
static void check_quantities(const struct bill_result *b)
{
    for (size_t i = 0; i < b->tariff->component_count; i++) {
        const struct component *c = &b->tariff->components[i];
        int64_t sum = 0;
        for (size_t k = 0; k < b->count; k++) {
            sum +=
                b->lines[k].component == c && b->lines[k].block >= 0 ? b->lines[k].quantity : 0;
        }
        if (c->type == COMPONENT_BLOCKS) {
            ck_assert_int_eq(sum, b->usage.consumption);
        } else if (c->type == COMPONENT_SURCHARGE) {
            ck_assert_int_eq(sum, b->surcharge.billable);
        }
    }
}

START_TEST(sums_hold_more_use_never_costs_less_and_replays_are_identical)
{
    uint64_t seed = (uint64_t)_i * 7919 + 1;
    const struct tariff *t = random_tariff(&seed);
    int64_t limit = rnd_below(&seed, 3) == 0 ? -1 : rnd_below(&seed, 150000);
    int64_t days = 1 + rnd_below(&seed, 95);
    int64_t before = -1, use = 0;
    for (int step = 0; step < 40; step++) {
        struct bill_result b = bill_for(t, use, limit, days),
                           again = bill_for(t, use, limit, days);
        struct buf one, two;
        buf_init(&one, 100000);
        buf_init(&two, 100000);
        bill_print(&b, &one);
        bill_print(&again, &two);
        ck_assert_str_eq(buf_str(&one), buf_str(&two));
        check_sums(&b);
        check_quantities(&b);
        ck_assert_msg(b.total.minor >= before, "seed %d: %lld Wh cost %lld, less use %lld", _i,
                      (long long)use, (long long)b.total.minor, (long long)before);
        before = b.total.minor;
        use += rnd_below(&seed, 3) == 0 ? 1 : rnd_below(&seed, 12000);
        buf_release(&one);
        buf_release(&two);
    }
}
END_TEST

Suite *suite_bill_property(void)
{
    Suite *s = suite_create("bill_property");
    TCase *t = tcase_create("bill_property");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_loop_test(t, sums_hold_more_use_never_costs_less_and_replays_are_identical, 0,
                        SEEDS);
    suite_add_tcase(s, t);
    return s;
}
