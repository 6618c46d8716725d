/* An entry of each kind as its command makes it, and an item of each kind that has items, byte
 * for byte as they were agreed (tests/golden/entry). What differs from one run to the next is
 * replaced by what does not: numbers of entries, times, hashes, keys. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ledger/entry.h"
#include "ledger/items.h"
#include "ledger/kinds.h"
#include "ledger/schema.h"
#include "store/db.h"
#include "tests/lib/office_kinds.h"
#include "tests/unit/check_kinds.h"

#define TEXT_MAX_BYTES ((size_t)1 << 20)
#define BASE64_SHOWN 56 /* longer texts of base64 are keys */

struct golden goldens[GOLDENS];
static struct arena arena;

/* Outside of a test, where Check cannot report. */
static void need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "goldens of kinds: %s\n", what);
        abort();
    }
}

/* ---- what differs ---- */

static bool all_of(const char *text, size_t len, const char *set)
{
    return strspn(text, set) == len;
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

static void settle_text(struct json *v, unsigned *hashes)
{
    char hex[65];
    size_t len = v->u.string.len;
    if (len == 64 && all_of(v->u.string.data, len, "0123456789abcdef")) {
        (void)snprintf(hex, sizeof hex, "%064x", ++*hashes);
        v->u.string.data = arena_strdup(&arena, hex);
    } else if (len >= BASE64_SHOWN && all_of(v->u.string.data, len, base64)) {
        v->u.string.data = "a2V5";
        v->u.string.len = 4;
    } else if (strstr(v->u.string.data, "\n\xe2\x80\x94 ") != NULL) { /* a signed note */
        v->u.string.data = "note";
        v->u.string.len = 4;
    } else if (len == strcspn(v->u.string.data, "+") + 54 &&
               v->u.string.data[len - 45] == '+') { /* a verifier key */
        v->u.string.data = "name+id+key";
        v->u.string.len = 11;
    }
}

static void settle(struct json *v, unsigned *hashes)
{
    if (v->type == JSON_STRING) {
        settle_text(v, hashes);
    }
    for (size_t i = 0; v->type == JSON_ARRAY && i < v->u.array.count; i++) {
        settle(v->u.array.items[i], hashes);
    }
    for (size_t i = 0; v->type == JSON_OBJECT && i < v->u.object.count; i++) {
        struct json_member *m = &v->u.object.members[i];
        bool clock = m->name_len > 3 && strcmp(m->name + m->name_len - 3, "_ms") == 0;
        bool entries = m->name_len >= 4 && strcmp(m->name + m->name_len - 4, "size") == 0;
        bool bytes = m->name_len == 5 && memcmp(m->name, "bytes", 5) == 0 &&
                     json_get(v, "sha256") != NULL;
        if (bytes && m->value->type == JSON_INT) { /* signatures are not all as long */
            m->value->u.integer = 12000;
        } else if (clock && m->value->type == JSON_INT) {
            m->value->u.integer = FIXTURE_START_MS;
        } else if (entries && m->value->type == JSON_INT) { /* how long the ledger was */
            m->value->u.integer = 7;
        } else {
            settle(m->value, hashes);
        }
    }
}

/* The text as it stands in the golden file. */
static const char *settled(const char *text, size_t len, bool entry)
{
    struct err e = ERR_INIT;
    struct json *v = NULL;
    struct buf out;
    unsigned hashes = 0;
    buf_init(&out, TEXT_MAX_BYTES);
    need(json_parse(text, len, &json_limits_entry, &arena, &v, &e) == ERR_OK, e.text);
    settle(v, &hashes);
    if (entry) {
        need(json_set_int(&arena, v, "seq", 7) &&
                 json_set_str(&arena, v, "time", "2026-11-02T14:00:00.000Z"),
             "memory");
    }
    need(json_write_jcs(v, &out, &e) == ERR_OK, e.text);
    const char *kept = arena_strdup(&arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

/* ---- taking one of each: the longest says most ---- */

static void keep(size_t at, const char *text, size_t len, bool entry)
{
    struct golden *g = &goldens[at];
    const char *now = settled(text, len, entry);
    if (g->text == NULL || strlen(now) > strlen(g->text)) {
        g->text = now;
    }
}

static enum err_code keep_item(void *ctx, int64_t index, const char *item, size_t len,
                               struct err *e)
{
    (void)index;
    (void)e;
    keep(KIND_COUNT + *(const size_t *)ctx, item, len, false);
    return ERR_OK;
}

static void names_make(void)
{
    for (size_t k = 0; k < KIND_COUNT; k++) {
        (void)snprintf(goldens[k].name, sizeof goldens[k].name, "%s.v%d", kinds[k].name,
                       (int)kinds[k].version);
        if (kind_items((enum kind)k) == ITEMS_JSON) {
            (void)snprintf(goldens[KIND_COUNT + k].name, sizeof goldens[k].name, "%s.item.v%d",
                           kinds[k].name, (int)kinds[k].version);
        }
    }
}

/* `fill`: only where there is none yet. */
static void take(struct office_fixture *f, int64_t seq, bool fill)
{
    struct err e = ERR_INIT;
    struct stored_entry s;
    struct entry en;
    need(ledger_get(f->office->db, seq, &arena, &s, &e) == ERR_OK, e.text);
    need(entry_decode(s.payload, s.payload_len, &arena, &en, &e) == ERR_OK, e.text);
    size_t kind = kind_find(en.kind, en.version);
    need(kind < KIND_COUNT, en.kind);
    if (fill && goldens[kind].text != NULL) {
        return;
    }
    keep(kind, s.payload, s.payload_len, true);
    if (kind_items((enum kind)kind) == ITEMS_JSON) {
        need(items_each(f->office->db, seq, true, keep_item, &kind, NULL, NULL, &e) == ERR_OK,
             e.text);
    }
}

void goldens_take(void)
{
    static struct office_fixture f;
    struct err e = ERR_INIT;
    struct ledger_head made;
    struct ledger_head head;
    arena_init(&arena, (size_t)256 << 20);
    names_make();
    fixture_init(&f);
    need(ledger_head(f.office->db, &made, &e) == ERR_OK, e.text);
    fixture_every_kind(&f);
    need(ledger_head(f.office->db, &head, &e) == ERR_OK, e.text);
    for (int64_t seq = made.seq + 1; seq <= head.seq; seq++) {
        take(&f, seq, false);
    }
    for (int64_t seq = 1; seq <= made.seq;
         seq++) { /* of making the office: its grants change */
        take(&f, seq, true);
    }
    fixture_free(&f);
}

/* ---- comparing ---- */

static void golden_path(const struct golden *g, char path[4096])
{
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(path, 4096, "%s/tests/golden/entry/%s.json", top != NULL ? top : ".",
                   g->name);
}

static void golden_read(const struct golden *g, struct buf *out)
{
    char path[4096];
    char chunk[4096];
    size_t n = 0;
    golden_path(g, path);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing: make update-kinds", path);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        buf_add(out, chunk, n);
    }
    (void)fclose(file);
}

static void golden_write(const struct golden *g)
{
    char path[4096];
    golden_path(g, path);
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_int_ge(fputs(g->text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(every_kind_is_written_as_agreed)
{
    const struct golden *g = &goldens[_i];
    struct buf was;
    if (g->name[0] == '\0') {
        return; /* a kind without items */
    }
    ck_assert_msg(g->text != NULL,
                  "no command of fixture_every_kind (tests/lib/office_kinds.c) makes %s",
                  g->name);
    if (getenv("AFORO_UPDATE_GOLDEN") != NULL) {
        golden_write(g);
    }
    buf_init(&was, TEXT_MAX_BYTES);
    golden_read(g, &was);
    ck_assert_msg(strcmp(buf_str(&was), g->text) == 0, "%s was\n%s\nand is now\n%s", g->name,
                  buf_str(&was), g->text);
    buf_release(&was);
}
END_TEST

/* What was agreed is still read: canonical, by its schema, and written again the same. */
START_TEST(agreed_bytes_are_read_and_written_again)
{
    const struct golden *g = &goldens[_i];
    struct err e = ERR_INIT;
    struct entry en;
    struct buf was;
    struct buf again;
    const struct schema *s = NULL;
    if (g->name[0] == '\0') {
        return;
    }
    buf_init(&was, TEXT_MAX_BYTES);
    buf_init(&again, TEXT_MAX_BYTES);
    golden_read(g, &was);
    if (_i < KIND_COUNT) {
        ck_assert_msg(entry_decode(buf_str(&was), was.len, &arena, &en, &e) == ERR_OK, "%s",
                      e.text);
        ck_assert_msg(schema_check_payload((enum kind)_i, buf_str(&was), was.len, &e) == ERR_OK,
                      "%s", e.text);
        ck_assert(entry_encode(&en, &arena, &again, &e) == ERR_OK);
        ck_assert_str_eq(buf_str(&again), buf_str(&was));
    } else {
        ck_assert(schema_of_item((enum kind)(_i - KIND_COUNT), &s, &e) == ERR_OK);
        ck_assert_msg(schema_check(s, buf_str(&was), was.len, &e) == ERR_OK, "%s", e.text);
    }
    buf_release(&was);
    buf_release(&again);
}
END_TEST

Suite *suite_kinds_golden(void)
{
    Suite *s = suite_create("kinds_golden");
    TCase *t = tcase_create("kinds_golden");
    tcase_add_loop_test(t, every_kind_is_written_as_agreed, 0, GOLDENS);
    tcase_add_loop_test(t, agreed_bytes_are_read_and_written_again, 0, GOLDENS);
    suite_add_tcase(s, t);
    return s;
}
