/* Formula text, a zero byte, then bytes that become quotes: run in one piece and in pieces, alone and beside other tickers.  Every way
 * must give the same bits. */
#include <math.h>
#include "eval/vm.h"
#include "fuzz.h"

enum { BARS = 70 };

typedef struct quotes {
    int n;
    double v[6][BARS]; /* O H L C V A */
    int32_t date[BARS], time[BARS];
    bool intraday;
} quotes;

static void make_quotes(quotes *q, const uint8_t *p, size_t n)
{
    static const double odd[] = {NAN, 0, 1e30, -1e30, 1e-30, 1e-5, -0.0, 99999999, -1, 1e-6};
    int cents = 1000;
    q->intraday = n > 0 && p[0] % 4 == 3;
    q->n = n < 4 ? 20 : (int)(n / 3) < BARS ? (int)(n / 3) : BARS;
    for (int i = 0; i < q->n; i++) {
        const uint8_t a = n ? p[(size_t)(3 * i) % n] : 7, b = n ? p[(size_t)(3 * i + 1) % n] : (uint8_t)(i * 37), c = n ? p[(size_t)(3 * i + 2) % n] : 50;
        cents += (b % 41) - 20;
        if (cents < 10) cents = 10;
        q->v[3][i] = cents / 100.0;
        q->v[0][i] = (cents + a % 5 - 2) / 100.0;
        q->v[1][i] = (cents + 3 + a % 3) / 100.0;
        q->v[2][i] = (cents - 3 - b % 3) / 100.0;
        q->v[4][i] = c * 100.0;
        q->v[5][i] = q->v[4][i] * q->v[3][i];
        if (a > 200) q->v[a % 6][i] = odd[b % (sizeof odd / sizeof *odd)];
        if (c > 245) q->v[0][i] = q->v[1][i] = q->v[2][i] = q->v[3][i];
        q->date[i] = 20240101 + (i % 28) + i / 28 * 100;
        q->time[i] = 93000 + i % 30 * 100;
        if (q->intraday) q->date[i] = 20240101 + i / 30;
    }
}

static gp_lane lane_of(const quotes *q, int n, const double *const *ext, const gp_str *texts)
{
    return (gp_lane){.n = n, .open = q->v[0], .high = q->v[1], .low = q->v[2], .close = q->v[3], .vol = q->v[4], .amount = q->v[5], .date = q->date,
                     .time = q->intraday ? q->time : NULL, .period = q->intraday ? 0 : 5, .code = GP_STR("600000"), .name = GP_STR("浦发银行"), .ext = ext,
                     .ext_text = texts};
}

typedef struct run { double *y; double **slot; int n_slots, n_texts; gp_buf *text; } run;

static run run_program(const gp_program *p, const quotes *q, int block, int at, bool others)
{
    run r = {.n_slots = gp_program_n_slots(p), .n_texts = gp_program_n_texts(p)};
    int n_ext;
    gp_program_externals(p, &n_ext);
    const double **ext = calloc((size_t)n_ext + 1, sizeof *ext);
    gp_str *texts = calloc((size_t)n_ext + 1, sizeof *texts);
    for (int k = 0; k < n_ext; k++) ext[k] = k % 3 ? q->v[k % 6] : NULL, texts[k] = GP_STR("文");
    r.y = calloc((size_t)r.n_slots * BARS + 1, sizeof *r.y);
    r.slot = calloc((size_t)r.n_slots + 1, sizeof *r.slot);
    r.text = calloc((size_t)r.n_texts + 1, sizeof *r.text);
    for (int k = 0; k < r.n_slots; k++) r.slot[k] = r.y + k * BARS;
    gp_lane lane[GP_VM_LANES];
    for (int l = 0; l < at; l++) lane[l] = lane_of(q, q->n > 2 * l ? q->n - 2 * l : 0, ext, texts);
    lane[at] = lane_of(q, q->n, ext, texts);
    lane[at].out = r.slot;
    int n = at + 1;
    if (others && n < GP_VM_LANES) lane[n] = lane_of(q, q->n / 2, ext, texts), n++;
    gp_vm *vm = gp_vm_new(p, &(gp_vm_opts){.block = block});
    gp_vm_run(vm, lane, n);
    for (int t = 0; t < r.n_texts; t++) gp_buf_addz(&r.text[t], gp_vm_text(vm, at, t));
    gp_vm_free(vm);
    free(ext);
    free(texts);
    return r;
}

static void end_run(run *r)
{
    for (int t = 0; t < r->n_texts; t++) gp_buf_free(&r->text[t]);
    free(r->text);
    free(r->slot);
    free(r->y);
}

static void same(const run *a, const run *b, int n, const char *how)
{
    for (int k = 0; k < a->n_slots; k++)
        for (int i = 0; i < n; i++) {
            const double x = a->slot[k][i], y = b->slot[k][i];
            FUZZ_CHECK(x == y || (isnan(x) && isnan(y)), "result %d bar %d: %.17g, but %.17g %s", k, i, x, y, how);
            FUZZ_CHECK(!isinf(x), "result %d bar %d is infinite", k, i);
        }
    for (int t = 0; t < a->n_texts; t++) FUZZ_CHECK(strcmp(a->text[t].p, b->text[t].p) == 0, "text %d: %s, but %s %s", t, a->text[t].p, b->text[t].p, how);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    const uint8_t *end = memchr(p, 0, n);
    const size_t text = end ? (size_t)(end - p) : n;
    static quotes q;
    gp_library *l = gp_library_new(fuzz_library_find, NULL, NULL);
    gp_diags d = {0};
    gp_formula *f = gp_formula_parse("fuzz", (const char *)p, text, GP_ENC_UTF8, &d);
    f->library = l;
    if (gp_formula_resolve(f, &d)) {
        const size_t left = end ? n - text - 1 : 0;
        make_quotes(&q, end ? end + 1 : p, left);
        gp_program *program = gp_compile(f, &(gp_compile_opts){.exact_compare = left > 1 && end[2] % 5 == 0, .geometry = left % 2}, &d);
        if (program) {
            run whole = run_program(program, &q, 0, 0, false), pieces = run_program(program, &q, 1 + (int)(left % 9), (int)(left % 7), true);
            same(&whole, &pieces, q.n, "in pieces beside others");
            end_run(&whole);
            end_run(&pieces);
            gp_program_free(program);
        }
    }
    gp_diags_fini(&d);
    gp_formula_free(f);
    gp_library_free(l);
    return 0;
}
