/* Registers by serial (and OBIS code), remembered in a table of fixed size: files come meter by
 * meter, or name the same meters again and again. */
#ifndef AFORO_APP_IMPORT_LOOKUP_H
#define AFORO_APP_IMPORT_LOOKUP_H

#include "app/import_row.h"
#include "app/lookup.h"

struct known_register {
    char serial[SERIAL_MAX + 1]; /* "" : empty place */
    char obis[OBIS_TEXT_MAX];
    bool meter_known;
    int64_t reg; /* 0: not known */
    int64_t dial_max;
    struct register_def def;
};

struct register_lookup;
enum err_code register_lookup_new(struct office *o, struct register_lookup **out,
                                  struct err *e) MUST_CHECK;
void register_lookup_free(struct register_lookup *l);

/* The register that a row names, and whether its value fits it; *out is NULL after a refusal.
 * Errors: of the database only. */
enum err_code register_lookup_row(struct register_lookup *l, const struct read_row *row,
                                  const struct unit *unit, const struct known_register **out,
                                  struct refused *why, struct err *e) MUST_CHECK;

/* Serial of a register, for reports; "" when there is none. */
enum err_code register_serial(struct office *o, int64_t reg, char out[SERIAL_MAX + 1],
                              struct err *e) MUST_CHECK;

#endif
