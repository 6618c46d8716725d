#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/quantity.h"
#include "ui/format.h"
#include "ui/model_jobs.h"
#include "ui/page_jobs.h"
#include "ui/settled.h"
#include "ui/screen.h"
#include "ui/sheet_view.h"
#include "ui/widget_form.h"

/* A payment at the counter: the cash given is typed, of which the balance is paid or, in the
 * next field, another amount; the change stands beside it, what will be settled below it; Enter
 * records it and shows the receipt. */

enum { PAYMENT_SHEET_JOB = 1, PAYMENT_SAVE_JOB };
enum { PAYMENT_SAVE = 1, PAYMENT_FIELD, PAYMENT_DRAWER };
enum payment_field {
    FIELD_TENDERED,
    FIELD_AMOUNT,
    FIELD_METHOD,
    FIELD_SLIP,
    FIELD_BILLS,
    FIELDS
};

#define PAYMENT_LABELS 14
#define PAYMENT_FORM_ROWS 11

struct payment_state {
    const struct ui_model *model;
    int64_t account;
    char bill[EFFECT_VALUE_MAX]; /* that it was opened for; "" for none */
    struct form form;
    struct sheet sheet; /* what is owed; owned */
    bool has_sheet;
    bool filled; /* the balance was put into the amount */
    uint32_t serial;
    bool saving;
    bool asked; /* whether less is to be taken than the amount; Enter or y says yes */
    struct err failed;
};

static const struct param payment_params[] = {
    [FIELD_TENDERED] = {"tendered", PARAM_DECIMAL, 0, N_("Cash given"), NULL, NULL},
    [FIELD_AMOUNT] = {"amount", PARAM_DECIMAL, PARAM_REQUIRED, N_("To pay"), NULL, NULL},
    [FIELD_METHOD] = {"method", PARAM_CHOICE, PARAM_REQUIRED, N_("Method"),
                      "cash|card|cheque|transfer", "cash"},
    [FIELD_SLIP] = {"slip", PARAM_TEXT, 0, N_("Slip"), NULL, NULL},
    [FIELD_BILLS] = {"bills", PARAM_TEXT, 0, N_("For bill"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL},
};

static const struct key_row payment_rows[] = {
    {K_ENTER, K_NONE, PAYMENT_SAVE, 1, N_("Take"),
     N_("Record the payment and show its receipt"), "payment take"},
    {K_TAB, K_DOWN, PAYMENT_FIELD, 4, N_("Next field"), N_("Go to the next field"), NULL},
    {K_CTRL | 'o', K_NONE, PAYMENT_DRAWER, 5, N_("Open drawer"),
     N_("Open a drawer, to take cash"), "drawer open"},
};

static void ask(struct payment_state *s, struct effects *fx)
{
    s->serial++;
    fx_job(fx, sheet_job_new(s->model, PAYMENT_SHEET_JOB, s->serial, "pay", s->account));
}

static enum err_code payment_init(void *state, const struct ui_model *model,
                                  const struct screen_arg *arg, struct effects *fx,
                                  struct err *e)
{
    struct payment_state *s = state;

    (void)e;
    s->model = model;
    s->account = arg->id;
    sheet_init(&s->sheet);
    form_init(&s->form, model, payment_params);
    for (size_t i = 0; i < arg->preset_count; i++) {
        if (strcmp(arg->presets[i].name, payment_params[FIELD_BILLS].name) == 0) {
            format_copy(s->bill, sizeof(s->bill), arg->presets[i].value);
        }
    }
    ask(s, fx);
    return ERR_OK;
}

static void payment_release(void *state)
{
    struct payment_state *s = state;

    form_release(&s->form);
    sheet_release(&s->sheet);
}

static bool is_cash(const struct payment_state *s)
{
    char method[LINEEDIT_BYTES];

    form_value(&s->form, FIELD_METHOD, method);
    return strcmp(method, "cash") == 0;
}

static bool number_in(const struct payment_state *s, enum payment_field field,
                      struct decimal *out)
{
    char text[LINEEDIT_BYTES];

    form_value(&s->form, field, text);
    return text[0] != '\0' && decimal_parse(text, strlen(text), out, NULL) == ERR_OK;
}

/* tendered - amount, written; false when it cannot be told. */
static bool change_of(const struct payment_state *s, struct decimal *out)
{
    struct decimal amount;
    struct decimal tendered;
    uint8_t scale;

    if (!is_cash(s) || !number_in(s, FIELD_AMOUNT, &amount) ||
        !number_in(s, FIELD_TENDERED, &tendered)) {
        return false;
    }
    scale = amount.scale > tendered.scale ? amount.scale : tendered.scale;
    if (decimal_rescale(amount, scale, &amount, NULL) != ERR_OK ||
        decimal_rescale(tendered, scale, &tendered, NULL) != ERR_OK) {
        return false;
    }
    out->scale = scale;
    return sub_i64(tendered.mantissa, amount.mantissa, &out->mantissa);
}

/* ---- saving ---- */

static void save(struct payment_state *s, struct effects *fx)
{
    char text[FIELDS][LINEEDIT_BYTES];
    struct ui_value values[FIELDS + 1] = {{"account", ""}};
    struct decimal change;

    if (s->saving || !s->has_sheet || !form_check_all(&s->form)) {
        return;
    }
    if (change_of(s, &change) && change.mantissa < 0) { /* what is given is what is paid */
        form_value(&s->form, FIELD_TENDERED, text[0]);
        form_set(&s->form, "amount", text[0]);
        s->asked = true;
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("Less than was to pay: only this part is paid. Enter takes it."));
        return;
    }
    values[0].value = sheet_get(&s->sheet, "account");
    for (size_t i = 0; i < FIELDS; i++) {
        form_value(&s->form, i, text[i]);
        if (i == FIELD_TENDERED && !is_cash(s)) {
            text[i][0] = '\0';
        }
        values[i + 1] = (struct ui_value){payment_params[i].name, text[i]};
    }
    s->saving = true;
    fx_job(fx, command_job_new(s->model, PAYMENT_SAVE_JOB, 0, false, "payment take", values,
                               FIELDS + 1));
    s->saving = fx->list[fx->count - 1].kind == FX_JOB;
}

