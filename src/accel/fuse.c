/* Programs -> source.  Walks the instructions stage by stage, as the VM does (eval/vm.c); what a shape needs between bars is
 * declared before the stage's loop. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "accel/cut.h"
#include "accel/writer.h"

static void add_number(double x, gp_buf *out)
{
    if (x != x) gp_buf_addz(out, "GP_NULL");
    else if (isinf(x)) gp_buf_addz(out, x > 0 ? "INFINITY" : "(-INFINITY)");
    else if (x == trunc(x) && fabs(x) < 1e15 && !signbit(x)) gp_buf_printf(out, "%.1f", x);
    else gp_buf_printf(out, signbit(x) ? "(%a)" : "%a", x);
}

void gp_fuse_operand(const gp_writer *w, gp_operand o)
{
    switch (o.place) {
    case GP_AT_BLOCK: gp_buf_printf(w->out, "r%d", o.index); break;
    case GP_AT_FULL: gp_buf_printf(w->out, "f%d[t]", o.index); break;
    case GP_AT_LANE: gp_buf_printf(w->out, "l%d", o.index); break;
    case GP_AT_CONST:
        if (w->number_at[o.index] >= 0) gp_buf_printf(w->out, "c%d", o.index);
        else add_number(w->p->consts.at[o.index], w->out);
        break;
    case GP_AT_COLUMN: gp_buf_printf(w->out, "x%d", o.index); break;
    }
}

static void add_operands(const gp_writer *w, const gp_instr *in, const char *before)
{
    for (int j = 0; j < in->n_in; j++) {
        gp_buf_addz(w->out, j ? ", " : before);
        gp_fuse_operand(w, in->in[j]);
    }
}

int gp_fuse_column_at(const gp_writer *w, const gp_val *v)
{
    for (int k = 0; k < w->f->n_columns; k++)
        if (w->f->column[k].letter == v->letter && (v->letter != 'X' || w->f->column[k].external == v->text)) return k;
    return -1;
}


static void find_differences(gp_writer *w)
{
    gp_fused *f = w->f;
    for (size_t c = 0; c < w->p->consts.n; c++) {
        w->number_at[c] = -1;
        for (int s = 1; s < w->n_sets && w->number_at[c] < 0; s++)
            if (memcmp(&w->sets[s]->consts.at[c], &w->p->consts.at[c], sizeof(double)) != 0) w->number_at[c] = f->n_numbers++;
    }
    for (size_t k = 0; k < w->p->code.n; k++) {
        w->length_at[k] = -1;
        for (int s = 1; s < w->n_sets && w->length_at[k] < 0; s++)
            if (w->sets[s]->code.at[k].len != w->p->code.at[k].len) w->length_at[k] = f->n_lengths++;
    }
    f->numbers = gp_xcalloc((size_t)f->n_numbers * (size_t)w->n_sets + 1, sizeof *f->numbers);
    f->lengths = gp_xcalloc((size_t)f->n_lengths * (size_t)w->n_sets + 1, sizeof *f->lengths);
    for (int s = 0; s < w->n_sets; s++) {
        for (size_t c = 0; c < w->p->consts.n; c++)
            if (w->number_at[c] >= 0) f->numbers[s * f->n_numbers + w->number_at[c]] = w->sets[s]->consts.at[c];
        for (size_t k = 0; k < w->p->code.n; k++)
            if (w->length_at[k] >= 0) f->lengths[s * f->n_lengths + w->length_at[k]] = w->sets[s]->code.at[k].len;
    }
}

static void add_window(const gp_writer *w, int k, const gp_instr *in, const char *id)
{
    gp_buf *out = w->out;
    if (gp_fuse_fixed(in)) {
        gp_buf_addz(out, in->len == GP_N_ZERO && in->fn->shape == GP_SHAPE_WINDOW ? "0.0" : "GP_NULL");
        return;
    }
    const bool window = in->fn->shape == GP_SHAPE_WINDOW;
    if (in->series_n)
        gp_buf_printf(out, window ? "series_%s(&q%d, b%d, S, cap, t, " : "series_%s(s%d, b%d, S, t, ", id, k, k);
    else if (w->small[k])
        gp_buf_printf(out, "small_%s(a%d, &q%d, &p%d, b%d, %d, t, ", id, k, k, k, k, in->len);
    else if (w->again[k] >= 0 && window)
        gp_buf_printf(out, "tile_%s(a%d, u%d, &p%d, b%d, S%d, n%d, t, ", id, k, w->again[k], k, k, k, k);
    else if (w->again[k] >= 0)
        gp_buf_printf(out, "tile_%s(s%d, u%d, &p%d, b%d, S%d, n%d, t, ", id, k, w->again[k], k, k, k, k);
    else if (window)
        gp_buf_printf(out, "step_%s(a%d, &q%d, &p%d, b%d, S%d, n%d, t, ", id, k, k, k, k, k, k);
    else
        gp_buf_printf(out, "step_%s(s%d, &p%d, b%d, S%d, n%d, cap, t, ", id, k, k, k, k, k);
    gp_fuse_operand(w, in->in[0]);
    if (in->series_n) {
        gp_buf_addz(out, ", ");
        gp_fuse_operand(w, in->in[1]);
        gp_buf_printf(out, ", %d", in->n_is_last);
    }
    if (w->again[k] >= 0) gp_buf_printf(out, ", x%d, (size_t)a->tickers", w->again[k]);
    gp_buf_addc(out, ')');
}

static void add_delay(const gp_writer *w, int k, const gp_instr *in, const char *id)
{
    const bool ref = in->fn->id == GP_B_REF;
    gp_buf *out = w->out;
    if (!ref) {
        gp_buf_printf(out, "k_%s(", id);
        gp_fuse_operand(w, in->in[0]);
        gp_buf_addz(out, ", ");
    }
    if (in->len < 0) {
        gp_buf_addz(out, "GP_NULL");
    } else if (in->len == 0) {
        gp_fuse_operand(w, in->in[0]);
    } else if (w->again[k] >= 0) {
        gp_buf_printf(out, "gp_tile_delay(x%d, (size_t)a->tickers, t, n%d)", w->again[k], k);
    } else if (w->small[k]) {
        gp_buf_printf(out, "gp_small_delay(b%d, %d, ", k, in->len);
        gp_fuse_operand(w, in->in[0]);
        gp_buf_addc(out, ')');
    } else {
        gp_buf_printf(out, "gp_step_delay(b%d, S%d, &p%d, n%d, cap, ", k, k, k, k);
        gp_fuse_operand(w, in->in[0]);
        gp_buf_addc(out, ')');
    }
    if (!ref) gp_buf_addc(out, ')');
}

static void add_sinks(const gp_writer *w, const gp_instr *in, const char *value)
{
    for (int s = in->sink0; s < in->sink0 + in->n_sinks; s++) {
        const int row = w->p->sinks.at[s];
        if (w->sums) gp_buf_printf(w->out, "        if (gp_true(%s)) gp_add_bar(a, (set - a->first / a->tickers) * %d + %d, ticker, t);\n", value, w->f->n_rows, row);
        else gp_buf_printf(w->out, "        %sgp_sink(a, %s, n, %d, t, %s, &hash[%d], &bits[%d]);\n", w->cut ? "if (t >= from) " : "", w->cut ? "slot" : "lane",
                           row, value, row, row);
    }
}

static void add_step(const gp_writer *w, int k)
{
    const gp_instr *in = &w->p->code.at[k];
    const char *id = gp_fuse_id(in->fn);
    gp_buf *out = w->out;
    char to[32];
    snprintf(to, sizeof to, in->to.place == GP_AT_FULL ? "f%d[t]" : "r%d", in->to.index);
    for (int j = 0; in->fn && in->fn->shape == GP_SHAPE_HISTORY && j < in->n_in; j++)
        if (((in->varying_mask >> j) & 1) && gp_fuse_loads(w, k, j) < 0) {
            gp_buf_printf(out, "        h%d_%d[(size_t)t * S] = ", k, j);
            gp_fuse_operand(w, in->in[j]);
            gp_buf_addz(out, ";\n");
        }
    gp_buf_printf(out, "        %s = ", to);
    if (!in->fn) {
        if (in->letter == 'I') gp_buf_addz(out, "t");
        else gp_buf_printf(out, "x%d[(size_t)t * a->tickers]", k);
    } else {
        switch (in->fn->shape) {
        case GP_SHAPE_MAP:
            gp_buf_printf(out, "k_%s(", id);
            add_operands(w, in, "");
            gp_buf_addc(out, ')');
            break;
        case GP_SHAPE_SCAN:
            gp_buf_printf(out, "k_%s(s%d", id, k);
            add_operands(w, in, ", ");
            gp_buf_addc(out, ')');
            break;
        case GP_SHAPE_DELAY: add_delay(w, k, in, id); break;
        case GP_SHAPE_HISTORY: gp_buf_printf(out, "step_%s(&h%d, t, %d, %uu)", id, k, in->n_in, in->series_mask); break;
        default: add_window(w, k, in, id); break;
        }
    }
    gp_buf_addz(out, ";\n");
    if (w->counted[k]) gp_buf_printf(out, "        u%d = gp_counted(u%d, %s);\n", k, k, to);
    add_sinks(w, in, to);
}

/* A column of the lane in one piece: flat memory at the next free place. */
static void add_flat(gp_writer *w, const char *name, int k)
{
    gp_buf_printf(w->out, "    double *const %s%d = flat + ((size_t)%zu + (size_t)%zu * cap);\n", name, k, w->f->flat, w->f->flat_cap);
    w->f->flat_cap++;
}

