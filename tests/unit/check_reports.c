#include <config.h>

#include "tests/unit/check_reports.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];

const char *scratch_dir(void)
{
    return dir;
}

const char *scratch_path(const char *name)
{
    static char paths[8][256];
    static size_t at;
    char *path = paths[at++ % count_of(paths)];
    int n = snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    ck_assert(n > 0 && (size_t)n < sizeof(paths[0]));
    return path;
}

/* Count the entries of the scratch folder, removing them when asked. */
static size_t scratch_walk(bool remove_all)
{
    size_t count = 0;
    DIR *d = opendir(dir);
    for (struct dirent *entry = d == NULL ? NULL : readdir(d); entry != NULL;
         entry = readdir(d)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (remove_all) {
                (void)unlinkat(dirfd(d), entry->d_name, 0);
            }
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return count;
}

size_t scratch_count(void)
{
    return scratch_walk(false);
}

void file_read(const char *path, struct buf *out)
{
    char chunk[4096];
    size_t n = 0;
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        buf_add(out, chunk, n);
    }
    ck_assert(fclose(f) == 0 && !out->failed);
}

void file_write(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "%s", path);
    ck_assert(fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

void run_program(const char *const *argv, struct buf *out)
{
    int ends[2], status = -1;
    char chunk[4096];
    char *copy[16] = {0};
    for (size_t i = 0; argv[i] != NULL; i++) {
        ck_assert(i + 1 < count_of(copy));
        copy[i] = strdup(argv[i]);
    }
    ck_assert(pipe(ends) == 0);
    pid_t pid = fork();
    ck_assert(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execvp(copy[0], copy);
        _exit(127);
    }
    (void)close(ends[1]);
    for (ssize_t n = 0; (n = read(ends[0], chunk, sizeof(chunk))) > 0;) {
        buf_add(out, chunk, (size_t)n);
    }
    (void)close(ends[0]);
    ck_assert(waitpid(pid, &status, 0) == pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s failed", argv[0]);
    ck_assert(!out->failed);
    for (size_t i = 0; copy[i] != NULL; i++) {
        free(copy[i]);
    }
}

void zip_member(const char *path, const char *member, struct buf *out)
{
    const char *argv[] = {"unzip", "-p", path, member, NULL};
    run_program(argv, out);
}

void pdf_text_of(const char *path, struct buf *out)
{
    const char *argv[] = {"pdftotext", "-layout", "-enc", "UTF-8", path, "-", NULL};
    struct buf raw;
    buf_init(&raw, 64 * 1024 * 1024);
    run_program(argv, &raw);
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.len - i > 1 && memcmp(raw.data + i, "\xC2\xA0", 2) == 0) {
            buf_addc(out, ' ');
            i++;
        } else {
            buf_addc(out, raw.data[i]);
        }
    }
    buf_release(&raw);
}

struct report_cell cell_text(const char *s)
{
    struct report_cell c = {.text = s, .len = strlen(s)};
    return c;
}

struct report_cell cell_value(int64_t value)
{
    struct report_cell c = {.value = value};
    return c;
}

struct report_cell cell_empty(void)
{
    struct report_cell c = {.empty = true};
    return c;
}

void fixture_init(struct report_fixture *f, const struct report_column *columns,
                  size_t column_count, const struct report_cell *cells, size_t row_count)
{
    static const struct civil made = {{2026, 11, 21}, 8, 8, 32};
    memset(f, 0, sizeof(*f));
    f->table.cells = cells;
    f->table.column_count = column_count;
    f->table.row_count = row_count;
    f->doc.name = "readings";
    f->doc.title = "Lecturas del período";
    f->doc.subtitle = "Noviembre de 2026";
    f->doc.office = "Acueducto de Ñuñoa";
    f->doc.generated = made;
    f->doc.zone = "America/Costa_Rica";
    f->doc.columns = columns;
    f->doc.column_count = column_count;
    f->doc.rows = report_table_source(&f->table);
    f->options.fmt = numfmt_find("en_US");
    ck_assert(f->options.fmt != NULL);
}

void fixture_write(struct report_fixture *f, const char *format, const char *path)
{
    struct err e = ERR_INIT;
    f->table.at = 0;
    enum err_code code =
        report_write(report_format_find(format), &f->doc, &f->options, path, &f->outcome, &e);
    ck_assert_msg(code == ERR_OK, "%s: %s", format, e.text);
}

void hostile_name(unsigned n, struct buf *out)
{
    static const char *const starts[] = {
        "=",  "+",  "-",  "@",    "\t",   "\r",   "\n",           " =",        "\"=",
        ";=", "x;", "'=", "\xFF", "\xC0", "\x1B", "\xE2\x80\xAE", "a\xCC\x81", "\xED\xA0\x80",
        "%",  "|="};
    static const char *const bodies[] = {"1+1",
                                         "cmd|' /C calc'!A0",
                                         "HYPERLINK(\"http://x\";\"y\")",
                                         "2\t=3",
                                         "a\r\n=b",
                                         "<script>&amp;</script>",
                                         "\x01\x02\x07\x1B[31m",
                                         "_x0041_ _x000D_",
                                         "\xEF\xBF\xBE\xEF\xBF\xBF",
                                         "]]>&#0;",
                                         "Jos\xC3\xA9 Pe\xC3\xB1\x61",
                                         "\xF0\x9F\x92\xA7\xF0\x9F\x92\xA7",
                                         "\\(\\)\\\\ (",
                                         ",\",\"\",=1",
                                         "x\xC2\x85y\xC2\x9B"};
    buf_adds(out, starts[n % count_of(starts)]);
    buf_adds(out, bodies[n / count_of(starts) % count_of(bodies)]);
    if (n % 7 == 3) {
        buf_add(out, "\0=", 2);
    }
    if (n >= count_of(starts) * count_of(bodies)) {
        buf_addf(out, "%u", n);
    }
}

int main(void)
{
    int n = snprintf(dir, sizeof(dir), "/tmp/aforo-check-reports-XXXXXX");
    if (n <= 0 || mkdtemp(dir) == NULL) {
        (void)fputs("no scratch folder\n", stderr);
        return EXIT_FAILURE;
    }
    SRunner *runner = srunner_create(suite_report_model());
    srunner_add_suite(runner, suite_out_file());
    srunner_add_suite(runner, suite_out_csv());
    srunner_add_suite(runner, suite_out_json());
    srunner_add_suite(runner, suite_out_text());
    srunner_add_suite(runner, suite_out_xlsx());
    srunner_add_suite(runner, suite_xlsx_check());
    srunner_add_suite(runner, suite_out_pdf());
    srunner_add_suite(runner, suite_bill_pdf());
    srunner_add_suite(runner, suite_report_faults());
    srunner_add_suite(runner, suite_escpos());
    srunner_add_suite(runner, suite_printer());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    (void)scratch_walk(true);
    (void)rmdir(dir);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
