#include <config.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* The pages of rows of lists, which Enter opens: all of the row, where it leads, and the keys
 * of its list. */

#define ROW_PAGE(ident, list_ident, its_title, its_needs)                                      \
    static const struct sheet_def ident##_row = {.name = #list_ident,                          \
                                                 .row_of = &screen_##list_ident};              \
    const struct screen_ops screen_##ident = {                                                 \
        .name = #ident,                                                                        \
        .title = (its_title),                                                                  \
        .help = row_help,                                                                      \
        .needs = (its_needs),                                                                  \
        .sheet = &ident##_row,                                                                 \
        SHEET_SCREEN,                                                                          \
    }

#define row_help                                                                               \
    N_("A row of a list in full. Enter opens what the selected line names, Esc goes back to "  \
       "it; n shows the next row of the list. The other keys do here what they do in the "     \
       "list.")

ROW_PAGE(order, work, N_("Work order"), NULL);
ROW_PAGE(dispute, disputes, N_("Dispute"), NULL);
ROW_PAGE(cut, cuts, N_("Cut order"), NULL);
ROW_PAGE(notice, notices, N_("Notice"), NULL);
ROW_PAGE(customer, customers, N_("Customer"), "personal read");
ROW_PAGE(drawer, drawers, N_("Cash drawer"), NULL);
ROW_PAGE(bankrow, bank, N_("Bank row"), NULL);
ROW_PAGE(run, runs, N_("Billing run"), NULL);
ROW_PAGE(alert, alerts, N_("Alert"), NULL);
ROW_PAGE(limit, limits, N_("Limit"), NULL);
ROW_PAGE(tariff, tariffs, N_("Tariff"), NULL);
ROW_PAGE(device, devices, N_("Device"), NULL);
ROW_PAGE(user, users, N_("User"), NULL);
ROW_PAGE(request, requests, N_("Request"), NULL);
ROW_PAGE(import, imports, N_("Import"), NULL);
ROW_PAGE(factor, factors, N_("Factor of gas"), NULL);
ROW_PAGE(zone, zones, N_("Zone of gas"), NULL);
ROW_PAGE(checkpoint, checkpoints, N_("Checkpoint"), NULL);
ROW_PAGE(segment, segments, N_("Segment of packets"), NULL);
ROW_PAGE(held, queue, N_("Held reading or alert"), "reading decide");
