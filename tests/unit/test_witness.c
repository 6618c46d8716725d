/* A witness against logs made here: what it cosigns, what it refuses and why, what it
 * remembers. */
#include <config.h>

#include "app/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/files.h"
#include "check_app.h"
#include "crypto/note_line.h"
#include "crypto/witness_request.h"

#define LOG "example.com/aforo/SJ01"
#define LEAVES 600

static char dir[64];    /* everything of a test */
static char place[128]; /* the witness's folder */
static struct note_key *log_key;
static struct hash leaves[LEAVES];
static struct env_fake clock_fake;
static struct witness *w;
static struct witness_outcome made;
static struct buf answer, text;
static struct err e;

static const char *path_of(const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

/* Two histories part at leaf 20. */
static void branch(bool other)
{
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t data[3] = {(uint8_t)i, (uint8_t)(i >> 8), other && i >= 20};
        merkle_leaf(data, sizeof(data), &leaves[i]);
    }
}

static void vkey_of(const struct note_key *k, struct buf *out)
{
    buf_clear(out);
    ck_assert_int_eq(note_key_public(k, out, NULL), ERR_OK);
}

static void open_witness(void)
{
    witness_free(w);
    ck_assert_msg(witness_open(place, &clock_fake.env, &w, &e) == ERR_OK, "%s", e.text);
}

