/* Who is at work: a user with an opened signing key. Scripts sign through a session that was
 * opened once; the key lies sealed in state/sessions.db and what opens it in the caller's token
 * file. No session exports a key. */
#ifndef AFORO_APP_SESSION_H
#define AFORO_APP_SESSION_H

#include "app/office.h"

#define SESSION_HOURS 12

struct session {
    int64_t user;
    char actor[32]; /* "user:1" */
    struct sign_key *key;
    char name[128];  /* display name; personal data, for screens only */
    char roles[256]; /* "operator, supervisor" */
};

/*
 * Check a password and open the user's key.
 *
 * Wrong password and unknown user take the same time and say the same. After failures the next
 * attempt waits (1, 2, 4 ... 60 s): *wait_s tells how long when ERR_DENIED comes from
 * throttling.
 */
enum err_code session_login(struct office *o, const char *login, const char *password,
                            struct session **out, int *wait_s, struct err *e) MUST_CHECK;
/* Keep a session for later commands: writes the token file (0600). */
enum err_code session_save(struct office *o, const struct session *s, const char *token_path,
                           struct err *e) MUST_CHECK;
/* Take up a saved session. ERR_DENIED when it ended, says how to log in. */
enum err_code session_resume(struct office *o, const char *token_path, struct session **out,
                             struct err *e) MUST_CHECK;
/* End a saved session: row and token file go. */
enum err_code session_end(struct office *o, const char *token_path, struct err *e) MUST_CHECK;
void session_free(struct session *s);

/* For other secrets than passwords (the recovery key): *wait_s and ERR_DENIED while one must
 * wait; count a failure. */
enum err_code session_throttle(struct office *o, const char *what, int *wait_s,
                               struct err *e) MUST_CHECK;
enum err_code session_failed(struct office *o, const char *what, struct err *e) MUST_CHECK;
/* Forget the failures: it was right. */
enum err_code session_passed(struct office *o, const char *what, struct err *e) MUST_CHECK;

/* May this user run that command, by any of its roles? */
enum err_code session_may(struct office *o, int64_t user, const char *command, bool *may,
                          struct err *e) MUST_CHECK;
/* Who that is, with the roles in the reader's language: "Olga (operator)". */
void session_words(const struct session *s, struct buf *out);
/* ERR_DENIED that names who may not do what, and the way out. */
enum err_code session_denied(const struct session *s, const char *what, struct err *e);

#endif
