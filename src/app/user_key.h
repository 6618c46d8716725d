/* A user's signing key: made, and sealed under the user's password. */
#ifndef AFORO_APP_USER_KEY_H
#define AFORO_APP_USER_KEY_H

#include "app/office.h"
#include "base/buf.h"

#define PASSWORD_MIN 8

/* ERR_USAGE for a password that is too short. */
enum err_code password_check(const char *password, struct err *e) MUST_CHECK;

/* A new key for a user who exists. */
struct user_key {
    int64_t user;
    char keyid[65];
    struct buf spki;   /* base64 */
    struct buf sealed; /* the line of keystore.h, bound to user and key */
};
/* Fills k, also on failure; the caller calls user_key_release(). */
enum err_code user_key_make(const struct office *o, int64_t user, const char *password,
                            struct user_key *k, struct err *e) MUST_CHECK;
void user_key_release(struct user_key *k);

#endif
