#include <config.h>

#include "app/verify_segments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/segments.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/entry.h"

#define ENTRY_ARENA_MAX ((size_t)1 << 20)

struct fill {
    struct db *db;
    const char *folder;
    const struct progress *progress;
    struct audit *audit;
    struct err *lacking;
    char office[SEGMENT_OFFICE_MAX + 1];
    struct segment_row *rows; /* by id, from 1 without gaps */
    size_t count, size;
};

static enum err_code sealed_take(struct fill *f, const struct entry *en, struct err *e)
{
    const struct json *d = en->data;
    struct segment_row s = {.sealed = en->seq};
    bool fits = json_get_int(d, "segment", &s.id) && s.id == (int64_t)f->count + 1 &&
                json_get_int(d, "first", &s.first) && json_get_int(d, "last", &s.last) &&
                json_get_int(d, "windows", &s.windows) &&
                json_get_int(d, "batches", &s.batches) &&
                json_get_int(d, "packets", &s.packets) && json_get_int(d, "bytes", &s.bytes) &&
                json_get_int(d, "size", &s.size) && json_get_hash(d, "sha256", &s.sha256) &&
                json_get_hash(d, "root", &s.root);
    if (!fits) { /* its schema, or the rebuild, says so with better words */
        return ERR_OK;
    }
    struct segment_row *rows = mem_grow(f->rows, f->count, &f->size, sizeof rows[0]);
    if (rows == NULL) {
        return err_nomem(e);
    }
    f->rows = rows;
    f->rows[f->count++] = s;
    return ERR_OK;
}

static enum err_code entry_take(struct fill *f, const struct stmt *q, struct err *e)
{
    struct arena arena;
    struct entry en;
    struct err malformed = ERR_INIT;
    struct val payload = stmt_val(q, 0);
    int64_t id = 0;
    arena_init(&arena, ENTRY_ARENA_MAX);
    enum err_code code = entry_decode(payload.data, payload.len, &arena, &en, &malformed);
    if (code == ERR_OK && strcmp(en.kind, "segment.sealed") == 0) {
        code = sealed_take(f, &en, e);
    } else if (code == ERR_OK && json_get_int(en.data, "segment", &id) && id >= 1 &&
               (uint64_t)id <= f->count) {
        if (strcmp(en.kind, "segment.dropped") == 0) {
            f->rows[id - 1].dropped = en.seq;
        } else if (strcmp(en.kind, "segment.restored") == 0) {
            f->rows[id - 1].dropped = 0;
        }
    } else if (code != ERR_NOMEM) { /* the check of the entries names it */
        code = ERR_OK;
    }
    arena_release(&arena);
    return code == ERR_NOMEM ? err_nomem(e) : code;
}

static enum err_code rows_read(struct fill *f, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(f->db, &q, e,
                 "SELECT payload FROM entry WHERE instr(payload, '\"kind\":\"segment.') > 0 "
                 "ORDER BY seq",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = entry_take(f, q, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code office_read(struct fill *f, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(f->db, &q, e,
                 "SELECT json_extract(payload, '$.office') FROM entry WHERE seq = 1 AND "
                 "json_valid(payload)",
                 NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && stmt_text(q, 0) != NULL) {
        (void)snprintf(f->office, sizeof f->office, "%s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

static enum err_code segment_fill(struct fill *f, const struct segment_row *s, struct err *e)
{
    struct err why = ERR_INIT;
    enum err_code code =
        segment_verify(f->db, f->folder, f->office, s, s->dropped != 0, f->progress, &why);
    if (code == ERR_OK) {
        f->audit->segments++;
        return ERR_OK;
    }
    if (code == ERR_TAMPERED) {
        (void)audit_add(f->audit, "segment", s->sealed, -1, "%s", why.text);
        return ERR_OK;
    }
    if (code == ERR_NOT_FOUND) {
        if (s->dropped != 0 && f->lacking->code == ERR_OK) {
            (void)err_set(f->lacking, code, "%s", why.text);
        }
        return ERR_OK;
    }
    return err_set(e, code, "%s", why.text);
}

enum err_code segments_fill(const char *copy, const char *folder,
                            const struct progress *progress, struct audit *a,
                            struct err *lacking, struct err *e)
{
    struct fill f = {.folder = folder, .progress = progress, .audit = a, .lacking = lacking};
    enum err_code code = db_open(copy, DB_WRITE, &f.db, e);
    if (code == ERR_OK) {
        code = office_read(&f, e);
    }
    if (code == ERR_OK) {
        code = rows_read(&f, e);
    }
    for (size_t i = 0; code == ERR_OK && i < f.count; i++) {
        code = segment_fill(&f, &f.rows[i], e);
    }
    db_close(f.db);
    mem_free(f.rows);
    return code;
}
