/* The tamper matrix: every table and column of the schema edited in every way that the file
 * format allows, and more by somebody who knows how it works. None passes a deep check; which
 * check caught each is docs/tamper.md, whose tables are compared with what happened. */
#define _GNU_SOURCE /* memmem */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/tamper.h"

#define EDITS_MAX 8192
#define LEVELS 3
#define WORKERS 2
#define DOC_MAX (1 << 20)
#define BEGIN_MARK "<!-- made by the tests: begin -->\n"
#define END_MARK "<!-- end -->\n"
#define UPDATE "AFORO_UPDATE_GOLDEN=1 CK_RUN_SUITE=tamper tests/unit/check_verify"

struct edit {
    int table; /* index, or -1: a clever one */
    enum tamper_kind kind;
    int column; /* see tamper_make; of a clever one its index */
};
/* How it went, shared by the processes. */
struct outcome {
    bool made;
    enum err_code code[LEVELS];
    char check[LEVELS][24];
};

/* Edits that are made in one copy: one a table, for a deep check tells of each table by itself.
 */
struct round {
    size_t first, count; /* of the edits */
};

static struct edit edits[EDITS_MAX];
static size_t edit_count;
static struct round rounds[EDITS_MAX];
static size_t round_count;
static struct outcome *outcomes;
static struct table_shape *shapes;

static const enum verify_level levels[LEVELS] = {VERIFY_NEW, VERIFY_FULL, VERIFY_DEEP};

/* ---- the list of edits
 * ---------------------------------------------------------------------- */

static void edit_add(int table, enum tamper_kind kind, int column)
{
    ck_assert_uint_lt(edit_count, EDITS_MAX);
    edits[edit_count++] = (struct edit){table, kind, column};
    rounds[round_count - 1].count++;
}

/* A check names AUDIT_FAULTS_MAX faults at most, and an edit may be found more than once: by
 * the row itself, and by the rows that refer to it. */
#define ROUND_EDITS_MAX (AUDIT_FAULTS_MAX / 4)

static void round_add(void)
{
    if (round_count == 0 || rounds[round_count - 1].count > 0) {
        rounds[round_count++] = (struct round){edit_count, 0};
    }
}

static bool projected(int table)
{
    return table >= 0 && tables[table].class == TABLE_PROJECTION;
}

/* One kind of change, in one table or (-1) in each projection. column: as for tamper_make. */
static void round_list(int table, enum tamper_kind kind, int column)
{
    round_add();
    for (int t = 0; t < (int)tables_count; t++) {
        bool has = kind >= TAMPER_COLUMN_KINDS || column < shapes[t].count;
        if (round_count > 0 && rounds[round_count - 1].count == ROUND_EDITS_MAX) {
            round_add();
        }
        if (has && (table == t || (table < 0 && projected(t)))) {
            edit_add(t, kind, column);
        }
    }
}

static void table_list(int table, int columns)
{
    for (int k = 0; k < TAMPER_COLUMN_KINDS; k++) {
        for (int i = 0; i < columns; i++) {
            round_list(table, (enum tamper_kind)k, i);
        }
    }
    for (int k = TAMPER_COLUMN_KINDS; k < TAMPER_KINDS; k++) {
        round_list(table, (enum tamper_kind)k, 0);
    }
    round_list(table, TAMPER_DELETE, 1);
}

static void shapes_read(void)
{
    shapes = calloc(tables_count, sizeof *shapes);
    ck_assert_ptr_nonnull(shapes);
    for (int t = 0; t < (int)tables_count; t++) {
        struct copied c;
        copied_make_for(&c, tables[t].name);
        sqlite3 *raw = raw_open(c.db);
        shape_read(raw, &tables[t], &shapes[t]);
        raw_close(raw);
        copied_free(&c);
    }
}

static void edits_list(void)
{
    edit_count = 0;
    round_count = 0;
    shapes_read();
    for (int t = 0; t < (int)tables_count; t++) {
        if (!projected(t)) {
            table_list(t, shapes[t].count);
        }
    }
    table_list(-1, COLUMNS_MAX);
    for (int i = 0; i < (int)clever_edits_count; i++) {
        round_add();
        edit_add(-1, TAMPER_KINDS, i);
    }
    round_count -= rounds[round_count - 1].count == 0;
}

