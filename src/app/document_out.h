/* Documents for a tax authority: what an external program needs to register a bill or note, as
 * JSON. Nothing here speaks to anybody: the program reads a folder and writes its answers
 * beside (docs/payments.md, A national e-invoice). */
#ifndef AFORO_APP_DOCUMENT_OUT_H
#define AFORO_APP_DOCUMENT_OUT_H

#include "app/office.h"
#include "base/arena.h"
#include "base/buf.h"

#define DOCUMENT_JSON_MAX ((size_t)1 << 20)

/* A document that no authority has answered to. */
struct document_id {
    char type[16]; /* "bill", "credit_note", "debit_note" */
    int64_t number;
};

/*
 * The next document without an answer, in order of type and number; start with type "" and
 * number 0. *found false: there are no more. Bills of runs that are open or were discarded are
 * none.
 */
enum err_code document_waiting_next(struct office *o, struct document_id *at, bool *found,
                                    struct err *e) MUST_CHECK;

/* Append the document, canonical JSON: the same bytes each time, but for what was erased.
 * ERR_NOT_FOUND. */
enum err_code document_json(struct office *o, const struct document_id *id, struct arena *arena,
                            struct buf *out, struct err *e) MUST_CHECK;

/* What an authority answered. file: name beside the answer of what it signed; NULL: none. */
struct document_answer {
    struct document_id id;
    const char *authority, *external, *file;
};
/* Read an answer; ERR_PARSE names the member at fault. Texts live in arena. */
enum err_code document_answer_parse(const char *text, size_t len, struct arena *arena,
                                    struct document_answer *out, struct err *e) MUST_CHECK;

#endif
