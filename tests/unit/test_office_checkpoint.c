/* An office's checkpoints: computed twice, kept twice, and what happens to an office that is
 * behind them. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/files.h"
#include "app/high_water.h"
#include "app/office_checkpoint.h"
#include "crypto/cosign.h"
#include "crypto/note_line.h"
#include "ledger/tree.h"
#include "tests/unit/check_verify.h"

static struct office_fixture f;
static struct audit a;

static void begin(void)
{
    fixture_init(&f);
}

static void end(void)
{
    fixture_free(&f);
}

static void exec(const char *sql)
{
    assert_ok(db_exec(f.office->db, sql, &e));
}

static int64_t number(const char *sql)
{
    int64_t n = 0;
    assert_ok(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS));
    return n;
}

static struct checkpoint_made sign(void)
{
    struct checkpoint_made made;
    assert_ok(office_checkpoint(f.office, &made, &e));
    return made;
}

static void customer_add(void)
{
    (void)fixture_run(&f, f.ana, "customer add", "name", "Rosa", NULL);
}

static void path_in(char out[OFFICE_PATH], const char *name)
{
    ck_assert_int_lt(snprintf(out, OFFICE_PATH, "%s/%s", f.dir, name), OFFICE_PATH);
}

static void write_text(const char *name, const char *text, char path[OFFICE_PATH])
{
    path_in(path, name);
    assert_ok(file_replace(path, text, strlen(text), &e));
}

static struct checkpoint_row newest(void)
{
    struct checkpoint_row row;
    bool found = false;
    assert_ok(checkpoint_newest(f.office->db, &row, &found, &e));
    ck_assert(found);
    return row;
}

static enum err_code check_against(enum verify_level level, const char *path, struct err *e)
{
    struct verify_request q = {
        .dir = f.dir, .level = level, .threads = 2, .against = path, .env = &env_system};
    return verify_office(&q, &a, e);
}

/* ---- signing */

START_TEST(checkpoint_says_what_the_tree_is)
{
    struct checkpoint says;
    struct hash root;
    struct checkpoint_made made = sign();
    struct checkpoint_row row = newest();
    ck_assert(made.made);
    ck_assert_int_eq(made.id, 1);
    ck_assert_uint_eq(made.size, (uint64_t)number("SELECT max(seq) FROM entry"));
    assert_ok(tree_root(f.office->db, made.size, &root, &e));
    ck_assert(hash_equal(&root, &made.root));
    assert_ok(checkpoint_parse(row.note, note_text_len(row.note, row.note_len), &says, &e));
    ck_assert_str_eq(says.origin, "aforo.office/SJ01");
    ck_assert(hash_equal(&root, &says.root));
    ck_assert_uint_eq(says.size, made.size);
    made = sign();
    ck_assert(!made.made);
    ck_assert_int_eq(made.id, 1);
    customer_add();
    made = sign();
    ck_assert(made.made);
    ck_assert_int_eq(made.id, 2);
    ck_assert_int_eq(number("SELECT count(*) FROM checkpoint"), 2);
    fixture_close(&f);
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
    ck_assert_int_eq(a.checkpoints, 2);
    fixture_reopen(&f);
}
END_TEST

/* The two computations read different bytes: a bit flipped in either is seen before anything is
 * signed. */
START_TEST(nothing_is_signed_over_a_flipped_bit)
{
    static const char *const flips[] = {
        "UPDATE entry SET sig=zeroblob(70) WHERE seq=(SELECT max(seq) FROM entry)",
        "UPDATE entry SET leaf=zeroblob(32) WHERE seq=(SELECT max(seq) FROM entry)",
        "UPDATE entry SET keyid=zeroblob(32) WHERE seq=(SELECT max(seq) FROM entry)",
        "UPDATE checkpoint SET edge=CAST(zeroblob(1) || substr(edge, 2) AS BLOB)",
        "UPDATE checkpoint SET size=size-1",
        "UPDATE checkpoint SET note=replace(note, char(10) || char(10), char(10))",
        /* an entry below the last checkpoint: only the stored hashes know it */
        "UPDATE entry SET leaf=zeroblob(32) WHERE seq=3",
    };
    struct checkpoint_made made;
    (void)sign();
    customer_add();
    int64_t before = number("SELECT count(*) FROM checkpoint");
    exec(flips[_i]);
    /* The last: other entries than those that were published. */
    assert_error(office_checkpoint(f.office, &made, &e), _i == 6 ? ERR_STATE : ERR_TAMPERED,
                 "");
    ck_assert_int_eq(number("SELECT count(*) FROM checkpoint"), before);
}
END_TEST

