#include <config.h>

#include "domain/meter.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

struct named {
    const char *name, *label;
};

static const struct named kinds[METER_KIND_COUNT] = {
    [METER_WATER] = {"water", N_("water")},
    [METER_ENERGY] = {"energy", N_("energy")},
    [METER_GAS] = {"gas", N_("gas")},
};

static const struct named states[METER_STATE_COUNT] = {
    [METER_IN_SERVICE] = {"in_service", N_("in service")},
    [METER_OUT_OF_SERVICE] = {"out_of_service", N_("out of service")},
    [METER_REMOVED] = {"removed", N_("removed")},
};

static const struct named *kind_row(enum meter_kind kind)
{
    CHECK(kind < METER_KIND_COUNT);
    return &kinds[kind];
}

static const struct named *state_row(enum meter_state state)
{
    CHECK(state < METER_STATE_COUNT);
    return &states[state];
}

const char *meter_kind_name(enum meter_kind kind)
{
    return kind_row(kind)->name;
}

const char *meter_state_name(enum meter_state state)
{
    return state_row(state)->name;
}

bool meter_kind_find(const char *name, enum meter_kind *out)
{
    for (size_t i = 0; i < METER_KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *out = (enum meter_kind)i;
            return true;
        }
    }
    return false;
}

bool meter_state_find(const char *name, enum meter_state *out)
{
    for (size_t i = 0; i < METER_STATE_COUNT; i++) {
        if (strcmp(states[i].name, name) == 0) {
            *out = (enum meter_state)i;
            return true;
        }
    }
    return false;
}

bool meter_kind_takes(enum meter_kind kind, const struct unit *unit)
{
    const char *base = unit->base;
    if (strcmp(base, "u") == 0) {
        return kind < METER_KIND_COUNT; /* what was agreed: dwellings behind the meter */
    }
    switch (kind) {
    case METER_WATER:
        return strcmp(base, "l") == 0 || unit->num != 0;
    case METER_ENERGY:
        return strcmp(base, "Wh") == 0 || strcmp(base, "varh") == 0 || strcmp(base, "W") == 0;
    case METER_GAS: /* a cubic metre is kept as 1,000 l, which are its 1,000 dm3 */
        return strcmp(base, "l") == 0 || strcmp(base, "ft3") == 0;
    case METER_KIND_COUNT:
        break;
    }
    return false;
}

enum err_code register_check(const struct register_def *reg, struct err *e)
{
    if (reg->unit == NULL) {
        return err_set(e, ERR_RANGE, _("The register has no unit."));
    }
    if (reg->digits < 1 || reg->digits > REGISTER_DIGITS_MAX) {
        return err_set(e, ERR_RANGE, _("The register has %u digits; a dial has 1 to %d."),
                       reg->digits, REGISTER_DIGITS_MAX);
    }
    if (reg->decimals > reg->unit->exponent) {
        return err_set(
            e, ERR_RANGE,
            _("The register has %u decimals; a register in %s is kept with at most %u."),
            reg->decimals, reg->unit->symbol, reg->unit->exponent);
    }
    if (reg->multiplier_num < 1 || reg->multiplier_num > REGISTER_MULTIPLIER_MAX ||
        reg->multiplier_den < 1 || reg->multiplier_den > REGISTER_MULTIPLIER_MAX) {
        return err_set(e, ERR_RANGE,
                       _("The register's multiplier %lld/%lld is outside 1 to %d."),
                       (long long)reg->multiplier_num, (long long)reg->multiplier_den,
                       REGISTER_MULTIPLIER_MAX);
    }
    if (reg->max_rate_per_hour < 0 || reg->max_rate_per_hour > pow10_i64(12)) {
        return err_set(e, ERR_RANGE,
                       _("The register's maximum of %lld an hour is outside 0 to 10^12."),
                       (long long)reg->max_rate_per_hour);
    }
    return ERR_OK;
}

bool register_cumulative(const struct register_def *reg)
{
    return strcmp(reg->unit->base, "W") != 0 && strcmp(reg->unit->base, "u") != 0;
}

int64_t register_modulus(const struct register_def *reg)
{
    return pow10_i64((unsigned)reg->digits + reg->unit->exponent);
}

int64_t register_step(const struct register_def *reg)
{
    return pow10_i64((unsigned)reg->unit->exponent - reg->decimals);
}

int64_t register_dial_max(const struct register_def *reg)
{
    return register_modulus(reg) - register_step(reg);
}

enum err_code register_scale(const struct register_def *reg, int64_t difference,
                             int64_t *consumption, struct err *e)
{
    if (reg->multiplier_num == reg->multiplier_den) {
        *consumption = difference;
        return ERR_OK;
    }
    int128 scaled = div_round128((int128)difference * reg->multiplier_num, reg->multiplier_den,
                                 ROUND_HALF_UP);
    if (scaled > INT64_MAX || scaled < INT64_MIN) {
        return err_set(e, ERR_RANGE,
                       _("The consumption %lld x %lld/%lld is too large to be kept."),
                       (long long)difference, (long long)reg->multiplier_num,
                       (long long)reg->multiplier_den);
    }
    *consumption = (int64_t)scaled;
    return ERR_OK;
}

