/* Generated kernels (src/accel/fuse.c) against the machine, bit for bit: their source is compiled as C and run on this processor.
 * Programs: every row of the registry in random calls and its example, random formulas full of what the compiler rewrites,
 * random formulas of the naive evaluator with their switches, the formula library, the golden formulas, and sweeps of several
 * sets of parameters in one kernel.  Every program runs over several tickers at once, with random room for windows in local memory.
 * Compared are the values, the hash of their bytes and the bits where they are true; memory is guarded at its ends.
 * Needs a C compiler at test time ($CC or cc).  The last line is "N passed, N failed, N skipped".
 *
 *   prop_fused [--all] [SEED [RANDOM [FOLDER]]]     --all: all golden formulas, not one of SOME; RANDOM: how many random formulas; FOLDER:
 *     where the sources stay */
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>
#include "accel/cut.h"
#include "programs.h"

enum { RANDOM = 150, SOME = 5 };
static int kernels_n, cut_n, again_n, met[2], torn[2]; /* [1]: with less warm-up than they need */

/* ---- compiling ---- */

/* The source of items from..to-1 with the given switch; false when there is none of them. */
static bool write_source(const char *path, size_t from, size_t to, bool exact)
{
    gp_fuse_steps steps = {0};
    gp_buf kernels = {0}, source = {0};
    for (size_t k = from; k < to; k++) {
        item *it = &items.at[k];
        char name[32];
        if (it->exact != exact) continue;
        snprintf(name, sizeof name, "fused_%zu", k);
        rng = k * 77;
        const gp_fuse_opts o = {.name = name, .local_one = k % 3 ? 0 : 1 + (int)(next_random() % 60),
                                .shared = k % 2 ? next_random() % 600 : 0};
        if (!gp_fuse_kernel((const gp_program *const *)it->set, it->n_sets, &o, &it->f, &steps, &kernels)) report(false, "source", it->title, "none");
        kernels_n++;
        again_n += it->f.again;
        const gp_fuse_opts cut = {.name = name, .local_one = o.local_one, .shared = o.shared, .cut = true};
        const char *why, *of;
        it->warm = gp_cut_warm((const gp_program *const *)it->set, it->n_sets, &why, &of);
        snprintf(name, sizeof name, "cut_%zu", k);
        if (it->warm >= 0 && !gp_fuse_kernel((const gp_program *const *)it->set, it->n_sets, &cut, &it->cut, &steps, &kernels))
            report(false, "source in pieces", it->title, "none");
        if (it->warm < 0) report(strlen(why) > 8, "a reason for one piece", it->title, "");
        cut_n += it->warm >= 0;
    }
    const bool any = kernels.n > 0;
    if (any) {
        gp_fuse_prelude(&steps, exact, &source);
        gp_buf_add(&source, kernels.p, kernels.n);
        FILE *out = fopen(path, "w");
        if (out) fwrite(source.p, 1, source.n, out), fclose(out);
    }
    gp_buf_free(&kernels);
    gp_buf_free(&source);
    return any;
}

static pid_t compiler(const char *cc, const char *source, const char *library)
{
    const pid_t pid = fork();
    if (pid != 0) return pid;
    execlp(cc, cc, "-std=gnu11", "-O0", "-ffp-contract=off", "-w", "-fPIC", "-shared", "-I", GOLDPIT_SOURCE_DIR "/src", "-o", library, source, "-lm", (char *)NULL);
    _exit(127);
}

/* ---- running ---- */

static const double guard = 987654.321;

static double *guarded(size_t n)
{
    double *p = gp_xcalloc(n + 2, sizeof *p);
    p[0] = p[n + 1] = guard;
    for (size_t k = 0; k < n; k++) p[k + 1] = 3.25e99; /* nothing may be taken for 0 */
    return p + 1;
}

static bool intact(double *p, size_t n)
{
    return p[-1] == guard && p[n] == guard;
}

