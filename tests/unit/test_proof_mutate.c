/* Every field and node of a proof changed at random: none is accepted, none crashes. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "tests/lib/proof_mutate.h"
#include "tests/unit/check_proof.h"

#define QUICK 2500
#define FULL 1000000

static const struct json *parse_donor(const struct buf *b, struct arena *a)
{
    struct json *o = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(json_parse(b->data, b->len, &json_limits_default, a, &o, &e), ERR_OK);
    return o;
}

static void keep(const struct buf *b)
{
    FILE *out = fopen("proof-accepted.json", "wb");
    if (out != NULL) {
        (void)fwrite(b->data, 1, b->len, out);
        (void)fclose(out);
    }
}

START_TEST(no_change_of_a_proof_is_accepted)
{
    struct arena donors, scratch;
    struct buf out;
    const struct json *donor[3];
    const struct buf *samples[] = {&sample_bill,     &sample_payment, &sample_reading,
                                   &sample_parts,    &sample_packet,  &sample_matched,
                                   &sample_assigned, &sample_dispute};
    size_t count = soak() ? FULL : QUICK, accepted = 0, changed = 0;
    arena_init(&donors, 64 << 20);
    arena_init(&scratch, 64 << 20);
    buf_init(&out, 8 << 20);
    donor[0] = parse_donor(&other_bill, &donors);
    donor[1] = parse_donor(&sibling_bill, &donors);
    donor[2] = parse_donor(&sample_entry, &donors);
    struct mutator m = {0x5DEECE66DULL, donor, 3};
    for (size_t i = 0; changed < count && i < 2 * count; i++) {
        const struct buf *s = samples[i % (sizeof samples / sizeof samples[0])];
        struct err e = ERR_INIT;
        buf_clear(&out);
        proof_mutate(&m, s->data, s->len, &scratch, &out);
        if (out.len == s->len && memcmp(out.data, s->data, s->len) == 0) {
            continue;
        }
        changed++;
        if (changed % 10000 == 0) { /* how far a soak run came */
            printf("# so far: proof_mutations %zu %zu\n", changed, accepted);
            (void)fflush(stdout);
        }
        enum err_code code = check_text(buf_str(&out), out.len, &e);
        ck_assert_int_ne(code, ERR_NOMEM);
        if (code == ERR_OK || code == ERR_STATE) {
            accepted++;
            keep(&out);
        } else {
            ck_assert_str_ne(e.text, "");
        }
    }
    printf("# count proof_mutations %zu %zu\n", changed, accepted);
    ck_assert_uint_eq(changed, count);
    ck_assert_uint_eq(accepted, 0);
    buf_release(&out);
    arena_release(&scratch);
    arena_release(&donors);
}
END_TEST

Suite *suite_proof_mutate(void)
{
    Suite *s = suite_create("proof_mutate");
    TCase *t = tcase_create("mutate");
    tcase_set_timeout(t, soak() ? 36000 : 60);
    tcase_add_test(t, no_change_of_a_proof_is_accepted);
    suite_add_tcase(s, t);
    return s;
}
