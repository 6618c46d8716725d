#include <config.h>

#include <string.h>

#include "app/queue.h"
#include "base/caltime.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

static void text_add(struct buf *json, const char *text)
{
    buf_addc(json, ',');
    json_add_string(json, text, strlen(text));
}

static void number_add(struct buf *json, int64_t v, bool known)
{
    buf_addc(json, ',');
    if (known) {
        buf_add_int(json, v);
    } else {
        buf_adds(json, "null");
    }
}

static void item_print(struct office *o, const struct queue_item *it, struct buf *json)
{
    bool used = it->days > 0;
    buf_addc(json, '[');
    buf_add_int(json, it->reading);
    number_add(json, it->alert, true);
    text_add(json, severity_name(it->severity));
    text_add(json, it->rule);
    text_add(json, it->class);
    number_add(json, it->use, used);
    number_add(json, it->expected, it->has_expected);
    number_add(json, it->money, true);
    number_add(json, it->bill, it->bill != 0);
    number_add(json, civil_to_secs(zone_to_civil(o->zone, it->utc)), true);
    number_add(json, it->reg, true);
    number_add(json, it->account, true);
    buf_addc(json, ']');
}

enum err_code queue_reckon(struct office *o, const char *const *values, struct buf *json,
                           struct err *e)
{
    struct queue q;
    struct queue_filter f = {.severity = values[0],
                             .rule = values[1],
                             .class = values[2],
                             .serial = values[3],
                             .account = values[4],
                             .route = values[5],
                             .kind = values[6],
                             .what = values[7]};
    TRY(queue_load(o, &f, &q, e));
    buf_addc(json, '[');
    for (size_t i = 0; i < q.count; i++) {
        if (i > 0) {
            buf_addc(json, ',');
        }
        item_print(o, &q.items[i], json);
    }
    buf_addc(json, ']');
    queue_release(&q);
    return ERR_OK;
}
