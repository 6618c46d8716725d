#include <config.h>

#include <stdlib.h>

#include "base/i18n.h"
#include "ui/list.h"

/* Lists about accounts and money, as data. */

/* ---- accounts ---- */

enum {
    ACCOUNTS_NUMBER,
    ACCOUNTS_CUSTOMER,
    ACCOUNTS_PHONE,
    ACCOUNTS_TAX,
    ACCOUNTS_METERS,
    ACCOUNTS_BALANCE,
    ACCOUNTS_OPENED,
    ACCOUNTS_STATE,
    ACCOUNTS_COLUMNS
};

static const struct state_word accounts_states[] = {
    {"open", GLYPH_DOT, ATTR_OK, N_("In use")},
    {"closed", GLYPH_CROSS, ATTR_DIM, N_("Ended")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column accounts_columns[] = {
    [ACCOUNTS_NUMBER] = {"number", N_("Account"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [ACCOUNTS_CUSTOMER] = {"customer", N_("Customer"), COLUMN_TEXT, 14, 32, 1, true, NULL},
    [ACCOUNTS_PHONE] = {"phone", N_("Phone"), COLUMN_TEXT, 10, 16, 3, true, NULL},
    [ACCOUNTS_TAX] = {"tax", N_("Tax id"), COLUMN_TEXT, 10, 16, 5, true, NULL},
    [ACCOUNTS_METERS] = {"meters", N_("Meters"), COLUMN_NUMBER, 10, 10, 4, true, NULL},
    [ACCOUNTS_BALANCE] = {"balance", N_("Balance"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [ACCOUNTS_OPENED] = {"opened", N_("Opened"), COLUMN_DATE, 8, 8, 6, true, NULL},
    [ACCOUNTS_STATE] = {"state", N_("State"), COLUMN_STATE, 9, 10, 3, true, accounts_states},
};

static const struct list_key accounts_keys[] = {
    LIST_OPENS(K_ENTER, K_NONE, 1, N_("Show"), N_("Show what the selected row stands for"),
               NULL, &screen_account),
    LIST_OPENS(K_F5, 'p', 2, N_("Pay"), N_("Take a payment of the selected account"),
               "payment take", &screen_payment),
    LIST_OPENS('b', K_NONE, 4, N_("Bills"), N_("Show the bills of the selected account"), NULL,
               &screen_bills),
    LIST_RUNS('+', K_NONE, 6, N_("Open account"), N_("Open an account for a customer"),
              "account open", {NULL, 0}),
};

static const struct list_def accounts = {
    .name = "accounts",
    .columns = accounts_columns,
    .column_count = ACCOUNTS_COLUMNS,
    .sort_column = ACCOUNTS_NUMBER,
    .descending = false,
    .empty = N_("There are no accounts yet. Press : and choose \"account open\"."),
    KEYS_OF(accounts_keys),
};

const struct screen_ops screen_accounts = {
    .name = "accounts",
    .title = N_("Accounts"),
    .help = N_("All accounts with what they owe. Enter shows one in full; / finds by any of "
               "its columns."),
    .list = &accounts,
    LIST_SCREEN,
};

/* ---- payments ---- */

enum {
    PAYMENTS_RECEIPT,
    PAYMENTS_DATE,
    PAYMENTS_ACCOUNT,
    PAYMENTS_CUSTOMER,
    PAYMENTS_METHOD,
    PAYMENTS_AMOUNT,
    PAYMENTS_CHANNEL,
    PAYMENTS_CASHIER,
    PAYMENTS_STATE,
    PAYMENTS_COLUMNS
};

static const struct state_word payments_states[] = {
    {"posted", GLYPH_DOT, ATTR_OK, N_("In force")},
    {"reversed", GLYPH_CROSS, ATTR_DIM, N_("Taken back")},
    {"undone", GLYPH_CROSS, ATTR_DIM, N_("Undone")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word methods[] = {
    {"cash", GLYPH_NONE, ATTR_NORMAL, N_("Cash")},
    {"card", GLYPH_NONE, ATTR_NORMAL, N_("Card")},
    {"cheque", GLYPH_NONE, ATTR_NORMAL, N_("Cheque")},
    {"transfer", GLYPH_NONE, ATTR_NORMAL, N_("Transfer")},
    {"deposit", GLYPH_NONE, ATTR_NORMAL, N_("Deposit")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word channels[] = {
    {"counter", GLYPH_NONE, ATTR_NORMAL, N_("counter")},
    {"bank", GLYPH_NONE, ATTR_NORMAL, N_("bank")},
    {"agency", GLYPH_NONE, ATTR_NORMAL, N_("agency")},
    {"deposit", GLYPH_NONE, ATTR_NORMAL, N_("Deposit")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column payments_columns[] = {
    [PAYMENTS_RECEIPT] = {"receipt", N_("Receipt"), COLUMN_NUMBER, 7, 9, 1, true, NULL},
    [PAYMENTS_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [PAYMENTS_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [PAYMENTS_CUSTOMER] = {"customer", N_("Customer"), COLUMN_TEXT, 12, 28, 2, true, NULL},
    [PAYMENTS_METHOD] = {"method", N_("Method"), COLUMN_STATE, 13, 13, 3, true, methods},
    [PAYMENTS_AMOUNT] = {"amount", N_("Amount"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [PAYMENTS_CHANNEL] = {"channel", N_("Channel"), COLUMN_STATE, 10, 11, 6, true, channels},
    [PAYMENTS_CASHIER] = {"cashier", N_("Taken by"), COLUMN_TEXT, 10, 12, 5, true, NULL},
    [PAYMENTS_STATE] = {"state", N_("State"), COLUMN_STATE, 12, 12, 2, true, payments_states},
};

/* A receipt has a number of its own. */
static void open_receipt(struct list_state *s, struct effects *fx)
{
    const struct row *row = list_row(s);

    if (row != NULL && row->cells[PAYMENTS_RECEIPT] != NULL) {
        (void)fx_open(fx, FX_PUSH, &screen_receipt,
                      strtoll(row->cells[PAYMENTS_RECEIPT], NULL, 10));
    }
}

static const struct list_key payments_keys[] = {
    LIST_CALLS(K_ENTER, K_NONE, 1, N_("Receipt"),
               N_("Show the receipt of the selected payment"), NULL, open_receipt),
    LIST_RUNS('x', K_NONE, 3, N_("Reverse"), N_("Take the selected payment back"),
              "payment reverse", {"receipt", PAYMENTS_RECEIPT}),
};

static const struct list_def payments = {
    .name = "payments",
    .columns = payments_columns,
    .column_count = PAYMENTS_COLUMNS,
    .sort_column = PAYMENTS_RECEIPT,
    .descending = true,
    .empty = N_("No payment has been taken yet."),
    KEYS_OF(payments_keys),
};

const struct screen_ops screen_payments = {
    .name = "payments",
    .title = N_("Payments"),
    .help = N_(
        "All payments, the newest first. Enter shows the receipt; x takes the payment back."),
    .list = &payments,
    LIST_SCREEN,
};

/* ---- surcharges ---- */

enum {
    SURCHARGES_BILL,
    SURCHARGES_SERIAL,
    SURCHARGES_ACCOUNT,
    SURCHARGES_UNTIL,
    SURCHARGES_USE,
    SURCHARGES_LIMIT,
    SURCHARGES_EXCESS,
    SURCHARGES_UNIT,
    SURCHARGES_AMOUNT,
    SURCHARGES_COLUMNS
};

static const struct column surcharges_columns[] = {
    [SURCHARGES_BILL] = {"bill", N_("Bill"), COLUMN_NUMBER, 7, 9, 1, true, NULL},
    [SURCHARGES_SERIAL] = {"serial", N_("Meter"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [SURCHARGES_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 4, true, NULL},
    [SURCHARGES_UNTIL] = {"until", N_("Until"), COLUMN_DATE, 8, 8, 3, true, NULL},
    [SURCHARGES_USE] = {"use", N_("Use"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [SURCHARGES_LIMIT] = {"limit", N_("Limit"), COLUMN_NUMBER, 9, 12, 2, true, NULL},
    [SURCHARGES_EXCESS] = {"excess", N_("Excess"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [SURCHARGES_UNIT] = {"unit", N_("Unit"), COLUMN_TEXT, 6, 6, 5, true, NULL},
    [SURCHARGES_AMOUNT] = {"amount", N_("Amount"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
};

static const struct list_key surcharges_keys[] = {
    LIST_OPENS(K_ENTER, K_NONE, 1, N_("Bill"), N_("Show the bill and why it is what it is"),
               NULL, &screen_bill),
};

static const struct list_def surcharges = {
    .name = "surcharges",
    .columns = surcharges_columns,
    .column_count = SURCHARGES_COLUMNS,
    .sort_column = SURCHARGES_BILL,
    .descending = true,
    .empty = N_("No use has gone over its limit."),
    KEYS_OF(surcharges_keys),
};

const struct screen_ops screen_surcharges = {
    .name = "surcharges",
    .title = N_("Surcharges"),
    .help = N_("Bills whose use went over the limit, with what that cost. Enter shows the bill "
               "and why."),
    .list = &surcharges,
    LIST_SCREEN,
};

/* ---- drawers ---- */

enum {
    DRAWERS_SHIFT,
    DRAWERS_DRAWER,
    DRAWERS_USER,
    DRAWERS_OPENED,
    DRAWERS_CLOSED,
    DRAWERS_IN,
    DRAWERS_COUNTED,
    DRAWERS_DIFFERENCE,
    DRAWERS_REASON,
    DRAWERS_STATE,
    DRAWERS_COLUMNS
};

static const struct state_word drawers_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("In use")},
    {"closed", GLYPH_DOT, ATTR_OK, N_("Finished")},
    {"differs", GLYPH_RISE, ATTR_BAD, N_("Differs")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column drawers_columns[] = {
    [DRAWERS_SHIFT] = {"shift", N_("Shift"), COLUMN_NUMBER, 6, 8, 1, true, NULL},
    [DRAWERS_DRAWER] = {"drawer", N_("Drawer"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [DRAWERS_USER] = {"user", N_("User"), COLUMN_TEXT, 8, 14, 1, true, NULL},
    [DRAWERS_OPENED] = {"opened", N_("Opened"), COLUMN_DATE, 8, 8, 2, true, NULL},
    [DRAWERS_CLOSED] = {"closed", N_("Closed on"), COLUMN_DATE, 10, 10, 4, true, NULL},
    [DRAWERS_IN] = {"in", N_("In it"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [DRAWERS_COUNTED] = {"counted", N_("Counted"), COLUMN_NUMBER, 10, 14, 3, true, NULL},
    [DRAWERS_DIFFERENCE] = {"difference", N_("Difference"), COLUMN_NUMBER, 10, 12, 3, true,
                            NULL},
    [DRAWERS_REASON] = {"reason", N_("Reason"), COLUMN_TEXT, 10, 28, 6, true, NULL},
    [DRAWERS_STATE] = {"state", N_("State"), COLUMN_STATE, 11, 11, 2, true, drawers_states},
};

static const struct list_key drawers_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Open drawer"), N_("Open a drawer, to take cash"),
              "drawer open", {NULL, 0}),
    LIST_RUNS('m', K_NONE, 3, N_("Move cash"), N_("Put cash into your drawer or take it out"),
              "drawer move", {NULL, 0}),
    LIST_RUNS('h', K_NONE, 4, N_("Hand over"), N_("Hand your drawer to a colleague"),
              "drawer hand-over", {NULL, 0}),
    LIST_RUNS('c', K_NONE, 2, N_("Close drawer"), N_("Count your drawer and close it"),
              "drawer close", {NULL, 0}),
};

static const struct list_def drawers = {
    .name = "drawers",
    .page = &screen_drawer,
    .columns = drawers_columns,
    .column_count = DRAWERS_COLUMNS,
    .sort_column = DRAWERS_SHIFT,
    .descending = true,
    .empty = N_("No drawer has been opened yet."),
    KEYS_OF(drawers_keys),
};

const struct screen_ops screen_drawers = {
    .name = "drawers",
    .title = N_("Cash drawers"),
    .help = N_("Cash drawers and who has or had them, with what was counted at the end."),
    .list = &drawers,
    LIST_SCREEN,
};

/* ---- bank ---- */

enum {
    BANK_ROW,
    BANK_DATE,
    BANK_AMOUNT,
    BANK_REST,
    BANK_NAME,
    BANK_REFERENCE,
    BANK_TEXT,
    BANK_REASON,
    BANK_FILE,
    BANK_STATE,
    BANK_COLUMNS
};

static const struct state_word bank_states[] = {
    {"matched", GLYPH_DOT, ATTR_OK, N_("Matched")},
    {"unmatched", GLYPH_DIAMOND, ATTR_BAD, N_("Waiting")},
    {"ignored", GLYPH_CIRCLE, ATTR_DIM, N_("Ignored")},
    {"rejected", GLYPH_CROSS, ATTR_DIM, N_("Rejected")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word bank_reasons[] = {
    {"no_reference", GLYPH_NONE, ATTR_NORMAL,
     N_("no reference of ours, and no payer with that amount")},
    {"ambiguous", GLYPH_NONE, ATTR_NORMAL, N_("fits two accounts")},
    {"closed_account", GLYPH_NONE, ATTR_NORMAL, N_("for a closed account")},
    {"returned", GLYPH_NONE, ATTR_NORMAL, N_("taken back by the bank")},
    {"in_sum", GLYPH_NONE, ATTR_NORMAL, N_("a part of a sum that is recorded")},
    {"perhaps_twice", GLYPH_NONE, ATTR_NORMAL, N_("perhaps told by another file too")},
    {"not_booked", GLYPH_NONE, ATTR_NORMAL, N_("only announced")},
    {"other_currency", GLYPH_NONE, ATTR_NORMAL, N_("in another currency")},
    {"debit", GLYPH_NONE, ATTR_NORMAL, N_("went out")},
    {"reference", GLYPH_NONE, ATTR_NORMAL, N_("by its reference")},
    {"name_and_amount", GLYPH_NONE, ATTR_NORMAL, N_("by name and amount")},
    {"payer_and_amount", GLYPH_NONE, ATTR_NORMAL, N_("by payer and amount")},
    {"by hand", GLYPH_NONE, ATTR_NORMAL, N_("by hand")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column bank_columns[] = {
    [BANK_ROW] = {"row", N_("No."), COLUMN_NUMBER, 6, 9, 1, true, NULL},
    [BANK_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [BANK_AMOUNT] = {"amount", N_("Amount"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [BANK_REST] = {"rest", N_("Not given"), COLUMN_NUMBER, 11, 14, 4, true, NULL},
    [BANK_NAME] = {"name", N_("Name"), COLUMN_TEXT, 12, 28, 2, true, NULL},
    [BANK_REFERENCE] = {"reference", N_("Reference"), COLUMN_TEXT, 10, 22, 3, true, NULL},
    [BANK_TEXT] = {"text", N_("Text"), COLUMN_TEXT, 10, 28, 6, true, NULL},
    [BANK_REASON] = {"reason", N_("Why"), COLUMN_STATE, 19, 24, 5, true, bank_reasons},
    [BANK_FILE] = {"file", N_("File"), COLUMN_NUMBER, 5, 7, 0, true, NULL},
    [BANK_STATE] = {"state", N_("State"), COLUMN_STATE, 11, 11, 1, true, bank_states},
};

static const struct list_key bank_keys[] = {
    LIST_RUNS('a', K_NONE, 1, N_("Assign"), N_("Give the selected row to an account"),
              "bank assign", {"row", BANK_ROW}),
    LIST_RUNS('x', K_NONE, 2, N_("Reject"), N_("Say that the selected row pays nothing here"),
              "bank reject", {"row", BANK_ROW}),
    LIST_RUNS('i', K_NONE, 3, N_("Read file"), N_("Read a bank file"), "bank import",
              {NULL, 0}),
};

static const struct list_def bank = {
    .name = "bank",
    .page = &screen_bankrow,
    .columns = bank_columns,
    .column_count = BANK_COLUMNS,
    .sort_column = BANK_ROW,
    .descending = true,
    .empty = N_("No bank file has been read yet. Press : and choose \"bank import\"."),
    KEYS_OF(bank_keys),
};

const struct screen_ops screen_bank = {
    .name = "bank",
    .title = N_("Bank rows"),
    .help = N_("What the bank files say, and which account each row paid. Rows without an "
               "account wait here until somebody gives them one."),
    .list = &bank,
    LIST_SCREEN,
};

/* ---- runs ---- */

enum {
    RUNS_RUN,
    RUNS_FROM,
    RUNS_UNTIL,
    RUNS_ISSUED,
    RUNS_DUE,
    RUNS_BILLS,
    RUNS_TOTAL,
    RUNS_STATE,
    RUNS_COLUMNS
};

static const struct state_word runs_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Under way")},
    {"closed", GLYPH_DOT, ATTR_OK, N_("Finished")},
    {"discarded", GLYPH_CROSS, ATTR_DIM, N_("Discarded")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column runs_columns[] = {
    [RUNS_RUN] = {"run", N_("Run no."), COLUMN_NUMBER, 8, 9, 1, true, NULL},
    [RUNS_FROM] = {"from", N_("From"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [RUNS_UNTIL] = {"until", N_("Until"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [RUNS_ISSUED] = {"issued", N_("Issued"), COLUMN_DATE, 8, 8, 3, true, NULL},
    [RUNS_DUE] = {"due", N_("Due"), COLUMN_DATE, 8, 8, 4, true, NULL},
    [RUNS_BILLS] = {"bills", N_("Bills"), COLUMN_NUMBER, 8, 10, 1, true, NULL},
    [RUNS_TOTAL] = {"total", N_("Total"), COLUMN_NUMBER, 12, 16, 1, true, NULL},
    [RUNS_STATE] = {"state", N_("State"), COLUMN_STATE, 12, 12, 2, true, runs_states},
};

static void open_billing(struct list_state *s, struct effects *fx)
{
    (void)s;
    (void)fx_open(fx, FX_PUSH, &screen_billing, 0);
}

static const struct list_key runs_keys[] = {
    LIST_CALLS('+', K_NONE, 1, N_("Bill it"), N_("Bill a period, or see what it would come to"),
               "bill run", open_billing),
    LIST_RUNS('x', K_NONE, 3, N_("Discard"), N_("Take a whole billing run back"),
              "bill discard", {"run", -1}),
};

static const struct list_def runs = {
    .name = "runs",
    .page = &screen_run,
    .columns = runs_columns,
    .column_count = RUNS_COLUMNS,
    .sort_column = RUNS_RUN,
    .descending = true,
    .empty = N_("Nothing has been billed yet."),
    KEYS_OF(runs_keys),
};

const struct screen_ops screen_runs = {
    .name = "runs",
    .title = N_("Billing runs"),
    .help =
        N_("Billing runs with what they came to. + bills a period, x takes a whole run back."),
    .list = &runs,
    LIST_SCREEN,
};
