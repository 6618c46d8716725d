/* Packets of devices, read from their exact bytes: the JSON of the requirement document (15.1,
 * with the cumulative register) and OCMF lines. What comes out says what was signed, by whom it
 * claims to be, and which register values it holds; checking the signature and whether the
 * office takes it is the caller's. Source: ledger.md, Packets from devices; OCMF 1.x. */
#ifndef AFORO_DOMAIN_PACKET_H
#define AFORO_DOMAIN_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quantity.h"
#include "crypto/ecdsa.h"
#include "domain/meter.h"

#define PACKET_BYTES_MAX 16384
#define PACKET_MEMBERS_MAX 32
#define PACKET_READINGS_MAX 16
#define DEVICE_NAME_MAX 64
#define PACKET_VALUE_MAX 40 /* bytes of a value that is kept as it was signed */

/* Why a packet is refused; PACKET_TAKEN: it is not. */
enum packet_refusal {
    PACKET_TAKEN,
#define REFUSAL(ident, name, title) PACKET_##ident,
#include "domain/packet_refusals.def"
#undef REFUSAL
    PACKET_REFUSAL_COUNT
};
const char *
packet_refusal_name(enum packet_refusal r); /* stable: "nonce_reused"; "" if taken */
const char *packet_refusal_title(enum packet_refusal r); /* translated */

/* Which counter a packet's number belongs to: OCMF counts transactions and fiscal records
 * apart. */
enum packet_lane { LANE_JSON, LANE_OCMF_T, LANE_OCMF_F, LANE_COUNT };

/* Text within the packet (or within the scratch it was read with); not NUL-terminated. */
struct slice {
    const char *data; /* NULL: absent */
    size_t len;
};

/* One value of a register. */
struct packet_reading {
    int64_t utc;                 /* seconds; what is behind the second is dropped */
    bool usable;                 /* its clock, status and error flags say so */
    struct slice value;          /* exact decimal, as written */
    const struct unit *unit;     /* NULL: of no unit that meters count in */
    struct slice obis_c, obis_d; /* groups C and D without leading zeros; absent: not said */
};

struct packet {
    enum packet_lane lane;
    struct slice device, device_else; /* whose it may be: the first that is registered */
    int64_t nonce;
    int64_t utc;          /* of the first reading */
    enum meter_kind kind; /* METER_KIND_COUNT: not said */
    struct slice delta;   /* since the packet before; absent: not said */
    const struct unit *delta_unit;
    struct packet_reading readings[PACKET_READINGS_MAX];
    size_t reading_count;
    struct slice signed_bytes;
    uint8_t sig[ECDSA_SIG_MAX];
    size_t sig_len;
    enum ecdsa_digest digest;
    enum ecdsa_curve curve; /* CURVE_COUNT: not said */
};

/*
 * What a register shows of a signed value: its whole smallest units. A charging station signs
 * 12.3456 kWh where the register counts watt-hours: it shows 12.345, and what is left is in the
 * next value that shows it, as behind the last wheel of a dial. *finer: something is left; the
 * record then keeps the value as it was signed beside the one that is shown. A packet of ours
 * (LANE_JSON) is never finer: false.
 *
 * False also for a value that is too large, or finer and below zero or longer than
 * PACKET_VALUE_MAX.
 */
bool packet_value_shown(const struct packet *p, struct slice text, const struct unit *unit,
                        int64_t *value, bool *finer);
/* Does a recorded reading say what the packet does: the value shown, and in `raw` (NULL: none)
 * the one signed where that is finer? */
bool packet_reading_agrees(const struct packet *p, const struct packet_reading *r,
                           int64_t value, const char *raw);

/* What reading needs; may be used again and again. */
struct packet_scratch {
    struct arena arena;
    struct buf canonical;
};
void packet_scratch_init(struct packet_scratch *s);
void packet_scratch_release(struct packet_scratch *s);

/*
 * Read one packet: OCMF when it begins with "OCMF|", else JSON.
 *
 * text: as received, without the line's end; borrowed as long as `out` is.
 * why:  PACKET_TAKEN, or the reason for which ERR_PARSE or ERR_LIMIT came back; the sentence is
 *       in e.
 * Errors: ERR_PARSE, ERR_LIMIT, ERR_NOMEM.
 */
enum err_code packet_parse(const char *text, size_t len, struct packet_scratch *s,
                           struct packet *out, enum packet_refusal *why,
                           struct err *e) MUST_CHECK;

/* The two formats, for packet_parse. */
enum err_code packet_parse_json(const char *text, size_t len, struct packet_scratch *s,
                                struct packet *out, enum packet_refusal *why,
                                struct err *e) MUST_CHECK;
enum err_code packet_parse_ocmf(const char *text, size_t len, struct packet_scratch *s,
                                struct packet *out, enum packet_refusal *why,
                                struct err *e) MUST_CHECK;

#endif
