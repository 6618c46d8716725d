/* Lists of erasures and tar headers: what is read is written again the same. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/erasures.h"
#include "app/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct erasures l = {0};
    char name[TAR_NAME_MAX + 1];
    uint64_t bytes = 0;
    bool end = false;

    if (erasures_parse(&l, (const char *)data, size, "list", NULL) == ERR_OK) {
        for (size_t i = 0; i < l.count; i++) {
            CHECK(strlen(l.all[i].owner) > 0 && strlen(l.all[i].owner) <= ERASURE_NAME_MAX);
            CHECK(l.all[i].seq >= 0 && l.all[i].id >= 0);
        }
    }
    erasures_release(&l);
    if (size >= TAR_BLOCK && tar_parse(data, name, &bytes, &end) && !end) {
        uint8_t block[TAR_BLOCK];
        char again[TAR_NAME_MAX + 1];
        uint64_t same = 0;
        CHECK(strlen(name) > 0 && strlen(name) <= TAR_NAME_MAX);
        tar_header(name, bytes, block);
        CHECK(tar_parse(block, again, &same, &end) && !end && same == bytes);
        CHECK(strcmp(again, name) == 0);
    }
    return 0;
}
