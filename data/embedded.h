/* Data files that the build embeds in the program (data/embed.sh). */
#ifndef AFORO_DATA_EMBEDDED_H
#define AFORO_DATA_EMBEDDED_H

/* data/grants.csv as it stands: which role may do what. NUL-terminated UTF-8. */
extern const char grants_csv[];
/* data/synonyms.csv: under which other words people look for screens and commands. The words
 * are lower case without accents, as text_fold() leaves them. NUL-terminated. */
extern const char synonyms_csv[];

#endif
