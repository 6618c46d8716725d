/* Fields that are filled from a list: the values come from the model, the console shows them.
 */
#include <config.h>

#include "ui/widget_form.h"

#include "base/i18n.h"
#include "ui/model_jobs.h"

const char *form_pick_param(const struct form *form)
{
    const struct form_field *field;

    if (form->command == NULL || form->count == 0) {
        return NULL;
    }
    field = &form->fields[form->focus];
    return !field->locked && !form_is_choice(field->param) &&
                   pick_known(form->command, field->param->name)
               ? field->param->name
               : NULL;
}

void form_pick(struct form *form, uint32_t kind, struct effects *fx)
{
    const char *param = form_pick_param(form);
    char typed[LINEEDIT_BYTES];

    if (param == NULL) {
        fx_message(fx, MESSAGE_WARN, "%s", _("There is no list for this field."));
        return;
    }
    form_value(form, form->focus, typed);
    form->pick_serial++;
    form->pick_field = form->focus;
    fx_job(fx, pick_job_new(form->model, kind, form->pick_serial, form->command, param, typed));
}

void form_pick_take(struct form *form, struct job *job, struct effects *fx)
{
    struct pick_job *answer = (struct pick_job *)job;
    struct effect *f;

    if (job->serial != form->pick_serial || job->err.code == ERR_CANCELLED) {
        return;
    }
    if (job->err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->err.text);
    } else if (answer->picks->count == 0) {
        fx_message(fx, MESSAGE_INFO, "%s",
                   answer->typed[0] != '\0'
                       ? _("Nothing that is there fits this field, or begins like it.")
                       : _("There is nothing yet to choose from."));
    } else {
        f = fx_add(fx, FX_PICK);
        f->title = form->fields[form->pick_field].param->help;
        f->picks = answer->picks;
        answer->picks = NULL;
    }
}

void form_picked(struct form *form, const char *value)
{
    if (form->pick_field < form->count) {
        form->focus = form->pick_field;
        form_set(form, form->fields[form->focus].param->name, value);
        form->touched = true;
        (void)form_key(form, K_TAB);
    }
}
