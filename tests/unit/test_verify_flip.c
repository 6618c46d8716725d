/* One bit of each stored byte of an entry flipped: verification names that entry. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_ledger.h"

static struct mini m;

static void begin(void)
{
    mini_make(&m);
    mini_acts(&m, 2);
    (void)mini_batch(&m, 3);
    mini_acts(&m, 1);
}

static void end(void)
{
    mini_free(&m);
}

struct column {
    const char *select, *update;
    bool text;
};
static const struct column columns[] = {
    {"SELECT payload FROM entry WHERE seq=?", "UPDATE entry SET payload=? WHERE seq=?", true},
    {"SELECT keyid FROM entry WHERE seq=?", "UPDATE entry SET keyid=? WHERE seq=?", false},
    {"SELECT sig FROM entry WHERE seq=?", "UPDATE entry SET sig=? WHERE seq=?", false},
    {"SELECT leaf FROM entry WHERE seq=?", "UPDATE entry SET leaf=? WHERE seq=?", false},
};

static size_t column_read(const struct column *c, int64_t seq, uint8_t *out, size_t size)
{
    struct stmt *q = NULL;
    bool row = false;
    assert_ok(db_query(m.db, &q, &e, c->select, VALS(V_INT(seq))));
    assert_ok(stmt_next(q, &row, &e));
    struct val v = stmt_val(q, 0);
    ck_assert(row && v.len <= size);
    memcpy(out, v.data, v.len);
    stmt_done(q);
    return v.len;
}

static void column_write(const struct column *c, int64_t seq, const uint8_t *data, size_t len)
{
    assert_ok(db_run(
        m.db, &e, c->update,
        VALS(c->text ? V_TEXT_N((const char *)data, len) : V_BLOB(data, len), V_INT(seq))));
}

/* Names the entry, or one of its stored columns in a sentence that does. */
static void flips_of(int64_t seq, const struct column *c, size_t step)
{
    static struct audit a;
    static uint8_t data[ENTRY_PAYLOAD_MAX];
    size_t len = column_read(c, seq, data, sizeof data);
    for (size_t i = 0; i < len; i += step) {
        uint8_t bit = (uint8_t)(1U << (i % 8));
        data[i] ^= bit;
        column_write(c, seq, data, len);
        data[i] ^= bit;
        ck_assert_msg(mini_verify(&m, &a) == ERR_TAMPERED, "%s: byte %zu of entry %" PRId64,
                      c->update, i, seq);
        ck_assert_msg(a.faults[0].seq == seq, "%s: byte %zu of entry %" PRId64 ": %s",
                      c->update, i, seq, a.faults[0].text);
    }
    column_write(c, seq, data, len);
    assert_holds(&m);
}

/* Entry 4 (a person's act) whole, of the others every seventh byte; in a soak run all. */
START_TEST(each_flipped_byte_is_seen_and_its_entry_named)
{
    int64_t seq = _i + 1;
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        flips_of(seq, &columns[c], soak() || seq == 4 ? 1 : 7);
    }
}
END_TEST

Suite *suite_verify_flip(void)
{
    Suite *s = suite_create("verify_flip");
    TCase *t = tcase_create("verify_flip");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, each_flipped_byte_is_seen_and_its_entry_named, 0, 6);
    suite_add_tcase(s, t);
    return s;
}
