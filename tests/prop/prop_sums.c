/* Sums by set, time held and day, added up by the lanes of a device, against those of the machine's values.  The device is a GPU, or with
 * --mock the driver of tests/cuda, whose lanes are coroutines that meet at the intrinsics alone; it can also be short of memory, of another
 * generation, or fail.  The last line is "N passed, N failed, N skipped".
 *
 *   prop_sums [--mock FILE] [--module FILE] [--golden DIR] [--cache DIR] [--compile-only] [--all] [SEED [RANDOM]]
 *   prop_sums --source                         prints one source of some kernels, for a compiler
 *     --all: the formulas of the library and all golden ones, too, and every row of the registry; the others: see prop_accel.c */
#include <unistd.h>
#include "accel/split.h"
#include "accel/sums.h"
#include "programs.h"

enum { RANDOM = 4, HORIZONS = 3, DAYS = 97, MANY = 40, SOME = 20 /* one golden formula of so many */ };
static int32_t day[TICKERS][BARS], ret[TICKERS][HORIZONS * BARS];
static gp_accel_outcome outcome[TICKERS];
static size_t added;
static int compiled;
static char cache[64];

/* Calendars that begin and halt differently: bars of one number are of one day for some neighbours, not for all. */
static void make_outcomes(int horizons)
{
    for (int k = 0; k < TICKERS; k++) {
        int at = (int)(next_random() % 4) / 2;
        for (int i = 0; i < lanes[k].n; i++, at += 1 + (next_random() % 60 == 0)) day[k][i] = next_random() % 13 == 0 ? -1 : at % DAYS;
        for (int i = 0; i < horizons * lanes[k].n; i++) {
            const uint32_t dice = next_random() % 10;
            ret[k][i] = dice == 0 ? INT32_MIN : dice == 1 ? 0 : dice == 2 ? 100000000 : dice == 3 ? -1000000 : (int32_t)(next_random() % 400000) - 200000;
        }
        outcome[k] = (gp_accel_outcome){day[k], ret[k]};
    }
}

static void expect(const gp_program *p, int signal, int where, int horizons, gp_day_sum *to)
{
    double *y = gp_xcalloc((size_t)gp_program_n_slots(p) * TICKERS * BARS + 1, sizeof *y);
    run_machine(p, y);
    for (int k = 0; k < TICKERS; k++)
        for (int i = 0; i < lanes[k].n; i++) {
            if (!gp_true(y[((size_t)signal * TICKERS + (size_t)k) * BARS + (size_t)i])) continue;
            if (where >= 0 && !gp_true(y[((size_t)where * TICKERS + (size_t)k) * BARS + (size_t)i])) continue;
            for (int h = 0; h < horizons && day[k][i] >= 0; h++) {
                const int32_t x = ret[k][h * lanes[k].n + i];
                if (x == INT32_MIN) continue;
                gp_day_sum *sum = &to[h * DAYS + day[k][i]];
                sum->n++, sum->wins += x > 0, sum->sum += x, added++;
            }
        }
    free(y);
}

typedef struct result { gp_program *truth[MANY]; gp_day_sum *got[MANY], *want[MANY]; bool failed[MANY]; int n, horizons; } result;

/* n sets, of which the programs repeat. */
static result new_result(const item *it, int n, int signal, int where, int horizons)
{
    result r = {.n = n, .horizons = horizons};
    make_outcomes(horizons);
    for (int s = 0; s < n; s++) {
        r.truth[s] = gp_truth_of(it->set[s % it->n_sets], signal, where);
        r.got[s] = gp_xcalloc((size_t)horizons * DAYS, sizeof **r.got);
        r.want[s] = s < it->n_sets ? gp_xcalloc((size_t)horizons * DAYS, sizeof **r.want) : r.want[s % it->n_sets];
        if (s < it->n_sets) expect(it->set[s], signal, where, horizons, r.want[s]);
    }
    return r;
}

static void free_result(result *r, int own)
{
    for (int s = 0; s < r->n; s++) {
        gp_truth_free(r->truth[s]);
        free(r->got[s]);
        if (s < own) free(r->want[s]);
    }
}

static int differing(const result *r)
{
    for (int s = 0; s < r->n; s++)
        if (!r->failed[s] && memcmp(r->got[s], r->want[s], (size_t)r->horizons * DAYS * sizeof **r->got) != 0) return s;
    return -1;
}

static int failures(const result *r)
{
    int n = 0;
    for (int s = 0; s < r->n; s++) n += r->failed[s];
    return n;
}

