/* plot: outputs -> layers and marks in data coordinates, worked out by hand from the definition of each drawing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>
#include "parser/parser.h"
#include "plot/plot.h"

enum { BARS = 6, SLOTS = 64 };

/*                               0   1   2   3   4   5   */
static double open_[BARS] = {10, 10, 12, 11, 10, 9};
static double high_[BARS] = {11, 12, 13, 12, 11, 11};
static double low_[BARS] = {9, 9, 11, 9, 8, 8};
static double close_[BARS] = {10, 12, 11, 10, 9, 11}; /* up on bars 1 and 5 */
static double vol_[BARS] = {1, 2, 3, 4, 5, 6};
static int32_t date_[BARS] = {20240101, 20240102, 20240103, 20240104, 20240105, 20240108};

typedef struct made { gp_formula *f; gp_program *p; gp_vm *vm; gp_bars bars; double y[SLOTS][BARS], *out[SLOTS]; gp_plot plot; } made;

static void make(made *m, const char *text, int from, int to)
{
    gp_diags d = {0};
    memset(m, 0, sizeof *m);
    m->f = gp_formula_parse("t", text, strlen(text), GP_ENC_UTF8, &d);
    if (!gp_formula_resolve(m->f, &d)) fail_msg("%s", d.at[0].message);
    m->p = gp_compile(m->f, &(gp_compile_opts){.geometry = true}, &d);
    assert_non_null(m->p);
    assert_true(gp_program_n_slots(m->p) <= SLOTS);
    for (int k = 0; k < SLOTS; k++) m->out[k] = m->y[k];
    m->bars = (gp_bars){.code = (char *)(uintptr_t)"600000", .market = (char *)(uintptr_t)"SH", .name = (char *)(uintptr_t)"", .n = BARS,
                        .date = date_, .open = open_, .high = high_, .low = low_, .close = close_, .vol = vol_, .period = 5};
    gp_lane lane = {.n = BARS, .open = open_, .high = high_, .low = low_, .close = close_, .vol = vol_, .date = date_, .period = 5,
                    .code = GP_STR("600000"), .name = GP_STR(""), .out = m->out};
    m->vm = gp_vm_new(m->p, NULL);
    gp_vm_run(m->vm, &lane, 1);
    gp_plot_make(&m->plot, &(gp_plot_input){.formula = m->f, .program = m->p, .bars = &m->bars, .vm = m->vm, .out = m->out, .from = from, .to = to});
    gp_diags_fini(&d);
}

static void drop(made *m)
{
    gp_plot_fini(&m->plot);
    gp_vm_free(m->vm);
    gp_program_free(m->p);
    gp_formula_free(m->f);
}

static const gp_layer *only(const made *m, gp_layer_kind kind)
{
    assert_int_equal(m->plot.n_layers, 1);
    assert_int_equal(m->plot.layers[0].kind, kind);
    return &m->plot.layers[0];
}

static void sticks(void **state)
{
    (void)state;
    made m;
    make(&m, "STICKLINE(C>O,O,C,IF(C=12,4,-1),IF(C=12,1,3)),COLORRED;", 0, BARS);
    const gp_layer *l = only(&m, GP_LAYER_STICKS);
    assert_int_equal(l->looks.rgb, 0xFF0000);
    assert_int_equal(l->n_marks, 2);
    assert_true(l->marks[0].bar == 1 && l->marks[0].price == 10 && l->marks[0].price2 == 12 && l->marks[0].width == 4);
    assert_int_equal(l->marks[0].fill, GP_FILL_HOLLOW);
    assert_true(l->marks[1].bar == 5 && l->marks[1].fill == GP_FILL_CENTRE && l->marks[1].width == 0);
    assert_true(l->marks[1].price == 11); /* P1 does not take part */
    drop(&m);
    make(&m, "STICKLINE(C>O,IF(C=12,DRAWNULL,O),C,1,-1);", 2, BARS);
    l = only(&m, GP_LAYER_STICKS);
    assert_int_equal(l->n_marks, 1); /* bar 1 is not shown */
    assert_true(l->marks[0].bar == 3 && l->marks[0].fill == GP_FILL_DASHED);
    drop(&m);
}

