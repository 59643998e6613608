#include "worth/grid.h"
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

typedef GP_VEC(double) doubles;

/* Decimals that a number is written with, exponents included; at most 15. */
static int decimals_of(gp_str s)
{
    int n = 0;
    bool point = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.')
            point = true;
        else if (s.p[i] == 'e' || s.p[i] == 'E')
            return 15;
        else if (point && s.p[i] >= '0' && s.p[i] <= '9')
            n++;
    }
    return n > 15 ? 15 : n;
}

static bool number(gp_str s, double *out) { return s.n && gp_num_parse(s.p, s.n, out) && isfinite(*out); }

/* The nearest double to x rounded to so many decimals: what its text reads as, since both parts of the quotient are exact. */
static double to_decimals(double x, int decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const double whole = round(x * power[decimals]);
    return fabs(whole) < 9007199254740992.0 ? whole / power[decimals] : x;
}

/* One part between commas. */
static gp_axis_status parse_part(gp_str text, doubles *v, double *n, gp_str *bad)
{
    gp_str part[3] = {text, {0}, {0}};
    double x[3] = {0, 0, 1};
    int k = 0;
    for (size_t i = 0; i < part[k].n; i++)
        if (part[k].p[i] == ':') {
            if (k == 2) {
                *bad = text;
                return GP_AXIS_NOT_NUMBER;
            }
            part[k + 1] = (gp_str){part[k].p + i + 1, part[k].n - i - 1};
            part[k].n = i;
            k++;
            i = (size_t)-1;
        }
    for (int i = 0; i <= k; i++) {
        part[i] = gp_str_trim(part[i], GP_BLANKS);
        if (!number(part[i], &x[i])) {
            *bad = part[i].n ? part[i] : text;
            return GP_AXIS_NOT_NUMBER;
        }
    }
    *bad = text;
    if (k == 0) {
        *n += 1;
        gp_vec_push(v, x[0]);
        return GP_AXIS_OK;
    }
    if (x[2] == 0)
        return GP_AXIS_STEP;
    const double steps = (x[1] - x[0]) / x[2];
    if (steps < 0)
        return GP_AXIS_EMPTY;
    const double many = floor(steps + 1e-9) + 1;
    *n += many;
    if (!(many <= GP_GRID_MOST))
        return GP_AXIS_MANY;
    int decimals = 0;
    for (int i = 0; i <= k; i++)
        decimals = decimals_of(part[i]) > decimals ? decimals_of(part[i]) : decimals;
    for (double i = 0; i < many; i++)
        gp_vec_push(v, to_decimals(x[0] + i * x[2], decimals));
    return GP_AXIS_OK;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static size_t sort_once(double *v, size_t n)
{
    size_t kept = 0;
    if (n > 1)
        qsort(v, n, sizeof *v, ascending);
    for (size_t i = 0; i < n; i++)
        if (!kept || v[kept - 1] != v[i])
            v[kept++] = v[i] + 0.0; /* no negative zero */
    return kept;
}

gp_axis_status gp_axis_parse(gp_arena *arena, gp_str text, gp_axis *out, gp_str *bad)
{
    doubles v = {0};
    gp_axis_status status = GP_AXIS_OK;
    out->n = 0;
    out->at = NULL;
    for (size_t from = 0; status == GP_AXIS_OK || status == GP_AXIS_MANY;) {
        const char *comma = from < text.n ? memchr(text.p + from, ',', text.n - from) : NULL;
        const size_t end = comma ? (size_t)(comma - text.p) : text.n;
        const gp_axis_status part = parse_part(gp_str_trim((gp_str){text.p + from, end - from}, GP_BLANKS), &v, &out->n, bad);
        status = part == GP_AXIS_OK ? status : part;
        if (!comma)
            break;
        from = end + 1;
    }
    if (status == GP_AXIS_OK) {
        out->n = (double)sort_once(v.at, v.n);
        out->at = gp_arena_alloc(arena, v.n * sizeof *out->at);
        memcpy(out->at, v.at, (size_t)out->n * sizeof *out->at);
    }
    gp_vec_free(&v);
    return status;
}

size_t gp_axis_clamp(gp_axis *a, double low, double high, double *first)
{
    size_t outside = 0;
    for (size_t i = 0; i < (size_t)a->n; i++) {
        const double x = a->at[i] < low ? low : a->at[i] > high ? high : a->at[i];
        if (x != a->at[i] && !outside++)
            *first = a->at[i];
        a->at[i] = x;
    }
    a->n = (double)sort_once(a->at, (size_t)a->n);
    return outside;
}

bool gp_grid_count(gp_grid *g, double *points)
{
    *points = 1;
    for (int k = 0; k < g->n_axes; k++)
        *points *= g->axes[k].n;
    const bool fits = *points >= 1 && *points <= GP_GRID_MOST;
    g->points = fits ? (size_t)*points : 0;
    return fits;
}

static size_t stride_of(const gp_grid *g, int axis)
{
    size_t stride = 1;
    for (int k = axis + 1; k < g->n_axes; k++)
        stride *= (size_t)g->axes[k].n;
    return stride;
}

size_t gp_grid_step(const gp_grid *g, size_t point, int axis) { return point / stride_of(g, axis) % (size_t)g->axes[axis].n; }

double gp_grid_value(const gp_grid *g, size_t point, int axis) { return g->axes[axis].at[gp_grid_step(g, point, axis)]; }

size_t gp_grid_moved(const gp_grid *g, size_t point, int axis, size_t step)
{
    const size_t stride = stride_of(g, axis), is = gp_grid_step(g, point, axis);
    return point - is * stride + step * stride;
}

int gp_grid_neighbours(const gp_grid *g, size_t point, size_t *out)
{
    int n = 0;
    for (int k = 0; k < g->n_axes; k++) {
        const size_t is = gp_grid_step(g, point, k);
        if (is > 0)
            out[n++] = gp_grid_moved(g, point, k, is - 1);
        if (is + 1 < (size_t)g->axes[k].n)
            out[n++] = gp_grid_moved(g, point, k, is + 1);
    }
    return n;
}

void gp_grid_fini(gp_grid *g)
{
    gp_arena_fini(&g->arena);
    *g = (gp_grid){0};
}
