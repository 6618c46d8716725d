#include <config.h>

#include "tests/lib/office_segments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void window(struct office_fixture *f, const char *packets, size_t len)
{
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/packets.jsonl", f->dir);
    FILE *out = fopen(path, "w");
    if (out == NULL || fwrite(packets, 1, len, out) != len || fclose(out) != 0) {
        abort();
    }
    (void)fixture_run(f, f->ana, "import packets", "file", path, NULL);
    (void)fixture_run(f, f->ana, "segment seal", "before", "2099-01-01", NULL);
}

void fixture_windows(struct office_fixture *f, const char *packets)
{
    window(f, packets, (size_t)(strchr(packets, '\n') - packets) + 1);
    window(f, packets, strlen(packets));
}

void fixture_segment_drop(struct office_fixture *f, const char *segment)
{
    (void)fixture_run(f, f->ana, "segment drop", "segment", segment, NULL);
}

void fixture_segment_restore(struct office_fixture *f, const char *segment)
{
    (void)fixture_run(f, f->ana, "segment restore", "segment", segment, NULL);
}
