/* The proof of a payment: its entry, or the row of the bank's file that it came by. */
#include <config.h>

#include <inttypes.h>

#include "app/proof_maker.h"
#include "base/i18n.h"

/* Every entry of one kind that names this file, among those behind its opening. */
static enum err_code file_entries(struct proof_maker *m, const char *kind, int64_t file,
                                  int64_t opened, struct err *e)
{
    struct proof_entry *en = NULL;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT h.seq FROM history h JOIN entry n ON n.seq = h.seq WHERE h.kind = ? "
                 "AND h.seq >= ? AND json_extract(n.payload, '$.data.file') = ?",
                 VALS(V_TEXT(kind), V_INT(opened), V_INT(file))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_entry(m, stmt_int(q, 0), &en, e);
    }
    stmt_done(q);
    return code;
}

/* Rows of a batch have consecutive numbers. */
static enum err_code row_item(struct proof_maker *m, int64_t row, int64_t *file, struct err *e)
{
    int64_t seq = 0;
    int64_t first = 0;
    bool found = false;
    TRY(db_get_int(m->o->db, &seq, &found, e, "SELECT seq FROM bank_row WHERE id = ?",
                   VALS(V_INT(row))));
    if (!found) {
        return err_set(e, ERR_TAMPERED,
                       _("row %" PRId64 " of a bank's file is gone; run: aforo verify --deep"),
                       row);
    }
    TRY(db_get_int(m->o->db, file, NULL, e, "SELECT file FROM bank_row WHERE id = ?",
                   VALS(V_INT(row))));
    TRY(db_get_int(m->o->db, &first, NULL, e,
                   "SELECT min(id) FROM bank_row WHERE file = ? AND seq = ?",
                   VALS(V_INT(*file), V_INT(seq))));
    return maker_item(m, seq, row - first, e);
}

/* The row that says that the money came, the file that it stood in, how that file ended. */
static enum err_code bank_row(struct proof_maker *m, int64_t row, struct err *e)
{
    int64_t file = 0;
    int64_t opened = 0;
    TRY(row_item(m, row, &file, e));
    TRY(db_get_int(m->o->db, &opened, NULL, e, "SELECT opened FROM bank_file WHERE id = ?",
                   VALS(V_INT(file))));
    TRY(file_entries(m, "bank.opened", file, opened, e));
    TRY(file_entries(m, "bank.closed", file, opened, e));
    return file_entries(m, "bank.discarded", file, opened, e);
}

enum err_code maker_payment(struct proof_maker *m, int64_t receipt, struct err *e)
{
    struct proof_entry *en = NULL;
    int64_t id = 0;
    int64_t seq = 0;
    int64_t row = 0;
    bool found = false;
    TRY(db_get_int(m->o->db, &id, &found, e, "SELECT id FROM payment WHERE receipt = ?",
                   VALS(V_INT(receipt))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no payment with receipt %" PRId64
                         "; the receipts: aforo list payments"),
                       receipt);
    }
    TRY(db_get_int(m->o->db, &seq, NULL, e, "SELECT seq FROM payment WHERE id = ?",
                   VALS(V_INT(id))));
    TRY(maker_entry(m, seq, &en, e));
    TRY(db_get_int(m->o->db, &row, &found, e,
                   "SELECT bank_row FROM payment WHERE id = ? AND bank_row IS NOT NULL",
                   VALS(V_INT(id))));
    if (found) {
        TRY(bank_row(m, row, e));
    }
    TRY(db_get_int(m->o->db, &seq, &found, e,
                   "SELECT seq FROM posting WHERE kind = 'reversal' AND ref = ?1 AND account = "
                   "(SELECT account FROM payment WHERE id = ?1)",
                   VALS(V_INT(id))));
    return found ? maker_entry(m, seq, &en, e) : ERR_OK;
}
