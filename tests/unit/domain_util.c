#include <config.h>

#include "domain_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena test_arena;

void domain_setup(void)
{
    arena_init(&test_arena, (size_t)256 << 20);
}

void domain_teardown(void)
{
    arena_release(&test_arena);
}

char *source_file(const char *path, size_t *len)
{
    const char *top = getenv("AFORO_SRCDIR");
    const char *full = arena_printf(&test_arena, "%s/%s", top == NULL ? "." : top, path);
    FILE *f = fopen(full, "rb");
    ck_assert_msg(f != NULL, "cannot open %s", full);
    size_t size = 0, room = 1 << 20;
    char *data = arena_alloc(&test_arena, room + 1);
    ck_assert_ptr_nonnull(data);
    size = fread(data, 1, room, f);
    ck_assert_int_eq(ferror(f), 0);
    ck_assert_uint_lt(size, room);
    fclose(f);
    *len = size;
    return data;
}

struct tariff *tariff_text(const char *text)
{
    struct faults faults;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    enum err_code code = tariff_parse(text, strlen(text), &test_arena, &faults, &t, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    return t;
}

struct tariff *tariff_short(const char *unit, const char *rounding, const char *components)
{
    const char *text = arena_printf(
        &test_arena,
        "{'aforo_tariff':1,'code':'short','version':1,'name':{'es':'n','en':'n'},'kind':'%s','"
        "unit':'%s',"
        "'currency':'EUR','valid_from':'2016-01-01','rounding':{%s},'components':[%s]}",
        strcmp(unit, "m3") == 0 ? "water" : "energy", unit, rounding, components);
    struct buf b;
    buf_init(&b, 100000);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '@') {
            buf_adds(&b, "\"label\":{\"es\":\"x\",\"en\":\"x\"}");
        } else {
            buf_addc(&b, *p == '\'' ? '"' : *p);
        }
    }
    struct tariff *t = tariff_text(buf_str(&b));
    buf_release(&b);
    return t;
}

struct tariff *tariff_file(const char *path)
{
    size_t len = 0;
    return tariff_text(source_file(path, &len));
}

struct bill_result bill_for(const struct tariff *t, int64_t consumption, int64_t limit,
                            int64_t days)
{
    struct usage u = {
        .consumption = consumption, .has_limit = limit >= 0, .limit = limit, .days = days};
    struct bill_result b;
    struct err e = ERR_INIT;
    enum err_code code = bill_compute(t, &u, &test_arena, &b, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    return b;
}

static const char *kept(struct buf *b)
{
    char *s = arena_strdup(&test_arena, buf_str(b));
    ck_assert_ptr_nonnull(s);
    buf_release(b);
    return s;
}

const char *money_text(const struct tariff *t, struct money m)
{
    struct buf b;
    buf_init(&b, 100);
    money_print(m, t->currency, &b);
    return kept(&b);
}

const char *explained(const struct bill_result *bill, size_t line)
{
    struct buf b;
    buf_init(&b, 1000);
    ck_assert_uint_lt(line, bill->count);
    bill_line_explain(bill, &bill->lines[line], NULL, &b);
    return kept(&b);
}

const char *exact_total(const struct bill_result *bill)
{
    struct exact sum = exact_from_int(0);
    for (size_t i = 0; i < bill->count; i++) {
        ck_assert(exact_add(sum, bill->lines[i].exact, &sum));
    }
    struct buf b;
    buf_init(&b, 100);
    exact_print(sum, 2, &b);
    return kept(&b);
}

uint64_t rnd(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int64_t rnd_below(uint64_t *state, int64_t bound)
{
    return (int64_t)(rnd(state) % (uint64_t)bound);
}
