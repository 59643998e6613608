/* --accel auto: who is faster by given costs, and the file that keeps them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "accel/cost.h"
#include "parser/parser.h"
#include "temp_folder.h"

/* A device like others: a third of a second to open, the same to compile, as fast as 100 threads when it is full. */
static const gp_accel_costs usual = {.device = "a device", .driver = "CUDA 13.0", .compiler = "NVRTC 13.0", .processors = 132, .open = 0.3, .compile = 0.35, .load = 0.002,
                                     .run = 1e-4, .upload = 1e-9, .download = 2e-9, .full = 0.01, .alone = 5};

/* 5,000 tickers of 2,500 bars at 20 ns a bar, two threads, so many sets of parameters. */
static gp_accel_load load_of(double sets)
{
    const double bars = 5000 * 2500.0, thread = 20e-9 * bars * sets;
    return (gp_accel_load){.host_s = thread / 2, .thread_s = thread, .lane_s = 20e-9 * 2500, .loaded = 1, .runs = 1, .up = bars * 24, .down = 5000 * 8 * sets};
}

static void test_weighs(void **state)
{
    gp_accel_decision d;
    (void)state;
    gp_accel_weigh(&usual, &(gp_accel_load){.host_s = 10, .thread_s = 20, .lane_s = 1e-3, .compiled = 1, .loaded = 2, .runs = 10, .up = 1e9, .down = 1e8, .left_s = 0.545}, false, &d);
    assert_true(fabs(d.open_s - 0.3) < 1e-12);
    assert_true(fabs(d.compile_s - 0.354) < 1e-12);
    assert_true(fabs(d.copy_s - 1.2) < 1e-12);
    assert_true(fabs(d.kernel_s - 0.201) < 1e-12);
    assert_true(fabs(d.device_s - 2.6) < 1e-12);
    assert_true(d.device);
    assert_string_equal(d.why, "processor 10.00 s, GPU 2.60 s, of which copying 1.20 s");
    /* one lane is as long as its bars, however many processors there are */
    gp_accel_weigh(&usual, &(gp_accel_load){.host_s = 10, .thread_s = 20, .lane_s = 20}, false, &d);
    assert_true(fabs(d.kernel_s - 100) < 1e-9 && !d.device);
    /* what is open already costs nothing to open */
    gp_accel_weigh(&usual, &(gp_accel_load){.host_s = 10}, true, &d);
    assert_true(d.open_s == 0);
}

static void test_more_sets(void **state)
{
    int turns = 0;
    bool device = false;
    (void)state;
    for (double sets = 1; sets < 1e6; sets *= 1.5) {
        gp_accel_decision d;
        const gp_accel_load l = load_of(sets);
        gp_accel_weigh(&usual, &l, false, &d);
        turns += d.device != device;
        if (!turns) assert_true(d.host_s < 3 * d.device_s);
        device = d.device;
    }
    assert_true(device);
    assert_int_equal(turns, 1); /* from one number of sets on, and then for all larger ones */
    gp_accel_decision one;
    const gp_accel_load l = load_of(1);
    gp_accel_weigh(&usual, &l, false, &one);
    assert_false(one.device); /* a scan is the processor's */
}

static void test_each_cost_counts(void **state)
{
    const gp_accel_load l = {.host_s = 1, .thread_s = 2, .lane_s = 1e-3, .compiled = 1, .loaded = 1, .runs = 1, .up = 1e8, .down = 1e7};
    gp_accel_decision d;
    (void)state;
    gp_accel_weigh(&usual, &l, false, &d);
    assert_true(d.device);
    for (int k = 0; k < 8; k++) {
        gp_accel_costs c = usual;
        double *const each[] = {&c.open, &c.compile, &c.load, &c.run, &c.upload, &c.download, &c.full, &c.alone};
        *each[k] *= 1e4;
        gp_accel_weigh(&c, &l, false, &d);
        assert_false(d.device);
    }
}

static gp_formula *formula[4]; /* what programs point into */

static gp_program *compile(int k, const char *text)
{
    gp_diags d = {0};
    gp_formula *f = formula[k] = gp_formula_parse("<test>", text, strlen(text), GP_ENC_UTF8, &d);
    assert_true(gp_formula_resolve(f, &d));
    gp_program *p = gp_compile(f, &(gp_compile_opts){0}, &d);
    assert_non_null(p);
    gp_diags_fini(&d);
    return p;
}

static void drop(int k, gp_program *p)
{
    gp_program_free(p);
    gp_formula_free(formula[k]);
}

static void test_host_bar(void **state)
{
    gp_program *const cheap = compile(0, "X:C>O;"), *const dear = compile(1, "X:SLOPE(C,20)+SLOPE(C,21)+SLOPE(C,22)+SLOPE(C,23)+SLOPE(C,24)+ZIG(3,5)+SUM(V,0);"),
                     *const texts = compile(2, "X:IF(INBLOCK('x'),1,INDEXC/MA(INDEXC,5));");
    (void)state;
    const double a = gp_accel_host_bar(cheap, 1000), b = gp_accel_host_bar(dear, 1000);
    assert_true(a > 0 && b > 2 * a && b < 1e-3);
    assert_true(gp_accel_host_bar(texts, 1) > 0);
    drop(0, cheap);
    drop(1, dear);
    drop(2, texts);
}

