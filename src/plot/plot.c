/* Outputs -> layers. */
#include "plot/make.h"

const char *gp_layer_kind_name(gp_layer_kind k)
{
    static const char *const names[] = { "line",    "band",       "candles", "stick",     "text",  "number", "icon", "picture",
                                         "segment", "background", "caption", "rectangle", "paint", "signal", "value" };
    return (unsigned)k < sizeof names / sizeof *names ? names[k] : "";
}

const char *gp_fill_name(gp_fill f)
{
    static const char *const names[] = { "solid", "hollow", "dashed", "centre" };
    return (unsigned)f < sizeof names / sizeof *names ? names[f] : "";
}

/* ---- arguments ---- */

static const gp_draw_arg *arg_named(const gp_maker *m, const char *name)
{
    for (int j = 0; j < m->o->n_args; j++)
        if (gp_str_ieqz(m->o->args[j].arg->name, name))
            return &m->o->args[j];
    return NULL;
}

const double *gp_plot_arg(const gp_maker *m, const char *name)
{
    const gp_draw_arg *a = arg_named(m, name);
    return a && a->slot >= 0 ? m->in->out[a->slot] : NULL;
}

int gp_plot_colour(const gp_maker *m, int j, int i)
{
    const int slot = j < m->o->n_args ? m->o->args[j].slot : -1;
    const double v = slot >= 0 ? m->in->out[slot][i] : NAN;
    if (!(v >= 0 && v <= 0xFFFFFF))
        return -1;
    const int c = (int)v; /* red in the low byte */
    return (c & 0xFF) << 16 | (c & 0xFF00) | c >> 16;
}

const char *gp_plot_text(gp_maker *m, const char *name, int i)
{
    const gp_draw_arg *a = arg_named(m, name);
    if (!a || a->text < 0)
        return "";
    const char *text = gp_vm_text_at(m->in->vm, m->in->lane, a->text, i);
    char *copy = gp_arena_strndup(&m->plot->arena, text, strlen(text));
    for (char *p = copy; *p; p++)
        if (*p == '&') /* how the language writes a line end */
            *p = '\n';
    return copy;
}

/* ---- layers ---- */

static int *new_colours(gp_maker *m)
{
    int *c = gp_arena_alloc(&m->plot->arena, ((size_t)m->plot->n + 1) * sizeof *c);
    for (int i = 0; i < m->plot->n; i++)
        c[i] = -1;
    return c;
}

static const double *shown(const gp_maker *m, const double *x)
{
    return x ? x + m->in->from : NULL;
}

/* The line in the colour of the first condition that holds; a last condition without a colour takes the statement's. */
static void partline(gp_maker *m, gp_layer *l)
{
    int *colours = new_colours(m);
    l->kind = GP_LAYER_LINE;
    l->y[0] = shown(m, gp_plot_arg(m, "P"));
    l->colours = colours;
    for (int i = 0; i < m->plot->n; i++)
        for (int j = 1; j < m->o->n_args; j += 2) {
            const int slot = m->o->args[j].slot;
            if (slot < 0 || !gp_plot_true(m->in->out[slot][i + m->in->from]))
                continue;
            colours[i] = gp_plot_colour(m, j + 1, i + m->in->from);
            if (colours[i] < 0)
                colours[i] = l->looks.rgb >= 0 ? l->looks.rgb : 0xFFFFFF;
            break;
        }
}

/* DRAWBAND fills between V1 and V2 in COL1 where V1 is above, in COL2 where it is below; FILLRGN between P1 and P2 where COND holds. */
static void band(gp_maker *m, gp_layer *l)
{
    const bool region = m->o->draw->id == GP_B_FILLRGN;
    const double *cond = gp_plot_arg(m, "COND");
    const double *a = gp_plot_arg(m, region ? "P1" : "V1"), *b = gp_plot_arg(m, region ? "P2" : "V2");
    int *colours = new_colours(m);
    l->kind = GP_LAYER_BAND;
    l->y[0] = shown(m, a);
    l->y[1] = shown(m, b);
    l->colours = colours;
    for (int i = 0; i < m->plot->n; i++) {
        const int at = i + m->in->from;
        if (!a || !b || a[at] != a[at] || b[at] != b[at])
            continue;
        if (region)
            colours[i] = cond && gp_plot_true(cond[at]) ? (l->looks.rgb >= 0 ? l->looks.rgb : 0x808080) : -1;
        else if (a[at] != b[at])
            colours[i] = gp_plot_colour(m, a[at] > b[at] ? 1 : 3, at);
    }
}

static void add_layer(gp_maker *m, gp_layer l)
{
    gp_mark *marks = gp_arena_alloc(&m->plot->arena, (m->marks.n + 1) * sizeof *marks);
    if (m->marks.n)
        memcpy(marks, m->marks.at, m->marks.n * sizeof *marks);
    l.marks = marks;
    l.n_marks = m->marks.n;
    m->marks.n = 0;
    gp_vec_push(&m->layers, l);
}

static void drawing(gp_maker *m, gp_layer l)
{
    static const char *const parts[] = { "O", "H", "L", "C" };
    l.function = m->o->draw->name;
    if (gp_plot_marks(m, &l) || gp_plot_segments(m, &l)) {
        add_layer(m, l);
        return;
    }
    switch (m->o->draw->id) {
    case GP_B_PARTLINE: partline(m, &l); break;
    case GP_B_DRAWBAND:
    case GP_B_FILLRGN: band(m, &l); break;
    case GP_B_DRAWKLINE:
        l.kind = GP_LAYER_CANDLES;
        for (int k = 0; k < 4; k++)
            l.y[k] = shown(m, gp_plot_arg(m, parts[k]));
        break;
    default: /* a row that came later: its price as a line */
        if (m->o->slot < 0)
            return;
        l.y[0] = shown(m, m->in->out[m->o->slot]);
        break;
    }
    add_layer(m, l);
}

