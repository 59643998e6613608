/* The figures of a back-test.  Sums over days run in their order; those over trades are of whole numbers, so that their order does not matter. */
#include <math.h>
#include <string.h>
#include "market/stamp.h"
#include "worth/account.h"

double gp_points_per_year(int period)
{
    return period == 6 ? 52 : period == 7 ? 12 : period == 10 ? 4 : period == 11 ? 1 : 250;
}

static double equity(const gp_point *p) { return (double)(p->cash + p->value); }

static void fall_from(double value, int32_t date, double *peak, int32_t *peak_date, gp_figures *f)
{
    if (value > *peak) {
        *peak = value;
        *peak_date = date;
    }
    const double depth = *peak > 0 ? (*peak - value) / *peak : 0;
    if (depth > f->drawdown) {
        f->drawdown = depth;
        f->drawdown_from = *peak_date;
        f->drawdown_to = date;
    }
}

static void from_ends(gp_figures *f, double start, double end)
{
    f->years = (gp_day_number(f->to) - gp_day_number(f->from)) / 365.25;
    f->total = start > 0 ? end / start - 1 : NAN;
    if (f->years < 90 / 365.25) { /* a good week is no good year */
        f->cagr = f->calmar = NAN;
        return;
    }
    f->cagr = start > 0 && end > 0 ? pow(end / start, 1 / f->years) - 1 : start > 0 && end <= 0 ? -1 : NAN;
    f->calmar = f->drawdown > 0 ? f->cagr / f->drawdown : NAN;
}

/* From one value of the account to the next. */
static double change(double before, double e) { return before > 0 ? e / before - 1 : 0; }

void gp_account_changes(const gp_point *p, size_t n, gp_money start, const double *market, double *out)
{
    double before = (double)start, held = 0;
    for (size_t i = 0; i < n; i++) {
        const double e = equity(&p[i]);
        out[i] = change(before, e) - held * market[i];
        held = e > 0 ? (double)p[i].value / e : 0;
        before = e;
    }
}

static void of_points(const gp_point *p, size_t n, gp_money start, double per_year, gp_figures *f)
{
    double peak = (double)start, sum = 0, squares = 0, down = 0, exposed = 0, total = 0, before = (double)start;
    int32_t peak_date = p[0].date;
    for (size_t i = 0; i < n; i++) {
        const double e = equity(&p[i]), r = change(before, e);
        fall_from(e, p[i].date, &peak, &peak_date, f);
        sum += r;
        down += r < 0 ? r * r : 0;
        exposed += e > 0 ? fabs((double)p[i].value) / e : 0;
        total += e;
        before = e;
    }
    const double mean = sum / (double)n;
    before = (double)start;
    for (size_t i = 0; i < n; i++) {
        const double e = equity(&p[i]), r = change(before, e);
        squares += (r - mean) * (r - mean);
        before = e;
    }
    const double deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN, downward = sqrt(down / (double)n);
    f->from = p[0].date;
    f->to = p[n - 1].date;
    f->start = start;
    f->end = p[n - 1].cash + p[n - 1].value;
    from_ends(f, (double)start, (double)f->end);
    f->volatility = deviation * sqrt(per_year);
    f->sharpe = deviation > 0 ? mean / deviation * sqrt(per_year) : NAN;
    f->sortino = downward > 0 ? mean / downward * sqrt(per_year) : NAN;
    f->exposure = exposed / (double)n;
    f->turnover = total > 0 ? total / (double)n : NAN; /* the mean equity, for now */
}

static int64_t billionths(double x) { return (int64_t)(x * 1e9 + (x < 0 ? -0.5 : 0.5)); }

void gp_trade_sums_add(gp_trade_sums *s, const gp_trade *t)
{
    const gp_money paid = t->path.side > 0 ? t->bought : t->sold;
    const int64_t r = paid ? billionths((double)t->profit / (double)paid) : 0;
    const bool open = t->path.left == GP_LEFT_OPEN;
    s->traded += (t->path.side > 0 || !open ? t->bought : 0) + (t->path.side < 0 || !open ? t->sold : 0);
    s->profit += t->profit;
    s->fees += t->fees;
    s->blocked += t->path.blocked;
    s->left[t->path.left]++;
    s->open += open;
    s->entries.jumps += t->path.jumps;
    s->entries.maybe_st += t->path.maybe_st;
    if (open)
        return;
    s->trades++;
    s->returns += r;
    s->bars += t->path.exit - t->path.entry;
    if (t->profit > 0) {
        s->wins++;
        s->gained += t->profit;
        s->win_returns += r;
    } else {
        s->lost -= t->profit;
    }
}

