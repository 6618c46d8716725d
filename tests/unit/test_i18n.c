#include <config.h>

#include "base/i18n.h"

#include <errno.h>
#include <locale.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check_base.h"

#define SENTENCE "There is not enough memory for this."
#define TRANSLATED "No hay memoria suficiente para esto: año, m³."
#define HEADER "Content-Type: text/plain; charset=UTF-8\n"

/* A catalogue as msgfmt writes it (GNU gettext manual, "The Format of GNU MO Files"), in the
 * byte order of this machine, with the header and one message. */
static void make_catalogue(const char *folder)
{
    static const char *const strings[] = {"", SENTENCE, HEADER, TRANSLATED};
    uint32_t words[7 + 8] = {0x950412de, 0, 2, 28, 44, 0, 60};
    uint32_t at = sizeof(words);
    char path[256];
    for (size_t i = 0; i < 4; i++) {
        words[7 + 2 * i] = (uint32_t)strlen(strings[i]);
        words[8 + 2 * i] = at;
        at += (uint32_t)strlen(strings[i]) + 1;
    }
    (void)snprintf(path, sizeof(path), "%s/es", folder);
    ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
    (void)snprintf(path, sizeof(path), "%s/es/LC_MESSAGES", folder);
    ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
    (void)snprintf(path, sizeof(path), "%s/es/LC_MESSAGES/aforo.mo", folder);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(words, sizeof(words), 1, f), 1);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(fwrite(strings[i], strlen(strings[i]) + 1, 1, f), 1);
    }
    ck_assert_int_eq(fclose(f), 0);
}

static void remove_catalogue(const char *folder)
{
    static const char *const names[] = {"es/LC_MESSAGES/aforo.mo", "es/LC_MESSAGES", "es", ""};
    for (size_t i = 0; i < 4; i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)remove(path);
    }
}

START_TEST(the_language_is_switched_at_run_time)
{
    char folder[128];
    (void)snprintf(folder, sizeof(folder), "%s/po", scratch_folder());
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    make_catalogue(folder);
    i18n_init("en");
    ck_assert_ptr_nonnull(bindtextdomain("aforo", folder));
    ck_assert_str_eq(_(SENTENCE), SENTENCE);
    i18n_switch("es");
    ck_assert_str_eq(i18n_lang(), "es");
    ck_assert_str_eq(_(SENTENCE), TRANSLATED);
    ck_assert_str_eq(_("A sentence nobody translated."), "A sentence nobody translated.");
    i18n_switch("en");
    ck_assert_str_eq(i18n_lang(), "en");
    ck_assert_str_eq(_(SENTENCE), SENTENCE);
    i18n_switch("es");
    ck_assert_str_eq(_(SENTENCE), TRANSLATED);
    remove_catalogue(folder);
}
END_TEST

START_TEST(a_language_that_is_not_there_changes_nothing)
{
    i18n_init("en");
    i18n_switch("fr");
    ck_assert_str_eq(i18n_lang(), "en");
    i18n_switch("esperanto");
    ck_assert_str_eq(i18n_lang(), "en");
    i18n_switch(NULL);
    ck_assert_str_eq(i18n_lang(), "en");
    i18n_switch("es_CR.UTF-8");
    ck_assert_str_eq(i18n_lang(), "es");
}
END_TEST

