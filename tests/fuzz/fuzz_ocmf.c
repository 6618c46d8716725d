/* OCMF records: what is taken lies within the record, and its parts are JSON. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "domain/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[PACKET_BYTES_MAX + 8];
    struct packet_scratch scratch;
    struct packet p;
    enum packet_refusal why = PACKET_TAKEN;
    if (size > PACKET_BYTES_MAX) {
        return 0;
    }
    memcpy(text, "OCMF|", 5);
    memcpy(text + 5, data, size);
    packet_scratch_init(&scratch);
    enum err_code code = packet_parse(text, size + 5, &scratch, &p, &why, NULL);
    CHECK((code == ERR_OK) == (why == PACKET_TAKEN));
    if (code == ERR_OK) {
        CHECK(p.lane == LANE_OCMF_T || p.lane == LANE_OCMF_F);
        CHECK(p.signed_bytes.data == text + 5 && p.signed_bytes.len < size);
        CHECK(p.signed_bytes.data[p.signed_bytes.len] == '|');
        CHECK(p.reading_count <= PACKET_READINGS_MAX && p.sig_len <= ECDSA_SIG_MAX);
        for (size_t i = 0; i < p.reading_count; i++) {
            struct slice v = p.readings[i].value;
            struct decimal d;
            CHECK(v.data == NULL || decimal_parse(v.data, v.len, &d, NULL) == ERR_OK);
        }
    }
    packet_scratch_release(&scratch);
    return 0;
}
