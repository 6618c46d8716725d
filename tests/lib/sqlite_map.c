#include <config.h>

#include "tests/lib/sqlite_map.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const map_class_names[MAP_CLASSES] = {"unused", "counter", "separator", "null",
                                                  "live"};

struct map {
    const uint8_t *db;
    uint8_t *out;
    size_t len, page_size, usable;
};

static _Noreturn void broken(const char *what, size_t at)
{
    (void)fprintf(stderr, "sqlite_map: %s at byte %zu\n", what, at);
    abort();
}

static uint32_t u16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) << 16 | u16(p + 2);
}

static size_t varint(const uint8_t *p, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++) {
        v = v << 7 | (p[i] & 0x7f);
        if (p[i] < 0x80) {
            *out = v;
            return i + 1;
        }
    }
    *out = v << 8 | p[8];
    return 9;
}

static void mark(struct map *m, size_t at, size_t len, enum map_class class)
{
    if (at + len > m->len) {
        broken("beyond the file", at);
    }
    memset(m->out + at, (int)class, len);
}

static size_t page_at(const struct map *m, uint32_t page)
{
    if (page == 0 || page > m->len / m->page_size) {
        broken("no such page", page);
    }
    return (size_t)(page - 1) * m->page_size;
}

static void overflow_mark(struct map *m, uint32_t page, uint64_t left)
{
    while (page != 0) {
        size_t at = page_at(m, page);
        size_t here = left < m->usable - 4 ? (size_t)left : m->usable - 4;
        mark(m, at, 4 + here, MAP_LIVE);
        left -= here;
        page = u32(m->db + at);
    }
}

/* In the header of a row's record, the types that say NULL. */
static void nulls_mark(struct map *m, size_t at, size_t local)
{
    uint64_t header_len = 0;
    uint64_t type = 0;
    size_t field = at + varint(m->db + at, &header_len);
    while (header_len <= local && field < at + header_len) {
        size_t n = varint(m->db + field, &type);
        if (type == 0) {
            mark(m, field, n, MAP_NULL);
        }
        field += n;
    }
}

/* The payload behind a cell's numbers: what fits, then the first page of the rest. */
static void payload_mark(struct map *m, size_t at, uint64_t size, bool leaf_table)
{
    size_t u = m->usable;
    size_t most = leaf_table ? u - 35 : (u - 12) * 64 / 255 - 23;
    size_t least = (u - 12) * 32 / 255 - 23;
    size_t local = (size_t)size;
    if (size > most) {
        local = least + (size_t)((size - least) % (u - 4));
        local = local > most ? least : local;
        mark(m, at + local, 4, MAP_LIVE);
        overflow_mark(m, u32(m->db + at + local), size - local);
    }
    mark(m, at, local, MAP_LIVE);
    if (leaf_table) {
        nulls_mark(m, at, local);
    }
}

static void tree_mark(struct map *m, uint32_t page);

static void cell_mark(struct map *m, size_t at, uint8_t type)
{
    uint64_t size = 0;
    uint64_t row = 0;
    size_t start = at;
    if (type == 0x02 || type == 0x05) {
        tree_mark(m, u32(m->db + at));
        at += 4;
    }
    if (type == 0x05) {
        size_t n = varint(m->db + at, &row);
        mark(m, start, 4, MAP_LIVE);
        mark(m, at, n, MAP_SEPARATOR);
        return;
    }
    at += varint(m->db + at, &size);
    at += type == 0x0d ? varint(m->db + at, &row) : 0;
    mark(m, start, at - start, MAP_LIVE);
    payload_mark(m, at, size, type == 0x0d);
}

