/* What an entry says, for people: its fields in words, values in the office's form. */
#ifndef AFORO_APP_ENTRY_SAY_H
#define AFORO_APP_ENTRY_SAY_H

#include "app/office.h"
#include "base/sheet.h"

/* How a member of entries is called and read (entry_fields.def). */
struct entry_field {
    const char *name;
    char as;
    const char *label; /* msgid */
};

/* NULL when no entry has a member of that name. */
const struct entry_field *entry_field_find(const char *name, size_t len);

/*
 * Add the data of an entry to a sheet: a fact a member, objects under headings of their own.
 *
 * payload: as it was signed, len bytes; borrowed for the call. What only machines read (hashes,
 * keys) is left out. Errors: ERR_PARSE, ERR_NOMEM, those of the database.
 */
enum err_code entry_say(struct office *o, const char *payload, size_t len, struct sheet *s,
                        struct err *e) MUST_CHECK;

#endif