START_TEST(a_flipped_bit_in_a_tile_is_seen)
{
    struct checkpoint_made made;
    fixture_meters(&f, 3);
    fixture_busy_long(&f); /* a full tile */
    ck_assert_int_gt(number("SELECT count(*) FROM tile"), 1);
    exec("UPDATE tile SET hashes=CAST(substr(hashes, 1, 5) || x'55' || substr(hashes, 7) AS "
         "BLOB) WHERE level=1");
    assert_error(office_checkpoint(f.office, &made, &e), ERR_TAMPERED, "nothing was signed");
    ck_assert_int_eq(number("SELECT count(*) FROM checkpoint"), 0);
}
END_TEST

START_TEST(a_bulk_run_ends_with_a_checkpoint)
{
    fixture_meters(&f, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM checkpoint"), 0);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-01-01", "to", "2026-02-01", NULL);
    ck_assert_int_eq(number("SELECT size FROM checkpoint"),
                     number("SELECT max(seq) FROM entry"));
}
END_TEST

/* ---- behind what was published */

/* Put the database back to how it was before `change`, but not the files beside it. */
static void roll_back(void (*change)(void))
{
    char from[OFFICE_PATH];
    char to[OFFICE_PATH];
    fixture_close(&f);
    path_in(from, "office.db");
    path_in(to, "old.db");
    struct buf bytes;
    buf_init(&bytes, 64 << 20);
    assert_ok(file_read(from, &bytes, &e));
    fixture_reopen(&f);
    change();
    fixture_close(&f);
    assert_ok(file_replace(from, bytes.data, bytes.len, &e));
    buf_release(&bytes);
    fixture_reopen(&f);
}

static void act_and_sign(void)
{
    customer_add();
    (void)sign();
}

START_TEST(rolled_back_office_refuses_until_it_is_admitted)
{
    struct err why = ERR_INIT;
    struct checkpoint_made made;
    char path[OFFICE_PATH];
    struct buf lost;
    (void)sign();
    roll_back(act_and_sign);
    int64_t head = number("SELECT max(seq) FROM entry");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "customer add", "name", "Zoila", NULL),
                     ERR_STATE);
    ck_assert_ptr_nonnull(strstr(why.text, "rolled back"));
    ck_assert_ptr_nonnull(strstr(why.text, "checkpoint resolve"));
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "checkpoint sign", NULL), ERR_STATE);
    ck_assert_int_eq(office_checkpoint(f.office, &made, &why), ERR_STATE);
    ck_assert_int_eq(number("SELECT max(seq) FROM entry"), head);
    assert_error(check_office(f.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED, "rolled back");
    ck_assert_str_eq(a.faults[0].check, "rollback");
    buf_init(&lost, 8192);
    path_in(path, "state/high-water");
    assert_ok(file_read(path, &lost, &e));
    /* The one command that goes on; others may not run it. */
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &why, "checkpoint resolve", "reason", "r", NULL),
        ERR_DENIED);
    ck_assert_int_ne(f.office->behind.code, ERR_OK);
    (void)fixture_run(&f, f.ana, "checkpoint resolve", "reason", "disco perdido", NULL);
    ck_assert_int_eq(number("SELECT published_size FROM rollback"), head + 1);
    ck_assert_int_eq(number("SELECT size FROM rollback"), head); /* no refusal was signed */
    act_and_sign();
    fixture_close(&f);
    fixture_reopen(&f);
    ck_assert_int_eq(f.office->behind.code, ERR_OK);
    customer_add();
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
    /* The note that was lost is kept, and an auditor who has it is told. */
    char name[64];
    (void)snprintf(name, sizeof name, "state/high-water.%lld", (long long)head + 1);
    path_in(path, name);
    struct high_water h;
    assert_ok(high_water_read(path, &h, &e));
    ck_assert(h.found);
    write_text("theirs", h.note, path);
    assert_error(check_against(VERIFY_NEW, path, &e), ERR_TAMPERED, "theirs");
    ck_assert_str_eq(a.faults[0].check, "against");
    ck_assert_uint_eq(a.fault_count, 2);
    ck_assert_ptr_nonnull(strstr(a.faults[1].text, "went on behind"));
    buf_release(&lost);
}
END_TEST

