/* Work orders as the commands on them need them. */
#ifndef AFORO_APP_WORK_H
#define AFORO_APP_WORK_H

#include "app/command.h"

struct work {
    int64_t id, meter, account, assignee; /* 0: none */
    int64_t cut;                          /* the cut order that it serves; 0: none */
    char kind[16], state[16];
};

/* The order that the parameter "work" names, while it is not closed. ERR_NOT_FOUND, ERR_STATE.
 */
enum err_code work_find(struct command_ctx *c, struct work *w, struct err *e) MUST_CHECK;
/* ERR_DENIED unless it was given to the user of the session. */
enum err_code work_is_mine(struct command_ctx *c, const struct work *w,
                           struct err *e) MUST_CHECK;
/* Members "work", "meter" and "account". */
enum err_code work_data(struct command_ctx *c, struct json *data, const struct work *w,
                        struct err *e) MUST_CHECK;

#endif
