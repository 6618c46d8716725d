#include <config.h>

#include <string.h>

#include "app/page.h"
#include "base/i18n.h"

/* The stable words of the tables, for people. */
static const struct {
    const char *code, *text;
} words[] = {
    {"open", N_("Open")},
    {"part", N_("Part paid")},
    {"paid", N_("Paid up")},
    {"overdue", N_("Past due")},
    {"disputed", N_("In dispute")},
    {"cancelled", N_("Cancelled")},
    {"posted", N_("In force")},
    {"reversed", N_("Taken back")},
    {"undone", N_("Undone")},
    {"water", N_("water")},
    {"energy", N_("energy")},
    {"gas", N_("gas")},
    {"in_service", N_("In service")},
    {"out_of_service", N_("Out of service")},
    {"removed", N_("Removed")},
    {"accepted", N_("Accepted")},
    {"held", N_("Held")},
    {"rejected", N_("Rejected")},
    {"corrected", N_("Corrected")},
    {"manual", N_("by hand")},
    {"import", N_("import")},
    {"automatic", N_("automatic")},
    {"customer", N_("customer")},
    {"install", N_("installation")},
    {"removal", N_("removal")},
    {"estimated", N_("estimated")},
    {"correction", N_("correction")},
    {"opening", N_("Opening balance")},
    {"bill", N_("Bill")},
    {"void", N_("Bill taken back")},
    {"debit_note", N_("Debit note")},
    {"credit_note", N_("Credit note")},
    {"payment", N_("Payment")},
    {"reversal", N_("Reversed payment")},
    {"refund", N_("Refund")},
    {"write_off", N_("Written off")},
    {"cash", N_("Cash")},
    {"card", N_("Card")},
    {"cheque", N_("Cheque")},
    {"transfer", N_("Transfer")},
    {"deposit", N_("Deposit")},
    {"assigned", N_("Assigned")},
    {"begun", N_("Begun")},
    {"done", N_("Done")},
    {"failed", N_("Failed")},
    {"upheld", N_("Upheld")},
    {"partly", N_("Partly upheld")},
    {"withdrawn", N_("Withdrawn")},
    {"closed", N_("Finished")},
    {"discarded", N_("Discarded")},
    {"cut", N_("Cut")},
    {"reconnect", N_("Reconnection")},
    {"re-read", N_("Re-reading")},
    {"swap", N_("Exchange")},
    {"inspect", N_("Inspection")},
    {"surcharge", N_("Over the limit")},
    {"no_reading", N_("Not read")},
    {"sub_missing", N_("Sub-meter not read")},
    {"sub_exceeds", N_("Sub-meters count more")},
};

/* What forms offer to choose from: here so that the catalogue has them (a form translates the
 * word itself); a test holds every command's choices against this list. Units and the names of
 * key stores are the same in every language. */
const char *const page_choices[] = {
    N_("accept"),         N_("agency"),  N_("alarm"),     N_("all"),         N_("bank"),
    N_("card"),           N_("cash"),    N_("cheque"),    N_("correct"),     N_("customer"),
    N_("document"),       N_("done"),    N_("energy"),    N_("entry"),       N_("failed"),
    N_("file"),           N_("gas"),     N_("in"),        N_("info"),        N_("in_service"),
    N_("inspect"),        N_("install"), N_("log"),       N_("no"),          N_("out"),
    N_("out_of_service"), N_("partly"),  N_("re-read"),   N_("reconnect"),   N_("reject"),
    N_("rejected"),       N_("removed"), N_("swap"),      N_("transfer"),    N_("upheld"),
    N_("warning"),        N_("water"),   N_("withdrawn"), N_("yes"),         N_("estimate"),
    N_("signer"),         N_("fit"),     N_("unfit"),     N_("whole"),       N_("tampered"),
    N_("missing"),        N_("given"),   N_("refused"),   N_("amount"),      N_("reading"),
    N_("paid"),           N_("meter"),   N_("other"),     N_("auto"),        N_("mean"),
    N_("year"),           N_("peers"),   N_("name"),      N_("tax_id"),      N_("phone"),
    N_("email"),          N_("address"), N_("place"),     N_("note"),        N_("attachment"),
    N_("credit"),         N_("debit"),   N_("bill"),      N_("credit_note"), N_("debit_note"),
    N_("receipt"),        N_("none"),    N_("volume"),    N_("calorific"),   N_("MJ/m3"),
    N_("kWh/m3"),         NULL};

const char *page_word(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].code, code) == 0) {
            return words[i].text;
        }
    }
    return code;
}
