#include <config.h>

#include "domain/tariff.h"

#include <string.h>

#include "base/i18n.h"
#include "domain/charged.h"
#include "domain/component.h"

static const struct json_limits tariff_limits = {TARIFF_BYTES_MAX, 12, false};

const struct component *tariff_component(const struct tariff *t, const char *id)
{
    for (size_t i = 0; i < t->component_count; i++) {
        if (t->components[i].id != NULL && strcmp(t->components[i].id, id) == 0) {
            return &t->components[i];
        }
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool tariff_quantity(struct tariff *t, const struct jnode *n, const struct quantity_def *def,
                     size_t *out)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        const struct quantity_def *q = &t->quantities[i];
        if (q->kind == def->kind && same_text(q->obis, def->obis) && q->unit == def->unit &&
            q->periods == def->periods && q->minutes == def->minutes && q->back == def->back &&
            q->months == def->months) {
            *out = i;
            return true;
        }
        if (same_text(q->name, def->name)) {
            return jfault(n, NULL,
                          _("\"%s\" is measured in two ways; a name or a register stands for "
                            "one quantity."),
                          def->name);
        }
    }
    if (t->quantity_count == TARIFF_QUANTITIES_MAX) {
        return jfault(n, NULL, _("a tariff measures at most %d quantities."),
                      TARIFF_QUANTITIES_MAX);
    }
    if (def->name == NULL) {
        n->faults->nomem = true;
        return false;
    }
    *out = t->quantity_count;
    t->quantities[t->quantity_count++] = *def;
    return true;
}

bool component_register(struct tariff *t, const struct jnode *n, enum quantity_kind kind,
                        const struct unit *unit, size_t *out)
{
    const char *text = NULL;
    struct obis obis;
    char canonical[OBIS_TEXT_MAX];
    if (!jread_text(n, "register", false, OBIS_TEXT_MAX - 1, &text)) {
        return false;
    }
    if (obis_parse(text, &obis, NULL) != ERR_OK) {
        return jfault(n, "register", _("expected here: %s."),
                      _("an OBIS code such as \"1.8.1\""));
    }
    obis_print(&obis, canonical);
    struct quantity_def def = {.kind = kind, .unit = unit};
    def.obis = def.name = arena_strdup(n->arena, canonical);
    return tariff_quantity(t, n, &def, out);
}

enum err_code tariff_hash(const struct json *doc, struct hash *out, struct err *e)
{
    struct buf canonical;
    buf_init(&canonical, TARIFF_JCS_MAX);
    enum err_code code = json_write_jcs(doc, &canonical, e);
    if (code == ERR_OK) {
        code = buf_status(&canonical, _("The tariff's canonical form"), e);
    }
    if (code == ERR_OK) {
        sha256(canonical.data, canonical.len, out);
    }
    buf_release(&canonical);
    return code;
}

/* What stands in the head of the document. Without currency or unit the components cannot be
 * read. */
static bool head_parse(const struct jnode *n, struct tariff *t)
{
    const char *kinds[METER_KIND_COUNT];
    const char *currency = NULL, *unit = NULL;
    int64_t format = 0;
    size_t kind = 0;
    for (size_t i = 0; i < METER_KIND_COUNT; i++) {
        kinds[i] = meter_kind_name((enum meter_kind)i);
    }
    (void)jread_int(n, "aforo_tariff", true, TARIFF_FORMAT, TARIFF_FORMAT, &format);
    (void)jread_slug(n, "code", &t->code);
    (void)jread_int(n, "version", true, 1, 1000000, &t->version);
    (void)jread_label(n, "name", true, TARIFF_LABEL_BYTES, &t->name);
    (void)jread_label(n, "note", false, TARIFF_NOTE_BYTES, &t->note);
    (void)jread_date(n, "valid_from", true, &t->valid_from);
    bool kind_known = jread_choice(n, "kind", true, kinds, METER_KIND_COUNT, &kind);
    t->kind = (enum meter_kind)kind;
    if (jread_text(n, "currency", true, 3, &currency)) {
        t->currency = currency_find(currency);
        if (t->currency == NULL) {
            (void)jfault(n, "currency", _("\"%s\" is not a currency that is known here."),
                         currency);
        }
    }
    if (jread_text(n, "unit", true, 8, &unit)) {
        t->unit = unit_find(unit);
        if (t->unit == NULL || strcmp(t->unit->base, "u") == 0 ||
            (kind_known && !meter_kind_takes(t->kind, t->unit) &&
             !(t->kind == METER_GAS && unit_is_energy(t->unit)))) {
            t->unit = NULL;
            (void)jfault(n, "unit",
                         _("\"%s\" is not a unit that this kind of meter is billed in."), unit);
        }
    }
    return t->currency != NULL && t->unit != NULL;
}

static void rounding_parse_head(const struct jnode *n, struct tariff *t)
{
    static const char *const members[] = {"mode", "level", "step", NULL};
    static const char *const levels[] = {"line", "total"};
    size_t level = 0;
    t->rounding = ROUND_HALF_UP;
    t->step_minor = 1;
    struct jnode r = jnode_member(n, "rounding");
    if (r.value == NULL || !jread_object(&r)) {
        return;
    }
    jread_only(&r, members, NULL);
    (void)jread_choice(&r, "level", false, levels, 2, &level);
    t->level = level == 1 ? ROUND_TOTAL_ONLY : ROUND_EACH_LINE;
    component_rounding(&r, t->currency, false, &t->rounding, &t->step_minor);
}

