/* What another dial value does to bills that were issued: each is reckoned again with all else
 * as it was, and the difference becomes a note. */
#ifndef AFORO_APP_BILLED_H
#define AFORO_APP_BILLED_H

#include "app/command.h"
#include "app/lookup.h"

#define BILLED_MAX 16 /* bills that one act changes; notes of an entry */

/* Rows (bill, from_reading, to_reading, master) of a register (?1) on bills: of its own share,
 * master 0, and as a sub-meter taken off the share of a master's register. A subquery. */
#define BILLED_ENDS                                                                            \
    "(SELECT bill, from_reading, to_reading, 0 AS master FROM bill_meter WHERE register = ?1 " \
    "UNION ALL SELECT bill, from_reading, to_reading, register FROM bill_sub WHERE source = "  \
    "?1)"

/* Every register's readings on bills, of its own share and as a sub-meter: rows (bill,
 * register, from_reading, to_reading). A subquery. */
#define BILLED_READINGS                                                                        \
    "(SELECT bill, register, from_reading, to_reading FROM bill_meter UNION ALL SELECT bill, " \
    "source, from_reading, to_reading FROM bill_sub)"

/* A bill of one register, and the dial values that replace those at its ends. */
struct billed {
    int64_t bill, account;
    int64_t master;        /* register that the one is a sub-meter of there; 0: its own share */
    int64_t reading;       /* whose correction the note follows */
    bool has_from, has_to; /* the period's first, last reading is another now */
    int64_t from, to;
    int64_t old_total, difference; /* minor units; set by billed_again */
    bool credited; /* less is given back than it came to, for other notes gave back the rest */
};

/* Reckon a bill again. ERR_RANGE when the register would fall on it. */
enum err_code billed_again(struct command_ctx *c, const struct meter_row *meter, int64_t reg,
                           struct billed *b, struct err *e) MUST_CHECK;
/* Member "notes" of data: one for each bill that comes out otherwise; numbers and postings
 * count on within the entry. */
enum err_code billed_notes(struct command_ctx *c, const struct billed *bills, size_t count,
                           struct json *data, struct err *e) MUST_CHECK;
/* The message for the person who decides: a part for each bill, then `end`. */
void billed_say(struct command_ctx *c, const struct billed *bills, size_t count,
                const char *end);

#endif
