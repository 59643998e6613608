/* States of programs: the golden pit at every split of real-looking data, what cannot be resumed and why, and when two programs are the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "eval/state.h"
#include "library_probe.h"
#include "market/reader.h"
#include "screen/lane.h"

static gp_formula *formula_of(const char *text, gp_library *library)
{
    gp_diags d = {0};
    gp_formula *f = gp_formula_parse("test", text, strlen(text), GP_ENC_UTF8, &d);
    f->library = library;
    assert_true(gp_formula_resolve(f, &d));
    gp_diags_fini(&d);
    return f;
}

static gp_program *program_of(const gp_formula *f, gp_compile_opts o)
{
    gp_diags d = {0};
    if (!o.facts.date) o.facts.date = 20240614;
    gp_program *p = gp_compile(f, &o, &d);
    assert_non_null(p);
    gp_diags_fini(&d);
    return p;
}

/* ---- every split ---- */

typedef struct splits { const gp_program *p; gp_vm *vm; size_t tickers, results; } splits;

static gp_lane lane_from(const gp_bars *b, int before, double *const *out)
{
    gp_lane lane = gp_lane_of(b, b->n, before, out);
    lane.open += before;
    lane.high += before;
    lane.low += before;
    lane.close += before;
    lane.vol += before;
    lane.amount = lane.amount ? lane.amount + before : NULL;
    lane.date += before;
    lane.before = before;
    return lane;
}

static void every_split(splits *s, const gp_bars *b)
{
    const int n_slots = gp_program_n_slots(s->p);
    const size_t most = gp_state_size(s->p, b->n);
    double **want = gp_xcalloc((size_t)n_slots, sizeof *want), **got = gp_xcalloc((size_t)n_slots, sizeof *got);
    char *state = gp_xcalloc(1, most), *next = gp_xcalloc(1, most);
    for (int k = 0; k < n_slots; k++) {
        want[k] = gp_xcalloc((size_t)b->n + 1, sizeof **want);
        got[k] = gp_xcalloc((size_t)b->n + 1, sizeof **got);
    }
    gp_lane lane = lane_from(b, 0, want);
    gp_vm_run(s->vm, &lane, 1);
    for (int at = 0; at < b->n; at++) { /* each state is made from the one before: as many resumes in a row as there are bars */
        lane = lane_from(b, at, got);
        lane.resume = at ? state : NULL;
        lane.keep = at + 1;
        lane.kept = at + 1 < b->n ? next : NULL;
        gp_vm_run(s->vm, &lane, 1);
        for (int k = 0; k < n_slots; k++)
            for (int i = at; i < b->n; i++, s->results++)
                if (isnan(want[k][i]) ? !isnan(got[k][i - at]) : memcmp(&want[k][i], &got[k][i - at], sizeof(double)) != 0)
                    fail_msg("%s: resumed after %d bars, bar %d: %.17g, not %.17g", b->code, at, i, got[k][i - at], want[k][i]);
        memcpy(state, next, most);
    }
    for (int k = 0; k < n_slots; k++) {
        free(want[k]);
        free(got[k]);
    }
    free(want);
    free(got);
    free(state);
    free(next);
    s->tickers++;
}

static void split_file(void *ctx, const char *path, size_t bytes)
{
    gp_read_result r = {0};
    gp_diags d = {0};
    (void)bytes;
    assert_true(gp_read_quotes(path, &(gp_read_opts){0}, &r, &d));
    for (int i = 0; i < r.n; i++)
        every_split(ctx, &r.at[i]);
    gp_read_result_fini(&r);
    gp_diags_fini(&d);
}

static void pit_at_every_split(void **state)
{
    probe_library l;
    gp_diags d = {0};
    splits s = {0};
    (void)state;
    probe_library_open(&l);
    for (size_t i = 0; i < l.formulas.n; i++) {
        gp_formula *f = l.formulas.at[i];
        if (!strstr(l.paths.at[i], "golden-pit")) continue;
        assert_true(gp_formula_resolve(f, &d));
        gp_program *p = program_of(f, (gp_compile_opts){.no_draw_texts = true});
        assert_true(gp_program_resumable(p, NULL));
        s.p = p;
        s.vm = gp_vm_new(p, NULL);
        assert_null(gp_dir_walk(GOLDPIT_SOURCE_DIR "/data/sample", split_file, &s));
        gp_vm_free(s.vm);
        gp_program_free(p);
    }
    assert_true(s.tickers >= 10 && s.results > 1000000);
    gp_diags_fini(&d);
    probe_library_close(&l);
}

/* ---- which programs ---- */

