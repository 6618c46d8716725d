#include <config.h>

#include "domain/tax_id.h"

#include <string.h>

#include "base/caltime.h"

/* ---- parts ---- */

static bool digits(const char *s, size_t min, size_t max)
{
    size_t n = strspn(s, "0123456789");
    return s[n] == '\0' && n >= min && n <= max;
}

static unsigned digit(char c)
{
    return (unsigned)(c - '0');
}

/* Of n digits, each times its weight. */
static unsigned weighted(const char *s, const unsigned char *weights, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += digit(s[i]) * weights[i];
    }
    return sum;
}

static bool all_same(const char *s)
{
    return strspn(s, (char[]){s[0], '\0'}) == strlen(s);
}

/* ---- Argentina ---- */

/* Eleven digits, the last one 11 less the rest by 11, and 9 where that were 10 (mostly the
 * prefix changes to 23 or 33 instead). Source: ARCA (AFIP), Clave Unica de Identificacion
 * Tributaria, Resolucion General 10/97; weights 5432765432. */
static bool ar_cuit(const char *s, bool dashed)
{
    static const unsigned char weights[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    static const char *const kinds[] = {"20", "23", "24", "25", "26",
                                        "27", "30", "33", "34", NULL};
    bool known = false;
    (void)dashed;
    for (size_t i = 0; kinds[i] != NULL; i++) {
        known = known || strncmp(s, kinds[i], 2) == 0;
    }
    if (!digits(s, 11, 11) || !known) {
        return false;
    }
    unsigned check = 11 - weighted(s, weights, 10) % 11;
    return digit(s[10]) == (check == 10 ? 9 : check % 11);
}

/* Seven or eight digits without a check digit. Source: Ley 17.671. */
static bool ar_dni(const char *s, bool dashed)
{
    return !dashed && digits(s, 7, 8);
}

/* ---- Brazil ---- */

/* A digit's value, of a letter its code less 48: CNPJ take letters from July 2026 on. */
static unsigned br_value(char c)
{
    return (unsigned)(unsigned char)c - 48;
}

/* Modulo 11 over n characters, weights from the right 2 to `top` and again from 2; rests of 0
 * and 1 give 0. */
static bool br_check(const char *s, size_t n, unsigned top)
{
    unsigned sum = 0, weight = 2;
    for (size_t i = n; i > 0; i--) {
        sum += br_value(s[i - 1]) * weight;
        weight = weight == top ? 2 : weight + 1;
    }
    unsigned rest = sum % 11;
    return br_value(s[n]) == (rest < 2 ? 0 : 11 - rest);
}

/* Twelve digits or letters and two check digits. Source: Receita Federal, Instrucao Normativa
 * RFB 2.119 of 2022, and 2.229 of 2024 for the letters. */
static bool br_cnpj(const char *s, bool dashed)
{
    size_t n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    (void)dashed;
    return n == 14 && s[14] == '\0' && digits(s + 12, 2, 2) && !all_same(s) &&
           br_check(s, 12, 9) && br_check(s, 13, 9);
}

/* Nine digits and two check digits; eleven times the same digit is none. Source: Receita
 * Federal, Instrucao Normativa RFB 2.172 of 2024 (CPF). */
static bool br_cpf(const char *s, bool dashed)
{
    (void)dashed;
    return digits(s, 11, 11) && !all_same(s) && br_check(s, 9, 11) && br_check(s, 10, 11);
}

/* ---- Chile ---- */

/* Up to eight digits and a check digit or K: modulo 11, weights from the right 2 to 7 and
 * again. Source: Servicio de Registro Civil, DFL 3 of 1969 (RUT); SII, algoritmo modulo 11. */
static bool cl_rut(const char *s, bool dashed)
{
    size_t n = strlen(s), last = n - 1;
    unsigned sum = 0, weight = 2;
    (void)dashed;
    if (n < 7 || n > 9 || strspn(s, "0123456789") < last) {
        return false;
    }
    for (size_t i = last; i > 0; i--) {
        sum += digit(s[i - 1]) * weight;
        weight = weight == 7 ? 2 : weight + 1;
    }
    unsigned check = 11 - sum % 11;
    return s[last] == (check == 11 ? '0' : check == 10 ? 'K' : (char)('0' + check));
}

/* ---- Colombia ---- */

/* Up to ten digits without a check digit. Source: Registraduria Nacional, Ley 39 of 1961. */
static bool co_cc(const char *s, bool dashed)
{
    return !dashed && digits(s, 5, 10) && s[0] != '0';
}

/* Up to fifteen digits and a check digit: modulo 11 with primes as weights from the right;
 * rests of 0 and 1 stay. A person's is the cedula with the digit behind a dash; without the
 * dash only a company's (nine digits from 8 or 9) is told from a cedula. Source: DIAN, Orden
 * Administrativa 4 of 27 October 1989. */
static bool co_nit(const char *s, bool dashed)
{
    static const unsigned char weights[] = {3,  7,  13, 17, 19, 23, 29, 37,
                                            41, 43, 47, 53, 59, 67, 71};
    size_t n = strlen(s);
    unsigned sum = 0;
    bool company = n == 10 && (s[0] == '8' || s[0] == '9');
    if (!digits(s, 6, 16) || (!dashed && !company)) {
        return false;
    }
    for (size_t i = 0; i < n - 1; i++) {
        sum += digit(s[n - 2 - i]) * weights[i];
    }
    unsigned rest = sum % 11;
    return digit(s[n - 1]) == (rest < 2 ? rest : 11 - rest);
}

/* ---- Costa Rica ---- */

/* Nine digits of a citizen, ten of a company or NITE, eleven or twelve of a resident (DIMEX);
 * there is no check digit. Source: Direccion General de Tributacion, DGT-R-48-2016, tipos de
 * identificacion. */
static bool cr_cedula(const char *s, bool dashed)
{
    (void)dashed;
    return digits(s, 9, 12) && s[0] != '0';
}

/* ---- Ecuador ---- */

static bool ec_province(const char *s)
{
    unsigned p = digit(s[0]) * 10 + digit(s[1]);
    return (p >= 1 && p <= 24) || p == 30;
}

/* The first ten digits: every second one twice, less 9 above 9; modulo 10. Source: Direccion
 * General de Registro Civil. */
static bool ec_person(const char *s)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) {
        unsigned v = digit(s[i]) * (i % 2 == 0 ? 2 : 1);
        sum += v > 9 ? v - 9 : v;
    }
    return ec_province(s) && s[2] <= '6' && digit(s[9]) == (10 - sum % 10) % 10;
}

