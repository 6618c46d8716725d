/* The console with its workers: events in, their effects carried out, answers taken. What faces
 * the user, a terminal (ui/run.c) or lines of text (ui/plain.c), is built on it. */
#ifndef AFORO_UI_DESK_H
#define AFORO_UI_DESK_H

#include "ui/console.h"
#include "ui/worker.h"

#define DESK_TICK_MS 1000

struct desk {
    const struct ui_model *model;
    struct workers *workers;
    struct console console;
    struct frame frame;
    bool opened; /* the console is */
    bool dirty;  /* something was sent since the frame was drawn */
    bool quit;
    bool working; /* progress is being told */
    int64_t ticked_ms;
    char language[8]; /* to change to as soon as no worker runs; "" none */
    /* What only the face can do: themes, redrawing, the clipboard, stopping. */
    void (*effect)(struct desk *d, const struct effect *f);
};

/* Start the workers; the caller has set model and effect, the rest is zero. Errors: ERR_NOMEM.
 */
enum err_code desk_init(struct desk *d, struct err *e) MUST_CHECK;
/* Open the console in a frame of this size. Errors: ERR_NOMEM. */
enum err_code desk_open(struct desk *d, int rows, int columns, struct err *e) MUST_CHECK;
/* Waits for work that is under way. */
void desk_release(struct desk *d);

void desk_send(struct desk *d, const struct event *ev);
void desk_key(struct desk *d, uint32_t key);
/* Take what workers have answered. */
void desk_answers(struct desk *d);
/* Once a second: the clock of the status line. */
void desk_tick(struct desk *d);
/* Tell of long work: what the user asked for before what the program fetches. */
void desk_progress(struct desk *d);
/* Does anything run that somebody waits for? */
bool desk_busy(struct desk *d);
/* Change the language if that is asked for and nothing runs: it lives in the environment, which
 * no thread may read meanwhile. What nobody waits for is stopped. */
void desk_language(struct desk *d);

#endif
