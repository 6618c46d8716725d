#include <config.h>

#include "ui/key.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

static const char *const special_names[K_LAST - K_ENTER] = {
    [K_ENTER - K_ENTER] = "Enter",
    [K_TAB - K_ENTER] = "Tab",
    [K_BACKTAB - K_ENTER] = N_("Shift+Tab"),
    [K_ESC - K_ENTER] = "Esc",
    [K_BACKSPACE - K_ENTER] = N_("Backspace"),
    [K_DELETE - K_ENTER] = N_("Del"),
    [K_INSERT - K_ENTER] = "Ins",
    [K_UP - K_ENTER] = N_("Up"),
    [K_DOWN - K_ENTER] = N_("Down"),
    [K_LEFT - K_ENTER] = N_("Left"),
    [K_RIGHT - K_ENTER] = N_("Right"),
    [K_HOME - K_ENTER] = N_("Home"),
    [K_END - K_ENTER] = N_("End"),
    [K_PGUP - K_ENTER] = N_("PgUp"),
    [K_PGDN - K_ENTER] = N_("PgDn"),
    [K_F1 - K_ENTER] = "F1",
    [K_F2 - K_ENTER] = "F2",
    [K_F3 - K_ENTER] = "F3",
    [K_F4 - K_ENTER] = "F4",
    [K_F5 - K_ENTER] = "F5",
    [K_F6 - K_ENTER] = "F6",
    [K_F7 - K_ENTER] = "F7",
    [K_F8 - K_ENTER] = "F8",
    [K_F9 - K_ENTER] = "F9",
    [K_F10 - K_ENTER] = "F10",
    [K_F11 - K_ENTER] = "F11",
    [K_F12 - K_ENTER] = "F12",
};

void key_label(uint32_t key, char out[KEY_NAME_MAX])
{
    uint32_t base = key & ~K_FLAGS;
    char one[5] = "";
    const char *name = one;

    if (base >= K_ENTER && base < K_LAST) {
        name = gettext(special_names[base - K_ENTER]);
    } else if (base == ' ') {
        name = _("Space");
    } else if ((key & K_CTRL) != 0 && base >= 'a' && base <= 'z') {
        one[0] = (char)(base - 'a' + 'A');
    } else if (base > ' ' && base < K_ENTER) {
        one[utf8_encode(base, one)] = '\0';
    }
    (void)snprintf(out, KEY_NAME_MAX, "%s%s%.12s", (key & K_CTRL) != 0 ? "Ctrl+" : "",
                   (key & K_ALT) != 0 ? "Alt+" : "", name);
}

bool key_is_text(uint32_t key)
{
    return key >= ' ' && key != 0x7f && !(key >= 0x80 && key < 0xa0) && key < K_ENTER;
}
