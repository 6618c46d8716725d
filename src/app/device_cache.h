/* The registry of devices in memory, as the checking of packets needs it: found by name, keys
 * parsed once. Threads share it for reading; only the one thread that owns the office loads it
 * and changes `last`. */
#ifndef AFORO_APP_DEVICE_CACHE_H
#define AFORO_APP_DEVICE_CACHE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/office.h"
#include "crypto/ecdsa.h"
#include "domain/packet.h"

/* A register that a device speaks of, from an instant on. */
struct device_place {
    int64_t from_utc, reg, meter;
    enum meter_kind kind;
    const struct unit *unit;
    char obis_c[4], obis_d[4]; /* groups C and D in decimal; "" unless the code has them */
};

/* The newest number of a lane, and the register value that came with it. */
struct device_last {
    bool loaded, any, has_value;
    int64_t nonce, utc, value;
};

struct device {
    int64_t id;
    char name[DEVICE_NAME_MAX + 1];
    bool has_key;
    struct hash keyid;
    uint8_t spki[ECDSA_SPKI_MAX];
    size_t spki_len;
    struct ecdsa_key *key; /* parsed at first use */
    struct device_place *places;
    size_t place_count;
    struct device_last last[LANE_COUNT];
};

struct device_cache {
    struct device *devices; /* by name */
    size_t count;
    struct device_place *places;     /* of all of them */
    bool curve_allowed[CURVE_COUNT]; /* for the document's packets */
    int64_t generation;              /* newest entry about devices */
    pthread_mutex_t lock;            /* of the parsing of keys */
};

void device_cache_init(struct device_cache *c);
void device_cache_release(struct device_cache *c);
/* Read the registry, forgetting what was there. */
enum err_code device_cache_load(struct device_cache *c, struct office *o,
                                struct err *e) MUST_CHECK;
/* The newest entry about devices: the cache is true as long as it is the same. */
enum err_code device_generation(struct office *o, int64_t *out, struct err *e) MUST_CHECK;

/* NULL when there is none. Thread-safe. */
struct device *device_find(const struct device_cache *c, struct slice name);
/* The place at an instant; NULL before the first. */
const struct device_place *device_place_at(const struct device *d, int64_t utc);
/* Its valid key; the device has one. Thread-safe. Errors: ERR_TAMPERED, ERR_NOMEM. */
enum err_code device_key_get(struct device_cache *c, struct device *d,
                             const struct ecdsa_key **out, struct err *e) MUST_CHECK;

#endif
