/* Several formulas as one program and as one pass over the data: each result is what the formula gives alone, bit for bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "library_probe.h"
#include "pass_probe.h"
#include "market/generate.h"
#include "screen/lane.h"
#include "screen/scan.h"

/* ---- programs ---- */

enum { BARS = 400, TICKERS = 5 };

/* The results of a run over TICKERS generated securities of different lengths; every slot of every ticker. */
typedef struct results { double *at; double **slots; int n_slots; gp_vm *vm; gp_bars bars[TICKERS]; gp_lane lane[TICKERS]; } results;

static void run(const gp_program *p, results *r)
{
    r->n_slots = gp_program_n_slots(p);
    r->at = gp_xcalloc((size_t)r->n_slots * TICKERS * BARS + 1, sizeof *r->at);
    r->slots = gp_xcalloc((size_t)r->n_slots * TICKERS + 1, sizeof *r->slots);
    for (int k = 0; k < r->n_slots * TICKERS; k++)
        r->slots[k] = r->at + (size_t)k * BARS;
    for (int l = 0; l < TICKERS; l++) {
        gp_generate(3, l, BARS, &r->bars[l]);
        r->lane[l] = gp_lane_of(&r->bars[l], r->bars[l].n < BARS - 37 * l ? r->bars[l].n : BARS - 37 * l, 0, r->slots + l * r->n_slots);
    }
    r->vm = gp_vm_new(p, NULL);
    gp_vm_run(r->vm, r->lane, TICKERS);
}

static void drop_results(results *r)
{
    for (int l = 0; l < TICKERS; l++)
        gp_bars_fini(&r->bars[l]);
    gp_vm_free(r->vm);
    free(r->at);
    free(r->slots);
}

static void same_slot(const results *a, int sa, const results *b, int sb, const char *name)
{
    assert_int_equal(sa < 0, sb < 0);
    for (int l = 0; l < TICKERS && sa >= 0; l++)
        for (int i = 0; i < a->lane[l].n; i++) {
            const double x = a->slots[l * a->n_slots + sa][i], y = b->slots[l * b->n_slots + sb][i];
            if (isnan(x) ? !isnan(y) : memcmp(&x, &y, sizeof x) != 0)
                fail_msg("%s: %.17g alone, %.17g together, on bar %d of ticker %d", name, x, y, i, l);
        }
}

/* Compiles and runs formulas alone and together and compares every output.  Returns the instructions of the shared program, and in
 * *sum those of the single ones. */
static int compare(const gp_formula *const *f, const gp_compile_opts *opts, int n, int *sum)
{
    gp_diags d = {0};
    gp_program *all = gp_compile_many(f, opts, n, &d);
    results shared, alone;
    int outputs, at = 0;
    assert_non_null(all);
    const gp_output *b = gp_program_outputs(all, &outputs);
    run(all, &shared);
    *sum = 0;
    for (int k = 0; k < n; k++) {
        gp_program *one = gp_compile(f[k], &opts[k], &d);
        int own;
        assert_non_null(one);
        *sum += gp_program_n_code(one);
        run(one, &alone);
        const gp_output *a = gp_program_outputs(one, &own);
        for (int i = 0; i < own; i++, at++) {
            assert_true(at < outputs);
            assert_int_equal(b[at].formula, k);
            assert_string_equal(b[at].name, a[i].name);
            assert_int_equal(b[at].lookback, a[i].lookback);
            assert_int_equal(b[at].ahead.kind, a[i].ahead.kind);
            same_slot(&alone, a[i].slot, &shared, b[at].slot, a[i].name);
            same_slot(&alone, a[i].cond, &shared, b[at].cond, a[i].name);
            for (int l = 0; l < TICKERS && a[i].kind == GP_OUT_TEXT; l++)
                assert_string_equal(gp_vm_text(alone.vm, l, a[i].text), gp_vm_text(shared.vm, l, b[at].text));
        }
        drop_results(&alone);
        gp_program_free(one);
    }
    assert_int_equal(at, outputs);
    drop_results(&shared);
    const int code = gp_program_n_code(all);
    gp_program_free(all);
    gp_diags_fini(&d);
    return code;
}

