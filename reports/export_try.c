/* What a tariff would cost, asked from a screen: nothing is recorded. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/bill_build.h"
#include "app/tariff_try.h"
#include "base/i18n.h"
#include "reports/exports.h"

#define ARENA_MAX ((size_t)64 << 20)

static void money_add_text(const struct command_ctx *c, const struct tariff *t, struct money m,
                           struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    money_print(m, t->currency, &machine);
    numfmt_number(c->office->numfmt, buf_str(&machine), out);
    buf_release(&machine);
}

static void lines_say(const struct command_ctx *c, const struct bill_result *r, struct buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        bill_line_title(&r->lines[i], r->tariff, c->office->numfmt, out);
        buf_adds(out, ": ");
        bill_line_explain(r, &r->lines[i], c->office->numfmt, out);
        buf_addc(out, '\n');
    }
    buf_adds(out, _("Total "));
    money_add_text(c, r->tariff, r->total, out);
    buf_addf(out, " %s\n", r->tariff->currency->code);
}

/* What it would have made of the last bills of an account. */
static enum err_code account_say(const struct command_ctx *c, const struct tariff *t,
                                 struct arena *a, struct buf *out, struct err *e)
{
    struct trial_period *periods = NULL;
    size_t count = 0;
    TRY(tariff_try_account(c->office, t, arg_text(c, "account"), a, &periods, &count, e));
    for (size_t i = 0; i < count; i++) {
        const struct trial_period *p = &periods[i];
        buf_addf(out, _("Bill %" PRId64 ", %s to %s, meter %s: billed "), p->bill, p->start,
                 p->end, p->serial);
        money_add_text(c, t, p->billed, out);
        buf_addf(out, _(", by %s it would be "), t->code);
        money_add_text(c, t, p->would, out);
        buf_addc(out, '\n');
    }
    return ERR_OK;
}

static enum err_code try_say(const struct command_ctx *c, struct arena *a, struct buf *out,
                             struct err *e)
{
    const char *code = arg_text(c, "tariff");
    const char *days = arg_text(c, "days");
    const char *month = arg_text(c, "month");
    struct trial trial = {.use = arg_text(c, "use"),
                          .limit = arg_text(c, "limit"),
                          .days = days != NULL ? strtoll(days, NULL, 10) : 30,
                          .month = month != NULL ? (unsigned)strtoul(month, NULL, 10) : 0};
    struct tariff_book book;
    struct bill_result r;
    TRY(tariff_book_load(c->office, a, &book, e));
    const struct tariff_row *row =
        code != NULL ? tariff_book_find(&book, code, office_today(c->office)) : NULL;
    if (row == NULL) {
        return err_set(e, ERR_NOT_FOUND, _("there is no tariff \"%s\" in force today"),
                       code != NULL ? code : "");
    }
    if (arg_text(c, "account") != NULL) {
        return account_say(c, row->tariff, a, out, e);
    }
    if (trial.use == NULL || trial.days < 1 || trial.days > USAGE_DAYS_MAX ||
        trial.month > 12) {
        return err_set(
            e, ERR_USAGE,
            _("say a use, days from 1 to %d and a month from 1 to 12; or an account"),
            USAGE_DAYS_MAX);
    }
    TRY(tariff_try(row->tariff, &trial, a, &r, e));
    lines_say(c, &r, out);
    return ERR_OK;
}

enum err_code export_tariff_try(struct command_ctx *c, struct err *e)
{
    struct arena arena;
    struct buf none;
    arena_init(&arena, ARENA_MAX);
    buf_init(&none, (size_t)1 << 20);
    enum err_code code = try_say(c, &arena, c->out != NULL ? c->out : &none, e);
    buf_release(&none);
    arena_release(&arena);
    return code;
}
