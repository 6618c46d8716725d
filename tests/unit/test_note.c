#include <config.h>

#include "crypto/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keystore.h"
#include "crypto/seal.h"
#include "tests/unit/check_crypto.h"
#include "tests/unit/note_samples.h"

static struct note_verifier *peter;
static struct note_verifier *enoch;

static struct note_verifier *verifier(const char *vkey)
{
    struct note_verifier *v = NULL;
    struct err e = ERR_INIT;

    ck_assert_msg(note_verifier_parse(vkey, &v, &e) == ERR_OK, "%s", e.text);
    return v;
}

static void set_up(void)
{
    peter = verifier(PETER);
    enoch = verifier(ENOCH);
}

static void tear_down(void)
{
    note_verifier_free(peter);
    note_verifier_free(enoch);
}

static enum err_code verify_n(const char *note, size_t len,
                              const struct note_verifier *const *known, size_t count,
                              struct note_verified *out)
{
    struct err e = ERR_INIT;
    enum err_code rc = note_verify(note, len, known, count, out, &e);

    ck_assert_int_eq(rc, e.code);
    return rc;
}

static enum err_code verify_by_peter(const char *note)
{
    const struct note_verifier *known[] = {peter};
    struct note_verified v;

    return verify_n(note, strlen(note), known, 1, &v);
}

START_TEST(published_note_is_signed_byte_for_byte)
{
    struct note_key *k = load_peter();
    struct buf out;

    buf_init(&out, 4096);
    ck_assert_int_eq(note_sign(TEXT, strlen(TEXT), k, &out, NULL), ERR_OK);
    ck_assert_str_eq(out.data, TEXT "\n" PETER_SIG);
    buf_clear(&out);
    ck_assert_int_eq(note_key_public(k, &out, NULL), ERR_OK);
    ck_assert_str_eq(out.data, PETER);
    ck_assert_str_eq(note_key_name(k), "PeterNeumann");
    ck_assert_str_eq(note_verifier_name(peter), "PeterNeumann");
    buf_release(&out);
    note_key_free(k);
}
END_TEST

START_TEST(signatures_of_known_keys_are_told_and_others_ignored)
{
    static const char note[] = TEXT "\n" PETER_SIG ENOCH_SIG;
    const struct note_verifier *both[] = {enoch, peter};
    struct note_verified v;

    ck_assert_int_eq(verify_n(note, strlen(note), both, 2, &v), ERR_OK);
    ck_assert_uint_eq(v.text_len, strlen(TEXT));
    ck_assert_uint_eq(v.by, 3);
    ck_assert_uint_eq(v.unknown, 0);
    ck_assert_int_eq(verify_n(note, strlen(note), both, 1, &v), ERR_OK);
    ck_assert_uint_eq(v.by, 1);
    ck_assert_uint_eq(v.unknown, 1);
    ck_assert_int_eq(verify_n(TEXT "\n" PETER_SIG, strlen(TEXT "\n" PETER_SIG), both, 2, &v),
                     ERR_OK);
    ck_assert_uint_eq(v.by, 2);
    ck_assert_int_eq(
        verify_n(TEXT "\n" ENOCH_SIG, strlen(TEXT "\n" ENOCH_SIG), both + 1, 1, &v),
        ERR_NOT_FOUND);
}
END_TEST

START_TEST(same_name_or_same_id_alone_is_another_key)
{
    ck_assert_int_eq(
        verify_by_peter(TEXT "\n"
                             "\xe2\x80\x94 PeterNeumanm "
                             "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
                             "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"),
        ERR_NOT_FOUND);
    ck_assert_int_eq(
        verify_by_peter(TEXT "\n"
                             "\xe2\x80\x94 PeterNeumann "
                             "x08gp/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
                             "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"),
        ERR_NOT_FOUND);
}
END_TEST

START_TEST(wrong_signature_of_a_known_key_spoils_the_note)
{
    const struct note_verifier *both[] = {peter, enoch};
    static const char note[] =
        TEXT "\n" PETER_SIG "\xe2\x80\x94 EnochRoot "
             "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWL"
             "ox33WWd1RvMc+QA=\n";
    struct note_verified v;

    ck_assert_int_eq(verify_n(note, strlen(note), both, 2, &v), ERR_TAMPERED);
    ck_assert_int_eq(verify_n(note, strlen(note), both, 1, &v),
                     ERR_OK); /* nobody asked about Enoch */
    /* of another length */
    ck_assert_int_eq(verify_by_peter(TEXT "\n\xe2\x80\x94 PeterNeumann x08go/ZJkuBS\n"),
                     ERR_TAMPERED);
}
END_TEST

