#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/caltime.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/model_jobs.h"
#include "ui/reading_view.h"
#include "ui/screen.h"

/* A reading typed at the counter: what is expected stands beside the field, and what the rules
 * say of the value stands below it before it is saved. */

enum {
    READING_SUBJECT_JOB = 1,
    READING_CHECK_JOB,
    READING_SAVE_JOB,
    READING_FILE_JOB,
    READING_ATTACH_JOB
};
enum { READING_SAVE = 1, READING_FIELD, READING_HISTORY, READING_ATTACH };

const struct param reading_params[FIELDS + 1] = {
    [FIELD_VALUE] = {"value", PARAM_DECIMAL, PARAM_REQUIRED, N_("Reading"), NULL, NULL},
    [FIELD_WHEN] = {"time", PARAM_TIME, PARAM_REQUIRED, N_("Date"), NULL, NULL},
    [FIELD_NOTE] = {"note", PARAM_TEXT, 0, N_("Note"), NULL, NULL},
    [FIELD_FILE] = {"file", PARAM_FILE, 0, N_("Evidence"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL},
};

/* The first row where there is a next meter, the last one where there is none. */
static const struct key_row reading_rows[] = {
    {K_ENTER, K_NONE, READING_SAVE, 1, N_("Save and next"),
     N_("Save the reading and go on to the next meter of the list"), UI_COMMAND_READING},
    {K_F7, K_NONE, READING_ATTACH, 4, N_("Attach"),
     N_("Go to the field that takes a photo or document"), "attach"},
    {K_F8, K_NONE, READING_HISTORY, 4, N_("Meter"),
     N_("Show the meter in full, with its readings and use by month"), NULL},
    {K_TAB, K_DOWN, READING_FIELD, 5, N_("Next field"), N_("Go to the next field"), NULL},
    {K_ENTER, K_NONE, READING_SAVE, 1, N_("Save"), N_("Save the reading and go back"),
     UI_COMMAND_READING},
};

/* ---- asking ---- */

static void ask_subject(struct reading_state *s, struct effects *fx)
{
    s->subject_serial++;
    fx_job(fx, subject_job_new(s->model, READING_SUBJECT_JOB, s->subject_serial, s->meter));
}

static enum err_code reading_init(void *state, const struct ui_model *model,
                                  const struct screen_arg *arg, struct effects *fx,
                                  struct err *e)
{
    struct reading_state *s = state;
    struct civil now = civil_from_secs(model->local_now(model->ctx));
    char when[FORMAT_MAX];

    (void)e;
    s->model = model;
    s->meter = arg->id;
    s->next = arg->next;
    form_init(&s->form, model, reading_params);
    if (!model->may(model->ctx, "attach")) {
        s->form.count = FIELD_FILE;
    }
    (void)snprintf(when, sizeof(when), "%04d-%02d-%02d %02d:%02d", now.date.year,
                   now.date.month, now.date.day, now.hour, now.minute);
    form_set(&s->form, "time", when);
    ask_subject(s, fx);
    return ERR_OK;
}

static void reading_release(void *state)
{
    form_release(&((struct reading_state *)state)->form);
    mem_free(((struct reading_state *)state)->saved);
}

static void forget_check(struct reading_state *s)
{
    memset(&s->findings, 0, sizeof(s->findings));
    s->checked_value[0] = '\0';
    s->check_serial++; /* an answer on its way is about something else */
    s->checked_serial = s->check_serial;
    s->save_wanted = false;
}

/* Ask the rules about what stands in the fields, if it has changed and can be read. */
static void check(struct reading_state *s, bool again, struct effects *fx)
{
    char value[LINEEDIT_BYTES];
    char when[LINEEDIT_BYTES];
    struct job *job;

    form_value(&s->form, FIELD_VALUE, value);
    form_value(&s->form, FIELD_WHEN, when);
    if (value[0] == '\0' || when[0] == '\0') {
        if (s->checked_value[0] != '\0') {
            forget_check(s);
        }
        return;
    }
    if (!again && strcmp(value, s->checked_value) == 0 && strcmp(when, s->checked_when) == 0) {
        return;
    }
    format_copy(s->checked_value, sizeof(s->checked_value), value);
    format_copy(s->checked_when, sizeof(s->checked_when), when);
    s->save_wanted = false;
    s->check_serial++;
    job = check_job_new(s->model, READING_CHECK_JOB, s->check_serial, s->meter, value, when);
    if (job == NULL) { /* nobody will answer; the command itself still judges */
        forget_check(s);
    }
    fx_job(fx, job);
}

/* ---- saving ---- */

static void post(struct reading_state *s, struct effects *fx)
{
    char text[FIELD_FILE][LINEEDIT_BYTES];
    struct ui_value values[FIELD_FILE + 1] = {{"serial", s->subject.meter.serial}};

    for (size_t i = 0; i < FIELD_FILE; i++) {
        form_value(&s->form, i, text[i]);
        values[i + 1] = (struct ui_value){reading_params[i].name, text[i]};
    }
    s->saving = true;
    fx_job(fx, command_job_new(s->model, READING_SAVE_JOB, 0, false, UI_COMMAND_READING, values,
                               FIELD_FILE + 1));
    s->saving = fx->list[fx->count - 1].kind == FX_JOB;
}

static bool is_suspicious(const struct ui_findings *f)
{
    for (size_t i = 0; i < f->count && i < UI_FINDINGS_MAX; i++) {
        if (f->list[i].severity != UI_SEVERITY_NOTE) {
            return true;
        }
    }
    return false;
}

static bool has_file(const struct reading_state *s)
{
    return s->form.count > FIELD_FILE && s->form.fields[FIELD_FILE].edit.len > 0;
}

/* The file is looked at before the reading is recorded: one that cannot be attached stops it.
 */
static bool file_is_ready(struct reading_state *s, struct effects *fx)
{
    if (!has_file(s)) {
        return true;
    }
    if (!form_file_is_known(&s->form, FIELD_FILE)) {
        s->save_wanted = true;
        return false;
    }
    if (s->form.file.fault[0] != '\0') {
        form_fail(&s->form, "file", s->form.file.fault);
        fx_message(fx, MESSAGE_ERROR, "%s", s->form.file.fault);
        return false;
    }
    return true;
}

static void attach(struct reading_state *s, const struct ui_ticket *saved, struct effects *fx)
{
    char number[24];
    const struct ui_value values[] = {{"file", s->form.file.path}, {"reading", number}};

    (void)snprintf(number, sizeof(number), "%" PRId64, saved->result);
    s->saved = mem_alloc(sizeof(*s->saved));
    if (s->saved != NULL) {
        *s->saved = *saved;
        s->saving = true;
    }
    fx_job(fx, s->saved == NULL ? NULL
                                : command_job_new(s->model, READING_ATTACH_JOB, 0, false,
                                                  "attach", values, 2));
    s->saving = fx->list[fx->count - 1].kind == FX_JOB;
}

/* Was the user told that the value is suspicious, and has not touched it since? */
static bool is_asked(const struct reading_state *s)
{
    return s->warned_serial == s->check_serial && s->check_serial > 0;
}

/* A suspicious value is saved on the second Enter, after its findings have been on screen. */
static void save(struct reading_state *s, struct effects *fx)
{
    if (s->saving || !s->has_subject || !form_check_all(&s->form)) {
        return;
    }
    if (s->checked_serial != s->check_serial) {
        s->save_wanted = true;
        return;
    }
    if (!file_is_ready(s, fx)) {
        return;
    }
    if (is_suspicious(&s->findings) && !is_asked(s)) {
        s->warned_serial = s->check_serial;
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("Look at the value again. Enter saves it all the same."));
        return;
    }
    post(s, fx);
}

