/* What another dial value does to bills that were issued: each is reckoned again with all else
 * as it was, and the difference becomes a note. */
#ifndef AFORO_APP_BILLED_H
#define AFORO_APP_BILLED_H

#include "app/bill_change.h"
#include "app/command.h"

#define BILLED_MAX 16 /* bills that one act changes; notes of an entry */

/* Rows (bill, share, from_reading, to_reading, point) of a register (?1) on bills: of its own
 * share, as a sub-meter taken off the share of a master, and as one that a share's tariff
 * names; share: the register of the share; point 1: what it showed counts, not a difference. A
 * subquery. */
#define BILLED_ENDS                                                                            \
    "(SELECT bill, register AS share, from_reading, to_reading, 0 AS point FROM bill_meter "   \
    "WHERE register = ?1 UNION ALL SELECT bill, register, from_reading, to_reading, 0 FROM "   \
    "bill_sub WHERE source = ?1 UNION ALL SELECT bill, register, from_reading, to_reading, "   \
    "from_reading = to_reading FROM bill_quantity WHERE source = ?1 AND to_reading IS NOT "    \
    "NULL)"

/* Every register's readings on bills, in each of these roles: rows (bill, register,
 * from_reading, to_reading). A subquery. */
#define BILLED_READINGS                                                                        \
    "(SELECT bill, register, from_reading, to_reading FROM bill_meter UNION ALL SELECT bill, " \
    "source, from_reading, to_reading FROM bill_sub UNION ALL SELECT bill, source, "           \
    "from_reading, to_reading FROM bill_quantity WHERE source IS NOT NULL)"

/* A share of a bill that other dial values change. */
struct billed {
    int64_t bill, account;
    int64_t share;                 /* register of the share */
    int64_t reading;               /* whose correction the note follows */
    int64_t old_total, difference; /* minor units; set by billed_again */
    bool credited; /* less is given back than it came to, for other notes gave back the rest */
};

/* Add a share unless it stands there already; of two readings the note follows the later one.
 * ERR_LIMIT beyond BILLED_MAX. */
enum err_code billed_add(struct billed *bills, size_t *count, const struct billed *b,
                         struct err *e) MUST_CHECK;
/* Reckon a share again with other dial values. Errors: as bill_share_change. */
enum err_code billed_again(struct command_ctx *c, const struct dial_change *dials, size_t count,
                           struct billed *b, struct err *e) MUST_CHECK;
/* What a credit note of a bill can give back at most when others gave back a part: of those
 * before an entry. *bound: false where there is none. */
enum err_code billed_rest(struct office *o, int64_t bill, int64_t total, int64_t seq,
                          int64_t *rest, bool *bound, struct err *e) MUST_CHECK;
/* Member "notes" of data: one for each bill that comes out otherwise; numbers and postings
 * count on within the entry. */
enum err_code billed_notes(struct command_ctx *c, const struct billed *bills, size_t count,
                           struct json *data, struct err *e) MUST_CHECK;
/* The message for the person who decides: a part for each bill, then `end`. */
void billed_say(struct command_ctx *c, const struct billed *bills, size_t count,
                const char *end);

#endif
