#include <config.h>

#include "tests/unit/ui_rig.h"

#include <stdio.h>
#include <string.h>

#include "ui/list.h"

/* Lists of a made-up office: what stands in a cell follows from its column, row and type. */

#define LISTS_MAX 64u

static struct fake_source {
    struct rowsource source;
    const struct list_def *def;
} sources[LISTS_MAX];

static const struct list_def *def_of(const char *name)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        const struct list_def *def = screens_all[i]->list;

        if (def != NULL && strcmp(def->name, name) == 0) {
            return def;
        }
    }
    return NULL;
}

static const char *cell_text(const struct column *c, int64_t id, char made[64])
{
    size_t states = 0;

    switch (c->type) {
    case COLUMN_TEXT:
        (void)snprintf(made, 64, "%s-%lld", c->name, (long long)id);
        return made;
    case COLUMN_NUMBER:
        (void)snprintf(made, 64, "%lld", (long long)(id * 1013));
        return made;
    case COLUMN_DATE:
        (void)snprintf(made, 64, "2025-06-%02lld", (long long)(id % 28 + 1));
        return id % 5 == 4 ? "" : made;
    case COLUMN_STATE:
        if (c->states == NULL) {
            return "operator, billing";
        }
        while (c->states[states].code != NULL) {
            states++;
        }
        return c->states[(size_t)id % states].code;
    }
    return "";
}

static bool row_matches(const struct list_def *def, const struct row_query *q, int64_t id)
{
    for (size_t i = 0; i < q->term_count; i++) {
        bool found = false;

        for (size_t c = 0; c < def->column_count && !found; c++) {
            char made[64];

            found = (q->terms[i].column < 0 || q->terms[i].column == (int)c) &&
                    strstr(cell_text(&def->columns[c], id, made), q->terms[i].text) != NULL;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static enum err_code list_build(void *ctx, const struct row_query *q, struct idsink *sink,
                                struct err *e)
{
    const struct list_def *def = ((const struct fake_source *)ctx)->def;

    idsink_total(sink, FAKE_LIST_ROWS);
    for (int64_t i = 1; i <= FAKE_LIST_ROWS; i++) {
        int64_t id = q->descending ? FAKE_LIST_ROWS + 1 - i : i;

        if (row_matches(def, q, id) && !idsink_add(sink, &id, 1)) {
            return err_set(e, ERR_CANCELLED, "stopped");
        }
    }
    return ERR_OK;
}

static enum err_code list_fetch(void *ctx, const int64_t *ids, size_t count, struct rowset *out,
                                struct err *e)
{
    const struct list_def *def = ((const struct fake_source *)ctx)->def;

    (void)e;
    for (size_t i = 0; i < count; i++) {
        struct row *row = rowset_add(out, ids[i]);

        for (size_t c = 0; c < def->column_count; c++) {
            char made[64];

            row->cells[c] = rowset_text(out, cell_text(&def->columns[c], ids[i], made));
        }
    }
    return ERR_OK;
}

const struct rowsource *fake_list(void *ctx, const char *name)
{
    const struct list_def *def = def_of(name);
    size_t at = 0;

    (void)ctx;
    if (def == NULL) {
        return NULL;
    }
    while (at + 1 < LISTS_MAX && sources[at].def != NULL && sources[at].def != def) {
        at++;
    }
    sources[at] = (struct fake_source){{&sources[at], list_build, list_fetch}, def};
    return &sources[at].source;
}

enum err_code fake_list_detail(void *ctx, const char *name, int64_t id, struct list_detail *out,
                               struct err *e)
{
    char value[32];

    (void)ctx;
    (void)name;
    (void)e;
    (void)snprintf(value, sizeof(value), "%lld.50", (long long)(id * 100));
    list_say(out, "A made-up line", LIST_MONEY, value);
    list_say(out, "Another one", LIST_TEXT, "with hostile \x1b[31mtext\xe2\x80\xae");
    return ERR_OK;
}

enum err_code fake_list_goals(void *ctx, const char *name, int64_t id,
                              struct list_goal out[LIST_LINKS_MAX], size_t *count,
                              struct err *e)
{
    static const struct list_goal known[] = {
        {"serial", "meter", 1}, {"account", "account", 1}, {"bill", "bill", 1}};
    const struct list_def *def = def_of(name);

    (void)ctx;
    (void)id;
    (void)e;
    *count = 0;
    for (size_t c = 0; def != NULL && c < def->column_count; c++) {
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if (strcmp(known[i].column, def->columns[c].name) == 0) {
                out[(*count)++] = known[i];
            }
        }
    }
    if (strcmp(name, "drawers") == 0) { /* one that no column shows */
        out[(*count)++] = (struct list_goal){"Entry", "entry", 7};
    }
    return ERR_OK;
}
