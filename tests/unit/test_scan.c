/* The scan: what it finds (against the VM run by hand on each ticker), in which order, and that threads, packing and
 * broken files change nothing of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/file.h"
#include "base/pool.h"
#include "base/vec.h"
#include "eval/vm.h"
#include "market/generate.h"
#include "screen/scan.h"

/* ---- folders and files ---- */

static char *new_folder(void)
{
    const char *base = getenv("TMPDIR");
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/goldpit-test-XXXXXX", base && *base ? base : P_tmpdir);
    assert_non_null(mkdtemp(path.p));
    return path.p;
}

static void unlink_one(void *ctx, const char *path, size_t bytes)
{
    (void)ctx, (void)bytes;
    unlink(path);
}

static void drop_folder(char *path)
{
    gp_dir_walk(path, unlink_one, NULL);
    assert_int_equal(rmdir(path), 0);
    free(path);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/%s", folder, name);
    FILE *f = fopen(path.p, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    gp_buf_free(&path);
}

/* n daily bars from 2024-01-01 on whose close is base, base+1, ...; with_amount adds the column. */
static void write_ramp(const char *folder, const char *name, int n, double base, bool with_amount)
{
    gp_buf text = {0};
    gp_buf_printf(&text, "date,open,high,low,close,volume%s\n", with_amount ? ",amount" : "");
    for (int i = 0; i < n; i++) {
        double c = base + i;
        gp_buf_printf(&text, "2024-01-%02d,%g,%g,%g,%g,100%s\n", i + 1, c, c + 1, c - 0.5, c, with_amount ? ",1000" : "");
    }
    write_file(folder, name, text.p);
    gp_buf_free(&text);
}

static char *generated(int tickers, int bars)
{
    char *folder = new_folder();
    assert_null(gp_generate_files(7, tickers, bars, folder));
    return folder;
}

/* ---- plans and runs ---- */

typedef struct planned { gp_formula *f; gp_plan plan; gp_diags d; gp_plan_status status; } planned;

static planned plan_of(const char *text, gp_plan_spec spec)
{
    planned p = {0};
    p.f = gp_formula_parse("test", text, strlen(text), GP_ENC_UTF8, &p.d);
    assert_int_equal(p.d.errors, 0);
    p.status = gp_plan_new(p.f, &spec, &p.plan, &p.d);
    return p;
}

static void drop_plan(planned *p)
{
    if (p->status == GP_PLAN_OK)
        gp_plan_fini(&p->plan);
    gp_formula_free(p->f);
    gp_diags_fini(&p->d);
}

static gp_inputs inputs_of(const char *folder)
{
    gp_inputs in = {0};
    gp_diags d = {0};
    int bad = 0;
    char *path = (char *)(uintptr_t)folder;
    gp_inputs_expand(&path, 1, NULL, &in, &bad, &d);
    assert_int_equal(bad, 0);
    gp_diags_fini(&d);
    return in;
}

/* Every hit as text: nothing that a user could see is left out. */
static char *text_of(const gp_plan *p, const gp_scan_result *r)
{
    gp_buf out = {0};
    gp_buf_addz(&out, "");
    for (size_t i = 0; i < r->n_hits; i++) {
        const gp_hit *h = &r->hits[i];
        gp_buf_printf(&out, "%s %s %s %d %d %a", h->code, h->market, h->name, (int)h->date, (int)h->time, h->close);
        for (int k = 0; k < h->n_fired; k++)
            gp_buf_printf(&out, " %s", p->signals[h->fired[k]].label);
        for (int k = 0; k < p->n_cols; k++)
            gp_buf_printf(&out, " %a", h->values[k]);
        gp_buf_addc(&out, '\n');
    }
    return out.p;
}

typedef struct scanned { gp_scan_result r; gp_diags d; char *text; } scanned;

static scanned scan_folder(const gp_plan *p, const char *folder, gp_scan_opts o)
{
    scanned s = {.d = {.limit = (size_t)-1}};
    gp_inputs in = inputs_of(folder);
    gp_scan_run(p, &in, &o, &s.r, &s.d);
    s.text = text_of(p, &s.r);
    gp_inputs_fini(&in);
    return s;
}

static void drop_scan(scanned *s)
{
    gp_scan_result_fini(&s->r);
    gp_diags_fini(&s->d);
    free(s->text);
}

/* ---- the same, by hand ---- */

static const char pit[] = "RSV:=(C-LLV(L,21))/(HHV(H,21)-LLV(L,21))*100;\n短跳:SMA(RSV,3,1)+STD(C,21);\n"
                          "坑:STICKLINE(短跳<20,短跳,20,3,0);\nDRAWTEXT(CROSS(C,MA(C,10)),L,'穿');\nDRAWICON(C>HHV(REF(H,1),20),H,1);";

typedef struct by_hand { const gp_plan *p; gp_scan_opts o; gp_buf out; } by_hand;

static bool on(double x) { return !isnan(x) && fabs(x) >= 1e-5; }

static void add_bar(by_hand *b, const gp_bars *bars, double *const *slots, int i)
{
    bool any = false;
    for (int k = 0; k < b->p->n_signals; k++)
        any |= on(slots[b->p->signals[k].slot][i]);
    if (!any || (b->p->where >= 0 && !on(slots[b->p->where][i])))
        return;
    gp_buf_printf(&b->out, "%s %s %s %d %d %a", bars->code, bars->market, bars->name, (int)bars->date[i],
                  bars->time ? (int)bars->time[i] : -1, bars->close[i]);
    for (int k = 0; k < b->p->n_signals; k++)
        if (on(slots[b->p->signals[k].slot][i]))
            gp_buf_printf(&b->out, " %s", b->p->signals[k].label);
    for (int k = 0; k < b->p->n_cols; k++)
        gp_buf_printf(&b->out, " %a", slots[b->p->cols[k].slot][i]);
    gp_buf_addc(&b->out, '\n');
}

static void ticker_by_hand(by_hand *b, const gp_bars *bars)
{
    int n = bars->n, n_slots = gp_program_n_slots(b->p->program);
    while (b->o.asof && n && bars->date[n - 1] > b->o.asof)
        n--;
    double **slots = gp_xcalloc((size_t)n_slots, sizeof *slots);
    for (int s = 0; s < n_slots; s++)
        slots[s] = gp_xcalloc((size_t)n + 1, sizeof **slots);
    gp_lane lane = {.n = n, .open = bars->open, .high = bars->high, .low = bars->low, .close = bars->close,
                    .vol = bars->vol, .amount = bars->amount, .date = bars->date, .time = bars->time,
                    .period = bars->period, .code = gp_str_from(bars->code), .name = gp_str_from(bars->name), .out = slots};
    gp_vm *vm = gp_vm_new(b->p->program, NULL);
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
    size_t was = b->out.n;
    for (int i = 0; i < n && (b->o.from || b->o.to); i++)
        if ((!b->o.from || bars->date[i] >= b->o.from) && (!b->o.to || bars->date[i] <= b->o.to))
            add_bar(b, bars, slots, i);
    for (int k = 0; k < (b->o.within > 1 ? b->o.within : 1) && !b->o.from && !b->o.to && b->out.n == was && k < n; k++)
        add_bar(b, bars, slots, n - 1 - k);
    for (int s = 0; s < n_slots; s++)
        free(slots[s]);
    free(slots);
}

/* Files are walked by name and every name is a code, so the order by code is the order of the walk. */
static void file_by_hand(void *ctx, const char *path, size_t bytes)
{
    gp_read_opts o = {0};
    gp_read_result r = {0};
    gp_diags d = {0};
    (void)bytes;
    assert_true(gp_read_quotes(path, &o, &r, &d));
    for (int i = 0; i < r.n; i++)
        ticker_by_hand(ctx, &r.at[i]);
    gp_read_result_fini(&r);
    gp_diags_fini(&d);
}

static void finds_what_the_vm_finds(void **state)
{
    static const char *const cols[] = {"短跳", "C/REF(C,5)-1 as week"};
    static const gp_scan_opts cases[] = {
        {.jobs = 2}, {.jobs = 2, .within = 1}, {.jobs = 2, .within = 7}, {.jobs = 2, .within = 100000},
        {.jobs = 2, .asof = 20240612}, {.jobs = 2, .within = 5, .asof = 20240612}, {.jobs = 2, .from = 20240801},
        {.jobs = 2, .to = 20240401}, {.jobs = 2, .from = 20240801, .to = 20241008},
        {.jobs = 2, .from = 20240102, .asof = 20240510}, {.jobs = 2, .from = 19000101, .to = 99991231},
    };
    char *folder = generated(37, 300);
    size_t hits = 0;
    (void)state;
    for (int where = 0; where < 2; where++) {
        planned p = plan_of(pit, (gp_plan_spec){.cols = cols, .n_cols = 2, .where = where ? "V>MA(V,5)" : NULL,
                                                .signals = (const char *const[]){"坑", "穿", "DRAWICON1"}, .n_signals = 3});
        assert_int_equal(p.status, GP_PLAN_OK);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            by_hand b = {.p = &p.plan, .o = cases[i]};
            gp_buf_addz(&b.out, "");
            assert_null(gp_dir_walk(folder, file_by_hand, &b));
            scanned s = scan_folder(&p.plan, folder, cases[i]);
            assert_string_equal(s.text, b.out.p);
            hits += s.r.n_hits;
            drop_scan(&s);
            gp_buf_free(&b.out);
        }
        drop_plan(&p);
    }
    assert_true(hits > 1000); /* the comparison compared something */
    drop_folder(folder);
}

