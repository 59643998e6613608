#include "accel/table.h"
#include <string.h>
#include "accel/writer.h"

/* ---- the kernel ---- */

/* A row's loop and its case of the switch. */
static void add_row(const gp_builtin *b, gp_fuse_steps *steps, gp_buf *loops, gp_buf *cases)
{
    const char *id = gp_fuse_id(b);
    switch (b->shape) {
    case GP_SHAPE_MAP: gp_buf_printf(loops, "GP_INTERP_MAP(%s, %d)\n", id, b->n_in); break;
    case GP_SHAPE_SCAN: gp_buf_printf(loops, "GP_INTERP_SCAN(%s, %d, %d)\n", id, b->n_in, b->n_state); break;
    case GP_SHAPE_DELAY: gp_buf_printf(loops, b->id == GP_B_REF ? "GP_INTERP_REF(%s)\n" : "GP_INTERP_DELAY(%s)\n", id); break;
    case GP_SHAPE_WINDOW: gp_buf_printf(loops, "GP_INTERP_WINDOW(%s, %d)\n", id, b->n_state); break;
    case GP_SHAPE_MOMENTS: gp_buf_printf(loops, "GP_INTERP_MOMENTS(%s, %d)\n", id, b->n_state); break;
    case GP_SHAPE_HISTORY: gp_buf_printf(loops, "GP_INTERP_HISTORY(%s, %d)\n", id, b->n_in); break;
    default: gp_buf_printf(loops, "GP_INTERP_WHOLE(%s)\n", id); break;
    }
    steps->constant[b->id] = b->shape == GP_SHAPE_WINDOW || b->shape == GP_SHAPE_MOMENTS || b->shape == GP_SHAPE_HISTORY;
    gp_buf_printf(cases, "    case %d: run_%s(e); break;\n", (int)b->id, id);
}

/* The same for N read on every bar. */
static void add_series(const gp_builtin *b, gp_fuse_steps *steps, gp_buf *loops, gp_buf *cases)
{
    const char *id = gp_fuse_id(b);
    gp_buf_printf(loops, b->shape == GP_SHAPE_WINDOW ? "GP_INTERP_WINDOW_SERIES(%s, %d)\n" : "GP_INTERP_MOMENTS_SERIES(%s, %d)\n", id, b->n_state);
    steps->series[b->id] = true;
    gp_buf_printf(cases, "    case %d: run_series_%s(e); break;\n", (int)b->id + GP_INTERP_SERIES, id);
}

static bool is_rare(const gp_builtin *b, bool series)
{
    return series || b->shape == GP_SHAPE_HISTORY || b->shape == GP_SHAPE_WHOLE;
}

gp_interp_variant gp_interp_variant_of(const gp_program *p)
{
    gp_interp_variant v = p->exact ? GP_INTERP_EXACT : 0;
    for (size_t k = 0; k < p->code.n; k++)
        if (p->code.at[k].fn && is_rare(p->code.at[k].fn, p->code.at[k].series_n)) v |= GP_INTERP_RARE;
    return v;
}

void gp_interp_source(gp_interp_variant v, const char *name, gp_fuse_steps *steps, gp_buf *out)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    gp_buf cases = {0};
    gp_buf_addz(out, "#include \"accel/interp.h\"\n");
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        if (gp_fuse_refuses(b)) continue;
        if ((v & GP_INTERP_RARE) || !is_rare(b, false)) add_row(b, steps, out, &cases);
        if ((v & GP_INTERP_RARE) && (b->shape == GP_SHAPE_WINDOW || b->shape == GP_SHAPE_MOMENTS)) add_series(b, steps, out, &cases);
    }
    gp_buf_printf(out, "GP_STEP void gp_interp_run(int op, const gp_run *e)\n{\n    switch (op) {\n%s    default: break;\n    }\n}\n", cases.p);
    gp_buf_printf(out, "GP_STEP void lane_%s(const gp_fused_args *a, const int lane) { gp_interp_do(a, lane); }\nGP_FUSED_ENTRY(%s, 1)\n", name, name);
    gp_buf_free(&cases);
}

/* ---- programs ---- */

static bool in_memory(gp_interp_instr *x, int j)
{
    return x->place[j] == GP_INTERP_FULL || x->place[j] == GP_INTERP_COLUMN;
}

static bool varies(gp_interp_instr *x, int j)
{
    return x->place[j] == GP_INTERP_BLOCK || in_memory(x, j);
}

