#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/lineedit.h"
#include "ui/page_jobs.h"
#include "ui/screen.h"

/* The counter's first screen: whatever the customer says goes into one field, what holds it
 * stands below at once, Enter opens the account, a key takes the payment or the reading. */

enum { FIND_JOB = 1 };
enum { FIND_OPEN = 1, FIND_READ, FIND_PAY, FIND_METER, FIND_UP, FIND_DOWN, FIND_CLEAR };

struct find_state {
    const struct ui_model *model;
    struct lineedit edit;
    struct ui_search found;
    size_t selected, top;
    uint32_t serial;   /* of the last search asked for */
    uint32_t answered; /* of the one that `found` answers */
    int enter;         /* an action that waits for the answer, 0: none */
    bool fresh;        /* the last customer's text: what is typed takes its place */
    struct err failed;
    int rows;
};

static const struct key_row find_rows[] = {
    {K_ENTER, K_NONE, FIND_OPEN, 1, N_("Account"), N_("Open the account of the selected row"),
     NULL},
    {K_F2, K_NONE, FIND_READ, 2, N_("Read"), N_("Enter a reading of the selected meter"),
     "reading add"},
    {K_F5, K_NONE, FIND_PAY, 2, N_("Pay"), N_("Take a payment of the selected account"),
     "payment take"},
    {K_F8, K_NONE, FIND_METER, 3, N_("Meter"), N_("Show the selected meter in full"), NULL},
    {K_UP, K_NONE, FIND_UP, 0, N_("Up"), N_("Go to the row above"), NULL},
    {K_DOWN, K_NONE, FIND_DOWN, 0, N_("Down"), N_("Go to the row below"), NULL},
    /* The last one: where there is nothing to empty, Esc goes back. */
    {K_ESC, K_CTRL | 'u', FIND_CLEAR, 3, N_("Clear"),
     N_("Empty the field, for the next customer"), NULL},
};

static enum err_code find_init(void *state, const struct ui_model *model,
                               const struct screen_arg *arg, struct effects *fx, struct err *e)
{
    struct find_state *s = state;

    (void)arg;
    (void)fx;
    (void)e;
    s->model = model;
    lineedit_init(&s->edit, 80, false);
    return ERR_OK;
}

static void find_release(void *state)
{
    lineedit_wipe(&((struct find_state *)state)->edit);
}

static void ask(struct find_state *s, struct effects *fx)
{
    s->serial++;
    s->enter = 0;
    if (strspn(s->edit.text, " ") == s->edit.len) {
        memset(&s->found, 0, sizeof(s->found));
        s->failed.code = ERR_OK;
        s->answered = s->serial;
        s->selected = 0;
        s->top = 0;
        return;
    }
    fx_job(fx, search_job_new(s->model, FIND_JOB, s->serial, s->edit.text));
}

static const struct ui_found *selected(const struct find_state *s)
{
    return s->selected < s->found.count ? &s->found.list[s->selected] : NULL;
}

static void act_on(struct find_state *s, int action, struct effects *fx)
{
    const struct ui_found *f = selected(s);

    if (f == NULL) {
        fx_message(fx, MESSAGE_WARN, "%s", _("Nothing is selected."));
    } else if ((action == FIND_READ || action == FIND_METER) && f->meter == 0) {
        fx_message(fx, MESSAGE_WARN, "%s", _("This row has no meter."));
    } else if (action == FIND_READ) {
        (void)fx_open(fx, FX_PUSH, &screen_reading, f->meter);
    } else if (action == FIND_METER || f->account == 0) {
        (void)fx_open(fx, FX_PUSH, &screen_meter, f->meter);
    } else {
        (void)fx_open(fx, FX_PUSH, action == FIND_PAY ? &screen_payment : &screen_account,
                      f->account);
    }
}

