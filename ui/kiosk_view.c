/* The kiosk's pages as cells. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/kiosk.h"
#include "ui/screen.h"
#include "ui/widget_plot.h"

struct choice {
    char key;
    const char *label; /* msgid */
};

/* 3 x 5 dots a digit, a row three bits: shown two columns a dot. */
static const uint8_t digits[10][5] = {
    {7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 3, 1, 7}, {5, 5, 7, 1, 1},
    {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 1, 2, 2}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7}};

/* A large character; what is no digit stands small in the middle of its place. */
static void big_char(struct frame *f, int row, int column, char c)
{
    if (c < '0' || c > '9') {
        const char text[2] = {c, '\0'};
        (void)frame_text(f, row + 2, column + 2, 2, ATTR_TITLE, text);
        return;
    }
    for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 3; x++) {
            if ((digits[c - '0'][y] >> (2 - x) & 1) != 0) {
                frame_fill(f, (struct rect){row + y, column + 2 * x, 1, 2},
                           ATTR_NORMAL | ATTR_SELECTED);
                (void)frame_text(f, row + y, column + 2 * x, 2, ATTR_NORMAL | ATTR_SELECTED,
                                 f->ascii ? "##" : "██");
            }
        }
    }
}

static int line(const struct kiosk *k, struct frame *f, int row, unsigned attr,
                const char *text)
{
    struct rect r = {row, 4, f->rows - row - 1, f->columns - 8};
    return row + frame_wrap(f, r, attr, text) + (k->big ? 1 : 0);
}

static int choices(const struct kiosk *k, struct frame *f, int row, const struct choice *list,
                   size_t count)
{
    for (size_t i = 0; i < count && row < f->rows - 1; i++) {
        char text[256];
        if (k->big && row + 5 < f->rows && count <= 3) {
            big_char(f, row, 4, list[i].key);
            (void)frame_text(f, row + 2, 14, f->columns - 16, ATTR_NORMAL, _(list[i].label));
            row += 6;
            continue;
        }
        (void)snprintf(text, sizeof text, "%c   %s", list[i].key, _(list[i].label));
        row = line(k, f, row, ATTR_NORMAL, text);
    }
    return row;
}

static void items(const struct kiosk *k, struct frame *f, int row, const char *none)
{
    for (size_t i = 0; i < k->list.count && row < f->rows - 2; i++) {
        char text[sizeof k->list.items[0].text + 24];
        (void)snprintf(text, sizeof text, "%zu   %s", i + 1, k->list.items[i].text);
        row = line(k, f, row, ATTR_NORMAL, text);
    }
    if (k->list.count == 0) {
        (void)line(k, f, row, ATTR_NOTE, none);
    }
}

static void field(const struct kiosk *k, struct frame *f, int row, const char *label,
                  const char *value, bool hidden)
{
    size_t len = strlen(value);
    row = line(k, f, row, ATTR_HEADER, label) + 1;
    if (k->big && (int)len * 8 < f->columns - 8 && row + 6 < f->rows) {
        for (size_t i = 0; i < len; i++) {
            big_char(f, row, 4 + (int)i * 8, hidden ? '*' : value[i]);
        }
        frame_cursor(f, row + 2, 4 + (int)len * 8);
        row += 6;
    } else {
        char shown[KIOSK_FIELD_MAX + 1] = "";
        memset(shown, '*', hidden ? len : 0);
        frame_field(f, row, 4, (int)KIOSK_FIELD_MAX + 2, ALIGN_LEFT, ATTR_FIELD_FOCUS,
                    hidden ? shown : value);
        frame_cursor(f, row, 4 + (int)len);
        row += 2;
    }
    (void)line(k, f, row, ATTR_DIM,
               _("Enter or + goes on, Backspace or * deletes; nothing typed goes back."));
}

static void start_view(const struct kiosk *k, struct frame *f, int row)
{
    static const struct choice list[] = {{'1', N_("My account")},
                                         {'8', N_("Large figures, more room")},
                                         {'9', N_("English / Español")}};
    row = line(k, f, row, ATTR_TITLE, _("Press a number"));
    (void)choices(k, f, row + 1, list, 3);
}

static void menu_view(const struct kiosk *k, struct frame *f, int row)
{
    static const struct choice all[] = {{'1', N_("My use, month by month")},
                                        {'2', N_("My bills")},
                                        {'3', N_("My receipts, and their check")},
                                        {'4', N_("Give a reading")},
                                        {'5', N_("I do not agree with a bill")},
                                        {'8', N_("Large figures, more room")},
                                        {'0', N_("Leave")}};
    struct choice list[7];
    char text[256];
    size_t n = 0;
    for (size_t i = 0; i < 7; i++) {
        if ((all[i].key == '4' && !k->who.readings) ||
            (all[i].key == '5' && !k->who.disputes)) {
            continue;
        }
        list[n++] = all[i];
    }
    (void)snprintf(text, sizeof text, _("Account %s   %s"), k->who.account, k->who.name);
    row = line(k, f, row, ATTR_TITLE, text);
    (void)choices(k, f, row + 1, list, n);
}