static void compare(const item *it, int set, const double *want, const gp_fused_args *a, char *detail, size_t room)
{
    const gp_cut cut = {a->pieces, a->span, a->warm};
    for (int r = 0; r < it->f.n_rows && !*detail; r++)
        for (int k = 0; k < TICKERS && !*detail; k++) {
            const int g = set * TICKERS + k - a->first;
            if (g < 0 || g >= a->lanes) continue;
            if (a->meet && !gp_cut_meets(&cut, a->meet, a->lanes, g, lanes[k].n)) continue; /* run again in one piece */
            uint64_t hash = GP_HASH_START;
            for (int i = 0; i < lanes[k].n && !*detail; i++) {
                const double x = want[((size_t)r * TICKERS + (size_t)k) * BARS + (size_t)i], y = a->out[((size_t)r * (size_t)a->cap + (size_t)i) * (size_t)a->lanes + (size_t)g];
                const bool bit = (a->bits[((size_t)r * (size_t)((a->cap + 31) / 32) + (size_t)i / 32) * (size_t)a->lanes + (size_t)g] >> (i & 31)) & 1;
                if (gp_hash_value(1, x) != gp_hash_value(1, y))
                    snprintf(detail, room, "set %d, ticker %d, result %d, bar %d: %.17g, not %.17g", set, k, r, i, y, x);
                else if (bit != (bool)gp_true(x))
                    snprintf(detail, room, "set %d, ticker %d, result %d, bar %d: bit %d of %.17g", set, k, r, i, bit, x);
                hash = gp_hash_value(hash, x);
            }
            if (!*detail && a->hash && hash != a->hash[(size_t)r * (size_t)a->lanes + (size_t)g]) snprintf(detail, room, "set %d, ticker %d, result %d: hash", set, k, r);
        }
}

static void count_met(const item *it, const gp_fused_args *a)
{
    const gp_cut cut = {a->pieces, a->span, a->warm};
    for (int g = 0; g < a->lanes; g++) {
        const int n = lanes[(a->first + g) % TICKERS].n;
        if (n <= a->span) continue;
        if (gp_cut_meets(&cut, a->meet, a->lanes, g, n)) met[a->warm < it->warm]++;
        else torn[a->warm < it->warm]++;
    }
}

/* All lanes from `first` on; pieces of `span` bars, or in one (0). */
static void run_kernel(const item *it, void (*kernel)(const gp_fused_args *), const gp_tile *tile, const double *facts, int first, int n_lanes, int span, int warm,
                       double *want, char *detail, size_t room)
{
    const gp_fused *f = span ? &it->cut : &it->f;
    gp_fused_args a = {.quotes = tile->quotes, .facts = facts, .bars = tile->bars, .numbers = f->numbers, .lengths = f->lengths, .cap = tile->cap,
                       .tickers = TICKERS, .first = first, .lanes = n_lanes, .pieces = 1, .rows = tile->cap};
    if (span) a.span = span, a.warm = warm, a.pieces = (a.cap + span - 1) / span;
    if (span && span + warm < a.cap) a.rows = span + warm;
    if (!gp_tile_columns(tile, f, a.column)) snprintf(detail, room, "a column is missing");
    const size_t n = (size_t)a.lanes, rows = (size_t)f->n_rows, cap = (size_t)a.cap, seats = n * (size_t)a.pieces;
    const size_t scratch = gp_fused_scratch(f, a.rows) * seats, flat = gp_fused_flat(f, a.cap) * seats;
    a.scratch = guarded(scratch);
    a.flat = guarded(flat);
    a.out = guarded(rows * cap * n);
    if (!span) a.hash = gp_xcalloc(rows * n + 1, sizeof *a.hash);
    else a.meet = gp_xcalloc(2 * seats + 1, sizeof *a.meet);
    a.bits = gp_xcalloc(rows * ((cap + 31) / 32) * n + 1, sizeof *a.bits);
    if (a.lanes) kernel(&a);
    if (!intact(a.scratch, scratch) || !intact(a.flat, flat) || !intact(a.out, rows * cap * n)) snprintf(detail, room, "wrote beyond its memory");
    for (int s = 0; s < it->n_sets && !*detail; s++) {
        run_machine(it->set[s], want);
        compare(it, s, want, &a, detail, room);
    }
    if (span) count_met(it, &a);
    free(a.scratch - 1);
    free(a.flat - 1);
    free(a.out - 1);
    free(a.hash);
    free(a.bits);
    free(a.meet);
}

