/* Validation rules as the office set them, by kind of meter. */
#ifndef AFORO_APP_RULE_SETTINGS_H
#define AFORO_APP_RULE_SETTINGS_H

#include "app/office.h"
#include "domain/rules.h"

/* The defaults of each kind, and over them what `rule set` recorded. ERR_TAMPERED when a row
 * names no rule. */
enum err_code rules_load(struct office *o, struct rule_set out[METER_KIND_COUNT],
                         struct err *e) MUST_CHECK;

#endif
