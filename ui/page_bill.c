#include <config.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* A bill and what stands behind it, and the first page, as data. */

/* ---- a bill ---- */

static const struct sheet_key bill_keys[] = {
    {K_F5,
     'p',
     1,
     N_("Pay"),
     N_("Take a payment of the bill's account"),
     SHEET_OPEN,
     "payment take",
     {{NULL, "account_id"}},
     NULL,
     &screen_payment,
     NULL},
    {'d',
     K_NONE,
     4,
     N_("Dispute"),
     N_("Open a dispute over this bill"),
     SHEET_COMMAND,
     "dispute open",
     {{"bill", "bill"}},
     NULL,
     NULL,
     NULL},
    {'x',
     K_NONE,
     5,
     N_("Cancel bill"),
     N_("Cancel this bill by a credit note"),
     SHEET_COMMAND,
     "bill cancel",
     {{"bill", "bill"}},
     NULL,
     NULL,
     NULL},
    {'w',
     K_NONE,
     3,
     N_("Explain"),
     N_("How every line of the bill came about"),
     SHEET_OPEN,
     NULL,
     {{NULL, NULL}},
     NULL,
     &screen_why,
     NULL},
    {'v',
     K_NONE,
     2,
     N_("Proof"),
     N_("Make the bill's proof and check it as an outsider would"),
     SHEET_OPEN,
     NULL,
     {{NULL, NULL}},
     NULL,
     &screen_proof,
     NULL},
    {'f',
     K_NONE,
     3,
     N_("PDF"),
     N_("Print the bill as PDF"),
     SHEET_COMMAND,
     "bill pdf",
     {{"bill", "bill"}},
     NULL,
     NULL,
     NULL},
    {'F',
     K_NONE,
     5,
     N_("Proof file"),
     N_("Write a file that proves the bill to anybody"),
     SHEET_COMMAND,
     "proof bill",
     {{"bill", "bill"}},
     NULL,
     NULL,
     NULL},
    {'e',
     K_NONE,
     6,
     N_("Entry"),
     N_("Show the signed entry that the bill stands in"),
     SHEET_OPEN,
     NULL,
     {{NULL, "entry"}},
     NULL,
     &screen_entry,
     NULL},
    {'a',
     K_NONE,
     7,
     N_("Account"),
     N_("Show the bill's account"),
     SHEET_OPEN,
     NULL,
     {{NULL, "account_id"}},
     NULL,
     &screen_account,
     NULL},
    {K_F7,
     K_NONE,
     8,
     N_("Attach"),
     N_("Attach a photo or document to this bill"),
     SHEET_COMMAND,
     "attach",
     {{"bill", "bill"}},
     NULL,
     NULL,
     NULL},
};

static const struct sheet_def bill = {
    .name = "bill", .keys = bill_keys, .key_count = sizeof(bill_keys) / sizeof(bill_keys[0])};

const struct screen_ops screen_bill = {
    .name = "bill",
    .title = N_("Bill"),
    .help = N_("A bill, line by line. Select a line to see why it is what it is. v makes the "
               "bill's proof and checks it as an outsider would."),
    .sheet = &bill,
    SHEET_SCREEN,
};

static const struct sheet_def why = {.name = "why"};

const struct screen_ops screen_why = {
    .name = "why",
    .title = N_("Explanation of a bill"),
    .help =
        N_("The bill computed again from its readings and tariff: formula, inputs, rounding "
           "and version of every line, each compared with what was recorded."),
    .sheet = &why,
    SHEET_SCREEN,
};

static const struct sheet_def proof = {.name = "proof"};

const struct screen_ops screen_proof = {
    .name = "proof",
    .title = N_("Proof of a bill"),
    .help = N_("The proof that the bill stands in the signed ledger, made now and checked step "
               "by step, as anybody can do with the file and without the office."),
    .sheet = &proof,
    SHEET_SCREEN,
};

/* ---- reports ---- */

static const struct sheet_key reports_keys[] = {
    {K_ENTER,
     K_NONE,
     1,
     N_("Write"),
     N_("Write the selected report to a file"),
     SHEET_COMMAND,
     "report",
     {{"report", NULL}},
     NULL,
     NULL,
     NULL},
};

static const struct sheet_def reports = {.name = "reports",
                                         .keys = reports_keys,
                                         .key_count =
                                             sizeof(reports_keys) / sizeof(reports_keys[0])};

const struct screen_ops screen_reports = {
    .name = "reports",
    .title = N_("Reports"),
    .help =
        N_("Every report over the office's tables. Enter asks for a file; its ending says the "
           "format: PDF, Excel, CSV, JSON or text."),
    .sheet = &reports,
    SHEET_SCREEN,
};

/* ---- settings ---- */

static const struct sheet_key settings_keys[] = {
    {'p',
     K_NONE,
     2,
     N_("Policy"),
     N_("Set a policy of the office"),
     SHEET_COMMAND,
     "policy set",
     {{NULL, NULL}},
     NULL,
     NULL,
     NULL},
    {'v',
     K_NONE,
     2,
     N_("Rule"),
     N_("Set a rule of validation for a kind of meter"),
     SHEET_COMMAND,
     "rule set",
     {{NULL, NULL}},
     NULL,
     NULL,
     NULL},
    {'a',
     K_NONE,
     3,
     N_("Approvals"),
     N_("Say how many others must approve a command"),
     SHEET_COMMAND,
     "request policy",
     {{NULL, NULL}},
     NULL,
     NULL,
     NULL},
    {'w',
     K_NONE,
     4,
     N_("Witness"),
     N_("Trust a witness that follows this office"),
     SHEET_COMMAND,
     "witness add",
     {{NULL, NULL}},
     NULL,
     NULL,
     NULL},
    {'o',
     K_NONE,
     5,
     N_("Rotate key"),
     N_("Replace a key of the office"),
     SHEET_COMMAND,
     "key rotate",
     {{NULL, NULL}},
     NULL,
     NULL,
     NULL},
};

static const struct sheet_def settings = {.name = "settings",
                                          .keys = settings_keys,
                                          .key_count =
                                              sizeof(settings_keys) / sizeof(settings_keys[0])};

const struct screen_ops screen_settings = {
    .name = "settings",
    .title = N_("Settings"),
    .help = N_("How the office is set: policies, rules, approvals, keys and witnesses. Each is "
               "changed by a command; Enter shows the signed entry that set a row."),
    .sheet = &settings,
    SHEET_SCREEN,
};

/* ---- the first page ---- */

static const struct sheet_key home_keys[] = {
    {'m',
     K_NONE,
     3,
     N_("Meters"),
     N_("Show the list of meters"),
     SHEET_OPEN,
     NULL,
     {{NULL, NULL}},
     NULL,
     &screen_meters,
     NULL},
    {'b',
     K_NONE,
     4,
     N_("Bills"),
     N_("Show the list of bills"),
     SHEET_OPEN,
     NULL,
     {{NULL, NULL}},
     NULL,
     &screen_bills,
     NULL},
};

static const struct sheet_def home = {
    .name = "home", .keys = home_keys, .key_count = sizeof(home_keys) / sizeof(home_keys[0])};

const struct screen_ops screen_home = {
    .name = "home",
    .title = N_("Today"),
    .help = N_("What waits for somebody today, how the office stands, and whether its chain is "
               "whole. Enter opens the list behind a row."),
    .sheet = &home,
    SHEET_SCREEN,
};
