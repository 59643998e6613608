/* The engine against the naive evaluator (tests/naive) on random formulas and random quotes: values within 1e-9, counts and
 * truths exactly, nulls in the same places.  Where a value hangs on the last bit of a sum (a tie between two averages, say) the
 * definition does not decide it; such bars are recognised by disturbing the sums a little, counted, and left out.
 *
 *   prop_naive [SEED [CASES [FIRST]]]     FIRST: the number of the first case; prop_naive 7 1 123 looks at case 123 of seed 7 alone
 *
 * A failing case is cut down and printed as a case of tests/lang.  Every row of the registry that gives numbers must have been
 * drawn and compared.  The last line is "N passed, N failed, N skipped": skipped are rows without a rule in the evaluator. */
#include <stdio.h>
#include <string.h>
#include "eval/vm.h"
#include "naive/cases.h"
#include "parser/library.h"
#include "parser/parser.h"

enum { DEFAULT_CASES = 12000, SHOWN = 8, JITTERS = 30, ENOUGH = 10 };

/* Rows whose values are not defined by quotes alone, or are no numbers: outside. */
static const char *const outside[] = {"DRAWLINE", "RAND", "MACHINEDATE", "MACHINETIME", "MACHINEWEEK", "DAYSTOTODAY"};

typedef struct verdict {
    enum { SAME, DIFFERENT, REFUSED } kind;
    int stmt, bar;           /* DIFFERENT */
    double engine, naive;
    char why[300];           /* REFUSED */
    long bars, undecided;
    double want[CASE_BARS];
} verdict;

enum { MOST = 2 * CASE_STATEMENTS }; /* each may have a TESTSKIP before it */

static verdict found; /* of the case looked at last */
static int *seen;     /* compared uses, by builtin id */

typedef struct engine { double *y[MOST]; } engine;

static bool run_engine(const gp_formula *f, const test_case *t, engine *e, gp_diags *d)
{
    static double results[2 * MOST][CASE_BARS], shown[MOST][CASE_BARS], other[CASE_BARS];
    gp_program *p = gp_compile(f, &(gp_compile_opts){.exact_compare = t->exact_compare, .f32 = t->f32, .null_true = t->null_true}, d);
    if (!p) return false;
    int n;
    const gp_output *o = gp_program_outputs(p, &n);
    double **slots = calloc((size_t)gp_program_n_slots(p) + 1, sizeof *slots);
    for (int k = 0; k < MOST; k++) e->y[k] = NULL;
    for (int k = 0; k < n; k++) {
        if (!slots[o[k].slot]) slots[o[k].slot] = results[o[k].stmt];
        if (o[k].cond >= 0 && !slots[o[k].cond]) slots[o[k].cond] = results[MOST + o[k].stmt];
    }
    /* the other lanes: shorter stretches of something else */
    for (int i = 0; i < t->n; i++) other[i] = 10 + i % 7;
    gp_lane lane[GP_VM_LANES] = {0};
    for (int l = 0; l <= t->lane; l++) {
        lane[l] = (gp_lane){.n = t->n - l, .open = other, .high = other, .low = other, .close = other, .vol = other, .amount = other,
                            .date = t->date, .period = 5};
        if (lane[l].n < 0) lane[l].n = 0;
    }
    lane[t->lane] = (gp_lane){.n = t->n, .open = t->open, .high = t->high, .low = t->low, .close = t->close, .vol = t->vol, .amount = t->amount,
                              .date = t->date, .time = t->intraday ? t->time : NULL, .period = t->intraday ? 1 : 5, .code = GP_STR("600000"),
                              .name = GP_STR("浦发银行"), .out = slots};
    gp_vm *vm = gp_vm_new(p, &(gp_vm_opts){.block = t->block});
    gp_vm_run(vm, lane, t->lane + 1);
    gp_vm_free(vm);
    for (int k = 0; k < n; k++) {
        const double *price = slots[o[k].slot], *holds = o[k].cond >= 0 && o[k].draw->shape == GP_SHAPE_DRAW ? slots[o[k].cond] : NULL;
        double *y = shown[o[k].stmt];
        for (int i = 0; i < t->n; i++) y[i] = !holds || truth(holds[i]) ? price[i] : NIL; /* of a drawing what is drawn */
        e->y[o[k].stmt] = y;
    }
    free(slots);
    gp_program_free(p);
    return true;
}

static int name_of(const gp_formula *f, int s) /* X3 -> 3 */
{
    return f->stmts[s].name.p[1] - '0';
}

