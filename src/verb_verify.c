/* verify, export ledger, rebuild: what an auditor runs. */
#include <config.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/export_tiles.h"
#include "app/rebuild.h"
#include "app/segments.h"
#include "app/verify_office.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "domain/project.h"
#include "ledger/export.h"
#include "store/migrate.h"
#include "verb.h"

/* ---- stopping cleanly: temporary files go, nothing is remembered
 * -------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void signals_catch(void)
{
    struct sigaction sa = {.sa_handler = on_signal};
    (void)sigemptyset(&sa.sa_mask);
    sa.sa_flags = (int)SA_RESETHAND; /* a second time ends the program at once */
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
    (void)sigaction(SIGHUP, &sa, NULL);
}

static bool step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    return interrupted == 0 && progress_step(ctx, what, done, total);
}

/* What verb_progress shows, if anything; stops at a signal. */
static struct progress stoppable(const struct cli *cli)
{
    /* step() hands the pointer on as const again. */
    return (struct progress){(void *)(uintptr_t)verb_progress_or_null(cli), step};
}

/* ---- verify
 * -------------------------------------------------------------------------------- */

static const char *const level_names[] = {[VERIFY_NEW] = "new",
                                          [VERIFY_HASHES] = "hashes",
                                          [VERIFY_FULL] = "full",
                                          [VERIFY_DEEP] = "deep"};

static void verify_print(const struct audit *a, enum verify_level level)
{
    char root[65];
    hash_hex(&a->root, root);
    if (a->entries == 0) {
        (void)printf(
            _("office %s: nothing new since entry %" PRIu64 ", where the last check ended\n"),
            a->office, a->size);
    } else if (level == VERIFY_HASHES) {
        (void)printf(
            _("office %s: entries %" PRId64 " to %" PRIu64
              " hold together: chain, leaf hashes and %" PRId64
              " items. Signatures were NOT checked, and whoever can write the file can "
              "make all of this anew: run aforo verify --full\n"),
            a->office, a->from, a->size, a->items);
    } else {
        (void)printf(_("office %s: entries %" PRId64 " to %" PRIu64
                       " hold: chain, signatures, leaf hashes and %" PRId64 " items\n"),
                     a->office, a->from, a->size, a->items);
    }
    if (a->dropped > 0) {
        (void)printf(
            ngettext("%" PRId64 " item was dropped into a segment: its hash holds, its bytes "
                     "were not there to be checked: run aforo verify --deep\n",
                     "%" PRId64 " items were dropped into segments: their hashes hold, their "
                     "bytes were not there to be checked: run aforo verify --deep\n",
                     (unsigned long)a->dropped),
            a->dropped);
    }
    if (a->segments > 0) {
        (void)printf(ngettext("%" PRId64 " file of a segment is as it was sealed\n",
                              "%" PRId64 " files of segments are as they were sealed\n",
                              (unsigned long)a->segments),
                     a->segments);
    }
    if (level == VERIFY_DEEP) {
        (void)printf(_("tables: %" PRId64 " rows are what the ledger says, %" PRId64
                       " personal and sealed values match their commitments\n"),
                     a->rows, a->kept);
        if (a->erased > 0) {
            (void)printf(ngettext("personal data: %" PRId64 " value was erased by entry %s\n",
                                  "personal data: %" PRId64 " values were erased by entry %s\n",
                                  (unsigned long)a->erased),
                         a->erased, a->erased_by);
        }
    }
    if (a->checkpoints > 0 || a->cosignatures > 0) {
        (void)printf(
            _("checkpoints: %" PRId64 ", cosignatures: %" PRId64 "; all of them hold\n"),
            a->checkpoints, a->cosignatures);
    }
    if (a->against > 0) {
        (void)printf(
            _("the checkpoint of %" PRIu64 " entries is the beginning of this ledger\n"),
            a->against);
    }
    (void)printf(_("root of %" PRIu64 " entries: %s\n"), a->size, root);
    if (!a->remembered && level != VERIFY_HASHES) {
        (void)printf("%s\n",
                     _("this folder cannot be written: the next check begins where this "
                       "one began"));
    }
}

/* The first fault is what the program ends with; the others stand above it. */
static void faults_print(const struct audit *a)
{
    for (size_t i = 1; i < a->fault_count; i++) {
        (void)fprintf(stderr, "aforo: %s\n", a->faults[i].text);
    }
}

static enum err_code json_print(const struct audit *a, enum verify_level level, struct err *e)
{
    struct buf out;
    buf_init(&out, (size_t)1 << 20);
    audit_json(a, level_names[level], &out);
    enum err_code code = buf_status(&out, _("report"), e);
    if (code == ERR_OK) {
        (void)printf("%s\n", buf_str(&out));
    }
    buf_release(&out);
    return code;
}

