#include <config.h>

#include "app/charges.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "domain/pay_code.h"

#define LINE_MAX ((size_t)1 << 20)

/* What an account owed when `as_of` was the newest entry (?1), each debt a row; what is in
 * dispute is not asked for. Postings and allocations never change, so it can be told later. */
#define DISPUTED                                                                               \
    "CASE WHEN g.kind = 'bill' THEN (SELECT coalesce(sum(d.amount), 0) FROM dispute d WHERE "  \
    "d.bill = g.ref AND d.seq <= ?1 AND NOT EXISTS(SELECT 1 FROM history h JOIN entry n ON "   \
    "n.seq = h.seq WHERE h.kind = 'dispute.resolved' AND h.seq <= ?1 AND "                     \
    "json_extract(n.payload, '$.data.dispute') = d.id)) ELSE 0 END"
#define PERSONAL_AT(field)                                                                     \
    "(SELECT p.value FROM personal p WHERE p.owner = 'customer' AND p.id = c.id AND p.field "  \
    "= '" field "' AND p.hash = coalesce((SELECT x.hash FROM personal_past x WHERE x.owner = " \
    "'customer' AND x.id = c.id AND x.field = '" field "' AND x.replaced > ?1 ORDER BY "       \
    "x.replaced LIMIT 1), c." field "))"
#define OWED                                                                                   \
    "SELECT g.account, g.kind, g.ref, g.due, g.date, g.amount - (SELECT "                      \
    "coalesce(sum(x.amount), 0) FROM allocation x WHERE x.debit = g.id AND x.seq <= ?1) - "    \
    "(" DISPUTED ") AS open, g.id FROM posting g WHERE g.amount > 0 AND g.seq <= ?1 AND "      \
    "g.kind IN ('bill', 'debit_note', 'opening') AND (?2 IS NULL OR g.due <= ?2) AND (?3 IS "  \
    "NULL OR EXISTS(SELECT 1 FROM assignment s JOIN meter m ON m.id = s.meter JOIN "           \
    "service_point v ON v.id = m.point WHERE s.account = g.account AND v.route = ?3))"

static const char sums_sql[] =
    "SELECT count(*), coalesce(sum(open), 0) FROM (" OWED ") WHERE open > 0";
static const char rows_sql[] =
    "SELECT CASE w.kind WHEN 'bill' THEN (SELECT substr(b.issued, 1, 4) || '-' || "
    "printf('%08d', b.id) FROM bill b WHERE b.id = w.ref) ELSE a.number END, a.number, "
    "" PERSONAL_AT("name") ", " PERSONAL_AT(
        "tax_id") ", w.open, w.due, w.date, w.kind = 'bill', w.ref, (SELECT "
                  "CAST(substr(b.issued, "
                  "1, 4) AS INTEGER) FROM bill b WHERE w.kind = 'bill' AND b.id = w.ref), a.id "
                  "FROM (" OWED
                  ") w JOIN account a ON a.id = w.account JOIN customer c ON c.id = a.customer "
                  "WHERE w.open "
                  "> 0 ORDER BY w.id";

/* A file being made. */
struct making {
    struct office *o;
    const struct charge_layout *layout;
    const struct charge_file *file;
    charge_put put;
    void *ctx;
    struct hasher *hasher;
    struct stmt *row; /* the debt of the record being made; NULL elsewhere */
    int64_t count, total, line;
    struct buf value, out;
};

/* ---- values ---- */

static void amount_print(struct making *m, int64_t minor)
{
    unsigned digits = m->o->currency->digits;
    if (m->layout->decimal[0] == '\0' || digits == 0) {
        buf_addf(&m->value, "%" PRId64, minor);
        return;
    }
    int64_t scale = pow10_i64(digits);
    buf_addf(&m->value, "%" PRId64 "%s%0*" PRId64, minor / scale, m->layout->decimal,
             (int)digits, minor % scale);
}

static void day_print(struct making *m, const char *text)
{
    struct err ignored = ERR_INIT;
    struct civil at = {0};
    if (text != NULL && date_parse(text, strlen(text), &at.date, &ignored) == ERR_OK) {
        civil_print_format(at, m->layout->date_format, &m->value);
    }
}

/* The reference of the payment barcode: of the bill, else of the account. */
static void pay_reference_value(struct making *m)
{
    char text[PAY_REFERENCE_MAX + 1];
    bool bill = stmt_int(m->row, 7) != 0;
    struct pay_reference r = {(int)stmt_int(m->row, 9), stmt_int(m->row, bill ? 8 : 10)};
    pay_reference_print(&r, text);
    buf_adds(&m->value, text);
}

