#include <config.h>

#include "app/words.h"

#include <string.h>

#include "base/i18n.h"
#include "base/quantity.h"
#include "domain/rules.h"

#define CODE_MAX 64

static const struct {
    const char *code, *words;
} words[] = {
#define WORD(code, words) {code, words},
#include "app/words.def"
#undef WORD
#define KIND_WORD(kind, words) {kind, words},
#include "app/kind_words.def"
#undef KIND_WORD
};

const char *code_word(const char *code, size_t len)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].code) == len && memcmp(words[i].code, code, len) == 0) {
            return _(words[i].words);
        }
    }
    return NULL;
}

const char *code_said(const char *code)
{
    const char *said = code_word(code, strlen(code));
    return said != NULL ? said : code;
}

/* Each code through `one`, what stands between them as it is. */
static void each(const char *codes, size_t len, struct buf *out,
                 void (*one)(const char *code, size_t len, struct buf *out))
{
    for (size_t at = 0, n = 0; at < len; at += n) {
        for (n = 0; at + n < len && codes[at + n] != ' ' && codes[at + n] != ','; n++) {
        }
        if (n > 0) {
            one(codes + at, n, out);
        } else {
            buf_addc(out, codes[at]);
            n = 1;
        }
    }
}

static void word_add(const char *code, size_t len, struct buf *out)
{
    const char *said = code_word(code, len);
    if (said != NULL) {
        buf_adds(out, said);
    } else {
        buf_add(out, code, len);
    }
}

void code_words(const char *codes, size_t len, struct buf *out)
{
    each(codes, len, out, word_add);
}

/* The code stays beside the title: commands ask for it. */
static void rule_add(const char *code, size_t len, struct buf *out)
{
    char name[CODE_MAX];
    enum rule_id id;
    const char *colon = memchr(code, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - code) : len;
    if (name_len < sizeof name) {
        memcpy(name, code, name_len);
        name[name_len] = '\0';
        if (rule_find(name, &id)) {
            buf_addf(out, "%s (%.*s)", rule_title(id), (int)len, code);
            return;
        }
    }
    buf_add(out, code, len);
}

void rule_words(const char *codes, size_t len, struct buf *out)
{
    each(codes, len, out, rule_add);
}

void unit_words(const char *unit, size_t len, struct buf *out)
{
    char name[CODE_MAX];
    const struct unit *u = NULL;
    if (len < sizeof name) {
        memcpy(name, unit, len);
        name[len] = '\0';
        u = unit_find(name);
    }
    if (u != NULL) {
        buf_adds(out, u->pretty);
    } else {
        word_add(unit, len, out);
    }
}
