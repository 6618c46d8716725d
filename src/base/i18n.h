/* Messages for people, through gettext. The language is switched at run time. */
#ifndef AFORO_BASE_I18N_H
#define AFORO_BASE_I18N_H

#include <libintl.h>
#include <stdbool.h>

#define _(s) gettext(s)
#define N_(s) s

/* Set up the catalogue: UTF-8 character type, everything else of the C locale left alone.
 * lang: "es" or "en"; NULL takes AFORO_LANG, LC_ALL, LC_MESSAGES, LANG in this order, else
 * "es". */
void i18n_init(const char *lang);
void i18n_switch(const char *lang);
/* False where the catalogue of the language that was switched to is not installed. */
bool i18n_there(void);
const char *i18n_lang(void); /* "es" or "en" */

#endif
