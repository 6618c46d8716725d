#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "ui/format.h"
#include "ui/widget_table.h"

/* ---- reading what was typed ---- */

/* Does `whole` begin with `start`, case and accents aside? */
static bool begins_with(const char *whole, const char *start, size_t start_len)
{
    struct buf a;
    struct buf b;
    bool yes;

    buf_init(&a, 1024);
    buf_init(&b, 1024);
    text_fold(whole, strlen(whole), &a);
    text_fold(start, start_len, &b);
    yes = !a.failed && !b.failed && b.len <= a.len &&
          memcmp(buf_str(&a), buf_str(&b), b.len) == 0;
    buf_release(&a);
    buf_release(&b);
    return yes;
}

static int find_column(const struct column *columns, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; len > 0 && i < count; i++) {
        if (begins_with(columns[i].name, name, len) ||
            begins_with(tr(columns[i].title), name, len)) {
            return (int)i;
        }
    }
    return -1;
}

static void term_text(struct row_term *term, const char *text, size_t len)
{
    char copy[LINEEDIT_BYTES];

    len = len < sizeof(copy) ? len : sizeof(copy) - 1;
    memcpy(copy, text, len);
    copy[len] = '\0';
    format_copy(term->text, sizeof(term->text), copy);
}

/* A state is typed in the user's language and asked for by its code. */
static void term_state(struct row_term *term, const struct state_word *states, const char *text,
                       size_t len)
{
    const struct state_word *found = NULL;
    size_t codes = 0; /* that begin with it: "reading" is every kind of entry about readings */

    for (; states->code != NULL; states++) {
        bool code = begins_with(states->code, text, len);

        codes += code ? 1 : 0;
        if (found == NULL && (code || begins_with(tr(states->word), text, len))) {
            found = states;
        }
    }
    if (found == NULL || (codes > 1 && strlen(found->code) != len)) {
        term_text(term, text, len);
    } else {
        format_copy(term->text, sizeof(term->text), found->code);
    }
}

/* Bytes of the word at s: up to a space outside quotes. */
static size_t word_length(const char *s)
{
    bool quoted = false;
    size_t len = 0;

    while (s[len] != '\0' && (quoted || s[len] != ' ')) {
        quoted ^= s[len] == '"';
        len++;
    }
    return len;
}

static void parse_word(const char *word, size_t len, const struct column *columns, size_t count,
                       struct row_term *term)
{
    const char *equals = memchr(word, '=', len);
    const char *value = word;

    term->column = -1;
    if (equals != NULL) {
        term->column = find_column(columns, count, word, (size_t)(equals - word));
        if (term->column >= 0) {
            value = equals + 1;
            len -= (size_t)(value - word);
        }
    }
    if (len > 0 && value[0] == '"') {
        value++;
        len--;
        len -= len > 0 && value[len - 1] == '"' ? 1 : 0;
    }
    if (term->column >= 0 && columns[term->column].states != NULL && len > 0) {
        term_state(term, columns[term->column].states, value, len);
    } else {
        term_text(term, value, len);
    }
}

void filter_parse(const char *text, const struct column *columns, size_t column_count,
                  struct row_query *q)
{
    q->term_count = 0;
    while (q->term_count < ROW_TERMS_MAX) {
        struct row_term *term = &q->terms[q->term_count];
        size_t len;

        text += strspn(text, " ");
        len = word_length(text);
        if (len == 0) {
            return;
        }
        parse_word(text, len, columns, column_count, term);
        q->term_count +=
            term->text[0] != '\0' ? 1 : 0; /* "route=" is on its way to being a term */
        text += len;
    }
}

/* ---- typing it ---- */

static bool same_terms(const struct row_query *a, const struct row_query *b)
{
    if (a->term_count != b->term_count) {
        return false;
    }
    for (size_t i = 0; i < a->term_count; i++) {
        if (a->terms[i].column != b->terms[i].column ||
            strcmp(a->terms[i].text, b->terms[i].text) != 0) {
            return false;
        }
    }
    return true;
}

/* Dates and numbers are typed as the office writes them, and looked for in machine form; what
 * is no whole one ("06/25", "12") stays as it is. */
static void to_machine(const struct table *t, struct row_term *term)
{
    char machine[FORMAT_MAX] = "";
    enum column_type type = term->column >= 0 ? t->columns[term->column].type : COLUMN_TEXT;
    bool read = type == COLUMN_DATE
                    ? format_parse_date(t->model->format, term->text, false, machine)
                    : type == COLUMN_NUMBER &&
                          format_parse_number(t->model->format, term->text, machine);

    if (read && machine[0] != '\0') {
        format_copy(term->text, sizeof(term->text), machine);
    }
}

