#include <config.h>

#include "base/text.h"

#include <wctype.h>

#include "base/clocale.h"

#define NONE ' ' /* in the tables: no plain Latin letter */

/* Base letters of U+00C0..U+024F and U+1E00..U+1EFF: canonical decompositions of Unicode 15
 * without their marks, and letters with a stroke as the letter. */
#define LATIN_FIRST 0x00C0
#define LATIN_LAST 0x024F
static const char latin[] = "aaaaaa ceeeeiiiidnooooo ouuuuy  aaaaaa ceeeeiiiidnooooo ouuuuy y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk lllllll"
                            "lllnnnnnnnnnoooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
                            "b                      i        oo             uu    zz         "
                            "             aaiioouuuuuuuuuu aaaa    ggkkoooo  j   gg  nnaa    "
                            "aaaaeeeeiiiioooorrrruuuusstt  hh      aaeeooooooooyy            "
                            "   b            ";
#define ADDITIONAL_FIRST 0x1E00
#define ADDITIONAL_LAST 0x1EFF
static const char additional[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwyas    aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy      ";
_Static_assert(sizeof(latin) == LATIN_LAST - LATIN_FIRST + 2, "a row for each code point");
_Static_assert(sizeof(additional) == ADDITIONAL_LAST - ADDITIONAL_FIRST + 2, "likewise");

/* Letters that stand for two. */
static const struct pair {
    uint32_t cp;
    const char *letters;
} pairs[] = {
    {0x00C6, "ae"}, {0x00DE, "th"}, {0x00DF, "ss"}, {0x00E6, "ae"}, {0x00FE, "th"},
    {0x0132, "ij"}, {0x0133, "ij"}, {0x0152, "oe"}, {0x0153, "oe"}, {0x1E9E, "ss"},
};

static void fold_char(uint32_t cp, struct buf *out);

static void fold_other(uint32_t cp, struct buf *out)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i].cp == cp) {
            buf_adds(out, pairs[i].letters);
            return;
        }
    }
    locale_t utf8 = clocale_utf8();
    uint32_t lower = utf8 != (locale_t)0 ? (uint32_t)towlower_l((wint_t)cp, utf8) : cp;
    if (lower != cp) { /* may have an accent still: the Angstrom sign becomes å */
        fold_char(lower, out);
        return;
    }
    char bytes[4];
    buf_add(out, bytes, utf8_encode(cp, bytes));
}

static void fold_char(uint32_t cp, struct buf *out)
{
    char letter = NONE;
    if (cp < 0x80) {
        letter = (char)(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
        buf_addc(out, letter);
        return;
    }
    if (cp >= 0x0300 && cp <= 0x036F) {
        return; /* an accent written as a character of its own */
    }
    if (cp >= LATIN_FIRST && cp <= LATIN_LAST) {
        letter = latin[cp - LATIN_FIRST];
    } else if (cp >= ADDITIONAL_FIRST && cp <= ADDITIONAL_LAST) {
        letter = additional[cp - ADDITIONAL_FIRST];
    }
    if (letter != NONE) {
        buf_addc(out, letter);
    } else {
        fold_other(cp, out);
    }
}

/* Letters without accents at once: nearly all there are, in serials and numbers. How many. */
static size_t fold_plain(const char *s, size_t len, struct buf *out)
{
    size_t n = 0;
    while (n < len && (unsigned char)s[n] < 0x80) {
        n++;
    }
    buf_add(out, s, n);
    for (char *p = n == 0 || out->failed ? NULL : out->data + out->len - n;
         p != NULL && p < out->data + out->len; p++) {
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    }
    return n;
}

void text_fold(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        i += fold_plain(s + i, len - i, out);
        if (i == len) {
            break;
        }
        size_t n = utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            buf_addc(out, s[i++]);
            continue;
        }
        fold_char(cp, out);
        i += n;
    }
}
