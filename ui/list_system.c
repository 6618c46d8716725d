#include <config.h>

#include <stdlib.h>

#include "base/i18n.h"
#include "ui/list.h"

/* Lists about who and what works in the office, as data. */

/* ---- devices ---- */

enum {
    DEVICES_DEVICE,
    DEVICES_SERIAL,
    DEVICES_OBIS,
    DEVICES_CURVE,
    DEVICES_LAST,
    DEVICES_NONCE,
    DEVICES_KEY,
    DEVICES_STATE,
    DEVICES_COLUMNS
};

static const struct state_word devices_states[] = {
    {"valid", GLYPH_DOT, ATTR_OK, N_("Valid")},
    {"revoked", GLYPH_CROSS, ATTR_BAD, N_("Revoked")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column devices_columns[] = {
    [DEVICES_DEVICE] = {"device", N_("Device"), COLUMN_TEXT, 11, 24, 1, true, NULL},
    [DEVICES_SERIAL] = {"serial", N_("Meter"), COLUMN_TEXT, 8, 18, 1, true, NULL},
    [DEVICES_OBIS] = {"obis", N_("Register"), COLUMN_TEXT, 9, 12, 4, true, NULL},
    [DEVICES_CURVE] = {"curve", N_("Curve"), COLUMN_TEXT, 9, 12, 5, true, NULL},
    [DEVICES_LAST] = {"last", N_("Last"), COLUMN_DATE, 14, 14, 2, true, NULL},
    [DEVICES_NONCE] = {"nonce", N_("Newest"), COLUMN_NUMBER, 10, 10, 3, true, NULL},
    [DEVICES_KEY] = {"key", N_("Key"), COLUMN_TEXT, 16, 16, 6, true, NULL},
    [DEVICES_STATE] = {"state", N_("State"), COLUMN_STATE, 10, 10, 1, true, devices_states},
};

static const struct list_key devices_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Register"), N_("Register a device with its key"),
              "device add", {NULL, 0}),
    LIST_RUNS('o', K_NONE, 2, N_("Rotate key"), N_("Give the selected device another key"),
              "device rotate", {"name", DEVICES_DEVICE}),
    LIST_RUNS('x', K_NONE, 3, N_("Revoke"), N_("Revoke the selected device's key"),
              "device revoke", {"name", DEVICES_DEVICE}),
    LIST_RUNS('m', K_NONE, 4, N_("Move"),
              N_("Say which meter the selected device measures now"), "device place",
              {"name", DEVICES_DEVICE}),
};

static const struct list_def devices = {
    .name = "devices",
    .page = &screen_device,
    .columns = devices_columns,
    .column_count = DEVICES_COLUMNS,
    .sort_column = DEVICES_DEVICE,
    .descending = false,
    .empty = N_("No device has been registered."),
    KEYS_OF(devices_keys),
};

const struct screen_ops screen_devices = {
    .name = "devices",
    .title = N_("Devices"),
    .help =
        N_("Meters that sign what they send, with their keys and the newest packet of each."),
    .list = &devices,
    LIST_SCREEN,
};

/* ---- users ---- */

enum { USERS_LOGIN, USERS_NAME, USERS_ROLES, USERS_STATE, USERS_KEY, USERS_COLUMNS };

static const struct state_word users_states[] = {
    {"active", GLYPH_DOT, ATTR_OK, N_("Active")},
    {"disabled", GLYPH_CROSS, ATTR_DIM, N_("Disabled")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column users_columns[] = {
    [USERS_LOGIN] = {"login", N_("Login"), COLUMN_TEXT, 10, 16, 1, true, NULL},
    [USERS_NAME] = {"name", N_("Name"), COLUMN_TEXT, 16, 32, 1, true, NULL},
    [USERS_ROLES] = {"roles", N_("Roles"), COLUMN_STATE, 14, 34, 1, true, NULL},
    [USERS_STATE] = {"state", N_("State"), COLUMN_STATE, 10, 11, 2, true, users_states},
    [USERS_KEY] = {"key", N_("Key"), COLUMN_TEXT, 16, 16, 4, true, NULL},
};

static const struct list_key users_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("New user"), N_("Add a user"), "user add", {NULL, 0}),
    LIST_RUNS('o', K_NONE, 2, N_("Roles"), N_("Change the roles of the selected user"),
              "user roles", {"login", USERS_LOGIN}),
    LIST_RUNS('x', K_NONE, 3, N_("Disable"), N_("Shut the selected user out"), "user disable",
              {"login", USERS_LOGIN}),
    LIST_RUNS('w', K_NONE, 4, N_("Recover"), N_("Give a new password to who forgot it"),
              "user recover", {"login", USERS_LOGIN}),
};

