/* Which feeder or macro-meter stands above a meter. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/lookup.h"
#include "base/i18n.h"

#define LEVELS_MAX 32

/* A meter never stands above itself, by whatever way. */
static enum err_code no_circle(struct command_ctx *c, const struct meter_row *m,
                               const struct meter_row *above, struct err *e)
{
    int64_t at = above->id;
    for (int i = 0; at != 0 && i <= LEVELS_MAX; i++) {
        int64_t next = 0;
        if (at == m->id || i == LEVELS_MAX) {
            return err_set(e, ERR_STATE, _("meter %s stands below meter %s already"),
                           above->serial, m->serial);
        }
        TRY(db_get_int(c->office->db, &next, NULL, e,
                       "SELECT above FROM feed WHERE meter = ? AND end_date IS NULL",
                       VALS(V_INT(at))));
        at = next;
    }
    return ERR_OK;
}

static enum err_code start_check(struct command_ctx *c, const struct meter_row *m,
                                 const char *start, struct err *e)
{
    int64_t later = 0;
    TRY(db_get_int(c->office->db, &later, NULL, e,
                   "SELECT count(*) FROM feed WHERE meter = ? AND start_date > ?",
                   VALS(V_INT(m->id), V_TEXT(start))));
    return later == 0 ? ERR_OK
                      : err_set(e, ERR_STATE,
                                _("meter %s was linked after %s; give a later "
                                  "--start"),
                                m->serial, start);
}

/* A feeder is only compared with what stands below it; a master's bill is less the use of its
 * sub-meters. Who links below a meter that is billed is told which it is. */
static enum err_code link_say(struct command_ctx *c, struct draft *d, const struct meter_row *m,
                              const struct meter_row *above, const char *start, struct err *e)
{
    int64_t one = 0;
    bool billed = false;
    if (arg_flag(c, "deduct")) {
        (void)snprintf(c->message, sizeof c->message,
                       _("meter %s stands above %s from %s on, and its bill is less what %s "
                         "counts"),
                       above->serial, m->serial, start, m->serial);
        return json_set_bool(c->arena, d->data, "deduct", true) ? ERR_OK : err_nomem(e);
    }
    TRY(db_get_int(c->office->db, &one, &billed, e,
                   "SELECT 1 FROM assignment WHERE meter = ? AND end_date IS NULL",
                   VALS(V_INT(above->id))));
    (void)snprintf(c->message, sizeof c->message,
                   billed ? _("meter %s stands above %s from %s on; its bill stays whole, "
                              "unless it is linked with --deduct")
                          : _("meter %s stands above %s from %s on"),
                   above->serial, m->serial, start);
    return ERR_OK;
}

static enum err_code build_link(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row m;
    struct meter_row above;
    int64_t id = 0;
    const char *to = arg_text(c, "above");
    const char *start = arg_date_or_today(c, "start");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    TRY(start_check(c, &m, start, e));
    TRY(draft_begin(c, d, "meter.linked", e));
    TRY(data_int(c, d->data, "meter", m.id, e));
    TRY(data_text(c, d->data, "start", start, e));
    if (to == NULL) {
        (void)snprintf(c->message, sizeof c->message, _("no meter stands above %s from %s on"),
                       m.serial, start);
        return ERR_OK;
    }
    TRY(meter_by_serial(c->office, to, &above, NULL, e));
    if (above.kind != m.kind || strcmp(above.reg.unit->base, m.reg.unit->base) != 0) {
        return err_set(e, ERR_STATE, _("meters %s and %s do not measure the same"), m.serial,
                       above.serial);
    }
    TRY(no_circle(c, &m, &above, e));
    TRY(next_id(c, "SELECT max(id) FROM feed", &id, e));
    TRY(data_int(c, d->data, "link", id, e));
    TRY(data_int(c, d->data, "above", above.id, e));
    return link_say(c, d, &m, &above, start, e);
}

static const struct param link_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter below"), NULL,
     NULL},
    {"above", PARAM_TEXT, 0, N_("the feeder or macro-meter above it; none when left out"), NULL,
     NULL},
    {"deduct", PARAM_FLAG, 0, N_("take its use off the bill of the meter above"), NULL, NULL},
    {"start", PARAM_DATE, 0, N_("from which day on; today"), NULL, NULL},
    PARAM_END};
const struct command cmd_meter_link = {
    "meter link",
    N_("say which feeder or macro-meter stands above a meter"),
    0,
    link_params,
    build_link,
    NULL};
