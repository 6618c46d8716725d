#include <config.h>

#include "ui/widget_picker.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "ui/format.h"

void picker_init(struct picker *p)
{
    memset(p, 0, sizeof(*p));
    lineedit_init(&p->query, 64, false);
}

void picker_add(struct picker *p, const char *left, const char *text, int kind, size_t index)
{
    struct picker_item *item;

    if (p->count == PICKER_ITEMS_MAX) {
        return;
    }
    item = &p->items[p->count++];
    format_copy(item->left, sizeof(item->left), left);
    item->text = text;
    item->kind = kind;
    item->index = index;
}

/* Both parts of the item as one folded text, and the typed text folded too: is it in there? */
static bool matches(const struct picker *p, const struct picker_item *item)
{
    struct buf whole;
    struct buf part;
    bool yes;

    if (p->query.len == 0 || strcmp(item->left, p->query.text) == 0) {
        return true;
    }
    buf_init(&whole, 4096);
    buf_init(&part, 4096);
    text_fold(item->left, strlen(item->left), &whole);
    buf_addc(&whole, ' ');
    text_fold(tr(item->text), strlen(tr(item->text)), &whole);
    text_fold(p->query.text, p->query.len, &part);
    yes = !whole.failed && !part.failed && strstr(buf_str(&whole), buf_str(&part)) != NULL;
    buf_release(&whole);
    buf_release(&part);
    return yes;
}

static size_t match_count(const struct picker *p)
{
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++) {
        count += matches(p, &p->items[i]) ? 1 : 0;
    }
    return count;
}

const struct picker_item *picker_chosen(const struct picker *p)
{
    size_t seen = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (matches(p, &p->items[i]) && seen++ == p->selected) {
            return &p->items[i];
        }
    }
    return NULL;
}

/* An item whose key or name is exactly what was typed is the one meant. */
static void select_exact(struct picker *p)
{
    size_t seen = 0;

    p->selected = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (!matches(p, &p->items[i])) {
            continue;
        }
        if (strcmp(p->items[i].left, p->query.text) == 0) {
            p->selected = seen;
            return;
        }
        seen++;
    }
}

bool picker_key(struct picker *p, uint32_t key)
{
    size_t count = match_count(p);

    switch (key) {
    case K_UP:
    case K_BACKTAB:
        p->selected -= p->selected > 0 ? 1 : 0;
        return true;
    case K_DOWN:
    case K_TAB:
        p->selected += p->selected + 1 < count ? 1 : 0;
        return true;
    case K_PGUP:
        p->selected -= p->selected < 10 ? p->selected : 10;
        return true;
    case K_PGDN:
        p->selected = p->selected + 10 < count ? p->selected + 10 : count - (count > 0 ? 1 : 0);
        return true;
    default:
        if (!lineedit_key(&p->query, key)) {
            return false;
        }
        select_exact(p);
        return true;
    }
}

void picker_paste(struct picker *p, const char *s, size_t len_bytes)
{
    lineedit_paste(&p->query, s, len_bytes);
    select_exact(p);
}

void picker_render(const struct picker *p, struct frame *f, struct rect area,
                   const char *prompt)
{
    int rows = area.rows - 1;
    size_t top = rows > 0 && p->selected >= (size_t)rows ? p->selected - (size_t)rows + 1 : 0;
    size_t seen = 0;
    int left = 4;
    int at;

    at = area.column + frame_text(f, area.row, area.column, area.columns, ATTR_LABEL, prompt) +
         1;
    lineedit_render(&p->query, f, area.row, at, area.column + area.columns - at,
                    ATTR_FIELD_FOCUS, true);
    for (size_t i = 0; i < p->count; i++) {
        int width = frame_width(f, p->items[i].left) + 2;
        left = width > left ? width : left;
    }
    left = left > area.columns / 2 ? area.columns / 2 : left;
    for (size_t i = 0; i < p->count && rows > 0; i++) {
        const struct picker_item *item = &p->items[i];
        bool selected = seen == p->selected;
        int row = area.row + 1 + (int)(seen - top);

        if (!matches(p, item)) {
            continue;
        }
        if (seen >= top && seen - top < (size_t)rows) {
            (void)frame_glyph(f, row, area.column, selected ? ATTR_CURSOR : ATTR_NORMAL,
                              selected ? GLYPH_POINTER : GLYPH_NONE);
            frame_field(f, row, area.column + 1, left - 1, ALIGN_LEFT,
                        selected ? ATTR_CURSOR : ATTR_KEY, item->left);
            frame_field(f, row, area.column + left + 1, area.columns - left - 1, ALIGN_LEFT,
                        selected ? ATTR_NORMAL | ATTR_SELECTED : ATTR_NORMAL, tr(item->text));
        }
        seen++;
    }
    if (seen == 0) {
        (void)frame_text(f, area.row + 1, area.column + 1, area.columns - 1, ATTR_DIM,
                         _("Nothing matches what you typed."));
    }
}
