/* The recovery key: an Ed25519 key that is printed once, when the office is made, and kept on
 * paper. With it a user who forgot the password gets a new key when nobody else can approve. */
#ifndef AFORO_APP_RECOVERY_H
#define AFORO_APP_RECOVERY_H

#include "app/office.h"

/* 17 groups of four hexadecimal digits: 32 bytes of the key and two that check them. */
#define RECOVERY_TEXT_MAX 96

/* Make a key; `text` is what to print. The caller wipes it and frees *out. */
enum err_code recovery_key_make(const struct office *o, char text[RECOVERY_TEXT_MAX],
                                struct sign_key **out, struct err *e) MUST_CHECK;
/*
 * Read it as it was typed: spaces, dashes and letter case do not matter. Whose it is is not
 * judged. ERR_PARSE for a mistyped one.
 */
enum err_code recovery_key_read(const char *text, struct sign_key **out,
                                struct err *e) MUST_CHECK;
/*
 * Read the office's own.
 *
 * Errors: those of recovery_key_read, ERR_DENIED for a key that is not a valid recovery key
 * of the office.
 */
enum err_code recovery_key_open(const struct office *o, const char *text, struct sign_key **out,
                                struct err *e) MUST_CHECK;

#endif
