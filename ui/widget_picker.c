#include <config.h>

#include "ui/widget_picker.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "ui/format.h"
#include "ui/synonyms.h"

void picker_init(struct picker *p)
{
    memset(p, 0, sizeof(*p));
    lineedit_init(&p->query, 64, false);
}

static struct picker_item *add(struct picker *p, const char *left, const char *text, int kind,
                               size_t index)
{
    static struct picker_item beyond;
    struct picker_item *item = p->count < PICKER_ITEMS_MAX ? &p->items[p->count++] : &beyond;

    memset(item, 0, sizeof(*item));
    format_copy(item->left, sizeof(item->left), left);
    item->text = text;
    item->kind = kind;
    item->index = index;
    return item;
}

struct picker_item *picker_add(struct picker *p, const char *left, const char *text, int kind,
                               size_t index)
{
    size_t count = p->count;
    struct picker_item *item = add(p, left, text, kind, index);

    if (p->count > count) {
        p->matching[p->match_count++] = count;
    }
    return item;
}

struct picker_item *picker_add_hidden(struct picker *p, const char *left, const char *text,
                                      int kind, size_t index)
{
    struct picker_item *item = add(p, left, text, kind, index);

    item->when_typed = true;
    return item;
}

/* ---- finding ---- */

/* Where a word was found, the better the lower. */
enum place {
    PLACE_EXACT, /* it is the name */
    PLACE_NAME,  /* a word of the name or key begins so */
    PLACE_TITLE,
    PLACE_WORDS, /* another word for it, of this language */
    PLACE_FOREIGN,
    PLACE_WITHIN, /* somewhere inside name or title */
    PLACE_HELP,
    PLACE_COUNT
};

#define FOLDED_MAX 2048u
/* Fewer letters than these begin too many words of a help text. */
#define HELP_LETTERS 3u

static void fold(const char *text, struct buf *out)
{
    out->len = 0;
    text_fold(text, strlen(text), out);
}

static bool begins(const struct buf *b, const char *word, size_t len)
{
    return words_begin(buf_str(b), b->len, word, len);
}

/* Texts of an item folded once for all words of a query. */
struct folded {
    struct buf name, title, help;
    bool has_help;
};

static enum place place_of(const struct picker_item *item, struct folded *f, const char *word,
                           size_t len)
{
    if (begins(&f->name, word, len)) {
        return PLACE_NAME;
    }
    if (begins(&f->title, word, len)) {
        return PLACE_TITLE;
    }
    for (size_t i = 0; i < 2; i++) {
        if (item->words[i].text != NULL &&
            words_begin(item->words[i].text, item->words[i].len_bytes, word, len)) {
            return i == 0 ? PLACE_WORDS : PLACE_FOREIGN;
        }
    }
    if (strstr(buf_str(&f->name), word) != NULL || strstr(buf_str(&f->title), word) != NULL) {
        return PLACE_WITHIN;
    }
    if (item->help == NULL || len < HELP_LETTERS) {
        return PLACE_COUNT;
    }
    if (!f->has_help) {
        fold(tr(item->help), &f->help);
        f->has_help = true;
    }
    return begins(&f->help, word, len) ? PLACE_HELP : PLACE_COUNT;
}

/* The worst of its words says where an item stands; PLACE_COUNT: it does not match. */
static enum place item_place(const struct picker *p, const struct picker_item *item,
                             struct folded *f, const struct buf *query)
{
    enum place worst = PLACE_NAME;
    const char *at = buf_str(query);

    if (strcmp(item->left, p->query.text) == 0) {
        return PLACE_EXACT;
    }
    f->has_help = false;
    fold(item->left, &f->name);
    fold(tr(item->text), &f->title);
    if (begins(&f->name, at, query->len)) {
        return PLACE_NAME;
    }
    if (strstr(buf_str(&f->title), at) != NULL) { /* the very words of the title */
        return begins(&f->title, at, query->len) ? PLACE_TITLE : PLACE_WITHIN;
    }
    while (*(at += strspn(at, " ")) != '\0' && worst < PLACE_COUNT) {
        char word[LINEEDIT_BYTES];
        size_t len = strcspn(at, " ");
        enum place place;

        memcpy(word, at, len);
        word[len] = '\0';
        place = place_of(item, f, word, len);
        worst = place > worst ? place : worst;
        at += len;
    }
    return worst;
}

static void find_places(const struct picker *p, enum place *places)
{
    struct folded f;
    struct buf query;

    buf_init(&f.name, FOLDED_MAX);
    buf_init(&f.title, FOLDED_MAX);
    buf_init(&f.help, FOLDED_MAX);
    buf_init(&query, LINEEDIT_BYTES - 1);
    fold(p->query.text, &query);
    for (size_t i = 0; i < p->count; i++) {
        places[i] = item_place(p, &p->items[i], &f, &query);
    }
    buf_release(&f.name);
    buf_release(&f.title);
    buf_release(&f.help);
    buf_release(&query);
}

