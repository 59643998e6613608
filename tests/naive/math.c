/* functions.md 7: arithmetic and mathematics, one bar at a time; "previous" is the output of the bar before. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define A c->x[0][i]
#define B c->x[1][i]
#define Y c->y[i]
#define PREVIOUS (i > 0 ? c->y[i - 1] : NIL)

static double inward(double v) { return trunc(v + (v < 0 ? -0.0001 : 0.0001)); }
static double half_away(double v) { return trunc(v + (v < 0 ? -0.503 : 0.503)); }

static void abs_(const naive_call *c) { EACH Y = fabs(A); }
static void reverse(const naive_call *c) { EACH Y = -A; }
static void sqrt_(const naive_call *c) { EACH Y = nil(A) ? NIL : A < 0 ? PREVIOUS : sqrt(A); }
static void exp_(const naive_call *c) { EACH Y = nil(A) ? NIL : A > 88 ? PREVIOUS : exp(A); }
static void ln(const naive_call *c) { EACH Y = nil(A) ? NIL : A <= 0 ? PREVIOUS : log(A); }
static void log_(const naive_call *c) { EACH Y = nil(A) ? NIL : A <= 0 ? PREVIOUS : log10(A); }
static void sin_(const naive_call *c) { EACH Y = nil(A) ? NIL : sin(A); }
static void cos_(const naive_call *c) { EACH Y = nil(A) ? NIL : cos(A); }
static void tan_(const naive_call *c) { EACH Y = nil(A) ? NIL : tan(A); }
static void atan_(const naive_call *c) { EACH Y = nil(A) ? NIL : atan(A); }
static void asin_(const naive_call *c) { EACH Y = nil(A) ? NIL : A < -1 || A > 1 ? PREVIOUS : asin(A); }
static void acos_(const naive_call *c) { EACH Y = nil(A) ? NIL : A < -1 || A > 1 ? PREVIOUS : acos(A); }

static double power(double a, double b, double previous)
{
    if (fabs(a) < TINY) return b > 0 ? 0 : previous;
    if (a < 0) {
        const double k = round(b);
        if (fabs(b - k) > TINY) return previous;
        b = k;
    }
    const double v = pow(a, b);
    return isfinite(v) ? v : previous;
}
static void pow_(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : power(A, B, PREVIOUS); }

static void mod(const naive_call *c)
{
    EACH {
        Y = NIL;
        if (nil(A) || nil(B)) continue;
        const double m = half_away(A), n = half_away(B);
        if (n != 0) Y = fmod(m, n); /* has the sign of m */
    }
}

static void intpart(const naive_call *c) { EACH Y = nil(A) ? NIL : inward(A); }
static void fracpart(const naive_call *c) { EACH Y = nil(A) ? NIL : A - inward(A); }
static void ceiling(const naive_call *c)
{
    EACH Y = nil(A) ? NIL : fabs(A - round(A)) < TINY ? round(A) : ceil(A);
}
static void floor_(const naive_call *c)
{
    EACH Y = nil(A) ? NIL : fabs(A - round(A)) < TINY ? round(A) : floor(A);
}
static void round_(const naive_call *c) { EACH Y = nil(A) ? NIL : half_away(A); }
static void round2(const naive_call *c)
{
    const double n = c->n ? c->x[1][0] : NIL;
    double ten = 1;
    for (int k = 0; !nil(n) && k < whole(n) && k < 4; k++) ten *= 10;
    EACH Y = nil(A) || nil(n) ? NIL : half_away(A * ten) / ten;
}
static void sign(const naive_call *c) { EACH Y = nil(A) ? NIL : fabs(A) < TINY ? 0 : A > 0 ? 1 : -1; }

/* functions.md 13: parts of 255 and more become 254; below 0 they count as 0 (decisions.md) */
static double part(double v) { return trunc(v) >= 255 ? 254 : v < 0 ? 0 : trunc(v); }
static void rgb(const naive_call *c)
{
    EACH Y = nil(A) || nil(B) || nil(c->x[2][i]) ? NIL : part(A) + 256 * part(B) + 65536 * part(c->x[2][i]);
}

const naive_row naive_math[] = {
    {"ABS", abs_, NAIVE_EXACT},       {"REVERSE", reverse, NAIVE_EXACT}, {"SQRT", sqrt_, NAIVE_LAST_BIT},
    {"EXP", exp_, NAIVE_LAST_BIT},      {"LN", ln, NAIVE_LAST_BIT},          {"LOG", log_, NAIVE_LAST_BIT},
    {"SIN", sin_, NAIVE_LAST_BIT},      {"COS", cos_, NAIVE_LAST_BIT},       {"TAN", tan_, NAIVE_LAST_BIT},
    {"ATAN", atan_, NAIVE_LAST_BIT},    {"ASIN", asin_, NAIVE_LAST_BIT},      {"ACOS", acos_, NAIVE_LAST_BIT},
    {"POW", pow_, NAIVE_LAST_BIT},      {"MOD", mod, NAIVE_COUNTS},        {"%", mod, NAIVE_COUNTS},
    {"INTPART", intpart, NAIVE_COUNTS}, {"FRACPART", fracpart, NAIVE_EXACT}, {"CEILING", ceiling, NAIVE_COUNTS},
    {"FLOOR", floor_, NAIVE_COUNTS},  {"ROUND", round_, NAIVE_COUNTS},   {"ROUND2", round2, NAIVE_LAST_BIT},
    {"SIGN", sign, NAIVE_COUNTS},     {"RGB", rgb, NAIVE_COUNTS},        {NULL, NULL, 0}};
