/* Details of the meters that the next key is likely to select, fetched while nobody waits, so
 * that the detail beside the list is drawn together with the row. */
#ifndef AFORO_UI_METER_AHEAD_H
#define AFORO_UI_METER_AHEAD_H

#include "ui/model.h"
#include "ui/widget_table.h"

#define METER_AHEAD_KEPT 32u

struct meter_ahead {
    struct ui_meter_detail kept[METER_AHEAD_KEPT]; /* id 0: none */
    bool old[METER_AHEAD_KEPT];                    /* something was recorded since */
    size_t next;                                   /* the oldest, overwritten next */
    uint32_t serial;
    bool asking;
};

/* The detail of a meter if it is here, else NULL. *old: it may be another by now; show it until
 * it has been asked for again. */
const struct ui_meter_detail *meter_ahead_find(const struct meter_ahead *a, int64_t id,
                                               bool *old);
void meter_ahead_keep(struct meter_ahead *a, const struct ui_meter_detail *detail);
/* Something was recorded: all that is here is old. */
void meter_ahead_age(struct meter_ahead *a);
/* Ask for what is likely to come next and not here; the answer is a job of this kind. */
void meter_ahead_ask(struct meter_ahead *a, const struct ui_model *m, const struct table *t,
                     uint32_t kind, struct effects *fx);
/* Take the answer. False: it brought nothing, as when those meters are gone; asking again at
 * once would be in vain. */
bool meter_ahead_take(struct meter_ahead *a, const struct job *job);

#endif
