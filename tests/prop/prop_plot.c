/* Random drawings of every row over random quotes: whatever is drawn stands on a bar where its condition holds and its price is one,
 * no bar is left out, colours are colours, and the description is JSON.  Prints one line per failing formula and
 * "N passed, N failed".  Seed: argv[1], or 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parser/parser.h"
#include "plot/plot.h"

enum { BARS = 60, ROUNDS = 40, SLOTS = 64 };
static uint64_t rng;

static uint32_t next_random(uint32_t below)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33) % below;
}

/* ---- is it JSON? ---- */

static const char *json_value(const char *p);

static const char *json_text(const char *p)
{
    for (p++; *p && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) return NULL;
        if (*p == '\\' && !strchr("\"\\/bfnrtu", *++p)) return NULL;
    }
    return *p == '"' ? p + 1 : NULL;
}

static const char *json_list(const char *p, char close, bool keys)
{
    if (*++p == close) return p + 1;
    for (;;) {
        if (keys && (*p != '"' || !(p = json_text(p)) || *p++ != ':')) return NULL;
        if (!(p = json_value(p))) return NULL;
        if (*p == close) return p + 1;
        if (*p++ != ',') return NULL;
    }
}

static const char *json_value(const char *p)
{
    static const char *const words[] = {"null", "true", "false"};
    char *end;
    if (*p == '"') return json_text(p);
    if (*p == '[') return json_list(p, ']', false);
    if (*p == '{') return json_list(p, '}', true);
    for (int k = 0; k < 3; k++)
        if (strncmp(p, words[k], strlen(words[k])) == 0) return p + strlen(words[k]);
    if (*p != '-' && (*p < '0' || *p > '9')) return NULL;
    strtod(p, &end);
    return end > p ? end : NULL;
}

/* ---- formulas ---- */

static void add_argument(gp_buf *out, const gp_arg *arg)
{
    static const char *const conds[] = {"C>O", "1", "0", "C>REF(C,3)", "IF(C>O,DRAWNULL,C>L)", "CROSS(C,MA(C,3))", "ISLASTBAR"};
    static const char *const numbers[] = {"C", "L*0.98", "MA(C,5)", "IF(C>O,C,DRAWNULL)", "0", "1", "-1", "3", "0.5", "1E9", "DRAWNULL", "-C", "C-O", "500"};
    static const char *const colours[] = {"COLORRED", "RGB(1,2,3)", "IF(C>O,COLORRED,COLORBLUE)", "RGB(C*10,300,-5)", "0", "C-20", "DRAWNULL"};
    static const char *const texts[] = {"'a&b'", "''", "'坑\\\"'", "IF(C>O,'u','d')", "VAR2STR(C,2)", "CODE", "STRCAT('x',CON2STR(C,1))"};
    switch (arg->type) {
    case GP_ARG_COND: gp_buf_addz(out, conds[next_random(7)]); break;
    case GP_ARG_COLOUR: gp_buf_addz(out, colours[next_random(7)]); break;
    case GP_ARG_TEXT: gp_buf_addz(out, texts[next_random(7)]); break;
    default: gp_buf_addz(out, numbers[next_random(14)]); break;
    }
}

/* The statement, and before it its condition and its price as lines of their own. */
static void add_formula(gp_buf *out, const gp_builtin *b)
{
    static const char *const attrs[] = {"", "", ",COLORRED", ",LINETHICK0", ",NODRAW,DRAWABOVE", ",PRECIS3", ",COLORBLUE,STICK"};
    gp_buf call = {0}, arg = {0};
    bool cond = false, price = false;
    int n = b->min_args + (int)next_random((uint32_t)(b->max_args - b->min_args + 1));
    gp_buf_printf(&call, "%s(", b->name);
    for (int j = 0; j < n; j++) {
        const gp_arg *a = gp_builtin_arg(b, j);
        arg.n = 0;
        add_argument(&arg, a);
        gp_buf_printf(&call, "%s%s", j ? "," : "", arg.p);
        if (!cond && gp_str_ieqz(a->name, "COND")) cond = true, gp_buf_printf(out, "COND_:%s;", arg.p);
        if (!price && (gp_str_ieqz(a->name, "P") || gp_str_ieqz(a->name, "P1"))) price = true, gp_buf_printf(out, "PRICE_:%s;", arg.p);
    }
    gp_buf_printf(out, "%s)%s;", call.p, attrs[next_random(7)]);
    gp_buf_free(&call);
    gp_buf_free(&arg);
}

/* ---- one case ---- */

typedef struct quotes { gp_bars bars; double at[5][BARS]; int32_t date[BARS]; } quotes;

static void make_quotes(quotes *q)
{
    int cents = 500 + (int)next_random(3000);
    memset(q, 0, sizeof *q);
    q->bars = (gp_bars){.code = (char *)(uintptr_t)"600000", .market = (char *)(uintptr_t)"", .name = (char *)(uintptr_t)"x\"y", .n = 1 + (int)next_random(BARS), .period = 5};
    for (int i = 0; i < q->bars.n; i++) {
        cents += (int)next_random(41) - 20;
        if (cents < 20) cents = 20;
        q->at[3][i] = cents / 100.0;
        q->at[0][i] = (cents + (int)next_random(21) - 10) / 100.0;
        q->at[1][i] = fmax(q->at[0][i], q->at[3][i]) + 0.05;
        q->at[2][i] = fmin(q->at[0][i], q->at[3][i]) - 0.05;
        q->at[4][i] = next_random(1000);
        if (next_random(17) == 0) q->at[next_random(5)][i] = NAN;
        q->date[i] = 20240101 + i % 28 + i / 28 * 100;
    }
    q->bars.open = q->at[0], q->bars.high = q->at[1], q->bars.low = q->at[2], q->bars.close = q->at[3], q->bars.vol = q->at[4];
    q->bars.date = q->date;
}

