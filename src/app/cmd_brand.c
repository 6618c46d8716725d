/* The office's face on paper: colour, lines of address, logo. A policy like others, with a
 * command of its own, because nobody types a picture into JSON. Papers take the one that stood
 * when what they show was recorded, so that they come out the same each time. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/attach.h"
#include "app/cmd.h"
#include "app/files.h"
#include "app/policy.h"
#include "base/i18n.h"

#define LOGO_BYTES_MAX 20000 /* in an entry as base64, beside the rest */
#define LINES_MAX 6
#define LINE_BYTES_MAX 120

static bool is_colour(const char *s)
{
    return strlen(s) == 6 && strspn(s, "0123456789abcdefABCDEF") == 6;
}

static void logo_check(const struct jnode *root, const char *logo)
{
    struct buf bytes;
    struct err e = ERR_INIT;
    buf_init(&bytes, LOGO_BYTES_MAX);
    bool read = base64_decode(logo, strlen(logo), &bytes, &e) == ERR_OK;
    const char *type = read ? attachment_type(bytes.data, bytes.len) : NULL;
    if (type == NULL || strncmp(type, "image/", 6) != 0) {
        (void)jfault(root, "logo", _("it must be a PNG or JPEG of at most %d bytes, as base64"),
                     LOGO_BYTES_MAX);
    }
    buf_release(&bytes);
}

void brand_policy_check(const struct jnode *root)
{
    static const char *const names[] = {"accent", "lines", "logo", NULL};
    const char *accent = NULL, *logo = NULL;
    struct jnode list;
    jread_only(root, names, NULL);
    if (jread_text(root, "accent", false, 6, &accent) && !is_colour(accent)) {
        (void)jfault(root, "accent", _("a colour is six hexadecimal digits: 0b5777"));
    }
    if (jread_array(root, "lines", false, 0, LINES_MAX, &list)) {
        for (size_t i = 0; i < list.value->u.array.count; i++) {
            const struct json *v = list.value->u.array.items[i];
            struct jnode item = jnode_item(&list, i);
            if (v->type != JSON_STRING || v->u.string.len == 0 ||
                v->u.string.len > LINE_BYTES_MAX) {
                (void)jfault(&item, NULL, _("a line has 1 to %d bytes"), LINE_BYTES_MAX);
            }
        }
    }
    if (jread_text(root, "logo", false, 2 * LOGO_BYTES_MAX, &logo)) {
        logo_check(root, logo);
    }
}

/* "Calle 1|Tel. 222" as an array of lines. */
static enum err_code lines_add(struct command_ctx *c, struct json *spec, const char *text,
                               struct err *e)
{
    struct json *lines = json_new_array(c->arena);
    bool made = lines != NULL;
    for (const char *at = text; made && *at != '\0';) {
        size_t n = strcspn(at, "|");
        made = n == 0 || json_push(c->arena, lines, json_new_string_n(c->arena, at, n));
        at += n + (at[n] == '|' ? 1 : 0);
    }
    return made && json_set(c->arena, spec, "lines", lines) ? ERR_OK : err_nomem(e);
}

static enum err_code logo_add(struct command_ctx *c, struct json *spec, const char *path,
                              struct err *e)
{
    struct buf bytes, text;
    buf_init(&bytes, LOGO_BYTES_MAX);
    buf_init(&text, 2 * LOGO_BYTES_MAX);
    enum err_code code = file_read(path, &bytes, e);
    if (code == ERR_OK) {
        buf_add_base64(&text, bytes.data, bytes.len);
        code = buf_status(&text, path, e);
    } else if (e->code == ERR_LIMIT) {
        code = err_set(e, ERR_LIMIT, _("%s is larger than the %d bytes that a logo may have"),
                       path, LOGO_BYTES_MAX);
    }
    if (code == ERR_OK && !json_set_str(c->arena, spec, "logo", buf_str(&text))) {
        code = err_nomem(e);
    }
    buf_release(&bytes);
    buf_release(&text);
    return code;
}

static enum err_code spec_make(struct command_ctx *c, struct json *spec, struct err *e)
{
    struct faults faults = {0};
    if (arg_get(c, "accent")->given &&
        !json_set_str(c->arena, spec, "accent", arg_text(c, "accent"))) {
        return err_nomem(e);
    }
    if (arg_get(c, "lines")->given) {
        TRY(lines_add(c, spec, arg_text(c, "lines"), e));
    }
    if (arg_get(c, "logo")->given) {
        TRY(logo_add(c, spec, arg_text(c, "logo"), e));
    }
    struct jnode root = jnode_root(spec, c->arena, &faults);
    brand_policy_check(&root);
    return faults.count == 0
               ? ERR_OK
               : err_set(e, ERR_PARSE, "%s: %s", faults.item[0].path, faults.item[0].text);
}

static enum err_code build_brand(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct json *spec = json_new_object(c->arena);
    if (spec == NULL) {
        return err_nomem(e);
    }
    TRY(spec_make(c, spec, e));
    TRY(draft_begin(c, d, "policy.set", e));
    TRY(data_text(c, d->data, "policy", "brand", e));
    (void)snprintf(
        c->message, sizeof c->message,
        _("papers recorded from now on look like this; earlier ones stay as they are"));
    return data_set(c, d->data, "spec", spec, e);
}

static const struct param brand_params[] = {
    {"accent", PARAM_TEXT, 0, N_("colour of titles and bars, six hexadecimal digits"), NULL,
     NULL},
    {"lines", PARAM_TEXT, 0,
     N_("tax id, address, telephone below the office's name; | parts the lines"), NULL, NULL},
    {"logo", PARAM_FILE, 0, N_("logo, a PNG or JPEG of at most 20,000 bytes"), NULL, NULL},
    PARAM_END};
const struct command cmd_brand_set = {
    "brand set", N_("set colour, address and logo of the office's papers, all anew"),
    CMD_CONFIRM, brand_params,
    build_brand, NULL};
