#include <config.h>

#include "base/i18n.h"
#include "ui/list.h"

/* Lists of what gas is billed by, as data. */

/* ---- factors ---- */

enum {
    FACTORS_FACTOR,
    FACTORS_KIND,
    FACTORS_VALUE,
    FACTORS_SERIAL,
    FACTORS_ZONE,
    FACTORS_FROM,
    FACTORS_UNTIL,
    FACTORS_BILLS,
    FACTORS_SOURCE,
    FACTORS_CONDITIONS,
    FACTORS_IMPORT,
    FACTORS_COLUMNS
};

static const struct state_word factor_kinds[] = {
    {"volume", GLYPH_NONE, ATTR_NORMAL, N_("volume")},
    {"calorific", GLYPH_NONE, ATTR_NORMAL, N_("calorific")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column factors_columns[] = {
    [FACTORS_FACTOR] = {"factor", N_("No."), COLUMN_NUMBER, 5, 8, 1, true, NULL},
    [FACTORS_KIND] = {"kind", N_("Kind"), COLUMN_STATE, 10, 11, 1, true, factor_kinds},
    [FACTORS_VALUE] = {"value", N_("Value"), COLUMN_TEXT, 8, 12, 1, true, NULL},
    [FACTORS_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [FACTORS_ZONE] = {"zone", N_("Zone"), COLUMN_TEXT, 6, 16, 1, true, NULL},
    [FACTORS_FROM] = {"from", N_("From"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [FACTORS_UNTIL] = {"until", N_("Until"), COLUMN_DATE, 8, 8, 2, true, NULL},
    [FACTORS_BILLS] = {"bills", N_("Bills"), COLUMN_NUMBER, 8, 8, 4, true, NULL},
    [FACTORS_SOURCE] = {"source", N_("Source"), COLUMN_TEXT, 10, 30, 3, true, NULL},
    [FACTORS_CONDITIONS] = {"conditions", N_("Conditions"), COLUMN_TEXT, 10, 30, 0, true, NULL},
    [FACTORS_IMPORT] = {"import", N_("Import"), COLUMN_NUMBER, 6, 8, 0, true, NULL},
};

static const struct list_key factors_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("New factor"),
              N_("Record a factor of gas; a later one for the same days supersedes it"),
              "gas factor", {NULL, 0}),
};

static const struct list_def factors = {
    .name = "factors",
    .page = &screen_factor,
    .columns = factors_columns,
    .column_count = FACTORS_COLUMNS,
    .sort_column = FACTORS_FROM,
    .descending = true,
    .empty = N_("No factor of gas has been recorded."),
    KEYS_OF(factors_keys),
};

const struct screen_ops screen_factors = {
    .name = "factors",
    .title = N_("Factors of gas"),
    .help = N_("Volume and calorific factors of gas, with the days they hold and the bills "
               "that were made with them. + records one."),
    .list = &factors,
    LIST_SCREEN,
};

/* ---- zones ---- */

enum { ZONES_ZONE, ZONES_SERIAL, ZONES_ROUTE, ZONES_FROM, ZONES_COLUMNS };

static const struct column zones_columns[] = {
    [ZONES_ZONE] = {"zone", N_("Zone"), COLUMN_TEXT, 8, 24, 1, true, NULL},
    [ZONES_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 20, 1, true, NULL},
    [ZONES_ROUTE] = {"route", N_("Route"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [ZONES_FROM] = {"from", N_("From"), COLUMN_DATE, 8, 8, 1, true, NULL},
};

static const struct list_key zones_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Set zone"),
              N_("Say whose factors of gas a meter or the meters of a route have"), "gas zone",
              {"zone", ZONES_ZONE}),
};

static const struct list_def zones = {
    .name = "zones",
    .page = &screen_zone,
    .columns = zones_columns,
    .column_count = ZONES_COLUMNS,
    .sort_column = ZONES_ZONE,
    .descending = false,
    .empty = N_("No meter is in a zone of gas."),
    KEYS_OF(zones_keys),
};

const struct screen_ops screen_zones = {
    .name = "zones",
    .title = N_("Zones of gas"),
    .help = N_("Whose factors of gas meters have, by meter or by route. + says it of another "
               "one."),
    .list = &zones,
    LIST_SCREEN,
};
