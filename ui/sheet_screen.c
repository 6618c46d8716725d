#include <config.h>

#include "ui/sheet_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/page_jobs.h"

enum { SHEET_JOB = 1 };

/* Actions that every sheet has; those of its own keys follow. */
enum {
    DO_OPEN = 1,
    DO_UP,
    DO_DOWN,
    DO_PGUP,
    DO_PGDN,
    DO_HOME,
    DO_END,
    DO_NEXT,
    DO_REFRESH,
    DO_OWN
};

static const struct key_row common[] = {
    {K_UP, 'k', DO_UP, 0, N_("Up"), N_("Go to the row above"), NULL},
    {K_DOWN, 'j', DO_DOWN, 0, N_("Down"), N_("Go to the row below"), NULL},
    {K_PGUP, K_CTRL | 'b', DO_PGUP, 0, N_("Page up"), N_("Go up by a screenful"), NULL},
    {K_PGDN, K_CTRL | 'f', DO_PGDN, 0, N_("Page down"), N_("Go down by a screenful"), NULL},
    {K_HOME, 'g', DO_HOME, 0, N_("Top"), N_("Go to the top of the page"), NULL},
    {K_END, 'G', DO_END, 0, N_("End"), N_("Go to the end of the page"), NULL},
    {'n', K_NONE, DO_NEXT, 0, N_("Next one"),
     N_("Show the next one of the list that this was opened from"), NULL},
    {'r', K_NONE, DO_REFRESH, 0, N_("Refresh"), N_("Ask for the page again"), NULL},
    {K_ENTER, K_NONE, DO_OPEN, 2, N_("Show"), N_("Show what the selected row stands for"),
     NULL},
};

#define COMMON_COUNT (sizeof(common) / sizeof(common[0]))

/* ---- the rows that can be selected ---- */

static bool is_row(const struct sheet_state *s, size_t i)
{
    const struct sheet_part *p = &s->sheet.parts[i];

    return p->kind == SHEET_ROW && (p->opens != NULL || p->note[0] != '\0');
}

/* The next row from an index in a direction; SHEET_NOTHING when there is none. */
static size_t row_from(const struct sheet_state *s, size_t from, int step)
{
    for (size_t i = from; i < s->sheet.count; i += (size_t)step) {
        if (is_row(s, i)) {
            return i;
        }
    }
    return SHEET_NOTHING; /* stepping below 0 wraps to beyond the count */
}

const struct sheet_part *sheet_row_selected(const struct sheet_state *s)
{
    return s->has_sheet && s->selected < s->sheet.count ? &s->sheet.parts[s->selected] : NULL;
}

/* Is the row under the cursor one that stands for such a thing? */
static bool on_row(const struct sheet_state *s, const char *opens)
{
    const struct sheet_part *row = sheet_row_selected(s);

    return row != NULL && row->opens != NULL && strcmp(row->opens, opens) == 0;
}

/* How well a key fits the row under the cursor: it is for such rows, for all, or for others. */
static int fits(const struct sheet_state *s, const struct sheet_key *k)
{
    return k->rows == NULL ? 1 : on_row(s, k->rows) ? 2 : 0;
}

/* Of several meanings of a key the one that fits best counts, the first of those. */
static bool is_meant(const struct sheet_state *s, size_t index)
{
    int fit = fits(s, &s->own[index]);

    for (size_t i = 0; i < s->own_count; i++) {
        int other = s->own[i].key == s->own[index].key ? fits(s, &s->own[i]) : -1;

        if (other > fit || (other == fit && i < index)) {
            return false;
        }
    }
    return true;
}

/* The keys that work now. */
static void list_own_keys(struct sheet_state *s)
{
    s->key_count = 0;
    for (size_t i = 0; i < s->own_count; i++) {
        const struct sheet_key *k = &s->own[i];

        if (is_meant(s, i)) {
            s->keys[s->key_count++] = (struct key_row){
                k->key, k->also, DO_OWN + (int)i, k->rank, k->label, k->help, k->command};
        }
    }
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        s->keys[s->key_count++] = common[i];
    }
}

/* Lines at the foot for what is said of the selected row, their title included; 0: none is. */
static int note_rows(const struct sheet_state *s)
{
    for (size_t i = 0; s->has_sheet && i < s->sheet.count; i++) {
        if (s->sheet.parts[i].note[0] != '\0') {
            return s->rows < 12 ? 0 : s->rows < 30 ? 6 : 10;
        }
    }
    return 0;
}

/* Lines of the sheet itself that are seen at once. */
static int shown_rows(const struct sheet_state *s)
{
    return s->rows - note_rows(s);
}

