/* Files that go out to a bank or collection agency: what accounts owe, a record each, in the
 * form that a layout says (docs/payments.md). A file is made from what the ledger held up to
 * one entry, so the same file can be made again, byte for byte. */
#ifndef AFORO_APP_CHARGES_H
#define AFORO_APP_CHARGES_H

#include "app/office.h"
#include "base/arena.h"
#include "base/json.h"
#include "crypto/hash.h"

#define CHARGE_FIELDS_MAX 64 /* of one record */
#define CHARGE_WIDTH_MAX 512 /* characters of a field of fixed width */

enum charge_section { CHARGE_HEADER, CHARGE_RECORD, CHARGE_TRAILER, CHARGE_SECTIONS };

/* What a field holds; CHARGE_VALUE(IDENT, name, record): whether only a record has it. */
enum charge_value {
#define CHARGE_VALUE(IDENT, name, record) CHARGE_##IDENT,
#include "app/charge_values.def"
#undef CHARGE_VALUE
    CHARGE_VALUE_COUNT
};

struct charge_field {
    enum charge_value value;
    const char *name; /* heading of a CSV column; "" where none is printed */
    const char *text; /* of CHARGE_TEXT */
    unsigned width;   /* characters; 0 in CSV */
    bool right;
    char pad;
};

/* Strings live in the arena that it was read into. */
struct charge_layout {
    bool fixed;    /* fields of fixed width; else CSV */
    bool headings; /* CSV: names of the columns on the first line */
    bool latin1, crlf;
    char separator;
    const char *decimal; /* sign between whole and fraction of amounts; "": minor units */
    const char *date_format;
    struct charge_field fields[CHARGE_SECTIONS][CHARGE_FIELDS_MAX];
    size_t counts[CHARGE_SECTIONS];
};

/* Validate a layout; out->fields take some room: not on a stack. ERR_PARSE naming the path of
 * the first fault. */
enum err_code charge_layout_from_json(const struct json *doc, struct arena *arena,
                                      struct charge_layout *out, struct err *e) MUST_CHECK;
/* Is a mapping's text a layout of what goes out, by its "kind"? */
bool charge_layout_is(const struct json *doc);

/* Which debts a file holds, and what its header says. */
struct charge_file {
    int64_t id;
    int64_t as_of;      /* newest entry that counts */
    const char *due_by; /* NULL: all that is owed */
    const char *route;  /* NULL: every route */
    const char *date;   /* business date of the file */
};

/* What a file came to. */
struct charge_sums {
    int64_t count, total; /* total in minor units */
    struct hash sha256;
};

/*
 * Make the file.
 *
 * put:    gets the bytes in pieces; NULL: they are only counted.
 * Errors: ERR_NOT_FOUND when nothing is owed; ERR_RANGE naming record and field when an amount
 *         or a reference is wider than its field (a name is cut); those of put.
 */
typedef enum err_code (*charge_put)(void *ctx, const void *data, size_t len, struct err *e);
enum err_code charges_make(struct office *o, const struct charge_layout *layout,
                           const struct charge_file *file, charge_put put, void *ctx,
                           struct charge_sums *out, struct err *e) MUST_CHECK;

/* A file that was sent, made again: ERR_STATE when it came out otherwise, as after a name in it
 * was erased. */
enum err_code charges_again(struct office *o, int64_t id, charge_put put, void *ctx,
                            struct charge_sums *out, struct err *e) MUST_CHECK;

#endif
