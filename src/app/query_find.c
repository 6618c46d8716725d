#include <config.h>

#include "app/query_find.h"

#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "app/personal.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/text.h"

#define WORDS_MAX 8
/* Shorter ones are found only as a whole: "3" is in half of all telephones. */
#define SIGNS_MIN 3

const char *find_what_name(enum find_what w)
{
    static const char *const names[FIND_WHAT_COUNT] = {"customer", "account", "meter"};
    CHECK(w < FIND_WHAT_COUNT);
    return names[w];
}

const char *find_field_name(enum find_field f)
{
    static const char *const names[FIND_FIELD_COUNT] = {
        "number", "serial", "old_number", "old_bill", "paper", "tax_id",
        "phone",  "name",   "email",      "address",  "place"};
    CHECK(f < FIND_FIELD_COUNT);
    return names[f];
}

const char *find_field_words(enum find_field f)
{
    static const char *const words[FIND_FIELD_COUNT] = {[FIND_NUMBER] = N_("number"),
                                                        [FIND_SERIAL] = N_("serial"),
                                                        [FIND_OLD_NUMBER] = N_("old number"),
                                                        [FIND_OLD_BILL] = N_("old bill"),
                                                        [FIND_PAY_CODE] = N_("paper code"),
                                                        [FIND_TAX_ID] = N_("tax number"),
                                                        [FIND_PHONE] = N_("telephone"),
                                                        [FIND_NAME] = N_("name"),
                                                        [FIND_EMAIL] = N_("e-mail"),
                                                        [FIND_ADDRESS] = N_("address"),
                                                        [FIND_PLACE] = N_("place")};
    CHECK(f < FIND_FIELD_COUNT);
    return words[f];
}

struct finder {
    struct office *o;
    bool personal;
    struct buf wanted; /* folded */
    const char *word[WORDS_MAX];
    size_t words;
    struct buf signs;   /* letters and digits of it alone */
    struct buf scratch; /* a value, folded */
    struct buf bare;    /* letters and digits of a value */
    struct buf split;   /* holds the words */
    struct find_hit *hits;
    size_t count;
    bool more;
};

/* ---- comparing ---- */

static void keep_signs(const char *folded, struct buf *out)
{
    buf_clear(out);
    for (const char *s = folded; *s != '\0'; s++) {
        if ((*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') || (unsigned char)*s > 127) {
            buf_addc(out, *s);
        }
    }
}

static int rank_in(const char *value, const char *wanted)
{
    const char *at = strstr(value, wanted);
    return at == NULL ? -1 : at != value ? 2 : value[strlen(wanted)] == '\0' ? 0 : 1;
}

/* Numbers: the signs between their letters and digits are as the writer liked. */
static int rank_number(struct finder *f)
{
    keep_signs(buf_str(&f->scratch), &f->bare);
    int rank = f->signs.len > 0 ? rank_in(buf_str(&f->bare), buf_str(&f->signs)) : -1;
    return rank > 0 && f->signs.len < SIGNS_MIN ? -1 : rank;
}

/* Texts: each word must be there. */
static int rank_words(const struct finder *f)
{
    const char *value = buf_str(&f->scratch);
    for (size_t i = 0; i < f->words; i++) {
        if (strstr(value, f->word[i]) == NULL) {
            return -1;
        }
    }
    int rank = rank_in(value, buf_str(&f->wanted));
    return rank < 0 ? 2 : rank;
}

static int rank_of(struct finder *f, enum find_field field, const char *value)
{
    buf_clear(&f->scratch);
    text_fold(value, strlen(value), &f->scratch);
    switch (field) {
    case FIND_NUMBER:
    case FIND_SERIAL:
    case FIND_OLD_NUMBER:
    case FIND_OLD_BILL:
    case FIND_TAX_ID:
    case FIND_PHONE:
        return rank_number(f);
    case FIND_PAY_CODE: /* read, not searched: code_look */
    case FIND_NAME:
    case FIND_EMAIL:
    case FIND_ADDRESS:
    case FIND_PLACE:
    case FIND_FIELD_COUNT:
        break;
    }
    return rank_words(f);
}

/* ---- keeping the best ---- */

static int hit_order(const struct find_hit *a, const struct find_hit *b)
{
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->what != b->what) {
        return a->what < b->what ? -1 : 1;
    }
    if (a->id != b->id) {
        return a->id < b->id ? -1 : 1;
    }
    return a->field < b->field ? -1 : a->field > b->field;
}

static void hit_keep(struct finder *f, const struct find_hit *h)
{
    size_t at = f->count;
    if (f->count == FIND_HITS_MAX) {
        f->more = true;
        if (hit_order(h, &f->hits[FIND_HITS_MAX - 1]) >= 0) {
            return;
        }
        at = FIND_HITS_MAX - 1;
    } else {
        f->count++;
    }
    while (at > 0 && hit_order(h, &f->hits[at - 1]) < 0) {
        f->hits[at] = f->hits[at - 1];
        at--;
    }
    f->hits[at] = *h;
}

