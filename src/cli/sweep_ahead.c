/* Formulas that look ahead, set by set: REFX(C,N) is harmless for N = 0 and not for N = 3. */
#include "cli/sweep.h"
#include "cli/worth.h"

static gp_sweep_opts opts_of(const gp_sweep_report *r)
{
    return (gp_sweep_opts){.grid = &r->grid, .n_formula = r->n_formula, .param = r->param};
}

static size_t point_of(const gp_sweep_report *r, size_t set) { return set * (r->grid.points / r->sets); }

void gp_sweep_params(const gp_cli *c, const gp_sweep_report *r, size_t point, gp_buf *out)
{
    for (int k = 0; k < r->n_formula; k++) {
        gp_buf_printf(out, "%s%s=", k ? " " : "", r->grid.axes[k].name);
        gp_sweep_value(c, &r->grid.axes[k], gp_grid_value(&r->grid, point, k), out);
    }
}

int gp_cli_sweep_refuse_ahead(const gp_cli *c, gp_sweep_report *r)
{
    const gp_sweep_opts o = opts_of(r);
    gp_diags d = {0};
    size_t set = 0;
    const bool ok = gp_sweep_furthest(r->plan, &o, &set, &r->ahead_sets, &d);
    r->sets = gp_sweep_set_of(&o, r->grid.points);
    gp_program *p = ok ? gp_sweep_one(r->plan, &o, set) : NULL;
    gp_cli_diags(c, &d);
    if (!p)
        return GP_EXIT_FORMULA;
    const bool refused = gp_cli_refuse_ahead(c, p, &r->ahead);
    if (refused && r->ahead_sets < r->sets && !c->diag_json) {
        gp_buf at = {0};
        gp_sweep_params(c, r, point_of(r, set), &at);
        gp_cli_note(c, "of %zu sets of parameters %zu look%s ahead, %s the furthest", r->sets, r->ahead_sets, r->ahead_sets == 1 ? "s" : "", at.p);
        gp_buf_free(&at);
    }
    gp_program_free(p);
    return refused ? GP_EXIT_AHEAD : -1;
}

void gp_sweep_ahead_text(const gp_sweep_report *r, size_t point, gp_buf *out)
{
    const gp_sweep_opts o = opts_of(r);
    gp_program *p = gp_sweep_one(r->plan, &o, gp_sweep_set_of(&o, point));
    const gp_ahead a = p ? gp_program_ahead(p) : (gp_ahead){0};
    if (a.kind != GP_FUTURE_NONE)
        gp_cli_ahead_short(&a, out);
    gp_program_free(p);
}

void gp_sweep_ahead_all(const gp_cli *c, const gp_sweep_report *r, gp_buf *out)
{
    gp_buf_addz(out, r->ahead);
    if (r->ahead_sets < r->sets)
        gp_buf_printf(out, c->zh ? "; %zu 组参数如此, 共 %zu 组" : "; %zu of %zu sets of parameters do", r->ahead_sets, r->sets);
}
