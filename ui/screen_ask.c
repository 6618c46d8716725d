#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/model_jobs.h"
#include "ui/screen.h"
#include "ui/sheet_view.h"
#include "ui/widget_form.h"

/* A question and its answer on one screen: the form of a command above, what it says below.
 * What a tariff would cost; what a billing run would bill, before it does. */

enum { ASK_TRY_JOB = 1, ASK_RUN_JOB, ASK_PICK_JOB, ASK_NEXT_JOB };
enum { ASK_TRY = 1, ASK_RUN, ASK_FIELD, ASK_UP, ASK_DOWN, ASK_PICK };

#define ASK_FORM_ROWS 12
#define ASK_PAGE 6 /* paragraphs that a key scrolls by */

struct ask_state {
    const struct ui_model *model;
    const struct command *command;
    bool runs; /* the command can do what it was asked about: Enter previews, F12 does it */
    struct form form;
    char fields[FORM_FIELDS_MAX][LINEEDIT_BYTES];
    char answer[UI_SAID_MAX + UI_MESSAGE_MAX + 2];
    int top; /* paragraphs of the answer that are scrolled away */
    bool busy, answered;
};

/* The last one is there where the field in focus has a list. */
static const struct key_row try_rows[] = {
    {K_ENTER, K_NONE, ASK_TRY, 1, N_("Try"), N_("Say what it would come to"), NULL},
    {K_TAB, K_DOWN, ASK_FIELD, 4, N_("Next field"), N_("Go to the next field"), NULL},
    {K_PGUP, K_NONE, ASK_UP, 0, N_("Page up"), N_("Go up in the answer"), NULL},
    {K_PGDN, K_NONE, ASK_DOWN, 0, N_("Page down"), N_("Go down in the answer"), NULL},
    PICK_ROW(ASK_PICK),
};
static const struct key_row run_rows[] = {
    {K_ENTER, K_NONE, ASK_TRY, 1, N_("Preview"),
     N_("Say what would be billed; nothing is recorded"), "bill run"},
    {K_F12, K_NONE, ASK_RUN, 2, N_("Bill it"), N_("Bill it, after asking once more"),
     "bill run"},
    {K_TAB, K_DOWN, ASK_FIELD, 4, N_("Next field"), N_("Go to the next field"), NULL},
    {K_PGUP, K_NONE, ASK_UP, 0, N_("Page up"), N_("Go up in the answer"), NULL},
    {K_PGDN, K_NONE, ASK_DOWN, 0, N_("Page down"), N_("Go down in the answer"), NULL},
    PICK_ROW(ASK_PICK),
};

static enum err_code ask_init(struct ask_state *s, const struct ui_model *model,
                              const char *command, bool runs, struct err *e)
{
    s->model = model;
    s->runs = runs;
    s->command = ui_command(model, command);
    if (s->command == NULL) {
        return err_set(e, ERR_DENIED, _("Your role has no command \"%s\"."), command);
    }
    form_init(&s->form, model, s->command->params);
    s->form.command = s->command->name;
    return ERR_OK;
}

static enum err_code whatif_init(void *state, const struct ui_model *model,
                                 const struct screen_arg *arg, struct effects *fx,
                                 struct err *e)
{
    (void)fx;
    (void)arg;
    return ask_init(state, model, "tariff try", false, e);
}

static enum err_code billing_init(void *state, const struct ui_model *model,
                                  const struct screen_arg *arg, struct effects *fx,
                                  struct err *e)
{
    struct ask_state *s = state;

    (void)arg;
    TRY(ask_init(s, model, "bill run", true, e));
    form_drop(&s->form, "preview"); /* which key is pressed says it */
    fx_job(fx, pick_job_new(model, ASK_NEXT_JOB, 0, "bill run", "period", ""));
    return ERR_OK;
}

static void ask_release(void *state)
{
    struct ask_state *s = state;

    form_release(&s->form);
}