static int slot_of(const gp_program *p, const char *name)
{
    int n, k = gp_program_find(p, gp_str_from(name));
    return k < 0 ? -1 : gp_program_outputs(p, &n)[k].slot;
}

static const char *check(const gp_plot *plot, const gp_program *p, double (*y)[BARS], const gp_builtin *fn, int from)
{
    const int cond = slot_of(p, "COND_"), price = slot_of(p, "PRICE_");
    for (int k = 0; k < plot->n_layers; k++) {
        const gp_layer *l = &plot->layers[k];
        size_t due = 0;
        if (!l->function) continue;
        for (int i = 0; l->colours && i < plot->n; i++)
            if (l->colours[i] < -1 || l->colours[i] > 0xFFFFFF) return "no colour";
        for (size_t j = 0; j < l->n_marks; j++) {
            const gp_mark *m = &l->marks[j];
            if (m->rgb < -1 || m->rgb > 0xFFFFFF || m->rgb2 < -1 || m->rgb2 > 0xFFFFFF) return "no colour of a mark";
            if (m->bar2 != GP_BAR_NONE && m->bar2 < m->bar) return "a line that runs backwards";
            if (l->kind < GP_LAYER_STICKS || l->kind > GP_LAYER_PICTURES) continue;
            if (m->bar < 0 || m->bar >= plot->n) return "a bar that is not shown";
            if (!(fabs(y[cond][m->bar + from]) >= 1e-5)) return "its condition does not hold";
            if (l->kind != GP_LAYER_STICKS && m->price != y[price][m->bar + from]) return "another price";
            if (l->kind != GP_LAYER_STICKS && l->kind != GP_LAYER_ICONS && !m->text) return "no text";
        }
        if (l->kind != GP_LAYER_TEXTS && l->kind != GP_LAYER_NUMBERS && l->kind != GP_LAYER_PICTURES) continue;
        for (int i = 0; i < plot->n; i++) due += fabs(y[cond][i + from]) >= 1e-5 && y[price][i + from] == y[price][i + from];
        if (due != l->n_marks) return "bars left out";
        if (strcmp(l->function, fn->name) != 0) return "another function";
    }
    gp_buf json = {0};
    gp_plot_json(plot, &json);
    const char *end = json_value(json.p);
    const bool ok = end && !*end;
    gp_buf_free(&json);
    return ok ? NULL : "no JSON";
}

static bool one(const gp_builtin *fn)
{
    static double y[SLOTS][BARS];
    double *out[SLOTS];
    quotes q;
    gp_buf text = {0};
    gp_diags d = {0};
    const char *wrong = "does not compile";
    make_quotes(&q);
    gp_buf_addz(&text, next_random(8) ? "" : "{@kind kline}K:C>O;");
    add_formula(&text, fn);
    gp_formula *f = gp_formula_parse("plot", text.p, text.n, GP_ENC_UTF8, &d);
    gp_program *p = gp_formula_resolve(f, &d) ? gp_compile(f, &(gp_compile_opts){.geometry = true}, &d) : NULL;
    if (p && gp_program_n_slots(p) <= SLOTS) {
        for (int k = 0; k < SLOTS; k++) out[k] = y[k];
        const gp_lane lane = {.n = q.bars.n, .open = q.at[0], .high = q.at[1], .low = q.at[2], .close = q.at[3], .vol = q.at[4], .date = q.date,
                              .period = 5, .code = GP_STR("600000"), .name = GP_STR("x"), .out = out};
        gp_vm *vm = gp_vm_new(p, NULL);
        gp_vm_run(vm, &lane, 1);
        const int from = (int)next_random((uint32_t)q.bars.n), to = from + (int)next_random((uint32_t)(q.bars.n - from + 1));
        gp_plot plot;
        gp_plot_make(&plot, &(gp_plot_input){.formula = f, .program = p, .bars = &q.bars, .vm = vm, .out = out, .from = from, .to = to});
        wrong = check(&plot, p, y, fn, from);
        gp_plot_fini(&plot);
        gp_vm_free(vm);
    }
    if (wrong) printf("FAIL %s: %s\n", text.p, d.n && !p ? d.at[0].message : wrong);
    gp_program_free(p);
    gp_formula_free(f);
    gp_diags_fini(&d);
    gp_buf_free(&text);
    return !wrong;
}

int main(int argc, char **argv)
{
    int n, passed = 0, failed = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    printf("plot properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        if (b->shape != GP_SHAPE_DRAW && !(b->category == GP_CAT_DRAW && b->shape == GP_SHAPE_WHOLE)) continue;
        for (int r = 0; r < ROUNDS; r++) {
            rng = seed * 7919 + (uint64_t)(k * ROUNDS + r) * 104729 + 12345;
            if (one(b)) passed++;
            else failed++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
