/* The C.UTF-8 locale as an object: character classes of Unicode and numbers of C, whatever the
 * process has set. */
#ifndef AFORO_BASE_CLOCALE_H
#define AFORO_BASE_CLOCALE_H

#include <locale.h>

/* Never freed, shared by all threads; (locale_t)0 where the system lacks it (callers then use
 * the process locale). */
locale_t clocale_utf8(void);

#endif
