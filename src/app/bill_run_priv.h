/* A billing run at work: what bill_run.c, bill_scope.c and bill_preview.c share. */
#ifndef AFORO_APP_BILL_RUN_PRIV_H
#define AFORO_APP_BILL_RUN_PRIV_H

#include "app/bill_item.h"
#include "app/bill_run.h"
#include "ledger/items.h"

#define CYCLE_NAME_MAX 40

/* Accounts are listed once; each attempt at a batch computes its bills anew from what is true
 * then. */
struct bill_run {
    struct bill_run_report *report;
    struct billing_period period;
    const char *cycle; /* NULL: the accounts that are in no cycle */
    bool has_cycles;   /* the office has some */
    char issued[DATE_TEXT], due[DATE_TEXT];
    struct arena arena; /* tariffs */
    struct tariff_book book;
    int64_t *accounts;
    size_t count, next; /* next: first account of the batch being made */
    size_t batch_end;   /* set by build: first account after the batch */
    int64_t batch_number;
    struct item_batch items;
    struct bill_writer writer; /* holds the batch's rows, */
    struct bill_row *rows; /* one an item, so that projecting need not read the item again */
    struct bill_run_report pending; /* what the batch adds to the report */
    struct err blocked;             /* ERR_OK, or why no run may be opened now */
    int64_t last_run;               /* before anything was looked at: another one, and what was
                                       seen holds no more */
    int64_t again;                  /* cancelled bill whose account is billed again; 0: all */
};

/* bill_scope.c: which period, which accounts. */
enum err_code bill_period_check(struct command_ctx *c, struct bill_run *r,
                                struct err *e) MUST_CHECK;
/* Periods of one cycle are billed in order and never overlap; the same period again bills who
 * was left out. */
enum err_code bill_period_free(struct command_ctx *c, const struct bill_run *r,
                               struct err *e) MUST_CHECK;
enum err_code bill_accounts_list(struct command_ctx *c, struct bill_run *r,
                                 struct err *e) MUST_CHECK;
/* The period and account of a cancelled bill that nobody billed again yet. */
enum err_code bill_again_check(struct command_ctx *c, struct bill_run *r,
                               struct err *e) MUST_CHECK;

/* bill_run.c: add one bill's exceptions and amounts. */
enum err_code bill_report_add(struct bill_run_report *rep, const struct account_bill *b,
                              struct err *e) MUST_CHECK;

/* bill_preview.c: compute every bill, record nothing; what to look at goes to c->out. */
enum err_code bill_preview(struct command_ctx *c, struct bill_run *r, struct err *e) MUST_CHECK;

#endif
