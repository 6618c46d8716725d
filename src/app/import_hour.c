#include <config.h>

#include "app/import_hour.h"

#include "base/err.h"

#define DAY_SECS 86400

void local_clock_init(struct local_clock *c, const struct zone *zone)
{
    *c = (struct local_clock){.zone = zone};
}

static int32_t day_of(int64_t local)
{
    int64_t day = local / DAY_SECS - (local % DAY_SECS < 0);
    return (int32_t)day;
}

/* Looks at each full hour: no zone changes twice within one. */
static bool day_simple(const struct zone *zone, int64_t midnight, int32_t *offset)
{
    for (int hour = 0; hour <= 24; hour++) {
        int64_t local = midnight + hour * INT64_C(3600) - (hour == 24);
        int64_t first = 0;
        int64_t second = 0;
        if (zone_resolve(zone, civil_from_secs(local), &first, &second) != LOCAL_UNIQUE) {
            return false;
        }
        int32_t here = (int32_t)(local - first);
        if (hour > 0 && here != *offset) {
            return false;
        }
        *offset = here;
    }
    return true;
}

enum local_kind local_resolve(struct local_clock *c, int64_t local, int64_t *first,
                              int64_t *second)
{
    int32_t day = day_of(local);
    size_t slot = (size_t)(uint32_t)day % LOCAL_DAYS;
    if (c->days[slot].day != day + 1) {
        c->days[slot].day = day + 1;
        c->days[slot].simple =
            day_simple(c->zone, (int64_t)day * DAY_SECS, &c->days[slot].offset);
    }
    if (c->days[slot].simple) {
        *first = *second = local - c->days[slot].offset;
        return LOCAL_UNIQUE;
    }
    return zone_resolve(c->zone, civil_from_secs(local), first, second);
}

const char *hour_pass_name(enum hour_pass p)
{
    static const char *const names[] = {"none", "first", "second"};
    CHECK(p <= PASS_SECOND);
    return names[p];
}

const char *hour_by_name(enum hour_by b)
{
    static const char *const names[] = {"order", "register", "default"};
    CHECK(b <= BY_DEFAULT);
    return names[b];
}

typedef bool (*row_before)(const struct timed_row *a, const struct timed_row *b);

static bool by_line(const struct timed_row *a, const struct timed_row *b)
{
    return a->row.line < b->row.line;
}

static bool by_line_backwards(const struct timed_row *a, const struct timed_row *b)
{
    return a->row.line > b->row.line;
}

static bool by_value(const struct timed_row *a, const struct timed_row *b)
{
    if (a->row.value != b->row.value) {
        return a->row.value < b->row.value;
    }
    return a->row.local != b->row.local ? a->row.local < b->row.local
                                        : a->row.line < b->row.line;
}

static bool by_instant(const struct timed_row *a, const struct timed_row *b)
{
    return a->utc != b->utc ? a->utc < b->utc : a->row.line < b->row.line;
}

/* Heap sort: no memory, and never quadratic. */
static void heap_sink(struct timed_row *rows, size_t i, size_t count, row_before before)
{
    for (;;) {
        size_t last = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++) {
            if (before(&rows[last], &rows[child])) {
                last = child;
            }
        }
        if (last == i) {
            return;
        }
        struct timed_row swap = rows[i];
        rows[i] = rows[last];
        rows[last] = swap;
        i = last;
    }
}

static void rows_sort(struct timed_row *rows, size_t count, row_before before)
{
    for (size_t i = count / 2; i-- > 0;) {
        heap_sink(rows, i, count, before);
    }
    for (size_t end = count; end-- > 1;) {
        struct timed_row swap = rows[0];
        rows[0] = rows[end];
        rows[end] = swap;
        heap_sink(rows, 0, end, before);
    }
}

/* What an order of the rows says. */
struct hour_order {
    size_t back;  /* where the clock stepped back */
    size_t backs; /* how often: more than once cannot be */
    bool falls;   /* the register falls on the way */
};

static struct hour_order order_look(const struct timed_row *rows, size_t count)
{
    struct hour_order o = {.back = count};
    for (size_t i = 1; i < count; i++) {
        if (rows[i].row.local <= rows[i - 1].row.local) {
            o.back = o.backs == 0 ? i : o.back;
            o.backs++;
        }
        o.falls = o.falls || rows[i].row.value < rows[i - 1].row.value;
    }
    return o;
}

void hour_resolve(struct local_clock *c, struct timed_row *rows, size_t count, bool falling)
{
    row_before in_file = falling ? by_line_backwards : by_line;
    enum hour_by by = BY_ORDER;
    rows_sort(rows, count, in_file);
    struct hour_order o = order_look(rows, count);
    if (o.backs != 1 || o.falls) {
        bool order_may = o.backs == 1;
        rows_sort(rows, count, by_value);
        o = order_look(rows, count);
        by = BY_REGISTER;
        if (o.backs != 1 && order_may) {
            rows_sort(rows, count, in_file);
            o = order_look(rows, count);
            by = BY_ORDER;
        } else if (o.backs != 1) {
            o.back = count;
            by = BY_DEFAULT;
        }
    }
    for (size_t i = 0; i < count; i++) {
        int64_t first = 0;
        int64_t second = 0;
        (void)local_resolve(c, rows[i].row.local, &first, &second);
        rows[i].pass = i < o.back ? PASS_FIRST : PASS_SECOND;
        rows[i].by = by;
        rows[i].utc = i < o.back ? first : second;
    }
    rows_sort(rows, count, by_instant);
}
