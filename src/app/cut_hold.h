/* What a dispute does to cut orders: while one is open, the orders of its account are suspended
 * and their work orders cancelled; when the last one ends without a credit, they stand again.
 * Where an installer has begun, his word is awaited. */
#ifndef AFORO_APP_CUT_HOLD_H
#define AFORO_APP_CUT_HOLD_H

#include "app/command.h"

#define CUTS_HELD_MAX 64 /* orders of one account */

/* Say in a dispute's data which orders it suspends ("suspends"), and in the message. */
enum err_code cuts_hold_data(struct command_ctx *c, struct json *data, int64_t account,
                             struct err *e) MUST_CHECK;
/*
 * Say which suspended orders stand again ("resumes"), or are withdrawn ("withdraws").
 *
 * dispute: the one that ends. credited: the debt is another than the one that others approved a
 * cut for, so that the orders end. While another dispute is open, nothing is said.
 */
enum err_code cuts_resume_data(struct command_ctx *c, struct json *data, int64_t account,
                               int64_t dispute, bool credited, struct err *e) MUST_CHECK;
/* An open dispute of the account; 0: none. */
enum err_code dispute_open_of(struct office *o, int64_t account, int64_t *dispute,
                              struct err *e) MUST_CHECK;

#endif
