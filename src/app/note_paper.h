/* A credit or debit note as it is printed. Read from the tables and nothing else, so that each
 * print of it says the same. */
#ifndef AFORO_APP_NOTE_PAPER_H
#define AFORO_APP_NOTE_PAPER_H

#include "app/office.h"
#include "base/arena.h"
#include "base/money.h"

struct note_paper {
    bool credit; /* else debit */
    int64_t number;
    const char *office;
    const char *account;
    const char *customer; /* personal data, as it was then; "" when erased */
    const char *date;     /* "2026-11-21" */
    const char *reason, *cause;
    const char *bill; /* as printed, "2016-00000017"; "" of none */
    const struct currency *currency;
    int64_t amount;   /* minor units, above 0 */
    int64_t seq;      /* entry that recorded it */
    const char *leaf; /* hex, of that entry */
    /* What a tax authority answered; "" while it has not. */
    const char *authority, *external;
    /* As the setting "biller" had it; NULL: nothing (app/biller.h). */
    const char *office_tax, *tax_label, *tax_id;
};

/* Fill it, its texts in arena. type: "credit_note", "debit_note". ERR_NOT_FOUND. */
enum err_code note_paper_load(struct office *o, const char *type, int64_t number,
                              struct arena *arena, struct note_paper *out,
                              struct err *e) MUST_CHECK;

#endif
