/* The embedded schemas, compiled at first use. */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ledger/schema_priv.h"

#define SCHEMAS_BYTES_MAX ((size_t)16 << 20)

static struct {
    pthread_mutex_t lock;
    atomic_bool ready;
    struct arena arena;
    const struct schema *entry[KIND_COUNT];
    const struct schema *item[KIND_COUNT];
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

const struct schema_source *schema_source_find(const char *name, size_t len)
{
    for (size_t i = 0; i < schema_sources_count; i++) {
        if (strncmp(schema_sources[i].name, name, len) == 0 &&
            schema_sources[i].name[len] == '\0') {
            return &schema_sources[i];
        }
    }
    return NULL;
}

/* "limit.set.v1"; of an item "readings.batch.item.v1". */
static enum err_code load(enum kind kind, const char *part, const struct schema **out,
                          struct err *e)
{
    char name[128];
    int n = snprintf(name, sizeof name, "%s%s.v%lld", kinds[kind].name, part,
                     (long long)kinds[kind].version);
    const struct schema_source *src = schema_source_find(name, (size_t)n);
    if (src == NULL) {
        return err_set(e, ERR_UNSUPPORTED, _("there is no schema %s in this program"), name);
    }
    return schema_compile(name, src->text, &all.arena, out, e);
}

static enum err_code load_all(struct err *e)
{
    arena_init(&all.arena, SCHEMAS_BYTES_MAX);
    enum err_code code = ERR_OK;
    for (int k = 0; code == ERR_OK && k < KIND_COUNT; k++) {
        code = load((enum kind)k, "", &all.entry[k], e);
        all.item[k] = NULL;
        if (code == ERR_OK && kind_items((enum kind)k) == ITEMS_JSON) {
            code = load((enum kind)k, ".item", &all.item[k], e);
        }
    }
    if (code != ERR_OK) {
        arena_release(&all.arena);
    }
    return code;
}

static enum err_code ready(struct err *e)
{
    if (atomic_load_explicit(&all.ready, memory_order_acquire)) {
        return ERR_OK;
    }
    (void)pthread_mutex_lock(&all.lock);
    enum err_code code = ERR_OK;
    if (!atomic_load_explicit(&all.ready, memory_order_relaxed)) {
        code = load_all(e);
        atomic_store_explicit(&all.ready, code == ERR_OK, memory_order_release);
    }
    (void)pthread_mutex_unlock(&all.lock);
    return code;
}

enum err_code schema_of_entry(enum kind kind, const struct schema **out, struct err *e)
{
    TRY(ready(e));
    *out = kind < KIND_COUNT ? all.entry[kind] : NULL;
    return ERR_OK;
}

enum err_code schema_of_item(enum kind kind, const struct schema **out, struct err *e)
{
    TRY(ready(e));
    *out = kind < KIND_COUNT ? all.item[kind] : NULL;
    return ERR_OK;
}

/* Behind the closing quote of a string of canonical text, whose inside starts at p. */
static const char *string_end(const char *p, const char *end)
{
    while (p < end && *p != '"') {
        p += *p == '\\' ? 2 : 1;
    }
    return p < end ? p + 1 : end;
}

static bool begins(const char *p, const char *end, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(end - p) >= len && memcmp(p, text, len) == 0;
}

/* "data" is the second member of an entry, or the third behind "clock". */
enum err_code schema_check_payload(enum kind kind, const char *payload, size_t len,
                                   struct err *e)
{
    static const char actor[] = "{\"actor\":\"";
    static const char data[] = ",\"data\":";
    static const char held[] = ",\"clock\":\"held\"";
    const struct schema *s = NULL;
    const char *p = payload;
    const char *end = payload + len;
    size_t used = 0;
    TRY(schema_of_entry(kind, &s, e));
    if (s == NULL) {
        return ERR_OK;
    }
    p = begins(p, end, actor) ? string_end(p + strlen(actor), end) : end;
    p += begins(p, end, held) ? strlen(held) : 0;
    if (!begins(p, end, data)) {
        return err_set(e, ERR_PARSE, _("the entry's member \"%s\" is missing or malformed"),
                       "data");
    }
    p += strlen(data);
    return schema_check_start(s, p, (size_t)(end - p), &used, e);
}
