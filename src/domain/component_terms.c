/* When a component holds, and for how many days its levels and amounts are. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"

void component_proration(const struct jnode *n, const struct unit *unit, struct proration *out)
{
    (void)jread_bool(n, "prorate_by_days", &out->by_days);
    if (jread_int(n, "reference_days", out->by_days, 1, 366, &out->reference_days) &&
        !out->by_days) {
        (void)jfault(n, "reference_days", _("this needs \"prorate_by_days\": true beside it."));
    }
    if (unit == NULL || !jread_quantity(n, "prorate_step", false, unit, &out->step)) {
        return;
    }
    if (!out->by_days) {
        (void)jfault(n, "prorate_step", _("this needs \"prorate_by_days\": true beside it."));
    } else if (out->step == 0) {
        (void)jfault(n, "prorate_step", _("a step of 0 rounds to nothing."));
    }
}

void component_months(const struct jnode *n, const char *name, unsigned *out)
{
    struct jnode list;
    if (!jread_array(n, name, false, 1, 12, &list)) {
        return;
    }
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        struct jnode item = jnode_item(&list, i);
        const struct json *v = item.value;
        if (v->type != JSON_INT || v->u.integer < 1 || v->u.integer > 12) {
            (void)jfault(&item, NULL, _("expected here: %s."), _("a month, 1 to 12"));
            continue;
        }
        unsigned bit = 1U << (unsigned)(v->u.integer - 1);
        if ((*out & bit) != 0) {
            (void)jfault(&item, NULL, _("the month is listed twice."));
        }
        *out |= bit;
    }
}

void component_when(const struct tariff *t, const struct jnode *n, struct condition *out)
{
    static const char *const members[] = {"above",          "up_to",        "prorate_by_days",
                                          "reference_days", "prorate_step", NULL};
    struct jnode when = jnode_member(n, "when");
    if (when.value == NULL || !jread_object(&when)) {
        return;
    }
    jread_only(&when, members, NULL);
    *out = (struct condition){.set = true, .above = -1, .up_to = INT64_MAX};
    bool above = jread_quantity(&when, "above", false, t->unit, &out->above);
    bool up_to = jread_quantity(&when, "up_to", false, t->unit, &out->up_to);
    component_proration(&when, t->unit, &out->proration);
    if (json_get(when.value, "above") == NULL && json_get(when.value, "up_to") == NULL) {
        (void)jfault(&when, NULL, _("say the use that it holds for: \"above\" or \"up_to\"."));
    } else if (above && up_to && out->up_to <= out->above) {
        (void)jfault(&when, "up_to", _("no use is above the one and up to the other."));
    }
}

bool calc_holds(const struct bill_calc *k, const struct component *c)
{
    const struct condition *w = &c->when;
    int64_t use = k->usage->consumption;
    if (c->months != 0 && (c->months & 1U << (k->usage->month - 1)) == 0) {
        return false;
    }
    return !w->set || ((w->above < 0 || use > calc_prorated(k, w->above, &w->proration)) &&
                       use <= calc_prorated(k, w->up_to, &w->proration));
}

static bool is_part(const struct usage *u)
{
    return u->whole_days != 0 && u->whole_days != u->days;
}

/* level * num / den, half up; INT64_MAX is no bound and stays. */
static int64_t scaled_level(int64_t level, int64_t num, int64_t den)
{
    if (level == INT64_MAX) {
        return level;
    }
    int128 scaled = div_round128((int128)level * num, den, ROUND_HALF_UP);
    return scaled > INT64_MAX ? INT64_MAX : (int64_t)scaled;
}

/* The nearest multiple of a step, half up. */
static int64_t stepped(int64_t level, int64_t step)
{
    if (step == 0) {
        return level;
    }
    int128 rounded = div_round128(level, step, ROUND_HALF_UP) * step;
    return rounded > INT64_MAX ? INT64_MAX : (int64_t)rounded;
}

int64_t calc_prorated(const struct bill_calc *k, int64_t level, const struct proration *p)
{
    if (p->by_days) {
        int64_t scaled = scaled_level(level, k->usage->days, p->reference_days);
        return scaled == INT64_MAX ? scaled : stepped(scaled, p->step);
    }
    return is_part(k->usage) ? scaled_level(level, k->usage->days, k->usage->whole_days)
                             : level;
}

#define RATIO_DECIMALS 12

bool calc_ratio(struct exact a, int64_t num, int64_t den, struct exact *out)
{
    struct exact x = a;
    struct exact unit = {1, RATIO_DECIMALS};
    if (!exact_mul(a, exact_from_int(num), &x)) {
        return false;
    }
    /* Adding zero with more decimals brings the mantissa to that scale. */
    if (x.scale < RATIO_DECIMALS) {
        unit.mantissa = 0;
        if (!exact_add(x, unit, &x)) {
            return false;
        }
    }
    x.mantissa = div_round128(x.mantissa, den, ROUND_HALF_UP);
    *out = x;
    return true;
}

bool calc_part(const struct bill_calc *k, struct exact x, struct bill_line *line)
{
    line->exact = x;
    if (!is_part(k->usage)) {
        return true;
    }
    line->num = k->usage->days;
    line->den = k->usage->whole_days;
    return calc_ratio(x, line->num, line->den, &line->exact);
}

bool calc_days(const struct bill_calc *k, struct exact x, const struct proration *p,
               struct bill_line *line)
{
    if (!p->by_days) {
        return calc_part(k, x, line);
    }
    line->num = k->usage->days;
    line->den = p->reference_days;
    return line->den == 1 ? exact_mul(x, exact_from_int(line->num), &line->exact)
                          : calc_ratio(x, line->num, line->den, &line->exact);
}

bool calc_percent_of(int64_t quantity, struct decimal percent, int64_t *out)
{
    struct exact part = exact_from_int(quantity);
    return exact_mul(part, exact_from_decimal(percent), &part) && exact_shift(part, 2, &part) &&
           exact_round(part, 0, 1, ROUND_HALF_UP, out);
}
