/* Which commands a face of the program offers to a user. The one command path asks for the
 * permission again; this only keeps screens from offering what would be refused. */
#ifndef AFORO_APP_PERMITTED_H
#define AFORO_APP_PERMITTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/command.h"

#define PERMITTED_MAX 256

enum face {
    FACE_CONSOLE, /* people: all that the roles grant and needs somebody logged in */
    FACE_KIOSK    /* the public terminal: what a customer may do with the own account */
};

struct permitted {
    const struct command *list[PERMITTED_MAX]; /* in the order of commands[] */
    size_t count;
};

/*
 * List what a user may run on a face. Machines have no screen: for a user without any role of
 * a person the console's list is empty.
 *
 * Errors: those of the database; ERR_RANGE when there are more commands than PERMITTED_MAX.
 */
enum err_code permitted_list(struct office *o, int64_t user, enum face face,
                             struct permitted *out, struct err *e) MUST_CHECK;

/* Is this a role of machines (customer's kiosk, device, oracle, node)? */
bool role_is_machine(const char *role);

#endif