static void signals(gp_maker *m, gp_layer l)
{
    l.kind = GP_LAYER_SIGNALS;
    for (int i = m->in->from; i < m->in->to; i++) {
        if (!gp_plot_true(m->in->out[m->o->slot][i]))
            continue;
        gp_mark k = gp_plot_mark(m, i);
        k.text = l.name;
        gp_vec_push(&m->marks, k);
    }
    add_layer(m, l);
}

/* 五彩K线: every bar in the colour of the last output that holds on it. */
static void paint(gp_maker *m, const gp_output *outputs, int n)
{
    int *colours = new_colours(m);
    const char **owners = gp_arena_alloc(&m->plot->arena, ((size_t)m->plot->n + 1) * sizeof *owners);
    gp_layer l = { .kind = GP_LAYER_PAINT, .pane = GP_PANE_MAIN, .name = m->plot->title, .looks = { .rgb = -1, .width = -1, .decimals = -1 },
                   .colours = colours, .owners = owners };
    for (int k = 0; k < n; k++) {
        if (outputs[k].kind != GP_OUT_SERIES)
            continue;
        const gp_looks looks = gp_looks_of(outputs[k].attrs, outputs[k].n_attrs, m->in->formula->stmts[outputs[k].stmt].name);
        for (int i = 0; i < m->plot->n; i++) {
            if (!gp_plot_true(m->in->out[outputs[k].slot][i + m->in->from]))
                continue;
            colours[i] = looks.rgb >= 0 ? looks.rgb : 0xFFFF00;
            owners[i] = outputs[k].name;
        }
    }
    add_layer(m, l);
}

/* The expression of a statement as it is written, in one line without blanks. */
static const char *text_of(gp_maker *m, const gp_stmt *s)
{
    const gp_span at = s->expr->span;
    if (s->name.n || !at.src)
        return NULL;
    char *text = gp_arena_strndup(&m->plot->arena, at.src->text.p + at.at, at.n), *out = text;
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p > ' ')
            *out++ = *p;
    *out = 0;
    return text;
}

static void output(gp_maker *m)
{
    const gp_output *o = m->o;
    const gp_str name = m->in->formula->stmts[o->stmt].name;
    gp_layer l = { .kind = GP_LAYER_LINE, .pane = m->plot->pane, .name = o->name, .looks = gp_looks_of(o->attrs, o->n_attrs, name),
                   .text = text_of(m, &m->in->formula->stmts[o->stmt]) };
    if (o->kind == GP_OUT_DRAW) {
        if (m->plot->kind.kind != GP_KIND_SCREEN && m->plot->kind.kind != GP_KIND_KLINE) /* their contract */
            drawing(m, l);
    } else if (o->kind == GP_OUT_TEXT) {
        const char *text = m->plot->n ? gp_vm_text_at(m->in->vm, m->in->lane, o->text, m->in->to - 1) : "";
        gp_mark k = gp_plot_mark(m, 0);
        k.bar = GP_BAR_NONE;
        k.text = gp_arena_strndup(&m->plot->arena, text, strlen(text));
        gp_vec_push(&m->marks, k);
        l.kind = GP_LAYER_VALUE;
        add_layer(m, l);
    } else if (o->kind == GP_OUT_SERIES && (gp_is_expert_name(name) || o->stmt == m->plot->kind.result)) {
        l.pane = GP_PANE_MAIN;
        signals(m, l);
    } else if (o->kind == GP_OUT_SERIES && m->plot->kind.kind != GP_KIND_KLINE) {
        l.y[0] = shown(m, m->in->out[o->slot]);
        add_layer(m, l);
    }
}

void gp_plot_make(gp_plot *p, const gp_plot_input *in)
{
    int n;
    const gp_output *outputs = gp_program_outputs(in->program, &n);
    gp_maker m = { .in = in, .plot = p };
    *p = (gp_plot){ .bars = in->bars, .first = in->from, .n = in->to > in->from ? in->to - in->from : 0,
                    .kind = gp_formula_kind(in->formula), .pane = in->pane ? (gp_pane)(in->pane - 1) : gp_plot_pane(in->formula) };
    const gp_str title = in->formula->header.title.n ? in->formula->header.title : gp_str_from(in->formula->src->name);
    p->title = gp_arena_strndup(&p->arena, title.p, title.n);
    if (p->kind.kind == GP_KIND_KLINE)
        paint(&m, outputs, n);
    for (int k = 0; k < n; k++) {
        m.o = &outputs[k];
        output(&m);
    }
    p->n_layers = (int)m.layers.n;
    gp_layer *layers = gp_arena_alloc(&p->arena, (m.layers.n + 1) * sizeof *layers);
    if (m.layers.n)
        memcpy(layers, m.layers.at, m.layers.n * sizeof *layers);
    p->layers = layers;
    gp_vec_free(&m.layers);
    gp_vec_free(&m.marks);
}

void gp_plot_fini(gp_plot *p)
{
    gp_arena_fini(&p->arena);
    *p = (gp_plot){ 0 };
}