void gp_trade_sums_merge(gp_trade_sums *s, const gp_trade_sums *t)
{
    s->trades += t->trades;
    s->open += t->open;
    s->wins += t->wins;
    s->blocked += t->blocked;
    s->bars += t->bars;
    s->returns += t->returns;
    s->win_returns += t->win_returns;
    s->traded += t->traded;
    s->profit += t->profit;
    s->fees += t->fees;
    s->gained += t->gained;
    s->lost += t->lost;
    for (int k = 0; k < GP_LEFT_REASONS; k++)
        s->left[k] += t->left[k];
    s->entries.signals += t->entries.signals;
    s->entries.undecided += t->entries.undecided;
    s->entries.jumps += t->entries.jumps;
    s->entries.maybe_st += t->entries.maybe_st;
    for (int k = 0; k < GP_MISS_REASONS; k++)
        s->entries.misses.n[k] += t->entries.misses.n[k];
    s->entries.misses.jumps += t->entries.misses.jumps;
}

void gp_figures_from(const gp_point *p, size_t n, gp_money start, const gp_trade_sums *s, double per_year, gp_figures *f)
{
    *f = (gp_figures){.total = NAN, .cagr = NAN, .volatility = NAN, .sharpe = NAN, .sortino = NAN, .calmar = NAN, .exposure = NAN, .turnover = NAN,
                      .win = NAN, .mean = NAN, .mean_win = NAN, .mean_loss = NAN, .payoff = NAN, .profit_factor = NAN, .bars = NAN, .start = start, .end = start};
    if (n)
        of_points(p, n, start, per_year, f);
    f->trades = s->trades;
    f->open = s->open;
    f->wins = s->wins;
    f->profit = s->profit;
    f->realised = s->gained - s->lost;
    f->fees = s->fees;
    f->blocked = s->blocked;
    memcpy(f->left, s->left, sizeof f->left);
    f->entries = s->entries;
    f->entries.jumps += s->entries.misses.jumps;
    const double closed = (double)s->trades, won = (double)s->wins, one = 1e9;
    f->turnover = f->years > 0 && f->turnover > 0 ? (double)s->traded / 2 / f->turnover / f->years : NAN;
    if (!s->trades)
        return;
    f->win = won / closed;
    f->mean = (double)s->returns / closed / one;
    f->bars = (double)s->bars / closed;
    f->mean_win = won > 0 ? (double)s->win_returns / won / one : NAN;
    f->mean_loss = closed > won ? (double)(s->returns - s->win_returns) / (closed - won) / one : NAN;
    f->payoff = f->mean_loss < 0 ? f->mean_win / -f->mean_loss : NAN;
    f->profit_factor = s->lost > 0 ? (double)s->gained / (double)s->lost : NAN;
}

void gp_figures_of(const gp_point *p, size_t n, gp_money start, const gp_trade *t, size_t n_trades, double per_year, gp_figures *f)
{
    gp_trade_sums s = {0};
    int streak = 0, longest = 0;
    for (size_t i = 0; i < n_trades; i++) {
        gp_trade_sums_add(&s, &t[i]);
        if (t[i].path.left == GP_LEFT_OPEN)
            continue;
        streak = t[i].profit > 0 ? 0 : streak + 1;
        longest = streak > longest ? streak : longest;
    }
    gp_figures_from(p, n, start, &s, per_year, f);
    f->losing_streak = longest;
}

void gp_benchmark_of(const int32_t *date, const double *close, size_t n, int32_t from, int32_t to, gp_figures *f)
{
    double start = NAN, end = NAN, peak = 0;
    int32_t peak_date = 0;
    *f = (gp_figures){.total = NAN, .cagr = NAN, .calmar = NAN};
    for (size_t i = 0; i < n; i++) {
        if (date[i] > to || !(close[i] > 0))
            continue;
        if (date[i] < from || isnan(start)) { /* the close before the first day is where it starts */
            start = close[i];
            peak = start;
            peak_date = f->from = date[i];
            f->drawdown = 0;
        }
        end = close[i];
        f->to = date[i];
        if (date[i] >= from)
            fall_from(end, date[i], &peak, &peak_date, f);
    }
    if (!isnan(start) && f->to >= from)
        from_ends(f, start, end);
}