static void texts_numbers_icons(void **state)
{
    (void)state;
    made m;
    make(&m, "DRAWTEXT(C>O,L,'a&b');DRAWNUMBER(C>O,H,C),PRECIS1;DRAWNUMBER_DIF(C=12,H,C,O);DRAWICON(C>O,L,7),DRAWABOVE;DRAWBMP(C=12,L,'x.bmp');", 0, BARS);
    assert_int_equal(m.plot.n_layers, 5);
    const gp_layer *l = m.plot.layers;
    assert_string_equal(l[0].marks[0].text, "a\nb");
    assert_true(l[0].n_marks == 2 && l[0].marks[1].price == 8);
    assert_string_equal(l[1].marks[0].text, "12.0");
    assert_true(l[1].marks[1].number == 11);
    assert_string_equal(l[2].marks[0].text, "12.00 10.00");
    assert_true(l[2].marks[0].number == 12 && l[2].n_marks == 1);
    assert_true(l[3].marks[0].number == 7 && l[3].looks.show == GP_SHOW_ABOVE);
    assert_string_equal(l[4].marks[0].text, "x.bmp");
    drop(&m);
    /* texts differ from bar to bar */
    make(&m, "DRAWTEXT(1,L,IF(C>O,'up',VARCAT('at ',VAR2STR(C,0))));T:VAR2STR(C,1);", 0, 3);
    l = m.plot.layers;
    assert_int_equal(l[0].n_marks, 3);
    assert_string_equal(l[0].marks[0].text, "at 10");
    assert_string_equal(l[0].marks[1].text, "up");
    assert_string_equal(l[1].marks[0].text, "11.0"); /* of the last bar shown */
    drop(&m);
}

static void lines(void **state)
{
    (void)state;
    made m;
    make(&m, "A:C,STICK;B:C+1,NODRAW;NOTEXTC:O;TMPMOVE3:L;", 2, 5);
    assert_int_equal(m.plot.n_layers, 4);
    assert_int_equal(m.plot.n, 3);
    assert_true(m.plot.layers[0].y[0][0] == 11 && m.plot.layers[0].y[0][2] == 9);
    assert_int_equal(m.plot.layers[0].looks.style, GP_STYLE_STICK);
    assert_int_equal(m.plot.layers[1].looks.show, GP_SHOW_NODRAW);
    assert_int_equal(m.plot.layers[2].looks.show, GP_SHOW_NOTEXT);
    assert_int_equal(m.plot.layers[3].looks.shift, 3);
    drop(&m);
}

