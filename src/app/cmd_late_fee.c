/* Late fees: a debit note for each bill that is overdue by the policy, once a term. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/note.h"
#include "app/policy.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "ledger/items.h"

#define FEES_PER_BATCH 1024
#define DAYS_MAX 3660
#define MINOR_MAX INT64_C(1000000000000)

static bool members_read(const struct jnode *root, struct late_fee_policy *p)
{
    static const char *const names[] = {"grace_days", "every_days", "fixed", "percent",
                                        "minimum",    "maximum",    NULL};
    jread_only(root, names, NULL);
    *p = (struct late_fee_policy){.every_days = 30};
    bool ok = jread_int(root, "grace_days", true, 0, DAYS_MAX, &p->grace_days);
    ok = jread_int(root, "every_days", true, 1, DAYS_MAX, &p->every_days) && ok;
    ok = jread_int(root, "fixed", true, 0, MINOR_MAX, &p->fixed) && ok;
    ok = jread_decimal(root, "percent", true, 6, &p->percent) && ok;
    (void)jread_int(root, "minimum", false, 0, MINOR_MAX, &p->minimum);
    (void)jread_int(root, "maximum", false, 0, MINOR_MAX, &p->maximum);
    return ok;
}

void late_fee_check(const struct jnode *root)
{
    struct late_fee_policy p;
    if (members_read(root, &p) && p.maximum > 0 && p.maximum < p.minimum) {
        (void)jfault(root, "maximum", _("it must not be below the minimum"));
    }
}

enum err_code late_fee_of(const struct late_fee_policy *p, int64_t open, int64_t *fee,
                          struct err *e)
{
    int128 part = (int128)open * p->percent.mantissa;
    if (part > (int128)INT64_MAX * 1000000) {
        return err_set(e, ERR_RANGE, _("the amount is too large"));
    }
    /* percent of it, half up to the minor unit */
    int128 sum =
        p->fixed + div_round128(part, (int128)100 * pow10_i64(p->percent.scale), ROUND_HALF_UP);
    sum = sum < p->minimum ? p->minimum : sum;
    sum = p->maximum > 0 && sum > p->maximum ? p->maximum : sum;
    if (sum > INT64_MAX / 4) {
        return err_set(e, ERR_RANGE, _("the amount is too large"));
    }
    *fee = (int64_t)sum;
    return ERR_OK;
}

struct fees {
    struct late_fee_policy policy;
    bool preview;
    int64_t after, next; /* bills done, in the order of their numbers */
    int64_t count, total;
    int64_t found; /* in this batch */
    int64_t batch_total;
    struct item_batch items;
};

static enum err_code policy_take(struct command_ctx *c, struct fees *f, struct err *e)
{
    const struct json *spec = NULL;
    bool found = false;
    struct faults faults = {0};
    TRY(policy_load(c->office, "late_fee", c->arena, &spec, &found, e));
    if (!found) {
        return err_set(e, ERR_STATE,
                       _("no late fee is set; set one with: aforo policy set late_fee FILE"));
    }
    struct jnode root = jnode_root(spec, c->arena, &faults);
    return members_read(&root, &f->policy)
               ? ERR_OK
               : err_set(e, ERR_TAMPERED, _("the policy %s cannot be read"), "late_fee");
}

static enum err_code fee_item(struct command_ctx *c, struct fees *f, struct note *n,
                              struct arena *arena, struct err *e)
{
    struct buf text;
    struct json *o = json_new_object(arena);
    buf_init(&text, ITEM_MAX_BYTES);
    struct arena *was = c->arena;
    c->arena = arena; /* what the item is made of goes with it */
    enum err_code code = o != NULL ? note_data(c, o, n, e) : err_nomem(e);
    c->arena = was;
    if (code == ERR_OK) {
        code = json_write_jcs(o, &text, e);
    }
    if (code == ERR_OK) {
        code = buf_status(&text, _("note"), e);
    }
    if (code == ERR_OK) {
        code = items_add(&f->items, text.data, text.len, e);
    }
    buf_release(&text);
    return code;
}