static void act_otherwise(void)
{
    act_and_sign();
    act_and_sign();
}

START_TEST(office_with_other_entries_refuses)
{
    struct err why = ERR_INIT;
    char path[OFFICE_PATH];
    struct buf theirs;
    roll_back(act_otherwise);
    path_in(path, "state/high-water");
    buf_init(&theirs, 8192);
    assert_ok(file_read(path, &theirs, &e));
    ck_assert_int_eq(unlink(path), 0); /* without the file nobody knows, and it goes on */
    fixture_close(&f);
    fixture_reopen(&f);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Otra", NULL);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Otra mas", NULL);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Y otra", NULL);
    assert_ok(file_replace(path, theirs.data, theirs.len, &e));
    fixture_close(&f);
    fixture_reopen(&f);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "customer add", "name", "Zoila", NULL),
                     ERR_STATE);
    ck_assert_ptr_nonnull(strstr(why.text, "other entries"));
    assert_error(check_office(f.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED, "published of them");
    (void)fixture_run(&f, f.ana, "checkpoint resolve", "reason", "copia equivocada", NULL);
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
    buf_release(&theirs);
}
END_TEST

START_TEST(nothing_to_resolve_is_said)
{
    struct err why = ERR_INIT;
    (void)sign();
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &why, "checkpoint resolve", "reason", "r", NULL),
        ERR_STATE);
    ck_assert_ptr_nonnull(strstr(why.text, "nothing to resolve"));
}
END_TEST

/* A restored database whose entries are all there takes the newest checkpoint back. */
static void only_sign(void)
{
    (void)sign();
}

START_TEST(lost_checkpoint_is_taken_back)
{
    customer_add();
    roll_back(only_sign);
    ck_assert_int_eq(f.office->behind.code, ERR_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM checkpoint"), 0);
    assert_error(check_office(f.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED,
                 "is not in the database");
    customer_add();
    struct checkpoint_made made = sign();
    ck_assert(made.made);
    ck_assert_int_eq(made.id, 2);
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
}
END_TEST

START_TEST(damaged_high_water_is_told)
{
    static const char *const texts[] = {
        "",
        "aforo-high-water 1\ncosignatures \n\nx\n1\n",
        "aforo-high-water 1\ncosignatures 0\n\n",
        "aforo-high-water 2\ncosignatures 0\n\n",
        "aforo-high-water 1\ncosignatures 0\n\naforo.office/SJ01\n0\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 aforo.office/SJ01 "
        "AAAAAAA=\n",
        "aforo-high-water 1\ncosignatures 0\n\naforo.office/SJ01\n3\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 aforo.office/SJ01 "
        "AAAAAAA=\n",
    };
    struct err why = ERR_INIT;
    char path[OFFICE_PATH];
    (void)sign();
    write_text("state/high-water", texts[_i], path);
    fixture_close(&f);
    fixture_reopen(&f);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "customer add", "name", "Zoila", NULL),
                     ERR_TAMPERED);
    ck_assert_ptr_nonnull(strstr(why.text, "high-water"));
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &why, "checkpoint resolve", "reason", "r", NULL),
        ERR_TAMPERED);
    assert_error(check_office(f.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED, "high-water");
    ck_assert_str_eq(a.faults[0].check, "high_water");
}
END_TEST

/* ---- against an auditor's checkpoint */