static void add_whole(gp_writer *w, int k)
{
    const gp_instr *in = &w->p->code.at[k];
    gp_buf *out = w->out;
    for (int j = 0; j < in->n_in; j++) {
        const gp_operand o = in->in[j];
        if (o.place == GP_AT_COLUMN && !w->flat_of[o.index]) {
            const gp_val *v = &w->p->vals.at[o.index];
            w->flat_of[o.index] = 1;
            add_flat(w, "x", o.index + 100000); /* loads are numbered by instruction, columns by value */
            if (v->letter == 'I')
                gp_buf_printf(out, "    for (int t = 0; t < n; t++) x%d[t] = t;\n", o.index + 100000);
            else
                gp_buf_printf(out, "    for (int t = 0; t < n; t++) x%d[t] = a->quotes[((size_t)a->column[%d] * cap + t) * a->tickers + ticker];\n",
                              o.index + 100000, gp_fuse_column_at(w, v));
        } else if (o.place == GP_AT_CONST || o.place == GP_AT_LANE) {
            add_flat(w, "y", k * GP_MAX_IN + j);
            gp_buf_printf(out, "    for (int t = 0; t < n; t++) y%d[t] = ", k * GP_MAX_IN + j);
            gp_fuse_operand(w, o);
            gp_buf_addz(out, ";\n");
        }
    }
    gp_buf_printf(out, "    if (n > 0) {\n        gp_whole w;\n        w.tmp = tmp, w.grid = 0, w.n = n;\n");
    for (int j = 0; j < in->n_in; j++) {
        const gp_operand o = in->in[j];
        if (o.place == GP_AT_COLUMN) gp_buf_printf(out, "        w.x[%d] = x%d;\n", j, o.index + 100000);
        else if (o.place == GP_AT_FULL) gp_buf_printf(out, "        w.x[%d] = f%d;\n", j, o.index);
        else gp_buf_printf(out, "        w.x[%d] = y%d;\n", j, k * GP_MAX_IN + j);
    }
    gp_buf_printf(out, "        k_%s(&w, f%d);\n    }\n", gp_fuse_id(in->fn), in->to.index);
    if (in->n_sinks) {
        char value[32];
        snprintf(value, sizeof value, "f%d[t]", in->to.index);
        gp_buf_addz(out, "    for (int t = 0; t < n; t++) {\n");
        add_sinks(w, in, value);
        gp_buf_addz(out, "    }\n");
    }
}

