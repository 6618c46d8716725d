#include <config.h>

#include "ui/widget_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/words.h"
#include "base/i18n.h"
#include "ui/model_jobs.h"

bool form_is_choice(const struct param *p)
{
    return p->type == PARAM_CHOICE || p->type == PARAM_FLAG;
}

static bool is_figure(const struct param *p)
{
    return p->type == PARAM_INT || p->type == PARAM_DECIMAL || p->type == PARAM_DATE ||
           p->type == PARAM_TIME;
}

/* Nobody means to go on with a number, or with a sentence that the program thought of. */
static bool gives_way(const struct form_field *field)
{
    return is_figure(field->param) || field->filled;
}

bool form_is_yes(const struct form *form, uint32_t key)
{
    return form->count > 0 && is_figure(form->fields[form->focus].param) &&
           (key == 'y' || key == 'Y' || key == 's' || key == 'S');
}

/* What may be chosen, separated by '|'; a flag is a choice of two, and "" leaves it away. */
static const char *choices_of(const struct param *p)
{
    return p->type == PARAM_FLAG ? N_("yes") : p->choices != NULL ? p->choices : "";
}

static size_t choice_count(const struct param *p)
{
    const char *s = choices_of(p);
    size_t count = *s != '\0' ? 1 : 0;

    for (; *s != '\0'; s++) {
        count += *s == '|' ? 1 : 0;
    }
    return count;
}

/* The choice of an index as text, "" past the last. */
static void choice_text(const struct param *p, size_t index, char out[FORMAT_MAX])
{
    const char *s = choices_of(p);
    size_t len;

    out[0] = '\0';
    if (index >= choice_count(p)) {
        return;
    }
    for (; index > 0; index--) {
        s = strchr(s, '|') + 1;
    }
    len = strcspn(s, "|");
    len = len < FORMAT_MAX ? len : FORMAT_MAX - 1;
    memcpy(out, s, len);
    out[len] = '\0';
}

static void choose(struct form_field *field, const char *machine)
{
    char text[FORMAT_MAX];

    field->choice = FORM_NO_CHOICE;
    for (size_t i = 0; i < choice_count(field->param); i++) {
        choice_text(field->param, i, text);
        if (strcmp(text, machine) == 0) {
            field->choice = i;
        }
    }
}

void form_init(struct form *form, const struct ui_model *m, const struct param *params)
{
    memset(form, 0, sizeof(*form));
    form->model = m;
    for (; params[form->count].name != NULL && form->count < FORM_FIELDS_MAX; form->count++) {
        struct form_field *field = &form->fields[form->count];

        field->param = &params[form->count];
        field->choice = FORM_NO_CHOICE;
        lineedit_init(&field->edit, 0, field->param->type == PARAM_SECRET);
    }
    for (size_t i = 0; i < form->count; i++) {
        if (params[i].fallback != NULL) {
            form_set(form, params[i].name, params[i].fallback);
        }
    }
}

void form_release(struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        lineedit_wipe(&form->fields[i].edit);
    }
}

size_t form_find(const struct form *form, const char *name)
{
    size_t i = 0;

    while (i < form->count && strcmp(form->fields[i].param->name, name) != 0) {
        i++;
    }
    return i;
}

void form_drop(struct form *form, const char *name)
{
    size_t i = form_find(form, name);

    if (i < form->count) {
        lineedit_wipe(&form->fields[i].edit);
        form->count--;
        memmove(&form->fields[i], &form->fields[i + 1],
                (form->count - i) * sizeof(form->fields[0]));
    }
}

void form_set(struct form *form, const char *name, const char *machine)
{
    size_t i = form_find(form, name);
    struct form_field *field = &form->fields[i < form->count ? i : 0];
    char text[FORMAT_MAX];

    if (i == form->count) {
        return;
    }
    field->error[0] = '\0';
    switch (field->param->type) {
    case PARAM_INT:
    case PARAM_DECIMAL:
        format_number(form->model->format, machine, text);
        lineedit_set(&field->edit, text);
        break;
    case PARAM_DATE:
    case PARAM_TIME:
        format_datetime(form->model->format, machine, text);
        lineedit_set(&field->edit, text);
        break;
    case PARAM_CHOICE:
    case PARAM_FLAG:
        choose(field, machine);
        break;
    case PARAM_TEXT:
    case PARAM_FILE:
    case PARAM_SECRET:
        lineedit_set(&field->edit, machine);
        break;
    }
    field->filled = (field->param->type == PARAM_TEXT || field->param->type == PARAM_FILE) &&
                    *machine != '\0';
    field->fresh = gives_way(field);
}

