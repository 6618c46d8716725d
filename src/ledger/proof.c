#include <config.h>

#include "ledger/proof.h"

#include <string.h>

#include "base/i18n.h"

#define PROOF_VERSION 1
#define PROOF_DEPTH 5 /* file, entries, entry, items, item, path */

/* ---- writing ---- */

static void add_text(struct buf *out, const char *s)
{
    if (s == NULL) {
        buf_adds(out, "null");
    } else {
        json_add_string(out, s, strlen(s));
    }
}

static void add_texts(struct buf *out, const char *const *list, size_t count)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        add_text(out, list[i]);
    }
    buf_addc(out, ']');
}

static void add_item(struct buf *out, const struct proof_item *it)
{
    buf_adds(out, "{\"index\":");
    buf_add_int(out, it->index);
    buf_adds(out, ",\"item\":");
    json_add_string(out, it->text, it->len);
    buf_adds(out, ",\"path\":[");
    for (size_t i = 0; i < it->path_len; i++) {
        buf_adds(out, i > 0 ? ",\"" : "\"");
        buf_add_base64(out, it->path[i].b, HASH_SIZE);
        buf_addc(out, '"');
    }
    buf_adds(out, "]}");
}

static void add_entry(struct buf *out, const struct proof_entry *en)
{
    buf_adds(out, "{\"envelope\":");
    json_add_string(out, en->envelope, en->envelope_len);
    buf_adds(out, ",\"inclusion\":");
    add_text(out, en->inclusion);
    buf_adds(out, ",\"items\":[");
    for (size_t i = 0; i < en->item_count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        add_item(out, &en->items[i]);
    }
    buf_adds(out, "]}");
}

/* No member at all where there is none. */
static void add_evidence(struct buf *out, const struct proof *p)
{
    for (size_t i = 0; i < p->evidence_count; i++) {
        const struct proof_evidence *v = &p->evidence[i];
        buf_adds(out, i > 0 ? ",{\"attachment\":" : ",\"evidence\":[{\"attachment\":");
        buf_add_int(out, v->attachment);
        buf_adds(out, ",\"bytes\":\"");
        buf_add_base64(out, v->bytes, v->len);
        buf_adds(out, "\",\"salt\":\"");
        buf_add_base64(out, v->salt, sizeof v->salt);
        buf_adds(out, "\"}");
    }
    buf_adds(out, p->evidence_count > 0 ? "]" : "");
}

static size_t size_max(bool evidence)
{
    return evidence ? PROOF_FILE_MAX : PROOF_SIZE_MAX;
}

/* Members in the order of RFC 8785. */
enum err_code proof_write(const struct proof *p, struct buf *out, struct err *e)
{
    size_t start = out->len;
    buf_adds(out, "{\"aforo_proof\":");
    buf_add_int(out, PROOF_VERSION);
    buf_adds(out, ",\"checkpoint\":");
    add_text(out, p->checkpoint);
    buf_adds(out, ",\"entries\":[");
    for (size_t i = 0; i < p->entry_count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        add_entry(out, &p->entries[i]);
    }
    buf_addc(out, ']');
    add_evidence(out, p);
    buf_adds(out, ",\"keys\":");
    add_texts(out, p->keys, p->key_count);
    buf_adds(out, ",\"missing\":");
    add_texts(out, p->missing, p->missing_count);
    buf_adds(out, ",\"office\":");
    add_text(out, p->office);
    buf_adds(out, ",\"target\":{\"kind\":");
    add_text(out, p->target);
    buf_adds(out, ",\"number\":");
    buf_add_int(out, p->number);
    buf_adds(out, "}}\n");
    TRY(buf_status(out, _("proof"), e));
    size_t max = size_max(p->evidence_count > 0);
    return out->len - start <= max
               ? ERR_OK
               : err_set(e, ERR_LIMIT, _("the proof would be larger than %zu bytes"), max);
}

/* ---- reading ---- */

size_t proof_memory(size_t file_bytes)
{
    size_t bytes = file_bytes < PROOF_FILE_MAX ? file_bytes : PROOF_FILE_MAX;
    return 12 * bytes + (size_t)256 * 1024;
}

static enum err_code bad(struct err *e, const char *place)
{
    return err_set(
        e, ERR_PARSE,
        _("this is no proof file of version %d: \"%s\" is missing, stands at a wrong "
          "place or is malformed"),
        PROOF_VERSION, place);
}

/* An object with exactly these members. */
static enum err_code members(const struct json *o, const char *const *names, size_t count,
                             const char *place, struct err *e)
{
    if (o == NULL || o->type != JSON_OBJECT) {
        return bad(e, place);
    }
    for (size_t i = 0; i < count; i++) {
        if (json_get(o, names[i]) == NULL) {
            return bad(e, names[i]);
        }
    }
    return o->u.object.count == count ? ERR_OK : bad(e, place);
}

