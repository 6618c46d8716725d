#include <config.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* A bill and what stands behind it, and the first page, as data. */

/* ---- a bill ---- */

static const struct sheet_key bill_keys[] = {
    SHEET_OPENS_FOR(K_F5, 'p', 1, N_("Pay"), N_("Take a payment of this bill"), "payment take",
                    "account_id", NULL, &screen_payment, {"bills", "bill"}),
    SHEET_RUNS('d', K_NONE, 2, N_("Dispute"), N_("Open a dispute over this bill"),
               "dispute open", NULL, {"bill", "bill"}),
    SHEET_RUNS('x', K_NONE, 5, N_("Cancel bill"), N_("Cancel this bill by a credit note"),
               "bill cancel", NULL, {"bill", "bill"}),
    SHEET_RUNS('c', K_NONE, 6, N_("Note"), N_("Issue a credit or debit note for this bill"),
               "note issue", NULL, {"bill", "bill"}),
    SHEET_OPENS('w', K_NONE, 3, N_("Explain"), N_("How every line of the bill came about"),
                NULL, NULL, NULL, &screen_why),
    SHEET_OPENS('v', K_NONE, 6, N_("Proof"),
                N_("Make the bill's proof and check it as an outsider would"), NULL, NULL, NULL,
                &screen_proof),
    SHEET_RUNS('f', K_NONE, 3, N_("PDF"), N_("Print the bill as PDF"), "bill pdf", NULL,
               {"bill", "bill"}),
    SHEET_RUNS('F', K_NONE, 7, N_("Proof file"),
               N_("Write a file that proves the bill to anybody"), "proof bill", NULL,
               {"bill", "bill"}),
    SHEET_OPENS('e', K_NONE, 6, N_("Entry"),
                N_("Show the signed entry that the bill stands in"), NULL, "entry", NULL,
                &screen_entry),
    SHEET_KEY_ACCOUNT,
    SHEET_KEY_ATTACH(N_("Attach a photo or document to this bill"), "bill", "bill", NULL),
};

static const struct sheet_def bill = {.name = "bill", KEYS_OF(bill_keys)};

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
    SHEET_ROW_FORM(K_ENTER, K_NONE, 1, N_("Write"), N_("Write the selected report to a file")),
};

static const struct sheet_def reports = {.name = "reports", KEYS_OF(reports_keys)};

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
    SHEET_RUNS('p', K_NONE, 2, N_("Policy"), N_("Set a policy of the office"), "policy set",
               NULL, {NULL, NULL}),
    SHEET_RUNS('v', K_NONE, 2, N_("Rule"), N_("Set a rule of validation for a kind of meter"),
               "rule set", NULL, {NULL, NULL}),
    SHEET_RUNS('a', K_NONE, 3, N_("Approvals"),
               N_("Say how many others must approve a command"), "request policy", NULL,
               {NULL, NULL}),
    SHEET_RUNS('w', K_NONE, 4, N_("Witness"), N_("Trust a witness that follows this office"),
               "witness add", NULL, {NULL, NULL}),
    SHEET_RUNS('o', K_NONE, 5, N_("Rotate key"), N_("Replace a key of the office"),
               "key rotate", NULL, {NULL, NULL}),
};

static const struct sheet_def settings = {.name = "settings", KEYS_OF(settings_keys)};

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
    SHEET_OPENS('m', K_NONE, 3, N_("Meters"), N_("Show the list of meters"), NULL, NULL, NULL,
                &screen_meters),
    SHEET_OPENS('b', K_NONE, 4, N_("Bills"), N_("Show the list of bills"), NULL, NULL, NULL,
                &screen_bills),
};

/* ---- losses ---- */

static const struct sheet_def losses = {.name = "losses"};

const struct screen_ops screen_losses = {
    .name = "losses",
    .title = N_("Losses by feeder"),
    .help = N_("What each feeder lost in the last month that was read: what its meter counted, "
               "less what the meters below it did. Red is beyond what the rule \"balance\" "
               "lets pass. Enter opens the feeder, with its losses month by month."),
    .sheet = &losses,
    SHEET_SCREEN,
};

static const struct sheet_def home = {.name = "home", KEYS_OF(home_keys)};

const struct screen_ops screen_home = {
    .name = "home",
    .title = N_("Today"),
    .help =
        N_("What waits for somebody today, how the office stands, and up to which entry its "
           "chain was last verified: the command verify checks it on. Enter opens the "
           "list behind a row."),
    .sheet = &home,
    SHEET_SCREEN,
};
