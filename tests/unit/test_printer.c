/* Paper handed to printers: queues through a made-up lp, devices as pipes and terminals; what
 * is wrong is said with the printer's name, and nothing waits for ever. */
#include <config.h>

#include "tests/unit/check_reports.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/printer.h"

static char folder[64];
static char path[128];
static struct buf paper;
static struct err e;

static void setup(void)
{
    e = (struct err)ERR_INIT;
    (void)snprintf(folder, sizeof(folder), "/tmp/aforo-printer-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    buf_init(&paper, (size_t)1 << 20);
    buf_adds(&paper, "Recibo 17\n\033@\n");
}

static void teardown(void)
{
    static const char *const names[] = {"lp", "out", "args", "fifo"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
    buf_release(&paper);
}

/* A program lp that runs these lines, first in PATH. */
static void make_lp(const char *lines)
{
    char search[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/lp", folder);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    (void)fprintf(f, "#!/bin/sh\n%s\n", lines);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(chmod(path, 0755), 0);
    (void)snprintf(search, sizeof(search), "%s:/usr/bin:/bin", folder);
    ck_assert_int_eq(setenv("PATH", search, 1), 0);
    ck_assert_int_eq(setenv("LP_OUT", folder, 1), 0);
}

static void file_is(const char *name, const char *text)
{
    char got[512] = "";
    size_t len;
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "no %s", path);
    len = fread(got, 1, sizeof(got) - 1, f);
    got[len] = '\0';
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_str_eq(got, text);
}

static enum err_code send(const char *name, int wait_ms)
{
    struct printer p;

    printer_parse(name, &p);
    p.wait_ms = wait_ms;
    return printer_send(&p, "Receipt 17", &paper, &e);
}

START_TEST(a_queue_gets_the_paper_through_lp)
{
    make_lp("cat >\"$LP_OUT/out\"; echo \"$*\" >\"$LP_OUT/args\"");
    ck_assert_msg(send("caja", 5000) == ERR_OK, "%s", e.text);
    file_is("out", buf_str(&paper));
    file_is("args", "-s -d caja -t Receipt 17\n");
    ck_assert_msg(send("escpos:caja", 5000) == ERR_OK, "%s", e.text);
    file_is("args", "-s -d caja -t Receipt 17 -o raw\n");
}
END_TEST

START_TEST(what_lp_says_is_said_with_the_printer)
{
    make_lp("echo 'lp: The printer or class does not exist.' >&2; exit 1");
    ck_assert_int_eq(send("caja", 5000), ERR_IO);
    ck_assert_str_eq(e.text,
                     "printer caja did not take it: lp: The printer or class does not exist");
    make_lp("printf '\\033[31mred' >&2; exit 1");
    ck_assert_int_eq(send("caja", 5000), ERR_IO);
    ck_assert_ptr_null(strchr(e.text, '\033'));
    make_lp("exit 3");
    ck_assert_int_eq(send("caja", 5000), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "lp says nothing of why"));
}
END_TEST

START_TEST(an_lp_that_hangs_or_is_not_there_is_told_of)
{
    make_lp("exec sleep 20");
    ck_assert_int_eq(send("caja", 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "caja: lp gave no answer"));
    make_lp("exec 2>&-; exec sleep 20"); /* it says no more, and runs on */
    ck_assert_int_eq(send("caja", 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "caja: lp gave no answer"));
    make_lp("cat >\"$LP_OUT/out\"; sleep 2 >/dev/null & exit 0"); /* a child holds it open */
    ck_assert_msg(send("caja", 1000) == ERR_OK, "%s", e.text);
    (void)snprintf(path, sizeof(path), "%s/lp", folder);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(setenv("PATH", folder, 1), 0);
    ck_assert_int_eq(send("caja", 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "lp is not installed"));
}
END_TEST

START_TEST(a_device_that_nobody_reads_says_so_and_one_that_is_read_gets_the_bytes)
{
    char fifo[128];
    char got[64] = "";
    int end;

    (void)snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    ck_assert_int_eq(send(fifo, 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "nothing reads from it"));
    ck_assert_ptr_nonnull(strstr(e.text, fifo));
    end = open(fifo, O_RDONLY | O_NONBLOCK);
    ck_assert_msg(send(fifo, 100) == ERR_OK, "%s", e.text);
    ck_assert_int_eq((int)read(end, got, sizeof(got) - 1), (int)paper.len);
    ck_assert_str_eq(got, buf_str(&paper));
    for (int i = 0; i < 8000;
         i++) { /* more than a pipe holds, and nobody reads: out of paper */
        buf_adds(&paper, "línea de un recibo\n");
    }
    ck_assert_int_eq(send(fifo, 50), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "takes nothing more; is there paper"));
    ck_assert_int_eq(close(end), 0);
}
END_TEST

START_TEST(a_serial_line_gets_the_bytes_as_they_are)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    char got[64] = "";

    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    ck_assert_msg(send(ptsname(master), 1000) == ERR_OK, "%s", e.text);
    ck_assert_int_eq((int)read(master, got, sizeof(got) - 1), (int)paper.len);
    ck_assert_str_eq(got, buf_str(&paper)); /* no line feed has become two bytes */
    ck_assert_int_eq(close(master), 0);
}
END_TEST

START_TEST(a_printer_is_what_its_name_says)
{
    struct printer p;

    printer_parse(NULL, &p);
    ck_assert_ptr_null(p.name);
    ck_assert_int_eq(printer_send(&p, "", &paper, &e), ERR_USAGE);
    printer_parse("caja", &p);
    ck_assert(!printer_takes_escpos(&p));
    printer_parse("escpos:caja", &p);
    ck_assert_str_eq(p.name, "caja");
    ck_assert(printer_takes_escpos(&p));
    printer_parse("/dev/null", &p);
    ck_assert(printer_takes_escpos(&p));
    printer_parse("text:/dev/null", &p);
    ck_assert(!printer_takes_escpos(&p));
    ck_assert_int_eq(send("/nowhere/lp0", 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "printer /nowhere/lp0: there is no such device"));
    ck_assert_int_eq(send("", 100), ERR_USAGE);
    ck_assert_int_eq(send("/dev/full", 100), ERR_IO);
    ck_assert_ptr_nonnull(strstr(e.text, "/dev/full"));
}
END_TEST

Suite *suite_printer(void)
{
    Suite *s = suite_create("printer");
    TCase *t = tcase_create("printer");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_queue_gets_the_paper_through_lp);
    tcase_add_test(t, what_lp_says_is_said_with_the_printer);
    tcase_add_test(t, an_lp_that_hangs_or_is_not_there_is_told_of);
    tcase_add_test(t, a_device_that_nobody_reads_says_so_and_one_that_is_read_gets_the_bytes);
    tcase_add_test(t, a_serial_line_gets_the_bytes_as_they_are);
    tcase_add_test(t, a_printer_is_what_its_name_says);
    suite_add_tcase(s, t);
    return s;
}
