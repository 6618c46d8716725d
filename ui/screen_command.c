#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/many.h"
#include "ui/model_jobs.h"
#include "ui/say.h"
#include "ui/screen.h"
#include "ui/widget_form.h"

/* The form of any command, made from its row. */

enum {
    COMMAND_PREVIEW_JOB = 1,
    COMMAND_RUN_JOB,
    COMMAND_MANY_JOB,
    COMMAND_FILE_JOB,
    COMMAND_PICK_JOB,
    COMMAND_TRIAL_JOB
};
enum { COMMAND_RUN = 1, COMMAND_NEXT, COMMAND_PICK };

/* Lines of a trial that a question shows. */
#define TRIAL_LINES 4
#define SHOWN_LINES 8
#define SHOWN_BYTES 600 /* where another line may begin */
#define LINE_BYTES 300

struct command_state {
    const struct ui_model *model;
    const struct command *command;
    struct form form;
    char fields[FORM_FIELDS_MAX][LINEEDIT_BYTES]; /* machine values while a job is made */
    bool busy;
    uint32_t serial;
    struct many *many; /* the rows to run it for; NULL: once */
    bool shown;        /* the question stands below what would become of a file's rows */
};

/* The last one is there where the field in focus has a list. */
static const struct key_row command_rows[] = {
    {K_ENTER, K_NONE, COMMAND_RUN, 1, N_("Record"), N_("Run the command with these values"),
     NULL},
    {K_TAB, K_DOWN, COMMAND_NEXT, 5, N_("Next field"), N_("Go to the next field"), NULL},
    PICK_ROW(COMMAND_PICK),
};

/* Of a command that makes a file. */
static const struct key_row write_rows[] = {
    {K_ENTER, K_NONE, COMMAND_RUN, 1, N_("Write"), N_("Write the file with these values"),
     NULL},
    {K_TAB, K_DOWN, COMMAND_NEXT, 5, N_("Next field"), N_("Go to the next field"), NULL},
    PICK_ROW(COMMAND_PICK),
};

static bool writes_file(const struct command_state *s)
{
    for (size_t i = 0; i < s->form.count; i++) {
        if ((s->form.fields[i].param->flags & PARAM_WRITTEN) != 0) {
            return true;
        }
    }
    return false;
}

/* Is the field in focus one that was filled in? */
static bool is_preset(const struct screen_arg *arg, const struct form *form)
{
    for (size_t i = 0; i < arg->preset_count; i++) {
        if (form_find(form, arg->presets[i].name) == form->focus) {
            return true;
        }
    }
    return false;
}

/* Begin in the field that was asked for, else in the first that was not filled in. */
static void focus_first(struct form *form, const struct screen_arg *arg)
{
    size_t asked = arg->focus != NULL ? form_find(form, arg->focus) : form->count;

    if (asked < form->count) {
        form->focus = asked;
        return;
    }
    while (form->focus + 1 < form->count &&
           (is_preset(arg, form) || form->fields[form->focus].locked)) {
        form->focus++;
    }
}

/* What differs from row to row is shown as the first and how many more there are. */
static void lock_fields(struct command_state *s)
{
    for (size_t i = 0; i < s->many->name_count && s->many->count > 0; i++) {
        char text[EFFECT_VALUE_MAX];

        (void)snprintf(
            text, sizeof(text),
            ngettext("%s and %zu more", "%s and %zu more", (unsigned long)(s->many->count - 1)),
            s->many->values[0][i], s->many->count - 1);
        form_lock(&s->form, s->many->names[i],
                  s->many->count > 1 ? text : s->many->values[0][i]);
    }
}

/* A file that is to be written has a place that works; typing puts another in its stead. */
static void fill_written(struct command_state *s)
{
    char path[PATH_TYPED_MAX] = "";

    for (size_t i = 0; s->model->file_default != NULL && i < s->form.count; i++) {
        const struct param *p = s->form.fields[i].param;

        if ((p->flags & PARAM_WRITTEN) != 0) {
            s->model->file_default(s->model->ctx, s->command->name, path);
            form_set(&s->form, p->name, path);
        }
    }
}