static bool ec_ci(const char *s, bool dashed)
{
    (void)dashed;
    return digits(s, 10, 10) && ec_person(s);
}

/* Thirteen digits: a person's cedula (third digit up to 6), a public body (6, check digit in
 * the ninth place), a company (9), and the establishment. Of companies the SRI has given out
 * numbers whose tenth digit is no check digit since their series went past six digits, so
 * theirs is not judged. Source: SRI, Reglamento a la Ley del RUC, art. 3; the numbers that do
 * not check are named in python-stdnum's issues 290 and 497, from the SRI's own register. */
static bool ec_ruc(const char *s, bool dashed)
{
    static const unsigned char weights[] = {3, 2, 7, 6, 5, 4, 3, 2};
    (void)dashed;
    if (!digits(s, 13, 13) || !ec_province(s)) {
        return false;
    }
    unsigned rest = weighted(s, weights, 8) % 11;
    bool body = s[2] == '6' && digit(s[8]) == (rest == 0 ? 0 : 11 - rest);
    return (body && strcmp(s + 9, "0000") != 0) ||
           ((s[2] == '9' || ec_person(s)) && strcmp(s + 10, "000") != 0);
}

/* ---- Mexico ---- */

static bool rfc_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '&' || c == '\xD1';
}

/* Three letters of a company or four of a person, a date, three signs. The last one is a check
 * sign that the SAT itself gives out otherwise at times, so it is not judged. Source: Codigo
 * Fiscal de la Federacion, art. 27; SAT, estructura del RFC. */
