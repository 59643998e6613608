/* Programs on a device against the machine, bit for bit: values, and hashes of the raw bytes.  The device is a GPU, or with --mock a driver
 * and a compiler made for this test (tests/cuda), which can also be short of memory, fail, or not be there: then what the processor
 * finishes has to be the same.  The last line is "N passed, N failed, N skipped".
 *
 *   prop_accel [--mock FILE] [--module FILE] [--golden DIR] [--cache DIR] [--compile-only] [--rows | --random-only] [--variants] [SEED [RANDOM]]
 *   prop_accel [--cache DIR] --warm N          compiles one of the four variants of the interpreter, for the runs that follow
 *   prop_accel --source NAME...                prints one source of these formulas of the library, for a compiler; --interpreter: of that, too
 *     RANDOM: how many random formulas of each of two kinds; --rows: every row of the registry, too; --random-only: neither the formulas of
 *     the library nor, without --variants, kernels in pieces of time; --golden: the folder of the golden formulas (with --mock some of them);
 *     --cache: kernels are looked for and stay there; --compile-only: the mock driver with the real NVRTC, whose code it loads but cannot run */
#include <pthread.h>
#include <unistd.h>
#include "accel/cost.h"
#include "accel/device.h"
#include "accel/inside.h"
#include "accel/split.h"
#include "accel/table.h"
#include "programs.h"

enum { RANDOM = 25, SOME = 8 /* one golden formula of so many, where a C compiler makes the kernels */ };
static int device_lanes, host_lanes, splits;
static bool forced;    /* kernels of a kind that so small a market would not get, of some programs */
static bool no_hashes; /* they keep lanes from being cut */

typedef struct result { double ***out; uint64_t **hash; const gp_lane *lane; int *slots, n_sets; } result;

static result new_result(const gp_program *const *sets, int n_sets, const gp_lane *lane)
{
    result r = {.lane = lane, .n_sets = n_sets};
    r.out = gp_xcalloc((size_t)n_sets, sizeof *r.out);
    r.hash = gp_xcalloc((size_t)n_sets, sizeof *r.hash);
    r.slots = gp_xcalloc((size_t)n_sets, sizeof *r.slots);
    for (int s = 0; s < n_sets; s++) {
        r.slots[s] = gp_program_n_slots(sets[s]);
        const size_t rows = (size_t)r.slots[s] * TICKERS;
        r.out[s] = gp_xcalloc(rows + 1, sizeof *r.out[s]);
        r.hash[s] = gp_xcalloc(rows + 1, sizeof *r.hash[s]);
        for (size_t k = 0; k < rows; k++) {
            const gp_lane *of = &lane[k / (size_t)r.slots[s]];
            const size_t bars = (size_t)(of->n - of->from);
            r.out[s][k] = gp_xcalloc(bars + 1, sizeof(double));
            for (size_t i = 0; i < bars; i++) r.out[s][k][i] = 3.25e99;
            r.out[s][k][bars] = 987654.321;
        }
    }
    return r;
}

static void free_result(result *r)
{
    for (int s = 0; s < r->n_sets; s++) {
        for (int k = 0; k < r->slots[s] * TICKERS; k++) free(r->out[s][k]);
        free(r->out[s]);
        free(r->hash[s]);
    }
    free(r->out);
    free(r->hash);
    free(r->slots);
}

static gp_accel_want want_of(const result *r)
{
    return (gp_accel_want){.out = (double *const *const *)r->out, .hash = no_hashes ? NULL : r->hash};
}

