#include <config.h>

#include <stdlib.h>

#include "base/i18n.h"
#include "ui/list.h"

/* Lists about work in the field and with customers, as data. */

/* ---- work ---- */

enum {
    WORK_ORDER,
    WORK_KIND,
    WORK_SERIAL,
    WORK_ROUTE,
    WORK_PLACE,
    WORK_ACCOUNT,
    WORK_DUE,
    WORK_INSTALLER,
    WORK_STATE,
    WORK_OPENED,
    WORK_REASON,
    WORK_RESULT,
    WORK_COLUMNS
};

static const struct state_word work_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Open")},
    {"assigned", GLYPH_CIRCLE, ATTR_NOTE, N_("Assigned")},
    {"begun", GLYPH_RISE, ATTR_WARN, N_("Begun")},
    {"done", GLYPH_DOT, ATTR_OK, N_("Done")},
    {"failed", GLYPH_SQUARE, ATTR_BAD, N_("Failed")},
    {"cancelled", GLYPH_CROSS, ATTR_DIM, N_("Cancelled")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word work_kinds[] = {
    {"cut", GLYPH_NONE, ATTR_NORMAL, N_("Cut")},
    {"reconnect", GLYPH_NONE, ATTR_NORMAL, N_("Reconnection")},
    {"re-read", GLYPH_NONE, ATTR_NORMAL, N_("Re-reading")},
    {"install", GLYPH_NONE, ATTR_NORMAL, N_("Installation")},
    {"swap", GLYPH_NONE, ATTR_NORMAL, N_("Exchange")},
    {"inspect", GLYPH_NONE, ATTR_NORMAL, N_("Inspection")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column work_columns[] = {
    [WORK_ORDER] = {"order", N_("No."), COLUMN_NUMBER, 6, 8, 1, true, NULL},
    [WORK_KIND] = {"kind", N_("Kind"), COLUMN_STATE, 12, 13, 1, true, work_kinds},
    [WORK_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [WORK_ROUTE] = {"route", N_("Route"), COLUMN_TEXT, 6, 10, 5, true, NULL},
    [WORK_PLACE] = {"place", N_("Place"), COLUMN_TEXT, 12, 30, 3, true, NULL},
    [WORK_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 6, true, NULL},
    [WORK_DUE] = {"due", N_("Due"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [WORK_INSTALLER] = {"installer", N_("Installer"), COLUMN_TEXT, 10, 14, 4, true, NULL},
    [WORK_STATE] = {"state", N_("State"), COLUMN_STATE, 11, 11, 2, true, work_states},
    [WORK_OPENED] = {"opened", N_("Opened"), COLUMN_DATE, 8, 8, 0, true, NULL},
    [WORK_REASON] = {"reason", N_("Reason"), COLUMN_TEXT, 10, 30, 0, true, NULL},
    [WORK_RESULT] = {"result", N_("Result"), COLUMN_TEXT, 10, 30, 0, true, NULL},
};

static const struct list_key work_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("New order"), N_("Open a work order"), "work open", {NULL, 0}),
    LIST_RUNS('a', K_NONE, 2, N_("Assign"), N_("Give the selected order to an installer"),
              "work assign", {"work", WORK_ORDER}),
    LIST_RUNS('b', K_NONE, 3, N_("Begin"), N_("Begin the selected order"), "work begin",
              {"work", WORK_ORDER}),
    LIST_RUNS('c', K_NONE, 2, N_("Close order"),
              N_("Close the selected order with what was found"), "work close",
              {"work", WORK_ORDER}),
    LIST_RUNS('x', K_NONE, 5, N_("Cancel order"), N_("Cancel the selected order"),
              "work cancel", {"work", WORK_ORDER}),
    LIST_RUNS(K_F7, K_NONE, 6, N_("Attach"),
              N_("Attach a photo or document to the selected order"), "attach",
              {"work", WORK_ORDER}),
};

static const struct list_def work = {
    .name = "work",
    .page = &screen_order,
    .columns = work_columns,
    .column_count = WORK_COLUMNS,
    .sort_column = WORK_DUE,
    .descending = false,
    .empty = N_("There are no work orders."),
    KEYS_OF(work_keys),
};

const struct screen_ops screen_work = {
    .name = "work",
    .title = N_("Work orders"),
    .help = N_("Orders for work in the field. a gives one to an installer, b begins it, c "
               "closes it with its result."),
    .list = &work,
    LIST_SCREEN,
};

/* ---- disputes ---- */

enum {
    DISPUTES_DISPUTE,
    DISPUTES_ACCOUNT,
    DISPUTES_BILL,
    DISPUTES_READING,
    DISPUTES_AMOUNT,
    DISPUTES_OPENED,
    DISPUTES_DEADLINE,
    DISPUTES_STATE,
    DISPUTES_REASON,
    DISPUTES_RESOLUTION,
    DISPUTES_NOTE,
    DISPUTES_COLUMNS
};

static const struct state_word disputes_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Open")},
    {"upheld", GLYPH_DOT, ATTR_OK, N_("Upheld")},
    {"partly", GLYPH_DOT, ATTR_OK, N_("Partly upheld")},
    {"rejected", GLYPH_CROSS, ATTR_DIM, N_("Rejected")},
    {"withdrawn", GLYPH_CROSS, ATTR_DIM, N_("Withdrawn")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column disputes_columns[] = {
    [DISPUTES_DISPUTE] = {"dispute", N_("No."), COLUMN_NUMBER, 6, 8, 1, true, NULL},
    [DISPUTES_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [DISPUTES_BILL] = {"bill", N_("Bill"), COLUMN_NUMBER, 7, 9, 1, true, NULL},
    [DISPUTES_READING] = {"reading", N_("Reading"), COLUMN_NUMBER, 8, 10, 4, true, NULL},
    [DISPUTES_AMOUNT] = {"amount", N_("Amount"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [DISPUTES_OPENED] = {"opened", N_("Opened"), COLUMN_DATE, 8, 8, 3, true, NULL},
    [DISPUTES_DEADLINE] = {"deadline", N_("Deadline"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [DISPUTES_STATE] = {"state", N_("State"), COLUMN_STATE, 19, 19, 2, true, disputes_states},
    [DISPUTES_REASON] = {"reason", N_("Reason"), COLUMN_TEXT, 12, 30, 5, true, NULL},
    [DISPUTES_RESOLUTION] = {"resolution", N_("Resolution"), COLUMN_TEXT, 12, 30, 0, true,
                             NULL},
    [DISPUTES_NOTE] = {"note", N_("Credit note"), COLUMN_NUMBER, 8, 10, 0, true, NULL},
};

static void open_bill(struct list_state *s, struct effects *fx)
{
    const struct row *row = list_row(s);
    const char *bill = row != NULL ? row->cells[DISPUTES_BILL] : NULL;

    if (bill != NULL && bill[0] != '\0') {
        (void)fx_open(fx, FX_PUSH, &screen_bill, strtoll(bill, NULL, 10));
    }
}

static const struct list_key disputes_keys[] = {
    LIST_CALLS('b', K_NONE, 1, N_("Bill"), N_("Show the bill that is contested"), NULL,
               open_bill),
    LIST_RUNS('R', K_NONE, 2, N_("Decide"), N_("Decide the selected dispute"),
              "dispute resolve", {"dispute", DISPUTES_DISPUTE}),
    LIST_RUNS('F', K_NONE, 7, N_("Proof file"),
              N_("Write a file that proves the dispute to anybody"), "proof dispute",
              {"dispute", DISPUTES_DISPUTE}),
    LIST_RUNS('+', K_NONE, 4, N_("New dispute"), N_("Open a dispute"), "dispute open",
              {NULL, 0}),
    LIST_RUNS(K_F7, K_NONE, 6, N_("Attach"),
              N_("Attach a photo or document to the selected dispute"), "attach",
              {"dispute", DISPUTES_DISPUTE}),
};

static const struct list_def disputes = {
    .name = "disputes",
    .page = &screen_dispute,
    .columns = disputes_columns,
    .column_count = DISPUTES_COLUMNS,
    .sort_column = DISPUTES_DEADLINE,
    .descending = false,
    .empty = N_("Nobody contests anything."),
    KEYS_OF(disputes_keys),
};

const struct screen_ops screen_disputes = {
    .name = "disputes",
    .title = N_("Disputes"),
    .help = N_("What customers contest, with its deadline. The amount is frozen while a "
               "dispute is open; R decides it."),
    .list = &disputes,
    LIST_SCREEN,
};

/* ---- cuts ---- */

enum {
    CUTS_CUT,
    CUTS_ACCOUNT,
    CUTS_CUSTOMER,
    CUTS_SERIAL,
    CUTS_DATE,
    CUTS_AMOUNT,
    CUTS_STATE,
    CUTS_REQUEST,
    CUTS_WORK,
    CUTS_COLUMNS
};

static const struct state_word cuts_states[] = {
    {"quarantined", GLYPH_DIAMOND, ATTR_BAD, N_("Quarantine")},
    {"ordered", GLYPH_RISE, ATTR_WARN, N_("Ordered")},
    {"suspended", GLYPH_DIAMOND, ATTR_NOTE, N_("Suspended")},
    {"cut", GLYPH_SQUARE, ATTR_BAD, N_("Cut off")},
    {"reconnecting", GLYPH_CIRCLE, ATTR_NOTE, N_("Reconnecting")},
    {"reconnected", GLYPH_DOT, ATTR_OK, N_("Reconnected")},
    {"withdrawn", GLYPH_CROSS, ATTR_DIM, N_("Withdrawn")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column cuts_columns[] = {
    [CUTS_CUT] = {"cut", N_("No."), COLUMN_NUMBER, 6, 8, 1, true, NULL},
    [CUTS_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [CUTS_CUSTOMER] = {"customer", N_("Customer"), COLUMN_TEXT, 12, 28, 3, true, NULL},
    [CUTS_SERIAL] = {"serial", N_("Meter"), COLUMN_TEXT, 8, 16, 2, true, NULL},
    [CUTS_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 2, true, NULL},
    [CUTS_AMOUNT] = {"amount", N_("Amount"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [CUTS_STATE] = {"state", N_("State"), COLUMN_STATE, 14, 14, 1, true, cuts_states},
    [CUTS_REQUEST] = {"request", N_("Request"), COLUMN_NUMBER, 9, 9, 4, true, NULL},
    [CUTS_WORK] = {"work", N_("Work"), COLUMN_NUMBER, 8, 10, 5, true, NULL},
};

static const struct list_key cuts_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Order"), N_("Ask for a cut order"), "cut order", {NULL, 0}),
    LIST_RUNS('l', K_NONE, 2, N_("Release"), N_("Release orders from quarantine"),
              "cut release", {"cut", CUTS_CUT}),
    LIST_RUNS('x', K_NONE, 3, N_("Withdraw"), N_("Withdraw the selected cut order"),
              "cut withdraw", {"cut", CUTS_CUT}),
};

static const struct list_def cuts = {
    .name = "cuts",
    .page = &screen_cut,
    .columns = cuts_columns,
    .column_count = CUTS_COLUMNS,
    .sort_column = CUTS_CUT,
    .descending = true,
    .empty = N_("There are no cut orders."),
    KEYS_OF(cuts_keys),
};

const struct screen_ops screen_cuts = {
    .name = "cuts",
    .title = N_("Cut orders"),
    .help = N_("Orders to cut off, with the approvals behind them. Those in quarantine wait "
               "for a second release."),
    .list = &cuts,
    LIST_SCREEN,
};

/* ---- notices ---- */

enum {
    NOTICES_NOTICE,
    NOTICES_DATE,
    NOTICES_ACCOUNT,
    NOTICES_CUSTOMER,
    NOTICES_STEP,
    NOTICES_OVERDUE,
    NOTICES_AMOUNT,
    NOTICES_COLUMNS
};

static const struct column notices_columns[] = {
    [NOTICES_NOTICE] = {"notice", N_("No."), COLUMN_NUMBER, 6, 8, 1, true, NULL},
    [NOTICES_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [NOTICES_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [NOTICES_CUSTOMER] = {"customer", N_("Customer"), COLUMN_TEXT, 14, 32, 2, true, NULL},
    [NOTICES_STEP] = {"step", N_("Notice"), COLUMN_NUMBER, 7, 8, 1, true, NULL},
    [NOTICES_OVERDUE] = {"overdue", N_("Overdue since"), COLUMN_DATE, 13, 13, 3, true, NULL},
    [NOTICES_AMOUNT] = {"amount", N_("Overdue"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
};

static const struct list_key notices_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Collect"), N_("Run the collection of a day"),
              "collection run", {NULL, 0}),
};

static const struct list_def notices = {
    .name = "notices",
    .page = &screen_notice,
    .columns = notices_columns,
    .column_count = NOTICES_COLUMNS,
    .sort_column = NOTICES_NOTICE,
    .descending = true,
    .empty = N_("No notice has been sent."),
    KEYS_OF(notices_keys),
};

const struct screen_ops screen_notices = {
    .name = "notices",
    .title = N_("Notices"),
    .help = N_("Notices to customers whose bills are overdue. + runs the collection of a day."),
    .list = &notices,
    LIST_SCREEN,
};

/* ---- customers ---- */

enum {
    CUSTOMERS_CUSTOMER,
    CUSTOMERS_NAME,
    CUSTOMERS_PHONE,
    CUSTOMERS_TAX,
    CUSTOMERS_EMAIL,
    CUSTOMERS_ADDRESS,
    CUSTOMERS_ACCOUNTS,
    CUSTOMERS_ERASED,
    CUSTOMERS_COLUMNS
};

static const struct column customers_columns[] = {
    [CUSTOMERS_CUSTOMER] = {"customer", N_("No."), COLUMN_NUMBER, 6, 9, 1, true, NULL},
    [CUSTOMERS_NAME] = {"name", N_("Name"), COLUMN_TEXT, 16, 34, 1, true, NULL},
    [CUSTOMERS_PHONE] = {"phone", N_("Phone"), COLUMN_TEXT, 10, 18, 2, true, NULL},
    [CUSTOMERS_TAX] = {"tax", N_("Tax id"), COLUMN_TEXT, 10, 18, 3, true, NULL},
    [CUSTOMERS_EMAIL] = {"email", N_("E-mail"), COLUMN_TEXT, 12, 26, 4, true, NULL},
    [CUSTOMERS_ADDRESS] = {"address", N_("Address"), COLUMN_TEXT, 12, 40, 5, true, NULL},
    [CUSTOMERS_ACCOUNTS] = {"accounts", N_("Accounts"), COLUMN_NUMBER, 8, 9, 6, true, NULL},
    [CUSTOMERS_ERASED] = {"erased", N_("Erased by"), COLUMN_NUMBER, 11, 11, 7, true, NULL},
};

static const struct list_key customers_keys[] = {
    LIST_RUNS('e', K_NONE, 2, N_("Edit customer"),
              N_("Change the customer's name, address or telephone"), "customer edit",
              {"customer", CUSTOMERS_CUSTOMER}),
    LIST_RUNS('x', K_NONE, 4, N_("Erase"), N_("Erase what is held of the selected customer"),
              "personal erase", {"customer", CUSTOMERS_CUSTOMER}),
    LIST_RUNS('+', K_NONE, 3, N_("New customer"), N_("Record a customer"), "customer add",
              {NULL, 0}),
    LIST_RUNS(K_F7, K_NONE, 6, N_("Attach"), N_("Attach a document of the selected customer"),
              "attach", {"customer", CUSTOMERS_CUSTOMER}),
};

static const struct list_def customers = {
    .name = "customers",
    .page = &screen_customer,
    .columns = customers_columns,
    .column_count = CUSTOMERS_COLUMNS,
    .sort_column = CUSTOMERS_CUSTOMER,
    .descending = false,
    .empty = N_("There are no customers yet."),
    KEYS_OF(customers_keys),
};

const struct screen_ops screen_customers = {
    .name = "customers",
    .title = N_("Personal data"),
    .help = N_("What is held of each customer. e changes it, x erases it for good; the ledger "
               "stays whole."),
    .needs = "personal read",
    .list = &customers,
    LIST_SCREEN,
};
