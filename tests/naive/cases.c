/* Random formulas over the rows of the registry and random quotes. */
#include <string.h>
#include "cases.h"

typedef struct maker {
    test_case *t;
    const row_table *rows;
    uint64_t rng;
    int stmt;
    bool library;
} maker;

static uint32_t below(maker *m, uint32_t n)
{
    return (uint32_t)(random_bits(&m->rng) >> 32) % n;
}
static bool chance(maker *m, uint32_t percent) { return below(m, 100) < percent; }
#define ONE_OF(m, list) (list)[below(m, sizeof(list) / sizeof *(list))]

/* ---- formulas ---- */

static piece *leaf(maker *m, const char *text)
{
    piece *p = gp_arena_alloc(&m->t->arena, sizeof *p);
    snprintf(p->leaf, sizeof p->leaf, "%s", text);
    return p;
}

static piece *number(maker *m)
{
    static const char *const plain[] = {"0", "1", "2", "10", "-1", "0.5", "-0.25", "100", "12.34", "3", "1000000", "0.00001", "-7"};
    return leaf(m, ONE_OF(m, plain));
}

static piece *bars_constant(maker *m)
{
    static const char *const common[] = {"1", "2", "3", "5", "10", "20"};
    static const char *const odd[] = {"0", "60", "-1", "-3", "0.5", "2.7", "4.497", "1000000", "3000000000", "-0.5", "DRAWNULL", "7.99"};
    if (m->library && chance(m, 40)) return leaf(m, chance(m, 50) ? "P1" : "P2");
    return leaf(m, chance(m, 75) ? ONE_OF(m, common) : ONE_OF(m, odd));
}

static piece *parsed(maker *m, const char *name, piece *a, piece *b, piece *c)
{
    piece *p = gp_arena_alloc(&m->t->arena, sizeof *p);
    p->fn = gp_builtin_find(gp_str_from(name));
    p->arg[0] = a, p->arg[1] = b, p->arg[2] = c;
    p->n_args = c ? 3 : b ? 2 : 1;
    return p;
}

static piece *any(maker *m, int depth);
static piece *condition(maker *m, int depth);

static piece *bars_varying(maker *m)
{
    switch (below(m, 6)) {
    case 0: return parsed(m, "BARSLAST", parsed(m, ">", leaf(m, "C"), leaf(m, "O"), NULL), NULL, NULL);
    case 1: return parsed(m, "IF", condition(m, 1), bars_constant(m), bars_constant(m));
    case 2: return parsed(m, "MOD", leaf(m, "V"), leaf(m, "9"), NULL);
    case 3: return parsed(m, "+", parsed(m, "BARSLAST", condition(m, 1), NULL, NULL), leaf(m, "1"), NULL);
    case 4: return leaf(m, chance(m, 50) ? "C" : "BARSTATUS");
    default: return any(m, 2);
    }
}