/* The machine's values against what came back. */
static void compare(const gp_program *const *sets, const result *r, char *detail, size_t room)
{
    for (int s = 0; s < r->n_sets && !*detail; s++) {
        const int slots = r->slots[s];
        double *want = gp_xcalloc((size_t)slots * TICKERS * BARS + 1, sizeof *want);
        run_machine(sets[s], want);
        for (int k = 0; k < TICKERS && !*detail; k++)
            for (int row = 0; row < slots && !*detail; row++) {
                const gp_lane *lane = &r->lane[k];
                const double *x = want + ((size_t)row * TICKERS + (size_t)k) * BARS, *y = r->out[s][k * slots + row];
                uint64_t hash = GP_HASH_START;
                for (int i = 0; i < lane->n; i++) {
                    hash = gp_hash_value(hash, x[i]);
                    if (!*detail && y && i >= lane->from && gp_hash_value(1, x[i]) != gp_hash_value(1, y[i - lane->from]))
                        snprintf(detail, room, "set %d, ticker %d, result %d, bar %d: %.17g, not %.17g", s, k, row, i, y[i - lane->from], x[i]);
                }
                if (!*detail && !no_hashes && r->hash[s][k * slots + row] != hash) snprintf(detail, room, "set %d, ticker %d, result %d: hash", s, k, row);
                if (!*detail && y && y[lane->n - lane->from] != 987654.321) snprintf(detail, room, "wrote beyond the row");
            }
        free(want);
    }
}

/* With kernels of their own ("fused"), or by the interpreter. */
static const char *kernels = "fused";

static gp_accel *open_with(const char *of)
{
    kernels = of;
    setenv("GOLDPIT_KERNEL", of, 1);
    return gp_accel_open();
}

static void check_item(gp_accel *a, const item *it)
{
    char detail[300] = "";
    gp_lane some[TICKERS];
    const gp_program *const *sets = (const gp_program *const *)it->set;
    for (int k = 0; k < TICKERS; k++) {
        some[k] = lanes[k];
        some[k].from = next_random() % 3 ? 0 : (int)(next_random() % (uint32_t)(lanes[k].n + 1));
    }
    const gp_accel_stats before = gp_accel_counts(a);
    gp_accel_market *m = gp_accel_market_new(a, sets, it->n_sets, some, TICKERS);
    result r = new_result(sets, it->n_sets, some);
    const gp_accel_want want = want_of(&r);
    for (int k = 0; k < r.slots[0] * TICKERS; k += 7 + k % 5) free(r.out[0][k]), r.out[0][k] = NULL; /* not all are wanted */
    gp_accel_run(a, m, sets, it->n_sets, &want);
    compare(sets, &r, detail, sizeof detail);
    const gp_accel_stats after = gp_accel_counts(a);
    const size_t all = (size_t)TICKERS * (size_t)it->n_sets;
    const char *why;
    if (!*detail && after.device - before.device + after.host - before.host != all) snprintf(detail, sizeof detail, "lanes are lost");
    gp_split split;
    const bool two = gp_split_new(it->set[0], &split);
    if (two) gp_split_fini(&split), splits++;
    if (!*detail && gp_accel_ready(a) && (gp_fuse_can(it->set[0], &why) || two) && after.host - before.host > after.torn - before.torn)
        snprintf(detail, sizeof detail, "left to the processor: %s", gp_accel_refusal(a) ? gp_accel_refusal(a) : gp_accel_said(a));
    device_lanes += (int)(after.device - before.device);
    host_lanes += (int)(after.host - before.host);
    report(!*detail, kernels, it->title, detail);
    free_result(&r);
    gp_accel_market_free(m);
}

