#include <config.h>

#include "ui/say.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/screen.h"

#define PROGRAM "aforo "
#define TITLE_MAX 192u
#define COMMAND_WORDS_MAX 3u
#define NAME_MAX_BYTES 64u

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '/' || (unsigned char)c >= 0x80;
}

/* Does a word of its own begin at `at`? */
static bool begins(const char *text, const char *at)
{
    return at == text || !(is_name(at[-1]) || at[-1] == '.');
}

/* A sign that ends a word: a point does, unless it goes on. */
static bool ends(const char *at)
{
    return *at == '\0' || !(is_name(*at) || (*at == '.' && is_name(at[1])));
}

/* ---- days ---- */

static bool has_shape(const char *at, const char *shape)
{
    for (; *shape != '\0'; at++, shape++) {
        if (*shape == '9' ? !(*at >= '0' && *at <= '9') : *at != *shape) {
            return false;
        }
    }
    return true;
}

/* Bytes of the day, with its time, that stands here; 0: none does. */
static size_t day_length(const char *at)
{
    static const char *const shapes[] = {"9999-99-99T99:99:99", "9999-99-99 99:99:99",
                                         "9999-99-99T99:99", "9999-99-99 99:99", "9999-99-99"};

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (has_shape(at, shapes[i]) && ends(at + strlen(shapes[i]))) {
            return strlen(shapes[i]);
        }
    }
    return 0;
}

static void day_add(const struct ui_model *m, const char *at, size_t len, struct buf *out)
{
    char day[32];

    (void)snprintf(day, sizeof(day), "%.*s", (int)len, at);
    numfmt_day(m->format, day, out);
}

/* ---- options ---- */

static size_t name_length(const char *at)
{
    size_t len = 0;

    while (is_name(at[len])) {
        len++;
    }
    return len;
}

static const struct param *option_of(const struct param *params, const char *at, size_t len)
{
    for (const struct param *p = params; p != NULL && p->name != NULL; p++) {
        if (len > 2 && strlen(p->name) == len - 2 && strncmp(p->name, at + 2, len - 2) == 0) {
            return p;
        }
    }
    return NULL;
}

/* "--reason" -> its field's label, in quotes. Returns the bytes that it took, 0: no option. */
static size_t option_add(const struct param *params, const char *at, struct buf *out)
{
    size_t len = strncmp(at, "--", 2) == 0 ? name_length(at) : 0;
    const struct param *p = option_of(params, at, len);
    char label[TITLE_MAX];

    if (p == NULL) {
        return 0;
    }
    format_sentence(label, sizeof(label), tr(p->help)[0] != '\0' ? tr(p->help) : p->name);
    buf_addf(out, "\"%s\"", label);
    return len;
}

/* ---- commands ---- */

/* The first `words` of a text as a name: "bill cancel"; 0 where there are fewer. */
static size_t words_take(const char *at, unsigned words, char out[NAME_MAX_BYTES])
{
    size_t len = 0;

    for (unsigned i = 0; i < words; i++) {
        size_t more;

        if (i > 0 && at[len] != ' ') { /* the text may end here */
            return 0;
        }
        more = name_length(at + len + (i > 0 ? 1 : 0));
        if (more == 0 || len + more + 2 > NAME_MAX_BYTES) {
            return 0;
        }
        len += more + (i > 0 ? 1 : 0);
    }
    (void)snprintf(out, NAME_MAX_BYTES, "%.*s", (int)len, at);
    return len;
}

static const struct command *offered(const struct ui_model *m, const char *name)
{
    const struct command *c;

    for (size_t i = 0; (c = m->command_at(m->ctx, i)) != NULL; i++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

/* "list work" is the screen of that name. */
static const struct screen_ops *screen_of(const char *name)
{
    const char *list = strncmp(name, "list ", 5) == 0 ? name + 5 : "";

    for (size_t i = 0; i < screens_openable_count; i++) {
        if (strcmp(screens_openable[i]->name, list) == 0) {
            return screens_openable[i];
        }
    }
    return NULL;
}

/* What follows a command: its values; placeholders and options are for a shell. *ours: false
 * when an option is none of its form's: "verify --deep" is another thing than "verify". */
static size_t values_take(const char *at, const struct param *params, struct buf *out,
                          bool *ours)
{
    size_t len = 0;

    *ours = true;
    while (at[len] == ' ') {
        const char *word = at + len + 1;
        size_t more = name_length(word);
        bool value = word[0] >= '0' && word[0] <= '9';
        bool shell = word[0] == '-' || (word[0] >= 'A' && word[0] <= 'Z' && more > 1 &&
                                        (word[1] < 'a' || word[1] > 'z'));

        if (more == 0 || !(value || shell)) {
            break;
        }
        if (word[0] == '-' && option_of(params, word, more) == NULL) {
            *ours = false;
        }
        if (value) {
            buf_addf(out, "%s%.*s", out->len > 0 ? " " : "", (int)more, word);
        }
        len += 1 + more;
        while (at[len] == ',' && is_name(at[len + 1])) { /* DAYS,TIMES */
            len += 1 + name_length(at + len + 1);
        }
    }
    return len;
}

/* Returns the bytes that it took; 0: it names no command of ours. */
static size_t command_add(const struct ui_model *m, const char *at, struct buf *out)
{
    char name[NAME_MAX_BYTES];
    char title[TITLE_MAX];

    for (unsigned words = COMMAND_WORDS_MAX; words > 0; words--) {
        size_t len = words_take(at, words, name);
        const struct command *c = len > 0 ? offered(m, name) : NULL;
        const struct command *other = len > 0 ? command_find(name) : NULL;
        const struct screen_ops *screen = len > 0 ? screen_of(name) : NULL;
        struct buf values;
        bool ours;

        if (c == NULL && other == NULL && screen == NULL) {
            continue;
        }
        buf_init(&values, TITLE_MAX);
        len += values_take(at + len,
                           c != NULL       ? c->params
                           : other != NULL ? other->params
                                           : NULL,
                           &values, &ours);
        if (!ours) {
            buf_release(&values);
            return 0;
        }
        format_sentence(title, sizeof(title),
                        tr(c != NULL       ? c->summary
                           : other != NULL ? other->summary
                                           : screen->title));
        if (c == NULL && other != NULL) {
            buf_addf(out, _("\"%s\", which another role may"), title);
        } else if (values.len > 0) {
            buf_addf(out, _("\"%s\" in the list of commands (:), with %s"), title,
                     buf_str(&values));
        } else {
            buf_addf(out, _("\"%s\" in the list of commands (:)"), title);
        }
        buf_release(&values);
        return len;
    }
    return 0;
}

void say_add(const struct ui_model *m, const struct param *params, const char *text,
             struct buf *out)
{
    const char *at = text;

    while (*at != '\0') {
        size_t len = 0;

        if (begins(text, at)) {
            if (strncmp(at, PROGRAM, strlen(PROGRAM)) == 0) {
                len = command_add(m, at + strlen(PROGRAM), out);
                len += len > 0 ? strlen(PROGRAM) : 0;
            } else if (*at == '-') {
                len = option_add(params, at, out);
            } else if ((len = day_length(at)) > 0) {
                day_add(m, at, len, out);
            }
        }
        if (len == 0) {
            buf_addc(out, *at);
            len = 1;
        }
        at += len;
    }
}
