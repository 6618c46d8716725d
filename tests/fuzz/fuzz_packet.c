/* A device's JSON packet: what is taken says what the general reader of JSON says, and its
 * signed bytes are the canonical form that the general writer makes. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "domain/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const char *text, size_t len, const struct packet *p)
{
    struct arena a;
    struct json *v = NULL;
    struct buf want;
    arena_init(&a, 8 << 20);
    buf_init(&want, 1 << 20);
    CHECK(json_parse(text, len, &json_limits_default, &a, &v, NULL) == ERR_OK);
    struct json *cut = json_new_object(&a);
    for (size_t i = 0; i < v->u.object.count; i++) {
        const struct json_member *m = &v->u.object.members[i];
        if (strcmp(m->name, "signature") != 0) {
            CHECK(json_set(&a, cut, m->name, m->value));
        }
    }
    CHECK(json_write_jcs(cut, &want, NULL) == ERR_OK);
    CHECK(want.len == p->signed_bytes.len &&
          memcmp(want.data, p->signed_bytes.data, want.len) == 0);
    buf_release(&want);
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packet_scratch scratch;
    struct packet p;
    enum packet_refusal why = PACKET_TAKEN;
    packet_scratch_init(&scratch);
    enum err_code code = packet_parse((const char *)data, size, &scratch, &p, &why, NULL);
    CHECK((code == ERR_OK) == (why == PACKET_TAKEN));
    if (code == ERR_OK && p.lane == LANE_JSON) {
        compare((const char *)data, size, &p);
    }
    packet_scratch_release(&scratch);
    return 0;
}
