/* How the sanitizers look on in a Check program. Each test is a process of its own, forked from
 * one that has made an office; without this most of the time went into copying what was freed
 * there, and into searching all memory for leaks at the end of every test.
 *
 * Leaks: a test's process is searched only where it holds more bytes, or fewer, than it began
 * with; that it holds the same is seen from the count alone. The first process is searched as
 * ever. Freed memory: the last 8 MiB are kept from being used again, by which use after free is
 * found, in place of 256 MiB. In a build without sanitizers this file is empty. */
#include <config.h>

/* What the run-time libraries ask for. */
int __lsan_is_turned_off(void);
const char *__asan_default_options(void);

#ifdef AFORO_SANITIZED
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sanitizer/allocator_interface.h>

/* The buffer of the file through which Check's process hears of the test. */
#define CHECK_BUFFER_BYTES 4096

static size_t before;
static bool settled;

/* Runs before what the libraries free for themselves at the end of a process. */
static void test_ends(void)
{
    size_t now = __sanitizer_get_current_allocated_bytes();
    settled = now == before || now == before + CHECK_BUFFER_BYTES;
}

static void test_begins(void)
{
    if (atexit(test_ends) != 0) {
        abort();
    }
    settled = false;
    before = __sanitizer_get_current_allocated_bytes();
}

static void __attribute__((constructor)) tests_watch(void)
{
    if (pthread_atfork(NULL, NULL, test_begins) != 0) {
        abort();
    }
}

int __lsan_is_turned_off(void)
{
    return settled;
}

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8:thread_local_quarantine_size_kb=64";
}
#endif
