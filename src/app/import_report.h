/* What an import did: counted, printed for people or as JSON, and row by row into a CSV file.
 */
#ifndef AFORO_APP_IMPORT_REPORT_H
#define AFORO_APP_IMPORT_REPORT_H

#include <stdio.h>

#include "app/import_facts.h"
#include "app/import_row.h"
#include "base/buf.h"
#include "base/json.h"
#include "domain/rules.h"

#define REPORT_FIRST_ROWS 20 /* refused rows that are printed one by one */

struct import_counts {
    uint64_t accepted, held;
    uint64_t held_by[RULE_COUNT][CLASS_COUNT]; /* by the finding that weighs most */
};

struct refused_row {
    uint64_t line;
    enum refusal why;
    char serial[SERIAL_MAX + 1];
    char text[320];
};

/* A falling step that looks as if the meter was exchanged. */
#define REPORT_EXCHANGES 50 /* that are told one by one */
struct exchange_told {
    char serial[SERIAL_MAX + 1];
    uint64_t line;
    int64_t before_local, after_local; /* seconds as if UTC */
    int64_t before, after;             /* smallest unit */
    const struct unit *unit;
};

struct import_report {
    enum mapping_kind kind;
    const char *file;        /* name, borrowed */
    const char *mapping;     /* borrowed */
    const struct unit *unit; /* of the file's readings; NULL: it has none */
    int64_t run;             /* 0: nothing was recorded */
    bool resumed;
    bool dry;         /* counted only, nothing recorded */
    uint64_t rows;    /* read, without the heading */
    uint64_t already; /* stored before */
    uint64_t refused;
    uint64_t refused_by[REFUSAL_COUNT];
    uint64_t skipped;      /* not read, as the reader says */
    uint64_t skipped_hour; /* of the refused */
    struct import_counts stored;
    struct import_facts facts;
    uint64_t exchanges_taken; /* recorded as exchanges before the rows were stored */
    uint64_t exchanges;       /* that look like one and were not */
    struct exchange_told exchange[REPORT_EXCHANGES];
    struct refused_row first[REPORT_FIRST_ROWS];
    size_t first_count;
    FILE *list; /* --report; or NULL */
    const char *list_path;
};

/* path NULL: none. Refuses to write over the file that is imported. */
enum err_code report_open(struct import_report *r, const char *path, const char *source,
                          struct err *e) MUST_CHECK;
enum err_code report_close(struct import_report *r, struct err *e) MUST_CHECK;

void report_refused(struct import_report *r, uint64_t line, const char *serial,
                    const struct refused *why);
/* verdict: "held", "refused". */
void report_list(struct import_report *r, uint64_t line, const char *serial,
                 const char *verdict, const char *reason);

/* A refused row of a preview. */
void report_preview_refused(uint64_t line, const struct refused *why, bool json,
                            struct buf *out);

void counts_finding(struct import_counts *c, const struct findings *f);
void counts_add(struct import_counts *to, const struct import_counts *from);

void report_print(const struct import_report *r, const struct numfmt *fmt, struct buf *out);
void report_print_json(const struct import_report *r, struct buf *out);
/* Counts for the entry that closes a run. */
enum err_code report_data(const struct import_report *r, struct arena *a, struct json *o,
                          struct err *e) MUST_CHECK;
/* ERR_PARSE saying how many rows were refused, and the first of them; ERR_OK when none was. */
enum err_code report_verdict(const struct import_report *r, const char *path,
                             struct err *e) MUST_CHECK;

#endif
