/* Colours. */
#include "draw/draw.h"

gp_theme gp_theme_of(const gp_picture_opts *o)
{
    static const gp_theme themes[] = {
        [GP_THEME_TDX] = {.background = 0x000000, .frame = 0xB00000, .grid = 0x8C0000, .text = 0xE8E8E8, .dim = 0xB0B0B0,
                          .rise = 0xFF3232, .fall = 0x54FCFC, .rise_hollow = true, .exact = true,
                          .lines = {0xFFFFFF, 0xFFFF0B, 0xFF80FF, 0x00E600, 0x02E2F4, 0xFFFFB9, 0xFF8080, 0x8080FF}},
        [GP_THEME_DARK] = {.background = 0x161A22, .frame = 0x3A4150, .grid = 0x2A303C, .text = 0xD8DCE4, .dim = 0x98A0AE,
                           .rise = 0xF6465D, .fall = 0x2EBD85, .rise_hollow = false,
                           .lines = {0xE6E9EF, 0xF7C948, 0xC792EA, 0x5AC8FA, 0xFF9F43, 0x7ED957, 0xFF8FA3, 0x8FA8FF}},
        [GP_THEME_LIGHT] = {.background = 0xFFFFFF, .frame = 0x9AA0A6, .grid = 0xE3E6EA, .text = 0x202124, .dim = 0x5F6368,
                            .rise = 0xD9312A, .fall = 0x14855C, .rise_hollow = true,
                            .lines = {0x1F4E9E, 0xE08A00, 0xA0309A, 0x2E8B57, 0x00869B, 0x8B5A2B, 0xC2185B, 0x5C6BC0}},
    };
    gp_theme t = themes[o->theme];
    if (o->green_up) {
        const int rise = o->theme == GP_THEME_TDX ? 0x00E600 : t.fall;
        t.fall = t.rise;
        t.rise = rise;
    }
    return t;
}

/* Relative luminance, 0 to 1, close enough. */
static double light(int rgb)
{
    const double r = (rgb >> 16 & 0xFF) / 255.0, g = (rgb >> 8 & 0xFF) / 255.0, b = (rgb & 0xFF) / 255.0;
    return 0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b;
}

int gp_theme_mix(int a, int b, double share)
{
    int out = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        const double x = a >> shift & 0xFF, y = b >> shift & 0xFF;
        out |= (int)lround(x + (y - x) * share) << shift;
    }
    return out;
}

/* Moved away from the background until the contrast is as asked. */
static int apart(const gp_theme *t, int rgb, double contrast)
{
    const bool dark = light(t->background) < 0.5;
    int ink = rgb;
    for (int step = 1; step <= 10; step++) {
        const double a = light(ink) + 0.05, b = light(t->background) + 0.05;
        if ((a > b ? a / b : b / a) >= contrast)
            break;
        ink = gp_theme_mix(rgb, dark ? 0xFFFFFF : 0x000000, 0.08 * step);
    }
    return ink;
}

int gp_theme_ink(const gp_theme *t, int rgb)
{
    return !t->exact ? apart(t, rgb, 2) : rgb == t->background ? t->dim : rgb;
}

int gp_theme_word(const gp_theme *t, int rgb) { return apart(t, rgb, t->exact ? 3.5 : 3); }
