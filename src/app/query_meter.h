/* Read models of meters: the list that scrolls a million rows by id, and one meter with its
 * history. */
#ifndef AFORO_APP_QUERY_METER_H
#define AFORO_APP_QUERY_METER_H

#include "app/office.h"
#include "base/buf.h"

/* Columns of the list, in this order wherever they are numbered. */
enum meter_column {
    METER_SERIAL,
    METER_PLACE,     /* personal data */
    METER_LAST,      /* date of the last accepted reading */
    METER_READING,   /* its value, with the dial's decimals */
    METER_CONDITION, /* ok high low zero held none out */
    METER_PENDING,   /* read review none */
    METER_KIND_COLUMN,
    METER_ROUTE,
    METER_ACCOUNT,
    METER_COLUMNS
};

#define METER_TERMS_MAX 8

/* Of a reading x, in SQL: the import that brought it was not taken back. */
#define READING_STANDS                                                                         \
    "NOT EXISTS(SELECT 1 FROM import_run i WHERE i.id = x.run AND i.state = 'discarded')"

struct meter_term {
    int column; /* enum meter_column, -1: any */
    const char *text;
};

struct meter_query {
    struct meter_term terms[METER_TERMS_MAX];
    size_t term_count;
    int sort_column;
    bool descending;
    const char *today; /* "2026-11-21", to tell whether a reading is due; NULL: always */
};

/* Takes ids in list order; false: stop. */
typedef bool (*meter_ids_fn)(void *ctx, const int64_t *ids, size_t count);

struct search;

/*
 * All matching ids (meters_find.c). A term without a column is looked for in serial, place,
 * route and account; three letters and more anywhere, one or two at the beginnings of words.
 *
 * search: the index (app/search.h), NULL: every row is looked at; the answer is the same.
 * masked: the place is not shown to who asks, and must not be found either.
 * Called with count 0 now and then while nothing is found. Errors: ERR_CANCELLED when `take`
 * said stop.
 */
enum err_code meters_find(struct db *db, struct search *search, bool masked,
                          const struct meter_query *q, meter_ids_fn take, void *ctx,
                          struct err *e) MUST_CHECK;
enum err_code meters_count(struct db *db, int64_t *out, struct err *e) MUST_CHECK;

/* One row; texts are machine form, owned by the buffers inside. */
struct meter_list_row {
    int64_t id;
    char serial[41], last[DATE_TEXT], reading[32], kind[16], route[64], account[48];
    const char *condition, *pending; /* stable words */
    char place[256];
};
/* today: "2026-11-21", to tell whether a reading is due. *found false when the meter is gone.
 */
enum err_code meter_list_row(struct db *db, int64_t id, const char *today,
                             struct meter_list_row *out, bool *found, struct err *e) MUST_CHECK;

/* The word that a meter's newest open alert puts in the place of "ok"; NULL: none is open. */
const char *meter_alert_condition(const char *rule);
/* last: date of the last reading, "" when there is none. */
bool meter_is_due(const char *last, const char *today);

#define METER_HISTORY 13

/* One meter in full. Quantities in the smallest unit; -1 where unknown. */
struct meter_detail {
    struct meter_list_row row;
    int64_t register_id;
    const struct unit *unit;
    int digits, decimals;
    int64_t multiplier;
    int64_t history[METER_HISTORY]; /* billed consumption, oldest first */
    size_t history_count;
    int64_t limit;                /* of today; -1: none */
    int64_t history_days;         /* all of its periods together */
    int64_t mean, low, high;      /* of a period, from the history; -1 unknown */
    int64_t last_value, last_utc; /* accepted; last_utc 0: never read */
    int64_t last_local;
};
enum err_code meter_detail(struct db *db, int64_t id, const char *today,
                           struct meter_detail *out, struct err *e) MUST_CHECK;

#endif
