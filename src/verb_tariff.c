/* What a tariff would cost, and tariffs of others put into our form. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/bill_build.h"
#include "app/files.h"
#include "app/tariff_try.h"
#include "base/i18n.h"
#include "domain/urdb.h"
#include "verb.h"

/* A file, or a code that the office has published. */
static enum err_code tariff_named(const struct cli *cli, const char *name, struct office **o,
                                  struct arena *arena, const struct tariff **out, struct err *e)
{
    struct faults faults = {0};
    struct tariff *t = NULL;
    struct tariff_book book;
    if (access(name, R_OK) == 0) {
        struct buf text;
        buf_init(&text, TARIFF_BYTES_MAX);
        enum err_code code = file_read(name, &text, e);
        if (code == ERR_OK) {
            code = tariff_parse(buf_str(&text), text.len, arena, &faults, &t, e);
        }
        buf_release(&text);
        *out = t;
        return code == ERR_OK ? ERR_OK : err_wrap(e, "%s", name);
    }
    if (*o == NULL) {
        TRY(verb_office(cli, DB_READ, o, NULL, e));
    }
    TRY(tariff_book_load(*o, arena, &book, e));
    const struct tariff_row *row = tariff_book_find(&book, name, office_today(*o));
    if (row == NULL) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is neither a file \"%s\" nor a tariff of that code in force"),
                       name);
    }
    *out = row->tariff;
    return ERR_OK;
}

static enum err_code whole(const char *name, const char *text, int64_t min, int64_t max,
                           int64_t *out, struct err *e)
{
    return text == NULL || cli_whole(text, min, max, out)
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("%s: \"%s\" is not a whole number from %lld to %lld"),
                         name, text, (long long)min, (long long)max);
}

/* --with NAME=VALUE, as often as needed. */
static enum err_code trial_options(struct cli *cli, struct trial *trial, struct err *e)
{
    int64_t month = 0;
    const char *with = NULL;
    trial->use = cli_take(cli, "use");
    trial->limit = cli_take(cli, "limit");
    trial->days = 30;
    TRY(whole("--days", cli_take(cli, "days"), 1, USAGE_DAYS_MAX, &trial->days, e));
    TRY(whole("--month", cli_take(cli, "month"), 1, 12, &month, e));
    trial->month = (unsigned)month;
    while ((with = cli_take(cli, "with")) != NULL) {
        const char *equals = strchr(with, '=');
        size_t i = trial->quantity_count;
        if (equals == NULL || i == TARIFF_QUANTITIES_MAX ||
            (size_t)(equals - with) >= sizeof trial->quantity[i].name) {
            return err_set(e, ERR_USAGE, _("--with NAME=VALUE, at most %d of them"),
                           TARIFF_QUANTITIES_MAX);
        }
        memcpy(trial->quantity[i].name, with, (size_t)(equals - with));
        trial->quantity[i].value = equals + 1;
        trial->quantity_count++;
    }
    return ERR_OK;
}

static void money_text(const struct tariff *t, const struct numfmt *fmt, struct money m,
                       struct buf *out)
{
    struct buf machine;
    buf_init(&machine, 64);
    money_print(m, t->currency, &machine);
    if (fmt != NULL) {
        numfmt_number(fmt, buf_str(&machine), out);
    } else {
        buf_adds(out, buf_str(&machine));
    }
    buf_release(&machine);
}

