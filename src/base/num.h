/* Decimal text <-> double, independent of locale, exact in both directions. */
#ifndef GP_BASE_NUM_H
#define GP_BASE_NUM_H
#include <stdbool.h>
#include <stddef.h>

/* A number beyond this is no quote: the reader takes it for a bad field, and null.  The engine counts on it (it drops checks
 * for overflow), and the digits the quick scanners take cannot reach it. */
#define GP_QUOTE_MAX 1e30

/* Reads the whole of p[0..n) (optional blanks around it, optional sign, digits, one point, optional exponent)
 * as the nearest double, correctly rounded.  Fast path (no strtod): up to 19 significant digits whose value fits
 * 2^53 and a power of ten up to 22; everything else goes through strtod in the "C" locale.  Returns false and
 * leaves *out alone when the text is not a number: "nan", "inf", hex, "1,234", "" are not numbers. */
bool gp_num_parse(const char *p, size_t n, double *out);

/* Writes the shortest decimal that reads back as x (NaN writes nothing).  Integers print without exponent below
 * 1e15.  buf holds GP_NUM_MAX bytes; returns the length; NUL-terminated. */
#define GP_NUM_MAX 32
size_t gp_num_format(double x, char *buf);
/* At most `digits` decimals, trailing zeros removed down to `min_decimals`: for tables people read. */
size_t gp_num_format_fixed(double x, int digits, char *buf);
#endif
