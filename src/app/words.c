#include <config.h>

#include "app/words.h"

#include <string.h>

#include "app/queue.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "base/text.h"
#include "domain/rules.h"

#define CODE_MAX 64
#define FOLDED_MAX 512u /* bytes of a word that is typed */

struct word {
    const char *code, *words;
};

static const struct word words[] = {
#define WORD(code, words) {code, words},
#define CHOICE(code, words)
#include "app/words.def"
#undef WORD
#undef CHOICE
#define KIND_WORD(kind, words) {kind, words},
#include "app/kind_words.def"
#undef KIND_WORD
};

static const struct word choices[] = {
#define WORD(code, words)
#define CHOICE(code, words) {code, words},
#include "app/words.def"
#undef WORD
#undef CHOICE
};

static const struct word *row_of(const struct word *list, size_t count, const char *code,
                                 size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(list[i].code) == len && memcmp(list[i].code, code, len) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

/* Its msgid; NULL when there is none. */
static const char *among(const struct word *list, size_t count, const char *code, size_t len)
{
    const struct word *row = row_of(list, count, code, len);
    return row != NULL ? row->words : NULL;
}

const char *code_word(const char *code, size_t len)
{
    const char *msgid = among(words, sizeof words / sizeof words[0], code, len);
    return msgid != NULL ? _(msgid) : NULL;
}

const char *code_msgid(const char *code)
{
    size_t len = code != NULL ? strlen(code) : 0;
    const char *msgid = among(words, sizeof words / sizeof words[0], code, len);
    return msgid != NULL ? msgid : code;
}

const char *choice_said(const char *code)
{
    enum rule_id rule;
    size_t len = strlen(code);
    const char *msgid = among(choices, sizeof choices / sizeof choices[0], code, len);
    const char *word = msgid != NULL ? _(msgid) : code_word(code, len);
    return word != NULL ? word : rule_find(code, &rule) ? rule_title(rule) : code;
}

const char *choice_kept(const char *code)
{
    enum rule_id rule;
    size_t len = strlen(code);
    const struct word *row = row_of(choices, sizeof choices / sizeof choices[0], code, len);
    row = row != NULL ? row : row_of(words, sizeof words / sizeof words[0], code, len);
    return row != NULL ? row->code : rule_find(code, &rule) ? rule_name(rule) : NULL;
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
        const char *title = alert_title(name);
        if (title != name) { /* an alert of billing or of a device */
            buf_addf(out, "%s (%.*s)", title, (int)len, code);
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

bool word_is(const char *word, const char *typed)
{
    struct buf a;
    struct buf b;
    buf_init(&a, FOLDED_MAX);
    buf_init(&b, FOLDED_MAX);
    text_fold(word, strlen(word), &a);
    text_fold(typed, strlen(typed), &b);
    bool same = !a.failed && !b.failed && strcmp(buf_str(&a), buf_str(&b)) == 0;
    buf_release(&a);
    buf_release(&b);
    return same;
}

/* Bytes of a machine number at the start: "3.1" of "3.1–20". */
static size_t number_len(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && ((s[n] >= '0' && s[n] <= '9') || (s[n] == '.' && n > 0))) {
        n++;
    }
    return n;
}

static void number_put(const struct numfmt *fmt, const char *s, size_t len, struct buf *out)
{
    char machine[64];
    if (len < sizeof machine) {
        memcpy(machine, s, len);
        machine[len] = '\0';
        numfmt_number(fmt, machine, out);
    } else {
        buf_add(out, s, len);
    }
}

/* Where the word before `end` begins; the space before it is one byte. */
static size_t word_start(const char *s, size_t end)
{
    while (end > 0 && s[end - 1] != ' ') {
        end--;
    }
    return end;
}

void label_words(const struct numfmt *fmt, const char *label, size_t len, struct buf *out)
{
    static const char dash[] = "–";
    const size_t dash_len = sizeof dash - 1;
    size_t unit = word_start(label, len);
    size_t block = unit > 0 ? word_start(label, unit - 1) : 0;
    size_t end = unit > 0 ? unit - 1 : 0;
    size_t low = number_len(label + block, end - block);
    size_t at = block + low;
    bool above = low > 0 && at == end && block >= 2 && label[block - 2] == '>';
    bool range = low > 0 && end - at > dash_len && memcmp(label + at, dash, dash_len) == 0 &&
                 number_len(label + at + dash_len, end - at - dash_len) == end - at - dash_len;
    if (!above && !range) {
        buf_add(out, label, len);
        return;
    }
    buf_add(out, label, block);
    number_put(fmt, label + block, low, out);
    if (range) {
        buf_adds(out, dash);
        number_put(fmt, label + at + dash_len, end - at - dash_len, out);
    }
    buf_add(out, label + end, len - end);
}

static void machine_word(const struct numfmt *f, const char *word, size_t len, struct buf *out)
{
    char copy[CODE_MAX];
    const char *point = memchr(word, '.', len);
    if (len >= sizeof copy) {
        buf_add(out, word, len);
        return;
    }
    memcpy(copy, word, len);
    copy[len] = '\0';
    if (point != NULL) {
        numfmt_number(f, copy, out);
    } else {
        numfmt_day(f, copy, out);
    }
}

void machine_words(const struct numfmt *f, const char *text, struct buf *out)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        size_t tail = len;
        while (tail > 0 && strchr(",;:.)", text[tail - 1]) != NULL) {
            tail--;
        }
        if (tail > 0) {
            machine_word(f, text, tail, out);
        }
        buf_add(out, text + tail, len - tail);
        text += len;
        len = strspn(text, " \n");
        buf_add(out, text, len);
        text += len;
    }
}
