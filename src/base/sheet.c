#include <config.h>

#include "base/sheet.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"

#define TEXT_MAX_BYTES (1u << 20)

void sheet_init(struct sheet *s)
{
    memset(s, 0, sizeof(*s));
    arena_init(&s->arena, TEXT_MAX_BYTES);
    s->head = "";
}

void sheet_release(struct sheet *s)
{
    arena_release(&s->arena);
    mem_free(s->parts);
    s->parts = NULL;
    s->count = 0;
    s->size = 0;
    s->value_count = 0;
    s->head = "";
}

enum err_code sheet_status(const struct sheet *s, struct err *e)
{
    if (!s->failed) {
        return ERR_OK;
    }
    return s->count >= SHEET_PARTS_MAX
               ? err_set(e, ERR_LIMIT, "%s", _("This is too long to be shown on one page."))
               : err_nomem(e);
}

static const char *keep(struct sheet *s, const char *text)
{
    const char *copy = text == NULL || text[0] == '\0' ? "" : arena_strdup(&s->arena, text);

    s->failed = s->failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* The next part, zeroed; one that is thrown away when there is no room. */
static struct sheet_part *add(struct sheet *s, enum sheet_kind kind)
{
    static _Thread_local struct sheet_part lost;
    struct sheet_part *p = &lost;

    if (s->count == s->size && s->count < SHEET_PARTS_MAX) {
        size_t size = s->size == 0 ? 32 : s->size * 2;
        struct sheet_part *more;

        size = size > SHEET_PARTS_MAX ? SHEET_PARTS_MAX : size;
        more = mem_realloc_array(s->parts, size, sizeof(*more));
        if (more != NULL) {
            s->parts = more;
            s->size = size;
        }
    }
    if (s->count < s->size) {
        p = &s->parts[s->count++];
    } else {
        s->failed = true;
    }
    *p = (struct sheet_part){.kind = kind,
                             .side = s->side,
                             .label = "",
                             .text = "",
                             .unit = "",
                             .key = "",
                             .note_title = "",
                             .note = "",
                             .top = "",
                             .limit_text = "",
                             .limit = -1};
    for (size_t i = 0; i < SHEET_CELLS_MAX; i++) {
        p->cells[i] = "";
    }
    return p;
}

static struct sheet_part *last(struct sheet *s)
{
    return s->count == 0 ? NULL : &s->parts[s->count - 1];
}

void sheet_head(struct sheet *s, const char *fmt, ...)
{
    struct buf b;
    va_list ap;

    buf_init(&b, 1024);
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    s->head = keep(s, buf_str(&b));
    buf_release(&b);
}

void sheet_side(struct sheet *s, bool side)
{
    s->side = side;
}

void sheet_heading(struct sheet *s, const char *label)
{
    add(s, SHEET_HEADING)->label = label;
}

void sheet_fact(struct sheet *s, const char *label, enum sheet_as as, const char *text)
{
    struct sheet_part *p;

    if (text == NULL || text[0] == '\0') {
        return;
    }
    p = add(s, SHEET_FACT);
    p->label = label;
    p->as = as;
    p->text = keep(s, text);
}

void sheet_factf(struct sheet *s, const char *label, const char *fmt, ...)
{
    struct buf b;
    va_list ap;

    buf_init(&b, 4096);
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    sheet_fact(s, label, SHEET_AS_TEXT, buf_str(&b));
    buf_release(&b);
}

void sheet_fact_int(struct sheet *s, const char *label, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    sheet_fact(s, label, SHEET_AS_NUMBER, text);
}

void sheet_unit(struct sheet *s, const char *unit)
{
    struct sheet_part *p = last(s);

    if (p != NULL) {
        p->unit = keep(s, unit);
    }
}

void sheet_mood(struct sheet *s, enum sheet_mood mood)
{
    struct sheet_part *p = last(s);

    if (p != NULL) {
        p->mood = mood;
    }
}

void sheet_text(struct sheet *s, enum sheet_mood mood, const char *text)
{
    struct sheet_part *p;

    if (text == NULL || text[0] == '\0') {
        return;
    }
    p = add(s, SHEET_TEXT);
    p->mood = mood;
    p->text = keep(s, text);
}

void sheet_table(struct sheet *s, const struct sheet_column *columns, const char *empty)
{
    struct sheet_part *p = add(s, SHEET_TABLE);

    p->columns = columns;
    p->empty = empty;
    while (p->column_count < SHEET_CELLS_MAX && columns[p->column_count].title != NULL) {
        p->column_count++;
    }
}

void sheet_row(struct sheet *s, int64_t id, const char *opens, const char *key)
{
    struct sheet_part *p = add(s, SHEET_ROW);

    p->id = id;
    p->opens = opens;
    p->key = keep(s, key);
}

void sheet_put(struct sheet *s, size_t column, const char *text)
{
    struct sheet_part *p = last(s);

    if (p != NULL && p->kind == SHEET_ROW && column < SHEET_CELLS_MAX) {
        p->cells[column] = keep(s, text);
    }
}

void sheet_note_at(struct sheet *s, size_t part, const char *title, const char *note)
{
    if (part < s->count && s->parts[part].kind == SHEET_ROW) {
        s->parts[part].note_title = keep(s, title);
        s->parts[part].note = keep(s, note);
    }
}

void sheet_note(struct sheet *s, const char *title, const char *note)
{
    sheet_note_at(s, s->count - 1, title, note);
}

void sheet_put_int(struct sheet *s, size_t column, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    sheet_put(s, column, text);
}

void sheet_plot(struct sheet *s, enum sheet_kind kind, const char *label, const char *unit,
                const int64_t *values, const char *const *names, size_t count, int64_t limit,
                const char *top, const char *limit_text)
{
    size_t shown = count > SHEET_PLOT_MAX ? SHEET_PLOT_MAX : count;
    struct sheet_part *p;
    int64_t *kept;
    const char **named;

    if (count == 0) {
        return;
    }
    p = add(s, kind);
    kept = arena_array(&s->arena, shown, sizeof(*kept));
    named = arena_array(&s->arena, shown, sizeof(*named));
    if (kept == NULL || named == NULL) {
        s->failed = true;
        return;
    }
    memcpy(kept, values + (count - shown), shown * sizeof(*kept));
    for (size_t i = 0; i < shown; i++) {
        named[i] = keep(s, names == NULL ? "" : names[count - shown + i]);
    }
    p->label = label;
    p->unit = keep(s, unit);
    p->values = kept;
    p->names = names == NULL ? NULL : named;
    p->value_count = shown;
    p->limit = limit;
    p->top = keep(s, top);
    p->limit_text = keep(s, limit_text);
}

void sheet_share(struct sheet *s, const char *name, const char *figure, int64_t value,
                 bool over)
{
    struct sheet_part *p = add(s, SHEET_SHARE);

    p->label = keep(s, name);
    p->text = keep(s, figure);
    p->value = value;
    p->mood = over ? SHEET_BAD : SHEET_PLAIN;
}

void sheet_gauge(struct sheet *s, const char *label, const char *figure, const char *unit,
                 int64_t value, int64_t target, bool less_is_better)
{
    struct sheet_part *p = add(s, SHEET_GAUGE);

    p->label = label;
    p->text = keep(s, figure);
    p->unit = keep(s, unit);
    p->value = value;
    p->target = target;
    p->less_is_better = less_is_better;
}

void sheet_set(struct sheet *s, const char *name, const char *text)
{
    const char *kept = keep(s, text);

    for (size_t i = 0; i < s->value_count; i++) {
        if (strcmp(s->values[i].name, name) == 0) {
            s->values[i].text = kept;
            return;
        }
    }
    if (s->value_count == SHEET_VALUES_MAX) {
        s->failed = true;
        return;
    }
    s->values[s->value_count++] = (struct sheet_value){name, kept};
}

const char *sheet_get(const struct sheet *s, const char *name)
{
    for (size_t i = 0; i < s->value_count; i++) {
        if (strcmp(s->values[i].name, name) == 0) {
            return s->values[i].text;
        }
    }
    return "";
}