START_TEST(note_with_any_byte_changed_is_refused)
{
    static const char note[] = TEXT "\n" PETER_SIG;
    const struct note_verifier *known[] = {peter};
    char *copy = strdup(note);
    size_t len = strlen(note);
    struct note_verified v;

    ck_assert_ptr_nonnull(copy);
    for (size_t at = 0; at < len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            copy[at] = (char)(note[at] ^ (1 << bit));
            ck_assert_msg(verify_n(copy, len, known, 1, &v) != ERR_OK, "byte %zu bit %u", at,
                          bit);
            copy[at] = note[at];
        }
    }
    for (size_t cut = 0; cut < len; cut++) {
        char *shorter = malloc(cut + 1);

        ck_assert_ptr_nonnull(shorter);
        memcpy(shorter, note, cut);
        ck_assert_int_eq(verify_n(shorter, cut, known, 1, &v), ERR_PARSE);
        free(shorter);
    }
    ck_assert_int_eq(verify_n(copy, len, known, 1, &v), ERR_OK);
    free(copy);
}
END_TEST

START_TEST(malformed_notes_are_refused)
{
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT "\n",
        TEXT "\n\n",
        TEXT PETER_SIG,             /* no empty line */
        "\x01" TEXT "\n" PETER_SIG, /* a control character */
        TEXT "\r\n" PETER_SIG,      /* another one */
        "\xff" TEXT "\n" PETER_SIG, /* not UTF-8 */
        "\xc0\x80" TEXT "\n" PETER_SIG,
        TEXT "\n" PETER_SIG "Unexpected line.\n",
        TEXT "\n" PETER_SIG "x\n",
        TEXT "\n" PETER_SIG "\n", /* the last empty line ends the text: no signature after it */
        TEXT "\n- PeterNeumann x08go/ZJkuBS9UG/\n",           /* an ASCII dash */
        TEXT "\n\xe2\x80\x94PeterNeumann x08go/ZJkuBS9UG/\n", /* no space behind it */
        TEXT "\n\xe2\x80\x94 PeterNeumann\n",                 /* no signature */
        TEXT "\n\xe2\x80\x94 PeterNeumann \n",
        TEXT "\n\xe2\x80\x94  x08go/ZJkuBS9UG/\n",                     /* no name */
        TEXT "\n\xe2\x80\x94 Peter+Neumann x08go/ZJkuBS9UG/\n",        /* a plus */
        TEXT "\n\xe2\x80\x94 Peter\xc2\xa0Neumann x08go/ZJkuBS9UG/\n", /* a no-break space */
        TEXT "\n\xe2\x80\x94 Peter Neumann x08go/ZJkuBS9UG/\n",
        TEXT "\n\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/ \n", /* a space at the end */
        TEXT "\n\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG_\n",  /* not base64 */
        TEXT "\n\xe2\x80\x94 PeterNeumann x08gow==\n",          /* an id and nothing else */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(verify_by_peter(bad[i]) == ERR_PARSE, "row %zu: %s", i, bad[i]);
    }
    ck_assert_int_eq(verify_by_peter(TEXT "\n\xe2\x80\x94 PeterNeumann x08gowA=\n"),
                     ERR_TAMPERED);
}
END_TEST

START_TEST(note_has_a_largest_number_of_signatures)
{
    const struct note_verifier *known[] = {peter};
    struct note_verified v;
    struct buf note;

    buf_init(&note, NOTE_SIZE_MAX);
    buf_adds(&note, TEXT "\n");
    for (unsigned i = 0; i < NOTE_SIGNATURES_MAX - 1; i++) {
        buf_adds(&note, ENOCH_SIG);
    }
    buf_adds(&note, PETER_SIG);
    ck_assert_int_eq(verify_n(note.data, note.len, known, 1, &v), ERR_OK);
    ck_assert_uint_eq(v.unknown, NOTE_SIGNATURES_MAX - 1);
    buf_adds(&note, ENOCH_SIG);
    ck_assert_int_eq(verify_n(note.data, note.len, known, 1, &v), ERR_LIMIT);
    buf_release(&note);
}
END_TEST

START_TEST(note_has_a_largest_size)
{
    const struct note_verifier *known[] = {peter};
    struct note_key *k = load_peter();
    struct note_verified v;
    struct buf out;
    char *text = malloc(NOTE_SIZE_MAX + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', NOTE_SIZE_MAX + 1);
    buf_init(&out, NOTE_SIZE_MAX);
    text[NOTE_SIZE_MAX / 2 - 1] = '\n';
    ck_assert_int_eq(note_sign(text, NOTE_SIZE_MAX / 2, k, &out, NULL), ERR_OK);
    ck_assert_int_eq(verify_n(out.data, out.len, known, 1, &v), ERR_OK);
    text[NOTE_SIZE_MAX / 2] = '\n';
    ck_assert_int_eq(note_sign(text, NOTE_SIZE_MAX / 2 + 1, k, &out, NULL), ERR_RANGE);
    ck_assert_int_eq(verify_n(text, NOTE_SIZE_MAX + 1, known, 1, &v), ERR_LIMIT);
    ck_assert_int_eq(verify_n(text, NOTE_SIZE_MAX, known, 1, &v), ERR_PARSE);
    free(text);
    buf_release(&out);
    note_key_free(k);
}
END_TEST

START_TEST(only_text_in_lines_is_signed)
{
    static const char *const bad[] = {"",          "no end", "tab\there\n",
                                      "nul\x01\n", "\xff\n", "cr\r\n"};
    struct note_key *k = load_peter();
    struct buf out;

    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(note_sign(bad[i], strlen(bad[i]), k, &out, NULL), ERR_RANGE);
    }
    ck_assert_int_eq(note_sign("a\0b\n", 4, k, &out, NULL), ERR_RANGE);
    ck_assert_uint_eq(out.len, 0);
    buf_release(&out);
    buf_init(&out, 20);
    ck_assert_int_eq(note_sign(TEXT, strlen(TEXT), k, &out, NULL), ERR_LIMIT);
    buf_release(&out);
    note_key_free(k);
}
END_TEST