static void library_together(void **state)
{
    probe_library l;
    (void)state;
    probe_library_open(&l);
    gp_diags d = {0};
    gp_compile_opts *opts = gp_xcalloc(l.formulas.n, sizeof *opts);
    for (size_t i = 0; i < l.formulas.n; i++) {
        opts[i].facts = (gp_run_facts){.date = 20240614, .time = 153000};
        assert_true(gp_formula_resolve(l.formulas.at[i], &d));
    }
    assert_true(l.formulas.n > 60);
    int sum, code = compare((const gp_formula *const *)l.formulas.at, opts, (int)l.formulas.n, &sum);
    if (code * 10 > sum * 9)
        fail_msg("%d instructions together, %d one by one: little is shared", code, sum);
    gp_diags_fini(&d);
    free(opts);
    probe_library_close(&l);
}

/* ---- what must not leak from one formula into another ---- */

typedef struct texts { const char *const *name, *const *text; int n; } texts;

static bool find_text(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    const texts *t = ctx;
    for (int i = 0; i < t->n; i++)
        if (gp_str_ieqz(name, t->name[i])) {
            gp_buf_addz(text, t->text[i]);
            gp_buf_addz(shown, t->name[i]);
            return true;
        }
    return false;
}

static gp_formula *formula_of(const char *text, gp_library *library, gp_diags *d)
{
    gp_formula *f = gp_formula_parse("test", text, strlen(text), GP_ENC_UTF8, d);
    f->library = library;
    assert_true(gp_formula_resolve(f, d));
    return f;
}

static void nothing_leaks(void **state)
{
    static const char *const names[] = {"DICE"}, *const bodies[] = {"A:RAND(100);\nB:RAND(100)+RAND(10);\n"};
    static const char *const text[] = {
        "X:RAND(6)+RAND(6);\nY:DICE.B;\n",                          /* a reference that has calls of RAND */
        "Y:DICE.B;\nZ:RAND(6);\n",                                  /* the same, after it had others before */
        "TESTSKIP(C>0);\nX:MA(C,5);\n",                             /* ends here, not in the next formula */
        "X:MA(C,5);\nBUY(CROSS(C,MA(C,5)),L);\nSELL(CROSS(MA(C,5),C),H);\n",
        "AUTOFILTER;\nBUY(CROSS(C,MA(C,5)),L);\nBUY(C>0,L);\nSELL(CROSS(MA(C,5),C),H);\n",
        "BUY(CROSS(C,MA(C,5)),L);\nBUY(C>0,L);\nSELL(CROSS(MA(C,5),C),H);\n",
        "RSV:(C-LLV(L,9))/(HHV(H,9)-LLV(L,9))*100;\nS:HHV(H,14);\n", /* fused alone; its parts are wanted by the next */
        "A:LLV(L,9);\nB:HHV(H,9)-LLV(L,9);\nC1:HHV(H,11);\nC2:REF(C,3);\nC3:C>REF(C,3);\n",
        "T:STRCAT('a',CODE);\nU:IF(C>O,'up','down');\n"};
    enum { N = sizeof text / sizeof *text };
    gp_formula *f[N];
    gp_compile_opts opts[N] = {0};
    gp_diags d = {0};
    int sum;
    gp_library *library = gp_library_new(find_text, NULL, &(texts){names, bodies, 1});
    (void)state;
    for (int k = 0; k < N; k++) {
        opts[k].facts = (gp_run_facts){.date = 20240614, .time = 1, .seed = 7};
        f[k] = formula_of(text[k], library, &d);
    }
    compare((const gp_formula *const *)f, opts, N, &sum);
    for (int k = 0; k < N; k++) { /* the same in every order of two */
        const gp_formula *two[2] = {f[k], f[(k + 1) % N]}, *back[2] = {f[(k + 1) % N], f[k]};
        compare(two, opts, 2, &sum);
        compare(back, opts, 2, &sum);
    }
    for (int k = 0; k < N; k++)
        gp_formula_free(f[k]);
    gp_library_free(library);
    gp_diags_fini(&d);
}