static void value_print(struct making *m, const struct charge_field *f)
{
    buf_clear(&m->value);
    switch (f->value) {
    case CHARGE_TEXT:
        buf_adds(&m->value, f->text);
        return;
    case CHARGE_OFFICE:
        buf_adds(&m->value, m->o->code);
        return;
    case CHARGE_CURRENCY:
        buf_adds(&m->value, m->o->currency->code);
        return;
    case CHARGE_FILE:
        buf_addf(&m->value, "%" PRId64, m->file->id);
        return;
    case CHARGE_DATE:
        day_print(m, m->file->date);
        return;
    case CHARGE_COUNT:
        buf_addf(&m->value, "%" PRId64, m->count);
        return;
    case CHARGE_TOTAL:
        amount_print(m, m->total);
        return;
    case CHARGE_LINE:
        buf_addf(&m->value, "%" PRId64, m->line);
        return;
    case CHARGE_REFERENCE:
    case CHARGE_ACCOUNT:
    case CHARGE_CUSTOMER:
    case CHARGE_TAX_ID: {
        const char *text = stmt_text(m->row, (int)(f->value - CHARGE_REFERENCE));
        buf_adds(&m->value, text != NULL ? text : "");
        return;
    }
    case CHARGE_AMOUNT:
        amount_print(m, stmt_int(m->row, 4));
        return;
    case CHARGE_DUE:
        day_print(m, stmt_text(m->row, 5));
        return;
    case CHARGE_ISSUED:
        day_print(m, stmt_text(m->row, 6));
        return;
    case CHARGE_PAYMENT_REFERENCE:
        pay_reference_value(m);
        return;
    case CHARGE_VALUE_COUNT:
        return;
    }
}

/* ---- forms ---- */

/* Names come from people: a line break or tab in one must not make another record. */
static size_t character(const char *s, size_t len, bool latin1, char out[4], size_t *out_len)
{
    uint32_t cp = 0;
    size_t n = utf8_decode(s, len, &cp);
    if (n == 0) {
        n = 1;
        cp = '?';
    }
    cp = cp < 0x20 || (cp >= 0x7F && cp < 0xA0) ? ' ' : cp;
    if (latin1) {
        out[0] = (char)(unsigned char)(cp < 0x100 ? cp : '?');
        *out_len = 1;
    } else {
        *out_len = utf8_encode(cp, out);
    }
    return n;
}

static enum err_code too_wide(const struct making *m, const struct charge_field *f,
                              struct err *e)
{
    return err_set(e, ERR_RANGE,
                   _("line %" PRId64 ": \"%s\" is wider than the %u characters of its field "
                     "%s; give it more in the layout"),
                   m->line, buf_str(&m->value), f->width, f->name);
}

static enum err_code field_fixed(struct making *m, const struct charge_field *f, struct err *e)
{
    bool may_cut = f->value == CHARGE_CUSTOMER || f->value == CHARGE_TEXT;
    size_t count = 0;
    size_t n = 0;
    char c[4];
    size_t len = 0;
    const char *text = buf_str(&m->value);
    for (size_t at = 0; at < m->value.len; at += n, count++) {
        n = character(text + at, m->value.len - at, m->layout->latin1, c, &len);
    }
    if (count > f->width && !may_cut) {
        return too_wide(m, f, e);
    }
    for (size_t i = count; f->right && i < f->width; i++) {
        buf_addc(&m->out, f->pad);
    }
    size_t put = 0;
    for (size_t at = 0; at < m->value.len && put < f->width; at += n, put++) {
        n = character(text + at, m->value.len - at, m->layout->latin1, c, &len);
        buf_add(&m->out, c, len);
    }
    for (size_t i = count; !f->right && i < f->width; i++) {
        buf_addc(&m->out, f->pad);
    }
    return ERR_OK;
}

/* RFC 4180: quoted where it has to be. */
static void field_csv(struct making *m, const char *text, size_t text_len)
{
    char sep[2] = {m->layout->separator, '\0'};
    char c[4];
    size_t len = 0;
    bool quoted = strpbrk(text, sep) != NULL || strchr(text, '"') != NULL;
    if (quoted) {
        buf_addc(&m->out, '"');
    }
    for (size_t at = 0, n = 0; at < text_len; at += n) {
        n = character(text + at, text_len - at, m->layout->latin1, c, &len);
        buf_add(&m->out, c, len);
        if (len == 1 && c[0] == '"') {
            buf_addc(&m->out, '"');
        }
    }
    if (quoted) {
        buf_addc(&m->out, '"');
    }
}

static enum err_code line_put(struct making *m, struct err *e)
{
    buf_adds(&m->out, m->layout->crlf ? "\r\n" : "\n");
    TRY(buf_status(&m->out, _("line of the file"), e));
    hasher_add(m->hasher, m->out.data, m->out.len);
    return m->put != NULL ? m->put(m->ctx, m->out.data, m->out.len, e) : ERR_OK;
}

static enum err_code section_make(struct making *m, enum charge_section s, struct err *e)
{
    if (m->layout->counts[s] == 0) {
        return ERR_OK;
    }
    m->line++;
    buf_clear(&m->out);
    for (size_t i = 0; i < m->layout->counts[s]; i++) {
        const struct charge_field *f = &m->layout->fields[s][i];
        value_print(m, f);
        TRY(buf_status(&m->value, _("field of the file"), e));
        if (m->layout->fixed) {
            TRY(field_fixed(m, f, e));
            continue;
        }
        if (i > 0) {
            buf_addc(&m->out, m->layout->separator);
        }
        field_csv(m, buf_str(&m->value), m->value.len);
    }
    return line_put(m, e);
}