static void set_up(void)
{
    struct buf vkey;

    (void)snprintf(dir, sizeof(dir), "/tmp/aforo-witness-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(place, sizeof(place), "%s/w", dir);
    env_fake_init(&clock_fake, INT64_C(1700000000000), 7);
    clock_fake.step_ms = 1000;
    buf_init(&answer, NOTE_SIZE_MAX);
    buf_init(&text, WITNESS_REQUEST_MAX);
    buf_init(&vkey, 1024);
    ck_assert_msg(witness_create(place, "witness.example.com", NULL, &env_system, &vkey, &e) ==
                      ERR_OK,
                  "%s", e.text);
    w = NULL;
    open_witness();
    ck_assert_str_eq(w->vkey, vkey.data);
    ck_assert_int_eq(note_key_generate(LOG, &log_key, NULL), ERR_OK);
    vkey_of(log_key, &vkey);
    ck_assert_int_eq(witness_log_add(w, vkey.data, &e), ERR_OK);
    buf_release(&vkey);
    branch(false);
}

static void tear_down(void)
{
    char command[128];

    witness_free(w);
    note_key_free(log_key);
    buf_release(&answer);
    buf_release(&text);
    (void)snprintf(command, sizeof(command), "%s", dir);
    char *const argv[] = {(char[]){"rm"}, (char[]){"-rf"}, command, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        (void)execvp("rm", argv);
        _exit(1);
    }
    (void)waitpid(pid, NULL, 0);
}

/* A signed checkpoint of the first n leaves, and the proof from old, into `text`. */
static void request_by(struct note_key *key, uint64_t old, uint64_t n)
{
    struct checkpoint c = {.size = n};
    struct witness_request r = {.old_size = old};
    struct buf note;

    buf_init(&note, 4096);
    (void)snprintf(c.origin, sizeof(c.origin), "%s", note_key_name(key));
    merkle_root_of(leaves, n, &c.root);
    ck_assert_int_eq(checkpoint_sign(&c, key, &note, NULL), ERR_OK);
    r.path_len = old <= n ? merkle_consistency(leaves, n, old, r.path) : 0;
    r.note = note.data;
    r.note_len = note.len;
    buf_clear(&text);
    ck_assert_int_eq(witness_request_write(&r, &text, NULL), ERR_OK);
    buf_release(&note);
}

static enum err_code send_file(void)
{
    ck_assert_int_eq(file_replace(path_of("request"), text.data, text.len, &e), ERR_OK);
    buf_clear(&answer);
    e.code = ERR_OK;
    enum err_code code = witness_cosign(w, NULL, path_of("request"), &answer, &made, &e);
    ck_assert_int_eq(code, e.code);
    ck_assert(code == ERR_OK || answer.len == 0);
    return code;
}

static enum err_code ask(uint64_t old, uint64_t n)
{
    request_by(log_key, old, n);
    return send_file();
}

static void says(const char *words)
{
    ck_assert_msg(strstr(e.text, words) != NULL, "not \"%s\": %s", words, e.text);
}

static unsigned forks(void)
{
    unsigned n = 0;

    ck_assert_int_eq(witness_forks(w, &n, &e), ERR_OK);
    return n;
}

static void replace(const char *what, const char *by)
{
    struct buf copy;
    char *at = strstr(text.data, what);

    ck_assert_ptr_nonnull(at);
    buf_init(&copy, WITNESS_REQUEST_MAX);
    buf_add(&copy, text.data, (size_t)(at - text.data));
    buf_adds(&copy, by);
    buf_adds(&copy, at + strlen(what));
    buf_release(&text);
    text = copy;
}

START_TEST(checkpoint_is_cosigned_so_that_the_office_takes_it)
{
    struct cosigned at;

    ck_assert_int_eq(ask(0, 5), ERR_OK);
    ck_assert_uint_eq(made.size, 5);
    ck_assert_str_eq(made.origin, LOG);
    ck_assert(!made.repeated);
    ck_assert_int_eq(cosign_check(answer.data, answer.len, w->self, &at, &e), ERR_OK);
    ck_assert_int_ge(at.time_s, 1700000000);
    ck_assert_ptr_nonnull(strstr(text.data, "\n\n")); /* the note as the log signed it leads */
    ck_assert_int_eq(strncmp(strstr(text.data, "\n\n") + 2, answer.data,
                             strlen(strstr(text.data, "\n\n") + 2)),
                     0);
    for (uint64_t n = 6; n <= 40; n += 3) { /* and goes on from what it saw */
        ck_assert_msg(ask(made.size, n) == ERR_OK, "%s", e.text);
    }
    ck_assert_uint_eq(forks(), 0);
}
END_TEST

START_TEST(same_checkpoint_gets_the_same_answer)
{
    char *first = NULL;

    ck_assert_int_eq(ask(0, 5), ERR_OK);
    first = strdup(answer.data);
    open_witness();
    ck_assert_int_eq(ask(0, 5), ERR_OK);
    ck_assert_str_eq(answer.data, first);
    ck_assert(made.repeated);
    ck_assert_int_eq(ask(5, 5), ERR_OK);
    ck_assert_str_eq(answer.data, first);
    free(first);
}
END_TEST

START_TEST(checkpoint_of_another_age_or_size_is_refused)
{
    ck_assert_int_eq(ask(0, 0), ERR_RANGE);
    says("no entries");
    ck_assert_int_eq(ask(3, 7), ERR_CONFLICT); /* nothing seen yet */
    says("size 0");
    ck_assert_int_eq(ask(0, 12), ERR_OK);
    ck_assert_int_eq(ask(0, 11), ERR_STATE);
    says("12");
    ck_assert_int_eq(ask(11, 15), ERR_CONFLICT);
    says("--since 12");
    ck_assert_int_eq(ask(0, 15), ERR_CONFLICT);
    ck_assert_int_eq(ask(16, 15), ERR_RANGE);
    ck_assert_int_eq(ask(12, 13), ERR_OK);
}
END_TEST

START_TEST(proof_that_shows_nothing_is_refused_and_accuses_nobody)
{
    static const char line[] = "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";

    ck_assert_int_eq(ask(0, 12), ERR_OK);
    request_by(log_key, 12, 23);
    replace("\n\n", line);
    ck_assert_int_eq(send_file(), ERR_PARSE);
    says("hashes");
    request_by(log_key, 12, 23);
    char *cut = strchr(text.data, '\n') + 1; /* its first hash */
    memmove(cut, strchr(cut, '\n') + 1, strlen(strchr(cut, '\n') + 1) + 1);
    text.len = strlen(text.data);
    ck_assert_int_eq(send_file(), ERR_PARSE);
    request_by(log_key, 12, 23);
    char *hash = strchr(text.data, '\n') + 1;
    hash[0] = hash[0] == 'A' ? 'B' : 'A';
    ck_assert_int_eq(send_file(), ERR_CRYPTO);
    says("tiles");
    ck_assert_uint_eq(forks(), 0);
    ck_assert_int_eq(ask(12, 23), ERR_OK);
}
END_TEST

START_TEST(only_logs_and_keys_that_it_was_told_are_cosigned)
{
    struct note_key *other = NULL;

    ck_assert_int_eq(note_key_generate("example.com/aforo/SJ02", &other, NULL), ERR_OK);
    request_by(other, 0, 5);
    ck_assert_int_eq(send_file(), ERR_NOT_FOUND);
    says("SJ02");
    note_key_free(other);
    ck_assert_int_eq(note_key_generate(LOG, &other, NULL), ERR_OK);
    request_by(other, 0, 5); /* the name, but not the key */
    ck_assert_int_eq(send_file(), ERR_DENIED);
    request_by(log_key, 0, 5);
    replace("\n5\n", "\n6\n");
    ck_assert_int_eq(send_file(), ERR_CRYPTO);
    says("signature");
    vkey_of(other, &text);
    ck_assert_int_eq(witness_log_add(w, text.data, &e), ERR_OK); /* a rotated key */
    ck_assert_int_eq(witness_log_add(w, text.data, &e), ERR_EXISTS);
    request_by(other, 0, 5);
    ck_assert_int_eq(send_file(), ERR_OK);
    ck_assert_int_eq(ask(5, 6), ERR_OK);
    note_key_free(other);
}
END_TEST

START_TEST(another_root_of_the_same_size_is_a_fork)
{
    ck_assert_int_eq(ask(0, 32), ERR_OK);
    branch(true);
    for (unsigned again = 0; again < 2; again++) { /* kept once */
        ck_assert_int_eq(ask(32, 32), ERR_TAMPERED);
        says("FORK");
        ck_assert_uint_eq(forks(), 1);
    }
    branch(false);
    ck_assert_int_eq(ask(32, 33), ERR_OK); /* it goes on with what it knows */
}
END_TEST

START_TEST(proof_that_leads_to_another_history_is_a_fork)
{
    struct buf kept;
    char path[512];
    const char *at = NULL;

    ck_assert_int_eq(ask(0, 25), ERR_OK);
    char *first = strdup(answer.data);
    branch(true);
    ck_assert_int_eq(ask(25, 30), ERR_TAMPERED);
    says("FORK");
    ck_assert_uint_eq(forks(), 1);
    at = strstr(e.text, place);
    ck_assert_ptr_nonnull(at);
    buf_init(&kept, NOTE_SIZE_MAX);
    (void)snprintf(path, sizeof(path), "%.*s/cosigned", (int)strcspn(at, " "), at);
    path[strlen(path)] = '\0';
    char *dot = strstr(path, "./cosigned"); /* the sentence ends behind the name */
    if (dot != NULL) {
        memmove(dot, dot + 1, strlen(dot));
    }
    ck_assert_msg(file_read(path, &kept, &e) == ERR_OK, "%s", e.text);
    ck_assert_str_eq(kept.data, first);
    (void)snprintf(strrchr(path, '/'), 16, "/proof");
    buf_clear(&kept);
    ck_assert_int_eq(file_read(path, &kept, &e), ERR_OK);
    ck_assert_str_eq(kept.data, text.data); /* what was asked proves it to others */
    (void)snprintf(strrchr(path, '/'), 16, "/shown");
    buf_clear(&kept);
    ck_assert_int_eq(file_read(path, &kept, &e), ERR_OK);
    ck_assert_str_eq(kept.data, strstr(text.data, "\n\n") + 2);
    free(first);
    buf_release(&kept);
}
END_TEST

/* A proof from a power of two does not name the old root: nobody can be accused by it. */
START_TEST(proof_from_a_complete_tree_shows_no_fork)
{
    ck_assert_int_eq(ask(0, 32), ERR_OK);
    branch(true);
    ck_assert_int_eq(ask(32, 40), ERR_CRYPTO);
    says("tiles");
    ck_assert_uint_eq(forks(), 0);
}
END_TEST

/* ---- tiles */

static void tile_write(const char *name, const struct hash *nodes, size_t count)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/t/%s", dir, name);
    for (char *s = path + strlen(dir) + 1; *s != '\0'; s++) {
        if (*s == '/') {
            *s = '\0';
            (void)mkdir(path, 0700);
            *s = '/';
        }
    }
    ck_assert_msg(file_replace(path, nodes, count * HASH_SIZE, &e) == ERR_OK, "%s", e.text);
}

