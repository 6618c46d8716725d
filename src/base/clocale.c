#include <config.h>

#include "base/clocale.h"

#include <pthread.h>

static locale_t utf8_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

locale_t clocale_utf8(void)
{
    pthread_once(&once, load);
    return utf8_locale;
}
