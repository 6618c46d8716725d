/* An item of a window against the packet in it: signed by its device's key, and no other
 * figures than the packet's. Used by a deep check, and by who has a segment's file alone. */
#ifndef AFORO_APP_PACKET_ITEM_H
#define AFORO_APP_PACKET_ITEM_H

#include "base/arena.h"
#include "domain/packet.h"

/* The key that a device had where the item stands; NULL: none. Called once an item, maybe by
 * several threads. */
struct packet_item_keys {
    void *ctx;
    const struct ecdsa_key *(*find)(void *ctx, int64_t device);
};

/*
 * Judge an item.
 *
 * scratch, arena: of the calling thread; the arena is reset.
 * wrong: its code is ERR_TAMPERED when something does not hold, and its text says what.
 * Errors: those of reading, ERR_NOMEM.
 */
enum err_code packet_item_check(const char *item, size_t len,
                                const struct packet_item_keys *keys,
                                struct packet_scratch *scratch, struct arena *arena,
                                struct err *wrong, struct err *e) MUST_CHECK;
#define PACKET_ITEM_ARENA_MAX ((size_t)4 << 20)

#endif