/* Arguments that mean something only within a certain range. */
typedef enum { HINT_NONE, HINT_FRACTION, HINT_PRICES, HINT_PERCENT, HINT_DATE, HINT_CLOCK, HINT_SECONDS, HINT_DAYS, HINT_RATE, HINT_MODE, HINT_ANGLE, HINT_COLOUR } hint;
static hint hint_of(const gp_builtin *fn, int j)
{
    static const struct { const char *name; int arg; hint h; } hints[] = {
        {"ZIG", 0, HINT_PRICES},      {"PEAK", 0, HINT_PRICES},   {"TROUGH", 0, HINT_PRICES}, {"PEAKBARS", 0, HINT_PRICES},
        {"TROUGHBARS", 0, HINT_PRICES}, {"ZIGA", 0, HINT_PRICES}, {"ZIG", 1, HINT_PERCENT},   {"PEAK", 1, HINT_PERCENT},
        {"TROUGH", 1, HINT_PERCENT},  {"PEAKBARS", 1, HINT_PERCENT}, {"TROUGHBARS", 1, HINT_PERCENT}, {"ZIGA", 1, HINT_FRACTION},
        {"SAR", 1, HINT_PERCENT},     {"SAR", 2, HINT_PERCENT},   {"SARTURN", 1, HINT_PERCENT}, {"SARTURN", 2, HINT_PERCENT},
        {"DATETODAY", 0, HINT_DATE},  {"DAYTODATE", 0, HINT_DAYS}, {"TIMETOSEC", 0, HINT_CLOCK}, {"SECTOTIME", 0, HINT_SECONDS},
        {"REFDATE", 1, HINT_DATE},    {"DATETOCUR", 0, HINT_DATE}, {"ZTPRICE", 1, HINT_RATE}, {"DTPRICE", 1, HINT_RATE},
        {"DMA", 1, HINT_FRACTION},    {"TMA", 1, HINT_FRACTION},  {"TMA", 2, HINT_FRACTION},  {"AMA", 1, HINT_FRACTION},
        {"TFILTER", 2, HINT_MODE},    {"HHVLLV", 1, HINT_MODE},   {"ROUND2", 1, HINT_MODE},   {"RGB", 0, HINT_COLOUR},
        {"RGB", 1, HINT_COLOUR},      {"RGB", 2, HINT_COLOUR},    {"ASIN", 0, HINT_ANGLE},    {"ACOS", 0, HINT_ANGLE},
        {"TTFILTER", 4, HINT_MODE},   {"TFILT", 1, HINT_DATE},    {"TFILT", 3, HINT_DATE},    {"TFILT", 2, HINT_CLOCK},
        {"TFILT", 4, HINT_CLOCK},     {"POW", 1, HINT_MODE},      {"MULAR", 0, HINT_ANGLE},   {"EXP", 0, HINT_ANGLE}};
    for (size_t k = 0; k < sizeof hints / sizeof *hints; k++)
        if (hints[k].arg == j && strcmp(hints[k].name, fn->name) == 0) return hints[k].h;
    return HINT_NONE;
}

static piece *hinted(maker *m, hint h, int depth)
{
    static const char *const fraction[] = {"0.3", "0.05", "0.5", "1", "0", "1.2", "-0.1", "DRAWNULL", "O/C", "0.9"};
    static const char *const prices[] = {"0", "1", "2", "3", "3", "C", "H", "MA(C,3)", "4", "(H+L)/2"};
    static const char *const percent[] = {"5", "2", "10", "1", "20", "0.5", "0", "-1", "3", "DRAWNULL"};
    static const char *const date[] = {"DATE", "1240105", "1240229", "901219", "1341231", "901218", "1230229", "DATE-3", "1231301", "0", "1240110", "DATE+0.5"};
    static const char *const clock[] = {"TIME", "TIME2", "93000", "93060", "240000", "-1", "145959", "0", "1500", "931", "1320"};
    static const char *const seconds[] = {"34200", "86399", "86400", "-1", "V", "0", "59", "3600.7", "C*1000"};
    static const char *const days[] = {"0", "365", "-1", "V/10", "3300", "16083", "16084", "C*100", "0.9"};
    static const char *const rate[] = {"0.1", "0.05", "0.2", "0", "0.1", "0.003"};
    static const char *const mode[] = {"0", "1", "2", "1", "0", "3", "-1", "0.5"};
    static const char *const angle[] = {"C/O", "(C-O)/C", "0.5", "(C-L)/(H-L)", "-1", "2", "C/20-1"};
    static const char *const colour[] = {"255", "0", "C", "300", "17.9", "254"};
    if (chance(m, 12)) return any(m, depth);
    switch (h) {
    case HINT_FRACTION: return leaf(m, ONE_OF(m, fraction));
    case HINT_PRICES: return leaf(m, ONE_OF(m, prices));
    case HINT_PERCENT: return leaf(m, ONE_OF(m, percent));
    case HINT_DATE: return leaf(m, ONE_OF(m, date));
    case HINT_CLOCK: return leaf(m, ONE_OF(m, clock));
    case HINT_SECONDS: return leaf(m, ONE_OF(m, seconds));
    case HINT_DAYS: return leaf(m, ONE_OF(m, days));
    case HINT_RATE: return leaf(m, ONE_OF(m, rate));
    case HINT_MODE: return leaf(m, ONE_OF(m, mode));
    case HINT_ANGLE: return leaf(m, ONE_OF(m, angle));
    default: return leaf(m, ONE_OF(m, colour));
    }
}

static const gp_builtin *draw_row(maker *m)
{
    return m->rows->at[below(m, (uint32_t)m->rows->n)];
}

