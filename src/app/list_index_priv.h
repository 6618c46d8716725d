/* What the files of the index of large lists share. */
#ifndef AFORO_APP_LIST_INDEX_PRIV_H
#define AFORO_APP_LIST_INDEX_PRIV_H

#include "app/list_index.h"
#include "app/meter_cells.h"
#include "base/caltime.h"

#define LIST_INDEX_FORMAT 3
/* In a chunk of the cells of a column, or of an order. */
#define LIST_INDEX_DOCS 4096u
#define LIST_SOURCES_MAX 3u
/* Ids lie so near each other (one bill in ten has a surcharge), or there is no index. */
#define LIST_INDEX_IDS_A_ROW 16
#define LIST_INDEX_IDS_SPARE 65536

/* ---- the table: list_indexed.def ---- */

struct list_source {
    const char *newest, *rows;
    bool changing;
};

struct list_indexed {
    const char *name;
    struct list_source sources[LIST_SOURCES_MAX];
    const char *of_account, *of_customer, *of_meter, *of_run; /* NULL: no row is */
    const char *changing[4], *personal[6];                    /* names of columns */
    const char *words;
};
extern const struct list_indexed list_indexed[];
extern const size_t list_indexed_count;
/* NULL: it has none. */
const struct list_indexed *list_indexed_find(const struct list_query *q);
/* A bit a column. names: ends with NULL. */
unsigned list_columns_named(const struct list_query *q, const char *const *names);
/* "list-bills". */
void list_index_name(const struct list_query *q, char out[32]);
/* In cell and ordering: the row of a chunk of a column. */
static inline int64_t list_chunk_id(size_t column, size_t chunk)
{
    return (int64_t)(column << 24 | chunk);
}
/* Which bytes stand in a chunk of a column: a bit a byte. What has none of a term's is not gone
 * through. */
#define LIST_SIGNS 32u
static inline void list_sign_add(uint8_t signs[LIST_SIGNS], char c)
{
    signs[(unsigned char)c / 8] |= (uint8_t)(1u << ((unsigned char)c % 8));
}
/* "Damaged". */
enum err_code list_index_damaged(struct err *e) MUST_CHECK;

/* ---- the tail: list_tail.c ---- */

struct list_tail {
    int64_t seq;                     /* entries up to it are taken in */
    int64_t known[LIST_SOURCES_MAX]; /* and rows */
    uint8_t *has;                    /* a bit an id after base: the file does not tell of it */
    size_t room;                     /* of has, in bits */
    int64_t *ids;                    /* of each document; 0: a later one took its place */
    uint32_t *ends;                  /* of its cells in text */
    size_t count, size;
    struct buf text;
    bool full;        /* it cannot tell any more what changed */
    bool stale;       /* the columns that change often are as they were */
    uint64_t version; /* another one: something was taken in */
};

/* ---- the handle: list_index.c ---- */

struct list_placed {
    int64_t id;
    uint32_t doc;
    uint32_t place; /* it stands before the row at this place of the file's order */
    uint32_t key, key_len;
};

struct list_index {
    const struct list_query *q; /* NULL: nothing is open */
    const struct list_indexed *of;
    char *path;
    struct db *db; /* NULL: none is open */
    uint64_t inode;
    int64_t seq; /* entry up to which the file holds everything */
    int64_t base, rows;
    size_t room, chunks; /* ids from base; of each column */
    char day[DATE_TEXT];
    unsigned changing, personal; /* columns */
    bool masked;
    struct list_tail tail;
    /* places of the tail's documents in an order */
    struct list_placed *placed;
    size_t placed_count;
    int placed_column; /* -1: none */
    uint64_t placed_version;
};

/* Close the file and remove it: it is damaged. */
void list_index_drop(struct list_index *x);

void list_tail_init(struct list_tail *t);
void list_tail_release(struct list_tail *t);
/* Take in what changed; full afterwards: the file is too old. */
enum err_code list_tail_follow(struct list_index *x, struct office *o,
                               struct err *e) MUST_CHECK;
static inline bool list_tail_has(const struct list_tail *t, size_t offset)
{
    return offset < t->room && (t->has[offset / 8] >> (offset % 8) & 1u) != 0;
}

/* ---- list_place.c ---- */

/* Rows in a chunk. */
size_t list_chunk_count(const struct list_index *x, size_t chunk);
/* Ids, as offsets from base, of a chunk of a column's order: at most LIST_INDEX_DOCS. */
enum err_code list_chunk_ids(struct list_index *x, size_t column, size_t chunk, uint32_t *ids,
                             size_t *count, struct err *e) MUST_CHECK;
/* Places of the tail's documents in the order of a column, in x->placed. */
enum err_code list_place(struct list_index *x, struct office *o, size_t column,
                         struct err *e) MUST_CHECK;

/* "SELECT id, cells ... WHERE id = ?1", and the same with what a column is sorted by. */
enum err_code list_sql_one(const struct office *o, const struct list_query *q, struct buf *sql,
                           struct err *e) MUST_CHECK;
/* ", '' || coalesce(...)" of each column. */
void list_sql_cells(struct buf *sql, const struct office *o, const struct list_query *q);
/* Append what the list's SQL was, to know a file that another version of the program made. */
void list_sql_shape(struct buf *out, const struct office *o, const struct list_query *q);
/* Append a folded cell, from a column of a row, and its end. Failures are the buffer's. */
void list_cell_add(const struct stmt *s, int column, struct buf *out);

#endif