static const struct list_def users = {
    .name = "users",
    .page = &screen_user,
    .columns = users_columns,
    .column_count = USERS_COLUMNS,
    .sort_column = USERS_LOGIN,
    .descending = false,
    .empty = N_("There is nobody."),
    KEYS_OF(users_keys),
};

const struct screen_ops screen_users = {
    .name = "users",
    .title = N_("Users and roles"),
    .help = N_(
        "Who works here and as what. Roles decide which screens and commands each person has."),
    .list = &users,
    LIST_SCREEN,
};

/* ---- requests ---- */

enum {
    REQUESTS_REQUEST,
    REQUESTS_COMMAND,
    REQUESTS_ARGUMENTS,
    REQUESTS_REQUESTER,
    REQUESTS_NEEDED,
    REQUESTS_APPROVALS,
    REQUESTS_STATE,
    REQUESTS_ENTRY,
    REQUESTS_COLUMNS
};

static const struct state_word requests_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Open")},
    {"approved", GLYPH_RISE, ATTR_WARN, N_("Approved")},
    {"done", GLYPH_DOT, ATTR_OK, N_("Done")},
    {"rejected", GLYPH_CROSS, ATTR_DIM, N_("Rejected")},
    {"withdrawn", GLYPH_CROSS, ATTR_DIM, N_("Withdrawn")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column requests_columns[] = {
    [REQUESTS_REQUEST] = {"request", N_("No."), COLUMN_NUMBER, 5, 8, 1, true, NULL},
    [REQUESTS_COMMAND] = {"command", N_("Command"), COLUMN_TEXT, 12, 20, 1, true, NULL},
    [REQUESTS_ARGUMENTS] = {"arguments", N_("Arguments"), COLUMN_TEXT, 16, 50, 2, true, NULL},
    [REQUESTS_REQUESTER] = {"requester", N_("Asked by"), COLUMN_TEXT, 10, 16, 1, true, NULL},
    [REQUESTS_NEEDED] = {"needed", N_("Needed"), COLUMN_NUMBER, 11, 11, 3, true, NULL},
    [REQUESTS_APPROVALS] = {"approvals", N_("Approvals"), COLUMN_NUMBER, 12, 12, 1, true, NULL},
    [REQUESTS_STATE] = {"state", N_("State"), COLUMN_STATE, 11, 11, 1, true, requests_states},
    [REQUESTS_ENTRY] = {"entry", N_("Entry"), COLUMN_NUMBER, 7, 9, 5, true, NULL},
};

static const struct list_key requests_keys[] = {
    LIST_RUNS('a', K_NONE, 1, N_("Approve"), N_("Approve the selected request"),
              "request approve", {"request", REQUESTS_REQUEST}),
    LIST_RUNS('x', K_NONE, 2, N_("Reject"), N_("Reject the selected request"), "request reject",
              {"request", REQUESTS_REQUEST}),
    LIST_RUNS('d', K_NONE, 3, N_("Carry out"), N_("Do what was approved"), "request run",
              {"request", REQUESTS_REQUEST}),
    LIST_RUNS('w', K_NONE, 4, N_("Withdraw"), N_("Withdraw a request of your own"),
              "request withdraw", {"request", REQUESTS_REQUEST}),
};

static const struct list_def requests = {
    .name = "requests",
    .page = &screen_request,
    .columns = requests_columns,
    .column_count = REQUESTS_COLUMNS,
    .sort_column = REQUESTS_REQUEST,
    .descending = true,
    .empty = N_("There are no requests."),
    KEYS_OF(requests_keys),
};

const struct screen_ops screen_requests = {
    .name = "requests",
    .title = N_("Requests"),
    .help = N_("Acts that others must approve. Nobody approves what she asked for herself."),
    .list = &requests,
    LIST_SCREEN,
};

/* ---- imports ---- */

enum {
    IMPORTS_RUN,
    IMPORTS_KIND,
    IMPORTS_FILE,
    IMPORTS_MAPPING,
    IMPORTS_DATE,
    IMPORTS_STORED,
    IMPORTS_USER,
    IMPORTS_STATE,
    IMPORTS_COLUMNS
};

/* Of files (src/app/mapping_kinds.def). */
static const struct state_word imports_kinds[] = {
    {"readings", GLYPH_NONE, ATTR_NORMAL, N_("Readings")},
    {"meters", GLYPH_NONE, ATTR_NORMAL, N_("Meters")},
    {"payments", GLYPH_NONE, ATTR_NORMAL, N_("Payments")},
    {"customers", GLYPH_NONE, ATTR_NORMAL, N_("Customers")},
    {"accounts", GLYPH_NONE, ATTR_NORMAL, N_("Accounts")},
    {"assignments", GLYPH_NONE, ATTR_NORMAL, N_("Assignments")},
    {"balances", GLYPH_NONE, ATTR_NORMAL, N_("Balances")},
    {"bills", GLYPH_NONE, ATTR_NORMAL, N_("Bills")},
    {"visits", GLYPH_NONE, ATTR_NORMAL, N_("Visits")},
    {"factors", GLYPH_NONE, ATTR_NORMAL, N_("Factors")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct state_word imports_states[] = {
    {"open", GLYPH_CIRCLE, ATTR_NOTE, N_("Under way")},
    {"closed", GLYPH_DOT, ATTR_OK, N_("Finished")},
    {"discarded", GLYPH_CROSS, ATTR_DIM, N_("Discarded")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column imports_columns[] = {
    [IMPORTS_RUN] = {"run", N_("No."), COLUMN_NUMBER, 5, 7, 1, true, NULL},
    [IMPORTS_KIND] = {"kind", N_("Kind"), COLUMN_STATE, 12, 13, 1, true, imports_kinds},
    [IMPORTS_FILE] = {"file", N_("File"), COLUMN_TEXT, 18, 44, 1, true, NULL},
    [IMPORTS_MAPPING] = {"mapping", N_("Mapping"), COLUMN_TEXT, 10, 20, 4, true, NULL},
    [IMPORTS_DATE] = {"date", N_("Date"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [IMPORTS_STORED] = {"stored", N_("Stored"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [IMPORTS_USER] = {"user", N_("User"), COLUMN_TEXT, 8, 14, 3, true, NULL},
    [IMPORTS_STATE] = {"state", N_("State"), COLUMN_STATE, 12, 12, 2, true, imports_states},
};

static const struct list_key imports_keys[] = {
    LIST_RUNS('i', K_NONE, 1, N_("Readings"), N_("Import a file of readings"),
              "import readings", {NULL, 0}),
    LIST_RUNS('m', K_NONE, 2, N_("Meters"), N_("Import a file of meters"), "import meters",
              {NULL, 0}),
    LIST_RUNS('x', K_NONE, 3, N_("Discard"), N_("Take a whole import back"), "import discard",
              {"run", -1}),
};

static const struct list_def imports = {
    .name = "imports",
    .page = &screen_import,
    .columns = imports_columns,
    .column_count = IMPORTS_COLUMNS,
    .sort_column = IMPORTS_RUN,
    .descending = true,
    .empty = N_("Nothing has been imported yet. Press : and choose \"import readings\"."),
    KEYS_OF(imports_keys),
};

const struct screen_ops screen_imports = {
    .name = "imports",
    .title = N_("Imports"),
    .help = N_(
        "Files that were read in, with what was stored of each. x takes a whole import back."),
    .list = &imports,
    LIST_SCREEN,
};

/* ---- checkpoints ---- */

enum { CHECKPOINTS_NUMBER, CHECKPOINTS_SIZE, CHECKPOINTS_WITNESSES, CHECKPOINTS_COLUMNS };

static const struct column checkpoints_columns[] = {
    [CHECKPOINTS_NUMBER] = {"number", N_("No."), COLUMN_NUMBER, 6, 9, 1, true, NULL},
    [CHECKPOINTS_SIZE] = {"size", N_("Entries"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [CHECKPOINTS_WITNESSES] = {"witnesses", N_("Witnesses"), COLUMN_NUMBER, 9, 10, 1, true,
                               NULL},
};

static const struct list_key checkpoints_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Sign"), N_("Sign a checkpoint now"), "checkpoint sign",
              {NULL, 0}),
};

static const struct list_def checkpoints = {
    .name = "checkpoints",
    .page = &screen_checkpoint,
    .columns = checkpoints_columns,
    .column_count = CHECKPOINTS_COLUMNS,
    .sort_column = CHECKPOINTS_NUMBER,
    .descending = true,
    .empty = N_("No checkpoint has been signed yet."),
    KEYS_OF(checkpoints_keys),
};

const struct screen_ops screen_checkpoints = {
    .name = "checkpoints",
    .title = N_("Checkpoints"),
    .help = N_(
        "What the office signed for outsiders: the size of the log and who else cosigned it."),
    .list = &checkpoints,
    LIST_SCREEN,
};

/* ---- segments ---- */

enum {
    SEGMENTS_SEGMENT,
    SEGMENTS_FIRST,
    SEGMENTS_LAST,
    SEGMENTS_PACKETS,
    SEGMENTS_BYTES,
    SEGMENTS_SEALED,
    SEGMENTS_DROPPED,
    SEGMENTS_RESTORED,
    SEGMENTS_STATE,
    SEGMENTS_FILE,
    SEGMENTS_SHA256,
    SEGMENTS_COLUMNS
};

static const struct state_word segments_states[] = {
    {"here", GLYPH_DOT, ATTR_OK, N_("In database")},
    {"file", GLYPH_CIRCLE, ATTR_NOTE, N_("In its file")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column segments_columns[] = {
    [SEGMENTS_SEGMENT] = {"segment", N_("No."), COLUMN_NUMBER, 5, 7, 1, true, NULL},
    [SEGMENTS_FIRST] = {"first", N_("Window"), COLUMN_NUMBER, 7, 9, 1, true, NULL},
    [SEGMENTS_LAST] = {"last", N_("to"), COLUMN_NUMBER, 6, 9, 1, true, NULL},
    [SEGMENTS_PACKETS] = {"packets", N_("Packets"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [SEGMENTS_BYTES] = {"bytes", N_("Bytes"), COLUMN_NUMBER, 11, 14, 5, true, NULL},
    [SEGMENTS_SEALED] = {"sealed", N_("Sealed"), COLUMN_DATE, 8, 8, 1, true, NULL},
    [SEGMENTS_DROPPED] = {"dropped", N_("Dropped"), COLUMN_DATE, 8, 10, 3, true, NULL},
    [SEGMENTS_RESTORED] = {"restored", N_("Restored"), COLUMN_DATE, 10, 10, 4, true, NULL},
    [SEGMENTS_STATE] = {"state", N_("Packets are"), COLUMN_STATE, 18, 18, 1, true,
                        segments_states},
    [SEGMENTS_FILE] = {"file", N_("File"), COLUMN_TEXT, 20, 46, 6, true, NULL},
    [SEGMENTS_SHA256] = {"sha256", N_("SHA-256"), COLUMN_TEXT, 16, 64, 0, false, NULL},
};

static const struct list_key segments_keys[] = {
    LIST_RUNS('+', K_NONE, 1, N_("Seal"),
              N_("Write old windows of packets into a file of their own"), "segment seal",
              {NULL, 0}),
    LIST_RUNS('x', K_NONE, 2, N_("Drop"),
              N_("Take the packets of the selected segment out of the database"),
              "segment drop", {"segment", SEGMENTS_SEGMENT}),
    LIST_RUNS('R', K_NONE, 2, N_("Restore"),
              N_("Put the packets of the selected segment back into the database"),
              "segment restore", {"segment", SEGMENTS_SEGMENT}),
};

static const struct list_def segments = {
    .name = "segments",
    .page = &screen_segment,
    .columns = segments_columns,
    .column_count = SEGMENTS_COLUMNS,
    .sort_column = SEGMENTS_SEGMENT,
    .descending = true,
    .empty = N_("No packets have been sealed into a segment yet."),
    KEYS_OF(segments_keys),
};

const struct screen_ops screen_segments = {
    .name = "segments",
    .title = N_("Segments of packets"),
    .help = N_("Old windows of packets in files of their own, folder segments of the office. "
               "Once a file is kept safe, its packets may leave the database; x drops them, R "
               "takes them back."),
    .list = &segments,
    LIST_SCREEN,
};