static bool close_enough(double a, double b, bool whole_number, double slack)
{
    if (nil(a) || nil(b)) return nil(a) && nil(b);
    if (a == b) return true;
    return !(whole_number && fabs(b) < 1e9) && fabs(a - b) <= 1e-9 * fabs(b) + slack;
}

typedef struct comparison {
    const gp_formula *f;
    const naive_data *d;
    naive_options o;
    naive_result base, jitter[JITTERS];
    bool jittered;
    verdict *v;
} comparison;

/* Is the value decided by the definition?  *slack: how far it moves when the sums behind it move a little. */
static bool decided(comparison *c, int s, int i, double *slack)
{
    const char *unknown;
    for (int k = 0; k < JITTERS && !c->jittered; k++) {
        naive_options o = c->o;
        o.jitter = k % 3 == 0 ? 1e-12 : k % 3 == 1 ? 1e-13 : 1e-14;
        o.seed = (uint64_t)k + 1;
        naive_eval(c->f, c->d, &o, &c->jitter[k], &unknown);
    }
    c->jittered = true;
    const double v = c->base.y[s][i];
    *slack = 0;
    for (int k = 0; k < JITTERS; k++) {
        const double w = c->jitter[k].y[s][i];
        if (c->jitter[k].wild[s] || nil(v) != nil(w)) return false;
        if (!nil(v) && fabs(v - w) > *slack) *slack = fabs(v - w);
    }
    const double allowed = 1e-6 * (nil(v) ? 0 : fabs(v));
    *slack *= 20;
    return *slack <= allowed || *slack < 1e-7;
}

static void compare(comparison *c, int s, const double *y)
{
    verdict *v = c->v;
    for (int i = 0; i < c->d->n && v->kind == SAME; i++) {
        const double want = c->base.y[s][i];
        double slack = 0;
        v->bars++;
        if (close_enough(y[i], want, c->base.counts[s], 0)) continue;
        if (!decided(c, s, i, &slack)) {
            v->undecided++;
        } else if (!close_enough(y[i], want, c->base.counts[s], slack)) {
            v->kind = DIFFERENT;
            v->stmt = name_of(c->f, s);
            v->bar = i;
            v->engine = y[i];
            v->naive = want;
            memcpy(v->want, c->base.y[s], sizeof *v->want * (size_t)c->d->n);
        }
    }
}

static void count_rows(const gp_node *n)
{
    if (n->fn) seen[n->fn->id]++;
    for (int k = 0; k < n->n_args; k++) count_rows(n->args[k]);
}

static bool find_library(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    if (!gp_str_ieqz(name, "LIB")) return false;
    case_library_text(ctx, text);
    gp_buf_addz(shown, "lib.tdx");
    return true;
}

/* The quotes; with --f32 the same in single precision, so that also what a function reads by itself is rounded. */
static naive_data quotes_of(const test_case *t)
{
    static double rounded[6][CASE_BARS];
    const double *of[] = {t->open, t->high, t->low, t->close, t->vol, t->amount};
    for (int k = 0; k < 6 && t->f32; k++) {
        for (int i = 0; i < t->n; i++) rounded[k][i] = (double)(float)of[k][i];
        of[k] = rounded[k];
    }
    return (naive_data){.n = t->n, .open = of[0], .high = of[1], .low = of[2], .close = of[3], .vol = of[4], .amount = of[5],
                        .date = t->date, .time = t->intraday ? t->time : NULL, .period = t->intraday ? 1 : 5};
}

static void look(const test_case *t, verdict *v, bool counting)
{
    gp_buf text = {0};
    gp_diags d = {0};
    engine e;
    v->kind = SAME;
    v->bars = v->undecided = 0;
    case_text(t, &text);
    gp_formula *f = gp_formula_parse("naive", text.p ? text.p : "", text.n, GP_ENC_UTF8, &d);
    gp_library *library = gp_library_new(find_library, NULL, (void *)t);
    f->library = library;
    const naive_data data = quotes_of(t);
    if (d.errors || !gp_formula_resolve(f, &d) || !run_engine(f, t, &e, &d)) {
        v->kind = REFUSED;
        snprintf(v->why, sizeof v->why, "nothing");
        for (size_t k = d.n; k-- > 0;)
            if (d.at[k].severity == GP_ERROR) snprintf(v->why, sizeof v->why, "%s", d.at[k].message);
    } else {
        const char *unknown;
        comparison c = {.f = f, .d = &data, .o = {.exact_compare = t->exact_compare, .f32 = t->f32, .null_true = t->null_true}, .v = v};
        if (!naive_eval(f, &data, &c.o, &c.base, &unknown)) {
            v->kind = REFUSED;
            snprintf(v->why, sizeof v->why, "no rule for %s", unknown);
        }
        for (int s = 0; s < f->n_stmts && v->kind == SAME; s++)
            if (!c.base.wild[s] && e.y[s]) {
                compare(&c, s, e.y[s]);
                if (counting) count_rows(f->stmts[s].expr);
            }
        naive_free(&c.base);
        for (int k = 0; k < JITTERS && c.jittered; k++) naive_free(&c.jitter[k]);
    }
    gp_diags_fini(&d);
    gp_formula_free(f);
    gp_library_free(library);
    gp_buf_free(&text);
}

