/* Many bills as PDF: into one file, or a file each into a folder, where a run that was cut off
 * goes on. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bill_code.h"
#include "app/biller.h"
#include "app/files.h"
#include "app/proof_make.h"
#include "base/i18n.h"
#include "base/progress.h"
#include "ledger/item_shelf.h"
#include "reports/bill_pdf.h"
#include "reports/brand.h"
#include "reports/out_file.h"
#include "reports/pdf_press.h"
#include "reports/rep_bill.h"
#include "reports/rep_params.h"
#include "store/db.h"

#define KEEP_EVERY 256 /* bills between two notes of how far a folder's run is */
#define NOTE_MAX 4096

/* Where the bills go. */
struct bill_sink {
    struct office *o;
    const struct bill_selection *what;
    const char *path;
    bool folder;
    struct pdf_press *press;
    struct brands brands;
    struct billers billers;
    struct bill_pdf *pdf;
    int64_t account; /* whose file is open, with per_account */
    struct arena arena;
    struct buf code, proof;
    struct bills_written *out;
};

static bool is_folder(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* --- how far a folder's run is ---------------------------------------------------------- */

/* What must be the same for a run to be the same: all that the files depend on. */
static void run_key(const struct bill_sink *s, struct buf *out)
{
    const struct bill_selection *w = s->what;
    const struct brand *brand = brand_at(&s->brands, INT64_MAX);
    const struct biller *biller = biller_at(&s->billers, INT64_MAX);
    buf_addf(out,
             "aforo bills 1\noffice %s language %s bill %" PRId64 " run %" PRId64
             " from %s to %s account %s per %s brand %" PRId64 " biller %" PRId64 "\n",
             s->o->code, i18n_lang(), w->bill, w->run, w->from != NULL ? w->from : "-",
             w->to != NULL ? w->to : "-", w->account != NULL ? w->account : "-",
             w->per_account ? "account" : "bill", brand != NULL ? brand->seq : 0,
             biller != NULL ? biller->seq : 0);
}

static enum err_code note_path(const struct bill_sink *s, char out[PATH_MAX], struct err *e)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", s->path, BILLS_RUN_FILE);
    return n > 0 && n < PATH_MAX
               ? ERR_OK
               : err_set(e, ERR_RANGE, _("The name of the output file is empty or too long."));
}

/* Every file up to here is on the disk before the note says so. */
static enum err_code note_keep(const struct bill_sink *s, int64_t account, int64_t bill,
                               struct err *e)
{
    char path[PATH_MAX];
    struct buf note;
    TRY(note_path(s, path, e));
    int fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || syncfs(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (failed != 0) {
        errno = failed;
        return err_errno(e, _("%s could not be written"), s->path);
    }
    buf_init(&note, NOTE_MAX);
    run_key(s, &note);
    buf_addf(&note, "%" PRId64 " %" PRId64 " %" PRId64 "\n", account, bill,
             s->out->bills + s->out->already);
    enum err_code code = buf_status(&note, path, e);
    if (code == ERR_OK) {
        code = out_file_save(path, note.data, note.len, e);
    }
    buf_release(&note);
    return code;
}

/* Where the same run ended before it was done; zeros when there was none. */
static enum err_code note_read(const struct bill_sink *s, int64_t *account, int64_t *bill,
                               struct err *e)
{
    char path[PATH_MAX];
    struct buf note, key;
    struct err ignored = ERR_INIT;
    *account = *bill = 0;
    TRY(note_path(s, path, e));
    buf_init(&note, NOTE_MAX);
    buf_init(&key, NOTE_MAX);
    run_key(s, &key);
    if (!key.failed && access(path, F_OK) == 0 && file_read(path, &note, &ignored) == ERR_OK &&
        note.len > key.len && memcmp(note.data, key.data, key.len) == 0) {
        long long at[3] = {0};
        if (sscanf(note.data + key.len, "%18lld %18lld %18lld", &at[0], &at[1], &at[2]) == 3) {
            *account = at[0];
            *bill = at[1];
            s->out->already = at[2];
        }
    }
    buf_release(&note);
    buf_release(&key);
    return ERR_OK;
}

static void note_drop(const struct bill_sink *s)
{
    char path[PATH_MAX];
    struct err ignored = ERR_INIT;
    if (note_path(s, path, &ignored) == ERR_OK) {
        (void)unlink(path);
    }
}

/* --- bills ---------------------------------------------------------------------------------
 */

/* The QR code and, in a file of its own, the proof: from the first checkpoint that covers the
 * bill, so that both are the same bytes each time. A file of many bills goes to the printer,
 * who has no use for attachments. */
static enum err_code proof_take(struct bill_sink *s, int64_t bill, struct bill_doc *d,
                                struct err *e)
{
    buf_clear(&s->code);
    buf_clear(&s->proof);
    TRY(bill_code_make(s->o, bill, &s->code, e));
    d->code = buf_str(&s->code);
    if ((!s->folder && s->what->bill == 0) || s->what->per_account) {
        return ERR_OK;
    }
    TRY(proof_make(s->o, "bill", bill, PROOF_FIRST, &s->proof, e));
    d->proof = buf_str(&s->proof);
    d->proof_len = s->proof.len;
    d->proof_name = arena_printf(&s->arena, "%s.proof.json", d->number);
    return d->proof_name != NULL ? ERR_OK : err_nomem(e);
}

/* As the office looked when the bill was recorded. */
static void brand_apply(const struct bill_sink *s, int64_t seq, struct bill_doc *d)
{
    const struct brand *b = brand_at(&s->brands, seq);
    if (b == NULL) {
        return;
    }
    d->accent = b->accent;
    d->logo = b->has_logo ? &b->logo : NULL;
    memcpy(d->office_lines, b->lines, sizeof d->office_lines);
}

/* An account's number as a file's name: what no name should hold becomes _XX. */
static const char *account_file(struct bill_sink *s, const char *number)
{
    struct buf name;
    buf_init(&name, NOTE_MAX);
    for (const unsigned char *p = (const unsigned char *)number; *p != '\0'; p++) {
        bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= 'a' && *p <= 'z') || *p == '-';
        if (plain) {
            buf_addc(&name, (char)*p);
        } else {
            buf_addf(&name, "_%02X", *p);
        }
    }
    const char *path =
        name.failed ? NULL : arena_printf(&s->arena, "%s/%s.pdf", s->path, buf_str(&name));
    buf_release(&name);
    return path;
}