static void jobs_change_nothing(void **state)
{
    static const char *const cols[] = {"短跳 as s"};
    char *folder = generated(50, 200);
    (void)state;
    write_file(folder, "empty.csv", "");
    write_file(folder, "noise.csv", "\x01\x02 not quotes\n\n,,,\n");
    for (int range = 0; range < 2; range++) {
        planned p = plan_of(pit, (gp_plan_spec){.cols = cols, .n_cols = 1, .sort = range ? "s:desc" : NULL});
        assert_int_equal(p.status, GP_PLAN_OK);
        gp_scan_opts o = {.jobs = 1, .from = range ? 19000101 : 0, .within = range ? 0 : 50};
        scanned first = scan_folder(&p.plan, folder, o);
        assert_true(first.r.n_hits > 10);
        for (int jobs = 2; jobs <= 64; jobs *= 2) {
            o.jobs = jobs;
            scanned s = scan_folder(&p.plan, folder, o);
            assert_string_equal(s.text, first.text);
            assert_int_equal(s.r.tickers, first.r.tickers);
            assert_int_equal(s.r.skipped, 2);
            assert_int_equal(s.d.n, first.d.n);
            for (size_t i = 0; i < s.d.n; i++) {
                assert_string_equal(s.d.at[i].message, first.d.at[i].message);
                assert_string_equal(s.d.at[i].file, first.d.at[i].file);
            }
            drop_scan(&s);
        }
        drop_scan(&first);
        drop_plan(&p);
    }
    drop_folder(folder);
}

