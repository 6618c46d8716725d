/* Projectors of segments: windows of packets in files of their own. The bytes themselves are
 * not theirs: what an entry lets go may be gone or still there. */
#include <config.h>

#include "domain/project.h"
#include "store/db.h"

enum err_code project_segment_sealed(struct projection *p, const struct json *d)
{
    static const char *const names[] = {"segment", "first",   "last",  "windows",
                                        "batches", "packets", "bytes", "size"};
    enum { NAMES = sizeof names / sizeof names[0] };
    int64_t v[NAMES] = {0};
    struct hash sha;
    struct hash root;
    for (size_t i = 0; i < NAMES; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    TRY(take_hash(p, d, "sha256", &sha));
    TRY(take_hash(p, d, "root", &root));
    return db_run(
        p->db, p->e,
        "INSERT INTO segment(id, first, last, windows, batches, packets, bytes, size, "
        "sha256, root, sealed) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_INT(v[3]), V_INT(v[4]), V_INT(v[5]),
             V_INT(v[6]), V_INT(v[7]), V_HASH(&sha), V_HASH(&root), V_INT(p->entry->seq)));
}

static enum err_code dropped_set(struct projection *p, const struct json *d, struct val entry)
{
    int64_t segment = 0;
    TRY(take_int(p, d, "segment", &segment));
    return db_run(p->db, p->e, "UPDATE segment SET dropped = ? WHERE id = ?",
                  VALS(entry, V_INT(segment)));
}

enum err_code project_segment_dropped(struct projection *p, const struct json *d)
{
    return dropped_set(p, d, V_INT(p->entry->seq));
}

enum err_code project_segment_restored(struct projection *p, const struct json *d)
{
    return dropped_set(p, d, V_NULL());
}
