/* Programs for the tests of generated kernels: every row of the registry in random calls and its example, random formulas full of what the
 * compiler rewrites, random formulas of the naive evaluator with their switches, the formula library, the golden formulas, and sweeps of
 * several sets of parameters.  And the market they run over, with what the machine makes of it. */
#ifndef GP_TESTS_PROGRAMS_H
#define GP_TESTS_PROGRAMS_H
#include <dirent.h>
#include <stdio.h>
#include "accel/tile.h"
#include "base/file.h"
#include "base/vec.h"
#include "calls.h"
#include "parser/library.h"
#define CHAIN_RANDOM(below) (next_random() % (uint32_t)(below))
#include "chains.h"
#include "naive/cases.h"

enum { OUTPUTS = 6, TICKERS = 11, MAX_SETS = 4, PER_FILE = 220 };
static int passed, failed, skipped, refused;
static bool any_program; /* also those that no kernel can be made of, and sets that need several kernels */

static void report(bool ok, const char *what, const char *formula, const char *detail)
{
    if (ok) {
        passed++;
        return;
    }
    if (failed++ < 40) printf("FAIL %s: %s: %s\n", what, formula, detail ? detail : "");
}

/* ---- programs ---- */

typedef struct item {
    char *title;                 /* the formula, or its file */
    gp_formula *formula[MAX_SETS];
    gp_library *library;
    gp_program *set[MAX_SETS];
    int n_sets;
    gp_fused f, cut;             /* cut: of the kernel for pieces of time, where there is one */
    int warm;                    /* bars a piece begins before its own; -1: it cannot be cut */
    bool exact;
} item;
static GP_VEC(item) items;
static GP_VEC(char *) files;     /* formula files, for references between them */

static char *copy(const char *z)
{
    return gp_xstrndup(z, strlen(z));
}

static bool find_file(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    (void)ctx;
    for (size_t k = 0; k < files.n; k++) {
        const char *slash = strrchr(files.at[k], '/'), *base = slash ? slash + 1 : files.at[k];
        gp_file file;
        if (!gp_str_ieq(name, (gp_str){base, strlen(base) - 4}) || gp_file_open(files.at[k], &file)) continue;
        gp_buf_add(text, file.p, file.n);
        gp_buf_addz(shown, files.at[k]);
        gp_file_close(&file);
        return true;
    }
    return false;
}

static bool find_case(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    if (!gp_str_ieqz(name, "LIB")) return false;
    case_library_text(ctx, text);
    gp_buf_addz(shown, "lib.tdx");
    return true;
}

static void drop(item *it)
{
    for (int s = 0; s < MAX_SETS; s++) {
        gp_program_free(it->set[s]);
        gp_formula_free(it->formula[s]);
    }
    gp_library_free(it->library);
    gp_fused_fini(&it->f);
    gp_fused_fini(&it->cut);
    free(it->title);
}

/* Adds a formula with its parameter sets (NULL: one set, as the formula says). */
static bool add(const char *title, const char *text, size_t n, gp_compile_opts opts, bool (*find)(void *, gp_str, gp_buf *, gp_buf *), void *ctx,
                const double (*params)[16], int n_sets)
{
    item it = {.title = copy(title), .n_sets = n_sets, .exact = opts.exact_compare, .warm = -1};
    gp_diags d = {0};
    const char *why = NULL;
    bool ok = true;
    opts.facts = (gp_run_facts){.date = 20240614, .time = 100000};
    opts.no_draw_texts = true;
    it.library = find ? gp_library_new(find, NULL, ctx) : NULL;
    for (int s = 0; s < n_sets && ok; s++) {
        gp_compile_opts o = opts;
        it.formula[s] = gp_formula_parse(title, text, n, GP_ENC_AUTO, &d);
        it.formula[s]->library = it.library;
        if (params) o.params = params[s];
        it.set[s] = d.errors == 0 && gp_formula_resolve(it.formula[s], &d) ? gp_compile(it.formula[s], &o, &d) : NULL;
        ok = it.set[s] != NULL;
    }
    if (!ok) {
        const char *message = "";
        for (size_t k = 0; k < d.n; k++)
            if (d.at[k].severity == GP_ERROR) message = d.at[k].message;
        report(false, "compile", title, message);
    }
    gp_diags_fini(&d);
    int externals = 0;
    if (ok) gp_program_externals(it.set[0], &externals);
    if (ok && (externals > EXTERNALS || (!gp_fuse_can(it.set[0], &why) && !any_program))) {
        if (why) report(strlen(why) > 8, "a reason", title, "");
        refused++;
        ok = false;
    }
    for (int s = 1; s < n_sets && ok && !any_program; s++)
        if (!gp_fuse_same(it.set[0], it.set[s])) it.n_sets = s, s = n_sets; /* the others would be kernels of their own */
    if (ok) gp_vec_push(&items, it);
    else drop(&it);
    return ok;
}

