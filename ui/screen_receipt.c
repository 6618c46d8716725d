#include <config.h>

#include "base/i18n.h"
#include "ui/model_jobs.h"
#include "ui/sheet_screen.h"

/* A receipt: what was paid and what it settled, and a key that prints it. A reprint says that
 * it is a copy, because each print is recorded before the paper is made. */

enum { RECEIPT_PRINT_JOB = 100 };

struct receipt_state {
    struct sheet_state sheet; /* first: the functions of pages work on it */
    bool busy;
};

static void do_print(struct sheet_state *sheet, struct effects *fx)
{
    struct receipt_state *s = (struct receipt_state *)sheet;
    const struct ui_value values[] = {{"receipt", sheet_get(&sheet->sheet, "receipt")}};

    if (s->busy) {
        return;
    }
    s->busy = true;
    fx_job(fx, command_job_new(sheet->model, RECEIPT_PRINT_JOB, 0, false, "receipt print",
                               values, 1));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
}

static bool receipt_update(void *state, const struct event *ev, struct effects *fx)
{
    struct receipt_state *s = state;

    if (ev->kind == EV_JOB && ev->job->kind == RECEIPT_PRINT_JOB) {
        const struct command_job *job = (const struct command_job *)ev->job;

        s->busy = false;
        if (job->job.err.code != ERR_OK) {
            fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        } else {
            fx_ticket(fx, s->sheet.model, &job->ticket);
        }
        return true;
    }
    return sheet_update(state, ev, fx);
}

static const struct sheet_key receipt_keys[] = {
    SHEET_CALLS('i', K_NONE, 1, N_("Print"),
                N_("Print the receipt; a second print is marked as a copy"), "receipt print",
                do_print),
    SHEET_RUNS('f', K_NONE, 3, N_("To a file"),
               N_("Write the receipt to a file: text, PDF or what a thermal printer reads"),
               "receipt file", NULL, {"receipt", "receipt"}),
    SHEET_RUNS('x', K_NONE, 5, N_("Reverse"), N_("Take this payment back"), "payment reverse",
               NULL, {"receipt", "receipt"}),
    SHEET_RUNS('F', K_NONE, 7, N_("Proof file"),
               N_("Write a file that proves the payment to anybody"), "proof payment", NULL,
               {"receipt", "receipt"}),
    SHEET_OPENS('e', K_NONE, 4, N_("Entry"), N_("Show the signed entry behind this receipt"),
                NULL, "entry", NULL, &screen_entry),
    SHEET_KEY_ACCOUNT,
};

static const struct sheet_def receipt = {.name = "receipt", KEYS_OF(receipt_keys)};

const struct screen_ops screen_receipt = {
    .name = "receipt",
    .title = N_("Receipt"),
    .help =
        N_("A receipt as it is printed: what was paid, the change, what it settled and where "
           "it stands in the ledger. i prints it; whoever prints it again gets a copy that "
           "says so."),
    .sheet = &receipt,
    .state_size = sizeof(struct receipt_state),
    .init = sheet_open,
    .release = sheet_close,
    .update = receipt_update,
    .render = sheet_show,
    .keys = sheet_keys,
    .act = sheet_do,
};
