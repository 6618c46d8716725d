#include <config.h>

#include "app/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Places in a header (POSIX.1-1988, ustar). */
enum { AT_MODE = 100, AT_UID = 108, AT_GID = 116, AT_SIZE = 124, AT_TIME = 136, AT_SUM = 148 };
enum { AT_TYPE = 156, AT_MAGIC = 257, SIZE_DIGITS = 11, SUM_SIZE = 8 };
#define OCTAL_MAX ((UINT64_C(1) << 33) - 1)

static unsigned checksum(const uint8_t block[TAR_BLOCK])
{
    unsigned sum = 0;
    for (unsigned i = 0; i < TAR_BLOCK; i++) {
        sum += i >= AT_SUM && i < AT_SUM + SUM_SIZE ? ' ' : block[i];
    }
    return sum;
}

static void octal(uint8_t *at, unsigned digits, uint64_t value)
{
    for (unsigned i = digits; i-- > 0; value >>= 3) {
        at[i] = (uint8_t)('0' + (value & 7));
    }
}

void tar_header(const char *name, uint64_t bytes, uint8_t out[TAR_BLOCK])
{
    memset(out, 0, TAR_BLOCK);
    (void)snprintf((char *)out, TAR_NAME_MAX + 1, "%s", name);
    octal(out + AT_MODE, 7, 0600);
    octal(out + AT_UID, 7, 0);
    octal(out + AT_GID, 7, 0);
    octal(out + AT_TIME, SIZE_DIGITS, 0);
    if (bytes <= OCTAL_MAX) {
        octal(out + AT_SIZE, SIZE_DIGITS, bytes);
    } else { /* GNU: a set top bit, then big-endian */
        out[AT_SIZE] = 0x80;
        for (unsigned i = 0; i < 8; i++) {
            out[AT_SIZE + SIZE_DIGITS - i] = (uint8_t)(bytes >> (8 * i));
        }
    }
    out[AT_TYPE] = '0';
    memcpy(out + AT_MAGIC, "ustar\00000", 8);
    octal(out + AT_SUM, 6, checksum(out));
    out[AT_SUM + 7] = ' ';
}

static bool octal_take(const uint8_t *at, unsigned size, uint64_t *out)
{
    unsigned i = 0;
    *out = 0;
    while (i < size && at[i] >= '0' && at[i] <= '7') {
        *out = *out << 3 | (uint64_t)(at[i] - '0');
        i++;
    }
    return i > 0 && (i == size || at[i] == '\0' || at[i] == ' ');
}

static bool size_take(const uint8_t *at, uint64_t *out)
{
    if (at[0] != 0x80) {
        return octal_take(at, SIZE_DIGITS + 1, out);
    }
    *out = 0;
    for (unsigned i = 4; i < 12; i++) {
        *out = *out << 8 | at[i];
    }
    return at[1] == 0 && at[2] == 0 && at[3] == 0 && *out <= INT64_MAX;
}

bool tar_parse(const uint8_t block[TAR_BLOCK], char name[TAR_NAME_MAX + 1], uint64_t *bytes,
               bool *end)
{
    static const uint8_t zeros[TAR_BLOCK];
    uint64_t sum = 0;
    *end = memcmp(block, zeros, TAR_BLOCK) == 0;
    if (*end) {
        return true;
    }
    if (memchr(block, '\0', TAR_NAME_MAX + 1) == NULL || block[0] == '\0' ||
        memcmp(block + AT_MAGIC, "ustar", 5) != 0 || block[AT_TYPE] != '0' ||
        !octal_take(block + AT_SUM, SUM_SIZE, &sum) || sum != checksum(block)) {
        return false;
    }
    memcpy(name, block, TAR_NAME_MAX + 1);
    return size_take(block + AT_SIZE, bytes);
}
