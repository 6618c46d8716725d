#include <config.h>

#include "reports/exports.h"

#include <inttypes.h>
#include <limits.h>
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

static int64_t number_arg(const struct command_ctx *c, const char *name)
{
    const char *text = arg_text(c, name);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

/* "-" is standard output, which is the screen here. */
static enum err_code path_check(const char *path, struct err *e)
{
    return path != NULL && strcmp(path, "-") != 0
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("name the file to write to"));
}

/* Where a file is that was just written, for somebody who does not know the console's folder.
 * The result is whole's or path. */
static const char *where_written(const char *path, char whole[PATH_MAX])
{
    return realpath(path, whole) != NULL ? whole : path;
}

static enum err_code run_bill_pdf(struct command_ctx *c, struct err *e)
{
    struct bill_selection s = {.bill = number_arg(c, "bill"), .run = number_arg(c, "run")};
    const char *path = arg_text(c, "file");
    struct bills_written done = {0};
    char whole[PATH_MAX];
    TRY(path_check(path, e));
    if ((s.bill == 0) == (s.run == 0)) {
        return err_set(e, ERR_USAGE, _("say one bill, or one billing run"));
    }
    TRY(bills_pdf(c->office, &s, path, c->progress, &done, e));
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("%" PRId64 " bill written to %.400s",
                            "%" PRId64 " bills written to %.400s", (unsigned long)done.bills),
                   done.bills, where_written(path, whole));
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

/* Attached files are personal data. */
static enum err_code evidence_allowed(const struct command_ctx *c, struct err *e)
{
    bool may = false;
    TRY(session_may(c->office, c->session->user, PERSONAL_READ, &may, e));
    return may ? ERR_OK
               : err_set(e, ERR_DENIED,
                         _("%s (%s) may not do \"%s\"; ask an administrator for a role that "
                           "may"),
                         c->session->name, c->session->roles, PERSONAL_READ);
}

/* Of the target that the command names behind "proof ", by its first parameter. */
static enum err_code proof_fill(struct command_ctx *c, struct buf *proof, struct err *e)
{
    const char *target = c->command->name + strlen(PROOF_PREFIX);
    int64_t number = number_arg(c, c->command->params[0].name);
    const char *evidence = has_evidence(c->command) ? arg_text(c, "evidence") : NULL;
    if (evidence == NULL) {
        return proof_make(c->office, target, number, PROOF_NEWEST, proof, e);
    }
    TRY(evidence_allowed(c, e));
    return proof_make_evidence(c->office, target, number, evidence, proof, e);
}

static enum err_code run_proof(struct command_ctx *c, struct err *e)
{
    struct buf proof;
    char whole[PATH_MAX];
    const char *path = arg_text(c, "file");
    TRY(path_check(path, e));
    buf_init(&proof, PROOF_MAX);
    enum err_code code = proof_fill(c, &proof, e);
    if (code == ERR_OK) {
        code = out_file_save(path, proof.data, proof.len, e);
    }
    buf_release(&proof);
    if (code == ERR_OK) {
        (void)snprintf(c->message, sizeof c->message,
                       _("proof written to %.380s; anybody checks it with: aforo check FILE"),
                       where_written(path, whole));
    }
    return code;
}

static enum err_code run_report(struct command_ctx *c, struct err *e)
{
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    const char *path = arg_text(c, "file");
    const char *name = arg_text(c, "report");
    const struct office_report_def *def = name != NULL ? office_report_find(name) : NULL;
    const struct report_format *format;
    struct office_report report = {0};
    struct report_outcome outcome = {0};
    char whole[PATH_MAX];
    TRY(path_check(path, e));
    format = report_format_of_path(path);
    if (def == NULL) {
        return err_set(e, ERR_USAGE, _("there is no report \"%s\""), name != NULL ? name : "");
    }
    if (format == NULL) {
        return err_set(e, ERR_USAGE,
                       _("%s: end the file's name in .pdf, .xlsx, .csv, .json or .txt"), path);
    }
    for (size_t i = 0; def->params[i] != NULL; i++) {
        static const char *const known[] = {"from", "to", "account", "serial", "state"};
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            if (strcmp(def->params[i], known[k]) == 0) {
                values[i] = arg_text(c, known[k]);
            }
        }
    }
    enum err_code code = office_report_open(c->office, def, values, c->progress, &report, e);
    if (code == ERR_OK) {
        code = office_report_write(c->office, &report, format, path, &outcome, e);
    }
    office_report_close(&report);
    if (code == ERR_OK) {
        (void)snprintf(c->message, sizeof c->message, _("%.400s: %" PRIu64 " rows"),
                       where_written(path, whole), outcome.rows);
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
                   where_written(path, whole));
    return ERR_OK;
}

static enum err_code run_receipt(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    struct out_file *f = NULL;
    TRY(path_check(path, e));
    f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = receipt_write(c, number_arg(c, "receipt"), path, f, e);
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
#define PROOF_FILE                                                                             \
    {                                                                                          \
        "file", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN, N_("file to write"), NULL, NULL    \
    }
#define PROOF_EVIDENCE                                                                         \
    {                                                                                          \
        "evidence", PARAM_TEXT, 0, N_("attached files to put in: all, or their numbers: 3,5"), \
            NULL, NULL                                                                         \
    }
#define PROOF_END                                                                              \
    {                                                                                          \
        NULL, PARAM_TEXT, 0, NULL, NULL, NULL                                                  \
    }
static const struct param proof_bill_params[] = {PROOF_OF("bill", N_("number of the bill")),
                                                 PROOF_FILE, PROOF_END};
static const struct param proof_dispute_params[] = {
    PROOF_OF("dispute", N_("number of the dispute")), PROOF_FILE, PROOF_EVIDENCE, PROOF_END};
static const struct param proof_payment_params[] = {
    PROOF_OF("receipt", N_("number of the receipt")), PROOF_FILE, PROOF_END};
static const struct param proof_reading_params[] = {
    PROOF_OF("reading", N_("number of the reading")), PROOF_FILE, PROOF_EVIDENCE, PROOF_END};
static const struct param proof_entry_params[] = {PROOF_OF("entry", N_("number of the entry")),
                                                  PROOF_FILE, PROOF_END};
static const struct param report_params[] = {
    {"report", PARAM_TEXT, PARAM_REQUIRED, N_("name of the report"), NULL, NULL},
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN,
     N_("file to write: .pdf .xlsx .csv .json .txt"), NULL, NULL},
    {"from", PARAM_DATE, 0, N_("first day"), NULL, NULL},
    {"to", PARAM_DATE, 0, N_("last day"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("only this account"), NULL, NULL},
    {"serial", PARAM_TEXT, 0, N_("only this meter"), NULL, NULL},
    {"state", PARAM_TEXT, 0, N_("only what is in this state"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};

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
    {"report", N_("write a report to a file"), 0, report_params, NULL, run_report},
    {"receipt file", N_("write a receipt to a file; a second time it is marked as a copy"), 0,
     receipt_params, NULL, run_receipt},
};

const struct command *export_at(size_t index)
{
    return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}

const struct command *export_find(const char *name)
{
    for (size_t i = 0; export_at(i) != NULL; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
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
        sheet_row(out, (int64_t)i + 1, NULL, def->name);
        sheet_put(out, 0, def->title);
        sheet_put(out, 1, def->name);
        sheet_note(out, _("Its columns"), buf_str(&note));
        buf_release(&note);
    }
}
