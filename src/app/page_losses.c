#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/losses.h"
#include "app/page.h"
#include "app/page_losses.h"
#include "app/rule_settings.h"
#include "base/i18n.h"

/* What feeders lost in the last month in which one was read: the share of each as a bar, then
 * the figures. Uses are reckoned from readings, four queries a meter below; so many meters are
 * a report's work, not a page's. */

#define LINKS_MAX 5000
#define SHARE_TOO_LARGE 10000 /* per mille: above, a bar says nothing */

struct feeders {
    struct loss *list; /* those with a meter below, by number */
    size_t count;
};

static bool share_known(const struct loss *l)
{
    return l->counted.known && l->counted.whole > 0;
}

/* Per mille of what went in, half up. */
static int64_t share_of(const struct loss *l)
{
    const struct balance *b = &l->counted;
    int128 lost = (int128)b->whole - b->parts;
    int128 share = div_round128(lost * 1000, b->whole, ROUND_HALF_UP);
    return share > SHARE_TOO_LARGE    ? SHARE_TOO_LARGE
           : share < -SHARE_TOO_LARGE ? -SHARE_TOO_LARGE
                                      : (int64_t)share;
}

static void share_text(int64_t share, char out[PAGE_TEXT_MAX])
{
    int64_t size = share < 0 ? -share : share;
    (void)snprintf(out, PAGE_TEXT_MAX, "%s%" PRId64 ".%" PRId64, share < 0 ? "-" : "",
                   size / 10, size % 10);
}

/* Is it more, or less, than the rule "balance" lets pass? */
static bool out_of_balance(const struct rule_set *rules, const struct loss *l)
{
    const struct balance *b = &l->counted;
    struct findings found;
    struct compare_ctx ctx = {.rules = &rules[b->meter.kind],
                              .whole = b->whole,
                              .parts = b->parts,
                              .read = b->read,
                              .count = b->count};
    rules_judge_balance(&ctx, &found);
    return b->known && found.count > 0;
}

static void shares_fill(const struct office *o, const struct rule_set *rules,
                        const struct feeders *f, struct sheet *s)
{
    sheet_heading(s, N_("Share lost"));
    for (size_t i = 0; i < f->count; i++) {
        char machine[PAGE_TEXT_MAX];
        struct buf figure;
        if (!share_known(&f->list[i])) {
            continue;
        }
        share_text(share_of(&f->list[i]), machine);
        buf_init(&figure, PAGE_TEXT_MAX);
        numfmt_number(o->numfmt, machine, &figure);
        buf_adds(&figure, " %");
        sheet_share(s, f->list[i].counted.meter.serial, buf_str(&figure), share_of(&f->list[i]),
                    out_of_balance(rules, &f->list[i]));
        buf_release(&figure);
    }
}

static void quantity_put(struct sheet *s, size_t cell, const struct meter_row *m, bool known,
                         int64_t value)
{
    char text[PAGE_TEXT_MAX] = "";
    if (known) {
        page_quantity(m->reg.unit->symbol, m->reg.decimals, value, text);
    }
    sheet_put(s, cell, text);
}

static void row_fill(const struct rule_set *rules, const struct loss *l, struct sheet *s)
{
    const struct balance *b = &l->counted;
    char share[PAGE_TEXT_MAX] = "";
    sheet_row(s, b->meter.id, "meter", "");
    sheet_mood(s, out_of_balance(rules, l) ? SHEET_BAD
                  : !b->known              ? SHEET_DIM
                  : b->read < b->count     ? SHEET_NOTE
                                           : SHEET_GOOD);
    sheet_put(s, 0, b->meter.serial);
    quantity_put(s, 1, &b->meter, b->known, b->whole);
    quantity_put(s, 2, &b->meter, true, b->parts);
    quantity_put(s, 3, &b->meter, b->known, b->whole - b->parts);
    if (share_known(l)) {
        share_text(share_of(l), share);
    }
    sheet_put(s, 4, share);
    quantity_put(s, 5, &b->meter, true, l->billed);
    sheet_put(s, 6, b->meter.reg.unit->pretty);
    sheet_put_int(s, 7, b->count);
    sheet_put_int(s, 8, b->count - b->read);
}

static void table_fill(const struct rule_set *rules, const struct feeders *f, struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {N_("Feeder"), SHEET_AS_STATE, 14, 24, 1},
        {N_("Went in"), SHEET_AS_NUMBER, 10, 14, 1},
        {N_("Measured"), SHEET_AS_NUMBER, 10, 14, 2},
        {N_("Lost"), SHEET_AS_NUMBER, 9, 14, 1},
        {N_("Share lost"), SHEET_AS_NUMBER, 10, 11, 1},
        {N_("Billed"), SHEET_AS_NUMBER, 10, 14, 3},
        {N_("Unit"), SHEET_AS_TEXT, 4, 5, 1},
        {N_("Meters"), SHEET_AS_NUMBER, 6, 7, 4},
        {N_("Not read"), SHEET_AS_NUMBER, 8, 8, 3},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_heading(s, N_("Feeders and what is below them"));
    sheet_table(s, columns, "");
    for (size_t i = 0; i < f->count; i++) {
        row_fill(rules, &f->list[i], s);
    }
}