/* ---- passes ---- */

/* Is every diagnostic of one among those of the other? */
static bool told(const gp_diags *a, const gp_diags *b)
{
    for (size_t i = 0; i < a->n; i++) {
        bool found = false;
        for (size_t k = 0; k < b->n && !found; k++)
            found = strcmp(a->at[i].message, b->at[k].message) == 0 && strcmp(a->at[i].file, b->at[k].file) == 0;
        if (!found) return false;
    }
    return true;
}

/* Scans alone with companions of its own, as a command does. */
static void scan_alone(const planned *p, const gp_inputs *in, int jobs, gp_scan_result *r, gp_diags *d)
{
    const gp_program *programs[] = {p->plan.program, p->why ? gp_why_program(p->why) : NULL};
    gp_scan_opts o = p->o;
    gp_companions *c = gp_companions_new(programs, p->why ? 2 : 1, &(gp_companion_opts){.capital = NAN, .data = in}, d);
    assert_non_null(c);
    o.companions = c;
    o.jobs = jobs;
    gp_scan_run(&p->plan, in, &o, r, d);
    gp_companions_free(c);
}

/* Returns how many hits there were. */
static size_t compare_scans(planned *p, int n, char *folder)
{
    size_t hits = 0;
    const gp_plan **plans = gp_xcalloc((size_t)n, sizeof *plans);
    gp_scan_opts *o = gp_xcalloc((size_t)n, sizeof *o);
    gp_scan_result *all = gp_xcalloc((size_t)n, sizeof *all);
    gp_inputs in = inputs_of(folder);
    gp_pass pass;
    for (int i = 0; i < n; i++)
        plans[i] = &p[i].plan;
    gp_pass_new(plans, n, &pass);
    GP_VEC(const gp_program *) programs = {0};
    for (int i = 0; i < pass.n_programs; i++)
        gp_vec_push(&programs, pass.programs[i]);
    for (int i = 0; i < n; i++)
        if (p[i].why) gp_vec_push(&programs, gp_why_program(p[i].why));
    for (int jobs = 1; jobs <= 3; jobs++) {
        gp_diags d = {.limit = (size_t)-1}, own = {.limit = (size_t)-1};
        gp_companions *c = gp_companions_new(programs.at, (int)programs.n, &(gp_companion_opts){.capital = NAN, .data = &in}, &d);
        assert_non_null(c);
        for (int i = 0; i < n; i++) {
            o[i] = p[i].o;
            o[i].jobs = jobs;
            o[i].companions = c;
        }
        gp_scan_run_many(&pass, &in, o, all, &d);
        for (int i = 0; i < n; i++) {
            gp_scan_result r;
            gp_diags mine = {.limit = (size_t)-1};
            scan_alone(&p[i], &in, jobs, &r, &mine);
            hits += r.n_hits;
            char *together = text_of(&p[i].plan, &all[i], true), *alone = text_of(&p[i].plan, &r, true);
            assert_string_equal(together, alone);
            assert_true(told(&mine, &d));
            gp_diags_append_new(&own, &mine);
            free(together);
            free(alone);
            gp_scan_result_fini(&r);
            gp_scan_result_fini(&all[i]);
        }
        assert_true(told(&d, &own)); /* and nothing else was said */
        assert_int_equal(d.n, own.n);
        gp_companions_free(c);
        gp_diags_fini(&d);
        gp_diags_fini(&own);
    }
    gp_vec_free(&programs);
    gp_pass_fini(&pass);
    gp_inputs_fini(&in);
    free(plans);
    free(o);
    free(all);
    return hits;
}

static const char cross[] = "XG:CROSS(C,MA(C,10)) AND V>MA(V,5);", above[] = "XG:C>MA(C,20);\n";

