#include <config.h>

#include "base/money.h"

#include <string.h>

#include "base/i18n.h"

/* ISO 4217 codes and minor digits of the countries we serve and of the tenders their counters
 * see. */
static const struct currency currencies[] = {
    {"CRC", "₡", 2},    {"USD", "$", 2},   {"EUR", "€", 2},   {"MXN", "$", 2},
    {"COP", "$", 2},    {"ARS", "$", 2},   {"CLP", "$", 0},   {"PEN", "S/", 2},
    {"BRL", "R$", 2},   {"UYU", "$", 2},   {"PYG", "₲", 0},   {"BOB", "Bs", 2},
    {"GTQ", "Q", 2},    {"HNL", "L", 2},   {"NIO", "C$", 2},  {"PAB", "B/.", 2},
    {"DOP", "RD$", 2},  {"SVC", "₡", 2},   {"VES", "Bs.", 2}, {"CUP", "$", 2},
    {"GBP", "£", 2},    {"CAD", "$", 2},   {"AUD", "$", 2},   {"NZD", "$", 2},
    {"JPY", "¥", 0},    {"CHF", "CHF", 2}, {"INR", "₹", 2},   {"ZAR", "R", 2},
    {"PHP", "₱", 2},    {"HTG", "G", 2},   {"JMD", "J$", 2},  {"TTD", "TT$", 2},
    {"BZD", "BZ$", 2},  {"GYD", "G$", 2},  {"AOA", "Kz", 2},  {"XCD", "EC$", 2},
    {"BBD", "Bds$", 2}, {"BSD", "B$", 2},  {"SRD", "$", 2},   {"AWG", "Afl.", 2},
    {"XCG", "Cg", 2},   {"KYD", "CI$", 2}, {"SEK", "kr", 2},  {"NOK", "kr", 2},
    {"DKK", "kr.", 2},  {"ISK", "kr.", 0}, {"PLN", "zł", 2},  {"CZK", "Kč", 2},
    {"HUF", "Ft", 2},   {"RON", "lei", 2}, {"CNY", "CN¥", 2}, {"KRW", "₩", 0},
};

const struct currency *currency_find(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        if (strcmp(currencies[i].code, code) == 0) {
            return &currencies[i];
        }
    }
    return NULL;
}

static enum err_code too_large(struct err *e)
{
    return err_set(e, ERR_RANGE, "%s", _("The amount is too large to be kept."));
}

enum err_code money_add(struct money a, struct money b, struct money *out, struct err *e)
{
    return add_i64(a.minor, b.minor, &out->minor) ? ERR_OK : too_large(e);
}

enum err_code money_sub(struct money a, struct money b, struct money *out, struct err *e)
{
    return sub_i64(a.minor, b.minor, &out->minor) ? ERR_OK : too_large(e);
}

enum err_code money_parse(const char *s, size_t len, const struct currency *c,
                          struct money *out, struct err *e)
{
    int shown = len > 40 ? 40 : (int)len;
    if (memchr(s, 'e', len) != NULL || memchr(s, 'E', len) != NULL) {
        return err_set(e, ERR_PARSE, _("\"%.*s\" is not an amount of money"), shown, s);
    }
    struct decimal d = {0};
    TRY(decimal_parse(s, len, &d, e));
    if (decimal_rescale(d, c->digits, &d, NULL) != ERR_OK) {
        return err_set(e, ERR_RANGE,
                       _("%.*s is too large, or has more than the %u decimals of %s"), shown, s,
                       (unsigned)c->digits, c->code);
    }
    out->minor = d.mantissa;
    return ERR_OK;
}

void money_print(struct money m, const struct currency *c, struct buf *out)
{
    decimal_print((struct decimal){.mantissa = m.minor, .scale = c->digits}, out);
}
