/* Field papers: a command for each template; see field_paper.h. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/field_paper.h"
#include "app/lookup.h"
#include "base/i18n.h"

#define PAPER_PREFIX "paper "

/* What every paper may name beside its own fields. */
static bool is_common(const char *name)
{
    static const char *const names[] = {"serial", "account", "work", "signer", "due"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_param(const struct command *command, const char *name)
{
    size_t i = 0;
    while (command->params[i].name != NULL && strcmp(command->params[i].name, name) != 0) {
        i++;
    }
    return command->params[i].name != NULL;
}

/* What the paper is about, 0 where it is not named. */
struct subject {
    int64_t meter, account, work;
};

static enum err_code meter_take(struct command_ctx *c, struct subject *s, struct err *e)
{
    struct meter_row m;
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    s->meter = m.id;
    /* Whose meter it was last: a removed one is still somebody's business. */
    return db_get_int(c->office->db, &s->account, NULL, e,
                      "SELECT account FROM assignment WHERE meter = ? ORDER BY start_date "
                      "DESC, id DESC LIMIT 1",
                      VALS(V_INT(m.id)));
}

static enum err_code work_take(struct command_ctx *c, struct subject *s, struct err *e)
{
    int64_t meter = 0;
    bool found = false;
    s->work = arg_get(c, "work")->integer;
    TRY(db_get_int(c->office->db, &meter, &found, e,
                   "SELECT coalesce(meter, 0) FROM work_order WHERE id = ?",
                   VALS(V_INT(s->work))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no work order %" PRId64 "; see: aforo list work"), s->work);
    }
    return meter == 0 || s->meter == 0 || meter == s->meter
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("work order %" PRId64 " is about another meter"),
                         s->work);
}

static enum err_code subject_take(struct command_ctx *c, struct subject *s, struct err *e)
{
    struct account_row a;
    if (has_param(c->command, "serial")) {
        TRY(meter_take(c, s, e));
    } else {
        TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
        s->account = a.id;
    }
    return has_param(c->command, "work") && arg_get(c, "work")->given ? work_take(c, s, e)
                                                                      : ERR_OK;
}

/* A reading that the meter signed itself, as its signature on the paper. */
static enum err_code reading_check(struct command_ctx *c, const struct subject *s,
                                   struct err *e)
{
    int64_t one = 0;
    bool found = false;
    if (!has_param(c->command, "reading") || !arg_get(c, "reading")->given) {
        return ERR_OK;
    }
    int64_t reading = arg_get(c, "reading")->integer;
    TRY(db_get_int(c->office->db, &one, &found, e,
                   "SELECT 1 FROM reading x JOIN register r ON r.id = x.register WHERE x.id = "
                   "? AND r.meter = ? AND x.source = 'automatic'",
                   VALS(V_INT(reading), V_INT(s->meter))));
    return found ? ERR_OK
                 : err_set(e, ERR_NOT_FOUND,
                           _("reading %" PRId64 " is none that meter %s signed itself; see: "
                             "aforo list readings --serial %s"),
                           reading, arg_text(c, "serial"), arg_text(c, "serial"));
}

/* A meter that errs by more than is allowed is not fit, whoever says so. */
static enum err_code verdict_check(struct command_ctx *c, struct err *e)
{
    static const char *const names[] = {"error-low", "error-nominal", "error-high"};
    struct decimal limit = {0, 0};
    const char *text = has_param(c->command, "limit") ? arg_text(c, "limit") : NULL;
    if (text == NULL) {
        return ERR_OK;
    }
    TRY(decimal_parse(text, strlen(text), &limit, e));
    if (limit.mantissa < 0) {
        return err_set(e, ERR_USAGE, _("--limit is without a sign: so much either way"));
    }
    bool fit = strcmp(arg_text(c, "verdict"), "fit") == 0;
    for (size_t i = 0; fit && i < sizeof names / sizeof names[0]; i++) {
        struct decimal found = {0, 0};
        const char *value = arg_text(c, names[i]);
        TRY(value != NULL ? decimal_parse(value, strlen(value), &found, e) : ERR_OK);
        found.mantissa = found.mantissa < 0 ? -found.mantissa : found.mantissa;
        if (decimal_cmp(found, limit) > 0) {
            return err_set(e, ERR_USAGE,
                           _("--%s: %s is beyond the limit of %s; the verdict is not \"fit\""),
                           names[i], value, text);
        }
    }
    return ERR_OK;
}

static enum err_code values_data(struct command_ctx *c, struct json *data, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    TRY(data_set(c, data, "values", list, e));
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        const struct param *p = &c->command->params[i];
        if (is_common(p->name) || !c->args[i].given || c->args[i].text[0] == '\0') {
            continue;
        }
        struct json *o = json_new_object(c->arena);
        if (o == NULL || !json_push(c->arena, list, o)) {
            return err_nomem(e);
        }
        TRY(data_text(c, o, "name", p->name, e));
        TRY(data_text(c, o, "value", c->args[i].text, e));
    }
    return ERR_OK;
}

static enum err_code due_data(struct command_ctx *c, struct json *data,
                              const struct paper_template *t, struct err *e)
{
    char text[DATE_TEXT];
    struct date d;
    if (!has_param(t->command, "due")) {
        return ERR_OK;
    }
    const char *due = arg_text(c, "due");
    if (due == NULL && t->due_months > 0) {
        TRY(date_parse(c->date, strlen(c->date), &d, e));
        date_text(date_add_months(d, t->due_months), text);
        due = text;
    }
    if (due != NULL && strcmp(due, c->date) <= 0) {
        return err_set(e, ERR_USAGE, _("--due: %s is no day to come"), due);
    }
    return due != NULL ? data_text(c, data, "due", due, e) : ERR_OK;
}

static enum err_code subject_data(struct command_ctx *c, struct json *data,
                                  const struct subject *s, struct err *e)
{
    if (s->meter != 0) {
        TRY(data_int(c, data, "meter", s->meter, e));
    }
    if (s->account != 0) {
        TRY(data_int(c, data, "account", s->account, e));
    }
    return s->work != 0 ? data_int(c, data, "work", s->work, e) : ERR_OK;
}

static enum err_code build_paper(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct subject s = {0};
    int64_t id = 0;
    const struct paper_template *t =
        paper_template_find(c->command->name + sizeof PAPER_PREFIX - 1);
    CHECK(t != NULL);
    TRY(subject_take(c, &s, e));
    TRY(reading_check(c, &s, e));
    TRY(verdict_check(c, e));
    TRY(next_id(c, "SELECT max(id) FROM field_paper", &id, e));
    TRY(draft_begin(c, d, "paper.recorded", e));
    TRY(data_int(c, d->data, "paper", id, e));
    TRY(data_text(c, d->data, "template", paper_template_code(t), e));
    TRY(subject_data(c, d->data, &s, e));
    TRY(due_data(c, d->data, t, e));
    if (has_param(c->command, "signer") && arg_text(c, "signer") != NULL) {
        TRY(data_personal(c, d, d->data, "field_paper", id, "signer", arg_text(c, "signer"),
                          e));
    }
    TRY(values_data(c, d->data, e));
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message,
                   _("%s: paper %" PRId64 "; print it with: aforo paper %" PRId64
                     " -o FILE.pdf, and attach the signed sheet: aforo attach PHOTO --paper "
                     "%" PRId64),
                   _(t->title), id, id, id);
    return ERR_OK;
}

