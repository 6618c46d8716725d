/* Reading bills back for people: screens, command line, PDF. */
#ifndef AFORO_APP_QUERY_BILL_H
#define AFORO_APP_QUERY_BILL_H

#include "app/office.h"
#include "base/arena.h"
#include "base/money.h"
#include "domain/exact.h"

struct bill_view_meter {
    int64_t reg;
    int64_t meter;
    const char *serial, *kind, *obis, *place; /* place: personal data, as it
                                                      was when billed; "" when erased */
    int64_t place_erased;                     /* entry that erased it; 0: none */
    const struct unit *unit;
    int decimals;
    int64_t from_id, from_value, from_local, to_id, to_value,
        to_local; /* local: wall-clock seconds */
    const char *to_source;
    int64_t consumption, days;
    int64_t whole_days; /* with those of the meter it was exchanged with, or on which it was
                           another account's; 0: of itself */
    bool is_charged;    /* what is charged is not what was counted */
    int64_t charged;    /* then: smallest unit of the tariff */
    const char *charged_note; /* how it came about, for people; NULL before bill_localize */
    const char *dial_note;    /* that the dial passed zero, or its multiplier; else NULL */
    bool has_limit;
    int64_t limit;
    int64_t tariff_id, tariff_version;
    const char *tariff_code;
    const char *tariff_hash; /* hex */
    const char *flags;
    int64_t
        history[13]; /* consumption of this and the 12 bills before, oldest first; -1: none */
    const char *history_label[13]; /* "2016-03" */
};

struct bill_view_line {
    int64_t reg;
    int64_t part; /* of the meter's share */
    const char *component, *formula, *label_es, *label_en, *quantity, *unit, *price,
        *explanation;
    struct money amount;
    /* Filled by bill_bases(): the kind of its tariff component ("tax"), and the sum of the
     * components that it is reckoned from, in major units; 0 where it is not. */
    const char *type;
    struct exact base;
};

/* SQL: the number of bill b as its papers say it, "2016-00000012"; documents of an authority
 * count by it too. */
#define BILL_NUMBER(b) "substr(" b ".issued, 1, 4) || '-' || printf('%08d', " b ".id)"
/* SQL: the number of the bill or debit note behind a posting's kind and ref, as printed; ''
 * where it has none. */
#define POSTING_NUMBER(kind, ref)                                                              \
    "CASE WHEN " kind                                                                          \
    " = 'bill' THEN (SELECT " BILL_NUMBER("b") " FROM bill b WHERE b.id = " ref ") WHEN " kind \
                                               " = 'debit_note' THEN " ref " ELSE '' END"
/* SQL: how bill b of a closed run stands on a day; p: its posting, which may be missing. */
#define BILL_DISPUTED "EXISTS(SELECT 1 FROM dispute d WHERE d.bill = b.id AND d.state = 'open')"
#define BILL_STATE(day)                                                                        \
    "CASE WHEN b.cancelled IS NOT NULL THEN 'cancelled' WHEN coalesce(p.open, 0) <= 0 THEN "   \
    "'paid' WHEN " BILL_DISPUTED " THEN 'disputed' WHEN b.due < " day                          \
    " THEN 'overdue' WHEN p.open < p.amount THEN 'part' ELSE 'open' END"
/* SQL: the name of customer c as it was at entry `seq`; NULL when it was erased since. */
#define CUSTOMER_NAME_THEN(seq)                                                                \
    "(SELECT p.value FROM personal p WHERE p.owner = 'customer' AND p.id = c.id AND p.field "  \
    "= 'name' AND p.hash = coalesce((SELECT x.hash FROM personal_past x WHERE x.owner = "      \
    "'customer' AND x.id = c.id AND x.field = 'name' AND x.replaced > " seq " ORDER BY "       \
    "x.replaced LIMIT 1), c.name))"
/* What happened on the account since its bill before, by kind of posting. */
struct bill_view_move {
    const char *kind; /* "payment" */
    int64_t amount;   /* minor units; negative: given */
};
#define BILL_MOVES_MAX 9 /* kinds of postings */
/* "Payments received": a kind of posting, for people. */
const char *posting_kind_text(const char *kind);
/* The same of one debt alone: "Debit note". */
const char *posting_text(const char *kind);

struct bill_view {
    int64_t id, run, account, seq, item;
    int64_t customer_erased; /* entry that erased the name; 0: none */
    const char *run_state;   /* "closed", "discarded", "open" */
    const char *account_number, *customer, *start, *end, *issued, *due;
    const struct currency *currency;
    struct money total;
    const char *leaf; /* hex leaf hash of the batch's entry */
    struct bill_view_meter *meters;
    size_t meter_count;
    struct bill_view_line *lines;
    size_t line_count;
    /* The account's side, as it stood when the bill was posted (bill_view_account). */
    int64_t previous;  /* balance with the bill before */
    int64_t arrears;   /* what was owed when this bill came; 0 with a credit */
    int64_t due_total; /* previous + moves + total: to pay, or a credit */
    struct bill_view_move *moves;
    size_t move_count;
    bool cancelled;
};

/* Everything in arena. ERR_NOT_FOUND naming the bill. */
enum err_code bill_view(struct office *o, int64_t bill, struct arena *arena,
                        struct bill_view *out, struct err *e) MUST_CHECK;

/* Fill the account's side of a bill. */
enum err_code bill_view_account(struct office *o, struct bill_view *v, struct arena *arena,
                                struct err *e) MUST_CHECK;

/*
 * Put titles and explanations into the language of the messages and the office's numbers, for
 * printing: the bill is computed again from its recorded inputs, and each line compared.
 *
 * v: its lines' labels and explanations are replaced, in arena. Errors: as bill_explain.
 */
enum err_code bill_localize(struct office *o, struct bill_view *v, struct arena *arena,
                            struct err *e) MUST_CHECK;

/* Say of each line what it is and what it is reckoned from. The bill is computed again as for
 * bill_localize; its labels stay as recorded. */
enum err_code bill_bases(struct office *o, struct bill_view *v, struct arena *arena,
                         struct err *e) MUST_CHECK;

/* Append how each line came about: formula, inputs, tariff version, rounding and readings, in
 * the language of the messages. The bill is computed again from its recorded inputs and each
 * line compared with what was recorded: ERR_TAMPERED when one differs. */
enum err_code bill_explain(struct office *o, const struct bill_view *v, struct buf *out,
                           struct err *e) MUST_CHECK;

#endif