static void keep_in_sight(struct find_state *s)
{
    size_t height = s->rows > 5 ? (size_t)(s->rows - 5) : 1;

    if (s->selected < s->top) {
        s->top = s->selected;
    } else if (s->selected >= s->top + height) {
        s->top = s->selected - height + 1;
    }
}

static void take(struct find_state *s, const struct search_job *job, struct effects *fx)
{
    int enter = s->enter;

    if (job->job.serial != s->serial || job->job.err.code == ERR_CANCELLED) {
        return;
    }
    s->answered = s->serial;
    s->failed = job->job.err;
    s->found = job->search;
    if (s->failed.code != ERR_OK) {
        s->found.count = 0;
    }
    s->selected = 0;
    s->top = 0;
    s->enter = 0;
    if (enter != 0) {
        act_on(s, enter, fx);
    }
}

static void find_act(void *state, int action, struct effects *fx)
{
    struct find_state *s = state;

    switch (action) {
    case FIND_UP:
        s->selected -= s->selected > 0 ? 1 : 0;
        break;
    case FIND_DOWN:
        s->selected += s->selected + 1 < s->found.count ? 1 : 0;
        break;
    case FIND_CLEAR:
        lineedit_set(&s->edit, "");
        ask(s, fx);
        break;
    default:
        if (s->answered != s->serial) {
            s->enter = action; /* typed faster than the answer came */
        } else {
            act_on(s, action, fx);
        }
        break;
    }
    keep_in_sight(s);
}

static struct key_table find_keys(const void *state)
{
    const struct find_state *s = state;

    return (struct key_table){find_rows, sizeof(find_rows) / sizeof(find_rows[0]) -
                                             (s->edit.len > 0 ? 0 : 1)};
}

static bool on_key(struct find_state *s, uint32_t key, struct effects *fx)
{
    int action = key_action(find_keys(s), s->model, key);

    if (action != 0) {
        find_act(s, action, fx);
        return true;
    }
    if ((s->fresh || s->edit.len == 0) && (key == ':' || key == '?')) {
        return false; /* no customer's name begins so: commands and help, as on a list */
    }
    if (s->fresh && key_is_text(key)) {
        lineedit_set(&s->edit, "");
    }
    if (lineedit_key(&s->edit, key)) {
        s->fresh = false;
        ask(s, fx);
        return true;
    }
    return false;
}

static bool find_update(void *state, const struct event *ev, struct effects *fx)
{
    struct find_state *s = state;

    switch (ev->kind) {
    case EV_KEY:
        return on_key(s, ev->key, fx);
    case EV_PASTE:
        if (s->fresh) {
            lineedit_set(&s->edit, "");
            s->fresh = false;
        }
        lineedit_paste(&s->edit, ev->text, ev->len_bytes);
        ask(s, fx);
        return true;
    case EV_RESIZE:
        s->rows = ev->rows;
        keep_in_sight(s);
        return true;
    case EV_JOB:
        take(s, (const struct search_job *)ev->job, fx);
        return true;
    case EV_SHOWN:
        s->fresh = true;
        return true;
    case EV_TICK:
    case EV_PICKED:
    case EV_ANSWER:
    case EV_CHANGED:
    case EV_PROGRESS:
        return true;
    }
    return true;
}

/* ---- drawing ---- */

enum { AT_ACCOUNT, AT_NAME, AT_SERIAL, AT_FIELD, AT_MATCH, COLUMNS };

/* What a column is wide: names and matches share what is left. */
static void lay_out(int columns, int width[COLUMNS])
{
    int room = columns - 12 - 14 - 10 - 2 * 4 - 2;

    width[AT_ACCOUNT] = 12;
    width[AT_SERIAL] = 14;
    width[AT_FIELD] = 10;
    width[AT_NAME] = room > 16 ? room * 3 / 5 : room;
    width[AT_MATCH] = room > 16 ? room - width[AT_NAME] : 0;
}

