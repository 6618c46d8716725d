/* Credit and debit notes before they are recorded. A note is never issued twice for one bill or
 * reading, and credit notes never exceed their bill. */
#ifndef AFORO_APP_NOTE_H
#define AFORO_APP_NOTE_H

#include "app/command.h"

#define NOTE_CREDIT "credit_note"
#define NOTE_DEBIT "debit_note"

/* What a note settles, or is settled by, when it is issued. */
enum note_laying {
    LAY_ANY,  /* its own bill first, then the oldest debt; a debit note takes credit */
    LAY_BILL, /* its own bill alone: where several notes stand in one entry */
    LAY_NONE,
};

struct note {
    const char *type; /* NOTE_CREDIT, NOTE_DEBIT */
    const char *cause, *reason, *due;
    int64_t number, posting; /* 0: the next */
    int64_t account, amount; /* above zero; zero only where a bill of zero is cancelled */
    int64_t bill, reading;   /* 0: none */
    enum note_laying laying;
};

/* The members that project_note takes, its allocations among them; fills number and posting. */
enum err_code note_data(struct command_ctx *c, struct json *o, struct note *n,
                        struct err *e) MUST_CHECK;
/* A bill that is in force, for a note or its cancelling. */
struct noted_bill {
    int64_t id, account, total, posting, open;
    int64_t credited, debited; /* by earlier notes */
    char number[41];           /* of the account */
};
enum err_code noted_bill_find(struct command_ctx *c, int64_t bill, struct noted_bill *out,
                              struct err *e) MUST_CHECK;
/* ERR_EXISTS naming the note when one stands for this bill (and reading, unless 0) and cause.
 */
enum err_code note_is_first(struct command_ctx *c, int64_t bill, int64_t reading,
                            const char *cause, struct err *e) MUST_CHECK;
/* ERR_EXISTS when the reading, or the one that it corrects, was corrected by a note. */
enum err_code reading_not_credited(struct office *o, int64_t reading, struct err *e) MUST_CHECK;

#endif
