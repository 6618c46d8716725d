#include <config.h>

#include "domain/estimate.h"

#include <string.h>

#include "base/i18n.h"

static const char *const names[ESTIMATE_METHODS] = {
    [ESTIMATE_MEAN] = "mean",
    [ESTIMATE_YEAR] = "year",
    [ESTIMATE_PEERS] = "peers",
    [ESTIMATE_BETWEEN] = "between",
};

const char *estimate_method_name(enum estimate_method m)
{
    CHECK(m < ESTIMATE_METHODS);
    return names[m];
}

bool estimate_method_find(const char *name, enum estimate_method *out)
{
    for (int i = 0; i < ESTIMATE_METHODS; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum estimate_method)i;
            return true;
        }
    }
    return false;
}

enum err_code estimate_at(const struct register_def *reg, const struct estimate_basis *b,
                          struct point from, int64_t utc, struct estimate *out, struct err *e)
{
    CHECK(b->secs > 0 && b->use >= 0 && utc >= from.utc);
    int64_t modulus = register_modulus(reg);
    int64_t step = register_step(reg);
    /* use * secs fits: a use is below 2^63, a time between two readings below 2^40. */
    int128 use = (int128)b->use * (utc - from.utc) / b->secs;
    if (use > INT64_MAX) {
        return err_set(e, ERR_RANGE, _("the estimated use is beyond all measure"));
    }
    int128 dial = use * reg->multiplier_den / reg->multiplier_num / step * step;
    if (dial >= modulus) {
        return err_set(e, ERR_RANGE,
                       _("the dial would turn more than once in the time that is estimated"));
    }
    int64_t value = from.value + (int64_t)dial;
    out->rollovers = value >= modulus ? 1 : 0;
    out->value = value >= modulus ? value - modulus : value;
    return register_scale(reg, (int64_t)dial, &out->use, e);
}

int64_t estimate_between(const struct register_def *reg, struct point from, struct point to,
                         int64_t utc)
{
    CHECK(from.value <= to.value && from.utc <= utc && utc <= to.utc && from.utc < to.utc);
    int64_t step = register_step(reg);
    int128 part = (int128)(to.value - from.value) * (utc - from.utc) / (to.utc - from.utc);
    return from.value + (int64_t)(part / step) * step;
}
