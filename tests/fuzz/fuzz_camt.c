/* Statements of banks from anybody: read whole or refused with a sentence. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "domain/bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct bank_file f;
    struct err e = ERR_INIT;
    arena_init(&arena, (size_t)64 << 20);
    if (bank_read_camt((const char *)data, size, &arena, &f, &e) != ERR_OK) {
        CHECK(e.text[0] != '\0');
    } else {
        CHECK(f.count > 0);
        for (size_t i = 0; i < f.count; i++) {
            (void)bank_statement_balanced(&f.statements[i]);
        }
    }
    arena_release(&arena);
    return 0;
}