/* No deeper than a B-tree is: the file is sound. */
static void tree_mark(struct map *m, uint32_t page)
{
    size_t base = page_at(m, page);
    size_t head = base + (page == 1 ? 100 : 0);
    uint8_t type = m->db[head];
    bool inner = type == 0x02 || type == 0x05;
    size_t cells = u16(m->db + head + 3);
    size_t list = head + (inner ? 12 : 8);
    if (!inner && type != 0x0a && type != 0x0d) {
        broken("no B-tree page", head);
    }
    mark(m, head, list - head + 2 * cells, MAP_LIVE);
    for (size_t i = 0; i < cells; i++) {
        cell_mark(m, base + u16(m->db + list + 2 * i), type);
    }
    for (size_t at = u16(m->db + head + 1); at != 0; at = u16(m->db + base + at)) {
        mark(m, base + at, 4, MAP_LIVE); /* link and size of a free block */
    }
    if (inner) {
        tree_mark(m, u32(m->db + head + 8));
    }
}

static void free_mark(struct map *m)
{
    for (uint32_t trunk = u32(m->db + 32); trunk != 0;) {
        size_t at = page_at(m, trunk);
        mark(m, at, 8 + (size_t)4 * u32(m->db + at + 4), MAP_LIVE);
        trunk = u32(m->db + at);
    }
}

/* Roots of the trees stand in the schema's rows: type, name, tbl_name, rootpage, sql. */
static void roots_mark(struct map *m, uint32_t page)
{
    size_t base = page_at(m, page);
    size_t head = base + (page == 1 ? 100 : 0);
    bool inner = m->db[head] == 0x05;
    size_t cells = u16(m->db + head + 3);
    for (size_t i = 0; i < cells; i++) {
        size_t at = base + u16(m->db + head + (inner ? 12 : 8) + 2 * i);
        uint64_t v = 0;
        uint64_t skip = 0;
        uint64_t root = 0;
        if (inner) {
            roots_mark(m, u32(m->db + at));
            continue;
        }
        at += varint(m->db + at, &v);
        at += varint(m->db + at, &v);
        size_t header = at;
        uint64_t header_len = 0;
        size_t field = header + varint(m->db + header, &header_len);
        for (int k = 0; k < 3; k++) { /* three texts */
            field += varint(m->db + field, &v);
            skip += (v - 13) / 2;
        }
        field += varint(m->db + field, &v);
        const uint8_t *p = m->db + header + header_len + skip;
        for (uint64_t k = 0; v <= 4 && k < v; k++) { /* an integer of v bytes */
            root = root << 8 | p[k];
        }
        root = v == 9 ? 1 : root;
        if (root != 0) {
            tree_mark(m, (uint32_t)root);
        }
    }
    if (inner) {
        roots_mark(m, u32(m->db + head + 8));
    }
}

uint8_t *sqlite_map(const uint8_t *db, size_t len)
{
    struct map m = {.db = db, .out = calloc(len > 0 ? len : 1, 1), .len = len};
    if (m.out == NULL || len < 512) {
        broken("no database", len);
    }
    m.page_size = u16(db + 16) == 1 ? 65536 : u16(db + 16);
    m.usable = m.page_size - db[20];
    mark(&m, 0, 100, MAP_LIVE);
    mark(&m, 24, 8, MAP_COUNTER);  /* change counter, size in pages */
    mark(&m, 40, 4, MAP_COUNTER);  /* schema cookie */
    mark(&m, 48, 4, MAP_COUNTER);  /* suggested cache size */
    mark(&m, 72, 28, MAP_COUNTER); /* reserved; version valid for; SQLite's version */
    tree_mark(&m, 1);
    roots_mark(&m, 1);
    free_mark(&m);
    return m.out;
}

uint8_t *sqlite_map_wal(const uint8_t *wal, size_t len)
{
    uint8_t *out = calloc(len > 0 ? len : 1, 1);
    size_t frame = 24 + (size_t)u32(wal + 8);
    if (out == NULL || len < 32) {
        broken("no WAL", len);
    }
    memset(out, MAP_LIVE, 32);
    for (size_t at = 32; at + frame <= len && memcmp(wal + at + 8, wal + 16, 8) == 0;
         at += frame) {
        memset(out + at, MAP_LIVE, frame);
    }
    return out;
}
