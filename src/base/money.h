/* Money: integer minor units, touched only by checked functions. */
#ifndef AFORO_BASE_MONEY_H
#define AFORO_BASE_MONEY_H

#include <stdint.h>

#include "quantity.h"

struct currency {
    const char *code;   /* ISO 4217 "CRC" */
    const char *symbol; /* "₡" */
    uint8_t digits;     /* minor digits: 2; CLP 0 */
};
const struct currency *currency_find(const char *code); /* NULL if unknown */

struct money {
    int64_t minor;
};

enum err_code money_add(struct money a, struct money b, struct money *out,
                        struct err *e) MUST_CHECK;
enum err_code money_sub(struct money a, struct money b, struct money *out,
                        struct err *e) MUST_CHECK;
/* "1404.50" -> minor units; no exponent. ERR_RANGE when more decimals than the currency has
 * (zeros at the end do not count), ERR_PARSE. */
enum err_code money_parse(const char *s, size_t len, const struct currency *c,
                          struct money *out, struct err *e) MUST_CHECK;
/* "1404.50", machine form, no grouping. */
void money_print(struct money m, const struct currency *c, struct buf *out);

#endif
