/* What every builtin costs, from the example of its row.  Those that cost more than LIMIT have their reason in reasons.def. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/vec.h"
#include "bench/bench.h"
#include "builtins/builtin.h"

enum { MOST_TICKERS = 64, LIMIT = 20 /* ns/bar */ };

static const struct { const char *name, *reason; } reasons[] = {
#define GP_REASON(NAME, TEXT) {NAME, TEXT},
#include "bench/reasons.def"
#undef GP_REASON
};

static const char *reason_of(const gp_builtin *b)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reasons[i].name, b->name) == 0)
            return reasons[i].reason;
    }
    return NULL;
}

/* Seconds of this thread alone: what else the machine does is no cost of a function. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct cost { const gp_builtin *b; double ns; } cost;

static int dearest_first(const void *a, const void *b)
{
    const cost *x = a, *y = b;
    return x->ns != y->ns ? (x->ns < y->ns ? 1 : -1) : x->b->id < y->b->id ? -1 : 1;
}

/* Columns beyond the quotes: ten million of everything, which as a number of shares gives a usual turnover. */
typedef struct supply { double *column; const double **columns; gp_str *texts; } supply;

static supply supply_new(const gp_program *p, const gp_bench_market *m)
{
    int n, longest = m->n ? m->at[0].n : 0;
    gp_program_externals(p, &n);
    supply s = {.column = gp_xcalloc((size_t)longest + 1, sizeof *s.column), .columns = gp_xcalloc((size_t)n + 1, sizeof *s.columns),
                .texts = gp_xcalloc((size_t)n + 1, sizeof *s.texts)};
    for (int i = 0; i < longest; i++)
        s.column[i] = 1e7;
    for (int i = 0; i < n; i++) {
        s.columns[i] = s.column;
        s.texts[i] = GP_STR("");
    }
    return s;
}

static void supply_fini(supply *s)
{
    free(s->column);
    free(s->columns);
    free(s->texts);
}

/* Nanoseconds per bar of "X:EXAMPLE;", results of the last bar kept. */
static bool measure(const gp_bench_opts *o, const gp_bench_market *m, const char *example, double *ns)
{
    gp_buf text = {0};
    gp_bench_formula f;
    double best = INFINITY;
    gp_buf_printf(&text, "X:%s;", example);
    bool ok = gp_bench_compile(text.p, &f);
    gp_buf_free(&text);
    if (ok) {
        int n = gp_program_n_slots(f.program);
        gp_vm *vm = gp_vm_new(f.program, NULL);
        supply beyond = supply_new(f.program, m);
        double *values = gp_xaligned((size_t)(n + 1) * GP_VM_LANES * sizeof *values);
        double **slots = gp_xcalloc((size_t)(n + 1) * GP_VM_LANES, sizeof *slots);
        for (int i = 0; i < n * GP_VM_LANES; i++)
            slots[i] = &values[i];
        for (int r = 0; r < o->repeat; r++) {
            double t = now();
            for (int k = 0; k < m->n; k += GP_VM_LANES) {
                gp_lane lane[GP_VM_LANES] = {0};
                int lanes = m->n - k < GP_VM_LANES ? m->n - k : GP_VM_LANES;
                for (int l = 0; l < lanes; l++) {
                    lane[l] = gp_bench_lane(&m->at[k + l], m->at[k + l].n ? m->at[k + l].n - 1 : 0, slots + l * n);
                    lane[l].ext = beyond.columns;
                    lane[l].ext_text = beyond.texts;
                }
                gp_vm_run(vm, lane, lanes);
            }
            t = now() - t;
            best = t < best ? t : best;
        }
        *ns = best * 1e9 / (double)m->bars;
        gp_vm_free(vm);
        supply_fini(&beyond);
        free(slots);
        free(values);
    }
    gp_bench_compiled_fini(&f);
    return ok;
}

bool gp_bench_functions(const gp_bench_opts *o)
{
    gp_bench_market market;
    int n, measured = 0;
    bool ok = true;
    const gp_builtin *all = gp_builtin_all(&n);
    cost *costs = gp_xcalloc((size_t)n, sizeof *costs);
    gp_bench_market_new(o->seed, o->tickers < MOST_TICKERS ? o->tickers : MOST_TICKERS, o->bars, &market);
    for (int i = 0; i < n; i++) {
        if (!all[i].example || !*all[i].example || (all[i].flags & GP_ROW_INTERNAL) || all[i].shape == GP_SHAPE_FEED)
            continue; /* FEED: a column that comes from elsewhere costs a load */
        costs[measured].b = &all[i];
        if (measure(o, &market, all[i].example, &costs[measured].ns))
            measured++;
        else
            ok = false;
    }
    qsort(costs, (size_t)measured, sizeof *costs, dearest_first);
    printf("\nfunctions: the example of each row over %d tickers, %zu bars; one core, %s, best of %d\n", market.n,
           market.bars, gp_isa_best(), o->repeat);
    printf("  %-14s %-10s %10s  %s\n", "function", "shape", "ns/bar", "formula");
    for (int i = 0; i < measured; i++) {
        const char *reason = costs[i].ns > LIMIT ? reason_of(costs[i].b) : "";
        printf("  %-14s %-10s %10.2f  %s%s%s\n", costs[i].b->name, gp_shape_name(costs[i].b->shape), costs[i].ns, costs[i].b->example,
               !reason || *reason ? "  -- " : "", reason ? reason : "ABOVE 20 WITHOUT A REASON (src/bench/reasons.def)");
        ok &= reason != NULL;
    }
    free(costs);
    gp_bench_market_fini(&market);
    return ok;
}
