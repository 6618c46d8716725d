/* Meters and their registers: names, dial arithmetic, serials and OBIS codes. */
#ifndef AFORO_DOMAIN_METER_H
#define AFORO_DOMAIN_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/quantity.h"

enum meter_kind { METER_WATER, METER_ENERGY, METER_GAS, METER_KIND_COUNT };
enum meter_state { METER_IN_SERVICE, METER_OUT_OF_SERVICE, METER_REMOVED, METER_STATE_COUNT };

/* Stable machine names ("water", "in_service"), as ledger, CSV and JSON write them. */
const char *meter_kind_name(enum meter_kind kind);
const char *meter_state_name(enum meter_state state);
/* False when no kind or state has that name. */
bool meter_kind_find(const char *name, enum meter_kind *out);
bool meter_state_find(const char *name, enum meter_state *out);
/* True when a register or a tariff of this kind may be counted in `unit` (energy: Wh, varh and
 * W with their multiples). */
bool meter_kind_takes(enum meter_kind kind, const struct unit *unit);

/*
 * What a register counts and how its dial looks.
 *
 * A reading is an integer in the smallest unit of `unit` (litre, Wh), as the dial shows it; a
 * consumption is the difference of two readings times the multiplier (current and voltage
 * transformers, pulse weights).
 */
struct register_def {
    const struct unit *unit; /* what the dial is read in: m3, kWh */
    uint8_t digits;          /* dial digits before the point */
    uint8_t decimals;        /* dial digits after it; at most the unit's exponent */
    int64_t multiplier_num;  /* consumption = difference * num / den */
    int64_t multiplier_den;
    int64_t max_rate_per_hour; /* physical maximum of the meter, base units of the dial an hour;
                                  0: not known */
};

/* A reading as arithmetic sees it. */
struct point {
    int64_t value; /* smallest unit of the register */
    int64_t utc;   /* seconds since 1970 */
};

#define REGISTER_DIGITS_MAX 12
#define REGISTER_MULTIPLIER_MAX 1000000

/* Errors: ERR_RANGE naming the attribute that no register can have. The other functions take a
 * checked register. */
enum err_code register_check(const struct register_def *reg, struct err *e) MUST_CHECK;
/* False for a register that shows a power, as of demand: its readings may fall. */
bool register_cumulative(const struct register_def *reg);
/* How many smallest units the dial counts before it shows zero again: 99999.999 m3 ->
 * 100,000,000 l. */
int64_t register_modulus(const struct register_def *reg);
/* Smallest step of the dial, in smallest units: m3 with 1 decimal -> 100 l. */
int64_t register_step(const struct register_def *reg);
/* Largest value the dial can show, in smallest units. */
int64_t register_dial_max(const struct register_def *reg);
/* Dial difference -> consumption: times the multiplier, rounded half up to the smallest unit.
 * ERR_RANGE on overflow. */
enum err_code register_scale(const struct register_def *reg, int64_t difference,
                             int64_t *consumption, struct err *e) MUST_CHECK;

/*
 * Consumption between two dial values.
 *
 * rollovers: how often the dial passed zero in between, as decided by a person or a rule; never
 * guessed here. Errors:    ERR_RANGE when the register falls and no rollover explains it, a
 * value is beyond the dial, or on overflow.
 */
enum err_code register_consumption(const struct register_def *reg, int64_t from, int64_t to,
                                   unsigned rollovers, int64_t *consumption,
                                   struct err *e) MUST_CHECK;

#define SERIAL_MAX 40

/* A meter's serial: 1 to 40 of A-Z a-z 0-9 and - _ . / and single inner spaces; starts and ends
 * with a letter or digit. Errors: ERR_PARSE with what is wrong. */
enum err_code serial_check(const char *serial, struct err *e) MUST_CHECK;

/* Value groups of an OBIS code; a group that is not written is OBIS_ABSENT. Source: IEC
 * 62056-61, IEC 62056-6-1. */
#define OBIS_ABSENT (-1)
#define OBIS_TEXT_MAX 24
struct obis {
    int16_t a, b, c, d, e, f;
};

/* "1-0:1.8.0*255", "1-0:1.8.0", "1.8.0", "1.8"; groups 0 to 255. ERR_PARSE otherwise. */
enum err_code obis_parse(const char *s, struct obis *out, struct err *e) MUST_CHECK;
/* Write the code with the groups it has, NUL-terminated. */
void obis_print(const struct obis *o, char out[OBIS_TEXT_MAX]);

/* Does a register of this code count what was named? Groups that the name leaves out may be
 * any; what is no OBIS code stands for itself. */
bool obis_stands_for(const char *named, const char *code);

#endif