bool form_is_secret(const struct form *form)
{
    return form->count > 0 && form->fields[form->focus].param->type == PARAM_SECRET;
}

void form_lock(struct form *form, const char *name, const char *shown)
{
    size_t i = form_find(form, name);

    if (i < form->count) {
        form->fields[i].locked = true;
        lineedit_set(&form->fields[i].edit, shown);
    }
}

/* ---- values ---- */

/* False when what was typed is not of the field's type; an empty field is "". */
static bool read_value(const struct form *form, const struct form_field *field,
                       char out[LINEEDIT_BYTES])
{
    const struct numfmt *nf = form->model->format;
    const char *text = field->edit.text;
    char machine[FORMAT_MAX] = "";
    bool ok = true;

    switch (field->param->type) {
    case PARAM_CHOICE:
    case PARAM_FLAG:
        choice_text(field->param, field->choice, machine);
        break;
    case PARAM_INT:
    case PARAM_DECIMAL:
        ok = text[0] == '\0' || format_parse_number(nf, text, machine);
        ok = ok && (field->param->type == PARAM_DECIMAL || strchr(machine, '.') == NULL);
        break;
    case PARAM_DATE:
    case PARAM_TIME:
        ok = text[0] == '\0' ||
             format_parse_date(nf, text, field->param->type == PARAM_TIME, machine);
        break;
    case PARAM_TEXT:
    case PARAM_FILE:
    case PARAM_SECRET:
        format_copy(out, LINEEDIT_BYTES, text);
        return true;
    }
    format_copy(out, LINEEDIT_BYTES, ok ? machine : "");
    return ok;
}

void form_value(const struct form *form, size_t index, char out[LINEEDIT_BYTES])
{
    out[0] = '\0';
    if (index < form->count) {
        (void)read_value(form, &form->fields[index], out);
    }
}

void form_shown(const struct form *form, size_t index, char *out, size_t size)
{
    const struct form_field *field = &form->fields[index];
    char choice[FORMAT_MAX] = "";

    if (form_is_choice(field->param) && !field->locked) {
        choice_text(field->param, field->choice, choice);
        format_copy(out, size, choice_said(choice));
    } else if (field->param->type == PARAM_SECRET) {
        format_copy(out, size, field->edit.len > 0 ? "***" : "");
    } else {
        format_copy(out, size, field->edit.text);
    }
}

void form_example(const struct form *form, const struct param *p, char out[FORMAT_MAX])
{
    out[0] = '\0';
    if (p->type == PARAM_DECIMAL) {
        format_number(form->model->format, "1234.5", out);
    } else if (p->type == PARAM_INT) {
        format_number(form->model->format, "1234", out);
    } else if (p->type == PARAM_DATE) {
        format_date(form->model->format, "2025-06-10", out);
    } else if (p->type == PARAM_TIME) {
        format_datetime(form->model->format, "2025-06-10 09:42", out);
    }
}

static void shape_error(const struct form *form, struct form_field *field)
{
    char example[FORMAT_MAX];
    bool date = field->param->type == PARAM_DATE || field->param->type == PARAM_TIME;

    form_example(form, field->param, example);
    (void)snprintf(field->error, FORM_ERROR_MAX,
                   date ? _("No such date; write it like %s")
                        : _("Not a number here; write it like %s"),
                   example);
}

bool form_check(struct form *form, size_t index)
{
    struct form_field *field = &form->fields[index];
    char value[LINEEDIT_BYTES];
    bool ok = field->locked || read_value(form, field, value);

    field->error[0] = '\0';
    if (!ok) {
        shape_error(form, field);
    } else if (!field->locked && (field->param->flags & PARAM_REQUIRED) != 0 &&
               value[0] == '\0') {
        ok = false;
        (void)snprintf(field->error, FORM_ERROR_MAX, "%s", _("This field must be filled in."));
    }
    explicit_bzero(value, sizeof(value));
    return ok;
}