static void test_file(void **state)
{
    gp_accel_costs c;
    (void)state;
    setenv("XDG_CACHE_HOME", in_folder("new"), 1);
    unsetenv("CUDA_VISIBLE_DEVICES");
    assert_false(gp_accel_costs_read(&c));
    gp_accel_costs_write(&usual);
    assert_true(gp_accel_costs_read(&c));
    assert_memory_equal(&c, &usual, sizeof c);
    setenv("CUDA_VISIBLE_DEVICES", "GPU-1/2", 1); /* another device */
    assert_false(gp_accel_costs_read(&c));
    gp_accel_costs_write(&usual);
    assert_true(gp_accel_costs_read(&c));
    unsetenv("CUDA_VISIBLE_DEVICES");
    setenv("XDG_CACHE_HOME", "/dev/null/nowhere", 1);
    gp_accel_costs_write(&usual);
    assert_false(gp_accel_costs_read(&c));
}

static bool reads_after(const char *script)
{
    char command[600];
    gp_accel_costs c;
    gp_accel_costs_write(&usual);
    snprintf(command, sizeof command, "cd '%s/goldpit' && %s", in_folder("new"), script);
    assert_int_equal(system(command), 0);
    return gp_accel_costs_read(&c);
}

static void test_damaged(void **state)
{
    static const char *const damage[] = {
        "sed -i 's/costs 1/costs 2/' costs-*", "sed -i 's/program [0-9.]*/program 0.0.9/' costs-*", "sed -i '/^load/d' costs-*", "sed -i 's/^load/lode/' costs-*",
        "sed -i 's/^open .*/open nan/' costs-*", "sed -i 's/^open .*/open -1/' costs-*", "sed -i 's/^open .*/open 0/' costs-*", "sed -i 's/^open .*/open 0.3 s/' costs-*",
        "sed -i 's/^open .*/open 1e99/' costs-*", "sed -i '/^end/d' costs-*", "for f in costs-*; do echo more >>$f; done", "for f in costs-*; do head -c 100 $f >x; mv x $f; done",
        "for f in costs-*; do : >$f; done", "for f in costs-*; do printf 'end\\n\\0' >>$f; done", "for f in costs-*; do head -c 9000 /dev/zero >$f; done",
        "for f in costs-*; do rm $f && mkdir $f; done"};
    (void)state;
    setenv("XDG_CACHE_HOME", in_folder("new"), 1);
    assert_true(reads_after("rm -f x"));
    for (size_t k = 0; k < sizeof damage / sizeof *damage; k++)
        if (reads_after(damage[k])) fail_msg("%s", damage[k]);
}

/* Two programs that would measure at once: one waits for the other, but not for ever. */
static void test_lock(void **state)
{
    struct timespec began, now;
    gp_accel_costs c;
    (void)state;
    setenv("XDG_CACHE_HOME", in_folder("lock"), 1);
    const int own = gp_accel_costs_lock(0);
    assert_true(own >= 0);
    clock_gettime(CLOCK_MONOTONIC, &began);
    assert_int_equal(gp_accel_costs_lock(0.1), -1);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true((double)(now.tv_sec - began.tv_sec) + 1e-9 * (double)(now.tv_nsec - began.tv_nsec) >= 0.1);
    gp_accel_costs_unlock(own);
    gp_accel_costs_unlock(-1);
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    const pid_t other = fork();
    if (other == 0) {
        gp_accel_costs_lock(0);
        (void)!write(ready[1], "x", 1);
        usleep(100000);
        gp_accel_costs_write(&usual);
        _exit(0); /* without giving it back */
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    const int next = gp_accel_costs_lock(10);
    assert_true(next >= 0 && gp_accel_costs_read(&c)); /* what the other one measured */
    gp_accel_costs_unlock(next);
    waitpid(other, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    setenv("XDG_CACHE_HOME", "/dev/null/nowhere", 1);
    assert_int_equal(gp_accel_costs_lock(10), -1);
}

/* Without a module nothing is measured, and nothing is opened for a small task. */
static void test_no_device(void **state)
{
    gp_program *const p = compile(0, "X:MA(C,5)>MA(C,20);");
    const gp_program *const set = p;
    gp_accel_task t = {.sets = &set, .n_sets = 1, .tickers = 10, .bars = 1000};
    gp_accel_decision d;
    (void)state;
    setenv("GOLDPIT_CUDA_MODULE", "/nowhere", 1);
    assert_null(gp_accel_decide(&t, &d));
    assert_string_equal(d.why, "no GPU: there is no module /nowhere (GOLDPIT_CUDA_MODULE)");
    setenv("GOLDPIT_CUDA_MODULE", "/dev/null", 1); /* is there, but no module */
    setenv("XDG_CACHE_HOME", in_folder("empty"), 1);
    assert_null(gp_accel_decide(&t, &d));
    assert_non_null(strstr(d.why, "no GPU is opened for less than 1 s"));
    t.host_s = 2;
    assert_null(gp_accel_decide(&t, &d));
    assert_non_null(strstr(d.why, "no GPU: the module cannot be loaded"));
    assert_false(gp_accel_foresee(&t, &d));
    gp_accel_costs_write(&usual);
    t.host_s = 0;
    assert_true(gp_accel_foresee(&t, &d) && !d.device);
    assert_null(gp_accel_decide(&t, &d));
    assert_non_null(strstr(d.why, "of which opening 0.30 s")); /* by what is kept: it was not opened */
    unsetenv("GOLDPIT_CUDA_MODULE");
    drop(0, p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weighs), cmocka_unit_test(test_more_sets), cmocka_unit_test(test_each_cost_counts),
                                       cmocka_unit_test(test_host_bar), cmocka_unit_test(test_file), cmocka_unit_test(test_damaged), cmocka_unit_test(test_lock),
                                       cmocka_unit_test(test_no_device)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
