/* What list.c shares with the index of large lists (list_index.h): the SQL of a list's cells
 * and orders, and handing out ids. */
#ifndef AFORO_APP_LIST_SQL_H
#define AFORO_APP_LIST_SQL_H

#include "app/list.h"

#define LIST_SQL_MAX 16384u
#define LIST_IDS_AT_ONCE 512u

/* Append an expression for the text of a cell as it is searched: machine text. */
void list_sql_text(struct buf *sql, const struct office *o, const struct list_column *c);
/* Can a term, folded, stand in a cell of this column? */
bool list_may_hold(const struct list_column *c, const char *folded);
/* What a column is sorted by. The column of an ask that none has is the first. */
const char *list_sql_order(const struct list_query *q, size_t column);
size_t list_sort_column(const struct list_query *q, const struct list_ask *ask);
/* "FROM ... WHERE ...", all rows of the list; *first: no condition stands there yet. */
void list_sql_all(struct buf *sql, const struct list_query *q, bool *first);
void list_sql_condition(struct buf *sql, bool *first, const char *condition);
/* Set the day. The SQL is whole then. */
enum err_code list_sql_finish(const struct office *o, struct buf *sql,
                              struct err *e) MUST_CHECK;

struct list_taking {
    list_take_fn take;
    void *ctx;
    int64_t ids[LIST_IDS_AT_ONCE];
    size_t count;
    bool any; /* something was handed over */
};
/* Give an id out, in list order. ERR_CANCELLED: the list is not wanted any more. */
enum err_code list_give(struct list_taking *t, int64_t id, struct err *e) MUST_CHECK;
/* Hand over what was found so far, perhaps nothing. */
enum err_code list_give_now(struct list_taking *t, struct err *e) MUST_CHECK;
/* For db_set_stop(), of a struct list_taking. */
bool list_unwanted(void *ctx);

/* A bit a row: base is the id of the first. */
struct list_marks {
    const uint8_t *bits;
    int64_t base;
    size_t room;
};
/* The rows that are marked (NULL: all), in the order of an ask, as the database sorts them.
 * Nothing is handed over at the end. */
enum err_code list_marked_ids(struct office *o, const struct list_query *q,
                              const struct list_ask *ask, const struct list_marks *m,
                              struct list_taking *t, struct err *e) MUST_CHECK;

#endif
