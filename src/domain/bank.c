#include <config.h>

#include "domain/bank.h"

#include <string.h>

#include "base/i18n.h"

/* Grow an array in the arena by doubling. */
static void *grown(struct arena *a, const void *old, size_t count, size_t *size, size_t one,
                   struct err *e)
{
    size_t more = *size == 0 ? 16 : *size * 2;
    void *p = arena_array(a, more, one);
    if (p == NULL) {
        (void)err_nomem(e);
        return NULL;
    }
    if (count > 0) {
        memcpy(p, old, count * one);
    }
    *size = more;
    return p;
}

struct bank_statement *bank_statement_add(struct bank_file *f, struct arena *a, struct err *e)
{
    if (f->count >= BANK_STATEMENTS_MAX) {
        (void)err_set(e, ERR_LIMIT, _("the file has more than %d statements"),
                      BANK_STATEMENTS_MAX);
        return NULL;
    }
    if (f->count == f->size) {
        void *p = grown(a, f->statements, f->count, &f->size, sizeof f->statements[0], e);
        if (p == NULL) {
            return NULL;
        }
        f->statements = p;
    }
    struct bank_statement *s = &f->statements[f->count++];
    *s = (struct bank_statement){.id = "", .account = "", .number = "", .sequence = ""};
    return s;
}

struct bank_txn *bank_txn_add(struct bank_file *f, struct arena *a, struct err *e)
{
    CHECK(f->count > 0);
    struct bank_statement *s = &f->statements[f->count - 1];
    if (s->count >= BANK_TXNS_MAX) {
        (void)err_set(e, ERR_LIMIT, _("a statement has more than %d transactions"),
                      BANK_TXNS_MAX);
        return NULL;
    }
    if (s->count == s->size) {
        void *p = grown(a, s->txns, s->count, &s->size, sizeof s->txns[0], e);
        if (p == NULL) {
            return NULL;
        }
        s->txns = p;
    }
    struct bank_txn *t = &s->txns[s->count++];
    *t = (struct bank_txn){.booked = true,
                           .status = "",
                           .funds_code = "",
                           .type = "",
                           .customer_reference = "",
                           .bank_reference = "",
                           .batch_reference = "",
                           .end_to_end = "",
                           .structured = "",
                           .extra = "",
                           .code = "",
                           .posting_text = "",
                           .text = "",
                           .words = "",
                           .name = "",
                           .counter_account = "",
                           .counter_bank = ""};
    return t;
}

bool bank_statement_balanced(const struct bank_statement *s)
{
    int128 sum = s->opening.amount;
    if (!s->opening.known || !s->closing.known) {
        return true;
    }
    for (size_t i = 0; i < s->count; i++) {
        sum += s->txns[i].booked ? s->txns[i].amount : 0;
    }
    return sum == s->closing.amount;
}

static bool holds(const char *data, size_t len, const char *what)
{
    size_t n = strlen(what);
    for (size_t at = 0; at + n <= len; at++) {
        if (memcmp(data + at, what, n) == 0) {
            return true;
        }
    }
    return false;
}

enum err_code bank_read(const char *data, size_t len, struct arena *arena,
                        struct bank_file *out, struct err *e)
{
    size_t at = len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", data[at]) != NULL && data[at] != '\0') {
        at++;
    }
    bool utf16 =
        len >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0);
    if (utf16 || (at < len && data[at] == '<')) {
        return bank_read_camt(data + (utf16 ? 0 : at), len - (utf16 ? 0 : at), arena, out, e);
    }
    if (len >= 4 && memcmp(data, "PK\3\4", 4) == 0) {
        return err_set(
            e, ERR_UNSUPPORTED,
            _("it is a zip archive (or a workbook): unpack it, and import the files in "
              "it; what is in a workbook, save as CSV"));
    }
    if (holds(data, len, ":20:") || holds(data, len, ":25:") || holds(data, len, ":60F:")) {
        return bank_read_mt940(data, len, arena, out, e);
    }
    return err_set(e, ERR_UNSUPPORTED,
                   _("it is neither CAMT.053 nor MT940; a CSV file needs --mapping"));
}
