#include <config.h>

#include "app/witness_judge.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"

static enum err_code tiles_other(const struct witness_asked *q, struct err *e)
{
    return err_set(e, ERR_PARSE,
                   _("the tiles do not give the root of %" PRIu64
                     " entries that %s signed: they "
                     "are damaged, or of another log"),
                   q->says.size, q->says.origin);
}

/* Nothing is remembered: any history will do. */
static enum err_code first_judge(const struct witness_asked *q, struct err *e)
{
    struct hash root;
    if (q->tiles) {
        TRY(tree_source_root(&q->source, q->says.size, q->says.size, &root, e));
        return hash_equal(&root, &q->says.root) ? ERR_OK : tiles_other(q, e);
    }
    return q->r.old_size == 0
               ? ERR_OK
               : err_set(e, ERR_CONFLICT,
                         _("this witness has cosigned nothing of %s yet: it knows size 0; ask "
                           "with: aforo export checkpoint FILE --since 0"),
                         q->says.origin);
}

/* What the tiles have at both sizes; the proof that they make is kept for whoever asks. */
static enum err_code tiles_judge(const struct witness_memory *m, struct witness_asked *q,
                                 enum witness_verdict *out, struct err *e)
{
    struct hash old_root;
    TRY(tree_source_root(&q->source, q->says.size, m->size, &old_root, e));
    TRY(tree_source_consistency(&q->source, m->size, q->says.size, q->r.path, &q->r.path_len,
                                e));
    q->r.old_size = m->size;
    if (!merkle_verify_consistency(m->size, q->says.size, q->r.path, q->r.path_len, &old_root,
                                   &q->says.root)) {
        return tiles_other(q, e);
    }
    *out = hash_equal(&old_root, &m->root) ? WITNESS_FOLLOWS : WITNESS_FORK;
    return ERR_OK;
}

static enum err_code proof_judge(const struct witness_memory *m, const struct witness_asked *q,
                                 enum witness_verdict *out, struct err *e)
{
    struct hash old_root = m->root;
    struct hash root;
    if (q->r.old_size != m->size) {
        return err_set(
            e, ERR_CONFLICT,
            _("the proof goes from %" PRIu64 " entries, and this witness knows %s at "
              "%" PRIu64 "; ask with: aforo export checkpoint FILE --since %" PRIu64),
            q->r.old_size, q->says.origin, m->size, m->size);
    }
    if (!merkle_consistency_roots(m->size, q->says.size, q->r.path, q->r.path_len, &old_root,
                                  &root)) {
        return err_set(e, ERR_PARSE,
                       _("a proof from %" PRIu64 " to %" PRIu64
                         " entries does not have %zu hashes: it was cut off, or is of other "
                         "sizes"),
                       m->size, q->says.size, q->r.path_len);
    }
    if (!hash_equal(&root, &q->says.root)) {
        return err_set(e, ERR_CRYPTO,
                       _("the proof does not lead from %" PRIu64 " entries to the root that %s "
                         "signed: it is damaged, or the log has another history now. Its tiles "
                         "will tell: aforo witness cosign DIR TILES-DIR"),
                       m->size, q->says.origin);
    }
    *out = hash_equal(&old_root, &m->root) ? WITNESS_FOLLOWS : WITNESS_FORK;
    return ERR_OK;
}

static enum witness_verdict same_size(const struct witness_memory *m,
                                      const struct witness_asked *q)
{
    if (!hash_equal(&m->root, &q->says.root)) {
        return WITNESS_FORK;
    }
    bool same = m->text_len == q->text_len && memcmp(m->note, q->r.note, m->text_len) == 0;
    return same ? WITNESS_SAME : WITNESS_FOLLOWS; /* other extension lines */
}

enum err_code witness_judge(const struct witness_memory *m, struct witness_asked *q,
                            enum witness_verdict *out, struct err *e)
{
    uint64_t size = q->says.size;
    *out = WITNESS_FOLLOWS;
    if (size == 0) {
        return err_set(e, ERR_RANGE, _("a checkpoint of no entries says nothing to cosign"));
    }
    if (!q->tiles && q->r.old_size > size) {
        return err_set(e, ERR_RANGE,
                       _("the proof goes from %" PRIu64 " entries, and the checkpoint has only "
                         "%" PRIu64),
                       q->r.old_size, size);
    }
    if (m->size == 0) {
        return first_judge(q, e);
    }
    if (size == m->size) {
        *out = same_size(m, q);
        return ERR_OK;
    }
    if (size < m->size) {
        return err_set(e, ERR_STATE,
                       _("the checkpoint of %" PRIu64 " entries is older than the one of "
                         "%" PRIu64 " that this witness cosigned for %s"),
                       size, m->size, q->says.origin);
    }
    return q->tiles ? tiles_judge(m, q, out, e) : proof_judge(m, q, out, e);
}