START_TEST(verify_against_an_auditors_checkpoint)
{
    struct err why = ERR_INIT;
    char path[OFFICE_PATH];
    (void)sign();
    struct checkpoint_row first = newest();
    act_and_sign();
    struct checkpoint_row second = newest();
    write_text("first", first.note, path);
    assert_ok(check_against(VERIFY_FULL, path, &e));
    ck_assert_uint_eq(a.against, first.edge.size);
    assert_ok(check_against(VERIFY_NEW, path, &e)); /* older than where the last check ended */
    write_text("second", second.note, path);
    assert_ok(check_against(VERIFY_DEEP, path, &e));
    /* A file that is no good says nothing against the ledger. */
    second.note[second.note_len - 10] ^= 1;
    write_text("bad", second.note, path);
    ck_assert_int_eq(check_against(VERIFY_NEW, path, &why), ERR_PARSE);
    write_text("bad", "aforo.office/SJ02\n3\nAAAA\n\n", path);
    ck_assert_int_eq(check_against(VERIFY_NEW, path, &why), ERR_PARSE);
    path_in(path, "absent");
    ck_assert_int_eq(check_against(VERIFY_NEW, path, &why), ERR_NOT_FOUND);
}
END_TEST

/* ---- cosignatures */

static struct sign_key *witness_key(const char *name)
{
    struct sign_key *key = NULL;
    struct buf vkey;
    buf_init(&vkey, 1024);
    assert_ok(sign_key_generate_as(KEY_ED25519, &key, &e));
    assert_ok(cosigner_vkey(name, key, &vkey, &e));
    (void)fixture_run(&f, f.ana, "witness add", "vkey", buf_str(&vkey), NULL);
    buf_release(&vkey);
    return key;
}

static void cosigned_file(const struct checkpoint_row *c, const char *name,
                          struct sign_key *key, char path[OFFICE_PATH])
{
    struct buf note;
    buf_init(&note, NOTE_SIZE_MAX);
    buf_add(&note, c->note, c->note_len);
    assert_ok(
        cosign(c->note, note_text_len(c->note, c->note_len), 1793628000, name, key, &note, &e));
    write_text("cosigned", buf_str(&note), path);
    buf_release(&note);
}

static enum err_code add(const char *path, struct err *e)
{
    return fixture_try(&f, f.ana, NULL, e, "checkpoint add-cosignature", "file", path, NULL);
}

START_TEST(cosignatures_of_known_witnesses_are_kept)
{
    struct err why = ERR_INIT;
    char path[OFFICE_PATH];
    struct buf both;
    struct sign_key *known = witness_key("auditor.example");
    struct sign_key *stranger = NULL;
    assert_ok(sign_key_generate_as(KEY_ED25519, &stranger, &e));
    (void)sign();
    struct checkpoint_row c = newest();
    cosigned_file(&c, "auditor.example", known, path);
    assert_ok(add(path, &e));
    assert_ok(add(path, &e)); /* a replay adds nothing */
    ck_assert_int_eq(number("SELECT count(*) FROM cosignature"), 1);
    cosigned_file(&c, "nobody.example", stranger, path);
    ck_assert_int_eq(add(path, &why), ERR_NOT_FOUND);
    cosigned_file(&c, "auditor.example", stranger, path); /* its name, another key */
    ck_assert_int_eq(add(path, &why), ERR_NOT_FOUND);
    buf_init(&both, NOTE_SIZE_MAX);
    assert_ok(checkpoint_cosigned(f.office->db, &c, &both, &e));
    ck_assert_ptr_nonnull(strstr(buf_str(&both), "\xe2\x80\x94 auditor.example "));
    ck_assert_int_eq(strncmp(buf_str(&both), c.note, c.note_len), 0);
    buf_release(&both);
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
    ck_assert_int_eq(a.cosignatures, 1);
    (void)fixture_run(&f, f.ana, "witness remove", "name", "auditor.example", "reason", "r",
                      NULL);
    cosigned_file(&c, "auditor.example", known, path);
    ck_assert_int_eq(add(path, &why), ERR_NOT_FOUND); /* taken no more */
    assert_ok(check_office(f.dir, VERIFY_DEEP, &a, &e));
    sign_key_free(known);
    sign_key_free(stranger);
}
END_TEST