/* Doubles of state; as interp.h lays it out. */
static size_t state_of(const gp_instr *in, gp_interp_instr *x, size_t cap)
{
    const size_t f = (size_t)in->fn->n_state;
    const bool positive = in->len > 0 && in->len != GP_N_ALL;
    const size_t rows = positive && (size_t)in->len < cap ? (size_t)in->len : cap;
    size_t kept = 0;
    switch (in->fn->shape) {
    case GP_SHAPE_SCAN: return f;
    case GP_SHAPE_DELAY:
        x->kept = !in_memory(x, 0);
        return x->kept && positive ? rows : 0;
    case GP_SHAPE_WINDOW:
        if (in->series_n) return 1 + (2 * cap + 40) * f;
        return in->len == GP_N_ALL ? f + 1 : positive ? f + 1 + (rows + 1) * f : 0;
    case GP_SHAPE_MOMENTS:
        if (in->series_n) return 2 + cap;
        return positive ? 3 + f + (rows + 1) * (1 + f) : 0;
    case GP_SHAPE_HISTORY:
        for (int j = 0; j < in->n_in; j++)
            if (varies(x, j) && !in_memory(x, j)) x->kept |= 1 << j, kept++;
        return 8 + kept * cap;
    default: return 0;
    }
}

static int column_in(const gp_tile *tile, const gp_val *v)
{
    for (int c = 0; tile && c < tile->n_columns; c++)
        if (tile->column[c].letter == v->letter && tile->column[c].external == (v->letter == 'X' ? v->text : -1)) return c;
    return tile ? -1 : 0;
}

static void add_ints(gp_interp_table *t, const void *p, size_t bytes)
{
    const int *from = p;
    for (size_t k = 0; k < bytes / sizeof *from; k++) gp_vec_push(&t->ints, from[k]);
}

typedef struct maker {
    gp_interp_table *t;
    const gp_program *p;
    const gp_tile *tile; /* NULL: only measuring */
    int cap;
    int *column;         /* per block register: the column of the tile that it would hold a copy of, or -1 */
    size_t scratch;
    int spread;          /* most operands of a whole-series function */
    bool lacks;
    gp_interp_program head;
} maker;

static void operand(maker *m, gp_operand o, int *place, int *index)
{
    static const int places[] = {[GP_AT_BLOCK] = GP_INTERP_BLOCK, [GP_AT_FULL] = GP_INTERP_FULL, [GP_AT_CONST] = GP_INTERP_CONST, [GP_AT_LANE] = GP_INTERP_FACT,
                                 [GP_AT_COLUMN] = GP_INTERP_COLUMN};
    *place = places[o.place];
    *index = o.index;
    if (o.place == GP_AT_BLOCK && m->column[o.index] >= 0) {
        *place = GP_INTERP_COLUMN;
        *index = m->column[o.index];
    } else if (o.place == GP_AT_COLUMN) {
        const gp_val *v = &m->p->vals.at[o.index];
        *index = v->letter == 'I' ? -1 : column_in(m->tile, v);
        m->lacks |= *index < 0 && v->letter != 'I';
    }
}

/* False: a column that is read in place, of which nobody wants a copy. */
static bool instruction(maker *m, const gp_instr *in, gp_interp_instr *x)
{
    *x = (gp_interp_instr){.len = in->len, .last = in->n_is_last, .mask = (int)in->series_mask, .n_in = in->fn ? in->n_in : 0, .n_sinks = in->n_sinks};
    for (int j = 0; j < x->n_in; j++) operand(m, in->in[j], &x->place[j], &x->index[j]);
    if (!in->fn) {
        const int column = in->letter == 'I' ? -1 : column_in(m->tile, &m->p->vals.at[in->val]);
        m->lacks |= column < 0 && in->letter != 'I';
        x->op = in->letter == 'I' ? GP_INTERP_COUNT : GP_INTERP_LOAD;
        x->n_in = in->letter != 'I';
        x->place[0] = GP_INTERP_COLUMN;
        x->index[0] = column;
        if (in->to.place == GP_AT_BLOCK) m->column[in->to.index] = column;
        if (in->to.place == GP_AT_BLOCK && column >= 0 && !in->n_sinks) return false;
    } else {
        x->op = (int)in->fn->id + (in->series_n ? GP_INTERP_SERIES : 0);
        x->state = (int)m->scratch;
        m->scratch += state_of(in, x, (size_t)m->cap);
        if (in->to.place == GP_AT_BLOCK) m->column[in->to.index] = -1;
        if (in->whole && in->n_in > m->spread) m->spread = in->n_in;
    }
    x->to_place = in->to.place == GP_AT_FULL ? GP_INTERP_FULL : GP_INTERP_BLOCK;
    x->to = in->to.index;
    return true;
}

