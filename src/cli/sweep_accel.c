/* --accel of a sweep: where its sets run, and afterwards what came of it. */
#include "accel/cost.h"
#include "accel/device.h"
#include "base/pool.h"
#include "cli/sweep.h"

enum { TRIED_SETS = 16, LIKE = 16 /* programs that are looked at */ };

/* The processor shares work between more sets than a device does: so many are tried here, as they are computed together.  Then their signals are added up. */
static double host_seconds(const gp_sweep_report *r, const gp_sweep_opts *o, size_t sets, int jobs)
{
    size_t n = TRIED_SETS;
    gp_program *some = gp_sweep_some(r->plan, o, &n);
    const double bar = some ? gp_accel_host_bar(some, r->market.read.longest) / (double)n : 0, adding = gp_sweep_add_bar() * r->hit->n_after;
    gp_program_free(some);
    return (bar + adding) * (double)r->market.bars * (double)sets / jobs;
}

gp_accel *gp_cli_sweep_accel(const gp_cli *c, const gp_sweep_report *r, const gp_sweep_opts *o, size_t sets)
{
    if (c->accel == GP_ACCEL_CPU || sets == 0)
        return NULL;
    if (gp_sweep_by_trades(r)) {
        if (c->accel == GP_ACCEL_CUDA)
            gp_cli_note(c, "--accel cuda: trades are judged on the processor, only signals on a GPU");
        return NULL;
    }
    if (c->accel == GP_ACCEL_CUDA)
        return gp_cli_accel(c);
    const int jobs = gp_pool_jobs(r->hit->jobs, r->market.read.inputs);
    char said[16];
    gp_sweep_sample like = {0};
    if (gp_accel_installed(said, sizeof said))
        like = gp_sweep_sample_of(r->plan, o, &r->market, LIKE);
    const gp_accel_task t = {.sets = (const gp_program *const *)like.truth, .n_sets = (int)like.n, .times = like.each, .sums = true,
                             .sent = sizeof(int32_t) * (1.0 + r->hit->n_after), .tickers = r->market.read.tickers, .bars = (size_t)r->market.bars,
                             .longest = r->market.read.longest, .jobs = jobs, .host_s = host_seconds(r, o, sets, jobs),
                             .fetched = (double)sets * (double)r->hit->n_after * (double)r->market.n_days * sizeof(gp_day_sum)};
    gp_accel *a = gp_cli_accel_for(c, &t);
    gp_sweep_sample_fini(&like);
    return a;
}

void gp_cli_sweep_accel_end(const gp_cli *c, gp_accel *a, size_t there, size_t all)
{
    if (!a)
        return;
    const gp_accel_stats s = gp_accel_counts(a);
    const char *plural = all == 1 ? "" : "s";
    if (!gp_accel_ready(a))
        gp_cli_note(c, "%s; the processor did what was left, %zu of %zu set%s", gp_accel_said(a), all - there, all, plural);
    else if (there < all)
        gp_cli_note(c, "%zu of %zu set%s ran on the processor: %s", all - there, all, plural,
                    gp_accel_refusal(a) ? gp_accel_refusal(a) : "the GPU has too little memory");
    if (there && gp_accel_ready(a))
        gp_cli_note(c, "%zu set%s on the GPU (%s): compiling %.2f s, copying %.2f s, kernels %.3f s", there, there == 1 ? "" : "s", gp_accel_said(a),
                    s.compile_s, s.upload_s + s.download_s, s.kernel_s);
    gp_accel_close(a);
}