/* Overdue bills from f->after on, each with as many terms over as it has no fee for. */
static const char overdue_sql[] =
    "SELECT p.ref, p.account, p.open FROM posting p WHERE p.kind = 'bill' AND p.open > 0 AND "
    "p.ref > ?1 AND julianday(?2) - julianday(p.due) > ?3 AND NOT EXISTS(SELECT 1 FROM plan l "
    "WHERE l.account = p.account AND l.ended IS NULL) AND NOT EXISTS(SELECT 1 FROM dispute x "
    "WHERE x.bill = p.ref AND x.state = 'open') AND 1 + CAST((julianday(?2) - "
    "julianday(p.due) - ?3 - 1) / ?4 AS INTEGER) > (SELECT count(*) FROM document n WHERE "
    "n.bill = p.ref AND n.cause = 'late_fee') ORDER BY p.ref LIMIT ?5";

static enum err_code fees_fill(struct command_ctx *c, struct fees *f, struct arena *arena,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct note n = {
        .type = NOTE_DEBIT, .cause = "late_fee", .reason = _("paid late"), .laying = LAY_NONE};
    f->found = 0;
    f->batch_total = 0;
    f->next = f->after;
    TRY(db_query(c->office->db, &q, e, overdue_sql,
                 VALS(V_INT(f->after), V_TEXT(c->date), V_INT(f->policy.grace_days),
                      V_INT(f->policy.every_days), V_INT(FEES_PER_BATCH))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        f->next = stmt_int(q, 0);
        n.bill = f->next;
        n.account = stmt_int(q, 1);
        n.due = c->date;
        code = late_fee_of(&f->policy, stmt_int(q, 2), &n.amount, e);
        if (code != ERR_OK || n.amount == 0) {
            continue;
        }
        arena_reset(arena);
        code = f->preview ? ERR_OK : fee_item(c, f, &n, arena, e);
        n.number += n.number > 0 ? 1 : 0;
        n.posting += n.posting > 0 ? 1 : 0;
        f->found++;
        f->batch_total += n.amount;
    }
    stmt_done(q);
    return code;
}

static enum err_code build_fees(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct fees *f = c->report;
    struct arena arena;
    items_clear(&f->items);
    arena_init(&arena, (size_t)1 << 20);
    enum err_code code = fees_fill(c, f, &arena, e);
    arena_release(&arena);
    TRY(code);
    if (f->found == 0) {
        return err_set(e, ERR_NOT_FOUND, _("no bill is late by the policy"));
    }
    TRY(draft_begin(c, d, "notes.batch", e));
    TRY(data_int(c, d->data, "total", f->batch_total, e));
    return data_items(c, d, &f->items, e);
}

static enum err_code fees_all(struct command_ctx *c, struct fees *f, struct err *e)
{
    struct ticket t;
    struct arena arena;
    int64_t settled = 0;
    do {
        enum err_code code = ERR_OK;
        if (f->preview) {
            arena_init(&arena, (size_t)1 << 20);
            code = fees_fill(c, f, &arena, e);
            arena_release(&arena);
        } else {
            code = act_user(c, build_fees, &t, e);
            code = code == ERR_NOT_FOUND && f->found == 0 ? ERR_OK : code;
        }
        TRY(code);
        f->count += f->found;
        f->total += f->batch_total;
        f->after = f->next;
    } while (f->found > 0);
    return f->preview || f->count == 0 ? ERR_OK : credits_settle(c, 0, &settled, e);
}

static enum err_code run_fees(struct command_ctx *c, struct err *e)
{
    struct fees f = {.preview = arg_flag(c, "preview")};
    char words[MONEY_WORDS_MAX];
    void *caller = c->report;
    TRY(policy_take(c, &f, e));
    enum err_code code = items_init(&f.items, e);
    c->report = &f;
    if (code == ERR_OK) {
        code = fees_all(c, &f, e);
    }
    c->report = caller;
    items_release(&f.items);
    TRY(code);
    money_words(c->office, f.total, words);
    (void)snprintf(
        c->message, sizeof c->message,
        f.preview
            ? ngettext("late fees: %" PRId64 " bill, %s; a preview: nothing was recorded",
                       "late fees: %" PRId64 " bills, %s; a preview: nothing was recorded",
                       (unsigned long)f.count)
            : ngettext("late fees: %" PRId64 " bill, %s", "late fees: %" PRId64 " bills, %s",
                       (unsigned long)f.count),
        f.count, words);
    return ERR_OK;
}

static const struct param fee_params[] = {
    {"preview", PARAM_FLAG, 0, N_("show what would be charged, record nothing"), NULL, NULL},
    PARAM_END};
const struct command cmd_late_fee_run = {
    "late-fee run", N_("charge bills that are overdue by the policy"),
    CMD_BULK,       fee_params,
    NULL,           run_fees};