static enum err_code command_init(void *state, const struct ui_model *model,
                                  const struct screen_arg *arg, struct effects *fx,
                                  struct err *e)
{
    struct command_state *s = state;

    (void)fx;
    s->model = model;
    s->command = arg->name == NULL ? NULL : ui_command(model, arg->name);
    if (s->command == NULL) {
        return err_set(e, ERR_DENIED, _("Your role has no command \"%s\"."),
                       arg->name == NULL ? "" : arg->name);
    }
    form_init(&s->form, model, s->command->params);
    s->form.command = s->command->name;
    if (arg->many != NULL && *arg->many != NULL) {
        s->many = *arg->many;
        *arg->many = NULL;
        lock_fields(s);
    }
    fill_written(s);
    for (size_t i = 0; i < arg->preset_count; i++) {
        form_set(&s->form, arg->presets[i].name, arg->presets[i].value);
    }
    focus_first(&s->form, arg);
    return ERR_OK;
}

static void command_release(void *state)
{
    struct command_state *s = state;

    form_release(&s->form);
    many_free(s->many);
    s->many = NULL;
    explicit_bzero(s->fields, sizeof(s->fields));
}

static bool asks_first(const struct command *c)
{
    return (c->flags & (CMD_CONFIRM | CMD_TWO_PERSON)) != 0;
}

/* The form's values; a field that is filled in row by row has none. */
static void take_values(struct command_state *s, struct ui_value values[FORM_FIELDS_MAX])
{
    for (size_t i = 0; i < s->form.count; i++) {
        s->fields[i][0] = '\0';
        if (!s->form.fields[i].locked) {
            form_value(&s->form, i, s->fields[i]);
        }
        values[i] = (struct ui_value){s->form.fields[i].param->name, s->fields[i]};
    }
}

/* What will be recorded, as it will be: the fields with their values. `told`: what numbers and
 * names stand for was said already. */
static void fields_say(const struct command_state *s, bool told, struct buf *text)
{
    for (size_t i = 0; i < s->form.count; i++) {
        const struct form_field *field = &s->form.fields[i];
        char value[FORMAT_MAX * 2];

        form_shown(&s->form, i, value, sizeof(value));
        if (value[0] != '\0' && !(told && pick_known(s->command->name, field->param->name))) {
            buf_addf(text, "%s: %s\n",
                     *tr(field->param->help) != '\0' ? tr(field->param->help)
                                                     : field->param->name,
                     value);
        }
    }
}

/* What a trial of it came to, "" where there was none, what was typed, and what Enter does. */
static void consequence(const struct command_state *s, const char *tried,
                        char out[EFFECT_TEXT_MAX])
{
    struct buf text;

    buf_init(&text, EFFECT_TEXT_MAX - 1);
    buf_adds(&text, tried);
    fields_say(s, *tried != '\0', &text);
    if (s->many != NULL) {
        buf_addf(
            &text,
            ngettext("This will be recorded for %zu row and signed with your key.",
                     "This will be recorded for each of %zu rows and signed with your key.",
                     (unsigned long)s->many->count),
            s->many->count);
    } else {
        buf_adds(&text, _("This will be recorded and signed with your key."));
    }
    format_copy(out, EFFECT_TEXT_MAX, buf_str(&text));
    buf_release(&text);
}

static void post_many(struct command_state *s, struct effects *fx)
{
    struct ui_value values[FORM_FIELDS_MAX];
    struct many *many = s->many;

    take_values(s, values);
    s->many = NULL; /* the job's now */
    s->serial++;
    fx_job(fx, many_job_new(s->model, COMMAND_MANY_JOB, s->serial, s->command->name, values,
                            s->form.count, many));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
    explicit_bzero(s->fields, sizeof(s->fields));
}