static void check(const item *it, void (*kernel)(const gp_fused_args *), void (*cut)(const gp_fused_args *))
{
    char detail[300] = "";
    gp_tile tile;
    double *facts = gp_tile_facts(it->set[0], lanes, TICKERS);
    gp_tile_pack(&tile, it->f.column, it->f.n_columns, lanes, TICKERS);
    const int all = TICKERS * it->n_sets, some = (int)(next_random() % (uint32_t)all);
    double *want = gp_xcalloc((size_t)it->f.n_rows * TICKERS * BARS + 1, sizeof *want);
    run_kernel(it, kernel, &tile, facts, 0, some, 0, 0, want, detail, sizeof detail); /* as when there is memory for some of the lanes only */
    run_kernel(it, kernel, &tile, facts, some, all - some, 0, 0, want, detail, sizeof detail);
    report(!*detail, "kernel", it->title, detail);
    *detail = 0;
    for (int less = 0; less < 2 && cut && !*detail; less++) /* with less: what does not meet is noticed */
        run_kernel(it, cut, &tile, facts, 0, all, 32 * (1 + (int)(next_random() % 3)), less ? (int)(next_random() % (uint32_t)(it->warm + 1)) : it->warm,
                   want, detail, sizeof detail);
    report(!*detail, "kernel in pieces", it->title, detail);
    free(want);
    free(facts);
    gp_tile_fini(&tile);
}

static void check_library(const char *path, size_t from, size_t to, bool exact)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        report(false, "load", path, dlerror());
        return;
    }
    for (size_t k = from; k < to; k++) {
        char name[32];
        if (items.at[k].exact != exact) continue;
        snprintf(name, sizeof name, "fused_%zu", k);
        void (*kernel)(const gp_fused_args *) = NULL, (*cut)(const gp_fused_args *) = NULL;
        *(void **)&kernel = dlsym(library, name);
        snprintf(name, sizeof name, "cut_%zu", k);
        *(void **)&cut = dlsym(library, name);
        if (kernel) check(&items.at[k], kernel, cut);
        else report(false, "kernel", items.at[k].title, "is not in the library");
    }
    dlclose(library);
}

/* Doubles a bar that a lane reads of the tile, and that go to its windows and come back, counted by hand. */
static void reckon(void)
{
    static char full[2000] = "X:HHV(H,5)"; /* so many averages that no register is left for five bars */
    for (int k = 2; k < 60; k++) snprintf(full + strlen(full), sizeof full - strlen(full), "+SMA(C,%d,1)", k);
    strcat(full, ";");
    static const struct { const char *text; double quotes, kept; int again; } each[] = {
        {"X:MA(C,20);", 2, 2, 1}, {"X:MA(C+O,20);", 2, 4, 0}, {"X:STD(C,20);", 2, 4, 1}, {"X:STD(C*O,20);", 2, 6, 0}, {"X:REF(C,20);", 2, 0, 1}, {"X:REF(C*O,20);", 2, 2, 0},
        {"X:HHV(H,5);", 1, 0, 0}, {full, 3, 2, 1}, {"X:HHVBARS(H,30)+LLV(L,10);", 4, 6, 2}, {"X:SUM(V,0);", 1, 0, 0}, {"X:AVEDEV(C,14);", 1, 0, 1}, {"X:AVEDEV(C+O,14);", 2, 1, 0}};
    for (size_t k = 0; k < sizeof each / sizeof *each; k++) {
        char detail[100];
        const size_t before = items.n;
        gp_fuse_steps steps = {0};
        gp_buf text = {0};
        gp_fused f = {0};
        add_text(each[k].text, (gp_compile_opts){0});
        if (items.n > before) gp_fuse_kernel((const gp_program *const *)items.at[before].set, 1, &(gp_fuse_opts){.name = "k"}, &f, &steps, &text);
        snprintf(detail, sizeof detail, "%g of quotes, %g of windows, %d read again", f.quotes, f.kept, f.again);
        report(f.quotes == each[k].quotes && f.kept == each[k].kept && f.again == each[k].again, "reckoned", each[k].text, detail);
        gp_fused_fini(&f);
        gp_buf_free(&text);
        if (items.n > before) drop(&items.at[before]);
        items.n = before;
    }
}

