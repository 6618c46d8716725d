#include <config.h>

#include "tests/unit/check_ledger.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/tree.h"
#include "ledger/verify.h"
#include "store/migrate.h"
#include "tests/lib/openssl_ready.h"

bool soak(void)
{
    const char *s = getenv("AFORO_SOAK");
    return s != NULL && strcmp(s, "1") == 0;
}

static enum err_code project_nothing(struct db *db, const struct entry *en, struct arena *arena,
                                     struct err *e)
{
    (void)db;
    (void)en;
    (void)arena;
    (void)e;
    return ERR_OK;
}

static enum err_code project_no_item(struct db *db, const struct entry *en, int64_t index,
                                     const char *item, size_t len, struct arena *arena,
                                     struct err *e)
{
    (void)index;
    (void)item;
    (void)len;
    return project_nothing(db, en, arena, e);
}

static const struct projector nothing = {.entry = project_nothing, .item = project_no_item};

static void path_set(char out[MINI_PATH], const char *dir, const char *name)
{
    ck_assert_int_lt(snprintf(out, MINI_PATH, "%s/%s", dir, name), MINI_PATH);
}

const char *mini_key_data(struct mini *m, const struct sign_key *key, int64_t user)
{
    struct buf spki;
    struct buf text;
    char hex[65];
    buf_init(&spki, 1024);
    buf_init(&text, 2048);
    assert_ok(sign_key_public(key, &spki, &e));
    hash_hex(sign_key_id(key), hex);
    buf_addf(&text,
             user == 0
                 ? "{\"currency\":\"USD\",\"keyid\":\"%s\",\"locale\":\"es_CR\",\"name\":\"o\","
                   "\"spki\":\""
                 : "{\"keyid\":\"%s\",\"login\":\"" MINI_HASH "\",\"name\":\"" MINI_HASH
                   "\",\"roles\":[\"operator\"],\"secret\":\"" MINI_HASH "\",\"spki\":\"",
             hex);
    buf_add_base64(&text, spki.data, spki.len);
    if (user == 0) {
        buf_adds(&text, "\",\"zone\":\"UTC\"}");
    } else {
        buf_addf(&text, "\",\"user\":%" PRId64 "}", user);
    }
    const char *out = arena_strdup(&m->arena, buf_str(&text));
    ck_assert_ptr_nonnull(out);
    buf_release(&spki);
    buf_release(&text);
    return out;
}

