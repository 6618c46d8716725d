/* Mappings: how a file from elsewhere is to be read, a kind a row of mapping_kinds.def. Saved
 * by name; docs/import.md describes the JSON. */
#ifndef AFORO_APP_MAPPING_H
#define AFORO_APP_MAPPING_H

#include <stdbool.h>

#include "app/office.h"
#include "base/arena.h"
#include "base/caltime.h"
#include "base/json.h"
#include "base/quantity.h"
#include "crypto/hash.h"

#define MAPPING_BYTES_MAX 32768
#define MAPPING_NAME_MAX 40
#define MAPPING_HEADINGS_MAX 100 /* lines before the first row */

enum mapping_kind {
#define FILE_KIND(IDENT, name, ...) MAPPING_##IDENT,
#include "app/mapping_kinds.def"
#undef FILE_KIND
    MAPPING_KIND_COUNT
};

/* What a column may mean. */
enum field {
#define FIELD(IDENT, name, type, kinds) FIELD_##IDENT,
#include "app/mapping_fields.def"
#undef FIELD
    FIELD_COUNT
};
/* How the text of a field is written. */
enum field_type {
    FIELD_TYPE_TEXT,
    FIELD_TYPE_NUMBER, /* with the mapping's signs */
    FIELD_TYPE_DATE,   /* in the mapping's format */
    FIELD_TYPE_TIME    /* date, time of day, or both of them */
};

/* Where a field comes from: a column by heading or number, or the same text for each row. */
struct column {
    bool set;
    unsigned number;      /* from 1; 0: by heading or constant */
    const char *heading;  /* NULL: by number or constant */
    const char *constant; /* NULL: from a column */
};

enum as_of_rule {
    AS_OF_NOW,    /* readings are judged as captured now */
    AS_OF_NEWEST, /* ... at the newest time in the file, if that is not in the future */
    AS_OF_EACH,   /* ... each when it was read: the history of another system */
};

enum hidden_rule { HIDDEN_REFUSE, HIDDEN_TAKE, HIDDEN_SKIP }; /* rows that a sheet hides */

/* Strings live in the arena it was read into. */
struct mapping {
    enum mapping_kind kind;
    char separator;
    bool latin1;
    unsigned heading_lines; /* the last of them holds the headings */
    struct column column[FIELD_COUNT];
    const char *time_format; /* letters of civil_parse_format; of dates in files of meters */
    const char *zone;        /* NULL: the office's */
    const char *decimal;     /* sign between whole and fraction */
    const char *group;       /* "" : none */
    const struct unit *unit; /* of the values in a file of readings */
    enum as_of_rule as_of;
    const char *sheet; /* of a workbook; NULL: the first that is shown */
    enum hidden_rule hidden;
};

const char *mapping_kind_name(enum mapping_kind k); /* "readings" */
const char *field_name(enum field f);               /* "serial" */
enum field_type field_type(enum field f);

/*
 * Validate a mapping.
 *
 * Errors: ERR_PARSE naming the path of the first fault ("$.columns.time") and how many there
 * are.
 */
enum err_code mapping_from_json(const struct json *doc, struct arena *arena,
                                struct mapping *out, struct err *e) MUST_CHECK;
/* The same from a text of at most MAPPING_BYTES_MAX; *doc, unless NULL, gets the parsed text.
 */
enum err_code mapping_parse(const char *text, size_t len, struct arena *arena,
                            struct mapping *out, struct json **doc, struct err *e) MUST_CHECK;

/* A saved mapping; *hash gets the SHA-256 of its canonical form. ERR_NOT_FOUND says how to save
 * one, ERR_STATE that it is of another kind. */
enum err_code mapping_load(struct office *o, const char *name, enum mapping_kind kind,
                           struct arena *arena, struct mapping *out, struct hash *hash,
                           struct err *e) MUST_CHECK;
/* Letters, digits and . _ - ; at most MAPPING_NAME_MAX. */
bool mapping_name_fits(const char *name);

#endif
