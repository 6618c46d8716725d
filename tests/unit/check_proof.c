#include <config.h>

#include "tests/unit/check_proof.h"

#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/i18n.h"
#include "tests/lib/office_busy.h"

extern char **environ;

struct buf sample_bill, sample_entry, sample_reading, sample_payment, other_bill, sibling_bill,
    sample_parts, sample_packet, sample_matched, sample_assigned, sample_dispute, log_key,
    witness_vkey;

bool soak(void)
{
    const char *s = getenv("AFORO_SOAK");
    return s != NULL && strcmp(s, "1") == 0;
}

enum err_code check_text(const char *text, size_t len, struct err *e)
{
    struct proof_checked c;
    proof_checked_init(&c);
    enum err_code code = proof_check(text, len, NULL, 0, &c, e);
    proof_checked_release(&c);
    return code;
}

int check_by_hand(const struct buf *file)
{
    static char bash[] = "bash";
    static char option[] = "-c";
    static char run[] = "awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "
                        "\"$AFORO_SRCDIR/docs/check-by-hand.md\" >\"$1.sh\"; bash \"$1.sh\" "
                        "\"$1\" >\"$1.out\" 2>&1";
    char path[] = "/tmp/aforo-proof-XXXXXX";
    char name[sizeof path + 8];
    int status = 0;
    pid_t child = 0;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, file->data, file->len), (ssize_t)file->len);
    (void)close(fd);
    char *argv[] = {bash, option, run, bash, path, NULL};
    ck_assert_int_eq(posix_spawnp(&child, "bash", NULL, NULL, argv, environ), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    static const char *const ends[] = {"", ".sh", ".out"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int64_t number_of(struct office_fixture *f, const char *sql)
{
    int64_t n = 0;
    bool found = false;
    struct err e = ERR_INIT;
    if (db_get_int(f->office->db, &n, &found, &e, sql, NO_VALS) != ERR_OK || !found) {
        abort();
    }
    return n;
}

/* A dispute that was resolved, with two photos. */
static void dispute_make(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 16];
    char number[24];
    (void)fixture_run(f, f->olga, "dispute open", "bill", "2", "reason", "not mine", NULL);
    (void)snprintf(number, sizeof number, "%" PRId64,
                   number_of(f, "SELECT max(id) FROM dispute"));
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/dial-%d.txt", f->dir, i);
        FILE *out = fopen(path, "w");
        if (out == NULL || fprintf(out, "the dial of photo %d", i) < 0 || fclose(out) != 0) {
            abort();
        }
        (void)fixture_run(f, f->olga, "attach", "file", path, "dispute", number, NULL);
    }
    (void)fixture_run(f, f->luis, "dispute resolve", "dispute", number, "outcome", "rejected",
                      "reason", "it is", NULL);
}

static void samples_make(void)
{
    static struct office_fixture f, other;
    struct buf *all[] = {&sample_bill,   &sample_entry, &sample_reading, &sample_payment,
                         &other_bill,    &sibling_bill, &sample_parts,   &sample_packet,
                         &log_key,       &witness_vkey, &sample_matched, &sample_assigned,
                         &sample_dispute};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        buf_init(all[i], 2 * PROOF_SIZE_MAX);
    }
    fixture_init(&f);
    fixture_busy(&f);
    sample_checkpoint(&f);
    sample_proof(&f, "bill", 2, &sibling_bill); /* of the same office, at an earlier size */
    sample_witness_key(&witness_vkey);
    sample_witness(&f);
    (void)fixture_run(&f, f.ana, "customer add", "name", "Una más", NULL);
    (void)fixture_run(&f, f.marta, "bank assign", "row", "2", "to", "A00003:3", NULL);
    dispute_make(&f);
    sample_checkpoint(&f);
    char photo[24];
    (void)snprintf(photo, sizeof photo, "%" PRId64,
                   number_of(&f, "SELECT max(id) FROM attachment"));
    sample_proof_files(&f, "dispute", number_of(&f, "SELECT max(id) FROM dispute"), photo,
                       &sample_dispute);
    sample_proof(&f, "bill", 2, &sample_bill);
    sample_proof(&f, "entry", 5, &sample_entry);
    sample_proof(&f, "reading", 7, &sample_reading);
    sample_proof(&f, "payment", 1, &sample_payment);
    sample_proof(&f, "payment", number_of(&f, "SELECT receipt FROM payment WHERE bank_row = 1"),
                 &sample_matched);
    sample_proof(&f, "payment", number_of(&f, "SELECT receipt FROM payment WHERE bank_row = 2"),
                 &sample_assigned);
    sample_proof(&f, "bill", number_of(&f, "SELECT bill FROM bill_quantity LIMIT 1"),
                 &sample_parts);
    sample_proof(&f, "reading",
                 number_of(&f, "SELECT id FROM reading WHERE source = 'automatic' LIMIT 1"),
                 &sample_packet);
    sample_log_key(&f, &log_key);
    fixture_other(&other);
    fixture_busy(&other);
    sample_witness(&other);
    sample_checkpoint(&other);
    sample_proof(&other, "bill", 2, &other_bill);
    fixture_free(&other);
    fixture_free(&f);
}

int main(void)
{
    i18n_init("en");
    fixture_template();
    samples_make();
    SRunner *r = srunner_create(suite_proof());
    srunner_add_suite(r, suite_proof_bad());
    srunner_add_suite(r, suite_proof_keys());
    srunner_add_suite(r, suite_proof_mutate());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