START_TEST(cosigned_files_that_are_no_good_are_refused)
{
    struct err why = ERR_INIT;
    char path[OFFICE_PATH];
    struct sign_key *known = witness_key("auditor.example");
    (void)sign();
    struct checkpoint_row c = newest();
    cosigned_file(&c, "auditor.example", known, path);
    struct buf text;
    buf_init(&text, NOTE_SIZE_MAX);
    assert_ok(file_read(path, &text, &e));
    text.data[text.len - 8] = text.data[text.len - 8] == 'A' ? 'B' : 'A'; /* its signature */
    write_text("bad", buf_str(&text), path);
    ck_assert_int_eq(add(path, &why), ERR_TAMPERED);
    struct checkpoint_row other = c;
    char *origin = strstr(other.note, "SJ01");
    origin[3] = '2';
    cosigned_file(&other, "auditor.example", known, path);
    ck_assert_int_eq(add(path, &why), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "SJ02"));
    other = c;
    char *root = strchr(strchr(other.note, '\n') + 1, '\n') + 1;
    root[3] = root[3] == 'A' ? 'B' : 'A';
    cosigned_file(&other, "auditor.example", known, path);
    ck_assert_int_eq(add(path, &why), ERR_TAMPERED);
    ck_assert_ptr_nonnull(strstr(why.text, "two ledgers"));
    customer_add();
    (void)sign();
    exec("DELETE FROM checkpoint WHERE id=1");
    cosigned_file(&c, "auditor.example", known, path);
    ck_assert_int_eq(add(path, &why), ERR_NOT_FOUND);
    write_text("bad", "not a note", path);
    ck_assert_int_eq(add(path, &why), ERR_PARSE);
    ck_assert_int_eq(number("SELECT count(*) FROM cosignature"), 0);
    buf_release(&text);
    sign_key_free(known);
}
END_TEST

START_TEST(witnesses_are_registered_once_by_proper_keys)
{
    struct err why = ERR_INIT;
    struct note_key *log = NULL;
    struct buf vkey;
    buf_init(&vkey, 1024);
    sign_key_free(witness_key("auditor.example"));
    ck_assert_int_eq(number("SELECT count(*) FROM witness"), 1);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "witness add", "vkey", "x+y+z", NULL),
                     ERR_PARSE);
    assert_ok(office_log_key(f.office, &log, &e));
    assert_ok(note_key_public(log, &vkey, &e)); /* a log's key is no witness's */
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &why, "witness add", "vkey", buf_str(&vkey), NULL),
        ERR_UNSUPPORTED);
    struct sign_key *same = NULL;
    assert_ok(sign_key_generate_as(KEY_ED25519, &same, &e));
    buf_clear(&vkey);
    assert_ok(cosigner_vkey("auditor.example", same, &vkey, &e));
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &why, "witness add", "vkey", buf_str(&vkey), NULL),
        ERR_EXISTS);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &why, "witness remove", "name", "nobody",
                                 "reason", "r", NULL),
                     ERR_NOT_FOUND);
    sign_key_free(same);
    buf_release(&vkey);
}
END_TEST

Suite *suite_office_checkpoint(void)
{
    Suite *s = suite_create("office_checkpoint");
    TCase *t = tcase_create("office_checkpoint");
    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, checkpoint_says_what_the_tree_is);
    tcase_add_loop_test(t, nothing_is_signed_over_a_flipped_bit, 0, 7);
    tcase_add_test(t, a_flipped_bit_in_a_tile_is_seen);
    tcase_add_test(t, a_bulk_run_ends_with_a_checkpoint);
    tcase_add_test(t, rolled_back_office_refuses_until_it_is_admitted);
    tcase_add_test(t, office_with_other_entries_refuses);
    tcase_add_test(t, nothing_to_resolve_is_said);
    tcase_add_test(t, lost_checkpoint_is_taken_back);
    tcase_add_loop_test(t, damaged_high_water_is_told, 0, 6);
    tcase_add_test(t, verify_against_an_auditors_checkpoint);
    tcase_add_test(t, cosignatures_of_known_witnesses_are_kept);
    tcase_add_test(t, cosigned_files_that_are_no_good_are_refused);
    tcase_add_test(t, witnesses_are_registered_once_by_proper_keys);
    suite_add_tcase(s, t);
    return s;
}
