/* Results on their way out: from the registers of a block, or a whole series of one lane, to whoever asked for them. */
#include "eval/machine.h"

#define W GP_LANES

static void sink_truth(gp_vm *vm, uint8_t *to, const double *y, int bar, int rows)
{
    vm->k->truth(to + bar, y, rows);
    for (int l = 0; l < W; l++)
        for (int i = vm->lane_n[l] > bar ? vm->lane_n[l] : bar; i < bar + rows; i++) to[i] &= (uint8_t)~(1u << l);
}

void gp_sink_block(gp_vm *vm, const gp_instr *in, const double *y, int bar, int rows)
{
    const bool keep_last = vm->p->text_results.n > 0;
    if (bar + rows <= vm->min_from && !keep_last) return;
    for (int k = in->sink0; k < in->sink0 + in->n_sinks; k++) {
        const int slot = vm->p->sinks.at[k];
        if (vm->truth && vm->truth[slot]) sink_truth(vm, vm->truth[slot], y, bar, rows);
        for (int l = 0; l < vm->lanes; l++) {
            const int n = vm->lane_n[l], end = bar + rows < n ? bar + rows : n;
            if (keep_last && n - 1 >= bar && n - 1 < end) vm->last[slot * W + l] = y[(size_t)(n - 1 - bar) * W + (size_t)l];
            double *out = vm->lane[l].out ? vm->lane[l].out[slot] : NULL;
            if (!out) continue;
            const int from = vm->lane[l].from;
            for (int i = bar > from ? bar : from; i < end; i++) out[i - from] = y[(size_t)(i - bar) * W + (size_t)l];
        }
    }
}

void gp_sink_lane(gp_vm *vm, const gp_instr *in, int l, const double *y)
{
    for (int k = in->sink0; k < in->sink0 + in->n_sinks; k++) {
        const int slot = vm->p->sinks.at[k], n = vm->lane_n[l], from = vm->lane[l].from;
        if (n > 0) vm->last[slot * W + l] = y[n - 1];
        for (int i = 0; i < n && vm->truth && vm->truth[slot]; i++)
            vm->truth[slot][i] |= (uint8_t)((y[i] >= 1e-5 || y[i] <= -1e-5) << l);
        double *out = vm->lane[l].out ? vm->lane[l].out[slot] : NULL;
        if (out && n > from) memcpy(out, y + from, (size_t)(n - from) * sizeof(double));
    }
}

void gp_sink_constants(gp_vm *vm)
{
    for (size_t k = 0; k < vm->p->const_slots.n; k++) {
        const int slot = vm->p->const_slots.at[k];
        const gp_val *v = &vm->p->vals.at[vm->p->slots.at[slot]];
        for (int l = 0; l < vm->lanes; l++) {
            const double x = v->kind == GP_VAL_CONST ? v->number : vm->lane_rows[v->where * W + l];
            vm->last[slot * W + l] = x;
            for (int i = 0; i < vm->lane_n[l] && vm->truth && vm->truth[slot]; i++)
                vm->truth[slot][i] |= (uint8_t)((x >= 1e-5 || x <= -1e-5) << l);
            double *out = vm->lane[l].out ? vm->lane[l].out[slot] : NULL;
            for (int i = vm->lane[l].from; out && i < vm->lane_n[l]; i++) out[i - vm->lane[l].from] = x;
        }
    }
}
