/* The console's meter and the reading of it before it is saved. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/judge.h"
#include "app/page.h"
#include "app/query_meter.h"
#include "app/undo.h"
#include "app/use_history.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/screen.h"
#include "verb_console.h"

static void quantity_text(const struct meter_detail *d, int64_t value, char *out, size_t size)
{
    struct buf b;
    buf_init(&b, 64);
    if (value >= 0) {
        quantity_print(value, d->unit, (unsigned)d->decimals, &b);
    }
    (void)snprintf(out, size, "%s", buf_str(&b));
    buf_release(&b);
}

static void detail_fill(const struct meter_detail *d, struct ui_meter_detail *out)
{
    *out = (struct ui_meter_detail){
        .id = d->row.id, .history_count = d->history_count, .history_limit = d->limit};
    (void)snprintf(out->serial, sizeof out->serial, "%s", d->row.serial);
    (void)snprintf(out->kind, sizeof out->kind, "%s", d->row.kind);
    (void)snprintf(out->route, sizeof out->route, "%.47s", d->row.route);
    (void)snprintf(out->place, sizeof out->place, "%.127s", d->row.place);
    (void)snprintf(out->account, sizeof out->account, "%.47s", d->row.account);
    (void)snprintf(out->unit, sizeof out->unit, "%s", d->unit->pretty);
    memcpy(out->history, d->history, d->history_count * sizeof d->history[0]);
    quantity_text(d, d->mean, out->mean, sizeof out->mean);
    quantity_text(d, d->low, out->expected_low, sizeof out->expected_low);
    quantity_text(d, d->high, out->expected_high, sizeof out->expected_high);
    quantity_text(d, d->limit, out->limit, sizeof out->limit);
}

enum err_code bound_detail(void *ctx, int64_t meter, struct ui_meter_detail *out, struct err *e)
{
    struct bound *b = ctx;
    struct meter_detail d;
    char today[DATE_TEXT];
    TRY(bound_query_access(b, e));
    bound_today(b->query, today);
    TRY(meter_detail(b->query->db, meter, today, &d, e));
    detail_fill(&d, out);
    return ERR_OK;
}

/* A use of a mean period, for the days since the last reading; the rules judge by days too. */
static int64_t use_until(const struct meter_detail *d, int64_t of_period, int64_t local)
{
    const int64_t day = 86400;
    int64_t days = local > d->last_local ? (local - d->last_local + day / 2) / day : 0;
    struct use_history h = {.days = d->history_days};
    int64_t use = 0;
    /* All periods at this use, then so many days of them. */
    return mul_i64(of_period, (int64_t)d->history_count, &h.use) && use_expected(&h, days, &use)
               ? use
               : of_period;
}

static enum err_code customer_fill(struct bound *b, const char *account,
                                   struct ui_reading_subject *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(b->query->db, &q, e,
                 "SELECT p.value FROM account a JOIN customer c ON c.id = a.customer JOIN "
                 "personal p ON p.owner = 'customer' AND p.id = c.id AND p.field = 'name' AND "
                 "p.hash = c.name WHERE a.number = ?",
                 VALS(V_TEXT(account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && !stmt_is_null(q, 0)) {
        (void)snprintf(out->customer, sizeof out->customer, "%.95s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

enum err_code bound_subject(void *ctx, int64_t meter, struct ui_reading_subject *out,
                            struct err *e)
{
    struct bound *b = ctx;
    struct meter_detail d;
    char today[DATE_TEXT];
    struct buf at;
    TRY(bound_query_access(b, e));
    bound_today(b->query, today);
    TRY(meter_detail(b->query->db, meter, today, &d, e));
    *out = (struct ui_reading_subject){.digits = (unsigned)d.digits,
                                       .decimals = (unsigned)d.decimals};
    detail_fill(&d, &out->meter);
    if (b->reads_personal) {
        TRY(customer_fill(b, d.row.account, out, e));
    }
    (void)snprintf(out->multiplier, sizeof out->multiplier, "%" PRId64, d.multiplier);
    if (d.last_utc != 0) {
        buf_init(&at, 32);
        civil_print_format(civil_from_secs(d.last_local), "%F %R", &at);
        (void)snprintf(out->previous_at, sizeof out->previous_at, "%s", buf_str(&at));
        buf_release(&at);
        quantity_text(&d, d.last_value, out->previous_value, sizeof out->previous_value);
        if (d.mean >= 0) {
            int64_t now =
                civil_to_secs(zone_to_civil(b->query->zone, env_wall_ms(b->query->env) / 1000));
            quantity_text(&d, d.last_value + use_until(&d, d.low, now), out->expected_low,
                          sizeof out->expected_low);
            quantity_text(&d, d.last_value + use_until(&d, d.high, now), out->expected_high,
                          sizeof out->expected_high);
        }
    }
    return ERR_OK;
}

static enum ui_severity severity_of(const struct finding *f)
{
    return f->hold                        ? UI_SEVERITY_BAD
           : f->severity == SEVERITY_INFO ? UI_SEVERITY_NOTE
                                          : UI_SEVERITY_WARN;
}

static void finding_fill(const struct bound *b, const struct finding *f,
                         const struct unit *unit, struct ui_finding *out)
{
    struct buf text;
    buf_init(&text, 4096);
    *out = (struct ui_finding){.severity = severity_of(f)};
    finding_text(f, unit, b->query->numfmt, &text);
    (void)snprintf(out->title, sizeof out->title, "%s", buf_str(&text));
    (void)snprintf(out->source, sizeof out->source, _("Rule %s%s"), rule_name(f->rule),
                   f->hold ? _("; it will be held for a supervisor") : "");
    buf_release(&text);
}

enum err_code bound_check(void *ctx, int64_t meter, const char *value, const char *when,
                          struct ui_findings *out, struct err *e)
{
    struct bound *b = ctx;
    struct meter_detail d;
    struct meter_row m;
    struct judgement j;
    struct civil local;
    int64_t number = 0;
    int64_t utc = 0;
    char today[DATE_TEXT];
    *out = (struct ui_findings){0};
    TRY(bound_query_access(b, e));
    bound_today(b->query, today);
    TRY(meter_detail(b->query->db, meter, today, &d, e));
    TRY(meter_by_register(b->query, d.register_id, &m, e));
    TRY(quantity_parse(value, strlen(value), d.unit, &number, e));
    const char *format = strlen(when) == 16 ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M:%S";
    if (*when == '\0') {
        utc = env_wall_ms(b->query->env) / 1000;
    } else {
        TRY(civil_parse_format(when, strlen(when), format, &local, e));
        TRY(local_instant(b->query, local, d.last_utc, &utc, e));
    }
    if (number < 0 || number > register_dial_max(&m.reg)) {
        return err_set(e, ERR_RANGE, _("the dial has %d digits before the point"), d.digits);
    }
    TRY(judge_manual(b->query, &m, number, utc, env_wall_ms(b->query->env) / 1000, &j, e));
    out->days = (uint32_t)j.days;
    if (j.has_previous && number >= j.previous.value) {
        quantity_text(&d, j.consumption, out->consumption, sizeof out->consumption);
    }
    for (size_t i = 0; i < j.findings.count && out->count < UI_FINDINGS_MAX; i++) {
        finding_fill(b, &j.findings.item[i], d.unit, &out->list[out->count++]);
    }
    return ERR_OK;
}
