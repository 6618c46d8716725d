/* Data files that the build embeds in the program (data/embed.sh). */
#ifndef AFORO_DATA_EMBEDDED_H
#define AFORO_DATA_EMBEDDED_H

/* data/grants.csv as it stands: which role may do what. NUL-terminated UTF-8. */
extern const char grants_csv[];

#endif
