#include <config.h>

#include "app/tiles_dir.h"

#include <inttypes.h>
#include <string.h>

#include "app/files.h"
#include "base/i18n.h"

#define TILE_BYTES ((size_t)TREE_TILE_WIDTH * HASH_SIZE)

/* 1234067 is "x001/x234/067". */
static void number_add(uint64_t number, struct buf *out)
{
    uint64_t scale = 1;
    while (number / scale >= 1000) {
        scale *= 1000;
    }
    for (; scale > 1; scale /= 1000) {
        buf_addf(out, "x%03" PRIu64 "/", number / scale % 1000);
    }
    buf_addf(out, "%03" PRIu64, number % 1000);
}

/* ERR_NOT_FOUND when there is no such file. */
static enum err_code file_take(const char *path, size_t width, size_t least,
                               struct hash nodes[TREE_TILE_WIDTH], struct err *e)
{
    struct buf bytes;
    buf_init(&bytes, TILE_BYTES);
    enum err_code code = file_read(path, &bytes, e);
    if (code == ERR_LIMIT || (code == ERR_OK && bytes.len != width * HASH_SIZE)) {
        code = err_set(e, ERR_PARSE, _("%s is not a tile of %zu hashes"), path, width);
    }
    if (code == ERR_OK) {
        memcpy(nodes, bytes.data, least * HASH_SIZE);
    }
    buf_release(&bytes);
    return code;
}

static enum err_code tile_read(void *ctx, unsigned level, uint64_t number, size_t width,
                               struct hash nodes[TREE_TILE_WIDTH], struct err *e)
{
    const char *dir = ctx;
    struct buf path;
    struct err missing = ERR_INIT;
    buf_init(&path, 8192);
    buf_addf(&path, "%s/tile/%u/", dir, level);
    number_add(number, &path);
    size_t full = path.len;
    if (width < TREE_TILE_WIDTH) {
        buf_addf(&path, ".p/%zu", width);
    }
    enum err_code code = buf_status(&path, dir, e);
    if (code == ERR_OK) {
        code = file_take(buf_str(&path), width, width, nodes, &missing);
    }
    if (code == ERR_NOT_FOUND && width < TREE_TILE_WIDTH) {
        path.len = full;
        path.data[full] = '\0';
        code = file_take(buf_str(&path), TREE_TILE_WIDTH, width, nodes, &missing);
    }
    if (code == ERR_NOT_FOUND) {
        code = err_set(e, ERR_RANGE,
                       _("the checkpoint is of more entries than the tiles hold: %s is not "
                         "there"),
                       buf_str(&path));
    } else if (missing.code != ERR_OK && code != ERR_OK) {
        code = err_set(e, code, "%s", missing.text);
    }
    buf_release(&path);
    return code;
}

struct tree_source tiles_dir_source(const char *dir)
{
    /* The source hands it back to tile_read, which reads it only. */
    return (struct tree_source){.ctx = (void *)(uintptr_t)dir, .read = tile_read};
}
