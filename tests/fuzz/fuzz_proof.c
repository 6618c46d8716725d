/* Proof files: whatever is read is written back byte for byte; checking ends with an answer,
 * and without taking more memory than its file allows. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/bill_code.h"
#include "app/proof_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(const char *text, size_t size)
{
    struct arena arena;
    struct proof p;
    struct buf again;
    arena_init(&arena, proof_memory(size));
    buf_init(&again, 2 * PROOF_SIZE_MAX);
    if (proof_read(text, size, &arena, &p, NULL) == ERR_OK) {
        CHECK(proof_write(&p, &again, NULL) == ERR_OK);
        CHECK(again.len == size && memcmp(again.data, text, size) == 0);
    }
    buf_release(&again);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size > 0 ? (const char *)data : "";
    struct proof_checked c;
    struct bill_code code;
    struct err e = ERR_INIT;
    read_back(text, size);
    proof_checked_init(&c);
    enum err_code outcome = proof_check(text, size, NULL, 0, &c, &e);
    CHECK(c.arena.used_bytes <= proof_memory(size));
    CHECK(outcome == ERR_OK || e.text[0] != '\0');
    proof_checked_release(&c);
    if (bill_code_parse(text, size, &code, &e) == ERR_OK) {
        CHECK(code.signed_len < size && text[code.signed_len] == ' ');
    }
    return 0;
}
