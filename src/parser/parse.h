/* What the files of the parser share. */
#ifndef GP_PARSER_PARSE_H
#define GP_PARSER_PARSE_H
#include "lexer/lexer.h"
#include "parser/parser.h"

enum { GP_NESTING_MAX = 1000, GP_NODES_MAX = 100000 };

typedef struct gp_parse {
    gp_arena *arena;
    gp_diags *diags;
    gp_lexer lx;
    gp_token tok, next;
    uint32_t prev_end;     /* end of the token before tok: where something missing is missing */
    int nesting, nodes;
    int holes;
    gp_span first_hole;
    bool panic;            /* this statement is broken and reported: be silent up to its end */
    bool stop;             /* read no further */
} gp_parse;

/* Silent while the statement is already known to be broken. */
#define GP_REPORT(p, ...)                         \
    do {                                          \
        if (!(p)->panic)                          \
            gp_diag_at((p)->diags, __VA_ARGS__);  \
    } while (0)

/* Where an operand is expected, so that a missing one can be named. */
typedef struct gp_place {
    enum { GP_PLACE_VALUE, GP_PLACE_PAREN, GP_PLACE_ARGUMENT, GP_PLACE_RIGHT, GP_PLACE_OPERAND } kind;
    const char *of;        /* VALUE: "after :=" or "before ,"; RIGHT, OPERAND: the sign; ARGUMENT: the function */
    int argument;          /* 1-based */
} gp_place;

void gp_parse_advance(gp_parse *p);
bool gp_parse_at_definition(const gp_parse *p);        /* NAME followed by := or : */
gp_node *gp_parse_expression(gp_parse *p, gp_place place);
gp_node *gp_parse_hole(gp_parse *p, gp_place place);   /* reports what is missing at prev_end */
void gp_parse_missing_operator(gp_parse *p);           /* reports it before the current token, with what was meant if that can be told */
const char *gp_parse_found(gp_parse *p);               /* the current token in words */

/* The text cut to `cells` terminal cells, "…" marking the cut. */
const char *gp_shorten(gp_arena *a, gp_str s, int cells);
gp_str gp_span_text(gp_span s);
uint32_t gp_span_line(gp_span s);                      /* without the column: cheap in a line of a megabyte */

/* One attribute: its colour or -1 in *rgb; *digits is 6, or fewer for a colour that lost some.  False: unknown. */
bool gp_attr_read(gp_str text, int *rgb, int *digits);

/* Keys of one comment ("{@param N 9 1 100}"). */
void gp_header_read(gp_formula *f, gp_span comment, gp_diags *d);

/* Diagnostics from index `from` on in the order of the text (stable; other sources after). */
void gp_diags_sort(gp_diags *d, size_t from);
#endif
