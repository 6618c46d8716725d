/* Codes of the tables in the reader's language: states, kinds, sources, rules, units. Lists and
 * papers for people show these; CSV, JSON and commands keep the codes. */
#ifndef AFORO_APP_WORDS_H
#define AFORO_APP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"

/* "held" -> "retenida"; NULL when the code has no words. */
const char *code_word(const char *code, size_t len);
/* The same, or the code itself where it has none. Borrowed from the catalogue or the caller. */
const char *code_said(const char *code);
/* Its msgid, for sheets; one without words stands for itself, and NULL too. */
const char *code_msgid(const char *code);
/* What a form says of a choice: "reject" -> "rechazar"; rules by their titles. */
const char *choice_said(const char *code);
/* The same code as lives as long as the program; NULL where it has no words. */
const char *choice_kept(const char *code);
/* Is the word what was typed, but for capitals and accents? */
bool word_is(const char *word, const char *typed);
/* A code, or several parted by blanks or commas, appended in words; what has none stays. */
void code_words(const char *codes, size_t len, struct buf *out);
/* Rules as code_words: "decrease:backflow" -> "The register fell (decrease:backflow)". */
void rule_words(const char *codes, size_t len, struct buf *out);
/* A text for everybody, as `aforo check` prints it, for this office: figures with a point and
 * days as it writes them, word by word. */
void machine_words(const struct numfmt *f, const char *text, struct buf *out);
/* "m3" -> "m³". */
void unit_words(const char *unit, size_t len, struct buf *out);

/* A line's label as a bill records it ("Consumo 0–3.1 m³") with the numbers of its block in the
 * office's form; any other label as it is. */
void label_words(const struct numfmt *fmt, const char *label, size_t len, struct buf *out);

#endif
