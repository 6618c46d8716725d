#include <config.h>

#include "ledger/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_ledger.h"

static struct mini m;

static void begin(void)
{
    mini_make(&m);
}

static void end(void)
{
    mini_free(&m);
}

/* An act through prepare and commit, as commands do it. */
static enum err_code act_once(struct ledger *l, struct sign_key *key, const char *kind,
                              struct kept_value *values, const struct item_batch *items,
                              bool *moved, struct err *e)
{
    struct arena arena;
    struct prepared p;
    struct ledger_head head;
    arena_init(&arena, 1 << 20);
    prepared_init(&p);
    struct draft d = {.kind = kind,
                      .version = 1,
                      .actor = "user:1",
                      .date = "2026-11-02",
                      .data = mini_limit(&arena),
                      .values = values,
                      .items = items};
    enum err_code code = d.data == NULL ? err_nomem(e) : ledger_head(l->db, &head, e);
    if (code == ERR_OK) {
        code = ledger_prepare(l, &head, &d, key, &arena, &p, e);
    }
    if (code == ERR_OK) {
        code = ledger_commit(l, &head, &d, &p, &arena, moved, e);
    }
    prepared_release(&p);
    arena_release(&arena);
    return code;
}

static int64_t count_of(struct db *db, const char *sql)
{
    int64_t n = -1;
    assert_ok(db_get_int(db, &n, NULL, &e, sql, NO_VALS));
    return n;
}

START_TEST(head_of_an_empty_ledger_is_zero)
{
    struct ledger_head head = {.seq = 5};
    struct hash zero = {{0}};
    mini_exec(&m, "DELETE FROM entry");
    assert_ok(ledger_head(m.db, &head, &e));
    ck_assert_int_eq(head.seq, 0);
    ck_assert_int_eq(head.time_ms, 0);
    ck_assert(hash_equal(&head.leaf, &zero));
}
END_TEST

START_TEST(head_that_cannot_be_read_stops_writers)
{
    struct ledger_head head;
    mini_exec(&m, "UPDATE entry SET payload='{}' WHERE seq=2");
    assert_error(ledger_head(m.db, &head, &e), ERR_TAMPERED, "aforo verify");
}
END_TEST

START_TEST(act_is_stored_and_holds)
{
    struct stored_entry s;
    struct entry en;
    bool moved = true;
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    ck_assert(!moved);
    assert_ok(ledger_get(m.db, 3, &m.arena, &s, &e));
    ck_assert_int_eq(s.seq, 3);
    ck_assert(hash_equal(&s.keyid, sign_key_id(m.user)));
    assert_ok(entry_decode(s.payload, s.payload_len, &m.arena, &en, &e));
    ck_assert_str_eq(en.office, "SJ01");
    ck_assert_str_eq(en.kind, "limit.set");
    assert_error(ledger_get(m.db, 4, &m.arena, &s, &e), ERR_NOT_FOUND, "entry 4");
    m.head.seq = 3;
    assert_holds(&m);
}
END_TEST

START_TEST(remembered_head_is_used_until_somebody_else_writes)
{
    struct ledger_memory memory = {.head = {.seq = 0}};
    struct ledger_head head;
    bool moved = false;
    m.ledger.memory = &memory;
    assert_ok(ledger_head_now(&m.ledger, &head, &e));
    ck_assert_int_eq(head.seq, 2);
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    ck_assert_int_eq(memory.head.seq, 3);
    memory.head.time_ms++; /* shows where the answer comes from */
    assert_ok(ledger_head_now(&m.ledger, &head, &e));
    ck_assert_int_eq(head.seq, 3);
    ck_assert_int_eq(head.time_ms, memory.head.time_ms);
    m.ledger.memory = NULL;
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    m.ledger.memory = &memory;
    assert_ok(ledger_head_now(&m.ledger, &head, &e));
    ck_assert_int_eq(head.seq, 4);
}
END_TEST

