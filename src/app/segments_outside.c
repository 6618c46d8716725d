#include <config.h>

#include "app/segments_outside.h"

#include <inttypes.h>
#include <unistd.h>

#include "app/segments.h"
#include "base/i18n.h"

static enum err_code one_tell(const struct office *o, const char *folder, int64_t id,
                              struct buf *list, int64_t *missing, struct err *e)
{
    struct segment_row s;
    bool found = false;
    char path[SEGMENT_PATH_MAX];
    char name[SEGMENT_NAME_MAX];
    TRY(segment_load(o->db, id, &s, &found, e));
    TRY(segment_path(folder, o->code, &s, path, e));
    segment_name(o->code, id, &s.sha256, name);
    bool there = access(path, F_OK) == 0;
    *missing += !there;
    if (list != NULL) {
        buf_addf(list, there ? _("    %s, in %s") : _("    %s, which is not in %s"), name,
                 folder);
        buf_addc(list, '\n');
    }
    return ERR_OK;
}

enum err_code segments_outside(const struct office *o, struct buf *list, int64_t *count,
                               int64_t *missing, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char folder[SEGMENT_PATH_MAX];
    *count = 0;
    *missing = 0;
    TRY(segment_folder(o->dir, o->segments, folder, e));
    TRY(db_query(o->db, &q, e, "SELECT id FROM segment WHERE dropped IS NOT NULL ORDER BY id",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        bool named = ++*count <= SEGMENTS_OUTSIDE_NAMED;
        code = one_tell(o, folder, stmt_int(q, 0), named ? list : NULL, missing, e);
    }
    stmt_done(q);
    if (code == ERR_OK && *count > SEGMENTS_OUTSIDE_NAMED) {
        buf_addf(list, _("    and %" PRId64 " more; see: aforo list segments"),
                 *count - SEGMENTS_OUTSIDE_NAMED);
        buf_addc(list, '\n');
    }
    return code;
}
