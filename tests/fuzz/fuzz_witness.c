/* What reaches a witness from outside: requests; and the file of what it remembers. Both have
 * one spelling. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/witness_judge.h"
#include "crypto/note_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code no_tiles(void *ctx, unsigned level, uint64_t number, size_t width,
                              struct hash nodes[TREE_TILE_WIDTH], struct err *e)
{
    (void)ctx;
    (void)level;
    (void)number;
    memset(nodes, 7, width * sizeof nodes[0]);
    (void)e;
    return ERR_OK;
}

/* Judged against a memory of `size` entries: never a crash, and only zeros are a known root. */
static void judge(const struct witness_request *r, struct witness_memory *m, uint64_t size,
                  bool tiles)
{
    static struct witness_asked q;
    enum witness_verdict verdict = WITNESS_FOLLOWS;
    q = (struct witness_asked){.r = *r, .tiles = tiles, .source = {NULL, no_tiles}};
    q.text_len = note_text_len(r->note, r->note_len);
    if (q.text_len == 0 || checkpoint_parse(r->note, q.text_len, &q.says, NULL) != ERR_OK) {
        return;
    }
    m->size = size;
    enum err_code code = witness_judge(m, &q, &verdict, NULL);
    CHECK(code != ERR_TAMPERED && (code == ERR_OK || verdict == WITNESS_FOLLOWS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct witness_request r;
    static struct witness_memory m;
    struct buf again;
    const char *text = size > 0 ? (const char *)data : "";

    buf_init(&again, WITNESS_REQUEST_MAX + size);
    if (witness_request_parse(text, size, &r, NULL) == ERR_OK) {
        CHECK(witness_request_write(&r, &again, NULL) == ERR_OK);
        CHECK(again.len == size && memcmp(again.data, text, size) == 0);
        memset(&m, 0, sizeof m);
        judge(&r, &m, 0, false);
        judge(&r, &m, 0, true);
        judge(&r, &m, r.old_size, false);
        judge(&r, &m, 3, true);
    }
    buf_clear(&again);
    if (witness_memory_parse(text, size, &m, NULL) == ERR_OK) {
        CHECK(witness_memory_print(&m, &again, NULL) == ERR_OK);
        CHECK(again.len == size && memcmp(again.data, text, size) == 0);
        enum err_code code = witness_memory_signed(&m, m.note, m.note_len, NULL);
        CHECK(code != ERR_TAMPERED);
    }
    buf_release(&again);
    return 0;
}