static enum err_code list(const struct json *o, const char *name, size_t max,
                          const struct json **out, struct err *e)
{
    *out = json_get(o, name);
    if (*out == NULL || (*out)->type != JSON_ARRAY) {
        return bad(e, name);
    }
    return (*out)->u.array.count <= max
               ? ERR_OK
               : err_set(e, ERR_LIMIT, _("the proof has more than %zu \"%s\""), max, name);
}

static enum err_code texts(const struct json *o, const char *name, size_t max,
                           struct arena *arena, const char ***out, size_t *count, struct err *e)
{
    const struct json *a = NULL;
    TRY(list(o, name, max, &a, e));
    *count = a->u.array.count;
    *out = arena_array(arena, *count + 1, sizeof **out);
    if (*out == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < *count; i++) {
        const struct json *v = a->u.array.items[i];
        if (v->type != JSON_STRING || strlen(v->u.string.data) != v->u.string.len ||
            (i > 0 && strcmp((*out)[i - 1], v->u.string.data) >= 0)) {
            return bad(e, name); /* sorted, each once */
        }
        (*out)[i] = v->u.string.data;
    }
    return ERR_OK;
}

/* A text or null. */
static enum err_code optional(const struct json *o, const char *name, const char **out,
                              struct err *e)
{
    const struct json *v = json_get(o, name);
    *out = json_get_str(o, name);
    return *out != NULL || (v != NULL && v->type == JSON_NULL) ? ERR_OK : bad(e, name);
}

static enum err_code read_node(const struct json *v, struct hash *out, struct err *e)
{
    struct buf b;
    struct err ignored = ERR_INIT;
    buf_init(&b, HASH_SIZE + 1);
    bool ok = v->type == JSON_STRING && v->u.string.len == 44 &&
              base64_decode(v->u.string.data, 44, &b, &ignored) == ERR_OK && b.len == HASH_SIZE;
    if (ok) {
        memcpy(out->b, b.data, HASH_SIZE);
    }
    bool nomem = b.failed;
    buf_release(&b);
    return ok ? ERR_OK : nomem ? err_nomem(e) : bad(e, "path");
}

static enum err_code read_item(const struct json *o, struct arena *arena,
                               struct proof_item *out, struct err *e)
{
    static const char *const names[] = {"index", "item", "path"};
    const struct json *path = NULL;
    TRY(members(o, names, 3, "items", e));
    const struct json *text = json_get(o, "item");
    if (!json_get_int(o, "index", &out->index) || out->index < 0) {
        return bad(e, "index");
    }
    if (text->type != JSON_STRING) {
        return bad(e, "item");
    }
    out->text = text->u.string.data;
    out->len = text->u.string.len;
    TRY(list(o, "path", MERKLE_PATH_MAX, &path, e));
    out->path_len = path->u.array.count;
    out->path = arena_array(arena, out->path_len + 1, sizeof out->path[0]);
    if (out->path == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < out->path_len; i++) {
        TRY(read_node(path->u.array.items[i], &out->path[i], e));
    }
    return ERR_OK;
}

static enum err_code read_entry(const struct json *o, struct arena *arena,
                                struct proof_entry *out, struct err *e)
{
    static const char *const names[] = {"envelope", "inclusion", "items"};
    const struct json *items = NULL;
    TRY(members(o, names, 3, "entries", e));
    const struct json *envelope = json_get(o, "envelope");
    if (envelope->type != JSON_STRING) {
        return bad(e, "envelope");
    }
    out->envelope = envelope->u.string.data;
    out->envelope_len = envelope->u.string.len;
    TRY(optional(o, "inclusion", &out->inclusion, e));
    TRY(list(o, "items", PROOF_ITEMS_MAX, &items, e));
    out->item_count = items->u.array.count;
    out->items = arena_array(arena, out->item_count + 1, sizeof out->items[0]);
    if (out->items == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < out->item_count; i++) {
        TRY(read_item(items->u.array.items[i], arena, &out->items[i], e));
        if (i > 0 && out->items[i].index <= out->items[i - 1].index) {
            return bad(e, "items");
        }
    }
    return ERR_OK;
}

/* Base64 into the arena. */
static enum err_code read_bytes(const struct json *o, const char *name, struct arena *arena,
                                const char **out, size_t *len, struct err *e)
{
    const struct json *v = json_get(o, name);
    struct buf b;
    struct err why = ERR_INIT;
    *out = NULL;
    if (v->type != JSON_STRING) {
        return bad(e, name);
    }
    buf_init(&b, PROOF_FILE_MAX);
    enum err_code code = base64_decode(v->u.string.data, v->u.string.len, &b, &why);
    *out = code == ERR_OK ? arena_strndup(arena, buf_str(&b), b.len) : NULL;
    *len = b.len;
    buf_release(&b);
    return *out != NULL                          ? ERR_OK
           : code == ERR_OK || code == ERR_NOMEM ? err_nomem(e)
                                                 : bad(e, name);
}

