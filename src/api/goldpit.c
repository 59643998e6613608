/* The public interface over parser and eval. */
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "goldpit/goldpit.h"
#include "eval/program.h"
#include "eval/vm.h"
#include "parser/parser.h"

struct goldpit_formula {
    gp_formula *formula;
    gp_program *program;
    int n_outputs;
    const gp_output *outputs;
};

static void report_all(const gp_diags *d, goldpit_report_fn *report, void *ctx)
{
    for (size_t k = 0; report && k < d->n; k++) {
        const gp_diag *g = &d->at[k];
        goldpit_diagnostic out = {(goldpit_severity)g->severity, gp_diag_code(g->id), g->message, g->hint, g->line, g->column};
        if (g->span.src) gp_span_where(g->span, &out.line, &out.column);
        report(ctx, &out);
    }
}

goldpit_status goldpit_compile(const char *text, size_t n, const goldpit_param *params, int n_params, goldpit_report_fn *report,
                               void *ctx, goldpit_formula **out)
{
    gp_diags d = {0};
    if (!out) return GOLDPIT_BAD_ARGUMENT;
    *out = NULL;
    if (!text || n_params < 0 || (n_params > 0 && !params)) return GOLDPIT_BAD_ARGUMENT;
    gp_formula *f = gp_formula_parse("formula", text, n, GP_ENC_AUTO, &d);
    bool ok = d.errors == 0;
    for (int k = 0; k < n_params; k++) ok = gp_formula_set_param(f, gp_str_from(params[k].name), params[k].value, &d) && ok;
    ok = gp_formula_resolve(f, &d) && ok;
    gp_program *p = ok ? gp_compile(f, NULL, &d) : NULL;
    int n_externals = 0;
    const gp_external *x = p ? gp_program_externals(p, &n_externals) : NULL;
    for (int k = 0; k < n_externals; k++) gp_diag_at(&d, GP_D_EXTERNAL_MISSING, x[k].span, x[k].shown, x[k].needs);
    report_all(&d, report, ctx);
    gp_diags_fini(&d);
    if (n_externals) { /* the caller gives quotes of one security and nothing else */
        gp_program_free(p);
        p = NULL;
    }
    if (!p) {
        gp_formula_free(f);
        return GOLDPIT_BAD_FORMULA;
    }
    goldpit_formula *g = gp_xcalloc(1, sizeof *g);
    g->formula = f;
    g->program = p;
    g->outputs = gp_program_outputs(p, &g->n_outputs);
    *out = g;
    return GOLDPIT_OK;
}

void goldpit_formula_free(goldpit_formula *f)
{
    if (!f) return;
    gp_program_free(f->program);
    gp_formula_free(f->formula);
    free(f);
}

int goldpit_n_outputs(const goldpit_formula *f)
{
    return f ? f->n_outputs : 0;
}

const char *goldpit_output_name(const goldpit_formula *f, int k)
{
    return f && k >= 0 && k < f->n_outputs ? f->outputs[k].name : NULL;
}

int goldpit_output_looks_ahead(const goldpit_formula *f, int k)
{
    return f && k >= 0 && k < f->n_outputs && f->outputs[k].ahead.kind != GP_FUTURE_NONE;
}

goldpit_status goldpit_run(const goldpit_formula *f, const goldpit_quotes *q, double *const *out)
{
    if (!f || !q || !out || q->n < 0) return GOLDPIT_BAD_ARGUMENT;
    const double *const cols[6] = {q->open, q->high, q->low, q->close, q->volume, q->amount};
    for (int j = 0; j < 6; j++) {
        if (!((gp_program_needs(f->program) >> j) & 1)) continue;
        if (!cols[j]) return GOLDPIT_BAD_ARGUMENT;
        for (int i = 0; i < q->n; i++)
            if (cols[j][i] > GP_QUOTE_MAX || cols[j][i] < -GP_QUOTE_MAX) return GOLDPIT_BAD_ARGUMENT;
    }
    /* Two outputs can be the same value and then share a slot: run into the first one's array, copy to the others. */
    const int n_slots = gp_program_n_slots(f->program);
    double **slot = gp_xcalloc((size_t)n_slots + 1, sizeof *slot);
    for (int k = 0; k < f->n_outputs; k++) {
        const int s = f->outputs[k].cond >= 0 ? f->outputs[k].cond : f->outputs[k].slot;
        if (s >= 0 && out[k] && !slot[s]) slot[s] = out[k];
    }
    gp_lane lane = {.n = q->n, .open = q->open, .high = q->high, .low = q->low, .close = q->close, .vol = q->volume, .amount = q->amount,
                    .date = q->date, .time = q->time, .period = 5, .code = gp_str_from(q->code), .name = gp_str_from(q->name), .out = slot};
    gp_vm *vm = gp_vm_new(f->program, NULL);
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
    for (int k = 0; k < f->n_outputs; k++) {
        const int s = f->outputs[k].cond >= 0 ? f->outputs[k].cond : f->outputs[k].slot;
        if (s >= 0 && out[k] && slot[s] != out[k]) memcpy(out[k], slot[s], (size_t)q->n * sizeof(double));
    }
    free(slot);
    return GOLDPIT_OK;
}

const char *goldpit_version(void)
{
    return GOLDPIT_VERSION;
}
