/* A meter that is taken away: what `meter state` records of it. */
#ifndef AFORO_APP_METER_END_H
#define AFORO_APP_METER_END_H

#include "app/command.h"

/*
 * Fill removed, ends and, when --final is given, the final readings of a removal.
 *
 * c: with the arguments serial, final and time. ends: first day on which it is billed no more.
 * Errors: ERR_STATE when it was read or assigned later or the register would have fallen,
 * ERR_RANGE beyond the dial, ERR_USAGE for registers without a value.
 */
enum err_code meter_removal_data(struct command_ctx *c, struct json *o,
                                 struct err *e) MUST_CHECK;

#endif