/* Many programs in one call: with the interpreter a launch for each of its variants. */
static void check_together(gp_accel *a, size_t from, size_t to)
{
    char detail[300] = "", title[80];
    const gp_program *sets[PER_FILE * MAX_SETS];
    const char *why;
    int n = 0;
    for (size_t k = from; k < to; k++)
        for (int s = 0; s < items.at[k].n_sets && gp_fuse_can(items.at[k].set[0], &why); s++) sets[n++] = items.at[k].set[s];
    if (n == 0) return;
    snprintf(title, sizeof title, "%d programs together", n);
    const gp_accel_stats before = gp_accel_counts(a);
    gp_accel_market *m = gp_accel_market_new(a, sets, n, lanes, TICKERS);
    result r = new_result(sets, n, lanes);
    const gp_accel_want want = want_of(&r);
    gp_accel_run(a, m, sets, n, &want);
    compare(sets, &r, detail, sizeof detail);
    const gp_accel_stats after = gp_accel_counts(a);
    if (!*detail && after.device - before.device != (size_t)n * TICKERS) snprintf(detail, sizeof detail, "lanes are left to the processor");
    if (!*detail && after.launches - before.launches > 4) snprintf(detail, sizeof detail, "%zu launches", after.launches - before.launches);
    report(!*detail, kernels, title, detail);
    free_result(&r);
    gp_accel_market_free(m);
}

#include "scenarios.h"

/* Formulas of which a part is the processor's. */
static const char *const in_two[] = {
    "X:POW(MA(C,5),2)+EMA(C,10);Y:EXP(REF(C,1)/100);Z:HHV(H,5);",
    "A:=EXP(MA(C,3)/100);X:MA(A,5)>MA(A,10);Y:MA(C,3);Z:FFTRANS(MA(C,3),4)-LLV(L,9);",
    "X:WINNER(MA(C,5));Y:COST(50)>EMA(C,12);Z:RAND(100)+LN(SUM(V,0));W:CLOSE;V1:12;",
    "X:ZIG(3,10)+SIN(BARSLAST(CROSS(C,MA(C,5))));Y:BACKSET(C>O,3);",
};

static int print_source(char **names, int n)
{
    gp_fuse_steps steps = {0};
    gp_buf source = {0}, text = {0};
    add_formulas();
    add_files(1);
    passed = 0; /* from here on kernels are counted */
    for (size_t k = 0; k < items.n; k++)
        for (int j = 0; j < n; j++) {
            const char *slash = strrchr(items.at[k].title, '/');
            char name[32];
            if (!gp_str_ieq(gp_str_from(names[j]), (gp_str){slash + 1, strlen(slash + 1) - 4})) continue;
            snprintf(name, sizeof name, "kernel_%zu", k);
            if (gp_fuse_kernel((const gp_program *const *)items.at[k].set, items.at[k].n_sets, &(gp_fuse_opts){.name = name}, &items.at[k].f, &steps, &text)) passed++;
            snprintf(name, sizeof name, "cut_%zu", k); /* in pieces of time, if it can be, with windows in shared memory */
            const gp_fuse_opts cut = {.name = name, .cut = true, .shared = 900, .local_one = 8};
            gp_fuse_kernel((const gp_program *const *)items.at[k].set, items.at[k].n_sets, &cut, &items.at[k].cut, &steps, &text);
        }
    for (int j = 0; j < n; j++)
        if (strcmp(names[j], "--interpreter") == 0) gp_interp_source(GP_INTERP_RARE, "interpreter", &steps, &text), passed++;
    gp_fuse_prelude(&steps, false, &source);
    fwrite(source.p, 1, source.n, stdout);
    fwrite(text.p, 1, text.n, stdout);
    gp_buf_free(&source);
    gp_buf_free(&text);
    for (size_t k = 0; k < items.n; k++) drop(&items.at[k]);
    for (size_t k = 0; k < files.n; k++) free(files.at[k]);
    gp_vec_free(&items);
    gp_vec_free(&files);
    return passed == n ? 0 : 1;
}