bool form_check_all(struct form *form)
{
    size_t first = form->count;

    for (size_t i = form->count; i-- > 0;) {
        if (!form_check(form, i)) {
            first = i;
        }
    }
    if (first == form->count) {
        return true;
    }
    form->focus = first;
    return false;
}

void form_fail(struct form *form, const char *name, const char *text)
{
    size_t i = form_find(form, name);

    if (i < form->count) {
        format_copy(form->fields[i].error, FORM_ERROR_MAX, text);
        form->focus = i;
    }
}

/* ---- keys ---- */

static void move_focus(struct form *form, bool forward)
{
    if (form->count == 0) {
        return;
    }
    if (form->fields[form->focus].edit.len >
        0) { /* an empty field is told off at the end, not in passing */
        (void)form_check(form, form->focus);
    }
    form->focus = (form->focus + (forward ? 1 : form->count - 1)) % form->count;
    form->fields[form->focus].edit.cursor = form->fields[form->focus].edit.len;
    form->fields[form->focus].fresh = gives_way(&form->fields[form->focus]);
}

/* The first choice that begins with what was typed, as the screen or the command calls it. */
static size_t choice_named(const struct form_field *field)
{
    const struct lineedit *typed = &field->edit;
    size_t count = choice_count(field->param);
    size_t i = typed->len > 0 ? 0 : count;

    for (; i < count; i++) {
        char text[FORMAT_MAX];

        choice_text(field->param, i, text);
        if (strncasecmp(text, typed->text, typed->len) == 0 ||
            strncasecmp(choice_said(text), typed->text, typed->len) == 0) {
            break;
        }
    }
    return i;
}

/* Letters spell a choice; one that none goes on with begins another. */
static void choice_letter(struct form *form, struct form_field *field, uint32_t key)
{
    size_t count = choice_count(field->param);
    size_t found;

    (void)lineedit_key(&field->edit, key);
    found = choice_named(field);
    if (found == count) {
        lineedit_set(&field->edit, "");
        (void)lineedit_key(&field->edit, key);
        found = choice_named(field);
    }
    if (found < count) {
        field->choice = found;
        field->error[0] = '\0';
        form->touched = true;
    }
}

static bool choice_key(struct form *form, struct form_field *field, uint32_t key)
{
    size_t count = choice_count(field->param);
    size_t states = count + ((field->param->flags & PARAM_REQUIRED) != 0 ? 0 : 1);
    size_t at = field->choice < count ? field->choice : count;

    if (key_is_text(key) && key != ' ') {
        choice_letter(form, field, key);
        return true;
    }
    lineedit_set(&field->edit, "");
    if (states == 0 || (key != K_LEFT && key != K_RIGHT && key != ' ')) {
        return false;
    }
    if (at == states) { /* nothing chosen yet, and something must be */
        at = key == K_LEFT ? count - 1 : 0;
    } else {
        at = (at + (key == K_LEFT ? states - 1 : 1)) % states;
    }
    field->choice = at < count ? at : FORM_NO_CHOICE;
    field->error[0] = '\0';
    form->touched = true;
    return true;
}

/* ---- files ---- */

static bool is_file(const struct form *form, size_t index)
{
    return index < form->count && form->fields[index].param->type == PARAM_FILE &&
           !form->fields[index].locked;
}

bool form_file_is_known(const struct form *form, size_t index)
{
    return is_file(form, index) && form->file_known &&
           strcmp(form->fields[index].edit.text, form->file_asked) == 0;
}

const char *form_file_ask(struct form *form)
{
    const char *text;

    if (!is_file(form, form->focus)) {
        return NULL;
    }
    text = form->fields[form->focus].edit.text;
    if (text[0] == '\0' || (form->file_serial > 0 && strcmp(text, form->file_asked) == 0)) {
        return NULL;
    }
    format_copy(form->file_asked, sizeof(form->file_asked), text);
    form->file_serial++;
    form->file_known = false;
    return form->file_asked;
}