/* Where pieces meet: the first own bar of a piece is the bar after the last one of the piece before. */
static void add_meeting(gp_writer *w, const gp_stage *st)
{
    gp_buf_addz(w->out, "        if (t == to || (t == from && piece)) {\n"
                        "            uint64_t z = GP_HASH_START;\n");
    for (int k = st->first; k < st->first + st->n_block; k++) gp_fuse_kept(w, k);
    gp_buf_addz(w->out, "            a->meet[((size_t)piece * 2 + (t == to)) * a->lanes + slot] = z;\n"
                        "            if (t == to) break;\n"
                        "        }\n");
}

/* Stages share one scope as far as full-length registers go; what a stage keeps between bars is its own. */
static void add_stage(gp_writer *w, const gp_stage *st)
{
    gp_buf *out = w->out;
    gp_buf_addz(out, "    {\n");
    for (int k = st->first; k < st->first + st->n_block; k++) gp_fuse_declare(w, k);
    if (st->n_block) {
        for (int r = 0; r < w->p->n_block_regs; r++) gp_buf_printf(out, r ? ", r%d" : "    double r%d", r);
        gp_buf_printf(out, "%s    for (int t = %s; %s; t++) {\n", w->p->n_block_regs ? ";\n" : "", w->cut ? "start" : "0", w->cut ? "1" : "t < n");
        if (w->cut) add_meeting(w, st);
        for (int k = st->first; k < st->first + st->n_block; k++) add_step(w, k);
        gp_buf_addz(out, "    }\n");
    }
    gp_buf_addz(out, "    }\n");
    for (int k = st->first + st->n_block; k < st->first + st->n_block + st->n_whole; k++) add_whole(w, k);
}