void mini_make(struct mini *m)
{
    const char *tmp = getenv("TMPDIR");
    *m = (struct mini){0};
    path_set(m->dir, tmp != NULL && *tmp != '\0' ? tmp : "/tmp", "aforo-ledger-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(m->dir));
    path_set(m->db_path, m->dir, "office.db");
    path_set(m->clock_path, m->dir, "clock");
    path_set(m->gate_path, m->dir, "gate");
    path_set(m->state_path, m->dir, "verified");
    arena_init(&m->arena, 64 << 20);
    env_fake_init(&m->clock, MINI_START_MS, 1);
    assert_ok(db_open(m->db_path, DB_CREATE, &m->db, &e));
    mini_exec(m, "PRAGMA synchronous=OFF");
    assert_ok(schema_migrate(m->db, (int64_t)migrations_count, &e));
    assert_ok(sign_key_generate(&m->office, &e));
    assert_ok(sign_key_generate(&m->user, &e));
    m->ledger = (struct ledger){.db = m->db,
                                .env = &m->clock.env,
                                .projector = &nothing,
                                .office = "SJ01",
                                .clock_path = m->clock_path,
                                .gate = gate_open(m->gate_path)};
    struct entry en =
        mini_next(m, "office.created", "office:SJ01", mini_key_data(m, m->office, 0));
    (void)mini_put(m, &en, m->office);
    en = mini_next(m, "user.created", "office:SJ01", mini_key_data(m, m->user, 1));
    (void)mini_put(m, &en, m->office);
}

void mini_free(struct mini *m)
{
    char path[MINI_PATH];
    db_close(m->db);
    gate_close(m->ledger.gate);
    sign_key_free(m->office);
    sign_key_free(m->user);
    arena_release(&m->arena);
    DIR *d = opendir(m->dir);
    for (struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        if (f->d_name[0] != '.') {
            path_set(path, m->dir, f->d_name);
            (void)unlink(path);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    (void)rmdir(m->dir);
}

void mini_exec(struct mini *m, const char *sql)
{
    assert_ok(db_exec(m->db, sql, &e));
}

struct entry mini_next(struct mini *m, const char *kind, const char *actor, const char *data)
{
    struct json *o = NULL;
    assert_ok(json_parse(data, strlen(data), &json_limits_entry, &m->arena, &o, &e));
    return (struct entry){.seq = m->head.seq + 1,
                          .kind = kind,
                          .version = 1,
                          .actor = actor,
                          .office = "SJ01",
                          .date = "2026-11-02",
                          .time_ms =
                              m->head.time_ms == 0 ? MINI_START_MS : m->head.time_ms + 1000,
                          .prev = m->head.leaf,
                          .data = o};
}

int64_t mini_put(struct mini *m, const struct entry *en, struct sign_key *key)
{
    struct buf payload;
    struct buf scratch;
    struct signature sig;
    struct hash leaf;
    buf_init(&payload, ENTRY_ENVELOPE_MAX);
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    assert_ok(entry_encode(en, &m->arena, &payload, &e));
    entry_signing_bytes(payload.data, payload.len, &scratch);
    assert_ok(sign_data(key, scratch.data, scratch.len, &sig, &e));
    assert_ok(entry_leaf(payload.data, payload.len, sign_key_id(key), sig.der, sig.len,
                         &scratch, &leaf, &e));
    assert_ok(db_run(m->db, &e,
                     "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,?,?,?,?)",
                     VALS(V_INT(en->seq), V_TEXT_N(payload.data, payload.len),
                          V_HASH(sign_key_id(key)), V_BLOB(sig.der, sig.len), V_HASH(&leaf))));
    assert_ok(tree_append(m->db, en->seq, &e));
    m->head = (struct ledger_head){en->seq, leaf, en->time_ms};
    buf_release(&payload);
    buf_release(&scratch);
    return en->seq;
}

void mini_acts(struct mini *m, int count)
{
    for (int i = 0; i < count; i++) {
        char data[96];
        (void)snprintf(data, sizeof data,
                       "{\"limit\":%d,\"meter\":1,\"start\":\"2026-11-02\",\"value\":20}",
                       i + 1);
        struct entry en = mini_next(m, "limit.set", "user:1", data);
        (void)mini_put(m, &en, m->user);
    }
}

int mini_item(char out[MINI_ITEM], int64_t index)
{
    return snprintf(out, MINI_ITEM,
                    "{\"id\":%" PRId64 ",\"local\":\"2026-11-02T08:00:00\",\"register\":1,"
                    "\"state\":\"accepted\",\"utc\":1793628000,\"value\":%" PRId64 "}",
                    index + 1, index * 7);
}

struct json *mini_limit(struct arena *arena)
{
    struct json *o = NULL;
    return json_parse(MINI_LIMIT, strlen(MINI_LIMIT), &json_limits_entry, arena, &o, NULL) ==
                   ERR_OK
               ? o
               : NULL;
}

int64_t mini_batch(struct mini *m, uint32_t count)
{
    struct item_batch b;
    struct hash root;
    char data[160];
    char hex[65];
    assert_ok(items_init(&b, &e));
    for (uint32_t i = 0; i < count; i++) {
        char item[MINI_ITEM];
        int n = mini_item(item, i);
        assert_ok(items_add(&b, item, (size_t)n, &e));
    }
    assert_ok(items_finish(&b, &root, &e));
    hash_hex(&root, hex);
    (void)snprintf(data, sizeof data,
                   "{\"batch\":1,\"count\":%" PRIu32 ",\"first\":1,\"root\":\"%s\",\"run\":1}",
                   count, hex);
    struct entry en = mini_next(m, "readings.batch", "user:1", data);
    int64_t seq = mini_put(m, &en, m->user);
    assert_ok(items_store(&b, m->db, seq, &e));
    items_release(&b);
    return seq;
}

enum err_code mini_verify(struct mini *m, struct audit *a)
{
    struct verify_job job = {.db_path = m->db_path, .threads = 2};
    struct chain c;
    struct err e = ERR_INIT;
    chain_init(&c);
    enum err_code code = verify_ledger(&job, &c, a, &e);
    chain_release(&c);
    ck_assert_msg(code == ERR_OK || code == ERR_TAMPERED, "%s", e.text);
    ck_assert_int_eq(code == ERR_TAMPERED, a->fault_count > 0);
    return code;
}

void assert_fault(struct mini *m, const char *check, int64_t seq)
{
    static struct audit a;
    char name[32];
    ck_assert_int_eq(mini_verify(m, &a), ERR_TAMPERED);
    const struct audit_fault *f = &a.faults[0];
    ck_assert_msg(strcmp(f->check, check) == 0 && f->seq == seq,
                  "%s of entry %" PRId64 " instead of %s of %" PRId64 ": %s", f->check, f->seq,
                  check, seq, f->text);
    (void)snprintf(name, sizeof name, "entry %" PRId64, seq);
    ck_assert_msg(strstr(f->text, name) != NULL, "%s", f->text);
}

void assert_holds(struct mini *m)
{
    static struct audit a;
    ck_assert_msg(mini_verify(m, &a) == ERR_OK, "%s", a.faults[0].text);
    ck_assert_int_eq(a.entries, m->head.seq);
    ck_assert_uint_eq(a.size, (uint64_t)m->head.seq);
    ck_assert_str_eq(a.office, "SJ01");
}

int main(void)
{
    openssl_ready();
    SRunner *runner = srunner_create(suite_audit());
    srunner_add_suite(runner, suite_chain());
    srunner_add_suite(runner, suite_clock());
    srunner_add_suite(runner, suite_entry());
    srunner_add_suite(runner, suite_entry_scan());
    srunner_add_suite(runner, suite_export());
    srunner_add_suite(runner, suite_items());
    srunner_add_suite(runner, suite_keyring());
    srunner_add_suite(runner, suite_kinds());
    srunner_add_suite(runner, suite_ledger());
    srunner_add_suite(runner, suite_schema());
    srunner_add_suite(runner, suite_tree());
    srunner_add_suite(runner, suite_verified());
    srunner_add_suite(runner, suite_verify());
    srunner_add_suite(runner, suite_verify_flip());
    srunner_add_suite(runner, suite_verify_pool());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
