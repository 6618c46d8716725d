/* Finding what a command names: meters by serial, accounts by number, with an error that names
 * what was not found. */
#ifndef AFORO_APP_LOOKUP_H
#define AFORO_APP_LOOKUP_H

#include "app/office.h"
#include "domain/meter.h"

struct meter_row {
    int64_t id;
    enum meter_kind kind;
    enum meter_state state;
    char serial[SERIAL_MAX + 1];
    char installed[DATE_TEXT];
    char removed[DATE_TEXT]; /* "" while installed */
    int64_t replaces;        /* meter whose place it took; 0: none */
    int64_t register_id;     /* its first register */
    struct register_def reg;
};

/* First columns of a query over meter m and register r, and the row they make. ERR_TAMPERED. */
#define METER_FIELDS                                                                           \
    "m.id, m.kind, m.state, m.serial, m.installed, m.removed, r.id, r.unit, r.digits, "        \
    "r.decimals, r.multiplier, r.max_rate, m.replaces"
#define METER_FIELD_COUNT 13
enum err_code meter_row_read(const struct stmt *q, struct meter_row *out,
                             struct err *e) MUST_CHECK;

/* ERR_NOT_FOUND naming the serial. *found instead of the error when found is not NULL. */
enum err_code meter_by_serial(struct office *o, const char *serial, struct meter_row *out,
                              bool *found, struct err *e) MUST_CHECK;
enum err_code meter_by_register(struct office *o, int64_t reg, struct meter_row *out,
                                struct err *e) MUST_CHECK;
/* A meter's row with another of its registers; out may be m. ERR_NOT_FOUND naming both. */
enum err_code meter_register_row(struct office *o, const struct meter_row *m, const char *obis,
                                 struct meter_row *out, struct err *e) MUST_CHECK;

/* ERR_EXISTS: a new meter cannot have the serial of this one; of one that was removed, how it
 * is put up again. */
enum err_code serial_taken(const struct meter_row *m, struct err *e) MUST_CHECK;

struct account_row {
    int64_t id;
    int64_t customer;
    char number[41];
    char opened[DATE_TEXT];
    char closed[DATE_TEXT]; /* "" while open */
};
enum err_code account_by_number(struct office *o, const char *number, struct account_row *out,
                                bool *found, struct err *e) MUST_CHECK;

/* Is there a tariff of this code for this kind of meter, valid on that date? ERR_NOT_FOUND /
 * ERR_STATE says what is wrong. */
enum err_code tariff_usable(struct office *o, const char *code, enum meter_kind kind,
                            const char *date, struct err *e) MUST_CHECK;

/* Does the newest version of a tariff bill what a register counts in `unit`? ERR_STATE naming
 * both. A tariff that is not there bills everything. */
enum err_code tariff_bills(struct office *o, const char *code, enum meter_kind kind,
                           const struct unit *unit, struct err *e) MUST_CHECK;

#endif
