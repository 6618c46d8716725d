#include <config.h>

#include "ledger/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"

struct audit_fault *audit_add(struct audit *a, const char *check, int64_t seq, int64_t item,
                              const char *fmt, ...)
{
    if (a->fault_count == AUDIT_FAULTS_MAX) {
        return NULL;
    }
    struct audit_fault *f = &a->faults[a->fault_count++];
    *f = (struct audit_fault){.check = check, .seq = seq, .item = item};
    char raw[sizeof f->text]; /* may quote bytes of whoever tampered */
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    text_sanitize_to(raw, strlen(raw), f->text, sizeof f->text);
    return f;
}

void audit_join(struct audit *to, const struct audit *from)
{
    for (size_t i = 0; i < from->fault_count && to->fault_count < AUDIT_FAULTS_MAX; i++) {
        to->faults[to->fault_count++] = from->faults[i];
    }
    to->from = from->from;
    to->entries += from->entries;
    to->items += from->items;
    to->dropped += from->dropped;
    to->checkpoints += from->checkpoints;
    to->cosignatures += from->cosignatures;
    to->size = from->size;
    to->root = from->root;
    memcpy(to->office, from->office, sizeof to->office);
}

enum err_code audit_status(const struct audit *a, struct err *e)
{
    if (a->fault_count == 0) {
        return ERR_OK;
    }
    if (a->fault_count == 1) {
        return err_set(e, ERR_TAMPERED, "%s", a->faults[0].text);
    }
    return err_set(e, ERR_TAMPERED, _("%s (the first of %zu faults)"), a->faults[0].text,
                   a->fault_count);
}

static void member(struct buf *out, const char *name, const char *value)
{
    if (*value != '\0') {
        buf_addf(out, ",\"%s\":", name);
        json_add_string(out, value, strlen(value));
    }
}

static void fault_json(const struct audit_fault *f, struct buf *out)
{
    buf_addf(out, "{\"check\":\"%s\"", f->check);
    if (f->seq > 0) {
        buf_adds(out, ",\"entry\":");
        buf_add_int(out, f->seq);
    }
    if (f->item >= 0) {
        buf_adds(out, ",\"item\":");
        buf_add_int(out, f->item);
    }
    member(out, "table", f->table);
    member(out, "key", f->key);
    member(out, "column", f->column);
    member(out, "expected", f->expected);
    member(out, "found", f->found);
    member(out, "message", f->text);
    buf_addc(out, '}');
}

void audit_json(const struct audit *a, const char *level, struct buf *out)
{
    char root[65];
    hash_hex(&a->root, root);
    buf_addf(out, "{\"level\":\"%s\",\"ok\":%s,\"office\":", level,
             a->fault_count == 0 ? "true" : "false");
    json_add_string(out, a->office, strlen(a->office));
    buf_addf(out,
             ",\"from\":%lld,\"entries\":%lld,\"items\":%lld,\"dropped\":%lld,\"segments\":%"
             "lld,\"rows\":%lld,\"kept\":%lld,"
             "\"erased\":%lld,\"checkpoints\":%lld,\"cosignatures\":%lld,\"against\":%llu,"
             "\"size\":%llu,\"root\":\"%s\",\"faults\":[",
             (long long)a->from, (long long)a->entries, (long long)a->items,
             (long long)a->dropped, (long long)a->segments, (long long)a->rows,
             (long long)a->kept, (long long)a->erased, (long long)a->checkpoints,
             (long long)a->cosignatures, (unsigned long long)a->against,
             (unsigned long long)a->size, root);
    for (size_t i = 0; i < a->fault_count; i++) {
        if (i > 0) {
            buf_addc(out, ',');
        }
        fault_json(&a->faults[i], out);
    }
    buf_adds(out, "]}");
}
