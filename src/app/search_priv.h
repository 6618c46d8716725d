/* What the files of the search index share. */
#ifndef AFORO_APP_SEARCH_PRIV_H
#define AFORO_APP_SEARCH_PRIV_H

#include "app/search.h"

/* Write the codes of all meters of the office into the index; `wanted` false stops it with
 * ERR_CANCELLED. */
enum err_code search_fill_facts(struct db *office, struct db *index, bool (*wanted)(void *ctx),
                                void *ctx, struct err *e) MUST_CHECK;
/* Read them; f is zeroed before, and released by the caller also after an error. */
enum err_code search_facts_load(struct db *index, struct search_facts *f,
                                struct err *e) MUST_CHECK;
void search_facts_release(struct search_facts *f);

#endif
