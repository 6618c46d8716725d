/*
 * Every fuzz target ends with a bounded hold on memory: no input makes it take more than a
 * small multiple of its size. The bound here is one for all targets, which also write back,
 * compare, or compute bills with what they read; each reader's own is in
 * tests/unit/check_memory.c. The linker puts this in front of the target (--wrap).
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/alloc_meter.h"

#define TIMES 128
#define BESIDE ((int64_t)24 << 20)

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    alloc_meter_start();
    int rc = __real_LLVMFuzzerTestOneInput(data, size);
    int64_t peak = alloc_meter_stop().peak_bytes;
    if (peak > (int64_t)(TIMES * size) + BESIDE) {
        fprintf(stderr, "%zu bytes of input made it hold %lld\n", size, (long long)peak);
        abort();
    }
    return rc;
}