static void segments(void **state)
{
    (void)state;
    made m;
    /* C1 on bars 0 and 3, C2 on bars 2 and 5: 0-2 and 3-5 */
    make(&m, "DRAWLINE(C=10,L,C=11,H,11);", 0, BARS);
    const gp_layer *l = only(&m, GP_LAYER_SEGMENTS);
    assert_int_equal(l->n_marks, 2);
    assert_true(l->marks[0].bar == 0 && l->marks[0].bar2 == 2 && l->marks[0].price == 9 && l->marks[0].price2 == 13);
    assert_true(l->marks[1].bar == 3 && l->marks[1].bar2 == 5 && l->marks[1].extend == (GP_EXTEND_LEFT | GP_EXTEND_RIGHT));
    drop(&m);
    make(&m, "DRAWLINE(C=10,L,C=11,H,0);", 4, BARS); /* shown: 4 and 5; the first line ends before */
    l = only(&m, GP_LAYER_SEGMENTS);
    assert_int_equal(l->n_marks, 1);
    assert_true(l->marks[0].bar == -1 && l->marks[0].bar2 == 1);
    drop(&m);
    make(&m, "PLOYLINE(C=10 OR C=9,C);", 0, BARS); /* points 0, 3, 4 */
    l = only(&m, GP_LAYER_SEGMENTS);
    assert_int_equal(l->n_marks, 2);
    assert_true(l->marks[0].bar2 == 3 && l->marks[1].bar == 3 && l->marks[1].price2 == 9);
    drop(&m);
    make(&m, "DRAWSL(C=12,L,0.5,2,2);DRAWSL(C=12,L,0.5,2,1);DRAWSL(C=12,L,0.5,2,0);", 0, BARS);
    l = m.plot.layers;
    assert_true(l[0].marks[0].bar == -1 && l[0].marks[0].price == 8 && l[0].marks[0].bar2 == 3 && l[0].marks[0].price2 == 10);
    assert_true(l[1].marks[0].bar == -1 && l[1].marks[0].bar2 == 1 && l[1].marks[0].price2 == 9);
    assert_true(l[2].marks[0].bar == 1 && l[2].marks[0].bar2 == 3 && l[2].marks[0].price2 == 10);
    drop(&m);
    make(&m, "VERTLINE(C=12,2);HORLINE(C=12,H,1,1);", 0, BARS);
    l = m.plot.layers;
    assert_true(l[0].marks[0].bar == 1 && isnan(l[0].marks[0].price) && l[0].marks[0].pattern == 2);
    assert_true(l[1].marks[0].price == 12 && l[1].marks[0].extend == GP_EXTEND_LEFT && l[1].marks[0].bar2 == GP_BAR_NONE);
    drop(&m);
    make(&m, "HORLINE(C=12,H,1,1);", 0, 1); /* the bar lies beyond what is shown, the line does not */
    assert_int_equal(only(&m, GP_LAYER_SEGMENTS)->n_marks, 1);
    drop(&m);
    make(&m, "HORLINE(C=12,H,1,0);", 0, 1);
    assert_int_equal(only(&m, GP_LAYER_SEGMENTS)->n_marks, 0);
    drop(&m);
}

static void colours_by_bar(void **state)
{
    (void)state;
    made m;
    make(&m, "PARTLINE(C,C>O,RGB(200,0,0),C<O,COLORGREEN);", 0, BARS);
    const gp_layer *l = only(&m, GP_LAYER_LINE);
    const int part[BARS] = {-1, 0xC80000, 0x00FF00, 0x00FF00, 0x00FF00, 0xC80000};
    assert_memory_equal(l->colours, part, sizeof part);
    drop(&m);
    make(&m, "PARTLINE(C,C=12,COLORRED,C>O),COLORYELLOW;", 1, BARS);
    l = only(&m, GP_LAYER_LINE);
    const int rest[] = {0xFF0000, -1, -1, -1, 0xFFFF00};
    assert_memory_equal(l->colours, rest, sizeof rest);
    drop(&m);
    make(&m, "DRAWBAND(C,COLORRED,O,COLORBLUE);FILLRGN(C>O,L,H),COLORCYAN;DRAWKLINE(H,O,L,C);", 0, 3);
    l = m.plot.layers;
    const int band[] = {-1, 0xFF0000, 0x0000FF}, region[] = {-1, 0x00FFFF, -1};
    assert_int_equal(l[0].kind, GP_LAYER_BAND);
    assert_memory_equal(l[0].colours, band, sizeof band);
    assert_memory_equal(l[1].colours, region, sizeof region);
    assert_int_equal(l[2].kind, GP_LAYER_CANDLES);
    assert_true(l[2].y[0][2] == 12 && l[2].y[1][2] == 13 && l[2].y[2][2] == 11 && l[2].y[3][2] == 11);
    drop(&m);
}