static void run_all(gp_accel *a, bool compile_only)
{
    const gp_program *programs[PER_FILE];
    for (size_t from = 0; from < items.n; from += PER_FILE) {
        const size_t to = from + PER_FILE < items.n ? from + PER_FILE : items.n;
        int n = 0;
        for (size_t k = from; k < to; k++)
            if (items.at[k].n_sets == 1) programs[n++] = items.at[k].set[0];
        gp_accel_prepare(a, programs, n);
        if (compile_only) {
            char detail[200];
            snprintf(detail, sizeof detail, "%s", gp_accel_refusal(a) ? gp_accel_refusal(a) : gp_accel_said(a));
            report(gp_accel_ready(a) && !gp_accel_refusal(a), "compile", "", detail);
            continue;
        }
        const char *why;
        for (size_t k = from; k < to; k++) /* those of several sets, and parts of programs, compile one by one */
            if (!forced || (gp_fuse_can(items.at[k].set[0], &why) && (items.at[k].n_sets == 1 || k < 2))) check_item(a, &items.at[k]);
        if (strcmp(kernels, "interpreter") == 0) check_together(a, from, to);
    }
}

/* What the small market is too small for: lanes in pieces of time, several lengths of them. */
static void forced_kernels(void)
{
    static const char *const variants[] = {"span=32", "span=96 shared=400 width=32"};
    forced = no_hashes = true;
    for (size_t k = 0; k < sizeof variants / sizeof *variants; k++) {
        char detail[200];
        setenv("GOLDPIT_ACCEL_VARIANT", variants[k], 1);
        gp_accel *a = open_with("fused");
        run_all(a, false);
        const gp_accel_stats s = gp_accel_counts(a);
        snprintf(detail, sizeof detail, "%zu launches, %zu cut, %zu lanes did not meet; %zu with shared memory", s.launches, s.cut, s.torn, s.shared);
        printf("%s: %s; %zu sources compiled in %.1f s\n", variants[k], detail, s.compiled, s.compile_s);
        const size_t least = items.n <= 60 ? 1 : 20; /* of few programs not many can be cut */
        report((s.cut >= least) == (strstr(variants[k], "span") != NULL) && s.torn <= s.cut && (s.shared > 0) == (strstr(variants[k], "shared") != NULL),
               "variant", variants[k], detail);
        gp_accel_close(a);
    }
    unsetenv("GOLDPIT_ACCEL_VARIANT");
    forced = no_hashes = false;
}

