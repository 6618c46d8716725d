/* What is typed into fields: what the office holds by the name of the parameter, files made for
 * the command, and now and then what nobody should type. */
#include <config.h>

#include "keys_rig.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VALUES_MAX 48u
#define VALUE_BYTES 48u

/* By the name of a parameter; `of` where a family of commands means something else by it. */
static const struct {
    const char *name, *of, *sql;
} sources[] = {
    {"ids", NULL, "SELECT id FROM reading WHERE state = 'held' ORDER BY id DESC"},
    {"alert", NULL, "SELECT id FROM alert WHERE resolved IS NULL"},
    {"reading", NULL, "SELECT id FROM reading ORDER BY id DESC"},
    {"decision", NULL, "SELECT id FROM decision"},
    {"serial", NULL, "SELECT serial FROM meter"},
    {"meter", NULL, "SELECT serial FROM meter"},
    {"above", NULL, "SELECT serial FROM meter"},
    {"account", NULL, "SELECT number FROM account"},
    {"accounts", NULL, "SELECT number FROM account"},
    {"number", "account close", "SELECT number FROM account"},
    {"number", "document register", "SELECT number FROM document"},
    {"to", "bank assign", "SELECT number FROM account"},
    {"customer", "meter", NULL},
    {"customer", NULL, "SELECT id FROM customer"},
    {"bill", NULL, "SELECT id FROM bill ORDER BY id DESC"},
    {"bills", NULL, "SELECT id FROM bill ORDER BY id DESC"},
    {"run", "import discard", "SELECT id FROM import_run ORDER BY id DESC"},
    {"run", "reading decide", "SELECT id FROM import_run"},
    {"run", NULL, "SELECT id FROM billing_run ORDER BY id DESC"},
    {"receipt", NULL, "SELECT number FROM document WHERE type = 'receipt'"},
    {"deposit", NULL, "SELECT id FROM deposit"},
    {"plan", NULL, "SELECT id FROM plan"},
    {"request", NULL, "SELECT id FROM request ORDER BY id DESC"},
    {"row", NULL, "SELECT id FROM bank_row"},
    {"file", "bank discard", "SELECT id FROM bank_file"},
    {"file", "charges export", "SELECT id FROM charge_file"},
    {"number", "note pdf", "SELECT number FROM document WHERE type = 'credit_note'"},
    {"work", NULL, "SELECT id FROM work_order ORDER BY id DESC"},
    {"dispute", NULL, "SELECT id FROM dispute ORDER BY id DESC"},
    {"cut", NULL, "SELECT id FROM cut_order"},
    {"paper", NULL, "SELECT id FROM field_paper"},
    {"attachment", NULL, "SELECT id FROM attachment"},
    {"mapping", NULL, "SELECT name FROM mapping"},
    {"layout", NULL, "SELECT name FROM mapping"},
    {"tariff", NULL, "SELECT DISTINCT code FROM tariff"},
    {"cycle", NULL, "SELECT name FROM cycle"},
    {"route", NULL, "SELECT DISTINCT route FROM service_point"},
    {"routes", NULL, "SELECT DISTINCT route FROM service_point"},
    {"name", "witness remove", "SELECT name FROM witness"},
    {"name", "device", "SELECT name FROM device"},
    {"obis", NULL, "SELECT DISTINCT obis FROM register"},
    {"register", NULL, "SELECT DISTINCT obis FROM register"},
    {"key", "key revoke", "SELECT lower(hex(substr(keyid, 1, 8))) FROM key"},
};
#define SOURCES (sizeof sources / sizeof sources[0])

