#include <config.h>

#include "app/segment_offline.h"

#include <inttypes.h>
#include <string.h>

#include "app/packet_item.h"
#include "app/segments.h"
#include "base/arena.h"
#include "base/i18n.h"

/* A device and the key that it has so far. */
struct holder {
    int64_t device;
    struct ecdsa_key *key; /* NULL: revoked */
};

struct offline {
    struct holder *holders; /* by device */
    size_t count, size;
    struct packet_scratch scratch;
    struct arena arena;
    struct segment_report *out;
};

bool segment_begins(const char *bytes, size_t len)
{
    size_t heading = sizeof SEGMENT_HEADING - 1;
    return len >= heading && memcmp(bytes, SEGMENT_HEADING, heading) == 0;
}

/* ---- keys, as the entries give them ---- */

static size_t holder_place(const struct offline *o, int64_t device)
{
    size_t low = 0;
    size_t high = o->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = o->holders[middle].device < device;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static struct holder *holder_find(const struct offline *o, int64_t device)
{
    size_t at = holder_place(o, device);
    return at < o->count && o->holders[at].device == device ? &o->holders[at] : NULL;
}

static enum err_code holder_add(struct offline *o, int64_t device, struct err *e)
{
    size_t at = holder_place(o, device);
    struct holder *more = mem_grow(o->holders, o->count, &o->size, sizeof more[0]);
    if (more == NULL) {
        return err_nomem(e);
    }
    o->holders = more;
    memmove(&o->holders[at + 1], &o->holders[at], (o->count - at) * sizeof o->holders[0]);
    o->holders[at] = (struct holder){.device = device};
    o->count++;
    return ERR_OK;
}

static enum err_code key_load(struct holder *h, const struct entry *en, struct err *e)
{
    struct buf spki;
    const char *text = json_get_str(en->data, "spki");
    buf_init(&spki, ECDSA_SPKI_MAX);
    ecdsa_key_free(h->key);
    h->key = NULL;
    enum err_code code = text == NULL ? ERR_PARSE : base64_decode(text, strlen(text), &spki, e);
    if (code == ERR_OK) {
        code = ecdsa_key_load(spki.data, spki.len, &h->key, e);
    }
    buf_release(&spki);
    return code == ERR_OK || code == ERR_NOMEM
               ? code
               : err_set(e, ERR_TAMPERED, _("entry %" PRId64 " holds no key"), en->seq);
}

static enum err_code entry_seen(void *ctx, const struct entry *en, enum kind kind,
                                struct err *e)
{
    struct offline *o = ctx;
    int64_t device = 0;
    bool names = kind == KIND_device_added || kind == KIND_device_key_rotated;
    if ((!names && kind != KIND_device_key_revoked) ||
        !json_get_int(en->data, "device", &device)) {
        return ERR_OK;
    }
    if (holder_find(o, device) == NULL) {
        TRY(holder_add(o, device, e));
    }
    struct holder *h = holder_find(o, device);
    if (names) {
        return key_load(h, en, e);
    }
    ecdsa_key_free(h->key);
    h->key = NULL;
    return ERR_OK;
}

static const struct ecdsa_key *key_find(void *ctx, int64_t device)
{
    const struct holder *h = holder_find(ctx, device);
    return h == NULL ? NULL : h->key;
}

/* ---- packets ---- */

static enum err_code item_seen(void *ctx, int64_t seq, int64_t index, const char *item,
                               size_t len, struct err *e)
{
    struct offline *o = ctx;
    struct err wrong = ERR_INIT;
    const struct packet_item_keys keys = {o, key_find};
    TRY(packet_item_check(item, len, &keys, &o->scratch, &o->arena, &wrong, e));
    if (wrong.code != ERR_OK) {
        return err_set(e, ERR_TAMPERED, _("packet %" PRId64 " of entry %" PRId64 ": %s"), index,
                       seq, wrong.text);
    }
    o->out->packets++;
    return ERR_OK;
}

enum err_code segment_offline(const char *path, const char *log_key,
                              const struct progress *progress, struct segment_report *out,
                              struct err *e)
{
    struct offline o = {.out = out};
    const struct segment_watch watch = {.ctx = &o,
                                        .entry = entry_seen,
                                        .item = item_seen,
                                        .progress = progress,
                                        .log_key = log_key};
    *out = (struct segment_report){.packets = 0};
    FILE *in = fopen(path, "rbe");
    if (in == NULL) {
        return err_errno(e, _("cannot read %s"), path);
    }
    arena_init(&o.arena, PACKET_ITEM_ARENA_MAX);
    packet_scratch_init(&o.scratch);
    enum err_code code = segment_hash(in, &out->sha256, &out->bytes, e);
    if (code == ERR_OK) {
        rewind(in);
        code = segment_check(in, &watch, &out->seen, e);
    }
    for (size_t i = 0; i < o.count; i++) {
        ecdsa_key_free(o.holders[i].key);
    }
    mem_free(o.holders);
    packet_scratch_release(&o.scratch);
    arena_release(&o.arena);
    (void)fclose(in);
    return code;
}
