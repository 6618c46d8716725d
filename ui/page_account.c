#include <config.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* The pages about one thing, as data: which sheet, and what its keys do. */

/* ---- an account ---- */

static const struct sheet_key account_keys[] = {
    {K_F2,
     'p',
     1,
     N_("Pay"),
     N_("Take a payment of this account"),
     SHEET_OPEN,
     "payment take",
     {{NULL, NULL}},
     NULL,
     &screen_payment,
     NULL},
    {K_F3,
     'l',
     3,
     N_("Read"),
     N_("Enter a reading of the selected meter"),
     SHEET_OPEN,
     "reading add",
     {{NULL, NULL}},
     "meter",
     &screen_reading,
     NULL},
    {K_F4,
     'd',
     5,
     N_("Dispute"),
     N_("Open a dispute over the selected bill"),
     SHEET_COMMAND,
     "dispute open",
     {{"bill", NULL}},
     "bill",
     NULL,
     NULL},
    {K_F5,
     K_NONE,
     6,
     N_("Plan"),
     N_("Make an instalment plan of what is owed"),
     SHEET_COMMAND,
     "plan make",
     {{"account", "account"}},
     NULL,
     NULL,
     NULL},
    {K_F6,
     K_NONE,
     7,
     N_("Work order"),
     N_("Open a work order for the selected meter"),
     SHEET_COMMAND,
     "work open",
     {{"serial", NULL}},
     "meter",
     NULL,
     NULL},
    {'e',
     K_NONE,
     0,
     N_("Edit customer"),
     N_("Change the customer's name, address or telephone"),
     SHEET_COMMAND,
     "customer edit",
     {{"customer", "customer"}},
     NULL,
     NULL,
     NULL},
    {'x',
     K_NONE,
     0,
     N_("Reverse"),
     N_("Take the selected payment back"),
     SHEET_COMMAND,
     "payment reverse",
     {{"receipt", NULL}},
     "receipt",
     NULL,
     NULL},
    {'D',
     K_NONE,
     0,
     N_("Deposit"),
     N_("Take a deposit for this account"),
     SHEET_COMMAND,
     "deposit take",
     {{"account", "account"}},
     NULL,
     NULL,
     NULL},
};

static const struct sheet_def account = {"account", account_keys,
                                         sizeof(account_keys) / sizeof(account_keys[0])};

const struct screen_ops screen_account = {
    .name = "account",
    .title = N_("Account"),
    .help =
        N_("A customer's account: what is owed, its meters, bills and payments. Select a row "
           "and press Enter to see more of it; F2 takes a payment."),
    .sheet = &account,
    SHEET_SCREEN,
};

/* ---- a meter ---- */

static const struct sheet_key meter_keys[] = {
    {K_F2,
     'l',
     1,
     N_("Read"),
     N_("Enter a reading of this meter"),
     SHEET_OPEN,
     "reading add",
     {{NULL, NULL}},
     NULL,
     &screen_reading,
     NULL},
    {K_F4,
     K_NONE,
     3,
     N_("Correct"),
     N_("Correct the selected reading"),
     SHEET_COMMAND,
     "reading correct",
     {{"reading", NULL}},
     "entry",
     NULL,
     NULL},
    {K_F6,
     K_NONE,
     4,
     N_("Work order"),
     N_("Open a work order for this meter"),
     SHEET_COMMAND,
     "work open",
     {{"serial", "serial"}},
     NULL,
     NULL,
     NULL},
    {K_F7,
     K_NONE,
     5,
     N_("Limit"),
     N_("Set the consumption limit of this meter"),
     SHEET_COMMAND,
     "limit set",
     {{"serial", "serial"}},
     NULL,
     NULL,
     NULL},
    {K_F8,
     K_NONE,
     6,
     N_("Exchange"),
     N_("Record that this meter was exchanged"),
     SHEET_COMMAND,
     "meter swap",
     {{"serial", "serial"}},
     NULL,
     NULL,
     NULL},
};

static const struct sheet_def meter = {"meter", meter_keys,
                                       sizeof(meter_keys) / sizeof(meter_keys[0])};

const struct screen_ops screen_meter = {
    .name = "meter",
    .title = N_("Meter"),
    .help =
        N_("A meter in full: its dial, use by month against its limit, the load of a day "
           "where there are hourly readings, and its readings. Enter shows the signed entry "
           "behind a reading."),
    .sheet = &meter,
    SHEET_SCREEN,
};

/* ---- an entry ---- */

static const struct sheet_def entry = {"entry", NULL, 0};

const struct screen_ops screen_entry = {
    .name = "entry",
    .title = N_("Ledger entry"),
    .help = N_("The signed entry behind a row: who signed what, when, and the checkpoint that "
               "covers it."),
    .sheet = &entry,
    SHEET_SCREEN,
};
