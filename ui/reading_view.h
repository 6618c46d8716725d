/* The form of a reading: its state, and how it is drawn. */
#ifndef AFORO_UI_READING_VIEW_H
#define AFORO_UI_READING_VIEW_H

#include "ui/widget_form.h"

enum reading_field { FIELD_VALUE, FIELD_WHEN, FIELD_NOTE, FIELD_FILE, FIELDS };

extern const struct param reading_params[FIELDS + 1];

struct reading_state {
    const struct ui_model *model;
    int64_t meter;
    bool next; /* saving goes on to the next meter of a list */
    struct form form;
    bool has_subject;
    struct ui_reading_subject subject;
    uint32_t subject_serial;

    uint32_t check_serial;   /* of the last check asked for; 0: none */
    uint32_t checked_serial; /* of the check whose findings these are */
    uint32_t warned_serial;  /* of the check whose findings the user was told to confirm */
    struct ui_findings findings;
    char checked_value[FORMAT_MAX], checked_when[FORMAT_MAX]; /* what was asked about */
    bool save_wanted; /* Enter came before the rules had answered */
    bool saving;
    struct ui_ticket *saved; /* of the reading whose file is being attached; owned, else NULL */
};

void reading_render(const void *state, struct frame *f, struct rect area);

#endif