/* In pieces of so many tickers. */
static bool run(gp_accel *a, result *r, int per_piece)
{
    gp_accel_sums *s = gp_accel_sums_new(a, (const gp_program *const *)r->truth, 1, r->horizons, DAYS);
    bool ok = true;
    for (int k = 0; k < TICKERS && ok; k += per_piece) ok = gp_accel_sums_add(s, lanes + k, outcome + k, TICKERS - k < per_piece ? TICKERS - k : per_piece);
    for (int n = 0; n < r->n; n++) r->failed[n] = !ok;
    if (ok) gp_accel_sums_run(s, (const gp_program *const *)r->truth, r->n, 1, r->got, r->failed);
    gp_accel_sums_free(s);
    return ok;
}

static void check_item(gp_accel *a, const item *it, bool compile_only)
{
    char detail[300] = "";
    const int slots = gp_program_n_slots(it->set[0]), signal = (int)(next_random() % (uint32_t)slots);
    const int where = next_random() % 3 ? (int)(next_random() % (uint32_t)slots) : -1, horizons = 1 + (int)(next_random() % HORIZONS);
    for (int s = 1; s < it->n_sets; s++)
        if (gp_program_n_slots(it->set[s]) != slots) return;
    result r = new_result(it, it->n_sets, signal, where, horizons);
    gp_accel_sums *none = gp_accel_sums_new(a, (const gp_program *const *)r.truth, 1, 1, 1);
    const bool can = gp_accel_sums_can(none, r.truth[0]);
    gp_accel_sums_free(none);
    if (compile_only) { /* what is loaded does not run, which counts as a device that failed */
        gp_accel *own = gp_accel_open();
        run(own, &r, TICKERS);
        if (can && (gp_accel_refusal(own) || gp_accel_counts(own).compiled != 1)) snprintf(detail, sizeof detail, "%s", gp_accel_refusal(own));
        compiled += (int)gp_accel_counts(own).compiled;
        gp_accel_close(own);
    } else if (!run(a, &r, next_random() % 2 ? TICKERS : 4)) {
        snprintf(detail, sizeof detail, "the quotes are not there: %s", gp_accel_said(a));
    } else if (differing(&r) >= 0) {
        snprintf(detail, sizeof detail, "set %d, results %d and %d, %d horizons", differing(&r), signal, where, horizons);
    } else if (can && r.failed[0]) {
        snprintf(detail, sizeof detail, "left to the processor: %s", gp_accel_refusal(a) ? gp_accel_refusal(a) : gp_accel_said(a));
    } else if (!can && !r.failed[0]) {
        snprintf(detail, sizeof detail, "ran although it is refused");
    }
    report(!*detail, "sums", it->title, detail);
    free_result(&r, it->n_sets);
}

/* Many sets under what a device may do; `failed`: how many may be left over, 'n' none, 's' some, 'a' all. */
static void scenario(const item *it, const char *mock, char left, const char *says)
{
    char detail[900] = "";
    setenv("GOLDPIT_MOCK", mock, 1);
    gp_accel *a = gp_accel_open();
    result r = new_result(it, MANY, 0, -1, 2);
    run(a, &r, strstr(mock, "arch=") ? TICKERS : 4);
    const int bad = failures(&r);
    if (differing(&r) >= 0) snprintf(detail, sizeof detail, "set %d", differing(&r));
    else if (left == 'n' ? bad : left == 'a' ? bad != MANY : bad == 0) snprintf(detail, sizeof detail, "%d of %d sets failed: %s", bad, MANY, gp_accel_said(a));
    else if (!strstr(gp_accel_said(a), says) && !(gp_accel_refusal(a) && strstr(gp_accel_refusal(a), says))) snprintf(detail, sizeof detail, "says %s", gp_accel_said(a));
    else if (strstr(mock, "left=") && left == 'n' && !gp_accel_counts(a).smaller) snprintf(detail, sizeof detail, "memory was not short");
    report(!*detail, "scenario", mock, detail);
    free_result(&r, it->n_sets);
    gp_accel_close(a);
    unsetenv("GOLDPIT_MOCK");
}

