#include <config.h>

#include <string.h>

#include "app/rule_settings.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

/* "3,35,65": as `rule set --limits` takes them, up to the last that is not zero. */
static void limits_print(const struct rule_config *c, struct buf *out)
{
    size_t count = RULE_LIMITS;
    while (count > 1 && c->limit[count - 1] == 0) {
        count--;
    }
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        buf_add_int(out, c->limit[i]);
    }
}

static void rule_print(enum rule_id id, enum meter_kind kind, const struct rule_config *c,
                       const struct rule_config *usual, struct buf *json)
{
    struct buf limits;
    const char *texts[] = {rule_name(id),
                           rule_title(id),
                           meter_kind_name(kind),
                           severity_name(c->severity),
                           c->on ? "yes" : "no",
                           c->hold ? "yes" : "no",
                           NULL,
                           NULL,
                           rule_source(id)};
    bool same = c->on == usual->on && c->hold == usual->hold &&
                c->severity == usual->severity &&
                memcmp(c->limit, usual->limit, sizeof c->limit) == 0;
    buf_init(&limits, 128);
    limits_print(c, &limits);
    texts[6] = buf_str(&limits);
    texts[7] = same ? "no" : "yes";
    buf_adds(json, json->len > 1 ? ",[" : "[");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_adds(json, i > 0 ? "," : "");
        json_add_string(json, texts[i], strlen(texts[i]));
    }
    buf_addc(json, ']');
    buf_release(&limits);
}

static bool wanted(const char *value, const char *name)
{
    return value == NULL || strcmp(value, name) == 0;
}

enum err_code rules_reckon(struct office *o, const char *const *values, struct buf *json,
                           struct err *e)
{
    struct rule_set set[METER_KIND_COUNT];
    struct rule_set usual;
    TRY(rules_load(o, set, e));
    buf_addc(json, '[');
    for (int r = 0; r < RULE_COUNT; r++) {
        for (int k = 0; k < METER_KIND_COUNT; k++) {
            if (wanted(values[0], meter_kind_name((enum meter_kind)k)) &&
                wanted(values[1], rule_name((enum rule_id)r))) {
                rules_defaults((enum meter_kind)k, &usual);
                rule_print((enum rule_id)r, (enum meter_kind)k, &set[k].rule[r], &usual.rule[r],
                           json);
            }
        }
    }
    buf_addc(json, ']');
    return ERR_OK;
}
