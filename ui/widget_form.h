/* Fields from a table of parameters: typed text, numbers and dates in the office's way,
 * choices, passwords. The same rows drive command-line flags and the API, so a form knows no
 * command by name. */
#ifndef AFORO_UI_WIDGET_FORM_H
#define AFORO_UI_WIDGET_FORM_H

#include "ui/format.h"
#include "ui/lineedit.h"
#include "ui/screen.h"

#define FORM_ERROR_MAX 160u
#define FORM_NO_CHOICE SIZE_MAX
#define FORM_FIELDS_MAX PARAMS_MAX

struct form_field {
    const struct param *param;
    struct lineedit edit; /* as people write it */
    size_t choice;        /* PARAM_CHOICE, PARAM_FLAG: index, or FORM_NO_CHOICE */
    bool locked;          /* shown, and not to be changed: it is filled in row by row */
    bool filled;          /* a text that was filled in, and not touched since */
    bool fresh;           /* the first character typed takes the place of what stands here */
    char error[FORM_ERROR_MAX]; /* "" when there is nothing wrong with it */
};

struct form {
    const struct ui_model *model;
    struct form_field fields[FORM_FIELDS_MAX];
    size_t count;
    size_t focus;
    bool touched; /* something was typed since it was filled */
    /* What the path in a file's field stands for. */
    char file_asked[LINEEDIT_BYTES]; /* the text that was asked about last */
    uint32_t file_serial;            /* of that question */
    bool file_known;                 /* it was answered: */
    struct ui_file file;
    bool file_tab; /* Tab came before the answer */
    /* Fields that are filled from a list. */
    const char *command; /* whose fields they are, set by the owner; NULL: there are no lists */
    uint32_t pick_serial; /* of the list that was asked for last, */
    size_t pick_field;    /* and for which field */
};

/* params ends with a NULL name, is borrowed and must outlive the form. */
void form_init(struct form *form, const struct ui_model *m, const struct param *params);
/* Wipe what was typed. */
void form_release(struct form *form);
/* Fill a field from machine form; unknown names are ignored. */
void form_set(struct form *form, const char *name, const char *machine);
/* Is the field in focus one whose value is not to be seen? */
bool form_is_secret(const struct form *form);
/* Show a sentence in place of a field's value, which nobody can change here. */
void form_lock(struct form *form, const char *name, const char *shown);
/* Take a field out: the owner gives its value. */
void form_drop(struct form *form, const char *name);
/* Index of a field, or count. */
size_t form_find(const struct form *form, const char *name);

/*
 * Editing and moving: text, Tab, Shift+Tab, Up, Down; Left, Right and Space on a choice.
 * Leaving a field checks it. A number or date that was filled in, or that Tab has come to, and
 * a text that was filled in, is replaced by what is typed; a key that moves the cursor, or
 * deletes, edits it instead. A letter does not get into a number. Returns true when the key was
 * one of these.
 */
bool form_key(struct form *form, uint32_t key);
void form_paste(struct form *form, const char *s, size_t len_bytes);

/*
 * The path in the file's field in focus, when it is another than the one asked about: the owner
 * posts file_job_new() with form->file_serial and gives the answer to form_file_take(), then
 * asks here again. NULL: nothing to ask. Tab completes the path.
 */
const char *form_file_ask(struct form *form);
void form_file_take(struct form *form, const struct job *job);
/* Has what stands in a file's field been looked at? */
bool form_file_is_known(const struct form *form, size_t index);
/* What is known of it in a line: type, size and hash, or how it may go on; "" for nothing. */
void form_file_note(const struct form *form, char *out, size_t size);

#define FORM_PICK_KEY (K_CTRL | 'f')
#define PICK_ROW(action)                                                                       \
    {                                                                                          \
        FORM_PICK_KEY, K_NONE, (action), 2, N_("List"),                                        \
            N_("Choose what goes into this field from a list"), NULL                           \
    }

/* The parameter in focus, where there is a list to fill it from (app/pick.h); else NULL. */
const char *form_pick_param(const struct form *form);
/* Ask for that list, by a job of this kind; its answer goes to form_pick_take(), which has the
 * console show it; what is picked (EV_PICKED) to form_picked(), which goes on to the next
 * field. */
void form_pick(struct form *form, uint32_t kind, struct effects *fx);
void form_pick_take(struct form *form, struct job *job, struct effects *fx);
void form_picked(struct form *form, const char *value);

/* Check one field; false leaves a sentence in its error. */
bool form_check(struct form *form, size_t index);
/* Check all; the first that is wrong gets the focus. */
bool form_check_all(struct form *form);
/* What is wrong with a field, as told by the command that was run. */
void form_fail(struct form *form, const char *name, const char *text);
/* The value in machine form; "" when empty or malformed. */
void form_value(const struct form *form, size_t index, char out[LINEEDIT_BYTES]);

/* The value as it stands in the form, "" when empty; a secret as a mask. */
void form_shown(const struct form *form, size_t index, char *out, size_t size);

/* In a field that takes a number, whose letters mean nothing: a yes to a question that Enter
 * answers, whatever language is shown. */
bool form_is_yes(const struct form *form, uint32_t key);
/* Is one of a few chosen, rather than typed? */
bool form_is_choice(const struct param *p);
/* An example of a field's type in the office's own way of writing; "" where none is needed. */
void form_example(const struct form *form, const struct param *p, char out[FORMAT_MAX]);

/* ---- drawing (widget_form_view.c) ---- */

/* One field in exactly `width` columns. */
void form_field_render(const struct form *form, size_t index, struct frame *f, int row,
                       int column, int width);
/* The whole form: labels, fields, errors, and the help of the field in focus; scrolled to show
 * the focus. */
void form_render(const struct form *form, struct frame *f, struct rect area);

#endif
