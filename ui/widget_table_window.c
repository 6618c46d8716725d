#include <config.h>

#include <string.h>

#include "ui/widget_table.h"

/* The rows of a table that have been fetched: those on screen, and on each side what the next
 * moves will show, so that a key is answered from memory. Nobody waits for the latter: the
 * worker fetches them after all else (struct job, ahead). */

/* A span of indexes into the list: first <= index < end. */
struct span {
    size_t first, end;
};

const struct row *table_row(const struct table *t, size_t index)
{
    int64_t id;

    if (index >= t->ids.count) {
        return NULL;
    }
    id = t->ids.ids[index];
    if (index >= t->window_first && index - t->window_first < t->window.count &&
        t->window.rows[index - t->window_first].id == id) {
        return &t->window.rows[index - t->window_first];
    }
    for (size_t i = 0; i < t->window.count; i++) { /* the list moved under the window */
        if (t->window.rows[i].id == id) {
            return &t->window.rows[i];
        }
    }
    if (!t->stale && index >= t->window_first && index - t->window_first < t->window.count) {
        return &t->window
                    .rows[index - t->window_first]; /* fetched, and not there: its id is 0 */
    }
    return NULL;
}

static struct span seen_span(const struct table *t)
{
    size_t end = t->top + (size_t)t->height;

    return (struct span){t->top, end < t->ids.count ? end : t->ids.count};
}

static struct span window_span(const struct table *t)
{
    return (struct span){t->window_first, t->window_first + t->window.count};
}

static bool covers(struct span whole, struct span part)
{
    return part.first >= whole.first && part.end <= whole.end;
}

/* A span with so many rows more on each side, as far as the list goes. */
static struct span widened(const struct table *t, struct span s, size_t by)
{
    return (struct span){s.first > by ? s.first - by : 0,
                         t->ids.count - s.end > by ? s.end + by : t->ids.count};
}

static void ask(struct table *t, struct span s, bool ahead, struct effects *fx)
{
    struct job *job;

    t->asked_first = s.first;
    t->asked_count = s.end - s.first < WINDOW_ROWS_MAX ? s.end - s.first : WINDOW_ROWS_MAX;
    t->window_serial++;
    job = window_job_new(t->source, t->ids.ids, s.first, t->asked_count, t->window_kind,
                         t->window_serial);
    if (job != NULL) {
        job->ahead = ahead;
    }
    t->asking = job != NULL;
    fx_job(fx, job);
}

/* Of a stale window: is there something to show until the rows as they are now have come? */
static bool all_shown(const struct table *t, struct span seen)
{
    for (size_t i = seen.first; i < seen.end; i++) {
        if (table_row(t, i) == NULL) {
            return false;
        }
    }
    return true;
}

/* The part of the visible rows that is not here; the window may hold one end of them. */
static struct span missing(struct span seen, struct span here)
{
    if (seen.first >= here.first && seen.first < here.end) {
        seen.first = here.end;
    } else if (seen.end <= here.end && seen.end > here.first) {
        seen.end = here.first;
    }
    return seen;
}

/* One page and a half must be here on each side; what is fetched then makes two of it. */
static void ask_ahead(struct table *t, struct span seen, struct effects *fx)
{
    size_t height = (size_t)t->height;
    struct span here = window_span(t);
    struct span least = widened(t, seen, height + height / 2);
    struct span most = widened(t, seen, 2 * height);
    struct span above = {most.first, here.first};
    struct span below = {here.end, most.end};
    bool up = least.first < here.first;
    bool down = least.end > here.end;

    if (up && (t->upwards || !down)) {
        ask(t, above, true, fx);
    } else if (down) {
        ask(t, below, true, fx);
    }
}

void table_window_ask(struct table *t, struct effects *fx)
{
    struct span seen = seen_span(t);
    struct span here = window_span(t);
    struct span asked = {t->asked_first, t->asked_first + t->asked_count};

    if (t->ids.count == 0) {
        return;
    }
    if (t->stale) {
        if (!t->asking || !covers(asked, seen)) {
            ask(t, seen, all_shown(t, seen), fx);
        }
    } else if (!covers(here, seen)) {
        seen = missing(seen, here);
        if (!t->asking || !covers(asked, seen)) {
            ask(t, seen, false, fx);
        }
    } else if (!t->asking) {
        ask_ahead(t, seen, fx);
    }
}

size_t table_likely(const struct table *t, int64_t ids[TABLE_LIKELY_MAX])
{
    int64_t on = t->upwards ? -1 : 1; /* the way of the last move */
    int64_t page = t->height > 1 ? t->height - 1 : 1;
    const int64_t moves[TABLE_LIKELY_MAX] = {on, -on, on * page, 2 * on, -on * page, -2 * on};
    size_t count = 0;

    for (size_t i = 0; i < TABLE_LIKELY_MAX; i++) {
        int64_t at = (int64_t)t->selected + moves[i];

        if (at >= 0 && (size_t)at < t->ids.count) {
            ids[count++] = t->ids.ids[at];
        }
    }
    return count;
}

/* ---- the answer ---- */

/* Put rows beside those that are here, without what has moved far out of sight. False: they do
 * not touch, or memory ran out; nothing changed then. */
static bool join(struct table *t, const struct window_job *w)
{
    struct span here = window_span(t);
    struct span come = {w->first, w->first + w->count};
    struct span kept = widened(t, seen_span(t), 3 * (size_t)t->height);
    struct span both = {come.first < here.first ? come.first : here.first,
                        come.end > here.end ? come.end : here.end};
    struct rowset rows = {0};
    bool ok = come.first <= here.end && here.first <= come.end;

    both.first = both.first > kept.first ? both.first : kept.first;
    both.end = both.end < kept.end ? both.end : kept.end;
    ok = ok && both.first < both.end &&
         rowset_init(&rows, both.end - both.first, NULL) == ERR_OK;
    for (size_t i = both.first; ok && i < both.end; i++) {
        bool old = i < come.first || i >= come.end;

        ok = rowset_copy(&rows,
                         old ? &t->window.rows[i - here.first] : &w->rows.rows[i - come.first]);
    }
    if (!ok) {
        rowset_release(&rows);
        return false;
    }
    rowset_release(&t->window);
    t->window = rows;
    t->window_first = both.first;
    return true;
}

static void take_all(struct table *t, struct window_job *w)
{
    rowset_release(&t->window);
    t->window = w->rows;
    memset(&w->rows, 0, sizeof(w->rows));
    t->window_first = w->first;
    t->stale = false;
}

void table_window_take(struct table *t, struct window_job *w, struct effects *fx)
{
    if (w->job.serial != t->window_serial) {
        return;
    }
    t->asking = false;
    if (w->job.err.code == ERR_CANCELLED) {
        if (w->job.ahead) { /* it gave way before it began */
            table_window_ask(t, fx);
        }
        return;
    }
    t->failed = w->job.err;
    if (w->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", w->job.err.text);
        return;
    }
    if (t->stale) {
        take_all(t, w);
    } else if (!join(t, w)) {
        if (w->job.ahead) {
            return; /* what is on screen is here; the next key asks again */
        }
        take_all(t, w);
    }
    table_window_ask(t, fx);
}
