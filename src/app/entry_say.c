#include <config.h>

#include "app/entry_say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "app/personal_join.h"
#include "app/queue.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "domain/rules.h"

#define SHOWN_MAX 24u  /* of an array */
#define TEXT_MAX 4000u /* of a fact */
#define LINE_MAX_COLUMNS 56u
#define HASH_DIGITS 64u /* of a commitment to what lies beside the ledger */
#define ARENA_BYTES ((size_t)4 << 20)

static const struct entry_field fields[] = {
#define FIELD(name, as, label) {#name, as, label},
#include "app/entry_fields.def"
#undef FIELD
};

const struct entry_field *entry_field_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* What is being said: the values of one object. */
struct saying {
    struct office *o;
    const struct json *among; /* the object that the value is a member of */
    struct buf *out;
    struct err *e;
};

static void number_add(const struct saying *y, int64_t v)
{
    char text[PAGE_TEXT_MAX];
    (void)snprintf(text, sizeof text, "%" PRId64, v);
    numfmt_number(y->o->numfmt, text, y->out);
}

/* What people call the thing of that id; the id where it has no name any more. */
static enum err_code name_add(const struct saying *y, char as, int64_t id)
{
    static const struct {
        char as;
        const char *sql;
    } rows[] = {
        {'A', "SELECT number FROM account WHERE id = ?"},
        {'E', "SELECT serial FROM meter WHERE id = ?"},
        {'G',
         "SELECT m.serial || ', ' || r.obis FROM register r JOIN meter m ON m.id = r.meter "
         "WHERE r.id = ?"},
        {'U',
         "SELECT l.value FROM user u " PERSONAL("l", "user", "u", "login") "WHERE u.id = ?"},
    };
    struct stmt *q = NULL;
    bool row = false;
    size_t i = 0;
    while (rows[i].as != as) {
        i++;
    }
    TRY(db_query(y->o->db, &q, y->e, rows[i].sql, VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, y->e);
    if (code == ERR_OK && row && !stmt_is_null(q, 0)) {
        buf_adds(y->out, stmt_text(q, 0));
    } else if (code == ERR_OK) {
        buf_add_int(y->out, id);
    }
    stmt_done(q);
    return code;
}

/* In the unit of the register, or of the meter's first one, that stands beside it. */
static enum err_code quantity_add(const struct saying *y, int64_t v)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t reg = 0;
    int64_t meter = 0;
    if (!json_get_int(y->among, "register", &reg) && !json_get_int(y->among, "meter", &meter)) {
        number_add(y, v);
        return ERR_OK;
    }
    TRY(db_query(y->o->db, &q, y->e,
                 "SELECT unit, decimals FROM register WHERE id = ?1 OR meter = ?2 ORDER BY id",
                 VALS(V_INT(reg), V_INT(meter))));
    enum err_code code = stmt_next(q, &row, y->e);
    const struct unit *unit = code == ERR_OK && row ? unit_find(stmt_text(q, 0)) : NULL;
    if (unit != NULL) {
        char text[PAGE_TEXT_MAX];
        page_quantity(stmt_text(q, 0), stmt_int(q, 1), v, text);
        numfmt_number(y->o->numfmt, text, y->out);
        buf_addf(y->out, " %s", unit->pretty);
    } else if (code == ERR_OK) {
        number_add(y, v);
    }
    stmt_done(q);
    return code;
}

static void money_add_in(const struct saying *y, int64_t v, bool of_tender)
{
    const char *tender = of_tender ? json_get_str(y->among, "tender_currency") : NULL;
    const struct currency *c = tender != NULL ? currency_find(tender) : NULL;
    struct buf plain;
    c = c != NULL ? c : y->o->currency;
    buf_init(&plain, 64);
    money_print((struct money){v}, c, &plain);
    numfmt_number(y->o->numfmt, buf_str(&plain), y->out);
    buf_addf(y->out, " %s", c->code);
    buf_release(&plain);
}

static enum err_code integer_add(const struct saying *y, char as, int64_t v)
{
    switch (as) {
    case 'A':
    case 'E':
    case 'G':
    case 'U':
        return name_add(y, as, v);
    case 'q':
        return quantity_add(y, v);
    case 'm':
    case 'c':
        money_add_in(y, v, as == 'c');
        return ERR_OK;
    case 'n':
        number_add(y, v);
        return ERR_OK;
    case 's':
    case 'M':
        numfmt_clock(y->o->numfmt, zone_to_civil(y->o->zone, as == 's' ? v : v / 1000), y->out);
        return ERR_OK;
    default:
        buf_add_int(y->out, v);
        return ERR_OK;
    }
}