static piece *argument(maker *m, const gp_builtin *fn, int j, int depth)
{
    const gp_arg *arg = &fn->args[j < fn->n_args ? j : fn->n_args - 1];
    const hint h = hint_of(fn, j);
    if (h != HINT_NONE) return hinted(m, h, depth - 1);
    switch (arg->type) {
    case GP_ARG_COND: return chance(m, 75) ? condition(m, depth - 1) : any(m, depth - 1);
    case GP_ARG_PERIOD: return chance(m, 65) ? bars_constant(m) : bars_varying(m);
    case GP_ARG_LAST:
    case GP_ARG_FIRST: return chance(m, 85) ? bars_constant(m) : bars_varying(m);
    default: return any(m, depth - 1);
    }
}

static piece *call(maker *m, const gp_builtin *fn, int depth)
{
    piece *p = gp_arena_alloc(&m->t->arena, sizeof *p);
    p->fn = fn;
    p->n_args = fn->max_args > fn->n_args ? fn->min_args + (int)below(m, 3) : fn->min_args + (int)below(m, (uint32_t)(fn->n_args - fn->min_args + 1));
    for (int j = 0; j < p->n_args; j++) p->arg[j] = argument(m, fn, j, depth);
    return p;
}

static piece *series_leaf(maker *m)
{
    static const char *const of[] = {"C", "C", "H", "L", "O", "V", "AMOUNT"};
    if (m->stmt > 0 && chance(m, 25)) {
        char name[16];
        snprintf(name, sizeof name, "%c%d", m->library ? 'Y' : 'X', (int)below(m, (uint32_t)m->stmt));
        return leaf(m, name);
    }
    if (!m->library && m->t->library[0] && chance(m, 20)) {
        static const char *const refs[] = {"\"LIB.Y0\"", "\"LIB.Y1\"", "LIB.Y1(3)", "LIB.Y0(2,7)", "\"LIB.Y1\"(4,1)", "LIB.Y0(1+1,7)"};
        return leaf(m, ONE_OF(m, refs));
    }
    return chance(m, 12) ? number(m) : leaf(m, ONE_OF(m, of));
}

static piece *condition(maker *m, int depth)
{
    static const char *const sign[] = {">", "<", ">=", "<=", "=", "<>"};
    static const char *const join[] = {"AND", "OR"};
    if (depth <= 0) return parsed(m, ONE_OF(m, sign), series_leaf(m), series_leaf(m), NULL);
    switch (below(m, 6)) {
    case 0: return parsed(m, ONE_OF(m, join), condition(m, depth - 1), condition(m, depth - 1), NULL);
    case 1: return parsed(m, "NOT", condition(m, depth - 1), NULL, NULL);
    case 2: return parsed(m, "CROSS", any(m, depth - 1), any(m, depth - 1), NULL);
    case 3: return call(m, draw_row(m), depth);
    default: return parsed(m, ONE_OF(m, sign), any(m, depth - 1), any(m, depth - 1), NULL);
    }
}

/* Also a hole in a series: null where a condition does not hold. */
static piece *any(maker *m, int depth)
{
    if (depth <= 0 || chance(m, 12)) return series_leaf(m);
    if (chance(m, 8)) return parsed(m, "IF", condition(m, depth - 1), any(m, depth - 1), leaf(m, "DRAWNULL"));
    return call(m, draw_row(m), depth);
}

/* A drawing with a price; what else it takes is put in as constants. */
static piece *draw(maker *m, int depth)
{
    static const struct { const char *name; int n; const char *rest[3]; } rows[] = {
        {"STICKLINE", 5, {"C", "2", "0"}}, {"DRAWTEXT", 3, {"'a'"}},  {"DRAWNUMBER", 3, {"V"}},
        {"DRAWICON", 3, {"1"}},            {"HORLINE", 4, {"0", "0"}}, {"FILLRGN", 3, {"O"}},
        {"DRAWSL", 5, {"1", "5", "0"}}};
    const size_t k = below(m, sizeof rows / sizeof *rows);
    piece *p = parsed(m, rows[k].name, condition(m, depth), any(m, depth), NULL);
    for (p->n_args = 2; p->n_args < rows[k].n; p->n_args++) p->arg[p->n_args] = leaf(m, rows[k].rest[p->n_args - 2]);
    return p;
}

