#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/model_jobs.h"
#include "ui/screen.h"
#include "ui/widget_form.h"

enum { LOGIN_JOB = 1 };
enum { LOGIN_ENTER = 1, LOGIN_NEXT };

struct login_state {
    const struct ui_model *model;
    struct form form;
    bool busy;                /* the answer is on its way */
    char wrong[ERR_TEXT_MAX]; /* why the last attempt failed; "" if it did not */
    int64_t now_ms;
    int64_t wait_until_ms; /* no attempt before then */
};

static const struct param login_params[] = {
    {"user", PARAM_TEXT, PARAM_REQUIRED, N_("User"), NULL, NULL},
    {"password", PARAM_SECRET, PARAM_REQUIRED, N_("Password"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL},
};

static const struct key_row login_rows[] = {
    {K_ENTER, K_NONE, LOGIN_ENTER, 1, N_("Log in"),
     N_("Open the office with this name and password"), NULL},
    {K_TAB, K_DOWN, LOGIN_NEXT, 5, N_("Next field"), N_("Go to the next field"), NULL},
};

static enum err_code login_init(void *state, const struct ui_model *model,
                                const struct screen_arg *arg, struct effects *fx, struct err *e)
{
    struct login_state *s = state;

    (void)arg;
    (void)fx;
    (void)e;
    s->model = model;
    form_init(&s->form, model, login_params);
    return ERR_OK;
}

static void login_release(void *state)
{
    form_release(&((struct login_state *)state)->form);
}

/* Whole seconds until the next attempt is allowed. */
static int64_t wait_left(const struct login_state *s)
{
    return s->wait_until_ms > s->now_ms ? (s->wait_until_ms - s->now_ms + 999) / 1000 : 0;
}

static void submit(struct login_state *s, struct effects *fx)
{
    if (s->busy || wait_left(s) > 0) {
        return;
    }
    if (s->form.focus == 0 && s->form.fields[1].edit.len == 0 &&
        s->form.fields[0].edit.len > 0) {
        (void)form_key(&s->form, K_TAB); /* Enter after the name goes on to the password */
        return;
    }
    if (!form_check_all(&s->form)) {
        return;
    }
    s->wrong[0] = '\0';
    s->busy = true;
    fx_job(fx, login_job_new(s->model, LOGIN_JOB, s->form.fields[0].edit.text,
                             s->form.fields[1].edit.text));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
    lineedit_wipe(&s->form.fields[1].edit);
}

static void take_answer(struct login_state *s, const struct login_job *job, struct effects *fx)
{
    s->busy = false;
    if (job->job.err.code == ERR_OK) {
        (void)fx_add(fx, FX_LOGGED_IN);
        return;
    }
    (void)snprintf(s->wrong, sizeof(s->wrong), "%s", job->job.err.text);
    s->wait_until_ms = s->now_ms + (int64_t)job->reply.wait_seconds * 1000;
    s->form.focus = 1;
}

static void login_act(void *state, int action, struct effects *fx)
{
    struct login_state *s = state;

    if (action == LOGIN_ENTER) {
        submit(s, fx);
    } else {
        (void)form_key(&s->form, K_TAB);
    }
}

static bool login_update(void *state, const struct event *ev, struct effects *fx)
{
    struct login_state *s = state;

    switch (ev->kind) {
    case EV_KEY:
        if (ev->key == K_ENTER) {
            submit(s, fx);
            return true;
        }
        return form_key(&s->form, ev->key);
    case EV_PASTE:
        form_paste(&s->form, ev->text, ev->len_bytes);
        return true;
    case EV_TICK:
        s->now_ms = ev->now_ms;
        return true;
    case EV_JOB:
        take_answer(s, (const struct login_job *)ev->job, fx);
        return true;
    case EV_RESIZE:
    case EV_PICKED:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_CHANGED:
    case EV_PROGRESS:
        return true;
    }
    return true;
}

static void render_state(const struct login_state *s, struct frame *f, struct rect r)
{
    char text[ERR_TEXT_MAX + 128];

    if (s->busy) {
        (void)frame_wrap(f, r, ATTR_NOTE, _("Checking the password…"));
    } else if (wait_left(s) > 0) {
        (void)snprintf(text, sizeof(text),
                       ngettext("%s You can try again in %lld second.",
                                "%s You can try again in %lld seconds.",
                                (unsigned long)wait_left(s)),
                       s->wrong, (long long)wait_left(s));
        (void)frame_wrap(f, r, ATTR_BAD, text);
    } else if (s->wrong[0] != '\0') {
        (void)frame_wrap(f, r, ATTR_BAD, s->wrong);
    }
}

static void login_render(const void *state, struct frame *f, struct rect area)
{
    const struct login_state *s = state;
    int columns = area.columns < 60 ? area.columns : 60;
    int rows = area.rows < 13 ? area.rows : 13;
    struct rect box = {area.row + (area.rows - rows) / 3,
                       area.column + (area.columns - columns) / 2, rows, columns};
    int left = box.column + 3;
    int wide = columns - 6;

    frame_box(f, box, ATTR_BOX);
    (void)frame_text(f, box.row + 1, left, wide, ATTR_HEADER, _("Meters, readings and bills"));
    form_render(&s->form, f, (struct rect){box.row + 3, left, 4, wide});
    render_state(s, f, (struct rect){box.row + 8, left, rows - 9, wide});
}

static bool login_secret(const void *state)
{
    return form_is_secret(&((const struct login_state *)state)->form);
}

static struct key_table login_keys(const void *state)
{
    (void)state;
    return (struct key_table){login_rows, sizeof(login_rows) / sizeof(login_rows[0])};
}

const struct screen_ops screen_login = {
    .name = "login",
    .title = N_("Log in"),
    .help = N_("Type your user name and password. What you do is signed with your own key, "
               "which the password opens. "
               "After a wrong password there is a short wait."),
    .state_size = sizeof(struct login_state),
    .init = login_init,
    .release = login_release,
    .update = login_update,
    .render = login_render,
    .keys = login_keys,
    .act = login_act,
    .secret = login_secret,
};
