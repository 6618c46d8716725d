/* JSON Schemas (2020-12, a restricted subset) of what entries and items say: a file each in
 * data/schemas, embedded, checked before an entry is signed and when it is verified.
 *
 * The subset: "type" (object, array, string, integer, boolean), "properties", "required",
 * "additionalProperties" (required of each object: false, true or a schema), "items",
 * "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "enum" (of strings),
 * "pattern" (anchored at both ends; characters and [classes], each with an optional {n}, {m,n},
 * *, + or ? that leaves no choice where it ends), "$ref" to another file of the folder, and the
 * remarks
 * "$schema", "title" and "description". Source: JSON Schema, draft 2020-12, Validation. */
#ifndef AFORO_LEDGER_SCHEMA_H
#define AFORO_LEDGER_SCHEMA_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/kinds.h"

struct schema;

/* The embedded files, by name: "limit.set.v1". Made from data/schemas at build time. */
struct schema_source {
    const char *name, *text;
};
extern const struct schema_source schema_sources[];
extern const size_t schema_sources_count;
/* NULL: there is none of that name. */
const struct schema_source *schema_source_find(const char *name, size_t len);

/*
 * Compile one schema.
 *
 * name:   of the file, for errors.
 * out:    lives in arena.
 * Errors: ERR_PARSE naming the file and what is outside the subset; ERR_NOMEM.
 */
enum err_code schema_compile(const char *name, const char *text, struct arena *arena,
                             const struct schema **out, struct err *e) MUST_CHECK;

/*
 * Does the value fit? It must be in canonical form (RFC 8785), its members' names plain ASCII.
 *
 * Errors: ERR_PARSE naming the place ("$.reading.local") and what is wrong there.
 */
enum err_code schema_check(const struct schema *s, const char *text, size_t len,
                           struct err *e) MUST_CHECK;

/* The same without saying why, for the data of an entry: no deeper than an entry as a whole may
 * be. */
bool schema_fits(const struct schema *s, const char *text, size_t len);

/* Is it JSON in canonical form at all, by the profile of entries (json_limits_entry)? Errors as
 * above. */
enum err_code schema_check_canonical(const char *text, size_t len, struct err *e) MUST_CHECK;

/* The schema of a kind's data, and of the items behind it (NULL where those are opaque, or
 * there are none). Compiled once, kept for good; safe from any thread. */
enum err_code schema_of_entry(enum kind kind, const struct schema **out,
                              struct err *e) MUST_CHECK;
enum err_code schema_of_item(enum kind kind, const struct schema **out,
                             struct err *e) MUST_CHECK;

/*
 * Check the data of a whole entry, whose payload entry_decode has taken.
 *
 * Errors: ERR_PARSE as schema_check does; kinds that are not known pass, for that is another
 * fault. ERR_NOMEM.
 */
enum err_code schema_check_payload(enum kind kind, const char *payload, size_t len,
                                   struct err *e) MUST_CHECK;

#endif
