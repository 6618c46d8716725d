/* kiosk: the public terminal bound to an office. It logs in as a machine of role customer; what
 * it reads is of the account whose PIN was typed, and nothing else leaves these functions. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_code.h"
#include "app/own.h"
#include "app/permitted.h"
#include "app/personal.h"
#include "app/pin.h"
#include "app/query_bill.h"
#include "app/query_meter.h"
#include "app/receipt.h"
#include "app/receivable.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "reports/escpos.h"
#include "reports/printer.h"
#include "reports/qr_text.h"
#include "ui/format.h"
#include "ui/kiosk_run.h"
#include "verb.h"

#define TEXT_COLUMNS 70 /* of bills: what a terminal of 80 shows */
#define PAPER_COLUMNS 42
#define ARENA_MAX ((size_t)8 << 20)
#define PRINTER_WAIT_MS 3000 /* somebody stands there */

struct kiosk_bound {
    struct office *office;
    struct session *session; /* the kiosk's own */
    const char *printer;     /* NULL: none */
    int64_t account;         /* opened; 0: none */
    char number[48];
    char pin[PIN_MAX + 1];
};

static void kiosk_close(void *ctx)
{
    struct kiosk_bound *b = ctx;
    b->account = 0;
    secure_wipe(b->number, sizeof b->number);
    secure_wipe(b->pin, sizeof b->pin);
}

/* "Rosa Vega" -> "R••• V•••": enough for its owner. */
static void mask(const char *name, char out[128])
{
    size_t used = 0;
    bool begins = true;
    for (const char *s = name; *s != '\0' && used + 16 < 128;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(s, strlen(s), &cp);
        n = n > 0 ? n : 1;
        if (*s == ' ') {
            begins = true;
        } else if (begins) {
            used += (size_t)snprintf(out + used, 128 - used, "%s%.*s" PERSONAL_MASK,
                                     used > 0 ? " " : "", (int)n, s);
            begins = false;
        }
        s += n;
    }
}

