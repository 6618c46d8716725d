/* Keys at random, for both fuzzers of the console. */
#ifndef AFORO_TESTS_NOISE_KEY_H
#define AFORO_TESTS_NOISE_KEY_H

#include <stdint.h>

#include "ui/key.h"

/* Half of the times any key at all; else one of those that lead somewhere. */
static inline uint32_t noise_key(uint32_t (*any)(uint32_t below), const uint32_t *likely,
                                 uint32_t count)
{
    switch (any(8)) {
    case 0:
        return K_ENTER + any(K_LAST - K_ENTER);
    case 1:
        return 1 + any(0x10ffff);
    case 2:
        return any(0x80) | (any(2) != 0 ? K_CTRL : K_ALT);
    case 3:
        return ' ' + any(0x5f);
    default:
        return likely[any(count)];
    }
}

#endif
