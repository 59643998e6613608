/* Bars to records of TDX's files: the way back of tdx_read.c. */
#include <math.h>
#include <string.h>
#include "market/tdx.h"

static void put32(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(x >> 8 * i);
}

static void putf(unsigned char *p, double x)
{
    const float f = (float)x;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    put32(p, bits);
}

typedef struct target {
    const gp_bars *b;
    gp_tdx_kind kind;
    double scale, singles; /* of prices; what volume is multiplied with */
} target;

/* What the volumes have to be multiplied with to count single securities. */
static double singles_in(const gp_bars *b, const gp_tdx_class *class)
{
    int lots = 0, singles = 0;

    if (class->unit == GP_TDX_UNIT_LOT) return 1;
    for (int i = 0; b->amount && b->vol && i < b->n; i++) {
        const double share = b->amount[i] / b->vol[i] / b->close[i];
        if (!(share > 0 && share < GP_QUOTE_MAX)) continue;
        if (share * share > class->lot) lots++;
        else singles++;
    }
    return singles > lots ? 1 : class->lot;
}

/* Prices of a bar, a column the bars lack being the close. */
static void prices_of(const gp_bars *b, int i, double v[4])
{
    const double *const column[] = {b->open, b->high, b->low, b->close};
    for (int c = 0; c < 4; c++) v[c] = column[c] ? column[c][i] : b->close[i];
}

/* False when the record cannot hold the bar. */
static bool day_record(const target *t, int i, unsigned char *p, bool *rounded)
{
    double v[4];

    prices_of(t->b, i, v);
    put32(p, (uint32_t)t->b->date[i]);
    for (int c = 0; c < 4; c++) {
        const double scaled = v[c] * t->scale, whole = round(scaled);
        if (!(whole > 0 && whole <= UINT32_MAX)) return false;
        *rounded |= fabs(scaled - whole) > 1e-6;
        put32(p + 4 + 4 * c, (uint32_t)whole);
    }
    return true;
}

static bool minute_record(const target *t, int i, unsigned char *p)
{
    const int32_t date = t->b->date[i], time = t->b->time ? t->b->time[i] : 0, year = date / 10000 - 2004;
    double v[4];

    prices_of(t->b, i, v);
    if (year < 0 || year > 31) return false;
    put32(p, (uint32_t)(year * 2048 + date % 10000) | (uint32_t)(time / 10000 * 60 + time / 100 % 100) << 16);
    for (int c = 0; c < 4; c++) {
        if (!(v[c] > 0)) return false;
        putf(p + 4 + 4 * c, v[c]);
    }
    return true;
}

const char *gp_tdx_encode(const gp_bars *b, bool singles, gp_buf *out, gp_tdx_written *w)
{
    static const struct {
        int period;
        gp_tdx_kind kind;
        const char *ending;
    } files[] = {{5, GP_TDX_DAY, ".day"}, {1, GP_TDX_MIN5, ".lc5"}, {0, GP_TDX_MIN1, ".lc1"}};
    const gp_tdx_class *class = gp_tdx_class_of(b->code, b->market);
    target t = {.b = b, .scale = class->scale, .singles = singles ? 1 : singles_in(b, class)};

    *w = (gp_tdx_written){0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].period == b->period) {
            t.kind = files[i].kind;
            w->ending = files[i].ending;
        }
    if (!w->ending) return "TDX has files for days, 5 minutes and 1 minute only";
    if (!b->close) return "there are no closes";
    for (int i = 0; i < b->n; i++) {
        unsigned char record[GP_TDX_RECORD] = {0};
        bool rounded = false;
        const double amount = b->amount && b->amount[i] >= 0 ? b->amount[i] : 0, vol = b->vol && b->vol[i] >= 0 ? round(b->vol[i] * t.singles) : 0;
        if (!(t.kind == GP_TDX_DAY ? day_record(&t, i, record, &rounded) : minute_record(&t, i, record)) || vol > UINT32_MAX) {
            w->left_out++;
            continue;
        }
        putf(record + 20, amount);
        put32(record + 24, (uint32_t)vol);
        gp_buf_add(out, (const char *)record, sizeof record);
        w->records++;
        w->rounded += rounded;
    }
    return w->records ? NULL : "no bar fits a record";
}
