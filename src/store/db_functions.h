/* SQL functions of ours, on every connection. For src/store alone. */
#ifndef AFORO_STORE_DB_FUNCTIONS_H
#define AFORO_STORE_DB_FUNCTIONS_H

#include <sqlite3.h>

/* fold(text): text_fold() of it, NULL for NULL. SQLite's codes. */
int db_add_functions(sqlite3 *raw);

#endif