static void post(struct command_state *s, bool preview, struct effects *fx)
{
    struct ui_value values[FORM_FIELDS_MAX];

    take_values(s, values);
    s->serial++;
    fx_job(fx, command_job_new(s->model, preview ? COMMAND_PREVIEW_JOB : COMMAND_RUN_JOB,
                               s->serial, preview, s->command->name, values, s->form.count));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
    explicit_bzero(s->fields, sizeof(s->fields));
}

/* Does it stand for things that nobody named one by one, so that a trial must tell which? Such
 * a command has a flag that records nothing; one that takes numbers is given none. What brings
 * a file's rows is taken back as a whole. Gives its flag, or the count of fields. */
static size_t trial_flag(const struct command_state *s)
{
    size_t none = s->form.count;
    size_t flag = form_find(&s->form, "preview");
    size_t named = form_find(&s->form, "ids");
    char value[LINEEDIT_BYTES];

    flag = flag < none ? flag : form_find(&s->form, "dry-run");
    if (flag == none || s->form.fields[flag].param->type != PARAM_FLAG ||
        form_find(&s->form, "file") < none) {
        return none;
    }
    form_value(&s->form, flag, value);
    return value[0] == '\0' && (named == none || s->form.fields[named].edit.len == 0) ? flag
                                                                                      : none;
}

static void post_trial(struct command_state *s, size_t flag, struct effects *fx)
{
    struct ui_value values[FORM_FIELDS_MAX];

    take_values(s, values);
    values[flag].value = "yes";
    s->serial++;
    fx_job(fx, command_job_new(s->model, COMMAND_TRIAL_JOB, s->serial, false, s->command->name,
                               values, s->form.count));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
    explicit_bzero(s->fields, sizeof(s->fields));
}

