/* A sweep of the golden pit on a GPU: quotes and outcomes are there, sums of days come back.  Some sets are done here as well, and compared. */
#include "bench/gpu.h"
#include <stdio.h>
#include <string.h>
#include "accel/split.h"
#include "accel/sums.h"
#include "base/vec.h"
#include "worth/prices.h"

enum { SETS = 1000, GROUP = 10 /* sets of one program: they differ in N1 */, PROGRAMS = SETS / GROUP, SETS_HERE = 4, PART = 2048 /* tickers in one piece of the device's memory */ };

static const char swept[] =
    "{@param N1 21 2 300}\n{@param N2 37 2 300}\n{@param N3 55 2 300}\n{@param PIT 20 1 50}\n"
    "RSV1:=(CLOSE-LLV(LOW,N1))/(HHV(HIGH,N1)-LLV(LOW,N1))*100;\n"
    "RSV2:=(CLOSE-LLV(LOW,N2))/(HHV(HIGH,N2)-LLV(LOW,N2))*100;\n"
    "RSV3:=(CLOSE-LLV(LOW,N3))/(HHV(HIGH,N3)-LLV(LOW,N3))*100;\n"
    "S:=SMA(SMA(RSV1,3,1),3,1)+3*STD(CLOSE,N1);\nM:=SMA(RSV2,6,1)+2*STD(CLOSE,N2);\nL:=SMA(RSV3,6,1);\n"
    "X:S<PIT AND M<PIT AND L<PIT;\n";

typedef struct sweep {
    gp_formula *formula;
    gp_program *program[PROGRAMS];
    const gp_program *truth[PROGRAMS];
    int slot[SETS];
    gp_day_sum *room, *sums[SETS];
    bool failed[PROGRAMS];
    gp_accel_outcome *outcome;
    int days;
    double compile_s;
} sweep;

static void set_of(int k, double params[4])
{
    params[0] = 11 + k % 10 * 2, params[1] = 33 + k / 10 % 10 * 3, params[2] = 63 + k / 100 * 4, params[3] = 20;
}

static bool make_sets(sweep *s)
{
    gp_diags d = {0};
    const double began = gp_bench_now();
    s->formula = gp_formula_parse("<bench>", swept, strlen(swept), GP_ENC_UTF8, &d);
    bool ok = d.errors == 0 && gp_formula_resolve(s->formula, &d);
    for (int p = 0; p < PROGRAMS && ok; p++) {
        const gp_formula *all[GROUP];
        gp_compile_opts opts[GROUP] = {0};
        double params[GROUP][4];
        int signal[GROUP], where[GROUP], n;
        for (int k = 0; k < GROUP; k++) {
            set_of(p * GROUP + k, params[k]);
            all[k] = s->formula;
            opts[k].params = params[k];
        }
        s->program[p] = gp_compile_many(all, opts, GROUP, &d);
        ok = s->program[p] != NULL;
        const gp_output *out = ok ? gp_program_outputs(s->program[p], &n) : NULL;
        for (int k = 0; k < GROUP && ok; k++) signal[k] = out[k].slot, where[k] = -1;
        s->truth[p] = ok ? gp_truths_of(s->program[p], signal, where, GROUP, s->slot + p * GROUP) : NULL;
    }
    s->compile_s = gp_bench_now() - began;
    gp_diags_fini(&d);
    return ok;
}

/* Bought at the next open, sold at the close ten bars later, as `sweep` does without other words. */
static void make_outcomes(sweep *s, const gp_bench_market *market)
{
    const gp_hitrate_opts o = {.after = {10}, .n_after = 1, .limit = -1};
    int32_t *index = gp_xcalloc(GP_HIT_DAYS, sizeof *index);
    gp_hit_prices p = {0};
    s->outcome = gp_xcalloc((size_t)market->n + 1, sizeof *s->outcome);
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < market->n; k++) {
            gp_hit_prices_of(&p, &o, &market->at[k]);
            int32_t *both = pass ? gp_xcalloc((size_t)p.m * 2 + 1, sizeof *both) : NULL;
            for (int i = 0; i < p.m && !pass; i++) index[p.day[i]] = 1;
            for (int i = 0; i < p.m && pass; i++) both[i] = index[p.day[i]], both[p.m + i] = p.ret[i];
            if (pass) s->outcome[k] = (gp_accel_outcome){both, both + p.m};
        }
        for (int day = 0; day < GP_HIT_DAYS && !pass; day++)
            if (index[day]) index[day] = s->days++;
    }
    gp_hit_prices_fini(&p);
    free(index);
    s->room = gp_xcalloc((size_t)SETS * (size_t)s->days + 1, sizeof *s->room);
    for (int k = 0; k < SETS; k++) s->sums[k] = s->room + (size_t)k * (size_t)s->days;
}

