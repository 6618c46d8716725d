/* Findings as sentences: what was seen, the limit, the source. */
#include <config.h>

#include "domain/rules.h"

#include <stdio.h>

#include "base/i18n.h"

#define WORDS 4
#define WORD_BYTES 80

/* The numbers of one sentence as text; the sentence itself stays whole for the translator. */
struct words {
    const struct unit *unit;
    const struct numfmt *fmt;
    size_t count;
    char text[WORDS][WORD_BYTES];
};

/* A quantity with its unit: "66.288 m³". */
static const char *quantity(struct words *w, int64_t value)
{
    CHECK(w->count < WORDS);
    char *out = w->text[w->count++];
    struct buf machine, shown;
    buf_init(&machine, WORD_BYTES);
    buf_init(&shown, WORD_BYTES);
    quantity_print(value, w->unit, 0, &machine);
    if (w->fmt != NULL) {
        numfmt_number(w->fmt, buf_str(&machine), &shown);
    } else {
        buf_adds(&shown, buf_str(&machine));
    }
    (void)snprintf(out, WORD_BYTES, "%s %s", buf_str(&shown), w->unit->pretty);
    buf_release(&machine);
    buf_release(&shown);
    return out;
}

/* Whole days, hours, minutes or seconds, the largest of which there are two. */
static const char *duration(struct words *w, int64_t secs)
{
    CHECK(w->count < WORDS);
    char *out = w->text[w->count++];
    long long n = (long long)secs;
    if (secs >= 2 * 86400) {
        (void)snprintf(out, WORD_BYTES,
                       ngettext("%lld day", "%lld days", (unsigned long)(n / 86400)),
                       n / 86400);
    } else if (secs >= 2 * 3600) {
        (void)snprintf(out, WORD_BYTES,
                       ngettext("%lld hour", "%lld hours", (unsigned long)(n / 3600)),
                       n / 3600);
    } else if (secs >= 2 * 60) {
        (void)snprintf(out, WORD_BYTES,
                       ngettext("%lld minute", "%lld minutes", (unsigned long)(n / 60)),
                       n / 60);
    } else {
        (void)snprintf(out, WORD_BYTES,
                       ngettext("%lld second", "%lld seconds", (unsigned long)n), n);
    }
    return out;
}

/* One function a rule, named after its row in rules.def. */

static void negative_text(const struct finding *f, struct words *w, struct buf *out)
{
    buf_addf(out, _("The value %s is below zero."), quantity(w, f->observed));
}

static void over_dial_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *value = quantity(w, f->observed);
    buf_addf(out, _("The value %s is more than the dial can show, %s."), value,
             quantity(w, f->limit));
}

static void future_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *ahead = duration(w, f->observed);
    buf_addf(out, _("The reading is dated %s after its capture; %s are allowed."), ahead,
             duration(w, f->limit));
}

static void too_old_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *age = duration(w, f->observed);
    buf_addf(out, _("The reading is %s older than its capture; %s are allowed."), age,
             duration(w, f->limit));
}

static void inactive_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *by = duration(w, f->observed);
    if (f->kind == CLASS_NOT_YET) {
        buf_addf(out, _("The meter was installed %s after this reading."), by);
    } else {
        buf_addf(out, _("The meter was out of service or removed %s before this reading."), by);
    }
}

static void duplicate_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *value = quantity(w, f->observed), *other = quantity(w, f->limit);
    if (f->kind == CLASS_SAME_VALUE) {
        buf_addf(out, _("There is already a reading of this instant with the same value, %s."),
                 value);
    } else {
        buf_addf(
            out,
            _("There is already a reading of this instant with another value: %s, now %s."),
            other, value);
    }
}

static void interleaved_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *value = quantity(w, f->observed), *first = quantity(w, f->from);
    buf_addf(out,
             _("A second meter alternates with this one: the value %s belongs to a series that "
               "began at %s, while this meter stands at %s."),
             value, first, quantity(w, f->to));
}

static void decrease_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *by = quantity(w, f->observed), *from = quantity(w, f->from),
               *to = quantity(w, f->to);
    if (f->kind == CLASS_BACKFLOW) {
        buf_addf(out,
                 _("The register fell by %s, from %s to %s: no more than %s, as when water "
                   "runs back or two clocks differ."),
                 by, from, to, quantity(w, f->limit));
    } else if (f->kind == CLASS_RESET) {
        buf_addf(out,
                 _("The register fell by %s, from %s to %s, which a new meter could have "
                   "reached: was the meter exchanged?"),
                 by, from, to);
    } else if (f->kind == CLASS_DIP) {
        buf_addf(out,
                 _("The value fell by %s, from %s to %s, and the next reading is up again: the "
                   "value is probably garbled."),
                 by, from, to);
    } else if (f->kind == CLASS_BELOW) {
        buf_addf(out, _("The register is still %s below the last accepted value: %s, now %s."),
                 by, from, to);
    } else if (f->kind == CLASS_ABOVE_NEXT) {
        buf_addf(out, _("The value is %s above the reading that follows it: %s, then %s."), by,
                 from, to);
    } else {
        buf_addf(out, _("The register fell by %s, from %s to %s."), by, from, to);
    }
}

static void rollover_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *from = quantity(w, f->from), *to = quantity(w, f->to),
               *use = quantity(w, f->observed);
    buf_addf(out,
             _("The dial may have passed zero: from %s to %s would be a use of %s, within the "
               "possible %s."),
             from, to, use, quantity(w, f->limit));
}

