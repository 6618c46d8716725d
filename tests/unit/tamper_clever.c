#include <config.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/high_water.h"
#include "base/arena.h"
#include "crypto/hash.h"
#include "ledger/entry.h"
#include "tests/unit/tamper.h"

#define PATH (OFFICE_PATH + 64)

/* ---- entries forged and signed anew, by a key that the ledger does not know
 * ------------------------ */

static struct sign_key *attacker(void)
{
    struct err e = ERR_INIT;
    struct sign_key *key = NULL;
    ck_assert_int_eq(sign_key_generate(&key, &e), ERR_OK);
    return key;
}

/* A text in a payload becomes another one, of the same length where the payload must stay
 * canonical. */
static bool text_replace(struct buf *b, const char *from, const char *to)
{
    char *at = strstr(b->data, from);
    if (at != NULL) {
        memcpy(at, to, strlen(to));
    }
    return at != NULL;
}

static void blob_bind(sqlite3_stmt *q, int at, const void *data, size_t len)
{
    ck_assert_int_eq(sqlite3_bind_blob(q, at, data, (int)len, SQLITE_TRANSIENT), SQLITE_OK);
}

/* Store an entry signed by the key. claimed: the key id that it names. */
static void entry_put(sqlite3 *raw, int64_t seq, const struct buf *payload,
                      struct sign_key *key, const struct hash *claimed, struct hash *leaf)
{
    struct err e = ERR_INIT;
    struct buf scratch;
    struct signature sig;
    sqlite3_stmt *q = NULL;
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    entry_signing_bytes(payload->data, payload->len, &scratch);
    ck_assert_int_eq(sign_data(key, scratch.data, scratch.len, &sig, &e), ERR_OK);
    ck_assert_int_eq(
        entry_leaf(payload->data, payload->len, claimed, sig.der, sig.len, &scratch, leaf, &e),
        ERR_OK);
    ck_assert_int_eq(
        sqlite3_prepare_v2(raw,
                           "INSERT OR REPLACE INTO entry(seq, payload, keyid, sig, "
                           "leaf) VALUES(?,?,?,?,?)",
                           -1, &q, NULL),
        SQLITE_OK);
    (void)sqlite3_bind_int64(q, 1, seq);
    (void)sqlite3_bind_text(q, 2, payload->data, (int)payload->len, SQLITE_TRANSIENT);
    blob_bind(q, 3, claimed->b, HASH_SIZE);
    blob_bind(q, 4, sig.der, sig.len);
    blob_bind(q, 5, leaf->b, HASH_SIZE);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_DONE);
    (void)sqlite3_finalize(q);
    buf_release(&scratch);
}

