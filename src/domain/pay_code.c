#include <config.h>

#include "domain/pay_code.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/quantity.h"

#define GS '\x1D'
#define REFERENCE_MIN 14 /* digits */
#define AMOUNT_GS1 10    /* digits; more where the amount has more, in pairs up to 14 */
#define AMOUNT_GS1_MAX 14
#define AMOUNT_128 12 /* always */
#define DAY_DIGITS 8
#define PLAIN_MAX 96 /* digits of a whole barcode */

static bool all_digits(const char *s, size_t n)
{
    return strspn(s, "0123456789") >= n;
}

/* ---- the reference ---- */

static unsigned mod97(const char *digits, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
    }
    return rest;
}

void pay_reference_print(const struct pay_reference *r, char out[PAY_REFERENCE_MAX + 1])
{
    char body[PAY_REFERENCE_MAX + 1];
    int n = snprintf(body, sizeof body, "%04u%08" PRId64 "00", (unsigned)r->year % 10000U,
                     r->number % INT64_C(1000000000000000));
    CHECK(n > 2 && n <= PAY_REFERENCE_MAX);
    unsigned check = 98 - mod97(body, (size_t)n);
    (void)snprintf(out, PAY_REFERENCE_MAX + 1, "%.*s%02u", n - 2, body, check % 100U);
}

bool pay_reference_read(const char *text, struct pay_reference *out)
{
    size_t n = strlen(text);
    char again[PAY_REFERENCE_MAX + 1];
    if (n < REFERENCE_MIN || n > PAY_REFERENCE_MAX || !all_digits(text, n) ||
        mod97(text, n) != 1) {
        return false;
    }
    *out = (struct pay_reference){0, 0};
    for (size_t i = 0; i < n - 2; i++) {
        if (i < 4) {
            out->year = out->year * 10 + (text[i] - '0');
        } else {
            out->number = out->number * 10 + (text[i] - '0');
        }
    }
    if (out->number < 1 || out->number > INT64_C(999999999999999)) {
        return false;
    }
    pay_reference_print(out, again); /* one way to write each */
    return strcmp(again, text) == 0;
}

