#include <config.h>

#include "reports/exports_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/personal.h"
#include "app/proof_make.h"
#include "base/i18n.h"
#include "reports/out.h"
#include "reports/out_file.h"
#include "reports/printer.h"
#include "reports/receipt_paper.h"
#include "reports/rep_bill.h"
#include "reports/rep_office.h"

#define PROOF_MAX ((size_t)64 << 20)
#define RECEIPT_MAX ((size_t)1 << 20)

int64_t export_number(const struct command_ctx *c, const char *name)
{
    const char *text = arg_text(c, name);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

enum err_code export_path_check(const char *path, struct err *e)
{
    return path != NULL && strcmp(path, "-") != 0
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("name the file to write to"));
}

const char *export_where(const char *path, char whole[PATH_MAX])
{
    return realpath(path, whole) != NULL ? whole : path;
}

static enum err_code run_bill_pdf(struct command_ctx *c, struct err *e)
{
    struct bill_selection s = {.bill = export_number(c, "bill"),
                               .run = export_number(c, "run")};
    const char *path = arg_text(c, "file");
    struct bills_written done = {0};
    char whole[PATH_MAX];
    TRY(export_path_check(path, e));
    if ((s.bill == 0) == (s.run == 0)) {
        return err_set(e, ERR_USAGE, _("say one bill, or one billing run"));
    }
    TRY(bills_pdf(c->office, &s, path, c->progress, &done, e));
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("%" PRId64 " bill written to %.400s",
                            "%" PRId64 " bills written to %.400s", (unsigned long)done.bills),
                   done.bills, export_where(path, whole));
    return ERR_OK;
}

#define PROOF_PREFIX "proof "

static bool has_evidence(const struct command *c)
{
    for (size_t i = 0; c->params[i].name != NULL; i++) {
        if (strcmp(c->params[i].name, "evidence") == 0) {
            return true;
        }
    }
    return false;
}

enum err_code export_allowed(const struct command_ctx *c, const char *permission, struct err *e)
{
    bool may = false;
    TRY(session_may(c->office, c->session->user, permission, &may, e));
    return may ? ERR_OK : session_denied(c->session, permission, e);
}

/* Of the target that the command names behind "proof ", by its first parameter. */
static enum err_code proof_fill(struct command_ctx *c, struct buf *proof, struct err *e)
{
    const char *target = c->command->name + strlen(PROOF_PREFIX);
    int64_t number = export_number(c, c->command->params[0].name);
    const char *evidence = has_evidence(c->command) ? arg_text(c, "evidence") : NULL;
    if (evidence == NULL) {
        return proof_make(c->office, target, number, PROOF_NEWEST, proof, e);
    }
    TRY(export_allowed(c, PERSONAL_READ, e)); /* attached files are personal data */
    return proof_make_evidence(c->office, target, number, evidence, proof, e);
}

static enum err_code run_proof(struct command_ctx *c, struct err *e)
{
    struct buf proof;
    char whole[PATH_MAX];
    const char *path = arg_text(c, "file");
    TRY(export_path_check(path, e));
    buf_init(&proof, PROOF_MAX);
    enum err_code code = proof_fill(c, &proof, e);
    if (code == ERR_OK) {
        code = out_file_save(path, proof.data, proof.len, e);
    }
    buf_release(&proof);
    if (code == ERR_OK) {
        (void)snprintf(c->message, sizeof c->message,
                       _("proof written to %.380s; anybody checks it with: aforo check FILE"),
                       export_where(path, whole));
    }
    return code;
}

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

/* The file is there before the print is recorded: a path that is none leaves no trace. */
static enum err_code receipt_write(struct command_ctx *c, int64_t receipt, const char *path,
                                   struct out_file *f, struct err *e)
{
    struct command_ctx record = {
        .office = c->office, .session = c->session, .command = command_find("receipt print")};
    struct ticket t = {0};
    struct buf bytes;
    char whole[PATH_MAX];
    TRY(out_file_open(f, path, e));
    TRY(arg_set(&record, "receipt", arg_text(c, "receipt"), e));
    TRY(command_run(&record, &t, e));
    if (ends_in(path, ".pdf")) {
        out_file_discard(f);
        TRY(receipt_to_pdf(c->office, receipt, record.result_id, path, e));
    } else {
        buf_init(&bytes, RECEIPT_MAX);
        enum err_code code =
            receipt_bytes(c->office, receipt, record.result_id, ends_in(path, ".escpos"),
                          PRINTER_COLUMNS, &bytes, e);
        if (code == ERR_OK) {
            out_file_write(f, bytes.data, bytes.len);
            code = out_file_commit(f, e);
        }
        buf_release(&bytes);
        TRY(code);
    }
    (void)snprintf(c->message, sizeof c->message, "%.60s: %.400s", record.message,
                   export_where(path, whole));
    return ERR_OK;
}

static enum err_code run_receipt(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    struct out_file *f = NULL;
    TRY(export_path_check(path, e));
    f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = receipt_write(c, export_number(c, "receipt"), path, f, e);
    out_file_discard(f);
    mem_free(f);
    return code;
}

