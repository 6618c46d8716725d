/* Names seen in one batch and a number for each: a table of fixed size, emptied with the batch.
 */
#ifndef AFORO_APP_NAME_MAP_H
#define AFORO_APP_NAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_MAP_MAX 4096 /* names it takes */

struct name_map {
    struct {
        const char *name; /* borrowed; NULL: free */
        int64_t number;
    } place[2 * NAME_MAP_MAX];
    size_t count;
};

void name_map_clear(struct name_map *m);
/* False when the name is not there. */
bool name_map_get(const struct name_map *m, const char *name, int64_t *number);
/* Add a name that is not there yet. At most NAME_MAP_MAX (CHECK). */
void name_map_put(struct name_map *m, const char *name, int64_t number);

#endif
