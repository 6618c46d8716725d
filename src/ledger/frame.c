#include <config.h>

#include "ledger/frame.h"

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
