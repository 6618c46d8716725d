/* The packet that a device signs: the JSON of the requirement document, section 15.1, with the
 * cumulative register, in the canonical form of RFC 8785. Portable C11, no allocation, nothing
 * but the standard headers: it runs on the microcontroller as it does on a host. */
#ifndef AKAMOTO_PACKET_H
#define AKAMOTO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An exact decimal: value * 10^-scale. The scale is 0..9, and the digits are at most 15, so
 * that every JSON reader prints the number back as it stands (RFC 8785 section 3.2.2.3). */
struct packet_number {
    int64_t value;
    uint8_t scale;
};

enum packet_quantity { PACKET_ENERGY, PACKET_WATER, PACKET_GAS };

struct packet_fields {
    const char *device_id;         /* ASCII without control characters, quotes, backslashes */
    const char *firmware;          /* the same; NULL: left out */
    const char *location_hash;     /* lower-case hex; NULL: left out */
    enum packet_quantity quantity; /* says tipo_medida and unidad: kWh or m3 */
    int64_t time;                  /* seconds since 1970, UTC; until the year 9999 */
    uint64_t nonce;                /* grows by one a packet; at most 2^53-1 */
    struct packet_number delta;    /* since the packet before */
    struct packet_number reg;      /* cumulative register, after the delta */
    /* Left out where has_electric is false (water, gas). */
    bool has_electric;
    struct packet_number voltage, current, power_factor;
};

#define PACKET_SIG_MAX 72  /* DER of ECDSA on a 256-bit curve */
#define PACKET_LEN_MAX 768 /* of a signed packet */

enum packet_status {
    PACK_OK,
    PACK_BAD_FIELD,   /* a field that no packet can hold */
    PACK_NO_ROOM,     /* the buffer is too small */
    PACK_SIGN_FAILED, /* the callback said so */
};

/* Sign len bytes: ECDSA with SHA-256, DER, at most PACKET_SIG_MAX bytes into sig, their count
 * into *sig_len. False when it cannot. */
typedef bool packet_sign_fn(void *ctx, const uint8_t *data, size_t len,
                            uint8_t sig[PACKET_SIG_MAX], size_t *sig_len);

/* The bytes that are signed: the canonical packet without `signature`. *len gets their count;
 * no NUL is written. */
enum packet_status packet_canonical(const struct packet_fields *f, char *out, size_t size,
                                    size_t *len);
/* The packet as it is sent. `out` serves as scratch for the signed bytes too, so PACKET_LEN_MAX
 * bytes are always enough. */
enum packet_status packet_build(const struct packet_fields *f, packet_sign_fn *sign, void *ctx,
                                char *out, size_t size, size_t *len);

#endif