static bool updating(void)
{
    const char *update = getenv("AFORO_UPDATE_GOLDEN");
    return update != NULL && strcmp(update, "1") == 0;
}

/* Sanitizers take four times as long, and what they look for does not depend on the table: an
 * eighth of the rounds, in a soak run all. */
static bool left_out(size_t round)
{
#ifdef AFORO_SANITIZED
    return !soak() && round % 8 != 0;
#else
    (void)round;
    return false;
#endif
}

/* ---- one edit
 * ------------------------------------------------------------------------------- */

static bool edit_make(const struct edit *ed, const struct copied *c)
{
    if (ed->table < 0 && clever_edits[ed->column].sql == NULL) {
        clever_edits[ed->column].make(c);
        return true;
    }
    bool made = true;
    sqlite3 *raw = raw_open(c->db);
    if (ed->table < 0) {
        raw_exec(raw, clever_edits[ed->column].sql);
    } else {
        made = tamper_make(raw, &shapes[ed->table], ed->kind, ed->column);
    }
    raw_close(raw);
    return made;
}

/* The first fault, or of several edits the first that is about this one's table. */
static const char *fault_of(const struct audit *a, const char *table, enum err_code code)
{
    for (size_t i = 0; i < a->fault_count; i++) {
        if (table == NULL || strcmp(a->faults[i].table, table) == 0) {
            return a->faults[i].check;
        }
    }
    return code == ERR_OK || table != NULL ? "" : err_code_name(code);
}

static void round_try(const struct round *r)
{
    static struct audit a;
    struct copied c;
    const struct edit *first = &edits[r->first];
    bool made = false;
    char brought[OFFICE_PATH];
    copied_make_for(&c, first->table < 0 ? "" : tables[first->table].name);
    for (size_t i = 0; i < r->count; i++) {
        outcomes[r->first + i].made = edit_make(&first[i], &c);
        made = outcomes[r->first + i].made || made;
    }
    (void)snprintf(brought, sizeof brought, "%s/auditor", c.dir);
    const char *against = access(brought, F_OK) == 0 ? brought : NULL;
    /* The lower levels do not look at projections. */
    for (int l = projected(first->table) ? LEVELS - 1 : 0; made && l < LEVELS; l++) {
        struct err e = ERR_INIT;
        enum err_code code = check_office_against(c.dir, levels[l], against, &a, &e);
        for (size_t i = 0; i < r->count; i++) {
            struct outcome *o = &outcomes[r->first + i];
            const char *table = projected(first[i].table) ? tables[first[i].table].name : NULL;
            const char *check = fault_of(&a, table, code);
            o->code[l] = check[0] != '\0' ? code : ERR_OK;
            (void)snprintf(o->check[l], sizeof o->check[l], "%s", check);
        }
    }
    copied_free(&c);
}

