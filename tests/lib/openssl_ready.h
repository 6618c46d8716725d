/* What OpenSSL sets up at its first use, done once before Check forks and not in every test's
 * own process. */
#ifndef AFORO_TESTS_LIB_OPENSSL_READY_H
#define AFORO_TESTS_LIB_OPENSSL_READY_H

/* A key made, a signature made and checked. Ends the program when that fails. */
void openssl_ready(void);

#endif
