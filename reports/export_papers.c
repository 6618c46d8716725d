/* Papers, and files for other programs, as forms. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/attach.h"
#include "app/files.h"
#include "app/personal.h"
#include "app/verify_office.h"
#include "base/i18n.h"
#include "reports/exports_priv.h"
#include "reports/field_paper_pdf.h"
#include "reports/greenbutton.h"
#include "reports/journal.h"
#include "reports/note_pdf.h"
#include "reports/notice_pdf.h"
#include "reports/out_file.h"

/* What was written and where, for the person. */
static void say_where(struct command_ctx *c, const char *what, const char *path)
{
    char whole[PATH_MAX];
    (void)snprintf(c->message, sizeof c->message, "%.80s: %.400s", what,
                   export_where(path, whole));
}

static enum err_code run_paper(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    TRY(export_path_check(path, e));
    TRY(field_paper_print(c->office, export_number(c, "paper"), path, e));
    say_where(c, _("written"), path);
    return ERR_OK;
}

static enum err_code run_note(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    bool credit = strcmp(arg_text(c, "type"), "credit") == 0;
    TRY(export_path_check(path, e));
    TRY(note_print(c->office, credit ? "credit_note" : "debit_note", export_number(c, "number"),
                   path, e));
    say_where(c, _("written"), path);
    return ERR_OK;
}

static enum err_code run_notices(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    struct notice_choice choice = {.number = export_number(c, "notice"),
                                   .step = export_number(c, "step"),
                                   .from = arg_text(c, "from"),
                                   .to = arg_text(c, "to"),
                                   .account = arg_text(c, "account")};
    size_t count = 0;
    char what[80];
    TRY(export_path_check(path, e));
    TRY(notices_pdf_write(c->office, &choice, path, &count, e));
    (void)snprintf(what, sizeof what, ngettext("%zu letter", "%zu letters", count), count);
    say_where(c, what, path);
    return ERR_OK;
}

static enum err_code piece_put(void *ctx, const void *data, size_t len, struct err *e)
{
    struct out_file *f = ctx;
    out_file_write(f, data, len);
    return out_file_failed(f) ? out_file_commit(f, e) : ERR_OK;
}

enum err_code charges_save(struct office *o, int64_t id, const char *path,
                           struct charge_sums *sums, struct err *e)
{
    struct out_file *f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = out_file_open(f, path, e);
    if (code == ERR_OK) {
        code = charges_again(o, id, piece_put, f, sums, e);
    }
    if (code == ERR_OK) {
        code = out_file_commit(f, e);
    }
    out_file_discard(f);
    mem_free(f);
    return code;
}

static enum err_code run_charges(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "output");
    struct charge_sums sums = {0};
    char what[80];
    TRY(export_path_check(path, e));
    TRY(charges_save(c->office, export_number(c, "file"), path, &sums, e));
    (void)snprintf(what, sizeof what,
                   ngettext("%" PRId64 " debt", "%" PRId64 " debts", (unsigned long)sums.count),
                   sums.count);
    say_where(c, what, path);
    return ERR_OK;
}

static enum err_code run_journal(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    const char *format = arg_text(c, "format");
    struct journal_options options = {.from = arg_text(c, "from"),
                                      .to = arg_text(c, "to"),
                                      .csv = format != NULL && strcmp(format, "csv") == 0,
                                      .progress = c->progress};
    struct journal_written done;
    char what[80];
    TRY(export_path_check(path, e));
    TRY(journal_write(c->office, &options, path, &done, e));
    (void)snprintf(what, sizeof what,
                   ngettext("%" PRIu64 " transaction", "%" PRIu64 " transactions",
                            (unsigned long)done.transactions),
                   done.transactions);
    say_where(c, what, path);
    return ERR_OK;
}

static enum err_code run_greenbutton(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    const char *from = arg_text(c, "from");
    const char *to = arg_text(c, "to");
    struct greenbutton_options options = {.serial = arg_text(c, "serial")};
    struct greenbutton_written done;
    char what[80];
    TRY(export_path_check(path, e));
    TRY(date_parse(from, strlen(from), &options.from, e));
    TRY(date_parse(to, strlen(to), &options.to, e));
    TRY(greenbutton_write(c->office, &options, path, &done, e));
    (void)snprintf(what, sizeof what,
                   ngettext("%" PRIu64 " day", "%" PRIu64 " days", (unsigned long)done.blocks),
                   done.blocks);
    say_where(c, what, path);
    return ERR_OK;
}

enum err_code attachment_save(struct office *o, int64_t id, const char *path, struct err *e)
{
    uint8_t salt[SALT_SIZE];
    struct buf bytes;
    buf_init(&bytes, ATTACHMENT_BYTES_MAX);
    enum err_code code = attachment_content(o, id, &bytes, salt, e);
    if (code == ERR_OK && access(path, F_OK) == 0) {
        code = err_set(e, ERR_EXISTS, _("%s exists already"), path);
    }
    if (code == ERR_OK) {
        code = file_replace(path, bytes.data, bytes.len, e);
    }
    buf_release(&bytes);
    return code;
}

