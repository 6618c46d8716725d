#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "app/query_bill.h"
#include "app/receipt.h"
#include "app/words.h"
#include "base/i18n.h"

/* A receipt as it will be printed, and what is left to pay after it. */

#define ARENA_MAX (4u << 20)

static void money_of_receipt(struct sheet *s, const char *label, const struct currency *c,
                             int64_t minor)
{
    char text[PAGE_TEXT_MAX];
    struct buf b;
    buf_init(&b, PAGE_TEXT_MAX - 1);
    money_print((struct money){minor}, c, &b);
    (void)snprintf(text, sizeof text, "%s", buf_str(&b));
    buf_release(&b);
    sheet_fact(s, label, SHEET_AS_NUMBER, text);
    sheet_unit(s, c->symbol);
}

static void facts(struct sheet *s, const struct receipt *r)
{
    char text[PAGE_TEXT_MAX];
    sheet_head(s, "%s %" PRId64 "   %s", _("Receipt"), r->number, r->customer);
    (void)snprintf(text, sizeof text, "%" PRId64, r->number);
    sheet_set(s, "receipt", text);
    sheet_set(s, "account", r->account);
    money_of_receipt(s, r->deposit ? N_("Deposit held") : N_("Paid"), r->currency, r->amount);
    sheet_mood(s, strcmp(r->state, "posted") == 0 ? SHEET_GOOD : SHEET_BAD);
    sheet_fact(s, N_("State"), SHEET_AS_WORD, code_msgid(r->state));
    if (r->change > 0) {
        money_of_receipt(s, N_("Cash given"), r->tender, r->tendered);
        money_of_receipt(s, N_("Change"), r->currency, r->change);
        sheet_mood(s, SHEET_NOTE);
    }
    sheet_fact(s, N_("Method"), SHEET_AS_WORD, code_msgid(r->method));
    sheet_fact(s, N_("Slip"), SHEET_AS_TEXT, r->slip);
    sheet_fact(s, N_("Account"), SHEET_AS_TEXT, r->account);
    page_clock(civil_to_secs(r->taken), text);
    sheet_fact(s, N_("Taken"), SHEET_AS_TIME, text);
    sheet_fact(s, N_("Taken by"), SHEET_AS_TEXT, r->cashier);
    if (!r->deposit) {
        money_of_receipt(s, r->balance < 0 ? N_("Credit") : N_("Balance"), r->currency,
                         r->balance < 0 ? -r->balance : r->balance);
    }
}

static void lines(struct sheet *s, const struct office *o, const struct receipt *r)
{
    static const struct sheet_column columns[] = {
        {N_("What it paid"), SHEET_AS_TEXT, 18, 34, 1},
        {N_("Number"), SHEET_AS_TEXT, 10, 18, 2},
        {N_("Due"), SHEET_AS_DATE, 8, 8, 3},
        {N_("Amount"), SHEET_AS_NUMBER, 10, 16, 1},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    char text[PAGE_TEXT_MAX];
    sheet_heading(s, N_("What it paid"));
    sheet_table(s, columns, N_("Nothing was owed; it stays as credit on the account."));
    for (size_t i = 0; i < r->line_count; i++) {
        sheet_row(s, 0, NULL, "");
        sheet_put(s, 0, posting_text(r->lines[i].kind));
        sheet_put(s, 1, r->lines[i].number);
        date_text(r->lines[i].due, text);
        sheet_put(s, 2, text);
        page_amount(o, r->lines[i].amount, text);
        sheet_put(s, 3, text);
    }
    if (r->credit > 0) {
        money_of_receipt(s, N_("Stays as credit"), r->currency, r->credit);
    }
}

static enum err_code receipt_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                  struct err *e)
{
    struct receipt r;
    struct arena arena;
    char hex[65];
    (void)user;
    arena_init(&arena, ARENA_MAX);
    enum err_code code = receipt_load(o, id, 0, &arena, &r, e);
    if (code == ERR_OK) {
        facts(s, &r);
        if (!r.deposit) {
            lines(s, o, &r);
        }
        hash_hex(&r.leaf, hex);
        sheet_heading(s, N_("In the ledger"));
        sheet_fact_int(s, N_("Entry"), r.seq);
        sheet_fact(s, N_("Leaf hash"), SHEET_AS_TEXT, hex);
        (void)snprintf(hex, sizeof hex, "%" PRId64, r.seq);
        sheet_set(s, "entry", hex);
        code = page_account_id(s, o, r.account, e);
    }
    arena_release(&arena);
    return code;
}

const struct page page_receipt = {"receipt", NULL, receipt_fill};
