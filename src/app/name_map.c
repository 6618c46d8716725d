#include <config.h>

#include "app/name_map.h"

#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define PLACES ((size_t)2 * NAME_MAP_MAX)

void name_map_clear(struct name_map *m)
{
    memset(m, 0, sizeof *m);
}

/* The place that holds the name, or the free one where it belongs: half of all are free. At
 * worst a file built to collide is slow for its own batch. */
static size_t place_of(const struct name_map *m, const char *name)
{
    uint64_t h = text_hash(TEXT_HASH, name);
    size_t at = (size_t)(h ^ (h >> 32)) % PLACES;
    while (m->place[at].name != NULL && strcmp(m->place[at].name, name) != 0) {
        at = (at + 1) % PLACES;
    }
    return at;
}

bool name_map_get(const struct name_map *m, const char *name, int64_t *number)
{
    size_t at = place_of(m, name);
    if (m->place[at].name == NULL) {
        return false;
    }
    *number = m->place[at].number;
    return true;
}

void name_map_put(struct name_map *m, const char *name, int64_t number)
{
    CHECK(m->count < NAME_MAP_MAX);
    size_t at = place_of(m, name);
    CHECK(m->place[at].name == NULL);
    m->place[at].name = name;
    m->place[at].number = number;
    m->count++;
}