static void free_sweep(sweep *s, int tickers)
{
    for (int k = 0; k < PROGRAMS; k++) {
        gp_truth_free((gp_program *)(uintptr_t)s->truth[k]);
        gp_program_free(s->program[k]);
    }
    for (int k = 0; k < tickers; k++) free((void *)(uintptr_t)s->outcome[k].day);
    free(s->outcome);
    free(s->room);
    gp_formula_free(s->formula);
}

/* Some sets on one core; how many sums differ. */
static size_t differing(const gp_bench_opts *o, const sweep *s, const gp_lane *lane, int tickers)
{
    size_t differ = 0;
    gp_day_sum *here = gp_xcalloc((size_t)s->days + 1, sizeof *here);
    const double began = gp_bench_now();
    for (int k = 0; k < SETS_HERE; k++) {
        const int set = k * (SETS / SETS_HERE) + k;
        double params[4];
        gp_diags d = {0};
        set_of(set, params);
        gp_program *own = gp_compile(s->formula, &(gp_compile_opts){.params = params}, &d);
        gp_diags_fini(&d);
        gp_vm *vm = gp_vm_new(own, NULL);
        memset(here, 0, (size_t)s->days * sizeof *here);
        for (int first = 0; first < tickers; first += GP_VM_LANES) {
            const int lanes = tickers - first < GP_VM_LANES ? tickers - first : GP_VM_LANES, bars = lane[first].n;
            uint8_t *bits = gp_xaligned((size_t)bars + 64), *const truth[] = {bits};
            gp_lane some[GP_VM_LANES];
            for (int l = 0; l < lanes; l++) some[l] = lane[first + l], some[l].from = 0;
            gp_vm_run_truths(vm, some, lanes, truth);
            for (int i = 0; i < bars; i++)
                for (int l = 0; l < lanes; l++) {
                    if (!(bits[i] >> l & 1)) continue;
                    const gp_accel_outcome *x = &s->outcome[first + l];
                    if (x->ret[i] == GP_RETURN_NONE) continue;
                    gp_day_sum *to = &here[x->day[i]];
                    to->n++, to->wins += x->ret[i] > 0, to->sum += x->ret[i];
                }
            free(bits);
        }
        gp_vm_free(vm);
        gp_program_free(own);
        const gp_day_sum *there = s->sums[set / GROUP * GROUP + s->slot[set]];
        for (int day = 0; day < s->days; day++) differ += memcmp(&here[day], &there[day], sizeof *here) != 0;
    }
    gp_bench_line(o, "one set by itself, one core", (gp_bench_now() - began) / SETS_HERE * 1e3, "ms", NULL);
    free(here);
    return differ;
}

/* Beside what the device could do at most: bytes that the lanes move, of which caches serve some, what several sets read together above all; and
 * the slots for instructions that pass while a lane does a bar. */
