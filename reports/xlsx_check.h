/* Proof that a workbook on disk is whole. libxlsxwriter does not see every write that fails on
 * a full disk; so what it left is read again before it takes its name. */
#ifndef AFORO_REPORTS_XLSX_CHECK_H
#define AFORO_REPORTS_XLSX_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Unpack every part of a workbook; each must be an XML text that ends by closing its root
 * element.
 *
 * path:        the file.
 * sheet_bytes: for each of sheet_count worksheets in order, the bytes its rows must take, as
 * written. Errors:      ERR_IO names the part that is damaged or incomplete. Source: PKWARE
 * APPNOTE 4.3 (stored and deflated members, no encryption); ECMA-376 part 2.
 */
enum err_code xlsx_check(const char *path, const uint64_t *sheet_bytes, size_t sheet_count,
                         struct err *e) MUST_CHECK;

#endif
