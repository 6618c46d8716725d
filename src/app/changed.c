#include <config.h>

#include "app/changed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/words.h"
#include "base/json.h"
#include "base/text.h"

#define LOOKED_AT 256
#define PAYLOAD_ARENA ((size_t)32 << 20)
#define DEPTH_MAX 12

/* A parameter, the member of entries that says the same, and how the value becomes the member's
 * (NULL: it is the same number or text). */
static const struct {
    const char *param, *member, *sql;
} names[] = {
    {"serial", "meter", "SELECT id FROM meter WHERE serial = ?"},
    {"meter", "meter", "SELECT id FROM meter WHERE serial = ?"},
    {"account", "account", "SELECT id FROM account WHERE number = ?"},
    {"login", "user",
     "SELECT u.id FROM user u JOIN personal p ON p.owner = 'user' AND p.id = u.id AND "
     "p.field = 'login' AND p.hash = u.login WHERE p.value = ?"},
    {"customer", "customer", NULL},
    {"bill", "bill", NULL},
    {"reading", "reading", NULL},
    {"ids", "reading", NULL},
    {"alert", "alert", NULL},
    {"decision", "decision", NULL},
    {"request", "request", NULL},
    {"receipt", "receipt", NULL},
    {"deposit", "deposit", NULL},
    {"plan", "plan", NULL},
    {"dispute", "dispute", NULL},
    {"work", "work", NULL},
    {"cut", "cut", NULL},
    {"paper", "paper", NULL},
    {"run", "run", NULL},
    {"row", "bank_row", NULL},
    {"cycle", "cycle", NULL},
    {"rule", "rule", NULL},
    {"policy", "policy", NULL},
    {"role", "role", NULL},
    {"drawer", "drawer", NULL},
};
#define NAMES (sizeof names / sizeof names[0])

/* Bulk entries keep what they are about in their items; the tables say it. */
static const struct {
    const char *member, *sql;
} bulk[] = {
    {"meter", "SELECT max(r.seq) FROM reading r JOIN register g ON g.id = r.register WHERE "
              "g.meter = ? AND r.seq > ?"},
    {"account", "SELECT max(seq) FROM bill WHERE account = ? AND seq > ?"},
};

struct wanted {
    const struct changed_about *about;
    const char *member, *text;
    int64_t id; /* 0: the member is a text */
};

static size_t name_index(const char *param)
{
    size_t i = 0;
    while (i < NAMES && strcmp(names[i].param, param) != 0) {
        i++;
    }
    return i;
}

bool changed_by_name(const char *param)
{
    return name_index(param) < NAMES;
}

/* A value that names nothing in the office is about nothing. */
static enum err_code want(struct office *o, const struct changed_about *a, struct wanted *w,
                          bool *some, struct err *e)
{
    size_t i = name_index(a->name);
    *some = i < NAMES && a->value[0] != '\0';
    if (!*some) {
        return ERR_OK;
    }
    *w = (struct wanted){.about = a, .member = names[i].member, .text = a->value};
    if (names[i].sql != NULL) {
        return db_get_int(o->db, &w->id, some, e, names[i].sql, VALS(V_TEXT(a->value)));
    }
    w->id = strtoll(a->value, NULL, 10);
    return ERR_OK;
}

static bool is_it(const struct json *v, const struct wanted *w)
{
    return (v->type == JSON_INT && w->id != 0 && v->u.integer == w->id) ||
           (v->type == JSON_STRING && w->id == 0 && strcmp(v->u.string.data, w->text) == 0);
}

/* Does any member of that name hold it? */
static bool mentions(const struct json *v, const struct wanted *w, unsigned depth)
{
    bool found = false;
    if (depth == DEPTH_MAX) {
        return false;
    }
    for (size_t i = 0; v->type == JSON_OBJECT && i < v->u.object.count && !found; i++) {
        const struct json_member *m = &v->u.object.members[i];
        found = (strcmp(m->name, w->member) == 0 && is_it(m->value, w)) ||
                mentions(m->value, w, depth + 1);
    }
    for (size_t i = 0; v->type == JSON_ARRAY && i < v->u.array.count && !found; i++) {
        found = mentions(v->u.array.items[i], w, depth + 1);
    }
    return found;
}

