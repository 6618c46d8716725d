/* SQL of read models: the value of personal data that a commitment names. */
#ifndef AFORO_APP_PERSONAL_JOIN_H
#define AFORO_APP_PERSONAL_JOIN_H

/* as: alias of the joined row, whose `value` it is; row: alias of the table's row. */
#define PERSONAL(as, table, row, column)                                                       \
    "LEFT JOIN personal " as " ON " as ".owner = '" table "' AND " as ".id = " row             \
    ".id AND " as ".field = '" column "' AND " as ".hash = " row "." column " "

#endif
