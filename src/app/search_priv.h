/* What the files of the search index share. */
#ifndef AFORO_APP_SEARCH_PRIV_H
#define AFORO_APP_SEARCH_PRIV_H

#include "app/search.h"
#include "base/buf.h"

#define SEARCH_FORMAT 4
#define SEARCH_FILE "search" /* app/index_file.h */
/* Meters are numbered from 1 without large gaps; where they are not, there is no index. */
#define SEARCH_ID_MAX 1000000000u
#define SEARCH_ID_SPARE 65536
#define SEARCH_IDS_A_METER 4
/* In a chunk of the texts, of an order, of the codes. */
#define SEARCH_DOCS 1024u
#define SEARCH_ORDERED 512u
#define SEARCH_CODES 16384u

/* ---- the tail: search_tail.c ---- */

/* In doc_of: the meter is gone. */
#define TAIL_GONE UINT32_MAX

struct search_tail {
    int64_t seq;               /* entries up to it are taken in */
    int64_t meter, assignment; /* rows up to these are */
    uint32_t *doc_of;          /* by meter: 0: the file tells; its place in ids and one more */
    size_t room;               /* of doc_of */
    uint32_t *ids;             /* of each document; 0: a later one took its place */
    uint32_t *ends;            /* of its cells in text */
    size_t count, size;
    struct buf text; /* cells (meter_cells.h) */
    bool full;       /* it cannot tell any more what changed */
};

void tail_init(struct search_tail *t);
void tail_release(struct search_tail *t);
/* Take in what changed; t->full afterwards: the file is too old. */
enum err_code tail_follow(struct search_tail *t, struct db *office, struct err *e) MUST_CHECK;
/* Does the tail tell of this meter? */
static inline bool tail_has(const struct search_tail *t, uint32_t meter)
{
    return meter < t->room && t->doc_of[meter] != 0;
}

/* ---- codes: search_facts.c ---- */

/* What a meter's cells of few different words show. An open alert makes another word of "ok";
 * it is not in here. */
enum search_condition {
    SEARCH_LOOK, /* only its row can tell */
    SEARCH_OUT,
    SEARCH_HELD,
    SEARCH_NONE,
    SEARCH_OK,
    SEARCH_HIGH, /* these three are told by alerts alone */
    SEARCH_LOW,
    SEARCH_ZERO,
    SEARCH_CONDITIONS
};
#define SEARCH_KINDS 3
extern const char *const search_kinds[SEARCH_KINDS];
/* Days since 1970 and one more; 0: never. */
#define SEARCH_DAYS 65536
struct search_facts {
    size_t room;    /* one past the largest meter */
    uint16_t *days; /* of the last reading; by meter, as the others */
    uint8_t *conditions, *kinds;
    uint8_t *read;     /* a bit a meter: its readings changed since the file was made */
    size_t read_count; /* such meters */
    int64_t reading, decision, seq;
    size_t tail; /* documents of the tail that are taken in */
    bool lost;   /* so many readings count no more that nobody looked at them */
};
void facts_release(struct search_facts *f);
/* Read them from the file; f is zeroed before, and released by the caller also after an error.
 */
enum err_code facts_load(struct search_facts *f, struct db *index, struct err *e) MUST_CHECK;
enum err_code facts_follow(struct search_facts *f, const struct search_tail *t,
                           struct db *office, struct err *e) MUST_CHECK;
/* Were its readings changed? */
static inline bool facts_read(const struct search_facts *f, uint32_t meter)
{
    return meter < f->room && (f->read[meter / 8] >> (meter % 8) & 1u) != 0;
}
/* Write the codes of all meters into the index; `wanted` false stops it with ERR_CANCELLED. */
enum err_code facts_fill(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                         void *ctx, struct err *e) MUST_CHECK;

/* ---- orders: search_order.c ---- */

/* A meter of the tail, or one that was read since, in the order of a column. */
struct placed {
    uint32_t id;
    uint32_t place; /* it stands before the meter at this place of the file's order */
    uint32_t key, key_len;
};
struct search_placed {
    int column; /* -1: none */
    size_t tail, read;
    int64_t seq;
    struct placed *list;
    size_t count;
    struct buf keys;
};
void placed_release(struct search_placed *p);

/* ---- the handle: search.c ---- */

struct search {
    char *path;
    struct db *db; /* NULL: none is open */
    uint64_t inode;
    int64_t seq;               /* entry up to which the file holds everything */
    int64_t meter, assignment; /* its newest rows */
    int64_t reading, decision;
    struct search_tail tail;
    struct search_facts facts;
    bool has_facts;
    struct search_placed placed;
};

/*
 * Meters that the file's order of a column does not tell of, in their places.
 *
 * *fit false: there are too many. The list is the handle's, until its next call.
 */
enum err_code search_placed(struct search *s, struct db *office, int column, bool *fit,
                            const struct search_placed **out, struct err *e) MUST_CHECK;
/* Write the orders of all columns into the index. */
enum err_code orders_fill(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                          void *ctx, struct err *e) MUST_CHECK;
/* Close the file and remove it: it is damaged. */
void search_drop(struct search *s);
/* "Damaged". */
enum err_code search_damaged(struct err *e) MUST_CHECK;
enum err_code search_unwanted(struct err *e) MUST_CHECK;

#endif
