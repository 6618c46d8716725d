#include <config.h>

#include "domain/tou.h"

#include <string.h>

#include "base/i18n.h"
#include "domain/component.h"

/* --- the schedule in a tariff's head ------------------------------------------------------ */

static void period_parse_one(struct tariff *t, const struct jnode *n, bool hours)
{
    static const char *const members[] = {"id", "label", "mark", "register", NULL};
    struct tou *u = t->tou;
    struct tou_period *p = &u->periods[u->period_count];
    const char *mark = NULL;
    struct quantity_def def = {.kind = hours ? QUANTITY_HOURS : QUANTITY_REGISTER,
                               .periods = 1U << u->period_count,
                               .unit = t->unit};
    if (!jread_object(n)) {
        return;
    }
    jread_only(n, members, NULL);
    bool named = jread_slug(n, "id", &p->id);
    (void)jread_label(n, "label", true, TARIFF_LABEL_BYTES, &p->label);
    for (size_t i = 0; named && i < u->period_count; i++) {
        if (u->periods[i].id != NULL && strcmp(u->periods[i].id, p->id) == 0) {
            (void)jfault(n, "id", _("a period before this one has that id."));
        }
    }
    if (!hours) {
        if (component_register(t, n, QUANTITY_REGISTER, t->unit, &p->quantity)) {
            p->obis = t->quantities[p->quantity].obis;
        } else if (json_get(n->value, "register") == NULL) {
            (void)jfault(n, "register", _("the member is missing."));
        }
        u->period_count++;
        return;
    }
    if (jread_text(n, "mark", true, 1, &mark)) {
        p->mark = mark[0];
    }
    for (size_t i = 0; mark != NULL && i < u->period_count; i++) {
        if (u->periods[i].mark == p->mark) {
            (void)jfault(n, "mark", _("a period before this one has that mark."));
        }
    }
    if (json_get(n->value, "register") != NULL) {
        (void)jfault(n, "register", _("the schedule has hours; no register counts a period."));
    }
    def.name = p->id;
    if (named) {
        (void)tariff_quantity(t, n, &def, &p->quantity);
    }
    u->period_count++;
}

static bool mark_find(const struct tou *u, char mark, uint8_t *out)
{
    for (size_t i = 0; i < u->period_count; i++) {
        if (u->periods[i].mark == mark) {
            *out = (uint8_t)i;
            return true;
        }
    }
    return false;
}

/* Twelve lines of marks, one for each month: 24, 48 or 96 of them, the day in equal slots. */
static void days_parse(struct tou *u, const struct jnode *n, const char *name,
                       uint8_t table[12][TOU_SLOTS_MAX])
{
    struct jnode list;
    if (!jread_array(n, name, true, 12, 12, &list)) {
        return;
    }
    for (size_t month = 0; month < 12; month++) {
        struct jnode item = jnode_item(&list, month);
        if (item.value->type != JSON_STRING) {
            (void)jfault(&item, NULL, _("expected here: %s."), _("a text in quotes"));
            continue;
        }
        size_t len = item.value->u.string.len;
        u->slots = u->slots == 0 ? len : u->slots;
        if ((len != 24 && len != 48 && len != 96) || len != u->slots) {
            (void)jfault(&item, NULL,
                         _("a day has 24, 48 or 96 marks, the same number everywhere; here are "
                           "%zu."),
                         len);
            continue;
        }
        for (size_t i = 0; i < len; i++) {
            if (!mark_find(u, item.value->u.string.data[i], &table[month][i])) {
                (void)jfault(&item, NULL, _("no period has the mark at place %zu."), i + 1);
                break;
            }
        }
    }
}

