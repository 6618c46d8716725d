/* SQL: what a rule looked at, in lists and reports of alerts and held readings. x: the alert or
 * finding, with columns rule, observed and threshold; r: the register. */
#ifndef AFORO_APP_FIGURE_SQL_H
#define AFORO_APP_FIGURE_SQL_H

/* Its unit; "s" of a time, NULL for a number of days, periods, packets or the like. */
#define FIGURE_UNIT(x)                                                                         \
    "CASE WHEN " x ".rule IN ('zero', 'stuck', 'period_length', 'consecutive', "               \
    "'missing_interval') OR " x ".rule LIKE 'packet%' THEN NULL WHEN " x                       \
    ".rule IN ('future', 'too_old', 'inactive') THEN 's' ELSE r.unit END"
/* The figure; NULL where nothing was measured. */
#define FIGURE(x, which)                                                                       \
    "CASE WHEN " x ".rule IN ('no_reading', 'sub_missing', 'sub_exceeds') THEN NULL ELSE " x   \
    "." which " END"

#endif
