/* Proof files as an office makes them: what they prove, with which keys, and what they lack. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/proof_make.h"
#include "tests/lib/office_busy.h"
#include "tests/unit/check_proof.h"

static struct proof_checked c;
static struct err e;

static void set_up(void)
{
    proof_checked_init(&c);
    e = (struct err)ERR_INIT;
}

static void tear_down(void)
{
    proof_checked_release(&c);
}

/* What an earlier check of the same test left goes first. */
static enum err_code check_with(const struct buf *b, const char *key)
{
    tear_down();
    set_up();
    return proof_check(b->data, b->len, &key, key != NULL ? 1 : 0, &c, &e);
}

static bool lacks(const struct proof *p, const char *step)
{
    for (size_t i = 0; i < p->missing_count; i++) {
        if (strcmp(p->missing[i], step) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(each_target_is_proved)
{
    const struct buf *all[] = {&sample_bill,    &sample_entry,   &sample_reading,
                               &sample_payment, &sample_matched, &sample_assigned};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_msg(check_with(all[i], NULL) == ERR_OK, "%s", e.text);
        for (size_t k = 0; k < c.proof.missing_count; k++) {
            ck_assert_msg(strncmp(c.proof.missing[k], "packet ", 7) == 0, "%s",
                          c.proof.missing[k]);
        }
        ck_assert_uint_eq(c.verified.cosigner_count, 1);
        ck_assert(!c.verified.pinned);
    }
}
END_TEST

START_TEST(a_bill_is_followed_and_computed_again)
{
    ck_assert_msg(check_with(&sample_bill, NULL) == ERR_OK, "%s", e.text);
    ck_assert(c.is_bill);
    ck_assert_str_eq(c.currency, "USD");
    ck_assert_int_eq(c.total, 50000);
    ck_assert(strstr(buf_str(&c.said), "computed again") != NULL);
    ck_assert(strstr(buf_str(&c.said), "reading 16") != NULL); /* by a decision */
    ck_assert(strstr(buf_str(&c.said), "W00002") != NULL);
}
END_TEST

/* 300 kWh and 90 of them in the peak hours, half of the days at either price. */
START_TEST(parts_and_other_registers_are_followed_to_their_readings)
{
    ck_assert_msg(check_with(&sample_parts, NULL) == ERR_OK, "%s", e.text);
    ck_assert(strstr(buf_str(&c.said), "dos-registros version 1") != NULL);
    ck_assert(strstr(buf_str(&c.said), "dos-registros version 2") != NULL);
    ck_assert(strstr(buf_str(&c.said), "for \"1.8.1\"") != NULL);
    ck_assert(strstr(buf_str(&c.said), "400") != NULL);
    ck_assert(strstr(buf_str(&c.said), "490") != NULL);
    for (size_t k = 0; k < c.proof.missing_count; k++) {
        ck_assert_msg(strncmp(c.proof.missing[k], "packet ", 7) == 0, "%s", c.proof.missing[k]);
    }
    ck_assert_uint_eq(c.proof.missing_count, 4); /* both readings of both registers */
    ck_assert_int_eq(check_by_hand(&sample_parts), 0);
}
END_TEST

static void says(const char *words)
{
    ck_assert_msg(strstr(buf_str(&c.said), words) != NULL, "%s", buf_str(&c.said));
}

START_TEST(a_payment_is_followed_to_the_row_of_its_file)
{
    ck_assert_msg(check_with(&sample_matched, NULL) == ERR_OK, "%s", e.text);
    says("row 1 of bank file 1: 500 (smallest coin) booked on 2026-11-02");
    says("bank file 1: uno.sta, SHA-256 ");
    ck_assert_uint_eq(c.verified.items, 1);
    ck_assert_int_eq(check_by_hand(&sample_matched), 0);
}
END_TEST

START_TEST(a_payment_given_by_hand_is_followed_to_the_row_that_waited)
{
    ck_assert_msg(check_with(&sample_assigned, NULL) == ERR_OK, "%s", e.text);
    says(": 300 (smallest coin) on ");
    says("row 2 of bank file 1: 700 (smallest coin) booked on 2026-11-02");
    ck_assert_int_eq(check_by_hand(&sample_assigned), 0);
}
END_TEST

/* A file of that text in the office's folder, given to a command. */
static void run_with_file(struct office_fixture *f, const char *command, const char *name,
                          const char *text)
{
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
    bool policy = strcmp(command, "policy set") == 0;
    (void)fixture_run(f, policy ? f->ana : f->marta, command, "file", path,
                      policy ? "policy" : NULL, "bank", NULL);
}

/* The proof of the payment with that receipt, as the office makes it now. */
static enum err_code payment_now(struct office_fixture *f, int64_t receipt)
{
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    sample_checkpoint(f);
    sample_proof(f, "payment", receipt, &b);
    enum err_code code = check_with(&b, NULL);
    buf_release(&b);
    return code;
}

/* Reversed; then its whole file taken back. */
START_TEST(what_became_of_a_payment_by_a_file_is_in_its_proof)
{
    static const char bank[] = ":20:UNO\n:25:CR1\n:28C:1/1\n:60F:C261101USD100,\n"
                               ":61:2611021102C5,NTRFNONREF//A\n:86:166?20EREF+A00001?30B\n"
                               ":62F:C261102USD105,\n-\n";
    static struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    run_with_file(&f, "policy set", "bank.json", "{\"accounts\":[\"CR1\"]}");
    run_with_file(&f, "bank import", "uno.sta", bank);
    ck_assert_msg(payment_now(&f, 1) == ERR_OK, "%s", e.text);
    ck_assert_ptr_null(strstr(buf_str(&c.said), "reversed"));
    (void)fixture_run(&f, f.marta, "payment reverse", "receipt", "1", "reason", "x", NULL);
    ck_assert_msg(payment_now(&f, 1) == ERR_OK, "%s", e.text);
    says("the payment was reversed on 2026-");
    (void)fixture_run(&f, f.marta, "bank discard", "file", "1", "reason", "x", NULL);
    ck_assert_msg(payment_now(&f, 1) == ERR_OK, "%s", e.text);
    says("the payment was reversed on 2026-");
    says("taken back whole, the payment with it, on 2026-");
    fixture_free(&f);
}
END_TEST

START_TEST(a_packet_is_checked_with_its_devices_key)
{
    ck_assert_msg(check_with(&sample_packet, NULL) == ERR_OK, "%s", e.text);
    ck_assert(strstr(buf_str(&c.said), "in a packet of device 1") != NULL);
    ck_assert_uint_eq(c.proof.missing_count, 0);
    ck_assert_int_eq(check_by_hand(&sample_packet), 0);
    ck_assert_int_eq(check_by_hand(&sample_reading), 0); /* of an import, without one */
}
END_TEST

/* Of two photos one is in the file: it is held against its entry, the other said to be missing.
 */
START_TEST(attached_files_are_in_a_proof)
{
    struct buf b;
    ck_assert_msg(check_with(&sample_dispute, NULL) == ERR_OK, "%s", e.text);
    says("rejected");
    says("its file is in the proof");
    ck_assert_uint_eq(c.proof.evidence_count, 1);
    ck_assert_uint_eq(c.proof.missing_count, 1);
    ck_assert_str_eq(c.proof.evidence[0].bytes, "the dial of photo 1");
    ck_assert_int_eq(check_by_hand(&sample_dispute), 0);
    buf_init(&b, PROOF_SIZE_MAX);
    buf_add(&b, sample_dispute.data, sample_dispute.len);
    char *at = strstr(b.data, "\"bytes\":\"");
    ck_assert_ptr_nonnull(at);
    at[9] = (char)(at[9] == 'd' ? 'e' : 'd');
    ck_assert_int_eq(check_with(&b, NULL), ERR_TAMPERED);
    ck_assert(strstr(e.text, "is not the file that entry") != NULL);
    ck_assert_int_eq(check_by_hand(&b), 1);
    buf_release(&b);
}
END_TEST

START_TEST(files_of_another_thing_are_not_put_into_a_proof)
{
    static struct office_fixture f;
    struct buf b;
    char path[FIXTURE_PATH_MAX + 16];
    buf_init(&b, 2 * PROOF_FILE_MAX);
    fixture_init(&f);
    fixture_meters(&f, 2);
    (void)snprintf(path, sizeof path, "%s/big.txt", f.dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < 5 << 20; i++) {
        (void)fputc('x', out);
    }
    ck_assert_int_eq(fclose(out), 0);
    (void)fixture_run(&f, f.olga, "attach", "file", path, "reading", "1", NULL);
    (void)fixture_run(&f, f.olga, "attach", "file", path, "reading", "2", NULL);
    (void)fixture_run(&f, f.olga, "attach", "file", path, "reading", "1", NULL);
    sample_checkpoint(&f);
    ck_assert_int_eq(proof_make_evidence(f.office, "reading", 1, "2", &b, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(proof_make_evidence(f.office, "reading", 1, "1,", &b, &e), ERR_USAGE);
    ck_assert_int_eq(proof_make_evidence(f.office, "reading", 1, "all,1", &b, &e), ERR_USAGE);
    ck_assert_int_eq(proof_make_evidence(f.office, "dispute", 1, "all", &b, &e), ERR_NOT_FOUND);
    buf_clear(&b); /* two of the largest files fit */
    ck_assert_msg(proof_make_evidence(f.office, "reading", 1, "all", &b, &e) == ERR_OK, "%s",
                  e.text);
    ck_assert_msg(check_with(&b, NULL) == ERR_OK, "%s", e.text);
    ck_assert_uint_eq(c.proof.evidence_count, 2);
    (void)fixture_run(&f, f.olga, "attach", "file", path, "reading", "1", NULL);
    sample_checkpoint(&f);
    buf_clear(&b);
    ck_assert_int_eq(proof_make_evidence(f.office, "reading", 1, "all", &b, &e), ERR_LIMIT);
    buf_release(&b);
    fixture_free(&f);
}
END_TEST

/* "packet 7" to "packet 8": nothing is signed there, both have to find it out. */
START_TEST(what_is_missing_is_found_not_believed)
{
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    buf_add(&b, sample_parts.data, sample_parts.len);
    char *at = strstr(b.data, "\"packet ");
    ck_assert_ptr_nonnull(at);
    at += 8;
    *at = (char)(*at == '1' ? '2' : '1');
    ck_assert_int_ne(check_with(&b, NULL), ERR_OK);
    ck_assert_int_eq(check_by_hand(&b), 1);
    buf_release(&b);
}
END_TEST

START_TEST(pinned_keys_have_signed)
{
    ck_assert_msg(check_with(&sample_bill, buf_str(&log_key)) == ERR_OK, "%s", e.text);
    ck_assert(c.verified.pinned);
    ck_assert_msg(check_with(&sample_bill, buf_str(&witness_vkey)) == ERR_OK, "%s", e.text);
}
END_TEST

START_TEST(a_key_that_has_not_signed_is_named)
{
    ck_assert_int_eq(check_with(&sibling_bill, buf_str(&witness_vkey)), ERR_TAMPERED);
    ck_assert(strstr(e.text, "witness.example/w1") != NULL);
    ck_assert_int_eq(check_with(&other_bill, buf_str(&log_key)), ERR_TAMPERED);
    ck_assert_int_eq(check_with(&sample_bill, "nonsense"), ERR_PARSE);
}
END_TEST

START_TEST(without_witnesses_the_proof_says_so_and_holds)
{
    ck_assert_msg(check_with(&sibling_bill, NULL) == ERR_OK, "%s", e.text);
    ck_assert(lacks(&c.proof, "cosignatures"));
    ck_assert(lacks(&c.proof, "packet 7"));
}
END_TEST

/* Office with one bill run, nothing signed for outsiders yet. */
START_TEST(without_checkpoint_the_proof_says_so_and_does_not_hold)
{
    static struct office_fixture f;
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    fixture_init(&f);
    sample_proof(&f, "entry", 7, &b);
    ck_assert_int_eq(check_with(&b, NULL), ERR_STATE);
    ck_assert_uint_eq(c.proof.missing_count, 1);
    ck_assert_str_eq(c.proof.missing[0], "checkpoint");
    ck_assert(strstr(e.text, "checkpoint") != NULL);
    ck_assert_int_eq(check_with(&b, buf_str(&log_key)), ERR_STATE);
    buf_release(&b);
    fixture_free(&f);
}
END_TEST

START_TEST(the_first_checkpoint_gives_the_same_bytes_for_ever)
{
    static struct office_fixture f;
    struct buf one, two;
    buf_init(&one, PROOF_SIZE_MAX);
    buf_init(&two, PROOF_SIZE_MAX);
    fixture_init(&f);
    sample_checkpoint(&f);
    ck_assert_int_eq(proof_make(f.office, "entry", 7, PROOF_FIRST, &one, &e), ERR_OK);
    f.clock.wall += INT64_C(86400000);
    f.clock.boot += INT64_C(86400000);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Otra", NULL);
    sample_checkpoint(&f);
    ck_assert_int_eq(proof_make(f.office, "entry", 7, PROOF_FIRST, &two, &e), ERR_OK);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert_mem_eq(one.data, two.data, one.len);
    buf_clear(&two);
    ck_assert_int_eq(proof_make(f.office, "entry", 7, PROOF_NEWEST, &two, &e), ERR_OK);
    ck_assert(one.len != two.len || memcmp(one.data, two.data, one.len) != 0);
    buf_release(&one);
    buf_release(&two);
    fixture_free(&f);
}
END_TEST

/* Whatever the office has recorded of the kind can be proved, by whatever way it came. */
static void all_proved(struct office_fixture *f, const char *target, const char *sql)
{
    struct stmt *q = NULL;
    struct buf b;
    bool row = false;
    size_t count = 0;
    buf_init(&b, PROOF_SIZE_MAX);
    ck_assert_int_eq(db_query(f->office->db, &q, &e, sql, NO_VALS), ERR_OK);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        int64_t number = stmt_int(q, 0);
        buf_clear(&b);
        enum err_code code = proof_make(f->office, target, number, PROOF_NEWEST, &b, &e);
        ck_assert_msg(code == ERR_OK, "%s %d: %s", target, (int)number, e.text);
        code = check_with(&b, NULL);
        /* a run that was taken back before its end has none */
        ck_assert_msg(code == ERR_OK || (code == ERR_STATE && lacks(&c.proof, "closed")),
                      "%s %d: %s", target, (int)number, e.text);
        count++;
    }
    stmt_done(q);
    ck_assert_uint_gt(count, 4);
    buf_release(&b);
}

START_TEST(everything_that_an_office_has_is_proved)
{
    static struct office_fixture f;
    fixture_init(&f);
    fixture_busy(&f);
    sample_checkpoint(&f);
    all_proved(&f, "reading", "SELECT id FROM reading");
    all_proved(&f, "payment", "SELECT receipt FROM payment");
    all_proved(&f, "bill", "SELECT id FROM bill");
    fixture_free(&f);
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
    static struct office_fixture f;
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    fixture_init(&f);
    ck_assert_int_eq(proof_make(f.office, "bill", 9, PROOF_NEWEST, &b, &e), ERR_NOT_FOUND);
    ck_assert_str_eq(e.text, "there is no bill 9");
    ck_assert_int_eq(proof_make(f.office, "reading", 9, PROOF_NEWEST, &b, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(proof_make(f.office, "payment", 9, PROOF_NEWEST, &b, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(proof_make(f.office, "entry", 999, PROOF_NEWEST, &b, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(proof_make(f.office, "letter", 1, PROOF_NEWEST, &b, &e), ERR_USAGE);
    buf_release(&b);
    fixture_free(&f);
}
END_TEST

START_TEST(what_was_read_is_written_back_byte_for_byte)
{
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    ck_assert_int_eq(check_with(&sample_bill, NULL), ERR_OK);
    ck_assert_int_eq(proof_write(&c.proof, &b, &e), ERR_OK);
    ck_assert_uint_eq(b.len, sample_bill.len);
    ck_assert_mem_eq(b.data, sample_bill.data, b.len);
    buf_release(&b);
}
END_TEST

START_TEST(the_outcome_is_told_to_people_and_machines)
{
    struct buf b;
    struct json *o = NULL;
    int64_t total = 0;
    bool holds = false;
    buf_init(&b, 1 << 20);
    ck_assert_int_eq(check_with(&sample_bill, NULL), ERR_OK);
    proof_checked_text(&c, &b);
    ck_assert(strstr(buf_str(&b), "by the keys in the file") != NULL);
    buf_clear(&b);
    proof_checked_json(&c, true, &b);
    ck_assert_int_eq(json_parse(b.data, b.len, &json_limits_default, &c.arena, &o, &e), ERR_OK);
    ck_assert(json_get_bool(o, "holds", &holds) && holds);
    ck_assert(json_get_int(o, "total", &total) && total == 50000);
    ck_assert_str_eq(json_get_str(o, "keys"), "file");
    buf_release(&b);
}
END_TEST

static void read_at(struct office_fixture *f, const char *serial, const char *value,
                    const char *time)
{
    (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", value, "time", time,
                      NULL);
}

START_TEST(a_bill_through_two_meters_is_followed)
{
    static struct office_fixture f;
    struct buf b;
    buf_init(&b, PROOF_SIZE_MAX);
    fixture_init(&f);
    fixture_meters(&f, 1);
    read_at(&f, "W00001", "10", "2026-09-01 00:00");
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00001", "new", "W90001", "final",
                      "14", "initial", "100", "time", "2026-09-13 10:00", "reason", "roto",
                      NULL);
    read_at(&f, "W90001", "109", "2026-10-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "vista", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    sample_checkpoint(&f);
    sample_proof(&f, "bill", 1, &b);
    ck_assert_msg(check_with(&b, NULL) == ERR_OK, "%s", e.text);
    ck_assert_int_eq(c.total, 50000);
    ck_assert_int_eq(check_by_hand(&b), 0);
    buf_release(&b);
    fixture_free(&f);
}
END_TEST

Suite *suite_proof(void)
{
    Suite *s = suite_create("proof");
    TCase *t = tcase_create("made");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_target_is_proved);
    tcase_add_test(t, a_bill_is_followed_and_computed_again);
    tcase_add_test(t, parts_and_other_registers_are_followed_to_their_readings);
    tcase_add_test(t, a_payment_is_followed_to_the_row_of_its_file);
    tcase_add_test(t, a_payment_given_by_hand_is_followed_to_the_row_that_waited);
    tcase_add_test(t, what_became_of_a_payment_by_a_file_is_in_its_proof);
    tcase_add_test(t, a_packet_is_checked_with_its_devices_key);
    tcase_add_test(t, attached_files_are_in_a_proof);
    tcase_add_test(t, files_of_another_thing_are_not_put_into_a_proof);
    tcase_add_test(t, what_is_missing_is_found_not_believed);
    tcase_add_test(t, a_bill_through_two_meters_is_followed);
    tcase_add_test(t, pinned_keys_have_signed);
    tcase_add_test(t, a_key_that_has_not_signed_is_named);
    tcase_add_test(t, without_witnesses_the_proof_says_so_and_holds);
    tcase_add_test(t, without_checkpoint_the_proof_says_so_and_does_not_hold);
    tcase_add_test(t, the_first_checkpoint_gives_the_same_bytes_for_ever);
    tcase_add_test(t, everything_that_an_office_has_is_proved);
    tcase_add_test(t, what_is_not_there_is_named);
    tcase_add_test(t, what_was_read_is_written_back_byte_for_byte);
    tcase_add_test(t, the_outcome_is_told_to_people_and_machines);
    suite_add_tcase(s, t);
    return s;
}