static void passes_find_what_scans_find(void **state)
{
    static const char *const cols[] = {"MA(C,10) as m", "C/REF(C,5)-1 as week"}, *const volume[] = {"V as v"};
    gp_why *const yes = (gp_why *)(uintptr_t)1; /* replaced by the plan's own */
    char *folder = new_folder();
    planned p[9];
    (void)state;
    assert_null(gp_generate_files(7, 33, 200, folder));
    write_file(folder, "600900.csv", "date,open,high,low,close\n2024-01-15,1,2,1,2\n2024-01-16,2,3,2,3\n"); /* no volume: good for some */
    write_file(folder, "600901.csv", "date,open,close,volume\n2024-01-15,1,2,5\n2024-01-16,2,3,x\n");      /* no high: good for others */
    write_file(folder, "noise.csv", "\x01\x02 not quotes\n");
    write_file(folder, "week.csv", "date,open,high,low,close,volume\n2024-01-05,1,2,1,2,9\n2024-01-12,1,2,1,2,9\n2024-01-19,1,2,1,2,9\n2024-01-26,1,2,1,2,9\n"
                                   "2024-02-02,1,2,1,3,9\n2024-02-08,1,2,1,2,9\n");
    write_file(folder, "SH600001.csv", "date,open,high,low,close,volume\n2024-01-05,1,2,1,2,9\n");
    write_file(folder, "SZ600001.csv", "date,open,high,low,close,volume\n2024-01-05,1,2,1,9,9\n");
    plan(&p[0], cross, (gp_plan_spec){.cols = cols, .n_cols = 2}, (gp_scan_opts){.within = 20});
    plan(&p[1], above, (gp_plan_spec){.cols = volume, .n_cols = 1, .sort = "v:desc"}, (gp_scan_opts){0});
    plan(&p[2], above, (gp_plan_spec){.where = "H>O"}, (gp_scan_opts){.from = 20240301, .to = 20240401});
    plan(&p[3], cross, (gp_plan_spec){0}, (gp_scan_opts){.within = 9, .why = yes});
    plan(&p[4], "XG:CROSS(C,MA(C,10)) AND V>MA(V,5) AND C>O;", (gp_plan_spec){0}, (gp_scan_opts){.near = 1});
    plan(&p[5], above, (gp_plan_spec){.compile = {.f32 = true}, .cols = cols, .n_cols = 2}, (gp_scan_opts){.within = 3});
    plan(&p[6], "XG:C=REF(C,1);", (gp_plan_spec){.compile = {.exact_compare = true}}, (gp_scan_opts){.within = 30});
    plan(&p[7], "W:=CLOSE#WEEK;\nXG:C>REF(W,5);", (gp_plan_spec){0}, (gp_scan_opts){0}); /* refuses weekly quotes */
    plan(&p[8], "XG:RAND(10)>8;", (gp_plan_spec){0}, (gp_scan_opts){.within = 2});
    assert_true(compare_scans(p, 9, folder) > 250);
    for (int i = 0; i < 9; i++)
        drop_plan(&p[i]);
    drop_folder(folder);
}

static void pass_shares_what_agrees(void **state)
{
    planned p[4];
    gp_pass pass;
    (void)state;
    plan(&p[0], cross, (gp_plan_spec){0}, (gp_scan_opts){0});
    plan(&p[1], above, (gp_plan_spec){.compile = {.null_true = true}}, (gp_scan_opts){0});
    plan(&p[2], above, (gp_plan_spec){.compile = {.facts = p[0].plan.compile.facts}}, (gp_scan_opts){0});
    plan(&p[3], above, (gp_plan_spec){.compile = {.facts = {.date = 20240101, .seed = 3}}}, (gp_scan_opts){0});
    p[1].plan.compile.facts = p[0].plan.compile.facts; /* the clock may have moved on */
    gp_pass_new((const gp_plan *[]){&p[0].plan, &p[1].plan, &p[2].plan, &p[3].plan}, 4, &pass);
    assert_int_equal(pass.n_programs, 3);
    assert_int_equal(pass.plans[0].program, pass.plans[2].program);
    assert_ptr_equal(pass.programs[pass.plans[1].program], p[1].plan.program);
    assert_ptr_equal(pass.programs[pass.plans[3].program], p[3].plan.program);
    gp_pass_fini(&pass);
    for (int i = 0; i < 4; i++)
        drop_plan(&p[i]);
}

