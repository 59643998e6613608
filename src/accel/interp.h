/* The interpreter kernel: one source for all programs, which reads instructions as data.  A thread is a lane, a ticker with one program; lanes
 * of a program lie side by side, so that the threads of a warp do the same.  Each instruction runs over GP_INTERP_BARS bars before the next
 * one does, as in the machine (eval/vm.c): finding out what to do is paid once for these.  Steps are those of fused.h, rows are
 * expanded and the switch over them is written by table.c.  Compiles as C11 and as CUDA, as fused.h does. */
#ifndef GP_ACCEL_INTERP_H
#define GP_ACCEL_INTERP_H
#include "accel/fused.h"
#include "accel/instr.h"

/* ---- one instruction over one block ---- */
typedef struct gp_run {
    const double *x[GP_INTERP_IN];
    size_t sx[GP_INTERP_IN];      /* between two bars; 0: one value for all */
    double *y, *state;
    size_t sy, s;                 /* s: between two elements of the state */
    int bar, rows, n, cap, len, last, mask, kept;
} gp_run;

#ifdef __CUDACC__
#define GP_RUN static __device__ __noinline__ void
#else
#define GP_RUN static __attribute__((unused, noinline)) void
#endif
/* No unrolling: a hundred and fifty loops, which wait for memory, not for their counters. */
#ifdef __CUDACC__
#define GP_BARS _Pragma("unroll 1") for (int t = 0; t < rows; t++)
#else
#define GP_BARS for (int t = 0; t < rows; t++)
#endif
#define GP_FROM(j)                                                                                                     \
    const double *x##j = e->x[j];                                                                                      \
    const size_t s##j = e->sx[j];
#define GP_FROM_0
#define GP_FROM_1 GP_FROM(0)
#define GP_FROM_2 GP_FROM_1 GP_FROM(1)
#define GP_FROM_3 GP_FROM_2 GP_FROM(2)
#define GP_FROM_4 GP_FROM_3 GP_FROM(3)
#define GP_FROM_5 GP_FROM_4 GP_FROM(4)
#define GP_FROM_6 GP_FROM_5 GP_FROM(5)
#define GP_FROM_7 GP_FROM_6 GP_FROM(6)
#define GP_FROM_8 GP_FROM_7 GP_FROM(7)
#define GP_VALUE(j) x##j[(size_t)t * s##j]
#define GP_GIVE_0
#define GP_GIVE_1 GP_VALUE(0)
#define GP_GIVE_2 GP_GIVE_1, GP_VALUE(1)
#define GP_GIVE_3 GP_GIVE_2, GP_VALUE(2)
#define GP_GIVE_4 GP_GIVE_3, GP_VALUE(3)
#define GP_GIVE_5 GP_GIVE_4, GP_VALUE(4)
#define GP_GIVE_6 GP_GIVE_5, GP_VALUE(5)
#define GP_GIVE_7 GP_GIVE_6, GP_VALUE(6)
#define GP_GIVE_8 GP_GIVE_7, GP_VALUE(7)
#define GP_AND_GIVE_0
#define GP_AND_GIVE_1 , GP_GIVE_1
#define GP_AND_GIVE_2 , GP_GIVE_2
#define GP_AND_GIVE_3 , GP_GIVE_3
#define GP_AND_GIVE_4 , GP_GIVE_4
#define GP_AND_GIVE_5 , GP_GIVE_5
#define GP_AND_GIVE_6 , GP_GIVE_6
#define GP_AND_GIVE_7 , GP_GIVE_7
#define GP_AND_GIVE_8 , GP_GIVE_8
#define GP_RUN_BEGIN                                                                                                   \
    double *const y = e->y, *const st = e->state;                                                                      \
    const size_t sy = e->sy, S = e->s;                                                                                 \
    const int rows = e->rows, bar = e->bar;                                                                            \
    (void)st, (void)S, (void)bar;

#define GP_INTERP_MAP(ID, N)                                                                                           \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_##N GP_BARS y[(size_t)t * sy] = k_##ID(GP_GIVE_##N);                                      \
    }
#define GP_INTERP_SCAN(ID, N, F)                                                                                       \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        double s[F];                                                                                                   \
        GP_RUN_BEGIN GP_FROM_##N if (bar == 0) k_##ID##_init(s);                                                       \
        else for (int j = 0; j < (F); j++) s[j] = st[(size_t)j * S];                                                   \
        GP_BARS y[(size_t)t * sy] = k_##ID(s GP_AND_GIVE_##N);                                                         \
        for (int j = 0; j < (F); j++) st[(size_t)j * S] = s[j];                                                        \
    }