START_TEST(text_may_have_empty_lines)
{
    static const char *const texts[] = {"\n", "\n\n", "a\n\n\nb\n", "a\n\n", "a\n\n" PETER_SIG};
    const struct note_verifier *known[] = {peter};
    struct note_key *k = load_peter();
    struct note_verified v;
    struct buf out;

    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buf_clear(&out);
        ck_assert_int_eq(note_sign(texts[i], strlen(texts[i]), k, &out, NULL), ERR_OK);
        ck_assert_int_eq(verify_n(out.data, out.len, known, 1, &v), ERR_OK);
        ck_assert_uint_eq(v.text_len, strlen(texts[i]));
    }
    buf_release(&out);
    note_key_free(k);
}
END_TEST

START_TEST(no_verifier_at_all_is_a_bug_of_the_caller)
{
    struct note_verified v;

    (void)verify_n(TEXT "\n" PETER_SIG, strlen(TEXT "\n" PETER_SIG), NULL, 0, &v);
}
END_TEST

START_TEST(freeing_nothing_does_nothing)
{
    note_key_free(NULL);
    note_verifier_free(NULL);
}
END_TEST

static struct note_key *life_key;

static enum err_code step_generate(struct err *e)
{
    struct note_key *k = NULL;
    enum err_code rc = note_key_generate("n", &k, e);

    note_key_free(k);
    return rc;
}

static enum err_code step_load(struct err *e)
{
    struct note_key *k = NULL;
    uint8_t der[64];
    enum err_code rc = note_key_load("n", der, unhex(peter_pkcs8, der, sizeof(der)), &k, e);

    note_key_free(k);
    return rc;
}

static enum err_code step_parse(struct err *e)
{
    struct note_verifier *v = NULL;
    enum err_code rc = note_verifier_parse(PETER, &v, e);

    note_verifier_free(v);
    return rc;
}

static enum err_code step_sign(struct err *e)
{
    struct buf out;
    enum err_code rc = ERR_OK;

    buf_init(&out, 4096);
    rc = note_sign("t\n", 2, life_key, &out, e);
    ck_assert(rc == ERR_OK || out.len == 0 || out.failed);
    buf_release(&out);
    return rc;
}

static enum err_code step_verify(struct err *e)
{
    const struct note_verifier *known[] = {peter};
    struct note_verified v;

    return note_verify(TEXT "\n" PETER_SIG, strlen(TEXT "\n" PETER_SIG), known, 1, &v, e);
}

START_TEST(running_out_of_memory_anywhere_is_an_error)
{
    life_key = load_peter();
    ck_assert_int_eq(step_generate(NULL), ERR_OK);
    walk_faults(step_generate);
    walk_faults(step_load);
    walk_faults(step_parse);
    walk_faults(step_sign);
    walk_faults(step_verify);
    note_key_free(life_key);
}
END_TEST

Suite *suite_note(void)
{
    Suite *s = suite_create("note");
    TCase *t = tcase_create("note");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, published_note_is_signed_byte_for_byte);
    tcase_add_test(t, signatures_of_known_keys_are_told_and_others_ignored);
    tcase_add_test(t, same_name_or_same_id_alone_is_another_key);
    tcase_add_test(t, wrong_signature_of_a_known_key_spoils_the_note);
    tcase_add_test(t, note_with_any_byte_changed_is_refused);
    tcase_add_test(t, malformed_notes_are_refused);
    tcase_add_test(t, note_has_a_largest_number_of_signatures);
    tcase_add_test(t, note_has_a_largest_size);
    tcase_add_test(t, only_text_in_lines_is_signed);
    tcase_add_test(t, text_may_have_empty_lines);
    tcase_add_test(t, freeing_nothing_does_nothing);
    tcase_add_test(t, running_out_of_memory_anywhere_is_an_error);
    add_abort_test(t, no_verifier_at_all_is_a_bug_of_the_caller);
    suite_add_tcase(s, t);
    return s;
}