static void add_facts(const gp_writer *w)
{
    for (int k = 0; k < w->f->n_facts; k++) gp_buf_printf(w->out, "    const double l%d = a->facts[(size_t)%d * a->tickers + ticker];\n", k, k);
    for (size_t c = 0; c < w->p->consts.n; c++)
        if (w->number_at[c] >= 0)
            gp_buf_printf(w->out, "    const double c%zu = a->numbers[(size_t)set * %d + %d];\n", c, w->f->n_numbers, w->number_at[c]);
}

static void add_place(const gp_writer *w)
{
    if (w->cut)
        gp_buf_addz(w->out, "    const int slot = lane % a->lanes, piece = lane / a->lanes;\n"
                            "    const int number = a->first + slot, set = number / a->tickers, ticker = number % a->tickers;\n"
                            "    const int n = a->bars[ticker], cap = a->cap, rows = a->rows;\n"
                            "    const int from = piece * a->span, to = n - from > a->span ? from + a->span : n;\n"
                            "    const int start = from > a->warm ? from - a->warm : 0;\n"
                            "    if (piece && from >= n) return;\n"
                            "    const size_t S = (size_t)a->lanes * a->pieces;\n"
                            "    (void)rows;\n");
    else
        gp_buf_addz(w->out, "    const int number = a->first + lane, set = number / a->tickers, ticker = number % a->tickers;\n"
                            "    const int n = a->bars[ticker], cap = a->cap;\n"
                            "    const size_t S = (size_t)a->lanes;\n");
    gp_buf_addz(w->out, "    double *const scratch = a->scratch + lane;\n"
                        "    (void)set, (void)S, (void)scratch, (void)cap;\n");
}

