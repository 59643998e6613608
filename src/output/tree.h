/* A tree of expressions with their values on one bar: indented for people, nested in JSON, one row a node in CSV and NDJSON. */
#ifndef GP_OUTPUT_TREE_H
#define GP_OUTPUT_TREE_H
#include "output/writer.h"

typedef struct gp_tree_head {
    gp_str code, name;
    int32_t date, time;    /* time -1: none */
    int bar, bars;         /* bar counts from 1 */
    double close;          /* NaN: unknown */
} gp_tree_head;

typedef struct gp_tree_row {
    int depth;             /* 0, or at most one more than the row before */
    gp_str name, text;     /* name: of an output or variable whose definition is text; .p NULL: none */
    int holds;             /* of a condition: 1 or 0; -1: not a condition */
    bool has_value, has_before, again;
    double value, before;  /* NaN: null */
    gp_str string;         /* a text result; .p NULL: none */
} gp_tree_row;

/* False when writing failed. */
bool gp_tree_write(FILE *out, gp_format format, const gp_tree_head *head, const gp_tree_row *rows, int n, bool colour);
#endif
