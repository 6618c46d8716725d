#include <config.h>

#include <string.h>

#include "app/losses.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

static void number_or_null(struct buf *json, bool known, int64_t value)
{
    buf_addc(json, ',');
    if (known) {
        buf_add_int(json, value);
    } else {
        buf_adds(json, "null");
    }
}

/* Half a per mille up: what a report's column of percent takes. */
static int64_t per_mille(int64_t part, int64_t whole)
{
    return (int64_t)div_round128((int128)part * 1000, whole, ROUND_HALF_UP);
}

static enum err_code loss_print(void *ctx, const struct loss *l, struct err *e)
{
    struct buf *json = ctx;
    const struct balance *b = &l->counted;
    bool share = b->known && b->whole > 0;
    int64_t lost = b->whole - b->parts;
    buf_adds(json, json->len > 1 ? ",[" : "[");
    json_add_string(json, b->meter.serial, strlen(b->meter.serial));
    buf_addf(json, ",\"%s\",\"%s\"", l->month, b->meter.reg.unit->symbol);
    number_or_null(json, b->known, b->whole);
    number_or_null(json, true, b->parts);
    number_or_null(json, true, b->estimated);
    number_or_null(json, b->known, lost);
    number_or_null(json, share, share ? per_mille(lost, b->whole) : 0);
    number_or_null(json, true, l->billed);
    number_or_null(json, b->known, b->whole - l->billed);
    number_or_null(json, share, share ? per_mille(b->whole - l->billed, b->whole) : 0);
    number_or_null(json, true, b->count);
    number_or_null(json, true, b->count - b->read);
    buf_addc(json, ']');
    return buf_status(json, l->month, e);
}

enum err_code losses_reckon(struct office *o, const char *const *values, struct buf *json,
                            struct err *e)
{
    struct loss_choice choice = {values[0], values[1], values[2]};
    buf_addc(json, '[');
    TRY(losses_each(o, &choice, loss_print, json, e));
    buf_addc(json, ']');
    return ERR_OK;
}
