/* SWIFT MT940: lines of tagged fields; a field goes on over lines that begin no tag. Some banks
 * break field 61 before its amount, leave out blocks, or put what they like into field 86: all
 * of that is read; what has no meaning is kept as text. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "domain/bank.h"
#include "domain/bank_details.h"

#define FIELD_MAX 65535

struct mt {
    struct bank_file *file;
    struct arena *arena;
    const char *at, *end;
    unsigned long line;
    unsigned long tag_line; /* where the field began */
    char tag[4];
    struct buf value;
    bool open;        /* a statement has begun and not ended */
    bool detail_next; /* field 86 belongs to the last transaction */
    const struct currency *currency;
};

static enum err_code bad(const struct mt *m, const char *what, struct err *e)
{
    return err_set(e, ERR_PARSE, _("line %lu, field %s: %s"), m->tag_line, m->tag, what);
}

static enum err_code keep(struct mt *m, const char **where, const char *text, size_t len,
                          struct err *e)
{
    while (len > 0 && text[len - 1] == ' ') { /* some banks fill their lines up */
        len--;
    }
    *where = arena_strndup(m->arena, text, len);
    return *where != NULL ? ERR_OK : err_nomem(e);
}

/* ---- lines and fields
 * ------------------------------------------------------------------------------------------------
 */

/* Next line without its end; false at the end of the file. */
static bool line_next(struct mt *m, const char **line, size_t *len)
{
    if (m->at >= m->end) {
        return false;
    }
    const char *stop = memchr(m->at, '\n', (size_t)(m->end - m->at));
    const char *next = stop != NULL ? stop + 1 : m->end;
    stop = stop != NULL ? stop : m->end;
    if (stop > m->at && stop[-1] == '\r') {
        stop--;
    }
    *line = m->at;
    *len = (size_t)(stop - m->at);
    m->at = next;
    m->line++;
    return true;
}

/* ":60F:" -> length of the tag with its colons; 0 when the line begins none. A line of text may
 * begin like one (":26:37" of a time), so only those that a statement has are tags: those of
 * MT940 and MT942, ":940:" of Rabobank, and ":NS:" of banks that go beyond the standard. */
static size_t tag_len(const char *line, size_t len)
{
    static const char *const tags[] = {
        ":20:",  ":21:",  ":25:",  ":25P:", ":28:",  ":28C:", ":60F:", ":60M:",
        ":61:",  ":62F:", ":62M:", ":64:",  ":65:",  ":86:",  ":13:",  ":13D:",
        ":34F:", ":90C:", ":90D:", ":940:", ":942:", ":NS:"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        size_t n = strlen(tags[i]);
        if (len >= n && memcmp(line, tags[i], n) == 0) {
            return n;
        }
    }
    return 0;
}

/* Digits at p, at most `max`; how many. */
static size_t digits(const char *p, size_t max)
{
    size_t n = 0;
    while (n < max && p[n] >= '0' && p[n] <= '9') {
        n++;
    }
    return n;
}

