#include <config.h>

#include "app/rebuild.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/i18n.h"
#include "crypto/dsse.h"
#include "ledger/chain.h"
#include "ledger/export.h"
#include "ledger/tree.h"
#include "store/migrate.h"

#define OPEN_ROWS_MAX 200000 /* entries and items between two commits */
#define ENTRY_ARENA_MAX ((size_t)64 << 20)

struct rebuild {
    struct db *db;
    const struct projector *projector;
    struct export_reader in;
    struct chain chain;
    struct audit *audit;
    int64_t open_rows;
    /* The entry at hand; its items follow it. */
    struct arena entry_arena, item_arena;
    struct buf payload, scratch;
    struct entry entry;
    bool has_items;
    struct item_batch batch;
    struct hash batch_root;
    int64_t batch_count;
};

static enum err_code entry_store(struct rebuild *r, const struct chain_row *row, struct err *e)
{
    return db_run(
        r->db, e, "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,?,?,?,?)",
        VALS(V_INT(row->seq), V_TEXT_N(row->payload, row->payload_len), V_HASH(&row->keyid),
             V_BLOB(row->sig, row->sig_len), V_HASH(&row->leaf)));
}

/* The same three stages as in verification, then the rows. */
static enum err_code entry_take(struct rebuild *r, const struct export_record *rec,
                                struct err *e)
{
    struct dsse d;
    const struct verify_key *key = NULL;
    struct chain_row row = {.seq = (int64_t)r->chain.tree.size + 1};
    arena_reset(&r->entry_arena);
    buf_clear(&r->payload);
    TRY(dsse_parse(rec->data, rec->len, &d, &r->payload, e));
    if (strcmp(d.type, ENTRY_PAYLOAD_TYPE) != 0) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " has the payload type \"%s\""),
                       row.seq, d.type);
    }
    row.payload = buf_str(&r->payload);
    row.payload_len = r->payload.len;
    row.keyid = d.keyid;
    row.sig = d.sig.der;
    row.sig_len = d.sig.len;
    merkle_leaf(rec->data, rec->len, &row.leaf);
    TRY(chain_decode(&row, &r->entry_arena, &r->scratch, &r->entry, r->audit, e));
    TRY(chain_follow(&r->chain, &row, &r->entry, &key, r->audit, e));
    TRY(chain_signature(&row, key, &r->scratch, r->audit, e));
    TRY(entry_store(r, &row, e));
    TRY(tree_append(r->db, row.seq, e));
    r->has_items = kind_has_items(kind_find(r->entry.kind, r->entry.version)) &&
                   chain_batch(&r->entry, &r->batch_root, &r->batch_count);
    r->audit->entries++;
    r->open_rows++;
    arena_reset(&r->item_arena);
    return r->projector->entry(r->db, &r->entry, &r->item_arena, e);
}

static enum err_code item_take(struct rebuild *r, const struct export_record *rec,
                               struct err *e)
{
    if (!r->has_items || r->batch.count >= r->batch_count) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " has more items than it recorded"),
                       r->entry.seq);
    }
    r->audit->items++;
    r->open_rows++;
    return items_add(&r->batch, rec->data, rec->len, e);
}

/* The items of the entry before are complete: they are what it recorded, and are projected. */
static enum err_code batch_close(struct rebuild *r, struct err *e)
{
    struct hash root;
    if (!r->has_items) {
        return ERR_OK;
    }
    TRY(items_finish(&r->batch, &root, e));
    if (r->batch.count != r->batch_count || !hash_equal(&root, &r->batch_root)) {
        return err_set(e, ERR_TAMPERED,
                       _("the items of entry %" PRId64 " are not those that it recorded"),
                       r->entry.seq);
    }
    TRY(items_store(&r->batch, r->db, r->entry.seq, e));
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    for (int64_t i = 0; items_next(&r->batch, &cursor, &item, &len); i++) {
        arena_reset(&r->item_arena);
        TRY(r->projector->item(r->db, &r->entry, i, item, len, &r->item_arena, e));
    }
    items_clear(&r->batch);
    r->has_items = false;
    return ERR_OK;
}

