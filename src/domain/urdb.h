/* Rates of OpenEI's Utility Rate Database (URDB, version 7 and 8) put into our form.
 * Source: openei.org/services/doc/rest/util_rates, "Response fields". */
#ifndef AFORO_DOMAIN_URDB_H
#define AFORO_DOMAIN_URDB_H

#include "domain/jread.h"

struct urdb_options {
    const char *code;       /* of our tariff */
    const char *valid_from; /* NULL: the rate's startdate */
    const char *const
        *leave_out; /* members that somebody decided to do without; ends with NULL */
};

/*
 * Convert one rate.
 *
 * rate:   the object as URDB answers it (one of "items").
 * faults: what our form cannot express, each by its path; count 0 on success.
 * out:    a tariff document, which tariff_from_json takes; in arena.
 * Errors: ERR_PARSE with the first fault, ERR_NOMEM. Nothing that changes a bill is dropped but
 * what options->leave_out names, and the tariff's note says so.
 */
enum err_code urdb_convert(const struct json *rate, const struct urdb_options *options,
                           struct arena *arena, struct faults *faults, struct json **out,
                           struct err *e) MUST_CHECK;

#endif
