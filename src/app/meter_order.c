#include <config.h>

#include "app/meter_order.h"

#include <string.h>

#define LAST(what)                                                                             \
    "(SELECT x." what " FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "      \
    "AND " READING_STANDS " ORDER BY x.utc DESC LIMIT 1)"
#define HELD                                                                                   \
    "EXISTS(SELECT 1 FROM reading x WHERE x.register = r.id AND x.state = 'held' "             \
    "AND " READING_STANDS ")"
#define ALONE(personal) ""
#define REGISTER(personal)                                                                     \
    "JOIN register r ON r.meter = m.id AND NOT EXISTS(SELECT 1 FROM register y WHERE y.meter " \
    "= m.id AND y.id < r.id) "
#define POINT(personal) "JOIN service_point s ON s.id = m.point "
#define PLACE(personal)                                                                        \
    POINT(personal)                                                                            \
    "LEFT JOIN " personal " p ON p.owner = 'service_point' AND p.id = s.id AND p.field = "     \
    "'place' AND p.hash = s.place "
#define ACCOUNT(personal)                                                                      \
    "LEFT JOIN assignment g ON g.meter = m.id AND g.end_date IS NULL LEFT JOIN account a ON "  \
    "a.id = g.account "
#define ORDER(joins, keys, up_by, down_by, by_readings)                                        \
    {                                                                                          \
        .up = "SELECT m.id, " keys " FROM meter m " joins("personal") "ORDER BY " up_by,       \
        .down = "SELECT m.id, " keys " FROM meter m " joins("personal") "ORDER BY " down_by,   \
        .one = "SELECT m.id, " keys " FROM meter m " joins("main.personal") "WHERE m.id = ?",  \
        .readings = by_readings                                                                \
    }

const struct meter_order meter_orders[METER_COLUMNS] = {
    [METER_SERIAL] =
        ORDER(ALONE, "m.serial", "m.serial, m.id", "m.serial DESC, m.id DESC", false),
    [METER_PLACE] = ORDER(PLACE, "p.value", "2, m.id", "2 DESC, m.id DESC", false),
    [METER_LAST] = ORDER(REGISTER, LAST("local"), "2, m.id", "2 DESC, m.id DESC", true),
    [METER_READING] = ORDER(REGISTER, LAST("value"), "2, m.id", "2 DESC, m.id DESC", true),
    [METER_CONDITION] =
        ORDER(REGISTER, "m.state, NOT " HELD, "2, 3, m.id", "2 DESC, 3 DESC, m.id DESC", true),
    [METER_PENDING] = ORDER(REGISTER, "NOT " HELD ", " LAST("local"), "2, 3, m.id",
                            "2 DESC, 3 DESC, m.id DESC", true),
    [METER_KIND_COLUMN] = ORDER(ALONE, "m.kind", "2, m.id", "2 DESC, m.id DESC", false),
    [METER_ROUTE] = ORDER(POINT, "s.route, s.route_order", "2, 3, m.id",
                          "2 DESC, 3 DESC, m.id DESC", false),
    [METER_ACCOUNT] = ORDER(ACCOUNT, "a.number", "2, m.id", "2 DESC, m.id DESC", false),
};

enum { KEY_NULL, KEY_INT, KEY_TEXT };

static void add_number(uint64_t bits, int bytes, struct buf *out)
{
    for (int i = bytes - 1; i >= 0; i--) {
        buf_addc(out, (char)(bits >> (8 * i) & 0xFF));
    }
}

void order_key_add(const struct stmt *q, struct buf *out)
{
    for (int i = 1; i < stmt_columns(q); i++) {
        struct val v = stmt_val(q, i);
        if (v.type == VAL_NULL) {
            buf_addc(out, KEY_NULL);
        } else if (v.type == VAL_INT) {
            buf_addc(out, KEY_INT);
            add_number((uint64_t)v.integer ^ UINT64_C(1) << 63, 8, out);
        } else {
            buf_addc(out, KEY_TEXT);
            buf_add(out, v.data, v.len);
            buf_addc(out, '\0');
        }
    }
    add_number((uint64_t)stmt_int(q, 0), 4, out); /* no larger ones are in an index */
}

int order_key_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int by = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return by != 0 ? by : (a_len > b_len) - (a_len < b_len);
}
