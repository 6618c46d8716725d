/* What a decision does to the bills that come. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/decide.h"
#include "app/queue.h"
#include "app/receivable.h"
#include "app/use_history.h"
#include "base/i18n.h"

#define KEEP_BYTES ((size_t)64 << 20)
#define SCRATCH_BYTES ((size_t)4 << 20)

struct effect {
    struct queue_item item;
    struct decided was;
};

struct preview {
    struct effect *all;
    size_t count;
    struct queue waiting;
    struct arena keep, scratch;
    struct tariff_book book;
    int64_t registers, without, with; /* minor units: bills as they would be now, and after */
};

/* By register, the newest reading first: the bill ends there. */
static int effect_order(const void *a, const void *b)
{
    const struct effect *x = a;
    const struct effect *y = b;
    if (x->was.reg != y->was.reg) {
        return x->was.reg < y->was.reg ? -1 : 1;
    }
    return x->was.utc > y->was.utc ? -1 : x->was.utc < y->was.utc;
}

/* The use that the decision lets be billed; none where the reading falls away. */
static enum err_code use_after(struct command_ctx *c, struct decide_run *r,
                               const struct effect *x, int64_t *use, struct err *e)
{
    struct meter_row m;
    struct estimating est;
    struct bill_reading from;
    struct err ignored = ERR_INIT;
    int64_t value = 0;
    bool found = false;
    *use = 0;
    switch (r->action) {
    case DECIDE_ACCEPT:
        *use = x->item.use;
        return ERR_OK;
    case DECIDE_CORRECT:
        TRY(correction_value(c, &x->was, &m, &value, e));
        TRY(reading_until(c->office, x->was.reg, x->was.utc, &from, &found, e));
        if (found &&
            register_consumption(&m.reg, from.value, value, 0, use, &ignored) != ERR_OK) {
            *use = 0;
        }
        return ERR_OK;
    case DECIDE_ESTIMATE:
        TRY(decided_estimate(c, r, &x->was, &est, e));
        *use = est.estimate.use;
        return ERR_OK;
    case DECIDE_REJECT:
    case DECIDE_RE_READ:
    case DECIDE_ACTIONS:
        return ERR_OK;
    }
    return ERR_OK;
}

static void line_print(struct command_ctx *c, const struct effect *x, const char *serial,
                       int64_t use, int64_t without, int64_t with)
{
    char words[2][MONEY_WORDS_MAX];
    if (c->out == NULL) {
        return;
    }
    if (c->json) {
        buf_addf(c->out,
                 "{\"reading\":%" PRId64 ",\"serial\":\"%s\",\"use\":%" PRId64
                 ",\"days\":%" PRId64 ",\"without\":%" PRId64 ",\"with\":%" PRId64 "}\n",
                 x->was.id, serial, use, x->item.days, without, with);
        return;
    }
    money_words(c->office, without, words[0]);
    money_words(c->office, with, words[1]);
    buf_addf(c->out, "%" PRId64 "  %s  %s -> %s\n", x->was.id, serial, words[0], words[1]);
}

static enum err_code effect_reckon(struct command_ctx *c, struct decide_run *r,
                                   struct preview *p, const struct effect *x, struct err *e)
{
    struct use_price price;
    struct meter_row m;
    struct err why = ERR_INIT;
    int64_t account = 0;
    int64_t use = 0;
    int64_t without = 0;
    int64_t with = 0;
    bool known[2] = {false, false};
    enum err_code code = use_after(c, r, x, &use, &why);
    if (code == ERR_STATE && !r->listed) {
        r->own++;
        return ERR_OK;
    }
    if (code != ERR_OK) {
        return err_set(e, code, "%s", why.text);
    }
    TRY(meter_by_register(c->office, x->was.reg, &m, e));
    TRY(use_price_find(c->office, &p->book, m.id,
                       zone_to_civil(c->office->zone, x->was.utc).date, &price, &account, e));
    arena_reset(&p->scratch);
    TRY(use_price(&price, 0, x->item.days, &p->scratch, &without, &known[0], e));
    TRY(use_price(&price, use, x->item.days, &p->scratch, &with, &known[1], e));
    if (known[0] && known[1]) {
        p->registers++;
        p->without += without;
        p->with += with;
        line_print(c, x, m.serial, use, without, with);
    }
    return ERR_OK;
}