static void places(void **state)
{
    (void)state;
    made m;
    make(&m, "DRAWTEXT_FIX(1,0.5,0.25,1,'x');DRAWNUMBER_FIX(C>O,0,0,0,C);DRAWRECTREL(100,0,500,1000,COLORYELLOW),NOFRAME;DRAWRECTREL(0,0,1,1,0);"
             "DRAWGBK(C>O,COLORRED,COLORBLUE,0,'p',0);DRAWGBK_DIV(C>O,COLORRED,COLORBLUE,0,0);", 0, BARS);
    const gp_layer *l = m.plot.layers;
    assert_int_equal(m.plot.n_layers, 6);
    assert_true(l[0].marks[0].x == 0.5 && l[0].marks[0].y == 0.25 && l[0].marks[0].right && l[0].marks[0].bar == GP_BAR_NONE);
    assert_string_equal(l[1].marks[0].text, "11.00");
    assert_true(l[2].marks[0].x == 0.1 && l[2].marks[0].x2 == 0.5 && l[2].marks[0].y2 == 1 && l[2].marks[0].rgb == 0xFFFF00);
    assert_int_equal(l[3].marks[0].rgb, -1);
    assert_true(l[4].n_marks == 1 && l[4].marks[0].bar == GP_BAR_NONE && l[4].marks[0].rgb2 == 0x0000FF);
    assert_true(l[5].n_marks == 2 && l[5].marks[0].bar == 1);
    drop(&m);
    make(&m, "DRAWNUMBER_FIX(C>O,0,0,0,C);DRAWGBK(C>O,COLORRED,COLORBLUE,0,'p',0);", 0, 4); /* bar 3 decides */
    assert_true(m.plot.layers[0].n_marks == 0 && m.plot.layers[1].n_marks == 0);
    drop(&m);
}

static void kinds(void **state)
{
    (void)state;
    made m;
    make(&m, "{@kind kline}A:C>O,COLORRED;B:H=12,COLORGREEN;DRAWICON(C>O,L,1);", 0, BARS);
    const gp_layer *l = only(&m, GP_LAYER_PAINT);
    const int paint[BARS] = {-1, 0x00FF00, -1, 0x00FF00, -1, 0xFF0000}; /* on bar 1 both hold: the last one paints */
    assert_memory_equal(l->colours, paint, sizeof paint);
    assert_string_equal(l->owners[1], "B");
    assert_string_equal(l->owners[5], "A");
    assert_null(l->owners[0]);
    assert_int_equal(l->pane, GP_PANE_MAIN);
    drop(&m);
    make(&m, "ENTERLONG:C>O;EXITLONG:C=9;V1:VOL;T:STRCAT('a','b');", 0, BARS);
    l = m.plot.layers;
    assert_int_equal(m.plot.n_layers, 4);
    assert_true(l[0].kind == GP_LAYER_SIGNALS && l[0].n_marks == 2 && l[0].marks[1].bar == 5);
    assert_string_equal(l[1].marks[0].text, "EXITLONG");
    assert_int_equal(l[1].marks[0].bar, 4);
    assert_int_equal(l[2].kind, GP_LAYER_LINE);
    assert_string_equal(l[3].marks[0].text, "ab");
    drop(&m);
    make(&m, "M:=MA(C,2);XG:C>O AND C>M;", 1, BARS); /* a screen: where it selects */
    l = only(&m, GP_LAYER_SIGNALS);
    assert_true(l->n_marks == 2 && l->marks[0].bar == 0 && l->marks[1].bar == 4 && l->pane == GP_PANE_MAIN);
    assert_string_equal(l->marks[0].text, "XG");
    drop(&m);
}

