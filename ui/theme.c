#include <config.h>

#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

/* Short forms for the tables: foreground alone, foreground on background, flags alone. */
#define FG(c, c8, fl)                                                                          \
    {                                                                                          \
        (c), COLOUR_DEFAULT, (c8), COLOUR_DEFAULT, (fl)                                        \
    }
#define ON(c, b, c8, b8, fl)                                                                   \
    {                                                                                          \
        (c), (b), (c8), (b8), (fl)                                                             \
    }
#define FLAGS(fl)                                                                              \
    {                                                                                          \
        COLOUR_DEFAULT, COLOUR_DEFAULT, COLOUR_DEFAULT, COLOUR_DEFAULT, (fl)                   \
    }

/* The basic eight. */
enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

/*
 * The default keeps the terminal's own background and takes its hues from the palette of Okabe
 * and Ito (Color Universal Design, 2008), which people with any of the common colour vision
 * deficiencies tell apart: sky blue for good, orange for a warning, reddish purple for bad.
 */
const struct theme
    themes[] =
        {
            {
                .name = "default",
                .colour = true,
                .styles =
                    {
                        [ATTR_NORMAL] = FLAGS(0),
                        [ATTR_STATUS] = ON(255, 24, WHITE, BLUE, 0),
                        [ATTR_TITLE] = ON(255, 24, WHITE, BLUE, STYLE_BOLD),
                        [ATTR_BOX] = FG(67, CYAN, 0),
                        [ATTR_HEADER] = FLAGS(STYLE_BOLD),
                        [ATTR_CURSOR] = FLAGS(STYLE_REVERSE | STYLE_BOLD),
                        [ATTR_LABEL] = FG(31, CYAN, 0),
                        [ATTR_DIM] = FG(245, COLOUR_DEFAULT, 0),
                        [ATTR_FIELD] = FLAGS(STYLE_UNDERLINE),
                        [ATTR_FIELD_FOCUS] = FLAGS(STYLE_REVERSE),
                        [ATTR_FILTER] = FG(172, YELLOW, STYLE_BOLD),
                        [ATTR_OK] = FG(31, CYAN, 0),
                        [ATTR_NOTE] = FG(31, CYAN, 0),
                        [ATTR_WARN] = FG(172, YELLOW, STYLE_BOLD),
                        [ATTR_BAD] = FG(169, MAGENTA, STYLE_BOLD),
                        [ATTR_CHART] = FG(31, CYAN, 0),
                        [ATTR_CHART_OVER] = FG(172, YELLOW, STYLE_BOLD),
                        [ATTR_LIMIT] = FG(172, YELLOW, 0),
                        [ATTR_KEY] = FLAGS(STYLE_BOLD),
                        [ATTR_KEY_LABEL] = ON(16, 74, BLACK, CYAN, 0),
                    },
                .selected = FLAGS(STYLE_REVERSE),
            },
            {
                .name = "dark",
                .colour = true,
                .styles =
                    {
                        [ATTR_NORMAL] = ON(252, 234, WHITE, BLACK, 0),
                        [ATTR_STATUS] = ON(255, 24, WHITE, BLUE, 0),
                        [ATTR_TITLE] = ON(255, 24, WHITE, BLUE, STYLE_BOLD),
                        [ATTR_BOX] = ON(67, 234, CYAN, BLACK, 0),
                        [ATTR_HEADER] = ON(255, 234, WHITE, BLACK, STYLE_BOLD),
                        [ATTR_CURSOR] = ON(16, 74, BLACK, CYAN, STYLE_BOLD),
                        [ATTR_LABEL] = ON(74, 234, CYAN, BLACK, 0),
                        [ATTR_DIM] = ON(245, 234, WHITE, BLACK, 0),
                        [ATTR_FIELD] = ON(252, 237, WHITE, BLACK, STYLE_UNDERLINE),
                        [ATTR_FIELD_FOCUS] = ON(16, 252, BLACK, WHITE, 0),
                        [ATTR_FILTER] = ON(214, 234, YELLOW, BLACK, STYLE_BOLD),
                        [ATTR_OK] = ON(74, 234, CYAN, BLACK, 0),
                        [ATTR_NOTE] = ON(74, 234, CYAN, BLACK, 0),
                        [ATTR_WARN] = ON(214, 234, YELLOW, BLACK, STYLE_BOLD),
                        [ATTR_BAD] = ON(175, 234, MAGENTA, BLACK, STYLE_BOLD),
                        [ATTR_CHART] = ON(74, 234, CYAN, BLACK, 0),
                        [ATTR_CHART_OVER] = ON(214, 234, YELLOW, BLACK, STYLE_BOLD),
                        [ATTR_LIMIT] = ON(214, 234, YELLOW, BLACK, 0),
                        [ATTR_KEY] = ON(255, 234, WHITE, BLACK, STYLE_BOLD),
                        [ATTR_KEY_LABEL] = ON(16, 74, BLACK, CYAN, 0),
                    },
                .selected = ON(COLOUR_DEFAULT, 239, COLOUR_DEFAULT, COLOUR_DEFAULT, STYLE_BOLD),
            },
            {
                .name = "light",
                .colour = true,
                .styles =
                    {
                        [ATTR_NORMAL] = ON(235, 231, BLACK, WHITE, 0),
                        [ATTR_STATUS] = ON(231, 25, WHITE, BLUE, 0),
                        [ATTR_TITLE] = ON(231, 25, WHITE, BLUE, STYLE_BOLD),
                        [ATTR_BOX] = ON(67, 231, BLUE, WHITE, 0),
                        [ATTR_HEADER] = ON(16, 231, BLACK, WHITE, STYLE_BOLD),
                        [ATTR_CURSOR] = ON(231, 25, WHITE, BLUE, STYLE_BOLD),
                        [ATTR_LABEL] = ON(25, 231, BLUE, WHITE, 0),
                        [ATTR_DIM] = ON(243, 231, BLACK, WHITE, 0),
                        [ATTR_FIELD] = ON(235, 254, BLACK, WHITE, STYLE_UNDERLINE),
                        [ATTR_FIELD_FOCUS] = ON(231, 240, WHITE, BLACK, 0),
                        [ATTR_FILTER] = ON(130, 231, BLUE, WHITE, STYLE_BOLD),
                        [ATTR_OK] = ON(25, 231, BLUE, WHITE, 0),
                        [ATTR_NOTE] = ON(25, 231, BLUE, WHITE, 0),
                        [ATTR_WARN] = ON(130, 231, RED, WHITE, STYLE_BOLD),
                        [ATTR_BAD] = ON(126, 231, MAGENTA, WHITE, STYLE_BOLD),
                        [ATTR_CHART] = ON(25, 231, BLUE, WHITE, 0),
                        [ATTR_CHART_OVER] = ON(130, 231, RED, WHITE, STYLE_BOLD),
                        [ATTR_LIMIT] = ON(130, 231, RED, WHITE, 0),
                        [ATTR_KEY] = ON(16, 231, BLACK, WHITE, STYLE_BOLD),
                        [ATTR_KEY_LABEL] = ON(231, 25, WHITE, BLUE, 0),
                    },
                .selected = ON(COLOUR_DEFAULT, 252, COLOUR_DEFAULT, COLOUR_DEFAULT, STYLE_BOLD),
            },
            {
                /* The selected row is marked in its first cell alone: moving it costs few bytes
                   on a slow line. */
                .name = "mono",
                .colour = false,
                .styles =
                    {
                        [ATTR_NORMAL] = FLAGS(0),
                        [ATTR_STATUS] = FLAGS(STYLE_REVERSE),
                        [ATTR_TITLE] = FLAGS(STYLE_REVERSE | STYLE_BOLD),
                        [ATTR_BOX] = FLAGS(0),
                        [ATTR_HEADER] = FLAGS(STYLE_BOLD),
                        [ATTR_CURSOR] = FLAGS(STYLE_REVERSE),
                        [ATTR_LABEL] = FLAGS(0),
                        [ATTR_DIM] = FLAGS(0),
                        [ATTR_FIELD] = FLAGS(STYLE_UNDERLINE),
                        [ATTR_FIELD_FOCUS] = FLAGS(STYLE_REVERSE),
                        [ATTR_FILTER] = FLAGS(STYLE_BOLD),
                        [ATTR_OK] = FLAGS(0),
                        [ATTR_NOTE] = FLAGS(0),
                        [ATTR_WARN] = FLAGS(STYLE_BOLD),
                        [ATTR_BAD] = FLAGS(STYLE_BOLD | STYLE_UNDERLINE),
                        [ATTR_CHART] = FLAGS(0),
                        [ATTR_CHART_OVER] = FLAGS(STYLE_BOLD),
                        [ATTR_LIMIT] = FLAGS(0),
                        [ATTR_KEY] = FLAGS(STYLE_BOLD),
                        [ATTR_KEY_LABEL] = FLAGS(STYLE_REVERSE),
                    },
                .selected = FLAGS(0),
            },
};
const size_t theme_count = sizeof(themes) / sizeof(themes[0]);

int theme_find(const char *name)
{
    for (size_t i = 0; i < theme_count; i++) {
        if (strcmp(themes[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const struct theme *theme_choose(const char *name)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org */
    int index = theme_find(name == NULL ? "default" : name);

    if (name == NULL && no_color != NULL && no_color[0] != '\0') {
        index = theme_find("mono");
    }
    return &themes[index < 0 ? 0 : index];
}

enum err_code theme_check(const char *name, struct err *e)
{
    if (name != NULL && theme_find(name) < 0) {
        return err_set(e, ERR_USAGE,
                       _("There is no theme \"%s\"; there are default, dark, light and mono."),
                       name);
    }
    return ERR_OK;
}