static void limits(const gp_bench_opts *o, gp_accel *a, const sweep *s, double bars, const gp_accel_stats *moved, double kernel)
{
    const gp_accel_peak peak = gp_accel_peaks(a);
    const double quotes = moved->quote_bytes / kernel, kept = moved->kept_bytes / kernel, bytes = quotes + kept, code = gp_program_n_code(s->truth[0]) / (double)GROUP;
    gp_bench_line(o, "  bars of a set", bars / kernel / 1e9, "G/s", NULL);
    gp_bench_line(o, "  quotes that lanes read", quotes / 1e9, "GB/s", NULL);
    gp_bench_line(o, "  windows that lanes read and write", kept / 1e9, "GB/s", NULL);
    gp_bench_line(o, "  both, for a bar of a set (reckoned, not counted)", (moved->quote_bytes + moved->kept_bytes) / bars, "bytes", NULL);
    if (peak.bandwidth > 0) {
        gp_bench_line(o, "  its memory gives at most", peak.bandwidth / 1e9, "GB/s", NULL);
        gp_bench_line(o, "  share (above 100: caches)", 100 * bytes / peak.bandwidth, "%", NULL);
    }
    gp_bench_line(o, "  instructions of a program, for each of its 10 sets", code, "", NULL);
    if (peak.issue > 0) {
        gp_bench_line(o, "  lanes' instructions issued at most", peak.issue / 1e9, "G/s", NULL);
        gp_bench_line(o, "  slots that pass for a bar", peak.issue * kernel / bars, "", NULL);
        gp_bench_line(o, "  program's instructions to the slots", 100 * bars * code / kernel / peak.issue, "%", NULL);
    }
}

bool gp_bench_gpu_sweep(const gp_bench_opts *o, gp_accel *a, const gp_bench_market *market, const gp_lane *lane)
{
    static sweep s;
    s = (sweep){0};
    if (!make_sets(&s)) return false;
    make_outcomes(&s, market);
    gp_accel_sums *sums = gp_accel_sums_new(a, s.truth, PROGRAMS, 1, s.days);
    double best = 1e9, kernel = 1e9;
    gp_accel_stats moved = {0}; /* by one sweep */
    const gp_accel_stats start = gp_accel_counts(a);
    bool ok = true;
    for (int k = 0; k < market->n && ok; k += PART) ok = gp_accel_sums_add(sums, lane + k, s.outcome + k, market->n - k < PART ? market->n - k : PART);
    const gp_accel_stats there = gp_accel_counts(a);
    for (int k = 0; k <= o->repeat && ok; k++) { /* the first one compiles */
        const gp_accel_stats before = gp_accel_counts(a);
        memset(s.room, 0, (size_t)SETS * (size_t)s.days * sizeof *s.room);
        const double began = gp_bench_now();
        gp_accel_sums_run(sums, s.truth, PROGRAMS, GROUP, s.sums, s.failed);
        const double took = gp_bench_now() - began;
        const gp_accel_stats after = gp_accel_counts(a);
        for (int p = 0; p < PROGRAMS; p++) ok &= !s.failed[p];
        if (k == 0) {
            gp_bench_line(o, "sweep, the first time", took, "s", NULL);
            gp_bench_line(o, "  of it compiling (NVRTC, or the cache)", after.compile_s - before.compile_s, "s", NULL);
            gp_bench_line(o, "  kernels made", (double)(after.compiled - before.compiled), "", NULL);
            gp_bench_line(o, "  before it: programs of 1000 sets", s.compile_s, "s", NULL);
            gp_bench_line(o, "  before it: upload of quotes and outcomes", (double)(there.uploaded - start.uploaded) / 1e9 / (there.upload_s - start.upload_s), "GB/s", NULL);
            continue;
        }
        best = took < best ? took : best;
        kernel = after.kernel_s - before.kernel_s < kernel ? after.kernel_s - before.kernel_s : kernel;
        moved.quote_bytes = after.quote_bytes - before.quote_bytes;
        moved.kept_bytes = after.kept_bytes - before.kept_bytes;
    }
    if (ok) {
        gp_bench_line(o, "sweep of 1000 sets, resident quotes", best, "s", &(gp_bench_goal){.goal = 1});
        gp_bench_line(o, "  of it kernels", kernel, "s", NULL);
        limits(o, a, &s, (double)market->bars * SETS, &moved, kernel);
        const size_t differ = differing(o, &s, lane, market->n);
        gp_bench_line(o, "sums that differ", (double)differ, "", NULL);
        ok = differ == 0;
    } else {
        printf("  the GPU could not do it: %s\n", gp_accel_refusal(a) ? gp_accel_refusal(a) : gp_accel_said(a));
    }
    gp_accel_sums_free(sums);
    free_sweep(&s, market->n);
    return ok;
}
