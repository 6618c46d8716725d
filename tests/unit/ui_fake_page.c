#include <config.h>

#include "tests/unit/ui_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* Pages and the search of a made-up office. */

static void account(struct sheet *s)
{
    static const struct sheet_column meters[] = {
        {N_("Serial"), SHEET_AS_TEXT, 8, 16, 1},     {N_("Kind"), SHEET_AS_WORD, 7, 8, 4},
        {N_("Place"), SHEET_AS_TEXT, 16, 34, 3},     {N_("Last"), SHEET_AS_DATE, 8, 8, 2},
        {N_("Reading"), SHEET_AS_NUMBER, 10, 14, 1}, {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    static const struct sheet_column bills[] = {
        {N_("Bill"), SHEET_AS_ID, 7, 9, 1},
        {N_("From"), SHEET_AS_DATE, 8, 8, 4},
        {N_("Until"), SHEET_AS_DATE, 8, 8, 3},
        {N_("Due"), SHEET_AS_DATE, 8, 8, 2},
        {N_("Total"), SHEET_AS_NUMBER, 10, 14, 1},
        {N_("State"), SHEET_AS_STATE, 11, 13, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    static const struct sheet_column payments[] = {
        {N_("Receipt"), SHEET_AS_ID, 7, 9, 1},   {N_("Date"), SHEET_AS_DATE, 8, 8, 1},
        {N_("Method"), SHEET_AS_WORD, 9, 14, 2}, {N_("Amount"), SHEET_AS_NUMBER, 10, 14, 1},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_head(s, "4 410-22   María Núñez \x1b[31mhostil");
    sheet_set(s, "account", "4 410-22");
    sheet_set(s, "account_id", "5");
    sheet_fact(s, N_("Tax id"), SHEET_AS_TEXT, "1-0456-0789");
    sheet_fact(s, N_("Phone"), SHEET_AS_TEXT, "+506 8888 0000");
    sheet_fact(s, N_("Address"), SHEET_AS_TEXT,
               "Calle Mayor 12, 1.º B, San José Centro, cerca de la estación vieja");
    sheet_fact(s, N_("Open since"), SHEET_AS_DATE, "2019-03-01");
    sheet_fact(s, N_("Balance"), SHEET_AS_NUMBER, "1484.50");
    sheet_unit(s, "₡");
    sheet_mood(s, SHEET_WARN);
    sheet_fact(s, N_("Overdue"), SHEET_AS_NUMBER, "500.00");
    sheet_unit(s, "₡");
    sheet_mood(s, SHEET_BAD);
    sheet_heading(s, N_("Meters"));
    sheet_table(s, meters, N_("No meter is assigned to this account."));
    sheet_row(s, 2, "meter", "A-0122");
    sheet_put(s, 0, "A-0122");
    sheet_put(s, 1, N_("water"));
    sheet_put(s, 2, "C. Mayor 12, 1.º B");
    sheet_put(s, 3, "2025-05-10");
    sheet_put(s, 4, "3118.4");
    sheet_heading(s, N_("Bills"));
    sheet_table(s, bills, N_("Nothing has been billed yet."));
    for (int i = 0; i < 6; i++) {
        char date[16];

        sheet_row(s, 4410 - i, "bill", "4410");
        sheet_mood(s, i == 0 ? SHEET_NOTE : i == 1 ? SHEET_BAD : SHEET_GOOD);
        sheet_put_int(s, 0, 4410 - i);
        (void)snprintf(date, sizeof(date), "2025-0%d-10", 6 - i);
        sheet_put(s, 1, date);
        sheet_put(s, 2, date);
        (void)snprintf(date, sizeof(date), "2025-0%d-25", 6 - i);
        sheet_put(s, 3, date);
        sheet_put(s, 4, i == 0 ? "984.50" : "500.00");
        sheet_put(s, 5, i == 0 ? N_("Open") : i == 1 ? N_("Past due") : N_("Paid up"));
    }
    sheet_side(s, true);
    sheet_heading(s, N_("Payments"));
    sheet_table(s, payments, N_("Nothing has been paid yet."));
    for (int i = 0; i < 3; i++) {
        sheet_row(s, 17 - i, "receipt", "17");
        sheet_put_int(s, 0, 17 - i);
        sheet_put(s, 1, "2025-05-20");
        sheet_put(s, 2, N_("Cash"));
        sheet_put(s, 3, "500.00");
    }
    sheet_side(s, false);
}

static void bill(struct sheet *s)
{
    static const int64_t use[] = {14, 13, 16, 22, 18, 15, 11, 12, 14, 17, 21, 35};
    static const char *const names[] = {"07/24", "08/24", "09/24", "10/24", "11/24", "12/24",
                                        "01/25", "02/25", "03/25", "04/25", "05/25", "06/25"};
    static const struct sheet_column columns[] = {
        {N_("Concept"), SHEET_AS_TEXT, 24, 44, 1},  {N_("Quantity"), SHEET_AS_NUMBER, 9, 14, 2},
        {N_("Unit"), SHEET_AS_TEXT, 4, 6, 3},       {N_("Price"), SHEET_AS_NUMBER, 9, 14, 4},
        {N_("Amount"), SHEET_AS_NUMBER, 11, 16, 1}, {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    static const char *const lines[3][5] = {
        {"Agua, cargo fijo", "1", "", "500", "500.00"},
        {"Agua, excedente sobre el límite del contrato", "6030", "m³", "0.15", "904.50"},
        {"Energía", "34", "kWh", "2.3529", "80.00"},
    };
    sheet_head(s, "4410   4 410-22 María Núñez");
    sheet_set(s, "bill", "4410");
    sheet_set(s, "account_id", "5");
    sheet_set(s, "entry", "18204");
    sheet_fact(s, N_("From"), SHEET_AS_DATE, "2025-05-10");
    sheet_fact(s, N_("Until"), SHEET_AS_DATE, "2025-06-10");
    sheet_fact(s, N_("Due"), SHEET_AS_DATE, "2025-06-25");
    sheet_fact(s, N_("Total"), SHEET_AS_NUMBER, "1484.50");
    sheet_unit(s, "₡");
    sheet_heading(s, N_("What it bills"));
    sheet_table(s, columns, N_("This bill has no lines."));
    for (int64_t i = 0; i < 3; i++) {
        sheet_row(s, 4410, "why", "");
        for (size_t c = 0; c < 5; c++) {
            sheet_put(s, c, lines[i][c]);
        }
        sheet_note(s, "¿Por qué 904,50?",
                   "(6 042 − 12 de tolerancia) × 0,15 = 904,50   tarifa AGUA-R v3, art. 7\n"
                   "6 042 = 12 042 − 6 000   lecturas n.º 227 (10/06/25) y n.º 0 (alta)");
    }
    sheet_side(s, true);
    sheet_heading(s, N_("Meter"));
    sheet_fact(s, N_("Serial"), SHEET_AS_TEXT, "A-0122");
    sheet_plot(s, SHEET_BARS, N_("Use in"), "m³", use, names, 12, 30, "35", "30");
    sheet_heading(s, N_("In the ledger"));
    sheet_fact_int(s, N_("Entry"), 18204);
    sheet_fact_int(s, N_("Checkpoint"), 18230);
    sheet_mood(s, SHEET_GOOD);
    sheet_side(s, false);
}

static void home(struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {N_("Today"), SHEET_AS_STATE, 24, 34, 1},
        {N_("Waiting"), SHEET_AS_NUMBER, 9, 12, 1},
        {N_("Late"), SHEET_AS_NUMBER, 7, 10, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    static const int64_t runs[] = {800, 820, 790, 910, 870, 905};
    static const char *const names[] = {"01/25", "02/25", "03/25", "04/25", "05/25", "06/25"};
    sheet_heading(s, N_("Today's work"));
    sheet_table(s, columns, "");
    sheet_row(s, 0, "bills", "");
    sheet_mood(s, SHEET_NOTE);
    sheet_put(s, 0, N_("Held readings"));
    sheet_put_int(s, 1, 37);
    sheet_row(s, 0, "meters", "");
    sheet_mood(s, SHEET_BAD);
    sheet_put(s, 0, N_("Disputes"));
    sheet_put_int(s, 1, 3);
    sheet_put_int(s, 2, 1);
    sheet_heading(s, N_("How the office stands"));
    sheet_gauge(s, N_("Overdue of what is owed"), "17.9", "%", 179, 200, true);
    sheet_gauge(s, N_("Claims per 1,000 bills"), "6.2", "", 62, 50, true);
    sheet_heading(s, N_("The chain"));
    sheet_fact_int(s, N_("Entries"), 18204);
    sheet_fact(s, N_("Last verified"), SHEET_AS_TIME, "2025-06-10 06:00");
    sheet_fact_int(s, N_("Held up to entry"), 18190);
    sheet_mood(s, SHEET_GOOD);
    sheet_fact_int(s, N_("Not verified yet"), 14);
    sheet_text(s, SHEET_PLAIN, _("To verify the entries since, run: aforo verify"));
    sheet_fact_int(s, N_("Checkpoint at"), 18200);
    sheet_mood(s, SHEET_GOOD);
    sheet_side(s, true);
    sheet_heading(s, N_("Billed by run"));
    sheet_plot(s, SHEET_BARS, N_("In"), "CRC", runs, names, 6, -1, "910", "");
    sheet_side(s, false);
}

static void losses(struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {N_("Feeder"), SHEET_AS_STATE, 14, 24, 1},
        {N_("Went in"), SHEET_AS_NUMBER, 10, 14, 1},
        {N_("Lost"), SHEET_AS_NUMBER, 9, 14, 1},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_head(s, "2025-06");
    sheet_heading(s, N_("Feeders and what is below them"));
    sheet_table(s, columns, "");
    sheet_row(s, 1, "meter", "");
    sheet_mood(s, SHEET_GOOD);
    sheet_put(s, 0, "Alimentador norte");
    sheet_put(s, 1, "1204.5");
    sheet_put(s, 2, "49.4");
    sheet_row(s, 2, "meter", "");
    sheet_mood(s, SHEET_BAD);
    sheet_put(s, 0, "Alimentador sur");
    sheet_put(s, 1, "880.0");
    sheet_put(s, 2, "157.5");
    sheet_heading(s, N_("Share lost"));
    sheet_share(s, "Alimentador norte", "4,1 %", 41, false);
    sheet_share(s, "Alimentador sur", "17,9 %", 179, true);
}

static void receipt(struct sheet *s)
{
    sheet_head(s, "17   María Núñez");
    sheet_set(s, "receipt", "17");
    sheet_set(s, "entry", "18204");
    sheet_fact(s, N_("Paid"), SHEET_AS_NUMBER, "1484.50");
    sheet_unit(s, "₡");
    sheet_mood(s, SHEET_GOOD);
    sheet_fact(s, N_("Change"), SHEET_AS_NUMBER, "515.50");
    sheet_unit(s, "₡");
    sheet_mood(s, SHEET_NOTE);
    sheet_fact(s, N_("Method"), SHEET_AS_WORD, N_("Cash"));
    sheet_fact(s, N_("Taken"), SHEET_AS_TIME, "2025-06-10 09:41");
}

static void meter(struct sheet *s)
{
    static const int64_t day[24] = {120, 100, 90,  90,  95,  160, 340, 520, 480, 300, 260, 240,
                                    280, 330, 300, 260, 280, 420, 640, 810, 700, 460, 280, 160};
    static const char *const hours[24] = {"00", "", "", "", "", "", "06", "", "", "", "", "",
                                          "12", "", "", "", "", "", "18", "", "", "", "", ""};
    static const struct sheet_column columns[] = {
        {N_("No."), SHEET_AS_ID, 7, 10, 4},
        {N_("Read at"), SHEET_AS_TIME, 14, 14, 1},
        {N_("Value"), SHEET_AS_NUMBER, 10, 14, 1},
        {N_("State"), SHEET_AS_STATE, 11, 12, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_head(s, "A-0122   C. Mayor 12, 1.º B");
    sheet_set(s, "serial", "A-0122");
    sheet_fact(s, N_("Kind"), SHEET_AS_WORD, N_("water"));
    sheet_fact(s, N_("Reading"), SHEET_AS_NUMBER, "3118.4");
    sheet_unit(s, "m³");
    sheet_heading(s, N_("Readings"));
    sheet_table(s, columns, N_("This meter has not been read yet."));
    for (int i = 0; i < 24; i++) {
        sheet_row(s, 300 - i, "entry", "12");
        sheet_mood(s, i == 2 ? SHEET_BAD : SHEET_GOOD);
        sheet_put_int(s, 0, 300 - i);
        sheet_put(s, 1, "2025-05-10 08:15");
        sheet_put(s, 2, "3118.4");
        sheet_put(s, 3, i == 2 ? N_("Held") : N_("Accepted"));
    }
    sheet_side(s, true);
    sheet_heading(s, N_("Use by hour of the day"));
    sheet_plot(s, SHEET_CURVE, N_("Mean of the last 31 days in"), "m³", day, hours, 24, -1,
               "0.81", "");
    sheet_side(s, false);
}

static void pay(struct sheet *s)
{
    static const struct sheet_column columns[] = {
        {N_("Owed for"), SHEET_AS_WORD, 14, 24, 1},
        {N_("Number"), SHEET_AS_ID, 8, 10, 2},
        {N_("Due"), SHEET_AS_DATE, 8, 8, 1},
        {N_("Unpaid"), SHEET_AS_NUMBER, 10, 16, 1},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_set(s, "account", "4 410-22");
    sheet_set(s, "name", "María Núñez");
    sheet_set(s, "balance", "1484.50");
    sheet_set(s, "currency", "₡");
    sheet_set(s, "in_drawer", "100.00");
    sheet_heading(s, N_("What is owed, the oldest first"));
    sheet_table(s, columns, N_("Nothing is owed; what is paid stays as credit."));
    sheet_row(s, 1, NULL, "4409");
    sheet_put(s, 0, N_("Bill"));
    sheet_put_int(s, 1, 4409);
    sheet_put(s, 2, "2025-05-25");
    sheet_put(s, 3, "500.00");
    sheet_row(s, 2, NULL, "4410");
    sheet_put(s, 0, N_("Bill"));
    sheet_put_int(s, 1, 4410);
    sheet_put(s, 2, "2025-06-25");
    sheet_put(s, 3, "984.50");
}

static void plain(struct sheet *s)
{
    sheet_head(s, "18204");
    sheet_fact(s, N_("Signed by"), SHEET_AS_TEXT, "ana");
    sheet_text(s, SHEET_GOOD, "Every made-up step holds.");
    sheet_heading(s, N_("What was signed"));
    for (int i = 0; i < 40; i++) {
        sheet_text(s, SHEET_PLAIN,
                   "A made-up sentence that is long enough to be broken into two "
                   "lines on a narrow screen.");
    }
}

enum err_code fake_sheet(void *ctx, const char *name, int64_t id, struct sheet *out,
                         struct err *e)
{
    static const struct {
        const char *name;
        void (*fill)(struct sheet *s);
    } pages[] = {{"account", account}, {"bill", bill},   {"home", home}, {"losses", losses},
                 {"receipt", receipt}, {"meter", meter}, {"pay", pay}};

    (void)ctx;
    if (id > 1000000) {
        return err_set(e, ERR_NOT_FOUND, "There is no such thing.");
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strcmp(pages[i].name, name) == 0) {
            pages[i].fill(out);
            return ERR_OK;
        }
    }
    plain(out);
    return ERR_OK;
}

enum err_code fake_find(void *ctx, const char *text, struct ui_search *out, struct err *e)
{
    static const struct ui_found all[] = {
        {5, 2, N_("name"), "4 410-22", "A-0122", "María Núñez", "María Núñez"},
        {6, 3, N_("name"), "4 410-23", "A-0123", "Mariano Ñandú \x1b[31m", "Mariano Ñandú"},
        {0, 4, N_("serial"), "", "A-0124", "", "A-0124"},
        {7, 0, N_("telephone"), "4 410-25", "", "Ana Mora", "+506 8888 0000"},
    };

    (void)ctx;
    if (strstr(text, "error") != NULL) {
        return err_set(e, ERR_USAGE, "That is too long.");
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcasestr(all[i].match, text) != NULL) {
            out->list[out->count++] = all[i];
        }
    }
    return ERR_OK;
}
