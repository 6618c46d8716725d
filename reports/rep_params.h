/* What narrows a report: the same parameters for the command line and for the console's forms,
 * checked before anything is read, so that a value that cannot be meant is an error and not a
 * report without rows. */
#ifndef AFORO_REPORTS_REP_PARAMS_H
#define AFORO_REPORTS_REP_PARAMS_H

#include "app/command.h"
#include "reports/rep_office.h"

/* A parameter of a report by its name, as a form shows it; every name that it has is known. */
const struct param *report_param(const struct office_report_def *def, const char *name);

/*
 * Can these values be meant?
 *
 * values: one text for each of def->params, NULL where not given.
 * Errors: ERR_USAGE names the parameter and what it takes; ERR_NOT_FOUND names an account, a
 *         meter or a user that there is not.
 */
enum err_code report_values_check(struct office *o, const struct office_report_def *def,
                                  const char *const *values, struct err *e) MUST_CHECK;

/* Two days that something is narrowed to, each or both NULL. ERR_USAGE when one is no date, or
 * the second is before the first. */
enum err_code report_days_check(const char *from, const char *to, struct err *e) MUST_CHECK;

#endif