static void render_row(struct frame *f, int row, int column, const int width[COLUMNS],
                       unsigned attr, const char *const cells[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        if (width[i] > 0) {
            frame_field(f, row, column, width[i], ALIGN_LEFT, attr, cells[i]);
            column += width[i] + 2;
        }
    }
}

static void render_found(const struct find_state *s, struct frame *f, struct rect r)
{
    const char *const titles[COLUMNS] = {_("Account"), _("Customer"), _("Meter"), _("Found in"),
                                         _("Text")};
    int width[COLUMNS];

    lay_out(r.columns, width);
    render_row(f, r.row, r.column + 1, width, ATTR_HEADER, titles);
    for (size_t i = s->top; i < s->found.count && (int)(i - s->top) < r.rows - 2; i++) {
        const struct ui_found *one = &s->found.list[i];
        int row = r.row + 1 + (int)(i - s->top);
        bool here = i == s->selected;
        const char *const cells[COLUMNS] = {one->number, one->name, one->serial, tr(one->field),
                                            one->match};

        if (here) {
            frame_fill(f, (struct rect){row, r.column, 1, r.columns},
                       ATTR_NORMAL | ATTR_SELECTED);
            (void)frame_glyph(f, row, r.column, ATTR_CURSOR | ATTR_SELECTED, GLYPH_POINTER);
        }
        render_row(f, row, r.column + 1, width,
                   here ? ATTR_NORMAL | ATTR_SELECTED : ATTR_NORMAL, cells);
    }
}

static void render_count(const struct find_state *s, struct frame *f, int row, int column,
                         int columns)
{
    if (s->found.more) {
        (void)frame_text(f, row, column, columns, ATTR_DIM,
                         _("There are more; say more of what is looked for."));
    } else {
        (void)frame_printf(f, row, column, columns, ATTR_DIM,
                           ngettext("%zu found", "%zu found", (unsigned long)s->found.count),
                           s->found.count);
    }
}

static void find_render(const void *state, struct frame *f, struct rect area)
{
    const struct find_state *s = state;
    int column = area.column + 2;
    int wide = area.columns - 4;
    int at = column;

    at += frame_text(f, area.row + 1, at, wide, ATTR_LABEL, _("Look for")) + 2;
    if (s->failed.code != ERR_OK) {
        (void)frame_wrap(f, (struct rect){area.row + 3, column, 3, wide}, ATTR_BAD,
                         s->failed.text);
    } else if (s->edit.len == 0) {
        (void)frame_wrap(f, (struct rect){area.row + 3, column, 4, wide}, ATTR_DIM,
                         _("Type what the customer says: a name, telephone or tax number, an "
                           "account of this or of the earlier system, a meter's serial, an "
                           "address. Parts of it will do."));
    } else if (s->found.count == 0 && s->answered == s->serial) {
        (void)frame_text(f, area.row + 3, column, wide, ATTR_DIM, _("Nothing holds that."));
    } else if (s->found.count > 0) {
        render_found(
            s, f,
            (struct rect){area.row + 3, area.column + 1, area.rows - 3, area.columns - 2});
        render_count(s, f, area.row + area.rows - 1, column, wide);
    }
    (void)frame_text(f, area.row + 1, at, 1, ATTR_LABEL, "[");
    lineedit_render(&s->edit, f, area.row + 1, at + 1, 40, ATTR_FIELD_FOCUS, true);
    (void)frame_text(f, area.row + 1, at + 41, 1, ATTR_LABEL, "]");
}

static bool find_typing(const void *state)
{
    (void)state;
    return true;
}

const struct screen_ops screen_find = {
    .name = "find",
    .title = N_("Counter"),
    .help = N_("Type whatever the customer says. What holds it stands below at once, the best "
               "first. Enter opens the account, F5 takes a payment, F2 a reading. Esc empties "
               "the field for the next customer."),
    .state_size = sizeof(struct find_state),
    .init = find_init,
    .release = find_release,
    .update = find_update,
    .render = find_render,
    .keys = find_keys,
    .act = find_act,
    .typing = find_typing,
};
