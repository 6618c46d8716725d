/* Acts that need more than one person, for any command.
 *
 * To make a command such: give its row the flag CMD_TWO_PERSON, and let the projector of its
 * kind call project_request_done(p, d, "its name") (domain/project.h); its schema has a member
 * "request". Nothing else: running it then opens a request with its arguments instead, and when
 * enough others have approved (`aforo request approve N`), its `build` runs with the same
 * arguments, signed by the last who approved, and the entry names the request. Who may ask has
 * the command's name among his grants; who may approve has "approve NAME" and "request
 * approve". How many must approve is 1 unless `aforo request policy` says otherwise. Nobody
 * approves what he asked for, nor by a second account of the same person (the same name).
 *
 * Parameters go into the entry of the request as they are: none may be personal or secret. A
 * command that has such ones sets `run` beside CMD_TWO_PERSON, and opens the request itself
 * with what may be recorded. Source: ledger.md, An entry; architecture.md, One command path. */
#ifndef AFORO_APP_REQUEST_H
#define AFORO_APP_REQUEST_H

#include "app/command.h"

#define REQUEST_NEEDED_MAX 16

/* What a request records beside, or instead of, the arguments of the command. */
struct request_extra {
    const struct request_value {
        const char *name, *value;
    } * values;
    size_t count;
    const char *sealed; /* kept under a commitment until the act is done; NULL: nothing */
    bool only;          /* the values are all: the arguments are not recorded */
};

/*
 * Record the request for c->command, by the user of the session.
 *
 * x:    NULL for the plain case.
 * Sets out->state to TICKET_PENDING, c->result_id to the request's number, and c->message.
 */
enum err_code request_open(struct command_ctx *c, const struct request_extra *x,
                           struct ticket *out, struct err *e) MUST_CHECK;
/* In `build`: what the request being carried out recorded under a name. NULL when nothing.
 * Lives in the context's arena. */
enum err_code request_value_get(struct command_ctx *c, const char *name, const char **out,
                                struct err *e) MUST_CHECK;
/* How many must approve a command. */
enum err_code request_needed(struct command_ctx *c, const char *command, int64_t *out,
                             struct err *e) MUST_CHECK;

#endif
