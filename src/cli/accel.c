/* --accel: a GPU, if there is one. */
#include "cli/cli.h"

gp_accel *gp_cli_accel(const gp_cli *c)
{
    if (c->accel != GP_ACCEL_CUDA)
        return NULL;
    gp_accel *a = gp_accel_open();
    if (gp_accel_ready(a))
        return a;
    gp_cli_note(c, "no GPU: %s; the processor does it", gp_accel_said(a));
    gp_accel_close(a);
    return NULL;
}

gp_accel *gp_cli_accel_for(const gp_cli *c, const gp_accel_task *t)
{
    gp_accel_decision d;
    if (c->accel != GP_ACCEL_UNSAID && c->accel != GP_ACCEL_AUTO)
        return gp_cli_accel(c);
    gp_accel *a = gp_accel_decide(t, &d);
    if (c->accel == GP_ACCEL_AUTO)
        gp_cli_note(c, "auto takes the %s: %s", a ? "GPU" : "processor", d.why);
    return a;
}

gp_accel *gp_cli_accel_over(const gp_cli *c, const gp_program *p, const gp_inputs *inputs, int series)
{
    enum { ROW = 50, LONG = 10000 }; /* bytes of a row of text; more bars than that are those of several securities in one file */
    size_t bytes = 0;
    for (size_t k = 0; k < inputs->n; k++)
        bytes += inputs->at[k].bytes;
    const size_t bars = bytes / ROW, apart = bars / LONG;
    const gp_accel_task t = {.sets = &p, .n_sets = 1, .tickers = apart > inputs->n ? apart : inputs->n, .bars = bars, .jobs = c->jobs,
                             .fetched = 8.0 * (double)bars * series};
    return gp_cli_accel_for(c, &t);
}

void gp_cli_accel_end(const gp_cli *c, gp_accel *a)
{
    if (!a)
        return;
    const gp_accel_stats s = gp_accel_counts(a);
    if (!gp_accel_ready(a))
        gp_cli_note(c, "%s; the processor did what was left, %zu of %zu tickers", gp_accel_said(a), s.host, s.host + s.device);
    else if (s.host && gp_accel_refusal(a))
        gp_cli_note(c, "%zu of %zu tickers ran on the processor: %s", s.host, s.host + s.device, gp_accel_refusal(a));
    else if (s.host)
        gp_cli_note(c, "%zu of %zu tickers ran on the processor: the GPU has too little memory", s.host, s.host + s.device);
    if (s.device && gp_accel_ready(a))
        gp_cli_note(c, "%zu ticker%s on the GPU (%s): compiling %.2f s, copying %.2f s, kernels %.3f s", s.device, s.device == 1 ? "" : "s",
                    gp_accel_said(a), s.compile_s, s.upload_s + s.download_s, s.kernel_s);
    gp_accel_close(a);
}