static const struct param receipt_params[] = {
    {"receipt", PARAM_INT, PARAM_REQUIRED, N_("number of the receipt"), NULL, NULL},
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN,
     N_("file to write: text of 80 mm; .pdf or .escpos at its end says another form"), NULL,
     NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};
static const struct param bill_pdf_params[] = {
    {"bill", PARAM_INT, 0, N_("number of the bill"), NULL, NULL},
    {"run", PARAM_INT, 0, N_("or all bills of this billing run"), NULL, NULL},
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN,
     N_("file to write, or a folder for a file each"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};
#define PROOF_OF(name, help)                                                                   \
    {                                                                                          \
        name, PARAM_INT, PARAM_REQUIRED, help, NULL, NULL                                      \
    }
#define PROOF_EVIDENCE                                                                         \
    {                                                                                          \
        "evidence", PARAM_TEXT, 0, N_("attached files to put in: all, or their numbers: 3,5"), \
            NULL, NULL                                                                         \
    }
static const struct param proof_bill_params[] = {PROOF_OF("bill", N_("number of the bill")),
                                                 EXPORT_FILE, PARAM_END};
static const struct param proof_dispute_params[] = {
    PROOF_OF("dispute", N_("number of the dispute")), EXPORT_FILE, PROOF_EVIDENCE, PARAM_END};
static const struct param proof_payment_params[] = {
    PROOF_OF("receipt", N_("number of the receipt")), EXPORT_FILE, PARAM_END};
static const struct param proof_reading_params[] = {
    PROOF_OF("reading", N_("number of the reading")), EXPORT_FILE, PROOF_EVIDENCE, PARAM_END};
static const struct param proof_entry_params[] = {PROOF_OF("entry", N_("number of the entry")),
                                                  EXPORT_FILE, PARAM_END};
static const struct param try_params[] = {
    {"tariff", PARAM_TEXT, PARAM_REQUIRED, N_("code of the tariff"), NULL, NULL},
    {"use", PARAM_DECIMAL, 0, N_("use in the tariff's unit"), NULL, NULL},
    {"days", PARAM_INT, 0, N_("days of the period"), NULL, "30"},
    {"limit", PARAM_DECIMAL, 0, N_("consumption limit, in the tariff's unit"), NULL, NULL},
    {"month", PARAM_INT, 0, N_("month of the year, where prices have seasons"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("or: what it would have made of this account's last bills"),
     NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};

static const struct command table[] = {
    {"bill pdf", N_("print bills as PDF"), 0, bill_pdf_params, NULL, run_bill_pdf},
    {"proof bill", N_("write a file that proves a bill to anybody"), 0, proof_bill_params, NULL,
     run_proof},
    {"proof dispute", N_("write a file that proves a dispute to anybody"), 0,
     proof_dispute_params, NULL, run_proof},
    {"proof payment", N_("write a file that proves a payment to anybody"), 0,
     proof_payment_params, NULL, run_proof},
    {"proof reading", N_("write a file that proves a reading to anybody"), 0,
     proof_reading_params, NULL, run_proof},
    {"proof entry", N_("write a file that proves an entry of the ledger to anybody"), 0,
     proof_entry_params, NULL, run_proof},
    {"tariff try", N_("what a tariff would cost; nothing is recorded"), 0, try_params, NULL,
     export_tariff_try},
    {"receipt file", N_("write a receipt to a file; a second time it is marked as a copy"), 0,
     receipt_params, NULL, run_receipt},
};

const struct command *export_at(size_t index)
{
    static const size_t own = sizeof table / sizeof table[0];
    if (index < own) {
        return &table[index];
    }
    index -= own;
    return index < export_paper_count ? &export_papers[index]
                                      : export_report_at(index - export_paper_count);
}

const struct command *export_find(const char *name)
{
    const struct command *form = NULL;
    for (size_t i = 0; (form = export_at(i)) != NULL && strcmp(form->name, name) != 0; i++) {
    }
    return form;
}

const char *export_records(const char *name)
{
    return strcmp(name, "receipt file") == 0 ? "receipt print" : NULL;
}

/* ---- the page of reports ---- */

void reports_page(struct sheet *out)
{
    static const struct sheet_column columns[] = {
        {N_("Report"), SHEET_AS_WORD, 24, 44, 1},
        {N_("Name"), SHEET_AS_TEXT, 12, 20, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_table(out, columns, "");
    for (size_t i = 0; i < office_report_count; i++) {
        const struct office_report_def *def = &office_reports[i];
        struct buf note;
        buf_init(&note, 4096);
        for (size_t c = 0; c < OFFICE_REPORT_COLUMNS && def->columns[c].id != NULL; c++) {
            buf_addf(&note, "%s%s", c > 0 ? ", " : "", gettext(def->columns[c].heading));
        }
        sheet_row(out, (int64_t)i + 1, NULL, export_report_at(i)->name);
        sheet_put(out, 0, def->title);
        sheet_put(out, 1, def->name);
        sheet_note(out, _("Its columns"), buf_str(&note));
        buf_release(&note);
    }
}
