/* A run that goes on from a saved state gives the bits of the run over all bars: every row of the registry in random calls and random
 * formulas full of what the compiler rewrites, at random splits and at those around the lengths of the windows, several times in
 * a row, in other lanes, beside other tickers, in other block sizes, and in a machine that is full of another ticker's leavings.  A saved
 * state does not depend on any of these either, and is as long as it says.  Programs that cannot be resumed say why.
 * Prints one line per failing case and "N passed, N failed".  Seed: argv[1], or 1. */
#include <stdio.h>
#include "base/vec.h"
#include "eval/state.h"
#include "calls.h"
#define CHAIN_RANDOM(below) (next_random() % (uint32_t)(below))
#include "chains.h"

enum { FORMULAS = 250, OUTPUTS = 10, SLOTS = 64 };
static int passed, failed, resumable, refused;

static void report(bool ok, const char *what, const char *formula, const char *detail)
{
    if (ok) {
        passed++;
        return;
    }
    if (failed++ < 60) printf("FAIL %s: %s %s\n", what, formula, detail ? detail : "");
}

/* ---- one security, run in pieces ---- */

/* The security under test stands among mates; all of them have their states. */
typedef struct security {
    const quotes *q;
    double *state; /* after `at` bars; with a guard behind it */
    int at;
    double y[SLOTS][BARS];
} security;

static const double guard = 12345.678;

static double *new_state(const gp_program *p, int n)
{
    const size_t doubles = gp_state_size(p, n) / sizeof(double);
    double *s = gp_xcalloc(doubles + 1, sizeof *s);
    s[doubles] = guard;
    return s;
}

static bool guarded(const gp_program *p, const double *s, int n)
{
    return s[gp_state_size(p, n) / sizeof(double)] == guard;
}

static gp_lane lane_from(const quotes *q, int before, int n, double **out, const double **ext)
{
    gp_lane lane = lane_of(q, n, ext);
    for (int k = 0; k < EXTERNALS; k++) ext[k] += before;
    lane.open += before;
    lane.high += before;
    lane.low += before;
    lane.close += before;
    lane.vol += before;
    lane.amount += before;
    lane.date += before;
    lane.before = before;
    lane.from = before;
    lane.out = out;
    return lane;
}

/* A machine in which another ticker has run to the end of the longest data. */
static gp_vm *used_machine(const gp_program *p, const quotes *other)
{
    static const int blocks[] = {1, 5, 64, 128};
    gp_vm_opts o = {.block = blocks[next_random() % 4], .isa = next_random() % 2 ? "sse2" : NULL};
    gp_vm *vm = gp_vm_new(p, &o);
    gp_lane lane[GP_VM_LANES];
    const double *ext[GP_VM_LANES][EXTERNALS];
    for (int l = 0; l < GP_VM_LANES; l++) lane[l] = lane_of(other, other->n - (int)(next_random() % 9), ext[l]);
    gp_vm_run(vm, lane, GP_VM_LANES);
    return vm;
}

/* Runs s from where it is to bar n, keeping the state after `keep` bars; mates are run along from their own states at the same bar. */
static void advance(const gp_program *p, security *s, int n, int keep, const quotes *mate, const double *mate_state, double **out)
{
    gp_vm *vm = used_machine(p, mate);
    gp_lane lane[GP_VM_LANES];
    const double *ext[GP_VM_LANES][EXTERNALS];
    const int at = (int)(next_random() % GP_VM_LANES), lanes = at + 1 + (int)(next_random() % (uint32_t)(GP_VM_LANES - at));
    double *kept = new_state(p, keep);
    for (int l = 0; l < lanes; l++) {
        const int longer = s->at + (int)(next_random() % (uint32_t)(mate->n - s->at + 1));
        lane[l] = lane_from(l == at ? s->q : mate, s->at, l == at ? n : longer, l == at ? out : NULL, ext[l]);
        lane[l].resume = l == at ? s->state : mate_state;
    }
    lane[at].keep = keep;
    lane[at].kept = kept;
    gp_vm_run(vm, lane, lanes);
    gp_vm_free(vm);
    free(s->state);
    s->state = kept;
    s->at = keep;
}

static double *state_at(const gp_program *p, const quotes *q, int n, int whole)
{
    const double *ext[EXTERNALS];
    double *kept = new_state(p, n);
    gp_vm *vm = gp_vm_new(p, &(gp_vm_opts){.block = 37});
    gp_lane lane = lane_of(q, whole, ext);
    lane.keep = n;
    lane.kept = kept;
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
    return kept;
}

static void run_whole(const gp_program *p, const quotes *q, int n, double (*y)[BARS])
{
    const double *ext[EXTERNALS];
    double *out[SLOTS];
    gp_vm *vm = gp_vm_new(p, NULL);
    gp_lane lane = lane_of(q, n, ext);
    for (int k = 0; k < SLOTS; k++) out[k] = y[k];
    lane.out = out;
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
}

/* ---- the properties ---- */

