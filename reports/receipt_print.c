/* A receipt on its way to paper. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/policy.h"
#include "base/i18n.h"
#include "reports/escpos.h"
#include "reports/exports.h"
#include "reports/out_file.h"
#include "reports/printer.h"
#include "reports/receipt_paper.h"

#define PAPER_BYTES ((size_t)1 << 20)
#define POLICY_BYTES ((size_t)64 << 10)
#define FEED "\n\n\n\n"

static enum err_code to_folder(const struct office *o, const struct buf *text, int64_t receipt,
                               int64_t copy, char path[512], struct err *e)
{
    char *folder = office_path(o, "printed");
    enum err_code code = folder == NULL ? err_nomem(e) : ERR_OK;
    if (code == ERR_OK && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        code = err_errno(e, "%s", folder);
    }
    if (code == ERR_OK) {
        (void)snprintf(path, 512, "%s/receipt-%" PRId64 "%s%.0" PRId64 ".txt", folder, receipt,
                       copy > 0 ? "-copy-" : "", copy);
        code = out_file_save(path, text->data, text->len, e);
    }
    mem_free(folder);
    return code;
}

/* The office's own printer, for a console that was given none. The texts live in arena. */
static enum err_code printer_of_office(struct office *o, struct arena *arena,
                                       struct printer *out, struct err *e)
{
    const struct json *spec = NULL;
    bool found = false;
    TRY(policy_load(o, "printer", arena, &spec, &found, e));
    if (found) {
        int64_t columns = 0;
        printer_parse(json_get_str(spec, "to"), out);
        if (json_get_int(spec, "columns", &columns)) {
            out->columns = (unsigned)columns;
        }
    }
    return ERR_OK;
}

enum err_code receipt_bytes(struct office *o, int64_t receipt, int64_t copy, bool escpos,
                            unsigned columns, struct buf *out, struct err *e)
{
    struct arena arena;
    struct receipt r;
    struct paper p;
    arena_init(&arena, (size_t)4 << 20);
    enum err_code code = receipt_load(o, receipt, copy, &arena, &r, e);
    code = code == ERR_OK ? receipt_paper(&r, o->numfmt, &arena, &p, e) : code;
    if (code == ERR_OK && escpos) {
        escpos_paper(&p, columns, out);
    } else if (code == ERR_OK) {
        paper_text(&p, columns, out);
    }
    code = code == ERR_OK ? buf_status(out, _("receipt"), e) : code;
    arena_release(&arena);
    return code;
}

enum err_code receipt_to_pdf(struct office *o, int64_t receipt, int64_t copy, const char *path,
                             struct err *e)
{
    struct arena arena;
    struct receipt r;
    struct paper p;
    struct office_look look = {0};
    arena_init(&arena, (size_t)4 << 20);
    enum err_code code = receipt_load(o, receipt, copy, &arena, &r, e);
    code = code == ERR_OK ? receipt_paper(&r, o->numfmt, &arena, &p, e) : code;
    code = code == ERR_OK ? office_look_load(o, &look, e) : code;
    code = code == ERR_OK ? receipt_pdf_write(&r, &p, &look, path, e) : code;
    office_look_release(&look);
    arena_release(&arena);
    return code;
}

/* What went wrong with the paper leaves the payment as it is; who reads this knows what next.
 */
static enum err_code not_printed(enum err_code code, struct err *e)
{
    char why[ERR_TEXT_MAX];
    (void)snprintf(why, sizeof why, "%s", e->text);
    return err_set(e, code,
                   _("%s. The payment stands; printing again gives a paper marked as a copy"),
                   why);
}

/* Paper or a file: who reads this looks for it in the right place. printer: NULL, a file at
 * path. */
static void say_done(int64_t receipt, int64_t copy, const char *printer, const char *path,
                     char *message, size_t size)
{
    if (copy == 0 && printer != NULL) {
        (void)snprintf(message, size, _("receipt %" PRId64 " printed on %s"), receipt, printer);
    } else if (copy == 0) {
        (void)snprintf(message, size,
                       _("receipt %" PRId64 " written to %s (no printer is set)"), receipt,
                       path);
    } else if (printer != NULL) {
        (void)snprintf(
            message, size,
            _("receipt %" PRId64 " printed again, marked as copy %" PRId64 ", on %s"), receipt,
            copy, printer);
    } else {
        (void)snprintf(message, size,
                       _("receipt %" PRId64 " written again, marked as copy %" PRId64
                         ", to %s (no printer is set)"),
                       receipt, copy, path);
    }
}

enum err_code receipt_to_printer(struct office *o, int64_t receipt, int64_t copy,
                                 const char *name, char *message, size_t message_size,
                                 struct err *e)
{
    struct arena arena;
    struct buf text;
    struct printer to;
    char path[512] = "";
    char title[64];
    buf_init(&text, PAPER_BYTES);
    arena_init(&arena, POLICY_BYTES);
    printer_parse(name, &to);
    enum err_code code = name != NULL ? ERR_OK : printer_of_office(o, &arena, &to, e);
    code = code == ERR_OK ? receipt_bytes(o, receipt, copy, printer_takes_escpos(&to),
                                          to.columns, &text, e)
                          : code;
    if (code == ERR_OK && !printer_takes_escpos(&to)) { /* past the edge that tears it off */
        buf_adds(&text, FEED);
    }
    if (code == ERR_OK) {
        (void)snprintf(title, sizeof title, _("Receipt %" PRId64), receipt);
        code = to.name == NULL ? to_folder(o, &text, receipt, copy, path, e)
                               : printer_send(&to, title, &text, e);
    }
    if (code != ERR_OK) {
        code = not_printed(code, e);
    } else {
        say_done(receipt, copy, to.name, path, message, message_size);
    }
    arena_release(&arena);
    buf_release(&text);
    return code;
}