static void post(struct ask_state *s, bool really, struct effects *fx)
{
    struct ui_value values[FORM_FIELDS_MAX + 1];
    size_t count = s->form.count;

    for (size_t i = 0; i < count; i++) {
        form_value(&s->form, i, s->fields[i]);
        values[i] = (struct ui_value){s->form.fields[i].param->name, s->fields[i]};
    }
    if (s->runs && !really) {
        values[count++] = (struct ui_value){"preview", "yes"};
    }
    s->busy = true;
    fx_job(fx, command_job_new(s->model, really ? ASK_RUN_JOB : ASK_TRY_JOB, 0, false,
                               s->command->name, values, count));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
}

static void take(struct ask_state *s, const struct command_job *job, struct effects *fx)
{
    s->busy = false;
    if (job->job.err.code != ERR_OK) {
        if (job->ticket.field[0] != '\0') {
            form_fail(&s->form, job->ticket.field, job->job.err.text);
        }
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    (void)snprintf(s->answer, sizeof(s->answer), "%s%s%s", job->ticket.message,
                   job->ticket.message[0] != '\0' && job->ticket.said[0] != '\0' ? "\n\n" : "",
                   job->ticket.said);
    s->top = 0;
    s->answered = true;
    s->form.touched = false;
    if (job->job.kind == ASK_RUN_JOB) {
        fx_ticket(fx, s->model, &job->ticket);
    }
}

/* What is to be billed next, unless somebody was faster. */
static void take_next(struct ask_state *s, const struct pick_job *job)
{
    size_t field = form_find(&s->form, "period");
    char typed[LINEEDIT_BYTES];

    if (job->job.err.code != ERR_OK || job->picks->count == 0 || s->form.touched ||
        field == s->form.count) {
        return;
    }
    form_value(&s->form, field, typed);
    if (typed[0] == '\0') {
        form_set(&s->form, "period", job->picks->list[0].value);
    }
}

static int paragraphs(const char *text)
{
    int count = 1;

    for (; *text != '\0'; text++) {
        count += *text == '\n' && text[1] != '\0' ? 1 : 0;
    }
    return count;
}

static void scroll(struct ask_state *s, int by)
{
    int last = paragraphs(s->answer) - 1;

    s->top += by;
    s->top = s->top > last ? last : s->top;
    s->top = s->top < 0 ? 0 : s->top;
}

/* What was previewed last, where the form still says the same, stands in the question. */
static void ask_whether(const struct ask_state *s, struct effects *fx)
{
    char text[EFFECT_TEXT_MAX];
    const char *end = strchr(s->answer, '\n');
    bool told = s->answered && !s->form.touched;

    (void)snprintf(text, sizeof(text), "%.*s%s%s",
                   told ? (int)(end != NULL ? end - s->answer : (long)strlen(s->answer)) : 0,
                   s->answer, told ? ". " : "",
                   _("Bills are numbered, posted to their accounts and signed with your key. A "
                     "whole run can be taken back, but its numbers stay used."));
    fx_confirm(fx, N_("Bill it now?"), text, ASK_RUN);
}

static struct key_table ask_keys(const void *state)
{
    const struct ask_state *s = state;

    struct key_table keys =
        s->runs ? (struct key_table){run_rows, sizeof(run_rows) / sizeof(run_rows[0])}
                : (struct key_table){try_rows, sizeof(try_rows) / sizeof(try_rows[0])};

    keys.count -= form_pick_param(&s->form) != NULL ? 0 : 1;
    return keys;
}

static void ask_act(void *state, int action, struct effects *fx)
{
    struct ask_state *s = state;

    switch (action) {
    case ASK_TRY:
        if (!s->busy && form_check_all(&s->form)) {
            post(s, false, fx);
        }
        break;
    case ASK_RUN:
        if (!s->busy && form_check_all(&s->form)) {
            ask_whether(s, fx);
        }
        break;
    case ASK_PICK:
        form_pick(&s->form, ASK_PICK_JOB, fx);
        break;
    case ASK_UP:
        scroll(s, -ASK_PAGE);
        break;
    case ASK_DOWN:
        scroll(s, ASK_PAGE);
        break;
    default:
        (void)form_key(&s->form, K_TAB);
        break;
    }
}

static bool ask_update(void *state, const struct event *ev, struct effects *fx)
{
    struct ask_state *s = state;
    int action;

    switch (ev->kind) {
    case EV_KEY:
        action = key_action(ask_keys(s), s->model, ev->key);
        if (action != 0 && action != ASK_FIELD) {
            ask_act(s, action, fx);
            return true;
        }
        return form_key(&s->form, ev->key);
    case EV_PASTE:
        form_paste(&s->form, ev->text, ev->len_bytes);
        return true;
    case EV_JOB:
        if (ev->job->kind == ASK_PICK_JOB) {
            form_pick_take(&s->form, ev->job, fx);
        } else if (ev->job->kind == ASK_NEXT_JOB) {
            take_next(s, (const struct pick_job *)ev->job);
        } else {
            take(s, (const struct command_job *)ev->job, fx);
        }
        return true;
    case EV_PICKED:
        form_picked(&s->form, ev->text);
        return true;
    case EV_ANSWER:
        post(s, true, fx);
        return true;
    case EV_RESIZE:
    case EV_TICK:
    case EV_SHOWN:
    case EV_CHANGED:
    case EV_PROGRESS:
        return true;
    }
    return true;
}

static void ask_render(const void *state, struct frame *f, struct rect area)
{
    const struct ask_state *s = state;
    int forms = area.rows * 3 / 5 < ASK_FORM_ROWS ? area.rows * 3 / 5 : ASK_FORM_ROWS;
    int row = area.row + 1 + forms;
    const char *text = s->answer;

    form_render(&s->form, f,
                (struct rect){area.row + 1, area.column + 2, forms, area.columns - 4});
    frame_hline(f, row, area.column + 1, area.columns - 2, ATTR_BOX, GLYPH_H);
    if (s->busy || !s->answered) {
        (void)frame_text(f, row + 1, area.column + 2, area.columns - 4, ATTR_DIM,
                         s->busy ? _("Working…") : _("The answer will stand here."));
        return;
    }
    for (int i = 0; i < s->top && strchr(text, '\n') != NULL; i++) {
        text = strchr(text, '\n') + 1;
    }
    (void)sheet_paragraphs(f,
                           (struct rect){row + 1, area.column + 2,
                                         area.row + area.rows - row - 1, area.columns - 4},
                           ATTR_NORMAL, text);
}

static bool ask_typing(const void *state)
{
    (void)state;
    return true;
}

static bool ask_dirty(const void *state)
{
    return ((const struct ask_state *)state)->form.touched;
}

const struct screen_ops screen_whatif = {
    .name = "whatif",
    .title = N_("What would it cost?"),
    .help = N_("What a tariff would cost for a use, or what it would have made of an account's "
               "last bills. Nothing is recorded."),
    .state_size = sizeof(struct ask_state),
    .init = whatif_init,
    .release = ask_release,
    .update = ask_update,
    .render = ask_render,
    .keys = ask_keys,
    .act = ask_act,
    .typing = ask_typing,
    .dirty = ask_dirty,
};

const struct screen_ops screen_billing = {
    .name = "billing",
    .title = N_("Bill a period"),
    .help =
        N_("Enter says what would be billed, with what is missing or unusual; F12 bills it. "
           "While it works, the line at the bottom shows how far it is; Esc stops it, and the "
           "same period goes on later where it stopped."),
    .needs = "bill run",
    .state_size = sizeof(struct ask_state),
    .init = billing_init,
    .release = ask_release,
    .update = ask_update,
    .render = ask_render,
    .keys = ask_keys,
    .act = ask_act,
    .typing = ask_typing,
    .dirty = ask_dirty,
};