START_TEST(the_environment_chooses_in_order)
{
    static const struct {
        const char *aforo, *all, *messages, *lang, *chosen;
    } rows[] = {
        {"en", "es_ES", "es_ES", "es_ES", "en"},
        {NULL, "en_US.UTF-8", "es_ES", "es_ES", "en"},
        {NULL, NULL, "en_GB", "es_ES", "en"},
        {NULL, NULL, NULL, "en", "en"},
        {"", "", "", "en", "en"},
        {NULL, NULL, NULL, NULL, "es"},
        {NULL, "C", NULL, "C.UTF-8", "es"},
        {"de", NULL, NULL, "en@quot", "en"},
        {NULL, "enx", "e", "es-CR", "es"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const char *const names[] = {"AFORO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
        const char *values[] = {rows[i].aforo, rows[i].all, rows[i].messages, rows[i].lang};
        for (size_t k = 0; k < 4; k++) {
            ck_assert_int_eq(
                values[k] != NULL ? setenv(names[k], values[k], 1) : unsetenv(names[k]), 0);
        }
        i18n_init(NULL);
        ck_assert_str_eq(i18n_lang(), rows[i].chosen);
    }
}
END_TEST

START_TEST(numbers_stay_in_the_c_locale)
{
    char text[16];
    i18n_init("es");
    ck_assert_str_eq(setlocale(LC_NUMERIC, NULL), "C");
    ck_assert_str_eq(setlocale(LC_TIME, NULL), "C");
    (void)snprintf(text, sizeof(text), "%.1f", 1.5);
    ck_assert_str_eq(text, "1.5");
}
END_TEST

/* Run this program from another folder, as it would lie in a build tree; what it says. */
static void say(const char *folder, const char *lang, char *out, size_t size)
{
    char program[256], *argv[] = {program, (char[]){"--say"}, NULL, NULL}, copy[8];
    int ends[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    (void)snprintf(program, sizeof(program), "%s/aforo", folder);
    (void)snprintf(copy, sizeof(copy), "%s", lang);
    argv[2] = copy;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(posix_spawn_file_actions_init(&actions), 0);
    ck_assert_int_eq(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
    ck_assert_int_eq(posix_spawn(&pid, program, &actions, NULL, argv, environ), 0);
    (void)close(ends[1]);
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n + 1 < size; n += (size_t)(got > 0 ? got : 0)) {
        got = read(ends[0], out + n, size - 1 - n);
    }
    out[n] = '\0';
    (void)close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    (void)posix_spawn_file_actions_destroy(&actions);
}

static void copy_program(const char *folder)
{
    char path[256];
    static char chunk[1 << 16];
    size_t n;
    (void)snprintf(path, sizeof(path), "%s/aforo", folder);
    FILE *from = fopen("/proc/self/exe", "rb"), *to = fopen(path, "wb");
    ck_assert(from != NULL && to != NULL);
    while ((n = fread(chunk, 1, sizeof(chunk), from)) > 0) {
        ck_assert_uint_eq(fwrite(chunk, 1, n, to), n);
    }
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_int_eq(fclose(from), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

START_TEST(a_build_tree_speaks_from_its_own_catalogues)
{
    char tree[128], data[160], po[160], program[160], out[256];
    (void)snprintf(tree, sizeof(tree), "%s/tree", scratch_folder());
    (void)snprintf(data, sizeof(data), "%s/data", tree);
    (void)snprintf(po, sizeof(po), "%s/data/po", tree);
    (void)snprintf(program, sizeof(program), "%s/aforo", tree);
    ck_assert_int_eq(mkdir(tree, 0700), 0);
    copy_program(tree);
    say(tree, "es", out, sizeof(out)); /* no catalogue beside it */
    ck_assert_str_eq(out, "es " SENTENCE "\n");
    ck_assert_int_eq(mkdir(data, 0700), 0);
    ck_assert_int_eq(mkdir(po, 0700), 0);
    make_catalogue(po);
    say(tree, "es", out, sizeof(out));
    ck_assert_str_eq(out, "es " TRANSLATED "\n");
    say(tree, "en", out, sizeof(out));
    ck_assert_str_eq(out, "en " SENTENCE "\n");
    ck_assert_int_eq(setenv("AFORO_LANG", "en", 1), 0);
    say(tree, "-", out, sizeof(out));
    ck_assert_str_eq(out, "en " SENTENCE "\n");
    remove_catalogue(po);
    (void)remove(data);
    (void)remove(program);
    (void)remove(tree);
}
END_TEST

Suite *suite_i18n(void)
{
    Suite *s = suite_create("i18n");
    TCase *t = tcase_create("i18n");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, the_language_is_switched_at_run_time);
    tcase_add_test(t, a_language_that_is_not_there_changes_nothing);
    tcase_add_test(t, the_environment_chooses_in_order);
    tcase_add_test(t, numbers_stay_in_the_c_locale);
    tcase_add_test(t, a_build_tree_speaks_from_its_own_catalogues);
    suite_add_tcase(s, t);
    return s;
}