/* Tab: the path goes on as far as there is one way; false: it is whole, or goes on nowhere. */
static bool complete(struct form *form)
{
    struct lineedit *edit = &form->fields[form->focus].edit;

    if (strlen(form->file.completed) > edit->len &&
        strncmp(form->file.completed, edit->text, edit->len) == 0) {
        lineedit_set(edit, form->file.completed);
        form->touched = true;
        return true;
    }
    return form->file.matches > 1 && form->file.path[0] == '\0';
}

/* True when Tab was the path's. */
static bool file_tab(struct form *form)
{
    if (!is_file(form, form->focus) || form->fields[form->focus].edit.len == 0) {
        return false;
    }
    if (!form_file_is_known(form, form->focus)) {
        form->file_tab = true;
        return true;
    }
    return complete(form);
}

void form_file_take(struct form *form, const struct job *job)
{
    const struct file_job *answer = (const struct file_job *)job;

    if (job->serial != form->file_serial || job->err.code != ERR_OK) {
        return;
    }
    form->file = answer->file;
    form->file_known = true;
    if (form->file_tab) {
        form->file_tab = false;
        if (form_file_is_known(form, form->focus) && !complete(form)) {
            move_focus(form, true);
        }
    }
}

/* Of a file to be written: what is there already matters, its content does not. */
static void written_note(const struct ui_file *f, char *out, size_t size)
{
    if (f->path[0] != '\0') {
        format_copy(out, size, _("There is such a file already; it will be replaced."));
    } else {
        format_copy(out, size, f->matches == 0 ? _("It will be made.") : f->names);
    }
}

void form_file_note(const struct form *form, char *out, size_t size)
{
    const struct ui_file *f = &form->file;
    char digits[24];
    char bytes[FORMAT_MAX];

    out[0] = '\0';
    if (!form_file_is_known(form, form->focus)) {
        return;
    }
    if ((form->fields[form->focus].param->flags & PARAM_WRITTEN) != 0) {
        written_note(f, out, size);
        return;
    }
    if (f->path[0] == '\0') {
        format_copy(out, size, f->matches > 1 ? f->names : f->matches == 0 ? f->fault : "");
        return;
    }
    (void)snprintf(digits, sizeof(digits), "%" PRId64, f->bytes);
    format_number(form->model->format, digits, bytes);
    if (f->sha256[0] != '\0' && f->type[0] != '\0') {
        (void)snprintf(out, size, _("%s, %s bytes, SHA-256 %.16s…"), f->type, bytes, f->sha256);
    } else {
        (void)snprintf(out, size, _("%s bytes"), bytes);
    }
}

/* A key for a field of text: what was filled in gives way to what is typed. */
static bool text_key(struct form *form, struct form_field *field, uint32_t key)
{
    if (field->fresh && key_is_text(key)) {
        lineedit_set(&field->edit, "");
    }
    if (!lineedit_key(&field->edit, key)) {
        return false;
    }
    field->fresh = false;
    field->filled = false;
    field->error[0] = '\0';
    form->touched = true;
    return true;
}

/* What is typed before the disk has answered a Tab is for the next field. */
static void file_tab_past(struct form *form)
{
    if (form->file_tab) {
        form->file_tab = false;
        move_focus(form, true);
    }
}

bool form_key(struct form *form, uint32_t key)
{
    struct form_field *field;

    if (form->count == 0) {
        return false;
    }
    file_tab_past(form);
    field = &form->fields[form->focus];
    if (key == K_TAB && file_tab(form)) {
        return true;
    }
    if (key == K_TAB || key == K_DOWN) {
        move_focus(form, true);
        return true;
    }
    if (key == K_BACKTAB || key == K_UP) {
        move_focus(form, false);
        return true;
    }
    if (field->locked) {
        return key < K_ENTER;
    }
    return form_is_choice(field->param) ? choice_key(form, field, key)
                                        : text_key(form, field, key);
}

void form_paste(struct form *form, const char *s, size_t len_bytes)
{
    struct form_field *field;

    file_tab_past(form);
    field = &form->fields[form->focus];
    if (form->count > 0 && !form_is_choice(field->param) && !field->locked) {
        if (field->fresh) {
            lineedit_set(&field->edit, "");
        }
        lineedit_paste(&field->edit, s, len_bytes);
        field->fresh = false;
        field->filled = false;
        field->error[0] = '\0';
        form->touched = true;
    }
}