static void take_saved(struct payment_state *s, const struct command_job *job,
                       struct effects *fx)
{
    s->saving = false;
    if (job->job.err.code != ERR_OK) {
        if (job->ticket.field[0] != '\0') {
            form_fail(&s->form, job->ticket.field, job->job.err.text);
        }
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    s->form.touched = false;
    if (job->ticket.result > 0) {
        (void)fx_open(fx, FX_REPLACE, &screen_receipt, job->ticket.result);
    } else {
        (void)fx_add(fx, FX_POP);
    }
    fx_ticket(fx, s->model, &job->ticket);
}

/* Is there a balance above nothing? */
static bool owes(const struct payment_state *s)
{
    const char *balance = sheet_get(&s->sheet, "balance");

    return balance[0] != '-' && strspn(balance, "0.") != strlen(balance);
}

/* Somebody else took or billed something meanwhile: what was filled in follows, what was typed
 * stays. */
static void tell_balance(struct payment_state *s, const char *before, struct effects *fx)
{
    struct form_field *amount = &s->form.fields[FIELD_AMOUNT];
    char filled[FORMAT_MAX];
    char now[FORMAT_MAX];

    format_number(s->model->format, before, filled);
    format_number(s->model->format, sheet_get(&s->sheet, "balance"), now);
    if (strcmp(amount->edit.text, filled) == 0) {
        form_set(&s->form, "amount", owes(s) ? sheet_get(&s->sheet, "balance") : "");
    }
    fx_message(fx, MESSAGE_WARN, _("The balance has changed meanwhile: it was %s, it is %s."),
               filled, now);
}

/* It was opened for a bill: that one is named, and what is open of it proposed. False: nothing
 * is open of it. */
static bool fill_bill(struct payment_state *s, struct effects *fx)
{
    size_t columns = 0;

    for (size_t i = 0; i < s->sheet.count; i++) {
        const struct sheet_part *part = &s->sheet.parts[i];

        columns = part->kind == SHEET_TABLE ? part->column_count : columns;
        if (part->kind == SHEET_ROW && columns > 0 && strcmp(part->key, s->bill) == 0) {
            form_set(&s->form, "bills", s->bill);
            form_set(&s->form, "amount", part->cells[columns - 1]);
            return true;
        }
    }
    fx_message(fx, MESSAGE_WARN,
               _("Nothing is unpaid of bill %s; what is taken pays the oldest debt first."),
               s->bill);
    s->bill[0] = '\0';
    return false;
}

/* The balance is what is paid mostly; one that somebody has typed stays. */
static void take_sheet(struct payment_state *s, struct sheet_job *job, struct effects *fx)
{
    char before[FORMAT_MAX];

    if (job->job.serial != s->serial || job->job.err.code == ERR_CANCELLED) {
        return;
    }
    s->failed = job->job.err;
    if (job->job.err.code != ERR_OK) {
        return;
    }
    format_copy(before, sizeof(before), sheet_get(&s->sheet, "balance"));
    sheet_release(&s->sheet);
    s->sheet = job->sheet;
    sheet_init(&job->sheet);
    s->has_sheet = true;
    if (s->filled && strcmp(before, sheet_get(&s->sheet, "balance")) != 0) {
        tell_balance(s, before, fx);
    } else if (!s->filled && s->bill[0] != '\0' && fill_bill(s, fx)) {
        s->filled = true;
    } else if (!s->filled && s->form.fields[FIELD_AMOUNT].edit.len == 0 && owes(s)) {
        form_set(&s->form, "amount", sheet_get(&s->sheet, "balance"));
    } else if (!s->filled && s->form.fields[FIELD_TENDERED].edit.len == 0) {
        s->form.focus = FIELD_AMOUNT;
    }
    s->filled = true;
}

/* ---- events ---- */

static void payment_act(void *state, int action, struct effects *fx)
{
    struct payment_state *s = state;

    if (action == PAYMENT_SAVE) {
        save(s, fx);
    } else if (action == PAYMENT_DRAWER) {
        (void)fx_command(fx, "drawer open", "drawer", sheet_get(&s->sheet, "drawer"));
    } else {
        (void)form_key(&s->form, K_TAB);
    }
}

static struct key_table payment_keys(const void *state)
{
    (void)state;
    return (struct key_table){payment_rows, sizeof(payment_rows) / sizeof(payment_rows[0])};
}

static bool on_key(struct payment_state *s, uint32_t key, struct effects *fx)
{
    if (s->asked && form_is_yes(&s->form, key)) {
        key = K_ENTER;
    }
    s->asked = false;
    if (key == K_ENTER || key == (K_CTRL | 'o')) {
        int action = key_action(payment_keys(s), s->model, key);

        if (action != 0) {
            payment_act(s, action, fx);
        }
        return action != 0;
    }
    return !s->saving && form_key(&s->form, key);
}

static bool payment_update(void *state, const struct event *ev, struct effects *fx)
{
    struct payment_state *s = state;

    switch (ev->kind) {
    case EV_KEY:
        return on_key(s, ev->key, fx);
    case EV_PASTE:
        form_paste(&s->form, ev->text, ev->len_bytes);
        return true;
    case EV_JOB:
        if (ev->job->kind == PAYMENT_SHEET_JOB) {
            take_sheet(s, (struct sheet_job *)ev->job, fx);
        } else {
            take_saved(s, (const struct command_job *)ev->job, fx);
        }
        return true;
    case EV_CHANGED:
        ask(s, fx);
        return true;
    case EV_RESIZE:
    case EV_TICK:
    case EV_PICKED:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_PROGRESS:
        return true;
    }
    return true;
}

/* ---- drawing ---- */

static int label(struct frame *f, int row, int column, const char *name)
{
    frame_field(f, row, column, PAYMENT_LABELS - 2, ALIGN_LEFT, ATTR_LABEL, name);
    return column + PAYMENT_LABELS;
}

static void render_head(const struct payment_state *s, struct frame *f, int row, int column,
                        int end)
{
    char balance[FORMAT_MAX];
    const char *machine = sheet_get(&s->sheet, "balance");
    bool credit = machine[0] == '-';
    int at = label(f, row, column, _("Account"));

    at += frame_text(f, row, at, end - at, ATTR_HEADER, sheet_get(&s->sheet, "account")) + 3;
    (void)frame_text(f, row, at, end - at, ATTR_NORMAL, sheet_get(&s->sheet, "name"));
    format_number(s->model->format, credit ? machine + 1 : machine, balance);
    at = label(f, row + 1, column, credit ? _("Credit") : _("Balance"));
    (void)frame_printf(f, row + 1, at, end - at, credit ? ATTR_OK : ATTR_NORMAL, "%s %s",
                       balance, sheet_get(&s->sheet, "currency"));
}

/* Is there less in the drawer than is to be given back? The note that pays it gives none. */
static bool drawer_lacks(const struct payment_state *s, struct decimal change)
{
    const char *text = sheet_get(&s->sheet, "in_drawer");
    struct decimal holds;

    return change.mantissa > 0 && *text != '\0' &&
           decimal_parse(text, strlen(text), &holds, NULL) == ERR_OK &&
           decimal_rescale(holds, change.scale, &holds, NULL) == ERR_OK &&
           holds.mantissa < change.mantissa;
}

static void render_change(const struct payment_state *s, struct frame *f, int row, int column,
                          int end)
{
    struct decimal change;
    struct buf b;
    char shown[FORMAT_MAX];

    if (!change_of(s, &change) || change.mantissa < 0) {
        return;
    }
    buf_init(&b, FORMAT_MAX);
    decimal_print(change, &b);
    format_number(s->model->format, buf_str(&b), shown);
    buf_release(&b);
    column += frame_text(f, row, column, end - column, ATTR_LABEL, _("Change")) + 1;
    column += frame_printf(f, row, column, end - column, ATTR_TITLE, "%s %s", shown,
                           sheet_get(&s->sheet, "currency"));
    if (drawer_lacks(s, change)) {
        format_number(s->model->format, sheet_get(&s->sheet, "in_drawer"), shown);
        column += 2 + frame_glyph(f, row, column + 2, ATTR_WARN, GLYPH_RISE) + 1;
        (void)frame_printf(f, row, column, end - column, ATTR_WARN, _("drawer holds %s"),
                           shown);
    }
}

static void render_fields(const struct payment_state *s, struct frame *f, int row, int column,
                          int end)
{
    static const int widths[FIELDS] = {18, 18, 18, 30, 18};

    for (size_t i = 0; i < FIELDS; i++, row++) {
        int at = label(f, row, column, tr(payment_params[i].help));
        const char *error = s->form.fields[i].error;

        form_field_render(&s->form, i, f, row, at, widths[i]);
        at += widths[i] + 2;
        if (error[0] != '\0') {
            at += frame_glyph(f, row, at, ATTR_BAD, GLYPH_RISE) + 1;
            (void)frame_text(f, row, at, end - at, ATTR_BAD, error);
        } else if (i == FIELD_TENDERED) {
            render_change(s, f, row, at, end);
        } else if (i == FIELD_AMOUNT) {
            (void)frame_text(f, row, at, end - at, ATTR_DIM,
                             i == s->form.focus ? _("Typing puts another amount in its place.")
                                                : _("Tab: another amount"));
        } else if (i == FIELD_METHOD && i == s->form.focus) {
            (void)frame_text(f, row, at, end - at, ATTR_DIM,
                             _("Letters, Space or the arrows change it."));
        } else if (i == FIELD_SLIP && is_cash(s)) {
            (void)frame_text(f, row, at, end - at, ATTR_DIM, _("for what is not cash"));
        } else if (i == FIELD_BILLS) {
            (void)frame_text(f, row, at, end - at, ATTR_DIM,
                             s->form.fields[i].edit.len > 0 ? _("empty: the oldest debt first")
                                                            : _("the oldest debt first"));
        }
    }
}

static void payment_render(const void *state, struct frame *f, struct rect area)
{
    const struct payment_state *s = state;
    int column = area.column + 2;
    int end = area.column + area.columns - 1;
    char amount[LINEEDIT_BYTES];
    struct rect below = {area.row + PAYMENT_FORM_ROWS + 1, area.column,
                         area.rows - PAYMENT_FORM_ROWS - 1, area.columns};

    if (s->failed.code != ERR_OK) {
        (void)frame_wrap(f, (struct rect){area.row + 1, column, 4, end - column}, ATTR_BAD,
                         s->failed.text);
        return;
    }
    if (!s->has_sheet) {
        (void)frame_text(f, area.row + 1, column, end - column, ATTR_DIM, _("Loading…"));
        return;
    }
    render_head(s, f, area.row + 1, column, end);
    render_fields(s, f, area.row + 4, column, end);
    form_value(&s->form, FIELD_AMOUNT, amount);
    settled_render(&(struct settled){.model = s->model,
                                     .sheet = &s->sheet,
                                     .bills = s->form.fields[FIELD_BILLS].edit.text,
                                     .amount = amount},
                   f, (struct rect){area.row + 4 + FIELDS, column, 2, end - column},
                   PAYMENT_LABELS);
    if (below.rows > 2) {
        int row = f->cursor_row;
        int at = f->cursor_column;

        sheet_render(s->model, &s->sheet, f, below, 0, SHEET_NOTHING);
        frame_cursor(f, row, at);
    }
}

static bool payment_typing(const void *state)
{
    (void)state;
    return true;
}

static bool payment_dirty(const void *state)
{
    return ((const struct payment_state *)state)->form.touched;
}

static size_t payment_about(const void *state, struct preset out[CHANGED_ABOUT_MAX])
{
    const struct payment_state *s = state;

    out[0].name = "account";
    format_copy(out[0].value, EFFECT_VALUE_MAX,
                s->has_sheet ? sheet_get(&s->sheet, "account") : "");
    return out[0].value[0] != '\0' ? 1 : 0;
}

const struct screen_ops screen_payment = {
    .name = "payment",
    .title = N_("Take a payment"),
    .help =
        N_("Type the cash that is given and press Enter: what is owed is paid, the change "
           "told and the receipt shown. Less cash pays a part. To pay a part of what is "
           "owed with a larger note, type the note, press Tab and type the part. What is "
           "more than owed stays as credit. Money pays the bills that are named first, then "
           "the oldest debt; from a bill this opens for that bill."),
    .needs = "payment take",
    .state_size = sizeof(struct payment_state),
    .init = payment_init,
    .release = payment_release,
    .update = payment_update,
    .render = payment_render,
    .keys = payment_keys,
    .act = payment_act,
    .typing = payment_typing,
    .dirty = payment_dirty,
    .about = payment_about,
};