static enum err_code end_check(struct rebuild *r, struct err *e)
{
    struct hash root;
    const struct export_counts *told = &r->in.end;
    merkle_root(&r->chain.tree, &root);
    if (told->entries != r->audit->entries || told->items != r->audit->items ||
        !hash_equal(&told->root, &root)) {
        return err_set(e, ERR_TAMPERED,
                       _("the export holds %" PRId64 " entries and %" PRId64
                         " items; its end tells of %" PRId64 " and %" PRId64
                         ", or of another root"),
                       r->audit->entries, r->audit->items, told->entries, told->items);
    }
    if (strcmp(r->chain.office, r->in.office) != 0) {
        return err_set(e, ERR_TAMPERED, _("the export says office %s, its entries say %s"),
                       r->in.office, r->chain.office);
    }
    r->audit->size = r->chain.tree.size;
    r->audit->root = root;
    memcpy(r->audit->office, r->chain.office, sizeof r->chain.office);
    return ERR_OK;
}

static enum err_code commit_some(struct rebuild *r, struct err *e)
{
    if (r->open_rows < OPEN_ROWS_MAX) {
        return ERR_OK;
    }
    r->open_rows = 0;
    TRY(db_commit(r->db, e));
    return db_begin(r->db, e);
}

static enum err_code record_take(struct rebuild *r, const struct export_record *rec,
                                 struct err *e)
{
    if (rec->type == EXPORT_ITEM) {
        return item_take(r, rec, e);
    }
    TRY(batch_close(r, e));
    return rec->type == EXPORT_ENTRY ? entry_take(r, rec, e) : end_check(r, e);
}

static enum err_code replay(struct rebuild *r, const struct progress *progress, struct err *e)
{
    struct export_record rec = {EXPORT_ENTRY, NULL, 0};
    struct stat st;
    uint64_t total = fstat(fileno(r->in.in), &st) == 0 ? (uint64_t)st.st_size : 0;
    TRY(db_begin(r->db, e));
    for (int64_t n = 0; rec.type != EXPORT_END; n++) {
        if (n % 1024 == 0 && !progress_step(progress, _("rebuilding tables"),
                                            (uint64_t)ftello(r->in.in), total)) {
            return err_set(e, ERR_CANCELLED, _("the rebuild was stopped"));
        }
        TRY(export_next(&r->in, &rec, e));
        TRY(record_take(r, &rec, e));
        TRY(commit_some(r, e));
    }
    (void)progress_step(progress, _("rebuilding tables"), total, total);
    return db_commit(r->db, e);
}

/* ---- files
 * --------------------------------------------------------------------------------- */

static enum err_code folder_claim(const char *dir, bool *made, struct err *e)
{
    *made = mkdir(dir, 0700) == 0;
    if (*made) {
        return ERR_OK;
    }
    if (errno != EEXIST) {
        return err_errno(e, _("cannot make the folder %s"), dir);
    }
    DIR *d = opendir(dir);
    if (d == NULL) {
        return err_errno(e, _("cannot open the folder %s"), dir);
    }
    int others = 0;
    for (const struct dirent *f = readdir(d); f != NULL; f = readdir(d)) {
        others += strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0;
    }
    (void)closedir(d);
    return others == 0 ? ERR_OK
                       : err_set(e, ERR_EXISTS,
                                 _("%s is not empty; name a folder that does not exist"), dir);
}

/* The database was written without waiting for the disk; it is durable from here on. */
static enum err_code file_sync(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok ? ERR_OK : err_errno(e, _("cannot write %s"), path);
}

/* With the files that SQLite may have put beside it, whatever it was doing when it failed. */
static void database_remove(const char *db_path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char path[4096 + 16];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", db_path, suffixes[i]);
        (void)unlink(path);
    }
}

