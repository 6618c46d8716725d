/* A bill as plain data: all that its page shows, nothing computed. Text is UTF-8, borrowed for
 * the call; numbers are integers, quantities with the decimals that stand beside them, money in
 * minor units of the bill's currency. */
#ifndef AFORO_REPORTS_BILL_DOC_H
#define AFORO_REPORTS_BILL_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/caltime.h"
#include "base/err.h"
#include "base/money.h"
#include "base/quantity.h"

#define BILL_READINGS_MAX 1000
#define BILL_SERVICES_MAX 16
#define BILL_LINES_MAX 2000 /* of one service */
#define BILL_CHARGES_MAX 200
#define BILL_HISTORIES_MAX 8
#define BILL_MONTHS_MAX 13
#define BILL_TARIFFS_MAX 16
#define BILL_TEXT_LINES_MAX 8

struct pdf_picture;

struct bill_doc_quantity {
    bool known; /* false: nothing is printed */
    int64_t value;
    uint8_t decimals; /* 0..9 */
};

struct bill_doc_reading {
    const char *meter; /* serial */
    const char *obis;  /* register: "8-0:1.0.0" */
    const char *unit;  /* "m³" */
    struct date previous_on, current_on;
    struct bill_doc_quantity previous, current, consumption;
    bool previous_estimated, current_estimated;
};

struct bill_doc_line {
    const char *concept;
    const char *unit; /* NULL or unit of the quantities */
    struct bill_doc_quantity consumption, limit, excess;
    const char *price_text; /* NULL: price; else instead of it: "40 %" */
    bool has_price;
    struct decimal price; /* major units of money per unit */
    int64_t amount_minor;
    const char *formula; /* NULL or how the amount came about: "904.50 = 6042 × 0.15" */
};

struct bill_doc_service {
    const char *name;
    const struct bill_doc_line *lines;
    size_t line_count;
    int64_t subtotal_minor; /* the sum of its lines */
};

/* A signed amount of the account besides the services: tax, payment received (negative), note,
 * rounding. */
struct bill_doc_charge {
    const char *concept;
    int64_t amount_minor;
    const char *formula; /* NULL or as above */
};

struct bill_doc_month {
    int32_t year;
    uint8_t month; /* 1..12 */
    int64_t consumption;
    bool estimated;
    bool missing; /* nothing was billed: its place stays empty */
};

/* Consumption of one service, oldest month first; the last one is the bill's. */
struct bill_doc_history {
    const char *service;
    const char *unit;
    uint8_t decimals;
    struct bill_doc_quantity limit; /* of a month; unknown: no line is drawn */
    const struct bill_doc_month *months;
    size_t month_count;
};

struct bill_doc_tariff {
    const char *code;
    const char *version;
};

struct bill_doc {
    const char *title; /* NULL: "Bill"; else the document's kind */
    const char *number;
    const char *office_name;
    const char *office_lines[BILL_TEXT_LINES_MAX]; /* tax id, address, telephone; NULL ends */
    const char *account_number;
    const char *customer_name;
    const char *customer_lines[BILL_TEXT_LINES_MAX]; /* service address, tax id; NULL ends */
    struct date issued_on, period_from, period_to, due_on;
    bool has_cut;
    struct date cut_on; /* service may be cut from this day */
    const struct currency *currency;
    const struct bill_doc_reading *readings;
    size_t reading_count;
    const struct bill_doc_service *services;
    size_t service_count;
    const struct bill_doc_charge *taxes; /* and levies, roundings: of this period */
    size_t tax_count;
    int64_t previous_balance_minor;
    const struct bill_doc_charge
        *movements; /* since the last bill: payments (negative), notes */
    size_t movement_count;
    int64_t total_minor; /* subtotals + taxes + previous balance + movements */
    const struct bill_doc_history *histories;
    size_t history_count;
    const char *const *notes; /* sentences for the customer */
    size_t note_count;
    /* Where this bill can be checked. */
    uint64_t ledger_seq;   /* entry; 0: not recorded yet, and the page says so */
    const char *leaf_hash; /* hex */
    const struct bill_doc_tariff *tariffs;
    size_t tariff_count;
    const char *tariff_hash; /* hex, NULL if none */
    const char *code;        /* text of the QR code; NULL: none is drawn */
    const char
        *pay_reference;     /* what a payment names; NULL: nothing is asked for, or by nobody */
    const char *pay_code;   /* text of the barcode (domain/pay_code.h); NULL: none is drawn */
    const char *proof_name; /* of the attached proof; NULL: none is attached */
    const char *proof;
    size_t proof_len;
    uint32_t accent;                /* 0xRRGGBB of titles and bars; 0: that of the options */
    const struct pdf_picture *logo; /* NULL: none */
};

/*
 * Check what a page must not contradict: counts within their limits, each subtotal the sum of
 * its lines, the total the sum of all, dates that exist, names that are there.
 *
 * Errors: ERR_STATE names the bill and what does not add up; ERR_RANGE a count, date or
 * decimals out of range.
 */
enum err_code bill_doc_check(const struct bill_doc *d, struct err *e) MUST_CHECK;

#endif
