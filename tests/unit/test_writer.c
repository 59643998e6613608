/* The writer: alignment under Chinese, quoting, escaping, nulls, control characters, exact numbers, failing output. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "output/writer.h"

#define TEXT(z) {.text = {(z), sizeof(z) - 1}}
#define NUM(x) {.number = (x)}
#define DATE(d) {.date = (d), .time = -1}
#define CHECK(format, columns, rows, n_rows, want) check(format, columns, sizeof(columns) / sizeof *(columns), &(rows)[0][0], n_rows, false, want)

static void check(gp_format format, const gp_column *columns, size_t n, const gp_cell *cells, size_t rows, bool colour, const char *want)
{
    char *got = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&got, &bytes);
    gp_writer *w = gp_writer_new(out, format, columns, (int)n, colour);
    for (size_t r = 0; r < rows; r++)
        gp_writer_row(w, cells + r * n);
    assert_true(gp_writer_end(w));
    fclose(out);
    assert_string_equal(got, want);
    assert_int_equal(bytes, strlen(want));
    free(got);
}

static void formats_by_name(void **state)
{
    gp_format f = GP_FORMAT_TABLE;
    (void)state;
    assert_true(gp_format_parse("csv", &f) && f == GP_FORMAT_CSV);
    assert_true(gp_format_parse("NDJSON", &f) && f == GP_FORMAT_NDJSON);
    assert_true(gp_format_parse("table", &f) && f == GP_FORMAT_TABLE);
    assert_true(gp_format_parse("json", &f) && f == GP_FORMAT_JSON);
    assert_false(gp_format_parse("xml", &f));
    assert_false(gp_format_parse("", &f));
    assert_false(gp_format_parse(NULL, &f));
}

static const gp_column QUOTE[] = {{"code", GP_CELL_TEXT, 0}, {"名称", GP_CELL_TEXT, 0}, {"close", GP_CELL_NUMBER, -1}, {"信号", GP_CELL_TEXT, 0}};

static void table_aligns_wide_characters(void **state)
{
    const gp_cell rows[][4] = {{TEXT("600000"), TEXT("浦发银行"), NUM(10.5), TEXT("黄金坑")},
                               {TEXT("1"), TEXT("ab"), NUM(9.25), TEXT("底")},
                               {TEXT("000001"), TEXT("万科Ａ"), NUM(NAN), TEXT("")}};
    (void)state;
    CHECK(GP_FORMAT_TABLE, QUOTE, rows, 3,
          "code    名称      close  信号\n"
          "600000  浦发银行  10.50  黄金坑\n"
          "1       ab         9.25  底\n"
          "000001  万科Ａ        -\n");
}

/* 33 cells: name needs 6, title 14 and parameters 9; the last gives what it can, then the one before. */
static void table_fits_a_width(void **state)
{
    static const gp_column columns[] = {{"name", GP_CELL_TEXT, 0}, {"title", GP_CELL_TEXT, 0}, {"params", GP_CELL_TEXT, 0}};
    static const gp_cell rows[][3] = {{TEXT("a"), TEXT("短标题"), TEXT("N=1")}, {TEXT("abcdef"), TEXT("很长的一个标题"), TEXT("N=1 M=234")}};
    static const struct { size_t fit; const char *want; } all[] = {
        {0, "name    title           params\na       短标题          N=1\nabcdef  很长的一个标题  N=1 M=234\n"},
        {33, "name    title           params\na       短标题          N=1\nabcdef  很长的一个标题  N=1 M=234\n"},
        {32, "name    title           params\na       短标题          N=1\nabcdef  很长的一个标题  N=1 M=2…\n"},
        {29, "name    title        params\na       短标题       N=1\nabcdef  很长的一个…  N=1 M=2…\n"}, /* 6+2+11+2+8 */
        {28, "name    title       params\na       短标题      N=1\nabcdef  很长的一…   N=1 M=2…\n"},  /* half a character is left */
        {5, "name    title     params\na       短标题    N=1\nabcdef  很长的…   N=1 M=2…\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *got = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&got, &bytes);
        gp_writer *w = gp_writer_new(out, GP_FORMAT_TABLE, columns, 3, false);
        gp_writer_fit(w, all[i].fit);
        for (int r = 0; r < 2; r++)
            gp_writer_row(w, rows[r]);
        assert_true(gp_writer_end(w));
        fclose(out);
        assert_string_equal(got, all[i].want);
        free(got);
    }
}

static void table_without_rows_has_its_header(void **state)
{
    (void)state;
    check(GP_FORMAT_TABLE, QUOTE, 4, NULL, 0, false, "code  名称  close  信号\n");
    check(GP_FORMAT_CSV, QUOTE, 4, NULL, 0, false, "code,名称,close,信号\n");
    check(GP_FORMAT_JSON, QUOTE, 4, NULL, 0, false, "[]\n");
    check(GP_FORMAT_NDJSON, QUOTE, 4, NULL, 0, false, "");
}

static void table_digits_suit_the_column(void **state)
{
    static const gp_column columns[] = {{"big", GP_CELL_NUMBER, -1}, {"unit", GP_CELL_NUMBER, -1}, {"small", GP_CELL_NUMBER, -1},
                                        {"tiny", GP_CELL_NUMBER, -1}, {"n", GP_CELL_NUMBER, -1}, {"one", GP_CELL_NUMBER, 1}};
    const gp_cell rows[][6] = {{NUM(1234.56789), NUM(1.23456), NUM(0.123456), NUM(0.00001234), NUM(3), NUM(2.25)},
                               {NUM(-0.001), NUM(-1), NUM(0), NUM(0), NUM(100), NUM(2)}};
    (void)state;
    CHECK(GP_FORMAT_TABLE, columns, rows, 2,
          "    big    unit   small        tiny    n  one\n"
          "1234.57   1.235  0.1235  0.00001234    3  2.2\n"
          "   0.00  -1.000  0.0000  0.00000000  100  2.0\n");
}

static void table_paints_only_when_asked(void **state)
{
    static const gp_column columns[] = {{"x", GP_CELL_NUMBER, -1}};
    const gp_cell rows[][1] = {{NUM(NAN)}, {NUM(1)}};
    (void)state;
    check(GP_FORMAT_TABLE, columns, 1, &rows[0][0], 2, true, "\033[1mx\033[0m\n\033[2m-\033[0m\n1\n");
    check(GP_FORMAT_CSV, columns, 1, &rows[0][0], 2, true, "x\n\n1\n");
}

static void csv_quotes_what_needs_it(void **state)
{
    static const gp_column columns[] = {{"a,b", GP_CELL_TEXT, 0}, {"say \"x\"", GP_CELL_TEXT, 0}};
    const gp_cell rows[][2] = {{TEXT("x,y"), TEXT("he said \"no\"")}, {TEXT("two\nlines"), TEXT("plain")}, {{.text = {NULL, 0}}, TEXT("")}};
    (void)state;
    CHECK(GP_FORMAT_CSV, columns, rows, 3,
          "\"a,b\",\"say \"\"x\"\"\"\n"
          "\"x,y\",\"he said \"\"no\"\"\"\n"
          "\"two\nlines\",plain\n"
          ",\n");
}

static void csv_numbers_read_back(void **state)
{
    static const gp_column columns[] = {{"x", GP_CELL_NUMBER, 2}};
    static const double values[] = {0.1, 1.0 / 3, 1e-300, 123456789012345678.0, -2.5, 5e-324, 1.7976931348623157e308, 100, 0.30000000000000004};
    enum { N = sizeof values / sizeof *values };
    char *got = NULL, *p;
    size_t bytes = 0;
    FILE *out = open_memstream(&got, &bytes);
    gp_writer *w = gp_writer_new(out, GP_FORMAT_CSV, columns, 1, false);
    (void)state;
    for (int i = 0; i < N; i++)
        gp_writer_row(w, &(gp_cell){.number = values[i]});
    assert_true(gp_writer_end(w));
    fclose(out);
    p = strchr(got, '\n') + 1;
    for (int i = 0; i < N; i++) {
        double x = strtod(p, &p);
        assert_memory_equal(&x, &values[i], sizeof x);
        assert_int_equal(*p, '\n');
        p++;
    }
    free(got);
}

static void nulls_and_infinities(void **state)
{
    static const gp_column columns[] = {{"a", GP_CELL_NUMBER, -1}, {"b", GP_CELL_TEXT, 0}, {"c", GP_CELL_DATE, 0}};
    const gp_cell rows[][3] = {{NUM(NAN), {.text = {NULL, 0}}, DATE(0)}, {NUM(INFINITY), TEXT(""), DATE(20240105)}};
    (void)state;
    CHECK(GP_FORMAT_CSV, columns, rows, 2, "a,b,c\n,,\n,,2024-01-05\n");
    CHECK(GP_FORMAT_JSON, columns, rows, 2,
          "[\n{\"a\":null,\"b\":null,\"c\":null},\n{\"a\":null,\"b\":\"\",\"c\":\"2024-01-05\"}\n]\n");
    CHECK(GP_FORMAT_NDJSON, columns, rows, 2,
          "{\"a\":null,\"b\":null,\"c\":null}\n{\"a\":null,\"b\":\"\",\"c\":\"2024-01-05\"}\n");
    CHECK(GP_FORMAT_TABLE, columns, rows, 2, "a  b  c\n-  -  -\n-     2024-01-05\n");
}

static void dates_with_a_time(void **state)
{
    static const gp_column columns[] = {{"t", GP_CELL_DATE, 0}};
    const gp_cell rows[][1] = {{{.date = 20240105, .time = 93500}}, {{.date = 20240105, .time = 0}}, {{.date = 19901219, .time = -1}}};
    (void)state;
    CHECK(GP_FORMAT_CSV, columns, rows, 3, "t\n2024-01-05 09:35:00\n2024-01-05 00:00:00\n1990-12-19\n");
}

static void json_escapes(void **state)
{
    static const gp_column columns[] = {{"k\"", GP_CELL_TEXT, 0}};
    const gp_cell rows[][1] = {{TEXT("a\"b\\c\n\t\x01")}, {TEXT("黄金坑")}};
    (void)state;
    CHECK(GP_FORMAT_NDJSON, columns, rows, 2,
          "{\"k\\\"\":\"a\\\"b\\\\c\\n\\t\\u0001\"}\n{\"k\\\"\":\"黄金坑\"}\n");
}

static void nothing_raw_reaches_a_terminal(void **state)
{
    static const gp_column columns[] = {{"x\033]0;t\a", GP_CELL_TEXT, 0}};
    const gp_cell rows[][1] = {{TEXT("\033[31mred\r\n\t\x7f")}, {TEXT("bad\xff\xc3")}, {TEXT("\xe2\x80\xaegnp")}, {TEXT("\xc2\x9b")}};
    (void)state;
    CHECK(GP_FORMAT_TABLE, columns, rows, 4, "x␛]0;t␇\n␛[31mred␍␊␉␡\nbad\xef\xbf\xbd\xef\xbf\xbd\n\xef\xbf\xbdgnp\n\xef\xbf\xbd\n");
    CHECK(GP_FORMAT_CSV, columns, rows, 1, "x␛]0;t␇\n\"␛[31mred\r\n\t␡\"\n");
}

static void long_output_is_whole(void **state)
{
    static const gp_column columns[] = {{"i", GP_CELL_NUMBER, 0}, {"s", GP_CELL_TEXT, 0}};
    char *got = NULL, *p;
    size_t bytes = 0;
    FILE *out = open_memstream(&got, &bytes);
    gp_writer *w = gp_writer_new(out, GP_FORMAT_CSV, columns, 2, false);
    (void)state;
    for (int i = 0; i < 50000; i++) {
        gp_cell row[2] = {NUM(i), TEXT("text of some length")};
        gp_writer_row(w, row);
    }
    assert_true(gp_writer_end(w));
    fclose(out);
    p = strchr(got, '\n') + 1;
    for (int i = 0; i < 50000; i++) {
        assert_int_equal(strtol(p, &p, 10), i);
        p = strchr(p, '\n') + 1;
    }
    assert_int_equal(*p, 0);
    free(got);
}

static void a_full_disk_is_noticed(void **state)
{
    static const gp_column columns[] = {{"i", GP_CELL_NUMBER, 0}};
    static const gp_format all[] = {GP_FORMAT_TABLE, GP_FORMAT_CSV, GP_FORMAT_JSON, GP_FORMAT_NDJSON};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        FILE *out = fopen("/dev/full", "w");
        gp_writer *w;
        if (!out)
            skip();
        w = gp_writer_new(out, all[k], columns, 1, false);
        for (int i = 0; i < 100000; i++)
            gp_writer_row(w, &(gp_cell)NUM(i));
        assert_false(gp_writer_end(w));
        fclose(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(table_aligns_wide_characters),
        cmocka_unit_test(table_fits_a_width),
        cmocka_unit_test(table_without_rows_has_its_header),
        cmocka_unit_test(table_digits_suit_the_column),
        cmocka_unit_test(table_paints_only_when_asked),
        cmocka_unit_test(csv_quotes_what_needs_it),
        cmocka_unit_test(csv_numbers_read_back),
        cmocka_unit_test(nulls_and_infinities),
        cmocka_unit_test(dates_with_a_time),
        cmocka_unit_test(json_escapes),
        cmocka_unit_test(nothing_raw_reaches_a_terminal),
        cmocka_unit_test(long_output_is_whole),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