static void apply(struct table *t, enum table_keep keep, struct effects *fx)
{
    struct row_query q = t->query;

    filter_parse(t->filter.text, t->columns, t->column_count, &q);
    for (size_t i = 0; i < q.term_count; i++) {
        to_machine(t, &q.terms[i]);
    }
    if (!same_terms(&q, &t->query)) {
        t->query = q;
        table_load(t, keep, fx);
    }
}

struct key_table table_filter_keys(void)
{
    static const struct key_row keys[] = {
        {K_ENTER, K_NONE, TABLE_FILTER, 1, N_("Keep filter"),
         N_("Go back to the list with this filter"), NULL},
        {K_ESC, K_NONE, TABLE_FILTER, 2, N_("Old filter"),
         N_("Go back to the filter as it was"), NULL},
    };
    return (struct key_table){keys, sizeof(keys) / sizeof(keys[0])};
}

void table_filter_begin(struct table *t)
{
    format_copy(t->filter_before, sizeof(t->filter_before), t->filter.text);
    t->filter.cursor = t->filter.len;
    t->editing = true;
}

void table_filter_set(struct table *t, const char *text, struct effects *fx)
{
    lineedit_set(&t->filter, text);
    apply(t, KEEP_ROW, fx);
}

bool table_filter_event(struct table *t, const struct event *ev, struct effects *fx)
{
    if (ev->kind == EV_PASTE) {
        lineedit_paste(&t->filter, ev->text, ev->len_bytes);
        apply(t, KEEP_IF_SEEN, fx);
        return true;
    }
    if (ev->key >= K_F1 && ev->key <= K_F12) {
        return false;
    }
    if (ev->key == K_ENTER) {
        t->editing = false;
    } else if (ev->key == K_ESC) {
        t->editing = false;
        table_filter_set(t, t->filter_before, fx);
    } else if (ev->key == K_UP || ev->key == K_DOWN || ev->key == K_PGUP || ev->key == K_PGDN) {
        (void)table_key(t, ev->key, fx); /* look at the result while typing */
    } else if (lineedit_key(&t->filter, ev->key)) {
        apply(t, KEEP_IF_SEEN, fx);
    }
    return true;
}

/* ---- showing it ---- */

/* "1 284 of 1 000 000  ↓route", at the right end of the line. Returns the column where it
 * begins. */
static int render_count(const struct table *t, struct frame *f, int row, int column,
                        int columns)
{
    char shown[FORMAT_MAX];
    char total[FORMAT_MAX];
    char machine[32];
    char text[256];
    const struct column *sort = &t->columns[t->query.sort_column];
    int width;
    int at;

    (void)snprintf(machine, sizeof(machine), "%zu", t->ids.count);
    format_number(t->model->format, machine, shown);
    (void)snprintf(machine, sizeof(machine), "%zu", t->total);
    format_number(t->model->format, machine, total);
    if (t->loading && t->keep != KEEP_ROW) {
        (void)snprintf(text, sizeof(text), "%s", _("searching…"));
    } else if (t->partial && t->ids.count < ROW_FIRST_COUNT) {
        (void)snprintf(text, sizeof(text), _("searching… %s so far"), shown);
    } else if (t->partial) {
        (void)snprintf(text, sizeof(text), _("more than %s"), shown);
    } else if (t->query.term_count > 0 && t->has_total) {
        (void)snprintf(text, sizeof(text), _("%s of %s"), shown, total);
    } else {
        (void)snprintf(text, sizeof(text), "%s", shown);
    }
    if (t->marked.count > 0) {
        size_t len = strlen(text);

        (void)snprintf(machine, sizeof(machine), "%zu", t->marked.count);
        format_number(t->model->format, machine, shown);
        (void)snprintf(text + len, sizeof(text) - len,
                       ngettext(", %s marked", ", %s marked", (unsigned long)t->marked.count),
                       shown);
    }
    width = frame_width(f, text) + 3 + frame_width(f, tr(sort->title));
    width = width > columns ? columns : width;
    at = column + columns - width;
    at += frame_text(f, row, at, column + columns - at, ATTR_NORMAL, text) + 2;
    at += frame_glyph(f, row, at, ATTR_DIM,
                      t->query.descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP);
    (void)frame_text(f, row, at, column + columns - at, ATTR_DIM, tr(sort->title));
    return column + columns - width;
}

void table_filter_render(const struct table *t, struct frame *f, int row, int column,
                         int columns)
{
    int end = render_count(t, f, row, column, columns) - 2;
    int at = column;

    if (!t->editing && t->filter.len == 0) {
        (void)frame_text(f, row, at, end - at, ATTR_DIM, _("No filter"));
        return;
    }
    at += frame_text(f, row, at, end - at, ATTR_LABEL, _("Filter:")) + 1;
    if (t->editing) {
        lineedit_render(&t->filter, f, row, at, end - at, ATTR_FIELD_FOCUS, true);
    } else {
        (void)frame_text(f, row, at, end - at, ATTR_FILTER, t->filter.text);
    }
}
