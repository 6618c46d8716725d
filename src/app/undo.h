/* Nothing is ever taken out of the ledger: to undo is to record what compensates. Which command
 * does that for an entry, and with which values, is a table (undo.c). */
#ifndef AFORO_APP_UNDO_H
#define AFORO_APP_UNDO_H

#include "app/office.h"

#define UNDO_VALUES_MAX 4u
#define UNDO_VALUE_MAX 128u

struct undo {
    const char *command; /* that compensates */
    size_t count;
    struct {
        const char *name; /* of its parameter */
        char value[UNDO_VALUE_MAX];
    } values[UNDO_VALUES_MAX];
};

/*
 * How an entry is undone; what it takes besides (a reason) is asked of the person.
 *
 * Errors: ERR_STATE in words when no command undoes it, ERR_NOT_FOUND.
 */
enum err_code undo_of(struct office *o, int64_t seq, struct undo *out,
                      struct err *e) MUST_CHECK;

/* The commands that the table names, for tests; NULL past the last. */
const char *undo_command_at(size_t index);
const char *undo_kind_at(size_t index);
/* Parameters that a row fills. */
const char *undo_param_at(size_t index, size_t param);

#endif
