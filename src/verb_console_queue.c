/* The queue of held readings and open alerts as a list of the console: ranked once when it is
 * asked for, kept, and shown from there; the reasons of one row are asked for by themselves. */
#include <config.h>

#include "verb_console_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/attached.h"
#include "app/page.h"
#include "app/queue.h"
#include "app/words.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ui/format.h"

#define DETAIL_BYTES ((size_t)1 << 20)
#define NOTE_BYTES 16384u
#define DAY_SECONDS 86400

/* What the list was built from; written on LANE_ROWS, read on LANE_QUERY. One console a
 * process. */
static struct {
    pthread_mutex_t lock;
    struct bound *bound;
    struct queue queue;
    struct rowsource source;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t id_of(const struct queue_item *i)
{
    return i->reading != 0 ? i->reading * 2 : i->alert * 2 + 1;
}

/* ---- the order and the filter ---- */

static int compare(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b ? 1 : 0;
}

static int by_use(const void *a, const void *b)
{
    return compare(((const struct queue_item *)a)->use, ((const struct queue_item *)b)->use);
}

static int by_money(const void *a, const void *b)
{
    return compare(((const struct queue_item *)a)->money,
                   ((const struct queue_item *)b)->money);
}

static int by_age(const void *a, const void *b)
{
    return compare(((const struct queue_item *)b)->utc, ((const struct queue_item *)a)->utc);
}

static int by_rule(const void *a, const void *b)
{
    return strcmp(((const struct queue_item *)a)->rule, ((const struct queue_item *)b)->rule);
}

/* Beside the rank, which is the queue's own order. */
static int (*order_of(int column))(const void *, const void *)
{
    switch (column) {
    case UI_QUEUE_USE:
        return by_use;
    case UI_QUEUE_MONEY:
        return by_money;
    case UI_QUEUE_AGE:
        return by_age;
    case UI_QUEUE_WHY:
    case UI_QUEUE_RULE:
        return by_rule;
    default:
        return NULL;
    }
}

static enum err_code names_of(struct office *o, const struct queue_item *i, struct buf *out,
                              struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT m.serial, (SELECT number FROM account WHERE id = ?2) FROM meter m WHERE "
        "m.id = ?1",
        VALS(V_INT(i->meter), V_INT(i->account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        buf_addf(out, "%s\n%s\n", stmt_text(q, 0), stmt_is_null(q, 1) ? "" : stmt_text(q, 1));
    }
    stmt_done(q);
    return code;
}

/* ---- rows ---- */

/* A copy of an item, and its place in the queue from 1; false when it waits no more. */
static bool item_of(int64_t id, struct queue_item *out, size_t *rank)
{
    bool found = false;
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < kept.queue.count && !found; i++) {
        if (id_of(&kept.queue.items[i]) == id) {
            *out = kept.queue.items[i];
            *rank = i + 1;
            found = true;
        }
    }
    pthread_mutex_unlock(&kept.lock);
    return found;
}

static enum err_code register_of(struct office *o, int64_t reg, char unit[16],
                                 int64_t *decimals, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    unit[0] = '\0';
    *decimals = 0;
    TRY(db_query(o->db, &q, e, "SELECT unit, decimals FROM register WHERE id = ?",
                 VALS(V_INT(reg))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(unit, 16, "%s", stmt_text(q, 0));
        *decimals = stmt_int(q, 1);
    }
    stmt_done(q);
    return code;
}

/* Is somebody sent to read that meter again already? */
static enum err_code re_read_asked(struct office *o, int64_t reg, bool *asked, struct err *e)
{
    int64_t one = 0;
    return db_get_int(o->db, &one, asked, e,
                      "SELECT 1 FROM register g JOIN work_order w ON w.meter = g.meter WHERE "
                      "g.id = ? AND w.kind = 're-read' AND w.closed IS NULL LIMIT 1",
                      VALS(V_INT(reg)));
}

#define CELL_MAX 192 /* at least PAGE_TEXT_MAX */

struct cells {
    char text[UI_QUEUE_CELLS][CELL_MAX];
};

static enum err_code cells_fill(struct office *o, const struct queue_item *i, size_t rank,
                                struct cells *c, struct err *e)
{
    char unit[16];
    int64_t decimals = 0;
    struct buf names;
    enum rule_id rule;
    bool asked = false;
    char titled[160];
    memset(c, 0, sizeof *c);
    TRY(register_of(o, i->reg, unit, &decimals, e));
    buf_init(&names, 1024);
    enum err_code code = names_of(o, i, &names, e);
    const char *line = strchr(buf_str(&names), '\n');
    if (line != NULL) {
        (void)snprintf(c->text[UI_QUEUE_SERIAL], CELL_MAX, "%.*s",
                       (int)(line - buf_str(&names)), buf_str(&names));
        (void)snprintf(c->text[UI_QUEUE_ACCOUNT], CELL_MAX, "%.*s",
                       (int)strcspn(line + 1, "\n"), line + 1);
    }
    buf_release(&names);
    (void)snprintf(c->text[UI_QUEUE_RANK], CELL_MAX, "%zu", rank);
    const char *why = rule_find(i->rule, &rule) ? rule_title(rule) : code_said(i->rule);
    if (code == ERR_OK) {
        code = re_read_asked(o, i->reg, &asked, e);
    }
    (void)snprintf(titled, sizeof titled, asked ? _("Re-reading asked: %.99s") : "%.99s", why);
    format_copy(c->text[UI_QUEUE_WHY], CELL_MAX, titled);
    (void)snprintf(c->text[UI_QUEUE_RULE], CELL_MAX, "%s", i->rule);
    (void)snprintf(c->text[UI_QUEUE_CLASS], CELL_MAX, "%s", i->class);
    (void)snprintf(c->text[UI_QUEUE_NUMBER], CELL_MAX, "%" PRId64,
                   i->reading != 0 ? i->reading : i->alert);
    if (i->reading != 0) {
        page_quantity(unit, decimals, i->value, c->text[UI_QUEUE_VALUE]);
    }
    page_quantity(unit, decimals, i->use, c->text[UI_QUEUE_USE]);
    if (i->has_expected) {
        page_quantity(unit, decimals, i->expected, c->text[UI_QUEUE_EXPECTED]);
    }
    if (i->money != 0) {
        page_amount(o, i->money, c->text[UI_QUEUE_MONEY]);
    }
    (void)snprintf(c->text[UI_QUEUE_AGE], CELL_MAX, "%" PRId64,
                   (env_wall_ms(o->env) / 1000 - i->utc) / DAY_SECONDS);
    page_clock(civil_to_secs(zone_to_civil(o->zone, i->utc)), c->text[UI_QUEUE_TIME]);
    return code;
}

static bool holds(const char *whole, const char *part)
{
    struct buf folded;
    struct buf term;
    buf_init(&folded, 8192);
    buf_init(&term, 1024);
    text_fold(whole, strlen(whole), &folded);
    text_fold(part, strlen(part), &term);
    bool yes = strstr(buf_str(&folded), buf_str(&term)) != NULL;
    buf_release(&term);
    buf_release(&folded);
    return yes;
}

/* Words are looked for in what names a row and says why it waits; column=value in that column
 * as it stands there. */
static enum err_code matches(struct office *o, const struct queue_item *i, size_t rank,
                             const struct row_query *q, bool *yes, struct err *e)
{
    struct cells c;
    char whole[6 * CELL_MAX];
    *yes = true;
    if (q->term_count == 0) {
        return ERR_OK;
    }
    TRY(cells_fill(o, i, rank, &c, e));
    (void)snprintf(whole, sizeof whole, "%s\n%s\n%s\n%s\n%s\n%s", c.text[UI_QUEUE_SERIAL],
                   c.text[UI_QUEUE_ACCOUNT], c.text[UI_QUEUE_WHY], c.text[UI_QUEUE_RULE],
                   c.text[UI_QUEUE_CLASS], i->reading != 0 ? code_said("held") : "");
    for (size_t t = 0; *yes && t < q->term_count; t++) {
        int column = q->terms[t].column;
        *yes = holds(column >= 0 && column < UI_QUEUE_CELLS ? c.text[column] : whole,
                     q->terms[t].text);
    }
    return ERR_OK;
}

static enum err_code give(struct bound *b, struct queue *all, const struct row_query *q,
                          struct idsink *sink, struct err *e)
{
    enum err_code code = ERR_OK;
    for (size_t n = 0; code == ERR_OK && n < all->count; n++) {
        const struct queue_item *i = &all->items[q->descending ? all->count - 1 - n : n];
        int64_t id = id_of(i);
        bool yes = false;
        code = matches(b->rows, i, n + 1, q, &yes, e);
        if (code == ERR_OK && !(yes ? idsink_add(sink, &id, 1) : idsink_wanted(sink))) {
            code = err_set(e, ERR_CANCELLED, "%s", _("the list was not wanted any more"));
        }
    }
    return code;
}

static enum err_code queue_build(void *ctx, const struct row_query *q, struct idsink *sink,
                                 struct err *e)
{
    struct bound *b = ctx;
    struct queue all = {0};
    int (*order)(const void *, const void *) = order_of(q->sort_column);
    TRY(bound_rows_access(b, e));
    TRY(queue_load(b->rows, &(struct queue_filter){0}, &all, e));
    idsink_total(sink, all.count);
    pthread_mutex_lock(&kept.lock);
    queue_release(&kept.queue);
    kept.queue = all;
    pthread_mutex_unlock(&kept.lock);
    if (order == NULL) {
        return give(b, &kept.queue, q, sink, e); /* this lane alone writes it */
    }
    struct queue sorted = {mem_array(all.count + 1, sizeof *all.items), all.count, 0};
    if (sorted.items == NULL) {
        return err_nomem(e);
    }
    memcpy(sorted.items, all.items, all.count * sizeof *all.items);
    qsort(sorted.items, sorted.count, sizeof *sorted.items, order);
    enum err_code code = give(b, &sorted, q, sink, e);
    mem_free(sorted.items);
    return code;
}

static enum err_code queue_fetch(void *ctx, const int64_t *ids, size_t count,
                                 struct rowset *out, struct err *e)
{
    struct bound *b = ctx;
    TRY(bound_query_access(b, e));
    for (size_t n = 0; n < count; n++) {
        struct queue_item item;
        struct cells cells;
        size_t rank = 0;
        if (!item_of(ids[n], &item, &rank)) {
            continue;
        }
        TRY(cells_fill(b->query, &item, rank, &cells, e));
        struct row *r = rowset_add(out, ids[n]);
        for (size_t c = 0; r != NULL && c < UI_QUEUE_CELLS; c++) {
            r->cells[c] = rowset_text(out, cells.text[c]);
            r = r->cells[c] != NULL ? r : NULL;
        }
        if (r == NULL) {
            return err_nomem(e);
        }
    }
    return ERR_OK;
}

/* ---- one row in full ---- */

static void quantity_add(const struct office *o, const struct queue_detail *d, int64_t v,
                         struct buf *out)
{
    const struct unit *u = unit_find(d->unit);
    char text[PAGE_TEXT_MAX];
    page_quantity(d->unit, d->decimals, v, text);
    numfmt_number(o->numfmt, text, out);
    buf_addf(out, " %s", u != NULL ? u->pretty : d->unit);
}

static void say_quantity(struct list_detail *out, const char *label,
                         const struct queue_detail *d, int64_t v)
{
    char text[PAGE_TEXT_MAX];
    page_quantity(d->unit, d->decimals, v, text);
    list_say(out, label, LIST_NUMBER, text);
}

static enum err_code note_fill(struct office *o, const struct queue_item *item,
                               const struct queue_detail *d, struct list_detail *out,
                               struct err *e)
{
    enum err_code code = ERR_OK;
    struct buf note;
    buf_init(&note, NOTE_BYTES);
    for (size_t i = 0; i < d->reason_count; i++) {
        buf_addf(&note, "%s%s\n", d->reason[i].hold ? "! " : "- ", d->reason[i].text);
    }
    for (size_t i = 0; i < d->alternative_count; i++) {
        buf_adds(&note, i == 0 ? _("Perhaps: ") : "; ");
        buf_addf(&note, "%s ", d->alternative[i].text);
        quantity_add(o, d, d->alternative[i].value, &note);
        buf_adds(&note, " = ");
        quantity_add(o, d, d->alternative[i].use, &note);
    }
    if (item->reading != 0) {
        buf_adds(&note, d->alternative_count > 0 ? "\n" : "");
        code = attached_text(o, "reading", item->reading, &note, e);
    }
    out->note = arena_strdup(&out->arena, buf_str(&note));
    buf_release(&note);
    return code;
}

static enum err_code detail_fill(struct office *o, const struct queue_item *i,
                                 const struct queue_detail *d, struct list_detail *out,
                                 struct err *e)
{
    char text[PAGE_TEXT_MAX];
    for (size_t n = 0; n < d->history_count && n + 1 < LIST_SERIES_MAX; n++) {
        out->series[out->series_count++] = d->history[n].use;
    }
    out->series[out->series_count++] = i->use;
    out->series_limit = d->limit;
    if (i->reading != 0) {
        say_quantity(out, _("Reading"), d, i->value);
        page_clock(d->local, text);
        list_say(out, _("Read at"), LIST_TIME, text);
        list_say(out, _("Source"), LIST_TEXT, code_said(d->source));
    }
    if (d->has_previous) {
        say_quantity(out, _("Previous"), d, d->previous);
    }
    if (d->mean >= 0) {
        say_quantity(out, _("Mean"), d, d->mean);
    }
    list_say(out, _("Route"), LIST_TEXT, d->route);
    if (d->alternative_count > 0) { /* for the key that corrects */
        page_quantity(d->unit, d->decimals, d->alternative[0].value, text);
        list_say(out, _("Perhaps"), LIST_NUMBER, text);
    }
    return note_fill(o, i, d, out, e);
}

static enum err_code queue_row_detail(struct bound *b, int64_t id, struct list_detail *out,
                                      struct err *e)
{
    struct queue_item item;
    struct queue_detail d;
    struct arena arena;
    size_t rank = 0;
    if (!item_of(id, &item, &rank)) {
        return ERR_OK;
    }
    TRY(bound_query_access(b, e));
    arena_init(&arena, DETAIL_BYTES);
    enum err_code code = queue_detail(b->query, &item, &arena, &d, e);
    if (code == ERR_OK) {
        code = detail_fill(b->query, &item, &d, out, e);
    }
    arena_release(&arena);
    return code;
}

/* ---- the model's functions ---- */

const struct rowsource *bound_any_list(void *ctx, const char *name)
{
    if (strcmp(name, "queue") != 0) {
        return bound_list(ctx, name);
    }
    kept.source = (struct rowsource){ctx, queue_build, queue_fetch};
    return &kept.source;
}

enum err_code bound_any_detail(void *ctx, const char *name, int64_t id, struct list_detail *out,
                               struct err *e)
{
    return strcmp(name, "queue") == 0 ? queue_row_detail(ctx, id, out, e)
                                      : bound_list_detail(ctx, name, id, out, e);
}

/* What waits: a reading by its own number, an alert by its own; both speak of a meter. */
static const struct list_query held_goals[2] = {
    {.id = "x.id",
     .from = "reading x JOIN register r ON r.id = x.register",
     .links = {{"serial", "meter", "r.meter"},
               {"account", "account",
                "(SELECT g.account FROM assignment g WHERE g.meter = r.meter AND g.end_date IS "
                "NULL)"},
               {"value", "entry", "x.seq"}}},
    {.id = "x.id",
     .from = "alert x",
     .links = {{"serial", "meter", "x.meter"},
               {"account", "account",
                "(SELECT g.account FROM assignment g WHERE g.meter = x.meter AND g.end_date IS "
                "NULL)"},
               {"number", "alert", "x.id"},
               {N_("Bill"), "bill", "x.bill"}}},
};

enum err_code bound_any_goals(void *ctx, const char *name, int64_t id,
                              struct list_goal out[LIST_LINKS_MAX], size_t *count,
                              struct err *e)
{
    struct bound *b = ctx;
    if (strcmp(name, "queue") != 0) {
        return bound_list_goals(ctx, name, id, out, count, e);
    }
    TRY(bound_query_access(b, e));
    return list_goals(b->query, &held_goals[id % 2], id / 2, out, count, e);
}

void bound_queue_close(void)
{
    queue_release(&kept.queue);
    kept.queue = (struct queue){0};
}