static enum err_code result_json(const struct bill_result *r, struct arena *a, struct buf *out,
                                 struct err *e)
{
    struct json *o = json_new_object(a);
    struct json *list = json_new_array(a);
    struct buf text;
    buf_init(&text, 8192);
    bool ok = o != NULL && list != NULL;
    for (size_t i = 0; ok && i < r->count; i++) {
        struct json *line = json_new_object(a);
        ok = line != NULL && json_set_str(a, line, "component", r->lines[i].component->id);
        buf_clear(&text);
        bill_line_title(&r->lines[i], r->tariff, NULL, &text);
        ok = ok && json_set_str(a, line, "title", buf_str(&text));
        buf_clear(&text);
        bill_line_explain(r, &r->lines[i], NULL, &text);
        ok = ok && json_set_str(a, line, "explanation", buf_str(&text));
        buf_clear(&text);
        money_text(r->tariff, NULL, r->lines[i].amount, &text);
        ok = ok && json_set_str(a, line, "amount", buf_str(&text)) && json_push(a, list, line);
    }
    buf_clear(&text);
    money_text(r->tariff, NULL, r->total, &text);
    ok = ok && json_set_str(a, o, "total", buf_str(&text)) &&
         json_set_str(a, o, "currency", r->tariff->currency->code) &&
         json_set_str(a, o, "tariff", r->tariff->code) &&
         json_set_int(a, o, "version", r->tariff->version) && json_set(a, o, "lines", list);
    buf_release(&text);
    return ok ? json_write_jcs(o, out, e) : err_nomem(e);
}

static void result_text(const struct bill_result *r, const struct numfmt *fmt, struct buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        bill_line_title(&r->lines[i], r->tariff, fmt, out);
        buf_adds(out, ": ");
        bill_line_explain(r, &r->lines[i], fmt, out);
        buf_addc(out, '\n');
    }
    buf_adds(out, _("Total "));
    money_text(r->tariff, fmt, r->total, out);
    buf_addf(out, " %s\n", r->tariff->currency->code);
}

static enum err_code account_trial(struct office *o, const struct tariff *t,
                                   const char *account, struct arena *a, struct buf *out,
                                   struct err *e)
{
    struct trial_period *periods = NULL;
    size_t count = 0;
    struct money billed = {0};
    struct money would = {0};
    TRY(tariff_try_account(o, t, account, a, &periods, &count, e));
    for (size_t i = 0; i < count; i++) {
        const struct trial_period *p = &periods[i];
        TRY(money_add(billed, p->billed, &billed, e));
        TRY(money_add(would, p->would, &would, e));
        buf_addf(out, _("Bill %" PRId64 ", %s to %s, meter %s: billed "), p->bill, p->start,
                 p->end, p->serial);
        money_text(t, o->numfmt, p->billed, out);
        buf_addf(out, _(", by %s it would be "), t->code);
        money_text(t, o->numfmt, p->would, out);
        buf_addc(out, '\n');
    }
    buf_adds(out, _("Together: billed "));
    money_text(t, o->numfmt, billed, out);
    buf_addf(out, _(", by %s it would be "), t->code);
    money_text(t, o->numfmt, would, out);
    buf_addf(out, " %s\n", t->currency->code);
    return ERR_OK;
}

static enum err_code try_print(struct cli *cli, const char *name, const char *account,
                               const struct trial *trial, struct office **o, struct arena *a,
                               struct buf *out, struct err *e)
{
    const struct tariff *t = NULL;
    struct bill_result r;
    if (account != NULL) {
        TRY(verb_office(cli, DB_READ, o, NULL, e));
    }
    TRY(tariff_named(cli, name, o, a, &t, e));
    if (account != NULL) {
        return account_trial(*o, t, account, a, out, e);
    }
    TRY(tariff_try(t, trial, a, &r, e));
    if (cli->json) {
        TRY(result_json(&r, a, out, e));
        buf_addc(out, '\n');
    } else {
        result_text(&r, *o != NULL ? (*o)->numfmt : NULL, out);
    }
    return buf_status(out, _("explanation"), e);
}

enum err_code verb_tariff_try(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct arena arena;
    struct buf out;
    struct trial trial = {0};
    const char *account = cli_take(cli, "account");
    TRY(trial_options(cli, &trial, e));
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("name one tariff: a file, or a code of this office"));
    }
    arena_init(&arena, (size_t)64 << 20);
    buf_init(&out, (size_t)1 << 20);
    enum err_code code = try_print(cli, cli->argv[0], account, &trial, &o, &arena, &out, e);
    if (code == ERR_OK) {
        (void)fputs(buf_str(&out), stdout);
    }
    buf_release(&out);
    arena_release(&arena);
    office_close(o);
    return code;
}

#define LEAVE_OUT_MAX 32
#define URDB_BYTES_MAX ((size_t)4 << 20)

