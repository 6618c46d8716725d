/* The data of a meter's installation: one shape for `meter add` and for each row of `import
 * meters`. */
#ifndef AFORO_APP_METER_DATA_H
#define AFORO_APP_METER_DATA_H

#include "app/command.h"
#include "app/lookup.h"

/* What a person or a row says about a new meter; NULL where it says nothing. */
struct new_meter {
    const char *serial, *kind, *place, *route, *order, *obis, *unit, *digits, *decimals,
        *multiplier, *max_rate, *installed, *initial, *account, *tariff, *limit;
    const char
        *customer; /* name: makes customer and account when the account does not exist yet */
};

/* Ids that the next meters get; read once, counted on by the caller over a batch. */
struct meter_ids {
    int64_t meter, point, reg, customer, account, assignment, limit, reading;
};
enum err_code meter_ids_next(struct command_ctx *c, struct meter_ids *ids,
                             struct err *e) MUST_CHECK;

/*
 * Validate a new meter and fill the data object of meter.installed (or of one item of
 * meters.batch).
 *
 * ids:  advanced by what was made.
 * seen: called to ask whether an account was made earlier in the same batch; NULL: never. Gives
 * its id or 0.
 */
enum err_code meter_data(struct command_ctx *c, struct draft *d, const struct new_meter *m,
                         struct meter_ids *ids, int64_t (*seen)(void *ctx, const char *account),
                         void *ctx, struct json *o, struct err *e) MUST_CHECK;

/* The same for one more register of a meter that stands: obis, unit, digits, decimals,
 * multiplier, max_rate, installed and initial of m are looked at. Fills the data object of
 * meter.register_added. */
enum err_code meter_register_data(struct command_ctx *c, const struct meter_row *meter,
                                  const struct new_meter *m, struct meter_ids *ids,
                                  struct json *o, struct err *e) MUST_CHECK;

/* Fill and check the register of a meter that takes another's place: m says what differs, *def
 * what stays, and becomes the new register. */
enum err_code meter_register_twin(struct command_ctx *c, const struct new_meter *m,
                                  enum meter_kind kind, struct register_def *def,
                                  struct json *o, struct err *e) MUST_CHECK;

#endif
