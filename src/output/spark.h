/* A line of a few characters: ▁▂▃▄▅▆▇█. */
#ifndef GP_OUTPUT_SPARK_H
#define GP_OUTPUT_SPARK_H
#include "base/str.h"

enum { GP_SPARK = 30 }; /* values of a sparkline in a table */

/* Appends one character a value, the lowest as ▁, the highest as █, all of them as ▄ when they are equal; a null is a blank. */
void gp_spark(const double *x, int n, gp_buf *out);
#endif