/* The folder of n leaves (256 < n < 512), as tlog-tiles lays it out. */
static void tiles_make(uint64_t n)
{
    struct hash root;
    char name[64];

    request_by(log_key, 0, n);
    tile_write("tile/0/000", leaves, 256);
    (void)snprintf(name, sizeof(name), "tile/0/001.p/%" PRIu64, n - 256);
    tile_write(name, leaves + 256, (size_t)(n - 256));
    merkle_root_of(leaves, 256, &root);
    tile_write("tile/1/000.p/1", &root, 1);
    (void)snprintf(name, sizeof(name), "t/checkpoint");
    ck_assert_int_eq(file_replace(path_of(name), strstr(text.data, "\n\n") + 2,
                                  strlen(strstr(text.data, "\n\n") + 2), &e),
                     ERR_OK);
}

static enum err_code ask_tiles(void)
{
    buf_clear(&answer);
    return witness_cosign(w, NULL, path_of("t"), &answer, &made, &e);
}

START_TEST(tiles_show_what_follows_and_what_is_a_fork)
{
    tiles_make(300);
    ck_assert_msg(ask_tiles() == ERR_OK, "%s", e.text);
    ck_assert_int_eq(ask_tiles(), ERR_OK);
    ck_assert(made.repeated);
    tiles_make(444);
    ck_assert_int_eq(ask_tiles(), ERR_OK);
    branch(true);
    tiles_make(450);
    ck_assert_int_eq(ask_tiles(), ERR_TAMPERED);
    says("FORK");
    ck_assert_uint_eq(forks(), 1);
}
END_TEST

