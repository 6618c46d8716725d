#include <config.h>

#include "app/permitted.h"

#include <string.h>

#include "base/i18n.h"

/* What the kiosk offers, each by its own screen. */
static const char *const kiosk_commands[] = {"own reading", "own dispute"};

/* Source: domain.md, Roles. "customer" is the kiosk's own identity. */
static const char *const machine_roles[] = {"customer", "device", "oracle", "node"};

static bool among(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool role_is_machine(const char *role)
{
    return among(machine_roles, sizeof machine_roles / sizeof machine_roles[0], role);
}

/* Has the user a role of a person (`machine` false) or of the kiosk (`machine` true)? */
static enum err_code has_face(struct office *o, int64_t user, enum face face, bool *has,
                              struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *has = false;
    TRY(db_query(o->db, &q, e, "SELECT role FROM user_role WHERE user = ?", VALS(V_INT(user))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const char *role = stmt_text(q, 0);
        *has = *has ||
               (face == FACE_KIOSK ? strcmp(role, "customer") == 0 : !role_is_machine(role));
    }
    stmt_done(q);
    return code;
}

static bool offered(const struct command *c, enum face face)
{
    if (face == FACE_KIOSK) {
        return among(kiosk_commands, sizeof kiosk_commands / sizeof kiosk_commands[0], c->name);
    }
    return (c->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) == 0;
}

static enum err_code list_fill(struct office *o, int64_t user, enum face face,
                               struct permitted *out, struct err *e)
{
    bool has = false;
    out->count = 0;
    TRY(has_face(o, user, face, &has, e));
    for (size_t i = 0; has && commands[i] != NULL; i++) {
        bool may = false;
        if (!offered(commands[i], face)) {
            continue;
        }
        TRY(session_may(o, user, commands[i]->name, &may, e));
        if (may && out->count == PERMITTED_MAX) {
            return err_set(e, ERR_RANGE, _("there are more than %d commands"), PERMITTED_MAX);
        }
        if (may) {
            out->list[out->count++] = commands[i];
        }
    }
    return ERR_OK;
}

/* One snapshot: a lock for each of some hundred commands would take longer than the look. */
enum err_code permitted_list(struct office *o, int64_t user, enum face face,
                             struct permitted *out, struct err *e)
{
    TRY(db_begin_read(o->db, e));
    enum err_code code = list_fill(o, user, face, out, e);
    db_rollback(o->db);
    return code;
}
