#include <config.h>

#include "domain/bank_details.h"

#include <string.h>

#include "base/buf.h"

#define TEXT_MAX 65535
#define LINE_FULL 65 /* characters of a line; the tag counts in the first one */
#define TAG_LEN 4    /* ":86:" */

static enum err_code keep(struct arena *a, const char **where, const char *text, size_t len,
                          struct err *e)
{
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    *where = arena_strndup(a, text, len);
    return *where != NULL ? ERR_OK : err_nomem(e);
}

/* Two digits as a number; -1 where there are none. */
static int two_digits(const char *p)
{
    bool are = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';
    return are ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

/* ---- subfields ---- */

struct subfields {
    struct buf purpose, words, name, account, iban, bank, posting;
};
#define SUBFIELDS 7

static bool is_subfield(const char *p, char sign)
{
    return *p == sign && two_digits(p + 1) >= 0;
}

static bool subfield_known(int code)
{
    return code == 0 || code == 10 || (code >= 20 && code <= 39) || (code >= 60 && code <= 63);
}

/*
 * Where the subfields begin: behind the business code of three digits, or at once. Signs that
 * stand in ordinary text as well must come twice.
 */
static const char *subfields_find(const char *v)
{
    const char *p = v;
    for (size_t i = 0; i < 3 && *p >= '0' && *p <= '9'; i++) {
        p++;
    }
    if ((p != v && p != v + 3) || *p == '\0' || strchr("?>~<^/&+-", *p) == NULL ||
        !is_subfield(p, *p) || !subfield_known(two_digits(p + 1))) {
        return NULL;
    }
    if (p == v + 3 && strchr("?>~<^", *p) != NULL) {
        return p;
    }
    for (const char *q = p + 3; *q != '\0'; q++) {
        if (is_subfield(q, *p)) {
            return p;
        }
    }
    return NULL;
}

static struct buf *subfield(struct subfields *s, int code)
{
    if ((code >= 20 && code <= 29) || (code >= 60 && code <= 63)) {
        return &s->purpose;
    }
    return code == 0                  ? &s->posting
           : code == 30               ? &s->bank
           : code == 31               ? &s->account
           : code == 38               ? &s->iban
           : code == 32 || code == 33 ? &s->name
                                      : NULL;
}

static void subfields_split(const char *p, struct subfields *s)
{
    char sign = *p;
    while (is_subfield(p, sign)) {
        const char *from = p + 3;
        const char *to = from;
        while (*to != '\0' && !is_subfield(to, sign)) {
            to++;
        }
        struct buf *b = subfield(s, two_digits(p + 1));
        if (b != NULL) {
            buf_add(b, from, (size_t)(to - from));
        }
        if (b == &s->purpose) {
            buf_adds(&s->words, s->words.len > 0 ? " " : "");
            buf_add(&s->words, from, (size_t)(to - from));
        }
        p = to;
    }
}

static enum err_code subfields_read(const char *v, const char *from, struct arena *a,
                                    struct bank_txn *t, struct err *e)
{
    struct subfields s;
    struct buf *all[SUBFIELDS] = {&s.purpose, &s.words, &s.name,   &s.account,
                                  &s.iban,    &s.bank,  &s.posting};
    for (size_t i = 0; i < SUBFIELDS; i++) {
        buf_init(all[i], 2 * TEXT_MAX); /* words: a blank for each sign */
    }
    subfields_split(from, &s);
    const struct buf *account = s.iban.len > 0 ? &s.iban : &s.account;
    const struct {
        const char **where;
        const struct buf *from;
    } kept[] = {{&t->text, &s.purpose},      {&t->words, &s.words},
                {&t->name, &s.name},         {&t->counter_account, account},
                {&t->counter_bank, &s.bank}, {&t->posting_text, &s.posting}};
    enum err_code code = keep(a, &t->code, v, (size_t)(from - v), e);
    for (size_t i = 0; code == ERR_OK && i < sizeof kept / sizeof kept[0]; i++) {
        code = keep(a, kept[i].where, buf_str(kept[i].from), kept[i].from->len, e);
    }
    for (size_t i = 0; code == ERR_OK && i < SUBFIELDS; i++) {
        code = buf_status(all[i], "86", e);
    }
    for (size_t i = 0; i < SUBFIELDS; i++) {
        buf_release(all[i]);
    }
    return code;
}

/* ---- code words ---- */

static const char *const code_words[] = {
    "/TRTP/", "/IBAN/", "/BIC/",  "/NAME/", "/REMI/", "/EREF/", "/CNTP/", "/ORDP/", "/BENM/",
    "/PREF/", "/MARF/", "/CSID/", "/RTRN/", "/ISDT/", "/ADDR/", "/ULTD/", "/ULTC/", "/ULTB/",
    "/PURP/", "/SVCL/", "/CREF/", "/IREF/", "/TRCD/", "/OCMT/", "/CHGS/", "/EXCH/", "/ID/"};
#define WORDS (sizeof code_words / sizeof code_words[0])

struct part {
    const char *from;
    size_t len;
};

/* The value of a code word: up to the next one, slashes at both ends taken off. */
static struct part word_value(const char *text, const char *word)
{
    const char *from = strstr(text, word);
    if (from == NULL) {
        return (struct part){"", 0};
    }
    from += strlen(word) - 1; /* the slash may belong to the next word */
    const char *to = from + strlen(from);
    for (size_t i = 0; i < WORDS; i++) {
        const char *next = strstr(from, code_words[i]);
        to = next != NULL && next < to ? next : to;
    }
    while (from < to && *from == '/') {
        from++;
    }
    while (to > from && (to[-1] == '/' || to[-1] == ' ')) {
        to--;
    }
    return (struct part){from, (size_t)(to - from)};
}

/* The nth part between slashes. */
static struct part slash_part(struct part p, size_t nth)
{
    const char *end = p.from + p.len;
    const char *from = p.from;
    for (size_t i = 0; i < nth; i++) {
        const char *slash = memchr(from, '/', (size_t)(end - from));
        if (slash == NULL) {
            return (struct part){"", 0};
        }
        from = slash + 1;
    }
    const char *stop = memchr(from, '/', (size_t)(end - from));
    return (struct part){from, (size_t)((stop != NULL ? stop : end) - from)};
}

static struct part part_first(struct part a, struct part b)
{
    return a.len > 0 ? a : b;
}

/* "USTD//text" or "STRD/ISO/reference"; the bank may also leave the kind out. */
static enum err_code remittance_take(struct part p, struct arena *a, struct bank_txn *t,
                                     struct err *e)
{
    if (p.len > 5 && memcmp(p.from, "STRD/", 5) == 0) {
        struct part issuer = slash_part(p, 1);
        size_t head = 5 + issuer.len + 1;
        if (head < p.len) {
            TRY(keep(a, &t->structured, p.from + head, p.len - head, e));
        }
    }
    size_t head = p.len >= 4 && memcmp(p.from, "USTD", 4) == 0 ? 4 : 0;
    while (head > 0 && head < p.len && p.from[head] == '/') {
        head++;
    }
    return keep(a, &t->text, p.from + head, p.len - head, e);
}

static enum err_code words_read(const char *text, struct arena *a, struct bank_txn *t,
                                struct err *e)
{
    struct part other = word_value(text, "/CNTP/"); /* account/bank/name/town */
    struct part name = part_first(word_value(text, "/NAME/"), slash_part(other, 2));
    struct part account = part_first(word_value(text, "/IBAN/"), slash_part(other, 0));
    struct part bank = part_first(word_value(text, "/BIC/"), slash_part(other, 1));
    struct part reference = word_value(text, "/EREF/");
    TRY(keep(a, &t->name, name.from, name.len, e));
    TRY(keep(a, &t->counter_account, account.from, account.len, e));
    TRY(keep(a, &t->counter_bank, bank.from, bank.len, e));
    TRY(keep(a, &t->end_to_end, reference.from, reference.len, e));
    return strstr(text, "/REMI/") != NULL ? remittance_take(word_value(text, "/REMI/"), a, t, e)
                                          : keep(a, &t->text, text, strlen(text), e);
}

static bool has_words(const char *text)
{
    return text[0] == '/' &&
           (strstr(text, "/REMI/") != NULL || strstr(text, "/NAME/") != NULL ||
            strstr(text, "/EREF/") != NULL || strstr(text, "/CNTP/") != NULL);
}

/* ---- marks ---- */

/* The part of a purpose behind a mark such as "EREF+", up to the next mark. */
static enum err_code marked(struct arena *a, const char *text, const char *mark,
                            const char **where, struct err *e)
{
    static const char *const marks[] = {"EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "COAM+",
                                        "OAMT+", "SVWZ+", "ABWA+", "ABWE+", "IBAN+", "BIC+"};
    const char *from = strstr(text, mark);
    if (from == NULL) {
        return ERR_OK;
    }
    from += strlen(mark);
    const char *to = from + strlen(from);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const char *next = strstr(from, marks[i]);
        to = next != NULL && next < to ? next : to;
    }
    return keep(a, where, from, (size_t)(to - from), e);
}

