/* Notices of collection as letters: who is told what, and what is owed by now. */
#ifndef AFORO_APP_NOTICES_H
#define AFORO_APP_NOTICES_H

#include "app/office.h"
#include "base/arena.h"
#include "base/money.h"

#define NOTICE_LINES_MAX 40 /* debts that a letter names; the rest is their sum */

struct notice_line {
    const char *kind, *number, *due; /* of posting; number as printed, "" for none */
    int64_t open;                    /* minor units, on the day of the letter */
};

/* Texts "" where there is none. */
struct notice {
    int64_t number, step, seq;
    const char *date, *overdue;             /* "2026-11-21" */
    int64_t amount;                         /* overdue when it was issued, minor units */
    const char *account, *customer, *place; /* personal data, or that it was erased */
    const struct currency *currency;
    struct notice_line lines[NOTICE_LINES_MAX];
    size_t line_count;
    int64_t rest; /* of debts beyond those lines */
    int64_t open; /* of all that was overdue then, what still is, less what is in dispute */
};

/* Which notices: texts NULL and numbers 0 for any. */
struct notice_choice {
    int64_t number, step;
    const char *from, *to, *account; /* both days are in it */
};

typedef enum err_code (*notice_fn)(void *ctx, const struct notice *n, struct err *e);
/* Call fn for each in the order of their numbers; it lives for the call. *count: how many.
 * Errors: those of fn, which end the walk; ERR_TAMPERED for an unknown currency; ERR_NOMEM. */
enum err_code notices_each(struct office *o, const struct notice_choice *choice, notice_fn fn,
                           void *ctx, size_t *count, struct err *e) MUST_CHECK;

#endif