/* Three long tickers, two of them not of a length that pieces divide, cut as the device has room for; one value is missing. */
static void long_tickers(void)
{
    enum { LONG = 20000, N = 3 };
    static const char *const formulas[] = {
        "X:CROSS(MA(C,5),MA(C,20)) AND C>REF(HHV(H,60),1);Y:STD(C,26);Z:BARSLAST(CROSS(C,MA(C,10)));W:12;",
        "DIF:EMA(C,12)-EMA(C,26);DEA:EMA(DIF,9);RSV:=(C-LLV(L,9))/(HHV(H,9)-LLV(L,9))*100;K:SMA(RSV,3,1);D:SMA(K,3,1);A:AVEDEV(C,14);",
        "X:MA(C,250)-LLV(L,200)+HHV(H,250);Y:STD(C,130);", /* too long for local memory */
        "X:BARSLAST(BARSTATUS=1);Y:MA(C,3);"}; /* the first bar: no later piece knows when that was */
    static const bool meets[] = {true, true, true, false}, shares[] = {false, false, true, false};
    double *price = gp_xcalloc(5 * N * LONG, sizeof *price);
    int32_t *date = gp_xcalloc(LONG, sizeof *date);
    gp_lane lane[N];
    for (int i = 0; i < LONG; i++) date[i] = 20200101 + i; /* nobody asks whether it exists */
    for (int k = 0; k < N; k++) {
        double *at = price + (size_t)k * 5 * LONG, c = 20;
        lane[k] = (gp_lane){.open = at, .high = at + LONG, .low = at + 2 * LONG, .close = at + 3 * LONG, .vol = at + 4 * LONG, .date = date,
                            .period = 5, .n = LONG - k * 5001};
        for (int i = 0; i < LONG; i++) {
            at[i] = c;
            c = (rint(c * 100) + (double)(next_random() % 21) - 10) / 100;
            if (c < 5) c = 5;
            at[3 * LONG + i] = c, at[4 * LONG + i] = next_random() % 1000;
            at[LONG + i] = fmax(c, at[i]) + (next_random() % 4) / 100.0, at[2 * LONG + i] = fmin(c, at[i]) - (next_random() % 4) / 100.0;
        }
        at[3 * LONG + 7777] = NAN;
    }
    gp_accel *a = open_with("fused"), *none = gp_accel_open_none();
    for (size_t f = 0; f < sizeof formulas / sizeof *formulas; f++) {
        char detail[200] = "";
        const size_t before = items.n;
        add_text(formulas[f], (gp_compile_opts){0});
        if (items.n == before) continue;
        const gp_program *p = items.at[before].set[0];
        const int slots = gp_program_n_slots(p);
        double *values = gp_xcalloc(2 * (size_t)slots * N * LONG, sizeof *values);
        const gp_accel_stats was = gp_accel_counts(a);
        for (int who = 0; who < 2; who++) {
            double *rows[N * 8];
            double *const *const out = rows;
            for (int r = 0; r < slots * N; r++) rows[r] = values + ((size_t)who * (size_t)slots * N + (size_t)r) * LONG;
            gp_accel_market *m = gp_accel_market_new(who ? none : a, &p, 1, lane, N);
            gp_accel_run(who ? none : a, m, &p, 1, &(gp_accel_want){.out = &out});
            gp_accel_market_free(m);
        }
        for (size_t i = 0; i < (size_t)slots * N * LONG && !*detail; i++) {
            const double x = values[i], y = values[(size_t)slots * N * LONG + i];
            if (gp_hash_value(1, x) != gp_hash_value(1, y))
                snprintf(detail, sizeof detail, "result %zu, bar %zu: %.17g, not %.17g", i / LONG, i % LONG, x, y);
        }
        const gp_accel_stats s = gp_accel_counts(a);
        if (!*detail && (s.shared > was.shared) != shares[f]) snprintf(detail, sizeof detail, "%zu launches with shared memory", s.shared - was.shared);
        if (!*detail && (s.cut == was.cut || (s.torn == was.torn) != meets[f] || s.host != was.host))
            snprintf(detail, sizeof detail, "%zu launches cut, %zu lanes did not meet, %zu on the processor", s.cut - was.cut, s.torn - was.torn, s.host - was.host);
        report(!*detail, "long tickers", formulas[f], detail);
        free(values);
        drop(&items.at[before]);
        items.n = before;
    }
    gp_accel_close(a);
    gp_accel_close(none);
    free(price);
    free(date);
}