static enum err_code run_attachment(struct command_ctx *c, struct err *e)
{
    const char *path = arg_text(c, "file");
    TRY(export_path_check(path, e));
    TRY(export_allowed(c, PERSONAL_READ, e));
    TRY(attachment_save(c->office, export_number(c, "attachment"), path, e));
    say_where(c, _("written"), path);
    return ERR_OK;
}

/* Not the deep check, which another process makes: it is for a shell. */
static enum err_code run_verify(struct command_ctx *c, struct err *e)
{
    const char *level = arg_text(c, "level");
    struct verify_request q = {
        .dir = c->office->dir,
        .level = level != NULL && strcmp(level, "full") == 0 ? VERIFY_FULL : VERIFY_NEW,
        .segments = c->office->segments,
        .env = c->office->env,
        .progress = c->progress};
    struct audit *a = mem_alloc(sizeof *a);
    if (a == NULL) {
        return err_nomem(e);
    }
    enum err_code code = verify_office(&q, a, e);
    if (code == ERR_OK && a->entries == 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("Nothing new since entry %" PRIu64 ", up to which the books hold."),
                       a->size);
    } else if (code == ERR_OK) {
        (void)snprintf(c->message, sizeof c->message,
                       _("The books hold: entries %" PRId64 " to %" PRIu64
                         ", their chain, signatures and %" PRId64 " items. Tables and personal "
                         "data are checked by: aforo verify --deep"),
                       a->from, a->size, a->items);
    }
    mem_free(a);
    return code;
}

#define NUMBER_OF(name, help)                                                                  \
    {                                                                                          \
        name, PARAM_INT, PARAM_REQUIRED, help, NULL, NULL                                      \
    }
#define DAYS(flags)                                                                            \
    {"from", PARAM_DATE, flags, N_("first day"), NULL, NULL},                                  \
    {                                                                                          \
        "to", PARAM_DATE, flags, N_("last day"), NULL, NULL                                    \
    }

static const struct param paper_params[] = {NUMBER_OF("paper", N_("number of the paper")),
                                            EXPORT_FILE, PARAM_END};
static const struct param note_params[] = {
    {"type", PARAM_CHOICE, PARAM_REQUIRED, N_("which kind of note"), "credit|debit", NULL},
    NUMBER_OF("number", N_("number of the note")),
    EXPORT_FILE,
    PARAM_END};
static const struct param notice_params[] = {
    EXPORT_FILE,
    {"notice", PARAM_INT, 0, N_("number of one notice"), NULL, NULL},
    {"step", PARAM_INT, 0, N_("or those of this step: 1, 2, 3"), NULL, NULL},
    {"from", PARAM_DATE, 0, N_("or those of this day on"), NULL, NULL},
    {"to", PARAM_DATE, 0, N_("up to this day"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("only this account"), NULL, NULL},
    PARAM_END};
static const struct param charges_params[] = {
    NUMBER_OF("file", N_("number of the file that was sent")),
    {"output", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN, N_("file to write"), NULL, NULL},
    PARAM_END};
static const struct param journal_params[] = {
    EXPORT_FILE,
    DAYS(0),
    {"format", PARAM_CHOICE, 0, N_("for which program"), "ledger|csv", "ledger"},
    PARAM_END};
static const struct param greenbutton_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED, N_("serial number of the meter"), NULL, NULL},
    DAYS(PARAM_REQUIRED),
    EXPORT_FILE,
    PARAM_END};
static const struct param attachment_params[] = {
    NUMBER_OF("attachment", N_("number of the attachment")), EXPORT_FILE, PARAM_END};
static const struct param verify_params[] = {{"level", PARAM_CHOICE, 0,
                                              N_("what is new since the last check, or all"),
                                              "new|full", "new"},
                                             PARAM_END};

const struct command export_papers[] = {
    {"paper", N_("print a field paper as PDF, to be signed or filed"), 0, paper_params, NULL,
     run_paper},
    {"note pdf", N_("print a credit or debit note as PDF"), 0, note_params, NULL, run_note},
    {"notice print", N_("print notices as letters, one a sheet"), 0, notice_params, NULL,
     run_notices},
    {"charges export", N_("write a file for a bank or agency that was sent"), 0, charges_params,
     NULL, run_charges},
    {"export journal", N_("write the accounts' money as a balanced journal"), 0, journal_params,
     NULL, run_journal},
    {"export greenbutton", N_("write a meter's use as Green Button data"), 0,
     greenbutton_params, NULL, run_greenbutton},
    {"attachment export", N_("write an attachment's bytes to a file"), 0, attachment_params,
     NULL, run_attachment},
    {"verify", N_("check the ledger: chain, signatures, items"), 0, verify_params, NULL,
     run_verify},
};

const size_t export_paper_count = sizeof export_papers / sizeof export_papers[0];
