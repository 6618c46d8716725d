/* A checked set of packets becomes a window: numbers are compared with those used before, what
 * is new is ordered by device and time, judged as readings, and recorded in batches. */
#ifndef AFORO_APP_PACKET_STORE_H
#define AFORO_APP_PACKET_STORE_H

#include "app/command.h"
#include "app/packet_check.h"
#include "app/reading_judge.h"
#include "domain/project.h"

struct packet_totals {
    uint64_t read, stored, known, refused;
    uint64_t accepted, held; /* readings */
    uint64_t windows;
    uint64_t refused_by[PACKET_REFUSAL_COUNT];
};

struct packet_store {
    struct command_ctx *c; /* borrowed; whose session signs */
    struct sign_key *key;
    const char *actor;
    struct device_cache *cache; /* borrowed */
    struct packet_totals totals;
    bool stale; /* the registry changed: nothing was recorded, check the set again */
    /* its own */
    struct judge_rules rules;
    struct judge_subject subject;
    struct judge_state *state;
    struct item_batch items;
    struct packet_row *rows;
    bool *plain;
    struct buf text;
    int64_t *registers;             /* judged in this batch: a hash table */
    const struct device **speakers; /* for whom */
    /* the window at work */
    struct packet_set *set;
    int64_t run, batches;
    size_t from, until, new_count; /* of set->order */
    uint64_t accepted, held;       /* in this batch */
};

enum err_code packet_store_init(struct packet_store *s, struct command_ctx *c,
                                struct device_cache *cache, struct err *e) MUST_CHECK;
void packet_store_release(struct packet_store *s);
/* Close the window that a killed intake left open: each of its packets stands for itself. */
enum err_code packet_store_recover(struct packet_store *s, struct err *e) MUST_CHECK;
/*
 * Record a set. What stands in it is durable afterwards: stored, known or refused.
 *
 * Errors: ERR_CONFLICT with s->stale set when the registry changed since the set was checked;
 * what was recorded before that is known when the set comes again.
 */
enum err_code packet_store_set(struct packet_store *s, struct packet_set *set,
                               struct err *e) MUST_CHECK;

#endif
