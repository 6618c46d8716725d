/* Finding customers, accounts and meters by any text that a person at the counter says: a name,
 * a telephone, a tax number, an address, a number of this or of an earlier system, a serial or
 * a part of one. Source: domain.md, Coming from another system. */
#ifndef AFORO_APP_QUERY_FIND_H
#define AFORO_APP_QUERY_FIND_H

#include "app/office.h"

#define FIND_HITS_MAX 200
#define FIND_TEXT_MAX 200 /* bytes of what is looked for */

enum find_what { FIND_CUSTOMER, FIND_ACCOUNT, FIND_METER, FIND_WHAT_COUNT };
/* Where the text stands. */
enum find_field {
    FIND_NUMBER, /* of an account */
    FIND_SERIAL,
    FIND_OLD_NUMBER, /* of a customer or account in an earlier system */
    FIND_OLD_BILL,   /* number of a bill that an earlier system made */
    FIND_PAY_CODE,   /* payment reference, barcode as a scanner types it, or number of a bill as
                        printed */
    FIND_TAX_ID,     /* personal data from here on */
    FIND_PHONE,
    FIND_NAME,
    FIND_EMAIL,
    FIND_ADDRESS,
    FIND_PLACE,
    FIND_FIELD_COUNT
};
const char *find_what_name(enum find_what w);   /* stable: "customer" */
const char *find_field_name(enum find_field f); /* stable: "tax_id" */
/* What people call it, in English: a message to be translated. */
const char *find_field_words(enum find_field f);

struct find_hit {
    enum find_what what;
    enum find_field field;
    int rank;        /* 0: the whole text, 1: its beginning, 2: a part of it */
    int64_t id;      /* of the customer, account or meter */
    char match[256]; /* the text that matched, as it is stored: sanitize it to show it */
    /* What leads on; "" where there is none or several would do equally: the first. */
    char account[41], serial[41];
    char name[128]; /* of the customer; only for who may read personal data */
};

/*
 * Find what holds `text`: case and accents do not matter; of several words each must be there;
 * signs within numbers do not matter.
 *
 * user:  personal data is searched, and names are given, only for one who may read it; 0:
 *        nobody.
 * hits:  room for FIND_HITS_MAX; best first, then in the order of enum find_what and of their
 *        numbers.
 * *more: true when there were more.
 * Errors: ERR_USAGE (nothing to look for, or too long), ERR_DB, ERR_CANCELLED.
 */
enum err_code office_find(struct office *o, int64_t user, const char *text,
                          struct find_hit *hits, size_t *count, bool *more,
                          struct err *e) MUST_CHECK;

#endif