bool gln_fits(const char *text)
{
    unsigned sum = 0;
    if (strlen(text) != GLN_DIGITS || !all_digits(text, GLN_DIGITS)) {
        return false;
    }
    for (size_t i = 0; i < GLN_DIGITS - 1; i++) {
        sum += (unsigned)(text[i] - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return (unsigned)(text[GLN_DIGITS - 1] - '0') == (10 - sum % 10) % 10;
}

/* ---- making ---- */

static enum err_code too_much(int64_t amount, struct err *e)
{
    return err_set(e, ERR_RANGE,
                   _("the amount %" PRId64 " (in the currency's smallest unit) has more digits "
                     "than a payment barcode takes"),
                   amount);
}

static enum err_code gs1_print(const struct pay_biller *b, const struct pay_demand *d,
                               struct buf *out, struct err *e)
{
    char reference[PAY_REFERENCE_MAX + 1], amount[24];
    int64_t unit = pow10_i64(d->decimals);
    bool whole = d->amount % unit == 0;
    (void)snprintf(amount, sizeof amount, "%0*" PRId64, AMOUNT_GS1,
                   whole ? d->amount / unit : d->amount);
    size_t n = strlen(amount);
    if (n > AMOUNT_GS1_MAX || d->decimals > 9) {
        return too_much(d->amount, e);
    }
    pay_reference_print(&d->reference, reference);
    /* an even number of digits goes two to a bar pattern */
    buf_addf(out, "(415)%s(8020)%s(390%u)%s%s", b->gln, reference, whole ? 0 : d->decimals,
             n % 2 == 0 ? "" : "0", amount);
    if (d->has_due) {
        buf_addf(out, "(96)%04u%02u%02u", (unsigned)d->due.year, d->due.month, d->due.day);
    }
    return ERR_OK;
}

static enum err_code plain_print(const struct pay_biller *b, const struct pay_demand *d,
                                 struct buf *out, struct err *e)
{
    char reference[PAY_REFERENCE_MAX + 1], amount[24];
    (void)snprintf(amount, sizeof amount, "%0*" PRId64, AMOUNT_128, d->amount);
    if (strlen(amount) > AMOUNT_128) {
        return too_much(d->amount, e);
    }
    pay_reference_print(&d->reference, reference);
    buf_addf(out, "%s%s%s", b->agreement, reference, amount);
    if (d->has_due) {
        buf_addf(out, "%04u%02u%02u", (unsigned)d->due.year, d->due.month, d->due.day);
    } else {
        buf_adds(out, "00000000");
    }
    return ERR_OK;
}

enum err_code pay_code_print(const struct pay_biller *b, const struct pay_demand *d,
                             struct buf *out, struct err *e)
{
    CHECK(b->kind != PAY_CODE_NONE && d->amount > 0);
    TRY(b->kind == PAY_CODE_GS1_128 ? gs1_print(b, d, out, e) : plain_print(b, d, out, e));
    return buf_status(out, _("payment barcode"), e);
}

/* ---- reading ---- */

/* The barcode's characters without what scanners and people put around them: "]C1" in front (a
 * text that is taken apart at brackets leaves "C1"), brackets, blanks; a separator (FNC1) stays
 * as GS. */
static bool strip(const char *text, char out[PLAIN_MAX + 1])
{
    size_t n = 0;
    text += *text == ']' ? 1 : 0;
    text += text[0] == 'C' && text[1] != '\0' ? 2 : 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (strchr("() ", *p) != NULL) {
            continue;
        }
        if ((*p != GS && (*p < '0' || *p > '9')) || n == PLAIN_MAX) {
            return false;
        }
        out[n++] = *p;
    }
    out[n] = '\0';
    return true;
}

/* The first `n` characters of s as a reference. */
static bool part_read(const char *s, size_t n, struct pay_reference *out)
{
    char part[PAY_REFERENCE_MAX + 1];
    if (n > PAY_REFERENCE_MAX || strlen(s) < n) {
        return false;
    }
    memcpy(part, s, n);
    part[n] = '\0';
    return pay_reference_read(part, out);
}

/* Behind 415, the GLN and 8020. Some files lose the separator: then the reference ends where
 * its check digits and the next identifier agree. */
static bool gs1_read(const struct pay_biller *b, const char *s, struct pay_reference *out)
{
    if (strncmp(s, "415", 3) != 0 || strncmp(s + 3, b->gln, GLN_DIGITS) != 0 ||
        strncmp(s + 3 + GLN_DIGITS, "8020", 4) != 0) {
        return false;
    }
    s += 3 + GLN_DIGITS + 4;
    size_t n = strcspn(s, (char[]){GS, '\0'});
    if (s[n] == GS) {
        return part_read(s, n, out);
    }
    for (n = REFERENCE_MIN; n <= PAY_REFERENCE_MAX && n <= strlen(s); n++) {
        bool ends =
            s[n] == '\0' || strncmp(s + n, "390", 3) == 0 || strncmp(s + n, "96", 2) == 0;
        if (ends && part_read(s, n, out)) {
            return true;
        }
    }
    return false;
}

static bool plain_read(const struct pay_biller *b, const char *s, struct pay_reference *out)
{
    size_t front = strlen(b->agreement), back = AMOUNT_128 + DAY_DIGITS, n = strlen(s);
    return n >= front + REFERENCE_MIN + back && strncmp(s, b->agreement, front) == 0 &&
           part_read(s + front, n - front - back, out);
}

bool pay_code_read(const struct pay_biller *b, const char *text, struct pay_reference *out)
{
    char s[PLAIN_MAX + 1];
    if (!strip(text, s)) {
        return false;
    }
    return pay_reference_read(s, out) || (b->kind == PAY_CODE_GS1_128 && gs1_read(b, s, out)) ||
           (b->kind == PAY_CODE_128 && plain_read(b, s, out));
}
