/* What the attributes of a statement, and the conventions in its name, say about its looks (language.md 2, 5). */
#ifndef GP_PARSER_ATTRIBUTE_H
#define GP_PARSER_ATTRIBUTE_H
#include "parser/ast.h"

typedef enum {
    GP_STYLE_LINE,
    GP_STYLE_DOTLINE,
    GP_STYLE_POINTDOT,
    GP_STYLE_CIRCLEDOT,
    GP_STYLE_CROSSDOT,
    GP_STYLE_STICK,
    GP_STYLE_COLORSTICK,
    GP_STYLE_VOLSTICK,
    GP_STYLE_LINESTICK
} gp_style;
const char *gp_style_name(gp_style s); /* "line", "dotline", ... */

enum { GP_SHOW_NODRAW = 1, GP_SHOW_ABOVE = 2, GP_SHOW_NOFRAME = 4, GP_SHOW_BOXED = 8, GP_SHOW_NOTEXT = 16 };

typedef enum {
    GP_ATTR_COLOUR,
    GP_ATTR_WIDTH,
    GP_ATTR_STYLE,
    GP_ATTR_SHOW,
    GP_ATTR_ICON,
    GP_ATTR_SHIFT,
    GP_ATTR_DECIMALS,
    GP_ATTR_OTHER
} gp_attr_group;

/* A row of attribute.def. */
typedef struct gp_attr_row {
    const char *name;
    int min, max;          /* a number follows where max is not 0; colours: min is 0xRRGGBB */
    gp_attr_group group;
    int value;
    const char *en, *zh;
} gp_attr_row;
const gp_attr_row *gp_attr_rows(int *n);
/* The row an attribute is of, NULL for unknown ones; *number gets what follows the name, -1 for nothing. */
const gp_attr_row *gp_attr_find(gp_str text, int *number);
/* A name close to the text, for "did you mean"; NULL: none is. */
const char *gp_attr_similar(gp_str text);
/* COLORxxxxxx, RGBXxxxxxx or a colour word as 0xRRGGBB; -1 when it is none.  *digits: how many of six there were. */
int gp_attr_colour(gp_str text, int *digits);

/* How a statement wants to look.  Of several styles, colours or widths the last one counts; the three are independent. */
typedef struct gp_looks {
    int rgb;               /* 0xRRGGBB; -1: none given */
    int width;             /* 0 to 9; -1: none given */
    gp_style style;
    unsigned show;         /* GP_SHOW_ bits */
    int shift;             /* bars later (negative: earlier) at which the line is shown; values do not move */
    int decimals;          /* of the value shown; -1: none given */
} gp_looks;
gp_looks gp_looks_of(const gp_attr *attrs, int n, gp_str name);
#endif
