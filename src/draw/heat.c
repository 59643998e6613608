/* A heat map in a panel: a cell for each pair of values, coloured by what it gave, with the number in it where there is room. */
#include "draw/chart.h"
#include "draw/draw.h"

enum { LABEL_ROOM = 46, LABEL_HEIGHT = 20, NUMBER_WIDTH = 40, NUMBER_HEIGHT = 17, BAR_STEPS = 120 };

static int round_number(int least)
{
    static const int numbers[] = {1, 2, 5, 10, 20, 50, 100, 200};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        if (numbers[k] >= least)
            return numbers[k];
    return least;
}

/* Where every k-th label is to begin, so that the most of them end in a 0, or else in a 5. */
static int rounder_first(const char *const *text, int n, int every)
{
    int best = 0, best_score = -1;
    for (int from = 0; from < every && from < n; from++) {
        int score = 0;
        for (int i = from; i < n; i += every) {
            const size_t length = text[i] ? strlen(text[i]) : 0;
            const char last = length ? text[i][length - 1] : 0;
            score += last == '0' ? 3 : last == '5' ? 1 : 0;
        }
        if (score > best_score) {
            best = from;
            best_score = score;
        }
    }
    return best;
}

/* Labels so far apart that they do not touch. */
static void labels(const char *const *text, int n, double pixels, double room, gp_ticks *out)
{
    const int most = (int)(pixels / room) < 1 ? 1 : (int)(pixels / room), every = round_number((n + most - 1) / most), first = rounder_first(text, n, every);
    for (int i = first; i < n; i += every) {
        gp_tick t = {.at = i + 0.5};
        size_t to = 0;
        for (const char *p = text[i]; p && *p && to + 2 < sizeof t.text; p++) {
            if (*p == '%')
                t.text[to++] = '%'; /* gnuplot takes marks for formats */
            t.text[to++] = *p;
        }
        gp_vec_push(out, t);
    }
}

void gp_heat_ticks(const gp_heat *h, const gp_box *box, gp_ticks *x, gp_ticks *y)
{
    labels(h->x_text, h->columns, box->right - box->left, LABEL_ROOM, x);
    labels(h->y_text, h->rows, box->bottom - box->top, LABEL_HEIGHT, y);
}

static int part(int a, int b, double share, int shift)
{
    return (int)lround((a >> shift & 255) + ((b >> shift & 255) - (a >> shift & 255)) * share) << shift;
}

static int mixed(int a, int b, double share) { return part(a, b, share, 0) | part(a, b, share, 8) | part(a, b, share, 16); }

/* Around `none` in the colours of gain and loss, else from the least to the most in one. */
static int colour(const gp_theme *t, const gp_heat *h, double v, double lo, double hi)
{
    if (gp_is_drawable(h->none)) {
        const double most = fmax(h->most, fmax(fabs(hi - h->none), fabs(lo - h->none))), share = most > 0 ? fabs(v - h->none) / most : 0;
        return mixed(t->background, (v > h->none) == (h->better > 0) ? t->rise : t->fall, 0.08 + 0.82 * share);
    }
    const double share = hi > lo ? (v - lo) / (hi - lo) : 1;
    return mixed(t->background, t->lines[1], 0.1 + 0.8 * (h->better > 0 ? share : 1 - share));
}

static double brightness(int rgb) { return (0.299 * (rgb >> 16 & 255) + 0.587 * (rgb >> 8 & 255) + 0.114 * (rgb & 255)) / 255; }

/* Of the two ends of the theme the one that can be read on the cell. */
static int word_on(const gp_theme *t, int cell)
{
    const double b = brightness(cell);
    return fabs(brightness(t->text) - b) >= fabs(brightness(t->background) - b) ? t->text : t->background;
}

/* What the colours span. */
static void span_of(const gp_heat *h, double *lo, double *hi)
{
    *lo = h->lo;
    *hi = h->hi;
    if (h->lo < h->hi)
        return;
    *lo = INFINITY;
    *hi = -INFINITY;
    for (int i = 0; i < h->columns * h->rows; i++) {
        *lo = gp_is_drawable(h->value[i]) && h->value[i] < *lo ? h->value[i] : *lo;
        *hi = gp_is_drawable(h->value[i]) && h->value[i] > *hi ? h->value[i] : *hi;
    }
}

bool gp_heat_has_numbers(const gp_heat *h, const gp_box *box)
{
    return (box->right - box->left) / h->columns >= NUMBER_WIDTH && (box->bottom - box->top) / h->rows >= NUMBER_HEIGHT;
}

bool gp_heat_bar(gp_script *g, const gp_heat *h, double *lo, double *hi)
{
    span_of(h, lo, hi);
    if (!(*lo < *hi))
        return false;
    const int block = gp_script_block(g);
    for (int i = 0; i < BAR_STEPS; i++) { /* each lies over the one before up to the end, so that no seams are seen */
        const double from = *lo + (*hi - *lo) * i / BAR_STEPS, v = from + (*hi - *lo) / BAR_STEPS / 2;
        gp_buf_printf(g->out, "%.10g 0.5 %.10g %.10g 0 1 %d\n", v, from, *hi, colour(&g->s->theme, h, v, *lo, *hi));
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc rgb variable", block);
    return true;
}

void gp_heat_cells(gp_script *g, const gp_heat *h, const gp_box *box)
{
    const gp_theme *t = &g->s->theme;
    const int n = h->columns * h->rows;
    const double wide = (box->right - box->left) / h->columns, high = (box->bottom - box->top) / h->rows;
    double lo, hi;
    span_of(h, &lo, &hi);
    const int block = gp_script_block(g);
    for (int i = 0; i < n; i++) {
        const int x = i % h->columns, y = i / h->columns;
        if (gp_is_drawable(h->value[i]))
            gp_buf_printf(g->out, "%.10g %.10g %d %d %d %d %d\n", x + 0.5, y + 0.5, x, x + 1, y, y + 1, colour(t, h, h->value[i], lo, hi));
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc rgb variable", block);
    if (gp_heat_has_numbers(h, box))
        for (int i = 0; i < n; i++) {
            char text[40];
            if (!gp_is_drawable(h->value[i]))
                continue;
            snprintf(text, sizeof text, "%.*f", h->decimals, h->value[i]);
            if (*text == '-' && strspn(text, "-0.") == strlen(text)) /* no cell is -0.00 */
                memmove(text, text + 1, strlen(text));
            gp_script_words(g, box->left + (i % h->columns + 0.5) * wide, box->bottom - (i / h->columns + 0.5) * high, "center", word_on(t, colour(t, h, h->value[i], lo, hi)),
                            g->s->em * 0.92, text);
        }
    if (h->best >= 0) { /* a frame of four lines */
        const int x = h->best % h->columns, y = h->best / h->columns, corner[5][2] = {{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}};
        for (int k = 0; k < 4; k++)
            gp_buf_printf(g->out, "set arrow from first %d,first %d to first %d,first %d nohead front lw 2.5 lc rgb '#%06x'\n", corner[k][0], corner[k][1], corner[k + 1][0],
                          corner[k + 1][1], (unsigned)t->text);
    }
}
