/* Lists that people scroll through: which rows, in which order, and what stands in a row, as
 * data. An id array answers for the whole list, the few visible rows are fetched by id, so that
 * a list of a million rows costs what one of fifty does.
 *
 * A new list is a row of the table in list_rows.c: SQL for its columns, and a function for its
 * detail if the columns are not enough. */
#ifndef AFORO_APP_LIST_H
#define AFORO_APP_LIST_H

#include "app/office.h"
#include "base/arena.h"
#include "base/buf.h"

#define LIST_COLUMNS_MAX 16u
#define LIST_TERMS_MAX 8u
#define LIST_LINES_MAX 48u
#define LIST_SERIES_MAX 36u

/* In a query's SQL: the office's day of today, a text. */
#define LIST_TODAY "'TODAYS-DAY'"

/* What an expression yields, and how it becomes machine text. */
enum list_type {
    LIST_TEXT,
    LIST_NUMBER,   /* an integer */
    LIST_MONEY,    /* minor units of the office's currency */
    LIST_DATE,     /* "2026-11-21" */
    LIST_TIME,     /* seconds UTC; becomes the office's local "2026-11-21 09:42" */
    LIST_QUANTITY, /* smallest unit; the column's unit says of what */
};

struct list_column {
    const char *name; /* as the screen's column of the same index is called */
    enum list_type type;
    const char *sql;   /* expression over `from` */
    const char *order; /* what to sort by where it is not sql: one expression */
    /* LIST_QUANTITY: expressions for unit and decimals: "r.unit, r.decimals"; where the unit is
     * NULL, the value is a plain number. */
    const char *unit;
};

/* One more line about a row. */
struct list_line {
    const char *label; /* translated */
    enum list_type type;
    const char *value; /* machine text, "" for none */
};

struct list_detail {
    struct arena arena; /* holds the texts */
    struct list_line lines[LIST_LINES_MAX];
    size_t count;
    const char *note;                /* a translated sentence or more, NULL: none */
    int64_t series[LIST_SERIES_MAX]; /* a chart, oldest first */
    size_t series_count;
    int64_t series_limit; /* -1: none */
};

#define LIST_LINKS_MAX 6u

/* A thing that a row speaks of, which has a page of its own. */
struct list_link {
    const char *column; /* that shows it; a msgid where no column does */
    const char *opens;  /* page: "meter", "bill" ... */
    const char *id;     /* expression for the page's id; NULL or 0: the row speaks of none */
};

struct list_query {
    const char *name;
    const char *needs; /* permission; NULL: whoever is logged in */
    const char *id;    /* "b.id": unique, an integer above 0 */
    /* "bill b LEFT JOIN account a ON a.id = b.account": tables that an order does not need cost
     * nothing when they are left-joined by their key. */
    const char *from;
    const char *where; /* NULL: all */
    const char
        *scope; /* what the list is narrowed to when opened for one thing: "b.account = ?1" */
    struct list_column columns[LIST_COLUMNS_MAX + 1]; /* ends with a NULL name */
    struct list_link links[LIST_LINKS_MAX + 1];       /* ends with a NULL column */
    /* Fill lines with list_say(); NULL: the columns are all there is to say. */
    enum err_code (*detail)(struct office *o, int64_t id, struct list_detail *out,
                            struct err *e);
};

extern const struct list_query list_queries[];
extern const size_t list_query_count;
/* NULL if there is none. */
const struct list_query *list_find(const char *name);
size_t list_columns(const struct list_query *q);

struct list_index;

struct list_term {
    int column; /* -1: any */
    const char *text;
};

/* Which rows, in which order. */
struct list_ask {
    struct list_term terms[LIST_TERMS_MAX];
    size_t term_count;
    int sort_column;
    bool descending;
    int64_t scope; /* 0: none */
    /* That may answer for a list without a scope (list_index.h); NULL: every row is looked at.
     */
    struct list_index *index;
    bool masked; /* this connection masks personal data */
};

/* Takes ids in list order; false: stop. Called with count 0 now and then while nothing is
 * found. */
typedef bool (*list_take_fn)(void *ctx, const int64_t *ids, size_t count);

/*
 * All matching ids, in order. Terms match anywhere in the text, case and accents aside.
 *
 * Errors: ERR_CANCELLED when `take` said stop, which it is asked often enough for a person.
 */
enum err_code list_ids(struct office *o, const struct list_query *q, const struct list_ask *ask,
                       list_take_fn take, void *ctx, struct err *e) MUST_CHECK;
/* Rows without any filter. wanted: asked now and then with count 0, as in list_ids(); NULL:
 * never. Errors: ERR_CANCELLED. */
enum err_code list_total(struct office *o, const struct list_query *q, int64_t scope,
                         list_take_fn wanted, void *ctx, int64_t *out,
                         struct err *e) MUST_CHECK;

/* Takes one row: machine texts, one a column; borrowed during the call. */
typedef enum err_code (*list_row_fn)(void *ctx, int64_t id, const char *const *cells,
                                     struct err *e);
/* The rows of some ids; those that are gone are left out. */
enum err_code list_rows(struct office *o, const struct list_query *q, const int64_t *ids,
                        size_t count, list_row_fn take, void *ctx, struct err *e) MUST_CHECK;

/* Where a row leads. */
struct list_goal {
    const char *column, *opens; /* as in struct list_link */
    int64_t id;
};
/* The things that a row speaks of; none when it is gone. */
enum err_code list_goals(struct office *o, const struct list_query *q, int64_t id,
                         struct list_goal out[LIST_LINKS_MAX], size_t *count,
                         struct err *e) MUST_CHECK;

void list_detail_init(struct list_detail *d);
void list_detail_release(struct list_detail *d);
/* Add a line; NULL is "". Beyond LIST_LINES_MAX, or without memory, it is left away. */
void list_say(struct list_detail *d, const char *label, enum list_type type, const char *value);
void list_say_money(struct list_detail *d, const struct office *o, const char *label,
                    int64_t minor);

#endif