/* The first lines of what was said, as far as there is room, and the question. */
static void lines_ask(const char *at, size_t lines, struct buf *text)
{
    for (size_t i = 0; i < lines && *at != '\0' && text->len < SHOWN_BYTES; i++) {
        size_t len = strcspn(at, "\n");

        for (size_t c = 0; c < len && c < LINE_BYTES; c++) { /* one blank for many */
            buf_add(text, at + c, at[c] != ' ' || c == 0 || at[c - 1] != ' ' ? 1 : 0);
        }
        buf_addc(text, '\n');
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    buf_addf(text, "%s%s", *at != '\0' ? "…\n" : "", _("Record it now, signed with your key?"));
}

/* What the trial came to, the first of its lines, and the question. */
static void ask_trial(struct command_state *s, const struct ui_ticket *t, struct effects *fx)
{
    struct buf text;

    buf_init(&text, EFFECT_TEXT_MAX - 1);
    fields_say(s, false, &text);
    buf_addf(&text, "\n%s\n", t->message);
    lines_ask(t->said, TRIAL_LINES, &text);
    fx_confirm(fx, s->command->summary, buf_str(&text), COMMAND_RUN);
    buf_release(&text);
}

/* Of a file's rows it is shown only on request what would become of them. */
static const char *const show_only[2] = {"dry-run", "preview"};

static bool only_shown(const struct command_state *s)
{
    char value[LINEEDIT_BYTES] = "";
    bool of_file = form_find(&s->form, "file") < s->form.count;

    for (size_t i = 0; of_file && value[0] == '\0' && i < 2; i++) {
        size_t field = form_find(&s->form, show_only[i]);

        if (field < s->form.count) {
            form_value(&s->form, field, value);
        }
    }
    return value[0] != '\0';
}

/* What would become of the rows, or are they as they stand, and whether it shall. */
static void ask_shown(struct command_state *s, const struct command_job *job,
                      struct effects *fx)
{
    bool faults = job->job.err.code != ERR_OK;
    const char *at =
        faults ? format_last_lines(job->ticket.said, SHOWN_LINES) : job->ticket.said;
    struct buf text;

    buf_init(&text, EFFECT_TEXT_MAX - 1);
    buf_adds(&text, at != job->ticket.said ? "…\n" : "");
    lines_ask(at, SHOWN_LINES, &text);
    s->shown = true;
    fx_confirm(fx, s->command->summary, buf_str(&text), COMMAND_RUN);
    buf_release(&text);
}

static void answer_yes(struct command_state *s, struct effects *fx)
{
    for (size_t i = 0; s->shown && i < 2; i++) {
        form_set(&s->form, show_only[i], "");
    }
    s->shown = false;
    s->many != NULL ? post_many(s, fx) : post(s, false, fx);
}

static void submit(struct command_state *s, struct effects *fx)
{
    char text[EFFECT_TEXT_MAX];
    size_t flag = trial_flag(s);

    s->shown = false;
    if (s->busy || !form_check_all(&s->form)) {
        return;
    }
    if (s->many != NULL) { /* for many it is always asked */
        consequence(s, "", text);
        fx_confirm(fx, s->command->summary, text, COMMAND_RUN);
    } else if (flag < s->form.count) {
        post_trial(s, flag, fx);
    } else {
        post(s, asks_first(s->command), fx);
    }
}

static void fail(struct command_state *s, const struct command_job *job, struct effects *fx)
{
    struct buf said;

    buf_init(&said, EFFECT_TEXT_MAX - 1);
    say_add(s->model, s->command->params, job->job.err.text, &said);
    const char *text = said.failed ? job->job.err.text : buf_str(&said);
    if (job->ticket.field[0] != '\0') {
        form_fail(&s->form, job->ticket.field, text);
    }
    fx_message(fx, MESSAGE_ERROR, "%s", text);
    buf_release(&said);
}

static void take_many(struct command_state *s, const struct many_job *job, struct effects *fx)
{
    size_t all = job->many->count;

    (void)fx_add(fx, FX_POP);
    fx_ticket(fx, s->model, &job->ticket); /* what undo begins with */
    if (job->failed > 0) {
        fx_message(fx, MESSAGE_ERROR, _("Recorded for %zu of %zu. %s: %s"), job->done, all,
                   job->first, job->first_error.text);
    } else {
        fx_message(fx, job->done < all ? MESSAGE_WARN : MESSAGE_INFO,
                   _("Recorded for %zu of %zu."), job->done, all);
    }
}

static void take_answer(struct command_state *s, const struct command_job *job,
                        struct effects *fx)
{
    char text[EFFECT_TEXT_MAX];

    if (job->job.serial != s->serial) {
        return;
    }
    s->busy = false;
    if (job->job.kind == COMMAND_MANY_JOB) {
        take_many(s, (const struct many_job *)(const void *)job, fx);
        return;
    }
    if (job->job.kind == COMMAND_RUN_JOB && job->ticket.said[0] != '\0' && only_shown(s)) {
        ask_shown(s, job, fx);
        return;
    }
    if (job->job.err.code != ERR_OK) {
        fail(s, job, fx);
        return;
    }
    if (job->job.kind == COMMAND_TRIAL_JOB) {
        ask_trial(s, &job->ticket, fx);
        return;
    }
    if (job->preview) {
        consequence(s, buf_str(&job->consequence), text);
        fx_confirm(fx, s->command->summary, text, COMMAND_RUN);
        return;
    }
    (void)fx_add(fx, FX_POP);
    fx_ticket(fx, s->model, &job->ticket);
}

static void ask_file(struct command_state *s, struct effects *fx)
{
    const char *typed = form_file_ask(&s->form);

    if (typed != NULL) {
        fx_job(fx, file_job_new(s->model, COMMAND_FILE_JOB, s->form.file_serial, typed));
    }
}

static void command_act(void *state, int action, struct effects *fx)
{
    struct command_state *s = state;

    if (action == COMMAND_RUN) {
        submit(s, fx);
    } else if (action == COMMAND_PICK) {
        form_pick(&s->form, COMMAND_PICK_JOB, fx);
    } else {
        (void)form_key(&s->form, K_TAB);
    }
}

static bool command_update(void *state, const struct event *ev, struct effects *fx)
{
    struct command_state *s = state;
    bool used;

    switch (ev->kind) {
    case EV_KEY:
        if (ev->key == K_ENTER) {
            submit(s, fx);
            return true;
        }
        if (ev->key == FORM_PICK_KEY) {
            form_pick(&s->form, COMMAND_PICK_JOB, fx);
            return true;
        }
        used = form_key(&s->form, ev->key);
        ask_file(s, fx);
        return used;
    case EV_PASTE:
        form_paste(&s->form, ev->text, ev->len_bytes);
        ask_file(s, fx);
        return true;
    case EV_JOB:
        if (ev->job->kind == COMMAND_FILE_JOB) {
            form_file_take(&s->form, ev->job);
            ask_file(s, fx);
        } else if (ev->job->kind == COMMAND_PICK_JOB) {
            form_pick_take(&s->form, ev->job, fx);
        } else {
            take_answer(s, (const struct command_job *)ev->job, fx);
        }
        return true;
    case EV_PICKED:
        form_picked(&s->form, ev->text);
        return true;
    case EV_ANSWER:
        answer_yes(s, fx);
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

static void command_render(const void *state, struct frame *f, struct rect area)
{
    const struct command_state *s = state;
    int row = area.row + 1;
    int at = area.column + 2;
    int wide = area.columns - 4;
    char title[FORMAT_MAX * 2];

    format_sentence(title, sizeof(title), tr(s->command->summary));
    at += frame_text(f, row, at, wide, ATTR_HEADER, title) + 2;
    (void)frame_text(f, row, at, area.columns - 2 - at, ATTR_DIM, s->command->name);
    if (s->form.count == 0) {
        (void)frame_text(f, row + 2, area.column + 2, wide, ATTR_NORMAL,
                         _("This command takes no values; Enter runs it."));
    }
    form_render(&s->form, f, (struct rect){row + 2, area.column + 2, area.rows - 5, wide});
    if (s->busy) {
        (void)frame_text(f, area.row + area.rows - 1, area.column + 2, wide, ATTR_NOTE,
                         _("Working…"));
    }
}

static struct key_table command_keys(const void *state)
{
    const struct command_state *s = state;
    size_t count = sizeof(command_rows) / sizeof(command_rows[0]);

    return (struct key_table){writes_file(s) ? write_rows : command_rows,
                              form_pick_param(&s->form) != NULL ? count : count - 1};
}

static bool command_typing(const void *state)
{
    (void)state;
    return true;
}

static bool command_secret(const void *state)
{
    return form_is_secret(&((const struct command_state *)state)->form);
}

static bool command_dirty(const void *state)
{
    return ((const struct command_state *)state)->form.touched;
}

static size_t command_about(const void *state, struct preset out[CHANGED_ABOUT_MAX])
{
    const struct command_state *s = state;
    size_t count = 0;

    for (size_t i = 0; i < s->form.count && count < CHANGED_ABOUT_MAX; i++) {
        const struct form_field *field = &s->form.fields[i];
        char value[LINEEDIT_BYTES];

        if (field->locked || !changed_by_name(field->param->name)) {
            continue;
        }
        form_value(&s->form, i, value);
        if (value[0] != '\0') {
            out[count].name = field->param->name;
            format_copy(out[count++].value, EFFECT_VALUE_MAX, value);
        }
    }
    return count;
}

const struct screen_ops screen_command = {
    .name = "command",
    .title = N_("Command"),
    .help = N_("The fields of a command. Those with a star must be filled in. Nothing is "
               "recorded before Enter; a "
               "command with consequences shows them and asks first."),
    .state_size = sizeof(struct command_state),
    .init = command_init,
    .release = command_release,
    .update = command_update,
    .render = command_render,
    .keys = command_keys,
    .act = command_act,
    .typing = command_typing,
    .secret = command_secret,
    .dirty = command_dirty,
    .about = command_about,
};