static size_t component_lines(const struct component *c)
{
    size_t lines = 0;
    if (c->type == COMPONENT_BLOCKS) {
        return c->u.blocks.table.count;
    }
    if (c->type == COMPONENT_DEMAND) {
        return c->u.demand.table.count;
    }
    if (c->type == COMPONENT_TIME_OF_USE) {
        for (size_t i = 0; i < c->u.tou.count; i++) {
            lines += c->u.tou.prices[i].table.count;
        }
        return lines;
    }
    return c->type == COMPONENT_SURCHARGE ? c->u.surcharge.table.count : 1;
}

/* One component; it counts among the earlier ones even when it has faults, so that these are
 * not reported twice. */
static void component_parse(struct tariff *t, const struct jnode *n)
{
    static const char *const common[] = {"type",   "id",   "label", "taxable",
                                         "months", "when", NULL};
    struct component *c = &t->components[t->component_count];
    const char *names[COMPONENT_TYPE_COUNT];
    const char *id = NULL;
    size_t type = 0;
    for (size_t i = 0; i < COMPONENT_TYPE_COUNT; i++) {
        names[i] = component_defs[i].name;
    }
    if (!jread_object(n) ||
        !jread_choice(n, "type", true, names, COMPONENT_TYPE_COUNT, &type)) {
        return;
    }
    const struct component_def *def = &component_defs[type];
    c->type = (enum component_type)type;
    c->taxable = def->taxable;
    jread_only(n, common, def->members);
    if (jread_slug(n, "id", &id) && tariff_component(t, id) != NULL) {
        (void)jfault(n, "id",
                     _("the id \"%s\" is already taken by a component before this one."), id);
    }
    (void)jread_label(n, "label", true, TARIFF_LABEL_BYTES, &c->label);
    (void)jread_bool(n, "taxable", &c->taxable);
    component_months(n, "months", &c->months);
    component_when(t, n, &c->when);
    t->seasonal = t->seasonal || c->months != 0;
    def->parse(t, n, c);
    c->id = id;
    t->line_max += component_lines(c);
}

static void components_parse(struct tariff *t, const struct jnode *n)
{
    struct jnode list;
    if (!jread_array(n, "components", true, 1, TARIFF_COMPONENTS_MAX, &list)) {
        return;
    }
    size_t count = list.value->u.array.count;
    t->components = arena_array(n->arena, count, sizeof(*t->components));
    if (t->components == NULL) {
        n->faults->nomem = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct jnode item = jnode_item(&list, i);
        component_parse(t, &item);
        t->component_count = i + 1;
    }
}

#define FAULTS_SHOWN 800 /* bytes of an error's text that faults may fill */

static enum err_code faults_report(const struct faults *f, struct err *e)
{
    if (f->nomem) {
        return err_nomem(e);
    }
    if (f->count == 1) {
        return err_set(e, ERR_PARSE, _("The tariff has a fault at %s: %s"), f->item[0].path,
                       f->item[0].text);
    }
    struct buf all;
    size_t shown = 0;
    buf_init(&all, ERR_TEXT_MAX);
    while (shown < f->count && shown < FAULTS_MAX &&
           all.len + strlen(f->item[shown].path) + strlen(f->item[shown].text) < FAULTS_SHOWN) {
        buf_addf(&all, " %s: %s", f->item[shown].path, f->item[shown].text);
        shown++;
    }
    enum err_code code =
        shown == f->count
            ? err_set(e, ERR_PARSE,
                      ngettext("The tariff has %zu fault.%s", "The tariff has %zu faults.%s",
                               (unsigned long)f->count),
                      f->count, buf_str(&all))
            : err_set(e, ERR_PARSE,
                      _("The tariff has %zu faults, of which these come first.%s"), f->count,
                      buf_str(&all));
    buf_release(&all);
    return code;
}

enum err_code tariff_from_json(const struct json *doc, struct arena *arena,
                               struct faults *faults, struct tariff **out, struct err *e)
{
    static const char *const members[] = {
        "aforo_tariff", "code",        "version", "name",       "note",
        "kind",         "currency",    "unit",    "valid_from", "rounding",
        "components",   "time_of_use", NULL};
    memset(faults, 0, sizeof(*faults));
    struct tariff *t = ARENA_NEW(arena, struct tariff);
    if (t == NULL) {
        return err_nomem(e);
    }
    t->quantities = arena_array(arena, TARIFF_QUANTITIES_MAX, sizeof *t->quantities);
    if (t->quantities == NULL) {
        return err_nomem(e);
    }
    struct jnode root = jnode_root(doc, arena, faults);
    if (jread_object(&root)) {
        jread_only(&root, members, NULL);
        if (head_parse(&root, t)) {
            rounding_parse_head(&root, t);
            tou_parse(&root, t);
            components_parse(t, &root);
        }
    }
    if (faults->count > 0 || faults->nomem) {
        return faults_report(faults, e);
    }
    TRY(tariff_hash(doc, &t->hash, e));
    *out = t;
    return ERR_OK;
}

enum err_code tariff_parse(const char *text, size_t len, struct arena *arena,
                           struct faults *faults, struct tariff **out, struct err *e)
{
    struct json *doc = NULL;
    memset(faults, 0, sizeof(*faults));
    TRY(json_parse(text, len, &tariff_limits, arena, &doc, e));
    return tariff_from_json(doc, arena, faults, out, e);
}
