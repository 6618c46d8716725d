/* Readings taken by hand. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/judge.h"
#include "app/own.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* A reading as it will be recorded. */
struct new_reading {
    struct meter_row meter;
    int64_t value, utc;
    struct civil local;
    struct judgement judged;
};

/* Customers read now: their command takes no time. */
static bool by_customer(const struct command_ctx *c)
{
    return c->command == &cmd_own_reading;
}

static enum err_code reading_time(struct command_ctx *c, const struct meter_row *m,
                                  struct new_reading *r, struct err *e)
{
    static const struct arg now = {.given = false};
    const struct arg *when = by_customer(c) ? &now : arg_get(c, "time");
    int64_t newest = INT64_MIN;
    if (!when->given) {
        r->utc = env_wall_ms(c->office->env) / 1000;
        r->local = zone_to_civil(c->office->zone, r->utc);
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &newest, NULL, e,
                   "SELECT max(utc) FROM reading WHERE register = ? AND state = 'accepted'",
                   VALS(V_INT(m->register_id))));
    r->local = when->time;
    return local_instant(c->office, when->time, newest, &r->utc, e);
}

static enum err_code reading_check(struct command_ctx *c, struct new_reading *r, struct err *e)
{
    const char *text = arg_text(c, "value");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &r->meter, NULL, e));
    if (arg_text(c, "register") != NULL) {
        TRY(meter_register_row(c->office, &r->meter, arg_text(c, "register"), &r->meter, e));
    }
    TRY(quantity_parse(text, strlen(text), r->meter.reg.unit, &r->value, e));
    if (r->value < 0 || r->value > register_dial_max(&r->meter.reg)) {
        char value[MONEY_WORDS_MAX];
        number_words(c->office, text, r->meter.reg.unit->pretty, value);
        return err_set(e, ERR_RANGE,
                       _("%s is beyond the dial of meter %s, which has %d digits before the "
                         "point"),
                       value, r->meter.serial, (int)r->meter.reg.digits);
    }
    TRY(reading_time(c, &r->meter, r, e));
    return judge_manual(c->office, &r->meter, r->value, r->utc,
                        env_wall_ms(c->office->env) / 1000, &r->judged, e);
}

/* Members that every reading has. */
static enum err_code reading_members(struct command_ctx *c, struct json *o, int64_t id,
                                     int64_t reg, int64_t utc, struct civil local,
                                     int64_t value, struct err *e)
{
    struct buf text;
    buf_init(&text, 32);
    civil_print(local, &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", id, e));
    TRY(data_int(c, o, "register", reg, e));
    TRY(data_int(c, o, "utc", utc, e));
    return data_int(c, o, "value", value, e);
}

static void reading_message(struct command_ctx *c, const struct new_reading *r, bool held)
{
    struct buf text;
    buf_init(&text, 4096);
    if (held) {
        buf_addf(&text, _("meter %s: held for a supervisor: "), r->meter.serial);
        finding_text(findings_worst(&r->judged.findings), r->meter.reg.unit, c->office->numfmt,
                     &text);
    } else {
        buf_addf(&text, _("meter %s: reading accepted"), r->meter.serial);
        if (r->judged.has_previous) {
            struct buf used;
            buf_init(&used, 64);
            quantity_print(r->judged.consumption, r->meter.reg.unit,
                           (unsigned)r->meter.reg.decimals, &used);
            buf_adds(&text, ", ");
            numfmt_number(c->office->numfmt, buf_str(&used), &text);
            buf_release(&used);
            buf_addf(&text,
                     ngettext(" %s in %" PRId64 " day", " %s in %" PRId64 " days",
                              (unsigned long)r->judged.days),
                     r->meter.reg.unit->pretty, r->judged.days);
        }
    }
    (void)snprintf(c->message, sizeof c->message, "%s", buf_str(&text));
    buf_release(&text);
}

enum err_code build_reading_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct new_reading r = {0};
    int64_t id = 0;
    int64_t alert = 0;
    struct json *o = json_new_object(c->arena);
    const char *note = by_customer(c) ? NULL : arg_text(c, "note");
    TRY(reading_check(c, &r, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &id, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &alert, e));
    if (o == NULL) {
        return err_nomem(e);
    }
    bool held = r.judged.findings.hold;
    TRY(reading_members(c, o, id, r.meter.register_id, r.utc, r.local, r.value, e));
    TRY(data_text(c, o, "state", held ? "held" : "accepted", e));
    TRY(data_text(c, o, "source", by_customer(c) ? "customer" : "manual", e));
    if (r.judged.findings.count > 0) {
        TRY(data_set(c, o, "findings", findings_json(&r.judged.findings, c->arena), e));
    }
    if (held) {
        TRY(data_set(c, o, "alert",
                     findings_alert(&r.judged.findings, alert, r.meter.id, c->arena), e));
    }
    TRY(draft_begin(c, d, "reading.recorded", e));
    if (note != NULL && *note != '\0') {
        TRY(data_personal(c, d, o, "reading_note", id, "note", note, e));
    }
    TRY(data_int(c, d->data, "meter", r.meter.id, e));
    c->result_id = id;
    reading_message(c, &r, held);
    return data_set(c, d->data, "reading", o, e);
}

static const struct param reading_add_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("what the dial shows, in its unit"), NULL, NULL},
    {"register", PARAM_TEXT, 0, N_("OBIS code of the register; the meter's first one"), NULL,
     NULL},
    {"time", PARAM_TIME, 0, N_("when it was read, the office's wall clock; now"), NULL, NULL},
    {"note", PARAM_TEXT, PARAM_PERSONAL, N_("a note of the reader"), NULL, NULL},
    PARAM_END};
const struct command cmd_reading_add = {"reading add",
                                        N_("record a reading taken by hand"),
                                        0,
                                        reading_add_params,
                                        build_reading_add,
                                        NULL};
