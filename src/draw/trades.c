/* Marks of trades.  All arrows are drawn, smaller where there are many.  Words stand where there is room for them: letters and price of each
 * trade, else fewer of them; where the arrows are small what the trades gave, and first what the largest did. */
#include "draw/marks.h"

enum { HALF_ARROW = 8, HALF_WIDE = 5, CLOSE_HITS = 16, FURTHEST = 72, MOST_ROWS = 3, TRADE_OWNER = 0x40000000 };
static const double small_arrow = 0.55;

/* How traders abbreviate the words of a trade: B opens, S closes, with K and P for the short side. */
static const struct { const char *word, *letters; bool buys; } trades[] = {
    {"ENTERLONG", "B", true}, {"EXITLONG", "S", false}, {"ENTERSHORT", "SK", false}, {"EXITSHORT", "BP", true},
    {"BUY", "B", true}, {"SELL", "S", false}, {"SELLSHORT", "SK", false}, {"BUYSHORT", "BP", true},
    {"BUYSHORT_BUY", "BPK", true}, {"SELL_SELLSHORT", "SPK", false}, {"CLOSEALLD", "S", false}, {"CLOSEALLK", "BP", true}};

typedef struct arrow {
    const gp_mark *m;
    const char *letters;  /* "": a hit of a screen, which has no words */
    const char *more;     /* further lines of its text: a price, what the trade gave; or NULL */
    double price, x;      /* where it points; pixels from the left */
    int rgb;
    bool buys;
    double end;           /* pixels from the top: where it ends and its words begin */
} arrow;

typedef struct arrows {
    gp_script *g;
    const gp_drawn_pane *pane;
    GP_VEC(arrow) all;
    double scale;
    gp_words words[2];    /* of selling, of buying; of small arrows losses and gains */
    int name;             /* of the first of them */
    gp_buf lines;         /* from an arrow to words that stand away from it */
} arrows;

/* ---- which there are ---- */

static int by_bar(const void *a, const void *b)
{
    const arrow *x = a, *y = b;
    return x->m->bar != y->m->bar ? (x->m->bar > y->m->bar) - (x->m->bar < y->m->bar) : (x->m > y->m) - (x->m < y->m);
}

static void gather(arrows *a, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const gp_sheet *s = a->g->s;
    const gp_bars *b = s->p->bars;
    double right = -1e9;
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        const char *more = m->text ? strchr(m->text, '\n') : NULL;
        const gp_str word = {m->text, more ? (size_t)(more - m->text) : m->text ? strlen(m->text) : 0};
        arrow one = {.m = m, .letters = "", .more = more ? more + 1 : NULL, .buys = true, .x = (m->bar - s->x0) * s->pitch};
        if (m->bar < 0 || m->bar >= s->p->n)
            continue;
        for (size_t j = 0; j < sizeof trades / sizeof *trades && !*one.letters; j++)
            if (m->text && gp_str_ieqz(word, trades[j].word)) {
                one.letters = trades[j].letters;
                one.buys = trades[j].buys;
            }
        if (s->pitch < 3 && one.x < right + (*one.letters ? 1 : CLOSE_HITS))
            continue;
        const int i = s->p->first + m->bar;
        const double *edge = one.buys ? b->low : b->high;
        one.price = edge && gp_is_drawable(edge[i]) ? edge[i] : b->close ? b->close[i] : m->price;
        if (!gp_is_in_pane(a->g, a->pane, m->bar, one.price))
            continue;
        right = one.x;
        one.rgb = *one.letters ? (one.buys ? s->theme.rise : s->theme.fall) : l->looks.rgb >= 0 ? shown->colour : 0xFFB000;
        gp_vec_push(&a->all, one);
    }
}

/* Many that would cover each other are all smaller. */
static double scale_of(const arrows *a)
{
    double right[2] = {-1e9, -1e9};
    size_t close = 0;
    for (size_t k = 0; k < a->all.n; k++) {
        const arrow *one = &a->all.at[k];
        close += *one->letters && one->x < right[one->buys] + 2 * HALF_WIDE;
        right[one->buys] = one->x;
    }
    return close * 4 > a->all.n ? small_arrow : 1;
}

/* ---- the arrows ---- */

