/* receipt: record a print, then make its paper. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "base/i18n.h"
#include "reports/exports.h"
#include "reports/out_file.h"
#include "reports/receipt_paper.h"
#include "verb.h"

struct receipt_wish {
    const char *number, *path;
    bool pdf, escpos; /* else text */
    unsigned columns;
};

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

static enum err_code wish_take(struct cli *cli, struct receipt_wish *w, struct err *e)
{
    int64_t width = 48;
    const char *path = verb_take_output(cli);
    const char *format = cli_take(cli, "format");
    const char *columns = cli_take(cli, "columns");
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("receipt needs the number of one receipt"));
    }
    bool escpos = format != NULL && strcmp(format, "escpos") == 0;
    if (format != NULL && strcmp(format, "pdf") != 0 && strcmp(format, "text") != 0 &&
        !escpos) {
        return err_set(e, ERR_USAGE,
                       _("--format: a receipt is printed as text, escpos or pdf"));
    }
    if (columns != NULL && !cli_whole(columns, PAPER_COLUMNS_MIN, PAPER_COLUMNS_MAX, &width)) {
        return err_set(e, ERR_USAGE, _("--columns is a number from %d to %d"),
                       PAPER_COLUMNS_MIN, PAPER_COLUMNS_MAX);
    }
    *w = (struct receipt_wish){cli->argv[0], path != NULL ? path : "-",
                               format != NULL ? strcmp(format, "pdf") == 0
                                              : path != NULL && ends_in(path, ".pdf"),
                               escpos, (unsigned)width};
    return (w->pdf || escpos) && strcmp(w->path, "-") == 0 && isatty(STDOUT_FILENO) == 1
               ? err_set(e, ERR_USAGE, _("a %s is no text: name a file with --output"),
                         escpos ? "escpos" : "pdf")
               : ERR_OK;
}

static enum err_code paper_make(struct office *o, int64_t number, int64_t copy,
                                const struct receipt_wish *w, struct err *e)
{
    struct buf text;
    if (w->pdf) {
        return receipt_to_pdf(o, number, copy, w->path, e);
    }
    buf_init(&text, (size_t)1 << 20);
    enum err_code code = receipt_bytes(o, number, copy, w->escpos, w->columns, &text, e);
    if (code == ERR_OK) {
        code = out_file_save(w->path, text.data, text.len, e);
    }
    buf_release(&text);
    return code;
}

enum err_code verb_receipt(struct cli *cli, struct err *e)
{
    struct receipt_wish w = {0};
    struct ticket t = {0};
    struct command_ctx c = {.command = command_find("receipt print")};
    TRY(wish_take(cli, &w, e));
    if (cli->date != NULL) {
        (void)snprintf(c.date, sizeof c.date, "%s", cli->date);
    }
    TRY(arg_set(&c, "receipt", w.number, e));
    enum err_code code = verb_office(cli, DB_WRITE, &c.office, &c.session, e);
    if (code == ERR_OK) {
        code = command_run(&c, &t, e);
    }
    if (code == ERR_OK) {
        code = paper_make(c.office, arg_get(&c, "receipt")->integer, c.result_id, &w, e);
    }
    if (code == ERR_OK && strcmp(w.path, "-") != 0) {
        verb_answer(cli, ANSWER({"file", w.path, 0}, {"entry", NULL, t.seq}), "%s: %s\n",
                    w.path, c.message);
    }
    session_free(c.session);
    office_close(c.office);
    return code;
}
