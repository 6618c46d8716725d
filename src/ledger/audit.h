/* What a check of the ledger found: faults with the entry, item or row they are about, for
 * people and for machines. */
#ifndef AFORO_LEDGER_AUDIT_H
#define AFORO_LEDGER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

#define AUDIT_FAULTS_MAX 64
#define AUDIT_VALUE_MAX 160

/* One thing that does not hold. Empty strings where a part does not apply. */
struct audit_fault {
    const char *check; /* stable name: "signature", "rows"; docs/verify.md lists them */
    int64_t seq;       /* entry; 0: not about one entry */
    int64_t item;      /* index in the entry's batch; -1: not about one item */
    char table[64];    /* table, view, index or trigger */
    char key[AUDIT_VALUE_MAX];
    char column[64];
    char expected[AUDIT_VALUE_MAX]; /* what the ledger says */
    char found[AUDIT_VALUE_MAX];    /* what the database holds */
    char text[512];                 /* the sentence for people */
};

struct audit {
    int64_t from;    /* first entry checked */
    int64_t entries; /* entries and items checked */
    int64_t items;
    int64_t dropped;     /* items that were not there: entries dropped them into segments */
    int64_t rows;        /* rows of projections compared */
    int64_t kept;        /* personal and sealed values compared with their commitments */
    int64_t erased;      /* commitments whose values entries erased, */
    char erased_by[256]; /* and the first of these entries: "57, 60" */
    int64_t checkpoints, cosignatures; /* checked */
    int64_t segments;                  /* files of sealed windows that were checked */
    uint64_t against; /* size of the auditor's checkpoint that was compared; 0: none */
    uint64_t size;    /* of the tree that holds now, and its root */
    struct hash root;
    char office[48];
    bool remembered; /* the next check may go on from here */
    size_t fault_count;
    struct audit_fault faults[AUDIT_FAULTS_MAX];
};

/* Record a fault; seq 0 and item -1 where they do not apply. Returns it, to add the parts of a
 * row, or NULL when the list is full: the first faults are what matters. */
struct audit_fault *audit_add(struct audit *a, const char *check, int64_t seq, int64_t item,
                              const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Append the faults of another part of the same check, and take over its figures. */
void audit_join(struct audit *to, const struct audit *from);
/* ERR_OK, or ERR_TAMPERED with the first fault's sentence and how many there are. */
enum err_code audit_status(const struct audit *a, struct err *e) MUST_CHECK;
/* Append the audit as one JSON object. */
void audit_json(const struct audit *a, const char *level, struct buf *out);

#endif