/* The rate of an answer of the service, or of a file that holds just one. */
static enum err_code urdb_rate(const struct json *doc, const struct json **out, struct err *e)
{
    const struct json *items = json_get(doc, "items");
    if (items == NULL || items->type != JSON_ARRAY) {
        *out = doc;
        return ERR_OK;
    }
    if (items->u.array.count != 1) {
        return err_set(e, ERR_PARSE, _("the file has %zu rates; keep the one that is wanted"),
                       items->u.array.count);
    }
    *out = items->u.array.items[0];
    return ERR_OK;
}

/* "a,b" cut at its commas. */
static enum err_code names_cut(const char *text, struct arena *a, const char **out,
                               struct err *e)
{
    size_t count = 0;
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, ",");
        if (count == LEAVE_OUT_MAX) {
            return err_set(e, ERR_USAGE, _("--leave-out names at most %d members"),
                           LEAVE_OUT_MAX);
        }
        out[count++] = arena_printf(a, "%.*s", (int)len, text);
        if (out[count - 1] == NULL) {
            return err_nomem(e);
        }
        text += len + (text[len] == ',' ? 1 : 0);
    }
    out[count] = NULL;
    return ERR_OK;
}

/* Every fault, not the first alone. */
static void faults_print(const char *path, const struct faults *f)
{
    for (size_t i = 0; i < f->count && i < FAULTS_MAX; i++) {
        (void)fprintf(stderr, "%s: %s: %s\n", path, f->item[i].path, f->item[i].text);
    }
}

static enum err_code urdb_file(const char *path, const struct urdb_options *options,
                               struct arena *a, struct json **out, struct err *e)
{
    static const struct json_limits limits = {URDB_BYTES_MAX, 16, false};
    struct faults faults = {0};
    struct json *doc = NULL;
    const struct json *rate = NULL;
    struct tariff *checked = NULL;
    struct buf text;
    buf_init(&text, URDB_BYTES_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = json_parse(buf_str(&text), text.len, &limits, a, &doc, e);
    }
    buf_release(&text);
    if (code == ERR_OK) {
        code = urdb_rate(doc, &rate, e);
    }
    if (code == ERR_OK) {
        code = urdb_convert(rate, options, a, &faults, out, e);
    }
    if (code == ERR_OK) { /* what we made has to be a tariff of ours */
        code = tariff_from_json(*out, a, &faults, &checked, e);
    }
    if (code != ERR_OK) {
        faults_print(path, &faults);
        return err_wrap(e, "%s", path);
    }
    return ERR_OK;
}

enum err_code verb_tariff_urdb(struct cli *cli, struct err *e)
{
    const char *names[LEAVE_OUT_MAX + 1] = {NULL};
    struct urdb_options options = {.code = cli_take(cli, "code"),
                                   .valid_from = cli_take(cli, "valid-from"),
                                   .leave_out = names};
    const char *output = verb_take_output(cli);
    const char *leave_out = cli_take(cli, "leave-out");
    struct arena arena;
    struct json *out = NULL;
    struct buf text;
    if (cli->argc != 1 || options.code == NULL) {
        return err_set(e, ERR_USAGE, _("tariff urdb needs one file and --code CODE"));
    }
    arena_init(&arena, (size_t)64 << 20);
    buf_init(&text, TARIFF_BYTES_MAX);
    enum err_code code = names_cut(leave_out, &arena, names, e);
    if (code == ERR_OK) {
        code = urdb_file(cli->argv[0], &options, &arena, &out, e);
    }
    if (code == ERR_OK) {
        code = json_write_jcs(out, &text, e);
    }
    if (code == ERR_OK) {
        buf_addc(&text, '\n');
        code = output != NULL ? file_write(output, &text, e) : buf_status(&text, output, e);
    }
    if (code == ERR_OK && output == NULL) {
        (void)fputs(buf_str(&text), stdout);
    } else if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"file", output, 0}),
                    _("%s written; look at it, then: aforo tariff publish %s\n"), output,
                    output);
    }
    buf_release(&text);
    arena_release(&arena);
    return code;
}
