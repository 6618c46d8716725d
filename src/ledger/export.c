#include <config.h>

#include "ledger/export.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "ledger/entry.h"
#include "ledger/frame.h"
#include "ledger/items.h"
#include "ledger/ledger.h"
#include "store/db.h"

static const char heading[] = "aforo-ledger-export ";
#define EXPORT_VERSION 1
#define LINE_MAX_BYTES 160
#define RECORD_MAX (ENTRY_ENVELOPE_MAX > ITEM_MAX_BYTES ? ENTRY_ENVELOPE_MAX : ITEM_MAX_BYTES)

/* ---- writing
 * ------------------------------------------------------------------------------- */

struct writer {
    const struct item_source *from;
    FILE *out;
    struct export_counts *counts;
};

static enum err_code write_failed(struct err *e)
{
    return err_errno(e, _("cannot write the export"));
}

static enum err_code record_write(FILE *out, char type, const char *data, size_t len,
                                  struct err *e)
{
    bool ok = fprintf(out, "%c %zu\n", type, len) > 0 && fwrite(data, 1, len, out) == len &&
              fputc('\n', out) != EOF;
    return ok ? ERR_OK : write_failed(e);
}

static enum err_code item_write(void *ctx, int64_t index, const char *item, size_t len,
                                struct err *e)
{
    struct writer *w = ctx;
    (void)index;
    w->counts->items++;
    return record_write(w->out, 'I', item, len, e);
}

static enum err_code entry_write(int64_t seq, struct writer *w, struct merkle_frontier *tree,
                                 struct arena *arena, struct buf *envelope, struct err *e)
{
    struct stored_entry s;
    arena_reset(arena);
    buf_clear(envelope);
    TRY(ledger_get(w->from->db, seq, arena, &s, e));
    TRY(stored_envelope(&s, envelope, e));
    TRY(record_write(w->out, 'E', envelope->data, envelope->len, e));
    merkle_append(tree, &s.leaf);
    w->counts->entries++;
    return items_each_from(w->from, seq, false, item_write, w, NULL, NULL, e);
}

static enum err_code entries_write(int64_t last, struct writer *w,
                                   const struct progress *progress, struct err *e)
{
    struct arena arena;
    struct buf envelope;
    struct merkle_frontier tree;
    enum err_code code = ERR_OK;
    arena_init(&arena, 1 << 20);
    buf_init(&envelope, ENTRY_ENVELOPE_MAX);
    merkle_init(&tree);
    for (int64_t seq = 1; code == ERR_OK && seq <= last; seq++) {
        if (seq % 64 == 1 && !progress_step(progress, _("exporting entries"), (uint64_t)seq - 1,
                                            (uint64_t)last)) {
            code = err_set(e, ERR_CANCELLED, _("the export was stopped"));
            break;
        }
        code = entry_write(seq, w, &tree, &arena, &envelope, e);
    }
    (void)progress_step(progress, _("exporting entries"), (uint64_t)last, (uint64_t)last);
    merkle_root(&tree, &w->counts->root);
    arena_release(&arena);
    buf_release(&envelope);
    return code;
}

enum err_code export_write(struct db *db, const char *office, FILE *out,
                           const struct progress *progress, struct export_counts *counts,
                           struct err *e)
{
    const struct item_source from = {.db = db};
    return export_write_from(&from, office, out, progress, counts, e);
}

enum err_code export_write_from(const struct item_source *from, const char *office, FILE *out,
                                const struct progress *progress, struct export_counts *counts,
                                struct err *e)
{
    struct writer w = {from, out, counts};
    int64_t last = 0;
    *counts = (struct export_counts){0};
    TRY(db_get_int(from->db, &last, NULL, e, "SELECT max(seq) FROM entry", NO_VALS));
    if (fprintf(out, "%s%d %s\n", heading, EXPORT_VERSION, office) < 0) {
        return write_failed(e);
    }
    TRY(entries_write(last, &w, progress, e));
    return frame_end_write(out, counts->entries, counts->items, &counts->root)
               ? ERR_OK
               : write_failed(e);
}