static void add_body(gp_writer *w)
{
    gp_buf *out = w->out;
    const int rows = w->sums ? 0 : w->f->n_rows;
    const char *place = w->cut ? "slot" : "lane";
    gp_buf_printf(out, "GP_STEP void lane_%s(const gp_fused_args *a, const int lane)\n{\n", w->name);
    add_place(w);
    gp_buf_printf(out, "    uint64_t hash[%d];\n    uint32_t bits[%d];\n", rows + 1, rows + 1);
    gp_buf_printf(out, "    for (int k = 0; k < %d; k++) hash[k] = GP_HASH_START, bits[k] = 0;\n", rows);
    add_facts(w);
    /* flat memory: its size a lane is known at the end, so that the columns come first and the lane's start is patched in by name */
    gp_buf_printf(out, "    double *const flat = a->flat + (size_t)lane * flat_%s(cap);\n    (void)flat;\n", w->name);
    for (int k = 0; k < w->p->n_full_regs; k++) add_flat(w, "f", k);
    gp_buf_printf(out, "    double *const tmp = flat + ((size_t)%zu + (size_t)%zu * cap);\n    (void)tmp;\n", w->f->flat, w->f->flat_cap);
    if (w->p->n_full_regs) w->f->flat += GP_WHOLE_TMP, w->f->flat_cap += GP_WHOLE_TMP;
    for (size_t s = 0; s < w->p->stages.n; s++) add_stage(w, &w->p->stages.at[s]);
    for (size_t k = 0; k < w->p->const_slots.n; k++) {
        const int row = w->p->const_slots.at[k];
        const gp_val *v = &w->p->vals.at[w->p->slots.at[row]];
        if (w->sums) gp_buf_addz(out, "    for (int t = 0; t < n; t++) if (gp_true(");
        else gp_buf_printf(out, "    for (int t = %s; t < %s; t++) gp_sink(a, %s, n, %d, t, ", w->cut ? "from" : "0", w->cut ? "to" : "n", place, row);
        gp_fuse_operand(w, (gp_operand){v->kind == GP_VAL_CONST ? GP_AT_CONST : GP_AT_LANE, v->where});
        if (w->sums) gp_buf_printf(out, ")) gp_add_bar(a, (set - a->first / a->tickers) * %d + %d, ticker, t);\n", w->f->n_rows, row);
        else gp_buf_printf(out, ", &hash[%d], &bits[%d]);\n", row, row);
    }
    gp_buf_printf(out, "    for (int k = 0; k < %d; k++) gp_sink_end(a, %s, k, %s, hash[k], bits[k]);\n}\n", rows, place, w->cut ? "to" : "n");
}

