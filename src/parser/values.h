/* What can be said about a value from the formula alone: its bounds, whether it lies on a grid, whether it moves at all. */
#ifndef GP_PARSER_VALUES_H
#define GP_PARSER_VALUES_H
#include "parser/parse.h"

/* How finely a value is graded; the coarser ones compare reliably. */
typedef enum { GP_GRAIN_WHOLE, GP_GRAIN_PRICE, GP_GRAIN_COMPUTED } gp_grain;

typedef struct gp_value {
    gp_grain grain;
    double lo, hi;         /* where it is not null; infinite when nothing is known */
    bool steady;           /* the same on every bar */
    bool constant;         /* made of numbers and parameters */
    bool plain;            /* ... by arithmetic only: somebody wrote a level */
    bool price;            /* a price or a mean of prices: never 0 in practice */
} gp_value;

/* The value of n, whose arguments have the values in args. stmts: the values of the statements before. */
gp_value gp_value_of(const gp_formula *f, const gp_node *n, const gp_value *args, const gp_value *stmts);
/* -1 never true, 1 always true (where it is not null), 0 either, for an operator such as "<" between a and b. */
int gp_value_decided(gp_str sign, const gp_value *a, const gp_value *b);
#endif