static enum err_code read_file(const struct json *o, struct arena *arena,
                               struct proof_evidence *out, struct err *e)
{
    static const char *const names[] = {"attachment", "bytes", "salt"};
    const char *salt = NULL;
    size_t salt_len = 0;
    TRY(members(o, names, 3, "evidence", e));
    if (!json_get_int(o, "attachment", &out->attachment)) {
        return bad(e, "attachment");
    }
    TRY(read_bytes(o, "bytes", arena, &out->bytes, &out->len, e));
    TRY(read_bytes(o, "salt", arena, &salt, &salt_len, e));
    if (salt_len != sizeof out->salt) {
        return bad(e, "salt");
    }
    memcpy(out->salt, salt, salt_len);
    return ERR_OK;
}

static enum err_code read_evidence(const struct json *o, struct arena *arena, struct proof *out,
                                   struct err *e)
{
    const struct json *files = NULL;
    if (json_get(o, "evidence") == NULL) {
        return ERR_OK;
    }
    TRY(list(o, "evidence", PROOF_EVIDENCE_MAX, &files, e));
    size_t count = files->u.array.count;
    out->evidence = arena_array(arena, count + 1, sizeof out->evidence[0]);
    if (out->evidence == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < count; i++) {
        out->evidence[i] = (struct proof_evidence){0};
        TRY(read_file(files->u.array.items[i], arena, &out->evidence[i], e));
        if (i > 0 && out->evidence[i].attachment <= out->evidence[i - 1].attachment) {
            return bad(e, "evidence");
        }
    }
    out->evidence_count = count;
    return count > 0 ? ERR_OK : bad(e, "evidence");
}

static enum err_code read_members(const struct json *o, struct arena *arena, struct proof *out,
                                  struct err *e)
{
    static const char *const names[] = {"aforo_proof", "checkpoint", "entries", "keys",
                                        "missing",     "office",     "target",  "evidence"};
    static const char *const target_names[] = {"kind", "number"};
    const struct json *entries = NULL;
    int64_t version = 0;
    if (!json_get_int(o, "aforo_proof", &version)) {
        return bad(e, "aforo_proof");
    }
    if (version != PROOF_VERSION) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("this proof file is of another version than %d, the one that this "
                         "program knows"),
                       PROOF_VERSION);
    }
    TRY(members(o, names, json_get(o, "evidence") == NULL ? 7 : 8, "aforo_proof", e));
    const struct json *target = json_get(o, "target");
    TRY(members(target, target_names, 2, "target", e));
    out->office = json_get_str(o, "office");
    out->target = json_get_str(target, "kind");
    if (out->office == NULL) {
        return bad(e, "office");
    }
    if (out->target == NULL || !json_get_int(target, "number", &out->number)) {
        return bad(e, "target");
    }
    TRY(optional(o, "checkpoint", &out->checkpoint, e));
    TRY(texts(o, "keys", PROOF_KEYS_MAX, arena, &out->keys, &out->key_count, e));
    TRY(texts(o, "missing", PROOF_MISSING_MAX, arena, &out->missing, &out->missing_count, e));
    TRY(list(o, "entries", PROOF_ENTRIES_MAX, &entries, e));
    out->entry_count = entries->u.array.count;
    out->entries = arena_array(arena, out->entry_count + 1, sizeof out->entries[0]);
    if (out->entries == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < out->entry_count; i++) {
        TRY(read_entry(entries->u.array.items[i], arena, &out->entries[i], e));
    }
    return read_evidence(o, arena, out, e);
}

/* An arena that is full says ERR_NOMEM; when it was the file that asked for too much, that is
 * another thing. */
static enum err_code too_dense(enum err_code code, const struct arena *arena, struct err *e)
{
    if (code == ERR_NOMEM && arena->max_bytes - arena->used_bytes < 65536) {
        return err_set(e, ERR_LIMIT,
                       _("the proof has too many values for its size; this program writes none "
                         "like it"));
    }
    return code;
}

enum err_code proof_read(const char *text, size_t len, struct arena *arena, struct proof *out,
                         struct err *e)
{
    static const struct json_limits limits = {
        .max_bytes = PROOF_FILE_MAX, .max_depth = PROOF_DEPTH + 1, .entry_profile = true};
    struct json *o = NULL;
    *out = (struct proof){0};
    static const char mark[] = "],\"evidence\":[";
    size_t max =
        size_max(len > PROOF_SIZE_MAX && memmem(text, len, mark, sizeof mark - 1) != NULL);
    if (len > max) {
        return err_set(e, ERR_LIMIT, _("a proof file has at most %zu bytes"), max);
    }
    enum err_code code = json_parse(text, len, &limits, arena, &o, e);
    if (code != ERR_OK) {
        return too_dense(code, arena, e);
    }
    if (len == 0 || text[len - 1] != '\n' || !json_is_canonical(text, len - 1, o)) {
        return err_set(e, ERR_PARSE,
                       _("the proof is not canonical JSON (RFC 8785) and one newline: it was "
                         "written anew or changed"));
    }
    return too_dense(read_members(o, arena, out, e), arena, e);
}

struct proof_entry *proof_entry_at(struct proof *p, int64_t seq)
{
    size_t low = 0;
    size_t high = p->entry_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->entries[mid].said.seq < seq) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < p->entry_count && p->entries[low].said.seq == seq ? &p->entries[low] : NULL;
}