static enum err_code headings_make(struct making *m, struct err *e)
{
    if (m->layout->fixed || !m->layout->headings) {
        return ERR_OK;
    }
    buf_clear(&m->out);
    for (size_t i = 0; i < m->layout->counts[CHARGE_RECORD]; i++) {
        const char *name = m->layout->fields[CHARGE_RECORD][i].name;
        if (i > 0) {
            buf_addc(&m->out, m->layout->separator);
        }
        field_csv(m, name, strlen(name));
    }
    return line_put(m, e);
}

/* ---- the file ---- */

static enum err_code sums_read(struct making *m, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e, sums_sql,
                 VALS(V_INT(m->file->as_of), V_TEXT(m->file->due_by), V_TEXT(m->file->route))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        m->count = stmt_int(q, 0);
        m->total = stmt_int(q, 1);
    }
    stmt_done(q);
    TRY(code);
    return m->count > 0
               ? ERR_OK
               : err_set(e, ERR_NOT_FOUND, _("nothing is owed that such a file would ask for"));
}

static enum err_code records_make(struct making *m, struct err *e)
{
    bool row = false;
    int64_t count = 0;
    int64_t total = 0;
    TRY(db_query(m->o->db, &m->row, e, rows_sql,
                 VALS(V_INT(m->file->as_of), V_TEXT(m->file->due_by), V_TEXT(m->file->route))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(m->row, &row, e)) == ERR_OK && row) {
        count++;
        total += stmt_int(m->row, 4);
        code = section_make(m, CHARGE_RECORD, e);
    }
    stmt_done(m->row);
    m->row = NULL;
    TRY(code);
    CHECK(count == m->count && total == m->total); /* one snapshot, the same rows */
    return ERR_OK;
}

enum err_code charges_make(struct office *o, const struct charge_layout *layout,
                           const struct charge_file *file, charge_put put, void *ctx,
                           struct charge_sums *out, struct err *e)
{
    struct making m = {
        .o = o, .layout = layout, .file = file, .put = put, .ctx = ctx, .hasher = hasher_new()};
    if (m.hasher == NULL) {
        return err_nomem(e);
    }
    buf_init(&m.value, 65536);
    buf_init(&m.out, LINE_MAX);
    enum err_code code = sums_read(&m, e);
    if (code == ERR_OK) {
        code = section_make(&m, CHARGE_HEADER, e);
    }
    if (code == ERR_OK) {
        code = headings_make(&m, e);
    }
    if (code == ERR_OK) {
        code = records_make(&m, e);
    }
    if (code == ERR_OK) {
        code = section_make(&m, CHARGE_TRAILER, e);
    }
    *out = (struct charge_sums){.count = m.count, .total = m.total};
    hasher_end(m.hasher, &out->sha256);
    buf_release(&m.value);
    buf_release(&m.out);
    return code;
}

static enum err_code sent_make(struct office *o, struct stmt *q, struct charge_file *f,
                               charge_put put, void *ctx, struct charge_sums *out,
                               struct err *e)
{
    struct arena arena;
    struct json *doc = NULL;
    struct charge_layout *layout = NULL;
    char hex[65] = "";
    char was[65];
    const char *spec = stmt_text(q, 0);
    arena_init(&arena, (size_t)4 << 20);
    (void)snprintf(was, sizeof was, "%s", stmt_text(q, 5));
    f->as_of = stmt_int(q, 1);
    f->due_by = stmt_text(q, 2);
    f->route = stmt_text(q, 3);
    f->date = stmt_text(q, 4);
    enum err_code code = json_parse(spec, strlen(spec), &json_limits_entry, &arena, &doc, e);
    layout = code == ERR_OK ? arena_alloc(&arena, sizeof *layout) : NULL;
    if (code == ERR_OK) {
        code = layout != NULL ? charge_layout_from_json(doc, &arena, layout, e) : err_nomem(e);
    }
    if (code == ERR_OK) {
        code = charges_make(o, layout, f, put, ctx, out, e);
    }
    if (code == ERR_OK) {
        hash_hex(&out->sha256, hex);
        code = strcmp(hex, was) == 0
                   ? ERR_OK
                   : err_set(e, ERR_STATE,
                             _("file %" PRId64 " cannot be made again as it was sent: a name "
                               "in it was erased since, or the tables were changed; run: "
                               "aforo verify --deep"),
                             f->id);
    }
    arena_release(&arena);
    return code;
}

enum err_code charges_again(struct office *o, int64_t id, charge_put put, void *ctx,
                            struct charge_sums *out, struct err *e)
{
    struct stmt *q = NULL;
    struct charge_file f = {.id = id};
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT spec, as_of, due_by, route, date, sha256 FROM charge_file WHERE id = ?",
        VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code = row ? sent_make(o, q, &f, put, ctx, out, e)
                   : err_set(e, ERR_NOT_FOUND, _("no file %" PRId64 " was sent"), id);
    }
    stmt_done(q);
    return code;
}
