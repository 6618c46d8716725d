/* What binds the console to an office: shared by verb_console.c and verb_console_lists.c. */
#ifndef AFORO_VERB_CONSOLE_H
#define AFORO_VERB_CONSOLE_H

#include <limits.h>
#include <pthread.h>

#include "app/command.h"
#include "app/list.h"
#include "app/office.h"
#include "app/permitted.h"
#include "app/session.h"
#include "ui/model.h"

/* Each lane has a handle of its own; what the main thread asks for is kept in memory. */
struct bound {
    struct office *rows;     /* LANE_ROWS */
    struct office *query;    /* LANE_QUERY */
    struct office *act;      /* LANE_ACT */
    struct session *session; /* touched on LANE_ACT alone */
    char login[128];         /* who that is; LANE_ACT */
    pthread_mutex_t who_lock;
    char who[64],
        role[32];   /* of the session, for the status line on LANE_QUERY; under who_lock */
    int64_t reader; /* user who reads, 0: nobody; under who_lock */
    int64_t rows_reader, query_reader; /* for whom the lane's handle shows personal data */
    const struct command *may[PERMITTED_MAX]; /* what the user may run; filled at login, read by
                                                 any thread after it */
    size_t may_count;
    bool reads_personal;         /* a permission that is no command; with `may` */
    struct search *search;       /* LANE_ROWS */
    int64_t counted, counted_at; /* meters, and the ledger's height then; LANE_ROWS */
    const char *dir;             /* of the office */
    char place[PATH_MAX];        /* the same, from the root on */
    struct bound_list *lists;    /* one a row of list_queries; owned */
    struct list_index *index;    /* of the large ones; LANE_ROWS */
};

/* A list of the model: its rows by the read models. */
struct bound_list {
    struct rowsource source;
    struct bound *bound;
    const struct list_query *query;
    int64_t counted, counted_at; /* rows, and the ledger's height then; LANE_ROWS */
};

/* Open an office for the console; bound_close() whatever it returns. dir: borrowed. */
enum err_code bound_open(const char *dir, struct bound *b, struct err *e) MUST_CHECK;
void bound_close(struct bound *b);
/* The model over it, without a lock; b is borrowed. */
struct ui_model bound_model(struct bound *b);

bool bound_may(void *ctx, const char *command);
/* Each lane lets its own handle show what the user may read, before it reads. */
enum err_code bound_query_access(struct bound *b, struct err *e) MUST_CHECK;
enum err_code bound_rows_access(struct bound *b, struct err *e) MUST_CHECK;
/* Are personal data masked there? On LANE_ROWS, after bound_rows_access(). */
enum err_code bound_rows_masked(struct bound *b, bool *masked, struct err *e) MUST_CHECK;

/* Today's date in the office, "2026-11-21". */
void bound_today(const struct office *o, char out[DATE_TEXT]);

/* A meter, and a reading before it is saved (verb_console_reading.c). */
enum err_code bound_detail(void *ctx, int64_t meter, struct ui_meter_detail *out,
                           struct err *e) MUST_CHECK;
enum err_code bound_subject(void *ctx, int64_t meter, struct ui_reading_subject *out,
                            struct err *e) MUST_CHECK;
enum err_code bound_check(void *ctx, int64_t meter, const char *value, const char *when,
                          struct ui_findings *out, struct err *e) MUST_CHECK;
/* The lists: model.list and model.list_detail. */
enum err_code bound_lists_open(struct bound *b, struct err *e) MUST_CHECK;
void bound_lists_close(struct bound *b);
const struct rowsource *bound_list(void *ctx, const char *name);
enum err_code bound_list_detail(void *ctx, const char *name, int64_t id,
                                struct list_detail *out, struct err *e) MUST_CHECK;
enum err_code bound_list_goals(void *ctx, const char *name, int64_t id,
                               struct list_goal out[LIST_LINKS_MAX], size_t *count,
                               struct err *e) MUST_CHECK;

#endif