/* At its price, or beyond what stands there. */
static void place_arrow(arrows *a, arrow *one, gp_stamps *stamps)
{
    const double half = HALF_ARROW * a->scale, wide = (HALF_WIDE - 1) * a->scale, sign = one->buys ? 1 : -1, edge = gp_pane_down(a->pane, one->price);
    double down = edge + sign * (half + 3);
    for (double away = 0; away <= MOST_ROWS * (2 * half + 1); away += 3) {
        const double y = edge + sign * (half + 3 + away);
        const gp_box box = {one->x - wide, y - half + 1, one->x + wide, y + half - 1};
        if (box.top < 0 || box.bottom > a->pane->plot.bottom - a->pane->plot.top)
            break;
        if (!gp_room_owner(a->g->room, box)) {
            down = y;
            break;
        }
    }
    gp_room_take(a->g->room, (gp_box){one->x - wide, down - half + 1, one->x + wide, down + half - 1}, TRADE_OWNER);
    one->end = down + sign * half;
    gp_vec_push(stamps, ((gp_stamp){.icon = *one->letters ? gp_icon_signal(one->buys, one->rgb) : gp_icon_hit(one->rgb),
                                    .at = {.pane = a->pane, .x = one->m->bar, .per_bar = a->g->s->pitch, .scale = a->scale,
                                           .y = gp_pane_above(a->pane, one->price, edge - down)}}));
}

/* ---- the words ---- */

/* Are there candles in the box?  *beyond: where the furthest of them ends to that side. */
static bool has_candles(const arrows *a, const gp_box *box, bool downwards, double *beyond)
{
    const gp_sheet *s = a->g->s;
    const gp_bars *b = s->p->bars;
    bool in = false;
    if (a->pane->kind != GP_PANE_KIND_PRICE || !b->high || !b->low)
        return false;
    for (int i = (int)fmax(0, box->left / s->pitch + s->x0); i < s->p->n && i <= box->right / s->pitch + s->x0; i++) {
        const double high = b->high[s->p->first + i], low = b->low[s->p->first + i];
        if (!gp_is_drawable(high) || !gp_is_drawable(low))
            continue;
        const double top = gp_pane_down(a->pane, high), bottom = gp_pane_down(a->pane, low);
        if (bottom < box->top || top > box->bottom)
            continue;
        *beyond = !in ? (downwards ? bottom : top) : downwards ? fmax(*beyond, bottom) : fmin(*beyond, top);
        in = true;
    }
    return in;
}

/* Room for words so high and wide beyond the arrow, at most so many pixels away; *box is where. */
static bool find_room(const arrows *a, const arrow *one, double wide, double high, double furthest, gp_box *box)
{
    const double across = a->pane->plot.right - a->pane->plot.left, end = a->pane->plot.bottom - a->pane->plot.top;
    const double x = fmin(fmax(one->x, wide / 2 + 1), across - wide / 2 - 1);
    for (double away = 1; away <= furthest; away += 3) {
        double beyond = 0;
        const double top = one->buys ? one->end + away : one->end - away - high;
        *box = (gp_box){x - wide / 2, top, x + wide / 2, top + high};
        if (box->top < 0 || box->bottom > end)
            return false;
        if (has_candles(a, box, one->buys, &beyond)) {
            away = fmax(away, (one->buys ? beyond - one->end : one->end - beyond) - 1);
            continue;
        }
        if (!gp_room_owner(a->g->room, (gp_box){box->left + 1, box->top + 1, box->right - 1, box->bottom - 1}))
            return true;
    }
    return false;
}

/* Under small arrows in the colour of a gain or a loss, for no letter says whether they sold. */
static void put_words(arrows *a, const arrow *one, const char *text, const gp_box *box, double height)
{
    const gp_sheet *s = a->g->s;
    const double x = (box->left + box->right) / 2 / s->pitch + s->x0, away = one->buys ? box->top - one->end : one->end - box->bottom;
    double y = box->top + height / 2;
    const int kind = a->scale < 1 ? *text == '+' : one->buys;
    gp_words *to = &a->words[kind];
    gp_room_take(a->g->room, *box, TRADE_OWNER + 1);
    if (away > 8) {
        const double from = gp_pane_above(a->pane, a->pane->hi, -one->end - (one->buys ? 1 : -1)), by = gp_pane_above(a->pane, a->pane->hi, one->buys ? -box->top : -box->bottom);
        gp_buf_printf(&a->lines, "%d %.10g 0 %.10g\n", one->m->bar, fmin(from, by), fabs(from - by));
    }
    for (const char *p = text; *p; y += height) {
        const size_t n = strcspn(p, "\n");
        char *line = gp_xcalloc(n + 1, 1);
        memcpy(line, p, n);
        to->last = NULL;
        gp_words_add(to, a->name + kind, x, gp_pane_above(a->pane, a->pane->hi, -y), line);
        to->last = NULL;
        free(line);
        p += n + (p[n] != 0);
    }
}