START_TEST(tiles_show_a_fork_from_a_complete_tree_too)
{
    ck_assert_int_eq(ask(0, 256), ERR_OK);
    branch(true);
    tiles_make(300);
    ck_assert_int_eq(ask_tiles(), ERR_TAMPERED);
    says("FORK");
}
END_TEST

START_TEST(tiles_that_end_early_or_are_damaged_are_refused)
{
    tiles_make(300);
    ck_assert_int_eq(unlink(path_of("t/tile/0/001.p/44")), 0);
    ck_assert_int_eq(ask_tiles(), ERR_RANGE);
    says("001");
    tile_write("tile/0/001", leaves + 256, 256); /* the full tile does as well */
    ck_assert_int_eq(ask_tiles(), ERR_OK);
    tiles_make(301);
    tile_write("tile/0/001.p/45", leaves + 255, 45);
    ck_assert_int_eq(ask_tiles(), ERR_PARSE);
    says("damaged");
    tile_write("tile/0/001.p/45", leaves + 256, 44);
    ck_assert_int_eq(ask_tiles(), ERR_PARSE);
    tile_write("tile/0/001.p/45", leaves + 256, 45);
    ck_assert_int_eq(ask_tiles(), ERR_OK);
    ck_assert_uint_eq(forks(), 0);
}
END_TEST

/* ---- memory */

START_TEST(killed_between_remembering_and_answering_it_answers_the_same_later)
{
    int status = 0;

    request_by(log_key, 0, 9);
    ck_assert_int_eq(file_replace(path_of("request"), text.data, text.len, &e), ERR_OK);
    witness_free(w);
    w = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        struct witness *other = NULL;
        bool ok = witness_open(place, &env_system, &other, &e) == ERR_OK &&
                  witness_cosign(other, NULL, path_of("request"), &answer, &made, &e) == ERR_OK;
        ok = ok && file_replace(path_of("lost"), answer.data, answer.len, &e) == ERR_OK;
        _exit(ok ? 9 : 1); /* before anybody was told */
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    open_witness();
    ck_assert_int_eq(ask(0, 9), ERR_OK);
    ck_assert(made.repeated);
    buf_clear(&text);
    ck_assert_int_eq(file_read(path_of("lost"), &text, &e), ERR_OK);
    ck_assert_str_eq(text.data, answer.data);
}
END_TEST

static void memory_path(char out[256])
{
    struct hash h;
    char hex[65];

    sha256(LOG, strlen(LOG), &h);
    hash_hex(&h, hex);
    (void)snprintf(out, 256, "%s/logs/%s", place, hex);
}

START_TEST(what_cannot_be_remembered_is_not_answered)
{
    char path[300];

    memory_path(path);
    (void)strncat(path, ".new", sizeof(path) - strlen(path) - 1);
    ck_assert_int_eq(mkdir(path, 0700), 0); /* where the memory is written first */
    ck_assert_int_eq(ask(0, 9), ERR_IO);
    ck_assert_uint_eq(answer.len, 0);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(ask(0, 5), ERR_OK); /* nothing of 9 entries was remembered */
}
END_TEST

