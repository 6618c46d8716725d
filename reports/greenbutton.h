/* A meter's use as Green Button data: Atom with NAESB ESPI, a block a local day. */
#ifndef AFORO_REPORTS_GREENBUTTON_H
#define AFORO_REPORTS_GREENBUTTON_H

#include "app/office.h"

struct greenbutton_options {
    const char *serial;
    struct date from, to; /* local days, both in */
};

struct greenbutton_written {
    uint64_t blocks, readings;
    int64_t total; /* smallest unit */
};

/*
 * Write the use between accepted readings of a meter's main register. An interval belongs to
 * the local day in which it begins; a day of a clock change has its 23 or 25 hours.
 *
 * Errors: ERR_NOT_FOUND (meter; no use in these days), ERR_IO.
 * Source: NAESB REQ.21 ESPI 3.3; shape of the Green Button Alliance's sample files.
 */
enum err_code greenbutton_write(struct office *o, const struct greenbutton_options *options,
                                const char *path, struct greenbutton_written *out,
                                struct err *e) MUST_CHECK;

#endif