static void asof_hides_the_future(void **state)
{
    char *folder = new_folder();
    (void)state;
    write_ramp(folder, "600001.csv", 20, 10, false);
    write_ramp(folder, "600002.csv", 5, 10, false); /* ends before the day */
    write_file(folder, "600003.csv", "date,open,high,low,close\n2024-01-15,1,1,1,1\n"); /* begins after it */
    planned p = plan_of("XG:ISLASTBAR;", (gp_plan_spec){0});
    scanned s = scan_folder(&p.plan, folder, (gp_scan_opts){.asof = 20240110});
    assert_int_equal(s.r.n_hits, 2);
    assert_int_equal(s.r.too_young, 1);
    assert_int_equal(s.r.tickers, 2);
    assert_int_equal(s.r.hits[0].date, 20240110);
    assert_int_equal(s.r.hits[1].date, 20240105);
    assert_int_equal(s.r.newest, 20240110);
    assert_int_equal(s.r.stale_hits, 1);
    drop_scan(&s);
    drop_plan(&p);
    p = plan_of("XG:REFX(C,1)>C;", (gp_plan_spec){0}); /* true on every bar but the last */
    s = scan_folder(&p.plan, folder, (gp_scan_opts){.asof = 20240110});
    assert_int_equal(s.r.n_hits, 0);
    drop_scan(&s);
    s = scan_folder(&p.plan, folder, (gp_scan_opts){.from = 20240110, .to = 20240110});
    assert_int_equal(s.r.n_hits, 1);
    drop_scan(&s);
    drop_plan(&p);
    drop_folder(folder);
}