static enum err_code file_close(struct bill_sink *s, struct err *e)
{
    struct bill_pdf *pdf = s->pdf;
    s->pdf = NULL;
    s->out->files += pdf != NULL ? 1 : 0;
    return pdf != NULL ? bill_pdf_close(pdf, e) : ERR_OK;
}

/* Open the file that this bill goes to, unless it is open. */
static enum err_code file_for(struct bill_sink *s, int64_t account, const struct bill_doc *d,
                              struct err *e)
{
    const char *path = s->path;
    struct bill_pdf_options options = {.fmt = s->o->numfmt,
                                       .created = {.date = d->issued_on},
                                       .author = s->o->name,
                                       .press = s->press,
                                       .relaxed = s->folder};
    bool same =
        s->pdf != NULL && (!s->folder || (s->what->per_account && account == s->account));
    if (same) {
        return ERR_OK;
    }
    TRY(file_close(s, e));
    s->account = account;
    if (s->folder) {
        path = s->what->per_account ? account_file(s, d->account_number)
                                    : arena_printf(&s->arena, "%s/%s.pdf", s->path, d->number);
    }
    return path == NULL ? err_nomem(e) : bill_pdf_open(path, &options, &s->pdf, e);
}

static enum err_code sink_bill(struct bill_sink *s, int64_t bill, int64_t account,
                               struct err *e)
{
    struct bill_view v;
    struct bill_doc d;
    arena_reset(&s->arena);
    TRY(bill_view(s->o, bill, &s->arena, &v, e));
    TRY(bill_localize(s->o, &v, &s->arena, e));
    TRY(bill_doc_of(s->o, &v, &s->arena, &d, e));
    brand_apply(s, v.seq, &d);
    TRY(bill_doc_biller(s->o, &v, biller_at(&s->billers, v.seq), &s->arena, &d, e));
    TRY(proof_take(s, bill, &d, e));
    TRY(file_for(s, account, &d, e));
    TRY(bill_pdf_add(s->pdf, &d, e));
    s->out->bills++;
    return s->folder && !s->what->per_account ? file_close(s, e) : ERR_OK;
}

/* Note how far the run is, now and then: behind an account's last bill, where it has a file. */
static enum err_code sink_note(struct bill_sink *s, int64_t before, int64_t account,
                               int64_t bill, struct err *e)
{
    if (!s->folder || s->out->bills / KEEP_EVERY == before / KEEP_EVERY) {
        return ERR_OK;
    }
    TRY(file_close(s, e));
    return note_keep(s, account, bill, e);
}

static enum err_code row_take(struct bill_sink *s, struct stmt *q, int64_t *unsaved,
                              int64_t *account, int64_t *bill, struct err *e)
{
    int64_t next_bill = stmt_int(q, 0), next_account = stmt_int(q, 1);
    if (!s->what->per_account || next_account != *account) {
        TRY(sink_note(s, *unsaved, *account, *bill, e));
        *unsaved = s->out->bills;
    }
    TRY(sink_bill(s, next_bill, next_account, e));
    *bill = next_bill;
    *account = next_account;
    return ERR_OK;
}

#define SELECTED                                                                               \
    "FROM bill b JOIN billing_run r ON r.id = b.run JOIN account a ON a.id = b.account WHERE " \
    "(?1 = 0 OR b.id = ?1) AND (?2 = 0 OR b.run = ?2) AND (?3 IS NULL OR b.start_date >= ?3) " \
    "AND (?4 IS NULL OR b.end_date <= ?4) AND (?5 IS NULL OR a.number = ?5) AND (?1 > 0 OR "   \
    "r.state = 'closed')"

