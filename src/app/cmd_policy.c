#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/files.h"
#include "app/own.h"
#include "app/policy.h"
#include "base/i18n.h"

#define POLICY_BYTES_MAX 32768

void bank_policy_check(const struct jnode *root)
{
    static const char *const names[] = {"accounts", NULL};
    struct jnode list;
    jread_only(root, names, NULL);
    if (!jread_array(root, "accounts", true, 1, OWN_ACCOUNTS_MAX, &list)) {
        return;
    }
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        const struct json *v = list.value->u.array.items[i];
        struct jnode item = jnode_item(&list, i);
        if (v->type != JSON_STRING || v->u.string.len == 0 || v->u.string.len > 35) {
            (void)jfault(&item, NULL,
                         _("it must be the number of a bank account, as the bank writes it"));
        }
    }
}

#define PRINTER_BYTES_MAX 200
#define PRINTER_COLUMNS_MIN 24
#define PRINTER_COLUMNS_MAX 64

void printer_policy_check(const struct jnode *root)
{
    static const char *const names[] = {"to", "columns", NULL};
    const char *to = NULL;
    int64_t columns = 0;
    jread_only(root, names, NULL);
    if (jread_text(root, "to", true, PRINTER_BYTES_MAX, &to) && to[0] == '\0') {
        (void)jfault(root, "to", _("it names a queue, or a device by its path"));
    }
    (void)jread_int(root, "columns", false, PRINTER_COLUMNS_MIN, PRINTER_COLUMNS_MAX, &columns);
}

const struct policy_def policies[] = {
    {"bank", bank_policy_check},       {"biller", biller_policy_check},
    {"brand", brand_policy_check},     {"collection", collection_policy_check},
    {"dispute", dispute_policy_check}, {"kiosk", kiosk_policy_check},
    {"late_fee", late_fee_check},      {"printer", printer_policy_check},
};
const size_t policy_count = sizeof policies / sizeof policies[0];

static const struct policy_def *policy_find(const char *name)
{
    for (size_t i = 0; i < policy_count; i++) {
        if (strcmp(policies[i].name, name) == 0) {
            return &policies[i];
        }
    }
    return NULL;
}

enum err_code policy_load(struct office *o, const char *name, struct arena *arena,
                          const struct json **spec, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    struct json *doc = NULL;
    TRY(db_query(o->db, &q, e, "SELECT spec FROM policy WHERE name = ?", VALS(V_TEXT(name))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        const char *text = stmt_text(q, 0);
        code = json_parse(text, strlen(text), &json_limits_default, arena, &doc, e);
    }
    stmt_done(q);
    *spec = doc;
    return code;
}

enum err_code policy_each(struct office *o, const char *name, int64_t max, struct arena *arena,
                          policy_set_fn take, void *ctx, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT h.seq, json_extract(CAST(e.payload AS TEXT), '$.data.spec') FROM history h "
        "JOIN entry e ON e.seq = h.seq WHERE h.kind = 'policy.set' AND "
        "json_extract(CAST(e.payload AS TEXT), '$.data.policy') = ? "
        "ORDER BY h.seq DESC LIMIT ?",
        VALS(V_TEXT(name), V_INT(max))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct json *spec = NULL;
        const char *text = stmt_text(q, 1);
        code = json_parse(text, strlen(text), &json_limits_default, arena, &spec, e);
        if (code == ERR_OK) {
            code = take(ctx, stmt_int(q, 0), spec, e);
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code spec_read(struct command_ctx *c, const struct policy_def *def,
                               const char *path, struct json **spec, struct err *e)
{
    struct buf text;
    struct faults faults = {0};
    buf_init(&text, POLICY_BYTES_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = json_parse(buf_str(&text), text.len, &json_limits_entry, c->arena, spec, e);
    }
    if (code == ERR_OK) {
        struct jnode root = jnode_root(*spec, c->arena, &faults);
        if (jread_object(&root)) {
            def->check(&root);
        }
    }
    buf_release(&text);
    if (code != ERR_OK) {
        return err_wrap(e, "%s", path);
    }
    return faults.count == 0 ? ERR_OK
                             : err_set(e, ERR_PARSE, "%s: %s: %s", path, faults.item[0].path,
                                       faults.item[0].text);
}

static enum err_code build_policy(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "policy");
    const struct policy_def *def = policy_find(name);
    struct json *spec = NULL;
    if (def == NULL) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no policy \"%s\"; they are in "
                         "docs/payments.md"),
                       name);
    }
    TRY(spec_read(c, def, arg_text(c, "file"), &spec, e));
    TRY(draft_begin(c, d, "policy.set", e));
    TRY(data_text(c, d->data, "policy", name, e));
    (void)snprintf(c->message, sizeof c->message, _("policy %s set"), name);
    return data_set(c, d->data, "spec", spec, e);
}

static const struct param policy_params[] = {
    {"policy", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("name of the policy"), NULL,
     NULL},
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the policy, a JSON file"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_policy_set = {
    "policy set", N_("set a rule of the office that is data"),
    CMD_CONFIRM,  policy_params,
    build_policy, NULL};
