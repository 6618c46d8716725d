/* What waits for a decision, explained to the person who decides. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/queue.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"
#include "verb.h"

#define ARENA_BYTES ((size_t)1 << 20)

/* "66,288 m³" */
static void amount_add(const struct office *o, const struct queue_detail *d, int64_t v,
                       struct buf *out)
{
    const struct unit *unit = unit_find(d->unit);
    struct buf machine;
    buf_init(&machine, 64);
    if (unit != NULL) {
        quantity_print(v, unit, 0, &machine);
        numfmt_number(o->numfmt, buf_str(&machine), out);
        buf_addf(out, " %s", unit->pretty);
    }
    buf_release(&machine);
}

static void head_print(const struct office *o, const struct queue_item *it,
                       const struct queue_detail *d, struct buf *out)
{
    char money[MONEY_WORDS_MAX];
    if (it->reading != 0) {
        buf_addf(out, _("Reading %" PRId64 " of meter %s, register %s: "), it->reading,
                 d->serial, d->obis);
        amount_add(o, d, it->value, out);
        buf_addc(out, ' ');
        numfmt_clock(o->numfmt, civil_from_secs(d->local), out);
        buf_addf(out, " (%s)\n", code_said(d->source));
    } else {
        buf_addf(out, _("Alert %" PRId64 " on meter %s, register %s\n"), it->alert, d->serial,
                 d->obis);
    }
    if (d->account[0] != '\0') {
        money_words(o, it->money, money);
        buf_addf(out, _("Account %s, route %s; at stake: %s\n"), d->account, d->route, money);
    }
    for (size_t i = 0; i < d->reason_count; i++) {
        buf_addf(out, "%s%s: %s\n", d->reason[i].hold ? "! " : "- ", d->reason[i].rule,
                 d->reason[i].text);
    }
}

static void use_print(const struct office *o, const struct queue_item *it,
                      const struct queue_detail *d, struct buf *out)
{
    if (d->has_previous) {
        buf_adds(out, _("Last accepted: "));
        amount_add(o, d, d->previous, out);
        buf_addc(out, ' ');
        numfmt_clock(o->numfmt, civil_from_secs(d->previous_local), out);
        buf_addc(out, '\n');
    }
    if (it->days > 0) {
        buf_addf(
            out,
            ngettext("In %" PRId64 " day: ", "In %" PRId64 " days: ", (unsigned long)it->days),
            it->days);
        amount_add(o, d, it->use, out);
        if (it->has_expected) {
            buf_adds(out, _("; expected: "));
            amount_add(o, d, it->expected, out);
        }
        if (d->limit >= 0) {
            buf_adds(out, _("; limit: "));
            amount_add(o, d, d->limit, out);
        }
        buf_addc(out, '\n');
    }
    for (size_t i = 0; i < d->history_count; i++) {
        buf_addf(out, "  %s  ", d->history[i].period);
        amount_add(o, d, d->history[i].use, out);
        buf_addf(out, "%s\n", d->history[i].estimated ? _(" (estimated)") : "");
    }
    for (size_t i = 0; i < d->alternative_count; i++) {
        buf_adds(out, i == 0 ? _("The dial may have shown:\n") : "");
        buf_adds(out, "  ");
        amount_add(o, d, d->alternative[i].value, out);
        buf_addf(out, " (%s): ", d->alternative[i].text);
        amount_add(o, d, d->alternative[i].use, out);
        buf_addc(out, '\n');
    }
}

static enum err_code number_take(const char *text, int64_t *out, struct err *e)
{
    return cli_whole(text, 1, INT64_MAX, out)
               ? ERR_OK
               : err_set(e, ERR_USAGE,
                         _("explain reading needs the number of one reading, or --alert "
                           "NUMBER"));
}

static enum err_code explain(struct office *o, int64_t reading, int64_t alert,
                             struct arena *arena, struct err *e)
{
    struct queue_item it;
    struct queue_detail d;
    struct buf out;
    TRY(queue_find(o, reading, alert, &it, e));
    TRY(queue_detail(o, &it, arena, &d, e));
    buf_init(&out, (size_t)1 << 16);
    head_print(o, &it, &d, &out);
    use_print(o, &it, &d, &out);
    enum err_code code = buf_status(&out, _("the explanation"), e);
    if (code == ERR_OK) {
        (void)fputs(buf_str(&out), stdout);
    }
    buf_release(&out);
    return code;
}

enum err_code verb_explain_reading(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct arena arena;
    int64_t reading = 0;
    int64_t alert = 0;
    const char *of_alert = cli_take(cli, "alert");
    if (of_alert != NULL) {
        TRY(number_take(of_alert, &alert, e));
        TRY(verb_no_more(cli, e));
    } else {
        TRY(number_take(cli->argc == 1 ? cli->argv[0] : NULL, &reading, e));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    arena_init(&arena, ARENA_BYTES);
    enum err_code code = explain(o, reading, alert, &arena, e);
    arena_release(&arena);
    office_close(o);
    return code;
}