static void holidays_parse(struct tou *u, const struct jnode *n)
{
    struct jnode list;
    if (!jread_array(n, "holidays", false, 0, TOU_HOLIDAYS_MAX, &list)) {
        return;
    }
    size_t count = list.value->u.array.count;
    u->holidays = arena_array(n->arena, count + 1, sizeof *u->holidays);
    if (u->holidays == NULL) {
        n->faults->nomem = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct jnode item = jnode_item(&list, i);
        const struct json *v = item.value;
        if (v->type != JSON_STRING ||
            date_parse(v->u.string.data, v->u.string.len, &u->holidays[i], NULL) != ERR_OK) {
            (void)jfault(&item, NULL, _("expected here: %s."),
                         _("a date such as \"2026-11-21\""));
        }
    }
    u->holiday_count = count;
}

void tou_parse(const struct jnode *root, struct tariff *t)
{
    static const char *const members[] = {"periods", "weekday",  "saturday",
                                          "weekend", "holidays", NULL};
    struct jnode n = jnode_member(root, "time_of_use");
    struct jnode list;
    if (n.value == NULL || !jread_object(&n)) {
        return;
    }
    jread_only(&n, members, NULL);
    t->tou = ARENA_NEW(n.arena, struct tou);
    if (t->tou == NULL) {
        n.faults->nomem = true;
        return;
    }
    bool hours = json_get(n.value, "weekday") != NULL || json_get(n.value, "weekend") != NULL;
    if (!jread_array(&n, "periods", true, 1, TOU_PERIODS_MAX, &list)) {
        return;
    }
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        struct jnode item = jnode_item(&list, i);
        period_parse_one(t, &item, hours);
    }
    if (hours) {
        days_parse(t->tou, &n, "weekday", t->tou->weekday);
        days_parse(t->tou, &n, "weekend", t->tou->weekend);
        t->tou->saturdays = json_get(n.value, "saturday") != NULL;
        if (t->tou->saturdays) {
            days_parse(t->tou, &n, "saturday", t->tou->saturday);
        }
        holidays_parse(t->tou, &n);
    } else if (json_get(n.value, "saturday") != NULL) {
        (void)jfault(&n, "saturday", _("these need \"weekday\" and \"weekend\" beside them."));
    } else if (json_get(n.value, "holidays") != NULL) {
        (void)jfault(&n, "holidays", _("these need \"weekday\" and \"weekend\" beside them."));
    }
}

/* --- measuring ---------------------------------------------------------------------------- */

/* The day's schedule: a holiday is like a Sunday. */
static const uint8_t *marks_of(const struct tou *u, struct date d)
{
    size_t month = (size_t)d.month - 1;
    for (size_t i = 0; i < u->holiday_count; i++) {
        if (date_cmp(u->holidays[i], d) == 0) {
            return u->weekend[month];
        }
    }
    /* Day 0 was a Thursday; Monday is 0 here, Saturday 5. */
    int32_t weekday = (date_to_days(d) % 7 + 10) % 7;
    if (weekday == 5 && u->saturdays) {
        return u->saturday[month];
    }
    return weekday >= 5 ? u->weekend[month] : u->weekday[month];
}

size_t tou_period_at(const struct tou *u, const struct civil *local)
{
    size_t minute = (size_t)local->hour * 60 + (size_t)local->minute;
    size_t slot = minute * u->slots / (24 * 60);
    return marks_of(u, local->date)[slot];
}

void tou_meter_init(struct tou_meter *m, const struct tariff *t, const struct zone *zone,
                    int64_t back, int64_t *quantities)
{
    memset(m, 0, sizeof *m);
    m->t = t;
    m->zone = zone;
    m->quantities = quantities;
    m->back = back;
    for (size_t i = 0; i < t->quantity_count; i++) {
        enum quantity_kind kind = t->quantities[i].kind;
        if (t->quantities[i].back == back &&
            (kind == QUANTITY_HOURS || kind == QUANTITY_DEMAND)) {
            quantities[i] = 0;
        }
    }
}

static bool add_to(int64_t *sum, int64_t v)
{
    return !__builtin_add_overflow(*sum, v, sum);
}

/* Seconds from `utc` to the end of its slot of the local day. */
static int64_t slot_rest(const struct tou *u, const struct civil *local)
{
    int64_t slot = 24 * 3600 / (int64_t)u->slots;
    int64_t second = ((int64_t)local->hour * 60 + local->minute) * 60 + local->second;
    return slot - second % slot;
}