START_TEST(memory_with_any_byte_changed_is_not_believed)
{
    char path[256];
    struct buf sound;
    struct witness_memory *m = calloc(1, sizeof(*m));

    ck_assert_ptr_nonnull(m);

    memory_path(path);
    ck_assert_int_eq(ask(0, 9), ERR_OK);
    buf_init(&sound, WITNESS_MEMORY_MAX);
    ck_assert_int_eq(file_read(path, &sound, &e), ERR_OK);
    for (size_t i = 0; i < sound.len; i++) {
        sound.data[i] = (char)(sound.data[i] ^ 1);
        ck_assert_msg(witness_memory_parse(sound.data, sound.len, m, &e) == ERR_TAMPERED ||
                          witness_memory_check(m, w->self, &e) == ERR_TAMPERED,
                      "byte %zu", i);
        sound.data[i] = (char)(sound.data[i] ^ 1);
    }
    sound.data[sound.len / 2] = (char)(sound.data[sound.len / 2] ^ 1);
    ck_assert_int_eq(file_replace(path, sound.data, sound.len, &e), ERR_OK);
    ck_assert_int_eq(ask(9, 10), ERR_TAMPERED);
    says("logs/");
    sound.data[sound.len / 2] = (char)(sound.data[sound.len / 2] ^ 1);
    for (size_t len = 0; len < sound.len; len++) {
        enum err_code code = witness_memory_parse(sound.data, len, m, &e);
        ck_assert_msg(code == ERR_TAMPERED || witness_memory_check(m, w->self, &e) != ERR_OK ||
                          m->note_len == 0,
                      "%zu bytes", len);
    }
    ck_assert_int_eq(file_replace(path, sound.data, sound.len, &e), ERR_OK);
    ck_assert_int_eq(ask(9, 10), ERR_OK);
    ck_assert_uint_eq(forks(), 0);
    buf_release(&sound);
    free(m);
}
END_TEST

START_TEST(key_under_a_password_opens_with_it_and_with_no_other)
{
    struct buf vkey;
    struct sign_key *k = NULL;

    buf_init(&vkey, 1024);
    (void)snprintf(place, sizeof(place), "%s/sealed", dir);
    ck_assert_int_eq(witness_create(place, "w2", "secreto", &env_system, &vkey, &e), ERR_OK);
    ck_assert_int_eq(witness_create(place, "w2", "secreto", &env_system, &vkey, &e),
                     ERR_EXISTS);
    ck_assert_int_eq(setenv("AFORO_WITNESS_SECRET", path_of("sealed/witness.secret"), 1), 0);
    ck_assert_int_eq(witness_create(path_of("w3"), "w3", NULL, &env_system, &vkey, &e),
                     ERR_EXISTS); /* it is w2's */
    ck_assert_int_eq(unsetenv("AFORO_WITNESS_SECRET"), 0);
    open_witness();
    ck_assert(w->by_password);
    ck_assert_int_eq(witness_key_open(w, "secreta", &k, &e), ERR_DENIED);
    ck_assert_int_eq(witness_key_open(w, NULL, &k, &e), ERR_USAGE);
    ck_assert_int_eq(witness_key_open(w, "secreto", &k, &e), ERR_OK);
    sign_key_free(k);
    (void)snprintf(place, sizeof(place), "%s/none", dir);
    witness_free(w);
    ck_assert_int_eq(witness_open(place, &env_system, &w, &e), ERR_NOT_FOUND);
    says("witness init");
    buf_release(&vkey);
}
END_TEST

Suite *suite_witness(void)
{
    Suite *s = suite_create("witness");
    TCase *t = tcase_create("witness");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, checkpoint_is_cosigned_so_that_the_office_takes_it);
    tcase_add_test(t, same_checkpoint_gets_the_same_answer);
    tcase_add_test(t, checkpoint_of_another_age_or_size_is_refused);
    tcase_add_test(t, proof_that_shows_nothing_is_refused_and_accuses_nobody);
    tcase_add_test(t, only_logs_and_keys_that_it_was_told_are_cosigned);
    tcase_add_test(t, another_root_of_the_same_size_is_a_fork);
    tcase_add_test(t, proof_that_leads_to_another_history_is_a_fork);
    tcase_add_test(t, proof_from_a_complete_tree_shows_no_fork);
    tcase_add_test(t, tiles_show_what_follows_and_what_is_a_fork);
    tcase_add_test(t, tiles_show_a_fork_from_a_complete_tree_too);
    tcase_add_test(t, tiles_that_end_early_or_are_damaged_are_refused);
    tcase_add_test(t, killed_between_remembering_and_answering_it_answers_the_same_later);
    tcase_add_test(t, what_cannot_be_remembered_is_not_answered);
    tcase_add_test(t, memory_with_any_byte_changed_is_not_believed);
    tcase_add_test(t, key_under_a_password_opens_with_it_and_with_no_other);
    suite_add_tcase(s, t);
    return s;
}