/* Places them when there is room so far away. */
static bool try_words(arrows *a, const arrow *one, const char *text, double furthest)
{
    const double em = a->g->s->em, height = em * 1.2;
    double wide = 0;
    int lines = 0;
    gp_box box;
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char line[80];
        snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
        wide = fmax(wide, gp_text_ems(line) * em);
        lines++;
    }
    if (!find_room(a, one, wide + 4, lines * height, furthest, &box))
        return false;
    put_words(a, one, text, &box, height);
    return true;
}

/* The last line of a text of several: what an exit gave. */
static const char *result_of(const arrow *one)
{
    const char *last = one->more ? strrchr(one->more, '\n') : NULL;
    return last ? last + 1 : NULL;
}

/* All of them, else the last line with the letters, else the letters alone. */
static void place_words(arrows *a, const arrow *one)
{
    const char *last = result_of(one);
    gp_buf all = {0}, few = {0};
    gp_buf_printf(&all, "%s %s", one->letters, one->more ? one->more : "");
    gp_buf_printf(&few, "%s %s", one->letters, last ? last : "");
    if (!(one->more && try_words(a, one, all.p, FURTHEST)) && !(last && try_words(a, one, few.p, FURTHEST * 0.5)))
        try_words(a, one, one->letters, one->more ? 6 : 24); /* beside those with a price letters far away would mislead */
    gp_buf_free(&all);
    gp_buf_free(&few);
}

static double size_of(const arrow *one) { return result_of(one) ? fabs(strtod(result_of(one), NULL)) : -1; }

static int by_size(const void *a, const void *b)
{
    const arrow *x = a, *y = b;
    const double p = size_of(x), q = size_of(y);
    return p != q ? (p < q) - (p > q) : by_bar(a, b);
}

void gp_script_trades(gp_script *g, const gp_drawn_pane *pane)
{
    arrows a = {.g = g, .pane = pane};
    gp_stamps stamps = {0};
    for (size_t k = 0; k < pane->layers.n; k++)
        if (pane->layers.at[k].layer->kind == GP_LAYER_SIGNALS)
            gather(&a, &pane->layers.at[k]);
    if (a.all.n)
        qsort(a.all.at, a.all.n, sizeof *a.all.at, by_bar);
    a.scale = scale_of(&a);
    a.name = g->n_texts + 1;
    g->n_texts += 2;
    for (size_t k = 0; k < a.all.n; k++)
        place_arrow(&a, &a.all.at[k], &stamps);
    if (a.all.n && a.scale < 1)
        qsort(a.all.at, a.all.n, sizeof *a.all.at, by_size);
    for (size_t k = 0; k < a.all.n; k++) {
        const arrow *one = &a.all.at[k];
        if (a.scale == 1 && *one->letters)
            place_words(&a, one);
        else if (result_of(one))
            try_words(&a, one, result_of(one), FURTHEST * 0.4);
    }
    if (a.lines.n) {
        const int block = gp_script_block(g);
        gp_buf_add(g->out, a.lines.p, a.lines.n);
        gp_script_block_end(g);
        gp_script_plot(g, "d%d using 1:2:3:4 with vectors nohead lw 0.75 lc rgb '#%06x'", block, (unsigned)gp_theme_mix(g->s->theme.background, g->s->theme.dim, 0.6));
    }
    gp_stamps_plot(g, &stamps);
    for (int kind = 0; kind < 2; kind++) {
        gp_words_halo(g, pane, &a.words[kind], a.name + kind);
        gp_words_plot(g, &a.words[kind], a.name + kind, kind ? g->s->theme.rise : g->s->theme.fall, g->s->em, "");
    }
    gp_buf_free(&a.lines);
    gp_vec_free(&stamps);
    gp_vec_free(&a.all);
}