/* The value of e->len bars ago; kept in a ring only where it cannot be looked up. */
GP_STEP double gp_interp_ago(const gp_run *e, int t, int *at)
{
    const double *x = e->x[0];
    if (e->kept) return gp_step_delay(e->state, e->s, at, e->len, e->cap, x[(size_t)t * e->sx[0]]);
    if (e->len < 0 || e->bar + t < e->len) return GP_NULL;
    return *(x + (ptrdiff_t)(t - e->len) * (ptrdiff_t)e->sx[0]);
}
#define GP_INTERP_DELAY_OF(ID, VALUE)                                                                                  \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_1 int at = 0;                                                                             \
        if (e->kept && e->len > 0 && bar == 0) gp_fill_null(st, S, e->len < e->cap ? e->len : e->cap);                 \
        if (e->kept && e->len > 0) at = bar % e->len;                                                                  \
        GP_BARS                                                                                                        \
        {                                                                                                              \
            const double then = gp_interp_ago(e, t, &at), now = GP_VALUE(0);                                           \
            (void)now;                                                                                                 \
            y[(size_t)t * sy] = VALUE;                                                                                 \
        }                                                                                                              \
    }
#define GP_INTERP_REF(ID) GP_INTERP_DELAY_OF(ID, then)
#define GP_INTERP_DELAY(ID) GP_INTERP_DELAY_OF(ID, k_##ID(now, then))

/* State: acc[F], cnt, then buf of step_ID. */
#define GP_INTERP_WINDOW(ID, F)                                                                                        \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_1 double acc[F], cnt = 0.0, *const buf = st + ((size_t)(F) + 1) * S;                      \
        const int n = e->len;                                                                                          \
        int phase = n > 0 ? bar % n : 0;                                                                               \
        if (n == GP_N_NULL || n == GP_N_ZERO) {                                                                        \
            GP_BARS y[(size_t)t * sy] = n == GP_N_ZERO ? 0.0 : GP_NULL;                                                \
            return;                                                                                                    \
        }                                                                                                              \
        if (bar == 0) {                                                                                                \
            init_##ID(buf, S, n, e->cap);                                                                              \
            k_##ID##_unit(acc);                                                                                        \
        } else {                                                                                                       \
            for (int j = 0; j < (F); j++) acc[j] = st[(size_t)j * S];                                                  \
            cnt = st[(size_t)(F) * S];                                                                                 \
        }                                                                                                              \
        GP_BARS y[(size_t)t * sy] = step_##ID(acc, &cnt, &phase, buf, S, n, bar + t, GP_VALUE(0));                     \
        for (int j = 0; j < (F); j++) st[(size_t)j * S] = acc[j];                                                      \
        st[(size_t)(F) * S] = cnt;                                                                                     \
    }
#define GP_INTERP_WINDOW_SERIES(ID, F)                                                                                 \
    GP_RUN run_series_##ID(const gp_run *e)                                                                            \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_2 double cnt = bar ? st[0] : 0.0;                                                         \
        GP_BARS y[(size_t)t * sy] = series_##ID(&cnt, st + S, S, e->cap, bar + t, GP_VALUE(0), GP_VALUE(1), e->last);  \
        st[0] = cnt;                                                                                                   \
    }

/* State: st[3 + M] of step_ID, then its buf. */
#define GP_INTERP_MOMENTS(ID, M)                                                                                       \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_1 double m[3 + (M)], *const buf = st + (size_t)(3 + (M)) * S;                             \
        const int n = e->len;                                                                                          \
        int phase = n > 0 ? bar % n : 0;                                                                               \
        if (n < 1 || n == GP_N_ALL) {                                                                                  \
            GP_BARS y[(size_t)t * sy] = GP_NULL;                                                                       \
            return;                                                                                                    \
        }                                                                                                              \
        if (bar == 0) init_##ID(m, buf, S, n, e->cap);                                                                 \
        else for (int j = 0; j < 3 + (M); j++) m[j] = st[(size_t)j * S];                                               \
        GP_BARS y[(size_t)t * sy] = step_##ID(m, &phase, buf, S, n, e->cap, bar + t, GP_VALUE(0));                     \
        for (int j = 0; j < 3 + (M); j++) st[(size_t)j * S] = m[j];                                                    \
    }
#define GP_INTERP_MOMENTS_SERIES(ID, M)                                                                                \
    GP_RUN run_series_##ID(const gp_run *e)                                                                            \
    {                                                                                                                  \
        GP_RUN_BEGIN GP_FROM_2 double m[2] = {0.0, GP_NULL};                                                           \
        if (bar) m[0] = st[0], m[1] = st[S];                                                                           \
        GP_BARS y[(size_t)t * sy] = series_##ID(m, st + 2 * S, S, bar + t, GP_VALUE(0), GP_VALUE(1), e->last);         \
        st[0] = m[0], st[S] = m[1];                                                                                    \
    }

