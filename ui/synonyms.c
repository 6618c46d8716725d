#include <config.h>

#include "ui/synonyms.h"

#include <ctype.h>
#include <string.h>

#include "data/embedded.h"

/* The first line says what stands in the columns. */
static const char *line_after(const char *at)
{
    const char *end = strchr(at, '\n');

    return end != NULL ? end + 1 : at + strlen(at);
}

bool synonym_next(const char **at, struct synonym *out)
{
    const char *line = *at != NULL ? *at : line_after(synonyms_csv);
    const char *language = strchr(line, ',');
    const char *words = language != NULL ? strchr(language + 1, ',') : NULL;

    if (words == NULL) {
        return false;
    }
    out->name = line;
    out->name_len = (size_t)(language - line);
    out->language = language + 1;
    out->words = words + 1;
    out->words_len = strcspn(words + 1, "\n");
    *at = line_after(line);
    return true;
}

bool synonym_is_of(const struct synonym *s, const char *name)
{
    return strlen(name) == s->name_len && memcmp(s->name, name, s->name_len) == 0;
}

/* Bytes above ASCII are letters that folding left. */
static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || ((unsigned char)c & 0x80) != 0;
}

bool words_begin(const char *words, size_t words_len, const char *text, size_t text_len)
{
    for (size_t i = 0; i + text_len <= words_len; i++) {
        if ((i == 0 || !is_letter(words[i - 1])) && memcmp(words + i, text, text_len) == 0) {
            return true;
        }
    }
    return false;
}
