/* Bundles read out of segments, for whoever reads items. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/segments.h"
#include "base/arena.h"
#include "base/i18n.h"

struct segment_source {
    struct item_source items;
    struct db *db;
    const char *office, *folder; /* borrowed */
    struct segment_row row;      /* of the file that is open; id 0: none */
    FILE *in;
    struct segment_reader reader;
    int64_t seq, bundle; /* where it stands: behind this bundle of this entry; -1: none yet */
};

static void file_close(struct segment_source *s)
{
    if (s->in != NULL) {
        segment_close(&s->reader);
        (void)fclose(s->in);
    }
    s->in = NULL;
    s->row.id = 0;
}

static enum err_code source_fail(const struct segment_source *s, struct err *e)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(s->office, s->row.id, &s->row.sha256, name);
    return err_wrap(e, "%s/%s", s->folder, name);
}

/* From its beginning: the file of that segment. */
static enum err_code file_start(struct segment_source *s, const struct segment_row *row,
                                struct err *e)
{
    file_close(s);
    TRY(segment_file_open(s->folder, s->office, row, &s->in, e));
    s->row = *row;
    s->seq = 0;
    s->bundle = -1;
    if (segment_open(&s->reader, s->in, e) != ERR_OK) {
        return source_fail(s, e);
    }
    if (strcmp(s->reader.office, s->office) != 0 || s->reader.number != row->id) {
        (void)err_set(e, ERR_TAMPERED, _("it is segment %" PRId64 " of office %s"),
                      s->reader.number, s->reader.office);
        return source_fail(s, e);
    }
    return ERR_OK;
}

/* The segment of a batch, by the window that the entry names. */
static enum err_code segment_find(struct segment_source *s, int64_t seq,
                                  struct segment_row *row, struct err *e)
{
    int64_t window = 0;
    bool found = false;
    TRY(db_get_int(s->db, &window, &found, e,
                   "SELECT json_extract(payload, '$.data.run') FROM entry WHERE seq = ? AND "
                   "json_extract(payload, '$.kind') = 'window.batch'",
                   VALS(V_INT(seq))));
    if (found) {
        TRY(segment_of_window(s->db, window, row, &found, e));
    }
    return found ? ERR_OK
                 : err_set(e, ERR_TAMPERED,
                           _("the items of entry %" PRId64
                             " are missing, and no segment holds them"),
                           seq);
}

/* Go on to that bundle; *there false at the file's end. */
static enum err_code bundle_seek(struct segment_source *s, int64_t seq, int64_t bundle,
                                 struct segment_record *r, bool *there, struct err *e)
{
    *there = false;
    for (;;) {
        bool skip = s->seq != seq || s->bundle + 1 != bundle;
        if (segment_next(&s->reader, skip, r, e) != ERR_OK) {
            return source_fail(s, e);
        }
        if (r->type == SEGMENT_END) {
            return ERR_OK;
        }
        if (r->type == SEGMENT_ENTRY) {
            s->seq = r->number;
            s->bundle = -1;
        }
        if (r->type == SEGMENT_BUNDLE) {
            s->bundle++;
            if (!skip) {
                *there = true;
                return ERR_OK;
            }
        }
    }
}

static enum err_code bundle_give(void *ctx, int64_t seq, int64_t bundle, struct buf *out,
                                 struct err *e)
{
    struct segment_source *s = ctx;
    struct segment_row row;
    struct segment_record r;
    bool there = false;
    TRY(segment_find(s, seq, &row, e));
    bool behind = seq < s->seq || (seq == s->seq && bundle <= s->bundle);
    if (s->row.id != row.id || behind) {
        TRY(file_start(s, &row, e));
    }
    enum err_code code = bundle_seek(s, seq, bundle, &r, &there, e);
    if (code == ERR_OK && !there) {
        (void)err_set(e, ERR_TAMPERED, _("it lacks the items of entry %" PRId64), seq);
        code = source_fail(s, e);
    }
    if (code == ERR_OK) {
        buf_add(out, r.data, r.len);
        code = buf_status(out, _("bundle of items"), e);
    }
    if (code != ERR_OK || !there) {
        file_close(s);
    }
    return code;
}

enum err_code segment_source_open(struct db *db, const char *office, const char *folder,
                                  struct segment_source **out, struct err *e)
{
    struct segment_source *s = mem_alloc(sizeof *s);
    if (s == NULL) {
        return err_nomem(e);
    }
    s->db = db;
    s->office = office;
    s->folder = folder;
    s->items = (struct item_source){.db = db, .dropped = bundle_give, .ctx = s};
    *out = s;
    return ERR_OK;
}

void segment_source_close(struct segment_source *s)
{
    if (s != NULL) {
        file_close(s);
        mem_free(s);
    }
}

const struct item_source *segment_items(const struct segment_source *s)
{
    return &s->items;
}