/* ---- quotes ---- */

static int32_t next_day(int32_t d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y = d / 10000, mo = d / 100 % 100, day = d % 100;
    const int in = mo == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 29 : days[mo - 1];
    if (++day > in) day = 1, mo++;
    if (mo > 12) mo = 1, y++;
    return y * 10000 + mo * 100 + day;
}

static int32_t clock_at(int k) /* the k-th five minutes of trading, 48 a day: 9:35 .. 11:30, 13:05 .. 15:00 */
{
    const int minute = k < 24 ? 9 * 60 + 35 + 5 * k : 13 * 60 + 5 + 5 * (k - 24);
    return (minute / 60 * 100 + minute % 60) * 100;
}

static void quotes(maker *m)
{
    test_case *t = m->t;
    static const int lengths[] = {1, 2, 3, 5, 12, 30, 60, 60, 120, 300};
    const int longest = ONE_OF(m, lengths);
    t->n = below(m, 700) == 0 ? CASE_BARS : 1 + (int)below(m, (uint32_t)longest);
    const int tick = chance(m, 30) ? 50 : chance(m, 50) ? 1 : 10; /* cents; a coarse grid makes ties */
    const bool nulls = chance(m, 40), flat = chance(m, 20);
    const int leading = nulls && chance(m, 50) ? (int)below(m, 6) : 0;
    int price = 5 + (int)below(m, 40);
    t->intraday = chance(m, 15);
    int32_t day = 20231201 + (int32_t)below(m, 28);
    price *= tick >= 50 ? 2 : 100 / tick;
    for (int i = 0; i < t->n; i++) {
        if (!(flat && (i / 7) % 3 == 1)) price += (int)below(m, 9) - 4;
        if (price < 2) price = 2;
        const int open = price + (int)below(m, 5) - 2, high = (open > price ? open : price) + (int)below(m, 4),
                  low = (open < price ? open : price) - (int)below(m, 4);
        const double unit = 100.0 / tick;
        t->close[i] = price / unit;
        t->open[i] = (open < 1 ? 1 : open) / unit;
        t->high[i] = high / unit;
        t->low[i] = (low < 1 ? 1 : low) / unit;
        if (below(m, 12) == 0) t->open[i] = t->high[i] = t->low[i] = t->close[i];
        t->vol[i] = below(m, 9) == 0 ? 0 : tick >= 50 ? (double)below(m, 20) * 100 : (double)below(m, 100000);
        t->amount[i] = t->vol[i] * t->close[i];
        t->date[i] = day;
        t->time[i] = t->intraday ? clock_at(i % 48) : 0;
        if (!t->intraday || i % 48 == 47)
            for (int k = 1 + (below(m, 5) == 0 ? 2 : 0); k > 0; k--) day = next_day(day);
        if (nulls && (below(m, 14) == 0 || i < leading)) t->close[i] = NIL;
        if (nulls && below(m, 25) == 0) t->high[i] = NIL;
        if (nulls && below(m, 25) == 0) t->open[i] = NIL;
        if (nulls && below(m, 20) == 0) t->vol[i] = NIL;
    }
}

void case_random(test_case *t, uint64_t seed, const row_table *rows)
{
    memset(&t->arena, 0, sizeof t->arena);
    maker m = {.t = t, .rows = rows, .rng = seed << 20};
    quotes(&m);
    const int n = 1 + (int)below(&m, CASE_STATEMENTS);
    m.library = chance(&m, 15);
    for (int s = 0; s < CASE_LIBRARY; s++) {
        m.stmt = s;
        t->library[s] = m.library ? call(&m, draw_row(&m), 1 + (int)below(&m, 3)) : NULL;
    }
    m.library = false;
    for (int s = 0; s < CASE_STATEMENTS; s++) {
        m.stmt = s;
        t->hidden[s] = s < n - 1 && chance(&m, 20);
        t->stmt[s] = s < n ? call(&m, draw_row(&m), 1 + (int)below(&m, 4)) : NULL;
        if (s < n && !t->hidden[s] && chance(&m, 8)) t->stmt[s] = draw(&m, 2);
        t->skip[s] = s < n && chance(&m, 3) ? condition(&m, 2) : NULL;
    }
    static const int blocks[] = {0, 0, 1, 7, 64};
    t->block = ONE_OF(&m, blocks);
    t->lane = (int)below(&m, 3);
    t->exact_compare = chance(&m, 15);
    t->f32 = chance(&m, 10);
    t->null_true = chance(&m, 20);
}