/* ---- answers ---- */

static void take_subject(struct reading_state *s, const struct subject_job *job,
                         struct effects *fx)
{
    char at[FORMAT_MAX];
    char value[FORMAT_MAX];
    bool changed;

    if (job->job.serial != s->subject_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    changed =
        s->has_subject && (strcmp(job->subject.previous_at, s->subject.previous_at) != 0 ||
                           strcmp(job->subject.previous_value, s->subject.previous_value) != 0);
    s->subject = job->subject;
    s->has_subject = true;
    if (changed) {
        format_datetime(s->model->format, s->subject.previous_at, at);
        format_number(s->model->format, s->subject.previous_value, value);
        fx_message(fx, MESSAGE_WARN,
                   _("Somebody else has recorded a reading of this meter meanwhile: %s on %s."),
                   value, at);
        check(s, true, fx);
    }
}

static void take_check(struct reading_state *s, const struct check_job *job, struct effects *fx)
{
    bool wanted = s->save_wanted;

    if (job->job.serial != s->check_serial || job->job.err.code == ERR_CANCELLED) {
        return;
    }
    s->checked_serial = s->check_serial;
    s->save_wanted = false;
    if (job->job.err.code !=
        ERR_OK) { /* the command will judge; the user is told and decides */
        memset(&s->findings, 0, sizeof(s->findings));
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    s->findings = job->findings;
    if (wanted) {
        save(s, fx);
    }
}

static void take_saved(struct reading_state *s, const struct command_job *job,
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
    if (has_file(s) && job->ticket.result > 0) {
        attach(s, &job->ticket, fx);
        if (s->saving) {
            return;
        }
    }
    fx_ticket(fx, s->model, &job->ticket);
    (void)fx_add(fx, FX_NEXT);
}

/* The reading stands whether its file does or not. */
static void take_attached(struct reading_state *s, const struct command_job *job,
                          struct effects *fx)
{
    char done[sizeof(job->ticket.message)];

    s->saving = false;
    format_copy(done, sizeof(done), s->saved->message);
    if (job->job.err.code == ERR_OK) {
        (void)snprintf(s->saved->message, sizeof(s->saved->message), "%.300s; %.200s", done,
                       job->ticket.message);
    }
    fx_ticket(fx, s->model, s->saved);
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, _("The reading is recorded, its file is not: %s"),
                   job->job.err.text);
    }
    mem_free(s->saved);
    s->saved = NULL;
    (void)fx_add(fx, FX_NEXT);
}

