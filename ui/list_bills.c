#include <config.h>

#include "base/i18n.h"
#include "ui/list.h"

/* The bills that were issued, by number; of one account when opened for it. */

enum { NUMBER, ACCOUNT, CUSTOMER, FROM, UNTIL, DUE, TOTAL, OPEN, STATE, DOCUMENT, COLUMNS };

static const struct state_word states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Open")},
    {"part", GLYPH_RISE, ATTR_WARN, N_("Part paid")},
    {"overdue", GLYPH_RISE, ATTR_BAD, N_("Past due")},
    {"disputed", GLYPH_DIAMOND, ATTR_WARN, N_("In dispute")},
    {"paid", GLYPH_DOT, ATTR_OK, N_("Paid up")},
    {"cancelled", GLYPH_CROSS, ATTR_DIM, N_("Cancelled")},
    {"discarded", GLYPH_CROSS, ATTR_DIM, N_("Withdrawn")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column columns[COLUMNS] = {
    [NUMBER] = {"number", N_("Bill"), COLUMN_NUMBER, 8, 10, 1, true, NULL},
    [ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 9, 14, 1, true, NULL},
    [CUSTOMER] = {"customer", N_("Customer"), COLUMN_TEXT, 12, 30, 3, true, NULL},
    [FROM] = {"from", N_("From"), COLUMN_DATE, 8, 8, 0, true, NULL},
    [UNTIL] = {"until", N_("Until"), COLUMN_DATE, 8, 8, 5, true, NULL},
    [DUE] = {"due", N_("Due"), COLUMN_DATE, 8, 8, 2, true, NULL},
    [TOTAL] = {"total", N_("Total"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [OPEN] = {"open", N_("Unpaid"), COLUMN_NUMBER, 10, 14, 4, true, NULL},
    [STATE] = {"state", N_("State"), COLUMN_STATE, 14, 14, 2, true, states},
    [DOCUMENT] = {"document", N_("On paper"), COLUMN_TEXT, 13, 13, 4, true, NULL},
};

static const struct list_key keys[] = {
    LIST_OPENS(K_ENTER, K_NONE, 1, N_("Show"),
               N_("Show the selected bill, and why it is what it is"), NULL, &screen_bill),
    LIST_GOALS_FOR(K_F5, 'p', 2, N_("Pay"), N_("Take a payment of the selected bill"),
                   "payment take", "account", &screen_payment, "bills"),
    LIST_RUNS('d', K_NONE, 4, N_("Dispute"), N_("Open a dispute over this bill"),
              "dispute open", {"bill", -1}),
    LIST_RUNS('x', K_NONE, 5, N_("Cancel bill"), N_("Cancel this bill by a credit note"),
              "bill cancel", {"bill", -1}),
    LIST_RUNS('c', K_NONE, 6, N_("Note"), N_("Issue a credit or debit note for this bill"),
              "note issue", {"bill", -1}),
};

static const struct list_def bills = {
    .name = "bills",
    .columns = columns,
    .column_count = COLUMNS,
    .sort_column = NUMBER,
    .descending = true,
    .empty = N_("There are no bills yet. Press : and choose \"bill run\"."),
    KEYS_OF(keys),
};

const struct screen_ops screen_bills = {
    .name = "bills",
    .title = N_("Bills"),
    .help = N_("All bills that were issued, the newest first, with what is still to be paid of "
               "each. The detail shows the lines of the selected bill."),
    .list = &bills,
    LIST_SCREEN,
};
