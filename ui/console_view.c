#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/widget_bar.h"
#include "ui/widget_help.h"
#include "ui/widget_palette.h"
#include "ui/widget_table.h"

/* One piece of the right end of the status line; the pieces of highest rank go first when it is
 * narrow. */
struct piece {
    char text[128];
    unsigned rank;
};

static void add_piece(struct piece *pieces, size_t *count, unsigned rank, const char *text)
{
    if (text[0] != '\0') {
        format_copy(pieces[*count].text, sizeof(pieces[*count].text), text);
        pieces[(*count)++].rank = rank;
    }
}

#define PIECES_MAX 5u
/* From this width on the figures have names. */
#define CONSOLE_NAMES_COLUMNS 100

/* The roles that come with the program; one that an office has made stands for itself. */
static const struct state_word role_words[] = {
    {"administrator", GLYPH_NONE, ATTR_NORMAL, N_("administrator")},
    {"operator", GLYPH_NONE, ATTR_NORMAL, N_("operator")},
    {"supervisor", GLYPH_NONE, ATTR_NORMAL, N_("supervisor")},
    {"billing", GLYPH_NONE, ATTR_NORMAL, N_("billing")},
    {"reader", GLYPH_NONE, ATTR_NORMAL, N_("reader")},
    {"auditor", GLYPH_NONE, ATTR_NORMAL, N_("auditor")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static size_t right_pieces(const struct console *c, struct piece pieces[PIECES_MAX], bool ascii)
{
    bool names = c->columns >= CONSOLE_NAMES_COLUMNS;
    struct civil now = civil_from_secs(c->local_secs);
    char text[128];
    char figure[32];
    char shown[FORMAT_MAX];
    size_t count = 0;

    if (c->has_status) {
        if (c->status.alerts > 0) {
            (void)snprintf(text, sizeof(text), "%s %" PRIu32 "%s%s",
                           glyph_text(GLYPH_RISE, ascii), c->status.alerts, names ? " " : "",
                           names ? ngettext("alert", "alerts", c->status.alerts) : "");
            add_piece(pieces, &count, 2, text);
        }
        (void)snprintf(figure, sizeof(figure), "%" PRIu64, c->status.ledger_height);
        format_number(c->model->format, figure, shown);
        (void)snprintf(text, sizeof(text), "%s%s", names ? _("entry ") : "#", shown);
        add_piece(pieces, &count, 5, text);
        add_piece(pieces, &count, 3, c->status.user);
        add_piece(pieces, &count, 4, state_text(role_words, c->status.role));
    }
    (void)snprintf(text, sizeof(text), "%02d:%02d", now.hour, now.minute);
    add_piece(pieces, &count, 1, text);
    return count;
}

static int pieces_width(struct frame *f, const struct piece *pieces, size_t count,
                        unsigned rank)
{
    int width = 0;

    for (size_t i = 0; i < count; i++) {
        if (pieces[i].rank <= rank) {
            width += frame_width(f, pieces[i].text) + (width > 0 ? 3 : 0);
        }
    }
    return width;
}

/* Office at the left, title in the middle if there is room, the session at the right. */
static void render_status(const struct console *c, struct frame *f)
{
    const char *title = tr(console_top_const(c)->ops->title);
    struct piece pieces[PIECES_MAX];
    size_t count = right_pieces(c, pieces, f->ascii);
    int title_width = frame_width(f, title);
    const char *office = c->has_status ? c->status.office : "";
    int left = 8 + frame_width(f, office);
    unsigned rank = PIECES_MAX;
    int right;
    int at = 1;
    int middle;

    frame_fill(f, (struct rect){0, 0, 1, f->columns}, ATTR_STATUS);
    while (rank > 1 &&
           pieces_width(f, pieces, count, rank) + left + title_width + 6 > f->columns) {
        rank--;
    }
    right = f->columns - 1 - pieces_width(f, pieces, count, rank);
    middle = (f->columns - title_width) / 2;
    if (middle < left + 2) {
        middle = left + 2;
    }
    if (middle + title_width + 2 > right) {
        middle = right - 2 - title_width;
    }
    at += frame_text(f, 0, at, right - at, ATTR_TITLE, "Aforo") + 2;
    (void)frame_text(f, 0, at, (middle > at ? middle : right) - at - 1, ATTR_STATUS, office);
    if (middle >= at) {
        (void)frame_text(f, 0, middle, title_width, ATTR_TITLE, title);
    }
    for (size_t i = 0, shown = 0; i < count; i++) {
        if (pieces[i].rank > rank) {
            continue;
        }
        if (shown++ > 0) {
            right += 1 + frame_glyph(f, 0, right + 1, ATTR_STATUS, GLYPH_MIDDOT) + 1;
        }
        right += frame_text(f, 0, right, f->columns - right, ATTR_STATUS, pieces[i].text);
    }
}

/* A sentence that is longer than the line takes some of the screen's last lines. */
#define MESSAGE_LINES_MAX 5

static void render_message(const struct console *c, struct frame *f, int row)
{
    static const struct {
        enum attr attr;
        enum glyph glyph;
    } looks[] = {
        [MESSAGE_INFO] = {ATTR_NOTE, GLYPH_CHECK},
        [MESSAGE_WARN] = {ATTR_WARN, GLYPH_RISE},
        [MESSAGE_ERROR] = {ATTR_BAD, GLYPH_CROSS},
    };
    /* What others changed under a form stands there as long as nothing newer is said. */
    const char *changed = console_top_const(c)->changed;
    const char *text = c->message[0] != '\0' ? c->message : changed;
    enum message_level level = c->message[0] != '\0' ? c->message_level : MESSAGE_WARN;
    int at = 1;

    if (c->progress[0] != '\0') {
        (void)frame_text(f, row, at, f->columns - at, ATTR_NOTE, c->progress);
    } else if (text[0] != '\0') {
        int wide = f->columns - 4;
        int lines = wide < 1 ? 1 : 1 + frame_width(f, text) / wide;

        if (frame_width(f, text) <= wide + 1) {
            at += frame_glyph(f, row, at, looks[level].attr, looks[level].glyph) + 1;
            (void)frame_text(f, row, at, f->columns - at, looks[level].attr, text);
            return;
        }
        /* Words are not cut in two, which may take one line more. */
        lines = lines + 1 < MESSAGE_LINES_MAX ? lines + 1 : MESSAGE_LINES_MAX;
        lines = lines < row ? lines : 1;
        row -= lines - 1;
        frame_fill(f, (struct rect){row, 0, lines, f->columns}, ATTR_NORMAL);
        at += frame_glyph(f, row, at, looks[level].attr, looks[level].glyph) + 1;
        (void)frame_wrap(f, (struct rect){row, at, lines, f->columns - at}, looks[level].attr,
                         text);
    }
}

/* What the keys do while something lies over the screen. */
struct key_table console_overlay_keys(const struct console *c)
{
    static const struct key_row list[] = {
        {K_ENTER, K_NONE, 1, 1, N_("Run"), N_("Run what is selected"), NULL},
        {K_UP, K_NONE, 1, 3, N_("Previous"), N_("Select the one above"), NULL},
        {K_DOWN, K_NONE, 1, 3, N_("Next"), N_("Select the one below"), NULL},
        {K_ESC, K_NONE, 1, 2, N_("Close"), N_("Go back to the screen"), NULL},
    };
    static const struct key_row pick[] = {
        {K_ENTER, K_NONE, 1, 1, N_("Choose"), N_("Put what is selected into the field"), NULL},
        {K_UP, K_NONE, 1, 3, N_("Previous"), N_("Select the one above"), NULL},
        {K_DOWN, K_NONE, 1, 3, N_("Next"), N_("Select the one below"), NULL},
        {K_ESC, K_NONE, 1, 2, N_("Close"), N_("Go back to the screen"), NULL},
    };
    static const struct key_row locked[] = {
        {K_ENTER, K_NONE, 1, 1, N_("Unlock"), N_("Go on with this password"), NULL},
        {K_CTRL | 'd', K_NONE, 1, 2, N_("Log out"), N_("Log out; another user can log in here"),
         NULL},
    };
    static const struct key_row question[] = {
        {K_ENTER, K_NONE, 1, 1, N_("Choose"), N_("Take the marked answer"), NULL},
        {K_TAB, K_NONE, 1, 2, N_("Other answer"), N_("Mark the other answer"), NULL},
        {K_ESC, K_NONE, 1, 2, N_("Go back"), N_("Change nothing"), NULL},
    };

    if (c->overlay == OVERLAY_LOCK) {
        return (struct key_table){locked, sizeof(locked) / sizeof(locked[0])};
    }
    if (c->overlay == OVERLAY_PICK) {
        return (struct key_table){pick, sizeof(pick) / sizeof(pick[0])};
    }
    if (c->overlay == OVERLAY_CONFIRM) {
        return (struct key_table){question, sizeof(question) / sizeof(question[0])};
    }
    return (struct key_table){list, sizeof(list) / sizeof(list[0])};
}

static void render_bar(const struct console *c, struct frame *f)
{
    struct rect row = {f->rows - 1, 0, 1, f->columns};
    const struct console_slot *top = console_top_const(c);
    struct key_table tables[2] = {top->ops->keys(top->state), console_keys(c)};

    if (c->overlay != OVERLAY_NONE) {
        tables[0] = console_overlay_keys(c);
        bar_render(f, row, c->model, tables, 1);
    } else {
        bar_render(f, row, c->model, tables, 2);
    }
}

static void render_overlay(const struct console *c, struct frame *f, struct rect area)
{
    switch (c->overlay) {
    case OVERLAY_NONE:
        return;
    case OVERLAY_HELP:
        help_render(&c->picker, f, area, console_top_const(c)->ops);
        return;
    case OVERLAY_PALETTE:
        palette_render(&c->picker, f, area);
        return;
    case OVERLAY_PICK:
        console_pick_render(c, f, area);
        return;
    case OVERLAY_CONFIRM:
        confirm_render(&c->confirm, f, area);
        return;
    case OVERLAY_LOCK:
        console_lock_render(c, f, area);
        return;
    }
}

void console_render(const struct console *c, struct frame *f)
{
    struct rect area = {CONSOLE_LINES_ABOVE, 0,
                        f->rows - CONSOLE_LINES_ABOVE - CONSOLE_LINES_BELOW, f->columns};
    const struct console_slot *top = console_top_const(c);

    frame_clear(f);
    if (f->rows < CONSOLE_ROWS_MIN || f->columns < CONSOLE_COLUMNS_MIN) {
        (void)frame_printf(f, 0, 0, f->columns, ATTR_NORMAL,
                           _("Aforo needs %d x %d; this is %d x %d."), CONSOLE_COLUMNS_MIN,
                           CONSOLE_ROWS_MIN, f->columns, f->rows);
        frame_cursor(f, 0, 0);
        return;
    }
    render_status(c, f);
    top->ops->render(top->state, f, area);
    render_message(c, f, f->rows - 2);
    render_bar(c, f);
    if (c->overlay != OVERLAY_NONE) {
        f->cursor_row = -1;
        render_overlay(c, f, area);
    }
}