/* The same with what no table says. */
static const struct {
    const char *name, *of;
    const char *values[6];
} fixed[] = {
    {"login", "user add", {"zoe1", "pablo", "rita"}},
    {"login", NULL, {"luis", "marta", "luis", "olga"}},
    {"to", NULL, {"luis", "marta", "ana"}},
    {"role", NULL, {"lector", "cobrador"}},
    {"roles", NULL, {"operator", "supervisor", "installer", "auditor"}},
    {"commands", NULL, {"reading add", "payment take,drawer open"}},
    {"command", NULL, {"bill cancel", "user recover", "cut order"}},
    {"ids", NULL, {"1", "2,3"}},
    {"currency", NULL, {"USD", "EUR"}},
    {"policy", NULL, {"kiosk", "late_fee", "bank", "collection"}},
    {"rule", NULL, {"spike", "zero", "decrease", "high"}},
    {"class", NULL, {"decrease", "spike"}},
    {"period", NULL, {"2026-10", "2026-11"}},
    {"curves", NULL, {"secp256r1", "secp256r1,secp256k1"}},
    {"curve", NULL, {"secp256r1"}},
    {"needed", NULL, {"1", "2"}},
    {"digits", NULL, {"5", "6"}},
    {"decimals", NULL, {"0", "3"}},
    {"multiplier", NULL, {"1", "10"}},
    {"months", NULL, {"1", "2"}},
    {"day", NULL, {"1", "15"}},
    {"accent", NULL, {"#336699"}},
    {"output", "report", {"informe.csv", "informe.xlsx", "informe.pdf", "informe"}},
    {"output", "charges export", {"cobros.txt"}},
    {"file", "note pdf", {"nota.pdf"}},
    {"file", "notice print", {"avisos.pdf"}},
    {"file", "paper", {"acta.pdf"}},
    {"file", "export", {"diario.txt"}},
    {"month", "report", {"2026-10"}},
    {"file", "bill pdf", {"facturas.pdf"}},
    {"file", "proof", {"prueba.json"}},
    {"final", NULL, {"150", "500"}},
    {"initial", NULL, {"0", "10"}},
    {"limits", NULL, {"100", "3,35,65,40000,3"}},
    {"vkey", NULL, {"otro.example+1234+AAAA"}},
    {"purpose", "paper consent", {"facturas por correo"}},
    {"email", NULL, {"rosa@example.org"}},
    {"token", NULL, {""}},
    {"store", NULL, {""}},
};
#define FIXED (sizeof fixed / sizeof fixed[0])

static char loaded[SOURCES][VALUES_MAX][VALUE_BYTES];
static uint32_t loaded_count[SOURCES];

static void load(const struct office_fixture *f, size_t source)
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    loaded_count[source] = 0;
    if (sources[source].sql == NULL) {
        return;
    }
    MUST(db_query(f->office->db, &q, &e, sources[source].sql, NO_VALS) == ERR_OK, "%s: %s",
         sources[source].sql, e.text);
    while (loaded_count[source] < VALUES_MAX && stmt_next(q, &row, &e) == ERR_OK && row) {
        (void)snprintf(loaded[source][loaded_count[source]++], VALUE_BYTES, "%.47s",
                       stmt_text(q, 0));
    }
    stmt_done(q);
}

void values_load(const struct office_fixture *f)
{
    for (size_t i = 0; i < SOURCES; i++) {
        load(f, i);
    }
}

/* `of` is a command, or the first word of several. */
static bool belongs(const char *of, const char *command)
{
    size_t len = of != NULL ? strlen(of) : 0;
    return of == NULL ||
           (strncmp(command, of, len) == 0 && (command[len] == '\0' || command[len] == ' '));
}

static const char *known(const char *command, const char *name)
{
    for (size_t i = 0; i < SOURCES; i++) {
        if (strcmp(sources[i].name, name) == 0 && belongs(sources[i].of, command)) {
            if (loaded_count[i] > 0) {
                return loaded[i][pick(loaded_count[i])];
            }
            break;
        }
    }
    for (size_t i = 0; i < FIXED; i++) {
        uint32_t n = 0;
        while (n < 6 && fixed[i].values[n] != NULL) {
            n++;
        }
        if (strcmp(fixed[i].name, name) == 0 && belongs(fixed[i].of, command)) {
            return fixed[i].values[pick(n)];
        }
    }
    return NULL;
}

/* ---- files ------------------------------------------------------------------------------- */

