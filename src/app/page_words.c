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
    {"paid", N_("Settled")},
    {"overdue", N_("Past due")},
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
};

const char *page_word(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].code, code) == 0) {
            return words[i].text;
        }
    }
    return code;
}