int main(int argc, char **argv)
{
    uint64_t seed = 1;
    int count = RANDOM, numbers = 0;
    bool mock = false, compile_only = false, rows = false, random_only = false, pieces = false;
    const char *kept = NULL;
    int warm = -1;
    if (argc > 1 && strcmp(argv[1], "--source") == 0) return print_source(argv + 2, argc - 2);
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
        } else if (strcmp(argv[k], "--warm") == 0 && k + 1 < argc) {
            warm = atoi(argv[++k]);
        } else if (strcmp(argv[k], "--variants") == 0) {
            pieces = true;
        } else if (strcmp(argv[k], "--compile-only") == 0) {
            compile_only = true;
        } else if (strcmp(argv[k], "--rows") == 0) {
            rows = true;
        } else if (strcmp(argv[k], "--random-only") == 0) {
            random_only = true;
        } else if (numbers++ == 0) {
            seed = strtoull(argv[k], NULL, 10);
        } else {
            count = atoi(argv[k]);
        }
    }
    if (compile_only) unsetenv("GOLDPIT_NVRTC");
    snprintf(cache, sizeof cache, P_tmpdir "/goldpit-accel-XXXXXX");
    if (!kept && !mkdtemp(cache)) return 1;
    setenv("XDG_CACHE_HOME", kept ? kept : cache, 1);
    unsetenv("GOLDPIT_MOCK");
    printf("programs on a device, seed %llu, %d random formulas of two kinds\n", (unsigned long long)seed, count);
    if (mock && system("command -v \"${CC:-cc}\" >/dev/null 2>&1") != 0) {
        printf("skip accel: no C compiler\n0 passed, 0 failed, 1 skipped\n");
        return 0;
    }
    gp_accel *a = open_with("fused");
    if (!gp_accel_ready(a)) {
        printf("skip accel: %s\n0 passed, %d failed, 1 skipped\n", gp_accel_said(a), mock && !compile_only);
        return mock && !compile_only;
    }
    printf("%s\n", gp_accel_said(a));
    if (warm >= 0) {
        const gp_ready *made = gp_accel_interpreter(a, (gp_interp_variant)warm);
        report(made != NULL, "interpreter", "", gp_accel_refusal(a));
        printf("interpreter, variant %d: %.1f s\n%d passed, %d failed, 0 skipped\n", warm, gp_accel_counts(a).compile_s, passed, failed);
        gp_accel_close(a);
        return failed ? 1 : 0;
    }
    const char *variant = getenv("GOLDPIT_ACCEL_VARIANT");
    no_hashes = variant && strstr(variant, "span=");
    any_program = true;
    add_sweeps();
    const item sweep = items.at[0];
    sweep_item = (item *)(uintptr_t)&sweep;
    for (size_t k = 0; k < sizeof in_two / sizeof *in_two; k++) add_text(in_two[k], (gp_compile_opts){0});
    if (!random_only) add_formulas();
    if (!random_only) add_golden(mock && !compile_only ? SOME : 1);
    add_files(seed);
    if (rows) add_rows(seed);
    const size_t fixed = items.n;
    add_random(seed, count);
    printf("random programs: %zu\n", items.n - fixed);
    for (size_t k = MAX_SETS; mock && k < items.n; k++) { /* kernels of one set each compile together, which is most of the time */
        for (int s = k % 5 ? 1 : MAX_SETS; s < items.at[k].n_sets; s++) {
            gp_program_free(items.at[k].set[s]);
            gp_formula_free(items.at[k].formula[s]);
            items.at[k].set[s] = NULL, items.at[k].formula[s] = NULL;
        }
        if (k % 5) items.at[k].n_sets = 1;
    }
    make_market(seed);
    for (int k = 0; k < 2; k++) {
        if (k) a = open_with("interpreter"); /* one after the other: the mock has one device */
        run_all(a, compile_only);
        const gp_accel_stats s = gp_accel_counts(a);
        report(gp_accel_ready(a), kernels, "at the end", gp_accel_said(a));
        gp_accel_close(a);
        printf("%s: %d lanes on the device, %d on the processor, %zu sources compiled in %.1f s, %zu launches, kernels %.1f s\n", kernels, device_lanes,
               host_lanes, s.compiled, s.compile_s, s.launches, s.kernel_s);
        device_lanes = host_lanes = 0;
    }
    report(compile_only || splits >= (int)(sizeof in_two / sizeof *in_two), "programs in two parts", "", "too few");
    printf("%zu programs, %d of them in two parts\n", items.n, splits / 2);
    pieces |= !random_only && !variant;
    if (!compile_only && pieces) long_tickers();
    if (!compile_only && pieces) forced_kernels();
    if (mock && !compile_only) {
        scenarios();
        many_sets();
        costs();
        threads();
        scenarios_interpreted();
        threads();
        if (!random_only) choices();
    }
    for (size_t k = 0; k < items.n; k++) drop(&items.at[k]);
    for (size_t k = 0; k < files.n; k++) free(files.at[k]);
    gp_vec_free(&items);
    gp_vec_free(&files);
    if (!kept) clear_cache(), rmdir(cache);
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