/* ---- the field ---- */

/* flat: without line breaks. text: with those only behind lines that are not full. */
static void lines_join(const char *field, struct buf *flat, struct buf *text)
{
    size_t len = TAG_LEN;
    for (const char *p = field; *p != '\0'; p++) {
        if (*p != '\n') {
            buf_addc(flat, *p);
            buf_addc(text, *p);
            len += (*p & 0xC0) != 0x80 ? 1 : 0; /* characters, not bytes */
            continue;
        }
        if (len < LINE_FULL) {
            buf_addc(text, '\n');
        }
        len = 0;
    }
}

static enum err_code plain_read(const char *field, const char *flat, const char *text,
                                struct arena *a, struct bank_txn *t, struct err *e)
{
    if (has_words(flat)) {
        return words_read(flat, a, t, e);
    }
    TRY(keep(a, &t->words, field, strlen(field), e));
    return keep(a, &t->text, text, strlen(text), e);
}

enum err_code bank_details_read(const char *field, struct arena *arena, struct bank_txn *t,
                                struct err *e)
{
    struct buf flat;
    struct buf text;
    buf_init(&flat, TEXT_MAX);
    buf_init(&text, TEXT_MAX);
    field += strspn(field, " \n");
    lines_join(field, &flat, &text);
    const char *v = buf_str(&flat);
    const char *from = subfields_find(v);
    enum err_code code = buf_status(&text, "86", e);
    if (code == ERR_OK) {
        code = from != NULL ? subfields_read(v, from, arena, t, e)
                            : plain_read(field, v, buf_str(&text), arena, t, e);
    }
    if (code == ERR_OK) {
        code = marked(arena, t->text, "EREF+", &t->end_to_end, e);
    }
    /* "KREF+" in field 61: the customer's reference did not fit there and stands here. */
    if (code == ERR_OK && strcmp(t->customer_reference, "KREF+") == 0) {
        code = marked(arena, t->text, "KREF+", &t->customer_reference, e);
    }
    buf_release(&text);
    buf_release(&flat);
    return code;
}
