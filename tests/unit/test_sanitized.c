/* That a leak in a test is still seen (tests/lib/sanitized.c): each case is a process of its
 * own, as a test is. */
#include <config.h>

#include "tests/unit/check_base.h"

#ifdef AFORO_SANITIZED
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile held; /* from before the fork */
static void *volatile lost;

static void frees_all(void)
{
    lost = malloc(1000);
    free(lost);
}

static void loses_one_byte(void)
{
    lost = malloc(1);
    lost = NULL;
}

static void frees_another_and_loses_more(void)
{
    free(held);
    lost = malloc(5000);
    lost = NULL;
}

static void frees_another_and_loses_less(void)
{
    free(held);
    lost = malloc(40);
    lost = NULL;
}

static const struct leak_case {
    void (*run)(void);
    bool seen;
} leak_cases[] = {{frees_all, false},
                  {loses_one_byte, true},
                  {frees_another_and_loses_more, true},
                  {frees_another_and_loses_less, true}};

START_TEST(a_leak_in_a_test_is_seen)
{
    int status = 0;
    held = malloc(100);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        leak_cases[_i].run();
        exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    free(held);
    ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) != 0) == leak_cases[_i].seen,
                  "status %d", status);
}
END_TEST
#endif

Suite *suite_sanitized(void)
{
    Suite *s = suite_create("sanitized");
#ifdef AFORO_SANITIZED
    TCase *t = tcase_create("leaks");
    tcase_add_loop_test(t, a_leak_in_a_test_is_seen, 0,
                        sizeof leak_cases / sizeof leak_cases[0]);
    suite_add_tcase(s, t);
#endif
    return s;
}