static void says_what_cannot_be_resumed(void **state)
{
    static const struct { const char *text, *why; } cases[] = {
        {"X:MA(C,20)+EMA(C,12)+SMA(C,9,1)+STD(C,5)+REF(C,3)+BARSLAST(C>O)+HHV(H,0)+COUNT(C>O,0);", NULL},
        {"X:C*TOTALBARSCOUNT;", NULL},                   /* the number of bars is read, nothing of it is carried on */
        {"X:CROSS(C,MA(C,5)) AND ISLASTBAR;", NULL},
        {"X:RAND(9)+BARSCOUNT(C)+DATE;", NULL},
        {"X:AVEDEV(C,14)+RELATE(C,V,9)+HOD(H,5);", NULL}, /* kept columns, looked at a bounded way back */
        {"X:COUNT(MEMA(C,5)>C,5);", NULL},               /* whether there is a bar after its first value */
        {"X:MEMA(ISLASTBAR,5);", "MEMA(ISLASTBAR,5) carries on"},
        {"X:C/TOTALBARSCOUNT;", "carries on"},           /* by zero it repeats what it gave before */
        {"X:REF(TOTALBARSCOUNT,1);", "REF(TOTALBARSCOUNT,1) carries on"},
        {"X:COUNT(ISLASTBAR,5);", "COUNT(ISLASTBAR,5) carries on"},
        {"X:EMA(IF(CURRBARSCOUNT>3,C,O),5);", "IF(CURRBARSCOUNT>3,C,O) carries on"},
        {"X:COUNT(CODELIKE('60') OR NAMELIKE('ST'),3);", NULL}, /* facts of the security */
        {"X:COUNT(INBLOCK('a'),3);", "COUNT(INBLOCK('a'),3) carries on"},
        {"X:COUNT(STRLEN(HYBLOCK)>3,3);", "COUNT(STRLEN(HYBLOCK)>3,3) carries on"},
        {"X:IF(C>O,CODE,'b');", "carries on"},
        {"X:ZIG(3,10);", "ZIG(3,10) needs all bars"},
        {"X:REFX(C,1);", "REFX(C,1) needs all bars"},
        {"X:CONST(C);", "CONST(C) needs all bars"},
        {"X:MA(C,BARSLAST(C>O)+1);", "has a window that varies"},
        {"X:STD(C,BARSLAST(C>O)+1);", "has a window that varies"},
        {"X:REF(C,BARSLAST(C>O));", "REF(C,BARSLAST(C>O)) may look at any earlier bar"},
        {"X:SUMBARS(V,1000000);", "SUMBARS(V,1000000) may look at any earlier bar"},
        {"X:HOD(H,0);", "HOD(H,0) may look at any earlier bar"},
        {"X:REF(C,5000);", "looks back by more than 4,096 bars"},
        {"X:INDEXC;", "INDEXC does not come with the quotes"},
        {"X:CLOSE#WEEK;", "CLOSE#WEEK does not come with the quotes"},
        {"X:STRLEN(VAR2STR(C,2));", "makes texts"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = "unset";
        gp_formula *f = formula_of(cases[i].text, NULL);
        gp_program *p = program_of(f, (gp_compile_opts){0});
        const bool can = gp_program_resumable(p, &why);
        if (can != !cases[i].why || (why && !strstr(why, cases[i].why)))
            fail_msg("%s: %s", cases[i].text, why ? why : "can be resumed");
        gp_program_free(p);
        gp_formula_free(f);
    }
}

/* Nearly all of the library can be resumed; what cannot is here by name. */
static void library_can_be_resumed(void **state)
{
    static const char *const cannot[] = {"/SAR.tdx", "/week-trend.tdx", "/duck-head.tdx", "/macd-divergence.tdx"};
    probe_library l;
    gp_diags d = {0};
    (void)state;
    probe_library_open(&l);
    for (size_t i = 0; i < l.formulas.n; i++) {
        const char *why;
        bool expected = true;
        assert_true(gp_formula_resolve(l.formulas.at[i], &d));
        gp_program *p = program_of(l.formulas.at[i], (gp_compile_opts){.no_draw_texts = true});
        for (size_t k = 0; k < sizeof cannot / sizeof *cannot; k++) expected &= !strstr(l.paths.at[i], cannot[k]);
        if (gp_program_resumable(p, &why) != expected) fail_msg("%s: %s", l.paths.at[i], why ? why : "can be resumed");
        gp_program_free(p);
    }
    gp_diags_fini(&d);
    probe_library_close(&l);
}

static uint64_t hash_of(const char *text, gp_compile_opts o)
{
    gp_formula *f = formula_of(text, NULL);
    gp_program *p = program_of(f, o);
    const uint64_t h = gp_program_hash(p);
    gp_program_free(p);
    gp_formula_free(f);
    return h;
}

static void hash_tells_programs_apart(void **state)
{
    static const char *const text[] = {
        "X:MA(C,20)>C;", "X:MA(C,21)>C;", "X:MA(O,20)>C;", "X:MA(C,20)<C;", "X:MA(C,20)>C AND V>0;", "X:EMA(C,20)>C;", "X:C>20;", "X:C>20.01;", "X:STD(C,20)>C;",
        "X:MA(C,20)>C;Y:C;", "X:SUM(C,20)>C;", "X:MA(C,20)>C;Y:3;", "X:MA(C,20)>C;Y:4;", "X:STRCMP(CODE,'a');", "X:STRCMP(CODE,'b');", "X:STRCMP(STKNAME,'a');"};
    static const gp_compile_opts opts[] = {{0}, {.exact_compare = true}, {.f32 = true}, {.facts = {.seed = 4}}};
    uint64_t seen[32];
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) seen[n++] = hash_of(text[i], (gp_compile_opts){0});
    for (size_t i = 1; i < sizeof opts / sizeof *opts; i++) seen[n++] = hash_of(text[0], opts[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (seen[i] == seen[k]) fail_msg("programs %zu and %zu have one hash", k, i);
    /* what is written differently and computed alike is the same */
    assert_true(hash_of("{comment} 均线 := MA(CLOSE, 20);\nXG: 均线 > CLOSE;", (gp_compile_opts){0}) == seen[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pit_at_every_split),
        cmocka_unit_test(says_what_cannot_be_resumed),
        cmocka_unit_test(library_can_be_resumed),
        cmocka_unit_test(hash_tells_programs_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