/* What a command reads: "%u" is another number each time. */
static const struct {
    const char *command, *name, *text;
} files[] = {
    {"policy set", "policy.json", "{\"readings\": true}"},
    {"tariff publish", "tarifa.json",
     "{\"aforo_tariff\":1,\"code\":\"t%u\",\"version\":1,\"name\":{\"es\":\"T\",\"en\":\"T\"},"
     "\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2026-12-01\",\"unit\":\"m3\","
     "\"components\":[{\"type\":\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Uso\",\"en\":"
     "\"Use\"},\"price\":\"0.10\"}]}"},
    {"mapping save", "plan.json",
     "{\"kind\":\"customers\",\"columns\":{\"customer_number\":\"no\",\"name\":\"name\"}}"},
    {"import readings", "lecturas.csv",
     "serial,time,value\nW00001,2026-10-31 08:%02u,250.%03u\nW00003,2026-10-31 "
     "08:10,190.000\n"},
    {"import customers", "clientes.csv", "no,name,phone\nV-%u,Ofelia Rojas,2222 1010\n"},
    {"import accounts", "cuentas.csv", "account,old,no,opened\nV-%u,00-%u,V-10,2019-02-01\n"},
    {"import assignments", "asignaciones.csv",
     "serial,old,start,end\nW00002,00-18,2023-01-01,2023-0%u-01\n"},
    {"import balances", "saldos.csv", "old,amount,due,bill\n00-17,1.50,2026-09-15,G-%u\n"},
    {"import bills", "viejas.csv",
     "old,number,issued,start,end,amount,serial,use\n"
     "00-17,H-%u,2024-07-02,2024-06-01,2024-07-01,40.10,W00003,21\n"},
    {"import visits", "visitas.csv", "serial,day,skip,note\nW00001,2026-10-%u,perro,\n"},
    {"import packets", "packets.jsonl", NULL},
    {"import meters", "medidores.csv", "serial,kind\nM-%u,water\n"},
    {"checkpoint", "cosigned", NULL},
    {"device", "device-2.pub", NULL},
    {"bank import", "extracto.sta",
     ":20:%u\n:25:CR05015202001026284066\n:28C:1/1\n:60F:C261101USD100,\n"
     ":61:2611021102C5,NTRFNONREF//%uA\n:86:166?20EREF+A00001?30BANK?31CR99?32Rosa Vega\n"
     ":62F:C261102USD105,\n-\n"},
    {"attach", "carta.txt", NULL},
    {"brand set", "logo.png", "no picture %u"},
};

/* The name of a file for the command, written now; NULL: there is none. */
static const char *file_for(const char *command)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (belongs(files[i].command, command)) {
            FILE *out = files[i].text != NULL ? fopen(files[i].name, "w") : NULL;
            for (const char *s = files[i].text; out != NULL && *s != '\0';) {
                size_t digits = strncmp(s, "%u", 2) == 0     ? 2
                                : strncmp(s, "%02u", 4) == 0 ? 4
                                : strncmp(s, "%03u", 4) == 0 ? 5
                                                             : 0;
                if (digits == 0) {
                    (void)fputc(*s++, out);
                    continue;
                }
                (void)fprintf(out,
                              digits == 2   ? "%u"
                              : digits == 4 ? "%02u"
                                            : "%03u",
                              pick(digits == 2   ? 1000
                                   : digits == 4 ? 60
                                                 : 1000));
                s += digits == 2 ? 2 : 4;
            }
            MUST(out == NULL || fclose(out) == 0, "%s cannot be written", files[i].name);
            return files[i].name;
        }
    }
    return NULL;
}

/* ---- one field --------------------------------------------------------------------------- */

static const char *by_type(const struct param *p)
{
    static char text[VALUE_BYTES];
    static const char *const numbers[] = {"1", "2", "3", "10", "30"};
    static const char *const amounts[] = {"1", "5", "10", "25", "0", "1000"};
    static const char *const dates[] = {"21/11/2026", "01/12/2026", "31/12/2026", "01/10/2026",
                                        "01/11/2026"};
    switch (p->type) {
    case PARAM_DATE:
        return dates[pick(5)];
    case PARAM_TIME:
        (void)snprintf(text, sizeof text, "%02u/11/2026 1%u:%02u", 1 + pick(20), pick(10),
                       pick(60));
        return text;
    case PARAM_INT:
        return numbers[pick(5)];
    case PARAM_DECIMAL:
        return amounts[pick(6)];
    case PARAM_SECRET:
        return strcmp(p->name, "pin") == 0 ? "271828" : FIXTURE_PASSWORD;
    case PARAM_FILE:
        return "none.json";
    case PARAM_TEXT:
    case PARAM_CHOICE:
    case PARAM_FLAG:
        break;
    }
    (void)snprintf(text, sizeof text, "prueba %u", pick(100000));
    return text;
}

const char *value_for(const struct command *c, const struct param *p)
{
    static const char *const hostile[] = {"",
                                          "\342\200\256evil",
                                          "\xcc\x81\xcc\x81\xcc\x81",
                                          "99999999999999999999",
                                          "-1",
                                          "a b c",
                                          "';--",
                                          "=1+1"};
    const char *value = NULL;
    if (pick(24) == 0 && p->type != PARAM_SECRET) {
        return hostile[pick(8)];
    }
    if (strncmp(c->name, "import ", 7) == 0 && strcmp(p->name, "mapping") == 0 &&
        pick(8) != 0) { /* each kind has a mapping of its name in the busy office */
        return strcmp(c->name, "import readings") == 0 ? "meses" : c->name + 7;
    }
    if (p->type == PARAM_FILE) {
        value = file_for(c->name);
    } else if (p->type != PARAM_DATE && p->type != PARAM_TIME) {
        value = known(c->name, p->name);
    }
    return value != NULL ? value : by_type(p);
}
