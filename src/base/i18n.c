#include <config.h>

#include "base/i18n.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "aforo"
#define CATALOGUE "es/LC_MESSAGES/" DOMAIN ".mo"
#define PATH_SIZE 4096

/* glibc keeps what it found for a message until this counter moves. */
extern int _nl_msg_cat_cntr;

static const char *current = "es";

/* "es" or "en" for "es", "es_CR.UTF-8", "en_US"...; NULL for any other language. */
static const char *supported(const char *name)
{
    static const char *const languages[] = {"es", "en"};
    for (size_t i = 0; name != NULL && i < sizeof(languages) / sizeof(languages[0]); i++) {
        const char *lang = languages[i];
        if (strncmp(name, lang, 2) == 0 &&
            (name[2] == '\0' || strchr("_.@-", name[2]) != NULL)) {
            return lang;
        }
    }
    return NULL;
}

static const char *from_environment(void)
{
    static const char *const variables[] = {"AFORO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *lang = supported(getenv(variables[i]));
        if (lang != NULL) {
            return lang;
        }
    }
    return "es";
}

/* The catalogues of a build tree, beside the program that was built in it. */
static const char *build_tree(char path[PATH_SIZE])
{
    char probe[PATH_SIZE + sizeof("/data/po/" CATALOGUE)];
    ssize_t n = readlink("/proc/self/exe", path, PATH_SIZE - sizeof("/data/po"));
    if (n <= 0) {
        return NULL;
    }
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return NULL;
    }
    memcpy(slash, "/data/po", sizeof("/data/po"));
    snprintf(probe, sizeof(probe), "%s/%s", path, CATALOGUE);
    return access(probe, R_OK) == 0 ? path : NULL;
}

void i18n_init(const char *lang)
{
    char path[PATH_SIZE];
    const char *folder = build_tree(path);
    /* In the locale "C" gettext translates nothing; C.UTF-8 changes characters and messages
     * only. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    (void)setlocale(LC_MESSAGES, "C.UTF-8");
    (void)bindtextdomain(DOMAIN, folder != NULL ? folder : AFORO_LOCALEDIR);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)textdomain(DOMAIN);
    i18n_switch(lang != NULL ? lang : from_environment());
}

void i18n_switch(const char *lang)
{
    const char *known = supported(lang);
    if (known != NULL) {
        current = known;
        /* LANGUAGE is the only way to tell gettext; it decides nothing else. */
        (void)setenv("LANGUAGE", current, 1);
        _nl_msg_cat_cntr++;
    }
}

bool i18n_there(void)
{
    static const char header[] = ""; /* of the catalogue */
    return strcmp(current, "en") == 0 || gettext(header)[0] != '\0';
}

const char *i18n_lang(void)
{
    return current;
}