/* The use of an interval in the periods that it touches, divided by time. */
static bool hours_add(struct tou_meter *m, int64_t from, int64_t to, int64_t use)
{
    const struct tou *u = m->t->tou;
    int64_t done = 0;
    size_t first = TOU_PERIODS_MAX;
    bool several = false;
    for (int64_t at = from; at < to;) {
        struct civil local = zone_to_civil(m->zone, at);
        size_t period = tou_period_at(u, &local);
        int64_t end = at + slot_rest(u, &local);
        end = end < to ? end : to;
        int64_t reach =
            (int64_t)div_round128((int128)use * (end - from), to - from, ROUND_HALF_UP);
        if (!add_to(&m->quantities[u->periods[period].quantity], reach - done)) {
            return false;
        }
        several = several || (first != TOU_PERIODS_MAX && first != period);
        first = first == TOU_PERIODS_MAX ? period : first;
        done = reach;
        at = end;
    }
    m->spread += several ? 1 : 0;
    return true;
}

/* The window of so many minutes of local time that an instant lies in, as UTC. */
static int64_t window_of(const struct zone *zone, int64_t utc, int64_t minutes)
{
    struct civil local = zone_to_civil(zone, utc);
    int64_t second = ((int64_t)local.hour * 60 + local.minute) * 60 + local.second;
    return utc - second % (minutes * 60);
}

static bool demand_applies(const struct tou_meter *m, const struct quantity_def *q, int64_t utc)
{
    if (q->periods == QUANTITY_ANY_HOUR) {
        return true;
    }
    struct civil local = zone_to_civil(m->zone, utc);
    return (q->periods & 1U << tou_period_at(m->t->tou, &local)) != 0;
}

/* Whether a ratchet looks at this month. */
static bool in_months(const struct tou_meter *m, const struct quantity_def *q, int64_t utc)
{
    if (q->months == 0) {
        return true;
    }
    return (q->months & 1U << (zone_to_civil(m->zone, utc).date.month - 1)) != 0;
}

/* Mean power of a window is use / time; a window counts once all of it is known. */
static bool demand_add(struct tou_meter *m, size_t i, int64_t from, int64_t to, int64_t use)
{
    const struct quantity_def *q = &m->t->quantities[i];
    if (q->back != m->back || !in_months(m, q, from)) {
        return true;
    }
    int64_t seconds = q->minutes * 60;
    int64_t window = window_of(m->zone, from, q->minutes);
    if (to > window + seconds || !demand_applies(m, q, from)) {
        return true;
    }
    if (m->window_start[i] != window) {
        m->window_start[i] = window;
        m->window_use[i] = m->window_covered[i] = 0;
    }
    m->window_covered[i] += to - from;
    if (!add_to(&m->window_use[i], use)) {
        return false;
    }
    if (m->window_covered[i] == seconds) {
        int128 mean = div_round128((int128)m->window_use[i] * 3600, seconds, ROUND_HALF_UP);
        if (mean > INT64_MAX) {
            return false;
        }
        m->quantities[i] = mean > m->quantities[i] ? (int64_t)mean : m->quantities[i];
    }
    return true;
}

enum err_code tou_meter_add(struct tou_meter *m, int64_t from, int64_t to, int64_t use,
                            struct err *e)
{
    const struct tariff *t = m->t;
    bool ok = true;
    CHECK(from < to && use >= 0);
    if (m->back == 0 && t->tou != NULL && t->tou->slots > 0) {
        ok = hours_add(m, from, to, use);
    }
    for (size_t i = 0; ok && i < t->quantity_count; i++) {
        if (t->quantities[i].kind == QUANTITY_DEMAND) {
            ok = demand_add(m, i, from, to, use);
        }
    }
    return ok ? ERR_OK
              : err_set(e, ERR_RANGE,
                        _("the use of the intervals is too large to be added up"));
}
