#include <config.h>

#include "tests/unit/check_ui.h"
#include "ui/key.h"
#include "ui/term_keys.h"

static const struct {
    const char *bytes;
    uint32_t key;
} sequences[] = {
    {"a", 'a'},
    {" ", ' '},
    {"\r", K_ENTER},
    {"\n", K_ENTER},
    {"\t", K_TAB},
    {"\x7f", K_BACKSPACE},
    {"\x08", K_BACKSPACE},
    {"\x03", K_CTRL | 'c'},
    {"\x1a", K_CTRL | 'z'},
    {"\x1c", K_NONE},
    {"\xc3\xb1", 0xf1},
    {"\xe2\x82\xa1", 0x20a1},
    {"\xf0\x9f\x92\xa7", 0x1f4a7},
    {"\x1b[A", K_UP},
    {"\x1bOA", K_UP},
    {"\x1b[1;5C", K_CTRL | K_RIGHT},
    {"\x1b[1;3D", K_ALT | K_LEFT},
    {"\x1b[1;2H", K_HOME},
    {"\x1b[3~", K_DELETE},
    {"\x1b[24~", K_F12},
    {"\x1b[15;5~", K_CTRL | K_F5},
    {"\x1bOP", K_F1},
    {"\x1bOM", K_ENTER},
    {"\x1b[Z", K_BACKTAB},
    {"\x1b[200~", KEY_PASTE_BEGIN},
    {"\x1b[201~", KEY_PASTE_END},
    {"\x1b[99~", K_NONE},
    {"\x1b[M", K_NONE},
    {"\x1b[?1;2c", K_NONE},
    {"\x1bx", K_ALT | 'x'},
    {"\x1b\r", K_ALT | K_ENTER},
    {"\x1b\x1b", K_ESC},
    {"\xff", K_NONE},
    {"\x80", K_NONE},
    {"\xc0", K_NONE},
};

START_TEST(sequence_is_one_key)
{
    struct key_decoder d = {0};
    const char *s = sequences[_i].bytes;
    uint32_t key = 1;

    for (size_t n = 0; s[n] != '\0'; n++) {
        bool done = key_decode(&d, (unsigned char)s[n], &key);

        ck_assert_msg(done == (s[n + 1] == '\0'), "sequence %d, byte %zu", _i, n);
    }
    ck_assert_uint_eq(key, sequences[_i].key);
    ck_assert_uint_eq(d.count, 0);
}
END_TEST

START_TEST(lone_escape_is_a_key_after_a_pause)
{
    struct key_decoder d = {0};
    uint32_t key;

    ck_assert(!key_decode(&d, 0x1b, &key));
    ck_assert(key_decode_idle(&d, &key));
    ck_assert_uint_eq(key, K_ESC);
    ck_assert(!key_decode_idle(&d, &key));
    ck_assert(!key_decode(&d, 0x1b, &key));
    ck_assert(!key_decode(&d, '[', &key));
    ck_assert(!key_decode_idle(&d, &key)); /* an unfinished sequence is dropped */
    ck_assert(key_decode(&d, 'a', &key));
    ck_assert_uint_eq(key, 'a');
}
END_TEST

START_TEST(text_cut_short_does_not_swallow_what_follows)
{
    struct key_decoder d = {0};
    uint32_t key;

    ck_assert(!key_decode(&d, 0xe2, &key));
    ck_assert(key_decode(&d, 'x', &key));
    ck_assert_uint_eq(key, 'x');
}
END_TEST

START_TEST(endless_sequence_ends_at_the_limit)
{
    struct key_decoder d = {0};
    uint32_t key = 1;
    size_t n = 0;

    ck_assert(!key_decode(&d, 0x1b, &key));
    ck_assert(!key_decode(&d, '[', &key));
    while (!key_decode(&d, '1', &key)) {
        ck_assert_uint_lt(n++, SEQUENCE_MAX);
    }
    ck_assert_uint_eq(key, K_NONE);
}
END_TEST

START_TEST(random_bytes_never_give_a_key_outside_the_set)
{
    struct key_decoder d = {0};
    uint64_t state = 42;
    bool sound = true;

    for (int i = 0; i < 200000; i++) {
        uint32_t key = 0;

        state = state * 6364136223846793005u + 1442695040888963407u;
        if (key_decode(&d, (unsigned char)(state >> 56), &key)) {
            uint32_t base = key & ~K_FLAGS;

            sound = sound && (base < K_LAST || key == KEY_PASTE_BEGIN || key == KEY_PASTE_END);
        }
        sound = sound && d.count < SEQUENCE_MAX;
    }
    ck_assert(sound);
}
END_TEST

START_TEST(keys_have_names)
{
    char name[KEY_NAME_MAX];

    key_label(K_CTRL | 'l', name);
    ck_assert_str_eq(name, "Ctrl+L");
    key_label(K_F10, name);
    ck_assert_str_eq(name, "F10");
    key_label('/', name);
    ck_assert_str_eq(name, "/");
    key_label(' ', name);
    ck_assert_str_eq(name, "Space");
    key_label(K_CTRL | K_ALT | K_BACKSPACE, name);
    ck_assert_str_eq(name, "Ctrl+Alt+Backspace");
    for (uint32_t key = K_ENTER; key < K_LAST; key++) {
        key_label(key, name);
        ck_assert_msg(name[0] != '\0', "key %x has no name", (unsigned)key);
    }
}
END_TEST
START_TEST(paste_takes_text_up_to_its_limit)
{
    static struct paste p;

    paste_add(&p, 0xf1);
    paste_add(&p, K_ENTER);
    paste_add(&p, K_TAB);
    paste_add(&p, K_F1);
    paste_add(&p, K_NONE);
    ck_assert_uint_eq(p.len_bytes, 4);
    ck_assert_mem_eq(p.text, "\xc3\xb1\n\t", 4);
    while (p.len_bytes < TERM_PASTE_MAX - 1) {
        paste_add(&p, 'a');
    }
    paste_add(&p, 0xf1); /* no room for both of its bytes */
    ck_assert_uint_eq(p.len_bytes, TERM_PASTE_MAX - 1);
    paste_add(&p, 'b');
    paste_add(&p, 'c');
    ck_assert_uint_eq(p.len_bytes, TERM_PASTE_MAX);
    ck_assert_int_eq(p.text[TERM_PASTE_MAX - 1], 'b');
}
END_TEST

Suite *suite_term_keys(void)
{
    Suite *s = suite_create("term_keys");
    TCase *t = tcase_create("decoding");

    tcase_add_loop_test(t, sequence_is_one_key, 0,
                        (int)(sizeof(sequences) / sizeof(sequences[0])));
    tcase_add_test(t, lone_escape_is_a_key_after_a_pause);
    tcase_add_test(t, text_cut_short_does_not_swallow_what_follows);
    tcase_add_test(t, endless_sequence_ends_at_the_limit);
    tcase_add_test(t, random_bytes_never_give_a_key_outside_the_set);
    tcase_add_test(t, keys_have_names);
    tcase_add_test(t, paste_takes_text_up_to_its_limit);
    suite_add_tcase(s, t);
    return s;
}