/* State: s[6], prev, f, then a column for each operand that cannot be looked up. */
GP_STEP void gp_interp_history(const gp_run *e, gp_hist *h, int n_in)
{
    double *kept = e->state + 8 * e->s;
    gp_hist_init(h, e->n);
    for (int j = 0; j < n_in; j++) {
        h->stride[j] = e->sx[j];
        if (!((e->kept >> j) & 1)) {
            h->x[j] = e->x[j] - (size_t)e->bar * e->sx[j];
            continue;
        }
        for (int t = 0; t < e->rows; t++) kept[(size_t)(e->bar + t) * e->s] = e->x[j][(size_t)t * e->sx[j]];
        h->x[j] = kept;
        h->stride[j] = e->s;
        kept += (size_t)e->cap * e->s;
    }
    if (e->bar == 0) return;
    for (int j = 0; j < 6; j++) h->s[j] = e->state[(size_t)j * e->s];
    h->prev = e->state[6 * e->s];
    h->f = (int)e->state[7 * e->s];
}
GP_STEP void gp_interp_history_end(const gp_run *e, const gp_hist *h)
{
    for (int j = 0; j < 6; j++) e->state[(size_t)j * e->s] = h->s[j];
    e->state[6 * e->s] = h->prev;
    e->state[7 * e->s] = h->f;
}
#define GP_INTERP_HISTORY(ID, N)                                                                                       \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        gp_hist h;                                                                                                     \
        GP_RUN_BEGIN gp_interp_history(e, &h, N);                                                                      \
        GP_BARS y[(size_t)t * sy] = step_##ID(&h, bar + t, N, (unsigned)e->mask);                                      \
        gp_interp_history_end(e, &h);                                                                                  \
    }
#define GP_INTERP_WHOLE(ID)                                                                                            \
    GP_RUN run_##ID(const gp_run *e)                                                                                   \
    {                                                                                                                  \
        gp_whole w;                                                                                                    \
        w.tmp = e->state, w.grid = 0, w.n = e->n;                                                                      \
        for (int j = 0; j < GP_INTERP_IN; j++) w.x[j] = e->x[j];                                                       \
        k_##ID(&w, e->y);                                                                                              \
    }

GP_STEP void gp_interp_run(int op, const gp_run *e); /* the switch, written by table.c */

/* ---- one lane ---- */
typedef struct gp_interp_lane {
    const gp_fused_args *a;
    const gp_interp_head *h;
    const gp_interp_program *p;
    double *scratch, *flat;
    int k, ticker, n;             /* k: of the program's lanes */
} gp_interp_lane;

GP_STEP const double *gp_interp_place(const gp_interp_lane *l, int place, int index, int bar, size_t *stride)
{
    const size_t pitch = (size_t)l->h->pitch, cap = (size_t)l->a->cap;
    *stride = 0;
    switch (place) {
    case GP_INTERP_BLOCK: *stride = pitch; return l->scratch + ((size_t)l->p->regs + (size_t)index * GP_INTERP_BARS) * pitch;
    case GP_INTERP_FULL: *stride = 1; return l->flat + (size_t)index * cap + bar;
    case GP_INTERP_COLUMN:
        *stride = (size_t)l->a->tickers;
        return l->a->quotes + ((size_t)(index > 0 ? index : 0) * cap + (size_t)bar) * (size_t)l->a->tickers + l->ticker;
    case GP_INTERP_CONST: return l->a->numbers + l->p->consts + index;
    default: return l->a->facts + (size_t)(l->p->facts + index) * pitch + l->k;
    }
}

/* One result over one block: to its row, and into its hash. */
GP_STEP void gp_interp_sink(const gp_interp_lane *l, int row, const double *y, size_t sy, int bar, int rows)
{
    const gp_fused_args *a = l->a;
    const size_t pitch = (size_t)l->h->pitch, at = (size_t)(l->p->row + row), depth = (size_t)(a->keep ? a->keep : a->cap);
    uint64_t h = a->hash ? a->hash[at * pitch + l->k] : 0;
    GP_BARS
    {
        const double v = y[(size_t)t * sy];
        const int place = a->keep ? bar + t + a->keep - l->n : bar + t;
        if (a->out && place >= 0) a->out[(at * depth + (size_t)place) * pitch + l->k] = v;
        h = gp_hash_value(h, v);
    }
    if (a->hash) a->hash[at * pitch + l->k] = h;
}
GP_STEP void gp_interp_sinks(const gp_interp_lane *l, const gp_interp_instr *in, const gp_run *e)
{
    for (int s = 0; s < in->n_sinks; s++) gp_interp_sink(l, l->a->lengths[in->sinks + s], e->y, e->sy, e->bar, e->rows);
}

