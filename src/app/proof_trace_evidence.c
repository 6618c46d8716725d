/* What was attached to a target, and the files of it that are in the proof; disputes. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/proof_trace.h"
#include "base/i18n.h"

static const struct json *attached(const struct proof_entry *en)
{
    return en->kind == KIND_attachment_added ? en->said.data : NULL;
}

void trace_attached(struct proof_trace *t, const char *owner, int64_t id)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        const char *is = json_get_str(attached(en), "owner");
        if (is != NULL && strcmp(is, owner) == 0 &&
            trace_is_id(en->said.data, "owner_id", id)) {
            en->used = true;
        }
    }
}

static struct proof_evidence *file_of(struct proof *p, int64_t attachment)
{
    for (size_t i = 0; i < p->evidence_count; i++) {
        if (p->evidence[i].attachment == attachment) {
            return &p->evidence[i];
        }
    }
    return NULL;
}

/* The file is the one that the entry commits to. */
static enum err_code file_check(const struct proof_entry *en, struct proof_evidence *v,
                                struct err *e)
{
    struct hash is;
    char hex[65];
    int64_t bytes = 0;
    const char *content = json_get_str(en->said.data, "content");
    commitment(v->salt, v->bytes, v->len, &is);
    hash_hex(&is, hex);
    v->used = true;
    return content != NULL && strcmp(content, hex) == 0 &&
                   json_get_int(en->said.data, "bytes", &bytes) && bytes == (int64_t)v->len
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("attachment %" PRId64 " is not the file that entry %" PRId64
                           " commits to"),
                         v->attachment, en->said.seq);
}

static enum err_code file_say(struct proof_trace *t, const struct proof_entry *en,
                              struct err *e)
{
    const struct json *data = en->said.data;
    const char *type = json_get_str(data, "type");
    int64_t id = 0;
    int64_t bytes = 0;
    if (type == NULL || !json_get_int(data, "attachment", &id) ||
        !json_get_int(data, "bytes", &bytes)) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " names no attachment"),
                       en->said.seq);
    }
    struct proof_evidence *v = file_of(t->proof, id);
    TRY(v == NULL ? ERR_OK : file_check(en, v, e));
    buf_addf(t->said,
             v != NULL
                 ? _("attachment %" PRId64 ": %s, %" PRId64
                     " bytes; its file is in the proof, as entry %" PRId64 " commits to it\n")
                 : _("attachment %" PRId64 ": %s, %" PRId64 " bytes, recorded by entry %" PRId64
                     "\n"),
             id, type, bytes, en->said.seq);
    return v != NULL ? ERR_OK : trace_missing(t, "file", id, e);
}

enum err_code trace_evidence(struct proof_trace *t, struct err *e)
{
    struct proof *p = t->proof;
    for (size_t i = 0; i < p->entry_count; i++) {
        if (p->entries[i].used && attached(&p->entries[i]) != NULL) {
            TRY(file_say(t, &p->entries[i], e));
        }
    }
    for (size_t i = 0; i < p->evidence_count; i++) {
        if (!p->evidence[i].used) {
            return err_set(e, ERR_TAMPERED,
                           _("the file of attachment %" PRId64 " has no part in this proof"),
                           p->evidence[i].attachment);
        }
    }
    return ERR_OK;
}

/* ---- disputes ---- */

static struct proof_entry *about(const struct proof_trace *t, enum kind kind, int64_t dispute)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        if (en->kind == kind && trace_is_id(en->said.data, "dispute", dispute)) {
            en->used = true;
            return en;
        }
    }
    return NULL;
}

enum err_code trace_dispute(struct proof_trace *t, int64_t dispute, struct err *e)
{
    const struct proof_entry *opened = about(t, KIND_dispute_opened, dispute);
    const struct proof_entry *resolved = about(t, KIND_dispute_resolved, dispute);
    int64_t amount = 0;
    int64_t number = 0;
    if (opened == NULL || !json_get_int(opened->said.data, "amount", &amount)) {
        return err_set(e, ERR_TAMPERED, _("the proof lacks the record of dispute %" PRId64),
                       dispute);
    }
    buf_addf(t->said,
             _("dispute %" PRId64 ": opened on %s by entry %" PRId64 " over %" PRId64
               " (smallest unit)\n"),
             dispute, opened->said.date, opened->said.seq, amount);
    if (json_get_int(opened->said.data, "bill", &number)) {
        buf_addf(t->said, _("it is about bill %" PRId64 "\n"), number);
    }
    if (json_get_int(opened->said.data, "reading", &number)) {
        buf_addf(t->said, _("it is about reading %" PRId64 "\n"), number);
    }
    if (resolved != NULL) {
        const char *outcome = json_get_str(resolved->said.data, "outcome");
        buf_addf(t->said, _("dispute %" PRId64 ": \"%s\" on %s by entry %" PRId64 "\n"),
                 dispute, outcome != NULL ? outcome : "", resolved->said.date,
                 resolved->said.seq);
    }
    trace_attached(t, "dispute", dispute);
    return ERR_OK;
}
