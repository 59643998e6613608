/* Scans that go on from the states of the night before: the result is always that of the scan over all bars, and what does not fit is
 * computed from the first one. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "pass_probe.h"
#include "base/vec.h"
#include "market/generate.h"

/* ---- quotes as a store would give them ---- */

enum { TICKERS = 27, BARS = 160 };

typedef struct market {
    gp_origin origin;
    gp_bars at[TICKERS];
    uint64_t history[TICKERS];
    int cut;              /* bars at the end that do not exist yet */
    size_t whole, tails;  /* reads of all bars, of the last ones */
} market;

static bool read_bars(gp_origin *o, const gp_input *in, const gp_read_opts *opts, gp_read_result *out, gp_diags *d)
{
    market *m = (market *)o;
    const gp_bars *b = &m->at[in->item];
    const int all = b->n > m->cut ? b->n - m->cut : 1, n = opts->tail > 0 && opts->tail < all ? opts->tail : all, at = all - n;
    const double *const from[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    (void)d;
    *out = (gp_read_result){.at = gp_xcalloc(1, sizeof *out->at), .n = 1, .rows = (size_t)n};
    gp_bars *to = out->at;
    gp_bars_alloc(to, n, 63); /* its own memory, so that a sanitizer sees who reads beyond */
    double *const columns[] = {to->open, to->high, to->low, to->close, to->vol, to->amount};
    memcpy(to->date, b->date + at, (size_t)n * sizeof *to->date);
    for (int k = 0; k < 6; k++)
        memcpy(columns[k], (from[k] ? from[k] : b->close) + at, (size_t)n * sizeof(double));
    gp_bars_label(to, b->code, b->market, b->name, in->path);
    to->period = 5;
    to->before = at;
    to->history = m->history[in->item];
    __atomic_add_fetch(at ? &m->tails : &m->whole, 1, __ATOMIC_RELAXED);
    return true;
}

static void free_nothing(gp_origin *o) { (void)o; }

static void open_market(market *m, gp_inputs *in)
{
    *m = (market){.origin = {.read = read_bars, .free = free_nothing}};
    *in = (gp_inputs){0};
    gp_inputs_own(in, &m->origin);
    for (int k = 0; k < TICKERS; k++) {
        gp_generate(5, k, k % 9 == 8 ? 40 + k : BARS, &m->at[k]); /* most are equally old */
        m->history[k] = 1000 + (uint64_t)k;
        gp_inputs_add(in, (gp_input){.path = m->at[k].code, .bytes = (size_t)m->at[k].n, .origin = &m->origin, .item = (uint64_t)k});
    }
}

static void close_market(market *m, gp_inputs *in)
{
    gp_inputs_fini(in);
    for (int k = 0; k < TICKERS; k++)
        gp_bars_fini(&m->at[k]);
}

/* ---- nights ---- */

typedef struct job { planned p[4]; int n; const gp_plan *plans[4]; gp_pass pass; char *folder, *file; } job;

static const char pit[] = "RSV:=(C-LLV(L,21))/(HHV(H,21)-LLV(L,21))*100;\n短跳:SMA(RSV,3,1)+STD(C,21);\n"
                          "坑:STICKLINE(短跳<40,短跳,20,3,0);\nDRAWTEXT(CROSS(C,MA(C,10)),L,'穿');\nDRAWICON(C>HHV(REF(H,1),20),H,1);";

/* all: only formulas that can be resumed */
static void open_job(job *j, bool all)
{
    static const char *const cols[] = {"短跳", "C/REF(C,5)-1 as week", "AVEDEV(C,14) as a"};
    *j = (job){.n = all ? 3 : 4, .folder = new_folder()};
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/states", j->folder);
    j->file = path.p;
    plan(&j->p[0], pit, (gp_plan_spec){.cols = cols, .n_cols = 3}, (gp_scan_opts){.within = 5});
    plan(&j->p[1], "XG:CROSS(C,MA(C,10)) AND V>MA(V,5);", (gp_plan_spec){0}, (gp_scan_opts){0});
    plan(&j->p[2], "XG:C>EMA(C,40);", (gp_plan_spec){.compile = {.f32 = true}}, (gp_scan_opts){.within = 3});
    if (!all)
        plan(&j->p[3], "XG:C>LLV(L,BARSLAST(CROSS(C,MA(C,5)))+1)*1.1;", (gp_plan_spec){0}, (gp_scan_opts){.within = 2});
    for (int i = 0; i < j->n; i++)
        j->plans[i] = &j->p[i].plan;
    gp_pass_new_resumable(j->plans, j->n, &j->pass);
}

static void close_job(job *j)
{
    gp_pass_fini(&j->pass);
    for (int i = 0; i < j->n; i++)
        drop_plan(&j->p[i]);
    free(j->file);
    drop_folder(j->folder);
}

/* One scan with states and one without; they have to say the same.  Returns how many hits there were. */
static size_t night(job *j, const gp_inputs *in, int jobs, gp_states_counts *counts, gp_buf *note)
{
    gp_scan_result with[4], without[4];
    gp_scan_opts o[4];
    gp_diags d = {0};
    size_t hits = 0;
    gp_buf ignored = {0};
    gp_states *s = gp_states_open(&j->pass, j->file, note ? note : &ignored);
    for (int i = 0; i < j->n; i++) {
        o[i] = j->p[i].o;
        o[i].jobs = jobs;
    }
    gp_scan_run_many(&j->pass, in, o, without, &d);
    o[0].states = s;
    gp_scan_run_many(&j->pass, in, o, with, &d);
    for (int i = 0; i < j->n; i++) {
        char *a = text_of(&j->p[i].plan, &with[i], false), *b = text_of(&j->p[i].plan, &without[i], false);
        assert_string_equal(a, b);
        hits += with[i].n_hits;
        free(a);
        free(b);
        gp_scan_result_fini(&with[i]);
        gp_scan_result_fini(&without[i]);
    }
    assert_int_equal(d.n, 0);
    *counts = gp_states_count(s);
    assert_true(gp_states_write(s, note ? note : &ignored));
    gp_states_close(s);
    gp_buf_free(&ignored);
    gp_diags_fini(&d);
    return hits;
}

static void every_night_is_a_full_scan(void **state)
{
    static const int bars_left[] = {60, 59, 58, 58, 55, 54, 10, 9, 1, 0, 0}; /* one new bar, the same again, three, 44 */
    (void)state;
    for (int all = 0; all < 2; all++) {
        market m;
        gp_inputs in;
        job j;
        size_t hits = 0;
        open_market(&m, &in);
        open_job(&j, all);
        for (size_t k = 0; k < sizeof bars_left / sizeof *bars_left; k++) {
            gp_states_counts c;
            m.cut = bars_left[k];
            m.whole = m.tails = 0;
            hits += night(&j, &in, 1 + (int)k % 3, &c, NULL);
            const bool first = k == 0, far = all && k == 6;
            assert_int_equal(c.resumed + c.full, TICKERS);
            assert_int_equal(c.changed + c.damaged, 0);
            if (first) assert_int_equal(c.resumed, 0);
            else assert_true(c.resumed >= TICKERS - 3);   /* but those that were too young for a state */
            if (far) assert_true(m.whole >= 2 * TICKERS - 5); /* more new bars than were read: all of them were, then */
            if (!first && !far && all) assert_true(m.tails >= TICKERS - 5 && m.whole <= TICKERS + 5); /* the scan without states reads all */
        }
        assert_true(hits > 300);
        close_job(&j);
        close_market(&m, &in);
    }
}

static void what_changed_is_computed_again(void **state)
{
    market m;
    gp_inputs in;
    job j;
    gp_states_counts c;
    (void)state;
    open_market(&m, &in);
    open_job(&j, true);
    m.cut = 5;
    night(&j, &in, 2, &c, NULL);
    const size_t kept = c.kept;
    /* the last bar that was there is revised, and a bar comes after it: nothing before it changed */
    for (int k = 0; k < TICKERS; k++)
        m.at[k].close[m.at[k].n - 1 - m.cut] *= 1.01;
    m.cut = 4;
    night(&j, &in, 2, &c, NULL);
    assert_int_equal(c.changed, 0);
    assert_int_equal(c.resumed, kept);
    /* an earlier bar is revised: the store gives another number */
    m.at[3].close[50] *= 1.5;
    m.history[3]++;
    night(&j, &in, 2, &c, NULL);
    assert_int_equal(c.changed, 1);
    assert_int_equal(c.resumed, kept - 1);
    /* another name */
    gp_bars *b = &m.at[4];
    gp_bars renamed = {0};
    gp_bars_label(&renamed, b->code, b->market, "ST else", b->file);
    free(b->code);
    b->code = renamed.code, b->market = renamed.market, b->name = renamed.name, b->file = renamed.file;
    night(&j, &in, 2, &c, NULL);
    assert_int_equal(c.changed, 1);
    /* fewer bars than last time: a state after bars that are gone */
    m.cut = 30;
    night(&j, &in, 2, &c, NULL);
    assert_int_equal(c.resumed, 0);
    m.cut = 4;
    close_job(&j);
    close_market(&m, &in);
}

/* ---- files of text: the history is made of the bars themselves ---- */

static void write_quotes(const char *folder, const char *name, int rows, int changed_row, double last)
{
    gp_buf text = {0};
    gp_buf_addz(&text, "date,open,high,low,close,volume\n");
    for (int i = 0; i < rows; i++) {
        const double c = (i == changed_row ? 1 : 0) + 20 + 5 * sin(i * 0.3) + (i == rows - 1 ? last : 0);
        gp_buf_printf(&text, "2024-%02d-%02d,%.2f,%.2f,%.2f,%.2f,%d\n", i / 28 + 1, i % 28 + 1, c, c + 1, c - 1, c + 0.3, 100 + i * 7 % 90);
    }
    write_file(folder, name, text.p);
    gp_buf_free(&text);
}

static void text_files_can_be_resumed(void **state)
{
    static const char *const names[] = {"600001.csv", "600002.csv", "600003.csv"};
    char *folder = new_folder();
    job j;
    gp_states_counts c;
    (void)state;
    open_job(&j, true);
    for (int rows = 90; rows < 94; rows++) {
        for (int k = 0; k < 3; k++)
            write_quotes(folder, names[k], rows + k, rows >= 92 && k == 1 ? 30 : -1, rows == 93 ? 0.5 : 0);
        gp_inputs in = inputs_of(folder);
        night(&j, &in, 2, &c, NULL);
        gp_inputs_fini(&in);
        assert_int_equal(c.kept, 3);
        assert_int_equal(c.resumed, rows == 90 ? 0 : rows == 92 ? 2 : 3);
        assert_int_equal(c.changed, rows == 92);
    }
    /* the same security in two files: whose state is whose cannot be told, so neither is kept */
    write_quotes(folder, "SH600009.csv", 80, -1, 0);
    write_file(folder, "again.csv", "code,date,open,high,low,close,volume\nSH600009,2024-01-01,1,1,1,1,1\nSH600009,2024-01-02,1,1,1,1,1\nSH600009,2024-01-03,1,1,1,1,1\n"
                                    "SH600009,2024-01-04,1,1,1,1,1\nSH600009,2024-01-05,1,1,1,1,1\nSH600009,2024-01-08,1,1,1,1,1\nSH600009,2024-01-09,1,1,1,1,1\n");
    gp_inputs in = inputs_of(folder);
    for (int k = 0; k < 2; k++) {
        gp_scan_result r[3];
        gp_scan_opts o[3] = {j.p[0].o, j.p[1].o, j.p[2].o};
        gp_diags d = {0};
        gp_buf note = {0};
        gp_states *s = o[0].states = gp_states_open(&j.pass, j.file, &note);
        gp_scan_run_many(&j.pass, &in, o, r, &d);
        c = gp_states_count(s);
        assert_int_equal(c.resumed, 3);
        assert_int_equal(c.full, 2);
        assert_true(gp_states_write(s, &note));
        assert_int_equal(note.n, 0);
        gp_states_close(s);
        for (int i = 0; i < 3; i++)
            gp_scan_result_fini(&r[i]);
        gp_diags_fini(&d);
    }
    gp_inputs_fini(&in);
    close_job(&j);
    drop_folder(folder);
}

/* ---- the file ---- */

static char *slurp(const char *path, size_t *n)
{
    gp_file f;
    assert_null(gp_file_open(path, &f));
    char *p = gp_xcalloc(1, f.n + 1);
    memcpy(p, f.p, f.n);
    *n = f.n;
    gp_file_close(&f);
    return p;
}

static void spill(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void damaged_files_do_no_harm(void **state)
{
    market m;
    gp_inputs in;
    job j;
    gp_states_counts c;
    size_t n, refused = 0, spotted = 0;
    (void)state;
    open_market(&m, &in);
    open_job(&j, true);
    in.n = 2;
    m.cut = 40;
    night(&j, &in, 1, &c, NULL);
    assert_int_equal(c.kept, 2);
    char *good = slurp(j.file, &n);
    m.cut = 39;
    for (size_t at = 0; at < n; at += at < 200 ? 1 : 37) { /* one wrong byte */
        gp_buf note = {0};
        good[at] ^= 0x20;
        spill(j.file, good, n);
        good[at] ^= 0x20;
        night(&j, &in, 1, &c, &note);
        refused += note.n > 0;
        spotted += c.damaged;
        assert_true(note.n > 0 || c.damaged == 1); /* never taken for right */
        gp_buf_free(&note);
    }
    assert_true(refused > 100 && spotted > 20);
    for (size_t length = 0; length < n; length += length < 80 ? 7 : 131) { /* cut off */
        gp_buf note = {0};
        spill(j.file, good, length);
        night(&j, &in, 1, &c, &note);
        assert_true(note.n > 0 && c.resumed == 0);
        gp_buf_free(&note);
    }
    spill(j.file, good, n);
    night(&j, &in, 1, &c, NULL);
    assert_int_equal(c.resumed, 2);
    free(good);
    in.n = TICKERS;
    close_job(&j);
    close_market(&m, &in);
}

static void foreign_files_are_not_used(void **state)
{
    market m;
    gp_inputs in;
    job j, other;
    gp_states_counts c;
    gp_buf note = {0};
    (void)state;
    open_market(&m, &in);
    open_job(&j, true);
    night(&j, &in, 2, &c, NULL);
    open_job(&other, false); /* one formula more, of a program of its own that cannot be resumed: the states are the same */
    assert_true(gp_pass_hash(&other.pass) == gp_pass_hash(&j.pass));
    drop_plan(&other.p[1]);
    gp_pass_fini(&other.pass);
    plan(&other.p[1], "XG:CROSS(C,MA(C,11)) AND V>MA(V,5);", (gp_plan_spec){0}, (gp_scan_opts){0});
    gp_pass_new_resumable(other.plans, other.n, &other.pass);
    assert_true(gp_pass_hash(&other.pass) != gp_pass_hash(&j.pass));
    char *mine = other.file;
    other.file = j.file;
    night(&other, &in, 2, &c, &note);
    assert_int_equal(c.resumed, 0);
    assert_non_null(strstr(note.p, "other formulas"));
    other.file = mine;
    gp_buf_free(&note);
    close_job(&other);
    close_job(&j);
    close_market(&m, &in);
}

static void two_writers_do_not_meet(void **state)
{
    market m;
    gp_inputs in;
    job j;
    gp_states_counts c;
    gp_buf note = {0}, path = {0};
    size_t before, after;
    (void)state;
    open_market(&m, &in);
    open_job(&j, true);
    m.cut = 3;
    night(&j, &in, 2, &c, NULL);
    char *was = slurp(j.file, &before);
    gp_buf_printf(&path, "%s.tmp", j.file);
    const int fd = open(path.p, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    gp_states *s = gp_states_open(&j.pass, j.file, &note);
    gp_scan_result r[3];
    gp_scan_opts o[3] = {j.p[0].o, j.p[1].o, j.p[2].o};
    gp_diags d = {0};
    o[0].states = s;
    m.cut = 2;
    gp_scan_run_many(&j.pass, &in, o, r, &d);
    assert_false(gp_states_write(s, &note));
    assert_non_null(strstr(note.p, "another run is writing it"));
    char *now = slurp(j.file, &after);
    assert_true(before == after && memcmp(was, now, before) == 0);
    close(fd);
    assert_true(gp_states_write(s, &note)); /* what the other one left behind does not matter */
    struct stat left;
    assert_int_equal(stat(path.p, &left), -1);
    gp_states_close(s);
    for (int i = 0; i < 3; i++)
        gp_scan_result_fini(&r[i]);
    /* a folder that is not there */
    s = gp_states_open(&j.pass, "/nonexistent/states", &note);
    o[0].states = s;
    gp_scan_run_many(&j.pass, &in, o, r, &d);
    note.n = 0;
    assert_false(gp_states_write(s, &note));
    assert_non_null(strstr(note.p, "No such file"));
    gp_states_close(s);
    for (int i = 0; i < 3; i++)
        gp_scan_result_fini(&r[i]);
    free(was);
    free(now);
    gp_buf_free(&note);
    gp_buf_free(&path);
    gp_diags_fini(&d);
    close_job(&j);
    close_market(&m, &in);
}

static void scans_of_more_than_the_last_bars_keep_the_states(void **state)
{
    static const gp_scan_opts cases[] = {{.asof = 20240401}, {.from = 20240301}, {.within = 200}};
    market m;
    gp_inputs in;
    job j;
    gp_states_counts c;
    (void)state;
    open_market(&m, &in);
    open_job(&j, true);
    m.cut = 3;
    night(&j, &in, 2, &c, NULL);
    const size_t kept = c.kept;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const gp_scan_opts was = j.p[1].o;
        j.p[1].o = cases[k];
        if (k == 0) j.p[0].o.asof = j.p[2].o.asof = cases[0].asof;
        night(&j, &in, 2, &c, NULL);
        assert_int_equal(c.resumed, 0);
        j.p[0].o.asof = j.p[2].o.asof = 0;
        j.p[1].o = was;
        night(&j, &in, 2, &c, NULL);
        assert_int_equal(c.resumed, kept);
    }
    close_job(&j);
    close_market(&m, &in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_night_is_a_full_scan),
        cmocka_unit_test(what_changed_is_computed_again),
        cmocka_unit_test(text_files_can_be_resumed),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(foreign_files_are_not_used),
        cmocka_unit_test(two_writers_do_not_meet),
        cmocka_unit_test(scans_of_more_than_the_last_bars_keep_the_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