enum err_code register_consumption(const struct register_def *reg, int64_t from, int64_t to,
                                   unsigned rollovers, int64_t *consumption, struct err *e)
{
    int64_t modulus = register_modulus(reg);
    if (from < 0 || to < 0 || from >= modulus || to >= modulus) {
        return err_set(e, ERR_RANGE,
                       _("The readings %lld and %lld are not both on a dial of %u digits."),
                       (long long)from, (long long)to, reg->digits);
    }
    int128 difference = (int128)to - from + (int128)modulus * rollovers;
    if (difference < 0) {
        return err_set(
            e, ERR_RANGE,
            _("The register falls from %lld to %lld and no rollover is recorded between them."),
            (long long)from, (long long)to);
    }
    if (difference > INT64_MAX) {
        return err_set(e, ERR_RANGE,
                       _("%u rollovers of the dial are more than can be counted."), rollovers);
    }
    return register_scale(reg, (int64_t)difference, consumption, e);
}

static bool is_alnum_ascii(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum err_code serial_check(const char *serial, struct err *e)
{
    size_t len = strlen(serial);
    if (len == 0 || len > SERIAL_MAX) {
        return err_set(e, ERR_PARSE, _("A serial has 1 to %d characters; this one has %zu."),
                       SERIAL_MAX, len);
    }
    if (!is_alnum_ascii(serial[0]) || !is_alnum_ascii(serial[len - 1])) {
        return err_set(e, ERR_PARSE,
                       _("A serial starts and ends with a letter from A to Z or a digit."));
    }
    for (size_t i = 0; i < len; i++) {
        if (is_alnum_ascii(serial[i]) || strchr("-_./", serial[i]) != NULL) {
            continue;
        }
        if (serial[i] != ' ' || serial[i + 1] == ' ') {
            return err_set(
                e, ERR_PARSE,
                _("Character %zu of the serial is not allowed: letters from A to Z, digits, "
                  "- _ . / and single spaces are."),
                i + 1);
        }
    }
    return ERR_OK;
}

/* Read a group of 1 to 3 digits, at most 255; returns its length, 0 when there is none. */
static size_t obis_group(const char *s, int16_t *out)
{
    size_t len = 0;
    int value = 0;
    while (len < 4 && s[len] >= '0' && s[len] <= '9') {
        value = value * 10 + (s[len] - '0');
        len++;
    }
    if (len == 0 || len > 3 || value > 255) {
        return 0;
    }
    *out = (int16_t)value;
    return len;
}

/* One group and the mark before it: "*255". True when it is there or the mark is not. */
static bool obis_part(const char **p, char mark, int16_t *out)
{
    if (**p != mark) {
        return true;
    }
    size_t len = obis_group(*p + 1, out);
    *p += 1 + len;
    return len != 0;
}

enum err_code obis_parse(const char *s, struct obis *out, struct err *e)
{
    struct obis o = {OBIS_ABSENT, OBIS_ABSENT, OBIS_ABSENT,
                     OBIS_ABSENT, OBIS_ABSENT, OBIS_ABSENT};
    const char *p = s;
    if (strchr(s, ':') != NULL) {
        size_t len = obis_group(p, &o.a);
        p += len;
        if (len == 0 || *p != '-' || (len = obis_group(p + 1, &o.b)) == 0 ||
            p[len + 1] != ':') {
            goto malformed;
        }
        p += len + 2;
    }
    size_t len = obis_group(p, &o.c);
    p += len;
    if (len == 0 || *p != '.' || !obis_part(&p, '.', &o.d) || !obis_part(&p, '.', &o.e) ||
        !obis_part(&p, '*', &o.f) || *p != '\0') {
        goto malformed;
    }
    *out = o;
    return ERR_OK;
malformed:
    return err_set(e, ERR_PARSE, _("\"%.40s\" is not an OBIS code such as 1-0:1.8.0 or 1.8.0."),
                   s);
}

void obis_print(const struct obis *o, char out[OBIS_TEXT_MAX])
{
    int n = 0;
    if (o->a != OBIS_ABSENT) {
        n = snprintf(out, OBIS_TEXT_MAX, "%d-%d:", o->a, o->b);
    }
    n += snprintf(out + n, OBIS_TEXT_MAX - (size_t)n, "%d.%d", o->c, o->d);
    if (o->e != OBIS_ABSENT) {
        n += snprintf(out + n, OBIS_TEXT_MAX - (size_t)n, ".%d", o->e);
    }
    if (o->f != OBIS_ABSENT) {
        (void)snprintf(out + n, OBIS_TEXT_MAX - (size_t)n, "*%d", o->f);
    }
}

bool obis_stands_for(const char *named, const char *code)
{
    struct obis n;
    struct obis r;
    if (obis_parse(named, &n, NULL) != ERR_OK || obis_parse(code, &r, NULL) != ERR_OK) {
        return strcmp(named, code) == 0;
    }
    const int16_t want[6] = {n.a, n.b, n.c, n.d, n.e, n.f};
    const int16_t have[6] = {r.a, r.b, r.c, r.d, r.e, r.f};
    for (size_t i = 0; i < 6; i++) {
        if (want[i] != OBIS_ABSENT && want[i] != have[i]) {
            return false;
        }
    }
    return true;
}