static void max_rate_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *by = quantity(w, f->observed), *from = quantity(w, f->from),
               *to = quantity(w, f->to), *most = quantity(w, f->limit);
    if (f->kind == CLASS_ABOVE_NEXT) {
        buf_addf(out,
                 _("The reading that follows is %s higher (%s, then %s); in that time the "
                   "meter can measure %s at most."),
                 by, from, to, most);
    } else {
        buf_addf(out,
                 _("The register rose by %s, from %s to %s; in that time the meter can measure "
                   "%s at most."),
                 by, from, to, most);
    }
}

static void delta_text(const struct finding *f, struct words *w, struct buf *out)
{
    buf_addf(
        out,
        _("The device says that %s were used since its packet before, but its register rose "
          "by %s."),
        quantity(w, f->observed), quantity(w, f->limit));
}

static void high_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *use = quantity(w, f->observed), *limit = quantity(w, f->limit),
               *mean = quantity(w, f->from);
    long long n = (long long)f->to;
    if (f->kind == CLASS_BAND) {
        buf_addf(out,
                 _("The consumption of %s is above %s, the limit %lld %% over the mean of %s."),
                 use, limit, n, mean);
    } else {
        buf_addf(out,
                 _("The consumption of %s is above %s, the limit %lld standard deviations over "
                   "the mean of %s."),
                 use, limit, n, mean);
    }
}

static void low_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *use = quantity(w, f->observed), *limit = quantity(w, f->limit),
               *mean = quantity(w, f->from);
    long long n = (long long)f->to;
    if (f->kind == CLASS_BAND) {
        buf_addf(
            out,
            _("The consumption of %s is below %s, the limit %lld %% under the mean of %s."),
            use, limit, n, mean);
    } else {
        buf_addf(out,
                 _("The consumption of %s is below %s, the limit %lld standard deviations "
                   "under the mean of %s."),
                 use, limit, n, mean);
    }
}

static void zero_text(const struct finding *f, struct words *w, struct buf *out)
{
    (void)w;
    buf_addf(out,
             ngettext("The account is active and has used nothing for %lld period.",
                      "The account is active and has used nothing for %lld periods.",
                      (unsigned long)f->observed),
             (long long)f->observed);
}

static void spike_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *use = quantity(w, f->observed), *limit = quantity(w, f->limit);
    buf_addf(out,
             _("The consumption of %s is above %s, which is %lld %% of the third highest "
               "period (%s)."),
             use, limit, (long long)f->to, quantity(w, f->from));
}

static void stuck_text(const struct finding *f, struct words *w, struct buf *out)
{
    (void)w;
    buf_addf(out,
             ngettext("The register stands still for %lld period after periods with use.",
                      "The register stands still for %lld periods after periods with use.",
                      (unsigned long)f->observed),
             (long long)f->observed);
}

static void period_length_text(const struct finding *f, struct words *w, struct buf *out)
{
    (void)w;
    buf_addf(out,
             _("There are %lld days between the readings; the cycle has %lld, and %lld %% more "
               "or less are allowed."),
             (long long)f->observed, (long long)f->limit, (long long)f->to);
}

static void consecutive_text(const struct finding *f, struct words *w, struct buf *out)
{
    (void)w;
    buf_addf(out, _("It is estimate %lld in a row; %lld are not made."), (long long)f->observed,
             (long long)f->limit);
}

static void estimate_high_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *value = quantity(w, f->to), *by = quantity(w, f->observed);
    buf_addf(out,
             _("The value %s is %s below what was estimated before, %s: the estimates were too "
               "high."),
             value, by, quantity(w, f->from));
}

static void factor_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *use = quantity(w, f->observed), *mean = quantity(w, f->from);
    buf_addf(
        out,
        _("The consumption of %s is about %lld times the mean of %s or one part in as many: "
          "is the unit, the point or the multiplier right?"),
        use, (long long)f->to, mean);
}

static void missing_interval_text(const struct finding *f, struct words *w, struct buf *out)
{
    (void)w;
    buf_addf(out, _("Of %lld intervals %lld are missing; %lld may be."), (long long)f->from,
             (long long)f->observed, (long long)f->limit);
}

static void sum_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *whole = quantity(w, f->from), *parts = quantity(w, f->to);
    buf_addf(out, _("The total counted %s, its parts %s: %s apart, and %s are allowed."), whole,
             parts, quantity(w, f->observed), quantity(w, f->limit));
}

static void adapter_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *apart = quantity(w, f->observed);
    buf_addf(out, _("The device and the dial are %s apart; %s are allowed."), apart,
             quantity(w, f->limit));
}

static void balance_text(const struct finding *f, struct words *w, struct buf *out)
{
    const char *whole = quantity(w, f->from), *parts = quantity(w, f->to);
    buf_addf(out,
             _("It counted %s, the meters below it %s: a loss of %s, and %s is the bound."),
             whole, parts, quantity(w, f->observed), quantity(w, f->limit));
}

void finding_text(const struct finding *f, const struct unit *unit, const struct numfmt *fmt,
                  struct buf *out)
{
    static void (*const writers[RULE_COUNT])(const struct finding *, struct words *,
                                             struct buf *) = {
#define RULE(ID, name, scope, severity, hold, limits, title, source) [RULE_##ID] = name##_text,
#include "domain/rules.def"
#undef RULE
    };
    struct words w = {.unit = unit, .fmt = fmt};
    CHECK(f->rule < RULE_COUNT);
    writers[f->rule](f, &w, out);
    buf_addf(out, _(" Source: %s."), rule_source(f->rule));
}