/* ---- the truth of results ---- */

static void truths_are_of_results(void **state)
{
    static const char *const source[] = {
        "A:C>O;B:C-O;D:1;E:0.000005;F:C>MA(C,20) AND V>REF(V,1);G:IF(C>O,0.00002,-1);H:BARSLAST(C>O);",
        "A:BACKSET(C>REF(C,1),3);B:ZIG(3,5)>REF(ZIG(3,5),1);D:FILTER(C>O,5);E:COUNT(C>O,BARSCOUNT(C));F:ISLASTBAR;G:PERIOD=5;H:BACKSET(C>O,2)>0 AND C<O;",
        "STICKLINE(C>O,C,O,1,0);DRAWICON(CROSS(C,MA(C,5)),L,1);X:DRAWNULL;"};
    (void)state;
    for (size_t i = 0; i < sizeof source / sizeof *source; i++) {
        gp_diags d = {0};
        gp_formula *f = gp_formula_parse("test", source[i], strlen(source[i]), GP_ENC_AUTO, &d);
        assert_true(gp_formula_resolve(f, &d));
        gp_program *p = gp_compile(f, NULL, &d);
        results r;
        assert_non_null(p);
        run(p, &r);
        uint8_t **truth = gp_xcalloc((size_t)r.n_slots + 1, sizeof *truth), *bytes = gp_xcalloc((size_t)r.n_slots, BARS);
        memset(bytes, 0x5a, (size_t)r.n_slots * BARS);
        for (int s = 0; s < r.n_slots; s++)
            truth[s] = s == 1 ? NULL : bytes + (size_t)s * BARS; /* one that nobody wants */
        for (int l = 0; l < TICKERS; l++)
            r.lane[l].out = NULL;
        gp_vm_run_truths(r.vm, r.lane, TICKERS, truth);
        for (int s = 0; s < r.n_slots; s++)
            for (int t = 0; t < r.lane[0].n && truth[s]; t++)
                for (int l = 0; l < 8; l++) {
                    const double x = l < TICKERS && t < r.lane[l].n ? r.slots[l * r.n_slots + s][t] : NAN;
                    assert_int_equal(truth[s][t] >> l & 1, fabs(x) >= 1e-5);
                }
        free(truth);
        free(bytes);
        drop_results(&r);
        gp_program_free(p);
        gp_formula_free(f);
        gp_diags_fini(&d);
    }
}

static void prices_of_drawings_can_be_left_out(void **state)
{
    static const char text[] = "STICKLINE(C>O,MA(C,77),O,1,0);DRAWICON(CROSS(C,MA(C,5)),L,1);";
    gp_diags d = {0};
    gp_formula *f = gp_formula_parse("test", text, strlen(text), GP_ENC_AUTO, &d);
    (void)state;
    assert_true(gp_formula_resolve(f, &d));
    gp_program *with = gp_compile(f, NULL, &d), *without = gp_compile(f, &(gp_compile_opts){.no_draw_prices = true}, &d);
    int n;
    assert_true(gp_program_n_code(without) < gp_program_n_code(with));
    const gp_output *o = gp_program_outputs(without, &n);
    assert_int_equal(n, 2);
    for (int k = 0; k < n; k++)
        assert_true(o[k].slot < 0 && o[k].cond >= 0);
    gp_program_free(with);
    gp_program_free(without);
    gp_formula_free(f);
    gp_diags_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library_together),
        cmocka_unit_test(nothing_leaks),
        cmocka_unit_test(passes_find_what_scans_find),
        cmocka_unit_test(pass_shares_what_agrees),
        cmocka_unit_test(truths_are_of_results),
        cmocka_unit_test(prices_of_drawings_can_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
