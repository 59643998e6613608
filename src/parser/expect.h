/* What a formula promises about itself, in comments: quotes and the values its outputs have on them.
 *
 *   { case: a trend }            begins a case with quotes and arguments of its own; without one the file is one case
 *   { close: 1 2 - 4*3 }         quotes, a value a bar: - empty, V*3 three times V; also open high low volume amount
 *                                date time, and { column NAME: ... } for a further column of the file
 *   { data: ten.csv }            quotes from a file instead, relative to the folder of the formula
 *   { code: 600000 } { name: X } of the security
 *   { args: -p N=9 }             options for its evaluation
 *   { expect: 1 2 - ? }          values of the output whose statement begins on this line: - null, ? anything
 *   { expect NAME: 1 2 - ? }     or of this output; a single value is meant for every bar
 *   { expect error GP201 at 3:10 }  an error, by code or name; all of them must be named; the place may be left out
 *   { expect warning NAME }      a warning that must be there
 *   { expect message: text }     text that some message or hint must hold
 *   { expect clean }             no diagnostics at all
 */
#ifndef GP_PARSER_EXPECT_H
#define GP_PARSER_EXPECT_H
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/vec.h"

typedef enum { GP_EXPECT_VALUES, GP_EXPECT_ERROR, GP_EXPECT_WARNING, GP_EXPECT_MESSAGE, GP_EXPECT_CLEAN } gp_expect_kind;

typedef struct gp_words { gp_str *at; size_t n, cap; } gp_words;

typedef struct gp_expect {
    gp_expect_kind kind;
    gp_span span;          /* its comment */
    gp_str what;           /* VALUES: the output; ERROR, WARNING: code or name; MESSAGE: the text */
    uint32_t line, column; /* ERROR, WARNING: where; 0: anywhere */
    gp_words values;       /* VALUES: one word a bar, or one for all of them */
} gp_expect;

typedef struct gp_expect_column { gp_str name; gp_span span; gp_words values; } gp_expect_column;

typedef struct gp_expect_case {
    gp_str title;          /* "" for what stands before the first { case: } */
    gp_str data, code, name;
    gp_words args;
    struct { gp_expect_column *at; size_t n, cap; } columns;
    struct { gp_expect *at; size_t n, cap; } all;
} gp_expect_case;

typedef struct gp_expectations {
    gp_arena arena;        /* owns every text */
    const gp_source *src;
    struct { gp_expect_case *at; size_t n, cap; } cases;
    size_t n;              /* expectations in all cases */
} gp_expectations;

/* Reads them from the text of a formula; what cannot be read is an error in d.  Zero-initialise *x; free with fini, after
 * the diagnostics. */
void gp_expectations_read(gp_expectations *x, const char *name, const char *bytes, size_t n, gp_encoding e, gp_diags *d);
void gp_expectations_fini(gp_expectations *x);
#endif