static void use_view(const struct kiosk *k, struct frame *f, int row)
{
    const struct kiosk_use *u = &k->use;
    char text[256];
    struct plot p = {.values = u->values,
                     .count = u->count,
                     .limit = u->limit,
                     .names = NULL,
                     .top = u->top,
                     .limit_name = u->limit_text};
    row = line(k, f, row, ATTR_TITLE, u->title);
    if (*u->mean != '\0') {
        (void)snprintf(text, sizeof text, _("On average %s %s a bill"), u->mean, u->unit);
        row = line(k, f, row, ATTR_NORMAL, text);
    }
    if (*u->last != '\0') {
        row = line(k, f, row, ATTR_NORMAL, u->last);
    }
    if (*u->limit_text != '\0') {
        (void)snprintf(text, sizeof text, _("Limit %s %s"), u->limit_text, u->unit);
        row = line(k, f, row, ATTR_NORMAL, text);
    }
    if (u->count > 0 && f->rows - row - 3 >= 3) {
        plot_bars(f, (struct rect){row + 1, 4, f->rows - row - 3, f->columns - 8}, &p);
    }
}

static void text_view(const struct kiosk *k, struct frame *f, int row)
{
    int at = 0;
    for (const char *s = k->text; *s != '\0' && row < f->rows - 2; at++) {
        size_t len = strcspn(s, "\n");
        if (at >= k->top) {
            (void)frame_textn(f, row++, 4, f->columns - 8, ATTR_NORMAL, s, len);
        }
        s += len + (s[len] == '\n' ? 1 : 0);
    }
    (void)frame_text(f, f->rows - 2, 4, f->columns - 8, ATTR_DIM,
                     k->page == KIOSK_RECEIPT && k->who.printer
                         ? _("8 up   2 down   5 print   0 back")
                         : _("8 up   2 down   0 back"));
}

static void sure_view(const struct kiosk *k, struct frame *f, int row)
{
    static const struct choice list[] = {{'1', N_("Yes, record it")}, {'0', N_("No, back")}};
    char text[256];
    if (k->page == KIOSK_VALUE_SURE) {
        (void)snprintf(text, sizeof text, _("Reading %s of meter %s?"), k->value,
                       k->chosen.key);
    } else {
        (void)snprintf(text, sizeof text, _("Open a dispute on this bill? %s"), k->chosen.text);
    }
    row = line(k, f, row, ATTR_TITLE, text);
    (void)choices(k, f, row + 1, list, 2);
}

static void reason_view(const struct kiosk *k, struct frame *f, int row)
{
    static const struct choice list[] = {{'1', N_("The amount is too high")},
                                         {'2', N_("The reading is wrong")},
                                         {'3', N_("I have paid it already")},
                                         {'4', N_("The meter is not mine, or is broken")},
                                         {'5', N_("Something else: the office will ask me")}};
    row = line(k, f, row, ATTR_TITLE, _("Why do you not agree?"));
    (void)choices(k, f, row + 1, list, 5);
}

static void list_view(const struct kiosk *k, struct frame *f, int row)
{
    static const char *const titles[KIOSK_PAGES] = {
        [KIOSK_METERS] = N_("Which meter?"),
        [KIOSK_BILLS] = N_("My bills"),
        [KIOSK_RECEIPTS] = N_("My receipts"),
        [KIOSK_READ] = N_("Which meter did you read?"),
        [KIOSK_DISPUTED] = N_("Which bill do you not agree with?")};
    row = line(k, f, row, ATTR_TITLE, _(titles[k->page]));
    items(k, f, row + 1, _("There is none."));
}

static void page_view(const struct kiosk *k, struct frame *f, int row)
{
    switch (k->page) {
    case KIOSK_START:
        start_view(k, f, row);
        break;
    case KIOSK_NUMBER:
        field(k, f, row, _("Number of your account, or of one of your bills"), k->number,
              false);
        break;
    case KIOSK_PIN:
        field(k, f, row, _("PIN that you chose at the counter"), k->pin, true);
        break;
    case KIOSK_MENU:
        menu_view(k, f, row);
        break;
    case KIOSK_METERS:
    case KIOSK_BILLS:
    case KIOSK_RECEIPTS:
    case KIOSK_READ:
    case KIOSK_DISPUTED:
        list_view(k, f, row);
        break;
    case KIOSK_USE:
        use_view(k, f, row);
        break;
    case KIOSK_BILL:
    case KIOSK_RECEIPT:
        text_view(k, f, row);
        break;
    case KIOSK_VALUE:
        field(k, f, row, _("What the dial shows"), k->value, false);
        break;
    case KIOSK_VALUE_SURE:
    case KIOSK_REASON_SURE:
        sure_view(k, f, row);
        break;
    case KIOSK_REASON:
        reason_view(k, f, row);
        break;
    case KIOSK_DONE:
        row = line(k, f, row, k->failed ? ATTR_BAD : ATTR_OK, k->message);
        (void)line(k, f, row + 1, ATTR_DIM, _("Press any number to go on."));
        break;
    case KIOSK_PAGES:
        break;
    }
}

void kiosk_render(const struct kiosk *k, struct frame *f)
{
    char text[160];
    int left = kiosk_warning(k);
    frame_clear(f);
    frame_fill(f, (struct rect){0, 0, 1, f->columns}, ATTR_STATUS);
    (void)frame_text(f, 0, 1, f->columns - 2, ATTR_STATUS, k->model->office);
    page_view(k, f, k->big ? 3 : 2);
    if (left > 0) {
        (void)snprintf(text, sizeof text,
                       ngettext("Are you still there? This page closes in %d second. Press a "
                                "key to stay.",
                                "Are you still there? This page closes in %d seconds. Press a "
                                "key to stay.",
                                (unsigned long)left),
                       left);
        frame_field(f, f->rows - 1, 0, f->columns, ALIGN_CENTRE, ATTR_WARN, text);
    } else if (k->opened) {
        frame_field(f, f->rows - 1, 0, f->columns, ALIGN_CENTRE, ATTR_DIM,
                    _("0 goes back; leave with 0 from the menu."));
    }
}
