#include <config.h>

#include "ledger/dropped.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/i18n.h"

void dropped_init(struct dropped *d)
{
    *d = (struct dropped){0};
}

void dropped_release(struct dropped *d)
{
    mem_free(d->segments);
    mem_free(d->windows);
    dropped_init(d);
}

bool dropped_reads(enum kind kind)
{
    return kind == KIND_segment_sealed || kind == KIND_segment_dropped ||
           kind == KIND_segment_restored;
}

static struct dropped_segment *segment_find(const struct dropped *d, int64_t id)
{
    for (size_t i = d->segment_count; i > 0; i--) {
        if (d->segments[i - 1].id == id) {
            return &d->segments[i - 1];
        }
    }
    return NULL;
}

static enum err_code segment_add(struct dropped *d, const struct dropped_segment *s,
                                 struct err *e)
{
    struct dropped_segment *more =
        mem_grow(d->segments, d->segment_count, &d->segment_size, sizeof more[0]);
    if (more == NULL) {
        return err_nomem(e);
    }
    d->segments = more;
    d->segments[d->segment_count++] = *s;
    return ERR_OK;
}

/* The schema of these kinds has been checked: their members are there. */
enum err_code dropped_follow(struct dropped *d, const struct entry *en, enum kind kind,
                             struct err *e)
{
    struct dropped_segment s = {0};
    if (!dropped_reads(kind) || !json_get_int(en->data, "segment", &s.id)) {
        return ERR_OK;
    }
    if (kind == KIND_segment_sealed) {
        return json_get_int(en->data, "first", &s.first) &&
                       json_get_int(en->data, "last", &s.last)
                   ? segment_add(d, &s, e)
                   : ERR_OK;
    }
    /* One that was sealed before a check went on behind it has no window left to judge. */
    struct dropped_segment *known = segment_find(d, s.id);
    if (known != NULL) {
        known->dropped = kind == KIND_segment_dropped ? en->seq : 0;
    }
    return ERR_OK;
}

enum err_code dropped_missing(struct dropped *d, int64_t seq, int64_t run, struct err *e)
{
    struct dropped_windows *last =
        d->window_count > 0 ? &d->windows[d->window_count - 1] : NULL;
    if (last != NULL && run != 0 && (run == last->last || run == last->last + 1)) {
        last->last = run;
        return ERR_OK;
    }
    struct dropped_windows *more =
        mem_grow(d->windows, d->window_count, &d->window_size, sizeof more[0]);
    if (more == NULL) {
        return err_nomem(e);
    }
    d->windows = more;
    d->windows[d->window_count++] = (struct dropped_windows){run, run, seq};
    return ERR_OK;
}

static bool window_dropped(const struct dropped *d, int64_t window)
{
    for (size_t i = 0; i < d->segment_count; i++) {
        const struct dropped_segment *s = &d->segments[i];
        if (s->first <= window && window <= s->last) {
            return s->dropped != 0;
        }
    }
    return false;
}

enum err_code dropped_end(const struct dropped *d, struct audit *a)
{
    for (size_t i = 0; i < d->window_count; i++) {
        const struct dropped_windows *w = &d->windows[i];
        for (int64_t run = w->first; run <= w->last; run++) {
            if (!window_dropped(d, run)) {
                (void)audit_add(a, "item", w->seq, -1,
                                _("the items of entry %" PRId64
                                  " are missing, and no entry says that they were dropped"),
                                w->seq);
                return ERR_TAMPERED;
            }
        }
    }
    return ERR_OK;
}
