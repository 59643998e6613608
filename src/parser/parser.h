/* Formula text -> tree, and names -> meanings. */
#ifndef GP_PARSER_PARSER_H
#define GP_PARSER_PARSER_H
#include "base/file.h"
#include "parser/ast.h"

/* Parses the text (copied).  Always returns a formula (free with gp_formula_free); what is wrong is in d.
 * Resynchronises at ';' and reports every error.  Limits: nesting 1,000, 100,000 nodes, 16 MiB (diagnosed). */
gp_formula *gp_formula_parse(const char *name, const char *bytes, size_t n, gp_encoding encoding, gp_diags *d);
void gp_formula_free(gp_formula *f);

/* For text that comes in pieces, as it does in a listener: a formula without statements, and one more piece with a source of
 * its own, whose statements follow the ones there and whose header comments count.  Returns how many statements it has, or
 * -1 when it does not parse.  The order of f->stmts may be changed before gp_formula_resolve. */
gp_formula *gp_formula_new(const char *name);
int gp_formula_extend(gp_formula *f, const char *source_name, gp_str text, gp_encoding encoding, gp_diags *d);

/* Adds one hidden statement `label: text` after the last one, as --where/--col/--sort need; source_name is what
 * diagnostics show ("<--where>").  Names of the formula are visible in it.  Call before gp_formula_resolve.
 * Returns the statement index, or -1 when it does not parse to exactly one expression. */
int gp_formula_append(gp_formula *f, const char *source_name, const char *label, gp_str text, gp_diags *d);

/* One "-p NAME=VALUE".  Overrides the header's default; clamps to the range with a warning. Unknown names are kept: they
 * may be used as free names in the text; resolve reports the ones that are never used. */
bool gp_formula_set_param(gp_formula *f, gp_str name, double value, gp_diags *d);

/* Binds every name and operator, checks arity, types and constants, names the outputs.  True when no error. */
bool gp_formula_resolve(gp_formula *f, gp_diags *d);

/* A resolved formula in plain English or Chinese, one statement a line. */
void gp_formula_prose(const gp_formula *f, bool chinese, gp_buf *out);
/* Row i of builtins/prose.def, for its tests; false past the end. */
bool gp_prose_row(int i, const char **name, const char **en, const char **zh);

/* A place where the text has lost a number: parent's argument `index`, or (parent NULL) all of the statement's value. */
typedef struct gp_hole { gp_span at; const gp_node *parent; int index; const gp_stmt *stmt; } gp_hole;
/* The holes in the order of the text, at most `max` of them written to out; returns how many there are. */
int gp_formula_holes(const gp_formula *f, gp_hole *out, int max);
void gp_hole_what(const gp_hole *h, gp_buf *out);      /* "N of LLV", "right of <" */
/* The text with a value in each of its n holes and nothing else changed. */
void gp_formula_fill(const gp_formula *f, const gp_hole *holes, const gp_str *values, int n, gp_buf *out);

/* What is legal but rarely meant (GP6xx), of a resolved formula. */
void gp_formula_lint(gp_formula *f, gp_diags *d);

/* Canonical text: one statement a line, comments kept. */
void gp_formula_format(const gp_formula *f, gp_buf *out);
#endif
