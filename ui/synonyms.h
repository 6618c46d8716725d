/* Other words under which people look for a screen or a command: data/synonyms.csv. */
#ifndef AFORO_UI_SYNONYMS_H
#define AFORO_UI_SYNONYMS_H

#include <stdbool.h>
#include <stddef.h>

struct synonym {
    const char *name; /* of the screen or command; the lengths are bytes, no NUL follows */
    size_t name_len;
    const char *language; /* two letters */
    const char *words;    /* folded as text_fold() does, parted by blanks */
    size_t words_len;
};

/* The next row; *at is NULL for the first. False past the last. */
bool synonym_next(const char **at, struct synonym *out);

/* Does the row speak of this screen or command? */
bool synonym_is_of(const struct synonym *s, const char *name);

/* Does a word begin with a folded text? Words are runs of letters and digits. */
bool words_begin(const char *words, size_t words_len, const char *text, size_t text_len);

#endif
