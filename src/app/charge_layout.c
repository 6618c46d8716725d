#include <config.h>

#include <string.h>

#include "app/charges.h"
#include "base/i18n.h"
#include "domain/jread.h"

static const char *const value_names[CHARGE_VALUE_COUNT] = {
#define CHARGE_VALUE(IDENT, name, record) #name,
#include "app/charge_values.def"
#undef CHARGE_VALUE
};
static const bool of_record[CHARGE_VALUE_COUNT] = {
#define CHARGE_VALUE(IDENT, name, record) record,
#include "app/charge_values.def"
#undef CHARGE_VALUE
};
static const char *const section_names[CHARGE_SECTIONS] = {"header", "record", "trailer"};

bool charge_layout_is(const struct json *doc)
{
    const char *kind =
        doc != NULL && doc->type == JSON_OBJECT ? json_get_str(doc, "kind") : NULL;
    return kind != NULL && strcmp(kind, "charges") == 0;
}

/* One character, as a separator or to pad with. */
static void read_char(const struct jnode *n, const char *name, char *out)
{
    const char *text = NULL;
    if (!jread_text(n, name, false, 1, &text)) {
        return;
    }
    if (strlen(text) != 1 || (text[0] < ' ' && text[0] != '\t') || text[0] > '~' ||
        text[0] == '"') {
        (void)jfault(n, name, _("it must be one character of ASCII, but no quotation mark."));
        return;
    }
    *out = text[0];
}

static void read_field(const struct jnode *n, bool fixed, enum charge_section s,
                       struct charge_field *f)
{
    static const char *const names[] = {"value", "name", "text", "width", "align", "pad", NULL};
    static const char *const sides[] = {"left", "right"};
    size_t value = 0;
    size_t side = 0;
    int64_t width = 0;
    *f = (struct charge_field){.name = "", .text = "", .pad = ' '};
    if (!jread_object(n)) {
        return;
    }
    jread_only(n, names, NULL);
    if (jread_choice(n, "value", true, value_names, CHARGE_VALUE_COUNT, &value)) {
        f->value = (enum charge_value)value;
        if (of_record[value] && s != CHARGE_RECORD) {
            (void)jfault(n, "value", _("only a record of one debt has it."));
        }
        (void)jread_text(n, "text", value == CHARGE_TEXT, 200, &f->text);
    }
    (void)jread_text(n, "name", false, 100, &f->name);
    if (jread_int(n, "width", fixed, 1, CHARGE_WIDTH_MAX, &width)) {
        f->width = fixed ? (unsigned)width : 0;
    }
    if (jread_choice(n, "align", false, sides, 2, &side)) {
        f->right = side == 1;
    }
    read_char(n, "pad", &f->pad);
}

static void read_section(const struct jnode *root, enum charge_section s,
                         struct charge_layout *out)
{
    struct jnode list;
    if (!jread_array(root, section_names[s], s == CHARGE_RECORD, 1, CHARGE_FIELDS_MAX, &list)) {
        return;
    }
    out->counts[s] = list.value->u.array.count;
    for (size_t i = 0; i < out->counts[s]; i++) {
        struct jnode item = jnode_item(&list, i);
        read_field(&item, out->fixed, s, &out->fields[s][i]);
    }
}

/* Who gets the file must be able to say what was paid. `or_else` does as well. */
static void require(const struct jnode *root, const struct charge_layout *l,
                    enum charge_value value, enum charge_value or_else)
{
    for (size_t i = 0; i < l->counts[CHARGE_RECORD]; i++) {
        if (l->fields[CHARGE_RECORD][i].value == value ||
            l->fields[CHARGE_RECORD][i].value == or_else) {
            return;
        }
    }
    (void)jfault(root, "record", _("a field with the value \"%s\" is missing."),
                 value_names[value]);
}

static void read_forms(const struct jnode *root, struct charge_layout *out)
{
    static const char *const forms[] = {"csv", "fixed"};
    static const char *const encodings[] = {"utf-8", "latin1"};
    static const char *const ends[] = {"lf", "crlf"};
    size_t choice = 0;
    if (jread_choice(root, "format", true, forms, 2, &choice)) {
        out->fixed = choice == 1;
    }
    choice = 0;
    if (jread_choice(root, "encoding", false, encodings, 2, &choice)) {
        out->latin1 = choice == 1;
    }
    choice = 0;
    if (jread_choice(root, "line_end", false, ends, 2, &choice)) {
        out->crlf = choice == 1;
    }
    read_char(root, "separator", &out->separator);
    (void)jread_bool(root, "headings", &out->headings);
    (void)jread_text(root, "decimal", false, 1, &out->decimal);
    if (strlen(out->decimal) > 1 || strchr("0123456789-", out->decimal[0]) != NULL) {
        if (out->decimal[0] != '\0') {
            (void)jfault(root, "decimal", _("it must be one sign, or nothing."));
        }
    }
    (void)jread_text(root, "date_format", false, 40, &out->date_format);
}

enum err_code charge_layout_from_json(const struct json *doc, struct arena *arena,
                                      struct charge_layout *out, struct err *e)
{
    static const char *const names[] = {"kind",     "format",    "encoding", "line_end",
                                        "headings", "separator", "decimal",  "date_format",
                                        "header",   "record",    "trailer",  NULL};
    static const char *const only_kind[] = {"charges"};
    struct faults faults = {0};
    struct jnode root = jnode_root(doc, arena, &faults);
    size_t kind = 0;
    *out = (struct charge_layout){.separator = ';', .decimal = "", .date_format = "%Y%m%d"};
    if (jread_object(&root)) {
        jread_only(&root, names, NULL);
        (void)jread_choice(&root, "kind", true, only_kind, 1, &kind);
        read_forms(&root, out);
        for (int s = 0; s < CHARGE_SECTIONS; s++) {
            read_section(&root, (enum charge_section)s, out);
        }
        require(&root, out, CHARGE_REFERENCE, CHARGE_PAYMENT_REFERENCE);
        require(&root, out, CHARGE_AMOUNT, CHARGE_AMOUNT);
    }
    if (faults.nomem) {
        return err_nomem(e);
    }
    return faults.count == 0 ? ERR_OK
                             : err_set(e, ERR_PARSE, _("%s: %s (faults in all: %zu)"),
                                       faults.item[0].path, faults.item[0].text, faults.count);
}
