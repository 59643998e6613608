/* How good the best of many trials is when nothing but luck made it. */
#ifndef GP_WORTH_LUCK_H
#define GP_WORTH_LUCK_H

/* The value that a standard normal variable stays below with probability p, 0 < p < 1; to about 1e-15 (Wichura 1988, AS 241). */
double gp_normal_quantile(double p);
/* The expected largest of n independent draws of a standard normal variable, as Bailey and Lopez de Prado (2014) approximate it:
 *   (1 - g) Q(1 - 1/n) + g Q(1 - 1/(n e)), g = 0.5772... (Euler's), Q the quantile.
 * 0 for n <= 1.  Trials that resemble each other reach less: it is an upper bound for them. */
double gp_expected_best(double n);
#endif
