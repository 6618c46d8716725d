/* Numbers, amounts and times as text: what is read prints as something that is read as the
 * same. */
#include <config.h>

#include "base/caltime.h"
#include "base/money.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_decimal(const char *s, size_t len)
{
    struct decimal d, back;
    struct buf b;
    buf_init(&b, 100);
    if (decimal_parse(s, len, &d, NULL) == ERR_OK) {
        CHECK(d.scale <= 18);
        decimal_print(d, &b);
        CHECK(decimal_parse(buf_str(&b), b.len, &back, NULL) == ERR_OK);
        CHECK(back.mantissa == d.mantissa && back.scale == d.scale);
    }
    buf_release(&b);
}

static void check_money(const char *s, size_t len, const struct currency *c)
{
    struct money m, back;
    struct buf b;
    buf_init(&b, 100);
    if (money_parse(s, len, c, &m, NULL) == ERR_OK) {
        money_print(m, c, &b);
        CHECK(money_parse(buf_str(&b), b.len, c, &back, NULL) == ERR_OK &&
              back.minor == m.minor);
    }
    buf_release(&b);
}

static void check_people(const char *s, size_t len, const struct numfmt *f)
{
    struct decimal d, back;
    struct buf machine, people;
    buf_init(&machine, 100);
    buf_init(&people, 100);
    if (numfmt_parse(f, s, len, &d, NULL) == ERR_OK) {
        decimal_print(d, &machine);
        numfmt_number(f, buf_str(&machine), &people);
        CHECK(numfmt_parse(f, buf_str(&people), people.len, &back, NULL) == ERR_OK);
        CHECK(back.mantissa == d.mantissa && back.scale == d.scale);
    }
    buf_release(&machine);
    buf_release(&people);
}

static void check_times(const char *s, size_t len)
{
    struct civil c;
    struct buf b;
    int64_t ms, back;
    buf_init(&b, 100);
    if (civil_parse_format(s, len, "%d/%m/%Y %H:%M:%S", &c, NULL) == ERR_OK) {
        CHECK(date_valid(c.date) && c.hour < 24 && c.minute < 60 && c.second < 60);
        CHECK(civil_to_secs(civil_from_secs(civil_to_secs(c))) == civil_to_secs(c));
    }
    if (time_parse_utc(s, len, &ms, NULL) == ERR_OK) {
        time_print_utc(ms, &b);
        CHECK(time_parse_utc(buf_str(&b), b.len, &back, NULL) == ERR_OK && back == ms);
    }
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = size > 0 ? (const char *)data : "";
    int64_t v;
    check_decimal(s, size);
    check_money(s, size, currency_find("CRC"));
    check_money(s, size, currency_find("CLP"));
    check_people(s, size, numfmt_find("es_CR"));
    check_people(s, size, numfmt_find("es_AR"));
    check_people(s, size, numfmt_find("en_US"));
    check_times(s, size);
    (void)!quantity_parse(s, size, unit_find("m3"), &v, NULL);
    return 0;
}