bool gp_fuse_kernel(const gp_program *const *sets, int n_sets, const gp_fuse_opts *o, gp_fused *f, gp_fuse_steps *steps, gp_buf *out)
{
    const char *why, *name;
    if (n_sets < 1 || !gp_fuse_can(sets[0], &why) || (o->sums && o->cut)) return false;
    if (o->cut && gp_cut_warm(sets, n_sets, &why, &name) < 0) return false;
    for (int s = 1; s < n_sets; s++)
        if (!gp_fuse_same(sets[0], sets[s])) return false;
    gp_buf body = {0};
    gp_writer w = {.sets = sets, .p = sets[0], .n_sets = n_sets, .f = f, .steps = steps, .out = &body, .name = o->name, .cut = o->cut, .sums = o->sums,
                   .tile = !o->shared, .local_one = o->local_one ? o->local_one : GP_LOCAL_ONE, .local_left = o->local_all ? o->local_all : GP_LOCAL_ALL,
                   .shared_left = o->shared, .small_left = gp_fuse_small_room(sets[0], o->shared ? 1 : o->blocks > 0 ? o->blocks : GP_FUSED_BLOCKS)};
    *f = (gp_fused){.n_facts = (int)w.p->lane_vals.n, .n_rows = (int)w.p->slots.n};
    f->n_columns = gp_fuse_columns(w.p, f->column, GP_FUSED_COLUMNS);
    w.number_at = gp_xcalloc(w.p->consts.n + 1, sizeof *w.number_at);
    w.length_at = gp_xcalloc(w.p->code.n + 1, sizeof *w.length_at);
    w.again = gp_xcalloc(w.p->code.n + 1, sizeof *w.again);
    for (size_t k = 0; k < w.p->code.n; k++) w.again[k] = -1;
    w.counted = gp_xcalloc(w.p->code.n + 1, sizeof *w.counted);
    w.small = gp_xcalloc(w.p->code.n + 1, sizeof *w.small);
    w.flat_of = gp_xcalloc(w.p->vals.n + 1, sizeof *w.flat_of);
    find_differences(&w);
    add_body(&w);
    gp_buf_printf(out, "GP_HD size_t flat_%s(int cap) { return (size_t)%zu + (size_t)%zu * cap; }\n", o->name, f->flat, f->flat_cap);
    gp_buf_add(out, body.p, body.n);
    /* with windows in shared memory it is that which says how many blocks there are */
    gp_buf_printf(out, "GP_FUSED_ENTRY%s(%s, %d)\n", o->cut ? "_CUT" : "", o->name, f->shared ? 1 : o->blocks > 0 ? o->blocks : GP_FUSED_BLOCKS);
    gp_buf_free(&body);
    free(w.number_at);
    free(w.length_at);
    free(w.flat_of);
    free(w.again);
    free(w.counted);
    free(w.small);
    return true;
}

void gp_fuse_prelude(const gp_fuse_steps *steps, bool exact_compare, gp_buf *out)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    if (exact_compare) gp_buf_addz(out, "#define GP_EXACT_COMPARE 1\n");
    gp_buf_addz(out, "#include \"accel/fused.h\"\n");
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        const char *shape = b->shape == GP_SHAPE_WINDOW ? "WINDOW" : b->shape == GP_SHAPE_MOMENTS ? "MOMENTS" : "HISTORY";
        if (steps->constant[b->id] && b->shape == GP_SHAPE_HISTORY) gp_buf_printf(out, "GP_FUSED_HISTORY(%s)\n", gp_fuse_id(b));
        else if (steps->constant[b->id]) gp_buf_printf(out, "GP_FUSED_%s(%s, %d)\n", shape, gp_fuse_id(b), b->n_state);
        if (steps->tile[b->id]) gp_buf_printf(out, "GP_FUSED_%s_TILE(%s, %d)\n", shape, gp_fuse_id(b), b->n_state);
        if (steps->small[b->id]) gp_buf_printf(out, "GP_FUSED_WINDOW_SMALL(%s, %d)\n", gp_fuse_id(b), b->n_state);
        if (steps->series[b->id]) gp_buf_printf(out, "GP_FUSED_%s_SERIES(%s, %d)\n", shape, gp_fuse_id(b), b->n_state);
    }
}

bool gp_fuse_source(const gp_program *const *sets, int n_sets, const gp_fuse_opts *o, gp_fused *f, gp_buf *out)
{
    gp_fuse_steps steps = {0};
    gp_buf kernel = {0};
    const bool ok = gp_fuse_kernel(sets, n_sets, o, f, &steps, &kernel);
    if (ok) {
        gp_fuse_prelude(&steps, sets[0]->exact != NULL, out);
        gp_buf_add(out, kernel.p, kernel.n);
    }
    gp_buf_free(&kernel);
    return ok;
}

void gp_fused_fini(gp_fused *f)
{
    free(f->numbers);
    free(f->lengths);
    *f = (gp_fused){0};
}

size_t gp_fused_scratch(const gp_fused *f, int cap)
{
    return f->scratch + f->scratch_cap * (size_t)cap;
}

size_t gp_fused_flat(const gp_fused *f, int cap)
{
    return f->flat + f->flat_cap * (size_t)cap;
}