static bool named_error(const gp_diags *d, const char *file)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->at[i].severity == GP_ERROR && d->at[i].file && strstr(d->at[i].file, file))
            return true;
    return false;
}

static void bad_files_stop_nothing(void **state)
{
    static const char *const bad[] = {"b_empty.csv", "b_header.csv", "b_noclose.csv", "b_noise.csv"};
    char *folder = new_folder();
    (void)state;
    for (int i = 0; i < 9; i++)
        write_ramp(folder, (char[]){'6', '0', '0', '0', '0', (char)('0' + i), '.', 'c', 's', 'v', 0}, 10, 10 + i, i % 2);
    write_file(folder, bad[0], "");
    write_file(folder, bad[1], "date,open,high,low,close,volume\n");
    write_file(folder, bad[2], "date,open,high,low,volume\n2024-01-01,1,2,1,5\n");
    write_file(folder, bad[3], "this is\nno table\n");
    planned p = plan_of("XG:C>12;", (gp_plan_spec){0});
    scanned s = scan_folder(&p.plan, folder, (gp_scan_opts){.jobs = 2});
    assert_int_equal(s.r.tickers, 9);
    assert_int_equal(s.r.n_hits, 9);
    assert_int_equal(s.r.skipped, 4);
    for (int i = 0; i < 4; i++)
        assert_true(named_error(&s.d, bad[i]));
    drop_scan(&s);
    drop_plan(&p);
    p = plan_of("XG:AMOUNT>0;", (gp_plan_spec){0}); /* only every second file has it */
    s = scan_folder(&p.plan, folder, (gp_scan_opts){.jobs = 2});
    assert_int_equal(s.r.tickers, 4);
    assert_int_equal(s.r.skipped, 9);
    assert_true(named_error(&s.d, "600000.csv"));
    assert_false(named_error(&s.d, "600001.csv"));
    drop_scan(&s);
    drop_plan(&p);
    drop_folder(folder);
}

static char *codes_of(const gp_scan_result *r)
{
    gp_buf out = {0};
    gp_buf_addz(&out, "");
    for (size_t i = 0; i < r->n_hits; i++)
        gp_buf_printf(&out, "%s%s", i ? " " : "", r->hits[i].code);
    return out.p;
}

static void sorting(void **state)
{
    /* last closes: 600001 19, 600002 29, 600003 19, 600004 39 (null key), 600005 5 */
    static const struct { const char *sort, *codes; } cases[] = {
        {NULL, "600001 600002 600003 600004 600005"},
        {"k", "600005 600001 600003 600002 600004"},
        {"k:asc", "600005 600001 600003 600002 600004"},
        {"K : DESC", "600002 600001 600003 600005 600004"},
        {"IF(C>30,DRAWNULL,-C)", "600002 600001 600003 600005 600004"},
        {"IF(C>30,DRAWNULL,-C):desc", "600005 600001 600003 600002 600004"},
        {"code", "600001 600002 600003 600004 600005"},
        {"code:desc", "600005 600004 600003 600002 600001"},
    };
    static const char *const cols[] = {"IF(C>30,DRAWNULL,C) as k"};
    char *folder = new_folder();
    (void)state;
    write_ramp(folder, "600004.csv", 10, 30, false);
    write_ramp(folder, "600003.csv", 10, 10, false);
    write_ramp(folder, "600002.csv", 10, 20, false);
    write_ramp(folder, "600001.csv", 10, 10, false);
    write_ramp(folder, "600005.csv", 5, 1, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        planned p = plan_of("XG:C>0;", (gp_plan_spec){.cols = cols, .n_cols = 1, .sort = cases[i].sort});
        assert_int_equal(p.status, GP_PLAN_OK);
        scanned s = scan_folder(&p.plan, folder, (gp_scan_opts){.jobs = 2});
        char *codes = codes_of(&s.r);
        assert_string_equal(codes, cases[i].codes);
        free(codes);
        drop_scan(&s);
        drop_plan(&p);
    }
    drop_folder(folder);
}