static int last_top(const struct sheet_state *s)
{
    return s->places.lines > shown_rows(s) ? s->places.lines - shown_rows(s) : 0;
}

static void scroll_to(struct sheet_state *s, int top)
{
    s->top = top < 0 ? 0 : top > last_top(s) ? last_top(s) : top;
}

static void show_selected(struct sheet_state *s)
{
    int line;

    if (s->selected == SHEET_NOTHING) {
        return;
    }
    line = s->places.line[s->selected];
    if (line < s->top + 1) { /* the line above, too: it may be the table's titles */
        scroll_to(s, line - 2);
    } else if (line >= s->top + shown_rows(s)) {
        scroll_to(s, line - shown_rows(s) + 1);
    }
}

static void measure(struct sheet_state *s)
{
    struct frame canvas;

    memset(&s->places, 0, sizeof(s->places));
    if (!s->has_sheet || s->columns < 1) {
        return;
    }
    frame_init(&canvas);
    if (sheet_draw(s->model, &s->sheet, &canvas, s->columns, SHEET_NOTHING, &s->places, NULL) !=
        ERR_OK) {
        memset(&s->places, 0, sizeof(s->places));
    }
    frame_release(&canvas);
    scroll_to(s, s->top);
    show_selected(s);
}

/* ---- loading ---- */

static void ask(struct sheet_state *s, struct effects *fx)
{
    s->serial++;
    format_copy(s->lang, sizeof(s->lang), i18n_lang());
    fx_job(fx, s->def->row_of != NULL
                   ? row_job_new(s->model, SHEET_JOB, s->serial, s->def->row_of->list, s->id)
                   : sheet_job_new(s->model, SHEET_JOB, s->serial, s->def->name, s->id));
}

/* What a key of a list does to the selected row, this does to the row of the page. */
static void add_list_key(struct sheet_state *s, const struct list_def *list,
                         const struct list_key *k)
{
    struct sheet_key own = {.key = k->key,
                            .also = k->also,
                            .rank = k->rank,
                            .label = k->label,
                            .help = k->help,
                            .act = SHEET_COMMAND,
                            .command = k->command};

    if (k->act != LIST_COMMAND || k->fill[0].param == NULL) {
        return;
    }
    for (size_t i = 0; i < LIST_FILLS_MAX && k->fill[i].param != NULL; i++) {
        own.fill[i].param = k->fill[i].param;
        own.fill[i].value = k->fill[i].cell < 0 ? "id" : list->columns[k->fill[i].cell].name;
    }
    s->own[s->own_count++] = own;
}

static void collect_keys(struct sheet_state *s)
{
    const struct list_def *list = s->def->row_of != NULL ? s->def->row_of->list : NULL;

    CHECK(s->def->key_count + COMMON_COUNT <= SHEET_KEYS_MAX);
    CHECK(list == NULL || list->key_count + COMMON_COUNT <= SHEET_KEYS_MAX);
    for (size_t i = 0; i < s->def->key_count; i++) {
        s->own[s->own_count++] = s->def->keys[i];
    }
    for (size_t i = 0; list != NULL && i < list->key_count; i++) {
        add_list_key(s, list, &list->keys[i]);
    }
}

enum err_code sheet_open(void *state, const struct ui_model *model,
                         const struct screen_arg *arg, struct effects *fx, struct err *e)
{
    struct sheet_state *s = state;

    (void)e;
    s->model = model;
    s->def = arg->ops->sheet;
    s->id = arg->id;
    s->selected = SHEET_NOTHING;
    sheet_init(&s->sheet);
    collect_keys(s);
    list_own_keys(s);
    ask(s, fx);
    return ERR_OK;
}

void sheet_close(void *state)
{
    sheet_release(&((struct sheet_state *)state)->sheet);
}

static bool stands_for(const struct sheet_state *s, size_t i, const char *opens, int64_t id)
{
    const char *its = s->sheet.parts[i].opens;

    return is_row(s, i) && s->sheet.parts[i].id == id && (id != 0 || opens != NULL) &&
           (its == opens || (its != NULL && opens != NULL && strcmp(its, opens) == 0));
}

/* The row that stands for the same thing as the one that was selected, best in the same place,
 * else the first. */
static void select_again(struct sheet_state *s, const char *opens, int64_t id)
{
    if (s->selected < s->sheet.count && stands_for(s, s->selected, opens, id)) {
        return;
    }
    s->selected = row_from(s, 0, 1);
    for (size_t i = 0; i < s->sheet.count; i++) {
        if (stands_for(s, i, opens, id)) {
            s->selected = i;
            return;
        }
    }
}