/* Neither an entry nor an item that its schema refuses is signed. */
START_TEST(what_does_not_fit_its_schema_is_not_signed)
{
    struct prepared p;
    struct ledger_head head;
    struct item_batch b;
    struct hash root;
    struct json *data = mini_limit(&m.arena);
    prepared_init(&p);
    assert_ok(ledger_head(m.db, &head, &e));
    ck_assert(json_set_int(&m.arena, data, "value", -1));
    struct draft d = {.kind = "limit.set",
                      .version = 1,
                      .actor = "user:1",
                      .date = "2026-11-02",
                      .data = data};
    assert_error(ledger_prepare(&m.ledger, &head, &d, m.user, &m.arena, &p, &e), ERR_PARSE,
                 "limit.set does not fit its schema: $.value");
    assert_ok(items_init(&b, &e));
    assert_ok(items_add(&b, "{\"id\":1}", 8, &e));
    assert_ok(items_finish(&b, &root, &e));
    d.kind = "readings.batch";
    d.items = &b;
    static const char batch[] = MINI_BATCH("1", MINI_HASH);
    assert_ok(json_parse(batch, strlen(batch), &json_limits_entry, &m.arena, &d.data, &e));
    assert_error(ledger_prepare(&m.ledger, &head, &d, m.user, &m.arena, &p, &e), ERR_PARSE,
                 "item 0 of kind readings.batch does not fit its schema: $.local");
    items_release(&b);
    prepared_release(&p);
}
END_TEST

START_TEST(moved_head_changes_nothing_and_the_next_try_succeeds)
{
    struct prepared p;
    struct ledger_head head;
    bool moved = false;
    prepared_init(&p);
    assert_ok(ledger_head(m.db, &head, &e));
    struct draft d = {.kind = "limit.set",
                      .version = 1,
                      .actor = "user:1",
                      .date = "2026-11-02",
                      .data = mini_limit(&m.arena)};
    assert_ok(ledger_prepare(&m.ledger, &head, &d, m.user, &m.arena, &p, &e));
    mini_acts(&m, 1); /* somebody else was first */
    assert_ok(ledger_commit(&m.ledger, &head, &d, &p, &m.arena, &moved, &e));
    ck_assert(moved);
    ck_assert(!db_in_transaction(m.db));
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), 3);
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    ck_assert(!moved);
    m.head.seq = 4;
    assert_holds(&m);
    prepared_release(&p);
}
END_TEST

/* Same seq, other leaf: the head was replaced, which is moved as well. */
START_TEST(replaced_head_is_moved)
{
    struct prepared p;
    struct ledger_head head;
    bool moved = false;
    prepared_init(&p);
    assert_ok(ledger_head(m.db, &head, &e));
    struct draft d = {.kind = "limit.set",
                      .version = 1,
                      .actor = "user:1",
                      .date = "2026-11-02",
                      .data = mini_limit(&m.arena)};
    assert_ok(ledger_prepare(&m.ledger, &head, &d, m.user, &m.arena, &p, &e));
    mini_exec(&m, "UPDATE entry SET leaf=zeroblob(32) WHERE seq=2");
    assert_ok(ledger_commit(&m.ledger, &head, &d, &p, &m.arena, &moved, &e));
    ck_assert(moved);
    prepared_release(&p);
}
END_TEST

static enum err_code fail_entry(struct db *db, const struct entry *en, struct arena *arena,
                                struct err *e)
{
    (void)en;
    (void)arena;
    TRY(db_run(db, e, "INSERT INTO mapping(name, spec, seq) VALUES('x', '{}', 1)", NO_VALS));
    return err_set(e, ERR_TAMPERED, "the projector says no");
}

START_TEST(failed_projection_leaves_nothing)
{
    struct projector failing = {.entry = fail_entry};
    struct kept_value v = {
        .value = "Ana", .len = 3, .owner = "customer", .id = 1, .field = "name"};
    bool moved = false;
    m.ledger.projector = &failing;
    assert_error(act_once(&m.ledger, m.user, "limit.set", &v, NULL, &moved, &e), ERR_TAMPERED,
                 "says no");
    ck_assert(!db_in_transaction(m.db));
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), 2);
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM mapping"), 0);
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM personal"), 0);
}
END_TEST

START_TEST(kept_values_match_their_commitments)
{
    struct draft d = {0};
    char name[65];
    char secret[65];
    bool moved = false;
    assert_ok(draft_keep_personal(&d, &m.clock.env, &m.arena, "customer", 1, "name", "Ana Mora",
                                  name, &e));
    assert_ok(draft_keep_sealed(&d, &m.clock.env, &m.arena, "sealed", secret, &e));
    ck_assert_str_ne(name, secret);
    assert_ok(act_once(&m.ledger, m.user, "limit.set", d.values, NULL, &moved, &e));
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM personal"), 1);
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM sealed"), 1);
    struct stmt *q = NULL;
    bool row = false;
    assert_ok(db_query(m.db, &q, &e, "SELECT hash, salt, value FROM personal", NO_VALS));
    assert_ok(stmt_next(q, &row, &e));
    struct hash h;
    char hex[65];
    size_t len = 0;
    commitment(stmt_blob(q, 1, &len), stmt_text(q, 2), strlen(stmt_text(q, 2)), &h);
    hash_hex(&h, hex);
    ck_assert_str_eq(hex, name);
    ck_assert_int_eq(memcmp(stmt_blob(q, 0, &len), h.b, HASH_SIZE), 0);
    stmt_done(q);
}
END_TEST

