/* What stands on a bill of sub-meters and factors of gas: loaded, reckoned again, and said. */
#ifndef AFORO_APP_BILL_CHARGED_VIEW_H
#define AFORO_APP_BILL_CHARGED_VIEW_H

#include "app/query_bill.h"
#include "domain/charged.h"

struct charged_sub {
    const char *serial;
    const struct unit *unit;
    int64_t decimals;
    int64_t reg;
    int64_t from_id, from_value, from_local, to_id, to_value, to_local; /* local: wall clock */
    int64_t use;                                                        /* smallest unit */
    bool estimated;
};

struct charged_view {
    struct charged_sub *subs;
    size_t sub_count;
    int64_t below; /* their sum */
    struct gas_span *gas;
    size_t gas_count;
};

/* All of it in arena; nothing where the share is charged as it was counted. */
enum err_code charged_load(struct office *o, const struct bill_view *v,
                           const struct bill_view_meter *m, struct arena *arena,
                           struct charged_view *out, struct err *e) MUST_CHECK;
/* Sentences of `explain bill`: each sub-meter with its readings, then the factors. unit: of the
 * tariff. */
void charged_explain(struct office *o, const struct bill_view_meter *m,
                     const struct charged_view *c, const struct unit *unit, struct buf *out);
/* One line for the bill itself. */
void charged_note(struct office *o, const struct bill_view_meter *m,
                  const struct charged_view *c, const struct unit *unit, struct buf *out);

#endif