static void take(struct office *o, const struct stmt *q, const struct wanted *w,
                 struct changed *out)
{
    struct buf at;
    out->seq = stmt_int(q, 0);
    (void)snprintf(out->about, sizeof out->about, "%.30s %.60s", w->about->name,
                   w->about->value);
    (void)snprintf(out->kind, sizeof out->kind, "%.47s", code_said(stmt_text(q, 1)));
    (void)snprintf(out->who, sizeof out->who, "%.127s", stmt_text(q, 2));
    buf_init(&at, 64);
    civil_print_format(zone_to_civil(o->zone, stmt_int(q, 3)), "%F %R", &at);
    (void)snprintf(out->at, sizeof out->at, "%s", buf_str(&at));
    buf_release(&at);
}

/* Newest entries of bulk work about what is wanted, 0: none. */
static enum err_code bulk_newest(struct office *o, int64_t since, const struct wanted *w,
                                 int64_t *seq, struct err *e)
{
    *seq = 0;
    for (size_t i = 0; i < sizeof bulk / sizeof bulk[0]; i++) {
        if (strcmp(bulk[i].member, w->member) == 0) {
            TRY(db_get_int(o->db, seq, NULL, e, bulk[i].sql, VALS(V_INT(w->id), V_INT(since))));
        }
    }
    return ERR_OK;
}

static enum err_code look(struct office *o, int64_t since, const struct wanted *w,
                          const int64_t *in_bulk, size_t count, struct changed *out,
                          struct err *e)
{
    struct stmt *q = NULL;
    struct arena arena;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT h.seq, h.kind, coalesce(p.value, h.actor), h.time / 1000, e.payload "
                 "FROM history h JOIN entry e ON e.seq = h.seq LEFT JOIN user u ON 'user:' || "
                 "u.id = h.actor LEFT JOIN personal p ON p.owner = 'user' AND p.id = u.id AND "
                 "p.field = 'login' AND p.hash = u.login WHERE h.seq > ? ORDER BY h.seq DESC "
                 "LIMIT ?",
                 VALS(V_INT(since), V_INT(LOOKED_AT))));
    arena_init(&arena, PAYLOAD_ARENA);
    enum err_code code = ERR_OK;
    while (out->seq == 0 && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct json *entry = NULL;
        const char *payload = stmt_text(q, 4);
        arena_reset(&arena);
        code = json_parse(payload, strlen(payload), &json_limits_entry, &arena, &entry, e);
        if (code != ERR_OK) {
            break;
        }
        const struct json *data = json_get(entry, "data");
        for (size_t i = 0; i < count && out->seq == 0; i++) {
            if (in_bulk[i] == stmt_int(q, 0) || (data != NULL && mentions(data, &w[i], 0))) {
                take(o, q, &w[i], out);
            }
        }
    }
    stmt_done(q);
    arena_release(&arena);
    return code;
}

enum err_code changed_since(struct office *o, int64_t since, const struct changed_about *about,
                            size_t count, struct changed *out, struct err *e)
{
    struct wanted w[CHANGED_ABOUT_MAX];
    int64_t in_bulk[CHANGED_ABOUT_MAX];
    size_t n = 0;
    *out = (struct changed){0};
    for (size_t i = 0; i < count && n < CHANGED_ABOUT_MAX; i++) {
        bool some = false;
        TRY(want(o, &about[i], &w[n], &some, e));
        if (some) {
            TRY(bulk_newest(o, since, &w[n], &in_bulk[n], e));
            n++;
        }
    }
    return n > 0 ? look(o, since, w, in_bulk, n, out, e) : ERR_OK;
}
