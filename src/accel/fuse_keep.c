/* What instructions keep from one bar to the next, and where: registers, local memory, scratch memory. */
#include "accel/cut.h"
#include "accel/writer.h"

int gp_fuse_longest(const gp_writer *w, int k)
{
    int len = w->p->code.at[k].len;
    for (int s = 1; s < w->n_sets; s++)
        if (w->sets[s]->code.at[k].len > len) len = w->sets[s]->code.at[k].len;
    return len;
}

int gp_fuse_loads(const gp_writer *w, int k, int j)
{
    const gp_operand o = w->p->code.at[k].in[j];
    if (o.place != GP_AT_BLOCK) return -1;
    for (int i = k - 1; i >= 0; i--) { /* whoever wrote the register last: this bar, and so this stage */
        const gp_instr *in = &w->p->code.at[i];
        if (in->to.place == GP_AT_BLOCK && in->to.index == o.index) return !in->fn && in->letter != 'I' ? i : -1;
    }
    return -1;
}

/* Does instruction k read its column again? */
static bool take_tile(gp_writer *w, int k)
{
    w->again[k] = gp_fuse_loads(w, k, 0);
    if (w->again[k] < 0) return false;
    w->f->again++;
    w->f->quotes++;
    return true;
}

/* The same of a window, which needs to know how many values there were. */
static bool take_tile_counted(gp_writer *w, int k)
{
    if (!w->tile || !take_tile(w, k)) return false;
    bool *counted = &w->counted[w->again[k]];
    if (!*counted) gp_buf_printf(w->out, "    double u%d = 0.0;\n", w->again[k]);
    return *counted = true;
}

static void place_array(gp_writer *w, int k, long rows, long width, long doubles)
{
    if (rows <= GP_FIXED_ROWS && doubles <= w->local_one && doubles <= w->local_left) {
        w->local_left -= (int)doubles;
        gp_buf_printf(w->out, "    double b%d[%ld];\n    const size_t S%d = 1;\n", k, doubles ? doubles : 1, k);
        return;
    }
    if (rows <= GP_FIXED_ROWS && (size_t)doubles <= w->shared_left) {
        gp_buf_printf(w->out, "    double *const b%d = gp_shared + (size_t)%zu * GP_WIDTH + GP_SEAT;\n    const size_t S%d = GP_WIDTH;\n", k, w->f->shared, k);
        w->f->shared += (size_t)doubles;
        w->shared_left -= (size_t)doubles;
        return;
    }
    gp_buf_printf(w->out, "    double *const b%d = scratch + ((size_t)%zu + (size_t)%zu * %s) * S;\n    const size_t S%d = S;\n", k, w->f->scratch,
                  w->f->scratch_cap, w->cut ? "rows" : "cap", k);
    if (rows <= GP_FIXED_ROWS) {
        w->f->scratch += (size_t)doubles;
        w->f->beyond += (size_t)doubles;
    } else { /* never more rows than bars, and one */
        w->f->scratch += (size_t)width;
        w->f->scratch_cap += (size_t)width;
    }
}

/* An array of `rows` rows of `width` doubles that instruction k keeps: b<k> with distance S<k>; so many doubles of it are moved on each bar. */
static void add_array(gp_writer *w, int k, long rows, long width, int moved)
{
    const size_t in_shared = w->f->shared;
    place_array(w, k, rows, width, rows * width);
    if (w->f->shared == in_shared) w->f->kept += rows > 0 ? moved : 0;
}

