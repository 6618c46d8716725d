/* What a feeder lost by month, for its own page. */
#ifndef AFORO_APP_PAGE_LOSSES_H
#define AFORO_APP_PAGE_LOSSES_H

#include "app/office.h"
#include "base/sheet.h"

#define LOSS_PLOT_MONTHS 13

/* Adds nothing where no meter stands below this one. unit, decimals: of its first register. */
enum err_code page_feeder_fill(struct office *o, int64_t meter, const struct unit *unit,
                               int64_t decimals, struct sheet *s, struct err *e) MUST_CHECK;

#endif
