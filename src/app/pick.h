/* What a field of a form may be filled with, for somebody who knows no numbers: the drawers
 * that can be opened, the decisions that can be undone, the newest receipts, each with what
 * tells it from the others. Which parameter of which command stands for what is a table
 * (pick.def). */
#ifndef AFORO_APP_PICK_H
#define AFORO_APP_PICK_H

#include "app/office.h"
#include "base/arena.h"

#define PICKS_MAX 200u

struct pick {
    const char *value; /* as the command takes it */
    const char *text;  /* what it is, as the office writes dates, sums and quantities */
};

struct picks {
    struct arena arena; /* holds the texts */
    struct pick list[PICKS_MAX];
    size_t count;
    bool more; /* there are older ones, or ones that begin otherwise */
};

/* NULL without memory. */
struct picks *picks_new(void);
void picks_free(struct picks *p); /* NULL is fine */

/* Is there anything to pick from for this parameter? Touches no database. */
bool pick_known(const char *command, const char *param);

/*
 * The values, the newest or first ones first; none when the parameter is not known.
 *
 * typed: what stands in the field; accounts and meters are those that begin so. Personal data
 * is shown as the office's handle shows it (app/personal.h).
 */
enum err_code picks_load(struct office *o, const char *command, const char *param,
                         const char *typed, struct picks *out, struct err *e) MUST_CHECK;

/* What one value stands for, added to `out`; nothing when it is not among those that could be
 * picked. */
enum err_code pick_tell(struct office *o, const char *command, const char *param,
                        const char *value, struct buf *out, struct err *e) MUST_CHECK;

/* Rows of the table, for tests: the command, or its first word, and a parameter. False past the
 * last. command is NULL where it is any. */
bool pick_at(size_t index, const char **command, const char **param);

#endif
