#include <config.h>

#include "ui/glyph.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static const struct {
    const char *unicode;
    const char *ascii;
} glyphs[GLYPH_COUNT] = {
    [GLYPH_NONE] = {" ", " "},        [GLYPH_POINTER] = {"▶", ">"},
    [GLYPH_MARK] = {"✚", "*"},        [GLYPH_DOT] = {"●", "*"},
    [GLYPH_CIRCLE] = {"○", "o"},      [GLYPH_RISE] = {"▲", "^"},
    [GLYPH_FALL] = {"▼", "v"},        [GLYPH_SQUARE] = {"■", "#"},
    [GLYPH_DIAMOND] = {"◆", "!"},     [GLYPH_CHECK] = {"✓", "+"},
    [GLYPH_CROSS] = {"✗", "x"},       [GLYPH_DASH] = {"—", "-"},
    [GLYPH_ELLIPSIS] = {"…", "~"},    [GLYPH_MIDDOT] = {"·", "-"},
    [GLYPH_SORT_UP] = {"↑", "^"},     [GLYPH_SORT_DOWN] = {"↓", "v"},
    [GLYPH_BAR_LEFT] = {"▏", "|"},    [GLYPH_SPLIT] = {"┊", "|"},
    [GLYPH_H] = {"─", "-"},           [GLYPH_V] = {"│", "|"},
    [GLYPH_TOP_LEFT] = {"┌", "+"},    [GLYPH_TOP_RIGHT] = {"┐", "+"},
    [GLYPH_BOTTOM_LEFT] = {"└", "+"}, [GLYPH_BOTTOM_RIGHT] = {"┘", "+"},
    [GLYPH_TEE_LEFT] = {"├", "+"},    [GLYPH_TEE_RIGHT] = {"┤", "+"},
    [GLYPH_TEE_TOP] = {"┬", "+"},     [GLYPH_TEE_BOTTOM] = {"┴", "+"},
    [GLYPH_LIMIT] = {"╌", "-"},       [GLYPH_BLOCK_1] = {"▁", "_"},
    [GLYPH_BLOCK_2] = {"▂", "."},     [GLYPH_BLOCK_3] = {"▃", ":"},
    [GLYPH_BLOCK_4] = {"▄", "-"},     [GLYPH_BLOCK_5] = {"▅", "="},
    [GLYPH_BLOCK_6] = {"▆", "+"},     [GLYPH_BLOCK_7] = {"▇", "*"},
    [GLYPH_BLOCK_8] = {"█", "#"},
};

const char *glyph_text(enum glyph g, bool ascii)
{
    CHECK(g < GLYPH_COUNT);
    return ascii ? glyphs[g].ascii : glyphs[g].unicode;
}

/* U+00A0..U+00FF, in order. */
static const char latin1[] = " !cL$Y|S\"ca<--R-"
                             "o+23'uP.,1o>???"
                             "?"
                             "AAAAAAACEEEEIIII"
                             "DNOOOOOxOUUUUYPs"
                             "aaaaaaaceeeeiiii"
                             "dnooooo/ouuuuypy";

char ascii_of(uint32_t cp)
{
    static const struct {
        uint32_t cp;
        char ascii;
    } others[] = {
        {0x2010, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
        {0x201c, '"'}, {0x201d, '"'}, {0x2026, '~'}, {0x202f, ' '},  {0x20a1, 'C'},
        {0x20ac, 'E'}, {0x2212, '-'}, {0x2190, '<'}, {0x2192, '>'},
    };

    if (cp < 0x80) {
        return (char)cp;
    }
    if (cp >= 0xa0 && cp <= 0xff) {
        return latin1[cp - 0xa0];
    }
    if (cp >= 0x2400 && cp <= 0x2424) { /* a control character's token */
        return '^';
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i].cp == cp) {
            return others[i].ascii;
        }
    }
    return '?';
}

bool glyph_utf8_asked(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}