START_TEST(clock_in_the_past_records_nothing)
{
    bool moved = false;
    m.head.time_ms += 30 * 60 * 1000;
    mini_acts(&m, 1);
    assert_error(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e), ERR_STATE,
                 "clock");
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), 3);
}
END_TEST

START_TEST(held_clock_is_marked_and_holds)
{
    struct stored_entry s;
    struct entry en;
    bool moved = false;
    m.head.time_ms += 4 * 60 * 1000; /* the newest entry is four minutes ahead of the clock */
    mini_acts(&m, 1);
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    assert_ok(ledger_get(m.db, 4, &m.arena, &s, &e));
    assert_ok(entry_decode(s.payload, s.payload_len, &m.arena, &en, &e));
    ck_assert(en.clock_held);
    ck_assert_int_eq(en.time_ms, m.head.time_ms + 1);
    m.head.seq = 4;
    assert_holds(&m);
}
END_TEST

START_TEST(read_only_database_records_nothing)
{
    struct ledger l = m.ledger;
    bool moved = false;
    assert_ok(db_open(m.db_path, DB_READ, &l.db, &e));
    assert_error(act_once(&l, m.user, "limit.set", NULL, NULL, &moved, &e), ERR_IO,
                 "read-only");
    db_close(l.db);
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), 2);
}
END_TEST

START_TEST(clock_file_that_cannot_be_written_is_no_failure)
{
    bool moved = false;
    m.ledger.clock_path = "/no/such/folder/clock";
    assert_ok(act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e));
    ck_assert(!moved);
}
END_TEST

/* ---- writers at the same time */

enum { WRITER_ACTS = 40, WRITERS = 3 };

struct writer {
    pthread_t thread;
    struct env_fake clock;
    struct err err;
    enum err_code code;
    unsigned retries;
};

static void *write_acts(void *arg)
{
    struct writer *w = arg;
    struct ledger l = m.ledger;
    l.env = &w->clock.env;
    l.gate = gate_open(m.gate_path);
    w->code = db_open(m.db_path, DB_WRITE, &l.db, &w->err);
    for (int i = 0; w->code == ERR_OK && i < WRITER_ACTS; i++) {
        bool moved = true;
        for (unsigned attempt = 0; w->code == ERR_OK && moved && attempt < 200; attempt++) {
            bool held = gate_enter(&l, attempt);
            w->code = act_once(&l, m.user, "limit.set", NULL, NULL, &moved, &w->err);
            if (held) {
                gate_leave(&l);
            }
            w->retries += moved;
        }
        if (moved && w->code == ERR_OK) {
            w->code = err_set(&w->err, ERR_CONFLICT, "never got its turn");
        }
    }
    db_close(l.db);
    gate_close(l.gate);
    return NULL;
}

START_TEST(writers_at_the_same_time_all_succeed)
{
    static struct writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        env_fake_init(&writers[i].clock, MINI_START_MS + 5000 + i, 10 + (uint64_t)i);
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_acts, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(pthread_join(writers[i].thread, NULL), 0);
        ck_assert_msg(writers[i].code == ERR_OK, "%s", writers[i].err.text);
    }
    m.head.seq = 2 + WRITERS * WRITER_ACTS;
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), m.head.seq);
    assert_holds(&m);
}
END_TEST

START_TEST(gate_is_held_only_by_who_lost_often)
{
    int other = gate_open(m.gate_path); /* as another process has it */
    ck_assert(!gate_enter(&m.ledger, 0));
    ck_assert(!gate_enter(&m.ledger, 7));
    ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0); /* it was only passed */
    (void)flock(other, LOCK_UN);
    ck_assert(gate_enter(&m.ledger, 8));
    ck_assert_int_ne(flock(other, LOCK_EX | LOCK_NB), 0);
    gate_leave(&m.ledger);
    ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0); /* it was given back */
    gate_close(other);
    struct ledger none = m.ledger;
    none.gate = gate_open("/no/such/folder/gate");
    ck_assert(!gate_enter(&none, 9));
    gate_close(none.gate);
}
END_TEST

/* ---- a snapshot that turns into the transaction that writes */

enum between { NOTHING, ENTRY, OTHER_ROW };

