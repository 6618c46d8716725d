/* Identifiers of taxpayers and persons, as offices and customers have them: NIT, RUT, RUC,
 * CUIT, RFC, CNPJ ...; a row each in tax_schemes.def. What is judged is form and check digit:
 * whether anybody has the number, only the authority knows. */
#ifndef AFORO_DOMAIN_TAX_ID_H
#define AFORO_DOMAIN_TAX_ID_H

#include <stdbool.h>
#include <stddef.h>

#define TAX_ID_MAX 40       /* bytes, as people write it */
#define TAX_ID_PLAIN_MAX 20 /* characters that count */

struct tax_scheme {
    const char *name;    /* "co_nit": stays the same */
    const char *label;   /* "NIT": as it stands on paper */
    const char *country; /* "CO" */
    bool (*fits)(const char *plain, bool dashed);
};
extern const struct tax_scheme tax_schemes[];
extern const size_t tax_scheme_count;

/* NULL: there is none of that name. */
const struct tax_scheme *tax_scheme_find(const char *name);

/*
 * The characters that count: without blanks, points, dashes and slashes, letters in upper case,
 * an N with tilde as the one byte D1 of Latin-1.
 *
 * dashed: whether a dash stands before the last one, as before a check digit; may be NULL.
 * False for anything else in it, nothing, or too much.
 */
bool tax_id_plain(const char *text, char out[TAX_ID_PLAIN_MAX + 1], bool *dashed);

/* The same as UTF-8, for a file: "" where it is no identifier. */
void tax_id_print_plain(const char *text, char out[2 * TAX_ID_PLAIN_MAX + 1]);

/* Does a text have the form of the scheme, and the check digit where the scheme has one? */
bool tax_id_fits(const struct tax_scheme *s, const char *text);

#endif