static void text_add(const struct saying *y, char as, const char *text, size_t len)
{
    enum rule_id rule;
    if (len == HASH_DIGITS && strspn(text, "0123456789abcdef") == len) {
        buf_adds(y->out, _("beside the ledger; here stands its fingerprint"));
    } else if (as == 'w') {
        code_words(text, len, y->out);
    } else if (as == 'r') {
        buf_adds(y->out, rule_find(text, &rule) ? rule_title(rule) : alert_title(text));
    } else if (as == 'u') {
        unit_words(text, len, y->out);
    } else if (as == 'q' || as == 'n') {
        numfmt_number(y->o->numfmt, text, y->out);
    } else {
        numfmt_day(y->o->numfmt, text, y->out);
    }
}

static enum err_code scalar_add(const struct saying *y, char as, const struct json *v)
{
    switch (v->type) {
    case JSON_FALSE:
    case JSON_TRUE:
        buf_adds(y->out, v->type == JSON_TRUE ? _("yes") : _("no"));
        return ERR_OK;
    case JSON_INT:
        return integer_add(y, as, v->u.integer);
    case JSON_STRING:
        text_add(y, as, v->u.string.data, v->u.string.len);
        return ERR_OK;
    case JSON_NULL:
    case JSON_DOUBLE:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return ERR_OK;
}

static enum err_code value_add(const struct saying *y, char as, const struct json *v,
                               unsigned depth);

static bool is_empty(const struct json *v)
{
    return (v->type == JSON_ARRAY && v->u.array.count == 0) ||
           (v->type == JSON_STRING && v->u.string.len == 0);
}

/* "Account: D-003 · Amount: 12,00 EUR" */
static enum err_code members_add(const struct saying *y, const struct json *object,
                                 unsigned depth)
{
    struct saying inner = {y->o, object, y->out, y->e};
    size_t said = 0;
    for (size_t i = 0; i < object->u.object.count; i++) {
        const struct json_member *m = &object->u.object.members[i];
        const struct entry_field *f = entry_field_find(m->name, m->name_len);
        if ((f != NULL && f->as == 'x') || is_empty(m->value)) {
            continue;
        }
        buf_addf(y->out, "%s%s: ", said++ > 0 ? " · " : "", f != NULL ? _(f->label) : m->name);
        TRY(value_add(&inner, f != NULL ? f->as : 't', m->value, depth));
    }
    return ERR_OK;
}

/* Values in values; beyond four levels only their number is told: an entry has three. */
static enum err_code value_add(const struct saying *y, char as, const struct json *v,
                               unsigned depth)
{
    if (v->type == JSON_OBJECT && depth > 0) {
        return members_add(y, v, depth - 1);
    }
    if (v->type != JSON_ARRAY || depth == 0) {
        return scalar_add(y, as, v);
    }
    size_t count = v->u.array.count;
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
        const struct json *one = v->u.array.items[i];
        buf_adds(y->out, i == 0 ? "" : one->type == JSON_OBJECT ? "; " : ", ");
        TRY(value_add(y, as, one, depth - 1));
    }
    if (count > SHOWN_MAX) {
        size_t rest = count - SHOWN_MAX;
        buf_addf(y->out, ngettext(" and %zu more", " and %zu more", rest), rest);
    }
    return ERR_OK;
}

/* A fact stands on one line; what is longer is a paragraph. */
static void fact_put(struct sheet *s, const char *label, const char *text)
{
    struct buf b;
    if (text_width(text, strlen(text)) <= LINE_MAX_COLUMNS) {
        sheet_fact(s, label, SHEET_AS_TEXT, text);
        return;
    }
    buf_init(&b, TEXT_MAX + 200);
    buf_addf(&b, "%s: %s", _(label), text);
    sheet_text(s, SHEET_PLAIN, buf_str(&b));
    buf_release(&b);
}

/* The facts of an object; those that hold others come last, under their names. */
static enum err_code facts_say(struct office *o, const struct json *object, struct sheet *s,
                               unsigned depth, struct err *e)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    struct saying y = {o, object, &text, e};
    enum err_code code = ERR_OK;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; code == ERR_OK && i < object->u.object.count; i++) {
            const struct json_member *m = &object->u.object.members[i];
            const struct entry_field *f = entry_field_find(m->name, m->name_len);
            bool inside = m->value->type == JSON_OBJECT && depth > 0;
            if (f == NULL || f->as == 'x' || inside != (pass == 1)) {
                continue;
            }
            if (inside) {
                sheet_heading(s, f->label);
                code = facts_say(o, m->value, s, depth - 1, e);
                continue;
            }
            buf_clear(&text);
            code = value_add(&y, f->as, m->value, 3);
            fact_put(s, f->label, buf_str(&text));
        }
    }
    buf_release(&text);
    return code;
}

enum err_code entry_say(struct office *o, const char *payload, size_t len, struct sheet *s,
                        struct err *e)
{
    struct arena a;
    struct json *root = NULL;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = json_parse(payload, len, &json_limits_entry, &a, &root, e);
    const struct json *data = code == ERR_OK ? json_get(root, "data") : NULL;
    if (data != NULL && data->type == JSON_OBJECT) {
        code = facts_say(o, data, s, 2, e);
    }
    arena_release(&a);
    return code;
}