/* An act whose head is read in a snapshot, while another connection writes what `other` says.
 */
static bool act_in_snapshot(enum between other)
{
    struct ledger_head head;
    struct prepared p;
    struct draft d = {.kind = "limit.set",
                      .version = 1,
                      .actor = "user:1",
                      .date = "2026-11-02",
                      .data = mini_limit(&m.arena)};
    struct ledger second = m.ledger;
    bool moved = true;
    bool others = false;
    prepared_init(&p);
    assert_ok(db_open(m.db_path, DB_WRITE, &second.db, &e));
    assert_ok(db_begin_read(m.db, &e));
    assert_ok(ledger_head(m.db, &head, &e));
    if (other == ENTRY) {
        assert_ok(act_once(&second, m.user, "limit.set", NULL, NULL, &others, &e));
    } else if (other == OTHER_ROW) {
        assert_ok(db_exec(second.db, "CREATE TABLE other_row(id INTEGER) STRICT", &e));
    }
    assert_ok(ledger_prepare(&m.ledger, &head, &d, m.user, &m.arena, &p, &e));
    assert_ok(ledger_commit(&m.ledger, &head, &d, &p, &m.arena, &moved, &e));
    ck_assert(!db_in_transaction(m.db));
    ck_assert_int_eq(count_of(second.db, "SELECT max(seq) FROM entry"),
                     head.seq + (other == ENTRY || !moved));
    prepared_release(&p);
    db_close(second.db);
    return moved;
}

START_TEST(snapshot_of_the_head_is_what_writes)
{
    ck_assert(!act_in_snapshot(NOTHING));
    m.head.seq = 3;
    assert_holds(&m);
}
END_TEST

START_TEST(snapshot_behind_another_entry_is_moved)
{
    ck_assert(act_in_snapshot(ENTRY));
    m.head.seq = 3;
    assert_holds(&m);
}
END_TEST

START_TEST(snapshot_behind_other_rows_waits_for_the_lock_and_writes)
{
    ck_assert(!act_in_snapshot(OTHER_ROW));
    m.head.seq = 3;
    assert_holds(&m);
}
END_TEST

/* ---- memory that runs out */

static int64_t acts_done;

static void act_with_faults(void *ctx, bool failing)
{
    struct err e = ERR_INIT;
    bool moved = false;
    (void)ctx;
    enum err_code code = act_once(&m.ledger, m.user, "limit.set", NULL, NULL, &moved, &e);
    ck_assert_msg(code == ERR_OK || (failing && code == ERR_NOMEM), "%s", e.text);
    ck_assert(!db_in_transaction(m.db));
    acts_done += code == ERR_OK;
}

START_TEST(failed_allocation_records_all_or_nothing)
{
    ck_assert_uint_gt(fault_sweep(act_with_faults, NULL), 0);
    ck_assert_int_eq(count_of(m.db, "SELECT count(*) FROM entry"), 2 + acts_done);
    m.head.seq = 2 + acts_done;
    assert_holds(&m);
}
END_TEST

Suite *suite_ledger(void)
{
    Suite *s = suite_create("ledger");
    TCase *t = tcase_create("ledger");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, head_of_an_empty_ledger_is_zero);
    tcase_add_test(t, head_that_cannot_be_read_stops_writers);
    tcase_add_test(t, act_is_stored_and_holds);
    tcase_add_test(t, remembered_head_is_used_until_somebody_else_writes);
    tcase_add_test(t, what_does_not_fit_its_schema_is_not_signed);
    tcase_add_test(t, moved_head_changes_nothing_and_the_next_try_succeeds);
    tcase_add_test(t, replaced_head_is_moved);
    tcase_add_test(t, failed_projection_leaves_nothing);
    tcase_add_test(t, kept_values_match_their_commitments);
    tcase_add_test(t, clock_in_the_past_records_nothing);
    tcase_add_test(t, held_clock_is_marked_and_holds);
    tcase_add_test(t, read_only_database_records_nothing);
    tcase_add_test(t, clock_file_that_cannot_be_written_is_no_failure);
    tcase_add_test(t, writers_at_the_same_time_all_succeed);
    tcase_add_test(t, gate_is_held_only_by_who_lost_often);
    tcase_add_test(t, snapshot_of_the_head_is_what_writes);
    tcase_add_test(t, snapshot_behind_another_entry_is_moved);
    tcase_add_test(t, snapshot_behind_other_rows_waits_for_the_lock_and_writes);
    tcase_add_test(t, failed_allocation_records_all_or_nothing);
    suite_add_tcase(s, t);
    return s;
}