static enum err_code build_void(struct command_ctx *c, struct draft *d, struct err *e)
{
    const int64_t id = arg_get(c, "paper")->integer;
    int64_t is_void = 0;
    bool found = false;
    TRY(db_get_int(c->office->db, &is_void, &found, e,
                   "SELECT voided IS NOT NULL FROM field_paper WHERE id = ?", VALS(V_INT(id))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no paper %" PRId64 "; see: aforo list papers"), id);
    }
    if (is_void != 0) {
        return err_set(e, ERR_STATE, _("paper %" PRId64 " is void already"), id);
    }
    TRY(draft_begin(c, d, "paper.voided", e));
    TRY(data_int(c, d->data, "paper", id, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("paper %" PRId64 " is void; it stays on record"), id);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

#define REQ PARAM_REQUIRED
#define F(name, type, flags, help, choices)                                                    \
    {                                                                                          \
        name, type, flags, help, choices, NULL                                                 \
    }
#define SERIAL F("serial", PARAM_TEXT, REQ | PARAM_POSITIONAL, N_("meter"), NULL)
#define ACCOUNT                                                                                \
    F("account", PARAM_TEXT, REQ | PARAM_POSITIONAL, N_("number of the account"), NULL)
#define WORK F("work", PARAM_INT, 0, N_("work order that it belongs to"), NULL)
#define SIGNER(flags)                                                                          \
    F("signer", PARAM_TEXT, (flags) | PARAM_PERSONAL,                                          \
      N_("name of who signs for the customer"), NULL)
#define REMARKS F("remarks", PARAM_TEXT, 0, N_("remarks"), NULL)
#define VERDICT F("verdict", PARAM_CHOICE, REQ, N_("result"), "fit|unfit")

static const struct param installation_params[] = {
    SERIAL,
    F("connection", PARAM_TEXT, REQ, N_("connection: pipe and valve, or phases and fuse"),
      NULL),
    F("seals", PARAM_TEXT, REQ, N_("numbers of the seals put on"), NULL),
    F("condition", PARAM_TEXT, 0, N_("condition of the place"), NULL),
    SIGNER(REQ),
    WORK,
    REMARKS,
    PARAM_END};
static const struct param calibration_params[] = {
    SERIAL,
    F("laboratory", PARAM_TEXT, REQ, N_("laboratory or bench"), NULL),
    F("standard", PARAM_TEXT, REQ, N_("reference instrument and its certificate"), NULL),
    F("error-low", PARAM_DECIMAL, 0, N_("error at the lowest load or flow, percent"), NULL),
    F("error-nominal", PARAM_DECIMAL, REQ, N_("error at nominal load or flow, percent"), NULL),
    F("error-high", PARAM_DECIMAL, 0, N_("error at the highest load or flow, percent"), NULL),
    F("limit", PARAM_DECIMAL, REQ, N_("largest error allowed, percent"), NULL),
    VERDICT,
    F("due", PARAM_DATE, REQ, N_("by when the next one is due"), NULL),
    F("reading", PARAM_INT, 0, N_("number of a reading that the meter signed at the bench"),
      NULL),
    WORK,
    REMARKS,
    PARAM_END};
static const struct param load_params[] = {
    SERIAL,
    F("load", PARAM_TEXT, REQ, N_("load or flow that was put on, with its unit"), NULL),
    F("minutes", PARAM_INT, REQ, N_("how long, in minutes"), NULL),
    F("counted", PARAM_DECIMAL, REQ, N_("counted by the meter"), NULL),
    F("reference", PARAM_DECIMAL, REQ, N_("measured by the reference instrument"), NULL),
    VERDICT,
    SIGNER(0),
    WORK,
    REMARKS,
    PARAM_END};
static const struct param custody_params[] = {
    SERIAL,
    F("keeper", PARAM_TEXT, REQ, N_("store or laboratory that keeps it"), NULL),
    F("reason", PARAM_TEXT, REQ, N_("why it is kept"), NULL),
    F("seals", PARAM_TEXT, 0, N_("numbers of the seals on its wrapping"), NULL),
    F("due", PARAM_DATE, REQ, N_("until when it is kept"), NULL),
    SIGNER(0),
    WORK,
    REMARKS,
    PARAM_END};
static const struct param seal_params[] = {
    SERIAL,
    F("finding", PARAM_CHOICE, REQ, N_("how the seals were found"), "whole|tampered|missing"),
    F("seals", PARAM_TEXT, REQ, N_("numbers of the seals on it now"), NULL),
    F("due", PARAM_DATE, 0, N_("by when the next inspection is due; else in a year"), NULL),
    SIGNER(0),
    WORK,
    REMARKS,
    PARAM_END};
static const struct param cuts_params[] = {
    ACCOUNT, F("edition", PARAM_TEXT, REQ, N_("edition of the text handed over"), NULL),
    SIGNER(REQ), REMARKS, PARAM_END};
static const struct param consent_params[] = {
    ACCOUNT,
    F("purpose", PARAM_TEXT, REQ, N_("what the data may be used for"), NULL),
    F("answer", PARAM_CHOICE, REQ, N_("consent"), "given|withdrawn"),
    SIGNER(REQ),
    REMARKS,
    PARAM_END};
static const struct param void_params[] = {
    F("paper", PARAM_INT, REQ | PARAM_POSITIONAL, N_("number of the paper"), NULL),
    F("reason", PARAM_TEXT, REQ, N_("why"), NULL), PARAM_END};

const struct command cmd_paper_installation = {"paper installation",
                                               N_("record the installation act of a meter"),
                                               0,
                                               installation_params,
                                               build_paper,
                                               NULL};
const struct command cmd_paper_calibration = {
    "paper calibration",
    N_("record a calibration, and when the next one is due"),
    0,
    calibration_params,
    build_paper,
    NULL};
const struct command cmd_paper_load_test = {"paper load-test",
                                            N_("record a test of a meter under load"),
                                            0,
                                            load_params,
                                            build_paper,
                                            NULL};
const struct command cmd_paper_custody = {
    "paper custody",
    N_("record who keeps a meter that was taken down, and until when"),
    0,
    custody_params,
    build_paper,
    NULL};
const struct command cmd_paper_seals = {"paper seals",
                                        N_("record the yearly inspection of a meter's seals"),
                                        0,
                                        seal_params,
                                        build_paper,
                                        NULL};
const struct command cmd_paper_cuts = {
    "paper cut-policy",
    N_("record that a customer was given the policy of cuts"),
    0,
    cuts_params,
    build_paper,
    NULL};
const struct command cmd_paper_safety = {
    "paper safety",
    N_("record that a customer was given the safety notes"),
    0,
    cuts_params,
    build_paper,
    NULL};
const struct command cmd_paper_consent = {
    "paper consent",
    N_("record a customer's consent to a use of data, or its withdrawal"),
    0,
    consent_params,
    build_paper,
    NULL};
const struct command cmd_paper_void = {"paper void", N_("say that a paper counts no more"),
                                       CMD_CONFIRM,  void_params,
                                       build_void,   NULL};

static const struct paper_template templates[] = {
    {&cmd_paper_installation, N_("Installation act"),
     N_("The meter was installed and sealed as described; its register at the start is the "
        "one on record. Both parties were present."),
     0},
    {&cmd_paper_calibration, N_("Calibration record"),
     N_("The meter was compared with the reference instrument named above, and found to err "
        "as stated."),
     0},
    {&cmd_paper_load_test, N_("Load test"),
     N_("The meter counted the load above beside the reference instrument."), 0},
    {&cmd_paper_custody, N_("Custody of the old meter"),
     N_("The meter is kept unopened and at the customer's disposal until the day above."), 0},
    {&cmd_paper_seals, N_("Seals and inspection"),
     N_("The seals were looked at where the meter stands, and found as stated."), 12},
    {&cmd_paper_cuts, N_("Policy of cuts"),
     N_("The customer was given, and had explained, when supply may be cut and how a cut is "
        "avoided or undone."),
     0},
    {&cmd_paper_safety, N_("Safety notes"),
     N_("The customer was given the safety notes on the installation, and had them "
        "explained."),
     0},
    {&cmd_paper_consent, N_("Consent"),
     N_("The customer decides freely on the use of data named above, and may change the "
        "decision at any time."),
     0},
};

const char *paper_template_code(const struct paper_template *t)
{
    return t->command->name + sizeof PAPER_PREFIX - 1;
}

const struct paper_template *paper_template_find(const char *code)
{
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        if (strcmp(paper_template_code(&templates[i]), code) == 0) {
            return &templates[i];
        }
    }
    return NULL;
}
