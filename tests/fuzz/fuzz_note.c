/* Signed notes, checkpoints and verifier keys. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/checkpoint.h"
#include "crypto/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text has one spelling: what is parsed is written back the same. */
static void try_checkpoint(const char *text, size_t len)
{
    struct checkpoint c;
    struct buf again;

    buf_init(&again, NOTE_SIZE_MAX);
    if (checkpoint_parse(text, len, &c, NULL) == ERR_OK) {
        CHECK(checkpoint_write(&c, &again, NULL) == ERR_OK);
        CHECK(again.len == len && memcmp(again.data, text, len) == 0);
    }
    buf_release(&again);
}

static void try_verifier_key(const uint8_t *data, size_t size)
{
    struct note_verifier *v = NULL;
    char *text = malloc(size + 1);

    CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    if (note_verifier_parse(text, &v, NULL) == ERR_OK) {
        CHECK(strncmp(text, note_verifier_name(v), strlen(note_verifier_name(v))) == 0);
    }
    note_verifier_free(v);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
    static struct note_verifier *own[2];
    const struct note_verifier *known[2];
    const char *text = (const char *)data;
    struct note_verified v;

    for (size_t i = 0; i < 2; i++) {
        CHECK(own[i] != NULL || note_verifier_parse(keys[i], &own[i], NULL) == ERR_OK);
        known[i] = own[i];
    }
    if (note_verify(text, size, known, 2, &v, NULL) == ERR_OK) {
        CHECK(v.by != 0 && v.text_len + 1 < size && text[v.text_len] == '\n');
        try_checkpoint(text, v.text_len);
    }
    try_checkpoint(text, size);
    try_verifier_key(data, size);
    return 0;
}