static void take(struct sheet_state *s, struct sheet_job *job)
{
    const struct sheet_part *row = sheet_row_selected(s);
    const char *opens = row != NULL ? row->opens : NULL;
    int64_t id = row != NULL ? row->id : 0;

    if (job->job.serial != s->serial || job->job.err.code == ERR_CANCELLED) {
        return;
    }
    s->failed = job->job.err;
    if (job->job.err.code != ERR_OK) {
        return;
    }
    sheet_release(&s->sheet);
    s->sheet = job->sheet;
    sheet_init(&job->sheet);
    s->has_sheet = true;
    select_again(s, opens, id);
    measure(s);
    list_own_keys(s);
}

/* ---- actions ---- */

const struct screen_ops *sheet_target(const char *opens)
{
    for (size_t i = 0; opens != NULL && i < screens_all_count; i++) {
        if (strcmp(screens_all[i]->name, opens) == 0) {
            return screens_all[i];
        }
    }
    return NULL;
}

/* Is there a row to be opened? */
static bool opens_rows(const struct sheet_state *s)
{
    for (size_t i = 0; s->has_sheet && i < s->sheet.count; i++) {
        if (s->sheet.parts[i].kind == SHEET_ROW && s->sheet.parts[i].opens != NULL) {
            return true;
        }
    }
    return false;
}

static void open_row(struct sheet_state *s, struct effects *fx)
{
    const struct sheet_part *row = sheet_row_selected(s);
    const struct screen_ops *screen = row != NULL ? sheet_target(row->opens) : NULL;

    if (screen != NULL) {
        struct effect *f = fx_open(fx, FX_PUSH, screen, row->id);

        if (screen->list != NULL && row->id == 0 && row->key[0] != '\0') {
            fx_preset(f, LIST_FILTER_PRESET, row->key);
        }
    }
}

/* Up and down go from row to row, and scroll where there is none. */
static void step(struct sheet_state *s, int by)
{
    size_t next = s->selected == SHEET_NOTHING ? SHEET_NOTHING
                                               : row_from(s, s->selected + (size_t)by, by);

    if (next != SHEET_NOTHING) {
        s->selected = next;
        show_selected(s);
    } else {
        scroll_to(s, s->top + by);
    }
}

/* A page is scrolled, and the selection follows into sight; where few lines are shown there may
 * be no row in sight, and it stays at the first one past it. */
static void page(struct sheet_state *s, int by)
{
    int ahead;

    scroll_to(s, s->top + by);
    if (s->selected == SHEET_NOTHING) {
        return;
    }
    ahead = s->places.line[s->selected] < s->top ? 1 : -1;
    for (size_t next = s->selected; next != SHEET_NOTHING;
         next = row_from(s, next + (size_t)ahead, ahead)) {
        int line = s->places.line[next];

        s->selected = next;
        if (ahead > 0 ? line >= s->top : line < s->top + shown_rows(s)) {
            return;
        }
    }
}

/* From the sheet, or from the row under the cursor. */
static void fill_one(const struct sheet_state *s, const struct sheet_fill *fill,
                     const struct sheet_part *row, struct effect *f)
{
    fx_preset(f, fill->param,
              fill->value != NULL ? sheet_get(&s->sheet, fill->value)
              : row != NULL       ? row->key
                                  : "");
}

static void open_other(const struct sheet_state *s, const struct sheet_key *k,
                       const struct sheet_part *row, struct effects *fx)
{
    const char *value = k->fill[0].value;
    int64_t id = value != NULL     ? strtoll(sheet_get(&s->sheet, value), NULL, 10)
                 : k->rows != NULL ? row->id
                                   : s->id;

    if (value != NULL && id == 0) {
        fx_message(fx, MESSAGE_WARN, "%s", _("This page speaks of none."));
    } else {
        struct effect *f = fx_open(fx, FX_PUSH, k->screen, id);

        if (k->fill[1].param != NULL) {
            fill_one(s, &k->fill[1], row, f);
        }
    }
}

static void own(struct sheet_state *s, const struct sheet_key *k, struct effects *fx)
{
    const struct sheet_part *row = sheet_row_selected(s);
    struct effect *f;

    if (!s->has_sheet || (k->rows != NULL && !on_row(s, k->rows))) {
        fx_message(fx, MESSAGE_WARN, "%s", _("Select a row that this is for first."));
        return;
    }
    switch (k->act) {
    case SHEET_COMMAND:
        f = fx_command(fx, k->command, NULL, NULL);
        for (size_t i = 0; i < PRESETS_MAX && k->fill[i].param != NULL; i++) {
            fill_one(s, &k->fill[i], row, f);
        }
        break;
    case SHEET_FORM:
        if (row != NULL && row->key[0] != '\0') {
            (void)fx_command(fx, row->key, NULL, NULL);
        }
        break;
    case SHEET_OPEN:
        open_other(s, k, row, fx);
        break;
    case SHEET_CALL:
        k->call(s, fx);
        break;
    }
}

