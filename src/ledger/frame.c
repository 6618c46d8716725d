#include <config.h>

#include "ledger/frame.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

enum frame_line_state frame_line(FILE *in, char *line, size_t size)
{
    size_t len = 0;
    for (int c = fgetc(in); c != '\n'; c = fgetc(in)) {
        if (c == EOF) {
            return FRAME_ENDED;
        }
        if (c == '\0' || len + 1 == size) {
            return FRAME_MALFORMED;
        }
        line[len++] = (char)c;
    }
    line[len] = '\0';
    return FRAME_LINE;
}

const char *frame_number(const char *at, char stop, int64_t max, int64_t *out)
{
    int64_t v = 0;
    if (*at < '0' || *at > '9' || (at[0] == '0' && at[1] != stop)) {
        return NULL;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        if (v > (max - (*at - '0')) / 10) {
            return NULL;
        }
        v = v * 10 + (*at - '0');
    }
    *out = v;
    return *at == stop ? at + (stop == '\0' ? 0 : 1) : NULL;
}

bool frame_end_write(FILE *out, int64_t entries, int64_t items, const struct hash *root)
{
    char hex[2 * HASH_SIZE + 1];
    hash_hex(root, hex);
    return fprintf(out, "end %" PRId64 " %" PRId64 " %s\n", entries, items, hex) > 0 &&
           fflush(out) == 0;
}

bool frame_end_read(const char *at, int64_t *entries, int64_t *items, struct hash *root)
{
    at = frame_number(at, ' ', INT64_MAX / 2, entries);
    at = at == NULL ? NULL : frame_number(at, ' ', INT64_MAX / 2, items);
    return at != NULL && strlen(at) == (size_t)2 * HASH_SIZE &&
           hex_decode(at, strlen(at), root->b, HASH_SIZE);
}