static enum err_code selected_count(const struct bill_sink *s, int64_t *out, struct err *e)
{
    const struct bill_selection *w = s->what;
    return db_get_int(s->o->db, out, NULL, e, "SELECT count(*) " SELECTED,
                      VALS(V_INT(w->bill), V_INT(w->run), V_TEXT(w->from), V_TEXT(w->to),
                           V_TEXT(w->account)));
}

static enum err_code selected_each(struct bill_sink *s, int64_t after_account,
                                   int64_t after_bill, const struct progress *progress,
                                   struct err *e)
{
    const struct bill_selection *w = s->what;
    struct stmt *q = NULL;
    bool row = false;
    int64_t unsaved = 0, account = after_account, bill = after_bill, total = 0;
    TRY(selected_count(s, &total, e));
    TRY(db_query(s->o->db, &q, e,
                 "SELECT b.id, b.account " SELECTED
                 " AND CASE WHEN ?6 THEN b.account > ?7 ELSE b.id > ?8 END "
                 "ORDER BY CASE WHEN ?6 THEN b.account END, b.id",
                 VALS(V_INT(w->bill), V_INT(w->run), V_TEXT(w->from), V_TEXT(w->to),
                      V_TEXT(w->account), V_INT(w->per_account), V_INT(after_account),
                      V_INT(after_bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = row_take(s, q, &unsaved, &account, &bill, e);
        uint64_t done = (uint64_t)(s->out->bills + s->out->already);
        if (code == ERR_OK && !progress_step(progress, _("Bills"), done, (uint64_t)total)) {
            code = err_set(e, ERR_CANCELLED,
                           ngettext("stopped after %" PRIu64 " bill",
                                    "stopped after %" PRIu64 " bills", (unsigned long)done),
                           done);
        }
    }
    stmt_done(q);
    if (code != ERR_OK && s->folder && !w->per_account && s->out->bills > 0) {
        struct err ignored = ERR_INIT; /* what stopped the run is said; this only saves work */
        (void)(note_keep(s, account, bill, &ignored) == ERR_OK);
    }
    return code;
}

static enum err_code none_found(const struct bill_selection *w, struct err *e)
{
    if (w->bill > 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), w->bill);
    }
    if (w->run > 0) {
        return err_set(e, ERR_NOT_FOUND,
                       _("billing run %" PRId64 " has no bills; see: aforo list billing-runs"),
                       w->run);
    }
    return err_set(e, ERR_NOT_FOUND, _("no bill is like that; see: aforo list bills"));
}

static enum err_code run_all(struct bill_sink *s, const struct progress *progress,
                             struct err *e)
{
    int64_t account = 0, bill = 0;
    TRY(pdf_press_new(NULL, &s->press, e));
    TRY(brands_load(s->o, s->press, &s->brands, e));
    TRY(billers_load(s->o, &s->billers, e));
    if (s->folder) {
        out_file_sweep(s->path);
        TRY(note_read(s, &account, &bill, e));
    }
    TRY(selected_each(s, account, bill, progress, e));
    if (s->out->bills + s->out->already == 0) {
        return none_found(s->what, e);
    }
    TRY(file_close(s, e));
    if (s->folder) { /* all is on the disk before nothing says that it is not done */
        TRY(note_keep(s, account, bill, e));
        note_drop(s);
    }
    return ERR_OK;
}

enum err_code bills_pdf(struct office *o, const struct bill_selection *what, const char *path,
                        const struct progress *progress, struct bills_written *out,
                        struct err *e)
{
    TRY(report_days_check(what->from, what->to, e));
    struct bill_sink *s = mem_alloc(sizeof *s);
    if (s == NULL) {
        return err_nomem(e);
    }
    *out = (struct bills_written){0};
    *s = (struct bill_sink){
        .o = o, .what = what, .path = path, .folder = is_folder(path), .out = out};
    mem_heap_hold();
    struct item_shelf *shelf = item_shelf_new(); /* without it the run is slower, no more */
    o->shelf = shelf;
    arena_init(&s->arena, (size_t)16 << 20);
    buf_init(&s->code, 1024);
    buf_init(&s->proof, 2 * PROOF_SIZE_MAX);
    enum err_code code = s->folder && mkdir(path, 0755) != 0 && errno != EEXIST
                             ? err_errno(e, _("cannot make the folder %s"), path)
                             : run_all(s, progress, e);
    o->shelf = NULL;
    item_shelf_free(shelf);
    bill_pdf_discard(s->pdf);
    buf_release(&s->proof);
    buf_release(&s->code);
    arena_release(&s->arena);
    brands_release(&s->brands);
    billers_release(&s->billers);
    pdf_press_free(s->press);
    mem_free(s);
    return code;
}
