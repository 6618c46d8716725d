/* The kiosk on a terminal. */
#ifndef AFORO_UI_KIOSK_RUN_H
#define AFORO_UI_KIOSK_RUN_H

#include "ui/kiosk.h"
#include "ui/term.h"

/*
 * Run until SIGTERM, or until the terminal is gone. SIGHUP and SIGCONT wipe and go on; other
 * signals that a terminal sends are ignored.
 *
 * Errors: those of term_open().
 */
enum err_code kiosk_run(const struct kiosk_model *m, const char *theme,
                        enum term_charset charset, bool big, struct err *e) MUST_CHECK;

#endif