static void add_text(const char *text, gp_compile_opts opts)
{
    add(text, text, strlen(text), opts, NULL, NULL, NULL, 1);
}

static bool is_callable(const gp_builtin *b)
{
    return b->shape != GP_SHAPE_CONTROL && b->shape != GP_SHAPE_NONE && b->shape != GP_SHAPE_DRAW && b->shape != GP_SHAPE_TEXT &&
           b->shape != GP_SHAPE_FEED && !(b->flags & GP_ROW_INTERNAL);
}

static void add_rows(uint64_t seed)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        if (b->example[0] && b->shape != GP_SHAPE_CONTROL && b->id != GP_B_CALCSTOCKINDEX) { /* that one needs another formula */
            gp_buf text = {0};
            const char *last = strrchr(b->example, ';');
            gp_buf_add(&text, b->example, last ? (size_t)(last - b->example) + 1 : 0);
            gp_buf_printf(&text, "EXAMPLE_:%s;", last ? last + 1 : b->example);
            add_text(text.p, (gp_compile_opts){0});
            gp_buf_free(&text);
        }
        if (!is_callable(b)) continue;
        /* all variants of a row in one formula: fewer functions to compile */
        gp_buf text = {0};
        rng = seed * 1000003u + (uint64_t)b->id * 97u;
        for (int variant = 0; variant < 12; variant++) {
            gp_buf call = {0};
            if (add_call(b, variant, &call)) gp_buf_printf(&text, "X%d%s\n", variant, call.p + 1);
            gp_buf_free(&call);
        }
        if (text.n) add_text(text.p, (gp_compile_opts){0});
        gp_buf_free(&text);
    }
}

static void add_random(uint64_t seed, int count)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    row_table rows = {.at = calloc((size_t)n, sizeof *rows.at)};
    for (int k = 0; k < n; k++)
        if (is_callable(&all[k]) && naive_find(all[k].name)) rows.at[rows.n++] = &all[k];
    for (int k = 0; k < count; k++) {
        gp_buf text = {0};
        rng = seed * 7919 + (uint64_t)k * 104729 + 5;
        for (int j = 0; j < OUTPUTS; j++) gp_buf_printf(&text, "X%d:", j), add_expression(&text), gp_buf_addz(&text, ";\n");
        add_text(text.p, (gp_compile_opts){0});
        gp_buf_free(&text);
        static test_case t;
        gp_buf naive = {0};
        case_random(&t, seed * 1000003u + (uint64_t)k, &rows);
        case_text(&t, &naive);
        if (naive.n)
            add(naive.p, naive.p, naive.n, (gp_compile_opts){.exact_compare = t.exact_compare, .f32 = t.f32, .null_true = t.null_true}, find_case, &t, NULL, 1);
        gp_buf_free(&naive);
        case_free(&t);
    }
    free(rows.at);
}

/* Every so many of a folder's files with this ending; false: there is no such folder. */
static bool add_folder(const char *folder, const char *ending, int every)
{
    struct dirent **names = NULL;
    const int n = scandir(folder, &names, NULL, alphasort);
    for (int k = 0, of = 0; k < n; k++) {
        const char *dot = strrchr(names[k]->d_name, '.');
        if (dot && strcmp(dot, ending) == 0 && of++ % every == 0) {
            gp_buf path = {0};
            gp_buf_printf(&path, "%s/%s", folder, names[k]->d_name);
            gp_vec_push(&files, path.p);
        }
        free(names[k]);
    }
    free(names);
    if (n < 0) {
        printf("skip formulas: %s is not here\n", folder);
        skipped++;
    }
    return n >= 0;
}

/* The folder of the sources: $GOLDPIT_SOURCE, for programs that were carried to another machine, or what they were built from. */
static const char *source_folder(void)
{
    const char *own = getenv("GOLDPIT_SOURCE");
    return own && *own ? own : GOLDPIT_SOURCE_DIR;
}

static void add_formulas(void)
{
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/formulas", source_folder());
    const size_t before = files.n;
    if (add_folder(path.p, ".tdx", 1)) report(files.n > before, "library", path.p, "no formulas");
    gp_buf_free(&path);
}

static const char *golden_folder;             /* NULL: beside the sources */
static size_t golden_first, golden_end;       /* of files */
static int golden_n;                          /* that became programs */