GP_STEP void gp_interp_ready(const gp_interp_lane *l, const gp_interp_instr *in, int bar, int rows, gp_run *e)
{
    e->s = (size_t)l->h->pitch;
    e->state = l->scratch + (size_t)in->state * e->s;
    e->bar = bar, e->rows = rows, e->n = l->n, e->cap = l->a->cap;
    e->len = in->len, e->last = in->last, e->mask = in->mask, e->kept = in->kept;
    e->y = (double *)gp_interp_place(l, in->to_place, in->to, bar, &e->sy);
    for (int j = 0; j < in->n_in; j++) e->x[j] = gp_interp_place(l, in->place[j], in->index[j], bar, &e->sx[j]);
}

GP_STEP void gp_interp_block(const gp_interp_lane *l, const gp_interp_instr *in, int bar, int rows)
{
    gp_run e;
    gp_interp_ready(l, in, bar, rows, &e);
    if (in->op > 0) gp_interp_run(in->op, &e);
    else GP_BARS e.y[(size_t)t * e.sy] = in->op == GP_INTERP_LOAD ? e.x[0][(size_t)t * e.sx[0]] : (double)(bar + t);
    gp_interp_sinks(l, in, &e);
}

/* Whole-series functions want their operands in one piece each. */
GP_STEP void gp_interp_series(const gp_interp_lane *l, const gp_interp_instr *in)
{
    const int rows = l->n;
    double *spread = l->flat + (size_t)l->p->spread * (size_t)l->a->cap;
    gp_run e;
    gp_interp_ready(l, in, 0, rows, &e);
    for (int j = 0; j < in->n_in; j++, spread += l->a->cap) {
        if (in->place[j] == GP_INTERP_FULL) continue;
        GP_BARS spread[t] = in->place[j] == GP_INTERP_COLUMN && in->index[j] < 0 ? (double)t : e.x[j][(size_t)t * e.sx[j]];
        e.x[j] = spread;
    }
    for (int j = in->n_in; j < GP_INTERP_IN; j++) e.x[j] = 0;
    e.state = spread; /* room for the kernel, after the operands */
    gp_interp_run(in->op, &e);
    gp_interp_sinks(l, in, &e);
}

GP_STEP void gp_interp_do(const gp_fused_args *a, int lane)
{
    const int *const table = a->lengths;
    const gp_interp_head *const h = (const gp_interp_head *)table;
    const int k = lane % h->pitch;
    const gp_interp_program *const p = (const gp_interp_program *)(table + h->at) + lane / h->pitch;
    if (k >= h->tickers) return;
    gp_interp_lane l;
    l.a = a, l.h = h, l.p = p, l.k = k, l.ticker = h->first + k, l.n = a->bars[h->first + k];
    l.scratch = a->scratch + (size_t)p->scratch * (size_t)h->pitch + k;
    l.flat = a->flat + (size_t)p->flat * (size_t)h->pitch + (size_t)k * (size_t)p->flat_size;
    for (int r = 0; r < p->n_rows && a->hash; r++) a->hash[(size_t)(p->row + r) * (size_t)h->pitch + k] = GP_HASH_START;
    if (l.n <= 0) return;
    for (int s = 0; s < p->n_stages; s++) {
        const gp_interp_stage *const stage = (const gp_interp_stage *)(table + p->stages) + s;
        const gp_interp_instr *const code = (const gp_interp_instr *)(table + stage->code);
        for (int bar = 0; bar < l.n; bar += GP_INTERP_BARS) {
            const int rows = l.n - bar < GP_INTERP_BARS ? l.n - bar : GP_INTERP_BARS;
            for (int j = 0; j < stage->n_block; j++) gp_interp_block(&l, code + j, bar, rows);
        }
        for (int j = stage->n_block; j < stage->n_block + stage->n_whole; j++) gp_interp_series(&l, code + j);
    }
    for (int j = 0; j < p->n_fixed; j++) {
        const int *const fixed = table + p->fixed + 3 * j;
        size_t stride;
        const double *y = gp_interp_place(&l, fixed[1], fixed[2], 0, &stride);
        gp_interp_sink(&l, fixed[0], y, stride, 0, l.n);
    }
}
#endif