static void take_file(struct reading_state *s, const struct job *job, struct effects *fx)
{
    bool wanted = s->save_wanted && job->serial == s->form.file_serial;

    form_file_take(&s->form, job);
    if (wanted) {
        s->save_wanted = false;
        save(s, fx);
    }
}

static void ask_file(struct reading_state *s, struct effects *fx)
{
    const char *typed = form_file_ask(&s->form);

    if (typed != NULL) {
        fx_job(fx, file_job_new(s->model, READING_FILE_JOB, s->form.file_serial, typed));
    }
}

static void take_job(struct reading_state *s, const struct job *job, struct effects *fx)
{
    if (job->kind == READING_SUBJECT_JOB) {
        take_subject(s, (const struct subject_job *)job, fx);
    } else if (job->kind == READING_CHECK_JOB) {
        take_check(s, (const struct check_job *)job, fx);
    } else if (job->kind == READING_FILE_JOB) {
        take_file(s, job, fx);
    } else if (job->kind == READING_ATTACH_JOB) {
        take_attached(s, (const struct command_job *)job, fx);
    } else {
        take_saved(s, (const struct command_job *)job, fx);
    }
}

/* ---- events ---- */

static void reading_act(void *state, int action, struct effects *fx)
{
    struct reading_state *s = state;

    if (action == READING_SAVE) {
        save(s, fx);
    } else if (action == READING_HISTORY) {
        (void)fx_open(fx, FX_PUSH, &screen_meter, s->meter);
    } else if (action == READING_ATTACH) {
        s->form.focus = s->form.count > FIELD_FILE ? FIELD_FILE : s->form.focus;
    } else {
        (void)form_key(&s->form, K_TAB);
    }
}

static bool reading_update(void *state, const struct event *ev, struct effects *fx)
{
    struct reading_state *s = state;
    bool used = true;

    switch (ev->kind) {
    case EV_KEY:
        if (ev->key == K_ENTER || (is_asked(s) && form_is_yes(&s->form, ev->key))) {
            save(s, fx);
        } else if (ev->key == K_F8 || (ev->key == K_F7 && s->form.count > FIELD_FILE)) {
            reading_act(s, ev->key == K_F8 ? READING_HISTORY : READING_ATTACH, fx);
        } else if (!s->saving) {
            used = form_key(&s->form, ev->key);
            check(s, false, fx);
        }
        break;
    case EV_PASTE:
        if (!s->saving) {
            form_paste(&s->form, ev->text, ev->len_bytes);
            check(s, false, fx);
        }
        break;
    case EV_JOB:
        take_job(s, ev->job, fx);
        break;
    case EV_CHANGED:
        ask_subject(s, fx);
        break;
    case EV_RESIZE:
    case EV_TICK:
    case EV_PICKED:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_PROGRESS:
        break;
    }
    ask_file(s, fx);
    return used;
}

static struct key_table reading_keys(const void *state)
{
    const struct reading_state *s = state;

    return (struct key_table){s->next ? reading_rows : reading_rows + 1,
                              sizeof(reading_rows) / sizeof(reading_rows[0]) - 1};
}

/* Characters go into fields, always. */
static bool reading_typing(const void *state)
{
    (void)state;
    return true;
}

static bool reading_dirty(const void *state)
{
    return ((const struct reading_state *)state)->form.touched;
}

static size_t reading_about(const void *state, struct preset out[CHANGED_ABOUT_MAX])
{
    const struct reading_state *s = state;

    out[0].name = "serial";
    format_copy(out[0].value, EFFECT_VALUE_MAX, s->subject.meter.serial);
    return s->has_subject ? 1 : 0;
}

const struct screen_ops screen_reading = {
    .name = "reading",
    .title = N_("Enter a reading"),
    .help =
        N_("Type what the dial shows and press Enter. What the rules say of the value "
           "stands below the fields while "
           "you type; a suspicious value is saved on the second Enter and held for the "
           "supervisor. F7 goes to the field for a photo or document; Tab completes its path."),
    .needs = UI_COMMAND_READING,
    .state_size = sizeof(struct reading_state),
    .init = reading_init,
    .release = reading_release,
    .update = reading_update,
    .render = reading_render,
    .keys = reading_keys,
    .act = reading_act,
    .typing = reading_typing,
    .dirty = reading_dirty,
    .about = reading_about,
};