static void choosing_signals(void **state)
{
    static const struct { const char *formula; const char *signal[3], *select, *where; gp_plan_status status; const char *labels; } cases[] = {
        {"A:C>O;B:C<O;ENTERLONG:CROSS(C,O);EXITLONG:CROSS(O,C);DRAWICON(C>O,H,1);", {0}, 0, 0, GP_PLAN_OK, "ENTERLONG EXITLONG"},
        {"A:C;DRAWTEXT(C>O,H,'追涨');底:STICKLINE(C<O,C,O,1,0);DRAWICON(C>O,H,1);", {0}, 0, 0, GP_PLAN_OK, "追涨 底 DRAWICON1"},
        {"A:=C>O;XG:A;", {0}, 0, 0, GP_PLAN_OK, "XG"},
        {"C>O;", {0}, 0, 0, GP_PLAN_OK, "NONAME1"},
        {"A:C>O;SELECT:C<O;B:C;", {0}, 0, 0, GP_PLAN_OK, "SELECT"},
        {"{@kind screen} A:C>O;B:C<O;C>L;", {0}, 0, 0, GP_PLAN_OK, "B"},
        {"{@kind screen} A:C>O;DRAWICON(A,H,1);", {0}, 0, 0, GP_PLAN_OK, "A"},
        {"A:C;B:O;", {0}, 0, 0, GP_PLAN_USAGE, "GP503"},
        {"A:MA(C,5);", {0}, 0, 0, GP_PLAN_USAGE, "GP503"}, /* a price is no condition */
        {"A:C-MA(C,5);", {0}, 0, 0, GP_PLAN_OK, "A"},
        {"{@kind kline} A:C>O,COLORRED;B:C<O,COLORGREEN;", {0}, 0, 0, GP_PLAN_OK, "A B"},
        {"{@kind expert} A:C>O;ENTERLONG:C<O;DRAWICON(A,H,1);", {0}, 0, 0, GP_PLAN_OK, "ENTERLONG"},
        {"{@kind indicator} A:C>O;ENTERLONG:C<O;DRAWICON(A,H,1);", {0}, 0, 0, GP_PLAN_OK, "ENTERLONG"},
        {"{@kind indicator} A:C>O;DRAWICON(A,H,1);", {0}, 0, 0, GP_PLAN_OK, "DRAWICON1"},
        {"A:C;B:O;DRAWTEXT_FIX(1,0,0,0,'x');DRAWTEXT(C>O,L,'y');DRAWRECTREL(0,0,9,9,0);", {0}, 0, 0, GP_PLAN_OK, "y"},
        {"A:C;B:O;DRAWTEXT_FIX(1,0,0,0,'x');PARTLINE(C,C>O,COLORRED);", {0}, 0, 0, GP_PLAN_USAGE, "GP503"},
        {"A:C;B:O;DRAWTEXT_FIX(1,0,0,0,'x');", {"x"}, 0, 0, GP_PLAN_OK, "x"},
        {"A:C;B:O;", {"b"}, 0, 0, GP_PLAN_OK, "B"},
        {"A:C;B:O;", {"b", "A"}, 0, 0, GP_PLAN_OK, "A B"},
        {"A:C;B:O;", {"b", "B"}, 0, 0, GP_PLAN_OK, "B"},
        {"A:C;B:O;", {"AB"}, 0, 0, GP_PLAN_USAGE, "GP501"},
        {"A:C;DRAWTEXT(C>O,H,'追涨');DRAWTEXT(C<O,H,'追涨');", {"追涨"}, 0, 0, GP_PLAN_OK, "追涨 追涨_2"},
        {"A:C;DRAWTEXT(C>O,H,'追涨');DRAWTEXT(C<O,H,'追涨');", {"追涨_2"}, 0, 0, GP_PLAN_OK, "追涨_2"},
        {"X:C;X_2:STICKLINE(C>O,C,O,1,0);", {"x"}, 0, 0, GP_PLAN_OK, "X"},
        {"A:C;B:O;", {0}, "B", 0, GP_PLAN_OK, "B"},
        {"A:C;B:O;", {0}, "X", 0, GP_PLAN_USAGE, "GP501"},
        {"A:C;B:O;", {0}, 0, "A>B", GP_PLAN_OK, "where"},
        {"A:C;DRAWICON(C>O,H,1);", {0}, 0, "A>1", GP_PLAN_OK, "where"},
        {"A:C;B:O;", {"B"}, 0, "A>B", GP_PLAN_OK, "B &"},
        {"A:C;B:O;", {0}, 0, "A>", GP_PLAN_FORMULA, NULL},
        {"A:C;B:O;", {0}, 0, "Q>1", GP_PLAN_FORMULA, NULL},
        {"A:C;B:O;", {0}, 0, "A>1;B>2", GP_PLAN_FORMULA, NULL},
        {"A:MA(C);", {0}, 0, 0, GP_PLAN_FORMULA, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gp_plan_spec spec = {.signals = cases[i].signal, .select = cases[i].select, .where = cases[i].where};
        while (spec.n_signals < 3 && cases[i].signal[spec.n_signals])
            spec.n_signals++;
        planned p = plan_of(cases[i].formula, spec);
        gp_buf labels = {0};
        gp_buf_addz(&labels, "");
        if (p.status != cases[i].status)
            fail_msg("case %zu: %s: status %d", i, cases[i].formula, (int)p.status);
        for (int k = 0; k < p.plan.n_signals; k++)
            gp_buf_printf(&labels, "%s%s", k ? " " : "", p.plan.signals[k].label);
        if (p.plan.where >= 0)
            gp_buf_addz(&labels, " &");
        if (p.status == GP_PLAN_OK)
            assert_string_equal(labels.p, cases[i].labels);
        else if (cases[i].labels)
            assert_string_equal(gp_diag_code(p.d.at[p.d.n - 1].id), cases[i].labels);
        if (p.status != GP_PLAN_OK)
            assert_true(p.d.errors > 0);
        gp_buf_free(&labels);
        drop_plan(&p);
    }
}

static void splitting_options(void **state)
{
    static const struct { const char *text, *expr, *name; } cols[] = {
        {"C/REF(C,5)-1 as week", "C/REF(C,5)-1", "week"}, {"  MA(C,5) ", "MA(C,5)", "MA(C,5)"},
        {"C AS 收盘", "C", "收盘"}, {"C as", "C as", "C as"}, {" as x", "as x", "as x"},
        {"NAMELIKE('a as b')", "NAMELIKE('a as b')", "NAMELIKE('a as b')"}, {"C as a as b", "C as a", "b"},
        {"CLASS", "CLASS", "CLASS"}, {"C\tas\tx", "C", "x"}, {"", "", ""},
    };
    static const struct { const char *text, *expr; bool down; } sorts[] = {
        {"C", "C", false}, {"C:desc", "C", true}, {"C : ASC ", "C", false}, {"A:up", "A:up", false}, {":desc", "", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++) {
        gp_str expr, name;
        gp_plan_split_column(gp_str_from(cols[i].text), &expr, &name);
        assert_true(gp_str_eq(expr, gp_str_from(cols[i].expr)));
        assert_true(gp_str_eq(name, gp_str_from(cols[i].name)));
    }
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        bool down;
        assert_true(gp_str_eq(gp_plan_split_sort(gp_str_from(sorts[i].text), &down), gp_str_from(sorts[i].expr)));
        assert_int_equal(down, sorts[i].down);
    }
}

static void same_code_twice(void **state)
{
    char *folder = new_folder();
    int warnings = 0;
    (void)state;
    write_ramp(folder, "600001.csv", 9, 1, false);
    write_ramp(folder, "600001.txt", 9, 1, false); /* the same security again */
    write_ramp(folder, "sh000001.csv", 9, 1, false);
    write_ramp(folder, "sz000001.csv", 9, 1, false); /* another one of the same number */
    planned p = plan_of("XG:C>0;", (gp_plan_spec){0});
    scanned s = scan_folder(&p.plan, folder, (gp_scan_opts){.jobs = 2});
    char *codes = codes_of(&s.r);
    assert_string_equal(codes, "000001.SH 000001.SZ 600001 600001");
    for (size_t i = 0; i < s.d.n; i++)
        warnings += s.d.at[i].id == GP_D_DUPLICATE_TICKER;
    assert_int_equal(warnings, 1);
    free(codes);
    drop_scan(&s);
    drop_plan(&p);
    drop_folder(folder);
}

/* Many tickers in one file give what a file each gives. */
static void one_file_or_many(void **state)
{
    char *many = new_folder(), *one = new_folder();
    gp_buf all = {0};
    (void)state;
    gp_buf_addz(&all, "code,date,open,high,low,close,volume\n");
    for (int k = 0; k < 21; k++) {
        gp_buf single = {0};
        gp_bars b = {0};
        char name[32];
        gp_generate(3, k, 90 + k, &b);
        gp_buf_addz(&single, "date,open,high,low,close,volume\n");
        for (int i = 0; i < b.n; i++) {
            gp_buf row = {0};
            gp_buf_printf(&row, "%d,%.2f,%.2f,%.2f,%.2f,%.0f\n", (int)b.date[i], b.open[i], b.high[i], b.low[i], b.close[i],
                          b.vol[i]);
            gp_buf_add(&single, row.p, row.n);
            gp_buf_printf(&all, "%s,%s", b.code, row.p);
            gp_buf_free(&row);
        }
        snprintf(name, sizeof name, "%s.csv", b.code);
        write_file(many, name, single.p);
        gp_buf_free(&single);
        gp_bars_fini(&b);
    }
    write_file(one, "all.csv", all.p);
    gp_buf_free(&all);
    planned p = plan_of(pit, (gp_plan_spec){0});
    scanned a = scan_folder(&p.plan, many, (gp_scan_opts){.jobs = 2, .from = 19000101});
    scanned b = scan_folder(&p.plan, one, (gp_scan_opts){.jobs = 2, .from = 19000101});
    assert_true(a.r.n_hits > 50);
    assert_string_equal(a.text, b.text);
    drop_scan(&a);
    drop_scan(&b);
    drop_plan(&p);
    drop_folder(many);
    drop_folder(one);
}

/* ---- the pool ---- */

enum { ITEMS = 1000 };
static void touch(void *ctx, int worker, size_t item)
{
    int *seen = ctx;
    assert_in_range(worker, 0, 7);
    seen[item]++; /* each item belongs to one thread: a race here is a fault that TSan sees */
}

static void pool_does_each_item_once(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 8; jobs++) {
        static int seen[ITEMS];
        memset(seen, 0, sizeof seen);
        gp_pool_run(jobs, ITEMS, touch, seen);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(seen[i], 1);
    }
    gp_pool_run(4, 0, touch, NULL);
    assert_int_equal(gp_pool_jobs(8, 3), 3);
    assert_int_equal(gp_pool_jobs(8, 0), 1);
    assert_int_equal(gp_pool_jobs(100000, 100000), GP_POOL_MAX);
    assert_true(gp_pool_jobs(0, 1000) >= 1);
}