static bool mx_rfc(const char *s, bool dashed)
{
    size_t n = strlen(s), letters = 0;
    (void)dashed;
    while (rfc_letter(s[letters]) && letters < 4) {
        letters++;
    }
    if (letters < 3 || n != letters + 9 || strspn(s + letters, "0123456789") < 6) {
        return false;
    }
    const char *day = s + letters + 2;
    struct date born = {2000 + (int32_t)(digit(s[letters]) * 10 + digit(s[letters + 1])),
                        (uint8_t)(digit(day[0]) * 10 + digit(day[1])),
                        (uint8_t)(digit(day[2]) * 10 + digit(day[3]))};
    const char *end = s + letters + 6;
    return date_valid(born) && strspn(end, "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ") >= 2 &&
           (digit(end[2]) <= 9 || end[2] == 'A');
}

/* ---- Peru ---- */

/* Eight digits. Source: RENIEC, Ley 26497. */
static bool pe_dni(const char *s, bool dashed)
{
    return !dashed && digits(s, 8, 8);
}

/* Eleven digits: 11 less the rest by 11, of which only the last digit counts. Source: SUNAT,
 * Decreto Legislativo 943; weights 5432765432. */
static bool pe_ruc(const char *s, bool dashed)
{
    static const unsigned char weights[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    static const char *const kinds[] = {"10", "15", "16", "17", "20", NULL};
    bool known = false;
    (void)dashed;
    for (size_t i = 0; kinds[i] != NULL; i++) {
        known = known || strncmp(s, kinds[i], 2) == 0;
    }
    return digits(s, 11, 11) && known &&
           digit(s[10]) == (11 - weighted(s, weights, 10) % 11) % 10;
}

/* ---- all of them ---- */

const struct tax_scheme tax_schemes[] = {
#define TAX_SCHEME(name, label, country, function) {#name, label, country, function},
#include "domain/tax_schemes.def"
#undef TAX_SCHEME
};
const size_t tax_scheme_count = sizeof tax_schemes / sizeof tax_schemes[0];

const struct tax_scheme *tax_scheme_find(const char *name)
{
    for (size_t i = 0; i < tax_scheme_count; i++) {
        if (strcmp(tax_schemes[i].name, name) == 0) {
            return &tax_schemes[i];
        }
    }
    return NULL;
}

/* A sign that counts, or 0. *used: its bytes. */
static char counted(const char *p, size_t *used)
{
    *used = 1;
    if (*p >= 'a' && *p <= 'z') {
        return (char)(*p - 'a' + 'A');
    }
    if (p[0] == '\xC3' && (p[1] == '\x91' || p[1] == '\xB1')) {
        *used = 2;
        return '\xD1';
    }
    bool fine = (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '&';
    return fine ? *p : '\0';
}

bool tax_id_plain(const char *text, char out[TAX_ID_PLAIN_MAX + 1], bool *dashed)
{
    size_t n = 0, used = 0;
    bool dash = false, last = false;
    for (const char *p = text; *p != '\0'; p += used) {
        used = 1;
        if (strchr(" ./-", *p) != NULL) {
            dash = dash || *p == '-';
            continue;
        }
        char c = counted(p, &used);
        if (c == '\0' || n == TAX_ID_PLAIN_MAX) {
            return false;
        }
        out[n++] = c;
        last = dash;
        dash = false;
    }
    out[n] = '\0';
    if (dashed != NULL) {
        *dashed = last;
    }
    return n > 0 && !dash;
}

void tax_id_print_plain(const char *text, char out[2 * TAX_ID_PLAIN_MAX + 1])
{
    char plain[TAX_ID_PLAIN_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; tax_id_plain(text, plain, NULL) && plain[i] != '\0'; i++) {
        if (plain[i] == '\xD1') {
            out[n++] = '\xC3';
            out[n++] = '\x91';
        } else {
            out[n++] = plain[i];
        }
    }
    out[n] = '\0';
}

bool tax_id_fits(const struct tax_scheme *s, const char *text)
{
    char plain[TAX_ID_PLAIN_MAX + 1];
    bool dashed = false;
    return strlen(text) <= TAX_ID_MAX && tax_id_plain(text, plain, &dashed) &&
           s->fits(plain, dashed);
}