/* `per_bar` doubles for every bar, and some. */
static void add_bars_array(gp_writer *w, const char *name, int k, size_t per_bar, size_t more)
{
    gp_buf_printf(w->out, "    double *const %s%d = scratch + ((size_t)%zu + (size_t)%zu * cap) * S;\n", name, k, w->f->scratch, w->f->scratch_cap);
    w->f->scratch += more;
    w->f->scratch_cap += per_bar;
    w->f->kept += (double)per_bar;
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

/* A piece may begin inside of a block. */
static void add_phase(const gp_writer *w, int k)
{
    if (w->cut) gp_buf_printf(w->out, "    int p%d = start %% n%d;\n", k, k);
    else gp_buf_printf(w->out, "    int p%d = 0;\n", k);
}

static void declare_history(gp_writer *w, int k, const gp_instr *in)
{
    gp_buf_printf(w->out, "    gp_hist h%d;\n    gp_hist_init(&h%d, n);\n", k, k);
    for (int j = 0; j < in->n_in; j++) {
        const int load = (in->varying_mask >> j) & 1 ? gp_fuse_loads(w, k, j) : -1;
        if (load >= 0) {
            gp_buf_printf(w->out, "    h%d.x[%d] = x%d, h%d.stride[%d] = (size_t)a->tickers;\n", k, j, load, k, j);
            w->f->again++;
        } else if ((in->varying_mask >> j) & 1) {
            if (w->cut) /* bars count from the first one of the ticker, rows from the first one of the piece */
                gp_buf_printf(w->out, "    double *const h%d_%d = scratch + ((size_t)%zu + (size_t)%zu * rows) * S - (size_t)start * S;\n", k, j,
                              w->f->scratch, w->f->scratch_cap);
            else
                gp_buf_printf(w->out, "    double *const h%d_%d = scratch + ((size_t)%zu + (size_t)%zu * cap) * S;\n", k, j, w->f->scratch,
                              w->f->scratch_cap);
            gp_buf_printf(w->out, "    h%d.x[%d] = h%d_%d, h%d.stride[%d] = S;\n", k, j, k, j, k, j);
            w->f->scratch_cap++;
            w->f->kept++;
        } else {
            gp_buf_printf(w->out, "    const double h%d_%d = ", k, j);
            gp_fuse_operand(w, in->in[j]);
            gp_buf_printf(w->out, ";\n    h%d.x[%d] = &h%d_%d;\n", k, j, k, j);
        }
    }
}

/* A window in registers that the lane does not have moves from end to end of local memory on each bar, where a ring would move one value. */
int gp_fuse_small_room(const gp_program *p, int blocks)
{
    enum { REGISTERS = 65536 / GP_FUSED_BLOCK, MOST = 255, A_DOUBLE = 2, AT_WORK = 24 /* doubles on their way, addresses */ };
    const int registers = REGISTERS / blocks < MOST ? REGISTERS / blocks : MOST;
    int left = registers / A_DOUBLE - AT_WORK - p->n_block_regs;
    for (size_t k = 0; k < p->code.n; k++) {
        const gp_instr *in = &p->code.at[k];
        if (!in->fn || in->whole) continue;
        if (in->fn->shape == GP_SHAPE_SCAN || in->fn->shape == GP_SHAPE_WINDOW) left -= in->fn->n_state;
        if (in->fn->shape == GP_SHAPE_MOMENTS) left -= in->fn->n_state + 2; /* its shift and its last value */
    }
    return left < 0 ? 0 : left < GP_SMALL_ALL ? left : GP_SMALL_ALL;
}

/* In pieces of time what is kept is hashed in loops that do not unroll. */
static bool take_small(gp_writer *w, int k, const gp_instr *in)
{
    if (w->cut || w->length_at[k] >= 0 || in->len < 1 || in->len > GP_SMALL_BARS) return false;
    const int doubles = in->fn->shape == GP_SHAPE_DELAY ? in->len : (in->len + 1) * in->fn->n_state;
    if (doubles > w->small_left) return false;
    w->small_left -= doubles;
    return w->small[k] = true;
}

void gp_fuse_declare(gp_writer *w, int k)
{
    const gp_instr *in = &w->p->code.at[k];
    const char *id = gp_fuse_id(in->fn);
    if (!in->fn) {
        w->f->quotes += in->letter != 'I';
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
        if (take_small(w, k, in)) {
            gp_buf_printf(w->out, "    double b%d[%d];\n    gp_small_null(b%d, %d);\n", k, in->len, k, in->len);
            break;
        }
        add_length(w, k, in->len);
        if (take_tile(w, k)) break;
        add_array(w, k, gp_fuse_longest(w, k), 1, 2); /* out of the ring, and into it */
        add_phase(w, k);
        gp_buf_printf(w->out, "    gp_fill_null(b%d, S%d, n%d < cap ? n%d : cap);\n", k, k, k, k);
        break;
    case GP_SHAPE_WINDOW:
        if (gp_fuse_fixed(in)) break;
        if (in->series_n) {
            w->steps->series[in->fn->id] = true;
            add_bars_array(w, "b", k, 2 * (size_t)f, 40 * (size_t)f);
            gp_buf_printf(w->out, "    double q%d = 0.0;\n", k);
            break;
        }
        if (take_small(w, k, in)) {
            w->steps->small[in->fn->id] = true;
            gp_buf_printf(w->out, "    double a%d[%d], b%d[%d], q%d = 0.0;\n    int p%d = 0;\n    small_init_%s(a%d, b%d, %d);\n", k, f, k, (in->len + 1) * f, k, k,
                          id, k, k, in->len);
            break;
        }
        w->steps->constant[in->fn->id] = true;
        w->steps->tile[in->fn->id] |= in->len != GP_N_ALL && take_tile_counted(w, k);
        add_length(w, k, in->len);
        add_array(w, k, in->len == GP_N_ALL ? 0 : (long)gp_fuse_longest(w, k) + 1, f,
                  w->again[k] >= 0 ? 2 * f : 4 * f); /* in, out, and of what is kept once more each where a block ends */
        add_phase(w, k);
        if (w->again[k] >= 0) gp_buf_printf(w->out, "    double a%d[%d];\n    init_%s(b%d, S%d, n%d, cap);\n", k, f, id, k, k, k);
        else gp_buf_printf(w->out, "    double a%d[%d], q%d = 0.0;\n    init_%s(b%d, S%d, n%d, cap);\n", k, f, k, id, k, k, k);
        if (w->cut) gp_buf_printf(w->out, "    warm_%s(a%d, b%d, S%d, n%d, cap);\n", id, k, k, k, k);
        break;
    case GP_SHAPE_MOMENTS:
        if (gp_fuse_fixed(in)) break;
        if (in->series_n) {
            w->steps->series[in->fn->id] = true;
            add_bars_array(w, "b", k, 1, 0);
            gp_buf_printf(w->out, "    double s%d[2] = {0.0, GP_NULL};\n", k);
            break;
        }
        add_length(w, k, in->len);
        if (take_tile_counted(w, k)) {
            w->steps->tile[in->fn->id] = true;
            add_array(w, k, (long)gp_fuse_longest(w, k) + 1, f, 2 * f);
            add_phase(w, k);
            gp_buf_printf(w->out, "    double s%d[%d];\n    tile_init_%s(s%d, b%d, S%d, n%d, cap);\n", k, 2 + f, id, k, k, k, k);
            if (w->cut) gp_buf_printf(w->out, "    gp_fill_null(b%d, S%d, n%d < cap ? n%d * %d : cap * %d);\n", k, k, k, k, f, f);
            break;
        }
        w->steps->constant[in->fn->id] = true;
        add_array(w, k, (long)gp_fuse_longest(w, k) + 1, 1 + f, 2 * (1 + f)); /* a value in and, for sums that go in and out, once out */
        add_phase(w, k);
        gp_buf_printf(w->out, "    double s%d[%d];\n    init_%s(s%d, b%d, S%d, n%d, cap);\n", k, 3 + f, id, k, k, k, k);
        if (w->cut) gp_buf_printf(w->out, "    gp_fill_null(b%d, S%d, n%d < cap ? n%d : cap);\n", k, k, k, k);
        break;
    case GP_SHAPE_HISTORY:
        w->steps->constant[in->fn->id] = true;
        declare_history(w, k, in);
        break;
    default: break;
    }
}

/* ---- its hash, for pieces of time ---- */

static void kept_scan(const gp_writer *w, int k, const gp_instr *in)
{
    const gp_cut_scan *scan = gp_cut_scan_of(in->fn);
    const int count = scan && scan->capped ? gp_cut_count(w->sets, w->n_sets, k, scan->count) : 0;
    for (int j = 0; j < in->fn->n_state; j++)
        if (scan && (scan->capped >> j & 1)) gp_buf_printf(w->out, "            z = gp_hash_value(z, gp_kept_count(s%d[%d], %d));\n", k, j, count);
        else gp_buf_printf(w->out, "            z = gp_hash_value(z, s%d[%d]);\n", k, j);
}

static void kept_history(const gp_writer *w, int k, const gp_instr *in)
{
    const int back = gp_cut_history(w->sets, w->n_sets, k);
    gp_buf_printf(w->out, "            z = gp_hash_value(z, h%d.f < 0 ? -1.0 : gp_kept_count(t - h%d.f, %d));\n", k, k, back);
    gp_buf_printf(w->out, "            z = gp_hash_value(z, h%d.prev);\n", k);
    for (int j = 0; j < in->n_in; j++)
        if (((in->varying_mask >> j) & 1) && gp_fuse_loads(w, k, j) < 0)
            gp_buf_printf(w->out, "            z = gp_kept_rows(z, h%d_%d, S, t - start < %d ? start : t - %d, t);\n", k, j, back, back);
}

void gp_fuse_kept(const gp_writer *w, int k)
{
    const gp_instr *in = &w->p->code.at[k];
    if (!in->fn) return;
    switch (in->fn->shape) {
    case GP_SHAPE_SCAN: kept_scan(w, k, in); break;
    case GP_SHAPE_DELAY:
        if (in->len > 0 && w->again[k] < 0) gp_buf_printf(w->out, "            z = gp_kept_delay(z, b%d, S%d, n%d, cap);\n", k, k, k);
        break;
    case GP_SHAPE_WINDOW:
        if (w->again[k] >= 0)
            gp_buf_printf(w->out, "            z = gp_kept_tile(z, a%d, %d, %d, u%d, p%d, b%d, S%d, n%d, t);\n", k, in->fn->n_state, in->fn->n_state, w->again[k], k, k, k, k);
        else if (!gp_fuse_fixed(in))
            gp_buf_printf(w->out, "            z = gp_kept_window(z, a%d, %d, q%d, p%d, b%d, S%d, n%d, t);\n", k, in->fn->n_state, k, k, k, k, k);
        break;
    case GP_SHAPE_MOMENTS:
        if (w->again[k] >= 0)
            gp_buf_printf(w->out, "            z = gp_kept_tile(gp_hash_value(z, s%d[0]), s%d + 1, %d, %d, u%d, p%d, b%d, S%d, n%d, p%d ? t : -1);\n",
                          k, k, in->fn->n_state + 1, in->fn->n_state, w->again[k], k, k, k, k, k);
        else if (!gp_fuse_fixed(in))
            gp_buf_printf(w->out, "            z = gp_kept_moments(z, s%d, %d, p%d, b%d, S%d, n%d, cap, t);\n", k, in->fn->n_state, k, k, k, k);
        break;
    case GP_SHAPE_HISTORY: kept_history(w, k, in); break;
    default: break;
    }
}
