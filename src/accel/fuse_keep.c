/* What instructions keep from one bar to the next, and where: registers, local memory, scratch memory. */
#include "accel/writer.h"

int gp_fuse_longest(const gp_writer *w, int k)
{
    int len = w->p->code.at[k].len;
    for (int s = 1; s < w->n_sets; s++)
        if (w->sets[s]->code.at[k].len > len) len = w->sets[s]->code.at[k].len;
    return len;
}

/* An array of `rows` rows of `width` doubles that instruction k keeps: b<k> with distance S<k>. */
static void add_array(gp_writer *w, int k, long rows, long width)
{
    const long doubles = rows * width;
    if (rows <= GP_FIXED_ROWS && doubles <= w->local_one && doubles <= w->local_left) {
        w->local_left -= (int)doubles;
        gp_buf_printf(w->out, "    double b%d[%ld];\n    const size_t S%d = 1;\n", k, doubles ? doubles : 1, k);
        return;
    }
    gp_buf_printf(w->out, "    double *const b%d = scratch + ((size_t)%zu + (size_t)%zu * cap) * S;\n    const size_t S%d = S;\n", k, w->f->scratch,
                  w->f->scratch_cap, k);
    if (rows <= GP_FIXED_ROWS) {
        w->f->scratch += (size_t)doubles;
    } else { /* never more rows than bars, and one */
        w->f->scratch += (size_t)width;
        w->f->scratch_cap += (size_t)width;
    }
}

/* `per_bar` doubles for every bar, and some. */
static void add_bars_array(gp_writer *w, const char *name, int k, size_t per_bar, size_t more)
{
    gp_buf_printf(w->out, "    double *const %s%d = scratch + ((size_t)%zu + (size_t)%zu * cap) * S;\n", name, k, w->f->scratch, w->f->scratch_cap);
    w->f->scratch += more;
    w->f->scratch_cap += per_bar;
}

static void add_length(const gp_writer *w, int k, int len)
{
    if (w->length_at[k] >= 0) gp_buf_printf(w->out, "    const int n%d = a->lengths[(size_t)set * %d + %d];\n", k, w->f->n_lengths, w->length_at[k]);
    else gp_buf_printf(w->out, "    const int n%d = %d;\n", k, len);
}

bool gp_fuse_fixed(const gp_instr *in)
{
    return !in->series_n && (in->len == GP_N_NULL || in->len == GP_N_ZERO || (in->fn->shape == GP_SHAPE_MOMENTS && !gp_fuse_counts(in->len)));
}

static void declare_history(gp_writer *w, int k, const gp_instr *in)
{
    gp_buf_printf(w->out, "    gp_hist h%d;\n    gp_hist_init(&h%d, n);\n", k, k);
    for (int j = 0; j < in->n_in; j++) {
        if ((in->varying_mask >> j) & 1) {
            gp_buf_printf(w->out, "    double *const h%d_%d = scratch + ((size_t)%zu + (size_t)%zu * cap) * S;\n", k, j, w->f->scratch, w->f->scratch_cap);
            gp_buf_printf(w->out, "    h%d.x[%d] = h%d_%d, h%d.stride[%d] = S;\n", k, j, k, j, k, j);
            w->f->scratch_cap++;
        } else {
            gp_buf_printf(w->out, "    const double h%d_%d = ", k, j);
            gp_fuse_operand(w, in->in[j]);
            gp_buf_printf(w->out, ";\n    h%d.x[%d] = &h%d_%d;\n", k, j, k, j);
        }
    }
}

void gp_fuse_declare(gp_writer *w, int k)
{
    const gp_instr *in = &w->p->code.at[k];
    const char *id = gp_fuse_id(in->fn);
    if (!in->fn) {
        if (in->letter != 'I')
            gp_buf_printf(w->out, "    const double *const x%d = a->quotes + (size_t)a->column[%d] * cap * a->tickers + ticker;\n", k,
                          gp_fuse_column_at(w, &w->p->vals.at[in->val]));
        return;
    }
    const int f = in->fn->n_state;
    switch (in->fn->shape) {
    case GP_SHAPE_SCAN: gp_buf_printf(w->out, "    double s%d[%d];\n    k_%s_init(s%d);\n", k, f, id, k); break;
    case GP_SHAPE_DELAY:
        if (in->len <= 0) break;
        add_length(w, k, in->len);
        add_array(w, k, gp_fuse_longest(w, k), 1);
        gp_buf_printf(w->out, "    int p%d = 0;\n    gp_fill_null(b%d, S%d, n%d < cap ? n%d : cap);\n", k, k, k, k, k);
        break;
    case GP_SHAPE_WINDOW:
        if (gp_fuse_fixed(in)) break;
        if (in->series_n) {
            w->steps->series[in->fn->id] = true;
            add_bars_array(w, "b", k, 2 * (size_t)f, 40 * (size_t)f);
            gp_buf_printf(w->out, "    double q%d = 0.0;\n", k);
            break;
        }
        w->steps->constant[in->fn->id] = true;
        add_length(w, k, in->len);
        add_array(w, k, in->len == GP_N_ALL ? 0 : (long)gp_fuse_longest(w, k) + 1, f);
        gp_buf_printf(w->out, "    double a%d[%d], q%d = 0.0;\n    int p%d = 0;\n    init_%s(b%d, S%d, n%d, cap);\n", k, f, k, k, id, k, k, k);
        break;
    case GP_SHAPE_MOMENTS:
        if (gp_fuse_fixed(in)) break;
        if (in->series_n) {
            w->steps->series[in->fn->id] = true;
            add_bars_array(w, "b", k, 1, 0);
            gp_buf_printf(w->out, "    double s%d[2] = {0.0, GP_NULL};\n", k);
            break;
        }
        w->steps->constant[in->fn->id] = true;
        add_length(w, k, in->len);
        add_array(w, k, (long)gp_fuse_longest(w, k) + 1, 1 + f);
        gp_buf_printf(w->out, "    double s%d[%d];\n    int p%d = 0;\n    init_%s(s%d, b%d, S%d, n%d, cap);\n", k, 3 + f, k, id, k, k, k, k);
        break;
    case GP_SHAPE_HISTORY:
        w->steps->constant[in->fn->id] = true;
        declare_history(w, k, in);
        break;
    default: break;
    }
}
