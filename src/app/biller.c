#include <config.h>

#include "app/biller.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/policy.h"
#include "base/i18n.h"

#define ARENA_MAX ((size_t)4 << 20)

static const char *const code_names[] = {"none", "gs1-128", "code128"};
static const enum pay_code_kind code_kinds[] = {PAY_CODE_NONE, PAY_CODE_GS1_128, PAY_CODE_128};
#define CODES (sizeof code_names / sizeof code_names[0])

/* ---- what may be set ---- */

static void schemes_say(struct buf *out)
{
    for (size_t i = 0; i < tax_scheme_count; i++) {
        buf_addf(out, "%s%s", i > 0 ? ", " : "", tax_schemes[i].name);
    }
}

static const struct tax_scheme *scheme_read(const struct jnode *n, const char *name,
                                            const char *text)
{
    const struct tax_scheme *s = tax_scheme_find(text);
    if (s == NULL) {
        struct buf known;
        buf_init(&known, 1024);
        schemes_say(&known);
        (void)jfault(n, name, _("it must be one of: %s"), buf_str(&known));
        buf_release(&known);
    }
    return s;
}

static void tax_check(const struct jnode *root)
{
    const char *scheme = NULL, *label = NULL, *id = NULL;
    bool named = jread_text(root, "tax_scheme", false, TAX_ID_MAX, &scheme);
    bool labelled = jread_text(root, "tax_label", false, TAX_ID_MAX, &label);
    const struct tax_scheme *s = named ? scheme_read(root, "tax_scheme", scheme) : NULL;
    if (named && labelled) {
        (void)jfault(root, "tax_label",
                     _("the scheme has a label of its own: give one of them"));
    }
    if (!jread_text(root, "tax_id", named || labelled, TAX_ID_MAX, &id)) {
        return;
    }
    if (!named && !labelled) {
        (void)jfault(root, "tax_id", _("say what it is: with tax_scheme or tax_label"));
    } else if (s != NULL && !tax_id_fits(s, id)) {
        (void)jfault(root, "tax_id", _("it is no %s: its form or its check digit is wrong"),
                     s->label);
    }
}

static void customers_check(const struct jnode *root)
{
    struct jnode list;
    if (!jread_array(root, "customer_schemes", false, 0, BILLER_SCHEMES_MAX, &list)) {
        return;
    }
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        const struct json *v = list.value->u.array.items[i];
        struct jnode item = jnode_item(&list, i);
        (void)scheme_read(&item, NULL, v->type == JSON_STRING ? v->u.string.data : "");
    }
}

void biller_policy_check(const struct jnode *root)
{
    static const char *const names[] = {"tax_scheme",       "tax_label", "tax_id",
                                        "customer_schemes", "barcode",   "gln",
                                        "agreement",        NULL};
    const char *gln = NULL, *agreement = NULL;
    size_t code = 0;
    jread_only(root, names, NULL);
    tax_check(root);
    customers_check(root);
    (void)jread_choice(root, "barcode", false, code_names, CODES, &code);
    enum pay_code_kind kind = code_kinds[code];
    if (jread_text(root, "gln", kind == PAY_CODE_GS1_128, GLN_DIGITS, &gln) && !gln_fits(gln)) {
        (void)jfault(root, "gln", _("a GLN has %d digits, the last one its check digit"),
                     GLN_DIGITS);
    }
    if (jread_text(root, "agreement", false, PAY_AGREEMENT_MAX, &agreement) &&
        strspn(agreement, "0123456789") != strlen(agreement)) {
        (void)jfault(root, "agreement", _("it has at most %d digits, and nothing else"),
                     PAY_AGREEMENT_MAX);
    }
}

/* ---- what was set ---- */

static const char *text_or(const struct json *spec, const char *name, const char *otherwise)
{
    const char *text = json_get_str(spec, name);
    return text != NULL ? text : otherwise;
}

/* The spec was checked before it was recorded. */
static void biller_read(int64_t seq, const struct json *spec, struct biller *b)
{
    const char *code = text_or(spec, "barcode", "none");
    const struct json *list = json_get(spec, "customer_schemes");
    *b = (struct biller){
        .seq = seq,
        .scheme = tax_scheme_find(text_or(spec, "tax_scheme", "")),
        .tax_id = text_or(spec, "tax_id", ""),
        .pay = {.gln = text_or(spec, "gln", ""), .agreement = text_or(spec, "agreement", "")}};
    b->tax_label = b->scheme != NULL ? b->scheme->label : text_or(spec, "tax_label", "");
    for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->u.array.count &&
                       b->customer_count < BILLER_SCHEMES_MAX;
         i++) {
        const struct json *v = list->u.array.items[i];
        const struct tax_scheme *s =
            v->type == JSON_STRING ? tax_scheme_find(v->u.string.data) : NULL;
        if (s != NULL) {
            b->customers[b->customer_count++] = s;
        }
    }
    for (size_t i = 0; i < CODES; i++) {
        b->pay.kind = strcmp(code_names[i], code) == 0 ? code_kinds[i] : b->pay.kind;
    }
}