static enum err_code rebuild_run(struct rebuild *r, const char *export_path,
                                 const char *db_path, const struct progress *progress,
                                 struct err *e)
{
    TRY(export_open(&r->in, r->in.in, e));
    TRY(items_init(&r->batch, e));
    TRY(db_open(db_path, DB_SCRATCH, &r->db, e));
    TRY(schema_migrate(r->db, (int64_t)migrations_count, e));
    enum err_code code = replay(r, progress, e);
    if (code == ERR_TAMPERED && r->audit->fault_count > 0) {
        code = audit_status(r->audit, e);
    }
    return code == ERR_OK ? code : err_wrap(e, "%s", export_path);
}

enum err_code rebuild(const char *export_path, const char *dir,
                      const struct projector *projector, const struct progress *progress,
                      struct audit *done, struct err *e)
{
    char db_path[4096];
    struct rebuild r = {.projector = projector, .audit = done};
    *done = (struct audit){.from = 1};
    if ((size_t)snprintf(db_path, sizeof db_path, "%s/office.db", dir) >= sizeof db_path) {
        return err_set(e, ERR_RANGE, _("the path is too long: %s"), dir);
    }
    FILE *in = fopen(export_path, "rbe");
    if (in == NULL) {
        return err_errno(e, _("cannot read %s"), export_path);
    }
    r.in.in = in;
    chain_init(&r.chain);
    arena_init(&r.entry_arena, ENTRY_ARENA_MAX);
    arena_init(&r.item_arena, ENTRY_ARENA_MAX);
    buf_init(&r.payload, ENTRY_ENVELOPE_MAX);
    buf_init(&r.scratch, 2 * ENTRY_ENVELOPE_MAX);
    bool made = false;
    enum err_code code = folder_claim(dir, &made, e);
    bool claimed = code == ERR_OK;
    if (code == ERR_OK) {
        code = rebuild_run(&r, export_path, db_path, progress, e);
    }
    export_close(&r.in);
    items_release(&r.batch);
    chain_release(&r.chain);
    db_close(r.db);
    arena_release(&r.entry_arena);
    arena_release(&r.item_arena);
    buf_release(&r.payload);
    buf_release(&r.scratch);
    (void)fclose(in);
    if (code == ERR_OK) {
        code = file_sync(db_path, e);
    }
    if (code != ERR_OK && claimed) {
        database_remove(db_path);
    }
    if (code != ERR_OK && made) {
        (void)rmdir(dir);
    }
    return code;
}

/* ---- for another process
 * ------------------------------------------------------------------- */

struct reporter {
    FILE *lines;
    const struct progress *progress;
    int64_t last_ms;
};

static bool report_step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct reporter *r = ctx;
    if (!progress_step(r->progress, what, done, total)) {
        return false;
    }
    int64_t now_ms = monotonic_ms();
    if (now_ms - r->last_ms < 100) {
        return true;
    }
    r->last_ms = now_ms;
    return fprintf(r->lines, "{\"done\":%" PRIu64 ",\"total\":%" PRIu64 "}\n", done, total) >
               0 &&
           fflush(r->lines) == 0;
}

enum err_code rebuild_reporting(const char *export_path, const char *dir,
                                const struct projector *projector,
                                const struct progress *progress, FILE *lines, struct err *e)
{
    struct audit *done = mem_alloc(sizeof *done);
    struct reporter r = {lines, progress, 0};
    const struct progress stepper = {&r, report_step};
    if (done == NULL) {
        return err_nomem(e);
    }
    enum err_code code = rebuild(export_path, dir, projector, &stepper, done, e);
    if (code == ERR_OK) {
        (void)fprintf(lines, "{\"entries\":%" PRId64 ",\"items\":%" PRId64 "}\n", done->entries,
                      done->items);
    }
    mem_free(done);
    return code;
}
