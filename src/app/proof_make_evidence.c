/* What is attached to a target: the entries that say so, and, where asked for, the files. */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/attach.h"
#include "app/proof_maker.h"
#include "base/i18n.h"

enum err_code maker_attached(struct proof_maker *m, const char *owner, int64_t id,
                             struct err *e)
{
    struct stmt *q = NULL;
    struct proof_entry *en = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT seq FROM attachment WHERE owner = ? AND owner_id = ? ORDER BY id",
                 VALS(V_TEXT(owner), V_INT(id))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_entry(m, stmt_int(q, 0), &en, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code file_add(struct proof_maker *m, int64_t id, struct err *e)
{
    struct proof *p = &m->proof;
    struct buf bytes;
    struct proof_evidence *v = &p->evidence[p->evidence_count];
    if (p->evidence_count == PROOF_EVIDENCE_MAX) {
        return err_set(e, ERR_LIMIT, _("the proof has more than %d \"%s\""), PROOF_EVIDENCE_MAX,
                       "evidence");
    }
    *v = (struct proof_evidence){.attachment = id};
    buf_init(&bytes, ATTACHMENT_BYTES_MAX);
    enum err_code code = attachment_content(m->o, id, &bytes, v->salt, e);
    if (code == ERR_OK) {
        v->bytes = arena_strndup(&m->arena, buf_str(&bytes), bytes.len);
        v->len = bytes.len;
        code = v->bytes != NULL
                   ? ERR_OK
                   : err_set(e, ERR_LIMIT,
                             _("the files are too large for one proof of %zu bytes; name some "
                               "of them: --evidence N,N"),
                             PROOF_FILE_MAX);
    }
    buf_release(&bytes);
    p->evidence_count += code == ERR_OK;
    return code;
}

/* Is the number in a list "3,5"? *good: it is such a list. */
static bool listed(const char *list, int64_t number, bool *good)
{
    bool is = false;
    *good = false;
    for (const char *at = list;; at++) {
        char *end = NULL;
        long long n = *at >= '1' && *at <= '9' ? strtoll(at, &end, 10) : 0;
        if (n <= 0 || (*end != ',' && *end != '\0')) {
            return false;
        }
        is = is || n == number;
        at = end;
        if (*end == '\0') {
            *good = true;
            return is;
        }
    }
}

/* Every number named has to be one of the target's: a photo that was asked for is not left out
 * without a word. */
static enum err_code all_found(const struct proof *p, const char *wanted, struct err *e)
{
    for (const char *at = wanted; *at != '\0'; at += strcspn(at, ",")) {
        at += *at == ',' ? 1 : 0;
        long long n = strtoll(at, NULL, 10);
        bool found = false;
        for (size_t i = 0; i < p->evidence_count; i++) {
            found = found || p->evidence[i].attachment == n;
        }
        if (!found) {
            return err_set(
                e, ERR_NOT_FOUND,
                _("attachment %lld is none of %s %" PRId64 "; see: aforo list attachments"), n,
                p->target, p->number);
        }
    }
    return ERR_OK;
}

enum err_code maker_evidence(struct proof_maker *m, const char *wanted, struct err *e)
{
    struct proof *p = &m->proof;
    bool all = strcmp(wanted, "all") == 0;
    bool good = all;
    p->evidence = arena_array(&m->arena, PROOF_EVIDENCE_MAX + 1, sizeof p->evidence[0]);
    if (p->evidence == NULL) {
        return err_nomem(e);
    }
    if (!all) {
        (void)listed(wanted, 0, &good);
    }
    if (!good) {
        return err_set(e, ERR_USAGE,
                       _("--evidence: say all, or which attachments as 3,5; see: aforo list "
                         "attachments"));
    }
    for (size_t i = 0; i < p->entry_count; i++) {
        struct attachment a;
        int64_t id = 0;
        if (p->entries[i].kind != KIND_attachment_added ||
            !json_get_int(p->entries[i].said.data, "attachment", &id)) {
            continue;
        }
        TRY(attachment_get(m->o, id, &a, e));
        if (all ? a.erased == 0 : listed(wanted, id, &good)) {
            TRY(file_add(m, id, e));
        }
    }
    return all ? ERR_OK : all_found(p, wanted, e);
}