void sheet_do(void *state, int action, struct effects *fx)
{
    struct sheet_state *s = state;

    switch (action) {
    case DO_OPEN:
        open_row(s, fx);
        break;
    case DO_UP:
        step(s, -1);
        break;
    case DO_DOWN:
        step(s, 1);
        break;
    case DO_PGUP:
        page(s, -shown_rows(s));
        break;
    case DO_PGDN:
        page(s, shown_rows(s));
        break;
    case DO_HOME:
        s->selected = s->has_sheet ? row_from(s, 0, 1) : SHEET_NOTHING;
        scroll_to(s, 0);
        break;
    case DO_END:
        scroll_to(s, last_top(s));
        page(s, 0);
        break;
    case DO_NEXT:
        (void)fx_add(fx, FX_NEXT);
        break;
    case DO_REFRESH:
        ask(s, fx);
        break;
    default:
        own(s, &s->own[action - DO_OWN], fx);
        break;
    }
    list_own_keys(s);
}

bool sheet_update(void *state, const struct event *ev, struct effects *fx)
{
    struct sheet_state *s = state;
    int action;

    switch (ev->kind) {
    case EV_KEY:
        action = key_action(sheet_keys(s), s->model, ev->key);
        if (action != 0) {
            sheet_do(s, action, fx);
        }
        return action != 0;
    case EV_RESIZE:
        s->rows = ev->rows;
        s->columns = ev->columns;
        measure(s);
        return true;
    case EV_JOB:
        take(s, (struct sheet_job *)ev->job);
        return true;
    case EV_CHANGED:
        ask(s, fx);
        return true;
    case EV_TICK:
        if (strcmp(s->lang, i18n_lang()) != 0) { /* its sentences are in the other language */
            ask(s, fx);
        }
        return true;
    case EV_PASTE:
    case EV_PICKED:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_PROGRESS:
        return true;
    }
    return true;
}

static void show_note(const struct sheet_state *s, struct frame *f, struct rect r)
{
    const struct sheet_part *row = sheet_row_selected(s);
    int at = r.column + 1;

    at += frame_glyph(f, r.row, at, ATTR_BOX, GLYPH_H);
    at += frame_glyph(f, r.row, at, ATTR_BOX, GLYPH_NONE);
    if (row != NULL && row->note_title[0] != '\0') {
        at += frame_text(f, r.row, at, r.columns - 6, ATTR_TITLE, row->note_title) + 1;
    }
    frame_hline(f, r.row, at, r.column + r.columns - 1 - at, ATTR_BOX, GLYPH_H);
    if (row != NULL) {
        (void)sheet_paragraphs(
            f, (struct rect){r.row + 1, r.column + 2, r.rows - 1, r.columns - 4}, ATTR_NORMAL,
            row->note);
    }
}

void sheet_show(const void *state, struct frame *f, struct rect area)
{
    const struct sheet_state *s = state;

    if (s->has_sheet) {
        int note = area.rows == s->rows ? note_rows(s) : 0;

        sheet_render(s->model, &s->sheet, f,
                     (struct rect){area.row, area.column, area.rows - note, area.columns},
                     s->top, s->selected);
        if (note > 0) {
            show_note(
                s, f,
                (struct rect){area.row + area.rows - note, area.column, note, area.columns});
        }
    } else if (s->failed.code != ERR_OK) {
        (void)frame_wrap(
            f, (struct rect){area.row + 1, area.column + 2, area.rows - 2, area.columns - 4},
            ATTR_BAD, s->failed.text);
    } else {
        (void)frame_text(f, area.row + 1, area.column + 2, area.columns - 4, ATTR_DIM,
                         _("Loading…"));
    }
    if (s->has_sheet && s->failed.code != ERR_OK) {
        frame_field(f, area.row + area.rows - 1, area.column, area.columns, ALIGN_LEFT,
                    ATTR_BAD, s->failed.text);
    }
}

struct key_table sheet_keys(const void *state)
{
    const struct sheet_state *s = state;

    return (struct key_table){s->keys, s->key_count - (opens_rows(s) ? 0 : 1)};
}