enum err_code verb_verify(struct cli *cli, struct err *e)
{
    bool full = cli_take_flag(cli, "full");
    bool deep = cli_take_flag(cli, "deep");
    bool hashes = cli_take_flag(cli, "hashes");
    const char *against = cli_take(cli, "against");
    const char *segments = cli_take(cli, "segments");
    const struct progress progress = stoppable(cli);
    struct verify_request q = {.dir = cli->office,
                               .level = deep     ? VERIFY_DEEP
                                        : hashes ? VERIFY_HASHES
                                        : full   ? VERIFY_FULL
                                                 : VERIFY_NEW,
                               .against = against,
                               .segments = segments,
                               .env = &env_system,
                               .progress = &progress};
    TRY(verb_no_more(cli, e));
    if (hashes && (full || deep)) {
        return err_set(e, ERR_USAGE,
                       _("--hashes leaves the signatures out; --full and --deep check them"));
    }
    if (segments != NULL && !deep) {
        return err_set(e, ERR_USAGE, _("only --deep looks into the folder --segments"));
    }
    struct audit *a = mem_alloc(sizeof *a);
    if (a == NULL) {
        return err_nomem(e);
    }
    signals_catch();
    enum err_code code = verify_office(&q, a, e);
    if (cli->json && (code == ERR_OK || code == ERR_TAMPERED)) {
        struct err why = ERR_INIT;
        enum err_code printed = json_print(a, q.level, &why);
        code = printed == ERR_OK ? code : err_set(e, printed, "%s", why.text);
    } else if (code == ERR_OK) {
        verify_print(a, q.level);
    } else if (code == ERR_TAMPERED) {
        faults_print(a);
    }
    mem_free(a);
    return code;
}

/* ---- export ledger, rebuild
 * ---------------------------------------------------------------- */

static enum err_code export_to(const struct cli *cli, struct db *db, const char *segments,
                               const char *path, struct export_counts *counts, struct err *e)
{
    const struct progress progress = stoppable(cli);
    char office[48] = "";
    char folder[SEGMENT_PATH_MAX];
    struct segment_source *source = NULL;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, "SELECT code FROM office", NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(office, sizeof office, "%s", stmt_text(q, 0));
    } else if (code == ERR_OK) {
        code = err_set(e, ERR_STATE, _("%s holds no entry yet: there is nothing to export"),
                       cli->office);
    }
    stmt_done(q);
    TRY(code);
    TRY(segment_folder(cli->office, segments, folder, e));
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "wbxe");
    if (out == NULL) {
        return err_errno(e, _("cannot make %s"), path);
    }
    signals_catch();
    code = segment_source_open(db, office, folder, &source, e);
    if (code == ERR_OK) {
        code = export_write_from(segment_items(source), office, out, &progress, counts, e);
    }
    segment_source_close(source);
    if (out != stdout && fclose(out) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (out != stdout && code != ERR_OK) {
        (void)unlink(path);
    }
    return code;
}

enum err_code verb_export_ledger(struct cli *cli, struct err *e)
{
    struct db *db = NULL;
    struct export_counts counts = {0};
    char path[4096];
    const char *segments = cli_take(cli, "segments");
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("say where to: aforo export ledger FILE"));
    }
    (void)snprintf(path, sizeof path, "%s/office.db", cli->office);
    TRY(db_open(path, DB_READ, &db, e));
    enum err_code code = schema_require(db, e);
    if (code == ERR_OK) {
        code = export_to(cli, db, segments, cli->argv[0], &counts, e);
    }
    db_close(db);
    if (code == ERR_OK && strcmp(cli->argv[0], "-") != 0) {
        char root[65];
        hash_hex(&counts.root, root);
        (void)printf(
            cli->json
                ? "{\"entries\":%" PRId64 ",\"items\":%" PRId64 ",\"root\":\"%s\"}\n"
                : _("%" PRId64 " entries and %" PRId64 " items exported; their root is %s\n"),
            counts.entries, counts.items, root);
    }
    return code;
}

enum err_code verb_export_tiles(struct cli *cli, struct err *e)
{
    const struct progress progress = stoppable(cli);
    struct office *o = NULL;
    struct tiles_exported done;
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("say where to: aforo export tiles DIR"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    signals_catch();
    enum err_code code = tiles_export(o->db, cli->argv[0], &progress, &done, e);
    office_close(o);
    if (code == ERR_OK) {
        (void)printf(cli->json ? "{\"size\":%" PRIu64 ",\"old_size\":%" PRIu64
                                 ",\"files\":%" PRIu64 "}\n"
                               : _("%" PRIu64 " entries stand there now, %" PRIu64
                                   " before; %" PRIu64 " files written\n"),
                     done.size, done.old_size, done.files);
    }
    return code;
}

enum err_code verb_rebuild(struct cli *cli, struct err *e)
{
    const struct progress progress = stoppable(cli);
    if (cli->argc != 2) {
        return err_set(e, ERR_USAGE,
                       _("name the export and a new folder: aforo rebuild EXPORT DIR"));
    }
    signals_catch();
    if (cli->json) {
        return rebuild_reporting(cli->argv[0], cli->argv[1], &office_projector, &progress,
                                 stdout, e);
    }
    struct audit *a = mem_alloc(sizeof *a);
    if (a == NULL) {
        return err_nomem(e);
    }
    enum err_code code =
        rebuild(cli->argv[0], cli->argv[1], &office_projector, &progress, a, e);
    if (code == ERR_OK) {
        (void)printf(_("office %s rebuilt in %s from %" PRId64 " entries and %" PRId64
                       " items; keys and personal data are in no export\n"),
                     a->office, cli->argv[1], a->entries, a->items);
    }
    mem_free(a);
    return code;
}