static unsigned two(const char *p)
{
    return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

/* German banks reckon interest by months of 30 days, and value what is due then on 30 February:
 * its last day. */
static struct date day_real(struct date d)
{
    if (d.month == 2 && (d.day == 29 || d.day == 30)) {
        d.day = date_valid((struct date){d.year, 2, 29}) ? 29 : 28;
    }
    return d;
}

/* YYMMDD; years from 80 on are of the last century. */
static enum err_code date_take(const struct mt *m, const char *p, struct date *out,
                               struct err *e)
{
    if (digits(p, 6) != 6) {
        return bad(m, _("there is no date where one belongs"), e);
    }
    int32_t year = (int32_t)two(p);
    *out = day_real((struct date){year + (year >= 80 ? 1900 : 2000), (uint8_t)two(p + 2),
                                  (uint8_t)two(p + 4)});
    return date_valid(*out) ? ERR_OK : bad(m, _("there is no such day"), e);
}

/* "1234718,36", "0,", "970499,9" in minor units of the currency. */
static enum err_code amount_take(const struct mt *m, const char *p, size_t len,
                                 const struct currency *currency, int64_t *out, struct err *e)
{
    char text[24];
    struct money money = {0};
    struct err why = ERR_INIT;
    if (len == 0 || len >= sizeof text) {
        return bad(m, _("there is no amount where one belongs"), e);
    }
    memcpy(text, p, len);
    text[len] = '\0';
    char *comma = strchr(text, ',');
    if (comma != NULL) {
        *comma = '.';
    }
    if (comma != NULL && comma[1] == '\0') {
        *comma = '\0';
    }
    if (text[0] == '\0' || strchr(text, ',') != NULL) {
        return bad(m, _("there is no amount where one belongs"), e);
    }
    enum err_code code = money_parse(text, strlen(text), currency, &money, &why);
    if (code != ERR_OK) {
        (void)bad(m, why.text, e);
        return code;
    }
    *out = money.minor;
    return ERR_OK;
}

static size_t amount_len(const char *p)
{
    return strspn(p, "0123456789,");
}

/* ---- fields
 * ----------------------------------------------------------------------------------------------------------
 */

/* C|D YYMMDD CUR amount */
static enum err_code balance_take(struct mt *m, struct bank_balance *out, struct err *e)
{
    char code[4] = "";
    const char *v = buf_str(&m->value);
    if ((v[0] != 'C' && v[0] != 'D') || strlen(v) < 11) {
        return bad(m, _("a balance is C or D, a date, a currency and an amount"), e);
    }
    TRY(date_take(m, v + 1, &out->date, e));
    memcpy(code, v + 7, 3);
    out->currency = currency_find(code);
    if (out->currency == NULL) {
        return err_set(e, ERR_UNSUPPORTED, _("line %lu, field %s: \"%s\" is no known currency"),
                       m->tag_line, m->tag, code);
    }
    m->currency = m->currency == NULL ? out->currency : m->currency;
    if (m->currency != out->currency) {
        return bad(m, _("the balances of a statement are in different currencies"), e);
    }
    TRY(amount_take(m, v + 10, amount_len(v + 10), out->currency, &out->amount, e));
    out->amount = v[0] == 'D' ? -out->amount : out->amount;
    out->known = true;
    return ERR_OK;
}

/* MMDD beside a value date: the year is the one in which the two are nearest. */
static enum err_code entry_date_take(const struct mt *m, const char *p, struct bank_txn *t,
                                     struct err *e)
{
    struct date d = {t->date.year, (uint8_t)two(p), (uint8_t)two(p + 2)};
    if (t->date.month == 1 && d.month == 12) {
        d.year--;
    } else if (t->date.month == 12 && d.month == 1) {
        d.year++;
    }
    t->entry_date = day_real(d);
    return date_valid(t->entry_date) ? ERR_OK : bad(m, _("there is no such day"), e);
}

/* "C", "RD" ... and the funds letter behind it. Money comes in by C and RD. */
static enum err_code mark_take(struct mt *m, const char **at, struct bank_txn *t, bool *in,
                               struct err *e)
{
    const char *p = *at;
    bool reversed = (p[0] == 'R' || p[0] == 'E') && (p[1] == 'C' || p[1] == 'D');
    size_t n = reversed ? 2 : 1;
    if (!reversed && p[0] != 'C' && p[0] != 'D') {
        return bad(m, _("neither credit nor debit is told (C, D, RC, RD)"), e);
    }
    char side = p[n - 1];
    t->reversal = p[0] == 'R';
    *in = t->reversal ? side == 'D' : side == 'C';
    t->booked = p[0] != 'E';
    TRY(keep(m, &t->status, p, n, e));
    p += n;
    if (*p >= 'A' && *p <= 'Z') {
        TRY(keep(m, &t->funds_code, p, 1, e));
        p++;
    }
    p += *p == '\n' ? 1 : 0; /* where some banks break the line */
    *at = p;
    return ERR_OK;
}

/* Type, reference, //bank's reference, and on the next line supplementary details. */
static enum err_code references_take(struct mt *m, const char *p, struct bank_txn *t,
                                     struct err *e)
{
    const char *extra = strchr(p, '\n');
    size_t len = extra != NULL ? (size_t)(extra - p) : strlen(p);
    size_t type = len < 4 ? len : 4;
    TRY(keep(m, &t->type, p, type, e));
    p += type;
    len -= type;
    const char *bank = NULL;
    for (size_t i = 0; i + 1 < len && bank == NULL; i++) {
        bank = p[i] == '/' && p[i + 1] == '/' ? p + i : NULL;
    }
    size_t own = bank != NULL ? (size_t)(bank - p) : len;
    TRY(keep(m, &t->customer_reference, p, own, e));
    if (bank != NULL) {
        TRY(keep(m, &t->bank_reference, bank + 2, len - own - 2, e));
    }
    return extra != NULL ? keep(m, &t->extra, extra + 1, strlen(extra + 1), e) : ERR_OK;
}

static enum err_code txn_take(struct mt *m, struct err *e)
{
    const char *p = buf_str(&m->value);
    bool in = false;
    if (m->currency == NULL) {
        return bad(m, _("a transaction stands before the opening balance"), e);
    }
    struct bank_txn *t = bank_txn_add(m->file, m->arena, e);
    if (t == NULL) {
        return e->code;
    }
    t->entry = (int64_t)m->file->statements[m->file->count - 1].count;
    t->currency = m->currency;
    TRY(date_take(m, p, &t->date, e));
    p += 6;
    t->entry_date = t->date;
    if (digits(p, 4) == 4) {
        TRY(entry_date_take(m, p, t, e));
        p += 4;
    }
    TRY(mark_take(m, &p, t, &in, e));
    size_t len = amount_len(p);
    TRY(amount_take(m, p, len, m->currency, &t->amount, e));
    t->amount = in ? t->amount : -t->amount;
    m->detail_next = true;
    p += len;
    return references_take(m, p + strspn(p, " "), t, e);
}

/* ---- field 86
 * -------------------------------------------------------------------------------------------------------
 */

static enum err_code details_take(struct mt *m, struct err *e)
{
    struct bank_statement *s = &m->file->statements[m->file->count - 1];
    if (!m->detail_next || s->count == 0) {
        return ERR_OK; /* information on the statement, not on a transaction */
    }
    struct bank_txn *t = &s->txns[s->count - 1];
    if (strcmp(m->tag, "NS") == 0) {
        return keep(m, &t->text, buf_str(&m->value), m->value.len, e);
    }
    m->detail_next = false;
    return bank_details_read(buf_str(&m->value), m->arena, t, e);
}

/* ---- the file
 * -------------------------------------------------------------------------------------------------------
 */

static enum err_code statement_numbers(struct mt *m, struct bank_statement *s, struct err *e)
{
    const char *v = buf_str(&m->value);
    const char *slash = strchr(v, '/');
    size_t len = slash != NULL ? (size_t)(slash - v) : strlen(v);
    TRY(keep(m, &s->number, v, len, e));
    return slash != NULL ? keep(m, &s->sequence, slash + 1, strlen(slash + 1), e) : ERR_OK;
}

static enum err_code statement_begin(struct mt *m, struct err *e)
{
    if (m->open) {
        return bad(m, _("a statement begins before the one before it has its closing balance"),
                   e);
    }
    struct bank_statement *s = bank_statement_add(m->file, m->arena, e);
    m->open = true;
    m->detail_next = false;
    m->currency = NULL;
    return s == NULL ? e->code : keep(m, &s->id, buf_str(&m->value), m->value.len, e);
}

static enum err_code field_take(struct mt *m, struct err *e)
{
    if (m->tag[0] == '\0') {
        return ERR_OK;
    }
    if (buf_status(&m->value, m->tag, e) != ERR_OK) {
        return e->code;
    }
    if (strcmp(m->tag, "20") == 0) {
        return statement_begin(m, e);
    }
    if (m->tag[0] == '9') {
        return ERR_OK; /* ":940:" begins a message; sums of MT942 */
    }
    if (strcmp(m->tag, "34F") == 0) {
        return err_set(
            e, ERR_UNSUPPORTED,
            _("line %lu, field %s: the file is an MT942, a report within the day; its "
              "movements come again in the day's statement (MT940)"),
            m->tag_line, m->tag);
    }
    if (m->file->count == 0) {
        return bad(m, _("it stands before the first statement (field 20)"), e);
    }
    struct bank_statement *s = &m->file->statements[m->file->count - 1];
    if (strcmp(m->tag, "25") == 0) {
        return keep(m, &s->account, buf_str(&m->value), m->value.len, e);
    }
    if (strncmp(m->tag, "28", 2) == 0) {
        return statement_numbers(m, s, e);
    }
    if (strcmp(m->tag, "60F") == 0 || strcmp(m->tag, "60M") == 0) {
        return balance_take(m, &s->opening, e);
    }
    if (strcmp(m->tag, "61") == 0) {
        return txn_take(m, e);
    }
    if (strcmp(m->tag, "86") == 0 || strcmp(m->tag, "NS") == 0) {
        return details_take(m, e);
    }
    if (strcmp(m->tag, "62F") == 0 || strcmp(m->tag, "62M") == 0) {
        m->open = false;
        m->detail_next = false;
        return balance_take(m, &s->closing, e);
    }
    return strcmp(m->tag, "64") == 0 ? balance_take(m, &s->available, e) : ERR_OK;
}

/* SWIFT's own blocks around the text: "{1:...}{2:...}{4:", "-}". */
static bool is_envelope(const char *line, size_t len)
{
    return len == 0 || line[0] == '{' || (line[0] == '-' && (len == 1 || line[1] == '}'));
}

static enum err_code lines_read(struct mt *m, struct err *e)
{
    const char *line = NULL;
    size_t len = 0;
    while (line_next(m, &line, &len)) {
        size_t tag = tag_len(line, len);
        /* A header block may stand on the same line as the first tag. */
        for (size_t i = 0; tag == 0 && len > 0 && line[0] == '{' && i + 4 < len; i++) {
            if (line[i] == '{' && line[i + 1] == '4' && line[i + 2] == ':') {
                line += i + 3;
                len -= i + 3;
                tag = tag_len(line, len);
                break;
            }
        }
        if (tag > 0) {
            TRY(field_take(m, e));
            (void)snprintf(m->tag, sizeof m->tag, "%.*s", (int)(tag - 2), line + 1);
            m->tag_line = m->line;
            buf_clear(&m->value);
            buf_add(&m->value, line + tag, len - tag);
        } else if (is_envelope(line, len)) {
            TRY(field_take(m, e));
            m->tag[0] = '\0';
        } else if (m->tag[0] != '\0') {
            buf_addc(&m->value, '\n');
            buf_add(&m->value, line, len);
        }
    }
    return field_take(m, e);
}

/* What is not UTF-8 is taken as ISO 8859-1 or Windows-1252. */
static enum err_code utf8_make(struct mt *m, const char *data, size_t len, struct buf *text,
                               struct err *e)
{
    if (memchr(data, '\0', len) != NULL) {
        return err_set(e, ERR_PARSE, _("the file holds a zero byte: it is no text"));
    }
    if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        len -= 3;
    }
    if (utf8_valid(data, len)) {
        buf_add(text, data, len);
    } else {
        for (size_t i = 0; i < len; i++) {
            char c[4];
            buf_add(text, c, utf8_encode(latin1_decode((unsigned char)data[i]), c));
        }
    }
    m->at = buf_str(text);
    m->end = m->at + text->len;
    return buf_status(text, _("bank file"), e);
}

enum err_code bank_read_mt940(const char *data, size_t len, struct arena *arena,
                              struct bank_file *out, struct err *e)
{
    struct mt m = {.file = out, .arena = arena};
    struct buf text;
    *out = (struct bank_file){.format = "mt940"};
    buf_init(&text, 2 * BANK_FILE_MAX);
    buf_init(&m.value, FIELD_MAX);
    enum err_code code = utf8_make(&m, data, len, &text, e);
    if (code == ERR_OK) {
        code = lines_read(&m, e);
    }
    if (code == ERR_OK && out->count == 0) {
        code = err_set(e, ERR_PARSE, _("the file holds no statement"));
    }
    if (code == ERR_OK && m.open) {
        code = err_set(e, ERR_PARSE,
                       _("the last statement has no closing balance: the file is cut off"));
    }
    buf_release(&m.value);
    buf_release(&text);
    return code;
}
