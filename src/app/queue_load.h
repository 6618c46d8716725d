/* What the parts of the queue share; only queue*.c include it. */
#ifndef AFORO_APP_QUEUE_LOAD_H
#define AFORO_APP_QUEUE_LOAD_H

#include "app/queue.h"
#include "app/use_history.h"

/* The register at hand. */
struct queue_subject {
    struct meter_row meter; /* register_id 0: none */
    struct use_history history;
    struct use_price price;
    int64_t account;
};

struct queue_run {
    struct office *office;
    const struct queue_filter *filter;
    struct queue *out;
    size_t room;
    int64_t account;                  /* of the filter; 0: any */
    enum severity least;              /* of the filter */
    int64_t only_reading, only_alert; /* 0: all */
    struct arena arena, scratch;
    struct tariff_book book;
    struct queue_subject subject;
    struct bill_reading previous; /* accepted; id 0: none */
    int64_t previous_reg, previous_upto;
};

enum err_code queue_run_init(struct office *o, const struct queue_filter *f,
                             struct queue_run *r, struct err *e) MUST_CHECK;
void queue_run_release(struct queue_run *r); /* also of one that failed */

#endif