void case_free(test_case *t) { gp_arena_fini(&t->arena); }

/* ---- text ---- */

static bool infix(const gp_builtin *fn) { return fn->category == GP_CAT_OPERATOR && fn->n_args == 2; }

static void piece_text(const piece *p, gp_buf *out)
{
    if (!p->fn) {
        const bool bare = strchr(p->leaf, '.') || (!strpbrk(p->leaf, "+*/<>=(") && !strchr(p->leaf + 1, '-'));
        gp_buf_printf(out, bare ? "%s" : "(%s)", p->leaf);
    } else if (infix(p->fn)) {
        gp_buf_addc(out, '(');
        piece_text(p->arg[0], out);
        gp_buf_printf(out, " %s ", p->fn->name);
        piece_text(p->arg[1], out);
        gp_buf_addc(out, ')');
    } else {
        const bool negative = strcmp(p->fn->name, "NEG") == 0;
        gp_buf_addz(out, negative ? "-" : p->fn->name);
        for (int j = 0; j < p->n_args; j++) {
            gp_buf_addc(out, j ? ',' : '(');
            piece_text(p->arg[j], out);
        }
        if (p->n_args) gp_buf_addc(out, ')');
    }
}

void case_text(const test_case *t, gp_buf *out)
{
    for (int s = 0; s < CASE_STATEMENTS; s++)
        if (t->stmt[s]) {
            if (t->skip[s]) {
                gp_buf_addz(out, "TESTSKIP(");
                piece_text(t->skip[s], out);
                gp_buf_addz(out, ");\n");
            }
            gp_buf_printf(out, "X%d:%s", s, t->hidden[s] ? "=" : "");
            piece_text(t->stmt[s], out);
            gp_buf_addz(out, ";\n");
        }
}

void case_library_text(const test_case *t, gp_buf *out)
{
    if (!t->library[0]) return;
    gp_buf_addz(out, "{@param P1 3 1 50}{@param P2 5 1 50}");
    for (int s = 0; s < CASE_LIBRARY; s++) {
        gp_buf_printf(out, "Y%d:", s);
        piece_text(t->library[s], out);
        gp_buf_addz(out, ";");
    }
}

static void column(const char *name, const double *x, int n, gp_buf *out)
{
    gp_buf_printf(out, "{ %s:", name);
    for (int i = 0; i < n; i++)
        if (nil(x[i])) gp_buf_addz(out, " -");
        else gp_buf_printf(out, " %.10g", x[i]);
    gp_buf_addz(out, " }\n");
}

void case_print(const test_case *t, int stmt, const double *want, gp_buf *out)
{
    column("open", t->open, t->n, out);
    column("high", t->high, t->n, out);
    column("low", t->low, t->n, out);
    column("close", t->close, t->n, out);
    column("volume", t->vol, t->n, out);
    column("amount", t->amount, t->n, out);
    gp_buf_addz(out, "{ date:");
    for (int i = 0; i < t->n; i++) gp_buf_printf(out, " %d", t->date[i]);
    gp_buf_addz(out, " }\n");
    if (t->intraday) gp_buf_addz(out, "// with times of day, five minutes a bar\n");
    if (t->exact_compare || t->f32 || t->null_true)
        gp_buf_printf(out, "{ args:%s%s%s }\n", t->exact_compare ? " --exact-compare" : "", t->f32 ? " --f32" : "", t->null_true ? " --null-cond tdx" : "");
    if (t->library[0]) gp_buf_addz(out, "// lib.tdx: "), case_library_text(t, out), gp_buf_addc(out, '\n');
    case_text(t, out);
    gp_buf_printf(out, "{ expect X%d:", stmt);
    for (int i = 0; i < t->n; i++)
        if (nil(want[i])) gp_buf_addz(out, " -");
        else gp_buf_printf(out, " %.9g", want[i]);
    gp_buf_addz(out, " }\n");
}