static enum err_code who_fill(struct kiosk_bound *b, struct kiosk_who *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct kiosk_policy policy;
    TRY(kiosk_policy_load(b->office, &policy, e));
    TRY(db_query(
        b->office->db, &q, e,
        "SELECT a.number, coalesce((SELECT p.value FROM main.personal p WHERE p.owner = "
        "'customer' AND p.id = c.id AND p.field = 'name' AND p.hash = c.name), '') FROM "
        "account a JOIN customer c ON c.id = a.customer WHERE a.id = ?",
        VALS(V_INT(b->account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        *out = (struct kiosk_who){.readings = policy.readings,
                                  .disputes = policy.disputes,
                                  .printer = b->printer != NULL};
        format_copy(out->account, sizeof out->account, stmt_text(q, 0));
        mask(stmt_text(q, 1), out->name);
    }
    stmt_done(q);
    return code;
}

/* A kiosk whose user was disabled serves nobody. */
static enum err_code still_kiosk(struct kiosk_bound *b, struct err *e)
{
    static struct permitted list;
    TRY(permitted_list(b->office, b->session->user, FACE_KIOSK, &list, e));
    return list.count > 0
               ? ERR_OK
               : err_set(e, ERR_DENIED, _("this kiosk is out of service; ask at the counter"));
}

static enum err_code kiosk_open(void *ctx, const char *number, const char *pin,
                                struct kiosk_who *out, struct err *e)
{
    struct kiosk_bound *b = ctx;
    int wait_s = 0;
    kiosk_close(b);
    TRY(still_kiosk(b, e));
    TRY(pin_open(b->office, number, pin, &b->account, &wait_s, e));
    format_copy(b->number, sizeof b->number, number);
    format_copy(b->pin, sizeof b->pin, pin);
    return who_fill(b, out, e);
}

/* ---- lists --------------------------------------------------------------------------------
 */

typedef void (*kiosk_item_fn)(struct kiosk_bound *b, const struct stmt *q,
                              struct kiosk_item *it);

static enum err_code list_read(struct kiosk_bound *b, const char *sql, kiosk_item_fn fill,
                               struct kiosk_list *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code = ERR_OK;
    out->count = 0;
    if (b->account == 0) {
        return err_set(e, ERR_DENIED, _("log in first"));
    }
    TRY(db_query(b->office->db, &q, e, sql, VALS(V_INT(b->account))));
    while (out->count < KIOSK_ITEMS && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct kiosk_item *it = &out->items[out->count++];
        it->id = stmt_int(q, 0);
        fill(b, q, it);
    }
    stmt_done(q);
    return code;
}

static void meter_item(struct kiosk_bound *b, const struct stmt *q, struct kiosk_item *it)
{
    static const char *const names[][2] = {
        {"water", N_("water")}, {"energy", N_("energy")}, {"gas", N_("gas")}};
    const char *kind = stmt_text(q, 2);
    (void)b;
    for (size_t i = 0; i < 3; i++) {
        kind = strcmp(kind, names[i][0]) == 0 ? _(names[i][1]) : kind;
    }
    format_copy(it->key, sizeof it->key, stmt_text(q, 1));
    (void)snprintf(it->text, sizeof it->text, "%s   %s", it->key, kind);
}

static enum err_code kiosk_meters(void *ctx, struct kiosk_list *out, struct err *e)
{
    return list_read(
        ctx,
        "SELECT m.id, m.serial, m.kind FROM meter m JOIN assignment g ON g.meter = "
        "m.id WHERE g.account = ? AND g.end_date IS NULL ORDER BY m.serial",
        meter_item, out, e);
}

static void bill_item(struct kiosk_bound *b, const struct stmt *q, struct kiosk_item *it)
{
    char from[FORMAT_MAX];
    char to[FORMAT_MAX];
    char due[FORMAT_MAX];
    char total[MONEY_WORDS_MAX];
    format_date(b->office->numfmt, stmt_text(q, 1), from);
    format_date(b->office->numfmt, stmt_text(q, 2), to);
    format_date(b->office->numfmt, stmt_text(q, 3), due);
    money_words(b->office, stmt_int(q, 4), total);
    (void)snprintf(it->text, sizeof it->text, "%s   %s - %s   %s   %s %s", stmt_text(q, 6),
                   from, to, total, stmt_int(q, 5) > 0 ? _("due") : _("settled"),
                   stmt_int(q, 5) > 0 ? due : "");
}

static enum err_code kiosk_bills(void *ctx, struct kiosk_list *out, struct err *e)
{
    return list_read(
        ctx,
        "SELECT b.id, b.start_date, b.end_date, b.due, b.total, coalesce((SELECT "
        "p.open FROM posting p WHERE p.account = b.account AND p.kind = 'bill' AND "
        "p.ref = b.id), 0), " BILL_NUMBER(
            "b") " FROM bill b JOIN billing_run r ON r.id = b.run WHERE "
                 "b.account = ? AND b.cancelled IS NULL AND r.state = 'closed' ORDER BY b.id "
                 "DESC",
        bill_item, out, e);
}

static void receipt_item(struct kiosk_bound *b, const struct stmt *q, struct kiosk_item *it)
{
    char date[FORMAT_MAX];
    char amount[MONEY_WORDS_MAX];
    format_date(b->office->numfmt, stmt_text(q, 1), date);
    money_words(b->office, stmt_int(q, 2), amount);
    (void)snprintf(it->text, sizeof it->text, _("Receipt %" PRId64 "   %s   %s"), it->id, date,
                   amount);
}

static enum err_code kiosk_receipts(void *ctx, struct kiosk_list *out, struct err *e)
{
    return list_read(ctx,
                     "SELECT number, date, amount FROM document WHERE account = ? AND type = "
                     "'receipt' ORDER BY number DESC",
                     receipt_item, out, e);
}

/* Is it this account's? What is not is told in the words of what there is not. */
static enum err_code own(struct kiosk_bound *b, const char *sql, int64_t id, struct err *e)
{
    int64_t one = 0;
    bool found = false;
    TRY(db_get_int(b->office->db, &one, &found, e, sql, VALS(V_INT(id), V_INT(b->account))));
    return found && b->account != 0 ? ERR_OK : err_set(e, ERR_NOT_FOUND, _("There is none."));
}

/* ---- one of them --------------------------------------------------------------------------
 */

static void machine_number(const struct office *o, const struct meter_detail *d, int64_t value,
                           char *out, size_t size)
{
    struct buf b;
    char text[FORMAT_MAX] = "";
    buf_init(&b, 64);
    if (value >= 0) {
        quantity_print(value, d->unit, (unsigned)d->decimals, &b);
        format_number(o->numfmt, buf_str(&b), text);
    }
    (void)snprintf(out, size, "%s", text);
    buf_release(&b);
}

static enum err_code kiosk_use(void *ctx, int64_t meter, struct kiosk_use *out, struct err *e)
{
    struct kiosk_bound *b = ctx;
    struct meter_detail d;
    char today[DATE_TEXT];
    char last[48];
    int64_t top;
    TRY(own(b, "SELECT 1 FROM assignment WHERE meter = ? AND account = ? AND end_date IS NULL",
            meter, e));
    date_text(office_today(b->office), today);
    TRY(meter_detail(b->office->db, meter, today, &d, e));
    size_t skip = d.history_count > KIOSK_VALUES ? d.history_count - KIOSK_VALUES : 0;
    out->count = d.history_count - skip;
    memcpy(out->values, d.history + skip, out->count * sizeof out->values[0]);
    out->limit = d.limit;
    top = d.limit;
    format_copy(out->title, sizeof out->title, d.row.serial);
    format_copy(out->unit, sizeof out->unit, d.unit->pretty);
    machine_number(b->office, &d, d.mean, out->mean, sizeof out->mean);
    machine_number(b->office, &d, d.limit, out->limit_text, sizeof out->limit_text);
    for (size_t i = 0; i < out->count; i++) {
        top = out->values[i] > top ? out->values[i] : top;
    }
    machine_number(b->office, &d, top, out->top, sizeof out->top);
    machine_number(b->office, &d, d.last_value, last, sizeof last);
    if (d.last_utc != 0) {
        (void)snprintf(out->last, sizeof out->last, _("Last reading: %s %s"), last, out->unit);
    }
    return ERR_OK;
}

/* Lines no longer than a terminal of 80 columns shows. */
static void wrapped(const char *s, struct buf *out)
{
    while (*s != '\0') {
        size_t used = 0;
        size_t len = strcspn(s, "\n");
        size_t n = text_fit(s, len, TEXT_COLUMNS, &used);
        size_t cut = n;
        while (n < len && cut > TEXT_COLUMNS / 3 && s[cut] != ' ') {
            cut--;
        }
        cut = n < len && s[cut] == ' ' ? cut : (n > 0 ? n : 1);
        cut = cut < len ? cut : len;
        buf_add(out, s, cut);
        buf_addc(out, '\n');
        s += cut;
        s += *s == ' ' || *s == '\n' ? 1 : 0;
    }
}

static enum err_code kiosk_bill(void *ctx, int64_t bill, struct buf *out, struct err *e)
{
    struct kiosk_bound *b = ctx;
    struct arena arena;
    struct bill_view v;
    struct buf text;
    TRY(own(b, "SELECT 1 FROM bill WHERE id = ? AND account = ? AND cancelled IS NULL", bill,
            e));
    arena_init(&arena, ARENA_MAX);
    buf_init(&text, (size_t)1 << 18);
    enum err_code code = bill_view(b->office, bill, &arena, &v, e);
    if (code == ERR_OK) {
        code = bill_explain(b->office, &v, &text, e);
    }
    if (code == ERR_OK) {
        wrapped(buf_str(&text), out);
    }
    buf_wipe(&text);
    arena_release(&arena);
    return code;
}

static const char own_receipt[] =
    "SELECT 1 FROM document WHERE type = 'receipt' AND number = ? AND account = ?";

/* What the kiosk gives out is a copy, whatever was printed before. */
static enum err_code paper_load(struct kiosk_bound *b, int64_t number, struct arena *arena,
                                struct receipt *r, struct paper *p, struct err *e)
{
    int64_t prints = 0;
    TRY(own(b, own_receipt, number, e));
    TRY(db_get_int(b->office->db, &prints, NULL, e,
                   "SELECT coalesce(max(print), 1) FROM receipt_print WHERE receipt = ?",
                   VALS(V_INT(number))));
    TRY(receipt_load(b->office, number, prints, arena, r, e));
    return receipt_paper(r, b->office->numfmt, arena, p, e);
}

static enum err_code kiosk_receipt(void *ctx, int64_t number, bool ascii, struct buf *out,
                                   struct err *e)
{
    struct kiosk_bound *b = ctx;
    struct arena arena;
    struct receipt r;
    struct paper p;
    arena_init(&arena, ARENA_MAX);
    enum err_code code = paper_load(b, number, &arena, &r, &p, e);
    if (code == ERR_OK) {
        paper_text(&p, PAPER_COLUMNS, out);
        buf_addf(out, "\n%s\n%s\n\n",
                 _("Recorded and signed. To check it without us: aforo check --qr, with"),
                 r.code);
        code = qr_text(r.code, ascii, out, e);
    }
    arena_release(&arena);
    return code;
}

static enum err_code kiosk_print(void *ctx, int64_t number, struct err *e)
{
    struct kiosk_bound *b = ctx;
    struct arena arena;
    struct receipt r;
    struct paper p;
    struct buf bytes;
    struct printer to;
    struct err why = ERR_INIT; /* for who mends it, not for who stands here */
    arena_init(&arena, ARENA_MAX);
    buf_init(&bytes, (size_t)1 << 18);
    printer_parse(b->printer, &to);
    to.wait_ms = PRINTER_WAIT_MS;
    to.form = PRINTER_ESCPOS;
    enum err_code code = paper_load(b, number, &arena, &r, &p, e);
    if (code == ERR_OK) {
        escpos_paper(&p, PAPER_COLUMNS, &bytes);
        code = buf_status(&bytes, _("receipt"), e);
    }
    if (code == ERR_OK && printer_send(&to, _("Receipt"), &bytes, &why) != ERR_OK) {
        code = err_set(e, ERR_IO, _("the printer does not answer"));
    }
    buf_wipe(&bytes);
    arena_release(&arena);
    return code;
}

/* ---- acts ---------------------------------------------------------------------------------
 */

static enum err_code act_own(struct kiosk_bound *b, const char *command,
                             const char *const *pairs, char message[512], struct err *e)
{
    struct ticket t;
    struct command_ctx c = {
        .office = b->office, .session = b->session, .command = command_find(command)};
    CHECK(c.command != NULL);
    TRY(arg_set(&c, "account", b->number, e));
    TRY(arg_set(&c, "pin", b->pin, e));
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        TRY(arg_set(&c, pairs[i], pairs[i + 1], e));
    }
    TRY(command_run(&c, &t, e));
    format_copy(message, 512, c.message);
    return ERR_OK;
}

static enum err_code kiosk_reading(void *ctx, const char *serial, const char *value,
                                   char message[512], struct err *e)
{
    const char *const pairs[] = {"serial", serial, "value", value, NULL};
    return act_own(ctx, "own reading", pairs, message, e);
}

static enum err_code kiosk_dispute(void *ctx, int64_t bill, const char *reason,
                                   char message[512], struct err *e)
{
    char number[24];
    const char *const pairs[] = {"bill", number, "reason", reason, NULL};
    (void)snprintf(number, sizeof number, "%" PRId64, bill);
    return act_own(ctx, "own dispute", pairs, message, e);
}

/* ---- the subcommand -----------------------------------------------------------------------
 */

static enum err_code log_in(struct kiosk_bound *b, const char *user, const char *file,
                            struct err *e)
{
    struct buf password;
    int wait_s = 0;
    buf_init(&password, 1024);
    enum err_code code = cli_secret(_("password"), file, &password, e);
    if (code == ERR_OK) {
        code = session_login(b->office, user, buf_str(&password), &b->session, &wait_s, e);
    }
    buf_wipe(&password);
    if (code == ERR_OK && still_kiosk(b, e) != ERR_OK) {
        code = err_set(e, ERR_DENIED,
                       _("\"%s\" is no kiosk: make a user for it with --roles customer"), user);
    }
    return code == ERR_OK ? personal_access(b->office, 0, e) : code;
}

enum err_code verb_kiosk(struct cli *cli, struct err *e)
{
    struct kiosk_bound b = {.printer = cli_take(cli, "printer")};
    const char *user = cli_take(cli, "user");
    const char *file = cli_take(cli, "password-file");
    const char *theme = cli_take(cli, "theme");
    bool big = cli_take_flag(cli, "big");
    enum term_charset charset =
        cli_take_flag(cli, "ascii") ? TERM_CHARSET_ASCII : TERM_CHARSET_AUTO;
    TRY(verb_no_more(cli, e));
    if (user == NULL) {
        return err_set(e, ERR_USAGE, _("kiosk needs --user NAME, a user of role customer"));
    }
    TRY(office_open(cli->office, DB_WRITE, &env_system, &b.office, e));
    enum err_code code = log_in(&b, user, file, e);
    if (code == ERR_OK) {
        struct kiosk_model model = {.ctx = &b,
                                    .format = b.office->numfmt,
                                    .office = b.office->name,
                                    .open = kiosk_open,
                                    .close = kiosk_close,
                                    .meters = kiosk_meters,
                                    .bills = kiosk_bills,
                                    .receipts = kiosk_receipts,
                                    .use = kiosk_use,
                                    .bill = kiosk_bill,
                                    .receipt = kiosk_receipt,
                                    .print = kiosk_print,
                                    .reading = kiosk_reading,
                                    .dispute = kiosk_dispute};
        code = kiosk_run(&model, theme, charset, big, e);
    }
    session_free(b.session);
    office_close(b.office);
    return code;
}