static void value_look(struct finder *f, enum find_what what, enum find_field field, int64_t id,
                       const char *value)
{
    struct find_hit h = {.what = what, .field = field, .id = id};
    if (value == NULL) {
        return;
    }
    h.rank = rank_of(f, field, value);
    if (h.rank >= 0) {
        text_sanitize_to(value, strlen(value), h.match, sizeof h.match);
        hit_keep(f, &h);
    }
}

/* ---- where is looked ---- */

static const struct {
    enum find_what what;
    enum find_field field;
    const char *sql;
} sources[] = {
    {FIND_ACCOUNT, FIND_NUMBER, "SELECT id, number FROM account"},
    {FIND_METER, FIND_SERIAL, "SELECT id, serial FROM meter"},
    {FIND_CUSTOMER, FIND_OLD_NUMBER,
     "SELECT id, number FROM old_number WHERE owner = 'customer'"},
    {FIND_ACCOUNT, FIND_OLD_NUMBER,
     "SELECT id, number FROM old_number WHERE owner = 'account'"},
    {FIND_ACCOUNT, FIND_OLD_BILL, "SELECT account, number FROM old_bill"},
};

/* One walk over what is kept of each owner. Values that do not hold any more are found by
 * nobody: whether a value holds is asked of those that match. */
#define HOLDS(field) "SELECT id FROM customer WHERE id = ? AND " field " = ?"
static const struct {
    const char *owner, *field;
    enum find_what what;
    enum find_field as;
    const char *holds; /* of (id, hash): what is found */
} personal_sources[] = {
    {"customer", "name", FIND_CUSTOMER, FIND_NAME, HOLDS("name")},
    {"customer", "tax_id", FIND_CUSTOMER, FIND_TAX_ID, HOLDS("tax_id")},
    {"customer", "phone", FIND_CUSTOMER, FIND_PHONE, HOLDS("phone")},
    {"customer", "email", FIND_CUSTOMER, FIND_EMAIL, HOLDS("email")},
    {"customer", "address", FIND_CUSTOMER, FIND_ADDRESS, HOLDS("address")},
    {"service_point", "place", FIND_METER, FIND_PLACE,
     "SELECT m.id FROM service_point s JOIN meter m ON m.point = s.id WHERE s.id = ? AND "
     "s.place = ?"},
};
#define PERSONAL_SOURCES (sizeof personal_sources / sizeof personal_sources[0])

static enum err_code source_look(struct finder *f, enum find_what what, enum find_field field,
                                 const char *sql, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(f->o->db, &q, e, sql, NO_VALS));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        value_look(f, what, field, stmt_int(q, 0), stmt_text(q, 1));
    }
    stmt_done(q);
    return code;
}

/* The account of a bill by its number as printed, "2026-00000017"; 0 where it is none. */
static enum err_code number_look(struct finder *f, const char *text, int64_t *account,
                                 struct err *e)
{
    size_t digits = strspn(text, "0123456789");
    size_t rest = text[digits] == '-' ? strspn(text + digits + 1, "0123456789") : 0;
    if (digits != 4 || rest < 8 || text[digits + 1 + rest] != '\0') {
        return ERR_OK;
    }
    return db_get_int(f->o->db, account, NULL, e,
                      "SELECT account FROM bill WHERE id = CAST(substr(?1, 6) AS INTEGER) AND "
                      "substr(issued, 1, 4) = substr(?1, 1, 4)",
                      VALS(V_TEXT(text)));
}

/* What was scanned or read from a paper names one account and nothing else. */
static enum err_code code_look(struct finder *f, const char *text, struct err *e)
{
    int64_t account = 0;
    int64_t bill = 0;
    TRY(biller_reference_find(f->o, text, &account, &bill, e));
    if (account == 0) {
        TRY(number_look(f, text, &account, e));
    }
    if (account != 0) {
        struct find_hit h = {.what = FIND_ACCOUNT, .field = FIND_PAY_CODE, .id = account};
        text_sanitize_to(text, strlen(text), h.match, sizeof h.match);
        hit_keep(f, &h);
    }
    return ERR_OK;
}

/* Keep a value that matches under each customer or meter of which it holds. */
static enum err_code holding_keep(struct finder *f, size_t source, const struct stmt *at,
                                  struct find_hit *h, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (f->more && hit_order(h, &f->hits[FIND_HITS_MAX - 1]) >= 0) {
        return ERR_OK; /* h->id is 0 still: no hit of this rank would be among the best */
    }
    TRY(db_query(f->o->db, &q, e, personal_sources[source].holds,
                 VALS(V_INT(stmt_int(at, 0)), stmt_val(at, 2))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const char *value = stmt_text(at, 3);
        h->id = stmt_int(q, 0);
        text_sanitize_to(value, strlen(value), h->match, sizeof h->match);
        hit_keep(f, h);
    }
    stmt_done(q);
    return code;
}

static size_t personal_source(const char *owner, const char *field)
{
    size_t i = 0;
    while (i < PERSONAL_SOURCES && (strcmp(personal_sources[i].owner, owner) != 0 ||
                                    strcmp(personal_sources[i].field, field) != 0)) {
        i++;
    }
    return i;
}

static enum err_code owner_look(struct finder *f, const char *owner, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        f->o->db, &q, e,
        "SELECT id, field, hash, value FROM main.personal WHERE owner = ? AND value IS "
        "NOT NULL",
        VALS(V_TEXT(owner))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t i = personal_source(owner, stmt_text(q, 1));
        if (i == PERSONAL_SOURCES) {
            continue;
        }
        struct find_hit h = {.what = personal_sources[i].what, .field = personal_sources[i].as};
        h.rank = rank_of(f, h.field, stmt_text(q, 3));
        code = h.rank >= 0 ? holding_keep(f, i, q, &h, e) : ERR_OK;
    }
    stmt_done(q);
    return code;
}

