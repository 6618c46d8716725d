/* An estimate as an entry holds it. */
#include <config.h>

#include "app/estimating.h"
#include "app/judge.h"

void estimating_limits(const struct rule_set *rules, int64_t *told, int64_t *refused)
{
    const struct rule_config *c = &rules->rule[RULE_CONSECUTIVE];
    *told = c->on ? c->limit[0] : INT64_MAX;
    *refused = c->on ? c->limit[1] : INT64_MAX;
}

int64_t estimating_number(const struct estimating *x)
{
    return x->run + 1;
}

static void finding_note(struct findings *f, const struct rule_set *rules, struct finding x)
{
    x.severity = rules->rule[x.rule].severity;
    f->item[f->count++] = x;
    f->severity = x.severity > f->severity ? x.severity : f->severity;
}

/* Through the dial's zero, which billing counts by this finding; and the second in a row. */
static void findings_make(const struct estimating *x, const struct rule_set *rules,
                          struct findings *f)
{
    int64_t told = 0;
    int64_t refused = 0;
    *f = (struct findings){0};
    estimating_limits(rules, &told, &refused);
    if (x->estimate.rollovers > 0) {
        finding_note(f, rules,
                     (struct finding){.rule = RULE_ROLLOVER,
                                      .observed = x->estimate.use,
                                      .limit = x->estimate.use});
    }
    if (estimating_number(x) >= told) {
        finding_note(f, rules,
                     (struct finding){.rule = RULE_CONSECUTIVE,
                                      .observed = estimating_number(x),
                                      .limit = refused});
    }
}

static enum err_code basis_data(struct command_ctx *c, const struct estimating *x,
                                struct json *o, struct err *e)
{
    struct json *b = json_new_object(c->arena);
    if (b == NULL) {
        return err_nomem(e);
    }
    TRY(data_int(c, b, "base", x->from.id, e));
    TRY(data_text(c, b, "method", estimate_method_name(x->basis.method), e));
    TRY(data_int(c, b, "periods", x->basis.periods, e));
    TRY(data_int(c, b, "secs", x->basis.secs, e));
    TRY(data_int(c, b, "use", x->basis.use, e));
    return data_set(c, o, "estimate", b, e);
}

static enum err_code members(struct command_ctx *c, const struct estimating *x, int64_t id,
                             struct json *o, struct err *e)
{
    struct buf text;
    buf_init(&text, 32);
    civil_print(zone_to_civil(c->office->zone, x->utc), &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", id, e));
    TRY(data_int(c, o, "register", x->meter.register_id, e));
    TRY(data_int(c, o, "utc", x->utc, e));
    TRY(data_int(c, o, "value", x->estimate.value, e));
    TRY(data_text(c, o, "state", "accepted", e));
    return data_text(c, o, "source", "estimated", e);
}

enum err_code estimating_data(struct command_ctx *c, const struct estimating *x,
                              const struct rule_set *rules, int64_t id, int64_t corrects,
                              int64_t alert, struct json **out, bool *alerted, struct err *e)
{
    struct findings f;
    struct json *o = json_new_object(c->arena);
    *out = o;
    *alerted = false;
    if (o == NULL) {
        return err_nomem(e);
    }
    findings_make(x, rules, &f);
    TRY(members(c, x, id, o, e));
    TRY(basis_data(c, x, o, e));
    if (corrects != 0) {
        TRY(data_int(c, o, "corrects", corrects, e));
    }
    if (f.count == 0) {
        return ERR_OK;
    }
    TRY(data_set(c, o, "findings", findings_json(&f, c->arena), e));
    if (alert != 0 && f.item[f.count - 1].rule == RULE_CONSECUTIVE) {
        struct findings told = {.count = 1, .item = {f.item[f.count - 1]}};
        *alerted = true;
        return data_set(c, o, "alert", findings_alert(&told, alert, x->meter.id, c->arena), e);
    }
    return ERR_OK;
}