static int split(int from, int to, int around)
{
    static const int offsets[] = {-1, 0, 1};
    const int near = around + offsets[next_random() % 3];
    switch (next_random() % 4) {
    case 0: return from;
    case 1: return near >= from && near <= to ? near : to;
    default: return from + (int)(next_random() % (uint32_t)(to - from + 1));
    }
}

static void check_run(const gp_program *p, const char *text, const quotes *q, const quotes *mate)
{
    static double want[SLOTS][BARS];
    static security s;
    const int windows[] = {0, 1, 2, 3, 5, 10, 20, 40, 60}, slots = gp_program_n_slots(p);
    char detail[200] = "";
    bool ok = true;
    s.q = q;
    s.at = 0;
    s.state = NULL;
    for (int n = 0; ok && n < q->n;) {
        const int before = s.at;
        double *out[SLOTS] = {0};
        n = next_random() % 5 ? split(n, q->n, windows[next_random() % 9]) : q->n; /* as many bars as there are this time */
        n = n > before ? n : before + 1;
        const int keep = split(before, n - 1, windows[next_random() % 9]);
        for (int k = 0; k < slots; k++) out[k] = s.y[k];
        double *mine = state_at(p, mate, before, mate->n);
        run_whole(p, q, n, want);
        advance(p, &s, n, keep, mate, mine, out);
        free(mine);
        int at = 0;
        for (int k = 0; k < slots && ok; k++) {
            ok = same_bits(want[k] + before, s.y[k], n - before, &at);
            snprintf(detail, sizeof detail, "result %d, from bar %d, kept after %d, bar %d of %d: %.17g, not %.17g", k, before, keep, before + at, n,
                     s.y[k][at], want[k][before + at]);
        }
        if (ok) {
            double *plain = state_at(p, q, keep, q->n);
            const size_t size = gp_state_size(p, keep) / sizeof(double);
            ok = guarded(p, s.state, keep) && same_bits(plain, s.state, (int)size, &at);
            snprintf(detail, sizeof detail, "state after %d bars, run from %d to %d, differs at %d of %zu", keep, before, n, at, size);
            free(plain);
        }
    }
    free(s.state);
    report(ok, "resume", text, detail);
}

static gp_program *compile(const char *text, gp_formula **f)
{
    gp_diags d = {0};
    *f = gp_formula_parse("prop", text, strlen(text), GP_ENC_UTF8, &d);
    gp_program *p = d.errors == 0 && gp_formula_resolve(*f, &d) ? gp_compile(*f, &(gp_compile_opts){.facts = {.date = 20240614, .time = 1}}, &d) : NULL;
    if (!p) report(false, "compile", text, d.n ? d.at[0].message : "");
    gp_diags_fini(&d);
    return p;
}

static void check_formula(const char *text)
{
    const char *why = NULL;
    gp_formula *f;
    gp_program *p = compile(text, &f);
    if (p && gp_program_n_slots(p) <= SLOTS) {
        if (gp_program_resumable(p, &why)) {
            quotes q, mate;
            resumable++;
            for (int k = 0; k < 3; k++) {
                make_quotes(&q, 1 + (int)(next_random() % BARS), k > 0);
                make_quotes(&mate, BARS, true);
                check_run(p, text, &q, &mate);
            }
        } else {
            refused++;
            report(why && strlen(why) > 8, "a reason", text, "");
        }
    }
    gp_program_free(p);
    gp_formula_free(f);
}

static void check_row(const gp_builtin *b, uint64_t seed)
{
    for (int variant = 0; variant < 8; variant++) {
        gp_buf text = {0};
        rng = seed * 1000003u + (uint64_t)b->id * 97u + (uint64_t)variant;
        for (int k = 0; k < 4; k++) next_random();
        if (add_call(b, variant, &text)) check_formula(text.p);
        gp_buf_free(&text);
    }
    if (b->example[0]) {
        gp_buf text = {0};
        const char *last = strrchr(b->example, ';');
        gp_buf_add(&text, b->example, last ? (size_t)(last - b->example) + 1 : 0);
        gp_buf_printf(&text, "EXAMPLE_:%s;", last ? last + 1 : b->example);
        check_formula(text.p);
        gp_buf_free(&text);
    }
}

static void check_random(uint64_t seed, int number)
{
    gp_buf text = {0};
    rng = seed * 7919 + (uint64_t)number * 104729 + 5;
    for (int j = 0; j < OUTPUTS; j++) gp_buf_printf(&text, "X%d:", j), add_expression(&text), gp_buf_addz(&text, ";\n");
    check_formula(text.p);
    gp_buf_free(&text);
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    printf("state properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        if (b->shape == GP_SHAPE_CONTROL || b->shape == GP_SHAPE_NONE || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT || b->shape == GP_SHAPE_FEED || (b->flags & GP_ROW_INTERNAL)) continue;
        check_row(b, seed);
    }
    const int rows = resumable;
    for (int k = 0; k < FORMULAS; k++) check_random(seed, k);
    printf("%d calls and %d random formulas were resumed, %d programs cannot be\n", rows, resumable - rows, refused);
    report(rows > 600 && resumable - rows > FORMULAS / 2, "most programs can be resumed", "", "");
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
