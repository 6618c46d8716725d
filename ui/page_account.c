#include <config.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* The pages about one thing, as data: which sheet, and what its keys do. */

/* ---- an account ---- */

static const struct sheet_key account_keys[] = {
    SHEET_OPENS(K_F5, 'p', 1, N_("Pay"), N_("Take a payment of this account"), "payment take",
                NULL, NULL, &screen_payment),
    SHEET_OPENS_FOR(K_F5, 'p', 1, N_("Pay"), N_("Take a payment of the selected bill"),
                    "payment take", "account_id", "bill", &screen_payment, {"bills", NULL}),
    SHEET_OPENS(K_F2, 'l', 3, N_("Read"), N_("Enter a reading of the selected meter"),
                "reading add", NULL, "meter", &screen_reading),
    SHEET_RUNS('d', K_NONE, 5, N_("Dispute"), N_("Open a dispute over the selected bill"),
               "dispute open", "bill", {"bill", NULL}),
    SHEET_RUNS('P', K_NONE, 6, N_("Plan"), N_("Make an instalment plan of what is owed"),
               "plan make", NULL, {"account", "account"}),
    SHEET_RUNS('o', K_NONE, 7, N_("Work order"), N_("Open a work order for the selected meter"),
               "work open", "meter", {"serial", NULL}),
    SHEET_RUNS('e', K_NONE, 0, N_("Edit customer"),
               N_("Change the customer's name, address or telephone"), "customer edit", NULL,
               {"customer", "customer"}),
    SHEET_RUNS('x', K_NONE, 0, N_("Reverse"), N_("Take the selected payment back"),
               "payment reverse", "receipt", {"receipt", NULL}),
    SHEET_RUNS('x', K_NONE, 0, N_("Cancel bill"),
               N_("Cancel the selected bill by a credit note"), "bill cancel", "bill",
               {"bill", NULL}),
    SHEET_RUNS('c', K_NONE, 0, N_("Note"), N_("Issue a credit or debit note for this account"),
               "note issue", NULL, {"account", "account"}),
    SHEET_RUNS('c', K_NONE, 0, N_("Note"),
               N_("Issue a credit or debit note for the selected bill"), "note issue", "bill",
               {"bill", NULL}),
    SHEET_RUNS('t', K_NONE, 0, N_("Refund"),
               N_("Pay the account's credit back to the customer"), "account refund", NULL,
               {"account", "account"}),
    SHEET_RUNS('D', K_NONE, 0, N_("Deposit"), N_("Take a deposit for this account"),
               "deposit take", NULL, {"account", "account"}),
    SHEET_KEY_ATTACH(N_("Attach a photo or document to this account"), "account", "account",
                     NULL),
};

static const struct sheet_def account = {.name = "account", KEYS_OF(account_keys)};

const struct screen_ops screen_account = {
    .name = "account",
    .title = N_("Account"),
    .help =
        N_("A customer's account: what is owed, its meters, bills and payments. Select a row "
           "and press Enter to see more of it; F5 takes a payment."),
    .sheet = &account,
    SHEET_SCREEN,
};

/* ---- a meter ---- */

static const struct sheet_key meter_keys[] = {
    SHEET_OPENS(K_F2, 'l', 1, N_("Read"), N_("Enter a reading of this meter"), "reading add",
                NULL, NULL, &screen_reading),
    SHEET_RUNS('c', K_NONE, 3, N_("Correct"), N_("Correct the selected reading"),
               "reading correct", "entry", {"reading", NULL}),
    SHEET_RUNS('o', K_NONE, 4, N_("Work order"), N_("Open a work order for this meter"),
               "work open", NULL, {"serial", "serial"}),
    SHEET_RUNS('L', K_NONE, 5, N_("Limit"), N_("Set the consumption limit of this meter"),
               "limit set", NULL, {"serial", "serial"}),
    SHEET_RUNS('x', K_NONE, 6, N_("Exchange"), N_("Record that this meter was exchanged"),
               "meter swap", NULL, {"serial", "serial"}),
    SHEET_RUNS('F', K_NONE, 0, N_("Proof file"),
               N_("Write a file that proves the selected reading to anybody"), "proof reading",
               "entry", {"reading", NULL}),
    SHEET_OPENS('A', K_NONE, 7, N_("Alerts"), N_("Show the alerts of this meter"), NULL, NULL,
                NULL, &screen_alerts),
    SHEET_KEY_ATTACH(N_("Attach a photo or document to the selected reading"), "reading", NULL,
                     "entry"),
    SHEET_KEY_ACCOUNT,
};

static const struct sheet_def meter = {.name = "meter", KEYS_OF(meter_keys)};

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

static const struct sheet_key entry_keys[] = {
    SHEET_RUNS('F', K_NONE, 5, N_("Proof file"),
               N_("Write a file that proves this entry to anybody"), "proof entry", NULL,
               {"entry", "entry"}),
    SHEET_OPENS(K_F8, K_NONE, 4, N_("Meter"), N_("Show the meter that this entry is about"),
                NULL, "meter_id", NULL, &screen_meter),
    SHEET_OPENS('s', K_NONE, 3, N_("As signed"),
                N_("Show the entry as it was signed, with its hash and signature"), NULL,
                "entry", NULL, &screen_signed),
    SHEET_KEY_ACCOUNT,
};

static const struct sheet_def entry = {.name = "entry", KEYS_OF(entry_keys)};

const struct screen_ops screen_entry = {
    .name = "entry",
    .title = N_("Ledger entry"),
    .help =
        N_("The entry behind a row: who recorded what, when, and the checkpoint that covers "
           "it. s shows it as it was signed."),
    .sheet = &entry,
    SHEET_SCREEN,
};

static const struct sheet_def as_signed = {.name = "signed"};

const struct screen_ops screen_signed = {
    .name = "signed",
    .title = N_("As it was signed"),
    .help = N_("An entry of the ledger, byte for byte, with its hash in the chain, the key and "
               "the signature."),
    .sheet = &as_signed,
    SHEET_SCREEN,
};
