/* A receipt's paper as the commands of thermal printers. Source: Epson, ESC/POS Command
 * Reference (ESC @, ESC t, ESC a, ESC E, GS !, ESC d, GS V, GS ( k for QR codes). */
#ifndef AFORO_REPORTS_ESCPOS_H
#define AFORO_REPORTS_ESCPOS_H

#include "reports/receipt_paper.h"

/*
 * Append the bytes. Letters go out in code page WPC1252, which holds Spanish; what it lacks is
 * a
 * "?". columns: of the paper, 48 or 42 on 80 mm, 32 on 58 mm.
 */
void escpos_paper(const struct paper *p, unsigned columns, struct buf *out);

#endif
