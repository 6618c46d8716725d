#include <config.h>

#include "crypto/bech32.h"

#include <stddef.h>
#include <string.h>

bool bech32_decode(const char *text, const char *prefix, uint8_t out[32])
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const uint32_t poly[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                     0x2a1462b3};
    size_t head = strlen(prefix);
    uint8_t five[58 + 2 * 32];
    size_t count = 0;
    uint32_t sum = 1;
    if (strlen(text) != head + 1 + 58 || strncmp(text, prefix, head) != 0 ||
        text[head] != '1') {
        return false;
    }
    bool upper = prefix[0] >= 'A' && prefix[0] <= 'Z';
    for (size_t i = 0; i < head; i++) { /* in lower case; '-' has that bit already */
        five[count++] = (uint8_t)((unsigned char)prefix[i] | 0x20U) >> 5;
    }
    five[count++] = 0;
    for (size_t i = 0; i < head; i++) {
        five[count++] = ((unsigned char)prefix[i] | 0x20U) & 31;
    }
    size_t data = count;
    for (const char *at = text + head + 1; *at != '\0'; at++) {
        char c = upper && *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at;
        const char *found = upper && *at >= 'a' && *at <= 'z' ? NULL : strchr(digits, c);
        if (found == NULL) {
            return false;
        }
        five[count++] = (uint8_t)(found - digits);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t top = sum >> 25;
        sum = (sum & 0x1ffffff) << 5 ^ five[i];
        for (unsigned k = 0; k < 5; k++) {
            sum ^= (top >> k & 1) != 0 ? poly[k] : 0;
        }
    }
    uint32_t bits = 0;
    unsigned have = 0;
    size_t made = 0;
    for (size_t i = data; i < data + 52; i++) {
        bits = (bits << 5 | five[i]) & 0xfff;
        have += 5;
        if (have >= 8) {
            have -= 8;
            out[made++] = (uint8_t)(bits >> have);
        }
    }
    return sum == 1 && made == 32 && (bits & ((1U << have) - 1)) == 0;
}