static void stages(maker *m)
{
    GP_VEC(gp_interp_stage) all = {0};
    for (size_t s = 0; s < m->p->stages.n; s++) {
        const gp_stage *st = &m->p->stages.at[s];
        GP_VEC(gp_interp_instr) code = {0};
        gp_interp_stage out = {.n_whole = st->n_whole};
        for (int k = 0; k < m->p->n_block_regs; k++) m->column[k] = -1;
        for (int k = st->first; k < st->first + st->n_block + st->n_whole; k++) {
            const gp_instr *in = &m->p->code.at[k];
            gp_interp_instr x;
            if (!instruction(m, in, &x)) continue;
            x.sinks = (int)m->t->ints.n;
            for (int j = 0; j < in->n_sinks; j++) gp_vec_push(&m->t->ints, m->p->sinks.at[in->sink0 + j]);
            gp_vec_push(&code, x);
        }
        out.code = (int)m->t->ints.n;
        out.n_block = (int)code.n - out.n_whole;
        add_ints(m->t, code.at, code.n * sizeof *code.at);
        gp_vec_push(&all, out);
        gp_vec_free(&code);
    }
    m->head.stages = (int)m->t->ints.n;
    m->head.n_stages = (int)all.n;
    add_ints(m->t, all.at, all.n * sizeof *all.at);
    gp_vec_free(&all);
}

static void fixed_results(maker *m)
{
    m->head.fixed = (int)m->t->ints.n;
    m->head.n_fixed = (int)m->p->const_slots.n;
    for (size_t k = 0; k < m->p->const_slots.n; k++) {
        const int row = m->p->const_slots.at[k];
        const gp_val *v = &m->p->vals.at[m->p->slots.at[row]];
        const int triple[] = {row, v->kind == GP_VAL_CONST ? GP_INTERP_CONST : GP_INTERP_FACT, v->where};
        add_ints(m->t, triple, sizeof triple);
    }
}

static void make(maker *m)
{
    m->column = gp_xcalloc((size_t)m->p->n_block_regs + 1, sizeof *m->column);
    stages(m);
    fixed_results(m);
    m->head.regs = (int)m->scratch;
    m->scratch += (size_t)m->p->n_block_regs * GP_INTERP_BARS;
    m->head.spread = m->p->n_full_regs;
    if (m->p->n_full_regs) m->head.flat_size = (m->p->n_full_regs + m->spread + GP_WHOLE_TMP) * m->cap + GP_WHOLE_TMP;
    m->head.n_rows = (int)m->p->slots.n;
    free(m->column);
}

static gp_interp_size size_of(const maker *m)
{
    return (gp_interp_size){.scratch = m->scratch, .flat = (size_t)m->head.flat_size, .facts = (int)m->p->lane_vals.n, .rows = m->head.n_rows};
}

gp_interp_size gp_interp_measure(const gp_program *p, int cap)
{
    gp_interp_table t = {0};
    maker m = {.t = &t, .p = p, .cap = cap};
    make(&m);
    gp_interp_fini(&t);
    return size_of(&m);
}

bool gp_interp_add(gp_interp_table *t, const gp_program *p, const gp_tile *tile, int cap)
{
    maker m = {.t = t, .p = p, .tile = tile, .cap = cap};
    if (t->ints.n == 0) add_ints(t, &(gp_interp_head){0}, sizeof(gp_interp_head));
    const size_t before = t->ints.n;
    make(&m);
    if (m.lacks) {
        t->ints.n = before;
        return false;
    }
    m.head.consts = (int)t->numbers.n;
    for (size_t c = 0; c < p->consts.n; c++) gp_vec_push(&t->numbers, p->consts.at[c]);
    m.head.facts = t->size.facts;
    m.head.row = t->size.rows;
    m.head.scratch = (int)t->size.scratch;
    m.head.flat = (int)t->size.flat;
    const gp_interp_size own = size_of(&m);
    t->size = (gp_interp_size){t->size.scratch + own.scratch, t->size.flat + own.flat, t->size.facts + own.facts, t->size.rows + own.rows};
    gp_vec_push(&t->programs, m.head);
    return true;
}

void gp_interp_end(gp_interp_table *t, int pitch, int first, int tickers)
{
    const gp_interp_head head = {(int)t->ints.n, pitch, first, tickers};
    memcpy(t->ints.at, &head, sizeof head);
    add_ints(t, t->programs.at, t->programs.n * sizeof *t->programs.at);
}

void gp_interp_fini(gp_interp_table *t)
{
    gp_vec_free(&t->ints);
    gp_vec_free(&t->numbers);
    gp_vec_free(&t->programs);
    *t = (gp_interp_table){0};
}
