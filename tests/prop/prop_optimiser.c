/* What the compiler rewrites must not change a bit: random formulas full of what it looks for (windows of one series in
 * many lengths, comparisons with constants on the price grid, RSV and %R shapes, STD, SMA, shared subexpressions), each compiled
 * twice, with everything on and with everything off, and run on random quotes with nulls; and when only the last bars are wanted,
 * these are the same.  Prints one line per failing
 * formula and "N passed, N failed".  Seed: argv[1], or 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builtins/kernel.h"
#include "eval/vm.h"
#include "parser/parser.h"

static uint32_t next_random(uint32_t below);
#define CHAIN_RANDOM(below) next_random(below)
#include "chains.h"

enum { BARS = 300, FORMULAS = 400, OUTPUTS = 12 };
static uint64_t rng;

static uint32_t next_random(uint32_t below)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33) % below;
}

typedef struct quotes { int n; double o[BARS], h[BARS], l[BARS], c[BARS], v[BARS]; } quotes;

static void make_quotes(quotes *q)
{
    int cents = 500 + (int)next_random(3000);
    q->n = 1 + (int)next_random(BARS);
    for (int i = 0; i < q->n; i++) {
        cents += (int)next_random(61) - 30;
        if (cents < 20) cents = 20;
        q->c[i] = cents / 100.0;
        q->o[i] = (cents + (int)next_random(21) - 10) / 100.0;
        q->h[i] = fmax(q->o[i], q->c[i]) + (int)next_random(15) / 100.0;
        q->l[i] = fmin(q->o[i], q->c[i]) - (int)next_random(15) / 100.0;
        q->v[i] = next_random(5) ? next_random(100000) : 0;
        if (next_random(19) == 0) q->h[i] = q->l[i] = q->o[i] = q->c[i];
        if (next_random(23) == 0) q->c[i] = GP_NULL;
        if (next_random(31) == 0) q->l[i] = GP_NULL;
    }
}

/* Bars before `from` are not wanted; y has row i of the quotes in its row i all the same. */
static bool run(const gp_formula *f, const quotes *q, bool plain, int from, int block, double (*y)[BARS], gp_diags *d)
{
    gp_program *p = gp_compile(f, &(gp_compile_opts){.no_cse = plain}, d);
    if (!p) return false;
    int n;
    const gp_output *o = gp_program_outputs(p, &n);
    double *slots[OUTPUTS] = {0};
    for (int k = 0; k < n; k++)
        if (!slots[o[k].slot]) slots[o[k].slot] = y[k] + from;
    gp_lane lane = {.n = q->n, .open = q->o, .high = q->h, .low = q->l, .close = q->c, .vol = q->v, .period = 5, .out = slots, .from = from};
    gp_vm *vm = gp_vm_new(p, &(gp_vm_opts){.block = block});
    gp_vm_run(vm, &lane, 1);
    for (int k = 0; k < n; k++)
        if (slots[o[k].slot] != y[k] + from) memcpy(y[k] + from, slots[o[k].slot], (size_t)(q->n - from) * sizeof y[k][0]);
    gp_vm_free(vm);
    gp_program_free(p);
    return true;
}

int main(int argc, char **argv)
{
    static double fast[OUTPUTS][BARS], slow[OUTPUTS][BARS], late[OUTPUTS][BARS];
    int passed = 0, failed = 0;
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    printf("optimiser properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < FORMULAS; k++) {
        rng = seed * 7919 + (uint64_t)k * 104729 + 12345;
        quotes q;
        gp_buf text = {0};
        gp_diags d = {0};
        make_quotes(&q);
        for (int j = 0; j < OUTPUTS; j++) gp_buf_printf(&text, "X%d:", j), add_expression(&text), gp_buf_addz(&text, ";\n");
        gp_formula *f = gp_formula_parse("optimiser", text.p, text.n, GP_ENC_UTF8, &d);
        bool ok = gp_formula_resolve(f, &d) && run(f, &q, false, 0, 0, fast, &d) && run(f, &q, true, 0, 0, slow, &d);
        const int from = (int)next_random((uint32_t)q.n), block = 1 + (int)next_random(40);
        ok = ok && run(f, &q, false, from, block, late, &d);
        if (!ok) printf("FAIL compile: %s\n", text.p);
        for (int j = 0; j < OUTPUTS && ok; j++)
            for (int i = 0; i < q.n && ok; i++) {
                const double a = fast[j][i], b = slow[j][i];
                ok = a == b || (gp_null(a) && gp_null(b));
                if (!ok) printf("FAIL X%d bar %d: %.17g rewritten, %.17g plain, in\n%s", j, i, a, b, text.p);
            }
        for (int j = 0; j < OUTPUTS && ok; j++)
            for (int i = from; i < q.n && ok; i++) {
                ok = late[j][i] == fast[j][i] || (gp_null(late[j][i]) && gp_null(fast[j][i]));
                if (!ok) printf("FAIL X%d bar %d: %.17g from bar %d on, %.17g of all bars, in\n%s", j, i, late[j][i], from, fast[j][i], text.p);
            }
        passed += ok;
        failed += !ok;
        gp_diags_fini(&d);
        gp_formula_free(f);
        gp_buf_free(&text);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
