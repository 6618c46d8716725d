/* The office's face on paper, as it was set at any time (app/cmd_brand.c). */
#ifndef AFORO_REPORTS_BRAND_H
#define AFORO_REPORTS_BRAND_H

#include "app/office.h"
#include "base/arena.h"
#include "reports/bill_doc.h"
#include "reports/out.h"
#include "reports/pdf_picture.h"

#define BRANDS_MAX 100 /* the newest ones; papers older than these have the oldest of them */

struct brand {
    int64_t seq;     /* of the entry that set it */
    uint32_t accent; /* 0: ours */
    const char *lines[BILL_TEXT_LINES_MAX];
    struct pdf_picture logo;
    bool has_logo;
};

struct brands {
    struct brand list[BRANDS_MAX]; /* newest first */
    size_t count;
    struct arena arena;
};

/*
 * Read all that were set. brands_release() in any case, after the documents that show a logo.
 *
 * Errors: the database's; ERR_PARSE when a logo cannot be shown.
 */
enum err_code brands_load(struct office *o, struct pdf_press *press, struct brands *out,
                          struct err *e) MUST_CHECK;
void brands_release(struct brands *b);
/* The one that stood at an entry; NULL: none. seq INT64_MAX: as it stands now. */
const struct brand *brand_at(const struct brands *b, int64_t seq);

/* The office's face as it stands now, for a report on paper. */
struct office_look {
    struct pdf_press *press;
    struct brands brands;
    struct report_look look;
};

/* out: release with office_look_release in any case. Errors: those of brands_load. */
enum err_code office_look_load(struct office *o, struct office_look *out,
                               struct err *e) MUST_CHECK;
void office_look_release(struct office_look *l);
/* The face that stood at an entry; NULL: none, or no look. */
const struct brand *office_look_at(const struct office_look *l, int64_t seq);

#endif