static int item_order(const void *a, const void *b)
{
    const struct queue_item *x = a;
    const struct queue_item *y = b;
    return x->reading < y->reading ? -1 : x->reading > y->reading;
}

/* What waits, to look up by number: reckoned once where there may be many. */
static enum err_code waiting_load(struct command_ctx *c, const struct decide_run *r,
                                  struct queue *q, struct err *e)
{
    static const struct queue_filter readings = {.what = "readings"};
    *q = (struct queue){0};
    if (r->listed) {
        return ERR_OK;
    }
    TRY(queue_load(c->office, &readings, q, e));
    if (q->count > 1) {
        qsort(q->items, q->count, sizeof q->items[0], item_order);
    }
    return ERR_OK;
}

/* An accepted reading that is to be rejected or corrected waits for nothing. */
static void item_find(struct command_ctx *c, const struct queue *waiting, struct effect *x)
{
    struct queue_item key = {.reading = x->was.id};
    struct err ignored = ERR_INIT;
    const struct queue_item *hit =
        waiting->count > 0
            ? bsearch(&key, waiting->items, waiting->count, sizeof key, item_order)
            : NULL;
    if (hit != NULL) {
        x->item = *hit;
    } else if (queue_find(c->office, x->was.id, 0, &x->item, &ignored) != ERR_OK) {
        x->item = (struct queue_item){.days = 1};
    }
}

static enum err_code effects_load(struct command_ctx *c, struct decide_run *r,
                                  struct preview *p, struct err *e)
{
    p->all = mem_array(r->count > 0 ? r->count : 1, sizeof p->all[0]);
    if (p->all == NULL) {
        return err_nomem(e);
    }
    TRY(waiting_load(c, r, &p->waiting, e));
    for (size_t i = 0; i < r->count; i++) {
        struct effect *x = &p->all[p->count];
        struct err why = ERR_INIT;
        enum err_code code = decidable(c, r, r->ids[i], &x->was, &why);
        if (code == ERR_OK) {
            item_find(c, &p->waiting, x);
            p->count++;
        } else if (r->listed || (code != ERR_DENIED && code != ERR_STATE)) {
            return err_set(e, code, "%s", why.text);
        } else {
            r->own++;
        }
    }
    if (p->count > 1) {
        qsort(p->all, p->count, sizeof p->all[0], effect_order);
    }
    return tariff_book_load(c->office, &p->keep, &p->book, e);
}

static void preview_say(struct command_ctx *c, const struct decide_run *r,
                        const struct preview *p)
{
    char words[2][MONEY_WORDS_MAX];
    money_words(c->office, p->without, words[0]);
    money_words(c->office, p->with, words[1]);
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("%zu reading would be decided (%s), passed over: %" PRId64
                            "; registers: %" PRId64
                            ", whose use would come to %s instead of %s; nothing was recorded",
                            "%zu readings would be decided (%s), passed over: %" PRId64
                            "; registers: %" PRId64
                            ", whose use would come to %s instead of %s; nothing was recorded",
                            (unsigned long)p->count),
                   p->count, decide_action_word(r->action), r->own, p->registers, words[1],
                   words[0]);
}

enum err_code decide_preview(struct command_ctx *c, struct decide_run *r, struct err *e)
{
    struct preview *p = mem_alloc(sizeof *p);
    if (p == NULL) {
        return err_nomem(e);
    }
    arena_init(&p->keep, KEEP_BYTES);
    arena_init(&p->scratch, SCRATCH_BYTES);
    enum err_code code = effects_load(c, r, p, e);
    for (size_t i = 0; code == ERR_OK && i < p->count; i++) {
        bool newest = i == 0 || p->all[i].was.reg != p->all[i - 1].was.reg;
        code = newest ? effect_reckon(c, r, p, &p->all[i], e) : ERR_OK;
    }
    if (code == ERR_OK) {
        preview_say(c, r, p);
    }
    arena_release(&p->keep);
    arena_release(&p->scratch);
    queue_release(&p->waiting);
    mem_free(p->all);
    mem_free(p);
    return code;
}
