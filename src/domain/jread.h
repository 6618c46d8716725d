/* Reading a JSON data file member by member, each fault named by its path
 * ("$.components[2].blocks[1].to"), all of them reported at once, unknown members refused. */
#ifndef AFORO_DOMAIN_JREAD_H
#define AFORO_DOMAIN_JREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/caltime.h"
#include "base/json.h"
#include "base/quantity.h"

#define FAULTS_MAX 50 /* the rest is only counted */

struct fault {
    const char *path; /* "$.components[2].id" */
    const char *text; /* a whole sentence, translated */
};

struct faults {
    struct fault item[FAULTS_MAX];
    size_t count; /* found; at most FAULTS_MAX of them are kept in item[] */
    bool nomem;   /* a fault could not be noted for want of memory */
};

/* A place in the document: the value there and the way to it. Lives on the reader's stack. */
struct jnode {
    const struct json *value;
    const struct jnode *up; /* NULL at the root */
    const char *name;       /* member of `up`; NULL for an array item */
    size_t index;
    struct arena *arena; /* for texts */
    struct faults *faults;
};

/* Text in the languages we speak; both are there. */
struct label {
    const char *es, *en;
};
/* In the language of the messages (i18n_lang). */
const char *label_text(const struct label *l);

struct jnode jnode_root(const struct json *value, struct arena *arena, struct faults *faults);
/* A member (value NULL when absent) and an array item. */
struct jnode jnode_member(const struct jnode *up, const char *name);
struct jnode jnode_item(const struct jnode *up, size_t index);

/* Note a fault at the node, or at its member `name` when that is not NULL. Always false, so
 * that `return jfault()` reads well. */
bool jfault(const struct jnode *n, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* True when n is an object; a fault otherwise. */
bool jread_object(const struct jnode *n);
/* A fault for each member that is in neither list; both end with NULL, either may be NULL. */
void jread_only(const struct jnode *n, const char *const *names, const char *const *more);

/*
 * Each of these reads one member. True when it is there and sound; false after noting a fault,
 * or (where `required` is false) when it is absent: then *out keeps its value and no fault is
 * noted.
 */
bool jread_text(const struct jnode *n, const char *name, bool required, size_t max_bytes,
                const char **out);
bool jread_slug(const struct jnode *n, const char *name,
                const char **out); /* [a-z][a-z0-9_-]{0,39} */
bool jread_label(const struct jnode *n, const char *name, bool required, size_t max_bytes,
                 struct label *out);
bool jread_int(const struct jnode *n, const char *name, bool required, int64_t min, int64_t max,
               int64_t *out);
bool jread_bool(const struct jnode *n, const char *name, bool *out); /* never required */
bool jread_date(const struct jnode *n, const char *name, bool required, struct date *out);
/* A decimal in a string, not below zero, below 10^12, with at most max_scale decimals. */
bool jread_decimal(const struct jnode *n, const char *name, bool required, unsigned max_scale,
                   struct decimal *out);
/* The same as a quantity in `unit`, in smallest units. */
bool jread_quantity(const struct jnode *n, const char *name, bool required,
                    const struct unit *unit, int64_t *out);
/* One of `count` names. */
bool jread_choice(const struct jnode *n, const char *name, bool required,
                  const char *const *names, size_t count, size_t *out);
/* An array of min to max items. */
bool jread_array(const struct jnode *n, const char *name, bool required, size_t min, size_t max,
                 struct jnode *out);

#endif
