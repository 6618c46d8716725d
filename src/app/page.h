/* Pages: one thing of the office in full, as a sheet (base/sheet.h): an account, a bill, the
 * day's work. A page is a row of pages.def and a function that fills its sheet from queries. */
#ifndef AFORO_APP_PAGE_H
#define AFORO_APP_PAGE_H

#include "app/office.h"
#include "base/sheet.h"

struct page {
    const char *name;
    const char *needs; /* permission; NULL: whoever is logged in */
    /* id: the thing's, by the page; user: who looks. ERR_NOT_FOUND when it is not there. */
    enum err_code (*fill)(struct office *o, int64_t user, int64_t id, struct sheet *out,
                          struct err *e);
};

extern const struct page *const pages[]; /* ends with NULL */
/* NULL if there is none. */
const struct page *page_find(const char *name);

/* ---- for the functions that fill pages ---- */

/* A fact of money, with its currency's sign. */
void page_money(struct sheet *s, const struct office *o, const char *label, int64_t minor);
/* Machine text of an amount, a quantity, a wall clock ("2025-06-10 09:42"). */
#define PAGE_TEXT_MAX 48
void page_amount(const struct office *o, int64_t minor, char out[PAGE_TEXT_MAX]);
void page_quantity(const char *unit, int64_t decimals, int64_t value, char out[PAGE_TEXT_MAX]);
void page_clock(int64_t local_secs, char out[PAGE_TEXT_MAX]);

/* Set "account_id", by which a key opens the account of a number; "" and 0 when there is none.
 */
enum err_code page_account_id(struct sheet *s, struct office *o, const char *number,
                              struct err *e) MUST_CHECK;

/*
 * Rows of a table from a query.
 *
 * as:  one letter a cell: t text or date as it is, m minor units of money, n whole number,
 *      l wall clock in seconds, w word (code_msgid), q quantity in its smallest unit; it takes
 *      two more columns, the unit and its decimals.
 * sql: its columns are the row's id, its key, its mood (good, note, warn, bad, dim or NULL),
 * then the cells. opens: static name of the screen for a row; NULL: none.
 */
enum err_code page_rows(struct sheet *s, struct office *o, const char *opens, const char *as,
                        const char *sql, const struct val *vals, size_t count,
                        struct err *e) MUST_CHECK;

#endif
