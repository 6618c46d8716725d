/* Giving the terminal back when the program crashes, and keeping what is written to standard
 * error out of the picture until it is given back. There is one terminal, so there is one of
 * these. */
#ifndef AFORO_UI_RESCUE_H
#define AFORO_UI_RESCUE_H

#include <stddef.h>
#include <termios.h>

#define RESCUE_MAX 256u

/*
 * From now on a crash sends some bytes to standard output and restores the modes of the
 * terminal; standard error is held back.
 *
 * bytes:  what takes the terminal out of full-screen mode; at most RESCUE_MAX are kept.
 * before: the modes to restore.
 */
void rescue_begin(const char *bytes, size_t len_bytes, const struct termios *before);
/* The terminal has been given back in good order: undo all that and show what was held. */
void rescue_end(void);

#endif