static void entry_take(sqlite3 *raw, int64_t seq, struct buf *payload, struct hash *keyid,
                       struct hash *leaf)
{
    sqlite3_stmt *q = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(raw,
                                        "SELECT payload, keyid, leaf FROM entry WHERE seq = ?",
                                        -1, &q, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_int64(q, 1, seq);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    buf_clear(payload);
    buf_add(payload, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
    memcpy(keyid->b, sqlite3_column_blob(q, 1), HASH_SIZE);
    memcpy(leaf->b, sqlite3_column_blob(q, 2), HASH_SIZE);
    (void)sqlite3_finalize(q);
}

enum whose_key { ITS_OWN, CLAIMED };

/* Entry `first` says another date; it and all behind it are linked and signed anew. */
static void tail_forge(sqlite3 *raw, int64_t first, enum whose_key named, struct sign_key *key)
{
    struct buf payload;
    struct hash keyid;
    struct hash leaf;
    struct hash before = {{0}};
    char old_hex[65] = "";
    char new_hex[65] = "";
    int64_t last = raw_int(raw, "SELECT max(seq) FROM entry");
    buf_init(&payload, ENTRY_ENVELOPE_MAX);
    for (int64_t seq = first; seq <= last; seq++) {
        entry_take(raw, seq, &payload, &keyid, &leaf);
        if (seq == first) {
            ck_assert(text_replace(&payload, "\"date\":\"2026-11", "\"date\":\"2026-10"));
        } else {
            ck_assert(text_replace(&payload, old_hex, new_hex));
        }
        hash_hex(&leaf, old_hex);
        entry_put(raw, seq, &payload, key, named == ITS_OWN ? sign_key_id(key) : &keyid,
                  &before);
        hash_hex(&before, new_hex);
    }
    buf_release(&payload);
}

static void forge(const struct copied *c, bool whole_tail, enum whose_key named)
{
    struct sign_key *key = attacker();
    sqlite3 *raw = raw_open(c->db);
    int64_t last = raw_int(raw, "SELECT max(seq) FROM entry");
    tail_forge(raw, whole_tail ? last / 2 : last, named, key);
    raw_close(raw);
    sign_key_free(key);
}

static void last_by_unknown_key(const struct copied *c)
{
    forge(c, false, ITS_OWN);
}

static void last_by_claimed_key(const struct copied *c)
{
    forge(c, false, CLAIMED);
}

static void tail_by_unknown_key(const struct copied *c)
{
    forge(c, true, ITS_OWN);
}

static void state_forget(const struct copied *c)
{
    char path[PATH];
    (void)snprintf(path, sizeof path, "%s/state/verified", c->dir);
    (void)unlink(path);
}

static void tail_by_unknown_key_without_memory(const struct copied *c)
{
    forge(c, true, ITS_OWN);
    state_forget(c);
}

/* The attacker's key stands in the table of keys too, as that of the one who signed. */
static void tail_by_planted_key(const struct copied *c)
{
    struct err e = ERR_INIT;
    struct sign_key *key = attacker();
    struct buf spki;
    sqlite3_stmt *q = NULL;
    sqlite3 *raw = raw_open(c->db);
    int64_t last = raw_int(raw, "SELECT max(seq) FROM entry");
    tail_forge(raw, last / 2, ITS_OWN, key);
    buf_init(&spki, 4096);
    ck_assert_int_eq(sign_key_public(key, &spki, &e), ERR_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(raw,
                                        "UPDATE key SET keyid = ?, spki = ? WHERE owner = "
                                        "'user:1'",
                                        -1, &q, NULL),
                     SQLITE_OK);
    blob_bind(q, 1, sign_key_id(key)->b, HASH_SIZE);
    blob_bind(q, 2, spki.data, spki.len);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_DONE);
    (void)sqlite3_finalize(q);
    buf_release(&spki);
    raw_close(raw);
    sign_key_free(key);
}

/* One entry more, which nothing but its signature gives away. */
static void entry_appended(const struct copied *c)
{
    struct sign_key *key = attacker();
    struct buf payload;
    struct hash keyid;
    struct hash leaf;
    char hex[65];
    char from[96];
    char to[96];
    sqlite3 *raw = raw_open(c->db);
    int64_t last = raw_int(raw, "SELECT max(seq) FROM entry");
    buf_init(&payload, ENTRY_ENVELOPE_MAX);
    entry_take(raw, last, &payload, &keyid, &leaf);
    hash_hex(&leaf, hex);
    char *prev = strstr(payload.data, "\"prev\":\"");
    ck_assert_ptr_nonnull(prev);
    memcpy(prev + 8, hex, 64);
    (void)snprintf(from, sizeof from, "\"seq\":%" PRId64, last);
    (void)snprintf(to, sizeof to, "\"seq\":%" PRId64, last + 1);
    ck_assert_uint_eq(strlen(from), strlen(to));
    ck_assert(text_replace(&payload, from, to));
    entry_put(raw, last + 1, &payload, key, sign_key_id(key), &leaf);
    raw_close(raw);
    buf_release(&payload);
    sign_key_free(key);
}

/* ---- files
 * ---------------------------------------------------------------------------------- */

static void file_copy_over(const char *from, const char *to)
{
    char block[65536];
    size_t n = 0;
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    ck_assert_msg(in != NULL && out != NULL, "%s, %s", from, to);
    while ((n = fread(block, 1, sizeof block, in)) > 0) {
        ck_assert_uint_eq(fwrite(block, 1, n, out), n);
    }
    ck_assert_int_eq(fclose(in) | fclose(out), 0);
}

static void database_rolled_back(const struct copied *c)
{
    char path[PATH];
    (void)snprintf(path, sizeof path, "%s/office.db", office_before());
    file_copy_over(path, c->db);
}

static void verified_edit(const struct copied *c, long at)
{
    char path[PATH];
    (void)snprintf(path, sizeof path, "%s/state/verified", c->dir);
    FILE *f = fopen(path, "r+b");
    ck_assert(f != NULL && fseek(f, at, at < 0 ? SEEK_END : SEEK_SET) == 0);
    int byte = fgetc(f);
    ck_assert(fseek(f, -1, SEEK_CUR) == 0 && fputc(byte ^ 1, f) != EOF && fclose(f) == 0);
}

static void verified_size_changed(const struct copied *c)
{
    verified_edit(c, 60);
}

static void verified_sum_changed(const struct copied *c)
{
    verified_edit(c, -3);
}

/* ---- what is known outside the database
 * ------------------------------------------------------------------- */

static void path_in(const struct copied *c, const char *name, char out[PATH])
{
    (void)snprintf(out, PATH, "%s/%s", c->dir, name);
}

static void published_read(const struct copied *c, struct high_water *out)
{
    struct err e = ERR_INIT;
    char path[PATH];
    path_in(c, "state/high-water", path);
    ck_assert_int_eq(high_water_read(path, out, &e), ERR_OK);
    ck_assert(out->found);
}

static void rolled_back_without_memory(const struct copied *c)
{
    database_rolled_back(c);
    state_forget(c);
}

static void rolled_back_without_state(const struct copied *c)
{
    struct high_water h;
    struct err e = ERR_INIT;
    char path[PATH];
    published_read(c, &h);
    path_in(c, "auditor", path);
    ck_assert_int_eq(file_replace(path, h.note, h.note_len, &e), ERR_OK);
    rolled_back_without_memory(c);
    path_in(c, "state/high-water", path);
    ck_assert_int_eq(unlink(path), 0);
}

/* A character of state/high-water, by its line and column; from the line's end where that is
 * negative. */
static void high_water_edit(const struct copied *c, int line, long column, char to)
{
    struct buf text;
    struct err e = ERR_INIT;
    char path[PATH];
    path_in(c, "state/high-water", path);
    buf_init(&text, 1 << 16);
    ck_assert_int_eq(file_read(path, &text, &e), ERR_OK);
    char *at = text.data;
    for (; line > 0; line--) {
        at = strchr(at, '\n') + 1;
    }
    at += column < 0 ? (long)strcspn(at, "\n") + column : column;
    *at = *at == to ? (char)(to + 1) : to;
    ck_assert_int_eq(file_replace(path, text.data, text.len, &e), ERR_OK);
    buf_release(&text);
}

static void high_water_size_raised(const struct copied *c)
{
    high_water_edit(c, 4, 0, '8');
}

static void high_water_root_changed(const struct copied *c)
{
    high_water_edit(c, 5, 7, 'A');
}

static void high_water_signature_changed(const struct copied *c)
{
    high_water_edit(c, 7, -20, 'A');
}

static void high_water_cosignatures_raised(const struct copied *c)
{
    high_water_edit(c, 1, -1, '8');
}

static void high_water_cut(const struct copied *c)
{
    char path[PATH];
    path_in(c, "state/high-water", path);
    ck_assert_int_eq(truncate(path, 90), 0);
}

/* A value properly committed to, in a commitment that no entry names. */
static void value_smuggled(const struct copied *c)
{
    uint8_t salt[SALT_SIZE] = {1, 2, 3};
    struct hash h;
    sqlite3_stmt *q = NULL;
    sqlite3 *raw = raw_open(c->db);
    commitment(salt, "smuggled", 8, &h);
    /* Whatever else the row names is taken from one that is there. */
    raw_exec(raw, "CREATE TEMP TABLE one AS SELECT * FROM personal LIMIT 1");
    ck_assert_int_eq(
        sqlite3_prepare_v2(raw, "UPDATE one SET hash = ?, salt = ?, value = ?", -1, &q, NULL),
        SQLITE_OK);
    blob_bind(q, 1, h.b, HASH_SIZE);
    blob_bind(q, 2, salt, SALT_SIZE);
    (void)sqlite3_bind_text(q, 3, "smuggled", -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_DONE);
    (void)sqlite3_finalize(q);
    raw_exec(raw, "INSERT INTO personal SELECT * FROM one");
    raw_close(raw);
}

/* ---- files of sealed windows
 * ------------------------------------------------------------------- */

/* The two files of the folder, by name. */
static void segment_files(const struct copied *c, char first[PATH], char second[PATH])
{
    char folder[OFFICE_PATH + 32];
    struct dirent **names = NULL;
    (void)snprintf(folder, sizeof folder, "%s/segments", c->dir);
    int n = scandir(folder, &names, NULL, alphasort); /* "." and ".." come first */
    ck_assert_int_eq(n, 4);
    ck_assert_int_lt(snprintf(first, PATH, "%s/%s", folder, names[2]->d_name), (int)PATH);
    ck_assert_int_lt(snprintf(second, PATH, "%s/%s", folder, names[3]->d_name), (int)PATH);
    for (int i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
}

static void segment_bit_changed(const struct copied *c)
{
    char first[PATH];
    char second[PATH];
    segment_files(c, first, second);
    FILE *f = fopen(first, "r+b");
    ck_assert(f != NULL && fseek(f, 900, SEEK_SET) == 0);
    int byte = fgetc(f);
    ck_assert(fseek(f, -1, SEEK_CUR) == 0 && fputc(byte ^ 1, f) != EOF && fclose(f) == 0);
}

static void segment_cut(const struct copied *c)
{
    char first[PATH];
    char second[PATH];
    struct stat st;
    segment_files(c, first, second);
    ck_assert_int_eq(stat(first, &st), 0);
    ck_assert_int_eq(truncate(first, st.st_size - 1), 0);
}

static void segments_swapped(const struct copied *c)
{
    char first[PATH];
    char second[PATH];
    char aside[PATH];
    segment_files(c, first, second);
    path_in(c, "aside", aside);
    ck_assert_int_eq(rename(first, aside) | rename(second, first) | rename(aside, second), 0);
}

const struct clever_edit clever_edits[] = {
    {"trigger added",
     "CREATE TRIGGER skim AFTER INSERT ON reading BEGIN UPDATE reading SET value = "
     "value - 1 WHERE id = new.id; END",
     NULL},
    {"view added", "CREATE VIEW balance AS SELECT * FROM bill", NULL},
    {"index added", "CREATE INDEX extra ON reading(value)", NULL},
    {"unique index added", "CREATE UNIQUE INDEX extra ON bill(total, id)", NULL},
    {"table added", "CREATE TABLE notes(x TEXT)", NULL},
    {"column added", "ALTER TABLE meter ADD COLUMN owner TEXT", NULL},
    {"column renamed", "ALTER TABLE meter RENAME COLUMN removed TO gone", NULL},
    {"table renamed", "ALTER TABLE alert RENAME TO alarm", NULL},
    {"table dropped", "DROP TABLE alert", NULL},
    {"index dropped", "DROP INDEX reading_by_register", NULL},
    {"statistics", "ANALYZE", NULL},
    {"default added",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, "
     "'TEXT NOT NULL', 'TEXT NOT NULL DEFAULT 1') WHERE name='billing_run'",
     NULL},
    {"CHECK taken away",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
     "replace(sql, ' CHECK(length(leaf) = 32)', '') WHERE name='entry'",
     NULL},
    {"STRICT taken away",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
     "replace(sql, ') STRICT', ')') WHERE name='meter'",
     NULL},
    {"a table's type as a blob",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET type = CAST(type AS BLOB) WHERE "
     "name='alert'",
     NULL},
    {"index that lies",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT "
     "rootpage FROM sqlite_schema WHERE name='meter_by_point') WHERE "
     "name='meter_by_state'",
     NULL},
    {"user_version", "PRAGMA user_version=7", NULL},
    {"application_id", "PRAGMA application_id=7", NULL},
    {"a line added to a checkpoint",
     "UPDATE checkpoint SET note = note || char(8212) || ' evil.example AAAAAAAAAAAA' || "
     "char(10)",
     NULL},
    {"a checkpoint's signature twice",
     "UPDATE checkpoint SET note = note || substr(note, instr(note, char(8212)))", NULL},
    {"signature stripped", "UPDATE entry SET sig = X'' WHERE seq = 20", NULL},
    {"signature of another entry",
     "UPDATE entry SET sig = (SELECT sig FROM entry WHERE seq = 21) WHERE seq = 20", NULL},
    {"key replaced in its table",
     "UPDATE key SET spki = (SELECT spki FROM key WHERE owner='user:2') WHERE owner='user:1'",
     NULL},
    {"key made valid for longer", "UPDATE key SET valid_from = 1 WHERE owner = 'user:1'", NULL},
    {"key replaced in its entry",
     "UPDATE entry SET payload = replace(payload, json_extract(payload, '$.data.keyid'), "
     "(SELECT lower(hex(keyid)) FROM key WHERE owner='user:2')) WHERE seq = "
     "(SELECT min(seq) FROM history WHERE kind = 'user.created')",
     NULL},
    {"last entry forged, key unknown", NULL, last_by_unknown_key},
    {"last entry forged, in another's name", NULL, last_by_claimed_key},
    {"half the ledger forged", NULL, tail_by_unknown_key},
    {"half the ledger forged, state/verified gone", NULL, tail_by_unknown_key_without_memory},
    {"half the ledger forged, key planted", NULL, tail_by_planted_key},
    {"entry appended, key unknown", NULL, entry_appended},
    {"time moved", "UPDATE entry SET payload = replace(payload, 'T14:', 'T13:') WHERE seq = 20",
     NULL},
    {"entries renumbered",
     "UPDATE entry SET seq = -seq; UPDATE entry SET seq = -seq + 1; UPDATE "
     "history SET seq = -seq; UPDATE history SET seq = -seq + 1",
     NULL},
    {"last entry and its history gone",
     "DELETE FROM history WHERE seq = (SELECT max(seq) FROM entry); DELETE FROM entry WHERE "
     "seq "
     "= (SELECT max(seq) FROM entry)",
     NULL},
    {"a bill cheaper in every table",
     "UPDATE bill SET total = total - 100; UPDATE bill_line SET amount = amount - 100 WHERE "
     "line = 1; UPDATE billing_run SET total = total - 400",
     NULL},
    {"a reading and its alert gone",
     "DELETE FROM finding WHERE reading = 9; DELETE FROM alert WHERE reading = 9; DELETE FROM "
     "reading WHERE id = 9",
     NULL},
    {"a user made administrator", "UPDATE user_role SET role = 'administrator' WHERE user = 2",
     NULL},
    {"history rewritten", "UPDATE history SET actor = 'user:3' WHERE actor = 'user:1'", NULL},
    {"value that no entry names", NULL, value_smuggled},
    {"database rolled back", NULL, database_rolled_back},
    {"database rolled back, state/verified gone", NULL, rolled_back_without_memory},
    {"the same, state/high-water gone too; --against", NULL, rolled_back_without_state},
    {"state/high-water: size raised", NULL, high_water_size_raised},
    {"state/high-water: root changed", NULL, high_water_root_changed},
    {"state/high-water: signature changed", NULL, high_water_signature_changed},
    {"state/high-water: cosignatures raised", NULL, high_water_cosignatures_raised},
    {"state/high-water: cut", NULL, high_water_cut},
    {"state/verified: size changed", NULL, verified_size_changed},
    {"state/verified: sum changed", NULL, verified_sum_changed},
    {"a window's packets gone, sealed but not dropped",
     "UPDATE item SET data = NULL WHERE seq = (SELECT min(seq) FROM history WHERE kind = "
     "'window.batch')",
     NULL},
    {"the same, and the segment said to be dropped",
     "UPDATE item SET data = NULL WHERE seq = (SELECT min(seq) FROM history WHERE kind = "
     "'window.batch'); UPDATE segment SET dropped = sealed + 1 WHERE id = 1",
     NULL},
    {"a segment's file: one bit changed", NULL, segment_bit_changed},
    {"a segment's file: cut", NULL, segment_cut},
    {"the files of two segments swapped", NULL, segments_swapped},
};
const size_t clever_edits_count = sizeof clever_edits / sizeof clever_edits[0];
