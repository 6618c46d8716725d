/* Our validator and one that is not ours (python3-jsonschema) agree: on the agreed entries and
 * items, and on each of them changed in every member. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "ledger/entry.h"
#include "ledger/schema.h"
#include "tests/unit/check_kinds.h"

#define ELEMENTS_MAX 2 /* of a list that are changed */

static struct {
    const struct golden *golden;
    const struct schema *schema;
    struct json *root; /* being changed and mended again */
    struct arena arena;
    struct buf text;
    FILE *out;
    int cases, refused;
} m;

/* Our verdict on the root as it is now, as a line for the other validator. */
static void say(void)
{
    struct err e = ERR_INIT;
    buf_clear(&m.text);
    ck_assert(json_write_jcs(m.root, &m.text, &e) == ERR_OK);
    bool ok = schema_check(m.schema, m.text.data, m.text.len, &e) == ERR_OK;
    m.cases++;
    m.refused += !ok;
    (void)fprintf(m.out, "{\"schema\":\"%s\",\"ok\":%s,\"instance\":%s}\n", m.golden->name,
                  ok ? "true" : "false", buf_str(&m.text));
}

/* Put other values where *v stands. */
static void say_values(struct json *v)
{
    static const char *const others[] = {
        "0",  "-1", "1",    "9007199254740991", "\"\"", "\"x\"", "true",
        "[]", "{}", "null", "\"2026-11-02\""};
    struct json was = *v;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct json *other = NULL;
        ck_assert(json_parse(others[i], strlen(others[i]), &json_limits_entry, &m.arena, &other,
                             &e) == ERR_OK);
        *v = *other;
        say();
        *v = was;
    }
    if (was.type == JSON_STRING) {
        char longer[5000];
        memset(longer, 'a', sizeof longer - 1);
        longer[sizeof longer - 1] = '\0';
        *v = *json_new_string(&m.arena, longer);
        say();
        *v = *json_new_string(&m.arena, arena_printf(&m.arena, "%sñ", was.u.string.data));
        say();
        size_t len = was.u.string.len;
        if (len > 0 && (was.u.string.data[len - 1] & 0x80) == 0) {
            *v = was;
            v->u.string.len--;
            say();
        }
        *v = was;
    }
}

static void change(struct json *v);

static void change_object(struct json *v)
{
    size_t count = v->u.object.count;
    for (size_t i = 0; i < count; i++) {
        struct json_member was = v->u.object.members[i];
        v->u.object.members[i] = v->u.object.members[count - 1];
        v->u.object.count = count - 1;
        say();
        v->u.object.count = count;
        v->u.object.members[i] = was;
    }
    ck_assert(json_set_int(&m.arena, v, "zz", 1));
    say();
    v->u.object.count = count;
    for (size_t i = 0; i < count; i++) {
        change(v->u.object.members[i].value);
    }
}

static void change(struct json *v)
{
    say_values(v);
    if (v->type == JSON_OBJECT) {
        change_object(v);
    } else if (v->type == JSON_ARRAY && v->u.array.count > 0) {
        size_t count = v->u.array.count;
        v->u.array.count--;
        say();
        v->u.array.count = count;
        for (size_t i = 0; i < count && i < ELEMENTS_MAX; i++) {
            change(v->u.array.items[i]);
        }
    }
}

static void change_golden(size_t at)
{
    struct err e = ERR_INIT;
    struct json *v = NULL;
    const struct golden *g = &goldens[at];
    if (g->text == NULL) {
        return;
    }
    ck_assert(json_parse(g->text, strlen(g->text), &json_limits_entry, &m.arena, &v, &e) ==
              ERR_OK);
    m.golden = g;
    if (at < KIND_COUNT) {
        ck_assert(schema_of_entry((enum kind)at, &m.schema, &e) == ERR_OK);
        m.root = (struct json *)(uintptr_t)json_get(v, "data");
    } else {
        ck_assert(schema_of_item((enum kind)(at - KIND_COUNT), &m.schema, &e) == ERR_OK);
        m.root = v;
    }
    say();
    change(m.root);
    arena_reset(&m.arena);
}

/* 0: both agree; 2: the other validator is not here. */
static int ask_python(const char *path)
{
    char script[4096];
    char schemas[4096];
    int status = 0;
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(script, sizeof script, "%s/tests/lib/schema_agree.py",
                   top != NULL ? top : ".");
    (void)snprintf(schemas, sizeof schemas, "%s/data/schemas", top != NULL ? top : ".");
    pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("python3", "python3", script, schemas, path, (char *)NULL);
        _exit(2);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(two_validators_agree_on_every_change)
{
    const char *tmp = getenv("TMPDIR");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/aforo-schemas-XXXXXX",
                   tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    m.out = fdopen(fd, "w");
    arena_init(&m.arena, (size_t)64 << 20);
    buf_init(&m.text, (size_t)1 << 20);
    for (size_t i = 0; i < GOLDENS; i++) {
        change_golden(i);
    }
    ck_assert_int_eq(fclose(m.out), 0);
    int verdict = ask_python(path);
    (void)unlink(path);
    if (verdict == 2) {
        printf("# skip two_validators_agree_on_every_change: python3-jsonschema is missing\n");
    } else {
        ck_assert_int_eq(verdict, 0);
        printf("# %d values, %d of them refused by both\n", m.cases, m.refused);
        ck_assert_int_gt(m.refused, m.cases / 4);
        ck_assert_int_gt(m.cases - m.refused, 3 * KIND_COUNT);
    }
    arena_release(&m.arena);
    buf_release(&m.text);
}
END_TEST

Suite *suite_schema_agree(void)
{
    Suite *s = suite_create("schema_agree");
    TCase *t = tcase_create("schema_agree");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, two_validators_agree_on_every_change);
    suite_add_tcase(s, t);
    return s;
}