/* ---- reading
 * ------------------------------------------------------------------------------- */

static enum err_code bad(const struct export_reader *r, struct err *e, const char *what)
{
    return err_set(e, ERR_PARSE, _("record %" PRId64 " of the export: %s"), r->line, what);
}

static enum err_code ended(const struct export_reader *r, struct err *e)
{
    return ferror(r->in) != 0 ? err_errno(e, _("cannot read the export"))
                              : bad(r, e, _("the file ends in the middle"));
}

static enum err_code line_read(struct export_reader *r, char *line, size_t size, struct err *e)
{
    switch (frame_line(r->in, line, size)) {
    case FRAME_LINE:
        return ERR_OK;
    case FRAME_ENDED:
        return ended(r, e);
    case FRAME_MALFORMED:
        break;
    }
    return bad(r, e, _("its heading is malformed"));
}

enum err_code export_open(struct export_reader *r, FILE *in, struct err *e)
{
    char line[LINE_MAX_BYTES];
    int64_t version = 0;
    *r = (struct export_reader){.in = in};
    buf_init(&r->record, RECORD_MAX);
    TRY(line_read(r, line, sizeof line, e));
    if (strncmp(line, heading, sizeof heading - 1) != 0) {
        return err_set(e, ERR_PARSE, _("this is no export of a ledger"));
    }
    const char *at = frame_number(line + sizeof heading - 1, ' ', 999, &version);
    if (at == NULL || *at == '\0' || strlen(at) >= sizeof r->office) {
        return bad(r, e, _("its heading is malformed"));
    }
    if (version != EXPORT_VERSION) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("the export is of version %" PRId64 "; this program reads version %d"),
                       version, EXPORT_VERSION);
    }
    memcpy(r->office, at, strlen(at) + 1);
    return ERR_OK;
}

static enum err_code end_read(struct export_reader *r, const char *at, struct err *e)
{
    if (!frame_end_read(at, &r->end.entries, &r->end.items, &r->end.root)) {
        return bad(r, e, _("its heading is malformed"));
    }
    if (fgetc(r->in) != EOF) {
        return bad(r, e, _("the file goes on behind its end"));
    }
    return ferror(r->in) != 0 ? ended(r, e) : ERR_OK;
}

enum err_code export_next(struct export_reader *r, struct export_record *out, struct err *e)
{
    char line[LINE_MAX_BYTES];
    int64_t len = 0;
    *out = (struct export_record){EXPORT_END, NULL, 0};
    r->line++;
    TRY(line_read(r, line, sizeof line, e));
    if (strncmp(line, "end ", 4) == 0) {
        return end_read(r, line + 4, e);
    }
    bool entry = strncmp(line, "E ", 2) == 0;
    if ((!entry && strncmp(line, "I ", 2) != 0) ||
        frame_number(line + 2, '\0', RECORD_MAX, &len) == NULL) {
        return bad(r, e, _("its heading is malformed"));
    }
    if (!entry && !r->any_entry) {
        return bad(r, e, _("an item stands before the first entry"));
    }
    buf_clear(&r->record);
    char *at = buf_reserve(&r->record, (size_t)len);
    if (at == NULL) {
        return buf_status(&r->record, _("record of the export"), e);
    }
    if (fread(at, 1, (size_t)len, r->in) != (size_t)len) {
        return ended(r, e);
    }
    r->record.len = (size_t)len;
    if (fgetc(r->in) != '\n') {
        return bad(r, e, _("it is longer than its heading says"));
    }
    r->any_entry = true;
    *out = (struct export_record){entry ? EXPORT_ENTRY : EXPORT_ITEM, at, (size_t)len};
    return ERR_OK;
}

void export_close(struct export_reader *r)
{
    buf_release(&r->record);
}