static bool fails(const test_case *t)
{
    look(t, &found, false);
    return found.kind == DIFFERENT;
}

static bool is_outside(const gp_builtin *b)
{
    if (b->shape == GP_SHAPE_NONE || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT || b->shape == GP_SHAPE_FEED || b->shape == GP_SHAPE_CONTROL) return true;
    if (b->flags & (GP_ROW_INTERNAL | GP_ROW_TEXT)) return true;
    for (int k = 0; k < b->n_args; k++)
        if (b->args[k].type == GP_ARG_TEXT) return true;
    for (const char *p = b->inputs; *p; p++)
        if (gp_feed_row_of(*p)) return true;
    for (size_t k = 0; k < sizeof outside / sizeof *outside; k++)
        if (strcmp(outside[k], b->name) == 0) return true;
    return false;
}

static void show(test_case *t, uint64_t seed, int number)
{
    gp_buf out = {0};
    case_shrink(t, fails);
    look(t, &found, false);
    if (found.kind == DIFFERENT) case_print(t, found.stmt, found.want, &out);
    else case_text(t, &out);
    printf("FAIL naive, seed %llu, case %d: X%d bar %d: engine %.17g, naive %.17g (block %d, lane %d) in\n%s", (unsigned long long)seed, number, found.stmt, found.bar,
           found.engine, found.naive, t->block, t->lane, out.p);
    gp_buf_free(&out);
}

int main(int argc, char **argv)
{
    static test_case t;
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    const int cases = argc > 2 ? atoi(argv[2]) : DEFAULT_CASES, from = argc > 3 ? atoi(argv[3]) : 0;
    int n, passed = 0, failed = 0, skipped = 0;
    long bars = 0, undecided = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    row_table rows = {.at = calloc((size_t)n, sizeof *rows.at)};
    seen = calloc((size_t)n + 2, sizeof *seen);
    printf("engine against naive evaluator, seed %llu, %d cases\n", (unsigned long long)first, cases);
    for (int k = 0; k < n; k++) {
        if (is_outside(&all[k])) continue;
        if (naive_find(all[k].name)) rows.at[rows.n++] = &all[k];
        else printf("skip naive: no rule for %s\n", all[k].name), skipped++;
    }
    for (int k = from; k < from + cases; k++) {
        case_random(&t, first * 1000003u + (uint64_t)k, &rows);
        look(&t, &found, true);
        bars += found.bars;
        undecided += found.undecided;
        if (found.kind == REFUSED) {
            gp_buf text = {0};
            case_text(&t, &text);
            printf("FAIL naive, seed %llu, case %d: refused (%s):\n%s", (unsigned long long)first, k, found.why, text.p);
            gp_buf_free(&text);
        } else if (found.kind == DIFFERENT && failed < SHOWN) {
            show(&t, first, k);
            found.kind = DIFFERENT;
        }
        passed += found.kind == SAME;
        failed += found.kind != SAME;
        case_free(&t);
    }
    for (int k = 0; k < rows.n && cases >= 2000; k++)
        if (seen[rows.at[k]->id] < ENOUGH) {
            printf("FAIL naive: %s was compared only %d times\n", rows.at[k]->name, seen[rows.at[k]->id]);
            failed++;
        }
    if (undecided * 200 > bars) {
        printf("FAIL naive: %ld of %ld values hang on rounding\n", undecided, bars);
        failed++;
    }
    printf("%ld values, %ld of them not decided by the definition\n", bars, undecided);
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    free(rows.at);
    free(seen);
    return failed ? 1 : 0;
}
