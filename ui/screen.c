#include <config.h>

#include "ui/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/many.h"

#define SCREEN(ident) &screen_##ident,
#define SCREEN_WITH(ident)
const struct screen_ops *const screens_openable[] = {
#include "ui/screens.def"
};
#undef SCREEN_WITH
#define SCREEN_WITH(ident) &screen_##ident,
const struct screen_ops *const screens_all[] = {
#include "ui/screens.def"
};
#undef SCREEN
#undef SCREEN_WITH
const size_t screens_all_count = sizeof(screens_all) / sizeof(screens_all[0]);
const size_t screens_openable_count = sizeof(screens_openable) / sizeof(screens_openable[0]);

/* Short messages that were looked up lately: each frame asks for the same words, a state's for
 * every row, and gettext takes a fifth of a microsecond for each. */
#define WORDS 256u
#define WORD_SIZE 24u
struct word {
    char msgid[WORD_SIZE];
    const char *lang; /* of i18n_lang() */
    const char *text; /* NULL: not translated */
};

const char *tr(const char *msgid)
{
    static _Thread_local struct word words[WORDS];
    struct word *w;
    const char *text;
    size_t len = 0;
    uint32_t hash = 0;

    if (msgid == NULL || msgid[0] == '\0') {
        return "";
    }
    for (; len < WORD_SIZE && msgid[len] != '\0'; len++) {
        hash = hash * 31 + (unsigned char)msgid[len];
    }
    if (len == WORD_SIZE) {
        return gettext(msgid);
    }
    w = &words[hash % WORDS];
    if (w->lang != i18n_lang() || strcmp(w->msgid, msgid) != 0) {
        text = gettext(msgid);
        memcpy(w->msgid, msgid, len + 1);
        w->lang = i18n_lang();
        w->text = text == msgid ? NULL : text;
    }
    return w->text == NULL ? msgid : w->text;
}

const struct command *ui_command(const struct ui_model *m, const char *name)
{
    const struct command *c;

    for (size_t i = 0; (c = m->command_at(m->ctx, i)) != NULL; i++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

bool key_allowed(const struct key_row *row, const struct ui_model *m)
{
    return row->needs == NULL || m->may(m->ctx, row->needs);
}

int key_action(struct key_table t, const struct ui_model *m, uint32_t key)
{
    for (size_t i = 0; i < t.count; i++) {
        const struct key_row *row = &t.rows[i];

        if ((row->key == key || (row->also != K_NONE && row->also == key)) &&
            key_allowed(row, m)) {
            return row->action;
        }
    }
    return 0;
}

struct effect *fx_add(struct effects *fx, enum effect_kind kind)
{
    struct effect *f;

    if (fx->count == EFFECTS_MAX) {
        fx->count--;
        job_free(fx->list[fx->count].job);
        many_free(fx->list[fx->count].many);
        picks_free(fx->list[fx->count].picks);
    }
    f = &fx->list[fx->count++];
    memset(f, 0, sizeof(*f));
    f->kind = kind;
    return f;
}

struct effect *fx_open(struct effects *fx, enum effect_kind kind,
                       const struct screen_ops *screen, int64_t arg)
{
    struct effect *f = fx_add(fx, kind);

    f->screen = screen;
    f->arg = arg;
    return f;
}

void fx_message(struct effects *fx, enum message_level level, const char *fmt, ...)
{
    struct effect *f = fx_add(fx, FX_MESSAGE);
    char text[ERR_TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    f->level = level;
    format_copy(f->text, sizeof(f->text), text);
}

void fx_job(struct effects *fx, struct job *job)
{
    if (job == NULL) {
        fx_message(fx, MESSAGE_ERROR, "%s", _("There is not enough memory for this."));
        return;
    }
    fx_add(fx, FX_JOB)->job = job;
}

void fx_ticket(struct effects *fx, const struct ui_model *m, const struct ui_ticket *t)
{
    char figure[32];
    char shown[FORMAT_MAX];

    if (t->message[0] != '\0') {
        fx_message(fx, MESSAGE_INFO, "%s", t->message);
        fx->list[fx->count - 1].arg = (int64_t)t->entry; /* what undo begins with */
    } else if (t->entry > 0) {
        (void)snprintf(figure, sizeof(figure), "%llu", (unsigned long long)t->entry);
        format_number(m->format, figure, shown);
        fx_message(fx, MESSAGE_INFO,
                   t->pending ? _("Submitted as entry %s; it is not final yet.")
                              : _("Recorded as entry %s."),
                   shown);
        fx->list[fx->count - 1].arg = (int64_t)t->entry;
    }
}

void fx_confirm(struct effects *fx, const char *title, const char *text, int action)
{
    struct effect *f = fx_add(fx, FX_CONFIRM);

    f->title = title;
    f->action = action;
    format_copy(f->text, sizeof(f->text), text);
}

struct effect *fx_command(struct effects *fx, const char *name, const char *preset,
                          const char *value)
{
    struct effect *f = fx_add(fx, FX_COMMAND);

    format_copy(f->text, sizeof(f->text), name);
    fx_preset(f, preset, value);
    return f;
}

void fx_preset(struct effect *f, const char *preset, const char *value)
{
    if (preset != NULL && f->preset_count < PRESETS_MAX) {
        struct preset *p = &f->presets[f->preset_count++];

        p->name = preset;
        format_copy(p->value, sizeof(p->value), value);
    }
}

void fx_release(struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        job_free(fx->list[i].job);
        many_free(fx->list[i].many);
        picks_free(fx->list[i].picks);
    }
    fx->count = 0;
}
