/* The second half of an import of readings: chunks of dated rows are judged and recorded, a
 * batch each. */
#ifndef AFORO_APP_IMPORT_BATCH_H
#define AFORO_APP_IMPORT_BATCH_H

#include "app/command.h"
#include "app/import_chunk.h"
#include "app/import_report.h"
#include "app/import_run.h"
#include "app/reading_judge.h"
#include "domain/project.h"

struct batcher {
    /* filled in by the caller; borrowed */
    struct command_ctx *c;
    struct chunker *chunk;
    struct import_run *run;
    struct raw_store *raws;
    struct import_report *report;
    int64_t as_of_utc;
    bool each; /* judge each as captured when it was read */
    bool dry;  /* judge and count, record nothing */
    /* its own */
    struct judge_rules rules;
    struct judge_subject subject;     /* of work.reg */
    struct judge_state *state, *work; /* at the end of the last batch; in this attempt */
    struct import_counts *counts;     /* of this attempt */
    struct reading_row *rows;         /* of this attempt's items */
    struct finding *found;            /* of the rows, one after the other */
    size_t found_count;
    struct item_batch items;
    struct buf text;
    int64_t head_seq; /* our last entry: the tables are as we left them */
    bool listing;     /* held rows go to the report's list */
};

enum err_code batcher_init(struct batcher *b, struct err *e) MUST_CHECK;
void batcher_release(struct batcher *b);
/* Record the new rows of the chunk; opens the run before the first. In a dry run: count them.
 */
enum err_code batcher_store(struct batcher *b, struct err *e) MUST_CHECK;

#endif
