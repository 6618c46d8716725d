/* Where paper goes: a CUPS queue through lp, or a device or file by its path. Nothing waits for
 * a printer for ever, and what is wrong with it is said with its name. */
#ifndef AFORO_REPORTS_PRINTER_H
#define AFORO_REPORTS_PRINTER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define PRINTER_COLUMNS 48 /* of 80 mm */
#define PRINTER_NAME_MAX 200

enum printer_form { PRINTER_BY_KIND, PRINTER_TEXT, PRINTER_ESCPOS };

struct printer {
    const char
        *name; /* a path if it holds a "/", else a queue; NULL: there is none. Borrowed */
    enum printer_form form;
    unsigned columns;
    int wait_ms; /* for it to take more, or for lp to answer */
};

/* "QUEUE", "/dev/usb/lp0", "escpos:QUEUE", "text:/dev/usb/lp0"; NULL: none. */
void printer_parse(const char *text, struct printer *out);

/* ESC/POS goes to what it was asked for, and to devices and pipes that nothing was said of;
 * queues and files get text. */
bool printer_takes_escpos(const struct printer *p);

/*
 * Hand the bytes over.
 *
 * title: of the job, for who looks at the queue.
 * Errors: ERR_IO, which names the printer and says what it said or what to look at: no such
 * queue, lp not installed, nobody reads the device, no more taken in time.
 */
enum err_code printer_send(const struct printer *p, const char *title, const struct buf *bytes,
                           struct err *e) MUST_CHECK;

#endif