/* Sets of more shapes than kernels are worth: those that share one are done. */
static void shapes(void)
{
    enum { SHAPES = 12 };
    char detail[200] = "";
    const size_t before = items.n;
    for (int k = 0; k < SHAPES; k++) {
        gp_buf text = {0};
        gp_buf_addz(&text, "X:C>O");
        for (int j = 1; j <= k; j++) gp_buf_printf(&text, " OR REF(C,%d)>H", j);
        gp_buf_addz(&text, ";");
        add_text(text.p, (gp_compile_opts){0});
        gp_buf_free(&text);
    }
    result r = {.n = 2 * SHAPES - 4, .horizons = 2};
    make_outcomes(r.horizons);
    for (int s = 0; s < r.n; s++) {
        const gp_program *p = items.at[before + (size_t)(s % SHAPES)].set[0];
        r.truth[s] = gp_truth_of(p, 0, -1);
        r.got[s] = gp_xcalloc((size_t)r.horizons * DAYS, sizeof **r.got);
        r.want[s] = gp_xcalloc((size_t)r.horizons * DAYS, sizeof **r.want);
        expect(p, 0, -1, r.horizons, r.want[s]);
    }
    gp_accel *a = gp_accel_open();
    gp_accel_sums *sums = gp_accel_sums_new(a, (const gp_program *const *)r.truth, r.n, r.horizons, DAYS);
    bool ok = gp_accel_sums_add(sums, lanes, outcome, TICKERS);
    if (ok) gp_accel_sums_run(sums, (const gp_program *const *)r.truth, r.n, 1, r.got, r.failed);
    int alone = 0;
    for (int s = 0; s < r.n; s++) alone += r.failed[s] && s >= SHAPES - 4 && s < SHAPES;
    if (!ok || differing(&r) >= 0) snprintf(detail, sizeof detail, "set %d", differing(&r));
    else if (alone != 4 || failures(&r) != 4) snprintf(detail, sizeof detail, "%d sets failed, %d of them of a shape of their own", failures(&r), alone);
    else if (!gp_accel_refusal(a) || !strstr(gp_accel_refusal(a), "shape")) snprintf(detail, sizeof detail, "it does not say why");
    report(!*detail, "shapes", "more than kernels", detail);
    gp_accel_sums_free(sums);
    gp_accel_close(a);
    free_result(&r, r.n);
}

/* Programs of several signals, two of which are one result. */
static void several(const item *it)
{
    enum { SIGNALS = 4 };
    static const int signal[SIGNALS] = {0, 1, 2, 1}, where[SIGNALS] = {-1, 0, 1, 0};
    char detail[200] = "";
    int slot[MAX_SETS][SIGNALS];
    result r = {.n = it->n_sets, .horizons = 2};
    gp_day_sum *got[MAX_SETS * SIGNALS], *want = gp_xcalloc((size_t)r.horizons * DAYS, sizeof *want);
    make_outcomes(r.horizons);
    for (int s = 0; s < r.n; s++) r.truth[s] = gp_truths_of(it->set[s], signal, where, SIGNALS, slot[s]);
    for (int k = 0; k < r.n * SIGNALS; k++) got[k] = gp_xcalloc((size_t)r.horizons * DAYS, sizeof *want);
    gp_accel *a = gp_accel_open();
    gp_accel_sums *sums = gp_accel_sums_new(a, (const gp_program *const *)r.truth, r.n, r.horizons, DAYS);
    if (!gp_accel_sums_add(sums, lanes, outcome, TICKERS)) snprintf(detail, sizeof detail, "%s", gp_accel_said(a));
    else gp_accel_sums_run(sums, (const gp_program *const *)r.truth, r.n, SIGNALS, got, r.failed);
    for (int s = 0; s < r.n; s++)
        for (int k = 0; k < SIGNALS && !*detail; k++) {
            memset(want, 0, (size_t)r.horizons * DAYS * sizeof *want);
            expect(it->set[s], signal[k], where[k], r.horizons, want);
            if (r.failed[s] || memcmp(want, got[s * SIGNALS + slot[s][k]], (size_t)r.horizons * DAYS * sizeof *want) != 0)
                snprintf(detail, sizeof detail, "set %d, signal %d", s, k);
        }
    if (!*detail && (slot[0][1] != slot[0][3] || gp_program_n_slots(r.truth[0]) != SIGNALS - 1)) snprintf(detail, sizeof detail, "what agrees is not one result");
    report(!*detail, "several signals", it->title, detail);
    for (int k = 0; k < r.n * SIGNALS; k++) free(got[k]);
    for (int s = 0; s < r.n; s++) gp_truth_free(r.truth[s]);
    free(want);
    gp_accel_sums_free(sums);
    gp_accel_close(a);
}

static void scenarios(const item *it)
{
    scenario(it, "arch=90", 'n', "mock device");
    scenario(it, "arch=75", 'n', "mock device"); /* no sums in hardware: by shuffles */
    scenario(it, "threads=40", 'n', "mock device");
    scenario(it, "memory=700000", 'n', "mock device");
    scenario(it, "memory=700000 left=100000000", 'n', "mock device"); /* more is promised than there is */
    scenario(it, "memory=1000", 'a', "mock device");
    scenario(it, "fail=0", 'a', "the GPU failed");
    scenario(it, "fail=1", 's', "the GPU failed");
    scenario(it, "devices=0", 'a', "finds no GPU");
}

