#include <config.h>

#include <stdlib.h>

#include "base/i18n.h"
#include "ui/list.h"

/* Lists about the office itself, as data. */

/* ---- alerts ---- */

enum {
    ALERTS_ALERT,
    ALERTS_DATE,
    ALERTS_SERIAL,
    ALERTS_PLACE,
    ALERTS_RULE,
    ALERTS_OBSERVED,
    ALERTS_THRESHOLD,
    ALERTS_UNIT,
    ALERTS_READING,
    ALERTS_BILL,
    ALERTS_STATE,
    ALERTS_RESOLUTION,
    ALERTS_COLUMNS
};

static const struct state_word alerts_states[] = {
    {"open", GLYPH_RISE, ATTR_WARN, N_("Open")},
    {"resolved", GLYPH_DOT, ATTR_OK, N_("Resolved")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word alert_rules[] = {
#define RULE(ID, name, scope, severity, hold, limits, title, source)                           \
    {#name, GLYPH_NONE, ATTR_NORMAL, title},
#include "domain/rules.def"
#undef RULE
#define ALERT_TITLE(code, title) {code, GLYPH_NONE, ATTR_NORMAL, title},
#include "app/alert_titles.def"
#undef ALERT_TITLE
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column alerts_columns[] = {
    [ALERTS_ALERT] = {"alert", N_("No."), COLUMN_NUMBER, 6, 9, 1, true, NULL},
    [ALERTS_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [ALERTS_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [ALERTS_PLACE] = {"place", N_("Place"), COLUMN_TEXT, 12, 30, 4, true, NULL},
    [ALERTS_RULE] = {"rule", N_("Rule"), COLUMN_STATE, 18, 36, 1, true, alert_rules},
    [ALERTS_OBSERVED] = {"observed", N_("Observed"), COLUMN_NUMBER, 9, 12, 2, true, NULL},
    [ALERTS_THRESHOLD] = {"threshold", N_("Threshold"), COLUMN_NUMBER, 9, 12, 3, true, NULL},
    [ALERTS_UNIT] = {"unit", N_("Unit"), COLUMN_TEXT, 6, 6, 4, true, NULL},
    [ALERTS_READING] = {"reading", N_("Reading"), COLUMN_NUMBER, 8, 10, 6, true, NULL},
    [ALERTS_BILL] = {"bill", N_("Bill"), COLUMN_NUMBER, 7, 9, 6, true, NULL},
    [ALERTS_STATE] = {"state", N_("State"), COLUMN_STATE, 11, 11, 1, true, alerts_states},
    [ALERTS_RESOLUTION] = {"resolution", N_("Resolution"), COLUMN_STATE, 12, 30, 0, true, NULL},
};

static const struct list_key alerts_keys[] = {
    LIST_RUNS('R', K_NONE, 1, N_("Resolve"), N_("Say how the selected alert was resolved"),
              "alert resolve", {"alert", ALERTS_ALERT}),
    LIST_RUNS('o', K_NONE, 3, N_("Work order"), N_("Open a work order for the selected meter"),
              "work open", {"serial", ALERTS_SERIAL}),
};

static const struct list_def alerts = {
    .name = "alerts",
    .page = &screen_alert,
    .columns = alerts_columns,
    .column_count = ALERTS_COLUMNS,
    .sort_column = ALERTS_ALERT,
    .descending = true,
    .empty = N_("There are no alerts."),
    KEYS_OF(alerts_keys),
};

const struct screen_ops screen_alerts = {
    .name = "alerts",
    .title = N_("Alerts"),
    .help = N_("What the rules found, the newest first. R says how one was resolved, o sends "
               "somebody to look."),
    .list = &alerts,
    LIST_SCREEN,
};

/* ---- limits ---- */

enum { LIMITS_SERIAL, LIMITS_LIMIT, LIMITS_UNIT, LIMITS_FROM, LIMITS_UNTIL, LIMITS_COLUMNS };

static const struct column limits_columns[] = {
    [LIMITS_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 20, 1, true, NULL},
    [LIMITS_LIMIT] = {"limit", N_("Limit"), COLUMN_NUMBER, 10, 14, 1, true, NULL},
    [LIMITS_UNIT] = {"unit", N_("Unit"), COLUMN_TEXT, 6, 6, 1, true, NULL},
    [LIMITS_FROM] = {"from", N_("From"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [LIMITS_UNTIL] = {"until", N_("Until"), COLUMN_DATE, 8, 8, 1, true, NULL},
};

static const struct list_key limits_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Set limit"), N_("Set the consumption limit of a meter"),
              "limit set", {"serial", LIMITS_SERIAL}),
};

static const struct list_def limits = {
    .name = "limits",
    .page = &screen_limit,
    .columns = limits_columns,
    .column_count = LIMITS_COLUMNS,
    .sort_column = LIMITS_SERIAL,
    .descending = false,
    .empty = N_("No limit has been set."),
    KEYS_OF(limits_keys),
};

const struct screen_ops screen_limits = {
    .name = "limits",
    .title = N_("Limits"),
    .help = N_("Consumption limits of meters, with the days they hold. + sets a new one."),
    .list = &limits,
    LIST_SCREEN,
};

/* ---- tariffs ---- */

enum {
    TARIFFS_CODE,
    TARIFFS_VERSION,
    TARIFFS_KIND,
    TARIFFS_CURRENCY,
    TARIFFS_FROM,
    TARIFFS_METERS,
    TARIFFS_HASH,
    TARIFFS_COLUMNS
};

static const struct state_word utility_kinds[] = {
    {"water", GLYPH_NONE, ATTR_NORMAL, N_("water")},
    {"energy", GLYPH_NONE, ATTR_NORMAL, N_("energy")},
    {"gas", GLYPH_NONE, ATTR_NORMAL, N_("gas")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column tariffs_columns[] = {
    [TARIFFS_CODE] = {"code", N_("Code"), COLUMN_TEXT, 12, 24, 1, true, NULL},
    [TARIFFS_VERSION] = {"version", N_("Version"), COLUMN_NUMBER, 7, 8, 1, true, NULL},
    [TARIFFS_KIND] = {"kind", N_("Kind"), COLUMN_STATE, 7, 8, 2, true, utility_kinds},
    [TARIFFS_CURRENCY] = {"currency", N_("Currency"), COLUMN_TEXT, 8, 9, 4, true, NULL},
    [TARIFFS_FROM] = {"from", N_("Valid from"), COLUMN_DATE, 12, 12, 1, true, NULL},
    [TARIFFS_METERS] = {"meters", N_("Meters"), COLUMN_NUMBER, 10, 10, 2, true, NULL},
    [TARIFFS_HASH] = {"hash", N_("SHA-256"), COLUMN_TEXT, 16, 16, 5, true, NULL},
};

static const struct list_key tariffs_keys[] = {
    LIST_OPENS('t', K_NONE, 1, N_("Try"), N_("See what a tariff would cost"), NULL,
               &screen_whatif),
    LIST_RUNS('+', K_NONE, 3, N_("Publish"), N_("Publish a tariff from its file"),
              "tariff publish", {NULL, 0}),
};

static const struct list_def tariffs = {
    .name = "tariffs",
    .page = &screen_tariff,
    .columns = tariffs_columns,
    .column_count = TARIFFS_COLUMNS,
    .sort_column = TARIFFS_CODE,
    .descending = false,
    .empty = N_("No tariff has been published. Press : and choose \"tariff publish\"."),
    KEYS_OF(tariffs_keys),
};

const struct screen_ops screen_tariffs = {
    .name = "tariffs",
    .title = N_("Tariffs"),
    .help = N_("Tariffs and their versions. A version that was used is never changed: a newer "
               "one replaces it from its day."),
    .list = &tariffs,
    LIST_SCREEN,
};

/* ---- history ---- */

enum {
    HISTORY_ENTRY,
    HISTORY_TIME,
    HISTORY_DATE,
    HISTORY_KIND,
    HISTORY_USER,
    HISTORY_SERIAL,
    HISTORY_ACCOUNT,
    HISTORY_COLUMNS
};

static const struct state_word history_kinds[] = {
#define KIND_WORD(kind, words) {kind, GLYPH_NONE, ATTR_NORMAL, words},
#include "app/kind_words.def"
#undef KIND_WORD
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column history_columns[] = {
    [HISTORY_ENTRY] = {"entry", N_("Entry"), COLUMN_NUMBER, 8, 10, 1, true, NULL},
    [HISTORY_TIME] = {"time", N_("Time"), COLUMN_DATE, 14, 14, 1, true, NULL},
    [HISTORY_DATE] = {"date", N_("Business date"), COLUMN_DATE, 14, 14, 4, true, NULL},
    [HISTORY_KIND] = {"kind", N_("What"), COLUMN_STATE, 22, 28, 1, true, history_kinds},
    [HISTORY_USER] = {"user", N_("User"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [HISTORY_SERIAL] = {"serial", N_("Meter"), COLUMN_TEXT, 8, 18, 2, true, NULL},
    [HISTORY_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 14, 3, true, NULL},
};

static const struct list_key history_keys[] = {
    LIST_OPENS(K_ENTER, K_NONE, 1, N_("Entry"),
               N_("Show the signed entry behind the selected row"), NULL, &screen_entry),
};

static const struct list_def history = {
    .name = "history",
    .columns = history_columns,
    .column_count = HISTORY_COLUMNS,
    .sort_column = HISTORY_ENTRY,
    .descending = true,
    .empty = N_("Nothing has been recorded yet."),
    KEYS_OF(history_keys),
};

const struct screen_ops screen_history = {
    .name = "history",
    .title = N_("History"),
    .help = N_("Who did what, the newest first. Filter by any column, as in user=ana "
               "kind=reading. Enter shows the signed entry behind a row."),
    .list = &history,
    LIST_SCREEN,
};