static enum err_code list_add(void *ctx, int64_t seq, const struct json *spec, struct err *e)
{
    struct billers *b = ctx;
    (void)e;
    biller_read(seq, spec, &b->list[b->count++]);
    return ERR_OK;
}

enum err_code billers_load(struct office *o, struct billers *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    arena_init(&out->arena, ARENA_MAX);
    return policy_each(o, "biller", BILLERS_MAX, &out->arena, list_add, out, e);
}

void billers_release(struct billers *b)
{
    arena_release(&b->arena);
}

const struct biller *biller_at(const struct billers *b, int64_t seq)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->list[i].seq <= seq) {
            return &b->list[i];
        }
    }
    return NULL;
}

struct finding {
    int64_t seq;
    struct arena *arena;
    struct biller *found;
};

static enum err_code newest_take(void *ctx, int64_t seq, const struct json *spec, struct err *e)
{
    struct finding *f = ctx;
    if (f->found != NULL || seq > f->seq) {
        return ERR_OK;
    }
    f->found = arena_alloc(f->arena, sizeof *f->found);
    if (f->found == NULL) {
        return err_nomem(e);
    }
    biller_read(seq, spec, f->found);
    return ERR_OK;
}

enum err_code biller_load(struct office *o, int64_t seq, struct arena *arena,
                          const struct biller **out, struct err *e)
{
    struct finding f = {seq, arena, NULL};
    TRY(policy_each(o, "biller", seq == INT64_MAX ? 1 : BILLERS_MAX, arena, newest_take, &f,
                    e));
    *out = f.found;
    return ERR_OK;
}

/* ---- customers ---- */

const struct tax_scheme *biller_customer_scheme(const struct biller *b, const char *tax_id)
{
    for (size_t i = 0; i < b->customer_count; i++) {
        if (tax_id_fits(b->customers[i], tax_id)) {
            return b->customers[i];
        }
    }
    return NULL;
}

const char *biller_customer_label(const struct biller *b, const char *tax_id)
{
    const struct tax_scheme *s = biller_customer_scheme(b, tax_id);
    if (s == NULL && tax_id[0] == '\0' && b->customer_count > 0) {
        s = b->customers[0];
    }
    return s != NULL ? s->label : _("Tax id");
}

/* ?1 account, ?2 entry. `edit`: the first entry after it that set or took away the identifier;
 * what that replaced is what held before, and nothing if it replaced nothing. */
static const char then_sql[] =
    "WITH who AS (SELECT c.id, c.tax_id AS now FROM account a JOIN customer c ON c.id = "
    "a.customer WHERE a.id = ?1), edit AS (SELECT min(h.seq) AS seq FROM who, history h JOIN "
    "entry n ON n.seq = h.seq WHERE h.kind = 'customer.edited' AND h.seq > ?2 AND "
    "json_extract(CAST(n.payload AS TEXT), '$.data.customer') = who.id AND "
    "(json_extract(CAST(n.payload AS TEXT), '$.data.tax_id') IS NOT NULL OR EXISTS(SELECT 1 "
    "FROM json_each(CAST(n.payload AS TEXT), '$.data.removed') r WHERE r.value = 'tax_id'))), "
    "held AS (SELECT who.id, CASE WHEN edit.seq IS NULL THEN who.now ELSE (SELECT x.hash FROM "
    "personal_past x WHERE x.owner = 'customer' AND x.id = who.id AND x.field = 'tax_id' AND "
    "x.replaced = edit.seq) END AS hash FROM who, edit) SELECT p.value, (SELECT y.erased FROM "
    "personal_past y WHERE y.owner = 'customer' AND y.id = held.id AND y.field = 'tax_id' AND "
    "y.hash = held.hash) FROM held JOIN personal p ON p.owner = 'customer' AND p.id = held.id "
    "AND p.field = 'tax_id' AND p.hash = held.hash";

