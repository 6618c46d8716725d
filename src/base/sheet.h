/* One thing in full, as people look at it: facts, tables, sentences and plots in the order of
 * reading, as data. Read models fill sheets; the console and the plain mode show them. Nothing
 * here knows a screen, an office or a language: labels are msgids, figures are in machine form
 * ("3212.9", "2025-06-10", "2025-06-10 09:42"), sentences come translated. */
#ifndef AFORO_BASE_SHEET_H
#define AFORO_BASE_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define SHEET_PARTS_MAX 400u
#define SHEET_CELLS_MAX 8u
#define SHEET_VALUES_MAX 24u
#define SHEET_PLOT_MAX 96u

/* How a text is to be read. */
enum sheet_as {
    SHEET_AS_TEXT,
    SHEET_AS_NUMBER, /* at the right, in the office's way */
    SHEET_AS_ID,     /* the number of a bill or receipt: at the right, as it is */
    SHEET_AS_DATE,
    SHEET_AS_TIME,
    SHEET_AS_WORD, /* a msgid */
    SHEET_AS_STATE /* a msgid, with the sign of the row's mood before it */
};

enum sheet_mood { SHEET_PLAIN, SHEET_DIM, SHEET_GOOD, SHEET_NOTE, SHEET_WARN, SHEET_BAD };

enum sheet_kind {
    SHEET_HEADING, /* label */
    SHEET_FACT,    /* label, text, unit */
    SHEET_TEXT,    /* text: translated sentences; each line of it is a paragraph */
    SHEET_TABLE,   /* columns; the rows that follow are in it */
    SHEET_ROW,     /* cells; id and opens: what it stands for */
    SHEET_BARS,    /* label, unit, plot: upright bars */
    SHEET_CURVE,   /* the same as a curve */
    SHEET_SHARE,   /* label is translated text; text: its figure; value; mood */
    SHEET_GAUGE    /* label, text: its figure; value against target */
};

struct sheet_column {
    const char *title; /* msgid */
    enum sheet_as as;
    int min, max;  /* columns of the screen */
    unsigned rank; /* 1 stays longest when it is narrow */
};

struct sheet_part {
    enum sheet_kind kind;
    bool side; /* stands at the right where there is room */
    enum sheet_mood mood;
    enum sheet_as as;
    const char *label, *text, *unit;
    /* SHEET_TABLE */
    const struct sheet_column *columns; /* static */
    size_t column_count;
    const char *empty; /* msgid, said when no row follows */
    /* SHEET_ROW */
    const char *cells[SHEET_CELLS_MAX];
    int64_t id;
    const char *opens; /* static: "bill", "meter" ...; NULL: a row that opens nothing */
    const char *key;   /* what a command calls it: a number, a serial; of a row that opens a
                          whole list, its filter; "" for none */
    const char *note_title, *note; /* translated: said of the row while it is selected; "" */
    /* plots */
    const int64_t *values;
    const char *const *names; /* one a value */
    size_t value_count;
    int64_t limit; /* -1: none */
    const char *top, *limit_text;
    int64_t value, target; /* SHEET_SHARE, SHEET_GAUGE */
    bool less_is_better;
};

struct sheet_value {
    const char *name; /* static */
    const char *text;
};

struct sheet {
    struct arena arena; /* holds the texts */
    struct sheet_part *parts;
    size_t count, size;
    const char *head;                            /* translated: what the sheet is about */
    struct sheet_value values[SHEET_VALUES_MAX]; /* what keys fill into commands */
    size_t value_count;
    bool side;   /* what is added now stands at the right */
    bool failed; /* memory or room ran out; sticky */
};

void sheet_init(struct sheet *s);
void sheet_release(struct sheet *s);
/* Adding never reports one by one; this does at the end: ERR_OK, ERR_NOMEM, ERR_LIMIT. */
enum err_code sheet_status(const struct sheet *s, struct err *e) MUST_CHECK;

/* Texts are copied, NULL is ""; labels, columns and `opens` are static. */
void sheet_head(struct sheet *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What follows stands at the right on a wide screen, else below; until sheet_side(s, false). */
void sheet_side(struct sheet *s, bool side);
void sheet_heading(struct sheet *s, const char *label);
/* A fact without a text is left away. */
void sheet_fact(struct sheet *s, const char *label, enum sheet_as as, const char *text);
void sheet_factf(struct sheet *s, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void sheet_fact_int(struct sheet *s, const char *label, int64_t value);
/* Unit or currency and mood of the part added last. */
void sheet_unit(struct sheet *s, const char *unit);
void sheet_mood(struct sheet *s, enum sheet_mood mood);
void sheet_text(struct sheet *s, enum sheet_mood mood, const char *text);
/* columns ends with a NULL title. */
void sheet_table(struct sheet *s, const struct sheet_column *columns, const char *empty);
/* A row of the table added last, its cells empty. */
void sheet_row(struct sheet *s, int64_t id, const char *opens, const char *key);
void sheet_put(struct sheet *s, size_t column, const char *text);
/* What is said of the row added last while it is selected: "why 904,50?" and the answer. */
void sheet_note(struct sheet *s, const char *title, const char *note);
/* The same of another row, by its index among the parts. */
void sheet_note_at(struct sheet *s, size_t part, const char *title, const char *note);
void sheet_put_int(struct sheet *s, size_t column, int64_t value);
/* Values and names are copied; top and limit_text are the figures written in machine form. */
void sheet_plot(struct sheet *s, enum sheet_kind kind, const char *label, const char *unit,
                const int64_t *values, const char *const *names, size_t count, int64_t limit,
                const char *top, const char *limit_text);
void sheet_share(struct sheet *s, const char *name, const char *figure, int64_t value,
                 bool over);
void sheet_gauge(struct sheet *s, const char *label, const char *figure, const char *unit,
                 int64_t value, int64_t target, bool less_is_better);

/* What keys fill in: sheet_set(s, "account", "4 410-22"). */
void sheet_set(struct sheet *s, const char *name, const char *text);
/* "" when it was never set. */
const char *sheet_get(const struct sheet *s, const char *name);

#endif
