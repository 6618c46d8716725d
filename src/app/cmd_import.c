/* Commands of mappings and imports. */
#include <config.h>

#include <stdio.h>

#include "app/charges.h"
#include "app/cmd.h"
#include "app/files.h"
#include "app/import_discard.h"
#include "app/import_job.h"
#include "app/mapping.h"
#include "app/words.h"
#include "base/i18n.h"

/* A layout of files that go out is saved under a name as mappings are. */
static bool spec_is_layout(struct command_ctx *c, const struct buf *text)
{
    struct json *doc = NULL;
    struct err ignored = ERR_INIT;
    return json_parse(buf_str(text), text->len, &json_limits_entry, c->arena, &doc, &ignored) ==
               ERR_OK &&
           charge_layout_is(doc);
}

static enum err_code layout_parse(struct command_ctx *c, const struct buf *text,
                                  struct json **spec, struct err *e)
{
    struct charge_layout *layout = arena_alloc(c->arena, sizeof *layout);
    if (layout == NULL) {
        return err_nomem(e);
    }
    TRY(json_parse(buf_str(text), text->len, &json_limits_entry, c->arena, spec, e));
    return charge_layout_from_json(*spec, c->arena, layout, e);
}

static enum err_code build_mapping_save(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "name");
    const char *path = arg_text(c, "file");
    struct mapping m;
    struct json *spec = NULL;
    struct buf text;
    const char *kind = "";
    if (!mapping_name_fits(name)) {
        return err_set(e, ERR_USAGE,
                       _("the name of a mapping has 1 to %d of A-Z a-z 0-9 . _ - ; \"%s\" does "
                         "not"),
                       MAPPING_NAME_MAX, name);
    }
    buf_init(&text, MAPPING_BYTES_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK && spec_is_layout(c, &text)) {
        code = layout_parse(c, &text, &spec, e);
        kind = "charges";
        code = code == ERR_OK ? ERR_OK : err_wrap(e, "%s", path);
    } else if (code == ERR_OK) {
        code = mapping_parse(buf_str(&text), text.len, c->arena, &m, &spec, e);
        kind = code == ERR_OK ? mapping_kind_name(m.kind) : "";
        if (code != ERR_OK) {
            (void)err_wrap(e, "%s", path);
        }
    }
    buf_release(&text);
    TRY(code);
    TRY(draft_begin(c, d, "mapping.saved", e));
    TRY(data_text(c, d->data, "name", name, e));
    TRY(data_set(c, d->data, "spec", spec, e));
    (void)snprintf(c->message, sizeof c->message, _("mapping %s saved, for files of %s"), name,
                   code_said(kind));
    return ERR_OK;
}

static const struct param mapping_save_params[] = {
    {"name", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("what later imports call the mapping"), NULL, NULL},
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the mapping, a JSON file"),
     NULL, NULL},
    PARAM_END};
const struct command cmd_mapping_save = {
    "mapping save",
    N_("save how a file of readings or meters is to be read"),
    0,
    mapping_save_params,
    build_mapping_save,
    NULL};

#define PARAMS_OF_ALL                                                                          \
    {"file",                                                                                   \
     PARAM_FILE,                                                                               \
     PARAM_REQUIRED | PARAM_POSITIONAL,                                                        \
     N_("the file: CSV, plain or gzip, or an xlsx workbook"),                                  \
     NULL,                                                                                     \
     NULL},                                                                                    \
        {"mapping",      PARAM_TEXT,                                                           \
         PARAM_REQUIRED, N_("name of the mapping that says how to read it"),                   \
         NULL,           NULL},                                                                \
        {"preview", PARAM_INT,                                                                 \
         0,         N_("show so many rows as they would be read, and write nothing"),          \
         NULL,      NULL},                                                                     \
    {                                                                                          \
        "dry-run", PARAM_FLAG, 0,                                                              \
            N_("count what would become of each row, with the faults, and write nothing"),     \
            NULL, NULL                                                                         \
    }

static const struct param import_readings_params[] = {
    PARAMS_OF_ALL,
    {"report", PARAM_TEXT, 0,
     N_("write each held and refused row with its reason to this CSV file"), NULL, NULL},
    {"as-of", PARAM_TIME, 0,
     N_("judge the age of readings as if they were imported at this time"), NULL, NULL},
    {"exchanges", PARAM_FLAG, 0,
     N_("take falling steps that look like an exchange of the meter as one"), NULL, NULL},
    PARAM_END};
static const struct param import_lines_params[] = {
    PARAMS_OF_ALL,
    {"report", PARAM_TEXT, 0, N_("write each refused row with its reason to this CSV file"),
     NULL, NULL},
    PARAM_END};

#define IMPORT(ident, name, summary, params)                                                   \
    const struct command cmd_##ident = {name,   summary, CMD_BULK | CMD_WINDOW,                \
                                        params, NULL,    run_import}
IMPORT(import_readings, "import readings", N_("import meter readings from a file"),
       import_readings_params);
IMPORT(import_meters, "import meters", N_("import meters, accounts and customers from a file"),
       import_lines_params);
IMPORT(import_customers, "import customers",
       N_("import customers from a file, with their numbers in the earlier system"),
       import_lines_params);
IMPORT(import_accounts, "import accounts",
       N_("import accounts of imported customers from a file, with their old numbers"),
       import_lines_params);
IMPORT(import_assignments, "import assignments",
       N_("import from a file which account pays for which meter from when on"),
       import_lines_params);
IMPORT(import_balances, "import balances",
       N_("import from a file what accounts owe from the earlier system"), import_lines_params);
IMPORT(import_bills, "import bills",
       N_("import bills of the earlier system from a file, as documents of history"),
       import_lines_params);

IMPORT(import_visits, "import visits",
       N_("import from a route's file why meters were not read, and what readers noted"),
       import_lines_params);

IMPORT(import_factors, "import factors",
       N_("import volume and calorific factors of gas, as they were published"),
       import_lines_params);

static const struct param import_discard_params[] = {
    {"run", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the import"), NULL,
     NULL},
    {"reason", PARAM_TEXT, 0, N_("why; it stands in the history"), NULL, NULL},
    PARAM_END};
const struct command cmd_import_discard = {
    "import discard",       N_("take an import back as a whole"),
    CMD_CONFIRM | CMD_BULK, import_discard_params,
    build_import_discard,   run_import_discard};