enum err_code biller_customer_then(struct office *o, int64_t account, int64_t seq,
                                   struct arena *arena, const char **value, int64_t *erased,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    *value = "";
    *erased = 0;
    TRY(db_query(o->db, &q, e, then_sql, VALS(V_INT(account), V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        *value = stmt_keep(q, 0, arena, &bad);
        *erased = stmt_int(q, 1);
        code = bad ? err_nomem(e) : ERR_OK;
    }
    stmt_done(q);
    return code;
}

enum err_code biller_customer_line(struct office *o, const struct biller *b, int64_t account,
                                   int64_t seq, struct arena *arena, const char **label,
                                   const char **value, struct err *e)
{
    const char *id = NULL;
    int64_t erased = 0;
    *label = *value = NULL;
    if (b == NULL || b->customer_count == 0) {
        return ERR_OK;
    }
    TRY(biller_customer_then(o, account, seq, arena, &id, &erased, e));
    if (id[0] != '\0' || erased > 0) {
        *label = biller_customer_label(b, id);
        *value = id[0] != '\0'
                     ? id
                     : arena_printf(arena, _("(erased by entry %" PRId64 ")"), erased);
        return *value != NULL ? ERR_OK : err_nomem(e);
    }
    return ERR_OK;
}

static enum err_code customer_judge(const struct biller *b, const char *tax_id, struct err *e)
{
    struct buf labels;
    if (b == NULL || b->customer_count == 0 || biller_customer_scheme(b, tax_id) != NULL) {
        return ERR_OK;
    }
    buf_init(&labels, 256);
    for (size_t i = 0; i < b->customer_count; i++) {
        buf_addf(&labels, "%s%s", i > 0 ? ", " : "", b->customers[i]->label);
    }
    (void)err_set(e, ERR_USAGE,
                  _("tax number: it has the form, or the check digit, of none that this office "
                    "expects (%s); look at it again, or change: aforo biller set"),
                  buf_str(&labels));
    buf_release(&labels);
    return e->code;
}

enum err_code biller_customer_check(struct office *o, const char *tax_id, struct err *e)
{
    struct arena arena;
    const struct biller *b = NULL;
    arena_init(&arena, ARENA_MAX);
    enum err_code code = biller_load(o, INT64_MAX, &arena, &b, e);
    if (code == ERR_OK) {
        code = customer_judge(b, tax_id, e);
    }
    arena_release(&arena);
    return code;
}

/* ---- payments ---- */

enum err_code biller_demand(const struct biller *b, const struct pay_demand *d,
                            struct arena *arena, const char **reference, const char **code,
                            struct err *e)
{
    char digits[PAY_REFERENCE_MAX + 1];
    struct buf text;
    struct err wide = ERR_INIT;
    pay_reference_print(&d->reference, digits);
    *reference = arena_strdup(arena, digits);
    *code = NULL;
    if (b->pay.kind == PAY_CODE_NONE) {
        return *reference != NULL ? ERR_OK : err_nomem(e);
    }
    buf_init(&text, 256);
    bool made = pay_code_print(&b->pay, d, &text, &wide) == ERR_OK;
    *code = made ? arena_strdup(arena, buf_str(&text)) : NULL;
    buf_release(&text);
    return *reference == NULL || (made && *code == NULL) || wide.code == ERR_NOMEM
               ? err_nomem(e)
               : ERR_OK;
}

static enum err_code reference_look(struct office *o, const struct pay_reference *r,
                                    int64_t *account, int64_t *bill, struct err *e)
{
    char year[5];
    bool found = false;
    if (r->year == 0) {
        return db_get_int(o->db, account, &found, e, "SELECT id FROM account WHERE id = ?",
                          VALS(V_INT(r->number)));
    }
    (void)snprintf(year, sizeof year, "%04u", (unsigned)r->year % 10000U);
    TRY(db_get_int(o->db, account, &found, e,
                   "SELECT account FROM bill WHERE id = ? AND substr(issued, 1, 4) = ?",
                   VALS(V_INT(r->number), V_TEXT(year))));
    *bill = found ? r->number : 0;
    return ERR_OK;
}

enum err_code biller_reference_find(struct office *o, const char *text, int64_t *account,
                                    int64_t *bill, struct err *e)
{
    static const struct pay_biller nobody = {PAY_CODE_NONE, "", ""};
    struct arena arena;
    struct pay_reference r;
    const struct biller *b = NULL;
    *account = *bill = 0;
    if (strspn(text, "0123456789()] C\x1D") != strlen(text) || strlen(text) < 14) {
        return ERR_OK; /* most texts are none: the setting is not read for them */
    }
    arena_init(&arena, ARENA_MAX);
    enum err_code code = biller_load(o, INT64_MAX, &arena, &b, e);
    if (code == ERR_OK && pay_code_read(b != NULL ? &b->pay : &nobody, text, &r)) {
        code = reference_look(o, &r, account, bill, e);
    }
    arena_release(&arena);
    return code;
}