/* What was typed has changed: which match, and in which order. */
static void find(struct picker *p)
{
    enum place places[PICKER_ITEMS_MAX];

    p->match_count = 0;
    p->selected = 0;
    if (strspn(p->query.text, " ") == p->query.len) {
        for (size_t i = 0; i < p->count; i++) {
            if (!p->items[i].when_typed) {
                p->matching[p->match_count++] = i;
            }
        }
        return;
    }
    find_places(p, places);
    for (enum place at = PLACE_EXACT; at < PLACE_COUNT; at++) {
        for (size_t i = 0; i < p->count; i++) {
            if (places[i] == at) {
                p->matching[p->match_count++] = i;
            }
        }
    }
}

const struct picker_item *picker_chosen(const struct picker *p)
{
    return p->selected < p->match_count ? &p->items[p->matching[p->selected]] : NULL;
}

bool picker_key(struct picker *p, uint32_t key)
{
    size_t count = p->match_count;

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
        find(p);
        return true;
    }
}

void picker_paste(struct picker *p, const char *s, size_t len_bytes)
{
    lineedit_paste(&p->query, s, len_bytes);
    find(p);
}

/* Columns of keys or values, of texts, and of names beside them, gaps included; 0 where there
 * are none. */
struct picker_layout {
    int left, text, name;
};

static void widen(int *columns, int wanted)
{
    *columns = wanted > *columns ? wanted : *columns;
}

static struct picker_layout lay_out(const struct picker *p, struct frame *f, int columns)
{
    struct picker_layout l = {0, 0, 0};

    for (size_t i = 0; i < p->count; i++) {
        const struct picker_item *item = &p->items[i];

        if (!item->when_typed || p->query.len > 0) {
            widen(item->named ? &l.name : &l.left, frame_width(f, item->left) + 2);
            widen(&l.text, frame_width(f, tr(item->text)) + 2);
        }
    }
    l.left = l.left > columns / 2 ? columns / 2 : l.left;
    l.name = l.name > columns / 3 ? columns / 3 : l.name;
    l.text = l.text > columns - l.left - l.name ? columns - l.left - l.name : l.text;
    return l;
}

/* A sentence for a list: it begins with a capital letter. */
static void render_text(struct frame *f, struct rect r, unsigned attr, const char *text)
{
    char capital[PICKER_TEXT_MAX];

    format_sentence(capital, sizeof(capital), text);
    frame_field(f, r.row, r.column, r.columns, ALIGN_LEFT, attr, capital);
}

static void render_item(struct frame *f, const struct picker_item *item, struct rect r,
                        const struct picker_layout *l, bool selected)
{
    unsigned marked = selected ? ATTR_SELECTED : 0;

    if (l->left > 0) {
        frame_field(f, r.row, r.column, l->left - 1, ALIGN_LEFT,
                    selected ? ATTR_CURSOR : ATTR_KEY, item->named ? ":" : item->left);
        r.column += l->left;
        r.columns -= l->left;
    }
    frame_fill(f, r, ATTR_NORMAL | marked);
    if (!item->named) {
        render_text(f, r, ATTR_NORMAL | marked, tr(item->text));
        return;
    }
    render_text(f, (struct rect){r.row, r.column, 1, l->text - 1}, ATTR_NORMAL | marked,
                tr(item->text));
    frame_field(f, r.row, r.column + l->text, r.columns - l->text, ALIGN_LEFT,
                ATTR_DIM | marked, item->left);
}

void picker_render(const struct picker *p, struct frame *f, struct rect area,
                   const char *prompt)
{
    int rows = area.rows - 1;
    size_t top = rows > 0 && p->selected >= (size_t)rows ? p->selected - (size_t)rows + 1 : 0;
    struct picker_layout l = lay_out(p, f, area.columns - 1);
    int at;

    at = area.column + frame_text(f, area.row, area.column, area.columns, ATTR_LABEL, prompt) +
         1;
    lineedit_render(&p->query, f, area.row, at, area.column + area.columns - at,
                    ATTR_FIELD_FOCUS, true);
    for (size_t i = top; i < p->match_count && rows > 0 && i - top < (size_t)rows; i++) {
        const struct picker_item *item = &p->items[p->matching[i]];
        bool selected = i == p->selected;
        int row = area.row + 1 + (int)(i - top);

        (void)frame_glyph(f, row, area.column, selected ? ATTR_CURSOR : ATTR_NORMAL,
                          selected ? GLYPH_POINTER : GLYPH_NONE);
        render_item(f, item, (struct rect){row, area.column + 1, 1, area.columns - 1}, &l,
                    selected);
    }
    if (p->match_count == 0) {
        (void)frame_text(f, area.row + 1, area.column + 1, area.columns - 1, ATTR_DIM,
                         _("Nothing matches what you typed."));
    }
}
