/* Icons as filled outlines, so that they look the same whatever fonts there are. */
#include "draw/draw.h"

typedef enum { ARROW_UP, ARROW_DOWN, TRIANGLE_UP, TRIANGLE_DOWN, SQUARE, CIRCLE, DIAMOND, STAR, HEART, FLAG, PLUS, MINUS, CROSS, CHECK, FACE, SAD } shape;
typedef struct xy { double x, y; } xy;
enum { ROUND = 20, MOST = 32 };

static const gp_icon icons[] = {
#define GP_ICON(NUMBER, SHAPE, RGB, LETTERS, MEANING) {NUMBER, SHAPE, RGB, LETTERS},
#include "draw/icon.def"
#undef GP_ICON
};

gp_icon gp_icon_of(double number, char letters[12])
{
    for (size_t k = 0; k < sizeof icons / sizeof *icons; k++)
        if (icons[k].number == number)
            return icons[k];
    snprintf(letters, 12, "%.0f", fabs(number) < 1000 ? number : 0);
    return (gp_icon){(int)fmax(-1000, fmin(1000, number)), CIRCLE, 0x606878, letters};
}

gp_icon gp_icon_signal(bool up, int rgb) { return (gp_icon){0, up ? ARROW_UP : ARROW_DOWN, rgb, ""}; }
gp_icon gp_icon_hit(int rgb) { return (gp_icon){0, TRIANGLE_UP, rgb, ""}; }

static int given(const xy *from, int n, xy *out)
{
    memcpy(out, from, (size_t)n * sizeof *out);
    return n;
}
#define GIVEN(...) given((const xy[]){__VA_ARGS__}, (int)(sizeof((const xy[]){__VA_ARGS__}) / sizeof(xy)), out)

static int turned(int n, double outer, double inner, xy *out) /* n points on circles in turn */
{
    for (int k = 0; k < n; k++) {
        const double r = k % 2 ? inner : outer, angle = M_PI / 2 + 2 * M_PI * k / n;
        out[k] = (xy){r * cos(angle), r * sin(angle)};
    }
    return n;
}

static int heart(xy *out)
{
    for (int k = 0; k < ROUND; k++) {
        const double t = 2 * M_PI * k / ROUND, s = sin(t);
        out[k] = (xy){6.2 * s * s * s, 5 * cos(t) - 2 * cos(2 * t) - 0.8 * cos(3 * t) - 0.4 * cos(4 * t)};
    }
    return ROUND;
}

/* Corners in pixels around the middle, upwards. */
static int outline(shape k, xy *out)
{
    switch (k) {
    case ARROW_UP: return GIVEN({0, 7}, {5.5, 1}, {2, 1}, {2, -7}, {-2, -7}, {-2, 1}, {-5.5, 1});
    case ARROW_DOWN: return GIVEN({0, -7}, {5.5, -1}, {2, -1}, {2, 7}, {-2, 7}, {-2, -1}, {-5.5, -1});
    case TRIANGLE_UP: return GIVEN({0, 5}, {5.5, -5}, {-5.5, -5});
    case TRIANGLE_DOWN: return GIVEN({0, -5}, {5.5, 5}, {-5.5, 5});
    case SQUARE: return GIVEN({-7, 7}, {7, 7}, {7, -7}, {-7, -7});
    case DIAMOND: return GIVEN({0, 6.5}, {5, 0}, {0, -6.5}, {-5, 0});
    case STAR: return turned(10, 7, 2.9, out);
    case HEART: return heart(out);
    case FLAG: return GIVEN({-5, -7}, {-5, 7}, {6, 3.5}, {-3.5, 0}, {-3.5, -7});
    case PLUS: return GIVEN({-1.8, 6}, {1.8, 6}, {1.8, 1.8}, {6, 1.8}, {6, -1.8}, {1.8, -1.8}, {1.8, -6}, {-1.8, -6}, {-1.8, -1.8}, {-6, -1.8}, {-6, 1.8}, {-1.8, 1.8});
    case MINUS: return GIVEN({-6, 1.8}, {6, 1.8}, {6, -1.8}, {-6, -1.8});
    case CROSS: return GIVEN({-6, 4}, {-4, 6}, {0, 2}, {4, 6}, {6, 4}, {2, 0}, {6, -4}, {4, -6}, {0, -2}, {-4, -6}, {-6, -4}, {-2, 0});
    case CHECK: return GIVEN({-6, 0}, {-4, 2}, {-2, -1.5}, {4.5, 6}, {6.2, 4.2}, {-2, -5.5});
    default: return turned(ROUND, 7, 7, out);
    }
}

static void polygon(gp_buf *out, const gp_place *at, const xy *p, int n)
{
    for (int k = 0; k <= n; k++)
        gp_buf_printf(out, "%.6g %.10g\n", at->x + at->scale * p[k % n].x / at->per_bar, gp_pane_above(at->pane, at->y, at->scale * p[k % n].y));
    gp_buf_addc(out, '\n');
}

void gp_icon_outline(gp_buf *out, const gp_icon *icon, const gp_place *at)
{
    xy p[MOST];
    polygon(out, at, p, outline((shape)icon->shape, p));
}

bool gp_icon_points_down(const gp_icon *icon) { return icon->shape == ARROW_DOWN || icon->shape == TRIANGLE_DOWN; }

/* Eyes and mouth in the colour of the background. */
bool gp_icon_has_face(const gp_icon *icon) { return icon->shape == FACE || icon->shape == SAD; }

void gp_icon_face(gp_buf *out, const gp_icon *icon, const gp_place *at)
{
    static const xy left[] = {{-3.2, 3.4}, {-1.6, 3.4}, {-1.6, 1.2}, {-3.2, 1.2}}, right[] = {{1.6, 3.4}, {3.2, 3.4}, {3.2, 1.2}, {1.6, 1.2}};
    static const xy smile[] = {{-4, -0.8}, {-2.5, -2.2}, {0, -2.9}, {2.5, -2.2}, {4, -0.8}, {2.8, -3.6}, {0, -4.8}, {-2.8, -3.6}};
    static const xy frown[] = {{-4, -4.8}, {-2.5, -3.4}, {0, -2.7}, {2.5, -3.4}, {4, -4.8}, {2.8, -2.2}, {0, -1.1}, {-2.8, -2.2}};
    polygon(out, at, left, 4);
    polygon(out, at, right, 4);
    polygon(out, at, icon->shape == FACE ? smile : frown, 8);
}
