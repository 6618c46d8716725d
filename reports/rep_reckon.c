#include <config.h>

#include "reports/rep_reckon.h"

#include <string.h>

reckon_fn reckon_find(const char *report)
{
    static const struct {
        const char *report;
        reckon_fn reckon;
    } rows[] = {
        {"queue", queue_reckon},
        {"balance", balance_reckon},
        {"losses", losses_reckon},
        {"rules", rules_reckon},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].report, report) == 0) {
            return rows[i].reckon;
        }
    }
    return NULL;
}

const struct reckon_slices *reckon_slices_find(const char *report)
{
    return strcmp(report, "suspects") == 0 ? &suspects_slices : NULL;
}