static void progress_reaches_the_end(void *ctx, size_t done, size_t total)
{
    size_t *last = ctx;
    assert_true(done >= *last && done <= total);
    *last = done;
}

static void progress_grows(void **state)
{
    char *folder = generated(20, 50);
    size_t last = 0;
    (void)state;
    planned p = plan_of("XG:C>0;", (gp_plan_spec){0});
    scanned s = scan_folder(&p.plan, folder, (gp_scan_opts){.jobs = 1, .progress = progress_reaches_the_end, .ctx = &last});
    assert_int_equal(last, 20);
    drop_scan(&s);
    drop_plan(&p);
    drop_folder(folder);
}

static void nothing_to_read(void **state)
{
    gp_inputs none = {0};
    gp_scan_result r;
    gp_diags d = {0};
    (void)state;
    planned p = plan_of("XG:C>0;", (gp_plan_spec){0});
    gp_scan_run(&p.plan, &none, &(gp_scan_opts){.jobs = 4}, &r, &d);
    assert_int_equal(r.n_hits + r.tickers + r.skipped, 0);
    gp_scan_result_fini(&r);
    drop_plan(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitting_options), cmocka_unit_test(choosing_signals), cmocka_unit_test(finds_what_the_vm_finds),
        cmocka_unit_test(jobs_change_nothing), cmocka_unit_test(asof_hides_the_future), cmocka_unit_test(bad_files_stop_nothing),
        cmocka_unit_test(sorting), cmocka_unit_test(same_code_twice), cmocka_unit_test(one_file_or_many),
        cmocka_unit_test(pool_does_each_item_once), cmocka_unit_test(progress_grows), cmocka_unit_test(nothing_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
