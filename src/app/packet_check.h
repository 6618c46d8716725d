/* Checking packets on all cores: what needs no database. A set is what came since the last one;
 * it becomes one window. */
#ifndef AFORO_APP_PACKET_CHECK_H
#define AFORO_APP_PACKET_CHECK_H

#include "app/device_cache.h"
#include "base/buf.h"
#include "domain/packet.h"
#include "domain/rules.h"

#define SET_PACKETS_MAX 16384
#define SET_BYTES_MAX ((size_t)32 << 20)

/* A register value that counts. */
struct packet_value {
    int64_t utc, value; /* seconds; smallest unit of the register */
    struct slice raw;   /* as signed, where that is finer; of the set's text */
    const struct device_place *place;
};

/* One packet, and what was found out about it. */
struct checked {
    size_t text, len; /* in the set's text */
    uint64_t tag;     /* the caller's: a line, a request */
    enum packet_refusal why;
    bool known;            /* stored before, byte for byte */
    char *detail;          /* the sentence of a refusal; owned */
    struct device *device; /* whose it claims to be; NULL: nobody's */
    bool numbered;         /* lane, number and hash are there, though it may be refused */
    enum packet_lane lane;
    int64_t nonce, utc;
    bool has_delta;
    int64_t delta;
    struct packet_value values[PACKET_READINGS_MAX];
    size_t value_count;
    struct hash hash;
    /* filled in on the way into the ledger */
    bool has_step;
    struct step step;
    int64_t seq, item; /* where it is stored */
    bool held;
};

struct packet_set {
    struct buf text;
    struct checked *all; /* SET_PACKETS_MAX of them */
    size_t count;
    struct checked **order; /* for sorting, as many */
    struct device_cache *cache;
    struct packet_scratch *scratch; /* one a thread */
    unsigned threads;
    struct err fatal; /* the first failure that is no packet's fault */
    pthread_mutex_t lock;
};

enum err_code packet_set_init(struct packet_set *s, struct device_cache *cache,
                              unsigned threads, struct err *e) MUST_CHECK;
void packet_set_release(struct packet_set *s);
void packet_set_clear(struct packet_set *s);
bool packet_set_full(const struct packet_set *s);
/* Copy one packet in. ERR_LIMIT when the set is full. */
enum err_code packet_set_add(struct packet_set *s, const char *text, size_t len, uint64_t tag,
                             struct err *e) MUST_CHECK;

/* Jobs for a pool: packet_set_jobs() of them, then packet_set_status(). May be done again, when
 * the registry has changed. */
size_t packet_set_jobs(const struct packet_set *s);
void packet_set_check(void *set, unsigned worker, size_t job);
enum err_code packet_set_status(const struct packet_set *s, struct err *e) MUST_CHECK;

#endif