static enum err_code feeders_load(struct office *o, struct date month, struct feeders *f,
                                  struct err *e)
{
    size_t count = 0;
    int64_t *meters = mem_array(FEEDERS_MAX, sizeof meters[0]);
    f->list = mem_array(FEEDERS_MAX, sizeof f->list[0]);
    enum err_code code = meters == NULL || f->list == NULL ? err_nomem(e) : ERR_OK;
    if (code == ERR_OK) {
        code = feeders_list(o, meters, &count, e);
    }
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        code = loss_load(o, meters[i], month, &f->list[f->count], e);
        f->count += f->list[f->count].counted.count > 0;
    }
    mem_free(meters);
    return code;
}

/* *few false: it is said why, and nothing is to be reckoned. */
static enum err_code few_enough(struct office *o, int64_t above, struct sheet *s, bool *few,
                                struct err *e)
{
    int64_t links = 0;
    TRY(db_get_int(o->db, &links, NULL, e,
                   "SELECT count(*) FROM (SELECT 1 FROM feed WHERE deduct = 0 AND (?1 = 0 OR "
                   "above = ?1) LIMIT "
                   "5001)",
                   VALS(V_INT(above))));
    *few = links <= LINKS_MAX;
    if (!*few) {
        sheet_text(s, SHEET_NOTE,
                   _("More than 5,000 meters stand below feeders here; the report of losses "
                     "reckons them: aforo report losses."));
    }
    return ERR_OK;
}

static enum err_code losses_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                 struct err *e)
{
    struct rule_set rules[METER_KIND_COUNT];
    struct feeders f = {0};
    struct date month = {0};
    bool known = false;
    bool few = false;
    (void)user;
    (void)id;
    TRY(losses_last_month(o, &month, &known, e));
    if (!known) {
        sheet_text(s, SHEET_NOTE,
                   _("No meter stands below another one that was read. \"meter link\" says "
                     "which feeder or macro-meter a meter is below."));
        return ERR_OK;
    }
    TRY(few_enough(o, 0, s, &few, e));
    if (!few) {
        return ERR_OK;
    }
    TRY(rules_load(o, rules, e));
    enum err_code code = feeders_load(o, month, &f, e);
    if (code == ERR_OK) {
        sheet_head(s, "%04u-%02u", (unsigned)month.year, month.month);
        table_fill(rules, &f, s);
        shares_fill(o, rules, &f, s);
    }
    mem_free(f.list);
    return code;
}

const struct page page_losses = {"losses", NULL, losses_fill};

enum err_code page_feeder_fill(struct office *o, int64_t meter, const struct unit *unit,
                               int64_t decimals, struct sheet *s, struct err *e)
{
    int64_t values[LOSS_PLOT_MONTHS];
    char names[LOSS_PLOT_MONTHS][8];
    const char *pointers[LOSS_PLOT_MONTHS];
    struct date month = {0};
    size_t n = 0;
    int64_t below = 0;
    int64_t top = 0;
    bool known = false;
    bool few = false;
    TRY(db_get_int(o->db, &below, NULL, e, "SELECT count(*) FROM feed WHERE above = ?",
                   VALS(V_INT(meter))));
    if (below == 0) {
        return ERR_OK;
    }
    TRY(losses_last_month(o, &month, &known, e));
    TRY(few_enough(o, meter, s, &few, e));
    if (!known || !few) {
        return ERR_OK;
    }
    month = date_add_months(month, 1 - LOSS_PLOT_MONTHS);
    for (size_t i = 0; i < LOSS_PLOT_MONTHS; i++, month = date_add_months(month, 1)) {
        struct loss l;
        TRY(loss_load(o, meter, month, &l, e));
        if (l.counted.count == 0) {
            continue;
        }
        values[n] = l.counted.known ? l.counted.whole - l.counted.parts : -1;
        top = values[n] > top ? values[n] : top;
        (void)snprintf(names[n], sizeof names[n], "%02u/%02u", month.month % 100U,
                       (unsigned)month.year % 100U);
        pointers[n] = names[n];
        n++;
    }
    if (n > 0 && top > 0) {
        char text[PAGE_TEXT_MAX];
        page_quantity(unit->symbol, decimals, top, text);
        sheet_heading(s, N_("Lost below it by month"));
        sheet_plot(s, SHEET_BARS, N_("In"), unit->pretty, values, pointers, n, -1, text, "");
    }
    return ERR_OK;
}
