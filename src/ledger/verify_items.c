#include <config.h>

#include "ledger/verify_items.h"

#include <inttypes.h>

#include "base/i18n.h"
#include "ledger/items.h"
#include "ledger/schema.h"
#include "store/db.h"

/* The items of a batch as they are walked. */
struct items_check {
    const struct schema *schema; /* NULL: opaque */
    int64_t seq, seen;
    int64_t count; /* of those that were there */
};

static enum err_code check_item(void *ctx, int64_t index, const char *item, size_t len,
                                struct err *e)
{
    struct items_check *c = ctx;
    c->seen = index;
    if (c->schema != NULL && schema_check(c->schema, item, len, e) != ERR_OK) {
        (void)err_wrap(e, _("item %" PRId64 " of entry %" PRId64 " does not fit its schema"),
                       index, c->seq);
        return ERR_TAMPERED;
    }
    c->seen++;
    c->count++;
    return ERR_OK;
}

static enum err_code batch_compare(struct audit *a, const struct batch *b,
                                   const struct hash *root, int64_t count)
{
    if (count != b->count) {
        (void)audit_add(a, "items", b->seq, -1,
                        _("entry %" PRId64 " has %" PRId64 " items; %" PRId64 " were recorded"),
                        b->seq, count, b->count);
        return ERR_TAMPERED;
    }
    if (!hash_equal(root, &b->root)) {
        (void)audit_add(
            a, "items", b->seq, -1,
            _("the items of entry %" PRId64 " have another root than the one recorded"),
            b->seq);
        return ERR_TAMPERED;
    }
    return ERR_OK;
}

/* Whether it may be missing is judged when all entries have been followed. */
static enum err_code bundle_missing(void *ctx, int64_t seq, int64_t bundle, struct buf *out,
                                    struct err *e)
{
    bool *missing = ctx;
    (void)seq;
    (void)bundle;
    (void)out;
    (void)e;
    *missing = true;
    return ERR_OK;
}

enum err_code batch_check(struct db **db, const char *db_path, struct batch *b, struct audit *a,
                          struct err *e)
{
    struct hash root;
    struct items_check check = {.seq = b->seq};
    int64_t count = 0;
    struct err why = ERR_INIT;
    if (*db == NULL) {
        TRY(db_open(db_path, DB_READ, db, e));
    }
    TRY(schema_of_item(b->kind, &check.schema, e));
    const struct item_source from = {.db = *db, .dropped = bundle_missing, .ctx = &b->missing};
    enum err_code code =
        items_each_from(&from, b->seq, true, check_item, &check, &root, &count, &why);
    a->items += check.count;
    a->dropped += b->missing && code == ERR_OK ? count - check.count : 0;
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "item", b->seq, check.seen, "%s", why.text);
        return code;
    }
    return code == ERR_OK ? batch_compare(a, b, &root, count)
                          : err_set(e, code, "%s", why.text);
}