int main(int argc, char **argv)
{
    const bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    if (all) argc--, argv++;
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    const int count = argc > 2 ? atoi(argv[2]) : RANDOM;
    const char *cc = getenv("CC") && *getenv("CC") ? getenv("CC") : "cc";
    char folder[] = P_tmpdir "/goldpit-fused-XXXXXX", path[4200];
    printf("generated kernels, seed %llu, %d random formulas of two kinds\n", (unsigned long long)seed, count);
    snprintf(path, sizeof path, "command -v '%s' >/dev/null 2>&1", cc);
    if (strchr(cc, '\'') || system(path) != 0) {
        printf("skip fused: no C compiler\n0 passed, 0 failed, 1 skipped\n");
        return 0;
    }
    const char *at = argc > 3 ? argv[3] : mkdtemp(folder);
    reckon();
    add_formulas();
    const size_t library = files.n;
    add_golden(all ? 1 : SOME);
    add_files(seed);
    add_rows(seed);
    add_random(seed, count);
    add_sweeps();
    make_market(seed);
    struct part { size_t from, to; bool exact; pid_t pid; char source[4200], library[4200]; } *parts = calloc(2 * (items.n / PER_FILE + 1), sizeof *parts);
    int n = 0, running = 0;
    for (size_t from = 0; from < items.n; from += PER_FILE)
        for (int exact = 0; exact < 2; exact++) {
            struct part *p = &parts[n];
            *p = (struct part){.from = from, .to = from + PER_FILE < items.n ? from + PER_FILE : items.n, .exact = exact};
            snprintf(p->source, sizeof p->source, "%s/fused%d.c", at, n);
            snprintf(p->library, sizeof p->library, "%s/fused%d.so", at, n);
            if (!write_source(p->source, p->from, p->to, p->exact)) continue;
            if (running == 2) wait(NULL), running--; /* two at a time */
            p->pid = compiler(cc, p->source, p->library);
            running++;
            n++;
        }
    while (wait(NULL) > 0) continue;
    for (int k = 0; k < n; k++) {
        check_library(parts[k].library, parts[k].from, parts[k].to, parts[k].exact);
        if (argc <= 3) unlink(parts[k].source), unlink(parts[k].library);
    }
    if (argc <= 3) rmdir(at);
    printf("%d kernels, %d formulas of the library, %d programs refused with a reason\n", kernels_n, (int)library, refused);
    printf("%d windows, delays and histories that read a column of the tile again\n", again_n);
    printf("%d of them cut in time as well: %d lanes whose pieces meet, %d that would run again; with less warm-up %d, %d\n", cut_n,
           met[0], torn[0], met[1], torn[1]);
    report(cut_n > 100 + count / 4 && met[0] > 10 * torn[0] && met[1] > 0 && torn[1] > 0, "enough lanes in pieces", "", "too few");
    report(kernels_n > 300 + count && library > 60, "enough kernels", "", "too few");
    report(again_n > 300, "enough columns that are read again", "", "too few");
    for (size_t k = 0; k < items.n; k++) drop(&items.at[k]);
    for (size_t k = 0; k < files.n; k++) free(files.at[k]);
    gp_vec_free(&items);
    gp_vec_free(&files);
    free(parts);
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