static void panes(void **state)
{
    (void)state;
    static const struct { const char *text; gp_pane pane; } cases[] = {
        {"A:MA(C,5);", GP_PANE_MAIN},
        {"M:=MA(C,20);MID:M;UP:M+2*STD(C,20);DOWN:M-2*STD(C,20);", GP_PANE_MAIN},
        {"DIF:EMA(C,12)-EMA(C,26);", GP_PANE_SUB},
        {"A:C;B:VOL;", GP_PANE_SUB},
        {"A:C/REF(C,1);", GP_PANE_SUB},
        {"A:(H+L+C)/3;", GP_PANE_MAIN},
        {"A:IF(C>O,C,DRAWNULL);", GP_PANE_MAIN},
        {"DRAWTEXT(C>O,L*0.98,'x');", GP_PANE_MAIN},
        {"A:C;DRAWTEXT(C>O,50,'x');", GP_PANE_SUB},
        {"A:C;DRAWTEXT_FIX(1,0,0,0,'x');", GP_PANE_MAIN},
        {"{@pane main}A:VOL;", GP_PANE_MAIN},
        {"{@pane sub}A:C;", GP_PANE_SUB},
        {"ENTERLONG:C>O;", GP_PANE_MAIN},
        {"80;", GP_PANE_SUB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gp_diags d = {0};
        gp_formula *f = gp_formula_parse("t", cases[i].text, strlen(cases[i].text), GP_ENC_UTF8, &d);
        assert_true(gp_formula_resolve(f, &d));
        if (gp_plot_pane(f) != cases[i].pane) fail_msg("%s", cases[i].text);
        gp_formula_free(f);
        gp_diags_fini(&d);
    }
}

static void nothing_shown(void **state)
{
    (void)state;
    made m;
    make(&m, "A:C;DRAWTEXT_FIX(1,0,0,0,'x');DRAWTEXT(C>O,L,'x');PARTLINE(C,1,0);DRAWLINE(C=10,L,C=11,H,0);DRAWGBK(1,0,0,0,'',0);T:'x';", 3, 3);
    assert_int_equal(m.plot.n, 0);
    for (int i = 0; i < m.plot.n_layers; i++)
        if (m.plot.layers[i].kind != GP_LAYER_SEGMENTS && m.plot.layers[i].kind != GP_LAYER_VALUE) assert_int_equal(m.plot.layers[i].n_marks, 0);
    gp_buf json = {0};
    gp_plot_json(&m.plot, &json);
    assert_non_null(strstr(json.p, "\"n\":0"));
    assert_non_null(strstr(json.p, "\"kind\":\"caption\""));
    assert_non_null(strstr(json.p, "\"kind\":\"text\""));
    gp_buf_free(&json);
    drop(&m);
}

static void document(void **state)
{
    (void)state;
    made m;
    gp_buf json = {0};
    make(&m, "{@title t}A:IF(C>11,DRAWNULL,C),COLOR0000FF,LINETHICK2;DRAWTEXT(C=12,H,'q\"');", 1, 3);
    gp_plot_json(&m.plot, &json);
    assert_string_equal(json.p,
                        "{\"version\":1,\"code\":\"600000\",\"market\":\"SH\",\"name\":\"\",\"period\":5,\"title\":\"t\",\"kind\":\"indicator\","
                        "\"bars\":{\"first\":1,\"n\":2,\"date\":[\"2024-01-02\",\"2024-01-03\"],\"open\":[10,12],\"high\":[12,13],\"low\":[9,11],"
                        "\"close\":[12,11],\"volume\":[2,3]},\"panes\":[{\"pane\":\"main\",\"candles\":true,\"layers\":["
                        "{\"kind\":\"line\",\"name\":\"A\",\"style\":\"line\",\"colour\":\"#ff0000\",\"thickness\":2,\"values\":[null,11]},"
                        "{\"kind\":\"text\",\"name\":\"q\\\"\",\"function\":\"DRAWTEXT\",\"marks\":[{\"bar\":0,\"date\":\"2024-01-02\",\"price\":12,"
                        "\"text\":\"q\\\"\"}]}]}]}");
    gp_buf_free(&json);
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sticks), cmocka_unit_test(texts_numbers_icons), cmocka_unit_test(lines), cmocka_unit_test(segments),
        cmocka_unit_test(colours_by_bar), cmocka_unit_test(places), cmocka_unit_test(kinds), cmocka_unit_test(panes),
        cmocka_unit_test(nothing_shown), cmocka_unit_test(document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