static void edits_try(void)
{
    pid_t workers[WORKERS];
    bool failed = false;
    outcomes = mmap(NULL, sizeof *outcomes * edit_count, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(outcomes != MAP_FAILED);
    (void)fflush(stdout);
    for (size_t w = 0; w < WORKERS; w++) {
        workers[w] = fork();
        if (workers[w] == 0) {
            for (size_t i = w; i < round_count; i += WORKERS) {
                if (!left_out(i)) {
                    round_try(&rounds[i]);
                }
            }
            _exit(0);
        }
    }
    for (size_t w = 0; w < WORKERS; w++) {
        int status = 0;
        failed = waitpid(workers[w], &status, 0) != workers[w] || status != 0 || failed;
    }
    if (failed) { /* what and why the worker has told */
        exit(EXIT_FAILURE);
    }
}

static void edit_name(const struct edit *ed, char *out, size_t size)
{
    if (ed->table < 0) {
        (void)snprintf(out, size, "%s", clever_edits[ed->column].name);
    } else {
        const struct table_shape *t = &shapes[ed->table];
        (void)snprintf(out, size, "%s %s%s%s", tamper_kind_names[ed->kind], t->info->name,
                       ed->kind < TAMPER_COLUMN_KINDS ? "." : "",
                       ed->kind < TAMPER_COLUMN_KINDS ? t->columns[ed->column].name : "");
    }
}

/* ---- what is printed
 * ------------------------------------------------------------------------ */

static const char *shown(const struct outcome *o, int level)
{
    return o->check[level][0] != '\0' ? o->check[level] : "-";
}

/* The checks that caught the edits of one kind in one table. A star: --full sees all of them.
 */
static void cell_print(int table, enum tamper_kind kind, struct buf *out)
{
    char names[16][24];
    int count = 0;
    bool full = true;
    for (size_t i = 0; i < edit_count; i++) {
        const struct outcome *o = &outcomes[i];
        if (edits[i].table != table || edits[i].kind != kind || !o->made) {
            continue;
        }
        int at = 0;
        int order = 1;
        while (at < count && (order = strcmp(names[at], o->check[LEVELS - 1])) < 0) {
            at++;
        }
        if ((at == count || order != 0) && count < 16) {
            memmove(names[at + 1], names[at], (size_t)(count - at) * sizeof names[0]);
            (void)snprintf(names[at], sizeof names[0], "%s", o->check[LEVELS - 1]);
            count++;
        }
        full = full && o->code[1] != ERR_OK;
    }
    buf_adds(out, count == 0 ? " - " : " ");
    for (int i = 0; i < count; i++) {
        buf_addf(out, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    buf_adds(out, count > 0 && full ? "* |" : count > 0 ? " |" : "|");
}

static void tables_print(struct buf *out)
{
    buf_adds(out, BEGIN_MARK "\n| table |");
    for (int k = 0; k < TAMPER_KINDS; k++) {
        buf_addf(out, " %s |", tamper_kind_names[k]);
    }
    buf_adds(out, "\n| --- |");
    for (int k = 0; k < TAMPER_KINDS; k++) {
        buf_adds(out, " --- |");
    }
    for (int t = 0; t < (int)tables_count; t++) {
        buf_addf(out, "\n| `%s` |", tables[t].name);
        for (int k = 0; k < TAMPER_KINDS; k++) {
            cell_print(t, (enum tamper_kind)k, out);
        }
    }
    buf_adds(out, "\n\n| edit | verify | --full | --deep |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < edit_count; i++) {
        if (edits[i].table < 0) {
            buf_addf(out, "| %s | %s | %s | %s |\n", clever_edits[edits[i].column].name,
                     shown(&outcomes[i], 0), shown(&outcomes[i], 1), shown(&outcomes[i], 2));
        }
    }
    buf_adds(out, "\n" END_MARK);
}

static void doc_path(char out[512])
{
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(out, 512, "%s/docs/tamper.md", top != NULL ? top : ".");
}

static void doc_read(struct buf *doc, size_t *from, size_t *to)
{
    char path[512];
    char block[65536];
    size_t n = 0;
    doc_path(path);
    FILE *in = fopen(path, "rb");
    ck_assert_msg(in != NULL, "%s is missing", path);
    while ((n = fread(block, 1, sizeof block, in)) > 0) {
        buf_add(doc, block, n);
    }
    ck_assert_int_eq(fclose(in), 0);
    const char *begin = strstr(buf_str(doc), BEGIN_MARK);
    const char *end = strstr(buf_str(doc), END_MARK);
    ck_assert_msg(begin != NULL && end > begin, "%s has lost its marks", path);
    *from = (size_t)(begin - doc->data);
    *to = (size_t)(end - doc->data) + strlen(END_MARK);
}

static void doc_update(const struct buf *doc, size_t from, size_t to, const struct buf *made)
{
    char path[512];
    doc_path(path);
    FILE *out = fopen(path, "wb");
    ck_assert(out != NULL && fwrite(doc->data, 1, from, out) == from &&
              fwrite(made->data, 1, made->len, out) == made->len &&
              fwrite(doc->data + to, 1, doc->len - to, out) == doc->len - to &&
              fclose(out) == 0);
}

/* Which of these speaks first depends on the row; only --deep runs them. */
static bool of_deep_only(const char *check)
{
    return strcmp(check, "foreign_key") == 0 || strcmp(check, "integrity") == 0 ||
           strcmp(check, "rows") == 0;
}

static bool cell_has(const char *cell, size_t len, const char *check)
{
    static const char *const alike[] = {"foreign_key", "integrity", "rows"};
    if (memmem(cell, len, check, strlen(check)) != NULL) {
        return true;
    }
    for (size_t i = 0; of_deep_only(check) && i < 3; i++) {
        if (memmem(cell, len, alike[i], strlen(alike[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* What happened is told, in the row of its table or edit. */
static void doc_holds(const char *doc, const struct edit *ed, const struct outcome *o)
{
    char row[128];
    char what[256];
    bool clever = ed->table < 0;
    (void)snprintf(row, sizeof row, clever ? "\n| %s |" : "\n| `%s` |",
                   clever ? clever_edits[ed->column].name : tables[ed->table].name);
    edit_name(ed, what, sizeof what);
    const char *at = strstr(doc, row);
    ck_assert_msg(at != NULL, "docs/tamper.md has no row for %s: " UPDATE, what);
    at += strlen(row);
    for (int k = 0; k < (clever ? LEVELS - 1 : (int)ed->kind); k++) {
        at = strchr(at, '|') + 1;
    }
    size_t len = strcspn(at, "|");
    ck_assert_msg(cell_has(at, len, o->check[LEVELS - 1]),
                  "%s: docs/tamper.md says%.*s, and it was %s: " UPDATE, what, (int)len, at,
                  o->check[LEVELS - 1]);
}

static void doc_check(void)
{
    struct buf doc;
    struct buf made;
    size_t from = 0;
    size_t to = 0;
    buf_init(&doc, DOC_MAX);
    buf_init(&made, DOC_MAX);
    tables_print(&made);
    doc_read(&doc, &from, &to);
    if (updating()) {
        doc_update(&doc, from, to, &made);
    }
    size_t rows = 0;
    for (const char *at = buf_str(&doc); (at = strstr(at, "\n| `")) != NULL; at++) {
        rows++;
    }
    ck_assert_msg(updating() || rows == tables_count,
                  "docs/tamper.md has %zu tables, the schema %zu: " UPDATE, rows, tables_count);
    for (size_t i = 0; i < edit_count && !updating(); i++) {
        if (outcomes[i].made) {
            doc_holds(buf_str(&doc), &edits[i], &outcomes[i]);
        }
    }
    buf_release(&doc);
    buf_release(&made);
}

/* ---- the tests
 * ------------------------------------------------------------------------------ */

START_TEST(no_edit_survives)
{
    size_t made = 0;
    size_t survivors = 0;
    edits_list();
    edits_try();
    for (size_t i = 0; i < edit_count; i++) {
        const struct outcome *o = &outcomes[i];
        char name[256];
        edit_name(&edits[i], name, sizeof name);
        made += o->made;
        if (o->made) {
            printf("# tamper %-48s %-14s %-14s %s\n", name, shown(o, 0), shown(o, 1),
                   shown(o, 2));
        }
        /* An office of another schema's version is refused before anything is read of it. */
        bool caught =
            o->code[LEVELS - 1] == ERR_TAMPERED || o->code[LEVELS - 1] == ERR_UNSUPPORTED;
        if (o->made && !caught) {
            (void)fprintf(stderr, "survivor: %s: --deep says %s\n", name,
                          err_code_name(o->code[LEVELS - 1]));
            survivors++;
        }
    }
    printf("# count tamper_matrix %zu %zu\n", made, survivors);
    ck_assert_msg(survivors == 0, "%zu of %zu edits pass verify --deep", survivors, made);
    doc_check();
    (void)munmap(outcomes, sizeof *outcomes * edit_count);
    free(shapes);
}
END_TEST

/* What the matrix walks is all there is. */
START_TEST(every_table_of_the_schema_is_walked)
{
    struct copied c;
    sqlite3_stmt *q = NULL;
    copied_make(&c);
    sqlite3 *raw = raw_open(c.db);
    ck_assert_int_eq(sqlite3_prepare_v2(raw,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table'",
                                        -1, &q, NULL),
                     SQLITE_OK);
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        int listed = 0;
        for (size_t i = 0; i < tables_count; i++) {
            listed += strcmp(tables[i].name, name) == 0;
        }
        ck_assert_msg(listed == 1, "the table %s is %d times in src/store/tables.def", name,
                      listed);
    }
    (void)sqlite3_finalize(q);
    raw_close(raw);
    copied_free(&c);
}
END_TEST

Suite *suite_tamper(void)
{
    Suite *s = suite_create("tamper");
    TCase *t = tcase_create("tamper");
    tcase_set_timeout(t, soak() ? 3600 : 900);
    tcase_add_test(t, every_table_of_the_schema_is_walked);
    tcase_add_test(t, no_edit_survives);
    suite_add_tcase(s, t);
    return s;
}
