#include "worth/reality.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "worth/chance.h"

/* Loops over draws are worth wide registers.  Nothing is added up across draws, so that the width cannot be seen. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { WORD = 64, BYTE = 8, BLOCKS_LEAST = 10 };

void gp_reality_new(gp_reality *r, size_t days, size_t held, int draws, uint64_t seed)
{
    *r = (gp_reality){.draws = draws, .days = days};
    if (!draws)
        return;
    held += held == 0;
    r->block = days / (4 * held) >= BLOCKS_LEAST ? 4 * held : 2 * held;
    r->n_blocks = (days + r->block - 1) / r->block;
    r->words = ((size_t)draws + WORD) / WORD;
    r->turned = gp_xcalloc(r->n_blocks * r->words + 1, sizeof *r->turned);
    for (size_t b = 0; b < r->n_blocks; b++) {
        for (size_t w = 0; w < r->words; w++)
            r->turned[b * r->words + w] = gp_chance(seed, b, w);
        r->turned[b * r->words] &= ~UINT64_C(1);
    }
    r->signs = gp_xcalloc((size_t)256 * BYTE, sizeof *r->signs);
    for (size_t i = 0; i < (size_t)256 * BYTE; i++)
        r->signs[i] = i / BYTE >> i % BYTE & 1 ? -1 : 1;
    r->best = gp_xcalloc((size_t)draws + 1, sizeof *r->best);
    for (int i = 0; i <= draws; i++)
        r->best[i] = -INFINITY;
}

void gp_reality_fini(gp_reality *r)
{
    free(r->turned);
    free(r->signs);
    free(r->best);
    *r = (gp_reality){0};
}

/* A block of days in which a set had signals. */
typedef struct part { size_t block; double gain, both; } part; /* sums of gain and of gain x count */

/* Both sums with the signs of 64 draws. */
WIDE static void add_parts(const part *p, size_t n, const uint64_t *turned, size_t words, const double *signs, double *restrict gain, double *restrict both)
{
    memset(gain, 0, WORD * sizeof *gain);
    memset(both, 0, WORD * sizeof *both);
    for (size_t i = 0; i < n; i++) {
        const uint64_t word = turned[p[i].block * words];
        const double x = p[i].gain, y = p[i].both;
        for (size_t k = 0; k < WORD; k += BYTE) {
            const double *sign = signs + (word >> k & 255) * BYTE;
            for (size_t j = 0; j < BYTE; j++) {
                gain[k + j] += x * sign[j];
                both[k + j] += y * sign[j];
            }
        }
    }
}

bool gp_reality_draw(const gp_reality *r, const double *gain, const double *count, double inflation, double *t)
{
    part *parts = gp_xcalloc(r->n_blocks + 1, sizeof *parts);
    size_t n = 0;
    double squares = 0, counts = 0, sum[WORD], both[WORD];
    for (size_t b = 0; b < r->n_blocks; b++) {
        const size_t from = b * r->block, to = from + r->block < r->days ? from + r->block : r->days;
        part p = {.block = b};
        bool any = false;
        for (size_t i = from; i < to; i++) {
            if (count[i] == 0)
                continue;
            any = true;
            p.gain += gain[i];
            p.both += gain[i] * count[i];
            squares += gain[i] * gain[i];
            counts += count[i] * count[i];
        }
        if (any)
            parts[n++] = p;
    }
    double all = 0;
    for (size_t i = 0; i < r->days; i++)
        all += count[i];
    const bool ok = squares > 0 && inflation > 0;
    for (size_t w = 0; ok && w < r->words; w++) {
        const size_t left = (size_t)r->draws + 1 - w * WORD;
        add_parts(parts, n, r->turned + w, r->words, r->signs, sum, both);
        for (size_t k = 0; k < WORD && k < left; k++) {
            /* sum of (gain - count x mean)^2, the signs turned */
            const double mean = sum[k] / all, spread = squares - 2 * mean * both[k] + mean * mean * counts;
            t[w * WORD + k] = sum[k] / sqrt(fmax(spread, squares * 1e-12) * inflation);
        }
    }
    free(parts);
    return ok;
}

bool gp_reality_of_signals(const gp_reality *r, const gp_sweep_market *m, int h, const gp_day_sum *sums, size_t to, const gp_score *s, double *t)
{
    const gp_day_base *base = m->base + (size_t)h * m->n_days;
    const double days = s->at[GP_SCORE_DAYS], independent = s->at[GP_SCORE_INDEPENDENT];
    if (!r->draws || isnan(s->at[GP_SCORE_T]))
        return false;
    double *gain = gp_xcalloc(2 * r->days + 1, sizeof *gain), *count = gain + r->days;
    for (size_t i = 0; i < to; i++) {
        count[i] = (double)sums[i].n;
        if (sums[i].n)
            gain[i] = ((double)sums[i].sum - count[i] * ((double)base[i].sum / (double)base[i].n)) / GP_RETURN_ONE;
    }
    const bool ok = gp_reality_draw(r, gain, count, days / (days - 1) * (days / independent), t);
    free(gain);
    return ok;
}

bool gp_reality_of_account(const gp_reality *r, const gp_figures *f, double *t)
{
    const double n = (double)f->n_change;
    if (!r->draws || f->n_change < 2 || f->n_change != r->days)
        return false;
    double *ones = gp_xcalloc(r->days, sizeof *ones);
    for (size_t i = 0; i < r->days; i++)
        ones[i] = 1;
    const bool ok = gp_reality_draw(r, f->change, ones, n / (n - 1), t);
    free(ones);
    return ok;
}

void gp_reality_take(gp_reality *r, const double *t)
{
    for (int i = 0; i <= r->draws; i++)
        r->best[i] = t[i] > r->best[i] ? t[i] : r->best[i];
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double gp_reality_quantile(const gp_reality *r, double share)
{
    if (!r->draws || isinf(r->best[0]))
        return NAN;
    const size_t n = (size_t)r->draws;
    double *v = gp_xcalloc(n, sizeof *v);
    memcpy(v, r->best + 1, n * sizeof *v);
    qsort(v, n, sizeof *v, ascending);
    const double place = share * (double)(n - 1);
    const size_t at = (size_t)place;
    const double q = at + 1 < n ? v[at] + (place - (double)at) * (v[at + 1] - v[at]) : v[at];
    free(v);
    return q;
}

double gp_reality_p(const gp_reality *r, double t)
{
    int as_good = 1;
    if (!r->draws || isnan(t) || isinf(r->best[0]))
        return NAN;
    for (int i = 1; i <= r->draws; i++)
        as_good += r->best[i] >= t;
    return as_good / (double)(r->draws + 1);
}
