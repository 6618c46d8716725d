/* The console on a terminal: keys, answers of workers and signals in, frames out. */
#ifndef AFORO_UI_RUN_H
#define AFORO_UI_RUN_H

#include "base/err.h"
#include "ui/model.h"
#include "ui/term.h"

struct run_options {
    const char *theme; /* NULL: default */
    bool mouse;        /* listen to it */
    bool plain;        /* lines of text: plain_run() is to be called (ui/plain.h) */
    enum term_charset charset;
};

/*
 * Run the console until the user leaves or the terminal goes. The terminal is given back
 * whatever happens.
 *
 * m: borrowed; its functions are called from worker threads as ui/model.h says.
 * Errors: those of term_open() and workers_new(). SIGTERM and SIGHUP end it with ERR_OK.
 */
enum err_code console_run(const struct ui_model *m, const struct run_options *o,
                          struct err *e) MUST_CHECK;

#endif