static void add_golden(int every)
{
    gp_buf path = {0};
    if (golden_folder) gp_buf_addz(&path, golden_folder);
    else gp_buf_printf(&path, "%s/../shared/golden/formulas", source_folder());
    golden_first = files.n;
    if (add_folder(path.p, ".txt", every)) report(files.n > golden_first, "golden formulas", path.p, "there are none");
    golden_end = files.n;
    gp_buf_free(&path);
}

/* Each file as it is, and where it has parameters, several sets of them. */
static void add_files(uint64_t seed)
{
    for (size_t k = 0; k < files.n; k++) {
        gp_file file;
        gp_diags d = {0};
        double sets[MAX_SETS][16];
        if (gp_file_open(files.at[k], &file)) continue;
        gp_formula *f = gp_formula_parse(files.at[k], file.p, file.n, GP_ENC_AUTO, &d);
        const int n = f ? f->n_params : 0;
        rng = seed * 31 + k;
        for (int s = 0; s < MAX_SETS; s++)
            for (int j = 0; j < n && j < 16; j++) sets[s][j] = s ? f->params[j].value + next_random() % 9 : f->params[j].value;
        gp_diags_fini(&d);
        gp_formula_free(f);
        if (n <= 16 && add(files.at[k], file.p, file.n, (gp_compile_opts){0}, find_file, NULL, n ? sets : NULL, n ? MAX_SETS : 1))
            golden_n += k >= golden_first && k < golden_end;
        gp_file_close(&file);
    }
    if (golden_end > golden_first) {
        printf("golden formulas: %d of %zu taken\n", golden_n, golden_end - golden_first);
        report(golden_n > 0, "golden formulas", "", "none became a program");
    }
}

static void add_sweeps(void)
{
    static const double sets[MAX_SETS][16] = {{5, 20, 1.5}, {7, 60, 2.5}, {200, 3, 100}, {1, 240, 0.25}};
    static const char *const of[] = {"X:MA(C,P1)>MA(C,P2) AND C>MA(C,P1)*P3;", "X:SMA(C,P2+2,1)*P3;Y:REF(C,P1)-P3;Z:HHV(H,P1)-LLV(L,P2);",
                                     "X:STD(C,P1)*P3+WMA(C,P2);", "X:COUNT(C>O,P1)>P3;Y:EMA(C,P1)-EMA(C,P2);Z:AVEDEV(C,P1);W:CROSS(C,P3);"};
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        gp_buf text = {0};
        gp_buf_printf(&text, "{@param P1 5 1 300}\n{@param P2 20 1 300}\n{@param P3 1.5 0 200}\n%s", of[k]);
        const size_t before = items.n;
        if (add(text.p, text.p, text.n, (gp_compile_opts){0}, NULL, NULL, sets, MAX_SETS))
            report(items.at[before].n_sets > 1, "sets share a kernel", of[k], "they do not");
        gp_buf_free(&text);
    }
}

/* ---- the market ---- */

static quotes market[TICKERS];
static gp_lane lanes[TICKERS];
static const double *ext[TICKERS][EXTERNALS];
static int32_t times[BARS];

static void make_market(uint64_t seed)
{
    static const int length[TICKERS] = {BARS, 0, 1, 2, 17, 64, 65, 128, 150, 229, BARS};
    rng = seed * 17 + 3;
    for (int i = 0; i < BARS; i++) times[i] = 93000 + i % 4 * 10000 + i % 6 * 500;
    for (int k = 0; k < TICKERS; k++) {
        make_quotes(&market[k], length[k], k % 4 != 0);
        lanes[k] = lane_of(&market[k], length[k], ext[k]);
        if (k % 3 == 1) lanes[k].time = times, lanes[k].period = 1;
        if (k % 2) lanes[k].code = GP_STR("000001"), lanes[k].market = GP_STR("SZ");
    }
}

/* The machine's values of set s: y[(row * TICKERS + ticker) * BARS + bar]. */
static void run_machine(const gp_program *p, double *y)
{
    const int rows = gp_program_n_slots(p);
    gp_vm *vm = gp_vm_new(p, NULL);
    double **out = gp_xcalloc((size_t)rows * GP_VM_LANES + 1, sizeof *out);
    for (int first = 0; first < TICKERS; first += GP_VM_LANES) {
        gp_lane some[GP_VM_LANES];
        const int n = TICKERS - first < GP_VM_LANES ? TICKERS - first : GP_VM_LANES;
        for (int l = 0; l < n; l++) {
            some[l] = lanes[first + l];
            some[l].out = out + l * rows;
            for (int r = 0; r < rows; r++) out[l * rows + r] = y + ((size_t)r * TICKERS + (size_t)(first + l)) * BARS;
        }
        gp_vm_run(vm, some, n);
    }
    gp_vm_free(vm);
    free(out);
}

#endif