static int print_source(void)
{
    gp_fuse_steps steps = {0};
    gp_buf source = {0}, kernels = {0};
    add_sweeps();
    for (size_t k = 0; k < items.n; k++) {
        item *it = &items.at[k];
        gp_program *truth[MAX_SETS];
        char name[32];
        for (int s = 0; s < it->n_sets; s++) truth[s] = gp_truth_of(it->set[s], 0, -1);
        snprintf(name, sizeof name, "kernel_%zu", k);
        report(gp_fuse_kernel((const gp_program *const *)truth, it->n_sets, &(gp_fuse_opts){.name = name, .sums = true}, &it->f, &steps, &kernels), "kernel", it->title, "");
        for (int s = 0; s < it->n_sets; s++) gp_truth_free(truth[s]);
    }
    gp_fuse_prelude(&steps, false, &source);
    fwrite(source.p, 1, source.n, stdout);
    fwrite(kernels.p, 1, kernels.n, stdout);
    gp_buf_free(&source);
    gp_buf_free(&kernels);
    for (size_t k = 0; k < items.n; k++) drop(&items.at[k]);
    gp_vec_free(&items);
    return failed ? 1 : 0;
}

static void clear_cache(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s/goldpit'", cache);
    if (system(command) != 0) printf("FAIL cache: cannot be cleared\n"), failed++;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1;
    int count = RANDOM, numbers = 0;
    bool mock = false, compile_only = false, all = false;
    const char *kept = NULL;
    if (argc > 1 && strcmp(argv[1], "--source") == 0) return print_source();
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--mock") == 0 && k + 1 < argc) {
            setenv("GOLDPIT_CUDA_DRIVER", argv[++k], 1);
            setenv("GOLDPIT_NVRTC", argv[k], 1);
            mock = true;
        } else if (strcmp(argv[k], "--module") == 0 && k + 1 < argc) {
            setenv("GOLDPIT_CUDA_MODULE", argv[++k], 1);
        } else if (strcmp(argv[k], "--golden") == 0 && k + 1 < argc) {
            golden_folder = argv[++k];
        } else if (strcmp(argv[k], "--cache") == 0 && k + 1 < argc) {
            kept = argv[++k];
        } else if (strcmp(argv[k], "--compile-only") == 0) {
            compile_only = true;
        } else if (strcmp(argv[k], "--all") == 0) {
            all = true;
        } else if (numbers++ == 0) {
            seed = strtoull(argv[k], NULL, 10);
        } else {
            count = atoi(argv[k]);
        }
    }
    if (compile_only) unsetenv("GOLDPIT_NVRTC");
    snprintf(cache, sizeof cache, P_tmpdir "/goldpit-sums-XXXXXX");
    if (!kept && !mkdtemp(cache)) return 1;
    setenv("XDG_CACHE_HOME", kept ? kept : cache, 1);
    unsetenv("GOLDPIT_MOCK");
    printf("sums on a device, seed %llu, %d random formulas of two kinds\n", (unsigned long long)seed, count);
    gp_accel *a = gp_accel_open();
    if (!gp_accel_ready(a)) {
        printf("skip sums: %s\n0 passed, 0 failed, 1 skipped\n", gp_accel_said(a));
        return 0;
    }
    any_program = true;
    add_sweeps();
    add_text("X:ZIG(3,10)>REF(C,1);Y:C>O;Z:BACKSET(C>O,3) AND 1;", (gp_compile_opts){0}); /* of several stages */
    add_text("X:1;Y:C>REF(C,1);Z:EXP(C)>1;", (gp_compile_opts){0});                       /* constant; not for a device */
    if (all) add_formulas();
    if (all || mock) add_golden(all ? 1 : SOME);
    add_files(seed);
    if (all) add_rows(seed);
    add_random(seed, count);
    make_market(seed);
    const item sweep = items.at[2]; /* true on most bars */
    for (size_t k = 0; k < items.n; k++) check_item(a, &items.at[k], compile_only);
    const gp_accel_stats s = gp_accel_counts(a);
    gp_accel_close(a);
    const item of_several = items.at[1]; /* items move */
    if (!compile_only) several(&of_several);
    if (mock && !compile_only) scenarios(&sweep), shapes();
    printf("%zu programs, %zu bars added, %zu sources compiled in %.1f s, kernels %.1f s\n", items.n, added, s.compiled + (size_t)compiled, s.compile_s, s.kernel_s);
    for (size_t k = 0; k < items.n; k++) drop(&items.at[k]);
    for (size_t k = 0; k < files.n; k++) free(files.at[k]);
    gp_vec_free(&items);
    gp_vec_free(&files);
    if (!kept) clear_cache(), rmdir(cache);
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