static enum err_code all_look(struct finder *f, struct err *e)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        TRY(source_look(f, sources[i].what, sources[i].field, sources[i].sql, e));
    }
    if (f->personal) {
        TRY(owner_look(f, "customer", e));
        TRY(owner_look(f, "service_point", e));
    }
    return ERR_OK;
}

/* ---- what leads on ---- */

#define NAME_OF                                                                                \
    "LEFT JOIN main.personal p ON p.owner = 'customer' AND p.id = k.id AND p.field = 'name' "  \
    "AND p.hash = k.name "
static const char *const lead_sql[FIND_WHAT_COUNT] = {
    [FIND_CUSTOMER] =
        "SELECT a.number, m.serial, p.value FROM customer k " NAME_OF
        "LEFT JOIN account a ON a.customer = k.id LEFT JOIN assignment g ON g.account = a.id "
        "AND g.end_date IS NULL LEFT JOIN meter m ON m.id = g.meter WHERE k.id = ? ORDER BY "
        "a.closed IS NOT NULL, a.id, m.id LIMIT 1",
    [FIND_ACCOUNT] =
        "SELECT a.number, m.serial, p.value FROM account a JOIN customer k ON k.id = "
        "a.customer " NAME_OF "LEFT JOIN assignment g ON g.account = a.id AND g.end_date IS "
        "NULL LEFT JOIN meter m ON m.id = g.meter WHERE a.id = ? ORDER BY m.id LIMIT 1",
    [FIND_METER] =
        "SELECT a.number, m.serial, p.value FROM meter m LEFT JOIN assignment g ON g.meter = "
        "m.id AND g.end_date IS NULL LEFT JOIN account a ON a.id = g.account LEFT JOIN "
        "customer k ON k.id = a.customer " NAME_OF "WHERE m.id = ? LIMIT 1",
};

static void lead_copy(const char *from, char *to, size_t size)
{
    if (from != NULL) {
        text_sanitize_to(from, strlen(from), to, size);
    }
}

static enum err_code lead_on(const struct finder *f, struct find_hit *h, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(f->o->db, &q, e, lead_sql[h->what], VALS(V_INT(h->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        lead_copy(stmt_text(q, 0), h->account, sizeof h->account);
        lead_copy(stmt_text(q, 1), h->serial, sizeof h->serial);
        if (f->personal) {
            lead_copy(stmt_text(q, 2), h->name, sizeof h->name);
        }
    }
    stmt_done(q);
    return code;
}

/* ---- the whole ---- */

static enum err_code finder_ask(struct finder *f, const char *text, struct err *e)
{
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    if (len == 0 || len > FIND_TEXT_MAX) {
        return err_set(e, ERR_USAGE,
                       _("say what is looked for, in at most %d letters: a name, a number, a "
                         "serial or a part of one"),
                       FIND_TEXT_MAX);
    }
    text_fold(text, len, &f->wanted);
    keep_signs(buf_str(&f->wanted), &f->signs);
    buf_adds(&f->split, buf_str(&f->wanted));
    TRY(buf_status(&f->wanted, _("search"), e));
    TRY(buf_status(&f->split, _("search"), e));
    for (char *s = f->split.data; *s != '\0' && f->words < WORDS_MAX;) {
        f->word[f->words++] = s;
        s += strcspn(s, " ");
        while (*s == ' ') {
            *s++ = '\0';
        }
    }
    return ERR_OK;
}

enum err_code office_find(struct office *o, int64_t user, const char *text,
                          struct find_hit *hits, size_t *count, bool *more, struct err *e)
{
    struct finder f = {.o = o, .hits = hits};
    struct buf *bufs[] = {&f.wanted, &f.signs, &f.scratch, &f.bare, &f.split};
    for (size_t i = 0; i < 5; i++) {
        buf_init(bufs[i], 65536);
    }
    enum err_code code = finder_ask(&f, text, e);
    if (code == ERR_OK && user != 0) {
        code = session_may(o, user, PERSONAL_READ, &f.personal, e);
    }
    if (code == ERR_OK) {
        code = code_look(&f, text, e);
    }
    if (code == ERR_OK) {
        code = all_look(&f, e);
    }
    for (size_t i = 0; code == ERR_OK && i < f.count; i++) {
        code = lead_on(&f, &hits[i], e);
    }
    *count = code == ERR_OK ? f.count : 0;
    *more = f.more;
    for (size_t i = 0; i < 5; i++) {
        buf_release(bufs[i]);
    }
    return code;
}
