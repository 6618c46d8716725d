/* Factors of gas: how a command and a file say one. */
#ifndef AFORO_APP_GAS_H
#define AFORO_APP_GAS_H

#include "app/command.h"
#include "base/json.h"

struct gas_factor_said {
    const char *kind;          /* "volume", "calorific" */
    const char *value;         /* decimal */
    bool kwh;                  /* a calorific value in kWh/m3, not MJ/m3 */
    const char *serial, *zone; /* one of them, or both NULL: everywhere */
    const char *start, *end;   /* end: NULL: until another */
    const char *source;
    const char *conditions; /* that it was reckoned from; NULL: none */
};

/* The data of a factor of this id. Errors name what is wrong with it. */
enum err_code gas_factor_data(struct command_ctx *c, struct json *o, int64_t id,
                              const struct gas_factor_said *s, struct err *e) MUST_CHECK;

#endif
